//! Input of literals.

use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid};

/// Reads a literal by its type's input function.
pub(crate) fn input(env: &dyn SessionEnv, text: &str, type_oid: Oid, typmod: i32) -> Result<Datum> {
    pglitedb_types::input(text, type_oid, typmod, env.as_type_env())
}
