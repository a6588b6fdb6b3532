//! Function calls (PostgreSQL: ParseFuncOrColumn).

use super::candidates::{ArgShape, is_any};
use super::errors::Placed;
use super::resolve::{Resolution, Resolved};
use crate::ExprKind;
use crate::binder::Binder;
use crate::lookup::dotted;
use pglitedb_catalog::{CastContext, ProcKind};
use pglitedb_query_tree::{Aggref, CallForm, Expr, FuncExpr, Position, WindowFunc};
use pglitedb_sql_parser::ast::{FunctionCall, Over, QualifiedName, SortItem};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Oid, oids};

/// A call with its arguments bound.
pub(crate) struct CallParts<'p, 'c> {
    pub name: &'p QualifiedName,
    /// Names of arguments in named notation, by argument; may be shorter than `args`.
    pub names: &'p [Option<&'p str>],
    pub star: bool,
    pub distinct: bool,
    /// ORDER BY, or that of WITHIN GROUP (whose expressions then are the last arguments).
    pub order_by: &'c [SortItem],
    pub within_group: bool,
    pub filter: Option<Expr>,
    pub over: Option<&'c Over>,
    pub variadic: bool,
    /// CALL.
    pub is_call: bool,
    /// SQL syntax such as EXTRACT.
    pub form: CallForm,
    /// What `last_srf` count was before the arguments.
    pub srf_count: usize,
    pub at: usize,
}

impl<'p, 'c> CallParts<'p, 'c> {
    /// A plain call.
    pub fn plain(name: &'p QualifiedName, form: CallForm, at: usize) -> Self {
        CallParts {
            name,
            names: &[],
            star: false,
            distinct: false,
            order_by: &[],
            within_group: false,
            filter: None,
            over: None,
            variadic: false,
            is_call: false,
            form,
            srf_count: usize::MAX,
            at,
        }
    }
}

impl<'c> Binder<'c> {
    /// A call as written.
    pub fn function_call(&mut self, call: &'c FunctionCall, at: usize, is_call: bool) -> Result<Expr> {
        let srf_count = self.cur().srf_count;
        let mut args = Vec::with_capacity(call.args.len());
        let mut names: Vec<Option<&'c str>> = Vec::new();
        let mut variadic = false;
        for (index, arg) in call.args.iter().enumerate() {
            variadic |= arg.variadic;
            match &arg.name {
                Some(name) => {
                    names.resize(index, None);
                    if names.contains(&Some(name.as_str())) {
                        return Err(err!(
                            SYNTAX_ERROR,
                            "argument name \"{}\" used more than once",
                            name.as_str()
                        )
                        .at(name.span.offset()));
                    }
                    names.push(Some(name.as_str()));
                }
                None if !names.is_empty() => {
                    return Err(err!(SYNTAX_ERROR, "positional argument cannot follow named argument")
                        .at(arg.value.location()));
                }
                None => {}
            }
            args.push(self.expr(&arg.value)?);
        }
        if call.within_group {
            for item in &call.order_by {
                args.push(self.expr_of_kind(&item.expr, ExprKind::OrderBy)?);
            }
        }
        let filter = match &call.filter {
            Some(filter) => Some(self.condition(filter, ExprKind::Filter, "FILTER")?),
            None => None,
        };
        let parts = CallParts {
            name: &call.name,
            names: &names,
            star: call.star,
            distinct: call.distinct,
            order_by: &call.order_by,
            within_group: call.within_group,
            filter,
            over: call.over.as_ref(),
            variadic,
            is_call,
            form: CallForm::Explicit,
            srf_count,
            at,
        };
        self.call(parts, args)
    }

