//! Blocks and their handlers.

use super::assign::text;
use super::{Flow, Run, Value};
use crate::ast::{Block, Condition, Exceptions, Handler, Variable};
use pglitedb_sqlstate::{Error, Result, codes};
use pglitedb_types::Datum;

impl Run<'_> {
    /// Runs a block.
    pub(super) fn block(&mut self, block: &Block) -> Result<Flow> {
        self.initialize(block)?;
        let flow = match &block.exceptions {
            None => self.statements(&block.body)?,
            Some(exceptions) => self.guarded(block, exceptions)?,
        };
        Ok(match flow {
            Flow::Exit(Some(label)) if block.label.as_deref() == Some(&*label) => Flow::Next,
            other => other,
        })
    }

    /// Sets the block's own variables to their first values.
    fn initialize(&mut self, block: &Block) -> Result<()> {
        if block.initialized.is_empty() {
            return Ok(());
        }
        let (line, what) = self.position.place();
        self.position.at(block.line, what);
        self.position.enter("during statement block local variable initialization");
        let function = self.function;
        for number in &block.initialized {
            let default = match &function.variables[*number] {
                Variable::Scalar(scalar) => &scalar.default,
                Variable::Record(record) => &record.default,
                _ => continue,
            };
            match default {
                Some(sql) => {
                    let value = self.host.evaluate(sql, &self.frame)?;
                    self.assign(*number, value)?;
                }
                None => self.assign_null(*number)?,
            }
        }
        self.position.leave_phase();
        self.position.at(line, what);
        Ok(())
    }

    fn assign_null(&mut self, number: usize) -> Result<()> {
        match &self.function.variables[number] {
            Variable::Record(_) => {
                if let Some(state) = self.frame.record_mut(number) {
                    (state.columns, state.values, state.is_null) = (None, Vec::new(), true);
                }
                Ok(())
            }
            // Domains may refuse NULL.
            _ => self.assign(number, Value { datum: Datum::Null, type_oid: 0, typmod: -1 }),
        }
    }

    /// A block with handlers: its statements run in a subtransaction.
    fn guarded(&mut self, block: &Block, exceptions: &Exceptions) -> Result<Flow> {
        self.host.begin_subtransaction()?;
        self.subtransactions += 1;
        let result = self.statements(&block.body);
        self.subtransactions -= 1;
        let error = match result {
            Ok(flow) => {
                self.host.commit_subtransaction()?;
                return Ok(flow);
            }
            Err(error) => error,
        };
        self.host.rollback_subtransaction()?;
        let Some(handler) = exceptions.handlers.iter().find(|handler| takes(handler, &error)) else {
            return Err(error);
        };
        self.host.check_interrupts()?;
        let error = error.context(self.position.line_of_context());
        self.assign(exceptions.sqlstate, text(error.code().as_str()))?;
        self.assign(exceptions.sqlerrm, text(error.message()))?;
        self.handled.push(error);
        let flow = self.statements(&handler.body);
        self.handled.pop();
        flow
    }
}

/// Does a handler take an error?
fn takes(handler: &Handler, error: &Error) -> bool {
    let code = error.code();
    handler.conditions.iter().any(|condition| match condition {
        // Cancellation and failed assertions are taken by name only.
        Condition::Others => code != codes::QUERY_CANCELED && code != codes::ASSERT_FAILURE,
        Condition::Code(wanted) if wanted.ends_with(b"000") => wanted[..2] == code.0[..2],
        Condition::Code(wanted) => *wanted == code.0,
    })
}
