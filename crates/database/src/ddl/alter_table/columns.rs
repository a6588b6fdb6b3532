//! ADD COLUMN and DROP COLUMN.

use super::{Job, is_system_column, missing_column, only_on};
use crate::context::StatementCtx;
use crate::ddl::column::{self, ColumnPlan};
use crate::ddl::util::CreationPlace;
use crate::ddl::{create_table, index, relation};
use pglitedb_catalog::builtin::columns::{pg_attribute, pg_class};
use pglitedb_catalog::{RelKind, Relation, Volatility};
use pglitedb_executor::{CompileCtx, EvalRow, compile};
use pglitedb_query_tree::{Expr, serial};
use pglitedb_sql_parser::ast::{ColumnDefinition, DropBehavior};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{ArrayValue, Datum, Oid, TypeKind};
use std::sync::Arc;

/// Columns a table may have.
const COLUMNS_MAX: usize = 1600;

/// ADD COLUMN.
pub(super) fn add<'a>(
    table: &Arc<Relation>,
    definition: &'a ColumnDefinition,
    if_not_exists: bool,
    job: &mut Job<'a>,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::CompositeType], "ADD COLUMN")?;
    let name = &*definition.name.name;
    if is_system_column(name) {
        return Err(err!(DUPLICATE_COLUMN, "column name \"{name}\" conflicts with a system column name"));
    }
    if table.column_by_name(name).is_some() {
        let error = err!(DUPLICATE_COLUMN, "column \"{name}\" of relation \"{}\" already exists", table.name);
        if if_not_exists {
            let notice = err!(
                DUPLICATE_COLUMN,
                "column \"{name}\" of relation \"{}\" already exists, skipping",
                table.name
            );
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(());
        }
        return Err(error);
    }
    if table.columns.len() >= COLUMNS_MAX {
        return Err(err!(TOO_MANY_COLUMNS, "tables can have at most {COLUMNS_MAX} columns"));
    }
    let plan = column::plan(definition, &table.name, ctx)?;
    crate::ddl::column_type::refuse_self_inclusion(plan.column.type_oid, table.row_type, ctx)?;
    refuse_row_type_use(table, ctx)?;
    let place = CreationPlace {
        namespace: table.namespace,
        name: table.name.to_string(),
        is_temp: table.persistence == pglitedb_catalog::Persistence::Temporary,
    };
    let persistence = index::persistence_of(table);
    let plans = [plan];
    let sequence =
        create_table::create_sequences(&place, persistence, &plans, ctx)?.into_iter().next().flatten();
    let [plan] = &plans;
    let attnum = i16::try_from(table.columns.len() + 1).unwrap_or(i16::MAX);
    relation::add_attribute(table.oid, attnum, &plan.column, ctx)?;
    relation::update_class(table.oid, ctx, |row| row[pg_class::RELNATTS] = Datum::Int2(attnum))?;
    let now = relation::describe(table.oid, ctx)?;
    create_table::finish_column(&now, attnum, plan, sequence, ctx)?;
    if table.kind == RelKind::CompositeType {
        return Ok(());
    }
    if plan.column.not_null {
        crate::ddl::constraint::add_not_null(
            &now,
            attnum,
            plan.not_null_name,
            plan.not_null_no_inherit,
            true,
            ctx,
        )?;
        job.not_null.push(attnum);
    }
    fill(attnum, plan, sequence, job, table.oid, ctx)?;
    for constraint in &plan.constraints {
        job.column_constraints.push((name.to_owned(), constraint));
    }
    Ok(())
}

/// Rows of other tables that hold values of this table's row type would not fit any more.
pub(super) fn refuse_row_type_use(table: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    if table.row_type == 0 {
        return Ok(());
    }
    let users = ctx.writer()?.dependents_on(crate::ddl::util::type_object(table.row_type))?;
    for user in users {
        if user.depender.class != pg_class::RELATION || user.depender.part == 0 {
            continue;
        }
        let other = relation::describe(user.depender.object, ctx)?;
        let attnum = i16::try_from(user.depender.part).unwrap_or(0);
        let column = other.column(attnum).map_or_else(String::new, |column| column.name.to_string());
        let word = if table.kind == RelKind::CompositeType { "type" } else { "table" };
        let message = if word == "type" {
            format!("cannot alter type \"{}\" because column \"{}.{column}\" uses it", table.name, other.name)
        } else {
            format!(
                "cannot alter table \"{}\" because column \"{}.{column}\" uses its row type",
                table.name, other.name
            )
        };
        return Err(err!(FEATURE_NOT_SUPPORTED, "{message}"));
    }
    Ok(())
}

