//! Bound expressions, queries and plans: data only.
