//! `ts_stat`: how often words occur.

use pglitedb_types::textsearch::TsVector;
use std::collections::BTreeMap;

/// Counts over many vectors.
#[derive(Debug)]
pub struct WordStatistics {
    /// The weights that count (bit 3 is A); 0 for all.
    weights: u8,
    words: BTreeMap<String, (i32, i32)>,
}

impl WordStatistics {
    /// Counts of positions with these weights, given by letters; of all if there are none.
    pub fn new(letters: &str) -> WordStatistics {
        let bit = |letter: u8| crate::vector::parse_weight(letter).map_or(0, |weight| 1 << weight);
        WordStatistics {
            weights: letters.bytes().fold(0, |bits, letter| bits | bit(letter)),
            words: BTreeMap::new(),
        }
    }

    /// Counts a vector.
    pub fn add(&mut self, vector: &TsVector) {
        for lexeme in &vector.lexemes {
            let count = match self.weights {
                0 => lexeme.positions.len().max(1),
                weights => {
                    lexeme.positions.iter().filter(|position| weights & 1 << (*position >> 14) != 0).count()
                }
            };
            if count == 0 {
                continue;
            }
            let count = i32::try_from(count).unwrap_or(i32::MAX);
            let add = |entry: &mut (i32, i32)| {
                *entry = (entry.0.saturating_add(1), entry.1.saturating_add(count));
            };
            match self.words.get_mut(&lexeme.text) {
                Some(entry) => add(entry),
                None => {
                    self.words.insert(lexeme.text.clone(), (1, count));
                }
            }
        }
    }

    /// Words, the last in order first as PostgreSQL gives them, each with the number of vectors and of positions.
    pub fn finish(self) -> impl Iterator<Item = (String, i32, i32)> {
        self.words.into_iter().rev().map(|(word, (vectors, positions))| (word, vectors, positions))
    }
}
