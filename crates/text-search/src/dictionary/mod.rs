//! Dictionaries: they turn a word into the lexemes it is indexed under.

mod file;
mod ispell;
mod options;
mod simple;
mod snowball;
mod stem;
mod stop;
mod synonym;
mod thesaurus;

pub use file::builtin_file;
pub use options::{OptionItem, parse_options, write_options};

use pglitedb_sqlstate::{Result, err};
use std::sync::Arc;

/// What a dictionary made of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lexeme {
    /// The lexeme.
    pub text: String,
    /// Lexemes of one number together are one way to read the word; others are alternatives.
    pub variant: u16,
    /// It stands for all that begin with it.
    pub prefix: bool,
    /// It is at the position after that of the lexeme before.
    pub next_position: bool,
    /// It takes the word's place for the dictionaries that follow.
    pub filter: bool,
}

impl Lexeme {
    /// A lexeme without anything special.
    pub fn plain(text: impl Into<String>) -> Lexeme {
        Lexeme { text: text.into(), ..Lexeme::default() }
    }
}

/// What goes between a dictionary that looks at several words and whoever feeds them.
#[derive(Debug, Default)]
pub struct Step {
    /// There is no further word.
    pub is_end: bool,
    /// The dictionary wants to see the next word.
    pub wants_next: bool,
    /// How many words were seen, and the rules that all of them fit.
    pub(crate) seen: Option<(usize, Vec<usize>)>,
}

/// A dictionary.
pub trait Dictionary: Send + Sync {
    /// Lexemes of a word; none at all for a stop word; `None` if the dictionary does not know the word.
    fn lexize(&self, word: &str, step: &mut Step) -> Result<Option<Vec<Lexeme>>>;
}

/// Where dictionaries get what they are made of.
pub trait Source {
    /// The content of a configuration file, `None` if there is none.
    fn file(&self, name: &str, extension: &str) -> Result<Option<String>>;

    /// A dictionary by name.
    fn dictionary(&self, name: &str) -> Result<Arc<dyn Dictionary>>;
}

/// The kinds of dictionaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Lower case, less stop words.
    Simple,
    /// Single words replaced by others.
    Synonym,
    /// Affixes and a list of words, as Ispell, MySpell and Hunspell write them.
    Ispell,
    /// Phrases replaced by others.
    Thesaurus,
    /// Snowball stemmers.
    Snowball,
}

impl Template {
    /// The template that a lexize function of `pg_ts_template` stands for.
    pub fn from_function(name: &str) -> Option<Template> {
        Some(match name {
            "dsimple_lexize" => Template::Simple,
            "dsynonym_lexize" => Template::Synonym,
            "dispell_lexize" => Template::Ispell,
            "thesaurus_lexize" => Template::Thesaurus,
            "dsnowball_lexize" => Template::Snowball,
            _ => return None,
        })
    }

    /// Makes a dictionary; checks its options.
    pub fn create(self, options: &[OptionItem], source: &dyn Source) -> Result<Arc<dyn Dictionary>> {
        Ok(match self {
            Template::Simple => Arc::new(simple::Simple::new(options, source)?),
            Template::Synonym => Arc::new(synonym::Synonym::new(options, source)?),
            Template::Ispell => Arc::new(ispell::Ispell::new(options, source)?),
            Template::Thesaurus => Arc::new(thesaurus::Thesaurus::new(options, source)?),
            Template::Snowball => Arc::new(snowball::Snowball::new(options, source)?),
        })
    }
}

/// Reads a configuration file; `F0000 could not open WHAT file` if there is none.
fn read_file(source: &dyn Source, what: &str, name: &str, extension: &str) -> Result<String> {
    let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.bytes().all(valid) {
        return Err(err!(INVALID_PARAMETER_VALUE, "invalid text search configuration file name \"{name}\""));
    }
    source.file(name, extension)?.ok_or_else(|| {
        err!(
            CONFIG_FILE_ERROR,
            "could not open {what} file \"tsearch_data/{name}.{extension}\": No such file or directory"
        )
    })
}

/// A parameter given twice.
fn multiple(name: &str) -> pglitedb_sqlstate::Error {
    err!(INVALID_PARAMETER_VALUE, "multiple {name} parameters")
}

/// A parameter that must be there.
fn missing(name: &str) -> pglitedb_sqlstate::Error {
    err!(INVALID_PARAMETER_VALUE, "missing {name} parameter")
}
