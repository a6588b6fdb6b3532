//! Subscripts of arrays and jsonb.

use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, SubscriptExpr, SubscriptItem};
use pglitedb_sql_parser::ast::Indirection;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};

/// What subscripting gives.
#[derive(Clone, Copy)]
pub(crate) struct Subscripted {
    pub container: Oid,
    pub element: Oid,
    pub result: Oid,
    pub typmod: i32,
}

impl<'c> Binder<'c> {
    /// Reads (or, with `assign`, writes) an element or slice. All of `steps` are subscripts.
    pub fn subscript(
        &mut self,
        container: Expr,
        steps: &'c [Indirection],
        assign: Option<Expr>,
    ) -> Result<Expr> {
        let (container_type, container_typmod) =
            self.base_type_and_typmod(container.type_oid(), container.typmod())?;
        let place = container.position();
        let (items, what) = self.subscripts(container_type, container_typmod, steps, place.get())?;
        let container = self.fit_container(container, container_type)?;
        let collation = container.collation();
        // Writing gives the whole container back.
        let (result_type, typmod) = match &assign {
            Some(_) => (container_type, container_typmod),
            None => (what.result, what.typmod),
        };
        Ok(Expr::Subscript(Box::new(SubscriptExpr {
            container: Box::new(container),
            container_type: what.container,
            element_type: what.element,
            result_type,
            typmod,
            collation,
            items,
            assign: assign.map(Box::new),
        })))
    }

    fn fit_container(&mut self, container: Expr, base: Oid) -> Result<Expr> {
        if container.type_oid() == base {
            return Ok(container);
        }
        Ok(crate::coerce::relabel(container, base, -1, CallForm::ImplicitCast))
    }

    /// Binds subscripts and says what they give.
    pub fn subscripts(
        &mut self,
        container: Oid,
        typmod: i32,
        steps: &'c [Indirection],
        at: Option<usize>,
    ) -> Result<(Vec<SubscriptItem>, Subscripted)> {
        let sliced = steps.iter().any(|step| matches!(step, Indirection::Slice(..)));
        if container == oids::JSONB {
            let slice = steps.iter().find_map(|step| match step {
                Indirection::Slice(from, to) => Some(to.as_ref().or(from.as_ref())),
                _ => None,
            });
            if let Some(bound) = slice {
                let at = bound.map(|bound| bound.span.offset());
                return Err(err!(DATATYPE_MISMATCH, "jsonb subscript does not support slices").at_opt(at));
            }
            let mut items = Vec::with_capacity(steps.len());
            for step in steps {
                if let Indirection::Index(index) = step {
                    items.push(SubscriptItem::Index(self.jsonb_subscript(index)?));
                }
            }
            let what = Subscripted { container, element: oids::JSONB, result: oids::JSONB, typmod: -1 };
            return Ok((items, what));
        }
        let info = self.type_info(container)?;
        // Fixed-length "arrays" (point, name, ...) take subscripts too.
        let subscriptable = info.is_true_array || (info.element != 0 && container != oids::JSONB);
        if !subscriptable {
            return Err(err!(
                DATATYPE_MISMATCH,
                "cannot subscript type {} because it does not support subscripting",
                self.type_name(container)
            )
            .at_opt(at));
        }
        if sliced && !info.is_true_array && info.len > 0 {
            return Err(pglitedb_sqlstate::Error::unsupported(
                "slices of fixed-length arrays not implemented",
            ));
        }
        let mut items = Vec::with_capacity(steps.len());
        for step in steps {
            match step {
                Indirection::Index(index) if sliced => {
                    // An index among slices means "1 up to it".
                    let upper = self.array_subscript(index)?;
                    let one = crate::coerce::constant(pglitedb_types::Datum::Int4(1), oids::INT4);
                    items.push(SubscriptItem::Slice(Some(one), Some(upper)));
                }
                Indirection::Index(index) => items.push(SubscriptItem::Index(self.array_subscript(index)?)),
                Indirection::Slice(from, to) => {
                    let from = from.as_ref().map(|from| self.array_subscript(from)).transpose()?;
                    let to = to.as_ref().map(|to| self.array_subscript(to)).transpose()?;
                    items.push(SubscriptItem::Slice(from, to));
                }
                _ => {}
            }
        }
        if items.len() > 6 {
            return Err(err!(
                PROGRAM_LIMIT_EXCEEDED,
                "number of array dimensions ({}) exceeds the maximum allowed (6)",
                items.len()
            ));
        }
        let result = if sliced { container } else { info.element };
        Ok((items, Subscripted { container, element: info.element, result, typmod }))
    }

    fn array_subscript(&mut self, index: &'c pglitedb_sql_parser::ast::Expr) -> Result<Expr> {
        let bound = self.expr(index)?;
        let at = bound.position();
        match self.coerce_to_target(bound, oids::INT4, -1, CastContext::Assignment, CallForm::ImplicitCast)? {
            Ok(index) => Ok(index),
            Err(_) => Err(err!(DATATYPE_MISMATCH, "array subscript must have type integer").at_opt(at.get())),
        }
    }

    /// A key (text) or index (integer).
    fn jsonb_subscript(&mut self, index: &'c pglitedb_sql_parser::ast::Expr) -> Result<Expr> {
        let bound = self.expr(index)?;
        let source = bound.type_oid();
        let at = bound.position();
        let mut target = 0;
        if source == oids::UNKNOWN {
            target = oids::TEXT;
        } else {
            for candidate in [oids::INT4, oids::TEXT] {
                if self.can_coerce(source, candidate, CastContext::Implicit)? {
                    if target != 0 {
                        return Err(err!(
                            DATATYPE_MISMATCH,
                            "subscript type {} is not supported",
                            self.type_name(source)
                        )
                        .hint("jsonb subscript must be coercible to only one type, integer or text.")
                        .at_opt(at.get()));
                    }
                    target = candidate;
                }
            }
        }
        if target == 0 {
            return Err(err!(
                DATATYPE_MISMATCH,
                "subscript type {} is not supported",
                self.type_name(source)
            )
            .hint("jsonb subscript must be coercible to either integer or text.")
            .at_opt(at.get()));
        }
        self.coerce(bound, target, -1, CastContext::Implicit, CallForm::ImplicitCast)
    }
}
