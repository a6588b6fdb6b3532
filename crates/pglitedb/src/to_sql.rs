//! Rust values to SQL values.

use crate::error::{Result, mismatch, out_of_range};
use crate::types::Type;
use crate::value::{Repr, Value};
use pglitedb_types::{ArrayValue, Datum, Numeric, oids};
use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

/// A Rust value that can be a parameter of a statement.
///
/// | Rust | SQL |
/// |---|---|
/// | `bool` | `boolean` |
/// | `i8` | `"char"` |
/// | `i16`, `i32`, `i64`, `u32` | `smallint`, `integer`, `bigint`, `oid`, `real`, `double precision`, `numeric`; checked |
/// | `f32`, `f64` | `real`, `double precision`, `numeric` |
/// | `&str`, `String`, `Box<str>`, `Cow<str>` | text types; any other type by its text form |
/// | `&[u8]`, `Vec<u8>` | `bytea` |
/// | `Option<T>` | NULL if it is `None` |
/// | `Vec<T>`, `&[T]` | arrays |
///
/// Strings are read as PostgreSQL reads a quoted literal, so they serve for types that have no counterpart here.
///
/// ```
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// let row = connection.query_one("SELECT $1::interval > $2::interval", &[&"1 day", &"23:59"])?;
/// assert!(row.get::<_, bool>(0));
/// # Ok(())
/// # }
/// ```
///
/// An implementation for a type of your own hands over to another one:
///
/// ```
/// use pglitedb::{Result, ToSql, Type, Value};
///
/// #[derive(Debug)]
/// struct UserId(i64);
///
/// impl ToSql for UserId {
///     fn to_sql(&self, ty: &Type) -> Result<Value> {
///         self.0.to_sql(ty)
///     }
/// }
/// ```
pub trait ToSql {
    /// The value for a parameter of this type.
    fn to_sql(&self, ty: &Type) -> Result<Value>;
}

/// An integer as a value of whatever numeric type is asked for.
#[cold]
fn integer(value: i64, rust: &str, ty: &Type) -> Result<Value> {
    let range = || out_of_range(rust, ty.name());
    let datum = match ty.oid() {
        oids::INT8 => Datum::Int8(value),
        oids::INT4 => Datum::Int4(value.try_into().map_err(|_| range())?),
        oids::INT2 => Datum::Int2(value.try_into().map_err(|_| range())?),
        oids::OID => Datum::Oid(value.try_into().map_err(|_| range())?),
        oids::FLOAT8 => Datum::Float8(value as f64),
        oids::FLOAT4 => Datum::Float4(value as f32),
        oids::NUMERIC => Datum::Numeric(Numeric::from_scaled(i128::from(value), 0)),
        _ => match base(ty) {
            Some(base) => return integer(value, rust, &base),
            None => return Err(mismatch(rust, ty.name())),
        },
    };
    Ok(Value::datum(datum))
}

/// What a domain is over.
pub(crate) fn base(ty: &Type) -> Option<Type> {
    ty.info().map(|info| info.base_type).filter(|oid| *oid != 0).map(Type::bare)
}

macro_rules! integers {
    ($($rust:ident, $variant:ident, $oid:ident;)*) => {
        $(impl ToSql for $rust {
            #[inline]
            fn to_sql(&self, ty: &Type) -> Result<Value> {
                if ty.oid() == oids::$oid {
                    return Ok(Value::datum(Datum::$variant(*self)));
                }
                integer(i64::from(*self), stringify!($rust), ty)
            }
        })*
    };
}

integers! {
    i16, Int2, INT2;
    i32, Int4, INT4;
    i64, Int8, INT8;
    u32, Oid, OID;
}

impl ToSql for bool {
    #[inline]
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        match ty.oid() {
            oids::BOOL => Ok(Value::datum(Datum::Bool(*self))),
            _ => base(ty).map_or_else(|| Err(mismatch("bool", ty.name())), |base| self.to_sql(&base)),
        }
    }
}

impl ToSql for i8 {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        match ty.oid() {
            oids::CHAR => Ok(Value::datum(Datum::Char(*self as u8))),
            _ => integer(i64::from(*self), "i8", ty),
        }
    }
}

impl ToSql for f64 {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        Ok(Value::datum(match ty.oid() {
            oids::FLOAT8 => Datum::Float8(*self),
            oids::FLOAT4 => Datum::Float4(*self as f32),
            oids::NUMERIC => Datum::Numeric(Numeric::from_f64(*self)),
            _ => return base(ty).map_or_else(|| Err(mismatch("f64", ty.name())), |base| self.to_sql(&base)),
        }))
    }
}

impl ToSql for f32 {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        Ok(Value::datum(match ty.oid() {
            oids::FLOAT4 => Datum::Float4(*self),
            oids::FLOAT8 => Datum::Float8(f64::from(*self)),
            oids::NUMERIC => Datum::Numeric(Numeric::from_f32(*self)),
            _ => return base(ty).map_or_else(|| Err(mismatch("f32", ty.name())), |base| self.to_sql(&base)),
        }))
    }
}

impl ToSql for str {
    #[inline]
    fn to_sql(&self, _ty: &Type) -> Result<Value> {
        Ok(Value::text(self))
    }
}

impl ToSql for String {
    #[inline]
    fn to_sql(&self, _ty: &Type) -> Result<Value> {
        Ok(Value::text(self))
    }
}

impl ToSql for Cow<'_, str> {
    fn to_sql(&self, _ty: &Type) -> Result<Value> {
        Ok(Value::text(self))
    }
}

impl ToSql for [u8] {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        match ty.oid() {
            oids::BYTEA => Ok(Value::datum(Datum::bytea(self))),
            _ => base(ty).map_or_else(|| Err(mismatch("[u8]", ty.name())), |base| self.to_sql(&base)),
        }
    }
}

impl ToSql for Vec<u8> {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        self.as_slice().to_sql(ty)
    }
}

impl<const N: usize> ToSql for [u8; N] {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        self.as_slice().to_sql(ty)
    }
}

impl<T: ToSql> ToSql for Option<T> {
    #[inline]
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        match self {
            Some(value) => value.to_sql(ty),
            None => Ok(Value::null()),
        }
    }
}

impl<T: ToSql> ToSql for [T] {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        let ty = match base(ty) {
            Some(base) => Cow::Owned(base),
            None => Cow::Borrowed(ty),
        };
        let element = ty.element().ok_or_else(|| mismatch("[T]", ty.name()))?;
        let mut values = Vec::with_capacity(self.len());
        for item in self {
            match item.to_sql(&element)?.0 {
                Repr::Datum(datum) => values.push(datum),
                Repr::Binary(_) => return Err(mismatch("[T] in binary format", ty.name())),
            }
        }
        Ok(Value::datum(Datum::Array(Arc::new(ArrayValue::one_dim(element.oid(), values)))))
    }
}

impl<T: ToSql> ToSql for Vec<T> {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        self.as_slice().to_sql(ty)
    }
}

impl<T: ToSql, const N: usize> ToSql for [T; N] {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        self.as_slice().to_sql(ty)
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {
        $(impl<T: ToSql + ?Sized> ToSql for $pointer {
            #[inline]
            fn to_sql(&self, ty: &Type) -> Result<Value> {
                (**self).to_sql(ty)
            }
        })*
    };
}

pointers!(&T, Box<T>, Arc<T>, Rc<T>);

impl ToSql for Value {
    fn to_sql(&self, _ty: &Type) -> Result<Value> {
        Ok(self.clone())
    }
}
