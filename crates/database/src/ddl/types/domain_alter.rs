//! ALTER DOMAIN.

use super::check_type_owner;
use super::domain::{add_check, add_not_null, constraints, set_default};
use crate::context::StatementCtx;
use crate::ddl::object::type_by_name;
use crate::ddl::util::{constraint_object, type_object};
use crate::ddl::{dependency, drop, relation};
use pglitedb_analyzer::{ExprKind, bind_default};
use pglitedb_catalog::RelKind;
use pglitedb_catalog::builtin::columns::{pg_class, pg_constraint, pg_type};
use pglitedb_executor::{CompileCtx, EvalRow, compile};
use pglitedb_query_tree::{TableLockMode, serial};
use pglitedb_sql_parser::ast::{
    AlterDomainAction, AlterDomainStatement, Constraint, ConstraintKind, DropBehavior,
};
use pglitedb_sqlstate::{Result, Severity, err};
use pglitedb_storage::Direction;
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::{Datum, Oid, TypeInfo, TypeKind};

/// ALTER DOMAIN.
pub fn alter(stmt: &AlterDomainStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let domain = type_by_name(&stmt.name, ctx)?;
    if domain.kind != TypeKind::Domain {
        let shown = pglitedb_analyzer::format_type(domain.oid, -1, &ctx.analyze())?;
        return Err(err!(WRONG_OBJECT_TYPE, "{shown} is not a domain"));
    }
    check_type_owner(&domain, ctx)?;
    ctx.lock_object(pg_type::RELATION, domain.oid, TableLockMode::Exclusive)?;
    match &stmt.action {
        AlterDomainAction::Default(expr) => {
            let bound = expr
                .as_ref()
                .map(|expr| {
                    let (base, typmod) = (domain.base_type, domain.base_typmod);
                    bind_default(expr, &domain.name, base, typmod, ExprKind::ColumnDefault, &ctx.analyze())
                })
                .transpose()?;
            ctx.writer()?
                .update_oid(pg_type::RELATION, domain.oid, |row| set_default(row, bound.as_ref(), ctx))?;
            match &bound {
                Some(bound) => {
                    dependency::record_expr(type_object(domain.oid), bound, None, DependencyKind::Normal, ctx)
                }
                None => Ok(()),
            }
        }
        AlterDomainAction::SetNotNull => set_not_null(&domain, None, ctx),
        AlterDomainAction::DropNotNull => {
            let found = find(domain.oid, |row| kind_of(row) == b'n', ctx)?;
            match found {
                Some((oid, _)) => drop_constraint(&domain, oid, b'n', DropBehavior::Restrict, ctx),
                None => Ok(()),
            }
        }
        AlterDomainAction::AddConstraint(constraint) => add(&domain, constraint, ctx),
        AlterDomainAction::DropConstraint { name, if_exists, behavior } => {
            let Some((oid, row)) = find(domain.oid, |row| is_named(row, &name.name), ctx)? else {
                let shown = pglitedb_types::quote_identifier(&domain.name).into_owned();
                if *if_exists {
                    let notice = err!(
                        SUCCESSFUL_COMPLETION,
                        "constraint \"{}\" of domain \"{shown}\" does not exist, skipping",
                        name.name
                    );
                    ctx.notice(notice.severity(Severity::Notice));
                    return Ok(());
                }
                return Err(err!(
                    UNDEFINED_OBJECT,
                    "constraint \"{}\" of domain \"{shown}\" does not exist",
                    name.name
                ));
            };
            drop_constraint(&domain, oid, kind_of(&row), *behavior, ctx)
        }
        AlterDomainAction::ValidateConstraint(name) => {
            let Some((oid, row)) = find(domain.oid, |row| is_named(row, &name.name), ctx)? else {
                return Err(err!(
                    UNDEFINED_OBJECT,
                    "constraint \"{}\" of domain \"{}\" does not exist",
                    name.name,
                    domain.name
                ));
            };
            if kind_of(&row) != b'c' {
                return Err(err!(
                    WRONG_OBJECT_TYPE,
                    "constraint \"{}\" of domain \"{}\" is not a check constraint",
                    name.name,
                    domain.name
                ));
            }
            validate(&domain, Some(oid), ctx)?;
            ctx.writer()?.update_oid(pg_constraint::RELATION, oid, |row| {
                row[pg_constraint::CONVALIDATED] = Datum::Bool(true);
                Ok(())
            })
        }
    }
}

fn kind_of(row: &[Datum]) -> u8 {
    if let Some(Datum::Char(kind)) = row.get(pg_constraint::CONTYPE) { *kind } else { 0 }
}

fn is_named(row: &[Datum], name: &str) -> bool {
    row.get(pg_constraint::CONNAME).and_then(Datum::as_str) == Some(name)
}

