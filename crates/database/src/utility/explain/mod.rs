//! EXPLAIN.
//!
//! - [`options`]: what was asked for
//! - [`names`]: names of variables and parameters in plans
//! - [`node`]: a plan node as labels and properties
//! - [`details`]: properties of each kind of node
//! - [`text`], [`structured`]: printing

mod details;
mod names;
mod node;
mod options;
mod structured;
mod text;

use super::Outcome;
use crate::env::Env;
use crate::output::Column;
use crate::plan::CachedPlan;
use crate::portal::Execution;
use node::{Explained, Explainer};
use options::{ExplainFormat, ExplainOptions};
use pglitedb_analyzer::ParamTypes;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{ExplainStatement, Statement};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, oids};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Times for the summary.
#[derive(Default)]
struct Times {
    planning: Duration,
    execution: Option<Duration>,
}

/// Columns of its result.
pub(super) fn columns(stmt: &ExplainStatement) -> Result<Arc<[Column]>> {
    let options = ExplainOptions::new(&stmt.options)?;
    let type_oid = match options.format {
        ExplainFormat::Json => oids::JSON,
        ExplainFormat::Xml => oids::XML,
        ExplainFormat::Text | ExplainFormat::Yaml => oids::TEXT,
    };
    Ok(Arc::new([super::column("QUERY PLAN", type_oid, -1)]))
}

/// Runs it.
pub(super) fn run(
    env: &Env,
    stmt: &ExplainStatement,
    source: &Arc<str>,
    params: &[Datum],
) -> Result<Outcome> {
    let options = ExplainOptions::new(&stmt.options)?;
    let begun = Instant::now();
    let (plan, params) = plan_of(env, &stmt.statement, source, params, &options)?;
    let mut times = Times { planning: begun.elapsed(), execution: None };
    let Some(plan) = plan else {
        let text = "Utility statements have no plan structure".to_owned();
        return outcome(stmt, vec![text]);
    };
    env.lock_plan(&*env.txn()?, &plan)?;
    let execution = if options.analyze { Some(execute(env, &plan, &params, &mut times)?) } else { None };
    let explainer = Explainer::new(env, &plan, &options, execution.as_ref());
    let root = explainer.root()?;
    let explained = Explained {
        root,
        settings: if options.settings { changed_settings(env)? } else { Vec::new() },
        planning: options.summary.then_some(times.planning),
        execution: times.execution.filter(|_| options.summary),
    };
    let lines = match options.format {
        ExplainFormat::Text => text::lines(&explained, &options),
        _ => vec![structured::print(&explained, &options)],
    };
    outcome(stmt, lines)
}

fn outcome(stmt: &ExplainStatement, lines: Vec<String>) -> Result<Outcome> {
    let rows = lines.iter().map(|line| vec![Datum::text(line)]).collect();
    Ok(Outcome::Rows { columns: columns(stmt)?, rows, tag: "EXPLAIN", formats: Vec::new() })
}

/// The plan of the statement to explain, and values of its parameters; `None` if it has none.
fn plan_of(
    env: &Env,
    stmt: &Statement,
    source: &Arc<str>,
    params: &[Datum],
    options: &ExplainOptions,
) -> Result<(Option<Arc<CachedPlan>>, Vec<Datum>)> {
    let query;
    let stmt = match stmt {
        Statement::DeclareCursor(declare) => {
            query = Statement::Select(declare.query.clone());
            &query
        }
        Statement::Execute(execute) => {
            let portal = super::prepare::execute(env, execute, source, params)?;
            let plan = env.plan_prepared(&portal.prepared)?;
            return Ok((Some(plan), portal.params.to_vec()));
        }
        Statement::CreateTableAs(_) if options.analyze => {
            return Err(Error::unsupported("EXPLAIN ANALYZE of CREATE TABLE AS is not supported yet"));
        }
        Statement::CreateTableAs(create) => return plan_of(env, &create.source, source, params, options),
        Statement::Select(_)
        | Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Merge(_) => stmt,
        _ => return Ok((None, Vec::new())),
    };
    let analyzed = if options.generic_plan {
        env.analyze_for_types(stmt, source, &[])?.0
    } else {
        env.analyze_statement(stmt, source, ParamTypes::None)?
    };
    let planned = env.plan(analyzed.query)?;
    Ok((Some(Arc::new(CachedPlan::new(env.plan_key(), planned, analyzed.columns))), params.to_vec()))
}

/// Runs the plan, keeping what every node does; rows are thrown away.
fn execute(env: &Env, plan: &Arc<CachedPlan>, params: &[Datum], times: &mut Times) -> Result<Execution> {
    let begun = Instant::now();
    let mut execution = Execution::start_instrumented(env, plan.clone())?;
    let mut row = Vec::new();
    while execution.next(env, params, &mut row)? {}
    times.execution = Some(begun.elapsed());
    Ok(execution)
}

/// Settings of the planner that differ from their defaults: name and value.
fn changed_settings(env: &Env) -> Result<Vec<(String, String)>> {
    let mut changed = Vec::new();
    for definition in crate::settings::definition::definitions() {
        let name = definition.info.name;
        let shown = definition.info.category.starts_with("Query Tuning")
            || matches!(name, "work_mem" | "hash_mem_multiplier" | "search_path" | "temp_buffers");
        if shown && env.show(name)?.is_some_and(|value| *value != *definition.default) {
            changed.push((name.to_owned(), env.setting(name)?.unwrap_or_default()));
        }
    }
    Ok(changed)
}
