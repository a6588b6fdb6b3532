//! Running queries from within commands and functions.

use super::{CachedPlan, Prepared};
use crate::context::StatementCtx;
use crate::env::Env;
use crate::portal::Execution;
use pglitedb_analyzer::{AnalyzeContext, rewrite};
use pglitedb_query_tree::Query;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

impl StatementCtx<'_> {
    /// Runs a bound query (not yet rewritten) in this statement's transaction and hands every row to `f`; returns how
    /// many rows were handed over or changed.
    pub fn run_query(&self, query: Query, f: &mut dyn FnMut(&[Datum]) -> Result<()>) -> Result<u64> {
        let env = self.env();
        let ctx = AnalyzeContext::new(env, env, self.source());
        let query = rewrite(query, &ctx)?;
        let columns = env.columns_of(&query)?;
        let plan = CachedPlan::new(env.plan_key(), env.plan(query)?, columns);
        env.run_plan(&Arc::new(plan), self.params(), f)
    }

    /// Runs the statement prepared under a name with these values for its parameters (`EXECUTE` inside of other
    /// commands). 26000 if there is none.
    pub fn run_prepared(
        &self,
        name: &str,
        params: &[Datum],
        f: &mut dyn FnMut(&[Datum]) -> Result<()>,
    ) -> Result<u64> {
        let prepared = self.env().prepared(name)?;
        let plan = self.env().plan_prepared(&prepared)?;
        self.env().run_plan(&plan, params, f)
    }
}

impl Env {
    /// A prepared statement; 26000 if there is none of that name.
    pub(crate) fn prepared(&self, name: &str) -> Result<Arc<Prepared>> {
        self.statements.borrow().get(name).cloned().ok_or_else(|| {
            let message = if name.is_empty() {
                "unnamed prepared statement does not exist".to_owned()
            } else {
                format!("prepared statement \"{name}\" does not exist")
            };
            Error::new(pglitedb_sqlstate::codes::INVALID_SQL_STATEMENT_NAME, message)
        })
    }

    /// Runs a plan to its end.
    pub(crate) fn run_plan(
        &self,
        plan: &Arc<CachedPlan>,
        params: &[Datum],
        f: &mut dyn FnMut(&[Datum]) -> Result<()>,
    ) -> Result<u64> {
        let mut execution = Execution::start(self, plan.clone())?;
        let mut row = Vec::new();
        let mut rows = 0;
        while execution.next(self, params, &mut row)? {
            f(&row)?;
            rows += 1;
        }
        let changed = execution.processed();
        let reads = plan.stmt.command == pglitedb_query_tree::CommandType::Select;
        execution.finish(self);
        Ok(if reads { rows } else { changed })
    }

    /// Runs one statement with parameters inside of the current transaction, as functions do, and collects its rows.
    pub fn query(&self, sql: &str, types: &[Oid], params: &[Datum]) -> Result<Vec<Vec<Datum>>> {
        let mut parsed = pglitedb_sql_parser::parse(sql)?;
        let stmt = match (parsed.pop(), parsed.is_empty()) {
            (Some(raw), true) => raw.stmt,
            _ => return Err(Error::internal("a query of one statement was expected")),
        };
        let prepared = Prepared::new(Arc::from(sql), Some(stmt), types.into());
        let plan = self.plan_prepared(&prepared)?;
        let mut rows = Vec::new();
        self.run_plan(&plan, params, &mut |row| {
            rows.push(row.to_vec());
            Ok(())
        })?;
        Ok(rows)
    }
}
