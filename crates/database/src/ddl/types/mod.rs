//! Types: enums, composite types, domains.

mod base;
mod composite;
mod domain;
mod domain_alter;
mod enums;
mod range;
mod shell;

pub use base::create as create_base;
pub use composite::create as create_composite;
pub use domain::create as create_domain;
pub use domain_alter::alter as alter_domain;
pub use enums::{alter as alter_enum, create as create_enum};
pub use range::create as create_range;
pub use shell::make as make_shell;
use shell::{Place, define_at, place_or_shell};

use super::acl;
use super::relation::define_array_type;
use super::util::{CreationPlace, creation_place, namespace_object, type_name_is_free, type_object};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::pg_type;
use pglitedb_catalog::new_rows;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{Persistence, QualifiedName};
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::{Datum, TypeInfo, TypeKind};

/// Where a type is created; its name must be free.
fn place_of(name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<CreationPlace> {
    let place = creation_place(name, Persistence::Permanent, ctx)?;
    type_name_is_free(place.namespace, &place.name, ctx)?;
    Ok(place)
}

/// Adds the row of a type, with its array type and dependencies. `change` sets what a descriptor does not say.
fn define(
    info: &TypeInfo,
    base: Option<&[Datum]>,
    ctx: &StatementCtx<'_>,
    change: impl FnOnce(&mut Vec<Datum>) -> Result<()>,
) -> Result<()> {
    let writer = ctx.writer()?;
    let mut row = new_rows::type_row(info, base);
    change(&mut row)?;
    writer.insert(pg_type::RELATION, &row)?;
    let object = type_object(info.oid);
    writer.record_dependency(object, namespace_object(info.namespace), DependencyKind::Normal)?;
    if info.kind != TypeKind::Multirange {
        // A multirange type goes with its range type, so its owner is not on record.
        writer.record_role_dependency(object, info.owner, b'o')?;
    }
    if let Some(list) = acl::default_for_new_object(acl::AclKind::Type, info.owner, info.namespace, ctx)? {
        acl::store(object, &list, info.owner, ctx)?;
    }
    define_array_type(info, ctx)
}

fn owner(ctx: &StatementCtx<'_>) -> pglitedb_types::Oid {
    ctx.env().current_user()
}

/// Must own the type.
fn check_type_owner(info: &TypeInfo, ctx: &StatementCtx<'_>) -> Result<()> {
    if ctx.env().may_act_as(info.owner)? {
        return Ok(());
    }
    let shown = pglitedb_analyzer::format_type(info.oid, -1, &ctx.analyze())?;
    Err(err!(INSUFFICIENT_PRIVILEGE, "must be owner of type {shown}"))
}
