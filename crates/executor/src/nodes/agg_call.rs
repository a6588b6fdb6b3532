//! One aggregate call: transition, DISTINCT, ORDER BY, FILTER, final function.

use crate::build::comparator;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, compile, compile_all, scalar_function};
use crate::nodes::SortColumn;
use crate::runtime::Runtime;
use pglitedb_functions::{
    AggState, Builtin, CallInfo, FnCtx,
    call::SortKey,
    registry::{FinalFn, ScalarFn, TransFn},
};
use pglitedb_query_tree::{Aggref, Expr, SortGroupClause, WindowFunc};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid, oids};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// OID of the language of built-in functions.
const INTERNAL_LANGUAGE: Oid = 12;

enum Transition {
    Internal(TransFn),
    Value(ScalarFn),
}

enum Finish {
    None,
    Internal(FinalFn),
    Value(ScalarFn),
}

/// A compiled aggregate call.
pub(crate) struct AggCall {
    transition: Transition,
    strict: bool,
    finish: Finish,
    final_strict: bool,
    final_extra: bool,
    info: CallInfo,
    final_info: CallInfo,
    args: Vec<Compiled>,
    /// How many of `args` go to the transition function; the rest only order.
    arg_count: usize,
    direct_args: Vec<Compiled>,
    filter: Option<Compiled>,
    /// Sorting before transition; DISTINCT compares the first `distinct` arguments.
    sort: Vec<SortColumn>,
    distinct: bool,
    internal: bool,
    initial: Option<Datum>,
}

/// State of one call for one group.
pub(crate) struct AggValue {
    state: AggState,
    /// A strict transition has seen no value yet, and the state starts as the first one.
    empty: bool,
    /// Rows put aside for sorting.
    rows: Vec<SmallVec<[Datum; 2]>>,
}

/// A call as written, aggregate or window.
struct Site<'e> {
    func: Oid,
    result_type: Oid,
    trans_type: Option<Oid>,
    input_collation: Oid,
    args: Vec<&'e Expr>,
    arg_count: usize,
    direct_args: &'e [Expr],
    filter: Option<&'e Expr>,
    order_by: &'e [SortGroupClause],
    order_columns: Vec<usize>,
    distinct: bool,
    variadic: bool,
    kind: u8,
}

impl AggCall {
    /// Compiles an aggregate. `ctx` must not collect further aggregates (they can't be nested).
    pub(crate) fn new(agg: &Aggref, ctx: &mut CompileCtx<'_>) -> Result<AggCall> {
        let column = |clause: &SortGroupClause| {
            agg.args.iter().position(|target| target.sort_group_ref == clause.target_ref).unwrap_or(0)
        };
        // DISTINCT sorts by all its arguments; the analyzer has made ORDER BY a prefix of them.
        let clauses: &[SortGroupClause] = if agg.order_by.is_empty() { &agg.distinct } else { &agg.order_by };
        Self::compile(
            Site {
                func: agg.func,
                result_type: agg.result_type,
                trans_type: Some(agg.trans_type),
                input_collation: agg.input_collation,
                args: agg.args.iter().map(|target| &target.expr).collect(),
                arg_count: agg.args.iter().filter(|target| !target.junk).count(),
                direct_args: &agg.direct_args,
                filter: agg.filter.as_deref(),
                order_by: clauses,
                order_columns: clauses.iter().map(column).collect(),
                distinct: !agg.distinct.is_empty(),
                variadic: agg.variadic,
                kind: agg.kind,
            },
            ctx,
        )
    }

    /// Compiles an aggregate used as a window function.
    pub(crate) fn of_window(call: &WindowFunc, ctx: &mut CompileCtx<'_>) -> Result<AggCall> {
        Self::compile(
            Site {
                func: call.func,
                result_type: call.result_type,
                trans_type: None,
                input_collation: call.input_collation,
                args: call.args.iter().collect(),
                arg_count: call.args.len(),
                direct_args: &[],
                filter: call.filter.as_deref(),
                order_by: &[],
                order_columns: Vec::new(),
                distinct: false,
                variadic: false,
                kind: b'n',
            },
            ctx,
        )
    }

