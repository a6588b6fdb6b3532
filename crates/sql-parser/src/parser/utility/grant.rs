//! `GRANT`, `REVOKE` and `ALTER DEFAULT PRIVILEGES`.

use crate::ast::{
    AlterDefaultPrivilegesStatement, DefElem, DefValue, DefaultPrivilegesOption, DropBehavior,
    GrantRoleStatement, GrantStatement, GrantTarget, Ident, ObjectKind, Privilege, QualifiedName, RoleSpec,
    Statement,
};
use crate::lexer::Keyword;
use crate::parser::{Parser, ident, names};
use pglitedb_sqlstate::Result;

/// What `GRANT` and `REVOKE` begin with.
enum Privileges {
    /// `ALL`, with columns or without: never roles.
    All(Vec<Privilege>),
    /// Words that are privileges or roles.
    List(Vec<Privilege>),
}

impl Parser<'_> {
    /// `privileges`.
    fn privileges(&mut self) -> Result<Privileges> {
        if !self.accept(Keyword::All) {
            return Ok(Privileges::List(self.comma_list(Self::privilege)?));
        }
        self.accept(Keyword::Privileges);
        let columns = self.opt_column_list()?;
        let list = if columns.is_empty() { Vec::new() } else { vec![Privilege { name: None, columns }] };
        Ok(Privileges::All(list))
    }

    fn privilege(&mut self) -> Result<Privilege> {
        let start = self.start();
        if self.accept_pair(Keyword::Alter, Keyword::System) {
            let name = Some(ident("alter system", self.span_from(start)));
            return Ok(Privilege { name, columns: Vec::new() });
        }
        let word = self.at_any(&[Keyword::Select, Keyword::References, Keyword::Create]);
        let name = if word { self.take_ident()? } else { self.col_id()? };
        Ok(Privilege { name: Some(name), columns: self.opt_column_list()? })
    }

    /// `grantee_list`.
    fn grantees(&mut self) -> Result<Vec<RoleSpec>> {
        self.comma_list(|p| {
            p.accept(Keyword::Group);
            p.role_spec()
        })
    }

    /// `opt_granted_by`.
    fn opt_granted_by(&mut self) -> Result<Option<RoleSpec>> {
        if !self.accept(Keyword::Granted) {
            return Ok(None);
        }
        self.expect(Keyword::By)?;
        self.role_spec().map(Some)
    }

    fn opt_with_grant_option(&mut self) -> Result<bool> {
        let found = self.accept(Keyword::With);
        if found {
            self.expect_all(&[Keyword::Grant, Keyword::Option])?;
        }
        Ok(found)
    }

    /// `GRANT`.
    pub(super) fn grant_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Grant)?;
        let roles = match self.privileges()? {
            Privileges::List(roles) if self.at(Keyword::To) => roles,
            Privileges::All(privileges) | Privileges::List(privileges) => {
                self.expect(Keyword::On)?;
                let target = self.privilege_target()?;
                self.expect(Keyword::To)?;
                let grantees = self.grantees()?;
                let grant_option = self.opt_with_grant_option()?;
                let grantor = self.opt_granted_by()?;
                return Ok(Statement::Grant(Box::new(GrantStatement {
                    grant: true,
                    privileges,
                    target,
                    grantees,
                    grant_option,
                    grantor,
                    behavior: DropBehavior::Restrict,
                })));
            }
        };
        self.expect(Keyword::To)?;
        let grantees = self.role_list()?;
        let options =
            if self.accept(Keyword::With) { self.comma_list(Self::grant_role_option)? } else { Vec::new() };
        let grantor = self.opt_granted_by()?;
        Ok(Statement::GrantRole(Box::new(GrantRoleStatement {
            grant: true,
            roles,
            grantees,
            options,
            grantor,
            behavior: DropBehavior::Restrict,
        })))
    }

    /// `grant_role_opt`.
    fn grant_role_option(&mut self) -> Result<DefElem> {
        let name = self.col_label()?;
        let value = match self.keyword() {
            Keyword::Option | Keyword::True => true,
            Keyword::False => false,
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(self.def_elem(name, Some(DefValue::Boolean(value))))
    }

    /// `REVOKE`.
    pub(super) fn revoke_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Revoke)?;
        let grant_option = self.accept_grant_option_for()?;
        if !grant_option && names::is_col_id(self.peek()) && self.next_keyword() == Keyword::Option {
            let name = self.col_id()?;
            self.expect_all(&[Keyword::Option, Keyword::For])?;
            let option = self.def_elem(name, Some(DefValue::Boolean(false)));
            let roles = self.comma_list(Self::privilege)?;
            return self.revoke_roles(roles, vec![option]);
        }
        match self.privileges()? {
            Privileges::List(roles) if !grant_option && self.at(Keyword::From) => {
                self.revoke_roles(roles, Vec::new())
            }
            Privileges::All(privileges) | Privileges::List(privileges) => {
                self.expect(Keyword::On)?;
                let target = self.privilege_target()?;
                self.expect(Keyword::From)?;
                let grantees = self.grantees()?;
                let grantor = self.opt_granted_by()?;
                let behavior = self.opt_drop_behavior();
                Ok(Statement::Grant(Box::new(GrantStatement {
                    grant: false,
                    privileges,
                    target,
                    grantees,
                    grant_option,
                    grantor,
                    behavior,
                })))
            }
        }
    }

    /// `GRANT OPTION FOR`.
    fn accept_grant_option_for(&mut self) -> Result<bool> {
        let found = self.accept(Keyword::Grant);
        if found {
            self.expect_all(&[Keyword::Option, Keyword::For])?;
        }
        Ok(found)
    }

    fn revoke_roles(&mut self, roles: Vec<Privilege>, options: Vec<DefElem>) -> Result<Statement> {
        self.expect(Keyword::From)?;
        let grantees = self.role_list()?;
        let grantor = self.opt_granted_by()?;
        let behavior = self.opt_drop_behavior();
        let statement = GrantRoleStatement { grant: false, roles, grantees, options, grantor, behavior };
        Ok(Statement::GrantRole(Box::new(statement)))
    }

    /// `privilege_target`.
    fn privilege_target(&mut self) -> Result<GrantTarget> {
        match self.keyword() {
            Keyword::All => return self.all_in_schema(),
            Keyword::Table => {
                self.advance();
                return Ok(GrantTarget::Tables(self.qualified_name_list()?));
            }
            Keyword::Foreign => {
                self.advance();
                if self.accept(Keyword::Server) {
                    return Ok(GrantTarget::ForeignServers(self.name_list()?));
                }
                self.expect_all(&[Keyword::Data, Keyword::Wrapper])?;
                return Ok(GrantTarget::ForeignDataWrappers(self.name_list()?));
            }
            _ => {}
        }
        let next = self.peek_next();
        // The other words may name a table too: then no name follows.
        if !names::is_col_id(next) && !names::is_type_function_name(next) {
            return Ok(GrantTarget::Tables(self.qualified_name_list()?));
        }
        let word = self.keyword();
        let kind = match word {
            Keyword::Function => ObjectKind::Function,
            Keyword::Procedure => ObjectKind::Procedure,
            Keyword::Routine => ObjectKind::Routine,
            Keyword::Large => {
                self.advance();
                self.expect(Keyword::Object)?;
                return Ok(GrantTarget::LargeObjects(self.comma_list(Self::numeric_only)?));
            }
            Keyword::Sequence
            | Keyword::Database
            | Keyword::Domain
            | Keyword::Language
            | Keyword::Parameter
            | Keyword::Schema
            | Keyword::Tablespace
            | Keyword::Type => {
                self.advance();
                return self.named_privilege_target(word);
            }
            _ => return Ok(GrantTarget::Tables(self.qualified_name_list()?)),
        };
        self.advance();
        Ok(GrantTarget::Routines(kind, self.routine_signatures()?))
    }

    /// Behind the word for what has nothing but a name.
    fn named_privilege_target(&mut self, word: Keyword) -> Result<GrantTarget> {
        Ok(match word {
            Keyword::Sequence => GrantTarget::Sequences(self.qualified_name_list()?),
            Keyword::Database => GrantTarget::Databases(self.name_list()?),
            Keyword::Domain => GrantTarget::Domains(self.any_name_list()?),
            Keyword::Language => GrantTarget::Languages(self.name_list()?),
            Keyword::Parameter => GrantTarget::Parameters(self.comma_list(Self::parameter_name)?),
            Keyword::Schema => GrantTarget::Schemas(self.name_list()?),
            Keyword::Tablespace => GrantTarget::Tablespaces(self.name_list()?),
            _ => GrantTarget::Types(self.any_name_list()?),
        })
    }

    /// `parameter_name`: a setting's name.
    fn parameter_name(&mut self) -> Result<QualifiedName> {
        let mut parts: Vec<Ident> = vec![self.col_id()?];
        while self.accept_char(b'.') {
            parts.push(self.col_id()?);
        }
        Ok(QualifiedName { parts })
    }

    fn all_in_schema(&mut self) -> Result<GrantTarget> {
        self.expect(Keyword::All)?;
        let kind = match self.keyword() {
            Keyword::Tables => ObjectKind::Table,
            Keyword::Sequences => ObjectKind::Sequence,
            Keyword::Functions => ObjectKind::Function,
            Keyword::Procedures => ObjectKind::Procedure,
            Keyword::Routines => ObjectKind::Routine,
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        self.expect_all(&[Keyword::In, Keyword::Schema])?;
        Ok(GrantTarget::AllInSchema(kind, self.name_list()?))
    }

    // ---- default privileges ----

    /// Behind `ALTER`, at `DEFAULT PRIVILEGES`.
    pub(super) fn alter_default_privileges(&mut self) -> Result<Statement> {
        self.expect_all(&[Keyword::Default, Keyword::Privileges])?;
        let mut options = Vec::new();
        loop {
            let start = self.start();
            if self.accept(Keyword::In) {
                self.expect(Keyword::Schema)?;
                let schemas = self.name_list()?;
                options.push(DefaultPrivilegesOption::Schemas(schemas, self.span_from(start)));
            } else if self.accept(Keyword::For) {
                if !self.accept(Keyword::User) {
                    self.expect(Keyword::Role)?;
                }
                let roles = self.role_list()?;
                options.push(DefaultPrivilegesOption::Roles(roles, self.span_from(start)));
            } else {
                break;
            }
        }
        let action = self.default_privileges_action()?;
        let statement = AlterDefaultPrivilegesStatement { options, action };
        Ok(Statement::AlterDefaultPrivileges(Box::new(statement)))
    }

    /// `DefACLAction`.
    fn default_privileges_action(&mut self) -> Result<GrantStatement> {
        let grant = self.accept(Keyword::Grant);
        let mut grant_option = false;
        if !grant {
            self.expect(Keyword::Revoke)?;
            grant_option = self.accept_grant_option_for()?;
        }
        let (Privileges::All(privileges) | Privileges::List(privileges)) = self.privileges()?;
        self.expect(Keyword::On)?;
        let target = self.default_privileges_target()?;
        self.expect(if grant { Keyword::To } else { Keyword::From })?;
        let grantees = self.grantees()?;
        let mut behavior = DropBehavior::Restrict;
        if grant {
            grant_option = self.opt_with_grant_option()?;
        } else {
            behavior = self.opt_drop_behavior();
        }
        Ok(GrantStatement { grant, privileges, target, grantees, grant_option, grantor: None, behavior })
    }

    /// `defacl_privilege_target`.
    fn default_privileges_target(&mut self) -> Result<GrantTarget> {
        let kind = match self.keyword() {
            Keyword::Tables => ObjectKind::Table,
            Keyword::Functions | Keyword::Routines => ObjectKind::Function,
            Keyword::Sequences => ObjectKind::Sequence,
            Keyword::Types => ObjectKind::Type,
            Keyword::Schemas => ObjectKind::Schema,
            Keyword::Large => {
                self.advance();
                self.expect(Keyword::Objects)?;
                return Ok(GrantTarget::Defaults(ObjectKind::LargeObject));
            }
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(GrantTarget::Defaults(kind))
    }
}
