//! Aggregate calls: their level, their arguments, where they may stand.

use super::call::CallParts;
use super::errors::Placed;
use crate::binder::Binder;
use crate::lookup::dotted;
use pglitedb_catalog::{AggregateInfo, ProcInfo};
use pglitedb_query_tree::{Aggref, Expr, RteKind, TargetEntry};
use pglitedb_sql_parser::ast::SortItem;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::Oid;

/// The innermost levels that an aggregate's arguments refer to, relative to the current level.
#[derive(Default)]
pub(crate) struct ArgLevels {
    pub min_var: Option<u32>,
    pub min_agg: Option<u32>,
    /// Where such an aggregate or variable stands.
    pub agg_at: Option<usize>,
    pub window_at: Option<Option<usize>>,
    pub srf_at: Option<Option<usize>>,
    /// A reference to a WITH query of the aggregate's own level.
    pub min_cte: Option<u32>,
}

impl ArgLevels {
    /// Looks at an expression of the current level.
    pub fn add(&mut self, expr: &Expr) {
        expr.walk(&mut |node| {
            self.node(node, 0);
            if let Expr::SubLink(link) = node {
                self.query(&link.query, 1);
            }
            true
        });
    }

    fn query(&mut self, query: &pglitedb_query_tree::Query, depth: u32) {
        query.for_each_expr(&mut |top| {
            top.walk(&mut |node| {
                self.node(node, depth);
                true
            });
        });
        for rte in &query.rtable {
            if let RteKind::Cte { levels_up, .. } = rte.kind
                && levels_up >= depth
            {
                lower(&mut self.min_cte, levels_up - depth);
            }
        }
        query.for_each_subquery(&mut |inner| self.query(inner, depth + 1));
    }

    fn node(&mut self, node: &Expr, depth: u32) {
        match node {
            Expr::Var(var) if var.levels_up >= depth => lower(&mut self.min_var, var.levels_up - depth),
            Expr::Agg(agg) if agg.levels_up >= depth => {
                let level = agg.levels_up - depth;
                if self.min_agg.is_none_or(|known| level < known) {
                    self.agg_at = agg.position.get();
                }
                lower(&mut self.min_agg, level);
            }
            Expr::Grouping { levels_up, .. } if *levels_up >= depth => {
                lower(&mut self.min_agg, levels_up - depth);
            }
            Expr::Window(window) if depth == 0 => self.window_at = Some(window.position.get()),
            Expr::Func(func) if depth == 0 && func.returns_set => {
                self.srf_at = Some(func.position.get());
            }
            _ => {}
        }
    }
}

fn lower(slot: &mut Option<u32>, level: u32) {
    *slot = Some(slot.map_or(level, |known| known.min(level)));
}

impl<'c> Binder<'c> {
    /// Does the call's syntax fit the kind of aggregate?
    pub(super) fn check_aggregate_shape(
        &mut self,
        parts: &CallParts<'_, '_>,
        proc: &ProcInfo,
        actual: &[Oid],
        variadic_count: usize,
    ) -> Result<()> {
        let info = self
            .ctx
            .catalog
            .aggregate(proc.oid)?
            .ok_or_else(|| Error::internal("cache lookup failed for aggregate"))?;
        let name = dotted(parts.name);
        let fail = |message: String| Err(err!(WRONG_OBJECT_TYPE, "{message}").at(parts.at));
        if info.kind == b'n' {
            if parts.within_group {
                return fail(format!(
                    "{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
                ));
            }
            return Ok(());
        }
        if !parts.within_group {
            return fail(format!("WITHIN GROUP is required for ordered-set aggregate {name}"));
        }
        if parts.over.is_some() {
            return Err(Error::unsupported(format!(
                "OVER is not supported for ordered-set aggregate {name}"
            ))
            .at(parts.at));
        }
        if parts.distinct {
            return fail("cannot use DISTINCT with WITHIN GROUP".into());
        }
        if parts.variadic {
            return fail("cannot use VARIADIC with WITHIN GROUP".into());
        }
        let ordered = parts.order_by.len();
        let direct = actual.len().saturating_sub(ordered);
        let expected = usize::from(info.direct_args);
        let missing = |hint: String| Err(self.call_error(parts, actual, false).hint(hint));
        if proc.variadic == 0 {
            if direct != expected {
                return missing(format!(
                    "There is an ordered-set aggregate {name}, but it requires {expected} direct \
                     argument{}, not {direct}.",
                    if expected == 1 { "" } else { "s" }
                ));
            }
        } else if info.kind == b'h' {
            // Hypothetical: one direct argument for each ordering column.
            if direct != ordered {
                return missing(format!(
                    "To use the hypothetical-set aggregate {name}, the number of hypothetical direct arguments \
                     (here {direct}) must match the number of ordering columns (here {ordered})."
                ));
            }
        } else if direct < expected || variadic_count == 0 {
            return missing(format!(
                "There is an ordered-set aggregate {name}, but it requires at least {expected} direct argument{}.",
                if expected == 1 { "" } else { "s" }
            ));
        }
        Ok(())
    }

