//! `SELECT`, `VALUES`, `TABLE`, set operations and the clauses around them.

use super::Parser;
use super::names;
use crate::ast::{
    ColumnRef, Distinct, Expr, ExprKind, FromItem, GroupBy, GroupItem, Ident, IntoClause, Limit, Literal,
    LockStrength, LockWait, LockingClause, NamedWindow, NullsOrder, Persistence, QualifiedName, Query,
    QueryBody, Select, SelectItem, SetOperator, SortDirection, SortItem, Span,
};
use crate::lexer::{Keyword, TokenKind};
use pglitedb_sqlstate::Result;

/// What stands behind the body of a query.
#[derive(Default)]
struct Tail {
    order_by: Vec<SortItem>,
    order_span: Span,
    limit: Option<Limit>,
    count_span: Span,
    ties_span: Span,
    offset_span: Span,
    locking: Vec<LockingClause>,
}

impl Parser<'_> {
    /// `SelectStmt`: a query, in parentheses or not.
    pub(crate) fn select_statement(&mut self) -> Result<Query> {
        self.select_no_parens()
    }

    /// `select_with_parens`.
    pub(crate) fn select_with_parens(&mut self) -> Result<Query> {
        self.guard()?;
        self.expect_char(b'(')?;
        let query = self.select_no_parens()?;
        self.expect_char(b')')?;
        Ok(query)
    }

    /// `select_no_parens`; also takes a query in parentheses, which then is the whole of it.
    pub(crate) fn select_no_parens(&mut self) -> Result<Query> {
        self.guard()?;
        let start = self.start();
        let with_span = self.span();
        let with = if self.at(Keyword::With) { Some(Box::new(self.with_clause()?)) } else { None };
        let query = self.select_clause(0)?;
        let mut query = self.query_tail(query, start)?;
        if with.is_some() {
            if query.with.is_some() {
                return Err(self.error_at(with_span, "multiple WITH clauses not allowed"));
            }
            query.with = with;
            query.span = self.span_from(start);
        }
        Ok(query)
    }

    /// Whether something may follow that makes a parenthesized query part of a larger one.
    pub(super) fn at_query_continuation(&self) -> bool {
        self.at_any(&[
            Keyword::Union,
            Keyword::Intersect,
            Keyword::Except,
            Keyword::Order,
            Keyword::Limit,
            Keyword::Offset,
            Keyword::Fetch,
            Keyword::For,
        ])
    }

    /// The rest of a query whose first operand, in parentheses from `start` on, has been read.
    pub(super) fn continue_query(&mut self, first: Query, start: u32) -> Result<Query> {
        let query = self.set_operations(first, 0, start)?;
        self.query_tail(query, start)
    }

    /// `select_clause`: operands and set operators of at least this level.
    fn select_clause(&mut self, min: u8) -> Result<Query> {
        self.own_chain(|p| {
            let start = p.start();
            let left = p.select_operand()?;
            p.set_operations(left, min, start)
        })
    }

    fn set_operations(&mut self, mut left: Query, min: u8, start: u32) -> Result<Query> {
        loop {
            let (op, level) = match self.keyword() {
                Keyword::Union => (SetOperator::Union, 1),
                Keyword::Except => (SetOperator::Except, 1),
                Keyword::Intersect => (SetOperator::Intersect, 2),
                _ => return Ok(left),
            };
            if level < min {
                return Ok(left);
            }
            self.guard_chain()?;
            self.advance();
            let all = self.accept(Keyword::All);
            if !all {
                self.accept(Keyword::Distinct);
            }
            let right = Box::new(self.select_clause(level + 1)?);
            let body = QueryBody::SetOperation { op, all, left: Box::new(left), right };
            left = plain_query(body, self.span_from(start));
        }
    }

    fn select_operand(&mut self) -> Result<Query> {
        self.guard()?;
        let start = self.start();
        let body = match self.keyword() {
            Keyword::Select => QueryBody::Select(Box::new(self.simple_select()?)),
            Keyword::Values => QueryBody::Values(self.values_clause()?),
            Keyword::Table => QueryBody::Select(Box::new(self.table_command()?)),
            _ if self.at_char(b'(') => return self.select_with_parens(),
            _ => return Err(self.syntax_error()),
        };
        Ok(plain_query(body, self.span_from(start)))
    }

    /// `VALUES (...), (...)`.
    pub(crate) fn values_clause(&mut self) -> Result<Vec<Vec<Expr>>> {
        self.expect(Keyword::Values)?;
        self.comma_list(|p| p.paren_list(Self::expr))
    }

    /// `TABLE t`: `SELECT * FROM t`.
    fn table_command(&mut self) -> Result<Select> {
        let start = self.start();
        self.expect(Keyword::Table)?;
        let relation = self.relation_expr()?;
        let span = self.span_from(start);
        let star = Expr::new(ExprKind::Column(ColumnRef { parts: Vec::new(), star: true }), span);
        Ok(Select {
            distinct: Distinct::None,
            items: vec![SelectItem { expr: star, alias: None, span }],
            into: None,
            from: vec![FromItem::Relation { relation, sample: None }],
            where_clause: None,
            group_by: None,
            having: None,
            windows: Vec::new(),
            span,
        })
    }

    fn simple_select(&mut self) -> Result<Select> {
        let start = self.start();
        self.expect(Keyword::Select)?;
        self.select_body(start)
    }

    /// What follows `SELECT`; PL/pgSQL expressions begin here.
    pub(super) fn select_body(&mut self, start: u32) -> Result<Select> {
        let mut distinct = Distinct::None;
        if self.accept(Keyword::Distinct) {
            distinct = Distinct::Rows;
            if self.accept(Keyword::On) {
                distinct = Distinct::On(self.paren_list(Self::expr)?);
            }
        } else {
            self.accept(Keyword::All);
        }
        let items = if distinct == Distinct::None && self.at_empty_select_list() {
            Vec::new()
        } else {
            self.select_items()?
        };
        let into = if self.accept(Keyword::Into) { Some(Box::new(self.into_clause()?)) } else { None };
        let from = self.opt_from_clause()?;
        let where_clause = self.where_clause()?;
        let group_by = self.opt_group_clause()?;
        let having = if self.accept(Keyword::Having) { Some(self.expr()?) } else { None };
        let windows = self.opt_window_clause()?;
        let span = self.span_from(start);
        Ok(Select { distinct, items, into, from, where_clause, group_by, having, windows, span })
    }

    fn at_empty_select_list(&self) -> bool {
        match self.peek().kind {
            TokenKind::End | TokenKind::Char(b')' | b';') => true,
            TokenKind::Word => matches!(
                self.keyword(),
                Keyword::Into
                    | Keyword::From
                    | Keyword::Where
                    | Keyword::Group
                    | Keyword::Having
                    | Keyword::Window
                    | Keyword::Union
                    | Keyword::Intersect
                    | Keyword::Except
                    | Keyword::Order
                    | Keyword::Limit
                    | Keyword::Offset
                    | Keyword::Fetch
                    | Keyword::For
                    | Keyword::On
                    | Keyword::Returning
                    | Keyword::With
            ),
            _ => false,
        }
    }

    /// `target_list`.
    pub(crate) fn select_items(&mut self) -> Result<Vec<SelectItem>> {
        self.comma_list(Self::select_item)
    }

    fn select_item(&mut self) -> Result<SelectItem> {
        let start = self.start();
        if self.at_char(b'*') {
            let expr = self.bare_star();
            return Ok(SelectItem { span: expr.span, expr, alias: None });
        }
        let expr = self.select_expr()?;
        let alias = if self.accept(Keyword::As) {
            Some(self.col_label()?)
        } else if names::is_bare_label(self.peek()) {
            Some(self.take_ident()?)
        } else {
            None
        };
        Ok(SelectItem { expr, alias, span: self.span_from(start) })
    }

    /// `OptTempTableName`.
    fn into_clause(&mut self) -> Result<IntoClause> {
        let persistence = self.opt_temp_table();
        self.accept(Keyword::Table);
        let name = self.qualified_name()?;
        Ok(IntoClause {
            name,
            persistence,
            columns: Vec::new(),
            access_method: None,
            options: Vec::new(),
            on_commit: None,
            tablespace: None,
        })
    }

    /// `TEMPORARY`, `TEMP`, with `LOCAL` or `GLOBAL`, or `UNLOGGED`: where it is not a name.
    fn opt_temp_table(&mut self) -> Persistence {
        let next = self.peek_next();
        let name_follows = next.keyword == Keyword::Table || names::is_col_id(next);
        let persistence = match self.keyword() {
            Keyword::Local | Keyword::Global
                if matches!(next.keyword, Keyword::Temp | Keyword::Temporary) =>
            {
                self.advance();
                Persistence::Temporary
            }
            Keyword::Temp | Keyword::Temporary if name_follows => Persistence::Temporary,
            Keyword::Unlogged if name_follows => Persistence::Unlogged,
            _ => return Persistence::Permanent,
        };
        self.advance();
        persistence
    }

    fn opt_group_clause(&mut self) -> Result<Option<Box<GroupBy>>> {
        if !self.accept(Keyword::Group) {
            return Ok(None);
        }
        self.expect(Keyword::By)?;
        let distinct = self.accept(Keyword::Distinct);
        if !distinct {
            self.accept(Keyword::All);
        }
        let items = self.comma_list(Self::group_item)?;
        Ok(Some(Box::new(GroupBy { distinct, items })))
    }

    fn group_item(&mut self) -> Result<GroupItem> {
        self.guard()?;
        let start = self.start();
        if self.at_char(b'(') && self.next_is_char(b')') {
            self.advance();
            self.advance();
            return Ok(GroupItem::Empty(self.span_from(start)));
        }
        match self.keyword() {
            Keyword::Rollup if self.next_is_char(b'(') => {
                self.advance();
                let items = self.paren_list(Self::expr)?;
                Ok(GroupItem::Rollup(items, self.span_from(start)))
            }
            Keyword::Cube if self.next_is_char(b'(') => {
                self.advance();
                let items = self.paren_list(Self::expr)?;
                Ok(GroupItem::Cube(items, self.span_from(start)))
            }
            Keyword::Grouping if self.next_keyword() == Keyword::Sets => {
                self.advance();
                self.advance();
                let items = self.paren_list(Self::group_item)?;
                Ok(GroupItem::Sets(items, self.span_from(start)))
            }
            _ => self.expr().map(GroupItem::Expr),
        }
    }

    fn opt_window_clause(&mut self) -> Result<Vec<NamedWindow>> {
        if !self.accept(Keyword::Window) {
            return Ok(Vec::new());
        }
        self.comma_list(|p| {
            let name = p.col_id()?;
            p.expect(Keyword::As)?;
            Ok(NamedWindow { name, spec: p.window_specification()? })
        })
    }

    // ---- ORDER BY, LIMIT, FOR UPDATE ----

    /// `sort_clause`.
    pub(crate) fn sort_clause(&mut self) -> Result<Vec<SortItem>> {
        self.expect_all(&[Keyword::Order, Keyword::By])?;
        self.comma_list(Self::sort_item)
    }

    /// `opt_sort_clause`.
    pub(crate) fn opt_sort_clause(&mut self) -> Result<Vec<SortItem>> {
        if self.at(Keyword::Order) { self.sort_clause() } else { Ok(Vec::new()) }
    }

    fn sort_item(&mut self) -> Result<SortItem> {
        let expr = self.expr()?;
        let direction = if self.accept(Keyword::Using) {
            SortDirection::Using(self.qual_all_op()?)
        } else {
            self.opt_asc_desc()
        };
        Ok(SortItem { expr, direction, nulls: self.opt_nulls_order()? })
    }

    /// `opt_asc_desc`.
    pub(crate) fn opt_asc_desc(&mut self) -> SortDirection {
        if self.accept(Keyword::Asc) {
            SortDirection::Asc
        } else if self.accept(Keyword::Desc) {
            SortDirection::Desc
        } else {
            SortDirection::Default
        }
    }

    /// `opt_nulls_order`.
    pub(crate) fn opt_nulls_order(&mut self) -> Result<Option<NullsOrder>> {
        if self.accept_pair(Keyword::Nulls, Keyword::First) {
            return Ok(Some(NullsOrder::First));
        }
        Ok(if self.accept_pair(Keyword::Nulls, Keyword::Last) { Some(NullsOrder::Last) } else { None })
    }

    /// Everything behind the body, put into `query`, which may have such clauses from its own parentheses.
    fn query_tail(&mut self, mut query: Query, start: u32) -> Result<Query> {
        if !self.at_query_continuation() {
            return Ok(query);
        }
        let mut tail = Tail { order_by: self.opt_sort_clause()?, ..Tail::default() };
        if let Some(first) = tail.order_by.first() {
            tail.order_span = first.expr.span;
        }
        if self.at(Keyword::For) {
            tail.locking = self.for_locking_clause()?;
            self.select_limit(&mut tail)?;
        } else {
            self.select_limit(&mut tail)?;
            if self.at(Keyword::For) {
                tail.locking = self.for_locking_clause()?;
            }
        }
        self.insert_tail(&mut query, tail)?;
        query.span = self.span_from(start);
        Ok(query)
    }

    fn insert_tail(&self, query: &mut Query, tail: Tail) -> Result<()> {
        if !tail.order_by.is_empty() {
            if !query.order_by.is_empty() {
                return Err(self.error_at(tail.order_span, "multiple ORDER BY clauses not allowed"));
            }
            query.order_by = tail.order_by;
        }
        query.locking.extend(tail.locking);
        let Some(new) = tail.limit else { return Ok(()) };
        let limit = query.limit.get_or_insert_with(|| Box::new(no_limit()));
        if new.offset.is_some() {
            if limit.offset.is_some() {
                return Err(self.error_at(tail.offset_span, "multiple OFFSET clauses not allowed"));
            }
            limit.offset = new.offset;
        }
        if new.count.is_some() {
            if limit.count.is_some() {
                return Err(self.error_at(tail.count_span, "multiple LIMIT clauses not allowed"));
            }
            if new.with_ties && query.order_by.is_empty() {
                let message = "WITH TIES cannot be specified without ORDER BY clause";
                return Err(self.error_at(tail.ties_span, message));
            }
            if new.with_ties && query.locking.iter().any(|clause| clause.wait == LockWait::SkipLocked) {
                let message = "SKIP LOCKED and WITH TIES options cannot be used together";
                return Err(self.error_at(tail.ties_span, message));
            }
            limit.count = new.count;
            limit.with_ties = new.with_ties;
        }
        Ok(())
    }

    /// `LIMIT`/`FETCH` and `OFFSET` in either order, each at most once.
    fn select_limit(&mut self, tail: &mut Tail) -> Result<()> {
        let mut limit = no_limit();
        loop {
            let span = self.span();
            match self.keyword() {
                Keyword::Limit if limit.count.is_none() => {
                    tail.count_span = span;
                    self.advance();
                    limit.count = Some(self.limit_count()?);
                    if self.at_char(b',') {
                        self.advance();
                        self.expr()?;
                        return Err(self
                            .error_at(span, "LIMIT #,# syntax is not supported")
                            .hint("Use separate LIMIT and OFFSET clauses."));
                    }
                }
                Keyword::Fetch if limit.count.is_none() => {
                    tail.count_span = span;
                    self.advance();
                    (limit.count, limit.with_ties) = self.fetch_first(&mut tail.ties_span)?;
                }
                Keyword::Offset if limit.offset.is_none() => {
                    tail.offset_span = span;
                    self.advance();
                    limit.offset = Some(self.expr()?);
                    if self.at_any(&[Keyword::Row, Keyword::Rows]) {
                        if limit.offset.as_ref().is_some_and(|offset| self.is_bare_operator(offset)) {
                            return Err(self.syntax_error());
                        }
                        self.advance();
                    }
                }
                _ => break,
            }
        }
        if limit.count.is_some() || limit.offset.is_some() {
            tail.limit = Some(limit);
        }
        Ok(())
    }

    fn limit_count(&mut self) -> Result<Expr> {
        let span = self.span();
        if self.accept(Keyword::All) {
            return Ok(Expr::new(ExprKind::Literal(Literal::Null), span));
        }
        self.expr()
    }

    /// Behind `FETCH`: the count and whether ties are kept; says where that is written.
    fn fetch_first(&mut self, ties_span: &mut Span) -> Result<(Option<Expr>, bool)> {
        if !self.accept(Keyword::First) {
            self.expect(Keyword::Next)?;
        }
        let span = self.span();
        let count = if self.at_any(&[Keyword::Row, Keyword::Rows])
            && !self.next_is_char(b'(')
            && !matches!(self.next_keyword(), Keyword::Row | Keyword::Rows)
        {
            Expr::new(ExprKind::Literal(Literal::Integer(1)), span)
        } else if self.at_char(b'-') || self.at_char(b'+') {
            if !matches!(self.peek_next().kind, TokenKind::Integer | TokenKind::Numeric) {
                self.advance();
                return Err(self.syntax_error());
            }
            let number = self.numeric_only()?;
            let literal = match number {
                crate::ast::NumericOnly::Integer(value) => Literal::Integer(value),
                crate::ast::NumericOnly::Numeric(text) => Literal::Numeric(text),
            };
            Expr::new(ExprKind::Literal(literal), self.span_from(span.start))
        } else {
            self.c_expr()?
        };
        if !self.accept(Keyword::Row) {
            self.expect(Keyword::Rows)?;
        }
        *ties_span = self.span();
        if self.accept(Keyword::With) {
            self.expect(Keyword::Ties)?;
            return Ok((Some(count), true));
        }
        self.expect(Keyword::Only)?;
        Ok((Some(count), false))
    }

    /// `for_locking_clause`: items, or `FOR READ ONLY`, which means nothing.
    fn for_locking_clause(&mut self) -> Result<Vec<LockingClause>> {
        let mut clauses = Vec::new();
        if self.at_pair(Keyword::For, Keyword::Read) {
            self.advance();
            self.advance();
            self.expect(Keyword::Only)?;
            return Ok(clauses);
        }
        while self.at(Keyword::For) {
            clauses.push(self.for_locking_item()?);
        }
        Ok(clauses)
    }

    fn for_locking_item(&mut self) -> Result<LockingClause> {
        let start = self.start();
        self.expect(Keyword::For)?;
        let strength = match self.keyword() {
            Keyword::Update => LockStrength::Update,
            Keyword::Share => LockStrength::Share,
            Keyword::Key => {
                self.advance();
                if !self.at(Keyword::Share) {
                    return Err(self.syntax_error());
                }
                LockStrength::KeyShare
            }
            Keyword::No => {
                self.advance();
                self.expect(Keyword::Key)?;
                if !self.at(Keyword::Update) {
                    return Err(self.syntax_error());
                }
                LockStrength::NoKeyUpdate
            }
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        let of: Vec<QualifiedName> =
            if self.accept(Keyword::Of) { self.qualified_name_list()? } else { Vec::new() };
        let wait = if self.accept(Keyword::Nowait) {
            LockWait::NoWait
        } else if self.accept(Keyword::Skip) {
            self.expect(Keyword::Locked)?;
            LockWait::SkipLocked
        } else {
            LockWait::Block
        };
        Ok(LockingClause { strength, of, wait, span: self.span_from(start) })
    }

    /// Where a view, cursor or `CREATE TABLE AS` names its columns.
    pub(crate) fn opt_column_list(&mut self) -> Result<Vec<Ident>> {
        self.opt_paren_list(Self::col_id)
    }
}

fn no_limit() -> Limit {
    Limit { count: None, with_ties: false, offset: None }
}

/// A query of nothing but its body.
pub(super) fn plain_query(body: QueryBody, span: Span) -> Query {
    Query { with: None, body, order_by: Vec::new(), limit: None, locking: Vec::new(), span }
}
