//! A plan being run.

use crate::env::Env;
use crate::plan::CachedPlan;
use pglitedb_executor::expr::CompileCtx;
use pglitedb_executor::{Executor, Runtime};
use pglitedb_query_tree::{CommandType, TableLockMode};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{LockWait, Snapshot, Txn};
use pglitedb_tables::{RowId, storage_error};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// A plan being run, with its snapshot. Holds no reference to the session.
pub(crate) struct Execution {
    pub plan: Arc<CachedPlan>,
    pub executor: Option<Executor>,
    pub snapshot: Snapshot,
    pub txn: Arc<Txn>,
}

impl Execution {
    /// Begins to run a plan whose relations are locked: checks privileges and takes the snapshot.
    #[inline]
    pub(crate) fn start(env: &Env, plan: Arc<CachedPlan>) -> Result<Execution> {
        let txn = env.txn()?;
        env.lock_plan(&txn, &plan)?;
        Self::start_locked(env, plan, txn)
    }

    pub(crate) fn start_locked(env: &Env, plan: Arc<CachedPlan>, txn: Arc<Txn>) -> Result<Execution> {
        if !env.is_superuser() {
            env.check_privileges(&plan.stmt.privileges)?;
        }
        env.check_read_only(&plan)?;
        let snapshot = env.statement_snapshot(&txn)?;
        let executor = match plan.take_executor() {
            Some(executor) => executor,
            None => {
                let mut ctx = CompileCtx::new(env, env, env.registry());
                Executor::build(&plan.stmt, &mut ctx, false)?
            }
        };
        Ok(Execution { plan, executor: Some(executor), snapshot, txn })
    }

    /// As [`Execution::start`], keeping what every node does.
    pub(crate) fn start_instrumented(env: &Env, plan: Arc<CachedPlan>) -> Result<Execution> {
        let mut execution = Self::start(env, plan)?;
        let mut ctx = CompileCtx::new(env, env, env.registry());
        execution.executor = Some(Executor::build(&execution.plan.stmt, &mut ctx, true)?);
        Ok(execution)
    }

    /// The next row; false at the end.
    #[inline]
    pub(crate) fn next(&mut self, env: &Env, params: &[Datum], row: &mut Vec<Datum>) -> Result<bool> {
        let executor = self.executor.as_mut().ok_or_else(|| Error::internal("execution is over"))?;
        let rt = runtime(env, &self.txn, &self.snapshot, params);
        let outer = env.running_at.replace(self.snapshot.timestamp());
        let found = executor.next(&rt, row);
        env.running_at.set(outer);
        found
    }

    /// The table's row that the last row stands for.
    pub(crate) fn scanned_row(&self) -> Option<(Oid, RowId)> {
        self.executor.as_ref()?.scanned_row()
    }

    /// Rows changed by the statement.
    pub(crate) fn processed(&self) -> u64 {
        self.executor.as_ref().map_or(0, Executor::processed)
    }

    /// Ends it well: the executor can be used again.
    #[inline]
    pub(crate) fn finish(mut self, env: &Env) {
        if let Some(mut executor) = self.executor.take() {
            let rt = runtime(env, &self.txn, &self.snapshot, &[]);
            if executor.reset(&rt).is_ok() {
                self.plan.give_back(executor);
            }
        }
    }
}

fn runtime<'a>(env: &'a Env, txn: &'a Txn, snapshot: &'a Snapshot, params: &'a [Datum]) -> Runtime<'a> {
    Runtime::new(env, env, env.registry(), env.space(), txn, snapshot, params, env)
}

impl Env {
    /// Locks what a plan uses.
    #[inline]
    pub(crate) fn lock_plan(&self, txn: &Txn, plan: &CachedPlan) -> Result<()> {
        for (relation, mode) in &plan.stmt.locks {
            self.lock_relation(txn, *relation, *mode, LockWait::Block)?;
        }
        Ok(())
    }

    /// The snapshot for a statement that begins now; what the transaction did before is visible in it.
    #[inline]
    pub(crate) fn statement_snapshot(&self, txn: &Txn) -> Result<Snapshot> {
        self.begin_command(txn)?;
        Ok(txn.snapshot())
    }

    /// A command of the transaction begins: it sees what those before it did.
    #[inline]
    pub(crate) fn begin_command(&self, txn: &Txn) -> Result<()> {
        let mut transaction = self.transaction.borrow_mut();
        if std::mem::replace(&mut transaction.has_snapshot, true) {
            txn.next_command().map_err(storage_error)?;
        }
        Ok(())
    }

    /// 25006 for statements that write in a read-only transaction.
    #[inline]
    fn check_read_only(&self, plan: &CachedPlan) -> Result<()> {
        if !self.transaction.borrow().read_only {
            return Ok(());
        }
        self.check_read_only_slowly(plan)
    }

    #[cold]
    fn check_read_only_slowly(&self, plan: &CachedPlan) -> Result<()> {
        use pglitedb_catalog::{Catalog, Persistence};
        for (relation, mode) in &plan.stmt.locks {
            if *mode == TableLockMode::AccessShare {
                continue;
            }
            let temporary =
                self.relation(*relation)?.is_some_and(|found| found.persistence == Persistence::Temporary);
            if temporary {
                continue;
            }
            let command = match plan.stmt.command {
                CommandType::Select if *mode == TableLockMode::RowShare => "SELECT FOR UPDATE",
                command => command_word(command),
            };
            return Err(err!(
                READ_ONLY_SQL_TRANSACTION,
                "cannot execute {command} in a read-only transaction"
            ));
        }
        Ok(())
    }
}

/// The word of a command, as tags have it.
pub(crate) fn command_word(command: CommandType) -> &'static str {
    match command {
        CommandType::Select => "SELECT",
        CommandType::Insert => "INSERT",
        CommandType::Update => "UPDATE",
        CommandType::Delete => "DELETE",
        CommandType::Merge => "MERGE",
    }
}
