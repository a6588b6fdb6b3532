//! DISCARD.

use crate::env::Env;
use crate::settings::SetOptions;
use pglitedb_sql_parser::ast::DiscardStatement;
use pglitedb_sqlstate::Result;

/// Runs it.
pub(super) fn run(env: &Env, stmt: DiscardStatement, top_level: bool) -> Result<()> {
    match stmt {
        DiscardStatement::All => {
            env.prevent_in_block("DISCARD ALL", top_level)?;
            env.portals.borrow_mut().close_all();
            env.set("session_authorization", None, SetOptions::default())?;
            super::set::reset_all(env)?;
            env.statements.borrow_mut().clear();
            super::notify::unlisten_all(env);
            env.owner.unlock_session_all(|tag| {
                matches!(
                    tag,
                    pglitedb_storage::LockTag::Advisory(..) | pglitedb_storage::LockTag::AdvisoryPair(..)
                )
            });
            discard_plans(env);
            crate::ddl::discard_temporary(env)?;
            discard_sequences(env);
        }
        DiscardStatement::Plans => discard_plans(env),
        DiscardStatement::Sequences => discard_sequences(env),
        DiscardStatement::Temp => crate::ddl::discard_temporary(env)?,
    }
    Ok(())
}

fn discard_plans(env: &Env) {
    env.statements.borrow_mut().discard_plans();
    env.texts.borrow_mut().clear();
}

fn discard_sequences(env: &Env) {
    *env.sequences.borrow_mut() = Default::default();
}
