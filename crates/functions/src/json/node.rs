//! One view of `json` (text, kept as written) and `jsonb` (a tree), so that each function is written once.

use crate::convert::mismatch;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::json::{JsonLexer, TokenKind};
use pglitedb_types::{Datum, JsonbValue};
use std::sync::Arc;

/// How deep `json` text may nest.
const MAX_DEPTH: usize = 2000;

/// A parsed `json` text: every value knows the text that it was written as.
#[derive(Debug)]
pub struct Raw<'a> {
    /// The text.
    pub source: &'a str,
    /// What it is.
    pub kind: RawKind<'a>,
}

/// What a `json` value is.
#[derive(Debug)]
pub enum RawKind<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number,
    /// A string, without escapes.
    String(String),
    /// An array.
    Array(Vec<Raw<'a>>),
    /// An object, in the order written, with duplicate keys.
    Object(Vec<(String, Raw<'a>)>),
}

/// A value of either type.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// `json`
    Json(&'a Raw<'a>),
    /// `jsonb`
    Jsonb(&'a JsonbValue),
}

/// Kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The name that `json_typeof` gives.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool => "boolean",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Array => "array",
            Kind::Object => "object",
        }
    }

    /// Neither array nor object.
    pub fn is_scalar(self) -> bool {
        !matches!(self, Kind::Array | Kind::Object)
    }
}

impl<'a> Node<'a> {
    /// What it is.
    pub fn kind(self) -> Kind {
        match self {
            Node::Json(raw) => match raw.kind {
                RawKind::Null => Kind::Null,
                RawKind::Bool(_) => Kind::Bool,
                RawKind::Number => Kind::Number,
                RawKind::String(_) => Kind::String,
                RawKind::Array(_) => Kind::Array,
                RawKind::Object(_) => Kind::Object,
            },
            Node::Jsonb(value) => match value {
                JsonbValue::Null => Kind::Null,
                JsonbValue::Bool(_) => Kind::Bool,
                JsonbValue::Number(_) => Kind::Number,
                JsonbValue::String(_) => Kind::String,
                JsonbValue::Array(_) => Kind::Array,
                JsonbValue::Object(_) => Kind::Object,
            },
        }
    }

    /// A member of an object by key; the last of several.
    pub fn member(self, key: &str) -> Option<Node<'a>> {
        match self {
            Node::Json(Raw { kind: RawKind::Object(members), .. }) => {
                members.iter().rev().find(|(k, _)| k == key).map(|(_, v)| Node::Json(v))
            }
            Node::Jsonb(value) => member(value, key).map(Node::Jsonb),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn items(self) -> Option<Vec<Node<'a>>> {
        match self {
            Node::Json(Raw { kind: RawKind::Array(items), .. }) => {
                Some(items.iter().map(Node::Json).collect())
            }
            Node::Jsonb(JsonbValue::Array(items)) => Some(items.iter().map(Node::Jsonb).collect()),
            _ => None,
        }
    }

    /// An item of an array; negative numbers count from the end.
    pub fn item(self, index: i32) -> Option<Node<'a>> {
        let at = |len: usize| {
            let index = i64::from(index);
            usize::try_from(if index < 0 { index + len as i64 } else { index }).ok()
        };
        match self {
            Node::Json(Raw { kind: RawKind::Array(items), .. }) => {
                items.get(at(items.len())?).map(Node::Json)
            }
            Node::Jsonb(JsonbValue::Array(items)) => items.get(at(items.len())?).map(Node::Jsonb),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn members(self) -> Option<Vec<(&'a str, Node<'a>)>> {
        match self {
            Node::Json(Raw { kind: RawKind::Object(members), .. }) => {
                Some(members.iter().map(|(k, v)| (k.as_str(), Node::Json(v))).collect())
            }
            Node::Jsonb(JsonbValue::Object(members)) => {
                Some(members.iter().map(|(k, v)| (&**k, Node::Jsonb(v))).collect())
            }
            _ => None,
        }
    }

    /// What `->>` gives: a string's contents, the text of anything else, nothing for null.
    pub fn text(self) -> Option<String> {
        match self {
            Node::Json(raw) => match &raw.kind {
                RawKind::Null => None,
                RawKind::String(text) => Some(text.clone()),
                _ => Some(raw.source.to_owned()),
            },
            Node::Jsonb(value) => match value {
                JsonbValue::Null => None,
                JsonbValue::String(text) => Some(text.as_ref().to_owned()),
                other => Some(jsonb_text(other)),
            },
        }
    }

    /// [`Node::text`] as a datum.
    pub fn text_datum(self) -> Datum {
        match self {
            Node::Jsonb(JsonbValue::String(text)) => Datum::Text(text.clone()),
            Node::Jsonb(JsonbValue::Number(number)) => {
                let text = pglitedb_types::build_text(|out| {
                    number.write_to(out);
                    Ok(())
                });
                text.map_or(Datum::Null, Datum::Text)
            }
            _ => self.text().map_or(Datum::Null, |text| Datum::Text(text.into())),
        }
    }

    /// The value as JSON text.
    pub fn source(self) -> String {
        match self {
            Node::Json(raw) => raw.source.to_owned(),
            Node::Jsonb(value) => jsonb_text(value),
        }
    }

    /// The value, of the type that it came from.
    pub fn datum(self) -> Datum {
        match self {
            Node::Json(raw) => Datum::text(raw.source),
            Node::Jsonb(value) => Datum::Jsonb(Arc::new(value.clone())),
        }
    }
}

/// A member of a `jsonb` object.
pub fn member<'a>(value: &'a JsonbValue, key: &str) -> Option<&'a JsonbValue> {
    let JsonbValue::Object(members) = value else { return None };
    let order = |k: &str| k.len().cmp(&key.len()).then_with(|| k.as_bytes().cmp(key.as_bytes()));
    members.binary_search_by(|(k, _)| order(k)).ok().map(|at| &members[at].1)
}

