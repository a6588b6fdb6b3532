//! What ALTER TABLE does with the rows that are there: rewriting them, checking them.

use super::Job;
use crate::context::StatementCtx;
use crate::ddl::{foreign_key, index, relation};
use pglitedb_catalog::Relation;
use pglitedb_catalog::builtin::columns::{pg_attribute, pg_class};
use pglitedb_executor::write::compile_stored;
use pglitedb_executor::{CompileCtx, Compiled, EvalRow, compile};
use pglitedb_query_tree::{Expr, VarSource};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::Direction;
use pglitedb_tables::{PlainIndexes, WriteCtx, storage_error};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// Rows inserted between looks at cancellation.
const ROWS_PER_CHECK: u64 = 1024;

fn compile_over_row(expr: &Expr, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    let mut expr = expr.clone();
    expr.rewrite(&mut |node| {
        if let Expr::Var(var) = node {
            var.source = VarSource::Scan;
        }
    });
    compile(&expr, ctx)
}

fn compile_values(values: &[(i16, Expr)], ctx: &mut CompileCtx<'_>) -> Result<Vec<(usize, Compiled)>> {
    values
        .iter()
        .map(|(attnum, expr)| {
            let at = usize::try_from(*attnum - 1).map_err(|_| Error::internal("system column"))?;
            Ok((at, compile_over_row(expr, ctx)?))
        })
        .collect()
}

/// New file nodes for a table and its indexes; returns the table as it is then.
pub(in crate::ddl) fn new_file_nodes(table: Oid, ctx: &StatementCtx<'_>) -> Result<Arc<Relation>> {
    let writer = ctx.writer()?;
    let now = relation::describe(table, ctx)?;
    let indexes = now.indexes.iter().map(|index| index.oid);
    for oid in std::iter::once(table).chain(indexes) {
        let node = writer.new_oid()?;
        relation::update_class(oid, ctx, |row| row[pg_class::RELFILENODE] = Datum::Oid(node))?;
    }
    relation::describe(table, ctx)
}

/// Writes all rows again, in new storage, with the new values.
pub(super) fn rewrite(job: &Job<'_>, ctx: &StatementCtx<'_>) -> Result<()> {
    let old = job.old.as_ref().ok_or_else(|| Error::internal("nothing to rewrite"))?;
    let before = relation::describe(old.oid, ctx)?;
    let source = ctx.space().open(old, ctx.catalog())?;
    let new = new_file_nodes(old.oid, ctx)?;
    for (at, column) in new.columns.iter().enumerate().filter(|(_, column)| column.missing.is_some()) {
        let _ = column;
        let attnum = i16::try_from(at + 1).unwrap_or(0);
        ctx.writer()?.update_attribute(new.oid, attnum, |row| {
            row[pg_attribute::ATTHASMISSING] = Datum::Bool(false);
            row[pg_attribute::ATTMISSINGVAL] = Datum::Null;
            Ok(())
        })?;
    }
    let missing: Vec<Option<Datum>> = new.columns.iter().map(|column| column.missing.clone()).collect();
    let new = relation::describe(old.oid, ctx)?;
    // The indexes are built once the rows are there.
    let bare = Arc::new(Relation { indexes: Vec::new(), ..(*new).clone() });
    let target = ctx.space().open(&bare, ctx.catalog())?;
    target.create_storage(ctx.txn())?;
    ctx.next_command()?;
    let snapshot = ctx.fresh_snapshot();
    let runtime = ctx.runtime(&snapshot);
    let mut compile_ctx = CompileCtx::new(ctx.catalog(), ctx.env(), ctx.registry());
    let values = compile_values(&job.values, &mut compile_ctx)?;
    let generated = compile_values(&job.generated, &mut compile_ctx)?;
    let mut scan = source.scan(ctx.txn(), &snapshot, Direction::Forward)?;
    let mut row = vec![Datum::Null; old.columns.len()];
    let wanted: Vec<usize> = (0..old.columns.len()).collect();
    let mut plain = PlainIndexes;
    let mut write =
        WriteCtx::new(ctx.txn(), pglitedb_functions::SessionEnv::as_type_env(ctx.env()), &mut plain);
    let mut count = 0u64;
    while let Some(id) = scan.next(&wanted, &mut row)? {
        count += 1;
        if count.is_multiple_of(ROWS_PER_CHECK) {
            runtime.check()?;
        }
        let mut changed = row.clone();
        changed.resize(new.columns.len(), Datum::Null);
        for (at, value) in missing.iter().enumerate().skip(row.len()) {
            changed[at] = value.clone().unwrap_or_default();
        }
        let eval = EvalRow::scanned(&row, Some(id), old.oid);
        for (at, value) in &values {
            changed[*at] = value.eval(&eval, &runtime)?;
        }
        for (at, value) in &generated {
            let eval = EvalRow::scanned(&changed, Some(id), old.oid);
            let value = value.eval(&eval, &runtime)?;
            changed[*at] = value;
        }
        for (value, column) in changed.iter_mut().zip(&new.columns) {
            if column.dropped {
                *value = Datum::Null;
            }
        }
        target.insert(&mut write, &changed)?;
    }
    drop(scan);
    let nodes = std::iter::once(before.file_node).chain(before.indexes.iter().map(|index| index.file_node));
    for node in nodes {
        ctx.txn().drop_storage(ctx.space().storage_id(node, false)).map_err(storage_error)?;
    }
    ctx.next_command()?;
    for own in &new.indexes {
        index::build(new.oid, own.oid, ctx)?;
    }
    Ok(())
}

