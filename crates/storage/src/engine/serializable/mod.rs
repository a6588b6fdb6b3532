//! SERIALIZABLE: serializable snapshot isolation, after Cahill, Röhm and Fekete (2008) and Ports and Grittner (2012).
//!
//! A *conflict* R → W says that R read something as it was before W, a concurrent transaction, changed it; so R must come
//! before W in any serial order. Every execution that is not serializable has two conflicts in a row, T1 → T2 → T3, where T3 is
//! the first of the three to commit. Of those, one that has not committed is refused: the pivot T2 if possible.

mod reads;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};

pub(crate) use reads::{ReadSet, ScanMark};

use crate::error::{Error, Result, SerializationReason};
use crate::types::{Direction, KeyRange, StorageId, Timestamp, Xid};

type Id = u64;

/// What is known of one serializable transaction, as long as it is concurrent with a running one.
struct Xact {
    snapshot: Timestamp,
    reads: Arc<ReadSet>,
    /// Those that read what this one changed.
    conflicts_in: FxHashSet<Id>,
    /// Those that changed what this one read.
    conflicts_out: FxHashSet<Id>,
    xid: Option<Xid>,
    /// Declared so, or ended without a write.
    read_only: bool,
    /// It must not commit.
    doomed: bool,
    committed: Option<Timestamp>,
    /// When it committed: the earliest commit among those that changed what it had read.
    first_out: Option<Timestamp>,
}

#[derive(Default)]
struct State {
    xacts: FxHashMap<Id, Xact>,
    by_xid: FxHashMap<Xid, Id>,
    /// The snapshots of running transactions.
    running: BTreeMap<Timestamp, u32>,
    /// Committed transactions, by the time of their commit.
    ended: BTreeMap<(Timestamp, Id), ()>,
    next: Id,
}

/// The serializable transactions of an engine. Its mutex comes after the commit mutex, and before the read sets'.
#[derive(Default)]
pub(crate) struct Serializable {
    state: Mutex<State>,
    failures: AtomicU64,
}

/// A running serializable transaction.
pub(crate) struct SerializableTxn {
    id: Id,
    reads: Arc<ReadSet>,
}

fn refuse<T>(reason: SerializationReason) -> Result<T> {
    Err(Error::SerializationFailure { reason })
}

impl Serializable {
    /// A transaction begins. To be called under the commit mutex, so that no commit falls between its snapshot and this.
    pub(crate) fn begin(&self, snapshot: Timestamp, read_only: bool) -> SerializableTxn {
        let mut state = self.state.lock();
        let reads = Arc::new(ReadSet::default());
        state.next += 1;
        let id = state.next;
        *state.running.entry(snapshot).or_insert(0) += 1;
        let xact = Xact {
            snapshot,
            reads: Arc::clone(&reads),
            conflicts_in: FxHashSet::default(),
            conflicts_out: FxHashSet::default(),
            xid: None,
            read_only,
            doomed: false,
            committed: None,
            first_out: None,
        };
        state.xacts.insert(id, xact);
        SerializableTxn { id, reads }
    }

    /// It got its number, by which others know its versions.
    pub(crate) fn assign_xid(&self, txn: &SerializableTxn, xid: Xid) {
        let mut state = self.state.lock();
        if let Some(xact) = state.xacts.get_mut(&txn.id) {
            xact.xid = Some(xid);
            xact.read_only = false;
        }
        state.by_xid.insert(xid, txn.id);
    }

    /// It looks up a key. To be called before the versions are looked at; then a writer sees this, or this sees the version.
    pub(crate) fn read_point(&self, txn: &SerializableTxn, storage: StorageId, key: &[u8]) {
        txn.reads.point(storage, key);
    }

    /// It begins a scan.
    pub(crate) fn begin_scan(
        &self,
        txn: &SerializableTxn,
        storage: StorageId,
        range: &KeyRange,
        direction: Direction,
    ) -> ScanMark {
        txn.reads.begin_scan(storage, range, direction)
    }

