//! Conditions with what the join search needs to know of them.

use super::RelSet;
use crate::planner::{Planner, var_rte};
use pglitedb_catalog::Catalog;
use pglitedb_query_tree::{Expr, OpExpr};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};

/// Which base relation a range table entry is, by entry number.
#[derive(Clone, Debug, Default)]
pub(crate) struct RelMap {
    /// Base relation number of each entry.
    pub rel_of_rte: Vec<Option<usize>>,
}

impl RelMap {
    /// The relations an expression of this level uses.
    pub(crate) fn rels(&self, expr: &Expr) -> RelSet {
        let mut rels = RelSet::default();
        expr.walk(&mut |node| {
            let rte = match node {
                Expr::Var(var) => var_rte(var),
                Expr::CurrentOf { rte, .. } => Some(*rte),
                Expr::PlaceHolder(holder) if holder.levels_up == 0 => {
                    for rte in &holder.rtes {
                        rels = rels.union(self.rel(*rte));
                    }
                    return false;
                }
                _ => None,
            };
            rels = rels.union(rte.map_or(RelSet::default(), |rte| self.rel(rte)));
            true
        });
        rels
    }

    fn rel(&self, rte: usize) -> RelSet {
        self.rel_of_rte.get(rte).copied().flatten().map_or(RelSet::default(), RelSet::single)
    }
}

/// A condition (conjunct).
#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub expr: Expr,
    pub rels: RelSet,
    /// Set for `left = right` whose sides use disjoint, non-empty sets of relations.
    pub equi: Option<Equi>,
    /// Derived from others: it widens the choice of joins, and holds anyway once all others are applied.
    pub derived: bool,
    /// The class of columns that it says are equal, if there is one. Between two parts one clause of a class says as much as all:
    /// within each part its members are equal already.
    pub class: Option<usize>,
    pub volatile: bool,
}

/// The two sides of an equality.
#[derive(Clone, Debug)]
pub(crate) struct Equi {
    pub left: Expr,
    pub right: Expr,
    pub left_rels: RelSet,
    pub right_rels: RelSet,
    pub op: Oid,
    /// Operator with the sides exchanged, 0 if there is none.
    pub commutator: Oid,
    pub collation: Oid,
    pub can_hash: bool,
    /// B-tree family, 0 if the operator can't be used for merging.
    pub merge_family: Oid,
}

impl Clause {
    /// Analyzes a conjunct.
    pub(crate) fn new(planner: &Planner<'_>, map: &RelMap, expr: Expr) -> Result<Clause> {
        let rels = map.rels(&expr);
        let volatile = crate::prep::ctes::expr_is_volatile(planner, &expr)?;
        let equi = match &expr {
            Expr::Op(op) if !volatile => equi(planner, map, op)?,
            _ => None,
        };
        Ok(Clause { expr, rels, equi, derived: false, class: None, volatile })
    }
}

fn equi(planner: &Planner<'_>, map: &RelMap, op: &OpExpr) -> Result<Option<Equi>> {
    let [left, right] = op.args.as_slice() else { return Ok(None) };
    let (left_rels, right_rels) = (map.rels(left), map.rels(right));
    if left_rels.is_empty() || right_rels.is_empty() || left_rels.overlaps(right_rels) {
        return Ok(None);
    }
    let Some(info) = planner.catalog().operator(op.op)? else { return Ok(None) };
    if !info.can_hash && !info.can_merge {
        return Ok(None);
    }
    let merge_family = if info.can_merge { btree_equality_family(planner, op.op)? } else { 0 };
    Ok(Some(Equi {
        left: left.clone(),
        right: right.clone(),
        left_rels,
        right_rels,
        op: op.op,
        commutator: info.commutator,
        collation: op.input_collation,
        can_hash: hashable(planner.catalog(), op.op)?,
        merge_family,
    }))
}

/// A comparison with its sides exchanged, if its operator has a commutator.
pub(crate) fn commuted(planner: &Planner<'_>, expr: &Expr) -> Option<Expr> {
    let Expr::Op(op) = expr else { return None };
    let [left, right] = op.args.as_slice() else { return None };
    let info = planner.catalog().operator(op.op).ok().flatten()?;
    let turned = planner.catalog().operator(info.commutator).ok().flatten()?;
    let mut own = op.clone();
    own.op = info.commutator;
    own.func = turned.proc;
    own.args = vec![right.clone(), left.clone()];
    Some(Expr::Op(own))
}

/// Can hash tables be searched by an operator? One that is not built in must be in an operator family for that, and mean
/// what the type's own equality does.
pub(crate) fn hashable(catalog: &dyn Catalog, op: Oid) -> Result<bool> {
    let Some(info) = catalog.operator(op)?.filter(|info| info.can_hash) else { return Ok(false) };
    if op < oids::FIRST_NORMAL_OID {
        return Ok(true);
    }
    let internal = catalog.proc(info.proc)?.is_some_and(|proc| proc.builtin || proc.language == INTERNAL);
    Ok(internal && catalog.amops_of_operator(op)?.iter().any(|amop| amop.method == HASH))
}

/// Language of built-in functions.
const INTERNAL: Oid = 12;

/// The B-tree family in which an operator is equality, or 0.
pub(crate) fn btree_equality_family(planner: &Planner<'_>, op: Oid) -> Result<Oid> {
    let amops = planner.catalog().amops_of_operator(op)?;
    Ok(amops.iter().find(|amop| amop.method == BTREE && amop.strategy == 3).map_or(0, |amop| amop.family))
}

/// `pg_am.oid` of hash.
const HASH: Oid = 405;
/// `pg_am.oid` of btree.
pub(crate) const BTREE: Oid = 403;
