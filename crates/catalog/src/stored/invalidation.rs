//! Which descriptors a changed catalog row makes stale.

use crate::builtin::columns::*;
use crate::row::CatRow;
use pglitedb_types::{Datum, Oid};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Everything that a transaction's catalog writes have made stale. Collected while it runs, published at commit.
#[derive(Clone, Debug, Default)]
pub struct Invalidation {
    pub(super) relations: FxHashSet<Oid>,
    pub(super) relation_names: FxHashSet<(Oid, Arc<str>)>,
    pub(super) types: FxHashSet<Oid>,
    pub(super) type_names: FxHashSet<(Oid, Arc<str>)>,
    /// Catalogs whose other descriptors go altogether.
    pub(super) catalogs: FxHashSet<Oid>,
    /// All relations (a schema was renamed).
    pub(super) all_relations: bool,
}

impl Invalidation {
    /// Nothing so far?
    pub fn is_empty(&self) -> bool {
        self.relations.is_empty() && self.types.is_empty() && self.catalogs.is_empty() && !self.all_relations
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Invalidation::default();
    }

    /// Notes an inserted or deleted row; for an update both versions.
    pub fn note(&mut self, catalog: Oid, row: &[Datum]) {
        let row = CatRow(row);
        match catalog {
            pg_class::RELATION => {
                self.relations.insert(row.oid(pg_class::OID));
                self.relation_names.insert((row.oid(pg_class::RELNAMESPACE), row.text(pg_class::RELNAME)));
            }
            pg_attribute::RELATION => self.relation(row.oid(pg_attribute::ATTRELID)),
            pg_attrdef::RELATION => self.relation(row.oid(pg_attrdef::ADRELID)),
            pg_index::RELATION => {
                self.relation(row.oid(pg_index::INDRELID));
                self.relation(row.oid(pg_index::INDEXRELID));
            }
            pg_constraint::RELATION => {
                self.relation(row.oid(pg_constraint::CONRELID));
                self.relation(row.oid(pg_constraint::CONFRELID));
                self.types.insert(row.oid(pg_constraint::CONTYPID));
                self.catalogs.insert(catalog);
            }
            pg_inherits::RELATION => {
                self.relation(row.oid(pg_inherits::INHRELID));
                self.relation(row.oid(pg_inherits::INHPARENT));
            }
            pg_rewrite::RELATION => self.relation(row.oid(pg_rewrite::EV_CLASS)),
            pg_trigger::RELATION => self.relation(row.oid(pg_trigger::TGRELID)),
            pg_policy::RELATION => self.relation(row.oid(pg_policy::POLRELID)),
            pg_partitioned_table::RELATION => self.relation(row.oid(pg_partitioned_table::PARTRELID)),
            pg_type::RELATION => {
                self.types.insert(row.oid(pg_type::OID));
                self.type_names.insert((row.oid(pg_type::TYPNAMESPACE), row.text(pg_type::TYPNAME)));
            }
            pg_enum::RELATION => {
                self.types.insert(row.oid(pg_enum::ENUMTYPID));
            }
            pg_range::RELATION => {
                self.types.insert(row.oid(pg_range::RNGTYPID));
                self.types.insert(row.oid(pg_range::RNGMULTITYPID));
            }
            pg_namespace::RELATION => {
                self.all_relations = true;
                self.catalogs.insert(catalog);
            }
            // Bookkeeping that no descriptor is made of.
            pg_depend::RELATION
            | pg_shdepend::RELATION
            | pg_description::RELATION
            | pg_init_privs::RELATION => {}
            catalog => {
                self.catalogs.insert(catalog);
            }
        }
    }

    fn relation(&mut self, oid: Oid) {
        if oid != 0 {
            self.relations.insert(oid);
        }
    }

    /// Adds what another one has noted.
    pub fn merge(&mut self, other: &Invalidation) {
        self.relations.extend(&other.relations);
        self.relation_names.extend(other.relation_names.iter().cloned());
        self.types.extend(&other.types);
        self.type_names.extend(other.type_names.iter().cloned());
        self.catalogs.extend(&other.catalogs);
        self.all_relations |= other.all_relations;
    }

    /// Relations whose descriptions changed.
    pub fn relations(&self) -> impl Iterator<Item = Oid> + '_ {
        self.relations.iter().copied()
    }
}
