//! The stemmers as PostgreSQL 18 has them. Its Snowball is of February 2025; the crate's is 3.0 of three months later,
//! which changed Dutch altogether and a few suffixes of other languages. Those are undone here, as indexes and queries
//! must agree with PostgreSQL.

use std::borrow::Cow;
use waken_snowball::Algorithm;

/// The stem of a word in lower case. A word of which nothing would be left stays as it is.
pub(super) fn stem(algorithm: Algorithm, word: &str) -> Cow<'_, str> {
    let plain = |word| waken_snowball::stem(algorithm, word);
    let stem = match algorithm {
        Algorithm::English => english(word).map_or_else(|| plain(word), Cow::Borrowed),
        Algorithm::French => french(word).map_or_else(|| plain(word), Cow::Owned),
        Algorithm::German => german(word).map_or_else(|| plain(word), Cow::Owned),
        Algorithm::Norwegian => norwegian(word).map_or_else(|| plain(word), Cow::Owned),
        Algorithm::Spanish => spanish(word).map_or_else(|| plain(word), Cow::Owned),
        Algorithm::Swedish => match (plain(word), swedish(word)) {
            // `-et` alone is no suffix.
            _ if word.ends_with("et") && !word.ends_with("het") && !word.ends_with("andet") => word.into(),
            (stem, _) if word.strip_suffix("et") == Some(&stem) => word.into(),
            (stem, other) => other.map_or(stem, Cow::Owned),
        },
        _ => plain(word),
    };
    if stem.is_empty() { word.into() } else { stem }
}

/// `-ogist` stays.
fn english(word: &str) -> Option<&str> {
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix('\'')).unwrap_or(word);
    let word = word.strip_suffix('s').unwrap_or(word);
    word.ends_with("ogist").then_some(word)
}

/// Of `-aise` only the last letter goes; `-oux` stays.
fn french(word: &str) -> Option<String> {
    if word.ends_with("oux") {
        return Some(word.to_owned());
    }
    let stem = word.strip_suffix('s').unwrap_or(word).strip_suffix('e')?;
    stem.ends_with("ais").then(|| stem.to_owned())
}

/// `-et` stays. What stands behind it is found with another consonant in its place.
fn german(word: &str) -> Option<String> {
    let at = word.rfind("et")?;
    let mut other = word.to_owned();
    other.replace_range(at..at + 2, "ek");
    let stem = waken_snowball::stem(Algorithm::German, &other);
    stem.strip_suffix("ek").map(|stem| format!("{stem}et"))
}

/// `-ers` goes wherever `-ets` would.
fn norwegian(word: &str) -> Option<String> {
    let start = word.strip_suffix("ers")?;
    let other = format!("{start}ets");
    let stem = waken_snowball::stem(Algorithm::Norwegian, &other);
    Some(match stem.strip_prefix(start) {
        Some("et") => format!("{start}er"),
        Some("ets") => word.to_owned(),
        _ => stem.into_owned(),
    })
}

/// `-acion` and `-ucion` without accent stay.
fn spanish(word: &str) -> Option<String> {
    let plain = |c| match c {
        'á' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' => 'u',
        c => c,
    };
    (word.ends_with("acion") || word.ends_with("ucion")).then(|| word.chars().map(plain).collect())
}

/// Of `-ets` only the last letter goes, if `-eks` loses it.
fn swedish(word: &str) -> Option<String> {
    let start = word.strip_suffix("ets")?;
    let stem = waken_snowball::stem(Algorithm::Swedish, &format!("{start}eks")).into_owned();
    match stem.strip_prefix(start) {
        Some("ek") => Some(format!("{start}et")),
        Some("eks") => Some(word.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PostgreSQL 18.6 answers.
    #[test]
    fn stems_are_those_of_postgresql() {
        for (algorithm, word, expected) in [
            (Algorithm::English, "skies", "sky"),
            (Algorithm::English, "identity", "ident"),
            (Algorithm::English, "geologists", "geologist"),
            (Algorithm::DutchPorter, "lichamelijkheden", "licham"),
            (Algorithm::Turkish, "leri", "leri"),
            (Algorithm::French, "françaises", "français"),
            (Algorithm::German, "arbeitet", "arbeitet"),
            (Algorithm::Norwegian, "dykkers", "dykk"),
            (Algorithm::Spanish, "informacion", "informacion"),
            (Algorithm::Swedish, "huset", "huset"),
            (Algorithm::Swedish, "husets", "huset"),
            (Algorithm::French, "genoux", "genoux"),
        ] {
            assert_eq!(stem(algorithm, word), expected, "{word}");
        }
    }
}
