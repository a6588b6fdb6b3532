//! Inputs of set operations get the types of their results.
//!
//! The query keeps its inputs as written, so that views print as they were defined; here they are converted. Where a
//! conversion could change what the input means (DISTINCT, LIMIT, another set operation), it goes around the input.

use crate::binder::Binder;
use crate::from::{make_rte, query_columns, select_from};
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, Position, Query, RteKind, SetOp, TargetEntry};
use pglitedb_sqlstate::{Error, Result};

type Columns = Vec<(u32, i32, u32)>;

/// Converts the inputs of a query's set operations.
pub(super) fn convert(binder: &mut Binder<'_>, query: &mut Query) -> Result<()> {
    let Some(mut tree) = query.set_operation.take() else { return Ok(()) };
    let result = convert_node(binder, query, &mut tree);
    query.set_operation = Some(tree);
    result
}

fn convert_node(binder: &mut Binder<'_>, query: &mut Query, node: &mut SetOp) -> Result<()> {
    let SetOp::Node { left, right, columns, .. } = node else { return Ok(()) };
    for child in [left, right] {
        match &mut **child {
            SetOp::Leaf(index) => convert_leaf(binder, query, *index, columns)?,
            SetOp::Node { columns: own, .. } => {
                let differs = !same_types(own, columns);
                convert_node(binder, query, child)?;
                if differs {
                    wrap_node(binder, query, child, columns)?;
                }
            }
        }
    }
    Ok(())
}

fn same_types(own: &Columns, wanted: &Columns) -> bool {
    own.iter().zip(wanted).all(|(a, b)| a.0 == b.0)
}

fn convert_leaf(binder: &mut Binder<'_>, query: &mut Query, index: usize, wanted: &Columns) -> Result<()> {
    let rte = query.rtable.get_mut(index).ok_or_else(crate::from::missing_entry)?;
    let RteKind::Subquery { query: inner, .. } = &mut rte.kind else {
        return Err(Error::internal("leaf of a set operation is no subquery"));
    };
    let own: Columns =
        inner.visible_targets().map(|target| (target.expr.type_oid(), target.expr.typmod(), 0)).collect();
    if same_types(&own, wanted) {
        return Ok(());
    }
    let plain = inner.set_operation.is_none()
        && inner.distinct.is_empty()
        && inner.group_by.is_empty()
        && inner.order_by.is_empty()
        && inner.grouping_sets.is_empty();
    if !plain {
        let taken = std::mem::take(&mut **inner);
        **inner = select_from(taken, "*SELECT*")?;
    }
    convert_targets(binder, &mut inner.targets, wanted)?;
    for (column, (type_oid, typmod, collation)) in rte.columns.iter_mut().zip(wanted) {
        column.type_oid = *type_oid;
        column.typmod = *typmod;
        column.collation = *collation;
    }
    Ok(())
}

fn convert_targets(binder: &mut Binder<'_>, targets: &mut [TargetEntry], wanted: &Columns) -> Result<()> {
    for (target, (type_oid, ..)) in targets.iter_mut().filter(|target| !target.junk).zip(wanted) {
        if target.expr.type_oid() == *type_oid {
            continue;
        }
        let taken = std::mem::replace(&mut target.expr, Expr::bool_const(false));
        target.expr = binder.coerce(taken, *type_oid, -1, CastContext::Implicit, CallForm::ImplicitCast)?;
        crate::collate::assign(binder, &mut target.expr)?;
    }
    Ok(())
}

/// Makes an inner set operation a leaf, with a conversion around it.
fn wrap_node(binder: &mut Binder<'_>, query: &mut Query, node: &mut SetOp, wanted: &Columns) -> Result<()> {
    let SetOp::Node { columns, .. } = &*node else { return Ok(()) };
    let leftmost = leftmost(node);
    let names = query.rtable.get(leftmost).map(|rte| rte.columns.clone()).unwrap_or_default();
    let targets = columns
        .iter()
        .zip(&names)
        .enumerate()
        .map(|(at, ((type_oid, typmod, collation), name))| {
            let mut var =
                crate::columns::make_var(leftmost, (at + 1) as i16, *type_oid, *typmod, *collation, 0);
            var.position = Position(None);
            crate::target::target(Expr::Var(var), at + 1, Some(name.name.clone()))
        })
        .collect();
    let taken = std::mem::replace(node, SetOp::Leaf(leftmost));
    let mut rtable = query.rtable.clone();
    for rte in &mut rtable {
        if let RteKind::Subquery { query: inner, .. } = &mut rte.kind {
            // One level deeper; the query around adds another.
            inner.shift_levels(1, 1);
        }
    }
    let inner = Query { rtable, targets, set_operation: Some(taken), ..Query::default() };
    let mut outer = select_from(inner, "*SELECT*")?;
    convert_targets(binder, &mut outer.targets, wanted)?;
    let columns = query_columns(&outer);
    let kind = RteKind::Subquery { query: Box::new(outer), view: 0, barrier: false };
    let mut rte = make_rte(kind, "*SELECT*".into(), columns, None, "table")?;
    rte.in_from = false;
    query.rtable.push(rte);
    *node = SetOp::Leaf(query.rtable.len() - 1);
    Ok(())
}

fn leftmost(node: &SetOp) -> usize {
    match node {
        SetOp::Leaf(index) => *index,
        SetOp::Node { left, .. } => leftmost(left),
    }
}
