//! The end of a transaction.

use std::sync::atomic::Ordering;

use super::{Inner, Txn};
use crate::config::SyncMode;
use crate::engine::{CommitMode, CommitTicket, Shared};
use crate::error::{Error, Result};
use crate::types::{Lsn, StorageId};
use crate::version::TxnState;
use crate::wal::{LogBuffer, OpWriter};

const NOTHING: CommitTicket = CommitTicket { lsn: Lsn(0), wait: Lsn(0), timestamp: None };

/// A commit with more than this is written straight to the log's files, not kept in the buffer as a whole.
const LARGE: u64 = 8 << 20;

impl Txn {
    /// Commits: logs the changes, makes them visible, releases the locks. They are durable when the ticket's `wait`
    /// is (`Engine::wait_durable`, `Engine::on_durable`). After an error the transaction is aborted.
    pub fn commit(&self, mode: CommitMode) -> Result<CommitTicket> {
        let mut inner = self.inner.lock();
        inner.check_running()?;
        match self.commit_writes(&mut inner, mode) {
            Ok(ticket) => {
                self.finish(&mut inner);
                Ok(ticket)
            }
            Err(error) => {
                self.abort_inner(&mut inner);
                Err(error)
            }
        }
    }

    /// Rolls everything back.
    pub fn abort(&self) {
        let mut inner = self.inner.lock();
        if !inner.ended {
            self.abort_inner(&mut inner);
        }
    }

    fn abort_inner(&self, inner: &mut Inner) {
        if let Some(state) = &inner.state {
            state.abort();
            self.shared().sequence.lock().outcomes.aborted(state.xid());
            self.shared().counts.aborts.fetch_add(1, Ordering::Relaxed);
        }
        inner.undo(self.shared(), 0, 0);
        if let Some(serializable) = self.serializable.get() {
            self.shared().serializable.aborted(serializable);
        }
        self.finish(inner);
    }

    /// Gives back all that the transaction holds.
    fn finish(&self, inner: &mut Inner) {
        inner.ended = true;
        inner.writes = Vec::new();
        inner.savepoints = Vec::new();
        inner.view = None;
        self.owner.release_to(&self.held, 0);
        if let Some(lock) = inner.xid_lock.take() {
            self.owner.release(&lock);
        }
    }

    fn commit_writes(&self, inner: &mut Inner, mode: CommitMode) -> Result<CommitTicket> {
        let Some(state) = inner.state.clone().filter(|_| inner.has_changes()) else {
            return self.commit_nothing(inner);
        };
        let shared = self.shared();
        let ticket = if inner.bytes <= LARGE {
            let payload = encode(inner);
            let checksum = crc32c::crc32c(&payload);
            self.sequence(inner, &state, mode, |log, xid, durable| {
                Ok(log.append(&payload, checksum, xid, false, durable))
            })?
        } else {
            self.commit_large(inner, &state, mode)?
        };
        shared.counts.commits.fetch_add(1, Ordering::Relaxed);
        if ticket.wait == Lsn(0) {
            shared.nudge_flush(false);
        }
        shared.maybe_checkpoint(ticket.lsn);
        Ok(ticket)
    }

    /// The end of a transaction that has nothing to log.
    fn commit_nothing(&self, inner: &Inner) -> Result<CommitTicket> {
        if let Some(serializable) = self.serializable.get() {
            let sequence = self.shared().sequence.lock();
            self.shared().serializable.commit(serializable, sequence.timestamp)?;
        }
        if let Some(state) = &inner.state {
            // For whoever may look at it.
            state.abort();
            self.shared().sequence.lock().outcomes.committed_nothing(state.xid());
        }
        Ok(NOTHING)
    }

    /// A commit of any size: its records go to the files while others wait.
    fn commit_large(&self, inner: &Inner, state: &TxnState, mode: CommitMode) -> Result<CommitTicket> {
        let shared = self.shared();
        // The writer comes before the commit mutex, here as everywhere.
        let mut writer = shared.writer.as_ref().map(|writer| writer.lock());
        let outcome = self.sequence(inner, state, mode, |log, xid, durable| {
            let mut end = log.end();
            encode_parts(inner, |payload, continues| {
                end = log.append(payload, crc32c::crc32c(payload), xid, continues, durable);
                match &mut writer {
                    Some(writer) if log.waiting() as u64 > LARGE => {
                        let spare = writer.take_spare();
                        let (bytes, start) = log.take(spare);
                        writer.write(bytes, start, false)
                    }
                    _ => Ok(()),
                }
            })?;
            Ok(end)
        });
        if let Err(error @ (Error::Io { .. } | Error::DiskFull { .. })) = &outcome {
            shared.poison(error);
        }
        outcome
    }

