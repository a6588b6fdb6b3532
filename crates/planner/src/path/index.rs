//! Index scans: matching conditions to key columns, plain and bitmap paths.

use super::base::{BaseRel, BaseRels};
use super::bitmap::{self, Bitmap, BitmapKind};
use super::clause::Clause;
use super::matching::{Matcher, key_exprs, predicate_holds, relation_expr};
use super::selectivity::Estimator;
use super::{IndexClause, Path, PathKey, PathKind, RelNode, RelSet, clause, cost, strip};
use crate::planner::{Planner, var_rte};
use pglitedb_catalog::IndexInfo;
use pglitedb_query_tree::{BoolOp, Expr, IndexCondKind, Query, SystemColumn, VarSource};
use pglitedb_sqlstate::Result;
use pglitedb_types::{BuiltinEnv, Oid, Repr};
use std::cell::OnceCell;
use std::sync::Arc;

/// Adds all useful index paths of a relation.
pub(crate) fn add_paths(
    planner: &Planner<'_>,
    estimator: &Estimator<'_, '_>,
    base: &BaseRels,
    rel: usize,
    restrictions: &[Clause],
    join_clauses: &[Clause],
    node: &mut RelNode,
) -> Result<()> {
    let info = &base.rels[rel];
    let Some(relation) = &info.relation else { return Ok(()) };
    let interesting = |expr: &Expr| {
        estimator.ordered.contains(expr)
            || join_clauses.iter().filter_map(|clause| clause.equi.as_ref()).any(|equi| {
                equi.merge_family != 0 && (strip(&equi.left) == expr || strip(&equi.right) == expr)
            })
    };
    let ors: Vec<&Clause> = restrictions
        .iter()
        .chain(join_clauses)
        .filter(|clause| is_or(&clause.expr) && !clause.volatile)
        .collect();
    let mut used: Option<Option<Vec<i16>>> = None;
    let mut indexes = Vec::new();
    for index in &relation.indexes {
        if index.access_method != clause::BTREE || !index.is_valid {
            continue;
        }
        let keys = key_exprs(index, relation, info.rte)?;
        let holds = predicate_holds(index, info.rte, restrictions)?;
        let used = used.get_or_insert_with(|| used_columns(estimator.query, base, info.rte));
        let covering = planner.settings().enable_indexonlyscan && is_covering(planner, used.as_ref(), index);
        indexes.push((index, keys, holds, covering));
    }
    if indexes.is_empty() {
        return Ok(());
    }
    let makers: Vec<(Matcher<'_, '_>, PathMaker<'_, '_>, bool)> = indexes
        .iter()
        .map(|(index, keys, holds, covering)| {
            let (index, covering) = (*index, *covering);
            (
                Matcher { planner, base, rel, index, keys },
                PathMaker { planner, estimator, base, rel, index, keys, size: OnceCell::new(), covering },
                *holds,
            )
        })
        .collect();
    let mut bitmaps = bitmap::Candidates::default();
    let mut sources: Vec<RelSet> = Vec::new();
    for (matcher, maker, holds) in &makers {
        if !holds {
            continue;
        }
        let own = matcher.match_all(restrictions)?;
        maker.add(&own, restrictions, RelSet::default(), &interesting, node)?;
        if !own.is_empty() && !maker.is_point(&own) {
            bitmaps.add(RelSet::default(), maker.bitmap(&own, 1.0));
        }
        for clause in join_clauses {
            let required = clause.rels.minus(RelSet::single(rel));
            if !sources.contains(&required) && matcher.match_one(clause)?.is_some() {
                sources.push(required);
            }
        }
    }
    for clause in &ors {
        let required = clause.rels.minus(RelSet::single(rel));
        if !required.is_empty() && clause.rels.contains(rel) && !sources.contains(&required) {
            sources.push(required);
        }
    }
    add_unions(&mut sources);
    // One parameterized scan for each set of relations that some join condition brings in.
    for required in &sources {
        let usable: Vec<Clause> = restrictions
            .iter()
            .chain(
                join_clauses.iter().filter(|clause| clause.rels.minus(RelSet::single(rel)).within(*required)),
            )
            .cloned()
            .collect();
        for (matcher, maker, holds) in &makers {
            if !holds {
                continue;
            }
            let conds = matcher.match_all(&usable)?;
            let outside = conds.iter().any(|cond| base.map.rels(&cond.clause) != RelSet::single(rel));
            if outside {
                maker.add(&conds, restrictions, *required, &interesting, node)?;
                if !maker.is_point(&conds) {
                    bitmaps.add(*required, maker.bitmap(&conds, base.loops(*required)));
                }
            }
        }
    }
    if planner.settings().enable_bitmapscan || node.paths.iter().all(|path| path.disabled > 0) {
        for clause in &ors {
            let required = clause.rels.minus(RelSet::single(rel));
            if let Some(found) = or_bitmap(&clause.expr, restrictions, &makers, base.loops(required))? {
                bitmaps.add(required, found);
            }
        }
        bitmaps.finish(planner, estimator, base, rel, restrictions, node);
    }
    Ok(())
}

