//! The columns of a relation as the row codec sees them.

use super::{RowView, ValueCodec};
use pglitedb_catalog::{Catalog, Relation};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;
use smallvec::SmallVec;

/// Encodes and decodes the rows of one relation.
#[derive(Clone, Debug)]
pub struct RowLayout {
    codecs: Vec<ValueCodec>,
    /// Value of columns that a row was written without.
    missing: Vec<Datum>,
}

const HAS_NULLS: u8 = 1;

impl RowLayout {
    /// The layout of a relation's columns.
    pub fn new(relation: &Relation, catalog: &dyn Catalog) -> Result<RowLayout> {
        let mut codecs = Vec::with_capacity(relation.columns.len());
        let mut missing = Vec::with_capacity(relation.columns.len());
        for column in &relation.columns {
            codecs.push(if column.dropped {
                ValueCodec::Dropped
            } else {
                ValueCodec::of_type(column.type_oid, catalog)?
            });
            missing.push(column.missing.clone().unwrap_or_default());
        }
        Ok(RowLayout { codecs, missing })
    }

    /// A layout of plain columns, for files of the system itself.
    pub fn from_codecs(codecs: Vec<ValueCodec>) -> RowLayout {
        let missing = vec![Datum::Null; codecs.len()];
        RowLayout { codecs, missing }
    }

    /// Number of columns, dropped ones included.
    pub fn width(&self) -> usize {
        self.codecs.len()
    }

    /// Appends the stored form of a row to `out`. A row shorter than the layout ends in NULLs.
    pub fn encode(&self, row: &[Datum], out: &mut Vec<u8>) -> Result<()> {
        let columns = self.codecs.len();
        let count = u16::try_from(columns).map_err(|_| Error::internal("relation has too many columns"))?;
        let mut ends: SmallVec<[u32; 32]> = SmallVec::with_capacity(columns);
        let mut values: SmallVec<[u8; 512]> = SmallVec::new();
        let mut has_nulls = false;
        for (at, codec) in self.codecs.iter().enumerate() {
            match row.get(at) {
                None | Some(Datum::Null) => has_nulls = true,
                Some(_) if matches!(codec, ValueCodec::Dropped) => has_nulls = true,
                Some(value) => codec.encode(value, &mut values)?,
            }
            ends.push(u32::try_from(values.len()).map_err(|_| too_large(values.len()))?);
        }
        let width = width_code(values.len());
        out.reserve(3 + columns / 8 + 1 + (columns << width) + values.len());
        out.push((width << 1) | if has_nulls { HAS_NULLS } else { 0 });
        out.extend_from_slice(&count.to_le_bytes());
        if has_nulls {
            self.push_bitmap(row, out);
        }
        for end in ends {
            match width {
                0 => out.push(end as u8),
                1 => out.extend_from_slice(&(end as u16).to_le_bytes()),
                _ => out.extend_from_slice(&end.to_le_bytes()),
            }
        }
        out.extend_from_slice(&values);
        Ok(())
    }

    fn push_bitmap(&self, row: &[Datum], out: &mut Vec<u8>) {
        for (group, codecs) in self.codecs.chunks(8).enumerate() {
            let mut byte = 0;
            for (bit, codec) in codecs.iter().enumerate() {
                let value = row.get(group * 8 + bit);
                if value.is_none_or(Datum::is_null) || matches!(codec, ValueCodec::Dropped) {
                    byte |= 1 << bit;
                }
            }
            out.push(byte);
        }
    }

    /// Decodes the wanted columns (indexes from 0) of a stored row into the same places of `out`, which is as wide as
    /// the layout. Other places are left alone.
    #[inline]
    pub fn decode_columns(&self, bytes: &[u8], wanted: &[usize], out: &mut [Datum]) -> Result<()> {
        let view = RowView::new(bytes)?;
        for &column in wanted {
            if let Some(slot) = out.get_mut(column) {
                *slot = self.read(&view, column)?;
            }
        }
        Ok(())
    }

    /// Decodes all columns.
    pub fn decode(&self, bytes: &[u8], out: &mut [Datum]) -> Result<()> {
        let view = RowView::new(bytes)?;
        for (column, slot) in out.iter_mut().enumerate().take(self.codecs.len()) {
            *slot = self.read(&view, column)?;
        }
        Ok(())
    }

    /// Decodes one column.
    #[inline]
    pub fn decode_column(&self, bytes: &[u8], column: usize) -> Result<Datum> {
        self.read(&RowView::new(bytes)?, column)
    }

    /// Reads one column of an opened row.
    #[inline]
    pub fn read(&self, view: &RowView<'_>, column: usize) -> Result<Datum> {
        if column >= view.columns() {
            return Ok(self.missing.get(column).cloned().unwrap_or_default());
        }
        match (self.codecs.get(column), view.field(column)?) {
            (Some(codec), Some(bytes)) => codec.decode(bytes),
            _ => Ok(Datum::Null),
        }
    }
}

fn width_code(values: usize) -> u8 {
    match values {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        _ => 2,
    }
}

fn too_large(size: usize) -> Error {
    pglitedb_sqlstate::err!(PROGRAM_LIMIT_EXCEEDED, "row is too big: size {size}, maximum size {}", u32::MAX)
}
