//! Sorting arrays.

use super::edit::{stride, with_items};
use super::element_comparator;
use crate::Registry;
use crate::call::FnCtx;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{ArrayValue, Datum, oids};
use std::cmp::Ordering;

fn sort(ctx: &FnCtx<'_>, array: &ArrayValue, descending: bool, nulls_first: bool) -> Result<ArrayValue> {
    if array.dims.first().is_none_or(|dim| dim.len < 2) {
        return Ok(array.clone());
    }
    if matches!(array.elem_type, oids::XID | oids::CID | oids::ACLITEM) {
        let name = pglitedb_types::format_type_be(array.elem_type, ctx.env.as_type_env())?;
        bail!(UNDEFINED_FUNCTION, "could not identify a comparison function for type {name}");
    }
    let comparator = element_comparator(ctx, array.elem_type)?;
    let one_dimension = array.dims.len() <= 1;
    let mut items: Vec<&[Datum]> = array.values.chunks(stride(array)).collect();
    let compare_one = |a: &Datum, b: &Datum| match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (a, b) if a || b => {
            // Inside of the items of a multidimensional array, NULL is simply the greatest value.
            let ordering = a.cmp(&b);
            if one_dimension && nulls_first != descending { ordering.reverse() } else { ordering }
        }
        _ => comparator.compare(a, b),
    };
    items.sort_by(|a, b| {
        let ordering =
            a.iter().zip(*b).map(|(a, b)| compare_one(a, b)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal);
        if descending { ordering.reverse() } else { ordering }
    });
    Ok(with_items(array, &items, array.dims.first().map_or(1, |dim| dim.lower)))
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "array_sort" => [ctx] |a: &ArrayValue| sort(ctx, a, false, false);
        "array_sort_order" => [ctx] |a: &ArrayValue, descending: bool| sort(ctx, a, descending, descending);
        "array_sort_order_nulls_first" => [ctx] |a: &ArrayValue, descending: bool, nulls_first: bool| {
            sort(ctx, a, descending, nulls_first)
        };
    );
}
