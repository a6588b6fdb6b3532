//! Transaction control.

use crate::ast::{IsolationLevel, Statement, TransactionMode, TransactionModeKind, TransactionStatement};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `BEGIN` and `END`.
    pub(in crate::parser) fn legacy_transaction(&mut self) -> Result<Statement> {
        let begin = self.advance().keyword == Keyword::Begin;
        self.opt_transaction_word();
        Ok(Statement::Transaction(if begin {
            TransactionStatement::Begin(self.opt_transaction_modes()?)
        } else {
            TransactionStatement::Commit { chain: self.opt_chain()? }
        }))
    }

    pub(super) fn transaction_statement(&mut self) -> Result<Statement> {
        use TransactionStatement as T;
        let statement = match self.advance().keyword {
            Keyword::Abort => {
                self.opt_transaction_word();
                T::Rollback { chain: self.opt_chain()? }
            }
            Keyword::Start => {
                self.expect(Keyword::Transaction)?;
                T::Start(self.opt_transaction_modes()?)
            }
            Keyword::Commit if self.accept(Keyword::Prepared) => T::CommitPrepared(self.string()?),
            Keyword::Commit => {
                self.opt_transaction_word();
                T::Commit { chain: self.opt_chain()? }
            }
            Keyword::Savepoint => T::Savepoint(self.col_id()?),
            Keyword::Release => {
                self.opt_savepoint_word();
                T::Release(self.col_id()?)
            }
            _ if self.accept(Keyword::Prepared) => T::RollbackPrepared(self.string()?),
            _ => {
                self.opt_transaction_word();
                if self.accept(Keyword::To) {
                    self.opt_savepoint_word();
                    T::RollbackTo(self.col_id()?)
                } else {
                    T::Rollback { chain: self.opt_chain()? }
                }
            }
        };
        Ok(Statement::Transaction(statement))
    }

    fn opt_transaction_word(&mut self) {
        if !self.accept(Keyword::Work) {
            self.accept(Keyword::Transaction);
        }
    }

    /// The word `SAVEPOINT` before a name, unless it is the name.
    fn opt_savepoint_word(&mut self) {
        if self.at(Keyword::Savepoint) && crate::parser::names::is_col_id(self.peek_next()) {
            self.advance();
        }
    }

    fn opt_chain(&mut self) -> Result<bool> {
        if !self.accept(Keyword::And) {
            return Ok(false);
        }
        let chain = !self.accept(Keyword::No);
        self.expect(Keyword::Chain)?;
        Ok(chain)
    }

    /// `transaction_mode_list_or_empty`.
    fn opt_transaction_modes(&mut self) -> Result<Vec<TransactionMode>> {
        if self.at_transaction_mode() { self.transaction_modes() } else { Ok(Vec::new()) }
    }

    fn at_transaction_mode(&self) -> bool {
        self.at_any(&[Keyword::Isolation, Keyword::Read, Keyword::Deferrable, Keyword::Not])
    }

    /// `transaction_mode_list`; commas are optional.
    pub(super) fn transaction_modes(&mut self) -> Result<Vec<TransactionMode>> {
        let mut modes = Vec::new();
        loop {
            modes.push(self.transaction_mode()?);
            if !self.accept_char(b',') && !self.at_transaction_mode() {
                return Ok(modes);
            }
        }
    }

    fn transaction_mode(&mut self) -> Result<TransactionMode> {
        let start = self.start();
        let kind = if self.accept(Keyword::Isolation) {
            self.expect(Keyword::Level)?;
            TransactionModeKind::Isolation(self.isolation_level()?)
        } else if self.accept(Keyword::Read) {
            let only = self.accept(Keyword::Only);
            if !only {
                self.expect(Keyword::Write)?;
            }
            TransactionModeKind::ReadOnly(only)
        } else if self.accept(Keyword::Not) {
            self.expect(Keyword::Deferrable)?;
            TransactionModeKind::Deferrable(false)
        } else {
            self.expect(Keyword::Deferrable)?;
            TransactionModeKind::Deferrable(true)
        };
        Ok(TransactionMode { kind, span: self.span_from(start) })
    }

    fn isolation_level(&mut self) -> Result<IsolationLevel> {
        if self.accept(Keyword::Serializable) {
            return Ok(IsolationLevel::Serializable);
        }
        if self.accept(Keyword::Repeatable) {
            self.expect(Keyword::Read)?;
            return Ok(IsolationLevel::RepeatableRead);
        }
        self.expect(Keyword::Read)?;
        if self.accept(Keyword::Committed) {
            return Ok(IsolationLevel::ReadCommitted);
        }
        self.expect(Keyword::Uncommitted)?;
        Ok(IsolationLevel::ReadUncommitted)
    }
}
