//! The synonym template: single words replaced by others.

use super::{Dictionary, Lexeme, OptionItem, Source, Step, missing, multiple, read_file};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::case::lower;
use std::collections::HashMap;

pub(super) struct Synonym {
    /// The replacement, and whether it is a prefix.
    words: HashMap<String, (String, bool)>,
    case_sensitive: bool,
}

impl Synonym {
    pub fn new(options: &[OptionItem], source: &dyn Source) -> Result<Synonym> {
        let (mut file, mut case_sensitive) = (None, false);
        for option in options {
            match &*option.name {
                "synonyms" if file.is_some() => return Err(multiple("Synonyms")),
                "synonyms" => file = Some(&option.value),
                "casesensitive" => case_sensitive = option.boolean()?,
                name => {
                    return Err(err!(INVALID_PARAMETER_VALUE, "unrecognized synonym parameter: \"{name}\""));
                }
            }
        }
        let text = read_file(source, "synonym", file.ok_or_else(|| missing("Synonyms"))?, "syn")?;
        let mut words = HashMap::new();
        for line in text.lines() {
            let mut fields = line.split_whitespace();
            // Lines of less than two words say nothing.
            let (Some(word), Some(synonym)) = (fields.next(), fields.next()) else { continue };
            let (synonym, prefix) = match synonym.strip_suffix('*') {
                Some(synonym) => (synonym, true),
                None => (synonym, false),
            };
            let case = |text: &str| if case_sensitive { text.to_owned() } else { lower(text) };
            words.entry(case(word)).or_insert_with(|| (case(synonym), prefix));
        }
        Ok(Synonym { words, case_sensitive })
    }
}

impl Dictionary for Synonym {
    fn lexize(&self, word: &str, _: &mut Step) -> Result<Option<Vec<Lexeme>>> {
        let found = if self.case_sensitive { self.words.get(word) } else { self.words.get(&lower(word)) };
        Ok(found.map(|(text, prefix)| vec![Lexeme { prefix: *prefix, ..Lexeme::plain(text) }]))
    }
}
