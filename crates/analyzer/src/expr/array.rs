//! `ARRAY[...]`.

use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, Position};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};

impl<'c> Binder<'c> {
    /// `target`: array type, element type and modifier that a cast around it wants.
    pub(super) fn array(
        &mut self,
        items: &'c [ast::Expr],
        target: Option<(Oid, Oid, i32)>,
        at: usize,
    ) -> Result<Expr> {
        let mut elements = Vec::with_capacity(items.len());
        let mut multidims = false;
        for item in items {
            let bound = match &item.kind {
                Ast::Array(inner) => {
                    multidims = true;
                    self.guarded(|binder| binder.array(inner, target, item.span.offset()))?
                }
                _ => {
                    let bound = self.expr(item)?;
                    let type_oid = bound.type_oid();
                    if type_oid != oids::UNKNOWN
                        && type_oid != oids::INT2VECTOR
                        && type_oid != oids::OIDVECTOR
                        && self.element_type(type_oid)? != 0
                    {
                        multidims = true;
                    }
                    bound
                }
            };
            elements.push(bound);
        }
        let (array_type, element_type, common) = match target {
            Some((array, element, _)) => (array, element, if multidims { array } else { element }),
            None => {
                if elements.is_empty() {
                    return Err(err!(INDETERMINATE_DATATYPE, "cannot determine type of empty array")
                        .hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
                        .at(at));
                }
                self.array_common_type(&elements, multidims, at)?
            }
        };
        let mut coerced = Vec::with_capacity(elements.len());
        for element in elements {
            coerced.push(match target {
                Some((_, _, typmod)) => self.coerce_element(element, common, typmod)?,
                None => self.coerce_to_common(element, common, "ARRAY")?,
            });
        }
        Ok(Expr::Array {
            array_type,
            element_type,
            collation: 0,
            elements: coerced,
            multidims,
            position: Position::new(at),
        })
    }

    fn array_common_type(
        &mut self,
        elements: &[Expr],
        multidims: bool,
        at: usize,
    ) -> Result<(Oid, Oid, Oid)> {
        let refs: Vec<&Expr> = elements.iter().collect();
        let common = self.common_type(&refs, Some("ARRAY"))?;
        if multidims {
            let element = self.element_type(common)?;
            if element == 0 {
                return Err(err!(
                    UNDEFINED_OBJECT,
                    "could not find element type for data type {}",
                    self.type_name(common)
                )
                .at(at));
            }
            return Ok((common, element, common));
        }
        let array = self.array_type(common)?;
        if array == 0 {
            return Err(err!(
                UNDEFINED_OBJECT,
                "could not find array type for data type {}",
                self.type_name(common)
            )
            .at(at));
        }
        Ok((array, common, common))
    }

    fn coerce_element(&mut self, element: Expr, target: Oid, typmod: i32) -> Result<Expr> {
        let source = element.type_oid();
        let position = element.position();
        match self.coerce_to_target(element, target, typmod, CastContext::Explicit, CallForm::ExplicitCast)? {
            Ok(element) => Ok(element),
            Err(_) => Err(err!(
                CANNOT_COERCE,
                "cannot cast type {} to {}",
                self.type_name(source),
                self.type_name(target)
            )
            .at_opt(position.get())),
        }
    }
}
