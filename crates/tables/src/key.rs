//! Index keys: byte strings that sort as the index does.
//!
//! Each key column is one marker byte and, unless it is NULL, an order-preserving and self-delimiting form of the value,
//! complemented for DESC (`pglitedb_types::key`). The markers put NULLs first or last, so that ranges over values never
//! meet them.

use pglitedb_catalog::{Catalog, IndexColumn};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{Key, KeyRange, StorageId};
use pglitedb_types::{BuiltinEnv, Datum, Oid, Repr};
use rustc_hash::FxHasher;
use std::hash::Hasher;
use std::ops::Bound;

/// The marker before every value that is not NULL (see `pglitedb_types::key`).
const VALUE: u8 = 0x01;

/// How one key column is encoded.
#[derive(Clone, Copy, Debug)]
pub struct KeyColumn {
    /// The type; of a domain the base type.
    base: Oid,
    descending: bool,
    nulls_first: bool,
    /// How to read values back from a key; `None` if the key does not tell them exactly.
    decodable: Option<Repr>,
}

impl KeyColumn {
    /// The encoding of an index column.
    pub fn new(column: &IndexColumn, catalog: &dyn Catalog) -> Result<KeyColumn> {
        check_collation(column.collation, catalog)?;
        let info = catalog.domain_base(column.type_oid)?;
        let repr = Repr::of_info(&info, &BuiltinEnv::default())?;
        let decodable = pglitedb_types::is_decodable(info.oid, repr).then_some(repr);
        let (descending, nulls_first) = (column.descending, column.nulls_first);
        Ok(KeyColumn { base: info.oid, descending, nulls_first, decodable })
    }

    /// Ascending, NULLS LAST.
    pub fn ascending(type_oid: Oid) -> KeyColumn {
        Self::ordered(type_oid, false, false)
    }

    /// Of a type that is no domain, in an order.
    pub fn ordered(type_oid: Oid, descending: bool, nulls_first: bool) -> KeyColumn {
        KeyColumn { base: type_oid, descending, nulls_first, decodable: None }
    }

    /// Does a key tell the value exactly?
    pub(crate) fn is_decodable(&self) -> bool {
        self.decodable.is_some()
    }

    /// Reads the column's part of a key at the start of `bytes` and moves past it.
    pub(crate) fn decode(&self, bytes: &mut &[u8]) -> Result<Datum> {
        match self.decodable {
            Some(repr) => pglitedb_types::decode_key(repr, self.descending, bytes),
            None => Err(Error::internal("index keys of this type do not tell the value")),
        }
    }

    /// Appends the column's part of a key.
    #[inline]
    pub fn encode(&self, value: &Datum, out: &mut Vec<u8>) {
        pglitedb_types::encode_key(value, self.base, self.descending, self.nulls_first, out);
    }
}

/// Keys sort bytewise; a collation that does not cannot be indexed.
fn check_collation(collation: Oid, catalog: &dyn Catalog) -> Result<()> {
    if collation == 0 {
        return Ok(());
    }
    match catalog.collation(collation)? {
        Some(info) if info.deterministic && info.provider != b'i' => Ok(()),
        Some(info) => {
            Err(err!(FEATURE_NOT_SUPPORTED, "indexes on collation \"{}\" are not supported", info.name))
        }
        None => Err(Error::internal(format!("cache lookup failed for collation {collation}"))),
    }
}

/// What an index scan looks for: equality on the first columns, and a range on the next one.
#[derive(Clone, Copy, Debug, Default)]
pub struct IndexBounds<'a> {
    /// Values of the first key columns. NULL means `IS NULL`.
    pub equal: &'a [Datum],
    /// Lower bound of the next column, and whether it is included. A NULL bound matches nothing.
    pub lower: Option<(&'a Datum, bool)>,
    /// Upper bound of the next column, and whether it is included.
    pub upper: Option<(&'a Datum, bool)>,
    /// The next column must not be NULL (implied by a bound).
    pub not_null: bool,
}

impl<'a> IndexBounds<'a> {
    /// All entries.
    pub fn all() -> IndexBounds<'a> {
        IndexBounds::default()
    }

    /// Entries whose first columns equal these values.
    pub fn equal(values: &'a [Datum]) -> IndexBounds<'a> {
        IndexBounds { equal: values, ..IndexBounds::default() }
    }
}

/// Appends the key of a list of values.
#[inline]
pub fn encode_key(columns: &[KeyColumn], values: &[Datum], out: &mut Vec<u8>) {
    for (column, value) in columns.iter().zip(values) {
        column.encode(value, out);
    }
}

/// A hash of a key of a storage, for latches and hints.
pub(crate) fn hash_key(storage: StorageId, key: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(storage.0);
    hasher.write(key);
    hasher.finish()
}

/// The range of keys that match the bounds; `None` if nothing can.
pub fn key_range(columns: &[KeyColumn], bounds: &IndexBounds<'_>) -> Option<KeyRange> {
    let mut prefix = Vec::with_capacity(32);
    encode_key(columns, bounds.equal, &mut prefix);
    let column = match columns.get(bounds.equal.len()) {
        Some(column) if bounds.lower.is_some() || bounds.upper.is_some() || bounds.not_null => column,
        _ => return Some(KeyRange::prefix(&prefix)),
    };
    let (first, last) =
        if column.descending { (bounds.upper, bounds.lower) } else { (bounds.lower, bounds.upper) };
    if first.is_some_and(|(value, _)| value.is_null()) || last.is_some_and(|(value, _)| value.is_null()) {
        return None;
    }
    let edge = |value: &Datum| {
        let mut key = prefix.clone();
        column.encode(value, &mut key);
        key
    };
    let value_start = || {
        let mut key = prefix.clone();
        key.push(VALUE);
        key
    };
    let lower = match first {
        Some((value, true)) => Bound::Included(Key::from_vec(edge(value))),
        // Keys that continue an excluded bound are equal to it in this column.
        Some((value, false)) => match KeyRange::prefix(&edge(value)).upper {
            Bound::Excluded(key) => Bound::Included(key),
            _ => return None,
        },
        None => Bound::Included(Key::from_vec(value_start())),
    };
    let upper = match last {
        Some((value, true)) => KeyRange::prefix(&edge(value)).upper,
        Some((value, false)) => Bound::Excluded(Key::from_vec(edge(value))),
        None => KeyRange::prefix(&value_start()).upper,
    };
    let range = KeyRange { lower, upper };
    (!range.is_empty()).then_some(range)
}
