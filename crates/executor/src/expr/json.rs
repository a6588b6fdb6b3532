//! JSON_EXISTS, JSON_VALUE, JSON_QUERY: the DEFAULT of ON EMPTY and ON ERROR is computed only when it is wanted.

use super::{Compiled, EvalRow, compile_all};
use crate::expr::CompileCtx;
use crate::runtime::Runtime;
use pglitedb_functions::json::query::{Behavior, Event, JsonQuery, Outcome, path_text};
use pglitedb_functions::{CallInfo, FnCtx};
use pglitedb_query_tree::{Expr, SpecialExpr};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// A call: document, path, PASSING values, DEFAULT expressions.
pub struct JsonCall {
    query: JsonQuery,
    args: Vec<Compiled>,
    types: Vec<Oid>,
    info: CallInfo,
}

impl JsonCall {
    pub(crate) fn compile(special: &SpecialExpr, ctx: &mut CompileCtx<'_>) -> Result<Self> {
        let env = ctx.env.as_type_env();
        let query =
            JsonQuery::new(&special.name, &special.options, special.result_type, special.typmod, env)?;
        let types: Vec<Oid> = special.args.iter().map(Expr::type_oid).collect();
        Ok(JsonCall {
            query,
            args: compile_all(&special.args, ctx)?,
            info: CallInfo {
                arg_types: types.clone(),
                result_type: special.result_type,
                ..CallInfo::default()
            },
            types,
        })
    }

    pub(crate) fn eval(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        let [document, path, rest @ ..] = self.args.as_slice() else {
            return Err(Error::internal("SQL/JSON function without document"));
        };
        let Datum::Jsonb(document) = document.eval(row, rt)? else { return Ok(Datum::Null) };
        let path = path.eval(row, rt)?;
        let Some(path) = path_text(&path)? else { return Ok(Datum::Null) };
        let passed = passed(&self.query.passing, rest, self.types.get(2..).unwrap_or(&[]), row, rt)?;
        let ctx = FnCtx { env: rt.env, info: &self.info };
        match self.query.run(&ctx, &document, path, &passed)? {
            Outcome::Value(value) => Ok(value),
            Outcome::Failed(error) if self.query.on_error == Behavior::Error => Err(error),
            Outcome::Failed(_) => self.substitute(Event::Error, self.query.on_error, row, rt),
            Outcome::Empty if self.query.on_empty == Behavior::Error => Err(self.query.no_item()),
            Outcome::Empty => self.substitute(Event::Empty, self.query.on_empty, row, rt),
        }
    }

    fn substitute(
        &self,
        event: Event,
        behavior: Behavior,
        row: &EvalRow<'_>,
        rt: &Runtime<'_>,
    ) -> Result<Datum> {
        let env = rt.env.as_type_env();
        let Behavior::Default(at, coerce) = behavior else {
            return self.query.substitute(event, behavior, None, env);
        };
        let default = self.args.get(at).ok_or_else(|| Error::internal("DEFAULT expression is missing"))?;
        if !coerce {
            return default.eval(row, rt).map_err(|error| {
                // A violated domain is the result type's complaint; other errors are the expression's own.
                let domain = &error.code().class() == b"23";
                if domain { self.query.not_coerced(event, behavior, error) } else { error }
            });
        }
        match default.eval(row, rt)? {
            Datum::Jsonb(value) => self.query.substitute(event, behavior, Some(&value), env),
            _ => self.query.substitute(event, behavior, None, env),
        }
    }
}

/// The values of PASSING with their names and types.
pub(crate) fn passed(
    names: &[Arc<str>],
    args: &[Compiled],
    types: &[Oid],
    row: &EvalRow<'_>,
    rt: &Runtime<'_>,
) -> Result<Vec<(Arc<str>, Datum, Oid)>> {
    let mut list = Vec::with_capacity(names.len());
    for ((name, arg), type_oid) in names.iter().zip(args).zip(types) {
        list.push((name.clone(), arg.eval(row, rt)?, *type_oid));
    }
    Ok(list)
}
