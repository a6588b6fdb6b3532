//! Input and output of the `reg*` types.

use super::rows::Row;
use crate::env::{Env, split_identifiers};
use pglitedb_analyzer::{AnalyzeContext, try_resolve_type_name};
use pglitedb_catalog::builtin::columns::{pg_authid, pg_database, pg_ts_config, pg_ts_dict};
use pglitedb_catalog::{Catalog, OperatorInfo, ProcInfo};
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::{Error, Result, bail, codes, err};
use pglitedb_types::{Datum, Oid, RegKind, quote_identifier};
use std::sync::Arc;

/// Index over `pg_database.datname`.
const DATABASE_BY_NAME: Oid = 2671;

/// The parts of a dotted name; unquoted ones in lower case. `42602` if it is malformed.
pub(crate) fn name_parts(text: &str) -> Result<Vec<String>> {
    let invalid = || err!(INVALID_NAME, "invalid name syntax");
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let end = if let Some(quoted) = rest.strip_prefix('"') {
            let mut at = 0;
            loop {
                let found = quoted.get(at..).and_then(|tail| tail.find('"')).ok_or_else(invalid)?;
                at += found + 1;
                if quoted.get(at..).is_some_and(|tail| tail.starts_with('"')) {
                    at += 1;
                } else {
                    break at + 1;
                }
            }
        } else {
            rest.find('.').unwrap_or(rest.len())
        };
        let (part, after) = rest.split_at(end);
        match split_identifiers(part).as_deref() {
            Some([one]) => parts.push(one.clone()),
            _ => return Err(invalid()),
        }
        let after = after.trim_start();
        if after.is_empty() {
            return Ok(parts);
        }
        rest = after.strip_prefix('.').ok_or_else(invalid)?.trim_start();
    }
}

/// Schema and name; a database in front must be this one.
fn schema_and_name(env: &Env, text: &str) -> Result<(Option<String>, String)> {
    let mut parts = name_parts(text)?;
    let name = parts.pop().unwrap_or_default();
    let schema = parts.pop();
    match parts.pop() {
        Some(database) if *database != *env.database_name || !parts.is_empty() => {
            Err(Error::unsupported(format!("cross-database references are not implemented: {text}")))
        }
        _ => Ok((schema, name)),
    }
}

fn schema_oid(env: &Env, schema: &str) -> Result<Oid> {
    env.namespace_by_name(schema)?.ok_or_else(|| err!(UNDEFINED_SCHEMA, "schema \"{schema}\" does not exist"))
}

/// Schemas that a name is looked for in.
fn schemas(env: &Env, schema: Option<&str>) -> Result<Vec<Oid>> {
    match schema {
        Some(schema) => Ok(vec![schema_oid(env, schema)?]),
        None => Ok(env.search_path()),
    }
}

fn class(env: &Env, text: &str) -> Result<Oid> {
    let (schema, name) = schema_and_name(env, text)?;
    for namespace in schemas(env, schema.as_deref()).or_else(missing_schema_is_none)? {
        if let Some(oid) = env.relation_oid(namespace, &name)? {
            return Ok(oid);
        }
    }
    match schema {
        Some(schema) => bail!(UNDEFINED_TABLE, "relation \"{schema}.{name}\" does not exist"),
        None => bail!(UNDEFINED_TABLE, "relation \"{name}\" does not exist"),
    }
}

/// A relation in a schema that does not exist is reported as a missing relation.
fn missing_schema_is_none(error: Error) -> Result<Vec<Oid>> {
    if error.code() == codes::UNDEFINED_SCHEMA { Ok(Vec::new()) } else { Err(error) }
}

/// Functions of a name that the search path (or the schema given) finds first; a signature hides the same one later.
fn procs(env: &Env, text: &str) -> Result<Vec<Arc<ProcInfo>>> {
    let (schema, name) = schema_and_name(env, text)?;
    let all = env.procs_by_name(&name)?;
    let mut found: Vec<Arc<ProcInfo>> = Vec::new();
    for namespace in schemas(env, schema.as_deref()).or_else(missing_schema_is_none)? {
        for proc in all.iter().filter(|proc| proc.namespace == namespace) {
            if !found.iter().any(|known| known.arg_types == proc.arg_types) {
                found.push(proc.clone());
            }
        }
    }
    Ok(found)
}

