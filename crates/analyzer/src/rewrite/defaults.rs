//! Defaults: DEFAULT and missing columns of INSERT, DEFAULT of UPDATE, identity and generated columns.

use crate::binder::Binder;
use pglitedb_catalog::{Column, Relation};
use pglitedb_query_tree::{CallForm, CommandType, Expr, Overriding, Query, RteKind, TargetEntry, VarSource};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, TypeKind, oids};

/// Fills in the defaults of a modifying query.
pub(super) fn fill(binder: &Binder<'_>, query: &mut Query) -> Result<()> {
    let Some(target) = query.result_relation else { return Ok(()) };
    let Some(RteKind::Relation { oid, .. }) = query.rtable.get(target).map(|rte| &rte.kind) else {
        return Ok(());
    };
    let relation = binder.relation_by_oid(*oid)?;
    match query.command {
        CommandType::Insert => {
            values_defaults(binder, query, &relation)?;
            let targets = std::mem::take(&mut query.targets);
            query.targets = insert_targets(binder, targets, &relation, query.overriding, query)?;
            if let Some(conflict) = &mut query.on_conflict
                && let Some(update) = &mut conflict.update
            {
                update_targets(binder, update, &relation)?;
            }
        }
        CommandType::Update => update_targets(binder, &mut query.targets, &relation)?,
        CommandType::Merge => {
            for index in 0..query.merge_actions.len() {
                let action = &mut query.merge_actions[index];
                match action.command {
                    CommandType::Update => update_targets(binder, &mut action.targets, &relation)?,
                    CommandType::Insert => {
                        let targets = std::mem::take(&mut action.targets);
                        let overriding = action.overriding;
                        let filled = insert_targets(binder, targets, &relation, overriding, query)?;
                        query.merge_actions[index].targets = filled;
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// All live columns in order: given values, defaults, NULLs.
fn insert_targets(
    binder: &Binder<'_>,
    mut given: Vec<TargetEntry>,
    relation: &Relation,
    overriding: Overriding,
    query: &Query,
) -> Result<Vec<TargetEntry>> {
    let mut result = Vec::with_capacity(relation.columns.len());
    for (index, column) in relation.columns.iter().enumerate() {
        if column.dropped {
            continue;
        }
        let resno = index + 1;
        let at = given.iter().position(|target| target.resno == resno);
        let mut value = at.map(|at| given.swap_remove(at).expr);
        if let Some(expr) = &value {
            let defaulted = matches!(expr, Expr::SetToDefault { .. }) || all_default(query, expr);
            if !defaulted {
                check_insert(column, overriding)?;
            }
            let override_user = column.identity != 0 && overriding == Overriding::UserValue;
            if defaulted || override_user {
                value = None;
            }
        }
        let expr = match value {
            Some(expr) => expr,
            None => column_default(binder, column)?,
        };
        result.push(crate::target::target(expr, resno, Some(column.name.clone())));
    }
    Ok(result)
}

fn check_insert(column: &Column, overriding: Overriding) -> Result<()> {
    let error =
        || err!(GENERATED_ALWAYS, "cannot insert a non-DEFAULT value into column \"{}\"", column.name);
    if column.identity == b'a' && overriding == Overriding::None {
        return Err(error()
            .detail(format!("Column \"{}\" is an identity column defined as GENERATED ALWAYS.", column.name))
            .hint("Use OVERRIDING SYSTEM VALUE to override."));
    }
    if column.generated != 0 {
        return Err(error().detail(format!("Column \"{}\" is a generated column.", column.name)));
    }
    Ok(())
}

/// A variable of a VALUES list whose column is DEFAULT in every row.
fn all_default(query: &Query, expr: &Expr) -> bool {
    let Expr::Var(var) = expr else { return false };
    let VarSource::Rte(index) = var.source else { return false };
    let Some(RteKind::Values { rows }) = query.rtable.get(index).map(|rte| &rte.kind) else { return false };
    let Ok(column) = usize::try_from(var.attno) else { return false };
    !rows.is_empty()
        && rows.iter().all(|row| matches!(row.get(column.wrapping_sub(1)), Some(Expr::SetToDefault { .. })))
}

/// DEFAULT in some rows of a VALUES list.
fn values_defaults(binder: &Binder<'_>, query: &mut Query, relation: &Relation) -> Result<()> {
    let mut columns: Vec<(usize, usize, usize)> = Vec::new();
    for target in &query.targets {
        if let Expr::Var(var) = &target.expr
            && let VarSource::Rte(index) = var.source
            && let Ok(column) = usize::try_from(var.attno)
            && column > 0
            && matches!(query.rtable.get(index).map(|rte| &rte.kind), Some(RteKind::Values { .. }))
        {
            columns.push((index, column - 1, target.resno));
        }
    }
    let overriding = query.overriding;
    for (index, position, resno) in columns {
        let Some(column) = relation.columns.get(resno.wrapping_sub(1)) else { continue };
        let Some(RteKind::Values { rows }) = query.rtable.get_mut(index).map(|rte| &mut rte.kind) else {
            continue;
        };
        let is_default = |row: &Vec<Expr>| matches!(row.get(position), Some(Expr::SetToDefault { .. }));
        if rows.iter().all(is_default) {
            // The target itself becomes the default, so that each row gets its own; the rows need some value.
            for row in rows.iter_mut() {
                if let Some(slot) = row.get_mut(position) {
                    *slot = Expr::null_const(column.type_oid, column.typmod, column.collation);
                }
            }
            continue;
        }
        let overridden = column.identity != 0 && overriding == Overriding::UserValue;
        if !overridden && !rows.iter().any(is_default) {
            continue;
        }
        for row in rows.iter_mut() {
            if is_default(row)
                && let Some(slot) = row.get_mut(position)
            {
                *slot = column_default(binder, column)?;
            }
        }
    }
    Ok(())
}

fn update_targets(binder: &Binder<'_>, targets: &mut [TargetEntry], relation: &Relation) -> Result<()> {
    for target in targets {
        let Some(column) = relation.columns.get(target.resno.wrapping_sub(1)) else { continue };
        let defaulted = matches!(target.expr, Expr::SetToDefault { .. });
        if !defaulted {
            let error =
                || err!(GENERATED_ALWAYS, "column \"{}\" can only be updated to DEFAULT", column.name);
            if column.identity == b'a' {
                return Err(error().detail(format!(
                    "Column \"{}\" is an identity column defined as GENERATED ALWAYS.",
                    column.name
                )));
            }
            if column.generated != 0 {
                return Err(error().detail(format!("Column \"{}\" is a generated column.", column.name)));
            }
            continue;
        }
        target.expr = column_default(binder, column)?;
    }
    Ok(())
}

/// A column's default: its own, its domain's, or NULL. Generated columns are computed when the row is stored.
pub(super) fn column_default(binder: &Binder<'_>, column: &Column) -> Result<Expr> {
    if column.generated == 0
        && let Some(text) = &column.default
    {
        return pglitedb_query_tree::serial::expr_from_text(text);
    }
    if column.identity_sequence != 0 {
        return Ok(Expr::NextValue { sequence: column.identity_sequence, type_oid: column.type_oid });
    }
    let null = |type_oid, typmod| Expr::null_const(type_oid, typmod, column.collation);
    let base = binder.base_type(column.type_oid)?;
    let default = type_default_of(binder, column.type_oid)?;
    if base == column.type_oid {
        return Ok(default.unwrap_or_else(|| null(column.type_oid, column.typmod)));
    }
    // A domain may forbid NULL, so it is checked like any value.
    Ok(Expr::CoerceToDomain {
        arg: Box::new(default.unwrap_or_else(|| null(base, -1))),
        type_oid: column.type_oid,
        typmod: -1,
        collation: column.collation,
        form: CallForm::ImplicitCast,
    })
}

/// The default that a type brings along, of the type under it if it is a domain.
pub(crate) fn type_default_of(binder: &Binder<'_>, type_oid: Oid) -> Result<Option<Expr>> {
    if type_oid < oids::FIRST_NORMAL_OID {
        return Ok(None);
    }
    let info = binder.type_info(type_oid)?;
    match (&info.default, info.kind) {
        (Some(text), TypeKind::Domain) => pglitedb_query_tree::serial::expr_from_text(text).map(Some),
        (Some(text), _) => {
            let value = pglitedb_types::input(text, type_oid, -1, binder.ctx.env.as_type_env())?;
            Ok(Some(crate::coerce::constant(value, type_oid)))
        }
        (None, TypeKind::Domain) => type_default_of(binder, info.base_type),
        (None, _) => Ok(None),
    }
}