    /// Its scan comes as far as a key (or to the end of its range). To be called before the versions are looked at.
    pub(crate) fn extend_scan(&self, txn: &SerializableTxn, mark: &ScanMark, key: Option<&[u8]>) {
        txn.reads.extend_scan(mark, key);
    }

    /// It has passed over versions of these transactions, which it does not see.
    pub(crate) fn passed_over(&self, txn: &SerializableTxn, writers: &[Xid]) -> Result<()> {
        self.counted(self.state.lock().passed_over(txn, writers))
    }

    /// It has written a key. To be called when the version is in its chain.
    pub(crate) fn written(&self, txn: &SerializableTxn, storage: StorageId, key: &[u8]) -> Result<()> {
        self.counted(self.state.lock().written(txn, storage, key))
    }

    /// Commits it at this time (without writes: after the commit of this time), if it may. To be called under the commit mutex.
    /// Check and commit are one step: a conflict that others note in between would be seen by neither side. If the commit
    /// then fails for another reason, `aborted` takes it back.
    pub(crate) fn commit(&self, txn: &SerializableTxn, at: Timestamp) -> Result<()> {
        let mut state = self.state.lock();
        let outcome = state.check_commit(txn);
        if outcome.is_ok() {
            state.committed(txn, at);
        }
        drop(state);
        self.counted(outcome)
    }

    fn counted(&self, outcome: Result<()>) -> Result<()> {
        if outcome.is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// How many transactions were refused.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// It was rolled back.
    pub(crate) fn aborted(&self, txn: &SerializableTxn) {
        let mut state = self.state.lock();
        let committed = state.xacts.get(&txn.id).and_then(|xact| xact.committed);
        let Some(snapshot) = state.remove(txn.id) else { return };
        match committed {
            Some(at) => drop(state.ended.remove(&(at, txn.id))),
            None => state.no_longer_running(snapshot),
        }
    }

    #[cfg(test)]
    fn known(&self) -> usize {
        self.state.lock().xacts.len()
    }
}

impl State {
    fn passed_over(&mut self, txn: &SerializableTxn, writers: &[Xid]) -> Result<()> {
        self.check_doomed(txn.id, SerializationReason::PivotReading)?;
        for xid in writers {
            if let Some(writer) = self.by_xid.get(xid).copied() {
                self.conflict_out(txn.id, writer, *xid)?;
            }
        }
        Ok(())
    }

    fn written(&mut self, txn: &SerializableTxn, storage: StorageId, key: &[u8]) -> Result<()> {
        self.check_doomed(txn.id, SerializationReason::PivotNoticed)?;
        let Some(snapshot) = self.xacts.get(&txn.id).map(|xact| xact.snapshot) else { return Ok(()) };
        let is_concurrent = |xact: &Xact| xact.committed.is_none_or(|at| at > snapshot);
        let others = self.xacts.iter().filter(|(id, xact)| {
            **id != txn.id && !xact.doomed && is_concurrent(xact) && xact.reads.contains(storage, key)
        });
        let mut readers: Vec<Id> = others.map(|(id, _)| *id).collect();
        readers.sort_unstable();
        readers.into_iter().try_for_each(|reader| self.conflict(reader, txn.id, txn.id))
    }

    /// With this one committed first, a running transaction between another and this one is a pivot.
    fn check_commit(&mut self, txn: &SerializableTxn) -> Result<()> {
        self.check_doomed(txn.id, SerializationReason::PivotCommitting)?;
        for near in self.conflicts_in(txn.id) {
            let running = self.xacts.get(&near).is_some_and(|xact| xact.committed.is_none() && !xact.doomed);
            let pivot = running
                && self.conflicts_in(near).into_iter().any(|far| {
                    let other = |xact: &Xact| xact.committed.is_none() && !xact.read_only && !xact.doomed;
                    far == txn.id || self.xacts.get(&far).is_some_and(other)
                });
            if pivot && let Some(xact) = self.xacts.get_mut(&near) {
                xact.doomed = true;
            }
        }
        Ok(())
    }

