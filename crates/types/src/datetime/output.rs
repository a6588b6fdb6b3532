//! Writes dates, times and zones in the four styles.

use super::calendar::{Tm, civil_from_julian, day_of_week};
use crate::env::{DateOrder, DateStyle};

/// Longest zone abbreviation that is printed.
const MAX_ZONE_LEN: usize = 10;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// What is printed of the time zone.
pub(super) struct ZoneText<'a> {
    /// Seconds east of UTC.
    pub(super) offset_east: i32,
    /// For the styles that print names.
    pub(super) abbrev: &'a str,
}

/// Two digits (more if the number is larger).
pub(super) fn put_2(out: &mut Vec<u8>, value: i32) {
    match u8::try_from(value) {
        Ok(value @ 0..=99) => out.extend_from_slice(&[b'0' + value / 10, b'0' + value % 10]),
        _ => put_number(out, i64::from(value)),
    }
}

/// A number without padding.
pub(super) fn put_number(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// The year as people count it, at least four digits.
fn put_year(out: &mut Vec<u8>, year: i32) {
    let year = if year > 0 { i64::from(year) } else { 1 - i64::from(year) };
    if year < 10_000 {
        put_2(out, (year / 100) as i32);
        put_2(out, (year % 100) as i32);
    } else {
        put_number(out, year);
    }
}

/// `.` and the fraction of a second without trailing zeros; nothing for zero.
pub(super) fn put_fraction(out: &mut Vec<u8>, usec: u32) {
    if usec == 0 {
        return;
    }
    let mut digits = [b'0'; 7];
    digits[0] = b'.';
    let mut rest = usec;
    for at in (1..7).rev() {
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let len = digits.iter().rposition(|digit| *digit != b'0').map_or(1, |last| last + 1);
    out.extend_from_slice(&digits[..len]);
}

/// `HH:MM:SS[.ffffff]`
pub(super) fn put_clock(out: &mut Vec<u8>, tm: &Tm) {
    put_2(out, tm.hour);
    out.push(b':');
    put_2(out, tm.min);
    out.push(b':');
    put_2(out, tm.sec);
    put_fraction(out, tm.usec.unsigned_abs());
}

/// `+HH[:MM[:SS]]`; with `minutes` always at least `+HH:MM`.
pub(super) fn put_offset(out: &mut Vec<u8>, offset_east: i32, minutes: bool) {
    let seconds = offset_east.unsigned_abs() as i32;
    out.push(if offset_east >= 0 { b'+' } else { b'-' });
    put_2(out, seconds / 3600);
    if seconds % 3600 != 0 || minutes {
        out.push(b':');
        put_2(out, seconds / 60 % 60);
    }
    if seconds % 60 != 0 {
        out.push(b':');
        put_2(out, seconds % 60);
    }
}

fn put_era(out: &mut Vec<u8>, year: i32) {
    if year <= 0 {
        out.extend_from_slice(b" BC");
    }
}

fn put_ymd(out: &mut Vec<u8>, tm: &Tm) {
    put_year(out, tm.year);
    out.push(b'-');
    put_2(out, tm.mon);
    out.push(b'-');
    put_2(out, tm.mday);
}

/// Day and month, in the order asked for, then the year.
fn put_numeric_date(out: &mut Vec<u8>, tm: &Tm, separator: u8, day_first: bool) {
    let (first, second) = if day_first { (tm.mday, tm.mon) } else { (tm.mon, tm.mday) };
    put_2(out, first);
    out.push(separator);
    put_2(out, second);
    out.push(separator);
    put_year(out, tm.year);
}

/// A date.
pub(super) fn put_date(out: &mut Vec<u8>, julian_day: i64, style: DateStyle, order: DateOrder) {
    let (year, mon, mday) = civil_from_julian(julian_day);
    let tm = Tm { year, mon, mday, ..Tm::default() };
    let day_first = order == DateOrder::Dmy;
    match style {
        DateStyle::Iso => put_ymd(out, &tm),
        DateStyle::Sql => put_numeric_date(out, &tm, b'/', day_first),
        DateStyle::German => put_numeric_date(out, &tm, b'.', true),
        DateStyle::Postgres => put_numeric_date(out, &tm, b'-', day_first),
    }
    put_era(out, year);
}

/// A timestamp, with its zone if it has one.
pub(super) fn put_timestamp(
    out: &mut Vec<u8>,
    tm: &Tm,
    zone: Option<ZoneText<'_>>,
    style: DateStyle,
    order: DateOrder,
) {
    let day_first = order == DateOrder::Dmy;
    match style {
        DateStyle::Iso => {
            put_ymd(out, tm);
            out.push(b' ');
            put_clock(out, tm);
            if let Some(zone) = &zone {
                put_offset(out, zone.offset_east, false);
            }
        }
        DateStyle::Sql | DateStyle::German => {
            let german = style == DateStyle::German;
            put_numeric_date(out, tm, if german { b'.' } else { b'/' }, german || day_first);
            out.push(b' ');
            put_clock(out, tm);
            put_zone_name(out, zone);
        }
        DateStyle::Postgres => {
            let name = |names: &'static [&'static str], at: i32| {
                usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or("???")
            };
            out.extend_from_slice(name(&DAYS, day_of_week(tm.julian_day())).as_bytes());
            out.push(b' ');
            let month = name(&MONTHS, tm.mon - 1).as_bytes();
            if day_first {
                put_2(out, tm.mday);
                out.push(b' ');
                out.extend_from_slice(month);
            } else {
                out.extend_from_slice(month);
                out.push(b' ');
                put_2(out, tm.mday);
            }
            out.push(b' ');
            put_clock(out, tm);
            out.push(b' ');
            put_year(out, tm.year);
            put_zone_name(out, zone);
        }
    }
    put_era(out, tm.year);
}

fn put_zone_name(out: &mut Vec<u8>, zone: Option<ZoneText<'_>>) {
    if let Some(zone) = zone {
        out.push(b' ');
        let name = zone.abbrev.as_bytes();
        out.extend_from_slice(name.get(..MAX_ZONE_LEN).unwrap_or(name));
    }
}

/// The ISO 8601 form that JSON and XML want: `T` between date and time, the offset with minutes.
pub(super) fn put_timestamp_xsd(out: &mut Vec<u8>, tm: &Tm, offset_east: Option<i32>) {
    put_ymd(out, tm);
    out.push(b'T');
    put_clock(out, tm);
    if let Some(offset_east) = offset_east {
        put_offset(out, offset_east, true);
    }
    put_era(out, tm.year);
}