fn is_or(expr: &Expr) -> bool {
    matches!(expr, Expr::Bool(BoolOp::Or, _))
}

fn add_unions(sources: &mut Vec<RelSet>) {
    let unions: Vec<RelSet> = sources
        .iter()
        .flat_map(|a| sources.iter().map(|b| a.union(*b)))
        .filter(|both| !sources.contains(both))
        .collect();
    for both in unions {
        if !sources.contains(&both) && sources.len() < 8 {
            sources.push(both);
        }
    }
}

/// A bitmap for `a OR b OR ...`, if each arm can use some index: the cheapest for each.
fn or_bitmap(
    expr: &Expr,
    others: &[Clause],
    makers: &[(Matcher<'_, '_>, PathMaker<'_, '_>, bool)],
    loops: f64,
) -> Result<Option<Bitmap>> {
    let Expr::Bool(BoolOp::Or, arms) = expr else { return Ok(None) };
    let mut parts = Vec::with_capacity(arms.len());
    for arm in arms {
        let mut best: Option<Bitmap> = None;
        let mut nested = None;
        let mut own = Vec::new();
        for conjunct in arm.clone().into_conjuncts() {
            if is_or(&conjunct) && nested.is_none() {
                nested = or_bitmap(&conjunct, others, makers, loops)?;
            }
            if let Some((matcher, ..)) = makers.first() {
                own.push(Clause::new(matcher.planner, &matcher.base.map, conjunct)?);
            }
        }
        for (matcher, maker, _) in makers {
            let rte = maker.base.rels[maker.rel].rte;
            let mut known = own.clone();
            known.extend(others.iter().filter(|clause| !clause.derived).cloned());
            if !predicate_holds(maker.index, rte, &known)? {
                continue;
            }
            let mut conds = matcher.match_all(&own)?;
            // The OR is not checked again as a whole.
            conds.retain(|cond| !cond.lossy);
            if conds.is_empty() {
                continue;
            }
            let found = maker.bitmap(&conds, loops);
            if best.as_ref().is_none_or(|known| found.cost < known.cost) {
                best = Some(found);
            }
        }
        match best.or(nested) {
            Some(found) => parts.push(found),
            None => return Ok(None),
        }
    }
    Ok(bitmap::any(parts, expr))
}

/// Does the condition fix its key to one value (or a list of them)?
pub(super) fn is_equality(kind: &IndexCondKind) -> bool {
    matches!(
        kind,
        IndexCondKind::Compare { strategy: 3, .. } | IndexCondKind::EqAny(_) | IndexCondKind::IsNull
    )
}

struct PathMaker<'a, 'p> {
    planner: &'a Planner<'p>,
    estimator: &'a Estimator<'a, 'p>,
    base: &'a BaseRels,
    rel: usize,
    index: &'a Arc<IndexInfo>,
    keys: &'a [Expr],
    /// Computed when first asked for.
    size: OnceCell<IndexSize>,
    covering: bool,
}

/// Pages of an index and levels above its leaves.
#[derive(Clone, Copy)]
struct IndexSize {
    pages: f64,
    height: f64,
}

