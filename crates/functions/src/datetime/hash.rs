//! Hashing, bit for bit as PostgreSQL's.

use super::args::{Date, Time, Timestamp, TimestampTz};
use crate::Registry;
use crate::misc::hash::{fold, hash_u32, hash_u32_extended};
use pglitedb_types::datetime::interval_length;
use pglitedb_types::{Interval, TimeTz};

macro_rules! hashes {
    ($reg:ident; $($name:literal, $extended:literal => |$a:ident: $ty:ty| $value:expr;)*) => {
        scalars!($reg; $(
            $name => |$a: $ty| hash_u32($value) as i32;
            $extended => |$a: $ty, seed: i64| hash_u32_extended($value, seed as u64) as i64;
        )*);
    };
}

pub(crate) fn register(reg: &mut Registry) {
    hashes!(reg;
        "hashdate", "hashdateextended" => |a: Date| a.0 as u32;
        "time_hash", "time_hash_extended" => |a: Time| fold(a.0);
        "timestamp_hash", "timestamp_hash_extended" => |a: Timestamp| fold(a.0);
        "timestamptz_hash", "timestamptz_hash_extended" => |a: TimestampTz| fold(a.0);
        // Of the length only the lower 64 bits count.
        "interval_hash", "interval_hash_extended" => |a: Interval| fold(interval_length(a) as i64);
    );
    scalars!(reg;
        "timetz_hash" => |a: TimeTz| (hash_u32(fold(a.micros)) ^ hash_u32(a.zone as u32)) as i32;
        "timetz_hash_extended" => |a: TimeTz, seed: i64| {
            let seed = seed as u64;
            (hash_u32_extended(fold(a.micros), seed) ^ hash_u32_extended(a.zone as u32, seed)) as i64
        };
    );
}
