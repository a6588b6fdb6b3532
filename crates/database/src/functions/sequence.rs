//! `nextval` and its kin.

use super::rows::{Row, record};
use super::{env_of, reg};
use crate::env::Env;
use crate::session::SequenceUse;
use pglitedb_catalog::builtin::columns::{pg_depend, pg_sequence};
use pglitedb_catalog::{Catalog, RelKind, Relation};
use pglitedb_functions::{FnCtx, Registry, SessionEnv, scalars};
use pglitedb_sqlstate::{Result, err};
use pglitedb_storage::Txn;
use pglitedb_tables::{SequenceAccess, SequenceParams};
use pglitedb_types::{Datum, Oid, oids, quote_identifier};
use std::sync::Arc;

/// Index over `pg_depend (refclassid, refobjid, refobjsubid)`.
const DEPEND_BY_REFERENCE: Oid = 2674;
/// `pg_class`
const PG_CLASS: Oid = 1259;

/// A sequence with what `pg_sequence` says of it.
struct Sequence {
    relation: Arc<Relation>,
    params: SequenceParams,
    type_oid: Oid,
    cache: u64,
}

impl Sequence {
    fn open(env: &Env, oid: Oid) -> Result<Sequence> {
        let relation = env.relation(oid)?;
        let relation =
            relation.ok_or_else(|| err!(UNDEFINED_TABLE, "could not open relation with OID {oid}"))?;
        if relation.kind != RelKind::Sequence {
            return Err(err!(WRONG_OBJECT_TYPE, "cannot open relation \"{}\"", relation.name)
                .detail(kind_detail(relation.kind)));
        }
        let row = Row::by_oid(env, pg_sequence::RELATION, oid)?;
        let row = row.ok_or_else(|| err!(UNDEFINED_TABLE, "could not open relation with OID {oid}"))?;
        Ok(Sequence {
            relation,
            params: SequenceParams {
                start: row.int(pg_sequence::SEQSTART),
                increment: match row.int(pg_sequence::SEQINCREMENT) {
                    0 => 1,
                    increment => increment,
                },
                min: row.int(pg_sequence::SEQMIN),
                max: row.int(pg_sequence::SEQMAX),
                cycle: row.flag(pg_sequence::SEQCYCLE),
            },
            type_oid: row.oid(pg_sequence::SEQTYPID),
            cache: u64::try_from(row.int(pg_sequence::SEQCACHE)).unwrap_or(1).max(1),
        })
    }

    fn access<'a>(&'a self, env: &'a Env, txn: &'a Txn) -> Result<SequenceAccess<'a>> {
        env.space().sequence(txn, self.relation.file_node, self.params, &self.relation.name)
    }
}

fn kind_detail(kind: RelKind) -> String {
    let kinds = match kind {
        RelKind::Table => "tables",
        RelKind::View => "views",
        RelKind::MaterializedView => "materialized views",
        RelKind::Index => "indexes",
        RelKind::ForeignTable => "foreign tables",
        RelKind::PartitionedTable => "partitioned tables",
        RelKind::PartitionedIndex => "partitioned indexes",
        RelKind::CompositeType => "composite types",
        RelKind::Toast => "TOAST tables",
        RelKind::Sequence => "sequences",
    };
    format!("This operation is not supported for {kinds}.")
}

/// 42501 unless the current user holds one of the privileges (a list of letters) on the sequence.
fn check(env: &Env, sequence: &Relation, letters: &str) -> Result<()> {
    if env.is_superuser() || super::acl::may_use_relation(env, sequence.oid, env.current_user(), letters)? {
        return Ok(());
    }
    Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied for sequence {}", sequence.name))
}

/// The next value of a sequence.
pub(crate) fn next_value(env: &Env, oid: Oid) -> Result<i64> {
    // Values in stock need no look at the catalogs beyond the relation itself.
    let relation = env.relation(oid)?;
    if let Some(relation) = &relation
        && let Some(value) = take_from_stock(env, relation)
    {
        check(env, relation, "Uw")?;
        env.check_sequence_write("nextval()", relation)?;
        return Ok(value);
    }
    let sequence = Sequence::open(env, oid)?;
    check(env, &sequence.relation, "Uw")?;
    env.check_sequence_write("nextval()", &sequence.relation)?;
    let txn = env.txn()?;
    let (value, count) = sequence.access(env, &txn)?.next(sequence.cache)?;
    let mut state = env.sequences.borrow_mut();
    let increment = sequence.params.increment;
    state.sequences.insert(
        oid,
        SequenceUse {
            last_value: Some(value),
            next: value.wrapping_add(increment),
            stock: count.saturating_sub(1),
            increment,
            file_node: sequence.relation.file_node,
        },
    );
    state.last = Some(oid);
    Ok(value)
}

fn take_from_stock(env: &Env, relation: &Relation) -> Option<i64> {
    let mut state = env.sequences.borrow_mut();
    let used = state.sequences.get_mut(&relation.oid)?;
    if used.stock == 0 || used.file_node != relation.file_node {
        return None;
    }
    let value = used.next;
    used.stock -= 1;
    used.next = value.wrapping_add(used.increment);
    used.last_value = Some(value);
    state.last = Some(relation.oid);
    Some(value)
}

impl Env {
    /// Sequences may be used in read-only transactions only if they are temporary.
    fn check_sequence_write(&self, command: &str, sequence: &Relation) -> Result<()> {
        if sequence.persistence == pglitedb_catalog::Persistence::Temporary {
            return Ok(());
        }
        self.check_writable(command)
    }
}

