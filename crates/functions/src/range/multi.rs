//! Functions and operators of multiranges. The ranges of a value are in order and apart from each other.

use super::bounds::{Order, between, empty, lower, upper};
use super::single::{intersect, subtract};
use crate::aggregate::{finished, state};
use crate::call::{AggState, FnCtx, SetIter};
use crate::convert::order;
use crate::text::regexp::rows;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{ArrayValue, Datum, Oid, RangeValue, TypeKind};
use std::cmp::Ordering;

type Multi<'a> = &'a [RangeValue];

/// Compares bounds of the ranges; any order will do if there are none.
fn ordering(ctx: &FnCtx<'_>, ranges: &[Multi<'_>]) -> Result<Order> {
    let known = ranges.iter().flat_map(|ranges| ranges.iter()).next().map(|range| range.range_type);
    match known {
        Some(range_type) => Order::of(ctx, range_type),
        None => Order::of(ctx, pglitedb_types::oids::INT4RANGE),
    }
}

/// The range type of the call's result, which is a multirange (or a range).
fn result_range_type(ctx: &FnCtx<'_>) -> Result<Oid> {
    let info = ctx.env.as_type_env().type_info(ctx.info.result_type)?;
    Ok(if info.kind == TypeKind::Multirange { info.range_subtype } else { info.oid })
}

fn normalize(ctx: &FnCtx<'_>, range_type: Oid, ranges: Vec<RangeValue>) -> Result<Datum> {
    let ranges = pglitedb_types::io::normalize_multirange(range_type, ranges, ctx.env.as_type_env())?;
    Ok(Datum::Multirange(ranges.into()))
}

fn construct(ctx: &FnCtx<'_>, array: &ArrayValue) -> Result<Datum> {
    if array.dims.len() > 1 {
        bail!(CARDINALITY_VIOLATION, "multiranges cannot be constructed from multidimensional arrays");
    }
    let ranges: Result<Vec<RangeValue>> = array
        .values
        .iter()
        .map(|value| match value {
            Datum::Range(range) => Ok((**range).clone()),
            _ => bail!(NULL_VALUE_NOT_ALLOWED, "multirange values cannot contain null members"),
        })
        .collect();
    normalize(ctx, array.elem_type, ranges?)
}