fn proc(env: &Env, text: &str) -> Result<Oid> {
    match procs(env, text)?.as_slice() {
        [one] => Ok(one.oid),
        [] => bail!(UNDEFINED_FUNCTION, "function \"{text}\" does not exist"),
        _ => bail!(AMBIGUOUS_FUNCTION, "more than one function named \"{text}\""),
    }
}

/// A name and the types in the parentheses after it.
fn name_and_types(env: &Env, text: &str, none_allowed: bool) -> Result<(String, Vec<Oid>)> {
    let bad = |what: &str| err!(INVALID_TEXT_REPRESENTATION, "expected a {what} parenthesis");
    let open = text.find('(').ok_or_else(|| bad("left"))?;
    let close = text.trim_end().strip_suffix(')').ok_or_else(|| bad("right"))?;
    let inner = close.get(open + 1..).ok_or_else(|| bad("right"))?;
    let mut types = Vec::new();
    let (mut depth, mut quoted, mut from) = (0_i32, false, 0);
    let mut pieces = Vec::new();
    for (at, c) in inner.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                pieces.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    if !inner.trim().is_empty() {
        pieces.push(&inner[from..]);
    }
    for piece in pieces {
        let piece = piece.trim();
        if none_allowed && piece.eq_ignore_ascii_case("none") {
            types.push(0);
        } else {
            types.push(env.type_by_text(piece)?);
        }
    }
    Ok((text[..open].trim().to_owned(), types))
}

fn procedure(env: &Env, text: &str) -> Result<Oid> {
    let (name, types) = name_and_types(env, text, false)?;
    let found = procs(env, &name)?.into_iter().find(|proc| proc.arg_types == types);
    found.map(|proc| proc.oid).ok_or_else(|| err!(UNDEFINED_FUNCTION, "function \"{text}\" does not exist"))
}

/// Operators of a name, by schema in the order of the search path.
fn operators(env: &Env, text: &str) -> Result<Vec<Arc<OperatorInfo>>> {
    let text = text.trim();
    // The symbol may hold no letters, so the last dot before it ends the schema.
    let start = text.rfind('.').map_or(0, |at| at + 1);
    let (schema, symbol) = (text.get(..start.saturating_sub(1)), text.get(start..).unwrap_or(""));
    let schema = match schema {
        Some(schema) if !schema.is_empty() => name_parts(schema)?.pop(),
        _ => None,
    };
    let all = env.operators_by_name(symbol)?;
    let mut found: Vec<Arc<OperatorInfo>> = Vec::new();
    for namespace in schemas(env, schema.as_deref()).or_else(missing_schema_is_none)? {
        for operator in all.iter().filter(|operator| operator.namespace == namespace) {
            if !found.iter().any(|known| (known.left, known.right) == (operator.left, operator.right)) {
                found.push(operator.clone());
            }
        }
    }
    Ok(found)
}

fn oper(env: &Env, text: &str) -> Result<Oid> {
    match operators(env, text)?.as_slice() {
        [one] => Ok(one.oid),
        [] => bail!(UNDEFINED_FUNCTION, "operator does not exist: {text}"),
        _ => bail!(AMBIGUOUS_FUNCTION, "more than one operator named {text}"),
    }
}

fn operator(env: &Env, text: &str) -> Result<Oid> {
    let (name, types) = name_and_types(env, text, true)?;
    let (left, right) = match types.as_slice() {
        [left, right] => (*left, *right),
        [_] => {
            return Err(err!(UNDEFINED_PARAMETER, "missing argument")
                .hint("Use NONE to denote the missing argument of a unary operator."));
        }
        _ => {
            return Err(err!(TOO_MANY_ARGUMENTS, "too many arguments")
                .hint("Provide two argument types for operator."));
        }
    };
    let found = operators(env, &name)?.into_iter().find(|known| (known.left, known.right) == (left, right));
    found.map(|known| known.oid).ok_or_else(|| err!(UNDEFINED_FUNCTION, "operator does not exist: {text}"))
}

