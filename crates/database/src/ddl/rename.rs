//! ALTER ... RENAME.

use super::alter_table::is_system_column;
use super::object::{
    check_kind, check_name_is_free, check_object_owner, class_of, is_builtin, object_row, relation_named,
    resolve, unless_missing,
};
use super::util::{
    CreationPlace, alterable_type, array_type_name, check_owner, constraint_names, relation_name_is_free,
};
use super::{constraint, describe, relation, role};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::*;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::TableLockMode;
use pglitedb_sql_parser::ast::{Ident, ObjectKind, ObjectRef, RelationRef, RenameStatement, RenameTarget};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// ALTER ... RENAME.
pub fn rename(stmt: &RenameStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let new = &*stmt.new_name.name;
    match &stmt.target {
        RenameTarget::Relation { kind, relation } => {
            let Some(found) = locked(relation, *kind, stmt.if_exists, ctx)? else { return Ok(()) };
            rename_relation(&found, new, ctx)
        }
        RenameTarget::Column { kind, relation, column } => {
            let Some(found) = locked(relation, *kind, stmt.if_exists, ctx)? else { return Ok(()) };
            rename_column(&found, column, new, ctx)
        }
        RenameTarget::Constraint { relation, name } => {
            let Some(found) = locked(relation, ObjectKind::Constraint, stmt.if_exists, ctx)? else {
                return Ok(());
            };
            let oid = super::object::constraint_named(&found, &name.name, ctx)?;
            constraint::check_name_free(new, &found, &constraint_names(found.oid, ctx)?)?;
            rename_constraint(oid, new, ctx)
        }
        RenameTarget::OnRelation { kind, relation, name } => {
            let object =
                ObjectRef::OnRelation { kind: *kind, name: name.clone(), relation: relation.name.clone() };
            resolve(&object, ctx).map(drop)
        }
        RenameTarget::Object(object) => {
            let Some(address) = unless_missing(resolve(object, ctx), stmt.if_exists, ctx)? else {
                return Ok(());
            };
            rename_object(address, object, new, ctx)
        }
    }
}

fn locked(
    name: &RelationRef,
    kind: ObjectKind,
    if_exists: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Option<Arc<Relation>>> {
    let Some(found) = unless_missing(relation_named(&name.name, ctx), if_exists, ctx)? else {
        return Ok(None);
    };
    ctx.lock_relation(found.oid, TableLockMode::AccessExclusive)?;
    let found = relation::describe(found.oid, ctx)?;
    match kind {
        ObjectKind::Table if found.kind == RelKind::CompositeType => {
            return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is a composite type", found.name)
                .hint("Use ALTER TYPE instead."));
        }
        // ALTER TABLE and ALTER INDEX rename relations of any kind.
        ObjectKind::Table | ObjectKind::Index | ObjectKind::Constraint => {}
        kind => check_kind(&found, kind)?,
    }
    if found.is_catalog {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "permission denied: \"{}\" is a system catalog",
            found.name
        ));
    }
    check_owner(found.owner, super::object::kind_word(found.kind), &found.name, ctx)?;
    Ok(Some(found))
}

fn rename_relation(found: &Relation, new: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let place = CreationPlace { namespace: found.namespace, name: new.to_owned(), is_temp: false };
    relation_name_is_free(&place, false, ctx)?;
    if found.row_type != 0 {
        rename_type_row(found.row_type, new, ctx)?;
    }
    rename_relation_row(found.oid, new, ctx)?;
    if found.kind == RelKind::Index
        && let Some(index) = ctx.catalog().index(found.oid)?
        && let Some(own) = &index.constraint
    {
        set_text(ObjectAddress::new(pg_constraint::RELATION, own.oid), pg_constraint::CONNAME, new, ctx)?;
    }
    Ok(())
}

/// Changes nothing but the name in `pg_class`.
pub fn rename_relation_row(oid: Oid, new: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    relation::update_class(oid, ctx, |row| row[pg_class::RELNAME] = Datum::text(new))
}

