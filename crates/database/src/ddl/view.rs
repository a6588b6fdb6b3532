//! CREATE VIEW.

use super::relation::{self, NewColumn};
use super::util::{check_owner, creation_place, relation_name_is_free, relation_object};
use super::{dependency, options};
use crate::context::StatementCtx;
use pglitedb_analyzer::analyze_query;
use pglitedb_catalog::builtin::columns::{pg_class, pg_rewrite};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::{Query, TableLockMode, serial};
use pglitedb_sql_parser::ast::{CreateViewStatement, Ident, Persistence, ViewCheckOption};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, format_type, oids};

/// The columns of a query's result, renamed by a column list.
pub fn result_columns(query: &mut Query, names: &[Ident], what: &str) -> Result<Vec<NewColumn>> {
    let count = query.targets.iter().filter(|target| !target.junk).count();
    if names.len() > count {
        return Err(match what {
            "VIEW" => err!(SYNTAX_ERROR, "CREATE VIEW specifies more column names than columns"),
            _ => err!(SYNTAX_ERROR, "too many column names were specified"),
        });
    }
    let mut columns: Vec<NewColumn> = Vec::with_capacity(count);
    for (at, target) in query.targets.iter_mut().filter(|target| !target.junk).enumerate() {
        if let Some(name) = names.get(at) {
            target.name = Some(std::sync::Arc::from(&*name.name));
        }
        let name = target.name.as_deref().unwrap_or("?column?").to_owned();
        if columns.iter().any(|known| known.name == name) {
            return Err(err!(DUPLICATE_COLUMN, "column \"{name}\" specified more than once"));
        }
        let type_oid = match target.expr.type_oid() {
            oids::UNKNOWN => oids::TEXT,
            other => other,
        };
        if type_oid == oids::RECORD || type_oid == oids::VOID && what != "VIEW" {
            let shown = if type_oid == oids::RECORD { "record" } else { "void" };
            return Err(err!(INVALID_TABLE_DEFINITION, "column \"{name}\" has pseudo-type {shown}"));
        }
        columns.push(NewColumn {
            name,
            type_oid,
            typmod: target.expr.typmod(),
            collation: target.expr.collation(),
            not_null: false,
            identity: 0,
            generated: 0,
            storage: None,
        });
    }
    Ok(columns)
}

