//! Queries.

use super::Printer;
use crate::ast::{
    Distinct, Frame, FrameBound, FrameExclusion, FrameMode, GroupBy, GroupItem, LockStrength, LockWait,
    LockingClause, NullsOrder, Query, QueryBody, Select, SelectItem, SetOperator, SortDirection, SortItem,
    WindowSpec, With,
};

impl Printer {
    /// A query without parentheses around it.
    pub(super) fn query(&mut self, query: &Query) {
        if let Some(with) = &query.with {
            self.with(with);
        }
        match &query.body {
            QueryBody::Select(select) => self.select(select),
            QueryBody::Values(rows) => {
                self.text("VALUES ");
                self.list(rows, |p, row| p.paren_list(row, Self::expr));
            }
            QueryBody::SetOperation { op, all, left, right } => {
                let level = set_level(*op);
                self.set_operand(left, level);
                self.text(match op {
                    SetOperator::Union => " UNION ",
                    SetOperator::Intersect => " INTERSECT ",
                    SetOperator::Except => " EXCEPT ",
                });
                self.text_if(*all, "ALL ");
                self.set_operand(right, level + 1);
            }
        }
        if !query.order_by.is_empty() {
            self.text(" ");
            self.order_by(&query.order_by);
        }
        if let Some(limit) = &query.limit {
            self.optional(" OFFSET ", limit.offset.as_ref(), Self::expr);
            if limit.with_ties {
                self.optional(" FETCH FIRST ", limit.count.as_ref(), Self::primary);
                self.text(" ROWS WITH TIES");
            } else {
                self.optional(" LIMIT ", limit.count.as_ref(), Self::expr);
            }
        }
        for clause in &query.locking {
            self.locking_clause(clause);
        }
    }

    /// A query with parentheses around it.
    pub(super) fn paren_query(&mut self, query: &Query) {
        self.text("(");
        self.query(query);
        self.text(")");
    }

    /// An operand of a set operation of this level or above.
    fn set_operand(&mut self, query: &Query, min: u8) {
        let decorated = query.with.is_some()
            || !query.order_by.is_empty()
            || query.limit.is_some()
            || !query.locking.is_empty();
        let weaker = match &query.body {
            QueryBody::SetOperation { op, .. } => set_level(*op) < min,
            _ => false,
        };
        if decorated || weaker { self.paren_query(query) } else { self.query(query) }
    }

    fn locking_clause(&mut self, clause: &LockingClause) {
        self.text(match clause.strength {
            LockStrength::KeyShare => " FOR KEY SHARE",
            LockStrength::Share => " FOR SHARE",
            LockStrength::NoKeyUpdate => " FOR NO KEY UPDATE",
            LockStrength::Update => " FOR UPDATE",
        });
        if !clause.of.is_empty() {
            self.text(" OF ");
            self.list(&clause.of, Self::name);
        }
        self.text(match clause.wait {
            LockWait::Block => "",
            LockWait::SkipLocked => " SKIP LOCKED",
            LockWait::NoWait => " NOWAIT",
        });
    }

    /// `WITH ...` and a space.
    pub(super) fn with(&mut self, with: &With) {
        self.text(if with.recursive { "WITH RECURSIVE " } else { "WITH " });
        self.list(&with.queries, |p, query| {
            p.ident(&query.name);
            p.opt_paren_list(&query.columns, Self::ident);
            p.text(match query.materialized {
                None => " AS (",
                Some(true) => " AS MATERIALIZED (",
                Some(false) => " AS NOT MATERIALIZED (",
            });
            p.statement(&query.statement);
            p.text(")");
            if let Some(search) = &query.search {
                p.text(if search.breadth_first {
                    " SEARCH BREADTH FIRST BY "
                } else {
                    " SEARCH DEPTH FIRST BY "
                });
                p.list(&search.columns, Self::ident);
                p.text(" SET ");
                p.ident(&search.sequence_column);
            }
            if let Some(cycle) = &query.cycle {
                p.text(" CYCLE ");
                p.list(&cycle.columns, Self::ident);
                p.text(" SET ");
                p.ident(&cycle.mark_column);
                if let Some((value, default)) = &cycle.mark_values {
                    p.text(" TO ");
                    p.constant(value);
                    p.text(" DEFAULT ");
                    p.constant(default);
                }
                p.text(" USING ");
                p.ident(&cycle.path_column);
            }
        });
        self.text(" ");
    }

