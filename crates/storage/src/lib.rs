//! B-tree file, write-ahead log, recovery, multi-version store and locks; bytes in, bytes out.
//!
//! See the crate's `README.md` for what is promised and how it is done.

mod base;
mod config;
mod engine;
mod error;
mod header;
mod lock;
mod metrics;
mod txn;
mod types;
mod version;
mod wal;

pub use config::{Config, SyncMode};
pub use engine::{
    BeginOptions, CommitMode, CommitTicket, Counter, CounterId, Engine, Snapshot, StorageStats, XidSnapshot,
    XidStatus,
};
pub use error::{Error, Result, SerializationReason};
pub use lock::{
    BlockingHook, CancelReason, CancelToken, DeadlockDetail, DeadlockEdge, LockInfo, LockManager, LockMode,
    LockOwner, LockSettings, LockTag, LockWait,
};
pub use metrics::Metrics;
pub use txn::{Cursor, Isolation, Latest, LatestState, SavepointId, Txn};
pub use types::{CommandId, Direction, Key, KeyRange, Lsn, StorageId, Timestamp, Value, Xid};
