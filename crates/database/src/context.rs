//! What a utility command works with.

use crate::env::Env;
use pglitedb_analyzer::AnalyzeContext;
use pglitedb_catalog::{Catalog, CatalogCache};
use pglitedb_executor::Runtime;
use pglitedb_functions::Registry;
use pglitedb_query_tree::TableLockMode;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_storage::{LockTag, LockWait, Snapshot, Txn};
use pglitedb_tables::system::CatalogWriter;
use pglitedb_tables::{TableSpace, storage_error};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// What a utility command (DDL, COPY, ...) is given: the session's environment with what belongs to this statement.
/// Cheap to make. Everything is reached through `&self`; the transaction is running and may be written.
pub struct StatementCtx<'a> {
    env: &'a Env,
    source: &'a str,
    params: &'a [Datum],
    txn: Arc<Txn>,
    space: Arc<TableSpace>,
    snapshot: Snapshot,
    /// The transaction's own descriptors, from the first catalog change on.
    own_cache: Option<Arc<CatalogCache>>,
    /// Not nested in another command and not inside of a function.
    top_level: bool,
}

impl<'a> StatementCtx<'a> {
    /// A context in the session's running transaction.
    pub fn new(env: &'a Env, source: &'a str, params: &'a [Datum], top_level: bool) -> Result<Self> {
        let txn = env.txn()?;
        let snapshot = txn.snapshot();
        Ok(StatementCtx {
            env,
            source,
            params,
            txn,
            space: env.space().clone(),
            snapshot,
            own_cache: None,
            top_level,
        })
    }

    /// As [`StatementCtx::new`], for a command that changes catalogs: refused in read-only transactions
    /// (25006 `cannot execute {command} in a read-only transaction`); from now on the transaction sees the catalogs
    /// through a cache of its own.
    pub fn for_ddl(
        env: &'a Env,
        source: &'a str,
        params: &'a [Datum],
        command: &str,
        top_level: bool,
    ) -> Result<Self> {
        env.check_writable(command)?;
        let mut ctx = Self::new(env, source, params, top_level)?;
        ctx.own_cache = Some(env.begin_catalog_changes());
        Ok(ctx)
    }

    /// The session.
    pub fn env(&self) -> &'a Env {
        self.env
    }

    /// Text of the statement; positions are byte offsets into it.
    pub fn source(&self) -> &'a str {
        self.source
    }

    /// Values of `$n`.
    pub fn params(&self) -> &'a [Datum] {
        self.params
    }

    /// The transaction.
    pub fn txn(&self) -> &Txn {
        &self.txn
    }

    /// The tables.
    pub fn space(&self) -> &Arc<TableSpace> {
        &self.space
    }

    /// Snapshot of the statement's start. See [`StatementCtx::fresh_snapshot`].
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The statement's snapshot with what this statement's earlier commands wrote: for reading (scanning) after
    /// writing in the same command.
    pub fn fresh_snapshot(&self) -> Snapshot {
        self.txn.refresh(&self.snapshot)
    }

    /// Begins the next command of the transaction: what was written so far becomes visible to
    /// [`StatementCtx::fresh_snapshot`]. (Catalog look-ups see catalog writes anyway.)
    pub fn next_command(&self) -> Result<()> {
        self.txn.next_command().map(drop).map_err(storage_error)
    }

    /// The catalogs, this transaction's changes included.
    pub fn catalog(&self) -> &'a dyn Catalog {
        self.env
    }

    /// Functions.
    pub fn registry(&self) -> &'static Registry {
        self.env.registry()
    }

    /// Writes catalog rows. `XX000` unless the context was made by [`StatementCtx::for_ddl`].
    pub fn writer(&self) -> Result<CatalogWriter<'_>> {
        let cache =
            self.own_cache.as_ref().ok_or_else(|| Error::internal("command may not change catalogs"))?;
        Ok(CatalogWriter::new(&self.space, &self.txn, self.env, cache, self.env.invalidation()))
    }

    /// For name look-up and binding.
    pub fn analyze(&self) -> AnalyzeContext<'a> {
        AnalyzeContext::new(self.env, self.env, self.source)
    }

    /// For evaluating compiled expressions and running plans in this statement.
    pub fn runtime<'r>(&'r self, snapshot: &'r Snapshot) -> Runtime<'r> {
        Runtime::new(
            self.env,
            self.env,
            self.env.registry(),
            &self.space,
            &self.txn,
            snapshot,
            self.params,
            self.env,
        )
    }

    /// Sends a notice, warning or info to the client.
    pub fn notice(&self, mut notice: Error) {
        if !self.top_level {
            notice.fields_mut().position = None;
        }
        self.env.push_notice(notice);
    }

    /// Locks a relation until the end of the transaction.
    pub fn lock_relation(&self, relation: Oid, mode: TableLockMode) -> Result<()> {
        self.env.lock_relation(&self.txn, relation, mode, LockWait::Block).map(drop)
    }

    /// Locks another object (schema, type, role, ...) until the end of the transaction.
    pub fn lock_object(&self, class: Oid, object: Oid, mode: TableLockMode) -> Result<()> {
        let tag = LockTag::Object(self.space.database(), class, object, 0);
        self.txn
            .lock(tag, crate::env::storage_lock_mode(mode), LockWait::Block)
            .map(drop)
            .map_err(storage_error)
    }

    /// Is this a top-level command, not one of a function or of another command?
    pub fn is_top_level(&self) -> bool {
        self.top_level
    }

    /// 25001 `{command} cannot run inside a transaction block` when it is in one.
    pub fn prevent_in_block(&self, command: &str) -> Result<()> {
        self.env.prevent_in_block(command, self.top_level)
    }
}
