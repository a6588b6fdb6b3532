//! Anonymous rows as named composite types.

use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, RteKind, Var, VarSource};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};

impl Binder<'_> {
    /// `ROW(...)` or a whole-row reference of type record as a composite type, field by field.
    pub(super) fn coerce_record(
        &mut self,
        expr: Expr,
        target: Oid,
        context: CastContext,
        form: CallForm,
    ) -> Result<Expr> {
        let position = expr.position();
        let args = match expr {
            Expr::Row { args, .. } => args,
            Expr::Var(var) if var.attno == 0 => self.row_fields(&var),
            _ => {
                return Err(err!(
                    CANNOT_COERCE,
                    "cannot cast type {} to {}",
                    self.type_name(oids::RECORD),
                    self.type_name(target)
                )
                .at_opt(position.get()));
            }
        };
        let (base, base_typmod) = self.base_type_and_typmod(target, -1)?;
        let relation = self.relation_by_oid(self.composite_relid(base)?)?;
        let mismatch = |binder: &Self, detail: &str| {
            err!(
                CANNOT_COERCE,
                "cannot cast type {} to {}",
                binder.type_name(oids::RECORD),
                binder.type_name(target)
            )
            .detail(detail)
            .at_opt(position.get())
        };
        let mut values = Vec::with_capacity(relation.columns.len());
        let mut names = Vec::with_capacity(relation.columns.len());
        let mut given = args.into_iter();
        for (index, column) in relation.columns.iter().enumerate() {
            names.push(column.name.clone());
            if column.dropped {
                values.push(Expr::null_const(oids::INT4, -1, 0));
                continue;
            }
            let Some(arg) = given.next() else {
                return Err(mismatch(self, "Input has too few columns."));
            };
            let source = arg.type_oid();
            let at = arg.position();
            match self.coerce_to_target(
                arg,
                column.type_oid,
                column.typmod,
                context,
                CallForm::ImplicitCast,
            )? {
                Ok(value) => values.push(value),
                Err(_) => {
                    let detail = format!(
                        "Cannot cast type {} to {} in column {}.",
                        self.type_name(source),
                        self.type_name(column.type_oid),
                        index + 1
                    );
                    let error = mismatch(self, &detail);
                    return Err(match at.get() {
                        Some(at) => {
                            let mut error = error;
                            error.fields_mut().position = Some(at);
                            error
                        }
                        None => error,
                    });
                }
            }
        }
        if given.next().is_some() {
            return Err(mismatch(self, "Input has too many columns."));
        }
        let row = Expr::Row { args: values, type_oid: base, names, form };
        if base != target {
            return self.coerce_to_domain(row, base, base_typmod, target, context, form, false);
        }
        Ok(row)
    }

    fn row_fields(&mut self, whole: &Var) -> Vec<Expr> {
        let VarSource::Rte(index) = whole.source else { return Vec::new() };
        let Some(rte) = self.rte_at(index, whole.levels_up) else { return Vec::new() };
        if matches!(rte.kind, RteKind::Join { .. }) {
            return Vec::new();
        }
        rte.columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.type_oid != 0)
            .map(|(at, column)| {
                Expr::Var(Var {
                    attno: (at + 1) as i16,
                    type_oid: column.type_oid,
                    typmod: column.typmod,
                    collation: column.collation,
                    ..whole.clone()
                })
            })
            .collect()
    }
}
