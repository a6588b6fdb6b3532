//! Assignments to columns, elements and fields.

use crate::binder::Binder;
use pglitedb_catalog::{CastContext, Column, Relation};
use pglitedb_query_tree::{CallForm, Expr, SubscriptExpr};
use pglitedb_sql_parser::ast::Indirection;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::Oid;

const REWRITE_HINT: &str = "You will need to rewrite or cast the expression.";

/// What is assigned to inside a column.
struct Place<'n> {
    /// Name of the column or field, for errors.
    name: &'n str,
    subscripted: bool,
    type_oid: Oid,
    typmod: i32,
    collation: Oid,
}

impl<'c> Binder<'c> {
    /// Converts a value to what a column takes. `old`: the column's present value, for partial assignments.
    pub fn assigned(
        &mut self,
        value: Expr,
        column: &Column,
        steps: &'c [Indirection],
        old: Option<Expr>,
        at: usize,
    ) -> Result<Expr> {
        if let Expr::SetToDefault { .. } = value {
            if let Some(step) = steps.first() {
                let message = match step {
                    Indirection::Field(_) | Indirection::Star(_) => "cannot set a subfield to DEFAULT",
                    _ => "cannot set an array element to DEFAULT",
                };
                return Err(Error::unsupported(message).at(at));
            }
            return Ok(Expr::SetToDefault {
                type_oid: column.type_oid,
                typmod: column.typmod,
                collation: column.collation,
            });
        }
        if !steps.is_empty() {
            let base = match old {
                Some(old) => old,
                None => Expr::null_const(column.type_oid, column.typmod, column.collation),
            };
            let place = Place {
                name: &column.name,
                subscripted: false,
                type_oid: column.type_oid,
                typmod: column.typmod,
                collation: column.collation,
            };
            return self.assign_steps(Some(base), place, steps, value, at);
        }
        self.assign_to_type(value, &column.name, column.type_oid, column.typmod)
    }

    /// The new value of a variable, part of which is assigned to.
    pub fn assigned_part(
        &mut self,
        old: Expr,
        name: &str,
        steps: &'c [Indirection],
        value: Expr,
        at: usize,
    ) -> Result<Expr> {
        let place = Place {
            name,
            subscripted: false,
            type_oid: old.type_oid(),
            typmod: old.typmod(),
            collation: old.collation(),
        };
        self.assign_steps(Some(old), place, steps, value, at)
    }

    /// Converts a value (assignment) to a column's type.
    pub fn assign_to_type(&mut self, value: Expr, column: &str, type_oid: Oid, typmod: i32) -> Result<Expr> {
        let source = value.type_oid();
        let position = value.position();
        match self.coerce_to_target(
            value,
            type_oid,
            typmod,
            CastContext::Assignment,
            CallForm::ImplicitCast,
        )? {
            Ok(value) => Ok(value),
            Err(_) => Err(err!(
                DATATYPE_MISMATCH,
                "column \"{column}\" is of type {} but expression is of type {}",
                self.type_name(type_oid),
                self.type_name(source)
            )
            .hint(REWRITE_HINT)
            .at_opt(position.get())),
        }
    }

    fn assign_steps(
        &mut self,
        base: Option<Expr>,
        place: Place<'_>,
        steps: &'c [Indirection],
        value: Expr,
        at: usize,
    ) -> Result<Expr> {
        let Some(first) = steps.first() else {
            return self.assign_leaf(place, value);
        };
        // Deeper levels get their old value from the level above while executing.
        let base = base.unwrap_or(Expr::CaseTest {
            type_oid: place.type_oid,
            typmod: place.typmod,
            collation: place.collation,
        });
        match first {
            Indirection::Field(field) => self.assign_field(base, place, field, &steps[1..], value, at),
            Indirection::Star(_) => {
                Err(Error::unsupported("row expansion via \"*\" is not supported here").at(at))
            }
            _ => {
                let count = steps
                    .iter()
                    .take_while(|s| matches!(s, Indirection::Index(_) | Indirection::Slice(..)))
                    .count();
                let (subscripts, rest) = steps.split_at(count);
                self.assign_subscripts(base, place, subscripts, rest, value, at)
            }
        }
    }

    fn assign_leaf(&mut self, place: Place<'_>, value: Expr) -> Result<Expr> {
        let source = value.type_oid();
        let position = value.position();
        let result = self.coerce_to_target(
            value,
            place.type_oid,
            place.typmod,
            CastContext::Assignment,
            CallForm::ImplicitCast,
        )?;
        result.map_err(|_| {
            let (wanted, given) = (self.type_name(place.type_oid), self.type_name(source));
            let error = if place.subscripted {
                err!(
                    DATATYPE_MISMATCH,
                    "subscripted assignment to \"{}\" requires type {wanted} but expression is of type {given}",
                    place.name
                )
            } else {
                err!(
                    DATATYPE_MISMATCH,
                    "subfield \"{}\" is of type {wanted} but expression is of type {given}",
                    place.name
                )
            };
            error.hint(REWRITE_HINT).at_opt(position.get())
        })
    }

