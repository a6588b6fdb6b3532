//! Nested-loop, hash and merge joins of two nodes.

use super::clause::Clause;
use super::cost::{self, Cost};
use super::join::JoinSearch;
use super::{EquiKey, Path, PathKey, PathKind, RelNode, RelSet, pathkeys_contain};
use pglitedb_query_tree::{Expr, JoinType};
use pglitedb_sqlstate::{Result, bail};
use std::rc::Rc;

/// Paths joining `left` (outer) and `right` (inner). `filter` is applied to the joined rows (above an outer join).
/// Inner joins are also tried with the sides exchanged by the caller; LEFT joins here as RIGHT joins by hashing.
pub(crate) fn join(
    search: &JoinSearch<'_, '_>,
    left: &RelNode,
    right: &RelNode,
    join: JoinType,
    clauses: &[Clause],
    filter: &[Clause],
) -> Result<RelNode> {
    let selectivity = search.estimator.conjuncts(clauses.iter().map(|clause| &clause.expr));
    let filter_share = search.estimator.conjuncts(filter.iter().map(|clause| &clause.expr));
    let pairs = left.rows * right.rows * selectivity;
    let matched = (right.rows * selectivity).min(1.0) * left.rows;
    let rows = match join {
        JoinType::Inner => pairs,
        JoinType::Left => pairs.max(left.rows),
        JoinType::Full => pairs.max(left.rows).max(right.rows),
        JoinType::Semi => matched,
        JoinType::Anti => (left.rows - matched).max(left.rows * 0.05),
        _ => pairs,
    } * filter_share;
    let width = match join {
        JoinType::Semi | JoinType::Anti => left.width,
        _ => left.width.saturating_add(right.width),
    };
    let rels = left.rels.union(right.rels);
    let mut node = RelNode { rels, rows: cost::clamp_rows(rows), width, paths: Vec::new() };
    let pair = Pair {
        search,
        left,
        right,
        join,
        join_quals: clauses.iter().map(|clause| clause.expr.clone()).collect(),
        quals: filter.iter().map(|clause| clause.expr.clone()).collect(),
        clauses,
        pairs,
        rows: node.rows,
        width,
        unique: is_unique(search, right, clauses),
    };
    pair.nest_loops(&mut node);
    pair.hash_joins(&mut node);
    pair.merge_joins(&mut node);
    if node.paths.is_empty() && join == JoinType::Full {
        bail!(
            FEATURE_NOT_SUPPORTED,
            "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions"
        );
    }
    Ok(node)
}

/// Does at most one row of the inner node match an outer row? True if the equalities cover a unique index of a base
/// relation.
fn is_unique(search: &JoinSearch<'_, '_>, right: &RelNode, clauses: &[Clause]) -> bool {
    let mut rels = right.rels.iter();
    let (Some(rel), None) = (rels.next(), rels.next()) else { return false };
    let info = &search.base.rels[rel];
    let Some(relation) = &info.relation else { return false };
    let mut columns = Vec::new();
    for equi in clauses.iter().filter_map(|clause| clause.equi.as_ref()) {
        for side in [&equi.left, &equi.right] {
            if let Expr::Var(var) = side
                && super::index::column_rte(side) == Some(info.rte)
            {
                columns.push(var.attno);
            }
        }
    }
    relation.indexes.iter().any(|index| {
        index.is_unique
            && index.is_immediate
            && index.predicate.is_none()
            && index.columns.iter().all(|column| column.attnum != 0 && columns.contains(&column.attnum))
    })
}

struct Pair<'a, 's, 'p> {
    search: &'a JoinSearch<'s, 'p>,
    left: &'a RelNode,
    right: &'a RelNode,
    join: JoinType,
    join_quals: Vec<Expr>,
    quals: Vec<Expr>,
    clauses: &'a [Clause],
    pairs: f64,
    rows: f64,
    width: i32,
    unique: bool,
}

