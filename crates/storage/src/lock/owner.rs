//! Those who hold locks.

use std::sync::Arc;
use std::time::Duration;

use super::{LockMode, LockTag};
use crate::error::Result;

/// How to behave when a lock is not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockWait {
    /// Wait for it.
    Block,
    /// Fail with `Error::LockNotAvailable`.
    NoWait,
    /// Report that it was not taken.
    Skip,
}

/// Limits on lock waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockSettings {
    /// Fail with `Error::LockTimeout` after this time.
    pub lock_timeout: Option<Duration>,
    /// Look for a deadlock after this time.
    pub deadlock_timeout: Duration,
}

/// A session as the lock manager knows it: what it holds does not stand in its own way. Transactions of one session
/// use the same owner, one after the other. Dropping the last clone releases the session's locks.
#[derive(Clone)]
pub struct LockOwner(pub(crate) Arc<()>);

impl LockOwner {
    /// The process id that it was registered with, as deadlock reports and `pg_locks` show it.
    pub fn pid(&self) -> u32 {
        unimplemented!()
    }
    /// Limits on waits from now on.
    pub fn set_settings(&self, settings: LockSettings) {
        let _ = settings;
        unimplemented!()
    }
    /// Takes a session-level lock, which outlives transactions and rollbacks. Taken twice, it must be released twice.
    /// Returns whether it was taken; `false` only with `LockWait::Skip`.
    pub fn lock_session(&self, tag: LockTag, mode: LockMode, wait: LockWait) -> Result<bool> {
        let _ = (tag, mode, wait);
        unimplemented!()
    }
    /// Releases a session-level lock once. Returns whether it was held.
    pub fn unlock_session(&self, tag: &LockTag, mode: LockMode) -> bool {
        let _ = (tag, mode);
        unimplemented!()
    }
    /// Releases all session-level locks that `which` selects.
    pub fn unlock_session_all(&self, which: impl Fn(&LockTag) -> bool) {
        let _ = which;
        unimplemented!()
    }
}
