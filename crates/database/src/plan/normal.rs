//! Texts that differ in their integers only share one plan.
//!
//! Programs that send their values as part of the text (`WHERE id = 42`) would have every statement parsed and planned. Here the
//! integers of a text become parameters of type `integer`, which is what they are; the rest of the text is the key under which
//! the statement is kept. Integers that mean something else are left alone: positions in ORDER BY and GROUP BY, LIMIT, and
//! whatever the analysis refuses as a parameter (then the text is never tried again).

use super::QueryText;
use pglitedb_types::{Datum, Oid, oids};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Longer texts are not looked at.
const LENGTH_MAX: usize = 2048;
/// Texts with more integers neither.
const PARAMS_MAX: usize = 24;
/// Statements kept.
const STATEMENTS_MAX: usize = 512;

/// What is known of a text without its integers.
#[derive(Clone)]
pub(crate) enum Known {
    /// It has come before; nothing was tried yet.
    Seen,
    /// It cannot be run this way.
    Unfit,
    /// It can.
    Ready(Arc<QueryText>),
}

/// Statements by their text without integers. Keeps the buffers that it works with.
#[derive(Default)]
pub(crate) struct NormalTexts {
    known: FxHashMap<Box<str>, Known>,
    key: String,
    values: Vec<Datum>,
}

impl NormalTexts {
    /// Takes a text apart. False if it is not of the simple kind that this works for.
    pub(crate) fn split(&mut self, sql: &str) -> bool {
        self.key.clear();
        self.values.clear();
        sql.len() <= LENGTH_MAX
            && Splitter { text: sql, at: 0, key: &mut self.key, values: &mut self.values, keep: false }
                .run()
                .is_some()
            && !self.values.is_empty()
    }

    /// What is known of the text that was last split.
    pub(crate) fn known(&self) -> Option<Known> {
        self.known.get(self.key.as_str()).cloned()
    }

    /// Remembers it.
    pub(crate) fn remember(&mut self, known: Known) {
        if self.known.len() >= STATEMENTS_MAX {
            self.known.clear();
        }
        self.known.insert(self.key.as_str().into(), known);
    }

    /// The text that was last split, with parameters for integers.
    pub(crate) fn text(&self) -> &str {
        &self.key
    }

    /// Its integers.
    pub(crate) fn values(&self) -> Arc<[Datum]> {
        self.values.as_slice().into()
    }

    /// Types of the parameters.
    pub(crate) fn types(&self) -> Arc<[Oid]> {
        vec![oids::INT4; self.values.len()].into()
    }

    pub(crate) fn clear(&mut self) {
        self.known.clear();
    }
}