fn single(text: &str) -> Result<String> {
    match name_parts(text)?.as_mut_slice() {
        [one] => Ok(std::mem::take(one)),
        _ => bail!(INVALID_NAME, "invalid name syntax"),
    }
}

fn role(env: &Env, text: &str) -> Result<Oid> {
    let name = single(text)?;
    let found = env.role_by_name(&name)?;
    found.map(|role| role.oid).ok_or_else(|| err!(UNDEFINED_OBJECT, "role \"{name}\" does not exist"))
}

fn database(env: &Env, text: &str) -> Result<Oid> {
    let name = single(text)?;
    database_by_name(env, &name)?
        .ok_or_else(|| err!(UNDEFINED_DATABASE, "database \"{name}\" does not exist"))
}

/// OID of a database.
pub(crate) fn database_by_name(env: &Env, name: &str) -> Result<Option<Oid>> {
    let rows = Row::by_index(env, pg_database::RELATION, DATABASE_BY_NAME, &[Datum::text(name)])?;
    Ok(rows.first().map(|row| row.oid(pg_database::OID)))
}

fn collation(env: &Env, text: &str) -> Result<Oid> {
    let (schema, name) = schema_and_name(env, text)?;
    let all = env.collations_by_name(&name)?;
    for namespace in schemas(env, schema.as_deref()).or_else(missing_schema_is_none)? {
        if let Some(found) = all.iter().find(|collation| collation.namespace == namespace) {
            return Ok(found.oid);
        }
    }
    bail!(UNDEFINED_OBJECT, "collation \"{text}\" for encoding \"UTF8\" does not exist")
}

/// OID of a text search parser.
pub(crate) fn named_parser(env: &Env, text: &str) -> Result<Oid> {
    use pglitedb_catalog::builtin::columns::pg_ts_parser::{OID, PRSNAME, PRSNAMESPACE, RELATION};
    let (schema, name) = schema_and_name(env, text)?;
    let all = Row::all(env, RELATION)?;
    for namespace in schemas(env, schema.as_deref())? {
        let found = all.iter().find(|row| row.oid(PRSNAMESPACE) == namespace && *row.text(PRSNAME) == *name);
        if let Some(row) = found {
            return Ok(row.oid(OID));
        }
    }
    bail!(UNDEFINED_OBJECT, "text search parser \"{text}\" does not exist")
}

fn text_search(env: &Env, text: &str, kind: RegKind) -> Result<Oid> {
    let (schema, name) = schema_and_name(env, text)?;
    let config = kind == RegKind::Config;
    let (catalog, at_name, at_namespace, at_oid) = if config {
        (pg_ts_config::RELATION, pg_ts_config::CFGNAME, pg_ts_config::CFGNAMESPACE, pg_ts_config::OID)
    } else {
        (pg_ts_dict::RELATION, pg_ts_dict::DICTNAME, pg_ts_dict::DICTNAMESPACE, pg_ts_dict::OID)
    };
    let all = Row::all(env, catalog)?;
    for namespace in schemas(env, schema.as_deref()).or_else(missing_schema_is_none)? {
        let found = all.iter().find(|row| row.oid(at_namespace) == namespace && *row.text(at_name) == *name);
        if let Some(row) = found {
            return Ok(row.oid(at_oid));
        }
    }
    let what = if config { "configuration" } else { "dictionary" };
    bail!(UNDEFINED_OBJECT, "text search {what} \"{text}\" does not exist")
}

