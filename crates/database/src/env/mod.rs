//! A session's environment: everything that functions, the analyzer, the planner, the executor and utility commands
//! ask of the session. One `Env` implements all their traits.
//!
//! It belongs to one session and is used by one thread at a time, so its state is in cells; it holds no borrowed data,
//! so that functions can reach it through [`SessionEnv::as_any`](pglitedb_functions::SessionEnv::as_any).

mod calls;
mod catalog;
mod domain;
mod enums;
mod format;
mod hooks;
mod interrupt;
mod locks;
mod names;
mod privileges;
mod random;
mod session_env;
mod type_env;

pub(crate) use interrupt::Interrupts;
pub use interrupt::{SessionHost, install_blocking_hook};
pub use locks::storage_lock_mode;
pub(crate) use names::split_identifiers;

use crate::database::{Cluster, OpenDatabase};
use crate::output::Column;
use crate::plan::{PreparedStatements, TextCache};
use crate::portal::Portals;
use crate::session::{Activity, ListenState, SequenceState};
use crate::settings::{Effective, Settings};
use crate::transaction::Transaction;
use format::FormatChain;
use parking_lot::Mutex;
use pglitedb_catalog::{CatalogCache, Invalidation, NameScope, StoredCatalog};
use pglitedb_functions::Registry;
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_storage::{CancelToken, LockOwner, Lsn, Timestamp, Txn};
use pglitedb_tables::TableSpace;
use pglitedb_tables::system::TxnSource;
use pglitedb_types::Oid;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds from 1970-01-01 to 2000-01-01.
const EPOCH_DISTANCE: i64 = 946_684_800_000_000;

/// Now, microseconds since 2000-01-01 UTC.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX)) - EPOCH_DISTANCE
}

/// A session's environment. See the module.
pub struct Env {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) database: Arc<OpenDatabase>,
    pub(crate) database_name: Arc<str>,
    /// `pg_backend_pid()`
    pub(crate) pid: u32,
    pub(crate) owner: LockOwner,
    pub(crate) cancel: CancelToken,
    pub(crate) interrupts: interrupt::Interrupts,
    /// Authenticated user, session user, current user.
    pub(crate) authenticated_user: Oid,
    pub(crate) session_user: Cell<Oid>,
    pub(crate) current_user: Cell<Oid>,
    pub(crate) is_superuser: Cell<bool>,
    pub(crate) settings: RefCell<Settings>,
    pub(crate) effective: RefCell<Effective>,
    pub(crate) format: FormatChain,
    /// Moves with every change of a setting that plans depend on.
    pub(crate) plan_settings_version: Cell<u64>,
    /// Names of reportable settings that changed since the client was told.
    pub(crate) changed_settings: RefCell<Vec<&'static str>>,
    pub(crate) scope: names::ScopeCache,
    /// The running transaction, for those who need just that.
    pub(crate) txn: RefCell<Option<Arc<Txn>>>,
    pub(crate) transaction: RefCell<Transaction>,
    /// The time of the snapshot of the innermost plan that runs now; 0 outside of plans.
    pub(crate) running_at: Cell<Timestamp>,
    /// Descriptors of the running transaction, once it has changed catalogs.
    pub(crate) own_cache: RefCell<Option<Arc<CatalogCache>>>,
    /// Number of that cache, 0 for the shared one; part of the key of plans.
    pub(crate) own_cache_number: Cell<u64>,
    pub(crate) invalidation: RefCell<Invalidation>,
    pub(crate) notices: RefCell<Vec<Error>>,
    pub(crate) statement_started: Cell<i64>,
    /// What must be durable before the client hears anything.
    pub(crate) wait_for: Cell<Lsn>,
    /// The answers so far tell what was read. Those of statements that only change rows within a block do not count:
    /// nothing of them stands before the block has ended.
    pub(crate) discloses: Cell<bool>,
    pub(crate) random: random::Generator,
    pub(crate) statements: RefCell<PreparedStatements>,
    pub(crate) texts: RefCell<TextCache>,
    pub(crate) portals: RefCell<Portals>,
    pub(crate) sequences: RefCell<SequenceState>,
    pub(crate) listen: ListenState,
    pub(crate) temp_namespace: Cell<Oid>,
    pub(crate) domains: domain::DomainCache,
    pub(crate) routines: crate::routine::RoutineCache,
    pub(crate) casts: crate::routine::CastCache,
    /// Calls of PL/pgSQL under way, outermost first.
    pub(crate) calls: RefCell<Vec<Arc<pglitedb_plpgsql::Position>>>,
    /// What runs may end the transaction: a procedure that was called, or a DO, outside of a block.
    pub(crate) may_end_transaction: Cell<bool>,
    /// For names of portals.
    pub(crate) portal_number: Cell<u64>,
    pub(crate) new_enums: enums::NewEnums,
    pub(crate) text_search: crate::functions::text_search::TextSearchCache,
    /// An empty list, shared.
    pub(crate) no_columns: Arc<[Column]>,
    pub(crate) activity: Arc<Mutex<Activity>>,
}

