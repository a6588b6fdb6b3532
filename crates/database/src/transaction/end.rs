//! Beginning, committing and rolling back.

use super::{BlockState, Transaction};
use crate::env::{Env, now};
use pglitedb_catalog::Invalidation;
use pglitedb_sql_parser::ast::IsolationLevel;
use pglitedb_sqlstate::{Result, err};
use pglitedb_storage::{BeginOptions, Isolation, LockSettings};
use pglitedb_tables::storage_error;
use std::sync::Arc;

/// The storage's isolation level.
fn storage_isolation(level: IsolationLevel) -> Isolation {
    match level {
        IsolationLevel::ReadUncommitted | IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
        IsolationLevel::RepeatableRead => Isolation::RepeatableRead,
        IsolationLevel::Serializable => Isolation::Serializable,
    }
}

impl Env {
    /// Begins a transaction unless one is running.
    #[inline]
    pub(crate) fn ensure_transaction(&self) -> Result<()> {
        if self.transaction.borrow().running {
            return Ok(());
        }
        self.begin_transaction()
    }

    fn begin_transaction(&self) -> Result<()> {
        let (isolation, read_only, deferrable) = self.default_transaction_properties();
        let mut transaction = self.transaction.borrow_mut();
        transaction.running = true;
        transaction.started = self.statement_started.get();
        transaction.isolation = isolation;
        transaction.read_only = read_only;
        transaction.deferrable = deferrable;
        transaction.has_snapshot = false;
        *self.txn.borrow_mut() = Some(Arc::new(self.cluster.engine.begin(self.begin_options(isolation))));
        Ok(())
    }

    fn begin_options(&self, isolation: IsolationLevel) -> BeginOptions {
        BeginOptions {
            isolation: storage_isolation(isolation),
            // Temporary tables may be written in a read-only transaction, so the session checks, not the storage.
            read_only: false,
            owner: Some(self.owner.clone()),
        }
    }

    /// Changes the isolation level of a transaction that has done nothing yet.
    pub(crate) fn restart_with_isolation(&self, isolation: IsolationLevel) {
        let mut transaction = self.transaction.borrow_mut();
        transaction.isolation = isolation;
        if transaction.running {
            let options = self.begin_options(isolation);
            *self.txn.borrow_mut() = Some(Arc::new(self.cluster.engine.begin(options)));
        }
    }

    /// The lock manager learns of changed time limits.
    pub(crate) fn apply_lock_settings(&self) {
        let effective = self.effective.borrow();
        self.owner.set_settings(LockSettings {
            lock_timeout: (!effective.lock_timeout.is_zero()).then_some(effective.lock_timeout),
            deadlock_timeout: effective.deadlock_timeout,
        });
    }

    /// Commits the running transaction, if any. On an error it is rolled back.
    pub(crate) fn commit_transaction(&self) -> Result<()> {
        if !self.transaction.borrow().running {
            self.transaction.borrow_mut().block = BlockState::Idle;
            return Ok(());
        }
        match self.try_commit() {
            Ok(()) => {
                self.after_end(true);
                Ok(())
            }
            Err(error) => {
                self.rollback_transaction();
                Err(error)
            }
        }
    }

    fn try_commit(&self) -> Result<()> {
        // A fast way out for transactions that only read.
        if !self.transaction.borrow().deferred.is_empty() {
            self.run_deferred_checks()?;
        }
        self.hold_cursors()?;
        let txn = self.txn()?;
        let mode = self.effective.borrow().commit_mode;
        let stale = self.invalidation.borrow();
        if !stale.is_empty() || !self.transaction.borrow().notifications.is_empty() {
            // Others learn of these without reading them in a transaction.
            txn.make_barrier();
        }
        let ticket = if stale.is_empty() {
            txn.commit(mode).map_err(storage_error)?
        } else {
            self.space().commit_with_ddl(&txn, mode, &self.database.cache, &stale)?
        };
        self.wait_for.set(self.wait_for.get().max(ticket.wait));
        Ok(())
    }

    /// Rolls the running transaction back, if any.
    pub(crate) fn rollback_transaction(&self) {
        if self.transaction.borrow().running {
            if let Ok(txn) = self.txn() {
                let xid = (!self.invalidation.borrow().is_empty()).then(|| txn.xid()).flatten();
                txn.abort();
                if xid.is_some() {
                    self.space().rolled_back(xid);
                }
            }
            self.after_end(false);
        } else {
            self.transaction.borrow_mut().block = BlockState::Idle;
        }
    }

    /// What belongs to the transaction ends with it.
    fn after_end(&self, committed: bool) {
        self.txn.borrow_mut().take();
        if self.own_cache.borrow_mut().take().is_some() {
            self.new_enums.clear();
            self.own_cache_number.set(0);
        }
        let mut stale = self.invalidation.borrow_mut();
        if !stale.is_empty() {
            *stale = Invalidation::default();
        }
        drop(stale);
        let (notifications, listen_changes) = {
            let mut transaction = self.transaction.borrow_mut();
            let last_properties = (transaction.isolation, transaction.read_only, transaction.deferrable);
            let notifications = std::mem::take(&mut transaction.notifications);
            let listen_changes = std::mem::take(&mut transaction.listen_changes);
            if transaction.savepoints.is_empty() && transaction.deferred.is_empty() {
                // Keeps what was allocated.
                transaction.running = false;
                transaction.block = BlockState::Idle;
                transaction.constraints = Default::default();
                transaction.last_properties = last_properties;
            } else {
                *transaction = Transaction { last_properties, ..Transaction::default() };
            }
            (notifications, listen_changes)
        };
        if committed {
            self.settings_committed();
            if !listen_changes.is_empty() || !notifications.is_empty() {
                self.publish_notifications(listen_changes, notifications);
            }
        } else {
            self.settings_rolled_back(Default::default());
        }
        self.portals.borrow_mut().transaction_ended(committed);
    }

    /// COMMIT or ROLLBACK within a procedure: another transaction begins at once.
    pub(crate) fn end_transaction_within(&self, commit: bool, chain: bool) -> Result<()> {
        if !self.may_end_transaction.get() {
            return Err(err!(INVALID_TRANSACTION_TERMINATION, "invalid transaction termination"));
        }
        if commit {
            self.commit_transaction()?;
        } else {
            self.rollback_transaction();
        }
        let (isolation, read_only, deferrable) = self.transaction.borrow().last_properties;
        self.ensure_transaction()?;
        if chain {
            self.restart_with_isolation(isolation);
            let mut transaction = self.transaction.borrow_mut();
            (transaction.read_only, transaction.deferrable) = (read_only, deferrable);
        }
        Ok(())
    }

    /// Notes the time at which a statement that a client sent begins.
    #[inline]
    pub(crate) fn begin_statement_clock(&self) {
        self.statement_started.set(now());
    }
}
