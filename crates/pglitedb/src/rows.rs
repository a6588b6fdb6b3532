//! Rows one after the other.

use crate::connection::{Connection, bind};
use crate::error::Result;
use crate::row::{Column, Row};
use crate::sink::RowSink;
use crate::statement::Statement;
use crate::to_sql::ToSql;
use pglitedb_database::Progress;
use pglitedb_sqlstate::Result as EngineResult;
use std::collections::VecDeque;

/// Rows that are read at a time.
const BATCH: u64 = 64;

/// The rows of a result, read while it is used. Made by [`Connection::query_raw`].
///
/// Dropped before its end, it stops the statement, which counts as done (what it changed up to there is committed unless a
/// transaction is open).
pub struct Rows<'c> {
    connection: &'c mut Connection,
    statement: Statement,
    rows: VecDeque<Row>,
    state: State,
    processed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// There may be more.
    Running,
    /// All were read, and the statement is committed.
    Done,
}

impl<'c> Rows<'c> {
    pub(crate) fn start(
        connection: &'c mut Connection,
        statement: Statement,
        params: &[&dyn ToSql],
    ) -> Result<Rows<'c>> {
        connection.begin_request()?;
        let mut known = None;
        let mut sink = RowSink::new(None, &mut known, &mut connection.notices);
        let bound = bind(&mut connection.session, &statement, params, &mut sink);
        let mut rows =
            Rows { connection, statement, rows: VecDeque::new(), state: State::Running, processed: 0 };
        match bound {
            Ok(()) => rows.fill()?,
            Err(error) => rows.finish(Err(error))?,
        }
        Ok(rows)
    }

    /// Reads the next rows.
    fn fill(&mut self) -> Result<()> {
        let (result, suspended, processed) = {
            let mut known = self.statement.0.known.lock();
            let mut sink = RowSink::new(Some(&mut self.rows), &mut known, &mut self.connection.notices);
            let result = self.connection.session.execute("", BATCH, &mut sink);
            (result, sink.suspended, sink.processed)
        };
        self.processed += processed;
        match result {
            // What the rows rest on is to be durable before anybody sees them.
            Ok(Progress::Complete | Progress::OutputFull) if suspended => {
                let waited = self.connection.session.wait_durable();
                if waited.is_err() {
                    return self.finish(waited);
                }
                Ok(())
            }
            Ok(Progress::Complete | Progress::OutputFull) => self.finish(Ok(())),
            Ok(Progress::CopyIn) => {
                let error = self.connection.session.copy_fail("this call has no data");
                self.finish(Err(error))
            }
            Err(error) => self.finish(Err(error)),
        }
    }

    fn finish(&mut self, result: EngineResult<()>) -> Result<()> {
        self.state = State::Done;
        if result.is_err() {
            self.rows.clear();
        }
        let result = self.connection.settle(result);
        self.connection.end_request(result)
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        self.statement.columns()
    }

    /// How many rows the statement changed (or read), once all were read.
    pub fn rows_affected(&self) -> Option<u64> {
        (self.state == State::Done).then_some(self.processed)
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        loop {
            if let Some(row) = self.rows.pop_front() {
                return Some(Ok(row));
            }
            if self.state == State::Done {
                return None;
            }
            if let Err(error) = self.fill() {
                return Some(Err(error));
            }
        }
    }
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        if self.state == State::Running {
            self.connection.session.close_portal("");
            // Nobody is left to hear of an error.
            let _ = self.finish(Ok(()));
        }
    }
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("columns", &self.columns()).finish_non_exhaustive()
    }
}
