//! Putting expressions in the place of variables, on all query levels.

use pglitedb_catalog::Relation;
use pglitedb_query_tree::{Expr, Query, VarReturning, VarSource};

/// Variables of one range table entry become those of another.
pub(super) fn renumber(expr: &mut Expr, depth: u32, from: usize, to: usize) {
    if let Expr::Var(var) = expr
        && var.levels_up == depth
        && var.source == VarSource::Rte(from)
    {
        var.source = VarSource::Rte(to);
    }
}

/// References to columns of an entry (a view) become the expressions behind them.
pub(super) fn replace_entry(query: &mut Query, entry: usize, columns: &[Expr], view: &Relation) {
    query.rewrite_exprs(0, &mut |expr, depth| {
        let Expr::Var(var) = expr else { return };
        if var.levels_up != depth || var.source != VarSource::Rte(entry) {
            return;
        }
        let returning = var.returning;
        let mut value = match usize::try_from(var.attno) {
            Ok(0) => super::updatable::view_row(columns, view),
            Ok(attno) => match columns.get(attno - 1) {
                Some(column) => column.clone(),
                None => return,
            },
            // System columns are those of the table.
            Err(_) => return,
        };
        if returning != VarReturning::Default {
            value.rewrite(&mut |node| {
                if let Expr::Var(inner) = node
                    && inner.levels_up == 0
                    && inner.source == VarSource::Rte(entry)
                {
                    inner.returning = returning;
                }
            });
        }
        if depth > 0 {
            value.shift_levels(depth as i32, 0);
        }
        *expr = value;
    });
}
