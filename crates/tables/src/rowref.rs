//! A row as a scan meets it.

use crate::row::RowLayout;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

/// A row: stored bytes that are decoded on demand, or values that are there already.
#[derive(Clone, Copy)]
pub enum RowRef<'a> {
    /// Bytes.
    Stored(&'a RowLayout, &'a [u8]),
    /// Values.
    Values(&'a [Datum]),
}

impl<'a> RowRef<'a> {
    pub(crate) fn stored(layout: &'a RowLayout, bytes: &'a [u8]) -> RowRef<'a> {
        RowRef::Stored(layout, bytes)
    }

    pub(crate) fn values(values: &'a [Datum]) -> RowRef<'a> {
        RowRef::Values(values)
    }

    /// Bytes that the row takes where it is stored; 0 if it is not.
    pub fn stored_bytes(&self) -> usize {
        match self {
            RowRef::Stored(_, bytes) => bytes.len(),
            RowRef::Values(_) => 0,
        }
    }

    /// Decodes the wanted columns (indexes from 0) into the same places of `out`.
    #[inline]
    pub fn decode_columns(&self, wanted: &[usize], out: &mut [Datum]) -> Result<()> {
        match self {
            RowRef::Stored(layout, bytes) => layout.decode_columns(bytes, wanted, out),
            RowRef::Values(values) => {
                for &column in wanted {
                    if let Some(slot) = out.get_mut(column) {
                        *slot = values.get(column).cloned().unwrap_or_default();
                    }
                }
                Ok(())
            }
        }
    }

    /// Decodes all columns into `out`.
    pub fn decode(&self, out: &mut [Datum]) -> Result<()> {
        match self {
            RowRef::Stored(layout, bytes) => layout.decode(bytes, out),
            RowRef::Values(values) => {
                for (column, slot) in out.iter_mut().enumerate() {
                    *slot = values.get(column).cloned().unwrap_or_default();
                }
                Ok(())
            }
        }
    }

    /// Decodes one column.
    #[inline]
    pub fn column(&self, column: usize) -> Result<Datum> {
        match self {
            RowRef::Stored(layout, bytes) => layout.decode_column(bytes, column),
            RowRef::Values(values) => Ok(values.get(column).cloned().unwrap_or_default()),
        }
    }

    /// The whole row, in a vector of `width` values.
    pub fn to_vec(&self, width: usize) -> Result<Vec<Datum>> {
        let mut out = vec![Datum::Null; width];
        self.decode(&mut out)?;
        Ok(out)
    }
}
