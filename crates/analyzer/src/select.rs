//! SELECT and VALUES (PostgreSQL: transformSelectStmt, transformValuesClause).

use crate::ExprKind;
use crate::binder::Binder;
use crate::from::make_rte;
use pglitedb_query_tree::{Expr, FromItem, Position, Query, RteColumn, RteKind};
use pglitedb_sql_parser::ast::{self, Distinct, ExprKind as Ast, QueryBody, Select};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

impl<'c> Binder<'c> {
    /// Binds a query on a new level. `resolve_unknowns`: untyped output columns become text.
    pub fn subquery(&mut self, query: &'c ast::Query, resolve_unknowns: bool) -> Result<Query> {
        self.subquery_locked(query, resolve_unknowns, false)
    }

    /// [`Binder::subquery`]; `locked`: a FOR UPDATE outside applies to it.
    pub fn subquery_locked(
        &mut self,
        query: &'c ast::Query,
        resolve_unknowns: bool,
        locked: bool,
    ) -> Result<Query> {
        self.sublevel(|binder| {
            let level = binder.level();
            level.resolve_unknowns = resolve_unknowns;
            level.locked_by_parent = locked;
            binder.query_here(query)
        })
    }

    /// Binds a query on the current, empty level.
    pub fn query_here(&mut self, query: &'c ast::Query) -> Result<Query> {
        match &query.body {
            QueryBody::Select(select) => self.select(query, select),
            QueryBody::Values(rows) => self.values(query, rows),
            QueryBody::SetOperation { .. } => self.set_operation(query),
        }
    }

    fn select(&mut self, query: &'c ast::Query, select: &'c Select) -> Result<Query> {
        if let Some(into) = &select.into
            && !self.allow_into
        {
            return Err(
                err!(SYNTAX_ERROR, "SELECT ... INTO is not allowed here").at(into.name.span().offset())
            );
        }
        if let Some(with) = &query.with {
            self.with_clause(with)?;
        }
        let level = self.level();
        level.locking = &query.locking;
        for window in &select.windows {
            if level.windows.iter().any(|(name, _)| name.is_some_and(|n| n.name == window.name.name)) {
                return Err(err!(WINDOWING_ERROR, "window \"{}\" is already defined", window.name.as_str())
                    .at(window.spec.span.offset()));
            }
            level.windows.push((Some(&window.name), &window.spec));
        }
        self.bind_from(&select.from)?;
        let mut targets = self.target_list(&select.items, ExprKind::SelectTarget)?;
        self.mark_origins(&mut targets);
        let quals = match &select.where_clause {
            Some(condition) => Some(self.condition(condition, ExprKind::Where, "WHERE")?),
            None => None,
        };
        let having = match &select.having {
            Some(condition) => Some(self.condition(condition, ExprKind::Having, "HAVING")?),
            None => None,
        };
        let order_by = self.order_by(&query.order_by, &mut targets, false, ExprKind::OrderBy)?;
        let grouped = self.group_by(select.group_by.as_deref(), &mut targets, &order_by)?;
        let mut distinct_on = false;
        let distinct = match &select.distinct {
            Distinct::None => Vec::new(),
            Distinct::Rows => self.distinct(&mut targets, &order_by)?,
            Distinct::On(exprs) => {
                distinct_on = true;
                self.distinct_on(exprs, &mut targets, &order_by)?
            }
        };
        let mut result = Query { position: Position::new(query.span.offset()), ..Query::default() };
        self.limit(query.limit.as_deref(), &mut result)?;
        result.windows = self.window_definitions(&mut targets)?;
        if self.cur().resolve_unknowns {
            self.resolve_unknowns(&mut targets)?;
        }
        result.quals = quals;
        result.having = having;
        result.order_by = order_by;
        result.group_by = grouped.clauses;
        result.group_distinct = grouped.distinct;
        result.grouping_sets = grouped.sets;
        result.grouping_items = grouped.items;
        result.distinct = distinct;
        result.distinct_on = distinct_on;
        result.targets = targets;
        self.take_level(&mut result);
        if result.with_ties && result.order_by.is_empty() {
            return Err(err!(SYNTAX_ERROR, "WITH TIES cannot be specified without ORDER BY clause"));
        }
        self.lock_clauses(&query.locking, &mut result)?;
        crate::collate::assign_query(self, &mut result)?;
        if result.has_aggs
            || !result.group_by.is_empty()
            || !result.grouping_sets.is_empty()
            || result.having.is_some()
        {
            self.check_grouping(&mut result)?;
        }
        Ok(result)
    }

    /// Moves what the level collected into the query. The range table stays readable until the level is popped.
    pub fn take_level(&mut self, query: &mut Query) {
        let level = self.level();
        query.rtable = std::mem::take(&mut level.rtable);
        query.from = std::mem::take(&mut level.from);
        query.ctes = level.ctes.drain(..).filter_map(|entry| entry.into_cte()).collect();
        query.has_aggs = level.has_aggs;
        query.has_windows = level.has_windows;
        query.has_target_srfs = level.has_target_srfs;
        query.has_sublinks = level.has_sublinks;
        query.has_modifying_cte = level.has_modifying_cte;
        query.recursive = query.ctes.iter().any(|cte| cte.recursive);
    }

