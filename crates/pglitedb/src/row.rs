//! Rows of results.

use crate::error::{Error, Result};
use crate::from_sql::{FromSql, read};
use crate::types::Type;
use pglitedb_sqlstate::codes;
use pglitedb_types::Datum;
use std::fmt;
use std::sync::Arc;

/// A column of a result.
#[derive(Clone, Debug)]
pub struct Column {
    pub(crate) name: Arc<str>,
    pub(crate) ty: Type,
    pub(crate) type_modifier: i32,
    pub(crate) table_oid: u32,
    pub(crate) number: i16,
}

impl Column {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type.
    pub fn type_(&self) -> &Type {
        &self.ty
    }

    /// The type's modifier (a length, a precision), -1 if there is none.
    pub fn type_modifier(&self) -> i32 {
        self.type_modifier
    }

    /// The OID of the table that it comes from, if it comes from one unchanged.
    pub fn table_oid(&self) -> Option<u32> {
        (self.table_oid != 0).then_some(self.table_oid)
    }

    /// Its number in that table, from 1.
    pub fn column_number(&self) -> Option<i16> {
        (self.number != 0).then_some(self.number)
    }
}

/// The columns of a result.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) list: Box<[Column]>,
    /// Some value has to be made independent of the session.
    pub(crate) detach: bool,
}

/// A row of a result.
///
/// ```
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// let row = connection.query_one("SELECT 1 AS id, 'Ada' AS name", &[])?;
/// let id: i32 = row.get(0);
/// let name: &str = row.get("name");
/// assert_eq!((id, name), (1, "Ada"));
/// assert_eq!(row.columns()[1].name(), "name");
/// assert!(row.try_get::<_, i32>("name").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Row {
    pub(crate) columns: Arc<Columns>,
    pub(crate) values: Vec<Datum>,
}

impl Row {
    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns.list
    }

    /// How many values it has.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Has it no values at all?
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a column.
    ///
    /// # Panics
    ///
    /// If there is no such column, or its value cannot be read as `T`; see [`Row::try_get`].
    #[track_caller]
    pub fn get<'a, I: RowIndex + fmt::Display, T: FromSql<'a>>(&'a self, index: I) -> T {
        match self.find(&index).and_then(|at| self.read(at)) {
            Ok(value) => value,
            Err(error) => panic!("column {index}: {error}"),
        }
    }

    /// The value of a column, or why it cannot be had: 42703 if there is no such column, 42804 if its type is another, 22002
    /// if it is NULL.
    pub fn try_get<'a, I: RowIndex + fmt::Display, T: FromSql<'a>>(&'a self, index: I) -> Result<T> {
        self.read(self.find(&index)?)
    }

    fn find<I: RowIndex + fmt::Display>(&self, index: &I) -> Result<usize> {
        index
            .number_in(self.columns())
            .ok_or_else(|| Error::of(codes::UNDEFINED_COLUMN, format!("the result has no column {index}")))
    }

    #[inline]
    fn read<'a, T: FromSql<'a>>(&'a self, at: usize) -> Result<T> {
        match (self.columns.list.get(at), self.values.get(at)) {
            (Some(column), Some(value)) => read(&column.ty, value),
            _ => Err(Error::of(codes::UNDEFINED_COLUMN, format!("the result has no column {at}"))),
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (column, value) in self.columns.list.iter().zip(&self.values) {
            match value {
                Datum::Null => map.entry(&column.name(), &"NULL"),
                value => match crate::value::ValueRef(value).to_text(&column.ty) {
                    Ok(text) => map.entry(&column.name(), &text),
                    Err(_) => map.entry(&column.name(), value),
                },
            };
        }
        map.finish()
    }
}

/// How a column is named: by its number from 0, or by its name (the first column of that name; if there is none, the
/// first one whose name differs in case only).
pub trait RowIndex: private::Sealed {
    /// The number of the column.
    #[doc(hidden)]
    fn number_in(&self, columns: &[Column]) -> Option<usize>;
}

mod private {
    /// Keeps implementations in here.
    pub trait Sealed {}
    impl Sealed for usize {}
    impl Sealed for str {}
    impl Sealed for String {}
    impl<T: Sealed + ?Sized> Sealed for &T {}
}

impl RowIndex for usize {
    #[inline]
    fn number_in(&self, columns: &[Column]) -> Option<usize> {
        (*self < columns.len()).then_some(*self)
    }
}

impl RowIndex for str {
    fn number_in(&self, columns: &[Column]) -> Option<usize> {
        columns
            .iter()
            .position(|column| *column.name == *self)
            .or_else(|| columns.iter().position(|column| column.name.eq_ignore_ascii_case(self)))
    }
}

impl RowIndex for String {
    fn number_in(&self, columns: &[Column]) -> Option<usize> {
        self.as_str().number_in(columns)
    }
}

impl<T: RowIndex + ?Sized> RowIndex for &T {
    fn number_in(&self, columns: &[Column]) -> Option<usize> {
        (**self).number_in(columns)
    }
}
