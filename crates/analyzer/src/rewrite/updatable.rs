//! INSERT, UPDATE, DELETE and MERGE on views that are simple enough: the view's table takes its place.

use super::subst;
use crate::binder::Binder;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::{
    CallForm, CommandType, Expr, FromItem, Query, Rte, RteColumn, RteKind, TableLockMode, TargetEntry,
    VarSource,
};
use pglitedb_sqlstate::{Error, Result, codes, err};
use std::sync::Arc;

/// Replaces a view that is the target by its table, as often as there are views.
pub(super) fn expand_target(binder: &Binder<'_>, query: &mut Query) -> Result<()> {
    let mut seen: Vec<u32> = Vec::new();
    loop {
        let Some(target) = query.result_relation else { return Ok(()) };
        let Some(RteKind::Relation { oid, .. }) = query.rtable.get(target).map(|rte| &rte.kind) else {
            return Ok(());
        };
        let oid = *oid;
        let relation = binder.relation_by_oid(oid)?;
        if relation.kind != RelKind::View {
            return if seen.is_empty() { Ok(()) } else { infer_arbiters(query, target, &relation) };
        }
        if seen.contains(&oid) {
            return Err(err!(
                INVALID_OBJECT_DEFINITION,
                "infinite recursion detected in rules for relation \"{}\"",
                relation.name
            ));
        }
        seen.push(oid);
        expand_once(binder, query, target, &relation)?;
    }
}

/// ON CONFLICT on a view means indexes of its table.
fn infer_arbiters(query: &mut Query, target: usize, relation: &Relation) -> Result<()> {
    let Some(conflict) = &mut query.on_conflict else { return Ok(()) };
    if conflict.constraint == 0 && !conflict.target_exprs.is_empty() {
        let (exprs, condition) = (&conflict.target_exprs, conflict.target_where.as_ref());
        let update = conflict.update.is_some();
        conflict.arbiters = crate::conflict::infer(relation, target, exprs, condition, update)?;
    }
    Ok(())
}

fn expand_once(binder: &Binder<'_>, query: &mut Query, target: usize, view: &Relation) -> Result<()> {
    if view.has_triggers {
        return Err(Error::unsupported(format!(
            "triggers on views are not supported yet: \"{}\"",
            view.name
        )));
    }
    let Some(text) = view.view_query.as_deref() else {
        return Err(refused(query, &view.name, "Views without a query are not updatable."));
    };
    let mut definition = pglitedb_query_tree::serial::query_from_text(text)?;
    if let Some(detail) = not_updatable(&definition, binder)? {
        return Err(refused(query, &view.name, detail));
    }
    let base_index = match definition.from.first() {
        Some(FromItem::Rte(index)) => *index,
        _ => return Err(crate::from::missing_entry()),
    };
    let base_rte = definition.rtable.get(base_index).cloned().ok_or_else(crate::from::missing_entry)?;
    let RteKind::Relation { oid: base_oid, .. } = base_rte.kind else {
        return Err(crate::from::missing_entry());
    };
    let base = binder.relation_by_oid(base_oid)?;
    check_columns(query, view, &definition)?;
    view_defaults(query, view)?;
    let checks = check_option(view);
    // The view's expressions in terms of the statement's range table.
    definition.rewrite_exprs(0, &mut |expr, depth| subst::renumber(expr, depth, base_index, target));
    let columns: Vec<Expr> = definition.visible_targets().map(|entry| entry.expr.clone()).collect();
    let old = query.rtable[target].clone();
    query.rtable[target] = base_entry(&old, base_rte, &base, view);
    let excluded = query.on_conflict.as_ref().filter(|c| c.update.is_some()).map(|c| c.excluded_rte);
    if let Some(excluded) = excluded {
        let entry = query.rtable.get_mut(excluded).ok_or_else(crate::from::missing_entry)?;
        entry.kind = RteKind::Relation {
            oid: base_oid,
            inherit: false,
            lock: TableLockMode::RowExclusive,
            sample: None,
        };
        entry.columns = crate::entry::relation_columns(&base);
    }
    subst::replace_entry(query, target, &columns, view);
    if let Some(excluded) = excluded {
        let mut moved = columns.clone();
        for expr in &mut moved {
            expr.rewrite(&mut |node| subst::renumber(node, 0, target, excluded));
        }
        subst::replace_entry(query, excluded, &moved, view);
    }
    retarget(query, &columns)?;
    add_quals(query, definition.quals.clone(), checks, view)?;
    query.has_sublinks |= definition.has_sublinks;
    // The view itself is checked for privileges, too.
    query.rtable.push(Rte { in_from: false, ..old });
    Ok(())
}