impl PathMaker<'_, '_> {
    /// Conditions that bound the scan: on leading keys, equalities up to and including the first range.
    fn bounds<'c>(&self, conds: &'c [IndexClause]) -> Vec<&'c IndexClause> {
        let mut bounds = Vec::new();
        for key in 0..self.keys.len() {
            let before = bounds.len();
            bounds.extend(conds.iter().filter(|cond| cond.key == key));
            if bounds.len() == before || !bounds[before..].iter().any(|cond| is_equality(&cond.kind)) {
                break;
            }
        }
        bounds
    }

    /// What the scan does, `loops` times; `None`: once, and without values of other relations.
    fn work(&self, conds: &[IndexClause], loops: Option<f64>, quals: cost::QualCost) -> cost::IndexScanWork {
        let info = &self.base.rels[self.rel];
        let bounds = self.bounds(conds);
        let point = self.is_point(conds);
        let size =
            *self.size.get_or_init(|| index_size(self.planner, self.estimator, info, self.index, self.keys));
        let descents = bounds
            .iter()
            .map(|cond| match &cond.kind {
                IndexCondKind::EqAny(array) => cost::array_length(array).max(1.0),
                _ => 1.0,
            })
            .product::<f64>();
        cost::IndexScanWork {
            pages: info.pages,
            tuples: info.tuples,
            index_pages: size.pages,
            height: size.height,
            bounds_share: if point {
                0.0
            } else {
                self.estimator.conjuncts(clauses_of(bounds.iter().copied()).into_iter())
            },
            point,
            once: loops.is_none(),
            share: self.share(conds),
            conds: conds.len(),
            descents,
            correlation: self.correlation(info),
            index_only: self.covering,
            loops: loops.unwrap_or(1.0),
            quals,
        }
    }

    /// Share of the rows that satisfy the conditions.
    fn share(&self, conds: &[IndexClause]) -> f64 {
        let info = &self.base.rels[self.rel];
        if self.is_point(conds) {
            return 1.0 / info.tuples.max(1.0);
        }
        self.estimator.conjuncts(clauses_of(conds.iter()).into_iter())
    }

    fn add(
        &self,
        conds: &[IndexClause],
        restrictions: &[Clause],
        required: RelSet,
        interesting: &dyn Fn(&Expr) -> bool,
        node: &mut RelNode,
    ) -> Result<()> {
        let info: &BaseRel = &self.base.rels[self.rel];
        let several = conds
            .iter()
            .any(|cond| matches!(&cond.kind, IndexCondKind::EqAny(array) if cost::array_length(array) > 1.0));
        let mut orders = Vec::new();
        for backward in [false, true] {
            let mut order = if several { Vec::new() } else { self.pathkeys(conds, backward) };
            if !order.first().is_some_and(|key| interesting(&key.expr)) {
                order.clear();
            }
            if !backward || !order.is_empty() {
                orders.push((backward, order));
            }
        }
        let useful = !conds.is_empty()
            || required.is_empty()
                && (self.covering
                    || self.index.predicate.is_some()
                    || orders.iter().any(|(_, order)| !order.is_empty()));
        if !useful || conds.is_empty() && !required.is_empty() {
            return Ok(());
        }
        let quals = remaining(restrictions, |clause| {
            conds.iter().any(|cond| !cond.lossy && cond.clause == *clause) || self.is_predicate(clause)
        });
        let loops = (!required.is_empty()).then(|| self.base.loops(required.minus(info.lateral)));
        let work = self.work(conds, loops, cost::eval(self.planner, &quals));
        let cost = cost::index_scan(self.planner.settings(), &work);
        let settings = self.planner.settings();
        let on = if self.covering { settings.enable_indexonlyscan } else { settings.enable_indexscan };
        let rows = if required.is_empty() {
            node.rows
        } else {
            let clauses =
                restrictions.iter().filter(|clause| !clause.derived).map(|clause| &clause.expr).chain(
                    conds
                        .iter()
                        .map(|cond| &cond.clause)
                        .filter(|clause| !restrictions.iter().any(|known| known.expr == **clause)),
                );
            let share = if self.is_point(conds) {
                self.share(conds) * self.estimator.conjuncts(quals.iter())
            } else {
                self.estimator.conjuncts(clauses)
            };
            cost::clamp_rows(info.tuples * share).min(node.rows)
        };
        for (backward, pathkeys) in orders {
            node.add(Path {
                kind: PathKind::Index {
                    index: self.index.clone(),
                    conds: conds.to_vec(),
                    quals: quals.clone(),
                    backward,
                    index_only: self.covering,
                },
                rels: RelSet::single(self.rel),
                required: required.union(info.lateral),
                disabled: u32::from(!on),
                rows,
                startup: cost.startup,
                total: cost.total,
                width: info.width,
                pathkeys,
            });
        }
        Ok(())
    }

    /// The conditions as part of a bitmap.
    fn bitmap(&self, conds: &[IndexClause], loops: f64) -> Bitmap {
        let work = self.work(conds, Some(loops), cost::QualCost::default());
        let clauses = clauses_of(conds.iter().filter(|cond| !cond.lossy)).into_iter().cloned().collect();
        Bitmap {
            cost: cost::bitmap_index(self.planner.settings(), &work),
            share: work.share,
            clauses,
            kind: BitmapKind::Index { index: self.index.clone(), conds: conds.to_vec() },
        }
    }

    /// Is the condition part of a partial index's predicate, so that it holds for all entries?
    fn is_predicate(&self, clause: &Expr) -> bool {
        let rte = self.base.rels[self.rel].rte;
        self.index
            .predicate
            .as_deref()
            .and_then(|text| relation_expr(text, rte).ok())
            .is_some_and(|predicate| predicate.into_conjuncts().contains(clause))
    }

    /// How well the index's order agrees with the table's.
    fn correlation(&self, info: &BaseRel) -> f64 {
        let (Some(relation), Some(first)) = (&info.relation, self.index.columns.first()) else { return 0.0 };
        let stats = self.planner.catalog().column_stats(relation.oid, first.attnum).ok().flatten();
        let correlation = stats.map_or(0.0, |stats| stats.correlation);
        let directed = if first.descending { -correlation } else { correlation };
        if self.index.columns.len() > 1 { directed * 0.75 } else { directed }
    }

    /// All key columns of a unique index are fixed.
    fn is_point(&self, conds: &[IndexClause]) -> bool {
        self.index.is_unique
            && (0..self.keys.len()).all(|key| {
                conds.iter().any(|cond| {
                    cond.key == key && matches!(cond.kind, IndexCondKind::Compare { strategy: 3, .. })
                })
            })
    }

    fn pathkeys(&self, conds: &[IndexClause], backward: bool) -> Vec<PathKey> {
        let mut pathkeys = Vec::new();
        for (at, column) in self.index.columns.iter().enumerate() {
            // A key that is fixed adds nothing to the order.
            let fixed = conds.iter().any(|cond| {
                cond.key == at && matches!(cond.kind, IndexCondKind::Compare { strategy: 3, .. })
            });
            if fixed {
                continue;
            }
            pathkeys.push(PathKey {
                expr: strip(&self.keys[at]).clone(),
                family: column.opfamily,
                collation: column.collation,
                descending: column.descending != backward,
                nulls_first: column.nulls_first != backward,
            });
        }
        pathkeys
    }
}

