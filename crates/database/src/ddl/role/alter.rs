//! ALTER ROLE, ALTER GROUP, and the new name of a role.

use super::{
    apply_attributes, check_role_name, may_administer, membership, name_of, read_options, role_oid, role_row,
    user_has,
};
use crate::context::StatementCtx;
use crate::ddl::acl::Acl;
use crate::ddl::object::class_of;
use pglitedb_catalog::builtin::columns::{pg_attribute, pg_authid, pg_class, pg_default_acl};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{AlterRoleAction, AlterRoleStatement, RoleSpec};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, oids};

fn denied(detail: String) -> Error {
    err!(INSUFFICIENT_PRIVILEGE, "permission denied to alter role").detail(detail)
}

/// ALTER ROLE ... options, ALTER GROUP ... ADD|DROP USER.
pub fn alter(stmt: &AlterRoleStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let role = role_oid(&stmt.role, ctx)?;
    let name = name_of(role, ctx)?;
    match &stmt.action {
        AlterRoleAction::AddMembers(members) => change_members(role, members, true, ctx),
        AlterRoleAction::DropMembers(members) => change_members(role, members, false, ctx),
        AlterRoleAction::Options(options) => {
            check_role_name(&name)?;
            let attributes = read_options(options, &name, ctx)?;
            check_allowed(role, &name, &attributes, ctx)?;
            ctx.writer()?.update_oid(pg_authid::RELATION, role, |row| {
                apply_attributes(row, &attributes);
                Ok(())
            })?;
            for member in attributes.members {
                let options = membership::Options::default();
                membership::add(role, member, ctx.env().current_user(), options, ctx)?;
            }
            Ok(())
        }
    }
}

fn check_allowed(
    role: Oid,
    name: &str,
    attributes: &super::Attributes,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    if ctx.env().is_superuser() {
        if role == pglitedb_catalog::new_rows::BOOTSTRAP_SUPERUSER
            && attributes.flag(pg_authid::ROLSUPER) == Some(false)
        {
            return Err(err!(FEATURE_NOT_SUPPORTED, "permission denied to alter role")
                .detail("The bootstrap superuser must have the SUPERUSER attribute."));
        }
        return Ok(());
    }
    let is_super = role_row(role, ctx)?.get(pg_authid::ROLSUPER).and_then(Datum::as_bool) == Some(true);
    if is_super || attributes.flag(pg_authid::ROLSUPER).is_some() {
        let what = if is_super { "alter roles with" } else { "change" };
        return Err(denied(format!(
            "Only roles with the SUPERUSER attribute may {what} the SUPERUSER attribute."
        )));
    }
    for (column, word) in [
        (pg_authid::ROLCREATEDB, "CREATEDB"),
        (pg_authid::ROLREPLICATION, "REPLICATION"),
        (pg_authid::ROLBYPASSRLS, "BYPASSRLS"),
    ] {
        if attributes.flag(column).is_some() && !user_has(column, ctx)? {
            return Err(denied(format!(
                "Only roles with the {word} attribute may change the {word} attribute."
            )));
        }
    }
    // Everybody may change his own password, and nothing else.
    let only_password = attributes.flags.is_empty()
        && attributes.connection_limit.is_none()
        && attributes.valid_until.is_none()
        && attributes.members.is_empty();
    if only_password && role == ctx.env().current_user() {
        return Ok(());
    }
    if !may_administer(role, ctx)? {
        return Err(denied(format!(
            "Only roles with the CREATEROLE attribute and the ADMIN option on role \"{name}\" may alter this role."
        )));
    }
    Ok(())
}

fn change_members(role: Oid, members: &[RoleSpec], add: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    let grantor = ctx.env().current_user();
    for member in members {
        let member = role_oid(member, ctx)?;
        if add {
            membership::add(role, member, grantor, membership::Options::default(), ctx)?;
        } else {
            membership::remove(role, member, grantor, membership::Options::default(), false, ctx)?;
        }
    }
    Ok(())
}

