//! Roles, privileges, policies.

use super::Printer;
use crate::ast::{
    AlterDefaultPrivilegesStatement, AlterPolicyStatement, AlterRoleAction, AlterRoleSetStatement,
    AlterRoleStatement, CreatePolicyStatement, CreateRoleStatement, DefValue, DefaultPrivilegesOption, Expr,
    GrantRoleStatement, GrantStatement, GrantTarget, ObjectKind, PolicyCommand, Privilege,
    ReassignOwnedStatement, RoleOption, RoleOptionKind, RoleStatementKind,
};

fn role_word(kind: RoleStatementKind) -> &'static str {
    match kind {
        RoleStatementKind::Role => "ROLE ",
        RoleStatementKind::User => "USER ",
        RoleStatementKind::Group => "GROUP ",
    }
}

/// The word for all objects of a kind.
fn plural(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Sequence => "SEQUENCES",
        ObjectKind::Function => "FUNCTIONS",
        ObjectKind::Procedure => "PROCEDURES",
        ObjectKind::Routine => "ROUTINES",
        ObjectKind::Type => "TYPES",
        ObjectKind::Schema => "SCHEMAS",
        ObjectKind::LargeObject => "LARGE OBJECTS",
        _ => "TABLES",
    }
}

impl Printer {
    pub(super) fn create_role(&mut self, create: &CreateRoleStatement) {
        self.text("CREATE ");
        self.text(role_word(create.kind));
        self.ident(&create.name);
        self.role_options(&create.options);
    }

    fn role_options(&mut self, options: &[RoleOption]) {
        for option in options {
            self.text(" ");
            self.role_option(&option.kind);
        }
    }

    fn role_option(&mut self, option: &RoleOptionKind) {
        use RoleOptionKind as Kind;
        let (word, value) = match option {
            Kind::Superuser(value) => ("SUPERUSER", *value),
            Kind::Inherit(value) => ("INHERIT", *value),
            Kind::CreateRole(value) => ("CREATEROLE", *value),
            Kind::CreateDb(value) => ("CREATEDB", *value),
            Kind::Login(value) => ("LOGIN", *value),
            Kind::Replication(value) => ("REPLICATION", *value),
            Kind::BypassRls(value) => ("BYPASSRLS", *value),
            Kind::Password(password) => {
                self.text("PASSWORD ");
                return self.string_or_null(password.as_deref());
            }
            Kind::ConnectionLimit(limit) => return self.display(format_args!("CONNECTION LIMIT {limit}")),
            Kind::ValidUntil(until) => {
                self.text("VALID UNTIL ");
                return self.string(until);
            }
            Kind::SysId(id) => return self.display(format_args!("SYSID {id}")),
            Kind::Members(roles) => {
                self.text("USER ");
                return self.list(roles, Self::role);
            }
            Kind::AdminMembers(roles) => {
                self.text("ADMIN ");
                return self.list(roles, Self::role);
            }
            Kind::InRole(roles) => {
                self.text("IN ROLE ");
                return self.list(roles, Self::role);
            }
        };
        self.text_if(!value, "NO");
        self.text(word);
    }

    pub(super) fn alter_role(&mut self, alter: &AlterRoleStatement) {
        self.text("ALTER ");
        self.text(role_word(alter.kind));
        self.role(&alter.role);
        match &alter.action {
            AlterRoleAction::Options(options) => self.role_options(options),
            AlterRoleAction::AddMembers(roles) => {
                self.text(" ADD USER ");
                self.list(roles, Self::role);
            }
            AlterRoleAction::DropMembers(roles) => {
                self.text(" DROP USER ");
                self.list(roles, Self::role);
            }
        }
    }

    pub(super) fn alter_role_set(&mut self, alter: &AlterRoleSetStatement) {
        self.text("ALTER ROLE ");
        match &alter.role {
            Some(role) => self.role(role),
            None => self.text("ALL"),
        }
        self.optional(" IN DATABASE ", alter.database.as_ref(), Self::ident);
        self.text(" ");
        self.set(&alter.set);
    }

    pub(super) fn reassign_owned(&mut self, reassign: &ReassignOwnedStatement) {
        self.text("REASSIGN OWNED BY ");
        self.list(&reassign.roles, Self::role);
        self.text(" TO ");
        self.role(&reassign.new_role);
    }

    // ---- privileges ----

    fn privilege(&mut self, privilege: &Privilege) {
        match privilege.name.as_ref().map(|name| name.as_str()) {
            None => self.text("ALL"),
            Some("select") => self.text("SELECT"),
            Some("references") => self.text("REFERENCES"),
            Some("create") => self.text("CREATE"),
            Some("alter system") => self.text("ALTER SYSTEM"),
            Some(name @ ("insert" | "update" | "delete" | "truncate" | "trigger" | "execute" | "set")) => {
                self.text(&name.to_uppercase());
            }
            Some(name) => self.word(name),
        }
        self.opt_paren_list(&privilege.columns, Self::ident);
    }

