//! Messages to the client.

use crate::Format;
use crate::report::encode_report;
use crate::row::RowWriter;
use pglitedb_sqlstate::{Error, Result, Severity, bail};

/// What ReadyForQuery says about the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// Not in a transaction block.
    Idle,
    /// In a transaction block.
    Active,
    /// In a transaction block that has failed.
    Failed,
}

/// One column of a RowDescription.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Column name.
    pub name: &'a str,
    /// OID of the table it comes from, or 0.
    pub table: u32,
    /// Number of the column in that table, or 0.
    pub attribute: i16,
    /// OID of its type.
    pub type_oid: u32,
    /// Size of its type; negative for variable sizes.
    pub type_size: i16,
    /// Type modifier, or -1.
    pub type_modifier: i32,
    /// How values are sent.
    pub format: Format,
}

/// What CopyInResponse and CopyOutResponse say: overall format and number of columns, all in that format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyFormat {
    /// Whether the data is binary.
    pub format: Format,
    /// Number of columns.
    pub columns: u16,
}

/// Outgoing messages, one behind another, until the owner writes them to the client.
#[derive(Debug, Default)]
pub struct MessageBuffer {
    bytes: Vec<u8>,
    full_at: usize,
}

impl MessageBuffer {
    /// An empty buffer that calls itself full from `full_at` bytes on.
    pub fn new(full_at: usize) -> Self {
        MessageBuffer { bytes: Vec::new(), full_at }
    }

