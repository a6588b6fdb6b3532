//! What sessions do and which locks there are (`pg_stat_activity`, `pg_locks`).

use super::env_of;
use super::rows::{column, set};
use super::session::inet;
use crate::env::Env;
use crate::session::SessionInfo;
use pglitedb_functions::{Builtin, FnCtx, Registry, SessionEnv, scalars};
use pglitedb_sqlstate::Result;
use pglitedb_storage::{LockInfo, LockMode, LockTag};
use pglitedb_types::{Datum, Oid};

/// Microseconds from 1970-01-01 to 2000-01-01.
const EPOCH_DISTANCE: i64 = 946_684_800_000_000;

fn pid_of(session: &SessionInfo) -> Datum {
    pid(session.pid)
}

fn pid(pid: u32) -> Datum {
    Datum::Int4(i32::try_from(pid).unwrap_or(i32::MAX))
}

/// May the current user see what a session does?
fn may_see(env: &Env, session: &SessionInfo) -> Result<bool> {
    let user = SessionEnv::current_user(env);
    if env.is_superuser() || env.is_member(user, session.user)? {
        return Ok(true);
    }
    match env.role_by_name("pg_read_all_stats")? {
        Some(role) => env.is_member(user, role.oid),
        None => Ok(false),
    }
}

fn timestamp(at: i64) -> Datum {
    if at == 0 { Datum::Null } else { Datum::TimestampTz(at) }
}

/// Is a session waiting for a lock?
fn waits(locks: &[LockInfo], pid: u32) -> bool {
    locks.iter().any(|lock| lock.pid == pid && !lock.granted)
}

fn activity_row(env: &Env, session: &SessionInfo, locks: &[LockInfo]) -> Result<Vec<Datum>> {
    let visible = may_see(env, session)?;
    let activity = session.activity.lock().clone();
    let hidden = |value: Datum| if visible { value } else { Datum::Null };
    let waiting = waits(locks, session.pid);
    let wait = |word: &str| if waiting { Datum::text(word) } else { Datum::Null };
    let query =
        if visible { Datum::Text(activity.query.clone()) } else { Datum::text("<insufficient privilege>") };
    let mut row = vec![
        Datum::Oid(session.database),
        pid_of(session),
        Datum::Oid(session.user),
        Datum::Text(activity.application_name.clone()),
        hidden(Datum::text(activity.state)),
        query,
        hidden(wait("Lock")),
        hidden(wait("relation")),
        hidden(activity.transaction_start.map_or(Datum::Null, timestamp)),
        hidden(timestamp(activity.query_start)),
        hidden(timestamp(session.started)),
        hidden(timestamp(activity.state_change)),
        hidden(session.client.map_or(Datum::Null, |client| inet(client.ip()))),
        Datum::Null,
        hidden(session.client.map_or(Datum::Null, |client| Datum::Int4(i32::from(client.port())))),
        Datum::Null,
        Datum::Null,
        Datum::text("client backend"),
    ];
    // ssl to query_id: the session does not know about encryption.
    row.push(Datum::Bool(false));
    row.extend([const { Datum::Null }; 6]);
    row.push(Datum::Bool(false));
    row.push(Datum::Null);
    row.extend([Datum::Bool(false), Datum::Bool(false)]);
    row.extend([Datum::Null, Datum::Null]);
    Ok(row)
}

fn activity(ctx: &FnCtx<'_>, wanted: Option<i64>) -> Result<Vec<Vec<Datum>>> {
    let env = env_of(ctx)?;
    let locks = env.cluster.engine.locks().list();
    let sessions = env.cluster.sessions.list();
    let chosen = sessions.iter().filter(|session| wanted.is_none_or(|pid| pid == i64::from(session.pid)));
    chosen.map(|session| activity_row(env, session, &locks)).collect()
}

fn mode_name(mode: LockMode) -> &'static str {
    match mode {
        LockMode::AccessShare => "AccessShareLock",
        LockMode::RowShare => "RowShareLock",
        LockMode::RowExclusive => "RowExclusiveLock",
        LockMode::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
        LockMode::Share => "ShareLock",
        LockMode::ShareRowExclusive => "ShareRowExclusiveLock",
        LockMode::Exclusive => "ExclusiveLock",
        LockMode::AccessExclusive => "AccessExclusiveLock",
        LockMode::ForKeyShare => "RowShareLock",
        LockMode::ForShare => "ShareLock",
        LockMode::ForNoKeyUpdate => "RowExclusiveLock",
        LockMode::ForUpdate => "AccessExclusiveLock",
    }
}

