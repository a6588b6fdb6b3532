//! COPY.

use crate::context::StatementCtx;
use crate::output::{CommandTag, Format, Output};
use pglitedb_sql_parser::ast::CopyStatement;
use pglitedb_sqlstate::{Error, Result};

/// How a COPY goes on after [`begin`].
pub enum CopyStart {
    /// Everything was done (files, `TO STDOUT` that needed no pause).
    Done(CommandTag),
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

/// Runs COPY. `TO STDOUT` writes to `out` (`copy_out_begin`, a `copy_out_data` per row, `copy_out_done`).
pub fn begin(stmt: &CopyStatement, ctx: &StatementCtx<'_>, out: &mut dyn Output) -> Result<CopyStart> {
    let _ = (stmt, ctx, out);
    Err(Error::unsupported("COPY is not supported yet"))
}
