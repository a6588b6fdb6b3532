//! What an execution needs from outside, and what its nodes share.

use crate::executor::Shared;
use crate::foreign_key::ForeignKeyCheck;
use pglitedb_catalog::Catalog;
use pglitedb_functions::{Registry, SessionEnv};
use pglitedb_sqlstate::Result;
use pglitedb_storage::{Isolation, Snapshot, Txn};
use pglitedb_tables::{DeferredUnique, RowId, TableSpace};
use pglitedb_types::{Datum, Oid};
use std::cell::RefCell;
use std::sync::Arc;

/// A check put off to the end of the transaction (deferrable constraints).
pub enum DeferredCheck {
    /// A deferrable unique constraint.
    Unique(DeferredUnique),
    /// A deferrable foreign key.
    ForeignKey(ForeignKeyCheck),
}

/// What the session does for the executor.
pub trait RuntimeHooks {
    /// Next value of a sequence (identity columns).
    fn next_value(&self, sequence: Oid) -> Result<i64>;

    /// `last_value` and `is_called` of a sequence.
    fn sequence_state(&self, sequence: Oid) -> Result<(i64, bool)>;

    /// Row a cursor stands on, for `WHERE CURRENT OF`: the row id in the given table.
    fn cursor_row(&self, cursor: &str, table: Oid) -> Result<Option<RowId>>;

    /// Is a deferrable constraint deferred now (`SET CONSTRAINTS`, `INITIALLY DEFERRED`)?
    fn is_deferred(&self, constraint: Oid, initially: bool) -> bool;

    /// Keeps a check for the end of the transaction.
    fn defer(&self, check: DeferredCheck);
}

/// What one call of the executor works with. Cheap to make; borrowed everywhere.
#[derive(Clone, Copy)]
pub struct Runtime<'a> {
    /// The session, as functions see it.
    pub env: &'a dyn SessionEnv,
    /// The catalogs.
    pub catalog: &'a dyn Catalog,
    /// Functions.
    pub registry: &'a Registry,
    /// Tables.
    pub space: &'a Arc<TableSpace>,
    /// The transaction.
    pub txn: &'a Txn,
    /// What is visible.
    pub snapshot: &'a Snapshot,
    /// `$1`, `$2`, ...
    pub params: &'a [Datum],
    /// The session's other services.
    pub hooks: &'a dyn RuntimeHooks,
    pub(crate) shared: Option<&'a Shared>,
    pub(crate) recheck: Option<&'a Recheck>,
    /// The statement starts from the beginning: nothing kept from before may be used.
    pub(crate) restart: bool,
}

/// A row (or rows) that stand in for the scans of their relations while conditions are checked again after a lock wait
/// (PostgreSQL's EvalPlanQual).
#[derive(Default)]
pub(crate) struct Recheck {
    /// Range table entry and row; each scan returns it once per rescan.
    pub rows: RefCell<Vec<(usize, RowId)>>,
}

impl<'a> Runtime<'a> {
    /// A runtime.
    pub fn new(
        env: &'a dyn SessionEnv,
        catalog: &'a dyn Catalog,
        registry: &'a Registry,
        space: &'a Arc<TableSpace>,
        txn: &'a Txn,
        snapshot: &'a Snapshot,
        params: &'a [Datum],
        hooks: &'a dyn RuntimeHooks,
    ) -> Self {
        Runtime {
            env,
            catalog,
            registry,
            space,
            txn,
            snapshot,
            params,
            hooks,
            shared: None,
            recheck: None,
            restart: false,
        }
    }

    /// Cancelled or timed out?
    #[inline]
    pub fn check(&self) -> Result<()> {
        self.env.check_interrupts()
    }

    /// Counts a row that a filter has removed.
    #[inline]
    pub(crate) fn note_removed(&self) {
        if let Some(shared) = self.shared {
            shared.removed.set(shared.removed.get() + 1);
        }
    }

    /// Must a rescan forget what is kept?
    pub(crate) fn is_restart(&self) -> bool {
        self.restart
    }

    /// May changed rows be checked again (READ COMMITTED), rather than fail with 40001?
    pub(crate) fn rechecks(&self) -> bool {
        self.txn.isolation() == Isolation::ReadCommitted
    }
}
