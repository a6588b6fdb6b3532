//! Contents of names and strings.

use super::{Lexer, MAX_IDENTIFIER_BYTES, Token, TokenKind};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use std::borrow::Cow;

/// Cuts a name to the length that PostgreSQL keeps, at a character boundary.
fn truncate(name: &str) -> &str {
    if name.len() <= MAX_IDENTIFIER_BYTES {
        return name;
    }
    let mut end = MAX_IDENTIFIER_BYTES;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

impl<'a> Lexer<'a> {
    /// The text of a token as written.
    pub fn slice(&self, token: &Token) -> &'a str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    fn inner(&self, token: &Token, prefix: usize) -> &'a str {
        self.text.get(token.start as usize + prefix..token.end as usize - 1).unwrap_or("")
    }

    /// The name that a `Word` or `QuotedName` stands for. (A `UnicodeName` may need a `UESCAPE` behind it.)
    pub fn name(&self, token: &Token) -> Cow<'a, str> {
        match token.kind {
            TokenKind::QuotedName if token.plain => Cow::Borrowed(self.inner(token, 1)),
            TokenKind::QuotedName => {
                let name = self.inner(token, 1).replace("\"\"", "\"");
                Cow::Owned(truncate(&name).to_owned())
            }
            _ if token.plain => Cow::Borrowed(self.slice(token)),
            _ if token.keyword == super::Keyword::Nchar => Cow::Borrowed("nchar"),
            _ => Cow::Owned(truncate(self.slice(token)).to_ascii_lowercase()),
        }
    }

    /// A name that is longer than names may be, whole and cut.
    pub fn cut_name(&self, token: &Token) -> Option<(String, String)> {
        let full = match token.kind {
            TokenKind::Word if !token.plain => self.slice(token).to_ascii_lowercase(),
            TokenKind::QuotedName if !token.plain => self.inner(token, 1).replace("\"\"", "\""),
            TokenKind::UnicodeName => {
                let name = self.inner(token, 3).replace("\"\"", "\"");
                decode_unicode(&name, '\\', 0).unwrap_or_default()
            }
            _ => return None,
        };
        let cut = truncate(&full).to_owned();
        (cut.len() < full.len()).then_some((full, cut))
    }

    /// The warning about a string that has escapes without an `E` in front.
    pub fn escape_warning(&self, token: &Token) -> Option<Error> {
        let text = self.slice(token);
        if token.kind != TokenKind::EscapeString || !text.starts_with('\'') {
            return None;
        }
        let escaped = text.get(text.find('\\')? + 1..)?.chars().next();
        let (what, hint) = match escaped {
            Some('\'') => {
                ("\\'", "Use '' to write quotes in strings, or use the escape string syntax (E'...').")
            }
            Some('\\') => ("\\\\", "Use the escape string syntax for backslashes, e.g., E'\\\\'."),
            _ => ("escape", "Use the escape string syntax for escapes, e.g., E'\\r\\n'."),
        };
        let warning =
            err!(NONSTANDARD_USE_OF_ESCAPE_CHARACTER, "nonstandard use of {what} in a string literal");
        Some(warning.hint(hint).severity(Severity::Warning).at(token.start as usize))
    }

    /// The name in `U&"..."`.
    pub fn unicode_name(&self, token: &Token, escape: char) -> Result<String> {
        let name = self.inner(token, 3).replace("\"\"", "\"");
        let name = decode_unicode(&name, escape, token.start as usize + 3)?;
        Ok(truncate(&name).to_owned())
    }

    /// The text of a string of any kind but `U&'...'`.
    pub fn string(&self, token: &Token) -> Result<Cow<'a, str>> {
        match token.kind {
            TokenKind::DollarString => {
                let text = self.slice(token);
                let delimiter = text[1..].find('$').map_or(1, |end| end + 2);
                Ok(Cow::Borrowed(text.get(delimiter..text.len() - delimiter).unwrap_or("")))
            }
            TokenKind::String => {
                let prefix = 1;
                if token.plain {
                    Ok(Cow::Borrowed(self.inner(token, prefix)))
                } else {
                    Ok(Cow::Owned(self.unquote(token, prefix)))
                }
            }
            TokenKind::EscapeString => {
                let prefix = if self.slice(token).starts_with('\'') { 1 } else { 2 };
                if token.plain {
                    Ok(Cow::Borrowed(self.inner(token, prefix)))
                } else {
                    self.unescape(token, prefix).map(Cow::Owned)
                }
            }
            _ => {
                let prefix = 2;
                if token.plain {
                    Ok(Cow::Borrowed(self.inner(token, prefix)))
                } else {
                    Ok(Cow::Owned(self.unquote(token, prefix)))
                }
            }
        }
    }

    /// The text of `U&'...'`.
    pub fn unicode_string_value(&self, token: &Token, escape: char) -> Result<String> {
        let text = self.unquote(token, 3);
        decode_unicode(&text, escape, token.start as usize + 3)
    }

    /// Walks over the characters between the quotes, joining continuations and halving quotes.
    fn unquote(&self, token: &Token, prefix: usize) -> String {
        let text = self.slice(token);
        let mut out = String::with_capacity(text.len());
        let mut rest = &text[prefix..];
        while let Some(quote) = rest.find('\'') {
            out.push_str(&rest[..quote]);
            rest = &rest[quote + 1..];
            if let Some(next) = rest.strip_prefix('\'') {
                out.push('\'');
                rest = next;
            } else {
                rest = behind_continuation(rest);
            }
        }
        out
    }

    fn unescape(&self, token: &Token, prefix: usize) -> Result<String> {
        let base = token.start as usize;
        let bytes = self.slice(token).as_bytes();
        let text = self.slice(token);
        let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
        let mut surrogate: Option<u32> = None;
        let mut raw_bytes = false;
        let mut i = prefix;
        while i < bytes.len() {
            let at = base + i;
            if surrogate.is_some() && !(bytes[i] == b'\\' && matches!(bytes.get(i + 1), Some(b'u' | b'U'))) {
                let near = text[i..].chars().next().map_or("", |c| &text[i..i + c.len_utf8()]);
                return Err(near_error("invalid Unicode surrogate pair", near, at));
            }
            match bytes[i] {
                b'\'' if bytes.get(i + 1) == Some(&b'\'') => {
                    out.push(b'\'');
                    i += 2;
                }
                b'\'' => i = text.len() - behind_continuation(&text[i + 1..]).len(),
                b'\\' => {
                    let next = bytes.get(i + 1).copied().unwrap_or(b'\\');
                    i += 2;
                    match next {
                        b'b' => out.push(8),
                        b'f' => out.push(12),
                        b'n' => out.push(b'\n'),
                        b'r' => out.push(b'\r'),
                        b't' => out.push(b'\t'),
                        b'v' => out.push(11),
                        b'0'..=b'7' => {
                            let length = bytes[i - 1..]
                                .iter()
                                .take(3)
                                .take_while(|b| matches!(b, b'0'..=b'7'))
                                .count();
                            let value = u32::from_str_radix(&text[i - 1..i - 1 + length], 8).unwrap_or(0);
                            out.push((value & 0xff) as u8);
                            raw_bytes = true;
                            i += length - 1;
                        }
                        b'x' if bytes.get(i).is_some_and(u8::is_ascii_hexdigit) => {
                            let length =
                                bytes[i..].iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                            out.push(u8::from_str_radix(&text[i..i + length], 16).unwrap_or(0));
                            raw_bytes = true;
                            i += length;
                        }
                        b'u' | b'U' => {
                            let length = if next == b'u' { 4 } else { 8 };
                            let value = bytes
                                .get(i..i + length)
                                .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
                                .and_then(|_| u32::from_str_radix(&text[i..i + length], 16).ok());
                            let Some(value) = value else {
                                return Err(err!(INVALID_ESCAPE_SEQUENCE, "invalid Unicode escape")
                                    .hint("Unicode escapes must be \\uXXXX or \\UXXXXXXXX.")
                                    .at(at));
                            };
                            push_code(&mut out, value, &mut surrogate, at)
                                .map_err(|error| near_error(error.message(), &text[i - 2..i + length], at))?;
                            i += length;
                        }
                        byte => out.push(byte),
                    }
                }
                byte => {
                    out.push(byte);
                    i += 1;
                }
            }
        }
        if surrogate.is_some() {
            return Err(invalid_surrogate(base + bytes.len().saturating_sub(1)));
        }
        finish_bytes(out, raw_bytes)
    }
}

