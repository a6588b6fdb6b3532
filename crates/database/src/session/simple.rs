//! Strings of statements.

use super::Session;
use super::copying::CopyRun;
use crate::output::{CommandTag, Output, Progress, RowShape};
use crate::plan::{Known, Prepared, QueryText, StatementKind};
use crate::portal::{Portal, PortalState, Step};
use crate::transaction::BlockState;
use crate::utility::{self, Outcome};
use pglitedb_sql_parser::{ParseOptions, parse_with};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;
use std::sync::Arc;

/// A string of statements being run.
pub(super) struct Batch {
    text: Arc<QueryText>,
    next: usize,
    /// Values of the integers that were taken out of the text.
    params: Option<Arc<[Datum]>>,
}

impl Batch {
    /// The text as the client sent it, if it is that what runs.
    pub(super) fn source(&self) -> Option<&str> {
        if self.params.is_some() {
            return None;
        }
        self.text.statements.first().map(|statement| &*statement.source)
    }
}

impl Session {
    /// Runs a string of statements: their columns, rows and tags, or the report of an empty query. Statements outside of
    /// a block share an implicit transaction.
    pub fn simple_query(&mut self, sql: &str, out: &mut dyn Output) -> Result<Progress> {
        let running = self.env.interrupts.enter();
        self.begin_request();
        let result = self.start_batch(sql, out);
        let result = self.settle(result, out);
        drop(running);
        result
    }

    /// Goes on after [`Progress::OutputFull`].
    pub fn resume(&mut self, out: &mut dyn Output) -> Result<Progress> {
        let running = self.env.interrupts.enter();
        let result = if self.paused.is_some() { self.resume_execute(out) } else { self.run_batch(out) };
        let result = self.settle(result, out);
        drop(running);
        result
    }

    /// A request from the client begins.
    #[inline]
    pub(super) fn begin_request(&mut self) {
        self.env.begin_statement_clock();
        self.env.format.cut();
    }

    fn start_batch(&mut self, sql: &str, out: &mut dyn Output) -> Result<Progress> {
        // A simple query ends what an extended one left, as if there had been a Sync, and forgets the unnamed statement.
        self.pipelined = false;
        let known = self.env.texts.borrow().get(sql);
        let text = match known {
            Some(text) => text,
            None => {
                if let Some((text, params)) = self.normalized(sql)? {
                    self.batch = Some(Batch { text, next: 0, params: Some(params) });
                    // Positions would refer to a text that the client never sent.
                    return self.run_batch(out).map_err(without_position);
                }
                self.parse_text(sql)?
            }
        };
        if text.statements.is_empty() {
            self.env.commit_unless_in_block()?;
            out.empty_query();
            return Ok(Progress::Complete);
        }
        self.batch = Some(Batch { text, next: 0, params: None });
        self.run_batch(out)
    }

    /// The statement of a text that differs from earlier ones in its integers only.
    fn normalized(&mut self, sql: &str) -> Result<Option<(Arc<QueryText>, Arc<[Datum]>)>> {
        let env = &self.env;
        let failed = env.transaction.borrow().block == BlockState::Failed;
        let mut texts = env.texts.borrow_mut();
        let normal = &mut texts.normal;
        if failed || !env.effective.borrow().standard_strings || !normal.split(sql) {
            return Ok(None);
        }
        match normal.known() {
            None => normal.remember(Known::Seen),
            Some(Known::Unfit) => {}
            Some(Known::Ready(text)) => return Ok(Some((text, normal.values()))),
            Some(Known::Seen) => {
                let (source, types, values) =
                    (Arc::<str>::from(normal.text()), normal.types(), normal.values());
                drop(texts);
                let fit = self.fit(&source, types)?;
                let known = fit.clone().map_or(Known::Unfit, Known::Ready);
                // The split text is still the one that was looked up: nothing else has run.
                self.env.texts.borrow_mut().normal.remember(known);
                return Ok(fit.map(|text| (text, values)));
            }
        }
        Ok(None)
    }

