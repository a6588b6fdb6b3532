//! Comparison, minimum and maximum, `OVERLAPS`, `isfinite`.

use super::args::{AnyTimestamp, Date, Time, Timestamp, TimestampTz};
use super::zone;
use crate::Registry;
use crate::call::FnCtx;
use crate::convert::{mismatch, order};
use pglitedb_sqlstate::Result;
use pglitedb_types::datetime::{
    date_cmp_timestamp, date_cmp_timestamptz, interval_cmp, is_finite_date, is_finite_interval,
    is_finite_timestamp, time_add_interval, timestamp_add_interval, timestamp_cmp_timestamptz,
    timestamptz_add_interval, timetz_cmp,
};
use pglitedb_types::{Datum, Interval, TimeTz};
use std::cmp::Ordering;

/// The comparisons of two types: `date_eq_timestamp` and its like, whose names end in the second type.
macro_rules! cross {
    ($reg:ident; $($left:literal, $right:literal => $([$ctx:ident])? |$a:ident: $ta:ty, $b:ident: $tb:ty| $order:expr;)*) => {$(
        scalars!($reg;
            concat!($left, "_eq_", $right) => $([$ctx])? |$a: $ta, $b: $tb| $order.is_eq();
            concat!($left, "_ne_", $right) => $([$ctx])? |$a: $ta, $b: $tb| $order.is_ne();
            concat!($left, "_lt_", $right) => $([$ctx])? |$a: $ta, $b: $tb| $order.is_lt();
            concat!($left, "_le_", $right) => $([$ctx])? |$a: $ta, $b: $tb| $order.is_le();
            concat!($left, "_gt_", $right) => $([$ctx])? |$a: $ta, $b: $tb| $order.is_gt();
            concat!($left, "_ge_", $right) => $([$ctx])? |$a: $ta, $b: $tb| $order.is_ge();
            concat!($left, "_cmp_", $right) => $([$ctx])? |$a: $ta, $b: $tb| order($order);
        );
    )*};
}

/// Minimum, maximum and the three-way comparison of a type.
macro_rules! extremes {
    ($reg:ident; $($prefix:literal => |$a:ident: $t:ty, $b:ident| $order:expr;)*) => {$(
        scalars!($reg;
            concat!($prefix, "_cmp") => |$a: $t, $b: $t| order($order);
            concat!($prefix, "_larger") => |left: &Datum, right: &Datum| {
                let $a = <$t as crate::convert::Arg>::get(left)?;
                let $b = <$t as crate::convert::Arg>::get(right)?;
                if $order.is_gt() { left.clone() } else { right.clone() }
            };
            concat!($prefix, "_smaller") => |left: &Datum, right: &Datum| {
                let $a = <$t as crate::convert::Arg>::get(left)?;
                let $b = <$t as crate::convert::Arg>::get(right)?;
                if $order.is_lt() { left.clone() } else { right.clone() }
            };
        );
    )*};
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg;
        "date_" => |a: Date, b: Date| a.0.cmp(&b.0);
        "time_" => |a: Time, b: Time| a.0.cmp(&b.0);
        "timetz_" => |a: TimeTz, b: TimeTz| timetz_cmp(a, b);
        "timestamp_" => |a: AnyTimestamp, b: AnyTimestamp| a.0.cmp(&b.0);
        "interval_" => |a: Interval, b: Interval| interval_cmp(a, b);
    );
    extremes!(reg;
        "time" => |a: Time, b| a.0.cmp(&b.0);
        "timetz" => |a: TimeTz, b| timetz_cmp(a, b);
        "timestamp" => |a: AnyTimestamp, b| a.0.cmp(&b.0);
        "interval" => |a: Interval, b| interval_cmp(a, b);
        "date" => |a: Date, b| a.0.cmp(&b.0);
    );
    cross!(reg;
        "date", "timestamp" => |a: Date, b: Timestamp| date_cmp_timestamp(a.0, b.0);
        "timestamp", "date" => |a: Timestamp, b: Date| date_cmp_timestamp(b.0, a.0).reverse();
        "date", "timestamptz" => [ctx] |a: Date, b: TimestampTz| date_cmp_timestamptz(a.0, b.0, zone(ctx));
        "timestamptz", "date" => [ctx] |a: TimestampTz, b: Date| {
            date_cmp_timestamptz(b.0, a.0, zone(ctx)).reverse()
        };
        "timestamp", "timestamptz" => [ctx] |a: Timestamp, b: TimestampTz| {
            timestamp_cmp_timestamptz(a.0, b.0, zone(ctx))
        };
        "timestamptz", "timestamp" => [ctx] |a: TimestampTz, b: Timestamp| {
            timestamp_cmp_timestamptz(b.0, a.0, zone(ctx)).reverse()
        };
    );
    scalars!(reg;
        "date_finite" => |a: Date| is_finite_date(a.0);
        "timestamp_finite" => |a: AnyTimestamp| is_finite_timestamp(a.0);
        "interval_finite" => |a: Interval| is_finite_interval(a);
        "overlaps_timestamp" => |a: &Datum, b: &Datum, c: &Datum, d: &Datum| overlaps([a, b, c, d]);
        "overlaps_time" => |a: &Datum, b: &Datum, c: &Datum, d: &Datum| overlaps([a, b, c, d]);
        "overlaps_timetz" => |a: &Datum, b: &Datum, c: &Datum, d: &Datum| overlaps([a, b, c, d]);
    );
    overlaps_with_lengths(reg);
}

