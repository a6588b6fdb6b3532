//! Who is connected, and how to reach them from another thread.

use crate::engine::{CancelReason, Canceller, Host};
use parking_lot::{Mutex, RwLock};
use pglitedb_passwords::equal;
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::Waker;
use std::time::Duration;

/// Something to attend to: see [`Host::wake`].
pub(crate) const WAKE: u8 = 1;
/// The server stops: the session ends when its statement is done.
pub(crate) const STOP: u8 = 2;
/// The server stops now: not even output is waited for.
pub(crate) const STOP_NOW: u8 = 4;
/// The transaction took too long.
pub(crate) const TRANSACTION_TIMEOUT: u8 = 8;

thread_local! {
    /// Whether this thread belongs to one connection and may simply block.
    pub(crate) static HOT_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread belongs to one connection and may simply block.
#[inline]
pub(crate) fn on_own_thread() -> bool {
    HOT_THREAD.get()
}

/// A mailbox of flags that wakes the connection's task.
#[derive(Default)]
pub(crate) struct Signal {
    flags: AtomicU8,
    waker: Mutex<Option<Waker>>,
    handed_off: AtomicBool,
}

impl Signal {
    /// Sets flags and wakes the task.
    pub(crate) fn raise(&self, flags: u8) {
        self.flags.fetch_or(flags, Ordering::SeqCst);
        let waker = self.waker.lock().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The flags that are set.
    pub(crate) fn flags(&self) -> u8 {
        self.flags.load(Ordering::SeqCst)
    }

    /// Clears flags.
    pub(crate) fn lower(&self, flags: u8) {
        self.flags.fetch_and(!flags, Ordering::SeqCst);
    }

    /// Says whom to wake. To be followed by a look at the flags.
    pub(crate) fn register(&self, waker: &Waker) {
        let mut registered = self.waker.lock();
        if !registered.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *registered = Some(waker.clone());
        }
    }

    /// A new statement begins.
    pub(crate) fn begin_statement(&self) {
        if self.handed_off.load(Ordering::Relaxed) {
            self.handed_off.store(false, Ordering::Relaxed);
        }
    }
}

impl Host for Signal {
    fn block(&self, wait: &mut dyn FnMut()) {
        if on_own_thread() {
            wait();
        } else {
            tokio::task::block_in_place(wait);
        }
    }

    fn long_running(&self) {
        if !on_own_thread() && !self.handed_off.swap(true, Ordering::Relaxed) {
            // The other tasks of this worker go to another thread if it takes them over before the closure returns; a
            // thread that has been woken does so in much less than this.
            tokio::task::block_in_place(|| std::thread::sleep(Duration::from_micros(200)));
        }
    }

    fn wake(&self) {
        self.raise(WAKE);
    }
}

/// A connected session.
pub(crate) struct Backend {
    pub(crate) process_id: i32,
    pub(crate) secret: Vec<u8>,
    pub(crate) canceller: Arc<dyn Canceller>,
    pub(crate) signal: Arc<Signal>,
    /// Whether requests are being worked on; a cancel request is not for the next one.
    pub(crate) busy: AtomicBool,
}

impl Backend {
    /// A time limit is over.
    pub(crate) fn time_out(&self, reason: CancelReason) {
        self.canceller.cancel(reason);
        if reason == CancelReason::TransactionTimeout {
            self.signal.raise(TRANSACTION_TIMEOUT);
        }
    }
}

/// All sessions by process id.
#[derive(Default)]
pub(crate) struct Registry {
    backends: RwLock<FxHashMap<i32, Arc<Backend>>>,
}

impl Registry {
    pub(crate) fn add(&self, backend: Arc<Backend>) {
        self.backends.write().insert(backend.process_id, backend);
    }

    pub(crate) fn remove(&self, process_id: i32) {
        self.backends.write().remove(&process_id);
    }

    /// Carries a cancel request out, if the secret is right and the session busy.
    pub(crate) fn cancel(&self, process_id: i32, secret: &[u8]) {
        let found = self.backends.read().get(&process_id).cloned();
        if let Some(backend) = found
            && equal(&backend.secret, secret)
            && backend.busy.load(Ordering::SeqCst)
        {
            backend.canceller.cancel(CancelReason::UserRequest);
        }
    }

    /// Tells every session that the server stops; `now` also stops their statements.
    pub(crate) fn stop_all(&self, now: bool) {
        for backend in self.backends.read().values() {
            if now {
                backend.canceller.cancel(CancelReason::Shutdown);
            }
            backend.signal.raise(if now { STOP | STOP_NOW } else { STOP });
        }
    }
}
