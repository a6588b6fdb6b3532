//! Cuts the text of a date or interval into tokens.

use super::words::is_keyword;
use super::{ParseError, ParseResult};

/// Most tokens in a date or interval.
const MAX_TOKENS: usize = 25;
/// Longest text in tokens, each counted with one byte more.
const MAX_TOTAL_LEN: usize = 128 + MAX_TOKENS;

/// What a token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::datetime) enum Kind {
    /// Digits, perhaps with a point.
    Number,
    /// `12:30:00.5`
    Time,
    /// Something with `-`, `/` or `.` inside: a date, or the name of a zone.
    Date,
    /// A sign and digits: an offset, or a signed number.
    Signed,
    /// A word.
    Word,
    /// A word after a sign: `-infinity`.
    SignedWord,
}

/// The tokens of a text, in lower case.
#[derive(Debug)]
pub(in crate::datetime) struct Tokens {
    buffer: String,
    items: Vec<(Kind, usize)>,
}

impl Tokens {
    /// Number of tokens.
    pub(in crate::datetime) fn len(&self) -> usize {
        self.items.len()
    }

    /// A token; the empty word beyond the end.
    pub(in crate::datetime) fn get(&self, at: usize) -> (Kind, &str) {
        let Some((kind, end)) = self.items.get(at) else { return (Kind::Word, "") };
        let start = at.checked_sub(1).and_then(|before| self.items.get(before)).map_or(0, |(_, end)| *end);
        (*kind, self.buffer.get(start..*end).unwrap_or(""))
    }

    /// All tokens.
    pub(in crate::datetime) fn iter(&self) -> impl DoubleEndedIterator<Item = (Kind, &str)> {
        (0..self.len()).map(|at| self.get(at))
    }
}

struct Tokenizer<'a> {
    text: &'a [u8],
    at: usize,
    tokens: Tokens,
}

/// Cuts a text into tokens.
pub(in crate::datetime) fn tokenize(text: &str) -> ParseResult<Tokens> {
    let tokens = Tokens { buffer: String::with_capacity(text.len().min(MAX_TOTAL_LEN)), items: Vec::new() };
    let mut tokenizer = Tokenizer { text: text.as_bytes(), at: 0, tokens };
    while let Some(byte) = tokenizer.peek() {
        let kind = match byte {
            b'0'..=b'9' => tokenizer.starting_with_digit(),
            b'.' => {
                tokenizer.push();
                tokenizer.push_while(|byte| byte.is_ascii_digit());
                Kind::Number
            }
            b'a'..=b'z' | b'A'..=b'Z' => tokenizer.starting_with_letter(),
            b'+' | b'-' => tokenizer.starting_with_sign()?,
            byte if is_space(byte) || byte.is_ascii_punctuation() => {
                tokenizer.at += 1;
                continue;
            }
            _ => return Err(ParseError::BadFormat),
        };
        tokenizer.finish(kind)?;
    }
    Ok(tokenizer.tokens)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

impl Tokenizer<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn peek_is(&self, test: impl Fn(u8) -> bool) -> bool {
        self.peek().is_some_and(test)
    }

    /// Moves the next byte, which is ASCII, into the token.
    fn push(&mut self) {
        if let Some(byte) = self.peek() {
            self.tokens.buffer.push(char::from(byte.to_ascii_lowercase()));
            self.at += 1;
        }
    }

    fn push_while(&mut self, test: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(|byte| byte.is_ascii() && test(byte)) {
            self.push();
        }
    }

    fn finish(&mut self, kind: Kind) -> ParseResult<()> {
        let tokens = &mut self.tokens;
        tokens.items.push((kind, tokens.buffer.len()));
        if tokens.items.len() > MAX_TOKENS || tokens.buffer.len() + tokens.items.len() > MAX_TOTAL_LEN {
            return Err(ParseError::BadFormat);
        }
        Ok(())
    }

    fn starting_with_digit(&mut self) -> Kind {
        self.push_while(|byte| byte.is_ascii_digit());
        match self.peek() {
            Some(b':') => {
                self.push_while(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
                Kind::Time
            }
            Some(separator @ (b'-' | b'/' | b'.')) => {
                self.push();
                if !self.peek_is(|byte| byte.is_ascii_digit()) {
                    self.push_while(|byte| byte.is_ascii_alphanumeric() || byte == separator);
                    return Kind::Date;
                }
                self.push_while(|byte| byte.is_ascii_digit());
                if self.peek() == Some(separator) {
                    self.push_while(|byte| byte.is_ascii_digit() || byte == separator);
                    Kind::Date
                } else if separator == b'.' {
                    // One point may belong to a number; two make a date.
                    Kind::Number
                } else {
                    Kind::Date
                }
            }
            _ => Kind::Number,
        }
    }

    /// A word; or a date like `jan-08-1999`, or a zone like `america/new_york` or `est5edt`.
    fn starting_with_letter(&mut self) -> Kind {
        let start = self.tokens.buffer.len();
        self.push_while(|byte| byte.is_ascii_alphabetic());
        let more = match self.peek() {
            Some(b'-' | b'/' | b'.') => true,
            Some(byte) if byte == b'+' || byte.is_ascii_digit() => {
                !is_keyword(self.tokens.buffer.get(start..).unwrap_or(""))
            }
            _ => false,
        };
        if !more {
            return Kind::Word;
        }
        self.push_while(|byte| byte.is_ascii_alphanumeric() || b"+-/_.:".contains(&byte));
        Kind::Date
    }

    fn starting_with_sign(&mut self) -> ParseResult<Kind> {
        self.push();
        while self.peek_is(is_space) {
            self.at += 1;
        }
        if self.peek_is(|byte| byte.is_ascii_digit()) {
            self.push_while(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'));
            Ok(Kind::Signed)
        } else if self.peek_is(|byte| byte.is_ascii_alphabetic()) {
            self.push_while(|byte| byte.is_ascii_alphabetic());
            Ok(Kind::SignedWord)
        } else {
            Err(ParseError::BadFormat)
        }
    }
}
