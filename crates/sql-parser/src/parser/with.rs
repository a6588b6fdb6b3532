//! `WITH`.

use super::Parser;
use crate::ast::{CommonTableExpr, CycleClause, Expr, SearchClause, Statement, With};
use crate::lexer::Keyword;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `with_clause`.
    pub(crate) fn with_clause(&mut self) -> Result<With> {
        let start = self.start();
        self.expect(Keyword::With)?;
        // `recursive` may also be the name of the first query.
        let recursive = self.at(Keyword::Recursive) && super::names::is_col_id(self.peek_next());
        if recursive {
            self.advance();
        }
        let queries = self.comma_list(Self::common_table_expr)?;
        Ok(With { recursive, queries, span: self.span_from(start) })
    }

    fn common_table_expr(&mut self) -> Result<CommonTableExpr> {
        self.guard()?;
        let start = self.start();
        let name = self.col_id()?;
        let columns = self.opt_column_list()?;
        self.expect(Keyword::As)?;
        let materialized = if self.accept(Keyword::Not) {
            self.expect(Keyword::Materialized)?;
            Some(false)
        } else if self.accept(Keyword::Materialized) {
            Some(true)
        } else {
            None
        };
        self.expect_char(b'(')?;
        let statement = Box::new(self.preparable_statement()?);
        self.expect_char(b')')?;
        let search = self.opt_search_clause()?;
        let cycle = self.opt_cycle_clause()?;
        let span = self.span_from(start);
        Ok(CommonTableExpr { name, columns, materialized, statement, search, cycle, span })
    }

    fn opt_search_clause(&mut self) -> Result<Option<SearchClause>> {
        let start = self.start();
        if !self.accept(Keyword::Search) {
            return Ok(None);
        }
        let breadth_first = self.accept(Keyword::Breadth);
        if !breadth_first {
            self.expect(Keyword::Depth)?;
        }
        self.expect_all(&[Keyword::First, Keyword::By])?;
        let columns = self.name_list()?;
        self.expect(Keyword::Set)?;
        let sequence_column = self.col_id()?;
        Ok(Some(SearchClause { breadth_first, columns, sequence_column, span: self.span_from(start) }))
    }

    fn opt_cycle_clause(&mut self) -> Result<Option<Box<CycleClause>>> {
        let start = self.start();
        if !self.accept(Keyword::Cycle) {
            return Ok(None);
        }
        let columns = self.name_list()?;
        self.expect(Keyword::Set)?;
        let mark_column = self.col_id()?;
        let mut mark_values = None;
        if self.accept(Keyword::To) {
            let value = self.constant()?;
            self.expect(Keyword::Default)?;
            mark_values = Some((value, self.constant()?));
        }
        self.expect(Keyword::Using)?;
        let path_column = self.col_id()?;
        let span = self.span_from(start);
        Ok(Some(Box::new(CycleClause { columns, mark_column, mark_values, path_column, span })))
    }

    /// `AexprConst`.
    fn constant(&mut self) -> Result<Expr> {
        let error = self.syntax_error();
        let expr = self.c_expr()?;
        if expr.is_constant() { Ok(expr) } else { Err(error) }
    }

    /// `PreparableStmt`: a query, `INSERT`, `UPDATE`, `DELETE` or `MERGE`.
    pub(crate) fn preparable_statement(&mut self) -> Result<Statement> {
        if self.at(Keyword::With) {
            return self.statement_with();
        }
        match self.keyword() {
            Keyword::Insert => self.insert(None),
            Keyword::Update => self.update(None),
            Keyword::Delete => self.delete(None),
            Keyword::Merge => self.merge(None),
            _ => Ok(Statement::Select(Box::new(self.select_statement()?))),
        }
    }

    /// A statement that begins with `WITH`.
    fn statement_with(&mut self) -> Result<Statement> {
        let before = self.checkpoint();
        let with = self.with_clause()?;
        match self.keyword() {
            Keyword::Insert => self.insert(Some(Box::new(with))),
            Keyword::Update => self.update(Some(Box::new(with))),
            Keyword::Delete => self.delete(Some(Box::new(with))),
            Keyword::Merge => self.merge(Some(Box::new(with))),
            _ => {
                self.rewind(before);
                Ok(Statement::Select(Box::new(self.select_statement()?)))
            }
        }
    }
}
