//! Dictionaries.

use super::{insert, lookup, place};
use crate::context::StatementCtx;
use crate::ddl::object::{check_object_owner, object_row};
use crate::ddl::options::value_text;
use crate::functions::text_search::{DictionarySource, template_of};
use pglitedb_catalog::builtin::columns::{pg_ts_dict, pg_ts_template};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    AlterTextSearchDictionaryStatement, DefElem, DefValue, NumericOnly, ObjectKind, QualifiedName,
};
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_text_search::{OptionItem, parse_options, write_options};
use pglitedb_types::{Datum, Oid};

/// An option as it is stored; one without a value is an error.
fn item(option: &DefElem) -> Result<OptionItem> {
    let Some(value) = &option.value else {
        return Err(err!(SYNTAX_ERROR, "{} requires a parameter", option.name.name));
    };
    let quoted = !matches!(value, DefValue::Number(NumericOnly::Integer(_) | NumericOnly::Numeric(_)));
    Ok(OptionItem { name: option.name.name.to_string(), value: value_text(value)?, quoted })
}

/// Makes a dictionary, only to see that this works.
fn check(template: Oid, options: &[OptionItem], ctx: &StatementCtx<'_>) -> Result<()> {
    let row = object_row(ObjectAddress::new(pg_ts_template::RELATION, template), ctx)?;
    if row[pg_ts_template::TMPLINIT].as_oid().unwrap_or(0) == 0 && !options.is_empty() {
        let name = row[pg_ts_template::TMPLNAME].as_str().unwrap_or_default();
        return Err(err!(SYNTAX_ERROR, "text search template \"{name}\" does not accept options"));
    }
    template_of(ctx.env(), template)?.create(options, &DictionarySource(ctx.env())).map(drop)
}

fn stored(options: &[OptionItem]) -> Datum {
    if options.is_empty() { Datum::Null } else { Datum::text(&write_options(options)) }
}

/// CREATE TEXT SEARCH DICTIONARY.
pub(super) fn create(name: &QualifiedName, options: &[DefElem], ctx: &StatementCtx<'_>) -> Result<()> {
    let (namespace, own_name) = place(name, pg_ts_dict::RELATION, ctx)?;
    let (mut template, mut items) = (None, Vec::new());
    for option in options {
        if &*option.name.name == "template" {
            template = Some(lookup(ObjectKind::TextSearchTemplate, &option_name(option)?, ctx)?);
        } else {
            items.push(item(option)?);
        }
    }
    let template =
        template.ok_or_else(|| err!(INVALID_OBJECT_DEFINITION, "text search template is required"))?;
    check(template, &items, ctx)?;
    let oid = ctx.writer()?.new_oid()?;
    let mut row = vec![Datum::Null; pg_ts_dict::WIDTH];
    row[pg_ts_dict::OID] = Datum::Oid(oid);
    row[pg_ts_dict::DICTNAME] = Datum::text(&own_name);
    row[pg_ts_dict::DICTNAMESPACE] = Datum::Oid(namespace);
    row[pg_ts_dict::DICTOWNER] = Datum::Oid(ctx.env().current_user());
    row[pg_ts_dict::DICTTEMPLATE] = Datum::Oid(template);
    row[pg_ts_dict::DICTINITOPTION] = stored(&items);
    let object = ObjectAddress::new(pg_ts_dict::RELATION, oid);
    let needs = [ObjectAddress::new(pg_ts_template::RELATION, template)];
    insert(object, &row, namespace, true, &needs, ctx)
}

/// The name that an option's value is.
pub(super) fn option_name(option: &DefElem) -> Result<QualifiedName> {
    match &option.value {
        Some(DefValue::Type(name)) => Ok(name.name.clone()),
        Some(DefValue::Name(name)) => Ok(name.clone()),
        Some(DefValue::String(text)) => {
            let mut ident = option.name.clone();
            ident.name = text.clone();
            Ok(QualifiedName { parts: vec![ident] })
        }
        _ => Err(err!(SYNTAX_ERROR, "argument of {} must be a name", option.name.name)),
    }
}

/// ALTER TEXT SEARCH DICTIONARY name (options).
pub fn alter(stmt: &AlterTextSearchDictionaryStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let oid = lookup(ObjectKind::TextSearchDictionary, &stmt.name, ctx)?;
    let object = ObjectAddress::new(pg_ts_dict::RELATION, oid);
    check_object_owner(object, ctx)?;
    let row = object_row(object, ctx)?;
    let mut items = parse_options(row[pg_ts_dict::DICTINITOPTION].as_str().unwrap_or_default())?;
    for option in &stmt.options {
        items.retain(|known| *known.name != *option.name.name);
        // An option without a value is taken away.
        if option.value.is_some() {
            items.push(item(option)?);
        }
    }
    check(row[pg_ts_dict::DICTTEMPLATE].as_oid().unwrap_or(0), &items, ctx)?;
    ctx.writer()?.update_oid(pg_ts_dict::RELATION, oid, |row| {
        row[pg_ts_dict::DICTINITOPTION] = stored(&items);
        Ok(())
    })
}
