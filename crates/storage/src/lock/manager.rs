//! The table of locks: granting, queueing, waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::{Mutex, MutexGuard, RwLock};
use pglitedb_platform::{Clock, SystemClock};
use rustc_hash::FxHashMap;

use super::entry::{Shard, Waiter};
use super::owner::OwnerState;
use super::slot::Woken;
use super::{CancelToken, LockMode, LockOwner, LockTag, LockWait, WaitSlot, deadlock};
use crate::error::{Error, Result};

/// Called around every wait; it must call its argument. A server tells its runtime that this thread is about to block.
pub type BlockingHook = Arc<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

const SHARDS: usize = 64;

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

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// The lock was taken now.
    New,
    /// The owner had it already.
    Held,
    /// It is not free, and the request was not to wait.
    Unavailable,
}

/// The table of locks of an engine. Clones share it.
#[derive(Clone)]
pub struct LockManager(pub(super) Arc<Table>);

pub(super) struct Table {
    pub(super) shards: Vec<Mutex<Shard>>,
    /// What each waiting owner waits for.
    pub(super) waiting: Mutex<FxHashMap<u64, Waiting>>,
    next_owner: AtomicU64,
    hook: RwLock<Option<BlockingHook>>,
    waits: AtomicU64,
    deadlocks: AtomicU64,
    clock: SystemClock,
}

/// A wait under way.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) pid: u32,
    pub(super) tag: LockTag,
    pub(super) hash: u64,
    pub(super) mode: LockMode,
}

impl Default for LockManager {
    fn default() -> LockManager {
        LockManager(Arc::new(Table {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            waiting: Mutex::default(),
            next_owner: AtomicU64::new(1),
            hook: RwLock::new(None),
            waits: AtomicU64::new(0),
            deadlocks: AtomicU64::new(0),
            clock: SystemClock,
        }))
    }
}

impl LockManager {
    /// Registers a session. The cancel token ends its waits.
    pub fn register(&self, pid: u32, cancel: CancelToken) -> LockOwner {
        let id = self.0.next_owner.fetch_add(1, Ordering::Relaxed);
        LockOwner::new(self.clone(), id, pid, cancel)
    }

    /// All locks held and waited for.
    pub fn list(&self) -> Vec<LockInfo> {
        let mut all = Vec::new();
        for shard in &self.0.shards {
            shard.lock().list(&mut all);
        }
        all
    }

    /// The process ids that stand in the way of a waiting process.
    pub fn blockers(&self, pid: u32) -> Vec<u32> {
        let shards = self.lock_all();
        let waiting = self.0.waiting.lock();
        let owner = waiting.iter().find(|(_, wait)| wait.pid == pid).map(|(owner, _)| *owner);
        let mut pids = match owner {
            Some(owner) => deadlock::blockers(&shards, &waiting, owner).into_iter().map(|b| b.pid).collect(),
            None => Vec::new(),
        };
        pids.sort_unstable();
        pids.dedup();
        pids
    }

    /// Sets the hook that is called around waits.
    pub fn set_blocking_hook(&self, hook: BlockingHook) {
        *self.0.hook.write() = Some(hook);
    }

    /// Runs something that may block, inside the hook.
    pub(crate) fn blocking<T>(&self, f: impl FnOnce() -> T) -> T {
        let hook = self.0.hook.read().clone();
        let Some(hook) = hook else { return f() };
        let (mut f, mut result) = (Some(f), None);
        hook(&mut || {
            if let Some(f) = f.take() {
                result = Some(f());
            }
        });
        match (result, f) {
            (Some(result), _) => result,
            // A hook that did not call its argument: the work must be done all the same.
            (None, Some(f)) => f(),
            (None, None) => unreachable!("the closure either ran, leaving its result, or is still there"),
        }
    }

    /// How many requests had to wait, and how many deadlocks were found.
    pub(crate) fn numbers(&self) -> (u64, u64) {
        (self.0.waits.load(Ordering::Relaxed), self.0.deadlocks.load(Ordering::Relaxed))
    }

    pub(super) fn shard(&self, hash: u64) -> &Mutex<Shard> {
        // The upper bits choose among shards; the map in the shard uses others.
        &self.0.shards[(hash >> 52) as usize % SHARDS]
    }

