//! Text to plan.

use super::prepared::PlanState;
use super::{CachedPlan, PlanKey, Prepared};
use crate::env::Env;
use crate::output::Column;
use pglitedb_analyzer::{AnalyzeContext, ParamTypes, analyze, rewrite};
use pglitedb_planner::{PlannerContext, plan_query};
use pglitedb_query_tree::{CommandType, PlannedStmt, Query};
use pglitedb_sql_parser::ast::Statement;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, TypeEnv};
use std::cell::RefCell;
use std::sync::Arc;

/// A bound and rewritten query with the columns a client sees.
pub(crate) struct AnalyzedQuery {
    pub query: Query,
    pub columns: Arc<[Column]>,
}

impl Env {
    /// What plans made now depend on.
    #[inline]
    pub(crate) fn plan_key(&self) -> PlanKey {
        PlanKey {
            catalog: self.catalog_version(),
            settings: self.plan_settings_version.get(),
            user: self.current_user.get(),
        }
    }

    /// Binds a statement and expands views.
    pub(crate) fn analyze_statement(
        &self,
        stmt: &Statement,
        source: &str,
        params: ParamTypes<'_>,
    ) -> Result<AnalyzedQuery> {
        let ctx = AnalyzeContext::new(self, self, source).with_params(params);
        let query = analyze(stmt, &ctx)?;
        let columns = self.columns_of(&query)?;
        // Views and defaults bring no parameters, but types found so far stay what they are.
        let query = rewrite(query, &ctx)?;
        Ok(AnalyzedQuery { query, columns })
    }

    /// As [`Env::analyze_statement`], finding the types of parameters that are not given (0).
    pub(crate) fn analyze_for_types(
        &self,
        stmt: &Statement,
        source: &str,
        given: &[Oid],
    ) -> Result<(AnalyzedQuery, Arc<[Oid]>)> {
        let types = RefCell::new(given.to_vec());
        let analyzed = self.analyze_statement(stmt, source, ParamTypes::Variable(&types))?;
        Ok((analyzed, types.into_inner().into()))
    }

    /// Columns of a query's result.
    pub(crate) fn columns_of(&self, query: &Query) -> Result<Arc<[Column]>> {
        query
            .result_targets()
            .map(|target| {
                let type_oid = target.expr.type_oid();
                Ok(Column {
                    name: target.name.clone().unwrap_or_else(|| Arc::from("?column?")),
                    type_oid,
                    type_len: TypeEnv::type_info(self, type_oid)?.len,
                    typmod: target.expr.typmod(),
                    table: target.orig_table,
                    attnum: target.orig_column,
                })
            })
            .collect()
    }

    /// Plans a bound and rewritten query.
    pub(crate) fn plan(&self, query: Query) -> Result<PlannedStmt> {
        let settings = self.effective.borrow().planner.clone();
        self.plan_with(query, &settings)
    }

    /// As [`Env::plan`], with other settings.
    pub(crate) fn plan_with(
        &self,
        query: Query,
        settings: &pglitedb_planner::Settings,
    ) -> Result<PlannedStmt> {
        let ctx = PlannerContext { catalog: self, env: self, registry: self.registry(), settings };
        plan_query(query, &ctx)
    }

    /// The plan of a prepared statement: the kept one if it is still good, a new one otherwise.
    pub(crate) fn plan_prepared(&self, prepared: &Prepared) -> Result<Arc<CachedPlan>> {
        let key = self.plan_key();
        let mut analyzed = None;
        {
            let mut state = prepared.plan.lock();
            match &*state {
                PlanState::Planned(plan) if plan.key == key => return Ok(plan.clone()),
                PlanState::Analyzed(known, _) if *known == key => {
                    if let PlanState::Analyzed(_, query) = std::mem::replace(&mut *state, PlanState::None) {
                        analyzed = Some(query);
                    }
                }
                _ => {}
            }
        }
        let analyzed = match analyzed {
            Some(analyzed) => *analyzed,
            None => {
                let stmt = prepared.stmt.as_ref().ok_or_else(|| Error::internal("nothing to plan"))?;
                self.analyze_statement(stmt, &prepared.source, ParamTypes::Fixed(&prepared.param_types))?
            }
        };
        if let Some(described) = &*prepared.described.lock()
            && !same_columns(described, &analyzed.columns)
        {
            return Err(err!(FEATURE_NOT_SUPPORTED, "cached plan must not change result type"));
        }
        let stmt = self.plan(analyzed.query)?;
        let transient = stmt.transient;
        let plan = Arc::new(CachedPlan::new(key, stmt, analyzed.columns));
        if !transient && self.plan_key() == key {
            *prepared.plan.lock() = PlanState::Planned(plan.clone());
        }
        Ok(plan)
    }

    /// Keeps a bound query for the first execution.
    pub(crate) fn keep_analyzed(&self, prepared: &Prepared, key: PlanKey, analyzed: AnalyzedQuery) {
        *prepared.plan.lock() = PlanState::Analyzed(key, Box::new(analyzed));
    }

    /// Result columns of a planned statement, `None` if it returns no rows.
    pub(crate) fn planned_columns(&self, prepared: &Prepared) -> Result<Option<Arc<[Column]>>> {
        let key = self.plan_key();
        let known = match &*prepared.plan.lock() {
            PlanState::Planned(plan) if plan.key == key => {
                Some((plan.columns.clone(), plan.stmt.returns_rows))
            }
            PlanState::Analyzed(known, analyzed) if *known == key => {
                Some((analyzed.columns.clone(), returns_rows(&analyzed.query)))
            }
            _ => None,
        };
        let (columns, rows) = match known {
            Some(known) => known,
            None => {
                let plan = self.plan_prepared(prepared)?;
                (plan.columns.clone(), plan.stmt.returns_rows)
            }
        };
        Ok(rows.then_some(columns))
    }
}

/// Does a query have a result?
pub(crate) fn returns_rows(query: &Query) -> bool {
    query.command == CommandType::Select || !query.returning.is_empty()
}

fn same_columns(a: &[Column], b: &[Column]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| a.name == b.name && a.type_oid == b.type_oid && a.typmod == b.typmod)
}
