//! What the parts of an engine share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex, RwLock};
use pglitedb_platform::FsLock;

use super::counter::{Counter, CounterId};
use super::flush::FlushState;
use super::outcomes::Outcomes;
use super::serializable::Serializable;
use super::snapshot::View;
use crate::base::{BaseFile, BaseSnapshot};
use crate::config::{Config, SyncMode};
use crate::error::{Error, Result};
use crate::lock::{LockManager, LockSettings};
use crate::types::{Lsn, StorageId, Timestamp};
use crate::version::{Horizon, Registry, VersionStore};
use crate::wal::{LogBuffer, LogWriter};

/// What the commit mutex guards: the order of commits.
pub(crate) struct Sequence {
    pub(crate) log: LogBuffer,
    /// The newest commit.
    pub(crate) timestamp: Timestamp,
    /// `SyncMode::Normal`: where the log ended after each of the last N commits.
    window: Vec<u64>,
    commits: u64,
    /// What became of transactions.
    pub(crate) outcomes: Outcomes,
}

/// Numbers that only count.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) commits: AtomicU64,
    pub(crate) aborts: AtomicU64,
    pub(crate) checkpoints: AtomicU64,
    pub(crate) checkpoint_entries: AtomicU64,
}

/// Checkpoints on demand.
#[derive(Default)]
pub(crate) struct CheckpointState {
    pub(crate) wanted: bool,
    pub(crate) stop: bool,
    /// How many have been done or have failed.
    pub(crate) finished: u64,
}

/// The state of an engine.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) path: PathBuf,
    pub(crate) store: VersionStore,
    pub(crate) registry: Arc<Registry>,
    pub(crate) locks: LockManager,
    pub(crate) serializable: Serializable,
    pub(crate) sequence: Mutex<Sequence>,
    /// Where the log ends.
    pub(crate) last_lsn: AtomicU64,
    /// What must be durable before anybody is told anything.
    pub(crate) barrier: AtomicU64,
    pub(crate) next_xid: AtomicU64,

    /// The files of the log; none in memory.
    pub(crate) writer: Option<Mutex<LogWriter>>,
    pub(crate) durable: AtomicU64,
    pub(crate) flush: Mutex<FlushState>,
    pub(crate) flushed: Condvar,
    pub(crate) flush_wanted: Condvar,
    /// Whether the log thread knows that there is something to write within `sync_interval`.
    pub(crate) flush_armed: AtomicBool,

    pub(crate) base_file: BaseFile,
    /// Up to where the log is in the base.
    pub(crate) checkpoint_lsn: AtomicU64,
    /// Held while a checkpoint runs.
    pub(crate) checkpointing: Mutex<()>,
    pub(crate) checkpoint: Mutex<CheckpointState>,
    pub(crate) checkpoint_wanted: Condvar,
    pub(crate) checkpoint_done: Condvar,
    /// Storages that were dropped, and when, until nothing of them is left.
    pub(crate) dropped: Mutex<Vec<(StorageId, Timestamp)>>,

    pub(crate) counters: Mutex<BTreeMap<CounterId, Arc<Counter>>>,
    pub(crate) counts: Counts,
    poison: RwLock<Option<String>>,
    poisoned: AtomicBool,
    pub(crate) closed: AtomicBool,
    /// Keeps other processes out.
    pub(crate) lock_file: Mutex<Option<Box<dyn FsLock>>>,
}

/// What `Shared::new` needs to know.
pub(crate) struct Start {
    pub(crate) config: Config,
    pub(crate) path: PathBuf,
    pub(crate) writer: Option<LogWriter>,
    pub(crate) end: Lsn,
    pub(crate) chain: u32,
    pub(crate) base_file: BaseFile,
    pub(crate) base: BaseSnapshot,
    pub(crate) lock_file: Option<Box<dyn FsLock>>,
}

