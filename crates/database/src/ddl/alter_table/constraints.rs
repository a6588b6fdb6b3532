//! ADD CONSTRAINT.

use super::{Job, only_on};
use crate::context::StatementCtx;
use crate::ddl::util::{constraint_names, constraint_object, relation_object};
use crate::ddl::{constraint, foreign_key, relation};
use pglitedb_catalog::builtin::columns::{pg_class, pg_constraint, pg_index};
use pglitedb_catalog::{RelKind, Relation, new_rows};
use pglitedb_sql_parser::ast::{Constraint, ConstraintKind, Ident, KeyConstraint};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid};

/// Adds a constraint to a table; `column` if it was written with a new column.
pub(super) fn add(
    oid: Oid,
    written: &Constraint,
    column: Option<&str>,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let table = relation::describe(oid, ctx)?;
    only_on(&table, &[RelKind::Table], "ADD CONSTRAINT")?;
    let attributes = &written.attributes;
    match &written.kind {
        ConstraintKind::Check(_) => {
            let (check, _) = constraint::add_check(&table, written, column, ctx)?;
            if attributes.enforced != Some(false) && !attributes.not_valid {
                job.checks.push(check);
            }
            Ok(())
        }
        ConstraintKind::NotNull(name) => {
            let name = match (name, column) {
                (Some(name), _) => name.name.to_string(),
                (None, Some(column)) => column.to_owned(),
                (None, None) => return Err(Error::internal("NOT NULL without a column")),
            };
            add_not_null(&table, written, &name, job, ctx)
        }
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            let primary = matches!(written.kind, ConstraintKind::PrimaryKey(_));
            if primary {
                // Index and constraint are made at once, the rows are looked at in the end.
                let nullable = |attnum: i16| table.column(attnum).is_some_and(|column| !column.not_null);
                for attnum in key_attnums(&table, key, column) {
                    if nullable(attnum) {
                        job.not_null.push(attnum);
                    }
                }
            }
            match &key.using_index {
                Some(index) => using_index(&table, written, index, primary, job, ctx),
                None => constraint::add_key(&table, written, column, ctx).map(drop),
            }
        }
        ConstraintKind::ForeignKey(_) => {
            let column = column.map(Ident::synthetic);
            let key = foreign_key::add(&table, written, column.as_ref(), false, ctx)?;
            if attributes.enforced != Some(false) && !attributes.not_valid {
                job.foreign_keys.push(key);
            }
            Ok(())
        }
        ConstraintKind::Exclude { .. } => {
            Err(Error::unsupported("exclusion constraints are not supported yet").at(written.span.offset()))
        }
        _ => Err(Error::internal("not a table constraint")),
    }
}

fn key_attnums(table: &Relation, key: &KeyConstraint, column: Option<&str>) -> Vec<i16> {
    let names = column.into_iter().chain(key.columns.iter().map(|name| &*name.name));
    names.filter_map(|name| table.column_by_name(name).map(|(attnum, _)| attnum)).collect()
}

fn add_not_null(
    table: &Relation,
    written: &Constraint,
    name: &str,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let (attnum, column) = super::column_of(table, name)?;
    if written.attributes.enforced == Some(false) {
        return Err(err!(SYNTAX_ERROR, "not-null constraints cannot be marked NOT ENFORCED")
            .at(written.span.offset()));
    }
    let known = table.checks.iter().find(|check| check.expression.is_none() && check.columns == [attnum]);
    if let Some(known) = known {
        if let Some(own) = &written.name
            && *own.name != *known.name
        {
            return Err(err!(
                OBJECT_NOT_IN_PREREQUISITE_STATE,
                "cannot create not-null constraint \"{}\" on column \"{name}\" of table \"{}\"",
                own.name,
                table.name
            )
            .detail(format!(
                "A not-null constraint named \"{}\" already exists for this column.",
                known.name
            )));
        }
        if !written.attributes.not_valid && !known.validated {
            return Err(err!(
                OBJECT_NOT_IN_PREREQUISITE_STATE,
                "incompatible NOT VALID constraint \"{}\" on relation \"{}\"",
                known.name,
                table.name
            )
            .hint("You might need to validate it using ALTER TABLE ... VALIDATE CONSTRAINT."));
        }
        return Ok(());
    }
    let validated = !written.attributes.not_valid;
    let own = written.name.as_ref().map(|name| &*name.name);
    constraint::add_not_null(table, attnum, own, written.attributes.no_inherit, validated, ctx)?;
    if validated && !column.not_null {
        job.not_null.push(attnum);
    }
    ctx.writer()?.update_attribute(table.oid, attnum, |row| {
        row[pglitedb_catalog::builtin::columns::pg_attribute::ATTNOTNULL] = Datum::Bool(true);
        Ok(())
    })
}

