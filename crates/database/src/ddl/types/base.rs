//! CREATE TYPE name (INPUT = ..., OUTPUT = ..., ...): base types.
//!
//! Values of such a type have the form of the built-in type whose input and output functions it uses.

use super::owner;
use super::shell::{define_row, place_or_shell};
use crate::context::StatementCtx;
use crate::ddl::define::{Options, boolean, function, shown, string, type_name};
use crate::ddl::util::{dotted, type_object};
use pglitedb_analyzer::resolve_type_name;
use pglitedb_catalog::builtin::columns::{pg_proc, pg_type};
use pglitedb_catalog::{ProcInfo, Volatility, new_rows};
use pglitedb_sql_parser::ast::{DefElem, DefValue, DefineStatement, NumericOnly, QualifiedName};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, TypeInfo, TypeKind, oids};
use std::sync::Arc;

const ATTRIBUTES: &[&str] = &[
    "like",
    "internallength",
    "input",
    "output",
    "receive",
    "send",
    "typmod_in",
    "typmod_out",
    "analyze",
    "analyse",
    "subscript",
    "category",
    "preferred",
    "delimiter",
    "element",
    "default",
    "passedbyvalue",
    "alignment",
    "storage",
    "collatable",
];
/// `raw_array_subscript_handler`
const RAW_ARRAY_SUBSCRIPT: Oid = 6180;
const DEFAULT_COLLATION: Oid = 100;

macro_rules! invalid {
    ($($arg:tt)*) => { err!(INVALID_OBJECT_DEFINITION, $($arg)*) };
}

/// CREATE TYPE name, and CREATE TYPE name (...).
pub fn create(stmt: &DefineStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let Some(definition) = &stmt.definition else {
        return super::make_shell(&stmt.name, ctx).map(drop);
    };
    if !ctx.env().is_superuser() {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "must be superuser to create a base type"));
    }
    let place = place_or_shell(&stmt.name, ctx)?;
    let Some(oid) = place.shell else {
        return Err(err!(DUPLICATE_OBJECT, "type \"{}\" does not exist", place.name).hint(
            "Create the type as a shell type, then create its I/O functions, then do a full CREATE TYPE.",
        ));
    };
    let options = Options::new(definition);
    for element in options.unknown(ATTRIBUTES) {
        let text = format!("type attribute \"{}\" not recognized", element.name.name);
        ctx.notice(err!(SYNTAX_ERROR, "{text}").severity(Severity::Warning).at(element.span.offset()));
    }
    let mut info = physical(&options, ctx)?;
    info.oid = oid;
    info.name = Arc::from(place.name.as_str());
    info.namespace = place.namespace;
    info.owner = owner(ctx);
    let functions = functions(&options, oid, ctx)?;
    check_form(&functions, ctx)?;
    info.array = ctx.writer()?.new_oid()?;
    let subscript = subscript(&options, &mut info, ctx)?;
    let mut row = new_rows::type_row(&info, None);
    for (column, function) in &functions {
        row[*column] = Datum::Oid(function.oid);
    }
    row[pg_type::TYPSUBSCRIPT] = Datum::Oid(subscript);
    if let Some(default) = options.text("default")? {
        row[pg_type::TYPDEFAULT] = Datum::text(&default);
    }
    define_row(&info, true, row, ctx)?;
    let writer = ctx.writer()?;
    for (_, function) in &functions {
        if function.oid >= oids::FIRST_NORMAL_OID {
            let function = ObjectAddress::new(pg_proc::RELATION, function.oid);
            writer.record_dependency(type_object(oid), function, DependencyKind::Normal)?;
        }
    }
    if info.element != 0 {
        crate::ddl::dependency::record_type(type_object(oid), info.element, 0, ctx)?;
    }
    Ok(())
}

fn bad(what: &str, value: &str) -> Error {
    err!(INVALID_PARAMETER_VALUE, "{what} \"{value}\" not recognized")
}

