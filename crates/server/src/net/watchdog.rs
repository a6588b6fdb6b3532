//! Time limits of statements and transactions.
//!
//! They are watched by a thread of their own, because a statement that computes for long may occupy every worker of the
//! runtime, its timers included. The thread exists from the first limit on.

use super::registry::Backend;
use crate::engine::CancelReason;
use parking_lot::{Condvar, Mutex};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A limit being watched; to be given back to [`Watchdog::disarm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timer {
    deadline: Instant,
    number: u64,
}

#[derive(Default)]
struct State {
    timers: BTreeMap<Timer, (Arc<Backend>, CancelReason)>,
    last_number: u64,
    running: bool,
    closed: bool,
}

/// Watches time limits.
#[derive(Clone, Default)]
pub(crate) struct Watchdog {
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Watchdog {
    /// Cancels the backend's statement for `reason` when `limit` is over; `None` for a limit of zero, which means none.
    pub(crate) fn arm(&self, limit: Duration, backend: &Arc<Backend>, reason: CancelReason) -> Option<Timer> {
        if limit.is_zero() {
            return None;
        }
        let deadline = Instant::now().checked_add(limit)?;
        let (state, changed) = &*self.shared;
        let mut state = state.lock();
        state.last_number += 1;
        let timer = Timer { deadline, number: state.last_number };
        state.timers.insert(timer, (backend.clone(), reason));
        if !state.running {
            let watchdog = self.clone();
            state.running = std::thread::Builder::new()
                .name("pglitedb-limits".into())
                .stack_size(128 * 1024)
                .spawn(move || watchdog.watch())
                .is_ok();
        } else if state.timers.first_key_value().is_some_and(|(first, _)| *first == timer) {
            changed.notify_one();
        }
        Some(timer)
    }

    /// Forgets a limit. It is not acted upon any more once this has returned.
    pub(crate) fn disarm(&self, timer: Timer) {
        self.shared.0.lock().timers.remove(&timer);
    }

    /// Ends the thread.
    pub(crate) fn close(&self) {
        self.shared.0.lock().closed = true;
        self.shared.1.notify_one();
    }

    fn watch(&self) {
        let (state, changed) = &*self.shared;
        let mut state = state.lock();
        while !state.closed {
            let now = Instant::now();
            match state.timers.first_key_value() {
                Some((timer, _)) if timer.deadline <= now => {
                    if let Some((_, (backend, reason))) = state.timers.pop_first() {
                        backend.time_out(reason);
                    }
                }
                Some((timer, _)) => {
                    let deadline = timer.deadline;
                    changed.wait_until(&mut state, deadline);
                }
                None => changed.wait(&mut state),
            }
        }
    }
}
