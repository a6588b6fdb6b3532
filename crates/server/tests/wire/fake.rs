//! A session that knows a handful of commands, to test the loop in front of it without a database:
//!
//! `select N`, `select $1` (text), `rows N`, `begin`, `commit`, `rollback`, `fail`, `panic`, `sleep MS` (blocks), `spin MS`
//! (computes), `copy in`, `copy out N`, `set NAME VALUE`, `notice TEXT`, `listen`, `notify TEXT`, `write` (a commit that is
//! durable 20 ms later), `lose` (one that never will be).

use parking_lot::{Condvar, Mutex};
use pglitedb_server::engine::*;
use pglitedb_sqlstate::{Error, Result, Severity, bail, codes, err};
use pglitedb_wire_protocol::{
    Bind, CopyFormat, Field, Format, MessageBuffer, Parse, Target, TransactionStatus,
};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

#[derive(Default)]
pub struct FakeEngine {
    pub roles: HashMap<String, RoleAuth>,
    pub closed: Arc<AtomicBool>,
    next: AtomicI32,
    bus: Arc<Mutex<Vec<Arc<Mailbox>>>>,
}

struct Mailbox {
    host: Arc<dyn Host>,
    messages: Mutex<VecDeque<(i32, String)>>,
}

#[derive(Default)]
struct Flag {
    reason: Mutex<Option<CancelReason>>,
    changed: Condvar,
}

impl Canceller for Flag {
    fn cancel(&self, reason: CancelReason) {
        self.reason.lock().get_or_insert(reason);
        self.changed.notify_all();
    }

    fn clear(&self) {
        let mut reason = self.reason.lock();
        if matches!(*reason, Some(CancelReason::UserRequest | CancelReason::StatementTimeout)) {
            *reason = None;
        }
    }
}

impl Flag {
    fn check(&self) -> Result<()> {
        let reason = self.reason.lock().take();
        Err(match reason {
            None => return Ok(()),
            Some(CancelReason::UserRequest) => {
                err!(QUERY_CANCELED, "canceling statement due to user request")
            }
            Some(CancelReason::StatementTimeout) => {
                err!(QUERY_CANCELED, "canceling statement due to statement timeout")
            }
            Some(CancelReason::TransactionTimeout) => {
                err!(TRANSACTION_TIMEOUT, "terminating connection due to transaction timeout")
                    .severity(Severity::Fatal)
            }
            Some(CancelReason::Shutdown) => {
                err!(ADMIN_SHUTDOWN, "terminating connection due to administrator command")
                    .severity(Severity::Fatal)
            }
        })
    }
}

impl Engine for FakeEngine {
    type Session = FakeSession;

    fn role(&self, name: &str) -> Result<Option<RoleAuth>> {
        Ok(self.roles.get(name).cloned())
    }

    fn connect(&self, request: ConnectRequest) -> Result<FakeSession> {
        if request.database == "nowhere" {
            bail!(INVALID_CATALOG_NAME, "database \"nowhere\" does not exist");
        }
        let settings = [("server_version", "18.6"), ("client_encoding", "UTF8"), ("who", &request.user)];
        Ok(FakeSession {
            pid: self.next.fetch_add(1, Ordering::SeqCst) + 100,
            flag: Arc::default(),
            status: TransactionStatus::Idle,
            timeouts: Timeouts::default(),
            changed: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            mailbox: Arc::new(Mailbox { host: request.host.clone(), messages: Mutex::default() }),
            bus: self.bus.clone(),
            host: request.host,
            statements: HashMap::new(),
            portals: HashMap::new(),
            todo: VecDeque::new(),
            rows: None,
            copied: None,
            durable: None,
        })
    }

    fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::SeqCst);
        Ok(())
    }
}

#[derive(Clone)]
struct Portal {
    sql: String,
    params: Vec<Option<Vec<u8>>>,
    format: Format,
    sent: u32,
}

struct Rows {
    portal: Option<String>,
    next: u32,
    end: u32,
    stop: u32,
    format: Format,
    copy: bool,
}

pub struct FakeSession {
    pid: i32,
    flag: Arc<Flag>,
    status: TransactionStatus,
    timeouts: Timeouts,
    changed: Vec<(String, String)>,
    mailbox: Arc<Mailbox>,
    bus: Arc<Mutex<Vec<Arc<Mailbox>>>>,
    host: Arc<dyn Host>,
    statements: HashMap<String, String>,
    portals: HashMap<String, Portal>,
    todo: VecDeque<String>,
    rows: Option<Rows>,
    copied: Option<usize>,
    durable: Option<Arc<Mutex<Durable>>>,
}

