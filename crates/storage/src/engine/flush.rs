//! Getting the log to disk: by those who wait for it, and by the log thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::Thread;
use std::time::Instant;

use super::shared::Shared;
use crate::config::SyncMode;
use crate::error::{Error, Result};
use crate::types::Lsn;

/// Called when the log is durable up to a place, or has failed.
pub(crate) type Callback = Box<dyn FnOnce(Result<()>) + Send>;

/// Who writes the log, and who waits for it.
#[derive(Default)]
pub(crate) struct FlushState {
    /// Whether somebody is writing.
    flushing: bool,
    /// Whether the log thread is to write now.
    wanted: bool,
    pub(crate) stop: bool,
    callbacks: Vec<(Lsn, Callback)>,
    /// Threads that wait for the log to be durable up to a place.
    waiting: Vec<(Lsn, Arc<Turn>)>,
}

/// What a thread that waits is woken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// To look around: what it waits for is durable, or never will be.
    Done = 1,
    /// To write for all.
    Writer = 2,
}

/// Where one thread waits. It is woken once.
struct Turn {
    role: AtomicU8,
    thread: Thread,
}

impl Turn {
    fn new() -> Turn {
        Turn { role: AtomicU8::new(0), thread: std::thread::current() }
    }

    fn take(&self, role: Role) {
        self.role.store(role as u8, Ordering::Release);
        self.thread.unpark();
    }

    /// Sleeps until woken, and says whether it is to write.
    fn leads(&self) -> bool {
        loop {
            match self.role.load(Ordering::Acquire) {
                0 => std::thread::park(),
                role => return role == Role::Writer as u8,
            }
        }
    }
}

impl Shared {
    pub(crate) fn durable_lsn(&self) -> Lsn {
        Lsn(self.durable.load(Ordering::Acquire))
    }

    /// Writes, and if asked syncs, everything in the log buffer. A failure poisons the engine.
    pub(crate) fn flush_log(&self, sync: bool) -> Result<()> {
        self.check_poison()?;
        let Some(writer) = &self.writer else { return Ok(()) };
        let mut writer = writer.lock();
        let spare = writer.take_spare();
        let ((bytes, start), end) = {
            let mut sequence = self.sequence.lock();
            let end = sequence.log.end();
            (sequence.log.take(spare), end)
        };
        let sync = sync && self.durable_lsn() < end;
        let outcome = writer.write(bytes, start, sync);
        if outcome.is_ok() && sync {
            self.durable.fetch_max(end.0, Ordering::AcqRel);
        }
        drop(writer);
        if let Err(error) = &outcome {
            self.poison(error);
        }
        outcome
    }

