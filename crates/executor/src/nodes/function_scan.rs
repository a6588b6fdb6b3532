//! FunctionScan: functions in FROM, side by side in `ROWS FROM`, WITH ORDINALITY.

use super::Projection;
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{
    CALL_SET_ROUTINE, CompileCtx, Compiled, EvalRow, Implementation, all_true, call_info, compile,
    compile_all, implementation,
};
use crate::runtime::Runtime;
use pglitedb_functions::{Builtin, CallInfo, FnCtx, SetIter, registry::SetFn};
use pglitedb_query_tree::{Expr, FuncExpr, Plan, PlanNode, RteFunction};
use pglitedb_sqlstate::{Error, Result, err};
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
        let found = match implementation(&proc, ctx)? {
            Implementation::BuiltIn => ctx.registry.get_for(proc.oid, &proc.source),
            Implementation::Routine => ctx.registry.get(CALL_SET_ROUTINE),
        };
        match found {
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
    /// A composite result is spread over the columns.
    composite: bool,
    /// Columns of the composite type that were dropped: its values have no fields for them.
    dropped: Vec<usize>,
    /// Types that a column definition list asks for.
    defined: Vec<u32>,
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
        let columns = function.columns.iter();
        let result_columns =
            columns.map(|column| (column.name.clone(), column.type_oid, column.typmod)).collect();
        let kind = match set {
            Some(mut call) => {
                call.info.result_columns = result_columns;
                Kind::Set(call)
            }
            None => {
                let mut expr = compile(&function.expr, ctx)?;
                if let Compiled::Call(call) = &mut expr {
                    call.0.info.result_columns = result_columns;
                }
                Kind::Scalar(expr)
            }
        };
        let types = || function.columns.iter().map(|column| column.type_oid);
        let same = matches!(function.columns.as_slice(), [one] if one.type_oid == function.expr.type_oid());
        Ok(Function {
            kind,
            columns: function.column_count,
            composite: !same,
            dropped: types().enumerate().filter(|(_, oid)| *oid == 0).map(|(at, _)| at).collect(),
            defined: if function.has_definition { types().collect() } else { Vec::new() },
            iter: None,
            done: false,
            row: Vec::new(),
        })
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
                    self.spread()?;
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
                self.spread()?;
                Ok(true)
            }
        }
    }

    /// A composite result stands for its columns.
    fn spread(&mut self) -> Result<()> {
        let [Datum::Record(record)] = self.row.as_slice() else { return Ok(()) };
        if !self.composite {
            return Ok(());
        }
        self.check_definition(&record.field_types)?;
        let mut fields = record.fields.clone();
        if fields.len() < self.columns {
            for at in &self.dropped {
                fields.insert((*at).min(fields.len()), Datum::Null);
            }
        }
        self.row = fields;
        Ok(())
    }

    /// A record must be what the column definition list says.
    fn check_definition(&self, types: &[u32]) -> Result<()> {
        if self.defined.is_empty() || types.contains(&0) {
            return Ok(());
        }
        let failed =
            || err!(DATATYPE_MISMATCH, "function return row and query-specified return row do not match");
        if types.len() != self.defined.len() {
            let plural = if types.len() == 1 { "" } else { "s" };
            let detail = format!(
                "Returned row contains {} attribute{plural}, but query expects {}.",
                types.len(),
                self.defined.len()
            );
            return Err(failed().detail(detail));
        }
        match types.iter().zip(&self.defined).position(|(own, wanted)| own != wanted) {
            None => Ok(()),
            Some(at) => {
                let name = |oid: u32| {
                    pglitedb_types::builtin_type(oid)
                        .map_or_else(|| oid.to_string(), |info| info.name.to_string())
                };
                let detail = format!(
                    "Returned type {} at ordinal position {}, but query expects {}.",
                    name(types[at]),
                    at + 1,
                    name(self.defined[at])
                );
                Err(failed().detail(detail))
            }
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
