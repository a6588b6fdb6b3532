//! Lexer, grammar, raw tree and printer for PostgreSQL 18 SQL.
//!
//! The crate turns text into [`ast`] and back. It knows no catalog and no settings beyond [`ParseOptions`]; every
//! error carries the byte offset at which PostgreSQL would report it.

pub mod ast;

use ast::{Expr, RawStatement, TypeName};
use pglitedb_sqlstate::Result;

/// What the session may say about how text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseOptions {
    /// Backslashes in `'...'` are ordinary characters.
    pub standard_conforming_strings: bool,
}

impl Default for ParseOptions {
    fn default() -> Self {
        ParseOptions { standard_conforming_strings: true }
    }
}

/// Parses a string of statements separated by semicolons.
pub fn parse(sql: &str) -> Result<Vec<RawStatement>> {
    parse_with(sql, ParseOptions::default())
}

/// Like [`parse`], with options.
pub fn parse_with(sql: &str, options: ParseOptions) -> Result<Vec<RawStatement>> {
    let _ = (sql, options);
    Err(pglitedb_sqlstate::Error::unsupported("statements are not parsed yet"))
}

/// Parses one expression.
pub fn parse_expr(sql: &str) -> Result<Expr> {
    let _ = sql;
    Err(pglitedb_sqlstate::Error::unsupported("expressions are not parsed yet"))
}

/// Parses one type name, as `regtype` input and PL/pgSQL take it.
pub fn parse_type_name(sql: &str) -> Result<TypeName> {
    let _ = sql;
    Err(pglitedb_sqlstate::Error::unsupported("type names are not parsed yet"))
}