    pub(super) fn grant(&mut self, grant: &GrantStatement) {
        self.text(if grant.grant { "GRANT " } else { "REVOKE " });
        self.text_if(!grant.grant && grant.grant_option, "GRANT OPTION FOR ");
        self.text_if(grant.privileges.is_empty(), "ALL");
        self.list(&grant.privileges, Self::privilege);
        self.text(" ON ");
        self.grant_target(&grant.target);
        self.text(if grant.grant { " TO " } else { " FROM " });
        self.list(&grant.grantees, Self::role);
        self.text_if(grant.grant && grant.grant_option, " WITH GRANT OPTION");
        self.optional(" GRANTED BY ", grant.grantor.as_ref(), Self::role);
        self.drop_behavior(grant.behavior);
    }

    fn grant_target(&mut self, target: &GrantTarget) {
        let (words, names) = match target {
            GrantTarget::Tables(names) => ("TABLE ", names),
            GrantTarget::Sequences(names) => ("SEQUENCE ", names),
            GrantTarget::Domains(names) => ("DOMAIN ", names),
            GrantTarget::Parameters(names) => ("PARAMETER ", names),
            GrantTarget::Types(names) => ("TYPE ", names),
            _ => return self.unqualified_grant_target(target),
        };
        self.text(words);
        self.list(names, Self::name);
    }

    fn unqualified_grant_target(&mut self, target: &GrantTarget) {
        let (words, names) = match target {
            GrantTarget::ForeignDataWrappers(names) => ("FOREIGN DATA WRAPPER ", names),
            GrantTarget::ForeignServers(names) => ("FOREIGN SERVER ", names),
            GrantTarget::Databases(names) => ("DATABASE ", names),
            GrantTarget::Languages(names) => ("LANGUAGE ", names),
            GrantTarget::Schemas(names) => ("SCHEMA ", names),
            GrantTarget::Tablespaces(names) => ("TABLESPACE ", names),
            GrantTarget::Routines(kind, routines) => {
                self.object_kind(*kind);
                self.text(" ");
                return self.list(routines, Self::signature);
            }
            GrantTarget::LargeObjects(numbers) => {
                self.text("LARGE OBJECT ");
                return self.list(numbers, Self::number);
            }
            GrantTarget::AllInSchema(kind, schemas) => {
                self.display(format_args!("ALL {} IN SCHEMA ", plural(*kind)));
                return self.list(schemas, Self::ident);
            }
            GrantTarget::Defaults(kind) => return self.text(plural(*kind)),
            _ => return,
        };
        self.text(words);
        self.list(names, Self::ident);
    }

    pub(super) fn grant_role(&mut self, grant: &GrantRoleStatement) {
        self.text(if grant.grant { "GRANT " } else { "REVOKE " });
        if !grant.grant {
            for option in &grant.options {
                self.ident(&option.name);
                self.text(" OPTION FOR ");
            }
        }
        self.list(&grant.roles, Self::privilege);
        self.text(if grant.grant { " TO " } else { " FROM " });
        self.list(&grant.grantees, Self::role);
        if grant.grant && !grant.options.is_empty() {
            self.text(" WITH ");
            self.list(&grant.options, |p, option| {
                p.ident(&option.name);
                p.text(if option.value == Some(DefValue::Boolean(true)) { " TRUE" } else { " FALSE" });
            });
        }
        self.optional(" GRANTED BY ", grant.grantor.as_ref(), Self::role);
        self.drop_behavior(grant.behavior);
    }

    pub(super) fn alter_default_privileges(&mut self, alter: &AlterDefaultPrivilegesStatement) {
        self.text("ALTER DEFAULT PRIVILEGES ");
        for option in &alter.options {
            match option {
                DefaultPrivilegesOption::Schemas(schemas, _) => {
                    self.text("IN SCHEMA ");
                    self.list(schemas, Self::ident);
                }
                DefaultPrivilegesOption::Roles(roles, _) => {
                    self.text("FOR ROLE ");
                    self.list(roles, Self::role);
                }
            }
            self.text(" ");
        }
        self.grant(&alter.action);
    }

    // ---- policies ----

    pub(super) fn create_policy(&mut self, create: &CreatePolicyStatement) {
        self.text("CREATE POLICY ");
        self.ident(&create.name);
        self.text(" ON ");
        self.name(&create.relation);
        self.text_if(!create.permissive, " AS RESTRICTIVE");
        self.text(match create.command {
            PolicyCommand::All => "",
            PolicyCommand::Select => " FOR SELECT",
            PolicyCommand::Insert => " FOR INSERT",
            PolicyCommand::Update => " FOR UPDATE",
            PolicyCommand::Delete => " FOR DELETE",
        });
        self.text(" TO ");
        self.list(&create.roles, Self::role);
        self.policy_expressions(create.using.as_ref(), create.with_check.as_ref());
    }

    pub(super) fn alter_policy(&mut self, alter: &AlterPolicyStatement) {
        self.text("ALTER POLICY ");
        self.ident(&alter.name);
        self.text(" ON ");
        self.name(&alter.relation);
        self.optional(" TO ", alter.roles.as_ref(), |p, roles| p.list(roles, Self::role));
        self.policy_expressions(alter.using.as_ref(), alter.with_check.as_ref());
    }

    fn policy_expressions(&mut self, using: Option<&Expr>, with_check: Option<&Expr>) {
        self.optional(" USING ", using, Self::paren_expr);
        self.optional(" WITH CHECK ", with_check, Self::paren_expr);
    }
}
