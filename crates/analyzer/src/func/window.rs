//! Window function calls.

use super::errors::Placed;
use crate::ExprKind;
use crate::binder::Binder;
use pglitedb_query_tree::{Expr, WindowFunc};
use pglitedb_sql_parser::ast::{Over, WindowSpec};
use pglitedb_sqlstate::{Result, err};

impl<'c> Binder<'c> {
    /// Checks the place of a window function and finds its window among the query's.
    pub(super) fn finish_window(&mut self, mut func: WindowFunc, over: &'c Over) -> Result<Expr> {
        let at = func.position.get();
        if let Some(inner) = func.args.iter().find_map(find_window) {
            return Err(err!(WINDOWING_ERROR, "window function calls cannot be nested").at_opt(inner));
        }
        let kind = self.kind();
        match kind {
            ExprKind::None
            | ExprKind::Other
            | ExprKind::SelectTarget
            | ExprKind::OrderBy
            | ExprKind::DistinctOn => {}
            ExprKind::WindowPartition
            | ExprKind::WindowOrder
            | ExprKind::WindowFrameRange
            | ExprKind::WindowFrameRows
            | ExprKind::WindowFrameGroups => {
                return Err(err!(WINDOWING_ERROR, "window functions are not allowed in window definitions")
                    .at_opt(at));
            }
            _ => {
                return Err(err!(WINDOWING_ERROR, "{}", Placed::Window.refused_in(kind)).at_opt(at));
            }
        }
        func.window = match over {
            Over::Name(name) => {
                let found = self
                    .cur()
                    .windows
                    .iter()
                    .position(|(known, _)| known.is_some_and(|known| known.name == name.name));
                found.ok_or_else(|| {
                    err!(UNDEFINED_OBJECT, "window \"{}\" does not exist", name.as_str())
                        .at(name.span.offset())
                })?
            }
            Over::Spec(spec) => self.window_index(spec),
        };
        self.level().has_windows = true;
        Ok(Expr::Window(Box::new(func)))
    }

    /// The window of an OVER (...): an equal one that is there already, or a new one.
    fn window_index(&mut self, spec: &'c WindowSpec) -> usize {
        let level = self.level();
        let equal = level.windows.iter().position(|(name, known)| name.is_none() && *known == spec);
        equal.unwrap_or_else(|| {
            level.windows.push((None, spec));
            level.windows.len() - 1
        })
    }
}

/// Position of a window function inside (not in subqueries).
fn find_window(expr: &Expr) -> Option<Option<usize>> {
    let mut found = None;
    expr.walk(&mut |node| {
        if let Expr::Window(window) = node {
            found = Some(window.position.get());
        }
        found.is_none()
    });
    found
}
