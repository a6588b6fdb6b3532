//! The ispell template: a list of words with flags, and affixes that the flags allow. Ispell's own format of affix files
//! and that of MySpell and Hunspell (with `FLAG long` and `num`, aliases and compound words).

mod affix;
mod compound;
mod flags;
mod read_affixes;
mod words;

use super::stop::StopWords;
use super::{Dictionary, Lexeme, OptionItem, Source, Step, missing, multiple, read_file};
use affix::{Affix, AffixKind};
use flags::Flags;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::case::lower;
use std::collections::HashMap;
use words::Words;

/// Longest word that is looked at, in bytes.
const MAX_WORD: usize = 256;
/// Most normal forms of a word.
const MAX_FORMS: usize = 1023;

/// How a part may stand in a compound word: bits of flags.
mod part {
    /// Only within compounds.
    pub const ONLY: u32 = 0x01;
    /// At the beginning.
    pub const BEGIN: u32 = 0x02;
    /// In the middle.
    pub const MIDDLE: u32 = 0x04;
    /// At the end.
    pub const LAST: u32 = 0x08;
    /// Anywhere.
    pub const ANY: u32 = BEGIN | MIDDLE | LAST;
    /// Bits that words have.
    pub const OF_WORDS: u32 = 0x0f;
    /// An affix that is allowed within compounds.
    pub const PERMIT: u32 = 0x10;
    /// An affix that is not.
    pub const FORBID: u32 = 0x20;
}

/// A dictionary of this kind.
pub(super) struct Ispell {
    flags: Flags,
    words: Words,
    affixes: Vec<Affix>,
    /// Affixes by what they add; those of suffixes and of prefixes.
    suffixes: HashMap<Box<str>, Vec<usize>>,
    prefixes: HashMap<Box<str>, Vec<usize>>,
    /// Affixes that may stand between the parts of a compound: text and whether it is a suffix.
    between: Vec<(Box<str>, bool)>,
    stop: Option<StopWords>,
}

impl Ispell {
    pub fn new(options: &[OptionItem], source: &dyn Source) -> Result<Ispell> {
        let (mut words, mut affixes, mut stop) = (None, None, None);
        for option in options {
            match &*option.name {
                "dictfile" if words.is_some() => return Err(multiple("DictFile")),
                "dictfile" => words = Some(read_file(source, "dictionary", &option.value, "dict")?),
                "afffile" if affixes.is_some() => return Err(multiple("AffFile")),
                "afffile" => affixes = Some(read_file(source, "affix", &option.value, "affix")?),
                "stopwords" if stop.is_some() => return Err(multiple("StopWords")),
                "stopwords" => stop = Some(StopWords::read(source, &option.value)?),
                name => {
                    return Err(err!(INVALID_PARAMETER_VALUE, "unrecognized Ispell parameter: \"{name}\""));
                }
            }
        }
        let affixes = affixes.ok_or_else(|| missing("AffFile"))?;
        let words = words.ok_or_else(|| missing("DictFile"))?;
        let mut read = read_affixes::read(&affixes)?;
        let words = Words::read(&words, &read.flags)?;
        let mut in_use = read.flags.clone();
        in_use.note_used(words.flag_sets())?;
        read.affixes.sort_by(Affix::order);
        Ok(Ispell::assemble(in_use, words, read.affixes, stop))
    }

    fn assemble(flags: Flags, words: Words, affixes: Vec<Affix>, stop: Option<StopWords>) -> Ispell {
        let (mut suffixes, mut prefixes) = (HashMap::new(), HashMap::new());
        let mut between: Vec<(Box<str>, bool)> = Vec::new();
        for (number, affix) in affixes.iter().enumerate() {
            let used = flags.is_used(&affix.flag);
            let is_suffix = affix.kind == AffixKind::Suffix;
            if affix.compound & part::ANY != 0 && !affix.adds.is_empty() && used {
                // Of affixes with a common end only the shortest is of interest.
                let covered = between
                    .last()
                    .is_some_and(|(last, suffix)| *suffix == is_suffix && affix.adds.ends_with(&**last));
                if !covered {
                    between.push((affix.adds.clone(), is_suffix));
                }
            }
            if used || !affix.adds.is_empty() {
                let map: &mut HashMap<Box<str>, Vec<usize>> =
                    if is_suffix { &mut suffixes } else { &mut prefixes };
                map.entry(affix.adds.clone()).or_default().push(number);
            }
        }
        Ispell { flags, words, affixes, suffixes, prefixes, between, stop }
    }

