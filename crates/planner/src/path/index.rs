//! Index scans: matching conditions to key columns.

use super::base::{BaseRel, BaseRels};
use super::clause::Clause;
use super::selectivity::Estimator;
use super::{IndexClause, Path, PathKey, PathKind, RelNode, RelSet, clause, cost};
use crate::planner::{Planner, var_rte};
use pglitedb_catalog::{IndexInfo, Relation};
use pglitedb_query_tree::{Expr, IndexCondKind, Query, RowCompare, SystemColumn, VarSource, serial};
use pglitedb_sqlstate::Result;
use pglitedb_types::{BuiltinEnv, Oid, Repr, TypeKind, oids};
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
    for index in &relation.indexes {
        if index.access_method != clause::BTREE || !index.is_valid {
            continue;
        }
        let keys = key_exprs(index, relation, info.rte)?;
        if !predicate_holds(index, info.rte, restrictions)? {
            continue;
        }
        let matcher = Matcher { planner, base, rel, index, keys: &keys };
        let own = matcher.match_all(restrictions)?;
        let finder = PathMaker { planner, estimator, base, rel, index, keys: &keys };
        finder.add(&own, restrictions, RelSet::default(), node)?;
        // One parameterized scan for each set of relations that some join condition brings in.
        let mut sources: Vec<RelSet> = Vec::new();
        for clause in join_clauses {
            if matcher.match_one(clause)?.is_some() {
                let required = clause.rels.minus(RelSet::single(rel));
                if !sources.contains(&required) {
                    sources.push(required);
                }
            }
        }
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
        for required in sources {
            let usable: Vec<Clause> = restrictions
                .iter()
                .chain(
                    join_clauses
                        .iter()
                        .filter(|clause| clause.rels.minus(RelSet::single(rel)).within(required)),
                )
                .cloned()
                .collect();
            let conds = matcher.match_all(&usable)?;
            finder.add(&conds, restrictions, required, node)?;
        }
    }
    Ok(())
}

/// The key columns as expressions of this query level.
fn key_exprs(index: &IndexInfo, relation: &Relation, rte: usize) -> Result<Vec<Expr>> {
    let mut stored = index.expressions.iter();
    index
        .columns
        .iter()
        .map(|column| {
            if column.attnum != 0 {
                let (typmod, collation) = relation
                    .column(column.attnum)
                    .map_or((-1, 0), |column| (column.typmod, column.collation));
                let type_oid =
                    relation.column(column.attnum).map_or(column.type_oid, |column| column.type_oid);
                return Ok(Expr::Var(pglitedb_query_tree::Var {
                    source: VarSource::Rte(rte),
                    attno: column.attnum,
                    type_oid,
                    typmod,
                    collation,
                    levels_up: 0,
                    returning: Default::default(),
                    position: Default::default(),
                }));
            }
            match stored.next() {
                Some(text) => relation_expr(text, rte),
                None => Err(pglitedb_sqlstate::Error::internal("index lacks an expression")),
            }
        })
        .collect()
}

/// A stored expression over one relation (entry 0), moved to another range table entry.
pub(crate) fn relation_expr(text: &str, rte: usize) -> Result<Expr> {
    let mut expr = serial::expr_from_text(text)?;
    crate::prep::shift_expr_vars(&mut expr, rte, 0);
    Ok(expr)
}

/// Is a partial index's predicate implied by the restrictions? Only literally, or by a strict comparison for
/// `x IS NOT NULL`.
fn predicate_holds(index: &IndexInfo, rte: usize, restrictions: &[Clause]) -> Result<bool> {
    let Some(predicate) = &index.predicate else { return Ok(true) };
    let conjuncts = relation_expr(predicate, rte)?.into_conjuncts();
    Ok(conjuncts.iter().all(|wanted| restrictions.iter().any(|clause| implies(&clause.expr, wanted))))
}

fn implies(known: &Expr, wanted: &Expr) -> bool {
    if known == wanted {
        return true;
    }
    match (known, wanted) {
        (Expr::Op(op), Expr::NullTest { arg, negated: true, .. }) => {
            op.args.iter().any(|side| side == &**arg)
        }
        (Expr::ScalarArray(op), Expr::NullTest { arg, negated: true, .. }) => {
            op.use_or && *op.scalar == **arg
        }
        _ => false,
    }
}

