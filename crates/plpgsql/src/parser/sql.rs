//! SQL within the text.

use super::Parser;
use crate::ast::{Sql, SqlKind};
use pglitedb_sql_parser::lexer::TokenKind;
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// What ended a piece of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until<'w> {
    /// A word.
    Word(&'w str),
    /// A character.
    Char(u8),
    /// `..`
    DotDot,
}

impl Parser<'_> {
    fn is_end(&self, until: Until<'_>) -> bool {
        match until {
            Until::Word(word) => self.tokens.at_word(word),
            Until::Char(byte) => self.tokens.at_char(byte),
            Until::DotDot => self.tokens.peek().kind == TokenKind::DotDot,
        }
    }

    /// Skips to one of the ends outside of parentheses; which one it was. The end itself is not taken.
    pub(super) fn skip_to(&mut self, ends: &[Until<'_>], what: &str) -> Result<usize> {
        let mut depth = 0_usize;
        loop {
            if depth == 0
                && let Some(found) = ends.iter().position(|end| self.is_end(*end))
            {
                return Ok(found);
            }
            let token = self.tokens.peek();
            match token.kind {
                TokenKind::End => {
                    if depth > 0 {
                        return Err(self.tokens.error_with("mismatched parentheses"));
                    }
                    return Err(missing(ends, what).at(token.start as usize));
                }
                TokenKind::Char(b'(' | b'[') => depth += 1,
                TokenKind::Char(b')' | b']') => {
                    depth = depth
                        .checked_sub(1)
                        .ok_or_else(|| self.tokens.error_with("mismatched parentheses"))?;
                }
                TokenKind::Char(b';') => {
                    // A semicolon ends everything.
                    if depth > 0 {
                        return Err(self.tokens.error_with("mismatched parentheses"));
                    }
                    let _ = what;
                    return Err(self.tokens.error_with(&missing_text(ends, what)));
                }
                _ => {}
            }
            self.tokens.advance();
        }
    }

    /// A piece of SQL from `start` to the last token taken.
    pub(super) fn sql_from(&mut self, start: usize, kind: SqlKind) -> Result<Sql> {
        let end = self.tokens.end_of_last().max(start);
        let text = self.tokens.text().get(start..end).unwrap_or("").trim_end();
        self.sql_text(text.to_owned(), start, kind)
    }

    /// A piece of SQL whose text begins at an offset of the source.
    pub(super) fn sql_text(&mut self, text: String, start: usize, kind: SqlKind) -> Result<Sql> {
        if self.check_syntax {
            check(&text, kind).map_err(|error| moved(error, start))?;
        }
        self.sql_count += 1;
        Ok(Sql { slot: self.sql_count - 1, text: Arc::from(text), kind, scope: self.scope, target: None })
    }

    /// An expression up to one of the ends, which is taken; which one it was.
    pub(super) fn expression_until(&mut self, ends: &[Until<'_>], what: &str) -> Result<(Sql, usize)> {
        let start = self.tokens.start();
        let before = self.tokens.mark();
        let found = self.skip_to(ends, what)?;
        if self.tokens.mark() == before {
            return Err(self.tokens.error_with("missing expression"));
        }
        let sql = self.sql_from(start, SqlKind::Expression)?;
        self.tokens.advance();
        Ok((sql, found))
    }

    /// An expression up to a word, which is taken.
    pub(super) fn expression_to_word(&mut self, word: &str) -> Result<Sql> {
        self.expression_until(&[Until::Word(word)], word).map(|(sql, _)| sql)
    }

    /// An expression up to a semicolon, which is taken.
    pub(super) fn expression_to_semicolon(&mut self) -> Result<Sql> {
        self.expression_until(&[Until::Char(b';')], ";").map(|(sql, _)| sql)
    }

    /// `USING` expressions up to one of the ends (taken).
    pub(super) fn expressions_until(&mut self, ends: &[Until<'_>]) -> Result<(Vec<Sql>, usize)> {
        let mut list = Vec::new();
        let mut all = vec![Until::Char(b',')];
        all.extend_from_slice(ends);
        loop {
            let (sql, end) = self.expression_until(&all, ";")?;
            list.push(sql);
            if end > 0 {
                return Ok((list, end - 1));
            }
        }
    }
}

fn missing_text(ends: &[Until<'_>], what: &str) -> String {
    let _ = ends;
    format!("missing \"{what}\" at end of SQL expression")
}

fn missing(ends: &[Until<'_>], what: &str) -> Error {
    err!(SYNTAX_ERROR, "{}", missing_text(ends, what))
}

/// Does the SQL parser take the text?
fn check(text: &str, kind: SqlKind) -> Result<()> {
    match kind {
        SqlKind::Expression => pglitedb_sql_parser::parse_pl_expression(text).map(drop),
        SqlKind::Assignment => pglitedb_sql_parser::parse_pl_assignment(text).map(drop),
        SqlKind::Statement => pglitedb_sql_parser::parse(text).map(drop),
    }
}

/// An error within a piece of SQL as one in the source.
fn moved(mut error: Error, start: usize) -> Error {
    if let Some(position) = &mut error.fields_mut().position {
        *position += start;
    }
    error
}
