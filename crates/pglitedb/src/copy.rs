//! COPY into and out of the program.

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::notify::Notices;
use pglitedb_database::{CommandTag, Env, Format, Output, Progress, RowShape};
use pglitedb_sqlstate::{Error as EngineError, Result as EngineResult, codes};
use pglitedb_types::Datum;
use std::io::{self, BufRead, Read, Write};

/// Bytes that are collected before they are handed on.
const PIECE: usize = 64 * 1024;

#[derive(Default)]
struct CopySink {
    data: Vec<u8>,
    began_in: bool,
    began_out: bool,
    processed: u64,
}

struct CopyOutput<'a> {
    sink: &'a mut CopySink,
    notices: &'a mut Notices,
}

impl Output for CopyOutput<'_> {
    fn describe(&mut self, _shape: &RowShape) -> EngineResult<()> {
        Ok(())
    }

    fn row(&mut self, _row: &[Datum], _shape: &RowShape, _env: &Env) -> EngineResult<()> {
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.sink.data.len() >= PIECE
    }

    fn notice(&mut self, notice: &EngineError, _source: Option<&str>) {
        self.notices.report(notice);
    }

    fn complete(&mut self, tag: &CommandTag) {
        self.sink.processed = tag.rows.unwrap_or(0);
    }

    fn empty_query(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_out_begin(&mut self, _format: Format, _columns: usize) -> EngineResult<()> {
        self.sink.began_out = true;
        Ok(())
    }

    fn copy_out_data(&mut self, data: &[u8]) -> EngineResult<()> {
        self.sink.data.extend_from_slice(data);
        Ok(())
    }

    fn copy_out_done(&mut self) {}

    fn copy_in_begin(&mut self, _format: Format, _columns: usize) -> EngineResult<()> {
        self.sink.began_in = true;
        Ok(())
    }
}

impl Connection {
    /// Starts a `COPY ... FROM STDIN` and takes its data; [`CopyInWriter::finish`] ends it.
    ///
    /// ```
    /// use std::io::Write;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// connection.batch_execute("CREATE TABLE t (a int, b text)")?;
    /// let mut writer = connection.copy_in("COPY t FROM STDIN (FORMAT csv)")?;
    /// writer.write_all(b"1,one\n2,\"two, too\"\n")?;
    /// assert_eq!(writer.finish()?, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn copy_in(&mut self, sql: &str) -> Result<CopyInWriter<'_>> {
        self.begin_request()?;
        let mut sink = CopySink::default();
        let mut out = CopyOutput { sink: &mut sink, notices: &mut self.notices };
        match self.session.simple_query(sql, &mut out) {
            Ok(Progress::CopyIn) => {
                Ok(CopyInWriter { connection: self, buffer: Vec::with_capacity(PIECE), done: false })
            }
            Ok(_) => {
                self.session.discard_pending();
                self.end_request(Ok(()))?;
                Err(Error::of(codes::WRONG_OBJECT_TYPE, "the statement is not a COPY FROM STDIN"))
            }
            Err(error) => self.end_request(Err(error)),
        }
    }

    /// Starts a `COPY ... TO STDOUT`; its data is read from what is returned.
    ///
    /// ```
    /// use std::io::Read;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// let mut text = String::new();
    /// connection.copy_out("COPY (SELECT 1, 'one') TO STDOUT")?.read_to_string(&mut text)?;
    /// assert_eq!(text, "1\tone\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn copy_out(&mut self, sql: &str) -> Result<CopyOutReader<'_>> {
        self.begin_request()?;
        let mut sink = CopySink::default();
        let mut out = CopyOutput { sink: &mut sink, notices: &mut self.notices };
        let result = self.session.simple_query(sql, &mut out);
        let error = match result {
            Ok(progress) if sink.began_out && progress != Progress::CopyIn => {
                let mut reader = CopyOutReader { connection: self, sink, read: 0, running: true };
                reader.settle(Ok(progress))?;
                return Ok(reader);
            }
            Ok(Progress::CopyIn) => self.session.copy_fail("the statement is not a COPY TO STDOUT"),
            Ok(_) => {
                self.session.discard_pending();
                EngineError::new(codes::WRONG_OBJECT_TYPE, "the statement is not a COPY TO STDOUT")
            }
            Err(error) => error,
        };
        self.end_request(Err(error))
    }
}

