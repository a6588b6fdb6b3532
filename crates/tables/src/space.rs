//! One database's tables.

use crate::access::TableAccess;
use crate::births::Births;
use crate::error::StorageResult;
use crate::key_cache::KeyCache;
use crate::sequence::SequenceCell;
use parking_lot::{Mutex, MutexGuard, RwLock};
use pglitedb_catalog::{Catalog, CatalogCache, Invalidation, Relation, builtin, builtin_catalog};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_storage::{CommitMode, CommitTicket, Engine, StorageId, Txn, Xid};
use pglitedb_types::Oid;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Number of latches; two keys share one with little harm.
const LATCHES: usize = 128;

/// The tables of one database. Shared by its sessions.
pub struct TableSpace {
    engine: Engine,
    database: u32,
    open: RwLock<FxHashMap<Oid, Arc<TableAccess>>>,
    catalogs: RwLock<FxHashMap<Oid, Arc<TableAccess>>>,
    /// Held for the moment between looking at a unique key and writing it; never while waiting for anything.
    latches: Vec<Mutex<()>>,
    pub(crate) births: Births,
    /// Shared by the databases of a cluster.
    pub(crate) keys: Arc<KeyCache>,
    pub(crate) sequences: Mutex<FxHashMap<StorageId, Arc<SequenceCell>>>,
}

impl TableSpace {
    /// The tables of a database number of an engine. All databases of a cluster share `keys`.
    pub fn new(engine: Engine, database: u32, keys: Arc<KeyCache>) -> Arc<TableSpace> {
        Arc::new(TableSpace {
            engine,
            database,
            open: RwLock::default(),
            catalogs: RwLock::default(),
            latches: (0..LATCHES).map(|_| Mutex::new(())).collect(),
            births: Births::default(),
            keys,
            sequences: Mutex::default(),
        })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The database number.
    pub fn database(&self) -> u32 {
        self.database
    }

    /// The storage of a file node; relations shared by all databases live in database 0.
    pub fn storage_id(&self, file_node: Oid, shared: bool) -> StorageId {
        StorageId::new(if shared { 0 } else { self.database }, file_node)
    }

    /// Access to a relation. Opening the same description again costs a hash look-up.
    pub fn open(
        self: &Arc<Self>,
        relation: &Arc<Relation>,
        catalog: &dyn Catalog,
    ) -> Result<Arc<TableAccess>> {
        if let Some(table) = self.open.read().get(&relation.oid)
            && Arc::ptr_eq(table.relation(), relation)
        {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(TableAccess::new(self, relation, catalog)?);
        let mut open = self.open.write();
        // Descriptions of dropped tables must not pile up.
        if open.len() >= 10_000 {
            open.clear();
        }
        open.insert(relation.oid, Arc::clone(&table));
        Ok(table)
    }

    /// Access to a relation of the system, for reading and writing descriptions.
    pub fn open_catalog(self: &Arc<Self>, relation: Oid) -> Result<Arc<TableAccess>> {
        if let Some(table) = self.catalogs.read().get(&relation) {
            return Ok(Arc::clone(table));
        }
        let info = builtin::builtin_relation(relation)
            .ok_or_else(|| Error::internal(format!("{relation} is not a system catalog")))?;
        let table = Arc::new(TableAccess::new(self, &info, &builtin_catalog())?);
        self.catalogs.write().insert(relation, Arc::clone(&table));
        Ok(table)
    }

    /// Lets go of everything that is open: open tables refer to this space, so without this neither would ever end.
    pub fn close(&self) {
        self.open.write().clear();
        self.catalogs.write().clear();
    }

    /// Forgets open tables, after DDL.
    pub fn forget_open(&self) {
        self.open.write().clear();
    }

    /// Commits a transaction that changed catalogs: publishes what became stale around the commit. `cache` is the
    /// database's. After an error the transaction is rolled back.
    pub fn commit_with_ddl(
        &self,
        txn: &Txn,
        mode: CommitMode,
        cache: &Arc<CatalogCache>,
        stale: &Invalidation,
    ) -> Result<CommitTicket> {
        let guard = cache.publish(stale);
        let xid = txn.xid();
        let ticket = txn.commit(mode);
        if let Some(xid) = xid {
            self.births.end(xid, ticket.as_ref().ok().and_then(|ticket| ticket.timestamp));
        }
        drop(guard);
        ticket.sql()
    }

    /// To be called after the rollback of a transaction (not just to a savepoint) that changed catalogs, with the
    /// number it had.
    pub fn rolled_back(&self, xid: Option<Xid>) {
        if let Some(xid) = xid {
            self.births.end(xid, None);
        }
    }

    /// The latch of a unique key with this hash ([`hash_key`](crate::key::hash_key)).
    pub(crate) fn latch(&self, hash: u64) -> MutexGuard<'_, ()> {
        self.latches[(hash ^ (hash >> 32)) as usize % LATCHES].lock()
    }
}
