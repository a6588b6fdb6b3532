//! Foreign data wrappers, servers, user mappings.

use super::alter::{RENAME_OWNER, named};
use crate::ast::{
    AlterServerStatement, CreateServerStatement, DefElem, DefValue, ForeignDataWrapperStatement,
    ImportForeignSchemaStatement, ObjectKind, Statement, UserMappingStatement,
};
use crate::lexer::Keyword;
use crate::parser::Parser;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// At `FOREIGN DATA WRAPPER` behind `CREATE`.
    pub(super) fn create_foreign_data_wrapper(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::Foreign, Keyword::Data, Keyword::Wrapper])?;
        let name = self.col_id()?;
        let functions = self.wrapper_functions()?;
        let options = self.opt_generic_options()?;
        let statement = ForeignDataWrapperStatement { alter: false, name, functions, options };
        Ok(Statement::ForeignDataWrapper(Box::new(statement)))
    }

    /// `opt_fdw_options`.
    fn wrapper_functions(&mut self) -> Result<Vec<DefElem>> {
        let mut functions = Vec::new();
        loop {
            let start = self.start();
            let no = self.at(Keyword::No);
            if no {
                self.advance();
            }
            let word = match self.keyword() {
                Keyword::Handler => "handler",
                Keyword::Validator => "validator",
                _ if no => return Err(self.syntax_error()),
                _ => return Ok(functions),
            };
            self.advance();
            let value = if no { None } else { Some(DefValue::Name(self.handler_name()?)) };
            functions.push(self.def_elem_named(word, start, value));
        }
    }

    /// At `FOREIGN DATA WRAPPER` behind `ALTER`.
    pub(super) fn alter_foreign_data_wrapper(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::Foreign, Keyword::Data, Keyword::Wrapper])?;
        let name = self.col_id()?;
        if self.at_any(&[Keyword::Rename, Keyword::Owner]) {
            return self.alter_object(named(ObjectKind::ForeignDataWrapper, name), RENAME_OWNER, false);
        }
        let functions = self.wrapper_functions()?;
        let options = if functions.is_empty() || self.at(Keyword::Options) {
            self.alter_generic_options()?
        } else {
            Vec::new()
        };
        let statement = ForeignDataWrapperStatement { alter: true, name, functions, options };
        Ok(Statement::ForeignDataWrapper(Box::new(statement)))
    }

    /// Behind `CREATE SERVER`.
    pub(super) fn create_server(&mut self) -> Result<Statement> {
        let if_not_exists = self.opt_if_not_exists()?;
        let name = self.col_id()?;
        let server_type = if self.accept(Keyword::Type) { Some(self.string()?) } else { None };
        let version = if self.accept(Keyword::Version) { self.string_or_null()? } else { None };
        self.expect_all(&[Keyword::Foreign, Keyword::Data, Keyword::Wrapper])?;
        let wrapper = self.col_id()?;
        let options = self.opt_generic_options()?;
        Ok(Statement::CreateServer(Box::new(CreateServerStatement {
            name,
            if_not_exists,
            server_type,
            version,
            wrapper,
            options,
        })))
    }

    /// Behind `ALTER SERVER`.
    pub(super) fn alter_server(&mut self) -> Result<Statement> {
        let name = self.col_id()?;
        if self.at_any(&[Keyword::Rename, Keyword::Owner]) {
            return self.alter_object(named(ObjectKind::ForeignServer, name), RENAME_OWNER, false);
        }
        let version = if self.accept(Keyword::Version) { Some(self.string_or_null()?) } else { None };
        let options = if version.is_none() || self.at(Keyword::Options) {
            self.alter_generic_options()?
        } else {
            Vec::new()
        };
        Ok(Statement::AlterServer(Box::new(AlterServerStatement { name, version, options })))
    }

    /// At `USER MAPPING` behind `CREATE` or `ALTER`.
    pub(super) fn user_mapping(&mut self, alter: bool) -> Result<Statement> {
        self.expect_all(&[Keyword::User, Keyword::Mapping])?;
        let if_not_exists = !alter && self.opt_if_not_exists_words()?;
        self.expect(Keyword::For)?;
        let user = self.auth_ident()?;
        self.expect(Keyword::Server)?;
        let server = self.col_id()?;
        let options = if alter { self.alter_generic_options()? } else { self.opt_generic_options()? };
        let statement = UserMappingStatement { alter, if_not_exists, user, server, options };
        Ok(Statement::UserMapping(Box::new(statement)))
    }

    /// `IMPORT FOREIGN SCHEMA`.
    pub(super) fn import_statement(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::Import, Keyword::Foreign, Keyword::Schema])?;
        let remote_schema = self.col_id()?;
        let limit = self.accept_pair(Keyword::Limit, Keyword::To);
        let tables = if limit || self.accept(Keyword::Except) {
            Some((limit, self.paren_list(Self::relation_expr)?))
        } else {
            None
        };
        self.expect_all(&[Keyword::From, Keyword::Server])?;
        let server = self.col_id()?;
        self.expect(Keyword::Into)?;
        let local_schema = self.col_id()?;
        let options = self.opt_generic_options()?;
        Ok(Statement::ImportForeignSchema(Box::new(ImportForeignSchemaStatement {
            remote_schema,
            tables,
            server,
            local_schema,
            options,
        })))
    }
}
