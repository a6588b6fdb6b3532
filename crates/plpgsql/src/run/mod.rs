//! Running functions.
//!
//! - `host`: what the interpreter asks of whoever runs SQL
//! - `frame`: variables of a call
//! - `assign`: values into variables
//! - `block`: blocks, handlers
//! - `statement`: which statement does what
//! - `loops`: loops
//! - `queries`: SQL statements, EXECUTE
//! - `returns`: RETURN and its kin
//! - `raise`: RAISE, ASSERT, GET DIAGNOSTICS
//! - `cursors`: cursors

mod assign;
mod block;
mod cursors;
mod frame;
mod host;
mod loops;
mod queries;
mod raise;
mod returns;
mod statement;

pub use frame::{Frame, Record, Slot};
pub use host::{Column, CursorQuery, CursorRequest, Host, Moved, Position, Ran, Rows, Sink, Value};

use crate::ast::{Function, Variable};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// How a statement ended.
#[derive(Clone, Debug)]
pub(crate) enum Flow {
    /// Go on with the next one.
    Next,
    /// EXIT to a label, or out of the innermost loop.
    Exit(Option<Arc<str>>),
    /// CONTINUE.
    Continue(Option<Arc<str>>),
    /// RETURN.
    Return,
}

/// A call under way.
pub(crate) struct Run<'a> {
    pub function: &'a Function,
    pub host: &'a dyn Host,
    pub frame: Frame,
    pub position: &'a Position,
    /// The result of RETURN.
    pub result: Option<Value>,
    /// The results of RETURN NEXT and RETURN QUERY.
    pub set: Vec<Datum>,
    /// Columns of a set's rows.
    pub columns: Option<Vec<(Oid, i32)>>,
    /// Errors being handled, innermost last.
    pub handled: Vec<Error>,
    /// Rows of the last statement.
    pub row_count: u64,
    /// Depth of subtransactions: COMMIT is not possible in one.
    pub subtransactions: usize,
}

/// Calls a function with its input arguments; the result as it was returned.
pub fn call(function: &Function, host: &dyn Host, position: &Position, args: &[Datum]) -> Result<Value> {
    let mut run = start(function, host, position, args)?;
    run.execute()?;
    run.finish()
}

/// Calls a set-returning function; its results. `columns`: those of a composite result, where they are known.
pub fn call_set(
    function: &Function,
    host: &dyn Host,
    position: &Position,
    args: &[Datum],
    columns: Option<Vec<(Oid, i32)>>,
) -> Result<Vec<Datum>> {
    let mut run = start(function, host, position, args)?;
    run.columns = columns;
    run.execute()?;
    Ok(run.set)
}

fn start<'a>(
    function: &'a Function,
    host: &'a dyn Host,
    position: &'a Position,
    args: &[Datum],
) -> Result<Run<'a>> {
    position.enter("during function entry");
    let mut frame = Frame::new(function);
    let prepared = frame.arguments(function, host, args);
    prepared.map_err(|error| error.context(position.line_of_context()))?;
    Ok(Run {
        function,
        host,
        frame,
        position,
        result: None,
        set: Vec::new(),
        columns: None,
        handled: Vec::new(),
        row_count: 0,
        subtransactions: 0,
    })
}

impl Run<'_> {
    fn execute(&mut self) -> Result<()> {
        self.frame.set(self.function.found, Datum::Bool(false));
        self.position.leave_phase();
        let body = &self.function.body;
        self.position.at(body.line, "statement block");
        let flow = self.block(body);
        let flow = flow.map_err(|error| error.context(self.position.line_of_context()))?;
        match flow {
            Flow::Return => Ok(()),
            // Leaving the outermost block by its label ends the function.
            Flow::Exit(_) | Flow::Next | Flow::Continue(_) => self.without_return(),
        }
    }

    /// The end was reached without RETURN.
    fn without_return(&mut self) -> Result<()> {
        let function = self.function;
        let fine = function.returns_set
            || function.out.is_some()
            || function.is_procedure
            || function.result == pglitedb_types::oids::VOID;
        if fine {
            return Ok(());
        }
        self.position.clear();
        Err(err!(
            S_R_E_FUNCTION_EXECUTED_NO_RETURN_STATEMENT,
            "control reached end of function without RETURN"
        )
        .context(self.position.line_of_context()))
    }

    /// The result of a function that returns no set.
    fn finish(&mut self) -> Result<Value> {
        if let Some(out) = self.function.out
            && self.result.is_none()
        {
            return match &self.function.variables[out] {
                Variable::Row { .. } => self.frame.row(self.function, out, self.host),
                _ => self.frame.value(self.function, out, self.host),
            };
        }
        Ok(self.result.take().unwrap_or_default())
    }
}
