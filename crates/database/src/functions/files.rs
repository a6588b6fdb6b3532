//! Files of the machine that the database runs on, as a superuser sees them, and those of the log.

use super::env_of;
use super::rows::{column, record, set};
use crate::copy::file_error;
use crate::env::Env;
use pglitedb_functions::{Builtin, FnCtx, Registry, SessionEnv, SetIter, scalars};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{Datum, oids};
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The largest piece of a file that fits into a value.
const MAX_PIECE: u64 = 0x3fff_ffff - 4;
/// Bytes read before looking for interrupts.
const STEP: u64 = 1 << 20;
/// Microseconds from 1970-01-01 to 2000-01-01.
const EPOCH_DISTANCE: i64 = 946_684_800_000_000;

/// A path, relative ones from the data directory. Who may not read all files of the server must stay below it.
fn place(env: &Env, path: &str) -> Result<PathBuf> {
    let engine = &env.cluster.engine;
    if engine.is_in_memory() {
        return Err(Error::unsupported("a database in memory has no files"));
    }
    let directory = engine.path();
    let mut clean = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    if !may_read_all(env)? {
        if clean.is_absolute() && !clean.starts_with(directory) {
            bail!(INSUFFICIENT_PRIVILEGE, "absolute path not allowed");
        }
        if matches!(clean.components().next(), Some(Component::ParentDir)) {
            bail!(INSUFFICIENT_PRIVILEGE, "path must be in or below the data directory");
        }
    }
    Ok(directory.join(clean))
}

fn may_read_all(env: &Env) -> Result<bool> {
    if env.is_superuser() {
        return Ok(true);
    }
    match env.role_by_name("pg_read_server_files")? {
        Some(role) => env.is_member(env.current_user(), role.oid),
        None => Ok(false),
    }
}

/// What a file that is not there means.
fn unless_missing<T>(found: std::io::Result<T>, missing_ok: bool, what: &str) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if missing_ok && error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(&error, what.to_owned())),
    }
}

/// A piece of a file: from `offset`, which counts from the end if it is negative, as much as `length` says.
fn read(ctx: &FnCtx<'_>, path: &str, piece: Option<(i64, i64)>, missing_ok: bool) -> Result<Option<Vec<u8>>> {
    let env = env_of(ctx)?;
    if piece.is_some_and(|(_, length)| length < 0) {
        bail!(INVALID_PARAMETER_VALUE, "requested length cannot be negative");
    }
    let (offset, length) = match piece {
        Some((offset, length)) => (offset, length.unsigned_abs()),
        None => (0, MAX_PIECE + 1),
    };
    if piece.is_some() && length > MAX_PIECE {
        bail!(INVALID_PARAMETER_VALUE, "requested length too large");
    }
    let opened = File::open(place(env, path)?);
    let what = format!("could not open file \"{path}\" for reading");
    let Some(mut file) = unless_missing(opened, missing_ok, &what)? else { return Ok(None) };
    let failed = |error: std::io::Error| file_error(&error, format!("could not read file \"{path}\""));
    if offset != 0 {
        let seek = match u64::try_from(offset) {
            Ok(offset) => SeekFrom::Start(offset),
            Err(_) => SeekFrom::End(offset),
        };
        file.seek(seek).map_err(|error| file_error(&error, format!("could not seek in file \"{path}\"")))?;
    }
    let mut content = Vec::new();
    while (content.len() as u64) < length {
        env.check_interrupts()?;
        let step = STEP.min(length - content.len() as u64);
        if Read::by_ref(&mut file).take(step).read_to_end(&mut content).map_err(failed)? == 0 {
            break;
        }
    }
    if content.len() as u64 > MAX_PIECE {
        bail!(PROGRAM_LIMIT_EXCEEDED, "file length too large");
    }
    Ok(Some(content))
}

fn read_text(ctx: &FnCtx<'_>, path: &str, piece: Option<(i64, i64)>, missing_ok: bool) -> Result<Datum> {
    let Some(content) = read(ctx, path, piece, missing_ok)? else { return Ok(Datum::Null) };
    pglitedb_functions::text::encoding::decode(&content, "UTF8").map(|text| Datum::Text(text.into()))
}

