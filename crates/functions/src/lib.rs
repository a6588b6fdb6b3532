//! Built-in functions, operators, casts and aggregates, registered under their `pg_proc.prosrc` name.
//!
//! Null handling of strict functions is done by the caller (executor): a strict function never sees a NULL argument.
//! Functions that PostgreSQL defines in SQL are implemented natively under the key `sql:<oid>`, for example `sql:879`
//! for `lpad(text, integer)`.

// First, as the others use its macros.
#[macro_use]
pub mod convert;

pub mod aggregate;
pub mod array;
pub mod call;
pub mod coverage;
pub mod datetime;
pub mod formatting;
pub mod geometry;
pub mod io;
mod io_names;
pub mod json;
pub mod misc;
pub mod number;
pub mod range;
pub mod registry;
pub mod session;
pub mod text;
pub mod text_search;
mod window;

pub use call::{AggState, CallInfo, CallMode, FnCtx, SessionEnv, SetIter, SortKey};
pub use registry::{Builtin, Registry, builtins};

/// Registers all functions of this crate.
pub fn register_all(reg: &mut Registry) {
    datetime::register(reg);
    formatting::register(reg);
    aggregate::register(reg);
    array::register(reg);
    geometry::register(reg);
    io::register(reg);
    json::register(reg);
    misc::register(reg);
    number::register(reg);
    range::register(reg);
    session::register(reg);
    text::register(reg);
    text_search::register(reg);
    window::register(reg);
}
