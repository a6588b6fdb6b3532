//! `tsquery`: words under `&`, `|`, `!` and `<->`.

use super::token::Words;
use super::{damaged, write_quoted};
use crate::codec::{Source, write_len};
use crate::datum::Datum;
use crate::scan::{Reader, too_deep};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// Largest distance in `<N>`.
pub const MAX_DISTANCE: u64 = 16_384;
/// How deep a query may be nested; a chain of operators of one kind counts as nested.
pub const MAX_DEPTH: usize = 3000;
/// How deep parentheses may be nested.
const MAX_NESTING: usize = 500;

const NOT: u8 = 1;
const AND: u8 = 2;
const OR: u8 = 3;
const PHRASE: u8 = 4;
const WORD: u8 = 5;

/// A `tsquery` value (but for the empty one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TsQuery {
    /// A lexeme.
    Word {
        /// The lexeme.
        text: String,
        /// Does it stand for all that begin with it?
        prefix: bool,
        /// The weights it is restricted to: 8 is A, 1 is D; 0 for any.
        weights: u8,
    },
    /// `!`
    Not(Box<TsQuery>),
    /// `&`
    And(Box<TsQuery>, Box<TsQuery>),
    /// `|`
    Or(Box<TsQuery>, Box<TsQuery>),
    /// `<N>`
    Phrase(Box<TsQuery>, Box<TsQuery>, u16),
}

impl TsQuery {
    /// Reads the text form; `None` is the empty query.
    pub fn parse(text: &str) -> Result<Option<TsQuery>> {
        TsQuery::parse_words(text, true)
    }

    /// Reads the text form with words of any length, for those that look into them.
    pub fn parse_raw(text: &str) -> Result<Option<TsQuery>> {
        TsQuery::parse_words(text, false)
    }

    fn parse_words(text: &str, limited: bool) -> Result<Option<TsQuery>> {
        let mut parser = Parser { words: Words { text, at: 0, query: true }, limited };
        parser.words.skip_space();
        if parser.words.peek().is_none() {
            return Ok(None);
        }
        let (query, _) = parser.binary(1, 0)?;
        if parser.words.peek().is_some() {
            return Err(parser.words.syntax_error());
        }
        Ok(Some(query))
    }

    /// How deep it is nested.
    pub fn depth(&self) -> usize {
        match self {
            TsQuery::Word { .. } => 1,
            TsQuery::Not(inner) => inner.depth() + 1,
            TsQuery::And(a, b) | TsQuery::Or(a, b) | TsQuery::Phrase(a, b, _) => a.depth().max(b.depth()) + 1,
        }
    }

    /// `54001` if it is nested deeper than [`MAX_DEPTH`]: whoever builds queries of others asks.
    pub fn check_depth(self) -> Result<TsQuery> {
        if self.depth() > MAX_DEPTH { Err(too_deep()) } else { Ok(self) }
    }

    fn priority(&self) -> u8 {
        match self {
            TsQuery::Or(..) => 1,
            TsQuery::And(..) => 2,
            TsQuery::Phrase(..) => 3,
            TsQuery::Not(_) => 4,
            TsQuery::Word { .. } => 5,
        }
    }

