//! DROP of relations, types, schemas and whatever goes with them.

use super::util::{check_owner, dotted, namespace_object, relation_object, type_object};
use super::{describe, text_search};
use crate::context::StatementCtx;
use pglitedb_analyzer::{try_lookup_relation, try_resolve_type_name};
use pglitedb_catalog::builtin::columns::{
    pg_aggregate, pg_attrdef, pg_attribute, pg_class, pg_constraint, pg_enum, pg_index, pg_namespace,
    pg_operator, pg_proc, pg_range, pg_rewrite, pg_sequence, pg_statistic, pg_ts_config, pg_type,
};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::TableLockMode;
use pglitedb_sql_parser::ast::{self, DropStatement, ObjectKind, ObjectRef, QualifiedName};
use pglitedb_sqlstate::{Error, Result, Severity, codes, err};
use pglitedb_tables::system::{DropBehavior, ObjectAddress};
use pglitedb_types::{Datum, Oid, TypeKind};
use std::sync::Arc;

/// Objects that a CASCADE notice lists by name.
const REPORTED_MAX: usize = 100;

/// DROP TABLE, VIEW, INDEX, SEQUENCE, SCHEMA, TYPE, DOMAIN, ...
pub fn execute(stmt: &DropStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    if stmt.concurrently {
        ctx.prevent_in_block("DROP INDEX CONCURRENTLY")?;
    }
    let mut objects = Vec::new();
    for object in &stmt.objects {
        objects.extend(find(stmt, object, ctx)?);
    }
    drop_objects(&objects, behavior(stmt.behavior), ctx)
}

/// The catalogs' behaviour for the grammar's.
pub fn behavior(behavior: ast::DropBehavior) -> DropBehavior {
    match behavior {
        ast::DropBehavior::Restrict => DropBehavior::Restrict,
        ast::DropBehavior::Cascade => DropBehavior::Cascade,
    }
}

fn skip(message: String, ctx: &StatementCtx<'_>) -> Option<ObjectAddress> {
    ctx.notice(Error::new(codes::SUCCESSFUL_COMPLETION, message).severity(Severity::Notice));
    None
}

fn find(stmt: &DropStatement, object: &ObjectRef, ctx: &StatementCtx<'_>) -> Result<Option<ObjectAddress>> {
    match (stmt.kind, object) {
        (
            ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Index
            | ObjectKind::Sequence
            | ObjectKind::ForeignTable,
            ObjectRef::Named { name, .. },
        ) => find_relation(stmt, name, ctx),
        (ObjectKind::Schema, ObjectRef::Named { name, .. }) => {
            let shown = name.last();
            let Some(oid) = ctx.catalog().namespace_by_name(shown)? else {
                if stmt.if_exists {
                    return Ok(skip(format!("schema \"{shown}\" does not exist, skipping"), ctx));
                }
                return Err(err!(UNDEFINED_SCHEMA, "schema \"{shown}\" does not exist"));
            };
            if oid < pglitedb_types::oids::FIRST_NORMAL_OID && oid != 2200 {
                return Err(err!(
                    DEPENDENT_OBJECTS_STILL_EXIST,
                    "cannot drop schema {shown} because it is required by the database system"
                ));
            }
            check_owner(ctx.env().namespace_owner(oid)?, "schema", shown, ctx)?;
            Ok(Some(namespace_object(oid)))
        }
        (kind, ObjectRef::Routine { signature, .. }) => {
            super::routine::find_for_drop(kind, signature, object, stmt.if_exists, ctx)
        }
        (ObjectKind::Type | ObjectKind::Domain, ObjectRef::Type { type_name, .. }) => {
            find_type(stmt, type_name, ctx)
        }
        (kind, object) if super::drop_other::handles(kind) => {
            super::drop_other::find(object, stmt.if_exists, ctx)
        }
        (kind, ObjectRef::Named { name, .. }) if text_search::is_kind(kind) => {
            text_search::find_to_drop(kind, name, stmt.if_exists, ctx)
        }
        (kind, _) => {
            Err(Error::unsupported(format!("DROP of this kind of object ({kind:?}) is not supported yet")))
        }
    }
}

