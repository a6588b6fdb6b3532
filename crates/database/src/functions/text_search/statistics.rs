//! `ts_stat`.

use crate::functions::env_of;
use crate::functions::rows::set;
use crate::plan::Prepared;
use pglitedb_functions::{Builtin, FnCtx, Registry, SetIter};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_text_search::WordStatistics;
use pglitedb_types::textsearch::TsVector;
use pglitedb_types::{Datum, Oid, oids};
use std::sync::Arc;

/// Runs a query given as text; `22023` with this message if its columns are not of these types.
pub(super) fn rows_of(
    ctx: &FnCtx<'_>,
    sql: &str,
    types: &[Oid],
    message: &str,
    f: &mut dyn FnMut(&[Datum]) -> Result<()>,
) -> Result<()> {
    let env = env_of(ctx)?;
    let mut parsed = pglitedb_sql_parser::parse(sql)?;
    let statement = match (parsed.pop(), parsed.is_empty()) {
        (Some(raw), true) => raw.stmt,
        _ => return Err(err!(INVALID_PARAMETER_VALUE, "{message}")),
    };
    let prepared = Prepared::new(Arc::from(sql), Some(statement), [].into());
    let plan = env.plan_prepared(&prepared)?;
    let columns = &plan.columns;
    if !columns.iter().map(|column| column.type_oid).eq(types.iter().copied()) {
        return Err(err!(INVALID_PARAMETER_VALUE, "{message}"));
    }
    env.run_plan(&plan, &[], f).map(drop)
}

fn statistics(ctx: &FnCtx<'_>, args: &[Datum]) -> Result<Box<dyn SetIter>> {
    let text = |at: usize| args.get(at).and_then(Datum::as_str);
    let sql = text(0).ok_or_else(|| Error::internal("ts_stat called without a query"))?;
    let mut words = WordStatistics::new(text(1).unwrap_or_default());
    rows_of(ctx, sql, &[oids::TSVECTOR], "ts_stat query must return one tsvector column", &mut |row| {
        if let Some(Datum::Encoded(bytes)) = row.first() {
            words.add(&TsVector::decode(bytes)?);
        }
        Ok(())
    })?;
    let row = |(word, vectors, positions): (String, i32, i32)| {
        vec![Datum::text(&word), Datum::Int4(vectors), Datum::Int4(positions)]
    };
    set(words.finish().map(row).collect())
}

pub(super) fn register(reg: &mut Registry) {
    reg.add("ts_stat1", Builtin::Set(statistics));
    reg.add("ts_stat2", Builtin::Set(statistics));
}
