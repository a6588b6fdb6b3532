//! Where answers go: the seam between the session and whoever asked (wire protocol, embedded API).

use crate::env::Env;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: Arc<str>,
    /// Type.
    pub type_oid: Oid,
    /// `pg_type.typlen`
    pub type_len: i16,
    /// Type modifier.
    pub typmod: i32,
    /// The table it comes from, or 0.
    pub table: Oid,
    /// Its number there, or 0.
    pub attnum: i16,
}

/// Text or binary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Text.
    #[default]
    Text,
    /// Binary.
    Binary,
}

/// Columns of a result and the formats that were asked for.
#[derive(Clone, Debug)]
pub struct RowShape {
    /// The columns.
    pub columns: Arc<[Column]>,
    /// Formats: none (all text), one for all, or one a column.
    pub formats: Vec<Format>,
}

impl RowShape {
    /// Format of a column.
    #[inline]
    pub fn format(&self, column: usize) -> Format {
        match self.formats.as_slice() {
            [] => Format::Text,
            [one] => *one,
            many => many.get(column).copied().unwrap_or_default(),
        }
    }
}

/// What a command reports when it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandTag {
    /// `SELECT`, `CREATE TABLE`, ...
    pub name: Cow<'static, str>,
    /// Number of rows where the command counts them.
    pub rows: Option<u64>,
}

impl CommandTag {
    /// A tag without a count.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        CommandTag { name: name.into(), rows: None }
    }

    /// A tag with a count.
    pub fn with_rows(name: impl Into<Cow<'static, str>>, rows: u64) -> Self {
        CommandTag { name: name.into(), rows: Some(rows) }
    }
}

impl fmt::Display for CommandTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rows {
            None => f.write_str(&self.name),
            Some(rows) if self.name == "INSERT" => write!(f, "INSERT 0 {rows}"),
            Some(rows) => write!(f, "{} {rows}", self.name),
        }
    }
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// Everything was handed over.
    Complete,
    /// The output is full: call `resume` when there is room.
    OutputFull,
    /// The client is to send COPY data.
    CopyIn,
}

/// Takes nothing: the rows of statements that functions run for what they do.
pub(crate) struct Discard;

impl Output for Discard {
    fn describe(&mut self, _: &RowShape) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, _: &[Datum], _: &RowShape, _: &Env) -> Result<()> {
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn notice(&mut self, _: &Error, _: Option<&str>) {}

    fn complete(&mut self, _: &CommandTag) {}

    fn empty_query(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_out_begin(&mut self, _: Format, _: usize) -> Result<()> {
        Ok(())
    }

    fn copy_out_data(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }

    fn copy_out_done(&mut self) {}

    fn copy_in_begin(&mut self, _: Format, _: usize) -> Result<()> {
        Ok(())
    }
}

/// Takes what a session has to say. Calls come in the protocol's order.
pub trait Output {
    /// Columns of the rows that follow (simple queries).
    fn describe(&mut self, shape: &RowShape) -> Result<()>;

    /// A row.
    fn row(&mut self, row: &[Datum], shape: &RowShape, env: &Env) -> Result<()>;

    /// Should the session pause?
    fn is_full(&self) -> bool;

    /// A notice or warning, and the text that its position, if it has one, is one in.
    fn notice(&mut self, notice: &Error, source: Option<&str>);

    /// A command is done.
    fn complete(&mut self, tag: &CommandTag);

    /// A statement was empty.
    fn empty_query(&mut self);

    /// The row limit of Execute was reached.
    fn suspended(&mut self);

    /// COPY TO STDOUT begins.
    fn copy_out_begin(&mut self, format: Format, columns: usize) -> Result<()>;

    /// A piece of COPY output (a row, usually).
    fn copy_out_data(&mut self, data: &[u8]) -> Result<()>;

    /// COPY TO STDOUT ends.
    fn copy_out_done(&mut self);

    /// COPY FROM STDIN begins: the client is to send data.
    fn copy_in_begin(&mut self, format: Format, columns: usize) -> Result<()>;
}
