//! Descriptions of tables, types and functions: built-in rows merged with stored ones.
//!
//! [`Catalog`] is what the analyzer, the planner and the executor ask; they see descriptors, never catalog rows.

pub mod builtin;
mod builtin_catalog;
mod convert;
pub mod descriptors;
pub mod new_objects;
pub mod new_rows;
pub mod relation;
mod row;
mod stored;
mod traits;

pub use builtin_catalog::builtin_catalog;
pub use descriptors::*;
pub use relation::*;
pub use stored::*;
pub use traits::{AmStrategy, Catalog};
