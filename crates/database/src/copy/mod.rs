//! COPY: tables and queries to and from files and the client, as text, CSV or binary.
//!
//! - [`options`]: what the command asks for
//! - [`lines`], [`binary`]: cutting data that arrives in pieces into rows of fields
//! - [`from`]: fields to rows of the table, with defaults, checks and indexes
//! - [`to`], [`format`]: rows to data

mod binary;
mod columns;
mod file;
pub(crate) use file::failed as file_error;
mod format;
mod from;
mod lines;
mod options;
mod to;

use crate::context::StatementCtx;
use crate::output::{CommandTag, Format, Output};
use options::DataFormat;
use pglitedb_sql_parser::ast::{CopySource, CopyStatement, CopyTarget};
use pglitedb_sqlstate::{Error, Result};

/// How a COPY goes on after [`begin`].
pub enum CopyStart {
    /// Everything was done (files).
    Done(CommandTag),
    /// `TO STDOUT`: rows are to be asked of [`CopyTo`].
    ToClient(Box<dyn CopyTo>),
    /// `FROM STDIN`: data is to be handed to [`CopyFrom`].
    FromClient {
        /// Takes the data.
        copy: Box<dyn CopyFrom>,
        /// Format to announce.
        format: Format,
        /// Columns to announce.
        columns: usize,
    },
}

/// `COPY ... FROM STDIN` in progress. It keeps no reference to the session: every call gets the context.
pub trait CopyFrom: Send {
    /// A piece of data, cut anywhere.
    fn data(&mut self, data: &[u8], ctx: &StatementCtx<'_>) -> Result<()>;

    /// The end of the data; returns the tag.
    fn finish(&mut self, ctx: &StatementCtx<'_>) -> Result<CommandTag>;
}

/// `COPY ... TO STDOUT` in progress. Keeps no reference to the session.
pub trait CopyTo: Send {
    /// Writes to `out` (`copy_out_begin` at first, a `copy_out_data` per row, `copy_out_done` in the end) until it is full:
    /// then `None`, and it is called again. The context of every call belongs to the same statement; the snapshot to read
    /// with is the first call's.
    fn run(&mut self, ctx: &StatementCtx<'_>, out: &mut dyn Output) -> Result<Option<CommandTag>>;
}

/// Begins COPY; whatever does not involve the client is done at once.
pub fn begin(stmt: &CopyStatement, ctx: &StatementCtx<'_>) -> Result<CopyStart> {
    let options = options::options(&stmt.options, stmt.from)?;
    if let CopyTarget::Program(_) = stmt.target {
        return Err(Error::unsupported("COPY with PROGRAM is not supported"));
    }
    if !stmt.from {
        return to::begin(stmt, options, ctx);
    }
    let CopySource::Table { name, columns } = &stmt.source else {
        return Err(Error::internal("COPY FROM without a table"));
    };
    if let CopyTarget::File(_) = stmt.target {
        file::check_role(ctx, "pg_read_server_files", "from")?;
    }
    let binary = options.format == DataFormat::Binary;
    let mut copy = from::CopyIn::new(name, columns, stmt.where_clause.as_ref(), options, ctx)?;
    if let CopyTarget::File(path) = &stmt.target {
        return file::read(path, &mut copy, ctx).map(CopyStart::Done);
    }
    let format = if binary { Format::Binary } else { Format::Text };
    let columns = copy.column_count();
    Ok(CopyStart::FromClient { copy: Box::new(copy), format, columns })
}
