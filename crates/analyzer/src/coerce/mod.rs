//! Conversions between types: which exist in which context, and the expressions that do them.

mod common;
mod literal;
mod path;
mod record;

pub(crate) use path::Path;

use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Const, Expr, FuncExpr, Param, ParamKind, Position};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid, oids};

impl<'c> Binder<'c> {
    /// Converts to a type and type modifier if there is a way in this context; gives the expression back otherwise.
    pub fn coerce_to_target(
        &mut self,
        expr: Expr,
        target: Oid,
        typmod: i32,
        context: CastContext,
        form: CallForm,
    ) -> Result<std::result::Result<Expr, Expr>> {
        let source = expr.type_oid();
        if source == target && typmod == expr.typmod() {
            return Ok(Ok(expr));
        }
        if !self.can_coerce(source, target, context)? {
            return Ok(Err(expr));
        }
        if let Expr::Collate(arg, collation) = expr {
            // The conversion goes below COLLATE, and COLLATE stays if it still makes sense.
            let inner = match self.coerce_to_target(*arg, target, typmod, context, form)? {
                Ok(inner) => inner,
                Err(arg) => return Ok(Err(Expr::Collate(Box::new(arg), collation))),
            };
            if self.type_collation(target)? == 0 {
                return Ok(Ok(inner));
            }
            return Ok(Ok(Expr::Collate(Box::new(inner), collation)));
        }
        let converted = self.coerce(expr, target, typmod, context, form)?;
        let hide = source != target && !matches!(converted, Expr::Const(_));
        self.coerce_typmod(converted, target, typmod, context, form, hide).map(Ok)
    }

    /// Converts where [`Binder::can_coerce`] said yes. `typmod` serves the input of literals only.
    pub fn coerce(
        &mut self,
        expr: Expr,
        target: Oid,
        typmod: i32,
        context: CastContext,
        form: CallForm,
    ) -> Result<Expr> {
        let source = expr.type_oid();
        if source == target {
            return Ok(expr);
        }
        match target {
            oids::ANY
            | oids::ANYELEMENT
            | oids::ANYNONARRAY
            | oids::ANYCOMPATIBLE
            | oids::ANYCOMPATIBLENONARRAY => return Ok(expr),
            oids::ANYARRAY
            | oids::ANYENUM
            | oids::ANYRANGE
            | oids::ANYMULTIRANGE
            | oids::ANYCOMPATIBLEARRAY
            | oids::ANYCOMPATIBLERANGE
            | oids::ANYCOMPATIBLEMULTIRANGE
                if source != oids::UNKNOWN =>
            {
                let base = self.base_type(source)?;
                if base != source {
                    return Ok(relabel(expr, base, -1, form));
                }
                return Ok(expr);
            }
            _ => {}
        }
        let expr = match expr {
            Expr::Const(constant) if source == oids::UNKNOWN => {
                return self.coerce_literal(constant, target, typmod, context, form);
            }
            Expr::Param(param) if source == oids::UNKNOWN => match self.resolve_param(param, target)? {
                Ok(param) => return self.coerce(Expr::Param(param), target, typmod, context, form),
                Err(param) => Expr::Param(param),
            },
            Expr::Collate(arg, collation) => {
                let inner = self.coerce(*arg, target, typmod, context, form)?;
                if self.type_collation(target)? == 0 {
                    return Ok(inner);
                }
                return Ok(Expr::Collate(Box::new(inner), collation));
            }
            other => other,
        };
        let path = self.coercion_path(target, source, context)?;
        if path != Path::None {
            let (base, base_typmod) = self.base_type_and_typmod(target, typmod)?;
            if path != Path::Relabel {
                let result = self.build_coercion(expr, path, base, base_typmod, context, form)?;
                if base != target {
                    return self.coerce_to_domain(result, base, base_typmod, target, context, form, true);
                }
                return Ok(result);
            }
            if base != target {
                return self.coerce_to_domain(expr, base, base_typmod, target, context, form, false);
            }
            return Ok(relabel(expr, target, -1, form));
        }
        if source == oids::RECORD && self.is_complex(target)? {
            return self.coerce_record(expr, target, context, form);
        }
        if target == oids::RECORD && self.is_complex(source)? {
            return Ok(expr);
        }
        if target == oids::RECORD_ARRAY {
            return Ok(expr);
        }
        if self.inherits_from(source, target)? {
            let base = self.base_type(source)?;
            let arg = if base != source { relabel(expr, base, -1, form) } else { expr };
            return Ok(Expr::ConvertRowtype { arg: Box::new(arg), type_oid: target });
        }
        Err(Error::internal(format!(
            "failed to find conversion function from {} to {}",
            self.type_name(source),
            self.type_name(target)
        )))
    }

