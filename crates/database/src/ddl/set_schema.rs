//! ALTER ... SET SCHEMA.

use super::alter_table::{owned_sequences, owning_table};
use super::object::{
    check_name_is_free, check_object_owner, class_of, is_builtin, object_row, resolve, unless_missing,
};
use super::util::{
    constraint_rows, namespace_name, namespace_object, namespace_oid, relation_object, type_object,
};
use super::{acl, describe, relation};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::*;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::TableLockMode;
use pglitedb_sql_parser::ast::AlterObjectSchemaStatement;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, TypeKind};

/// ALTER ... SET SCHEMA.
pub fn alter(stmt: &AlterObjectSchemaStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let found = resolve(&stmt.object, ctx);
    let Some(address) = unless_missing(found, stmt.if_exists, ctx)? else { return Ok(()) };
    let name = &*stmt.new_schema.name;
    let schema = namespace_oid(name, ctx)?;
    check_object_owner(address, ctx)?;
    acl::require(namespace_object(schema), "C", "schema", name, ctx)?;
    if ctx.env().is_temp_namespace(schema) {
        return Err(err!(FEATURE_NOT_SUPPORTED, "cannot move objects into or out of temporary schemas"));
    }
    match address.class {
        pg_class::RELATION => {
            ctx.lock_relation(address.object, TableLockMode::AccessExclusive)?;
            let found = relation::describe(address.object, ctx)?;
            check_movable(&found, ctx)?;
            move_relation(&found, schema, ctx)
        }
        pg_type::RELATION => move_type(address.object, schema, ctx),
        _ => move_object(address, schema, ctx),
    }
}

