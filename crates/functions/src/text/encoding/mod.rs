//! Character encodings: their names, and conversions between them.

mod bytes;
mod names;
mod tables;

pub use names::{Encoding, NAMES};

use super::binary::utf8;
use pglitedb_sqlstate::{Error, Result, bail, err};
use tables::{Multibyte, single_byte};

/// The encoding with a name, which is said to be of `what`.
fn named(name: &str, what: &str) -> Result<Encoding> {
    Encoding::find(name).ok_or_else(|| {
        let space = if what.is_empty() { "" } else { " " };
        err!(INVALID_PARAMETER_VALUE, "invalid {what}{space}encoding name \"{name}\"")
    })
}

fn hex(bytes: &[u8]) -> String {
    let shown: Vec<String> = bytes.iter().take(8).map(|byte| format!("0x{byte:02x}")).collect();
    shown.join(" ")
}

/// Bytes that are no character of an encoding.
#[cold]
pub(super) fn invalid(bytes: &[u8], encoding: Encoding) -> Error {
    let width = encoding.width(bytes).min(bytes.len());
    let shown = hex(bytes.get(..width).unwrap_or(bytes));
    err!(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"{}\": {shown}", encoding.name())
}

/// A character that another encoding does not have.
#[cold]
fn untranslatable(bytes: &[u8], from: Encoding, to: Encoding) -> Error {
    err!(
        UNTRANSLATABLE_CHARACTER,
        "character with byte sequence {} in encoding \"{}\" has no equivalent in encoding \"{}\"",
        hex(bytes),
        from.name(),
        to.name()
    )
}

/// Checks that bytes are characters of an encoding; returns how many.
fn verify(bytes: &[u8], encoding: Encoding) -> Result<usize> {
    if encoding == Encoding::UTF8 {
        let valid = match std::str::from_utf8(bytes) {
            Ok(_) => bytes,
            Err(error) => bytes.get(..error.valid_up_to()).unwrap_or_default(),
        };
        if valid.contains(&0) {
            return Err(invalid(&[0], encoding));
        }
        return Ok(utf8(bytes)?.chars().count());
    }
    let (mut rest, mut count) = (bytes, 0);
    while !rest.is_empty() {
        match encoding.character(rest).and_then(|width| rest.get(width..)) {
            Some(after) => rest = after,
            None => return Err(invalid(rest, encoding)),
        }
        count += 1;
    }
    Ok(count)
}

/// Bytes of an encoding, which have been verified, as text.
fn to_text(bytes: &[u8], from: Encoding) -> Result<String> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    if let Some(table) = single_byte(from) {
        for byte in bytes {
            match tables::decode_byte(table, *byte) {
                Some(c) => text.push(c),
                None => return Err(untranslatable(&[*byte], from, Encoding::UTF8)),
            }
        }
        return Ok(text);
    }
    let table = Multibyte::of(from).ok_or_else(|| no_conversion(from, Encoding::UTF8))?;
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let width = if *first < 0x80 { 1 } else { encoding_width(from, rest)? };
        let (character, after) = rest.split_at_checked(width).ok_or_else(|| invalid(rest, from))?;
        if *first < 0x80 {
            text.push(char::from(*first));
        } else if !table.decode(character, &mut text) {
            return Err(untranslatable(character, from, Encoding::UTF8));
        }
        rest = after;
    }
    Ok(text)
}

fn encoding_width(encoding: Encoding, rest: &[u8]) -> Result<usize> {
    encoding.character(rest).ok_or_else(|| invalid(rest, encoding))
}

/// Text as bytes of an encoding.
fn from_text(text: &str, to: Encoding) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let missing = |c: char| {
        let mut buffer = [0; 4];
        untranslatable(c.encode_utf8(&mut buffer).as_bytes(), Encoding::UTF8, to)
    };
    if let Some(table) = single_byte(to) {
        for c in text.chars() {
            out.push(tables::encode_byte(table, c).ok_or_else(|| missing(c))?);
        }
        return Ok(out);
    }
    let table = Multibyte::of(to).ok_or_else(|| no_conversion(Encoding::UTF8, to))?;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii() {
            out.push(c as u8);
        } else if let Some(next) = chars.peek().copied()
            && table.encode_pair(c, next, &mut out)
        {
            chars.next();
        } else if !table.encode(c, &mut out) {
            return Err(missing(c));
        }
    }
    Ok(out)
}

#[cold]
fn no_conversion(from: Encoding, to: Encoding) -> Error {
    err!(
        UNDEFINED_FUNCTION,
        "default conversion function for encoding \"{}\" to \"{}\" does not exist",
        from.name(),
        to.name()
    )
}

/// Bytes of an encoding as text.
pub fn decode(bytes: &[u8], encoding: &str) -> Result<String> {
    let from = named(encoding, "source")?;
    verify(bytes, from)?;
    match from {
        Encoding::UTF8 | Encoding::SQL_ASCII => utf8(bytes).map(str::to_owned),
        from => to_text(bytes, from),
    }
}

/// Text as bytes of an encoding.
pub fn encode(text: &str, encoding: &str) -> Result<Vec<u8>> {
    match named(encoding, "destination")? {
        Encoding::UTF8 | Encoding::SQL_ASCII => Ok(text.as_bytes().to_vec()),
        to => from_text(text, to),
    }
}

