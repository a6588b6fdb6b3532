//! Prepared statements and portals.

use super::Session;
use super::copying::CopyRun;
use crate::env::Env;
use crate::output::{Column, CommandTag, Format, Output, Progress, RowShape};
use crate::plan::{Prepared, StatementKind};
use crate::portal::{Portal, PortalState, Step};
use crate::transaction::BlockState;
use crate::utility::{self, Outcome};
use pglitedb_sql_parser::parse_with;
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// Description of a prepared statement.
#[derive(Clone, Debug)]
pub struct Description {
    /// Parameter types.
    pub params: Arc<[Oid]>,
    /// Result columns, if it returns rows.
    pub columns: Option<Arc<[Column]>>,
}

fn no_portal(name: &str) -> Error {
    err!(UNDEFINED_CURSOR, "portal \"{name}\" does not exist")
}

impl Session {
    /// Prepares a statement. `types`: parameter types as far as they are known, 0 for others.
    pub fn parse(&mut self, name: &str, sql: &str, types: &[Oid], out: &mut dyn Output) -> Result<()> {
        let running = self.env.interrupts.enter();
        self.begin_request();
        let result = self.env.prepare(name, sql, types);
        if !self.env.notices.borrow().is_empty() {
            // Their positions are ones in this text.
            self.source = Arc::from(sql);
        }
        let result = self.settle(result, out);
        drop(running);
        result
    }

    /// Makes a portal. `decode` turns parameter number n (from 0) of a type into a value; `count` says how many there are.
    pub fn bind(
        &mut self,
        portal: &str,
        statement: &str,
        count: usize,
        formats: &[Format],
        decode: &mut dyn FnMut(usize, Oid, &Env) -> Result<Datum>,
        out: &mut dyn Output,
    ) -> Result<()> {
        let running = self.env.interrupts.enter();
        self.begin_request();
        let result = self.make_portal(portal, statement, count, formats, decode);
        let result = self.settle(result, out);
        drop(running);
        result
    }

    fn make_portal(
        &mut self,
        name: &str,
        statement: &str,
        count: usize,
        formats: &[Format],
        decode: &mut dyn FnMut(usize, Oid, &Env) -> Result<Datum>,
    ) -> Result<()> {
        let prepared = self.env.prepared(statement)?;
        self.bind_prepared(name, statement, prepared, count, formats, decode)
    }

    /// Makes a portal of a statement; `statement` is its name, for messages.
    pub(super) fn bind_prepared(
        &mut self,
        name: &str,
        statement: &str,
        prepared: Arc<Prepared>,
        count: usize,
        formats: &[Format],
        decode: &mut dyn FnMut(usize, Oid, &Env) -> Result<Datum>,
    ) -> Result<()> {
        self.source = prepared.source.clone();
        if prepared.kind != StatementKind::Transaction {
            self.env.check_not_failed()?;
        }
        if count != prepared.param_types.len() {
            bail!(
                PROTOCOL_VIOLATION,
                "bind message supplies {count} parameters, but prepared statement \"{statement}\" requires {}",
                prepared.param_types.len()
            );
        }
        if !name.is_empty() && self.env.portals.borrow().contains(name) {
            bail!(DUPLICATE_CURSOR, "cursor \"{name}\" already exists");
        }
        self.env.ensure_transaction()?;
        let params: Arc<[Datum]> = if count == 0 {
            self.no_params.clone()
        } else {
            let types = prepared.param_types.clone();
            let env = &self.env;
            let mut values = Vec::with_capacity(count);
            for (at, type_oid) in types.iter().enumerate() {
                values.push(decode(at, *type_oid, env)?);
            }
            values.into()
        };
        let columns = self.env.prepared_columns(&prepared)?;
        if formats.len() > 1 {
            let width = columns.as_ref().map_or(0, |columns| columns.len());
            if formats.len() != width {
                bail!(
                    PROTOCOL_VIOLATION,
                    "bind message has {} result formats but query has {width} columns",
                    formats.len()
                );
            }
        }
        let mut portal = self.new_portal(name, prepared, params);
        if let Some(columns) = columns {
            portal.shape.columns = columns;
        }
        portal.shape.formats.extend_from_slice(formats);
        portal.depth = self.env.transaction.borrow().savepoints.len();
        portal.created = self.env.statement_started.get();
        self.env.portals.borrow_mut().put(portal);
        Ok(())
    }

