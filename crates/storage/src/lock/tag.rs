//! What can be locked.

use std::fmt;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::types::{Key, StorageId, Xid};

/// The object of a lock.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LockTag {
    /// A table or another relation of a database: database number, object id.
    Relation(u32, u32),
    /// Some other object: database number, catalog's object id, object id, part of it.
    Object(u32, u32, u32, u16),
    /// A row: the storage id of its table, and its key.
    Row(StorageId, Key),
    /// A key of a unique index, whether it is there or not.
    Key(StorageId, Key),
    /// A transaction, which holds this lock exclusively as long as it runs.
    Transaction(Xid),
    /// An advisory lock on a 64-bit number: database number, the number.
    Advisory(u32, i64),
    /// An advisory lock on two 32-bit numbers: database number, the numbers.
    AdvisoryPair(u32, i32, i32),
}

impl LockTag {
    /// The lock tag of a row.
    pub fn row(storage: StorageId, key: &[u8]) -> LockTag {
        LockTag::Row(storage, Key::from_slice(key))
    }

    /// The lock tag of an index key.
    pub fn key(storage: StorageId, key: &[u8]) -> LockTag {
        LockTag::Key(storage, Key::from_slice(key))
    }

    pub(crate) fn hash_value(&self) -> u64 {
        let mut hasher = FxHasher::default();
        self.hash(&mut hasher);
        // The hash table and the choice of a shard look at the upper bits, which the hasher leaves uneven.
        hasher.finish().wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl fmt::Display for LockTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockTag::Relation(database, oid) => write!(f, "relation {oid} of database {database}"),
            LockTag::Object(database, class, oid, _) => {
                write!(f, "object {oid} of class {class} of database {database}")
            }
            LockTag::Row(storage, key) => write!(f, "row {} of relation {storage}", Hex(key)),
            LockTag::Key(storage, key) => write!(f, "key {} of index {storage}", Hex(key)),
            LockTag::Transaction(xid) => write!(f, "transaction {}", xid.0),
            LockTag::Advisory(database, key) => {
                let (high, low) = ((*key as u64 >> 32) as u32, *key as u32);
                write!(f, "advisory lock [{database},{high},{low},1]")
            }
            LockTag::AdvisoryPair(database, a, b) => {
                write!(f, "advisory lock [{database},{},{},2]", *a as u32, *b as u32)
            }
        }
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
