//! Splitting compound words.

use super::{Ispell, MAX_WORD, part};
use pglitedb_sqlstate::Result;
use std::ops::Range;

/// How deep the search may go, and how many splits are kept: words are short, dictionaries odd.
const MAX_DEPTH: usize = 64;
const MAX_SPLITS: usize = 256;

/// The stems of one way to split a word.
type Split = Vec<String>;

impl Ispell {
    /// All ways to split a word into parts from the list, the last part as it is.
    pub(super) fn split(&self, word: &str) -> Result<Vec<Split>> {
        if word.len() > MAX_WORD {
            return Ok(Vec::new());
        }
        self.split_from(word, None, Vec::new(), 0, None, 0)
    }

    /// Splits behind `start`, where `stems` end. `node` is where in the list's tree an attempt with a shorter part left
    /// off, `shortest` the end of that part.
    fn split_from(
        &self,
        word: &str,
        node: Option<Range<usize>>,
        stems: Split,
        mut start: usize,
        shortest: Option<usize>,
        depth: usize,
    ) -> Result<Vec<Split>> {
        let bytes = word.as_bytes();
        let mut level = match (&node, shortest) {
            (Some(_), Some(shortest)) => shortest,
            _ => start,
        };
        let shorter = |end: usize| shortest.is_some_and(|shortest| end <= shortest);
        let mut node = Some(node.unwrap_or_else(|| self.words.root()));
        // Ends of parts that were tried already.
        let mut tried = vec![false; bytes.len()];
        let mut stems = stems;
        let mut others: Vec<Split> = Vec::new();
        if depth > MAX_DEPTH {
            return Ok(others);
        }
        while level < bytes.len() {
            for end in self.ends_with_affix(word, start, level, node.is_some()) {
                let reach = (level + end).saturating_sub(start + 1);
                if end <= start || tried[end - 1] || shorter(reach) || others.len() >= MAX_SPLITS {
                    continue;
                }
                let Some(piece) = word.get(start..end) else { continue };
                let wanted = match level {
                    0 => part::BEGIN,
                    _ if level + 1 == bytes.len() => part::LAST,
                    _ => part::MIDDLE,
                };
                let forms = self.normal_forms(piece, wanted)?;
                if !forms.is_empty() {
                    tried[end - 1] = true;
                    let mut longer = stems.clone();
                    longer.extend(forms);
                    others.extend(self.split_from(word, None, longer, end, Some(end), depth + 1)?);
                }
            }
            let Some(here) = node.take() else { break };
            if let Some(found) = self.words.child(&here, level - start, bytes[level]) {
                let wanted = match start {
                    0 => part::BEGIN,
                    _ if level + 1 == bytes.len() => part::LAST,
                    _ => part::MIDDLE,
                };
                let entry = self.words.word_at(&found, level + 1 - start);
                let fits = entry.is_some_and(|entry| entry.compound & wanted != 0) && !tried[level];
                if fits && shortest.is_none_or(|shortest| level > shortest) {
                    if level + 1 == bytes.len() {
                        stems.push(word.get(start..).unwrap_or_default().to_owned());
                        others.insert(0, stems);
                        return Ok(others);
                    }
                    // A longer word may begin here too.
                    let more = self.split_from(
                        word,
                        Some(here.clone()),
                        stems.clone(),
                        start,
                        Some(level),
                        depth + 1,
                    )?;
                    others.extend(more);
                    level += 1;
                    stems.push(word.get(start..level).unwrap_or_default().to_owned());
                    node = Some(self.words.root());
                    start = level;
                    continue;
                }
                node = Some(found);
            }
            level += 1;
        }
        stems.push(word.get(start..).unwrap_or_default().to_owned());
        others.insert(0, stems);
        others.truncate(MAX_SPLITS);
        Ok(others)
    }

    /// Where parts end that go up to `level` and have a compound affix there (or behind, if the list has no such word).
    fn ends_with_affix(&self, word: &str, start: usize, level: usize, in_place: bool) -> Vec<usize> {
        let Some(rest) = word.get(level..).filter(|_| level > start) else { return Vec::new() };
        let end = |(affix, is_suffix): &(Box<str>, bool)| {
            if rest.len() <= affix.len() {
                return None;
            }
            let at = if in_place { rest.starts_with(&**affix).then_some(0)? } else { rest.find(&**affix)? };
            Some(level + if *is_suffix { at + affix.len() } else { 0 })
        };
        self.between.iter().filter_map(end).collect()
    }
}