/// The clauses behind some conditions, each once.
fn clauses_of<'c>(conds: impl Iterator<Item = &'c IndexClause>) -> Vec<&'c Expr> {
    let mut clauses: Vec<&Expr> = Vec::new();
    for cond in conds {
        if !clauses.contains(&&cond.clause) {
            clauses.push(&cond.clause);
        }
    }
    clauses
}

/// Restrictions that a scan still has to check.
fn remaining(restrictions: &[Clause], applied: impl Fn(&Expr) -> bool) -> Vec<Expr> {
    restrictions
        .iter()
        .filter(|clause| !clause.derived && !applied(&clause.expr))
        .map(|clause| clause.expr.clone())
        .collect()
}

/// The size PostgreSQL's index over these columns would have, from what is known of the values: entries of 8 bytes and the
/// key, pages filled to 90 %, equal keys stored once.
fn index_size(
    planner: &Planner<'_>,
    estimator: &Estimator<'_, '_>,
    info: &BaseRel,
    index: &IndexInfo,
    keys: &[Expr],
) -> IndexSize {
    let relation = info.relation.as_ref();
    let width: f64 = index
        .columns
        .iter()
        .map(|column| {
            let stats = relation.and_then(|relation| {
                planner.catalog().column_stats(relation.oid, column.attnum).ok().flatten()
            });
            match stats {
                Some(stats) if stats.avg_width > 0 => f64::from(stats.avg_width),
                _ => f64::from(super::base::type_width(column.type_oid, -1)),
            }
        })
        .sum();
    let entry = 12.0 + (width / 8.0).ceil() * 8.0;
    let room = (8192.0 - 24.0 - 16.0) * 0.9;
    let mut bytes = info.tuples * entry;
    if !index.is_unique {
        let distinct = estimator.group_count(keys.iter(), info.tuples);
        bytes = bytes.min(info.tuples * 6.0 + distinct * entry);
    }
    let leaves = (bytes / room).ceil().max(1.0);
    let fan_out = (room / entry).max(2.0);
    let (mut height, mut level, mut pages) = (0.0, leaves, leaves + 1.0);
    while level > 1.0 && height < 32.0 {
        level = (level / fan_out).ceil();
        pages += level;
        height += 1.0;
    }
    IndexSize { pages, height }
}

