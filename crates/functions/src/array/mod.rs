//! Arrays, and comparison of composite and enum values.

pub mod edit;
pub mod order;
pub mod search;
pub mod series;
pub mod shape;
pub mod whole;

use crate::call::FnCtx;
use crate::{Registry, convert};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{ArrayValue, Comparator, Datum, Oid};
use std::sync::Arc;

pub(crate) fn register(reg: &mut Registry) {
    shape::register(reg);
    edit::register(reg);
    search::register(reg);
    order::register(reg);
    series::register(reg);
    whole::register(reg);
}

/// The most elements that an array may have.
pub const MAX_ELEMENTS: usize = 134_217_727;

/// Compares the elements of an array.
pub fn element_comparator(ctx: &FnCtx<'_>, elem_type: Oid) -> Result<Comparator> {
    Comparator::new(elem_type, ctx.info.collation, ctx.env.as_type_env())
}

/// Equates the elements of an array; the error names the lack of `=`.
pub fn element_equality(ctx: &FnCtx<'_>, elem_type: Oid) -> Result<Comparator> {
    element_comparator(ctx, elem_type).map_err(|error| {
        if error.code() != pglitedb_sqlstate::codes::UNDEFINED_FUNCTION {
            return error;
        }
        match pglitedb_types::format_type_be(elem_type, ctx.env.as_type_env()) {
            Ok(name) => err!(UNDEFINED_FUNCTION, "could not identify an equality operator for type {name}"),
            Err(error) => error,
        }
    })
}

/// `IS NOT DISTINCT FROM`
pub fn same(comparator: &Comparator, a: &Datum, b: &Datum) -> bool {
    match (a.is_null(), b.is_null()) {
        (false, false) => comparator.equal(a, b),
        (a, b) => a && b,
    }
}

/// An array argument that is not NULL.
pub fn array_arg(datum: &Datum) -> Result<&Arc<ArrayValue>> {
    convert::Arg::get(datum)
}

/// Element type of the call's result.
pub fn result_element(ctx: &FnCtx<'_>) -> Result<Oid> {
    crate::aggregate::collect::result_element(ctx)
}

/// A one-dimensional array of integers.
pub fn int4_array(values: impl IntoIterator<Item = i32>) -> ArrayValue {
    ArrayValue::one_dim(pglitedb_types::oids::INT4, values.into_iter().map(Datum::Int4).collect())
}

/// A one-dimensional array of strings.
pub fn text_array<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> ArrayValue {
    ArrayValue::one_dim(
        pglitedb_types::oids::TEXT,
        values.into_iter().map(|value| Datum::text(value.as_ref())).collect(),
    )
}
