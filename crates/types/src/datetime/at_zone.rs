//! `AT TIME ZONE`, and the zones that arguments of functions name.

use super::arith::timetz_to_zone;
use super::calendar::{Tm, UNIX_EPOCH_SHIFT_SECS, USECS_PER_SEC, is_valid_timestamp, timestamp_to_tm};
use super::errors::{timestamp_out_of_range, zone_not_recognized};
use super::interval::is_finite_interval;
use super::timestamp::is_finite_timestamp;
use super::zone::{TimeZone, ZoneAbbreviation, find_abbreviation};
use crate::env::FormatSettings;
use crate::{Interval, TimeTz};
use pglitedb_sqlstate::{Result, bail};

/// What the name of a zone means. Resolving costs a look-up, so keep it where the name is constant.
#[derive(Clone, Debug)]
pub enum ZoneName {
    /// An offset, seconds east.
    Offset(i32),
    /// An abbreviation (upper case) whose meaning changed over time, and its zone.
    Abbreviation(TimeZone, String),
    /// A zone.
    Zone(TimeZone),
}

impl ZoneName {
    /// Resolves a name: an abbreviation (of the session's zone first) or a zone.
    pub fn resolve(name: &str, session: &TimeZone) -> Result<ZoneName> {
        // No abbreviation has a slash.
        if name.contains('/')
            && let Some(zone) = TimeZone::named(name)
        {
            return Ok(ZoneName::Zone(zone));
        }
        let upper = name.to_ascii_uppercase();
        match session.abbreviation(&upper) {
            Some(ZoneAbbreviation::Fixed(offset, _)) => return Ok(ZoneName::Offset(offset)),
            Some(ZoneAbbreviation::Dynamic) => return Ok(ZoneName::Abbreviation(session.clone(), upper)),
            None => {}
        }
        if let Some(found) = find_abbreviation(name) {
            return Ok(match found.zone.and_then(TimeZone::named) {
                Some(zone) => ZoneName::Abbreviation(zone, upper),
                None => ZoneName::Offset(found.offset_east),
            });
        }
        TimeZone::named(name).map(ZoneName::Zone).ok_or_else(|| zone_not_recognized(name))
    }

    /// The offset when the clocks show `tm`.
    pub fn offset_at_local(&self, tm: &Tm) -> i32 {
        match self {
            ZoneName::Offset(offset) => *offset,
            ZoneName::Abbreviation(zone, name) => zone.abbreviation_at_local(name, tm).offset_east,
            ZoneName::Zone(zone) => zone.at_local(tm).offset_east,
        }
    }

    /// The offset at a moment.
    pub fn offset_at(&self, timestamp: i64) -> i32 {
        let unix_secs = timestamp.div_euclid(USECS_PER_SEC) + UNIX_EPOCH_SHIFT_SECS;
        match self {
            ZoneName::Offset(offset) => *offset,
            ZoneName::Abbreviation(zone, name) => {
                zone.abbreviation_at(name, unix_secs).unwrap_or_else(|| zone.at(unix_secs)).offset_east
            }
            ZoneName::Zone(zone) => zone.at(unix_secs).offset_east,
        }
    }

    /// The zone, where a function wants one rather than an offset.
    pub fn into_zone(self) -> Result<TimeZone> {
        match self {
            ZoneName::Zone(zone) | ZoneName::Abbreviation(zone, _) => Ok(zone),
            ZoneName::Offset(offset) => {
                TimeZone::from_offset(offset).ok_or_else(|| zone_not_recognized(&offset.to_string()))
            }
        }
    }
}