    /// Appends the text form.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.write_in(0, false, out);
    }

    fn write_in(&self, parent: u8, right_of_phrase: bool, out: &mut Vec<u8>) {
        let priority = self.priority();
        let phrase = matches!(self, TsQuery::Phrase(..));
        let parentheses = priority < parent || phrase && right_of_phrase;
        if parentheses {
            out.extend_from_slice(b"( ");
        }
        match self {
            TsQuery::Word { text, prefix, weights } => {
                write_quoted(text, out);
                if *prefix || *weights > 0 {
                    out.push(b':');
                }
                if *prefix {
                    out.push(b'*');
                }
                for (bit, letter) in [(8, b'A'), (4, b'B'), (2, b'C'), (1, b'D')] {
                    if weights & bit != 0 {
                        out.push(letter);
                    }
                }
            }
            TsQuery::Not(inner) => {
                out.push(b'!');
                inner.write_in(priority, false, out);
            }
            TsQuery::And(left, right) | TsQuery::Or(left, right) | TsQuery::Phrase(left, right, _) => {
                left.write_in(priority, false, out);
                match self {
                    TsQuery::And(..) => out.extend_from_slice(b" & "),
                    TsQuery::Or(..) => out.extend_from_slice(b" | "),
                    TsQuery::Phrase(_, _, 1) => out.extend_from_slice(b" <-> "),
                    TsQuery::Phrase(_, _, distance) => {
                        out.extend_from_slice(b" <");
                        crate::integer::write_u64(u64::from(*distance), out);
                        out.extend_from_slice(b"> ");
                    }
                    _ => {}
                }
                right.write_in(priority, phrase, out);
            }
        }
        if parentheses {
            out.extend_from_slice(b" )");
        }
    }

    /// The value as a datum; `None` is the empty query.
    pub fn to_datum(query: Option<&TsQuery>) -> Datum {
        let mut out = Vec::new();
        if let Some(query) = query {
            query.encode(&mut out);
        }
        Datum::Encoded(Arc::from(out))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            TsQuery::Word { text, prefix, weights } => {
                out.extend_from_slice(&[WORD, u8::from(*prefix) << 4 | weights]);
                write_len(text.len(), out);
                out.extend_from_slice(text.as_bytes());
            }
            TsQuery::Not(inner) => {
                out.push(NOT);
                inner.encode(out);
            }
            TsQuery::And(left, right) | TsQuery::Or(left, right) | TsQuery::Phrase(left, right, _) => {
                match self {
                    TsQuery::And(..) => out.push(AND),
                    TsQuery::Or(..) => out.push(OR),
                    TsQuery::Phrase(_, _, distance) => {
                        out.push(PHRASE);
                        out.extend_from_slice(&distance.to_le_bytes());
                    }
                    _ => {}
                }
                left.encode(out);
                right.encode(out);
            }
        }
    }

    /// Reads what [`TsQuery::to_datum`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Option<TsQuery>> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let mut source = Source { bytes };
        let query = decode_node(&mut source, 0)?;
        if source.bytes.is_empty() { Ok(Some(query)) } else { Err(damaged("tsquery")) }
    }

    /// Appends the binary form.
    pub fn send(query: Option<&TsQuery>, out: &mut Vec<u8>) {
        out.extend_from_slice(&query.map_or(0, TsQuery::nodes).to_be_bytes());
        if let Some(query) = query {
            query.send_node(out);
        }
    }

    /// How many words and operators there are.
    pub fn nodes(&self) -> i32 {
        match self {
            TsQuery::Word { .. } => 1,
            TsQuery::Not(inner) => inner.nodes().saturating_add(1),
            TsQuery::And(a, b) | TsQuery::Or(a, b) | TsQuery::Phrase(a, b, _) => {
                a.nodes().saturating_add(b.nodes()).saturating_add(1)
            }
        }
    }

    fn send_node(&self, out: &mut Vec<u8>) {
        match self {
            TsQuery::Word { text, prefix, weights } => {
                out.extend_from_slice(&[1, *weights, u8::from(*prefix)]);
                out.extend_from_slice(text.as_bytes());
                out.push(0);
            }
            TsQuery::Not(inner) => {
                out.extend_from_slice(&[2, NOT]);
                inner.send_node(out);
            }
            TsQuery::And(left, right) | TsQuery::Or(left, right) | TsQuery::Phrase(left, right, _) => {
                out.push(2);
                match self {
                    TsQuery::And(..) => out.push(AND),
                    TsQuery::Or(..) => out.push(OR),
                    TsQuery::Phrase(_, _, distance) => {
                        out.push(PHRASE);
                        out.extend_from_slice(&distance.to_be_bytes());
                    }
                    _ => {}
                }
                // The right operand comes first.
                right.send_node(out);
                left.send_node(out);
            }
        }
    }

    /// Reads the binary form.
    pub fn recv(reader: &mut Reader<'_>) -> Result<Option<TsQuery>> {
        let count = reader.u32()?;
        if count == 0 {
            return Ok(None);
        }
        recv_node(reader, 0).map(Some)
    }
}

fn recv_node(reader: &mut Reader<'_>, depth: usize) -> Result<TsQuery> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let malformed = |what: &str| err!(INTERNAL_ERROR, "malformed tsquery: {what}");
    match reader.u8()? {
        1 => {
            let (weights, prefix) = (reader.u8()?, reader.u8()?);
            if weights > 0xf {
                return Err(malformed("invalid weight bitmap"));
            }
            let text = crate::io::utf8(reader.c_string()?)?.to_owned();
            if text.len() > 2046 {
                return Err(malformed("operand too long"));
            }
            Ok(TsQuery::Word { text, prefix: prefix != 0, weights })
        }
        2 => match reader.u8()? {
            NOT => Ok(TsQuery::Not(Box::new(recv_node(reader, depth + 1)?))),
            operator @ (AND | OR | PHRASE) => {
                let distance = if operator == PHRASE { reader.u16()? } else { 0 };
                let right = Box::new(recv_node(reader, depth + 1)?);
                let left = Box::new(recv_node(reader, depth + 1)?);
                Ok(match operator {
                    AND => TsQuery::And(left, right),
                    OR => TsQuery::Or(left, right),
                    _ => TsQuery::Phrase(left, right, distance),
                })
            }
            other => Err(err!(INTERNAL_ERROR, "invalid tsquery: unrecognized operator type {other}")),
        },
        other => Err(err!(INTERNAL_ERROR, "unrecognized tsquery node type: {other}")),
    }
}

