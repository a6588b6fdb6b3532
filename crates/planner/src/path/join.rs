//! The join tree: inner joins are reordered by cost, outer, semi and anti joins keep their place with conditions pushed
//! to the side that they allow.

use super::base::{BaseRels, item_rels};
use super::clause::Clause;
use super::selectivity::Estimator;
use super::useful::UsefulOrders;
use super::{RelNode, RelSet, base, cost, join_paths};
use crate::planner::Planner;
use pglitedb_query_tree::{Expr, FromItem, JoinType, OpExpr};
use pglitedb_sqlstate::{Error, Result};
use std::collections::HashSet;

/// The search over one query level.
pub(crate) struct JoinSearch<'a, 'p> {
    pub planner: &'a Planner<'p>,
    pub estimator: &'a Estimator<'a, 'p>,
    pub base: &'a BaseRels,
    /// The orders that joined rows should keep.
    pub useful: UsefulOrders,
}

/// The parts of a condition, without those that always hold.
fn conjuncts(quals: Option<&Expr>) -> Vec<Expr> {
    let mut list = quals.map_or_else(Vec::new, |quals| quals.clone().into_conjuncts());
    list.retain(|expr| !matches!(expr, Expr::Const(constant) if constant.value.as_bool() == Some(true)));
    list
}

/// The ways to join the parts of a set of relations, as (outer, inner). Of equally cheap ones the first is taken, so the order is
/// PostgreSQL's: what was joined before with one more relation, then larger pairs; relations as they stand in FROM; the larger or earlier
/// part as the outer one first.
fn splits(subset: usize) -> Vec<(usize, usize)> {
    let mut larger = Vec::new();
    let mut part = (subset - 1) & subset;
    while part > 0 {
        let rest = subset & !part;
        let (size, other) = (part.count_ones(), rest.count_ones());
        if size > other || size == other && part < rest {
            larger.push(part);
        }
        part = (part - 1) & subset;
    }
    larger.sort_by_key(|part| (std::cmp::Reverse(part.count_ones()), *part));
    larger.into_iter().flat_map(|part| [(part, subset & !part), (subset & !part, part)]).collect()
}

impl JoinSearch<'_, '_> {
    /// Paths for a FROM list under the given conditions (all of which are applied in the result).
    pub(crate) fn plan_list(&self, items: &[FromItem], conds: Vec<Expr>) -> Result<RelNode> {
        let mut quals = Vec::new();
        for expr in conds {
            quals.push(Clause::new(self.planner, &self.base.map, expr)?);
        }
        self.problem(&items.iter().collect::<Vec<_>>(), quals)
    }

    /// One set of inner-joined items.
    fn problem(&self, items: &[&FromItem], mut quals: Vec<Clause>) -> Result<RelNode> {
        let mut leaves = Vec::new();
        for item in items {
            self.flatten(item, &mut leaves, &mut quals)?;
        }
        self.add_equivalences(&mut quals)?;
        let leaf_rels: Vec<RelSet> = leaves.iter().map(|leaf| item_rels(leaf, &self.base.map)).collect();
        let mut nodes = Vec::with_capacity(leaves.len());
        let mut remaining = Vec::new();
        // Conditions on one leaf go down into it; those without relations are applied at the first leaf.
        let mut own: Vec<Vec<Clause>> = vec![Vec::new(); leaves.len()];
        for clause in quals {
            let home = match leaf_rels.iter().position(|rels| clause.rels.within(*rels)) {
                Some(at) if !clause.rels.is_empty() || leaves.len() == 1 => Some(at),
                _ => None,
            };
            match home {
                Some(at) => own[at].push(clause),
                None => remaining.push(clause),
            }
        }
        for (leaf, own) in leaves.iter().zip(&own) {
            self.note_rows(leaf, own);
        }
        for (leaf, own) in leaves.iter().zip(own) {
            nodes.push(self.leaf(leaf, own, &remaining)?);
        }
        self.search(nodes, remaining)
    }

    /// Notes how many rows a base relation has after its restrictions, for the costs of scans that others drive.
    fn note_rows(&self, leaf: &FromItem, own: &[Clause]) {
        let FromItem::Rte(rte) = leaf else { return };
        if let Some(rel) = self.base.map.rel_of_rte.get(*rte).copied().flatten() {
            let share = self.estimator.conjuncts(own.iter().map(|clause| &clause.expr));
            if let Some(rows) = self.base.rows.borrow_mut().get_mut(rel) {
                *rows = cost::clamp_rows(self.base.rels[rel].tuples * share);
            }
        }
    }