    fn compile(site: Site<'_>, ctx: &mut CompileCtx<'_>) -> Result<AggCall> {
        let aggregate = ctx.catalog.aggregate(site.func)?;
        let aggregate =
            aggregate.ok_or_else(|| Error::internal(format!("no aggregate with OID {}", site.func)))?;
        let unsupported = |oid: Oid| {
            let name =
                ctx.catalog.proc(oid).ok().flatten().map_or_else(String::new, |proc| proc.name.to_string());
            Error::unsupported(format!("aggregate support function {name} is not supported yet"))
        };
        let proc = ctx.catalog.proc(aggregate.trans_fn)?.ok_or_else(|| unsupported(aggregate.trans_fn))?;
        let internal = aggregate.trans_type == oids::INTERNAL;
        let own = proc.builtin || proc.language == INTERNAL_LANGUAGE;
        let transition = match ctx.registry.get_for(proc.oid, &proc.source) {
            Some(Builtin::Trans(func)) if own => Transition::Internal(func),
            Some(Builtin::Scalar(func)) if own => Transition::Value(func),
            _ if !own => Transition::Value(scalar_function(proc.oid, ctx)?.0),
            _ => return Err(unsupported(proc.oid)),
        };
        let (finish, final_strict) = if aggregate.final_fn == 0 {
            (Finish::None, false)
        } else {
            let proc =
                ctx.catalog.proc(aggregate.final_fn)?.ok_or_else(|| unsupported(aggregate.final_fn))?;
            let own = proc.builtin || proc.language == INTERNAL_LANGUAGE;
            match ctx.registry.get_for(proc.oid, &proc.source) {
                Some(Builtin::Final(func)) if own => (Finish::Internal(func), proc.strict),
                Some(Builtin::Scalar(func)) if own => (Finish::Value(func), proc.strict),
                _ if !own => (Finish::Value(scalar_function(proc.oid, ctx)?.0), proc.strict),
                _ => return Err(unsupported(proc.oid)),
            }
        };
        let trans_type = site.trans_type.unwrap_or(aggregate.trans_type);
        let initial = match &aggregate.init_value {
            Some(text) if !internal => {
                Some(pglitedb_types::input(text, trans_type, -1, ctx.env.as_type_env())?)
            }
            _ => None,
        };
        let ordered_set = matches!(site.kind, b'o' | b'h');
        let mut arg_types: Vec<Oid> = site.args[..site.arg_count].iter().map(|arg| arg.type_oid()).collect();
        let direct_types: Vec<Oid> = site.direct_args.iter().map(Expr::type_oid).collect();
        let final_types = direct_types.iter().chain(&arg_types).copied().collect();
        if !internal {
            arg_types.insert(0, trans_type);
        }
        let mut sort = Vec::new();
        if !ordered_set {
            for (clause, column) in site.order_by.iter().zip(&site.order_columns) {
                let expr = site.args[*column];
                sort.push(SortColumn {
                    column: *column,
                    comparator: comparator(expr.type_oid(), expr.collation(), ctx)?,
                    descending: clause.descending,
                    nulls_first: clause.nulls_first,
                });
            }
            if site.distinct {
                for column in (0..site.arg_count).filter(|column| !site.order_columns.contains(column)) {
                    let expr = site.args[column];
                    let comparator = comparator(expr.type_oid(), expr.collation(), ctx)?;
                    sort.push(SortColumn { column, comparator, descending: false, nulls_first: false });
                }
            }
        }
        let info_sort: Vec<SortKey> = site
            .order_by
            .iter()
            .map(|clause| SortKey { descending: clause.descending, nulls_first: clause.nulls_first })
            .collect();
        // A function that is not built in finds itself by its OID.
        let of = |oid: Oid| if oid < oids::FIRST_NORMAL_OID { site.func } else { oid };
        let info = CallInfo {
            function: of(aggregate.trans_fn),
            arg_types,
            result_type: trans_type,
            collation: site.input_collation,
            variadic: site.variadic,
            sort: if ordered_set { info_sort } else { Vec::new() },
            ..CallInfo::default()
        };
        let final_info = CallInfo {
            function: of(aggregate.final_fn),
            result_type: site.result_type,
            arg_types: if internal {
                final_types
            } else {
                std::iter::once(trans_type).chain(final_types).collect()
            },
            ..info.clone()
        };
        let mut exprs = Vec::with_capacity(site.args.len());
        for arg in &site.args {
            exprs.push(compile(arg, ctx)?);
        }
        Ok(AggCall {
            transition,
            strict: proc.strict,
            finish,
            final_strict,
            final_extra: aggregate.final_extra,
            info,
            final_info,
            args: exprs,
            arg_count: site.arg_count,
            direct_args: compile_all(site.direct_args, ctx)?,
            filter: site.filter.map(|filter| compile(filter, ctx)).transpose()?,
            sort,
            distinct: site.distinct,
            internal,
            initial,
        })
    }

    /// The state of a group without rows.
    pub(crate) fn start(&self) -> AggValue {
        let state = if self.internal {
            AggState::Internal(None)
        } else {
            AggState::Value(self.initial.clone().unwrap_or_default())
        };
        let empty = !self.internal && self.initial.is_none();
        AggValue { state, empty, rows: Vec::new() }
    }

