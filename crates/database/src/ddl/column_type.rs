//! What a column (an attribute of a composite type, ...) may have as its type.

use super::acl;
use super::util::type_object;
use crate::context::StatementCtx;
use crate::functions::rows::Row;
use pglitedb_catalog::builtin::columns::pg_range;
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{Oid, TypeInfo, TypeKind, format_type_be};
use std::sync::Arc;

/// Index over `pg_range.rngmultitypid`.
const RANGE_BY_MULTIRANGE: Oid = 2228;
/// Types within types are looked through so deep.
const DEPTH_MAX: usize = 200;

fn info_of(type_oid: Oid, ctx: &StatementCtx<'_>) -> Result<Arc<TypeInfo>> {
    let found = ctx.catalog().type_info(type_oid)?;
    found.ok_or_else(|| Error::internal(format!("cache lookup failed for type {type_oid}")))
}

/// `42501 permission denied for type ...` unless the current user may use the type. An array is used by who may use its
/// elements, a multirange by who may use its range.
pub fn require_usage(type_oid: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    if type_oid < pglitedb_types::oids::FIRST_NORMAL_OID || ctx.env().is_superuser() {
        return Ok(());
    }
    let mut info = info_of(type_oid, ctx)?;
    if info.is_true_array {
        info = info_of(info.element, ctx)?;
    }
    let shown = format_type_be(info.oid, ctx.env().as_type_env())?;
    let mut judged = info.oid;
    if info.kind == TypeKind::Multirange {
        let rows = Row::by_index(
            ctx.env(),
            pg_range::RELATION,
            RANGE_BY_MULTIRANGE,
            &[pglitedb_types::Datum::Oid(info.oid)],
        )?;
        judged = rows.first().map_or(judged, |row| row.oid(pg_range::RNGTYPID));
    }
    acl::require(type_object(judged), "U", "type", &shown, ctx)
}

/// Refuses a type that contains one of the row types, directly or within: a row can't be a part of itself.
pub fn refuse_self_inclusion(type_oid: Oid, row_type: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    inclusion(type_oid, &mut vec![row_type], ctx)
}

fn inclusion(type_oid: Oid, containing: &mut Vec<Oid>, ctx: &StatementCtx<'_>) -> Result<()> {
    if containing.len() > DEPTH_MAX {
        bail!(STATEMENT_TOO_COMPLEX, "types are nested too deeply");
    }
    let info = info_of(type_oid, ctx)?;
    let within = match info.kind {
        _ if info.is_true_array => info.element,
        TypeKind::Domain => info.base_type,
        TypeKind::Range | TypeKind::Multirange => info.range_subtype,
        TypeKind::Composite => {
            if containing.contains(&type_oid) {
                let name = format_type_be(type_oid, ctx.env().as_type_env())?;
                return Err(err!(
                    INVALID_TABLE_DEFINITION,
                    "composite type {name} cannot be made a member of itself"
                ));
            }
            containing.push(type_oid);
            for field in ctx.env().as_type_env().composite_fields(type_oid)?.iter() {
                inclusion(field.type_oid, containing, ctx)?;
            }
            containing.pop();
            return Ok(());
        }
        _ => return Ok(()),
    };
    containing.push(0);
    let result = inclusion(within, containing, ctx);
    containing.pop();
    result
}
