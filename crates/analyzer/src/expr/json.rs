//! SQL/JSON.

use crate::binder::Binder;
use pglitedb_query_tree::Expr;
use pglitedb_sql_parser::ast::JsonExpr;
use pglitedb_sqlstate::{Error, Result};

impl<'c> Binder<'c> {
    pub(super) fn json(&mut self, json: &'c JsonExpr, at: usize) -> Result<Expr> {
        let _ = json;
        Err(Error::unsupported("SQL/JSON expressions are not supported yet").at(at))
    }
}
