//! Bitmap scans: row ids from one or several indexes, combined, and then the rows in their order in the table.

use super::base::BaseRels;
use super::clause::Clause;
use super::selectivity::Estimator;
use super::{IndexClause, Path, PathKind, RelNode, RelSet, cost};
use crate::planner::Planner;
use pglitedb_catalog::IndexInfo;
use pglitedb_query_tree::Expr;
use std::rc::Rc;
use std::sync::Arc;

/// A set of rows found through indexes.
#[derive(Clone, Debug)]
pub(crate) struct Bitmap {
    pub kind: BitmapKind,
    /// Cost of making it.
    pub cost: f64,
    /// Share of the table's rows in it.
    pub share: f64,
    /// Conditions that hold for its rows (those of an OR as one).
    pub clauses: Vec<Expr>,
}

/// How it is made.
#[derive(Clone, Debug)]
pub(crate) enum BitmapKind {
    Index { index: Arc<IndexInfo>, conds: Vec<IndexClause> },
    And(Vec<Bitmap>),
    Or(Vec<Bitmap>),
}

/// The union of several bitmaps, which satisfies `clause`.
pub(crate) fn any(parts: Vec<Bitmap>, clause: &Expr) -> Option<Bitmap> {
    if parts.is_empty() {
        return None;
    }
    let cost = parts.iter().map(|part| part.cost).sum();
    let share = parts.iter().map(|part| part.share).sum::<f64>().min(1.0);
    Some(Bitmap { kind: BitmapKind::Or(parts), cost, share, clauses: vec![clause.clone()] })
}

fn all(parts: Vec<Bitmap>, step: f64) -> Bitmap {
    let cost = parts.iter().map(|part| part.cost).sum::<f64>() + step * (parts.len() as f64 - 1.0);
    let share = parts.iter().map(|part| part.share).product();
    let clauses = parts.iter().flat_map(|part| part.clauses.iter().cloned()).collect();
    Bitmap { kind: BitmapKind::And(parts), cost, share, clauses }
}

/// Bitmaps of one relation, by the outer relations they need.
#[derive(Default)]
pub(crate) struct Candidates(Vec<(RelSet, Vec<Bitmap>)>);

impl Candidates {
    pub(crate) fn add(&mut self, required: RelSet, bitmap: Bitmap) {
        match self.0.iter_mut().find(|(known, _)| *known == required) {
            Some((_, list)) => list.push(bitmap),
            None => self.0.push((required, vec![bitmap])),
        }
    }

    /// Adds the best scan for each set of outer relations.
    pub(crate) fn finish(
        self,
        planner: &Planner<'_>,
        estimator: &Estimator<'_, '_>,
        base: &BaseRels,
        rel: usize,
        restrictions: &[Clause],
        node: &mut RelNode,
    ) {
        let own =
            self.0.iter().find(|(required, _)| required.is_empty()).map_or(Vec::new(), |(_, l)| l.clone());
        for (required, mut list) in self.0 {
            if !required.is_empty() {
                list.extend(own.iter().cloned());
            }
            let maker = HeapPath { planner, estimator, base, rel, restrictions, required };
            if let Some(path) = maker.best(list, node) {
                node.add(path);
            }
        }
    }
}

struct HeapPath<'a, 'p> {
    planner: &'a Planner<'p>,
    estimator: &'a Estimator<'a, 'p>,
    base: &'a BaseRels,
    rel: usize,
    restrictions: &'a [Clause],
    required: RelSet,
}

impl HeapPath<'_, '_> {
    fn cost(&self, bitmap: &Bitmap) -> cost::Cost {
        let info = &self.base.rels[self.rel];
        let real = self.restrictions.iter().filter(|clause| !clause.derived).map(|clause| &clause.expr);
        let outside =
            bitmap.clauses.iter().filter(|clause| !self.restrictions.iter().any(|r| r.expr == **clause));
        let quals = cost::eval(self.planner, real.chain(outside));
        cost::bitmap_heap(
            self.planner.settings(),
            (info.pages, info.tuples),
            (bitmap.cost, bitmap.share),
            self.base.loops(self.required),
            quals,
        )
    }

    /// The cheapest combination: starting from each bitmap, others are added as long as that makes it cheaper.
    fn best(&self, mut list: Vec<Bitmap>, node: &RelNode) -> Option<Path> {
        list.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.share.total_cmp(&b.share)));
        let step = 100.0 * self.planner.settings().cpu_operator_cost;
        let mut best: Option<(Bitmap, cost::Cost)> = None;
        for start in 0..list.len() {
            let mut chosen = vec![list[start].clone()];
            let mut price = self.cost(&chosen[0]);
            for other in &list[start + 1..] {
                let redundant = other
                    .clauses
                    .iter()
                    .any(|clause| chosen.iter().any(|known| known.clauses.contains(clause)));
                if redundant {
                    continue;
                }
                let mut wider = chosen.clone();
                wider.push(other.clone());
                let wider_price = self.cost(&all(wider.clone(), step));
                if wider_price.total < price.total {
                    (chosen, price) = (wider, wider_price);
                }
            }
            if best.as_ref().is_none_or(|(_, known)| price.total < known.total) {
                let bitmap = if chosen.len() == 1 { chosen.pop()? } else { all(chosen, step) };
                best = Some((bitmap, price));
            }
        }
        let (bitmap, price) = best?;
        if !self.required.is_empty()
            && !bitmap.clauses.iter().any(|clause| self.base.map.rels(clause) != RelSet::single(self.rel))
        {
            return None;
        }
        Some(self.path(bitmap, price, node))
    }

    fn path(&self, bitmap: Bitmap, price: cost::Cost, node: &RelNode) -> Path {
        let info = &self.base.rels[self.rel];
        let quals: Vec<Expr> = self
            .restrictions
            .iter()
            .filter(|clause| !clause.derived && !bitmap.clauses.contains(&clause.expr))
            .map(|clause| clause.expr.clone())
            .collect();
        let rows = if self.required.is_empty() {
            node.rows
        } else {
            let outside = bitmap.clauses.iter();
            let share = self.estimator.conjuncts(outside.chain(quals.iter()));
            cost::clamp_rows(info.tuples * share).min(node.rows)
        };
        Path {
            kind: PathKind::BitmapHeap { bitmap: Rc::new(bitmap), quals },
            rels: RelSet::single(self.rel),
            required: self.required.union(info.lateral),
            disabled: u32::from(!self.planner.settings().enable_bitmapscan),
            rows,
            startup: price.startup,
            total: price.total,
            width: info.width,
            pathkeys: Vec::new(),
        }
    }
}
