//! Since when an index can be used.
//!
//! CREATE INDEX makes entries for the rows of its own time. A snapshot that is older would find nothing for the versions
//! that it sees, so for such a snapshot the index is not used: the rows are found by a scan of the table. Snapshots do
//! not outlive the process, so nothing of this is stored.

use parking_lot::RwLock;
use pglitedb_storage::{Snapshot, Timestamp, Txn, Xid};
use pglitedb_types::Oid;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Clone, Copy, Debug)]
enum Birth {
    /// Built by a transaction that has not committed (as far as is known here).
    Pending(Xid),
    /// Committed at this time.
    At(Timestamp),
}

/// The indexes built since the database was opened.
#[derive(Debug, Default)]
pub(crate) struct Births {
    any: AtomicBool,
    map: RwLock<FxHashMap<Oid, Birth>>,
}

impl Births {
    /// A transaction builds an index.
    pub(crate) fn begin(&self, index: Oid, xid: Xid) {
        self.map.write().insert(index, Birth::Pending(xid));
        self.any.store(true, Ordering::Release);
    }

    /// The transaction has committed, or (without a time) rolled back.
    pub(crate) fn end(&self, xid: Xid, at: Option<Timestamp>) {
        if !self.any.load(Ordering::Acquire) {
            return;
        }
        let mut map = self.map.write();
        match at {
            Some(at) => map.values_mut().for_each(|birth| {
                if matches!(birth, Birth::Pending(own) if *own == xid) {
                    *birth = Birth::At(at);
                }
            }),
            None => map.retain(|_, birth| !matches!(birth, Birth::Pending(own) if *own == xid)),
        }
    }

    /// Does the index have entries for all that a snapshot sees?
    #[inline]
    pub(crate) fn usable(&self, index: Oid, txn: &Txn, snapshot: &Snapshot) -> bool {
        if !self.any.load(Ordering::Acquire) {
            return true;
        }
        match self.map.read().get(&index) {
            None => true,
            Some(Birth::At(at)) => snapshot.timestamp() >= *at,
            Some(Birth::Pending(xid)) => txn.xid() == Some(*xid),
        }
    }
}
