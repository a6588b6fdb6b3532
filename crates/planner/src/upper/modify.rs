//! INSERT, UPDATE, DELETE, MERGE.

use super::{create_from, order, plan_from};
use crate::planner::{Planner, var_rte};
use crate::prep::sublinks::{cross, join_item};
use crate::refs::{Built, column_ref, pull_vars, targets_of};
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{
    CommandType, Expr, FromItem, JoinType, MergeActionPlan, MergeMatch, ModifyTarget, OnConflictPlan, Plan,
    PlanNode, Query, RteKind, SystemColumn, TargetEntry, Var, VarReturning, VarSource,
};
use pglitedb_sqlstate::{Error, Result};
use std::sync::Arc;

/// Plans a data-modifying query.
pub(crate) fn plan_modify(
    planner: &mut Planner<'_>,
    query: &mut Query,
    offset: usize,
    top: bool,
) -> Result<Plan> {
    let rte = query.result_relation.ok_or_else(|| Error::internal("data change without a table"))?;
    let Some(RteKind::Relation { oid, .. }) = query.rtable.get(rte).map(|rte| &rte.kind) else {
        return Err(Error::internal("data change of something that is no table"));
    };
    let oid = *oid;
    let relation =
        planner.catalog().relation(oid)?.ok_or_else(|| Error::internal("table to change is gone"))?;
    if query.command == CommandType::Merge {
        add_merge_join(query, rte);
    }

    // Input: new values, the row's identity, and what RETURNING needs of other relations.
    let mut input: Vec<Expr> = Vec::new();
    if query.command != CommandType::Delete && query.command != CommandType::Merge {
        input.extend(query.targets.iter().map(|target| target.expr.clone()));
    }
    let row_id = system_var(rte);
    let mut row_id_column = None;
    if query.command != CommandType::Insert {
        input.push(row_id);
        row_id_column = Some(input.len());
    }
    let mut others = Vec::new();
    for target in &query.returning {
        pull_vars(&target.expr, &mut others);
    }
    for action in &query.merge_actions {
        let exprs = action.condition.iter().chain(action.targets.iter().map(|target| &target.expr));
        exprs.for_each(|expr| pull_vars(expr, &mut others));
    }
    others.retain(|var| !matches!(var, Expr::Var(var) if var_rte(var) == Some(rte)));
    for var in others {
        if !input.contains(&var) {
            input.push(var);
        }
    }
    let from = plan_from(planner, query, 0.0, &[])?;
    let built = create_from(planner, query, offset, &from, targets_of(&input), true)?;

    let target = modify_target(query, rte, offset, &relation, &built)?;
    let on_conflict = on_conflict(query, rte)?;
    let merge = merge_actions(query, rte, &relation, &built)?;
    let returning = target.returning.clone();
    let child = built.plan;
    let returns = !returning.is_empty();
    Ok(Plan {
        startup_cost: child.startup_cost,
        total_cost: child.total_cost,
        rows: if returns { child.rows } else { 0.0 },
        width: if returns { child.width } else { 0 },
        targets: returning,
        quals: Vec::new(),
        init_plans: Vec::new(),
        node: PlanNode::ModifyTable {
            command: query.command,
            outer: Box::new(child),
            targets: vec![target],
            row_id_column,
            table_oid_column: None,
            on_conflict,
            merge,
            can_set_tag: top,
        },
    })
}

fn system_var(rte: usize) -> Expr {
    order::system_var(rte, SystemColumn::RowId)
}

/// MERGE joins its source with the target; which rows must survive depends on the WHEN clauses.
fn add_merge_join(query: &mut Query, rte: usize) {
    let sources: Vec<FromItem> =
        std::mem::take(&mut query.from).into_iter().filter(|item| *item != FromItem::Rte(rte)).collect();
    let has = |wanted: MergeMatch| query.merge_actions.iter().any(|action| action.when == wanted);
    let join = match (has(MergeMatch::NotMatchedByTarget), has(MergeMatch::NotMatchedBySource)) {
        (true, true) => JoinType::Full,
        (true, false) => JoinType::Left,
        (false, true) => JoinType::Right,
        (false, false) => JoinType::Inner,
    };
    let quals = query.merge_join.take();
    if let Some(source) = cross(sources) {
        query.from = vec![if join == JoinType::Right {
            join_item(JoinType::Left, FromItem::Rte(rte), source, quals)
        } else {
            join_item(join, source, FromItem::Rte(rte), quals)
        }];
    }
}