    pub(super) fn lock_all(&self) -> Vec<MutexGuard<'_, Shard>> {
        self.0.shards.iter().map(|shard| shard.lock()).collect()
    }

    /// Requests a lock for an owner.
    pub(crate) fn acquire(
        &self,
        owner: &OwnerState,
        tag: &LockTag,
        hash: u64,
        mode: LockMode,
        session: bool,
        wait: LockWait,
    ) -> Result<Grant> {
        let slot = {
            let mut shard = self.shard(hash).lock();
            let entry = shard.entry(hash, tag);
            if entry.held_at(owner.id, session) & mode.bit() != 0 {
                return Ok(Grant::Held);
            }
            let place = entry.place_in_queue(owner.id);
            if entry.is_free_for(owner.id, mode, place) {
                entry.add(owner.id, owner.pid, mode, session);
                return Ok(Grant::New);
            }
            match wait {
                LockWait::Skip => return Ok(Grant::Unavailable),
                LockWait::NoWait => return Err(Error::LockNotAvailable(tag.clone())),
                LockWait::Block => {}
            }
            let slot = Arc::new(WaitSlot::default());
            let since = self.0.clock.now_micros();
            let waiter =
                Waiter { owner: owner.id, pid: owner.pid, mode, session, slot: Arc::clone(&slot), since };
            entry.enqueue(place, waiter);
            let waiting = Waiting { pid: owner.pid, tag: tag.clone(), hash, mode };
            self.0.waiting.lock().insert(owner.id, waiting);
            slot
        };
        self.0.waits.fetch_add(1, Ordering::Relaxed);
        owner.cancel.set_waiting(Some(Arc::clone(&slot)));
        let outcome = self.blocking(|| self.wait(owner, tag, hash, &slot));
        owner.cancel.set_waiting(None);
        self.0.waiting.lock().remove(&owner.id);
        outcome.map(|()| Grant::New)
    }

    /// Waits until the lock is granted. On an error the request has been withdrawn.
    fn wait(&self, owner: &OwnerState, tag: &LockTag, hash: u64, slot: &Arc<WaitSlot>) -> Result<()> {
        let start = Instant::now();
        let settings = *owner.settings.lock();
        let give_up = settings.lock_timeout.and_then(|timeout| start.checked_add(timeout));
        let mut check = start.checked_add(settings.deadlock_timeout);
        loop {
            if let Err(cancelled) = owner.cancel.check() {
                return self.withdraw(tag, hash, slot, cancelled);
            }
            let deadline = match (give_up, check) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            match slot.wait(deadline) {
                Woken::Granted => return Ok(()),
                Woken::Poked => {}
                Woken::TimedOut => {
                    let now = Instant::now();
                    if give_up.is_some_and(|at| at <= now) {
                        return self.withdraw(tag, hash, slot, Error::LockTimeout(tag.clone()));
                    }
                    if check.is_some_and(|at| at <= now) {
                        check = None;
                        if let Some(detail) = self.find_deadlock(owner.id, slot) {
                            self.0.deadlocks.fetch_add(1, Ordering::Relaxed);
                            return self.withdraw(tag, hash, slot, Error::Deadlock(Box::new(detail)));
                        }
                    }
                }
            }
        }
    }

    /// Looks for a circle of waits through this owner. Where it can be opened by changing a queue's order, that is done.
    fn find_deadlock(&self, owner: u64, slot: &Arc<WaitSlot>) -> Option<super::DeadlockDetail> {
        let mut shards = self.lock_all();
        if slot.is_granted() {
            return None;
        }
        let waiting = self.0.waiting.lock();
        let circle = deadlock::find(&shards, &waiting, owner)?;
        if deadlock::reorder(&mut shards, &waiting, &circle) {
            // Somebody in the circle goes on; if another circle is left, one of its members will find it.
            let rest = deadlock::find(&shards, &waiting, owner);
            return rest.filter(|_| !slot.is_granted()).map(|circle| circle.detail());
        }
        Some(circle.detail())
    }

    /// Takes a request back, unless it was granted in the meantime.
    fn withdraw(&self, tag: &LockTag, hash: u64, slot: &Arc<WaitSlot>, error: Error) -> Result<()> {
        let mut shard = self.shard(hash).lock();
        if slot.is_granted() {
            return Ok(());
        }
        if let Some(entry) = shard.find(hash, tag) {
            entry.dequeue(slot);
            entry.wake();
        }
        shard.drop_if_empty(hash, tag);
        Err(error)
    }

    /// Releases modes that an owner holds, and grants what becomes free.
    pub(crate) fn release(&self, owner: u64, tag: &LockTag, hash: u64, mode: LockMode, session: bool) {
        let mut shard = self.shard(hash).lock();
        shard.release(owner, tag, hash, mode, session);
    }
}
