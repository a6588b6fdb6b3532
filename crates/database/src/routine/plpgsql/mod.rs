//! Functions, procedures and blocks in PL/pgSQL.
//!
//! - `types`: what the parser asks about types
//! - `names`: variables in SQL
//! - `plans`: pieces of SQL, planned or compiled
//! - `host`: what the interpreter asks of the session
//! - `rows`: queries read row by row
//! - `cast`: conversions of values

mod cast;
mod host;
mod names;
mod plans;
mod rows;
mod types;

pub(crate) use cast::CastCache;

use super::{Routine, within};
use crate::env::Env;
pub(crate) use host::PlHost;
pub(crate) use names::CallFromFunction;
use parking_lot::Mutex;
use pglitedb_analyzer::{AnalyzeContext, resolve_polymorphic};
use pglitedb_catalog::{ArgMode, ProcInfo, ProcKind};
use pglitedb_plpgsql::ast::{Function, TypeRef, VariableConflict};
use pglitedb_plpgsql::{Argument, Direction, Kind, Position, Signature, Value, compile};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid, RegKind, TypeEnv, oids};
use plans::PlanSlot;
use std::sync::Arc;
use types::SessionTypes;

/// A compiled function with the plans of its SQL.
pub(crate) struct PlCode {
    pub function: Function,
    pub oid: Oid,
    /// `f(integer)`
    pub signature: Arc<str>,
    pub plans: Vec<Mutex<Option<PlanSlot>>>,
}

fn direction(mode: ArgMode) -> Direction {
    match mode {
        ArgMode::In => Direction::In,
        ArgMode::Out => Direction::Out,
        ArgMode::InOut => Direction::InOut,
        ArgMode::Variadic => Direction::Variadic,
        ArgMode::Table => Direction::Table,
    }
}

fn conflict(env: &Env) -> VariableConflict {
    match env.show("plpgsql.variable_conflict").ok().flatten().as_deref() {
        Some("use_variable") => VariableConflict::UseVariable,
        Some("use_column") => VariableConflict::UseColumn,
        _ => VariableConflict::Error,
    }
}

/// The signature of a stored routine; `inputs`: actual types of the input arguments.
fn signature_of(env: &Env, proc: &ProcInfo, inputs: &[Oid], result: Oid) -> Result<Signature> {
    let types = SessionTypes { env };
    let all = if proc.all_arg_types.is_empty() { &proc.arg_types } else { &proc.all_arg_types };
    let ctx = AnalyzeContext::new(env, env, "");
    let mut input = 0;
    let mut arguments = Vec::with_capacity(all.len());
    for (at, declared) in all.iter().enumerate() {
        let mode = proc.arg_modes.get(at).copied().unwrap_or(ArgMode::In);
        let is_input = matches!(mode, ArgMode::In | ArgMode::InOut | ArgMode::Variadic);
        let oid = if is_input {
            input += 1;
            inputs.get(input - 1).copied().unwrap_or(*declared)
        } else if super::cache::is_polymorphic(*declared) {
            resolve_polymorphic(*declared, &proc.arg_types, inputs, &ctx)?
        } else {
            *declared
        };
        arguments.push(Argument {
            name: proc.arg_names.get(at).cloned().unwrap_or_else(|| Arc::from("")),
            direction: direction(mode),
            of_type: types.of_oid(oid, -1)?,
        });
    }
    let kind = match proc.kind {
        ProcKind::Procedure => Kind::Procedure,
        _ if proc.return_type == oids::TRIGGER => Kind::Trigger,
        _ => Kind::Function,
    };
    Ok(Signature {
        name: proc.name.clone(),
        kind,
        arguments,
        result,
        result_variable: match super::cache::is_polymorphic(proc.return_type) && !proc.returns_set {
            true => Some(types.of_oid(result, -1)?),
            false => None,
        },
        returns_set: proc.returns_set,
        conflict: conflict(env),
    })
}

