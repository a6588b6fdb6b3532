//! What PL/pgSQL hands to the SQL parser: expressions and assignments.

use super::Parser;
use super::select::plain_query;
use crate::ast::{ColumnRef, Expr, ExprKind, PlAssignment, Query, QueryBody};
use crate::lexer::TokenKind;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `PLpgSQL_Expr`: a query without the word `SELECT`.
    pub(crate) fn pl_expression(&mut self) -> Result<Query> {
        let start = self.start();
        let body = QueryBody::Select(Box::new(self.select_body(start)?));
        let query = plain_query(body, self.span_from(start));
        if self.at_query_continuation() { self.continue_query(query, start) } else { Ok(query) }
    }

    /// `PLAssignStmt`: `target := expression` or `target = expression`.
    pub(crate) fn pl_assignment(&mut self) -> Result<PlAssignment> {
        let start = self.start();
        let target = if self.at_kind(TokenKind::Param) {
            let token = self.advance();
            let number = self.lexer.slice(&token).get(1..).and_then(|digits| digits.parse().ok());
            let Some(number) = number else { return Err(self.syntax_error()) };
            Expr::new(ExprKind::Param(number), self.span_from(start))
        } else {
            let column = ColumnRef { parts: vec![self.col_id()?], star: false };
            Expr::new(ExprKind::Column(column), self.span_from(start))
        };
        let indirection = self.indirection()?;
        if !self.accept_kind(TokenKind::ColonEquals) {
            self.expect_char(b'=')?;
        }
        let query = self.pl_expression()?;
        Ok(PlAssignment { target, indirection, query })
    }
}