/// ADD PRIMARY KEY|UNIQUE USING INDEX.
fn using_index(
    table: &Relation,
    written: &Constraint,
    name: &Ident,
    primary: bool,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let at = written.span.offset();
    let index_oid = ctx
        .catalog()
        .relation_oid(table.namespace, &name.name)?
        .ok_or_else(|| err!(UNDEFINED_OBJECT, "index \"{}\" does not exist", name.name).at(at))?;
    let index = ctx
        .catalog()
        .index(index_oid)?
        .ok_or_else(|| err!(WRONG_OBJECT_TYPE, "\"{}\" is not an index", name.name).at(at))?;
    let refuse = |message: String| {
        Err(err!(WRONG_OBJECT_TYPE, "{message}")
            .detail("Cannot create a primary key or unique constraint using such an index.")
            .at(at))
    };
    if index.table != table.oid {
        return Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "index \"{}\" does not belong to table \"{}\"",
            name.name,
            table.name
        )
        .at(at));
    }
    if index.constraint.is_some() {
        return Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "index \"{}\" is already associated with a constraint",
            name.name
        )
        .at(at));
    }
    if !index.is_unique {
        return refuse(format!("\"{}\" is not a unique index", name.name));
    }
    if !index.expressions.is_empty() {
        return refuse(format!("index \"{}\" contains expressions", name.name));
    }
    if index.predicate.is_some() {
        return refuse(format!("\"{}\" is a partial index", name.name));
    }
    if primary && table.primary_key().is_some() {
        return Err(err!(
            INVALID_TABLE_DEFINITION,
            "multiple primary keys for table \"{}\" are not allowed",
            table.name
        )
        .at(at));
    }
    if index.columns.iter().any(|column| column.descending || column.nulls_first) {
        let number = index.columns.iter().position(|c| c.descending || c.nulls_first).unwrap_or(0) + 1;
        return refuse(format!(
            "index \"{}\" column number {number} does not have default sorting behavior",
            name.name
        ));
    }
    let (deferrable, deferred) = constraint::deferrability(written)?;
    if deferrable {
        // Entries of deferrable keys have another form.
        return Err(Error::unsupported("a deferrable constraint USING INDEX is not supported yet").at(at));
    }
    let attnums: Vec<i16> = index.columns.iter().map(|column| column.attnum).collect();
    let own = written.name.as_ref().map_or(&*name.name, |own| &*own.name);
    constraint::check_name_free(own, table, &constraint_names(table.oid, ctx)?)?;
    if *own != *name.name {
        let notice = err!(
            SUCCESSFUL_COMPLETION,
            "ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{}\" to \"{own}\"",
            name.name
        );
        ctx.notice(notice.severity(Severity::Notice));
        crate::ddl::rename::rename_relation_row(index_oid, own, ctx)?;
    }
    if primary {
        for attnum in &attnums {
            let now = relation::describe(table.oid, ctx)?;
            if now.column(*attnum).is_some_and(|column| !column.not_null) {
                job.not_null.push(*attnum);
            }
            constraint::ensure_not_null(&now, *attnum, ctx)?;
        }
    }
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let letter = if primary { b'p' } else { b'u' };
    let mut row = new_rows::constraint_row(oid, own, table.namespace, letter, table.oid, &attnums);
    row[pg_constraint::CONDEFERRABLE] = Datum::Bool(deferrable);
    row[pg_constraint::CONDEFERRED] = Datum::Bool(deferred);
    row[pg_constraint::CONINDID] = Datum::Oid(index_oid);
    writer.insert(pg_constraint::RELATION, &row)?;
    for attnum in &attnums {
        let column = ObjectAddress::column(table.oid, *attnum);
        writer.record_dependency(constraint_object(oid), column, DependencyKind::Auto)?;
    }
    writer.delete_dependencies_on_class(relation_object(index_oid), pg_class::RELATION)?;
    writer.record_dependency(relation_object(index_oid), constraint_object(oid), DependencyKind::Internal)?;
    writer.update_oid(pg_index::RELATION, index_oid, |row| {
        row[pg_index::INDISPRIMARY] = Datum::Bool(primary);
        Ok(())
    })
}
