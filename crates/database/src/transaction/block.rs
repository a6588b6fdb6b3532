//! BEGIN, COMMIT, ROLLBACK, SET TRANSACTION.

use super::BlockState;
use crate::env::Env;
use crate::output::CommandTag;
use pglitedb_sql_parser::ast::{IsolationLevel, TransactionMode, TransactionModeKind, TransactionStatement};
use pglitedb_sqlstate::{Error, Result, Severity, err};

fn warning(error: Error) -> Error {
    error.severity(Severity::Warning)
}

/// The isolation level that a setting's value names.
pub(crate) fn parse_isolation(value: &str) -> IsolationLevel {
    match value {
        "serializable" => IsolationLevel::Serializable,
        "repeatable read" => IsolationLevel::RepeatableRead,
        "read uncommitted" => IsolationLevel::ReadUncommitted,
        _ => IsolationLevel::ReadCommitted,
    }
}

impl Env {
    /// What `default_transaction_*` say.
    pub(crate) fn default_transaction_properties(&self) -> (IsolationLevel, bool, bool) {
        let effective = self.effective.borrow();
        (effective.default_isolation, effective.default_read_only, effective.default_deferrable)
    }

    /// Runs a transaction command.
    pub(crate) fn transaction_command(&self, stmt: &TransactionStatement) -> Result<CommandTag> {
        match stmt {
            TransactionStatement::Begin(modes) => self.begin_block(modes).map(|()| CommandTag::new("BEGIN")),
            TransactionStatement::Start(modes) => {
                self.begin_block(modes).map(|()| CommandTag::new("START TRANSACTION"))
            }
            TransactionStatement::Commit { chain } => self.commit_block(*chain),
            TransactionStatement::Rollback { chain } => self.rollback_block(*chain),
            TransactionStatement::Savepoint(name) => {
                self.savepoint(name.as_str()).map(|()| CommandTag::new("SAVEPOINT"))
            }
            TransactionStatement::Release(name) => {
                self.release_savepoint(name.as_str()).map(|()| CommandTag::new("RELEASE"))
            }
            TransactionStatement::RollbackTo(name) => {
                self.rollback_to_savepoint(name.as_str()).map(|()| CommandTag::new("ROLLBACK"))
            }
            TransactionStatement::Prepare(_) => {
                Err(Error::unsupported("PREPARE TRANSACTION is not supported yet"))
            }
            TransactionStatement::CommitPrepared(_) => {
                Err(Error::unsupported("COMMIT PREPARED is not supported yet"))
            }
            TransactionStatement::RollbackPrepared(_) => {
                Err(Error::unsupported("ROLLBACK PREPARED is not supported yet"))
            }
        }
    }

    fn begin_block(&self, modes: &[TransactionMode]) -> Result<()> {
        self.check_not_failed()?;
        if self.transaction.borrow().in_explicit_block() {
            self.push_notice(warning(err!(
                ACTIVE_SQL_TRANSACTION,
                "there is already a transaction in progress"
            )));
        } else {
            self.ensure_transaction()?;
            self.transaction.borrow_mut().block = BlockState::Active;
        }
        self.set_transaction_modes(modes)
    }

    fn commit_block(&self, chain: bool) -> Result<CommandTag> {
        let block = self.transaction.borrow().block;
        match block {
            BlockState::Active => {
                self.commit_transaction()?;
                self.chain(chain)?;
                Ok(CommandTag::new("COMMIT"))
            }
            BlockState::Failed => {
                self.rollback_transaction();
                self.chain(chain)?;
                Ok(CommandTag::new("ROLLBACK"))
            }
            BlockState::Idle | BlockState::Implicit => {
                if chain {
                    return Err(err!(
                        NO_ACTIVE_SQL_TRANSACTION,
                        "COMMIT AND CHAIN can only be used in transaction blocks"
                    ));
                }
                self.push_notice(warning(err!(
                    NO_ACTIVE_SQL_TRANSACTION,
                    "there is no transaction in progress"
                )));
                self.commit_transaction()?;
                Ok(CommandTag::new("COMMIT"))
            }
        }
    }

