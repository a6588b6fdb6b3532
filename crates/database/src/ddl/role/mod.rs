//! Roles: CREATE, ALTER, DROP, membership, settings, REASSIGN and DROP OWNED.

mod alter;
mod create;
mod drop;
mod membership;
mod owned;
mod settings;

pub use alter::{alter, rename};
pub use create::create;
pub use drop::drop;
pub use membership::grant;
pub use owned::{drop_owned, reassign_owned};
pub(super) use settings::forget_database as forget_database_settings;
pub(crate) use settings::stored_settings;
pub use settings::{alter_database_set, alter_role_set};

use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::{pg_auth_members, pg_authid};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{RoleOption, RoleOptionKind, RoleSpec};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_types::{Datum, Oid, oids};

/// The role that a clause names; `42704` if there is none.
pub fn role_oid(spec: &RoleSpec, ctx: &StatementCtx<'_>) -> Result<Oid> {
    ctx.env().role_of_spec(spec).map_err(|mut error| {
        error.fields_mut().position = None;
        error
    })
}

/// A role's row.
pub(super) fn role_row(oid: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<Datum>> {
    super::object::object_row(pglitedb_tables::system::ObjectAddress::new(pg_authid::RELATION, oid), ctx)
}

/// Name of a role.
pub(super) fn name_of(oid: Oid, ctx: &StatementCtx<'_>) -> Result<String> {
    Ok(ctx.env().user_name(oid)?.map_or_else(|| oid.to_string(), |name| name.to_string()))
}

/// An attribute (`rolcreaterole`, ...) of the current user; superusers have all.
pub(super) fn user_has(attribute: usize, ctx: &StatementCtx<'_>) -> Result<bool> {
    if ctx.env().is_superuser() {
        return Ok(true);
    }
    let row = role_row(ctx.env().current_user(), ctx)?;
    Ok(row.get(attribute).and_then(Datum::as_bool).unwrap_or(false))
}

/// May the current user administer a role: superuser, or CREATEROLE with ADMIN on it?
pub(super) fn may_administer(role: Oid, ctx: &StatementCtx<'_>) -> Result<bool> {
    if ctx.env().is_superuser() {
        return Ok(true);
    }
    Ok(user_has(pg_authid::ROLCREATEROLE, ctx)? && has_admin(ctx.env().current_user(), role, ctx)?)
}

/// Has a role (or one it is a member of) ADMIN OPTION on another?
pub(super) fn has_admin(member: Oid, role: Oid, ctx: &StatementCtx<'_>) -> Result<bool> {
    /// `pg_auth_members_role_member_index`
    const BY_ROLE: Oid = 2694;
    let rows = ctx.env().with_catalog(|catalog| {
        catalog.rows_by_index(pg_auth_members::RELATION, BY_ROLE, &[Datum::Oid(role)])
    })?;
    for row in rows {
        let admin = row.get(pg_auth_members::ADMIN_OPTION).and_then(Datum::as_bool) == Some(true);
        let holder = row.get(pg_auth_members::MEMBER).and_then(Datum::as_oid).unwrap_or(0);
        if admin && ctx.env().is_member(member, holder)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What options say of a role, by column of `pg_authid`.
#[derive(Default)]
pub(super) struct Attributes {
    pub flags: Vec<(usize, bool)>,
    pub connection_limit: Option<i32>,
    pub password: Option<Option<String>>,
    pub valid_until: Option<Datum>,
    pub members: Vec<Oid>,
    pub admins: Vec<Oid>,
    pub in_roles: Vec<Oid>,
}

impl Attributes {
    pub fn flag(&self, column: usize) -> Option<bool> {
        self.flags.iter().find(|(known, _)| *known == column).map(|(_, value)| *value)
    }
}

/// Reads options; a repeated one is `42601`.
pub(super) fn read_options(options: &[RoleOption], role: &str, ctx: &StatementCtx<'_>) -> Result<Attributes> {
    let mut found = Attributes::default();
    let mut seen: Vec<std::mem::Discriminant<RoleOptionKind>> = Vec::new();
    let all = |specs: &[RoleSpec]| specs.iter().map(|spec| role_oid(spec, ctx)).collect::<Result<Vec<_>>>();
    for option in options {
        let which = std::mem::discriminant(&option.kind);
        if seen.contains(&which) {
            return Err(err!(SYNTAX_ERROR, "conflicting or redundant options").at(option.span.offset()));
        }
        seen.push(which);
        let mut flag = |column: usize, value: bool| found.flags.push((column, value));
        match &option.kind {
            RoleOptionKind::Superuser(value) => flag(pg_authid::ROLSUPER, *value),
            RoleOptionKind::Inherit(value) => flag(pg_authid::ROLINHERIT, *value),
            RoleOptionKind::CreateRole(value) => flag(pg_authid::ROLCREATEROLE, *value),
            RoleOptionKind::CreateDb(value) => flag(pg_authid::ROLCREATEDB, *value),
            RoleOptionKind::Login(value) => flag(pg_authid::ROLCANLOGIN, *value),
            RoleOptionKind::Replication(value) => flag(pg_authid::ROLREPLICATION, *value),
            RoleOptionKind::BypassRls(value) => flag(pg_authid::ROLBYPASSRLS, *value),
            RoleOptionKind::ConnectionLimit(limit) if *limit < -1 => {
                return Err(err!(INVALID_PARAMETER_VALUE, "invalid connection limit: {limit}"));
            }
            RoleOptionKind::ConnectionLimit(limit) => found.connection_limit = Some(*limit),
            RoleOptionKind::SysId(_) => {
                let notice = err!(SUCCESSFUL_COMPLETION, "SYSID can no longer be specified");
                ctx.notice(notice.severity(Severity::Notice));
            }
            RoleOptionKind::Password(None) => found.password = Some(None),
            RoleOptionKind::Password(Some(text)) => {
                found.password = Some(stored_password(text, role, ctx)?);
            }
            RoleOptionKind::ValidUntil(text) => {
                let env = ctx.env().as_type_env();
                found.valid_until = Some(pglitedb_types::input(text, oids::TIMESTAMPTZ, -1, env)?);
            }
            RoleOptionKind::Members(specs) => found.members = all(specs)?,
            RoleOptionKind::AdminMembers(specs) => found.admins = all(specs)?,
            RoleOptionKind::InRole(specs) => found.in_roles = all(specs)?,
        }
    }
    Ok(found)
}

/// The verifier that is kept of a password; passwords that are verifiers already are kept as they are.
fn stored_password(text: &str, role: &str, ctx: &StatementCtx<'_>) -> Result<Option<String>> {
    use pglitedb_passwords::{DEFAULT_ITERATIONS, ScramVerifier, Verifier, md5_verifier};
    let empty = text.is_empty() || Verifier::parse(text).is_some_and(|verifier| verifier.matches(role, ""));
    if empty {
        let notice = err!(SUCCESSFUL_COMPLETION, "empty string is not a valid password, clearing password");
        ctx.notice(notice.severity(Severity::Notice));
        return Ok(None);
    }
    let verifier = match Verifier::parse(text) {
        Some(_) => text.to_owned(),
        None if ctx.env().setting("password_encryption")?.as_deref() == Some("md5") => {
            md5_verifier(text, role)
        }
        None => {
            let mut salt = [0; 16];
            ctx.env().strong_random(&mut salt)?;
            let iterations = ctx.env().setting("scram_iterations")?;
            let iterations = iterations.and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_ITERATIONS);
            ScramVerifier::new(text, &salt, iterations).to_string()
        }
    };
    if verifier.starts_with("md5") {
        let warning = err!(WARNING_DEPRECATED_FEATURE, "setting an MD5-encrypted password")
            .detail(
                "MD5 password support is deprecated and will be removed in a future release of PostgreSQL.",
            )
            .hint(
                "Refer to the PostgreSQL documentation for details about migrating to another password type.",
            );
        ctx.notice(warning.severity(Severity::Warning));
    }
    Ok(Some(verifier))
}

/// Writes attributes into a row of `pg_authid`.
pub(super) fn apply_attributes(row: &mut [Datum], attributes: &Attributes) {
    for (column, value) in &attributes.flags {
        row[*column] = Datum::Bool(*value);
    }
    if let Some(limit) = attributes.connection_limit {
        row[pg_authid::ROLCONNLIMIT] = Datum::Int4(limit);
    }
    if let Some(password) = &attributes.password {
        row[pg_authid::ROLPASSWORD] = password.as_deref().map_or(Datum::Null, Datum::text);
    }
    if let Some(until) = &attributes.valid_until {
        row[pg_authid::ROLVALIDUNTIL] = until.clone();
    }
}

/// Names that begin with `pg_` are the system's.
pub(super) fn check_role_name(name: &str) -> Result<()> {
    if name.starts_with("pg_") {
        return Err(err!(RESERVED_NAME, "role name \"{name}\" is reserved")
            .detail("Role names starting with \"pg_\" are reserved."));
    }
    Ok(())
}