    /// Describes a prepared statement.
    pub fn describe_statement(&mut self, name: &str, out: &mut dyn Output) -> Result<Description> {
        let result = self.env.describe_statement(name);
        self.settle(result, out)
    }

    /// Result columns and formats of a portal, `None` if it returns no rows.
    pub fn describe_portal(&mut self, name: &str, out: &mut dyn Output) -> Result<Option<RowShape>> {
        let result = self.portal_shape(name);
        self.settle(result, out)
    }

    fn portal_shape(&self, name: &str) -> Result<Option<RowShape>> {
        let portals = self.env.portals.borrow();
        let portal = portals.get(name).ok_or_else(|| no_portal(name))?;
        let prepared = portal.prepared.clone();
        let shape = portal.shape.clone();
        drop(portals);
        if prepared.kind != StatementKind::Transaction {
            self.env.check_not_failed()?;
        }
        Ok(self.env.prepared_columns(&prepared)?.is_some().then_some(shape))
    }

    /// Runs a portal, at most `max_rows` rows (0: all).
    pub fn execute(&mut self, name: &str, max_rows: u64, out: &mut dyn Output) -> Result<Progress> {
        let running = self.env.interrupts.enter();
        self.env.begin_statement_clock();
        let result = self.execute_portal(name, max_rows, out);
        let result = self.settle(result, out);
        drop(running);
        result
    }

    fn execute_portal(&mut self, name: &str, max_rows: u64, out: &mut dyn Output) -> Result<Progress> {
        let portal = self.env.portals.borrow_mut().take(name).ok_or_else(|| no_portal(name))?;
        if portal.prepared.kind != StatementKind::Transaction {
            self.env.check_not_failed()?;
        }
        if !Arc::ptr_eq(&self.source, &portal.prepared.source) {
            self.source = portal.prepared.source.clone();
        }
        if std::mem::replace(&mut self.pipelined, true) {
            let mut transaction = self.env.transaction.borrow_mut();
            if transaction.block == BlockState::Idle {
                transaction.block = BlockState::Implicit;
            }
        }
        self.env.ensure_transaction()?;
        match (portal.prepared.kind, &portal.prepared.stmt, &portal.state) {
            (StatementKind::Planned, _, _) => {
                self.env.note_activity(&portal.prepared.source);
                self.run_portal(portal, max_rows, out)
            }
            (StatementKind::Empty, _, _) | (_, None, _) => {
                out.empty_query();
                self.env.portals.borrow_mut().put(portal);
                Ok(Progress::Complete)
            }
            (StatementKind::Transaction, Some(stmt), _) => {
                let tag = utility::transaction(&self.env, stmt)?;
                self.flush_notices(out);
                out.complete(&tag);
                Ok(Progress::Complete)
            }
            (StatementKind::Utility, Some(stmt), PortalState::Ready) => {
                self.env.note_activity(&portal.prepared.source);
                let outcome = utility::run(&self.env, stmt, &portal.prepared, &portal.params, true)?;
                self.execute_outcome(portal, outcome, max_rows, out)
            }
            (StatementKind::Utility, _, _) => self.run_portal(portal, max_rows, out),
        }
    }

