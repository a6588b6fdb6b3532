//! COPY FROM: fields to rows of a table.

use super::binary::BinaryReader;
use super::lines::{Field, Fields, LineBuffer, has_zero};
use super::options::{CopyOptions, DataFormat, Header, Verbosity};
use super::{CopyFrom, columns};
use crate::context::StatementCtx;
use crate::output::CommandTag;
use pglitedb_analyzer::{ExprKind, bind_relation_expr, lookup_relation};
use pglitedb_catalog::builtin::columns::pg_depend;
use pglitedb_catalog::{Catalog, Column, RelKind, Relation};
use pglitedb_executor::foreign_key::Events;
use pglitedb_executor::write::{RowWriter, compile_stored};
use pglitedb_executor::{CompileCtx, Compiled, EvalRow, Runtime, compile};
use pglitedb_functions::SessionEnv;
use pglitedb_query_tree::{Expr, TableLockMode, VarSource, privilege};
use pglitedb_sql_parser::ast;
use pglitedb_sqlstate::{Error, Result, Severity, bail, codes, err};
use pglitedb_tables::{RowId, TableAccess};
use pglitedb_types::{Datum, Oid, TypeEnv, TypeKind, input, recv};
use std::sync::Arc;

/// Rows written at once.
const BATCH: usize = 1000;
/// Characters of data that an error shows.
const SHOWN_MAX: usize = 100;
/// Index over `pg_depend (refclassid, refobjid, refobjsubid)`.
const DEPEND_BY_REFERENCE: Oid = 2674;
/// `pg_class`
const PG_CLASS: Oid = 1259;

/// A column that the data has a field for.
struct Target {
    /// Position in the row.
    at: usize,
    name: Arc<str>,
    type_oid: Oid,
    typmod: i32,
    is_domain: bool,
    force_not_null: bool,
    force_null: bool,
    /// What the DEFAULT marker stands for.
    default: Option<Compiled>,
}

/// Where rows come from.
enum Source {
    Lines { buffer: LineBuffer, fields: Fields, header: Header },
    Binary(BinaryReader),
}

/// What is in a line's place in the errors about it.
enum Place<'a> {
    Line,
    Text(&'a [u8]),
}

/// A value that cannot be read.
struct BadValue {
    column: usize,
    value: Option<String>,
    error: Error,
}

/// COPY FROM in progress.
pub(super) struct CopyIn {
    source: Option<Source>,
    sink: Sink,
}

/// What rows go through.
struct Sink {
    options: CopyOptions,
    relation: Arc<Relation>,
    table: Arc<TableAccess>,
    writer: RowWriter,
    targets: Vec<Target>,
    /// Defaults of columns that are not copied.
    defaults: Vec<(usize, Compiled)>,
    filter: Option<Compiled>,
    line: u64,
    batch: Vec<Vec<Datum>>,
    batch_lines: Vec<u64>,
    /// Rows whose memory can be used again.
    spare: Vec<Vec<Datum>>,
    events: Events,
    processed: u64,
    skipped: i64,
}

fn check_target(relation: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    let name = &relation.name;
    let refused = match relation.kind {
        RelKind::Table if relation.is_catalog => {
            bail!(INSUFFICIENT_PRIVILEGE, "permission denied: \"{name}\" is a system catalog")
        }
        RelKind::Table => None,
        RelKind::PartitionedTable => {
            return Err(Error::unsupported("COPY FROM into a partitioned table is not supported yet"));
        }
        RelKind::ForeignTable => {
            return Err(Error::unsupported("COPY FROM into a foreign table is not supported yet"));
        }
        RelKind::View => {
            return Err(err!(WRONG_OBJECT_TYPE, "cannot copy to view \"{name}\"")
                .hint("To enable copying to a view, provide an INSTEAD OF INSERT trigger."));
        }
        RelKind::MaterializedView => Some("materialized view"),
        RelKind::Sequence => Some("sequence"),
        _ => Some("non-table relation"),
    };
    if let Some(kind) = refused {
        bail!(WRONG_OBJECT_TYPE, "cannot copy to {kind} \"{name}\"");
    }
    if relation.has_triggers {
        return Err(Error::unsupported("COPY FROM into a table with triggers is not supported yet"));
    }
    if relation.row_security && !ctx.env().is_superuser() && relation.owner != ctx.env().current_user() {
        return Err(Error::unsupported("COPY FROM not supported with row-level security")
            .hint("Use INSERT statements instead."));
    }
    ctx.env().check_privileges(&[(relation.oid, 0, privilege::INSERT)])
}

