//! GROUP BY without the columns that others decide.

use super::targets;
use crate::planner::Planner;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{Expr, Query, RteKind, VarSource};
use pglitedb_sqlstate::Result;

/// Drops columns of a table from GROUP BY that the columns of one of its unique keys, also there, decide.
pub(crate) fn drop_dependent(planner: &Planner<'_>, query: &mut Query) -> Result<()> {
    if query.group_by.len() < 2 || !query.grouping_sets.is_empty() {
        return Ok(());
    }
    let mut dropped: Vec<u32> = Vec::new();
    for (rte, entry) in query.rtable.iter().enumerate() {
        let RteKind::Relation { oid, .. } = entry.kind else { continue };
        let grouped: Vec<(i16, u32)> = query
            .group_by
            .iter()
            .filter_map(|clause| match targets::expr_of(query, clause.target_ref)? {
                Expr::Var(var) if var.source == VarSource::Rte(rte) && var.levels_up == 0 => {
                    Some((var.attno, clause.target_ref))
                }
                _ => None,
            })
            .collect();
        if grouped.len() < 2 {
            continue;
        }
        let Some(relation) = planner.catalog().relation(oid)? else { continue };
        let Some(key) = shortest_key(&relation, &grouped) else { continue };
        dropped.extend(
            grouped.iter().filter(|(attno, _)| !key.contains(attno)).map(|(_, reference)| *reference),
        );
    }
    query.group_by.retain(|clause| !dropped.contains(&clause.target_ref));
    Ok(())
}

/// The columns of the shortest unique key, free of NULL, all of whose columns are grouped by, if that leaves some out.
fn shortest_key(relation: &Relation, grouped: &[(i16, u32)]) -> Option<Vec<i16>> {
    let not_null = |attno: i16| {
        let at = usize::try_from(attno).ok().and_then(|attno| attno.checked_sub(1));
        at.and_then(|at| relation.columns.get(at)).is_some_and(|column| column.not_null)
    };
    relation
        .indexes
        .iter()
        .filter(|index| {
            index.is_unique
                && index.is_immediate
                && index.is_valid
                && index.predicate.is_none()
                && index.expressions.is_empty()
                && !index.constraint.as_ref().is_some_and(|constraint| constraint.deferrable)
        })
        .filter_map(|index| {
            let key: Vec<i16> = index.columns.iter().map(|column| column.attnum).collect();
            let fits = key.iter().all(|attno| {
                (not_null(*attno) || index.nulls_not_distinct)
                    && grouped.iter().any(|(known, _)| known == attno)
            });
            (fits && key.len() < grouped.len()).then_some(key)
        })
        .min_by_key(Vec::len)
}
