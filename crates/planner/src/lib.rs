//! Bound query and statistics to plan.
//!
//! [`plan_query`] is a pure function of a bound [`Query`], the catalogs and the settings. Its life:
//!
//! 1. `prep`: fold constants, inline WITH queries, pull subqueries and `IN`/`EXISTS` up into the join tree, turn outer
//!    joins into inner ones where a strict condition allows it, replace join aliases by the columns behind them.
//! 2. `path`: the cheapest ways to read each relation, then the cheapest join order (dynamic programming, greedy above
//!    [`Settings::join_search_limit`] relations), with PostgreSQL's cost model.
//! 3. `upper`: grouping, windows, DISTINCT, ORDER BY, LIMIT, row locks, data changes.
//! 4. `refs`: expressions are made to refer to the children's output columns.
//!
//! The planner reaches neither storage nor the parser.

mod create;
mod fold;
mod path;
mod planner;
mod prep;
mod range_support;
mod refs;
mod settings;
mod upper;

pub use fold::{fold_expr, fold_planned_expr};
pub use path::base::table_pages;
pub use planner::{PlannerContext, plan_query};
pub use settings::Settings;
