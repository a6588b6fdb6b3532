//! The crate rust_decimal.

use super::to_sql;
use crate::error::{Error, Result, mismatch};
use crate::{FromSql, Type, ValueRef};
use pglitedb_sqlstate::codes;
use pglitedb_types::{Datum, Numeric};
use rust_decimal::Decimal;

to_sql!(Decimal, |this| { NUMERIC => Datum::Numeric(Numeric::from_scaled(this.mantissa(), this.scale())) });

impl<'a> FromSql<'a> for Decimal {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.0 {
            Datum::Numeric(value) => decimal(value),
            Datum::Int2(value) => Ok(Decimal::from(*value)),
            Datum::Int4(value) => Ok(Decimal::from(*value)),
            Datum::Int8(value) => Ok(Decimal::from(*value)),
            _ => Err(mismatch("Decimal", ty.name())),
        }
    }
}

fn decimal(value: &Numeric) -> Result<Decimal> {
    if let Some((mantissa, scale)) = value.as_small()
        && let Ok(small) = Decimal::try_from_i128_with_scale(i128::from(mantissa), scale)
    {
        return Ok(small);
    }
    let mut text = Vec::new();
    value.write_to(&mut text);
    let text = String::from_utf8_lossy(&text);
    Decimal::from_str_exact(&text).map_err(|_| {
        Error::of(codes::NUMERIC_VALUE_OUT_OF_RANGE, format!("numeric {text} is out of range of Decimal"))
    })
}