fn compare(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<Ordering> {
    let order = ordering(ctx, &[a, b])?;
    let common = a.iter().zip(b).map(|(a, b)| order.ranges(a, b)).find(|o| o.is_ne());
    Ok(common.unwrap_or_else(|| a.len().cmp(&b.len())))
}

fn contains_range(order: &Order, a: Multi<'_>, b: &RangeValue) -> bool {
    b.empty || a.iter().any(|range| order.contains(range, b))
}

fn contains(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<bool> {
    let order = ordering(ctx, &[a, b])?;
    Ok(b.iter().all(|range| contains_range(&order, a, range)))
}

/// Does a range contain all of a multirange?
fn range_contains(ctx: &FnCtx<'_>, a: &RangeValue, b: Multi<'_>) -> Result<bool> {
    let order = Order::of(ctx, a.range_type)?;
    Ok(b.iter().all(|range| order.contains(a, range)))
}

fn overlap(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<bool> {
    let order = ordering(ctx, &[a, b])?;
    Ok(a.iter().any(|x| b.iter().any(|y| order.overlap(x, y))))
}

fn before(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<bool> {
    let (Some(last), Some(first)) = (a.last(), b.first()) else { return Ok(false) };
    Ok(Order::of(ctx, last.range_type)?.before(last, first))
}

fn over_left(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<bool> {
    let (Some(x), Some(y)) = (a.last(), b.last()) else { return Ok(false) };
    Ok(!x.empty && !y.empty && Order::of(ctx, x.range_type)?.bounds(upper(x), upper(y)).is_le())
}

fn over_right(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<bool> {
    let (Some(x), Some(y)) = (a.first(), b.first()) else { return Ok(false) };
    Ok(!x.empty && !y.empty && Order::of(ctx, x.range_type)?.bounds(lower(x), lower(y)).is_ge())
}

/// Do they touch at their outer ends?
fn adjacent(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<bool> {
    let ([first_a, ..], [.., last_a]) = (a, a) else { return Ok(false) };
    let ([first_b, ..], [.., last_b]) = (b, b) else { return Ok(false) };
    if [first_a, first_b].iter().any(|range| range.empty) {
        return Ok(false);
    }
    let order = Order::of(ctx, first_a.range_type)?;
    Ok(order.touch(upper(last_a), lower(first_b)) || order.touch(upper(last_b), lower(first_a)))
}

fn union(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<Datum> {
    match a.iter().chain(b).next() {
        None => Ok(Datum::Multirange([].into())),
        Some(any) => normalize(ctx, any.range_type, a.iter().chain(b).cloned().collect()),
    }
}

fn intersection(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<Datum> {
    let order = ordering(ctx, &[a, b])?;
    let mut out = Vec::new();
    for x in a {
        for y in b {
            let common = intersect(ctx, &order, x, y)?;
            if !common.empty {
                out.push(common);
            }
        }
    }
    Ok(Datum::Multirange(out.into()))
}

fn difference(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<Datum> {
    let order = ordering(ctx, &[a, b])?;
    let mut left = a.to_vec();
    for y in b {
        let mut next = Vec::with_capacity(left.len() + 1);
        for x in &left {
            next.extend(subtract(ctx, &order, x, y)?);
        }
        left = next;
    }
    Ok(Datum::Multirange(left.into()))
}

fn merge(ctx: &FnCtx<'_>, a: Multi<'_>) -> Result<RangeValue> {
    match (a.first(), a.last()) {
        (Some(first), Some(last)) => between(ctx, first.range_type, lower(first), upper(last)),
        _ => Ok(empty(result_range_type(ctx)?)),
    }
}

fn one(range: &RangeValue) -> Multi<'_> {
    if range.empty { &[] } else { std::slice::from_ref(range) }
}

/// The ranges collected by `range_agg`.
fn collect(ctx: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let ranges: &mut Vec<RangeValue> = state(agg)?;
    match args.first() {
        Some(Datum::Range(range)) => ranges.push((**range).clone()),
        // An empty one counts: the result is not NULL then.
        Some(Datum::Multirange(multi)) if multi.is_empty() => {
            let of = ctx.info.arg_types.first().copied().unwrap_or(0);
            ranges.push(empty(ctx.env.as_type_env().type_info(of)?.range_subtype));
        }
        Some(Datum::Multirange(multi)) => ranges.extend_from_slice(multi),
        _ => {}
    }
    Ok(())
}

/// The next state of `range_intersect_agg` of multiranges.
fn intersect_next(ctx: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    if let (AggState::Value(state), [Datum::Multirange(multi)]) = (agg, args) {
        *state = match &*state {
            Datum::Multirange(before) => intersection(ctx, before, multi)?,
            _ => Datum::Multirange(multi.clone()),
        };
    }
    Ok(())
}

fn collected(ctx: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    let ranges = finished::<Vec<RangeValue>>(agg)?.filter(|ranges| !ranges.is_empty());
    let Some(ranges) = ranges else { return Ok(Datum::Null) };
    normalize(ctx, result_range_type(ctx)?, ranges.clone())
}

fn unnest(_: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let Some(Datum::Multirange(multi)) = args.first() else { return rows(Vec::new()) };
    rows(multi.iter().map(|range| Datum::Range(std::sync::Arc::new(range.clone()))).collect())
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg; "multirange_" => [ctx] |a: Multi, b: Multi| compare(ctx, a, b)?;);
    scalars!(reg;
        "multirange_cmp" => [ctx] |a: Multi, b: Multi| order(compare(ctx, a, b)?);
        "multirange_constructor0" => | | Datum::Multirange([].into());
        "multirange_constructor1" => |a: &RangeValue| Datum::Multirange(one(a).into());
        "multirange_constructor2" => [ctx] |a: &ArrayValue| construct(ctx, a);
        "multirange_lower" => |a: Multi| a.first().and_then(|range| range.lower.clone());
        "multirange_upper" => |a: Multi| a.last().and_then(|range| range.upper.clone());
        "multirange_empty" => |a: Multi| a.is_empty();
        "multirange_lower_inc" => |a: Multi| a.first().is_some_and(|range| range.lower_inclusive);
        "multirange_upper_inc" => |a: Multi| a.last().is_some_and(|range| range.upper_inclusive);
        "multirange_lower_inf" => |a: Multi| a.first().is_some_and(|range| range.lower.is_none());
        "multirange_upper_inf" => |a: Multi| a.last().is_some_and(|range| range.upper.is_none());
        "multirange_contains_elem" => [ctx] |a: Multi, v: &Datum| {
            let order = ordering(ctx, &[a])?;
            a.iter().any(|range| order.contains_value(range, v))
        };
        "elem_contained_by_multirange" => [ctx] |v: &Datum, a: Multi| {
            let order = ordering(ctx, &[a])?;
            a.iter().any(|range| order.contains_value(range, v))
        };
        "multirange_contains_range" => [ctx] |a: Multi, b: &RangeValue| contains_range(&ordering(ctx, &[a])?, a, b);
        "range_contained_by_multirange" => [ctx] |b: &RangeValue, a: Multi| {
            contains_range(&ordering(ctx, &[a])?, a, b)
        };
        "multirange_contains_multirange" => [ctx] |a: Multi, b: Multi| contains(ctx, a, b);
        "multirange_contained_by_multirange" => [ctx] |a: Multi, b: Multi| contains(ctx, b, a);
        "range_contains_multirange" => [ctx] |a: &RangeValue, b: Multi| range_contains(ctx, a, b);
        "multirange_contained_by_range" => [ctx] |a: Multi, b: &RangeValue| range_contains(ctx, b, a);
        "multirange_union" => [ctx] |a: Multi, b: Multi| union(ctx, a, b);
        "multirange_intersect" => [ctx] |a: Multi, b: Multi| intersection(ctx, a, b);
        "multirange_minus" => [ctx] |a: Multi, b: Multi| difference(ctx, a, b);
        "range_merge_from_multirange" => [ctx] |a: Multi| merge(ctx, a);
    );
    positions(reg);
    reg.add("multirange_intersect_agg_transfn", Builtin::Trans(intersect_next));
    reg.add("range_agg_transfn", Builtin::Trans(collect));
    reg.add("multirange_agg_transfn", Builtin::Trans(collect));
    reg.add("range_agg_finalfn", Builtin::Final(collected));
    reg.add("multirange_unnest", Builtin::Set(unnest));
}

/// Operators that there are for every pair of range and multirange.
fn positions(reg: &mut Registry) {
    macro_rules! pairs {
        ($($name:literal => $function:ident;)*) => {$(
            scalars!(reg;
                concat!("multirange_", $name, "_multirange") => [ctx] |a: Multi, b: Multi| $function(ctx, a, b);
                concat!("multirange_", $name, "_range") => [ctx] |a: Multi, b: &RangeValue| {
                    $function(ctx, a, one(b))
                };
                concat!("range_", $name, "_multirange") => [ctx] |a: &RangeValue, b: Multi| {
                    $function(ctx, one(a), b)
                };
            );
        )*};
    }
    fn after(ctx: &FnCtx<'_>, a: Multi<'_>, b: Multi<'_>) -> Result<bool> {
        before(ctx, b, a)
    }
    pairs!(
        "overlaps" => overlap;
        "before" => before;
        "after" => after;
        "adjacent" => adjacent;
        "overleft" => over_left;
        "overright" => over_right;
    );
}
