//! `numeric(precision, scale)`.

use super::Numeric;
use pglitedb_sqlstate::{Result, err};

/// The type modifier of `numeric(precision, scale)`.
pub fn make_typmod(precision: i32, scale: i32) -> i32 {
    ((precision << 16) | (scale & 0x7ff)) + 4
}

/// Precision and scale of a type modifier; `None` without one.
pub fn split_typmod(typmod: i32) -> Option<(i32, i32)> {
    let bits = typmod.checked_sub(4).filter(|&bits| bits >= 0)?;
    // The scale is an 11-bit signed number.
    Some(((bits >> 16) & 0xffff, ((bits & 0x7ff) ^ 1024) - 1024))
}

/// Rounds to the scale of the type modifier; `22003 numeric field overflow` if too many digits are left.
pub(super) fn apply_typmod(value: Numeric, typmod: i32) -> Result<Numeric> {
    let Some((precision, scale)) = split_typmod(typmod) else { return Ok(value) };
    if value.is_nan() {
        return Ok(value);
    }
    if value.is_infinite() {
        return Err(err!(NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow").detail(format!(
            "A field with precision {precision}, scale {scale} cannot hold an infinite value."
        )));
    }
    let rounded = value.round(scale)?;
    let integer_digits = precision - scale;
    let too_large = match rounded.as_small() {
        Some((mantissa, at_scale)) => {
            // |value| >= 10^integer_digits
            let digits = mantissa.unsigned_abs().checked_ilog10().map_or(0, |log| log as i32 + 1);
            mantissa != 0 && digits - at_scale as i32 > integer_digits
        }
        None => {
            let (weight, first) = rounded.head();
            first != 0 && weight * 4 + first.ilog10() as i32 + 1 > integer_digits
        }
    };
    if too_large {
        let limit = match integer_digits {
            0 => "1".to_owned(),
            digits => format!("10^{digits}"),
        };
        return Err(err!(NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow").detail(format!(
            "A field with precision {precision}, scale {scale} must round to an absolute value less than {limit}."
        )));
    }
    Ok(rounded)
}

impl Numeric {
    /// Rounds to a type modifier's scale and checks its precision.
    pub fn apply_typmod(&self, typmod: i32) -> Result<Numeric> {
        apply_typmod(self.clone(), typmod)
    }
}
