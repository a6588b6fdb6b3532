//! Comparison of strings (bytewise, as in the `C` collation), their lengths, and casts between the string types.

use crate::Registry;
use crate::convert::{byte_order, order};
use pglitedb_types::Datum;
use std::sync::Arc;

/// `bpchar` compares without trailing blanks.
pub fn trim_blanks(text: &str) -> &str {
    text.trim_end_matches(' ')
}

/// Cuts a string to what fits into `name`: 63 bytes, whole characters.
pub fn to_name(text: &str) -> &str {
    text.get(..text.floor_char_boundary(63)).unwrap_or(text)
}

/// Number of characters.
pub fn char_count(text: &str) -> i32 {
    let count = if text.is_ascii() { text.len() } else { text.chars().count() };
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn byte_count(len: usize) -> i32 {
    i32::try_from(len).unwrap_or(i32::MAX)
}

/// Names are compared with the zero byte that ends them.
fn name_order(a: &str, b: &str) -> i32 {
    let end = [0];
    let (mut left, mut right) = (a.bytes().chain(end), b.bytes().chain(end));
    loop {
        match (left.next(), right.next()) {
            (Some(a), Some(b)) if a != b => return i32::from(a) - i32::from(b),
            (Some(_), Some(_)) => {}
            _ => return 0,
        }
    }
}

macro_rules! underscore_comparisons {
    ($reg:ident; $($prefix:literal => |$a:ident, $b:ident| $order:expr;)*) => {$(
        scalars!($reg;
            concat!($prefix, "lt") => |$a: &str, $b: &str| $order.is_lt();
            concat!($prefix, "le") => |$a: &str, $b: &str| $order.is_le();
            concat!($prefix, "gt") => |$a: &str, $b: &str| $order.is_gt();
            concat!($prefix, "ge") => |$a: &str, $b: &str| $order.is_ge();
        );
    )*};
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg;
        "bpchar" => |a: &str, b: &str| trim_blanks(a).cmp(trim_blanks(b));
        "name" => |a: &str, b: &str| a.cmp(b);
        "char" => |a: u8, b: u8| a.cmp(&b);
        "bool" => |a: bool, b: bool| a.cmp(&b);
        "oid" => |a: u32, b: u32| a.cmp(&b);
    );
    underscore_comparisons!(reg;
        "text_" => |a, b| a.cmp(b);
        "text_pattern_" => |a, b| a.cmp(b);
        "bpchar_pattern_" => |a, b| trim_blanks(a).cmp(trim_blanks(b));
    );
    scalars!(reg;
        "texteq" => |a: &str, b: &str| a == b;
        "textne" => |a: &str, b: &str| a != b;
        "bttextcmp" => |a: &str, b: &str| byte_order(a.as_bytes(), b.as_bytes());
        "bttext_pattern_cmp" => |a: &str, b: &str| byte_order(a.as_bytes(), b.as_bytes());
        "bpcharcmp" => |a: &str, b: &str| {
            byte_order(trim_blanks(a).as_bytes(), trim_blanks(b).as_bytes())
        };
        "btbpchar_pattern_cmp" => |a: &str, b: &str| {
            byte_order(trim_blanks(a).as_bytes(), trim_blanks(b).as_bytes())
        };
        "btnamecmp" => |a: &str, b: &str| name_order(a, b);
        "btnametextcmp" => |a: &str, b: &str| byte_order(a.as_bytes(), b.as_bytes());
        "bttextnamecmp" => |a: &str, b: &str| byte_order(a.as_bytes(), b.as_bytes());
        "btcharcmp" => |a: u8, b: u8| i32::from(a) - i32::from(b);
        "btboolcmp" => |a: bool, b: bool| order(a.cmp(&b));
        "btoidcmp" => |a: u32, b: u32| order(a.cmp(&b));
        "oidlarger" => |a: u32, b: u32| a.max(b);
        "oidsmaller" => |a: u32, b: u32| a.min(b);
        "text_larger" => |a: &Arc<str>, b: &Arc<str>| if a > b { a.clone() } else { b.clone() };
        "text_smaller" => |a: &Arc<str>, b: &Arc<str>| if a < b { a.clone() } else { b.clone() };
        "bpchar_larger" => |a: &Arc<str>, b: &Arc<str>| {
            if trim_blanks(a) >= trim_blanks(b) { a.clone() } else { b.clone() }
        };
        "bpchar_smaller" => |a: &Arc<str>, b: &Arc<str>| {
            if trim_blanks(a) <= trim_blanks(b) { a.clone() } else { b.clone() }
        };
        "booland_statefunc" => |a: bool, b: bool| a && b;
        "boolor_statefunc" => |a: bool, b: bool| a || b;
    );
    name_and_text(reg);
    lengths(reg);
    casts(reg);
}

fn name_and_text(reg: &mut Registry) {
    scalars!(reg;
        "nameeqtext" => |a: &str, b: &str| a == b;
        "namenetext" => |a: &str, b: &str| a != b;
        "namelttext" => |a: &str, b: &str| a < b;
        "nameletext" => |a: &str, b: &str| a <= b;
        "namegttext" => |a: &str, b: &str| a > b;
        "namegetext" => |a: &str, b: &str| a >= b;
        "texteqname" => |a: &str, b: &str| a == b;
        "textnename" => |a: &str, b: &str| a != b;
        "textltname" => |a: &str, b: &str| a < b;
        "textlename" => |a: &str, b: &str| a <= b;
        "textgtname" => |a: &str, b: &str| a > b;
        "textgename" => |a: &str, b: &str| a >= b;
    );
}

