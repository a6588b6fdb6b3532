//! Options of `ts_headline`.

use crate::dictionary::parse_options;
use pglitedb_sqlstate::{Result, err};

/// Options of `ts_headline`.
#[derive(Clone, Debug)]
pub struct HeadlineOptions {
    pub(super) max_words: i32,
    pub(super) min_words: i32,
    pub(super) short_word: usize,
    pub(super) max_fragments: i32,
    pub(super) highlight_all: bool,
    pub(super) start: String,
    pub(super) stop: String,
    pub(super) fragment_delimiter: String,
}

impl Default for HeadlineOptions {
    fn default() -> Self {
        HeadlineOptions {
            max_words: 35,
            min_words: 15,
            short_word: 3,
            max_fragments: 0,
            highlight_all: false,
            start: "<b>".to_owned(),
            stop: "</b>".to_owned(),
            fragment_delimiter: " ... ".to_owned(),
        }
    }
}

fn number(value: &str) -> Result<i32> {
    value.trim().parse().map_err(|error: std::num::ParseIntError| match error.kind() {
        std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow => {
            err!(NUMERIC_VALUE_OUT_OF_RANGE, "value \"{value}\" is out of range for type integer")
        }
        _ => err!(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type integer: \"{value}\""),
    })
}

fn flag(value: &str) -> bool {
    ["1", "on", "true", "t", "y", "yes"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

impl HeadlineOptions {
    /// Reads a list of options.
    pub fn parse(text: &str) -> Result<HeadlineOptions> {
        let mut options = HeadlineOptions::default();
        let mut short_word = 3;
        for option in parse_options(text)? {
            let value = option.value;
            match &*option.name.to_ascii_lowercase() {
                "maxwords" => options.max_words = number(&value)?,
                "minwords" => options.min_words = number(&value)?,
                "shortword" => short_word = number(&value)?,
                "maxfragments" => options.max_fragments = number(&value)?,
                "startsel" => options.start = value,
                "stopsel" => options.stop = value,
                "fragmentdelimiter" => options.fragment_delimiter = value,
                "highlightall" => options.highlight_all = flag(&value),
                _ => {
                    return Err(err!(
                        INVALID_PARAMETER_VALUE,
                        "unrecognized headline parameter: \"{}\"",
                        option.name
                    ));
                }
            }
        }
        options.check(short_word)?;
        Ok(options)
    }

    fn check(&mut self, short_word: i32) -> Result<()> {
        if !self.highlight_all {
            let wrong = |message: &str| err!(INVALID_PARAMETER_VALUE, "{message}");
            if self.min_words >= self.max_words {
                return Err(wrong("MinWords must be less than MaxWords"));
            }
            if self.min_words <= 0 {
                return Err(wrong("MinWords must be positive"));
            }
            if short_word < 0 {
                return Err(wrong("ShortWord must be >= 0"));
            }
            if self.max_fragments < 0 {
                return Err(wrong("MaxFragments must be >= 0"));
            }
        }
        self.short_word = usize::try_from(short_word).unwrap_or(0);
        for (name, value) in [
            ("StartSel", &self.start),
            ("StopSel", &self.stop),
            ("FragmentDelimiter", &self.fragment_delimiter),
        ] {
            if i16::try_from(value.len()).is_err() {
                return Err(err!(INVALID_PARAMETER_VALUE, "value for \"{name}\" is too long"));
            }
        }
        Ok(())
    }
}
