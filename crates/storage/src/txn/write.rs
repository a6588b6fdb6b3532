//! Writing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Inner, Isolation, Txn};
use crate::base::{MAX_KEY, MAX_VALUE};
use crate::error::{Error, Result};
use crate::lock::{LockMode, LockTag};
use crate::types::{CommandId, Key, StorageId, Value, Xid};
use crate::version::{TxnState, Version, Write};

impl Txn {
    /// The transaction's number, once it has written.
    pub fn xid(&self) -> Option<Xid> {
        self.inner.lock().state.as_ref().map(|state| state.xid())
    }

    /// The transaction's number; gives it one if it has none.
    pub fn assign_xid(&self) -> Result<Xid> {
        let mut inner = self.inner.lock();
        self.state(&mut inner).map(|state| state.xid())
    }

    /// The transaction's state, made at the first write.
    fn state<'a>(&self, inner: &'a mut Inner) -> Result<&'a Arc<TxnState>> {
        inner.check_running()?;
        if inner.state.is_none() {
            let shared = self.shared();
            shared.check_writable()?;
            shared.wait_for_room(self.owner.cancel_token())?;
            let xid = Xid(shared.next_xid.fetch_add(1, Ordering::Relaxed));
            inner.xid_lock = Some(self.owner.hold(LockTag::Transaction(xid), LockMode::Exclusive)?);
            inner.state = Some(Arc::new(TxnState::running(xid)));
            if let Some(serializable) = self.serializable.get() {
                shared.serializable.assign_xid(serializable, xid);
            }
        }
        inner.state.as_ref().ok_or(Error::TransactionEnded)
    }

    /// The current command number, which marks what is written now.
    pub fn command_id(&self) -> CommandId {
        self.inner.lock().command
    }

    /// Begins the next command: what was written so far becomes visible to snapshots taken from now on.
    pub fn next_command(&self) -> Result<CommandId> {
        let mut inner = self.inner.lock();
        inner.command = inner.command.checked_add(1).ok_or(Error::Exhausted("command numbers"))?;
        Ok(inner.command)
    }

    /// Writes a value.
    pub fn put(&self, storage: StorageId, key: &[u8], value: &[u8]) -> Result<()> {
        if value.len() > MAX_VALUE {
            return Err(Error::EntryTooLarge { size: value.len(), limit: MAX_VALUE });
        }
        self.write(storage, key, Some(Value::from(value)))
    }

    /// Writes a value whose bytes are shared already.
    pub fn put_value(&self, storage: StorageId, key: &[u8], value: Value) -> Result<()> {
        if value.len() > MAX_VALUE {
            return Err(Error::EntryTooLarge { size: value.len(), limit: MAX_VALUE });
        }
        self.write(storage, key, Some(value))
    }

    /// Deletes a key, whether it is there or not.
    pub fn delete(&self, storage: StorageId, key: &[u8]) -> Result<()> {
        self.write(storage, key, None)
    }

    fn write(&self, storage: StorageId, key: &[u8], value: Option<Value>) -> Result<()> {
        if key.len() > MAX_KEY {
            return Err(Error::EntryTooLarge { size: key.len(), limit: MAX_KEY });
        }
        if self.is_read_only() {
            return Err(Error::ReadOnly);
        }
        if self.isolation == Isolation::Serializable && self.serializable.get().is_none() {
            drop(self.snapshot());
        }
        let shared = self.shared();
        let mut inner = self.inner.lock();
        let txn = Arc::clone(self.state(&mut inner)?);
        let limit = shared.config.max_transaction_bytes;
        // Rows come in runs for one table; the last write's table is the likely one.
        let table = match inner.writes.last() {
            Some(last) if last.table.id() == storage => Arc::clone(&last.table),
            _ => shared.store.get_or_create(storage),
        };
        let key = Key::from_slice(key);
        let version = Version { txn, command: inner.command, value: value.clone() };
        let write = Write { table, key: key.clone(), value };
        let bytes = inner.bytes + write.bytes();
        if bytes > limit {
            return Err(Error::TransactionTooLarge { limit });
        }
        let change = write.table.push(key, version, || shared.horizon())?;
        shared.store.add_bytes(change);
        inner.bytes = bytes;
        let watched = self.serializable.get();
        let outcome = watched.map_or(Ok(()), |txn| shared.serializable.written(txn, storage, &write.key));
        inner.writes.push(write);
        outcome
    }

    /// Says that this transaction makes a new storage; if it is rolled back, nothing of it stays.
    pub fn create_storage(&self, storage: StorageId) -> Result<()> {
        if self.is_read_only() {
            return Err(Error::ReadOnly);
        }
        let mut inner = self.inner.lock();
        self.state(&mut inner)?;
        inner.created.push(storage);
        Ok(())
    }

    /// Removes a storage with all it holds, at commit. Others must not be writing into it (the table lock sees to it).
    pub fn drop_storage(&self, storage: StorageId) -> Result<()> {
        if self.is_read_only() {
            return Err(Error::ReadOnly);
        }
        let mut inner = self.inner.lock();
        self.state(&mut inner)?;
        inner.dropped.push(storage);
        Ok(())
    }
}
