//! The engine: opening and closing, and what all transactions share.

mod checkpoint;
mod counter;
mod flush;
mod open;
mod outcomes;
mod serializable;
mod shared;
mod snapshot;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use parking_lot::Mutex;
use pglitedb_platform::{Fs, RealFs};

pub use counter::{Counter, CounterId};
pub use outcomes::{XidSnapshot, XidStatus};
pub use snapshot::Snapshot;

pub(crate) use serializable::{ScanMark, SerializableTxn};
pub(crate) use shared::Shared;
pub(crate) use snapshot::View;

use crate::error::{Error, Result};
use crate::lock::{CancelToken, LockManager, LockOwner};
use crate::txn::{Isolation, Txn};
use crate::types::{Key, Lsn, StorageId, Timestamp, Value, Xid};
use crate::version::{TxnState, Version};
use crate::wal::OpWriter;
use crate::{Config, Metrics};
use checkpoint::Haste;

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

/// The size of a storage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StorageStats {
    /// Bytes of pages in the base file, estimated.
    pub file_bytes: u64,
    /// Entries in the base file, as of the last checkpoint.
    pub entries: u64,
    /// Keys with versions in memory.
    pub memory_keys: u64,
}

/// An open database cluster: all databases of one directory (or of memory). Clones share it.
#[derive(Clone)]
pub struct Engine(Arc<Handle>);

/// Closes the engine when the last user is gone; the background threads do not count as users.
struct Handle {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // There is nobody left to tell about a failure; the log has what the base lacks.
        let _ = self.close();
    }
}

impl Handle {
    fn start(shared: Arc<Shared>) -> Result<Engine> {
        let engine = Engine(Arc::new(Handle { shared: Arc::clone(&shared), threads: Mutex::default() }));
        if shared.config.background {
            let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
                let thread = std::thread::Builder::new().name(name.to_string()).spawn(run);
                thread.map_err(|e| Error::io("could not start a thread", e))
            };
            let mut threads = engine.0.threads.lock();
            let checkpointer = Arc::clone(&shared);
            threads.push(spawn("pglitedb-checkpoint", Box::new(move || checkpointer.run_checkpointer()))?);
            if shared.writer.is_some() {
                let flusher = Arc::clone(&shared);
                threads.push(spawn("pglitedb-log", Box::new(move || flusher.run_flusher()))?);
            }
        }
        shared.maybe_checkpoint(Lsn(shared.last_lsn.load(Ordering::Relaxed)));
        Ok(engine)
    }

    fn close(&self) -> Result<()> {
        let shared = &self.shared;
        if shared.closed.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        shared.flush.lock().stop = true;
        shared.flush_wanted.notify_all();
        shared.checkpoint.lock().stop = true;
        shared.checkpoint_wanted.notify_all();
        shared.wake_all();
        for thread in self.threads.lock().drain(..) {
            // A thread may itself drop the last clone, in a callback; it cannot wait for its own end.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
        let outcome = shared.flush_log(true).and_then(|()| shared.checkpoint_now(Haste::Last));
        shared.wake_all();
        shared.base_file.close();
        shared.lock_file.lock().take();
        outcome
    }
}

impl Engine {
    /// Opens, or creates, the database in a directory.
    pub fn open(path: impl AsRef<Path>, config: Config) -> Result<Engine> {
        Engine::open_with(Arc::new(RealFs), path.as_ref(), config)
    }

    /// As `open`, on the given file system.
    pub fn open_with(fs: Arc<dyn Fs>, path: &Path, config: Config) -> Result<Engine> {
        Handle::start(open::open(fs, path, config)?)
    }

    /// A database that lives in memory only.
    pub fn in_memory(config: Config) -> Result<Engine> {
        Handle::start(open::in_memory(config)?)
    }

    /// Checks the files of a database that nobody has open: headers, checksums, structure. Returns what is wrong, in words.
    pub fn verify(fs: Arc<dyn Fs>, path: &Path) -> Result<Vec<String>> {
        open::verify(fs, path)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }

    /// Stops: writes a checkpoint and releases the files. Running transactions fail from now on. Dropping the last
    /// clone does the same, without a report of failure.
    pub fn close(&self) -> Result<()> {
        self.0.close()
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.shared().config
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.shared().path
    }

    /// Whether it keeps everything in memory.
    pub fn is_in_memory(&self) -> bool {
        self.shared().writer.is_none()
    }

    /// The number that the next transaction to write will get.
    pub fn next_xid(&self) -> Xid {
        Xid(self.shared().next_xid.load(Ordering::Relaxed))
    }

    /// Begins a transaction.
    pub fn begin(&self, options: BeginOptions) -> Txn {
        let owner = options.owner.unwrap_or_else(|| self.register(0, CancelToken::new()));
        Txn::new(self.clone(), owner, options.isolation, options.read_only)
    }

    /// Registers a session, for locks. The cancel token ends its waits and scans.
    pub fn register(&self, pid: u32, cancel: CancelToken) -> LockOwner {
        let owner = self.shared().locks.register(pid, cancel);
        owner.set_settings(self.shared().default_lock_settings());
        owner
    }

