//! Messages and authentication of the PostgreSQL frontend/backend protocol, version 3, as functions over bytes.
//!
//! There are no sockets here and nothing waits. Incoming bytes are cut into [`Frame`]s by [`next_frame`] and decoded
//! by [`FrontendMessage::decode`], which borrows everything from the frame. Outgoing messages are appended to a
//! [`MessageBuffer`], which the caller writes to its socket whenever it likes. [`startup`] has what precedes the
//! first ordinary message, [`sasl`] the server's side of SCRAM-SHA-256.
//!
//! No input makes these functions panic: what does not follow the protocol is an error with SQLSTATE `08P01`, worded
//! as PostgreSQL words it.

mod backend;
mod cursor;
mod frame;
mod frontend;
mod report;
mod row;
pub mod sasl;
pub mod startup;

pub use backend::{CopyFormat, Field, MessageBuffer, TransactionStatus};
pub use cursor::utf8;
pub use frame::{Frame, Limits, next_frame};
pub use frontend::{Bind, Formats, FrontendMessage, ParamTypes, ParamValues, Parse, Target};
pub use report::{char_position, encode_report};
pub use row::RowWriter;

/// Text or binary: how one value is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// The type's text form (format code 0).
    #[default]
    Text,
    /// The type's binary form (format code 1).
    Binary,
}

impl Format {
    /// The code used in messages.
    pub fn code(self) -> i16 {
        match self {
            Format::Text => 0,
            Format::Binary => 1,
        }
    }

    /// The format for a code, if there is one.
    pub fn from_code(code: i16) -> Option<Format> {
        match code {
            0 => Some(Format::Text),
            1 => Some(Format::Binary),
            _ => None,
        }
    }
}
