//! Ordered-set aggregates (`percentile_cont`, `percentile_disc`, `mode`) and hypothetical-set aggregates (`rank` and
//! the like, `WITHIN GROUP`). The transition functions keep the rows, the final ones sort them by
//! [`CallInfo::sort`](crate::CallInfo::sort).

use super::collect::result_element;
use super::{finished, state};
use crate::call::{AggState, FnCtx, SortKey};
use crate::{Builtin, Registry};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{ArrayValue, Comparator, Datum, Interval, datetime};
use std::cmp::Ordering;
use std::sync::Arc;

/// The rows, and whether they are sorted.
#[derive(Default)]
struct Rows {
    rows: Vec<Datum>,
    sorted: bool,
}

fn transition(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    let rows: &mut Rows = state(agg)?;
    rows.rows.extend(args.first().filter(|value| !value.is_null()).cloned());
    rows.sorted = false;
    Ok(())
}

fn compare_nullable(a: &Datum, b: &Datum, key: SortKey) -> Ordering {
    let nulls = |ordering: Ordering| if key.nulls_first { ordering.reverse() } else { ordering };
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => nulls(Ordering::Greater),
        (false, true) => nulls(Ordering::Less),
        (false, false) => {
            let ordering = Comparator::plain().compare(a, b);
            if key.descending { ordering.reverse() } else { ordering }
        }
    }
}

/// The non-null values in order.
fn sorted<'a>(ctx: &FnCtx<'_>, agg: &'a mut AggState) -> Result<&'a [Datum]> {
    let Some(rows) = finished::<Rows>(agg)? else { return Ok(&[]) };
    if !rows.sorted {
        let key = ctx.info.sort.first().copied().unwrap_or_default();
        rows.rows.sort_by(|a, b| compare_nullable(a, b, key));
        rows.sorted = true;
    }
    Ok(&rows.rows)
}

fn check(percentile: f64) -> Result<f64> {
    if !(0.0..=1.0).contains(&percentile) {
        bail!(NUMERIC_VALUE_OUT_OF_RANGE, "percentile value {percentile} is not between 0 and 1");
    }
    Ok(percentile)
}

fn discrete(values: &[Datum], percentile: f64) -> Result<Datum> {
    let row = (check(percentile)? * values.len() as f64).ceil() as usize;
    Ok(values.get(row.saturating_sub(1)).cloned().unwrap_or_default())
}

fn lerp_interval(low: Interval, high: Interval, part: f64) -> Result<Interval> {
    let step = datetime::interval_mul(datetime::interval_sub(high, low)?, part)?;
    datetime::interval_add(step, low)
}

fn continuous(values: &[Datum], percentile: f64) -> Result<Datum> {
    let percentile = check(percentile)?;
    let Some(last) = values.len().checked_sub(1) else { return Ok(Datum::Null) };
    let at = percentile * last as f64;
    let (first, second) = (at.floor() as usize, at.ceil() as usize);
    let part = at - first as f64;
    Ok(match (&values[first.min(last)], &values[second.min(last)]) {
        (low, _) if first == second => low.clone(),
        (Datum::Float8(low), Datum::Float8(high)) => Datum::Float8(low + part * (high - low)),
        (Datum::Interval(low), Datum::Interval(high)) => Datum::Interval(lerp_interval(*low, *high, part)?),
        (low, _) => low.clone(),
    })
}

type Pick = fn(&[Datum], f64) -> Result<Datum>;

fn single(ctx: &FnCtx<'_>, agg: &mut AggState, args: &[Datum], pick: Pick) -> Result<Datum> {
    let Some(Datum::Float8(percentile)) = args.first() else { return Ok(Datum::Null) };
    check(*percentile)?;
    pick(sorted(ctx, agg)?, *percentile)
}

fn multiple(ctx: &FnCtx<'_>, agg: &mut AggState, args: &[Datum], pick: Pick) -> Result<Datum> {
    let Some(Datum::Array(percentiles)) = args.first() else { return Ok(Datum::Null) };
    let values = sorted(ctx, agg)?;
    if values.is_empty() {
        return Ok(Datum::Null);
    }
    let picked: Result<Vec<Datum>> = percentiles
        .values
        .iter()
        .map(|percentile| match percentile {
            Datum::Float8(percentile) => pick(values, *percentile),
            _ => Ok(Datum::Null),
        })
        .collect();
    let array =
        ArrayValue { elem_type: result_element(ctx)?, dims: percentiles.dims.clone(), values: picked? };
    Ok(Datum::Array(Arc::new(array)))
}

