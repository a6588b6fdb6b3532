//! `pg_get_indexdef`

use super::super::env_of;
use super::super::rows::Row;
use super::{expression, relation_name};
use crate::env::Env;
use pglitedb_analyzer::{AnalyzeContext, default_operator_class};
use pglitedb_catalog::builtin::columns::{pg_am, pg_class, pg_tablespace};
use pglitedb_catalog::{Catalog, IndexColumn, IndexInfo, RelKind, Relation};
use pglitedb_functions::{Registry, scalars};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Oid, quote_identifier};

/// `pg_default`, and no choice of a tablespace.
const DEFAULT_TABLESPACES: [Oid; 2] = [0, 1663];

/// Is the expression written without parentheses around it, as functions are?
fn is_call(text: &str) -> bool {
    let Some(open) = text.find('(') else { return false };
    let name = &text[..open];
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '$')) {
        return false;
    }
    // The parenthesis that closes the call must end the text.
    let (mut depth, mut quote) = (0_i32, None);
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(c),
            ('(', None) => depth += 1,
            (')', None) => {
                depth -= 1;
                if depth == 0 {
                    return at + 1 == text.len();
                }
            }
            _ => {}
        }
    }
    false
}

fn expression_text(env: &Env, table: &Relation, stored: &str, pretty: bool) -> Result<String> {
    let text = expression::stored(env, stored, Some(table), pretty)?;
    if is_call(&text) || (text.starts_with('(') && closes_at_end(&text)) {
        return Ok(text);
    }
    Ok(format!("({text})"))
}

fn closes_at_end(text: &str) -> bool {
    is_call(&format!("f{text}"))
}

/// Column or expression of a key, without its options.
fn key_text(env: &Env, table: &Relation, index: &IndexInfo, nth: usize, pretty: bool) -> Result<String> {
    let Some(column) = index.columns.get(nth) else { return Ok(String::new()) };
    if column.attnum != 0 {
        let name = table.column(column.attnum).map_or("?", |column| &*column.name);
        return Ok(quote_identifier(name).into_owned());
    }
    let at = index.columns.iter().take(nth).filter(|column| column.attnum == 0).count();
    let stored =
        index.expressions.get(at).ok_or_else(|| Error::internal("too few entries in indexprs list"))?;
    expression_text(env, table, stored, pretty)
}

/// COLLATE, operator class and order of a key where they are not the default.
fn key_options(env: &Env, table: &Relation, index: &IndexInfo, column: &IndexColumn) -> Result<String> {
    let mut text = String::new();
    let ctx = AnalyzeContext::new(env, env, "");
    let natural = match table.column(column.attnum) {
        Some(found) => found.collation,
        None => Catalog::type_info(env, column.type_oid)?.map_or(0, |info| info.collation),
    };
    if column.collation != 0
        && column.collation != natural
        && let Some(collation) = env.collation(column.collation)?
    {
        let visible = super::super::visible::collation(env, &collation)?;
        let name = super::super::reg::qualified(env, collation.namespace, &collation.name, visible)?;
        text.push_str(&format!(" COLLATE {name}"));
    }
    if let Some(class) = env.opclass(column.opclass)? {
        let default = default_operator_class(index.access_method, column.type_oid, &ctx)?;
        let is_default = class.is_default
            && default.is_some_and(|(family, input)| (family, input) == (class.family, class.input_type));
        if !is_default {
            let same = env.opclasses_by_name(class.method, &class.name)?;
            let path = env.search_path();
            let first = path.iter().find(|schema| same.iter().any(|known| known.namespace == **schema));
            let visible = first == Some(&class.namespace);
            let name = super::super::reg::qualified(env, class.namespace, &class.name, visible)?;
            text.push_str(&format!(" {name}"));
        }
    }
    if column.descending {
        text.push_str(if column.nulls_first { " DESC" } else { " DESC NULLS LAST" });
    } else if column.nulls_first {
        text.push_str(" NULLS FIRST");
    }
    Ok(text)
}

fn keys(env: &Env, table: &Relation, index: &IndexInfo, pretty: bool) -> Result<String> {
    let mut parts = Vec::new();
    for (nth, column) in index.columns.iter().enumerate() {
        let key = key_text(env, table, index, nth, pretty)?;
        parts.push(format!("{key}{}", key_options(env, table, index, column)?));
    }
    Ok(parts.join(", "))
}

fn method_name(env: &Env, method: Oid) -> Result<String> {
    let row = Row::by_oid(env, pg_am::RELATION, method)?;
    Ok(row.map_or_else(|| method.to_string(), |row| quote_identifier(&row.text(pg_am::AMNAME)).into_owned()))
}