/// The bytes as text; escapes may have made them anything.
fn finish_bytes(bytes: Vec<u8>, raw_bytes: bool) -> Result<String> {
    if raw_bytes && bytes.contains(&0) {
        return Err(err!(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": 0x00"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let length = match bytes.get(at).copied().unwrap_or(0) {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            _ => 1,
        };
        let shown: Vec<String> =
            bytes.iter().skip(at).take(length).map(|byte| format!("0x{byte:02x}")).collect();
        err!(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": {}", shown.join(" "))
    })
}

/// Behind a closing quote: what follows the opening quote of the continuation; nothing at the end of the string.
fn behind_continuation(rest: &str) -> &str {
    let mut in_comment = false;
    for (index, byte) in rest.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' => in_comment = false,
            _ if in_comment => {}
            b'-' => in_comment = true,
            b'\'' => return &rest[index + 1..],
            _ => {}
        }
    }
    ""
}

/// An error as PostgreSQL's scanner words it.
fn near_error(message: &str, near: &str, at: usize) -> Error {
    err!(SYNTAX_ERROR, "{message} at or near \"{near}\"").at(at)
}

fn invalid_surrogate(at: usize) -> Error {
    err!(SYNTAX_ERROR, "invalid Unicode surrogate pair").at(at)
}

