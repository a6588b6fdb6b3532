//! The engine: skeleton of the interface.

use std::path::Path;
use std::sync::Arc;

use pglitedb_platform::Fs;

use crate::lock::*;
use crate::txn::*;
use crate::types::*;
use crate::{Config, Metrics, Result};

/// How a transaction begins.
#[derive(Clone)]
pub struct BeginOptions {
    /// What it sees of others.
    pub isolation: Isolation,
    /// Whether writes are refused.
    pub read_only: bool,
    /// The session, for locks. Without one the transaction registers itself, with process id 0.
    pub owner: Option<LockOwner>,
}

impl Default for BeginOptions {
    fn default() -> Self {
        BeginOptions { isolation: Isolation::ReadCommitted, read_only: false, owner: None }
    }
}

/// Whether a commit follows the engine's `SyncMode` or does not wait (`synchronous_commit = off`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommitMode {
    /// As the engine is configured.
    #[default]
    Engine,
    /// Acknowledged at once, on disk soon.
    Async,
}

/// The receipt of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitTicket {
    /// Where the log stands after the commit; `Lsn(0)` if it wrote nothing.
    pub lsn: Lsn,
    /// What must be durable before the commit is acknowledged (`Engine::wait_durable`); `Lsn(0)` if nothing.
    pub wait: Lsn,
    /// The commit's timestamp, if it wrote anything.
    pub timestamp: Option<Timestamp>,
}

/// Names a counter: a storage id, and a number for when there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterId(pub StorageId, pub u32);

/// A number that only grows, outside transactions and across restarts. After a crash numbers may be skipped, never
/// repeated.
pub struct Counter {}

impl Counter {
    /// Takes `n` numbers and returns the first. A new counter begins with 1.
    pub fn allocate(&self, n: u64) -> Result<u64> {
        let _ = n;
        unimplemented!()
    }
    /// The number that `allocate` would give next.
    pub fn peek(&self) -> u64 {
        unimplemented!()
    }
    /// Makes sure that only numbers of at least `next` are given from now on.
    pub fn advance_to(&self, next: u64) -> Result<()> {
        let _ = next;
        unimplemented!()
    }
}

/// What a statement sees: the state as of a commit, and what its own transaction wrote in earlier commands.
#[derive(Clone)]
pub struct Snapshot(pub(crate) Arc<()>);

impl Snapshot {
    /// The timestamp of the newest commit that is visible.
    pub fn timestamp(&self) -> Timestamp {
        unimplemented!()
    }
    /// What must be durable before a result computed from this snapshot leaves (`Engine::wait_durable`).
    pub fn wait_lsn(&self) -> Lsn {
        unimplemented!()
    }
    /// The command whose own writes are not yet visible.
    pub fn command_id(&self) -> CommandId {
        unimplemented!()
    }
}

/// The size of a storage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StorageStats {
    /// Bytes of pages in the base file.
    pub file_bytes: u64,
    /// Entries in the base file, as of the last checkpoint.
    pub entries: u64,
    /// Keys with versions in memory.
    pub memory_keys: u64,
}

/// An open database cluster: all databases of one directory (or of memory). Clones share it.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<()>);

impl Engine {
    /// Opens, or creates, the database in a directory.
    pub fn open(path: impl AsRef<Path>, config: Config) -> Result<Engine> {
        let _ = (path.as_ref(), config);
        unimplemented!()
    }
    /// As `open`, on the given file system.
    pub fn open_with(fs: Arc<dyn Fs>, path: &Path, config: Config) -> Result<Engine> {
        let _ = (fs, path, config);
        unimplemented!()
    }
    /// A database that lives in memory only.
    pub fn in_memory(config: Config) -> Result<Engine> {
        let _ = config;
        unimplemented!()
    }
    /// Stops: writes a checkpoint and releases the files. Running transactions fail from now on. Dropping the last
    /// clone does the same, without a report of failure.
    pub fn close(&self) -> Result<()> {
        unimplemented!()
    }
    /// The settings.
    pub fn config(&self) -> &Config {
        unimplemented!()
    }
    /// Begins a transaction.
    pub fn begin(&self, options: BeginOptions) -> Txn {
        let _ = options;
        unimplemented!()
    }
    /// A snapshot of what is committed now, outside of transactions.
    pub fn snapshot(&self) -> Snapshot {
        unimplemented!()
    }
    /// The locks.
    pub fn locks(&self) -> &LockManager {
        unimplemented!()
    }
    /// Blocks until the log is durable up to `lsn` (a `CommitTicket::wait` or `Snapshot::wait_lsn`).
    pub fn wait_durable(&self, lsn: Lsn) -> Result<()> {
        let _ = lsn;
        unimplemented!()
    }
    /// Up to where the log is durable.
    pub fn durable_lsn(&self) -> Lsn {
        unimplemented!()
    }
    /// Calls `done` once the log is durable up to `lsn`, or has failed; at once, on this thread, if it is already.
    pub fn on_durable(&self, lsn: Lsn, done: Box<dyn FnOnce(Result<()>) + Send>) {
        let _ = (lsn, done);
        unimplemented!()
    }
    /// Where the log ends: after the newest commit.
    pub fn last_commit_lsn(&self) -> Lsn {
        unimplemented!()
    }
    /// Writes everything committed into the base file and cuts the log.
    pub fn checkpoint(&self) -> Result<()> {
        unimplemented!()
    }
    /// The counter of this name; new ones begin with 1. Keep it: looking it up costs more than using it.
    pub fn counter(&self, id: CounterId) -> Result<Arc<Counter>> {
        let _ = id;
        unimplemented!()
    }
    /// Takes `n` numbers from a counter and returns the first.
    pub fn allocate(&self, id: CounterId, n: u64) -> Result<u64> {
        self.counter(id)?.allocate(n)
    }
    /// Writes outside of any transaction: logged and visible at once to `Txn::get_latest` of all, never undone.
    /// Not durable before the next synced commit.
    pub fn non_transactional_put(&self, storage: StorageId, key: &[u8], value: &[u8]) -> Result<Lsn> {
        let _ = (storage, key, value);
        unimplemented!()
    }
    /// The storage ids of a database that hold anything.
    pub fn list_storages(&self, database: u32) -> Result<Vec<StorageId>> {
        let _ = database;
        unimplemented!()
    }
    /// The size of a storage.
    pub fn storage_stats(&self, storage: StorageId) -> Result<StorageStats> {
        let _ = storage;
        unimplemented!()
    }
    /// Checks the base file's structure and checksums, and the log's. Returns what is wrong, in words.
    pub fn verify(&self) -> Result<Vec<String>> {
        unimplemented!()
    }
    /// Readings of all counters.
    pub fn metrics(&self) -> Metrics {
        unimplemented!()
    }
    /// Whether the engine has stopped writing after a failure, and why.
    pub fn poisoned(&self) -> Option<String> {
        unimplemented!()
    }
}
