//! `tsvector`: sorted lexemes with positions.

use super::token::Words;
use super::{damaged, write_quoted};
use crate::codec::{Source, write_len};
use crate::datum::Datum;
use crate::scan::{Reader, is_space};
use pglitedb_sqlstate::{Result, err};
use std::sync::Arc;

/// Largest position; larger ones are set to it.
pub const MAX_POSITION: u16 = (1 << 14) - 1;
/// A lexeme is shorter than this, in bytes.
pub const MAX_LEXEME: usize = (1 << 11) - 1;
/// Most positions of a lexeme.
pub const MAX_POSITIONS: usize = 256;
/// Texts and positions of a vector take less than this, in bytes.
const MAX_DATA: usize = (1 << 20) - 1;

/// A lexeme and where it occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lexeme {
    /// The lexeme.
    pub text: String,
    /// Positions in order: the weight (3 is A, 0 is D) in the two upper bits, the position in the others.
    pub positions: Vec<u16>,
}

/// A `tsvector` value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TsVector {
    /// In byte order, without duplicates.
    pub lexemes: Vec<Lexeme>,
}

impl TsVector {
    /// Puts lexemes in order, joins equal ones, and puts their positions in order.
    pub fn from_lexemes(mut lexemes: Vec<Lexeme>) -> TsVector {
        lexemes.sort_by(|a, b| a.text.as_bytes().cmp(b.text.as_bytes()));
        let mut merged: Vec<Lexeme> = Vec::with_capacity(lexemes.len());
        for lexeme in lexemes {
            match merged.last_mut() {
                Some(last) if last.text == lexeme.text => last.positions.extend(lexeme.positions),
                _ => merged.push(lexeme),
            }
        }
        for lexeme in &mut merged {
            // Of equal positions the one with the largest weight stays.
            lexeme.positions.sort_by_key(|p| (p & MAX_POSITION, std::cmp::Reverse(p >> 14)));
            lexeme.positions.dedup_by_key(|p| *p & MAX_POSITION);
            lexeme.positions.truncate(MAX_POSITIONS);
        }
        TsVector { lexemes: merged }
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<TsVector> {
        let mut words = Words { text, at: 0, query: false };
        let mut lexemes = Vec::new();
        while let Some(word) = words.word()? {
            if word.len() >= MAX_LEXEME {
                return Err(err!(
                    PROGRAM_LIMIT_EXCEEDED,
                    "word is too long ({} bytes, max {} bytes)",
                    word.len(),
                    MAX_LEXEME - 1
                ));
            }
            let positions = if words.peek() == Some(b':') {
                words.at += 1;
                parse_positions(&mut words)?
            } else {
                Vec::new()
            };
            lexemes.push(Lexeme { text: word, positions });
        }
        let vector = TsVector::from_lexemes(lexemes);
        vector.check_size()?;
        Ok(vector)
    }

    /// `54000` if the vector is larger than PostgreSQL allows.
    pub fn check_size(&self) -> Result<()> {
        let size = self.data_size();
        if size > MAX_DATA {
            return Err(err!(
                PROGRAM_LIMIT_EXCEEDED,
                "string is too long for tsvector ({size} bytes, max {MAX_DATA} bytes)"
            ));
        }
        Ok(())
    }

    /// Where a lexeme is.
    pub fn find(&self, text: &str) -> Option<&Lexeme> {
        let at = self.lexemes.binary_search_by(|known| known.text.as_bytes().cmp(text.as_bytes())).ok()?;
        self.lexemes.get(at)
    }

    /// All lexemes that begin with `prefix`.
    pub fn with_prefix(&self, prefix: &str) -> &[Lexeme] {
        let from = self.lexemes.partition_point(|known| known.text.as_bytes() < prefix.as_bytes());
        let rest = self.lexemes.get(from..).unwrap_or_default();
        let len = rest.partition_point(|known| known.text.as_bytes().starts_with(prefix.as_bytes()));
        rest.get(..len).unwrap_or_default()
    }

    /// Appends the text form.
    pub fn write(&self, out: &mut Vec<u8>) {
        for (i, lexeme) in self.lexemes.iter().enumerate() {
            if i > 0 {
                out.push(b' ');
            }
            write_quoted(&lexeme.text, out);
            for (i, position) in lexeme.positions.iter().enumerate() {
                out.push(if i == 0 { b':' } else { b',' });
                crate::integer::write_u64(u64::from(position & MAX_POSITION), out);
                if position >> 14 > 0 {
                    out.push(b"DCBA"[usize::from(position >> 14)]);
                }
            }
        }
    }

    /// Appends the binary form.
    pub fn send(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.lexemes.len() as i32).to_be_bytes());
        for lexeme in &self.lexemes {
            out.extend_from_slice(lexeme.text.as_bytes());
            out.push(0);
            out.extend_from_slice(&(lexeme.positions.len() as u16).to_be_bytes());
            lexeme.positions.iter().for_each(|p| out.extend_from_slice(&p.to_be_bytes()));
        }
    }

    /// Reads the binary form.
    pub fn recv(reader: &mut Reader<'_>) -> Result<TsVector> {
        let count = reader.i32()?;
        if count < 0 {
            return Err(err!(INTERNAL_ERROR, "invalid size of tsvector"));
        }
        let mut lexemes = Vec::new();
        for _ in 0..count {
            let text = reader.c_string()?;
            let text = crate::io::utf8(text)?.to_owned();
            if text.is_empty() || text.len() > MAX_LEXEME {
                return Err(err!(INTERNAL_ERROR, "invalid tsvector: lexeme too long or empty"));
            }
            let positions = reader.u16()?;
            if usize::from(positions) > MAX_POSITIONS {
                return Err(err!(INTERNAL_ERROR, "unexpected number of tsvector positions"));
            }
            let positions: Result<Vec<u16>> = (0..positions).map(|_| reader.u16()).collect();
            lexemes.push(Lexeme { text, positions: positions? });
        }
        Ok(TsVector::from_lexemes(lexemes))
    }

    /// The value as a datum.
    pub fn to_datum(&self) -> Datum {
        let mut out = Vec::new();
        for lexeme in &self.lexemes {
            write_len(lexeme.text.len(), &mut out);
            out.extend_from_slice(lexeme.text.as_bytes());
            write_len(lexeme.positions.len(), &mut out);
            lexeme.positions.iter().for_each(|p| out.extend_from_slice(&p.to_le_bytes()));
        }
        Datum::Encoded(Arc::from(out))
    }

    /// Reads what [`TsVector::to_datum`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<TsVector> {
        let mut source = Source { bytes };
        let mut lexemes = Vec::new();
        while !source.bytes.is_empty() {
            let len = source.len()?;
            let text = std::str::from_utf8(source.take(len)?).map_err(|_| damaged("tsvector"))?.to_owned();
            let count = source.len()?;
            if count > MAX_POSITIONS {
                return Err(damaged("tsvector"));
            }
            let positions: Result<Vec<u16>> =
                (0..count).map(|_| source.array().map(u16::from_le_bytes)).collect();
            lexemes.push(Lexeme { text, positions: positions? });
        }
        Ok(TsVector { lexemes })
    }
}

