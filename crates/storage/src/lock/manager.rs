//! The table of locks.

use std::sync::Arc;

use super::{CancelToken, LockMode, LockOwner, LockTag};

/// Called around every wait; it must call its argument. A server tells its runtime that this thread is about to block.
pub type BlockingHook = Arc<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// A lock that is held or waited for, for `pg_locks`.
#[derive(Debug, Clone)]
pub struct LockInfo {
    /// The object.
    pub tag: LockTag,
    /// The mode.
    pub mode: LockMode,
    /// The process id of the owner.
    pub pid: u32,
    /// Whether it is held (or waited for).
    pub granted: bool,
    /// Whether it is held at session level.
    pub session: bool,
    /// For a wait: since when, in microseconds of the Unix epoch.
    pub wait_start: Option<i64>,
}

/// The table of locks of an engine.
pub struct LockManager {}

impl LockManager {
    /// Registers a session. The cancel token ends its waits.
    pub fn register(&self, pid: u32, cancel: CancelToken) -> LockOwner {
        let _ = (pid, cancel);
        unimplemented!()
    }
    /// All locks held and waited for.
    pub fn list(&self) -> Vec<LockInfo> {
        unimplemented!()
    }
    /// The process ids that stand in the way of a waiting process.
    pub fn blockers(&self, pid: u32) -> Vec<u32> {
        let _ = pid;
        unimplemented!()
    }
    /// Sets the hook that is called around waits.
    pub fn set_blocking_hook(&self, hook: BlockingHook) {
        let _ = hook;
        unimplemented!()
    }
}