/// Appends a code point, pairing surrogates.
fn push_code(out: &mut Vec<u8>, value: u32, surrogate: &mut Option<u32>, at: usize) -> Result<()> {
    let value = match (surrogate.take(), value) {
        (Some(high), 0xdc00..=0xdfff) => 0x10000 + ((high & 0x3ff) << 10) + (value & 0x3ff),
        (Some(_), _) | (None, 0xdc00..=0xdfff) => return Err(invalid_surrogate(at)),
        (None, 0xd800..=0xdbff) => {
            *surrogate = Some(value);
            return Ok(());
        }
        (None, _) => value,
    };
    match char::from_u32(value) {
        Some(c) if c != '\0' => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            Ok(())
        }
        _ => Err(err!(SYNTAX_ERROR, "invalid Unicode escape value").at(at)),
    }
}

/// Whether `UESCAPE` may name this character.
pub(crate) fn is_valid_escape(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_hexdigit() && !matches!(c, '+' | '\'' | '"') && !super::is_space(c as u8)
}

/// Decodes `\XXXX` and `\+XXXXXX`.
fn decode_unicode(text: &str, escape: char, base: usize) -> Result<String> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut surrogate = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = base + text.len() - rest.len();
        let behind = &rest[c.len_utf8()..];
        if c != escape {
            if surrogate.is_some() {
                return Err(invalid_surrogate(at));
            }
            out.extend_from_slice(&rest.as_bytes()[..c.len_utf8()]);
            rest = behind;
        } else if behind.starts_with(escape) {
            if surrogate.is_some() {
                return Err(invalid_surrogate(at));
            }
            out.extend_from_slice(&behind.as_bytes()[..escape.len_utf8()]);
            rest = &behind[escape.len_utf8()..];
        } else {
            let (digits, length) = match behind.strip_prefix('+') {
                Some(digits) => (digits, 6),
                None => (behind, 4),
            };
            let value = digits
                .get(..length)
                .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .and_then(|hex| u32::from_str_radix(hex, 16).ok());
            let Some(value) = value else {
                return Err(err!(SYNTAX_ERROR, "invalid Unicode escape")
                    .hint("Unicode escapes must be \\XXXX or \\+XXXXXX.")
                    .at(at));
            };
            push_code(&mut out, value, &mut surrogate, at)?;
            rest = &digits[length..];
        }
    }
    if surrogate.is_some() {
        return Err(invalid_surrogate(base + text.len()));
    }
    finish_bytes(out, false)
}