/// Does a query use a temporary relation?
fn uses_temp(query: &Query, ctx: &StatementCtx<'_>) -> Result<bool> {
    let mut relations: Vec<Oid> = Vec::new();
    collect_relations(query, &mut relations);
    for oid in relations {
        if ctx
            .catalog()
            .relation(oid)?
            .is_some_and(|r| r.persistence == pglitedb_catalog::Persistence::Temporary)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn collect_relations(query: &Query, into: &mut Vec<Oid>) {
    for rte in &query.rtable {
        if let pglitedb_query_tree::RteKind::Relation { oid, .. } = &rte.kind {
            into.push(*oid);
        }
    }
    query.for_each_subquery(&mut |inner| collect_relations(inner, into));
}

fn has_params(query: &Query) -> bool {
    let mut found = false;
    query.walk_exprs(0, &mut |expr, _| {
        found |= matches!(expr, pglitedb_query_tree::Expr::Param(param)
            if param.kind == pglitedb_query_tree::ParamKind::External);
    });
    found
}

/// CREATE [OR REPLACE] VIEW.
pub fn create(stmt: &CreateViewStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    if stmt.persistence == Persistence::Unlogged {
        return Err(err!(SYNTAX_ERROR, "views cannot be unlogged because they do not have storage"));
    }
    if stmt.recursive {
        return Err(Error::unsupported("CREATE RECURSIVE VIEW is not supported yet"));
    }
    let mut query = analyze_query(&stmt.query, &ctx.analyze())?;
    if has_params(&query) {
        return Err(err!(UNDEFINED_PARAMETER, "there is no parameter $1"));
    }
    let columns = result_columns(&mut query, &stmt.columns, "VIEW")?;
    let mut persistence = stmt.persistence;
    if persistence == Persistence::Permanent && uses_temp(&query, ctx)? {
        ctx.notice(
            err!(SUCCESSFUL_COMPLETION, "view \"{}\" will be a temporary view", stmt.name.last())
                .severity(Severity::Notice),
        );
        persistence = Persistence::Temporary;
    }
    let mut options = options::relation_options(&stmt.options, ctx)?;
    if let Some(check) = stmt.check_option {
        let value = match check {
            ViewCheckOption::Local => "local",
            ViewCheckOption::Cascaded => "cascaded",
        };
        options.push(format!("check_option={value}"));
    }
    let place = creation_place(&stmt.name, persistence, ctx)?;
    let existing = ctx.catalog().relation_oid(place.namespace, &place.name)?;
    if let (Some(oid), true) = (existing, stmt.or_replace) {
        return replace(oid, &query, &columns, &options, ctx);
    }
    relation_name_is_free(&place, false, ctx)?;
    let oid = relation::define(&place, RelKind::View, persistence, &columns, &options, ctx)?;
    store_rule(oid, &query, ctx)
}

/// Stores the defining query of a view or materialized view.
pub fn store_rule(oid: Oid, query: &Query, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let rule = writer.new_oid()?;
    let mut row = vec![Datum::Null; pg_rewrite::WIDTH];
    row[pg_rewrite::OID] = Datum::Oid(rule);
    row[pg_rewrite::RULENAME] = Datum::text("_RETURN");
    row[pg_rewrite::EV_CLASS] = Datum::Oid(oid);
    row[pg_rewrite::EV_TYPE] = Datum::Char(b'1');
    row[pg_rewrite::EV_ENABLED] = Datum::Char(b'O');
    row[pg_rewrite::IS_INSTEAD] = Datum::Bool(true);
    row[pg_rewrite::EV_QUAL] = Datum::text("<>");
    row[pg_rewrite::EV_ACTION] = Datum::text(&serial::query_to_text(query)?);
    writer.insert(pg_rewrite::RELATION, &row)?;
    relation::update_class(oid, ctx, |row| row[pg_class::RELHASRULES] = Datum::Bool(true))?;
    let object = ObjectAddress::new(pg_rewrite::RELATION, rule);
    writer.record_dependency(object, relation_object(oid), DependencyKind::Internal)?;
    dependency::record_query(object, query, ctx)
}

fn replace(
    oid: Oid,
    query: &Query,
    columns: &[NewColumn],
    options: &[String],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    ctx.lock_relation(oid, TableLockMode::AccessExclusive)?;
    let old = relation::describe(oid, ctx)?;
    if old.kind != RelKind::View {
        return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is not a view", old.name));
    }
    check_owner(old.owner, "view", &old.name, ctx)?;
    check_columns(&old, columns, ctx)?;
    for (at, column) in columns.iter().enumerate().skip(old.columns.len()) {
        relation::add_attribute(oid, i16::try_from(at + 1).unwrap_or(i16::MAX), column, ctx)?;
    }
    relation::update_class(oid, ctx, |row| {
        row[pg_class::RELNATTS] = Datum::Int2(i16::try_from(columns.len()).unwrap_or(i16::MAX));
        row[pg_class::RELOPTIONS] = if options.is_empty() {
            Datum::Null
        } else {
            pglitedb_catalog::new_rows::text_array(&options.iter().map(String::as_str).collect::<Vec<_>>())
        };
    })?;
    replace_rule(oid, query, ctx)
}

/// Replaces the stored query.
fn replace_rule(oid: Oid, query: &Query, ctx: &StatementCtx<'_>) -> Result<()> {
    /// `pg_rewrite_rel_rulename_index`
    const BY_RELATION: Oid = 2693;
    use pglitedb_catalog::CatalogSource as _;
    let writer = ctx.writer()?;
    for (id, row) in writer.source().lookup(pg_rewrite::RELATION, BY_RELATION, &[Datum::Oid(oid)])? {
        let rule = row[pg_rewrite::OID].as_oid().unwrap_or(0);
        writer.delete_dependencies_of(ObjectAddress::new(pg_rewrite::RELATION, rule))?;
        writer.delete(pg_rewrite::RELATION, id)?;
    }
    store_rule(oid, query, ctx)
}

/// A replaced view keeps its columns; new ones may follow.
fn check_columns(old: &Relation, columns: &[NewColumn], ctx: &StatementCtx<'_>) -> Result<()> {
    if columns.len() < old.columns.len() {
        return Err(err!(INVALID_TABLE_DEFINITION, "cannot drop columns from view"));
    }
    let env = pglitedb_functions::SessionEnv::as_type_env(ctx.env());
    for (old, new) in old.columns.iter().zip(columns) {
        if *old.name != *new.name {
            return Err(err!(
                INVALID_TABLE_DEFINITION,
                "cannot change name of view column \"{}\" to \"{}\"",
                old.name,
                new.name
            )
            .hint("Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead."));
        }
        if old.type_oid != new.type_oid || old.typmod != new.typmod {
            return Err(err!(
                INVALID_TABLE_DEFINITION,
                "cannot change data type of view column \"{}\" from {} to {}",
                old.name,
                format_type(old.type_oid, old.typmod, env)?,
                format_type(new.type_oid, new.typmod, env)?
            ));
        }
    }
    Ok(())
}
