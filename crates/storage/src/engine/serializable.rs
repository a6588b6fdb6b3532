//! SERIALIZABLE: what transactions read, what others committed meanwhile, and whether the two meet.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::error::SerializationReason;
use crate::types::{Direction, Key, KeyRange, StorageId, Timestamp};

/// With more points or ranges than this in one storage, all of it counts as read.
const MAX_POINTS: usize = 4096;
const MAX_RANGES: usize = 256;
/// With more keys than this to remember, the oldest commits are forgotten.
const MAX_RECENT_KEYS: usize = 4 << 20;

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

/// What a serializable transaction has read.
#[derive(Default)]
pub(crate) struct ReadSet(Mutex<FxHashMap<StorageId, Reads>>);

/// A range being read, which grows with the scan.
pub(crate) struct ScanMark {
    storage: StorageId,
    index: usize,
    direction: Direction,
    end: KeyRange,
}

impl ReadSet {
    /// Notes that a key was looked up, whether it is there or not.
    pub(crate) fn point(&self, storage: StorageId, key: &[u8]) {
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
    pub(crate) fn begin_scan(&self, storage: StorageId, range: &KeyRange, direction: Direction) -> ScanMark {
        let mut all = self.0.lock();
        let reads = all.entry(storage).or_default();
        if reads.ranges.len() >= MAX_RANGES {
            reads.make_whole();
        }
        let mut empty = range.clone();
        match direction {
            Direction::Forward => empty.upper = Bound::Excluded(first_of(&range.lower)),
            Direction::Backward => empty.lower = range.upper.clone(),
        }
        if direction == Direction::Backward && range.upper == Bound::Unbounded {
            // Nothing lies above everything: an excluded bound that no key passes.
            empty = KeyRange::new(Bound::Excluded(&[]), Bound::Excluded(&[]));
        }
        reads.ranges.push(empty);
        ScanMark { storage, index: reads.ranges.len() - 1, direction, end: range.clone() }
    }

    /// Notes that a scan has come to a key, or to its end.
    pub(crate) fn extend_scan(&self, mark: &ScanMark, key: Option<&[u8]>) {
        let mut all = self.0.lock();
        let Some(reads) = all.get_mut(&mark.storage).filter(|reads| !reads.whole) else { return };
        let Some(range) = reads.ranges.get_mut(mark.index) else { return };
        *range = mark.end.clone();
        if let Some(key) = key {
            let reached = Bound::Included(Key::from_slice(key));
            match mark.direction {
                Direction::Forward => range.upper = reached,
                Direction::Backward => range.lower = reached,
            }
        }
    }

    fn meets(&self, writes: &[(StorageId, Key)]) -> bool {
        let all = self.0.lock();
        writes.iter().any(|(storage, key)| all.get(storage).is_some_and(|reads| reads.contains(key)))
    }
}

fn first_of(lower: &Bound<Key>) -> Key {
    match lower {
        Bound::Unbounded => Key::new(),
        Bound::Included(key) | Bound::Excluded(key) => key.clone(),
    }
}

struct Commit {
    at: Timestamp,
    writes: Box<[(StorageId, Key)]>,
}

/// The commits that running serializable transactions have not seen. Guarded by the commit mutex.
#[derive(Default)]
pub(crate) struct RecentCommits {
    /// The snapshots of running serializable transactions.
    running: BTreeMap<Timestamp, u32>,
    commits: VecDeque<Commit>,
    keys: usize,
    /// Commits up to this one may have been forgotten though a running transaction did not see them.
    forgotten: Timestamp,
}

impl RecentCommits {
    /// A serializable transaction begins, with this snapshot.
    pub(crate) fn begin(&mut self, snapshot: Timestamp) {
        *self.running.entry(snapshot).or_insert(0) += 1;
    }

    /// It has ended.
    pub(crate) fn end(&mut self, snapshot: Timestamp) {
        if let Some(count) = self.running.get_mut(&snapshot) {
            *count -= 1;
            if *count == 0 {
                self.running.remove(&snapshot);
            }
        }
        let oldest = self.running.first_key_value().map_or(Timestamp::MAX, |(at, _)| *at);
        while self.commits.front().is_some_and(|commit| commit.at <= oldest) {
            self.pop();
        }
    }

    fn pop(&mut self) -> Timestamp {
        self.commits.pop_front().map_or(0, |commit| {
            self.keys -= commit.writes.len();
            commit.at
        })
    }

    /// Whether anybody needs to know what is committed now.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.running.is_empty()
    }

    /// Remembers a commit.
    pub(crate) fn push(&mut self, at: Timestamp, writes: Box<[(StorageId, Key)]>) {
        self.keys += writes.len();
        self.commits.push_back(Commit { at, writes });
        while self.keys > MAX_RECENT_KEYS && self.commits.len() > 1 {
            self.forgotten = self.pop();
        }
    }

    /// Whether everything read as of a snapshot is still true.
    pub(crate) fn validate(&self, snapshot: Timestamp, reads: &ReadSet) -> Result<(), SerializationReason> {
        if snapshot < self.forgotten {
            return Err(SerializationReason::SnapshotTooOld);
        }
        let first = self.commits.partition_point(|commit| commit.at <= snapshot);
        match self.commits.range(first..).any(|commit| reads.meets(&commit.writes)) {
            true => Err(SerializationReason::ReadWriteDependency),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: StorageId = StorageId::new(1, 1);

    fn committed(keys: &[&[u8]]) -> RecentCommits {
        let mut recent = RecentCommits::default();
        recent.begin(10);
        recent.push(11, keys.iter().map(|key| (S, Key::from_slice(key))).collect());
        recent
    }

    #[test]
    fn points_and_ranges_meet_writes() {
        let reads = ReadSet::default();
        reads.point(S, b"b");
        assert!(committed(&[b"a"]).validate(10, &reads).is_ok());
        assert!(committed(&[b"b"]).validate(10, &reads).is_err());
        assert!(committed(&[b"b"]).validate(11, &reads).is_ok());
    }

    #[test]
    fn a_scan_counts_as_far_as_it_came() {
        for (direction, passed, ahead) in
            [(Direction::Forward, b"b", b"m"), (Direction::Backward, b"m", b"b")]
        {
            let reads = ReadSet::default();
            let mark = reads.begin_scan(S, &KeyRange::all(), direction);
            assert!(committed(&[passed, ahead]).validate(10, &reads).is_ok());
            reads.extend_scan(&mark, Some(b"f"));
            assert!(committed(&[ahead]).validate(10, &reads).is_ok());
            assert!(committed(&[passed]).validate(10, &reads).is_err());
            reads.extend_scan(&mark, None);
            assert!(committed(&[ahead]).validate(10, &reads).is_err());
        }
    }

    #[test]
    fn commits_are_forgotten_when_nobody_needs_them() {
        let mut recent = committed(&[b"a"]);
        recent.end(10);
        assert_eq!(recent.keys, 0);
        assert!(!recent.is_wanted());
    }
}
