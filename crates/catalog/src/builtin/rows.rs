//! Full rows of the catalogs.

use super::parse;
use super::tables::{self, columns};
use pglitedb_types::{Datum, Oid, oids};
use std::ops::{Bound, Range};

/// The built-in rows of one catalog, in the order of row ids.
pub struct BuiltinRelation {
    /// OID of the relation.
    pub oid: Oid,
    /// Its name.
    pub name: &'static str,
    pub(super) text: &'static str,
    pub(super) offsets: &'static [u32],
    pub(super) ids: &'static [u64],
    pub(super) types: &'static [Oid],
}

impl BuiltinRelation {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Position of a row id.
    pub fn position(&self, id: u64) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// Is there a built-in row with that id?
    pub fn has(&self, id: u64) -> bool {
        self.position(id).is_some()
    }

    /// Row id at a position.
    pub fn id_at(&self, at: usize) -> u64 {
        self.ids.get(at).copied().unwrap_or(u64::MAX)
    }

    /// Positions of the rows between two ids.
    pub fn positions(&self, lower: Bound<u64>, upper: Bound<u64>) -> Range<usize> {
        let start = match lower {
            Bound::Included(id) => self.ids.partition_point(|&at| at < id),
            Bound::Excluded(id) => self.ids.partition_point(|&at| at <= id),
            Bound::Unbounded => 0,
        };
        let end = match upper {
            Bound::Included(id) => self.ids.partition_point(|&at| at <= id),
            Bound::Excluded(id) => self.ids.partition_point(|&at| at < id),
            Bound::Unbounded => self.ids.len(),
        };
        start..end.max(start)
    }

    /// The full row of an id.
    pub fn row(&self, id: u64) -> Option<Vec<Datum>> {
        self.position(id).map(|at| self.row_at(at))
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Datum>> + '_ {
        (0..self.len()).map(|at| self.row_at(at))
    }

    /// Text of a row.
    fn text_at(&self, at: usize) -> &'static str {
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(&start), Some(&end)) => self.text.get(start as usize..end as usize).unwrap_or_default(),
            _ => "",
        }
    }

    /// Text of a field as it stands in the compiled-in table.
    pub(super) fn field(&self, at: usize, field: usize) -> &'static str {
        self.text_at(at).split('\u{1f}').nth(field).unwrap_or_default()
    }

    /// The full row at a position, in PostgreSQL's column order.
    pub fn row_at(&self, at: usize) -> Vec<Datum> {
        match self.oid {
            columns::pg_class::RELATION => self.class_row(at),
            columns::pg_attribute::RELATION => self.attribute_row(at),
            _ => {
                let fields = self.text_at(at).split('\u{1f}');
                fields.zip(self.types).map(|(text, type_oid)| parse::value(text, *type_oid)).collect()
            }
        }
    }

    /// `pg_class`: what is stored, and what is the same for all built-in relations.
    fn class_row(&self, at: usize) -> Vec<Datum> {
        use columns::pg_class::*;
        const STORED: [usize; 15] = [
            OID,
            RELNAME,
            RELNAMESPACE,
            RELTYPE,
            RELOWNER,
            RELAM,
            RELKIND,
            RELNATTS,
            RELISSHARED,
            RELHASINDEX,
            RELHASRULES,
            RELREPLIDENT,
            RELTABLESPACE,
            RELACL,
            RELOPTIONS,
        ];
        let mut row = vec![Datum::Null; WIDTH];
        for (text, column) in self.text_at(at).split('\u{1f}').zip(STORED) {
            row[column] = parse::value(text, self.types.get(column).copied().unwrap_or(0));
        }
        let has_storage = matches!(row[RELKIND], Datum::Char(b'r' | b'i'));
        row[RELFILENODE] = if has_storage { row[OID].clone() } else { Datum::Oid(0) };
        row[RELTUPLES] = Datum::Float4(-1.0);
        for column in [RELPAGES, RELALLVISIBLE, RELALLFROZEN] {
            row[column] = Datum::Int4(0);
        }
        for column in [RELOFTYPE, RELTOASTRELID, RELREWRITE, RELFROZENXID, RELMINMXID] {
            row[column] = Datum::Oid(0);
        }
        row[RELCHECKS] = Datum::Int2(0);
        for column in [RELHASTRIGGERS, RELHASSUBCLASS, RELROWSECURITY, RELFORCEROWSECURITY, RELISPARTITION] {
            row[column] = Datum::Bool(false);
        }
        row[RELISPOPULATED] = Datum::Bool(true);
        row[RELPERSISTENCE] = Datum::Char(b'p');
        row
    }

    /// `pg_attribute`: what is stored, what follows from the type, and what is the same for all.
    fn attribute_row(&self, at: usize) -> Vec<Datum> {
        use columns::pg_attribute::*;
        use columns::pg_type;
        const STORED: [usize; 8] =
            [ATTRELID, ATTNUM, ATTNAME, ATTTYPID, ATTTYPMOD, ATTNDIMS, ATTNOTNULL, ATTCOLLATION];
        let mut row = vec![Datum::Null; WIDTH];
        for (text, column) in self.text_at(at).split('\u{1f}').zip(STORED) {
            row[column] = parse::value(text, self.types.get(column).copied().unwrap_or(0));
        }
        let of_type = row[ATTTYPID].as_oid().and_then(|oid| tables::PG_TYPE.row(u64::from(oid)));
        if let Some(of_type) = of_type {
            row[ATTLEN] = of_type[pg_type::TYPLEN].clone();
            row[ATTBYVAL] = of_type[pg_type::TYPBYVAL].clone();
            row[ATTALIGN] = of_type[pg_type::TYPALIGN].clone();
            row[ATTSTORAGE] = of_type[pg_type::TYPSTORAGE].clone();
        }
        for column in [ATTCOMPRESSION, ATTIDENTITY, ATTGENERATED] {
            row[column] = Datum::Char(0);
        }
        for column in [ATTHASDEF, ATTHASMISSING, ATTISDROPPED] {
            row[column] = Datum::Bool(false);
        }
        row[ATTISLOCAL] = Datum::Bool(true);
        row[ATTINHCOUNT] = Datum::Int2(0);
        row
    }
}

