//! The thesaurus template: phrases replaced by others. Another dictionary normalizes the words of both.

use super::{Dictionary, Lexeme, OptionItem, Source, Step, missing, multiple, read_file};
use pglitedb_sqlstate::{Error, Result, err};
use std::collections::HashMap;
use std::sync::Arc;

/// One place where a lexeme occurs in a sample phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Occurrence {
    rule: usize,
    position: usize,
    /// How many lexemes the word has there.
    together: usize,
}

struct Rule {
    /// How many words the sample has.
    words: usize,
    substitute: Vec<Lexeme>,
}

pub(super) struct Thesaurus {
    inner: Arc<dyn Dictionary>,
    rules: Vec<Rule>,
    /// Lexemes of the samples, by rule; `None` stands for any stop word.
    samples: HashMap<Option<String>, Vec<Occurrence>>,
}

/// A line of the file.
struct Line<'a> {
    sample: Vec<&'a str>,
    /// Words, and whether they are taken as they are.
    substitute: Vec<(&'a str, bool)>,
}

fn config_error(message: &str) -> Error {
    err!(CONFIG_FILE_ERROR, "{message}")
}

/// Reads a line; `None` if it is empty or a comment.
fn parse_line(line: &str) -> Result<Option<Line<'_>>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let Some((sample, substitute)) = line.split_once(':') else {
        return Err(config_error("unexpected end of line"));
    };
    let sample: Vec<&str> = sample.split_whitespace().collect();
    if sample.is_empty() {
        return Err(config_error("unexpected delimiter"));
    }
    let mut words = Vec::new();
    for word in substitute.split_whitespace() {
        let (word, as_is) = match word.strip_prefix('*') {
            Some(word) => (word, true),
            None => (word.strip_prefix('\\').unwrap_or(word), false),
        };
        if word.is_empty() {
            return Err(config_error("unexpected end of line or lexeme"));
        }
        words.push((word, as_is));
    }
    if words.is_empty() {
        return Err(config_error("unexpected end of line"));
    }
    Ok(Some(Line { sample, substitute: words }))
}

impl Thesaurus {
    pub fn new(options: &[OptionItem], source: &dyn Source) -> Result<Thesaurus> {
        let (mut file, mut inner) = (None, None);
        for option in options {
            match &*option.name {
                "dictfile" if file.is_some() => return Err(multiple("DictFile")),
                "dictfile" => file = Some(&option.value),
                "dictionary" if inner.is_some() => return Err(multiple("Dictionary")),
                "dictionary" => inner = Some(&option.value),
                name => {
                    return Err(err!(
                        INVALID_PARAMETER_VALUE,
                        "unrecognized Thesaurus parameter: \"{name}\""
                    ));
                }
            }
        }
        let file = file.ok_or_else(|| missing("DictFile"))?;
        let text = read_file(source, "thesaurus", file, "ths")?;
        let inner = source.dictionary(inner.ok_or_else(|| missing("Dictionary"))?)?;
        let mut thesaurus = Thesaurus { inner, rules: Vec::new(), samples: HashMap::new() };
        for line in text.lines() {
            if let Some(line) = parse_line(line)? {
                thesaurus.add_sample(&line.sample)?;
                let substitute = thesaurus.substitute(&line.substitute)?;
                thesaurus.rules.push(Rule { words: line.sample.len(), substitute });
            }
        }
        Ok(thesaurus)
    }

    fn add_sample(&mut self, words: &[&str]) -> Result<()> {
        let rule = self.rules.len();
        let shown = rule + 1;
        for (position, word) in words.iter().enumerate() {
            if *word == "?" {
                self.occurs(None, Occurrence { rule, position, together: 1 });
                continue;
            }
            let Some(lexemes) = self.inner.lexize(word, &mut Step::default())? else {
                return Err(err!(
                    CONFIG_FILE_ERROR,
                    "thesaurus sample word \"{word}\" isn't recognized by subdictionary (rule {shown})"
                ));
            };
            if lexemes.is_empty() {
                return Err(err!(
                    CONFIG_FILE_ERROR,
                    "thesaurus sample word \"{word}\" is a stop word (rule {shown})"
                )
                .hint("Use \"?\" to represent a stop word within a sample phrase."));
            }
            for variant in lexemes.chunk_by(|a, b| a.variant == b.variant) {
                for lexeme in variant {
                    let occurrence = Occurrence { rule, position, together: variant.len() };
                    self.occurs(Some(lexeme.text.clone()), occurrence);
                }
            }
        }
        Ok(())
    }

