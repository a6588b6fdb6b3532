//! Classes of characters.

/// What a rule asks of the character at the current position (or of the parser).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// Always true.
    Any,
    /// The end of the text.
    End,
    /// One character.
    Char(u8),
    /// An ASCII letter.
    AsciiLetter,
    /// A letter.
    Alpha,
    /// An ASCII digit.
    Digit,
    /// A hexadecimal digit.
    Hex,
    /// A letter or digit.
    Alnum,
    /// Neither letter nor digit.
    NotAlnum,
    /// White space.
    Space,
    /// A mark that belongs to the letter before it.
    Special,
    /// What URLs are written in.
    UrlChar,
    /// Inside of a script or style sheet.
    Ignored,
    /// The host of an URL is wanted alone.
    StopHost,
    /// A host begins here.
    Host,
    /// The path of an URL begins here.
    UrlPath,
}

/// A letter. All characters beyond ASCII that Unicode calls alphabetic or numeric are, as in glibc's UTF-8 locales.
fn is_alpha(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { c.is_alphanumeric() && !is_special(c) }
}

/// A character without width that continues a word: combining marks and invisible joiners.
fn is_special(c: char) -> bool {
    if (c as u32) < 0xad {
        return false;
    }
    unicode_normalization::char::is_combining_mark(c)
        || matches!(c, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn is_alnum(c: char) -> bool {
    c.is_ascii_digit() || is_alpha(c)
}

pub(super) fn matches(test: Test, current: Option<char>) -> bool {
    let Some(c) = current else { return matches!(test, Test::End | Test::Any | Test::NotAlnum) };
    match test {
        Test::Char(wanted) => c == char::from(wanted),
        Test::AsciiLetter => c.is_ascii_alphabetic(),
        Test::Alpha => is_alpha(c),
        Test::Digit => c.is_ascii_digit(),
        Test::Hex => c.is_ascii_hexdigit(),
        Test::Alnum => is_alnum(c),
        Test::NotAlnum => !is_alnum(c),
        Test::Space => matches!(c, '\t'..='\r' | ' ') || !c.is_ascii() && c.is_whitespace() && c != '\u{a0}',
        Test::Special => is_special(c),
        Test::UrlChar => {
            c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
        }
        Test::Any => true,
        Test::End | Test::Ignored | Test::StopHost | Test::Host | Test::UrlPath => false,
    }
}