/// Does a key of this type tell the value exactly?
fn is_decodable(planner: &Planner<'_>, type_oid: Oid) -> bool {
    let Ok(info) = planner.catalog().domain_base(type_oid) else { return false };
    Repr::of_info(&info, &BuiltinEnv::default())
        .is_ok_and(|repr| pglitedb_types::is_decodable(info.oid, repr))
}

/// Columns of a relation that its query level uses, as far as that matters for index-only scans; `None` if the row itself
/// is needed.
fn used_columns(query: &Query, base: &BaseRels, rte: usize) -> Option<Vec<i16>> {
    if query.result_relation == Some(rte) || query.row_marks.iter().any(|mark| mark.rte == rte) {
        return None;
    }
    let mut used = Some(Vec::new());
    let mut visit = |expr: &Expr, depth: u32| {
        let Expr::Var(var) = expr else { return };
        if var.levels_up != depth
            || var.source != VarSource::Rte(rte)
            || var.attno == SystemColumn::TableOid as i16
        {
            return;
        }
        match &mut used {
            Some(_) if var.attno <= 0 => used = None,
            Some(columns) if !columns.contains(&var.attno) => columns.push(var.attno),
            _ => {}
        }
    };
    query.walk_exprs(0, &mut visit);
    // Subqueries have been planned already: what they take from here is noted beside.
    for (expr, _) in base.rels.iter().flat_map(|rel| &rel.params) {
        expr.walk(&mut |node| {
            visit(node, 0);
            true
        });
    }
    used
}

/// Are all columns that are used key columns whose values the entries tell? Entries are read from their start: what
/// follows a key that can't be read back is out of reach.
fn is_covering(planner: &Planner<'_>, used: Option<&Vec<i16>>, index: &IndexInfo) -> bool {
    let Some(used) = used else { return false };
    let has = |attno: &i16| index.columns.iter().any(|column| column.attnum == *attno);
    if index.columns.is_empty() || !used.iter().all(has) {
        return false;
    }
    let readable: Vec<i16> = index
        .columns
        .iter()
        .take_while(|column| is_decodable(planner, column.type_oid))
        .map(|column| column.attnum)
        .collect();
    used.iter().all(|attno| readable.contains(attno))
}

/// The range table entry a plain column expression belongs to.
pub(crate) fn column_rte(expr: &Expr) -> Option<usize> {
    match strip(expr) {
        Expr::Var(var) => var_rte(var),
        _ => None,
    }
}
