//! Answers of the database as protocol messages.

use pglitedb_database::{Column, CommandTag, Env, Format, Output, RowShape};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;
use pglitedb_wire_protocol::{CopyFormat, Field, Format as WireFormat, MessageBuffer};
use std::fmt::Write;

/// Writes answers into a message buffer.
pub(super) struct WireOutput<'a> {
    pub(super) out: &'a mut MessageBuffer,
}

pub(super) fn wire_format(format: Format) -> WireFormat {
    match format {
        Format::Text => WireFormat::Text,
        Format::Binary => WireFormat::Binary,
    }
}

/// A column as RowDescription shows it.
pub(super) fn field(column: &Column, format: Format) -> Field<'_> {
    Field {
        name: &column.name,
        table: column.table,
        attribute: column.attnum,
        type_oid: column.type_oid,
        type_size: column.type_len,
        type_modifier: column.typmod,
        format: wire_format(format),
    }
}

/// A command tag without allocating.
struct TagText {
    bytes: [u8; 64],
    length: usize,
}

impl Write for TagText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        let Some(room) = self.bytes.get_mut(self.length..end) else { return Err(std::fmt::Error) };
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

fn copy_format(format: Format, columns: usize) -> CopyFormat {
    CopyFormat { format: wire_format(format), columns: u16::try_from(columns).unwrap_or(u16::MAX) }
}

impl Output for WireOutput<'_> {
    fn describe(&mut self, shape: &RowShape) -> Result<()> {
        let columns = shape.columns.iter().enumerate();
        self.out.row_description(columns.map(|(at, column)| field(column, shape.format(at))))
    }

    #[inline]
    fn row(&mut self, row: &[Datum], shape: &RowShape, env: &Env) -> Result<()> {
        let mut message = self.out.begin_row(row.len())?;
        for (at, (value, column)) in row.iter().zip(shape.columns.iter()).enumerate() {
            if value.is_null() {
                message.null();
                continue;
            }
            match shape.format(at) {
                Format::Text => {
                    message.value(|bytes| pglitedb_types::output(value, column.type_oid, env, bytes))?;
                }
                Format::Binary => {
                    message.value(|bytes| pglitedb_types::send(value, column.type_oid, env, bytes))?;
                }
            }
        }
        message.finish()
    }

    fn is_full(&self) -> bool {
        self.out.is_full()
    }

    fn notice(&mut self, notice: &Error, source: Option<&str>) {
        self.out.report(notice, source);
    }

    fn complete(&mut self, tag: &CommandTag) {
        let mut text = TagText { bytes: [0; 64], length: 0 };
        let fits = write!(text, "{tag}").is_ok();
        match text.bytes.get(..text.length).map(std::str::from_utf8) {
            Some(Ok(text)) if fits => self.out.command_complete(text),
            _ => self.out.command_complete(&tag.to_string()),
        }
    }

    fn empty_query(&mut self) {
        self.out.empty_query_response();
    }

    fn suspended(&mut self) {
        self.out.portal_suspended();
    }

    fn copy_out_begin(&mut self, format: Format, columns: usize) -> Result<()> {
        self.out.copy_out_response(copy_format(format, columns));
        Ok(())
    }

    fn copy_out_data(&mut self, data: &[u8]) -> Result<()> {
        self.out.copy_data(data);
        Ok(())
    }

    fn copy_out_done(&mut self) {
        self.out.copy_done();
    }

    fn copy_in_begin(&mut self, format: Format, columns: usize) -> Result<()> {
        self.out.copy_in_response(copy_format(format, columns));
        Ok(())
    }
}