/// ` WITH (...)` of an index, empty if it has no options.
pub(super) fn options(env: &Env, index: Oid) -> Result<String> {
    let Some(row) = Row::by_oid(env, pg_class::RELATION, index)? else { return Ok(String::new()) };
    let texts = row.texts(pg_class::RELOPTIONS);
    if texts.is_empty() {
        return Ok(String::new());
    }
    let shown = texts.iter().map(|option| match option.split_once('=') {
        Some((name, value)) if is_plain(value) => format!("{}={value}", quote_identifier(name)),
        Some((name, value)) => format!("{}='{}'", quote_identifier(name), value.replace('\'', "''")),
        None => option.to_string(),
    });
    Ok(format!(" WITH ({})", shown.collect::<Vec<_>>().join(", ")))
}

/// Can the value stand without quotes? Identifiers only: numbers are quoted too.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && quote_identifier(value) == value
}

/// INCLUDE, NULLS NOT DISTINCT, options, tablespace, predicate.
fn tail(env: &Env, table: &Relation, index: &IndexInfo, pretty: bool, tablespace: bool) -> Result<String> {
    let mut text = String::new();
    if !index.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", super::column_names(table, &index.include)));
    }
    if index.nulls_not_distinct {
        text.push_str(" NULLS NOT DISTINCT");
    }
    text.push_str(&options(env, index.oid)?);
    if tablespace
        && let Some(row) = Row::by_oid(env, pg_class::RELATION, index.oid)?
        && !DEFAULT_TABLESPACES.contains(&row.oid(pg_class::RELTABLESPACE))
        && let Some(space) = Row::by_oid(env, pg_tablespace::RELATION, row.oid(pg_class::RELTABLESPACE))?
    {
        text.push_str(&format!(" TABLESPACE {}", quote_identifier(&space.text(pg_tablespace::SPCNAME))));
    }
    if let Some(predicate) = &index.predicate {
        let condition = expression::stored(env, predicate, Some(table), pretty)?;
        if pretty || (condition.starts_with('(') && closes_at_end(&condition)) {
            text.push_str(&format!(" WHERE {condition}"));
        } else {
            text.push_str(&format!(" WHERE ({condition})"));
        }
    }
    Ok(text)
}

/// CREATE INDEX for an index, or (`column` > 0) the text of one of its columns.
fn definition(env: &Env, oid: Oid, column: i32, pretty: bool) -> Result<Option<String>> {
    let Some(index) = env.index(oid)? else { return Ok(None) };
    let Some(table) = env.relation(index.table)? else { return Ok(None) };
    if let Ok(column) = usize::try_from(column)
        && column > 0
    {
        if column <= index.columns.len() {
            return key_text(env, &table, &index, column - 1, pretty).map(Some);
        }
        let included = index.include.get(column - 1 - index.columns.len()).copied();
        let shown = included.map(|attnum| super::column_names(&table, &[attnum]));
        return Ok(Some(shown.unwrap_or_default()));
    }
    let unique = if index.is_unique { "UNIQUE " } else { "" };
    let only = if table.kind == RelKind::PartitionedTable { "ONLY " } else { "" };
    Ok(Some(format!(
        "CREATE {unique}INDEX {} ON {only}{} USING {} ({}){}",
        quote_identifier(&index.name),
        relation_name(env, table.oid, pretty)?,
        method_name(env, index.access_method)?,
        keys(env, &table, &index, pretty)?,
        tail(env, &table, &index, pretty, pretty)?
    )))
}

/// An EXCLUDE constraint.
pub(super) fn exclusion(env: &Env, oid: Oid, operators: &[Oid]) -> Result<String> {
    let Some(index) = env.index(oid)? else { return Ok("EXCLUDE".to_owned()) };
    let Some(table) = env.relation(index.table)? else { return Ok("EXCLUDE".to_owned()) };
    let mut parts = Vec::new();
    for (nth, column) in index.columns.iter().enumerate() {
        let operator = match operators.get(nth) {
            Some(operator) => {
                env.operator(*operator)?.map_or_else(String::new, |found| found.name.to_string())
            }
            None => String::new(),
        };
        let key = key_text(env, &table, &index, nth, false)?;
        parts.push(format!("{key}{} WITH {operator}", key_options(env, &table, &index, column)?));
    }
    let method = method_name(env, index.access_method)?;
    let tail = tail(env, &table, &index, false, false)?;
    Ok(format!("EXCLUDE USING {method} ({}){tail}", parts.join(", ")))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_get_indexdef" => [ctx] |oid: u32| definition(env_of(ctx)?, oid, 0, false);
        "pg_get_indexdef_ext" => [ctx] |oid: u32, column: i32, pretty: bool|
            definition(env_of(ctx)?, oid, column, pretty);
    );
}

#[cfg(test)]
mod tests {
    use super::is_call;

    #[test]
    fn calls_need_no_parentheses() {
        assert!(is_call("lower(name)"));
        assert!(is_call("pg_catalog.f(a, ')')"));
        assert!(!is_call("lower(a) || lower(b)"));
        assert!(!is_call("(a + b)"));
        assert!(!is_call("a"));
    }
}
