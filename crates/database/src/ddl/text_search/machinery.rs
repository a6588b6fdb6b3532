//! Parsers and templates: rows that name functions.

use super::dictionary::option_name;
use super::{insert, place};
use crate::context::StatementCtx;
use crate::functions::reg;
use pglitedb_catalog::builtin::columns::{pg_proc, pg_ts_parser, pg_ts_template};
use pglitedb_sql_parser::ast::{DefElem, QualifiedName};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, RegKind, oids, quote_identifier};

/// A function that an option may name.
struct Method {
    option: &'static str,
    column: usize,
    arguments: &'static str,
    result: Oid,
    required: bool,
}

const fn method(
    option: &'static str,
    column: usize,
    arguments: &'static str,
    result: Oid,
    required: bool,
) -> Method {
    Method { option, column, arguments, result, required }
}

const PARSER: &[Method] = &[
    method("start", pg_ts_parser::PRSSTART, "internal,integer", oids::INTERNAL, true),
    method("gettoken", pg_ts_parser::PRSTOKEN, "internal,internal,internal", oids::INTERNAL, true),
    method("end", pg_ts_parser::PRSEND, "internal", oids::VOID, true),
    method("headline", pg_ts_parser::PRSHEADLINE, "internal,internal,tsquery", oids::INTERNAL, false),
    method("lextypes", pg_ts_parser::PRSLEXTYPE, "internal", oids::INTERNAL, true),
];

const TEMPLATE: &[Method] = &[
    method("init", pg_ts_template::TMPLINIT, "internal", oids::INTERNAL, false),
    method("lexize", pg_ts_template::TMPLLEXIZE, "internal,internal,internal,internal", oids::INTERNAL, true),
];

fn function(option: &DefElem, method: &Method, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let name = option_name(option)?;
    let name = name.parts.iter().map(|part| quote_identifier(&part.name)).collect::<Vec<_>>().join(".");
    let oid = reg::input(ctx.env(), RegKind::Procedure, &format!("{name}({})", method.arguments))?;
    let found = ctx
        .catalog()
        .proc(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for function {oid}")))?;
    if found.return_type != method.result {
        let env = pglitedb_functions::SessionEnv::as_type_env(ctx.env());
        return Err(err!(
            INVALID_OBJECT_DEFINITION,
            "function {name}({}) should return type {}",
            method.arguments.replace(',', ", "),
            pglitedb_types::format_type_be(method.result, env)?
        ));
    }
    Ok(oid)
}

fn create(
    name: &QualifiedName,
    options: &[DefElem],
    (catalog, what, methods): (Oid, &str, &[Method]),
    mut row: Vec<Datum>,
    (name_at, namespace_at): (usize, usize),
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    if !ctx.env().is_superuser() {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "must be superuser to create text search {what}s"));
    }
    let (namespace, own_name) = place(name, catalog, ctx)?;
    let mut needs = Vec::new();
    for option in options {
        let Some(method) = methods.iter().find(|method| method.option == &*option.name.name) else {
            return Err(err!(
                SYNTAX_ERROR,
                "text search {what} parameter \"{}\" not recognized",
                option.name.name
            ));
        };
        let oid = function(option, method, ctx)?;
        row[method.column] = Datum::Oid(oid);
        needs.push(ObjectAddress::new(pg_proc::RELATION, oid));
    }
    for method in methods {
        if row[method.column].is_null() {
            if method.required {
                return Err(err!(
                    INVALID_OBJECT_DEFINITION,
                    "text search {what} {} method is required",
                    method.option
                ));
            }
            row[method.column] = Datum::Oid(0);
        }
    }
    let oid = ctx.writer()?.new_oid()?;
    row[0] = Datum::Oid(oid);
    row[name_at] = Datum::text(&own_name);
    row[namespace_at] = Datum::Oid(namespace);
    insert(ObjectAddress::new(catalog, oid), &row, namespace, false, &needs, ctx)
}

/// CREATE TEXT SEARCH PARSER.
pub(super) fn create_parser(name: &QualifiedName, options: &[DefElem], ctx: &StatementCtx<'_>) -> Result<()> {
    let row = vec![Datum::Null; pg_ts_parser::WIDTH];
    let columns = (pg_ts_parser::PRSNAME, pg_ts_parser::PRSNAMESPACE);
    create(name, options, (pg_ts_parser::RELATION, "parser", PARSER), row, columns, ctx)
}

/// CREATE TEXT SEARCH TEMPLATE.
pub(super) fn create_template(
    name: &QualifiedName,
    options: &[DefElem],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let row = vec![Datum::Null; pg_ts_template::WIDTH];
    let columns = (pg_ts_template::TMPLNAME, pg_ts_template::TMPLNAMESPACE);
    create(name, options, (pg_ts_template::RELATION, "template", TEMPLATE), row, columns, ctx)
}
