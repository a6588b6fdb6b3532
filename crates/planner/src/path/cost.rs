//! PostgreSQL's cost model (manual, "Planner Cost Constants"): scans and sorts. Joins are in `join_cost`.

use super::{Path, PathKind, RelNode};
use crate::planner::Planner;
use crate::settings::Settings;
use pglitedb_query_tree::{Expr, SubLinkKind};
use pglitedb_types::{Datum, Oid};

/// Costs of one path: before the first row, and in all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub startup: f64,
    pub total: f64,
}

/// Cost of evaluating expressions: once, and for each row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QualCost {
    pub startup: f64,
    pub per_tuple: f64,
}

/// The cost of evaluating some expressions.
pub(crate) fn eval<'e>(planner: &Planner<'_>, exprs: impl IntoIterator<Item = &'e Expr>) -> QualCost {
    let mut cost = QualCost::default();
    for expr in exprs {
        add_expr(planner, expr, &mut cost);
    }
    cost
}

fn add_expr(planner: &Planner<'_>, expr: &Expr, cost: &mut QualCost) {
    let settings = planner.settings();
    let func = |oid: Oid| {
        let price = planner.catalog().proc(oid).ok().flatten().map_or(1.0, |proc| f64::from(proc.cost));
        price * settings.cpu_operator_cost
    };
    match expr {
        Expr::Var(_) | Expr::Const(_) | Expr::Param(_) => return,
        Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => cost.per_tuple += func(op.func),
        Expr::Func(call) => cost.per_tuple += func(call.func),
        Expr::ScalarArray(op) => {
            // A test that can stop at the first hit looks at half of the array.
            cost.per_tuple += func(op.func) * array_length(&op.array) * 0.5;
        }
        Expr::CoerceViaIo { .. } => cost.per_tuple += 2.0 * settings.cpu_operator_cost,
        Expr::ArrayCoerce { .. }
        | Expr::MinMax { .. }
        | Expr::SqlValue { .. }
        | Expr::CoerceToDomain { .. } => {
            cost.per_tuple += settings.cpu_operator_cost;
        }
        Expr::RowCompare(compare) => {
            cost.per_tuple += settings.cpu_operator_cost * compare.left.len() as f64;
        }
        Expr::Agg(_) | Expr::Window(_) => return,
        Expr::SubPlan(sub) => {
            if let Some(plan) = planner.subplans.get(sub.plan) {
                let run = plan.total_cost - plan.startup_cost;
                if sub.use_hash_table {
                    cost.startup += plan.total_cost + settings.cpu_operator_cost * plan.rows;
                } else {
                    let share = match sub.kind {
                        SubLinkKind::Exists => run / clamp_rows(plan.rows),
                        SubLinkKind::Any | SubLinkKind::All => {
                            0.5 * run + 0.5 * plan.rows * settings.cpu_operator_cost
                        }
                        _ => run,
                    };
                    cost.per_tuple += plan.startup_cost + share;
                }
            }
            sub.args.iter().for_each(|arg| add_expr(planner, arg, cost));
            return;
        }
        _ => {}
    }
    expr.for_each_child(&mut |child| add_expr(planner, child, cost));
}

/// How many elements an array has, as far as one can see.
pub(crate) fn array_length(array: &Expr) -> f64 {
    match array {
        Expr::Const(constant) => match &constant.value {
            Datum::Array(array) => array.values.len() as f64,
            _ => 0.0,
        },
        Expr::Array { elements, multidims: false, .. } => elements.len() as f64,
        Expr::Relabel { arg, .. } | Expr::ArrayCoerce { arg, .. } => array_length(arg),
        _ => 10.0,
    }
}

/// A sequential scan of `pages` and `tuples`.
pub(crate) fn seq_scan(settings: &Settings, pages: f64, tuples: f64, quals: QualCost) -> Cost {
    let per_tuple = settings.cpu_tuple_cost + quals.per_tuple;
    Cost {
        startup: quals.startup,
        total: quals.startup + settings.seq_page_cost * pages + per_tuple * tuples,
    }
}

/// What an index scan does.
pub(crate) struct IndexScanWork {
    /// Pages and rows of the table.
    pub pages: f64,
    pub tuples: f64,
    /// Pages and levels above the leaves of the index.
    pub index_pages: f64,
    pub height: f64,
    /// Share of the entries within the bounds on the leading keys.
    pub bounds_share: f64,
    /// The bounds name at most one entry.
    pub point: bool,
    /// That entry is looked up once, with values that are known when the scan starts.
    pub once: bool,
    /// Share of the rows that satisfy all index conditions.
    pub share: f64,
    /// Conditions.
    pub conds: usize,
    /// Descents: one for each element of `= ANY (array)`.
    pub descents: f64,
    /// How well the index's order agrees with the table's.
    pub correlation: f64,
    pub index_only: bool,
    /// How often it is done, as the inner side of a nested loop.
    pub loops: f64,
    /// Conditions evaluated on the rows.
    pub quals: QualCost,
}

