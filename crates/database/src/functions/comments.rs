//! Comments on objects.

use super::env_of;
use super::rows::Row;
use crate::env::Env;
use pglitedb_catalog::Catalog;
use pglitedb_catalog::builtin::columns::{pg_description, pg_shdescription};
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// Indexes over the objects of `pg_description` and `pg_shdescription`.
const BY_OBJECT: Oid = 2675;
const BY_SHARED_OBJECT: Oid = 2397;
/// `pg_catalog`
const PG_CATALOG: Oid = 11;

/// The catalog of a name, in `pg_catalog`.
fn catalog(env: &Env, name: &str) -> Result<Option<Oid>> {
    env.relation_oid(PG_CATALOG, name)
}

/// The comment on an object (or a column of it).
pub(crate) fn comment(env: &Env, class: Oid, object: Oid, part: i32) -> Result<Option<Arc<str>>> {
    let keys = [Datum::Oid(object), Datum::Oid(class), Datum::Int4(part)];
    let rows = Row::by_index(env, pg_description::RELATION, BY_OBJECT, &keys)?;
    Ok(rows.first().and_then(|row| row.opt_text(pg_description::DESCRIPTION)))
}

fn by_catalog(ctx: &FnCtx<'_>, object: Oid, name: &str) -> Result<Option<Arc<str>>> {
    let env = env_of(ctx)?;
    match catalog(env, name)? {
        Some(class) => comment(env, class, object, 0),
        None => Ok(None),
    }
}

/// The deprecated form: whatever object has the OID.
fn by_oid_alone(ctx: &FnCtx<'_>, object: Oid) -> Result<Option<Arc<str>>> {
    let rows = Row::by_index(env_of(ctx)?, pg_description::RELATION, BY_OBJECT, &[Datum::Oid(object)])?;
    let own = rows.iter().find(|row| row.int(pg_description::OBJSUBID) == 0);
    Ok(own.and_then(|row| row.opt_text(pg_description::DESCRIPTION)))
}

fn shared(ctx: &FnCtx<'_>, object: Oid, name: &str) -> Result<Option<Arc<str>>> {
    let env = env_of(ctx)?;
    let Some(class) = catalog(env, name)? else { return Ok(None) };
    let keys = [Datum::Oid(object), Datum::Oid(class)];
    let rows = Row::by_index(env, pg_shdescription::RELATION, BY_SHARED_OBJECT, &keys)?;
    Ok(rows.first().and_then(|row| row.opt_text(pg_shdescription::DESCRIPTION)))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "sql:1215" => [ctx] |object: u32, name: &str| by_catalog(ctx, object, name);
        "sql:1216" => [ctx] |object: u32, part: i32| comment(env_of(ctx)?, 1259, object, part);
        "sql:1348" => [ctx] |object: u32| by_oid_alone(ctx, object);
        "sql:1993" => [ctx] |object: u32, name: &str| shared(ctx, object, name);
    );
}
