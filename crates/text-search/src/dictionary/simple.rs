//! The simple template: lower case, less stop words.

use super::stop::StopWords;
use super::{Dictionary, Lexeme, OptionItem, Source, Step, multiple};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::case::lower;

pub(super) struct Simple {
    stop: Option<StopWords>,
    accept: bool,
}

impl Simple {
    pub fn new(options: &[OptionItem], source: &dyn Source) -> Result<Simple> {
        let (mut stop, mut accept) = (None, None);
        for option in options {
            match &*option.name {
                "stopwords" if stop.is_some() => return Err(multiple("StopWords")),
                "stopwords" => stop = Some(StopWords::read(source, &option.value)?),
                "accept" if accept.is_some() => return Err(multiple("Accept")),
                "accept" => accept = Some(option.boolean()?),
                name => {
                    return Err(err!(
                        INVALID_PARAMETER_VALUE,
                        "unrecognized simple dictionary parameter: \"{name}\""
                    ));
                }
            }
        }
        Ok(Simple { stop, accept: accept.unwrap_or(true) })
    }
}

impl Dictionary for Simple {
    fn lexize(&self, word: &str, _: &mut Step) -> Result<Option<Vec<Lexeme>>> {
        let word = lower(word);
        if word.is_empty() || self.stop.as_ref().is_some_and(|stop| stop.contains(&word)) {
            return Ok(Some(Vec::new()));
        }
        Ok(self.accept.then(|| vec![Lexeme::plain(word)]))
    }
}
