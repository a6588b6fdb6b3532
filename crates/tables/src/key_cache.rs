//! Where keys of unique indexes were found last.
//!
//! Looking a row up by its key descends two trees: the index's to the row id, the table's to the row. This remembers the
//! outcome of the first descent for keys that are in use. It is only a hint: the row is read in the snapshot and
//! has the key, or the index is asked. An index and its table change together, so a row that a snapshot sees with a key is the one
//! that the index of that snapshot has for it, and nothing needs to be told when rows change or go.

use crate::access::RowId;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Slots that get memory together.
const PART: usize = 4096;
/// Bits of a slot that hold the row id; the others tell keys apart that share the slot.
const ID_BITS: u32 = 40;

/// A table of hints, one slot for each hash. Memory is taken when slots are first used.
pub struct KeyCache {
    parts: Box<[OnceLock<Box<[AtomicU64]>>]>,
}

/// Where a key belongs.
struct Place {
    part: usize,
    slot: usize,
    tag: u64,
}

impl KeyCache {
    /// Hints in up to `bytes` of memory, rounded to a power of two, 32 KiB at least.
    pub fn new(bytes: usize) -> KeyCache {
        let parts = (bytes / (PART * size_of::<AtomicU64>())).max(1);
        let parts = 1 << parts.ilog2();
        KeyCache { parts: (0..parts).map(|_| OnceLock::new()).collect() }
    }

    /// The place of a key with this hash ([`hash_key`](crate::key::hash_key)).
    fn place(&self, hash: u64) -> Place {
        Place {
            slot: hash as usize % PART,
            part: (hash / PART as u64) as usize & (self.parts.len() - 1),
            tag: hash >> ID_BITS << ID_BITS,
        }
    }

    /// The row that a key was found in last, or that of another key.
    pub(crate) fn get(&self, hash: u64) -> Option<RowId> {
        let place = self.place(hash);
        let slot = self.parts.get(place.part)?.get()?.get(place.slot)?.load(Ordering::Relaxed);
        let id = slot ^ place.tag;
        (id != 0 && id >> ID_BITS == 0).then_some(RowId(id))
    }

    /// Remembers a row.
    pub(crate) fn put(&self, hash: u64, row: RowId) {
        if row.0 >> ID_BITS != 0 {
            return;
        }
        let place = self.place(hash);
        let part = self.parts.get(place.part);
        let part = part.map(|part| part.get_or_init(|| (0..PART).map(|_| AtomicU64::new(0)).collect()));
        if let Some(slot) = part.and_then(|part| part.get(place.slot)) {
            slot.store(place.tag | row.0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::hash_key;
    use pglitedb_storage::StorageId;

    #[test]
    fn remembers_the_last_row_of_a_key() {
        let cache = KeyCache::new(100_000);
        assert_eq!(cache.parts.len(), 2);
        let place = hash_key(StorageId::new(5, 16384), b"key");
        assert_eq!(cache.get(place), None);
        cache.put(place, RowId(7));
        assert_eq!(cache.get(place), Some(RowId(7)));
        cache.put(place, RowId((1 << 40) - 1));
        assert_eq!(cache.get(place), Some(RowId((1 << 40) - 1)));
        cache.put(place, RowId(1 << 40));
        assert_eq!(cache.get(place), Some(RowId((1 << 40) - 1)));
    }

    #[test]
    fn few_other_keys_are_taken_for_it() {
        let cache = KeyCache::new(1 << 20);
        let index = StorageId::new(5, 16384);
        for id in 1..=1000_u64 {
            cache.put(hash_key(index, &id.to_be_bytes()), RowId(id));
        }
        let other = StorageId::new(5, 16385);
        let wrong = (1..=1000_u64).filter(|id| cache.get(hash_key(other, &id.to_be_bytes())).is_some());
        assert!(wrong.count() < 10);
        let right =
            (1..=1000_u64).filter(|id| cache.get(hash_key(index, &id.to_be_bytes())) == Some(RowId(*id)));
        assert!(right.count() > 900);
    }
}
