//! GRANT and REVOKE of roles.

use super::{has_admin, name_of, role_oid};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::pg_auth_members::{self, *};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{DefValue, DropBehavior, GrantRoleStatement};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_types::{Datum, Oid};

/// `pg_auth_members_role_member_index`
const BY_ROLE: Oid = 2694;

/// Options of a membership; `None`: not said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    pub admin: Option<bool>,
    pub inherit: Option<bool>,
    pub set: Option<bool>,
}

impl Options {
    fn is_empty(self) -> bool {
        self.admin.is_none() && self.inherit.is_none() && self.set.is_none()
    }
}

fn read_options(stmt: &GrantRoleStatement) -> Result<Options> {
    let mut options = Options::default();
    for option in &stmt.options {
        let name = option.name.name.to_ascii_lowercase();
        let value = match &option.value {
            None => true,
            Some(DefValue::Boolean(value)) => *value,
            Some(DefValue::String(text)) => crate::settings::value::parse_bool(text).ok_or_else(|| {
                err!(SYNTAX_ERROR, "unrecognized value for role option \"{name}\": \"{text}\"")
                    .at(option.span.offset())
            })?,
            Some(_) => {
                return Err(err!(SYNTAX_ERROR, "unrecognized value for role option \"{name}\"")
                    .at(option.span.offset()));
            }
        };
        let slot = match name.as_str() {
            "admin" => &mut options.admin,
            "inherit" => &mut options.inherit,
            "set" => &mut options.set,
            _ => {
                return Err(
                    err!(SYNTAX_ERROR, "unrecognized role option \"{name}\"").at(option.span.offset())
                );
            }
        };
        *slot = Some(value);
    }
    Ok(options)
}

/// GRANT role TO, REVOKE role FROM.
pub fn grant(stmt: &GrantRoleStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let options = read_options(stmt)?;
    let user = ctx.env().current_user();
    let grantor = stmt.grantor.as_ref().map(|spec| role_oid(spec, ctx)).transpose()?;
    let mut members = Vec::new();
    for spec in &stmt.grantees {
        members.push(role_oid(spec, ctx)?);
    }
    for role in &stmt.roles {
        if !role.columns.is_empty() {
            return Err(err!(
                INVALID_GRANT_OPERATION,
                "column names cannot be included in GRANT/REVOKE ROLE"
            ));
        }
        let name = role.name.as_ref().map_or("", |name| &name.name);
        let known = ctx.env().role_by_name(name)?;
        let known = known.ok_or_else(|| err!(UNDEFINED_OBJECT, "role \"{name}\" does not exist"))?;
        let role = known.oid;
        if !ctx.env().is_superuser() && !has_admin(user, role, ctx)? {
            let verb = if stmt.grant { "grant" } else { "revoke" };
            return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to {verb} role \"{name}\"").detail(
                format!("Only roles with the ADMIN option on role \"{name}\" may {verb} this role."),
            ));
        }
        for member in &members {
            let grantor = grantor.unwrap_or(user);
            if stmt.grant {
                add(role, *member, grantor, options, ctx)?;
            } else {
                let cascade = stmt.behavior == DropBehavior::Cascade;
                remove(role, *member, grantor, options, cascade, ctx)?;
            }
        }
    }
    Ok(())
}

/// Superusers grant in the name of the bootstrap superuser.
fn effective_grantor(grantor: Oid, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let is_super = ctx.env().role_by_oid(grantor)?.is_some_and(|role| role.superuser);
    Ok(if is_super { pglitedb_catalog::new_rows::BOOTSTRAP_SUPERUSER } else { grantor })
}

fn find(role: Oid, member: Oid, grantor: Oid, ctx: &StatementCtx<'_>) -> Result<Option<(u64, Vec<Datum>)>> {
    use pglitedb_catalog::CatalogSource as _;
    let keys = [Datum::Oid(role), Datum::Oid(member), Datum::Oid(grantor)];
    Ok(ctx.writer()?.source().lookup(pg_auth_members::RELATION, BY_ROLE, &keys)?.into_iter().next())
}

