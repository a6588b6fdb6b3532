//! Dates, times, timestamps and intervals: text and binary forms, comparison, arithmetic, extraction, time zones.
//!
//! The physical values are those of [`Datum`](crate::Datum): days or microseconds since 2000-01-01. For each type there
//! are `X_in`, `X_out`, `X_recv`, `X_send` and what its operators need; `X_in` takes the type modifier that
//! [`typmod`] describes. Text is written into a byte buffer without allocation.

mod arith;
mod at_zone;
pub mod calendar;
mod convert;
mod date;
mod errors;
mod extract;
mod interval;
mod make;
mod output;
mod parse;
mod time;
mod timestamp;
mod timetz;
mod trunc;
pub mod typmod;
pub mod zone;

pub use arith::{
    date_add_days, date_bin, date_diff, date_sub_days, date_to_timestamp, time_add_interval, time_diff,
    time_sub_interval, timestamp_add_interval, timestamp_age, timestamp_diff, timestamp_sub_interval,
    timestamptz_add_interval, timestamptz_age, timestamptz_sub_interval, timetz_add_interval,
    timetz_sub_interval,
};
pub use at_zone::*;
pub use calendar::Tm;
pub use convert::*;
pub use date::*;
pub use extract::*;
pub use interval::*;
pub use make::*;
pub use time::*;
pub use timestamp::*;
pub use timetz::*;
pub use trunc::{interval_trunc, timestamp_trunc, timestamptz_trunc};
pub use zone::TimeZone;
