//! Transactions: skeleton of the interface.

use std::sync::Arc;

use crate::Result;
use crate::engine::*;
use crate::lock::*;
use crate::types::*;

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

/// Names a savepoint of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SavepointId(pub u32);

/// Who wrote the newest version of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatestState {
    /// A transaction that committed at this time. (0 and the base file's time stand for "long ago".)
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
    /// Whether it was committed after the snapshot was taken.
    pub fn newer_than(&self, snapshot: &Snapshot) -> bool {
        matches!(self.state, LatestState::Committed(at) if at > snapshot.timestamp())
    }
}

/// A transaction. One thread at a time uses it; its methods take `&self` so that cursors and writes can mix.
/// Dropped without `commit`, it is aborted.
pub struct Txn(pub(crate) Arc<()>);

impl Txn {
    /// The isolation level.
    pub fn isolation(&self) -> Isolation {
        unimplemented!()
    }
    /// The transaction's number, once it has written.
    pub fn xid(&self) -> Option<Xid> {
        unimplemented!()
    }
    /// The transaction's number; gives it one if it has none.
    pub fn assign_xid(&self) -> Result<Xid> {
        unimplemented!()
    }
    /// Whether writes are refused.
    pub fn is_read_only(&self) -> bool {
        unimplemented!()
    }
    /// Refuses or allows writes from now on.
    pub fn set_read_only(&self, read_only: bool) {
        let _ = read_only;
        unimplemented!()
    }
    /// The engine.
    pub fn engine(&self) -> &Engine {
        unimplemented!()
    }
    /// The lock owner.
    pub fn owner(&self) -> &LockOwner {
        unimplemented!()
    }
    /// The snapshot for a statement that begins now: fresh in READ COMMITTED; otherwise the transaction's, which the
    /// first call takes. Writes of earlier commands are visible in it, those of the current command are not.
    pub fn snapshot(&self) -> Snapshot {
        unimplemented!()
    }
    /// A fresh snapshot whatever the isolation level.
    pub fn latest_snapshot(&self) -> Snapshot {
        unimplemented!()
    }
    /// The current command number, which marks what is written now.
    pub fn command_id(&self) -> CommandId {
        unimplemented!()
    }
    /// Begins the next command: what was written so far becomes visible to snapshots taken from now on.
    pub fn next_command(&self) -> Result<CommandId> {
        unimplemented!()
    }
    /// The value of a key in a snapshot.
    pub fn get(&self, storage: StorageId, key: &[u8], snapshot: &Snapshot) -> Result<Option<Value>> {
        self.get_with(storage, key, snapshot, |value| Value::from(value))
    }
    /// Calls `f` with the value of a key in a snapshot, without copying it.
    pub fn get_with<R>(
        &self,
        storage: StorageId,
        key: &[u8],
        snapshot: &Snapshot,
        f: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>> {
        let _ = (storage, key, snapshot, f);
        unimplemented!()
    }
    /// The newest version of a key, committed or not.
    pub fn get_latest(&self, storage: StorageId, key: &[u8]) -> Result<Latest> {
        let _ = (storage, key);
        unimplemented!()
    }
    /// The keys and values of a range, in order, as the snapshot has them.
    pub fn scan(
        &self,
        storage: StorageId,
        range: KeyRange,
        direction: Direction,
        snapshot: &Snapshot,
    ) -> Cursor {
        let _ = (storage, range, direction, snapshot);
        unimplemented!()
    }
    /// Writes a value.
    pub fn put(&self, storage: StorageId, key: &[u8], value: &[u8]) -> Result<()> {
        let _ = (storage, key, value);
        unimplemented!()
    }
    /// Deletes a key, whether it is there or not.
    pub fn delete(&self, storage: StorageId, key: &[u8]) -> Result<()> {
        let _ = (storage, key);
        unimplemented!()
    }
    /// Says that this transaction makes a new storage; if it is rolled back, nothing of it stays.
    pub fn create_storage(&self, storage: StorageId) -> Result<()> {
        let _ = storage;
        unimplemented!()
    }
    /// Removes a storage with all it holds, at commit. Others must not be writing into it (the table lock sees to it).
    pub fn drop_storage(&self, storage: StorageId) -> Result<()> {
        let _ = storage;
        unimplemented!()
    }
    /// Removes all storages of a database, at commit.
    pub fn drop_database(&self, database: u32) -> Result<()> {
        let _ = database;
        unimplemented!()
    }
    /// Copies all storages of a database, as committed now, under another database number.
    pub fn copy_database(&self, from: u32, to: u32) -> Result<()> {
        let _ = (from, to);
        unimplemented!()
    }
    /// Marks a point that `rollback_to` can return to.
    pub fn savepoint(&self) -> Result<SavepointId> {
        unimplemented!()
    }
    /// Undoes all writes and releases all locks since the savepoint, which stays.
    pub fn rollback_to(&self, savepoint: SavepointId) -> Result<()> {
        let _ = savepoint;
        unimplemented!()
    }
    /// Forgets the savepoint and those after it; their writes and locks belong to what surrounds it.
    pub fn release(&self, savepoint: SavepointId) -> Result<()> {
        let _ = savepoint;
        unimplemented!()
    }
    /// Takes a lock until the transaction (or savepoint) ends. Returns whether it was taken; `false` only with
    /// `LockWait::Skip`.
    pub fn lock(&self, tag: LockTag, mode: LockMode, wait: LockWait) -> Result<bool> {
        let _ = (tag, mode, wait);
        unimplemented!()
    }
    /// Waits until a transaction has ended.
    pub fn wait_for_transaction(&self, xid: Xid, wait: LockWait) -> Result<bool> {
        let _ = (xid, wait);
        unimplemented!()
    }
    /// Commits: logs the changes, makes them visible, releases the locks. They are durable when the ticket's `wait`
    /// is (`Engine::wait_durable`, `Engine::on_durable`). After an error the transaction is aborted.
    pub fn commit(&self, mode: CommitMode) -> Result<CommitTicket> {
        let _ = mode;
        unimplemented!()
    }
    /// Rolls everything back.
    pub fn abort(&self) {
        unimplemented!()
    }
}

/// A scan under way. It keeps nothing locked between calls, and stays valid whatever is written meanwhile.
pub struct Cursor {}

impl Cursor {
    /// The next key and value, which stay until the next call.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        unimplemented!()
    }
}