#[derive(Default)]
struct Durable {
    done: Option<Result<()>>,
    waker: Option<std::task::Waker>,
}

fn field(name: &'static str, type_oid: u32, type_size: i16, format: Format) -> Field<'static> {
    Field { name, table: 0, attribute: 0, type_oid, type_size, type_modifier: -1, format }
}

fn describe_sql(sql: &str, format: Format, out: &mut MessageBuffer) -> Result<bool> {
    if sql.starts_with("rows ") {
        let fields = [field("n", 23, 4, format), field("text", 25, -1, format)];
        out.row_description(fields.into_iter())?;
    } else if sql == "select $1" {
        out.row_description([field("value", 25, -1, format)].into_iter())?;
    } else if sql.starts_with("select ") {
        out.row_description([field("value", 23, 4, format)].into_iter())?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

impl FakeSession {
    fn fail(&mut self) {
        self.todo.clear();
        self.rows = None;
        self.copied = None;
        if self.status == TransactionStatus::Active {
            self.status = TransactionStatus::Failed;
        }
    }

    fn check<T>(&mut self, result: Result<T>) -> Result<T> {
        result.inspect_err(|_| self.fail())
    }

    fn run_todo(&mut self, out: &mut MessageBuffer) -> Result<Progress> {
        while let Some(sql) = self.todo.pop_front() {
            describe_sql(&sql, Format::Text, out)?;
            let portal = Portal { sql, params: vec![], format: Format::Text, sent: 0 };
            match self.statement(&portal, None, 0, out)? {
                Progress::Complete => {}
                other => return Ok(other),
            }
        }
        Ok(Progress::Complete)
    }

    fn statement(
        &mut self,
        portal: &Portal,
        name: Option<String>,
        max_rows: u32,
        out: &mut MessageBuffer,
    ) -> Result<Progress> {
        let sql = portal.sql.as_str();
        let (command, argument) = sql.split_once(' ').unwrap_or((sql, ""));
        if self.status == TransactionStatus::Failed && !matches!(command, "commit" | "rollback" | "ROLLBACK")
        {
            bail!(
                IN_FAILED_SQL_TRANSACTION,
                "current transaction is aborted, commands ignored until end of transaction block"
            );
        }
        let number = argument.parse::<u64>().unwrap_or(0);
        match command.to_ascii_lowercase().as_str() {
            "select" if argument == "$1" => {
                let mut row = out.begin_row(1)?;
                match portal.params.first().cloned().flatten() {
                    Some(value) => row.bytes(&value)?,
                    None => row.null(),
                }
                row.finish()?;
                out.command_complete("SELECT 1");
            }
            "select" => {
                let mut row = out.begin_row(1)?;
                row.value(|bytes| {
                    integer(bytes, number as i32, portal.format);
                    Ok(())
                })?;
                row.finish()?;
                out.command_complete("SELECT 1");
            }
            "rows" => {
                let end = number as u32;
                let stop = if max_rows == 0 { end } else { end.min(portal.sent + max_rows) };
                let copy = false;
                self.rows =
                    Some(Rows { portal: name, next: portal.sent, end, stop, format: portal.format, copy });
                return self.more_rows(out);
            }
            "begin" | "start" | "commit" | "rollback" => {
                let begins = matches!(command, "begin" | "START");
                self.status = if begins { TransactionStatus::Active } else { TransactionStatus::Idle };
                out.command_complete(&command.to_uppercase());
            }
            "panic" => panic!("told to"),
            "fail" => return Err(err!(SYNTAX_ERROR, "syntax error at or near \"fail\"").at(0)),
            "sleep" => self.sleep(Duration::from_millis(number), out)?,
            "spin" => self.spin(Duration::from_millis(number), out)?,
            "copy" => return self.copy(argument, out),
            "set" => self.set(argument, out),
            "notice" => {
                out.report(&Error::new(codes::WARNING, argument).severity(Severity::Notice), None);
                out.command_complete("NOTICE");
            }
            "listen" => {
                self.bus.lock().push(self.mailbox.clone());
                out.command_complete("LISTEN");
            }
            "notify" => {
                for mailbox in self.bus.lock().iter() {
                    mailbox.messages.lock().push_back((self.pid, argument.to_owned()));
                    mailbox.host.wake();
                }
                out.command_complete("NOTIFY");
            }
            "write" | "lose" => {
                self.write(command == "write");
                out.command_complete("WRITE");
            }
            "" => out.empty_query_response(),
            _ => return Err(err!(SYNTAX_ERROR, "syntax error at or near \"{command}\"").at(0)),
        }
        Ok(Progress::Complete)
    }

    fn write(&mut self, works: bool) {
        let durable = Arc::new(Mutex::new(Durable::default()));
        self.durable = Some(durable.clone());
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            let mut durable = durable.lock();
            durable.done = Some(if works { Ok(()) } else { Err(err!(IO_ERROR, "disk on fire")) });
            if let Some(waker) = durable.waker.take() {
                waker.wake();
            }
        });
    }

    fn sleep(&mut self, time: Duration, out: &mut MessageBuffer) -> Result<()> {
        let flag = self.flag.clone();
        self.host.block(&mut || {
            let mut reason = flag.reason.lock();
            if reason.is_none() {
                flag.changed.wait_for(&mut reason, time);
            }
        });
        self.flag.check()?;
        out.command_complete("SLEEP");
        Ok(())
    }

    fn spin(&mut self, time: Duration, out: &mut MessageBuffer) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < time {
            self.flag.check()?;
            if begun.elapsed() > Duration::from_millis(2) {
                self.host.long_running();
            }
        }
        out.command_complete("SPIN");
        Ok(())
    }

    fn copy(&mut self, argument: &str, out: &mut MessageBuffer) -> Result<Progress> {
        let copy = CopyFormat { format: Format::Text, columns: 1 };
        match argument.strip_prefix("out ") {
            Some(count) => {
                out.copy_out_response(copy);
                let end = count.parse().unwrap_or(0);
                let format = Format::Text;
                self.rows = Some(Rows { portal: None, next: 0, end, stop: end, format, copy: true });
                self.more_rows(out)
            }
            None => {
                out.copy_in_response(copy);
                self.copied = Some(0);
                Ok(Progress::CopyIn)
            }
        }
    }

    fn set(&mut self, argument: &str, out: &mut MessageBuffer) {
        let (name, value) = argument.split_once(' ').unwrap_or((argument, ""));
        let time = Duration::from_millis(value.parse().unwrap_or(0));
        match name {
            "statement_timeout" => self.timeouts.statement = time,
            "transaction_timeout" => self.timeouts.transaction = time,
            "idle_session_timeout" => self.timeouts.idle_session = time,
            "idle_in_transaction_session_timeout" => self.timeouts.idle_in_transaction = time,
            _ => self.changed.push((name.to_owned(), value.to_owned())),
        }
        out.command_complete("SET");
    }

    fn more_rows(&mut self, out: &mut MessageBuffer) -> Result<Progress> {
        let Some(mut rows) = self.rows.take() else { return Ok(Progress::Complete) };
        while rows.next < rows.stop {
            if out.is_full() {
                self.rows = Some(rows);
                return Ok(Progress::OutputFull);
            }
            self.flag.check()?;
            if rows.copy {
                out.copy_data(format!("row {}\n", rows.next).as_bytes());
            } else {
                let mut row = out.begin_row(2)?;
                row.value(|bytes| {
                    integer(bytes, rows.next as i32, rows.format);
                    Ok(())
                })?;
                row.bytes(format!("row {}", rows.next).as_bytes())?;
                row.finish()?;
            }
            rows.next += 1;
        }
        if rows.copy {
            out.copy_done();
            out.command_complete(&format!("COPY {}", rows.end));
        } else if rows.next < rows.end || rows.stop < rows.end {
            out.portal_suspended();
        } else {
            out.command_complete(&format!("SELECT {}", rows.end));
        }
        if let Some(portal) = rows.portal.as_ref().and_then(|name| self.portals.get_mut(name)) {
            portal.sent = rows.next;
        }
        Ok(Progress::Complete)
    }
}

