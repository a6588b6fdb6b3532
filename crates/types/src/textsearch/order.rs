//! Order of `tsvector` and `tsquery` values, as index keys: bytes that compare as the values do.
//!
//! PostgreSQL orders both first by how large they are stored, so the sizes here are those of its own formats.

use super::query::TsQuery;
use super::vector::{MAX_POSITION, TsVector};

/// Bytes of a stored header.
const HEADER: usize = 8;
/// Bytes per lexeme of a stored `tsvector`, beside the text and the positions.
const ENTRY: usize = 4;
/// Bytes per node of a stored `tsquery`.
const NODE: usize = 12;

/// CRC-32 with the reflected table used the unreflected way, which is what PostgreSQL's `tsquery` keeps of its words.
pub fn word_crc(word: &[u8]) -> i32 {
    const fn entry(index: u32) -> u32 {
        let (mut value, mut bit) = (index, 0);
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        value
    }
    const TABLE: [u32; 256] = {
        let (mut table, mut i) = ([0; 256], 0);
        while i < 256 {
            table[i] = entry(i as u32);
            i += 1;
        }
        table
    };
    let crc = word.iter().fold(u32::MAX, |crc, byte| TABLE[((crc >> 24) as u8 ^ byte) as usize] ^ crc << 8);
    (!crc).cast_signed()
}

/// Bytes that hold lexemes: zero cannot occur in them, so that it ends them.
fn write_word(word: &str, out: &mut Vec<u8>) {
    out.extend(word.bytes().filter(|byte| *byte != 0));
    out.push(0);
}

fn write_size(size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes());
}

impl TsVector {
    /// Bytes of texts and positions in PostgreSQL's format, which is what its limit of 1 MB counts.
    pub fn data_size(&self) -> usize {
        self.lexemes.iter().fold(0, |size: usize, lexeme| {
            let size = size.saturating_add(lexeme.text.len());
            match lexeme.positions.len() {
                0 => size,
                count => size.next_multiple_of(2).saturating_add(2 + 2 * count),
            }
        })
    }

    /// Appends the key. Equal keys mean equal values.
    pub fn write_key(&self, out: &mut Vec<u8>) {
        write_size(HEADER + ENTRY * self.lexemes.len() + self.data_size(), out);
        write_size(self.lexemes.len(), out);
        for lexeme in &self.lexemes {
            // Of two values, the one with positions, with more of them, with later ones and greater weights is first.
            out.push(u8::from(lexeme.positions.is_empty()));
            write_word(&lexeme.text, out);
            if !lexeme.positions.is_empty() {
                out.extend_from_slice(&(!(lexeme.positions.len() as u16)).to_be_bytes());
                for position in &lexeme.positions {
                    out.extend_from_slice(&(!(position & MAX_POSITION)).to_be_bytes());
                    out.push(3 - (position >> 14) as u8);
                }
            }
        }
    }
}

impl TsQuery {
    fn text_size(&self) -> usize {
        match self {
            TsQuery::Word { text, .. } => text.len() + 1,
            TsQuery::Not(inner) => inner.text_size(),
            TsQuery::And(a, b) | TsQuery::Or(a, b) | TsQuery::Phrase(a, b, _) => {
                a.text_size() + b.text_size()
            }
        }
    }

    /// Appends the key. Queries that differ in weights or prefixes only have equal keys: to PostgreSQL they are equal.
    pub fn write_key(query: Option<&TsQuery>, out: &mut Vec<u8>) {
        let nodes = query.map_or(0, |query| usize::try_from(query.nodes()).unwrap_or(0));
        write_size(nodes, out);
        write_size(HEADER + NODE * nodes + query.map_or(0, TsQuery::text_size), out);
        if let Some(query) = query {
            query.write_node_key(out);
        }
    }

    fn write_node_key(&self, out: &mut Vec<u8>) {
        match self {
            // Greater kinds of nodes, operators and checksums come first.
            TsQuery::Word { text, .. } => {
                out.push(0xff - 1);
                let crc = word_crc(text.as_bytes()).cast_unsigned() ^ 1 << 31;
                out.extend_from_slice(&(!crc).to_be_bytes());
                write_word(text, out);
            }
            TsQuery::Not(inner) => {
                out.extend_from_slice(&[0xff - 2, 0xff - 1]);
                inner.write_node_key(out);
            }
            TsQuery::And(left, right) | TsQuery::Or(left, right) | TsQuery::Phrase(left, right, _) => {
                let operator = match self {
                    TsQuery::And(..) => 2,
                    TsQuery::Or(..) => 3,
                    _ => 4,
                };
                out.extend_from_slice(&[0xff - 2, 0xff - operator]);
                right.write_node_key(out);
                left.write_node_key(out);
                if let TsQuery::Phrase(_, _, distance) = self {
                    out.extend_from_slice(&(!distance).to_be_bytes());
                }
            }
        }
    }
}

/// The key of a stored `tsvector`; what is damaged sorts by its bytes.
pub(crate) fn vector_key(bytes: &[u8], out: &mut Vec<u8>) {
    match TsVector::decode(bytes) {
        Ok(vector) => vector.write_key(out),
        Err(_) => out.extend_from_slice(bytes),
    }
}

/// The key of a stored `tsquery`; what is damaged sorts by its bytes.
pub(crate) fn query_key(bytes: &[u8], out: &mut Vec<u8>) {
    match TsQuery::decode(bytes) {
        Ok(query) => TsQuery::write_key(query.as_ref(), out),
        Err(_) => out.extend_from_slice(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        TsQuery::write_key(TsQuery::parse(text).unwrap().as_ref(), &mut out);
        out
    }

    #[test]
    fn queries_order_as_in_postgresql() {
        assert!(key("a") < key("b & c"));
        assert!(key("a | f") < key("b & c"));
        assert!(key("a | ff") > key("b & c"));
        assert_eq!(key("a:*A"), key("a"));
    }

    #[test]
    fn vectors_with_positions_come_first() {
        let key = |text: &str| {
            let mut out = Vec::new();
            TsVector::parse(text).unwrap().write_key(&mut out);
            out
        };
        assert!(key("abcd") < key("abcde"));
        assert!(key("a:1") < key("abcdef"));
        assert!(key("a:2") < key("a:1"));
        assert!(key("a:1A") < key("a:1"));
    }
}
