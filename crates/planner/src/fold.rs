//! Constant folding: calls of immutable functions with constant arguments, AND/OR/NOT, CASE, COALESCE, casts.

use pglitedb_catalog::{Catalog, Volatility};
use pglitedb_functions::{Builtin, CallInfo, FnCtx, Registry, SessionEnv};
use pglitedb_query_tree::{BoolOp, BoolTest, CaseExpr, Const, Expr, FuncExpr, OpExpr, Position, Query};
use pglitedb_sqlstate::Result;
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::sync::Arc;

/// `sql`: some of the built-in functions are written in it in PostgreSQL, which shows in errors.
const LANGUAGE_SQL: Oid = 14;

/// What folding needs.
pub(crate) struct Folder<'a> {
    pub catalog: &'a dyn Catalog,
    pub env: &'a dyn SessionEnv,
    pub registry: &'a Registry,
    /// Are errors in constant subexpressions left to run time?
    pub lenient: bool,
}

/// Folds constants in a stored expression (default, check) before it is compiled. Errors in constant subexpressions
/// are left to run time.
pub fn fold_expr(
    expr: &mut Expr,
    catalog: &dyn Catalog,
    env: &dyn SessionEnv,
    registry: &Registry,
) -> Result<()> {
    Folder { catalog, env, registry, lenient: true }.expr(expr)
}

/// Folds constants in an expression that is planned by itself; errors in constant subexpressions are raised.
pub fn fold_planned_expr(
    expr: &mut Expr,
    catalog: &dyn Catalog,
    env: &dyn SessionEnv,
    registry: &Registry,
) -> Result<()> {
    Folder { catalog, env, registry, lenient: false }.expr(expr)
}

