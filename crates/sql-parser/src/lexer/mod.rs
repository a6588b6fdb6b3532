//! The lexer: one token at a time, borrowing from the input; contents are decoded only when a node needs them.

mod decode;
mod keyword_table;
mod keywords;
mod number;

pub(crate) use decode::is_valid_escape;
pub use keyword_table::Keyword;
pub use keywords::{Category, lookup};

use crate::ParseOptions;
use pglitedb_sqlstate::{Error, err};

/// Names are cut to this many bytes.
pub const MAX_IDENTIFIER_BYTES: usize = 63;

/// Kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// End of the text.
    End,
    /// The lexer failed; the error waits in the lexer.
    Error,
    /// A word; `Token::keyword` says whether it is a keyword.
    Word,
    /// A keyword that with the next one makes a phrase, and so is no name: `NULLS FIRST`, `FORMAT JSON`. Only the
    /// parser's cursor makes these.
    Phrase,
    /// `"name"`.
    QuotedName,
    /// `U&"name"`.
    UnicodeName,
    /// `'text'` in which backslashes are ordinary.
    String,
    /// `'text'` in which backslashes escape: `E'text'`, or any without `standard_conforming_strings`.
    EscapeString,
    /// `U&'text'`.
    UnicodeString,
    /// `$tag$text$tag$`.
    DollarString,
    /// `B'text'`.
    BitString,
    /// `X'text'`.
    HexString,
    /// A number that fits `i32`.
    Integer,
    /// Any other number.
    Numeric,
    /// `$n`.
    Param,
    /// A single character that stands for itself, operators of one such character included.
    Char(u8),
    /// Any other operator.
    Operator,
    /// `::`.
    TypeCast,
    /// `..`.
    DotDot,
    /// `:=`.
    ColonEquals,
    /// `=>`.
    EqualsGreater,
    /// `<=`.
    LessEquals,
    /// `>=`.
    GreaterEquals,
    /// `<>` or `!=`.
    NotEquals,
}

/// A token: what it is and where.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// The keyword that a `Word` is.
    pub keyword: Keyword,
    /// Its contents are the slice between its quotes (or, for words, all lower case), nothing to decode.
    pub plain: bool,
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

/// The lexer.
pub struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    options: ParseOptions,
    error: Option<Error>,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'~' | b'!'
            | b'@'
            | b'#'
            | b'^'
            | b'&'
            | b'|'
            | b'`'
            | b'?'
            | b'+'
            | b'-'
            | b'*'
            | b'/'
            | b'%'
            | b'<'
            | b'>'
            | b'='
    )
}

impl<'a> Lexer<'a> {
    /// A lexer over `text`.
    pub fn new(text: &'a str, options: ParseOptions) -> Self {
        Lexer { text, bytes: text.as_bytes(), position: 0, options, error: None }
    }

    /// Goes back (or forth) to a position where a token began or ended.
    pub fn seek(&mut self, position: u32) {
        self.position = position as usize;
    }

    /// The error behind a token of kind [`TokenKind::Error`].
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    fn byte(&self, offset: usize) -> u8 {
        self.bytes.get(self.position + offset).copied().unwrap_or(0)
    }

    fn at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    fn token(&self, kind: TokenKind, start: usize) -> Token {
        Token {
            kind,
            keyword: Keyword::NotAKeyword,
            plain: true,
            start: start as u32,
            end: self.position as u32,
        }
    }

    fn fail(&mut self, start: usize, error: Error) -> Token {
        self.error = Some(error.at(start));
        self.token(TokenKind::Error, start)
    }

    /// Fails as PostgreSQL's scanner does: with the text from `start` to here.
    fn fail_near(&mut self, start: usize, message: &str) -> Token {
        let error = match self.text.get(start..self.position) {
            Some(near) if !near.is_empty() => err!(SYNTAX_ERROR, "{message} at or near \"{near}\""),
            _ => err!(SYNTAX_ERROR, "{message} at end of input"),
        };
        self.fail(start, error)
    }