    /// Takes the transaction's place in the order of commits.
    fn sequence(
        &self,
        inner: &Inner,
        state: &TxnState,
        mode: CommitMode,
        append: impl FnOnce(&mut LogBuffer, u64, Lsn) -> Result<Lsn>,
    ) -> Result<CommitTicket> {
        let shared = self.shared();
        let mut sequence = shared.sequence.lock();
        shared.check_writable()?;
        if let Some(serializable) = self.serializable.get() {
            shared.serializable.commit(serializable, sequence.timestamp + 1)?;
        }
        let lsn = append(&mut sequence.log, state.xid().0, shared.durable_lsn())?;
        let at = sequence.note_commit(state.xid().0, &shared.registry);
        let waited_for = shared.is_waited_for() && mode != CommitMode::Async;
        let told_after = if waited_for { lsn } else { Lsn(0) };
        if self.barrier.load(Ordering::Relaxed) {
            shared.raise_barrier(told_after);
        }
        state.commit(at, told_after);
        for storage in &inner.dropped {
            shared.note_drop(*storage, at);
        }
        let mut wait = Lsn(0);
        let mut sync_due = false;
        if shared.writer.is_some() {
            wait = sequence.wait_for(shared.config.sync_mode, lsn);
            sync_due = matches!(shared.config.sync_mode, SyncMode::Normal { .. }) && sequence.is_sync_due();
            if mode == CommitMode::Async {
                wait = Lsn(0);
            }
        }
        // First the log's end, then the timestamp: whoever sees the commit also finds its place.
        shared.last_lsn.store(lsn.0, Ordering::Release);
        shared.registry.publish(at);
        let waiting = sequence.log.waiting();
        drop(sequence);
        let relaxed = matches!(shared.config.sync_mode, SyncMode::Checkpoint | SyncMode::Off);
        if sync_due || (relaxed && waiting > 1 << 20) {
            shared.nudge_flush(true);
        }
        Ok(CommitTicket { lsn, wait, timestamp: Some(at) })
    }
}

impl Inner {
    fn has_changes(&self) -> bool {
        !self.writes.is_empty() || !self.dropped.is_empty()
    }
}

/// The record of a commit.
fn encode(inner: &Inner) -> Vec<u8> {
    // Enough for most: keys and values, without the bookkeeping that `bytes` counts as well.
    let guess = (inner.bytes as usize).saturating_sub(inner.writes.len() * 110) + 32;
    let mut ops = OpWriter::reuse(Vec::with_capacity(guess));
    for write in &inner.writes {
        ops.write(write.table.id(), &write.key, write.value.as_deref());
    }
    for storage in &inner.dropped {
        ops.drop_storage(*storage);
    }
    ops.into_bytes()
}

/// The records of a large commit, one after the other, with whether another follows.
fn encode_parts(inner: &Inner, mut each: impl FnMut(&[u8], bool) -> Result<()>) -> Result<()> {
    let mut ops = OpWriter::default();
    for write in &inner.writes {
        let len = write.key.len() + write.value.as_ref().map_or(0, |value| value.len());
        if !ops.bytes().is_empty() && ops.bytes().len() + len > LogBuffer::cut_at() {
            each(ops.bytes(), true)?;
            ops.clear();
        }
        ops.write(write.table.id(), &write.key, write.value.as_deref());
    }
    for storage in &inner.dropped {
        ops.drop_storage(*storage);
    }
    each(ops.bytes(), false)
}

impl Shared {
    /// Marks a storage as dropped by a commit.
    pub(crate) fn note_drop(&self, storage: StorageId, at: u64) {
        self.store.get_or_create(storage).mark_dropped(at);
        self.dropped.lock().push((storage, at));
        self.drop_counters(storage);
    }

    /// Logs the removal of a storage outside of transactions.
    pub(crate) fn log_drop(&self, storage: StorageId, payload: &[u8]) -> Result<Lsn> {
        let checksum = crc32c::crc32c(payload);
        let mut sequence = self.sequence.lock();
        self.check_writable()?;
        let lsn = sequence.log.append(payload, checksum, 0, false, self.durable_lsn());
        self.raise_barrier(lsn);
        let at = sequence.note_commit(0, &self.registry);
        self.note_drop(storage, at);
        self.last_lsn.store(lsn.0, Ordering::Release);
        self.registry.publish(at);
        drop(sequence);
        self.nudge_flush(false);
        Ok(lsn)
    }
}