fn integer(bytes: &mut Vec<u8>, value: i32, format: Format) {
    match format {
        Format::Text => bytes.extend_from_slice(value.to_string().as_bytes()),
        Format::Binary => bytes.extend_from_slice(&value.to_be_bytes()),
    }
}

impl SessionState for FakeSession {
    fn process_id(&self) -> i32 {
        self.pid
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.flag.clone()
    }

    fn transaction_status(&self) -> TransactionStatus {
        self.status
    }

    fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    fn take_parameter_changes(&mut self, report: &mut dyn FnMut(&str, &str)) {
        for (name, value) in self.changed.drain(..) {
            report(&name, &value);
        }
    }

    fn take_notifications(&mut self, deliver: &mut dyn FnMut(i32, &str, &str)) {
        for (pid, payload) in self.mailbox.messages.lock().drain(..) {
            deliver(pid, "channel", &payload);
        }
    }

    fn attend(&mut self) -> Result<()> {
        Ok(())
    }

    fn poll_durable(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Some(durable) = &self.durable else { return Poll::Ready(Ok(())) };
        let mut state = durable.lock();
        match state.done.clone() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn source(&self, target: Target<'_>) -> Option<&str> {
        match target {
            Target::Statement(name) => self.statements.get(name).map(String::as_str),
            Target::Portal(name) => self.portals.get(name).map(|portal| portal.sql.as_str()),
        }
    }
}

impl Queries for FakeSession {
    fn simple_query(&mut self, sql: &str, out: &mut MessageBuffer) -> Result<Progress> {
        self.todo =
            sql.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        if self.todo.is_empty() {
            out.empty_query_response();
        }
        let result = self.run_todo(out);
        self.check(result)
    }

