//! `int2`, `int4`, `int8`: arithmetic, comparison, casts.

use crate::Registry;
use crate::convert::order;
use pglitedb_sqlstate::{Error, Result, err};

/// `22003` for `smallint`.
#[cold]
pub fn int2_range() -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "smallint out of range")
}

/// `22003` for `integer`.
#[cold]
pub fn int4_range() -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range")
}

/// `22003` for `bigint`.
#[cold]
pub fn int8_range() -> Error {
    err!(NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range")
}

/// `22012`.
#[cold]
pub fn division_by_zero() -> Error {
    err!(DIVISION_BY_ZERO, "division by zero")
}

/// The four operations of two integer types computed in a third.
macro_rules! arithmetic {
    ($reg:ident; $($prefix:literal: $a:ty, $b:ty => $r:ty, $range:ident;)*) => {$(
        scalars!($reg;
            concat!($prefix, "pl") => |a: $a, b: $b| <$r>::from(a).checked_add(<$r>::from(b)).ok_or_else($range);
            concat!($prefix, "mi") => |a: $a, b: $b| <$r>::from(a).checked_sub(<$r>::from(b)).ok_or_else($range);
            concat!($prefix, "mul") => |a: $a, b: $b| <$r>::from(a).checked_mul(<$r>::from(b)).ok_or_else($range);
            concat!($prefix, "div") => |a: $a, b: $b| {
                if b == 0 {
                    return Err(division_by_zero());
                }
                <$r>::from(a).checked_div(<$r>::from(b)).ok_or_else($range)
            };
        );
    )*};
}

/// What every integer type has for itself.
macro_rules! own {
    ($reg:ident; $($prefix:literal: $t:ty, $shift:ty, $range:ident;)*) => {$(
        scalars!($reg;
            concat!($prefix, "um") => |a: $t| a.checked_neg().ok_or_else($range);
            concat!($prefix, "up") => |a: $t| a;
            concat!($prefix, "abs") => |a: $t| a.checked_abs().ok_or_else($range);
            concat!($prefix, "mod") => |a: $t, b: $t| {
                if b == 0 {
                    return Err(division_by_zero());
                }
                a.wrapping_rem(b)
            };
            concat!($prefix, "and") => |a: $t, b: $t| a & b;
            concat!($prefix, "or") => |a: $t, b: $t| a | b;
            concat!($prefix, "xor") => |a: $t, b: $t| a ^ b;
            concat!($prefix, "not") => |a: $t| !a;
            concat!($prefix, "shl") => |a: $t, b: i32| <$shift>::from(a).wrapping_shl(b as u32) as $t;
            concat!($prefix, "shr") => |a: $t, b: i32| <$shift>::from(a).wrapping_shr(b as u32) as $t;
            concat!($prefix, "larger") => |a: $t, b: $t| a.max(b);
            concat!($prefix, "smaller") => |a: $t, b: $t| a.min(b);
        );
    )*};
}

macro_rules! cross_compare {
    ($reg:ident; $($prefix:literal, $cmp:literal: $a:ty, $b:ty;)*) => {$(
        comparisons!($reg; $prefix => |a: $a, b: $b| i64::from(a).cmp(&i64::from(b)););
        scalars!($reg; $cmp => |a: $a, b: $b| order(i64::from(a).cmp(&i64::from(b))););
    )*};
}

pub(crate) fn register(reg: &mut Registry) {
    arithmetic!(reg;
        "int4": i32, i32 => i32, int4_range;
        "int8": i64, i64 => i64, int8_range;
        "int2": i16, i16 => i16, int2_range;
        "int24": i16, i32 => i32, int4_range;
        "int42": i32, i16 => i32, int4_range;
        "int28": i16, i64 => i64, int8_range;
        "int82": i64, i16 => i64, int8_range;
        "int48": i32, i64 => i64, int8_range;
        "int84": i64, i32 => i64, int8_range;
    );
    own!(reg;
        "int2": i16, i32, int2_range;
        "int4": i32, i32, int4_range;
        "int8": i64, i64, int8_range;
    );
    cross_compare!(reg;
        "int4", "btint4cmp": i32, i32;
        "int8", "btint8cmp": i64, i64;
        "int24", "btint24cmp": i16, i32;
        "int42", "btint42cmp": i32, i16;
        "int28", "btint28cmp": i16, i64;
        "int82", "btint82cmp": i64, i16;
        "int48", "btint48cmp": i32, i64;
        "int84", "btint84cmp": i64, i32;
    );
    comparisons!(reg; "int2" => |a: i16, b: i16| a.cmp(&b););
    scalars!(reg; "btint2cmp" => |a: i16, b: i16| i32::from(a) - i32::from(b););
    conversions(reg);
    number_theory(reg);
    in_range(reg);
}

fn conversions(reg: &mut Registry) {
    scalars!(reg;
        "i2toi4" => |a: i16| i32::from(a);
        "i4toi2" => |a: i32| i16::try_from(a).map_err(|_| int2_range());
        "int48" => |a: i32| i64::from(a);
        "int84" => |a: i64| i32::try_from(a).map_err(|_| int4_range());
        "int28" => |a: i16| i64::from(a);
        "int82" => |a: i64| i16::try_from(a).map_err(|_| int2_range());
        "i8tooid" => |a: i64| u32::try_from(a).map_err(|_| err!(NUMERIC_VALUE_OUT_OF_RANGE, "OID out of range"));
        "oidtoi8" => |a: u32| i64::from(a);
        "int4_bool" => |a: i32| a != 0;
        "bool_int4" => |a: bool| i32::from(a);
        "int4inc" => |a: i32| a.checked_add(1).ok_or_else(int4_range);
        "int8inc" => |a: i64| a.checked_add(1).ok_or_else(int8_range);
        "int8dec" => |a: i64| a.checked_sub(1).ok_or_else(int8_range);
        "int8inc_any" => |a: i64, _b: &Datum| a.checked_add(1).ok_or_else(int8_range);
        "int8dec_any" => |a: i64, _b: &Datum| a.checked_sub(1).ok_or_else(int8_range);
        "int8inc_float8_float8" => |a: i64, _b: &Datum, _c: &Datum| a.checked_add(1).ok_or_else(int8_range);
        "to_hex32" => |a: i32| format!("{a:x}");
        "to_hex64" => |a: i64| format!("{a:x}");
        "to_oct32" => |a: i32| format!("{a:o}");
        "to_oct64" => |a: i64| format!("{a:o}");
        "to_bin32" => |a: i32| format!("{a:b}");
        "to_bin64" => |a: i64| format!("{a:b}");
        "int2_bytea" => |a: i16| a.to_be_bytes().to_vec();
        "int4_bytea" => |a: i32| a.to_be_bytes().to_vec();
        "int8_bytea" => |a: i64| a.to_be_bytes().to_vec();
        "bytea_int2" => |a: &[u8]| bytea_to_int(a, 2, int2_range).map(|v| v as i16);
        "bytea_int4" => |a: &[u8]| bytea_to_int(a, 4, int4_range).map(|v| v as i32);
        "bytea_int8" => |a: &[u8]| bytea_to_int(a, 8, int8_range);
    );
}

/// Big-endian two's complement; shorter input is not sign-extended.
fn bytea_to_int(bytes: &[u8], width: usize, range: fn() -> Error) -> Result<i64> {
    if bytes.len() > width {
        return Err(range());
    }
    Ok(bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)) as i64)
}