fn current_value(env: &Env, oid: Oid) -> Result<i64> {
    let sequence = Sequence::open(env, oid)?;
    check(env, &sequence.relation, "rU")?;
    let last = env.sequences.borrow().sequences.get(&oid).and_then(|used| used.last_value);
    last.ok_or_else(|| {
        err!(
            OBJECT_NOT_IN_PREREQUISITE_STATE,
            "currval of sequence \"{}\" is not yet defined in this session",
            sequence.relation.name
        )
    })
}

fn last_of_session(env: &Env) -> Result<i64> {
    let undefined = || err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "lastval is not yet defined in this session");
    let oid = env.sequences.borrow().last.ok_or_else(undefined)?;
    // It may have been dropped.
    let relation = env.relation(oid)?.ok_or_else(undefined)?;
    check(env, &relation, "rU")?;
    let last = env.sequences.borrow().sequences.get(&oid).and_then(|used| used.last_value);
    last.ok_or_else(undefined)
}

fn set_value(env: &Env, oid: Oid, value: i64, is_called: bool) -> Result<i64> {
    let sequence = Sequence::open(env, oid)?;
    check(env, &sequence.relation, "w")?;
    env.check_sequence_write("setval()", &sequence.relation)?;
    let txn = env.txn()?;
    sequence.access(env, &txn)?.set(value, is_called)?;
    let mut state = env.sequences.borrow_mut();
    let used = state.sequences.entry(oid).or_default();
    used.stock = 0;
    if is_called {
        used.last_value = Some(value);
    }
    Ok(value)
}

/// The last value that anybody drew; NULL if nobody did or the user may not see it.
fn last_of_all(env: &Env, oid: Oid) -> Result<Option<i64>> {
    let sequence = Sequence::open(env, oid)?;
    if check(env, &sequence.relation, "rU").is_err() {
        return Ok(None);
    }
    let txn = env.txn()?;
    let (value, is_called) = sequence.access(env, &txn)?.last_value()?;
    Ok(is_called.then_some(value))
}

/// `last_value` and `is_called` of a sequence, as `SELECT * FROM sequence` shows them.
pub(crate) fn state_of(env: &Env, oid: Oid) -> Result<(i64, bool)> {
    let sequence = Sequence::open(env, oid)?;
    let txn = env.txn()?;
    sequence.access(env, &txn)?.last_value()
}

fn parameters(env: &Env, oid: Oid) -> Result<Datum> {
    let sequence = Sequence::open(env, oid)?;
    check(env, &sequence.relation, "rwU")?;
    let params = &sequence.params;
    let int = |value: i64| (Datum::Int8(value), oids::INT8);
    Ok(record(vec![
        int(params.start),
        int(params.min),
        int(params.max),
        int(params.increment),
        (Datum::Bool(params.cycle), oids::BOOL),
        int(i64::try_from(sequence.cache).unwrap_or(1)),
        (Datum::Oid(sequence.type_oid), oids::OID),
    ]))
}

/// The sequence that a column owns, as text.
fn serial_sequence(env: &Env, table: &str, column: &str) -> Result<Option<String>> {
    let oid = reg::input(env, pglitedb_types::RegKind::Class, table)?;
    let Some(relation) = env.relation(oid)? else { return Ok(None) };
    let Some((attnum, _)) = relation.column_by_name(column) else {
        return Err(err!(
            UNDEFINED_COLUMN,
            "column \"{column}\" of relation \"{}\" does not exist",
            relation.name
        ));
    };
    let keys = [Datum::Oid(PG_CLASS), Datum::Oid(oid), Datum::Int4(i32::from(attnum))];
    for row in Row::by_index(env, pg_depend::RELATION, DEPEND_BY_REFERENCE, &keys)? {
        let owned = matches!(row.char(pg_depend::DEPTYPE), b'a' | b'i');
        if owned
            && row.oid(pg_depend::CLASSID) == PG_CLASS
            && let Some(sequence) = env.relation(row.oid(pg_depend::OBJID))?
            && sequence.kind == RelKind::Sequence
        {
            let (schema, name) = (&sequence.namespace_name, &sequence.name);
            return Ok(Some(format!("{}.{}", quote_identifier(schema), quote_identifier(name))));
        }
    }
    Ok(None)
}

fn sequence_data(ctx: &FnCtx<'_>, oid: Oid) -> Result<Datum> {
    let env = env_of(ctx)?;
    let visible = match env.relation(oid)? {
        Some(relation) => relation.kind == RelKind::Sequence && check(env, &relation, "r").is_ok(),
        None => false,
    };
    if !visible {
        return Ok(record(vec![(Datum::Null, oids::INT8), (Datum::Null, oids::BOOL)]));
    }
    let (value, is_called) = state_of(env, oid)?;
    Ok(record(vec![(Datum::Int8(value), oids::INT8), (Datum::Bool(is_called), oids::BOOL)]))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "nextval_oid" => [ctx] |oid: u32| next_value(env_of(ctx)?, oid);
        "currval_oid" => [ctx] |oid: u32| current_value(env_of(ctx)?, oid);
        "lastval" => [ctx] | | last_of_session(env_of(ctx)?);
        "setval_oid" => [ctx] |oid: u32, value: i64| set_value(env_of(ctx)?, oid, value, true);
        "setval3_oid" => [ctx] |oid: u32, value: i64, called: bool| set_value(env_of(ctx)?, oid, value, called);
        "pg_sequence_last_value" => [ctx] |oid: u32| last_of_all(env_of(ctx)?, oid);
        "pg_sequence_parameters" => [ctx] |oid: u32| parameters(env_of(ctx)?, oid);
        "pg_get_sequence_data" => [ctx] |oid: u32| sequence_data(ctx, oid);
        "pg_get_serial_sequence" => [ctx] |table: &str, column: &str| serial_sequence(env_of(ctx)?, table, column);
    );
}
