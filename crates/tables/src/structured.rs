//! The stored form and the key form of values with structure. One place, so that the rest of the crate does not care
//! where they come from.

use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Datum, Oid, TypeEnv};

/// Appends the stored form of a value.
pub(crate) fn encode(value: &Datum, _out: &mut Vec<u8>) -> Result<()> {
    Err(err!(FEATURE_NOT_SUPPORTED, "storing values like {value:?} is not supported yet"))
}

/// Reads a stored value of a type.
pub(crate) fn decode(_bytes: &[u8], type_oid: Oid) -> Result<Datum> {
    Err(err!(FEATURE_NOT_SUPPORTED, "reading values of type {type_oid} is not supported yet"))
}

/// Appends the order-preserving, self-delimiting form of a value.
pub(crate) fn encode_key(value: &Datum, _type_oid: Oid, _collation: Oid, _out: &mut Vec<u8>) -> Result<()> {
    Err(err!(FEATURE_NOT_SUPPORTED, "indexing values like {value:?} is not supported yet"))
}

/// A value as text, for messages.
pub(crate) fn output(value: &Datum, type_oid: Oid, _env: &dyn TypeEnv) -> Result<String> {
    Ok(match value {
        Datum::Text(text) => text.to_string(),
        Datum::Int2(value) => value.to_string(),
        Datum::Int4(value) => value.to_string(),
        Datum::Int8(value) => value.to_string(),
        Datum::Oid(value) => value.to_string(),
        _ => return Err(err!(FEATURE_NOT_SUPPORTED, "printing values of type {type_oid} is not supported yet")),
    })
}
