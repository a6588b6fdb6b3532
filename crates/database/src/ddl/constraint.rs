//! CHECK, NOT NULL, UNIQUE and PRIMARY KEY constraints of tables.

use super::index::{self, NewIndex};
use super::util::{
    choose_constraint_name, choose_relation_name, constraint_names, constraint_object, relation_object,
};
use super::{dependency, options, relation};
use crate::context::StatementCtx;
use pglitedb_analyzer::{ExprKind, bind_relation_expr};
use pglitedb_catalog::builtin::columns::{pg_attribute, pg_class, pg_constraint};
use pglitedb_catalog::{IndexColumn, Relation, new_rows};
use pglitedb_query_tree::{Expr, serial};
use pglitedb_sql_parser::ast::{Constraint, ConstraintKind, KeyConstraint};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// Columns an expression uses, in order of appearance.
pub fn columns_of(expr: &Expr) -> Vec<i16> {
    let mut columns = Vec::new();
    expr.walk(&mut |node| {
        if let Expr::Var(var) = node
            && var.attno > 0
            && !columns.contains(&var.attno)
        {
            columns.push(var.attno);
        }
        true
    });
    columns
}

/// `42710` if the name is taken among the table's constraints.
pub fn check_name_free(name: &str, table: &Relation, taken: &[String]) -> Result<()> {
    if taken.iter().any(|known| known == name) {
        return Err(err!(
            DUPLICATE_OBJECT,
            "constraint \"{name}\" for relation \"{}\" already exists",
            table.name
        ));
    }
    Ok(())
}

/// Adds a CHECK constraint. Existing rows are not looked at. `column`: written with that column.
pub fn add_check(
    table: &Relation,
    constraint: &Constraint,
    column: Option<&str>,
    ctx: &StatementCtx<'_>,
) -> Result<(Oid, Expr)> {
    let ConstraintKind::Check(expr) = &constraint.kind else {
        return Err(Error::internal("not a CHECK constraint"));
    };
    let bound = bind_relation_expr(table, expr, ExprKind::CheckConstraint, None, &ctx.analyze())?;
    let columns = columns_of(&bound);
    let taken = constraint_names(table.oid, ctx)?;
    let name = match &constraint.name {
        Some(name) => {
            check_name_free(&name.name, table, &taken)?;
            name.name.to_string()
        }
        None => {
            let of_column = match (column, columns.as_slice()) {
                (Some(column), _) => column.to_owned(),
                (None, [one]) => {
                    table.column(*one).map_or_else(String::new, |column| column.name.to_string())
                }
                _ => String::new(),
            };
            choose_constraint_name(&table.name, &of_column, "check", &taken)
        }
    };
    let oid = insert_check(table, &name, &bound, &columns, constraint, ctx)?;
    Ok((oid, bound))
}

fn insert_check(
    table: &Relation,
    name: &str,
    bound: &Expr,
    columns: &[i16],
    constraint: &Constraint,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let enforced = constraint.attributes.enforced.unwrap_or(true);
    let validated = enforced && !constraint.attributes.not_valid;
    insert_check_row(table, name, bound, columns, enforced, validated, constraint.attributes.no_inherit, ctx)
}

/// Adds a CHECK constraint whose expression is bound already (LIKE, ALTER TYPE).
pub fn insert_check_row(
    table: &Relation,
    name: &str,
    bound: &Expr,
    columns: &[i16],
    enforced: bool,
    validated: bool,
    no_inherit: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let mut row = new_rows::constraint_row(oid, name, table.namespace, b'c', table.oid, columns);
    row[pg_constraint::CONBIN] = Datum::text(&serial::expr_to_text(bound)?);
    row[pg_constraint::CONENFORCED] = Datum::Bool(enforced);
    row[pg_constraint::CONVALIDATED] = Datum::Bool(validated);
    row[pg_constraint::CONNOINHERIT] = Datum::Bool(no_inherit);
    writer.insert(pg_constraint::RELATION, &row)?;
    let object = constraint_object(oid);
    if columns.is_empty() {
        writer.record_dependency(object, relation_object(table.oid), DependencyKind::Auto)?;
    }
    dependency::record_expr(object, bound, Some(table.oid), DependencyKind::Auto, ctx)?;
    relation::update_class(table.oid, ctx, |row| {
        if let Datum::Int2(count) = row[pg_class::RELCHECKS] {
            row[pg_class::RELCHECKS] = Datum::Int2(count.saturating_add(1));
        }
    })?;
    Ok(oid)
}