fn find(
    domain: Oid,
    wanted: impl Fn(&[Datum]) -> bool,
    ctx: &StatementCtx<'_>,
) -> Result<Option<(Oid, Vec<Datum>)>> {
    let rows = constraints(domain, ctx)?;
    let found = rows.into_iter().map(|(_, row)| row).find(|row| wanted(row));
    Ok(found.map(|row| (row.get(pg_constraint::OID).and_then(Datum::as_oid).unwrap_or(0), row)))
}

fn set_flag(domain: Oid, not_null: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?.update_oid(pg_type::RELATION, domain, |row| {
        row[pg_type::TYPNOTNULL] = Datum::Bool(not_null);
        Ok(())
    })
}

fn set_not_null(domain: &TypeInfo, name: Option<&str>, ctx: &StatementCtx<'_>) -> Result<()> {
    if domain.not_null {
        return Ok(());
    }
    add_not_null(domain, name, ctx)?;
    validate(domain, None, ctx)?;
    set_flag(domain.oid, true, ctx)
}

fn add(domain: &TypeInfo, constraint: &Constraint, ctx: &StatementCtx<'_>) -> Result<()> {
    match &constraint.kind {
        ConstraintKind::Check(_) => {
            let oid = add_check(domain, constraint, ctx)?;
            if constraint.attributes.not_valid { Ok(()) } else { validate(domain, Some(oid), ctx) }
        }
        ConstraintKind::NotNull(_) => {
            set_not_null(domain, constraint.name.as_ref().map(|name| &*name.name), ctx)
        }
        _ => Err(err!(SYNTAX_ERROR, "this kind of constraint is not possible for domains")
            .at(constraint.span.offset())),
    }
}

fn drop_constraint(
    domain: &TypeInfo,
    oid: Oid,
    kind: u8,
    behavior: DropBehavior,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    drop::drop_objects(&[constraint_object(oid)], drop::behavior(behavior), ctx)?;
    if kind == b'n' { set_flag(domain.oid, false, ctx) } else { Ok(()) }
}

/// Checks the values of all columns of the domain: against one CHECK, or (`None`) for NULLs.
fn validate(domain: &TypeInfo, check: Option<Oid>, ctx: &StatementCtx<'_>) -> Result<()> {
    let rows = constraints(domain.oid, ctx)?;
    let stored = rows
        .iter()
        .map(|(_, row)| row)
        .find(|row| row.get(pg_constraint::OID).and_then(Datum::as_oid) == check);
    let mut compile_ctx = CompileCtx::new(ctx.catalog(), ctx.env(), ctx.registry());
    let compiled = match stored.and_then(|row| row.get(pg_constraint::CONBIN)).and_then(Datum::as_str) {
        Some(text) => Some(compile(&serial::expr_from_text(text)?, &mut compile_ctx)?),
        None => None,
    };
    ctx.next_command()?;
    let snapshot = ctx.fresh_snapshot();
    let runtime = ctx.runtime(&snapshot);
    for edge in ctx.writer()?.dependents_on(type_object(domain.oid))? {
        if edge.depender.class != pg_class::RELATION || edge.depender.part == 0 {
            continue;
        }
        ctx.lock_relation(edge.depender.object, TableLockMode::Share)?;
        let table = relation::describe(edge.depender.object, ctx)?;
        let at = usize::try_from(edge.depender.part - 1).unwrap_or(usize::MAX);
        let Some(column) = table.columns.get(at) else { continue };
        let is_own = column.type_oid == domain.oid && !column.dropped;
        if !is_own || !matches!(table.kind, RelKind::Table | RelKind::MaterializedView) {
            continue;
        }
        let access = ctx.space().open(&table, ctx.catalog())?;
        let mut scan = access.scan(ctx.txn(), &snapshot, Direction::Forward)?;
        let mut row = vec![Datum::Null; table.columns.len()];
        while scan.next(&[at], &mut row)?.is_some() {
            runtime.check()?;
            let value = &row[at];
            match &compiled {
                None if value.is_null() => {
                    return Err(err!(
                        NOT_NULL_VIOLATION,
                        "column \"{}\" of table \"{}\" contains null values",
                        column.name,
                        table.name
                    )
                    .table(&*table.namespace_name, &*table.name)
                    .column(&*column.name));
                }
                Some(compiled) => {
                    let eval = EvalRow { case_value: Some(value), ..EvalRow::default() };
                    if compiled.eval(&eval, &runtime)?.as_bool() == Some(false) {
                        return Err(err!(
                            CHECK_VIOLATION,
                            "column \"{}\" of table \"{}\" contains values that violate the new constraint",
                            column.name,
                            table.name
                        )
                        .table(&*table.namespace_name, &*table.name)
                        .column(&*column.name));
                    }
                }
                None => {}
            }
        }
    }
    Ok(())
}
