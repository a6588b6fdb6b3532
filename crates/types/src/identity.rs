//! Structural identity of values, for comparing expressions.

use crate::datum::Datum;

/// Are two values the same in every detail (also display scale, NaN equals NaN)? This is not SQL equality: it decides
/// whether two constants of a query are the same constant.
pub fn identical(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Null, Datum::Null) | (Datum::Void, Datum::Void) => true,
        (Datum::Bool(a), Datum::Bool(b)) => a == b,
        (Datum::Int2(a), Datum::Int2(b)) => a == b,
        (Datum::Int4(a), Datum::Int4(b)) => a == b,
        (Datum::Int8(a), Datum::Int8(b)) => a == b,
        (Datum::Text(a), Datum::Text(b)) => a == b,
        (Datum::Oid(a), Datum::Oid(b)) => a == b,
        // The derived Debug form shows every bit of the remaining variants but the sign of a NaN.
        _ => std::mem::discriminant(a) == std::mem::discriminant(b) && format!("{a:?}") == format!("{b:?}"),
    }
}
