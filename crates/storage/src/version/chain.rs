//! The versions of one key.

use std::sync::Arc;

use smallvec::SmallVec;

use super::horizon::Horizon;
use super::state::TxnState;
use crate::types::{CommandId, Timestamp, Value, Xid};

/// One version of a key.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) txn: Arc<TxnState>,
    pub(crate) command: CommandId,
    /// `None`: the key was deleted.
    pub(crate) value: Option<Value>,
}

/// The versions of a key, oldest first. They stand in the order of their commits; only the last ones can belong to a
/// running transaction, and to no more than one.
pub(crate) type Chain = SmallVec<[Version; 1]>;

/// What a snapshot can see.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    /// The newest commit that it sees.
    pub(crate) at: Timestamp,
    /// The newest commit in its base.
    pub(crate) base: Timestamp,
    /// The transaction whose own writes it sees,
    pub(crate) own: Option<&'a Arc<TxnState>>,
    /// if they are from before this command.
    pub(crate) command: CommandId,
}

impl Sight<'_> {
    fn is_own(&self, version: &Version) -> bool {
        self.own.is_some_and(|own| Arc::ptr_eq(own, &version.txn))
    }

    /// The version that the snapshot sees. None, if it sees none of the chain, or one that its base contains: then the base
    /// decides, which may have a newer one, since what a base contains may be gone from the chain.
    #[inline]
    pub(crate) fn of<'c>(&self, chain: &'c [Version]) -> Option<&'c Version> {
        let seen = chain.iter().rev().find(|version| {
            version.txn.stamp() <= self.at
                || (version.command < self.command && self.is_own(version) && version.txn.is_running())
        })?;
        (seen.txn.stamp() > self.base).then_some(seen)
    }

    /// Adds the transactions whose versions the snapshot passes over, because they are newer or not committed.
    pub(crate) fn passed_over(&self, chain: &[Version], into: &mut Vec<Xid>) {
        let newer = chain.iter().rev().take_while(|version| version.txn.stamp() > self.at);
        let others = newer.filter(|version| !version.txn.is_aborted() && !self.is_own(version));
        into.extend(others.map(|version| version.txn.xid()));
    }
}

/// The memory that a version takes beside its map entry, in bytes.
pub(crate) fn version_bytes(key_len: usize, value_len: usize) -> u64 {
    (key_len + value_len + 128) as u64
}

/// Drops versions that no snapshot can see. Returns the bytes freed.
pub(crate) fn thin(chain: &mut Chain, key_len: usize, horizon: &Horizon) -> u64 {
    let mut freed = 0;
    let mut index = 0;
    while index < chain.len() {
        let next = chain.get(index + 1).and_then(|version| version.txn.committed());
        let droppable = chain[index].txn.committed().is_some_and(|at| !horizon.needs(at, next));
        if droppable {
            let version = chain.remove(index);
            freed += version_bytes(key_len, version.value.as_ref().map_or(0, |value| value.len()));
        } else {
            index += 1;
        }
    }
    freed
}
