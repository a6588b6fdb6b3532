//! Hashing and comparing keys of several columns.

use pglitedb_types::{Comparator, Datum};

/// Combines the hashes of key values; NULLs hash alike.
pub(crate) fn hash_values<'a>(values: impl Iterator<Item = &'a Datum>, comparators: &[Comparator]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (value, comparator) in values.zip(comparators) {
        let own = if value.is_null() { 0x9e37_79b9 } else { comparator.hash(value) };
        hash = (hash.rotate_left(5) ^ own).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    hash
}

/// Are two keys the same, NULLs being equal (grouping, DISTINCT)?
pub(crate) fn same_values<'a>(
    a: impl Iterator<Item = &'a Datum>,
    b: impl Iterator<Item = &'a Datum>,
    comparators: &[Comparator],
) -> bool {
    a.zip(b).zip(comparators).all(|((a, b), comparator)| match (a.is_null(), b.is_null()) {
        (true, true) => true,
        (false, false) => comparator.equal(a, b),
        _ => false,
    })
}