/// A `jsonb` value as text.
pub fn jsonb_text(value: &JsonbValue) -> String {
    let mut out = Vec::new();
    pglitedb_types::json::write_jsonb(value, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// A string as a JSON string.
pub fn quoted(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    pglitedb_types::json::write_json_string(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Calls a function with the view of a `json` or `jsonb` argument.
pub fn with_node<T>(datum: &Datum, f: impl FnOnce(Node<'_>) -> Result<T>) -> Result<T> {
    match datum {
        Datum::Jsonb(value) => f(Node::Jsonb(value)),
        Datum::Text(text) => {
            let raw = parse(text)?;
            f(Node::Json(&raw))
        }
        other => Err(mismatch(other, "Json")),
    }
}

#[cold]
fn invalid() -> Error {
    err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json")
}

/// Parses `json` text that input has validated already.
pub fn parse(text: &str) -> Result<Raw<'_>> {
    let mut parser = Parser { text, at: 0 };
    let raw = parser.value(0)?;
    parser.space();
    if parser.at < text.len() { Err(invalid()) } else { Ok(raw) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.eat(byte) { Ok(()) } else { Err(invalid()) }
    }

    fn value(&mut self, depth: usize) -> Result<Raw<'a>> {
        if depth > MAX_DEPTH {
            return Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        self.space();
        let start = self.at;
        let kind = match self.peek().ok_or_else(invalid)? {
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b'"' => RawKind::String(self.string()?),
            _ => self.word()?,
        };
        Ok(Raw { source: &self.text[start..self.at], kind })
    }

    fn object(&mut self, depth: usize) -> Result<RawKind<'a>> {
        self.at += 1;
        let mut members = Vec::new();
        if self.eat(b'}') {
            return Ok(RawKind::Object(members));
        }
        loop {
            self.space();
            let key = self.string()?;
            self.expect(b':')?;
            members.push((key, self.value(depth + 1)?));
            if self.eat(b'}') {
                return Ok(RawKind::Object(members));
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<RawKind<'a>> {
        self.at += 1;
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(RawKind::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat(b']') {
                return Ok(RawKind::Array(items));
            }
            self.expect(b',')?;
        }
    }

    fn word(&mut self) -> Result<RawKind<'a>> {
        let start = self.at;
        while matches!(self.peek(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'-' | b'.')) {
            self.at += 1;
        }
        match &self.text[start..self.at] {
            "null" => Ok(RawKind::Null),
            "true" => Ok(RawKind::Bool(true)),
            "false" => Ok(RawKind::Bool(false)),
            number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => Ok(RawKind::Number),
            _ => Err(invalid()),
        }
    }

    fn string(&mut self) -> Result<String> {
        if self.peek() != Some(b'"') {
            return Err(invalid());
        }
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(['"', '\\']).ok_or_else(invalid)?;
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes().get(end) == Some(&b'"') {
                return Ok(out);
            }
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char> {
        self.escaped().ok_or_else(|| self.problem())
    }

    /// What is wrong with the text's escapes: input has not looked at what they stand for.
    #[cold]
    fn problem(&self) -> Error {
        let mut lexer = JsonLexer::new(self.text, true);
        loop {
            match lexer.next_token() {
                Ok(token) if token.kind == TokenKind::End => return invalid(),
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'"' | b'\\' | b'/' => char::from(byte),
            b'u' => {
                let first = self.hex()?;
                let code = match first {
                    0 => return None,
                    0xD800..0xDC00 => {
                        if !self.text[self.at..].starts_with("\\u") {
                            return None;
                        }
                        self.at += 2;
                        let second = self.hex()?;
                        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                        0x10000 + ((first - 0xD800) << 10) + low
                    }
                    other => other,
                };
                char::from_u32(code)?
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}