    /// The transition type with polymorphism resolved.
    pub(super) fn transition_type(
        &self,
        info: &AggregateInfo,
        declared: &[Oid],
        actual: &[Oid],
    ) -> Result<Oid> {
        if !crate::types::is_polymorphic(info.trans_type) {
            return Ok(info.trans_type);
        }
        let mut declared = declared.to_vec();
        super::polymorphic::enforce(self, actual, &mut declared, info.trans_type, false)
    }

    /// Splits arguments into direct, aggregated and ordering ones, and finds the aggregate's level.
    pub(super) fn finish_aggregate(
        &mut self,
        mut agg: Aggref,
        mut args: Vec<Expr>,
        info: &AggregateInfo,
        order_by: &'c [SortItem],
        distinct: bool,
    ) -> Result<Expr> {
        agg.arg_types = args.iter().map(Expr::type_oid).collect();
        if info.kind != b'n' {
            let direct = args.len().saturating_sub(order_by.len());
            let mut aggregated = args.split_off(direct);
            agg.direct_args = args;
            if info.kind == b'h' {
                self.unify_hypothetical(&mut agg.direct_args, &mut aggregated)?;
                agg.arg_types = agg.direct_args.iter().chain(&aggregated).map(Expr::type_oid).collect();
            }
            let mut list = targets_of(aggregated);
            let mut clauses = Vec::with_capacity(order_by.len());
            for (index, item) in order_by.iter().enumerate() {
                let clause = self.sort_clause_for(&mut list, index, item)?;
                clauses.push(clause);
            }
            agg.args = list;
            agg.order_by = clauses;
        } else {
            let mut list = targets_of(args);
            let count = list.len();
            if !order_by.is_empty() {
                agg.order_by = self.aggregate_order(order_by, &mut list)?;
            }
            if distinct {
                agg.distinct = self.aggregate_distinct(&mut list, &agg.order_by, count)?;
                for clause in &agg.distinct {
                    if clause.sort_op == 0 {
                        let at = list
                            .iter()
                            .find(|target| target.sort_group_ref == clause.target_ref)
                            .map(|target| (target.expr.type_oid(), target.expr.position().get()));
                        let (type_oid, at) = at.unwrap_or((0, None));
                        return Err(err!(
                            UNDEFINED_FUNCTION,
                            "could not identify an ordering operator for type {}",
                            self.type_name(type_oid)
                        )
                        .detail("Aggregates with DISTINCT must be able to sort their inputs.")
                        .at_opt(at));
                    }
                }
            }
            agg.args = list;
        }
        let mut levels = ArgLevels::default();
        agg.args.iter().for_each(|target| levels.add(&target.expr));
        if let Some(filter) = &agg.filter {
            levels.add(filter);
        }
        let level = self.aggregate_level(&levels, &agg.direct_args, agg.position.get())?;
        agg.levels_up = level;
        self.place_aggregate(level, Placed::Aggregate, agg.position.get())?;
        if level > 0 {
            // PostgreSQL keeps the arguments' levels as seen from here.
            return Ok(Expr::Agg(Box::new(agg)));
        }
        Ok(Expr::Agg(Box::new(agg)))
    }

