//! Bound expression to compiled one.

use super::{
    Call, Call2, CallExpr, ColumnRef, Compiled, Other, ScalarArrayCall, Source, SpecialCall, SubPlanCall,
    SubPlanExpr, Subscript, SubscriptCall, SystemRef, WholeRow,
};
use crate::row_compare::RowComparison;
use pglitedb_catalog::{Catalog, ProcInfo, ProcKind};
use pglitedb_functions::{
    Builtin, CallInfo, Registry, SessionEnv, aggregate::transition_call, registry::ScalarFn,
};
use pglitedb_query_tree::{
    Aggref, BoolOp, Expr, FuncExpr, OpExpr, ParamKind, RteColumn, SpecialExpr, SubLinkKind, SubPlan,
    SubscriptItem, SystemColumn, Var, VarSource, WindowFunc,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Comparator, Datum, Oid, Repr, oids};
use std::sync::Arc;

/// What compiling needs. `aggregates` and `windows` collect the calls a node has to compute; where they are `None`, such
/// a call is an internal error.
pub struct CompileCtx<'a> {
    /// The catalogs.
    pub catalog: &'a dyn Catalog,
    /// The session.
    pub env: &'a dyn SessionEnv,
    /// Functions.
    pub registry: &'a Registry,
    /// Aggregates of the node.
    pub aggregates: Option<Vec<Aggref>>,
    /// Window functions of the node.
    pub windows: Option<Vec<WindowFunc>>,
    /// Columns of what the node scans, if that is no relation.
    pub(crate) scan_columns: Option<Arc<[RteColumn]>>,
}

impl<'a> CompileCtx<'a> {
    /// A context for plain expressions.
    pub fn new(catalog: &'a dyn Catalog, env: &'a dyn SessionEnv, registry: &'a Registry) -> Self {
        CompileCtx { catalog, env, registry, aggregates: None, windows: None, scan_columns: None }
    }
}

/// Compiles several expressions.
pub fn compile_all(exprs: &[Expr], ctx: &mut CompileCtx<'_>) -> Result<Vec<Compiled>> {
    exprs.iter().map(|expr| compile(expr, ctx)).collect()
}

/// Compiles an expression. `0A000` names a function that is not implemented.
pub fn compile(expr: &Expr, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    let other = |other: Other| Compiled::Other(Box::new(other));
    Ok(match expr {
        Expr::Const(constant) => Compiled::Const(constant.value.clone()),
        Expr::Var(var) => column(var, ctx)?,
        Expr::Param(param) => match param.kind {
            ParamKind::External => Compiled::External(param.id.saturating_sub(1)),
            ParamKind::Exec => Compiled::Exec(param.id),
        },
        Expr::Func(func) => function(func, ctx)?,
        Expr::Op(op) => super::concat::flattened(operator(op, ctx)?),
        Expr::Distinct(op) => other(Other::Distinct(Call2(operator(op, ctx)?))),
        Expr::NullIf(op) => other(Other::NullIf(Call2(operator(op, ctx)?))),
        Expr::ScalarArray(op) => {
            let (func, strict) = scalar_function(op.func, ctx)?;
            let element = ctx.catalog.type_info(op.array.type_oid())?.map_or(0, |info| info.element);
            other(Other::ScalarArray(ScalarArrayCall {
                func,
                strict,
                info: CallInfo {
                    function: op.func,
                    arg_types: vec![op.scalar.type_oid(), element],
                    result_type: oids::BOOL,
                    collation: op.input_collation,
                    ..CallInfo::default()
                },
                use_or: op.use_or,
                scalar: compile(&op.scalar, ctx)?,
                array: compile(&op.array, ctx)?,
            }))
        }
        Expr::Bool(op, args) => {
            let mut args = compile_all(args, ctx)?;
            match op {
                BoolOp::And => Compiled::And(args),
                BoolOp::Or => Compiled::Or(args),
                BoolOp::Not => {
                    let arg = args.pop().ok_or_else(|| Error::internal("NOT without argument"))?;
                    Compiled::Not(Box::new(arg))
                }
            }
        }
        Expr::Relabel { arg, type_oid, .. } if changes_variant(arg.type_oid(), *type_oid, ctx)? => {
            let form = ctx.env.type_info(*type_oid)?.io_type;
            other(Other::Relabel(compile(arg, ctx)?, if form == 0 { *type_oid } else { form }))
        }
        Expr::Relabel { arg, .. } | Expr::Collate(arg, _) => compile(arg, ctx)?,
        Expr::PlaceHolder(holder) => compile(&holder.expr, ctx)?,
        Expr::Agg(agg) => aggregate(agg, ctx)?,
        Expr::Window(call) => window(call, ctx)?,
        Expr::Grouping { refs, .. } => other(Other::Grouping(refs.clone())),
        Expr::SubPlan(plan) => other(Other::SubPlan(SubPlanExpr(sub_plan(plan, ctx)?))),
        _ => less_frequent(expr, ctx)?,
    })
}

