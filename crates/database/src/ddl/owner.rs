//! ALTER ... OWNER TO for everything but relations, which ALTER TABLE takes care of.

use super::acl::{self, Acl};
use super::alter_table;
use super::object::{check_object_owner, class_of, object_row, resolve};
use super::role::{name_of, role_oid};
use super::util::alterable_type;
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::*;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::AlterOwnerStatement;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, TypeKind};

/// ALTER ... OWNER TO.
pub fn alter(stmt: &AlterOwnerStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let address = resolve(&stmt.object, ctx)?;
    let owner = role_oid(&stmt.new_owner, ctx)?;
    check_object_owner(address, ctx)?;
    change(address, owner, ctx)
}

/// The current user must be able to become the new owner, who must be allowed to create in the schema.
pub fn check_may_give(owner: Oid, namespace: Option<Oid>, ctx: &StatementCtx<'_>) -> Result<()> {
    if ctx.env().is_superuser() {
        return Ok(());
    }
    if !ctx.env().is_member(ctx.env().current_user(), owner)? {
        let name = name_of(owner, ctx)?;
        return Err(err!(INSUFFICIENT_PRIVILEGE, "must be able to SET ROLE \"{name}\""));
    }
    let Some(namespace) = namespace else { return Ok(()) };
    let address = ObjectAddress::new(pg_namespace::RELATION, namespace);
    let row = object_row(address, ctx)?;
    let schema_owner = row.get(pg_namespace::NSPOWNER).and_then(Datum::as_oid).unwrap_or(0);
    let list = Acl::read(row.get(pg_namespace::NSPACL).unwrap_or(&Datum::Null), ctx)?
        .unwrap_or_else(|| Acl::default_for(acl::AclKind::Schema, schema_owner));
    let allowed = ctx.env().role_by_oid(owner)?.is_some_and(|role| role.superuser)
        || ctx.env().is_member(owner, schema_owner)?
        || list.rights_of(&|role| ctx.env().is_member(owner, role))? & acl::rights("C") != 0;
    if allowed {
        return Ok(());
    }
    let name = super::util::namespace_name(namespace, ctx)?;
    Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied for schema {name}"))
}

/// Changes the owner of an object.
pub fn change(address: ObjectAddress, owner: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    match address.class {
        pg_class::RELATION => return alter_table::change_owner(address.object, owner, ctx),
        pg_type::RELATION => return change_type(address.object, owner, ctx),
        _ => {}
    }
    set(address, owner, ctx)
}

fn change_type(oid: Oid, owner: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let (info, relation) = alterable_type(oid, ctx)?;
    if let Some(relation) = relation {
        return alter_table::change_owner(relation.oid, owner, ctx);
    }
    if info.kind == TypeKind::Multirange {
        let name = |oid| pglitedb_analyzer::format_type(oid, -1, &ctx.analyze());
        return Err(err!(WRONG_OBJECT_TYPE, "cannot alter multirange type {}", name(oid)?).hint(format!(
            "You can alter type {}, which will alter the multirange type as well.",
            name(info.range_subtype)?
        )));
    }
    let mut dependents = vec![info.array];
    if info.kind == TypeKind::Range
        && let Some(multi) = ctx.catalog().multirange_of(oid)?
    {
        dependents.extend([multi, ctx.catalog().type_info(multi)?.map_or(0, |info| info.array)]);
    }
    set(ObjectAddress::new(pg_type::RELATION, oid), owner, ctx)?;
    for dependent in dependents.into_iter().filter(|oid| *oid != 0) {
        ctx.writer()?.update_oid(pg_type::RELATION, dependent, |row| {
            row[pg_type::TYPOWNER] = Datum::Oid(owner);
            Ok(())
        })?;
    }
    Ok(())
}

fn set(address: ObjectAddress, owner: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let class = class_of(address.class)?;
    let Some(owner_at) = class.owner else {
        return Err(Error::unsupported(format!("a {} has no owner", class.what)));
    };
    let row = object_row(address, ctx)?;
    let old = row.get(owner_at).and_then(Datum::as_oid).unwrap_or(0);
    if old == owner {
        return Ok(());
    }
    let namespace = class.namespace.and_then(|at| row.get(at)).and_then(Datum::as_oid);
    check_may_give(owner, namespace, ctx)?;
    let list = match class.acl {
        Some(at) => Acl::read(row.get(at).unwrap_or(&Datum::Null), ctx)?,
        None => None,
    };
    let writer = ctx.writer()?;
    writer.update_oid(address.class, address.object, |row| {
        row[owner_at] = Datum::Oid(owner);
        Ok(())
    })?;
    writer.record_role_dependency(address, owner, b'o')?;
    match list {
        Some(list) => acl::store(address, &list.with_new_owner(old, owner), owner, ctx),
        None => Ok(()),
    }
}
