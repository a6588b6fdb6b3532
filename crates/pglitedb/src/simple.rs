//! Strings of statements, with all they answer as text.

use crate::connection::Connection;
use crate::error::Result;
use crate::notify::Notices;
use pglitedb_database::{CommandTag, Env, Format, Output, RowShape};
use pglitedb_sqlstate::{Error as EngineError, Result as EngineResult};
use pglitedb_types::Datum;
use std::sync::Arc;

/// A part of the answer to [`Connection::simple_query`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SimpleMessage {
    /// The columns of the rows that follow.
    Columns(Arc<[String]>),
    /// A row.
    Row(SimpleRow),
    /// A statement is done. The tag is PostgreSQL's, such as `INSERT 0 1`.
    Done {
        /// The command tag.
        tag: String,
        /// How many rows it changed or read, if it counts them.
        rows: Option<u64>,
    },
    /// There was no statement.
    Empty,
}

/// A row of text values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimpleRow {
    columns: Arc<[String]>,
    values: Vec<Option<String>>,
}

impl SimpleRow {
    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The values; `None` is NULL.
    pub fn values(&self) -> &[Option<String>] {
        &self.values
    }

    /// The value of a column; `None` if it is NULL, or if there is no such column.
    pub fn get(&self, column: usize) -> Option<&str> {
        self.values.get(column)?.as_deref()
    }
}

struct TextSink<'a> {
    messages: Vec<SimpleMessage>,
    columns: Arc<[String]>,
    notices: &'a mut Notices,
}

fn use_copy() -> EngineError {
    EngineError::unsupported("COPY with the client needs copy_in or copy_out")
}

impl Output for TextSink<'_> {
    fn describe(&mut self, shape: &RowShape) -> EngineResult<()> {
        self.columns = shape.columns.iter().map(|column| column.name.to_string()).collect();
        self.messages.push(SimpleMessage::Columns(self.columns.clone()));
        Ok(())
    }

    fn row(&mut self, row: &[Datum], shape: &RowShape, env: &Env) -> EngineResult<()> {
        let mut values = Vec::with_capacity(row.len());
        for (value, column) in row.iter().zip(shape.columns.iter()) {
            values.push(match value {
                Datum::Null => None,
                value => Some(pglitedb_types::output_string(value, column.type_oid, env)?),
            });
        }
        self.messages.push(SimpleMessage::Row(SimpleRow { columns: self.columns.clone(), values }));
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn notice(&mut self, notice: &EngineError, _source: Option<&str>) {
        self.notices.report(notice);
    }

    fn complete(&mut self, tag: &CommandTag) {
        self.messages.push(SimpleMessage::Done { tag: tag.to_string(), rows: tag.rows });
    }

    fn empty_query(&mut self) {
        self.messages.push(SimpleMessage::Empty);
    }

    fn suspended(&mut self) {}

    fn copy_out_begin(&mut self, _format: Format, _columns: usize) -> EngineResult<()> {
        Err(use_copy())
    }

    fn copy_out_data(&mut self, _data: &[u8]) -> EngineResult<()> {
        Err(use_copy())
    }

    fn copy_out_done(&mut self) {}

    fn copy_in_begin(&mut self, _format: Format, _columns: usize) -> EngineResult<()> {
        Err(use_copy())
    }
}

impl Connection {
    /// Runs a string of statements, separated by semicolons, and returns all that they answer, values as text in the
    /// session's style. Outside of a transaction they are one together.
    ///
    /// ```
    /// use pglitedb::SimpleMessage;
    ///
    /// # fn main() -> pglitedb::Result<()> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// let messages = connection.simple_query("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); TABLE t")?;
    /// let rows: Vec<_> = messages
    ///     .iter()
    ///     .filter_map(|message| match message {
    ///         SimpleMessage::Row(row) => row.get(0),
    ///         _ => None,
    ///     })
    ///     .collect();
    /// assert_eq!(rows, ["1", "2"]);
    /// assert!(matches!(&messages[1], SimpleMessage::Done { tag, .. } if tag == "INSERT 0 2"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn simple_query(&mut self, sql: &str) -> Result<Vec<SimpleMessage>> {
        self.begin_request()?;
        let mut sink = TextSink { messages: Vec::new(), columns: Arc::new([]), notices: &mut self.notices };
        let result = self.session.simple_query(sql, &mut sink);
        let messages = sink.messages;
        let result = result.and_then(|progress| self.complete(progress)).map(|()| messages);
        self.end_request(result)
    }
}