/// Cost of the index part: (startup, total).
fn index_part(settings: &Settings, work: &IndexScanWork) -> Cost {
    let mut entries = if work.point { 1.0 } else { work.bounds_share * work.tuples };
    let descents = work.descents.min((work.index_pages * 0.333_333_3).ceil()).max(1.0);
    entries = (entries / descents).round().clamp(1.0, work.tuples.max(1.0));
    let pages = if work.index_pages > 1.0 && work.tuples > 1.0 {
        (entries * work.index_pages / work.tuples).ceil()
    } else {
        1.0
    };
    let scans = descents * work.loops;
    let mut total = if scans > 1.0 {
        pages_fetched(settings, pages * scans, work.index_pages, work.index_pages) * settings.random_page_cost
            / work.loops
    } else {
        pages * settings.random_page_cost
    };
    let per_entry = settings.cpu_index_tuple_cost + settings.cpu_operator_cost * work.conds as f64;
    total += entries * descents * per_entry;
    let mut startup = 0.0;
    if work.tuples > 1.0 {
        let compare = work.tuples.log2().ceil() * settings.cpu_operator_cost;
        startup += compare;
        total += descents * compare;
    }
    let descend = (work.height + 1.0) * 50.0 * settings.cpu_operator_cost;
    Cost { startup: startup + descend, total: total + descents * descend }
}

/// A look-up of one row by its key takes as long as a sequential scan of this many rows (measured in memory).
const LOOK_UP_ROWS: f64 = 6.0;

/// An index scan.
///
/// Looking one key up visits a page of the index and one of the table. PostgreSQL charges for both as if they came from
/// a disk, so it reads a table of a few pages in sequence, however many rows that means. Tables that small are in memory here, and rows
/// are what costs: a look-up is charged no more than the reading of all pages and of [`LOOK_UP_ROWS`] rows.
pub(crate) fn index_scan(settings: &Settings, work: &IndexScanWork) -> Cost {
    let mut cost = priced_index_scan(settings, work);
    if work.point && work.once {
        let per_row = settings.cpu_tuple_cost + settings.cpu_operator_cost + work.quals.per_tuple;
        let most = settings.seq_page_cost * work.pages.max(1.0) + LOOK_UP_ROWS * per_row;
        cost.total = cost.total.min(work.quals.startup + most);
    }
    cost
}

fn priced_index_scan(settings: &Settings, work: &IndexScanWork) -> Cost {
    let index = index_part(settings, work);
    let fetched = clamp_rows(work.share * work.tuples);
    let (worst, best) = if work.index_only {
        (0.0, 0.0)
    } else if work.loops > 1.0 {
        let random = |tuples: f64| {
            pages_fetched(settings, tuples * work.loops, work.pages, work.index_pages)
                * settings.random_page_cost
                / work.loops
        };
        (random(fetched), random((work.share * work.pages).ceil()))
    } else {
        let worst =
            pages_fetched(settings, fetched, work.pages, work.index_pages) * settings.random_page_cost;
        let pages = (work.share * work.pages).ceil();
        let best = if pages > 0.0 {
            settings.random_page_cost + (pages - 1.0) * settings.seq_page_cost
        } else {
            0.0
        };
        (worst, best)
    };
    let io = worst + work.correlation * work.correlation * (best - worst);
    let cpu = (settings.cpu_tuple_cost + work.quals.per_tuple) * fetched;
    let startup = index.startup + work.quals.startup;
    Cost { startup, total: index.total + work.quals.startup + io + cpu }
}

/// Cost of reading an index into a bitmap.
pub(crate) fn bitmap_index(settings: &Settings, work: &IndexScanWork) -> f64 {
    let rows = clamp_rows(work.share * work.tuples);
    index_part(settings, work).total + 0.1 * settings.cpu_operator_cost * rows
}

/// Reading the rows that a bitmap names.
pub(crate) fn bitmap_heap(
    settings: &Settings,
    (pages, tuples): (f64, f64),
    (bitmap_cost, share): (f64, f64),
    loops: f64,
    quals: QualCost,
) -> Cost {
    let fetched = clamp_rows(share * tuples);
    let all = pages.max(1.0);
    let mut touched = if loops > 1.0 {
        pages_fetched(settings, fetched * loops, pages, 0.0) / loops
    } else {
        2.0 * all * fetched / (2.0 * all + fetched)
    };
    touched = if touched >= all { all } else { touched.ceil() };
    let per_page = if touched >= 2.0 {
        settings.random_page_cost
            - (settings.random_page_cost - settings.seq_page_cost) * (touched / all).sqrt()
    } else {
        settings.random_page_cost
    };
    let startup = bitmap_cost + quals.startup;
    let run = touched * per_page + (settings.cpu_tuple_cost + quals.per_tuple) * fetched;
    Cost { startup, total: startup + run }
}