fn less_frequent(expr: &Expr, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    let other = match expr {
        Expr::FieldSelect { arg, field, .. } => {
            Other::Field(compile(arg, ctx)?, usize::try_from(*field - 1).unwrap_or(usize::MAX))
        }
        Expr::FieldStore { arg, values, fields, type_oid } => {
            let types = composite_types(*type_oid, ctx)?;
            let mut stores = Vec::with_capacity(values.len());
            for (value, field) in values.iter().zip(fields) {
                stores.push((usize::try_from(*field - 1).unwrap_or(usize::MAX), compile(value, ctx)?));
            }
            Other::FieldStore(compile(arg, ctx)?, stores, *type_oid, types)
        }
        Expr::CoerceViaIo { arg, type_oid, .. } => {
            Other::ViaIo(compile(arg, ctx)?, arg.type_oid(), *type_oid)
        }
        Expr::ArrayCoerce { arg, elem, type_oid, .. } => {
            let element = ctx.catalog.type_info(*type_oid)?.map_or(0, |info| info.element);
            Other::ArrayCoerce(compile(arg, ctx)?, compile(elem, ctx)?, element)
        }
        Expr::ConvertRowtype { arg, type_oid } => {
            let from = ctx.env.composite_fields(arg.type_oid())?;
            let to = ctx.env.composite_fields(*type_oid)?;
            let map = to.iter().map(|field| from.iter().position(|known| known.name == field.name)).collect();
            let types = to.iter().map(|field| field.type_oid).collect();
            Other::ConvertRow(compile(arg, ctx)?, *type_oid, map, types)
        }
        Expr::Case(case) => {
            let arg = case.arg.as_ref().map(|arg| compile(arg, ctx)).transpose()?;
            let mut arms = Vec::with_capacity(case.whens.len());
            for (when, then) in &case.whens {
                arms.push((compile(when, ctx)?, compile(then, ctx)?));
            }
            Other::Case(arg, arms, compile(&case.default, ctx)?)
        }
        Expr::CaseTest { .. } | Expr::DomainValue { .. } => Other::CaseValue,
        Expr::Array { element_type, elements, multidims, .. } => {
            Other::Array(*element_type, compile_all(elements, ctx)?, *multidims)
        }
        Expr::Row { args, type_oid, names, .. } => {
            let types = args.iter().map(Expr::type_oid).collect();
            let anonymous = *type_oid == oids::RECORD && names.len() == args.len();
            let names = anonymous.then(|| names.as_slice().into());
            Other::Row(*type_oid, types, names, compile_all(args, ctx)?)
        }
        Expr::RowCompare(compare) => Other::RowCompare(RowComparison::compile(compare, ctx)?),
        Expr::Coalesce { args, .. } => Other::Coalesce(compile_all(args, ctx)?),
        Expr::MinMax { greatest, args, type_oid, input_collation, .. } => {
            let comparator = Comparator::new(*type_oid, *input_collation, ctx.env.as_type_env())?;
            Other::MinMax(*greatest, compile_all(args, ctx)?, comparator)
        }
        Expr::SqlValue { function, type_oid, typmod } => Other::SqlValue(*function, *type_oid, *typmod),
        Expr::NullTest { arg, negated, arg_is_row } => {
            Other::NullTest(compile(arg, ctx)?, *negated, *arg_is_row)
        }
        Expr::BoolTest(arg, test) => Other::BoolTest(compile(arg, ctx)?, *test),
        Expr::CoerceToDomain { arg, type_oid, .. } => Other::Domain(compile(arg, ctx)?, *type_oid),
        Expr::NextValue { sequence, type_oid } => Other::NextValue(*sequence, *type_oid),
        Expr::Subscript(subscript) => {
            let mut items = Vec::with_capacity(subscript.items.len());
            for item in &subscript.items {
                items.push(match item {
                    SubscriptItem::Index(index) => Subscript::Index(compile(index, ctx)?),
                    SubscriptItem::Slice(from, to) => Subscript::Slice(
                        from.as_ref().map(|from| compile(from, ctx)).transpose()?,
                        to.as_ref().map(|to| compile(to, ctx)).transpose()?,
                    ),
                });
            }
            Other::Subscript(SubscriptCall {
                container: compile(&subscript.container, ctx)?,
                element_type: subscript.element_type,
                is_jsonb: subscript.container_type == oids::JSONB,
                fixed: matches!(subscript.container_type, oids::POINT | oids::BOX | oids::LSEG | oids::LINE),
                items,
                assign: subscript.assign.as_ref().map(|assign| compile(assign, ctx)).transpose()?,
            })
        }
        // What the value was before it was read as JSON, and how an aggregate was written, is for deparsing.
        Expr::Special(special)
            if matches!(&*special.name, "json_format" | "json_objectagg" | "json_arrayagg") =>
        {
            let value =
                special.args.last().ok_or_else(|| Error::internal("special expression without value"))?;
            return compile(value, ctx);
        }
        Expr::Special(special) if matches!(&*special.name, "json_exists" | "json_value" | "json_query") => {
            Other::Json(super::json::JsonCall::compile(special, ctx)?)
        }
        Expr::Special(special) => Other::Special(SpecialCall {
            name: special.name.clone(),
            options: special_options(special)?,
            info: CallInfo {
                arg_types: special.args.iter().map(Expr::type_oid).collect(),
                result_type: special.result_type,
                ..CallInfo::default()
            },
            args: compile_all(&special.args, ctx)?,
        }),
        Expr::SetToDefault { .. } => return Err(Error::internal("DEFAULT was not replaced")),
        Expr::SubLink(_) | Expr::SubLinkColumn { .. } => {
            return Err(Error::internal("subquery was not planned"));
        }
        Expr::CurrentOf { .. } => {
            return Err(Error::unsupported("WHERE CURRENT OF is not supported for this kind of query"));
        }
        _ => return Err(Error::internal("expression can't be compiled")),
    };
    Ok(Compiled::Other(Box::new(other)))
}