    fn flatten<'i>(
        &self,
        item: &'i FromItem,
        leaves: &mut Vec<&'i FromItem>,
        quals: &mut Vec<Clause>,
    ) -> Result<()> {
        if let FromItem::Join(join) = item
            && join.join == JoinType::Inner
        {
            self.flatten(&join.left, leaves, quals)?;
            self.flatten(&join.right, leaves, quals)?;
            for expr in conjuncts(join.quals.as_ref()) {
                quals.push(Clause::new(self.planner, &self.base.map, expr)?);
            }
            return Ok(());
        }
        leaves.push(item);
        Ok(())
    }

    fn leaf(&self, leaf: &FromItem, own: Vec<Clause>, join_clauses: &[Clause]) -> Result<RelNode> {
        match leaf {
            FromItem::Rte(rte) => {
                let rel = self.base.map.rel_of_rte.get(*rte).copied().flatten();
                let rel = rel.ok_or_else(|| Error::internal("FROM item is not a base relation"))?;
                let relevant: Vec<Clause> =
                    join_clauses.iter().filter(|clause| clause.rels.contains(rel)).cloned().collect();
                base::paths(self.planner, self.estimator, self.base, rel, &own, &relevant)
            }
            FromItem::Join(join) => self.outer_join(join, own),
        }
    }

    /// A LEFT, FULL, SEMI or ANTI join.
    fn outer_join(&self, join: &pglitedb_query_tree::JoinExpr, above: Vec<Clause>) -> Result<RelNode> {
        let left_rels = item_rels(&join.left, &self.base.map);
        let right_rels = item_rels(&join.right, &self.base.map);
        let (mut left_quals, mut right_quals, mut join_quals, mut filter) = (vec![], vec![], vec![], vec![]);
        for clause in above {
            if clause.rels.within(left_rels) && join.join != JoinType::Full && !clause.volatile {
                left_quals.push(clause);
            } else {
                filter.push(clause);
            }
        }
        for expr in conjuncts(join.quals.as_ref()) {
            let clause = Clause::new(self.planner, &self.base.map, expr)?;
            let only_right = clause.rels.within(right_rels) && !clause.rels.is_empty();
            let only_left = clause.rels.within(left_rels) && !clause.rels.is_empty();
            match join.join {
                JoinType::Left | JoinType::Semi | JoinType::Anti if only_right => right_quals.push(clause),
                JoinType::Semi if only_left => left_quals.push(clause),
                _ => join_quals.push(clause),
            }
        }
        // `left.x = constant` also bounds the right side of `left.x = right.y` (it may only drop rows that can't match).
        if join.join != JoinType::Full {
            self.push_constants(&left_quals, &join_quals, right_rels, &mut right_quals)?;
        }
        self.note_rows(&join.left, &left_quals);
        self.note_rows(&join.right, &right_quals);
        let left = self.side(&join.left, left_quals, &join_quals)?;
        let right = self.side(&join.right, right_quals, &join_quals)?;
        join_paths::join(self, &left, &right, join.join, &join_quals, &filter)
    }

    /// One side of an outer join: a base relation sees the join's condition for parameterized index scans.
    fn side(&self, item: &FromItem, own: Vec<Clause>, join_clauses: &[Clause]) -> Result<RelNode> {
        match item {
            FromItem::Rte(_) => self.leaf(item, own, join_clauses),
            FromItem::Join(join) if join.join != JoinType::Inner => self.leaf(item, own, &[]),
            FromItem::Join(_) => self.problem(&[item], own),
        }
    }

    fn push_constants(
        &self,
        known: &[Clause],
        join_quals: &[Clause],
        right_rels: RelSet,
        right_quals: &mut Vec<Clause>,
    ) -> Result<()> {
        for join_clause in join_quals {
            let Some(equi) = &join_clause.equi else { continue };
            let (outer, inner) = if equi.right_rels.within(right_rels) {
                (&equi.left, &equi.right)
            } else if equi.left_rels.within(right_rels) {
                (&equi.right, &equi.left)
            } else {
                continue;
            };
            for clause in known {
                let Expr::Op(op) = &clause.expr else { continue };
                if op.op != equi.op || outer.type_oid() != inner.type_oid() {
                    continue;
                }
                let [a, b] = op.args.as_slice() else { continue };
                let is_constant = |expr: &Expr| matches!(expr, Expr::Const(_) | Expr::Param(_));
                let value = if a == outer && is_constant(b) {
                    b
                } else if b == outer && is_constant(a) {
                    a
                } else {
                    continue;
                };
                let mut derived = op.clone();
                derived.args = vec![inner.clone(), value.clone()];
                right_quals.push(Clause::new(self.planner, &self.base.map, Expr::Op(derived))?);
            }
        }
        Ok(())
    }

    /// Equalities of plain columns that follow from others: `a = b AND b = c` gives `a = c`; `a = b AND b = 1` gives
    /// `a = 1`. Derived clauses are marked; they only widen the choice of paths.
    fn add_equivalences(&self, quals: &mut Vec<Clause>) -> Result<()> {
        let mut classes: Vec<(Vec<Expr>, OpExpr)> = Vec::new();
        for clause in quals.iter() {
            let Expr::Op(op) = &clause.expr else { continue };
            let [a, b] = op.args.as_slice() else { continue };
            let member = |expr: &Expr| matches!(expr, Expr::Var(_) | Expr::Const(_) | Expr::Param(_));
            if clause.volatile || !member(a) || !member(b) || a.type_oid() != b.type_oid() {
                continue;
            }
            if super::clause::btree_equality_family(self.planner, op.op)? == 0 {
                continue;
            }
            let mut merged = vec![a.clone(), b.clone()];
            classes.retain(|(members, known)| {
                let shared = known.op == op.op && members.iter().any(|member| member == a || member == b);
                if shared {
                    merged.extend(members.iter().cloned());
                }
                !shared
            });
            let mut distinct: Vec<Expr> = Vec::new();
            for member in merged {
                if !distinct.contains(&member) {
                    distinct.push(member);
                }
            }
            classes.push((distinct, op.clone()));
        }
        for (members, op) in classes.iter().filter(|(members, _)| members.len() > 2) {
            for (at, a) in members.iter().enumerate() {
                for b in &members[at + 1..] {
                    let (a, b) = if matches!(a, Expr::Var(_)) { (a, b) } else { (b, a) };
                    if !matches!(a, Expr::Var(_)) {
                        continue;
                    }
                    let mut derived = op.clone();
                    derived.args = vec![a.clone(), b.clone()];
                    derived.position = Default::default();
                    let mut swapped = derived.clone();
                    swapped.args.reverse();
                    let (derived, swapped) = (Expr::Op(derived), Expr::Op(swapped));
                    if quals.iter().any(|clause| clause.expr == derived || clause.expr == swapped) {
                        continue;
                    }
                    let mut clause = Clause::new(self.planner, &self.base.map, derived)?;
                    clause.derived = true;
                    if clause.rels.iter().count() <= 2 {
                        quals.push(clause);
                    }
                }
            }
        }
        for clause in quals.iter_mut() {
            clause.class = match &clause.expr {
                Expr::Op(op) if !clause.volatile => classes.iter().position(|(members, known)| {
                    known.op == op.op && op.args.iter().all(|arg| members.contains(arg))
                }),
                _ => None,
            };
        }
        // A restriction to a constant that was derived is worth applying for real.
        for clause in quals.iter_mut().filter(|clause| clause.derived) {
            if clause.rels.iter().count() == 1 {
                clause.derived = false;
            }
        }
        Ok(())
    }

    /// Joins the nodes in the cheapest order.
    fn search(&self, nodes: Vec<RelNode>, quals: Vec<Clause>) -> Result<RelNode> {
        if nodes.len() == 1 {
            return nodes.into_iter().next().ok_or_else(|| Error::internal("nothing to join"));
        }
        if nodes.len() <= self.planner.settings().join_search_limit.clamp(1, 10) {
            self.exhaustive(nodes, &quals)
        } else {
            self.greedy(nodes, &quals)
        }
    }

    fn applicable<'c>(
        &self,
        quals: &'c [Clause],
        left: RelSet,
        right: RelSet,
    ) -> impl Iterator<Item = &'c Clause> {
        let both = left.union(right);
        quals.iter().filter(move |clause| {
            clause.rels.within(both) && !clause.rels.within(left) && !clause.rels.within(right)
        })
    }

    /// Conditions to apply at a join: of several equalities that say the same, one.
    fn clauses_at(&self, quals: &[Clause], left: &RelNode, right: &RelNode, last: bool) -> Vec<Clause> {
        let mut chosen: Vec<Clause> = self.applicable(quals, left.rels, right.rels).cloned().collect();
        if last {
            chosen.extend(quals.iter().filter(|clause| clause.rels.is_empty()).cloned());
        }
        // A derived equality is needed where no real one of its class connects the two sides.
        chosen.sort_by_key(|clause| clause.derived);
        let mut classes = HashSet::new();
        chosen.retain(|clause| clause.class.is_none_or(|class| classes.insert(class)));
        chosen
    }

    fn exhaustive(&self, nodes: Vec<RelNode>, quals: &[Clause]) -> Result<RelNode> {
        let count = nodes.len();
        let full: usize = (1 << count) - 1;
        let mut table: Vec<Option<RelNode>> = (0..=full).map(|_| None).collect();
        for (at, node) in nodes.into_iter().enumerate() {
            table[1 << at] = Some(node);
        }
        for size in 2..=count {
            let mut found = false;
            // Products of parts that nothing connects only where there is nothing else.
            for products in [false, true] {
                for subset in (1..=full).filter(|subset| subset.count_ones() as usize == size) {
                    let best = self.join_parts(&table, subset, quals, products)?;
                    found |= best.is_some();
                    table[subset] = best;
                }
                if found {
                    break;
                }
            }
        }
        table.pop().flatten().ok_or_else(|| Error::internal("no join order found"))
    }

    /// The paths of a subset from those of its parts; `None` if it is not to be made.
    fn join_parts(
        &self,
        table: &[Option<RelNode>],
        subset: usize,
        quals: &[Clause],
        products: bool,
    ) -> Result<Option<RelNode>> {
        self.planner.ctx.env.check_interrupts()?;
        let mut best: Option<RelNode> = None;
        for (left, right) in splits(subset) {
            if let (Some(a), Some(b)) = (&table[left], &table[right])
                && (products || self.may_join(quals, (left, a), (right, b)))
            {
                let clauses = self.clauses_at(quals, a, b, subset + 1 == table.len());
                let joined = join_paths::join(self, a, b, JoinType::Inner, &clauses, &[])?;
                merge_nodes(&mut best, joined);
            }
        }
        Ok(best.filter(|node| !node.paths.is_empty()))
    }

    /// Two parts are joined if a condition or a lateral reference connects them, or if one is a single item and nothing leads out of
    /// the other.
    fn may_join(&self, quals: &[Clause], a: (usize, &RelNode), b: (usize, &RelNode)) -> bool {
        let connects = |clause: &Clause| clause.rels.overlaps(a.1.rels) && clause.rels.overlaps(b.1.rels);
        let is_closed = |node: &RelNode| {
            !quals.iter().any(|clause| clause.rels.overlaps(node.rels) && !clause.rels.within(node.rels))
        };
        quals.iter().any(connects)
            || self.lateral_link(a.1, b.1)
            || a.0.is_power_of_two() && is_closed(b.1)
            || b.0.is_power_of_two() && is_closed(a.1)
    }

    fn lateral_link(&self, a: &RelNode, b: &RelNode) -> bool {
        let needs = |node: &RelNode, other: &RelNode| {
            node.paths.iter().all(|path| path.required.overlaps(other.rels))
        };
        needs(a, b) || needs(b, a)
    }

    fn greedy(&self, mut nodes: Vec<RelNode>, quals: &[Clause]) -> Result<RelNode> {
        while nodes.len() > 1 {
            self.planner.ctx.env.check_interrupts()?;
            let last = nodes.len() == 2;
            let mut best: Option<(usize, usize, RelNode, bool)> = None;
            for a in 0..nodes.len() {
                for b in a + 1..nodes.len() {
                    let linked = self.applicable(quals, nodes[a].rels, nodes[b].rels).next().is_some()
                        || self.lateral_link(&nodes[a], &nodes[b]);
                    if !linked && best.as_ref().is_some_and(|(.., best_linked)| *best_linked) {
                        continue;
                    }
                    let clauses = self.clauses_at(quals, &nodes[a], &nodes[b], last);
                    let mut joined =
                        join_paths::join(self, &nodes[a], &nodes[b], JoinType::Inner, &clauses, &[])?;
                    let swapped =
                        join_paths::join(self, &nodes[b], &nodes[a], JoinType::Inner, &clauses, &[])?;
                    for path in swapped.paths.into_iter().filter_map(std::rc::Rc::into_inner) {
                        joined.add(path);
                    }
                    let Some(cheapest) = joined.paths.iter().map(|path| path.total).min_by(f64::total_cmp)
                    else {
                        continue;
                    };
                    let better = best.as_ref().is_none_or(|(.., known, known_linked)| {
                        let known_cost = known
                            .paths
                            .iter()
                            .map(|path| path.total)
                            .min_by(f64::total_cmp)
                            .unwrap_or(f64::MAX);
                        (linked && !known_linked)
                            || (linked == *known_linked && (joined.rows, cheapest) < (known.rows, known_cost))
                    });
                    if better {
                        best = Some((a, b, joined, linked));
                    }
                }
            }
            let Some((a, b, joined, _)) = best else { return Err(Error::internal("no join order found")) };
            nodes.remove(b);
            nodes[a] = joined;
        }
        nodes.pop().ok_or_else(|| Error::internal("nothing to join"))
    }
}

fn merge_nodes(best: &mut Option<RelNode>, joined: RelNode) {
    match best {
        None => *best = Some(joined),
        Some(best) => {
            for path in joined.paths.into_iter().filter_map(std::rc::Rc::into_inner) {
                best.add(path);
            }
            best.rows = cost::clamp_rows(best.rows);
        }
    }
}