    /// A call by name with bound arguments; `f(x)` may also be the column `f` of a composite `x`.
    pub fn call(&mut self, mut parts: CallParts<'_, 'c>, mut args: Vec<Expr>) -> Result<Expr> {
        self.check_argument_count(args.len(), parts.at)?;
        if parts.srf_count == usize::MAX {
            parts.srf_count = self.cur().srf_count;
        }
        // Arguments of type "unknown" that are parameters of void... count as given.
        let mut actual: Vec<Oid> = args.iter().map(Expr::type_oid).collect();
        let named: Vec<&str> = parts.names.iter().filter_map(|name| *name).collect();
        let shape = ArgShape {
            count: Some(args.len()),
            names: &named,
            expand_variadic: !parts.variadic,
            expand_defaults: true,
            include_out: parts.is_call,
        };
        let projection = self.could_be_projection(&parts, &actual)?;
        let resolved =
            self.resolve_function(parts.name, &args, &actual, shape).map_err(|e| e.at(parts.at))?;
        let resolution = match resolved {
            Resolved::Function(resolution) => resolution,
            Resolved::Coercion(target) => {
                self.refuse_aggregate_syntax(&parts)?;
                let Some(arg) = args.pop() else { return Err(Error::internal("cast without argument")) };
                return self.coerce(arg, target, -1, CastContext::Explicit, CallForm::Explicit);
            }
            Resolved::NotFound | Resolved::Multiple => {
                if projection && let Some(arg) = args.pop() {
                    match self.field_of(arg, parts.name.last(), parts.at)? {
                        Ok(field) => return Ok(field),
                        Err(arg) => args.push(arg),
                    }
                }
                return Err(self.call_error(&parts, &actual, matches!(resolved, Resolved::Multiple)));
            }
        };
        self.check_kind(&parts, &resolution, &actual)?;
        let Resolution { proc, mut declared, variadic_count, defaults, order } = resolution;
        args.extend(defaults);
        actual = args.iter().map(Expr::type_oid).collect();
        let unresolved = if proc.kind == ProcKind::Aggregate { declared.clone() } else { Vec::new() };
        let result_type = super::polymorphic::enforce(self, &actual, &mut declared, proc.return_type, false)
            .map_err(|error| error.at(parts.at))?;
        if proc.kind == ProcKind::Aggregate {
            self.check_aggregate_shape(&parts, &proc, &actual, variadic_count)?;
        }
        let mut args = self.coerce_arguments(args, &declared)?;
        let packs_any = is_any(proc.variadic);
        let mut variadic = parts.variadic;
        if variadic_count > 0 && !packs_any {
            self.pack_variadic(&mut args, variadic_count)?;
            variadic = true;
        }
        if parts.variadic && packs_any {
            let last = args.last().map_or(0, Expr::type_oid);
            if self.base_element_type(last)? == 0 {
                let at = args.last().and_then(|arg| arg.position().get()).unwrap_or(parts.at);
                return Err(err!(DATATYPE_MISMATCH, "VARIADIC argument must be an array").at(at));
            }
        }
        if let Some(order) = order {
            let mut slots: Vec<(usize, Expr)> = order.into_iter().zip(args).collect();
            slots.sort_by_key(|(number, _)| *number);
            args = slots.into_iter().map(|(_, arg)| arg).collect();
        }
        let names_used = !named.is_empty();
        match proc.kind {
            ProcKind::Function | ProcKind::Procedure => {
                if proc.returns_set {
                    let inner =
                        (self.cur().srf_count != parts.srf_count).then(|| self.cur().last_srf).flatten();
                    self.check_set_function(inner, parts.at)?;
                    let level = self.level();
                    level.srf_count += 1;
                    level.last_srf = Some(parts.at);
                }
                Ok(Expr::Func(FuncExpr {
                    func: proc.oid,
                    result_type,
                    typmod: -1,
                    returns_set: proc.returns_set,
                    variadic,
                    form: parts.form,
                    collation: 0,
                    input_collation: 0,
                    args,
                    position: Position::new(parts.at),
                }))
            }
            ProcKind::Aggregate if parts.over.is_none() => {
                if args.is_empty() && !parts.star && !parts.within_group {
                    return Err(err!(
                        WRONG_OBJECT_TYPE,
                        "{}(*) must be used to call a parameterless aggregate function",
                        dotted(parts.name)
                    )
                    .at(parts.at));
                }
                if proc.returns_set {
                    return Err(
                        err!(INVALID_FUNCTION_DEFINITION, "aggregates cannot return sets").at(parts.at)
                    );
                }
                if names_used {
                    return Err(Error::unsupported("aggregates cannot use named arguments").at(parts.at));
                }
                let info = self
                    .ctx
                    .catalog
                    .aggregate(proc.oid)?
                    .ok_or_else(|| Error::internal("cache lookup failed for aggregate"))?;
                let trans_type = self.transition_type(&info, &unresolved, &actual)?;
                let agg = Aggref {
                    func: proc.oid,
                    result_type,
                    trans_type,
                    collation: 0,
                    input_collation: 0,
                    arg_types: Vec::new(),
                    direct_args: Vec::new(),
                    args: Vec::new(),
                    order_by: Vec::new(),
                    distinct: Vec::new(),
                    filter: parts.filter.map(Box::new),
                    star: parts.star,
                    variadic,
                    kind: info.kind,
                    levels_up: 0,
                    position: Position::new(parts.at),
                };
                self.finish_aggregate(agg, args, &info, parts.order_by, parts.distinct)
            }
            ProcKind::Aggregate | ProcKind::Window => {
                let aggregate = proc.kind == ProcKind::Aggregate;
                self.check_window_call(&parts, aggregate, args.is_empty(), proc.returns_set, names_used)?;
                let Some(over) = parts.over else {
                    return Err(Error::internal("window function without OVER"));
                };
                let func = WindowFunc {
                    func: proc.oid,
                    result_type,
                    collation: 0,
                    input_collation: 0,
                    args,
                    filter: parts.filter.map(Box::new),
                    window: 0,
                    star: parts.star,
                    is_aggregate: aggregate,
                    position: Position::new(parts.at),
                };
                self.finish_window(func, over)
            }
        }
    }