/// The columns of `pg_locks` that name the object: locktype to objsubid.
fn lock_object(tag: &LockTag) -> Vec<Datum> {
    let mut object = vec![Datum::Null; 10];
    let mut put = |at: usize, value: Datum| {
        if let Some(slot) = object.get_mut(at) {
            *slot = value;
        }
    };
    let oid = |value: u32| Datum::Oid(value as Oid);
    match tag {
        LockTag::Relation(database, relation) => {
            put(0, Datum::text("relation"));
            put(1, oid(*database));
            put(2, oid(*relation));
        }
        LockTag::Object(database, class, object, part) => {
            put(0, Datum::text("object"));
            put(1, oid(*database));
            put(7, oid(*class));
            put(8, oid(*object));
            put(9, Datum::Int2(i16::try_from(*part).unwrap_or(0)));
        }
        LockTag::Row(..) | LockTag::Key(..) => put(0, Datum::text("tuple")),
        LockTag::Transaction(xid) => {
            put(0, Datum::text("transactionid"));
            put(6, oid((xid.0 & 0xffff_ffff) as u32));
        }
        LockTag::Advisory(database, key) => {
            put(0, Datum::text("advisory"));
            put(1, oid(*database));
            put(7, oid((*key as u64 >> 32) as u32));
            put(8, oid((*key as u64 & 0xffff_ffff) as u32));
            put(9, Datum::Int2(1));
        }
        LockTag::AdvisoryPair(database, first, second) => {
            put(0, Datum::text("advisory"));
            put(1, oid(*database));
            put(7, oid(*first as u32));
            put(8, oid(*second as u32));
            put(9, Datum::Int2(2));
        }
    }
    object
}

fn locks(ctx: &FnCtx<'_>) -> Result<Vec<Vec<Datum>>> {
    let env = env_of(ctx)?;
    let listed = env.cluster.engine.locks().list();
    Ok(listed
        .iter()
        .map(|lock| {
            let mut row = lock_object(&lock.tag);
            row.push(Datum::Text(format!("{}/0", lock.pid).into()));
            row.push(pid(lock.pid));
            row.push(Datum::text(mode_name(lock.mode)));
            row.push(Datum::Bool(lock.granted));
            row.push(Datum::Bool(false));
            row.push(lock.wait_start.map_or(Datum::Null, |at| Datum::TimestampTz(at - EPOCH_DISTANCE)));
            row
        })
        .collect())
}

/// The session of a backend number, which is its process number here.
fn backend(ctx: &FnCtx<'_>, number: i32) -> Result<Option<SessionInfo>> {
    let sessions = env_of(ctx)?.cluster.sessions.list();
    Ok(sessions.into_iter().find(|session| i64::from(session.pid) == i64::from(number)))
}

/// As [`backend`], if the user may see what it does.
fn visible(ctx: &FnCtx<'_>, number: i32) -> Result<Option<SessionInfo>> {
    match backend(ctx, number)? {
        Some(session) if may_see(env_of(ctx)?, &session)? => Ok(Some(session)),
        _ => Ok(None),
    }
}

/// What sessions wait for.
pub(super) fn register_waits(reg: &mut Registry) {
    scalars!(reg;
        "pg_stat_get_backend_wait_event" => [ctx] |number: i32| waiting(ctx, number, "relation");
        "pg_stat_get_backend_wait_event_type" => [ctx] |number: i32| waiting(ctx, number, "Lock");
    );
}

/// `word` if a session waits for a lock.
fn waiting(ctx: &FnCtx<'_>, number: i32, word: &'static str) -> Result<Option<&'static str>> {
    let Some(session) = backend(ctx, number)? else {
        return Ok(Some("<backend information not available>"));
    };
    if !may_see(env_of(ctx)?, &session)? {
        return Ok(Some("<insufficient privilege>"));
    }
    let locks = env_of(ctx)?.cluster.engine.locks().list();
    Ok(waits(&locks, session.pid).then_some(word))
}

pub(super) fn register(reg: &mut Registry) {
    reg.add(
        "pg_stat_get_activity",
        Builtin::Set(|ctx, args| set(activity(ctx, args.first().and_then(Datum::as_i64))?)),
    );
    reg.add("pg_lock_status", Builtin::Set(|ctx, _| set(locks(ctx)?)));
    reg.add(
        "pg_stat_get_backend_idset",
        Builtin::Set(|ctx, _| column(env_of(ctx)?.cluster.sessions.list().iter().map(pid_of).collect())),
    );
    scalars!(reg;
        "pg_stat_get_backend_pid" => [ctx] |number: i32| backend(ctx, number)?.map(|session| pid_of(&session));
        "pg_stat_get_backend_dbid" => [ctx] |number: i32| backend(ctx, number)?.map(|session| session.database);
        "pg_stat_get_backend_userid" => [ctx] |number: i32| backend(ctx, number)?.map(|session| session.user);
        "pg_stat_get_backend_activity" => [ctx] |number: i32|
            visible(ctx, number)?.map(|session| session.activity.lock().query.clone());
        "pg_stat_get_backend_start" => [ctx] |number: i32|
            visible(ctx, number)?.map(|session| timestamp(session.started));
        "pg_stat_get_backend_activity_start" => [ctx] |number: i32|
            visible(ctx, number)?.map(|session| timestamp(session.activity.lock().query_start));
        "pg_stat_get_backend_xact_start" => [ctx] |number: i32|
            visible(ctx, number)?.and_then(|session| session.activity.lock().transaction_start.map(timestamp));
        "pg_stat_get_backend_client_addr" => [ctx] |number: i32|
            visible(ctx, number)?.and_then(|session| session.client.map(|client| inet(client.ip())));
        "pg_stat_get_backend_client_port" => [ctx] |number: i32|
            visible(ctx, number)?.and_then(|session| session.client.map(|client| i32::from(client.port())));
        "pg_stat_get_db_numbackends" => [ctx] |database: u32| {
            let sessions = env_of(ctx)?.cluster.sessions.list();
            let count = sessions.iter().filter(|session| session.database == database).count();
            i32::try_from(count).unwrap_or(i32::MAX)
        };
    );
}
