//! Affixes: what they add to a word, what they take away, and which words they go with.

use super::part;
use fancy_regex::Regex;
use pglitedb_sqlstate::{Result, err};
use std::cmp::Ordering;

/// Before or behind the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AffixKind {
    Prefix,
    Suffix,
}

/// What the unchanged word must look like at the affix.
#[derive(Clone, Debug)]
enum Mask {
    Any,
    /// A class a character: the characters, and whether they are those not allowed.
    Classes(Vec<(Vec<char>, bool)>),
    Pattern(Box<Regex>),
}

/// An affix.
#[derive(Clone, Debug)]
pub(super) struct Affix {
    pub kind: AffixKind,
    /// The flag of words that it goes with.
    pub flag: Box<str>,
    /// It may stand together with an affix at the other end.
    pub crosses: bool,
    /// Where in compounds it may stand.
    pub compound: u32,
    /// What the word has without it.
    pub takes: Box<str>,
    /// What it adds.
    pub adds: Box<str>,
    mask: Mask,
}

/// Reads `[^aeiou]y` and its like; `None` for anything more complex.
fn classes(mask: &str) -> Option<Vec<(Vec<char>, bool)>> {
    let mut all = Vec::new();
    let mut chars = mask.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut class = Vec::new();
                loop {
                    match chars.next()? {
                        ']' if !class.is_empty() => break,
                        c if c.is_alphabetic() => class.push(c),
                        _ => return None,
                    }
                }
                all.push((class, negated));
            }
            c if c.is_alphabetic() => all.push((vec![c], false)),
            _ => return None,
        }
    }
    Some(all)
}

impl Mask {
    fn new(mask: &str, kind: AffixKind) -> Result<Mask> {
        if mask.is_empty() || mask == "." {
            return Ok(Mask::Any);
        }
        if let Some(classes) = classes(mask) {
            return Ok(Mask::Classes(classes));
        }
        let pattern = match kind {
            AffixKind::Prefix => format!("^(?:{mask})"),
            AffixKind::Suffix => format!("(?:{mask})$"),
        };
        match Regex::new(&pattern) {
            Ok(regex) => Ok(Mask::Pattern(Box::new(regex))),
            Err(error) => Err(err!(INVALID_REGULAR_EXPRESSION, "invalid regular expression: {error}")),
        }
    }

    fn matches(&self, word: &str, kind: AffixKind) -> bool {
        match self {
            Mask::Any => true,
            Mask::Pattern(regex) => regex.is_match(word).unwrap_or(false),
            Mask::Classes(classes) => {
                let fits = |c: char, class: &(Vec<char>, bool)| class.0.contains(&c) != class.1;
                match kind {
                    AffixKind::Prefix => {
                        let mut chars = word.chars();
                        classes.iter().all(|class| chars.next().is_some_and(|c| fits(c, class)))
                    }
                    AffixKind::Suffix => {
                        let mut chars = word.chars().rev();
                        classes.iter().rev().all(|class| chars.next().is_some_and(|c| fits(c, class)))
                    }
                }
            }
        }
    }
}

impl Affix {
    /// An affix; all texts in lower case.
    pub fn new(
        kind: AffixKind,
        flag: &str,
        (crosses, compound): (bool, u32),
        mask: &str,
        takes: &str,
        adds: &str,
    ) -> Result<Affix> {
        let special = compound & (part::ONLY | part::PERMIT) != 0;
        let compound = if special && compound & part::ANY == 0 { compound | part::ANY } else { compound };
        let mask = Mask::new(mask, kind)?;
        Ok(Affix { kind, flag: flag.into(), crosses, compound, takes: takes.into(), adds: adds.into(), mask })
    }

    /// Prefixes first; prefixes by their beginning, suffixes by their end.
    pub fn order(a: &Affix, b: &Affix) -> Ordering {
        a.kind.cmp(&b.kind).then_with(|| match a.kind {
            AffixKind::Prefix => a.adds.as_bytes().cmp(b.adds.as_bytes()),
            AffixKind::Suffix => a.adds.bytes().rev().cmp(b.adds.bytes().rev()),
        })
    }

    fn allowed(&self, wanted: u32) -> bool {
        let forbidden = self.compound & part::FORBID != 0;
        match wanted {
            0 => self.compound & part::ONLY == 0,
            _ if wanted & part::BEGIN != 0 => {
                !forbidden && (self.compound & part::BEGIN != 0 || self.kind == AffixKind::Prefix)
            }
            _ if wanted & part::MIDDLE != 0 => !forbidden && self.compound & part::MIDDLE != 0,
            _ => !forbidden && (self.compound & part::LAST != 0 || self.kind == AffixKind::Suffix),
        }
    }

    /// The word without the affix, which it begins or ends with, and how many bytes at its start are as they were.
    /// `kept` says that of the suffix taken off before a prefix.
    pub fn remove(&self, word: &str, wanted: u32, kept: Option<usize>) -> Option<(String, usize)> {
        if !self.allowed(wanted) {
            return None;
        }
        let (base, unchanged) = match self.kind {
            AffixKind::Suffix => {
                let stem = word.strip_suffix(&*self.adds)?;
                (format!("{stem}{}", self.takes), stem.len())
            }
            AffixKind::Prefix => {
                // Nothing but prefix and suffix is no word.
                if kept.is_some_and(|kept| kept + self.takes.len() <= self.adds.len()) {
                    return None;
                }
                let stem = word.strip_prefix(&*self.adds)?;
                (format!("{}{stem}", self.takes), 0)
            }
        };
        self.mask.matches(&base, self.kind).then_some((base, unchanged))
    }
}
