//! `tsvector` and `tsquery`: trees, text form, binary form, storage form.
//!
//! A datum holds the storage form ([`crate::Datum::Encoded`]); functions decode it into the trees here.

pub(crate) mod order;
mod query;
mod token;
mod vector;

pub use order::word_crc;
pub use query::{MAX_DEPTH, MAX_DISTANCE, TsQuery};
pub use vector::{Lexeme, MAX_LEXEME, MAX_POSITION, MAX_POSITIONS, StoredLexeme, TsVector, stored_lexemes};

use pglitedb_sqlstate::{Error, err};

#[cold]
fn damaged(what: &str) -> Error {
    err!(DATA_CORRUPTED, "stored {what} is damaged")
}

/// Appends a lexeme in quotes; quotes and backslashes in it are doubled.
fn write_quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'\'');
    for &byte in text.as_bytes() {
        if matches!(byte, b'\'' | b'\\') {
            out.push(byte);
        }
        out.push(byte);
    }
    out.push(b'\'');
}
