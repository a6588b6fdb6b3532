//! A connection after its handshake: reading, writing and waiting. What the messages mean is in `dispatch`.

use super::buffers::{Input, equip_output, release_output};
use super::registry::{Backend, Registry, STOP, STOP_NOW, TRANSACTION_TIMEOUT, WAKE};
use super::stream::Stream;
use super::watchdog::{Timer, Watchdog};
use crate::engine::{CancelReason, Session};
use pglitedb_sqlstate::{Error, Severity, err};
use pglitedb_wire_protocol::{Limits, MessageBuffer, TransactionStatus};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio::time::{Instant, Sleep};

/// The connection is over: the client is gone, or has been told.
#[derive(Debug)]
pub(crate) struct Closed;

impl From<std::io::Error> for Closed {
    fn from(_: std::io::Error) -> Self {
        Closed
    }
}

/// What the synchronous part wants done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The next message, without ado.
    Next,
    /// There is no complete message.
    NeedInput,
    /// Write what there is, then go on.
    Write,
    /// Write what there is, then close.
    Close,
}

/// From which message a statement that is not finished was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Simple,
    Extended,
}

/// What the connection is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing.
    Ready,
    /// A statement has more output than fitted.
    Output(Origin),
    /// A statement wants COPY data.
    CopyIn(Origin),
}

/// A session and its client.
pub(crate) struct Connection<S: Session> {
    pub(crate) stream: Stream,
    pub(crate) input: Input,
    pub(crate) out: MessageBuffer,
    pub(crate) session: S,
    pub(crate) backend: Arc<Backend>,
    pub(crate) watchdog: Watchdog,
    pub(crate) registry: Arc<Registry>,
    pub(crate) limits: Limits,
    pub(crate) phase: Phase,
    /// After an error in the extended protocol: messages are skipped until Sync.
    pub(crate) skip_to_sync: bool,
    pub(crate) statement_timer: Option<Timer>,
    pub(crate) transaction_timer: Option<Timer>,
    idle_timer: Option<Pin<Box<Sleep>>>,
    equipped: bool,
    /// How much of `out` has been written.
    written: usize,
    /// Requests in a row that came soon after the answer before.
    brisk: u32,
}

/// Why the event loop is done with a connection.
pub(crate) enum Outcome {
    /// It is over.
    Closed,
    /// Its client is so brisk that a thread of its own would pay.
    Brisk,
}

/// A request that comes within this time after the answer to the last one is brisk.
const BRISK: Duration = Duration::from_millis(2);
/// That many brisk requests in a row are worth a thread.
const BRISK_REQUESTS: u32 = 4;

/// Why the wait for the client ended.
enum Woken {
    Input,
    EndOfStream,
    Signal,
    IdleTimeout,
}

impl<S: Session> Connection<S> {
    pub(crate) fn new(
        stream: Stream,
        input: Input,
        out: MessageBuffer,
        session: S,
        backend: Arc<Backend>,
        shared: (Watchdog, Arc<Registry>),
        limits: Limits,
    ) -> Self {
        Connection {
            stream,
            input,
            out,
            session,
            backend,
            watchdog: shared.0,
            registry: shared.1,
            limits,
            phase: Phase::Ready,
            skip_to_sync: false,
            statement_timer: None,
            transaction_timer: None,
            idle_timer: None,
            equipped: true,
            written: 0,
            brisk: 0,
        }
    }

    /// Serves the client until one of the two has enough, or it deserves a thread.
    pub(crate) async fn run(&mut self) -> Outcome {
        self.brisk = 0;
        // A thread may have left something unwritten.
        match self.write().await {
            Ok(()) => self.serve().await.unwrap_or(Outcome::Closed),
            Err(Closed) => Outcome::Closed,
        }
    }

    async fn serve(&mut self) -> Result<Outcome, Closed> {
        loop {
            match self.step() {
                Step::Next if self.out.is_full() => self.write().await?,
                Step::Next => {}
                Step::Write => self.write().await?,
                Step::Close => {
                    self.write().await?;
                    return Ok(Outcome::Closed);
                }
                Step::NeedInput => {
                    self.write().await?;
                    if self.brisk >= BRISK_REQUESTS {
                        return Ok(Outcome::Brisk);
                    }
                    self.await_input().await?;
                }
            }
        }
    }

    /// What is still to be written; forgets the output when that is nothing.
    pub(crate) fn unwritten(&mut self) -> Option<&[u8]> {
        if self.written >= self.out.len() {
            self.written = 0;
            self.out.clear();
            return None;
        }
        self.out.as_bytes().get(self.written..)
    }

    /// That much more has been written.
    pub(crate) fn written(&mut self, count: usize) {
        self.written += count;
    }

    /// All requests are answered.
    pub(crate) fn become_idle(&mut self) {
        self.backend.busy.store(false, Ordering::SeqCst);
        self.backend.canceller.clear();
    }

