//! What a serializable transaction has read.

use std::ops::Bound;

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::types::{Direction, Key, KeyRange, StorageId};

/// With more points or ranges than this in one storage, all of it counts as read.
const MAX_POINTS: usize = 4096;
const MAX_RANGES: usize = 256;

#[derive(Default)]
struct Reads {
    whole: bool,
    points: FxHashSet<Key>,
    ranges: Vec<KeyRange>,
}

impl Reads {
    fn contains(&self, key: &[u8]) -> bool {
        self.whole || self.points.contains(key) || self.ranges.iter().any(|range| range.contains(key))
    }

    fn make_whole(&mut self) {
        *self = Reads { whole: true, ..Reads::default() };
    }
}

/// The points and ranges that a transaction has read, whether anything was there or not.
#[derive(Default)]
pub(crate) struct ReadSet(Mutex<FxHashMap<StorageId, Reads>>);

/// A range being read, which grows with the scan.
pub(crate) struct ScanMark {
    storage: StorageId,
    index: usize,
    direction: Direction,
    range: KeyRange,
}

impl ReadSet {
    /// Notes that a key is looked up.
    pub(super) fn point(&self, storage: StorageId, key: &[u8]) {
        let mut all = self.0.lock();
        let reads = all.entry(storage).or_default();
        if reads.whole {
            return;
        }
        if reads.points.len() >= MAX_POINTS {
            reads.make_whole();
        } else {
            reads.points.insert(Key::from_slice(key));
        }
    }

    /// Begins a range, of which nothing has been read yet.
    pub(super) fn begin_scan(&self, storage: StorageId, range: &KeyRange, direction: Direction) -> ScanMark {
        let mut all = self.0.lock();
        let reads = all.entry(storage).or_default();
        if reads.ranges.len() >= MAX_RANGES {
            reads.make_whole();
        }
        // No key lies between two excluded equal ones.
        reads.ranges.push(KeyRange::new(Bound::Excluded(&[]), Bound::Excluded(&[])));
        ScanMark { storage, index: reads.ranges.len() - 1, direction, range: range.clone() }
    }

    /// Notes that a scan comes as far as a key, or to its end.
    pub(super) fn extend_scan(&self, mark: &ScanMark, key: Option<&[u8]>) {
        let mut all = self.0.lock();
        let Some(reads) = all.get_mut(&mark.storage).filter(|reads| !reads.whole) else { return };
        let Some(range) = reads.ranges.get_mut(mark.index) else { return };
        *range = mark.range.clone();
        if let Some(key) = key {
            let reached = Bound::Included(Key::from_slice(key));
            match mark.direction {
                Direction::Forward => range.upper = reached,
                Direction::Backward => range.lower = reached,
            }
        }
    }

    pub(super) fn contains(&self, storage: StorageId, key: &[u8]) -> bool {
        self.0.lock().get(&storage).is_some_and(|reads| reads.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: StorageId = StorageId::new(1, 1);

    #[test]
    fn a_scan_counts_as_far_as_it_came() {
        for (direction, passed, ahead) in
            [(Direction::Forward, b"b", b"m"), (Direction::Backward, b"m", b"b")]
        {
            let reads = ReadSet::default();
            let mark = reads.begin_scan(S, &KeyRange::all(), direction);
            assert!(!reads.contains(S, passed) && !reads.contains(S, b""));
            reads.extend_scan(&mark, Some(b"f"));
            assert!(reads.contains(S, passed) && reads.contains(S, b"f") && !reads.contains(S, ahead));
            reads.extend_scan(&mark, None);
            assert!(reads.contains(S, ahead));
        }
    }

    #[test]
    fn many_points_become_the_whole() {
        let reads = ReadSet::default();
        reads.point(S, b"a");
        assert!(reads.contains(S, b"a") && !reads.contains(S, b"b"));
        assert!(!reads.contains(StorageId::new(1, 2), b"a"));
        for n in 0..MAX_POINTS as u32 {
            reads.point(S, &n.to_be_bytes());
        }
        assert!(reads.contains(S, b"b"));
    }
}
