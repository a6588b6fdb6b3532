//! How a built-in function is called.

use pglitedb_sqlstate::{Error, Result, SqlState};
use pglitedb_types::{Datum, EnumValue, Oid, TypeEnv};
use std::any::Any;
use std::sync::Arc;

/// What is known about a call site when the plan is made.
#[derive(Clone, Debug, Default)]
pub struct CallInfo {
    /// `pg_proc.oid` of the function called.
    pub function: Oid,
    /// Actual argument types (polymorphic and unknown ones resolved).
    pub arg_types: Vec<Oid>,
    /// Actual result type.
    pub result_type: Oid,
    /// Input collation, 0 if none.
    pub collation: Oid,
    /// Called with VARIADIC: the last argument is the array itself.
    pub variadic: bool,
    /// Set-returning functions: the result columns' names and types where the call site defines them (column
    /// definition list) or the function declares them; empty for a scalar result.
    pub result_columns: Vec<(Arc<str>, Oid, i32)>,
    /// Ordered-set and hypothetical-set aggregates: the order of the aggregated arguments (`WITHIN GROUP`). Their final
    /// functions sort; the rows may be fed in any order.
    pub sort: Vec<SortKey>,
}

/// How one column is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SortKey {
    /// Descending.
    pub descending: bool,
    /// NULLs first.
    pub nulls_first: bool,
}

/// Arguments common to all calls: the session and the call site.
#[derive(Clone, Copy)]
pub struct FnCtx<'a> {
    /// The session.
    pub env: &'a dyn SessionEnv,
    /// The call site.
    pub info: &'a CallInfo,
}

/// Result of a set-returning function: fills one row of result columns at a time.
pub trait SetIter: Send {
    /// Clears `row`, fills it with the next row's columns and returns true; false when there is none.
    fn next(&mut self, ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool>;
}

/// State of an aggregate between calls of its transition function.
pub enum AggState {
    /// An SQL value (`pg_aggregate.aggtranstype` is an SQL type).
    Value(Datum),
    /// `aggtranstype = internal`: any Rust value. `None` until the first call made one.
    Internal(Option<Box<dyn Any + Send>>),
}

/// Whether a function may look at its caller's read/write state: for diagnostics only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallMode {
    /// Evaluated once while planning (constant folding).
    Folding,
    /// Evaluated while executing.
    Executing,
}

/// What functions ask of the session. Implemented by the session (and by a plain one in tests); everything a function
/// needs beyond its arguments goes through here, so that functions stay pure otherwise.
pub trait SessionEnv: TypeEnv {
    /// This, as a type environment.
    fn as_type_env(&self) -> &dyn TypeEnv;

    /// The concrete session environment, for functions that `database` registers itself.
    fn as_any(&self) -> &dyn Any;

    /// Returns an error if the statement was cancelled or timed out. Loops over data call it.
    fn check_interrupts(&self) -> Result<()>;

    /// Sends a notice, warning or info to the client.
    fn notice(&self, notice: Error);

    /// Start of the current statement, microseconds since 2000-01-01 UTC.
    fn statement_timestamp(&self) -> i64;

    /// Now, microseconds since 2000-01-01 UTC.
    fn clock_timestamp(&self) -> i64;

    /// A random 64-bit number from the session's generator (`random()`), which `setseed` seeds.
    fn random_u64(&self) -> u64;

    /// Seeds it.
    fn set_seed(&self, seed: f64);

    /// Bytes from a cryptographically strong generator.
    fn strong_random(&self, out: &mut [u8]) -> Result<()>;

    /// Value of a setting, `None` if there is none of that name.
    fn setting(&self, name: &str) -> Result<Option<String>>;

    /// Sets a setting (`set_config`), returns its new value.
    fn set_setting(&self, name: &str, value: &str, is_local: bool) -> Result<String>;

    /// OID of the default text search configuration, the current user and the session user.
    fn current_user(&self) -> Oid;

    /// May the current user call a function?
    fn may_execute(&self, function: Oid) -> Result<bool> {
        let _ = function;
        Ok(true)
    }

    /// OID of the session user.
    fn session_user(&self) -> Oid;

    /// Name of the database.
    fn current_database(&self) -> Arc<str>;

    /// All values of an enum type in order.
    fn enum_values(&self, type_oid: Oid) -> Result<Vec<EnumValue>>;
}

/// Shorthand for an error without fields beyond code and message.
pub fn error(code: SqlState, message: impl Into<String>) -> Error {
    Error::new(code, message)
}
