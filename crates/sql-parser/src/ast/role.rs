//! Roles, privileges, policies.

use super::{
    DefElem, DropBehavior, Expr, Ident, NumericOnly, QualifiedName, RoleSpec, RoutineSignature, SetStatement,
    Span,
};

/// Which word created a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleStatementKind {
    /// `ROLE`.
    Role,
    /// `USER`: may log in.
    User,
    /// `GROUP`.
    Group,
}

/// `CREATE ROLE`, `USER`, `GROUP`. Options are named as PostgreSQL's parser names them: `superuser`, `inherit`,
/// `createrole`, `createdb`, `canlogin`, `isreplication`, `bypassrls` (booleans), `password`, `connectionlimit`,
/// `validUntil`, `sysid`, `rolemembers`, `adminmembers`, `addroleto`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateRoleStatement {
    /// Which word.
    pub kind: RoleStatementKind,
    /// The role; `public` and `none` are rejected by the grammar.
    pub name: Ident,
    /// The options.
    pub options: Vec<RoleOption>,
}

/// An option of a role.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleOption {
    /// Which one.
    pub kind: RoleOptionKind,
    /// Where it stands.
    pub span: Span,
}

/// Options of roles.
#[derive(Clone, Debug, PartialEq)]
pub enum RoleOptionKind {
    /// `[NO]SUPERUSER`.
    Superuser(bool),
    /// `[NO]INHERIT`.
    Inherit(bool),
    /// `[NO]CREATEROLE`.
    CreateRole(bool),
    /// `[NO]CREATEDB`.
    CreateDb(bool),
    /// `[NO]LOGIN`.
    Login(bool),
    /// `[NO]REPLICATION`.
    Replication(bool),
    /// `[NO]BYPASSRLS`.
    BypassRls(bool),
    /// `PASSWORD 'text'` or `PASSWORD NULL`.
    Password(Option<Box<str>>),
    /// `CONNECTION LIMIT n`.
    ConnectionLimit(i32),
    /// `VALID UNTIL 'text'`.
    ValidUntil(Box<str>),
    /// `SYSID n`.
    SysId(i32),
    /// `ROLE`/`USER` members; also `ALTER GROUP ADD|DROP USER`.
    Members(Vec<RoleSpec>),
    /// `ADMIN` members.
    AdminMembers(Vec<RoleSpec>),
    /// `IN ROLE` / `IN GROUP`.
    InRole(Vec<RoleSpec>),
}

/// `ALTER ROLE ... options`, `ALTER GROUP ... ADD|DROP USER`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterRoleStatement {
    /// Which word.
    pub kind: RoleStatementKind,
    /// The role.
    pub role: RoleSpec,
    /// What changes.
    pub action: AlterRoleAction,
}

/// Changes of a role.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterRoleAction {
    /// Options.
    Options(Vec<RoleOption>),
    /// `ADD USER`.
    AddMembers(Vec<RoleSpec>),
    /// `DROP USER`.
    DropMembers(Vec<RoleSpec>),
}

/// `ALTER ROLE ... [IN DATABASE name] SET|RESET`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterRoleSetStatement {
    /// The role; `None` for `ALL`.
    pub role: Option<RoleSpec>,
    /// `IN DATABASE`.
    pub database: Option<Ident>,
    /// `SET` or `RESET`.
    pub set: SetStatement,
}

/// `DROP ROLE`, `USER`, `GROUP`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropRoleStatement {
    /// The roles.
    pub roles: Vec<RoleSpec>,
    /// `IF EXISTS`.
    pub if_exists: bool,
}

/// `GRANT role TO role` and `REVOKE role FROM role`.
#[derive(Clone, Debug, PartialEq)]
pub struct GrantRoleStatement {
    /// `GRANT`, not `REVOKE`.
    pub grant: bool,
    /// The granted roles, as the grammar takes them: names that could be privileges.
    pub roles: Vec<Privilege>,
    /// To or from whom.
    pub grantees: Vec<RoleSpec>,
    /// `WITH option value`, or `option OPTION FOR` of `REVOKE`.
    pub options: Vec<DefElem>,
    /// `GRANTED BY`.
    pub grantor: Option<RoleSpec>,
    /// `CASCADE` or `RESTRICT`.
    pub behavior: DropBehavior,
}

