//! Waiting for durability without a thread.

use crate::net::on_own_thread;
use parking_lot::Mutex;
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_storage::{Engine, Lsn};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// What a session waits for.
#[derive(Default)]
pub(super) struct DurableWait {
    asked: Option<Lsn>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    done: Option<(Lsn, bool)>,
    waker: Option<Waker>,
}

fn lost() -> Error {
    err!(IO_ERROR, "could not make the transaction durable").severity(Severity::Fatal)
}

impl DurableWait {
    /// Ready when the log is durable up to `lsn`.
    #[inline]
    pub(super) fn poll(&mut self, engine: &Engine, lsn: Lsn, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if lsn == Lsn(0) || engine.durable_lsn() >= lsn {
            return Poll::Ready(Ok(()));
        }
        self.wait(engine, lsn, cx)
    }

    fn wait(&mut self, engine: &Engine, lsn: Lsn, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if on_own_thread() {
            // Whoever comes first writes the log for all that wait: no detour through another thread.
            return Poll::Ready(engine.wait_durable(lsn).map_err(|_| lost()));
        }
        {
            let mut state = self.state.lock();
            match state.done {
                Some((done, true)) if done >= lsn => return Poll::Ready(Ok(())),
                Some((_, false)) => return Poll::Ready(Err(lost())),
                _ => state.waker = Some(cx.waker().clone()),
            }
        }
        if self.asked.is_none_or(|asked| asked < lsn) {
            self.asked = Some(lsn);
            let state = self.state.clone();
            engine.on_durable(
                lsn,
                Box::new(move |result| {
                    let waker = {
                        let mut state = state.lock();
                        if state.done.is_none_or(|(done, _)| done <= lsn) {
                            state.done = Some((lsn, result.is_ok()));
                        }
                        state.waker.take()
                    };
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                }),
            );
            // It may have been called at once.
            return match self.state.lock().done {
                Some((done, true)) if done >= lsn => Poll::Ready(Ok(())),
                Some((_, false)) => Poll::Ready(Err(lost())),
                _ => Poll::Pending,
            };
        }
        Poll::Pending
    }
}
