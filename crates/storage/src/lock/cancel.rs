//! Cancelling what a transaction does or waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use parking_lot::Mutex;

use super::slot::WaitSlot;
use crate::error::{Error, Result};

/// Why something was cancelled; the layer above words the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CancelReason {
    /// The user asked for it.
    User = 1,
    /// `statement_timeout` ran out.
    StatementTimeout = 2,
    /// `transaction_timeout` ran out.
    TransactionTimeout = 3,
    /// An administrator ended the connection, or the server stops.
    Terminate = 4,
}

impl CancelReason {
    /// Whether it is about the session, not only its running statement.
    pub fn ends_session(self) -> bool {
        matches!(self, CancelReason::TransactionTimeout | CancelReason::Terminate)
    }

    fn from_u8(value: u8) -> Option<CancelReason> {
        match value {
            1 => Some(CancelReason::User),
            2 => Some(CancelReason::StatementTimeout),
            3 => Some(CancelReason::TransactionTimeout),
            4 => Some(CancelReason::Terminate),
            _ => None,
        }
    }
}

#[derive(Default)]
struct State {
    reason: AtomicU8,
    waiting: Mutex<Option<Arc<WaitSlot>>>,
}

/// A flag that long operations look at, and that wakes the wait that its session is in. Clones share the flag.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<State>);

impl CancelToken {
    /// A token that nobody has cancelled.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Cancels: the running operation fails with `Error::Cancelled` at its next check, and a wait at once. The first reason
    /// stands, but one that ends the session overrides one that ends the statement.
    pub fn cancel(&self, reason: CancelReason) {
        let replaces = |earlier: u8| {
            CancelReason::from_u8(earlier)
                .is_none_or(|earlier| reason.ends_session() && !earlier.ends_session())
        };
        let set = |earlier: u8| replaces(earlier).then_some(reason as u8);
        let _ = self.0.reason.fetch_update(Ordering::SeqCst, Ordering::SeqCst, set);
        let slot = self.0.waiting.lock().clone();
        if let Some(slot) = slot {
            slot.poke();
        }
    }

    /// Takes the cancellation back, before the next statement runs. What ends the session stays. Cheap when there is nothing.
    #[inline]
    pub fn reset(&self) {
        if self.0.reason.load(Ordering::Relaxed) == 0 {
            return;
        }
        let clear = |reason: u8| {
            CancelReason::from_u8(reason).is_some_and(|reason| !reason.ends_session()).then_some(0)
        };
        let _ = self.0.reason.fetch_update(Ordering::SeqCst, Ordering::SeqCst, clear);
    }

    /// Why it was cancelled, if it was.
    pub fn reason(&self) -> Option<CancelReason> {
        CancelReason::from_u8(self.0.reason.load(Ordering::Relaxed))
    }

    /// Fails if it was cancelled.
    #[inline]
    pub fn check(&self) -> Result<()> {
        match self.reason() {
            None => Ok(()),
            Some(reason) => Err(Error::Cancelled(reason)),
        }
    }

    /// Names the slot to wake on cancellation, for as long as a wait lasts.
    pub(crate) fn set_waiting(&self, slot: Option<Arc<WaitSlot>>) {
        *self.0.waiting.lock() = slot;
    }
}

impl std::fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CancelToken").field(&self.reason()).finish()
    }
}
