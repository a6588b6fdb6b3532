//! `.datetime(template)` of SQL/JSON: the template tells the type, and the text must follow it exactly.

use super::date_in::Reader;
use super::template::{Item, Part, parse_standard};
use crate::datetime::calendar::{is_valid_julian, time_micros, tm_to_timestamp};
use crate::datetime::{time_apply_typmod, timestamp_apply_typmod, ymd_to_date};
use crate::{Datum, Oid, TimeTz, TimeZone, oids};
use pglitedb_sqlstate::{Result, bail, err};

/// A date or time that a template told the type of.
#[derive(Clone, Debug)]
pub struct ParsedDatetime {
    /// The value.
    pub value: Datum,
    /// Its type: `date`, `time`, `timetz`, `timestamp` or `timestamptz`.
    pub type_oid: Oid,
    /// Seconds east of UTC that the text named; 0 if none.
    pub offset_east: i32,
}

/// Does a template name a time zone? A template that is none does not.
pub fn template_has_zone(template: &str) -> bool {
    let zoned =
        |item: &Item| matches!(item, Item::Pattern(pattern) if pattern.field.part() == Some(Part::Zone));
    parse_standard(template).is_ok_and(|items| items.iter().any(zoned))
}

/// Reads a text by a template exactly (spaces, separators and all), as SQL/JSON's `.datetime()` does. The fields of the
/// template determine the type.
pub fn parse_datetime(text: &str, template: &str, session: &TimeZone) -> Result<ParsedDatetime> {
    let items = parse_standard(template)?;
    let has = |part: Part| {
        items.iter().any(|item| matches!(item, Item::Pattern(pattern) if pattern.field.part() == Some(part)))
    };
    let parts = Reader::read_items(text, &items, session, true)?;
    let (tm, offset) = parts.resolve(text)?;
    let rounded = |value| match parts.fraction_digits {
        0 => Ok(value),
        digits => timestamp_apply_typmod(value, digits),
    };
    let rounded_time = |value| match parts.fraction_digits {
        0 => value,
        digits => time_apply_typmod(value, digits),
    };
    let no_zone =
        |name: &str| err!(INVALID_DATETIME_FORMAT, "missing time zone in input string for type {name}");
    let beyond = |name: &str| err!(DATETIME_FIELD_OVERFLOW, "{name} out of range");
    let (value, type_oid) = match (has(Part::Date), has(Part::Time), has(Part::Zone)) {
        (true, true, true) => {
            let offset = offset.ok_or_else(|| no_zone("timestamptz"))?;
            let value = tm_to_timestamp(&tm, offset).ok_or_else(|| beyond("timestamptz"))?;
            (Datum::TimestampTz(rounded(value)?), oids::TIMESTAMPTZ)
        }
        (true, true, false) => {
            let value = tm_to_timestamp(&tm, 0).ok_or_else(|| beyond("timestamp"))?;
            (Datum::Timestamp(rounded(value)?), oids::TIMESTAMP)
        }
        (true, false, true) => bail!(INVALID_DATETIME_FORMAT, "datetime format is zoned but not timed"),
        (true, false, false) => {
            let beyond = || err!(DATETIME_FIELD_OVERFLOW, "date out of range: \"{text}\"");
            if !is_valid_julian(tm.year, tm.mon) {
                return Err(beyond());
            }
            let value = ymd_to_date(tm.year, tm.mon, tm.mday).ok_or_else(beyond)?;
            (Datum::Date(value), oids::DATE)
        }
        (false, true, zoned) => {
            let time = rounded_time(time_micros(tm.hour, tm.min, tm.sec, tm.usec));
            if zoned {
                let offset = offset.ok_or_else(|| no_zone("timetz"))?;
                (Datum::TimeTz(TimeTz { micros: time, zone: -offset }), oids::TIMETZ)
            } else {
                (Datum::Time(time), oids::TIME)
            }
        }
        (false, false, _) => bail!(INVALID_DATETIME_FORMAT, "datetime format is not dated and not timed"),
    };
    let zoned = matches!(type_oid, oids::TIMETZ | oids::TIMESTAMPTZ);
    Ok(ParsedDatetime { value, type_oid, offset_east: offset.filter(|_| zoned).unwrap_or(0) })
}
