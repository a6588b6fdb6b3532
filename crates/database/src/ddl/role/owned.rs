//! REASSIGN OWNED and DROP OWNED.

use super::role_oid;
use crate::context::StatementCtx;
use crate::ddl::acl::{self, Acl};
use crate::ddl::{drop, owner};
use pglitedb_catalog::builtin::columns::*;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{DropOwnedStatement, ReassignOwnedStatement, RoleSpec};
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, oids};

fn own_roles(specs: &[RoleSpec], verb: &str, ctx: &StatementCtx<'_>) -> Result<Vec<Oid>> {
    let mut roles = Vec::new();
    for spec in specs {
        let role = role_oid(spec, ctx)?;
        if !ctx.env().is_superuser() && !ctx.env().is_member(ctx.env().current_user(), role)? {
            let name = super::name_of(role, ctx)?;
            return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to {verb} objects").detail(format!(
                "Only roles with privileges of role \"{name}\" may {verb} objects owned by it."
            )));
        }
        if role < oids::FIRST_NORMAL_OID {
            let name = super::name_of(role, ctx)?;
            return Err(err!(
                DEPENDENT_OBJECTS_STILL_EXIST,
                "cannot {verb} objects owned by role {name} because they are required by the database system"
            ));
        }
        roles.push(role);
    }
    Ok(roles)
}

fn is_here(database: Oid, ctx: &StatementCtx<'_>) -> bool {
    database == 0 || database == ctx.space().database()
}

/// REASSIGN OWNED.
pub fn reassign_owned(stmt: &ReassignOwnedStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let roles = own_roles(&stmt.roles, "reassign", ctx)?;
    let new = role_oid(&stmt.new_role, ctx)?;
    for role in roles {
        for (database, object, kind) in ctx.writer()?.dependents_on_role(role)? {
            if kind == b'o' && is_here(database, ctx) && object.class != pg_default_acl::RELATION {
                owner::change(object, new, ctx)?;
            }
        }
    }
    Ok(())
}

/// DROP OWNED.
pub fn drop_owned(stmt: &DropOwnedStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let roles = own_roles(&stmt.roles, "drop", ctx)?;
    let mut objects: Vec<ObjectAddress> = Vec::new();
    for role in &roles {
        for (database, object, kind) in ctx.writer()?.dependents_on_role(*role)? {
            if !is_here(database, ctx) {
                continue;
            }
            match kind {
                // Databases and roles are nobody's to drop here.
                b'o' if object.class == pg_database::RELATION => {}
                b'o' => objects.push(object),
                b'a' => revoke_all(object, *role, ctx)?,
                _ => {}
            }
        }
    }
    drop::drop_objects(&objects, drop::behavior(stmt.behavior), ctx)
}

/// Takes away everything an access list gives a role.
fn revoke_all(object: ObjectAddress, role: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    if object.class == pg_default_acl::RELATION || object.part != 0 {
        return revoke_special(object, role, ctx);
    }
    let Some((owner_at, list_at)) = acl::acl_columns(object.class) else { return Ok(()) };
    let row = crate::ddl::object::object_row(object, ctx)?;
    let owner = row.get(owner_at).and_then(Datum::as_oid).unwrap_or(0);
    if let Some(list) = Acl::read(row.get(list_at).unwrap_or(&Datum::Null), ctx)? {
        acl::store(object, &without(list, role), owner, ctx)?;
    }
    Ok(())
}

fn without(mut list: Acl, role: Oid) -> Acl {
    list.0.retain(|item| item.grantee != role && item.grantor != role);
    list
}

fn revoke_special(object: ObjectAddress, role: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    if object.part != 0 {
        let id = u64::from(object.object) << 16 | u64::from((object.part as u16).wrapping_add(0x8000));
        let row = ctx.env().with_catalog(|catalog| catalog.row(pg_attribute::RELATION, id))?;
        let Some(row) = row else { return Ok(()) };
        let relation = crate::ddl::relation::describe(object.object, ctx)?;
        if let Some(list) = Acl::read(row.get(pg_attribute::ATTACL).unwrap_or(&Datum::Null), ctx)? {
            acl::store(object, &without(list, role), relation.owner, ctx)?;
        }
        return Ok(());
    }
    let row = crate::ddl::object::object_row(object, ctx)?;
    let owner = row.get(pg_default_acl::DEFACLROLE).and_then(Datum::as_oid).unwrap_or(0);
    if let Some(list) = Acl::read(row.get(pg_default_acl::DEFACLACL).unwrap_or(&Datum::Null), ctx)? {
        let list = without(list, role);
        let value = list.to_datum(ctx)?;
        ctx.writer()?.update_oid(pg_default_acl::RELATION, object.object, |row| {
            row[pg_default_acl::DEFACLACL] = value;
            Ok(())
        })?;
        acl::record_members(object, &list, owner, ctx)?;
    }
    Ok(())
}