/// The sequence behind an identity column.
fn identity_sequence(relation: &Relation, at: usize, ctx: &StatementCtx<'_>) -> Result<Oid> {
    let attnum = i32::try_from(at + 1).unwrap_or(0);
    let keys = [Datum::Oid(PG_CLASS), Datum::Oid(relation.oid), Datum::Int4(attnum)];
    let rows = ctx
        .env()
        .with_catalog(|catalog| catalog.rows_by_index(pg_depend::RELATION, DEPEND_BY_REFERENCE, &keys))?;
    let internal = rows.iter().find(|row| {
        matches!(row.get(pg_depend::DEPTYPE), Some(Datum::Char(b'i')))
            && row.get(pg_depend::CLASSID).and_then(Datum::as_oid) == Some(PG_CLASS)
    });
    let sequence = internal.and_then(|row| row.get(pg_depend::OBJID)).and_then(Datum::as_oid);
    sequence.ok_or_else(|| Error::internal("no owned sequence found"))
}

/// What a column holds when nothing is said.
fn compile_default(
    relation: &Relation,
    at: usize,
    column: &Column,
    ctx: &StatementCtx<'_>,
) -> Result<Option<Compiled>> {
    if column.generated != 0 || column.dropped {
        return Ok(None);
    }
    let mut compile_ctx = CompileCtx::new(ctx.env(), ctx.env(), ctx.registry());
    if let Some(text) = &column.default {
        return compile_stored(text, &mut compile_ctx).map(Some);
    }
    if column.identity != 0 {
        let sequence = identity_sequence(relation, at, ctx)?;
        return compile(&Expr::NextValue { sequence, type_oid: column.type_oid }, &mut compile_ctx).map(Some);
    }
    match pglitedb_analyzer::type_default(column.type_oid, &ctx.analyze())? {
        Some(default) => compile(&default, &mut compile_ctx).map(Some),
        None => Ok(None),
    }
}

fn compile_filter(
    relation: &Relation,
    filter: Option<&ast::Expr>,
    ctx: &StatementCtx<'_>,
) -> Result<Option<Compiled>> {
    let Some(filter) = filter else { return Ok(None) };
    let mut expr = bind_relation_expr(relation, filter, ExprKind::CopyWhere, None, &ctx.analyze())?;
    expr.rewrite(&mut |node| {
        if let Expr::Var(var) = node {
            var.source = VarSource::Scan;
        }
    });
    let mut compile_ctx = CompileCtx::new(ctx.env(), ctx.env(), ctx.registry());
    compile(&expr, &mut compile_ctx).map(Some)
}

impl CopyIn {
    pub(super) fn new(
        name: &ast::QualifiedName,
        names: &[ast::Ident],
        filter: Option<&ast::Expr>,
        options: CopyOptions,
        ctx: &StatementCtx<'_>,
    ) -> Result<CopyIn> {
        let env = ctx.env();
        let found = lookup_relation(name, &ctx.analyze()).map_err(|mut error| {
            error.fields_mut().position = None;
            error
        })?;
        ctx.lock_relation(found.oid, TableLockMode::RowExclusive)?;
        // It may have changed before the lock was there.
        let relation = env.relation(found.oid)?.unwrap_or(found);
        check_target(&relation, ctx)?;
        if !matches!(relation.persistence, pglitedb_catalog::Persistence::Temporary) {
            env.check_writable("COPY FROM")?;
        }
        let positions = columns::resolve(&relation, names)?;
        let targets = targets(&relation, &positions, &options, ctx)?;
        let filter = compile_filter(&relation, filter, ctx)?;
        let mut defaults = Vec::new();
        for (at, column) in relation.columns.iter().enumerate().filter(|(at, _)| !positions.contains(at)) {
            if let Some(default) = compile_default(&relation, at, column, ctx)? {
                defaults.push((at, default));
            }
        }
        let source = match options.format {
            DataFormat::Binary => Source::Binary(BinaryReader::default()),
            _ => Source::Lines {
                buffer: LineBuffer::new(&options),
                fields: Fields::default(),
                header: options.header,
            },
        };
        let mut compile_ctx = CompileCtx::new(env, env, ctx.registry());
        let sink = Sink {
            writer: RowWriter::new(&relation, &mut compile_ctx)?,
            table: ctx.space().open(&relation, env)?,
            options,
            relation,
            targets,
            defaults,
            filter,
            line: 0,
            batch: Vec::new(),
            batch_lines: Vec::new(),
            spare: Vec::new(),
            events: Events::default(),
            processed: 0,
            skipped: 0,
        };
        Ok(CopyIn { source: Some(source), sink })
    }

