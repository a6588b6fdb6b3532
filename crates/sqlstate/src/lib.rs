//! The SQLSTATE code table and the error value every layer agrees on.
//!
//! An [`Error`] carries what a PostgreSQL `ErrorResponse` carries: severity, [`SqlState`], message, detail, hint,
//! position and the schema/table/column/data type/constraint names. Layers build one with the [`err!`](crate::err)
//! macro and enrich it with the builder methods; nothing is lost on the way to the client.

pub mod codes;
mod error;

pub use codes::SqlState;
pub use error::{Error, ErrorFields, Result, Severity};
