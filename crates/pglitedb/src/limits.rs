//! Time limits of statements and transactions (`statement_timeout`, `transaction_timeout`).
//!
//! A thread per database watches them. It exists from the first limit on, and ends with the database.

use parking_lot::{Condvar, Mutex};
use pglitedb_storage::{CancelReason, CancelToken};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A limit that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timer {
    deadline: Instant,
    number: u64,
}

#[derive(Default)]
struct State {
    timers: BTreeMap<Timer, (CancelToken, CancelReason)>,
    last_number: u64,
    running: bool,
    closed: bool,
}

type Shared = Arc<(Mutex<State>, Condvar)>;

/// Watches time limits. Dropping it ends the thread.
#[derive(Default)]
pub(crate) struct Watchdog(Shared);

impl Watchdog {
    /// Cancels for `reason` when `limit` is over, unless disarmed before. `None` for a limit of zero, which is none.
    pub(crate) fn arm(&self, limit: Duration, token: &CancelToken, reason: CancelReason) -> Option<Timer> {
        if limit.is_zero() {
            return None;
        }
        let deadline = Instant::now().checked_add(limit)?;
        let (state, changed) = &*self.0;
        let mut state = state.lock();
        state.last_number += 1;
        let timer = Timer { deadline, number: state.last_number };
        state.timers.insert(timer, (token.clone(), reason));
        if !state.running {
            let shared = self.0.clone();
            state.running = std::thread::Builder::new()
                .name("pglitedb-limits".to_owned())
                .spawn(move || watch(&shared))
                .is_ok();
        } else if state.timers.first_key_value().is_some_and(|(first, _)| *first == timer) {
            changed.notify_one();
        }
        Some(timer)
    }

    /// Forgets a limit: it is not acted upon any more.
    pub(crate) fn disarm(&self, timer: Timer) {
        self.0.0.lock().timers.remove(&timer);
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.0.0.lock().closed = true;
        self.0.1.notify_one();
    }
}

fn watch(shared: &Shared) {
    let (state, changed) = &**shared;
    let mut state = state.lock();
    while !state.closed {
        match state.timers.first_key_value() {
            Some((timer, _)) if timer.deadline <= Instant::now() => {
                if let Some((_, (token, reason))) = state.timers.pop_first() {
                    token.cancel(reason);
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
