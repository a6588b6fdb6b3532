//! Composite types.

use super::place_of;
use crate::context::StatementCtx;
use crate::ddl::relation::{self, NewColumn};
use crate::ddl::util::{namespace_object, relation_name_is_free, type_object};
use pglitedb_analyzer::{lookup_collation, resolve_type_name};
use pglitedb_catalog::RelKind;
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{CreateCompositeTypeStatement, Persistence};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::TypeKind;

/// CREATE TYPE ... AS (...).
pub fn create(stmt: &CreateCompositeTypeStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let place = place_of(&stmt.name, ctx)?;
    relation_name_is_free(&place, false, ctx)?;
    let mut columns: Vec<NewColumn> = Vec::new();
    for attribute in &stmt.attributes {
        let name = &*attribute.name.name;
        let (type_oid, typmod) = resolve_type_name(&attribute.type_name, &ctx.analyze())?;
        let info = ctx
            .catalog()
            .type_info(type_oid)?
            .ok_or_else(|| Error::internal(format!("cache lookup failed for type {type_oid}")))?;
        if info.kind == TypeKind::Pseudo {
            return Err(err!(INVALID_TABLE_DEFINITION, "column \"{name}\" has pseudo-type {}", info.name));
        }
        crate::ddl::column_type::require_usage(type_oid, ctx)?;
        if columns.iter().any(|known| known.name == name) {
            return Err(err!(DUPLICATE_COLUMN, "column \"{name}\" specified more than once"));
        }
        let collation = match &attribute.collation {
            None => info.collation,
            Some(written) if info.collation == 0 => {
                let shown = pglitedb_analyzer::format_type(type_oid, -1, &ctx.analyze())?;
                return Err(err!(DATATYPE_MISMATCH, "collations are not supported by type {shown}")
                    .at(written.span().offset()));
            }
            Some(written) => lookup_collation(written, &ctx.analyze())?,
        };
        columns.push(NewColumn {
            name: name.to_owned(),
            type_oid,
            typmod,
            collation,
            not_null: false,
            identity: 0,
            generated: 0,
            storage: None,
        });
    }
    let oid = relation::define(&place, RelKind::CompositeType, Persistence::Permanent, &columns, &[], ctx)?;
    let writer = ctx.writer()?;
    let relation = relation::describe(oid, ctx)?;
    // Here the relation is a part of the type, not the other way round.
    let (own, of_type) = (crate::ddl::util::relation_object(oid), type_object(relation.row_type));
    writer.delete_dependencies_of(of_type)?;
    for edge in writer.dependencies_of(own)? {
        if edge.depender.part == 0 {
            return Err(Error::internal("new composite type depends on something as a whole"));
        }
    }
    writer.delete_role_dependencies(own, None)?;
    writer.record_dependency(own, of_type, DependencyKind::Internal)?;
    writer.record_dependency(of_type, namespace_object(place.namespace), DependencyKind::Normal)?;
    writer.record_role_dependency(of_type, ctx.env().current_user(), b'o')
}
