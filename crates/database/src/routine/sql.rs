//! Functions and procedures in SQL.

use super::set::{Collected, Running};
use super::{Code, Routine, within};
use crate::env::Env;
use crate::plan::{CachedPlan, Prepared, StatementKind};
use crate::portal::{Execution, Step};
use crate::utility::{self, Outcome};
use parking_lot::Mutex;
use pglitedb_analyzer::{
    AnalyzeContext, ArgumentNames, FunctionResult, ParamTypes, ResultShape, StoredBody, analyze,
    coerce_result, rewrite,
};
use pglitedb_catalog::{ProcInfo, ProcKind, Volatility};
use pglitedb_functions::SetIter;
use pglitedb_query_tree::{CommandType, Query};
use pglitedb_sql_parser::ast::Statement;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid, oids};
use std::sync::Arc;

/// The statements of a function.
pub(crate) struct SqlCode {
    statements: Vec<SqlStatement>,
}

struct SqlStatement {
    /// The text with this statement; of SQL-standard bodies nothing.
    prepared: Prepared,
    /// Bound when the function was created.
    bound: Option<Query>,
    plan: Mutex<Option<(Arc<CachedPlan>, ResultShape)>>,
}

/// An error of a statement, numbered from 0.
pub(super) fn in_statement(error: Error, routine: &Routine, statement: usize) -> Error {
    let line = format!("SQL function \"{}\" statement {}", routine.proc.name, statement + 1);
    within(error, &routine.proc.source).context(line)
}

fn at_startup(error: Error, proc: &ProcInfo) -> Error {
    within(error, &proc.source).context(format!("SQL function \"{}\" during startup", proc.name))
}

/// A row as the function's result.
pub(super) fn value_of(routine: &Routine, shape: ResultShape, row: &[Datum]) -> Datum {
    match shape {
        ResultShape::Void => Datum::Null,
        ResultShape::Value => row.first().cloned().unwrap_or_default(),
        ResultShape::Fields => routine.record(row),
    }
}

impl SqlCode {
    /// Parses the body of a function.
    pub(super) fn new(_: &Env, proc: &ProcInfo) -> Result<SqlCode> {
        let no_types: Arc<[Oid]> = Arc::new([]);
        let statement = |source: Arc<str>, stmt: Option<Statement>, bound: Option<Query>| SqlStatement {
            prepared: Prepared::new(source, stmt, no_types.clone()),
            bound,
            plan: Mutex::new(None),
        };
        let statements = match &proc.sql_body {
            Some(stored) => {
                let queries = StoredBody::from_text(stored)?.queries;
                queries.into_iter().map(|query| statement(Arc::from(""), None, Some(query))).collect()
            }
            None => {
                let parsed =
                    pglitedb_sql_parser::parse(&proc.source).map_err(|error| at_startup(error, proc))?;
                let each = parsed.into_iter();
                each.map(|raw| statement(proc.source.clone(), Some(raw.stmt), None)).collect()
            }
        };
        Ok(SqlCode { statements })
    }

    /// Binds a statement; the last one's result becomes the function's.
    fn bind(&self, env: &Env, routine: &Routine, at: usize) -> Result<(Query, ResultShape)> {
        let statement = &self.statements[at];
        let names = ArgumentNames::of_proc(&routine.proc, &routine.arg_types, env);
        let ctx = AnalyzeContext::new(env, env, &statement.prepared.source)
            .with_params(ParamTypes::Fixed(&routine.arg_types))
            .with_hook(&names);
        let mut query = match (&statement.bound, &statement.prepared.stmt) {
            (Some(query), _) => query.clone(),
            (None, Some(stmt)) => analyze(stmt, &ctx)?,
            (None, None) => return Err(Error::internal("statement without text")),
        };
        let shape = if at + 1 == self.statements.len() {
            coerce_result(Some(&mut query), &routine.result, &ctx)?
        } else {
            ResultShape::Void
        };
        Ok((query, shape))
    }

    fn plan(&self, env: &Env, routine: &Routine, at: usize) -> Result<(Arc<CachedPlan>, ResultShape)> {
        let key = env.plan_key();
        let statement = &self.statements[at];
        if let Some((plan, shape)) = &*statement.plan.lock()
            && plan.key == key
        {
            return Ok((plan.clone(), *shape));
        }
        let (query, shape) = self.bind(env, routine, at)?;
        let ctx = AnalyzeContext::new(env, env, &statement.prepared.source);
        let query = rewrite(query, &ctx)?;
        if routine.proc.volatility != Volatility::Volatile && query.command != CommandType::Select {
            return Err(not_allowed(crate::portal::command_word(query.command)));
        }
        let columns = env.columns_of(&query)?;
        let stmt = env.plan(query)?;
        let transient = stmt.transient;
        let plan = Arc::new(CachedPlan::new(key, stmt, columns));
        if !transient && env.plan_key() == key {
            *statement.plan.lock() = Some((plan.clone(), shape));
        }
        Ok((plan, shape))
    }

