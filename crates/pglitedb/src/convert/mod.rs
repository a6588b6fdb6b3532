//! Conversions of types that the standard library does not have.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "rust_decimal")]
mod decimal;
mod interval;
#[cfg(feature = "serde_json")]
mod json;
#[cfg(feature = "postgres-types")]
mod postgres_types;
#[cfg(feature = "uuid")]
mod uuid;

pub use interval::Interval;
#[cfg(feature = "postgres-types")]
pub use postgres_types::Pg;

/// Implements `ToSql` for a type: the data for each type that it serves, anything else is a mismatch.
#[cfg(any(feature = "chrono", feature = "uuid", feature = "serde_json", feature = "rust_decimal"))]
macro_rules! to_sql {
    ($rust:ty, |$this:ident| { $($oid:ident => $value:expr),+ $(,)? }) => {
        impl crate::ToSql for $rust {
            fn to_sql(&self, ty: &crate::Type) -> crate::Result<crate::Value> {
                let $this = self;
                match ty.oid() {
                    $(pglitedb_types::oids::$oid => Ok(crate::Value::datum($value)),)+
                    _ => match crate::to_sql::base(ty) {
                        Some(base) => self.to_sql(&base),
                        None => Err(crate::error::mismatch(stringify!($rust), ty.name())),
                    },
                }
            }
        }
    };
}
#[cfg(any(feature = "chrono", feature = "uuid", feature = "serde_json", feature = "rust_decimal"))]
pub(crate) use to_sql;
