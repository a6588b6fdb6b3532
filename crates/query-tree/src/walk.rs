//! Visiting and rewriting expressions and queries.

use crate::expr::{Expr, SubscriptItem, TargetEntry};
use crate::query::{FrameBound, FromItem, Query, RteKind};

impl Expr {
    /// Calls `f` on each direct child expression. The query of a [`Expr::SubLink`] is not entered; its `test` is.
    pub fn for_each_child<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        match self {
            Expr::Var(_)
            | Expr::Const(_)
            | Expr::Param(_)
            | Expr::SubLinkColumn { .. }
            | Expr::CaseTest { .. }
            | Expr::SqlValue { .. }
            | Expr::DomainValue { .. }
            | Expr::SetToDefault { .. }
            | Expr::CurrentOf { .. }
            | Expr::NextValue { .. } => {}
            Expr::Func(func) => func.args.iter().for_each(f),
            Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => op.args.iter().for_each(f),
            Expr::ScalarArray(op) => {
                f(&op.scalar);
                f(&op.array);
            }
            Expr::Bool(_, args)
            | Expr::Grouping { args, .. }
            | Expr::Row { args, .. }
            | Expr::Coalesce { args, .. }
            | Expr::MinMax { args, .. } => args.iter().for_each(f),
            Expr::Agg(agg) => {
                agg.direct_args.iter().for_each(&mut *f);
                agg.args.iter().for_each(|target| f(&target.expr));
                agg.filter.iter().for_each(|filter| f(filter));
            }
            Expr::Window(window) => {
                window.args.iter().for_each(&mut *f);
                window.filter.iter().for_each(|filter| f(filter));
            }
            Expr::SubLink(link) => link.test.iter().for_each(|test| f(test)),
            Expr::SubPlan(plan) => {
                plan.test.iter().for_each(|test| f(test));
                plan.args.iter().for_each(f);
            }
            Expr::FieldSelect { arg, .. }
            | Expr::Relabel { arg, .. }
            | Expr::CoerceViaIo { arg, .. }
            | Expr::ConvertRowtype { arg, .. }
            | Expr::Collate(arg, _)
            | Expr::NullTest { arg, .. }
            | Expr::BoolTest(arg, _)
            | Expr::CoerceToDomain { arg, .. } => f(arg),
            Expr::FieldStore { arg, values, .. } => {
                f(arg);
                values.iter().for_each(f);
            }
            Expr::ArrayCoerce { arg, elem, .. } => {
                f(arg);
                f(elem);
            }
            Expr::Case(case) => {
                case.arg.iter().for_each(|arg| f(arg));
                for (when, then) in &case.whens {
                    f(when);
                    f(then);
                }
                f(&case.default);
            }
            Expr::Array { elements, .. } => elements.iter().for_each(f),
            Expr::RowCompare(compare) => compare.left.iter().chain(&compare.right).for_each(f),
            Expr::Subscript(subscript) => {
                f(&subscript.container);
                for item in &subscript.items {
                    match item {
                        SubscriptItem::Index(index) => f(index),
                        SubscriptItem::Slice(from, to) => from.iter().chain(to).for_each(&mut *f),
                    }
                }
                subscript.assign.iter().for_each(|assign| f(assign));
            }
            Expr::Special(special) => special.args.iter().for_each(f),
            Expr::PlaceHolder(holder) => f(&holder.expr),
        }
    }

    /// Calls `f` on each direct child expression, to change it in place.
    pub fn for_each_child_mut(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        match self {
            Expr::Var(_)
            | Expr::Const(_)
            | Expr::Param(_)
            | Expr::SubLinkColumn { .. }
            | Expr::CaseTest { .. }
            | Expr::SqlValue { .. }
            | Expr::DomainValue { .. }
            | Expr::SetToDefault { .. }
            | Expr::CurrentOf { .. }
            | Expr::NextValue { .. } => {}
            Expr::Func(func) => func.args.iter_mut().for_each(f),
            Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => op.args.iter_mut().for_each(f),
            Expr::ScalarArray(op) => {
                f(&mut op.scalar);
                f(&mut op.array);
            }
            Expr::Bool(_, args)
            | Expr::Grouping { args, .. }
            | Expr::Row { args, .. }
            | Expr::Coalesce { args, .. }
            | Expr::MinMax { args, .. } => args.iter_mut().for_each(f),
            Expr::Agg(agg) => {
                agg.direct_args.iter_mut().for_each(&mut *f);
                agg.args.iter_mut().for_each(|target| f(&mut target.expr));
                agg.filter.iter_mut().for_each(|filter| f(filter));
            }
            Expr::Window(window) => {
                window.args.iter_mut().for_each(&mut *f);
                window.filter.iter_mut().for_each(|filter| f(filter));
            }
            Expr::SubLink(link) => link.test.iter_mut().for_each(|test| f(test)),
            Expr::SubPlan(plan) => {
                plan.test.iter_mut().for_each(|test| f(test));
                plan.args.iter_mut().for_each(f);
            }
            Expr::FieldSelect { arg, .. }
            | Expr::Relabel { arg, .. }
            | Expr::CoerceViaIo { arg, .. }
            | Expr::ConvertRowtype { arg, .. }
            | Expr::Collate(arg, _)
            | Expr::NullTest { arg, .. }
            | Expr::BoolTest(arg, _)
            | Expr::CoerceToDomain { arg, .. } => f(arg),
            Expr::FieldStore { arg, values, .. } => {
                f(arg);
                values.iter_mut().for_each(f);
            }
            Expr::ArrayCoerce { arg, elem, .. } => {
                f(arg);
                f(elem);
            }
            Expr::Case(case) => {
                case.arg.iter_mut().for_each(|arg| f(arg));
                for (when, then) in &mut case.whens {
                    f(when);
                    f(then);
                }
                f(&mut case.default);
            }
            Expr::Array { elements, .. } => elements.iter_mut().for_each(f),
            Expr::RowCompare(compare) => {
                let compare = &mut **compare;
                compare.left.iter_mut().chain(&mut compare.right).for_each(f);
            }
            Expr::Subscript(subscript) => {
                f(&mut subscript.container);
                for item in &mut subscript.items {
                    match item {
                        SubscriptItem::Index(index) => f(index),
                        SubscriptItem::Slice(from, to) => from.iter_mut().chain(to).for_each(&mut *f),
                    }
                }
                subscript.assign.iter_mut().for_each(|assign| f(assign));
            }
            Expr::Special(special) => special.args.iter_mut().for_each(f),
            Expr::PlaceHolder(holder) => f(&mut holder.expr),
        }
    }

    /// Visits this expression and all below it (not inside sublinks' queries), parents first. `f` returns false to
    /// skip the children.
    pub fn walk<'a>(&'a self, f: &mut dyn FnMut(&'a Expr) -> bool) {
        if f(self) {
            self.for_each_child(&mut |child| child.walk(f));
        }
    }

    /// Does `test` hold anywhere in the expression (not inside sublinks' queries)?
    pub fn any(&self, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |expr| {
            found = found || test(expr);
            !found
        });
        found
    }

    /// Rewrites bottom-up: children first, then `f` on the expression itself.
    pub fn rewrite(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        self.for_each_child_mut(&mut |child| child.rewrite(f));
        f(self);
    }
}

