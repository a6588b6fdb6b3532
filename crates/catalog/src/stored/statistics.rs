//! `pg_statistic`: to and from its rows.
//!
//! Slots are used as PostgreSQL numbers them: kind 1 most common values, 2 histogram, 3 correlation.

use crate::ColumnStats;
use crate::builtin::columns::pg_statistic::*;
use crate::row::CatRow;
use pglitedb_types::{ArrayValue, Datum, Oid, oids};
use std::sync::Arc;

const SLOTS: usize = 5;

/// The digested form of a row.
pub(crate) fn column_stats(row: &[Datum]) -> ColumnStats {
    let row = CatRow(row);
    let mut stats = ColumnStats {
        null_frac: f64::from(row.f32(STANULLFRAC)),
        avg_width: row.i32(STAWIDTH),
        n_distinct: f64::from(row.f32(STADISTINCT)),
        ..ColumnStats::default()
    };
    for slot in 0..SLOTS {
        let values = row.elements(STAVALUES1 + slot);
        let numbers: Vec<f64> = row.elements(STANUMBERS1 + slot).iter().map(float).collect();
        match row.i64(STAKIND1 + slot) {
            1 => stats.most_common = values.iter().cloned().zip(numbers).collect(),
            2 => stats.histogram = values.to_vec(),
            3 => stats.correlation = numbers.first().copied().unwrap_or(0.0),
            _ => {}
        }
    }
    stats
}

fn float(value: &Datum) -> f64 {
    match value {
        Datum::Float4(value) => f64::from(*value),
        Datum::Float8(value) => *value,
        _ => 0.0,
    }
}

/// The row that ANALYZE stores. `element` is the type of the column, `equal` and `less` its operators.
pub fn statistics_row(
    relation: Oid,
    attnum: i16,
    stats: &ColumnStats,
    element: Oid,
    collation: Oid,
    equal: Oid,
    less: Oid,
) -> Vec<Datum> {
    let mut row = vec![Datum::Null; WIDTH];
    row[STARELID] = Datum::Oid(relation);
    row[STAATTNUM] = Datum::Int2(attnum);
    row[STAINHERIT] = Datum::Bool(false);
    row[STANULLFRAC] = Datum::Float4(stats.null_frac as f32);
    row[STAWIDTH] = Datum::Int4(stats.avg_width);
    row[STADISTINCT] = Datum::Float4(stats.n_distinct as f32);
    for slot in 0..SLOTS {
        row[STAKIND1 + slot] = Datum::Int2(0);
        row[STAOP1 + slot] = Datum::Oid(0);
        row[STACOLL1 + slot] = Datum::Oid(0);
    }
    let numbers = |values: &mut dyn Iterator<Item = f64>| {
        let values = values.map(|value| Datum::Float4(value as f32)).collect();
        Datum::Array(Arc::new(ArrayValue::one_dim(oids::FLOAT4, values)))
    };
    let mut slot = 0;
    let mut set = |kind: i16, op: Oid, numbers: Datum, values: Datum| {
        row[STAKIND1 + slot] = Datum::Int2(kind);
        row[STAOP1 + slot] = Datum::Oid(op);
        row[STACOLL1 + slot] = Datum::Oid(collation);
        row[STANUMBERS1 + slot] = numbers;
        row[STAVALUES1 + slot] = values;
        slot += 1;
    };
    let array = |values: Vec<Datum>| Datum::Array(Arc::new(ArrayValue::one_dim(element, values)));
    if !stats.most_common.is_empty() {
        let values = stats.most_common.iter().map(|(value, _)| value.clone()).collect();
        set(1, equal, numbers(&mut stats.most_common.iter().map(|(_, share)| *share)), array(values));
    }
    if !stats.histogram.is_empty() {
        set(2, less, Datum::Null, array(stats.histogram.clone()));
    }
    set(3, less, numbers(&mut std::iter::once(stats.correlation)), Datum::Null);
    row
}
