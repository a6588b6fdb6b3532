//! Intervals.

use crate::error::{Result, mismatch};
use crate::{FromSql, ToSql, Type, Value, ValueRef};
use pglitedb_types::{Datum, oids};

/// An `interval`: months, days and microseconds, none of which can be expressed by the others.
///
/// ```
/// use pglitedb::Interval;
///
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// let span = Interval { months: 1, days: 2, microseconds: 3_000_000 };
/// let row = connection.query_one("SELECT $1::interval, '1 mon 2 days 00:00:03'::interval", &[&span])?;
/// assert_eq!(row.get::<_, Interval>(0), row.get::<_, Interval>(1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Months; twelve are a year.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// Microseconds.
    pub microseconds: i64,
}

impl ToSql for Interval {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        if ty.oid() != oids::INTERVAL {
            return Err(mismatch("Interval", ty.name()));
        }
        let Interval { months, days, microseconds: micros } = *self;
        Ok(Value::datum(Datum::Interval(pglitedb_types::Interval { months, days, micros })))
    }
}

impl<'a> FromSql<'a> for Interval {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.0 {
            Datum::Interval(value) => {
                Ok(Interval { months: value.months, days: value.days, microseconds: value.micros })
            }
            _ => Err(mismatch("Interval", ty.name())),
        }
    }
}