    fn check_poison(&self) -> Result<()> {
        match self.check_writable() {
            Err(Error::Closed) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Blocks until the log is durable up to `lsn`.
    pub(crate) fn wait_durable(&self, lsn: Lsn) -> Result<()> {
        if self.writer.is_none() || self.durable_lsn() >= lsn {
            return Ok(());
        }
        self.locks.blocking(|| self.wait_or_lead(lsn))
    }

    /// Waits for whoever is writing, and writes for all if nobody is.
    fn wait_or_lead(&self, lsn: Lsn) -> Result<()> {
        loop {
            let turn = {
                let mut state = self.flush.lock();
                if self.durable_lsn() >= lsn {
                    return Ok(());
                }
                self.check_poison()?;
                if std::mem::replace(&mut state.flushing, true) {
                    let turn = Arc::new(Turn::new());
                    state.waiting.push((lsn, Arc::clone(&turn)));
                    Some(turn)
                } else {
                    None
                }
            };
            if turn.is_none_or(|turn| turn.leads()) {
                let outcome = self.flush_log(true);
                self.finish_flush(&outcome);
                outcome?;
            }
        }
    }

    /// Ends one's turn as the writer: wakes those who have waited long enough, makes the first of the others the next writer, and
    /// calls those who asked for it.
    fn finish_flush(&self, outcome: &Result<()>) {
        let mut ready = Vec::new();
        let (woken, next) = {
            let mut state = self.flush.lock();
            let durable = self.durable_lsn();
            let done = |lsn: &Lsn| outcome.is_err() || *lsn <= durable;
            let woken: Vec<_> = state.waiting.extract_if(.., |(lsn, _)| done(lsn)).collect();
            ready.extend(state.callbacks.extract_if(.., |(lsn, _)| done(lsn)).map(|(_, callback)| callback));
            let next = if state.waiting.is_empty() { None } else { Some(state.waiting.remove(0).1) };
            state.flushing = next.is_some();
            if next.is_none() && !state.callbacks.is_empty() {
                self.flush_wanted.notify_one();
            }
            (woken, next)
        };
        if let Some(next) = next {
            next.take(Role::Writer);
        }
        self.flushed.notify_all();
        woken.into_iter().for_each(|(_, turn)| turn.take(Role::Done));
        for callback in ready {
            callback(outcome.clone());
        }
    }

    /// Wakes all who wait for the log, to look around.
    pub(crate) fn wake_waiting(&self) {
        let woken = std::mem::take(&mut self.flush.lock().waiting);
        woken.into_iter().for_each(|(_, turn)| turn.take(Role::Done));
        self.flushed.notify_all();
    }

    /// Calls back once the log is durable up to `lsn`.
    pub(crate) fn on_durable(&self, lsn: Lsn, callback: Callback) {
        if self.writer.is_none() || self.durable_lsn() >= lsn {
            return callback(Ok(()));
        }
        if let Err(error) = self.check_poison() {
            return callback(Err(error));
        }
        if !self.config.background || self.closed.load(Ordering::Acquire) {
            return callback(self.wait_durable(lsn));
        }
        let mut state = self.flush.lock();
        state.callbacks.push((lsn, callback));
        if !state.flushing {
            self.flush_wanted.notify_one();
        }
    }

    /// Lets the log thread write within `sync_interval`, or at once.
    pub(crate) fn nudge_flush(&self, at_once: bool) {
        if !self.config.background || self.writer.is_none() {
            return;
        }
        if at_once {
            self.flush.lock().wanted = true;
            self.flush_wanted.notify_one();
        } else if !self.flush_armed.swap(true, Ordering::AcqRel) {
            drop(self.flush.lock());
            self.flush_wanted.notify_one();
        }
    }

    /// The log thread.
    pub(crate) fn run_flusher(self: Arc<Self>) {
        let sync = matches!(self.config.sync_mode, SyncMode::Full | SyncMode::Normal { .. });
        let mut deadline: Option<Instant> = None;
        let mut state = self.flush.lock();
        loop {
            if state.stop {
                return;
            }
            if deadline.is_none() && self.flush_armed.load(Ordering::Acquire) {
                deadline = Instant::now().checked_add(self.config.sync_interval);
            }
            let due = deadline.is_some_and(|at| at <= Instant::now());
            let asked = state.wanted || !state.callbacks.is_empty();
            if (!asked && !due) || state.flushing {
                match deadline.filter(|_| !state.flushing) {
                    Some(at) => drop(self.flush_wanted.wait_until(&mut state, at)),
                    None if state.flushing => self.flushed.wait(&mut state),
                    None => self.flush_wanted.wait(&mut state),
                }
                continue;
            }
            let must_sync = sync || !state.callbacks.is_empty();
            state.wanted = false;
            state.flushing = true;
            deadline = None;
            self.flush_armed.store(false, Ordering::Release);
            drop(state);
            let outcome = self.flush_log(must_sync);
            self.finish_flush(&outcome);
            state = self.flush.lock();
        }
    }

    /// Appends operations outside of transactions: a record of their own.
    pub(crate) fn append_direct(&self, payload: &[u8]) -> Result<Lsn> {
        let checksum = crc32c::crc32c(payload);
        let lsn = {
            let mut sequence = self.sequence.lock();
            self.check_writable()?;
            let durable = self.durable_lsn();
            let lsn = sequence.log.append(payload, checksum, 0, false, durable);
            self.raise_barrier(lsn);
            self.last_lsn.store(lsn.0, Ordering::Release);
            lsn
        };
        self.nudge_flush(false);
        Ok(lsn)
    }
}