    /// A parameter whose type was not known gets one (`Err`: types of parameters are fixed).
    fn resolve_param(&self, param: Param, target: Oid) -> Result<std::result::Result<Param, Param>> {
        let crate::ParamTypes::Variable(types) = self.ctx.params else { return Ok(Err(param)) };
        if param.kind != ParamKind::External {
            return Ok(Err(param));
        }
        let mut types = types.borrow_mut();
        let Some(slot) = param.id.checked_sub(1).and_then(|at| types.get_mut(at)) else {
            return Err(err!(UNDEFINED_PARAMETER, "there is no parameter ${}", param.id));
        };
        if *slot == oids::UNKNOWN || *slot == 0 {
            *slot = target;
        } else if *slot != target {
            let detail = format!("{} versus {}", self.type_name(*slot), self.type_name(target));
            return Err(err!(AMBIGUOUS_PARAMETER, "inconsistent types deduced for parameter ${}", param.id)
                .detail(detail)
                .at_opt(param.position.get()));
        }
        let collation = self.type_collation(target)?;
        Ok(Ok(Param { type_oid: target, typmod: -1, collation, ..param }))
    }

    /// Is there a conversion in this context?
    pub fn can_coerce(&self, source: Oid, target: Oid, context: CastContext) -> Result<bool> {
        if source == target || target == oids::ANY || source == oids::UNKNOWN {
            return Ok(true);
        }
        if crate::types::is_polymorphic(target) {
            return crate::func::polymorphic::consistent(self, &[source], &[target]);
        }
        if self.coercion_path(target, source, context)? != Path::None {
            return Ok(true);
        }
        if source == oids::RECORD && self.is_complex(target)? {
            return Ok(true);
        }
        if target == oids::RECORD && self.is_complex(source)? {
            return Ok(true);
        }
        if target == oids::RECORD_ARRAY {
            let element = self.element_type(source)?;
            if element != 0 && self.is_complex(element)? {
                return Ok(true);
            }
        }
        self.inherits_from(source, target)
    }

    /// Can all of these be converted? Polymorphic targets must agree with each other.
    pub fn can_coerce_all(&self, sources: &[Oid], targets: &[Oid], context: CastContext) -> Result<bool> {
        let mut generic = false;
        for (&source, &target) in sources.iter().zip(targets) {
            if source == target || target == oids::ANY {
                continue;
            }
            if crate::types::is_polymorphic(target) {
                generic = true;
                continue;
            }
            if source != oids::UNKNOWN && !self.can_coerce(source, target, context)? {
                return Ok(false);
            }
        }
        if generic { crate::func::polymorphic::consistent(self, sources, targets) } else { Ok(true) }
    }

