//! JSON_TABLE: the rows that a path selects, and for each of them those of the nested paths, one after the other.
//!
//! The options and arguments are the analyzer's (`from_json_table.rs`): `args[0]` is the document, then come the PASSING
//! values, then an expression for each value column, whose document is the row's item (the CASE value).

use super::Projection;
use crate::executor::Node;
use crate::expr::json::passed;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, compile_all};
use crate::runtime::Runtime;
use pglitedb_functions::json::node::member;
use pglitedb_functions::json::query::{passing_names, select_rows};
use pglitedb_functions::{CallInfo, FnCtx};
use pglitedb_query_tree::{Expr, Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, JsonbValue, Oid};
use std::sync::Arc;

/// A path with its columns and the paths nested in it.
struct PathPlan {
    path: Arc<str>,
    /// Output columns: place, and the argument that gives the value (none: ordinality).
    columns: Vec<(usize, Option<usize>)>,
    nested: Vec<PathPlan>,
}

/// Where the rows of a path stand.
#[derive(Default)]
struct PathState {
    items: std::vec::IntoIter<Arc<JsonbValue>>,
    current: Option<Arc<JsonbValue>>,
    ordinal: i32,
    nested: Vec<PathState>,
    /// The nested path whose rows are given now.
    active: usize,
}

pub(crate) struct JsonTable {
    root: PathPlan,
    state: Option<PathState>,
    error_on_error: bool,
    passing: Vec<Arc<str>>,
    passed: Vec<(Arc<str>, Datum, Oid)>,
    args: Vec<Compiled>,
    types: Vec<Oid>,
    width: usize,
    quals: Vec<Compiled>,
    projection: Projection,
    row: Vec<Datum>,
    info: CallInfo,
}

#[cold]
fn damaged() -> Error {
    Error::internal("options of JSON_TABLE can't be read")
}

fn place(value: &JsonbValue) -> Result<usize> {
    match value {
        JsonbValue::Number(number) => {
            number.to_int4().ok().and_then(|at| usize::try_from(at).ok()).ok_or_else(damaged)
        }
        _ => Err(damaged()),
    }
}

impl PathPlan {
    fn read(plan: &JsonbValue) -> Result<PathPlan> {
        let Some(JsonbValue::String(path)) = member(plan, "path") else { return Err(damaged()) };
        let list = |name: &str| match member(plan, name) {
            Some(JsonbValue::Array(items)) => items.as_slice(),
            _ => &[],
        };
        let mut columns = Vec::new();
        for column in list("columns") {
            let at = member(column, "at").map(place).transpose()?.ok_or_else(damaged)?;
            columns.push((at, member(column, "arg").map(place).transpose()?));
        }
        let nested = list("nested").iter().map(PathPlan::read).collect::<Result<_>>()?;
        Ok(PathPlan { path: path.clone(), columns, nested })
    }
}

impl JsonTable {
    pub(crate) fn new(
        plan: &Plan,
        quals: Vec<Compiled>,
        projection: Projection,
        ctx: &mut CompileCtx<'_>,
    ) -> Result<Self> {
        let PlanNode::TableFuncScan { options, args, columns, .. } = &plan.node else {
            return Err(Error::internal("not a table function scan"));
        };
        let options = pglitedb_types::json::parse_jsonb(options)?;
        let passing = passing_names(&options);
        Ok(JsonTable {
            root: PathPlan::read(member(&options, "plan").ok_or_else(damaged)?)?,
            state: None,
            error_on_error: matches!(member(&options, "error_on_error"), Some(JsonbValue::Bool(true))),
            passing,
            passed: Vec::new(),
            types: args.iter().map(Expr::type_oid).collect(),
            args: compile_all(args, ctx)?,
            width: columns.len(),
            quals,
            projection,
            row: Vec::new(),
            info: CallInfo::default(),
        })
    }

    fn start(&mut self, rt: &Runtime<'_>) -> Result<PathState> {
        let row = EvalRow::default();
        let (document, rest) = self.args.split_first().ok_or_else(damaged)?;
        let types = self.types.get(1..).unwrap_or(&[]);
        self.passed = passed(&self.passing, rest, types, &row, rt)?;
        match document.eval(&row, rt)? {
            Datum::Jsonb(document) => self.open(&self.root, &document, rt),
            _ => Ok(PathState::default()),
        }
    }

    /// The rows of a path in a document.
    fn open(&self, plan: &PathPlan, document: &JsonbValue, rt: &Runtime<'_>) -> Result<PathState> {
        let ctx = FnCtx { env: rt.env, info: &self.info };
        let items = select_rows(&ctx, document, &plan.path, &self.passed, self.error_on_error)?;
        Ok(PathState { items: items.into_iter(), ..PathState::default() })
    }

    /// Goes to the next row of a path: the next one of a nested path, or of its own with the nested paths begun anew.
    fn advance(&self, plan: &PathPlan, state: &mut PathState, rt: &Runtime<'_>) -> Result<bool> {
        rt.check()?;
        if state.current.is_some() && self.advance_nested(plan, state, rt)? {
            return Ok(true);
        }
        let Some(item) = state.items.next() else {
            state.current = None;
            return Ok(false);
        };
        state.ordinal = state.ordinal.saturating_add(1);
        state.nested = plan.nested.iter().map(|plan| self.open(plan, &item, rt)).collect::<Result<_>>()?;
        state.active = 0;
        state.current = Some(item);
        // A row without nested ones is given with NULLs for them.
        self.advance_nested(plan, state, rt)?;
        Ok(true)
    }

    fn advance_nested(&self, plan: &PathPlan, state: &mut PathState, rt: &Runtime<'_>) -> Result<bool> {
        while let (Some(inner), Some(nested)) =
            (plan.nested.get(state.active), state.nested.get_mut(state.active))
        {
            if self.advance(inner, nested, rt)? {
                return Ok(true);
            }
            state.active += 1;
        }
        Ok(false)
    }

    /// Columns of the rows at hand.
    fn fill(&self, plan: &PathPlan, state: &PathState, out: &mut [Datum], rt: &Runtime<'_>) -> Result<()> {
        let Some(item) = &state.current else { return Ok(()) };
        let item = Datum::Jsonb(item.clone());
        let row = EvalRow { case_value: Some(&item), ..EvalRow::default() };
        for (at, arg) in &plan.columns {
            let value = match arg {
                None => Datum::Int4(state.ordinal),
                Some(arg) => self.args.get(*arg).ok_or_else(damaged)?.eval(&row, rt)?,
            };
            *out.get_mut(*at).ok_or_else(damaged)? = value;
        }
        for (plan, state) in plan.nested.iter().zip(&state.nested) {
            self.fill(plan, state, out, rt)?;
        }
        Ok(())
    }
}

impl Node for JsonTable {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let mut state = match self.state.take() {
            Some(state) => state,
            None => self.start(rt)?,
        };
        while self.advance(&self.root, &mut state, rt)? {
            let mut row = std::mem::take(&mut self.row);
            row.clear();
            row.resize(self.width, Datum::Null);
            self.fill(&self.root, &state, &mut row, rt)?;
            self.row = row;
            let row = EvalRow { scan: &self.row, ..EvalRow::default() };
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                self.state = Some(state);
                return Ok(true);
            }
        }
        self.state = Some(state);
        Ok(false)
    }

    fn rescan(&mut self, _: &Runtime<'_>) -> Result<()> {
        self.state = None;
        Ok(())
    }
}
