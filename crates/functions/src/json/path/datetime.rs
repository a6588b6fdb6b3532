//! Dates and times in paths.

use super::eval::Evaluator;
use super::item::Moment;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::datetime as dt;
use pglitedb_types::formatting::parse_datetime;
use pglitedb_types::{Datum, Oid, TimeTz, oids};
use std::cmp::Ordering;

/// The forms that `.datetime()` and its like read without a template.
const FORMATS: [&str; 13] = [
    "yyyy-mm-dd",
    "HH24:MI:SS.USTZ",
    "HH24:MI:SSTZ",
    "HH24:MI:SS.US",
    "HH24:MI:SS",
    "yyyy-mm-dd HH24:MI:SS.USTZ",
    "yyyy-mm-dd HH24:MI:SSTZ",
    "yyyy-mm-dd HH24:MI:SS.US",
    "yyyy-mm-dd HH24:MI:SS",
    "yyyy-mm-dd\"T\"HH24:MI:SS.USTZ",
    "yyyy-mm-dd\"T\"HH24:MI:SSTZ",
    "yyyy-mm-dd\"T\"HH24:MI:SS.US",
    "yyyy-mm-dd\"T\"HH24:MI:SS",
];

/// Reads a text by a template.
pub fn by_template(eval: &Evaluator<'_>, text: &str, template: &str) -> Result<Moment> {
    let parsed = parse_datetime(text, template, &eval.ctx.env.format().time_zone)?;
    Ok(Moment { value: parsed.value, type_oid: parsed.type_oid, offset_east: parsed.offset_east })
}

