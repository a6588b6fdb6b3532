//! The crate uuid.

use super::to_sql;
use crate::error::{Result, mismatch};
use crate::{FromSql, Type, ValueRef};
use pglitedb_types::Datum;
use uuid::Uuid;

to_sql!(Uuid, |this| { UUID => Datum::Uuid(*this.as_bytes()) });

impl<'a> FromSql<'a> for Uuid {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.0 {
            Datum::Uuid(bytes) => Ok(Uuid::from_bytes(*bytes)),
            _ => Err(mismatch("Uuid", ty.name())),
        }
    }
}
