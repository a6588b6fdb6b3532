//! Where stored catalog rows come from.

use crate::Relation;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid};

/// A stored catalog row, or `None` where a built-in row was deleted.
pub type MaybeRow = Option<Vec<Datum>>;

/// Stored catalog rows as the current transaction sees them: what is committed at the moment of the call, and what the
/// transaction itself has written. Supplied by `pglitedb-tables`. Every call reads the newest committed state, whatever
/// the isolation level: descriptions of objects are not subject to snapshots.
pub trait CatalogSource {
    /// The stored row of an id (see [`crate::builtin::row_id`]); `None` if nothing is stored there.
    fn row(&self, relation: Oid, id: u64) -> Result<Option<MaybeRow>>;

    /// Stored rows with ids from `first` to `last`, both included, in order.
    fn rows_between(&self, relation: Oid, first: u64, last: u64) -> Result<Vec<(u64, MaybeRow)>>;

    /// Stored rows whose first key columns in an index equal `keys`, in the order of the index.
    fn lookup(&self, relation: Oid, index: Oid, keys: &[Datum]) -> Result<Vec<(u64, Vec<Datum>)>>;

    /// About how many rows a relation has; cheap.
    fn row_estimate(&self, relation: &Relation) -> Option<f64>;
}