    fn rollback_block(&self, chain: bool) -> Result<CommandTag> {
        if !self.transaction.borrow().in_explicit_block() {
            if chain {
                return Err(err!(
                    NO_ACTIVE_SQL_TRANSACTION,
                    "ROLLBACK AND CHAIN can only be used in transaction blocks"
                ));
            }
            self.push_notice(warning(err!(NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress")));
        }
        self.rollback_transaction();
        self.chain(chain)?;
        Ok(CommandTag::new("ROLLBACK"))
    }

    /// AND CHAIN: the next block begins with the properties of the last.
    fn chain(&self, chain: bool) -> Result<()> {
        if !chain {
            return Ok(());
        }
        let (isolation, read_only, deferrable) = self.transaction.borrow().last_properties;
        self.ensure_transaction()?;
        self.restart_with_isolation(isolation);
        let mut transaction = self.transaction.borrow_mut();
        transaction.block = BlockState::Active;
        transaction.read_only = read_only;
        transaction.deferrable = deferrable;
        Ok(())
    }

    /// The modes of BEGIN and SET TRANSACTION.
    pub(crate) fn set_transaction_modes(&self, modes: &[TransactionMode]) -> Result<()> {
        for mode in modes {
            match mode.kind {
                TransactionModeKind::Isolation(level) => self.set_isolation(level)?,
                TransactionModeKind::ReadOnly(read_only) => self.set_read_only(read_only)?,
                TransactionModeKind::Deferrable(deferrable) => self.set_deferrable(deferrable)?,
            }
        }
        Ok(())
    }

    /// `transaction_isolation`
    pub(crate) fn set_isolation(&self, level: IsolationLevel) -> Result<()> {
        let (current, has_snapshot, nested) = {
            let transaction = self.transaction.borrow();
            (transaction.isolation, transaction.has_snapshot, !transaction.savepoints.is_empty())
        };
        if level == current {
            return Ok(());
        }
        if has_snapshot {
            return Err(err!(
                ACTIVE_SQL_TRANSACTION,
                "SET TRANSACTION ISOLATION LEVEL must be called before any query"
            ));
        }
        if nested {
            return Err(err!(
                ACTIVE_SQL_TRANSACTION,
                "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction"
            ));
        }
        self.restart_with_isolation(level);
        Ok(())
    }

    /// `transaction_read_only`
    pub(crate) fn set_read_only(&self, read_only: bool) -> Result<()> {
        let mut transaction = self.transaction.borrow_mut();
        if !read_only && transaction.read_only {
            if transaction.savepoints.iter().any(|savepoint| savepoint.read_only) {
                return Err(err!(
                    ACTIVE_SQL_TRANSACTION,
                    "cannot set transaction read-write mode inside a read-only transaction"
                ));
            }
            if transaction.has_snapshot {
                return Err(err!(
                    ACTIVE_SQL_TRANSACTION,
                    "transaction read-write mode must be set before any query"
                ));
            }
        }
        transaction.read_only = read_only;
        Ok(())
    }

    /// `transaction_deferrable`
    pub(crate) fn set_deferrable(&self, deferrable: bool) -> Result<()> {
        let mut transaction = self.transaction.borrow_mut();
        if !transaction.savepoints.is_empty() {
            return Err(err!(
                ACTIVE_SQL_TRANSACTION,
                "SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction"
            ));
        }
        if transaction.has_snapshot {
            return Err(err!(
                ACTIVE_SQL_TRANSACTION,
                "SET TRANSACTION [NOT] DEFERRABLE must be called before any query"
            ));
        }
        transaction.deferrable = deferrable;
        Ok(())
    }

    /// 25P02 in a failed block.
    pub(crate) fn check_not_failed(&self) -> Result<()> {
        if self.transaction.borrow().block == BlockState::Failed {
            return Err(err!(
                IN_FAILED_SQL_TRANSACTION,
                "current transaction is aborted, commands ignored until end of transaction block"
            ));
        }
        Ok(())
    }

    /// What an error does to the transaction: an open block fails, anything else is rolled back. What a failed block
    /// held is released at once, as far as there is no savepoint to return to.
    pub(crate) fn fail_transaction(&self) {
        let (explicit, savepoints) = {
            let transaction = self.transaction.borrow();
            (transaction.in_explicit_block(), !transaction.savepoints.is_empty())
        };
        if !explicit {
            self.rollback_transaction();
            return;
        }
        if !savepoints && let Ok(txn) = self.txn() {
            txn.abort();
        }
        self.transaction.borrow_mut().block = BlockState::Failed;
        self.portals.borrow_mut().transaction_failed();
    }
}
