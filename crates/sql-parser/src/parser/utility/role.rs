//! Roles and ownership.

use super::alter::{named, rename};
use crate::ast::{
    AlterRoleAction, AlterRoleSetStatement, AlterRoleStatement, CreateRoleStatement, Ident, ObjectKind,
    ReassignOwnedStatement, RenameTarget, RoleOption, RoleOptionKind, RoleSpec, RoleStatementKind, Statement,
};
use crate::lexer::Keyword;
use crate::parser::{Parser, names};
use pglitedb_sqlstate::{Result, err};

/// The options that are plain words, not keywords.
fn option_of_word(word: &str) -> Option<RoleOptionKind> {
    let (name, value) = match word.strip_prefix("no") {
        Some(rest) => (rest, false),
        None => (word, true),
    };
    Some(match name {
        "superuser" => RoleOptionKind::Superuser(value),
        "createrole" => RoleOptionKind::CreateRole(value),
        "replication" => RoleOptionKind::Replication(value),
        "createdb" => RoleOptionKind::CreateDb(value),
        "login" => RoleOptionKind::Login(value),
        "bypassrls" => RoleOptionKind::BypassRls(value),
        // INHERIT itself is a keyword.
        "inherit" if !value => RoleOptionKind::Inherit(false),
        _ => return None,
    })
}

impl Parser<'_> {
    /// `ROLE`, `USER` or `GROUP`.
    fn role_statement_kind(&mut self) -> RoleStatementKind {
        match self.advance().keyword {
            Keyword::User => RoleStatementKind::User,
            Keyword::Group => RoleStatementKind::Group,
            _ => RoleStatementKind::Role,
        }
    }

    /// At `ROLE`, `USER` or `GROUP` behind `CREATE`.
    pub(super) fn create_role(&mut self) -> Result<Statement> {
        let kind = self.role_statement_kind();
        let name = self.role_id()?;
        self.accept(Keyword::With);
        let mut options = Vec::new();
        while let Some(option) = self.opt_role_option(true)? {
            options.push(option);
        }
        Ok(Statement::CreateRole(CreateRoleStatement { kind, name, options }))
    }

    /// `CreateOptRoleElem` or `AlterOptRoleElem`, if one stands here.
    fn opt_role_option(&mut self, create: bool) -> Result<Option<RoleOption>> {
        let start = self.start();
        let keyword = self.keyword();
        let kind = match keyword {
            Keyword::Password | Keyword::Inherit | Keyword::Connection | Keyword::Valid | Keyword::User => {
                self.advance();
                self.role_option(keyword)?
            }
            Keyword::Encrypted => {
                self.advance();
                self.expect(Keyword::Password)?;
                RoleOptionKind::Password(Some(self.string()?))
            }
            Keyword::Unencrypted => {
                self.advance();
                self.expect(Keyword::Password)?;
                self.string()?;
                let error = err!(FEATURE_NOT_SUPPORTED, "UNENCRYPTED PASSWORD is no longer supported");
                let hint = "Remove UNENCRYPTED to store the password in encrypted form instead.";
                return Err(error.hint(hint).at(start as usize));
            }
            Keyword::Sysid | Keyword::Admin | Keyword::Role | Keyword::In if create => {
                self.advance();
                self.role_option(keyword)?
            }
            Keyword::NotAKeyword if names::is_col_id(self.peek()) => {
                let word = self.take_ident()?;
                option_of_word(word.as_str()).ok_or_else(|| {
                    self.error_at(word.span, format!("unrecognized role option \"{}\"", word.as_str()))
                })?
            }
            _ => return Ok(None),
        };
        Ok(Some(RoleOption { kind, span: self.span_from(start) }))
    }

    /// Behind the word that begins an option.
    fn role_option(&mut self, keyword: Keyword) -> Result<RoleOptionKind> {
        Ok(match keyword {
            Keyword::Password => RoleOptionKind::Password(self.string_or_null()?),
            Keyword::Inherit => RoleOptionKind::Inherit(true),
            Keyword::Connection => {
                self.expect(Keyword::Limit)?;
                RoleOptionKind::ConnectionLimit(self.signed_integer()?)
            }
            Keyword::Valid => {
                self.expect(Keyword::Until)?;
                RoleOptionKind::ValidUntil(self.string()?)
            }
            Keyword::Sysid => RoleOptionKind::SysId(self.integer()?),
            Keyword::Admin => RoleOptionKind::AdminMembers(self.role_list()?),
            Keyword::In => {
                if !self.accept(Keyword::Group) {
                    self.expect(Keyword::Role)?;
                }
                RoleOptionKind::InRole(self.role_list()?)
            }
            // ROLE and USER.
            _ => RoleOptionKind::Members(self.role_list()?),
        })
    }

    /// At `ROLE`, `USER` or `GROUP` behind `ALTER`.
    pub(super) fn alter_role(&mut self) -> Result<Statement> {
        let kind = self.role_statement_kind();
        if kind != RoleStatementKind::Group && self.accept(Keyword::All) {
            return self.alter_role_set(None);
        }
        let before = self.checkpoint();
        let role = self.role_spec()?;
        if self.at(Keyword::Rename) {
            self.rewind(before);
            return self.rename_role();
        }
        if kind == RoleStatementKind::Group {
            let add = self.accept(Keyword::Add);
            if !add {
                self.expect(Keyword::Drop)?;
            }
            self.expect(Keyword::User)?;
            let members = self.role_list()?;
            let action = if add {
                AlterRoleAction::AddMembers(members)
            } else {
                AlterRoleAction::DropMembers(members)
            };
            return Ok(Statement::AlterRole(AlterRoleStatement { kind, role, action }));
        }
        if self.at_any(&[Keyword::In, Keyword::Set, Keyword::Reset]) {
            return self.alter_role_set(Some(role));
        }
        self.accept(Keyword::With);
        let mut options = Vec::new();
        while let Some(option) = self.opt_role_option(false)? {
            options.push(option);
        }
        let action = AlterRoleAction::Options(options);
        Ok(Statement::AlterRole(AlterRoleStatement { kind, role, action }))
    }

    fn rename_role(&mut self) -> Result<Statement> {
        let role: Ident = self.role_id()?;
        self.expect_all(&[Keyword::Rename, Keyword::To])?;
        let new_name = self.role_id()?;
        Ok(rename(RenameTarget::Object(named(ObjectKind::Role, role)), new_name, false))
    }

    /// `[IN DATABASE name] SET|RESET`.
    fn alter_role_set(&mut self, role: Option<RoleSpec>) -> Result<Statement> {
        let mut database = None;
        if self.accept(Keyword::In) {
            self.expect(Keyword::Database)?;
            database = Some(self.col_id()?);
        }
        let set = self.set_reset_clause()?;
        Ok(Statement::AlterRoleSet(Box::new(AlterRoleSetStatement { role, database, set })))
    }

    /// `REASSIGN OWNED`.
    pub(super) fn reassign_statement(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::Reassign, Keyword::Owned, Keyword::By])?;
        let roles = self.role_list()?;
        self.expect(Keyword::To)?;
        let new_role = self.role_spec()?;
        Ok(Statement::ReassignOwned(ReassignOwnedStatement { roles, new_role }))
    }
}
