//! Which characters the bytes of encodings stand for.
//!
//! `tables.bin` says for each encoding what PostgreSQL 18 decodes and encodes; `scripts/encodings.py` asks it and writes the
//! file. It begins with 128 numbers of 16 bits for each single-byte encoding (Unicode for the bytes from 0x80 up, 0 for
//! none), and tables of 128 bytes between some of them. Then come the others: the encoding's number, the length, and pairs
//! of code and character as runs: those that are both decoded and encoded, those only decoded, those only encoded, and codes
//! that stand for two characters.

use super::Encoding;
use std::sync::OnceLock;

static DATA: &[u8] = include_bytes!("tables.bin");

const FIRST_SINGLE: u8 = 8;
const LAST_SINGLE: u8 = 34;
/// Bytes of the table of a single-byte encoding.
const SINGLE: usize = 256;
/// Of GB18030 the codes of four bytes are counted from here.
const FOUR_BYTES: u32 = 1 << 24;
const GB18030: Encoding = Encoding(39);

/// The table of a single-byte encoding.
pub(super) fn single_byte(encoding: Encoding) -> Option<&'static [u8]> {
    if !(FIRST_SINGLE..=LAST_SINGLE).contains(&encoding.0) {
        return None;
    }
    let start = usize::from(encoding.0 - FIRST_SINGLE) * SINGLE;
    DATA.get(start..start + SINGLE)
}

/// The character of a byte.
pub(super) fn decode_byte(table: &[u8], byte: u8) -> Option<char> {
    let Some(index) = byte.checked_sub(0x80) else { return Some(char::from(byte)) };
    let start = usize::from(index) * 2;
    let unit = table.get(start..start + 2)?.try_into().map(u16::from_le_bytes).ok()?;
    if unit == 0 { None } else { char::from_u32(unit.into()) }
}

/// The byte of a character.
pub(super) fn encode_byte(table: &[u8], c: char) -> Option<u8> {
    if c.is_ascii() {
        return Some(c as u8);
    }
    let wanted = u16::try_from(u32::from(c)).ok()?.to_le_bytes();
    let index = table.chunks_exact(2).position(|unit| unit == wanted)?;
    u8::try_from(index + 0x80).ok()
}

/// The table between two single-byte encodings.
pub(super) fn direct(from: Encoding, to: Encoding) -> Option<&'static [u8]> {
    let (count, rest) = direct_tables()?;
    let tables = rest.get(..count * 130)?;
    tables.chunks_exact(130).find(|table| table.starts_with(&[from.0, to.0]))?.get(2..)
}

fn direct_tables() -> Option<(usize, &'static [u8])> {
    let start = usize::from(LAST_SINGLE - FIRST_SINGLE + 1) * SINGLE;
    let (count, rest) = DATA.get(start..)?.split_first()?;
    Some((usize::from(*count), rest))
}

/// The byte that a byte becomes.
pub(super) fn direct_byte(table: &[u8], byte: u8) -> Option<u8> {
    match byte.checked_sub(0x80) {
        None => Some(byte),
        Some(index) => table.get(usize::from(index)).copied().filter(|found| *found != 0),
    }
}

/// Codes that follow one another and stand for characters that do.
#[derive(Clone, Copy)]
struct Run {
    from: u32,
    to: u32,
    length: u32,
}

/// Runs by `from`.
#[derive(Default)]
struct Map(Vec<Run>);

impl Map {
    fn sorted(mut runs: Vec<Run>) -> Map {
        runs.sort_unstable_by_key(|run| run.from);
        Map(runs)
    }

    fn get(&self, from: u32) -> Option<u32> {
        let after = self.0.partition_point(|run| run.from <= from);
        let run = self.0.get(after.checked_sub(1)?)?;
        let offset = from - run.from;
        (offset < run.length).then(|| run.to + offset)
    }
}

/// An encoding whose characters have several bytes.
pub(super) struct Multibyte {
    encoding: Encoding,
    decode: Map,
    encode: Map,
    /// Codes of two characters.
    pairs: Vec<(u32, char, char)>,
}

