//! Deferred checks and `SET CONSTRAINTS`.

use crate::env::Env;
use pglitedb_catalog::Catalog;
use pglitedb_catalog::builtin::columns::pg_constraint;
use pglitedb_executor::{DeferredCheck, Runtime};
use pglitedb_sql_parser::ast::SetConstraintsStatement;
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_storage::Txn;
use pglitedb_tables::{DeferredUnique, PlainIndexes, WriteCtx, storage_error};
use pglitedb_types::{Datum, Oid};
use rustc_hash::FxHashMap;

/// What `SET CONSTRAINTS` said in this transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConstraintModes {
    all: Option<bool>,
    each: FxHashMap<Oid, bool>,
}

impl ConstraintModes {
    pub(crate) fn is_deferred(&self, constraint: Oid, initially: bool) -> bool {
        self.each.get(&constraint).copied().or(self.all).unwrap_or(initially)
    }
}

/// Index over `pg_constraint.conname`.
const CONSTRAINT_BY_NAME: Oid = 2664;

impl Env {
    /// Runs all checks that were put off.
    pub(crate) fn run_deferred_checks(&self) -> Result<()> {
        loop {
            let checks = std::mem::take(&mut self.transaction.borrow_mut().deferred);
            if checks.is_empty() {
                return Ok(());
            }
            let txn = self.txn()?;
            txn.next_command().map_err(storage_error)?;
            let snapshot = txn.latest_snapshot();
            let rt = Runtime::new(self, self, self.registry(), self.space(), &txn, &snapshot, &[], self);
            for check in checks {
                self.check_cancel()?;
                match &check {
                    DeferredCheck::ForeignKey(check) => check.run(&rt)?,
                    DeferredCheck::Unique(check) => self.check_unique(&txn, check)?,
                }
            }
        }
    }

    /// A deferred unique constraint: is the row's key there just once?
    fn check_unique(&self, txn: &Txn, check: &DeferredUnique) -> Result<()> {
        // The table may have been dropped since.
        let Some(relation) = self.relation(check.table)? else { return Ok(()) };
        let table = self.space().open(&relation, self)?;
        let mut indexes = PlainIndexes;
        let mut ctx = WriteCtx::new(txn, self, &mut indexes);
        table.check_deferred(&mut ctx, check)
    }

    /// SET CONSTRAINTS.
    pub(crate) fn set_constraints(&self, stmt: &SetConstraintsStatement) -> Result<()> {
        if !self.transaction.borrow().in_block() {
            let warning =
                err!(NO_ACTIVE_SQL_TRANSACTION, "SET CONSTRAINTS can only be used in transaction blocks");
            self.push_notice(warning.severity(Severity::Warning));
        }
        if stmt.constraints.is_empty() {
            let mut transaction = self.transaction.borrow_mut();
            transaction.constraints =
                ConstraintModes { all: Some(stmt.deferred), each: FxHashMap::default() };
        }
        for name in &stmt.constraints {
            let found = self.constraints_of_name(name.schema(), name.last())?;
            if found.is_empty() {
                return Err(err!(UNDEFINED_OBJECT, "constraint \"{}\" does not exist", name.last()));
            }
            for (oid, deferrable) in found {
                if !deferrable {
                    return Err(err!(WRONG_OBJECT_TYPE, "constraint \"{}\" is not deferrable", name.last()));
                }
                self.transaction.borrow_mut().constraints.each.insert(oid, stmt.deferred);
            }
        }
        if stmt.deferred {
            return Ok(());
        }
        // What is immediate now is checked now.
        self.run_deferred_checks()
    }

    /// Constraints of a name in the first schema that has any: OID, deferrable.
    fn constraints_of_name(&self, schema: Option<&str>, name: &str) -> Result<Vec<(Oid, bool)>> {
        let schemas = match schema {
            Some(schema) => match self.namespace_by_name(schema)? {
                Some(oid) => vec![oid],
                None => return Err(err!(INVALID_SCHEMA_NAME, "schema \"{schema}\" does not exist")),
            },
            None => self.search_path(),
        };
        let rows = self.with_catalog(|catalog| {
            catalog.rows_by_index(pg_constraint::RELATION, CONSTRAINT_BY_NAME, &[Datum::text(name)])
        })?;
        for schema in schemas {
            let found: Vec<(Oid, bool)> = rows
                .iter()
                .filter(|row| row.get(pg_constraint::CONNAMESPACE).and_then(Datum::as_oid) == Some(schema))
                .map(|row| {
                    let oid = row.get(pg_constraint::OID).and_then(Datum::as_oid).unwrap_or(0);
                    let deferrable = row.get(pg_constraint::CONDEFERRABLE).and_then(Datum::as_bool);
                    (oid, deferrable.unwrap_or(false))
                })
                .collect();
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }
}