/// Length, alignment and the like, taken from another type first if it says LIKE.
fn physical(options: &Options<'_>, ctx: &StatementCtx<'_>) -> Result<TypeInfo> {
    let mut info = TypeInfo::new(0, "", 0, 0, TypeKind::Base);
    if let Some(like) = options.get("like")? {
        let (like, _) = resolve_type_name(&type_name(like)?, &ctx.analyze())?;
        let like = ctx.catalog().type_info(like)?.ok_or_else(|| Error::internal("type is gone"))?;
        info = TypeInfo {
            len: like.len,
            by_value: like.by_value,
            align: like.align,
            storage: like.storage,
            ..info
        };
    }
    if let Some(element) = options.get("internallength")? {
        info.len = length(element)?;
    }
    if let Some(category) = options.text("category")? {
        info.category = match category.as_bytes() {
            [only @ 32..=126, ..] => *only,
            _ => {
                return Err(err!(
                    INVALID_PARAMETER_VALUE,
                    "invalid type category \"{category}\": must be simple ASCII"
                ));
            }
        };
    }
    info.is_preferred = options.flag("preferred")?.unwrap_or(false);
    if let Some(delimiter) = options.text("delimiter")? {
        info.delimiter = delimiter.bytes().next().unwrap_or(b',');
    }
    if let Some(element) = options.get("passedbyvalue")? {
        info.by_value = boolean(element)?;
    }
    if let Some(text) = options.text("alignment")? {
        info.align = match text.to_ascii_lowercase().trim_start_matches("pg_catalog.") {
            "double" | "float8" | "double precision" => b'd',
            "int4" | "integer" => b'i',
            "int2" | "smallint" => b's',
            "char" | "bpchar" => b'c',
            _ => return Err(bad("alignment", &text)),
        };
    }
    if let Some(text) = options.text("storage")? {
        info.storage = storage(&text)?;
    }
    if options.flag("collatable")? == Some(true) {
        info.collation = DEFAULT_COLLATION;
    }
    if let Some(element) = options.type_oid("element", ctx)? {
        info.element = element;
    }
    Ok(info)
}

/// The letter of a storage strategy.
pub(super) fn storage(text: &str) -> Result<u8> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "plain" => b'p',
        "external" => b'e',
        "extended" => b'x',
        "main" => b'm',
        _ => return Err(bad("storage", text)),
    })
}

fn length(element: &DefElem) -> Result<i16> {
    let refused = |text: &str| err!(SYNTAX_ERROR, "invalid argument for {}: \"{text}\"", element.name.name);
    match &element.value {
        Some(DefValue::Number(NumericOnly::Integer(length))) => {
            i16::try_from(*length).map_err(|_| refused(&length.to_string()))
        }
        _ => match string(element)? {
            text if text.eq_ignore_ascii_case("variable") => Ok(-1),
            text => Err(refused(&text)),
        },
    }
}

type Functions = Vec<(usize, Arc<ProcInfo>)>;

