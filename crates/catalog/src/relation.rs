//! Descriptors of relations: tables, indexes, views, sequences, composite types.

use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// `pg_class.relkind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelKind {
    /// `r`
    Table,
    /// `i`
    Index,
    /// `S`
    Sequence,
    /// `t`
    Toast,
    /// `v`
    View,
    /// `m`
    MaterializedView,
    /// `c`
    CompositeType,
    /// `f`
    ForeignTable,
    /// `p`
    PartitionedTable,
    /// `I`
    PartitionedIndex,
}

impl RelKind {
    /// The letter in `pg_class.relkind`.
    pub fn letter(self) -> u8 {
        match self {
            RelKind::Table => b'r',
            RelKind::Index => b'i',
            RelKind::Sequence => b'S',
            RelKind::Toast => b't',
            RelKind::View => b'v',
            RelKind::MaterializedView => b'm',
            RelKind::CompositeType => b'c',
            RelKind::ForeignTable => b'f',
            RelKind::PartitionedTable => b'p',
            RelKind::PartitionedIndex => b'I',
        }
    }

    /// The kind of a letter.
    pub fn from_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b'r' => RelKind::Table,
            b'i' => RelKind::Index,
            b'S' => RelKind::Sequence,
            b't' => RelKind::Toast,
            b'v' => RelKind::View,
            b'm' => RelKind::MaterializedView,
            b'c' => RelKind::CompositeType,
            b'f' => RelKind::ForeignTable,
            b'p' => RelKind::PartitionedTable,
            b'I' => RelKind::PartitionedIndex,
            _ => return None,
        })
    }
}

/// `pg_class.relpersistence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// `p`
    Permanent,
    /// `u`
    Unlogged,
    /// `t`
    Temporary,
}

/// A relation with everything a statement needs to use it. Immutable; shared by caches and plans.
#[derive(Clone, Debug)]
pub struct Relation {
    /// `pg_class.oid`
    pub oid: Oid,
    /// `relname`
    pub name: Arc<str>,
    /// `relnamespace`
    pub namespace: Oid,
    /// Name of the namespace.
    pub namespace_name: Arc<str>,
    /// `relowner`
    pub owner: Oid,
    /// `relkind`
    pub kind: RelKind,
    /// `relpersistence`
    pub persistence: Persistence,
    /// `reltype`: its row type
    pub row_type: Oid,
    /// `relam`
    pub access_method: Oid,
    /// `relfilenode`: number of the storage inside the database; 0 if it has none
    pub file_node: Oid,
    /// A relation of `pg_catalog` (or `information_schema`) whose built-in rows are compiled in.
    pub is_catalog: bool,
    /// `relisshared`
    pub is_shared: bool,
    /// All columns by attnum - 1, dropped ones included. System columns are not listed.
    pub columns: Vec<Column>,
    /// Indexes, primary key first, then by OID.
    pub indexes: Vec<Arc<IndexInfo>>,
    /// CHECK and NOT NULL constraints, by name.
    pub checks: Vec<CheckConstraint>,
    /// Foreign keys of this table.
    pub foreign_keys: Vec<Arc<ForeignKey>>,
    /// Foreign keys of other tables (or itself) that point here.
    pub referenced_by: Vec<Arc<ForeignKey>>,
    /// Serialized defining query of a view or materialized view (`pg_rewrite.ev_action`).
    pub view_query: Option<Arc<str>>,
    /// `relispopulated`
    pub is_populated: bool,
    /// Parents by inheritance (`pg_inherits.inhparent`), in order.
    pub inherits: Vec<Oid>,
    /// Children by inheritance.
    pub children: Vec<Oid>,
    /// `reloptions`, as `name=value`.
    pub options: Vec<Arc<str>>,
    /// `reltuples`; -1 if never analyzed
    pub reltuples: f64,
    /// `relpages`
    pub relpages: i32,
    /// `relhastriggers`-like: are there user triggers?
    pub has_triggers: bool,
    /// `relrowsecurity`
    pub row_security: bool,
}

impl Relation {
    /// The live column of that name, with its attnum.
    pub fn column_by_name(&self, name: &str) -> Option<(i16, &Column)> {
        let at = self.columns.iter().position(|column| !column.dropped && &*column.name == name)?;
        Some((i16::try_from(at + 1).ok()?, &self.columns[at]))
    }

    /// The column with an attnum, from 1.
    pub fn column(&self, attnum: i16) -> Option<&Column> {
        self.columns.get(usize::try_from(attnum).ok()?.checked_sub(1)?)
    }

    /// The primary key.
    pub fn primary_key(&self) -> Option<&Arc<IndexInfo>> {
        self.indexes.iter().find(|index| index.is_primary)
    }
}