impl Pair<'_, '_, '_> {
    fn path(&self, kind: PathKind, required: RelSet, cost: Cost, pathkeys: Vec<PathKey>) -> Path {
        Path {
            kind,
            rels: self.left.rels.union(self.right.rels),
            required: required.minus(self.left.rels).minus(self.right.rels),
            rows: self.rows,
            startup: cost.startup,
            total: cost.total,
            width: self.width,
            pathkeys,
        }
    }

    fn nest_loops(&self, node: &mut RelNode) {
        if self.join == JoinType::Full {
            return;
        }
        let settings = self.search.planner.settings();
        let once = self.unique || matches!(self.join, JoinType::Semi | JoinType::Anti);
        for outer in &self.left.paths {
            if outer.required.overlaps(self.right.rels) {
                continue;
            }
            for inner in &self.right.paths {
                // Ordered inner paths bring nothing to a nested loop unless they are cheapest.
                let parameterized = inner.required.overlaps(self.left.rels);
                let mut inner = inner.clone();
                if !parameterized {
                    let cheapest = self.right.cheapest(inner.required);
                    if cheapest.is_some_and(|cheapest| !Rc::ptr_eq(cheapest, &inner)) {
                        continue;
                    }
                    if settings.enable_material
                        && outer.rows > 1.0
                        && !matches!(inner.kind, PathKind::Material(_))
                    {
                        inner = Rc::new(materialize(settings, &inner));
                    }
                }
                // Conditions that the parameterized scan has applied need no second look.
                let pairs =
                    if parameterized { outer.rows * inner.rows } else { outer.rows * inner.rows.max(1.0) };
                let cost = cost::nest_loop(settings, outer, &inner, pairs, self.join_quals.len(), once);
                let join_quals =
                    self.join_quals.iter().filter(|qual| !applied_below(&inner, qual)).cloned().collect();
                let required = outer.required.union(inner.required);
                node.add(self.path(
                    PathKind::NestLoop {
                        join: self.join,
                        outer: outer.clone(),
                        inner: inner.clone(),
                        join_quals,
                        quals: self.quals.clone(),
                        unique: once && self.unique,
                    },
                    required,
                    cost,
                    outer.pathkeys.clone(),
                ));
            }
        }
    }

    /// Equalities that connect the two sides, left side first.
    fn keys(&self, wanted: impl Fn(&super::clause::Equi) -> bool) -> Vec<EquiKey> {
        let mut keys = Vec::new();
        for clause in self.clauses {
            let Some(equi) = clause.equi.as_ref().filter(|equi| wanted(equi)) else { continue };
            let family = equi.merge_family;
            let collation = equi.collation;
            let display = clause.expr.clone();
            if equi.left_rels.within(self.left.rels) && equi.right_rels.within(self.right.rels) {
                keys.push(EquiKey {
                    outer: equi.left.clone(),
                    inner: equi.right.clone(),
                    op: equi.op,
                    family,
                    collation,
                    display,
                });
            } else if equi.right_rels.within(self.left.rels)
                && equi.left_rels.within(self.right.rels)
                && equi.commutator != 0
            {
                keys.push(EquiKey {
                    outer: equi.right.clone(),
                    inner: equi.left.clone(),
                    op: equi.commutator,
                    family,
                    collation,
                    display,
                });
            }
        }
        keys
    }

    fn rest(&self, keys: &[EquiKey]) -> Vec<Expr> {
        self.join_quals.iter().filter(|qual| !keys.iter().any(|key| key.display == **qual)).cloned().collect()
    }

    fn hash_joins(&self, node: &mut RelNode) {
        let keys = self.keys(|equi| equi.can_hash);
        if keys.is_empty() {
            return;
        }
        let settings = self.search.planner.settings();
        let join_quals = self.rest(&keys);
        let outside = |path: &&Rc<Path>| {
            !path.required.overlaps(self.left.rels) && !path.required.overlaps(self.right.rels)
        };
        let cheapest = |node: &RelNode| {
            node.paths.iter().filter(outside).min_by(|a, b| a.total.total_cmp(&b.total)).cloned()
        };
        let (Some(outer), Some(inner)) = (cheapest(self.left), cheapest(self.right)) else { return };
        let required = outer.required.union(inner.required);
        let cost = cost::hash_join(settings, &outer, &inner, keys.len(), self.pairs, join_quals.len());
        let kind = PathKind::Hash {
            join: self.join,
            outer: outer.clone(),
            inner: inner.clone(),
            keys: keys.clone(),
            join_quals: join_quals.clone(),
            quals: self.quals.clone(),
            unique: self.unique,
        };
        node.add(self.path(kind, required, cost, Vec::new()));
        // Hash the left side instead: cheaper where it is the smaller one.
        let turned = match self.join {
            JoinType::Left => JoinType::Right,
            JoinType::Semi => JoinType::RightSemi,
            JoinType::Anti => JoinType::RightAnti,
            _ => return,
        };
        if outer.rows >= inner.rows {
            return;
        }
        let swapped: Option<Vec<EquiKey>> = keys.iter().map(|key| self.swap(key)).collect();
        let Some(keys) = swapped else { return };
        let cost = cost::hash_join(settings, &inner, &outer, keys.len(), self.pairs, join_quals.len());
        let quals = self.quals.clone();
        let kind = PathKind::Hash {
            join: turned,
            outer: inner,
            inner: outer,
            keys,
            join_quals,
            quals,
            unique: false,
        };
        node.add(self.path(kind, required, cost, Vec::new()));
    }

    fn swap(&self, key: &EquiKey) -> Option<EquiKey> {
        let info = self.search.planner.catalog().operator(key.op).ok().flatten()?;
        (info.commutator != 0).then(|| EquiKey {
            outer: key.inner.clone(),
            inner: key.outer.clone(),
            op: info.commutator,
            family: key.family,
            collation: key.collation,
            display: key.display.clone(),
        })
    }

    fn merge_joins(&self, node: &mut RelNode) {
        // Different types on the two sides have no common sort order in our executor.
        let keys: Vec<EquiKey> = self
            .keys(|equi| {
                let column = |expr: &Expr| matches!(strip(expr), Expr::Var(_));
                equi.merge_family != 0
                    && equi.left.type_oid() == equi.right.type_oid()
                    && column(&equi.left)
                    && column(&equi.right)
            })
            .into_iter()
            .collect();
        if keys.is_empty() {
            return;
        }
        let join_quals = self.rest(&keys);
        let settings = self.search.planner.settings();
        let order = |inner: bool| -> Vec<PathKey> {
            keys.iter()
                .map(|key| PathKey {
                    expr: strip(if inner { &key.inner } else { &key.outer }).clone(),
                    family: key.family,
                    collation: key.collation,
                    descending: false,
                    nulls_first: false,
                })
                .collect()
        };
        let (outer_order, inner_order) = (order(false), order(true));
        let sorted = |side: &RelNode, order: &[PathKey]| -> Option<(Rc<Path>, bool, Cost)> {
            let usable = || {
                side.paths.iter().filter(|path| {
                    !path.required.overlaps(self.left.rels) && !path.required.overlaps(self.right.rels)
                })
            };
            let ready = usable()
                .filter(|path| pathkeys_contain(&path.pathkeys, order))
                .min_by(|a, b| a.total.total_cmp(&b.total));
            let cheapest = usable().min_by(|a, b| a.total.total_cmp(&b.total))?;
            let sort = cost::sort(settings, cheapest.total, cheapest.rows, cheapest.width, None);
            Some(match ready {
                Some(ready) if ready.total <= sort.total => {
                    (ready.clone(), false, Cost { startup: ready.startup, total: ready.total })
                }
                _ => (cheapest.clone(), true, sort),
            })
        };
        let (Some((outer, sort_outer, outer_cost)), Some((inner, sort_inner, inner_cost))) =
            (sorted(self.left, &outer_order), sorted(self.right, &inner_order))
        else {
            return;
        };
        let cost = cost::merge_join(
            settings,
            (outer_cost, outer.rows),
            (inner_cost, inner.rows),
            self.pairs,
            join_quals.len(),
            keys.len(),
        );
        let required = outer.required.union(inner.required);
        let kind = PathKind::Merge {
            join: self.join,
            outer,
            inner,
            keys,
            sort_outer,
            sort_inner,
            join_quals,
            quals: self.quals.clone(),
            unique: self.unique,
        };
        let pathkeys = if self.join == JoinType::Full { Vec::new() } else { outer_order };
        node.add(self.path(kind, required, cost, pathkeys));
    }
}

fn strip(mut expr: &Expr) -> &Expr {
    while let Expr::Relabel { arg, .. } = expr {
        expr = arg;
    }
    expr
}

fn materialize(settings: &crate::settings::Settings, path: &Rc<Path>) -> Path {
    let cost = cost::material(settings, path);
    Path {
        kind: PathKind::Material(path.clone()),
        rels: path.rels,
        required: path.required,
        rows: path.rows,
        startup: cost.startup,
        total: cost.total,
        width: path.width,
        pathkeys: path.pathkeys.clone(),
    }
}

/// Is a join condition applied already by an index condition of a parameterized scan?
fn applied_below(inner: &Path, qual: &Expr) -> bool {
    match &inner.kind {
        PathKind::Index { conds, .. } => conds.iter().any(|cond| cond.display == *qual),
        _ => false,
    }
}
