//! Primaries: constants, columns, parentheses, `CASE`, `ARRAY`, and the choice among functions.

use super::expr::Mode;
use super::{Parser, names};
use crate::ast::{CaseBranch, CaseExpr, ColumnRef, Expr, ExprKind, Ident, Indirection, Literal, Query, Span};
use crate::lexer::{Keyword, TokenKind};
use pglitedb_sqlstate::{Error, Result};

/// What stands between parentheses.
pub(super) enum Paren {
    /// `(SELECT ...)`.
    Query(Query),
    /// `(a)`.
    Expr(Expr),
    /// `(a, b, ...)`.
    List(Vec<Expr>),
}

impl Parser<'_> {
    /// `c_expr`.
    pub(crate) fn c_expr(&mut self) -> Result<Expr> {
        self.guard()?;
        self.primary(Mode::Any)
    }

    pub(super) fn primary(&mut self, mode: Mode) -> Result<Expr> {
        let token = self.peek();
        match token.kind {
            TokenKind::Word if token.keyword == Keyword::NotAKeyword => self.named(),
            TokenKind::Word => self.keyword_primary(mode),
            TokenKind::QuotedName | TokenKind::UnicodeName => self.named(),
            TokenKind::Integer => {
                self.advance();
                let value = Literal::Integer(self.lexer.integer(&token));
                Ok(self.literal(value, token.start))
            }
            TokenKind::Numeric => {
                self.advance();
                let value = Literal::Numeric(self.lexer.slice(&token).into());
                Ok(self.literal(value, token.start))
            }
            TokenKind::BitString | TokenKind::HexString => {
                self.advance();
                let text = self.lexer.string(&token)?.into();
                let value = if token.kind == TokenKind::BitString {
                    Literal::Bits(text)
                } else {
                    Literal::HexBits(text)
                };
                Ok(self.literal(value, token.start))
            }
            TokenKind::Param => {
                self.advance();
                let number = self.lexer.slice(&token).get(1..).and_then(|digits| digits.parse().ok());
                let Some(number) = number else { return Err(self.syntax_error()) };
                let expr = Expr::new(ExprKind::Param(number), self.span_from(token.start));
                self.opt_indirection(expr)
            }
            TokenKind::Char(b'(') => self.parenthesized(mode),
            _ if names::is_string(token) => {
                let value = Literal::String(self.string()?);
                Ok(self.literal(value, token.start))
            }
            _ => Err(self.syntax_error()),
        }
    }

    fn literal(&self, value: Literal, start: u32) -> Expr {
        Expr::new(ExprKind::Literal(value), self.span_from(start))
    }

    fn word_literal(&mut self, value: Literal) -> Result<Expr> {
        let start = self.advance().start;
        Ok(self.literal(value, start))
    }

    /// A primary that begins with a keyword.
    fn keyword_primary(&mut self, mode: Mode) -> Result<Expr> {
        match self.keyword() {
            Keyword::Null => self.word_literal(Literal::Null),
            Keyword::True => self.word_literal(Literal::Boolean(true)),
            Keyword::False => self.word_literal(Literal::Boolean(false)),
            Keyword::Case => self.case(),
            Keyword::Array => self.array(),
            Keyword::Exists if self.next_is_char(b'(') => {
                let start = self.advance().start;
                let query = Box::new(self.select_with_parens()?);
                Ok(Expr::new(ExprKind::Exists(query), self.span_from(start)))
            }
            Keyword::Row if self.next_is_char(b'(') => {
                let start = self.advance().start;
                let items = self.row_items()?;
                if self.at_overlaps(mode) {
                    return self.overlaps(items, start);
                }
                Ok(Expr::new(ExprKind::Row { explicit: true, items }, self.span_from(start)))
            }
            Keyword::Grouping if self.next_is_char(b'(') => {
                let start = self.advance().start;
                let args = self.paren_list(Self::expr)?;
                Ok(Expr::new(ExprKind::Grouping(args), self.span_from(start)))
            }
            _ if self.at_special_function() => self.special_function(),
            _ if self.at_json_aggregate() => self.json_aggregate(),
            _ if self.at_typed_constant() => self.typed_constant(),
            _ => self.named(),
        }
    }

    /// `(items)` of `ROW(items)`, at the parenthesis; may be empty.
    pub(super) fn row_items(&mut self) -> Result<Vec<Expr>> {
        self.expect_char(b'(')?;
        let items = if self.at_char(b')') { Vec::new() } else { self.expr_list()? };
        self.expect_char(b')')?;
        Ok(items)
    }

    fn at_overlaps(&mut self, mode: Mode) -> bool {
        self.at(Keyword::Overlaps) && mode != Mode::Restricted
    }

    /// Whether a query begins here; an opening parenthesis is for the caller to look into.
    pub(super) fn at_query_start(&mut self) -> bool {
        match self.keyword() {
            Keyword::Select | Keyword::With | Keyword::Table => true,
            Keyword::Values => self.next_is_char(b'('),
            _ => false,
        }
    }

    /// `( ... )`: a query, an expression, or (if `list`) several.
    pub(super) fn paren(&mut self, list: bool) -> Result<Paren> {
        self.guard()?;
        self.expect_char(b'(')?;
        if self.at_query_start() {
            let query = self.select_no_parens()?;
            self.expect_char(b')')?;
            return Ok(Paren::Query(query));
        }
        let first = if self.at_char(b'(') {
            let start = self.start();
            let inner = self.paren(true)?;
            match inner {
                Paren::Query(query) if self.at_char(b')') => {
                    self.advance();
                    return Ok(Paren::Query(query));
                }
                Paren::Query(query) if self.at_query_continuation() => {
                    let query = self.continue_query(query, start)?;
                    self.expect_char(b')')?;
                    return Ok(Paren::Query(query));
                }
                inner => {
                    let left = self.paren_operand(inner, start, Mode::Any)?;
                    self.operators(left, 0, Mode::Any)?
                }
            }
        } else {
            self.expr()?
        };
        if !list || !self.at_char(b',') {
            self.expect_char(b')')?;
            return Ok(Paren::Expr(first));
        }
        let mut items = vec![first];
        while self.accept_char(b',') {
            items.push(self.expr()?);
        }
        self.expect_char(b')')?;
        Ok(Paren::List(items))
    }

    /// What stood between parentheses, as an operand; `start` is the opening one.
    fn paren_operand(&mut self, inner: Paren, start: u32, mode: Mode) -> Result<Expr> {
        match inner {
            Paren::Query(query) => {
                let expr = Expr::new(ExprKind::Subquery(Box::new(query)), self.span_from(start));
                self.opt_indirection(expr)
            }
            Paren::Expr(expr) => self.opt_indirection(expr),
            Paren::List(items) if self.at_overlaps(mode) => self.overlaps(items, start),
            Paren::List(items) => {
                Ok(Expr::new(ExprKind::Row { explicit: false, items }, self.span_from(start)))
            }
        }
    }

    fn parenthesized(&mut self, mode: Mode) -> Result<Expr> {
        let start = self.start();
        let inner = self.paren(true)?;
        self.paren_operand(inner, start, mode)
    }

    /// `CASE`.
    fn case(&mut self) -> Result<Expr> {
        let start = self.start();
        self.expect(Keyword::Case)?;
        let arg = if self.at(Keyword::When) { None } else { Some(self.expr()?) };
        let mut branches = Vec::new();
        loop {
            let branch_start = self.start();
            self.expect(Keyword::When)?;
            let condition = self.expr()?;
            self.expect(Keyword::Then)?;
            let result = self.expr()?;
            branches.push(CaseBranch { condition, result, span: self.span_from(branch_start) });
            if !self.at(Keyword::When) {
                break;
            }
        }
        let default = if self.accept(Keyword::Else) { Some(self.expr()?) } else { None };
        self.expect(Keyword::End)?;
        let case = Box::new(CaseExpr { arg, branches, default });
        Ok(Expr::new(ExprKind::Case(case), self.span_from(start)))
    }

    /// `ARRAY[...]` or `ARRAY(SELECT ...)`.
    fn array(&mut self) -> Result<Expr> {
        let start = self.start();
        self.expect(Keyword::Array)?;
        if self.at_char(b'(') {
            let query = Box::new(self.select_with_parens()?);
            return Ok(Expr::new(ExprKind::ArrayQuery(query), self.span_from(start)));
        }
        let mut array = self.array_items()?;
        array.span = self.span_from(start);
        Ok(array)
    }

    /// `[...]`, whose elements are all arrays or all not.
    fn array_items(&mut self) -> Result<Expr> {
        self.guard()?;
        let start = self.start();
        self.expect_char(b'[')?;
        let items = if self.at_char(b']') {
            Vec::new()
        } else if self.at_char(b'[') {
            self.comma_list(Self::array_items)?
        } else {
            self.expr_list()?
        };
        self.expect_char(b']')?;
        Ok(Expr::new(ExprKind::Array(items), self.span_from(start)))
    }

    /// A column, a function call or a typed constant: whatever begins with a name.
    pub(super) fn named(&mut self) -> Result<Expr> {
        let token = self.peek();
        let start = token.start;
        let may_be_column = names::is_col_id(token);
        let may_be_function = names::is_type_function_name(token);
        if !may_be_column && !may_be_function {
            return Err(self.syntax_error());
        }
        let mut parts = Vec::with_capacity(1);
        parts.push(self.take_ident()?);
        if may_be_column {
            while self.at_char(b'.') && !self.next_is_char(b'*') {
                self.advance();
                parts.push(self.col_label()?);
            }
        }
        if may_be_function || parts.len() > 1 {
            if self.at_char(b'(') {
                return self.function_application(parts, start, true);
            }
            if names::is_string(self.peek()) {
                let type_name = self.type_from_name(parts, Vec::new(), start);
                return self.typed_string(type_name, start);
            }
        }
        if !may_be_column {
            return Err(self.syntax_error());
        }
        self.column(parts, start)
    }

    fn column(&mut self, parts: Vec<Ident>, start: u32) -> Result<Expr> {
        let mut star = false;
        if self.at_char(b'.') && self.next_is_char(b'*') {
            self.advance();
            self.advance();
            star = true;
            if self.at_char(b'.') || self.at_char(b'[') {
                return Err(self.reject_behind_star()?);
            }
        }
        let column = Expr::new(ExprKind::Column(ColumnRef { parts, star }), self.span_from(start));
        self.opt_indirection(column)
    }

    /// Something stands behind a star: PostgreSQL reads it to its end before it complains.
    fn reject_behind_star(&mut self) -> Result<Error> {
        while self.at_char(b'.') || self.at_char(b'[') {
            if self.at_char(b'[') {
                self.subscript()?;
            } else {
                self.advance();
                if !self.accept_char(b'*') {
                    self.col_label()?;
                }
            }
        }
        Ok(self.error_near("improper use of \"*\""))
    }

    /// Subscripts and fields behind `base`.
    pub(super) fn opt_indirection(&mut self, base: Expr) -> Result<Expr> {
        if !self.at_char(b'.') && !self.at_char(b'[') {
            return Ok(base);
        }
        let start = base.span.start;
        let indirection = self.indirection()?;
        let kind = ExprKind::Indirection { base: Box::new(base), indirection };
        Ok(Expr::new(kind, self.span_from(start)))
    }

    /// `opt_indirection`: subscripts, fields and a final star; may be empty.
    pub(crate) fn indirection(&mut self) -> Result<Vec<Indirection>> {
        let mut list = Vec::new();
        loop {
            if self.accept_char(b'.') {
                if self.at_char(b'*') {
                    let span = self.span();
                    self.advance();
                    list.push(Indirection::Star(span));
                    if self.at_char(b'.') || self.at_char(b'[') {
                        return Err(self.reject_behind_star()?);
                    }
                } else {
                    list.push(Indirection::Field(self.col_label()?));
                }
            } else if self.at_char(b'[') {
                list.push(self.subscript()?);
            } else {
                return Ok(list);
            }
        }
    }

    fn subscript(&mut self) -> Result<Indirection> {
        self.expect_char(b'[')?;
        let lower = if self.at_char(b':') { None } else { Some(self.expr()?) };
        let subscript = match lower {
            Some(index) if self.at_char(b']') => Indirection::Index(index),
            lower => {
                self.expect_char(b':')?;
                let upper = if self.at_char(b']') { None } else { Some(self.expr()?) };
                Indirection::Slice(lower, upper)
            }
        };
        self.expect_char(b']')?;
        Ok(subscript)
    }

    /// Whether the expression just read is an operator without parentheses around it: no `c_expr`.
    pub(super) fn is_bare_operator(&self, expr: &Expr) -> bool {
        let operator = match &expr.kind {
            ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Quantified { .. }
            | ExprKind::QuantifiedQuery { .. }
            | ExprKind::And { .. }
            | ExprKind::Or { .. }
            | ExprKind::Not(_)
            | ExprKind::IsNull { .. }
            | ExprKind::IsTruth { .. }
            | ExprKind::IsDistinct { .. }
            | ExprKind::IsNormalized { .. }
            | ExprKind::Between { .. }
            | ExprKind::InList { .. }
            | ExprKind::InQuery { .. }
            | ExprKind::Like { .. }
            | ExprKind::Overlaps { .. }
            | ExprKind::AtTimeZone { .. }
            | ExprKind::AtLocal { .. }
            | ExprKind::Collate { .. } => true,
            // `a::t`, not `CAST(a AS t)` or `t 'a'`.
            ExprKind::Cast { arg, op, .. } => op.start >= arg.span.end,
            _ => false,
        };
        // Parentheses do not count in spans: a parenthesized expression ends before the last token.
        operator && expr.span.end == self.previous_end
    }

    /// `*` as a whole element of a list.
    pub(super) fn bare_star(&mut self) -> Expr {
        let token = self.advance();
        let span = Span { start: token.start, end: token.end };
        Expr::new(ExprKind::Column(ColumnRef { parts: Vec::new(), star: true }), span)
    }
}
