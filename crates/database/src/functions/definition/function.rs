//! `pg_get_functiondef`, `pg_get_function_arguments`, `pg_get_function_result`

use super::super::env_of;
use super::super::rows::Row;
use crate::env::Env;
use pglitedb_analyzer::{AnalyzeContext, StoredBody, deparse_body};
use pglitedb_catalog::builtin::columns::{pg_language, pg_proc};
use pglitedb_catalog::{ArgMode, Catalog, ProcInfo, ProcKind, Volatility};
use pglitedb_functions::{Registry, scalars};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{Oid, format_type_be, quote_identifier};

/// What of the arguments is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Input arguments with defaults.
    All,
    /// Without defaults.
    Identity,
    /// The columns of RETURNS TABLE.
    Table,
}

/// Arguments with their modes, names and types.
fn arguments_of(proc: &ProcInfo) -> Vec<(ArgMode, String, Oid)> {
    let types = if proc.all_arg_types.is_empty() { &proc.arg_types } else { &proc.all_arg_types };
    let mode = |at: usize| proc.arg_modes.get(at).copied().unwrap_or(ArgMode::In);
    let name = |at: usize| proc.arg_names.get(at).map_or_else(String::new, |name| name.to_string());
    types.iter().enumerate().map(|(at, type_oid)| (mode(at), name(at), *type_oid)).collect()
}

fn arguments(env: &Env, proc: &ProcInfo, shown: Shown) -> Result<String> {
    let all = arguments_of(proc);
    let is_input = |mode: ArgMode| matches!(mode, ArgMode::In | ArgMode::InOut | ArgMode::Variadic);
    let inputs = all.iter().filter(|(mode, ..)| is_input(*mode)).count();
    let first_default = inputs.saturating_sub(proc.arg_defaults.len());
    let mut parts = Vec::new();
    let mut input = 0;
    for (mode, name, type_oid) in &all {
        let wanted = match shown {
            Shown::Table => *mode == ArgMode::Table,
            _ => *mode != ArgMode::Table,
        };
        let nth = input;
        input += usize::from(is_input(*mode));
        if !wanted {
            continue;
        }
        let mut text = match mode {
            ArgMode::In if proc.kind == ProcKind::Procedure => "IN ".to_owned(),
            ArgMode::In | ArgMode::Table => String::new(),
            ArgMode::Out => "OUT ".to_owned(),
            ArgMode::InOut => "INOUT ".to_owned(),
            ArgMode::Variadic => "VARIADIC ".to_owned(),
        };
        if !name.is_empty() {
            text.push_str(&quote_identifier(name));
            text.push(' ');
        }
        text.push_str(&format_type_be(*type_oid, env)?);
        if shown == Shown::All
            && is_input(*mode)
            && let Some(default) = nth.checked_sub(first_default).and_then(|at| proc.arg_defaults.get(at))
        {
            text.push_str(&format!(" DEFAULT {}", default_text(env, default)?));
        }
        parts.push(text);
    }
    insert_order_by(env, proc, &mut parts)?;
    Ok(parts.join(", "))
}

/// Ordered-set aggregates show where the direct arguments end.
fn insert_order_by(env: &Env, proc: &ProcInfo, parts: &mut [String]) -> Result<()> {
    if proc.kind != ProcKind::Aggregate {
        return Ok(());
    }
    let Some(aggregate) = env.aggregate(proc.oid)? else { return Ok(()) };
    if aggregate.kind == b'n' {
        return Ok(());
    }
    let direct = usize::from(aggregate.direct_args);
    if let Some(part) = parts.get_mut(direct) {
        *part = format!("ORDER BY {part}");
        if let Some(before) = direct.checked_sub(1).and_then(|at| parts.get_mut(at)) {
            // The comma that joins them is taken out again by the caller's separator.
            before.push('\u{1}');
        }
    } else if let Some(last) = parts.last_mut() {
        let copy = last.clone();
        last.push_str(&format!(" ORDER BY {copy}"));
    }
    Ok(())
}

/// A default: stored as an expression; those of built-in functions as SQL.
fn default_text(env: &Env, stored: &str) -> Result<String> {
    if stored.trim_start().starts_with('{') {
        return super::expression::stored(env, stored, None, false);
    }
    Ok(stored.to_owned())
}

fn argument_list(env: &Env, oid: Oid, shown: Shown) -> Result<Option<String>> {
    let Some(proc) = env.proc(oid)? else { return Ok(None) };
    Ok(Some(arguments(env, &proc, shown)?.replace("\u{1}, ", " ")))
}

fn result(env: &Env, oid: Oid) -> Result<Option<String>> {
    let Some(proc) = env.proc(oid)? else { return Ok(None) };
    if proc.kind == ProcKind::Procedure {
        return Ok(None);
    }
    result_of(env, &proc).map(Some)
}

fn result_of(env: &Env, proc: &ProcInfo) -> Result<String> {
    if arguments_of(proc).iter().any(|(mode, ..)| *mode == ArgMode::Table) {
        return Ok(format!("TABLE({})", arguments(env, proc, Shown::Table)?));
    }
    let set = if proc.returns_set { "SETOF " } else { "" };
    Ok(format!("{set}{}", format_type_be(proc.return_type, env)?))
}