    /// Can a text be run with parameters in place of its integers?
    fn fit(&self, source: &Arc<str>, types: Arc<[pglitedb_types::Oid]>) -> Result<Option<Arc<QueryText>>> {
        let Ok(mut parsed) = parse_with(source, ParseOptions::default()) else { return Ok(None) };
        let (Some(raw), true) = (parsed.pop(), parsed.is_empty()) else { return Ok(None) };
        let prepared = Arc::new(Prepared::new(source.clone(), Some(raw.stmt), types));
        if prepared.kind != StatementKind::Planned {
            return Ok(None);
        }
        self.env.ensure_transaction()?;
        if self.env.plan_prepared(&prepared).is_err() {
            return Ok(None);
        }
        Ok(Some(Arc::new(QueryText { statements: vec![prepared] })))
    }

    fn parse_text(&self, sql: &str) -> Result<Arc<QueryText>> {
        let options = self.env.parse_options(sql);
        let parsed = parse_with(sql, options)?;
        let source: Arc<str> = Arc::from(sql);
        let no_types: Arc<[_]> = Arc::new([]);
        let statements = parsed
            .into_iter()
            .map(|raw| Arc::new(Prepared::new(source.clone(), Some(raw.stmt), no_types.clone())))
            .collect();
        let text = Arc::new(QueryText { statements });
        self.env.texts.borrow_mut().offer(&source, &text);
        Ok(text)
    }

    /// Runs statements until the last one is done, the output is full, or COPY wants data.
    pub(super) fn run_batch(&mut self, out: &mut dyn Output) -> Result<Progress> {
        loop {
            if let Some(mut portal) = self.current.take() {
                match portal.run(&self.env, 0, out)? {
                    Step::Done(tag) => {
                        self.keep_spare(portal);
                        self.statement_done(&tag, out)?;
                    }
                    Step::Full | Step::Suspended => {
                        self.current = Some(portal);
                        self.flush_notices(out);
                        return Ok(Progress::OutputFull);
                    }
                }
            }
            let Some(batch) = &mut self.batch else { return Ok(Progress::Complete) };
            let Some(prepared) = batch.text.statements.get(batch.next).cloned() else {
                self.batch = None;
                return Ok(Progress::Complete);
            };
            batch.next += 1;
            if batch.text.statements.len() > 1 {
                self.env.enter_implicit_block();
            }
            if self.start_statement(&prepared, out)? == Progress::CopyIn {
                self.flush_notices(out);
                return Ok(Progress::CopyIn);
            }
        }
    }

    fn is_last(&self) -> bool {
        self.batch.as_ref().is_none_or(|batch| batch.next >= batch.text.statements.len())
    }

    /// A statement of a simple query is over: outside of a block the transaction is committed after the last one.
    pub(super) fn statement_done(&mut self, tag: &CommandTag, out: &mut dyn Output) -> Result<()> {
        if self.is_last() {
            self.env.commit_unless_in_block()?;
        }
        self.flush_notices(out);
        out.complete(tag);
        Ok(())
    }

    /// Begins a statement. Commands are carried out; plans become `current`.
    fn start_statement(&mut self, prepared: &Arc<Prepared>, out: &mut dyn Output) -> Result<Progress> {
        match (prepared.kind, &prepared.stmt) {
            (StatementKind::Planned, _) => {
                self.env.check_not_failed()?;
                self.env.ensure_transaction()?;
                let params = self.batch.as_ref().and_then(|batch| batch.params.clone());
                let params = params.unwrap_or_else(|| self.no_params.clone());
                let mut portal = self.new_portal("", prepared.clone(), params);
                portal.start(&self.env)?;
                if let PortalState::Running(execution) = &portal.state
                    && execution.plan.stmt.returns_rows
                {
                    out.describe(&portal.shape)?;
                }
                self.env.note_activity(&prepared.source);
                self.current = Some(portal);
            }
            (StatementKind::Transaction, Some(stmt)) => {
                let tag = utility::transaction(&self.env, stmt)?;
                self.flush_notices(out);
                if self.is_last() {
                    self.env.commit_unless_in_block()?;
                }
                out.complete(&tag);
            }
            (StatementKind::Utility, Some(stmt)) => {
                self.env.check_not_failed()?;
                self.env.ensure_transaction()?;
                self.env.note_activity(&prepared.source);
                let outcome = utility::run(&self.env, stmt, prepared, &[], true)?;
                return self.start_outcome(prepared, outcome, out);
            }
            (_, None) | (StatementKind::Empty, _) => out.empty_query(),
        }
        Ok(Progress::Complete)
    }

