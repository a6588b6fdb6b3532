//! `nextval` and its kin.

use crate::env::Env;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Oid;

/// The next value of a sequence.
pub(crate) fn next_value(env: &Env, sequence: Oid) -> Result<i64> {
    let _ = (env, sequence);
    Err(Error::unsupported("sequences are not supported yet"))
}
