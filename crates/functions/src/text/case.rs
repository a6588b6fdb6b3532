//! Upper and lower case by the rules of the call's collation.

use crate::Registry;
use crate::call::FnCtx;
use pglitedb_sqlstate::Result;
use pglitedb_types::{CollationRules, collation_rules};
use regex::Regex;
use std::sync::LazyLock;

pub use pglitedb_types::case::{lower, lower_char, upper, upper_char};

fn lower_by(text: &str, rules: CollationRules) -> String {
    match rules {
        _ if text.is_ascii() => text.to_ascii_lowercase(),
        CollationRules::Ascii => text.to_ascii_lowercase(),
        CollationRules::Simple => lower(text),
        CollationRules::Full => text.to_lowercase(),
    }
}

fn upper_by(text: &str, rules: CollationRules) -> String {
    match rules {
        _ if text.is_ascii() => text.to_ascii_uppercase(),
        CollationRules::Ascii => text.to_ascii_uppercase(),
        CollationRules::Simple => upper(text),
        CollationRules::Full => text.to_uppercase(),
    }
}

/// Upper case of the first letter of a word, by the full rules: digraphs and ligatures have a form of their own.
fn push_title(c: char, out: &mut String) {
    let upper: Vec<char> = c.to_uppercase().collect();
    let titled = match c {
        'Ǆ'..='ǆ' => Some('ǅ'),
        'Ǉ'..='ǉ' => Some('ǈ'),
        'Ǌ'..='ǌ' => Some('ǋ'),
        'Ǳ'..='ǳ' => Some('ǲ'),
        // Georgian letters have capitals for whole words only.
        '\u{10D0}'..='\u{10FA}' | '\u{10FD}'..='\u{10FF}' => Some(c),
        '\u{1F80}'..='\u{1FAF}' => char::from_u32(u32::from(c) | 8),
        '\u{1FB3}' | '\u{1FBC}' => Some('\u{1FBC}'),
        '\u{1FC3}' | '\u{1FCC}' => Some('\u{1FCC}'),
        '\u{1FF3}' | '\u{1FFC}' => Some('\u{1FFC}'),
        _ => None,
    };
    match (titled, upper.as_slice()) {
        (Some(titled), _) => out.push(titled),
        (None, [only]) => out.push(*only),
        // An iota beside the letter goes below it again.
        (None, [first @ .., '\u{399}']) if ('\u{1F00}'..='\u{1FFF}').contains(&c) => {
            out.extend(first);
            out.push('\u{345}');
        }
        (None, all) if c == 'ŉ' => out.extend(all),
        (None, [first, rest @ ..]) => {
            out.push(*first);
            rest.iter().for_each(|c| out.extend(c.to_lowercase()));
        }
        (None, []) => out.push(c),
    }
}

/// A letter or a digit of any script.
fn is_alnum(c: char) -> bool {
    static DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A\p{Nd}\z").ok());
    let digit = |c: char| {
        let mut buffer = [0; 4];
        DIGIT.as_ref().is_some_and(|digit| digit.is_match(c.encode_utf8(&mut buffer)))
    };
    c.is_alphabetic() || c.is_ascii_digit() || (c.is_numeric() && digit(c))
}

fn initcap(text: &str, rules: CollationRules) -> String {
    let mut in_word = false;
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match (rules, in_word) {
            (CollationRules::Ascii, true) => out.push(c.to_ascii_lowercase()),
            (CollationRules::Ascii, false) => out.push(c.to_ascii_uppercase()),
            (CollationRules::Simple, true) => out.push(lower_char(c)),
            (CollationRules::Simple, false) => out.push(upper_char(c)),
            (CollationRules::Full, true) if c == 'Σ' => {
                // Its form depends on what stands around it.
                let end = text[at..].find(|c: char| c.is_whitespace()).map_or(text.len(), |end| at + end);
                let start = text[..at].rfind(|c: char| c.is_whitespace()).unwrap_or(0);
                let before = text[start..at].to_lowercase().len();
                let whole = text[start..end].to_lowercase();
                out.extend(whole.get(before..).and_then(|rest| rest.chars().next()));
            }
            (CollationRules::Full, true) => out.extend(c.to_lowercase()),
            (CollationRules::Full, false) => push_title(c, &mut out),
        }
        in_word = match rules {
            CollationRules::Ascii => c.is_ascii_alphanumeric(),
            CollationRules::Simple => c.is_alphabetic() || c.is_ascii_digit(),
            CollationRules::Full => is_alnum(c),
        };
    }
    out
}

/// Texts that differ in case alone fold to the same.
fn fold(text: &str, rules: CollationRules) -> String {
    if text.is_ascii() || rules == CollationRules::Ascii {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match (c, rules) {
            ('ı', _) => out.push(c),
            // Cherokee folds to its older capitals.
            ('\u{13A0}'..='\u{13F5}', _) => out.push(c),
            ('\u{13F8}'..='\u{13FD}' | '\u{AB70}'..='\u{ABBF}', _) => out.push(upper_char(c)),
            ('İ', CollationRules::Simple) => out.push(c),
            (_, CollationRules::Full) => {
                for folded in c.to_uppercase().flat_map(char::to_lowercase) {
                    match folded {
                        'ß' => out.push_str("ss"),
                        folded => out.push(folded),
                    }
                }
            }
            _ => out.push(lower_char(upper_char(c))),
        }
    }
    out
}

fn rules(ctx: &FnCtx<'_>) -> Result<CollationRules> {
    collation_rules(ctx.info.collation, ctx.env.as_type_env())
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "lower" => [ctx] |a: &str| lower_by(a, rules(ctx)?);
        "upper" => [ctx] |a: &str| upper_by(a, rules(ctx)?);
        "initcap" => [ctx] |a: &str| initcap(a, rules(ctx)?);
        "casefold" => [ctx] |a: &str| fold(a, rules(ctx)?);
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_by_the_full_rules() {
        let full = CollationRules::Full;
        assert_eq!(upper_by("sßs ǆ", full), "SSSS Ǆ");
        assert_eq!(lower_by("ΑΣ 0Σ ΑΣΑ", full), "ας 0σ ασα");
        assert_eq!(initcap("ßss ǆxxǄ １a ﬃx ᾳΣ", full), "Ssss ǅxxǆ １a Ffix ᾼς");
        assert_eq!(fold("ıİ ẞ ß Σσς", full), "ıi̇ ss ss σσσ");
    }

    #[test]
    fn case_one_character_each() {
        let simple = CollationRules::Simple;
        assert_eq!(initcap("ßss ǆxxǄ １a", simple), "ßss Ǆxxǆ １A");
        assert_eq!(fold("ıİ ẞ ß Σσς", simple), "ıİ ß ß σσσ");
        assert_eq!(upper_by("áé", CollationRules::Ascii), "áé");
    }
}
