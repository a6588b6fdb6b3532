//! The table of registered functions.

use crate::call::{AggState, FnCtx, SetIter};
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A scalar function.
pub type ScalarFn = fn(&FnCtx<'_>, &[Datum]) -> Result<Datum>;
/// A set-returning function.
pub type SetFn = fn(&FnCtx<'_>, &[Datum]) -> Result<Box<dyn SetIter>>;
/// A transition function: `args` are the aggregate's arguments. Its state is `internal`, or an SQL value that it
/// changes in place ([`AggState::Value`]; it is strict then, and the state is never NULL).
pub type TransFn = fn(&FnCtx<'_>, &mut AggState, &[Datum]) -> Result<()>;
/// A final function whose state is `internal`: `args` are the direct arguments (and NULLs for `finalextra`).
pub type FinalFn = fn(&FnCtx<'_>, &mut AggState, &[Datum]) -> Result<Datum>;

/// An implementation. Final functions over an SQL-typed state are plain [`Builtin::Scalar`]s; transition functions over
/// one are too (state first, then the arguments) or, where changing the state in place is faster, [`Builtin::Trans`]:
/// the kind registered decides how to call it.
#[derive(Clone, Copy)]
pub enum Builtin {
    /// A scalar function.
    Scalar(ScalarFn),
    /// A set-returning function.
    Set(SetFn),
    /// A transition function with internal state.
    Trans(TransFn),
    /// A final function with internal state.
    Final(FinalFn),
    /// A window function, implemented by the executor's WindowAgg node under this name.
    Window,
}

/// Functions by `prosrc`.
#[derive(Default)]
pub struct Registry {
    by_source: FxHashMap<&'static str, Builtin>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty registry with room for so many functions.
    pub fn with_capacity(count: usize) -> Self {
        Registry { by_source: FxHashMap::with_capacity_and_hasher(count, Default::default()) }
    }

    /// Registers one function; a name registered twice is a programming error (caught by a test).
    pub fn add(&mut self, source: &'static str, builtin: Builtin) {
        let previous = self.by_source.insert(source, builtin);
        debug_assert!(previous.is_none(), "{source} is registered twice");
    }

    /// The implementation behind a `prosrc`.
    pub fn get(&self, source: &str) -> Option<Builtin> {
        self.by_source.get(source).copied()
    }

    /// The implementation of a `pg_proc` row: by `prosrc`, or by `sql:<oid>` for functions that PostgreSQL defines in SQL.
    pub fn get_for(&self, oid: pglitedb_types::Oid, source: &str) -> Option<Builtin> {
        self.get(source).or_else(|| self.get(&format!("sql:{oid}")))
    }

    /// All names, for counting.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_source.keys().copied()
    }
}

/// All built-in functions of this crate. Made once per process.
pub fn builtins() -> &'static Registry {
    static BUILTINS: LazyLock<Registry> = LazyLock::new(|| {
        let mut registry = Registry::with_capacity(3072);
        crate::register_all(&mut registry);
        registry
    });
    &BUILTINS
}
