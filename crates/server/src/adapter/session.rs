//! A session that is served.

use super::durable::DurableWait;
use super::output::{WireOutput, field};
use crate::engine::{CancelReason, Canceller, CopyIn, Progress, Queries, SessionState, Timeouts};
use pglitedb_database::{Env, Format, Progress as DatabaseProgress, Session, TransactionState};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{CancelReason as StorageReason, CancelToken, Engine};
use pglitedb_types::{Datum, Oid};
use pglitedb_wire_protocol::{Bind, Format as WireFormat, MessageBuffer, Parse, Target, TransactionStatus};
use std::sync::Arc;
use std::task::{Context, Poll};

/// A session behind the protocol.
pub struct ServedSession {
    session: Session,
    engine: Engine,
    durable: DurableWait,
    /// Kept for its allocation.
    types: Vec<Oid>,
    formats: Vec<Format>,
}

impl ServedSession {
    pub(super) fn new(session: Session, engine: Engine) -> Self {
        ServedSession {
            session,
            engine,
            durable: DurableWait::default(),
            types: Vec::new(),
            formats: Vec::new(),
        }
    }
}

/// Stops a session's statements.
struct TokenCanceller(CancelToken);

impl Canceller for TokenCanceller {
    fn cancel(&self, reason: CancelReason) {
        let reason = match reason {
            CancelReason::UserRequest => StorageReason::User,
            CancelReason::StatementTimeout => StorageReason::StatementTimeout,
            CancelReason::TransactionTimeout => StorageReason::TransactionTimeout,
            CancelReason::Shutdown => StorageReason::Terminate,
        };
        self.0.cancel(reason);
    }

    #[inline]
    fn clear(&self) {
        self.0.reset();
    }
}

fn progress(progress: DatabaseProgress) -> Progress {
    match progress {
        DatabaseProgress::Complete => Progress::Complete,
        DatabaseProgress::OutputFull => Progress::OutputFull,
        DatabaseProgress::CopyIn => Progress::CopyIn,
    }
}

fn database_format(format: WireFormat) -> Format {
    match format {
        WireFormat::Text => Format::Text,
        WireFormat::Binary => Format::Binary,
    }
}

impl SessionState for ServedSession {
    fn process_id(&self) -> i32 {
        i32::try_from(self.session.process_id()).unwrap_or(i32::MAX)
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        Arc::new(TokenCanceller(self.session.cancel_token()))
    }

    fn transaction_status(&self) -> TransactionStatus {
        match self.session.transaction_state() {
            TransactionState::Idle => TransactionStatus::Idle,
            TransactionState::Active => TransactionStatus::Active,
            TransactionState::Failed => TransactionStatus::Failed,
        }
    }

    fn timeouts(&self) -> Timeouts {
        let limits = self.session.time_limits();
        Timeouts {
            statement: limits.statement,
            transaction: limits.transaction,
            idle_in_transaction: limits.idle_in_transaction,
            idle_session: limits.idle_session,
        }
    }

    fn take_parameter_changes(&mut self, report: &mut dyn FnMut(&str, &str)) {
        self.session.take_setting_changes(report);
    }

    fn take_notifications(&mut self, deliver: &mut dyn FnMut(i32, &str, &str)) {
        self.session.take_notifications(&mut |pid, channel, payload| {
            deliver(i32::try_from(pid).unwrap_or(i32::MAX), channel, payload);
        });
    }

    fn attend(&mut self) -> Result<()> {
        self.session.attend()
    }

    fn poll_durable(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.durable.poll(&self.engine, self.session.must_be_durable(), cx)
    }

    fn source(&self, _target: Target<'_>) -> Option<&str> {
        Some(self.session.last_source())
    }
}

impl Queries for ServedSession {
    fn simple_query(&mut self, sql: &str, out: &mut MessageBuffer) -> Result<Progress> {
        self.session.simple_query(sql, &mut WireOutput { out }).map(progress)
    }

    fn resume(&mut self, out: &mut MessageBuffer) -> Result<Progress> {
        self.session.resume(&mut WireOutput { out }).map(progress)
    }

