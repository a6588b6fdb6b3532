//! Input and output of the `reg*` types.

use crate::env::Env;
use pglitedb_catalog::Catalog;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Oid, RegKind};

/// OID of a name. Raises PostgreSQL's errors.
pub(crate) fn input(env: &Env, kind: RegKind, name: &str) -> Result<Oid> {
    match kind {
        RegKind::Type => env.type_by_text(name),
        _ => Err(Error::unsupported(format!("input of {kind:?} names is not supported yet"))),
    }
}

/// Name of an OID, `None` if there is no such object.
pub(crate) fn output(env: &Env, kind: RegKind, oid: Oid) -> Result<Option<String>> {
    match kind {
        RegKind::Type => match Catalog::type_info(env, oid)? {
            Some(_) => pglitedb_types::format_type(oid, -1, env).map(Some),
            None => Ok(None),
        },
        _ => Err(Error::unsupported(format!("output of {kind:?} names is not supported yet"))),
    }
}
