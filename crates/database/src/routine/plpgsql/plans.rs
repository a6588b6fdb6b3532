//! Pieces of SQL, planned or compiled.

use super::host::PlHost;
use super::names::{PlanParam, Source, VariableNames};
use crate::env::Env;
use crate::plan::{CachedPlan, PlanKey, Prepared, StatementKind};
use crate::routine::within;
use pglitedb_analyzer::{AnalyzeContext, analyze, analyze_pl_assignment, analyze_query, rewrite};
use pglitedb_executor::{CompileCtx, Compiled, compile};
use pglitedb_plpgsql::ast::{Sql, SqlKind};
use pglitedb_plpgsql::{Column, Frame, Value};
use pglitedb_query_tree::{Expr, Query};
use pglitedb_sql_parser::ast::Statement;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid, oids};
use std::cell::RefCell;
use std::sync::Arc;

/// A plan with what it was made for.
pub(crate) struct PlanSlot {
    pub key: PlanKey,
    pub plan: Arc<PlPlan>,
}

/// A piece of SQL, ready to run.
pub(crate) struct PlPlan {
    pub(super) params: Vec<PlanParam>,
    pub(super) code: PlanCode,
    /// It depends on the value of a variable and serves once.
    once: bool,
}

/// How it runs.
pub(super) enum PlanCode {
    /// No more than an expression.
    Simple { compiled: Compiled, type_oid: Oid, typmod: i32 },
    /// A query.
    Query { plan: Arc<CachedPlan>, columns: Arc<[Column]> },
    /// Any other command.
    Utility(Box<Prepared>),
}

/// Columns as the interpreter wants them.
pub(super) fn columns_of(columns: &[crate::output::Column]) -> Arc<[Column]> {
    columns
        .iter()
        .map(|column| Column { name: column.name.clone(), type_oid: column.type_oid, typmod: column.typmod })
        .collect()
}

/// Is it nothing but one expression?
fn is_simple(query: &Query) -> bool {
    query.is_single_expression()
        && !query.targets[0].expr.any(&mut |expr| {
            matches!(expr, Expr::SubLink(_)) || matches!(expr, Expr::Func(func) if func.returns_set)
        })
}

/// Is a plan's text a statement that is planned?
fn parsed(sql: &Sql) -> Result<Option<Statement>> {
    let mut list = pglitedb_sql_parser::parse(&sql.text)?;
    match (list.pop(), list.is_empty()) {
        (Some(raw), true) => Ok(Some(raw.stmt)),
        (None, _) => Ok(None),
        _ => Err(err!(SYNTAX_ERROR, "query string contains several commands")),
    }
}

