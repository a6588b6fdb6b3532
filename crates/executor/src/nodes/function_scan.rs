//! FunctionScan: functions in FROM, side by side in `ROWS FROM`, WITH ORDINALITY.

use super::Projection;
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, call_info, compile, compile_all};
use crate::runtime::Runtime;
use pglitedb_functions::{Builtin, CallInfo, FnCtx, SetIter, registry::SetFn};
use pglitedb_query_tree::{Expr, FuncExpr, Plan, PlanNode, RteFunction};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;

/// A call of a set-returning function.
pub(crate) struct SetCall {
    func: SetFn,
    strict: bool,
    pub info: CallInfo,
    args: Vec<Compiled>,
}

impl SetCall {
    /// Compiles a call; `None` if the function does not return a set.
    pub(crate) fn compile(func: &FuncExpr, ctx: &mut CompileCtx<'_>) -> Result<Option<SetCall>> {
        if !func.returns_set {
            return Ok(None);
        }
        let proc = ctx.catalog.proc(func.func)?.ok_or_else(|| Error::internal("function is gone"))?;
        match ctx.registry.get_for(proc.oid, &proc.source) {
            Some(Builtin::Set(implementation)) => Ok(Some(SetCall {
                func: implementation,
                strict: proc.strict,
                info: call_info(func),
                args: compile_all(&func.args, ctx)?,
            })),
            _ => Err(Error::unsupported(format!("function {} is not supported yet", proc.name))),
        }
    }

    /// Starts it; `None` for a strict function with a NULL argument (no rows).
    pub(crate) fn start(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Option<Box<dyn SetIter>>> {
        let mut args = Vec::with_capacity(self.args.len());
        for arg in &self.args {
            args.push(arg.eval(row, rt)?);
        }
        if self.strict && args.iter().any(Datum::is_null) {
            return Ok(None);
        }
        (self.func)(&FnCtx { env: rt.env, info: &self.info }, &args).map(Some)
    }
}

enum Kind {
    Set(SetCall),
    Scalar(Compiled),
}

/// One function with its columns.
struct Function {
    kind: Kind,
    columns: usize,
    iter: Option<Box<dyn SetIter>>,
    /// A scalar function has given its row.
    done: bool,
    row: Vec<Datum>,
}

pub(crate) struct FunctionScan {
    functions: Vec<Function>,
    ordinality: bool,
    count: i64,
    started: bool,
    quals: Vec<Compiled>,
    projection: Projection,
    row: Vec<Datum>,
}

impl FunctionScan {
    pub(crate) fn new(builder: &Builder<'_>, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Self> {
        let PlanNode::FunctionScan { functions, ordinality, .. } = &plan.node else {
            return Err(Error::internal("not a function scan"));
        };
        Ok(FunctionScan {
            functions: functions
                .iter()
                .map(|function| Function::new(function, ctx))
                .collect::<Result<_>>()?,
            ordinality: *ordinality,
            count: 0,
            started: false,
            quals: builder.quals(plan, ctx)?,
            projection: builder.projection(plan, ctx)?,
            row: Vec::new(),
        })
    }

    fn advance(&mut self, rt: &Runtime<'_>) -> Result<bool> {
        if !self.started {
            self.started = true;
            for function in &mut self.functions {
                function.start(rt)?;
            }
        }
        self.row.clear();
        let mut any = false;
        for function in &mut self.functions {
            let more = function.next(rt)?;
            any |= more;
            for at in 0..function.columns {
                let value =
                    if more { function.row.get(at).cloned().unwrap_or_default() } else { Datum::Null };
                self.row.push(value);
            }
        }
        if self.ordinality {
            self.count += 1;
            self.row.push(Datum::Int8(self.count));
        }
        Ok(any)
    }
}

impl Function {
    fn new(function: &RteFunction, ctx: &mut CompileCtx<'_>) -> Result<Self> {
        let set = match &function.expr {
            Expr::Func(func) => SetCall::compile(func, ctx)?,
            _ => None,
        };
        let kind = match set {
            Some(mut call) => {
                let columns = function.columns.iter();
                call.info.result_columns =
                    columns.map(|column| (column.name.clone(), column.type_oid, column.typmod)).collect();
                Kind::Set(call)
            }
            None => Kind::Scalar(compile(&function.expr, ctx)?),
        };
        Ok(Function { kind, columns: function.column_count, iter: None, done: false, row: Vec::new() })
    }

    fn start(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.done = false;
        self.iter = match &self.kind {
            Kind::Set(call) => call.start(&EvalRow::default(), rt)?,
            Kind::Scalar(_) => None,
        };
        Ok(())
    }

    fn next(&mut self, rt: &Runtime<'_>) -> Result<bool> {
        if self.done {
            return Ok(false);
        }
        match (&self.kind, &mut self.iter) {
            (Kind::Set(call), Some(iter)) => {
                let more = iter.next(&FnCtx { env: rt.env, info: &call.info }, &mut self.row)?;
                self.done = !more;
                if more {
                    self.spread();
                }
                Ok(more)
            }
            (Kind::Set(_), None) => {
                self.done = true;
                Ok(false)
            }
            (Kind::Scalar(expr), _) => {
                self.done = true;
                self.row.clear();
                self.row.push(expr.eval(&EvalRow::default(), rt)?);
                self.spread();
                Ok(true)
            }
        }
    }

    /// A composite result stands for its columns.
    fn spread(&mut self) {
        if self.columns > 1
            && let [Datum::Record(record)] = self.row.as_slice()
        {
            self.row = record.fields.clone();
        }
    }
}

impl Node for FunctionScan {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        while self.advance(rt)? {
            let row = EvalRow { scan: &self.row, ..EvalRow::default() };
            if all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                return Ok(true);
            }
            rt.check()?;
        }
        Ok(false)
    }

    fn rescan(&mut self, _: &Runtime<'_>) -> Result<()> {
        self.started = false;
        self.count = 0;
        Ok(())
    }
}