    /// Number of columns of the data.
    pub(super) fn column_count(&self) -> usize {
        self.sink.targets.len()
    }

    /// Handles all complete rows.
    fn rows(&mut self, at_end: bool, ctx: &StatementCtx<'_>) -> Result<()> {
        let snapshot = ctx.snapshot().clone();
        let rt = ctx.runtime(&snapshot);
        // An error leaves no source: the command is over.
        let mut source = self.source.take().ok_or_else(|| Error::internal("COPY has ended"))?;
        match &mut source {
            Source::Lines { buffer, fields, header } => {
                self.sink.lines(buffer, fields, header, at_end, &rt)?
            }
            Source::Binary(reader) => self.sink.binary_rows(reader, &rt)?,
        }
        self.source = Some(source);
        Ok(())
    }
}

fn targets(
    relation: &Relation,
    positions: &[usize],
    options: &CopyOptions,
    ctx: &StatementCtx<'_>,
) -> Result<Vec<Target>> {
    let names: Vec<Arc<str>> = positions.iter().map(|at| relation.columns[*at].name.clone()).collect();
    let not_null = columns::flags(&options.force_not_null, &names, "FORCE_NOT_NULL")?;
    let null = columns::flags(&options.force_null, &names, "FORCE_NULL")?;
    let mut targets = Vec::with_capacity(positions.len());
    for (nth, at) in positions.iter().enumerate() {
        let column = &relation.columns[*at];
        let kind = TypeEnv::type_info(ctx.env(), column.type_oid)?.kind;
        let default = match options.default {
            Some(_) => compile_default(relation, *at, column, ctx)?,
            None => None,
        };
        targets.push(Target {
            at: *at,
            name: column.name.clone(),
            type_oid: column.type_oid,
            typmod: column.typmod,
            is_domain: kind == TypeKind::Domain,
            force_not_null: not_null[nth],
            force_null: null[nth],
            default,
        });
    }
    Ok(targets)
}

impl CopyFrom for CopyIn {
    fn data(&mut self, data: &[u8], ctx: &StatementCtx<'_>) -> Result<()> {
        match &mut self.source {
            Some(Source::Lines { buffer, .. }) => buffer.push(data),
            Some(Source::Binary(reader)) => {
                let pushed = reader.push(data);
                pushed.map_err(|error| self.sink.in_line(error, Place::Line))?;
            }
            None => return Err(Error::internal("COPY has ended")),
        }
        self.rows(false, ctx)
    }

    fn finish(&mut self, ctx: &StatementCtx<'_>) -> Result<CommandTag> {
        self.rows(true, ctx)?;
        if let Some(Source::Binary(reader)) = &self.source {
            reader.finish().map_err(|error| self.sink.in_line(error, Place::Line))?;
        }
        self.source = None;
        let snapshot = ctx.snapshot().clone();
        self.sink.flush(&ctx.runtime(&snapshot))?;
        let fresh = ctx.fresh_snapshot();
        self.sink.events.settle(&ctx.runtime(&fresh))?;
        self.sink.report_skipped(ctx);
        Ok(CommandTag::with_rows("COPY", self.sink.processed))
    }
}

/// Data as an error shows it.
fn shown(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data);
    match text.char_indices().nth(SHOWN_MAX) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text.into_owned(),
    }
}

