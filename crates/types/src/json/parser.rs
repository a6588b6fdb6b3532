//! The grammar: validation of `json`, building of `jsonb`.

use super::MAX_DEPTH;
use super::lexer::{JsonLexer, Token, TokenKind};
use crate::datum::JsonbValue;
use crate::env::FormatSettings;
use crate::numeric::Numeric;
use pglitedb_sqlstate::Result;
use std::sync::Arc;

/// Checks that the text is JSON, as input of `json` does.
pub fn validate_json(text: &str, format: &FormatSettings) -> Result<()> {
    Parser::new(text, false, format).document().map(|_| ())
}

/// Reads a `jsonb` value, as its input does.
pub fn jsonb_input(text: &str, format: &FormatSettings) -> Result<JsonbValue> {
    Parser::new(text, true, format).document()
}

/// Reads a `jsonb` value that the system wrote itself, whatever the session's settings.
pub fn parse_jsonb(text: &str) -> Result<JsonbValue> {
    jsonb_input(text, &FormatSettings::default())
}

/// An object in canonical order from members in any order; of members with the same key the last one stays.
pub fn object_from_pairs(mut members: Vec<(Arc<str>, JsonbValue)>) -> JsonbValue {
    let order = |a: &str, b: &str| a.len().cmp(&b.len()).then_with(|| a.as_bytes().cmp(b.as_bytes()));
    if members.windows(2).all(|w| order(&w[0].0, &w[1].0).is_lt()) {
        return JsonbValue::Object(members);
    }
    // Reversed, the last of equal keys comes first and survives the removal of duplicates.
    members.reverse();
    members.sort_by(|a, b| order(&a.0, &b.0));
    members.dedup_by(|later, first| later.0 == first.0);
    JsonbValue::Object(members)
}

struct Parser<'a> {
    lexer: JsonLexer<'a>,
    /// Are values wanted, or only the check?
    build: bool,
    /// Containers within containers.
    deepest: usize,
    format: &'a FormatSettings,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, build: bool, format: &'a FormatSettings) -> Self {
        Parser { lexer: JsonLexer::new(text, build), build, deepest: format.nesting_limit(MAX_DEPTH), format }
    }

    fn document(&mut self) -> Result<JsonbValue> {
        let token = self.lexer.next_token()?;
        let value = self.value(token, 0)?;
        let end = self.lexer.next_token()?;
        if end.kind != TokenKind::End {
            return Err(self.lexer.unexpected(end, "end of input"));
        }
        Ok(value)
    }

    fn string(&self) -> Arc<str> {
        Arc::from(self.lexer.string_value())
    }

    fn value(&mut self, token: Token, depth: usize) -> Result<JsonbValue> {
        if depth > self.deepest {
            return Err(self.format.too_deep());
        }
        match token.kind {
            TokenKind::ObjectStart => self.object(depth),
            TokenKind::ArrayStart => self.array(depth),
            TokenKind::String if self.build => Ok(JsonbValue::String(self.string())),
            TokenKind::Number if self.build => {
                Ok(JsonbValue::Number(Numeric::parse(self.lexer.source(token))?))
            }
            TokenKind::True => Ok(JsonbValue::Bool(true)),
            TokenKind::False => Ok(JsonbValue::Bool(false)),
            TokenKind::Null | TokenKind::String | TokenKind::Number => Ok(JsonbValue::Null),
            _ => Err(self.lexer.unexpected(token, "JSON value")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<JsonbValue> {
        let mut items = Vec::new();
        let mut token = self.lexer.next_token()?;
        if token.kind == TokenKind::ArrayEnd {
            return Ok(JsonbValue::Array(items));
        }
        loop {
            let item = self.value(token, depth + 1)?;
            if self.build {
                items.push(item);
            }
            token = self.lexer.next_token()?;
            match token.kind {
                TokenKind::Comma => token = self.lexer.next_token()?,
                TokenKind::ArrayEnd => return Ok(JsonbValue::Array(items)),
                _ => return Err(self.lexer.unexpected(token, "\",\" or \"]\"")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<JsonbValue> {
        let mut members = Vec::new();
        let mut token = self.lexer.next_token()?;
        match token.kind {
            TokenKind::ObjectEnd => return Ok(JsonbValue::Object(members)),
            TokenKind::String => {}
            _ => return Err(self.lexer.unexpected(token, "string or \"}\"")),
        }
        loop {
            let key = if self.build { Some(self.string()) } else { None };
            token = self.lexer.next_token()?;
            if token.kind != TokenKind::Colon {
                return Err(self.lexer.unexpected(token, "\":\""));
            }
            token = self.lexer.next_token()?;
            let value = self.value(token, depth + 1)?;
            if let Some(key) = key {
                members.push((key, value));
            }
            token = self.lexer.next_token()?;
            match token.kind {
                TokenKind::Comma => {}
                TokenKind::ObjectEnd => return Ok(object_from_pairs(members)),
                _ => return Err(self.lexer.unexpected(token, "\",\" or \"}\"")),
            }
            token = self.lexer.next_token()?;
            if token.kind != TokenKind::String {
                return Err(self.lexer.unexpected(token, "string"));
            }
        }
    }
}
