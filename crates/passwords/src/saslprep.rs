//! Normalization of passwords.

use std::borrow::Cow;

/// A password as SCRAM uses it: normalized with SASLprep (RFC 4013), or as it is when it cannot be, which is what
/// PostgreSQL does on both ends.
pub fn sasl_prep(password: &str) -> Cow<'_, str> {
    stringprep::saslprep(password).unwrap_or(Cow::Borrowed(password))
}