fn find_type(
    stmt: &DropStatement,
    name: &ast::TypeName,
    ctx: &StatementCtx<'_>,
) -> Result<Option<ObjectAddress>> {
    let shown = dotted(&name.name);
    let Some((oid, _)) = try_resolve_type_name(name, &ctx.analyze())? else {
        if stmt.if_exists {
            return Ok(skip(format!("type \"{shown}\" does not exist, skipping"), ctx));
        }
        return Err(err!(UNDEFINED_OBJECT, "type \"{shown}\" does not exist"));
    };
    let info = ctx.catalog().type_info(oid)?.ok_or_else(|| Error::internal("type is gone"))?;
    if stmt.kind == ObjectKind::Domain && info.kind != TypeKind::Domain {
        return Err(err!(WRONG_OBJECT_TYPE, "\"{shown}\" is not a domain"));
    }
    if oid < pglitedb_types::oids::FIRST_NORMAL_OID {
        return Err(err!(
            DEPENDENT_OBJECTS_STILL_EXIST,
            "cannot drop type {shown} because it is required by the database system"
        ));
    }
    check_owner(info.owner, "type", &shown, ctx)?;
    // A composite type made by CREATE TYPE goes by its relation.
    if info.kind == TypeKind::Composite
        && let Some(relation) = ctx.catalog().relation(info.relid)?
        && relation.kind == RelKind::CompositeType
    {
        return Ok(Some(type_object(oid)));
    }
    Ok(Some(type_object(oid)))
}

fn wanted_kind(kind: ObjectKind) -> (&'static [RelKind], &'static str) {
    match kind {
        ObjectKind::Table => (&[RelKind::Table, RelKind::PartitionedTable], "table"),
        ObjectKind::View => (&[RelKind::View], "view"),
        ObjectKind::MaterializedView => (&[RelKind::MaterializedView], "materialized view"),
        ObjectKind::Index => (&[RelKind::Index, RelKind::PartitionedIndex], "index"),
        ObjectKind::Sequence => (&[RelKind::Sequence], "sequence"),
        _ => (&[RelKind::ForeignTable], "foreign table"),
    }
}

fn find_relation(
    stmt: &DropStatement,
    name: &QualifiedName,
    ctx: &StatementCtx<'_>,
) -> Result<Option<ObjectAddress>> {
    let (kinds, word) = wanted_kind(stmt.kind);
    let shown = name.last();
    if let [schema, _] = name.parts.as_slice()
        && ctx.catalog().namespace_by_name(&schema.name)?.is_none()
    {
        if stmt.if_exists {
            return Ok(skip(format!("schema \"{}\" does not exist, skipping", schema.name), ctx));
        }
        return Err(err!(UNDEFINED_SCHEMA, "schema \"{}\" does not exist", schema.name));
    }
    let Some(relation) = try_lookup_relation(name, &ctx.analyze())? else {
        if stmt.if_exists {
            return Ok(skip(format!("{word} \"{shown}\" does not exist, skipping"), ctx));
        }
        let code = if matches!(stmt.kind, ObjectKind::Index) {
            codes::UNDEFINED_OBJECT
        } else {
            codes::UNDEFINED_TABLE
        };
        return Err(Error::new(code, format!("{word} \"{}\" does not exist", dotted(name))));
    };
    if !kinds.contains(&relation.kind) {
        let article = if word == "index" { "an" } else { "a" };
        let error = err!(WRONG_OBJECT_TYPE, "\"{shown}\" is not {article} {word}");
        return Err(match right_command(relation.kind) {
            Some(hint) => error.hint(hint),
            None => error,
        });
    }
    if relation.is_catalog {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied: \"{shown}\" is a system catalog"));
    }
    check_owner(relation.owner, word, shown, ctx)?;
    lock_for_drop(&relation, ctx)?;
    Ok(Some(relation_object(relation.oid)))
}

fn right_command(kind: RelKind) -> Option<&'static str> {
    Some(match kind {
        RelKind::Table | RelKind::PartitionedTable => "Use DROP TABLE to remove a table.",
        RelKind::View => "Use DROP VIEW to remove a view.",
        RelKind::MaterializedView => "Use DROP MATERIALIZED VIEW to remove a materialized view.",
        RelKind::Index | RelKind::PartitionedIndex => "Use DROP INDEX to remove an index.",
        RelKind::Sequence => "Use DROP SEQUENCE to remove a sequence.",
        RelKind::CompositeType => "Use DROP TYPE to remove a type.",
        RelKind::ForeignTable => "Use DROP FOREIGN TABLE to remove a foreign table.",
        RelKind::Toast => return None,
    })
}

