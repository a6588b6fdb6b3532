//! Where a string is found in another.

use memchr::{memchr, memmem};

/// Longer strings are worth the preparation of a search that looks at no byte twice.
const SHORT: usize = 128;

/// The byte offset of the first occurrence. Of two valid strings it is that of a character.
#[inline]
pub fn find(text: &str, part: &str) -> Option<usize> {
    find_bytes(text.as_bytes(), part.as_bytes())
}

fn find_bytes(text: &[u8], part: &[u8]) -> Option<usize> {
    let Some((first, others)) = part.split_first() else { return Some(0) };
    if others.is_empty() {
        return memchr(*first, text);
    }
    if text.len() > SHORT {
        return memmem::find(text, part);
    }
    let mut from = 0;
    loop {
        let at = from + memchr(*first, text.get(from..)?)?;
        if text.get(at + 1..)?.starts_with(others) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The pieces of a string between the occurrences of another, which is not empty.
pub fn split<'a, 'd>(text: &'a str, delimiter: &'d str) -> impl Iterator<Item = &'a str> + use<'a, 'd> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let all = rest?;
        let cut =
            find(all, delimiter).and_then(|at| Some((all.get(..at)?, all.get(at + delimiter.len()..)?)));
        let (piece, after) = cut.map_or((all, None), |(piece, after)| (piece, Some(after)));
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_the_standard_library_finds() {
        let long = "ab".repeat(100) + "abb" + &"ab".repeat(10);
        for text in ["", "a", "aab", "Hello World", "Grüße aus Köln", "aaaaaaab", &long] {
            for part in ["", "a", "b", "ab", "abb", "ü", "Köln", "World", "aab", "x", "aaaaaaaaaaaaaaaaaab"]
            {
                assert_eq!(find(text, part), text.find(part), "{part} in {text}");
                if !part.is_empty() {
                    assert!(split(text, part).eq(text.split(part)), "{text} by {part}");
                }
            }
        }
    }
}
