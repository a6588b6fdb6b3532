//! One file per plan node.

pub(crate) mod agg;
pub(crate) mod agg_call;
pub(crate) mod append;
pub(crate) mod bitmap;
pub(crate) mod cte;
pub(crate) mod function_scan;
pub(crate) mod group;
pub(crate) mod hash_join;
pub(crate) mod incremental_sort;
pub(crate) mod index_scan;
pub(crate) mod join;
pub(crate) mod json_table;
pub(crate) mod limit;
pub(crate) mod lock_rows;
pub(crate) mod material;
pub(crate) mod memoize;
pub(crate) mod merge_join;
pub(crate) mod modify;
pub(crate) mod nest_loop;
pub(crate) mod project_set;
pub(crate) mod recheck;
pub(crate) mod recursive_union;
pub(crate) mod result;
pub(crate) mod sample_scan;
pub(crate) mod seq_scan;
pub(crate) mod set_op;
pub(crate) mod sort;
pub(crate) mod subplan;
pub(crate) mod subquery_scan;
pub(crate) mod tid_scan;
pub(crate) mod unique;
pub(crate) mod values_scan;
pub(crate) mod window_agg;
pub(crate) mod work_table;

use crate::build::comparator;
use crate::expr::{ColumnRef, CompileCtx, Compiled, EvalRow, Source};
use crate::hash::{hash_values, same_values};
use crate::runtime::Runtime;
use pglitedb_query_tree::{Expr, GroupKey, Plan, SortKey, VarSource};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Comparator, Datum};
use std::cmp::Ordering;

/// A target list.
pub(crate) struct Projection {
    exprs: Vec<Compiled>,
    /// The output is exactly the outer row.
    identity: bool,
}

impl Projection {
    pub(crate) fn new(exprs: Vec<Compiled>) -> Self {
        let identity = exprs.iter().enumerate().all(|(at, expr)| {
            matches!(expr, Compiled::Column(ColumnRef { source: Source::Outer, index }) if *index == at)
        });
        Projection { exprs, identity }
    }

    /// Evaluates into `out`.
    #[inline]
    pub(crate) fn project(&self, row: &EvalRow<'_>, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<()> {
        out.clear();
        for expr in &self.exprs {
            out.push(expr.eval(row, rt)?);
        }
        Ok(())
    }

    /// Does it hand an outer row of this width through unchanged?
    pub(crate) fn is_identity(&self, width: usize) -> bool {
        self.identity && self.exprs.len() == width
    }
}

/// Grouping columns of a child's rows.
pub(crate) struct GroupColumns {
    pub columns: Vec<usize>,
    pub comparators: Vec<Comparator>,
}

impl GroupColumns {
    pub(crate) fn new(keys: &[GroupKey], ctx: &CompileCtx<'_>) -> Result<Self> {
        Ok(GroupColumns {
            columns: keys.iter().map(|key| key.column.saturating_sub(1)).collect(),
            comparators: keys
                .iter()
                .map(|key| comparator(key.type_oid, key.collation, ctx))
                .collect::<Result<_>>()?,
        })
    }

    pub(crate) fn values<'r>(&'r self, row: &'r [Datum]) -> impl Iterator<Item = &'r Datum> {
        self.columns.iter().map(|at| row.get(*at).unwrap_or(&Datum::Null))
    }

    pub(crate) fn hash(&self, row: &[Datum]) -> u64 {
        hash_values(self.values(row), &self.comparators)
    }

    pub(crate) fn same(&self, a: &[Datum], b: &[Datum]) -> bool {
        same_values(self.values(a), self.values(b), &self.comparators)
    }
}

/// Sort columns of a child's rows.
pub(crate) struct SortColumns(pub Vec<SortColumn>);

/// One of them.
pub(crate) struct SortColumn {
    pub column: usize,
    pub comparator: Comparator,
    pub descending: bool,
    pub nulls_first: bool,
}

impl SortColumns {
    pub(crate) fn new(keys: &[SortKey], ctx: &CompileCtx<'_>) -> Result<Self> {
        let columns = keys.iter().map(|key| {
            Ok(SortColumn {
                column: key.column.saturating_sub(1),
                comparator: comparator(key.type_oid, key.collation, ctx)?,
                descending: key.descending,
                nulls_first: key.nulls_first,
            })
        });
        Ok(SortColumns(columns.collect::<Result<_>>()?))
    }

    pub(crate) fn compare(&self, a: &[Datum], b: &[Datum]) -> Ordering {
        for key in &self.0 {
            let (a, b) =
                (a.get(key.column).unwrap_or(&Datum::Null), b.get(key.column).unwrap_or(&Datum::Null));
            let order = key.compare(a, b);
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

impl SortColumn {
    pub(crate) fn compare(&self, a: &Datum, b: &Datum) -> Ordering {
        match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) if self.nulls_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if self.nulls_first => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if self.descending => self.comparator.compare(b, a),
            (false, false) => self.comparator.compare(a, b),
        }
    }
}

/// Columns (from 0) of the scanned tuple that a node's expressions read; `None` if they read the whole row.
pub(crate) fn scan_columns(plan: &Plan, width: usize) -> Vec<usize> {
    let mut used = vec![false; width];
    let mut whole = false;
    plan.for_each_expr(&mut |top| {
        top.walk(&mut |expr| {
            if let Expr::Var(var) = expr
                && var.source == VarSource::Scan
            {
                match usize::try_from(var.attno) {
                    Ok(0) => whole = true,
                    Ok(attno) if attno <= width => used[attno - 1] = true,
                    _ => {}
                }
            }
            true
        });
    });
    (0..width).filter(|at| whole || used[*at]).collect()
}
