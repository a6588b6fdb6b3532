//! Says quickly that a key has no versions, which is so for most keys that are looked up.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use crate::types::Key;

/// Bits for each key: one look-up in sixteen of a key that is not there is in vain.
const BITS_PER_KEY: usize = 16;
const SMALLEST: usize = 1 << 10;

/// A set of hashes of keys, as bits. Keys can be added, not taken out; so it is made anew now and then.
#[derive(Default)]
pub(super) struct Filter {
    bits: Vec<u64>,
    /// Keys that were added.
    added: usize,
}

impl Filter {
    /// Room for so many keys, and none of them.
    fn with_room(keys: usize) -> Filter {
        let bits = (keys * BITS_PER_KEY).next_power_of_two().max(SMALLEST);
        Filter { bits: vec![0; bits / 64], added: 0 }
    }

    /// A filter of these keys, with room for as many again.
    pub(super) fn of<'a>(count: usize, keys: impl Iterator<Item = &'a Key>) -> Filter {
        let mut filter = Filter::with_room(2 * count);
        keys.for_each(|key| filter.add(key));
        filter
    }

    fn place(&self, key: &[u8]) -> (usize, u64) {
        let mut hasher = FxHasher::default();
        hasher.write(key);
        let hash = hasher.finish();
        // The upper bits are the well mixed ones.
        let place = (hash >> 32) as usize & (self.bits.len() * 64 - 1);
        (place / 64, 1 << (place % 64))
    }

    /// Whether the key may have been added; `false` is certain.
    #[inline]
    pub(super) fn may_contain(&self, key: &[u8]) -> bool {
        if self.bits.is_empty() {
            return false;
        }
        let (word, bit) = self.place(key);
        self.bits[word] & bit != 0
    }

    /// Whether there is no room for another key, so that the filter must be made anew.
    pub(super) fn is_full(&self) -> bool {
        self.added * BITS_PER_KEY >= self.bits.len() * 64
    }

    /// Whether far more keys were added than are left.
    pub(super) fn is_stale(&self, left: usize) -> bool {
        self.added > 2 * left
    }

    /// Adds a key. There must be room.
    pub(super) fn add(&mut self, key: &[u8]) {
        let (word, bit) = self.place(key);
        self.bits[word] |= bit;
        self.added += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_added_is_found_and_little_else() {
        let key = |n: u64| Key::from_slice(&n.to_be_bytes());
        let mut filter = Filter::default();
        assert!(filter.is_full() && !filter.may_contain(&key(1)));
        let keys: Vec<Key> = (0..10_000).map(key).collect();
        filter = Filter::of(keys.len(), keys.iter());
        assert!(keys.iter().all(|key| filter.may_contain(key)));
        let wrong = (10_000..20_000).filter(|n| filter.may_contain(&key(*n))).count();
        assert!(wrong < 1_000, "{wrong} of 10000 keys that are not there");
        assert!(!filter.is_full() && filter.is_stale(10) && !filter.is_stale(9_000));
    }
}
