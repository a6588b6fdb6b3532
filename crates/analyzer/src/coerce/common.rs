//! The common type of several expressions: UNION, CASE, VALUES, ARRAY and the like.

use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, Position};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};

impl Binder<'_> {
    /// The common type. `what` names the construct for the error; without it a mismatch gives 0.
    pub fn common_type(&self, exprs: &[&Expr], what: Option<&str>) -> Result<Oid> {
        let types: Vec<(Oid, Position)> =
            exprs.iter().map(|expr| (expr.type_oid(), expr.position())).collect();
        self.common_type_of(&types, what)
    }

    /// [`Binder::common_type`] of types with their places.
    pub fn common_type_of(&self, types: &[(Oid, Position)], what: Option<&str>) -> Result<Oid> {
        let Some(&(first, _)) = types.first() else { return Ok(oids::TEXT) };
        if first != oids::UNKNOWN && types.iter().all(|(type_oid, _)| *type_oid == first) {
            return Ok(first);
        }
        let mut best = self.base_type(first)?;
        let (mut category, mut preferred) = self.category(best)?;
        for &(type_oid, position) in types.iter().skip(1) {
            let next = self.base_type(type_oid)?;
            if next == oids::UNKNOWN || next == best {
                continue;
            }
            let (next_category, next_preferred) = self.category(next)?;
            let take = if best == oids::UNKNOWN {
                true
            } else if next_category != category {
                let Some(what) = what else { return Ok(0) };
                return Err(err!(
                    DATATYPE_MISMATCH,
                    "{what} types {} and {} cannot be matched",
                    self.type_name(best),
                    self.type_name(next)
                )
                .at_opt(position.get()));
            } else {
                !preferred
                    && self.can_coerce(best, next, CastContext::Implicit)?
                    && !self.can_coerce(next, best, CastContext::Implicit)?
            };
            if take {
                best = next;
                category = next_category;
                preferred = next_preferred;
            }
        }
        Ok(if best == oids::UNKNOWN { oids::TEXT } else { best })
    }

    /// Can all be converted implicitly?
    pub fn all_coercible(&self, types: &[Oid], target: Oid) -> Result<bool> {
        for &type_oid in types {
            if !self.can_coerce(type_oid, target, CastContext::Implicit)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Converts implicitly to the common type.
    pub fn coerce_to_common(&mut self, expr: Expr, target: Oid, what: &str) -> Result<Expr> {
        let source = expr.type_oid();
        if source == target {
            return Ok(expr);
        }
        if self.can_coerce(source, target, CastContext::Implicit)? {
            return self.coerce(expr, target, -1, CastContext::Implicit, CallForm::ImplicitCast);
        }
        Err(err!(
            CANNOT_COERCE,
            "{what} could not convert type {} to {}",
            self.type_name(source),
            self.type_name(target)
        )
        .at_opt(expr.position().get()))
    }

    /// The type modifier all share, -1 otherwise.
    pub fn common_typmod(&self, exprs: &[&Expr], type_oid: Oid) -> i32 {
        let Some(first) = exprs.first() else { return -1 };
        let typmod = first.typmod();
        if exprs.iter().all(|expr| expr.type_oid() == type_oid && expr.typmod() == typmod) {
            typmod
        } else {
            -1
        }
    }
}
