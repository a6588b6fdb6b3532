//! What surrounds every request: limits, cancellation, durability, errors; and what a connection tells of itself.

use crate::cancel::CancelHandle;
use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::limits::Timer;
use crate::notify::{Notice, Notification};
use pglitedb_database::{TimeLimits, TransactionState};
use pglitedb_sqlstate::{Result as EngineResult, codes};
use pglitedb_storage::CancelReason;
use std::time::{Duration, Instant};

/// Time limits that are being watched.
#[derive(Default)]
pub(crate) struct Timers {
    statement: Option<Timer>,
    transaction: Option<Timer>,
}

#[cold]
fn closed() -> Error {
    Error::of(codes::CONNECTION_DOES_NOT_EXIST, "the connection is closed")
}

impl Connection {
    /// A request begins.
    #[inline]
    pub(crate) fn begin_request(&mut self) -> Result<()> {
        if self.broken {
            return Err(closed());
        }
        if let Some(reason) = self.cancel.reason() {
            self.look_at(reason)?;
        }
        let limits = self.session.time_limits();
        if !limits.statement.is_zero() || !limits.transaction.is_zero() {
            self.arm(limits);
        }
        Ok(())
    }

    /// A cancellation that came too late for its statement is forgotten; others end the connection.
    #[cold]
    fn look_at(&mut self, reason: CancelReason) -> Result<()> {
        match reason {
            CancelReason::User | CancelReason::StatementTimeout => {
                self.cancel.reset();
                Ok(())
            }
            CancelReason::TransactionTimeout | CancelReason::Terminate => {
                self.broken = true;
                let ended = self.session.attend();
                self.session.abort();
                Err(ended.err().map_or_else(closed, |error| Error::new(error, "")))
            }
        }
    }

    #[cold]
    fn arm(&mut self, limits: TimeLimits) {
        let watchdog = &self.shared.watchdog;
        self.timers.statement = watchdog.arm(limits.statement, &self.cancel, CancelReason::StatementTimeout);
        if self.timers.transaction.is_none() {
            self.timers.transaction =
                watchdog.arm(limits.transaction, &self.cancel, CancelReason::TransactionTimeout);
        }
    }

    #[cold]
    fn disarm(&mut self) {
        if let Some(timer) = self.timers.statement.take() {
            self.shared.watchdog.disarm(timer);
        }
        if self.session.transaction_state() == TransactionState::Idle
            && let Some(timer) = self.timers.transaction.take()
        {
            self.shared.watchdog.disarm(timer);
        }
    }

    /// A request is over: its answers count once what they rest on is durable.
    #[inline]
    pub(crate) fn end_request<T>(&mut self, result: EngineResult<T>) -> Result<T> {
        if self.timers.statement.is_some() || self.timers.transaction.is_some() {
            self.disarm();
        }
        match result {
            Ok(value) => match self.session.wait_durable() {
                Ok(()) => Ok(value),
                Err(error) => Err(self.failure(error)),
            },
            Err(error) => Err(self.failure(error)),
        }
    }

    #[cold]
    fn failure(&mut self, error: pglitedb_sqlstate::Error) -> Error {
        let error = Error::new(error, self.session.last_source());
        self.broken |= error.is_fatal();
        error
    }

    /// Is it over, because of a fatal error?
    pub fn is_closed(&self) -> bool {
        self.broken
    }

    /// Is a transaction open, by [`Connection::transaction`] or by `BEGIN`?
    pub fn in_transaction(&self) -> bool {
        self.session.transaction_state() != TransactionState::Idle
    }

    /// Its number: `pg_backend_pid()`.
    pub fn process_id(&self) -> u32 {
        self.session.process_id()
    }

    /// What stops its statements from other threads.
    pub fn cancel_handle(&self) -> CancelHandle {
        CancelHandle(self.cancel.clone())
    }

    /// What to do with notices. Without, they are dropped.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// # fn main() -> pglitedb::Result<()> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// let heard = Arc::new(Mutex::new(Vec::new()));
    /// let ear = heard.clone();
    /// connection.on_notice(move |notice| ear.lock().unwrap().push(notice.to_string()));
    /// connection.batch_execute("DROP TABLE IF EXISTS nothing")?;
    /// assert_eq!(*heard.lock().unwrap(), ["NOTICE: table \"nothing\" does not exist, skipping"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_notice(&mut self, handler: impl FnMut(&Notice) + Send + 'static) {
        self.notices.0 = Some(Box::new(handler));
    }

    /// Takes the notifications that have arrived. None arrive inside of a transaction.
    ///
    /// ```
    /// # fn main() -> pglitedb::Result<()> {
    /// # let database = pglitedb::Database::in_memory()?;
    /// let mut listener = database.connect()?;
    /// listener.batch_execute("LISTEN news")?;
    /// let mut sender = database.connect()?;
    /// sender.execute("SELECT pg_notify('news', 'it rains')", &[])?;
    /// let arrived = listener.notifications();
    /// assert_eq!((arrived[0].channel.as_str(), arrived[0].payload.as_str()), ("news", "it rains"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn notifications(&mut self) -> Vec<Notification> {
        let mut arrived = Vec::new();
        self.session.take_notifications(&mut |process_id, channel, payload| {
            arrived.push(Notification {
                process_id,
                channel: channel.to_owned(),
                payload: payload.to_owned(),
            });
        });
        arrived
    }

    /// Waits until notifications arrive, at most for `timeout`: then there are none.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> pglitedb::Result<()> {
    /// # let database = pglitedb::Database::in_memory()?;
    /// let mut listener = database.connect()?;
    /// listener.batch_execute("LISTEN news")?;
    /// let sender = std::thread::spawn(move || database.connect()?.batch_execute("NOTIFY news, 'hello'"));
    /// let arrived = listener.wait_for_notifications(Some(Duration::from_secs(10)))?;
    /// assert_eq!(arrived[0].payload, "hello");
    /// # sender.join().unwrap()
    /// # }
    /// ```
    pub fn wait_for_notifications(&mut self, timeout: Option<Duration>) -> Result<Vec<Notification>> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            self.begin_request()?;
            let arrived = self.notifications();
            self.end_request(Ok(()))?;
            if !arrived.is_empty() || !self.waker.wait(deadline) {
                return Ok(arrived);
            }
        }
    }

    /// Makes it as new, as `DISCARD ALL` does: rolls back, and forgets settings, temporary tables, cursors, locks, `LISTEN`.
    /// Prepared statements of this library stay.
    pub fn reset(&mut self) -> Result<()> {
        if self.in_transaction() {
            self.batch_execute("ROLLBACK")?;
        }
        self.depth = 0;
        self.batch_execute("DISCARD ALL")?;
        self.session.take_notifications(&mut |_, _, _| {});
        self.notices.0 = None;
        Ok(())
    }

    /// Forgets the statements that it remembers for texts it has run.
    pub fn clear_statement_cache(&mut self) {
        self.cache.clear();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for timer in [self.timers.statement.take(), self.timers.transaction.take()].into_iter().flatten() {
            self.shared.watchdog.disarm(timer);
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("process_id", &self.process_id()).finish_non_exhaustive()
    }
}
