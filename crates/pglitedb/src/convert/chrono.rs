//! The crate chrono: dates and times.

use super::to_sql;
use crate::error::{Error, Result, mismatch};
use crate::{FromSql, Type, ValueRef};
use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use pglitedb_sqlstate::codes;
use pglitedb_types::Datum;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// 2000-01-01, from which PostgreSQL counts.
fn epoch() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN)
}

fn micros_since_epoch(time: &NaiveDateTime) -> i64 {
    // chrono's years fit.
    (*time - epoch()).num_microseconds().unwrap_or(i64::MAX - 1)
}

fn days_since_epoch(date: &NaiveDate) -> i32 {
    i32::try_from((*date - epoch().date()).num_days()).unwrap_or(i32::MAX - 1)
}

fn micros_of_day(time: &NaiveTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1000).min(999_999)
}

#[cold]
fn out_of_range(ty: &Type) -> Error {
    let name = ty.name();
    Error::of(codes::DATETIME_FIELD_OVERFLOW, format!("{name} out of range of chrono's types"))
}

fn date_time(micros: i64, ty: &Type) -> Result<NaiveDateTime> {
    if micros == i64::MIN || micros == i64::MAX {
        return Err(out_of_range(ty));
    }
    epoch().checked_add_signed(TimeDelta::microseconds(micros)).ok_or_else(|| out_of_range(ty))
}

to_sql!(NaiveDate, |this| { DATE => Datum::Date(days_since_epoch(this)) });
to_sql!(NaiveTime, |this| { TIME => Datum::Time(micros_of_day(this)) });
to_sql!(NaiveDateTime, |this| { TIMESTAMP => Datum::Timestamp(micros_since_epoch(this)) });
to_sql!(DateTime<Utc>, |this| { TIMESTAMPTZ => Datum::TimestampTz(micros_since_epoch(&this.naive_utc())) });
to_sql!(DateTime<FixedOffset>, |this| {
    TIMESTAMPTZ => Datum::TimestampTz(micros_since_epoch(&this.naive_utc()))
});

impl<'a> FromSql<'a> for NaiveDate {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.0 {
            Datum::Date(i32::MIN | i32::MAX) => Err(out_of_range(ty)),
            Datum::Date(days) => {
                let size = Days::new(u64::from(days.unsigned_abs()));
                let start = epoch().date();
                let date =
                    if *days < 0 { start.checked_sub_days(size) } else { start.checked_add_days(size) };
                date.ok_or_else(|| out_of_range(ty))
            }
            _ => Err(mismatch("NaiveDate", ty.name())),
        }
    }
}

impl<'a> FromSql<'a> for NaiveTime {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.0 {
            // chrono has no 24:00.
            Datum::Time(MICROS_PER_DAY) => Err(out_of_range(ty)),
            Datum::Time(micros) => {
                let seconds = u32::try_from(micros / 1_000_000).map_err(|_| out_of_range(ty))?;
                let rest = u32::try_from(micros % 1_000_000 * 1000).map_err(|_| out_of_range(ty))?;
                NaiveTime::from_num_seconds_from_midnight_opt(seconds, rest).ok_or_else(|| out_of_range(ty))
            }
            _ => Err(mismatch("NaiveTime", ty.name())),
        }
    }
}

impl<'a> FromSql<'a> for NaiveDateTime {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.0 {
            Datum::Timestamp(micros) => date_time(*micros, ty),
            _ => Err(mismatch("NaiveDateTime", ty.name())),
        }
    }
}

impl<'a> FromSql<'a> for DateTime<Utc> {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.0 {
            Datum::TimestampTz(micros) => Ok(date_time(*micros, ty)?.and_utc()),
            _ => Err(mismatch("DateTime<Utc>", ty.name())),
        }
    }
}

impl<'a> FromSql<'a> for DateTime<FixedOffset> {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        DateTime::<Utc>::from_sql(ty, value).map(Into::into)
    }
}
