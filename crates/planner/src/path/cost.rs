//! PostgreSQL's cost model (manual, "Planner Cost Constants"), for the parts that matter to our storage.

use super::{Path, RelNode};
use crate::settings::{DISABLE_COST, Settings};

/// Costs of one path: before the first row, and in all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub startup: f64,
    pub total: f64,
}

/// A sequential scan of `pages` and `tuples`, with `quals` operator evaluations a row.
pub(crate) fn seq_scan(settings: &Settings, pages: f64, tuples: f64, quals: usize) -> Cost {
    let per_tuple = settings.cpu_tuple_cost + settings.cpu_operator_cost * quals as f64;
    let mut total = settings.seq_page_cost * pages + per_tuple * tuples;
    if !settings.enable_seqscan {
        total += DISABLE_COST;
    }
    Cost { startup: if settings.enable_seqscan { 0.0 } else { DISABLE_COST }, total }
}

/// An index scan that reads `fetched` of `tuples` rows in `pages` pages, ordered by the index with `correlation`.
pub(crate) fn index_scan(
    settings: &Settings,
    pages: f64,
    tuples: f64,
    fetched: f64,
    quals: usize,
    correlation: f64,
    index_only: bool,
    ranges: f64,
) -> Cost {
    let descent = (tuples.max(2.0).log2().ceil() + 50.0 * 0.5) * settings.cpu_operator_cost * ranges.max(1.0);
    let index_pages = (fetched / 200.0).ceil().max(1.0);
    let index_io = index_pages * settings.random_page_cost.min(1.5) + ranges.max(1.0) * 0.25;
    let heap_io = if index_only {
        0.0
    } else {
        // Mackert and Lohman's estimate of distinct pages touched, between the random and the ordered case.
        let random_pages =
            (2.0 * pages * fetched / (2.0 * pages + fetched)).min(pages).max(1.0).min(fetched.max(1.0));
        let worst = random_pages * settings.random_page_cost;
        let best = (fetched / tuples.max(1.0) * pages).ceil().max(1.0) * settings.seq_page_cost;
        worst + correlation * correlation * (best - worst).min(0.0)
    };
    let cpu = fetched * (settings.cpu_index_tuple_cost + settings.cpu_tuple_cost)
        + fetched * quals as f64 * settings.cpu_operator_cost;
    let disabled = if settings.enable_indexscan { 0.0 } else { DISABLE_COST };
    Cost { startup: descent + disabled, total: descent + index_io + heap_io + cpu + disabled }
}

/// Sorting `rows` of `width` bytes; `limit` rows are wanted.
pub(crate) fn sort(settings: &Settings, input_total: f64, rows: f64, width: i32, limit: Option<f64>) -> Cost {
    let rows = rows.max(2.0);
    let comparison = 2.0 * settings.cpu_operator_cost;
    let bytes = rows * (f64::from(width) + 24.0);
    let memory = settings.work_mem * 1024.0;
    let kept = limit.filter(|limit| *limit < rows / 2.0);
    let mut startup = input_total;
    startup += match kept {
        Some(limit) => comparison * rows * (2.0 * limit.max(1.0)).log2().max(1.0),
        None => comparison * rows * rows.log2(),
    };
    if kept.is_none() && bytes > memory {
        startup +=
            2.0 * (bytes / 8192.0) * (settings.seq_page_cost * 0.75 + settings.random_page_cost * 0.25);
    }
    if !settings.enable_sort {
        startup += DISABLE_COST;
    }
    Cost { startup, total: startup + settings.cpu_operator_cost * rows }
}

/// Reading a materialized input again.
pub(crate) fn rescan(settings: &Settings, path: &Path) -> f64 {
    match path.kind {
        super::PathKind::Material(_) => settings.cpu_operator_cost * path.rows,
        _ => path.total,
    }
}

