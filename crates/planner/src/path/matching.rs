//! Matching conditions to the key columns of an index.

use super::base::BaseRels;
use super::clause::Clause;
use super::{IndexClause, RelSet, clause, strip};
use crate::planner::Planner;
use pglitedb_catalog::{IndexInfo, Relation};
use pglitedb_query_tree::{BoolOp, Expr, IndexCondKind, RowCompare, ScalarArrayOp, VarSource, serial};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};

/// The key columns as expressions of this query level.
pub(super) fn key_exprs(index: &IndexInfo, relation: &Relation, rte: usize) -> Result<Vec<Expr>> {
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
pub(super) fn predicate_holds(index: &IndexInfo, rte: usize, restrictions: &[Clause]) -> Result<bool> {
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

/// Compares conditions with the key columns of one index.
pub(super) struct Matcher<'a, 'p> {
    pub planner: &'a Planner<'p>,
    pub base: &'a BaseRels,
    pub rel: usize,
    pub index: &'a IndexInfo,
    pub keys: &'a [Expr],
}

impl Matcher<'_, '_> {
    /// The conditions that clauses set on key columns, in the order of the columns.
    pub(super) fn match_all(&self, clauses: &[Clause]) -> Result<Vec<IndexClause>> {
        let mut found = Vec::new();
        for clause in clauses {
            let before = found.len();
            found.extend(self.match_one(clause)?);
            if found.len() == before && clause.rels == RelSet::single(self.rel) && !clause.volatile {
                for bound in super::prefix::bounds(self.planner, &clause.expr)? {
                    let bound = Clause { expr: bound, ..clause.clone() };
                    if let Some(cond) = self.match_one(&bound)? {
                        found.push(IndexClause { clause: clause.expr.clone(), lossy: true, ..cond });
                    }
                }
            }
        }
        found.sort_by_key(|cond| cond.key);
        Ok(found)
    }

    pub(super) fn match_one(&self, clause: &Clause) -> Result<Option<IndexClause>> {
        if clause.volatile || !clause.rels.contains(self.rel) {
            return Ok(None);
        }
        let cond = |key: usize, kind| {
            let (display, clause) = (clause.expr.clone(), clause.expr.clone());
            Some(IndexClause { key, kind, display, clause, lossy: false })
        };
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
                    let kind = IndexCondKind::Compare { strategy, value: left.clone() };
                    let display =
                        super::clause::commuted(self.planner, &clause.expr).unwrap_or(clause.expr.clone());
                    return Ok(Some(IndexClause {
                        key,
                        kind,
                        display,
                        clause: clause.expr.clone(),
                        lossy: false,
                    }));
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
            Expr::Bool(BoolOp::Or, arms) => self.or_to_any(arms, &clause.expr),
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

    /// `key = a OR key = b OR ...` as `key = ANY (ARRAY[a, b, ...])`.
    fn or_to_any(&self, arms: &[Expr], clause: &Expr) -> Result<Option<IndexClause>> {
        let mut values = Vec::with_capacity(arms.len());
        let mut first: Option<(usize, &pglitedb_query_tree::OpExpr, &Expr)> = None;
        for arm in arms {
            let Expr::Op(op) = arm else { return Ok(None) };
            let [left, right] = op.args.as_slice() else { return Ok(None) };
            let Some(key) = self.key_of(left, op.input_collation) else { return Ok(None) };
            if !matches!(right, Expr::Const(_) | Expr::Param(_)) {
                return Ok(None);
            }
            match first {
                None => first = Some((key, op, left)),
                Some((known, known_op, known_left)) => {
                    if known != key || known_op.op != op.op || known_left != left {
                        return Ok(None);
                    }
                }
            }
            values.push(right.clone());
        }
        let Some((key, op, left)) = first else { return Ok(None) };
        let element_type = values.first().map_or(0, Expr::type_oid);
        let same = values.iter().all(|value| value.type_oid() == element_type);
        if !same || self.strategy(key, op.op)? != Some(3) || !self.types_match(key, element_type) {
            return Ok(None);
        }
        let array_type = self.planner.catalog().type_info(element_type)?.map_or(0, |info| info.array);
        if array_type == 0 {
            return Ok(None);
        }
        let mut array = Expr::Array {
            array_type,
            element_type,
            collation: left.collation(),
            elements: values,
            multidims: false,
            position: Default::default(),
        };
        self.planner.folder().expr(&mut array)?;
        let display = Expr::ScalarArray(ScalarArrayOp {
            op: op.op,
            func: op.func,
            use_or: true,
            scalar: Box::new(left.clone()),
            array: Box::new(array.clone()),
            input_collation: op.input_collation,
            position: Default::default(),
        });
        Ok(Some(IndexClause {
            key,
            kind: IndexCondKind::EqAny(array),
            display,
            clause: clause.clone(),
            lossy: false,
        }))
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
        let (display, clause) = (clause.expr.clone(), clause.expr.clone());
        Ok(Some(IndexClause { key, kind, display, clause, lossy: false }))
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
