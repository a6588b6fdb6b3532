//! Lexer, grammar, raw tree and printer for PostgreSQL 18 SQL.
//!
//! The crate turns text into [`ast`] and back. It knows no catalog and no settings beyond [`ParseOptions`]; every
//! error carries the byte offset at which PostgreSQL would report it.

// Productions are named as in PostgreSQL's grammar: `from_list` is the list behind `FROM`.
#![allow(clippy::wrong_self_convention)]

pub mod ast;
mod deparse;
pub mod lexer;
mod parser;

pub use deparse::{quote_name, quote_string};

use ast::{Expr, PlAssignment, Query, RawStatement, TypeName};
use parser::Parser;
use pglitedb_sqlstate::{Error, Result, Severity, err};

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
    Parser::new(sql, options)?.statements()
}

/// Parses one expression.
pub fn parse_expr(sql: &str) -> Result<Expr> {
    whole(sql, Parser::expr)
}

/// Parses one type name, as `regtype` input and PL/pgSQL take it.
pub fn parse_type_name(sql: &str) -> Result<TypeName> {
    whole(sql, Parser::type_name)
}

/// Parses an expression of PL/pgSQL: what may follow the word `SELECT`.
pub fn parse_pl_expression(sql: &str) -> Result<Query> {
    whole(sql, Parser::pl_expression)
}

/// Parses an assignment of PL/pgSQL: `target := expression`.
pub fn parse_pl_assignment(sql: &str) -> Result<PlAssignment> {
    whole(sql, Parser::pl_assignment)
}

/// The notices that PostgreSQL's scanner sends about `sql`: one for each identifier that is too long and gets cut.
/// With `escape_warning` also one for each string in which backslashes escape without being marked as such.
pub fn notices(sql: &str, options: ParseOptions, escape_warning: bool) -> Vec<Error> {
    let mut notices = Vec::new();
    let escapes = escape_warning && !options.standard_conforming_strings;
    if !escapes && !may_have_long_name(sql.as_bytes()) {
        return notices;
    }
    let mut lexer = lexer::Lexer::new(sql, options);
    loop {
        let token = lexer.next_token();
        if matches!(token.kind, lexer::TokenKind::End | lexer::TokenKind::Error) {
            return notices;
        }
        if escapes && let Some(warning) = lexer.escape_warning(&token) {
            notices.push(warning);
        }
        if let Some((full, cut)) = lexer.cut_name(&token) {
            let notice = err!(NAME_TOO_LONG, "identifier \"{full}\" will be truncated to \"{cut}\"");
            notices.push(notice.severity(Severity::Notice));
        }
    }
}

/// Can there be a name of more than [`lexer::MAX_IDENTIFIER_BYTES`]? A quick look, since every new text gets it.
fn may_have_long_name(sql: &[u8]) -> bool {
    const LONG: usize = lexer::MAX_IDENTIFIER_BYTES + 1;
    if sql.len() < LONG {
        return false;
    }
    let mut quote = None;
    for (at, _) in sql.iter().enumerate().filter(|(_, byte)| **byte == b'"') {
        if quote.is_some_and(|from| at - from > LONG) {
            return true;
        }
        quote = Some(at);
    }
    // A word that long covers one of these places.
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
    (LONG - 1..sql.len()).step_by(LONG).any(|at| {
        let (before, after) = sql.split_at(at);
        let left = before.iter().rev().take_while(|byte| in_word(byte)).count();
        let right = after.iter().take_while(|byte| in_word(byte)).count();
        right > 0 && left + right >= LONG
    })
}

/// Runs one production over the whole text.
fn whole<'a, T>(sql: &'a str, production: impl FnOnce(&mut Parser<'a>) -> Result<T>) -> Result<T> {
    let mut parser = Parser::new(sql, ParseOptions::default())?;
    let result = production(&mut parser)?;
    parser.expect_end()?;
    Ok(result)
}