/// Makes a role a member of another.
pub(super) fn add(
    role: Oid,
    member: Oid,
    grantor: Oid,
    options: Options,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let grantor = effective_grantor(grantor, ctx)?;
    let (role_name, member_name) = (name_of(role, ctx)?, name_of(member, ctx)?);
    if ctx.env().is_member(role, member)? {
        return Err(err!(
            INVALID_GRANT_OPERATION,
            "role \"{role_name}\" is a member of role \"{member_name}\""
        ));
    }
    let Some((id, row)) = find(role, member, grantor, ctx)? else {
        return insert(role, member, grantor, options, ctx);
    };
    let now = |at: usize| row.get(at).and_then(Datum::as_bool);
    let same = |wanted: Option<bool>, at: usize| wanted.is_none_or(|wanted| now(at) == Some(wanted));
    if same(options.admin, ADMIN_OPTION)
        && same(options.inherit, INHERIT_OPTION)
        && same(options.set, SET_OPTION)
    {
        let notice = err!(
            SUCCESSFUL_COMPLETION,
            "role \"{member_name}\" has already been granted membership in role \"{role_name}\" by role \"{}\"",
            name_of(grantor, ctx)?
        );
        ctx.notice(notice.severity(Severity::Notice));
        return Ok(());
    }
    set_options(id, options, ctx)
}

fn set_options(id: u64, options: Options, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?
        .update(pg_auth_members::RELATION, id, |row| {
            for (value, at) in
                [(options.admin, ADMIN_OPTION), (options.inherit, INHERIT_OPTION), (options.set, SET_OPTION)]
            {
                if let Some(value) = value {
                    row[at] = Datum::Bool(value);
                }
            }
            Ok(())
        })
        .map(drop)
}

/// Adds a membership that is not there.
pub(super) fn insert(
    role: Oid,
    member: Oid,
    grantor: Oid,
    options: Options,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    use pglitedb_catalog::builtin::columns::pg_authid;
    let writer = ctx.writer()?;
    let inherits =
        super::role_row(member, ctx)?.get(pg_authid::ROLINHERIT).and_then(Datum::as_bool).unwrap_or(true);
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(writer.new_oid()?);
    row[ROLEID] = Datum::Oid(role);
    row[MEMBER] = Datum::Oid(member);
    row[GRANTOR] = Datum::Oid(grantor);
    row[ADMIN_OPTION] = Datum::Bool(options.admin.unwrap_or(false));
    row[INHERIT_OPTION] = Datum::Bool(options.inherit.unwrap_or(inherits));
    row[SET_OPTION] = Datum::Bool(options.set.unwrap_or(true));
    writer.insert(pg_auth_members::RELATION, &row).map(drop)
}

/// Ends a membership, or takes options of it back.
pub(super) fn remove(
    role: Oid,
    member: Oid,
    grantor: Oid,
    options: Options,
    cascade: bool,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let grantor = effective_grantor(grantor, ctx)?;
    let Some((id, _)) = find(role, member, grantor, ctx)? else {
        let warning = err!(
            WARNING,
            "role \"{}\" has not been granted membership in role \"{}\" by role \"{}\"",
            name_of(member, ctx)?,
            name_of(role, ctx)?,
            name_of(grantor, ctx)?
        );
        ctx.notice(warning.severity(Severity::Warning));
        return Ok(());
    };
    if options.is_empty() || options.admin.is_some() {
        revoke_grants_of(role, member, cascade, ctx)?;
    }
    if !options.is_empty() {
        let off = |option: Option<bool>| option.map(|_| false);
        let taken =
            Options { admin: off(options.admin), inherit: off(options.inherit), set: off(options.set) };
        return set_options(id, taken, ctx);
    }
    ctx.writer()?.delete(pg_auth_members::RELATION, id).map(drop)
}

/// What a member that loses ADMIN OPTION has granted, and what those to whom it was granted have. Memberships go before
/// theirs are looked for, so circles of grants come to an end.
fn revoke_grants_of(role: Oid, grantor: Oid, cascade: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    use pglitedb_catalog::CatalogSource as _;
    let mut grantors = vec![grantor];
    while let Some(grantor) = grantors.pop() {
        let rows = ctx.writer()?.source().lookup(pg_auth_members::RELATION, BY_ROLE, &[Datum::Oid(role)])?;
        for (id, row) in rows {
            if row.get(GRANTOR).and_then(Datum::as_oid) != Some(grantor) {
                continue;
            }
            if !cascade {
                return Err(err!(DEPENDENT_OBJECTS_STILL_EXIST, "dependent privileges exist")
                    .hint("Use CASCADE to revoke them too."));
            }
            ctx.writer()?.delete(pg_auth_members::RELATION, id)?;
            grantors.extend(row.get(MEMBER).and_then(Datum::as_oid));
        }
    }
    Ok(())
}

/// Removes all memberships of and in a role that is dropped.
pub(super) fn forget(role: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    /// `pg_auth_members_member_role_index`
    const BY_MEMBER: Oid = 2695;
    let writer = ctx.writer()?;
    writer.delete_by_index(pg_auth_members::RELATION, BY_ROLE, &[Datum::Oid(role)])?;
    writer.delete_by_index(pg_auth_members::RELATION, BY_MEMBER, &[Datum::Oid(role)]).map(drop)
}
