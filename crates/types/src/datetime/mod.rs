//! Dates, times, timestamps and intervals: text and binary forms, comparison, arithmetic, extraction, time zones.
//!
//! The physical values are those of [`Datum`](crate::Datum): days or microseconds since 2000-01-01. For each type there
//! are `X_in`, `X_out`, `X_recv`, `X_send` and what its operators need; `X_in` takes the type modifier that
//! [`typmod`] describes. Text is written into a byte buffer without allocation.

pub mod calendar;
mod date;
mod errors;
mod interval;
mod output;
mod parse;
mod time;
mod timestamp;
mod timetz;
pub mod typmod;
pub mod zone;

pub use calendar::Tm;
pub use date::*;
pub use interval::*;
pub use time::*;
pub use timestamp::*;
pub use timetz::*;
pub use zone::TimeZone;