    fn assign_field(
        &mut self,
        base: Expr,
        place: Place<'_>,
        field: &'c pglitedb_sql_parser::ast::Ident,
        rest: &'c [Indirection],
        value: Expr,
        at: usize,
    ) -> Result<Expr> {
        let (base_type, base_typmod) = self.base_type_and_typmod(place.type_oid, place.typmod)?;
        let name = field.as_str();
        let cannot = |reason: String| {
            err!(
                DATATYPE_MISMATCH,
                "cannot assign to field \"{name}\" of column \"{}\" because {reason}",
                place.name
            )
        };
        let relid = self.composite_relid(base_type)?;
        if relid == 0 {
            let shown = self.type_name(place.type_oid);
            return Err(cannot(format!("its type {shown} is not a composite type")).at(at));
        }
        let relation = self.relation_by_oid(relid)?;
        let Some((attnum, column)) = relation.column_by_name(name) else {
            let shown = self.type_name(place.type_oid);
            let error = cannot(format!("there is no such column in data type {shown}"));
            return Err(Error::new(pglitedb_sqlstate::codes::UNDEFINED_COLUMN, error.message()).at(at));
        };
        let inner = Place {
            name,
            subscripted: false,
            type_oid: column.type_oid,
            typmod: column.typmod,
            collation: column.collation,
        };
        let value = self.assign_steps(None, inner, rest, value, at)?;
        let store = Expr::FieldStore {
            arg: Box::new(base),
            values: vec![value],
            fields: vec![attnum],
            type_oid: base_type,
        };
        if base_type != place.type_oid {
            return self.coerce_to_domain(
                store,
                base_type,
                base_typmod,
                place.type_oid,
                pglitedb_catalog::CastContext::Assignment,
                CallForm::ImplicitCast,
                false,
            );
        }
        Ok(store)
    }

    fn assign_subscripts(
        &mut self,
        base: Expr,
        place: Place<'_>,
        subscripts: &'c [Indirection],
        rest: &'c [Indirection],
        value: Expr,
        at: usize,
    ) -> Result<Expr> {
        let (container, typmod) = self.base_type_and_typmod(place.type_oid, place.typmod)?;
        let (items, what) = self.subscripts(container, typmod, subscripts, Some(at))?;
        let inner = Place {
            name: place.name,
            subscripted: true,
            type_oid: what.result,
            typmod: what.typmod,
            collation: self.type_collation(what.result)?,
        };
        let value = self.assign_steps(None, inner, rest, value, at)?;
        let base = if base.type_oid() == container {
            base
        } else {
            crate::coerce::relabel(base, container, -1, CallForm::ImplicitCast)
        };
        let store = Expr::Subscript(Box::new(SubscriptExpr {
            container: Box::new(base),
            container_type: container,
            element_type: what.element,
            result_type: container,
            typmod,
            collation: place.collation,
            items,
            assign: Some(Box::new(value)),
        }));
        if container != place.type_oid {
            return self.coerce_to_domain(
                store,
                container,
                typmod,
                place.type_oid,
                pglitedb_catalog::CastContext::Assignment,
                CallForm::ImplicitCast,
                false,
            );
        }
        Ok(store)
    }

    /// The live column of that name in the target table; errors at the name.
    pub fn target_column<'r>(
        &self,
        relation: &'r Relation,
        name: &str,
        at: usize,
        indirection: bool,
    ) -> Result<(i16, &'r Column)> {
        match relation.column_by_name(name) {
            Some(found) => Ok(found),
            None => {
                let error = err!(
                    UNDEFINED_COLUMN,
                    "column \"{name}\" of relation \"{}\" does not exist",
                    relation.name
                )
                .at(at);
                let alias_used = indirection
                    && self.cur().target.as_ref().is_some_and(|target| {
                        self.cur().rtable.get(target.rte).is_some_and(|rte| *rte.name == *name)
                    });
                Err(if alias_used {
                    error.hint("SET target columns cannot be qualified with the relation name.")
                } else {
                    error
                })
            }
        }
    }
}

/// Puts an earlier partial assignment to the same column under a later one: `SET a[1] = x, a[2] = y`. Gives both back
/// if either sets the whole column.
pub(crate) fn nest_assignment(first: Expr, mut second: Expr) -> std::result::Result<Expr, Box<(Expr, Expr)>> {
    fn is_partial(expr: &Expr) -> bool {
        match expr {
            Expr::Subscript(subscript) => subscript.assign.is_some(),
            Expr::FieldStore { .. } => true,
            Expr::CoerceToDomain { arg, .. } => is_partial(arg),
            _ => false,
        }
    }
    fn innermost(expr: &mut Expr) -> &mut Expr {
        match expr {
            Expr::Subscript(subscript) => innermost_base(&mut subscript.container),
            Expr::FieldStore { arg, .. } => innermost_base(arg),
            Expr::CoerceToDomain { arg, .. } => innermost(arg),
            other => other,
        }
    }
    fn innermost_base(base: &mut Expr) -> &mut Expr {
        if is_partial(base) { innermost(base) } else { base }
    }
    if !is_partial(&first) || !is_partial(&second) {
        return Err(Box::new((first, second)));
    }
    *innermost(&mut second) = first;
    Ok(second)
}
