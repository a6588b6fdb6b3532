//! `LIKE table INCLUDING ...`.

use super::column::ColumnPlan;
use super::relation::{self, NewColumn};
use super::{constraint, index};
use crate::context::StatementCtx;
use pglitedb_analyzer::lookup_relation;
use pglitedb_catalog::{Relation, new_rows};
use pglitedb_query_tree::{Expr, TableLockMode, serial};
use pglitedb_sql_parser::ast::{TableLike, TableLikeOption as Option_};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// What a LIKE clause still has to copy once the table is there.
pub struct PendingLike {
    source: Arc<Relation>,
    constraints: bool,
    indexes: bool,
}

/// Is an option in effect? The last one that names it (or ALL) decides.
fn includes(like: &TableLike, wanted: Option_) -> bool {
    like.options
        .iter()
        .rev()
        .find(|(_, option)| *option == wanted || *option == Option_::All)
        .is_some_and(|(including, _)| *including)
}

/// Adds the source's columns.
pub fn columns(
    like: &TableLike,
    plans: &mut Vec<ColumnPlan<'_>>,
    ctx: &StatementCtx<'_>,
) -> Result<PendingLike> {
    let source = lookup_relation(&like.name, &ctx.analyze())?;
    ctx.lock_relation(source.oid, TableLockMode::AccessShare)?;
    let source = relation::describe(source.oid, ctx)?;
    if matches!(source.kind, pglitedb_catalog::RelKind::Index | pglitedb_catalog::RelKind::Sequence) {
        return Err(err!(WRONG_OBJECT_TYPE, "relation \"{}\" is invalid in LIKE clause", source.name)
            .detail(super::describe::unsupported_kind_detail(source.kind))
            .at(like.name.span().offset()));
    }
    if includes(like, Option_::Identity) && source.columns.iter().any(|column| column.identity != 0) {
        return Err(Error::unsupported("LIKE ... INCLUDING IDENTITY is not supported yet"));
    }
    for column in source.columns.iter().filter(|column| !column.dropped) {
        let generated = column.generated != 0;
        let with_default =
            if generated { includes(like, Option_::Generated) } else { includes(like, Option_::Defaults) };
        plans.push(ColumnPlan {
            column: NewColumn {
                name: column.name.to_string(),
                type_oid: column.type_oid,
                typmod: column.typmod,
                collation: column.collation,
                not_null: column.not_null,
                identity: 0,
                generated: if with_default { column.generated } else { 0 },
                storage: includes(like, Option_::Storage).then_some(column.storage),
            },
            position: like.span.offset(),
            default: None,
            serial: false,
            generated: None,
            identity: None,
            stored_default: column.default.clone().filter(|_| with_default),
            not_null_name: None,
            not_null_no_inherit: false,
            constraints: Vec::new(),
        });
    }
    Ok(PendingLike {
        source,
        constraints: includes(like, Option_::Constraints),
        indexes: includes(like, Option_::Indexes),
    })
}

/// Column numbers of the new table for the source's.
fn renumber(expr: &mut Expr, source: &Relation, table: &Relation) {
    expr.rewrite(&mut |node| {
        if let Expr::Var(var) = node
            && let Some(column) = source.column(var.attno)
            && let Some((attnum, _)) = table.column_by_name(&column.name)
        {
            var.attno = attnum;
        }
    });
}

/// Copies constraints and indexes.
pub fn finish(oid: u32, like: &PendingLike, ctx: &StatementCtx<'_>) -> Result<()> {
    let source = &like.source;
    let table = relation::describe(oid, ctx)?;
    let number = |attnum: i16| -> i16 {
        source
            .column(attnum)
            .and_then(|column| table.column_by_name(&column.name))
            .map_or(0, |(attnum, _)| attnum)
    };
    if like.constraints {
        for check in &source.checks {
            let Some(text) = &check.expression else { continue };
            let mut bound = serial::expr_from_text(text)?;
            renumber(&mut bound, source, &table);
            let columns = constraint::columns_of(&bound);
            constraint::insert_check_row(
                &table,
                &check.name,
                &bound,
                &columns,
                check.enforced,
                check.validated,
                check.no_inherit,
                ctx,
            )?;
        }
    }
    if !like.indexes {
        return Ok(());
    }
    for known in &source.indexes {
        let table = relation::describe(oid, ctx)?;
        let mut expressions = Vec::new();
        for text in &known.expressions {
            let mut bound = serial::expr_from_text(text)?;
            renumber(&mut bound, source, &table);
            expressions.push(bound);
        }
        let predicate = match &known.predicate {
            None => None,
            Some(text) => {
                let mut bound = serial::expr_from_text(text)?;
                renumber(&mut bound, source, &table);
                Some(bound)
            }
        };
        let mut columns = known.columns.clone();
        columns
            .iter_mut()
            .filter(|column| column.attnum > 0)
            .for_each(|column| column.attnum = number(column.attnum));
        let names: Vec<String> = columns
            .iter()
            .map(|column| {
                table.column(column.attnum).map_or_else(|| "expr".to_owned(), |c| c.name.to_string())
            })
            .collect();
        let label = match (&known.constraint, known.is_primary) {
            (Some(_), true) => "pkey",
            (Some(_), false) => "key",
            (None, _) => "idx",
        };
        let part = if known.is_primary { String::new() } else { index::make_columns_part(&names) };
        let name =
            super::util::choose_relation_name(&table.name, &part, label, table.namespace, &|_| false, ctx)?;
        let constraint = match &known.constraint {
            None => None,
            Some(_) => Some(copy_key_constraint(&table, known.is_primary, &name, &columns, ctx)?),
        };
        let new = index::NewIndex {
            name,
            method: known.access_method,
            flags: new_rows::IndexFlags {
                unique: known.is_unique,
                primary: known.is_primary,
                exclusion: known.is_exclusion,
                nulls_not_distinct: known.nulls_not_distinct,
                deferrable: !known.is_immediate,
            },
            columns,
            include: known.include.iter().map(|attnum| number(*attnum)).collect(),
            expressions,
            predicate,
            column_names: names,
            options: Vec::new(),
            constraint: constraint.map(|(oid, _)| oid),
        };
        let index_oid = index::define(&table, new, ctx)?;
        if let Some((_, id)) = constraint {
            constraint::set_index(id, index_oid, ctx)?;
        }
    }
    Ok(())
}

fn copy_key_constraint(
    table: &Relation,
    primary: bool,
    name: &str,
    columns: &[pglitedb_catalog::IndexColumn],
    ctx: &StatementCtx<'_>,
) -> Result<(u32, u64)> {
    let attnums: Vec<i16> = columns.iter().map(|column| column.attnum).collect();
    constraint::insert_key_row(table, name, primary, &attnums, false, false, ctx)
}
