//! TRUNCATE: tables get new, empty storage.

use super::relation;
use super::sequence;
use crate::context::StatementCtx;
use pglitedb_analyzer::lookup_relation;
use pglitedb_catalog::builtin::columns::pg_class;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::TableLockMode;
use pglitedb_sql_parser::ast::{DropBehavior, TruncateStatement};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// TRUNCATE.
pub fn execute(stmt: &TruncateStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let mut tables: Vec<Arc<Relation>> = Vec::new();
    for reference in &stmt.relations {
        let found = lookup_relation(&reference.name, &ctx.analyze())?;
        ctx.lock_relation(found.oid, TableLockMode::AccessExclusive)?;
        let table = relation::describe(found.oid, ctx)?;
        check(&table, ctx)?;
        if !tables.iter().any(|known| known.oid == table.oid) {
            tables.push(table);
        }
    }
    add_referencing(&mut tables, stmt.behavior == DropBehavior::Cascade, ctx)?;
    for table in &tables {
        empty(table, ctx)?;
        if stmt.restart_identity {
            restart_sequences(table, ctx)?;
        }
    }
    Ok(())
}

fn check(table: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    if table.kind != RelKind::Table {
        return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is not a table", table.name));
    }
    if table.is_catalog {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "permission denied: \"{}\" is a system catalog",
            table.name
        ));
    }
    ctx.env().check_truncate_privilege(table)
}

/// Tables with foreign keys to truncated ones must be truncated, too.
fn add_referencing(tables: &mut Vec<Arc<Relation>>, cascade: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    let mut at = 0;
    while let Some(table) = tables.get(at).cloned() {
        at += 1;
        for key in &table.referenced_by {
            if tables.iter().any(|known| known.oid == key.table) {
                continue;
            }
            let other = relation::describe(key.table, ctx)?;
            if !cascade {
                return Err(err!(
                    FEATURE_NOT_SUPPORTED,
                    "cannot truncate a table referenced in a foreign key constraint"
                )
                .detail(format!("Table \"{}\" references \"{}\".", other.name, table.name))
                .hint(format!(
                    "Truncate table \"{}\" at the same time, or use TRUNCATE ... CASCADE.",
                    other.name
                )));
            }
            ctx.lock_relation(other.oid, TableLockMode::AccessExclusive)?;
            ctx.notice(
                err!(SUCCESSFUL_COMPLETION, "truncate cascades to table \"{}\"", other.name)
                    .severity(Severity::Notice),
            );
            check(&other, ctx)?;
            tables.push(other);
        }
    }
    Ok(())
}

/// Gives a table and its indexes new, empty storage. The old one goes at commit.
pub fn empty(table: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    let relation = relation::describe(table.oid, ctx)?;
    ctx.space().open(&relation, ctx.catalog())?.drop_storage(ctx.txn())?;
    let mut all: Vec<Oid> = vec![table.oid];
    all.extend(table.indexes.iter().map(|index| index.oid));
    for oid in all {
        let file_node = ctx.writer()?.new_oid()?;
        relation::update_class(oid, ctx, |row| {
            row[pg_class::RELFILENODE] = Datum::Oid(file_node);
            row[pg_class::RELPAGES] = Datum::Int4(0);
            row[pg_class::RELTUPLES] = Datum::Float4(-1.0);
        })?;
    }
    relation::create_storage(table.oid, ctx)
}

fn restart_sequences(table: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let dependents = writer.dependents_on(super::util::relation_object(table.oid))?;
    for edge in dependents {
        let owned = matches!(edge.kind, DependencyKind::Auto | DependencyKind::Internal)
            && edge.depender.class == pg_class::RELATION;
        if !owned {
            continue;
        }
        let Some(relation) = ctx.catalog().relation(edge.depender.object)? else { continue };
        if relation.kind != RelKind::Sequence {
            continue;
        }
        let params = sequence::spec_of(&relation, ctx)?.params;
        sequence::restart_in_transaction(&relation, params, params.start, false, ctx)?;
    }
    Ok(())
}
