//! Upper and lower case: one character maps to one character, as in PostgreSQL's `C.UTF-8`.

fn one(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

/// Upper case of one character.
pub fn upper_char(c: char) -> char {
    if c.is_ascii() { c.to_ascii_uppercase() } else { one(c, c.to_uppercase()) }
}

/// Lower case of one character.
pub fn lower_char(c: char) -> char {
    match c {
        _ if c.is_ascii() => c.to_ascii_lowercase(),
        'İ' => 'i',
        _ => one(c, c.to_lowercase()),
    }
}

/// `lower(text)`
pub fn lower(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(lower_char).collect() }
}

/// `upper(text)`
pub fn upper(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_uppercase() } else { text.chars().map(upper_char).collect() }
}
