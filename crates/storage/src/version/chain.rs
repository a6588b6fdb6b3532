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

/// The version that a snapshot sees, if it sees any of the chain.
#[inline]
pub(crate) fn visible<'a>(
    chain: &'a [Version],
    at: Timestamp,
    own: Option<&Arc<TxnState>>,
    command: CommandId,
) -> Option<&'a Version> {
    chain.iter().rev().find(|version| {
        version.txn.stamp() <= at
            || (version.command < command
                && own.is_some_and(|own| Arc::ptr_eq(own, &version.txn))
                && version.txn.is_running())
    })
}

/// Adds the transactions whose versions a snapshot passes over, because they are newer or not committed.
pub(crate) fn passed_over(
    chain: &[Version],
    at: Timestamp,
    own: Option<&Arc<TxnState>>,
    into: &mut Vec<Xid>,
) {
    let newer = chain.iter().rev().take_while(|version| version.txn.stamp() > at);
    let others = newer.filter(|v| !v.txn.is_aborted() && !own.is_some_and(|own| Arc::ptr_eq(own, &v.txn)));
    into.extend(others.map(|version| version.txn.xid()));
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
        let droppable = match chain[index].txn.committed() {
            Some(at) => horizon.is_contained(at) || next.is_some_and(|next| !horizon.is_seen(at, next)),
            None => false,
        };
        if droppable {
            let version = chain.remove(index);
            freed += version_bytes(key_len, version.value.as_ref().map_or(0, |value| value.len()));
        } else {
            index += 1;
        }
    }
    freed
}
