//! What a sample says about a column: share of NULLs, width, number of distinct values, most common values, histogram,
//! correlation with the order of the table.

use super::sample::{Sample, stored_width};
use crate::context::StatementCtx;
use pglitedb_catalog::{Column, ColumnStats};
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Comparator, Datum, TypeEnv};

/// Values wider than this are neither kept nor compared.
const WIDTH_MAX: usize = 1024;

/// A run of equal values in the sorted sample.
struct Run {
    first: usize,
    count: usize,
}

/// Statistics of a column; `None` if the table is empty.
pub(super) fn of_column(
    column: &Column,
    at: usize,
    sample: &Sample,
    target: usize,
    ctx: &StatementCtx<'_>,
) -> Result<Option<ColumnStats>> {
    let env = ctx.env();
    let rows = sample.rows.len();
    if rows == 0 {
        return Ok(None);
    }
    let info = TypeEnv::type_info(env, column.type_oid)?;
    let mut buffer = Vec::new();
    // Values with their place in the sample.
    let mut values: Vec<(Datum, usize)> = Vec::new();
    let (mut nulls, mut wide) = (0_usize, 0_usize);
    for (place, row) in sample.rows.iter().enumerate() {
        match row.get(at) {
            None | Some(Datum::Null) => nulls += 1,
            Some(value) => {
                if info.len < 0 && stored_width(value, &mut buffer) > WIDTH_MAX {
                    wide += 1;
                } else {
                    values.push((value.clone(), place));
                }
            }
        }
    }
    let null_frac = nulls as f64 / rows as f64;
    let avg_width = sample.widths.get(at).copied().unwrap_or(0.0).round() as i32;
    let mut stats = ColumnStats { null_frac, avg_width, ..ColumnStats::default() };
    if nulls == rows {
        stats.n_distinct = 0.0;
        return Ok(Some(stats));
    }
    let Ok(comparator) = Comparator::new(column.type_oid, column.collation, env.as_type_env()) else {
        stats.n_distinct = 0.0;
        return Ok(Some(stats));
    };
    values.sort_by(|a, b| comparator.compare(&a.0, &b.0).then(a.1.cmp(&b.1)));
    env.check_interrupts()?;
    let runs = runs(&values, &comparator);
    stats.n_distinct = distinct(&runs, values.len(), wide, null_frac, sample.total);
    let common = most_common(&runs, values.len(), rows, wide, target, &stats, sample.total);
    stats.most_common = common
        .iter()
        .filter_map(|run| {
            let run = runs.get(*run)?;
            Some((values.get(run.first)?.0.clone(), run.count as f64 / rows as f64))
        })
        .collect();
    stats.histogram = histogram(&values, &runs, &common, target);
    stats.correlation = correlation(&values);
    Ok(Some(stats))
}

fn runs(values: &[(Datum, usize)], comparator: &Comparator) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (at, (value, _)) in values.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if comparator.equal(&values[run.first].0, value) => run.count += 1,
            _ => runs.push(Run { first: at, count: 1 }),
        }
    }
    runs
}

/// Number of distinct values in the table (negative: as a share of its rows), by the estimator of Haas and Stokes.
fn distinct(runs: &[Run], count: usize, wide: usize, null_frac: f64, total: f64) -> f64 {
    let found = runs.len();
    let once = runs.iter().filter(|run| run.count == 1).count() + wide;
    if once == found + wide {
        return -(1.0 - null_frac);
    }
    let estimate = if once == 0 {
        found as f64
    } else {
        let n = (count + wide) as f64;
        let table = total * (1.0 - null_frac);
        let (once, found) = (once as f64, (found + wide) as f64);
        let denominator = (n - once) + once * n / table.max(1.0);
        let estimate = if denominator > 0.0 { n * found / denominator } else { 0.0 };
        (estimate.clamp(found, table.max(found)) + 0.5).floor()
    };
    if estimate > 0.1 * total { -(estimate / total) } else { estimate }
}

/// Runs that are listed as most common values, the most common first.
fn most_common(
    runs: &[Run],
    count: usize,
    rows: usize,
    wide: usize,
    target: usize,
    stats: &ColumnStats,
    total: f64,
) -> Vec<usize> {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by(|a, b| runs[*b].count.cmp(&runs[*a].count).then(a.cmp(b)));
    let repeated = runs.iter().filter(|run| run.count > 1).count();
    // If every value was seen several times, and they are few, the list is all there is.
    if repeated == runs.len() && wide == 0 && stats.n_distinct > 0.0 && runs.len() <= target {
        return order;
    }
    order.retain(|run| runs[*run].count > 1);
    order.truncate(target);
    if rows as f64 >= total {
        return order;
    }
    // Values at the end of the list must be clearly more frequent than those that are not in it.
    let distinct = if stats.n_distinct < 0.0 { -stats.n_distinct * total } else { stats.n_distinct };
    let (n, table) = (rows as f64, total);
    let mut listed: f64 = order.iter().map(|run| runs[*run].count as f64).sum();
    while let Some(last) = order.last() {
        let own = runs[*last].count as f64;
        let others = (distinct - order.len() as f64).max(1.0);
        let rest = (count as f64 - listed).max(0.0) / n;
        let average = rest / others;
        let in_table = table * own / n;
        let variance =
            n * in_table * (table - in_table) * (table - n) / (table * table * (table - 1.0).max(1.0));
        if own > average * n + 2.0 * variance.max(0.0).sqrt() + 0.5 {
            break;
        }
        listed -= own;
        order.pop();
    }
    order
}

/// Bounds of equally full buckets of what is not among the most common values.
fn histogram(values: &[(Datum, usize)], runs: &[Run], common: &[usize], target: usize) -> Vec<Datum> {
    let left = runs.len().saturating_sub(common.len());
    if left < 2 {
        return Vec::new();
    }
    let mut listed = vec![false; runs.len()];
    common.iter().for_each(|run| listed[*run] = true);
    let mut kept: Vec<&Datum> = Vec::with_capacity(values.len());
    for (run, listed) in runs.iter().zip(listed) {
        if !listed {
            kept.extend(values[run.first..run.first + run.count].iter().map(|(value, _)| value));
        }
    }
    let bounds = left.min(target + 1);
    (0..bounds).map(|bound| kept[bound * (kept.len() - 1) / (bounds - 1)].clone()).collect()
}

/// How well the order of the values agrees with the order of the rows, from -1 to 1.
fn correlation(values: &[(Datum, usize)]) -> f64 {
    if values.len() < 2 {
        return 1.0;
    }
    let n = values.len() as f64;
    let (mut sx, mut sy, mut sxx, mut syy, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (rank, (_, place)) in values.iter().enumerate() {
        let (x, y) = (rank as f64, *place as f64);
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
    }
    let denominator = ((n * sxx - sx * sx) * (n * syy - sy * sy)).sqrt();
    if denominator > 0.0 { (n * sxy - sx * sy) / denominator } else { 1.0 }
}
