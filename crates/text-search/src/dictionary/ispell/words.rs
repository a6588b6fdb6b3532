//! The list of words.

use super::flags::Flags;
use super::part;
use pglitedb_sqlstate::Result;
use pglitedb_types::case::lower;
use std::ops::Range;

/// A word of the list.
#[derive(Debug)]
pub(super) struct Word {
    pub text: Box<str>,
    pub flags: String,
    /// How it may stand in compounds.
    pub compound: u32,
}

/// The words in byte order. A range of them is the node of a tree: all that begin with the same bytes.
pub(super) struct Words(Vec<Word>);

impl Words {
    /// Reads a file: words with flags behind a slash.
    pub fn read(text: &str, flags: &Flags) -> Result<Words> {
        let mut entries: Vec<(String, &str)> = Vec::new();
        for line in text.lines() {
            let (word, set) = line.split_once('/').unwrap_or((line, ""));
            let set = set.split(|c: char| !c.is_ascii_graphic()).next().unwrap_or_default();
            let word = word.split(char::is_whitespace).next().unwrap_or_default();
            if !word.is_empty() {
                entries.push((lower(word), flags.resolve(set)?));
            }
        }
        entries.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        let mut words: Vec<Word> = Vec::with_capacity(entries.len());
        for (text, set) in entries {
            let compound = flags.compound_of_word(set)?;
            match words.last_mut() {
                // A word that is there twice has the flags of both.
                Some(last) if *last.text == *text => {
                    let only = last.compound & compound & part::ONLY;
                    if last.flags != set {
                        join(&mut last.flags, set, flags);
                    }
                    last.compound = with_any(flags.compound_of_word(&last.flags)?);
                    if only == 0 {
                        last.compound &= !part::ONLY;
                    }
                }
                _ => words.push(Word {
                    text: text.into_boxed_str(),
                    flags: set.to_owned(),
                    compound: with_any(compound),
                }),
            }
        }
        Ok(Words(words))
    }

    /// The flags of all words.
    pub fn flag_sets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|word| &*word.flags)
    }

    /// A word.
    pub fn find(&self, text: &str) -> Option<&Word> {
        let at = self.0.binary_search_by(|word| word.text.as_bytes().cmp(text.as_bytes())).ok()?;
        self.0.get(at)
    }

    /// The root of the tree.
    pub fn root(&self) -> Range<usize> {
        0..self.0.len()
    }

    /// The node below one, `depth` bytes down, by its byte.
    pub fn child(&self, node: &Range<usize>, depth: usize, byte: u8) -> Option<Range<usize>> {
        let words = self.0.get(node.clone())?;
        let at = |word: &Word| word.text.as_bytes().get(depth).copied();
        let from = words.partition_point(|word| at(word) < Some(byte));
        let len = words.get(from..)?.partition_point(|word| at(word) == Some(byte));
        let start = node.start + from;
        (len > 0).then(|| start..start + len)
    }

    /// The word that ends at a node `depth` bytes down.
    pub fn word_at(&self, node: &Range<usize>, depth: usize) -> Option<&Word> {
        self.0.get(node.start).filter(|word| word.text.len() == depth)
    }
}

fn with_any(compound: u32) -> u32 {
    if compound & part::ONLY != 0 && compound & part::ANY == 0 { compound | part::ANY } else { compound }
}

fn join(set: &mut String, more: &str, flags: &Flags) {
    if !set.is_empty() && !more.is_empty() && flags.mode == super::flags::FlagMode::Number {
        set.push(',');
    }
    set.push_str(more);
}
