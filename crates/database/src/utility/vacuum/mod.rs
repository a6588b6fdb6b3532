//! VACUUM, ANALYZE, CHECKPOINT.
//!
//! Dead row versions vanish from memory by themselves, so VACUUM has little to do: it brings the planner's sizes up to
//! date, and VACUUM FULL (or of the whole database) writes a checkpoint.
//!
//! - [`sample`]: random rows of a table
//! - [`statistics`]: what they say about a column

mod sample;
mod statistics;

use crate::context::StatementCtx;
use crate::ddl::index::{index_pages, put_size};
use crate::env::Env;
use crate::settings::value::parse_bool;
use pglitedb_analyzer::lookup_relation;
use pglitedb_catalog::builtin::columns::{pg_class, pg_statistic};
use pglitedb_catalog::{AmStrategy, Catalog, Column, RelKind, Relation, statistics_row};
use pglitedb_planner::table_pages;
use pglitedb_query_tree::{TableLockMode, privilege};
use pglitedb_sql_parser::ast::{DefElem, DefValue, NumericOnly, VacuumRelation, VacuumStatement};
use pglitedb_sqlstate::{Result, Severity, bail, err};
use pglitedb_tables::storage_error;
use pglitedb_types::{Datum, Oid, oids};
use std::sync::Arc;

/// Index over `pg_statistic.starelid, staattnum, stainherit`.
const STATISTIC_BY_COLUMN: Oid = 2696;
/// B-tree
const BTREE: Oid = 403;

/// CHECKPOINT.
pub(super) fn checkpoint(env: &Env) -> Result<()> {
    if !env.is_superuser() {
        bail!(INSUFFICIENT_PRIVILEGE, "permission denied to execute CHECKPOINT command");
    }
    env.cluster.engine.checkpoint().map_err(storage_error)
}

#[derive(Default)]
struct Options {
    analyze: bool,
    full: bool,
    verbose: bool,
    skip_locked: bool,
}

const VACUUM_OPTIONS: [&str; 16] = [
    "analyze",
    "full",
    "freeze",
    "verbose",
    "skip_locked",
    "disable_page_skipping",
    "index_cleanup",
    "process_main",
    "process_toast",
    "truncate",
    "parallel",
    "skip_database_stats",
    "only_database_stats",
    "buffer_usage_limit",
    "wait",
    "nowait",
];
const ANALYZE_OPTIONS: [&str; 3] = ["verbose", "skip_locked", "buffer_usage_limit"];

fn options(stmt: &VacuumStatement) -> Result<Options> {
    let mut options = Options::default();
    let (command, known) =
        if stmt.vacuum { ("VACUUM", &VACUUM_OPTIONS[..14]) } else { ("ANALYZE", &ANALYZE_OPTIONS[..]) };
    for element in &stmt.options {
        let name = element.name.as_str();
        if !known.contains(&name) {
            return Err(
                err!(SYNTAX_ERROR, "unrecognized {command} option \"{name}\"").at(element.span.offset())
            );
        }
        let flag = flag(element);
        match name {
            "analyze" => options.analyze = flag?,
            "full" => options.full = flag?,
            "verbose" => options.verbose = flag?,
            "skip_locked" => options.skip_locked = flag?,
            _ => {}
        }
    }
    Ok(options)
}

fn flag(element: &DefElem) -> Result<bool> {
    let parsed = match &element.value {
        None => Some(true),
        Some(DefValue::Boolean(flag)) => Some(*flag),
        Some(DefValue::String(text)) => parse_bool(text),
        Some(DefValue::Number(NumericOnly::Integer(number))) => parse_bool(&number.to_string()),
        Some(DefValue::Type(name)) => name.name.parts.last().and_then(|part| parse_bool(part.as_str())),
        Some(_) => None,
    };
    parsed.ok_or_else(|| err!(SYNTAX_ERROR, "{} requires a Boolean value", element.name.as_str()))
}