    fn resume(&mut self, out: &mut MessageBuffer) -> Result<Progress> {
        let result = match self.more_rows(out) {
            Ok(Progress::Complete) => self.run_todo(out),
            other => other,
        };
        self.check(result)
    }

    fn parse(&mut self, parse: &Parse<'_>, _out: &mut MessageBuffer) -> Result<()> {
        if parse.sql == "bad" {
            let error = Err(err!(SYNTAX_ERROR, "syntax error at or near \"bad\"").at(0));
            return self.check(error);
        }
        self.statements.insert(parse.statement.to_owned(), parse.sql.to_owned());
        Ok(())
    }

    fn bind(&mut self, bind: &Bind<'_>, _out: &mut MessageBuffer) -> Result<()> {
        let Some(sql) = self.statements.get(bind.statement).cloned() else {
            let name = bind.statement;
            let error = Err(err!(INVALID_SQL_STATEMENT_NAME, "prepared statement \"{name}\" does not exist"));
            return self.check(error);
        };
        let params = bind.params.iter().map(|value| value.map(<[u8]>::to_vec)).collect();
        let portal = Portal { sql, params, format: bind.result_formats.get(0), sent: 0 };
        self.portals.insert(bind.portal.to_owned(), portal);
        Ok(())
    }

    fn describe(&mut self, target: Target<'_>, out: &mut MessageBuffer) -> Result<()> {
        let (sql, format) = match target {
            Target::Statement(name) => (self.statements.get(name).cloned(), Format::Text),
            Target::Portal(name) => match self.portals.get(name) {
                Some(portal) => (Some(portal.sql.clone()), portal.format),
                None => (None, Format::Text),
            },
        };
        let Some(sql) = sql else {
            let error = Err(err!(INVALID_CURSOR_NAME, "does not exist"));
            return self.check(error);
        };
        if let Target::Statement(_) = target {
            let params = if sql.contains("$1") { &[25][..] } else { &[] };
            out.parameter_description(params.iter().copied())?;
        }
        if !describe_sql(&sql, format, out)? {
            out.no_data();
        }
        Ok(())
    }

    fn execute(&mut self, portal: &str, max_rows: u32, out: &mut MessageBuffer) -> Result<Progress> {
        let Some(found) = self.portals.get(portal).cloned() else {
            let error = Err(err!(INVALID_CURSOR_NAME, "portal \"{portal}\" does not exist"));
            return self.check(error);
        };
        let result = self.statement(&found, Some(portal.to_owned()), max_rows, out);
        self.check(result)
    }

    fn close(&mut self, target: Target<'_>) -> Result<()> {
        match target {
            Target::Statement(name) => self.statements.remove(name).map(drop),
            Target::Portal(name) => self.portals.remove(name).map(drop),
        };
        Ok(())
    }

    fn sync(&mut self, _out: &mut MessageBuffer) -> Result<()> {
        Ok(())
    }

    fn abort(&mut self) {
        self.fail();
    }
}

impl CopyIn for FakeSession {
    fn copy_data(&mut self, data: &[u8]) -> Result<()> {
        if data.starts_with(b"bad") {
            let error = Err(err!(BAD_COPY_FILE_FORMAT, "bad data"));
            return self.check(error);
        }
        if let Some(copied) = &mut self.copied {
            *copied += data.len();
        }
        Ok(())
    }

    fn copy_done(&mut self, out: &mut MessageBuffer) -> Result<Progress> {
        out.command_complete(&format!("COPY {}", self.copied.take().unwrap_or(0)));
        let result = self.run_todo(out);
        self.check(result)
    }

    fn copy_fail(&mut self, reason: &str) -> Error {
        self.fail();
        err!(QUERY_CANCELED, "COPY from stdin failed: {reason}")
    }
}
