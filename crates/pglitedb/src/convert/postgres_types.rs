//! The crate postgres-types, and with it everything that implements its traits.

use crate::error::{Error, Result};
use crate::value::plain_env;
use crate::{FromSql, ToSql, Type, Value, ValueRef};
use bytes::BytesMut;
use pglitedb_types::{Datum, send};
use postgres_types::{IsNull, Kind, Type as PgType};

/// Makes a value of a type that implements the traits of the crate `postgres-types` usable here, by way of PostgreSQL's
/// binary format.
///
/// ```
/// use pglitedb::Pg;
/// use std::net::IpAddr;
///
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// let address: IpAddr = "192.0.2.7".parse().unwrap();
/// let row = connection.query_one("SELECT $1::inet", &[&Pg(address)])?;
/// assert_eq!(row.get::<_, Pg<IpAddr>>(0), Pg(address));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pg<T>(pub T);

fn pg_type(ty: &Type) -> PgType {
    PgType::from_oid(ty.oid()).unwrap_or_else(|| {
        let kind = match ty.kind() {
            crate::Kind::Enum => Kind::Enum(Vec::new()),
            crate::Kind::Array(element) => Kind::Array(pg_type(&element)),
            crate::Kind::Domain(base) => Kind::Domain(pg_type(&base)),
            crate::Kind::Range(of) => Kind::Range(pg_type(&of)),
            _ => Kind::Simple,
        };
        PgType::new(ty.name().to_owned(), ty.oid(), kind, "public".to_owned())
    })
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::conversion(error.to_string())
}

impl<T: postgres_types::ToSql> ToSql for Pg<T> {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        let mut bytes = BytesMut::new();
        match self.0.to_sql_checked(&pg_type(ty), &mut bytes).map_err(failed)? {
            IsNull::Yes => Ok(Value::null()),
            IsNull::No => Ok(Value::binary(&bytes)),
        }
    }
}

impl<'a, T: for<'b> postgres_types::FromSql<'b>> FromSql<'a> for Pg<T> {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        let pg = pg_type(ty);
        if !T::accepts(&pg) {
            return Err(crate::error::mismatch(std::any::type_name::<T>(), ty.name()));
        }
        let mut bytes = Vec::new();
        match value.0 {
            // Text, and the labels of enums, are their own binary form.
            Datum::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            datum => send(datum, ty.oid(), plain_env(), &mut bytes).map_err(|error| Error::new(error, ""))?,
        }
        T::from_sql(&pg, &bytes).map(Pg).map_err(failed)
    }

    fn from_null(ty: &Type) -> Result<Self> {
        T::from_sql_null(&pg_type(ty)).map(Pg).map_err(failed)
    }
}
