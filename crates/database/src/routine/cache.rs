//! Routines that were called, ready to be called again.

use super::plpgsql::PlCode;
use super::{Code, Routine, sql};
use crate::env::Env;
use crate::plan::PlanKey;
use pglitedb_analyzer::{AnalyzeContext, FunctionResult, result_columns};
use pglitedb_catalog::{Catalog, ProcInfo, ProcKind};
use pglitedb_functions::CallInfo;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, oids};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// Routines kept by a session.
const ROUTINES_MAX: usize = 2048;

/// A session's routines.
#[derive(Default)]
pub(crate) struct RoutineCache(RefCell<FxHashMap<Oid, Vec<Entry>>>);

struct Entry {
    key: PlanKey,
    routine: Arc<Routine>,
    /// Of calls with other types (or another column definition list) it is none of their business.
    call: Option<CallTypes>,
}

#[derive(PartialEq)]
struct CallTypes {
    args: Vec<Oid>,
    result: Oid,
    columns: Vec<(Oid, i32)>,
}

impl CallTypes {
    fn of(info: &CallInfo) -> Self {
        CallTypes {
            args: info.arg_types.clone(),
            result: info.result_type,
            columns: info.result_columns.iter().map(|(_, oid, typmod)| (*oid, *typmod)).collect(),
        }
    }

    fn fits(&self, info: &CallInfo) -> bool {
        self.args == info.arg_types
            && self.result == info.result_type
            && self.columns.len() == info.result_columns.len()
            && self.columns.iter().zip(&info.result_columns).all(|(a, b)| a.0 == b.1 && a.1 == b.2)
    }
}

/// Is what the type stands for known at calls only?
pub(super) fn is_polymorphic(oid: Oid) -> bool {
    oid == oids::ANY || pglitedb_analyzer::is_polymorphic(oid)
}

/// Does the code depend on the types of the call?
fn depends_on_call(proc: &ProcInfo) -> bool {
    proc.return_type == oids::RECORD
        || is_polymorphic(proc.return_type)
        || proc.arg_types.iter().any(|oid| is_polymorphic(*oid))
}

/// The routine behind a call.
pub(super) fn find(env: &Env, info: &CallInfo) -> Result<Arc<Routine>> {
    let key = env.plan_key();
    if let Some(list) = env.routines.0.borrow().get(&info.function)
        && let Some(entry) = list.iter().find(|entry| entry.call.as_ref().is_none_or(|call| call.fits(info)))
        && entry.key == key
    {
        return Ok(entry.routine.clone());
    }
    find_slowly(env, info, key)
}

fn find_slowly(env: &Env, info: &CallInfo, key: PlanKey) -> Result<Arc<Routine>> {
    let proc = env
        .proc(info.function)?
        .ok_or_else(|| err!(UNDEFINED_FUNCTION, "function with OID {} does not exist", info.function))?;
    {
        let mut cache = env.routines.0.borrow_mut();
        let entry = cache.get_mut(&info.function).and_then(|list| {
            list.iter_mut().find(|entry| entry.call.as_ref().is_none_or(|call| call.fits(info)))
        });
        // Plans within check for themselves whether they are still good.
        if let Some(entry) = entry
            && Arc::ptr_eq(&entry.routine.proc, &proc)
            && entry.routine.is_of_builtin_types()
        {
            entry.key = key;
            return Ok(entry.routine.clone());
        }
    }
    let routine = Arc::new(make(env, proc.clone(), info)?);
    let call = depends_on_call(&proc).then(|| CallTypes::of(info));
    let mut cache = env.routines.0.borrow_mut();
    if cache.len() >= ROUTINES_MAX {
        cache.clear();
    }
    let list = cache.entry(info.function).or_default();
    list.retain(|entry| entry.call != call && Arc::ptr_eq(&entry.routine.proc, &proc));
    list.push(Entry { key, routine: routine.clone(), call });
    Ok(routine)
}

impl Routine {
    /// Nothing that ALTER TABLE or the like could change is in its signature.
    fn is_of_builtin_types(&self) -> bool {
        let builtin = |oid: &Oid| *oid < oids::FIRST_NORMAL_OID;
        self.arg_types.iter().all(builtin) && builtin(&self.result.type_oid)
    }
}

/// Makes a routine for the types of a call.
fn make(env: &Env, proc: Arc<ProcInfo>, info: &CallInfo) -> Result<Routine> {
    let arg_types: Vec<Oid> = proc
        .arg_types
        .iter()
        .enumerate()
        .map(|(at, declared)| match info.arg_types.get(at) {
            Some(actual) if is_polymorphic(*declared) => *actual,
            _ => *declared,
        })
        .collect();
    let result_type = if is_polymorphic(proc.return_type) { info.result_type } else { proc.return_type };
    let columns = if info.result_columns.is_empty() || proc.return_type != oids::RECORD {
        let solved = Solved { env, proc: &proc, actual: &info.arg_types };
        let ctx = AnalyzeContext::new(env, env, "");
        result_columns(&proc, result_type, &|oid| solved.resolve(oid), &ctx)?
    } else {
        Some(info.result_columns.iter().map(|(_, oid, typmod)| (*oid, *typmod)).collect())
    };
    let result =
        FunctionResult { type_oid: result_type, columns, procedure: proc.kind == ProcKind::Procedure };
    build(env, proc, arg_types.into(), result)
}

/// A routine of known types.
pub(super) fn build(
    env: &Env,
    proc: Arc<ProcInfo>,
    arg_types: Arc<[Oid]>,
    result: FunctionResult,
) -> Result<Routine> {
    use crate::ddl::routine::language;
    let code = match proc.language {
        language::SQL => Code::Sql(sql::SqlCode::new(env, &proc)?),
        language::PLPGSQL => {
            let code = PlCode::new(env, &proc, &arg_types, result.type_oid, false)?;
            Code::PlPgSql(Box::new(code))
        }
        _ => {
            return Err(Error::unsupported(format!(
                "calling function {}, whose language is not supported yet",
                proc.name
            )));
        }
    };
    Ok(Routine { proc, arg_types, result, code })
}

/// What polymorphic types stand for in a call.
struct Solved<'a> {
    env: &'a Env,
    proc: &'a ProcInfo,
    actual: &'a [Oid],
}

impl Solved<'_> {
    fn resolve(&self, oid: Oid) -> Oid {
        if !is_polymorphic(oid) {
            return oid;
        }
        let ctx = AnalyzeContext::new(self.env, self.env, "");
        pglitedb_analyzer::resolve_polymorphic(oid, &self.proc.arg_types, self.actual, &ctx).unwrap_or(oid)
    }
}
