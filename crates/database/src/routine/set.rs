//! Results of set-returning routines.

use super::Routine;
use crate::functions::env_of;
use crate::portal::Execution;
use pglitedb_analyzer::ResultShape;
use pglitedb_functions::{FnCtx, SetIter};
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;
use std::sync::Arc;

/// Results that are all there.
pub(crate) struct Collected(pub std::vec::IntoIter<Datum>);

impl Collected {
    /// An iterator over values.
    pub(crate) fn boxed(values: Vec<Datum>) -> Box<dyn SetIter> {
        Box::new(Collected(values.into_iter()))
    }
}

impl SetIter for Collected {
    fn next(&mut self, _: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        Ok(match self.0.next() {
            Some(value) => {
                row.push(value);
                true
            }
            None => false,
        })
    }
}

/// The last statement of an SQL function, read row by row.
pub(super) struct Running {
    pub routine: Arc<Routine>,
    pub execution: Option<Execution>,
    pub params: Vec<Datum>,
    pub shape: ResultShape,
    pub statement: usize,
    pub buffer: Vec<Datum>,
}

impl SetIter for Running {
    fn next(&mut self, ctx: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        let env = env_of(ctx)?;
        let Some(execution) = &mut self.execution else { return Ok(false) };
        let more = execution
            .next(env, &self.params, &mut self.buffer)
            .map_err(|error| super::sql::in_statement(error, &self.routine, self.statement))?;
        if !more {
            if let Some(execution) = self.execution.take() {
                execution.finish(env);
            }
            return Ok(false);
        }
        row.push(super::sql::value_of(&self.routine, self.shape, &self.buffer));
        Ok(true)
    }
}