fn each_from_qual<'a>(item: &'a FromItem, f: &mut dyn FnMut(&'a Expr)) {
    if let FromItem::Join(join) = item {
        each_from_qual(&join.left, f);
        each_from_qual(&join.right, f);
        join.quals.iter().for_each(f);
    }
}

fn each_from_qual_mut(item: &mut FromItem, f: &mut dyn FnMut(&mut Expr)) {
    if let FromItem::Join(join) = item {
        each_from_qual_mut(&mut join.left, f);
        each_from_qual_mut(&mut join.right, f);
        join.quals.iter_mut().for_each(f);
    }
}

impl Query {
    /// Calls `f` on every top expression of this query level: targets, conditions, range table functions and values.
    /// Subqueries in FROM, WITH queries and sublinks' queries are not entered ([`Query::for_each_subquery`]).
    pub fn for_each_expr<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        let targets = |list: &'a [TargetEntry], f: &mut dyn FnMut(&'a Expr)| {
            list.iter().for_each(|target| f(&target.expr));
        };
        targets(&self.targets, f);
        targets(&self.returning, f);
        self.from.iter().for_each(|item| each_from_qual(item, f));
        self.quals.iter().for_each(&mut *f);
        self.having.iter().for_each(&mut *f);
        self.offset.iter().for_each(&mut *f);
        self.limit.iter().for_each(&mut *f);
        self.merge_join.iter().for_each(&mut *f);
        if let Some(conflict) = &self.on_conflict {
            conflict.target_exprs.iter().for_each(&mut *f);
            conflict.target_where.iter().for_each(&mut *f);
            conflict.update.iter().for_each(|list| targets(list, f));
            conflict.update_where.iter().for_each(&mut *f);
        }
        self.view_checks.iter().for_each(|(_, check)| f(check));
        for action in &self.merge_actions {
            action.condition.iter().for_each(&mut *f);
            targets(&action.targets, f);
        }
        for window in &self.windows {
            for bound in [&window.start, &window.end] {
                if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                    f(expr);
                }
            }
        }
        for rte in &self.rtable {
            match &rte.kind {
                RteKind::Join { aliases, .. } => aliases.iter().for_each(&mut *f),
                RteKind::Function { functions, .. } => {
                    functions.iter().for_each(|function| f(&function.expr))
                }
                RteKind::Values { rows } => rows.iter().flatten().for_each(&mut *f),
                RteKind::TableFunction { args, .. } => args.iter().for_each(&mut *f),
                RteKind::Relation { sample: Some(sample), .. } => {
                    sample.args.iter().for_each(&mut *f);
                    sample.repeatable.iter().for_each(&mut *f);
                }
                RteKind::Relation { .. }
                | RteKind::Subquery { .. }
                | RteKind::Cte { .. }
                | RteKind::Result => {}
            }
        }
    }

    /// Like [`Query::for_each_expr`], to change them in place.
    pub fn for_each_expr_mut(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        let targets = |list: &mut [TargetEntry], f: &mut dyn FnMut(&mut Expr)| {
            list.iter_mut().for_each(|target| f(&mut target.expr));
        };
        targets(&mut self.targets, f);
        targets(&mut self.returning, f);
        self.from.iter_mut().for_each(|item| each_from_qual_mut(item, f));
        self.quals.iter_mut().for_each(&mut *f);
        self.having.iter_mut().for_each(&mut *f);
        self.offset.iter_mut().for_each(&mut *f);
        self.limit.iter_mut().for_each(&mut *f);
        self.merge_join.iter_mut().for_each(&mut *f);
        if let Some(conflict) = &mut self.on_conflict {
            conflict.target_exprs.iter_mut().for_each(&mut *f);
            conflict.target_where.iter_mut().for_each(&mut *f);
            conflict.update.iter_mut().for_each(|list| targets(list, f));
            conflict.update_where.iter_mut().for_each(&mut *f);
        }
        self.view_checks.iter_mut().for_each(|(_, check)| f(check));
        for action in &mut self.merge_actions {
            action.condition.iter_mut().for_each(&mut *f);
            targets(&mut action.targets, f);
        }
        for window in &mut self.windows {
            for bound in [&mut window.start, &mut window.end] {
                if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                    f(expr);
                }
            }
        }
        for rte in &mut self.rtable {
            match &mut rte.kind {
                RteKind::Join { aliases, .. } => aliases.iter_mut().for_each(&mut *f),
                RteKind::Function { functions, .. } => {
                    functions.iter_mut().for_each(|function| f(&mut function.expr));
                }
                RteKind::Values { rows } => rows.iter_mut().flatten().for_each(&mut *f),
                RteKind::TableFunction { args, .. } => args.iter_mut().for_each(&mut *f),
                RteKind::Relation { sample: Some(sample), .. } => {
                    sample.args.iter_mut().for_each(&mut *f);
                    sample.repeatable.iter_mut().for_each(&mut *f);
                }
                RteKind::Relation { .. }
                | RteKind::Subquery { .. }
                | RteKind::Cte { .. }
                | RteKind::Result => {}
            }
        }
    }

    /// Calls `f` on each query directly inside this one: WITH queries, subqueries in FROM, sublinks.
    pub fn for_each_subquery<'a>(&'a self, f: &mut dyn FnMut(&'a Query)) {
        self.ctes.iter().for_each(|cte| f(&cte.query));
        for rte in &self.rtable {
            if let RteKind::Subquery { query, .. } = &rte.kind {
                f(query);
            }
        }
        self.for_each_expr(&mut |top| {
            top.walk(&mut |expr| {
                if let Expr::SubLink(link) = expr {
                    f(&link.query);
                }
                true
            });
        });
    }

    /// Like [`Query::for_each_subquery`], to change them in place.
    pub fn for_each_subquery_mut(&mut self, f: &mut dyn FnMut(&mut Query)) {
        self.ctes.iter_mut().for_each(|cte| f(&mut cte.query));
        for rte in &mut self.rtable {
            if let RteKind::Subquery { query, .. } = &mut rte.kind {
                f(query);
            }
        }
        self.for_each_expr_mut(&mut |top| {
            top.rewrite(&mut |expr| {
                if let Expr::SubLink(link) = expr {
                    f(&mut link.query);
                }
            });
        });
    }

    /// Visits every expression of this query and of all queries inside it with the depth of its query (0 for this one):
    /// a [`Var`](crate::expr::Var) found at depth `d` refers to this query's range table if `levels_up == d`.
    pub fn walk_exprs<'a>(&'a self, depth: u32, f: &mut dyn FnMut(&'a Expr, u32)) {
        self.for_each_expr(&mut |top| {
            top.walk(&mut |expr| {
                f(expr, depth);
                true
            });
        });
        self.for_each_subquery(&mut |query| query.walk_exprs(depth + 1, f));
    }

    /// Rewrites every expression bottom-up, in this query and all queries inside it.
    pub fn rewrite_exprs(&mut self, depth: u32, f: &mut dyn FnMut(&mut Expr, u32)) {
        self.for_each_subquery_mut(&mut |query| query.rewrite_exprs(depth + 1, f));
        self.for_each_expr_mut(&mut |top| top.rewrite(&mut |expr| f(expr, depth)));
    }
}

