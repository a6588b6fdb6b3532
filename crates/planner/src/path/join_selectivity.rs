//! Selectivity of join conditions: equalities from both sides' statistics, semi joins, what merge and hash joins ask.

use super::RelSet;
use super::join_cost::MatchFactors;
use super::selectivity::{Estimator, MergeRanges, VarStats, as_column_value};
use pglitedb_query_tree::Expr;
use pglitedb_types::{Comparator, Datum};
use std::cmp::Ordering;

/// Share of values shared by two lists of most common values.
#[derive(Default)]
struct Common {
    /// Values in both lists.
    matches: f64,
    /// Sum of the products of their frequencies.
    product: f64,
    /// Frequencies of values in both lists, and of those in one only.
    matched: (f64, f64),
    unmatched: (f64, f64),
}

impl Estimator<'_, '_> {
    /// `left = right` across two relations: share of the pairs.
    pub(super) fn equi_join(&self, left: &Expr, right: &Expr) -> f64 {
        if let Some((.., known)) =
            self.joins.borrow().iter().find(|(a, b, _)| a == left && b == right || a == right && b == left)
        {
            return *known;
        }
        let found = self.equi_join_fresh(left, right);
        self.joins.borrow_mut().push((left.clone(), right.clone(), found));
        found
    }

    fn equi_join_fresh(&self, left: &Expr, right: &Expr) -> f64 {
        let (a, b) = (self.var_stats(left), self.var_stats(right));
        let (nd1, nd2) = (self.distinct_of(a.as_ref()).0, self.distinct_of(b.as_ref()).0);
        let nulls = |var: &Option<VarStats>| {
            var.as_ref().and_then(|var| var.stats.as_ref()).map_or(0.0, |stats| stats.null_frac)
        };
        let (null1, null2) = (nulls(&a), nulls(&b));
        if let (Some(a), Some(b)) = (&a, &b)
            && let Some(common) = self.common_values(a, b, f64::INFINITY)
        {
            let lists = (mcv_count(a), mcv_count(b));
            let other1 = (1.0 - null1 - common.matched.0 - common.unmatched.0).clamp(0.0, 1.0);
            let other2 = (1.0 - null2 - common.matched.1 - common.unmatched.1).clamp(0.0, 1.0);
            let total =
                |own_unmatched: f64, own_other: f64, unmatched: f64, other: f64, nd: f64, list: f64| {
                    let mut total = common.product;
                    if nd > list {
                        total += own_unmatched * other / (nd - list);
                    }
                    if nd > common.matches {
                        total += own_other * (other + unmatched) / (nd - common.matches);
                    }
                    total
                };
            let first = total(common.unmatched.0, other1, common.unmatched.1, other2, nd2, lists.1);
            let second = total(common.unmatched.1, other2, common.unmatched.0, other1, nd1, lists.0);
            return first.min(second);
        }
        (1.0 - null1) * (1.0 - null2) / nd1.max(nd2).max(1.0)
    }

    /// Share of the outer rows that have a match among `inner_rows` rows.
    fn semi_join(&self, outer: &Expr, inner: &Expr, inner_rows: f64) -> f64 {
        let (a, b) = (self.var_stats(outer), self.var_stats(inner));
        let (nd1, default1) = self.distinct_of(a.as_ref());
        let (mut nd2, mut default2) = self.distinct_of(b.as_ref());
        if inner_rows <= nd2 {
            nd2 = inner_rows;
            default2 = false;
        }
        let null1 = a.as_ref().and_then(|var| var.stats.as_ref()).map_or(0.0, |stats| stats.null_frac);
        let uncertain = |nd1: f64, nd2: f64| {
            if default1 || default2 {
                0.5
            } else if nd1 <= nd2 || nd2 < 0.0 {
                1.0
            } else {
                nd2 / nd1
            }
        };
        if let (Some(a), Some(b)) = (&a, &b)
            && let Some(common) = self.common_values(a, b, nd2)
        {
            let share = uncertain(nd1 - common.matches, nd2 - common.matches);
            let rest = (1.0 - common.matched.0 - null1).clamp(0.0, 1.0);
            return (common.matched.0 + share * rest).clamp(0.0, 1.0);
        }
        (uncertain(nd1, nd2) * (1.0 - null1)).clamp(0.0, 1.0)
    }

