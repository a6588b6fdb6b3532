//! Functions over things of which there are none here: event triggers, replication, recovery, timestamps of commits. They
//! answer as PostgreSQL does where there are none.

use super::activity;
use super::env_of;
use super::rows::{column, set};
use pglitedb_catalog::builtin::columns::{pg_database, pg_tablespace};
use pglitedb_functions::{Builtin, Registry, scalars};
use pglitedb_sqlstate::{Error, Result, Severity, bail, err};
use pglitedb_types::{Datum, Oid};

/// `pg_global`
const GLOBAL: Oid = 1664;
/// Longest name of a replication origin.
const MAX_ORIGIN: usize = 512;

fn outside_event_trigger(function: &str, kind: &str) -> Error {
    err!(
        E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED,
        "{function}() can only be called in {kind}event trigger function"
    )
}

fn not_in_recovery() -> Error {
    err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "recovery is not in progress")
        .hint("Recovery control functions can only be executed during recovery.")
}

fn no_slot(name: &str) -> Error {
    err!(UNDEFINED_OBJECT, "replication slot \"{name}\" does not exist")
}

fn no_origin(name: &str) -> Error {
    err!(UNDEFINED_OBJECT, "replication origin \"{name}\" does not exist")
}

fn no_session_origin() -> Error {
    err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "no replication origin is configured")
}

fn create_origin(name: &str) -> Error {
    if matches!(name, "any" | "none") || name.starts_with("pg_") {
        return err!(RESERVED_NAME, "replication origin name \"{name}\" is reserved")
            .detail("Origin names \"any\", \"none\", and names starting with \"pg_\" are reserved.");
    }
    if name.len() > MAX_ORIGIN {
        return err!(PROGRAM_LIMIT_EXCEEDED, "replication origin name is too long")
            .detail("Replication origin names must be no longer than 512 bytes.");
    }
    Error::unsupported("replication origins are not supported")
}

fn no_commit_times() -> Error {
    err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "could not get commit timestamp data")
        .hint("Make sure the configuration parameter \"track_commit_timestamp\" is set.")
}

/// What building a B-tree index is doing.
fn phase(method: Oid, phase: i64) -> Option<&'static str> {
    /// `btree`
    const BTREE: Oid = 403;
    let phases = [
        "initializing",
        "scanning table",
        "sorting live tuples",
        "sorting dead tuples",
        "loading tuples in tree",
    ];
    let index = usize::try_from(phase).ok()?.checked_sub(1)?;
    phases.get(index).copied().filter(|_| method == BTREE)
}

/// Kinds of statistics.
const KINDS: [&str; 11] = [
    "database",
    "relation",
    "function",
    "replslot",
    "subscription",
    "backend",
    "archiver",
    "bgwriter",
    "checkpointer",
    "io",
    "wal",
];

fn has_statistics(kind: &str) -> Result<bool> {
    if !KINDS.contains(&kind) && kind != "slru" {
        bail!(INVALID_PARAMETER_VALUE, "invalid statistics kind: \"{kind}\"");
    }
    // None are kept.
    Ok(false)
}