/// The options of special grammar as its functions want them: those of SQL/JSON read already.
fn special_options(special: &SpecialExpr) -> Result<Datum> {
    if special.name.starts_with("json_") || &*special.name == "is_json" {
        return Ok(Datum::Jsonb(Arc::new(pglitedb_types::json::parse_jsonb(&special.options)?)));
    }
    Ok(Datum::Text(special.options.clone()))
}

/// Does a binary-compatible cast change the value's variant (see [`pglitedb_types::relabel`])?
fn changes_variant(from: Oid, to: Oid, ctx: &CompileCtx<'_>) -> Result<bool> {
    if from == to || (from < oids::FIRST_NORMAL_OID && to < oids::FIRST_NORMAL_OID) {
        // Of casts to and from a user-defined type these may be what is left.
        let bits = matches!((from, to), (oids::INT8, oids::FLOAT8) | (oids::FLOAT8, oids::INT8));
        return Ok(from != to && (from == oids::INT4 || to == oids::INT4 || bits));
    }
    let env = ctx.env.as_type_env();
    Ok(Repr::of_type(from, env)? != Repr::of_type(to, env)?)
}

fn source(var: &Var) -> Result<Source> {
    Ok(match var.source {
        VarSource::Outer => Source::Outer,
        VarSource::Inner => Source::Inner,
        VarSource::Scan => Source::Scan,
        VarSource::Rte(rte) => {
            return Err(Error::internal(format!("column of range table entry {rte} reached the executor")));
        }
    })
}