    fn occurs(&mut self, lexeme: Option<String>, occurrence: Occurrence) {
        let known = self.samples.entry(lexeme).or_default();
        if !known.contains(&occurrence) {
            known.push(occurrence);
        }
    }

    fn substitute(&self, words: &[(&str, bool)]) -> Result<Vec<Lexeme>> {
        let shown = self.rules.len() + 1;
        let mut all = Vec::new();
        for (word, as_is) in words {
            let mut lexemes = if *as_is {
                vec![Lexeme::plain(*word)]
            } else {
                self.inner.lexize(word, &mut Step::default())?.ok_or_else(|| {
                    err!(
                        CONFIG_FILE_ERROR,
                        "thesaurus substitute word \"{word}\" isn't recognized by subdictionary (rule {shown})"
                    )
                })?
            };
            match lexemes.first_mut() {
                None => {
                    return Err(err!(
                        CONFIG_FILE_ERROR,
                        "thesaurus substitute word \"{word}\" is a stop word (rule {shown})"
                    ));
                }
                Some(first) => first.next_position |= !all.is_empty(),
            }
            all.append(&mut lexemes);
        }
        Ok(all)
    }

    /// Adds the rules that have all these lexemes as one word at a position, later rules first.
    fn fitting(
        &self,
        lexemes: &[Option<&str>],
        position: usize,
        before: Option<&[usize]>,
        found: &mut Vec<usize>,
    ) {
        let of = |lexeme: &Option<&str>| {
            self.samples.get(&lexeme.map(str::to_owned)).map(Vec::as_slice).unwrap_or_default()
        };
        let fits =
            |occurrence: &Occurrence| occurrence.position == position && occurrence.together == lexemes.len();
        let Some(first) = lexemes.first() else { return };
        for candidate in of(first).iter().filter(|occurrence| fits(occurrence)) {
            let rule = candidate.rule;
            let everywhere = lexemes.iter().all(|lexeme| {
                of(lexeme).iter().any(|occurrence| occurrence.rule == rule && fits(occurrence))
            });
            if everywhere && before.is_none_or(|before| before.contains(&rule)) && !found.contains(&rule) {
                found.insert(0, rule);
            }
        }
    }
}

impl Dictionary for Thesaurus {
    fn lexize(&self, word: &str, step: &mut Step) -> Result<Option<Vec<Lexeme>>> {
        let before = step.seen.take();
        let (position, before) = match &before {
            Some((seen, rules)) => (*seen, Some(rules.as_slice())),
            None => (0, None),
        };
        step.wants_next = false;
        if step.is_end {
            return Ok(None);
        }
        let mut found = Vec::new();
        match self.inner.lexize(word, &mut Step::default())? {
            None => {}
            Some(lexemes) if lexemes.is_empty() => self.fitting(&[None], position, before, &mut found),
            Some(lexemes) => {
                for variant in lexemes.chunk_by(|a, b| a.variant == b.variant) {
                    let texts: Vec<Option<&str>> = variant.iter().map(|lexeme| Some(&*lexeme.text)).collect();
                    self.fitting(&texts, position, before, &mut found);
                }
            }
        }
        if found.is_empty() {
            return Ok(None);
        }
        let complete =
            found.iter().filter_map(|rule| self.rules.get(*rule)).find(|rule| rule.words == position + 1);
        step.wants_next = complete.is_none() || found.len() > 1;
        step.seen = Some((position + 1, found));
        Ok(complete.map(|rule| rule.substitute.clone()))
    }
}
