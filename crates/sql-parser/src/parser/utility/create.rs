//! `CREATE`: which statement it is.

use crate::ast::{ObjectKind, Persistence, Statement};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::{Result, err};

impl Parser<'_> {
    /// `CREATE`.
    pub(super) fn create_statement(&mut self) -> Result<Statement> {
        let create = self.expect(Keyword::Create)?;
        if self.accept(Keyword::Or) {
            self.expect(Keyword::Replace)?;
            return self.create_or_replace(create.start as usize);
        }
        match self.keyword() {
            Keyword::Local
            | Keyword::Global
            | Keyword::Temp
            | Keyword::Temporary
            | Keyword::Unlogged
            | Keyword::Table
            | Keyword::Sequence
            | Keyword::View
            | Keyword::Recursive
            | Keyword::Materialized => self.create_persistent(),
            Keyword::Unique => {
                self.advance();
                self.expect(Keyword::Index)?;
                self.create_index(true)
            }
            Keyword::Index => {
                self.advance();
                self.create_index(false)
            }
            Keyword::Statistics => {
                self.advance();
                self.create_statistics()
            }
            Keyword::Foreign if self.next_keyword() == Keyword::Table => {
                self.advance();
                self.advance();
                self.create_foreign_table()
            }
            Keyword::Foreign => self.create_foreign_data_wrapper(),
            Keyword::Function | Keyword::Procedure => self.create_function(false),
            Keyword::Aggregate => self.create_aggregate(false),
            Keyword::Operator => self.create_operator(),
            Keyword::Type => self.create_type(),
            Keyword::Domain => self.create_domain(),
            Keyword::Cast => self.create_cast(),
            Keyword::Transform => self.create_transform(false),
            Keyword::Language | Keyword::Trusted | Keyword::Procedural => self.create_language(false),
            Keyword::Conversion | Keyword::Default => self.create_conversion(),
            Keyword::Collation => self.create_collation(),
            Keyword::Text => self.create_text_search(),
            Keyword::Trigger | Keyword::Constraint => self.create_trigger(false, create.start as usize),
            Keyword::Event => {
                self.advance();
                self.expect(Keyword::Trigger)?;
                self.create_event_trigger()
            }
            Keyword::Rule => self.create_rule(false),
            Keyword::User if self.at_user_mapping() => self.user_mapping(false),
            Keyword::Role | Keyword::Group | Keyword::User => self.create_role(),
            Keyword::Access => {
                self.advance();
                self.expect(Keyword::Method)?;
                self.create_access_method()
            }
            Keyword::Policy => {
                self.advance();
                self.create_policy()
            }
            Keyword::Schema => {
                self.advance();
                self.create_schema()
            }
            Keyword::Database => {
                self.advance();
                self.create_database()
            }
            Keyword::Tablespace => {
                self.advance();
                self.create_tablespace()
            }
            Keyword::Extension => {
                self.advance();
                self.create_extension()
            }
            Keyword::Server => {
                self.advance();
                self.create_server()
            }
            Keyword::Publication => {
                self.advance();
                self.create_publication()
            }
            Keyword::Subscription => {
                self.advance();
                self.create_subscription()
            }
            Keyword::Assertion => self.create_assertion(create.start as usize),
            _ => Err(self.syntax_error()),
        }
    }

    /// Behind `CREATE OR REPLACE`.
    fn create_or_replace(&mut self, start: usize) -> Result<Statement> {
        match self.keyword() {
            Keyword::Function | Keyword::Procedure => self.create_function(true),
            Keyword::Aggregate => self.create_aggregate(true),
            Keyword::Transform => self.create_transform(true),
            Keyword::Language | Keyword::Trusted | Keyword::Procedural => self.create_language(true),
            Keyword::Trigger | Keyword::Constraint => self.create_trigger(true, start),
            Keyword::Rule => self.create_rule(true),
            _ => {
                let persistence = self.create_persistence()?;
                if !self.at_any(&[Keyword::View, Keyword::Recursive]) {
                    return Err(self.syntax_error());
                }
                self.create_view(true, persistence)
            }
        }
    }

    /// What may be temporary.
    fn create_persistent(&mut self) -> Result<Statement> {
        let persistence = self.create_persistence()?;
        match self.keyword() {
            Keyword::Table => {
                self.advance();
                self.create_table(persistence)
            }
            Keyword::Sequence => {
                self.advance();
                self.create_sequence(persistence)
            }
            Keyword::View | Keyword::Recursive => self.create_view(false, persistence),
            Keyword::Materialized if persistence != Persistence::Temporary => {
                self.advance();
                self.expect(Keyword::View)?;
                self.create_materialized_view_rest(persistence)
            }
            _ => Err(self.syntax_error()),
        }
    }

    fn create_assertion(&mut self, start: usize) -> Result<Statement> {
        self.expect(Keyword::Assertion)?;
        self.any_name()?;
        self.expect(Keyword::Check)?;
        self.paren_condition()?;
        self.constraint_attributes(
            "ASSERTION",
            super::constraint::Allowed {
                deferrable: true,
                not_valid: true,
                no_inherit: true,
                enforced: true,
            },
        )?;
        Err(err!(FEATURE_NOT_SUPPORTED, "CREATE ASSERTION is not yet implemented").at(start))
    }

    /// `CREATE COLLATION`.
    fn create_collation(&mut self) -> Result<Statement> {
        self.expect(Keyword::Collation)?;
        let if_not_exists = self.opt_if_not_exists()?;
        let name = self.any_name()?;
        let mut define = super::define::new_define(ObjectKind::Collation, name);
        define.if_not_exists = if_not_exists;
        if self.accept(Keyword::From) {
            define.from = Some(self.any_name()?);
        } else {
            define.definition = Some(self.definition()?);
        }
        Ok(Statement::Define(Box::new(define)))
    }

    /// `CREATE TEXT SEARCH`.
    fn create_text_search(&mut self) -> Result<Statement> {
        let kind = self.object_kind()?;
        let name = self.any_name()?;
        let mut define = super::define::new_define(kind, name);
        define.definition = Some(self.definition()?);
        Ok(Statement::Define(Box::new(define)))
    }
}
