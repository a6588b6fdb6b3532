//! LOCK TABLE.

use crate::env::Env;
use pglitedb_analyzer::{AnalyzeContext, lookup_relation};
use pglitedb_catalog::{Catalog, RelKind, Relation};
use pglitedb_query_tree::{TableLockMode, privilege};
use pglitedb_sql_parser::ast::{LockMode, LockStatement};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_storage::LockWait;
use std::sync::Arc;

fn lock_mode(mode: LockMode) -> TableLockMode {
    match mode {
        LockMode::AccessShare => TableLockMode::AccessShare,
        LockMode::RowShare => TableLockMode::RowShare,
        LockMode::RowExclusive => TableLockMode::RowExclusive,
        LockMode::ShareUpdateExclusive => TableLockMode::ShareUpdateExclusive,
        LockMode::Share => TableLockMode::Share,
        LockMode::ShareRowExclusive => TableLockMode::ShareRowExclusive,
        LockMode::Exclusive => TableLockMode::Exclusive,
        LockMode::AccessExclusive => TableLockMode::AccessExclusive,
    }
}

/// Runs it.
pub(super) fn run(env: &Env, stmt: &LockStatement, source: &str) -> Result<()> {
    if !env.transaction.borrow().in_block() {
        bail!(NO_ACTIVE_SQL_TRANSACTION, "LOCK TABLE can only be used in transaction blocks");
    }
    let mode = lock_mode(stmt.mode);
    if mode > TableLockMode::RowExclusive {
        env.check_writable("LOCK TABLE")?;
    }
    let ctx = AnalyzeContext::new(env, env, source);
    for reference in &stmt.relations {
        let relation = lookup_relation(&reference.name, &ctx)?;
        let lockable = matches!(relation.kind, RelKind::Table | RelKind::PartitionedTable | RelKind::View);
        if !lockable {
            return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is not a table or view", relation.name));
        }
        if relation.kind == RelKind::View {
            return Err(Error::unsupported("LOCK TABLE of views is not supported yet"));
        }
        lock_tree(env, &relation, mode, stmt.nowait, reference.only)?;
    }
    Ok(())
}

fn lock_tree(
    env: &Env,
    relation: &Arc<Relation>,
    mode: TableLockMode,
    nowait: bool,
    only: bool,
) -> Result<()> {
    let needed = match mode {
        TableLockMode::AccessShare => privilege::SELECT,
        TableLockMode::RowShare | TableLockMode::RowExclusive => privilege::INSERT,
        _ => privilege::UPDATE,
    };
    if !env.is_superuser() && !env.has_table_privileges(relation.oid, env.current_user.get(), needed)? {
        return Err(env.relation_denied(relation.oid)?);
    }
    let wait = if nowait { LockWait::NoWait } else { LockWait::Block };
    env.lock_relation(&*env.txn()?, relation.oid, mode, wait).map_err(|error| {
        if nowait && error.code() == pglitedb_sqlstate::codes::LOCK_NOT_AVAILABLE {
            return err!(LOCK_NOT_AVAILABLE, "could not obtain lock on relation \"{}\"", relation.name);
        }
        error
    })?;
    if only {
        return Ok(());
    }
    for child in &relation.children {
        if let Some(child) = env.relation(*child)? {
            lock_tree(env, &child, mode, nowait, false)?;
        }
    }
    Ok(())
}
