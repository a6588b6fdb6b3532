//! PL/pgSQL: parser and interpreter. See `README.md`.

pub mod ast;
mod conditions;
mod names;
mod parser;
mod run;

pub use names::{Resolved, Types};
pub use parser::{Argument, Direction, Kind, Signature, compile};
pub use run::{
    Column, CursorQuery, CursorRequest, Frame, Host, Moved, Position, Ran, Record, Rows, Sink, Slot, Value,
    call, call_set,
};
