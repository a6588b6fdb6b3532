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
        let txn = self.txn()?;
        let mut transaction = self.transaction.borrow_mut();
        let at = transaction.savepoints.iter().rposition(|savepoint| &*savepoint.name == name);
        let at = at.ok_or_else(|| no_savepoint(name))?;
        transaction.savepoints.truncate(at + 1);
        let Some(savepoint) = transaction.savepoints.get(at) else {
            return Err(no_savepoint(name));
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
        transaction.block = BlockState::Active;
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
