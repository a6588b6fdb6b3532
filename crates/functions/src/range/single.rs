//! Functions and operators of ranges.

use super::bounds::{Bound, Order, between, empty, lower, upper};
use crate::call::{AggState, FnCtx};
use crate::convert::order;
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::{Datum, Numeric, RangeValue};
use std::sync::Arc;

fn ordering(ctx: &FnCtx<'_>, a: &RangeValue) -> Result<Order> {
    Order::of(ctx, a.range_type)
}

/// A range of values and flags like `[)`.
fn construct(ctx: &FnCtx<'_>, low: &Datum, high: &Datum, flags: &str) -> Result<RangeValue> {
    let (low_inclusive, high_inclusive) = match flags {
        "[]" => (true, true),
        "[)" => (true, false),
        "(]" => (false, true),
        "()" => (false, false),
        _ => {
            return Err(err!(SYNTAX_ERROR, "invalid range bound flags")
                .hint("Valid values are \"[]\", \"[)\", \"(]\", and \"()\"."));
        }
    };
    let value = |datum: &Datum| (!datum.is_null()).then(|| datum.clone());
    pglitedb_types::io::make_range(
        ctx.info.result_type,
        value(low),
        value(high),
        low_inclusive,
        high_inclusive,
        ctx.env.as_type_env(),
    )
}

fn lesser<'a>(order: &Order, a: Bound<'a>, b: Bound<'a>) -> Bound<'a> {
    if order.bounds(a, b).is_le() { a } else { b }
}

fn greater<'a>(order: &Order, a: Bound<'a>, b: Bound<'a>) -> Bound<'a> {
    if order.bounds(a, b).is_ge() { a } else { b }
}

/// Union; `strict`: an error if the result would not be contiguous.
fn union(ctx: &FnCtx<'_>, a: &RangeValue, b: &RangeValue, strict: bool) -> Result<RangeValue> {
    if a.empty || b.empty {
        return Ok(if a.empty { b.clone() } else { a.clone() });
    }
    let order = ordering(ctx, a)?;
    if strict && !order.overlap(a, b) && !order.adjacent(a, b) {
        bail!(DATA_EXCEPTION, "result of range union would not be contiguous");
    }
    let low = lesser(&order, lower(a), lower(b));
    let high = greater(&order, upper(a), upper(b));
    between(ctx, a.range_type, low, high)
}

/// What two ranges have in common.
pub fn intersect(ctx: &FnCtx<'_>, order: &Order, a: &RangeValue, b: &RangeValue) -> Result<RangeValue> {
    if !order.overlap(a, b) {
        return Ok(empty(a.range_type));
    }
    let low = greater(order, lower(a), lower(b));
    let high = lesser(order, upper(a), upper(b));
    between(ctx, a.range_type, low, high)
}

