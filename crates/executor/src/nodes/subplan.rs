//! Subqueries in expressions.

use crate::executor::{SubState, array_of, record_of};
use crate::expr::{Compiled, EvalRow, SubPlanCall};
use crate::hash::{hash_values, same_values};
use crate::runtime::Runtime;
use hashbrown::HashTable;
use pglitedb_query_tree::SubLinkKind;
use pglitedb_sqlstate::{Error, Result, bail};
use pglitedb_types::{Comparator, Datum};

/// Rows of an uncorrelated `IN` subquery, hashed.
pub(crate) struct HashedRows {
    table: HashTable<Vec<Datum>>,
    /// Rows with a NULL: they can't match, but may make the answer unknown.
    with_nulls: Vec<Vec<Datum>>,
    any: bool,
}

/// Value of a subquery for a row.
pub(crate) fn eval(call: &SubPlanCall, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    let shared = rt.shared()?;
    for (id, arg) in &call.args {
        let value = arg.eval(row, rt)?;
        shared.set(*id, value);
    }
    if !call.args.is_empty() {
        shared.params_changed();
    }
    shared.enter()?;
    let result = run(call, row, rt);
    shared.leave();
    result
}

fn run(call: &SubPlanCall, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    let shared = rt.shared()?;
    let mut sub = shared.subplans[call.plan]
        .try_borrow_mut()
        .map_err(|_| Error::internal("subquery evaluates itself"))?;
    let sub = &mut *sub;
    if let Some(keys) = &call.hashed {
        return hashed(sub, keys, row, rt);
    }
    if sub.started {
        sub.node.rescan(rt)?;
    }
    sub.started = true;
    let mut out = std::mem::take(&mut sub.row);
    let result = rows(call, sub, &mut out, row, rt);
    sub.row = out;
    result
}

fn rows(
    call: &SubPlanCall,
    sub: &mut SubState,
    out: &mut Vec<Datum>,
    row: &EvalRow<'_>,
    rt: &Runtime<'_>,
) -> Result<Datum> {
    match call.kind {
        SubLinkKind::Exists => Ok(Datum::Bool(sub.node.next(rt, out)?)),
        SubLinkKind::Array => {
            let mut values = Vec::new();
            while sub.node.next(rt, out)? {
                rt.check()?;
                values.push(out.first().cloned().unwrap_or_default());
            }
            array_of(call.element_type, values)
        }
        SubLinkKind::Scalar | SubLinkKind::MultiExpr | SubLinkKind::RowCompare => {
            if !sub.node.next(rt, out)? {
                return Ok(Datum::Null);
            }
            let first = out.clone();
            if sub.node.next(rt, out)? {
                bail!(
                    CARDINALITY_VIOLATION,
                    "more than one row returned by a subquery used as an expression"
                );
            }
            match call.kind {
                SubLinkKind::Scalar => Ok(first.into_iter().next().unwrap_or_default()),
                SubLinkKind::MultiExpr => Ok(record_of(&first)),
                _ => test(call, &first, row, rt),
            }
        }
        SubLinkKind::Any | SubLinkKind::All => {
            let decisive = call.kind == SubLinkKind::Any;
            let mut unknown = false;
            while sub.node.next(rt, out)? {
                rt.check()?;
                match test(call, out, row, rt)?.as_bool() {
                    Some(value) if value == decisive => return Ok(Datum::Bool(decisive)),
                    Some(_) => {}
                    None => unknown = true,
                }
            }
            Ok(if unknown { Datum::Null } else { Datum::Bool(!decisive) })
        }
    }
}

fn test(call: &SubPlanCall, values: &[Datum], row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    let shared = rt.shared()?;
    for (id, value) in call.column_params.iter().zip(values) {
        shared.set(*id, value.clone());
    }
    match &call.test {
        Some(test) => test.eval(row, rt),
        None => Err(Error::internal("subquery comparison without condition")),
    }
}

/// `x IN (subquery)` by look-up.
fn hashed(
    sub: &mut SubState,
    keys: &[(Compiled, Comparator)],
    row: &EvalRow<'_>,
    rt: &Runtime<'_>,
) -> Result<Datum> {
    let comparators: Vec<Comparator> = keys.iter().map(|(_, comparator)| comparator.clone()).collect();
    if sub.hashed.is_none() {
        if sub.started {
            sub.node.rescan(rt)?;
        }
        sub.started = true;
        sub.hashed = Some(build(sub, &comparators, rt)?);
    }
    let Some(table) = &sub.hashed else { return Err(Error::internal("subquery has no hash table")) };
    if !table.any {
        return Ok(Datum::Bool(false));
    }
    let mut values = Vec::with_capacity(keys.len());
    for (key, _) in keys {
        values.push(key.eval(row, rt)?);
    }
    if !values.iter().any(Datum::is_null) {
        let hash = hash_values(values.iter(), &comparators);
        if table.table.find(hash, |known| same_values(known.iter(), values.iter(), &comparators)).is_some() {
            return Ok(Datum::Bool(true));
        }
    }
    // Unknown if some row could match were its (or our) NULLs other values.
    let could = |known: &Vec<Datum>| {
        known
            .iter()
            .zip(&values)
            .zip(&comparators)
            .all(|((a, b), comparator)| a.is_null() || b.is_null() || comparator.equal(a, b))
    };
    let unknown = table.with_nulls.iter().any(could)
        || (values.iter().any(Datum::is_null) && table.table.iter().any(could));
    Ok(if unknown { Datum::Null } else { Datum::Bool(false) })
}

fn build(sub: &mut SubState, comparators: &[Comparator], rt: &Runtime<'_>) -> Result<HashedRows> {
    let mut rows = HashedRows { table: HashTable::new(), with_nulls: Vec::new(), any: false };
    let mut row = Vec::new();
    while sub.node.next(rt, &mut row)? {
        rt.check()?;
        rows.any = true;
        row.truncate(comparators.len());
        if row.iter().any(Datum::is_null) {
            if !rows.with_nulls.iter().any(|known| same_values(known.iter(), row.iter(), comparators)) {
                rows.with_nulls.push(row.clone());
            }
            continue;
        }
        let hash = hash_values(row.iter(), comparators);
        if rows.table.find(hash, |known| same_values(known.iter(), row.iter(), comparators)).is_none() {
            rows.table.insert_unique(hash, row.clone(), |known| hash_values(known.iter(), comparators));
        }
    }
    Ok(rows)
}
