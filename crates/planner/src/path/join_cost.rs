//! Costs of joins, after PostgreSQL's model.

use super::cost::{self, Cost, QualCost, clamp_rows};
use super::{Path, PathKind};
use crate::settings::Settings;
use pglitedb_query_tree::JoinType;

/// How many rows of the outer side find a partner, for joins that stop at the first one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MatchFactors {
    /// Share of the outer rows that have a match.
    pub share: f64,
    /// Matches of one that has.
    pub count: f64,
}

/// What all joins of one pair of inputs have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JoinWork {
    pub join: JoinType,
    /// At most one inner row matches.
    pub unique: bool,
    pub factors: MatchFactors,
    /// Rows the join gives.
    pub rows: f64,
}

impl JoinWork {
    fn stops_early(&self) -> bool {
        self.unique || matches!(self.join, JoinType::Semi | JoinType::Anti)
    }

    /// Outer rows with and without a match, and the share of the inner side that is looked at for one with.
    fn matching(&self, outer_rows: f64) -> (f64, f64, f64) {
        let matched = (outer_rows * self.factors.share).round();
        (matched, outer_rows - matched, 2.0 / (self.factors.count + 1.0))
    }
}

/// A nested loop. `indexed`: the inner scan applies all join conditions itself.
pub(crate) fn nest_loop(
    settings: &Settings,
    work: &JoinWork,
    outer: &Path,
    inner: &Path,
    quals: QualCost,
    indexed: bool,
) -> Cost {
    let outer_rows = outer.rows.max(1.0);
    let inner_rows = inner.rows.max(1.0);
    let again = cost::rescan(settings, inner);
    let mut startup = outer.startup + inner.startup;
    let mut run = outer.total - outer.startup + (outer_rows - 1.0) * again.startup;
    let inner_run = inner.total - inner.startup;
    let again_run = again.total - again.startup;
    let pairs = if work.stops_early() {
        let (matched, unmatched, share) = work.matching(outer_rows);
        let mut looked_at = matched * inner_rows * share;
        if indexed {
            run += inner_run * share;
            run += (matched - 1.0).max(0.0) * again_run * share;
            run += unmatched * again_run / inner_rows;
        } else {
            looked_at += unmatched * inner_rows;
            run += inner_run;
            let (matched, unmatched) =
                if unmatched >= 1.0 { (matched, unmatched - 1.0) } else { (matched - 1.0, unmatched) };
            run += matched.max(0.0) * again_run * share + unmatched.max(0.0) * again_run;
        }
        looked_at
    } else {
        run += inner_run + (outer_rows - 1.0) * again_run;
        outer_rows * inner_rows
    };
    startup += quals.startup;
    run += (settings.cpu_tuple_cost + quals.per_tuple) * pairs;
    Cost { startup, total: startup + run }
}

/// A hash join that hashes `inner`. `bucket` is the share of the inner rows in the bucket of an average key; `hash_quals`
/// the cost of comparing the keys, `rest` that of the other conditions.
pub(crate) fn hash_join(
    settings: &Settings,
    work: &JoinWork,
    outer: &Path,
    inner: &Path,
    keys: usize,
    bucket: f64,
    matches: f64,
    (hash_quals, rest): (QualCost, QualCost),
) -> Cost {
    let hash = settings.cpu_operator_cost * keys as f64;
    let mut startup = outer.startup + inner.total + (hash + settings.cpu_tuple_cost) * inner.rows;
    let mut run = outer.total - outer.startup + hash * outer.rows;
    if cost::spills(settings, inner) {
        let pages = |path: &Path| (cost::row_bytes(path.rows, path.width) / 8192.0).ceil();
        startup += settings.seq_page_cost * pages(inner);
        run += settings.seq_page_cost * (pages(inner) + 2.0 * pages(outer));
    }
    startup += hash_quals.startup + rest.startup;
    let joined = if work.stops_early() {
        let (matched, unmatched, share) = work.matching(outer.rows);
        run += hash_quals.per_tuple * matched * clamp_rows(inner.rows * bucket * share) * 0.5;
        run += hash_quals.per_tuple * unmatched * clamp_rows(inner.rows / buckets(inner.rows)) * 0.05;
        if work.join == JoinType::Anti { unmatched } else { matched }
    } else {
        run += hash_quals.per_tuple * outer.rows * clamp_rows(inner.rows * bucket) * 0.5;
        matches
    };
    run += (settings.cpu_tuple_cost + rest.per_tuple) * joined;
    Cost { startup, total: startup + run }
}