/// The other side of a bound: where a range that is cut off there ends.
fn flip(bound: Bound<'_>) -> Bound<'_> {
    Bound { value: bound.value, inclusive: !bound.inclusive, is_lower: !bound.is_lower }
}

/// `a - b` as zero, one or two ranges.
pub fn subtract(ctx: &FnCtx<'_>, order: &Order, a: &RangeValue, b: &RangeValue) -> Result<Vec<RangeValue>> {
    if a.empty || !order.overlap(a, b) {
        return Ok(if a.empty { Vec::new() } else { vec![a.clone()] });
    }
    let mut out = Vec::new();
    if order.bounds(lower(a), lower(b)).is_lt() {
        out.push(between(ctx, a.range_type, lower(a), flip(lower(b)))?);
    }
    if order.bounds(upper(a), upper(b)).is_gt() {
        out.push(between(ctx, a.range_type, flip(upper(b)), upper(a))?);
    }
    out.retain(|range| !range.empty);
    Ok(out)
}

fn minus(ctx: &FnCtx<'_>, a: &RangeValue, b: &RangeValue) -> Result<RangeValue> {
    if a.empty || b.empty {
        return Ok(a.clone());
    }
    let order = ordering(ctx, a)?;
    let inside = order.bounds(lower(a), lower(b)).is_lt() && order.bounds(upper(a), upper(b)).is_gt();
    if inside {
        bail!(DATA_EXCEPTION, "result of range difference would not be contiguous");
    }
    Ok(subtract(ctx, &order, a, b)?.into_iter().next().unwrap_or_else(|| empty(a.range_type)))
}

fn canonical(ctx: &FnCtx<'_>, a: &RangeValue) -> Result<RangeValue> {
    pglitedb_types::io::canonical_discrete(a, ctx.env.as_type_env())
}

/// The next state of `range_intersect_agg`.
fn intersect_next(ctx: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    if let (AggState::Value(state), [Datum::Range(range)]) = (agg, args) {
        let next = match &*state {
            Datum::Range(before) => intersect(ctx, &ordering(ctx, before)?, before, range)?,
            _ => (**range).clone(),
        };
        *state = Datum::Range(Arc::new(next));
    }
    Ok(())
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("range_intersect_agg_transfn", Builtin::Trans(intersect_next));
    comparisons!(reg;
        "range_" => [ctx] |a: &RangeValue, b: &RangeValue| ordering(ctx, a)?.ranges(a, b);
    );
    scalars!(reg;
        "range_cmp" => [ctx] |a: &RangeValue, b: &RangeValue| order(ordering(ctx, a)?.ranges(a, b));
        "range_constructor2" => [ctx] |low: &Datum, high: &Datum| construct(ctx, low, high, "[)");
        "range_constructor3" => [ctx] |low: &Datum, high: &Datum, flags: Option<&str>| match flags {
            Some(flags) => construct(ctx, low, high, flags),
            None => bail!(DATA_EXCEPTION, "range constructor flags argument must not be null"),
        };
        "range_lower" => |a: &RangeValue| a.lower.clone();
        "range_upper" => |a: &RangeValue| a.upper.clone();
        "range_empty" => |a: &RangeValue| a.empty;
        "range_lower_inc" => |a: &RangeValue| !a.empty && a.lower_inclusive;
        "range_upper_inc" => |a: &RangeValue| !a.empty && a.upper_inclusive;
        "range_lower_inf" => |a: &RangeValue| !a.empty && a.lower.is_none();
        "range_upper_inf" => |a: &RangeValue| !a.empty && a.upper.is_none();
        "range_contains_elem" => [ctx] |a: &RangeValue, v: &Datum| ordering(ctx, a)?.contains_value(a, v);
        "elem_contained_by_range" => [ctx] |v: &Datum, a: &RangeValue| ordering(ctx, a)?.contains_value(a, v);
        "range_contains" => [ctx] |a: &RangeValue, b: &RangeValue| ordering(ctx, a)?.contains(a, b);
        "range_contained_by" => [ctx] |a: &RangeValue, b: &RangeValue| ordering(ctx, a)?.contains(b, a);
        "range_overlaps" => [ctx] |a: &RangeValue, b: &RangeValue| ordering(ctx, a)?.overlap(a, b);
        "range_before" => [ctx] |a: &RangeValue, b: &RangeValue| ordering(ctx, a)?.before(a, b);
        "range_after" => [ctx] |a: &RangeValue, b: &RangeValue| ordering(ctx, a)?.before(b, a);
        "range_adjacent" => [ctx] |a: &RangeValue, b: &RangeValue| ordering(ctx, a)?.adjacent(a, b);
        "range_overleft" => [ctx] |a: &RangeValue, b: &RangeValue| {
            !a.empty && !b.empty && ordering(ctx, a)?.bounds(upper(a), upper(b)).is_le()
        };
        "range_overright" => [ctx] |a: &RangeValue, b: &RangeValue| {
            !a.empty && !b.empty && ordering(ctx, a)?.bounds(lower(a), lower(b)).is_ge()
        };
        "range_union" => [ctx] |a: &RangeValue, b: &RangeValue| union(ctx, a, b, true);
        "range_merge" => [ctx] |a: &RangeValue, b: &RangeValue| union(ctx, a, b, false);
        "range_intersect" => [ctx] |a: &RangeValue, b: &RangeValue| intersect(ctx, &ordering(ctx, a)?, a, b);
        "range_minus" => [ctx] |a: &RangeValue, b: &RangeValue| minus(ctx, a, b);
        "int4range_canonical" => [ctx] |a: &RangeValue| canonical(ctx, a);
        "int8range_canonical" => [ctx] |a: &RangeValue| canonical(ctx, a);
        "daterange_canonical" => [ctx] |a: &RangeValue| canonical(ctx, a);
        "int4range_subdiff" => |a: i32, b: i32| f64::from(a) - f64::from(b);
        "int8range_subdiff" => |a: i64, b: i64| a as f64 - b as f64;
        "numrange_subdiff" => |a: &Numeric, b: &Numeric| a.sub(b)?.to_f64();
    );
}
