//! The shell's loop: lines in, results out.

use super::answers::{Answer, Answers};
use super::input::{Lines, Piped};
use super::meta::{self, HELP, Meta};
use super::report;
use super::splitter::{Piece, Splitter};
use super::table::{self, Column, Layout, Table};
use super::{Ended, ShellOptions};
use crate::engine::{Host, Progress, Session};
use pglitedb_sqlstate::{Error, Severity};
use pglitedb_wire_protocol::{MessageBuffer, TransactionStatus};
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Write};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Results are taken over in pieces of this size.
const PIECE_BYTES: usize = 256 * 1024;
/// COPY data is handed over in pieces of about this size.
const COPY_PIECE_BYTES: usize = 64 * 1024;
/// Scripts may include scripts, but not without end.
const MAX_INCLUDES: usize = 32;

/// What a session in this process may ask for: its thread is its own.
pub struct LocalHost;

impl Host for LocalHost {
    fn block(&self, wait: &mut dyn FnMut()) {
        wait();
    }

    fn long_running(&self) {}

    fn wake(&self) {}
}

/// A shell on a session.
pub struct Shell<'a, S> {
    session: S,
    options: ShellOptions,
    out: &'a mut dyn Write,
    errors: &'a mut dyn Write,
    buffer: MessageBuffer,
    /// Files that are being included, outermost first.
    includes: usize,
    interactive: bool,
    lost: bool,
}

/// A script being read.
struct Script<'l> {
    lines: &'l mut dyn Lines,
    /// Its name for messages; `None` for a person at a terminal.
    name: Option<&'l str>,
    splitter: Splitter,
}

impl Script<'_> {
    fn place(&self, line: usize) -> Option<String> {
        self.name.map(|name| format!("pglitedb:{name}:{line}"))
    }
}

impl<'a, S: Session> Shell<'a, S> {
    /// A shell that prints results to `out` and messages to `errors`.
    pub fn new(session: S, options: ShellOptions, out: &'a mut dyn Write, errors: &'a mut dyn Write) -> Self {
        let buffer = MessageBuffer::new(PIECE_BYTES);
        Shell { session, options, out, errors, buffer, includes: 0, interactive: false, lost: false }
    }

    /// Talks to a person.
    pub fn interact(&mut self, lines: &mut dyn Lines) -> io::Result<Ended> {
        self.interactive = true;
        writeln!(self.out, "PGLiteDB {}. Type \\? for help, \\q to leave.\n", env!("CARGO_PKG_VERSION"))?;
        self.run(Script { lines, name: None, splitter: Splitter::default() })
    }

    /// Runs a script; `name` is what messages call it.
    pub fn script(&mut self, lines: &mut dyn Lines, name: &str) -> io::Result<Ended> {
        self.run(Script { lines, name: Some(name), splitter: Splitter::default() })
    }

    /// Runs a `-c` argument: a meta-command, or a string of statements that are one transaction.
    pub fn command(&mut self, text: &str) -> io::Result<Ended> {
        let no_data: &mut dyn Lines = &mut Piped(io::empty());
        let mut script = Script { lines: no_data, name: None, splitter: Splitter::default() };
        if let Some(command) = text.trim_start().strip_prefix('\\') {
            return Ok(self.meta(command, &mut script)?.unwrap_or(Ended::Normally));
        }
        let worked = self.statement(text, 1, &mut script)?;
        Ok(if worked { Ended::Normally } else { Ended::AtError })
    }

