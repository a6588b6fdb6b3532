//! What the server asks of a database: the seam between sockets and SQL.
//!
//! The listener and the query loop know nothing of SQL, values or transactions; an [`Engine`] opens [`Session`]s and a
//! session turns the protocol's requests into answers, which it appends to a [`MessageBuffer`]: row descriptions,
//! rows, notices, command tags. The rules that both sides rely on:
//!
//! - **Nothing here is async and nothing waits for the network.** Where a session has to wait (a lock) or computes for
//!   long, it tells its [`Host`], so that other sessions go on. Where the client is slow, the session returns
//!   [`Progress::OutputFull`], is called again through [`Queries::resume`] when there is room, and keeps what it needs
//!   to go on in its portal.
//! - **Errors.** When a method returns an error, the session has already done to its transaction what PostgreSQL does:
//!   an open block is failed, an implicit transaction rolled back. Positions are byte offsets into the text that
//!   [`SessionState::source`] gives. An error of severity `FATAL` ends the session.
//! - **Durability.** A commit returns when it is in the log; the client may hear of it when it is on disk. The server calls
//!   [`SessionState::poll_durable`] before it writes anything to the client, so one wait covers a whole pipeline and
//!   many sessions can wait for the same sync without a thread each.
//! - **Dropping** a session rolls back and releases everything.

use pglitedb_sqlstate::{Error, Result};
use pglitedb_wire_protocol::{Bind, MessageBuffer, Parse, Target, TransactionStatus};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A database that can be served.
pub trait Engine: Send + Sync + 'static {
    /// Its sessions.
    type Session: Session;

    /// What authentication has to know about a role; `None` when there is no such role.
    fn role(&self, name: &str) -> Result<Option<RoleAuth>>;

    /// Opens a session for an authenticated user. Unknown roles (28000) and databases (3D000), roles that may not log
    /// in and wrong settings are errors here.
    fn connect(&self, request: ConnectRequest) -> Result<Self::Session>;

    /// Closes the database when the last session is gone: everything is made durable, the clean stop noted.
    fn close(&self) -> Result<()>;
}

/// The part of a role that authentication looks at.
#[derive(Clone, Debug, Default)]
pub struct RoleAuth {
    /// The stored password (`pg_authid.rolpassword`): a SCRAM or MD5 verifier.
    pub password: Option<String>,
    /// Whether `VALID UNTIL` is over.
    pub expired: bool,
}

/// Who wants a session and how.
pub struct ConnectRequest {
    /// Role name.
    pub user: String,
    /// Database name.
    pub database: String,
    /// The remaining startup parameters in order: `options`, `application_name`, `client_encoding`, any setting.
    pub parameters: Vec<(String, String)>,
    /// The client's address; `None` for a Unix socket.
    pub peer: Option<SocketAddr>,
    /// The server's address; `None` for a Unix socket.
    pub server: Option<SocketAddr>,
    /// How the client proved who it is, and as whom; `None` if it did not have to.
    pub system_user: Option<String>,
    /// What the session may ask of the server.
    pub host: Arc<dyn Host>,
}

/// What a session may ask of the server that runs it. Called from the thread that runs the session, except
/// [`Host::wake`].
pub trait Host: Send + Sync {
    /// Runs `wait`, which may block the thread (a lock wait, `pg_sleep`), while other sessions go on.
    fn block(&self, wait: &mut dyn FnMut());

    /// Says that the current statement has been computing for some milliseconds and goes on: other sessions are moved off
    /// this thread. To be called where cancellation is checked, at most every few milliseconds; cheap after the first time.
    fn long_running(&self);

    /// Says, from any thread, that the session has something to attend to although its client sent nothing: an
    /// asynchronous notification, or its termination by `pg_terminate_backend`. The server answers by calling
    /// [`SessionState::attend`] when the session is idle.
    fn wake(&self);
}

/// Why a statement is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// A cancel request: 57014, `canceling statement due to user request`.
    UserRequest,
    /// `statement_timeout` is over: 57014, `canceling statement due to statement timeout`.
    StatementTimeout,
    /// `transaction_timeout` is over: `FATAL` 25P04, `terminating connection due to transaction timeout`.
    TransactionTimeout,
    /// The server stops: `FATAL` 57P01, `terminating connection due to administrator command`.
    Shutdown,
}

/// Stops a session's running statement from another thread.
pub trait Canceller: Send + Sync {
    /// Asks for the running statement to fail, and wakes it from the wait it may be in. The first reason stands, but the
    /// fatal ones override the others.
    fn cancel(&self, reason: CancelReason);

    /// Forgets a [`CancelReason::UserRequest`] or [`CancelReason::StatementTimeout`] that came too late for its statement.
    /// Called whenever the session becomes idle, so it must be cheap.
    fn clear(&self);
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// Everything is in the buffer, including CommandComplete, EmptyQueryResponse or PortalSuspended.
    Complete,
    /// The buffer is full: write it, then call [`Queries::resume`].
    OutputFull,
    /// CopyInResponse is in the buffer: hand the client's data to [`CopyIn`], which finishes the statement.
    CopyIn,
}

