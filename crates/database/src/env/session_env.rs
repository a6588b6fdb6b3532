//! What functions ask of the session.

use super::{Env, now};
use crate::functions::acl;
use crate::settings::{SetOptions, definition::definition, value};
use pglitedb_catalog::Catalog;
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{EnumValue, Oid, TypeEnv};
use std::any::Any;
use std::sync::Arc;

impl SessionEnv for Env {
    fn as_type_env(&self) -> &dyn TypeEnv {
        self
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    #[inline]
    fn check_interrupts(&self) -> Result<()> {
        self.check_cancel()
    }

    fn notice(&self, notice: Error) {
        self.push_notice(notice);
    }

    fn statement_timestamp(&self) -> i64 {
        self.statement_started.get()
    }

    fn clock_timestamp(&self) -> i64 {
        now()
    }

    fn random_u64(&self) -> u64 {
        self.random.next()
    }

    fn set_seed(&self, seed: f64) {
        // As PostgreSQL makes an integer of it.
        let seed = ((1_u64 << 52) - 1) as f64 * seed;
        self.random.seed((seed as i64).cast_unsigned());
    }

    fn strong_random(&self, out: &mut [u8]) -> Result<()> {
        getrandom::fill(out).map_err(|_| err!(INTERNAL_ERROR, "could not generate random values"))
    }

    fn setting(&self, name: &str) -> Result<Option<String>> {
        let Some(value) = self.show(name)? else { return Ok(None) };
        Ok(Some(match definition(name) {
            Some(definition) => value::display(&definition, &value),
            None => value.to_string(),
        }))
    }

    fn set_setting(&self, name: &str, value: &str, is_local: bool) -> Result<String> {
        self.set(name, Some(value), SetOptions { local: is_local, ..SetOptions::default() })?;
        Ok(self.setting(name)?.unwrap_or_default())
    }

    fn current_user(&self) -> Oid {
        self.current_user.get()
    }

    fn may_execute(&self, function: Oid) -> Result<bool> {
        if self.is_superuser() {
            return Ok(true);
        }
        let wanted = [('X', false)];
        match acl::guarded(self, b'f', function)? {
            Some(object) => acl::may(self, &object, self.current_user.get(), &wanted),
            None => Ok(true),
        }
    }

    fn session_user(&self) -> Oid {
        self.session_user.get()
    }

    fn current_database(&self) -> Arc<str> {
        self.database_name.clone()
    }

    fn enum_values(&self, type_oid: Oid) -> Result<Vec<EnumValue>> {
        Ok(self.enum_labels(type_oid)?.into_iter().map(|(value, _)| value).collect())
    }
}
