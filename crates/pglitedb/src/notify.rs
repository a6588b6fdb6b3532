//! Notices and notifications.

use crate::error::Error;
use parking_lot::{Condvar, Mutex};
use pglitedb_database::SessionHost;
use pglitedb_sqlstate::Error as EngineError;
use std::fmt;
use std::time::Instant;

/// What the database has to say beside results: `NOTICE`, `WARNING`, `INFO`.
#[derive(Clone, Debug)]
pub struct Notice(Error);

impl Notice {
    /// `NOTICE`, `WARNING`, `INFO`, ...
    pub fn severity(&self) -> &'static str {
        self.0.severity()
    }

    /// The message.
    pub fn message(&self) -> &str {
        self.0.message()
    }

    /// SQLSTATE, detail, hint and so on.
    pub fn fields(&self) -> &Error {
        &self.0
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity(), self.message())
    }
}

type Handler = Box<dyn FnMut(&Notice) + Send>;

/// Where a connection's notices go.
#[derive(Default)]
pub(crate) struct Notices(pub(crate) Option<Handler>);

impl Notices {
    pub(crate) fn report(&mut self, notice: &EngineError) {
        if let Some(handler) = &mut self.0 {
            handler(&Notice(Error::new(notice.clone(), "")));
        }
    }
}

/// A notification: what a `NOTIFY` sent to those who `LISTEN`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// The connection that sent it ([`Connection::process_id`](crate::Connection::process_id)).
    pub process_id: u32,
    /// The channel.
    pub channel: String,
    /// The message.
    pub payload: String,
}

/// Wakes a connection that waits for notifications.
#[derive(Default)]
pub(crate) struct Waker {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Waker {
    /// Waits until it is woken; false once the deadline is over.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> bool {
        let mut woken = self.woken.lock();
        while !*woken {
            match deadline {
                Some(deadline) => {
                    if self.changed.wait_until(&mut woken, deadline).timed_out() {
                        return std::mem::take(&mut *woken);
                    }
                }
                None => self.changed.wait(&mut woken),
            }
        }
        *woken = false;
        true
    }
}

impl SessionHost for Waker {
    fn block(&self, wait: &mut dyn FnMut()) {
        wait();
    }

    fn long_running(&self) {}

    fn wake(&self) {
        *self.woken.lock() = true;
        self.changed.notify_all();
    }
}
