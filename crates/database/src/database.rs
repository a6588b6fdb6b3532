//! An open cluster and its databases.

use crate::config::Config;
use crate::env::Env;
use crate::session::{ConnectOptions, Session, SessionRegistry};
use crate::settings::store::Source;
use parking_lot::RwLock;
use pglitedb_catalog::builtin::columns::{pg_authid, pg_database};
use pglitedb_catalog::{CatalogCache, NameScope, StoredCatalog};
use pglitedb_functions::Registry;
use pglitedb_platform::Fs;
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_storage::{BeginOptions, Engine};
use pglitedb_tables::system::TxnSource;
use pglitedb_tables::{KeyCache, TableSpace, storage_error};
use pglitedb_types::{Datum, Oid};
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;

/// Index over `pg_database.datname`.
const DATABASE_BY_NAME: Oid = 2671;
/// Index over `pg_authid.rolname`.
const ROLE_BY_NAME: Oid = 2676;
/// OID of the database `template1`, whose catalogs serve where no database is chosen yet.
const TEMPLATE1: Oid = 1;

/// A cluster: one storage engine with its databases. Clones share it; it closes when the last clone and the last
/// session are gone.
#[derive(Clone)]
pub struct Database(pub(crate) Arc<Cluster>);

/// What all sessions share.
pub(crate) struct Cluster {
    pub engine: Engine,
    pub config: Config,
    pub databases: RwLock<FxHashMap<Oid, Arc<OpenDatabase>>>,
    /// Where keys of unique indexes were found last, in all databases.
    pub keys: Arc<KeyCache>,
    pub sessions: SessionRegistry,
    pub registry: &'static Registry,
    /// When it was opened, microseconds since 2000-01-01 UTC.
    pub started: i64,
}

/// Hints where keys are take this share of the page cache's size,
const KEY_CACHE_SHARE: usize = 64;
/// and this much at most.
const KEY_CACHE_MOST: usize = 64 << 20;

/// One database of a cluster.
pub struct OpenDatabase {
    /// `pg_database.oid`
    pub oid: Oid,
    /// Its tables.
    pub space: Arc<TableSpace>,
    /// Descriptors shared by its sessions.
    pub cache: Arc<CatalogCache>,
}

/// A role, as far as connecting is concerned.
#[derive(Clone, Debug)]
pub struct RoleInfo {
    /// `pg_authid.oid`
    pub oid: Oid,
    /// `rolname`
    pub name: Arc<str>,
    /// `rolsuper`
    pub superuser: bool,
    /// `rolcanlogin`
    pub can_login: bool,
    /// `rolpassword`
    pub password: Option<String>,
    /// `rolvaliduntil`, microseconds since 2000-01-01 UTC
    pub valid_until: Option<i64>,
}

/// A row of `pg_database`.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseInfo {
    pub oid: Oid,
    pub allows_connections: bool,
}

impl Database {
    /// Opens the cluster in a directory, creating it if need be.
    pub fn open(path: impl AsRef<Path>, config: Config) -> Result<Database> {
        let engine = Engine::open(path, config.storage.clone()).map_err(storage_error)?;
        Ok(Self::start(engine, config))
    }

    /// As [`Database::open`], on the given file system.
    pub fn open_with(fs: Arc<dyn Fs>, path: &Path, config: Config) -> Result<Database> {
        let engine = Engine::open_with(fs, path, config.storage.clone()).map_err(storage_error)?;
        Ok(Self::start(engine, config))
    }

    /// A cluster that lives in memory only.
    pub fn in_memory(config: Config) -> Result<Database> {
        let engine = Engine::in_memory(config.storage.clone()).map_err(storage_error)?;
        Ok(Self::start(engine, config))
    }

    fn start(engine: Engine, config: Config) -> Database {
        crate::env::install_blocking_hook(&engine);
        let remembered = (config.storage.page_cache_size / KEY_CACHE_SHARE).min(KEY_CACHE_MOST);
        Database(Arc::new(Cluster {
            engine,
            keys: Arc::new(KeyCache::new(remembered)),
            config,
            databases: RwLock::default(),
            sessions: SessionRegistry::default(),
            registry: crate::functions::registry(),
            started: crate::env::now(),
        }))
    }

    /// Opens a session.
    pub fn connect(&self, options: ConnectOptions) -> Result<Session> {
        Session::connect(self, options)
    }

    /// The storage engine.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// A role by name.
    pub fn role(&self, name: &str) -> Result<Option<RoleInfo>> {
        self.0.role(name)
    }

    /// Writes everything committed into the database file and cuts the log.
    pub fn checkpoint(&self) -> Result<()> {
        self.0.engine.checkpoint().map_err(storage_error)
    }