struct Splitter<'a> {
    text: &'a str,
    at: usize,
    key: &'a mut String,
    values: &'a mut Vec<Datum>,
    /// Integers are part of the text: after BY and LIMIT.
    keep: bool,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl Splitter<'_> {
    /// Goes through the text; `None` if something is in it that needs the real lexer.
    fn run(mut self) -> Option<()> {
        let mut first = true;
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                    self.word(first)?;
                    first = false;
                }
                b'0'..=b'9' => self.number()?,
                b'\'' | b'"' => self.quoted(byte)?,
                b'$' | b'\\' => return None,
                b'-' if self.next_is(b'-') => return None,
                b'/' if self.next_is(b'*') => return None,
                b';' => {
                    let rest = self.text.get(self.at + 1..)?;
                    return rest.bytes().all(|byte| byte.is_ascii_whitespace()).then_some(());
                }
                b'.' if self.text.as_bytes().get(self.at + 1).is_some_and(u8::is_ascii_digit) => return None,
                _ => self.copy(1)?,
            }
        }
        Some(())
    }

    fn next_is(&self, byte: u8) -> bool {
        self.text.as_bytes().get(self.at + 1) == Some(&byte)
    }

    fn copy(&mut self, length: usize) -> Option<()> {
        self.key.push_str(self.text.get(self.at..self.at + length)?);
        self.at += length;
        Some(())
    }

    fn word(&mut self, first: bool) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = rest.iter().position(|byte| !is_word(*byte) && *byte != b'$').unwrap_or(rest.len());
        // A prefix of a string (E'', B'', N'', U&'') or an identifier (U&"").
        if matches!(rest.get(length), Some(b'\'' | b'"')) || (length == 1 && rest.get(1) == Some(&b'&')) {
            return None;
        }
        let word = self.text.get(self.at..self.at + length)?;
        if first {
            let known = ["select", "insert", "update", "delete"];
            if !known.iter().any(|known| known.eq_ignore_ascii_case(word)) {
                return None;
            }
        } else {
            self.keyword(word)?;
        }
        self.copy(length)
    }

    fn keyword(&mut self, word: &str) -> Option<()> {
        let is = |known: &str| known.eq_ignore_ascii_case(word);
        match word.len() {
            2 if is("by") => self.keep = true,
            3 if is("set") => self.keep = false,
            4 if is("from") => self.keep = false,
            5 if is("limit") || is("fetch") => self.keep = true,
            5 if is("where") => self.keep = false,
            5 if is("union") => self.keep = false,
            6 if is("offset") => self.keep = true,
            6 if is("having") || is("except") || is("values") || is("select") => self.keep = false,
            8 if is("distinct") => return None,
            _ => {}
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        // Anything but a plain integer: let the real lexer see to it.
        if rest.get(length).is_some_and(|byte| is_word(*byte) || *byte == b'.') {
            return None;
        }
        if self.keep {
            return self.copy(length);
        }
        let value: i32 = self.text.get(self.at..self.at + length)?.parse().ok()?;
        if self.values.len() >= PARAMS_MAX {
            return None;
        }
        self.values.push(Datum::Int4(value));
        self.key.push('$');
        let number = self.values.len();
        if number >= 10 {
            self.key.push(char::from(b'0' + (number / 10) as u8));
        }
        self.key.push(char::from(b'0' + (number % 10) as u8));
        self.at += length;
        Some(())
    }

    fn quoted(&mut self, quote: u8) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at + 1..)?;
        let mut at = 0;
        loop {
            match rest.get(at)? {
                b'\\' => return None,
                byte if *byte == quote && rest.get(at + 1) == Some(&quote) => at += 2,
                byte if *byte == quote => return self.copy(at + 2),
                _ => at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(sql: &str) -> Option<(String, usize)> {
        let mut texts = NormalTexts::default();
        texts.split(sql).then(|| (texts.key.clone(), texts.values.len()))
    }

    #[test]
    fn integers_become_parameters() {
        let expect = |sql: &str, key: &str, count: usize| {
            assert_eq!(split(sql), Some((key.to_owned(), count)), "{sql}");
        };
        expect("SELECT a1 FROM t WHERE id = 42;", "SELECT a1 FROM t WHERE id = $1", 1);
        expect("update t set x = x + -5 where id=7", "update t set x = x + -$1 where id=$2", 2);
        expect("insert into t values (1, 'it''s 2', 3)", "insert into t values ($1, 'it''s 2', $2)", 2);
        expect(
            "select x from t where y = 1 order by 1 limit 5",
            "select x from t where y = $1 order by 1 limit 5",
            1,
        );
        expect(
            "delete from t where a in (1,2) and \"b 3\" = 4",
            "delete from t where a in ($1,$2) and \"b 3\" = $3",
            3,
        );
    }

    #[test]
    fn what_is_not_simple_is_left_alone() {
        for sql in [
            "select 1.5",
            "select 1e3",
            "select 99999999999",
            "select 'x'",
            "select 1; select 2",
            "select $1 + 1",
            "select 1 -- comment",
            "select E'\\n', 1",
            "select distinct on (1) x",
            "explain select 1",
            "select .5 + 1",
            "select 0x10",
        ] {
            assert_eq!(split(sql), None, "{sql}");
        }
    }
}