impl PlCode {
    /// Compiles a stored routine.
    pub(super) fn new(
        env: &Env,
        proc: &ProcInfo,
        inputs: &[Oid],
        result: Oid,
        check: bool,
    ) -> Result<PlCode> {
        let signature = signature_of(env, proc, inputs, result)?;
        let shown = env.reg_output(RegKind::Procedure, proc.oid)?;
        let shown: Arc<str> = shown.map_or_else(|| proc.name.clone(), Arc::from);
        Self::compile(env, &proc.source, &signature, shown, proc.oid, check)
    }

    /// Compiles the block of a DO.
    pub(super) fn inline(env: &Env, source: &Arc<str>) -> Result<PlCode> {
        let signature = Signature {
            name: Arc::from("inline_code_block"),
            kind: Kind::Inline,
            arguments: Vec::new(),
            result: oids::VOID,
            result_variable: None,
            returns_set: false,
            conflict: conflict(env),
        };
        Self::compile(env, source, &signature, Arc::from("inline_code_block"), 0, true)
    }

    fn compile(
        env: &Env,
        source: &Arc<str>,
        signature: &Signature,
        shown: Arc<str>,
        oid: Oid,
        check: bool,
    ) -> Result<PlCode> {
        let types = SessionTypes { env };
        let function = compile(source, signature, &types, check).map_err(|error| {
            let position = error.fields().position;
            let error = within(error, source);
            match position {
                // Who shows the place needs no words for it.
                Some(_) if check => error,
                _ => {
                    let line = position.map_or(1, |at| line_of(source, at));
                    let name = &signature.name;
                    error.context(format!("compilation of PL/pgSQL function \"{name}\" near line {line}"))
                }
            }
        })?;
        let mut plans = Vec::new();
        plans.resize_with(function.sql_count, || Mutex::new(None));
        Ok(PlCode { function, oid, signature: shown, plans })
    }
}

