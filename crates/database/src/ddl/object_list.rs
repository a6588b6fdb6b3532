//! The objects of a schema.

use crate::context::StatementCtx;
use pglitedb_catalog::Relation;
use pglitedb_catalog::builtin::columns::{pg_class, pg_proc};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// Relations in a schema, by OID.
pub fn relations_in(namespace: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<Arc<Relation>>> {
    let rows = ctx.env().with_catalog(|catalog| catalog.rows(pg_class::RELATION))?;
    let mut found = Vec::new();
    for row in rows {
        if row.get(pg_class::RELNAMESPACE).and_then(Datum::as_oid) == Some(namespace)
            && let Some(oid) = row.get(pg_class::OID).and_then(Datum::as_oid)
            && let Some(relation) = ctx.catalog().relation(oid)?
        {
            found.push(relation);
        }
    }
    Ok(found)
}

/// Functions and procedures in a schema: OID and `prokind`.
pub fn routines_in(namespace: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<(Oid, u8)>> {
    let rows = ctx.env().with_catalog(|catalog| catalog.rows(pg_proc::RELATION))?;
    let mut found = Vec::new();
    for row in rows {
        if row.get(pg_proc::PRONAMESPACE).and_then(Datum::as_oid) == Some(namespace)
            && let Some(oid) = row.get(pg_proc::OID).and_then(Datum::as_oid)
        {
            let kind = if let Some(Datum::Char(kind)) = row.get(pg_proc::PROKIND) { *kind } else { b'f' };
            found.push((oid, kind));
        }
    }
    Ok(found)
}