    /// The next token.
    pub fn next_token(&mut self) -> Token {
        if let Err(start) = self.skip_space() {
            self.position = self.bytes.len();
            return self.fail_near(start, "unterminated /* comment");
        }
        let start = self.position;
        let Some(&byte) = self.bytes.get(start) else {
            return self.token(TokenKind::End, start);
        };
        match byte {
            b'\'' => self.plain_string(start),
            b'"' => self.quoted_name(start, TokenKind::QuotedName),
            b'0'..=b'9' => self.number(start),
            b'.' if self.byte(1).is_ascii_digit() => self.number(start),
            b'.' if self.byte(1) == b'.' => self.symbol(start, 2, TokenKind::DotDot),
            b'$' => self.dollar(start),
            b':' if self.byte(1) == b':' => self.symbol(start, 2, TokenKind::TypeCast),
            b':' if self.byte(1) == b'=' => self.symbol(start, 2, TokenKind::ColonEquals),
            b'b' | b'B' if self.byte(1) == b'\'' => self.prefixed_string(start, 2, TokenKind::BitString),
            b'x' | b'X' if self.byte(1) == b'\'' => self.prefixed_string(start, 2, TokenKind::HexString),
            b'e' | b'E' if self.byte(1) == b'\'' => self.prefixed_string(start, 2, TokenKind::EscapeString),
            b'n' | b'N' if self.byte(1) == b'\'' => self.national(start),
            b'u' | b'U' if self.byte(1) == b'&' && self.byte(2) == b'\'' => self.unicode_string(start),
            b'u' | b'U' if self.byte(1) == b'&' && self.byte(2) == b'"' => {
                self.position += 2;
                self.quoted_name(start, TokenKind::UnicodeName)
            }
            _ if is_name_start(byte) => self.word(start),
            _ if is_operator(byte) => self.operator(start),
            _ => self.other(start),
        }
    }