fn line_of(source: &str, at: usize) -> usize {
    source.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// Runs code as an entry of the stack of calls.
fn on_stack<T>(env: &Env, code: &PlCode, f: impl FnOnce(&Position) -> Result<T>) -> Result<T> {
    let position = Arc::new(Position::new(code.signature.clone()));
    env.calls.borrow_mut().push(position.clone());
    let result = f(&position);
    env.calls.borrow_mut().pop();
    result
}

/// Calls a function; the value is converted to the result type.
pub(super) fn call(env: &Env, routine: &Routine, code: &PlCode, args: &[Datum]) -> Result<Datum> {
    if routine.proc.return_type == oids::TRIGGER || routine.proc.return_type == oids::EVENT_TRIGGER {
        return Err(err!(FEATURE_NOT_SUPPORTED, "trigger functions can only be called as triggers"));
    }
    let host = PlHost::new(env, code);
    on_stack(env, code, |position| {
        let value = pglitedb_plpgsql::call(&code.function, &host, position, args)?;
        result_of(env, routine, value).map_err(|error| {
            error.context(format!(
                "PL/pgSQL function {} while casting return value to function's return type",
                code.signature
            ))
        })
    })
}

/// Calls a set-returning function.
pub(super) fn call_set(env: &Env, routine: &Routine, code: &PlCode, args: &[Datum]) -> Result<Vec<Datum>> {
    let host = PlHost::new(env, code);
    let columns = routine.result.columns.clone();
    if columns.is_none() && routine.result.type_oid == oids::RECORD {
        return Err(err!(
            FEATURE_NOT_SUPPORTED,
            "materialize mode required, but it is not allowed in this context"
        ));
    }
    on_stack(env, code, |position| pglitedb_plpgsql::call_set(&code.function, &host, position, args, columns))
}

/// Runs the block of a DO.
pub(crate) fn run_inline(env: &Env, source: &str) -> Result<()> {
    env.check_stack()?;
    let source: Arc<str> = Arc::from(source);
    let code = PlCode::inline(env, &source)?;
    let host = PlHost::new(env, &code);
    on_stack(env, &code, |position| pglitedb_plpgsql::call(&code.function, &host, position, &[]).map(drop))
}

/// Converts what RETURN gave to the result type.
fn result_of(env: &Env, routine: &Routine, value: Value) -> Result<Datum> {
    let wanted = routine.result.type_oid;
    if wanted == oids::VOID {
        return Ok(Datum::text(""));
    }
    if value.datum.is_null() && wanted < oids::FIRST_NORMAL_OID {
        return Ok(Datum::Null);
    }
    if let (Datum::Record(row), Some(columns)) = (&value.datum, &routine.result.columns) {
        check_row(env, row, columns, wanted)?;
        return Ok(routine.record(&row.fields));
    }
    if let Datum::Record(_) = &value.datum
        && wanted == oids::RECORD
    {
        return Ok(value.datum);
    }
    let of_type = TypeRef { oid: wanted, typmod: -1, collation: 0, composite: false };
    cast::convert(env, value, &of_type)
}

/// The row returned must be of the columns declared.
fn check_row(
    env: &Env,
    row: &pglitedb_types::RecordValue,
    columns: &[(Oid, i32)],
    result: Oid,
) -> Result<()> {
    let failed = || err!(DATATYPE_MISMATCH, "returned record type does not match expected record type");
    if row.fields.len() != columns.len() {
        return Err(failed().detail(format!(
            "Number of returned columns ({}) does not match expected column count ({}).",
            row.fields.len(),
            columns.len()
        )));
    }
    for (at, (own, (wanted, _))) in row.field_types.iter().zip(columns).enumerate() {
        if own != wanted && *own != 0 {
            let fields = if result == oids::RECORD { None } else { Some(env.composite_fields(result)?) };
            let name = fields.as_ref().and_then(|fields| fields.get(at)).map_or("", |field| &*field.name);
            return Err(failed().detail(format!(
                "Returned type {} does not match expected type {} in column \"{name}\" (position {}).",
                pglitedb_types::format_type_be(*own, env)?,
                pglitedb_types::format_type_be(*wanted, env)?,
                at + 1
            )));
        }
    }
    Ok(())
}

/// Checks a new function.
pub(crate) fn validate(env: &Env, proc: &ProcInfo, bodies: bool) -> Result<()> {
    let shown = |oid: Oid| pglitedb_types::format_type_be(oid, env);
    let is_pseudo = |oid: Oid| -> Result<bool> {
        Ok(TypeEnv::type_info(env, oid)?.kind == pglitedb_types::TypeKind::Pseudo)
    };
    let result = proc.return_type;
    let fine = super::cache::is_polymorphic(result)
        || matches!(result, oids::TRIGGER | oids::EVENT_TRIGGER | oids::RECORD | oids::VOID);
    if is_pseudo(result)? && !fine {
        return Err(err!(FEATURE_NOT_SUPPORTED, "PL/pgSQL functions cannot return type {}", shown(result)?));
    }
    for oid in &proc.arg_types {
        if is_pseudo(*oid)? && !super::cache::is_polymorphic(*oid) && *oid != oids::RECORD {
            return Err(err!(
                FEATURE_NOT_SUPPORTED,
                "PL/pgSQL functions cannot accept type {}",
                shown(*oid)?
            ));
        }
    }
    if !bodies {
        return Ok(());
    }
    let stand_in = |oid: Oid| match oid {
        oids::ANYARRAY | oids::ANYCOMPATIBLEARRAY => oids::INT4_ARRAY,
        oids::ANYRANGE | oids::ANYCOMPATIBLERANGE => oids::INT4RANGE,
        oids::ANYMULTIRANGE | oids::ANYCOMPATIBLEMULTIRANGE => oids::INT4MULTIRANGE,
        oid if super::cache::is_polymorphic(oid) => oids::INT4,
        oid => oid,
    };
    let inputs: Vec<Oid> = proc.arg_types.iter().map(|oid| stand_in(*oid)).collect();
    PlCode::new(env, proc, &inputs, stand_in(result), true).map(drop)
}

/// The signature of the innermost call, for errors that have no better place.
pub(super) fn internal(message: &str) -> Error {
    Error::internal(message)
}