    fn affixes_of<'m>(
        &'m self,
        map: &'m HashMap<Box<str>, Vec<usize>>,
        text: &str,
    ) -> impl Iterator<Item = &'m Affix> + use<'m> {
        let numbers = map.get(text).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(|number| self.affixes.get(*number))
    }

    /// Prefixes that a word begins with, shortest first.
    fn prefixes_of(&self, word: &str) -> Vec<&Affix> {
        let cuts = (0..=word.len()).filter_map(|at| word.get(..at));
        cuts.flat_map(|start| self.affixes_of(&self.prefixes, start)).collect()
    }

    /// Suffixes that a word ends with, shortest first.
    fn suffixes_of(&self, word: &str) -> Vec<&Affix> {
        let cuts = (0..=word.len()).rev().filter_map(|at| word.get(at..));
        cuts.flat_map(|end| self.affixes_of(&self.suffixes, end)).collect()
    }

    /// Is the word in the list, with a flag (none needed if empty), fit to be such a part?
    fn has_word(&self, word: &str, flag: &str, wanted: u32) -> Result<bool> {
        let Some(entry) = self.words.find(word) else { return Ok(false) };
        if wanted == 0 {
            // Not alone.
            if entry.compound & part::ONLY != 0 {
                return Ok(false);
            }
        } else if wanted & entry.compound == 0 {
            return Ok(false);
        }
        self.flags.contains(&entry.flags, flag)
    }

    /// Normal forms of a word that is `wanted` as a part of a compound, or alone (0).
    fn normal_forms(&self, word: &str, wanted: u32) -> Result<Vec<String>> {
        let mut forms: Vec<String> = Vec::new();
        if word.len() > MAX_WORD {
            return Ok(forms);
        }
        let mut add = |form: &str| {
            if forms.len() < MAX_FORMS && forms.last().is_none_or(|last| last != form) {
                forms.push(form.to_owned());
            }
        };
        if self.has_word(word, "", wanted)? {
            add(word);
        }
        for prefix in self.prefixes_of(word) {
            if let Some((base, _)) = prefix.remove(word, wanted, None)
                && self.has_word(&base, &prefix.flag, wanted)?
            {
                add(&base);
            }
        }
        for suffix in self.suffixes_of(word) {
            let Some((base, kept)) = suffix.remove(word, wanted, None) else { continue };
            if self.has_word(&base, &suffix.flag, wanted)? {
                add(&base);
            }
            for prefix in self.prefixes_of(&base) {
                let Some((inner, _)) = prefix.remove(&base, wanted, Some(kept)) else { continue };
                let flag = if prefix.crosses && suffix.crosses { "" } else { &*prefix.flag };
                if self.has_word(&inner, flag, wanted)? {
                    add(&inner);
                }
            }
        }
        Ok(forms)
    }

    fn normalize(&self, word: &str) -> Result<Vec<Lexeme>> {
        let mut lexemes = Vec::new();
        let mut variant = 0_u16;
        for form in self.normal_forms(word, 0)? {
            variant = variant.saturating_add(1);
            lexemes.push(Lexeme { variant, ..Lexeme::plain(form) });
        }
        if self.flags.has_compounds() {
            for mut stems in self.split(word)? {
                let Some(last) = stems.pop() else { continue };
                if stems.is_empty() {
                    continue;
                }
                for form in self.normal_forms(&last, part::LAST)? {
                    variant = variant.saturating_add(1);
                    for text in stems.iter().cloned().chain([form]) {
                        if lexemes.len() <= MAX_FORMS {
                            lexemes.push(Lexeme { variant, ..Lexeme::plain(text) });
                        }
                    }
                }
            }
        }
        Ok(lexemes)
    }
}