    /// Arguments of hypothetical-set aggregates and ordering columns must have common types.
    fn unify_hypothetical(&mut self, direct: &mut [Expr], aggregated: &mut [Expr]) -> Result<()> {
        for (arg, ordered) in direct.iter_mut().zip(aggregated) {
            if arg.type_oid() == ordered.type_oid() {
                continue;
            }
            let common = self.common_type(&[ordered, arg], Some("WITHIN GROUP"))?;
            for side in [arg, ordered] {
                let taken = std::mem::replace(side, Expr::bool_const(false));
                *side = self.coerce_to_common(taken, common, "WITHIN GROUP")?;
            }
        }
        Ok(())
    }

    /// The level an aggregate belongs to: the innermost its arguments refer to.
    pub fn aggregate_level(&self, levels: &ArgLevels, direct: &[Expr], at: Option<usize>) -> Result<u32> {
        if let Some(srf) = levels.srf_at {
            return Err(Error::unsupported(
                "aggregate function calls cannot contain set-returning function calls",
            )
            .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
            .at_opt(srf));
        }
        if let Some(window) = levels.window_at {
            return Err(err!(
                GROUPING_ERROR,
                "aggregate function calls cannot contain window function calls"
            )
            .at_opt(window));
        }
        let level = match (levels.min_var, levels.min_agg) {
            (Some(var), Some(agg)) => var.min(agg),
            (Some(var), None) => var,
            (None, Some(agg)) => agg,
            (None, None) => 0,
        };
        if levels.min_agg == Some(level) {
            return Err(err!(GROUPING_ERROR, "aggregate function calls cannot be nested")
                .at_opt(levels.agg_at.or(at)));
        }
        if let Some(cte) = levels.min_cte
            && cte < level
        {
            return Err(err!(GROUPING_ERROR, "outer-level aggregate cannot use a nested CTE").at_opt(at));
        }
        if !direct.is_empty() {
            let mut own = ArgLevels::default();
            direct.iter().for_each(|arg| own.add(arg));
            if own.min_var.is_some_and(|var| var < level) {
                return Err(err!(
                    GROUPING_ERROR,
                    "outer-level aggregate cannot contain a lower-level variable in its direct arguments"
                )
                .at_opt(at));
            }
            if own.min_agg.is_some_and(|agg| agg <= level) {
                return Err(err!(GROUPING_ERROR, "aggregate function calls cannot be nested")
                    .at_opt(own.agg_at.or(at)));
            }
        }
        Ok(level)
    }

    /// Notes an aggregate (or GROUPING) of a level, unless its place forbids it.
    pub fn place_aggregate(&mut self, levels_up: u32, what: Placed, at: Option<usize>) -> Result<()> {
        use crate::ExprKind::*;
        let Some(index) = (self.levels.len() - 1).checked_sub(levels_up as usize) else {
            return Err(Error::internal("aggregate of a level that is not there"));
        };
        let level = &mut self.levels[index];
        let kind = level.kind;
        let allowed = match kind {
            None | Other | Having | SelectTarget | WindowPartition | WindowOrder | OrderBy | DistinctOn => {
                true
            }
            // A set operation's or lateral subquery's level counts by what refers to it.
            FromSubselect => true,
            _ => false,
        };
        if !allowed {
            return Err(err!(GROUPING_ERROR, "{}", what.refused_in(kind)).at_opt(at));
        }
        if kind == FromSubselect {
            return Err(err!(
                GROUPING_ERROR,
                "aggregate functions are not allowed in FROM clause of their own query level"
            )
            .at_opt(at));
        }
        if what == Placed::Aggregate {
            level.has_aggs = true;
        } else {
            level.has_aggs = true;
            level.has_grouping = true;
        }
        Ok(())
    }
}

fn targets_of(args: Vec<Expr>) -> Vec<TargetEntry> {
    args.into_iter()
        .enumerate()
        .map(|(index, expr)| crate::target::target(expr, index + 1, std::option::Option::None))
        .collect()
}