/// Takes the data of a `COPY ... FROM STDIN`, cut anywhere. Dropped without [`finish`](CopyInWriter::finish), it fails the
/// statement: nothing is copied.
#[derive(Debug)]
pub struct CopyInWriter<'c> {
    connection: &'c mut Connection,
    buffer: Vec<u8>,
    done: bool,
}

impl CopyInWriter<'_> {
    /// Ends the data and says how many rows were copied.
    pub fn finish(mut self) -> Result<u64> {
        self.send()?;
        self.done = true;
        let connection = &mut *self.connection;
        let mut sink = CopySink::default();
        let mut out = CopyOutput { sink: &mut sink, notices: &mut connection.notices };
        let result =
            connection.session.copy_done(&mut out).and_then(|progress| connection.complete(progress));
        connection.end_request(result.map(|()| sink.processed))
    }

    fn send(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let result = self.connection.session.copy_data(&self.buffer);
        self.buffer.clear();
        if let Err(error) = result {
            self.done = true;
            return self.connection.end_request(Err(error));
        }
        Ok(())
    }
}

impl Write for CopyInWriter<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.done {
            return Err(io::Error::other("the COPY has failed"));
        }
        self.buffer.extend_from_slice(data);
        if self.buffer.len() >= PIECE {
            self.send()?;
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.done {
            return Err(io::Error::other("the COPY has failed"));
        }
        Ok(self.send()?)
    }
}

impl Drop for CopyInWriter<'_> {
    fn drop(&mut self) {
        if !self.done {
            let error = self.connection.session.copy_fail("it was not finished");
            let _ = self.connection.end_request::<()>(Err(error));
        }
    }
}

/// Gives the data of a `COPY ... TO STDOUT`. Dropped before its end, it stops the statement.
pub struct CopyOutReader<'c> {
    connection: &'c mut Connection,
    sink: CopySink,
    read: usize,
    running: bool,
}

impl CopyOutReader<'_> {
    fn settle(&mut self, result: EngineResult<Progress>) -> Result<()> {
        let result = match result {
            Ok(Progress::OutputFull) => match self.connection.session.wait_durable() {
                Ok(()) => return Ok(()),
                Err(error) => Err(error),
            },
            Ok(Progress::CopyIn) => Err(self.connection.session.copy_fail("this call has no data")),
            Ok(Progress::Complete) => Ok(()),
            Err(error) => Err(error),
        };
        self.running = false;
        self.connection.end_request(result)
    }

    fn fill(&mut self) -> Result<()> {
        while self.read >= self.sink.data.len() && self.running {
            self.sink.data.clear();
            self.read = 0;
            let mut out = CopyOutput { sink: &mut self.sink, notices: &mut self.connection.notices };
            let result = self.connection.session.resume(&mut out);
            self.settle(result)?;
        }
        Ok(())
    }
}

impl BufRead for CopyOutReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(self.sink.data.get(self.read..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.read = (self.read + amount).min(self.sink.data.len());
    }
}

impl Read for CopyOutReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut data = self.fill_buf()?;
        let read = data.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl Drop for CopyOutReader<'_> {
    fn drop(&mut self) {
        if self.running {
            self.connection.session.discard_pending();
            let result = self.connection.settle(Ok(()));
            let _ = self.connection.end_request(result);
        }
    }
}

impl std::fmt::Debug for CopyOutReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyOutReader").field("running", &self.running).finish_non_exhaustive()
    }
}
