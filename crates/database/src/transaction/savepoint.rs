//! SAVEPOINT, RELEASE, ROLLBACK TO.

use super::BlockState;
use super::state::Savepoint;
use crate::env::Env;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::storage_error;

fn no_savepoint(name: &str) -> Error {
    err!(S_E_INVALID_SPECIFICATION, "savepoint \"{name}\" does not exist")
}

impl Env {
    /// 25P01 outside of a transaction block.
    pub(crate) fn require_block(&self, command: &str) -> Result<()> {
        if self.transaction.borrow().in_explicit_block() {
            return Ok(());
        }
        Err(err!(NO_ACTIVE_SQL_TRANSACTION, "{command} can only be used in transaction blocks"))
    }

    /// SAVEPOINT.
    pub(crate) fn savepoint(&self, name: &str) -> Result<()> {
        self.require_block("SAVEPOINT")?;
        self.check_not_failed()?;
        self.push_savepoint(name)
    }

    fn push_savepoint(&self, name: &str) -> Result<()> {
        let id = self.txn()?.savepoint().map_err(storage_error)?;
        let settings = self.settings.borrow().mark();
        let role = (self.session_user.get(), self.current_user.get(), self.is_superuser.get());
        let mut transaction = self.transaction.borrow_mut();
        let savepoint = Savepoint {
            name: name.into(),
            id,
            settings,
            read_only: transaction.read_only,
            deferred: transaction.deferred.len(),
            notifications: transaction.notifications.len(),
            listen_changes: transaction.listen_changes.len(),
            role,
        };
        transaction.savepoints.push(savepoint);
        let depth = transaction.savepoints.len();
        drop(transaction);
        self.portals.borrow_mut().savepoint(depth);
        Ok(())
    }

    /// Begins a subtransaction of a function. Works outside of blocks, too.
    pub(crate) fn begin_subtransaction(&self) -> Result<()> {
        self.push_savepoint("")
    }

    /// Ends the innermost subtransaction well.
    pub(crate) fn commit_subtransaction(&self) -> Result<()> {
        let txn = self.txn()?;
        let mut transaction = self.transaction.borrow_mut();
        let Some(savepoint) = transaction.savepoints.pop() else {
            return Err(Error::internal("no subtransaction is running"));
        };
        txn.release(savepoint.id).map_err(storage_error)?;
        let depth = transaction.savepoints.len();
        drop(transaction);
        self.portals.borrow_mut().release(depth);
        Ok(())
    }

    /// Undoes the innermost subtransaction.
    pub(crate) fn rollback_subtransaction(&self) -> Result<()> {
        let depth = self.transaction.borrow().savepoints.len();
        let at = depth.checked_sub(1).ok_or_else(|| Error::internal("no subtransaction is running"))?;
        self.undo_to(at)?;
        self.commit_subtransaction()
    }

    /// RELEASE.
    pub(crate) fn release_savepoint(&self, name: &str) -> Result<()> {
        self.require_block("RELEASE SAVEPOINT")?;
        self.check_not_failed()?;
        let txn = self.txn()?;
        let mut transaction = self.transaction.borrow_mut();
        let at = transaction.savepoints.iter().rposition(|savepoint| &*savepoint.name == name);
        let at = at.ok_or_else(|| no_savepoint(name))?;
        if let Some(savepoint) = transaction.savepoints.get(at) {
            txn.release(savepoint.id).map_err(storage_error)?;
        }
        transaction.savepoints.truncate(at);
        drop(transaction);
        self.portals.borrow_mut().release(at);
        Ok(())
    }

    /// ROLLBACK TO: undoes what came after the savepoint, which stays. Ends the failed state.
    pub(crate) fn rollback_to_savepoint(&self, name: &str) -> Result<()> {
        self.require_block("ROLLBACK TO SAVEPOINT")?;
        let at = {
            let transaction = self.transaction.borrow();
            transaction.savepoints.iter().rposition(|savepoint| &*savepoint.name == name)
        };
        self.undo_to(at.ok_or_else(|| no_savepoint(name))?)?;
        self.transaction.borrow_mut().block = BlockState::Active;
        Ok(())
    }

    /// Undoes what came after the savepoint of a number, which stays.
    fn undo_to(&self, at: usize) -> Result<()> {
        let txn = self.txn()?;
        let mut transaction = self.transaction.borrow_mut();
        transaction.savepoints.truncate(at + 1);
        let Some(savepoint) = transaction.savepoints.get(at) else {
            return Err(Error::internal("savepoint is gone"));
        };
        // Portals use what is to be undone.
        self.portals.borrow_mut().rolled_back_to(at);
        txn.rollback_to(savepoint.id).map_err(storage_error)?;
        let (settings, role) = (savepoint.settings, savepoint.role);
        let (deferred, notifications, listen) =
            (savepoint.deferred, savepoint.notifications, savepoint.listen_changes);
        transaction.read_only = savepoint.read_only;
        transaction.deferred.truncate(deferred);
        transaction.notifications.truncate(notifications);
        transaction.listen_changes.truncate(listen);
        drop(transaction);
        self.settings_rolled_back(settings);
        self.session_user.set(role.0);
        self.current_user.set(role.1);
        self.is_superuser.set(role.2);
        if let Some(own) = &*self.own_cache.borrow() {
            own.clear();
        }
        Ok(())
    }
}