    /// Skips white space and comments; fails with the start of a comment without end.
    fn skip_space(&mut self) -> Result<(), usize> {
        loop {
            match self.byte(0) {
                byte if is_space(byte) => self.position += 1,
                b'-' if self.byte(1) == b'-' => self.skip_line(),
                b'/' if self.byte(1) == b'*' => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) {
        while !self.at_end() && !matches!(self.byte(0), b'\n' | b'\r') {
            self.position += 1;
        }
    }

    fn skip_comment(&mut self) -> Result<(), usize> {
        let start = self.position;
        self.position += 2;
        let mut depth = 1usize;
        while depth > 0 {
            match (self.byte(0), self.byte(1)) {
                _ if self.at_end() => return Err(start),
                (b'/', b'*') => {
                    depth += 1;
                    self.position += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.position += 2;
                }
                _ => self.position += 1,
            }
        }
        Ok(())
    }

    fn symbol(&mut self, start: usize, length: usize, kind: TokenKind) -> Token {
        self.position = start + length;
        self.token(kind, start)
    }

    /// A byte that begins no other token. The byte is ASCII: all others begin a name.
    fn other(&mut self, start: usize) -> Token {
        let byte = self.byte(0);
        self.symbol(start, 1, TokenKind::Char(byte))
    }

    fn word(&mut self, start: usize) -> Token {
        let mut plain = true;
        while let Some(&byte) = self.bytes.get(self.position) {
            if !is_name_part(byte) {
                break;
            }
            plain &= !byte.is_ascii_uppercase();
            self.position += 1;
        }
        let word = &self.bytes[start..self.position];
        plain &= word.len() <= MAX_IDENTIFIER_BYTES;
        Token { keyword: lookup(word), plain, ..self.token(TokenKind::Word, start) }
    }

    /// `N'...'`: the `N` is the keyword `NCHAR`, the string follows.
    fn national(&mut self, start: usize) -> Token {
        self.position = start + 1;
        Token { keyword: Keyword::Nchar, plain: false, ..self.token(TokenKind::Word, start) }
    }

    fn plain_string(&mut self, start: usize) -> Token {
        let kind = match self.options.standard_conforming_strings {
            true => TokenKind::String,
            false => TokenKind::EscapeString,
        };
        self.prefixed_string(start, 1, kind)
    }

    fn unicode_string(&mut self, start: usize) -> Token {
        if !self.options.standard_conforming_strings {
            self.position = start + 3;
            let error = err!(FEATURE_NOT_SUPPORTED, "unsafe use of string constant with Unicode escapes")
                .detail("String constants with Unicode escapes cannot be used when \"standard_conforming_strings\" is off.");
            return self.fail(start, error);
        }
        self.prefixed_string(start, 3, TokenKind::UnicodeString)
    }

    /// A string whose opening quote ends at `start + prefix`, with its continuations on further lines.
    fn prefixed_string(&mut self, start: usize, prefix: usize, kind: TokenKind) -> Token {
        self.position = start + prefix;
        let mut plain = true;
        loop {
            match self.bytes.get(self.position) {
                None => {
                    let what = match kind {
                        TokenKind::BitString => "unterminated bit string literal",
                        TokenKind::HexString => "unterminated hexadecimal string literal",
                        _ => "unterminated quoted string",
                    };
                    return self.fail_near(start, what);
                }
                Some(b'\'') if self.byte(1) == b'\'' => {
                    plain = false;
                    self.position += 2;
                }
                Some(b'\'') => {
                    self.position += 1;
                    match self.continuation() {
                        Some(behind_quote) => {
                            plain = false;
                            self.position = behind_quote;
                        }
                        None => break,
                    }
                }
                Some(b'\\') if kind == TokenKind::EscapeString => {
                    plain = false;
                    self.position += if self.position + 1 < self.bytes.len() { 2 } else { 1 };
                }
                Some(_) => self.position += 1,
            }
        }
        let plain = plain && kind != TokenKind::UnicodeString;
        Token { plain, ..self.token(kind, start) }
    }

    /// Behind a closing quote: if white space with a line break and another quote follow, the position behind it.
    fn continuation(&self) -> Option<usize> {
        let mut position = self.position;
        let mut line_break = false;
        loop {
            match self.bytes.get(position)? {
                b'\n' | b'\r' => {
                    line_break = true;
                    position += 1;
                }
                &byte if is_space(byte) => position += 1,
                b'-' if self.bytes.get(position + 1) == Some(&b'-') => {
                    while !matches!(self.bytes.get(position), None | Some(b'\n' | b'\r')) {
                        position += 1;
                    }
                }
                b'\'' if line_break => return Some(position + 1),
                _ => return None,
            }
        }
    }

    /// A quoted name; the position stands on the opening quote.
    fn quoted_name(&mut self, start: usize, kind: TokenKind) -> Token {
        self.position += 1;
        let content = self.position;
        let mut plain = true;
        loop {
            match self.bytes.get(self.position) {
                None => return self.fail_near(start, "unterminated quoted identifier"),
                Some(b'"') if self.byte(1) == b'"' => {
                    plain = false;
                    self.position += 2;
                }
                Some(b'"') => break,
                Some(_) => self.position += 1,
            }
        }
        let length = self.position - content;
        self.position += 1;
        if length == 0 {
            return self.fail_near(start, "zero-length delimited identifier");
        }
        plain &= length <= MAX_IDENTIFIER_BYTES && kind == TokenKind::QuotedName;
        Token { plain, ..self.token(kind, start) }
    }

    /// `$1`, `$tag$...$tag$`, or a lone `$`.
    fn dollar(&mut self, start: usize) -> Token {
        if self.byte(1).is_ascii_digit() {
            return self.param(start);
        }
        let mut tag_end = start + 1;
        if self.bytes.get(tag_end).is_some_and(|&byte| is_name_start(byte)) {
            while self.bytes.get(tag_end).is_some_and(|&byte| is_name_part(byte) && byte != b'$') {
                tag_end += 1;
            }
        }
        if self.bytes.get(tag_end) != Some(&b'$') {
            return self.other(start);
        }
        let delimiter = &self.text[start..=tag_end];
        let content = tag_end + 1;
        match self.text[content..].find(delimiter) {
            Some(length) => {
                self.position = content + length + delimiter.len();
                self.token(TokenKind::DollarString, start)
            }
            None => {
                self.position = self.bytes.len();
                self.fail_near(start, "unterminated dollar-quoted string")
            }
        }
    }

    fn param(&mut self, start: usize) -> Token {
        self.position = start + 1;
        while self.byte(0).is_ascii_digit() {
            self.position += 1;
        }
        if !self.at_end() && is_name_start(self.byte(0)) {
            self.skip_name();
            return self.fail_near(start, "trailing junk after parameter");
        }
        if self.text[start + 1..self.position].parse::<i32>().is_err() {
            return self.fail_near(start, "parameter number too large");
        }
        self.token(TokenKind::Param, start)
    }

    fn skip_name(&mut self) {
        while !self.at_end() && is_name_part(self.byte(0)) {
            self.position += 1;
        }
    }

    fn operator(&mut self, start: usize) -> Token {
        let mut end = start;
        while self.bytes.get(end).is_some_and(|&byte| is_operator(byte)) {
            // A comment ends the operator.
            if matches!(self.bytes.get(end..end + 2), Some(b"--" | b"/*")) {
                break;
            }
            end += 1;
        }
        let text = &self.bytes[start..end];
        let special =
            |byte: &u8| matches!(byte, b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'%');
        let mut length = text.len();
        // An operator may end in + or - only if it contains a character that no SQL operator has.
        if length > 1 && !text.iter().any(special) {
            while length > 1 && matches!(text[length - 1], b'+' | b'-') {
                length -= 1;
            }
        }
        self.position = start + length;
        let kind = match &text[..length] {
            [byte @ (b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'<' | b'>' | b'=')] => TokenKind::Char(*byte),
            b"=>" => TokenKind::EqualsGreater,
            b">=" => TokenKind::GreaterEquals,
            b"<=" => TokenKind::LessEquals,
            b"<>" | b"!=" => TokenKind::NotEquals,
            _ if length > MAX_IDENTIFIER_BYTES => return self.fail_near(start, "operator too long"),
            _ => TokenKind::Operator,
        };
        self.token(kind, start)
    }
}
