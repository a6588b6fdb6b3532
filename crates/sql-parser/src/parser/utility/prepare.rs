//! `PREPARE`, `EXECUTE`, `DEALLOCATE`.

use crate::ast::{DeallocateStatement, ExecuteStatement, PrepareStatement, Statement, TransactionStatement};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `PREPARE`, also `PREPARE TRANSACTION`.
    pub(super) fn prepare_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Prepare)?;
        if self.at(Keyword::Transaction) && crate::parser::names::is_string(self.peek_next()) {
            self.advance();
            return Ok(Statement::Transaction(TransactionStatement::Prepare(self.string()?)));
        }
        let name = self.col_id()?;
        let types = self.opt_paren_list(Self::type_name)?;
        self.expect(Keyword::As)?;
        let statement = Box::new(self.preparable_statement()?);
        Ok(Statement::Prepare(PrepareStatement { name, types, statement }))
    }

    /// `EXECUTE`.
    pub(super) fn execute_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Execute)?;
        let name = self.col_id()?;
        let args = self.opt_paren_list(Self::expr)?;
        Ok(Statement::Execute(ExecuteStatement { name, args }))
    }

    pub(super) fn deallocate_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Deallocate)?;
        let next = self.peek_next();
        if self.at(Keyword::Prepare)
            && (crate::parser::names::is_col_id(next) || next.keyword == Keyword::All)
        {
            self.advance();
        }
        let name = if self.accept(Keyword::All) { None } else { Some(self.col_id()?) };
        Ok(Statement::Deallocate(DeallocateStatement { name }))
    }
}
