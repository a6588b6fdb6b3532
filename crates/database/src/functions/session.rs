//! About the session and the server: who, where, since when; waiting; telling others.

use super::env_of;
use super::rows::{Row, column, set};
use crate::env::{Env, now};
use crate::session::SessionInfo;
use pglitedb_catalog::builtin::columns::{pg_authid, pg_namespace};
use pglitedb_catalog::{Catalog, builtin};
use pglitedb_functions::text::encoding::Encoding;
use pglitedb_functions::{Builtin, FnCtx, Registry, SessionEnv, scalars};
use pglitedb_sqlstate::{Error, Result, Severity, bail, err};
use pglitedb_storage::CancelReason;
use pglitedb_types::{ArrayValue, Datum, Inet, Interval, Oid, oids};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What `version()` says: programs look for the number after `PostgreSQL`.
const VERSION: &str =
    concat!("PostgreSQL 18.6 (PGLiteDB ", env!("CARGO_PKG_VERSION"), "), compiled by rustc, 64-bit");

/// Longest piece of a sleep between looks at cancellation.
const SLEEP_PIECE: Duration = Duration::from_millis(10);
/// Longest name of a channel, longest payload.
const CHANNEL_MAX: usize = 63;
const PAYLOAD_MAX: usize = 7999;

fn sleep(ctx: &FnCtx<'_>, seconds: f64) -> Result<()> {
    if seconds.is_nan() || seconds <= 0.0 {
        return Ok(());
    }
    let env = env_of(ctx)?;
    let begin = Instant::now();
    let length = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    loop {
        SessionEnv::check_interrupts(env)?;
        let Some(left) = length.checked_sub(begin.elapsed()).filter(|left| !left.is_zero()) else {
            return Ok(());
        };
        env.block(&mut || std::thread::sleep(left.min(SLEEP_PIECE)));
    }
}

/// An interval in seconds, as `extract(epoch ...)` counts it.
fn seconds(interval: &Interval) -> f64 {
    let days = f64::from(interval.months) * 30.0 + f64::from(interval.days);
    days * 86_400.0 + interval.micros as f64 / 1e6
}

fn schemas(ctx: &FnCtx<'_>, implicit: bool) -> Result<Datum> {
    let env = env_of(ctx)?;
    let path = if implicit { env.search_path() } else { env.listed_search_path()? };
    let mut names = Vec::new();
    for schema in path {
        if let Some(name) = env.namespace_name(schema)? {
            names.push(Datum::Text(name));
        }
    }
    Ok(Datum::Array(Arc::new(ArrayValue::one_dim(oids::NAME, names))))
}

fn current_schema(ctx: &FnCtx<'_>) -> Result<Option<Arc<str>>> {
    let env = env_of(ctx)?;
    match env.creation_namespace()? {
        Some(schema) => env.namespace_name(schema),
        None => Ok(None),
    }
}

fn user_name(env: &Env, oid: Oid) -> Result<Arc<str>> {
    let row = Row::by_oid(env, pg_authid::RELATION, oid)?;
    Ok(row.map_or_else(|| Arc::from(format!("unknown (OID={oid})")), |row| row.text(pg_authid::ROLNAME)))
}

/// This session's entry in the list of sessions.
fn own(env: &Env) -> Option<SessionInfo> {
    env.cluster.sessions.list().into_iter().find(|session| session.pid == env.pid)
}

fn client(env: &Env) -> Option<SocketAddr> {
    own(env)?.client
}

fn server(env: &Env) -> Option<SocketAddr> {
    own(env)?.server
}

/// An address as a value.
pub(crate) fn inet(address: IpAddr) -> Datum {
    let mut bytes = [0; 16];
    let (is_v6, bits) = match address {
        IpAddr::V4(v4) => {
            bytes[..4].copy_from_slice(&v4.octets());
            (false, 32)
        }
        IpAddr::V6(v6) => {
            bytes = v6.octets();
            (true, 128)
        }
    };
    Datum::Inet(Inet { is_v6, bits, addr: bytes })
}

fn int_pid(pid: i32) -> Option<u32> {
    u32::try_from(pid).ok()
}

