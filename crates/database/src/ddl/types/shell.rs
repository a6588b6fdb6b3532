//! Shell types: names of types that are still to be defined, so that functions can be declared with them.

use super::{define, owner};
use crate::context::StatementCtx;
use crate::ddl::acl;
use crate::ddl::relation::define_array_type;
use crate::ddl::util::{check_owner, creation_place, namespace_object, type_name_is_free, type_object};
use pglitedb_catalog::builtin::columns::pg_type;
use pglitedb_catalog::new_rows;
use pglitedb_sql_parser::ast::{Persistence, QualifiedName};
use pglitedb_sqlstate::Result;
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::{Datum, Oid, TypeInfo, TypeKind};

/// `shell_in` and `shell_out`
const SHELL_FUNCTIONS: [Oid; 2] = [2398, 2399];

/// Where a type is defined.
pub struct Place {
    /// The schema.
    pub namespace: Oid,
    /// The name.
    pub name: String,
    /// The shell that waits there.
    pub shell: Option<Oid>,
}

/// Where a type is to be defined: the name is free, or that of a shell of the current user.
pub fn place_or_shell(name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<Place> {
    let place = creation_place(name, Persistence::Permanent, ctx)?;
    if let Some(oid) = ctx.catalog().type_oid(place.namespace, &place.name)?
        && let Some(info) = ctx.catalog().type_info(oid)?
        && !info.is_defined
    {
        check_owner(info.owner, "type", &place.name, ctx)?;
        return Ok(Place { namespace: place.namespace, name: place.name, shell: Some(oid) });
    }
    type_name_is_free(place.namespace, &place.name, ctx)?;
    Ok(Place { namespace: place.namespace, name: place.name, shell: None })
}

/// Creates a shell type; its name must be free. Returns its OID.
pub fn make(name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let place = creation_place(name, Persistence::Permanent, ctx)?;
    type_name_is_free(place.namespace, &place.name, ctx)?;
    let writer = ctx.writer()?;
    let info = TypeInfo {
        len: 4,
        by_value: true,
        category: b'P',
        is_defined: false,
        ..TypeInfo::new(writer.new_oid()?, &place.name, place.namespace, owner(ctx), TypeKind::Pseudo)
    };
    let mut row = new_rows::type_row(&info, None);
    row[pg_type::TYPINPUT] = Datum::Oid(SHELL_FUNCTIONS[0]);
    row[pg_type::TYPOUTPUT] = Datum::Oid(SHELL_FUNCTIONS[1]);
    writer.insert(pg_type::RELATION, &row)?;
    let object = type_object(info.oid);
    writer.record_dependency(object, namespace_object(info.namespace), DependencyKind::Normal)?;
    writer.record_role_dependency(object, info.owner, b'o')?;
    Ok(info.oid)
}

/// As [`define`], or fills the shell that has the type's OID.
pub fn define_at(info: &TypeInfo, shell: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    define_row(info, shell, new_rows::type_row(info, None), ctx)
}

/// As [`define_at`], with the row given.
pub fn define_row(info: &TypeInfo, shell: bool, row: Vec<Datum>, ctx: &StatementCtx<'_>) -> Result<()> {
    if !shell {
        return define(info, None, ctx, |own| {
            *own = row;
            Ok(())
        });
    }
    let writer = ctx.writer()?;
    writer.update_oid(pg_type::RELATION, info.oid, |own| {
        *own = row;
        Ok(())
    })?;
    let object = type_object(info.oid);
    if let Some(list) = acl::default_for_new_object(acl::AclKind::Type, info.owner, info.namespace, ctx)? {
        acl::store(object, &list, info.owner, ctx)?;
    }
    define_array_type(info, ctx)
}
