//! What the views of `information_schema` say of types: lengths, precisions, and the fields of intervals.

use crate::Registry;
use crate::call::FnCtx;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};

/// The length of texts without a limit, in bytes.
const UNLIMITED: i32 = 1 << 30;
/// The most bytes that a character takes.
const CHARACTER: i32 = 4;
/// The precision of times when none is given.
const FRACTION: i32 = 6;

fn char_max_length(type_oid: Oid, typmod: i32) -> Option<i32> {
    match type_oid {
        _ if typmod == -1 => None,
        oids::BPCHAR | oids::VARCHAR => Some(typmod - 4),
        oids::BIT | oids::VARBIT => Some(typmod),
        _ => None,
    }
}

fn char_octet_length(type_oid: Oid, typmod: i32) -> Option<i32> {
    match type_oid {
        oids::TEXT | oids::BPCHAR | oids::VARCHAR if typmod == -1 => Some(UNLIMITED),
        oids::BPCHAR | oids::VARCHAR => Some(typmod.saturating_sub(4).saturating_mul(CHARACTER)),
        _ => None,
    }
}

fn numeric_precision(type_oid: Oid, typmod: i32) -> Option<i32> {
    match type_oid {
        oids::INT2 => Some(16),
        oids::INT4 => Some(32),
        oids::INT8 => Some(64),
        oids::FLOAT4 => Some(24),
        oids::FLOAT8 => Some(53),
        oids::NUMERIC if typmod != -1 => Some(typmod.wrapping_sub(4) >> 16 & 0xffff),
        _ => None,
    }
}

fn numeric_precision_radix(type_oid: Oid) -> Option<i32> {
    match type_oid {
        oids::INT2 | oids::INT4 | oids::INT8 | oids::FLOAT4 | oids::FLOAT8 => Some(2),
        oids::NUMERIC => Some(10),
        _ => None,
    }
}

fn numeric_scale(type_oid: Oid, typmod: i32) -> Option<i32> {
    match type_oid {
        oids::INT2 | oids::INT4 | oids::INT8 => Some(0),
        oids::NUMERIC if typmod != -1 => Some(typmod.wrapping_sub(4) & 0xffff),
        _ => None,
    }
}

fn datetime_precision(type_oid: Oid, typmod: i32) -> Option<i32> {
    match type_oid {
        oids::DATE => Some(0),
        oids::TIME | oids::TIMESTAMP | oids::TIMESTAMPTZ | oids::TIMETZ => {
            Some(if typmod < 0 { FRACTION } else { typmod })
        }
        oids::INTERVAL => {
            Some(if typmod < 0 || typmod & 0xffff == 0xffff { FRACTION } else { typmod & 0xffff })
        }
        _ => None,
    }
}

/// The fields of an interval as written after its name.
fn interval_type(ctx: &FnCtx<'_>, type_oid: Oid, typmod: i32) -> Result<Option<String>> {
    if type_oid != oids::INTERVAL {
        return Ok(None);
    }
    let shown = pglitedb_types::format_type(type_oid, typmod, ctx.env.as_type_env())?;
    let fields = shown.trim_start_matches("interval");
    let fields = fields.trim_start_matches(|c: char| matches!(c, '(' | ')') || c.is_ascii_digit());
    Ok(fields.strip_prefix(' ').map(str::to_uppercase))
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "sql:12426" => |type_oid: u32, typmod: i32| char_max_length(type_oid, typmod);
        "sql:12427" => |type_oid: u32, typmod: i32| char_octet_length(type_oid, typmod);
        "sql:12429" => |type_oid: u32, typmod: i32| numeric_precision(type_oid, typmod);
        "sql:12430" => |type_oid: u32, _typmod: i32| numeric_precision_radix(type_oid);
        "sql:12431" => |type_oid: u32, typmod: i32| numeric_scale(type_oid, typmod);
        "sql:12432" => |type_oid: u32, typmod: i32| datetime_precision(type_oid, typmod);
        "sql:12433" => [ctx] |type_oid: u32, typmod: i32| interval_type(ctx, type_oid, typmod);
    );
}
