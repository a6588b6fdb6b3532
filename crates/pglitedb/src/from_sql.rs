//! SQL values to Rust values.

use crate::error::{Error, Result, mismatch};
use crate::types::Type;
use crate::value::ValueRef;
use pglitedb_sqlstate::codes;
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// A Rust type that SQL values can be read into.
///
/// | Rust | SQL |
/// |---|---|
/// | `bool` | `boolean` |
/// | `i8` | `"char"` |
/// | `i16` | `smallint` |
/// | `i32` | `smallint`, `integer` |
/// | `i64` | `smallint`, `integer`, `bigint`, `oid` |
/// | `u32` | `oid` and its aliases |
/// | `f32` | `real` |
/// | `f64` | `real`, `double precision` |
/// | `&str`, `Arc<str>` | text types, `json`, enums |
/// | `String`, `Box<str>` | any type: its text form |
/// | `&[u8]`, `Vec<u8>` | `bytea` |
/// | `Option<T>` | as `T`, or NULL |
/// | `Vec<T>` | arrays of one dimension |
///
/// ```
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// let row = connection.query_one("SELECT ARRAY['a', NULL], 12.50, NULL::int", &[])?;
/// assert_eq!(row.get::<_, Vec<Option<String>>>(0), [Some("a".to_owned()), None]);
/// assert_eq!(row.get::<_, String>(1), "12.50");
/// assert_eq!(row.get::<_, Option<i32>>(2), None);
/// # Ok(())
/// # }
/// ```
///
/// An implementation for a type of your own hands over to another one:
///
/// ```
/// use pglitedb::{FromSql, Result, Type, ValueRef};
///
/// struct UserId(i64);
///
/// impl<'a> FromSql<'a> for UserId {
///     fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
///         i64::from_sql(ty, value).map(UserId)
///     }
/// }
/// ```
pub trait FromSql<'a>: Sized {
    /// Reads a value of this type that is not NULL.
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self>;

    /// What NULL becomes: an error (22002), unless the type has room for it.
    fn from_null(ty: &Type) -> Result<Self> {
        let _ = ty;
        Err(Error::of(
            codes::NULL_VALUE_NO_INDICATOR_PARAMETER,
            format!("NULL cannot be read as {}; use an Option", std::any::type_name::<Self>()),
        ))
    }
}

/// Reads a value that may be NULL.
#[inline]
pub(crate) fn read<'a, T: FromSql<'a>>(ty: &Type, datum: &'a Datum) -> Result<T> {
    match datum {
        Datum::Null => T::from_null(ty),
        datum => T::from_sql(ty, ValueRef(datum)),
    }
}

macro_rules! plain {
    ($($rust:ty: $($pattern:pat => $value:expr),+;)*) => {
        $(impl<'a> FromSql<'a> for $rust {
            #[inline]
            fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
                match value.0 {
                    $($pattern => Ok($value),)+
                    _ => Err(mismatch(stringify!($rust), ty.name())),
                }
            }
        })*
    };
}

plain! {
    bool: Datum::Bool(value) => *value;
    i8: Datum::Char(value) => *value as i8;
    i16: Datum::Int2(value) => *value;
    i32: Datum::Int4(value) => *value, Datum::Int2(value) => i32::from(*value);
    i64: Datum::Int8(value) => *value, Datum::Int4(value) => i64::from(*value), Datum::Int2(value) => i64::from(*value),
        Datum::Oid(value) => i64::from(*value);
    Oid: Datum::Oid(value) => *value;
    f32: Datum::Float4(value) => *value;
    f64: Datum::Float8(value) => *value, Datum::Float4(value) => f64::from(*value);
    &'a str: Datum::Text(value) => value;
    Arc<str>: Datum::Text(value) => value.clone();
    &'a [u8]: Datum::Bytea(value) => value;
    Vec<u8>: Datum::Bytea(value) => value.to_vec();
    (): Datum::Void => ();
}

impl<'a> FromSql<'a> for String {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        value.to_text(ty)
    }
}

impl<'a> FromSql<'a> for Box<str> {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        value.to_text(ty).map(Into::into)
    }
}

impl<'a> FromSql<'a> for std::borrow::Cow<'a, str> {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.as_str() {
            Some(text) => Ok(text.into()),
            None => value.to_text(ty).map(Into::into),
        }
    }
}

impl<'a, T: FromSql<'a>> FromSql<'a> for Option<T> {
    #[inline]
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        T::from_sql(ty, value).map(Some)
    }

    #[inline]
    fn from_null(_ty: &Type) -> Result<Self> {
        Ok(None)
    }
}

impl<'a, T: FromSql<'a>> FromSql<'a> for Vec<T> {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        let Datum::Array(array) = value.0 else {
            return Err(mismatch(std::any::type_name::<Self>(), ty.name()));
        };
        if array.dims.len() > 1 {
            return Err(Error::of(
                codes::ARRAY_SUBSCRIPT_ERROR,
                format!("an array of {} dimensions cannot be read as a Vec", array.dims.len()),
            ));
        }
        let element = Type::bare(array.elem_type);
        array.values.iter().map(|value| read(&element, value)).collect()
    }
}
