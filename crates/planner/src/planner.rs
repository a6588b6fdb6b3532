//! The planner's entry point and the state of one planning run.

use crate::fold::Folder;
use crate::settings::Settings;
use crate::{prep, upper};
use pglitedb_catalog::Catalog;
use pglitedb_functions::{Registry, SessionEnv};
use pglitedb_query_tree::{
    CommandType, Expr, InitPlan, Param, ParamKind, Plan, PlanRte, PlannedStmt, Query, Rte, RteKind,
    TableLockMode, Var,
};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::Oid;
use std::collections::HashMap;
use std::sync::Arc;

/// Subqueries nested deeper than this are refused (54001).
const NESTING_MAX: usize = 256;

/// What planning depends on.
#[derive(Clone, Copy)]
pub struct PlannerContext<'a> {
    /// The catalogs.
    pub catalog: &'a dyn Catalog,
    /// The session, for folding constants.
    pub env: &'a dyn SessionEnv,
    /// Functions.
    pub registry: &'a Registry,
    /// Settings.
    pub settings: &'a Settings,
}

/// Plans a query.
///
/// Errors: `0A000` for what is not supported, `54001` for too deep nesting, and whatever a catalog look-up raises.
pub fn plan_query(query: Query, ctx: &PlannerContext<'_>) -> Result<PlannedStmt> {
    let command = query.command;
    let returns_rows = command == CommandType::Select || !query.returning.is_empty();
    let has_modifying_cte = query.has_modifying_cte;
    let mut planner = Planner::new(ctx);
    let param_count = count_params(&query);
    let plan = planner.query(query, ctx.settings.tuple_fraction, true)?.plan;
    Ok(PlannedStmt {
        command,
        plan,
        subplans: planner.subplans,
        exec_params: planner.exec_params,
        locks: planner.locks,
        rte_names: planner.rte_names,
        empty_froms: planner.empty_froms,
        param_count,
        returns_rows,
        has_modifying_cte,
        transient: false,
        privileges: planner.privileges,
    })
}

fn count_params(query: &Query) -> usize {
    let mut count = 0;
    query.walk_exprs(0, &mut |expr, _| {
        if let Expr::Param(Param { kind: ParamKind::External, id, .. }) = expr {
            count = count.max(*id);
        }
    });
    count
}

/// A query level being planned: what inner levels asked of it.
#[derive(Default)]
pub(crate) struct Level {
    /// Expressions (of this level, `levels_up` 0) that inner queries use, with the parameters that carry them.
    pub outer_refs: Vec<(Expr, usize)>,
    /// WITH queries of this level by name: index into `subplans`, rows, width.
    pub ctes: HashMap<Arc<str>, CtePlan>,
    /// Init plans that the upper plan of this level asks for.
    pub init_plans: Vec<InitPlan>,
}

/// A planned WITH query.
#[derive(Clone)]
pub(crate) struct CtePlan {
    pub plan: usize,
    pub rows: f64,
    pub width: i32,
    /// A recursive query's own work table while its recursive term is planned.
    pub work_table: Option<usize>,
}

/// A planned query level.
pub(crate) struct PlannedQuery {
    pub plan: Plan,
}

/// State of one planning run.
pub(crate) struct Planner<'a> {
    pub ctx: PlannerContext<'a>,
    pub subplans: Vec<Plan>,
    pub exec_params: usize,
    pub locks: Vec<(Oid, TableLockMode)>,
    pub rte_names: Vec<PlanRte>,
    pub empty_froms: usize,
    pub privileges: Vec<(Oid, Oid, u32)>,
    pub levels: Vec<Level>,
    pub subplan_count: usize,
    pub work_tables: usize,
}

impl<'a> Planner<'a> {
    fn new(ctx: &PlannerContext<'a>) -> Self {
        Planner {
            ctx: *ctx,
            subplans: Vec::new(),
            exec_params: 0,
            locks: Vec::new(),
            rte_names: Vec::new(),
            empty_froms: 0,
            privileges: Vec::new(),
            levels: Vec::new(),
            subplan_count: 0,
            work_tables: 0,
        }
    }

