//! Nested-loop, hash and merge joins of two nodes.

use super::clause::{Clause, Equi, commuted};
use super::cost::{self, Cost, QualCost};
use super::join::JoinSearch;
use super::join_cost::{self, JoinWork, MatchFactors, MergeInput};
use super::{EquiKey, Path, PathKey, PathKind, RelNode, RelSet, cheaper, memoize, pathkeys_contain, strip};
use pglitedb_query_tree::{Expr, JoinType};
use pglitedb_sqlstate::{Result, bail};
use std::rc::Rc;

/// Paths joining `left` (outer) and `right` (inner). `filter` is applied to the joined rows (above an outer join).
/// Inner joins are also tried with the sides exchanged by the caller; the others here, as right joins.
pub(crate) fn join(
    search: &JoinSearch<'_, '_>,
    left: &RelNode,
    right: &RelNode,
    join: JoinType,
    clauses: &[Clause],
    filter: &[Clause],
) -> Result<RelNode> {
    let estimator = search.estimator;
    let exprs: Vec<&Expr> = clauses.iter().map(|clause| &clause.expr).collect();
    let semi = || estimator.semi_conjuncts(exprs.iter().copied(), left.rels, right.rows);
    let pairs = || left.rows * right.rows * estimator.conjuncts(exprs.iter().copied());
    let rows = match join {
        JoinType::Left => pairs().max(left.rows),
        JoinType::Full => pairs().max(left.rows).max(right.rows),
        JoinType::Semi => left.rows * semi(),
        JoinType::Anti => left.rows * (1.0 - semi()),
        _ => pairs(),
    } * estimator.conjuncts(filter.iter().map(|clause| &clause.expr));
    let width = match join {
        JoinType::Semi | JoinType::Anti => left.width,
        _ => left.width.saturating_add(right.width),
    };
    let mut node = RelNode {
        rels: left.rels.union(right.rels),
        rows: cost::clamp_rows(rows),
        width,
        startup_matters: left.startup_matters,
        paths: Vec::new(),
    };
    let unique = is_unique(search, right, clauses);
    let stops_early = unique || matches!(join, JoinType::Semi | JoinType::Anti);
    let factors = if stops_early {
        estimator.match_factors(&exprs, left.rels, right.rows)
    } else {
        MatchFactors { share: 1.0, count: 1.0 }
    };
    let rels = left.rels.union(right.rels);
    let lateral = rels.iter().filter_map(|rel| search.base.rels.get(rel));
    let pair = Pair {
        search,
        lateral: lateral.fold(RelSet::default(), |all, info| all.union(info.lateral)).minus(rels),
        left,
        right,
        clauses,
        join_quals: clauses.iter().map(|clause| clause.expr.clone()).collect(),
        quals: filter.iter().map(|clause| clause.expr.clone()).collect(),
        width,
        work: JoinWork { join, unique, factors, rows: node.rows },
    };
    pair.sorted_merges(&mut node);
    pair.nest_loops(&mut node);
    pair.ordered_merges(&mut node);
    pair.hash_joins(&mut node);
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

/// Two nodes to be joined.
pub(super) struct Pair<'a, 's, 'p> {
    pub search: &'a JoinSearch<'s, 'p>,
    pub left: &'a RelNode,
    pub right: &'a RelNode,
    pub clauses: &'a [Clause],
    /// Relations outside that some of these refer to.
    lateral: RelSet,
    join_quals: Vec<Expr>,
    quals: Vec<Expr>,
    width: i32,
    pub work: JoinWork,
}

