//! Built-in functions, operators, casts and aggregates, registered under their `pg_proc.prosrc` name.
//!
//! Null handling of strict functions is done by the caller (executor): a strict function never sees a NULL argument.
//! Functions that PostgreSQL defines in SQL are implemented natively under the key `sql:<oid>`, for example `sql:879`
//! for `lpad(text, integer)`.

pub mod call;
#[macro_use]
pub mod convert;
pub mod datetime;
pub mod number;
pub mod registry;
pub mod text;

pub use call::{AggState, CallInfo, CallMode, FnCtx, SessionEnv, SetIter};
pub use registry::{Builtin, Registry, builtins};

fn register_all(reg: &mut Registry) {
    datetime::register(reg);
    number::register(reg);
    text::register(reg);
}
