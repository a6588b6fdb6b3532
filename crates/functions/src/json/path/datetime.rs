//! Dates and times in paths.

use super::eval::Evaluator;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Comparator, Datum, Oid, oids};
use std::cmp::Ordering;

/// The shape of an ISO 8601 text: which type it is of.
pub fn shape(text: &str) -> Option<Oid> {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let is_date = |text: &str| {
        let mut parts = text.splitn(3, '-');
        matches!((parts.next(), parts.next(), parts.next()), (Some(y), Some(m), Some(d))
            if digits(y, 4) && (1..=2).contains(&m.len()) && (1..=2).contains(&d.len())
                && digits(m, m.len()) && digits(d, d.len()))
    };
    if is_date(text) {
        return Some(oids::DATE);
    }
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) if is_date(date) => (true, time),
        _ => (false, text),
    };
    let zone = time.find(['+', '-', 'Z']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let clock = clock.trim_end();
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = whole.split(':');
    let two = |part: Option<&str>| part.is_some_and(|part| digits(part, 2));
    let is_time = two(parts.next()) && two(parts.next()) && two(parts.next()) && parts.next().is_none();
    if !is_time || fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(match (date, zone.is_empty()) {
        (true, true) => oids::TIMESTAMP,
        (true, false) => oids::TIMESTAMPTZ,
        (false, true) => oids::TIME,
        (false, false) => oids::TIMETZ,
    })
}

/// The instant of a timestamp or date, to compare it with one of another type.
fn to_timestamp(eval: &Evaluator<'_>, value: &Datum, type_oid: Oid) -> Result<Datum> {
    let text = pglitedb_types::output_string(value, type_oid, eval.ctx.env.as_type_env())?;
    pglitedb_types::input(&text, oids::TIMESTAMP, -1, eval.ctx.env.as_type_env())
}

fn name(type_oid: Oid) -> &'static str {
    match type_oid {
        oids::DATE => "date",
        oids::TIME => "time",
        oids::TIMETZ => "timetz",
        oids::TIMESTAMP => "timestamp",
        _ => "timestamptz",
    }
}

/// `22007`-like complaint of conversions that depend on the session's time zone.
pub fn without_zone(from: Oid, to: Oid) -> Error {
    err!(
        FEATURE_NOT_SUPPORTED,
        "cannot convert value from {} to {} without time zone usage",
        name(from),
        name(to)
    )
    .hint("Use *_tz() function for time zone support.")
}

/// A value as one of another type.
pub fn convert(eval: &Evaluator<'_>, value: &Datum, from: Oid, to: Oid) -> Result<Option<Datum>> {
    if from == to {
        return Ok(Some(value.clone()));
    }
    let env = eval.ctx.env.as_type_env();
    let zoned = |oid| matches!(oid, oids::TIMESTAMPTZ | oids::TIMETZ);
    let possible = match to {
        oids::DATE => matches!(from, oids::TIMESTAMP | oids::TIMESTAMPTZ),
        oids::TIME => matches!(from, oids::TIMETZ | oids::TIMESTAMP | oids::TIMESTAMPTZ),
        oids::TIMETZ => matches!(from, oids::TIME | oids::TIMESTAMPTZ),
        oids::TIMESTAMP => matches!(from, oids::DATE | oids::TIMESTAMPTZ),
        _ => matches!(from, oids::DATE | oids::TIMESTAMP),
    };
    if !possible {
        return Ok(None);
    }
    if zoned(from) != zoned(to) && !eval.use_tz {
        return Err(without_zone(from, to));
    }
    let text = pglitedb_types::output_string(value, from, env)?;
    // The text forms are ISO only under an ISO DateStyle; the parts wanted stand at known places.
    let part = match (from, to) {
        (oids::TIMESTAMP | oids::TIMESTAMPTZ, oids::DATE) => text.get(..10).unwrap_or(&text),
        (oids::TIMESTAMP | oids::TIMESTAMPTZ, oids::TIME | oids::TIMETZ) => text.get(11..).unwrap_or(&text),
        _ => &text,
    };
    pglitedb_types::input(part, to, -1, env).map(Some)
}

/// Order of two values; `None` if their types do not compare.
pub fn compare(eval: &Evaluator<'_>, a: (&Datum, Oid), b: (&Datum, Oid)) -> Result<Option<Ordering>> {
    let plain = |x: &Datum, y: &Datum| Some(Comparator::plain().compare(x, y));
    if a.1 == b.1 {
        return Ok(plain(a.0, b.0));
    }
    let is_time = |oid| matches!(oid, oids::TIME | oids::TIMETZ);
    if is_time(a.1) != is_time(b.1) {
        return Ok(None);
    }
    if is_time(a.1) {
        let (from, value) = if a.1 == oids::TIME { (a.1, a.0) } else { (b.1, b.0) };
        let Some(zoned) = convert(eval, value, from, oids::TIMETZ)? else { return Ok(None) };
        return Ok(if a.1 == oids::TIME { plain(&zoned, b.0) } else { plain(a.0, &zoned) });
    }
    if a.1 != oids::TIMESTAMPTZ && b.1 != oids::TIMESTAMPTZ {
        return Ok(plain(&to_timestamp(eval, a.0, a.1)?, &to_timestamp(eval, b.0, b.1)?));
    }
    let zoned = |(value, oid): (&Datum, Oid)| convert(eval, value, oid, oids::TIMESTAMPTZ);
    let (Some(x), Some(y)) = (zoned(a)?, zoned(b)?) else { return Ok(None) };
    Ok(plain(&x, &y))
}