    fn start_outcome(
        &mut self,
        prepared: &Arc<Prepared>,
        outcome: Outcome,
        out: &mut dyn Output,
    ) -> Result<Progress> {
        match outcome {
            Outcome::Tag(tag) => self.statement_done(&tag, out)?,
            Outcome::Rows { columns, rows, tag, formats } => {
                let mut portal = self.new_portal("", prepared.clone(), self.no_params.clone());
                portal.shape = RowShape { columns, formats };
                out.describe(&portal.shape)?;
                portal.state = PortalState::Rows { rows, next: 0, tag };
                self.current = Some(portal);
            }
            Outcome::Portal(mut portal) => {
                portal.start(&self.env)?;
                if let PortalState::Running(execution) = &portal.state
                    && execution.plan.stmt.returns_rows
                {
                    out.describe(&portal.shape)?;
                }
                self.current = Some(portal);
            }
            Outcome::CopyOut(copy) => {
                let mut portal = self.new_portal("", prepared.clone(), self.no_params.clone());
                portal.state = PortalState::CopyOut(copy);
                self.current = Some(portal);
            }
            Outcome::CopyIn { copy, format, columns } => {
                out.copy_in_begin(format, columns)?;
                self.copy = Some(CopyRun {
                    copy,
                    prepared: prepared.clone(),
                    params: self.no_params.clone(),
                    simple: true,
                });
                return Ok(Progress::CopyIn);
            }
        }
        Ok(Progress::Complete)
    }

    /// A portal, with the allocations of an old one if there is one.
    pub(super) fn new_portal(
        &mut self,
        name: &str,
        prepared: Arc<Prepared>,
        params: Arc<[pglitedb_types::Datum]>,
    ) -> Box<Portal> {
        let shape = RowShape { columns: self.env.no_columns.clone(), formats: Vec::new() };
        match self.spare.take() {
            Some(mut spare) if name.is_empty() => {
                let row = std::mem::take(&mut spare.row);
                *spare = Portal::new(name, prepared, params, shape);
                spare.row = row;
                spare
            }
            _ => Box::new(Portal::new(name, prepared, params, shape)),
        }
    }

    /// Keeps the allocations of a portal.
    pub(super) fn keep_spare(&mut self, mut portal: Box<Portal>) {
        if portal.name.is_empty() {
            portal.row.clear();
            portal.state = PortalState::Done;
            self.spare = Some(portal);
        }
    }
}

fn without_position(mut error: Error) -> Error {
    error.fields_mut().position = None;
    error
}

impl crate::env::Env {
    /// How a text is read, after the notices about it.
    pub(super) fn parse_options(&self, sql: &str) -> ParseOptions {
        let (standard_conforming_strings, warning) = {
            let effective = self.effective.borrow();
            (effective.standard_strings, effective.escape_warning)
        };
        let options = ParseOptions { standard_conforming_strings };
        for notice in pglitedb_sql_parser::notices(sql, options, warning) {
            self.push_notice(notice);
        }
        options
    }

    /// Several statements of one string share a transaction.
    fn enter_implicit_block(&self) {
        let mut transaction = self.transaction.borrow_mut();
        if transaction.block == BlockState::Idle {
            transaction.block = BlockState::Implicit;
        }
    }

    /// Commits what runs outside of a block.
    #[inline]
    pub(crate) fn commit_unless_in_block(&self) -> Result<()> {
        if self.transaction.borrow().in_explicit_block() {
            return Ok(());
        }
        self.commit_transaction()
    }
}