/// The entry of the view's table under the statement's name for the view.
fn base_entry(old: &Rte, base_rte: Rte, base: &Relation, view: &Relation) -> Rte {
    let inherit = matches!(
        (&old.kind, &base_rte.kind),
        (RteKind::Relation { inherit: true, .. }, RteKind::Relation { inherit: true, .. })
    );
    let invoker = view.options.iter().any(|option| {
        matches!(&**option, "security_invoker=true" | "security_invoker=on" | "security_invoker=1")
    });
    let columns: Vec<RteColumn> = crate::entry::relation_columns(base);
    Rte {
        kind: RteKind::Relation { oid: base.oid, inherit, lock: TableLockMode::RowExclusive, sample: None },
        columns,
        alias_columns: Vec::new(),
        required_privileges: old.required_privileges,
        check_as_user: if invoker { old.check_as_user } else { view.owner },
        in_from: old.in_from,
        ..base_rte
    }
}

/// Why a view's query can't be updated through.
fn not_updatable(query: &Query, binder: &Binder<'_>) -> Result<Option<&'static str>> {
    const NOT_SINGLE: &str =
        "Views that do not select from a single table or view are not automatically updatable.";
    Ok(if !query.distinct.is_empty() {
        Some("Views containing DISTINCT are not automatically updatable.")
    } else if !query.group_by.is_empty() || !query.grouping_sets.is_empty() {
        Some("Views containing GROUP BY are not automatically updatable.")
    } else if query.having.is_some() {
        Some("Views containing HAVING are not automatically updatable.")
    } else if query.set_operation.is_some() {
        Some("Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.")
    } else if !query.ctes.is_empty() {
        Some("Views containing WITH are not automatically updatable.")
    } else if query.limit.is_some() || query.offset.is_some() {
        Some("Views containing LIMIT or OFFSET are not automatically updatable.")
    } else if query.has_aggs {
        Some("Views that return aggregate functions are not automatically updatable.")
    } else if query.has_windows {
        Some("Views that return window functions are not automatically updatable.")
    } else if query.has_target_srfs {
        Some("Views that return set-returning functions are not automatically updatable.")
    } else {
        let [FromItem::Rte(index)] = query.from.as_slice() else { return Ok(Some(NOT_SINGLE)) };
        match query.rtable.get(*index).map(|rte| &rte.kind) {
            Some(RteKind::Relation { sample: Some(_), .. }) => {
                Some("Views containing TABLESAMPLE are not automatically updatable.")
            }
            Some(RteKind::Relation { oid, .. }) => {
                let relation = binder.relation_by_oid(*oid)?;
                let kinds = [RelKind::Table, RelKind::View, RelKind::ForeignTable, RelKind::PartitionedTable];
                if !kinds.contains(&relation.kind) {
                    Some(NOT_SINGLE)
                } else if query.visible_targets().any(|entry| column_problem(query, entry).is_none()) {
                    None
                } else {
                    Some("Views that have no updatable columns are not automatically updatable.")
                }
            }
            _ => Some(NOT_SINGLE),
        }
    })
}

/// Why a column of a view can't be assigned to.
fn column_problem(query: &Query, entry: &TargetEntry) -> Option<&'static str> {
    let Expr::Var(var) = &entry.expr else {
        return Some("View columns that are not columns of their base relation are not updatable.");
    };
    let base = match query.from.first() {
        Some(FromItem::Rte(index)) => VarSource::Rte(*index),
        _ => return Some("View columns that are not columns of their base relation are not updatable."),
    };
    if var.source != base || var.levels_up != 0 {
        return Some("View columns that are not columns of their base relation are not updatable.");
    }
    match var.attno {
        0 => Some("View columns that return whole-row references are not updatable."),
        attno if attno < 0 => Some("View columns that refer to system columns are not updatable."),
        _ => None,
    }
}

fn refused(query: &Query, name: &str, detail: &str) -> Error {
    let merge = query.command == CommandType::Merge;
    // MERGE fails for the first of its actions.
    let action = query.merge_actions.iter().map(|action| action.command).find(|c| *c != CommandType::Select);
    let command = if merge { action.unwrap_or(CommandType::Merge) } else { query.command };
    let (verb, gerund, event) = match command {
        CommandType::Insert => ("insert into", "inserting into", "INSERT"),
        CommandType::Update => ("update", "updating", "UPDATE"),
        CommandType::Delete => ("delete from", "deleting from", "DELETE"),
        _ => ("merge into", "merging into", "MERGE"),
    };
    let error = Error::new(codes::OBJECT_NOT_IN_PREREQUISITE_STATE, format!("cannot {verb} view \"{name}\""))
        .detail(detail);
    if merge {
        return error.hint(format!(
            "To enable {gerund} the view using MERGE, provide an INSTEAD OF {event} trigger."
        ));
    }
    error.hint(format!(
        "To enable {gerund} the view, provide an INSTEAD OF {event} trigger or an unconditional ON {event} DO \
         INSTEAD rule."
    ))
}