/// OID of a name. Raises PostgreSQL's errors.
pub(crate) fn input(env: &Env, kind: RegKind, name: &str) -> Result<Oid> {
    match kind {
        RegKind::Class => class(env, name),
        RegKind::Proc => proc(env, name),
        RegKind::Procedure => procedure(env, name),
        RegKind::Oper => oper(env, name),
        RegKind::Operator => operator(env, name),
        RegKind::Type => env.type_by_text(name),
        RegKind::Namespace => schema_oid(env, &single(name)?),
        RegKind::Role => role(env, name),
        RegKind::Collation => collation(env, name),
        RegKind::Config | RegKind::Dictionary => text_search(env, name, kind),
        RegKind::Database => database(env, name),
    }
}

/// A quoted name, with its schema unless it is visible without.
pub(crate) fn qualified(env: &Env, namespace: Oid, name: &str, visible: bool) -> Result<String> {
    let own = quote_identifier(name);
    if visible {
        return Ok(own.into_owned());
    }
    Ok(match env.namespace_name(namespace)? {
        Some(schema) => format!("{}.{own}", quote_identifier(&schema)),
        None => own.into_owned(),
    })
}

/// Types of arguments as `regprocedure` lists them.
fn type_list(env: &Env, types: &[Oid]) -> Result<String> {
    let names: Result<Vec<String>> = types
        .iter()
        .map(|oid| if *oid == 0 { Ok("NONE".to_owned()) } else { pglitedb_types::format_type(*oid, -1, env) })
        .collect();
    Ok(names?.join(","))
}

fn output_proc(env: &Env, oid: Oid, with_types: bool) -> Result<Option<String>> {
    let Some(found) = env.proc(oid)? else { return Ok(None) };
    let own = quote_identifier(&found.name);
    if with_types {
        let visible = super::visible::proc(env, &found)?;
        let name = qualified(env, found.namespace, &found.name, visible)?;
        return Ok(Some(format!("{name}({})", type_list(env, &found.arg_types)?)));
    }
    // Without types the name must mean this function alone.
    let alone = matches!(procs(env, &own)?.as_slice(), [one] if one.oid == oid);
    qualified(env, found.namespace, &found.name, alone).map(Some)
}

fn output_oper(env: &Env, oid: Oid, with_types: bool) -> Result<Option<String>> {
    let Some(found) = env.operator(oid)? else { return Ok(None) };
    let schema = |visible: bool| -> Result<String> {
        if visible {
            return Ok(String::new());
        }
        let schema = env.namespace_name(found.namespace)?;
        Ok(schema.map_or_else(String::new, |schema| format!("{}.", quote_identifier(&schema))))
    };
    if with_types {
        let prefix = schema(super::visible::operator(env, &found)?)?;
        let types = type_list(env, &[found.left, found.right])?;
        return Ok(Some(format!("{prefix}{}({types})", found.name)));
    }
    let alone = matches!(operators(env, &found.name)?.as_slice(), [one] if one.oid == oid);
    Ok(Some(format!("{}{}", schema(alone)?, found.name)))
}

/// Name of an OID, `None` if there is no such object.
pub(crate) fn output(env: &Env, kind: RegKind, oid: Oid) -> Result<Option<String>> {
    match kind {
        RegKind::Class => match env.relation(oid)? {
            Some(found) => {
                let visible = super::visible::relation(env, found.namespace, &found.name, oid)?;
                qualified(env, found.namespace, &found.name, visible).map(Some)
            }
            None => output_index(env, oid),
        },
        RegKind::Proc => output_proc(env, oid, false),
        RegKind::Procedure => output_proc(env, oid, true),
        RegKind::Oper => output_oper(env, oid, false),
        RegKind::Operator => output_oper(env, oid, true),
        RegKind::Type => match Catalog::type_info(env, oid)? {
            Some(_) => pglitedb_types::format_type(oid, -1, env).map(Some),
            None => Ok(None),
        },
        RegKind::Namespace => Ok(env.namespace_name(oid)?.map(|name| quote_identifier(&name).into_owned())),
        RegKind::Role => {
            let row = Row::by_oid(env, pg_authid::RELATION, oid)?;
            Ok(row.map(|row| quote_identifier(&row.text(pg_authid::ROLNAME)).into_owned()))
        }
        RegKind::Database => {
            let row = Row::by_oid(env, pg_database::RELATION, oid)?;
            Ok(row.map(|row| quote_identifier(&row.text(pg_database::DATNAME)).into_owned()))
        }
        RegKind::Collation => match env.collation(oid)? {
            Some(found) => {
                let visible = super::visible::collation(env, &found)?;
                qualified(env, found.namespace, &found.name, visible).map(Some)
            }
            None => Ok(None),
        },
        RegKind::Config | RegKind::Dictionary => output_text_search(env, kind, oid),
    }
}