/// A lexeme within a stored vector.
#[derive(Clone, Copy, Debug)]
pub struct StoredLexeme<'a> {
    /// The lexeme.
    pub text: &'a [u8],
    positions: &'a [u8],
}

impl<'a> StoredLexeme<'a> {
    /// Positions with their weights, as in [`Lexeme`].
    pub fn positions(self) -> impl Iterator<Item = u16> + 'a {
        self.positions.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
    }

    /// Are none known?
    pub fn is_anywhere(self) -> bool {
        self.positions.is_empty()
    }
}

/// The lexemes of what [`TsVector::to_datum`] wrote, in order, where they are.
pub fn stored_lexemes(bytes: &[u8]) -> Result<Vec<StoredLexeme<'_>>> {
    let mut source = Source { bytes };
    let mut lexemes = Vec::new();
    while !source.bytes.is_empty() {
        let len = source.len()?;
        let text = source.take(len)?;
        let count = source.len()?;
        if count > MAX_POSITIONS {
            return Err(damaged("tsvector"));
        }
        lexemes.push(StoredLexeme { text, positions: source.take(2 * count)? });
    }
    Ok(lexemes)
}

/// `1A,2,3b` after the colon.
fn parse_positions(words: &mut Words<'_>) -> Result<Vec<u16>> {
    let mut positions = Vec::new();
    loop {
        let digits = words.text[words.at..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Err(words.syntax_error());
        }
        let number: u64 = words.text[words.at..words.at + digits].parse().unwrap_or(u64::MAX);
        words.at += digits;
        if number == 0 {
            return Err(err!(SYNTAX_ERROR, "wrong position info in tsvector: \"{}\"", words.text));
        }
        let mut weight = None;
        loop {
            let value = match words.peek() {
                Some(b'a' | b'A' | b'*') => 3,
                Some(b'b' | b'B') => 2,
                Some(b'c' | b'C') => 1,
                Some(b'd' | b'D') => 0,
                Some(b'0'..=b'9') => {
                    // Digits after a weight say nothing.
                    words.at += 1;
                    continue;
                }
                _ => break,
            };
            if weight.is_some_and(|w| w > 0) {
                return Err(words.syntax_error());
            }
            weight = Some(value);
            words.at += 1;
        }
        let position = u16::try_from(number).unwrap_or(u16::MAX).min(MAX_POSITION);
        positions.push(weight.unwrap_or(0) << 14 | position);
        match words.peek() {
            Some(b',') => words.at += 1,
            None => return Ok(positions),
            Some(byte) if is_space(byte) => return Ok(positions),
            Some(_) => return Err(words.syntax_error()),
        }
    }
}
