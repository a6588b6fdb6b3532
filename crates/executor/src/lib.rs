//! Plan and transaction to rows; one file per node.
//!
//! [`Executor::build`] compiles a [`PlannedStmt`](pglitedb_query_tree::PlannedStmt) into a tree of nodes; expressions
//! become [`expr::Compiled`] with every function resolved. [`Executor::next`] pulls one row. An executor keeps no
//! reference to the session: what it needs comes with each call in a [`Runtime`], so a portal can hold one across
//! commands, and a prepared statement can run the same one again after [`Executor::reset`].
//!
//! Invariants: nodes write a row into the caller's vector and allocate nothing per row for by-value types; every loop
//! over data calls [`Runtime::check`]; plans are never changed.

mod build;
mod executor;
pub mod expr;
pub mod foreign_key;
mod hash;
pub mod instrument;
mod nodes;
mod row_compare;
mod row_sort;
mod runtime;
pub mod write;

pub use executor::Executor;
pub use expr::{CompileCtx, Compiled, EvalRow, compile};
pub use instrument::NodeStats;
pub use nodes::memoize::CacheStats;
pub use runtime::{DeferredCheck, Runtime, RuntimeHooks};
