//! Databases, tablespaces, the system's settings, extensions, access methods.

use super::alter::{RENAME_OWNER, named};
use crate::ast::{
    AlterDatabaseAction, AlterDatabaseStatement, AlterExtensionContentsStatement, AlterExtensionStatement,
    AlterObjectSchemaStatement, AlterSystemStatement, AlterTablespaceStatement, CreateAccessMethodStatement,
    CreateDatabaseStatement, CreateExtensionStatement, CreateTablespaceStatement, DefElem, DefValue,
    ObjectKind, SetKind, SetStatement, Statement,
};
use crate::lexer::Keyword;
use crate::parser::{Parser, ident, names};
use pglitedb_sqlstate::{Result, err};

impl Parser<'_> {
    /// Behind `CREATE DATABASE`.
    pub(super) fn create_database(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        self.accept(Keyword::With);
        let options = self.database_options()?;
        Ok(Statement::CreateDatabase(CreateDatabaseStatement { name, options }))
    }

    /// `createdb_opt_list`.
    fn database_options(&mut self) -> Result<Vec<DefElem>> {
        let mut options = Vec::new();
        loop {
            let start = self.start();
            let name = match self.keyword() {
                Keyword::Connection => {
                    self.advance();
                    self.expect(Keyword::Limit)?;
                    ident("connection_limit", self.span_from(start))
                }
                Keyword::Encoding
                | Keyword::Location
                | Keyword::Owner
                | Keyword::Tablespace
                | Keyword::Template => self.take_ident()?,
                Keyword::NotAKeyword if names::is_col_id(self.peek()) => self.take_ident()?,
                _ => return Ok(options),
            };
            self.accept_char(b'=');
            let value = if self.accept(Keyword::Default) {
                DefValue::Default
            } else if self.at_numeric_only() {
                DefValue::Number(self.numeric_only()?)
            } else {
                DefValue::String(self.boolean_or_string()?.name)
            };
            options.push(self.def_elem(name, Some(value)));
        }
    }

    /// Behind `ALTER DATABASE`.
    pub(super) fn alter_database(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        let action = match self.keyword() {
            Keyword::Rename => {
                return self.alter_object(named(ObjectKind::Database, name), RENAME_OWNER, false);
            }
            Keyword::Owner if self.next_keyword() == Keyword::To => {
                return self.alter_object(named(ObjectKind::Database, name), RENAME_OWNER, false);
            }
            Keyword::Refresh => {
                self.advance();
                self.expect_all(&[Keyword::Collation, Keyword::Version])?;
                AlterDatabaseAction::RefreshCollationVersion
            }
            Keyword::Set | Keyword::Reset => self.alter_database_set()?,
            _ => {
                self.accept(Keyword::With);
                AlterDatabaseAction::Options(self.database_options()?)
            }
        };
        Ok(Statement::AlterDatabase(Box::new(AlterDatabaseStatement { name, action })))
    }

    /// `SET TABLESPACE name`, or a setting, which may have that name too.
    fn alter_database_set(&mut self) -> Result<AlterDatabaseAction> {
        if self.at_pair(Keyword::Set, Keyword::Tablespace) {
            let before = self.checkpoint();
            self.advance();
            self.advance();
            if self.at_col_id() {
                return Ok(AlterDatabaseAction::SetTablespace(self.col_id()?));
            }
            self.rewind(before);
        }
        Ok(AlterDatabaseAction::Set(self.set_reset_clause()?))
    }

    /// Behind `ALTER SYSTEM`.
    pub(super) fn alter_system(&mut self) -> Result<Statement> {
        let start = self.start();
        let kind = if self.accept(Keyword::Reset) {
            if self.accept(Keyword::All) {
                SetKind::ResetAll
            } else {
                SetKind::Reset { name: self.setting_name()? }
            }
        } else {
            self.expect(Keyword::Set)?;
            let before = self.checkpoint();
            self.setting_name()?;
            if self.at(Keyword::From) {
                return Err(self.syntax_error());
            }
            self.rewind(before);
            self.generic_set()?
        };
        let set = SetStatement { kind, local: false, span: self.span_from(start) };
        Ok(Statement::AlterSystem(Box::new(AlterSystemStatement { set })))
    }

    // ---- tablespaces ----

    /// Behind `CREATE TABLESPACE`.
    pub(super) fn create_tablespace(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        let owner = if self.accept(Keyword::Owner) { Some(self.role_spec()?) } else { None };
        self.expect(Keyword::Location)?;
        let location = self.string()?;
        let options = self.opt_with_reloptions()?;
        let statement = CreateTablespaceStatement { name, owner, location, options };
        Ok(Statement::CreateTablespace(Box::new(statement)))
    }

    /// Behind `ALTER TABLESPACE`.
    pub(super) fn alter_tablespace(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        let reset = self.at(Keyword::Reset);
        if !reset && !self.at(Keyword::Set) {
            return self.alter_object(named(ObjectKind::Tablespace, name), RENAME_OWNER, false);
        }
        self.advance();
        let options = self.reloptions()?;
        Ok(Statement::AlterTablespace(AlterTablespaceStatement { name, reset, options }))
    }

    // ---- extensions ----

    /// Behind `CREATE EXTENSION`.
    pub(super) fn create_extension(&mut self) -> Result<Statement> {
        let if_not_exists = self.opt_if_not_exists()?;
        let name = self.col_id()?;
        self.accept(Keyword::With);
        let mut options = Vec::new();
        loop {
            let start = self.start();
            let (option, value) = match self.keyword() {
                Keyword::Schema => {
                    self.advance();
                    ("schema", DefValue::String(self.col_id()?.name))
                }
                Keyword::Version => {
                    self.advance();
                    ("new_version", DefValue::String(self.non_reserved_word_or_string()?.name))
                }
                Keyword::Cascade => {
                    self.advance();
                    ("cascade", DefValue::Boolean(true))
                }
                Keyword::From => {
                    self.advance();
                    self.non_reserved_word_or_string()?;
                    let message = "CREATE EXTENSION ... FROM is no longer supported";
                    return Err(err!(FEATURE_NOT_SUPPORTED, "{message}").at(start as usize));
                }
                _ => break,
            };
            options.push(self.def_elem_named(option, start, Some(value)));
        }
        Ok(Statement::CreateExtension(CreateExtensionStatement { name, if_not_exists, options }))
    }

    /// Behind `ALTER EXTENSION`.
    pub(super) fn alter_extension(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        match self.keyword() {
            Keyword::Update => {
                self.advance();
                let mut options = Vec::new();
                while self.at(Keyword::To) {
                    let start = self.start();
                    self.advance();
                    let version = DefValue::String(self.non_reserved_word_or_string()?.name);
                    options.push(self.def_elem_named("new_version", start, Some(version)));
                }
                Ok(Statement::AlterExtension(AlterExtensionStatement { name, options }))
            }
            Keyword::Set => {
                self.advance();
                self.expect(Keyword::Schema)?;
                let new_schema = self.col_id()?;
                let object = named(ObjectKind::Extension, name);
                let statement =
                    AlterObjectSchemaStatement { object, only: false, if_exists: false, new_schema };
                Ok(Statement::AlterObjectSchema(Box::new(statement)))
            }
            word @ (Keyword::Add | Keyword::Drop) => {
                self.advance();
                let object = self.extension_member()?;
                let drop = word == Keyword::Drop;
                let statement = AlterExtensionContentsStatement { name, drop, object };
                Ok(Statement::AlterExtensionContents(Box::new(statement)))
            }
            _ => Err(self.syntax_error()),
        }
    }

    // ---- access methods ----

    /// Behind `CREATE ACCESS METHOD`.
    pub(super) fn create_access_method(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        self.expect(Keyword::Type)?;
        let table = self.accept(Keyword::Table);
        if !table {
            self.expect(Keyword::Index)?;
        }
        self.expect(Keyword::Handler)?;
        let handler = self.handler_name()?;
        Ok(Statement::CreateAccessMethod(CreateAccessMethodStatement { name, table, handler }))
    }
}