/// Adds the `pg_constraint` row of a NOT NULL column.
pub fn add_not_null(
    table: &Relation,
    attnum: i16,
    name: Option<&str>,
    no_inherit: bool,
    validated: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let writer = ctx.writer()?;
    let column = table.column(attnum).ok_or_else(|| Error::internal("column is gone"))?;
    let taken = constraint_names(table.oid, ctx)?;
    let name = match name {
        Some(name) => {
            check_name_free(name, table, &taken)?;
            name.to_owned()
        }
        None => choose_constraint_name(&table.name, &column.name, "not_null", &taken),
    };
    let oid = writer.new_oid()?;
    let mut row = new_rows::constraint_row(oid, &name, table.namespace, b'n', table.oid, &[attnum]);
    row[pg_constraint::CONNOINHERIT] = Datum::Bool(no_inherit);
    row[pg_constraint::CONVALIDATED] = Datum::Bool(validated);
    writer.insert(pg_constraint::RELATION, &row)?;
    writer.record_dependency(
        constraint_object(oid),
        ObjectAddress::column(table.oid, attnum),
        DependencyKind::Auto,
    )?;
    Ok(oid)
}

/// Marks a column NOT NULL and adds the constraint, unless it is there.
pub fn ensure_not_null(table: &Relation, attnum: i16, ctx: &StatementCtx<'_>) -> Result<()> {
    let has = table.checks.iter().any(|check| check.expression.is_none() && check.columns == [attnum]);
    if !has {
        add_not_null(table, attnum, None, false, true, ctx)?;
    }
    if table.column(attnum).is_some_and(|column| !column.not_null) {
        ctx.writer()?.update_attribute(table.oid, attnum, |row| {
            row[pg_attribute::ATTNOTNULL] = Datum::Bool(true);
            Ok(())
        })?;
    }
    Ok(())
}

/// Deferrability of a constraint; contradictions are `42601`.
pub fn deferrability(constraint: &Constraint) -> Result<(bool, bool)> {
    let attributes = &constraint.attributes;
    let deferred = attributes.initially_deferred.unwrap_or(false);
    if deferred && attributes.deferrable == Some(false) {
        return Err(err!(SYNTAX_ERROR, "constraint declared INITIALLY DEFERRED must be DEFERRABLE")
            .at(constraint.span.offset()));
    }
    Ok((attributes.deferrable.unwrap_or(deferred), deferred))
}

