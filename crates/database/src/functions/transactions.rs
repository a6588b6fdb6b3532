//! Numbers of transactions, snapshots, and the log.

use super::env_of;
use crate::env::Env;
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, oids};

/// An xid of the call's result type: `xid8`, or the `int8` of the old `txid` functions.
fn xid_result(ctx: &FnCtx<'_>, xid: u64) -> Datum {
    if ctx.info.result_type == oids::XID8 {
        Datum::UInt8(xid)
    } else {
        Datum::Int8(i64::try_from(xid).unwrap_or(i64::MAX))
    }
}

fn assigned(env: &Env) -> Result<Option<u64>> {
    Ok(env.txn()?.xid().map(|xid| xid.0))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_current_xact_id" => [ctx] | | {
            let xid = env_of(ctx)?.txn()?.assign_xid().map_err(pglitedb_tables::storage_error)?;
            xid_result(ctx, xid.0)
        };
        "pg_current_xact_id_if_assigned" => [ctx] | | assigned(env_of(ctx)?)?.map(|xid| xid_result(ctx, xid));
        "pg_export_snapshot" => | | Err::<Datum, Error>(Error::unsupported("pg_export_snapshot() is not supported"));
        "pg_is_in_recovery" => | | false;
        "pg_is_wal_replay_paused" => | | Err::<Datum, Error>(not_in_recovery());
        "pg_last_wal_receive_lsn" => | | Datum::Null;
        "pg_last_wal_replay_lsn" => | | Datum::Null;
        "pg_last_xact_replay_timestamp" => | | Datum::Null;
        "pg_current_wal_lsn" => [ctx] | | env_of(ctx)?.cluster.engine.last_commit_lsn().0;
        "pg_current_wal_insert_lsn" => [ctx] | | env_of(ctx)?.cluster.engine.last_commit_lsn().0;
        "pg_current_wal_flush_lsn" => [ctx] | | env_of(ctx)?.cluster.engine.durable_lsn().0;
    );
}

fn not_in_recovery() -> Error {
    pglitedb_sqlstate::err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "recovery is not in progress")
        .hint("Recovery control functions can only be executed during recovery.")
}