fn read_binary(ctx: &FnCtx<'_>, path: &str, piece: Option<(i64, i64)>, missing_ok: bool) -> Result<Datum> {
    Ok(read(ctx, path, piece, missing_ok)?.map_or(Datum::Null, |content| Datum::Bytea(content.into())))
}

fn time(time: std::io::Result<SystemTime>) -> Datum {
    let Ok(since) = time.map(|time| time.duration_since(UNIX_EPOCH)) else { return Datum::Null };
    let micros = since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
    Datum::TimestampTz(micros - EPOCH_DISTANCE)
}

/// When what the file system knows of a file was last changed.
#[cfg(unix)]
fn change_time(data: &Metadata) -> Datum {
    use std::os::unix::fs::MetadataExt;
    let micros = data.ctime().saturating_mul(1_000_000).saturating_add(data.ctime_nsec() / 1000);
    Datum::TimestampTz(micros.saturating_sub(EPOCH_DISTANCE))
}

#[cfg(not(unix))]
fn change_time(_: &Metadata) -> Datum {
    Datum::Null
}

/// Unix systems do not say when a file was made.
fn creation_time(data: &Metadata) -> Datum {
    if cfg!(unix) { Datum::Null } else { time(data.created()) }
}

fn size_of(data: &Metadata) -> Datum {
    Datum::Int8(i64::try_from(data.len()).unwrap_or(i64::MAX))
}

fn stat(ctx: &FnCtx<'_>, path: &str, missing_ok: bool) -> Result<Datum> {
    let found = std::fs::metadata(place(env_of(ctx)?, path)?);
    let what = format!("could not stat file \"{path}\"");
    let Some(data) = unless_missing(found, missing_ok, &what)? else { return Ok(Datum::Null) };
    Ok(record(vec![
        (size_of(&data), oids::INT8),
        (time(data.accessed()), oids::TIMESTAMPTZ),
        (time(data.modified()), oids::TIMESTAMPTZ),
        (change_time(&data), oids::TIMESTAMPTZ),
        (creation_time(&data), oids::TIMESTAMPTZ),
        (Datum::Bool(data.is_dir()), oids::BOOL),
    ]))
}

