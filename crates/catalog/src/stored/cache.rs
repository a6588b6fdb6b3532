//! Descriptors of stored objects, shared by the sessions of a database.
//!
//! # Staleness
//! A loader notes the cache's version, reads the newest committed rows, and keeps what it made only if the version has
//! not moved. A transaction that changed catalogs calls [`CatalogCache::publish`] just before it commits and drops the
//! guard after its changes are visible, *before it releases its locks* or at least before it answers its client: while
//! a guard lives, nothing is kept at all, and both ends move the version and remove what is stale. Who has waited for a
//! lock on an object compares versions and looks the object up again.
//!
//! A transaction with catalog changes of its own uses a cache of its own, which dies with it.

use super::invalidation::Invalidation;
use crate::builtin::columns::*;
use crate::{
    AggregateInfo, AmopInfo, CastInfo, CollationInfo, ColumnStats, OpclassInfo, OperatorInfo, ProcInfo,
    Relation,
};
use parking_lot::RwLock;
use pglitedb_types::{Datum, EnumValue, Oid, TypeInfo};
use rustc_hash::FxHashMap;
use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Entries of one kind that are kept; more, and that kind starts over. Bounded, cheap, and never reached by most.
const LIMIT: usize = 16_384;

/// One kind of descriptor.
pub(super) struct Memo<K, V> {
    map: RwLock<FxHashMap<K, V>>,
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Memo { map: RwLock::default() }
    }
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    #[inline]
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.map.read().get(key).cloned()
    }

    fn remove<Q: Eq + Hash + ?Sized>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.map.write().remove(key);
    }

    fn clear(&self) {
        self.map.write().clear();
    }
}

/// Names within schemas.
#[derive(Default)]
pub(super) struct NameMemo {
    map: RwLock<FxHashMap<Oid, FxHashMap<Arc<str>, Option<Oid>>>>,
}

impl NameMemo {
    #[inline]
    pub(super) fn get(&self, namespace: Oid, name: &str) -> Option<Option<Oid>> {
        self.map.read().get(&namespace)?.get(name).copied()
    }

    fn remove(&self, namespace: Oid, name: &str) {
        if let Some(names) = self.map.write().get_mut(&namespace) {
            names.remove(name);
        }
    }

    fn clear(&self) {
        self.map.write().clear();
    }
}

type List<T> = Arc<[Arc<T>]>;

/// The caches of one database (or of one transaction with changes of its own).
#[derive(Default)]
pub struct CatalogCache {
    version: AtomicU64,
    publishing: AtomicU32,
    pub(super) relations: Memo<Oid, Option<Arc<Relation>>>,
    pub(super) relation_names: NameMemo,
    pub(super) index_tables: Memo<Oid, Oid>,
    pub(super) types: Memo<Oid, Option<Arc<TypeInfo>>>,
    pub(super) type_names: NameMemo,
    pub(super) enums: Memo<Oid, Arc<[(EnumValue, Arc<str>)]>>,
    pub(super) namespaces: Memo<Arc<str>, Option<Oid>>,
    pub(super) namespace_names: Memo<Oid, Option<Arc<str>>>,
    pub(super) procs: Memo<Oid, Option<Arc<ProcInfo>>>,
    pub(super) proc_names: Memo<Arc<str>, List<ProcInfo>>,
    pub(super) operators: Memo<Oid, Option<Arc<OperatorInfo>>>,
    pub(super) operator_names: Memo<Arc<str>, List<OperatorInfo>>,
    pub(super) casts: Memo<(Oid, Oid), Option<Arc<CastInfo>>>,
    pub(super) aggregates: Memo<Oid, Option<Arc<AggregateInfo>>>,
    pub(super) opclasses: Memo<Oid, Option<Arc<OpclassInfo>>>,
    pub(super) opclasses_for_type: Memo<(Oid, Oid), List<OpclassInfo>>,
    pub(super) amops_of_operator: Memo<Oid, Arc<[AmopInfo]>>,
    pub(super) amops: Memo<(Oid, Oid, Oid, i16), Option<Oid>>,
    pub(super) amprocs: Memo<(Oid, Oid, Oid, i16), Option<Oid>>,
    pub(super) collations: Memo<Oid, Option<Arc<CollationInfo>>>,
    pub(super) collation_names: Memo<Arc<str>, List<CollationInfo>>,
    pub(super) statistics: Memo<(Oid, i16), Option<Arc<ColumnStats>>>,
    /// Stored rows that stand for built-in ones, by catalog and row id.
    pub(super) overrides: Memo<Oid, Arc<FxHashMap<u64, Option<Vec<Datum>>>>>,
}

impl CatalogCache {
    /// An empty cache.
    pub fn new() -> CatalogCache {
        CatalogCache::default()
    }

