//! COPY TO: rows of a table or query to the client or a file.

use super::binary::SIGNATURE;
use super::format::RowFormat;
use super::options::{CopyOptions, DataFormat, Header};
use super::{columns, file};
use crate::context::StatementCtx;
use crate::output::{CommandTag, Format, Output};
use pglitedb_analyzer::{AnalyzeContext, analyze, lookup_relation, rewrite};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_executor::{CompileCtx, Executor};
use pglitedb_planner::{PlannerContext, plan_query};
use pglitedb_query_tree::{CommandType, PlannedStmt, TableLockMode};
use pglitedb_sql_parser::ast::{CopySource, CopyStatement, CopyTarget, Ident, QualifiedName, Statement};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_types::{Oid, quote_identifier};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

/// Where the data goes.
enum Sink<'a> {
    Client(&'a mut dyn Output),
    File(BufWriter<File>),
}

impl Sink<'_> {
    fn write(&mut self, data: &[u8]) -> Result<()> {
        match self {
            Sink::Client(out) => out.copy_out_data(data),
            Sink::File(file) => file.write_all(data).map_err(|error| file::write_failed(&error)),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Sink::Client(out) => out.copy_out_done(),
            Sink::File(mut file) => file.flush().map_err(|error| file::write_failed(&error))?,
        }
        Ok(())
    }
}

/// What is copied: a plan with the names and types of its columns.
struct Source {
    plan: Arc<PlannedStmt>,
    names: Vec<Arc<str>>,
    types: Vec<Oid>,
}

/// Runs COPY TO.
pub(super) fn run(
    stmt: &CopyStatement,
    options: CopyOptions,
    ctx: &StatementCtx<'_>,
    out: &mut dyn Output,
) -> Result<CommandTag> {
    if let CopyTarget::File(_) = &stmt.target {
        file::check_role(ctx, "pg_write_server_files", "to")?;
    }
    let source = source(&stmt.source, ctx)?;
    for (relation, mode) in &source.plan.locks {
        ctx.lock_relation(*relation, *mode)?;
    }
    ctx.env().check_privileges(&source.plan.privileges)?;
    let force_quote = columns::flags(&options.force_quote, &source.names, "FORCE_QUOTE")?;
    let binary = options.format == DataFormat::Binary;
    let has_header = options.header != Header::None;
    let mut compile_ctx = CompileCtx::new(ctx.env(), ctx.env(), ctx.registry());
    let mut executor = Executor::build(&source.plan, &mut compile_ctx, false)?;
    let mut sink = match &stmt.target {
        CopyTarget::File(path) => Sink::File(file::create(path)?),
        _ => {
            let format = if binary { Format::Binary } else { Format::Text };
            out.copy_out_begin(format, source.names.len())?;
            Sink::Client(out)
        }
    };
    let mut format = RowFormat::new(options, source.types, force_quote);
    if binary {
        let mut header = SIGNATURE.to_vec();
        header.extend_from_slice(&[0; 8]);
        sink.write(&header)?;
    } else if has_header {
        format.header(&source.names);
        sink.write(&format.row)?;
    }
    let snapshot = ctx.snapshot().clone();
    let rt = ctx.runtime(&snapshot);
    let mut row = Vec::new();
    let mut count = 0;
    while executor.next(&rt, &mut row)? {
        rt.check()?;
        format.format(&row, ctx.env())?;
        sink.write(&format.row)?;
        count += 1;
    }
    if binary {
        sink.write(&(-1_i16).to_be_bytes())?;
    }
    sink.finish()?;
    Ok(CommandTag::with_rows("COPY", count))
}

fn source(source: &CopySource, ctx: &StatementCtx<'_>) -> Result<Source> {
    match source {
        CopySource::Table { name, columns } => {
            let text = table_query(name, columns, ctx)?;
            let parsed = pglitedb_sql_parser::parse(&text)?;
            let Some(query) = parsed.first() else {
                return Err(Error::internal("COPY TO made no query"));
            };
            plan(&query.stmt, &AnalyzeContext::new(ctx.env(), ctx.env(), &text), ctx)
        }
        CopySource::Statement(statement) => plan(statement, &ctx.analyze(), ctx),
    }
}

fn plan(statement: &Statement, analyze_ctx: &AnalyzeContext<'_>, ctx: &StatementCtx<'_>) -> Result<Source> {
    let query = analyze(statement, analyze_ctx)?;
    if query.command != CommandType::Select && query.returning.is_empty() {
        return Err(Error::unsupported("COPY query must have a RETURNING clause"));
    }
    if query.command != CommandType::Select {
        ctx.env().check_writable("COPY TO")?;
    }
    let targets = if query.command == CommandType::Select { &query.targets } else { &query.returning };
    let visible = || targets.iter().filter(|target| !target.junk);
    let names =
        visible().map(|target| target.name.clone().unwrap_or_else(|| Arc::from("?column?"))).collect();
    let types = visible().map(|target| target.expr.type_oid()).collect();
    let query = rewrite(query, analyze_ctx)?;
    let settings = ctx.env().effective.borrow().planner.clone();
    let planner_ctx =
        PlannerContext { catalog: ctx.env(), env: ctx.env(), registry: ctx.registry(), settings: &settings };
    Ok(Source { plan: Arc::new(plan_query(query, &planner_ctx)?), names, types })
}

fn refuse(relation: &Relation) -> Result<()> {
    let name = &relation.name;
    let hint = "Try the COPY (SELECT ...) TO variant.";
    let kind = match relation.kind {
        RelKind::Table => return Ok(()),
        RelKind::MaterializedView if relation.is_populated => return Ok(()),
        RelKind::MaterializedView => {
            return Err(err!(
                OBJECT_NOT_IN_PREREQUISITE_STATE,
                "cannot copy from unpopulated materialized view \"{name}\""
            )
            .hint("Use the REFRESH MATERIALIZED VIEW command to populate the materialized view first."));
        }
        RelKind::View => "view",
        RelKind::ForeignTable => "foreign table",
        RelKind::PartitionedTable => "partitioned table",
        RelKind::Sequence => bail!(WRONG_OBJECT_TYPE, "cannot copy from sequence \"{name}\""),
        _ => bail!(WRONG_OBJECT_TYPE, "cannot copy from non-table relation \"{name}\""),
    };
    Err(err!(WRONG_OBJECT_TYPE, "cannot copy from {kind} \"{name}\"").hint(hint))
}

/// The query behind `COPY table TO`: the table itself, without its children.
fn table_query(name: &QualifiedName, columns: &[Ident], ctx: &StatementCtx<'_>) -> Result<String> {
    let relation = lookup_relation(name, &ctx.analyze()).map_err(|mut error| {
        error.fields_mut().position = None;
        error
    })?;
    ctx.lock_relation(relation.oid, TableLockMode::AccessShare)?;
    refuse(&relation)?;
    let listed: Vec<String> = columns::resolve(&relation, columns)?
        .into_iter()
        .map(|at| quote_identifier(&relation.columns[at].name).into_owned())
        .collect();
    Ok(format!(
        "SELECT {} FROM ONLY {}.{}",
        listed.join(", "),
        quote_identifier(&relation.namespace_name),
        quote_identifier(&relation.name)
    ))
}