    fn is_planned(&self, at: usize) -> bool {
        let statement = &self.statements[at];
        statement.bound.is_some() || statement.prepared.kind == StatementKind::Planned
    }

    /// Runs a statement whose rows nobody wants.
    fn run_one(&self, env: &Env, routine: &Routine, at: usize, args: &[Datum]) -> Result<()> {
        if self.is_planned(at) {
            let (plan, _) = self.plan(env, routine, at)?;
            return env.run_plan(&plan, args, &mut |_| Ok(())).map(drop);
        }
        run_utility(env, routine, &self.statements[at].prepared, args)
    }

    /// Runs all statements but the last one; false if there is none.
    fn run_to_last(&self, env: &Env, routine: &Routine, args: &[Datum]) -> Result<bool> {
        let Some(last) = self.statements.len().checked_sub(1) else {
            let ctx = AnalyzeContext::new(env, env, "");
            let checked = coerce_result(None, &routine.result, &ctx);
            checked.map_err(|error| at_startup(error, &routine.proc))?;
            return Ok(false);
        };
        for at in 0..last {
            self.run_one(env, routine, at, args).map_err(|error| in_statement(error, routine, at))?;
        }
        if !self.is_planned(last) {
            let ctx = AnalyzeContext::new(env, env, "");
            let checked = coerce_result(None, &routine.result, &ctx);
            checked.map_err(|error| at_startup(error, &routine.proc))?;
            self.run_one(env, routine, last, args).map_err(|error| in_statement(error, routine, last))?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Calls the function for one result.
    pub(super) fn call(&self, env: &Env, routine: &Routine, args: &[Datum]) -> Result<Datum> {
        if !self.run_to_last(env, routine, args)? {
            return Ok(Datum::Null);
        }
        let last = self.statements.len() - 1;
        self.first_row(env, routine, last, args).map_err(|error| in_statement(error, routine, last))
    }

    fn first_row(&self, env: &Env, routine: &Routine, at: usize, args: &[Datum]) -> Result<Datum> {
        let (plan, shape) = self.plan(env, routine, at)?;
        let mut execution = Execution::start(env, plan.clone())?;
        let mut row = Vec::new();
        let mut value = Datum::Null;
        if execution.next(env, args, &mut row)? {
            value = value_of(routine, shape, &row);
            // What changes rows changes all of them.
            if plan.stmt.command != CommandType::Select
                || plan.stmt.has_modifying_cte
                || shape == ResultShape::Void
            {
                while execution.next(env, args, &mut row)? {
                    env.check_cancel()?;
                }
            }
        }
        execution.finish(env);
        Ok(value)
    }
}

/// Calls a set-returning function.
pub(super) fn call_set(
    env: &Env,
    routine: &Arc<Routine>,
    args: &[Datum],
    lazily: bool,
) -> Result<Box<dyn SetIter>> {
    let Code::Sql(code) = &routine.code else { return Err(Error::internal("function is not in SQL")) };
    if !code.run_to_last(env, routine, args)? {
        return Ok(Collected::boxed(Vec::new()));
    }
    let last = code.statements.len() - 1;
    let wrap = |error| in_statement(error, routine, last);
    let (plan, shape) = code.plan(env, routine, last).map_err(wrap)?;
    let mut execution = Execution::start(env, plan.clone()).map_err(wrap)?;
    let reads = plan.stmt.command == CommandType::Select && !plan.stmt.has_modifying_cte;
    if lazily && reads && shape != ResultShape::Void {
        return Ok(Box::new(Running {
            routine: routine.clone(),
            execution: Some(execution),
            params: args.to_vec(),
            shape,
            statement: last,
            buffer: Vec::new(),
        }));
    }
    let (mut row, mut values) = (Vec::new(), Vec::new());
    while execution.next(env, args, &mut row).map_err(wrap)? {
        if shape != ResultShape::Void {
            values.push(value_of(routine, shape, &row));
        }
        env.check_cancel()?;
    }
    execution.finish(env);
    Ok(Collected::boxed(values))
}

fn not_allowed(command: &str) -> Error {
    err!(FEATURE_NOT_SUPPORTED, "{command} is not allowed in a non-volatile function")
}

/// Runs a command within a function.
fn run_utility(env: &Env, routine: &Routine, prepared: &Prepared, args: &[Datum]) -> Result<()> {
    let Some(stmt) = &prepared.stmt else { return Ok(()) };
    let command = utility::tag::command_name(stmt);
    if prepared.kind == StatementKind::Transaction {
        return Err(err!(FEATURE_NOT_SUPPORTED, "{command} is not allowed in an SQL function"));
    }
    if routine.proc.volatility != Volatility::Volatile
        && !matches!(stmt, Statement::Show(_) | Statement::Explain(_))
    {
        return Err(not_allowed(command));
    }
    if let Statement::Call(call) = stmt {
        let names = ArgumentNames::of_proc(&routine.proc, &routine.arg_types, env);
        let ctx = AnalyzeContext::new(env, env, &prepared.source)
            .with_params(ParamTypes::Fixed(&routine.arg_types))
            .with_hook(&names);
        return super::call_statement::from_sql(env, call, &ctx, args);
    }
    match utility::run(env, stmt, prepared, args, false)? {
        Outcome::Tag(_) | Outcome::Rows { .. } => Ok(()),
        Outcome::Portal(mut portal) => {
            let mut nobody = crate::output::Discard;
            portal.start(env)?;
            match portal.run(env, 0, &mut nobody)? {
                Step::Done(_) => Ok(()),
                Step::Full | Step::Suspended => Err(Error::internal("statement did not run to its end")),
            }
        }
        Outcome::CopyOut(_) | Outcome::CopyIn { .. } => {
            Err(err!(FEATURE_NOT_SUPPORTED, "cannot COPY to/from client in an SQL function"))
        }
    }
}

/// Checks a new function. `bodies`: also what its statements say.
pub(crate) fn validate(env: &Env, proc: &Arc<ProcInfo>, bodies: bool) -> Result<()> {
    check_types(env, proc)?;
    if !bodies && proc.sql_body.is_none() {
        return Ok(());
    }
    let name = &proc.name;
    let in_function = |error| within(error, &proc.source).context(format!("SQL function \"{name}\""));
    let code = match SqlCode::new(env, proc) {
        Ok(code) => code,
        Err(mut error) => {
            error.fields_mut().context = Some(format!("SQL function \"{name}\""));
            return Err(error);
        }
    };
    // What polymorphic types stand for is known at calls only.
    if proc.arg_types.iter().any(|oid| super::cache::is_polymorphic(*oid)) {
        return Ok(());
    }
    let ctx = AnalyzeContext::new(env, env, "");
    let columns = pglitedb_analyzer::result_columns(proc, proc.return_type, &|oid| oid, &ctx)?;
    let result =
        FunctionResult { type_oid: proc.return_type, columns, procedure: proc.kind == ProcKind::Procedure };
    let routine = Routine {
        proc: proc.clone(),
        arg_types: proc.arg_types.as_slice().into(),
        result,
        code: Code::Sql(code),
    };
    let Code::Sql(code) = &routine.code else { return Ok(()) };
    for at in 0..code.statements.len() {
        if code.is_planned(at) {
            code.bind(env, &routine, at).map_err(in_function)?;
        } else if at + 1 == code.statements.len() {
            coerce_result(None, &routine.result, &ctx).map_err(in_function)?;
        }
    }
    if code.statements.is_empty() {
        coerce_result(None, &routine.result, &ctx).map_err(in_function)?;
    }
    Ok(())
}

/// SQL functions take and return no pseudo-types but the polymorphic ones, `record` and `void`.
fn check_types(env: &Env, proc: &ProcInfo) -> Result<()> {
    use pglitedb_types::{TypeEnv, TypeKind};
    let name = |oid: Oid| pglitedb_types::format_type_be(oid, env);
    let is_pseudo = |oid: Oid| TypeEnv::type_info(env, oid).map(|info| info.kind == TypeKind::Pseudo);
    let result = proc.return_type;
    if is_pseudo(result)?
        && !super::cache::is_polymorphic(result)
        && !matches!(result, oids::RECORD | oids::VOID)
    {
        return Err(err!(INVALID_FUNCTION_DEFINITION, "SQL functions cannot return type {}", name(result)?));
    }
    for oid in &proc.arg_types {
        if is_pseudo(*oid)? && !super::cache::is_polymorphic(*oid) && *oid != oids::RECORD {
            return Err(err!(
                INVALID_FUNCTION_DEFINITION,
                "SQL functions cannot have arguments of type {}",
                name(*oid)?
            ));
        }
    }
    Ok(())
}