/// Bytes of one encoding as bytes of another.
pub fn convert(bytes: &[u8], from: &str, to: &str) -> Result<Vec<u8>> {
    let (from, to) = (named(from, "source")?, named(to, "destination")?);
    verify(bytes, from)?;
    match (from, to) {
        _ if from == to || to == Encoding::SQL_ASCII || bytes.is_empty() => Ok(bytes.to_vec()),
        (Encoding::SQL_ASCII, _) => verify(bytes, to).map(|_| bytes.to_vec()),
        (Encoding::UTF8, _) => from_text(utf8(bytes)?, to),
        (_, Encoding::UTF8) => to_text(bytes, from).map(String::into_bytes),
        _ => direct(bytes, from, to),
    }
}

/// Between two encodings neither of which is Unicode.
fn direct(bytes: &[u8], from: Encoding, to: Encoding) -> Result<Vec<u8>> {
    if let Some(table) = tables::direct(from, to) {
        let translate = |byte: &u8| match tables::direct_byte(table, *byte) {
            Some(byte) => Ok(byte),
            None => Err(untranslatable(&[*byte], from, to)),
        };
        return bytes.iter().map(translate).collect();
    }
    if names::has_conversion(from, to) {
        bail!(
            FEATURE_NOT_SUPPORTED,
            "conversion of encoding \"{}\" to \"{}\" is not supported",
            from.name(),
            to.name()
        );
    }
    Err(no_conversion(from, to))
}

/// Number of characters of bytes in an encoding.
pub fn length(bytes: &[u8], encoding: &str) -> Result<i32> {
    Ok(i32::try_from(verify(bytes, named(encoding, "")?)?).unwrap_or(i32::MAX))
}

/// The most bytes that a character of an encoding takes; encodings go by PostgreSQL's numbers.
pub fn longest_character(encoding: i32) -> Option<i32> {
    Some(match encoding {
        0 | 8..=34 => 1,
        35..=38 | 41 => 2,
        1..=3 | 5 | 40 => 3,
        4 | 6 | 7 | 39 => 4,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], encoding: &str) -> String {
        decode(bytes, encoding).unwrap_or_else(|error| error.fields().message.clone())
    }

    #[test]
    fn characters_are_found_both_ways() {
        let cases: [(&str, &[u8], &str); 12] = [
            ("LATIN2", b"\xb1x", "ąx"),
            ("windows-1251", b"\xcf\xf0\xe8", "При"),
            ("koi8", b"\xf0", "П"),
            ("EUC_JP", b"\xc6\xfc\xcb\xdc a", "日本 a"),
            ("SJIS", b"\x93\xfa\x96{\xb1", "日本ｱ"),
            ("EUC_KR", b"\xbc\xf6\xc7\xd0", "수학"),
            ("UHC", b"\x81A", "갂"),
            ("BIG5", b"\xa4\xa4", "中"),
            ("GBK", b"\xd6\xd0", "中"),
            ("EUC_TW", b"\xc4\xe3", "中"),
            ("EUC_JIS_2004", b"\xa4\xf7", "か\u{309a}"),
            ("SHIFT_JIS_2004", b"\x82\xf5", "か\u{309a}"),
        ];
        for (encoding, bytes, expected) in cases {
            assert_eq!(text(bytes, encoding), expected, "{encoding}");
            assert_eq!(encode(expected, encoding).unwrap(), bytes, "{encoding}");
        }
        for c in ['€', '\u{80}', '\u{ffff}', '\u{10000}', '\u{10ffff}', '中', '\u{e5e5}'] {
            let bytes = encode(&c.to_string(), "GB18030").unwrap();
            assert_eq!(text(&bytes, "GB18030"), c.to_string());
        }
        assert_eq!(encode("\u{10000}", "GB18030").unwrap(), b"\x900\x810");
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(text(b"\xffAB", "EUC_KR"), "invalid byte sequence for encoding \"EUC_KR\": 0xff 0x41");
        assert_eq!(text(b"\x8f\xa1", "EUC_JP"), "invalid byte sequence for encoding \"EUC_JP\": 0x8f 0xa1");
        assert_eq!(text(b"a\0", "SJIS"), "invalid byte sequence for encoding \"SJIS\": 0x00");
        let missing = "character with byte sequence 0x81 in encoding \"WIN1252\" has no equivalent in encoding \"UTF8\"";
        assert_eq!(text(b"\x81A", "WIN1252"), missing);
        assert_eq!(text(b"A", "nosuch"), "invalid source encoding name \"nosuch\"");
        let error = convert(b"A", "LATIN1", "LATIN2").unwrap_err();
        let none = "default conversion function for encoding \"LATIN1\" to \"LATIN2\" does not exist";
        assert_eq!(error.fields().message, none);
        assert_eq!(convert(b"\xc1", "KOI8R", "WIN1251").unwrap(), b"\xe0");
        assert!(convert(b"A", "EUC_JP", "SJIS").is_err());
    }

    #[test]
    fn all_that_is_decoded_is_encoded_again() {
        for (number, name) in NAMES.iter().enumerate() {
            let encoding = Encoding::find(name).unwrap();
            assert_eq!(encoding, Encoding(number as u8));
            let mut count = 0;
            for high in 0x80..=0xff_u8 {
                for low in 1..=0xff_u8 {
                    let both = [high, low];
                    let width = encoding.character(&both).unwrap_or(2);
                    let Ok(text) = to_text(&both[..width], encoding) else { continue };
                    let again = from_text(&text, encoding).unwrap();
                    assert_eq!(to_text(&again, encoding).unwrap(), text, "{name} {both:x?}");
                    count += 1;
                }
            }
            assert!(count > 5000 || matches!(number, 0 | 6 | 7), "{name}: {count}");
        }
    }
}
