//! SET, RESET, SET TRANSACTION.

use crate::env::Env;
use crate::settings::definition::{definition, definitions};
use crate::settings::{SetOptions, value};
use pglitedb_sql_parser::ast::{
    Literal, SetKind, SetStatement, SettingValue, TransactionMode, TransactionModeKind,
};
use pglitedb_sqlstate::{Error, Result, Severity, bail, err};
use pglitedb_types::quote_identifier;

/// Runs it.
pub(super) fn run(env: &Env, stmt: &SetStatement, source: &str) -> Result<()> {
    let options = SetOptions { local: stmt.local, ..SetOptions::default() };
    if stmt.local && !matches!(stmt.kind, SetKind::Transaction(_)) {
        warn_outside_block(env, "SET LOCAL");
    }
    match &stmt.kind {
        SetKind::Value { name, values } => {
            let text = value_text(name, values)?;
            env.set(name, Some(&text), options)
        }
        SetKind::Default { name } | SetKind::Reset { name } => env.set(name, None, options),
        SetKind::Current { name } => {
            let value = env.show(name)?.ok_or_else(|| crate::settings::session::unrecognized(name))?;
            env.set(name, Some(&value), options)
        }
        SetKind::ResetAll => reset_all(env),
        SetKind::Transaction(modes) => {
            warn_outside_block(env, "SET TRANSACTION");
            env.set_transaction_modes(modes)
        }
        SetKind::SessionCharacteristics(modes) => modes.iter().try_for_each(|mode| characteristic(env, mode)),
        SetKind::TransactionSnapshot(_) => {
            let _ = source;
            Err(Error::unsupported("SET TRANSACTION SNAPSHOT is not supported yet"))
        }
    }
}

/// 25P01 as a warning: it has no effect outside of a block.
fn warn_outside_block(env: &Env, command: &str) {
    if !env.transaction.borrow().in_block() {
        env.push_notice(
            err!(NO_ACTIVE_SQL_TRANSACTION, "{command} can only be used in transaction blocks")
                .severity(Severity::Warning),
        );
    }
}

fn characteristic(env: &Env, mode: &TransactionMode) -> Result<()> {
    let word = |flag: bool| if flag { "on" } else { "off" };
    let (name, value) = match mode.kind {
        TransactionModeKind::Isolation(level) => ("default_transaction_isolation", level.as_str()),
        TransactionModeKind::ReadOnly(flag) => ("default_transaction_read_only", word(flag)),
        TransactionModeKind::Deferrable(flag) => ("default_transaction_deferrable", word(flag)),
    };
    env.set(name, Some(value), SetOptions::default())
}

/// RESET ALL: everything a user may set, but for what belongs to the transaction or the user.
pub(super) fn reset_all(env: &Env) -> Result<()> {
    let changed = env.settings.borrow().changed_names();
    for name in changed {
        let keep = matches!(
            &*name,
            "role"
                | "session_authorization"
                | "transaction_isolation"
                | "transaction_read_only"
                | "transaction_deferrable"
                | "seed"
                | "is_superuser"
        );
        let mine = definition(&name).is_none_or(|definition| {
            definition.info.context == "user"
                || (definition.info.context == "superuser" && env.is_superuser())
        });
        if !keep && mine {
            env.set(&name, None, SetOptions::default())?;
        }
    }
    Ok(())
}

/// The values of SET as one text.
pub(crate) fn value_text(name: &str, values: &[SettingValue]) -> Result<String> {
    let known = definition(name);
    let quoted = known.is_some_and(|definition| definition.is_quoted_list());
    let is_list = known.is_some_and(|definition| definition.is_list());
    if values.len() > 1 && !is_list {
        bail!(INVALID_PARAMETER_VALUE, "SET {name} takes only one argument");
    }
    let mut text = String::new();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        match value {
            SettingValue::Literal(literal, _) => match literal {
                Literal::String(value) if quoted => text.push_str(&quote_identifier(value)),
                Literal::String(value) | Literal::Numeric(value) => text.push_str(value),
                Literal::Bits(value) | Literal::HexBits(value) => text.push_str(value),
                Literal::Integer(value) => text.push_str(&value.to_string()),
                Literal::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
                Literal::Null => return Err(value::invalid_value(name, "NULL")),
            },
            SettingValue::Interval { value, .. } => text.push_str(&interval_zone(value)?),
        }
    }
    Ok(text)
}

/// `SET TIME ZONE INTERVAL '...'`: hours east of UTC.
fn interval_zone(value: &str) -> Result<String> {
    let env = pglitedb_types::BuiltinEnv::default();
    let datum = pglitedb_types::input(value, pglitedb_types::oids::INTERVAL, -1, &env)?;
    let pglitedb_types::Datum::Interval(interval) = datum else {
        return Err(Error::internal("not an interval"));
    };
    if interval.months != 0 || interval.days != 0 {
        let what = if interval.months != 0 { "month" } else { "day" };
        bail!(INVALID_PARAMETER_VALUE, "Cannot specify {what}s in time zone interval.");
    }
    Ok((interval.micros as f64 / 3_600_000_000.0).to_string())
}

/// All settings that `SHOW ALL` lists.
pub(super) fn all_names() -> impl Iterator<Item = &'static str> {
    definitions().map(|definition| definition.info.name)
}