    fn committed(&mut self, txn: &SerializableTxn, at: Timestamp) {
        let first_out = self.first_commit_out(txn.id);
        let Some(xact) = self.xacts.get_mut(&txn.id) else { return };
        let snapshot = xact.snapshot;
        xact.committed = Some(at);
        xact.read_only |= xact.xid.is_none();
        xact.first_out = if xact.read_only { None } else { first_out };
        self.ended.insert((at, txn.id), ());
        self.no_longer_running(snapshot);
    }

    fn check_doomed(&self, id: Id, reason: SerializationReason) -> Result<()> {
        match self.xacts.get(&id).is_some_and(|xact| xact.doomed) {
            true => refuse(reason),
            false => Ok(()),
        }
    }

    fn conflicts_in(&self, id: Id) -> Vec<Id> {
        self.xacts.get(&id).map_or_else(Vec::new, |xact| xact.conflicts_in.iter().copied().collect())
    }

    /// The earliest commit among those that changed what a transaction read.
    fn first_commit_out(&self, id: Id) -> Option<Timestamp> {
        let out = self.xacts.get(&id)?.conflicts_out.iter();
        out.filter_map(|writer| self.xacts.get(writer)?.committed).min()
    }

    /// The running transaction `reader` has met a version of `writer`.
    fn conflict_out(&mut self, reader: Id, writer: Id, xid: Xid) -> Result<()> {
        let (Some(me), Some(other)) = (self.xacts.get(&reader), self.xacts.get(&writer)) else {
            return Ok(());
        };
        if reader == writer || other.doomed || other.committed.is_some_and(|at| at <= me.snapshot) {
            return Ok(());
        }
        if let Some(committed) = other.committed {
            // A transaction that only reads can come first, unless the other had to follow one that it has already seen.
            if me.read_only && other.first_out.is_none_or(|first| first > me.snapshot) {
                return Ok(());
            }
            if other.first_out.is_some_and(|first| first <= committed) {
                return refuse(SerializationReason::ConflictOutToPivot(xid));
            }
        }
        self.conflict(reader, writer, reader)
    }

    /// Notes reader → writer, one of which is `me`, if that makes nothing impossible.
    fn conflict(&mut self, reader: Id, writer: Id, me: Id) -> Result<()> {
        if self.xacts.get(&reader).is_none_or(|xact| xact.conflicts_out.contains(&writer)) {
            return Ok(());
        }
        if self.is_dangerous(reader, writer) {
            let Some(xact) = self.xacts.get_mut(&writer) else { return Ok(()) };
            match (me == writer, xact.committed, xact.xid) {
                (true, ..) => return refuse(SerializationReason::PivotWriting),
                (false, Some(_), Some(xid)) => return refuse(SerializationReason::ConflictOutToPivot(xid)),
                (false, Some(_), None) => return refuse(SerializationReason::PivotReading),
                (false, None, _) => xact.doomed = true,
            }
        }
        if let Some(xact) = self.xacts.get_mut(&reader) {
            xact.conflicts_out.insert(writer);
        }
        if let Some(xact) = self.xacts.get_mut(&writer) {
            xact.conflicts_in.insert(reader);
        }
        Ok(())
    }

