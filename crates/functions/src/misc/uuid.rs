//! `uuid`.

use crate::Registry;
use crate::call::{FnCtx, SessionEnv};
use crate::convert::byte_order;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::datetime::{INTERVAL_INFINITY, INTERVAL_MINUS_INFINITY, timestamptz_add_interval};
use pglitedb_types::{Datum, Interval};
use std::cell::Cell;

/// Microseconds between 1970-01-01 and 2000-01-01.
const EPOCH_DIFFERENCE: i64 = 946_684_800_000_000;
/// 100-nanosecond steps between 1582-10-15 and 1970-01-01.
const GREGORIAN_DIFFERENCE: i64 = 0x01B2_1DD2_1381_4000;

fn random(env: &dyn SessionEnv) -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    env.strong_random(&mut bytes)?;
    mark(&mut bytes, 4);
    Ok(bytes)
}

fn mark(bytes: &mut [u8; 16], version: u8) {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
}

thread_local! {
    static LAST_NANOS: Cell<i64> = const { Cell::new(0) };
}

/// A version 7 UUID: milliseconds, then 12 bits of a millisecond's fraction, then random bits. Within a thread each is
/// greater than the one before.
fn version7(env: &dyn SessionEnv, shift: impl FnOnce(i64) -> Result<i64>) -> Result<[u8; 16]> {
    // The smallest step that the 12 bits of fraction can show.
    const STEP: i64 = 1_000_000 / 4096 + 1;
    let now = env.clock_timestamp().saturating_add(EPOCH_DIFFERENCE).saturating_mul(1000);
    let nanos = LAST_NANOS.with(|last| {
        let nanos = now.max(last.get().saturating_add(STEP));
        last.set(nanos);
        nanos
    });
    let micros = shift(nanos.div_euclid(1000) - EPOCH_DIFFERENCE)?;
    let nanos =
        (i128::from(micros) + i128::from(EPOCH_DIFFERENCE)) * 1000 + i128::from(nanos.rem_euclid(1000));
    let (millis, rest) = (nanos.div_euclid(1_000_000) as u64, nanos.rem_euclid(1_000_000));
    let mut bytes = [0; 16];
    env.strong_random(&mut bytes)?;
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    let fraction = (rest * 4096 / 1_000_000) as u16;
    bytes[6..8].copy_from_slice(&fraction.to_be_bytes());
    mark(&mut bytes, 7);
    Ok(bytes)
}

fn is_rfc_variant(uuid: &[u8; 16]) -> bool {
    uuid[8] & 0xc0 == 0x80
}

fn version(uuid: &[u8; 16]) -> Option<i16> {
    is_rfc_variant(uuid).then_some(i16::from(uuid[6] >> 4))
}

fn timestamp(uuid: &[u8; 16]) -> Option<Datum> {
    let micros = match version(uuid)? {
        1 => {
            let part =
                |range: std::ops::Range<usize>| uuid[range].iter().fold(0_i64, |v, b| v << 8 | i64::from(*b));
            let ticks = (part(6..8) & 0x0fff) << 48 | part(4..6) << 32 | part(0..4);
            (ticks - GREGORIAN_DIFFERENCE) / 10
        }
        7 => uuid[..6].iter().fold(0_i64, |v, b| v << 8 | i64::from(*b)).saturating_mul(1000),
        _ => return None,
    };
    Some(Datum::TimestampTz(micros.saturating_sub(EPOCH_DIFFERENCE)))
}

/// Moves a `timestamptz` by an interval, to a time that a UUID of version 7 can hold: 48 bits of milliseconds since 1970.
fn moved(ctx: &FnCtx<'_>, now: i64, interval: Interval) -> Result<i64> {
    const LIMIT: i64 = 1 << 48;
    if [INTERVAL_INFINITY, INTERVAL_MINUS_INFINITY].contains(&interval) {
        return Err(err!(DATETIME_VALUE_OUT_OF_RANGE, "interval out of range for UUID version 7")
            .detail("UUID version 7 does not support infinite intervals."));
    }
    let moved = timestamptz_add_interval(now, interval, &ctx.env.format().time_zone)?;
    let millis = (moved + EPOCH_DIFFERENCE).div_euclid(1000);
    if !(0..LIMIT).contains(&millis) {
        return Err(err!(DATETIME_VALUE_OUT_OF_RANGE, "timestamp out of range for UUID version 7")
            .detail("UUID version 7 supports timestamps from 1970-01-01 to approximately year 10889."));
    }
    Ok(moved)
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg; "uuid_" => |a: [u8; 16], b: [u8; 16]| a.cmp(&b););
    scalars!(reg;
        "uuid_cmp" => |a: [u8; 16], b: [u8; 16]| byte_order(&a, &b);
        "gen_random_uuid" => [ctx] | | random(ctx.env);
        "uuidv7" => [ctx] | | version7(ctx.env, Ok);
        "uuidv7_interval" => [ctx] |shift: Interval| version7(ctx.env, |now| moved(ctx, now, shift));
        "uuid_extract_version" => |a: [u8; 16]| version(&a);
        "uuid_extract_timestamp" => |a: [u8; 16]| timestamp(&a);
    );
}