/// `22021`, with the first bytes that are no UTF-8.
fn invalid_utf8(bytes: &[u8]) -> Error {
    let bad = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.iter().position(|byte| *byte == 0).unwrap_or(0),
        Err(error) => error.valid_up_to(),
    };
    let rest = bytes.get(bad..).unwrap_or_default();
    let length = match rest.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf7) => 4,
        _ => 1,
    };
    let hex: Vec<String> = rest.iter().take(length).map(|byte| format!("0x{byte:02x}")).collect();
    err!(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": {}", hex.join(" "))
}

impl Sink {
    fn in_line(&self, error: Error, place: Place<'_>) -> Error {
        let (name, line) = (&self.relation.name, self.line);
        match place {
            Place::Line => error.context(format!("COPY {name}, line {line}")),
            Place::Text(text) => error.context(format!("COPY {name}, line {line}: \"{}\"", shown(text))),
        }
    }

    fn in_column(&self, bad: BadValue) -> Error {
        let (name, line) = (&self.relation.name, self.line);
        let column = self.targets.get(bad.column).map_or("", |target| &*target.name);
        match bad.value {
            Some(value) => bad.error.context(format!(
                "COPY {name}, line {line}, column {column}: \"{}\"",
                shown(value.as_bytes())
            )),
            None => bad.error.context(format!("COPY {name}, line {line}, column {column}: null input")),
        }
    }

    fn lines(
        &mut self,
        buffer: &mut LineBuffer,
        fields: &mut Fields,
        header: &mut Header,
        at_end: bool,
        rt: &Runtime<'_>,
    ) -> Result<()> {
        loop {
            let found = buffer.next_line(at_end);
            let line = match found {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(()),
                Err(failed) => {
                    self.line += 1;
                    return Err(self.in_line(failed.error, Place::Text(buffer.bytes(failed.line))));
                }
            };
            let line = buffer.bytes(line);
            self.line += 1;
            if self.options.format == DataFormat::Csv {
                // Line ends within quotes count.
                self.line += memchr::memchr_iter(b'\n', line).count() as u64;
            }
            rt.check()?;
            if *header != Header::None {
                let matching = *header == Header::Match;
                *header = Header::None;
                if matching {
                    self.check_header(line, fields)?;
                }
                continue;
            }
            self.line_row(line, fields, rt)?;
        }
    }

    fn check_header(&self, line: &[u8], fields: &mut Fields) -> Result<()> {
        fields.split(line, &self.options).map_err(|error| self.in_line(error, Place::Text(line)))?;
        let wrong = |error: Error| self.in_line(error, Place::Text(line));
        if fields.fields.len() != self.targets.len() {
            return Err(wrong(err!(
                BAD_COPY_FILE_FORMAT,
                "wrong number of fields in header line: got {}, expected {}",
                fields.fields.len(),
                self.targets.len()
            )));
        }
        for (at, (field, target)) in fields.fields.iter().zip(&self.targets).enumerate() {
            let value = fields.text.get(field.range.clone()).unwrap_or_default();
            if field.is_null {
                return Err(wrong(err!(
                    BAD_COPY_FILE_FORMAT,
                    "column name mismatch in header line field {}: got null value (\"{}\"), expected \"{}\"",
                    at + 1,
                    self.options.null,
                    target.name
                )));
            }
            if value != target.name.as_bytes() {
                return Err(wrong(err!(
                    BAD_COPY_FILE_FORMAT,
                    "column name mismatch in header line field {}: got \"{}\", expected \"{}\"",
                    at + 1,
                    String::from_utf8_lossy(value),
                    target.name
                )));
            }
        }
        Ok(())
    }

    fn line_row(&mut self, line: &[u8], fields: &mut Fields, rt: &Runtime<'_>) -> Result<()> {
        let valid = std::str::from_utf8(line).is_ok() && !has_zero(line);
        if !valid {
            return Err(self.in_line(invalid_utf8(line), Place::Line));
        }
        fields.split(line, &self.options).map_err(|error| self.in_line(error, Place::Text(line)))?;
        let found = fields.fields.len();
        if self.targets.is_empty() && line.is_empty() {
            fields.fields.clear();
        } else if found > self.targets.len() {
            let error = err!(BAD_COPY_FILE_FORMAT, "extra data after last expected column");
            return Err(self.in_line(error, Place::Text(line)));
        }
        if let Some(missing) = self.targets.get(fields.fields.len()) {
            let error = err!(BAD_COPY_FILE_FORMAT, "missing data for column \"{}\"", missing.name);
            return Err(self.in_line(error, Place::Text(line)));
        }
        let mut row = self.new_row();
        match self.line_values(fields, &mut row, rt) {
            Ok(()) => {}
            Err(bad) if self.options.ignore_errors && is_data_error(&bad.error) => {
                self.spare.push(row);
                return self.skip(bad, rt);
            }
            Err(bad) => return Err(self.in_column(bad)),
        }
        self.store(row, Place::Text(line), rt)
    }