pub(super) fn register(reg: &mut Registry) {
    macro_rules! errors {
        ($($name:literal => $error:expr;)*) => {
            scalars!(reg; $($name => | | Err::<Datum, Error>($error);)*);
        };
    }
    errors!(
        "pg_event_trigger_table_rewrite_oid" =>
            outside_event_trigger("pg_event_trigger_table_rewrite_oid", "a table_rewrite ");
        "pg_event_trigger_table_rewrite_reason" =>
            outside_event_trigger("pg_event_trigger_table_rewrite_reason", "a table_rewrite ");
        "pg_wal_replay_pause" => not_in_recovery();
        "pg_wal_replay_resume" => not_in_recovery();
        "pg_get_wal_replay_pause_state" => not_in_recovery();
        "pg_replication_origin_session_reset" => no_session_origin();
        "pg_last_committed_xact" => no_commit_times();
    );
    scalars!(reg;
        "pg_promote" => |_wait: bool, _seconds: i32| Err::<Datum, Error>(not_in_recovery());
        "pg_drop_replication_slot" => |name: &str| Err::<Datum, Error>(no_slot(name));
        "pg_replication_slot_advance" => |name: &str, _to: u64| Err::<Datum, Error>(no_slot(name));
        "pg_replication_origin_create" => |name: &str| Err::<Datum, Error>(create_origin(name));
        "pg_replication_origin_oid" => |_name: &str| None::<u32>;
        "pg_replication_origin_drop" => |name: &str| Err::<Datum, Error>(no_origin(name));
        "pg_replication_origin_progress" => |name: &str, _flush: bool| Err::<Datum, Error>(no_origin(name));
        "pg_replication_origin_session_setup" => |name: &str| Err::<Datum, Error>(no_origin(name));
        "pg_replication_origin_session_is_setup" => | | false;
        "pg_replication_origin_session_progress" => |_flush: bool| Err::<Datum, Error>(no_session_origin());
        "pg_xact_commit_timestamp_origin" => |_xid: u32| Err::<Datum, Error>(no_commit_times());
        "pg_indexam_progress_phasename" => |method: u32, number: i64| phase(method, number);
        "pg_stat_have_stats" => |kind: &str, _database: u32, _object: i64| has_statistics(kind);
        // None wait to be written.
        "pg_stat_force_next_flush" => | | ();
        "pg_isolation_test_session_is_blocked" => [ctx] |pid: i32, others: &pglitedb_types::ArrayValue| {
            let Ok(pid) = u32::try_from(pid) else { return Ok(Datum::Bool(false)) };
            let blockers = env_of(ctx)?.cluster.engine.locks().blockers(pid);
            others.values.iter().any(|other| {
                other.as_i64().and_then(|other| u32::try_from(other).ok()).is_some_and(|other| blockers.contains(&other))
            })
        };
        "aclinsert" => |_list: &Datum, _item: &Datum|
            Err::<Datum, Error>(Error::unsupported("aclinsert is no longer supported"));
        "aclremove" => |_list: &Datum, _item: &Datum|
            Err::<Datum, Error>(Error::unsupported("aclremove is no longer supported"));
        "to_ascii_default" => |_text: &str|
            Err::<Datum, Error>(Error::unsupported("encoding conversion from UTF8 to ASCII not supported"));
    );
    reg.add(
        "pg_event_trigger_ddl_commands",
        Builtin::Set(|_, _| Err(outside_event_trigger("pg_event_trigger_ddl_commands", "an "))),
    );
    reg.add(
        "pg_event_trigger_dropped_objects",
        Builtin::Set(|_, _| Err(outside_event_trigger("pg_event_trigger_dropped_objects", "a sql_drop "))),
    );
    reg.add(
        "pg_tablespace_databases",
        Builtin::Set(|ctx, args| {
            let env = env_of(ctx)?;
            let tablespace = args.first().and_then(Datum::as_oid).unwrap_or(0);
            let warn = |text: String| env.push_notice(err!(WARNING, "{text}").severity(Severity::Warning));
            if tablespace == GLOBAL {
                warn("global tablespace never has databases".to_owned());
                return set(Vec::new());
            }
            if super::rows::Row::by_oid(env, pg_tablespace::RELATION, tablespace)?.is_none() {
                warn(format!("{tablespace} is not a tablespace OID"));
                return set(Vec::new());
            }
            let databases = super::rows::Row::all(env, pg_database::RELATION)?;
            let own = databases.iter().filter(|row| row.oid(pg_database::DATTABLESPACE) == tablespace);
            column(own.map(|row| Datum::Oid(row.oid(pg_database::OID))).collect())
        }),
    );
    activity::register_waits(reg);
}
