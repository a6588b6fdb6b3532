//! A statement being run for a client, possibly in pieces.

use super::Execution;
use super::execution::command_word;
use crate::copy::CopyTo;
use crate::env::Env;
use crate::output::{CommandTag, Output, RowShape};
use crate::plan::Prepared;
use pglitedb_query_tree::CommandType;
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::RowId;
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// How a cursor was declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CursorOptions {
    pub scroll: bool,
    pub no_scroll: bool,
    pub hold: bool,
    pub binary: bool,
}

/// How far a portal has come.
pub(crate) enum PortalState {
    /// Not started.
    Ready,
    /// A plan is running.
    Running(Box<Execution>),
    /// Rows that are all there: results of commands, scrollable and held cursors. `next` is the row to give next.
    Rows { rows: Vec<Vec<Datum>>, next: usize, tag: &'static str },
    /// COPY TO STDOUT.
    CopyOut(Box<dyn CopyTo>),
    /// Over; the rows it has given are in `sent`.
    Done,
}

/// A portal.
pub(crate) struct Portal {
    pub name: Box<str>,
    pub prepared: Arc<Prepared>,
    pub params: Arc<[Datum]>,
    pub shape: RowShape,
    pub state: PortalState,
    /// Rows given so far in this run (the tag counts them all).
    pub sent: u64,
    /// Is it a cursor of SQL, and how was it declared?
    pub cursor: Option<CursorOptions>,
    /// Savepoints that were open when it was made.
    pub depth: usize,
    /// A held cursor has outlived its transaction.
    pub held: bool,
    /// Its transaction failed: it can't be run any more.
    pub failed: bool,
    /// Position of a cursor: number of the current row, 0 before the first.
    pub position: u64,
    /// It is at (behind) its end.
    pub at_end: bool,
    /// Rows read so far by a cursor that may go back.
    pub history: Vec<Vec<Datum>>,
    /// The rows of tables that those stand for, where they do (WHERE CURRENT OF).
    pub identities: Vec<Option<(Oid, RowId)>>,
    /// Rows that were read before those and are forgotten.
    pub forgotten: u64,
    /// `pg_cursors.creation_time`
    pub created: i64,
    /// A buffer for rows.
    pub row: Vec<Datum>,
}

/// What came of running a portal for a while.
#[derive(Debug)]
pub(crate) enum Step {
    /// It is over; the tag.
    Done(CommandTag),
    /// The output is full.
    Full,
    /// The row limit was reached.
    Suspended,
}

impl Portal {
    pub(crate) fn new(name: &str, prepared: Arc<Prepared>, params: Arc<[Datum]>, shape: RowShape) -> Self {
        Portal {
            name: name.into(),
            prepared,
            params,
            shape,
            state: PortalState::Ready,
            sent: 0,
            cursor: None,
            depth: 0,
            held: false,
            failed: false,
            position: 0,
            at_end: false,
            history: Vec::new(),
            identities: Vec::new(),
            forgotten: 0,
            created: 0,
            row: Vec::new(),
        }
    }

    /// Starts a planned statement.
    pub(crate) fn start(&mut self, env: &Env) -> Result<()> {
        let txn = env.txn()?;
        let mut plan = env.plan_prepared(&self.prepared)?;
        loop {
            env.lock_plan(&txn, &plan)?;
            // While the locks were waited for, somebody may have changed what the plan was made for.
            let now = env.plan_prepared(&self.prepared)?;
            if Arc::ptr_eq(&now, &plan) || now.key == plan.key {
                break;
            }
            plan = now;
        }
        if !Arc::ptr_eq(&self.shape.columns, &plan.columns) {
            self.shape.columns = plan.columns.clone();
        }
        self.state = PortalState::Running(Box::new(Execution::start_locked(env, plan, txn)?));
        Ok(())
    }

    /// Runs until the end, the limit (0: none), or the output is full.
    pub(crate) fn run(&mut self, env: &Env, limit: u64, out: &mut dyn Output) -> Result<Step> {
        if self.failed {
            return Err(err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "portal \"{}\" cannot be run", self.name));
        }
        if matches!(self.state, PortalState::Ready) {
            self.start(env)?;
        }
        self.note_disclosure(env);
        match &mut self.state {
            PortalState::Running(_) => self.run_plan(env, limit, out),
            PortalState::Rows { .. } => self.run_rows(env, limit, out),
            PortalState::CopyOut(_) => self.run_copy(env, out),
            PortalState::Done | PortalState::Ready => {
                Ok(Step::Done(CommandTag::with_rows(self.tag_word(), 0)))
            }
        }
    }

    /// The answer tells what was read, unless it is the tag of a statement within a block that has yet to end.
    fn note_disclosure(&self, env: &Env) {
        let tells = match &self.state {
            PortalState::Running(execution) => {
                execution.plan.stmt.returns_rows || !env.transaction.borrow().in_explicit_block()
            }
            _ => true,
        };
        if tells {
            env.discloses.set(true);
        }
    }

    fn tag_word(&self) -> &'static str {
        self.prepared.stmt.as_ref().map_or("SELECT", crate::utility::tag::command_name)
    }

    fn run_plan(&mut self, env: &Env, limit: u64, out: &mut dyn Output) -> Result<Step> {
        let PortalState::Running(execution) = &mut self.state else {
            return Ok(Step::Full);
        };
        let sends = execution.plan.stmt.returns_rows;
        let mut given = 0;
        loop {
            if sends {
                if limit != 0 && given == limit {
                    return Ok(Step::Suspended);
                }
                if out.is_full() {
                    return Ok(Step::Full);
                }
            }
            if !execution.next(env, &self.params, &mut self.row)? {
                break;
            }
            if sends {
                out.row(&self.row, &self.shape, env)?;
                given += 1;
                self.sent += 1;
            }
        }
        let command = execution.plan.stmt.command;
        let rows = if command == CommandType::Select { self.sent } else { execution.processed() };
        if let PortalState::Running(execution) = std::mem::replace(&mut self.state, PortalState::Done) {
            execution.finish(env);
        }
        Ok(Step::Done(CommandTag::with_rows(command_word(command), rows)))
    }

    fn run_rows(&mut self, env: &Env, limit: u64, out: &mut dyn Output) -> Result<Step> {
        let PortalState::Rows { rows, next, tag } = &mut self.state else {
            return Ok(Step::Full);
        };
        let mut given = 0;
        while let Some(row) = rows.get(*next) {
            if limit != 0 && given == limit {
                return Ok(Step::Suspended);
            }
            if out.is_full() {
                return Ok(Step::Full);
            }
            out.row(row, &self.shape, env)?;
            *next += 1;
            given += 1;
            self.sent += 1;
        }
        let tag = *tag;
        self.state = PortalState::Done;
        // SHOW and EXPLAIN do not count.
        let counts = matches!(tag, "SELECT" | "FETCH" | "INSERT" | "UPDATE" | "DELETE" | "MERGE");
        Ok(Step::Done(if counts { CommandTag::with_rows(tag, self.sent) } else { CommandTag::new(tag) }))
    }

    fn run_copy(&mut self, env: &Env, out: &mut dyn Output) -> Result<Step> {
        let PortalState::CopyOut(copy) = &mut self.state else {
            return Ok(Step::Full);
        };
        let ctx = crate::context::StatementCtx::new(env, &self.prepared.source, &self.params, true)?;
        match copy.run(&ctx, out)? {
            None => Ok(Step::Full),
            Some(tag) => {
                self.state = PortalState::Done;
                Ok(Step::Done(tag))
            }
        }
    }
}
