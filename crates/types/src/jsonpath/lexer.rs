//! Words of a path.

use crate::Numeric;
use pglitedb_sqlstate::{Error, Result, err};
use std::str::FromStr;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or keyword without quotes.
    Word(String),
    /// A string in quotes.
    Text(String),
    /// `$name` or `$"name"`
    Variable(String),
    /// A number, and whether it was written as an integer.
    Number(Numeric, bool),
    /// One or two characters of punctuation.
    Symbol(&'static str),
    /// The end.
    End,
}

const SYMBOLS: [&str; 31] = [
    "**", "&&", "||", "==", "!=", "<>", "<=", ">=", "$", "@", "(", ")", "[", "]", "{", "}", "?", "!", "<",
    ">", "=", ",", ".", "*", "/", "%", "+", "-", ":", "&", "|",
];

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

/// A syntax error near a place.
pub(super) fn syntax_error(near: &str) -> Error {
    if near.is_empty() {
        return err!(SYNTAX_ERROR, "syntax error at end of jsonpath input");
    }
    let word: String = near.chars().take_while(|c| !c.is_whitespace()).collect();
    err!(SYNTAX_ERROR, "syntax error at or near \"{word}\" of jsonpath input")
}

fn is_special(c: char) -> bool {
    "?%$.[]{}()|&!=<>@#,*:-+/\"".contains(c)
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Lexer { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) -> Result<()> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']).len();
            if !self.rest().starts_with("/*") {
                return Ok(());
            }
            match self.rest().find("*/") {
                Some(end) => self.at += end + 2,
                None => return Err(err!(SYNTAX_ERROR, "unexpected end of comment at end of jsonpath input")),
            }
        }
    }

    /// The next word and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token, usize)> {
        self.skip_space()?;
        let start = self.at;
        let Some(c) = self.peek() else { return Ok((Token::End, start)) };
        let token = match c {
            '"' => Token::Text(self.quoted()?),
            '$' => self.variable()?,
            '0'..='9' => self.number()?,
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number()?,
            _ if is_special(c) => self.symbol()?,
            _ => Token::Word(self.word()?),
        };
        Ok((token, start))
    }

    fn symbol(&mut self) -> Result<Token> {
        let found = SYMBOLS.iter().find(|symbol| self.rest().starts_with(**symbol));
        let symbol = *found.ok_or_else(|| syntax_error(self.rest()))?;
        self.at += symbol.len();
        Ok(Token::Symbol(match symbol {
            "<>" => "!=",
            "=" => "==",
            other => other,
        }))
    }

    fn variable(&mut self) -> Result<Token> {
        self.at += 1;
        Ok(match self.peek() {
            Some('"') => Token::Variable(self.quoted()?),
            Some(c) if !is_special(c) && !c.is_whitespace() => Token::Variable(self.word()?),
            _ => Token::Symbol("$"),
        })
    }

    fn word(&mut self) -> Result<String> {
        let mut out = String::new();
        while let Some(c) = self.peek() {
            if is_special(c) || c.is_whitespace() {
                break;
            }
            self.at += c.len_utf8();
            if c == '\\' {
                out.push(self.escape()?);
            } else {
                out.push(c);
            }
        }
        Ok(out)
    }

    fn quoted(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let c = self
                .peek()
                .ok_or_else(|| err!(SYNTAX_ERROR, "unterminated quoted string at end of jsonpath input"))?;
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(out),
                '\\' => out.push(self.escape()?),
                _ => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let c = self
            .peek()
            .ok_or_else(|| err!(SYNTAX_ERROR, "unexpected end after backslash at end of jsonpath input"))?;
        self.at += c.len_utf8();
        Ok(match c {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => {
                let code = self.hex(2)?;
                self.character(code)?
            }
            'u' => self.unicode()?,
            other => other,
        })
    }

    fn unicode(&mut self) -> Result<char> {
        if self.rest().starts_with('{') {
            let end = self.rest().find('}').ok_or_else(|| syntax_error(self.rest()))?;
            let digits = &self.rest()[1..end];
            let code = u32::from_str_radix(digits, 16).map_err(|_| syntax_error(self.rest()))?;
            self.at += end + 1;
            return self.character(code);
        }
        let first = self.hex(4)?;
        if !(0xD800..0xDC00).contains(&first) {
            return self.character(first);
        }
        if !self.rest().starts_with("\\u") {
            return Err(syntax_error(self.rest()));
        }
        self.at += 2;
        let second = self.hex(4)?.wrapping_sub(0xDC00);
        if second >= 0x400 {
            return Err(syntax_error(self.rest()));
        }
        self.character(0x10000 + ((first - 0xD800) << 10) + second)
    }

    fn character(&self, code: u32) -> Result<char> {
        if code == 0 {
            return Err(err!(UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence")
                .detail("\\u0000 cannot be converted to text."));
        }
        char::from_u32(code).ok_or_else(|| syntax_error(self.rest()))
    }

    fn hex(&mut self, digits: usize) -> Result<u32> {
        let text = self.rest().get(..digits).ok_or_else(|| syntax_error(self.rest()))?;
        let code = u32::from_str_radix(text, 16).map_err(|_| syntax_error(self.rest()))?;
        self.at += digits;
        Ok(code)
    }

    fn number(&mut self) -> Result<Token> {
        let rest = self.rest();
        // PostgreSQL names the number up to and with the character that does not belong.
        let junk = |end: usize| {
            let word = end + rest[end..].chars().next().map_or(0, char::len_utf8);
            let word = &rest[..word];
            err!(SYNTAX_ERROR, "trailing junk after numeric literal at or near \"{word}\" of jsonpath input")
        };
        let bytes = rest.as_bytes();
        let radix = match bytes {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 10,
        };
        let is_digit = |at: usize| bytes.get(at).is_some_and(|b| char::from(*b).is_digit(radix));
        // Underscores stand between digits only.
        let digits = |mut at: usize| {
            while is_digit(at)
                || (bytes.get(at) == Some(&b'_') && at > 0 && is_digit(at - 1) && is_digit(at + 1))
            {
                at += 1;
            }
            at
        };
        let mut end = digits(if radix == 10 { 0 } else { 2 });
        if radix != 10 && end == 2 {
            return Err(junk(1));
        }
        let mut integer = true;
        if radix == 10 {
            if end > 1 && bytes[0] == b'0' {
                return Err(junk(1));
            }
            if bytes.get(end) == Some(&b'.') {
                integer = false;
                end = digits(end + 1);
            }
            if matches!(bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                let exponent = digits(end + 1 + sign);
                if exponent == end + 1 + sign {
                    return Err(junk(end));
                }
                integer = false;
                end = exponent;
            }
        }
        if bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80) {
            return Err(junk(end));
        }
        let text = &rest[..end];
        self.at += end;
        Ok(Token::Number(Numeric::from_str(text)?, integer))
    }
}