    /// An empty row.
    fn new_row(&mut self) -> Vec<Datum> {
        let mut row = self.spare.pop().unwrap_or_default();
        row.clear();
        row.resize(self.relation.columns.len(), Datum::Null);
        row
    }

    fn line_values(
        &self,
        fields: &Fields,
        row: &mut [Datum],
        rt: &Runtime<'_>,
    ) -> std::result::Result<(), BadValue> {
        // Escapes may have made something that is no text.
        let text = std::str::from_utf8(&fields.text).ok().filter(|text| !has_zero(text.as_bytes()));
        for (nth, (field, target)) in fields.fields.iter().zip(&self.targets).enumerate() {
            let bytes = fields.text.get(field.range.clone()).unwrap_or_default();
            let bad = |error: Error, value: Option<&[u8]>| BadValue {
                column: nth,
                value: value.map(|value| String::from_utf8_lossy(value).into_owned()),
                error,
            };
            let value = if self.is_null(field, bytes, target) {
                if target.is_domain {
                    let env = rt.env.as_type_env();
                    env.check_domain(target.type_oid, &Datum::Null).map_err(|error| bad(error, None))?;
                }
                Datum::Null
            } else if field.is_default {
                self.default_value(target, row, rt).map_err(|error| bad(error, Some(bytes)))?
            } else {
                let value = text.and_then(|text| text.get(field.range.clone()));
                let value = match value {
                    Some(value) => value,
                    None => std::str::from_utf8(bytes)
                        .ok()
                        .filter(|_| !has_zero(bytes))
                        .ok_or_else(|| bad(invalid_utf8(bytes), Some(bytes)))?,
                };
                input(value, target.type_oid, target.typmod, rt.env.as_type_env())
                    .map_err(|error| bad(error, Some(bytes)))?
            };
            if let Some(slot) = row.get_mut(target.at) {
                *slot = value;
            }
        }
        Ok(())
    }

    fn is_null(&self, field: &Field, bytes: &[u8], target: &Target) -> bool {
        if field.is_null {
            return !target.force_not_null;
        }
        target.force_null && field.quoted && bytes == self.options.null.as_bytes()
    }

    #[cold]
    fn default_value(&self, target: &Target, row: &[Datum], rt: &Runtime<'_>) -> Result<Datum> {
        match &target.default {
            Some(default) => default.eval(&EvalRow { scan: row, ..EvalRow::default() }, rt),
            None => Err(err!(BAD_COPY_FILE_FORMAT, "unexpected default marker in COPY data")
                .detail(format!("Column \"{}\" has no default value.", target.name))),
        }
    }

    #[cold]
    fn skip(&mut self, bad: BadValue, rt: &Runtime<'_>) -> Result<()> {
        self.skipped += 1;
        if self.options.verbosity == Verbosity::Verbose {
            let column = self.targets.get(bad.column).map_or("", |target| &*target.name);
            let value = match &bad.value {
                Some(value) => format!("\"{}\"", shown(value.as_bytes())),
                None => "null input".to_owned(),
            };
            let notice = err!(
                SUCCESSFUL_COMPLETION,
                "skipping row due to data type incompatibility at line {} for column \"{column}\": {value}",
                self.line
            );
            rt.env.notice(notice.severity(Severity::Notice));
        }
        if self.options.reject_limit > 0 && self.skipped > self.options.reject_limit {
            return Err(self.in_column(BadValue {
                error: err!(
                    INVALID_TEXT_REPRESENTATION,
                    "skipped more than REJECT_LIMIT ({}) rows due to data type incompatibility",
                    self.options.reject_limit
                ),
                ..bad
            }));
        }
        Ok(())
    }