/// The variants that take the length of a period instead of its end.
fn overlaps_with_lengths(reg: &mut Registry) {
    macro_rules! variants {
        ($($both:literal, $second:literal, $first:literal;)*) => {
            scalars!(reg; $(
                $both => [ctx] |a: &Datum, b: &Datum, c: &Datum, d: &Datum| {
                    overlaps([a, &end_of(ctx, a, b)?, c, &end_of(ctx, c, d)?])
                };
                $second => [ctx] |a: &Datum, b: &Datum, c: &Datum, d: &Datum| {
                    overlaps([a, b, c, &end_of(ctx, c, d)?])
                };
                $first => [ctx] |a: &Datum, b: &Datum, c: &Datum, d: &Datum| {
                    overlaps([a, &end_of(ctx, a, b)?, c, d])
                };
            )*);
        };
    }
    variants! {
        "sql:1305", "sql:1306", "sql:1307";
        "sql:1309", "sql:1310", "sql:1311";
        "sql:2042", "sql:2043", "sql:2044";
    }
}

/// Start and length to end.
fn end_of(ctx: &FnCtx<'_>, start: &Datum, length: &Datum) -> Result<Datum> {
    let Datum::Interval(length) = length else { return Ok(Datum::Null) };
    Ok(match start {
        Datum::Null => Datum::Null,
        Datum::Time(start) => Datum::Time(time_add_interval(*start, *length)?),
        Datum::Timestamp(start) => Datum::Timestamp(timestamp_add_interval(*start, *length)?),
        Datum::TimestampTz(start) => {
            Datum::TimestampTz(timestamptz_add_interval(*start, *length, zone(ctx))?)
        }
        other => return Err(mismatch(other, "a time or timestamp")),
    })
}

/// Compares two values of the same type, one of those that `OVERLAPS` takes.
fn compare(left: &Datum, right: &Datum) -> Result<Ordering> {
    match (left, right) {
        (Datum::Time(a), Datum::Time(b))
        | (Datum::Timestamp(a), Datum::Timestamp(b))
        | (Datum::TimestampTz(a), Datum::TimestampTz(b)) => Ok(a.cmp(b)),
        (Datum::TimeTz(a), Datum::TimeTz(b)) => Ok(timetz_cmp(*a, *b)),
        (other, _) => Err(mismatch(other, "a time or timestamp")),
    }
}

/// A period in order: its start (not NULL) and its end; `None` if both are NULL.
fn period<'a>(start: &'a Datum, end: &'a Datum) -> Result<Option<(&'a Datum, &'a Datum)>> {
    Ok(match (start.is_null(), end.is_null()) {
        (true, true) => None,
        (true, false) => Some((end, start)),
        (false, true) => Some((start, end)),
        (false, false) if compare(start, end)?.is_gt() => Some((end, start)),
        (false, false) => Some((start, end)),
    })
}

/// `(start1, end1) OVERLAPS (start2, end2)`; a period includes its start, not its end.
fn overlaps([start1, end1, start2, end2]: [&Datum; 4]) -> Result<Option<bool>> {
    let (Some((start1, end1)), Some((start2, end2))) = (period(start1, end1)?, period(start2, end2)?) else {
        return Ok(None);
    };
    // `first` ends after the start of `second`, which begins later.
    let reaches = |first_end: &Datum, second_start: &Datum, second_end: &Datum| -> Result<Option<bool>> {
        if first_end.is_null() {
            return Ok(None);
        }
        if compare(second_start, first_end)?.is_lt() {
            return Ok(Some(true));
        }
        Ok(if second_end.is_null() { None } else { Some(false) })
    };
    match compare(start1, start2)? {
        Ordering::Greater => reaches(end2, start1, end1),
        Ordering::Less => reaches(end1, start2, end2),
        Ordering::Equal => Ok(if end1.is_null() || end2.is_null() { None } else { Some(true) }),
    }
}