    pub(crate) fn settings(&self) -> &'a Settings {
        self.ctx.settings
    }

    pub(crate) fn catalog(&self) -> &'a dyn Catalog {
        self.ctx.catalog
    }

    pub(crate) fn folder(&self) -> Folder<'a> {
        Folder { catalog: self.ctx.catalog, env: self.ctx.env, registry: self.ctx.registry, lenient: false }
    }

    pub(crate) fn new_param(&mut self) -> usize {
        self.exec_params += 1;
        self.exec_params - 1
    }

    /// Plans one query level. `tuple_fraction` 0 asks for all rows, a number below 1 for that fraction, another for so
    /// many rows.
    pub(crate) fn query(&mut self, mut query: Query, tuple_fraction: f64, top: bool) -> Result<PlannedQuery> {
        if self.levels.len() >= NESTING_MAX {
            bail!(STATEMENT_TOO_COMPLEX, "query is nested too deeply");
        }
        self.levels.push(Level::default());
        let result = self.query_inner(&mut query, tuple_fraction, top);
        self.levels.pop();
        Ok(PlannedQuery { plan: result? })
    }

    fn query_inner(&mut self, query: &mut Query, tuple_fraction: f64, top: bool) -> Result<Plan> {
        self.replace_outer_refs(query);
        prep::ctes::plan_ctes(self, query)?;
        let mut plan = if query.set_operation.is_some() {
            let offset = self.register_rtes(query)?;
            upper::setop::plan_set_operation(self, query, offset, tuple_fraction)?
        } else {
            prep::preprocess(self, query)?;
            let offset = self.register_rtes(query)?;
            upper::plan_upper(self, query, offset, tuple_fraction, top)?
        };
        for name in prep::ctes::modifying_ctes(query) {
            // A data-modifying WITH query runs to completion whether or not it is referred to.
            if let Some(cte) = self.level().ctes.get(&name) {
                let kind = pglitedb_query_tree::SubLinkKind::MultiExpr;
                let init = pglitedb_query_tree::InitPlan {
                    plan: cte.plan,
                    name: Arc::from(format!("CTE {name}")),
                    kind,
                    params: Vec::new(),
                    element_type: 0,
                };
                plan.init_plans.push(init);
            }
        }
        Ok(plan)
    }

    /// The level being planned.
    pub(crate) fn level(&mut self) -> &mut Level {
        let at = self.levels.len() - 1;
        &mut self.levels[at]
    }

    /// Parameter that carries an expression of an outer level into the current one.
    fn outer_param(&mut self, levels_up: u32, expr: Expr) -> Option<usize> {
        let at = self.levels.len().checked_sub(1 + levels_up as usize)?;
        if let Some((_, id)) = self.levels[at].outer_refs.iter().find(|(known, _)| *known == expr) {
            return Some(*id);
        }
        let id = self.new_param();
        self.levels[at].outer_refs.push((expr, id));
        Some(id)
    }

    /// Replaces references of this query (and of the queries inside it) to outer levels by parameters. Inner queries
    /// are treated when they are planned, except for what they refer to beyond this level.
    pub(crate) fn replace_outer_refs(&mut self, query: &mut Query) {
        query.for_each_expr_mut(&mut |top| self.replace_outer(top, 0));
    }

    /// The same for an expression of the level `base` above the current one. Top-down, because placeholders and
    /// aggregates of an outer level go there whole, arguments and all.
    fn replace_outer(&mut self, expr: &mut Expr, base: u32) {
        let levels_up = match &*expr {
            Expr::Var(var) => var.levels_up,
            Expr::PlaceHolder(holder) => holder.levels_up,
            Expr::Agg(agg) => agg.levels_up,
            Expr::Grouping { levels_up, .. } => *levels_up,
            _ => 0,
        };
        if levels_up > 0 {
            let mut outer = expr.clone();
            #[allow(clippy::cast_possible_wrap)]
            outer.shift_levels(-(levels_up as i32), levels_up);
            if !matches!(outer, Expr::Var(_)) {
                outer.for_each_child_mut(&mut |child| self.replace_outer(child, base + levels_up));
            }
            if let Some(id) = self.outer_param(base + levels_up, outer) {
                *expr = exec_param(id, expr);
                return;
            }
        }
        expr.for_each_child_mut(&mut |child| self.replace_outer(child, base));
    }

    /// Adds a query's range table to the statement's and collects locks and privileges; returns the offset.
    pub(crate) fn register_rtes(&mut self, query: &Query) -> Result<usize> {
        let offset = self.rte_names.len();
        self.empty_froms += usize::from(query.from.is_empty() && query.set_operation.is_none());
        for rte in &query.rtable {
            let relation = match &rte.kind {
                RteKind::Relation { oid, lock, .. } => {
                    match self.locks.iter_mut().find(|(locked, _)| locked == oid) {
                        Some((_, mode)) => *mode = (*mode).max(*lock),
                        None => self.locks.push((*oid, *lock)),
                    }
                    self.catalog().relation(*oid)?
                }
                _ => None,
            };
            if let RteKind::Relation { oid, .. } | RteKind::Subquery { view: oid, .. } = &rte.kind
                && *oid != 0
                && rte.required_privileges != 0
            {
                self.privileges.push((*oid, rte.check_as_user, rte.required_privileges));
            }
            let alias = self.unique_alias(rte);
            self.rte_names.push(PlanRte { alias, relation, columns: rte.columns.clone() });
        }
        Ok(offset)
    }

    fn unique_alias(&self, rte: &Rte) -> Arc<str> {
        let taken = |name: &str| self.rte_names.iter().any(|known| &*known.alias == name);
        if matches!(rte.kind, RteKind::Join { .. }) || !taken(&rte.name) {
            return rte.name.clone();
        }
        (1..)
            .map(|n| format!("{}_{n}", rte.name))
            .find(|name| !taken(name))
            .map_or_else(|| rte.name.clone(), Arc::from)
    }
}

/// A parameter standing for an expression.
pub(crate) fn exec_param(id: usize, like: &Expr) -> Expr {
    Expr::Param(Param {
        kind: ParamKind::Exec,
        id,
        type_oid: like.type_oid(),
        typmod: like.typmod(),
        collation: like.collation(),
        position: like.position(),
    })
}

/// The relation a variable of the current level belongs to.
pub(crate) fn var_rte(var: &Var) -> Option<usize> {
    match var.source {
        pglitedb_query_tree::VarSource::Rte(rte) if var.levels_up == 0 => Some(rte),
        _ => None,
    }
}