fn lock_for_drop(relation: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    if relation.kind == RelKind::Index
        && let Some(index) = ctx.catalog().index(relation.oid)?
    {
        ctx.lock_relation(index.table, TableLockMode::AccessExclusive)?;
    }
    ctx.lock_relation(relation.oid, TableLockMode::AccessExclusive)
}

/// Drops objects with everything that goes with them.
pub fn drop_objects(objects: &[ObjectAddress], behavior: DropBehavior, ctx: &StatementCtx<'_>) -> Result<()> {
    if objects.is_empty() {
        return Ok(());
    }
    let writer = ctx.writer()?;
    let plan = writer.plan_drop(objects, behavior, &|object| describe::object(object, ctx))?;
    report_cascade(&plan.cascaded().map(|drop| drop.object).collect::<Vec<_>>(), ctx)?;
    for drop in &plan.drops {
        if drop.object.class == pg_class::RELATION && drop.object.part == 0 {
            ctx.lock_relation(drop.object.object, TableLockMode::AccessExclusive)?;
        }
    }
    for drop in &plan.drops {
        drop_one(drop.object, ctx)?;
    }
    Ok(())
}

fn report_cascade(cascaded: &[ObjectAddress], ctx: &StatementCtx<'_>) -> Result<()> {
    let mut lines = Vec::with_capacity(cascaded.len());
    for object in cascaded {
        lines.push(format!("drop cascades to {}", describe::object(*object, ctx)?));
    }
    let notice = match lines.len() {
        0 => return Ok(()),
        1 => err!(SUCCESSFUL_COMPLETION, "{}", lines[0]),
        count => {
            let mut detail = lines.iter().take(REPORTED_MAX).cloned().collect::<Vec<_>>();
            if count > REPORTED_MAX {
                detail.push(format!("and {} other objects (see server log for list)", count - REPORTED_MAX));
            }
            err!(SUCCESSFUL_COMPLETION, "drop cascades to {count} other objects").detail(detail.join("\n"))
        }
    };
    ctx.notice(notice.severity(Severity::Notice));
    Ok(())
}

/// Indexes on the catalogs, by what they begin with.
mod by {
    use super::Oid;
    /// `pg_attribute_relid_attnum_index`
    pub const ATTRIBUTE_RELATION: Oid = 2659;
    /// `pg_statistic_relid_att_inh_index`
    pub const STATISTIC_RELATION: Oid = 2696;
    /// `pg_enum_typid_label_index`
    pub const ENUM_TYPE: Oid = 3503;
}

fn drop_one(object: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let oid = object.object;
    match object.class {
        pg_class::RELATION if object.part != 0 => {
            super::relation::drop_column(oid, i16::try_from(object.part).unwrap_or(0), ctx)?;
        }
        pg_class::RELATION => drop_relation(oid, ctx)?,
        pg_attrdef::RELATION => {
            let row = ctx.env().with_catalog(|catalog| catalog.row(pg_attrdef::RELATION, u64::from(oid)))?;
            if let Some(row) = row {
                let relation = row[pg_attrdef::ADRELID].as_oid().unwrap_or(0);
                let attnum = row[pg_attrdef::ADNUM].as_i64().and_then(|n| i16::try_from(n).ok()).unwrap_or(0);
                writer.update_attribute(relation, attnum, |row| {
                    row[pg_attribute::ATTHASDEF] = Datum::Bool(false);
                    row[pg_attribute::ATTGENERATED] = Datum::Char(0);
                    Ok(())
                })?;
            }
            writer.delete(pg_attrdef::RELATION, u64::from(oid))?;
        }
        pg_constraint::RELATION => drop_constraint(oid, ctx)?,
        pg_type::RELATION => {
            writer.delete_by_index(pg_enum::RELATION, by::ENUM_TYPE, &[Datum::Oid(oid)])?;
            writer.delete(pg_range::RELATION, u64::from(oid))?;
            writer.delete(pg_type::RELATION, u64::from(oid))?;
        }
        pg_proc::RELATION => {
            writer.delete(pg_aggregate::RELATION, u64::from(oid))?;
            writer.delete(pg_proc::RELATION, u64::from(oid))?;
        }
        pg_operator::RELATION => {
            super::operator::forget(oid, ctx)?;
            writer.delete(pg_operator::RELATION, u64::from(oid))?;
        }
        pg_rewrite::RELATION => {
            writer.delete(pg_rewrite::RELATION, u64::from(oid))?;
        }
        pg_namespace::RELATION => {
            writer.delete(pg_namespace::RELATION, u64::from(oid))?;
        }
        pg_ts_config::RELATION => {
            text_search::remove_mappings(oid, ctx)?;
            writer.delete(pg_ts_config::RELATION, u64::from(oid))?;
        }
        class => {
            if !writer.delete(class, u64::from(oid))? {
                return Err(Error::unsupported(format!(
                    "dropping {} is not supported yet",
                    describe::object(object, ctx)?
                )));
            }
        }
    }
    writer.delete_dependencies_of(object)?;
    writer.delete_role_dependencies(object, None)?;
    writer.delete_descriptions(object)
}

