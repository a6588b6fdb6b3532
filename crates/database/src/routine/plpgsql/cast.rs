//! Conversions of values, as assignments of PL/pgSQL make them: the assignment cast if there is one, by way of text
//! otherwise.

use crate::env::Env;
use crate::plan::PlanKey;
use pglitedb_analyzer::{AnalyzeContext, assignment_cast};
use pglitedb_executor::{CompileCtx, Compiled, EvalRow, Runtime, compile};
use pglitedb_plpgsql::Value;
use pglitedb_plpgsql::ast::TypeRef;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid, TypeEnv, TypeKind, oids};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// Conversions kept by a session.
const CASTS_MAX: usize = 512;

/// A session's conversions by source, target and type modifier.
#[derive(Default)]
pub(crate) struct CastCache(RefCell<FxHashMap<(Oid, Oid, i32), (PlanKey, Arc<Cast>)>>);

enum Cast {
    /// An expression over the value.
    Expr(Compiled),
    /// Text output and input.
    ByText,
}

fn find(env: &Env, from: Oid, to: Oid, typmod: i32) -> Result<Arc<Cast>> {
    let key = env.plan_key();
    if let Some((known, cast)) = env.casts.0.borrow().get(&(from, to, typmod))
        && *known == key
    {
        return Ok(cast.clone());
    }
    let ctx = AnalyzeContext::new(env, env, "");
    let cast = match assignment_cast(from, to, typmod, &ctx)? {
        Some(mut expr) => {
            pglitedb_planner::fold_expr(&mut expr, env, env, env.registry())?;
            let mut ctx = CompileCtx::new(env, env, env.registry());
            Cast::Expr(compile(&expr, &mut ctx)?)
        }
        None => Cast::ByText,
    };
    let cast = Arc::new(cast);
    let mut cache = env.casts.0.borrow_mut();
    if cache.len() >= CASTS_MAX {
        cache.clear();
    }
    cache.insert((from, to, typmod), (key, cast.clone()));
    Ok(cast)
}

/// Converts a value.
pub(super) fn convert(env: &Env, value: Value, to: &TypeRef) -> Result<Datum> {
    let from = if value.type_oid == 0 { oids::UNKNOWN } else { value.type_oid };
    let same_modifier = to.typmod < 0 || to.typmod == value.typmod;
    if to.oid == oids::RECORD || (from == to.oid && same_modifier) {
        return Ok(value.datum);
    }
    if value.datum.is_null() {
        if to.oid >= oids::FIRST_NORMAL_OID && TypeEnv::type_info(env, to.oid)?.kind == TypeKind::Domain {
            env.check_domain(to.oid, &Datum::Null)?;
        }
        return Ok(Datum::Null);
    }
    if from == oids::UNKNOWN {
        let text = pglitedb_types::output_string(&value.datum, oids::TEXT, env)?;
        return pglitedb_types::input(&text, to.oid, to.typmod, env);
    }
    match &*find(env, from, to.oid, to.typmod)? {
        Cast::ByText => {
            let text = pglitedb_types::output_string(&value.datum, from, env)?;
            pglitedb_types::input(&text, to.oid, to.typmod, env)
        }
        Cast::Expr(compiled) => {
            let txn = env.txn()?;
            let snapshot = txn.snapshot();
            let rt = Runtime::new(env, env, env.registry(), env.space(), &txn, &snapshot, &[], env);
            compiled.eval(&EvalRow { case_value: Some(&value.datum), ..EvalRow::default() }, &rt)
        }
    }
}
