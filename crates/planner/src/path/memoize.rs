//! Caching the inner side of a nested loop by the values it depends on.

use super::join_paths::Pair;
use super::{Path, PathKind, RelSet, join_cost};
use crate::refs::pull_vars;
use pglitedb_query_tree::{Expr, JoinType, Plan, RteKind};
use std::rc::Rc;

/// The inner path with a cache on top, if it depends on the outer side in a way that can be looked up.
pub(super) fn path(pair: &Pair<'_, '_, '_>, outer: &Rc<Path>, inner: &Rc<Path>) -> Option<Path> {
    let planner = pair.search.planner;
    let settings = planner.settings();
    if !settings.enable_memoize || outer.rows < 2.0 || !inner.required.overlaps(pair.left.rels) {
        return None;
    }
    // A semi join leaves the inner side half read, unless there is only one row to read.
    if !pair.work.unique && matches!(pair.work.join, JoinType::Semi | JoinType::Anti) {
        return None;
    }
    let mut keys = Keys { pair, own: inner.rels, list: Vec::new(), binary: false };
    keys.collect(inner)?;
    if keys.list.is_empty() || pair.work.unique && keys.applied(inner) < pair.clauses.len() {
        return None;
    }
    let mut width = 0;
    let mut distinct = 1.0;
    for key in &keys.list {
        width += super::base::type_width(key.type_oid(), key.typmod());
        let known = pair.search.estimator.distinct_if_known(key);
        distinct *= known.unwrap_or(outer.rows);
    }
    let (first, rescan) = join_cost::memoize(settings, inner, outer.rows, distinct.min(outer.rows), width);
    Some(Path {
        kind: PathKind::Memoize {
            input: inner.clone(),
            keys: keys.list,
            binary: keys.binary,
            single: pair.work.unique,
            rescan,
        },
        rels: inner.rels,
        required: inner.required,
        disabled: inner.disabled,
        rows: inner.rows,
        startup: first.startup,
        total: first.total,
        width: inner.width,
        pathkeys: inner.pathkeys.clone(),
    })
}

struct Keys<'a, 'b, 's, 'p> {
    pair: &'a Pair<'b, 's, 'p>,
    own: RelSet,
    list: Vec<Expr>,
    /// Keys are compared byte by byte, because more than an equality depends on them.
    binary: bool,
}

impl Keys<'_, '_, '_, '_> {
    fn collect(&mut self, inner: &Path) -> Option<()> {
        let planner = self.pair.search.planner;
        let volatile = |exprs: &[Expr]| {
            exprs.iter().any(|expr| crate::prep::ctes::expr_is_volatile(planner, expr).unwrap_or(true))
        };
        let quals = match &inner.kind {
            PathKind::Index { conds, quals, .. } => {
                for cond in conds {
                    self.clause(&cond.clause)?;
                }
                quals
            }
            PathKind::BitmapHeap { bitmap, quals } => {
                for clause in &bitmap.clauses {
                    self.clause(clause)?;
                }
                quals
            }
            PathKind::Subquery { plan, params, quals } => {
                if plan_is_volatile(planner, plan) {
                    return None;
                }
                for (expr, _) in params {
                    self.lateral(expr);
                }
                quals
            }
            PathKind::Seq { quals } | PathKind::Other { quals } => quals,
            _ => return None,
        };
        if volatile(quals) {
            return None;
        }
        self.references(inner, &volatile)
    }

    /// Lateral references of the relation itself: function arguments, VALUES, placeholders.
    fn references(&mut self, inner: &Path, volatile: &dyn Fn(&[Expr]) -> bool) -> Option<()> {
        let rel = inner.rels.iter().next()?;
        let base = &self.pair.search.base.rels[rel];
        if base.lateral.is_empty() {
            return Some(());
        }
        let query = self.pair.search.estimator.query;
        let mut exprs: Vec<Expr> = Vec::new();
        match &query.rtable.get(base.rte)?.kind {
            RteKind::Function { functions, .. } => {
                exprs.extend(functions.iter().map(|function| function.expr.clone()));
            }
            RteKind::Values { rows } => exprs.extend(rows.iter().flatten().cloned()),
            RteKind::TableFunction { args, .. } => exprs.extend(args.iter().cloned()),
            _ => {}
        }
        let map = &self.pair.search.base.map;
        query.for_each_expr(&mut |top| {
            top.walk(&mut |expr| {
                if let Expr::PlaceHolder(holder) = expr
                    && map.rels(expr) == self.own
                {
                    exprs.push(holder.expr.clone());
                }
                true
            });
        });
        if volatile(&exprs) {
            return None;
        }
        exprs.iter().for_each(|expr| self.lateral(expr));
        Some(())
    }

    fn lateral(&mut self, expr: &Expr) {
        let map = &self.pair.search.base.map;
        let mut vars = Vec::new();
        pull_vars(expr, &mut vars);
        for var in vars {
            if !map.rels(&var).overlaps(self.own) {
                self.binary = true;
                self.push(var);
            }
        }
    }

    fn push(&mut self, key: Expr) {
        if !self.list.contains(&key) {
            self.list.push(key);
        }
    }

    /// A condition must be an equality that hashing respects.
    fn clause(&mut self, clause: &Expr) -> Option<()> {
        let map = &self.pair.search.base.map;
        if map.rels(clause).within(self.own) {
            return Some(());
        }
        let Expr::Op(op) = clause else { return None };
        let [left, right] = op.args.as_slice() else { return None };
        let catalog = self.pair.search.planner.catalog();
        let outside = match (map.rels(left) == self.own, map.rels(right) == self.own) {
            (true, false) => right,
            (false, true) => left,
            _ => return None,
        };
        if map.rels(outside).overlaps(self.own) {
            return None;
        }
        let equality =
            super::clause::hashable(catalog, op.op).unwrap_or(false) && left.type_oid() == right.type_oid();
        self.binary |= !equality;
        self.push(outside.clone());
        Some(())
    }

    /// How many join conditions the inner side applies.
    fn applied(&self, inner: &Path) -> usize {
        let clauses: Vec<&Expr> = match &inner.kind {
            PathKind::Index { conds, .. } => conds.iter().map(|cond| &cond.clause).collect(),
            PathKind::BitmapHeap { bitmap, .. } => bitmap.clauses.iter().collect(),
            _ => Vec::new(),
        };
        self.pair.clauses.iter().filter(|clause| clauses.contains(&&clause.expr)).count()
    }
}

fn plan_is_volatile(planner: &crate::planner::Planner<'_>, plan: &Plan) -> bool {
    let mut volatile = false;
    plan.for_each_expr(&mut |expr| {
        volatile = volatile || crate::prep::ctes::expr_is_volatile(planner, expr).unwrap_or(true);
    });
    volatile || plan.children().into_iter().any(|child| plan_is_volatile(planner, child))
}
