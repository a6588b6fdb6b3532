//! `pg_class` with all that belongs to a relation.

use crate::builtin::columns::{pg_attrdef, pg_attribute, pg_class, pg_constraint};
use crate::row::CatRow;
use crate::{CheckConstraint, Column, ForeignKey, ForeignKeyAction, Persistence, RelKind, Relation};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// The rows a relation descriptor is made of.
#[derive(Default)]
pub(crate) struct RelationRows {
    /// `pg_class`
    pub(crate) class: Vec<Datum>,
    /// Name of the namespace.
    pub(crate) namespace_name: Arc<str>,
    /// `pg_attribute` with positive attnum, in order.
    pub(crate) attributes: Vec<Vec<Datum>>,
    /// `pg_attrdef`
    pub(crate) defaults: Vec<Vec<Datum>>,
    /// `pg_constraint` of the relation.
    pub(crate) constraints: Vec<Vec<Datum>>,
    /// Foreign keys that point here.
    pub(crate) referencing: Vec<Vec<Datum>>,
    /// `pg_inherits.inhparent` by `inhseqno`.
    pub(crate) parents: Vec<Oid>,
    /// `pg_inherits.inhrelid` of children.
    pub(crate) children: Vec<Oid>,
    /// `pg_rewrite.ev_action` of the `_RETURN` rule.
    pub(crate) view_query: Option<Arc<str>>,
    /// Is it a relation of the system?
    pub(crate) is_catalog: bool,
}

/// The descriptor, without indexes.
pub(crate) fn relation(rows: &RelationRows) -> Relation {
    use pg_class::*;
    let row = CatRow(&rows.class);
    let mut checks: Vec<CheckConstraint> = rows.constraints.iter().filter_map(|row| check(row)).collect();
    checks.sort_by(|a, b| a.name.cmp(&b.name));
    let keys = |rows: &[Vec<Datum>]| rows.iter().filter_map(|row| foreign_key(row)).map(Arc::new).collect();
    Relation {
        oid: row.oid(OID),
        name: row.text(RELNAME),
        namespace: row.oid(RELNAMESPACE),
        namespace_name: Arc::clone(&rows.namespace_name),
        owner: row.oid(RELOWNER),
        kind: RelKind::from_letter(row.char(RELKIND)).unwrap_or(RelKind::Table),
        persistence: match row.char(RELPERSISTENCE) {
            b'u' => Persistence::Unlogged,
            b't' => Persistence::Temporary,
            _ => Persistence::Permanent,
        },
        row_type: row.oid(RELTYPE),
        access_method: row.oid(RELAM),
        file_node: row.oid(RELFILENODE),
        is_catalog: rows.is_catalog,
        is_shared: row.bool(RELISSHARED),
        columns: columns(rows),
        indexes: Vec::new(),
        checks,
        foreign_keys: keys(&rows.constraints),
        referenced_by: keys(&rows.referencing),
        view_query: rows.view_query.clone(),
        is_populated: row.bool(RELISPOPULATED),
        inherits: rows.parents.clone(),
        children: rows.children.clone(),
        options: row.texts(RELOPTIONS),
        reltuples: f64::from(row.f32(RELTUPLES)),
        relpages: row.i32(RELPAGES),
        has_triggers: row.bool(RELHASTRIGGERS),
        row_security: row.bool(RELROWSECURITY),
    }
}

fn columns(rows: &RelationRows) -> Vec<Column> {
    use pg_attribute::*;
    rows.attributes
        .iter()
        .map(|attribute| {
            let row = CatRow(attribute);
            let attnum = row.i16(ATTNUM);
            let default = row.bool(ATTHASDEF).then(|| {
                rows.defaults.iter().map(|row| CatRow(row)).find(|row| row.i16(pg_attrdef::ADNUM) == attnum)
            });
            let missing = row.bool(ATTHASMISSING).then(|| row.elements(ATTMISSINGVAL).first().cloned());
            Column {
                name: row.text(ATTNAME),
                type_oid: row.oid(ATTTYPID),
                typmod: row.i32(ATTTYPMOD),
                collation: row.oid(ATTCOLLATION),
                not_null: row.bool(ATTNOTNULL),
                dropped: row.bool(ATTISDROPPED),
                identity: row.char(ATTIDENTITY),
                identity_sequence: 0,
                generated: row.char(ATTGENERATED),
                default: default.flatten().and_then(|row| row.opt_text(pg_attrdef::ADBIN)),
                missing: missing.flatten(),
                is_local: row.bool(ATTISLOCAL),
                inherit_count: row.i16(ATTINHCOUNT),
                storage: row.char(ATTSTORAGE),
                statistics_target: match attribute.get(ATTSTATTARGET) {
                    Some(Datum::Int2(target)) => *target,
                    _ => -1,
                },
            }
        })
        .collect()
}

fn check(row: &[Datum]) -> Option<CheckConstraint> {
    use pg_constraint::*;
    let row = CatRow(row);
    matches!(row.char(CONTYPE), b'c' | b'n').then(|| CheckConstraint {
        oid: row.oid(OID),
        name: row.text(CONNAME),
        expression: row.opt_text(CONBIN),
        columns: row.int2s(CONKEY),
        validated: row.bool(CONVALIDATED),
        enforced: row.bool(CONENFORCED),
        no_inherit: row.bool(CONNOINHERIT),
    })
}

fn foreign_key(row: &[Datum]) -> Option<ForeignKey> {
    use pg_constraint::*;
    let row = CatRow(row);
    (row.char(CONTYPE) == b'f').then(|| ForeignKey {
        oid: row.oid(OID),
        name: row.text(CONNAME),
        table: row.oid(CONRELID),
        columns: row.int2s(CONKEY),
        ref_table: row.oid(CONFRELID),
        ref_columns: row.int2s(CONFKEY),
        ref_index: row.oid(CONINDID),
        operators: row.oids(CONPFEQOP),
        on_delete: action(row.char(CONFDELTYPE)),
        on_update: action(row.char(CONFUPDTYPE)),
        delete_set_columns: row.int2s(CONFDELSETCOLS),
        match_full: row.char(CONFMATCHTYPE) == b'f',
        deferrable: row.bool(CONDEFERRABLE),
        initially_deferred: row.bool(CONDEFERRED),
        validated: row.bool(CONVALIDATED),
        enforced: row.bool(CONENFORCED),
    })
}

fn action(letter: u8) -> ForeignKeyAction {
    match letter {
        b'r' => ForeignKeyAction::Restrict,
        b'c' => ForeignKeyAction::Cascade,
        b'n' => ForeignKeyAction::SetNull,
        b'd' => ForeignKeyAction::SetDefault,
        _ => ForeignKeyAction::NoAction,
    }
}