impl Pair<'_, '_, '_> {
    fn path(
        &self,
        kind: PathKind,
        sides: (&Path, &Path),
        off: bool,
        cost: Cost,
        pathkeys: Vec<PathKey>,
    ) -> Path {
        let required = sides.0.required.union(sides.1.required);
        let rels = self.left.rels.union(self.right.rels);
        Path {
            kind,
            rels,
            required: required.minus(self.left.rels).minus(self.right.rels),
            disabled: sides.0.disabled + sides.1.disabled + u32::from(off),
            rows: self.work.rows,
            startup: cost.startup,
            total: cost.total,
            width: self.width,
            pathkeys: self.search.useful.part(rels, pathkeys),
        }
    }

    fn eval(&self, exprs: &[Expr]) -> QualCost {
        cost::eval(self.search.planner, exprs.iter().chain(&self.quals))
    }

    /// May these be joined? Joined rows that still need values of other relations are of use only where those cannot be joined first
    /// (lateral references), or where the inner side needs values of several relations that hardly have anything to
    /// do with each other: facts found by two dimensions.
    fn allows(&self, outer: &Path, inner: &Path) -> bool {
        let rels = self.left.rels.union(self.right.rels);
        let required = outer.required.union(inner.required).minus(rels);
        required.is_empty()
            || required.overlaps(self.lateral)
            || inner.required.overlaps(outer.rels) && !inner.required.within(outer.rels)
    }

    /// Does a path need nothing of the other side?
    fn stands_alone(&self, path: &Path) -> bool {
        !path.required.overlaps(self.left.rels) && !path.required.overlaps(self.right.rels)
    }

    /// The cheapest path that needs nothing of others but what cannot be joined first.
    fn cheapest(&self, node: &RelNode) -> Option<Rc<Path>> {
        let usable = |path: &&Rc<Path>| {
            self.stands_alone(path) && (path.required.is_empty() || path.required.overlaps(self.lateral))
        };
        node.paths.iter().filter(usable).min_by(|a, b| cheaper(a, b)).cloned()
    }

    fn nest_loops(&self, node: &mut RelNode) {
        if self.work.join == JoinType::Full {
            return;
        }
        let settings = self.search.planner.settings();
        let cheapest = self.cheapest(self.right);
        let kept = cheapest.as_ref().filter(|path| settings.enable_material && !self.keeps_rows(path));
        let kept = kept.map(|path| Rc::new(materialize(settings, path)));
        for outer in self.left.paths.iter().filter(|outer| !outer.required.overlaps(self.right.rels)) {
            let inners = self.right.paths.iter().filter(|inner| {
                inner.required.overlaps(self.left.rels)
                    || cheapest.as_ref().is_some_and(|cheapest| Rc::ptr_eq(cheapest, inner))
            });
            for inner in inners {
                self.nest_loop(outer, inner, node);
                if let Some(memo) = memoize::path(self, outer, inner) {
                    self.nest_loop(outer, &Rc::new(memo), node);
                }
            }
            if let Some(kept) = &kept {
                self.nest_loop(outer, kept, node);
            }
        }
    }

    /// Does the path keep its rows anyway, so that a materialized copy would bring nothing?
    fn keeps_rows(&self, path: &Path) -> bool {
        if join_cost::keeps_rows(path) {
            return true;
        }
        let PathKind::Other { .. } = path.kind else { return false };
        let rte = path.rels.iter().next().and_then(|rel| self.search.base.rels.get(rel)).map(|rel| rel.rte);
        let kind = rte.and_then(|rte| self.search.estimator.query.rtable.get(rte)).map(|rte| &rte.kind);
        use pglitedb_query_tree::RteKind;
        matches!(kind, Some(RteKind::Cte { .. }))
    }

    fn nest_loop(&self, outer: &Rc<Path>, inner: &Rc<Path>, node: &mut RelNode) {
        if !self.allows(outer, inner) {
            return;
        }
        let settings = self.search.planner.settings();
        // Conditions that the parameterized scan has applied need no second look.
        let mut applied = Vec::new();
        applied_below(inner, &mut applied);
        let join_quals: Vec<Expr> =
            self.join_quals.iter().filter(|qual| !applied.contains(qual)).cloned().collect();
        let indexed = !applied.is_empty() && join_quals.is_empty();
        let cost = join_cost::nest_loop(settings, &self.work, outer, inner, self.eval(&join_quals), indexed);
        let unique = self.work.unique;
        let kind = PathKind::NestLoop {
            join: self.work.join,
            outer: outer.clone(),
            inner: inner.clone(),
            join_quals,
            quals: self.quals.clone(),
            unique,
        };
        node.add(self.path(kind, (outer, inner), !settings.enable_nestloop, cost, outer.pathkeys.clone()));
    }

    /// Equalities that connect the two sides, left side first.
    fn keys(&self, wanted: impl Fn(&Equi) -> bool) -> Vec<EquiKey> {
        let mut keys = Vec::new();
        for clause in self.clauses {
            let Some(equi) = clause.equi.as_ref().filter(|equi| wanted(equi)) else { continue };
            let key = |outer: &Expr, inner: &Expr, op| EquiKey {
                outer: outer.clone(),
                inner: inner.clone(),
                op,
                family: equi.merge_family,
                collation: equi.collation,
                descending: false,
                nulls_first: false,
                display: clause.expr.clone(),
                clause: clause.expr.clone(),
            };
            if equi.left_rels.within(self.left.rels) && equi.right_rels.within(self.right.rels) {
                keys.push(key(&equi.left, &equi.right, equi.op));
            } else if equi.right_rels.within(self.left.rels)
                && equi.left_rels.within(self.right.rels)
                && equi.commutator != 0
            {
                let display = commuted(self.search.planner, &clause.expr).unwrap_or(clause.expr.clone());
                keys.push(EquiKey { display, ..key(&equi.right, &equi.left, equi.commutator) });
            }
        }
        keys
    }

    fn rest(&self, keys: &[EquiKey]) -> Vec<Expr> {
        self.join_quals.iter().filter(|qual| !keys.iter().any(|key| key.clause == **qual)).cloned().collect()
    }

    /// Rows with equal keys.
    fn matches(&self, keys: &[EquiKey], outer: &Path, inner: &Path) -> f64 {
        let share = self.search.estimator.conjuncts(keys.iter().map(|key| &key.display));
        cost::clamp_rows(outer.rows * inner.rows * share)
    }

    fn hash_joins(&self, node: &mut RelNode) {
        let keys = self.keys(|equi| equi.can_hash);
        if keys.is_empty() {
            return;
        }
        let (Some(outer), Some(inner)) = (self.cheapest(self.left), self.cheapest(self.right)) else {
            return;
        };
        node.add(self.hash_join(self.work, &outer, &inner, keys.clone()));
        // Hash the left side instead.
        let turned = match self.work.join {
            JoinType::Left => JoinType::Right,
            JoinType::Full => JoinType::Full,
            JoinType::Semi => JoinType::RightSemi,
            JoinType::Anti => JoinType::RightAnti,
            _ => return,
        };
        let swapped: Option<Vec<EquiKey>> = keys.iter().map(|key| self.swap(key)).collect();
        if let Some(keys) = swapped {
            let work = JoinWork { join: turned, unique: false, ..self.work };
            node.add(self.hash_join(work, &inner, &outer, keys));
        }
    }

    fn hash_join(&self, work: JoinWork, outer: &Rc<Path>, inner: &Rc<Path>, keys: Vec<EquiKey>) -> Path {
        let planner = self.search.planner;
        let settings = planner.settings();
        let join_quals = self.rest(&keys);
        let buckets = join_cost::buckets(inner.rows);
        let bucket = keys
            .iter()
            .map(|key| self.search.estimator.bucket_share(&key.inner, inner.rows, buckets))
            .fold(1.0, f64::min);
        let hash_quals = cost::eval(planner, keys.iter().map(|key| &key.display));
        let matches = self.matches(&keys, outer, inner);
        let costs = (hash_quals, self.eval(&join_quals));
        let cost = join_cost::hash_join(settings, &work, outer, inner, keys.len(), bucket, matches, costs);
        let kind = PathKind::Hash {
            join: work.join,
            outer: outer.clone(),
            inner: inner.clone(),
            keys,
            join_quals,
            quals: self.quals.clone(),
            unique: work.unique,
        };
        self.path(kind, (outer, inner), !settings.enable_hashjoin, cost, Vec::new())
    }

    fn swap(&self, key: &EquiKey) -> Option<EquiKey> {
        let info = self.search.planner.catalog().operator(key.op).ok().flatten()?;
        (info.commutator != 0).then(|| EquiKey {
            outer: key.inner.clone(),
            inner: key.outer.clone(),
            op: info.commutator,
            display: commuted(self.search.planner, &key.display).unwrap_or(key.display.clone()),
            ..key.clone()
        })
    }

    fn merge_keys(&self) -> Vec<EquiKey> {
        // Different types on the two sides have no common sort order in our executor.
        let column = |expr: &Expr| matches!(strip(expr), Expr::Var(_));
        self.keys(|equi| {
            equi.merge_family != 0
                && equi.left.type_oid() == equi.right.type_oid()
                && column(&equi.left)
                && column(&equi.right)
        })
    }

    /// Merge joins that sort both sides as needed, with each key as the first.
    fn sorted_merges(&self, node: &mut RelNode) {
        let keys = self.merge_keys();
        let (Some(outer), Some(inner)) = (self.cheapest(self.left), self.cheapest(self.right)) else {
            return;
        };
        for first in 0..keys.len() {
            let mut keys = keys.clone();
            let chosen = keys.remove(first);
            keys.insert(0, chosen);
            node.add(self.merge_join(&outer, &inner, keys));
        }
    }

    /// Merge joins that use the order a side has.
    fn ordered_merges(&self, node: &mut RelNode) {
        let all = self.merge_keys();
        if all.is_empty() {
            return;
        }
        let Some(cheapest) = self.cheapest(self.right) else { return };
        for outer in self.left.paths.iter() {
            if !self.stands_alone(outer) || !self.allows(outer, &cheapest) {
                continue;
            }
            let keys = keys_in_order(&outer.pathkeys, &all);
            let incomplete = keys.len() < all.len() && self.work.join == JoinType::Full;
            if keys.is_empty() || incomplete {
                continue;
            }
            node.add(self.merge_join(outer, &cheapest, keys.clone()));
            for count in (1..=keys.len()).rev() {
                let keys = keys[..count].to_vec();
                let order = order_of(&keys, true);
                let ready = self
                    .right
                    .paths
                    .iter()
                    .filter(|path| self.stands_alone(path) && self.allows(outer, path))
                    .filter(|path| pathkeys_contain(&path.pathkeys, &order))
                    .min_by(|a, b| cheaper(a, b));
                if let Some(inner) = ready
                    && !Rc::ptr_eq(inner, &cheapest)
                {
                    node.add(self.merge_join(outer, inner, keys));
                }
            }
        }
    }

    fn merge_input(&self, path: &Path, order: &[PathKey]) -> (MergeInput, bool) {
        let ready = pathkeys_contain(&path.pathkeys, order);
        let settings = self.search.planner.settings();
        let cost = if ready {
            Cost { startup: path.startup, total: path.total }
        } else {
            cost::sort(settings, path.total, path.rows, path.width, None)
        };
        let (rows, width) = (path.rows, path.width);
        (MergeInput { cost, rows, width, range: (0.0, 1.0), sorted_here: !ready }, !ready)
    }

    fn merge_join(&self, outer: &Rc<Path>, inner: &Rc<Path>, keys: Vec<EquiKey>) -> Path {
        let planner = self.search.planner;
        let settings = planner.settings();
        let outer_order = order_of(&keys, false);
        let (mut left, sort_outer) = self.merge_input(outer, &outer_order);
        let (mut right, sort_inner) = self.merge_input(inner, &order_of(&keys, true));
        if let Some(first) = keys.first()
            && !first.descending
        {
            let (own, other) = self.search.estimator.merge_ranges(&first.outer, &first.inner);
            if matches!(self.work.join, JoinType::Inner | JoinType::Semi) {
                left.range = own;
            }
            if self.work.join != JoinType::Full {
                right.range = other;
            }
        }
        let join_quals = self.rest(&keys);
        let merge_quals = cost::eval(planner, keys.iter().map(|key| &key.display));
        let matches = self.matches(&keys, outer, inner);
        let costs = (merge_quals, self.eval(&join_quals));
        let (cost, material) = join_cost::merge_join(settings, &self.work, left, right, matches, costs);
        let sorts = u32::from(sort_outer) + u32::from(sort_inner);
        let kind = PathKind::Merge {
            join: self.work.join,
            outer: outer.clone(),
            inner: inner.clone(),
            keys,
            sort_outer,
            sort_inner,
            material: material && !join_cost::keeps_rows(inner),
            join_quals,
            quals: self.quals.clone(),
            unique: self.work.unique,
        };
        let order = match self.work.join {
            JoinType::Full => Vec::new(),
            _ if sort_outer => outer_order,
            _ => outer.pathkeys.clone(),
        };
        let mut path = self.path(kind, (outer, inner), !settings.enable_mergejoin, cost, order);
        path.disabled += if settings.enable_sort { 0 } else { sorts };
        path
    }
}