fn lengths(reg: &mut Registry) {
    scalars!(reg;
        "textlen" => |a: &str| char_count(a);
        "textoctetlen" => |a: &str| byte_count(a.len());
        "bpcharlen" => |a: &str| char_count(trim_blanks(a));
        "bpcharoctetlen" => |a: &str| byte_count(a.len());
        "sql:1811" => |a: &str| byte_count(a.len()).wrapping_mul(8);
        "sql:1810" => |a: &[u8]| byte_count(a.len()).wrapping_mul(8);
        "byteaoctetlen" => |a: &[u8]| byte_count(a.len());
    );
}

/// `varchar(n)` and `character(n)`: `typmod` is the length plus 4.
mod length_coercion {
    use super::{Arc, char_count};
    use pglitedb_sqlstate::{Result, bail};

    /// Byte offset of the first character after `limit` characters, `None` if there is none.
    fn cut(text: &str, limit: usize) -> Option<usize> {
        if text.len() <= limit { None } else { text.char_indices().nth(limit).map(|(at, _)| at) }
    }

    pub fn varchar(text: &Arc<str>, typmod: i32, explicit: bool) -> Result<Arc<str>> {
        let Some(limit) = typmod.checked_sub(4).and_then(|v| usize::try_from(v).ok()) else {
            return Ok(text.clone());
        };
        let Some(at) = cut(text, limit) else { return Ok(text.clone()) };
        if !explicit && text[at..].bytes().any(|byte| byte != b' ') {
            bail!(STRING_DATA_RIGHT_TRUNCATION, "value too long for type character varying({limit})");
        }
        Ok(Arc::from(&text[..at]))
    }

    pub fn bpchar(text: &Arc<str>, typmod: i32, explicit: bool) -> Result<Arc<str>> {
        let Some(limit) = typmod.checked_sub(4).and_then(|v| usize::try_from(v).ok()) else {
            return Ok(text.clone());
        };
        if limit > 10_485_760 {
            bail!(INVALID_PARAMETER_VALUE, "length for type char cannot exceed 10485760");
        }
        if let Some(at) = cut(text, limit) {
            if !explicit && text[at..].bytes().any(|byte| byte != b' ') {
                bail!(STRING_DATA_RIGHT_TRUNCATION, "value too long for type character({limit})");
            }
            return Ok(Arc::from(&text[..at]));
        }
        let missing = limit.saturating_sub(usize::try_from(char_count(text)).unwrap_or(0));
        if missing == 0 {
            return Ok(text.clone());
        }
        let mut padded = String::with_capacity(text.len() + missing);
        padded.push_str(text);
        padded.extend(std::iter::repeat_n(' ', missing));
        Ok(padded.into())
    }
}

fn casts(reg: &mut Registry) {
    scalars!(reg;
        "varchar" => |a: &Arc<str>, typmod: i32, explicit: bool| length_coercion::varchar(a, typmod, explicit);
        "bpchar" => |a: &Arc<str>, typmod: i32, explicit: bool| length_coercion::bpchar(a, typmod, explicit);
        "char_bpchar" => |a: u8| char_to_text(a);
        "char_text" => |a: u8| char_to_text(a);
        "text_char" => |a: &str| text_to_char(a);
        "chartoi4" => |a: u8| i32::from(a as i8);
        "i4tochar" => |a: i32| {
            i8::try_from(a).map(|v| v as u8).map_err(|_| {
                pglitedb_sqlstate::err!(NUMERIC_VALUE_OUT_OF_RANGE, "\"char\" out of range")
            })
        };
        "text_name" => |a: &Arc<str>| if a.len() <= 63 { a.clone() } else { Arc::from(to_name(a)) };
        "name_text" => |a: &Arc<str>| a.clone();
        "name_bpchar" => |a: &Arc<str>| a.clone();
        "bpchar_name" => |a: &str| to_name(trim_blanks(to_name(a)));
        "rtrim1" => |a: &Arc<str>| if a.ends_with(' ') { Arc::from(trim_blanks(a)) } else { a.clone() };
        "booltext" => |a: bool| if a { "true" } else { "false" };
        "nameconcatoid" => |a: &str, b: u32| {
            let suffix = format!("_{b}");
            let keep = a.floor_char_boundary(a.len().min(63_usize.saturating_sub(suffix.len())));
            format!("{}{suffix}", &a[..keep])
        };
    );
}

/// `"char"` prints bytes beyond ASCII as `\ooo`.
fn char_to_text(byte: u8) -> String {
    match byte {
        0 => String::new(),
        1..0x80 => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

fn text_to_char(text: &str) -> Datum {
    let bytes = text.as_bytes();
    if let [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7'] = bytes {
        return Datum::Char((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
    }
    Datum::Char(bytes.first().copied().unwrap_or(0))
}
