//! Where one thread sleeps until a lock is granted to it.

use std::time::Instant;

use parking_lot::{Condvar, Mutex};

#[derive(Default)]
struct Signal {
    granted: bool,
    poked: bool,
}

/// A place to wait. It is granted at most once; it may be poked any number of times, to look around.
#[derive(Default)]
pub(crate) struct WaitSlot {
    signal: Mutex<Signal>,
    wake: Condvar,
}

/// Why a wait returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    Granted,
    Poked,
    TimedOut,
}

impl WaitSlot {
    /// Tells the waiter that it has the lock.
    pub(crate) fn grant(&self) {
        self.signal.lock().granted = true;
        self.wake.notify_all();
    }

    /// Wakes the waiter so that it looks at its cancel token.
    pub(crate) fn poke(&self) {
        self.signal.lock().poked = true;
        self.wake.notify_all();
    }

    /// Whether the lock has been granted.
    pub(crate) fn is_granted(&self) -> bool {
        self.signal.lock().granted
    }

    /// Sleeps until granted, poked, or the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Woken {
        let mut signal = self.signal.lock();
        loop {
            if signal.granted {
                return Woken::Granted;
            }
            if std::mem::take(&mut signal.poked) {
                return Woken::Poked;
            }
            match deadline {
                None => self.wake.wait(&mut signal),
                Some(deadline) => {
                    if self.wake.wait_until(&mut signal, deadline).timed_out() && !signal.granted {
                        return Woken::TimedOut;
                    }
                }
            }
        }
    }
}