    /// `VALUES (...), (...)` as a query.
    fn values(&mut self, query: &'c ast::Query, rows: &'c [Vec<ast::Expr>]) -> Result<Query> {
        if let Some(with) = &query.with {
            self.with_clause(with)?;
        }
        let mut result = Query { position: Position::new(query.span.offset()), ..Query::default() };
        let bound = self.values_rows(rows, true)?;
        self.add_values(bound)?;
        let mut targets = Vec::new();
        for (expr, name) in self.star_of_last()? {
            let resno = targets.len() + 1;
            targets.push(crate::target::target(expr, resno, Some(name)));
        }
        result.order_by = self.order_by(&query.order_by, &mut targets, false, ExprKind::OrderBy)?;
        self.limit(query.limit.as_deref(), &mut result)?;
        if let Some(lock) = query.locking.first() {
            return Err(Error::unsupported(format!(
                "{} cannot be applied to VALUES",
                crate::locking::strength_text(lock.strength)
            ))
            .at(lock.span.offset()));
        }
        result.targets = targets;
        self.take_level(&mut result);
        crate::collate::assign_query(self, &mut result)?;
        Ok(result)
    }

    /// Binds rows of VALUES and gives their columns common types.
    pub fn values_rows(&mut self, rows: &'c [Vec<ast::Expr>], common: bool) -> Result<Vec<Vec<Expr>>> {
        let mut bound: Vec<Vec<Expr>> = Vec::with_capacity(rows.len());
        for row in rows {
            let kind = ExprKind::Values;
            let row_bound = self.with_kind(kind, |binder| binder.values_row(row))?;
            if let Some(first) = bound.first()
                && first.len() != row_bound.len()
            {
                let at = row.first().map_or(0, |expr| expr.span.offset());
                return Err(err!(SYNTAX_ERROR, "VALUES lists must all be the same length").at(at));
            }
            bound.push(row_bound);
        }
        if !common {
            return Ok(bound);
        }
        let width = bound.first().map_or(0, Vec::len);
        for column in 0..width {
            let list: Vec<&Expr> = bound.iter().filter_map(|row| row.get(column)).collect();
            let type_oid = self.common_type(&list, Some("VALUES"))?;
            for row in &mut bound {
                if let Some(slot) = row.get_mut(column) {
                    let taken = std::mem::replace(slot, Expr::bool_const(false));
                    *slot = self.coerce_to_common(taken, type_oid, "VALUES")?;
                }
            }
        }
        Ok(bound)
    }

    /// One row of VALUES; DEFAULT stays for INSERT to replace.
    pub fn values_row(&mut self, row: &'c [ast::Expr]) -> Result<Vec<Expr>> {
        let mut result = Vec::with_capacity(row.len());
        for item in row {
            if let Some(expanded) = self.star(item, false)? {
                result.extend(expanded.into_iter().map(|(expr, _)| expr));
                continue;
            }
            if matches!(item.kind, Ast::Default) && self.cur().target.is_none() {
                return Err(
                    err!(SYNTAX_ERROR, "DEFAULT is not allowed in this context").at(item.span.offset())
                );
            }
            result.push(self.expr(item)?);
        }
        Ok(result)
    }

    /// Adds a VALUES entry to the range table, FROM and namespace.
    pub fn add_values(&mut self, mut rows: Vec<Vec<Expr>>) -> Result<usize> {
        crate::collate::assign_values(self, &mut rows)?;
        let width = rows.first().map_or(0, Vec::len);
        let columns: Vec<RteColumn> = (0..width)
            .map(|column| {
                let list: Vec<&Expr> = rows.iter().filter_map(|row| row.get(column)).collect();
                let first = list.first();
                let type_oid = first.map_or(0, |expr| expr.type_oid());
                RteColumn {
                    name: Arc::from(format!("column{}", column + 1)),
                    type_oid,
                    typmod: self.common_typmod(&list, type_oid),
                    collation: first.map_or(0, |expr| expr.collation()),
                }
            })
            .collect();
        let lateral = rows.iter().flatten().any(|expr| {
            let mut levels = crate::func::ArgLevels::default();
            levels.add(expr);
            levels.min_var == Some(0)
        });
        let mut rte = make_rte(RteKind::Values { rows }, "*VALUES*".into(), columns, None, "VALUES")?;
        rte.lateral = lateral;
        let index = self.add_rte(rte);
        let item = crate::from::ns_item(&self.cur().rtable[index], index);
        let level = self.level();
        level.namespace.push(item);
        level.from.push(FromItem::Rte(index));
        Ok(index)
    }

    /// Columns of the entry added last, as variables with names.
    pub fn star_of_last(&mut self) -> Result<Vec<(Expr, Arc<str>)>> {
        let Some(index) = self.cur().rtable.len().checked_sub(1) else {
            return Err(crate::from::missing_entry());
        };
        Ok(self
            .rte(index)
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let var = crate::columns::make_var(
                    index,
                    (at + 1) as i16,
                    column.type_oid,
                    column.typmod,
                    column.collation,
                    0,
                );
                (Expr::Var(pglitedb_query_tree::Var { position: Position(None), ..var }), column.name.clone())
            })
            .collect())
    }
}
