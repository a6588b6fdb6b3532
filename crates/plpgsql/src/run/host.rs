//! What the interpreter asks of whoever runs SQL.

use super::Frame;
use crate::ast::{Sql, TypeRef};
use pglitedb_sql_parser::ast::FetchDirection;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A value with its type.
#[derive(Clone, Debug, Default)]
pub struct Value {
    /// The value.
    pub datum: Datum,
    /// Its type, 0 if there is none (NULL of no type).
    pub type_oid: Oid,
    /// Its type modifier.
    pub typmod: i32,
}

/// A column of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub type_oid: Oid,
    /// Its type modifier.
    pub typmod: i32,
}

/// What a statement did.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// Rows given or changed.
    pub rows: u64,
    /// It gives rows.
    pub returns_rows: bool,
    /// Columns of the rows.
    pub columns: Arc<[Column]>,
    /// It changes rows (INSERT and the like).
    pub changes: bool,
    /// It is no query at all.
    pub utility: bool,
}

/// Rows of a query loop.
pub trait Rows {
    /// Their columns.
    fn columns(&self) -> Arc<[Column]>;

    /// The next row; false at the end.
    fn next(&mut self, row: &mut Vec<Datum>) -> Result<bool>;
}

/// A cursor to be opened.
pub struct CursorRequest<'a> {
    /// Its name; `None`: the host chooses one.
    pub name: Option<Arc<str>>,
    /// `SCROLL`, `NO SCROLL`.
    pub scroll: Option<bool>,
    /// The query: of the function, or text made while running.
    pub query: CursorQuery<'a>,
}

/// The query of a cursor.
pub enum CursorQuery<'a> {
    /// Of the function.
    Sql(&'a Sql, &'a Frame),
    /// Made while running.
    Text(&'a str, &'a [Value]),
}

/// What FETCH or MOVE came to.
pub struct Moved {
    /// Columns of the cursor.
    pub columns: Arc<[Column]>,
    /// Rows fetched.
    pub rows: Vec<Vec<Datum>>,
    /// Rows passed.
    pub count: u64,
}

/// Takes rows of a statement.
pub type Sink<'a> = &'a mut dyn FnMut(&Arc<[Column]>, &[Datum]) -> Result<()>;

/// Whoever runs SQL for a function.
pub trait Host {
    /// Evaluates an expression (or the right side of an assignment to a part of a variable: then the variable's new value).
    fn evaluate(&self, sql: &Sql, frame: &Frame) -> Result<Value>;

