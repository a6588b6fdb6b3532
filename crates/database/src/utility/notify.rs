//! LISTEN, UNLISTEN, NOTIFY: what they ask for takes effect at commit.

use crate::env::Env;
use crate::transaction::state::ListenChange;
use pglitedb_sql_parser::ast::Statement;
use pglitedb_sqlstate::{Result, bail};

/// PostgreSQL's limit on payloads.
const PAYLOAD_MAX: usize = 8000;

/// Runs one of them.
pub(super) fn run(env: &Env, stmt: &Statement) -> Result<()> {
    match stmt {
        Statement::Listen(stmt) => {
            let change = ListenChange::Listen(stmt.channel.as_str().into());
            env.transaction.borrow_mut().listen_changes.push(change);
        }
        Statement::Unlisten(stmt) => {
            let change = match &stmt.channel {
                Some(channel) => ListenChange::Unlisten(channel.as_str().into()),
                None => ListenChange::UnlistenAll,
            };
            env.transaction.borrow_mut().listen_changes.push(change);
        }
        Statement::Notify(stmt) => notify(env, stmt.channel.as_str(), stmt.payload.as_deref().unwrap_or(""))?,
        _ => {}
    }
    Ok(())
}

/// NOTIFY and `pg_notify`.
pub(crate) fn notify(env: &Env, channel: &str, payload: &str) -> Result<()> {
    if channel.is_empty() {
        bail!(INVALID_PARAMETER_VALUE, "channel name cannot be empty");
    }
    if channel.len() >= 64 {
        bail!(INVALID_PARAMETER_VALUE, "channel name too long");
    }
    if payload.len() >= PAYLOAD_MAX {
        bail!(INVALID_PARAMETER_VALUE, "payload string too long");
    }
    let mut transaction = env.transaction.borrow_mut();
    // The same notification is delivered once.
    let known = transaction.notifications.iter().any(|(c, p)| &**c == channel && &**p == payload);
    if !known {
        transaction.notifications.push((channel.into(), payload.into()));
    }
    Ok(())
}

/// UNLISTEN *.
pub(super) fn unlisten_all(env: &Env) {
    env.transaction.borrow_mut().listen_changes.push(ListenChange::UnlistenAll);
}
