//! The base: what was committed up to the last checkpoint, in a B-tree file. This module is all that knows redb.

mod backend;
mod file;
mod meta;
mod snapshot;

pub(crate) use backend::Pause;
pub(crate) use file::{BaseFile, BaseWriter};
pub(crate) use meta::Meta;
pub(crate) use snapshot::{BaseScan, BaseSnapshot, Entry};

use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::TableDefinition;

use crate::error::{Error, Result};
use crate::types::{Key, StorageId, Timestamp, Value};

type Definition<'a> = TableDefinition<'a, &'static [u8], &'static [u8]>;

const META: Definition<'static> = TableDefinition::new("meta");
const COUNTERS: Definition<'static> = TableDefinition::new("counters");
const OUTCOMES: Definition<'static> = TableDefinition::new("outcomes");

/// The longest key that redb takes, less some room.
pub(crate) const MAX_KEY: usize = 1 << 24;
/// The longest value; what the wire format can carry in one field.
pub(crate) const MAX_VALUE: usize = 1 << 30;

/// An entry to write: its key, and its value (`None` removes it) with the time of the commit.
pub(crate) type Change = (Key, (Option<Value>, Timestamp));

/// Puts the time of its commit (as a variable-length number) and a value together, as the base has them.
fn stamped(value: &[u8], mut at: Timestamp, into: &mut Vec<u8>) {
    into.clear();
    while at >= 0x80 {
        into.push(at as u8 | 0x80);
        at >>= 7;
    }
    into.push(at as u8);
    into.extend_from_slice(value);
}

/// The time of the commit that an entry of the base begins with, and where its value begins.
#[inline]
fn stamp(bytes: &[u8]) -> Result<(Timestamp, usize)> {
    let mut at = 0;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        at |= u64::from(byte & 0x7f).checked_shl(7 * index as u32).unwrap_or(0);
        if *byte < 0x80 {
            return Ok((at, index + 1));
        }
    }
    Err(Error::corrupt("base file: an entry does not begin with the time of its commit"))
}

/// The name of a storage's table.
fn table_name(id: StorageId) -> String {
    format!("s{:016x}", id.0)
}

fn table_id(name: &str) -> Option<StorageId> {
    u64::from_str_radix(name.strip_prefix('s')?, 16).ok().map(StorageId)
}

/// Runs code of redb, which panics on some kinds of damaged pages, and turns that into an error.
#[inline]
fn guarded<T>(f: impl FnOnce() -> Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => result,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Err(Error::corrupt(format!("base file: {text}")))
        }
    }
}

fn storage_error(error: redb::StorageError) -> Error {
    redb_error(error.into())
}

fn redb_error(error: redb::Error) -> Error {
    match error {
        redb::Error::Io(source) if source.kind() == std::io::ErrorKind::InvalidData => {
            Error::corrupt(source.to_string())
        }
        redb::Error::Io(source) => Error::io("could not access the base file", source),
        redb::Error::Corrupted(detail) => Error::corrupt(format!("base file: {detail}")),
        redb::Error::DatabaseClosed => Error::Closed,
        redb::Error::PreviousIo => {
            Error::Poisoned { reason: "an earlier access to the base file failed".into() }
        }
        other => Error::corrupt(format!("base file: {other}")),
    }
}