fn rename_column(found: &Relation, column: &Ident, new: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let fits = matches!(
        found.kind,
        RelKind::Table
            | RelKind::View
            | RelKind::MaterializedView
            | RelKind::CompositeType
            | RelKind::Index
            | RelKind::PartitionedIndex
            | RelKind::ForeignTable
            | RelKind::PartitionedTable
    );
    if !fits {
        return Err(err!(WRONG_OBJECT_TYPE, "cannot rename columns of relation \"{}\"", found.name)
            .detail(describe::unsupported_kind_detail(found.kind)));
    }
    let old = &*column.name;
    if is_system_column(old) {
        return Err(err!(FEATURE_NOT_SUPPORTED, "cannot rename system column \"{old}\""));
    }
    let (attnum, _) =
        found.column_by_name(old).ok_or_else(|| err!(UNDEFINED_COLUMN, "column \"{old}\" does not exist"))?;
    if is_system_column(new) {
        return Err(err!(DUPLICATE_COLUMN, "column name \"{new}\" conflicts with a system column name"));
    }
    if found.column_by_name(new).is_some() {
        return Err(err!(DUPLICATE_COLUMN, "column \"{new}\" of relation \"{}\" already exists", found.name));
    }
    let rename = |relation: Oid, attnum: i16| {
        ctx.writer()?.update_attribute(relation, attnum, |row| {
            row[pg_attribute::ATTNAME] = Datum::text(new);
            Ok(())
        })
    };
    rename(found.oid, attnum)
}

fn rename_constraint(oid: Oid, new: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let address = ObjectAddress::new(pg_constraint::RELATION, oid);
    let row = object_row(address, ctx)?;
    let index = row.get(pg_constraint::CONINDID).and_then(Datum::as_oid).unwrap_or(0);
    let has_index = matches!(row.get(pg_constraint::CONTYPE), Some(Datum::Char(b'p' | b'u' | b'x')));
    if has_index && index != 0 {
        let index = relation::describe(index, ctx)?;
        let place = CreationPlace { namespace: index.namespace, name: new.to_owned(), is_temp: false };
        relation_name_is_free(&place, false, ctx)?;
        rename_relation_row(index.oid, new, ctx)?;
    }
    set_text(address, pg_constraint::CONNAME, new, ctx)
}

fn set_text(address: ObjectAddress, column: usize, new: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?.update_oid(address.class, address.object, |row| {
        row[column] = Datum::text(new);
        Ok(())
    })
}

/// Renames a type and its array type.
fn rename_type_row(oid: Oid, new: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let info = ctx
        .catalog()
        .type_info(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))?;
    super::util::type_name_is_free(info.namespace, new, ctx)?;
    set_text(ObjectAddress::new(pg_type::RELATION, oid), pg_type::TYPNAME, new, ctx)?;
    if info.array != 0 {
        let array = array_type_name(info.namespace, new, ctx)?;
        set_text(ObjectAddress::new(pg_type::RELATION, info.array), pg_type::TYPNAME, &array, ctx)?;
    }
    Ok(())
}

fn rename_type(oid: Oid, new: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    if let (_, Some(relation)) = alterable_type(oid, ctx)? {
        return rename_relation(&relation, new, ctx);
    }
    rename_type_row(oid, new, ctx)
}

fn rename_object(
    address: ObjectAddress,
    object: &ObjectRef,
    new: &str,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    match address.class {
        pg_authid::RELATION => return role::rename(address.object, new, ctx),
        pg_database::RELATION => return super::database::rename(address.object, new, ctx),
        pg_constraint::RELATION => {
            check_object_owner(address, ctx)?;
            return rename_constraint(address.object, new, ctx);
        }
        _ => {}
    }
    let class = class_of(address.class)?;
    if is_builtin(address) && address.object != 2200 {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "permission denied: {} is a system object",
            describe::object(address, ctx)?
        ));
    }
    check_object_owner(address, ctx)?;
    match address.class {
        pg_type::RELATION => return rename_type(address.object, new, ctx),
        pg_namespace::RELATION => {
            if ctx.catalog().namespace_by_name(new)?.is_some() {
                return Err(err!(DUPLICATE_SCHEMA, "schema \"{new}\" already exists"));
            }
            if new.starts_with("pg_") {
                return Err(err!(RESERVED_NAME, "unacceptable schema name \"{new}\"")
                    .detail("The prefix \"pg_\" is reserved for system schemas."));
            }
        }
        _ => {
            let row = object_row(address, ctx)?;
            let namespace = class.namespace.and_then(|at| row.get(at)).and_then(Datum::as_oid);
            check_name_is_free(class, &row, namespace, new, ctx)?;
        }
    }
    let _ = object;
    set_text(address, class.name, new, ctx)
}
