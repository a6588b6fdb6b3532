//! The query loop: what each message of the client means.
//!
//! Everything here is synchronous; [`Connection::run`] does the waiting between the steps. Messages that have arrived
//! together are worked off before anything is written, so a pipeline costs one write.

use super::connection::{Connection, Origin, Phase, Step};
use crate::engine::{Progress, Session};
use pglitedb_sqlstate::{Error, Severity, err};
use pglitedb_wire_protocol::{
    Frame, FrontendMessage, MessageBuffer, Parse, Target, TransactionStatus, next_frame,
};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How the handling of one message ended.
enum Handled {
    /// An extended-protocol message, done.
    Done,
    /// A statement came this far.
    Ran(Progress, Origin),
    /// Sync, or a message that ends with ReadyForQuery.
    Ready,
    /// Flush.
    Flush,
    /// Terminate.
    Goodbye,
    /// An error, already in the buffer.
    Failed { fatal: bool, origin: Origin },
}

impl<S: Session> Connection<S> {
    /// Does one thing: a message, or a piece of a statement's output. A panic is a defect of ours; it costs this client
    /// its session, whose state can't be trusted any more, and nobody else anything.
    pub(crate) fn step(&mut self) -> Step {
        match catch_unwind(AssertUnwindSafe(|| self.one_step())) {
            Ok(step) => step,
            Err(panic) => {
                self.out.report(&panicked(&*panic), None);
                Step::Close
            }
        }
    }

    fn one_step(&mut self) -> Step {
        if let Phase::Output(origin) = self.phase {
            self.phase = Phase::Ready;
            let handled = match self.session.resume(&mut self.out) {
                Ok(progress) => Handled::Ran(progress, origin),
                Err(error) => fail(&mut self.out, &error, None, origin),
            };
            return self.conclude(handled);
        }
        let frame = match next_frame(self.input.filled(), &self.limits) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Step::NeedInput,
            Err(error) => {
                self.out.report(&error, None);
                return Step::Close;
            }
        };
        // Borrowed from `self.input` alone, so that the rest of `self` stays free.
        let (tag, size) = (frame.tag, frame.size);
        let handled = match self.phase {
            _ if self.skip_to_sync && !matches!(tag, b'S' | b'X') => Handled::Done,
            Phase::CopyIn(origin) => self.copy_message(size, origin),
            _ => self.message(size),
        };
        self.input.consume(size);
        self.conclude(handled)
    }

    /// Does what follows from how a message ended.
    fn conclude(&mut self, handled: Handled) -> Step {
        match handled {
            Handled::Done => Step::Next,
            Handled::Flush => Step::Write,
            Handled::Goodbye => Step::Close,
            Handled::Ran(Progress::OutputFull, origin) => {
                self.phase = Phase::Output(origin);
                Step::Write
            }
            Handled::Ran(Progress::CopyIn, origin) => {
                self.phase = Phase::CopyIn(origin);
                Step::Write
            }
            Handled::Ran(Progress::Complete, Origin::Extended) => {
                self.disarm_statement_timer();
                Step::Next
            }
            Handled::Ran(Progress::Complete, Origin::Simple) | Handled::Ready => self.ready(),
            Handled::Failed { fatal: true, .. } => Step::Close,
            Handled::Failed { origin: Origin::Simple, .. } => self.ready(),
            Handled::Failed { origin: Origin::Extended, .. } => {
                self.disarm_statement_timer();
                self.skip_to_sync = true;
                Step::Next
            }
        }
    }

    /// Ends a simple query or a sequence of extended-protocol messages.
    fn ready(&mut self) -> Step {
        self.disarm_statement_timer();
        self.disarm_transaction_timer();
        let Connection { session, out, .. } = self;
        let status = session.transaction_status();
        if status == TransactionStatus::Idle {
            session.take_notifications(&mut |pid, channel, payload| out.notification(pid, channel, payload));
        }
        session.take_parameter_changes(&mut |name, value| out.parameter_status(name, value));
        out.ready_for_query(status);
        Step::Next
    }

    /// Handles the message of `size` bytes at the head of the input.
    fn message(&mut self, size: usize) -> Handled {
        self.backend.signal.begin_statement();
        if self.wants_timers() {
            self.arm_timers();
        }
        let Connection { input, session, out, skip_to_sync, .. } = self;
        let Some(frame) = frame_of(input.filled(), size) else { return Handled::Done };
        let origin = if matches!(frame.tag, b'P' | b'B' | b'D' | b'E' | b'C' | b'H') {
            Origin::Extended
        } else {
            Origin::Simple
        };
        let message = match FrontendMessage::decode(&frame) {
            Ok(message) => message,
            Err(error) => {
                session.abort();
                return fail(out, &error, None, origin);
            }
        };
        match message {
            FrontendMessage::Query(sql) => match session.simple_query(sql, out) {
                Ok(progress) => Handled::Ran(progress, Origin::Simple),
                Err(error) => fail(out, &error, Some(sql), Origin::Simple),
            },
            FrontendMessage::Sync => {
                *skip_to_sync = false;
                match session.sync(out) {
                    Ok(()) => Handled::Ready,
                    Err(error) => fail(out, &error, None, Origin::Simple),
                }
            }
            FrontendMessage::Flush => Handled::Flush,
            FrontendMessage::Terminate => Handled::Goodbye,
            // A client that has not noticed yet that its COPY failed.
            FrontendMessage::CopyData(_) | FrontendMessage::CopyDone | FrontendMessage::CopyFail(_) => {
                Handled::Done
            }
            FrontendMessage::FunctionCall(_) => {
                session.abort();
                let error = Error::unsupported("function calls by OID (message F) are not supported");
                fail(out, &error, None, Origin::Simple)
            }
            FrontendMessage::Password(_) => {
                let error = err!(PROTOCOL_VIOLATION, "invalid frontend message type 112");
                fail(out, &error.severity(Severity::Fatal), None, Origin::Simple)
            }
            extended => extended_message(session, out, extended),
        }
    }

    /// Handles a message while a statement waits for COPY data.
    fn copy_message(&mut self, size: usize, origin: Origin) -> Handled {
        let Connection { input, session, out, .. } = self;
        let Some(frame) = frame_of(input.filled(), size) else { return Handled::Done };
        let message = FrontendMessage::decode(&frame);
        let outcome = match message {
            Ok(FrontendMessage::CopyData(data)) => match session.copy_data(data) {
                Ok(()) => return Handled::Done,
                Err(error) => Err(error),
            },
            Ok(FrontendMessage::CopyDone) => session.copy_done(out),
            Ok(FrontendMessage::CopyFail(reason)) => Err(session.copy_fail(reason)),
            // Clients send these blindly behind Execute.
            Ok(FrontendMessage::Sync | FrontendMessage::Flush) => return Handled::Done,
            Ok(FrontendMessage::Terminate) => return Handled::Goodbye,
            Ok(_) => {
                session.abort();
                Err(err!(
                    PROTOCOL_VIOLATION,
                    "unexpected message type 0x{:02X} during COPY from stdin",
                    frame.tag
                ))
            }
            Err(error) => {
                session.abort();
                Err(error)
            }
        };
        self.phase = Phase::Ready;
        match outcome {
            Ok(progress) => Handled::Ran(progress, origin),
            Err(error) => fail(&mut self.out, &error, None, origin),
        }
    }

    fn wants_timers(&self) -> bool {
        let limits = self.session.timeouts();
        !(limits.statement.is_zero() && limits.transaction.is_zero())
    }
}

