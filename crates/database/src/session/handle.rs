//! Prepared statements that their holder keeps, instead of a name in the session.

use super::Session;
use crate::env::Env;
use crate::output::{Column, Format, Output};
use crate::plan::Prepared;
use pglitedb_sql_parser::parse_with;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// A prepared statement without a name. It belongs to the session that made it and lives as long as somebody keeps it;
/// `DEALLOCATE` and `DISCARD` do not touch it.
#[derive(Clone)]
pub struct StatementHandle(pub(super) Arc<Prepared>);

impl StatementHandle {
    /// The types of its parameters.
    pub fn param_types(&self) -> &[Oid] {
        &self.0.param_types
    }

    /// Its text.
    pub fn source(&self) -> &Arc<str> {
        &self.0.source
    }
}

impl Session {
    /// As [`Session::parse`], without a name.
    pub fn prepare(&mut self, sql: &str, types: &[Oid], out: &mut dyn Output) -> Result<StatementHandle> {
        let running = self.env.interrupts.enter();
        self.begin_request();
        let result = self.prepare_handle(sql, types);
        let result = self.settle(result, out);
        drop(running);
        result
    }

    fn prepare_handle(&mut self, sql: &str, types: &[Oid]) -> Result<StatementHandle> {
        let options = self.env.parse_options(sql);
        self.source = Arc::from(sql);
        let mut parsed = parse_with(sql, options)?;
        let stmt = parsed.pop().map(|raw| raw.stmt);
        if !parsed.is_empty() {
            bail!(SYNTAX_ERROR, "cannot insert multiple commands into a prepared statement");
        }
        let prepared = self.env.prepare_statement(self.source.clone(), stmt, types)?;
        Ok(StatementHandle(Arc::new(prepared)))
    }

    /// As [`Session::bind`], for a statement without a name; the result formats stay unsaid.
    pub fn bind_handle(
        &mut self,
        portal: &str,
        statement: &StatementHandle,
        count: usize,
        decode: &mut dyn FnMut(usize, Oid, &Env) -> Result<Datum>,
        out: &mut dyn Output,
    ) -> Result<()> {
        let running = self.env.interrupts.enter();
        self.begin_request();
        let formats: &[Format] = &[];
        let result = self.bind_prepared(portal, "", statement.0.clone(), count, formats, decode);
        let result = self.settle(result, out);
        drop(running);
        result
    }

    /// The result columns of a statement, `None` if it returns no rows.
    pub fn handle_columns(
        &mut self,
        statement: &StatementHandle,
        out: &mut dyn Output,
    ) -> Result<Option<Arc<[Column]>>> {
        let running = self.env.interrupts.enter();
        let result = self.env.ensure_transaction().and_then(|()| self.env.prepared_columns(&statement.0));
        let result = self.settle(result, out);
        drop(running);
        result
    }

    /// Gives up what is left of a request that waits for room in the output. The transaction does not fail.
    pub fn discard_pending(&mut self) {
        self.batch = None;
        self.current = None;
        self.paused = None;
    }
}
