//! Transactions: reading, writing, savepoints, and their end.

mod commit;
mod cursor;
mod databases;
mod savepoint;
#[cfg(test)]
mod tests;
mod write;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

pub use cursor::Cursor;
use cursor::Watch;
pub use savepoint::SavepointId;

use crate::base::BaseSnapshot;
use crate::engine::{Engine, SerializableTxn, Shared, Snapshot, View};
use crate::error::{Error, Result};
use crate::lock::{HeldLock, LockMode, LockOwner, LockTag, LockWait};
use crate::types::{CommandId, Direction, KeyRange, StorageId, Timestamp, Value, Xid};
use crate::version::{Newest, TxnState, Write};
use savepoint::Savepoint;

/// What a transaction sees of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// Every statement sees what was committed when it began.
    #[default]
    ReadCommitted,
    /// All statements see what was committed at the first one's beginning.
    RepeatableRead,
    /// As `RepeatableRead`, and the outcome is that of some order one after the other.
    Serializable,
}

/// Who wrote the newest version of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatestState {
    /// A transaction that committed at this time. Of a key that is not there it is not known when it was deleted, if ever; the time
    /// given is then later than all snapshots in which it was there.
    Committed(Timestamp),
    /// This transaction, in this command.
    Own(CommandId),
    /// A running transaction: wait for it with `Txn::wait_for_transaction`.
    InProgress(Xid),
}

/// The newest version of a key, seen or not.
#[derive(Debug, Clone)]
pub struct Latest {
    /// The value; `None` if the key is not there, or was deleted.
    pub value: Option<Value>,
    /// Who wrote it.
    pub state: LatestState,
}

impl Latest {
    /// Whether it was committed after the snapshot was taken. Of a key that is not there this can be told only if the snapshot has it.
    pub fn newer_than(&self, snapshot: &Snapshot) -> bool {
        matches!(self.state, LatestState::Committed(at) if at > snapshot.timestamp())
    }
}

/// What changes while a transaction runs.
#[derive(Default)]
struct Inner {
    /// Made at the first write.
    state: Option<Arc<TxnState>>,
    xid_lock: Option<HeldLock>,
    command: CommandId,
    writes: Vec<Write>,
    bytes: u64,
    created: Vec<StorageId>,
    dropped: Vec<StorageId>,
    savepoints: Vec<Savepoint>,
    next_savepoint: u32,
    /// The snapshot of the transaction, or of its last statement.
    view: Option<Arc<View>>,
    ended: bool,
}

/// A transaction. One thread at a time uses it; its methods take `&self` so that cursors and writes can mix.
/// Dropped without `commit`, it is aborted.
pub struct Txn {
    engine: Engine,
    owner: LockOwner,
    isolation: Isolation,
    read_only: AtomicBool,
    /// Everybody waits until its commit is durable.
    barrier: AtomicBool,
    inner: Mutex<Inner>,
    held: Mutex<Vec<HeldLock>>,
    /// SERIALIZABLE: made with the snapshot.
    serializable: OnceLock<Arc<SerializableTxn>>,
}

impl Txn {
    pub(crate) fn new(engine: Engine, owner: LockOwner, isolation: Isolation, read_only: bool) -> Txn {
        let (inner, held, read_only) = (Mutex::default(), Mutex::default(), AtomicBool::new(read_only));
        let (barrier, serializable) = (AtomicBool::new(false), OnceLock::new());
        Txn { engine, owner, isolation, read_only, barrier, inner, held, serializable }
    }

    fn shared(&self) -> &Arc<Shared> {
        self.engine.shared()
    }

    /// The isolation level.
    pub fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// Whether writes are refused.
    pub fn is_read_only(&self) -> bool {
        self.read_only.load(Ordering::Relaxed)
    }

    /// Refuses or allows writes from now on.
    pub fn set_read_only(&self, read_only: bool) {
        self.read_only.store(read_only, Ordering::Relaxed);
    }

