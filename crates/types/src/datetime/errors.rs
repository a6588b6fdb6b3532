//! The errors that several types share.

use pglitedb_sqlstate::{Error, err};

pub(super) fn timestamp_out_of_range() -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "timestamp out of range")
}

pub(super) fn timestamp_text_out_of_range(text: &str) -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "timestamp out of range: \"{text}\"")
}

pub(super) fn date_out_of_range() -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "date out of range")
}

pub(super) fn date_text_out_of_range(text: &str) -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "date out of range: \"{text}\"")
}

pub(super) fn date_out_of_range_for_timestamp() -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "date out of range for timestamp")
}

pub(super) fn time_out_of_range() -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "time out of range")
}

pub(super) fn interval_out_of_range() -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "interval out of range")
}

pub(super) fn invalid_syntax(type_name: &str, text: &str) -> Error {
    err!(INVALID_DATETIME_FORMAT, "invalid input syntax for type {type_name}: \"{text}\"")
}

pub(super) fn zone_not_recognized(name: &str) -> Error {
    err!(INVALID_PARAMETER_VALUE, "time zone \"{name}\" not recognized")
}

/// The binary form is shorter than the type needs.
pub(super) fn insufficient_data() -> Error {
    err!(PROTOCOL_VIOLATION, "insufficient data left in message")
}

/// Takes exactly `N` bytes of a binary value.
pub(super) fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Error> {
    if bytes.len() > N {
        return Err(err!(INVALID_BINARY_REPRESENTATION, "incorrect binary data format"));
    }
    bytes.try_into().map_err(|_| insufficient_data())
}
