//! Numbers of transactions, snapshots, and the log.

use super::env_of;
use crate::env::Env;
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{Xid, XidSnapshot, XidStatus};
use pglitedb_tables::storage_error;
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

/// What became of a transaction, in the words of PostgreSQL; none if nobody remembers.
fn status(env: &Env, xid: u64) -> Result<Option<&'static str>> {
    match u32::try_from(xid & 0xffff_ffff) {
        Ok(0) => return Ok(None),
        // Those that wrote the first rows, and all that are frozen.
        Ok(1 | 2) => return Ok(Some("committed")),
        _ => {}
    }
    let status = env.cluster.engine.xid_status(Xid(xid)).map_err(storage_error)?;
    Ok(match status {
        XidStatus::InProgress => Some("in progress"),
        XidStatus::Committed => Some("committed"),
        XidStatus::Aborted => Some("aborted"),
        XidStatus::Forgotten => None,
        XidStatus::Future => {
            return Err(err!(INVALID_PARAMETER_VALUE, "transaction ID {xid} is in the future"));
        }
    })
}

/// The snapshot of the running statement, as text.
fn current_snapshot(env: &Env) -> Result<String> {
    let txn = env.txn()?;
    let XidSnapshot { xmin, xmax, running } = match env.running_at.get() {
        0 => {
            let snapshot = txn.snapshot();
            txn.xid_snapshot(snapshot.timestamp())
        }
        at => txn.xid_snapshot(at),
    };
    let mut text = format!("{xmin}:{xmax}:");
    for (index, xid) in running.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&xid.to_string());
    }
    Ok(text)
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_current_xact_id" => [ctx] | | {
            let xid = env_of(ctx)?.txn()?.assign_xid().map_err(storage_error)?;
            xid_result(ctx, xid.0)
        };
        "pg_current_xact_id_if_assigned" => [ctx] | | assigned(env_of(ctx)?)?.map(|xid| xid_result(ctx, xid));
        "pg_current_snapshot" => [ctx] | | current_snapshot(env_of(ctx)?);
        "pg_xact_status" => [ctx] |xid: &Datum| {
            let xid = match xid {
                Datum::UInt8(xid) => *xid,
                other => other.as_i64().unwrap_or(0).cast_unsigned(),
            };
            status(env_of(ctx)?, xid)
        };
        "xid_age" => [ctx] |xid: u32| {
            let env = env_of(ctx)?;
            let now = match assigned(env)? {
                Some(own) => own,
                None => env.cluster.engine.next_xid().0,
            };
            // The first numbers stand for what was always there.
            if xid < 3 { i32::MAX } else { (now as u32).wrapping_sub(xid).cast_signed() }
        };
        // No row was ever locked by several transactions under a number of their own.
        "mxid_age" => |mxid: u32| if mxid == 0 { i32::MAX } else { 1_u32.wrapping_sub(mxid).cast_signed() };
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
