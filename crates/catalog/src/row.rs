//! Reading the columns of a catalog row.

use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// A catalog row with typed access by column number. What has another type than expected reads as zero, false or
/// empty: rows are written by this program, and a damaged one must not bring anything down.
#[derive(Clone, Copy)]
pub(crate) struct CatRow<'a>(pub(crate) &'a [Datum]);

impl CatRow<'_> {
    pub(crate) fn oid(self, at: usize) -> Oid {
        self.0.get(at).and_then(Datum::as_oid).unwrap_or(0)
    }

    pub(crate) fn bool(self, at: usize) -> bool {
        matches!(self.0.get(at), Some(Datum::Bool(true)))
    }

    pub(crate) fn char(self, at: usize) -> u8 {
        match self.0.get(at) {
            Some(Datum::Char(value)) => *value,
            _ => 0,
        }
    }

    pub(crate) fn i64(self, at: usize) -> i64 {
        self.0.get(at).and_then(Datum::as_i64).unwrap_or(0)
    }

    pub(crate) fn i16(self, at: usize) -> i16 {
        i16::try_from(self.i64(at)).unwrap_or(0)
    }

    pub(crate) fn i32(self, at: usize) -> i32 {
        i32::try_from(self.i64(at)).unwrap_or(0)
    }

    pub(crate) fn f32(self, at: usize) -> f32 {
        match self.0.get(at) {
            Some(Datum::Float4(value)) => *value,
            _ => 0.0,
        }
    }

    pub(crate) fn opt_text(self, at: usize) -> Option<Arc<str>> {
        match self.0.get(at) {
            Some(Datum::Text(text)) => Some(Arc::clone(text)),
            _ => None,
        }
    }

    pub(crate) fn text(self, at: usize) -> Arc<str> {
        self.opt_text(at).unwrap_or_default()
    }
}

impl<'a> CatRow<'a> {
    /// Elements of an array, `oidvector` or `int2vector`; none if it is NULL.
    pub(crate) fn elements(self, at: usize) -> &'a [Datum] {
        match self.0.get(at) {
            Some(Datum::Array(array)) => &array.values,
            _ => &[],
        }
    }

    pub(crate) fn oids(self, at: usize) -> Vec<Oid> {
        self.elements(at).iter().map(|value| value.as_oid().unwrap_or(0)).collect()
    }

    pub(crate) fn int2s(self, at: usize) -> Vec<i16> {
        self.elements(at)
            .iter()
            .map(|value| value.as_i64().and_then(|v| i16::try_from(v).ok()).unwrap_or(0))
            .collect()
    }

    pub(crate) fn texts(self, at: usize) -> Vec<Arc<str>> {
        self.elements(at)
            .iter()
            .map(|value| match value {
                Datum::Text(text) => Arc::clone(text),
                _ => Arc::from(""),
            })
            .collect()
    }
}
