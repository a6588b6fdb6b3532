//! Files on the machine that the database runs on.

use super::CopyFrom;
use super::from::CopyIn;
use crate::context::StatementCtx;
use crate::output::CommandTag;
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::{Error, Result, bail, err};
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read};
use std::path::Path;

/// Bytes read at once.
const PIECE: usize = 1 << 18;

/// Files are for superusers, and for members of a role that ships with PostgreSQL.
pub(super) fn check_role(ctx: &StatementCtx<'_>, role: &str, direction: &str) -> Result<()> {
    let env = ctx.env();
    if env.is_superuser() {
        return Ok(());
    }
    if let Some(found) = env.role_by_name(role)?
        && env.is_member(env.current_user(), found.oid)?
    {
        return Ok(());
    }
    Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to COPY {direction} a file")
        .detail(format!("Only roles with privileges of the \"{role}\" role may COPY {direction} a file."))
        .hint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone."))
}

/// The operating system's word for a failure, without the number that Rust adds.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// What it means that something could not be done with a file.
pub(crate) fn failed(error: &std::io::Error, what: String) -> Error {
    let message = format!("{what}: {}", reason(error));
    match error.kind() {
        ErrorKind::NotFound => err!(UNDEFINED_FILE, "{message}"),
        ErrorKind::IsADirectory | ErrorKind::NotADirectory => err!(WRONG_OBJECT_TYPE, "{message}"),
        ErrorKind::PermissionDenied => err!(INSUFFICIENT_PRIVILEGE, "{message}"),
        ErrorKind::StorageFull => err!(DISK_FULL, "{message}"),
        _ => err!(IO_ERROR, "{message}"),
    }
}

/// COPY FROM a file.
pub(super) fn read(path: &str, copy: &mut CopyIn, ctx: &StatementCtx<'_>) -> Result<CommandTag> {
    let opened = File::open(path).map_err(|error| {
        failed(&error, format!("could not open file \"{path}\" for reading")).hint(
            "COPY FROM instructs the PostgreSQL server process to read a file. \
             You may want a client-side facility such as psql's \\copy.",
        )
    });
    let mut file = opened?;
    if file.metadata().is_ok_and(|data| data.is_dir()) {
        bail!(WRONG_OBJECT_TYPE, "\"{path}\" is a directory");
    }
    let mut piece = vec![0; PIECE];
    loop {
        ctx.env().check_interrupts()?;
        match file.read(&mut piece) {
            Ok(0) => return copy.finish(ctx),
            Ok(count) => copy.data(piece.get(..count).unwrap_or_default(), ctx)?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(&error, "could not read from COPY file".to_owned())),
        }
    }
}

/// A new file for COPY TO.
pub(super) fn create(path: &str) -> Result<BufWriter<File>> {
    if !Path::new(path).is_absolute() {
        bail!(INVALID_NAME, "relative path not allowed for COPY to file");
    }
    if Path::new(path).is_dir() {
        bail!(WRONG_OBJECT_TYPE, "\"{path}\" is a directory");
    }
    let file = File::create(path).map_err(|error| {
        failed(&error, format!("could not open file \"{path}\" for writing")).hint(
            "COPY TO instructs the PostgreSQL server process to write a file. \
             You may want a client-side facility such as psql's \\copy.",
        )
    })?;
    Ok(BufWriter::with_capacity(PIECE, file))
}

/// 58030 or 53100
pub(super) fn write_failed(error: &std::io::Error) -> Error {
    failed(error, "could not write to COPY file".to_owned())
}