/// Adds a UNIQUE or PRIMARY KEY constraint with its index. `column`: written with that column.
pub fn add_key(
    table: &Arc<Relation>,
    constraint: &Constraint,
    column: Option<&str>,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let (key, primary): (&KeyConstraint, bool) = match &constraint.kind {
        ConstraintKind::Unique(key) => (key, false),
        ConstraintKind::PrimaryKey(key) => (key, true),
        _ => return Err(Error::internal("not a key constraint")),
    };
    if key.without_overlaps {
        return Err(Error::unsupported("WITHOUT OVERLAPS is not supported yet"));
    }
    if constraint.attributes.enforced == Some(false) {
        let what = if primary { "PRIMARY KEY" } else { "UNIQUE" };
        return Err(err!(SYNTAX_ERROR, "{what} constraints cannot be marked NOT ENFORCED")
            .at(constraint.span.offset()));
    }
    if primary && table.primary_key().is_some() {
        return Err(err!(
            INVALID_TABLE_DEFINITION,
            "multiple primary keys for table \"{}\" are not allowed",
            table.name
        )
        .at(constraint.span.offset()));
    }
    let names: Vec<&str> = match column {
        Some(column) => vec![column],
        None => key.columns.iter().map(|column| &*column.name).collect(),
    };
    let mut attnums = Vec::with_capacity(names.len());
    for name in &names {
        let (attnum, _) = table.column_by_name(name).ok_or_else(|| {
            err!(UNDEFINED_COLUMN, "column \"{name}\" named in key does not exist")
                .at(constraint.span.offset())
        })?;
        if attnums.contains(&attnum) {
            let what = if primary { "primary key" } else { "unique" };
            return Err(err!(DUPLICATE_COLUMN, "column \"{name}\" appears twice in {what} constraint")
                .at(constraint.span.offset()));
        }
        attnums.push(attnum);
    }
    let mut include = Vec::new();
    for name in &key.include {
        include.push(index::column_number(table, &name.name)?);
    }
    let mut table = table.clone();
    if primary {
        for attnum in &attnums {
            ensure_not_null(&table, *attnum, ctx)?;
            table = relation::describe(table.oid, ctx)?;
        }
    }
    let columns = key_columns(&table, &attnums, ctx)?;
    let taken = constraint_names(table.oid, ctx)?;
    let column_names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let name = match &constraint.name {
        Some(name) => {
            check_name_free(&name.name, &table, &taken)?;
            let place = super::util::CreationPlace {
                namespace: table.namespace,
                name: name.name.to_string(),
                is_temp: false,
            };
            super::util::relation_name_is_free(&place, false, ctx)?;
            name.name.to_string()
        }
        None => {
            let part = if primary { String::new() } else { index::make_columns_part(&column_names) };
            let label = if primary { "pkey" } else { "key" };
            choose_relation_name(
                &table.name,
                &part,
                label,
                table.namespace,
                &|name| taken.iter().any(|known| known == name),
                ctx,
            )?
        }
    };
    let (deferrable, deferred) = deferrability(constraint)?;
    let (oid, id) = insert_key_row(&table, &name, primary, &attnums, deferrable, deferred, ctx)?;
    let index = NewIndex {
        name,
        method: index::BTREE,
        flags: new_rows::IndexFlags {
            unique: true,
            primary,
            nulls_not_distinct: key.nulls_not_distinct,
            deferrable,
            ..Default::default()
        },
        columns,
        include,
        expressions: Vec::new(),
        predicate: None,
        column_names,
        options: options::relation_options(&key.options, ctx)?,
        constraint: Some(oid),
    };
    let index_oid = index::define(&table, index, ctx)?;
    set_index(id, index_oid, ctx)?;
    Ok(oid)
}

/// The row of a PRIMARY KEY or UNIQUE constraint, its index still missing. Returns its OID and row id.
pub fn insert_key_row(
    table: &Relation,
    name: &str,
    primary: bool,
    attnums: &[i16],
    deferrable: bool,
    deferred: bool,
    ctx: &StatementCtx<'_>,
) -> Result<(Oid, u64)> {
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let contype = if primary { b'p' } else { b'u' };
    let mut row = new_rows::constraint_row(oid, name, table.namespace, contype, table.oid, attnums);
    row[pg_constraint::CONDEFERRABLE] = Datum::Bool(deferrable);
    row[pg_constraint::CONDEFERRED] = Datum::Bool(deferred);
    let id = writer.insert(pg_constraint::RELATION, &row)?;
    for attnum in attnums {
        writer.record_dependency(
            constraint_object(oid),
            ObjectAddress::column(table.oid, *attnum),
            DependencyKind::Auto,
        )?;
    }
    Ok((oid, id))
}

/// Notes the index behind a constraint.
pub fn set_index(constraint_row: u64, index: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?
        .update(pg_constraint::RELATION, constraint_row, |row| {
            row[pg_constraint::CONINDID] = Datum::Oid(index);
            Ok(())
        })
        .map(drop)
}

/// Index key columns of plain columns, with default operator classes.
pub fn key_columns(table: &Relation, attnums: &[i16], ctx: &StatementCtx<'_>) -> Result<Vec<IndexColumn>> {
    attnums
        .iter()
        .map(|attnum| {
            let column = table.column(*attnum).ok_or_else(|| Error::internal("column is gone"))?;
            let (opclass, opfamily) = index::operator_class(column.type_oid, None, index::BTREE, ctx)?;
            Ok(IndexColumn {
                attnum: *attnum,
                type_oid: column.type_oid,
                collation: column.collation,
                opclass,
                opfamily,
                descending: false,
                nulls_first: false,
            })
        })
        .collect()
}