/// Gives existing rows the new column's value: without touching them where that is possible.
fn fill(
    attnum: i16,
    plan: &ColumnPlan<'_>,
    sequence: Option<Oid>,
    job: &mut Job<'_>,
    table: Oid,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let now = relation::describe(table, ctx)?;
    let column = now.column(attnum).ok_or_else(|| Error::internal("new column is not in its table"))?;
    let info = ctx
        .catalog()
        .type_info(column.type_oid)?
        .ok_or_else(|| Error::internal("type of the new column is gone"))?;
    let stored = column.default.as_ref().map(|text| serial::expr_from_text(text)).transpose()?;
    let value = match (stored, sequence) {
        (Some(expr), _) if column.generated != 0 => {
            job.generated.push((attnum, expr));
            return Ok(());
        }
        (Some(expr), _) => expr,
        (None, Some(sequence)) if plan.identity.is_some() => {
            create_table::nextval_expr(sequence, column.type_oid)
        }
        // A domain may forbid NULL: that is found out row by row.
        (None, _) if info.kind == TypeKind::Domain => Expr::CoerceToDomain {
            arg: Box::new(Expr::null_const(info.base_type, info.base_typmod, column.collation)),
            type_oid: column.type_oid,
            typmod: column.typmod,
            collation: column.collation,
            form: pglitedb_query_tree::CallForm::ImplicitCast,
        },
        (None, _) => return Ok(()),
    };
    let simple = matches!(info.kind, TypeKind::Base | TypeKind::Enum) && !info.is_true_array;
    if !simple || is_volatile(&value, ctx)? {
        job.values.push((attnum, value));
        return Ok(());
    }
    let snapshot = ctx.fresh_snapshot();
    let runtime = ctx.runtime(&snapshot);
    let mut compile_ctx = CompileCtx::new(ctx.catalog(), ctx.env(), ctx.registry());
    let value = compile(&value, &mut compile_ctx)?.eval(&EvalRow::default(), &runtime)?;
    if value.is_null() {
        return Ok(());
    }
    let missing = Datum::Array(Arc::new(ArrayValue::one_dim(column.type_oid, vec![value])));
    ctx.writer()?.update_attribute(table, attnum, |row| {
        row[pg_attribute::ATTHASMISSING] = Datum::Bool(true);
        row[pg_attribute::ATTMISSINGVAL] = missing;
        Ok(())
    })
}

/// Does an expression have to be evaluated for each row?
pub(super) fn is_volatile(expr: &Expr, ctx: &StatementCtx<'_>) -> Result<bool> {
    let mut found = Ok(false);
    expr.walk(&mut |node| {
        let func = match node {
            Expr::Func(func) => func.func,
            Expr::Op(op) | Expr::Distinct(op) | Expr::NullIf(op) => op.func,
            Expr::ScalarArray(op) => op.func,
            Expr::NextValue { .. } | Expr::SubLink(_) => {
                found = Ok(true);
                return false;
            }
            _ => return true,
        };
        if let Ok(false) = found {
            let proc = ctx.catalog().proc(func);
            found = proc.map(|proc| proc.is_some_and(|proc| proc.volatility == Volatility::Volatile));
        }
        true
    });
    found
}

/// DROP COLUMN.
pub(super) fn drop(
    table: &Relation,
    name: &str,
    if_exists: bool,
    behavior: DropBehavior,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::CompositeType], "DROP COLUMN")?;
    if is_system_column(name) {
        return Err(err!(FEATURE_NOT_SUPPORTED, "cannot drop system column \"{name}\""));
    }
    let Some((attnum, _)) = table.column_by_name(name) else {
        if if_exists {
            let notice = err!(
                UNDEFINED_COLUMN,
                "column \"{name}\" of relation \"{}\" does not exist, skipping",
                table.name
            );
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(());
        }
        return Err(missing_column(table, name));
    };
    if table.kind == RelKind::CompositeType {
        refuse_row_type_use(table, ctx)?;
    }
    let behavior = crate::ddl::drop::behavior(behavior);
    crate::ddl::drop::drop_objects(&[ObjectAddress::column(table.oid, attnum)], behavior, ctx)
}
