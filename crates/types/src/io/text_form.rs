//! Text forms as values of their own: one allocation, of the right size.

use crate::{Datum, Oid, TypeEnv, oids};
use pglitedb_sqlstate::{Error, Result};
use std::cell::Cell;
use std::sync::Arc;

/// Buffers that have grown larger are not kept.
const KEPT: usize = 1 << 13;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

#[cold]
fn not_utf8() -> Error {
    Error::internal("text form of a value is not UTF-8")
}

/// Calls `read` with the text that `write` leaves in a buffer, which is kept for the next one.
pub fn with_text<R>(
    write: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    read: impl FnOnce(&str) -> Result<R>,
) -> Result<R> {
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    buffer.clear();
    let result =
        write(&mut buffer).and_then(|()| read(std::str::from_utf8(&buffer).map_err(|_| not_utf8())?));
    if buffer.capacity() <= KEPT {
        // When the thread ends there is nothing to keep it for.
        let _ = BUFFER.try_with(|kept| kept.set(buffer));
    }
    result
}

/// The text that `write` puts together, which must be UTF-8.
pub fn build_text(write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<Arc<str>> {
    with_text(write, |text| Ok(Arc::from(text)))
}

/// Whether the text form of a type's values is the text that they are.
#[inline]
pub fn is_plain_text(type_oid: Oid) -> bool {
    matches!(type_oid, oids::TEXT | oids::VARCHAR | oids::BPCHAR | oids::NAME | oids::UNKNOWN | oids::CSTRING)
}

/// The text form, as a `text` has it.
pub fn output_text(value: &Datum, type_oid: Oid, env: &dyn TypeEnv) -> Result<Arc<str>> {
    match value {
        Datum::Text(text) if is_plain_text(type_oid) => Ok(text.clone()),
        _ => build_text(|out| super::output(value, type_oid, env, out)),
    }
}

/// A value as one of another type, by way of its text form.
pub fn convert_by_text(value: &Datum, from: Oid, to: Oid, env: &dyn TypeEnv) -> Result<Datum> {
    match value {
        _ if to == oids::TEXT => output_text(value, from, env).map(Datum::Text),
        Datum::Text(text) if is_plain_text(from) => super::input(text, to, -1, env),
        _ => with_text(|out| super::output(value, from, env, out), |text| super::input(text, to, -1, env)),
    }
}
