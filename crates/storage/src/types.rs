//! Names and small values that the whole crate uses.

use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use smallvec::SmallVec;

/// Names one ordered map of keys to values: the database number in the upper half, the relation file number in the lower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorageId(pub u64);

impl StorageId {
    /// The storage id of a relation file of a database.
    pub const fn new(database: u32, relation: u32) -> StorageId {
        StorageId(((database as u64) << 32) | relation as u64)
    }
    /// The database number.
    pub const fn database(self) -> u32 {
        (self.0 >> 32) as u32
    }
    /// The relation file number.
    pub const fn relation(self) -> u32 {
        self.0 as u32
    }
}

impl fmt::Display for StorageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.database(), self.relation())
    }
}

/// A position in the log, in bytes since the database was created. What lies before it comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Lsn(pub u64);

/// The number of a transaction that writes. Numbers are given out at the first write, and never twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Xid(pub u64);

/// The number of a statement within its transaction.
pub type CommandId = u32;

/// A commit timestamp: the number of the commit since the database was created.
pub type Timestamp = u64;

/// An owned key; short ones need no allocation.
pub type Key = SmallVec<[u8; 24]>;

/// The order in which a scan delivers keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the smallest key up.
    Forward,
    /// From the largest key down.
    Backward,
}

/// A range of keys, in byte order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// Where the range begins.
    pub lower: Bound<Key>,
    /// Where the range ends.
    pub upper: Bound<Key>,
}

impl KeyRange {
    /// All keys.
    pub fn all() -> KeyRange {
        KeyRange { lower: Bound::Unbounded, upper: Bound::Unbounded }
    }

    /// From bounds on byte strings.
    pub fn new(lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> KeyRange {
        KeyRange { lower: lower.map(Key::from_slice), upper: upper.map(Key::from_slice) }
    }

    /// All keys that begin with `prefix`.
    pub fn prefix(prefix: &[u8]) -> KeyRange {
        let mut end = Key::from_slice(prefix);
        while let Some(last) = end.last_mut() {
            if *last < 0xff {
                *last += 1;
                return KeyRange {
                    lower: Bound::Included(Key::from_slice(prefix)),
                    upper: Bound::Excluded(end),
                };
            }
            end.pop();
        }
        KeyRange { lower: Bound::Included(Key::from_slice(prefix)), upper: Bound::Unbounded }
    }

    /// Just one key.
    pub fn point(key: &[u8]) -> KeyRange {
        KeyRange::new(Bound::Included(key), Bound::Included(key))
    }

    /// Whether the key lies in the range.
    pub fn contains(&self, key: &[u8]) -> bool {
        let above = match &self.lower {
            Bound::Unbounded => true,
            Bound::Included(lower) => key >= lower.as_slice(),
            Bound::Excluded(lower) => key > lower.as_slice(),
        };
        above && self.below_upper(key)
    }

    /// Whether the key lies before the end of the range.
    pub(crate) fn below_upper(&self, key: &[u8]) -> bool {
        match &self.upper {
            Bound::Unbounded => true,
            Bound::Included(upper) => key <= upper.as_slice(),
            Bound::Excluded(upper) => key < upper.as_slice(),
        }
    }

    /// Whether no key can lie in the range. Maps of the standard library panic when asked for such a range.
    pub fn is_empty(&self) -> bool {
        match (&self.lower, &self.upper) {
            (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
            (Bound::Included(lower) | Bound::Excluded(lower), Bound::Excluded(upper))
            | (Bound::Excluded(lower), Bound::Included(upper)) => lower >= upper,
            _ => false,
        }
    }

    /// The bounds as byte strings.
    pub(crate) fn as_bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        fn slice(key: &Key) -> &[u8] {
            key.as_slice()
        }
        (self.lower.as_ref().map(slice), self.upper.as_ref().map(slice))
    }
}

/// The bytes of a value, read-only and in shared ownership.
pub type Value = Arc<[u8]>;