    fn execute_outcome(
        &mut self,
        mut portal: Box<Portal>,
        outcome: Outcome,
        max_rows: u64,
        out: &mut dyn Output,
    ) -> Result<Progress> {
        match outcome {
            Outcome::Tag(tag) => {
                portal.state = PortalState::Done;
                self.env.portals.borrow_mut().put(portal);
                self.flush_notices(out);
                out.complete(&tag);
                Ok(Progress::Complete)
            }
            Outcome::Rows { columns, rows, tag, formats } => {
                portal.shape.columns = columns;
                if !formats.is_empty() {
                    portal.shape.formats = formats;
                }
                portal.state = PortalState::Rows { rows, next: 0, tag };
                self.run_portal(portal, max_rows, out)
            }
            Outcome::Portal(mut inner) => {
                inner.name = portal.name;
                inner.shape.formats = portal.shape.formats;
                inner.depth = portal.depth;
                self.run_portal(inner, max_rows, out)
            }
            Outcome::CopyOut(copy) => {
                portal.state = PortalState::CopyOut(copy);
                self.run_portal(portal, max_rows, out)
            }
            Outcome::CopyIn { copy, format, columns } => {
                out.copy_in_begin(format, columns)?;
                let (prepared, params) = (portal.prepared, portal.params);
                self.copy = Some(CopyRun { copy, prepared, params, simple: false });
                self.flush_notices(out);
                Ok(Progress::CopyIn)
            }
        }
    }

    fn run_portal(
        &mut self,
        mut portal: Box<Portal>,
        max_rows: u64,
        out: &mut dyn Output,
    ) -> Result<Progress> {
        let before = portal.sent;
        match portal.run(&self.env, max_rows, out)? {
            Step::Done(mut tag) => {
                // Each Execute reports the rows that it sent.
                if let Some(rows) = &mut tag.rows
                    && tag.name == "SELECT"
                {
                    *rows = portal.sent - before;
                }
                self.env.portals.borrow_mut().put(portal);
                self.portal_done(&tag, out);
                Ok(Progress::Complete)
            }
            Step::Suspended => {
                self.env.portals.borrow_mut().put(portal);
                self.flush_notices(out);
                out.suspended();
                Ok(Progress::Complete)
            }
            Step::Full => {
                let left =
                    if max_rows == 0 { 0 } else { max_rows.saturating_sub(portal.sent - before).max(1) };
                self.paused = Some((portal, left));
                self.flush_notices(out);
                Ok(Progress::OutputFull)
            }
        }
    }

    fn portal_done(&mut self, tag: &CommandTag, out: &mut dyn Output) {
        self.flush_notices(out);
        out.complete(tag);
    }

    /// Goes on with an Execute that waited for room.
    pub(super) fn resume_execute(&mut self, out: &mut dyn Output) -> Result<Progress> {
        match self.paused.take() {
            Some((portal, left)) => self.run_portal(portal, left, out),
            None => Ok(Progress::Complete),
        }
    }

    /// Closes a prepared statement; nothing happens if there is none.
    pub fn close_statement(&mut self, name: &str) {
        self.env.statements.borrow_mut().remove(name);
    }

    /// Closes a portal; nothing happens if there is none.
    pub fn close_portal(&mut self, name: &str) {
        let portal = self.env.portals.borrow_mut().take(name);
        if let Some(portal) = portal {
            self.keep_spare(portal);
        }
    }

    /// Ends a sequence of requests: commits what runs outside of a block.
    pub fn sync(&mut self, out: &mut dyn Output) -> Result<()> {
        self.pipelined = false;
        let running = self.env.interrupts.enter();
        let spare = self.env.portals.borrow_mut().take("");
        if let Some(portal) = spare {
            if self.env.transaction.borrow().in_explicit_block() {
                self.env.portals.borrow_mut().put(portal);
            } else {
                self.keep_spare(portal);
            }
        }
        let result = self.env.commit_unless_in_block();
        let result = self.settle(result, out);
        drop(running);
        result
    }

    /// The text of the statement that was last bound or run: positions of errors refer to it.
    pub fn last_source(&self) -> &str {
        &self.source
    }
}