    fn parse(&mut self, parse: &Parse<'_>, out: &mut MessageBuffer) -> Result<()> {
        self.types.clear();
        self.types.extend(parse.param_types.iter());
        self.session.parse(parse.statement, parse.sql, &self.types, &mut WireOutput { out })
    }

    fn bind(&mut self, bind: &Bind<'_>, out: &mut MessageBuffer) -> Result<()> {
        let count = bind.params.len();
        if bind.param_formats.len() > 1 && bind.param_formats.len() != count {
            return Err(err!(
                PROTOCOL_VIOLATION,
                "bind message has {} parameter formats but {count} parameters",
                bind.param_formats.len()
            ));
        }
        self.formats.clear();
        let formats = bind.result_formats.len();
        self.formats.extend((0..formats).map(|at| database_format(bind.result_formats.get(at))));
        let mut values = bind.params.iter();
        let mut decode = |at: usize, type_oid: Oid, env: &Env| match values.next().flatten() {
            None => Ok(Datum::Null),
            Some(bytes) => decode(bytes, bind.param_formats.get(at), type_oid, env)
                .map_err(|error| at_parameter(error, at, bind.portal)),
        };
        let mut out = WireOutput { out };
        self.session.bind(bind.portal, bind.statement, count, &self.formats, &mut decode, &mut out)
    }

    fn describe(&mut self, target: Target<'_>, out: &mut MessageBuffer) -> Result<()> {
        match target {
            Target::Statement(name) => {
                let description = self.session.describe_statement(name, &mut WireOutput { out })?;
                out.parameter_description(description.params.iter().copied())?;
                match &description.columns {
                    Some(columns) => {
                        out.row_description(columns.iter().map(|column| field(column, Format::Text)))?;
                    }
                    None => out.no_data(),
                }
            }
            Target::Portal(name) => match self.session.describe_portal(name, &mut WireOutput { out })? {
                Some(shape) => {
                    let columns = shape.columns.iter().enumerate();
                    out.row_description(columns.map(|(at, column)| field(column, shape.format(at))))?;
                }
                None => out.no_data(),
            },
        }
        Ok(())
    }

    fn execute(&mut self, portal: &str, max_rows: u32, out: &mut MessageBuffer) -> Result<Progress> {
        self.session.execute(portal, u64::from(max_rows), &mut WireOutput { out }).map(progress)
    }

    fn close(&mut self, target: Target<'_>) -> Result<()> {
        match target {
            Target::Statement(name) => self.session.close_statement(name),
            Target::Portal(name) => self.session.close_portal(name),
        }
        Ok(())
    }

    fn sync(&mut self, out: &mut MessageBuffer) -> Result<()> {
        self.session.sync(&mut WireOutput { out })
    }

    fn abort(&mut self) {
        self.session.abort();
    }
}

#[inline]
fn decode(bytes: &[u8], format: WireFormat, type_oid: Oid, env: &Env) -> Result<Datum> {
    match format {
        WireFormat::Binary => pglitedb_types::recv(bytes, type_oid, -1, env),
        WireFormat::Text => {
            let text = std::str::from_utf8(bytes).map_err(|_| {
                err!(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\"")
            })?;
            pglitedb_types::input(text, type_oid, -1, env)
        }
    }
}

#[cold]
fn at_parameter(error: Error, at: usize, portal: &str) -> Error {
    if portal.is_empty() {
        error.context(format!("unnamed portal parameter ${}", at + 1))
    } else {
        error.context(format!("portal \"{portal}\" parameter ${}", at + 1))
    }
}

impl CopyIn for ServedSession {
    fn copy_data(&mut self, data: &[u8]) -> Result<()> {
        self.session.copy_data(data)
    }

    fn copy_done(&mut self, out: &mut MessageBuffer) -> Result<Progress> {
        self.session.copy_done(&mut WireOutput { out }).map(progress)
    }

    fn copy_fail(&mut self, reason: &str) -> Error {
        self.session.copy_fail(reason)
    }
}