/// A nested loop.
pub(crate) fn nest_loop(
    settings: &Settings,
    outer: &Path,
    inner: &Path,
    pairs: f64,
    quals: usize,
    once: bool,
) -> Cost {
    let outer_rows = outer.rows.max(1.0);
    let first = inner.total;
    let again = rescan(settings, inner);
    // A semi join (or a unique inner side) stops at the first match: half of the inner side on average.
    let share = if once { 0.5 } else { 1.0 };
    let inner_runs = if inner.required.is_empty() { share } else { 1.0 };
    let mut total = outer.total
        + first
        + (outer_rows - 1.0) * (inner.startup.min(again) + (again - inner.startup.min(again)) * inner_runs);
    total += pairs * share * (settings.cpu_tuple_cost + settings.cpu_operator_cost * quals as f64);
    if !settings.enable_nestloop {
        total += DISABLE_COST;
    }
    Cost { startup: outer.startup + inner.startup, total }
}

/// A hash join.
pub(crate) fn hash_join(
    settings: &Settings,
    outer: &Path,
    inner: &Path,
    keys: usize,
    pairs: f64,
    quals: usize,
) -> Cost {
    let hash = settings.cpu_operator_cost * keys as f64;
    let build = inner.total + inner.rows * (hash + settings.cpu_tuple_cost);
    let mut startup = outer.startup + build;
    let mut total = outer.total + build + outer.rows * hash;
    // Each probe compares with the entries of its bucket.
    total += pairs.max(outer.rows * 0.5) * hash * 0.5
        + pairs * (settings.cpu_tuple_cost + settings.cpu_operator_cost * quals as f64);
    let bytes = inner.rows * (f64::from(inner.width) + 24.0);
    if bytes > settings.work_mem * settings.hash_mem_multiplier * 1024.0 {
        let pages = |path: &Path| path.rows * (f64::from(path.width) + 24.0) / 8192.0;
        startup += settings.seq_page_cost * pages(inner);
        total += settings.seq_page_cost * (2.0 * pages(inner) + 2.0 * pages(outer));
    }
    if !settings.enable_hashjoin {
        startup += DISABLE_COST;
        total += DISABLE_COST;
    }
    Cost { startup, total }
}

/// A merge join of sorted inputs.
pub(crate) fn merge_join(
    settings: &Settings,
    outer: (Cost, f64),
    inner: (Cost, f64),
    pairs: f64,
    quals: usize,
    keys: usize,
) -> Cost {
    let comparison = settings.cpu_operator_cost * keys as f64;
    let mut total = outer.0.total + inner.0.total + (outer.1 + inner.1) * comparison;
    total += pairs * (settings.cpu_tuple_cost + settings.cpu_operator_cost * quals as f64);
    let mut startup = outer.0.startup + inner.0.startup;
    if !settings.enable_mergejoin {
        startup += DISABLE_COST;
        total += DISABLE_COST;
    }
    Cost { startup, total }
}

/// Materializing a path's rows.
pub(crate) fn material(settings: &Settings, path: &Path) -> Cost {
    let mut total = path.total + 2.0 * settings.cpu_operator_cost * path.rows;
    let bytes = path.rows * (f64::from(path.width) + 24.0);
    if bytes > settings.work_mem * 1024.0 {
        total += settings.seq_page_cost * bytes / 8192.0;
    }
    Cost { startup: path.startup, total }
}

/// Rows of a node, at least one for cost purposes.
pub(crate) fn clamp_rows(rows: f64) -> f64 {
    if rows.is_nan() || rows <= 1.0 { 1.0 } else { rows.min(1e100).round() }
}

/// The path of a node that is cheapest for a fraction of its rows.
pub(crate) fn cheapest_fractional(node: &RelNode, fraction: f64) -> Option<&std::rc::Rc<Path>> {
    let fraction = if fraction <= 0.0 {
        1.0
    } else if fraction >= 1.0 {
        (fraction / node.rows.max(1.0)).min(1.0)
    } else {
        fraction
    };
    let cost = |path: &Path| path.startup + fraction * (path.total - path.startup);
    node.paths.iter().filter(|path| path.required.is_empty()).min_by(|a, b| cost(a).total_cmp(&cost(b)))
}
