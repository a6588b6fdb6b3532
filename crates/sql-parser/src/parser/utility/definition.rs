//! Dispatch of the statements that define, change, drop and maintain objects.

use crate::ast::Statement;
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::{Result, err};

impl Parser<'_> {
    /// A statement whose first keyword is none of those that [`Parser::statement`] knows itself.
    pub(super) fn definition_statement(&mut self) -> Result<Statement> {
        let at = self.start() as usize;
        match self.keyword() {
            Keyword::Create => {
                if let Some(statement) = self.opt_create_table_as_statement()? {
                    return Ok(statement);
                }
                Err(err!(FEATURE_NOT_SUPPORTED, "CREATE is not supported yet").at(at))
            }
            keyword @ (Keyword::Alter
            | Keyword::Analyse
            | Keyword::Analyze
            | Keyword::Checkpoint
            | Keyword::Cluster
            | Keyword::Comment
            | Keyword::Discard
            | Keyword::Drop
            | Keyword::Grant
            | Keyword::Import
            | Keyword::Listen
            | Keyword::Load
            | Keyword::Lock
            | Keyword::Notify
            | Keyword::Reassign
            | Keyword::Refresh
            | Keyword::Reindex
            | Keyword::Revoke
            | Keyword::Security
            | Keyword::Truncate
            | Keyword::Unlisten
            | Keyword::Vacuum) => {
                let word = keyword.as_str().to_uppercase();
                Err(err!(FEATURE_NOT_SUPPORTED, "{word} is not supported yet").at(at))
            }
            _ => Err(self.syntax_error()),
        }
    }
}
