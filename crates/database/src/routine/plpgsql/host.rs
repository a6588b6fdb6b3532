//! What the interpreter asks of the session.

use super::plans::{PlanCode, columns_of, prepare, using};
use super::rows::{Collected, Running, in_statement};
use super::{PlCode, cast};
use crate::env::Env;
use crate::output::{Output, RowShape};
use crate::plan::{CachedPlan, Prepared, StatementKind};
use crate::portal::{CursorOptions, Execution, Portal, PortalState, Step};
use crate::routine::{call_statement, within};
use crate::utility::{self, Outcome};
use pglitedb_executor::{EvalRow, Runtime};
use pglitedb_functions::SessionEnv;
use pglitedb_plpgsql::ast::{Sql, TypeRef};
use pglitedb_plpgsql::{Column, CursorQuery, CursorRequest, Frame, Host, Moved, Ran, Rows, Sink, Value};
use pglitedb_query_tree::CommandType;
use pglitedb_sql_parser::ast::{FetchDirection, Statement};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{Snapshot, Txn};
use pglitedb_types::{Datum, Oid, TypeEnv};
use std::cell::RefCell;
use std::sync::Arc;

/// The session, for a function in PL/pgSQL.
pub(crate) struct PlHost<'a> {
    pub env: &'a Env,
    pub code: &'a PlCode,
    /// What expressions are evaluated with.
    state: RefCell<Option<(Arc<Txn>, Snapshot)>>,
}

impl<'a> PlHost<'a> {
    pub(super) fn new(env: &'a Env, code: &'a PlCode) -> Self {
        PlHost { env, code, state: RefCell::new(None) }
    }

    fn eval_simple(&self, compiled: &pglitedb_executor::Compiled, params: &[Datum]) -> Result<Datum> {
        let env = self.env;
        let (txn, snapshot) = {
            let mut state = self.state.borrow_mut();
            match &*state {
                Some((txn, snapshot)) => (txn.clone(), snapshot.clone()),
                None => {
                    let txn = env.txn()?;
                    let snapshot = txn.snapshot();
                    *state = Some((txn.clone(), snapshot.clone()));
                    (txn, snapshot)
                }
            }
        };
        let rt = Runtime::new(env, env, env.registry(), env.space(), &txn, &snapshot, params, env);
        let outer = env.running_at.replace(snapshot.timestamp());
        let value = compiled.eval(&EvalRow::default(), &rt);
        env.running_at.set(outer);
        value
    }

    /// The only row of an expression that is a query.
    fn first_value(&self, plan: &Arc<CachedPlan>, columns: &[Column], params: &[Datum]) -> Result<Value> {
        if columns.len() != 1 {
            return Err(err!(SYNTAX_ERROR, "query returned {} columns", columns.len()));
        }
        let mut execution = Execution::start(self.env, plan.clone())?;
        let mut row = Vec::new();
        let mut datum = Datum::Null;
        if execution.next(self.env, params, &mut row)? {
            datum = row.first().cloned().unwrap_or_default();
            if execution.next(self.env, params, &mut row)? {
                return Err(err!(CARDINALITY_VIOLATION, "query returned more than one row"));
            }
        }
        execution.finish(self.env);
        let column = &columns[0];
        Ok(Value { datum, type_oid: column.type_oid, typmod: column.typmod })
    }

    /// Runs a plan; rows go to the sink.
    fn run_plan(
        &self,
        plan: &Arc<CachedPlan>,
        columns: &Arc<[Column]>,
        params: &[Datum],
        limit: u64,
        sink: Sink<'_>,
    ) -> Result<Ran> {
        let env = self.env;
        let mut execution = Execution::start(env, plan.clone())?;
        let reads = plan.stmt.command == CommandType::Select;
        let stops = reads && limit > 0 && !plan.stmt.has_modifying_cte;
        let (mut row, mut rows) = (Vec::new(), 0);
        while !(stops && rows >= limit) && execution.next(env, params, &mut row)? {
            rows += 1;
            sink(columns, &row)?;
            env.check_cancel()?;
        }
        let changed = execution.processed();
        execution.finish(env);
        Ok(Ran {
            rows: if reads { rows } else { changed },
            returns_rows: plan.stmt.returns_rows,
            columns: columns.clone(),
            changes: !reads,
            utility: false,
        })
    }