/// Buckets of a hash table for so many rows.
pub(crate) fn buckets(rows: f64) -> f64 {
    let mut buckets = 1024.0;
    while buckets < rows && buckets < 1e9 {
        buckets *= 2.0;
    }
    buckets
}

/// A sorted input of a merge join.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MergeInput {
    pub cost: Cost,
    pub rows: f64,
    pub width: i32,
    /// Share of the rows before the first that can match, and up to the last that can.
    pub range: (f64, f64),
    pub sorted_here: bool,
}

/// A merge join. `matches` rows have equal keys.
pub(crate) fn merge_join(
    settings: &Settings,
    work: &JoinWork,
    outer: MergeInput,
    inner: MergeInput,
    matches: f64,
    (merge_quals, rest): (QualCost, QualCost),
) -> (Cost, bool) {
    let part = |input: &MergeInput| {
        let run = input.cost.total - input.cost.startup;
        (input.cost.startup + run * input.range.0, run * (input.range.1 - input.range.0))
    };
    let (outer_start, outer_run) = part(&outer);
    let (inner_start, inner_run) = part(&inner);
    let mut startup = outer_start + inner_start + merge_quals.startup + rest.startup;
    let mut run = outer_run;
    let rescanned = (matches - inner.rows).max(0.0);
    let skips_marks = work.unique && matches!(work.join, JoinType::Inner | JoinType::Left)
        || matches!(work.join, JoinType::Semi | JoinType::Anti);
    let rescanned = if skips_marks { 0.0 } else { rescanned };
    let ratio = 1.0 + rescanned / inner.rows.max(1.0);
    let bare = inner_run * ratio;
    let materialized = inner_run + settings.cpu_operator_cost * inner.rows * ratio;
    let bytes = cost::row_bytes(inner.rows, inner.width);
    let material = if skips_marks {
        false
    } else if settings.enable_material && materialized < bare {
        true
    } else {
        inner.sorted_here && bytes > settings.work_mem * 1024.0
    };
    run += if material { materialized } else { bare };
    let rows =
        |input: &MergeInput| (clamp_rows(input.rows * input.range.1), (input.rows * input.range.0).round());
    let ((outer_end, outer_skip), (inner_end, inner_skip)) = (rows(&outer), rows(&inner));
    startup += merge_quals.per_tuple * (outer_skip + inner_skip * ratio);
    run += merge_quals.per_tuple * ((outer_end - outer_skip) + (inner_end - inner_skip) * ratio);
    run += (settings.cpu_tuple_cost + rest.per_tuple) * matches;
    (Cost { startup, total: startup + run }, material)
}

/// Costs of caching the inner side of a nested loop by its parameters: at the first call, and on average later.
pub(crate) fn memoize(
    settings: &Settings,
    input: &Path,
    calls: f64,
    distinct: f64,
    key_width: i32,
) -> (Cost, Cost) {
    let first = Cost {
        startup: input.startup + settings.cpu_tuple_cost,
        total: input.total + settings.cpu_tuple_cost,
    };
    let entry = cost::row_bytes(input.rows, input.width) + 80.0 + 24.0 * input.rows + f64::from(key_width);
    let fits = (settings.work_mem * settings.hash_mem_multiplier * 1024.0 / entry).floor();
    let distinct = distinct.clamp(1.0, calls.max(1.0));
    let evicted = 1.0 - fits.min(distinct) / distinct;
    let hits = ((calls - distinct) / calls * (fits / distinct.max(fits))).clamp(0.0, 1.0);
    let mut total = input.total * (1.0 - hits) + settings.cpu_operator_cost;
    total += settings.cpu_tuple_cost * evicted + settings.cpu_operator_cost * evicted * input.rows;
    let startup = input.startup * (1.0 - hits) + settings.cpu_tuple_cost;
    total += settings.cpu_tuple_cost;
    (first, Cost { startup, total })
}

/// Does an inner path keep its rows anyway, so that materializing it would bring nothing?
pub(crate) fn keeps_rows(path: &Path) -> bool {
    matches!(path.kind, PathKind::Material(_) | PathKind::Memoize { .. })
}