    fn select(&mut self, select: &Select) {
        self.text("SELECT");
        match &select.distinct {
            Distinct::None => {}
            Distinct::Rows => self.text(" DISTINCT"),
            Distinct::On(exprs) => {
                self.text(" DISTINCT ON ");
                self.paren_list(exprs, Self::expr);
            }
        }
        self.text_if(!select.items.is_empty(), " ");
        self.select_items(&select.items);
        if let Some(into) = &select.into {
            self.text(" INTO ");
            self.persistence(into.persistence);
            self.text("TABLE ");
            self.name(&into.name);
        }
        if !select.from.is_empty() {
            self.text(" FROM ");
            self.list(&select.from, Self::from_item);
        }
        self.optional(" WHERE ", select.where_clause.as_ref(), Self::expr);
        if let Some(group_by) = &select.group_by {
            self.group_by(group_by);
        }
        self.optional(" HAVING ", select.having.as_ref(), Self::expr);
        if !select.windows.is_empty() {
            self.text(" WINDOW ");
            self.list(&select.windows, |p, window| {
                p.ident(&window.name);
                p.text(" AS ");
                p.window_spec(&window.spec);
            });
        }
    }

    pub(super) fn select_items(&mut self, items: &[SelectItem]) {
        self.list(items, |p, item| {
            p.expr(&item.expr);
            p.optional(" AS ", item.alias.as_ref(), Self::ident);
        });
    }

    fn group_by(&mut self, group_by: &GroupBy) {
        self.text(if group_by.distinct { " GROUP BY DISTINCT " } else { " GROUP BY " });
        self.list(&group_by.items, Self::group_item);
    }

    fn group_item(&mut self, item: &GroupItem) {
        match item {
            GroupItem::Expr(expr) => self.expr(expr),
            GroupItem::Empty(_) => self.text("()"),
            GroupItem::Rollup(exprs, _) => self.keyword_call("ROLLUP", exprs),
            GroupItem::Cube(exprs, _) => self.keyword_call("CUBE", exprs),
            GroupItem::Sets(items, _) => {
                self.text("GROUPING SETS ");
                self.paren_list(items, Self::group_item);
            }
        }
    }

    /// `ORDER BY ...`.
    pub(super) fn order_by(&mut self, items: &[SortItem]) {
        self.text("ORDER BY ");
        self.list(items, |p, item| {
            p.expr(&item.expr);
            p.sort_direction(&item.direction);
            p.nulls_order(item.nulls);
        });
    }

    pub(super) fn sort_direction(&mut self, direction: &SortDirection) {
        match direction {
            SortDirection::Default => {}
            SortDirection::Asc => self.text(" ASC"),
            SortDirection::Desc => self.text(" DESC"),
            SortDirection::Using(op) => {
                self.text(" USING ");
                self.operator(op);
            }
        }
    }

    pub(super) fn nulls_order(&mut self, nulls: Option<NullsOrder>) {
        self.text(match nulls {
            None => "",
            Some(NullsOrder::First) => " NULLS FIRST",
            Some(NullsOrder::Last) => " NULLS LAST",
        });
    }

    /// `( ... )` of `OVER` and `WINDOW`.
    pub(super) fn window_spec(&mut self, spec: &WindowSpec) {
        self.text("(");
        self.optional("", spec.existing.as_ref(), Self::ident);
        if !spec.partition_by.is_empty() {
            self.text(" PARTITION BY ");
            self.exprs(&spec.partition_by);
        }
        if !spec.order_by.is_empty() {
            self.text(" ");
            self.order_by(&spec.order_by);
        }
        if let Some(frame) = &spec.frame {
            self.frame(frame);
        }
        self.text(")");
    }

    fn frame(&mut self, frame: &Frame) {
        self.text(match frame.mode {
            FrameMode::Rows => " ROWS ",
            FrameMode::Range => " RANGE ",
            FrameMode::Groups => " GROUPS ",
        });
        match &frame.end {
            Some(end) => {
                self.text("BETWEEN ");
                self.frame_bound(&frame.start);
                self.text(" AND ");
                self.frame_bound(end);
            }
            None => self.frame_bound(&frame.start),
        }
        self.text(match frame.exclusion {
            FrameExclusion::NoOthers => "",
            FrameExclusion::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion::Group => " EXCLUDE GROUP",
            FrameExclusion::Ties => " EXCLUDE TIES",
        });
    }

    fn frame_bound(&mut self, bound: &FrameBound) {
        match bound {
            FrameBound::UnboundedPreceding => self.text("UNBOUNDED PRECEDING"),
            FrameBound::Preceding(offset) => {
                self.primary(offset);
                self.text(" PRECEDING");
            }
            FrameBound::CurrentRow => self.text("CURRENT ROW"),
            FrameBound::Following(offset) => {
                self.primary(offset);
                self.text(" FOLLOWING");
            }
            FrameBound::UnboundedFollowing => self.text("UNBOUNDED FOLLOWING"),
        }
    }
}

fn set_level(op: SetOperator) -> u8 {
    match op {
        SetOperator::Union | SetOperator::Except => 1,
        SetOperator::Intersect => 2,
    }
}
