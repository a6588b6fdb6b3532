//! What the executor asks of the session.

use super::Env;
use pglitedb_catalog::Catalog;
use pglitedb_executor::{DeferredCheck, RuntimeHooks};
use pglitedb_sqlstate::Result;
use pglitedb_tables::RowId;
use pglitedb_types::Oid;

impl RuntimeHooks for Env {
    fn next_value(&self, sequence: Oid) -> Result<i64> {
        crate::functions::sequence::next_value(self, sequence)
    }

    fn sequence_state(&self, sequence: Oid) -> Result<(i64, bool)> {
        crate::functions::sequence::state_of(self, sequence)
    }

    fn cursor_row(&self, cursor: &str, table: Oid) -> Result<Option<RowId>> {
        let name = || match self.relation(table) {
            Ok(Some(relation)) => relation.name.to_string(),
            _ => table.to_string(),
        };
        self.portals.borrow().current_row(cursor, table, &name)
    }

    fn is_deferred(&self, constraint: Oid, initially: bool) -> bool {
        self.transaction.borrow().constraints.is_deferred(constraint, initially)
    }

    fn defer(&self, check: DeferredCheck) {
        self.transaction.borrow_mut().deferred.push(check);
    }
}