/// All columns assigned to must be plain columns of the table.
fn check_columns(query: &Query, view: &Relation, definition: &Query) -> Result<()> {
    let mut assigned: Vec<(usize, &str)> = Vec::new();
    let verb = match query.command {
        CommandType::Insert => "insert into",
        CommandType::Update => "update",
        _ => "merge into",
    };
    if query.command != CommandType::Delete {
        assigned.extend(query.targets.iter().map(|entry| (entry.resno, verb)));
    }
    if let Some(update) = query.on_conflict.as_ref().and_then(|conflict| conflict.update.as_ref()) {
        assigned.extend(update.iter().map(|entry| (entry.resno, verb)));
    }
    for action in &query.merge_actions {
        assigned.extend(action.targets.iter().map(|entry| (entry.resno, "merge into")));
    }
    for (resno, verb) in assigned {
        let entry = definition.visible_targets().nth(resno.wrapping_sub(1));
        let problem = match entry {
            Some(entry) => column_problem(definition, entry),
            None => Some("View columns that are not columns of their base relation are not updatable."),
        };
        if let Some(detail) = problem {
            let column = view.columns.get(resno.wrapping_sub(1)).map_or("", |column| &column.name);
            return Err(Error::unsupported(format!(
                "cannot {verb} column \"{column}\" of view \"{}\"",
                view.name
            ))
            .detail(detail));
        }
    }
    Ok(())
}

/// Defaults that the view's own columns have come before those of the table.
fn view_defaults(query: &mut Query, view: &Relation) -> Result<()> {
    let fill = |targets: &mut Vec<TargetEntry>, insert: bool| -> Result<()> {
        for (index, column) in view.columns.iter().enumerate() {
            let Some(text) = &column.default else { continue };
            let resno = index + 1;
            match targets.iter_mut().find(|entry| entry.resno == resno) {
                Some(entry) if matches!(entry.expr, Expr::SetToDefault { .. }) => {
                    entry.expr = pglitedb_query_tree::serial::expr_from_text(text)?;
                }
                Some(_) => {}
                None if insert => {
                    let expr = pglitedb_query_tree::serial::expr_from_text(text)?;
                    targets.push(crate::target::target(expr, resno, Some(column.name.clone())));
                }
                None => {}
            }
        }
        Ok(())
    };
    match query.command {
        CommandType::Insert => fill(&mut query.targets, true)?,
        CommandType::Update => fill(&mut query.targets, false)?,
        _ => {}
    }
    for action in &mut query.merge_actions {
        let insert = action.command == CommandType::Insert;
        fill(&mut action.targets, insert)?;
    }
    Ok(())
}

/// View columns become the table's in target lists.
fn retarget(query: &mut Query, columns: &[Expr]) -> Result<()> {
    let map = |targets: &mut Vec<TargetEntry>| -> Result<()> {
        let mut used: Vec<usize> = Vec::new();
        for entry in targets.iter_mut() {
            let Some(Expr::Var(var)) = columns.get(entry.resno.wrapping_sub(1)) else {
                return Err(crate::from::missing_entry());
            };
            entry.resno = usize::try_from(var.attno).unwrap_or(0);
            if used.contains(&entry.resno) {
                let name = entry.name.as_deref().unwrap_or("");
                return Err(err!(SYNTAX_ERROR, "multiple assignments to same column \"{name}\""));
            }
            used.push(entry.resno);
        }
        Ok(())
    };
    if query.command != CommandType::Delete && query.command != CommandType::Merge {
        map(&mut query.targets)?;
    }
    if let Some(update) = query.on_conflict.as_mut().and_then(|conflict| conflict.update.as_mut()) {
        map(update)?;
    }
    for action in &mut query.merge_actions {
        map(&mut action.targets)?;
    }
    Ok(())
}

/// WITH CHECK OPTION.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CheckOption {
    None,
    Local,
    Cascaded,
}

fn check_option(view: &Relation) -> CheckOption {
    for option in &view.options {
        match &**option {
            "check_option=local" => return CheckOption::Local,
            "check_option=cascaded" => return CheckOption::Cascaded,
            _ => {}
        }
    }
    CheckOption::None
}

/// The view's condition restricts what is updated or deleted, and with WITH CHECK OPTION what is stored.
fn add_quals(query: &mut Query, quals: Option<Expr>, option: CheckOption, view: &Relation) -> Result<()> {
    let writes = matches!(query.command, CommandType::Insert | CommandType::Update | CommandType::Merge);
    let inherited = query.view_check_cascades;
    if writes && (option != CheckOption::None || inherited) {
        query.view_check_cascades = option == CheckOption::Cascaded || inherited;
        if let Some(quals) = &quals {
            let name: Arc<str> = view.name.clone();
            query.view_checks.insert(0, (name, quals.clone()));
        }
    } else {
        query.view_check_cascades = false;
    }
    let Some(quals) = quals else { return Ok(()) };
    match query.command {
        CommandType::Insert => {}
        CommandType::Merge => {
            // Rows the view hides are not matched.
            let joined = query.merge_join.take();
            query.merge_join = Expr::and(joined.into_iter().chain([quals]).collect());
        }
        _ => {
            let known = query.quals.take();
            query.quals = Expr::and(known.into_iter().chain([quals]).collect());
        }
    }
    Ok(())
}

/// A whole row of the view.
pub(super) fn view_row(columns: &[Expr], view: &Relation) -> Expr {
    Expr::Row {
        args: columns.to_vec(),
        type_oid: view.row_type,
        names: view.columns.iter().map(|column| column.name.clone()).collect(),
        form: CallForm::ImplicitCast,
    }
}