    /// A snapshot of what is committed now, outside of transactions.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(Arc::new(self.shared().view(0, false)), None, 0)
    }

    /// The locks.
    pub fn locks(&self) -> &LockManager {
        &self.shared().locks
    }

    /// Blocks until the log is durable up to `lsn` (a `CommitTicket::wait`, `LockOwner::seen` or `Engine::barrier_lsn`).
    #[inline]
    pub fn wait_durable(&self, lsn: Lsn) -> Result<()> {
        self.shared().wait_durable(lsn)
    }

    /// Up to where the log is durable.
    pub fn durable_lsn(&self) -> Lsn {
        self.shared().durable_lsn()
    }

    /// What must be durable before anybody is told anything, whatever it is (`Engine::wait_durable`): numbers of counters, and commits
    /// of transactions that are barriers.
    #[inline]
    pub fn barrier_lsn(&self) -> Lsn {
        Lsn(self.shared().barrier.load(Ordering::Acquire))
    }

    /// Calls `done` once the log is durable up to `lsn`, or has failed; at once, on this thread, if it is already.
    pub fn on_durable(&self, lsn: Lsn, done: Box<dyn FnOnce(Result<()>) + Send>) {
        self.shared().on_durable(lsn, done);
    }

    /// Where the log ends: after the newest commit.
    pub fn last_commit_lsn(&self) -> Lsn {
        Lsn(self.shared().last_lsn.load(Ordering::Acquire))
    }

    /// Writes everything committed into the base file and cuts the log.
    pub fn checkpoint(&self) -> Result<()> {
        let shared = self.shared();
        shared.check_writable()?;
        shared.locks.blocking(|| shared.checkpoint_now(Haste::AtOnce))
    }

    /// The counter of this name; new ones begin with 1. Keep it: looking it up costs more than using it.
    pub fn counter(&self, id: CounterId) -> Result<Arc<Counter>> {
        self.shared().counter(id)
    }

    /// Takes `n` numbers from a counter and returns the first.
    pub fn allocate(&self, id: CounterId, n: u64) -> Result<u64> {
        self.counter(id)?.allocate(n)
    }

    /// Writes outside of any transaction: logged and visible at once to `Txn::get_latest` of all, never undone.
    /// Nobody is told anything until it is durable (`Engine::barrier_lsn`).
    pub fn non_transactional_put(&self, storage: StorageId, key: &[u8], value: &[u8]) -> Result<Lsn> {
        let shared = self.shared();
        let mut ops = OpWriter::default();
        ops.write(storage, key, Some(value));
        let checksum = crc32c::crc32c(ops.bytes());
        let table = shared.store.get_or_create(storage);
        table.note_direct_write();
        let lsn = {
            let mut sequence = shared.sequence.lock();
            shared.check_writable()?;
            let at = sequence.timestamp + 1;
            let txn = Arc::new(TxnState::committed_at(Xid(0), at));
            let version = Version { txn, command: 0, value: Some(Value::from(value)) };
            let change = table.push(Key::from_slice(key), version, || shared.horizon())?;
            shared.store.add_bytes(change);
            let lsn = sequence.log.append(ops.bytes(), checksum, 0, false, shared.durable_lsn());
            shared.raise_barrier(lsn);
            sequence.note_commit(0, &shared.registry);
            shared.last_lsn.store(lsn.0, Ordering::Release);
            shared.registry.publish(at);
            lsn
        };
        shared.nudge_flush(false);
        shared.maybe_checkpoint(lsn);
        Ok(lsn)
    }

    /// The storage ids of a database that hold anything.
    pub fn list_storages(&self, database: u32) -> Result<Vec<StorageId>> {
        let shared = self.shared();
        let base = shared.registry.base();
        let mut all = base.storages(database)?;
        let tables = shared.store.tables();
        all.extend(tables.iter().filter(|t| t.id().database() == database && t.len() > 0).map(|t| t.id()));
        all.sort_unstable();
        all.dedup();
        all.retain(|id| {
            shared.store.with(*id, |table| table.is_none_or(|table| table.dropped_at().is_none()))
        });
        Ok(all)
    }

    /// The size of a storage.
    pub fn storage_stats(&self, storage: StorageId) -> Result<StorageStats> {
        let shared = self.shared();
        let base = shared.registry.base();
        let (entries, file_bytes) = base.size(storage)?;
        let memory_keys = shared.store.with(storage, |table| table.map_or(0, |table| table.len())) as u64;
        Ok(StorageStats { file_bytes, entries, memory_keys })
    }

    /// Readings of all counters.
    pub fn metrics(&self) -> Metrics {
        let shared = self.shared();
        let cache = shared.base_file.cache_numbers();
        let (wal_writes, wal_syncs) = shared.writer.as_ref().map_or((0, 0), |writer| writer.lock().numbers());
        let (wal_records, end) = {
            let sequence = shared.sequence.lock();
            (sequence.log.records(), sequence.log.end().0)
        };
        let (lock_waits, deadlocks) = shared.locks.numbers();
        let counts = &shared.counts;
        Metrics {
            commits: counts.commits.load(Ordering::Relaxed),
            aborts: counts.aborts.load(Ordering::Relaxed),
            wal_bytes: end,
            wal_records,
            wal_writes,
            wal_syncs,
            wal_since_checkpoint: end.saturating_sub(shared.checkpoint_lsn.load(Ordering::Relaxed)),
            checkpoints: counts.checkpoints.load(Ordering::Relaxed),
            checkpoint_entries: counts.checkpoint_entries.load(Ordering::Relaxed),
            version_bytes: shared.store.bytes(),
            snapshots: shared.registry.open_snapshots(),
            cache_hits: cache.hits,
            cache_misses: cache.misses,
            cache_bytes: cache.bytes,
            cache_evictions: cache.evictions,
            lock_waits,
            deadlocks,
            serialization_failures: shared.serializable.failures(),
        }
    }

    /// Whether the engine has stopped writing after a failure, and why.
    pub fn poisoned(&self) -> Option<String> {
        self.shared().poison_reason()
    }
}
