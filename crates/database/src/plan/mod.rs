//! Prepared statements and cached plans.
//!
//! - [`prepared`]: a statement with its parameter types and columns, and its plan
//! - [`analysis`]: text to plan
//! - [`texts`]: statements of simple queries by text
//! - [`query`]: running queries from within commands and functions

mod analysis;
mod prepared;
mod query;
mod texts;

pub(crate) use analysis::AnalyzedQuery;
pub(crate) use prepared::{CachedPlan, PlanKey, Prepared, PreparedStatements, StatementKind};
pub(crate) use texts::{QueryText, TextCache};