fn drop_constraint(oid: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let row = ctx.env().with_catalog(|catalog| catalog.row(pg_constraint::RELATION, u64::from(oid)))?;
    let Some(row) = row else { return Ok(()) };
    let relation = row[pg_constraint::CONRELID].as_oid().unwrap_or(0);
    let Datum::Char(contype) = row[pg_constraint::CONTYPE] else { return Ok(()) };
    writer.delete(pg_constraint::RELATION, u64::from(oid))?;
    let exists = relation != 0 && ctx.catalog().relation(relation)?.is_some();
    match contype {
        b'c' if exists => super::relation::update_class(relation, ctx, |row| {
            if let Datum::Int2(count) = row[pg_class::RELCHECKS] {
                row[pg_class::RELCHECKS] = Datum::Int2((count - 1).max(0));
            }
        }),
        b'n' if exists => {
            let attnum = match &row[pg_constraint::CONKEY] {
                Datum::Array(array) => array.values.first().and_then(Datum::as_i64),
                _ => None,
            };
            match attnum.and_then(|attnum| i16::try_from(attnum).ok()) {
                Some(attnum) => writer.update_attribute(relation, attnum, |row| {
                    row[pg_attribute::ATTNOTNULL] = Datum::Bool(false);
                    Ok(())
                }),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn drop_relation(oid: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let relation: Arc<Relation> = super::relation::describe(oid, ctx)?;
    match relation.kind {
        RelKind::Index => {
            if let Some(index) = ctx.catalog().index(oid)? {
                let storage = ctx.space().storage_id(index.file_node, false);
                ctx.txn().drop_storage(storage).map_err(pglitedb_tables::storage_error)?;
            }
            writer.delete(pg_index::RELATION, u64::from(oid))?;
        }
        RelKind::Sequence => {
            let params = super::sequence::spec_of(&relation, ctx)?.params;
            ctx.space().sequence(ctx.txn(), relation.file_node, params, &relation.name)?.drop_storage()?;
            writer.delete(pg_sequence::RELATION, u64::from(oid))?;
        }
        RelKind::Table | RelKind::MaterializedView if relation.file_node != 0 => {
            let storage = ctx.space().storage_id(relation.file_node, false);
            ctx.txn().drop_storage(storage).map_err(pglitedb_tables::storage_error)?;
        }
        _ => {}
    }
    writer.delete_by_index(pg_statistic::RELATION, by::STATISTIC_RELATION, &[Datum::Oid(oid)])?;
    writer.delete_by_index(pg_attribute::RELATION, by::ATTRIBUTE_RELATION, &[Datum::Oid(oid)])?;
    writer.delete(pg_class::RELATION, u64::from(oid))?;
    Ok(())
}

/// Drops everything in a schema (of temporary objects), silently.
pub fn drop_contents(namespace: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let schema = namespace_object(namespace);
    let contents: Vec<ObjectAddress> =
        writer.dependents_on(schema)?.iter().map(|edge| edge.depender).collect();
    if contents.is_empty() {
        return Ok(());
    }
    let plan = writer.plan_drop(&contents, DropBehavior::Cascade, &|object| describe::object(object, ctx))?;
    plan.drops.iter().try_for_each(|drop| drop_one(drop.object, ctx))
}
