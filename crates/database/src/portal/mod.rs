//! Portals and cursors.

use crate::env::Env;
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::RowId;
use pglitedb_types::Oid;

/// A session's portals by name.
#[derive(Default)]
pub(crate) struct Portals {}

impl Portals {
    pub(crate) fn current_row(&self, cursor: &str, _table: Oid) -> Result<Option<RowId>> {
        Err(err!(UNDEFINED_CURSOR, "cursor \"{cursor}\" does not exist"))
    }

    pub(crate) fn transaction_ended(&mut self, _committed: bool) {}

    pub(crate) fn transaction_failed(&mut self) {}

    pub(crate) fn savepoint(&mut self, _depth: usize) {}

    pub(crate) fn release(&mut self, _depth: usize) {}

    pub(crate) fn rolled_back_to(&mut self, _depth: usize) {}
}

impl Env {
    pub(crate) fn hold_cursors(&self) -> Result<()> {
        Ok(())
    }
}