/// VACUUM and ANALYZE.
pub(super) fn run(env: &Env, stmt: &VacuumStatement, source: &str, top_level: bool) -> Result<()> {
    let options = options(stmt)?;
    if stmt.vacuum {
        env.prevent_in_block("VACUUM", top_level)?;
    }
    let command = if stmt.vacuum { "VACUUM" } else { "ANALYZE" };
    let ctx = StatementCtx::for_ddl(env, source, &[], command, top_level)?;
    for relation in &stmt.relations {
        if !relation.columns.is_empty() && stmt.vacuum && !options.analyze {
            bail!(FEATURE_NOT_SUPPORTED, "ANALYZE option must be specified when a column list is provided");
        }
    }
    let work = targets(stmt, &ctx)?;
    for (relation, columns) in work {
        one_table(stmt, &options, &relation, &columns, &ctx)?;
    }
    if stmt.vacuum && (stmt.relations.is_empty() || options.full) {
        env.cluster.engine.checkpoint().map_err(storage_error)?;
    }
    Ok(())
}

/// The tables to work on, with the columns to analyze (none: all).
fn targets(stmt: &VacuumStatement, ctx: &StatementCtx<'_>) -> Result<Vec<(Arc<Relation>, Vec<i16>)>> {
    let mut work = Vec::new();
    if stmt.relations.is_empty() {
        let env = ctx.env();
        let rows = env.with_catalog(|catalog| {
            catalog.rows_between(pg_class::RELATION, u64::from(oids::FIRST_NORMAL_OID), u64::MAX)
        })?;
        for row in rows {
            let oid = row.get(pg_class::OID).and_then(Datum::as_oid).unwrap_or(0);
            if let Some(relation) = env.relation(oid)?
                && matches!(relation.kind, RelKind::Table | RelKind::MaterializedView)
            {
                work.push((relation, Vec::new()));
            }
        }
        return Ok(work);
    }
    for wanted in &stmt.relations {
        let relation = lookup_relation(&wanted.relation.name, &ctx.analyze())?;
        let columns = columns_of(&relation, wanted)?;
        add_tree(&relation, &columns, ctx, &mut work)?;
    }
    Ok(work)
}

fn add_tree(
    relation: &Arc<Relation>,
    columns: &[i16],
    ctx: &StatementCtx<'_>,
    work: &mut Vec<(Arc<Relation>, Vec<i16>)>,
) -> Result<()> {
    work.push((relation.clone(), columns.to_vec()));
    if relation.kind == RelKind::PartitionedTable {
        for child in &relation.children {
            if let Some(child) = ctx.catalog().relation(*child)? {
                add_tree(&child, &[], ctx, work)?;
            }
        }
    }
    Ok(())
}

fn columns_of(relation: &Relation, wanted: &VacuumRelation) -> Result<Vec<i16>> {
    let mut columns = Vec::new();
    for name in &wanted.columns {
        let Some((attnum, _)) = relation.column_by_name(name.as_str()) else {
            bail!(
                UNDEFINED_COLUMN,
                "column \"{}\" of relation \"{}\" does not exist",
                name.as_str(),
                relation.name
            );
        };
        if columns.contains(&attnum) {
            bail!(
                DUPLICATE_COLUMN,
                "column \"{}\" of relation \"{}\" appears more than once",
                name.as_str(),
                relation.name
            );
        }
        columns.push(attnum);
    }
    Ok(columns)
}

