//! Identifiers: `tid`, `xid`, `xid8`, `cid`, `pg_lsn`.

use crate::Registry;
use crate::convert::{mismatch, order};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{Datum, Numeric};

fn tid(datum: &Datum) -> Result<(u32, u16)> {
    match datum {
        Datum::Tid(block, offset) => Ok((*block, *offset)),
        other => Err(mismatch(other, "Tid")),
    }
}

fn lsn_plus(lsn: u64, bytes: &Numeric, minus: bool) -> Result<u64> {
    if bytes.is_nan() {
        bail!(FEATURE_NOT_SUPPORTED, "cannot {} NaN {} pg_lsn", verb(minus).0, verb(minus).1);
    }
    let bytes = if minus { bytes.neg() } else { bytes.clone() };
    numeric_to_lsn(&Numeric::from_scaled(lsn.into(), 0).add(&bytes)?)
}

fn verb(minus: bool) -> (&'static str, &'static str) {
    if minus { ("subtract", "from") } else { ("add", "to") }
}

fn numeric_to_lsn(value: &Numeric) -> Result<u64> {
    if value.is_nan() {
        bail!(FEATURE_NOT_SUPPORTED, "cannot convert NaN to pg_lsn");
    }
    if value.is_infinite() {
        bail!(FEATURE_NOT_SUPPORTED, "cannot convert infinity to pg_lsn");
    }
    match value.to_i128_rounded().and_then(|v| u64::try_from(v).ok()) {
        Some(lsn) => Ok(lsn),
        None => bail!(INVALID_PARAMETER_VALUE, "pg_lsn out of range"),
    }
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg;
        "tid" => |a: &Datum, b: &Datum| tid(a)?.cmp(&tid(b)?);
        "pg_lsn_" => |a: u64, b: u64| a.cmp(&b);
        "xid8" => |a: u64, b: u64| a.cmp(&b);
    );
    scalars!(reg;
        "bttidcmp" => |a: &Datum, b: &Datum| order(tid(a)?.cmp(&tid(b)?));
        "tidlarger" => |a: &Datum, b: &Datum| if tid(a)? >= tid(b)? { a.clone() } else { b.clone() };
        "tidsmaller" => |a: &Datum, b: &Datum| if tid(a)? <= tid(b)? { a.clone() } else { b.clone() };
        "xideq" => |a: u32, b: &Datum| b.as_i64().is_some_and(|b| a == b as u32);
        "xidneq" => |a: u32, b: &Datum| b.as_i64().is_none_or(|b| a != b as u32);
        "cideq" => |a: u32, b: u32| a == b;
        "xid8cmp" => |a: u64, b: u64| order(a.cmp(&b));
        "xid8_larger" => |a: u64, b: u64| a.max(b);
        "xid8_smaller" => |a: u64, b: u64| a.min(b);
        "xid8toxid" => |a: u64| a as u32;
        "pg_lsn_cmp" => |a: u64, b: u64| order(a.cmp(&b));
        "pg_lsn_larger" => |a: u64, b: u64| a.max(b);
        "pg_lsn_smaller" => |a: u64, b: u64| a.min(b);
        "pg_lsn_mi" => |a: u64, b: u64| Numeric::from_scaled(i128::from(a) - i128::from(b), 0);
        "pg_lsn_pli" => |a: u64, b: &Numeric| lsn_plus(a, b, false);
        "pg_lsn_mii" => |a: u64, b: &Numeric| lsn_plus(a, b, true);
        "sql:5023" => |a: &Numeric, b: u64| lsn_plus(b, a, false);
        "numeric_pg_lsn" => |a: &Numeric| numeric_to_lsn(a);
    );
}