/// The functions, each with its column.
fn functions(options: &Options<'_>, oid: Oid, ctx: &StatementCtx<'_>) -> Result<Functions> {
    let Some(input) = options.name("input")? else {
        return Err(invalid!("type input function must be specified"));
    };
    let Some(output) = options.name("output")? else {
        return Err(invalid!("type output function must be specified"));
    };
    let typmod_in = options.name("typmod_in")?;
    if typmod_in.is_none() && options.get("typmod_out")?.is_some() {
        return Err(invalid!(
            "type modifier output function is useless without a type modifier input function"
        ));
    }
    if typmod_in.is_some() {
        return Err(Error::unsupported("type modifiers of user-defined types are not supported yet"));
    }
    let long = [oids::CSTRING, oids::OID, oids::INT4];
    let long_binary = [oids::INTERNAL, oids::OID, oids::INT4];
    let mut all: Functions = vec![
        (pg_type::TYPINPUT, one(&input, &[&[oids::CSTRING], &long], oid, "type input", ctx)?),
        (pg_type::TYPOUTPUT, one(&output, &[&[oid]], oids::CSTRING, "type output", ctx)?),
    ];
    if let Some(name) = options.name("receive")? {
        let found = one(&name, &[&[oids::INTERNAL], &long_binary], oid, "type receive", ctx)?;
        all.push((pg_type::TYPRECEIVE, found));
    }
    if let Some(name) = options.name("send")? {
        all.push((pg_type::TYPSEND, one(&name, &[&[oid]], oids::BYTEA, "type send", ctx)?));
    }
    let analyze = match options.name("analyze")? {
        Some(name) => Some(name),
        None => options.name("analyse")?,
    };
    if let Some(name) = analyze {
        all.push((pg_type::TYPANALYZE, one(&name, &[&[oids::INTERNAL]], oids::BOOL, "type analyze", ctx)?));
    }
    for ((_, found), what) in all.iter().zip(["input", "output", "receive", "send"]) {
        if found.volatility == Volatility::Volatile {
            let text = format!("type {what} function {} should not be volatile", found.name);
            ctx.notice(err!(INVALID_OBJECT_DEFINITION, "{text}").severity(Severity::Warning));
        }
    }
    Ok(all)
}

/// A function by name, with the first of several argument lists that there is.
fn one(
    name: &QualifiedName,
    lists: &[&[Oid]],
    result: Oid,
    what: &str,
    ctx: &StatementCtx<'_>,
) -> Result<Arc<ProcInfo>> {
    let mut missing = None;
    for types in lists {
        match function(name, types, ctx) {
            Ok(found) if found.return_type == result => return Ok(found),
            Ok(_) => {
                return Err(invalid!(
                    "{what} function {} must return type {}",
                    dotted(name),
                    shown(result, ctx)
                ));
            }
            Err(error) => missing = missing.or(Some(error)),
        }
    }
    Err(missing.unwrap_or_else(|| Error::internal("no argument list")))
}

/// Both functions must be those of one built-in type, whose form the values take.
fn check_form(functions: &Functions, ctx: &StatementCtx<'_>) -> Result<()> {
    let source = |column: usize| {
        functions.iter().find(|(at, _)| *at == column).map(|(_, function)| function.source.clone())
    };
    let same = |column: usize, oid: Oid| -> Result<bool> {
        let Some(source) = source(column) else { return Ok(true) };
        let row = crate::ddl::object::object_row(type_object(oid), ctx)?;
        let own = row.get(column).and_then(Datum::as_oid).unwrap_or(0);
        Ok(ctx.catalog().proc(own)?.is_some_and(|own| own.source == source))
    };
    let like = source(pg_type::TYPINPUT).and_then(|source| pglitedb_catalog::builtin::type_by_input(&source));
    if let Some(like) = like {
        let mut all = true;
        for column in [pg_type::TYPOUTPUT, pg_type::TYPRECEIVE, pg_type::TYPSEND] {
            all &= same(column, like)?;
        }
        if all {
            return Ok(());
        }
    }
    Err(Error::unsupported(
        "base types whose input and output functions are not those of one built-in type are not supported",
    ))
}

/// The function that takes values apart; sets whether the type is subscripted at all.
fn subscript(options: &Options<'_>, info: &mut TypeInfo, ctx: &StatementCtx<'_>) -> Result<Oid> {
    if options.get("subscript")?.is_some() {
        return Err(Error::unsupported("subscripting functions of user-defined types are not supported"));
    }
    if info.element == 0 {
        return Ok(0);
    }
    let element = ctx.catalog().type_info(info.element)?;
    if info.len > 0 && !info.by_value && element.is_some_and(|element| element.len > 0) {
        return Ok(RAW_ARRAY_SUBSCRIPT);
    }
    Err(err!(INVALID_PARAMETER_VALUE, "element type cannot be specified without a subscripting function"))
}