    /// Once this commits, nobody is told anything until it is durable (`Engine::barrier_lsn`): for changes that others learn of in
    /// other ways than by reading them in transactions.
    pub fn make_barrier(&self) {
        self.barrier.store(true, Ordering::Relaxed);
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The lock owner.
    pub fn owner(&self) -> &LockOwner {
        &self.owner
    }

    /// The snapshot for a statement that begins now: fresh in READ COMMITTED; otherwise the transaction's, which the
    /// first call takes. Writes of earlier commands are visible in it, those of the current command are not.
    pub fn snapshot(&self) -> Snapshot {
        let mut inner = self.inner.lock();
        let view = match (self.isolation, &inner.view) {
            (Isolation::RepeatableRead | Isolation::Serializable, Some(view)) => Arc::clone(view),
            (Isolation::Serializable, None) => Arc::new(self.serializable_view(&inner)),
            _ => Arc::new(self.shared().view(self.owner.id(), false)),
        };
        if self.isolation != Isolation::ReadCommitted && inner.view.is_none() {
            inner.view = Some(Arc::clone(&view));
        }
        Snapshot::new(view, inner.state.clone(), inner.command)
    }

    /// Takes the snapshot under the commit mutex, so that no commit falls between it and its registration.
    fn serializable_view(&self, inner: &Inner) -> View {
        let shared = self.shared();
        let _sequence = shared.sequence.lock();
        let view = shared.view(self.owner.id(), true);
        let begun = shared.serializable.begin(view.timestamp(), self.is_read_only());
        if let Some(state) = &inner.state {
            shared.serializable.assign_xid(&begun, state.xid());
        }
        // There can be no other: the transaction's mutex is held, and there was no view.
        let _ = self.serializable.set(Arc::new(begun));
        view
    }

    /// A fresh snapshot whatever the isolation level.
    pub fn latest_snapshot(&self) -> Snapshot {
        let inner = self.inner.lock();
        Snapshot::new(
            Arc::new(self.shared().view(self.owner.id(), false)),
            inner.state.clone(),
            inner.command,
        )
    }

    /// The same point in time as an earlier snapshot of this transaction, with what was written by the commands since.
    pub fn refresh(&self, snapshot: &Snapshot) -> Snapshot {
        let inner = self.inner.lock();
        snapshot.at_command(inner.state.clone(), inner.command)
    }

    /// The value of a key in a snapshot.
    pub fn get(&self, storage: StorageId, key: &[u8], snapshot: &Snapshot) -> Result<Option<Value>> {
        match self.lookup(storage, key, snapshot)? {
            Some(in_memory) => Ok(in_memory),
            None => snapshot.base().get(storage, key, |value| Value::from(value)),
        }
    }

    /// Calls `f` with the value of a key in a snapshot, without copying it.
    pub fn get_with<R>(
        &self,
        storage: StorageId,
        key: &[u8],
        snapshot: &Snapshot,
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>> {
        match self.lookup(storage, key, snapshot)? {
            Some(in_memory) => Ok(in_memory.map(|value| f(&value))),
            None => snapshot.base().get(storage, key, f),
        }
    }

    /// What the versions say of a key; `None` if the base decides.
    #[inline]
    fn lookup(&self, storage: StorageId, key: &[u8], snapshot: &Snapshot) -> Result<Option<Option<Value>>> {
        if let Some(serializable) = self.serializable.get() {
            self.note_lookup(serializable, storage, key, snapshot)?;
        }
        let found = self.shared().store.with(storage, |table| table?.read(key, &snapshot.sight()));
        Ok(found.map(|(value, wait)| {
            self.owner.note_seen(wait);
            value
        }))
    }

    /// SERIALIZABLE: notes that a key is looked up, and whose versions of it are not seen.
    fn note_lookup(
        &self,
        serializable: &SerializableTxn,
        storage: StorageId,
        key: &[u8],
        snapshot: &Snapshot,
    ) -> Result<()> {
        let shared = self.shared();
        shared.serializable.read_point(serializable, storage, key);
        let mut writers = Vec::new();
        shared.store.with(storage, |table| {
            if let Some(table) = table {
                table.passed_over(key, &snapshot.sight(), &mut writers);
            }
        });
        shared.serializable.passed_over(serializable, &writers)
    }

    /// The newest version of a key, unless it was committed when the snapshot was taken: then `None`, mostly without a look at the
    /// base.
    pub fn changed_since(
        &self,
        storage: StorageId,
        key: &[u8],
        snapshot: &Snapshot,
    ) -> Result<Option<Latest>> {
        let known = snapshot.timestamp();
        let in_base = |base: &BaseSnapshot| match base.timestamp() <= known {
            true => Ok(None),
            false => base_latest(base, storage, key).map(Some),
        };
        let latest = self.latest(storage, key, Some, in_base)?;
        Ok(latest.filter(|latest| !matches!(latest.state, LatestState::Committed(at) if at <= known)))
    }

    /// The newest version of a key, committed or not.
    pub fn get_latest(&self, storage: StorageId, key: &[u8]) -> Result<Latest> {
        self.latest(storage, key, |latest| latest, |base| base_latest(base, storage, key))
    }

    /// What `found` makes of the newest version of a key, or `in_base` of the base if that has it.
    fn latest<T>(
        &self,
        storage: StorageId,
        key: &[u8],
        found: impl FnOnce(Latest) -> T,
        in_base: impl FnOnce(&BaseSnapshot) -> Result<T>,
    ) -> Result<T> {
        let shared = self.shared();
        loop {
            let base = shared.registry.base();
            // What a base contains may be gone from the chain, while an older version that somebody sees is still there.
            let in_memory = |newest: &Newest| newest.txn.stamp() > base.timestamp();
            let newest = shared.store.with(storage, |table| table?.newest(key));
            // Versions go away only after a newer base is there. Had that happened in between, the newest might be gone, and what
            // was found be one of those before it: both are read anew.
            if !shared.registry.is_base(&base) {
                continue;
            }
            if let Some(newest) = newest.filter(in_memory) {
                let own =
                    self.inner.lock().state.as_ref().is_some_and(|state| Arc::ptr_eq(state, &newest.txn));
                let state = match newest.txn.committed() {
                    Some(at) => {
                        self.owner.note_seen(newest.txn.wait());
                        LatestState::Committed(at)
                    }
                    None if own => LatestState::Own(newest.command),
                    None if newest.txn.is_aborted() => continue,
                    None => LatestState::InProgress(newest.txn.xid()),
                };
                return Ok(found(Latest { value: newest.value, state }));
            }
            return in_base(&base);
        }
    }

    /// The keys and values of a range, in order, as the snapshot has them.
    pub fn scan(
        &self,
        storage: StorageId,
        range: KeyRange,
        direction: Direction,
        snapshot: &Snapshot,
    ) -> Cursor {
        let shared = self.shared();
        let watch = self.serializable.get().map(|txn| {
            let mark = shared.serializable.begin_scan(txn, storage, &range, direction);
            Watch { shared: Arc::clone(shared), txn: Arc::clone(txn), mark }
        });
        let table = shared.store.get(storage);
        Cursor::new(storage, table, range, direction, snapshot.clone(), self.owner.clone(), watch)
    }

    /// Takes a lock until the transaction (or savepoint) ends. Returns whether it was taken; `false` only with
    /// `LockWait::Skip`.
    pub fn lock(&self, tag: LockTag, mode: LockMode, wait: LockWait) -> Result<bool> {
        self.owner.lock_in(&self.held, tag, mode, wait)
    }

    /// Waits until a transaction has ended.
    pub fn wait_for_transaction(&self, xid: Xid, wait: LockWait) -> Result<bool> {
        self.owner.wait_for(&LockTag::Transaction(xid), LockMode::Share, wait)
    }

    /// Whether commit or abort has been called.
    pub fn has_ended(&self) -> bool {
        self.inner.lock().ended
    }
}

/// The version of a key in the base.
fn base_latest(base: &BaseSnapshot, storage: StorageId, key: &[u8]) -> Result<Latest> {
    let (value, at) = match base.get_stamped(storage, key)? {
        Some((value, at)) => (Some(value), at),
        // When something was deleted is not known; for a snapshot in which it is there, it was later.
        None => (None, base.timestamp()),
    };
    Ok(Latest { value, state: LatestState::Committed(at) })
}

impl Inner {
    fn check_running(&self) -> Result<()> {
        if self.ended { Err(Error::TransactionEnded) } else { Ok(()) }
    }
}

impl Drop for Txn {
    fn drop(&mut self) {
        self.abort();
    }
}

impl std::fmt::Debug for Txn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Txn").field("isolation", &self.isolation).finish_non_exhaustive()
    }
}
