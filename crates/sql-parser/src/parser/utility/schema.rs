//! `CREATE SCHEMA`.

use crate::ast::{CreateSchemaStatement, Statement};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::{Result, err};

impl Parser<'_> {
    /// Behind `CREATE SCHEMA`.
    pub(super) fn create_schema(&mut self) -> Result<Statement> {
        let if_not_exists = self.opt_if_not_exists()?;
        let name = if self.at(Keyword::Authorization) { None } else { Some(self.col_id()?) };
        let authorization = if self.accept(Keyword::Authorization) { Some(self.role_spec()?) } else { None };
        let mut elements = Vec::new();
        let at = self.start() as usize;
        while self.at_any(&[Keyword::Create, Keyword::Grant]) {
            elements.push(self.schema_element()?);
        }
        if if_not_exists && !elements.is_empty() {
            let message = "CREATE SCHEMA IF NOT EXISTS cannot include schema elements";
            return Err(err!(FEATURE_NOT_SUPPORTED, "{message}").at(at));
        }
        Ok(Statement::CreateSchema(CreateSchemaStatement { name, authorization, if_not_exists, elements }))
    }

    /// `schema_stmt`: tables, indexes, sequences, triggers, views and grants.
    fn schema_element(&mut self) -> Result<Statement> {
        if self.at(Keyword::Grant) {
            return self.definition_statement();
        }
        let before = self.checkpoint();
        self.expect(Keyword::Create)?;
        if self.accept(Keyword::Or) {
            self.expect(Keyword::Replace)?;
        }
        let persistence = self.create_persistence()?;
        let fits = match self.keyword() {
            Keyword::Table => {
                self.advance();
                let if_not_exists = self.opt_if_not_exists()?;
                return self.create_table_definition(persistence, if_not_exists);
            }
            Keyword::Index
            | Keyword::Unique
            | Keyword::Sequence
            | Keyword::Trigger
            | Keyword::View
            | Keyword::Recursive => true,
            Keyword::Constraint => self.next_keyword() == Keyword::Trigger,
            _ => false,
        };
        if !fits {
            return Err(self.syntax_error());
        }
        self.rewind(before);
        self.definition_statement()
    }
}