fn mode(ctx: &FnCtx<'_>, agg: &mut AggState, _: &[Datum]) -> Result<Datum> {
    let values = sorted(ctx, agg)?;
    let equal = |a: &Datum, b: &Datum| Comparator::plain().equal(a, b);
    let mut best: Option<&[Datum]> = None;
    for run in values.chunk_by(equal) {
        if best.is_none_or(|best| run.len() > best.len()) {
            best = Some(run);
        }
    }
    Ok(best.and_then(|run| run.first()).cloned().unwrap_or_default())
}

/// Whole rows, NULLs too.
#[derive(Default)]
struct WholeRows(Vec<Box<[Datum]>>);

fn transition_multi(_: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<()> {
    state::<WholeRows>(agg)?.0.push(args.into());
    Ok(())
}

fn compare_rows(a: &[Datum], b: &[Datum], sort: &[SortKey]) -> Ordering {
    a.iter()
        .zip(b)
        .enumerate()
        .map(|(at, (a, b))| compare_nullable(a, b, sort.get(at).copied().unwrap_or_default()))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Where the hypothetical row would be: rows before it, its peers, distinct rows before it, all rows.
struct Place {
    before: i64,
    peers: i64,
    distinct_before: i64,
    all: i64,
}

fn place(ctx: &FnCtx<'_>, agg: &mut AggState, args: &[Datum]) -> Result<Place> {
    let Some(rows) = finished::<WholeRows>(agg)? else {
        return Ok(Place { before: 0, peers: 0, distinct_before: 0, all: 0 });
    };
    let sort = &ctx.info.sort;
    let width = rows.0.first().map_or(0, |row| row.len());
    let args = args.get(..width).unwrap_or(args);
    let mut lower: Vec<&[Datum]> = Vec::new();
    let mut peers = 0;
    for row in &rows.0 {
        match compare_rows(row, args, sort) {
            Ordering::Less => lower.push(row),
            Ordering::Equal => peers += 1,
            Ordering::Greater => {}
        }
    }
    lower.sort_by(|a, b| compare_rows(a, b, sort));
    let distinct_before = lower.chunk_by(|a, b| compare_rows(a, b, sort).is_eq()).count() as i64;
    Ok(Place { before: lower.len() as i64, peers, distinct_before, all: rows.0.len() as i64 })
}

pub(crate) fn register(reg: &mut Registry) {
    reg.add("ordered_set_transition", Builtin::Trans(transition));
    reg.add("ordered_set_transition_multi", Builtin::Trans(transition_multi));
    reg.add("percentile_disc_final", Builtin::Final(|ctx, agg, args| single(ctx, agg, args, discrete)));
    reg.add(
        "percentile_disc_multi_final",
        Builtin::Final(|ctx, agg, args| multiple(ctx, agg, args, discrete)),
    );
    for name in ["percentile_cont_float8_final", "percentile_cont_interval_final"] {
        reg.add(name, Builtin::Final(|ctx, agg, args| single(ctx, agg, args, continuous)));
    }
    for name in ["percentile_cont_float8_multi_final", "percentile_cont_interval_multi_final"] {
        reg.add(name, Builtin::Final(|ctx, agg, args| multiple(ctx, agg, args, continuous)));
    }
    reg.add("mode_final", Builtin::Final(mode));
    reg.add(
        "hypothetical_rank_final",
        Builtin::Final(|ctx, agg, args| Ok((place(ctx, agg, args)?.before + 1).into())),
    );
    reg.add(
        "hypothetical_dense_rank_final",
        Builtin::Final(|ctx, agg, args| Ok((place(ctx, agg, args)?.distinct_before + 1).into())),
    );
    reg.add(
        "hypothetical_percent_rank_final",
        Builtin::Final(|ctx, agg, args| {
            let place = place(ctx, agg, args)?;
            Ok(Datum::Float8(if place.all == 0 { 0.0 } else { place.before as f64 / place.all as f64 }))
        }),
    );
    reg.add(
        "hypothetical_cume_dist_final",
        Builtin::Final(|ctx, agg, args| {
            let place = place(ctx, agg, args)?;
            Ok(Datum::Float8((place.before + place.peers + 1) as f64 / (place.all + 1) as f64))
        }),
    );
}