fn column(var: &Var, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    let source = source(var)?;
    if var.attno > 0 {
        return Ok(Compiled::Column(ColumnRef { source, index: var.attno as usize - 1 }));
    }
    if var.attno == 0 {
        return whole_row(source, var.type_oid, ctx);
    }
    let all = [
        SystemColumn::Ctid,
        SystemColumn::Xmin,
        SystemColumn::Cmin,
        SystemColumn::Xmax,
        SystemColumn::Cmax,
        SystemColumn::TableOid,
        SystemColumn::RowId,
    ];
    let column = all.into_iter().find(|column| *column as i16 == var.attno);
    let column = column.ok_or_else(|| Error::internal(format!("unknown system column {}", var.attno)))?;
    Ok(Compiled::System(SystemRef { source, column }))
}

fn whole_row(source: Source, type_oid: Oid, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    let relid = ctx.catalog.type_info(type_oid)?.map_or(0, |info| info.relid);
    let (mut columns, mut types) = (Vec::new(), Vec::new());
    if type_oid == oids::RECORD
        && source == Source::Scan
        && let Some(scanned) = &ctx.scan_columns
    {
        let columns = (0..scanned.len()).collect();
        let types = scanned.iter().map(|column| column.type_oid).collect();
        let names = Some(scanned.iter().map(|column| column.name.clone()).collect());
        return Ok(Compiled::WholeRow(Box::new(WholeRow { source, type_oid, columns, types, names })));
    }
    if let Some(relation) = ctx.catalog.relation(relid)? {
        for (at, column) in relation.columns.iter().enumerate().filter(|(_, column)| !column.dropped) {
            columns.push(at);
            types.push(column.type_oid);
        }
    }
    Ok(Compiled::WholeRow(Box::new(WholeRow { source, type_oid, columns, types: types.into(), names: None })))
}

fn composite_types(type_oid: Oid, ctx: &CompileCtx<'_>) -> Result<Arc<[Oid]>> {
    Ok(ctx.env.composite_fields(type_oid)?.iter().map(|field| field.type_oid).collect())
}

fn missing(proc: &ProcInfo) -> Error {
    Error::unsupported(format!("function {} is not supported yet", proc.name))
}

fn proc(oid: Oid, ctx: &CompileCtx<'_>) -> Result<Arc<ProcInfo>> {
    ctx.catalog.proc(oid)?.ok_or_else(|| err!(UNDEFINED_FUNCTION, "function with OID {oid} does not exist"))
}

/// The implementation of a scalar function and whether it is strict.
pub(crate) fn scalar_function(oid: Oid, ctx: &CompileCtx<'_>) -> Result<(ScalarFn, bool)> {
    let proc = proc(oid, ctx)?;
    let found = match implementation(&proc, ctx)? {
        Implementation::BuiltIn => ctx.registry.get_for(proc.oid, &proc.source),
        Implementation::Routine => ctx.registry.get(CALL_ROUTINE),
    };
    match found {
        Some(Builtin::Scalar(func)) => Ok((func, proc.strict)),
        Some(Builtin::Trans(_)) => match transition_call(&proc.source) {
            Some(func) => Ok((func, proc.strict)),
            None => Err(Error::internal(format!("{} called in non-aggregate context", proc.name))),
        },
        _ => Err(missing(&proc)),
    }
}

/// What the registry has for calls of user-defined functions: the session runs them.
const CALL_ROUTINE: &str = "sql:routine";
/// The same for those that return sets.
pub(crate) const CALL_SET_ROUTINE: &str = "sql:routine set";

/// Who computes a function.
pub(crate) enum Implementation {
    /// Ours.
    BuiltIn,
    /// The session, by the function's language.
    Routine,
}

/// Finds out who computes a function, and whether the current user may call it.
pub(crate) fn implementation(proc: &ProcInfo, ctx: &CompileCtx<'_>) -> Result<Implementation> {
    /// `internal`
    const LANGUAGE_INTERNAL: Oid = 12;
    if (proc.has_acl || !proc.builtin) && !ctx.env.may_execute(proc.oid)? {
        let what = if proc.kind == ProcKind::Procedure { "procedure" } else { "function" };
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied for {what} {}", proc.name));
    }
    Ok(if proc.builtin || proc.language == LANGUAGE_INTERNAL {
        Implementation::BuiltIn
    } else {
        Implementation::Routine
    })
}

