//! Locks: tables, rows, keys, transactions, advisory; with fair queues, deadlock detection, timeouts and cancellation.

mod cancel;
mod deadlock;
mod entry;
mod manager;
mod mode;
mod owner;
mod slot;
mod tag;

pub use cancel::{CancelReason, CancelToken};
pub use manager::{BlockingHook, LockInfo, LockManager};
pub use mode::LockMode;
pub use owner::{LockOwner, LockSettings, LockWait};
pub use tag::LockTag;

pub(crate) use owner::HeldLock;
pub(crate) use slot::WaitSlot;

#[cfg(test)]
mod tests;

/// One process of a deadlock: what it waits for, and who stands in its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlockEdge {
    /// The waiting process.
    pub pid: u32,
    /// The mode it wants.
    pub mode: LockMode,
    /// The object it wants it on.
    pub tag: LockTag,
    /// The process that it waits for.
    pub blocked_by: u32,
}

/// The circle of a deadlock, beginning with the process that was chosen to give way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeadlockDetail {
    /// The edges, each beginning where the one before ended.
    pub edges: Vec<DeadlockEdge>,
}
