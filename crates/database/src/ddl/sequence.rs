//! CREATE SEQUENCE, ALTER SEQUENCE, the sequences of serial and identity columns.

use super::relation::{self, NewColumn};
use super::util::{CreationPlace, creation_place, relation_name_is_free, relation_object};
use crate::context::StatementCtx;
use pglitedb_analyzer::{lookup_relation, resolve_type_name};
use pglitedb_catalog::builtin::columns::pg_sequence;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::TableLockMode;
use pglitedb_sql_parser::ast::{
    AlterSequenceStatement, CreateSequenceStatement, NumericOnly, Persistence, QualifiedName, SequenceOption,
    SequenceOptionKind as Kind,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::SequenceParams;
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, oids};

/// A sequence's definition.
#[derive(Clone, Debug)]
pub struct SequenceSpec {
    /// Type of its values.
    pub type_oid: Oid,
    /// Its parameters.
    pub params: SequenceParams,
    /// CACHE
    pub cache: i64,
    /// RESTART: the next value.
    pub restart: Option<i64>,
}

fn number(value: &NumericOnly, at: usize) -> Result<i64> {
    match value {
        NumericOnly::Integer(value) => Ok(i64::from(*value)),
        NumericOnly::Numeric(text) => {
            pglitedb_types::input(text, oids::INT8, -1, &pglitedb_types::BuiltinEnv::default())?
                .as_i64()
                .ok_or_else(|| {
                    err!(NUMERIC_VALUE_OUT_OF_RANGE, "value \"{text}\" is out of range for type bigint")
                        .at(at)
                })
        }
    }
}

fn type_range(type_oid: Oid) -> (i64, i64) {
    match type_oid {
        oids::INT2 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        oids::INT4 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    }
}

/// Options that say nothing of the sequence's numbers.
#[derive(Default)]
struct Extra<'a> {
    owned_by: Option<&'a QualifiedName>,
}

