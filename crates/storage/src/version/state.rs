//! The state of a transaction, as its versions see it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::types::{Lsn, Timestamp, Xid};

const RUNNING: u64 = u64::MAX;
const ABORTED: u64 = u64::MAX - 1;

/// One number that says what became of a transaction. Setting it makes all its versions visible, or void, at once.
#[derive(Debug)]
pub(crate) struct TxnState {
    xid: Xid,
    status: AtomicU64,
    /// What must be durable before somebody is told what it wrote.
    wait: AtomicU64,
}

impl TxnState {
    /// A running transaction.
    pub(crate) fn running(xid: Xid) -> TxnState {
        TxnState { xid, status: AtomicU64::new(RUNNING), wait: AtomicU64::new(0) }
    }

    /// A transaction that has committed, and need not be waited for.
    pub(crate) fn committed_at(xid: Xid, at: Timestamp) -> TxnState {
        TxnState { xid, status: AtomicU64::new(at), wait: AtomicU64::new(0) }
    }

    pub(crate) fn xid(&self) -> Xid {
        self.xid
    }

    /// The commit timestamp; for transactions that have not committed a number greater than all timestamps.
    #[inline]
    pub(crate) fn stamp(&self) -> u64 {
        self.status.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        self.stamp() == RUNNING
    }

    #[inline]
    pub(crate) fn is_aborted(&self) -> bool {
        self.stamp() == ABORTED
    }

    /// The commit timestamp, if it has committed.
    #[inline]
    pub(crate) fn committed(&self) -> Option<Timestamp> {
        let stamp = self.stamp();
        (stamp < ABORTED).then_some(stamp)
    }

    /// What must be durable before somebody is told what it wrote, if it has committed; `Lsn(0)` if nothing.
    #[inline]
    pub(crate) fn wait(&self) -> Lsn {
        Lsn(self.wait.load(Ordering::Relaxed))
    }

    pub(crate) fn commit(&self, at: Timestamp, wait: Lsn) {
        // Whoever finds the time of the commit finds this.
        self.wait.store(wait.0, Ordering::Relaxed);
        self.status.store(at, Ordering::Release);
    }

    pub(crate) fn abort(&self) {
        self.status.store(ABORTED, Ordering::Release);
    }
}
