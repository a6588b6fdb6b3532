//! Identity columns and generated columns.

use super::{Job, attributes, column_of, only_on};
use crate::context::StatementCtx;
use crate::ddl::util::{CreationPlace, choose_relation_name, relation_object};
use crate::ddl::{index, relation, sequence};
use pglitedb_analyzer::bind_generated;
use pglitedb_catalog::builtin::columns::{pg_attribute, pg_class};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::serial;
use pglitedb_sql_parser::ast::{self, IdentityChange, SequenceOption};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::{DependencyKind, DropBehavior, ObjectAddress};
use pglitedb_types::{Datum, Oid, oids};

fn not_identity(table: &Relation, name: &str) -> Error {
    err!(
        OBJECT_NOT_IN_PREREQUISITE_STATE,
        "column \"{name}\" of relation \"{}\" is not an identity column",
        table.name
    )
}

fn set_letter(table: Oid, attnum: i16, letter: u8, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?.update_attribute(table, attnum, |row| {
        row[pg_attribute::ATTIDENTITY] = Datum::Char(letter);
        Ok(())
    })
}

/// ADD GENERATED ... AS IDENTITY.
pub(super) fn add(
    table: &Relation,
    name: &str,
    always: bool,
    options: &[SequenceOption],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table], "ALTER COLUMN ... ADD IDENTITY")?;
    let (attnum, column) = column_of(table, name)?;
    let relation_name = &table.name;
    if !matches!(column.type_oid, oids::INT2 | oids::INT4 | oids::INT8) {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "identity column type must be smallint, integer, or bigint"
        ));
    }
    if !column.not_null {
        return Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "column \"{name}\" of relation \"{relation_name}\" must be declared NOT NULL before identity can be added"
        ));
    }
    if column.identity != 0 {
        return Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "column \"{name}\" of relation \"{relation_name}\" is already an identity column"
        ));
    }
    if column.default.is_some() {
        return Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "column \"{name}\" of relation \"{relation_name}\" already has a default value"
        ));
    }
    let own = choose_relation_name(relation_name, name, "seq", table.namespace, &|_| false, ctx)?;
    let is_temp = table.persistence == pglitedb_catalog::Persistence::Temporary;
    let place = CreationPlace { namespace: table.namespace, name: own, is_temp };
    let persistence = index::persistence_of(table);
    let sequence = sequence::create_for_column(&place, persistence, column.type_oid, options, ctx)?;
    sequence::own_by(sequence, table.oid, attnum, DependencyKind::Internal, ctx)?;
    if table.owner != pglitedb_functions::SessionEnv::current_user(ctx.env()) {
        super::change_owner(sequence, table.owner, ctx)?;
    }
    set_letter(table.oid, attnum, if always { b'a' } else { b'd' }, ctx)
}

/// The sequence of an identity column.
pub(in crate::ddl) fn sequence_of(table: Oid, attnum: i16, ctx: &StatementCtx<'_>) -> Result<Option<Oid>> {
    let edges = ctx.writer()?.dependents_on(ObjectAddress::column(table, attnum))?;
    for edge in edges {
        if edge.kind == DependencyKind::Internal && edge.depender.class == pg_class::RELATION {
            let found = ctx.catalog().relation(edge.depender.object)?;
            if found.is_some_and(|found| found.kind == RelKind::Sequence) {
                return Ok(Some(edge.depender.object));
            }
        }
    }
    Ok(None)
}

/// SET GENERATED, SET sequence options, RESTART.
pub(super) fn alter(
    table: &Relation,
    name: &str,
    changes: &[IdentityChange],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table], "ALTER COLUMN ... SET")?;
    let (attnum, column) = column_of(table, name)?;
    if column.identity == 0 {
        return Err(not_identity(table, name));
    }
    let mut options = Vec::new();
    let mut generated = None;
    for change in changes {
        match change {
            IdentityChange::Generated(always) => {
                if generated.replace(*always).is_some() {
                    return Err(err!(SYNTAX_ERROR, "conflicting or redundant options"));
                }
            }
            IdentityChange::Option(option) => options.push(option.clone()),
        }
    }
    if let Some(always) = generated {
        set_letter(table.oid, attnum, if always { b'a' } else { b'd' }, ctx)?;
    }
    if options.is_empty() {
        return Ok(());
    }
    let sequence = sequence_of(table.oid, attnum, ctx)?
        .ok_or_else(|| err!(INTERNAL_ERROR, "no owned sequence found"))?;
    let relation = relation::describe(sequence, ctx)?;
    sequence::alter_relation(&relation, &options, ctx)
}

