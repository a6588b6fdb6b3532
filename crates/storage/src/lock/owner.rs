//! Those who hold locks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use super::manager::Grant;
use super::{CancelToken, LockManager, LockMode, LockTag};
use crate::error::Result;
use crate::types::Lsn;

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

impl Default for LockSettings {
    fn default() -> LockSettings {
        LockSettings { lock_timeout: None, deadlock_timeout: Duration::from_secs(1) }
    }
}

/// A session as the lock manager knows it.
pub(crate) struct OwnerState {
    pub(super) id: u64,
    pub(super) pid: u32,
    pub(super) cancel: CancelToken,
    pub(super) settings: Mutex<LockSettings>,
    manager: LockManager,
    /// What must be durable before the session tells anybody what its transactions have read.
    seen: AtomicU64,
    /// Session-level locks, and how often each was taken.
    session: Mutex<FxHashMap<(LockTag, LockMode), u64>>,
}

/// A session as the lock manager knows it: what it holds does not stand in its own way. Transactions of one session
/// use the same owner, one after the other. Dropping the last clone releases the session's locks.
#[derive(Clone)]
pub struct LockOwner(Arc<OwnerState>);

/// A lock that a transaction holds.
pub(crate) struct HeldLock {
    tag: LockTag,
    hash: u64,
    mode: LockMode,
}

impl LockOwner {
    pub(super) fn new(manager: LockManager, id: u64, pid: u32, cancel: CancelToken) -> LockOwner {
        let (settings, session) = (Mutex::default(), Mutex::default());
        LockOwner(Arc::new(OwnerState {
            id,
            pid,
            cancel,
            settings,
            manager,
            seen: AtomicU64::new(0),
            session,
        }))
    }

    /// The process id that it was registered with, as deadlock reports and `pg_locks` show it.
    pub fn pid(&self) -> u32 {
        self.0.pid
    }

    /// A number that no other owner of the engine has.
    pub(crate) fn id(&self) -> u64 {
        self.0.id
    }

    /// Notes that a transaction of the session has read what is durable from `lsn` on.
    #[inline]
    pub(crate) fn note_seen(&self, lsn: Lsn) {
        if lsn.0 > self.0.seen.load(Ordering::Relaxed) {
            self.0.seen.fetch_max(lsn.0, Ordering::Relaxed);
        }
    }

    /// What must be durable before anybody is told what the session's transactions have read so far (`Engine::wait_durable`);
    /// `Lsn(0)` if nothing.
    #[inline]
    pub fn seen(&self) -> Lsn {
        Lsn(self.0.seen.load(Ordering::Relaxed))
    }

    /// The token that cancels what the session does.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.0.cancel
    }

    /// Limits on waits from now on.
    pub fn set_settings(&self, settings: LockSettings) {
        *self.0.settings.lock() = settings;
    }

    /// The limits on waits.
    pub fn settings(&self) -> LockSettings {
        *self.0.settings.lock()
    }

    /// Takes a session-level lock, which outlives transactions and rollbacks. Taken twice, it must be released twice.
    /// Returns whether it was taken; `false` only with `LockWait::Skip`.
    pub fn lock_session(&self, tag: LockTag, mode: LockMode, wait: LockWait) -> Result<bool> {
        let hash = tag.hash_value();
        if self.0.manager.acquire(&self.0, &tag, hash, mode, true, wait)? == Grant::Unavailable {
            return Ok(false);
        }
        *self.0.session.lock().entry((tag, mode)).or_insert(0) += 1;
        Ok(true)
    }

    /// Releases a session-level lock once. Returns whether it was held.
    pub fn unlock_session(&self, tag: &LockTag, mode: LockMode) -> bool {
        let mut session = self.0.session.lock();
        let key = (tag.clone(), mode);
        let Some(count) = session.get_mut(&key) else { return false };
        *count -= 1;
        if *count == 0 {
            session.remove(&key);
            self.0.manager.release(self.0.id, tag, tag.hash_value(), mode, true);
        }
        true
    }

    /// Releases all session-level locks that `which` selects.
    pub fn unlock_session_all(&self, which: impl Fn(&LockTag) -> bool) {
        self.0.unlock_session_all(which);
    }

    /// Takes a lock for a transaction, which keeps it in its list.
    pub(crate) fn lock_in(
        &self,
        held: &Mutex<Vec<HeldLock>>,
        tag: LockTag,
        mode: LockMode,
        wait: LockWait,
    ) -> Result<bool> {
        let hash = tag.hash_value();
        match self.0.manager.acquire(&self.0, &tag, hash, mode, false, wait)? {
            Grant::New => held.lock().push(HeldLock { tag, hash, mode }),
            Grant::Held => {}
            Grant::Unavailable => return Ok(false),
        }
        Ok(true)
    }

    /// Takes a lock that nobody else can want yet.
    pub(crate) fn hold(&self, tag: LockTag, mode: LockMode) -> Result<HeldLock> {
        let hash = tag.hash_value();
        self.0.manager.acquire(&self.0, &tag, hash, mode, false, LockWait::NoWait)?;
        Ok(HeldLock { tag, hash, mode })
    }

    /// Releases a lock taken with `hold`.
    pub(crate) fn release(&self, lock: &HeldLock) {
        self.0.manager.release(self.0.id, &lock.tag, lock.hash, lock.mode, false);
    }

    /// Waits until a lock could be had, without keeping it.
    pub(crate) fn wait_for(&self, tag: &LockTag, mode: LockMode, wait: LockWait) -> Result<bool> {
        let hash = tag.hash_value();
        match self.0.manager.acquire(&self.0, tag, hash, mode, false, wait)? {
            Grant::New => self.0.manager.release(self.0.id, tag, hash, mode, false),
            Grant::Held => {}
            Grant::Unavailable => return Ok(false),
        }
        Ok(true)
    }

    /// Releases a transaction's locks, the newest first, until `keep` are left.
    pub(crate) fn release_to(&self, held: &Mutex<Vec<HeldLock>>, keep: usize) {
        let released = {
            let mut held = held.lock();
            let keep = keep.min(held.len());
            held.split_off(keep)
        };
        for lock in released.iter().rev() {
            self.0.manager.release(self.0.id, &lock.tag, lock.hash, lock.mode, false);
        }
    }
}

impl OwnerState {
    fn unlock_session_all(&self, which: impl Fn(&LockTag) -> bool) {
        self.session.lock().retain(|(tag, mode), _| {
            let release = which(tag);
            if release {
                self.manager.release(self.id, tag, tag.hash_value(), *mode, true);
            }
            !release
        });
    }
}

impl Drop for OwnerState {
    fn drop(&mut self) {
        self.unlock_session_all(|_| true);
    }
}