    /// Runs a statement. Rows go to `sink`, no more than `limit` (0: all).
    fn run(&self, sql: &Sql, frame: &Frame, limit: u64, sink: Sink<'_>) -> Result<Ran>;

    /// Starts a query whose rows are read one by one. `all`: read them all at once.
    fn open(&self, sql: &Sql, frame: &Frame, all: bool) -> Result<Box<dyn Rows + '_>>;

    /// Runs a text. As [`Host::run`].
    fn run_text(&self, text: &str, params: &[Value], limit: u64, sink: Sink<'_>) -> Result<Ran>;

    /// Starts a query of a text. As [`Host::open`].
    fn open_text(&self, text: &str, params: &[Value], all: bool) -> Result<Box<dyn Rows + '_>>;

    /// Runs CALL or DO: rows go to `sink` (those of OUT arguments), whose variables are `targets` of the CALL.
    fn call(&self, sql: &Sql, frame: &Frame, sink: Sink<'_>) -> Result<Vec<Option<usize>>>;

    /// Opens a cursor and returns its name.
    fn open_cursor(&self, request: CursorRequest<'_>) -> Result<Arc<str>>;

    /// FETCH or MOVE.
    fn move_cursor(&self, name: &str, direction: FetchDirection, fetch: bool) -> Result<Moved>;

    /// CLOSE.
    fn close_cursor(&self, name: &str) -> Result<()>;

    /// Begins a subtransaction.
    fn begin_subtransaction(&self) -> Result<()>;

    /// Ends it well.
    fn commit_subtransaction(&self) -> Result<()>;

    /// Undoes it.
    fn rollback_subtransaction(&self) -> Result<()>;

    /// COMMIT, ROLLBACK.
    fn end_transaction(&self, commit: bool, chain: bool) -> Result<()>;

    /// Converts a value to another type as assignments of PL/pgSQL do, checks domains.
    fn convert(&self, value: Value, to: &TypeRef) -> Result<Datum>;

    /// Text of a value.
    fn output(&self, value: &Value) -> Result<String>;

    /// Columns of a named composite type.
    fn composite_columns(&self, type_oid: Oid) -> Result<Arc<[Column]>>;

    /// `format_type`
    fn type_name(&self, type_oid: Oid, typmod: i32) -> Result<String>;

    /// Element type of an array type, 0 otherwise.
    fn element_type(&self, type_oid: Oid) -> Result<Oid>;

    /// Sends a notice, with the context of all calls under way.
    fn notice(&self, notice: Error);

    /// Lines of context of all calls under way, innermost first.
    fn call_stack(&self) -> String;

    /// `pg_proc.oid` of the function.
    fn routine(&self) -> Oid;

    /// `plpgsql.check_asserts`
    fn check_asserts(&self) -> bool;

    /// `plpgsql.print_strict_params`
    fn print_strict_params(&self) -> bool;

    /// Cancelled?
    fn check_interrupts(&self) -> Result<()>;
}

/// Where a call stands. Shared, so that others can tell the stack of calls.
#[derive(Debug)]
pub struct Position {
    /// `f(integer)`
    signature: Arc<str>,
    line: AtomicU32,
    what: parking::Text,
    phase: parking::Text,
}

/// A `&'static str` that can be set through a shared reference.
mod parking {
    use std::sync::Mutex;

    #[derive(Debug, Default)]
    pub(super) struct Text(Mutex<&'static str>);

    impl Text {
        pub(super) fn set(&self, text: &'static str) {
            match self.0.lock() {
                Ok(mut guard) => *guard = text,
                Err(mut poisoned) => **poisoned.get_mut() = text,
            }
        }

        pub(super) fn get(&self) -> &'static str {
            self.0.lock().map_or("", |guard| *guard)
        }
    }
}

impl Position {
    /// A call of a function; `signature`: its name with argument types.
    pub fn new(signature: Arc<str>) -> Self {
        Position {
            signature,
            line: AtomicU32::new(0),
            what: parking::Text::default(),
            phase: parking::Text::default(),
        }
    }

    pub(crate) fn at(&self, line: u32, what: &'static str) {
        self.line.store(line, Ordering::Relaxed);
        self.what.set(what);
    }

    pub(crate) fn enter(&self, phase: &'static str) {
        self.phase.set(phase);
    }

    pub(crate) fn leave_phase(&self) {
        self.phase.set("");
    }

    pub(crate) fn clear(&self) {
        self.line.store(0, Ordering::Relaxed);
        self.what.set("");
        self.phase.set("");
    }

    pub(crate) fn place(&self) -> (u32, &'static str) {
        (self.line.load(Ordering::Relaxed), self.what.get())
    }

    /// `PL/pgSQL function f(integer) line 3 at assignment`
    pub fn line_of_context(&self) -> String {
        let (line, what) = self.place();
        let (signature, phase) = (&self.signature, self.phase.get());
        if !phase.is_empty() {
            return match line {
                0 => format!("PL/pgSQL function {signature} {phase}"),
                line => format!("PL/pgSQL function {signature} line {line} {phase}"),
            };
        }
        match line {
            0 => format!("PL/pgSQL function {signature}"),
            line => format!("PL/pgSQL function {signature} line {line} at {what}"),
        }
    }
}
