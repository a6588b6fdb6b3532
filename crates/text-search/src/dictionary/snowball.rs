//! The snowball template: stop words, then a stemmer.

use super::stem::stem;
use super::stop::StopWords;
use super::{Dictionary, Lexeme, OptionItem, Source, Step, missing, multiple};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::case::lower;
use waken_snowball::Algorithm;

/// Longer words are not stemmed, as in PostgreSQL.
const MAX_STEMMED: usize = 1000;

pub(super) struct Snowball {
    algorithm: Algorithm,
    stop: Option<StopWords>,
}

fn algorithm(language: &str) -> Option<Algorithm> {
    use Algorithm::*;
    Some(match &*language.to_ascii_lowercase() {
        "arabic" => Arabic,
        "armenian" => Armenian,
        "basque" => Basque,
        "catalan" => Catalan,
        "danish" => Danish,
        // What the crate calls Dutch came with Snowball 3.0.
        "dutch" => DutchPorter,
        "english" => English,
        "estonian" => Estonian,
        "finnish" => Finnish,
        "french" => French,
        "german" => German,
        "greek" => Greek,
        "hindi" => Hindi,
        "hungarian" => Hungarian,
        "indonesian" => Indonesian,
        "irish" => Irish,
        "italian" => Italian,
        "lithuanian" => Lithuanian,
        "nepali" => Nepali,
        "norwegian" => Norwegian,
        "porter" => Porter,
        "portuguese" => Portuguese,
        "romanian" => Romanian,
        "russian" => Russian,
        "serbian" => Serbian,
        "spanish" => Spanish,
        "swedish" => Swedish,
        "tamil" => Tamil,
        "turkish" => Turkish,
        "yiddish" => Yiddish,
        _ => return None,
    })
}

impl Snowball {
    pub fn new(options: &[OptionItem], source: &dyn Source) -> Result<Snowball> {
        let (mut language, mut stop) = (None, None);
        for option in options {
            match &*option.name {
                "stopwords" if stop.is_some() => return Err(multiple("StopWords")),
                "stopwords" => stop = Some(StopWords::read(source, &option.value)?),
                "language" if language.is_some() => return Err(multiple("Language")),
                "language" => {
                    language = Some(algorithm(&option.value).ok_or_else(|| {
                        err!(
                            UNDEFINED_OBJECT,
                            "no Snowball stemmer available for language \"{}\" and encoding \"UTF8\"",
                            option.value
                        )
                    })?);
                }
                name => {
                    return Err(err!(INVALID_PARAMETER_VALUE, "unrecognized Snowball parameter: \"{name}\""));
                }
            }
        }
        Ok(Snowball { algorithm: language.ok_or_else(|| missing("Language"))?, stop })
    }
}

impl Dictionary for Snowball {
    fn lexize(&self, word: &str, _: &mut Step) -> Result<Option<Vec<Lexeme>>> {
        let word = lower(word);
        if word.len() > MAX_STEMMED {
            return Ok(Some(vec![Lexeme::plain(word)]));
        }
        if word.is_empty() || self.stop.as_ref().is_some_and(|stop| stop.contains(&word)) {
            return Ok(Some(Vec::new()));
        }
        Ok(Some(vec![Lexeme::plain(stem(self.algorithm, &word))]))
    }
}