/// Works options into a definition; `old` is the present one (ALTER).
fn read_options<'a>(
    options: &'a [SequenceOption],
    default_type: Oid,
    old: Option<&SequenceSpec>,
    ctx: &StatementCtx<'_>,
) -> Result<(SequenceSpec, Extra<'a>)> {
    let mut extra = Extra::default();
    let find = |wanted: fn(&Kind) -> bool| -> Result<Option<&'a SequenceOption>> {
        let mut found = options.iter().filter(|option| wanted(&option.kind));
        let first = found.next();
        match found.next() {
            Some(second) => {
                Err(err!(SYNTAX_ERROR, "conflicting or redundant options").at(second.span.offset()))
            }
            None => Ok(first),
        }
    };
    let mut type_oid = old.map_or(default_type, |old| old.type_oid);
    let mut reset = (old.is_none(), old.is_none());
    if let Some(option) = find(|kind| matches!(kind, Kind::As(_)))?
        && let Kind::As(name) = &option.kind
    {
        let new_type = resolve_type_name(name, &ctx.analyze())?.0;
        if !matches!(new_type, oids::INT2 | oids::INT4 | oids::INT8) {
            return Err(err!(INVALID_PARAMETER_VALUE, "sequence type must be smallint, integer, or bigint"));
        }
        if let Some(old) = old {
            // Bounds at the ends of the old type's range follow the new type.
            let (low, high) = type_range(old.type_oid);
            reset.1 |= old.params.increment > 0 && old.params.max == high;
            reset.0 |= old.params.increment < 0 && old.params.min == low;
        }
        type_oid = new_type;
    }
    let (low, high) = type_range(type_oid);
    let mut params = old
        .map_or(SequenceParams { start: 1, increment: 1, min: 1, max: high, cycle: false }, |old| old.params);
    if let Some(option) = find(|kind| matches!(kind, Kind::Increment(_)))?
        && let Kind::Increment(value) = &option.kind
    {
        params.increment = number(value, option.span.offset())?;
        if params.increment == 0 {
            return Err(err!(INVALID_PARAMETER_VALUE, "INCREMENT must not be zero"));
        }
    }
    if let Some(option) = find(|kind| matches!(kind, Kind::Cycle(_)))?
        && let Kind::Cycle(cycle) = option.kind
    {
        params.cycle = cycle;
    }
    let ascending = params.increment > 0;
    let max = find(|kind| matches!(kind, Kind::MaxValue(_)))?;
    match max.map(|option| (&option.kind, option.span.offset())) {
        Some((Kind::MaxValue(Some(value)), at)) => params.max = number(value, at)?,
        Some(_) => params.max = if ascending { high } else { -1 },
        None if reset.1 => params.max = if ascending { high } else { -1 },
        None => {}
    }
    if params.max < low || params.max > high {
        let shown = type_name(type_oid);
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "MAXVALUE ({}) is out of range for sequence data type {shown}",
            params.max
        ));
    }
    let min = find(|kind| matches!(kind, Kind::MinValue(_)))?;
    match min.map(|option| (&option.kind, option.span.offset())) {
        Some((Kind::MinValue(Some(value)), at)) => params.min = number(value, at)?,
        Some(_) => params.min = if ascending { 1 } else { low },
        None if reset.0 => params.min = if ascending { 1 } else { low },
        None => {}
    }
    if params.min < low || params.min > high {
        let shown = type_name(type_oid);
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "MINVALUE ({}) is out of range for sequence data type {shown}",
            params.min
        ));
    }
    if params.min >= params.max {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "MINVALUE ({}) must be less than MAXVALUE ({})",
            params.min,
            params.max
        ));
    }
    let start = find(|kind| matches!(kind, Kind::Start(_)))?;
    match start.map(|option| (&option.kind, option.span.offset())) {
        Some((Kind::Start(value), at)) => params.start = number(value, at)?,
        _ if old.is_none() => params.start = if ascending { params.min } else { params.max },
        _ => {}
    }
    if params.start < params.min {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "START value ({}) cannot be less than MINVALUE ({})",
            params.start,
            params.min
        ));
    }
    if params.start > params.max {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "START value ({}) cannot be greater than MAXVALUE ({})",
            params.start,
            params.max
        ));
    }
    let mut restart = None;
    if let Some(option) = find(|kind| matches!(kind, Kind::Restart(_)))?
        && let Kind::Restart(value) = &option.kind
    {
        let value = match value {
            Some(value) => number(value, option.span.offset())?,
            None => params.start,
        };
        if value < params.min {
            return Err(err!(
                INVALID_PARAMETER_VALUE,
                "RESTART value ({value}) cannot be less than MINVALUE ({})",
                params.min
            ));
        }
        if value > params.max {
            return Err(err!(
                INVALID_PARAMETER_VALUE,
                "RESTART value ({value}) cannot be greater than MAXVALUE ({})",
                params.max
            ));
        }
        restart = Some(value);
    }
    let mut cache = old.map_or(1, |old| old.cache);
    if let Some(option) = find(|kind| matches!(kind, Kind::Cache(_)))?
        && let Kind::Cache(value) = &option.kind
    {
        cache = number(value, option.span.offset())?;
        if cache <= 0 {
            return Err(err!(INVALID_PARAMETER_VALUE, "CACHE ({cache}) must be greater than zero"));
        }
    }
    if let Some(option) = find(|kind| matches!(kind, Kind::OwnedBy(_)))?
        && let Kind::OwnedBy(name) = &option.kind
    {
        extra.owned_by = Some(name);
    }
    Ok((SequenceSpec { type_oid, params, cache, restart }, extra))
}

fn type_name(type_oid: Oid) -> &'static str {
    match type_oid {
        oids::INT2 => "smallint",
        oids::INT4 => "integer",
        _ => "bigint",
    }
}

fn sequence_row(oid: Oid, spec: &SequenceSpec) -> Vec<Datum> {
    use pg_sequence::*;
    let mut row = vec![Datum::Null; WIDTH];
    row[SEQRELID] = Datum::Oid(oid);
    row[SEQTYPID] = Datum::Oid(spec.type_oid);
    row[SEQSTART] = Datum::Int8(spec.params.start);
    row[SEQINCREMENT] = Datum::Int8(spec.params.increment);
    row[SEQMAX] = Datum::Int8(spec.params.max);
    row[SEQMIN] = Datum::Int8(spec.params.min);
    row[SEQCACHE] = Datum::Int8(spec.cache);
    row[SEQCYCLE] = Datum::Bool(spec.params.cycle);
    row
}

