//! Words of the text forms of `tsvector` and `tsquery`.

use crate::scan::is_space;
use pglitedb_sqlstate::{Error, Result, err};

/// A cursor over the text.
pub(super) struct Words<'a> {
    pub text: &'a str,
    pub at: usize,
    /// `tsquery` rather than `tsvector`: operators end words.
    pub query: bool,
}

fn is_operator(byte: u8) -> bool {
    matches!(byte, b'!' | b'&' | b'|' | b'(' | b')' | b'<')
}

impl Words<'_> {
    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    pub fn syntax_error(&self) -> Error {
        let what = if self.query { "tsquery" } else { "tsvector" };
        err!(SYNTAX_ERROR, "syntax error in {what}: \"{}\"", self.text)
    }

    fn take_char(&mut self) -> Option<char> {
        let c = self.text[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn escaped(&mut self) -> Result<char> {
        self.take_char().ok_or_else(|| err!(SYNTAX_ERROR, "there is no escaped character: \"{}\"", self.text))
    }

    /// A word, quoted or not; `None` at the end of the text.
    pub fn word(&mut self) -> Result<Option<String>> {
        self.skip_space();
        let Some(first) = self.peek() else { return Ok(None) };
        let mut word = String::new();
        if first == b'\'' {
            self.at += 1;
            loop {
                match self.take_char().ok_or_else(|| self.syntax_error())? {
                    '\'' if self.peek() == Some(b'\'') => {
                        self.at += 1;
                        word.push('\'');
                    }
                    '\'' => break,
                    '\\' => word.push(self.escaped()?),
                    c => word.push(c),
                }
            }
        } else {
            while let Some(byte) = self.peek() {
                if is_space(byte) || byte == b':' && !word.is_empty() || self.query && is_operator(byte) {
                    break;
                }
                match self.take_char() {
                    Some('\\') => word.push(self.escaped()?),
                    Some(c) => word.push(c),
                    None => break,
                }
            }
        }
        if word.is_empty() { Err(self.syntax_error()) } else { Ok(Some(word)) }
    }
}
