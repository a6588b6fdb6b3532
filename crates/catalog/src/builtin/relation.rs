//! Descriptors of the built-in relations.

use super::lookup;
use super::tables::*;
use crate::convert::{self, IndexSources, RelationRows};
use crate::row::CatRow;
use crate::{IndexColumn, IndexInfo, Relation};
use parking_lot::RwLock;
use pglitedb_types::{Oid, oids};
use rustc_hash::FxHashMap;
use std::ops::Bound;
use std::sync::{Arc, LazyLock};

/// OID of an index of ours that PostgreSQL does not have: the foreign keys that point at a table. It has no rows in
/// `pg_class` and `pg_index`, as it is nobody's business.
pub const CONSTRAINT_BY_TARGET_INDEX: Oid = 9990;

static RELATIONS: LazyLock<RwLock<FxHashMap<Oid, Arc<Relation>>>> = LazyLock::new(RwLock::default);

/// The built-in relation of an OID, with its indexes.
pub fn builtin_relation(oid: Oid) -> Option<Arc<Relation>> {
    if oid >= oids::FIRST_NORMAL_OID {
        return None;
    }
    if let Some(relation) = RELATIONS.read().get(&oid) {
        return Some(Arc::clone(relation));
    }
    let relation = Arc::new(make(oid)?);
    Some(Arc::clone(RELATIONS.write().entry(oid).or_insert(relation)))
}

/// The built-in index of an OID.
pub fn builtin_index(oid: Oid) -> Option<Arc<IndexInfo>> {
    let table = if oid == CONSTRAINT_BY_TARGET_INDEX {
        columns::pg_constraint::RELATION
    } else {
        CatRow(&PG_INDEX.row(u64::from(oid))?).oid(columns::pg_index::INDRELID)
    };
    builtin_relation(table)?.indexes.iter().find(|index| index.oid == oid).cloned()
}

fn make(oid: Oid) -> Option<Relation> {
    let class = PG_CLASS.row(u64::from(oid))?;
    let namespace = CatRow(&class).oid(columns::pg_class::RELNAMESPACE);
    let namespace_name = lookup::namespaces().find(|(oid, _)| *oid == namespace).map_or("", |(_, name)| name);
    let first = u64::from(oid) << 16;
    let attributes = PG_ATTRIBUTE.positions(Bound::Included(first | 0x8001), Bound::Included(first | 0xffff));
    let rows = RelationRows {
        class,
        namespace_name: Arc::from(namespace_name),
        attributes: attributes.map(|at| PG_ATTRIBUTE.row_at(at)).collect(),
        is_catalog: true,
        ..RelationRows::default()
    };
    let mut relation = convert::relation(&rows);
    relation.indexes =
        lookup::indexes_of(oid).into_iter().filter_map(|index| index_of(&relation, index)).collect();
    if oid == columns::pg_constraint::RELATION {
        relation.indexes.push(Arc::new(constraint_by_target()));
    }
    relation.indexes.sort_by_key(|index| (!index.is_primary, index.oid));
    Some(relation)
}

fn index_of(table: &Relation, oid: Oid) -> Option<Arc<IndexInfo>> {
    let constraints = lookup::constraints_of(table.oid);
    let constraint = constraints.iter().find(|row| CatRow(row).oid(columns::pg_constraint::CONINDID) == oid);
    let family = |opclass| lookup::opclass(opclass).map_or(0, |info| info.family);
    let sources = IndexSources {
        index: &PG_INDEX.row(u64::from(oid))?,
        class: &PG_CLASS.row(u64::from(oid))?,
        column_types: &[],
        constraint: constraint.map(Vec::as_slice),
        family: &family,
    };
    Some(Arc::new(convert::index_info(&sources, table)))
}

fn constraint_by_target() -> IndexInfo {
    IndexInfo {
        oid: CONSTRAINT_BY_TARGET_INDEX,
        name: Arc::from("pg_constraint_confrelid_index"),
        table: columns::pg_constraint::RELATION,
        access_method: 403,
        file_node: CONSTRAINT_BY_TARGET_INDEX,
        is_unique: false,
        nulls_not_distinct: false,
        is_primary: false,
        is_exclusion: false,
        is_immediate: true,
        is_valid: true,
        columns: vec![IndexColumn {
            attnum: columns::pg_constraint::CONFRELID as i16 + 1,
            type_oid: oids::OID,
            collation: 0,
            opclass: 1981,
            opfamily: 1989,
            descending: false,
            nulls_first: false,
        }],
        include: Vec::new(),
        expressions: Vec::new(),
        predicate: None,
        constraint: None,
        reltuples: -1.0,
    }
}