fn modify_target(
    query: &Query,
    rte: usize,
    offset: usize,
    relation: &Arc<Relation>,
    built: &Built,
) -> Result<ModifyTarget> {
    let mut target = ModifyTarget {
        rte: rte + offset,
        relation: relation.clone(),
        insert_exprs: Vec::new(),
        updates: Vec::new(),
        view_checks: Vec::new(),
        returning: Vec::new(),
    };
    match query.command {
        CommandType::Insert => {
            target.insert_exprs = insert_exprs(relation, &query.targets, |at, _| Ok(value_of(built, at)))?
        }
        CommandType::Update => {
            for (at, entry) in query.targets.iter().enumerate() {
                target.updates.push((attnum(entry)?, value_of(built, at)));
            }
        }
        _ => {}
    }
    for (view, check) in &query.view_checks {
        // The condition is about the row as it will be stored.
        let check = row_refs(check.clone(), rte, None, CommandType::Insert, Some(built))?;
        target.view_checks.push((view.clone(), check));
    }
    for entry in &query.returning {
        let mut entry = entry.clone();
        entry.expr = row_refs(entry.expr, rte, None, query.command, Some(built))?;
        target.returning.push(entry);
    }
    Ok(target)
}

fn attnum(entry: &TargetEntry) -> Result<i16> {
    i16::try_from(entry.resno).map_err(|_| Error::internal("target column number out of range"))
}

/// Column of the child that holds the new value of the target at a position.
fn value_of(built: &Built, at: usize) -> Expr {
    built
        .outputs
        .get(at)
        .map_or_else(|| Expr::bool_const(false), |like| column_ref(VarSource::Outer, at + 1, like))
}

/// One value for each column of the table, NULL where the statement gives none.
fn insert_exprs(
    relation: &Relation,
    targets: &[TargetEntry],
    mut value: impl FnMut(usize, &TargetEntry) -> Result<Expr>,
) -> Result<Vec<Expr>> {
    let mut exprs: Vec<Expr> = relation
        .columns
        .iter()
        .map(|column| Expr::null_const(column.type_oid, column.typmod, column.collation))
        .collect();
    for (at, entry) in targets.iter().enumerate() {
        let slot = entry.resno.checked_sub(1).and_then(|at| exprs.get_mut(at));
        *slot.ok_or_else(|| Error::internal("target column number out of range"))? = value(at, entry)?;
    }
    Ok(exprs)
}

/// Columns of the changed table become references to the new row (`Scan`) or the old one (`Inner`), those of EXCLUDED
/// `Inner`, others the child's output.
fn row_refs(
    mut expr: Expr,
    rte: usize,
    excluded: Option<usize>,
    command: CommandType,
    built: Option<&Built>,
) -> Result<Expr> {
    let mut result = Ok(());
    expr.rewrite(&mut |node| {
        let Expr::Var(var) = node else { return };
        let Some(own) = var_rte(var) else { return };
        if own == rte {
            var.source = match (var.returning, command) {
                (VarReturning::Old, _) | (VarReturning::Default, CommandType::Delete) => VarSource::Inner,
                _ => VarSource::Scan,
            };
        } else if Some(own) == excluded {
            var.source = VarSource::Inner;
        } else {
            let column = built.and_then(|built| built.outputs.iter().position(|known| known == node));
            match column {
                Some(at) => *node = column_ref(VarSource::Outer, at + 1, node),
                None => result = Err(Error::internal("column is not in the input of the data change")),
            }
        }
    });
    result.map(|()| expr)
}

fn on_conflict(query: &Query, rte: usize) -> Result<Option<Box<OnConflictPlan>>> {
    let Some(clause) = &query.on_conflict else { return Ok(None) };
    let bind =
        |expr: &Expr| row_refs(expr.clone(), rte, Some(clause.excluded_rte), CommandType::Update, None);
    let update = match &clause.update {
        None => None,
        Some(entries) => Some(
            entries
                .iter()
                .map(|entry| Ok((attnum(entry)?, bind(&entry.expr)?)))
                .collect::<Result<Vec<_>>>()?,
        ),
    };
    Ok(Some(Box::new(OnConflictPlan {
        arbiters: clause.arbiters.clone(),
        update,
        update_where: clause.update_where.as_ref().map(bind).transpose()?,
    })))
}

fn merge_actions(
    query: &Query,
    rte: usize,
    relation: &Relation,
    built: &Built,
) -> Result<Vec<MergeActionPlan>> {
    let bind = |expr: &Expr| -> Result<Expr> {
        // Conditions and new values read the target row as it was.
        let mut expr = expr.clone();
        expr.rewrite(&mut |node| {
            if let Expr::Var(Var { source, returning, .. }) = node
                && *source == VarSource::Rte(rte)
            {
                *returning = VarReturning::New;
            }
        });
        row_refs(expr, rte, None, CommandType::Update, Some(built))
    };
    query
        .merge_actions
        .iter()
        .map(|action| {
            let mut plan = MergeActionPlan {
                when: action.when,
                command: action.command,
                condition: action.condition.as_ref().map(bind).transpose()?,
                insert_exprs: Vec::new(),
                updates: Vec::new(),
            };
            match action.command {
                CommandType::Insert => {
                    plan.insert_exprs =
                        insert_exprs(relation, &action.targets, |_, entry| bind(&entry.expr))?;
                }
                CommandType::Update => {
                    for entry in &action.targets {
                        plan.updates.push((attnum(entry)?, bind(&entry.expr)?));
                    }
                }
                _ => {}
            }
            Ok(plan)
        })
        .collect()
}
