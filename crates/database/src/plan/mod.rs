//! Prepared statements and cached plans.
//!
//! - [`prepared`]: a statement with its parameter types and columns, and its plan
//! - [`analysis`]: text to plan
//! - [`texts`]: statements of simple queries by text
//! - [`normal`]: those that differ in their integers only
//! - [`query`]: running queries from within commands and functions

mod analysis;
mod normal;
mod prepared;
mod query;
mod texts;

pub(crate) use analysis::AnalyzedQuery;
pub(crate) use normal::Known;
pub(crate) use prepared::{CachedPlan, PlanKey, Prepared, PreparedStatements, StatementKind};
pub(crate) use texts::{QueryText, TextCache};