/// The three columns every sequence shows.
fn columns() -> Vec<NewColumn> {
    [("last_value", oids::INT8), ("log_cnt", oids::INT8), ("is_called", oids::BOOL)]
        .into_iter()
        .map(|(name, type_oid)| NewColumn {
            name: name.to_owned(),
            type_oid,
            typmod: -1,
            collation: 0,
            not_null: true,
            identity: 0,
            generated: 0,
            storage: None,
        })
        .collect()
}

/// Creates a sequence in a place that is free.
fn create_at(
    place: &CreationPlace,
    persistence: Persistence,
    spec: &SequenceSpec,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let oid = relation::define(place, RelKind::Sequence, persistence, &columns(), &[], ctx)?;
    ctx.writer()?.insert(pg_sequence::RELATION, &sequence_row(oid, spec))?;
    let relation = relation::describe(oid, ctx)?;
    let access = ctx.space().sequence(ctx.txn(), relation.file_node, spec.params, &relation.name)?;
    access.create()?;
    access.set_in_transaction(spec.params.start, false)?;
    Ok(oid)
}

/// CREATE SEQUENCE.
pub fn create(stmt: &CreateSequenceStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let place = creation_place(&stmt.name, stmt.persistence, ctx)?;
    if !relation_name_is_free(&place, stmt.if_not_exists, ctx)? {
        return Ok(());
    }
    let (spec, extra) = read_options(&stmt.options, oids::INT8, None, ctx)?;
    let oid = create_at(&place, stmt.persistence, &spec, ctx)?;
    if let Some(owner) = extra.owned_by {
        own_by_name(oid, owner, ctx)?;
    }
    Ok(())
}

/// Creates the sequence of a serial or identity column that is about to be created.
pub fn create_for_column(
    place: &CreationPlace,
    persistence: Persistence,
    type_oid: Oid,
    options: &[SequenceOption],
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    let named = options.iter().find_map(|option| match &option.kind {
        Kind::SequenceName(name) => Some(name),
        _ => None,
    });
    let place = match named {
        Some(name) => creation_place(name, persistence, ctx)?,
        None => place.clone(),
    };
    relation_name_is_free(&place, false, ctx)?;
    let (spec, _) = read_options(options, type_oid, None, ctx)?;
    create_at(&place, persistence, &spec, ctx)
}

/// Makes a sequence part of a column: `Auto` for serial and OWNED BY, `Internal` for identity.
pub fn own_by(
    sequence: Oid,
    table: Oid,
    attnum: i16,
    kind: DependencyKind,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    ctx.writer()?.record_dependency(relation_object(sequence), ObjectAddress::column(table, attnum), kind)
}

fn own_by_name(sequence: Oid, name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    let object = relation_object(sequence);
    for edge in writer.dependencies_of(object)? {
        if edge.kind == DependencyKind::Internal {
            return Err(err!(FEATURE_NOT_SUPPORTED, "cannot change ownership of identity sequence"));
        }
    }
    forget_owner(sequence, ctx)?;
    if let [none] = name.parts.as_slice() {
        if &*none.name == "none" {
            return Ok(());
        }
        return Err(err!(SYNTAX_ERROR, "invalid OWNED BY option")
            .hint("Specify OWNED BY table.column or OWNED BY NONE."));
    }
    let mut table = name.clone();
    let column = table.parts.pop().ok_or_else(|| Error::internal("empty name"))?;
    let relation = lookup_relation(&table, &ctx.analyze())?;
    ctx.lock_relation(relation.oid, TableLockMode::AccessShare)?;
    let own = relation::describe(sequence, ctx)?;
    if relation.owner != own.owner {
        return Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "sequence must have same owner as table it is linked to"
        ));
    }
    if relation.namespace != own.namespace {
        return Err(err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "sequence must be in same schema as table it is linked to"
        ));
    }
    let (attnum, _) = relation.column_by_name(&column.name).ok_or_else(|| {
        err!(UNDEFINED_COLUMN, "column \"{}\" of relation \"{}\" does not exist", column.name, relation.name)
    })?;
    own_by(sequence, relation.oid, attnum, DependencyKind::Auto, ctx)
}

