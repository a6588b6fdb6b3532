//! Catalog rows for functions: looking them up, reading their columns, and returning rows of one's own.

use crate::env::Env;
use pglitedb_functions::{FnCtx, SetIter};
use pglitedb_sqlstate::Result;
use pglitedb_types::{ArrayValue, Datum, Oid, RecordValue, oids};
use std::sync::Arc;

/// A catalog row with typed access by column number; what has another type than expected reads as zero or empty.
pub(crate) struct Row(pub Vec<Datum>);

impl Row {
    /// The row of an OID.
    pub(crate) fn by_oid(env: &Env, catalog: Oid, oid: Oid) -> Result<Option<Row>> {
        Ok(env.with_catalog(|rows| rows.row(catalog, u64::from(oid)))?.map(Row))
    }

    /// Rows whose first key columns in an index equal `keys`.
    pub(crate) fn by_index(env: &Env, catalog: Oid, index: Oid, keys: &[Datum]) -> Result<Vec<Row>> {
        Ok(env.with_catalog(|rows| rows.rows_by_index(catalog, index, keys))?.into_iter().map(Row).collect())
    }

    /// All rows.
    pub(crate) fn all(env: &Env, catalog: Oid) -> Result<Vec<Row>> {
        Ok(env.with_catalog(|rows| rows.rows(catalog))?.into_iter().map(Row).collect())
    }

    pub(crate) fn get(&self, at: usize) -> &Datum {
        self.0.get(at).unwrap_or(&Datum::Null)
    }

    pub(crate) fn oid(&self, at: usize) -> Oid {
        self.get(at).as_oid().unwrap_or(0)
    }

    pub(crate) fn flag(&self, at: usize) -> bool {
        self.get(at).as_bool().unwrap_or(false)
    }

    pub(crate) fn char(&self, at: usize) -> u8 {
        match self.get(at) {
            Datum::Char(value) => *value,
            _ => 0,
        }
    }

    pub(crate) fn int(&self, at: usize) -> i64 {
        self.get(at).as_i64().unwrap_or(0)
    }

    pub(crate) fn text(&self, at: usize) -> Arc<str> {
        self.opt_text(at).unwrap_or_default()
    }

    pub(crate) fn opt_text(&self, at: usize) -> Option<Arc<str>> {
        match self.get(at) {
            Datum::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// Elements of an array; none if it is NULL.
    pub(crate) fn list(&self, at: usize) -> &[Datum] {
        match self.get(at) {
            Datum::Array(array) => &array.values,
            _ => &[],
        }
    }

    pub(crate) fn oids(&self, at: usize) -> Vec<Oid> {
        self.list(at).iter().map(|value| value.as_oid().unwrap_or(0)).collect()
    }

    pub(crate) fn ints(&self, at: usize) -> Vec<i16> {
        let number = |value: &Datum| value.as_i64().and_then(|value| i16::try_from(value).ok()).unwrap_or(0);
        self.list(at).iter().map(number).collect()
    }

    pub(crate) fn texts(&self, at: usize) -> Vec<Arc<str>> {
        self.list(at)
            .iter()
            .map(|value| match value {
                Datum::Text(text) => text.clone(),
                _ => Arc::from(""),
            })
            .collect()
    }
}

struct Rows(std::vec::IntoIter<Vec<Datum>>);

impl SetIter for Rows {
    fn next(&mut self, ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        ctx.env.check_interrupts()?;
        row.clear();
        let Some(next) = self.0.next() else { return Ok(false) };
        row.extend(next);
        Ok(true)
    }
}

/// Rows as the result of a set-returning function.
pub(crate) fn set(rows: Vec<Vec<Datum>>) -> Result<Box<dyn SetIter>> {
    Ok(Box::new(Rows(rows.into_iter())))
}

/// Values as the result of a set-returning function with one column.
pub(crate) fn column(values: Vec<Datum>) -> Result<Box<dyn SetIter>> {
    set(values.into_iter().map(|value| vec![value]).collect())
}

/// A row as the result of a function.
pub(crate) fn record(fields: Vec<(Datum, Oid)>) -> Datum {
    let field_types = fields.iter().map(|(_, type_oid)| *type_oid).collect();
    let fields = fields.into_iter().map(|(value, _)| value).collect();
    Datum::Record(Arc::new(RecordValue::new(oids::RECORD, field_types, fields)))
}

/// An array of texts.
pub(crate) fn text_array(texts: impl IntoIterator<Item = String>) -> Datum {
    let values = texts.into_iter().map(|text| Datum::Text(text.into())).collect();
    Datum::Array(Arc::new(ArrayValue::one_dim(oids::TEXT, values)))
}
