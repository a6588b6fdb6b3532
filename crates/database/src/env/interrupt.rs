//! Cancellation, and telling the host that a thread is busy or about to wait.

use super::Env;
use pglitedb_sqlstate::Result;
use pglitedb_storage::Engine;
use pglitedb_tables::storage_error;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What runs the session (a server), as far as the session has to know.
pub trait SessionHost: Send + Sync {
    /// Runs `wait`, which may block the thread.
    fn block(&self, wait: &mut dyn FnMut());

    /// The statement has been computing for some milliseconds and goes on.
    fn long_running(&self);

    /// The session has something to attend to (a notification, its termination). From any thread.
    fn wake(&self);
}

thread_local! {
    /// The host of the session that runs on this thread.
    static HOST: RefCell<Option<Arc<dyn SessionHost>>> = const { RefCell::new(None) };
}

/// Makes the engine's waits known to the host of whatever session waits.
pub fn install_blocking_hook(engine: &Engine) {
    engine.locks().set_blocking_hook(Arc::new(|wait: &mut dyn FnMut()| {
        let host = HOST.with(|host| host.borrow().clone());
        match host {
            Some(host) => host.block(wait),
            None => wait(),
        }
    }));
}

/// Calls of `check_interrupts` between looks at the clock.
const CHECKS_PER_LOOK: u32 = 4096;
/// How long a statement may compute before the host hears of it.
const LONG: Duration = Duration::from_millis(2);

/// State of a session's interrupts.
#[derive(Default)]
pub(crate) struct Interrupts {
    pub host: Option<Arc<dyn SessionHost>>,
    checks: Cell<u32>,
    started: Cell<Option<Instant>>,
    /// Where the stack stood when the session began to run.
    stack_base: Cell<usize>,
}

/// While it lives, the session's host is the thread's.
pub(crate) struct Running(bool);

impl Drop for Running {
    fn drop(&mut self) {
        if self.0 {
            HOST.with(|host| host.borrow_mut().take());
        }
    }
}

impl Interrupts {
    pub(crate) fn new(host: Option<Arc<dyn SessionHost>>) -> Self {
        Interrupts { host, ..Interrupts::default() }
    }

    /// The session begins to run on this thread.
    pub(crate) fn enter(&self) -> Running {
        self.stack_base.set(crate::routine::stack_address());
        match &self.host {
            Some(own) => {
                self.checks.set(0);
                self.started.set(None);
                HOST.with(|host| *host.borrow_mut() = Some(own.clone()));
                Running(true)
            }
            None => Running(false),
        }
    }

    /// Where the stack stood when the session began to run.
    pub(crate) fn stack_base(&self) -> usize {
        self.stack_base.get()
    }

    #[cold]
    fn look_at_clock(&self) {
        self.checks.set(0);
        let Some(host) = &self.host else { return };
        match self.started.get() {
            None => self.started.set(Some(Instant::now())),
            Some(started) if started.elapsed() > LONG => {
                host.long_running();
                self.started.set(Some(Instant::now()));
            }
            Some(_) => {}
        }
    }
}

impl Env {
    /// Fails if the statement was cancelled.
    #[inline]
    pub(crate) fn check_cancel(&self) -> Result<()> {
        let checks = self.interrupts.checks.get() + 1;
        self.interrupts.checks.set(checks);
        if checks >= CHECKS_PER_LOOK {
            self.interrupts.look_at_clock();
        }
        self.cancel.check().map_err(storage_error)
    }

    /// Runs something that may block the thread.
    pub fn block(&self, wait: &mut dyn FnMut()) {
        match &self.interrupts.host {
            Some(host) => host.block(wait),
            None => wait(),
        }
    }
}
