//! DROP ROLE.

use super::{may_administer, membership, settings};
use crate::context::StatementCtx;
use crate::ddl::describe;
use pglitedb_catalog::builtin::columns::pg_authid;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{DropRoleStatement, RoleSpecKind};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Oid, oids};

/// DROP ROLE, USER, GROUP.
pub fn drop(stmt: &DropRoleStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let mut roles = Vec::new();
    for spec in &stmt.roles {
        let RoleSpecKind::Name(name) = &spec.kind else {
            return Err(err!(INVALID_PARAMETER_VALUE, "cannot use special role specifier in DROP ROLE"));
        };
        let Some(role) = ctx.env().role_by_name(name)? else {
            if !stmt.if_exists {
                return Err(err!(UNDEFINED_OBJECT, "role \"{name}\" does not exist"));
            }
            let notice = err!(SUCCESSFUL_COMPLETION, "role \"{name}\" does not exist, skipping");
            ctx.notice(notice.severity(Severity::Notice));
            continue;
        };
        check(role.oid, name, role.superuser, ctx)?;
        roles.push((role.oid, name.to_string()));
    }
    for (role, name) in roles {
        let lines = dependents(role, ctx)?;
        if !lines.is_empty() {
            return Err(err!(
                DEPENDENT_OBJECTS_STILL_EXIST,
                "role \"{name}\" cannot be dropped because some objects depend on it"
            )
            .detail(lines.join("\n")));
        }
        membership::forget(role, ctx)?;
        settings::forget_role(role, ctx)?;
        crate::ddl::comment::set_shared(ObjectAddress::new(pg_authid::RELATION, role), None, ctx)?;
        ctx.writer()?.delete(pg_authid::RELATION, u64::from(role))?;
    }
    Ok(())
}

fn check(role: Oid, name: &str, superuser: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    if role == ctx.env().current_user() {
        return Err(err!(OBJECT_IN_USE, "current user cannot be dropped"));
    }
    if role == ctx.env().session_user() {
        return Err(err!(OBJECT_IN_USE, "session user cannot be dropped"));
    }
    let denied =
        |detail: String| err!(INSUFFICIENT_PRIVILEGE, "permission denied to drop role").detail(detail);
    if superuser && !ctx.env().is_superuser() {
        return Err(denied(
            "Only roles with the SUPERUSER attribute may drop roles with the SUPERUSER attribute.".to_owned(),
        ));
    }
    if !may_administer(role, ctx)? {
        return Err(denied(format!(
            "Only roles with the CREATEROLE attribute and the ADMIN option on role \"{name}\" may drop this role."
        )));
    }
    if role < oids::FIRST_NORMAL_OID {
        return Err(err!(
            DEPENDENT_OBJECTS_STILL_EXIST,
            "cannot drop role {name} because it is required by the database system"
        ));
    }
    Ok(())
}

/// What keeps a role from being dropped, in words.
fn dependents(role: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut elsewhere: Vec<(Oid, usize)> = Vec::new();
    let mut found = ctx.writer()?.dependents_on_role(role)?;
    found.sort_by_key(|(_, object, _)| (object.object, object.class, object.part));
    for (database, object, kind) in found {
        if database != 0 && database != ctx.space().database() {
            match elsewhere.iter_mut().find(|(known, _)| *known == database) {
                Some((_, count)) => *count += 1,
                None => elsewhere.push((database, 1)),
            }
            continue;
        }
        let words = describe::object(object, ctx)?;
        lines.push(match kind {
            b'o' => format!("owner of {words}"),
            b'r' => format!("target of {words}"),
            _ => format!("privileges for {words}"),
        });
    }
    for (database, count) in elsewhere {
        use pglitedb_catalog::builtin::columns::pg_database;
        let row =
            ctx.env().with_catalog(|catalog| catalog.row(pg_database::RELATION, u64::from(database)))?;
        let name = row
            .as_ref()
            .and_then(|row| row.get(pg_database::DATNAME))
            .and_then(pglitedb_types::Datum::as_str)
            .unwrap_or("?")
            .to_owned();
        let plural = if count == 1 { "object" } else { "objects" };
        lines.push(format!("{count} {plural} in database {name}"));
    }
    Ok(lines)
}
