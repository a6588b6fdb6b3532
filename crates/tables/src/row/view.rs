//! A stored row, opened.

use crate::error::corrupt;
use pglitedb_sqlstate::Result;

/// Finds the fields of a stored row; checks every offset it uses.
#[derive(Clone, Copy, Debug)]
pub struct RowView<'a> {
    columns: usize,
    width_code: u8,
    bitmap: Option<&'a [u8]>,
    ends: &'a [u8],
    values: &'a [u8],
}

impl<'a> RowView<'a> {
    /// Opens a row: checks the header and that the offsets are there.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Result<RowView<'a>> {
        let [flags, low, high, rest @ ..] = bytes else { return Err(corrupt("row without a header")) };
        let columns = usize::from(u16::from_le_bytes([*low, *high]));
        let width_code = flags >> 1;
        if width_code > 2 {
            return Err(corrupt("unknown row format"));
        }
        let (bitmap, rest) = if flags & 1 != 0 {
            let (bitmap, rest) =
                rest.split_at_checked(columns.div_ceil(8)).ok_or_else(|| corrupt("row is cut off"))?;
            (Some(bitmap), rest)
        } else {
            (None, rest)
        };
        let (ends, values) =
            rest.split_at_checked(columns << width_code).ok_or_else(|| corrupt("row is cut off"))?;
        Ok(RowView { columns, width_code, bitmap, ends, values })
    }

    /// Number of columns stored.
    pub fn columns(&self) -> usize {
        self.columns
    }

    #[inline]
    fn end(&self, column: usize) -> Option<usize> {
        let at = column << self.width_code;
        Some(match self.width_code {
            0 => usize::from(*self.ends.get(at)?),
            1 => usize::from(u16::from_le_bytes([*self.ends.get(at)?, *self.ends.get(at + 1)?])),
            _ => {
                let bytes: [u8; 4] = self.ends.get(at..at + 4)?.try_into().ok()?;
                u32::from_le_bytes(bytes) as usize
            }
        })
    }

    /// The bytes of a stored column, `None` for NULL.
    #[inline]
    pub fn field(&self, column: usize) -> Result<Option<&'a [u8]>> {
        if let Some(bitmap) = self.bitmap
            && bitmap.get(column / 8).is_none_or(|byte| byte & (1 << (column % 8)) != 0)
        {
            return Ok(None);
        }
        let start = if column == 0 { Some(0) } else { self.end(column - 1) };
        match (start, self.end(column)) {
            (Some(start), Some(end)) => {
                self.values.get(start..end).map(Some).ok_or_else(|| corrupt("column lies outside its row"))
            }
            _ => Err(corrupt("row has fewer columns than it says")),
        }
    }
}
