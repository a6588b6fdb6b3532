//! JSON tokens, and errors worded and placed as PostgreSQL does.

use pglitedb_sqlstate::{Error, Result, err};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A string, with its quotes.
    String,
    /// A number.
    Number,
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
    /// End of input.
    End,
}

/// A token: kind and byte range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Kind.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// Reads tokens from JSON text.
#[derive(Clone, Debug)]
pub struct JsonLexer<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
    /// Are escapes in strings to be checked as text (surrogates in pairs, no `\u0000`)?
    decode: bool,
    /// The decoded value of the last string, if `decode`.
    value: String,
}

/// What is wrong with a token.
enum Problem {
    InvalidToken,
    EscapingInvalid,
    EscapingRequired(u8),
    UnicodeZero,
    UnicodeFormat,
    HighSurrogate,
    LowSurrogate,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl<'a> JsonLexer<'a> {
    /// Starts at the beginning of `text`. With `decode`, strings are decoded as they are read.
    pub fn new(text: &'a str, decode: bool) -> Self {
        JsonLexer { text, at: 0, line: 1, line_start: 0, decode, value: String::new() }
    }

    /// The source of a token.
    pub fn source(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or("")
    }

    /// The value of the string token read last (only if strings are decoded).
    pub fn string_value(&self) -> &str {
        &self.value
    }

    /// The next token.
    pub fn next_token(&mut self) -> Result<Token> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.at + 1;
                }
                b' ' | b'\t' | b'\r' => {}
                _ => break,
            }
            self.at += 1;
        }
        let start = self.at;
        let Some(&byte) = bytes.get(start) else {
            return Ok(Token { kind: TokenKind::End, start, end: start });
        };
        let kind = match byte {
            b'{' => TokenKind::ObjectStart,
            b'}' => TokenKind::ObjectEnd,
            b'[' => TokenKind::ArrayStart,
            b']' => TokenKind::ArrayEnd,
            b',' => TokenKind::Comma,
            b':' => TokenKind::Colon,
            b'"' => return self.string(start),
            b'-' | b'0'..=b'9' => return self.number(start),
            _ => return self.word(start),
        };
        self.at += 1;
        Ok(Token { kind, start, end: self.at })
    }

    fn word(&mut self, start: usize) -> Result<Token> {
        let bytes = self.text.as_bytes();
        let mut end = start;
        while bytes.get(end).is_some_and(|&b| is_word(b)) {
            end += 1;
        }
        let kind = match &self.text[start..end] {
            "true" => TokenKind::True,
            "false" => TokenKind::False,
            "null" => TokenKind::Null,
            word => {
                let end = if word.is_empty() { start + 1 } else { end };
                return Err(self.fail(Problem::InvalidToken, start, end));
            }
        };
        self.at = end;
        Ok(Token { kind, start, end })
    }

    fn number(&mut self, start: usize) -> Result<Token> {
        let bytes = self.text.as_bytes();
        let mut at = start;
        let digits = |at: &mut usize| {
            let from = *at;
            while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
                *at += 1;
            }
            *at > from
        };
        if bytes[at] == b'-' {
            at += 1;
        }
        let mut good = if bytes.get(at) == Some(&b'0') {
            at += 1;
            true
        } else {
            digits(&mut at)
        };
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            good &= digits(&mut at);
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1;
            if let Some(b'+' | b'-') = bytes.get(at) {
                at += 1;
            }
            good &= digits(&mut at);
        }
        while bytes.get(at).is_some_and(|&b| is_word(b)) {
            good = false;
            at += 1;
        }
        if !good {
            return Err(self.fail(Problem::InvalidToken, start, at));
        }
        self.at = at;
        Ok(Token { kind: TokenKind::Number, start, end: at })
    }

    fn string(&mut self, start: usize) -> Result<Token> {
        let bytes = self.text.as_bytes();
        self.value.clear();
        let mut at = start + 1;
        let mut high_surrogate = None;
        loop {
            // Plain characters in one piece.
            let run = at;
            while bytes.get(at).is_some_and(|&b| b >= 0x20 && b != b'"' && b != b'\\') {
                at += 1;
            }
            if at > run && self.decode {
                if high_surrogate.is_some() {
                    return Err(self.fail(Problem::LowSurrogate, start, self.char_end(run)));
                }
                self.value.push_str(&self.text[run..at]);
            }
            match bytes.get(at) {
                None => return Err(self.fail(Problem::InvalidToken, start, at)),
                Some(b'"') => break,
                Some(b'\\') => at = self.escape(start, at + 1, &mut high_surrogate)?,
                Some(&control) => return Err(self.fail(Problem::EscapingRequired(control), start, at)),
            }
        }
        if high_surrogate.is_some() {
            return Err(self.fail(Problem::LowSurrogate, start, at + 1));
        }
        self.at = at + 1;
        Ok(Token { kind: TokenKind::String, start, end: at + 1 })
    }

    fn char_end(&self, at: usize) -> usize {
        at + self.text.get(at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8)
    }

    /// An escape, `at` being the byte after the backslash; returns where it ends.
    fn escape(&mut self, start: usize, at: usize, high: &mut Option<u32>) -> Result<usize> {
        let bytes = self.text.as_bytes();
        let plain = match bytes.get(at) {
            None => return Err(self.fail(Problem::InvalidToken, start, at)),
            Some(b'u') => return self.unicode(start, at + 1, high),
            Some(c @ (b'"' | b'\\' | b'/')) => *c as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(_) => return Err(self.fail(Problem::EscapingInvalid, at, self.char_end(at))),
        };
        if high.is_some() {
            return Err(self.fail(Problem::LowSurrogate, start, at + 1));
        }
        if self.decode {
            self.value.push(plain);
        }
        Ok(at + 1)
    }

    fn unicode(&mut self, start: usize, at: usize, high: &mut Option<u32>) -> Result<usize> {
        let bytes = self.text.as_bytes();
        let mut code = 0;
        for i in at..at + 4 {
            let Some(&byte) = bytes.get(i) else {
                return Err(self.fail(Problem::InvalidToken, start, i));
            };
            let Some(digit) = (byte as char).to_digit(16) else {
                return Err(self.fail(Problem::UnicodeFormat, start, self.char_end(i)));
            };
            code = code * 16 + digit;
        }
        let end = at + 4;
        if !self.decode {
            return Ok(end);
        }
        match (code, high.take()) {
            (0xd800..=0xdbff, Some(_)) => return Err(self.fail(Problem::HighSurrogate, start, end)),
            (0xd800..=0xdbff, None) => *high = Some(code),
            (0xdc00..=0xdfff, Some(first)) => {
                let combined = 0x10000 + ((first - 0xd800) << 10) + (code - 0xdc00);
                self.value.push(char::from_u32(combined).unwrap_or('\u{fffd}'));
            }
            (0xdc00..=0xdfff, None) | (_, Some(_)) => {
                return Err(self.fail(Problem::LowSurrogate, start, end));
            }
            (0, None) => return Err(self.fail(Problem::UnicodeZero, start, end)),
            (code, None) => self.value.push(char::from_u32(code).unwrap_or('\u{fffd}')),
        }
        Ok(end)
    }

    fn fail(&self, problem: Problem, start: usize, end: usize) -> Error {
        let token = self.text.get(start..end).unwrap_or("");
        if matches!(problem, Problem::UnicodeZero) {
            return err!(UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence")
                .detail("\\u0000 cannot be converted to text.")
                .context(self.place(end, false));
        }
        let detail = match problem {
            Problem::EscapingInvalid => format!("Escape sequence \"\\{token}\" is invalid."),
            Problem::EscapingRequired(byte) => format!("Character with value 0x{byte:02x} must be escaped."),
            Problem::UnicodeFormat => "\"\\u\" must be followed by four hexadecimal digits.".to_owned(),
            Problem::HighSurrogate => "Unicode high surrogate must not follow a high surrogate.".to_owned(),
            Problem::LowSurrogate => "Unicode low surrogate must follow a high surrogate.".to_owned(),
            Problem::InvalidToken | Problem::UnicodeZero => format!("Token \"{token}\" is invalid."),
        };
        self.syntax_error(detail, end, false)
    }

    /// The error of a token that does not belong where it stands; `expected` is what would have.
    pub fn unexpected(&self, token: Token, expected: &str) -> Error {
        if token.kind == TokenKind::End {
            return self.syntax_error("The input string ended unexpectedly.".to_owned(), token.end, true);
        }
        let found = self.source(token);
        self.syntax_error(format!("Expected {expected}, but found \"{found}\"."), token.end, false)
    }

    fn syntax_error(&self, detail: String, end: usize, at_end: bool) -> Error {
        err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json")
            .detail(detail)
            .context(self.place(end, at_end))
    }

    /// The line up to `end`, shortened on the left to 50 bytes.
    fn place(&self, end: usize, at_end: bool) -> String {
        let end = end.min(self.text.len());
        let mut start = self.line_start.min(end);
        while end - start >= 50 {
            start = self.char_end(start).max(start + 1);
        }
        if start - self.line_start.min(start) <= 3 {
            start = self.line_start.min(end);
        }
        let prefix = if start > self.line_start { "..." } else { "" };
        let more = !at_end && !matches!(self.text.as_bytes().get(end), None | Some(b'\n' | b'\r'));
        let suffix = if more { "..." } else { "" };
        let shown = self.text.get(start..end).unwrap_or("");
        format!("JSON data, line {}: {prefix}{shown}{suffix}", self.line)
    }
}