    /// Whether it is time to write to the client before more rows are added. Nothing breaks if more is added.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.bytes.len() >= self.full_at
    }

    /// What there is to write.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of bytes to write.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Forgets what has been written; the memory stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Forgets what was added after the buffer had that length.
    pub fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    /// Exchanges the memory behind the buffer, so that idle connections need not hold any.
    pub fn swap_storage(&mut self, storage: &mut Vec<u8>) {
        std::mem::swap(&mut self.bytes, storage);
    }

    /// Appends one message whose body `body` appends.
    #[inline]
    pub fn message(&mut self, tag: u8, body: impl FnOnce(&mut Vec<u8>)) {
        let at = self.bytes.len() + 1;
        self.bytes.extend_from_slice(&[tag, 0, 0, 0, 0]);
        body(&mut self.bytes);
        let length = self.bytes.len() - at;
        if let Some(word) = self.bytes.get_mut(at..at + 4) {
            // Bodies are bounded well below 4 GB by their writers.
            word.copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
    }

    fn authentication(&mut self, code: u32, rest: &[u8]) {
        self.message(b'R', |out| {
            out.extend_from_slice(&code.to_be_bytes());
            out.extend_from_slice(rest);
        });
    }

    /// AuthenticationOk.
    pub fn authentication_ok(&mut self) {
        self.authentication(0, &[]);
    }

    /// AuthenticationCleartextPassword.
    pub fn authentication_cleartext(&mut self) {
        self.authentication(3, &[]);
    }

    /// AuthenticationMD5Password.
    pub fn authentication_md5(&mut self, salt: [u8; 4]) {
        self.authentication(5, &salt);
    }

    /// AuthenticationSASL: the mechanisms to choose from.
    pub fn authentication_sasl(&mut self, mechanisms: &[&str]) {
        self.message(b'R', |out| {
            out.extend_from_slice(&10u32.to_be_bytes());
            for mechanism in mechanisms {
                c_str(out, mechanism);
            }
            out.push(0);
        });
    }

    /// AuthenticationSASLContinue.
    pub fn authentication_sasl_continue(&mut self, data: &[u8]) {
        self.authentication(11, data);
    }

    /// AuthenticationSASLFinal.
    pub fn authentication_sasl_final(&mut self, data: &[u8]) {
        self.authentication(12, data);
    }

    /// NegotiateProtocolVersion: the version that will be spoken and the options not understood.
    pub fn negotiate_protocol_version(&mut self, version: u32, unknown_options: &[String]) {
        self.message(b'v', |out| {
            out.extend_from_slice(&version.to_be_bytes());
            out.extend_from_slice(&(unknown_options.len() as u32).to_be_bytes());
            for option in unknown_options {
                c_str(out, option);
            }
        });
    }

    /// ParameterStatus.
    pub fn parameter_status(&mut self, name: &str, value: &str) {
        self.message(b'S', |out| {
            c_str(out, name);
            c_str(out, value);
        });
    }

    /// BackendKeyData: what a cancel request has to name.
    pub fn backend_key_data(&mut self, process_id: i32, secret: &[u8]) {
        self.message(b'K', |out| {
            out.extend_from_slice(&process_id.to_be_bytes());
            out.extend_from_slice(secret);
        });
    }

    /// ReadyForQuery.
    pub fn ready_for_query(&mut self, status: TransactionStatus) {
        let status = match status {
            TransactionStatus::Idle => b'I',
            TransactionStatus::Active => b'T',
            TransactionStatus::Failed => b'E',
        };
        self.bytes.extend_from_slice(&[b'Z', 0, 0, 0, 5, status]);
    }

    /// RowDescription.
    pub fn row_description<'f>(&mut self, fields: impl ExactSizeIterator<Item = Field<'f>>) -> Result<()> {
        let count = column_count(fields.len())?;
        self.message(b'T', |out| {
            out.extend_from_slice(&count.to_be_bytes());
            for field in fields {
                c_str(out, field.name);
                out.extend_from_slice(&field.table.to_be_bytes());
                out.extend_from_slice(&field.attribute.to_be_bytes());
                out.extend_from_slice(&field.type_oid.to_be_bytes());
                out.extend_from_slice(&field.type_size.to_be_bytes());
                out.extend_from_slice(&field.type_modifier.to_be_bytes());
                out.extend_from_slice(&field.format.code().to_be_bytes());
            }
        });
        Ok(())
    }

    /// Begins a DataRow; the writer takes its columns one by one.
    #[inline]
    pub fn begin_row(&mut self, columns: usize) -> Result<RowWriter<'_>> {
        let columns = column_count(columns)?;
        Ok(RowWriter::begin(&mut self.bytes, columns))
    }

    /// CommandComplete.
    pub fn command_complete(&mut self, tag: &str) {
        self.message(b'C', |out| c_str(out, tag));
    }

    /// EmptyQueryResponse.
    pub fn empty_query_response(&mut self) {
        self.bare(b'I');
    }

    /// NoData.
    pub fn no_data(&mut self) {
        self.bare(b'n');
    }

    /// PortalSuspended.
    pub fn portal_suspended(&mut self) {
        self.bare(b's');
    }

    /// ParseComplete.
    pub fn parse_complete(&mut self) {
        self.bare(b'1');
    }

    /// BindComplete.
    pub fn bind_complete(&mut self) {
        self.bare(b'2');
    }

    /// CloseComplete.
    pub fn close_complete(&mut self) {
        self.bare(b'3');
    }

    /// ParameterDescription.
    pub fn parameter_description(&mut self, types: impl ExactSizeIterator<Item = u32>) -> Result<()> {
        let Ok(count) = u16::try_from(types.len()) else {
            bail!(PROGRAM_LIMIT_EXCEEDED, "too many query parameters: {}", types.len());
        };
        self.message(b't', |out| {
            out.extend_from_slice(&count.to_be_bytes());
            for oid in types {
                out.extend_from_slice(&oid.to_be_bytes());
            }
        });
        Ok(())
    }

    /// ErrorResponse, or NoticeResponse for severities below `ERROR`. `source` is the text that the position refers to.
    pub fn report(&mut self, error: &Error, source: Option<&str>) {
        let tag = if error.fields().severity >= Severity::Error { b'E' } else { b'N' };
        self.message(tag, |out| encode_report(out, error, source));
    }

    /// CopyInResponse.
    pub fn copy_in_response(&mut self, copy: CopyFormat) {
        self.copy_response(b'G', copy);
    }

    /// CopyOutResponse.
    pub fn copy_out_response(&mut self, copy: CopyFormat) {
        self.copy_response(b'H', copy);
    }

    fn copy_response(&mut self, tag: u8, copy: CopyFormat) {
        self.message(tag, |out| {
            out.push(copy.format.code() as u8);
            out.extend_from_slice(&copy.columns.to_be_bytes());
            for _ in 0..copy.columns {
                out.extend_from_slice(&copy.format.code().to_be_bytes());
            }
        });
    }

    /// CopyData.
    pub fn copy_data(&mut self, data: &[u8]) {
        self.message(b'd', |out| out.extend_from_slice(data));
    }

    /// CopyDone.
    pub fn copy_done(&mut self) {
        self.bare(b'c');
    }

    /// NotificationResponse.
    pub fn notification(&mut self, process_id: i32, channel: &str, payload: &str) {
        self.message(b'A', |out| {
            out.extend_from_slice(&process_id.to_be_bytes());
            c_str(out, channel);
            c_str(out, payload);
        });
    }

    #[inline]
    fn bare(&mut self, tag: u8) {
        self.bytes.extend_from_slice(&[tag, 0, 0, 0, 4]);
    }
}

/// Result columns are counted in 16 bits; PostgreSQL itself stops at 1,664.
fn column_count(columns: usize) -> Result<u16> {
    match u16::try_from(columns) {
        Ok(count) => Ok(count),
        Err(_) => bail!(TOO_MANY_COLUMNS, "target lists can have at most 1664 entries"),
    }
}

/// Appends a zero-terminated string. A zero byte inside of it would end it early, so it is dropped.
pub(crate) fn c_str(out: &mut Vec<u8>, text: &str) {
    if text.as_bytes().contains(&0) {
        out.extend(text.bytes().filter(|byte| *byte != 0));
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.push(0);
}