struct Matcher<'a, 'p> {
    planner: &'a Planner<'p>,
    base: &'a BaseRels,
    rel: usize,
    index: &'a IndexInfo,
    keys: &'a [Expr],
}

fn strip(mut expr: &Expr) -> &Expr {
    while let Expr::Relabel { arg, .. } = expr {
        expr = arg;
    }
    expr
}

impl Matcher<'_, '_> {
    /// Conditions usable on the leading key columns: equalities up to and including the first range.
    fn match_all(&self, clauses: &[Clause]) -> Result<Vec<(IndexClause, usize)>> {
        let mut found = Vec::new();
        for (at, clause) in clauses.iter().enumerate() {
            if let Some(cond) = self.match_one(clause)? {
                found.push((cond, at));
            }
        }
        let mut usable = Vec::new();
        for key in 0..self.keys.len() {
            let of_key: Vec<_> = found.iter().filter(|(cond, _)| cond.key == key).cloned().collect();
            let exact = of_key.iter().find(|(cond, _)| is_equality(&cond.kind)).cloned();
            match exact {
                Some(cond) => usable.push(cond),
                None => {
                    usable.extend(of_key);
                    break;
                }
            }
        }
        Ok(usable)
    }

    fn match_one(&self, clause: &Clause) -> Result<Option<IndexClause>> {
        if clause.volatile || !clause.rels.contains(self.rel) {
            return Ok(None);
        }
        let cond = |key: usize, kind| Some(IndexClause { key, kind, display: clause.expr.clone() });
        match &clause.expr {
            Expr::Op(op) => {
                let [left, right] = op.args.as_slice() else { return Ok(None) };
                if let Some(key) = self.key_of(left, op.input_collation)
                    && self.is_outside(right)
                    && let Some(strategy) = self.strategy(key, op.op)?
                    && self.comparable(key, right)
                {
                    return Ok(cond(key, IndexCondKind::Compare { strategy, value: right.clone() }));
                }
                if let Some(key) = self.key_of(right, op.input_collation)
                    && self.is_outside(left)
                    && let Some(info) = self.planner.catalog().operator(op.op)?
                    && info.commutator != 0
                    && let Some(strategy) = self.strategy(key, info.commutator)?
                    && self.comparable(key, left)
                {
                    return Ok(cond(key, IndexCondKind::Compare { strategy, value: left.clone() }));
                }
                Ok(None)
            }
            Expr::ScalarArray(op) if op.use_or => {
                if let Some(key) = self.key_of(&op.scalar, op.input_collation)
                    && self.is_outside(&op.array)
                    && self.strategy(key, op.op)? == Some(3)
                {
                    let element =
                        self.planner.catalog().type_info(op.array.type_oid())?.map_or(0, |info| info.element);
                    if self.types_match(key, element) {
                        return Ok(cond(key, IndexCondKind::EqAny((*op.array).clone())));
                    }
                }
                Ok(None)
            }
            Expr::NullTest { arg, negated, arg_is_row: false } => {
                let kind = if *negated { IndexCondKind::IsNotNull } else { IndexCondKind::IsNull };
                Ok(self.key_of(arg, self.key_collation(arg)).and_then(|key| cond(key, kind)))
            }
            Expr::RowCompare(compare) => self.row_compare(compare, clause),
            // A boolean key column by itself means `key = true`.
            Expr::Var(var) if var.type_oid == oids::BOOL => {
                Ok(self.key_of(&clause.expr, 0).and_then(|key| {
                    cond(key, IndexCondKind::Compare { strategy: 3, value: Expr::bool_const(true) })
                }))
            }
            Expr::Bool(pglitedb_query_tree::BoolOp::Not, args) => match args.first() {
                Some(arg @ Expr::Var(var)) if var.type_oid == oids::BOOL => {
                    Ok(self.key_of(arg, 0).and_then(|key| {
                        cond(key, IndexCondKind::Compare { strategy: 3, value: Expr::bool_const(false) })
                    }))
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn row_compare(&self, compare: &RowCompare, clause: &Clause) -> Result<Option<IndexClause>> {
        let Some(first) = compare.left.first() else { return Ok(None) };
        let collation = compare.collations.first().copied().unwrap_or(0);
        let Some(key) = self.key_of(first, collation) else { return Ok(None) };
        for (at, (left, right)) in compare.left.iter().zip(&compare.right).enumerate() {
            let column = self.index.columns.get(key + at);
            let first_column = &self.index.columns[key];
            let fits = column.is_some_and(|column| {
                column.descending == first_column.descending && column.nulls_first == first_column.nulls_first
            });
            if !fits
                || self.keys.get(key + at).is_none_or(|known| strip(known) != strip(left))
                || !self.is_outside(right)
                || !self.types_match(key + at, right.type_oid())
                || self.strategy(key + at, compare.ops.get(at).copied().unwrap_or(0))?
                    != Some(compare.strategy)
            {
                return Ok(None);
            }
        }
        let kind = IndexCondKind::RowCompare { strategy: compare.strategy, values: compare.right.clone() };
        Ok(Some(IndexClause { key, kind, display: clause.expr.clone() }))
    }

    fn key_collation(&self, expr: &Expr) -> Oid {
        let at = self.keys.iter().position(|key| strip(key) == strip(expr));
        at.map_or(0, |at| self.index.columns[at].collation)
    }

    fn key_of(&self, expr: &Expr, collation: Oid) -> Option<usize> {
        let expr = strip(expr);
        (0..self.keys.len()).find(|at| {
            strip(&self.keys[*at]) == expr
                && (collation == 0
                    || self.index.columns[*at].collation == 0
                    || self.index.columns[*at].collation == collation)
        })
    }

    /// Does an expression not use the relation itself?
    fn is_outside(&self, expr: &Expr) -> bool {
        !self.base.map.rels(expr).contains(self.rel)
    }

    fn strategy(&self, key: usize, op: Oid) -> Result<Option<i16>> {
        let amops = self.planner.catalog().amops_of_operator(op)?;
        let family = self.index.columns[key].opfamily;
        Ok(amops
            .iter()
            .find(|amop| {
                amop.family == family && amop.method == clause::BTREE && (1..=5).contains(&amop.strategy)
            })
            .map(|amop| amop.strategy))
    }

    fn comparable(&self, key: usize, value: &Expr) -> bool {
        self.types_match(key, value.type_oid())
    }

    /// May a value of that type bound the key? The same type always; the executor also converts within the integers,
    /// the floats and the character types (name, text, varchar), whose families compare across types.
    fn types_match(&self, key: usize, type_oid: Oid) -> bool {
        let group = |oid: Oid| match oid {
            oids::INT2 | oids::INT4 | oids::INT8 => 1,
            oids::FLOAT4 | oids::FLOAT8 => 2,
            oids::TEXT | oids::VARCHAR | oids::NAME => 3,
            oids::OID | oids::REGCLASS | oids::REGTYPE | oids::REGPROC => 4,
            _ => 0,
        };
        let key_type = self.index.columns[key].type_oid;
        key_type == type_oid
            || (group(key_type) != 0 && group(key_type) == group(type_oid))
            || self.keys[key].type_oid() == type_oid
    }
}

fn is_equality(kind: &IndexCondKind) -> bool {
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
}

impl PathMaker<'_, '_> {
    fn add(
        &self,
        conds: &[(IndexClause, usize)],
        restrictions: &[Clause],
        required: RelSet,
        node: &mut RelNode,
    ) -> Result<()> {
        let info: &BaseRel = &self.base.rels[self.rel];
        if conds.is_empty() && (!required.is_empty() || self.keys.is_empty()) {
            return Ok(());
        }
        let fetched_share = self.estimator.conjuncts(conds.iter().map(|(cond, _)| &cond.display));
        let fetched = if self.is_point(conds) { 1.0 } else { (info.tuples * fetched_share).max(1.0) };
        let remaining: Vec<Expr> = restrictions
            .iter()
            .filter(|clause| !clause.derived && !conds.iter().any(|(cond, _)| cond.display == clause.expr))
            .map(|clause| clause.expr.clone())
            .collect();
        let rows = cost::clamp_rows(fetched * self.estimator.conjuncts(remaining.iter()));
        let ranges = conds
            .iter()
            .map(|(cond, _)| match &cond.kind {
                IndexCondKind::EqAny(Expr::Const(array)) => match &array.value {
                    pglitedb_types::Datum::Array(array) => array.values.len() as f64,
                    _ => 1.0,
                },
                IndexCondKind::EqAny(_) => 10.0,
                _ => 1.0,
            })
            .product::<f64>();
        let index_only = self.is_covering(info);
        let cost = cost::index_scan(
            self.planner.settings(),
            info.pages,
            info.tuples,
            fetched,
            remaining.len(),
            self.correlation(info),
            index_only,
            ranges,
        );
        let several = conds.iter().any(|(cond, _)| matches!(cond.kind, IndexCondKind::EqAny(_)));
        for backward in [false, true] {
            let pathkeys = if several && ranges > 1.0 { Vec::new() } else { self.pathkeys(conds, backward)? };
            if (backward || conds.is_empty()) && pathkeys.is_empty() {
                continue;
            }
            node.add(Path {
                kind: PathKind::Index {
                    index: self.index.clone(),
                    conds: conds.iter().map(|(cond, _)| cond.clone()).collect(),
                    quals: remaining.clone(),
                    backward,
                    index_only,
                },
                rels: RelSet::single(self.rel),
                required: required.union(info.lateral),
                rows,
                startup: cost.startup,
                total: cost.total + if backward { 0.0001 } else { 0.0 },
                width: info.width,
                pathkeys,
            });
        }
        Ok(())
    }

    /// How well the index's order agrees with the table's. Without statistics: somewhat, since many keys grow with time.
    fn correlation(&self, info: &BaseRel) -> f64 {
        let (Some(relation), Some(first)) = (&info.relation, self.index.columns.first()) else { return 0.0 };
        let stats = self.planner.catalog().column_stats(relation.oid, first.attnum).ok().flatten();
        stats.map_or(0.3, |stats| stats.correlation)
    }

    /// All key columns of a unique index are fixed.
    fn is_point(&self, conds: &[(IndexClause, usize)]) -> bool {
        self.index.is_unique
            && (0..self.keys.len()).all(|key| {
                conds.iter().any(|(cond, _)| {
                    cond.key == key && matches!(cond.kind, IndexCondKind::Compare { strategy: 3, .. })
                })
            })
    }

    fn pathkeys(&self, conds: &[(IndexClause, usize)], backward: bool) -> Result<Vec<PathKey>> {
        let mut pathkeys = Vec::new();
        for (at, column) in self.index.columns.iter().enumerate() {
            // A key that is fixed adds nothing to the order.
            let fixed = conds.iter().any(|(cond, _)| {
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
        Ok(pathkeys)
    }

    /// Does a key of this type tell the value exactly?
    fn is_decodable(&self, type_oid: Oid) -> bool {
        let mut oid = type_oid;
        for _ in 0..64 {
            let Ok(Some(info)) = self.planner.catalog().type_info(oid) else { return false };
            if info.kind != TypeKind::Domain {
                return Repr::of_info(&info, &BuiltinEnv::default())
                    .is_ok_and(|repr| pglitedb_types::is_decodable(oid, repr));
            }
            oid = info.base_type;
        }
        false
    }

    /// Are all columns of the relation that the query uses key columns (whose values the index gives back)?
    fn is_covering(&self, info: &BaseRel) -> bool {
        if !self.planner.settings().enable_indexonlyscan {
            return false;
        }
        let query: &Query = self.estimator.query;
        // Entries are read from their start: what follows a column that can't be read back is out of reach.
        let readable: Vec<i16> = self
            .index
            .columns
            .iter()
            .take_while(|column| self.is_decodable(column.type_oid))
            .map(|column| column.attnum)
            .collect();
        let decodable = |attno: i16| readable.contains(&attno);
        let mut covered =
            !readable.is_empty() && query.result_relation != Some(info.rte) && query.row_marks.is_empty();
        let mut visit = |expr: &Expr, depth: u32| {
            if let Expr::Var(var) = expr
                && var.levels_up == depth
                && var.source == VarSource::Rte(info.rte)
                && (var.attno <= 0 && var.attno != SystemColumn::TableOid as i16 || !decodable(var.attno))
            {
                covered = false;
            }
        };
        query.walk_exprs(0, &mut visit);
        covered
    }
}

/// The range table entry a plain column expression belongs to.
pub(crate) fn column_rte(expr: &Expr) -> Option<usize> {
    match strip(expr) {
        Expr::Var(var) => var_rte(var),
        _ => None,
    }
}