/// The offset (seconds east) that an interval means as a zone.
pub fn zone_from_interval(zone: Interval) -> Result<i32> {
    let text = || {
        let mut out = Vec::new();
        super::interval_out(zone, &FormatSettings::default(), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    };
    if !is_finite_interval(zone) {
        bail!(INVALID_PARAMETER_VALUE, "interval time zone \"{}\" must be finite", text());
    }
    if zone.months != 0 || zone.days != 0 {
        bail!(INVALID_PARAMETER_VALUE, "interval time zone \"{}\" must not include months or days", text());
    }
    // Absurd lengths wrap around, as in PostgreSQL.
    Ok((zone.micros / USECS_PER_SEC) as i32)
}

fn shifted(timestamp: i64, seconds: i32) -> Result<i64> {
    timestamp
        .checked_add(i64::from(seconds) * USECS_PER_SEC)
        .filter(|result| is_valid_timestamp(*result))
        .ok_or_else(timestamp_out_of_range)
}

/// `timestamp AT TIME ZONE name`: a `timestamptz`.
pub fn timestamp_at_zone(timestamp: i64, zone: &ZoneName) -> Result<i64> {
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    shifted(timestamp, -zone.offset_at_local(&timestamp_to_tm(timestamp)))
}

/// `timestamptz AT TIME ZONE name`: a `timestamp`.
pub fn timestamptz_at_zone(timestamp: i64, zone: &ZoneName) -> Result<i64> {
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    shifted(timestamp, zone.offset_at(timestamp))
}

/// `timestamp AT TIME ZONE interval`: a `timestamptz`.
pub fn timestamp_at_offset(timestamp: i64, zone: Interval) -> Result<i64> {
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    shifted(timestamp, zone_from_interval(zone)?.wrapping_neg())
}

/// `timestamptz AT TIME ZONE interval`: a `timestamp`.
pub fn timestamptz_at_offset(timestamp: i64, zone: Interval) -> Result<i64> {
    if !is_finite_timestamp(timestamp) {
        return Ok(timestamp);
    }
    shifted(timestamp, zone_from_interval(zone)?)
}

/// `timetz AT TIME ZONE name`; `now` is the start of the transaction.
pub fn timetz_at_zone(time: TimeTz, zone: &ZoneName, now: i64) -> TimeTz {
    timetz_to_zone(time, zone.offset_at(now))
}

/// `timetz AT TIME ZONE interval`
pub fn timetz_at_offset(time: TimeTz, zone: Interval) -> Result<TimeTz> {
    Ok(timetz_to_zone(time, zone_from_interval(zone)?))
}

/// The zone that a value of the setting `TimeZone` means: `INTERVAL '-08:00'`, a number of hours east of UTC, or a
/// name. `None` is an invalid value.
pub fn zone_of_setting(value: &str) -> Option<TimeZone> {
    let interval = value.get(..8).filter(|word| word.eq_ignore_ascii_case("interval"));
    if interval.is_some() {
        let quoted = value.get(8..)?.trim_start().strip_prefix('\'')?.strip_suffix('\'')?;
        let span = super::interval_in(quoted, -1, &crate::BuiltinEnv::default()).ok()?;
        return TimeZone::from_offset(zone_from_interval(span).ok()?);
    }
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || b"+-. eE".contains(&byte));
    if let (true, Ok(hours)) = (is_number, value.trim_start().parse::<f64>()) {
        let seconds = hours * 3600.0;
        return if seconds.abs() <= 1e6 { TimeZone::from_offset(seconds as i32) } else { None };
    }
    TimeZone::named(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings() {
        let name = |value| zone_of_setting(value).map(|zone| zone.name().to_owned());
        assert_eq!(name("-7.5").as_deref(), Some("<-07:30>+07:30"));
        assert_eq!(name("+3").as_deref(), Some("<+03>-03"));
        assert_eq!(name("INTERVAL '-08:00'").as_deref(), Some("<-08>+08"));
        assert_eq!(name("america/new_york").as_deref(), Some("America/New_York"));
        assert_eq!(name("est5edt4,m3.2.0/3,j60").as_deref(), Some("EST5EDT4,M3.2.0/3,J60"));
        assert_eq!(name("nonsense"), None);
        assert_eq!(name("interval '1 month'"), None);
    }
}
