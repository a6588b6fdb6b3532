//! Messages from the client, decoded without copying.

use crate::Format;
use crate::cursor::{Cursor, utf8};
use crate::frame::Frame;
use pglitedb_sqlstate::{Result, Severity, bail, err};

/// A message of the normal phase of a connection.
#[derive(Clone, Copy, Debug)]
pub enum FrontendMessage<'a> {
    /// `Q`: a string of SQL statements.
    Query(&'a str),
    /// `P`: prepare a statement.
    Parse(Parse<'a>),
    /// `B`: make a portal of a prepared statement and parameter values.
    Bind(Bind<'a>),
    /// `D`: describe a statement or portal.
    Describe(Target<'a>),
    /// `E`: run a portal; at most `max_rows` rows, 0 for all.
    Execute {
        /// Name of the portal; empty for the unnamed one.
        portal: &'a str,
        /// Row limit; 0 means none.
        max_rows: u32,
    },
    /// `C`: close a statement or portal.
    Close(Target<'a>),
    /// `S`: end of an extended-query sequence.
    Sync,
    /// `H`: send what is there.
    Flush,
    /// `d`: a piece of COPY data.
    CopyData(&'a [u8]),
    /// `c`: end of COPY data.
    CopyDone,
    /// `f`: the client gives COPY up, for this reason.
    CopyFail(&'a str),
    /// `p`: password, or SASL message; how to read the body depends on what was asked.
    Password(&'a [u8]),
    /// `F`: call of a function by OID.
    FunctionCall(&'a [u8]),
    /// `X`: goodbye.
    Terminate,
}

/// What Describe and Close refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A prepared statement.
    Statement(&'a str),
    /// A portal.
    Portal(&'a str),
}

/// The body of Parse.
#[derive(Clone, Copy, Debug)]
pub struct Parse<'a> {
    /// Name of the statement; empty for the unnamed one.
    pub statement: &'a str,
    /// Its text.
    pub sql: &'a str,
    /// Types of its parameters as far as the client states them.
    pub param_types: ParamTypes<'a>,
}

/// The body of Bind.
#[derive(Clone, Copy, Debug)]
pub struct Bind<'a> {
    /// Name of the portal; empty for the unnamed one.
    pub portal: &'a str,
    /// Name of the prepared statement.
    pub statement: &'a str,
    /// Formats of the parameters.
    pub param_formats: Formats<'a>,
    /// Values of the parameters.
    pub params: ParamValues<'a>,
    /// Formats wanted for the result columns.
    pub result_formats: Formats<'a>,
}

/// Type OIDs of parameters; 0 leaves a type to the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParamTypes<'a>(&'a [[u8; 4]]);

impl<'a> ParamTypes<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The OIDs in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        self.0.iter().map(|bytes| u32::from_be_bytes(*bytes))
    }
}

/// Format codes: none (all text), one (for all) or one for each value. The codes have been checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Formats<'a>(&'a [[u8; 2]]);

impl Formats<'_> {
    /// How many codes the message has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the message has no codes, so that everything is text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The format of value number `index`, from 0.
    pub fn get(&self, index: usize) -> Format {
        let code = match self.0 {
            [] => return Format::Text,
            [one] => Some(one),
            many => many.get(index),
        };
        match code {
            Some([0, 1]) => Format::Binary,
            _ => Format::Text,
        }
    }

    /// Fails (08P01) unless the codes fit that many result columns.
    pub fn check_columns(&self, columns: usize) -> Result<()> {
        if self.len() > 1 && self.len() != columns {
            bail!(
                PROTOCOL_VIOLATION,
                "bind message has {} result formats but query has {} columns",
                self.len(),
                columns
            );
        }
        Ok(())
    }
}

/// Parameter values of a Bind message: each `None` for NULL or its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParamValues<'a> {
    count: usize,
    bytes: &'a [u8],
}

impl<'a> ParamValues<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The values in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&'a [u8]>> + use<'a> {
        let mut cursor = Cursor::new(self.bytes);
        // The message was walked through when it was decoded, so nothing is cut short here.
        (0..self.count).map(move |_| read_value(&mut cursor).ok().flatten())
    }
}

fn read_value<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a [u8]>> {
    match cursor.i32()? {
        -1 => Ok(None),
        length => match usize::try_from(length) {
            Ok(length) => cursor.take(length).map(Some),
            Err(_) => Err(err!(PROTOCOL_VIOLATION, "insufficient data left in message")),
        },
    }
}

impl<'a> FrontendMessage<'a> {
    /// Decodes one message. Errors have severity `ERROR`: the stream is still in step, only this message is refused.
    pub fn decode(frame: &Frame<'a>) -> Result<FrontendMessage<'a>> {
        let mut cursor = Cursor::new(frame.body);
        let message = match frame.tag {
            b'Q' => FrontendMessage::Query(cursor.c_str()?),
            b'P' => FrontendMessage::Parse(decode_parse(&mut cursor)?),
            b'B' => FrontendMessage::Bind(decode_bind(&mut cursor)?),
            b'D' => FrontendMessage::Describe(decode_target(&mut cursor, "DESCRIBE")?),
            b'E' => {
                let portal = cursor.c_str()?;
                // As in PostgreSQL a limit of zero or less means no limit.
                let max_rows = u32::try_from(cursor.i32()?).unwrap_or(0);
                FrontendMessage::Execute { portal, max_rows }
            }
            b'C' => FrontendMessage::Close(decode_target(&mut cursor, "CLOSE")?),
            b'S' => FrontendMessage::Sync,
            b'H' => FrontendMessage::Flush,
            b'd' => return Ok(FrontendMessage::CopyData(frame.body)),
            b'c' => FrontendMessage::CopyDone,
            b'f' => FrontendMessage::CopyFail(cursor.c_str()?),
            b'p' => return Ok(FrontendMessage::Password(frame.body)),
            b'F' => return Ok(FrontendMessage::FunctionCall(frame.body)),
            b'X' => return Ok(FrontendMessage::Terminate),
            tag => {
                let text = format!("invalid frontend message type {tag}");
                return Err(err!(PROTOCOL_VIOLATION, "{text}").severity(Severity::Fatal));
            }
        };
        cursor.finish()?;
        Ok(message)
    }
}

fn decode_target<'a>(cursor: &mut Cursor<'a>, message: &str) -> Result<Target<'a>> {
    let kind = cursor.u8()?;
    let name = cursor.c_str()?;
    match kind {
        b'S' => Ok(Target::Statement(name)),
        b'P' => Ok(Target::Portal(name)),
        _ => bail!(PROTOCOL_VIOLATION, "invalid {message} message subtype {kind}"),
    }
}