/// `pg_attribute`.
#[derive(Clone, Debug)]
pub struct Column {
    /// `attname`
    pub name: Arc<str>,
    /// `atttypid`
    pub type_oid: Oid,
    /// `atttypmod`
    pub typmod: i32,
    /// `attcollation`
    pub collation: Oid,
    /// `attnotnull`
    pub not_null: bool,
    /// `attisdropped`
    pub dropped: bool,
    /// `attidentity`: `a`, `d` or 0
    pub identity: u8,
    /// The sequence of an identity column, 0 for others.
    pub identity_sequence: Oid,
    /// `attgenerated`: `s`, `v` or 0
    pub generated: u8,
    /// `atthasdef`: serialized expression of the default or the generation expression (`pg_attrdef.adbin`)
    pub default: Option<Arc<str>>,
    /// `attmissingval`: value of rows written before the column was added
    pub missing: Option<Datum>,
    /// `attislocal`
    pub is_local: bool,
    /// `attinhcount`
    pub inherit_count: i16,
    /// `attstorage`
    pub storage: u8,
    /// `attstattarget`, -1 for the default
    pub statistics_target: i16,
}

/// One key (or included) column of an index.
#[derive(Clone, Debug)]
pub struct IndexColumn {
    /// Column of the table; 0 for an expression (see [`IndexInfo::expressions`]).
    pub attnum: i16,
    /// Type of the key.
    pub type_oid: Oid,
    /// Collation of the key.
    pub collation: Oid,
    /// Operator class.
    pub opclass: Oid,
    /// Operator family of that class.
    pub opfamily: Oid,
    /// DESC
    pub descending: bool,
    /// NULLS FIRST
    pub nulls_first: bool,
}

/// `pg_index` with what is needed of its `pg_class` row.
#[derive(Clone, Debug)]
pub struct IndexInfo {
    /// The index relation.
    pub oid: Oid,
    /// Its name.
    pub name: Arc<str>,
    /// The table.
    pub table: Oid,
    /// Access method: 403 btree, 405 hash, ...
    pub access_method: Oid,
    /// Number of its storage.
    pub file_node: Oid,
    /// `indisunique`
    pub is_unique: bool,
    /// `indnullsnotdistinct`
    pub nulls_not_distinct: bool,
    /// `indisprimary`
    pub is_primary: bool,
    /// `indisexclusion`
    pub is_exclusion: bool,
    /// `indimmediate`
    pub is_immediate: bool,
    /// `indisvalid`
    pub is_valid: bool,
    /// Key columns.
    pub columns: Vec<IndexColumn>,
    /// INCLUDE columns (attnums).
    pub include: Vec<i16>,
    /// Serialized expressions, one for each key column with attnum 0, in order.
    pub expressions: Vec<Arc<str>>,
    /// Serialized predicate of a partial index.
    pub predicate: Option<Arc<str>>,
    /// The PRIMARY KEY, UNIQUE or EXCLUDE constraint behind it.
    pub constraint: Option<ConstraintRef>,
    /// `reltuples` of the index.
    pub reltuples: f64,
}

/// Name and OID of a constraint.
#[derive(Clone, Debug)]
pub struct ConstraintRef {
    /// `pg_constraint.oid`
    pub oid: Oid,
    /// `conname`
    pub name: Arc<str>,
    /// `condeferrable`
    pub deferrable: bool,
    /// `condeferred`
    pub initially_deferred: bool,
}

/// A CHECK or (since PostgreSQL 18 also in `pg_constraint`) NOT NULL constraint.
#[derive(Clone, Debug)]
pub struct CheckConstraint {
    /// `pg_constraint.oid`
    pub oid: Oid,
    /// `conname`
    pub name: Arc<str>,
    /// Serialized expression; `None` for NOT NULL.
    pub expression: Option<Arc<str>>,
    /// Columns (`conkey`).
    pub columns: Vec<i16>,
    /// `convalidated`
    pub validated: bool,
    /// `conenforced`
    pub enforced: bool,
    /// `connoinherit`
    pub no_inherit: bool,
}

/// Referential actions, `confdeltype` and `confupdtype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKeyAction {
    /// `a`
    NoAction,
    /// `r`
    Restrict,
    /// `c`
    Cascade,
    /// `n`
    SetNull,
    /// `d`
    SetDefault,
}

/// A FOREIGN KEY constraint.
#[derive(Clone, Debug)]
pub struct ForeignKey {
    /// `pg_constraint.oid`
    pub oid: Oid,
    /// `conname`
    pub name: Arc<str>,
    /// Referencing table.
    pub table: Oid,
    /// Referencing columns.
    pub columns: Vec<i16>,
    /// Referenced table.
    pub ref_table: Oid,
    /// Referenced columns.
    pub ref_columns: Vec<i16>,
    /// The unique index behind the referenced columns.
    pub ref_index: Oid,
    /// `conpfeqop`: equality operators, referenced = referencing.
    pub operators: Vec<Oid>,
    /// ON DELETE
    pub on_delete: ForeignKeyAction,
    /// ON UPDATE
    pub on_update: ForeignKeyAction,
    /// Columns of ON DELETE SET NULL/DEFAULT (col, ...); empty for all.
    pub delete_set_columns: Vec<i16>,
    /// MATCH FULL rather than SIMPLE.
    pub match_full: bool,
    /// `condeferrable`
    pub deferrable: bool,
    /// `condeferred`
    pub initially_deferred: bool,
    /// `convalidated`
    pub validated: bool,
    /// `conenforced`
    pub enforced: bool,
}