fn decode_node(source: &mut Source<'_>, depth: usize) -> Result<TsQuery> {
    if depth > MAX_DEPTH {
        return Err(damaged("tsquery"));
    }
    let pair = |source: &mut Source<'_>| -> Result<(Box<TsQuery>, Box<TsQuery>)> {
        let left = decode_node(source, depth + 1)?;
        Ok((Box::new(left), Box::new(decode_node(source, depth + 1)?)))
    };
    Ok(match source.byte()? {
        WORD => {
            let flags = source.byte()?;
            let len = source.len()?;
            let text = std::str::from_utf8(source.take(len)?).map_err(|_| damaged("tsquery"))?.to_owned();
            TsQuery::Word { text, prefix: flags & 16 != 0, weights: flags & 15 }
        }
        NOT => TsQuery::Not(Box::new(decode_node(source, depth + 1)?)),
        AND => {
            let (left, right) = pair(source)?;
            TsQuery::And(left, right)
        }
        OR => {
            let (left, right) = pair(source)?;
            TsQuery::Or(left, right)
        }
        PHRASE => {
            let distance = u16::from_le_bytes(source.array()?);
            let (left, right) = pair(source)?;
            TsQuery::Phrase(left, right, distance)
        }
        _ => return Err(damaged("tsquery")),
    })
}

struct Parser<'a> {
    words: Words<'a>,
    /// Are long words refused?
    limited: bool,
}

impl Parser<'_> {
    fn no_operand(&self) -> Error {
        err!(SYNTAX_ERROR, "no operand in tsquery: \"{}\"", self.words.text)
    }

    /// Operators of a priority and above: 1 `|`, 2 `&`, 3 `<->`. Also says how deep the result is.
    fn binary(&mut self, priority: u8, nesting: usize) -> Result<(TsQuery, usize)> {
        if priority > 3 {
            return self.operand(nesting);
        }
        let (mut left, mut depth) = self.binary(priority + 1, nesting)?;
        loop {
            self.words.skip_space();
            let operator = match self.words.peek() {
                Some(b'|') => 1,
                Some(b'&') => 2,
                Some(b'<') => 3,
                None | Some(b')') => 0,
                Some(_) => return Err(self.words.syntax_error()),
            };
            if operator != priority {
                return Ok((left, depth));
            }
            let distance = if operator == 3 { self.distance()? } else { 0 };
            if operator != 3 {
                self.words.at += 1;
            }
            let (right, right_depth) = self.binary(priority + 1, nesting)?;
            depth = depth.max(right_depth) + 1;
            if depth > MAX_DEPTH {
                return Err(too_deep());
            }
            let (first, second) = (Box::new(left), Box::new(right));
            left = match operator {
                1 => TsQuery::Or(first, second),
                2 => TsQuery::And(first, second),
                _ => TsQuery::Phrase(first, second, distance),
            };
        }
    }

    /// `<->` or `<N>`
    fn distance(&mut self) -> Result<u16> {
        let rest = &self.words.text[self.words.at..];
        if rest.starts_with("<->") {
            self.words.at += 3;
            return Ok(1);
        }
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || !rest[1 + digits..].starts_with('>') {
            return Err(self.words.syntax_error());
        }
        let number: u64 = rest[1..=digits].parse().unwrap_or(u64::MAX);
        self.words.at += digits + 2;
        u16::try_from(number).ok().filter(|_| number <= MAX_DISTANCE).ok_or_else(|| {
            err!(
                INVALID_PARAMETER_VALUE,
                "distance in phrase operator must be an integer value between zero and {MAX_DISTANCE} inclusive"
            )
        })
    }

    fn operand(&mut self, nesting: usize) -> Result<(TsQuery, usize)> {
        if nesting > MAX_NESTING {
            return Err(too_deep());
        }
        self.words.skip_space();
        match self.words.peek() {
            None => Err(self.no_operand()),
            Some(b'!') => {
                self.words.at += 1;
                let (inner, depth) = self.operand(nesting + 1)?;
                Ok((TsQuery::Not(Box::new(inner)), depth + 1))
            }
            Some(b'(') => {
                self.words.at += 1;
                let inner = self.binary(1, nesting + 1)?;
                self.words.skip_space();
                if self.words.peek() != Some(b')') {
                    return Err(self.words.syntax_error());
                }
                self.words.at += 1;
                Ok(inner)
            }
            Some(b':') => Err(self.words.syntax_error()),
            Some(_) => Ok((self.word()?, 1)),
        }
    }

    fn word(&mut self) -> Result<TsQuery> {
        let text = self.words.word()?.ok_or_else(|| self.words.syntax_error())?;
        let (mut prefix, mut weights) = (false, 0);
        if self.words.peek() == Some(b':') {
            self.words.at += 1;
            while let Some(byte) = self.words.peek() {
                match byte {
                    b'a' | b'A' => weights |= 8,
                    b'b' | b'B' => weights |= 4,
                    b'c' | b'C' => weights |= 2,
                    b'd' | b'D' => weights |= 1,
                    b'*' => prefix = true,
                    _ => break,
                }
                self.words.at += 1;
            }
        }
        if self.limited && text.len() >= 2047 {
            return Err(err!(PROGRAM_LIMIT_EXCEEDED, "word is too long in tsquery: \"{}\"", self.words.text));
        }
        Ok(TsQuery::Word { text, prefix, weights })
    }
}
