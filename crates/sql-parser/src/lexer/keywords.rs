//! Keyword look-up: one hash over at most [`MAX_LENGTH`] bytes and one comparison.

use super::keyword_table::{KEYWORDS, Keyword};

/// Where a keyword may stand as a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Anywhere.
    Unreserved,
    /// As a column or table name, but not as a function or type name.
    ColumnName,
    /// As a function or type name, but not as a column or table name.
    TypeFunctionName,
    /// Nowhere but behind `AS`.
    Reserved,
}

/// What is known about a keyword.
pub(super) struct KeywordInfo {
    pub(super) word: &'static str,
    pub(super) keyword: Keyword,
    pub(super) category: Category,
    pub(super) bare_label: bool,
}

/// Length of the longest keyword.
const MAX_LENGTH: usize = 17;
const SLOTS: usize = 4096;

/// Open addressing with linear probing; 494 words in 4096 slots rarely collide.
static TABLE: [u16; SLOTS] = build_table();

const fn hash(word: &[u8]) -> usize {
    let mut value: u32 = word.len() as u32;
    let mut i = 0;
    while i < word.len() {
        value = (value ^ word[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    ((value ^ (value >> 15)) as usize) % SLOTS
}

const fn build_table() -> [u16; SLOTS] {
    let mut table = [0u16; SLOTS];
    let mut i = 1;
    while i < KEYWORDS.len() {
        assert!(KEYWORDS[i].word.len() <= MAX_LENGTH);
        let mut slot = hash(KEYWORDS[i].word.as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = i as u16;
        i += 1;
    }
    table
}

/// The keyword that `word` is, whatever its case.
pub fn lookup(word: &[u8]) -> Keyword {
    if word.len() > MAX_LENGTH {
        return Keyword::NotAKeyword;
    }
    let mut lower = [0u8; MAX_LENGTH];
    for (target, source) in lower.iter_mut().zip(word) {
        *target = source.to_ascii_lowercase();
    }
    let lower = &lower[..word.len()];
    let mut slot = hash(lower);
    loop {
        let index = TABLE[slot] as usize;
        if index == 0 {
            return Keyword::NotAKeyword;
        }
        if KEYWORDS[index].word.as_bytes() == lower {
            return KEYWORDS[index].keyword;
        }
        slot = (slot + 1) % SLOTS;
    }
}

impl Keyword {
    fn info(self) -> &'static KeywordInfo {
        &KEYWORDS[self as usize]
    }

    /// The word in lower case; empty for `NotAKeyword`.
    pub fn as_str(self) -> &'static str {
        self.info().word
    }

    /// Its category; `Reserved` for `NotAKeyword`.
    pub fn category(self) -> Category {
        self.info().category
    }

    /// It may stand as a column label without `AS`.
    pub fn is_bare_label(self) -> bool {
        self.info().bare_label
    }

    /// Every keyword.
    #[cfg(test)]
    pub fn all() -> impl Iterator<Item = Keyword> {
        KEYWORDS[1..].iter().map(|info| info.keyword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_found_in_any_case() {
        for keyword in Keyword::all() {
            assert_eq!(lookup(keyword.as_str().as_bytes()), keyword);
            assert_eq!(lookup(keyword.as_str().to_uppercase().as_bytes()), keyword);
        }
        assert_eq!(lookup(b"selects"), Keyword::NotAKeyword);
        assert_eq!(lookup(b""), Keyword::NotAKeyword);
        assert_eq!(lookup("sélect".as_bytes()), Keyword::NotAKeyword);
    }

    #[test]
    fn table_agrees_with_data() {
        let data = include_str!("../../data/keywords.tsv");
        let rows: Vec<Vec<&str>> = data.lines().skip(1).map(|line| line.split('\t').collect()).collect();
        assert_eq!(rows.len(), Keyword::all().count());
        for row in rows {
            let keyword = lookup(row[0].as_bytes());
            assert_eq!(keyword.as_str(), row[0]);
            assert_eq!(keyword.is_bare_label(), row[2] == "t");
        }
    }
}