/// `pg_cancel_backend`, `pg_terminate_backend`
fn signal(ctx: &FnCtx<'_>, pid: i32, reason: CancelReason) -> Result<bool> {
    let env = env_of(ctx)?;
    let sessions = env.cluster.sessions.list();
    let found = int_pid(pid).and_then(|pid| sessions.iter().find(|session| session.pid == pid));
    let Some(session) = found else {
        let warning = err!(WARNING, "PID {pid} is not a PostgreSQL backend process");
        env.push_notice(warning.severity(Severity::Warning));
        return Ok(false);
    };
    let verb = if reason == CancelReason::Terminate { "terminate process" } else { "cancel query" };
    let user = SessionEnv::current_user(env);
    if !env.is_superuser() {
        if env.role_by_oid(session.user)?.is_some_and(|role| role.superuser) {
            return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to {verb}").detail(format!(
                "Only roles with the SUPERUSER attribute may {verb_long} of roles with the SUPERUSER attribute.",
                verb_long = if reason == CancelReason::Terminate { "terminate processes" } else { "cancel queries" }
            )));
        }
        if !env.is_member(user, session.user)? {
            let what = if reason == CancelReason::Terminate {
                "terminate this process"
            } else {
                "cancel this query"
            };
            return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to {verb}").detail(format!(
                "Only roles with privileges of the role whose query is being canceled or with privileges of the \
                 \"pg_signal_backend\" role may {what}."
            )));
        }
    }
    Ok(env.cluster.sessions.signal(session.pid, reason))
}

fn notify(ctx: &FnCtx<'_>, channel: Option<&str>, payload: Option<&str>) -> Result<()> {
    let env = env_of(ctx)?;
    let (channel, payload) = (channel.unwrap_or(""), payload.unwrap_or(""));
    if channel.is_empty() {
        bail!(INVALID_PARAMETER_VALUE, "channel name cannot be empty");
    }
    if channel.len() > CHANNEL_MAX {
        bail!(INVALID_PARAMETER_VALUE, "channel name too long");
    }
    if payload.len() > PAYLOAD_MAX {
        bail!(INVALID_PARAMETER_VALUE, "payload string too long");
    }
    let pair = (Box::from(channel), Box::from(payload));
    let mut transaction = env.transaction.borrow_mut();
    // The same message twice in a transaction is delivered once.
    if !transaction.notifications.contains(&pair) {
        transaction.notifications.push(pair);
    }
    Ok(())
}

fn is_temp_of_other(ctx: &FnCtx<'_>, schema: Oid) -> Result<bool> {
    let env = env_of(ctx)?;
    if schema == env.temp_namespace.get() {
        return Ok(false);
    }
    let row = Row::by_oid(env, pg_namespace::RELATION, schema)?;
    Ok(row.is_some_and(|row| {
        let name = row.text(pg_namespace::NSPNAME);
        name.starts_with("pg_temp_") || name.starts_with("pg_toast_temp_")
    }))
}

fn settings(ctx: &FnCtx<'_>) -> Result<Vec<Vec<Datum>>> {
    let env = env_of(ctx)?;
    let mut rows = Vec::new();
    for definition in crate::settings::definition::definitions() {
        let info = &definition.info;
        let values = env.settings.borrow();
        let value = match env.show(info.name)? {
            Some(value) => Datum::Text(value),
            None => Datum::Null,
        };
        let text = |text: Option<&str>| text.map_or(Datum::Null, Datum::text);
        let choices: Vec<Datum> = info.choices.iter().map(|choice| Datum::text(choice)).collect();
        let reset = values.reset_value(info.name).map_or(Datum::Null, |(value, _)| Datum::Text(value));
        rows.push(vec![
            Datum::text(info.name),
            value,
            text(info.unit),
            Datum::text(info.category),
            Datum::text(""),
            Datum::Null,
            Datum::text(info.context),
            Datum::text(info.kind),
            Datum::text(values.source(info.name).as_str()),
            text(info.min),
            text(info.max),
            if choices.is_empty() {
                Datum::Null
            } else {
                Datum::Array(Arc::new(ArrayValue::one_dim(oids::TEXT, choices)))
            },
            text(info.boot),
            reset,
            Datum::Null,
            Datum::Null,
            Datum::Bool(false),
        ]);
    }
    Ok(rows)
}

fn keywords() -> Vec<Vec<Datum>> {
    let describe = |category: u8| match category {
        b'C' => "unreserved (cannot be function or type name)",
        b'T' => "reserved (can be function or type name)",
        b'R' => "reserved",
        _ => "unreserved",
    };
    builtin::keywords()
        .iter()
        .map(|keyword| {
            let bare = if keyword.bare_label { "can be bare label" } else { "requires AS" };
            vec![
                Datum::text(keyword.word),
                Datum::Char(keyword.category),
                Datum::Bool(keyword.bare_label),
                Datum::text(describe(keyword.category)),
                Datum::text(bare),
            ]
        })
        .collect()
}