    /// Is the row type of one table that of a descendant of the other?
    fn inherits_from(&self, source: Oid, target: Oid) -> Result<bool> {
        if source < oids::FIRST_NORMAL_OID || target < oids::FIRST_NORMAL_OID {
            return Ok(false);
        }
        let sub = self.composite_relid(self.base_type(source)?)?;
        let sup = self.composite_relid(target)?;
        if sub == 0 || sup == 0 {
            return Ok(false);
        }
        let mut queue = vec![sub];
        let mut seen = vec![sub];
        while let Some(oid) = queue.pop() {
            if oid == sup {
                return Ok(oid != sub);
            }
            if let Some(relation) = self.ctx.catalog.relation(oid)? {
                for &parent in &relation.inherits {
                    if !seen.contains(&parent) {
                        seen.push(parent);
                        queue.push(parent);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Applies a type modifier to a value already of the type.
    pub fn coerce_typmod(
        &mut self,
        mut expr: Expr,
        type_oid: Oid,
        typmod: i32,
        context: CastContext,
        form: CallForm,
        hide: bool,
    ) -> Result<Expr> {
        if typmod == expr.typmod() {
            return Ok(expr);
        }
        if hide {
            hide_coercion(&mut expr);
        }
        let path = if typmod < 0 { Path::None } else { self.typmod_path(type_oid)? };
        if path != Path::None {
            return self.build_coercion(expr, path, type_oid, typmod, context, form);
        }
        let collation = expr.collation();
        Ok(match expr {
            Expr::Const(constant) => Expr::Const(Const { typmod, ..constant }),
            Expr::Relabel { arg, form: inner, .. } => {
                Expr::Relabel { arg, type_oid, typmod, collation, form: if hide { form } else { inner } }
            }
            other => Expr::Relabel { arg: Box::new(other), type_oid, typmod, collation, form },
        })
    }

    /// A value of the base type as one of the domain.
    pub fn coerce_to_domain(
        &mut self,
        mut arg: Expr,
        base: Oid,
        base_typmod: i32,
        domain: Oid,
        context: CastContext,
        form: CallForm,
        hide: bool,
    ) -> Result<Expr> {
        if base == domain {
            return Ok(arg);
        }
        if hide {
            hide_coercion(&mut arg);
        }
        let arg = self.coerce_typmod(arg, base, base_typmod, context, CallForm::ImplicitCast, false)?;
        let collation = self.type_collation(domain)?;
        Ok(Expr::CoerceToDomain { arg: Box::new(arg), type_oid: domain, typmod: -1, collation, form })
    }

    fn build_coercion(
        &mut self,
        expr: Expr,
        path: Path,
        target: Oid,
        typmod: i32,
        context: CastContext,
        form: CallForm,
    ) -> Result<Expr> {
        let collation = self.type_collation(target)?;
        match path {
            Path::Func(func) => {
                let proc = self
                    .ctx
                    .catalog
                    .proc(func)?
                    .ok_or_else(|| Error::internal(format!("cache lookup failed for function {func}")))?;
                let count = proc.arg_types.len();
                let mut args = Vec::with_capacity(count);
                args.push(expr);
                if count >= 2 {
                    args.push(constant(Datum::Int4(typmod), oids::INT4));
                }
                if count >= 3 {
                    args.push(constant(Datum::Bool(context == CastContext::Explicit), oids::BOOL));
                }
                Ok(Expr::Func(FuncExpr {
                    func,
                    result_type: target,
                    typmod: if count >= 2 { typmod } else { -1 },
                    returns_set: false,
                    variadic: false,
                    form,
                    collation,
                    input_collation: 0,
                    args,
                    position: Position(None),
                }))
            }
            Path::Io => Ok(Expr::CoerceViaIo {
                arg: Box::new(expr),
                type_oid: target,
                collation,
                form,
                position: Position(None),
            }),
            Path::Array => {
                let (source_base, source_typmod) =
                    self.base_type_and_typmod(expr.type_oid(), expr.typmod())?;
                let source_elem = self.element_type(source_base)?;
                let target_elem = self.element_type(target)?;
                let test = Expr::CaseTest {
                    type_oid: source_elem,
                    typmod: source_typmod,
                    collation: self.type_collation(source_elem)?,
                };
                let elem = match self.coerce_to_target(test, target_elem, typmod, context, form)? {
                    Ok(elem) => elem,
                    Err(_) => return Err(Error::internal("failed to coerce array element type as expected")),
                };
                Ok(Expr::ArrayCoerce {
                    arg: Box::new(expr),
                    elem: Box::new(elem),
                    type_oid: target,
                    typmod,
                    collation,
                    form,
                })
            }
            Path::Relabel | Path::None => Ok(relabel(expr, target, typmod, form)),
        }
    }

    /// Converts to boolean; `what` names the construct in the error.
    pub fn coerce_to_boolean(&mut self, expr: Expr, what: &str) -> Result<Expr> {
        let at = expr.position();
        let expr = if expr.type_oid() == oids::BOOL {
            expr
        } else {
            let source = expr.type_oid();
            match self.coerce_to_target(
                expr,
                oids::BOOL,
                -1,
                CastContext::Assignment,
                CallForm::ImplicitCast,
            )? {
                Ok(expr) => expr,
                Err(_) => {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "argument of {what} must be type boolean, not type {}",
                        self.type_name(source)
                    )
                    .at_opt(at.get()));
                }
            }
        };
        self.refuse_set(&expr, what)?;
        Ok(expr)
    }

    /// Converts (assignment) to a type; `what` names the construct in the error.
    pub fn coerce_to_specific(&mut self, expr: Expr, target: Oid, what: &str) -> Result<Expr> {
        let at = expr.position();
        let source = expr.type_oid();
        let expr =
            match self.coerce_to_target(expr, target, -1, CastContext::Assignment, CallForm::ImplicitCast)? {
                Ok(expr) => expr,
                Err(_) => {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "argument of {what} must be type {}, not type {}",
                        self.type_name(target),
                        self.type_name(source)
                    )
                    .at_opt(at.get()));
                }
            };
        self.refuse_set(&expr, what)?;
        Ok(expr)
    }

    fn refuse_set(&self, expr: &Expr, what: &str) -> Result<()> {
        if self.cur().last_srf.is_some() && returns_set(expr) {
            return Err(err!(DATATYPE_MISMATCH, "argument of {what} must not return a set")
                .at_opt(expr.position().get()));
        }
        Ok(())
    }
}

/// Does the expression contain a set-returning call (outside of subqueries)?
pub(crate) fn returns_set(expr: &Expr) -> bool {
    expr.any(&mut |node| matches!(node, Expr::Func(func) if func.returns_set))
}

/// A constant without collation.
pub(crate) fn constant(value: Datum, type_oid: Oid) -> Expr {
    Expr::Const(Const { value, type_oid, typmod: -1, collation: 0, position: Position(None) })
}

/// A relabelling; the collation is set later.
pub(crate) fn relabel(expr: Expr, type_oid: Oid, typmod: i32, form: CallForm) -> Expr {
    match expr {
        // One relabelling is enough.
        Expr::Relabel { arg, .. } => Expr::Relabel { arg, type_oid, typmod, collation: 0, form },
        other => Expr::Relabel { arg: Box::new(other), type_oid, typmod, collation: 0, form },
    }
}

/// Marks a conversion as one that nobody wrote.
fn hide_coercion(expr: &mut Expr) {
    match expr {
        Expr::Func(func) => func.form = CallForm::ImplicitCast,
        Expr::Relabel { form, .. }
        | Expr::CoerceViaIo { form, .. }
        | Expr::ArrayCoerce { form, .. }
        | Expr::Row { form, .. }
        | Expr::CoerceToDomain { form, .. } => *form = CallForm::ImplicitCast,
        _ => {}
    }
}
