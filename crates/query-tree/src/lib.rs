//! Bound expressions, queries and plans: data only.
//!
//! The analyzer makes a [`Query`], the planner turns it into a [`PlannedStmt`], the executor runs that. Queries and
//! expressions can be serialized ([`serial`]): that is how views, defaults and constraints are stored.

pub mod expr;
mod expr_info;
pub mod plan;
pub mod query;
pub mod serial;
pub mod walk;

pub use expr::*;
pub use plan::*;
pub use query::*;
