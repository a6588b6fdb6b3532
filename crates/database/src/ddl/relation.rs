//! Catalog rows of a new relation: `pg_class`, `pg_attribute`, its row type and that type's array type.

use super::acl::{self, AclKind};
use super::util::{array_type_name, namespace_object, relation_object, type_name_is_free, type_object};
use super::{dependency, util::CreationPlace};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::{pg_attrdef, pg_attribute, pg_class, pg_type};
use pglitedb_catalog::{RelKind, Relation, new_rows};
use pglitedb_query_tree::{Expr, serial};
use pglitedb_sql_parser::ast::Persistence;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, TypeInfo, TypeKind};
use std::sync::Arc;

/// A column to create.
#[derive(Clone, Debug)]
pub struct NewColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_oid: Oid,
    /// Its type modifier.
    pub typmod: i32,
    /// Its collation, 0 if its type has none.
    pub collation: Oid,
    /// NOT NULL
    pub not_null: bool,
    /// `a`, `d` or 0
    pub identity: u8,
    /// `s`, `v` or 0
    pub generated: u8,
    /// Storage mode, if not the type's own.
    pub storage: Option<u8>,
}

/// Columns a table may have.
const COLUMNS_MAX: usize = 1600;

/// Creates the rows of a relation with columns. Storage is not created yet.
pub fn define(
    place: &CreationPlace,
    kind: RelKind,
    persistence: Persistence,
    columns: &[NewColumn],
    options: &[String],
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    if columns.len() > COLUMNS_MAX {
        return Err(pglitedb_sqlstate::err!(
            TOO_MANY_COLUMNS,
            "tables can have at most {COLUMNS_MAX} columns"
        ));
    }
    let writer = ctx.writer()?;
    let owner = pglitedb_functions::SessionEnv::current_user(ctx.env());
    let oid = writer.new_oid()?;
    let has_type = kind != RelKind::Sequence && kind != RelKind::Index;
    let count = i16::try_from(columns.len()).unwrap_or(i16::MAX);
    let mut row = new_rows::class_row(oid, &place.name, place.namespace, owner, kind, count);
    row[pg_class::RELPERSISTENCE] = Datum::Char(match (place.is_temp, persistence) {
        (true, _) | (_, Persistence::Temporary) => b't',
        (_, Persistence::Unlogged) => b'u',
        _ => b'p',
    });
    if !options.is_empty() {
        row[pg_class::RELOPTIONS] =
            new_rows::text_array(&options.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let types = if has_type { Some((writer.new_oid()?, writer.new_oid()?)) } else { None };
    if let Some((row_type, _)) = types {
        type_name_is_free(place.namespace, &place.name, ctx)?;
        row[pg_class::RELTYPE] = Datum::Oid(row_type);
    }
    writer.insert(pg_class::RELATION, &row)?;
    for (at, column) in columns.iter().enumerate() {
        add_attribute(oid, i16::try_from(at + 1).unwrap_or(i16::MAX), column, ctx)?;
    }
    if let Some((row_type, array_type)) = types {
        define_row_type(place, oid, owner, row_type, array_type, ctx)?;
    }
    if kind != RelKind::CompositeType {
        writer.record_dependency(
            relation_object(oid),
            namespace_object(place.namespace),
            DependencyKind::Normal,
        )?;
    }
    writer.record_role_dependency(relation_object(oid), owner, b'o')?;
    let acl_kind = match kind {
        RelKind::Table | RelKind::View | RelKind::MaterializedView => Some(AclKind::Table),
        RelKind::Sequence => Some(AclKind::Sequence),
        _ => None,
    };
    if let Some(acl_kind) = acl_kind
        && let Some(list) = acl::default_for_new_object(acl_kind, owner, place.namespace, ctx)?
    {
        acl::store(relation_object(oid), &list, owner, ctx)?;
    }
    Ok(oid)
}

/// Adds a column's row and its dependencies.
pub fn add_attribute(relation: Oid, attnum: i16, column: &NewColumn, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let info = ctx
        .catalog()
        .type_info(column.type_oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {}", column.type_oid)))?;
    let mut row =
        new_rows::attribute_row(relation, attnum, &column.name, &info, column.typmod, column.collation);
    row[pg_attribute::ATTNOTNULL] = Datum::Bool(column.not_null);
    row[pg_attribute::ATTIDENTITY] = Datum::Char(column.identity);
    row[pg_attribute::ATTGENERATED] = Datum::Char(column.generated);
    if let Some(storage) = column.storage {
        row[pg_attribute::ATTSTORAGE] = Datum::Char(storage);
    }
    writer.insert(pg_attribute::RELATION, &row)?;
    dependency::record_type(ObjectAddress::column(relation, attnum), column.type_oid, column.collation, ctx)
}

fn define_row_type(
    place: &CreationPlace,
    relation: Oid,
    owner: Oid,
    row_type: Oid,
    array_type: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    let composite = TypeInfo {
        category: b'C',
        relid: relation,
        array: array_type,
        align: b'd',
        storage: b'x',
        ..TypeInfo::new(row_type, &place.name, place.namespace, owner, TypeKind::Composite)
    };
    writer.insert(pg_type::RELATION, &new_rows::type_row(&composite, None))?;
    writer.record_dependency(type_object(row_type), relation_object(relation), DependencyKind::Internal)?;
    define_array_type(&composite, ctx)
}

/// The array type (`info.array`) of a new type.
pub fn define_array_type(info: &TypeInfo, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let array = TypeInfo {
        oid: info.array,
        name: Arc::from(array_type_name(info.namespace, &info.name, ctx)?),
        len: -1,
        by_value: false,
        kind: TypeKind::Base,
        category: b'A',
        is_preferred: false,
        relid: 0,
        element: info.oid,
        is_true_array: true,
        array: 0,
        base_type: 0,
        base_typmod: -1,
        not_null: false,
        align: if info.align == b'd' { b'd' } else { b'i' },
        storage: b'x',
        range_subtype: 0,
        range_collation: 0,
        range_canonical: 0,
        io_type: 0,
        default: None,
        ..info.clone()
    };
    writer.insert(pg_type::RELATION, &new_rows::type_row(&array, None))?;
    writer.record_dependency(type_object(array.oid), type_object(info.oid), DependencyKind::Internal)
}

/// The current description of a relation that was just created or changed.
pub fn describe(oid: Oid, ctx: &StatementCtx<'_>) -> Result<Arc<Relation>> {
    ctx.catalog()
        .relation(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for relation {oid}")))
}

/// Creates the storage of a new relation.
pub fn create_storage(oid: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let relation = describe(oid, ctx)?;
    ctx.space().open(&relation, ctx.catalog())?.create_storage(ctx.txn())
}

/// Stores a column's default (or generation expression).
pub fn store_default(
    relation: Oid,
    attnum: i16,
    expr: &Expr,
    generated: bool,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    writer.insert(
        pg_attrdef::RELATION,
        &new_rows::attrdef_row(oid, relation, attnum, &serial::expr_to_text(expr)?),
    )?;
    writer.update_attribute(relation, attnum, |row| {
        row[pg_attribute::ATTHASDEF] = Datum::Bool(true);
        Ok(())
    })?;
    let object = ObjectAddress::new(pg_attrdef::RELATION, oid);
    let column = ObjectAddress::column(relation, attnum);
    // A generated column and its expression go together; a default goes with its column.
    writer.record_dependency(
        object,
        column,
        if generated { DependencyKind::Internal } else { DependencyKind::Auto },
    )?;
    dependency::record_expr(object, expr, Some(relation), DependencyKind::Auto, ctx)
}

/// Changes flags of the `pg_class` row.
pub fn update_class(oid: Oid, ctx: &StatementCtx<'_>, change: impl FnOnce(&mut Vec<Datum>)) -> Result<()> {
    ctx.writer()?.update_oid(pg_class::RELATION, oid, |row| {
        change(row);
        Ok(())
    })
}

/// Makes a column a dropped one: it keeps its number and place in stored rows, and loses its name and type.
pub fn drop_column(relation: Oid, attnum: i16, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?.update_attribute(relation, attnum, |row| {
        row[pg_attribute::ATTISDROPPED] = Datum::Bool(true);
        row[pg_attribute::ATTNAME] = Datum::text(&format!("........pg.dropped.{attnum}........"));
        row[pg_attribute::ATTTYPID] = Datum::Oid(0);
        row[pg_attribute::ATTNOTNULL] = Datum::Bool(false);
        row[pg_attribute::ATTHASDEF] = Datum::Bool(false);
        row[pg_attribute::ATTHASMISSING] = Datum::Bool(false);
        row[pg_attribute::ATTMISSINGVAL] = Datum::Null;
        row[pg_attribute::ATTIDENTITY] = Datum::Char(0);
        row[pg_attribute::ATTGENERATED] = Datum::Char(0);
        Ok(())
    })
}