    /// Writes everything to the client, once what it says is durable.
    async fn write(&mut self) -> Result<(), Closed> {
        if self.out.is_empty() {
            return Ok(());
        }
        if let Err(error) = poll_fn(|cx| self.session.poll_durable(cx)).await {
            // What would have been said is not true.
            self.out.clear();
            self.out.report(&error.severity(Severity::Fatal), None);
            let _ = poll_fn(|cx| self.poll_write(cx)).await;
            return Err(Closed);
        }
        poll_fn(|cx| self.poll_write(cx)).await
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        self.backend.signal.register(cx.waker());
        while let Some(rest) = self.out.as_bytes().get(self.written..)
            && !rest.is_empty()
        {
            match Pin::new(&mut self.stream).poll_write(cx, rest)? {
                Poll::Ready(0) => return Poll::Ready(Err(Closed)),
                Poll::Ready(count) => self.written(count),
                Poll::Pending if self.backend.signal.flags() & STOP_NOW != 0 => {
                    return Poll::Ready(Err(Closed));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        if self.stream.is_tls() && Pin::new(&mut self.stream).poll_flush(cx)?.is_pending() {
            return Poll::Pending;
        }
        self.written = 0;
        self.out.clear();
        Poll::Ready(Ok(()))
    }

    /// Waits until the client has sent something. Meanwhile the connection holds no buffers.
    async fn await_input(&mut self) -> Result<(), Closed> {
        self.become_idle();
        release_output(&mut self.out, &mut self.equipped);
        let since = Instant::now();
        loop {
            self.start_idle_timer();
            let woken = poll_fn(|cx| self.poll_woken(cx)).await;
            match woken {
                Woken::Input => break,
                Woken::EndOfStream => return Err(Closed),
                Woken::Signal => self.attend().await?,
                Woken::IdleTimeout => return self.end(self.idle_error()).await,
            }
        }
        self.brisk = if since.elapsed() < BRISK { self.brisk + 1 } else { 0 };
        equip_output(&mut self.out, &mut self.equipped);
        self.backend.busy.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn poll_woken(&mut self, cx: &mut Context<'_>) -> Poll<Woken> {
        self.backend.signal.register(cx.waker());
        if self.backend.signal.flags() != 0 {
            return Poll::Ready(Woken::Signal);
        }
        let needed = self.limits.needed(self.input.filled());
        match self.input.poll_fill(cx, &mut self.stream, needed) {
            Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Woken::EndOfStream),
            Poll::Ready(Ok(_)) => return Poll::Ready(Woken::Input),
            Poll::Pending => {}
        }
        match &mut self.idle_timer {
            Some(timer) => timer.as_mut().poll(cx).map(|()| Woken::IdleTimeout),
            None => Poll::Pending,
        }
    }

    fn idle_limit(&self) -> Duration {
        let limits = self.session.timeouts();
        match self.session.transaction_status() {
            TransactionStatus::Idle => limits.idle_session,
            _ => limits.idle_in_transaction,
        }
    }

    fn start_idle_timer(&mut self) {
        let limit = self.idle_limit();
        let deadline = if limit.is_zero() { None } else { Instant::now().checked_add(limit) };
        match (deadline, &mut self.idle_timer) {
            (None, timer) => *timer = None,
            (Some(deadline), Some(timer)) => timer.as_mut().reset(deadline),
            (Some(deadline), timer) => *timer = Some(Box::pin(tokio::time::sleep_until(deadline))),
        }
    }

    fn idle_error(&self) -> Error {
        match self.session.transaction_status() {
            TransactionStatus::Idle => {
                err!(IDLE_SESSION_TIMEOUT, "terminating connection due to idle-session timeout")
            }
            _ => err!(
                IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                "terminating connection due to idle-in-transaction timeout"
            ),
        }
    }

    /// Looks at what happened while the client was silent.
    async fn attend(&mut self) -> Result<(), Closed> {
        let flags = self.backend.signal.flags();
        if flags & (STOP | STOP_NOW) != 0 {
            let text = "terminating connection due to administrator command";
            return self.end(err!(ADMIN_SHUTDOWN, "{text}")).await;
        }
        if flags & TRANSACTION_TIMEOUT != 0 {
            let text = "terminating connection due to transaction timeout";
            return self.end(err!(TRANSACTION_TIMEOUT, "{text}")).await;
        }
        self.backend.signal.lower(WAKE);
        if let Err(error) = self.session.attend() {
            return self.end(error).await;
        }
        // In the middle of a message sequence nobody expects notifications.
        if self.phase == Phase::Ready {
            equip_output(&mut self.out, &mut self.equipped);
            let out = &mut self.out;
            self.session
                .take_notifications(&mut |pid, channel, payload| out.notification(pid, channel, payload));
            self.write().await?;
            release_output(&mut self.out, &mut self.equipped);
        }
        Ok(())
    }

    /// Says goodbye with an error.
    async fn end(&mut self, error: Error) -> Result<(), Closed> {
        self.out.report(&error.severity(Severity::Fatal), None);
        self.write().await?;
        Err(Closed)
    }

    /// Watches the time limits of the statement that is about to run.
    pub(crate) fn arm_timers(&mut self) {
        let limits = self.session.timeouts();
        let wants_statement = self.statement_timer.is_none() && !limits.statement.is_zero();
        if wants_statement {
            self.statement_timer =
                self.watchdog.arm(limits.statement, &self.backend, CancelReason::StatementTimeout);
        }
        if self.transaction_timer.is_none() && !limits.transaction.is_zero() {
            self.transaction_timer =
                self.watchdog.arm(limits.transaction, &self.backend, CancelReason::TransactionTimeout);
        }
    }

    /// The statement is over.
    pub(crate) fn disarm_statement_timer(&mut self) {
        if let Some(timer) = self.statement_timer.take() {
            self.watchdog.disarm(timer);
        }
    }

    /// The transaction may be over.
    pub(crate) fn disarm_transaction_timer(&mut self) {
        if self.transaction_timer.is_some()
            && self.session.transaction_status() == TransactionStatus::Idle
            && let Some(timer) = self.transaction_timer.take()
        {
            self.watchdog.disarm(timer);
        }
    }
}

impl<S: Session> Drop for Connection<S> {
    fn drop(&mut self) {
        for timer in [self.statement_timer.take(), self.transaction_timer.take()].into_iter().flatten() {
            self.watchdog.disarm(timer);
        }
        self.registry.remove(self.backend.process_id);
    }
}