fn one_table(
    stmt: &VacuumStatement,
    options: &Options,
    relation: &Arc<Relation>,
    columns: &[i16],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let env = ctx.env();
    let warn = |message: String| env.push_notice(err!(WARNING, "{message}").severity(Severity::Warning));
    let verb = if stmt.vacuum { "vacuum" } else { "analyze" };
    if !matches!(relation.kind, RelKind::Table | RelKind::MaterializedView | RelKind::PartitionedTable) {
        let what = if stmt.vacuum {
            "vacuum non-tables or special system tables"
        } else {
            "analyze non-tables or special system tables"
        };
        warn(format!("skipping \"{}\" --- cannot {what}", relation.name));
        return Ok(());
    }
    let user = env.current_user.get();
    let owner = env.is_superuser() || env.is_member(user, relation.owner)?;
    if !owner && !env.has_table_privileges(relation.oid, user, privilege::DELETE | privilege::UPDATE)? {
        warn(format!("permission denied to {verb} \"{}\", skipping it", relation.name));
        return Ok(());
    }
    if relation.is_catalog || relation.kind == RelKind::PartitionedTable {
        return Ok(());
    }
    let wait = if options.skip_locked {
        pglitedb_storage::LockWait::Skip
    } else {
        pglitedb_storage::LockWait::Block
    };
    let mode =
        if options.full { TableLockMode::AccessExclusive } else { TableLockMode::ShareUpdateExclusive };
    if !env.lock_relation(ctx.txn(), relation.oid, mode, wait)? {
        warn(format!("skipping {verb} of \"{}\" --- lock not available", relation.name));
        return Ok(());
    }
    // It may have been dropped or changed while the lock was waited for.
    let Some(relation) = env.relation(relation.oid)? else { return Ok(()) };
    if options.verbose {
        let doing = if stmt.vacuum { "vacuuming" } else { "analyzing" };
        let name = format!("\"{}.{}\"", relation.namespace_name, relation.name);
        env.push_notice(err!(SUCCESSFUL_COMPLETION, "{doing} {name}").severity(Severity::Info));
    }
    let target = env.show("default_statistics_target")?.and_then(|value| value.parse().ok()).unwrap_or(100);
    let analyze = options.analyze || !stmt.vacuum;
    let sample = sample::take(&relation, ctx, if analyze { 300 * target } else { 0 })?;
    if analyze {
        for (at, column) in relation.columns.iter().enumerate() {
            let attnum = i16::try_from(at + 1).unwrap_or(i16::MAX);
            if column.dropped || !(columns.is_empty() || columns.contains(&attnum)) {
                continue;
            }
            let target = if column.statistics_target >= 0 {
                usize::try_from(column.statistics_target).unwrap_or(target)
            } else {
                target
            };
            if target > 0 {
                one_column(&relation, attnum, column, &sample, target, ctx)?;
            }
        }
    }
    sizes(&relation, &sample, ctx)
}

fn one_column(
    relation: &Relation,
    attnum: i16,
    column: &Column,
    sample: &sample::Sample,
    target: usize,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let at = usize::try_from(attnum - 1).unwrap_or(0);
    let stats = statistics::of_column(column, at, sample, target, ctx)?;
    let key = [Datum::Oid(relation.oid), Datum::Int2(attnum), Datum::Bool(false)];
    let writer = ctx.writer()?;
    writer.delete_by_index(pg_statistic::RELATION, STATISTIC_BY_COLUMN, &key)?;
    let Some(stats) = stats else { return Ok(()) };
    let (equal, less) = operators(column.type_oid, ctx)?;
    let row = statistics_row(relation.oid, attnum, &stats, column.type_oid, column.collation, equal, less);
    writer.insert(pg_statistic::RELATION, &row).map(drop)
}

/// `=` and `<` of a type's default B-tree operator class, 0 where there is none.
fn operators(type_oid: Oid, ctx: &StatementCtx<'_>) -> Result<(Oid, Oid)> {
    let Some((family, input)) = pglitedb_analyzer::default_operator_class(BTREE, type_oid, &ctx.analyze())?
    else {
        return Ok((0, 0));
    };
    let find = |strategy: AmStrategy| ctx.catalog().amop(family, input, input, strategy as i16);
    Ok((find(AmStrategy::Equal)?.unwrap_or(0), find(AmStrategy::Less)?.unwrap_or(0)))
}

/// Brings the planner's idea of the table's size up to date: pages as PostgreSQL would need them.
fn sizes(relation: &Relation, sample: &sample::Sample, ctx: &StatementCtx<'_>) -> Result<()> {
    let width: f64 = sample.widths.iter().sum();
    if sample.total != relation.reltuples || relation.relpages == 0 {
        let needed = if sample.widths.is_empty() {
            f64::from(relation.relpages)
        } else {
            table_pages(sample.total, width)
        };
        put_size(relation.oid, sample.total, needed, ctx)?;
    }
    for index in &relation.indexes {
        let width: f64 = index
            .columns
            .iter()
            .map(|column| {
                let at = usize::try_from(column.attnum - 1).ok();
                at.and_then(|at| sample.widths.get(at)).copied().unwrap_or(8.0)
            })
            .sum();
        put_size(index.oid, sample.total, index_pages(sample.total, width), ctx)?;
    }
    Ok(())
}