/// DROP IDENTITY.
pub(super) fn drop(table: &Relation, name: &str, if_exists: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    only_on(table, &[RelKind::Table], "ALTER COLUMN ... DROP IDENTITY")?;
    let (attnum, column) = column_of(table, name)?;
    if column.identity == 0 {
        if if_exists {
            let notice = err!(
                SUCCESSFUL_COMPLETION,
                "column \"{name}\" of relation \"{}\" is not an identity column, skipping",
                table.name
            );
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(());
        }
        return Err(not_identity(table, name));
    }
    set_letter(table.oid, attnum, 0, ctx)?;
    let Some(sequence) = sequence_of(table.oid, attnum, ctx)? else { return Ok(()) };
    // It is part of the column, and would not go alone.
    let column = ObjectAddress::column(table.oid, attnum);
    forget_edge(relation_object(sequence), column, ctx)?;
    crate::ddl::drop::drop_objects(&[relation_object(sequence)], DropBehavior::Restrict, ctx)
}

/// Removes the dependency of one object on another.
pub(super) fn forget_edge(
    depender: ObjectAddress,
    referenced: ObjectAddress,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    let kept: Vec<_> =
        writer.dependencies_of(depender)?.into_iter().filter(|edge| edge.referenced != referenced).collect();
    writer.delete_dependencies_of(depender)?;
    for edge in kept {
        writer.record_dependency(edge.depender, edge.referenced, edge.kind)?;
    }
    Ok(())
}

/// SET EXPRESSION.
pub(super) fn set_expression(
    table: &Relation,
    name: &str,
    expr: &ast::Expr,
    job: &mut Job<'_>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table], "ALTER COLUMN ... SET EXPRESSION")?;
    let (attnum, column) = column_of(table, name)?;
    if column.generated == 0 {
        return Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "column \"{name}\" of relation \"{}\" is not a generated column",
            table.name
        ));
    }
    let bound = bind_generated(table, expr, name, column.type_oid, column.typmod, &ctx.analyze())?;
    index::check_immutable(&bound, "generation expression is not immutable", ctx)?;
    attributes::forget_default(table.oid, attnum, ctx)?;
    relation::store_default(table.oid, attnum, &bound, true, ctx)?;
    if column.generated == b's' {
        job.generated.retain(|(known, _)| *known != attnum);
        job.generated.push((attnum, bound));
    }
    // Constraints over the column have to hold for its new values.
    job.checks
        .extend(table.checks.iter().filter(|check| check.columns.contains(&attnum)).map(|check| check.oid));
    if column.not_null {
        job.not_null.push(attnum);
    }
    Ok(())
}

/// DROP EXPRESSION: a stored generated column becomes an ordinary one.
pub(super) fn drop_expression(
    table: &Relation,
    name: &str,
    if_exists: bool,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table], "ALTER COLUMN ... DROP EXPRESSION")?;
    let (attnum, column) = column_of(table, name)?;
    if column.generated == b'v' {
        return Err(err!(
            FEATURE_NOT_SUPPORTED,
            "ALTER TABLE / DROP EXPRESSION is not supported for virtual generated columns"
        )
        .detail(format!("Column \"{name}\" of relation \"{}\" is a virtual generated column.", table.name)));
    }
    if column.generated == 0 {
        let message = format!("column \"{name}\" of relation \"{}\" is not a generated column", table.name);
        if if_exists {
            let notice = err!(SUCCESSFUL_COMPLETION, "{message}, skipping");
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(());
        }
        return Err(err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "{message}"));
    }
    attributes::forget_default(table.oid, attnum, ctx)?;
    ctx.writer()?.update_attribute(table.oid, attnum, |row| {
        row[pg_attribute::ATTGENERATED] = Datum::Char(0);
        Ok(())
    })
}

/// The bound generation expressions of columns that use another column.
pub(super) fn generated_users(table: &Relation, attnum: i16) -> Result<Vec<String>> {
    let mut users = Vec::new();
    for column in table.columns.iter().filter(|column| column.generated != 0 && !column.dropped) {
        let Some(text) = &column.default else { continue };
        let bound = serial::expr_from_text(text)?;
        if crate::ddl::constraint::columns_of(&bound).contains(&attnum) {
            users.push(column.name.to_string());
        }
    }
    Ok(users)
}
