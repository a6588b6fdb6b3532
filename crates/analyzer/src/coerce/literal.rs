//! Untyped literals get their type.

use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Const, Expr};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid, oids};

impl Binder<'_> {
    /// Reads an unknown literal as a value of the type.
    pub(super) fn coerce_literal(
        &mut self,
        constant: Const,
        target: Oid,
        typmod: i32,
        context: CastContext,
        form: CallForm,
    ) -> Result<Expr> {
        let _ = context;
        let (base, base_typmod) = self.base_type_and_typmod(target, typmod)?;
        // The modifier is applied afterwards by a length coercion, with its own rules for explicit casts. Only
        // interval input needs the fields, because it changes what the digits mean.
        let input_typmod = if base == oids::INTERVAL { base_typmod } else { -1 };
        let value = match &constant.value {
            Datum::Null => Datum::Null,
            Datum::Text(text) => {
                self.input(text, base, input_typmod).map_err(|error| error.at_opt(constant.position.get()))?
            }
            _ => return Err(Error::internal("literal is not text")),
        };
        let collation = self.type_collation(base)?;
        let literal = Expr::Const(Const {
            value,
            type_oid: base,
            typmod: input_typmod,
            collation,
            position: constant.position,
        });
        if base != target {
            return self.coerce_to_domain(literal, base, base_typmod, target, context, form, false);
        }
        Ok(literal)
    }

    /// Text to value by the type's input function.
    pub fn input(&self, text: &std::sync::Arc<str>, type_oid: Oid, typmod: i32) -> Result<Datum> {
        match type_oid {
            oids::TEXT | oids::UNKNOWN => Ok(Datum::Text(text.clone())),
            _ => crate::input::input(self.ctx.env, text, type_oid, typmod),
        }
    }
}
