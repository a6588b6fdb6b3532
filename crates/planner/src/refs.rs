//! Making expressions refer to their node's inputs.

use pglitedb_query_tree::{Expr, Plan, TargetEntry, Var, VarSource};
use pglitedb_sqlstate::{Error, Result};

/// A plan with the (logical) expression behind each of its output columns.
pub(crate) struct Built {
    pub plan: Plan,
    pub outputs: Vec<Expr>,
}

/// A reference to an output column.
pub(crate) fn column_ref(source: VarSource, column: usize, like: &Expr) -> Expr {
    Expr::Var(Var {
        source,
        attno: i16::try_from(column).unwrap_or(i16::MAX),
        type_oid: like.type_oid(),
        typmod: like.typmod(),
        collation: like.collation(),
        levels_up: 0,
        returning: Default::default(),
        position: like.position(),
    })
}

/// Rewrites an expression over the outputs of one or two children.
pub(crate) fn resolve(mut expr: Expr, outer: &[Expr], inner: Option<&[Expr]>) -> Result<Expr> {
    resolve_in_place(&mut expr, outer, inner)?;
    Ok(expr)
}

fn resolve_in_place(expr: &mut Expr, outer: &[Expr], inner: Option<&[Expr]>) -> Result<()> {
    if matches!(expr, Expr::Const(_) | Expr::Param(_)) {
        return Ok(());
    }
    if let Some(at) = outer.iter().position(|known| known == expr) {
        *expr = column_ref(VarSource::Outer, at + 1, expr);
        return Ok(());
    }
    if let Some(at) = inner.and_then(|inner| inner.iter().position(|known| known == expr)) {
        *expr = column_ref(VarSource::Inner, at + 1, expr);
        return Ok(());
    }
    if let Expr::PlaceHolder(holder) = expr {
        // This is where it is computed.
        *expr = std::mem::replace(&mut holder.expr, Expr::bool_const(true));
        return resolve_in_place(expr, outer, inner);
    }
    if let Expr::Var(var) = expr
        && let VarSource::Rte(rte) = var.source
    {
        return Err(Error::internal(format!(
            "column {} of range table entry {rte} is not in the output of the plan below",
            var.attno
        )));
    }
    let mut result = Ok(());
    expr.for_each_child_mut(&mut |child| {
        if result.is_ok() {
            result = resolve_in_place(child, outer, inner);
        }
    });
    result
}

/// [`resolve`] for several expressions.
pub(crate) fn resolve_all(exprs: Vec<Expr>, outer: &[Expr], inner: Option<&[Expr]>) -> Result<Vec<Expr>> {
    exprs.into_iter().map(|expr| resolve(expr, outer, inner)).collect()
}

/// [`resolve`] for a target list; returns the logical expressions as well.
pub(crate) fn resolve_targets(
    targets: Vec<TargetEntry>,
    outer: &[Expr],
    inner: Option<&[Expr]>,
) -> Result<(Vec<TargetEntry>, Vec<Expr>)> {
    let outputs = targets.iter().map(|target| target.expr.clone()).collect();
    let targets = targets
        .into_iter()
        .map(|mut target| {
            target.expr = resolve(target.expr, outer, inner)?;
            Ok(target)
        })
        .collect::<Result<_>>()?;
    Ok((targets, outputs))
}

/// A column of this query level, or a placeholder, which is handed up like one.
fn is_leaf(node: &Expr) -> bool {
    match node {
        Expr::Var(Var { source: VarSource::Rte(_), levels_up: 0, .. }) => true,
        Expr::PlaceHolder(holder) => holder.levels_up == 0,
        _ => false,
    }
}

/// Adds the columns (and placeholders) an expression uses to a list, each once.
pub(crate) fn pull_vars(expr: &Expr, into: &mut Vec<Expr>) {
    expr.walk(&mut |node| {
        if is_leaf(node) {
            if !into.contains(node) {
                into.push(node.clone());
            }
            return false;
        }
        true
    });
}

/// Adds columns, aggregates, GROUPING calls and (if wanted) window functions that an expression is made of. `whole`
/// expressions (grouping expressions) are taken as they are.
pub(crate) fn pull_components(expr: &Expr, whole: &[Expr], windows: bool, into: &mut Vec<Expr>) {
    expr.walk(&mut |node| {
        let leaf = match node {
            Expr::Agg(_) | Expr::Grouping { .. } => true,
            Expr::Window(_) => windows,
            _ => is_leaf(node),
        };
        if leaf || (!matches!(node, Expr::Const(_)) && whole.contains(node)) {
            if !into.contains(node) {
                into.push(node.clone());
            }
            return false;
        }
        true
    });
}

/// Target list of plain expressions.
pub(crate) fn targets_of(exprs: &[Expr]) -> Vec<TargetEntry> {
    exprs
        .iter()
        .enumerate()
        .map(|(at, expr)| TargetEntry {
            expr: expr.clone(),
            resno: at + 1,
            name: None,
            sort_group_ref: 0,
            orig_table: 0,
            orig_column: 0,
            junk: false,
        })
        .collect()
}

/// Target list that hands a child's columns through.
pub(crate) fn pass_through(child: &Plan) -> Vec<TargetEntry> {
    child
        .targets
        .iter()
        .enumerate()
        .map(|(at, target)| TargetEntry {
            expr: column_ref(VarSource::Outer, at + 1, &target.expr),
            ..target.clone()
        })
        .collect()
}

/// Puts a node that hands its child's columns through on top of a plan.
pub(crate) fn on_top(child: Built, node: impl FnOnce(Box<Plan>) -> pglitedb_query_tree::PlanNode) -> Built {
    let Built { plan, outputs } = child;
    let targets = pass_through(&plan);
    let (startup_cost, total_cost, rows, width) = (plan.startup_cost, plan.total_cost, plan.rows, plan.width);
    let plan = Plan {
        node: node(Box::new(plan)),
        targets,
        quals: Vec::new(),
        init_plans: Vec::new(),
        startup_cost,
        total_cost,
        rows,
        width,
    };
    Built { plan, outputs }
}