/// The time limits in force, from the session's settings; zero means none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// `statement_timeout`.
    pub statement: Duration,
    /// `transaction_timeout`.
    pub transaction: Duration,
    /// `idle_in_transaction_session_timeout`.
    pub idle_in_transaction: Duration,
    /// `idle_session_timeout`.
    pub idle_session: Duration,
}

/// A session as the query loop uses it.
pub trait Session: SessionState + Queries + CopyIn + Send + 'static {}

impl<T: SessionState + Queries + CopyIn + Send + 'static> Session for T {}

/// What the server wants to know about a session between requests.
pub trait SessionState {
    /// Its number as in `pg_backend_pid()` and BackendKeyData; unique in this server while the session lives.
    fn process_id(&self) -> i32;

    /// The handle that stops its statements.
    fn canceller(&self) -> Arc<dyn Canceller>;

    /// What ReadyForQuery is to say.
    fn transaction_status(&self) -> TransactionStatus;

    /// The time limits in force. Called for every request: cheap.
    fn timeouts(&self) -> Timeouts;

    /// Reports each reportable setting (`GUC_REPORT`) that changed since the last call, the first time all of them.
    /// Cheap when nothing changed.
    fn take_parameter_changes(&mut self, report: &mut dyn FnMut(&str, &str));

    /// Hands over asynchronous notifications that may be delivered now: sender's process id, channel, payload.
    /// None inside of a transaction block. Cheap when there are none.
    fn take_notifications(&mut self, deliver: &mut dyn FnMut(i32, &str, &str));

    /// Called after [`Host::wake`] while the session is idle. An error (`FATAL`) ends it.
    fn attend(&mut self) -> Result<()>;

    /// Ready when everything that this session's answers so far rest on is durable: its own commits, and what its
    /// snapshots saw of others'. Otherwise the waker is called when that has changed. An error means that durability can
    /// no longer be had; the answers are dropped and the session ends.
    fn poll_durable(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>>;

    /// The text that the position of an error or notice in a statement refers to: of the prepared statement
    /// `statement`, or `None` when it is unknown. (For simple queries and Parse the server has the text itself.)
    fn source(&self, target: Target<'_>) -> Option<&str>;
}

/// Statements and portals.
///
/// The order of calls follows the protocol. After an error in any of the extended methods the server skips messages
/// until Sync and calls [`Queries::sync`].
pub trait Queries {
    /// Runs a string of statements: their row descriptions, rows and command tags, or EmptyQueryResponse. It stops at the
    /// first error. Statements outside of a block share an implicit transaction, which is committed before
    /// [`Progress::Complete`] is returned.
    fn simple_query(&mut self, sql: &str, out: &mut MessageBuffer) -> Result<Progress>;

    /// Goes on after [`Progress::OutputFull`], in a simple query or in Execute.
    fn resume(&mut self, out: &mut MessageBuffer) -> Result<Progress>;

    /// Prepares a statement; the server adds ParseComplete.
    fn parse(&mut self, parse: &Parse<'_>, out: &mut MessageBuffer) -> Result<()>;

    /// Makes a portal; the server adds BindComplete.
    fn bind(&mut self, bind: &Bind<'_>, out: &mut MessageBuffer) -> Result<()>;

    /// Describes a statement (ParameterDescription, then RowDescription or NoData) or a portal (RowDescription or NoData).
    fn describe(&mut self, target: Target<'_>, out: &mut MessageBuffer) -> Result<()>;

    /// Runs a portal: rows (without a description), then CommandComplete, EmptyQueryResponse, or PortalSuspended once
    /// `max_rows` rows were sent (0: no limit).
    fn execute(&mut self, portal: &str, max_rows: u32, out: &mut MessageBuffer) -> Result<Progress>;

    /// Closes a statement or portal, or does nothing when there is none of that name; the server adds CloseComplete.
    fn close(&mut self, target: Target<'_>) -> Result<()>;

    /// Ends a sequence of extended-protocol messages: commits an implicit transaction.
    fn sync(&mut self, out: &mut MessageBuffer) -> Result<()>;

    /// Tells of an error that the session did not see, such as a malformed message: the transaction fails as it would
    /// have for an error of its own.
    fn abort(&mut self);
}

/// `COPY … FROM STDIN`, after [`Progress::CopyIn`].
pub trait CopyIn {
    /// Takes a piece of data, cut anywhere. After an error the COPY is over; the server ignores the rest of the data.
    fn copy_data(&mut self, data: &[u8]) -> Result<()>;

    /// Takes the end of the data, and goes on with the statement, in a simple query also with the statements after it.
    fn copy_done(&mut self, out: &mut MessageBuffer) -> Result<Progress>;

    /// The client gives up, for `reason`: rolls back and returns the error to report,
    /// 57014 `COPY from stdin failed: {reason}`.
    fn copy_fail(&mut self, reason: &str) -> Error;
}
