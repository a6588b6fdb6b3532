//! `EXPLAIN`.

use crate::ast::{ExplainStatement, Statement};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    pub(super) fn explain_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Explain)?;
        let mut options = Vec::new();
        if self.at_char(b'(') && !self.at_parenthesized_query() {
            options = self.utility_options()?;
        } else {
            let start = self.start();
            if self.at_any(&[Keyword::Analyze, Keyword::Analyse]) {
                self.advance();
                options.push(self.def_elem_named("analyze", start, None));
            }
            let start = self.start();
            if self.accept(Keyword::Verbose) {
                options.push(self.def_elem_named("verbose", start, None));
            }
        }
        let statement = Box::new(self.explainable_statement()?);
        Ok(Statement::Explain(ExplainStatement { options, statement }))
    }

    /// `ExplainableStmt`.
    fn explainable_statement(&mut self) -> Result<Statement> {
        match self.keyword() {
            Keyword::Declare => self.declare_cursor_statement(),
            Keyword::Execute => self.execute_statement(),
            Keyword::Refresh => self.definition_statement(),
            Keyword::Create => match self.opt_create_table_as_statement()? {
                Some(statement) => Ok(statement),
                None => Err(self.syntax_error()),
            },
            _ => self.preparable_statement(),
        }
    }
}