/// What a client is told of a panic.
#[cold]
fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown");
    Error::internal(format!("the session failed: {text}")).severity(Severity::Fatal)
}

/// The complete message that is known to be at the head of the input.
fn frame_of(input: &[u8], size: usize) -> Option<Frame<'_>> {
    let (&tag, body) = (input.first()?, input.get(5..size)?);
    Some(Frame { tag, body, size })
}

/// Puts an error into the buffer.
fn fail(out: &mut MessageBuffer, error: &Error, source: Option<&str>, origin: Origin) -> Handled {
    out.report(error, source);
    Handled::Failed { fatal: error.fields().severity >= Severity::Fatal, origin }
}

/// Parse, Bind, Describe, Execute and Close.
fn extended_message<S: Session>(
    session: &mut S,
    out: &mut MessageBuffer,
    message: FrontendMessage<'_>,
) -> Handled {
    let outcome = match message {
        FrontendMessage::Parse(parse) => return parse_message(session, out, &parse),
        FrontendMessage::Bind(bind) => match session.bind(&bind, out) {
            Ok(()) => {
                out.bind_complete();
                Ok(())
            }
            Err(error) => Err((error, Some(Target::Statement(bind.statement)))),
        },
        FrontendMessage::Describe(target) => {
            session.describe(target, out).map_err(|error| (error, Some(target)))
        }
        FrontendMessage::Close(target) => match session.close(target) {
            Ok(()) => {
                out.close_complete();
                Ok(())
            }
            Err(error) => Err((error, None)),
        },
        FrontendMessage::Execute { portal, max_rows } => match session.execute(portal, max_rows, out) {
            Ok(progress) => return Handled::Ran(progress, Origin::Extended),
            Err(error) => Err((error, Some(Target::Portal(portal)))),
        },
        _ => Ok(()),
    };
    match outcome {
        Ok(()) => Handled::Done,
        Err((error, target)) => {
            let source = target.and_then(|target| session.source(target));
            fail(out, &error, source, Origin::Extended)
        }
    }
}

fn parse_message<S: Session>(session: &mut S, out: &mut MessageBuffer, parse: &Parse<'_>) -> Handled {
    match session.parse(parse, out) {
        Ok(()) => {
            out.parse_complete();
            Handled::Done
        }
        Err(error) => fail(out, &error, Some(parse.sql), Origin::Extended),
    }
}