use pglitedb_types::Datum;

fn gcd(a: i64, b: i64) -> u64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn lcm(a: i64, b: i64) -> Option<i64> {
    if a == 0 || b == 0 {
        return Some(0);
    }
    let product = (a.unsigned_abs() / gcd(a, b)).checked_mul(b.unsigned_abs())?;
    i64::try_from(product).ok()
}

fn number_theory(reg: &mut Registry) {
    scalars!(reg;
        "int4gcd" => |a: i32, b: i32| i32::try_from(gcd(a.into(), b.into())).map_err(|_| int4_range());
        "int8gcd" => |a: i64, b: i64| i64::try_from(gcd(a, b)).map_err(|_| int8_range());
        "int4lcm" => |a: i32, b: i32| {
            lcm(a.into(), b.into()).and_then(|v| i32::try_from(v).ok()).ok_or_else(int4_range)
        };
        "int8lcm" => |a: i64, b: i64| lcm(a, b).ok_or_else(int8_range);
    );
}

/// `22013`: a negative offset of RANGE mode.
pub fn invalid_preceding_or_following() -> Error {
    err!(INVALID_PRECEDING_OR_FOLLOWING_SIZE, "invalid preceding or following size in window function")
}

/// `val <= base ± offset` (or `>=`), for windows in RANGE mode.
fn within(value: i64, base: i64, offset: i64, sub: bool, less: bool) -> Result<bool> {
    if offset < 0 {
        return Err(invalid_preceding_or_following());
    }
    let bound = i128::from(base) + if sub { -i128::from(offset) } else { i128::from(offset) };
    Ok(if less { i128::from(value) <= bound } else { i128::from(value) >= bound })
}

fn in_range(reg: &mut Registry) {
    scalars!(reg;
        "in_range_int2_int2" => |v: i16, b: i16, o: i16, s: bool, l: bool| within(v.into(), b.into(), o.into(), s, l);
        "in_range_int2_int4" => |v: i16, b: i16, o: i32, s: bool, l: bool| within(v.into(), b.into(), o.into(), s, l);
        "in_range_int2_int8" => |v: i16, b: i16, o: i64, s: bool, l: bool| within(v.into(), b.into(), o, s, l);
        "in_range_int4_int2" => |v: i32, b: i32, o: i16, s: bool, l: bool| within(v.into(), b.into(), o.into(), s, l);
        "in_range_int4_int4" => |v: i32, b: i32, o: i32, s: bool, l: bool| within(v.into(), b.into(), o.into(), s, l);
        "in_range_int4_int8" => |v: i32, b: i32, o: i64, s: bool, l: bool| within(v.into(), b.into(), o, s, l);
        "in_range_int8_int8" => |v: i64, b: i64, o: i64, s: bool, l: bool| within(v, b, o, s, l);
    );
}