impl Multibyte {
    /// The tables of an encoding.
    pub(super) fn of(encoding: Encoding) -> Option<&'static Multibyte> {
        static ALL: [OnceLock<Option<Multibyte>>; 42] = [const { OnceLock::new() }; 42];
        ALL.get(usize::from(encoding.0))?.get_or_init(|| Multibyte::read(encoding)).as_ref()
    }

    fn read(encoding: Encoding) -> Option<Multibyte> {
        let (count, rest) = direct_tables()?;
        let mut rest = rest.get(count * 130..)?;
        loop {
            let (number, after) = rest.split_first()?;
            let (length, after) = after.split_first_chunk::<4>()?;
            let (payload, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            if *number == encoding.0 {
                return Multibyte::parse(encoding, Bytes(payload));
            }
            rest = after;
        }
    }

    fn parse(encoding: Encoding, mut bytes: Bytes<'_>) -> Option<Multibyte> {
        let mut section = || {
            let length = bytes.number()? as usize;
            Bytes(bytes.take(length)?).runs()
        };
        let (both, decoded, encoded) = (section()?, section()?, section()?);
        let turned = |run: &Run| Run { from: run.to, to: run.from, length: run.length };
        let mut pairs = Vec::new();
        for _ in 0..bytes.number()? {
            let (code, first, second) = (bytes.number()?, bytes.number()?, bytes.number()?);
            pairs.push((code, char::from_u32(first)?, char::from_u32(second)?));
        }
        Some(Multibyte {
            encoding,
            decode: Map::sorted(both.iter().chain(&decoded).copied().collect()),
            encode: Map::sorted(both.iter().chain(&encoded).map(turned).collect()),
            pairs,
        })
    }

    /// Appends what a character's bytes stand for; false if nothing.
    pub(super) fn decode(&self, bytes: &[u8], into: &mut String) -> bool {
        let code = match bytes {
            [a, b, c, d] if self.encoding == GB18030 => {
                let digit = |byte: &u8, least: u8| u32::from(byte.wrapping_sub(least));
                FOUR_BYTES
                    + ((digit(a, 0x81) * 10 + digit(b, b'0')) * 126 + digit(c, 0x81)) * 10
                    + digit(d, b'0')
            }
            _ => bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)),
        };
        if let Some(c) = self.decode.get(code).and_then(char::from_u32) {
            into.push(c);
            return true;
        }
        match self.pairs.iter().find(|(known, ..)| *known == code) {
            Some((_, first, second)) => into.extend([*first, *second]),
            None => return false,
        }
        true
    }

    /// Appends the bytes of a character; false if there are none.
    pub(super) fn encode(&self, c: char, into: &mut Vec<u8>) -> bool {
        let code = self.encode.get(c.into());
        code.is_some_and(|code| {
            self.append(code, into);
            true
        })
    }

    /// Appends the bytes that stand for two characters together; false if there are none.
    pub(super) fn encode_pair(&self, first: char, second: char, into: &mut Vec<u8>) -> bool {
        let code = self.pairs.iter().find(|(_, a, b)| (*a, *b) == (first, second));
        code.is_some_and(|(code, ..)| {
            self.append(*code, into);
            true
        })
    }

    fn append(&self, code: u32, into: &mut Vec<u8>) {
        if self.encoding == GB18030 && code >= FOUR_BYTES {
            let linear = code - FOUR_BYTES;
            let digits = [linear / 12_600, linear / 1260 % 10, linear / 10 % 126, linear % 10];
            let bytes = digits.into_iter().zip([0x81, b'0', 0x81, b'0']);
            into.extend(bytes.map(|(digit, least)| (digit as u8).wrapping_add(least)));
            return;
        }
        let bytes = code.to_be_bytes();
        let start = (code.leading_zeros() / 8).min(3) as usize;
        into.extend_from_slice(bytes.get(start..).unwrap_or_default());
    }
}

/// Reads the file.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of variable length.
    fn number(&mut self) -> Option<u32> {
        let (mut number, mut shift) = (0_u32, 0_u32);
        loop {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if *byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }

    /// Runs: how far the first code is from the end of the last run, and how many codes follow (in the upper bits); then the
    /// first of as many characters, or each of them.
    fn runs(mut self) -> Option<Vec<Run>> {
        let mut runs = Vec::new();
        let mut code = 0;
        while !self.0.is_empty() {
            code += self.number()?;
            let head = self.number()?;
            let length = head >> 2;
            let width = match head & 3 {
                0 => {
                    runs.push(Run { from: code, to: self.number()?, length });
                    code += length;
                    continue;
                }
                1 => 2,
                _ => 3,
            };
            for _ in 0..length {
                let character = self.take(width)?;
                let to = character.iter().rev().fold(0, |to, byte| to << 8 | u32::from(*byte));
                runs.push(Run { from: code, to, length: 1 });
                code += 1;
            }
        }
        Some(runs)
    }
}