fn default_of_argument(env: &Env, oid: Oid, nth: i32) -> Result<Option<String>> {
    let Some(proc) = env.proc(oid)? else { return Ok(None) };
    let all = arguments_of(&proc);
    let Some(at) = usize::try_from(nth).ok().and_then(|nth| nth.checked_sub(1)) else { return Ok(None) };
    let is_input = |mode: ArgMode| matches!(mode, ArgMode::In | ArgMode::InOut | ArgMode::Variadic);
    if !all.get(at).is_some_and(|(mode, ..)| is_input(*mode)) {
        return Ok(None);
    }
    let inputs = all.iter().filter(|(mode, ..)| is_input(*mode)).count();
    let before = all.iter().take(at).filter(|(mode, ..)| is_input(*mode)).count();
    let first = inputs.saturating_sub(proc.arg_defaults.len());
    let stored = before.checked_sub(first).and_then(|at| proc.arg_defaults.get(at));
    stored.map(|stored| default_text(env, stored)).transpose()
}

/// CREATE OR REPLACE FUNCTION (or PROCEDURE).
fn definition(env: &Env, oid: Oid) -> Result<Option<String>> {
    let Some(proc) = env.proc(oid)? else { return Ok(None) };
    if proc.kind == ProcKind::Aggregate {
        bail!(WRONG_OBJECT_TYPE, "\"{}\" is an aggregate function", proc.name);
    }
    let is_function = proc.kind != ProcKind::Procedure;
    let kind = if is_function { "FUNCTION" } else { "PROCEDURE" };
    let name = super::super::reg::qualified(env, proc.namespace, &proc.name, false)?;
    let mut text = format!("CREATE OR REPLACE {kind} {name}({})\n", arguments(env, &proc, Shown::All)?);
    if is_function {
        text.push_str(&format!(" RETURNS {}\n", result_of(env, &proc)?));
    }
    let language = Row::by_oid(env, pg_language::RELATION, proc.language)?;
    let language = language.map_or_else(String::new, |row| row.text(pg_language::LANNAME).to_string());
    text.push_str(&format!(" LANGUAGE {}\n", quote_identifier(&language)));
    let traits = traits(&proc);
    if !traits.is_empty() {
        text.push_str(&format!("{traits}\n"));
    }
    for setting in &proc.config {
        if let Some((name, value)) = setting.split_once('=') {
            let quoted = value.replace('\'', "''");
            text.push_str(&format!(" SET {} TO '{quoted}'\n", quote_identifier(name)));
        }
    }
    if let Some(body) = body(env, &proc)? {
        text.push_str(&format!("{body}\n"));
        return Ok(Some(text));
    }
    if proc.builtin && language == "internal" {
        text.push_str(&format!("AS $function${}$function$\n", proc.source));
        return Ok(Some(text));
    }
    let source = Row::by_oid(env, pg_proc::RELATION, oid)?;
    let body = source.map_or_else(|| proc.source.clone(), |row| row.text(pg_proc::PROSRC));
    let tag = dollar_tag(&body, if is_function { "function" } else { "procedure" });
    text.push_str(&format!("AS {tag}{body}{tag}\n"));
    Ok(Some(text))
}

/// The text of an SQL-standard body, if the function has one.
fn body(env: &Env, proc: &ProcInfo) -> Result<Option<String>> {
    let Some(stored) = &proc.sql_body else { return Ok(None) };
    let body = StoredBody::from_text(stored)?;
    deparse_body(proc, &body, &AnalyzeContext::new(env, env, "")).map(Some)
}

/// A dollar quote that does not occur in the body.
fn dollar_tag(body: &str, word: &str) -> String {
    let mut tag = format!("${word}");
    while body.contains(&tag) {
        tag.push('x');
    }
    tag.push('$');
    tag
}

/// Volatility and the like, where they are not the default.
fn traits(proc: &ProcInfo) -> String {
    let mut parts = Vec::new();
    if proc.kind == ProcKind::Window {
        parts.push("WINDOW".to_owned());
    }
    match proc.volatility {
        Volatility::Immutable => parts.push("IMMUTABLE".to_owned()),
        Volatility::Stable => parts.push("STABLE".to_owned()),
        Volatility::Volatile => {}
    }
    match proc.parallel {
        b's' => parts.push("PARALLEL SAFE".to_owned()),
        b'r' => parts.push("PARALLEL RESTRICTED".to_owned()),
        _ => {}
    }
    if proc.strict {
        parts.push("STRICT".to_owned());
    }
    if proc.security_definer {
        parts.push("SECURITY DEFINER".to_owned());
    }
    if proc.leakproof {
        parts.push("LEAKPROOF".to_owned());
    }
    // Internal and C functions cost 1 unless told otherwise, all others 100.
    let usual_cost = if matches!(proc.language, 12 | 13) { 1.0 } else { 100.0 };
    if proc.cost != usual_cost {
        parts.push(format!("COST {}", proc.cost));
    }
    if proc.returns_set && proc.rows != 1000.0 && proc.rows > 0.0 {
        parts.push(format!("ROWS {}", proc.rows));
    }
    if parts.is_empty() { String::new() } else { format!(" {}", parts.join(" ")) }
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_get_functiondef" => [ctx] |oid: u32| definition(env_of(ctx)?, oid);
        "pg_get_function_arguments" => [ctx] |oid: u32| argument_list(env_of(ctx)?, oid, Shown::All);
        "pg_get_function_identity_arguments" => [ctx] |oid: u32| argument_list(env_of(ctx)?, oid, Shown::Identity);
        "pg_get_function_result" => [ctx] |oid: u32| result(env_of(ctx)?, oid);
        "pg_get_function_arg_default" => [ctx] |oid: u32, nth: i32| default_of_argument(env_of(ctx)?, oid, nth);
        "pg_get_function_sqlbody" => [ctx] |oid: u32| {
            let env = env_of(ctx)?;
            match env.proc(oid)? {
                Some(proc) => body(env, &proc)?,
                None => None,
            }
        };
    );
}