fn function(func: &FuncExpr, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    let (implementation, strict) = scalar_function(func.func, ctx)?;
    let call = Compiled::Call(Box::new(CallExpr(Call {
        func: implementation,
        strict,
        info: call_info(func),
        args: compile_all(&func.args, ctx)?,
    })));
    // Casts of int2 to the types that hold OIDs are int4's function.
    if matches!(func.args.as_slice(), [arg] if arg.type_oid() == oids::INT2)
        && func.result_type != oids::INT4
        && ctx.catalog.proc(func.func)?.is_some_and(|proc| proc.return_type == oids::INT4)
    {
        return Ok(Compiled::Other(Box::new(Other::Relabel(call, func.result_type))));
    }
    Ok(call)
}

/// The call site of a function expression.
pub(crate) fn call_info(func: &FuncExpr) -> CallInfo {
    CallInfo {
        function: func.func,
        arg_types: func.args.iter().map(Expr::type_oid).collect(),
        result_type: func.result_type,
        collation: func.input_collation,
        variadic: func.variadic,
        ..CallInfo::default()
    }
}

fn operator(op: &OpExpr, ctx: &mut CompileCtx<'_>) -> Result<Call> {
    let (func, strict) = scalar_function(op.func, ctx)?;
    Ok(Call {
        func,
        strict,
        info: CallInfo {
            function: op.func,
            arg_types: op.args.iter().map(Expr::type_oid).collect(),
            result_type: op.result_type,
            collation: op.input_collation,
            ..CallInfo::default()
        },
        args: compile_all(&op.args, ctx)?,
    })
}

fn collect<T: Clone + PartialEq>(list: &mut Option<Vec<T>>, item: &T) -> Result<Compiled> {
    let list =
        list.as_mut().ok_or_else(|| Error::internal("aggregate or window function outside of its node"))?;
    let at = list.iter().position(|known| known == item).unwrap_or_else(|| {
        list.push(item.clone());
        list.len() - 1
    });
    Ok(Compiled::Other(Box::new(Other::Aggregate(at))))
}

fn aggregate(agg: &Aggref, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    collect(&mut ctx.aggregates, agg)
}

fn window(call: &WindowFunc, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    collect(&mut ctx.windows, call)
}

fn sub_plan(plan: &SubPlan, ctx: &mut CompileCtx<'_>) -> Result<SubPlanCall> {
    let mut args = Vec::with_capacity(plan.args.len());
    for (id, arg) in plan.param_ids.iter().zip(&plan.args) {
        args.push((*id, compile(arg, ctx)?));
    }
    let hashed = match (&plan.test, plan.use_hash_table && plan.kind == SubLinkKind::Any) {
        (Some(test), true) => hash_keys(test, ctx)?,
        _ => None,
    };
    Ok(SubPlanCall {
        kind: plan.kind,
        plan: plan.plan,
        test: plan.test.as_ref().map(|test| compile(test, ctx)).transpose()?,
        column_params: plan.column_params.clone(),
        args,
        hashed,
        element_type: plan.first_type,
    })
}

/// Left sides of `x = column` tests, in the order of the columns.
fn hash_keys(test: &Expr, ctx: &mut CompileCtx<'_>) -> Result<Option<Vec<(Compiled, Comparator)>>> {
    let tests: Vec<&Expr> = match test {
        Expr::Bool(BoolOp::And, args) => args.iter().collect(),
        other => vec![other],
    };
    let mut keys = Vec::with_capacity(tests.len());
    for test in tests {
        let Expr::Op(op) = test else { return Ok(None) };
        let Some(left) = op.args.first() else { return Ok(None) };
        let comparator = Comparator::new(left.type_oid(), op.input_collation, ctx.env.as_type_env())?;
        keys.push((compile(left, ctx)?, comparator));
    }
    Ok(Some(keys))
}

impl Compiled {
    /// Is it a constant that is NULL or false (a condition that never holds)?
    pub fn is_never(&self) -> bool {
        matches!(self, Compiled::Const(value) if value.as_bool() != Some(true))
    }

    /// A constant.
    pub fn constant(value: Datum) -> Compiled {
        Compiled::Const(value)
    }
}
