//! GROUP BY, grouping sets, and the check that everything else is grouped.

use crate::ExprKind;
use crate::binder::Binder;
use crate::func::Placed;
use pglitedb_query_tree::{Expr, GroupingItem, Query, RteKind, SortGroupClause, TargetEntry, VarSource};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, GroupBy, GroupItem};
use pglitedb_sqlstate::{Error, Result, codes, err};

/// More grouping sets than this are refused.
const MAX_SETS: usize = 4096;

/// A bound GROUP BY.
#[derive(Default)]
pub(crate) struct Grouped {
    pub clauses: Vec<SortGroupClause>,
    pub sets: Vec<Vec<u32>>,
    pub items: Vec<GroupingItem>,
    pub distinct: bool,
}

impl<'c> Binder<'c> {
    pub fn group_by(
        &mut self,
        group_by: Option<&'c GroupBy>,
        list: &mut Vec<TargetEntry>,
        order: &[SortGroupClause],
    ) -> Result<Grouped> {
        let Some(group_by) = group_by else { return Ok(Grouped::default()) };
        let mut grouped = Grouped { distinct: group_by.distinct, ..Grouped::default() };
        let has_sets = group_by.items.iter().any(|item| !matches!(item, GroupItem::Expr(_)));
        let mut sets: Vec<Vec<u32>> = vec![Vec::new()];
        for item in &group_by.items {
            let (alternatives, written) = self.group_item(item, list, order, &mut grouped.clauses)?;
            if has_sets {
                grouped.items.push(written);
                sets = cross(&sets, &alternatives)?;
            }
        }
        if has_sets {
            if grouped.distinct {
                let mut seen: Vec<Vec<u32>> = Vec::new();
                for set in &sets {
                    let mut sorted = set.clone();
                    sorted.sort_unstable();
                    if !seen.contains(&sorted) {
                        seen.push(sorted);
                    }
                }
                sets.retain(|set| {
                    let mut sorted = set.clone();
                    sorted.sort_unstable();
                    match seen.iter().position(|known| *known == sorted) {
                        Some(at) => {
                            seen.swap_remove(at);
                            true
                        }
                        None => false,
                    }
                });
            }
            grouped.sets = sets;
        }
        Ok(grouped)
    }

    /// The alternatives an item offers, each a list of target references.
    fn group_item(
        &mut self,
        item: &'c GroupItem,
        list: &mut Vec<TargetEntry>,
        order: &[SortGroupClause],
        clauses: &mut Vec<SortGroupClause>,
    ) -> Result<(Vec<Vec<u32>>, GroupingItem)> {
        match item {
            GroupItem::Empty(_) => Ok((vec![Vec::new()], GroupingItem::Set(Vec::new()))),
            GroupItem::Expr(expr) => {
                let refs = self.group_expr(expr, list, order, clauses)?;
                Ok((vec![refs.clone()], GroupingItem::Set(refs)))
            }
            GroupItem::Rollup(exprs, _) => {
                let parts = self.group_parts(exprs, list, order, clauses)?;
                let mut sets = Vec::with_capacity(parts.len() + 1);
                for end in (0..=parts.len()).rev() {
                    sets.push(union(parts[..end].iter()));
                }
                Ok((sets, GroupingItem::Rollup(parts)))
            }
            GroupItem::Cube(exprs, span) => {
                let parts = self.group_parts(exprs, list, order, clauses)?;
                if parts.len() > 12 {
                    return Err(err!(TOO_MANY_COLUMNS, "CUBE is limited to 12 elements").at(span.offset()));
                }
                let count = 1_usize << parts.len();
                let sets = (0..count)
                    .rev()
                    .map(|mask| {
                        let chosen = parts
                            .iter()
                            .enumerate()
                            .filter(|(index, _)| mask & (1 << (parts.len() - 1 - index)) != 0)
                            .map(|(_, part)| part);
                        union(chosen)
                    })
                    .collect();
                Ok((sets, GroupingItem::Cube(parts)))
            }
            GroupItem::Sets(items, _) => {
                let mut sets = Vec::new();
                let mut items_written = Vec::with_capacity(items.len());
                for inner in items {
                    let (more, written) =
                        self.guarded(|binder| binder.group_item(inner, list, order, clauses))?;
                    sets.extend(more);
                    items_written.push(written);
                    if sets.len() > MAX_SETS {
                        return Err(too_many_sets());
                    }
                }
                Ok((sets, GroupingItem::Sets(items_written)))
            }
        }
    }

