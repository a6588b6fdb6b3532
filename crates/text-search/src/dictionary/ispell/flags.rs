//! Flags: how the files write them, and what some mean for compound words.

use super::part;
use pglitedb_sqlstate::{Result, err};
use std::collections::{HashMap, HashSet};

/// Numbers of flags are less than this.
const MAX_NUMBER: i64 = 1 << 16;

/// How flags are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum FlagMode {
    /// One character.
    #[default]
    Char,
    /// Two characters.
    Long,
    /// Numbers with commas between.
    Number,
}

/// What the affix file says of flags.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub mode: FlagMode,
    /// Sets of flags that the files name by number; number 0 is the empty set.
    pub aliases: Option<Vec<String>>,
    /// Compound bits of flags.
    compound: HashMap<String, u32>,
    /// Flags that some word has.
    used: HashSet<String>,
}

/// The number at the start of a text, and the rest.
pub(super) fn leading_number(text: &str) -> Option<(i64, &str)> {
    let trimmed = text.trim_start();
    let sign = usize::from(trimmed.starts_with(['-', '+']));
    let digits = trimmed.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
    let (number, rest) = trimmed.split_at_checked(sign + digits)?;
    number.parse().ok().map(|number| (number, rest))
}

impl Flags {
    /// Does the file tell how compounds are made?
    pub fn has_compounds(&self) -> bool {
        !self.compound.is_empty()
    }

    /// Notes the meaning of a flag.
    pub fn set_compound(&mut self, flag: &str, bits: u32) -> Result<()> {
        let mut flag = flag.split_whitespace().next().unwrap_or_default().to_owned();
        if flag.is_empty() {
            return Err(err!(CONFIG_FILE_ERROR, "syntax error"));
        }
        if self.mode == FlagMode::Number {
            flag = self.number(&flag)?.0.to_string();
        }
        *self.compound.entry(flag).or_default() |= bits;
        Ok(())
    }

    /// Splits a set into its flags.
    pub fn split(&self, set: &str) -> Result<Vec<String>> {
        let mut flags = Vec::new();
        let mut rest = set;
        while !rest.is_empty() {
            let (flag, after) = self.next(rest)?;
            flags.push(flag);
            rest = after;
        }
        Ok(flags)
    }

    fn number<'a>(&self, text: &'a str) -> Result<(i64, &'a str)> {
        let Some((number, rest)) = leading_number(text) else {
            return Err(err!(CONFIG_FILE_ERROR, "invalid affix flag \"{text}\""));
        };
        if !(0..=MAX_NUMBER).contains(&number) {
            return Err(err!(CONFIG_FILE_ERROR, "affix flag \"{text}\" is out of range"));
        }
        Ok((number, rest))
    }

    fn next<'a>(&self, set: &'a str) -> Result<(String, &'a str)> {
        let chars = match self.mode {
            FlagMode::Char => 1,
            FlagMode::Long => 2,
            FlagMode::Number => return self.next_number(set),
        };
        let end = set.char_indices().nth(chars).map_or(set.len(), |(at, _)| at);
        let (flag, rest) = set.split_at_checked(end).unwrap_or((set, ""));
        if flag.chars().count() < chars {
            return Err(err!(CONFIG_FILE_ERROR, "invalid affix flag \"{set}\" with \"long\" flag value"));
        }
        Ok((flag.to_owned(), rest))
    }

    fn next_number<'a>(&self, set: &'a str) -> Result<(String, &'a str)> {
        let (number, mut rest) = self.number(set)?;
        let mut comma = false;
        while let Some(c) = rest.chars().next() {
            match c {
                '0'..='9' if comma => break,
                ',' if !comma => comma = true,
                '0'..='9' | ',' => return Err(err!(CONFIG_FILE_ERROR, "invalid affix flag \"{rest}\"")),
                c if c.is_whitespace() => {}
                _ => {
                    return Err(err!(CONFIG_FILE_ERROR, "invalid character in affix flag \"{rest}\""));
                }
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        Ok((number.to_string(), rest))
    }

    /// Compound bits of a set of flags.
    pub fn compound_of(&self, set: &str) -> Result<u32> {
        if self.compound.is_empty() {
            return Ok(0);
        }
        let flags = self.split(set)?;
        Ok(flags.iter().fold(0, |bits, flag| bits | self.compound.get(flag).copied().unwrap_or(0)))
    }

    /// Compound bits that words with a set of flags have.
    pub fn compound_of_word(&self, set: &str) -> Result<u32> {
        Ok(self.compound_of(set)? & part::OF_WORDS)
    }

    /// The set behind an alias, or the text itself if the file has none.
    pub fn resolve<'a>(&'a self, text: &'a str) -> Result<&'a str> {
        let Some(aliases) = self.aliases.as_ref().filter(|_| !text.is_empty()) else { return Ok(text) };
        let bad = || err!(CONFIG_FILE_ERROR, "invalid affix alias \"{text}\"");
        let (number, rest) = leading_number(text).ok_or_else(bad)?;
        if rest.chars().next().is_some_and(|c| !c.is_ascii_digit() && !c.is_whitespace()) {
            return Err(bad());
        }
        let number = usize::try_from(number).map_err(|_| bad())?;
        aliases.get(number).map(String::as_str).ok_or_else(bad)
    }

    /// Is a flag in a set? The empty flag is in all.
    pub fn contains(&self, set: &str, flag: &str) -> Result<bool> {
        Ok(flag.is_empty() || self.split(set)?.iter().any(|known| known == flag))
    }

    /// Notes the flags that words have.
    pub fn note_used<'w>(&mut self, sets: impl Iterator<Item = &'w str>) -> Result<()> {
        let mut seen = HashSet::new();
        let mut used = HashSet::new();
        let aliases = self.aliases.clone().unwrap_or_default();
        for set in sets.map(str::to_owned).chain(aliases) {
            if seen.insert(set.clone()) {
                used.extend(self.split(&set)?);
            }
        }
        self.used = used;
        Ok(())
    }

    /// Has any word the flag?
    pub fn is_used(&self, flag: &str) -> bool {
        self.used.contains(flag)
    }
}