impl Shared {
    pub(crate) fn new(start: Start) -> Result<Shared> {
        let Start { config, path, writer, end, chain, base_file, base, lock_file } = start;
        let (timestamp, lsn, next_xid) = (base.timestamp(), base.meta().lsn, base.meta().next_xid);
        let window = match config.sync_mode {
            SyncMode::Normal { transactions } => vec![0; transactions.max(1) as usize],
            _ => Vec::new(),
        };
        let outcomes = Outcomes::new(&base)?;
        let log = LogBuffer::new(end, chain, writer.is_some());
        Ok(Shared {
            store: VersionStore::default(),
            registry: Arc::new(Registry::new(base)),
            locks: LockManager::default(),
            serializable: Serializable::default(),
            sequence: Mutex::new(Sequence { log, timestamp, window, commits: 0, outcomes }),
            last_lsn: AtomicU64::new(end.0),
            barrier: AtomicU64::new(0),
            next_xid: AtomicU64::new(next_xid),
            writer: writer.map(Mutex::new),
            durable: AtomicU64::new(end.0),
            flush: Mutex::default(),
            flushed: Condvar::new(),
            flush_wanted: Condvar::new(),
            flush_armed: AtomicBool::new(false),
            base_file,
            checkpoint_lsn: AtomicU64::new(lsn.0),
            checkpointing: Mutex::new(()),
            checkpoint: Mutex::default(),
            checkpoint_wanted: Condvar::new(),
            checkpoint_done: Condvar::new(),
            dropped: Mutex::default(),
            counters: Mutex::default(),
            counts: Counts::default(),
            poison: RwLock::new(None),
            poisoned: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            lock_file: Mutex::new(lock_file),
            config,
            path,
        })
    }

    /// A view of what is committed now. `hint` spreads views over the registry's shards; one that `watches` needs to know of newer
    /// versions, too.
    pub(crate) fn view(&self, hint: u64, watches: bool) -> View {
        let (registration, base) = self.registry.register(hint, watches);
        View::new(registration, base)
    }

    /// Whether nobody is told of a commit before it is durable.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.config.sync_mode == SyncMode::Full && self.writer.is_some()
    }

    /// From now on nobody is told anything until the log is durable up to `lsn`.
    pub(crate) fn raise_barrier(&self, lsn: Lsn) {
        if self.is_waited_for() {
            self.barrier.fetch_max(lsn.0, Ordering::AcqRel);
        }
    }

    /// Which versions are still needed.
    pub(crate) fn horizon(&self) -> Horizon {
        self.registry.horizon()
    }

    /// Limits on lock waits for sessions that have not set their own.
    pub(crate) fn default_lock_settings(&self) -> LockSettings {
        LockSettings { lock_timeout: None, deadlock_timeout: self.config.deadlock_timeout }
    }

    /// Stops all further writing.
    pub(crate) fn poison(&self, error: &Error) {
        let mut poison = self.poison.write();
        if poison.is_none() {
            *poison = Some(error.to_string());
        }
        self.poisoned.store(true, Ordering::SeqCst);
        drop(poison);
        self.wake_all();
    }

    /// Wakes everybody who waits for a flush or a checkpoint, to see that it will not come.
    pub(crate) fn wake_all(&self) {
        self.wake_waiting();
        drop(self.checkpoint.lock());
        self.checkpoint_done.notify_all();
    }

    /// Why writing has stopped, if it has.
    pub(crate) fn poison_reason(&self) -> Option<String> {
        self.poison.read().clone()
    }

    /// Fails if nothing may be written any more.
    pub(crate) fn check_writable(&self) -> Result<()> {
        if self.poisoned.load(Ordering::Acquire) {
            return Err(Error::Poisoned { reason: self.poison_reason().unwrap_or_default() });
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        Ok(())
    }
}

impl Sequence {
    /// Counts a commit that ends at `lsn`, and says what must be durable before it may be acknowledged.
    pub(crate) fn wait_for(&mut self, mode: SyncMode, lsn: Lsn) -> Lsn {
        match mode {
            SyncMode::Full => lsn,
            SyncMode::Normal { .. } => {
                let place = (self.commits % self.window.len().max(1) as u64) as usize;
                self.commits += 1;
                // With this one acknowledged, the one N commits ago must not be lost any more.
                self.window.get_mut(place).map_or(Lsn(0), |slot| Lsn(std::mem::replace(slot, lsn.0)))
            }
            SyncMode::Checkpoint | SyncMode::Off => Lsn(0),
        }
    }

    /// Whether so many commits have gathered that a sync is due (`SyncMode::Normal`).
    pub(crate) fn is_sync_due(&self) -> bool {
        let half = (self.window.len() as u64 / 2).max(1);
        !self.window.is_empty() && self.commits.is_multiple_of(half)
    }

    /// The next commit, of the transaction with this number (0: of none), and its timestamp.
    pub(crate) fn note_commit(&mut self, xid: u64, registry: &Registry) -> Timestamp {
        self.timestamp += 1;
        self.outcomes.committed(xid);
        if self.outcomes.is_full() {
            self.outcomes.trim(registry.oldest());
        }
        self.timestamp
    }
}