    fn group_parts(
        &mut self,
        exprs: &'c [ast::Expr],
        list: &mut Vec<TargetEntry>,
        order: &[SortGroupClause],
        clauses: &mut Vec<SortGroupClause>,
    ) -> Result<Vec<Vec<u32>>> {
        exprs.iter().map(|expr| self.group_expr(expr, list, order, clauses)).collect()
    }

    /// One expression, or a row of them.
    fn group_expr(
        &mut self,
        expr: &'c ast::Expr,
        list: &mut Vec<TargetEntry>,
        order: &[SortGroupClause],
        clauses: &mut Vec<SortGroupClause>,
    ) -> Result<Vec<u32>> {
        if let Ast::Row { explicit: false, items } = &expr.kind {
            let mut refs = Vec::with_capacity(items.len());
            for item in items {
                for reference in self.group_expr(item, list, order, clauses)? {
                    if !refs.contains(&reference) {
                        refs.push(reference);
                    }
                }
            }
            return Ok(refs);
        }
        let index = self.find_target_sql92(expr, list, ExprKind::GroupBy)?;
        let reference = list.get(index).map_or(0, |entry| entry.sort_group_ref);
        if reference != 0 {
            if clauses.iter().any(|clause| clause.target_ref == reference) {
                return Ok(vec![reference]);
            }
            // Sorting and grouping by the same thing should use the same operators.
            if let Some(sorted) = order.iter().find(|clause| clause.target_ref == reference) {
                clauses.push(sorted.clone());
                return Ok(vec![reference]);
            }
        }
        let clause = self.group_clause_for(list, index, Some(expr.span.offset()))?;
        let reference = clause.target_ref;
        clauses.push(clause);
        Ok(vec![reference])
    }

    /// `GROUPING(...)`; its references are filled in by [`Binder::check_grouping`].
    pub fn grouping_call(&mut self, args: &'c [ast::Expr], at: usize) -> Result<Expr> {
        if args.len() > 31 {
            return Err(err!(TOO_MANY_ARGUMENTS, "GROUPING must have fewer than 32 arguments").at(at));
        }
        let mut bound = Vec::with_capacity(args.len());
        for arg in args {
            bound.push(self.expr(arg)?);
        }
        let mut levels = crate::func::ArgLevels::default();
        bound.iter().for_each(|arg| levels.add(arg));
        let level = self.aggregate_level(&levels, &[], Some(at))?;
        self.place_aggregate(level, Placed::Grouping, Some(at))?;
        Ok(Expr::Grouping { refs: Vec::new(), args: bound, levels_up: level })
    }

    /// Everything outside of aggregates must be grouped or depend on what is.
    pub fn check_grouping(&mut self, query: &mut Query) -> Result<()> {
        let mut check = GroupCheck {
            binder: self,
            rtable: &query.rtable,
            exprs: Vec::new(),
            dependent: Vec::new(),
            common: Vec::new(),
            has_other: false,
        };
        let common: Option<Vec<u32>> = query.grouping_sets.split_first().map(|(first, rest)| {
            first.iter().copied().filter(|r| rest.iter().all(|set| set.contains(r))).collect()
        });
        for clause in &query.group_by {
            let Some(entry) = query.targets.iter().find(|entry| entry.sort_group_ref == clause.target_ref)
            else {
                continue;
            };
            let in_all = common.as_ref().is_none_or(|common| common.contains(&clause.target_ref));
            check.has_other |= !matches!(entry.expr, Expr::Var(_));
            if in_all {
                check.common.push(entry.expr.clone());
            }
            check.exprs.push((clause.target_ref, entry.expr.clone()));
            if let Some(flat) = flattened(&query.rtable, &entry.expr) {
                check.has_other |= !matches!(flat, Expr::Var(_));
                if in_all {
                    check.common.push(flat.clone());
                }
                check.exprs.push((clause.target_ref, flat));
            }
        }
        let has_grouping = check.binder.cur().has_grouping;
        let grouped = !query.group_by.is_empty() || !query.grouping_sets.is_empty();
        if has_grouping {
            let exprs = check.exprs.clone();
            for entry in &mut query.targets {
                fill_grouping(&mut entry.expr, &exprs, grouped, 0)?;
            }
            if let Some(having) = &mut query.having {
                fill_grouping(having, &exprs, grouped, 0)?;
            }
        }
        for entry in &query.targets {
            check.expr(&entry.expr, 0)?;
        }
        if let Some(having) = &query.having {
            check.expr(having, 0)?;
        }
        if query.has_aggs
            && query.rtable.iter().any(|rte| matches!(rte.kind, RteKind::Cte { self_reference: true, .. }))
        {
            return Err(err!(
                INVALID_RECURSION,
                "aggregate functions are not allowed in a recursive query's recursive term"
            )
            .at_opt(first_aggregate(query)));
        }
        Ok(())
    }
}

