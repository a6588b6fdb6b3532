//! Type modifiers: precision, and the fields of intervals.
//!
//! For `time`, `timetz`, `timestamp` and `timestamptz` the modifier is the number of fractional digits, -1 for none
//! given. For `interval` the upper half holds the fields (bits as [`interval_fields`] names them), the lower half the
//! precision.

use pglitedb_sqlstate::{Result, bail};

/// Most fractional digits that are kept.
pub const MAX_PRECISION: i32 = 6;

/// Bits of interval fields, as the grammar puts them into type modifiers.
pub mod interval_fields {
    /// `MONTH`
    pub const MONTH: i32 = 1 << 1;
    /// `YEAR`
    pub const YEAR: i32 = 1 << 2;
    /// `DAY`
    pub const DAY: i32 = 1 << 3;
    /// `HOUR`
    pub const HOUR: i32 = 1 << 10;
    /// `MINUTE`
    pub const MINUTE: i32 = 1 << 11;
    /// `SECOND`
    pub const SECOND: i32 = 1 << 12;
    /// No fields given.
    pub const FULL_RANGE: i32 = 0x7FFF;
    /// No precision given.
    pub const FULL_PRECISION: i32 = 0xFFFF;
}

use interval_fields::{DAY, FULL_PRECISION, FULL_RANGE, HOUR, MINUTE, MONTH, SECOND, YEAR};

/// The fields of an interval's type modifier.
pub fn interval_range(typmod: i32) -> i32 {
    if typmod < 0 { FULL_RANGE } else { (typmod >> 16) & FULL_RANGE }
}

/// Whether these fields can be an interval's.
pub fn is_interval_range(range: i32) -> bool {
    range == FULL_RANGE || interval_field_names(range).is_some()
}

/// The precision of an interval's type modifier, if it limits it.
pub fn interval_precision(typmod: i32) -> Option<i32> {
    let precision = typmod & FULL_PRECISION;
    (typmod >= 0 && precision < MAX_PRECISION).then_some(precision)
}

/// Checks the precision of `time`, `timestamp` and their relatives; `name` is `TIME` or `TIMESTAMP`. Answers the type
/// modifier, and a warning if it had to be reduced.
pub fn precision_typmod_in(name: &str, with_zone: bool, modifiers: &[i32]) -> Result<(i32, Option<String>)> {
    let &[precision] = modifiers else { bail!(INVALID_PARAMETER_VALUE, "invalid type modifier") };
    let suffix = if with_zone { " WITH TIME ZONE" } else { "" };
    if precision < 0 {
        bail!(INVALID_PARAMETER_VALUE, "{name}({precision}){suffix} precision must not be negative");
    }
    if precision > MAX_PRECISION {
        let warning =
            format!("{name}({precision}){suffix} precision reduced to maximum allowed, {MAX_PRECISION}");
        return Ok((MAX_PRECISION, Some(warning)));
    }
    Ok((precision, None))
}

/// What follows the type name for a type modifier: `(3) with time zone`.
pub fn precision_typmod_out(typmod: i32, with_zone: bool) -> String {
    let suffix = if with_zone { " with time zone" } else { " without time zone" };
    if typmod >= 0 { format!("({typmod}){suffix}") } else { suffix.to_owned() }
}

/// The type modifier of `interval FIELDS (PRECISION)`, and a warning if the precision had to be reduced.
pub fn interval_typmod_in(modifiers: &[i32]) -> Result<(i32, Option<String>)> {
    let Some((&range, rest)) = modifiers.split_first() else {
        bail!(INVALID_PARAMETER_VALUE, "invalid INTERVAL type modifier")
    };
    if !is_interval_range(range) {
        bail!(INVALID_PARAMETER_VALUE, "invalid INTERVAL type modifier");
    }
    match *rest {
        [] if range == FULL_RANGE => Ok((-1, None)),
        [] => Ok(((range << 16) | FULL_PRECISION, None)),
        [precision] if precision < 0 => {
            bail!(INVALID_PARAMETER_VALUE, "INTERVAL({precision}) precision must not be negative")
        }
        [precision] if precision > MAX_PRECISION => {
            let warning =
                format!("INTERVAL({precision}) precision reduced to maximum allowed, {MAX_PRECISION}");
            Ok(((range << 16) | MAX_PRECISION, Some(warning)))
        }
        [precision] => Ok(((range << 16) | precision, None)),
        _ => bail!(INVALID_PARAMETER_VALUE, "invalid INTERVAL type modifier"),
    }
}

/// The fields in words: `day to second`.
fn interval_field_names(range: i32) -> Option<&'static str> {
    const YEAR_MONTH: i32 = YEAR | MONTH;
    const DAY_HOUR: i32 = DAY | HOUR;
    const DAY_MINUTE: i32 = DAY | HOUR | MINUTE;
    const DAY_SECOND: i32 = DAY | HOUR | MINUTE | SECOND;
    const HOUR_MINUTE: i32 = HOUR | MINUTE;
    const HOUR_SECOND: i32 = HOUR | MINUTE | SECOND;
    const MINUTE_SECOND: i32 = MINUTE | SECOND;
    Some(match range {
        YEAR => "year",
        MONTH => "month",
        DAY => "day",
        HOUR => "hour",
        MINUTE => "minute",
        SECOND => "second",
        YEAR_MONTH => "year to month",
        DAY_HOUR => "day to hour",
        DAY_MINUTE => "day to minute",
        DAY_SECOND => "day to second",
        HOUR_MINUTE => "hour to minute",
        HOUR_SECOND => "hour to second",
        MINUTE_SECOND => "minute to second",
        _ => return None,
    })
}

/// What follows `interval` for a type modifier: ` day to second(3)`.
pub fn interval_typmod_out(typmod: i32) -> String {
    if typmod < 0 {
        return String::new();
    }
    let mut text = String::new();
    if let Some(names) = interval_field_names(interval_range(typmod)) {
        text.push(' ');
        text.push_str(names);
    }
    let precision = typmod & FULL_PRECISION;
    if precision != FULL_PRECISION {
        text.push_str(&format!("({precision})"));
    }
    text
}

/// Rounds microseconds to a number of fractional digits, halves away from zero.
pub fn round_micros(micros: i64, typmod: i32) -> i64 {
    let Ok(digits) = u32::try_from(typmod) else { return micros };
    if digits >= MAX_PRECISION as u32 {
        return micros;
    }
    let scale = 10_i64.pow(MAX_PRECISION as u32 - digits);
    let rounded = (micros.unsigned_abs() + scale as u64 / 2) / scale as u64 * scale as u64;
    // Beyond i64 there is nothing to round to; the caller's range check sees an unchanged value.
    match i64::try_from(rounded) {
        Ok(rounded) if micros < 0 => -rounded,
        Ok(rounded) => rounded,
        Err(_) => micros,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers() {
        assert_eq!(
            interval_typmod_in(&[DAY | HOUR | MINUTE | SECOND, 3]).map(|(m, _)| interval_typmod_out(m)),
            Ok(" day to second(3)".to_owned())
        );
        assert_eq!(precision_typmod_out(2, true), "(2) with time zone");
        assert_eq!(precision_typmod_in("TIME", false, &[9]).expect("reduced").0, 6);
        assert_eq!(round_micros(1_500_000, 0), 2_000_000);
        assert_eq!(round_micros(-1_234_567, 2), -1_230_000);
    }
}
