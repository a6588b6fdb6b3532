//! The log: one record for each commit, in the order of commits.

mod buffer;
mod ops;
mod reader;
mod record;
mod segment;
mod writer;

pub(crate) use buffer::LogBuffer;
pub(crate) use ops::{Op, OpReader, OpWriter};
pub(crate) use reader::{LogEnd, Reader};
pub(crate) use segment::Segments;
pub(crate) use writer::LogWriter;

/// Where the log of a new database begins. Nothing is at LSN 0, which stands for "nothing to wait for".
pub(crate) const FIRST_LSN: u64 = 64;
