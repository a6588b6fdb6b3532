//! The columns of a relation as the row codec sees them.

use super::RowView;
use pglitedb_catalog::{Catalog, Relation};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{BuiltinEnv, Datum, Oid, Repr, codec, oids};
use smallvec::SmallVec;

/// Encodes and decodes the rows of one relation.
#[derive(Clone, Debug)]
pub struct RowLayout {
    /// Representation of each column; `None` for a dropped one.
    reprs: Vec<Option<Repr>>,
    /// Value of columns that a row was written without.
    missing: Vec<Datum>,
}

impl RowLayout {
    /// The layout of a relation's columns.
    pub fn new(relation: &Relation, catalog: &dyn Catalog) -> Result<RowLayout> {
        let mut reprs = Vec::with_capacity(relation.columns.len());
        let mut missing = Vec::with_capacity(relation.columns.len());
        for column in &relation.columns {
            reprs.push(if column.dropped { None } else { Some(repr_of_type(column.type_oid, catalog)?) });
            missing.push(column.missing.clone().unwrap_or_default());
        }
        Ok(RowLayout { reprs, missing })
    }

    /// A layout of plain columns.
    pub fn from_reprs(reprs: &[Repr]) -> RowLayout {
        RowLayout {
            reprs: reprs.iter().map(|repr| Some(*repr)).collect(),
            missing: vec![Datum::Null; reprs.len()],
        }
    }

    /// Number of columns, dropped ones included.
    pub fn width(&self) -> usize {
        self.reprs.len()
    }

    /// Appends the stored form of a row to `out`. A row shorter than the layout ends in NULLs.
    pub fn encode(&self, row: &[Datum], out: &mut Vec<u8>) -> Result<()> {
        let columns = self.reprs.len();
        let count = u16::try_from(columns).map_err(|_| Error::internal("relation has too many columns"))?;
        let is_null = |at: usize| row.get(at).is_none_or(Datum::is_null) || self.reprs[at].is_none();
        let has_nulls = (0..columns).any(is_null);
        let flags_at = out.len();
        out.push(u8::from(has_nulls));
        out.extend_from_slice(&count.to_le_bytes());
        if has_nulls {
            for start in (0..columns).step_by(8) {
                let end = columns.min(start + 8);
                out.push((start..end).fold(0, |byte, at| byte | (u8::from(is_null(at)) << (at - start))));
            }
        }
        // Most rows are short: room for ends of one byte, made wider afterwards if they must be.
        let ends_at = out.len();
        out.resize(ends_at + columns, 0);
        let values_at = out.len();
        let mut ends: SmallVec<[u32; 32]> = SmallVec::with_capacity(columns);
        for (at, repr) in self.reprs.iter().enumerate() {
            if let (Some(value), Some(repr)) = (row.get(at), repr)
                && !value.is_null()
            {
                if Repr::of_datum(value) != *repr {
                    return Err(mismatch(value, *repr));
                }
                codec::encode(value, out);
            }
            let size = out.len() - values_at;
            ends.push(u32::try_from(size).map_err(|_| too_large(size))?);
        }
        write_ends(out, flags_at, ends_at, &ends);
        Ok(())
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
        for (column, slot) in out.iter_mut().enumerate().take(self.reprs.len()) {
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
        match (self.reprs.get(column), view.field(column)?) {
            (Some(Some(repr)), Some(bytes)) => codec::decode(*repr, bytes),
            _ => Ok(Datum::Null),
        }
    }
}

/// Representation of the values of a type; a domain's is its base type's.
fn repr_of_type(type_oid: Oid, catalog: &dyn Catalog) -> Result<Repr> {
    // Polymorphic columns of system relations hold arrays.
    if type_oid == oids::ANYARRAY {
        return Ok(Repr::Array);
    }
    Repr::of_info(&*catalog.domain_base(type_oid)?, &BuiltinEnv::default())
}

/// Fills in the ends, in the narrowest width that holds them.
fn write_ends(out: &mut Vec<u8>, flags_at: usize, ends_at: usize, ends: &[u32]) {
    let width: usize = match ends.last() {
        None | Some(0..=0xff) => 0,
        Some(0x100..=0xffff) => 1,
        Some(_) => 2,
    };
    if width > 0 {
        let (old, new) = (ends.len(), ends.len() << width);
        let total = out.len();
        out.resize(total + new - old, 0);
        out.copy_within(ends_at + old..total, ends_at + new);
        out[flags_at] |= (width as u8) << 1;
    }
    for (at, end) in ends.iter().enumerate() {
        let bytes = end.to_le_bytes();
        let place = ends_at + (at << width);
        out[place..place + (1 << width)].copy_from_slice(&bytes[..1 << width]);
    }
}

#[cold]
fn mismatch(value: &Datum, repr: Repr) -> Error {
    Error::internal(format!("value {value:?} does not fit a column of representation {repr:?}"))
}

#[cold]
fn too_large(size: usize) -> Error {
    pglitedb_sqlstate::err!(PROGRAM_LIMIT_EXCEEDED, "row is too big: size {size}, maximum size {}", u32::MAX)
}
