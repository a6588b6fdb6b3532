//! Built-in functions, operators, casts and aggregates, registered under their `pg_proc.prosrc` name.
//!
//! Null handling of strict functions is done by the caller (executor): a strict function never sees a NULL argument.

pub mod call;
pub mod registry;

pub use call::{AggState, CallInfo, CallMode, FnCtx, SessionEnv, SetIter};
pub use registry::{Builtin, Registry};