    /// Whether reader → writer completes two conflicts in a row, the last of the three having committed first.
    fn is_dangerous(&self, reader: Id, writer: Id) -> bool {
        let (Some(r), Some(w)) = (self.xacts.get(&reader), self.xacts.get(&writer)) else { return false };
        let after = |at: Timestamp, other: Option<Timestamp>| other.is_none_or(|other| at <= other);
        // reader → writer → third
        let as_pivot =
            w.conflicts_out.iter().filter_map(|third| self.xacts.get(third)?.committed).any(|third| {
                after(third, r.committed)
                    && after(third, w.committed)
                    && (!r.read_only || third <= r.snapshot)
            });
        if as_pivot {
            return true;
        }
        // first → reader → writer
        let Some(committed) = w.committed.filter(|_| !r.read_only) else { return false };
        r.conflicts_in.iter().filter_map(|first| self.xacts.get(first)).any(|first| {
            !first.doomed
                && after(committed, first.committed)
                && (!first.read_only || first.snapshot >= committed)
        })
    }

    fn remove(&mut self, id: Id) -> Option<Timestamp> {
        let xact = self.xacts.remove(&id)?;
        if let Some(xid) = xact.xid {
            self.by_xid.remove(&xid);
        }
        for other in &xact.conflicts_in {
            if let Some(other) = self.xacts.get_mut(other) {
                other.conflicts_out.remove(&id);
            }
        }
        for other in &xact.conflicts_out {
            if let Some(other) = self.xacts.get_mut(other) {
                other.conflicts_in.remove(&id);
            }
        }
        Some(xact.snapshot)
    }

    /// Forgets a snapshot, and those transactions that no running one is concurrent with any more.
    fn no_longer_running(&mut self, snapshot: Timestamp) {
        if let Some(count) = self.running.get_mut(&snapshot) {
            *count -= 1;
            if *count == 0 {
                self.running.remove(&snapshot);
            }
        }
        let oldest = self.running.first_key_value().map_or(Timestamp::MAX, |(at, _)| *at);
        while let Some((&(at, id), ())) = self.ended.first_key_value()
            && at <= oldest
        {
            self.ended.remove(&(at, id));
            self.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: StorageId = StorageId::new(1, 1);

    #[test]
    fn nothing_is_remembered_when_nobody_runs() {
        let all = Serializable::default();
        let (a, b) = (all.begin(10, false), all.begin(10, false));
        all.assign_xid(&a, Xid(1));
        all.read_point(&b, S, b"k");
        all.written(&a, S, b"k").unwrap();
        all.commit(&a, 11).unwrap();
        assert_eq!(all.known(), 2);
        all.commit(&b, 11).unwrap();
        assert_eq!(all.known(), 0);
        assert!(all.state.lock().by_xid.is_empty());
    }

    #[test]
    fn one_conflict_is_no_failure_and_a_pivot_is() {
        let all = Serializable::default();
        let (a, b) = (all.begin(10, false), all.begin(10, false));
        all.assign_xid(&a, Xid(1));
        all.assign_xid(&b, Xid(2));
        all.read_point(&a, S, b"x");
        all.read_point(&b, S, b"y");
        all.written(&a, S, b"y").unwrap();
        all.written(&b, S, b"x").unwrap();
        all.commit(&a, 11).unwrap();
        assert!(all.commit(&b, 12).is_err());
        all.aborted(&b);
        assert_eq!(all.known(), 0);
    }

    #[test]
    fn a_reader_dooms_the_pivot_or_gives_way() {
        // 1 → 2 → 3, and 3 commits first; 1 begins to read afterwards.
        for pivot_committed in [false, true] {
            let all = Serializable::default();
            let (second, third) = (all.begin(10, false), all.begin(10, false));
            all.assign_xid(&second, Xid(2));
            all.assign_xid(&third, Xid(3));
            all.read_point(&second, S, b"x");
            all.written(&third, S, b"x").unwrap();
            all.commit(&third, 11).unwrap();
            let first = all.begin(11, false);
            all.written(&second, S, b"y").unwrap();
            if pivot_committed {
                all.commit(&second, 12).unwrap();
            }
            all.read_point(&first, S, b"y");
            let outcome = all.passed_over(&first, &[Xid(2)]);
            assert_eq!(outcome.is_err(), pivot_committed);
            if !pivot_committed {
                assert!(all.commit(&second, 13).is_err());
            }
        }
    }
}