/// Mackert and Lohman's estimate of the distinct pages that `tuples` random fetches touch, given the cache.
fn pages_fetched(settings: &Settings, tuples: f64, pages: f64, index_pages: f64) -> f64 {
    let all = pages.max(1.0);
    let total = (all + index_pages).max(1.0);
    let cache = (settings.effective_cache_size * all / total).max(1.0).ceil();
    if all <= cache {
        let touched = 2.0 * all * tuples / (2.0 * all + tuples);
        return if touched >= all { all } else { touched.ceil() };
    }
    let limit = 2.0 * all * cache / (2.0 * all - cache);
    let touched = if tuples <= limit {
        2.0 * all * tuples / (2.0 * all + tuples)
    } else {
        cache + (tuples - limit) * (all - cache) / all
    };
    touched.ceil()
}

/// Bytes that rows take in memory.
pub(crate) fn row_bytes(rows: f64, width: i32) -> f64 {
    rows * ((f64::from(width.max(0)) / 8.0).ceil() * 8.0 + 24.0)
}

/// Sorting `rows` of `width` bytes; `limit` rows are wanted.
pub(crate) fn sort(settings: &Settings, input_total: f64, rows: f64, width: i32, limit: Option<f64>) -> Cost {
    let rows = rows.max(2.0);
    let comparison = 2.0 * settings.cpu_operator_cost;
    let memory = settings.work_mem * 1024.0;
    let bytes = row_bytes(rows, width);
    let (wanted, wanted_bytes) = match limit {
        Some(limit) if limit > 0.0 && limit < rows => (limit, row_bytes(limit, width)),
        _ => (rows, bytes),
    };
    let mut startup = input_total;
    if wanted_bytes > memory {
        let pages = (bytes / 8192.0).ceil();
        let runs = bytes / memory;
        let order = (settings.work_mem * 1024.0 / (8192.0 * 33.0)).clamp(6.0, 500.0);
        let passes = if runs > order { (runs.ln() / order.ln()).ceil() } else { 1.0 };
        startup += comparison * rows * rows.log2();
        startup += 2.0 * pages * passes * (settings.seq_page_cost * 0.75 + settings.random_page_cost * 0.25);
    } else if rows > 2.0 * wanted || bytes > memory {
        startup += comparison * rows * (2.0 * wanted).log2();
    } else {
        startup += comparison * rows * rows.log2();
    }
    Cost { startup, total: startup + settings.cpu_operator_cost * rows }
}

/// Sorting an input that is ordered by some leading keys already, which make `groups` groups.
pub(crate) fn incremental_sort(
    settings: &Settings,
    input: Cost,
    (rows, groups): (f64, f64),
    width: i32,
    limit: Option<f64>,
) -> Cost {
    let rows = rows.max(2.0);
    let groups = groups.clamp(1.0, rows);
    let group_rows = rows / groups;
    let group_input = (input.total - input.startup) / groups;
    let group = sort(settings, 0.0, group_rows, width, limit);
    let startup = group.startup + input.startup + group_input;
    let run = (group.total - group.startup)
        + (group.startup + (group.total - group.startup) + group_input) * (groups - 1.0)
        + (settings.cpu_tuple_cost + 2.0 * settings.cpu_operator_cost) * rows
        + 2.0 * settings.cpu_tuple_cost * groups;
    Cost { startup, total: startup + run }
}

/// Reading a path again with the same parameters.
pub(crate) fn rescan(settings: &Settings, path: &Path) -> Cost {
    match &path.kind {
        PathKind::Material(_) => {
            let mut total = settings.cpu_operator_cost * path.rows;
            let bytes = row_bytes(path.rows, path.width);
            if bytes > settings.work_mem * 1024.0 {
                total += settings.seq_page_cost * (bytes / 8192.0).ceil();
            }
            Cost { startup: 0.0, total }
        }
        PathKind::Hash { inner, .. } if !spills(settings, inner) => {
            Cost { startup: 0.0, total: path.total - path.startup }
        }
        PathKind::Memoize { rescan, .. } => *rescan,
        _ => Cost { startup: path.startup, total: path.total },
    }
}

/// Is a hash table of the path's rows larger than it may be in memory?
pub(crate) fn spills(settings: &Settings, inner: &Path) -> bool {
    row_bytes(inner.rows, inner.width) > settings.work_mem * settings.hash_mem_multiplier * 1024.0
}

/// Materializing a path's rows.
pub(crate) fn material(settings: &Settings, path: &Path) -> Cost {
    let mut total = path.total + 2.0 * settings.cpu_operator_cost * path.rows;
    let bytes = row_bytes(path.rows, path.width);
    if bytes > settings.work_mem * 1024.0 {
        total += settings.seq_page_cost * (bytes / 8192.0).ceil();
    }
    Cost { startup: path.startup, total }
}

/// Rows of a node, at least one for cost purposes.
pub(crate) fn clamp_rows(rows: f64) -> f64 {
    if rows.is_nan() || rows <= 1.0 { 1.0 } else { rows.min(1e100).round_ties_even() }
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
    node.paths
        .iter()
        .filter(|path| path.required.is_empty())
        .min_by(|a, b| a.disabled.cmp(&b.disabled).then(cost(a).total_cmp(&cost(b))))
}
