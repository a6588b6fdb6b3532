//! The state of a transaction, as its versions see it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::types::{Timestamp, Xid};

const RUNNING: u64 = u64::MAX;
const ABORTED: u64 = u64::MAX - 1;

/// One number that says what became of a transaction. Setting it makes all its versions visible, or void, at once.
#[derive(Debug)]
pub(crate) struct TxnState {
    xid: Xid,
    status: AtomicU64,
}

impl TxnState {
    /// A running transaction.
    pub(crate) fn running(xid: Xid) -> TxnState {
        TxnState { xid, status: AtomicU64::new(RUNNING) }
    }

    /// A transaction that has committed.
    pub(crate) fn committed_at(xid: Xid, at: Timestamp) -> TxnState {
        TxnState { xid, status: AtomicU64::new(at) }
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

    pub(crate) fn commit(&self, at: Timestamp) {
        self.status.store(at, Ordering::Release);
    }

    pub(crate) fn abort(&self) {
        self.status.store(ABORTED, Ordering::Release);
    }
}