/// The names in a directory.
fn list(ctx: &FnCtx<'_>, path: &str, missing_ok: bool, with_dots: bool) -> Result<Vec<String>> {
    let env = env_of(ctx)?;
    let opened = std::fs::read_dir(place(env, path)?);
    let what = format!("could not open directory \"{path}\"");
    let Some(entries) = unless_missing(opened, missing_ok, &what)? else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    if with_dots {
        names.extend([".".to_owned(), "..".to_owned()]);
    }
    for entry in entries {
        env.check_interrupts()?;
        let entry =
            entry.map_err(|error| file_error(&error, format!("could not read directory \"{path}\"")))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

fn names(names: Vec<String>) -> Result<Box<dyn SetIter>> {
    column(names.into_iter().map(|name| Datum::Text(name.into())).collect())
}

/// The files of the log: name, size, time of the last change.
fn log_files(ctx: &FnCtx<'_>) -> Result<Box<dyn SetIter>> {
    let env = env_of(ctx)?;
    if env.cluster.engine.is_in_memory() {
        return set(Vec::new());
    }
    let mut rows = Vec::new();
    for name in list(ctx, ".", false, false)? {
        // Others may take files away meanwhile.
        if name.starts_with("log-")
            && let Ok(data) = std::fs::metadata(env.cluster.engine.path().join(&name))
        {
            rows.push(vec![Datum::Text(name.into()), size_of(&data), time(data.modified())]);
        }
    }
    set(rows)
}

/// The number and the timeline in the name of a file of PostgreSQL's log.
fn split_log_name(env: &Env, name: &str) -> Result<Datum> {
    let invalid = || err!(INVALID_PARAMETER_VALUE, "invalid WAL file name \"{name}\"");
    if name.len() != 24 || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(invalid());
    }
    let part = |at: usize| {
        let digits = name.get(at..at + 8).and_then(|digits| u64::from_str_radix(digits, 16).ok());
        digits.ok_or_else(invalid)
    };
    let (timeline, high, low) = (part(0)?, part(8)?, part(16)?);
    let size = env.setting("wal_segment_size")?.unwrap_or_default();
    let megabytes: u64 = size.strip_suffix("MB").and_then(|size| size.parse().ok()).unwrap_or(16);
    let number = high * (4096 / megabytes.max(1)) + low;
    let number = pglitedb_types::Numeric::from_scaled(number.into(), 0);
    let timeline = Datum::Int8(i64::try_from(timeline).unwrap_or(0));
    Ok(record(vec![(Datum::Numeric(number), oids::NUMERIC), (timeline, oids::INT8)]))
}

/// There is no collector of messages; only the name of the format is checked.
fn current_log(format: Option<&str>) -> Result<Option<String>> {
    match format {
        None | Some("stderr" | "csvlog" | "jsonlog") => Ok(None),
        Some(other) => Err(err!(INVALID_PARAMETER_VALUE, "log format \"{other}\" is not supported")
            .hint("The supported log formats are \"stderr\", \"csvlog\", and \"jsonlog\".")),
    }
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_read_file_all" => [ctx] |path: &str| read_text(ctx, path, None, false);
        "pg_read_file_all_missing" => [ctx] |path: &str, missing_ok: bool| read_text(ctx, path, None, missing_ok);
        "pg_read_file_off_len" => [ctx] |path: &str, offset: i64, length: i64|
            read_text(ctx, path, Some((offset, length)), false);
        "pg_read_file_off_len_missing" => [ctx] |path: &str, offset: i64, length: i64, missing_ok: bool|
            read_text(ctx, path, Some((offset, length)), missing_ok);
        "pg_read_binary_file_all" => [ctx] |path: &str| read_binary(ctx, path, None, false);
        "pg_read_binary_file_all_missing" => [ctx] |path: &str, missing_ok: bool|
            read_binary(ctx, path, None, missing_ok);
        "pg_read_binary_file_off_len" => [ctx] |path: &str, offset: i64, length: i64|
            read_binary(ctx, path, Some((offset, length)), false);
        "pg_read_binary_file_off_len_missing" => [ctx] |path: &str, offset: i64, length: i64, missing_ok: bool|
            read_binary(ctx, path, Some((offset, length)), missing_ok);
        "pg_stat_file_1arg" => [ctx] |path: &str| stat(ctx, path, false);
        "pg_stat_file" => [ctx] |path: &str, missing_ok: bool| stat(ctx, path, missing_ok);
        "pg_split_walfile_name" => [ctx] |name: &str| split_log_name(env_of(ctx)?, name);
        "pg_current_logfile" => | | current_log(None);
        "pg_current_logfile_1arg" => |format: Option<&str>| current_log(format);
    );
    reg.add("pg_ls_waldir", Builtin::Set(|ctx, _| log_files(ctx)));
    reg.add(
        "pg_ls_dir_1arg",
        Builtin::Set(|ctx, args| match args {
            [Datum::Text(path)] => names(list(ctx, path, false, false)?),
            _ => Err(Error::internal("pg_ls_dir takes a path")),
        }),
    );
    reg.add(
        "pg_ls_dir",
        Builtin::Set(|ctx, args| match args {
            [Datum::Text(path), Datum::Bool(missing_ok), Datum::Bool(with_dots)] => {
                names(list(ctx, path, *missing_ok, *with_dots)?)
            }
            _ => Err(Error::internal("pg_ls_dir takes a path and two flags")),
        }),
    );
    // Nothing is archived, summarized or replicated, and no file is temporary.
    for name in [
        "pg_ls_archive_statusdir",
        "pg_ls_summariesdir",
        "pg_ls_logicalmapdir",
        "pg_ls_logicalsnapdir",
        "pg_ls_tmpdir_noargs",
        "pg_ls_tmpdir_1arg",
    ] {
        reg.add(name, Builtin::Set(|_, _| set(Vec::new())));
    }
}