/// `GRANT privileges ON ...` and `REVOKE privileges ON ...`.
#[derive(Clone, Debug, PartialEq)]
pub struct GrantStatement {
    /// `GRANT`, not `REVOKE`.
    pub grant: bool,
    /// The privileges; empty for `ALL`.
    pub privileges: Vec<Privilege>,
    /// On what.
    pub target: GrantTarget,
    /// To or from whom.
    pub grantees: Vec<RoleSpec>,
    /// `WITH GRANT OPTION` or `GRANT OPTION FOR`.
    pub grant_option: bool,
    /// `GRANTED BY`.
    pub grantor: Option<RoleSpec>,
    /// `CASCADE` or `RESTRICT`.
    pub behavior: DropBehavior,
}

/// A privilege: `SELECT (a, b)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Privilege {
    /// Its lower-case name; `None` for `ALL (columns)`.
    pub name: Option<Ident>,
    /// The columns.
    pub columns: Vec<Ident>,
}

/// What privileges are granted on.
#[derive(Clone, Debug, PartialEq)]
pub enum GrantTarget {
    /// `[TABLE] names`.
    Tables(Vec<QualifiedName>),
    /// `SEQUENCE names`.
    Sequences(Vec<QualifiedName>),
    /// `FOREIGN DATA WRAPPER names`.
    ForeignDataWrappers(Vec<Ident>),
    /// `FOREIGN SERVER names`.
    ForeignServers(Vec<Ident>),
    /// `FUNCTION`, `PROCEDURE`, `ROUTINE`: the kind, then the routines.
    Routines(super::ObjectKind, Vec<RoutineSignature>),
    /// `DATABASE names`.
    Databases(Vec<Ident>),
    /// `DOMAIN names`.
    Domains(Vec<QualifiedName>),
    /// `LANGUAGE names`.
    Languages(Vec<Ident>),
    /// `LARGE OBJECT numbers`.
    LargeObjects(Vec<NumericOnly>),
    /// `PARAMETER names`.
    Parameters(Vec<QualifiedName>),
    /// `SCHEMA names`.
    Schemas(Vec<Ident>),
    /// `TABLESPACE names`.
    Tablespaces(Vec<Ident>),
    /// `TYPE names`.
    Types(Vec<QualifiedName>),
    /// `ALL TABLES IN SCHEMA names`, and for sequences, functions, procedures, routines.
    AllInSchema(super::ObjectKind, Vec<Ident>),
    /// `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES`, `SCHEMAS`, `LARGE OBJECTS` of `ALTER DEFAULT PRIVILEGES`.
    Defaults(super::ObjectKind),
}

/// `ALTER DEFAULT PRIVILEGES`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterDefaultPrivilegesStatement {
    /// `IN SCHEMA` and `FOR ROLE` in order, as written.
    pub options: Vec<DefaultPrivilegesOption>,
    /// What is granted or revoked, on [`GrantTarget::Defaults`].
    pub action: GrantStatement,
}

/// Scope of default privileges.
#[derive(Clone, Debug, PartialEq)]
pub enum DefaultPrivilegesOption {
    /// `IN SCHEMA names`.
    Schemas(Vec<Ident>, Span),
    /// `FOR ROLE names`.
    Roles(Vec<RoleSpec>, Span),
}

/// `REASSIGN OWNED`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReassignOwnedStatement {
    /// From whom.
    pub roles: Vec<RoleSpec>,
    /// To whom.
    pub new_role: RoleSpec,
}

/// `DROP OWNED`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropOwnedStatement {
    /// Whose.
    pub roles: Vec<RoleSpec>,
    /// `CASCADE` or `RESTRICT`.
    pub behavior: DropBehavior,
}

/// `CREATE POLICY`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePolicyStatement {
    /// The policy.
    pub name: Ident,
    /// The table.
    pub relation: QualifiedName,
    /// `AS PERMISSIVE` (true, the default) or `RESTRICTIVE`.
    pub permissive: bool,
    /// `FOR`.
    pub command: PolicyCommand,
    /// `TO`; `PUBLIC` if not written.
    pub roles: Vec<RoleSpec>,
    /// `USING`.
    pub using: Option<Expr>,
    /// `WITH CHECK`.
    pub with_check: Option<Expr>,
}

/// What a policy is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PolicyCommand {
    #[default]
    All,
    Select,
    Insert,
    Update,
    Delete,
}

/// `ALTER POLICY`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPolicyStatement {
    /// The policy.
    pub name: Ident,
    /// The table.
    pub relation: QualifiedName,
    /// `TO`.
    pub roles: Option<Vec<RoleSpec>>,
    /// `USING`.
    pub using: Option<Expr>,
    /// `WITH CHECK`.
    pub with_check: Option<Expr>,
}
