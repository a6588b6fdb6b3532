//! Random rows of a table.

use crate::context::StatementCtx;
use pglitedb_catalog::Relation;
use pglitedb_functions::SessionEnv;
use pglitedb_sqlstate::Result;
use pglitedb_storage::Direction;
use pglitedb_types::{Datum, TypeEnv};
use std::sync::Arc;

/// A random sample, in the order of the table.
pub(super) struct Sample {
    pub rows: Vec<Vec<Datum>>,
    /// Rows in the table.
    pub total: f64,
    /// Average width of each column in bytes, if any rows were taken.
    pub widths: Vec<f64>,
}

/// Takes `wanted` rows (or all, if there are fewer), each with the same chance.
pub(super) fn take(relation: &Arc<Relation>, ctx: &StatementCtx<'_>, wanted: usize) -> Result<Sample> {
    let env = ctx.env();
    let table = ctx.space().open(relation, ctx.catalog())?;
    let snapshot = ctx.fresh_snapshot();
    let mut scan = table.scan(ctx.txn(), &snapshot, Direction::Forward)?;
    let width = table.layout().width();
    let mut chosen: Vec<(u64, Vec<Datum>)> = Vec::new();
    let mut seen = 0_u64;
    while let Some((_, row)) = scan.next_row()? {
        seen += 1;
        if seen.is_multiple_of(1024) {
            env.check_interrupts()?;
        }
        if chosen.len() < wanted {
            chosen.push((seen, row.to_vec(width)?));
        } else if wanted > 0 {
            let at = usize::try_from(env.random_u64() % seen).unwrap_or(usize::MAX);
            if let Some(slot) = chosen.get_mut(at) {
                *slot = (seen, row.to_vec(width)?);
            }
        }
    }
    chosen.sort_by_key(|(at, _)| *at);
    let rows: Vec<Vec<Datum>> = chosen.into_iter().map(|(_, row)| row).collect();
    let widths = if rows.is_empty() { Vec::new() } else { widths(relation, &rows, env)? };
    Ok(Sample { rows, total: seen as f64, widths })
}

fn widths(relation: &Relation, rows: &[Vec<Datum>], env: &dyn TypeEnv) -> Result<Vec<f64>> {
    relation
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            if column.dropped {
                return Ok(0.0);
            }
            let info = env.type_info(column.type_oid)?;
            if info.len > 0 {
                return Ok(f64::from(info.len));
            }
            let (mut bytes, mut count) = (0_usize, 0_usize);
            let mut buffer = Vec::new();
            for value in rows.iter().filter_map(|row| row.get(at)).filter(|value| !value.is_null()) {
                bytes += stored_width(value, &mut buffer);
                count += 1;
            }
            Ok(if count == 0 { 0.0 } else { bytes as f64 / count as f64 })
        })
        .collect()
}

/// Bytes of a value of variable width, as PostgreSQL would store it.
pub(super) fn stored_width(value: &Datum, buffer: &mut Vec<u8>) -> usize {
    let length = match value {
        Datum::Text(text) => text.len(),
        Datum::Bytea(bytes) | Datum::Encoded(bytes) => bytes.len(),
        other => {
            buffer.clear();
            pglitedb_types::codec::encode(other, buffer);
            buffer.len()
        }
    };
    if length <= 126 { length + 1 } else { length + 4 }
}
