//! What a server (or the embedded API) wants to know between requests.

use super::Session;
use crate::transaction::BlockState;
use pglitedb_sqlstate::Result;
use pglitedb_storage::{CancelToken, Lsn};
use pglitedb_tables::storage_error;
use std::time::Duration;

/// What a client is told of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// Not in a block.
    Idle,
    /// In a block.
    Active,
    /// In a failed block.
    Failed,
}

/// The time limits in force; zero means none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeLimits {
    /// `statement_timeout`
    pub statement: Duration,
    /// `transaction_timeout`
    pub transaction: Duration,
    /// `idle_in_transaction_session_timeout`
    pub idle_in_transaction: Duration,
    /// `idle_session_timeout`
    pub idle_session: Duration,
}

impl Session {
    /// `pg_backend_pid()`
    pub fn process_id(&self) -> u32 {
        self.env.pid
    }

    /// Stops its statements, from any thread.
    pub fn cancel_token(&self) -> CancelToken {
        self.env.cancel.clone()
    }

    /// Where it stands with regard to transactions.
    #[inline]
    pub fn transaction_state(&self) -> TransactionState {
        match self.env.transaction.borrow().block {
            BlockState::Active => TransactionState::Active,
            BlockState::Failed => TransactionState::Failed,
            BlockState::Idle | BlockState::Implicit => TransactionState::Idle,
        }
    }

    /// The time limits in force.
    #[inline]
    pub fn time_limits(&self) -> TimeLimits {
        let effective = self.env.effective.borrow();
        TimeLimits {
            statement: effective.statement_timeout,
            transaction: effective.transaction_timeout,
            idle_in_transaction: effective.idle_in_transaction_timeout,
            idle_session: effective.idle_session_timeout,
        }
    }

    /// Reports each reportable setting that changed since the last call, the first time all of them.
    pub fn take_setting_changes(&mut self, report: &mut dyn FnMut(&str, &str)) {
        if self.env.changed_settings.borrow().is_empty() {
            return;
        }
        for name in self.env.changed_settings.take() {
            if let Ok(Some(value)) = self.env.show(name) {
                report(name, &value);
            }
        }
    }

    /// Hands over notifications that may be delivered now: sender, channel, payload. None inside of a block.
    pub fn take_notifications(&mut self, deliver: &mut dyn FnMut(u32, &str, &str)) {
        if self.env.transaction.borrow().running {
            return;
        }
        for notification in self.env.listen.mailbox.take() {
            deliver(notification.pid, &notification.channel, &notification.payload);
        }
    }

    /// After the host was woken while the session is idle: an error if it is to end.
    pub fn attend(&mut self) -> Result<()> {
        use pglitedb_storage::CancelReason;
        match self.env.cancel.reason() {
            Some(CancelReason::Terminate | CancelReason::TransactionTimeout) => {
                self.env.cancel.check().map_err(storage_error)
            }
            _ => Ok(()),
        }
    }

    /// What must be durable before the client hears anything: to be waited for.
    #[inline]
    pub fn must_be_durable(&self) -> Lsn {
        self.env.must_be_durable()
    }

    /// Waits until everything that the answers so far rest on is durable.
    #[inline]
    pub fn wait_durable(&self) -> Result<()> {
        let lsn = self.env.must_be_durable();
        let engine = &self.env.cluster.engine;
        if lsn == Lsn(0) || engine.durable_lsn() >= lsn {
            return Ok(());
        }
        engine.wait_durable(lsn).map_err(storage_error)
    }
}
