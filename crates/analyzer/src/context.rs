//! What an analysis is given.

use pglitedb_catalog::Catalog;
use pglitedb_functions::SessionEnv;
use pglitedb_query_tree::Expr;
use pglitedb_sqlstate::Result;
use pglitedb_types::Oid;
use std::cell::RefCell;

/// What is known about the types of `$n`.
#[derive(Clone, Copy, Default)]
pub enum ParamTypes<'a> {
    /// There are no parameters: `$1` is `42P02 there is no parameter $1`.
    #[default]
    None,
    /// The types are given.
    Fixed(&'a [Oid]),
    /// The types are found by use (Parse message, PREPARE): 0 and UNKNOWN entries are filled in, the list grows as
    /// needed. After the analysis entries still unknown are `42P18`.
    Variable(&'a RefCell<Vec<Oid>>),
}

/// Names that only the caller knows: variables of PL/pgSQL, parameter names of SQL functions.
pub trait ParserHook {
    /// Asked before columns are looked up (`plpgsql.variable_conflict = use_variable`). `names` is the dotted name
    /// (without `*`), `position` its byte offset.
    fn before_columns(&self, names: &[&str], position: usize) -> Result<Option<Expr>> {
        let _ = (names, position);
        Ok(None)
    }

    /// Asked for `$n` where the types of parameters are not given.
    fn parameter(&self, number: u32, position: usize) -> Result<Option<Expr>> {
        let _ = (number, position);
        Ok(None)
    }

    /// Asked after columns were looked up. `found`: there is such a column; a hook that also knows the name may raise
    /// PostgreSQL's ambiguity error.
    fn after_columns(&self, names: &[&str], found: bool, position: usize) -> Result<Option<Expr>> {
        let _ = (names, found, position);
        Ok(None)
    }
}

/// Everything an analysis needs.
#[derive(Clone, Copy)]
pub struct AnalyzeContext<'a> {
    /// The catalogs as the current transaction sees them.
    pub catalog: &'a dyn Catalog,
    /// The session: input of literals and its settings.
    pub env: &'a dyn SessionEnv,
    /// The statement's text; positions are byte offsets into it.
    pub source: &'a str,
    /// Parameter types.
    pub params: ParamTypes<'a>,
    /// Further names.
    pub hook: Option<&'a dyn ParserHook>,
}

impl<'a> AnalyzeContext<'a> {
    /// A context without parameters.
    pub fn new(catalog: &'a dyn Catalog, env: &'a dyn SessionEnv, source: &'a str) -> Self {
        AnalyzeContext { catalog, env, source, params: ParamTypes::None, hook: None }
    }

    /// Sets the parameter types.
    pub fn with_params(mut self, params: ParamTypes<'a>) -> Self {
        self.params = params;
        self
    }

    /// Sets the hook.
    pub fn with_hook(mut self, hook: &'a dyn ParserHook) -> Self {
        self.hook = Some(hook);
        self
    }
}