    fn report_skipped(&self, ctx: &StatementCtx<'_>) {
        if self.skipped > 0 && self.options.verbosity != Verbosity::Silent {
            let (count, were) = (self.skipped, if self.skipped == 1 { "row was" } else { "rows were" });
            let notice =
                err!(SUCCESSFUL_COMPLETION, "{count} {were} skipped due to data type incompatibility");
            ctx.notice(notice.severity(Severity::Notice));
        }
    }

    fn binary_rows(&mut self, reader: &mut BinaryReader, rt: &Runtime<'_>) -> Result<()> {
        loop {
            self.line += 1;
            match reader.next_row(self.targets.len()) {
                Ok(true) => {}
                Ok(false) => {
                    self.line -= 1;
                    return Ok(());
                }
                Err(error) => return Err(self.in_line(error, Place::Line)),
            }
            rt.check()?;
            let mut row = self.new_row();
            for (nth, (field, target)) in reader.fields.iter().zip(&self.targets).enumerate() {
                let env = rt.env.as_type_env();
                let value = match field {
                    Some(range) => recv(reader.bytes(range), target.type_oid, target.typmod, env),
                    None if target.is_domain => {
                        env.check_domain(target.type_oid, &Datum::Null).map(|()| Datum::Null)
                    }
                    None => Ok(Datum::Null),
                };
                match (value, row.get_mut(target.at)) {
                    (Ok(value), Some(slot)) => *slot = value,
                    (Ok(_), None) => {}
                    (Err(error), _) => {
                        let name = self.targets.get(nth).map_or("", |target| &*target.name);
                        let (table, line) = (&self.relation.name, self.line);
                        return Err(error.context(format!("COPY {table}, line {line}, column {name}")));
                    }
                }
            }
            self.store(row, Place::Line, rt)?;
        }
    }

    /// Completes, filters and checks a row, and keeps it for writing.
    fn store(&mut self, mut row: Vec<Datum>, place: Place<'_>, rt: &Runtime<'_>) -> Result<()> {
        match self.complete(&mut row, rt) {
            Ok(true) => {}
            Ok(false) => {
                self.spare.push(row);
                return Ok(());
            }
            Err(error) => return Err(self.in_line(error, place)),
        }
        self.batch.push(row);
        self.batch_lines.push(self.line);
        self.processed += 1;
        if self.batch.len() >= BATCH { self.flush(rt) } else { Ok(()) }
    }

    fn complete(&self, row: &mut [Datum], rt: &Runtime<'_>) -> Result<bool> {
        for (at, default) in &self.defaults {
            let value = default.eval(&EvalRow { scan: row, ..EvalRow::default() }, rt)?;
            if let Some(slot) = row.get_mut(*at) {
                *slot = value;
            }
        }
        if let Some(filter) = &self.filter {
            let eval = EvalRow { scan: row, table: self.relation.oid, ..EvalRow::default() };
            if !filter.is_true(&eval, rt)? {
                return Ok(false);
            }
        }
        self.writer.prepare(row, rt)?;
        Ok(true)
    }

    /// Writes what has gathered.
    fn flush(&mut self, rt: &Runtime<'_>) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let mut at = 0;
        let (table, batch) = (&self.table, &self.batch);
        let written = self.writer.with_ctx(rt, |ctx| {
            let first = table.take_row_ids(batch.len() as u64)?;
            for (row, id) in batch.iter().zip(first.0..) {
                table.insert_at(ctx, RowId(id), row)?;
                at += 1;
            }
            Ok(first)
        });
        let first = match written {
            Ok(first) => first,
            Err(error) => {
                self.line = self.batch_lines.get(at).copied().unwrap_or(self.line);
                return Err(self.in_line(error, Place::Line));
            }
        };
        if !self.relation.foreign_keys.is_empty() {
            for (row, id) in self.batch.iter().zip(first.0..) {
                self.writer.inserted(RowId(id), row, &mut self.events);
            }
        }
        self.spare.append(&mut self.batch);
        self.batch_lines.clear();
        Ok(())
    }
}

/// Is the value bad, rather than something else wrong?
fn is_data_error(error: &Error) -> bool {
    error.code().class() == *b"22"
        || [codes::NOT_NULL_VIOLATION, codes::CHECK_VIOLATION].contains(&error.code())
}
