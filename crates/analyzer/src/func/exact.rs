//! Functions and operators by exact signature, for DDL.

use super::candidates::ArgShape;
use crate::binder::Binder;
use crate::lookup::dotted;
use pglitedb_catalog::{OperatorInfo, ProcInfo};
use pglitedb_sql_parser::ast::{OperatorName, QualifiedName};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::Oid;
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
