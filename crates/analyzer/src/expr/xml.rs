//! SQL/XML.

use crate::binder::Binder;
use pglitedb_query_tree::Expr;
use pglitedb_sql_parser::ast::XmlExpr;
use pglitedb_sqlstate::{Error, Result};

impl<'c> Binder<'c> {
    pub(super) fn xml(&mut self, xml: &'c XmlExpr, at: usize) -> Result<Expr> {
        let _ = xml;
        Err(Error::unsupported("SQL/XML expressions are not supported yet").at(at))
    }
}
