//! Sessions: what a client may ask for.
//!
//! - `connect`: opening one
//! - `simple`: strings of statements
//! - `extended`: prepared statements and portals
//! - `handle`: prepared statements without a name
//! - `copying`: data of COPY FROM STDIN
//! - `status`: what a server wants to know between requests
//! - `registry`: all sessions of a cluster
//! - `listen`: notifications

mod connect;
mod copying;
mod extended;
mod handle;
mod listen;
mod registry;
mod sequences;
mod simple;
mod status;

pub use connect::ConnectOptions;
pub use extended::Description;
pub use handle::StatementHandle;
pub(crate) use listen::ListenState;
pub(crate) use registry::SessionRegistry;
pub use registry::{Activity, SessionInfo};
pub use sequences::{SequenceState, SequenceUse};
pub use status::{TimeLimits, TransactionState};

use crate::env::Env;
use crate::output::Output;
use crate::portal::Portal;
use copying::CopyRun;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;
use simple::Batch;
use std::sync::Arc;

/// A session. Owned by one connection; dropping it rolls back and releases everything.
pub struct Session {
    pub(crate) env: Env,
    /// Statements of a simple query that are still to be run.
    batch: Option<Batch>,
    /// The statement of a simple query that is running.
    current: Option<Box<Portal>>,
    /// The portal of an Execute that waits for room in the output, and its remaining row limit.
    paused: Option<(Box<Portal>, u64)>,
    copy: Option<CopyRun>,
    /// An Execute was carried out since the last Sync: the next one shares its transaction.
    pipelined: bool,
    no_params: Arc<[Datum]>,
    /// A portal to be used again.
    spare: Option<Box<Portal>>,
    /// Text of the statement that was last bound or run: positions refer to it.
    source: Arc<str>,
}

const fn assert_send<T: Send>() {}
const _: () = assert_send::<Session>();

impl Session {
    fn new(env: Env) -> Self {
        Session {
            env,
            batch: None,
            current: None,
            paused: None,
            copy: None,
            pipelined: false,
            no_params: Arc::new([]),
            spare: None,
            source: Arc::from(""),
        }
    }

    /// The environment, for input and output of values between statements.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Hands collected notices to the client.
    #[inline]
    fn flush_notices(&self, out: &mut dyn Output) {
        if self.env.notices.borrow().is_empty() {
            return;
        }
        let source = match &self.batch {
            None => Some(&*self.source),
            Some(batch) => batch.source(),
        };
        for notice in self.env.notices.take() {
            out.notice(&notice, source);
        }
    }

    /// Ends a request: notices first; an error fails the transaction.
    #[inline]
    fn settle<T>(&mut self, result: Result<T>, out: &mut dyn Output) -> Result<T> {
        self.flush_notices(out);
        if result.is_err() {
            self.failed();
        }
        result
    }

    /// What an error does: everything that was going on is over.
    fn failed(&mut self) {
        self.batch = None;
        self.current = None;
        self.paused = None;
        self.copy = None;
        self.env.discloses.set(true);
        self.env.fail_transaction();
    }

    /// The client's error, not ours: the transaction fails as it would have for an error of its own.
    pub fn abort(&mut self) {
        self.failed();
    }
}