impl Env {
    /// The tables of the session's database.
    pub fn space(&self) -> &Arc<TableSpace> {
        &self.database.space
    }

    /// The session's database.
    pub fn database_oid(&self) -> Oid {
        self.database.oid
    }

    /// Functions.
    pub fn registry(&self) -> &'static Registry {
        self.cluster.registry
    }

    /// `pg_backend_pid()`
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The running transaction; `XX000` outside of one.
    pub fn txn(&self) -> Result<Arc<Txn>> {
        self.txn.borrow().clone().ok_or_else(|| Error::internal("no transaction is running"))
    }

    /// What must be durable before the client hears the answers so far.
    #[inline]
    pub(crate) fn must_be_durable(&self) -> Lsn {
        let mut lsn = self.wait_for.get().max(self.cluster.engine.barrier_lsn());
        if self.discloses.take() {
            lsn = lsn.max(self.owner.seen());
        }
        self.wait_for.set(lsn);
        lsn
    }

    /// The catalogs' rows and descriptors as the running transaction sees them.
    pub fn with_catalog<T>(&self, ask: impl FnOnce(&StoredCatalog<'_>) -> Result<T>) -> Result<T> {
        let scope = self.name_scope()?;
        self.with_scope(&scope, ask)
    }

    /// As [`Env::with_catalog`], with another search path.
    pub(crate) fn with_scope<T>(
        &self,
        scope: &NameScope,
        ask: impl FnOnce(&StoredCatalog<'_>) -> Result<T>,
    ) -> Result<T> {
        let txn = self.txn.borrow();
        let txn = txn.as_ref().ok_or_else(|| Error::internal("no transaction is running"))?;
        let source = TxnSource::new(&self.database.space, txn);
        let own = self.own_cache.borrow();
        let cache = own.as_ref().unwrap_or(&self.database.cache);
        ask(&StoredCatalog::new(&source, cache, scope))
    }

    /// Identifies the state of the catalogs: which cache, and its version.
    #[inline]
    pub(crate) fn catalog_version(&self) -> (u64, u64) {
        match &*self.own_cache.borrow() {
            Some(own) => (self.own_cache_number.get(), own.version()),
            None => (0, self.database.cache.version()),
        }
    }

    /// From now on the transaction sees the catalogs through descriptors of its own; returns them.
    pub(crate) fn begin_catalog_changes(&self) -> Arc<CatalogCache> {
        let mut own = self.own_cache.borrow_mut();
        own.get_or_insert_with(|| {
            self.own_cache_number.set(self.cluster.sessions.next_cache_number());
            Arc::new(CatalogCache::new())
        })
        .clone()
    }

    /// What this transaction's catalog changes have made stale.
    pub(crate) fn invalidation(&self) -> &RefCell<Invalidation> {
        &self.invalidation
    }

    /// Keeps a notice for the client, if `client_min_messages` lets it through.
    pub fn push_notice(&self, notice: Error) {
        let severity = notice.fields().severity;
        if severity == Severity::Info || severity >= self.effective.borrow().client_min_messages {
            self.notices.borrow_mut().push(notice);
        }
    }

    /// Notes the statement that runs now (`pg_stat_activity`).
    #[inline]
    pub(crate) fn note_activity(&self, source: &Arc<str>) {
        let mut activity = self.activity.lock();
        if !Arc::ptr_eq(&activity.query, source) {
            activity.query = source.clone();
        }
        activity.query_start = self.statement_started.get();
    }

    /// 25006 in a read-only transaction.
    pub(crate) fn check_writable(&self, command: &str) -> Result<()> {
        if self.transaction.borrow().read_only {
            return Err(err!(
                READ_ONLY_SQL_TRANSACTION,
                "cannot execute {command} in a read-only transaction"
            ));
        }
        Ok(())
    }

    /// 25001 for commands that cannot run inside of a transaction block.
    pub(crate) fn prevent_in_block(&self, command: &str, top_level: bool) -> Result<()> {
        if self.transaction.borrow().in_block() {
            return Err(err!(ACTIVE_SQL_TRANSACTION, "{command} cannot run inside a transaction block"));
        }
        if !top_level {
            return Err(err!(ACTIVE_SQL_TRANSACTION, "{command} cannot be executed from a function"));
        }
        Ok(())
    }
}
