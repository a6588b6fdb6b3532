//! CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW, REFRESH MATERIALIZED VIEW.

use super::relation;
use super::util::{check_owner, creation_place, relation_name_is_free};
use super::{options, truncate, util, view};
use crate::context::StatementCtx;
use pglitedb_analyzer::{ParamTypes, analyze_query, lookup_relation, rewrite};
use pglitedb_catalog::RelKind;
use pglitedb_catalog::builtin::columns::pg_class;
use pglitedb_executor::write::RowWriter;
use pglitedb_executor::{CompileCtx, Executor};
use pglitedb_planner::{PlannerContext, plan_query};
use pglitedb_query_tree::{Query, TableLockMode, serial};
use pglitedb_sql_parser::ast::{
    self, CreateTableAsStatement, IntoClause, ObjectKind, RefreshMaterializedViewStatement, Statement,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// CREATE TABLE AS or CREATE MATERIALIZED VIEW. Returns the number of rows, `None` without data or if the table was
/// there.
pub fn create(stmt: &CreateTableAsStatement, ctx: &StatementCtx<'_>) -> Result<Option<u64>> {
    let materialized = stmt.kind == ObjectKind::MaterializedView;
    let kind = if materialized { RelKind::MaterializedView } else { RelKind::Table };
    let make = |source: &ast::Query, types: &[Oid], ctx: &StatementCtx<'_>| {
        create_with(&stmt.into, source, types, kind, stmt.if_not_exists, stmt.no_data, ctx)
    };
    match &*stmt.source {
        Statement::Select(source) => make(source, &[], ctx),
        Statement::Execute(execute) => {
            let portal = crate::utility::execute_portal(ctx.env(), execute, ctx.source(), ctx.params())?;
            let prepared = &portal.prepared;
            let Some(Statement::Select(source)) = &prepared.stmt else {
                return Err(err!(WRONG_OBJECT_TYPE, "prepared statement is not a SELECT"));
            };
            let inner = StatementCtx::for_ddl(
                ctx.env(),
                &prepared.source,
                &portal.params,
                "CREATE TABLE AS",
                ctx.is_top_level(),
            )?;
            make(source, &prepared.param_types, &inner)
        }
        _ => Err(Error::internal("CREATE TABLE AS without a query")),
    }
}

/// The same for `SELECT ... INTO`.
pub fn create_from(
    into: &IntoClause,
    source: &ast::Query,
    kind: RelKind,
    if_not_exists: bool,
    no_data: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Option<u64>> {
    create_with(into, source, &[], kind, if_not_exists, no_data, ctx)
}

/// As [`create_from`], for a query with parameters of these types (values in the context).
fn create_with(
    into: &IntoClause,
    source: &ast::Query,
    types: &[Oid],
    kind: RelKind,
    if_not_exists: bool,
    no_data: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Option<u64>> {
    let place = creation_place(&into.name, into.persistence, ctx)?;
    if !relation_name_is_free(&place, if_not_exists, ctx)? {
        return Ok(None);
    }
    util::check_on_commit(into.on_commit, place.is_temp)?;
    let mut query = analyze_query(source, &ctx.analyze().with_params(ParamTypes::Fixed(types)))?;
    let columns = view::result_columns(&mut query, &into.columns, "TABLE")?;
    let options = options::relation_options(&into.options, ctx)?;
    let oid = relation::define(&place, kind, into.persistence, &columns, &options, ctx)?;
    relation::create_storage(oid, ctx)?;
    if kind == RelKind::MaterializedView {
        view::store_rule(oid, &query, ctx)?;
    }
    if no_data {
        if kind == RelKind::MaterializedView {
            set_populated(oid, false, ctx)?;
        }
        return Ok(None);
    }
    fill(oid, query, ctx).map(Some)
}

fn set_populated(oid: Oid, populated: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    relation::update_class(oid, ctx, |row| row[pg_class::RELISPOPULATED] = Datum::Bool(populated))
}

/// Runs a query into a new relation.
fn fill(oid: Oid, query: Query, ctx: &StatementCtx<'_>) -> Result<u64> {
    let query = rewrite(query, &ctx.analyze())?;
    let settings = ctx.env().effective.borrow().planner.clone();
    let planner = PlannerContext {
        catalog: ctx.catalog(),
        env: ctx.env(),
        registry: ctx.registry(),
        settings: &settings,
    };
    let plan = Arc::new(plan_query(query, &planner)?);
    for (relation, mode) in &plan.locks {
        ctx.lock_relation(*relation, *mode)?;
    }
    let snapshot = ctx.snapshot();
    let runtime = ctx.runtime(snapshot);
    let mut compile = CompileCtx::new(ctx.catalog(), ctx.env(), ctx.registry());
    let mut executor = Executor::build(&plan, &mut compile, false)?;
    let relation = relation::describe(oid, ctx)?;
    let table = ctx.space().open(&relation, ctx.catalog())?;
    let writer = RowWriter::new(&relation, &mut compile)?;
    let mut row = Vec::new();
    let mut count = 0_u64;
    writer.with_ctx(&runtime, |write| {
        while executor.next(&runtime, &mut row)? {
            table.insert(write, &row)?;
            count += 1;
        }
        Ok(())
    })?;
    Ok(count)
}

/// REFRESH MATERIALIZED VIEW.
pub fn refresh(stmt: &RefreshMaterializedViewStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let found = lookup_relation(&stmt.name, &ctx.analyze())?;
    if found.kind != RelKind::MaterializedView {
        return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is not a materialized view", found.name));
    }
    check_owner(found.owner, "materialized view", &found.name, ctx)?;
    if stmt.concurrently {
        return Err(Error::unsupported("REFRESH MATERIALIZED VIEW CONCURRENTLY is not supported yet"));
    }
    ctx.lock_relation(found.oid, TableLockMode::AccessExclusive)?;
    let relation = relation::describe(found.oid, ctx)?;
    let text =
        relation.view_query.clone().ok_or_else(|| Error::internal("materialized view without query"))?;
    truncate::empty(&relation, ctx)?;
    set_populated(relation.oid, !stmt.no_data, ctx)?;
    if !stmt.no_data {
        fill(relation.oid, serial::query_from_text(&text)?, ctx)?;
    }
    Ok(())
}