fn first_aggregate(query: &Query) -> Option<usize> {
    let mut at = None;
    query.for_each_expr(&mut |top| {
        top.walk(&mut |node| {
            if let Expr::Agg(agg) = node
                && at.is_none()
            {
                at = agg.position.get();
            }
            true
        });
    });
    at
}

/// Looks up GROUPING's arguments among the grouping expressions.
fn fill_grouping(expr: &mut Expr, groups: &[(u32, Expr)], grouped: bool, depth: u32) -> Result<()> {
    let mut failed: Option<Error> = None;
    expr.rewrite(&mut |node| match node {
        Expr::Grouping { refs, args, levels_up } if *levels_up == depth => {
            refs.clear();
            for arg in args.iter() {
                let mut here = arg.clone();
                here.shift_levels(-(depth as i32), depth);
                match groups.iter().find(|(_, group)| *group == here) {
                    Some((reference, _)) if grouped => refs.push(*reference),
                    _ => {
                        failed = Some(
                            err!(
                                GROUPING_ERROR,
                                "arguments to GROUPING must be grouping expressions of the associated query level"
                            )
                            .at_opt(arg.position().get()),
                        );
                    }
                }
            }
        }
        Expr::SubLink(link) => {
            link.query.for_each_expr_mut(&mut |top| {
                if let Err(error) = fill_grouping(top, groups, grouped, depth + 1) {
                    failed = Some(error);
                }
            });
        }
        _ => {}
    });
    failed.map_or(Ok(()), Err)
}

struct GroupCheck<'b, 'c, 'q> {
    binder: &'b Binder<'c>,
    rtable: &'q [pglitedb_query_tree::Rte],
    /// Grouping expressions by reference.
    exprs: Vec<(u32, Expr)>,
    /// Entries known to depend on what is grouped.
    dependent: Vec<usize>,
    /// Grouping expressions that are in every grouping set.
    common: Vec<Expr>,
    /// Is there a grouping expression that is no plain column?
    has_other: bool,
}

