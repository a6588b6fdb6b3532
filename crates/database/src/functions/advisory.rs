//! Advisory locks.

use super::env_of;
use crate::env::Env;
use pglitedb_functions::{Builtin, FnCtx, Registry, scalars};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_storage::{LockMode, LockTag, LockWait};
use pglitedb_tables::storage_error;
use pglitedb_types::Datum;

/// The lock that the arguments name.
fn tag(env: &Env, args: &[Datum]) -> Result<LockTag> {
    let database = env.database_oid();
    match args {
        [Datum::Int8(key)] => Ok(LockTag::Advisory(database, *key)),
        [Datum::Int4(first), Datum::Int4(second)] => Ok(LockTag::AdvisoryPair(database, *first, *second)),
        _ => Err(Error::internal("advisory lock without a key")),
    }
}

/// Takes a lock for the session; false if it is not free and the call does not wait.
fn for_session(ctx: &FnCtx<'_>, args: &[Datum], mode: LockMode, wait: LockWait) -> Result<bool> {
    let env = env_of(ctx)?;
    env.owner.lock_session(tag(env, args)?, mode, wait).map_err(storage_error)
}

/// As [`for_session`], until the end of the transaction.
fn for_transaction(ctx: &FnCtx<'_>, args: &[Datum], mode: LockMode, wait: LockWait) -> Result<bool> {
    let env = env_of(ctx)?;
    env.txn()?.lock(tag(env, args)?, mode, wait).map_err(storage_error)
}

fn unlock(ctx: &FnCtx<'_>, args: &[Datum], mode: LockMode) -> Result<Datum> {
    let env = env_of(ctx)?;
    let held = env.owner.unlock_session(&tag(env, args)?, mode);
    if !held {
        let name = if mode == LockMode::Share { "ShareLock" } else { "ExclusiveLock" };
        let warning = err!(WARNING, "you don't own a lock of type {name}");
        env.push_notice(warning.severity(Severity::Warning));
    }
    Ok(Datum::Bool(held))
}

pub(super) fn register(reg: &mut Registry) {
    macro_rules! locks {
        ($($suffix:literal)*) => {$(
            locks!(@wait concat!("pg_advisory_lock_", $suffix), for_session, LockMode::Exclusive);
            locks!(@wait concat!("pg_advisory_lock_shared_", $suffix), for_session, LockMode::Share);
            locks!(@wait concat!("pg_advisory_xact_lock_", $suffix), for_transaction, LockMode::Exclusive);
            locks!(@wait concat!("pg_advisory_xact_lock_shared_", $suffix), for_transaction, LockMode::Share);
            locks!(@try concat!("pg_try_advisory_lock_", $suffix), for_session, LockMode::Exclusive);
            locks!(@try concat!("pg_try_advisory_lock_shared_", $suffix), for_session, LockMode::Share);
            locks!(@try concat!("pg_try_advisory_xact_lock_", $suffix), for_transaction, LockMode::Exclusive);
            locks!(@try concat!("pg_try_advisory_xact_lock_shared_", $suffix), for_transaction, LockMode::Share);
            reg.add(concat!("pg_advisory_unlock_", $suffix), Builtin::Scalar(|ctx, args| {
                unlock(ctx, args, LockMode::Exclusive)
            }));
            reg.add(concat!("pg_advisory_unlock_shared_", $suffix), Builtin::Scalar(|ctx, args| {
                unlock(ctx, args, LockMode::Share)
            }));
        )*};
        (@wait $name:expr, $take:ident, $mode:expr) => {
            reg.add($name, Builtin::Scalar(|ctx, args| $take(ctx, args, $mode, LockWait::Block).map(|_| Datum::Void)));
        };
        (@try $name:expr, $take:ident, $mode:expr) => {
            reg.add($name, Builtin::Scalar(|ctx, args| $take(ctx, args, $mode, LockWait::Skip).map(Datum::Bool)));
        };
    }
    locks!("int8" "int4");
    scalars!(reg;
        "pg_advisory_unlock_all" => [ctx] | | {
            let advisory = |tag: &LockTag| matches!(tag, LockTag::Advisory(..) | LockTag::AdvisoryPair(..));
            env_of(ctx)?.owner.unlock_session_all(advisory);
        };
    );
}
