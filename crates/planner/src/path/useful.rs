//! Which orders of joined rows are worth remembering.
//!
//! A path with an order that nothing can use is no better than one without; keeping it would multiply the paths of every larger join.

use super::clause::RelMap;
use super::{PathKey, RelSet, strip};
use pglitedb_query_tree::{Expr, FromItem, Query};

/// The columns of a query level by which it may pay that rows are sorted.
#[derive(Default)]
pub(crate) struct UsefulOrders {
    /// Columns that grouping, sorting and aggregates above the joins look at.
    above: Vec<Expr>,
    /// Columns compared with one another in the level's conditions, directly or by way of others, and their relations: an order by one of
    /// them serves a merge join as long as some of these relations are still to be joined.
    classes: Vec<(Vec<Expr>, RelSet)>,
}

impl UsefulOrders {
    /// Of a query with these conditions in WHERE, whose upper part looks at the order of `above` expressions.
    pub(crate) fn new<'e>(
        query: &Query,
        conds: &[Expr],
        map: &RelMap,
        above: impl Iterator<Item = &'e Expr>,
    ) -> UsefulOrders {
        let mut useful = UsefulOrders::default();
        above.for_each(|expr| useful.note_above(expr));
        let aggregates = |expr: &Expr| expr.any(&mut |node| matches!(node, Expr::Agg(_)));
        let outputs = query.targets.iter().map(|target| &target.expr).chain(&query.having);
        outputs.filter(|expr| aggregates(expr)).for_each(|expr| useful.note_above(expr));
        conds.iter().for_each(|cond| useful.note_condition(cond, map));
        query.from.iter().for_each(|item| useful.note_item(item, map));
        useful
    }

    fn note_above(&mut self, expr: &Expr) {
        expr.walk(&mut |node| {
            if matches!(node, Expr::Var(_)) && !self.above.contains(node) {
                self.above.push(node.clone());
            }
            true
        });
    }

    fn note_item(&mut self, item: &FromItem, map: &RelMap) {
        if let FromItem::Join(join) = item {
            self.note_item(&join.left, map);
            self.note_item(&join.right, map);
            if let Some(quals) = &join.quals {
                self.note_condition(quals, map);
            }
        }
    }

    /// Any two columns that one operator compares count: whether it is an equality is seen elsewhere.
    fn note_condition(&mut self, expr: &Expr, map: &RelMap) {
        expr.walk(&mut |node| {
            if let Expr::Op(op) = node
                && let [left, right] = op.args.as_slice()
                && let (left @ Expr::Var(_), right @ Expr::Var(_)) = (strip(left), strip(right))
            {
                self.connect(left, right, map);
            }
            true
        });
    }

    fn connect(&mut self, left: &Expr, right: &Expr, map: &RelMap) {
        let mut merged = (vec![left.clone(), right.clone()], map.rels(left).union(map.rels(right)));
        self.classes.retain(|(members, rels)| {
            let shared = members.contains(left) || members.contains(right);
            if shared {
                merged.0.extend(members.iter().filter(|member| *member != left && *member != right).cloned());
                merged.1 = merged.1.union(*rels);
            }
            !shared
        });
        self.classes.push(merged);
    }

    /// The part of an order of joined `rels` that is of use.
    pub(crate) fn part(&self, rels: RelSet, mut order: Vec<PathKey>) -> Vec<PathKey> {
        let end = order.iter().position(|key| !self.is_useful(rels, key));
        order.truncate(end.unwrap_or(order.len()));
        order
    }

    /// For merging alone one direction will do: descending orders count only where the level above looks at the column.
    fn is_useful(&self, rels: RelSet, key: &PathKey) -> bool {
        let expr = &key.expr;
        !matches!(expr, Expr::Var(_))
            || self.above.contains(expr)
            || !key.descending
                && self.classes.iter().any(|(members, of)| members.contains(expr) && !of.within(rels))
    }
}
