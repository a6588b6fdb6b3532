//! Rust types of the arguments and results.

use crate::convert::{Arg, Ret, mismatch};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, TimeTz};

/// `date`
#[derive(Clone, Copy)]
pub struct Date(pub i32);
/// `time`
#[derive(Clone, Copy)]
pub struct Time(pub i64);
/// `timestamp`
#[derive(Clone, Copy)]
pub struct Timestamp(pub i64);
/// `timestamptz`
#[derive(Clone, Copy)]
pub struct TimestampTz(pub i64);
/// An argument of a function that both timestamp types share.
#[derive(Clone, Copy)]
pub struct AnyTimestamp(pub i64);

macro_rules! wrapped {
    ($($wrapper:ident => $variant:ident),*) => {$(
        impl<'a> Arg<'a> for $wrapper {
            #[inline(always)]
            fn get(datum: &'a Datum) -> Result<Self> {
                match datum {
                    Datum::$variant(value) => Ok($wrapper(*value)),
                    other => Err(mismatch(other, stringify!($variant))),
                }
            }
        }
        impl Ret for $wrapper {
            #[inline(always)]
            fn ret(self) -> Result<Datum> {
                Ok(Datum::$variant(self.0))
            }
        }
    )*};
}

wrapped! { Date => Date, Time => Time, Timestamp => Timestamp, TimestampTz => TimestampTz }

impl<'a> Arg<'a> for AnyTimestamp {
    #[inline(always)]
    fn get(datum: &'a Datum) -> Result<Self> {
        match datum {
            Datum::Timestamp(value) | Datum::TimestampTz(value) => Ok(AnyTimestamp(*value)),
            other => Err(mismatch(other, "a timestamp")),
        }
    }
}

impl<'a> Arg<'a> for TimeTz {
    #[inline(always)]
    fn get(datum: &'a Datum) -> Result<Self> {
        match datum {
            Datum::TimeTz(value) => Ok(*value),
            other => Err(mismatch(other, "TimeTz")),
        }
    }
}

impl Ret for TimeTz {
    #[inline(always)]
    fn ret(self) -> Result<Datum> {
        Ok(Datum::TimeTz(self))
    }
}