/// Checks existing rows against new NOT NULL and CHECK constraints and foreign keys.
pub(super) fn verify(job: &Job<'_>, table: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    if !job.not_null.is_empty() || !job.checks.is_empty() {
        scan(job, table, ctx)?;
    }
    for constraint in &job.foreign_keys {
        foreign_key::validate(table, *constraint, ctx)?;
    }
    Ok(())
}

fn scan(job: &Job<'_>, table: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let relation = relation::describe(table, ctx)?;
    ctx.next_command()?;
    let snapshot = ctx.fresh_snapshot();
    let runtime = ctx.runtime(&snapshot);
    let mut compile_ctx = CompileCtx::new(ctx.catalog(), ctx.env(), ctx.registry());
    let mut checks = Vec::new();
    for check in relation.checks.iter().filter(|check| job.checks.contains(&check.oid)) {
        if let Some(text) = &check.expression {
            checks.push((check.name.clone(), compile_stored(text, &mut compile_ctx)?));
        }
    }
    let access = ctx.space().open(&relation, ctx.catalog())?;
    let mut scan = access.scan(ctx.txn(), &snapshot, Direction::Forward)?;
    let wanted: Vec<usize> = (0..relation.columns.len()).collect();
    let mut row = vec![Datum::Null; relation.columns.len()];
    let mut count = 0u64;
    while let Some(id) = scan.next(&wanted, &mut row)? {
        count += 1;
        if count.is_multiple_of(ROWS_PER_CHECK) {
            runtime.check()?;
        }
        for attnum in &job.not_null {
            let at = usize::try_from(*attnum - 1).unwrap_or(usize::MAX);
            if row.get(at).is_some_and(Datum::is_null) && relation.columns.get(at).is_some_and(|c| !c.dropped)
            {
                return Err(null_found(&relation, *attnum));
            }
        }
        for (name, check) in &checks {
            let eval = EvalRow { scan: &row, scan_id: Some(id), table, ..EvalRow::default() };
            if check.eval(&eval, &runtime)?.as_bool() == Some(false) {
                return Err(err!(
                    CHECK_VIOLATION,
                    "check constraint \"{name}\" of relation \"{}\" is violated by some row",
                    relation.name
                )
                .table(&*relation.namespace_name, &*relation.name)
                .constraint(&**name));
            }
        }
    }
    Ok(())
}

fn null_found(relation: &Relation, attnum: i16) -> Error {
    let name = relation.column(attnum).map_or("?", |column| &*column.name);
    err!(NOT_NULL_VIOLATION, "column \"{name}\" of relation \"{}\" contains null values", relation.name)
        .table(&*relation.namespace_name, &*relation.name)
        .column(name)
}