/// The keys that an order begins with, in its sequence and directions.
fn keys_in_order(order: &[PathKey], keys: &[EquiKey]) -> Vec<EquiKey> {
    let mut found: Vec<EquiKey> = Vec::new();
    for pathkey in order {
        let matching = keys.iter().filter(|key| {
            strip(&key.outer) == &pathkey.expr
                && key.family == pathkey.family
                && key.collation == pathkey.collation
        });
        let before = found.len();
        for key in matching {
            found.push(EquiKey {
                descending: pathkey.descending,
                nulls_first: pathkey.nulls_first,
                ..key.clone()
            });
        }
        if found.len() == before {
            break;
        }
    }
    found
}

/// The order that merging by keys asks of a side. A column that several keys compare counts once.
pub(crate) fn order_of(keys: &[EquiKey], inner: bool) -> Vec<PathKey> {
    let mut order: Vec<PathKey> = Vec::with_capacity(keys.len());
    for key in keys {
        let expr = strip(if inner { &key.inner } else { &key.outer }).clone();
        if order.iter().any(|known| known.expr == expr) {
            continue;
        }
        order.push(PathKey {
            expr,
            family: key.family,
            collation: key.collation,
            descending: key.descending,
            nulls_first: key.nulls_first,
        });
    }
    order
}

fn materialize(settings: &crate::settings::Settings, path: &Rc<Path>) -> Path {
    let cost = cost::material(settings, path);
    Path {
        kind: PathKind::Material(path.clone()),
        rels: path.rels,
        required: path.required,
        disabled: path.disabled,
        rows: path.rows,
        startup: cost.startup,
        total: cost.total,
        width: path.width,
        pathkeys: path.pathkeys.clone(),
    }
}

/// Conditions that a parameterized scan applies itself.
fn applied_below<'p>(inner: &'p Path, into: &mut Vec<&'p Expr>) {
    match &inner.kind {
        PathKind::Index { conds, .. } => into.extend(conds.iter().map(|cond| &cond.clause)),
        PathKind::BitmapHeap { bitmap, .. } => into.extend(&bitmap.clauses),
        PathKind::Memoize { input, .. } => applied_below(input, into),
        _ => {}
    }
}