    fn could_be_projection(&self, parts: &CallParts<'_, '_>, actual: &[Oid]) -> Result<bool> {
        let plain = parts.name.parts.len() == 1
            && actual.len() == 1
            && !parts.is_call
            && parts.order_by.is_empty()
            && parts.filter.is_none()
            && !parts.star
            && !parts.distinct
            && parts.over.is_none()
            && !parts.variadic
            && parts.names.is_empty();
        match actual {
            [one] if plain => Ok(*one == oids::RECORD || self.is_complex(*one)?),
            _ => Ok(false),
        }
    }

    /// Packs the last arguments into an array.
    fn pack_variadic(&self, args: &mut Vec<Expr>, count: usize) -> Result<()> {
        let rest = args.split_off(args.len().saturating_sub(count));
        let element = rest.first().map_or(0, Expr::type_oid);
        let array_type = self.array_type(element)?;
        if array_type == 0 {
            return Err(err!(
                UNDEFINED_OBJECT,
                "could not find array type for data type {}",
                self.type_name(element)
            ));
        }
        let position = rest.first().map_or(Position(None), Expr::position);
        args.push(Expr::Array {
            array_type,
            element_type: element,
            collation: 0,
            elements: rest,
            multidims: false,
            position,
        });
        Ok(())
    }

    /// Does the syntax fit the kind of function?
    fn check_kind(
        &mut self,
        parts: &CallParts<'_, '_>,
        resolution: &Resolution,
        actual: &[Oid],
    ) -> Result<()> {
        let name = dotted(parts.name);
        let fail = |message: String| Err(err!(WRONG_OBJECT_TYPE, "{message}").at(parts.at));
        let kind = resolution.proc.kind;
        if parts.is_call && kind != ProcKind::Procedure {
            let signature = self.signature(parts.name, parts.names, actual);
            return Err(err!(WRONG_OBJECT_TYPE, "{signature} is not a procedure")
                .hint("To call a function, use SELECT.")
                .at(parts.at));
        }
        match kind {
            ProcKind::Function => self.refuse_aggregate_syntax(parts),
            ProcKind::Procedure if parts.is_call => self.refuse_aggregate_syntax(parts),
            ProcKind::Procedure => {
                let signature = self.signature(parts.name, parts.names, actual);
                Err(err!(WRONG_OBJECT_TYPE, "{signature} is a procedure")
                    .hint("To call a procedure, use CALL.")
                    .at(parts.at))
            }
            ProcKind::Aggregate => Ok(()),
            ProcKind::Window => {
                if parts.over.is_none() {
                    return fail(format!("window function {name} requires an OVER clause"));
                }
                if parts.within_group {
                    return fail(format!("window function {name} cannot have WITHIN GROUP"));
                }
                Ok(())
            }
        }
    }

    fn check_window_call(
        &mut self,
        parts: &CallParts<'_, '_>,
        aggregate: bool,
        no_args: bool,
        returns_set: bool,
        names_used: bool,
    ) -> Result<()> {
        let unsupported = |message: &str| Err(Error::unsupported(message).at(parts.at));
        if parts.distinct {
            return unsupported("DISTINCT is not implemented for window functions");
        }
        if aggregate && no_args && !parts.star {
            return Err(err!(
                WRONG_OBJECT_TYPE,
                "{}(*) must be used to call a parameterless aggregate function",
                dotted(parts.name)
            )
            .at(parts.at));
        }
        if !parts.order_by.is_empty() {
            return unsupported("aggregate ORDER BY is not implemented for window functions");
        }
        if !aggregate && parts.filter.is_some() {
            return unsupported("FILTER is not implemented for non-aggregate window functions");
        }
        if self.cur().srf_count != parts.srf_count
            && let Some(at) = self.cur().last_srf
        {
            return Err(Error::unsupported(
                "window function calls cannot contain set-returning function calls",
            )
            .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
            .at(at));
        }
        if returns_set {
            return Err(err!(INVALID_FUNCTION_DEFINITION, "window functions cannot return sets").at(parts.at));
        }
        if names_used {
            return unsupported("window functions cannot use named arguments");
        }
        let _ = Placed::Window;
        Ok(())
    }
}