    /// Moves with every change of the catalogs. A plan made at one version is good as long as it has not moved. While
    /// changes are being published no two calls return the same: what is made then is never good for later.
    #[inline]
    pub fn version(&self) -> u64 {
        if self.publishing.load(Ordering::Acquire) != 0 {
            return self.version.fetch_add(1, Ordering::AcqRel) + 1;
        }
        self.version.load(Ordering::Acquire)
    }

    /// The version as loaders compare it.
    pub(super) fn raw_version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Announces a commit of catalog changes; see the module's notes for when to drop the guard. If the commit fails,
    /// dropping it is right, too.
    pub fn publish(self: &Arc<Self>, invalidation: &Invalidation) -> PublishGuard {
        self.publishing.fetch_add(1, Ordering::AcqRel);
        self.invalidate(invalidation);
        PublishGuard { cache: Arc::clone(self), invalidation: invalidation.clone() }
    }

    pub(super) fn keep<K: Eq + Hash, V>(&self, memo: &Memo<K, V>, version: u64, key: K, value: V) {
        let mut map = memo.map.write();
        if self.may_keep(version) {
            if map.len() >= LIMIT {
                map.clear();
            }
            map.insert(key, value);
        }
    }

    pub(super) fn keep_name(
        &self,
        memo: &NameMemo,
        version: u64,
        namespace: Oid,
        name: &str,
        value: Option<Oid>,
    ) {
        let mut map = memo.map.write();
        if self.may_keep(version) {
            let names = map.entry(namespace).or_default();
            if names.len() >= LIMIT {
                names.clear();
            }
            names.insert(Arc::from(name), value);
        }
    }

    /// Asked with a map's lock held: an invalidation moves the version first and then takes every lock.
    fn may_keep(&self, version: u64) -> bool {
        self.publishing.load(Ordering::Acquire) == 0 && self.raw_version() == version
    }

    /// Removes what is stale and moves the version.
    pub fn invalidate(&self, stale: &Invalidation) {
        self.version.fetch_add(1, Ordering::AcqRel);
        if stale.all_relations {
            self.relations.clear();
            self.relation_names.clear();
        }
        for oid in &stale.relations {
            self.relations.remove(oid);
            self.index_tables.remove(oid);
        }
        for (namespace, name) in &stale.relation_names {
            self.relation_names.remove(*namespace, name);
        }
        for oid in &stale.types {
            self.types.remove(oid);
            self.enums.remove(oid);
        }
        for (namespace, name) in &stale.type_names {
            self.type_names.remove(*namespace, name);
        }
        stale.catalogs.iter().for_each(|catalog| self.invalidate_catalog(*catalog));
        if !stale.is_empty() {
            self.overrides.clear();
        }
    }

    fn invalidate_catalog(&self, catalog: Oid) {
        match catalog {
            pg_proc::RELATION => {
                self.procs.clear();
                self.proc_names.clear();
            }
            pg_operator::RELATION => {
                self.operators.clear();
                self.operator_names.clear();
            }
            pg_cast::RELATION => self.casts.clear(),
            pg_aggregate::RELATION => self.aggregates.clear(),
            pg_opclass::RELATION | pg_opfamily::RELATION => {
                self.opclasses.clear();
                self.opclasses_for_type.clear();
            }
            pg_amop::RELATION => {
                self.amops.clear();
                self.amops_of_operator.clear();
            }
            pg_amproc::RELATION => self.amprocs.clear(),
            pg_collation::RELATION => {
                self.collations.clear();
                self.collation_names.clear();
            }
            pg_namespace::RELATION => {
                self.namespaces.clear();
                self.namespace_names.clear();
            }
            pg_statistic::RELATION => self.statistics.clear(),
            _ => {}
        }
    }

    /// Removes everything and moves the version (ROLLBACK TO SAVEPOINT in a transaction's own cache).
    pub fn clear(&self) {
        let mut all = Invalidation { all_relations: true, ..Invalidation::default() };
        all.catalogs.extend([
            pg_proc::RELATION,
            pg_operator::RELATION,
            pg_cast::RELATION,
            pg_aggregate::RELATION,
            pg_opclass::RELATION,
            pg_amop::RELATION,
            pg_amproc::RELATION,
            pg_collation::RELATION,
            pg_namespace::RELATION,
            pg_statistic::RELATION,
        ]);
        self.invalidate(&all);
        self.index_tables.clear();
        self.types.clear();
        self.type_names.clear();
        self.enums.clear();
    }
}

/// Lives from just before a commit of catalog changes until they are visible.
#[must_use = "dropping it ends the publication"]
pub struct PublishGuard {
    cache: Arc<CatalogCache>,
    invalidation: Invalidation,
}

impl Drop for PublishGuard {
    fn drop(&mut self) {
        self.cache.invalidate(&self.invalidation);
        self.cache.publishing.fetch_sub(1, Ordering::AcqRel);
    }
}