/// Removes the dependency on an owning column; others (on the schema) stay.
fn forget_owner(sequence: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.writer()?.delete_dependencies_on_class(relation_object(sequence), relation_object(0).class).map(drop)
}

/// Definition of an existing sequence.
pub fn spec_of(relation: &Relation, ctx: &StatementCtx<'_>) -> Result<SequenceSpec> {
    use pg_sequence::*;
    let row = ctx
        .env()
        .with_catalog(|catalog| catalog.row(RELATION, u64::from(relation.oid)))?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for sequence {}", relation.oid)))?;
    let int = |column: usize| row.get(column).and_then(Datum::as_i64).unwrap_or(1);
    Ok(SequenceSpec {
        type_oid: row.get(SEQTYPID).and_then(Datum::as_oid).unwrap_or(oids::INT8),
        params: SequenceParams {
            start: int(SEQSTART),
            increment: int(SEQINCREMENT),
            min: int(SEQMIN),
            max: int(SEQMAX),
            cycle: row.get(SEQCYCLE).and_then(Datum::as_bool).unwrap_or(false),
        },
        cache: int(SEQCACHE),
        restart: None,
    })
}

/// ALTER SEQUENCE.
pub fn alter(stmt: &AlterSequenceStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let relation = if stmt.if_exists {
        match pglitedb_analyzer::try_lookup_relation(&stmt.name, &ctx.analyze())? {
            Some(relation) => relation,
            None => {
                ctx.notice(
                    err!(UNDEFINED_TABLE, "relation \"{}\" does not exist, skipping", stmt.name.last())
                        .severity(pglitedb_sqlstate::Severity::Notice),
                );
                return Ok(());
            }
        }
    } else {
        lookup_relation(&stmt.name, &ctx.analyze())?
    };
    alter_relation(&relation, &stmt.options, ctx)
}

/// Applies options to an existing sequence (also that of an identity column).
pub fn alter_relation(relation: &Relation, options: &[SequenceOption], ctx: &StatementCtx<'_>) -> Result<()> {
    if relation.kind != RelKind::Sequence {
        return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is not a sequence", relation.name));
    }
    super::util::check_owner(relation.owner, "sequence", &relation.name, ctx)?;
    ctx.lock_relation(relation.oid, TableLockMode::ShareRowExclusive)?;
    let old = spec_of(relation, ctx)?;
    let (spec, extra) = read_options(options, old.type_oid, Some(&old), ctx)?;
    let (last, called) =
        ctx.space().sequence(ctx.txn(), relation.file_node, old.params, &relation.name)?.last_value()?;
    let (next, is_called) = match spec.restart {
        Some(value) => (value, false),
        None => (last, called),
    };
    if next < spec.params.min {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "RESTART value ({next}) cannot be less than MINVALUE ({})",
            spec.params.min
        ));
    }
    if next > spec.params.max {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "RESTART value ({next}) cannot be greater than MAXVALUE ({})",
            spec.params.max
        ));
    }
    let row = sequence_row(relation.oid, &spec);
    ctx.writer()?.update_oid(pg_sequence::RELATION, relation.oid, |old| {
        *old = row;
        Ok(())
    })?;
    restart_in_transaction(relation, spec.params, next, is_called, ctx)?;
    if let Some(owner) = extra.owned_by {
        own_by_name(relation.oid, owner, ctx)?;
    }
    Ok(())
}

/// Gives a sequence a new state that a rollback undoes: under a new file node.
pub fn restart_in_transaction(
    relation: &Relation,
    params: SequenceParams,
    next: i64,
    is_called: bool,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let file_node = ctx.writer()?.new_oid()?;
    ctx.space().sequence(ctx.txn(), relation.file_node, params, &relation.name)?.drop_storage()?;
    relation::update_class(relation.oid, ctx, |row| {
        row[pglitedb_catalog::builtin::columns::pg_class::RELFILENODE] = Datum::Oid(file_node);
    })?;
    let access = ctx.space().sequence(ctx.txn(), file_node, params, &relation.name)?;
    access.create()?;
    access.set_in_transaction(next, is_called)
}
