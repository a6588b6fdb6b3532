//! COPY TO: rows of a table or query to the client or a file.

use super::binary::SIGNATURE;
use super::format::RowFormat;
use super::options::{CopyOptions, DataFormat, Header};
use super::{CopyStart, CopyTo, columns, file};
use crate::context::StatementCtx;
use crate::output::{CommandTag, Format, Output};
use pglitedb_analyzer::{AnalyzeContext, analyze, lookup_relation, rewrite};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_executor::{CompileCtx, Executor};
use pglitedb_planner::{PlannerContext, plan_query};
use pglitedb_query_tree::{CommandType, PlannedStmt, TableLockMode};
use pglitedb_sql_parser::ast::{CopySource, CopyStatement, CopyTarget, Ident, QualifiedName, Statement};
use pglitedb_sqlstate::{Error, Result, bail, err};
use pglitedb_storage::Snapshot;
use pglitedb_types::{Datum, Oid, quote_identifier};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

/// Where the data goes.
trait Sink {
    fn write(&mut self, data: &[u8]) -> Result<()>;

    /// Is it time to pause?
    fn is_full(&self) -> bool;
}

impl Sink for BufWriter<File> {
    fn write(&mut self, data: &[u8]) -> Result<()> {
        self.write_all(data).map_err(|error| file::write_failed(&error))
    }

    fn is_full(&self) -> bool {
        false
    }
}

struct Client<'a>(&'a mut dyn Output);

impl Sink for Client<'_> {
    fn write(&mut self, data: &[u8]) -> Result<()> {
        self.0.copy_out_data(data)
    }

    fn is_full(&self) -> bool {
        self.0.is_full()
    }
}

/// What is copied: a plan with the names and types of its columns.
struct Source {
    plan: Arc<PlannedStmt>,
    names: Vec<Arc<str>>,
    types: Vec<Oid>,
}

/// A COPY TO that runs, possibly in pieces.
struct CopyOut {
    executor: Executor,
    format: RowFormat,
    names: Vec<Arc<str>>,
    binary: bool,
    has_header: bool,
    /// From the first piece on.
    snapshot: Option<Snapshot>,
    row: Vec<Datum>,
    count: u64,
}

/// Begins COPY TO; to a file it is carried out.
pub(super) fn begin(stmt: &CopyStatement, options: CopyOptions, ctx: &StatementCtx<'_>) -> Result<CopyStart> {
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
    let executor = Executor::build(&source.plan, &mut compile_ctx, false)?;
    let mut copy = CopyOut {
        executor,
        format: RowFormat::new(options, source.types, force_quote),
        names: source.names,
        binary,
        has_header,
        snapshot: None,
        row: Vec::new(),
        count: 0,
    };
    let CopyTarget::File(path) = &stmt.target else {
        return Ok(CopyStart::ToClient(Box::new(copy)));
    };
    let mut file = file::create(path)?;
    copy.write(ctx, &mut file)?;
    file.flush().map_err(|error| file::write_failed(&error))?;
    Ok(CopyStart::Done(copy.tag()))
}

impl CopyOut {
    fn tag(&self) -> CommandTag {
        CommandTag::with_rows("COPY", self.count)
    }

    /// Writes what comes before the rows, the first time.
    fn start(&mut self, ctx: &StatementCtx<'_>, sink: &mut dyn Sink) -> Result<()> {
        self.snapshot = Some(ctx.snapshot().clone());
        if self.binary {
            let mut header = SIGNATURE.to_vec();
            header.extend_from_slice(&[0; 8]);
            sink.write(&header)
        } else if self.has_header {
            self.format.header(&self.names);
            sink.write(&self.format.row)
        } else {
            Ok(())
        }
    }

    /// Writes rows until the sink is full (false) or there are no more.
    fn write(&mut self, ctx: &StatementCtx<'_>, sink: &mut dyn Sink) -> Result<bool> {
        if self.snapshot.is_none() {
            self.start(ctx, sink)?;
        }
        let snapshot = self.snapshot.clone().unwrap_or_else(|| ctx.snapshot().clone());
        let rt = ctx.runtime(&snapshot);
        while self.executor.next(&rt, &mut self.row)? {
            rt.check()?;
            self.format.format(&self.row, ctx.env())?;
            sink.write(&self.format.row)?;
            self.count += 1;
            if sink.is_full() {
                return Ok(false);
            }
        }
        if self.binary {
            sink.write(&(-1_i16).to_be_bytes())?;
        }
        Ok(true)
    }
}

impl CopyTo for CopyOut {
    fn run(&mut self, ctx: &StatementCtx<'_>, out: &mut dyn Output) -> Result<Option<CommandTag>> {
        if self.snapshot.is_none() {
            let format = if self.binary { Format::Binary } else { Format::Text };
            out.copy_out_begin(format, self.names.len())?;
        }
        if !self.write(ctx, &mut Client(out))? {
            return Ok(None);
        }
        out.copy_out_done();
        Ok(Some(self.tag()))
    }
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
