//! Queries read row by row.

use crate::env::Env;
use crate::portal::Execution;
use pglitedb_plpgsql::{Column, Rows};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;
use std::sync::Arc;

/// A query under way.
pub(super) struct Running<'a> {
    pub env: &'a Env,
    pub columns: Arc<[Column]>,
    pub execution: Option<Execution>,
    pub params: Vec<Datum>,
    /// For the context of errors.
    pub text: Arc<str>,
}

impl Rows for Running<'_> {
    fn columns(&self) -> Arc<[Column]> {
        self.columns.clone()
    }

    fn next(&mut self, row: &mut Vec<Datum>) -> Result<bool> {
        let Some(execution) = &mut self.execution else { return Ok(false) };
        let more =
            execution.next(self.env, &self.params, row).map_err(|error| in_statement(error, &self.text))?;
        if !more && let Some(execution) = self.execution.take() {
            execution.finish(self.env);
        }
        Ok(more)
    }
}

/// `SQL statement "..."`
pub(super) fn in_statement(error: Error, text: &str) -> Error {
    error.context(format!("SQL statement \"{text}\""))
}

/// Rows that are all there.
pub(super) struct Collected {
    pub columns: Arc<[Column]>,
    pub rows: std::vec::IntoIter<Vec<Datum>>,
}

impl Rows for Collected {
    fn columns(&self) -> Arc<[Column]> {
        self.columns.clone()
    }

    fn next(&mut self, row: &mut Vec<Datum>) -> Result<bool> {
        match self.rows.next() {
            Some(next) => {
                *row = next;
                Ok(true)
            }
            None => Ok(false),
        }
    }
}
