//! Text in the most frequent forms, read without tokens. Whatever is unusual is left to the general reader, which then
//! also reports the errors.

use super::super::calendar::{Tm, days_in_month};

/// `N` digits at a position.
fn digits<const N: usize>(text: &[u8], at: usize) -> Option<i32> {
    let mut value = 0;
    for byte in text.get(at..at + N)? {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i32::from(byte - b'0');
    }
    Some(value)
}

/// `YYYY-MM-DD` at the beginning.
fn date_prefix(text: &[u8]) -> Option<(i32, i32, i32)> {
    if text.get(4) != Some(&b'-') || text.get(7) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (digits::<4>(text, 0)?, digits::<2>(text, 5)?, digits::<2>(text, 8)?);
    let valid = year > 0 && (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    valid.then_some((year, month, day))
}

/// `HH:MM:SS[.ffffff]` at the beginning; answers what follows.
fn time_prefix<'a>(text: &'a [u8], tm: &mut Tm) -> Option<&'a [u8]> {
    if text.get(2) != Some(&b':') || text.get(5) != Some(&b':') {
        return None;
    }
    (tm.hour, tm.min, tm.sec) = (digits::<2>(text, 0)?, digits::<2>(text, 3)?, digits::<2>(text, 6)?);
    if tm.hour > 23 || tm.min > 59 || tm.sec > 59 {
        return None;
    }
    let rest = text.get(8..)?;
    let Some(fraction) = rest.strip_prefix(b".") else { return Some(rest) };
    let len = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if len == 0 || len > 6 {
        return None;
    }
    let (fraction, rest) = fraction.split_at(len);
    let value = fraction.iter().fold(0, |value, byte| value * 10 + i32::from(byte - b'0'));
    tm.usec = value * 10_i32.pow(6 - len as u32);
    Some(rest)
}

/// `Z` or `+HH[:MM]`, in seconds east.
fn offset(text: &[u8]) -> Option<i32> {
    let sign = match text {
        b"Z" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let hours = digits::<2>(text, 1)?;
    let minutes = match text.len() {
        3 => 0,
        6 if text.get(3) == Some(&b':') => digits::<2>(text, 4)?,
        _ => return None,
    };
    (hours <= 15 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Exactly `YYYY-MM-DD`.
pub(in crate::datetime) fn parse_iso_date(text: &[u8]) -> Option<(i32, i32, i32)> {
    if text.len() == 10 { date_prefix(text) } else { None }
}

/// Exactly `HH:MM:SS[.ffffff]`, in microseconds since midnight.
pub(in crate::datetime) fn parse_iso_time(text: &[u8]) -> Option<i64> {
    let mut tm = Tm::default();
    let rest = time_prefix(text, &mut tm)?;
    rest.is_empty().then(|| tm.time_micros())
}

/// Exactly `YYYY-MM-DD[ HH:MM:SS[.ffffff][offset]]`, with a space or `T` in between. The offset is in seconds east.
pub(in crate::datetime) fn parse_iso_timestamp(text: &[u8]) -> Option<(Tm, Option<i32>)> {
    let (year, mon, mday) = date_prefix(text)?;
    let mut tm = Tm { year, mon, mday, ..Tm::default() };
    let rest = match text.get(10..)? {
        [] => return Some((tm, None)),
        [b' ' | b'T', rest @ ..] => time_prefix(rest, &mut tm)?,
        _ => return None,
    };
    if rest.is_empty() { Some((tm, None)) } else { Some((tm, Some(offset(rest)?))) }
}