    /// Runs a command that is no query.
    fn run_utility(&self, prepared: &Prepared, params: &[Datum], sink: Sink<'_>) -> Result<Ran> {
        let env = self.env;
        let Some(stmt) = &prepared.stmt else { return Ok(Ran { utility: true, ..Ran::default() }) };
        if prepared.kind == StatementKind::Transaction {
            return Err(err!(FEATURE_NOT_SUPPORTED, "unsupported transaction command in PL/pgSQL"));
        }
        let mut ran = Ran { utility: true, ..Ran::default() };
        match utility::run(env, stmt, prepared, params, false)? {
            Outcome::Tag(tag) => ran.rows = tag.rows.unwrap_or(0),
            Outcome::Rows { columns, rows, .. } => {
                ran.columns = columns_of(&columns);
                ran.returns_rows = true;
                ran.rows = rows.len() as u64;
                for row in &rows {
                    sink(&ran.columns, row)?;
                }
            }
            Outcome::Portal(mut portal) => {
                portal.start(env)?;
                let mut out = IntoSink { sink, columns: columns_of(&portal.shape.columns), rows: 0 };
                match portal.run(env, 0, &mut out)? {
                    Step::Done(_) => {}
                    Step::Full | Step::Suspended => {
                        return Err(Error::internal("statement did not run to its end"));
                    }
                }
                (ran.columns, ran.rows, ran.returns_rows) = (out.columns, out.rows, out.rows > 0);
            }
            Outcome::CopyOut(_) | Outcome::CopyIn { .. } => {
                return Err(err!(FEATURE_NOT_SUPPORTED, "cannot COPY to/from client in PL/pgSQL"));
            }
        }
        Ok(ran)
    }

    /// Runs a text that was parsed; each command in turn, the last one's result counts.
    fn run_prepared(&self, list: &[Prepared], params: &[Datum], limit: u64, sink: Sink<'_>) -> Result<Ran> {
        let mut last = Ran { utility: true, ..Ran::default() };
        for prepared in list {
            if let Some(Statement::Select(query)) = &prepared.stmt
                && pglitedb_analyzer::into_clause(query).is_some()
            {
                return Err(err!(FEATURE_NOT_SUPPORTED, "EXECUTE of SELECT ... INTO is not implemented")
                    .hint("You might want to use EXECUTE ... INTO or EXECUTE CREATE TABLE ... AS instead."));
            }
            last = match prepared.kind {
                StatementKind::Planned => {
                    let plan = self.env.plan_prepared(prepared)?;
                    let columns = columns_of(&plan.columns);
                    self.run_plan(&plan, &columns, params, limit, &mut *sink)?
                }
                StatementKind::Transaction => {
                    return Err(err!(
                        FEATURE_NOT_SUPPORTED,
                        "EXECUTE of transaction commands is not implemented"
                    ));
                }
                _ => self.run_utility(prepared, params, &mut *sink)?,
            };
        }
        Ok(last)
    }

    fn text_error(&self, error: Error, text: &str) -> Error {
        match error.fields().position {
            Some(_) => within(error, text),
            None => in_statement(error, text),
        }
    }

    fn execution_of(&self, sql: &Sql, frame: &Frame) -> Result<(Arc<CachedPlan>, Arc<[Column]>, Vec<Datum>)> {
        let plan = self.plan_of(sql, frame)?;
        let params = self.params(&plan, frame)?;
        match &plan.code {
            PlanCode::Query { plan, columns, .. } if plan.stmt.returns_rows => {
                Ok((plan.clone(), columns.clone(), params))
            }
            PlanCode::Query { plan, .. } => {
                let word = crate::portal::command_word(plan.stmt.command);
                Err(cannot_open(word))
            }
            PlanCode::Utility(prepared) => {
                let word = prepared.stmt.as_ref().map_or("", utility::tag::command_name);
                Err(cannot_open(word))
            }
            PlanCode::Simple { .. } => Err(Error::internal("an expression is no query")),
        }
    }
}