/// ALTER ROLE ... RENAME.
pub fn rename(role: Oid, new_name: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let old = name_of(role, ctx)?;
    if role == ctx.env().session_user() {
        return Err(err!(FEATURE_NOT_SUPPORTED, "session user cannot be renamed"));
    }
    if role == ctx.env().current_user() {
        return Err(err!(FEATURE_NOT_SUPPORTED, "current user cannot be renamed"));
    }
    check_role_name(&old)?;
    check_role_name(new_name)?;
    if ctx.env().role_by_name(new_name)?.is_some() {
        return Err(err!(DUPLICATE_OBJECT, "role \"{new_name}\" already exists"));
    }
    if !may_administer(role, ctx)? {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to rename role").detail(format!(
            "Only roles with the CREATEROLE attribute and the ADMIN option on role \"{old}\" may rename this role."
        )));
    }
    let lists = mentioned_lists(role, ctx)?;
    let row = role_row(role, ctx)?;
    let md5 = row.get(pg_authid::ROLPASSWORD).and_then(Datum::as_str).is_some_and(|p| p.starts_with("md5"));
    ctx.writer()?.update_oid(pg_authid::RELATION, role, |row| {
        row[pg_authid::ROLNAME] = Datum::text(new_name);
        if md5 {
            // The name is part of what was hashed.
            row[pg_authid::ROLPASSWORD] = Datum::Null;
        }
        Ok(())
    })?;
    if md5 {
        let notice = err!(SUCCESSFUL_COMPLETION, "MD5 password cleared because of role rename");
        ctx.notice(notice.severity(Severity::Notice));
    }
    for (address, at, acl) in lists {
        let value = acl.to_datum(ctx)?;
        let writer = ctx.writer()?;
        if address.part != 0 {
            let attnum = i16::try_from(address.part).unwrap_or(0);
            writer.update_attribute(address.object, attnum, |row| {
                row[at] = value;
                Ok(())
            })?;
        } else {
            writer.update_oid(address.class, address.object, |row| {
                row[at] = value;
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Access lists that mention a role, read while it still has its old name. They are kept by name.
fn mentioned_lists(role: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<(ObjectAddress, usize, Acl)>> {
    let mut lists = Vec::new();
    for (database, address, kind) in ctx.writer()?.dependents_on_role(role)? {
        if !matches!(kind, b'a' | b'o') {
            continue;
        }
        if database != 0 && database != ctx.space().database() {
            return Err(Error::unsupported(
                "renaming a role that other databases' objects mention is not supported yet",
            ));
        }
        let at = match address.class {
            pg_class::RELATION if address.part != 0 => Some(pg_attribute::ATTACL),
            pg_default_acl::RELATION => Some(pg_default_acl::DEFACLACL),
            class => class_of(class).ok().and_then(|class| class.acl),
        };
        let Some(at) = at else { continue };
        let row = if address.part == 0 {
            crate::ddl::object::object_row(address, ctx)?
        } else {
            let id = u64::from(address.object) << 16 | u64::from((address.part as u16).wrapping_add(0x8000));
            let row = ctx.env().with_catalog(|catalog| catalog.row(pg_attribute::RELATION, id))?;
            row.unwrap_or_default()
        };
        if let Some(acl) = Acl::read(row.get(at).unwrap_or(&Datum::Null), ctx)? {
            lists.push((address, at, acl));
        }
        // Its columns may have lists that only the owner is named in.
        if kind == b'o' && address.class == pg_class::RELATION && address.object >= oids::FIRST_NORMAL_OID {
            lists.extend(column_lists(address.object, ctx)?);
        }
    }
    Ok(lists)
}

fn column_lists(table: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<(ObjectAddress, usize, Acl)>> {
    let first = u64::from(table) << 16;
    let rows = ctx
        .env()
        .with_catalog(|catalog| catalog.rows_between(pg_attribute::RELATION, first, first | 0xffff))?;
    let mut lists = Vec::new();
    for row in rows {
        let attnum = row.get(pg_attribute::ATTNUM).and_then(Datum::as_i64).unwrap_or(0);
        if let Some(acl) = Acl::read(row.get(pg_attribute::ATTACL).unwrap_or(&Datum::Null), ctx)? {
            let address = ObjectAddress::column(table, i16::try_from(attnum).unwrap_or(0));
            lists.push((address, pg_attribute::ATTACL, acl));
        }
    }
    Ok(lists)
}