    fn run(&mut self, mut script: Script<'_>) -> io::Result<Ended> {
        loop {
            let prompt = self.prompt(&script.splitter);
            self.out.flush()?;
            let line = match script.lines.next_line(&prompt) {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    script.splitter.clear();
                    continue;
                }
                Err(error) => return Err(error),
            };
            match String::from_utf8(line) {
                Ok(line) => script.splitter.push_line(&line),
                Err(_) => {
                    script.splitter.skip_line();
                    let place = script.place(script.splitter.lines());
                    self.complain("invalid byte sequence for encoding \"UTF8\"", place.as_deref())?;
                    if self.options.stop_on_error && !self.interactive {
                        return Ok(Ended::AtError);
                    }
                }
            }
            if let Some(ended) = self.pieces(&mut script)? {
                return Ok(ended);
            }
        }
        // A script may end without a semicolon.
        if let Some(Piece::Statement { sql, line }) =
            script.splitter.take_pending().filter(|_| !self.interactive)
        {
            let worked = self.statement(&sql, line, &mut script)?;
            return Ok(self.after_statement(worked).unwrap_or(Ended::Normally));
        }
        Ok(Ended::Normally)
    }

    /// Runs what is complete.
    fn pieces(&mut self, script: &mut Script<'_>) -> io::Result<Option<Ended>> {
        while let Some(piece) = script.splitter.next_piece() {
            let ended = match piece {
                Piece::Meta(command) => self.meta(&command, script)?,
                Piece::Statement { sql, line } => {
                    script.lines.remember(&sql);
                    let worked = self.statement(&sql, line, script)?;
                    self.after_statement(worked)
                }
            };
            if ended.is_some() {
                return Ok(ended);
            }
        }
        Ok(None)
    }

    fn after_statement(&self, worked: bool) -> Option<Ended> {
        if self.lost {
            Some(Ended::SessionLost)
        } else if !worked && self.options.stop_on_error && !self.interactive {
            Some(Ended::AtError)
        } else {
            None
        }
    }

    fn prompt(&self, splitter: &Splitter) -> String {
        let transaction = match self.session.transaction_status() {
            TransactionStatus::Idle => "",
            TransactionStatus::Active => "*",
            TransactionStatus::Failed => "!",
        };
        format!("{}{}{transaction}# ", self.options.database, splitter.prompt_sign())
    }

    fn complain(&mut self, text: &str, place: Option<&str>) -> io::Result<()> {
        self.out.flush()?;
        match place {
            Some(place) => writeln!(self.errors, "{place}: {text}"),
            None => writeln!(self.errors, "{text}"),
        }
    }

    fn meta(&mut self, command: &str, script: &mut Script<'_>) -> io::Result<Option<Ended>> {
        let style = &mut self.options.style;
        match meta::parse(command) {
            Meta::Quit => return Ok(Some(Ended::Normally)),
            Meta::Help => self.out.write_all(HELP.as_bytes())?,
            Meta::Go { expanded } => return self.go(expanded, script),
            Meta::Reset => {
                script.splitter.clear();
                self.say("Query buffer reset (cleared).")?;
            }
            Meta::Show => {
                let mut copy = script.splitter.clone();
                match copy.take_pending() {
                    Some(Piece::Statement { sql, .. }) => writeln!(self.out, "{sql}")?,
                    _ => self.say("Query buffer is empty.")?,
                }
            }
            Meta::Timing(value) => {
                self.options.timing = value.unwrap_or(!self.options.timing);
                self.say(if self.options.timing { "Timing is on." } else { "Timing is off." })?;
            }
            Meta::Expanded(value) => {
                style.expanded = value.unwrap_or(!style.expanded);
                let text =
                    if style.expanded { "Expanded display is on." } else { "Expanded display is off." };
                self.say(text)?;
            }
            Meta::TuplesOnly(value) => {
                style.tuples_only = value.unwrap_or(!style.tuples_only);
                let text = if style.tuples_only { "Tuples only is on." } else { "Tuples only is off." };
                self.say(text)?;
            }
            Meta::Unaligned if style.layout == Layout::Aligned => self.set_layout(Layout::Unaligned)?,
            Meta::Unaligned => self.set_layout(Layout::Aligned)?,
            Meta::Format(layout) => self.set_layout(layout)?,
            Meta::Null(text) => style.null = text,
            Meta::Echo(text) => writeln!(self.out, "{text}")?,
            Meta::StopOnError(value) => self.options.stop_on_error = value,
            Meta::Quiet(value) => self.options.quiet = value,
            Meta::Include(path) => return self.include(&path, script),
            Meta::Invalid(text) => {
                let place = script.place(script.splitter.lines());
                self.complain(&text, place.as_deref())?;
                return Ok(self.after_statement(false));
            }
        }
        Ok(None)
    }

    fn set_layout(&mut self, layout: Layout) -> io::Result<()> {
        self.options.style.layout = layout;
        let name = match layout {
            Layout::Aligned => "aligned",
            Layout::Unaligned => "unaligned",
            Layout::Csv => "csv",
        };
        self.say(&format!("Output format is {name}."))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        if self.options.quiet { Ok(()) } else { writeln!(self.out, "{text}") }
    }

    fn go(&mut self, expanded: bool, script: &mut Script<'_>) -> io::Result<Option<Ended>> {
        let Some(Piece::Statement { sql, line }) = script.splitter.take_pending() else { return Ok(None) };
        script.lines.remember(&sql);
        let before = self.options.style.expanded;
        self.options.style.expanded |= expanded;
        let worked = self.statement(&sql, line, script);
        self.options.style.expanded = before;
        Ok(self.after_statement(worked?))
    }

    fn include(&mut self, path: &str, script: &Script<'_>) -> io::Result<Option<Ended>> {
        let place = script.place(script.splitter.lines());
        let opened = match File::open(path) {
            _ if self.includes >= MAX_INCLUDES => Err(io::Error::other("too many nested includes")),
            opened => opened,
        };
        let file = match opened {
            Ok(file) => file,
            Err(error) => {
                self.complain(&format!("{path}: {error}"), place.as_deref())?;
                return Ok(self.after_statement(false));
            }
        };
        self.includes += 1;
        let interactive = std::mem::replace(&mut self.interactive, false);
        let ended = self.script(&mut Piped(BufReader::new(file)), path);
        self.interactive = interactive;
        self.includes -= 1;
        match ended? {
            Ended::Normally => Ok(None),
            Ended::AtError if interactive => Ok(None),
            other => Ok(Some(other)),
        }
    }

    /// Runs a statement and prints what it answers; whether it worked.
    fn statement(&mut self, sql: &str, line: usize, script: &mut Script<'_>) -> io::Result<bool> {
        let begun = Instant::now();
        let place = script.place(line);
        let mut view = View { table: None, worked: true, copying_out: false };
        self.buffer.clear();
        let mut outcome = self.session.simple_query(sql, &mut self.buffer);
        loop {
            match outcome {
                Ok(Progress::Complete) => break,
                Ok(Progress::OutputFull) => {
                    self.show(&mut view, sql, place.as_deref())?;
                    outcome = self.session.resume(&mut self.buffer);
                }
                Ok(Progress::CopyIn) => {
                    self.show(&mut view, sql, place.as_deref())?;
                    outcome = self.copy_in(script)?;
                }
                Err(error) => {
                    self.lost |= error.fields().severity >= Severity::Fatal;
                    self.buffer.report(&error, Some(sql));
                    break;
                }
            }
        }
        if let Err(error) = wait_durable(&mut self.session) {
            self.buffer.clear();
            self.buffer.report(&error.severity(Severity::Fatal), None);
            self.lost = true;
        }
        let buffer = &mut self.buffer;
        self.session
            .take_notifications(&mut |pid, channel, payload| buffer.notification(pid, channel, payload));
        self.session.take_parameter_changes(&mut |_, _| {});
        self.session.canceller().clear();
        self.show(&mut view, sql, place.as_deref())?;
        if self.options.timing {
            writeln!(self.out, "Time: {}", duration(begun.elapsed()))?;
        }
        Ok(view.worked)
    }

    /// Hands the lines that follow over as COPY data, up to `\.` or the end of the script.
    fn copy_in(&mut self, script: &mut Script<'_>) -> io::Result<Result<Progress, Error>> {
        let mut piece = Vec::new();
        if self.interactive {
            writeln!(self.out, "Enter data to be copied followed by a newline.")?;
            writeln!(self.out, "End with a backslash and a period on a line by itself, or an EOF signal.")?;
        }
        loop {
            let line = match script.lines.next_line(">> ") {
                Ok(line) => line,
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    return Ok(Err(self.session.copy_fail("canceled by user")));
                }
                Err(error) => return Err(error),
            };
            let Some(line) = line else { break };
            script.splitter.skip_line();
            if line.trim_ascii_end() == b"\\." {
                break;
            }
            piece.extend_from_slice(&line);
            if piece.len() >= COPY_PIECE_BYTES {
                if let Err(error) = self.session.copy_data(&piece) {
                    skip_copy_data(script)?;
                    return Ok(Err(error));
                }
                piece.clear();
            }
        }
        if let Err(error) = self.session.copy_data(&piece) {
            return Ok(Err(error));
        }
        Ok(self.session.copy_done(&mut self.buffer))
    }

    /// Prints what is in the buffer.
    fn show(&mut self, view: &mut View, sql: &str, place: Option<&str>) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.buffer.swap_storage(&mut bytes);
        for answer in Answers(&bytes) {
            match answer {
                Answer::Columns(columns) => {
                    let columns = columns.iter().map(|(name, oid)| Column::of_type(name, *oid)).collect();
                    view.table = Some(Table { columns, rows: Vec::new() });
                }
                Answer::Row(row) => {
                    if let Some(table) = &mut view.table {
                        table.rows.push(row);
                    }
                }
                Answer::Complete(tag) => self.complete(view, tag)?,
                Answer::Report(report) => {
                    if report.is_error() {
                        view.worked = false;
                        view.table = None;
                    }
                    self.out.flush()?;
                    report::print(&report, sql, place, self.errors)?;
                }
                Answer::CopyOut => view.copying_out = true,
                Answer::CopyData(data) => self.out.write_all(data)?,
                Answer::Notification(pid, channel, payload) => {
                    let payload = if payload.is_empty() {
                        String::new()
                    } else {
                        format!("with payload \"{payload}\" ")
                    };
                    writeln!(
                        self.out,
                        "Asynchronous notification \"{channel}\" {payload}received from server process with PID {pid}."
                    )?;
                }
                Answer::Other => {}
            }
        }
        bytes.clear();
        self.buffer.swap_storage(&mut bytes);
        Ok(())
    }

    fn complete(&mut self, view: &mut View, tag: &str) -> io::Result<()> {
        let table = view.table.take();
        if let Some(table) = &table {
            table::print(table, &self.options.style, self.out)?;
        }
        // The tag of a COPY to standard output would end up in the data.
        let changes = ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|word| tag.starts_with(word));
        let silent = (table.is_some() && !changes) || std::mem::take(&mut view.copying_out);
        if silent { Ok(()) } else { self.say(tag) }
    }
}

/// A statement's answer as far as it has been seen.
struct View {
    table: Option<Table>,
    worked: bool,
    copying_out: bool,
}

/// Passes over the data of a COPY that failed.
fn skip_copy_data(script: &mut Script<'_>) -> io::Result<()> {
    while let Some(line) = script.lines.next_line(">> ")? {
        script.splitter.skip_line();
        if line.trim_ascii_end() == b"\\." {
            break;
        }
    }
    Ok(())
}

fn duration(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 1000.0 {
        return format!("{milliseconds:.3} ms");
    }
    let seconds = time.as_secs();
    let text = format!("{:02}:{:02}.{:03}", seconds / 60, seconds % 60, time.subsec_millis());
    format!("{milliseconds:.3} ms ({text})")
}

fn wait_durable<S: Session>(session: &mut S) -> Result<(), Error> {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        match session.poll_durable(&mut cx) {
            Poll::Ready(result) => return result,
            Poll::Pending => std::thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