impl Folder<'_> {
    /// Folds all expressions of a query level (subqueries are folded when they are planned).
    pub(crate) fn query(&self, query: &mut Query) -> Result<()> {
        let mut result = Ok(());
        query.for_each_expr_mut(&mut |top| {
            if result.is_ok() {
                result = self.expr(top);
            }
        });
        result
    }

    /// Folds one expression bottom-up. CASE and COALESCE arms that are never reached are not evaluated.
    pub(crate) fn expr(&self, expr: &mut Expr) -> Result<()> {
        if let Expr::Case(case) = expr {
            return match self.case(case)? {
                Some(folded) => {
                    *expr = folded;
                    Ok(())
                }
                None => Ok(()),
            };
        }
        if let Expr::Coalesce { args, .. } = expr {
            if let Some(folded) = self.coalesce(args)? {
                *expr = folded;
            }
            return Ok(());
        }
        if let Expr::Bool(op @ (BoolOp::And | BoolOp::Or), args) = expr {
            let decisive = Some(*op == BoolOp::Or);
            let mut decided = false;
            for arg in args.iter_mut() {
                self.expr(arg)?;
                // What comes after the argument that decides is never evaluated, whatever is wrong with it.
                if matches!(arg, Expr::Const(constant) if constant.value.as_bool() == decisive) {
                    decided = true;
                    break;
                }
            }
            let folded = if decided { decisive.map(Expr::bool_const) } else { fold_bool(*op, args) };
            if let Some(folded) = folded {
                *expr = folded;
            }
            return Ok(());
        }
        let mut result = Ok(());
        expr.for_each_child_mut(&mut |child| {
            if result.is_ok() {
                result = self.expr(child);
            }
        });
        result?;
        if let Some(folded) = self.one(expr)? {
            *expr = folded;
        }
        Ok(())
    }

    fn one(&self, expr: &mut Expr) -> Result<Option<Expr>> {
        match expr {
            Expr::Func(func) if !func.returns_set => self.func(func),
            Expr::Op(op) => match self.op(op)? {
                None if !self.lenient => self.range_containment(op.func, &op.args),
                folded => Ok(folded),
            },
            Expr::NullIf(op) => self.null_if(op),
            Expr::Distinct(op) => self.distinct(op),
            Expr::Bool(op, args) => Ok(fold_bool(*op, args)),
            Expr::Relabel { arg, type_oid, typmod, collation, .. } => Ok(match &**arg {
                Expr::Const(constant) => Some(Expr::Const(Const {
                    value: pglitedb_types::relabel(constant.value.clone(), self.form_of(*type_oid)?),
                    type_oid: *type_oid,
                    typmod: *typmod,
                    collation: *collation,
                    position: constant.position,
                })),
                _ => None,
            }),
            Expr::NullTest { arg, negated, arg_is_row: false } => Ok(match &**arg {
                Expr::Const(constant) => Some(Expr::bool_const(constant.value.is_null() != *negated)),
                _ => None,
            }),
            Expr::BoolTest(arg, test) => Ok(match &**arg {
                Expr::Const(constant) => Some(Expr::bool_const(bool_test(constant.value.as_bool(), *test))),
                _ => None,
            }),
            Expr::Array { array_type, element_type, elements, multidims: false, collation, position } => {
                Ok(fold_array(*array_type, *element_type, *collation, *position, elements))
            }
            Expr::CoerceViaIo { arg, type_oid, collation, .. } => self.via_io(arg, *type_oid, *collation),
            Expr::Special(special) if &*special.name == "json_format" => Ok(match special.args.last() {
                Some(constant @ Expr::Const(_)) => Some(constant.clone()),
                _ => None,
            }),
            _ => Ok(None),
        }
    }

    fn func(&self, func: &FuncExpr) -> Result<Option<Expr>> {
        self.call(
            func.func,
            &func.args,
            func.result_type,
            func.typmod,
            func.collation,
            func.input_collation,
            func.variadic,
        )
    }

    fn op(&self, op: &OpExpr) -> Result<Option<Expr>> {
        self.call(op.func, &op.args, op.result_type, -1, op.collation, op.input_collation, false)
    }

    /// NULLIF of constants, or of NULL, which equals nothing.
    fn null_if(&self, op: &OpExpr) -> Result<Option<Expr>> {
        let [first, second] = op.args.as_slice() else { return Ok(None) };
        if is_null(first) || is_null(second) {
            return Ok(Some(first.clone()));
        }
        Ok(match self.op(op)? {
            Some(Expr::Const(equal)) if equal.value.as_bool() == Some(true) => {
                Some(Expr::null_const(first.type_oid(), first.typmod(), first.collation()))
            }
            Some(Expr::Const(_)) => Some(first.clone()),
            _ => None,
        })
    }

    /// IS DISTINCT FROM of constants.
    fn distinct(&self, op: &OpExpr) -> Result<Option<Expr>> {
        let [Expr::Const(first), Expr::Const(second)] = op.args.as_slice() else { return Ok(None) };
        if first.value.is_null() || second.value.is_null() {
            return Ok(Some(Expr::bool_const(first.value.is_null() != second.value.is_null())));
        }
        Ok(match self.op(op)? {
            Some(Expr::Const(equal)) => equal.value.as_bool().map(|equal| Expr::bool_const(!equal)),
            _ => None,
        })
    }

    fn call(
        &self,
        oid: Oid,
        args: &[Expr],
        result_type: Oid,
        typmod: i32,
        collation: Oid,
        input_collation: Oid,
        variadic: bool,
    ) -> Result<Option<Expr>> {
        if !args.iter().any(|arg| matches!(arg, Expr::Const(_))) && !args.is_empty() {
            return Ok(None);
        }
        let Some(proc) = self.catalog.proc(oid)? else { return Ok(None) };
        let null_arg = args.iter().any(|arg| matches!(arg, Expr::Const(c) if c.value.is_null()));
        if proc.strict && null_arg && !proc.returns_set && proc.volatility != Volatility::Volatile {
            return Ok(Some(Expr::null_const(result_type, typmod, collation)));
        }
        let values: Option<Vec<Datum>> = args
            .iter()
            .map(|arg| match arg {
                Expr::Const(constant) => Some(constant.value.clone()),
                _ => None,
            })
            .collect();
        let (Some(values), Volatility::Immutable, false) = (values, proc.volatility, proc.returns_set) else {
            return Ok(None);
        };
        // Whether a function with an access list may be called is found out when it is.
        let source = if proc.builtin && !proc.has_acl { proc.source.clone() } else { return Ok(None) };
        let Some(Builtin::Scalar(function)) = self.registry.get_for(proc.oid, &source) else {
            return Ok(None);
        };
        let info = CallInfo {
            function: oid,
            arg_types: args.iter().map(Expr::type_oid).collect(),
            result_type,
            collation: input_collation,
            variadic,
            ..CallInfo::default()
        };
        let position = args.first().map_or(Position(None), Expr::position);
        // An error (division by zero, ...) is the statement's, as in PostgreSQL.
        let value = function(&FnCtx { env: self.env, info: &info }, &values);
        let value = self.outcome(value.map_err(|error| match proc.language {
            LANGUAGE_SQL => error.context(format!("SQL function \"{}\" statement 1", proc.name)),
            _ => error,
        }))?;
        Ok(value
            .map(|value| pglitedb_types::relabel(value, result_type))
            .map(|value| Expr::Const(Const { value, type_oid: result_type, typmod, collation, position })))
    }

    /// The type whose form the values of a type have.
    fn form_of(&self, type_oid: Oid) -> Result<Oid> {
        if type_oid < oids::FIRST_NORMAL_OID {
            return Ok(type_oid);
        }
        let form = self.env.as_type_env().type_info(type_oid)?.io_type;
        Ok(if form == 0 { type_oid } else { form })
    }

    fn via_io(&self, arg: &Expr, type_oid: Oid, collation: Oid) -> Result<Option<Expr>> {
        let Expr::Const(constant) = arg else { return Ok(None) };
        if constant.value.is_null() {
            return Ok(Some(Expr::null_const(type_oid, -1, collation)));
        }
        if !has_immutable_text(constant.type_oid) || !has_immutable_text(type_oid) {
            return Ok(None);
        }
        let env = self.env.as_type_env();
        let text = pglitedb_types::output_string(&constant.value, constant.type_oid, env);
        let value = text.and_then(|text| pglitedb_types::input(&text, type_oid, -1, env));
        let position = constant.position;
        let value = self.outcome(value)?;
        Ok(value.map(|value| Expr::Const(Const { value, type_oid, typmod: -1, collation, position })))
    }

    /// The value of a constant subexpression, if it has one or is to be computed at run time.
    fn outcome(&self, value: Result<Datum>) -> Result<Option<Datum>> {
        match value {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.lenient => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn case(&self, case: &mut CaseExpr) -> Result<Option<Expr>> {
        if let Some(arg) = &mut case.arg {
            self.expr(arg)?;
            if let Expr::Const(constant) = &**arg {
                let constant = constant.clone();
                for (when, _) in &mut case.whens {
                    when.rewrite(&mut |expr| {
                        if let Expr::CaseTest { .. } = expr {
                            *expr = Expr::Const(constant.clone());
                        }
                    });
                }
            }
        }
        let mut kept = Vec::with_capacity(case.whens.len());
        let mut always = None;
        for (mut when, mut then) in std::mem::take(&mut case.whens) {
            self.expr(&mut when)?;
            match &when {
                Expr::Const(constant) if constant.value.as_bool() == Some(true) => {
                    self.expr(&mut then)?;
                    always = Some(then);
                    break;
                }
                Expr::Const(_) => continue,
                _ => {}
            }
            self.expr(&mut then)?;
            kept.push((when, then));
        }
        match always {
            Some(then) => *case.default = then,
            None => self.expr(&mut case.default)?,
        }
        case.whens = kept;
        Ok(case.whens.is_empty().then(|| (*case.default).clone()))
    }

    fn coalesce(&self, args: &mut Vec<Expr>) -> Result<Option<Expr>> {
        let mut kept = Vec::with_capacity(args.len());
        let mut last_null = None;
        for mut arg in std::mem::take(args) {
            self.expr(&mut arg)?;
            if let Expr::Const(constant) = &arg {
                if constant.value.is_null() {
                    last_null = Some(arg);
                    continue;
                }
                kept.push(arg);
                break;
            }
            kept.push(arg);
        }
        *args = kept;
        Ok(match (args.len(), last_null) {
            (0, Some(null)) => Some(null),
            (1, _) if matches!(args[0], Expr::Const(_)) => args.pop(),
            _ => None,
        })
    }
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr, Expr::Const(constant) if constant.value.is_null())
}