    /// Takes a row into account.
    #[inline]
    pub(crate) fn advance(&self, value: &mut AggValue, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<()> {
        if let Some(filter) = &self.filter
            && !all_true(std::slice::from_ref(filter), row, rt)?
        {
            return Ok(());
        }
        // Room for the state in front: scalar transitions take it as their first argument.
        let mut args: SmallVec<[Datum; 3]> = SmallVec::new();
        args.push(Datum::Null);
        for arg in &self.args {
            args.push(arg.eval(row, rt)?);
        }
        if !self.sort.is_empty() {
            value.rows.push(args.drain(1..).collect());
            return Ok(());
        }
        args.truncate(1 + self.arg_count);
        self.transition(value, &mut args, rt)
    }

    /// `args[0]` is the place of the state.
    fn transition(&self, value: &mut AggValue, args: &mut [Datum], rt: &Runtime<'_>) -> Result<()> {
        if self.strict && args[1..].iter().any(Datum::is_null) {
            return Ok(());
        }
        let ctx = FnCtx { env: rt.env, info: &self.info };
        match (&self.transition, &mut value.state) {
            (Transition::Internal(_), AggState::Value(state)) if state.is_null() => {
                // In place is for strict functions: the first value becomes the state.
                if value.empty {
                    value.empty = false;
                    *state = args.get(1).cloned().unwrap_or_default();
                }
                Ok(())
            }
            (Transition::Internal(func), state) => func(&ctx, state, &args[1..]),
            (Transition::Value(func), AggState::Value(state)) => {
                if self.strict && value.empty {
                    value.empty = false;
                    *state = args.get(1).cloned().unwrap_or_default();
                    return Ok(());
                }
                if self.strict && state.is_null() {
                    return Ok(());
                }
                args[0] = std::mem::take(state);
                *state = func(&ctx, args)?;
                Ok(())
            }
            _ => Err(Error::internal("aggregate state does not fit its transition function")),
        }
    }

    fn feed_sorted(&self, value: &mut AggValue, rt: &Runtime<'_>) -> Result<()> {
        let mut rows = std::mem::take(&mut value.rows);
        let null = Datum::Null;
        let compare = |a: &SmallVec<[Datum; 2]>, b: &SmallVec<[Datum; 2]>| {
            self.sort
                .iter()
                .map(|key| {
                    key.compare(a.get(key.column).unwrap_or(&null), b.get(key.column).unwrap_or(&null))
                })
                .find(|order| *order != Ordering::Equal)
                .unwrap_or(Ordering::Equal)
        };
        crate::row_sort::sort_rows(&mut rows, compare);
        let mut last: Option<SmallVec<[Datum; 2]>> = None;
        for row in rows {
            rt.check()?;
            if self.distinct && last.as_ref().is_some_and(|last| compare(last, &row) == Ordering::Equal) {
                continue;
            }
            let mut args: SmallVec<[Datum; 3]> = SmallVec::new();
            args.push(Datum::Null);
            args.extend(row.iter().take(self.arg_count).cloned());
            self.transition(value, &mut args, rt)?;
            if self.distinct {
                last = Some(row);
            }
        }
        Ok(())
    }

    /// The result. The state may go on being used afterwards (running window aggregates) if the final function only
    /// reads it.
    pub(crate) fn finish(&self, value: &mut AggValue, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        if !value.rows.is_empty() {
            self.feed_sorted(value, rt)?;
        }
        let ctx = FnCtx { env: rt.env, info: &self.final_info };
        match &self.finish {
            Finish::None => match &value.state {
                AggState::Value(state) => Ok(state.clone()),
                AggState::Internal(_) => {
                    Err(Error::internal("internal aggregate state without final function"))
                }
            },
            Finish::Internal(func) => {
                let mut args = Vec::new();
                for arg in &self.direct_args {
                    args.push(arg.eval(row, rt)?);
                }
                if self.final_extra {
                    args.extend(std::iter::repeat_n(Datum::Null, self.arg_count));
                }
                if self.final_strict && matches!(value.state, AggState::Internal(None)) {
                    return Ok(Datum::Null);
                }
                func(&ctx, &mut value.state, &args)
            }
            Finish::Value(func) => {
                let AggState::Value(state) = &value.state else {
                    return Err(Error::internal("aggregate state does not fit its final function"));
                };
                if self.final_strict && state.is_null() {
                    return Ok(Datum::Null);
                }
                let mut args = vec![state.clone()];
                for arg in &self.direct_args {
                    args.push(arg.eval(row, rt)?);
                }
                if self.final_extra {
                    args.extend(std::iter::repeat_n(Datum::Null, self.arg_count));
                }
                func(&ctx, &args)
            }
        }
    }
}