/// Reads a text in one of the ISO 8601 forms.
pub fn iso(eval: &Evaluator<'_>, text: &str) -> Option<Moment> {
    FORMATS.iter().find_map(|template| by_template(eval, text, template).ok())
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

/// Conversions that depend on the session's time zone are for the `_tz` functions.
fn check_zone(eval: &Evaluator<'_>, from: Oid, to: Oid) -> Result<()> {
    if eval.use_tz {
        return Ok(());
    }
    Err(err!(
        FEATURE_NOT_SUPPORTED,
        "cannot convert value from {} to {} without time zone usage",
        name(from),
        name(to)
    )
    .hint("Use *_tz() function for time zone support."))
}

#[cold]
fn infinite() -> Error {
    err!(DATETIME_FIELD_OVERFLOW, "timestamp out of range")
}

/// A value as one of another type; `None` if there is no such conversion.
pub fn convert(eval: &Evaluator<'_>, moment: &Moment, to: Oid) -> Result<Option<Moment>> {
    let from = moment.type_oid;
    if from == to {
        return Ok(Some(moment.clone()));
    }
    let zone = &eval.ctx.env.format().time_zone;
    let zoned = |oid| matches!(oid, oids::TIMESTAMPTZ | oids::TIMETZ);
    let (value, offset_east) = match (&moment.value, to) {
        (Datum::Timestamp(value), oids::DATE) => (Datum::Date(dt::timestamp_to_date(*value)), 0),
        (Datum::TimestampTz(value), oids::DATE) => {
            check_zone(eval, from, to)?;
            (Datum::Date(dt::timestamptz_to_date(*value, zone)), 0)
        }
        (Datum::TimeTz(value), oids::TIME) => {
            check_zone(eval, from, to)?;
            (Datum::Time(value.micros), 0)
        }
        (Datum::Timestamp(value), oids::TIME) => {
            (Datum::Time(dt::timestamp_to_time(*value).ok_or_else(infinite)?), 0)
        }
        (Datum::TimestampTz(value), oids::TIME) => {
            check_zone(eval, from, to)?;
            (Datum::Time(dt::timestamptz_to_time(*value, zone).ok_or_else(infinite)?), 0)
        }
        (Datum::Time(value), oids::TIMETZ) => {
            check_zone(eval, from, to)?;
            let now = eval.ctx.env.transaction_timestamp();
            (Datum::TimeTz(dt::time_to_timetz(*value, now, zone)), 0)
        }
        (Datum::TimestampTz(value), oids::TIMETZ) => {
            (Datum::TimeTz(dt::timestamptz_to_timetz(*value, zone).ok_or_else(infinite)?), 0)
        }
        (Datum::Date(value), oids::TIMESTAMP) => (Datum::Timestamp(dt::date_to_timestamp(*value)?), 0),
        (Datum::TimestampTz(value), oids::TIMESTAMP) => {
            check_zone(eval, from, to)?;
            (Datum::Timestamp(dt::timestamptz_to_timestamp(*value, zone)?), 0)
        }
        (Datum::Date(_) | Datum::Timestamp(_), oids::TIMESTAMPTZ) => {
            check_zone(eval, from, to)?;
            let value = match moment.value {
                Datum::Date(value) => dt::date_to_timestamptz(value, zone)?,
                Datum::Timestamp(value) => dt::timestamp_to_timestamptz(value, zone)?,
                _ => return Ok(None),
            };
            (Datum::TimestampTz(value), dt::timestamptz_to_tm(value, zone).1.offset_east)
        }
        _ => return Ok(None),
    };
    debug_assert!(zoned(to) || offset_east == 0);
    Ok(Some(Moment { value, type_oid: to, offset_east }))
}

/// Order of two values; `None` if their types do not compare.
pub fn compare(eval: &Evaluator<'_>, a: &Moment, b: &Moment) -> Result<Option<Ordering>> {
    let zone = &eval.ctx.env.format().time_zone;
    let to_zoned = |value: &Datum, from: Oid| -> Result<TimeTz> {
        check_zone(eval, from, oids::TIMETZ)?;
        let Datum::Time(micros) = value else { return Err(Error::internal("not a time")) };
        Ok(dt::time_to_timetz(*micros, eval.ctx.env.transaction_timestamp(), zone))
    };
    let check = |from: Oid| check_zone(eval, from, oids::TIMESTAMPTZ);
    Ok(Some(match (&a.value, &b.value) {
        (Datum::Date(x), Datum::Date(y)) => x.cmp(y),
        (Datum::Time(x), Datum::Time(y))
        | (Datum::Timestamp(x), Datum::Timestamp(y))
        | (Datum::TimestampTz(x), Datum::TimestampTz(y)) => x.cmp(y),
        (Datum::TimeTz(x), Datum::TimeTz(y)) => dt::timetz_cmp(*x, *y),
        (Datum::Time(_), Datum::TimeTz(y)) => dt::timetz_cmp(to_zoned(&a.value, a.type_oid)?, *y),
        (Datum::TimeTz(x), Datum::Time(_)) => dt::timetz_cmp(*x, to_zoned(&b.value, b.type_oid)?),
        (Datum::Date(x), Datum::Timestamp(y)) => dt::date_cmp_timestamp(*x, *y),
        (Datum::Timestamp(x), Datum::Date(y)) => dt::date_cmp_timestamp(*y, *x).reverse(),
        (Datum::Date(x), Datum::TimestampTz(y)) => {
            check(a.type_oid)?;
            dt::date_cmp_timestamptz(*x, *y, zone)
        }
        (Datum::TimestampTz(x), Datum::Date(y)) => {
            check(b.type_oid)?;
            dt::date_cmp_timestamptz(*y, *x, zone).reverse()
        }
        (Datum::Timestamp(x), Datum::TimestampTz(y)) => {
            check(a.type_oid)?;
            dt::timestamp_cmp_timestamptz(*x, *y, zone)
        }
        (Datum::TimestampTz(x), Datum::Timestamp(y)) => {
            check(b.type_oid)?;
            dt::timestamp_cmp_timestamptz(*y, *x, zone).reverse()
        }
        _ => return Ok(None),
    }))
}