/// The built-in rows of a catalog; `None` for a relation that has none compiled in (its rows are all stored).
pub fn relation_rows(relation: Oid) -> Option<&'static BuiltinRelation> {
    tables::ALL.iter().find(|table| table.oid == relation).copied()
}

/// The row id of a catalog row, for catalogs whose row ids follow from the key: those with an `oid` column and those
/// with built-in rows. A built-in row and the stored row that overrides it have the same id. `None` for all other
/// relations (and for rows without a key), which take row ids from a counter.
pub fn row_id(relation: Oid, row: &[Datum]) -> Option<u64> {
    let number = |at: usize| -> Option<u64> {
        match row.get(at)? {
            Datum::Oid(value) => Some(u64::from(*value)),
            Datum::Int2(value) => u64::try_from(*value).ok(),
            Datum::Int4(value) => u64::try_from(*value).ok(),
            _ => None,
        }
    };
    match relation {
        columns::pg_attribute::RELATION => {
            let Some(Datum::Int2(attnum)) = row.get(columns::pg_attribute::ATTNUM) else { return None };
            Some(number(0)? << 16 | u64::from((*attnum as u16).wrapping_add(0x8000)))
        }
        columns::pg_ts_config_map::RELATION => {
            let (token, seq) = (number(1)?, number(2)?);
            (token < 1 << 16 && seq < 1 << 16).then_some(number(0)? << 32 | token << 16 | seq)
        }
        columns::pg_index::RELATION
        | columns::pg_aggregate::RELATION
        | columns::pg_range::RELATION
        | columns::pg_sequence::RELATION
        | columns::pg_init_privs::RELATION => number(0),
        _ if has_oid(relation) => number(0),
        _ => None,
    }
}

/// Is the first column of the catalog `oid`?
fn has_oid(relation: Oid) -> bool {
    let attribute = &tables::PG_ATTRIBUTE;
    let first = u64::from(relation) << 16 | 0x8001;
    attribute.position(first).is_some_and(|at| attribute.field(at, 2) == "oid")
}

/// Row ids of rows that override built-in ones lie below this.
pub fn override_limit(relation: Oid) -> u64 {
    let first = u64::from(oids::FIRST_NORMAL_OID);
    match relation {
        columns::pg_attribute::RELATION => first << 16,
        columns::pg_ts_config_map::RELATION => first << 32,
        _ => first,
    }
}

/// All catalogs with built-in rows.
pub fn relations() -> impl Iterator<Item = &'static BuiltinRelation> {
    tables::ALL.iter().copied()
}
