//! What a call of a routine changes around it: user, settings, depth.

use crate::env::Env;
use crate::settings::SetOptions;
use pglitedb_catalog::ProcInfo;
use pglitedb_sqlstate::{Result, err};
use std::hint::black_box;

/// Bytes of stack that nested calls may use on a thread of a server, whose threads have 16 MB.
const STACK_OF_SERVER: usize = 10 << 20;
/// The same on a thread of somebody else, who may have no more than 2 MB.
const STACK_OF_OTHERS: usize = 1 << 20;

/// Where the stack stands about now.
#[inline(never)]
pub(crate) fn stack_address() -> usize {
    let here = 0_u8;
    black_box(&raw const here).addr()
}

impl Env {
    /// 54001 when calls are nested too deeply.
    pub(crate) fn check_stack(&self) -> Result<()> {
        let limit = if self.interrupts.host.is_some() { STACK_OF_SERVER } else { STACK_OF_OTHERS };
        if self.interrupts.stack_base().abs_diff(stack_address()) < limit {
            return Ok(());
        }
        let setting = pglitedb_functions::SessionEnv::setting(self, "max_stack_depth").ok().flatten();
        let setting = setting.unwrap_or_else(|| "2MB".to_owned());
        Err(err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").hint(format!(
            "Increase the configuration parameter \"max_stack_depth\" (currently {setting}), after ensuring the \
             platform's stack depth limit is adequate."
        )))
    }
}

/// Runs the body of a routine as its owner and with its settings where it asks for that.
pub(super) fn run<T>(env: &Env, proc: &ProcInfo, body: impl FnOnce() -> Result<T>) -> Result<T> {
    env.check_stack()?;
    env.check_cancel()?;
    let ends = env.may_end_transaction.replace(false);
    let before = env.notices.borrow().len();
    let result = apart(env, proc, body);
    env.may_end_transaction.set(ends);
    forget_positions(env, before);
    result
}

/// Positions in notices from within a routine are not ones in the client's statement.
#[inline]
fn forget_positions(env: &Env, before: usize) {
    if env.notices.borrow().len() > before {
        for notice in env.notices.borrow_mut().iter_mut().skip(before) {
            notice.fields_mut().position = None;
        }
    }
}

/// As [`run`], for a procedure that may end the transaction if its caller may.
pub(super) fn run_procedure<T>(env: &Env, proc: &ProcInfo, body: impl FnOnce() -> Result<T>) -> Result<T> {
    if proc.security_definer || !proc.config.is_empty() {
        return run(env, proc, body);
    }
    env.check_stack()?;
    let before = env.notices.borrow().len();
    let result = body();
    forget_positions(env, before);
    result
}

fn apart<T>(env: &Env, proc: &ProcInfo, body: impl FnOnce() -> Result<T>) -> Result<T> {
    if !proc.security_definer && proc.config.is_empty() {
        return body();
    }
    run_apart(env, proc, body)
}

fn run_apart<T>(env: &Env, proc: &ProcInfo, body: impl FnOnce() -> Result<T>) -> Result<T> {
    let user = (env.current_user.get(), env.is_superuser.get());
    if proc.security_definer {
        let owner = env.role_by_oid(proc.owner)?;
        env.current_user.set(proc.owner);
        env.is_superuser.set(owner.is_some_and(|role| role.superuser));
    }
    let mark = env.settings.borrow().mark();
    let result = set_config(env, proc).and_then(|()| body());
    if !proc.config.is_empty() {
        match &result {
            Ok(_) => env.settings_scope_ended(mark),
            Err(_) => env.settings_rolled_back(mark),
        }
    }
    if proc.security_definer {
        env.current_user.set(user.0);
        env.is_superuser.set(user.1);
    }
    result
}

fn set_config(env: &Env, proc: &ProcInfo) -> Result<()> {
    for setting in &proc.config {
        if let Some((name, value)) = setting.split_once('=') {
            env.set(name, Some(value), SetOptions { local: true, ..SetOptions::default() })?;
        }
    }
    Ok(())
}
