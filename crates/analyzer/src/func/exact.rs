//! Functions and operators by exact signature, for DDL.

use super::candidates::ArgShape;
use super::resolve::Resolved;
use crate::binder::Binder;
use crate::lookup::dotted;
use pglitedb_catalog::{OperatorInfo, ProcInfo, ProcKind};
use pglitedb_sql_parser::ast::{OperatorName, QualifiedName};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};
use std::sync::Arc;

impl Binder<'_> {
    /// The function with exactly these input types; without types the only one of the name.
    pub fn exact_function(&self, name: &QualifiedName, types: Option<&[Oid]>) -> Result<Arc<ProcInfo>> {
        let shape = ArgShape {
            count: None,
            names: &[],
            expand_variadic: false,
            expand_defaults: false,
            include_out: false,
        };
        let candidates = self.function_candidates(name, shape)?;
        let at = name.span().offset();
        let Some(types) = types else {
            let mut all = candidates.into_iter();
            return match (all.next(), all.next()) {
                (Some(only), None) => Ok(only.proc),
                (None, _) => {
                    Err(err!(UNDEFINED_FUNCTION, "could not find a function named \"{}\"", dotted(name))
                        .at(at))
                }
                _ => Err(err!(AMBIGUOUS_FUNCTION, "function name \"{}\" is not unique", dotted(name))
                    .hint("Specify the argument list to select the function unambiguously.")
                    .at(at)),
            };
        };
        match candidates.into_iter().find(|candidate| candidate.proc.arg_types == types) {
            Some(found) => Ok(found.proc),
            None => {
                Err(err!(UNDEFINED_FUNCTION, "function {} does not exist", self.signature(name, &[], types)))
            }
        }
    }

    /// The operator with exactly these operand types, 0 for none.
    pub fn exact_operator_of(&self, name: &OperatorName, left: Oid, right: Oid) -> Result<Arc<OperatorInfo>> {
        let prefix = left == 0;
        let found = self.operators(name, prefix)?;
        found.into_iter().find(|op| op.left == left && op.right == right).ok_or_else(|| {
            let shown = if prefix {
                format!("{} {}", name.symbol, self.type_name(right))
            } else {
                format!("{} {} {}", self.type_name(left), name.symbol, self.type_name(right))
            };
            err!(UNDEFINED_FUNCTION, "operator does not exist: {shown}").at(name.span.offset())
        })
    }
}

/// A function that a definition (of an aggregate, ...) calls, and what the call comes to.
#[derive(Clone, Debug)]
pub struct SupportFunction {
    /// The function.
    pub proc: Arc<ProcInfo>,
    /// Types of its arguments, polymorphic ones replaced by what they stand for.
    pub arg_types: Vec<Oid>,
    /// Its result type, likewise; polymorphic if the arguments do not tell.
    pub result_type: Oid,
}

impl Binder<'_> {
    /// The function of a name that is called with values of these types. No argument may need a conversion at run
    /// time: `42883` if there is none, `42804` if it does not fit.
    pub fn support_function(
        &mut self,
        name: &QualifiedName,
        types: &[Oid],
        variadic: Oid,
    ) -> Result<SupportFunction> {
        let shape = ArgShape {
            count: Some(types.len()),
            names: &[],
            expand_variadic: false,
            expand_defaults: false,
            include_out: false,
        };
        let missing = |binder: &Binder<'_>| {
            err!(UNDEFINED_FUNCTION, "function {} does not exist", binder.signature(name, &[], types))
        };
        let Resolved::Function(found) = self.resolve_function(name, &[], types, shape)? else {
            return Err(missing(self));
        };
        let proc = found.proc;
        if !matches!(proc.kind, ProcKind::Function) {
            return Err(missing(self));
        }
        let shown = self.signature(name, &[], types);
        if proc.returns_set {
            return Err(err!(DATATYPE_MISMATCH, "function {shown} returns a set"));
        }
        if variadic == oids::ANY && proc.variadic != oids::ANY {
            return Err(err!(
                DATATYPE_MISMATCH,
                "function {shown} must accept VARIADIC ANY to be used in this aggregate"
            ));
        }
        let mut declared = found.declared;
        let result_type = super::polymorphic::enforce(self, types, &mut declared, proc.return_type, true)?;
        for (own, given) in declared.iter().zip(types) {
            if !crate::types::is_polymorphic(*own) && !self.binary_coercible(*given, *own)? {
                let shown = self.signature(name, &[], &declared);
                return Err(err!(DATATYPE_MISMATCH, "function {shown} requires run-time type coercion"));
            }
        }
        Ok(SupportFunction { proc, arg_types: declared, result_type })
    }
}