impl GroupCheck<'_, '_, '_> {
    fn expr(&mut self, expr: &Expr, depth: u32) -> Result<()> {
        match expr {
            Expr::Const(_) | Expr::Param(_) => return Ok(()),
            Expr::Agg(agg) => {
                if agg.levels_up == depth {
                    // Direct arguments are evaluated once a group.
                    for arg in &agg.direct_args {
                        self.expr(arg, depth).map_err(|error| {
                            let what =
                                "Direct arguments of an ordered-set aggregate must use only grouped columns.";
                            if error.code() == codes::GROUPING_ERROR { error.detail(what) } else { error }
                        })?;
                    }
                    return Ok(());
                }
                if agg.levels_up > depth {
                    return Ok(());
                }
            }
            Expr::Grouping { levels_up, .. } if *levels_up >= depth => return Ok(()),
            _ => {}
        }
        if depth == 0 && self.has_other && self.exprs.iter().any(|(_, group)| group == expr) {
            return Ok(());
        }
        if let Expr::Var(var) = expr {
            return self.var(var, depth);
        }
        let mut result = Ok(());
        expr.for_each_child(&mut |child| {
            if result.is_ok() {
                result = self.expr(child, depth);
            }
        });
        result?;
        if let Expr::SubLink(link) = expr {
            self.query(&link.query, depth + 1)?;
        }
        Ok(())
    }

    fn query(&mut self, query: &Query, depth: u32) -> Result<()> {
        let mut result = Ok(());
        query.for_each_expr(&mut |top| {
            if result.is_ok() {
                result = self.expr(top, depth);
            }
        });
        result?;
        let mut result = Ok(());
        for cte in &query.ctes {
            self.query(&cte.query, depth + 1)?;
        }
        for rte in &query.rtable {
            if let RteKind::Subquery { query, .. } = &rte.kind
                && result.is_ok()
            {
                result = self.query(query, depth + 1);
            }
        }
        result
    }

    fn var(&mut self, var: &pglitedb_query_tree::Var, depth: u32) -> Result<()> {
        if var.levels_up != depth {
            return Ok(());
        }
        let VarSource::Rte(index) = var.source else { return Ok(()) };
        let same = |expr: &Expr| {
            matches!(expr, Expr::Var(group) if group.source == var.source && group.attno == var.attno
                && group.levels_up == 0)
        };
        if self.exprs.iter().any(|(_, group)| same(group)) || self.dependent.contains(&index) {
            return Ok(());
        }
        let Some(rte) = self.rtable.get(index) else { return Ok(()) };
        if let Some(alias) = alias_of(self.rtable, var) {
            // A column of a join is what it stands for.
            let mut alias = alias.clone();
            #[allow(clippy::cast_possible_wrap)]
            alias.shift_levels(depth as i32, 0);
            return self.expr(&alias, depth);
        }
        if let RteKind::Relation { oid, .. } = rte.kind
            && self.depends_on_key(index, oid)?
        {
            self.dependent.push(index);
            return Ok(());
        }
        let column = match usize::try_from(var.attno) {
            Ok(0) => "*".to_string(),
            Ok(attno) => rte.columns.get(attno - 1).map_or(String::new(), |column| column.name.to_string()),
            Err(_) => system_name(var.attno).to_string(),
        };
        let message = if depth == 0 {
            format!(
                "column \"{}.{column}\" must appear in the GROUP BY clause or be used in an aggregate function",
                rte.name
            )
        } else {
            format!("subquery uses ungrouped column \"{}.{column}\" from outer query", rte.name)
        };
        Err(err!(GROUPING_ERROR, "{message}").at_opt(var.position.get()))
    }

    /// Are all columns of the relation's primary key grouped?
    fn depends_on_key(&self, index: usize, relation: u32) -> Result<bool> {
        let Some(relation) = self.binder.ctx.catalog.relation(relation)? else { return Ok(false) };
        let Some(key) = relation.primary_key() else { return Ok(false) };
        if key.constraint.as_ref().is_some_and(|constraint| constraint.deferrable) {
            return Ok(false);
        }
        Ok(!key.columns.is_empty()
            && key.columns.iter().all(|column| {
                self.common.iter().any(|expr| {
                    matches!(expr, Expr::Var(var) if var.source == VarSource::Rte(index)
                        && var.levels_up == 0
                        && var.attno == column.attnum)
                })
            }))
    }
}

/// Name of a system column.
pub(crate) fn system_name(attno: i16) -> &'static str {
    match attno {
        -1 => "ctid",
        -2 => "xmin",
        -3 => "cmin",
        -4 => "xmax",
        -5 => "cmax",
        _ => "tableoid",
    }
}

fn union<'p>(parts: impl Iterator<Item = &'p Vec<u32>>) -> Vec<u32> {
    let mut result = Vec::new();
    for part in parts {
        for reference in part {
            if !result.contains(reference) {
                result.push(*reference);
            }
        }
    }
    result
}

fn too_many_sets() -> Error {
    err!(STATEMENT_TOO_COMPLEX, "too many grouping sets present (maximum {MAX_SETS})")
}

fn cross(left: &[Vec<u32>], right: &[Vec<u32>]) -> Result<Vec<Vec<u32>>> {
    if left.len().saturating_mul(right.len()) > MAX_SETS {
        return Err(too_many_sets());
    }
    let mut result = Vec::with_capacity(left.len() * right.len());
    for a in left {
        for b in right {
            result.push(union([a, b].into_iter()));
        }
    }
    Ok(result)
}

/// What a column of a join stands for.
fn alias_of<'q>(rtable: &'q [pglitedb_query_tree::Rte], var: &pglitedb_query_tree::Var) -> Option<&'q Expr> {
    let VarSource::Rte(index) = var.source else { return None };
    let RteKind::Join { aliases, .. } = &rtable.get(index)?.kind else { return None };
    aliases.get(usize::try_from(var.attno).ok()?.checked_sub(1)?)
}

/// The same for a grouping expression, through joins of joins.
fn flattened(rtable: &[pglitedb_query_tree::Rte], expr: &Expr) -> Option<Expr> {
    let mut found = None;
    let mut now = expr;
    while let Expr::Var(var) = now
        && let Some(alias) = alias_of(rtable, var)
    {
        found = Some(alias.clone());
        now = alias;
    }
    found
}
