//! Lists of stop words.

use super::{Source, read_file};
use pglitedb_sqlstate::Result;
use pglitedb_types::case::lower;
use std::collections::HashSet;

/// Words that are not worth indexing.
#[derive(Debug, Default)]
pub struct StopWords(HashSet<String>);

impl StopWords {
    /// Reads a list: one word a line, up to the first space.
    pub fn read(source: &dyn Source, name: &str) -> Result<StopWords> {
        let text = read_file(source, "stop-word", name, "stop")?;
        let word = |line: &str| line.split_whitespace().next().filter(|_| !starts_blank(line)).map(lower);
        Ok(StopWords(text.lines().filter_map(word).collect()))
    }

    /// Is it one?
    pub fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

fn starts_blank(line: &str) -> bool {
    line.starts_with(char::is_whitespace)
}