    /// Share of the outer rows for which a semi join's conditions hold.
    pub(crate) fn semi_conjuncts<'e>(
        &self,
        exprs: impl Iterator<Item = &'e Expr>,
        left: RelSet,
        inner_rows: f64,
    ) -> f64 {
        exprs.map(|expr| self.semi_one(expr, left, inner_rows)).product::<f64>().clamp(0.0, 1.0)
    }

    fn semi_one(&self, expr: &Expr, left: RelSet, inner_rows: f64) -> f64 {
        if let Expr::Op(op) = expr
            && let [a, b] = op.args.as_slice()
            && let Ok(Some(info)) = self.planner.catalog().operator(op.op)
        {
            let (of_a, of_b) = (self.map.rels(a), self.map.rels(b));
            if !of_a.is_empty() && !of_b.is_empty() && of_a != of_b {
                let (outer, inner) = if of_a.within(left) { (a, b) } else { (b, a) };
                match &*info.join {
                    "eqjoinsel" => return self.semi_join(outer, inner, inner_rows),
                    "neqjoinsel" => {
                        let stats = self.var_stats(outer).and_then(|var| var.stats);
                        return 1.0 - stats.map_or(0.0, |stats| stats.null_frac);
                    }
                    _ => {}
                }
            }
        }
        self.selectivity(expr)
    }

    /// How outer rows find matches, for joins that stop at the first.
    pub(crate) fn match_factors(&self, exprs: &[&Expr], left: RelSet, inner_rows: f64) -> MatchFactors {
        let share = self.semi_conjuncts(exprs.iter().copied(), left, inner_rows);
        let all = self.conjuncts(exprs.iter().copied());
        let count = if share > 0.0 { (all * inner_rows / share).max(1.0) } else { 1.0 };
        MatchFactors { share, count }
    }

    /// Share of a hash table's rows in the bucket of an average key.
    pub(crate) fn bucket_share(&self, key: &Expr, rows: f64, buckets: f64) -> f64 {
        let var = self.var_stats(key);
        let top = var
            .as_ref()
            .and_then(|var| var.stats.as_ref())
            .and_then(|stats| stats.most_common.first())
            .map_or(0.0, |(_, frequency)| *frequency);
        let (mut distinct, default) = self.distinct_of(var.as_ref());
        if default {
            return top.max(0.1);
        }
        let nulls = var.as_ref().and_then(|var| var.stats.as_ref()).map_or(0.0, |stats| stats.null_frac);
        let average = (1.0 - nulls) / distinct.max(1.0);
        if let Some(var) = &var
            && var.tuples > 0.0
        {
            distinct = (distinct * rows / var.tuples).max(1.0).round_ties_even();
        }
        let mut share = if distinct > buckets { 1.0 / buckets } else { 1.0 / distinct.max(1.0) };
        if average > 0.0 && top > average {
            share *= top / average;
        }
        share.clamp(1e-6, 1.0)
    }

    /// For a merge join: of both sides, the share of rows below the first possible match and up to the last.
    pub(crate) fn merge_ranges(&self, outer: &Expr, inner: &Expr) -> MergeRanges {
        if let Some((.., known)) = self.ranges.borrow().iter().find(|(a, b, _)| a == outer && b == inner) {
            return *known;
        }
        let found = self.merge_ranges_fresh(outer, inner);
        self.ranges.borrow_mut().push((outer.clone(), inner.clone(), found));
        found
    }

    fn merge_ranges_fresh(&self, outer: &Expr, inner: &Expr) -> MergeRanges {
        let all = ((0.0, 1.0), (0.0, 1.0));
        let (Some(a), Some(b)) = (self.var_stats(outer), self.var_stats(inner)) else { return all };
        let (Some(range1), Some(range2)) = (self.value_range(&a), self.value_range(&b)) else { return all };
        let below = |var: &VarStats, value: Datum| self.fraction_below(var, &value);
        let (Some(start1), Some(end1), Some(start2), Some(end2)) =
            (below(&a, range2.0), below(&a, range2.1), below(&b, range1.0), below(&b, range1.1))
        else {
            return all;
        };
        // Only one side can have rows before the other's first, and only one after the other's last.
        let (end1, end2) = match end1.total_cmp(&end2) {
            Ordering::Greater => (1.0, end2),
            Ordering::Less => (end1, 1.0),
            Ordering::Equal => (1.0, 1.0),
        };
        let (start1, start2) = match start1.total_cmp(&start2) {
            Ordering::Less => (0.0, start2),
            Ordering::Greater => (start1, 0.0),
            Ordering::Equal => (0.0, 0.0),
        };
        if start1 >= end1 || start2 >= end2 {
            return all;
        }
        ((start1, end1), (start2, end2))
    }

    /// Distinct values of a key, and whether that is a mere guess.
    pub(crate) fn distinct_of(&self, var: Option<&VarStats>) -> (f64, bool) {
        match var {
            Some(var) => {
                let known = var.unique
                    || var.stats.as_ref().is_some_and(|stats| stats.n_distinct != 0.0)
                    || var.type_oid == pglitedb_types::oids::BOOL
                    || var.tuples < super::selectivity::DEFAULT_DISTINCT;
                (self.distinct(var).max(1.0), !known)
            }
            None => (super::selectivity::DEFAULT_DISTINCT, true),
        }
    }

    /// Compares two lists of most common values, of the second only the first `limit`.
    fn common_values(&self, a: &VarStats, b: &VarStats, limit: f64) -> Option<Common> {
        let (left, right) = (&a.stats.as_ref()?.most_common, &b.stats.as_ref()?.most_common);
        if left.is_empty() || right.is_empty() {
            return None;
        }
        let comparator = Comparator::new(a.type_oid, a.collation, self.planner.ctx.env.as_type_env()).ok()?;
        let right: Vec<(Datum, f64)> = right
            .iter()
            .take(if limit < right.len() as f64 { limit.max(0.0) as usize } else { right.len() })
            .map(|(value, frequency)| (as_column_value(value, a.type_oid), *frequency))
            .collect();
        let mut used = vec![false; right.len()];
        let mut common = Common::default();
        for (value, frequency) in left {
            let same = |other: &Datum| {
                std::mem::discriminant(other) == std::mem::discriminant(value)
                    && comparator.compare(other, value) == Ordering::Equal
            };
            let found = right.iter().enumerate().find(|(at, (other, _))| !used[*at] && same(other));
            match found {
                Some((at, (_, other))) => {
                    used[at] = true;
                    common.matches += 1.0;
                    common.product += frequency * other;
                    common.matched.0 += frequency;
                    common.matched.1 += other;
                }
                None => common.unmatched.0 += frequency,
            }
        }
        common.unmatched.1 =
            right.iter().zip(&used).filter(|(_, used)| !**used).map(|((_, frequency), _)| frequency).sum();
        Some(common)
    }
}

fn mcv_count(var: &VarStats) -> f64 {
    var.stats.as_ref().map_or(0.0, |stats| stats.most_common.len() as f64)
}