fn check_movable(found: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    if found.is_catalog {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "permission denied: \"{}\" is a system catalog",
            found.name
        ));
    }
    match found.kind {
        RelKind::Index | RelKind::PartitionedIndex => {
            Err(err!(WRONG_OBJECT_TYPE, "cannot change schema of index \"{}\"", found.name)
                .hint("Change the schema of the table instead."))
        }
        RelKind::CompositeType => {
            Err(err!(WRONG_OBJECT_TYPE, "cannot change schema of composite type \"{}\"", found.name)
                .hint("Use ALTER TYPE instead."))
        }
        RelKind::Sequence => match owning_table(found.oid, ctx)? {
            Some(owner) => {
                let owner = relation::describe(owner, ctx)?;
                Err(err!(FEATURE_NOT_SUPPORTED, "cannot move an owned sequence into another schema")
                    .detail(format!("Sequence \"{}\" is linked to table \"{}\".", found.name, owner.name)))
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn taken(what: &str, name: &str, schema: Oid, ctx: &StatementCtx<'_>) -> Result<Error> {
    let schema = namespace_name(schema, ctx)?;
    let message = format!("{what} \"{name}\" already exists in schema \"{schema}\"");
    Ok(if what == "relation" {
        err!(DUPLICATE_TABLE, "{message}")
    } else {
        err!(DUPLICATE_OBJECT, "{message}")
    })
}

fn move_relation(found: &Relation, schema: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    if found.namespace == schema {
        return Ok(());
    }
    let mut all = vec![(found.oid, found.name.to_string())];
    all.extend(found.indexes.iter().map(|index| (index.oid, index.name.to_string())));
    for (oid, name) in all {
        if ctx.catalog().relation_oid(schema, &name)?.is_some() {
            return Err(taken("relation", &name, schema, ctx)?);
        }
        relation::update_class(oid, ctx, |row| row[pg_class::RELNAMESPACE] = Datum::Oid(schema))?;
    }
    let writer = ctx.writer()?;
    let (from, to) = (namespace_object(found.namespace), namespace_object(schema));
    change_schema_dependency(relation_object(found.oid), from, to, ctx)?;
    if found.row_type != 0 {
        set_type_schema(found.row_type, schema, ctx)?;
    }
    for (id, _) in constraint_rows(found.oid, ctx)? {
        writer.update(pg_constraint::RELATION, id, |row| {
            row[pg_constraint::CONNAMESPACE] = Datum::Oid(schema);
            Ok(())
        })?;
    }
    if found.kind != RelKind::Sequence {
        for sequence in owned_sequences(found.oid, ctx)? {
            move_relation(&*relation::describe(sequence, ctx)?, schema, ctx)?;
        }
    }
    Ok(())
}

/// Points the dependency on the schema elsewhere; built-in schemas other than `public` have none.
fn change_schema_dependency(
    object: ObjectAddress,
    from: ObjectAddress,
    to: ObjectAddress,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    if !writer.change_dependency(object, from, to)? {
        writer.record_dependency(object, to, pglitedb_tables::system::DependencyKind::Normal)?;
    }
    Ok(())
}

/// A type and its array type.
fn set_type_schema(oid: Oid, schema: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let info = ctx
        .catalog()
        .type_info(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))?;
    if ctx.catalog().type_oid(schema, &info.name)?.is_some() {
        return Err(taken("type", &info.name, schema, ctx)?);
    }
    for oid in [oid, info.array].into_iter().filter(|oid| *oid != 0) {
        ctx.writer()?.update_oid(pg_type::RELATION, oid, |row| {
            row[pg_type::TYPNAMESPACE] = Datum::Oid(schema);
            Ok(())
        })?;
    }
    Ok(())
}

fn move_type(oid: Oid, schema: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let info = ctx
        .catalog()
        .type_info(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))?;
    let shown = pglitedb_analyzer::format_type(oid, -1, &ctx.analyze())?;
    if is_builtin(type_object(oid)) {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied: type {shown} is a system object"));
    }
    if info.is_true_array {
        let element = pglitedb_analyzer::format_type(info.element, -1, &ctx.analyze())?;
        return Err(err!(WRONG_OBJECT_TYPE, "cannot alter array type {shown}")
            .hint(format!("You can alter type {element}, which will alter the array type as well.")));
    }
    if info.namespace == schema {
        return Ok(());
    }
    if info.kind == TypeKind::Composite {
        let found = relation::describe(info.relid, ctx)?;
        if found.kind != RelKind::CompositeType {
            return Err(
                err!(WRONG_OBJECT_TYPE, "{shown} is a table's row type").hint("Use ALTER TABLE instead.")
            );
        }
        relation::update_class(found.oid, ctx, |row| row[pg_class::RELNAMESPACE] = Datum::Oid(schema))?;
    }
    set_type_schema(oid, schema, ctx)?;
    let (from, to) = (namespace_object(info.namespace), namespace_object(schema));
    change_schema_dependency(type_object(oid), from, to, ctx)?;
    if info.kind == TypeKind::Domain {
        /// `pg_constraint_contypid_index`
        const BY_TYPE: Oid = 2666;
        use pglitedb_catalog::CatalogSource as _;
        let writer = ctx.writer()?;
        for (id, _) in writer.source().lookup(pg_constraint::RELATION, BY_TYPE, &[Datum::Oid(oid)])? {
            writer.update(pg_constraint::RELATION, id, |row| {
                row[pg_constraint::CONNAMESPACE] = Datum::Oid(schema);
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn move_object(address: ObjectAddress, schema: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let class = class_of(address.class)?;
    let Some(at) = class.namespace else {
        return Err(Error::unsupported(format!("a {} is in no schema", class.what)));
    };
    if is_builtin(address) {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "permission denied: {} is a system object",
            describe::object(address, ctx)?
        ));
    }
    let row = object_row(address, ctx)?;
    let old = row.get(at).and_then(Datum::as_oid).unwrap_or(0);
    let name = row.get(class.name).and_then(Datum::as_str).unwrap_or_default().to_owned();
    if old == schema {
        return Ok(());
    }
    check_name_is_free(class, &row, Some(schema), &name, ctx)?;
    ctx.writer()?.update_oid(address.class, address.object, |row| {
        row[at] = Datum::Oid(schema);
        Ok(())
    })?;
    change_schema_dependency(address, namespace_object(old), namespace_object(schema), ctx)
}