fn cannot_open(word: &str) -> Error {
    err!(INVALID_CURSOR_DEFINITION, "cannot open {word} query as cursor")
}

/// Hands rows to a sink.
struct IntoSink<'s, 'f> {
    sink: &'s mut (dyn FnMut(&Arc<[Column]>, &[Datum]) -> Result<()> + 'f),
    columns: Arc<[Column]>,
    rows: u64,
}

impl Output for IntoSink<'_, '_> {
    fn describe(&mut self, _: &RowShape) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &[Datum], _: &RowShape, _: &Env) -> Result<()> {
        self.rows += 1;
        (self.sink)(&self.columns, row)
    }

    fn is_full(&self) -> bool {
        false
    }

    fn notice(&mut self, _: &Error, _: Option<&str>) {}

    fn complete(&mut self, _: &crate::output::CommandTag) {}

    fn empty_query(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_out_begin(&mut self, _: crate::output::Format, _: usize) -> Result<()> {
        Ok(())
    }

    fn copy_out_data(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }

    fn copy_out_done(&mut self) {}

    fn copy_in_begin(&mut self, _: crate::output::Format, _: usize) -> Result<()> {
        Ok(())
    }
}

impl Host for PlHost<'_> {
    fn evaluate(&self, sql: &Sql, frame: &Frame) -> Result<Value> {
        let plan = self.plan_of(sql, frame)?;
        let params = self.params(&plan, frame)?;
        match &plan.code {
            PlanCode::Simple { compiled, type_oid, typmod } => {
                let datum = self.eval_simple(compiled, &params)?;
                Ok(Value { datum, type_oid: *type_oid, typmod: *typmod })
            }
            PlanCode::Query { plan, columns, .. } => {
                self.first_value(plan, columns, &params).map_err(|error| self.in_text(error, sql))
            }
            PlanCode::Utility(_) => Err(Error::internal("a command is no expression")),
        }
    }

    fn run(&self, sql: &Sql, frame: &Frame, limit: u64, sink: Sink<'_>) -> Result<Ran> {
        let plan = self.plan_of(sql, frame)?;
        let params = self.params(&plan, frame)?;
        let ran = match &plan.code {
            PlanCode::Query { plan, columns, .. } => self.run_plan(plan, columns, &params, limit, sink),
            PlanCode::Utility(prepared) => self.run_utility(prepared, &params, sink),
            PlanCode::Simple { compiled, type_oid, typmod } => {
                let datum = self.eval_simple(compiled, &params)?;
                let column = Column { name: Arc::from("value"), type_oid: *type_oid, typmod: *typmod };
                let columns: Arc<[Column]> = Arc::new([column]);
                sink(&columns, &[datum])?;
                Ok(Ran { rows: 1, returns_rows: true, columns, ..Ran::default() })
            }
        };
        ran.map_err(|error| match error.fields().position {
            Some(_) => within(error, &sql.text),
            None => self.in_text(error, sql),
        })
    }

    fn open(&self, sql: &Sql, frame: &Frame, all: bool) -> Result<Box<dyn Rows + '_>> {
        let wrap = |error| self.in_text(error, sql);
        let plan = self.plan_of(sql, frame)?;
        if all
            || !matches!(&plan.code, PlanCode::Query { plan, .. } if plan.stmt.command == CommandType::Select)
        {
            let mut rows = Vec::new();
            let ran = self.run(sql, frame, 0, &mut |_, row| {
                rows.push(row.to_vec());
                Ok(())
            })?;
            if !ran.returns_rows {
                let (_, _, _) = self.execution_of(sql, frame)?;
            }
            return Ok(Box::new(Collected { columns: ran.columns, rows: rows.into_iter() }));
        }
        let (plan, columns, params) = self.execution_of(sql, frame)?;
        let execution = Execution::start(self.env, plan).map_err(wrap)?;
        Ok(Box::new(Running {
            env: self.env,
            columns,
            execution: Some(execution),
            params,
            text: sql.text.clone(),
        }))
    }

    fn run_text(&self, text: &str, params: &[Value], limit: u64, sink: Sink<'_>) -> Result<Ran> {
        let (types, params) = using(params);
        let wrap = |error| self.text_error(error, text);
        let list = prepare(self.env, text, &types).map_err(wrap)?;
        self.run_prepared(&list, &params, limit, sink).map_err(wrap)
    }

    fn open_text(&self, text: &str, params: &[Value], all: bool) -> Result<Box<dyn Rows + '_>> {
        let (types, params) = using(params);
        let wrap = |error| self.text_error(error, text);
        let list = prepare(self.env, text, &types).map_err(wrap)?;
        if let [prepared] = list.as_slice()
            && prepared.kind == StatementKind::Planned
            && !all
        {
            let plan = self.env.plan_prepared(prepared).map_err(wrap)?;
            if plan.stmt.command == CommandType::Select {
                let columns = columns_of(&plan.columns);
                let execution = Execution::start(self.env, plan).map_err(wrap)?;
                let text = Arc::from(text);
                return Ok(Box::new(Running {
                    env: self.env,
                    columns,
                    execution: Some(execution),
                    params,
                    text,
                }));
            }
        }
        let mut rows = Vec::new();
        let ran = self
            .run_prepared(&list, &params, 0, &mut |_, row| {
                rows.push(row.to_vec());
                Ok(())
            })
            .map_err(wrap)?;
        if !ran.returns_rows {
            let stmt = list.last().and_then(|prepared| prepared.stmt.as_ref());
            return Err(cannot_open(stmt.map_or("", utility::tag::command_name)));
        }
        Ok(Box::new(Collected { columns: ran.columns, rows: rows.into_iter() }))
    }

    fn call(&self, sql: &Sql, frame: &Frame, sink: Sink<'_>) -> Result<Vec<Option<usize>>> {
        let wrap = |error: Error| match error.fields().position {
            Some(_) => within(error, &sql.text),
            None => self.in_text(error, sql),
        };
        let result = call_statement::from_plpgsql(self, sql, frame).map_err(wrap)?;
        *self.state.borrow_mut() = None;
        if let Some((columns, row)) = &result.row {
            sink(columns, row)?;
        }
        Ok(result.targets)
    }

    fn open_cursor(&self, request: CursorRequest<'_>) -> Result<Arc<str>> {
        let env = self.env;
        let (plan, params, text) = match request.query {
            CursorQuery::Sql(sql, frame) => {
                let (plan, _, params) = self.execution_of(sql, frame)?;
                (plan, params, sql.text.clone())
            }
            CursorQuery::Text(text, params) => {
                let (types, params) = using(params);
                let wrap = |error| self.text_error(error, text);
                let list = prepare(env, text, &types).map_err(wrap)?;
                let [prepared] = list.as_slice() else {
                    return Err(err!(INVALID_CURSOR_DEFINITION, "cannot open multi-query plan as cursor"));
                };
                if prepared.kind != StatementKind::Planned {
                    let word = prepared.stmt.as_ref().map_or("", utility::tag::command_name);
                    return Err(cannot_open(word));
                }
                (env.plan_prepared(prepared).map_err(wrap)?, params, Arc::from(text))
            }
        };
        let name: Arc<str> = match request.name {
            Some(name) => {
                if env.portals.borrow().contains(&name) {
                    return Err(err!(DUPLICATE_CURSOR, "cursor \"{name}\" already in use"));
                }
                name
            }
            None => env.unused_portal_name(),
        };
        let prepared = Arc::new(Prepared::new(text, None, Arc::new([])));
        let shape = RowShape { columns: plan.columns.clone(), formats: Vec::new() };
        let mut portal = Box::new(Portal::new(&name, prepared, params.into(), shape));
        portal.cursor = Some(CursorOptions {
            scroll: request.scroll == Some(true),
            no_scroll: request.scroll == Some(false),
            hold: false,
            binary: false,
        });
        portal.depth = env.transaction.borrow().savepoints.len();
        portal.created = env.statement_started.get();
        portal.state = PortalState::Running(Box::new(Execution::start(env, plan)?));
        env.portals.borrow_mut().put(portal);
        Ok(name)
    }

    fn move_cursor(&self, name: &str, direction: FetchDirection, fetch: bool) -> Result<Moved> {
        let env = self.env;
        let taken = env.portals.borrow_mut().take(name);
        let mut portal = taken.ok_or_else(|| err!(UNDEFINED_CURSOR, "cursor \"{name}\" does not exist"))?;
        let result = portal.fetch(env, direction, !fetch);
        if result.is_err() {
            portal.failed = true;
        }
        let columns = columns_of(&portal.shape.columns);
        env.portals.borrow_mut().put(portal);
        let result = result?;
        Ok(Moved { columns, rows: result.rows, count: result.count })
    }

    fn close_cursor(&self, name: &str) -> Result<()> {
        let taken = self.env.portals.borrow_mut().take(name);
        taken.map(drop).ok_or_else(|| err!(UNDEFINED_CURSOR, "cursor \"{name}\" does not exist"))
    }

    fn begin_subtransaction(&self) -> Result<()> {
        self.env.begin_subtransaction()
    }

    fn commit_subtransaction(&self) -> Result<()> {
        self.env.commit_subtransaction()
    }

    fn rollback_subtransaction(&self) -> Result<()> {
        self.env.rollback_subtransaction()
    }

    fn end_transaction(&self, commit: bool, chain: bool) -> Result<()> {
        *self.state.borrow_mut() = None;
        self.env.end_transaction_within(commit, chain)
    }

    fn convert(&self, value: Value, to: &TypeRef) -> Result<Datum> {
        cast::convert(self.env, value, to)
    }

    fn output(&self, value: &Value) -> Result<String> {
        let oid = if value.type_oid == 0 { pglitedb_types::oids::TEXT } else { value.type_oid };
        pglitedb_types::output_string(&value.datum, oid, self.env)
    }

    fn composite_columns(&self, type_oid: Oid) -> Result<Arc<[Column]>> {
        let mut oid = type_oid;
        loop {
            let info = TypeEnv::type_info(self.env, oid)?;
            if info.base_type == 0 {
                break;
            }
            oid = info.base_type;
        }
        let fields = self.env.composite_fields(oid)?;
        Ok(fields
            .iter()
            .map(|field| Column { name: field.name.clone(), type_oid: field.type_oid, typmod: field.typmod })
            .collect())
    }

    fn type_name(&self, type_oid: Oid, typmod: i32) -> Result<String> {
        let ctx = pglitedb_analyzer::AnalyzeContext::new(self.env, self.env, "");
        pglitedb_analyzer::format_type(type_oid, typmod, &ctx)
    }

    fn element_type(&self, type_oid: Oid) -> Result<Oid> {
        let mut info = TypeEnv::type_info(self.env, type_oid)?;
        while info.base_type != 0 {
            info = TypeEnv::type_info(self.env, info.base_type)?;
        }
        Ok(if info.is_true_array { info.element } else { 0 })
    }

    fn notice(&self, notice: Error) {
        let stack = self.call_stack();
        self.env.push_notice(if stack.is_empty() { notice } else { notice.context(stack) });
    }

    fn call_stack(&self) -> String {
        let calls = self.env.calls.borrow();
        let lines: Vec<String> = calls.iter().rev().map(|call| call.line_of_context()).collect();
        lines.join("\n")
    }

    fn routine(&self) -> Oid {
        self.code.oid
    }

    fn check_asserts(&self) -> bool {
        self.env.show("plpgsql.check_asserts").ok().flatten().as_deref() != Some("off")
    }

    fn print_strict_params(&self) -> bool {
        self.env.show("plpgsql.print_strict_params").ok().flatten().as_deref() == Some("on")
    }

    fn check_interrupts(&self) -> Result<()> {
        SessionEnv::check_interrupts(self.env)
    }
}
