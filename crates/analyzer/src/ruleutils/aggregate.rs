//! Aggregates, window functions, the WINDOW clause.

use super::{Deparser, INDENT};
use pglitedb_query_tree::{
    Aggref, Expr, FrameBound, FrameExclusion, FrameMode, Query, TargetEntry, WindowClause, WindowFunc,
};
use pglitedb_sqlstate::Result;

impl Deparser<'_> {
    pub(super) fn aggregate(&mut self, agg: &Aggref) -> Result<()> {
        let (name, variadic) = self.function_name(agg.func, &agg.arg_types, agg.variadic)?;
        self.push(&name);
        self.push("(");
        if !agg.distinct.is_empty() {
            self.push("DISTINCT ");
        }
        if agg.kind != b'n' {
            self.list(&agg.direct_args)?;
            self.push(") WITHIN GROUP (ORDER BY ");
            self.order_by(&agg.order_by, &agg.args, false)?;
        } else if agg.star {
            self.push("*");
        } else {
            let args: Vec<&TargetEntry> = agg.args.iter().filter(|entry| !entry.junk).collect();
            for (index, entry) in args.iter().enumerate() {
                if index > 0 {
                    self.push(", ");
                }
                if variadic && index + 1 == args.len() {
                    self.push("VARIADIC ");
                }
                self.expr(&entry.expr, true)?;
            }
            if !agg.order_by.is_empty() {
                self.push(" ORDER BY ");
                self.order_by(&agg.order_by, &agg.args, false)?;
            }
        }
        self.filter(agg.filter.as_deref())?;
        self.push(")");
        Ok(())
    }

    pub(super) fn filter(&mut self, filter: Option<&Expr>) -> Result<()> {
        if let Some(filter) = filter {
            self.push(") FILTER (WHERE ");
            self.expr(filter, false)?;
        }
        Ok(())
    }

    pub(super) fn window_function(&mut self, window: &WindowFunc) -> Result<()> {
        let types: Vec<u32> = window.args.iter().map(Expr::type_oid).collect();
        let (name, _) = self.function_name(window.func, &types, false)?;
        self.push(&name);
        self.push("(");
        if window.star {
            self.push("*");
        } else {
            self.list(&window.args)?;
        }
        self.filter(window.filter.as_deref())?;
        self.push(") OVER ");
        self.over(window)
    }

    /// The window that a call is over.
    pub(super) fn over(&mut self, window: &WindowFunc) -> Result<()> {
        let Some((clause, targets)) = self.window_of(window.window) else {
            match self.names.and_then(|names| names.window(window.window)) {
                Some(name) => self.push_ident(&name),
                None => self.push("(?)"),
            }
            return Ok(());
        };
        match &clause.name {
            Some(name) => self.push_ident(name),
            None => self.window_spec(&clause, &targets)?,
        }
        Ok(())
    }

    fn window_of(&self, index: usize) -> Option<(WindowClause, Vec<TargetEntry>)> {
        let scope = self.windows.last()?;
        Some((scope.0.get(index)?.clone(), scope.1.clone()))
    }

    pub(super) fn window_clause(&mut self, query: &Query) -> Result<()> {
        let mut first = true;
        for window in &query.windows {
            let Some(name) = &window.name else { continue };
            if first {
                self.keyword(" WINDOW ", -INDENT, INDENT, 1);
            } else {
                self.push(", ");
            }
            first = false;
            self.push_ident(name);
            self.push(" AS ");
            self.window_spec(window, &query.targets)?;
        }
        Ok(())
    }

    fn window_spec(&mut self, window: &WindowClause, targets: &[TargetEntry]) -> Result<()> {
        self.push("(");
        let mut space = "";
        if let Some(existing) = &window.existing {
            self.push_ident(existing);
            space = " ";
        }
        if window.existing.is_none() && !window.partition_by.is_empty() {
            self.push("PARTITION BY ");
            for (index, clause) in window.partition_by.iter().enumerate() {
                if index > 0 {
                    self.push(", ");
                }
                self.sort_target(clause.target_ref, targets, false)?;
            }
            space = " ";
        }
        if !window.order_by.is_empty() && !window.copied_order {
            self.push(space);
            self.push("ORDER BY ");
            self.order_by(&window.order_by, targets, false)?;
            space = " ";
        }
        if window.has_frame {
            self.push(space);
            self.frame(window)?;
        }
        self.push(")");
        Ok(())
    }

    fn frame(&mut self, window: &WindowClause) -> Result<()> {
        self.push(match window.mode {
            FrameMode::Range => "RANGE ",
            FrameMode::Rows => "ROWS ",
            FrameMode::Groups => "GROUPS ",
        });
        // Whether BETWEEN was written is not kept; PostgreSQL's own rule is the same except for the short form.
        self.push("BETWEEN ");
        self.bound(&window.start)?;
        self.push(" AND ");
        self.bound(&window.end)?;
        self.push(match window.exclusion {
            FrameExclusion::NoOthers => "",
            FrameExclusion::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion::Group => " EXCLUDE GROUP",
            FrameExclusion::Ties => " EXCLUDE TIES",
        });
        Ok(())
    }

    fn bound(&mut self, bound: &FrameBound) -> Result<()> {
        match bound {
            FrameBound::UnboundedPreceding => self.push("UNBOUNDED PRECEDING"),
            FrameBound::CurrentRow => self.push("CURRENT ROW"),
            FrameBound::UnboundedFollowing => self.push("UNBOUNDED FOLLOWING"),
            FrameBound::Preceding(expr) => {
                self.expr(expr, false)?;
                self.push(" PRECEDING");
            }
            FrameBound::Following(expr) => {
                self.expr(expr, false)?;
                self.push(" FOLLOWING");
            }
        }
        Ok(())
    }
}