fn encoding_number(name: &str) -> i32 {
    Encoding::find(name).map_or(-1, |encoding| encoding.0.into())
}

fn encoding_name(number: i32) -> &'static str {
    u8::try_from(number).map_or("", |number| Encoding(number).name())
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pgsql_version" => | | VERSION;
        "pg_backend_pid" => [ctx] | | i32::try_from(env_of(ctx)?.pid()).unwrap_or(i32::MAX);
        "pg_postmaster_start_time" => [ctx] | | Datum::TimestampTz(env_of(ctx)?.cluster.started);
        "pg_conf_load_time" => [ctx] | | Datum::TimestampTz(env_of(ctx)?.cluster.started);
        "pg_my_temp_schema" => [ctx] | | env_of(ctx)?.temp_namespace.get();
        "pg_is_other_temp_schema" => [ctx] |schema: u32| is_temp_of_other(ctx, schema);
        "current_schema" => [ctx] | | current_schema(ctx);
        "current_schemas" => [ctx] |implicit: bool| schemas(ctx, implicit);
        "current_user" => [ctx] | | user_name(env_of(ctx)?, ctx.env.current_user());
        "session_user" => [ctx] | | user_name(env_of(ctx)?, ctx.env.session_user());
        "current_query" => [ctx] | | {
            let env = env_of(ctx)?;
            let found = env.cluster.sessions.list().into_iter().find(|session| session.pid == env.pid);
            found.map(|session| session.activity.lock().query.clone())
        };
        "inet_client_addr" => [ctx] | | client(env_of(ctx)?).map(|address| inet(address.ip()));
        "inet_client_port" => [ctx] | | client(env_of(ctx)?).map(|address| i32::from(address.port()));
        "inet_server_addr" => [ctx] | | server(env_of(ctx)?).map(|address| inet(address.ip()));
        "inet_server_port" => [ctx] | | server(env_of(ctx)?).map(|address| i32::from(address.port()));
        "system_user" => [ctx] | | own(env_of(ctx)?).and_then(|session| session.system_user);
        "pg_sleep" => [ctx] |seconds: f64| sleep(ctx, seconds);
        "sql:3935" => [ctx] |length: Interval| sleep(ctx, seconds(&length));
        "sql:3936" => [ctx] |until: &Datum| match until {
            Datum::TimestampTz(until) => sleep(ctx, until.saturating_sub(now()) as f64 / 1e6),
            _ => Ok(()),
        };
        "pg_cancel_backend" => [ctx] |pid: i32| signal(ctx, pid, CancelReason::User);
        "pg_terminate_backend" => [ctx] |pid: i32, _timeout: i64| signal(ctx, pid, CancelReason::Terminate);
        "pg_reload_conf" => | | Err::<Datum, Error>(Error::unsupported("pg_reload_conf() is not supported: there is no configuration file"));
        "pg_notify" => [ctx] |channel: Option<&str>, payload: Option<&str>| notify(ctx, channel, payload);
        "pg_notification_queue_usage" => | | 0.0_f64;
        "pg_jit_available" => | | false;
        "pg_numa_available" => | | false;
        "pg_trigger_depth" => | | 0_i32;
        "PG_char_to_encoding" => |name: &str| encoding_number(name);
        "PG_encoding_to_char" => |number: i32| encoding_name(number);
        "pg_blocking_pids" => [ctx] |pid: i32| {
            let env = env_of(ctx)?;
            let pids = int_pid(pid).map(|pid| env.cluster.engine.locks().blockers(pid)).unwrap_or_default();
            let pids = pids.into_iter().map(|pid| Datum::Int4(i32::try_from(pid).unwrap_or(0))).collect();
            ArrayValue::one_dim(oids::INT4, pids)
        };
        "pg_safe_snapshot_blocking_pids" => |_pid: i32| ArrayValue::one_dim(oids::INT4, Vec::new());
        "pg_settings_get_flags" => |name: &str| {
            crate::settings::definition::definition(name).map(|_| super::rows::text_array([]))
        };
    );
    reg.add("show_all_settings", Builtin::Set(|ctx, _| set(settings(ctx)?)));
    reg.add("pg_get_keywords", Builtin::Set(|_, _| set(keywords())));
    reg.add(
        "pg_listening_channels",
        Builtin::Set(|ctx, _| {
            let channels = env_of(ctx)?.listen.channels.borrow();
            column(channels.iter().map(|channel| Datum::text(channel)).collect())
        }),
    );
}