/// Types whose text form depends on no setting.
fn has_immutable_text(type_oid: Oid) -> bool {
    matches!(
        type_oid,
        oids::BOOL
            | oids::INT2
            | oids::INT4
            | oids::INT8
            | oids::NUMERIC
            | oids::TEXT
            | oids::VARCHAR
            | oids::NAME
            | oids::UUID
            | oids::JSONPATH
            | oids::JSON
            | oids::JSONB
    )
}

fn bool_test(value: Option<bool>, test: BoolTest) -> bool {
    match test {
        BoolTest::True => value == Some(true),
        BoolTest::NotTrue => value != Some(true),
        BoolTest::False => value == Some(false),
        BoolTest::NotFalse => value != Some(false),
        BoolTest::Unknown => value.is_none(),
        BoolTest::NotUnknown => value.is_some(),
    }
}

fn fold_bool(op: BoolOp, args: &mut Vec<Expr>) -> Option<Expr> {
    let constant = |arg: &Expr| match arg {
        Expr::Const(constant) => Some(constant.value.as_bool()),
        _ => None,
    };
    if op == BoolOp::Not {
        return match constant(args.first()?)? {
            Some(value) => Some(Expr::bool_const(!value)),
            None => Some(Expr::null_const(oids::BOOL, -1, 0)),
        };
    }
    // AND is decided by false, OR by true; the other value adds nothing; NULL stays.
    let decisive = op == BoolOp::Or;
    if args.iter().any(|arg| constant(arg) == Some(Some(decisive))) {
        return Some(Expr::bool_const(decisive));
    }
    let mut flat = Vec::with_capacity(args.len());
    for arg in std::mem::take(args) {
        match arg {
            Expr::Bool(inner, inner_args) if inner == op => flat.extend(inner_args),
            other if constant(&other) == Some(Some(!decisive)) => {}
            other => flat.push(other),
        }
    }
    *args = flat;
    match args.len() {
        0 => Some(Expr::bool_const(!decisive)),
        1 => args.pop(),
        _ => None,
    }
}

fn fold_array(
    array_type: Oid,
    element_type: Oid,
    collation: Oid,
    position: Position,
    elements: &[Expr],
) -> Option<Expr> {
    let values: Option<Vec<Datum>> = elements
        .iter()
        .map(|element| match element {
            Expr::Const(constant) => Some(constant.value.clone()),
            _ => None,
        })
        .collect();
    Some(Expr::Const(Const {
        value: Datum::Array(Arc::new(ArrayValue::one_dim(element_type, values?))),
        type_oid: array_type,
        typmod: -1,
        collation,
        position,
    }))
}
