//! Dispatch of the statements that define, change, drop and maintain objects.

use crate::ast::Statement;
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// A statement whose first keyword is none of those that [`Parser::statement`] knows itself.
    pub(super) fn definition_statement(&mut self) -> Result<Statement> {
        match self.keyword() {
            Keyword::Create => self.create_statement(),
            Keyword::Alter => self.alter_statement(),
            Keyword::Drop => self.drop_statement(),
            Keyword::Comment => self.comment_statement(),
            Keyword::Security => self.security_label_statement(),
            Keyword::Truncate => self.truncate_statement(),
            Keyword::Lock => self.lock_statement(),
            Keyword::Refresh => self.refresh_statement(),
            Keyword::Vacuum | Keyword::Analyze | Keyword::Analyse => self.vacuum_statement(),
            Keyword::Cluster => self.cluster_statement(),
            Keyword::Reindex => self.reindex_statement(),
            Keyword::Listen | Keyword::Unlisten | Keyword::Notify => self.notification_statement(),
            Keyword::Load => self.load_statement(),
            Keyword::Discard => self.discard_statement(),
            Keyword::Checkpoint => {
                self.advance();
                Ok(Statement::Checkpoint)
            }
            Keyword::Grant => self.grant_statement(),
            Keyword::Revoke => self.revoke_statement(),
            Keyword::Reassign => self.reassign_statement(),
            Keyword::Import => self.import_statement(),
            _ => Err(self.syntax_error()),
        }
    }
}
