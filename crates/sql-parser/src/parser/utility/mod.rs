//! Statements other than queries and their like: one file per area, dispatched by the first keyword.

mod alter;
mod alter_table;
mod call;
mod constraint;
mod copy;
mod create;
mod create_table;
mod create_table_as;
mod cursor;
mod database;
mod define;
mod definition;
mod explain;
mod foreign;
mod function;
mod grant;
mod maintenance;
mod object;
mod prepare;
mod relation;
mod replication;
mod role;
mod routine_signature;
mod rule;
mod schema;
mod settings;
mod text_search;
mod transaction;
mod trigger;

use super::Parser;
use crate::ast::Statement;
use crate::lexer::Keyword;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `stmt`: any statement but the old-style `BEGIN` and `END`.
    pub(crate) fn statement(&mut self) -> Result<Statement> {
        self.guard()?;
        match self.keyword() {
            Keyword::Select
            | Keyword::Values
            | Keyword::Table
            | Keyword::With
            | Keyword::Insert
            | Keyword::Update
            | Keyword::Delete
            | Keyword::Merge => self.preparable_statement(),
            Keyword::Abort
            | Keyword::Start
            | Keyword::Commit
            | Keyword::Rollback
            | Keyword::Savepoint
            | Keyword::Release => self.transaction_statement(),
            Keyword::Prepare => self.prepare_statement(),
            Keyword::Execute => self.execute_statement(),
            Keyword::Deallocate => self.deallocate_statement(),
            Keyword::Declare => self.declare_cursor_statement(),
            Keyword::Fetch | Keyword::Move => self.fetch_statement(),
            Keyword::Close => self.close_statement(),
            Keyword::Set => self.set_statement(),
            Keyword::Reset => self.reset_statement(),
            Keyword::Show => self.show_statement(),
            Keyword::Copy => self.copy_statement(),
            Keyword::Explain => self.explain_statement(),
            Keyword::Call => self.call_statement(),
            Keyword::Do => self.do_statement(),
            _ if self.at_char(b'(') => self.preparable_statement(),
            _ => self.definition_statement(),
        }
    }
}
