//! `pg_index`.

use crate::builtin::columns::{pg_class, pg_constraint, pg_index};
use crate::row::CatRow;
use crate::{ConstraintRef, IndexColumn, IndexInfo, Relation};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// What separates the serialized expressions in a stored `indexprs`.
pub(crate) const EXPRESSION_SEPARATOR: char = '\u{1e}';

/// The rows an index descriptor is made of.
pub(crate) struct IndexSources<'a> {
    /// `pg_index`
    pub(crate) index: &'a [Datum],
    /// `pg_class` of the index
    pub(crate) class: &'a [Datum],
    /// Types of the index's own columns (`pg_attribute` of the index), for expressions.
    pub(crate) column_types: &'a [Oid],
    /// `pg_constraint` behind it
    pub(crate) constraint: Option<&'a [Datum]>,
    /// Family of an operator class.
    pub(crate) family: &'a dyn Fn(Oid) -> Oid,
}

/// The descriptor of an index; `columns` are the table's.
pub(crate) fn index_info(sources: &IndexSources<'_>, table: &Relation) -> IndexInfo {
    use pg_index::*;
    let row = CatRow(sources.index);
    let class = CatRow(sources.class);
    let attnums = row.int2s(INDKEY);
    let (collations, classes, options) = (row.oids(INDCOLLATION), row.oids(INDCLASS), row.int2s(INDOPTION));
    let keys = usize::try_from(row.i64(INDNKEYATTS)).unwrap_or(0).min(attnums.len());
    let columns = attnums
        .iter()
        .take(keys)
        .enumerate()
        .map(|(nth, &attnum)| {
            let opclass = classes.get(nth).copied().unwrap_or(0);
            let option = options.get(nth).copied().unwrap_or(0);
            let own_type = sources.column_types.get(nth).copied().unwrap_or(0);
            IndexColumn {
                attnum,
                type_oid: table.column(attnum).map_or(own_type, |column| column.type_oid),
                collation: collations.get(nth).copied().unwrap_or(0),
                opclass,
                opfamily: (sources.family)(opclass),
                descending: option & 1 != 0,
                nulls_first: option & 2 != 0,
            }
        })
        .collect();
    IndexInfo {
        oid: row.oid(INDEXRELID),
        name: class.text(pg_class::RELNAME),
        table: row.oid(INDRELID),
        access_method: class.oid(pg_class::RELAM),
        file_node: class.oid(pg_class::RELFILENODE),
        is_unique: row.bool(INDISUNIQUE),
        nulls_not_distinct: row.bool(INDNULLSNOTDISTINCT),
        is_primary: row.bool(INDISPRIMARY),
        is_exclusion: row.bool(INDISEXCLUSION),
        is_immediate: row.bool(INDIMMEDIATE),
        is_valid: row.bool(INDISVALID),
        columns,
        include: attnums.get(keys..).unwrap_or_default().to_vec(),
        expressions: row
            .opt_text(INDEXPRS)
            .map(|text| text.split(EXPRESSION_SEPARATOR).map(Arc::from).collect())
            .unwrap_or_default(),
        predicate: row.opt_text(INDPRED),
        constraint: sources.constraint.map(|constraint| {
            let row = CatRow(constraint);
            ConstraintRef {
                oid: row.oid(pg_constraint::OID),
                name: row.text(pg_constraint::CONNAME),
                deferrable: row.bool(pg_constraint::CONDEFERRABLE),
                initially_deferred: row.bool(pg_constraint::CONDEFERRED),
            }
        }),
        reltuples: f64::from(class.f32(pg_class::RELTUPLES)),
    }
}
