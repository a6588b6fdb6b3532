//! Bound query and statistics to plan.