    /// Writes a checkpoint and closes the files. Sessions that are still open fail from now on.
    pub fn close(&self) -> Result<()> {
        self.0.engine.close().map_err(storage_error)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for database in self.databases.read().values() {
            database.space.close();
        }
        // There is nobody left to tell about a failure; the log has what the database file lacks.
        let _ = self.engine.close();
    }
}

impl Cluster {
    /// The open database of an OID.
    pub(crate) fn database(&self, oid: Oid) -> Arc<OpenDatabase> {
        if let Some(found) = self.databases.read().get(&oid) {
            return found.clone();
        }
        let mut databases = self.databases.write();
        databases
            .entry(oid)
            .or_insert_with(|| {
                Arc::new(OpenDatabase {
                    oid,
                    space: TableSpace::new(self.engine.clone(), oid, self.keys.clone()),
                    cache: Arc::new(CatalogCache::new()),
                })
            })
            .clone()
    }

    /// Forgets a database that was dropped.
    pub(crate) fn forget_database(&self, oid: Oid) {
        if let Some(database) = self.databases.write().remove(&oid) {
            database.space.close();
        }
    }

    /// Asks the shared catalogs outside of any session.
    fn shared_catalogs<T>(&self, ask: impl FnOnce(&StoredCatalog<'_>) -> Result<T>) -> Result<T> {
        let database = self.database(TEMPLATE1);
        let txn = self.engine.begin(BeginOptions { read_only: true, ..BeginOptions::default() });
        let source = TxnSource::new(&database.space, &txn);
        let scope = NameScope::default();
        ask(&StoredCatalog::new(&source, &database.cache, &scope))
    }

    pub(crate) fn database_by_name(&self, name: &str) -> Result<Option<DatabaseInfo>> {
        self.shared_catalogs(|catalog| {
            let rows =
                catalog.rows_by_index(pg_database::RELATION, DATABASE_BY_NAME, &[Datum::text(name)])?;
            Ok(rows.first().map(|row| DatabaseInfo {
                oid: row.get(pg_database::OID).and_then(Datum::as_oid).unwrap_or(0),
                allows_connections: row
                    .get(pg_database::DATALLOWCONN)
                    .and_then(Datum::as_bool)
                    .unwrap_or(false),
            }))
        })
    }

    /// Settings that ALTER ROLE and ALTER DATABASE have stored for such sessions, weakest first.
    pub(crate) fn stored_settings(&self, database: Oid, role: Oid) -> Result<Vec<(Source, String, String)>> {
        self.shared_catalogs(|catalog| crate::ddl::role::stored_settings(catalog, database, role))
    }

    pub(crate) fn role(&self, name: &str) -> Result<Option<RoleInfo>> {
        self.shared_catalogs(|catalog| {
            let rows = catalog.rows_by_index(pg_authid::RELATION, ROLE_BY_NAME, &[Datum::text(name)])?;
            Ok(rows.first().map(|row| role_of_row(row)))
        })
    }
}

/// A role from its `pg_authid` row.
pub(crate) fn role_of_row(row: &[Datum]) -> RoleInfo {
    let flag = |at: usize| row.get(at).and_then(Datum::as_bool).unwrap_or(false);
    RoleInfo {
        oid: row.get(pg_authid::OID).and_then(Datum::as_oid).unwrap_or(0),
        name: match row.get(pg_authid::ROLNAME) {
            Some(Datum::Text(name)) => name.clone(),
            _ => Arc::from(""),
        },
        superuser: flag(pg_authid::ROLSUPER),
        can_login: flag(pg_authid::ROLCANLOGIN),
        password: row.get(pg_authid::ROLPASSWORD).and_then(Datum::as_str).map(str::to_owned),
        valid_until: match row.get(pg_authid::ROLVALIDUNTIL) {
            Some(Datum::TimestampTz(at)) => Some(*at),
            _ => None,
        },
    }
}

/// 3D000
pub(crate) fn no_such_database(name: &str) -> Error {
    err!(UNDEFINED_DATABASE, "database \"{name}\" does not exist").severity(Severity::Fatal)
}

impl Env {
    /// A role by OID.
    pub fn role_by_oid(&self, oid: Oid) -> Result<Option<RoleInfo>> {
        self.with_catalog(|catalog| {
            Ok(catalog.row(pg_authid::RELATION, u64::from(oid))?.map(|row| role_of_row(&row)))
        })
    }

    /// A role by name.
    pub fn role_by_name(&self, name: &str) -> Result<Option<RoleInfo>> {
        self.with_catalog(|catalog| {
            let rows = catalog.rows_by_index(pg_authid::RELATION, ROLE_BY_NAME, &[Datum::text(name)])?;
            Ok(rows.first().map(|row| role_of_row(row)))
        })
    }
}
