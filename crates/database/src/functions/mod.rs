//! Functions that need the session or the catalogs: sequences, privileges, visibility, definitions of objects.
//!
//! A function reaches the session by [`env_of`]: `let env = env_of(ctx)?;`, and through it the transaction
//! ([`Env::txn`]), the catalogs (`env` itself is a `Catalog`; rows by [`Env::with_catalog`]) and the settings.

use crate::env::Env;
use pglitedb_functions::{FnCtx, Registry};
use pglitedb_sqlstate::{Error, Result};
use std::sync::LazyLock;

mod absent;
pub(crate) mod acl;
mod activity;
mod advisory;
mod comments;
mod coverage;
mod definition;
mod describe;
mod files;
mod has_privilege;
mod properties;
pub(crate) mod reg;
pub(crate) mod rows;
pub(crate) mod sequence;
mod session;
mod size;
mod statements;
mod statistics;
pub(crate) mod text_search;
mod transactions;
pub(crate) mod visible;

pub use coverage::{Coverage, Status, coverage};

/// The session behind a call.
pub fn env_of<'a>(ctx: &FnCtx<'a>) -> Result<&'a Env> {
    ctx.env.as_any().downcast_ref().ok_or_else(|| Error::internal("function was called outside of a session"))
}

/// All functions: those of `pglitedb-functions` and the ones of this crate.
pub fn registry() -> &'static Registry {
    static ALL: LazyLock<Registry> = LazyLock::new(|| {
        let mut registry = Registry::with_capacity(3500);
        pglitedb_functions::register_all(&mut registry);
        register(&mut registry);
        registry
    });
    &ALL
}

/// Adds the functions of this crate.
fn register(registry: &mut Registry) {
    absent::register(registry);
    acl::register(registry);
    activity::register(registry);
    advisory::register(registry);
    comments::register(registry);
    definition::register(registry);
    describe::register(registry);
    files::register(registry);
    has_privilege::register(registry);
    properties::register(registry);
    reg::register(registry);
    sequence::register(registry);
    session::register(registry);
    size::register(registry);
    statements::register(registry);
    statistics::register(registry);
    text_search::register(registry);
    transactions::register(registry);
    visible::register(registry);
    crate::routine::register(registry);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Built-in functions that nothing implements yet, by `prosrc`; window and internal ones not counted.
    #[test]
    fn functions_are_registered_once_and_for_something() {
        // Names registered twice would panic here.
        let registry = registry();
        let known = |name: &str| {
            name.starts_with("sql:") || pglitedb_catalog::builtin::procs().any(|proc| &*proc.source == name)
        };
        let mut own = Registry::new();
        register(&mut own);
        for name in own.names() {
            assert!(registry.get(name).is_some(), "{name}");
            assert!(known(name), "{name} is the source of no function");
        }
    }
}
