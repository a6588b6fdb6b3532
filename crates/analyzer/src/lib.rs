//! Raw tree and catalog to bound query: PostgreSQL's parse analysis.
//!
//! [`analyze`] turns a statement into a [`Query`](pglitedb_query_tree::Query), [`rewrite`] expands views in it. The
//! crate is pure: it asks the [`Catalog`](pglitedb_catalog::Catalog) and the session's settings, it never touches
//! storage and evaluates nothing but the input functions of literals.
//!
//! `README.md` tells the life of an analysis.

mod context;
mod entry;
mod kind;

pub use context::{AnalyzeContext, ParamTypes, ParserHook};
pub use entry::*;
pub use kind::ExprKind;
