//! CREATE, ALTER of functions and procedures.
//!
//! - `create`: the statement as a whole, its row, its dependencies
//! - `parameters`: parameters and result
//! - `options`: LANGUAGE, AS, volatility and the like
//! - `replace`: what CREATE OR REPLACE may not change
//! - `body`: SQL-standard bodies
//! - `validate`: checks of a new routine by its language
//! - `alter`: ALTER FUNCTION ... options
//! - `find`: routines that DROP names

mod alter;
mod body;
mod create;
mod find;
mod options;
mod parameters;
mod replace;
mod validate;

pub use alter::alter;
pub use create::create;
pub use find::find_for_drop;

use pglitedb_types::Oid;

/// `pg_language` rows that are built in.
pub mod language {
    use super::Oid;
    /// `internal`
    pub const INTERNAL: Oid = 12;
    /// `c`
    pub const C: Oid = 13;
    /// `sql`
    pub const SQL: Oid = 14;
    /// `plpgsql`
    pub const PLPGSQL: Oid = 12775;
}

/// `pg_proc_oid_index`'s companion: `pg_proc_proname_args_nsp_index`.
const BY_NAME: Oid = 2691;