impl PlHost<'_> {
    /// The plan of a piece of SQL, which is still good for the variables' types.
    pub(super) fn plan_of(&self, sql: &Sql, frame: &Frame) -> Result<Arc<PlPlan>> {
        let key = self.env.plan_key();
        let slot =
            self.code.plans.get(sql.slot).ok_or_else(|| super::internal("piece of SQL without a number"))?;
        if let Some(known) = &*slot.lock()
            && known.key == key
            && self.fits(&known.plan, frame)
        {
            return Ok(known.plan.clone());
        }
        let plan = self.make_plan(sql, frame);
        let plan = Arc::new(plan.map_err(|error| self.at_text(error, sql))?);
        if self.env.plan_key() == key && !plan.is_transient() {
            *slot.lock() = Some(PlanSlot { key, plan: plan.clone() });
        }
        Ok(plan)
    }

    /// An error of binding or planning: a position tells where, otherwise the text is named.
    pub(super) fn at_text(&self, error: Error, sql: &Sql) -> Error {
        if error.fields().position.is_some() {
            return within(error, &sql.text);
        }
        if error.fields().internal_query.is_some() || sql.kind == SqlKind::Expression {
            return error;
        }
        self.in_text(error, sql)
    }

    /// An error while a text runs.
    pub(super) fn in_text(&self, error: Error, sql: &Sql) -> Error {
        let what = match sql.kind {
            SqlKind::Expression => "PL/pgSQL expression",
            SqlKind::Assignment => "PL/pgSQL assignment",
            SqlKind::Statement => "SQL statement",
        };
        error.context(format!("{what} \"{}\"", sql.text))
    }

    /// Are the variables still of the types that the plan was made for?
    fn fits(&self, plan: &PlPlan, frame: &Frame) -> bool {
        plan.params.iter().all(|param| {
            let number = match &param.source {
                Source::Field(record, name) => {
                    let column = frame.field_column(&self.code.function, *record, name, self);
                    return column.is_ok_and(|column| column.type_oid == param.type_oid);
                }
                Source::Scalar(number) | Source::Record(number) => *number,
            };
            frame
                .type_of(&self.code.function, number, self)
                .is_ok_and(|(type_oid, ..)| type_oid == param.type_oid)
        })
    }

    fn make_plan(&self, sql: &Sql, frame: &Frame) -> Result<PlPlan> {
        let env = self.env;
        let names = VariableNames {
            function: &self.code.function,
            frame,
            host: self,
            sql,
            used: RefCell::new(Vec::new()),
        };
        let ctx = AnalyzeContext::new(env, env, &sql.text).with_hook(&names);
        let query = match sql.kind {
            SqlKind::Expression => {
                let parsed = pglitedb_sql_parser::parse_pl_expression(&sql.text)?;
                analyze_query(&parsed, &ctx)?
            }
            SqlKind::Assignment => {
                let parsed = pglitedb_sql_parser::parse_pl_assignment(&sql.text)?;
                analyze_pl_assignment(&parsed, &ctx)?
            }
            SqlKind::Statement => {
                let stmt = parsed(sql)?;
                let is_query =
                    stmt.as_ref().is_some_and(|stmt| StatementKind::of(stmt) == StatementKind::Planned);
                match stmt {
                    Some(stmt) if is_query => analyze(&stmt, &ctx)?,
                    stmt => {
                        let prepared = Prepared::new(sql.text.clone(), stmt, Arc::new([]));
                        let code = PlanCode::Utility(Box::new(prepared));
                        return Ok(PlPlan { params: Vec::new(), code, once: false });
                    }
                }
            }
        };
        let mut query = query;
        let names_cursor = self.name_cursors(&mut query, sql, frame);
        let columns = env.columns_of(&query)?;
        let query = rewrite(query, &ctx)?;
        let params = names.used.into_inner();
        let wants_value = sql.kind != SqlKind::Statement;
        // Constants are folded in planning: what fails then is named by its text.
        let planning = |error| if sql.kind == SqlKind::Expression { self.in_text(error, sql) } else { error };
        let code = if wants_value && is_simple(&query) {
            self.simple(query).map_err(planning)?
        } else {
            let shown = columns_of(&columns);
            let plan = CachedPlan::new(env.plan_key(), env.plan(query).map_err(planning)?, columns);
            PlanCode::Query { plan: Arc::new(plan), columns: shown }
        };
        Ok(PlPlan { params, code, once: names_cursor })
    }

    /// `WHERE CURRENT OF variable` means the cursor whose name the variable holds now. True if there is such a thing.
    fn name_cursors(&self, query: &mut Query, sql: &Sql, frame: &Frame) -> bool {
        let mut found = false;
        query.for_each_expr_mut(&mut |top| {
            top.rewrite(&mut |expr| {
                let Expr::CurrentOf { cursor, .. } = expr else { return };
                let variable = self.code.function.resolve(sql.scope, &[&**cursor]);
                if let Some(pglitedb_plpgsql::Resolved::Variable(number, 1)) = variable
                    && let Datum::Text(name) = frame.scalar(number)
                {
                    *cursor = name;
                    found = true;
                }
            });
        });
        found
    }

    fn simple(&self, mut query: Query) -> Result<PlanCode> {
        let env = self.env;
        let Some(target) = query.targets.pop() else {
            return Err(super::internal("expression without a value"));
        };
        let mut expr = target.expr;
        pglitedb_planner::fold_planned_expr(&mut expr, env, env, env.registry())?;
        let (type_oid, typmod) = (expr.type_oid(), expr.typmod());
        let mut ctx = CompileCtx::new(env, env, env.registry());
        Ok(PlanCode::Simple { compiled: compile(&expr, &mut ctx)?, type_oid, typmod })
    }

    /// Values of a plan's parameters.
    pub(super) fn params(&self, plan: &PlPlan, frame: &Frame) -> Result<Vec<Datum>> {
        let function = &self.code.function;
        plan.params
            .iter()
            .map(|param| match &param.source {
                Source::Scalar(number) => Ok(frame.scalar(*number)),
                Source::Record(number) => {
                    Ok(frame.record(*number).map_or(Datum::Null, pglitedb_plpgsql::Record::datum))
                }
                Source::Field(record, name) => frame.field(function, *record, name),
            })
            .collect()
    }
}

impl PlPlan {
    fn is_transient(&self) -> bool {
        match &self.code {
            PlanCode::Query { plan, .. } => plan.stmt.transient || self.once,
            _ => false,
        }
    }
}

/// Values and types of USING; those without a type are text.
pub(super) fn using(params: &[Value]) -> (Vec<Oid>, Vec<Datum>) {
    params
        .iter()
        .map(|value| {
            let oid = if matches!(value.type_oid, 0 | oids::UNKNOWN) { oids::TEXT } else { value.type_oid };
            (oid, value.datum.clone())
        })
        .unzip()
}

/// A session's text of one command.
pub(super) fn prepare(_: &Env, text: &str, types: &[Oid]) -> Result<Vec<Prepared>> {
    let source: Arc<str> = Arc::from(text);
    let list = pglitedb_sql_parser::parse(text)?;
    Ok(list.into_iter().map(|raw| Prepared::new(source.clone(), Some(raw.stmt), types.into())).collect())
}
