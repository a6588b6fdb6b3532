//! `CALL` and `DO`.

use crate::ast::{CallStatement, DoArg, DoStatement, Statement};
use crate::lexer::Keyword;
use crate::parser::{Parser, names};
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    pub(super) fn call_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Call)?;
        Ok(Statement::Call(Box::new(CallStatement { call: self.plain_function()? })))
    }

    pub(super) fn do_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Do)?;
        let mut args = Vec::new();
        loop {
            let start = self.start();
            if names::is_string(self.peek()) {
                let code = self.string()?;
                args.push(DoArg::Code(code, self.span_from(start)));
            } else if self.accept(Keyword::Language) {
                let name = self.non_reserved_word_or_string()?;
                args.push(DoArg::Language(name.name, self.span_from(start)));
            } else if args.is_empty() {
                return Err(self.syntax_error());
            } else {
                return Ok(Statement::Do(DoStatement { args }));
            }
        }
    }
}
