//! From a name and argument types to one function (PostgreSQL: func_get_detail).

use super::candidates::{ArgShape, Candidate};
use crate::binder::Binder;
use crate::coerce::Path;
use pglitedb_catalog::{CastContext, ProcInfo};
use pglitedb_query_tree::Expr;
use pglitedb_sql_parser::ast::QualifiedName;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Oid, oids};
use std::sync::Arc;

/// What a call resolves to.
pub(crate) enum Resolved {
    NotFound,
    Multiple,
    /// A cast written as a function.
    Coercion(Oid),
    Function(Resolution),
}

/// The function of a call.
pub(crate) struct Resolution {
    pub proc: Arc<ProcInfo>,
    /// Declared types of the arguments, in call order, defaults at the end.
    pub declared: Vec<Oid>,
    pub variadic_count: usize,
    /// Default expressions for the last of `declared`.
    pub defaults: Vec<Expr>,
    /// Named notation: parameter number of each argument.
    pub order: Option<Vec<usize>>,
}

impl<'c> Binder<'c> {
    /// Resolves a call. `args` serves function-style casts (an unknown literal may be cast to any type); empty for
    /// look-ups by type.
    pub fn resolve_function(
        &mut self,
        name: &QualifiedName,
        args: &[Expr],
        actual: &[Oid],
        shape: ArgShape<'_>,
    ) -> Result<Resolved> {
        let candidates = self.function_candidates(name, shape)?;
        let exact = candidates.iter().position(|candidate| {
            candidate.args.len() >= actual.len() && candidate.args.iter().zip(actual).all(|(a, b)| a == b)
        });
        let chosen = match exact {
            Some(at) => Some(at),
            None => {
                if let ([arg], [source]) = (args, actual)
                    && shape.names.is_empty()
                    && let Some(target) = self.function_style_cast(name, arg, *source)?
                {
                    return Ok(Resolved::Coercion(target));
                }
                let lists: Vec<&[Oid]> = candidates
                    .iter()
                    .map(|candidate| candidate.args.get(..actual.len()).unwrap_or(&candidate.args))
                    .collect();
                let matching = self.matching_candidates(actual, &lists)?;
                match matching.as_slice() {
                    [] => None,
                    [one] => Some(*one),
                    _ => match self.select_candidate(actual, &lists, matching)? {
                        Some(best) => Some(best),
                        None => return Ok(Resolved::Multiple),
                    },
                }
            }
        };
        let Some(candidate) = chosen.and_then(|at| candidates.into_iter().nth(at)) else {
            return Ok(Resolved::NotFound);
        };
        if candidate.ambiguous {
            return Ok(Resolved::Multiple);
        }
        let defaults = self.default_arguments(&candidate, actual.len())?;
        Ok(Resolved::Function(Resolution {
            proc: candidate.proc,
            declared: candidate.args,
            variadic_count: candidate.variadic_count,
            defaults,
            order: candidate.order,
        }))
    }

    /// `type(x)`: the type if this is a cast that needs no function of that name.
    fn function_style_cast(&self, name: &QualifiedName, arg: &Expr, source: Oid) -> Result<Option<Oid>> {
        let Some(info) = self.type_for_cast(name)? else { return Ok(None) };
        let target = info.oid;
        if source == oids::UNKNOWN && matches!(arg, Expr::Const(_)) {
            return Ok(Some(target));
        }
        Ok(match self.coercion_path(target, source, CastContext::Explicit)? {
            Path::Relabel => Some(target),
            Path::Io => {
                let composite = source == oids::RECORD || self.is_complex(source)?;
                // Otherwise "row.text" would always work.
                if composite && info.category == b'S' { None } else { Some(target) }
            }
            _ => None,
        })
    }

    /// The default expressions that a candidate needs, in the order of its last arguments.
    fn default_arguments(&mut self, candidate: &Candidate, given: usize) -> Result<Vec<Expr>> {
        if candidate.default_count == 0 {
            return Ok(Vec::new());
        }
        let proc = candidate.proc.clone();
        let total = candidate.args.len();
        let first_default = total
            .checked_sub(proc.arg_defaults.len())
            .ok_or_else(|| Error::internal("not enough default arguments"))?;
        let mut result = Vec::with_capacity(candidate.default_count);
        for at in given..total {
            let number = match &candidate.order {
                Some(order) => order.get(at).copied().unwrap_or(at),
                None => at,
            };
            let text = number
                .checked_sub(first_default)
                .and_then(|index| proc.arg_defaults.get(index))
                .ok_or_else(|| Error::internal("not enough default arguments"))?;
            let type_oid = proc.arg_types.get(number).copied().unwrap_or(0);
            result.push(self.default_expression(&proc, text, type_oid)?);
        }
        Ok(result)
    }

    pub fn default_expression(&mut self, proc: &ProcInfo, text: &str, type_oid: Oid) -> Result<Expr> {
        if !proc.builtin {
            return pglitedb_query_tree::serial::expr_from_text(text);
        }
        let parsed = pglitedb_sql_parser::parse_expr(text)?;
        let ctx =
            crate::AnalyzeContext { source: text, params: crate::ParamTypes::None, hook: None, ..*self.ctx };
        let mut binder = Binder::new(&ctx);
        let mut expr = binder.expr_of_kind(&parsed, crate::ExprKind::FunctionDefault)?;
        if !crate::types::is_polymorphic(type_oid) {
            expr = binder.coerce_to_specific(expr, type_oid, "DEFAULT")?;
        }
        crate::collate::assign(&binder, &mut expr)?;
        Ok(expr)
    }
}
