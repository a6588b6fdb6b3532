//! Prepared statements and cached plans.

/// A session's prepared statements.
#[derive(Default)]
pub(crate) struct PreparedStatements {}
