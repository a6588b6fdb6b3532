//! CREATE OR REPLACE: the routine that is there, and what must stay as it was.

use super::create::NewRoutine;
use super::{BY_NAME, options};
use crate::context::StatementCtx;
use crate::ddl::object::{check_object_owner, routine_text};
use pglitedb_catalog::builtin::columns::pg_proc;
use pglitedb_catalog::{ArgMode, ProcInfo, ProcKind};
use pglitedb_query_tree::serial;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, oids};
use std::sync::Arc;

/// The routine with this name, schema and input types.
pub(super) fn existing(routine: &NewRoutine<'_>, ctx: &StatementCtx<'_>) -> Result<Option<Arc<ProcInfo>>> {
    let keys = [Datum::text(&routine.place.name)];
    let rows = ctx.env().with_catalog(|catalog| catalog.rows_by_index(pg_proc::RELATION, BY_NAME, &keys))?;
    for row in rows {
        let Some(oid) = row.get(pg_proc::OID).and_then(Datum::as_oid) else { continue };
        if let Some(proc) = ctx.catalog().proc(oid)?
            && proc.namespace == routine.place.namespace
            && proc.arg_types == routine.parameters.inputs
        {
            return Ok(Some(proc));
        }
    }
    Ok(None)
}

fn changed(message: String, hint: String) -> Error {
    err!(INVALID_FUNCTION_DEFINITION, "{message}").hint(hint)
}

/// Columns that OUT parameters declare.
fn outs(proc: &ProcInfo) -> Vec<(Arc<str>, u32)> {
    proc.arg_modes
        .iter()
        .enumerate()
        .filter(|(_, mode)| matches!(mode, ArgMode::Out | ArgMode::InOut | ArgMode::Table))
        .map(|(at, _)| {
            let name = proc.arg_names.get(at).cloned().unwrap_or_else(|| Arc::from(""));
            (name, proc.all_arg_types.get(at).copied().unwrap_or(0))
        })
        .collect()
}

/// May the new definition take the place of the old one?
pub(super) fn check(
    old: &ProcInfo,
    routine: &NewRoutine<'_>,
    or_replace: bool,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let name = &routine.place.name;
    if !or_replace {
        return Err(err!(DUPLICATE_FUNCTION, "function \"{name}\" already exists with same argument types"));
    }
    check_object_owner(options::address(old.oid), ctx)?;
    let is_window = routine.options.window == Some(true);
    let kind = match (routine.is_procedure, is_window) {
        (true, _) => ProcKind::Procedure,
        (_, true) => ProcKind::Window,
        _ => ProcKind::Function,
    };
    if old.kind != kind {
        let what = match old.kind {
            ProcKind::Aggregate => "an aggregate function",
            ProcKind::Function => "a function",
            ProcKind::Procedure => "a procedure",
            ProcKind::Window => "a window function",
        };
        return Err(
            err!(WRONG_OBJECT_TYPE, "cannot change routine kind").detail(format!("\"{name}\" is {what}."))
        );
    }
    let word = if routine.is_procedure { "PROCEDURE" } else { "FUNCTION" };
    let hint = format!("Use DROP {word} {} first.", routine_text(old, ctx)?.replace(", ", ","));
    let new_outs: Vec<(String, u32)> = routine.parameters.outs();
    if old.return_type != routine.result || old.returns_set != routine.returns_set {
        let message = if routine.is_procedure {
            "cannot change whether a procedure has output parameters"
        } else {
            "cannot change return type of existing function"
        };
        return Err(changed(message.to_owned(), hint));
    }
    if old.return_type == oids::RECORD {
        let same = outs(old).iter().map(|(name, oid)| (name.to_string(), *oid)).eq(new_outs);
        if !same {
            return Err(changed("cannot change return type of existing function".to_owned(), hint)
                .detail("Row type defined by OUT parameters is different."));
        }
    }
    check_names(old, routine, &hint)?;
    check_defaults(old, routine, &hint, ctx)
}

/// Input parameters that have a name keep it.
fn check_names(old: &ProcInfo, routine: &NewRoutine<'_>, hint: &str) -> Result<()> {
    let is_input = |mode: &ArgMode| matches!(mode, ArgMode::In | ArgMode::InOut | ArgMode::Variadic);
    let old_names: Vec<&str> = if old.arg_modes.is_empty() {
        old.arg_names.iter().map(|name| &**name).collect()
    } else {
        let names = old.arg_names.iter().zip(&old.arg_modes);
        names.filter(|(_, mode)| is_input(mode)).map(|(name, _)| &**name).collect()
    };
    for (at, name) in old_names.iter().enumerate() {
        let new = routine.parameters.input_names.get(at).map_or("", String::as_str);
        if !name.is_empty() && *name != new {
            return Err(changed(
                format!("cannot change name of input parameter \"{name}\""),
                hint.to_owned(),
            ));
        }
    }
    Ok(())
}

/// Defaults may be added but not taken away, and keep their types.
fn check_defaults(old: &ProcInfo, routine: &NewRoutine<'_>, hint: &str, _: &StatementCtx<'_>) -> Result<()> {
    let new = &routine.parameters.default_exprs;
    if new.len() < old.arg_defaults.len() {
        let message = "cannot remove parameter defaults from existing function";
        return Err(changed(message.to_owned(), hint.to_owned()));
    }
    let extra = new.len() - old.arg_defaults.len();
    for (stored, new) in old.arg_defaults.iter().zip(&new[extra..]) {
        if !old.builtin && serial::expr_from_text(stored)?.type_oid() != new.type_oid() {
            let message = "cannot change data type of existing parameter default value";
            return Err(changed(message.to_owned(), hint.to_owned()));
        }
    }
    Ok(())
}