fn output_index(env: &Env, oid: Oid) -> Result<Option<String>> {
    use pglitedb_catalog::builtin::columns::pg_class;
    let Some(row) = Row::by_oid(env, pg_class::RELATION, oid)? else { return Ok(None) };
    let (namespace, name) = (row.oid(pg_class::RELNAMESPACE), row.text(pg_class::RELNAME));
    let visible = super::visible::relation(env, namespace, &name, oid)?;
    qualified(env, namespace, &name, visible).map(Some)
}

fn output_text_search(env: &Env, kind: RegKind, oid: Oid) -> Result<Option<String>> {
    let (catalog, at_name, at_namespace) = if kind == RegKind::Config {
        (pg_ts_config::RELATION, pg_ts_config::CFGNAME, pg_ts_config::CFGNAMESPACE)
    } else {
        (pg_ts_dict::RELATION, pg_ts_dict::DICTNAME, pg_ts_dict::DICTNAMESPACE)
    };
    let Some(row) = Row::by_oid(env, catalog, oid)? else { return Ok(None) };
    let name = row.text(at_name);
    let visible = text_search(env, &quote_identifier(&name), kind).is_ok_and(|found| found == oid);
    qualified(env, row.oid(at_namespace), &name, visible).map(Some)
}

/// `to_reg*`: NULL where input would fail because there is no such thing.
fn try_input(ctx: &FnCtx<'_>, kind: RegKind, text: &str) -> Result<Option<Oid>> {
    let env = super::env_of(ctx)?;
    if let Ok(oid) = text.parse::<Oid>() {
        return Ok(Some(oid));
    }
    match input(env, kind, text) {
        Ok(oid) => Ok(Some(oid)),
        // Anything wrong with the name itself; storage failures are reported.
        Err(error) if [*b"42", *b"22", *b"3F", *b"3D", *b"0A"].contains(&error.code().class()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn type_modifier(ctx: &FnCtx<'_>, text: &str) -> Result<Option<i32>> {
    let env = super::env_of(ctx)?;
    let Ok(name) = pglitedb_sql_parser::parse_type_name(text) else { return Ok(None) };
    let found = try_resolve_type_name(&name, &AnalyzeContext::new(env, env, text))?;
    Ok(found.map(|(_, typmod)| typmod))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "to_regclass" => [ctx] |text: &str| try_input(ctx, RegKind::Class, text);
        "to_regcollation" => [ctx] |text: &str| try_input(ctx, RegKind::Collation, text);
        "to_regnamespace" => [ctx] |text: &str| try_input(ctx, RegKind::Namespace, text);
        "to_regoper" => [ctx] |text: &str| try_input(ctx, RegKind::Oper, text);
        "to_regoperator" => [ctx] |text: &str| try_input(ctx, RegKind::Operator, text);
        "to_regproc" => [ctx] |text: &str| try_input(ctx, RegKind::Proc, text);
        "to_regprocedure" => [ctx] |text: &str| try_input(ctx, RegKind::Procedure, text);
        "to_regrole" => [ctx] |text: &str| try_input(ctx, RegKind::Role, text);
        "to_regtype" => [ctx] |text: &str| try_input(ctx, RegKind::Type, text);
        "to_regtypemod" => [ctx] |text: &str| type_modifier(ctx, text);
        "text_regclass" => [ctx] |text: &str| match text.parse::<Oid>() {
            Ok(oid) => Ok(oid),
            Err(_) => input(super::env_of(ctx)?, RegKind::Class, text),
        };
    );
}
