//! Raw tree and catalog to bound query: PostgreSQL's parse analysis.
//!
//! [`analyze`] turns a statement into a [`Query`](pglitedb_query_tree::Query), [`rewrite`] expands views in it. The
//! crate is pure: it asks the [`Catalog`](pglitedb_catalog::Catalog) and the session's settings, it never touches
//! storage and evaluates nothing but the input functions of literals.
//!
//! `README.md` tells the life of an analysis.

mod assign;
mod binder;
mod coerce;
mod collate;
mod columns;
mod conflict;
mod context;
mod cte;
mod cte_search;
mod dml;
mod entry;
mod expr;
mod format_type;
mod from;
mod from_function;
mod from_json_table;
mod func;
mod group;
mod input;
mod insert;
mod join;
mod keywords;
mod kind;
mod limit;
mod locking;
mod lookup;
mod merge;
mod rewrite;
mod routine;
pub mod ruleutils;
mod select;
mod setop;
mod similar;
mod sort;
mod target;
mod typename;
mod types;
mod update;
mod window;

use expr as expr_ops;
use expr::names as expr_names;

pub use context::{AnalyzeContext, ParamTypes, ParserHook};
pub use entry::*;
pub use kind::ExprKind;
pub use routine::{
    ArgumentNames, FunctionResult, ResultShape, StoredBody, analyze_pl_assignment, analyze_return,
    assignment_cast, bind_function_default, coerce_result, deparse_body, resolve_polymorphic, result_columns,
};
pub use typename::type_text;