impl Env {
    /// A Parse message.
    fn prepare(&self, name: &str, sql: &str, types: &[Oid]) -> Result<()> {
        let standard_strings = self.effective.borrow().standard_strings;
        if name.is_empty() {
            self.statements.borrow_mut().remove("");
            if standard_strings && self.reuse_parsed(sql, types)? {
                return Ok(());
            }
        }
        let options = self.parse_options(sql);
        let mut parsed = parse_with(sql, options)?;
        let source: Arc<str> = Arc::from(sql);
        let stmt = parsed.pop().map(|raw| raw.stmt);
        if !parsed.is_empty() {
            bail!(SYNTAX_ERROR, "cannot insert multiple commands into a prepared statement");
        }
        let prepared = self.prepare_statement(source, stmt, types)?;
        // The client may rely on the result's columns from now on.
        if prepared.kind == StatementKind::Planned {
            *prepared.described.lock() = self.prepared_columns(&prepared)?;
        }
        if !name.is_empty() && self.statements.borrow().get(name).is_some() {
            bail!(DUPLICATE_PSTATEMENT, "prepared statement \"{name}\" already exists");
        }
        let prepared = Arc::new(prepared);
        if name.is_empty() && standard_strings && prepared.kind == StatementKind::Planned {
            self.texts.borrow_mut().offer_parsed(types, &prepared);
        }
        self.statements.borrow_mut().put(name, prepared);
        Ok(())
    }

    /// Makes a statement that was parsed before the unnamed one again: many drivers send the same text with each execution.
    fn reuse_parsed(&self, sql: &str, types: &[Oid]) -> Result<bool> {
        let Some(prepared) = self.texts.borrow().parsed(sql, types, self.plan_key()) else {
            return Ok(false);
        };
        self.check_not_failed()?;
        self.ensure_transaction()?;
        self.statements.borrow_mut().put("", prepared);
        Ok(true)
    }

    /// Binds a statement for later execution.
    pub(crate) fn prepare_statement(
        &self,
        source: Arc<str>,
        stmt: Option<pglitedb_sql_parser::ast::Statement>,
        types: &[Oid],
    ) -> Result<Prepared> {
        let kind = stmt.as_ref().map_or(StatementKind::Empty, StatementKind::of);
        if kind != StatementKind::Transaction {
            self.check_not_failed()?;
        }
        let mut prepared = match (kind, &stmt) {
            (StatementKind::Planned, Some(bound)) => {
                self.ensure_transaction()?;
                let key = self.plan_key();
                let (analyzed, types) = self.analyze_for_types(bound, &source, types)?;
                let prepared = Prepared::new(source, stmt, types);
                self.keep_analyzed(&prepared, key, analyzed);
                prepared
            }
            _ => Prepared::new(source, stmt, types.into()),
        };
        prepared.prepared_at = self.statement_started.get();
        Ok(prepared)
    }

    /// Columns of a statement's result, `None` if it returns no rows.
    pub(crate) fn prepared_columns(&self, prepared: &Prepared) -> Result<Option<Arc<[Column]>>> {
        match (prepared.kind, &prepared.stmt) {
            (StatementKind::Planned, _) => self.planned_columns(prepared),
            (StatementKind::Utility, Some(stmt)) => utility::columns(self, stmt),
            _ => Ok(None),
        }
    }

    fn describe_statement(&self, name: &str) -> Result<Description> {
        let prepared = self.prepared(name)?;
        if prepared.kind == StatementKind::Planned || prepared.kind == StatementKind::Utility {
            if self.transaction.borrow().block == BlockState::Failed {
                self.check_not_failed()?;
            }
            self.ensure_transaction()?;
        }
        let columns = self.prepared_columns(&prepared)?;
        *prepared.described.lock() = columns.clone();
        Ok(Description { params: prepared.param_types.clone(), columns })
    }
}