fn decode_parse<'a>(cursor: &mut Cursor<'a>) -> Result<Parse<'a>> {
    let statement = cursor.c_str()?;
    let sql = cursor.c_str()?;
    let count = usize::from(cursor.u16()?);
    let (types, _) = cursor.take(count * 4)?.as_chunks::<4>();
    Ok(Parse { statement, sql, param_types: ParamTypes(types) })
}

fn decode_bind<'a>(cursor: &mut Cursor<'a>) -> Result<Bind<'a>> {
    let portal = cursor.c_str()?;
    let statement = cursor.c_str()?;
    let param_formats = decode_formats(cursor)?;
    let count = usize::from(cursor.u16()?);
    if param_formats.len() > 1 && param_formats.len() != count {
        bail!(
            PROTOCOL_VIOLATION,
            "bind message has {} parameter formats but {} parameters",
            param_formats.len(),
            count
        );
    }
    let bytes = cursor.rest();
    for _ in 0..count {
        read_value(cursor)?;
    }
    let result_formats = decode_formats(cursor)?;
    Ok(Bind { portal, statement, param_formats, params: ParamValues { count, bytes }, result_formats })
}

fn decode_formats<'a>(cursor: &mut Cursor<'a>) -> Result<Formats<'a>> {
    let count = usize::from(cursor.u16()?);
    let (codes, _) = cursor.take(count * 2)?.as_chunks::<2>();
    for code in codes {
        let code = i16::from_be_bytes(*code);
        if Format::from_code(code).is_none() {
            bail!(INVALID_PARAMETER_VALUE, "unsupported format code: {code}");
        }
    }
    Ok(Formats(codes))
}

/// Reads the body of a password message: a zero-terminated string.
pub fn decode_password(body: &[u8]) -> Result<&str> {
    let mut cursor = Cursor::new(body);
    let password = cursor.c_bytes().map_err(|_| err!(PROTOCOL_VIOLATION, "invalid password packet size"))?;
    if !cursor.rest().is_empty() {
        bail!(PROTOCOL_VIOLATION, "invalid password packet size");
    }
    utf8(password)
}
