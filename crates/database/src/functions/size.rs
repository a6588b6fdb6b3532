//! Sizes and files of relations and databases.

use super::env_of;
use super::reg::database_by_name;
use super::rows::Row;
use crate::env::Env;
use pglitedb_catalog::builtin::columns::{pg_class, pg_database, pg_tablespace};
use pglitedb_catalog::{Catalog, RelKind, Relation};
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_storage::StorageId;
use pglitedb_tables::storage_error;
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

fn storage_bytes(env: &Env, storage: StorageId) -> Result<i64> {
    let stats = env.cluster.engine.storage_stats(storage).map_err(storage_error)?;
    Ok(i64::try_from(stats.file_bytes).unwrap_or(i64::MAX))
}

fn own_bytes(env: &Env, relation: &Relation) -> Result<i64> {
    let node = if relation.is_catalog { relation.oid } else { relation.file_node };
    if node == 0 {
        return Ok(0);
    }
    storage_bytes(env, env.space().storage_id(node, relation.is_shared))
}

fn index_bytes(env: &Env, relation: &Relation) -> Result<i64> {
    let mut total = 0_i64;
    for index in relation.indexes.iter().filter(|index| index.file_node != 0) {
        let storage = env.space().storage_id(index.file_node, relation.is_shared);
        total = total.saturating_add(storage_bytes(env, storage)?);
    }
    Ok(total)
}

/// What of a relation is counted.
#[derive(Clone, Copy)]
enum Part {
    Own,
    Indexes,
    Total,
}

fn relation_size(ctx: &FnCtx<'_>, oid: Oid, part: Part) -> Result<Option<i64>> {
    let env = env_of(ctx)?;
    if let Some(index) = env.index(oid)? {
        let shared = env.relation(index.table)?.is_some_and(|table| table.is_shared);
        return match part {
            Part::Indexes => Ok(Some(0)),
            _ if index.file_node == 0 => Ok(Some(0)),
            _ => storage_bytes(env, env.space().storage_id(index.file_node, shared)).map(Some),
        };
    }
    let Some(relation): Option<Arc<Relation>> = env.relation(oid)? else { return Ok(None) };
    match part {
        Part::Own => own_bytes(env, &relation),
        Part::Indexes => index_bytes(env, &relation),
        Part::Total => Ok(own_bytes(env, &relation)?.saturating_add(index_bytes(env, &relation)?)),
    }
    .map(Some)
}

fn fork_size(ctx: &FnCtx<'_>, oid: Oid, fork: &str) -> Result<Option<i64>> {
    match fork {
        "main" => relation_size(ctx, oid, Part::Own),
        // There are no such forks.
        "fsm" | "vm" | "init" => Ok(relation_size(ctx, oid, Part::Own)?.map(|_| 0)),
        _ => Err(err!(INVALID_PARAMETER_VALUE, "invalid fork name")
            .hint("Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".")),
    }
}

fn database_size(ctx: &FnCtx<'_>, oid: Oid) -> Result<i64> {
    let env = env_of(ctx)?;
    if Row::by_oid(env, pg_database::RELATION, oid)?.is_none() {
        bail!(UNDEFINED_DATABASE, "database with OID {oid} does not exist");
    }
    let mut total = 0_i64;
    for storage in env.cluster.engine.list_storages(oid).map_err(storage_error)? {
        total = total.saturating_add(storage_bytes(env, storage)?);
    }
    Ok(total)
}

fn tablespace_size(ctx: &FnCtx<'_>, oid: Oid) -> Result<Option<i64>> {
    let env = env_of(ctx)?;
    if Row::by_oid(env, pg_tablespace::RELATION, oid)?.is_none() {
        return Ok(None);
    }
    let mut total = 0_i64;
    let mut databases: Vec<Oid> =
        Row::all(env, pg_database::RELATION)?.iter().map(|row| row.oid(pg_database::OID)).collect();
    // Database 0 holds what all share; it is all there is of pg_global.
    databases.push(0);
    for database in databases.into_iter().filter(|database| (*database == 0) == (oid == 1664)) {
        for storage in env.cluster.engine.list_storages(database).map_err(storage_error)? {
            total = total.saturating_add(storage_bytes(env, storage)?);
        }
    }
    Ok(Some(total))
}

fn tablespace_by_name(env: &Env, name: &str) -> Result<Oid> {
    let rows = Row::all(env, pg_tablespace::RELATION)?;
    let found = rows.iter().find(|row| *row.text(pg_tablespace::SPCNAME) == *name);
    found
        .map(|row| row.oid(pg_tablespace::OID))
        .ok_or_else(|| err!(UNDEFINED_OBJECT, "tablespace \"{name}\" does not exist"))
}

/// Number of a relation's storage, if it has any.
fn file_node(ctx: &FnCtx<'_>, oid: Oid) -> Result<Option<Oid>> {
    let env = env_of(ctx)?;
    if let Some(index) = env.index(oid)? {
        return Ok((index.file_node != 0).then_some(index.file_node));
    }
    let Some(relation) = env.relation(oid)? else { return Ok(None) };
    let has_storage =
        !matches!(relation.kind, RelKind::View | RelKind::CompositeType | RelKind::ForeignTable);
    let node = if relation.is_catalog { relation.oid } else { relation.file_node };
    Ok((has_storage && node != 0).then_some(node))
}

fn relation_of_node(ctx: &FnCtx<'_>, node: Oid) -> Result<Option<Oid>> {
    let rows = Row::all(env_of(ctx)?, pg_class::RELATION)?;
    let found = rows.iter().find(|row| row.oid(pg_class::RELFILENODE) == node && node != 0);
    Ok(found.map(|row| row.oid(pg_class::OID)))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_relation_size" => [ctx] |oid: u32, fork: &str| fork_size(ctx, oid, fork);
        "sql:2325" => [ctx] |oid: u32| relation_size(ctx, oid, Part::Own);
        "pg_table_size" => [ctx] |oid: u32| relation_size(ctx, oid, Part::Own);
        "pg_indexes_size" => [ctx] |oid: u32| relation_size(ctx, oid, Part::Indexes);
        "pg_total_relation_size" => [ctx] |oid: u32| relation_size(ctx, oid, Part::Total);
        "pg_database_size_oid" => [ctx] |oid: u32| database_size(ctx, oid);
        "pg_database_size_name" => [ctx] |name: &str| match database_by_name(env_of(ctx)?, name)? {
            Some(oid) => database_size(ctx, oid),
            None => Err(err!(UNDEFINED_DATABASE, "database \"{name}\" does not exist")),
        };
        "pg_tablespace_size_oid" => [ctx] |oid: u32| tablespace_size(ctx, oid);
        "pg_tablespace_size_name" => [ctx] |name: &str| tablespace_size(ctx, tablespace_by_name(env_of(ctx)?, name)?);
        // Everything lives in the database's own directory.
        "pg_tablespace_location" => |_oid: u32| "";
        "pg_relation_filenode" => [ctx] |oid: u32| file_node(ctx, oid);
        "pg_relation_filepath" => [ctx] |oid: u32| match file_node(ctx, oid)? {
            Some(node) => Some(format!("base/{}/{node}", env_of(ctx)?.database_oid())),
            None => None,
        };
        "pg_filenode_relation" => [ctx] |_tablespace: u32, node: u32| relation_of_node(ctx, node);
        "pg_column_compression" => |_value: &Datum| None::<String>;
        "pg_column_toast_chunk_id" => |_value: &Datum| None::<u32>;
    );
}