impl Expr {
    /// Shifts `levels_up` of variables, aggregates, grouping calls (and CTE references inside sublinks) that point
    /// `min_level` or more levels up by `delta`; used when an expression moves to another query level.
    pub fn shift_levels(&mut self, delta: i32, min_level: u32) {
        shift_in_expr(self, delta, min_level, 0);
    }
}

fn shifted(level: &mut u32, delta: i32, min_level: u32) {
    if *level >= min_level {
        *level = level.saturating_add_signed(delta);
    }
}

fn shift_in_expr(top: &mut Expr, delta: i32, min_level: u32, depth: u32) {
    top.rewrite(&mut |expr| match expr {
        Expr::Var(var) => shifted(&mut var.levels_up, delta, min_level + depth),
        Expr::Agg(agg) => shifted(&mut agg.levels_up, delta, min_level + depth),
        Expr::Grouping { levels_up, .. } => shifted(levels_up, delta, min_level + depth),
        Expr::PlaceHolder(holder) => shifted(&mut holder.levels_up, delta, min_level + depth),
        Expr::SubLink(link) => shift_in_query(&mut link.query, delta, min_level, depth + 1),
        _ => {}
    });
}

fn shift_in_query(query: &mut Query, delta: i32, min_level: u32, depth: u32) {
    for rte in &mut query.rtable {
        match &mut rte.kind {
            RteKind::Cte { levels_up, .. } => shifted(levels_up, delta, min_level + depth),
            RteKind::Subquery { query, .. } => shift_in_query(query, delta, min_level, depth + 1),
            _ => {}
        }
    }
    for cte in &mut query.ctes {
        shift_in_query(&mut cte.query, delta, min_level, depth + 1);
    }
    query.for_each_expr_mut(&mut |top| shift_in_expr(top, delta, min_level, depth));
}

impl Query {
    /// [`Expr::shift_levels`] for a whole query (pulling up or pushing down a subquery, expanding a view).
    pub fn shift_levels(&mut self, delta: i32, min_level: u32) {
        shift_in_query(self, delta, min_level, 0);
    }
}