impl Dictionary for Ispell {
    fn lexize(&self, word: &str, _: &mut Step) -> Result<Option<Vec<Lexeme>>> {
        if word.is_empty() {
            return Ok(None);
        }
        let mut lexemes = self.normalize(&lower(word))?;
        if lexemes.is_empty() {
            return Ok(None);
        }
        lexemes.retain(|lexeme| !self.stop.as_ref().is_some_and(|stop| stop.contains(&lexeme.text)));
        Ok(Some(lexemes))
    }
}

#[cfg(test)]
mod tests {
    use super::super::builtin_file;
    use super::*;
    use std::sync::Arc;

    struct Builtin;

    impl Source for Builtin {
        fn file(&self, name: &str, extension: &str) -> Result<Option<String>> {
            Ok(builtin_file(name, extension).map(str::to_owned))
        }

        fn dictionary(&self, name: &str) -> Result<Arc<dyn Dictionary>> {
            Err(err!(UNDEFINED_OBJECT, "no {name}"))
        }
    }

    fn dictionary(words: &str, affixes: &str) -> Result<Ispell> {
        let option = |name: &str, value: &str| OptionItem {
            name: name.to_owned(),
            value: value.to_owned(),
            quoted: true,
        };
        Ispell::new(&[option("dictfile", words), option("afffile", affixes)], &Builtin)
    }

    fn lexize(dictionary: &Ispell, word: &str) -> String {
        let found = dictionary.lexize(word, &mut Step::default()).unwrap().unwrap_or_default();
        found.iter().map(|lexeme| &*lexeme.text).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn both_formats_find_the_same_forms() {
        for affixes in ["ispell_sample", "hunspell_sample"] {
            let dictionary = dictionary("ispell_sample", affixes).unwrap();
            for (word, forms) in [
                ("skies", "sky"),
                ("bookings", "booking,book"),
                ("rebookings", "booking,book"),
                ("unbookings", "book"),
                ("unbook", "book"),
                ("footklubber", "foot,klubber"),
                ("footballklubber", "footballklubber,foot,ball,klubber,football,klubber"),
                ("ballyklubber", "ball,klubber"),
                ("footballyklubber", "foot,ball,klubber"),
            ] {
                assert_eq!(lexize(&dictionary, word), forms, "{word} with {affixes}");
            }
        }
    }

    #[test]
    fn flags_of_two_letters_and_numbers() {
        let long = dictionary("hunspell_sample_long", "hunspell_sample_long").unwrap();
        assert_eq!(lexize(&long, "booked"), "book");
        assert_eq!(lexize(&long, "ballsklubber"), "ball,klubber");
        assert_eq!(lexize(&long, "ex-machina"), "ex-,machina");
        let num = dictionary("hunspell_sample_num", "hunspell_sample_num").unwrap();
        assert_eq!(lexize(&num, "sk"), "sky");
        assert_eq!(lexize(&num, "footballyklubber"), "foot,ball,klubber");
    }

    #[test]
    fn files_that_do_not_fit() {
        let message = |words: &str, affixes: &str| {
            dictionary(words, affixes).err().map(|error| error.message().to_owned())
        };
        assert_eq!(message("ispell_sample", "hunspell_sample_long").unwrap(), "invalid affix alias \"GJUS\"");
        assert_eq!(message("ispell_sample", "hunspell_sample_num").unwrap(), "invalid affix flag \"SZ\\\"");
        assert_eq!(
            message("hunspell_sample_num", "hunspell_sample_long").unwrap(),
            "invalid affix alias \"302,301,202,303\""
        );
        assert_eq!(message("hunspell_sample_long", "ispell_sample"), None);
    }
}
