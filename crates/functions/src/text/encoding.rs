//! Character encodings of `convert_from` and `convert_to`.

use super::binary::utf8;
use pglitedb_sqlstate::{Error, Result, bail, err};

/// The encodings that are one table lookup away from Unicode.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Latin1,
    Ascii,
}

/// Finds an encoding by name; case and punctuation do not count.
fn find(name: &str, what: &str) -> Result<Encoding> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    match plain.as_str() {
        "utf8" | "unicode" => Ok(Encoding::Utf8),
        "latin1" | "iso88591" => Ok(Encoding::Latin1),
        "sqlascii" => Ok(Encoding::Ascii),
        "latin2" | "latin3" | "latin4" | "latin5" | "latin6" | "latin7" | "latin8" | "latin9" | "latin10"
        | "win1250" | "win1251" | "win1252" | "win1253" | "win1254" | "win1255" | "win1256" | "win1257"
        | "win1258" | "win866" | "win874" | "koi8r" | "koi8u" | "eucjp" | "euccn" | "euckr" | "euctw"
        | "sjis" | "big5" | "gbk" | "uhc" | "gb18030" | "johab" | "shiftjis2004" | "eucjis2004"
        | "iso88595" | "iso88596" | "iso88597" | "iso88598" | "muleinternal" => {
            Err(Error::unsupported(format!("encoding \"{name}\" is not supported")))
        }
        _ => Err(err!(
            INVALID_PARAMETER_VALUE,
            "invalid {what}{}encoding name \"{name}\"",
            if what.is_empty() { "" } else { " " }
        )),
    }
}

/// Bytes of an encoding as text.
pub fn decode(bytes: &[u8], encoding: &str) -> Result<String> {
    let found = find(encoding, "source")?;
    if bytes.contains(&0) {
        let name = if found == Encoding::Latin1 { "LATIN1" } else { "UTF8" };
        bail!(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"{name}\": 0x00");
    }
    match found {
        Encoding::Latin1 => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
        Encoding::Utf8 | Encoding::Ascii => utf8(bytes).map(str::to_owned),
    }
}

/// Text as bytes of an encoding.
pub fn encode(text: &str, encoding: &str) -> Result<Vec<u8>> {
    match find(encoding, "destination")? {
        Encoding::Utf8 | Encoding::Ascii => Ok(text.as_bytes().to_vec()),
        Encoding::Latin1 => text
            .chars()
            .map(|c| match u8::try_from(c as u32) {
                Ok(byte) => Ok(byte),
                Err(_) => {
                    let mut buffer = [0; 4];
                    let bytes = c.encode_utf8(&mut buffer).bytes().map(|b| format!("0x{b:02x}"));
                    bail!(
                        UNTRANSLATABLE_CHARACTER,
                        "character with byte sequence {} in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"",
                        bytes.collect::<Vec<_>>().join(" ")
                    )
                }
            })
            .collect(),
    }
}

/// Number of characters of bytes in an encoding.
pub fn length(bytes: &[u8], encoding: &str) -> Result<i32> {
    let count = match find(encoding, "")? {
        Encoding::Utf8 => utf8(bytes)?.chars().count(),
        Encoding::Latin1 | Encoding::Ascii => bytes.len(),
    };
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
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
