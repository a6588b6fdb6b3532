//! Foreign keys: checks of referencing rows and actions on referenced ones, at the end of the statement (or, if
//! deferred, of the transaction), as PostgreSQL's after-triggers do.

use crate::expr::CompileCtx;
use crate::runtime::{DeferredCheck, Runtime};
use crate::write::{RowWriter, compile_stored, value_at};
use pglitedb_catalog::{ForeignKey, ForeignKeyAction, Relation};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{Direction, LockWait};
use pglitedb_tables::{IndexBounds, RowId, RowLock, RowLockMode, TableAccess, storage_error};
use pglitedb_types::{Comparator, Datum};
use std::sync::Arc;

/// A referencing row to check.
#[derive(Clone)]
pub struct ForeignKeyCheck {
    /// The constraint.
    pub key: Arc<ForeignKey>,
    /// The referencing table.
    pub relation: Arc<Relation>,
    /// The row.
    pub row: RowId,
}

/// A referenced row that was changed or deleted.
pub struct ReferencedChange {
    key: Arc<ForeignKey>,
    relation: Arc<Relation>,
    old: Vec<Datum>,
    new: Option<Vec<Datum>>,
}

/// What a statement leaves to be checked.
#[derive(Default)]
pub struct Events {
    /// Referencing rows.
    pub checks: Vec<ForeignKeyCheck>,
    /// Referenced rows.
    pub changes: Vec<ReferencedChange>,
}

/// Cascades longer than this are refused.
const CASCADE_MAX: usize = 10_000_000;

impl ReferencedChange {
    pub(crate) fn new(
        key: &Arc<ForeignKey>,
        relation: &Arc<Relation>,
        old: &[Datum],
        new: Option<&[Datum]>,
    ) -> Self {
        let pick = |row: &[Datum]| {
            key.ref_columns.iter().map(|column| value_at(row, *column).cloned().unwrap_or_default()).collect()
        };
        ReferencedChange { key: key.clone(), relation: relation.clone(), old: pick(old), new: new.map(pick) }
    }
}

impl Events {
    /// Is there nothing to do?
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.changes.is_empty()
    }

    /// Runs actions (which may bring further events) and then checks.
    pub fn settle(&mut self, rt: &Runtime<'_>) -> Result<()> {
        let mut steps = 0_usize;
        if !self.is_empty() {
            next_command(rt)?;
        }
        while !self.changes.is_empty() {
            let changes = std::mem::take(&mut self.changes);
            for change in changes {
                rt.check()?;
                steps += 1;
                if steps > CASCADE_MAX {
                    return Err(err!(PROGRAM_LIMIT_EXCEEDED, "referential actions affect too many rows"));
                }
                apply(&change, self, rt)?;
            }
            next_command(rt)?;
        }
        for check in std::mem::take(&mut self.checks) {
            rt.check()?;
            let key = &check.key;
            if key.deferrable && rt.hooks.is_deferred(key.oid, key.initially_deferred) {
                rt.hooks.defer(DeferredCheck::ForeignKey(check));
            } else {
                check.run(rt)?;
            }
        }
        Ok(())
    }
}

/// What was written so far becomes visible to the checks that follow.
fn next_command(rt: &Runtime<'_>) -> Result<()> {
    rt.txn.next_command().map(drop).map_err(storage_error)
}

fn open(oid: u32, rt: &Runtime<'_>) -> Result<Arc<TableAccess>> {
    let relation = rt.catalog.relation(oid)?;
    let relation = relation.ok_or_else(|| Error::internal(format!("relation with OID {oid} is gone")))?;
    rt.space.open(&relation, rt.catalog)
}

fn key_text(relation: &Relation, columns: &[i16], values: &[Datum], rt: &Runtime<'_>) -> String {
    let names: Vec<&str> =
        columns.iter().map(|column| relation.column(*column).map_or("?", |column| &*column.name)).collect();
    let shown: Vec<String> = columns
        .iter()
        .zip(values)
        .map(|(column, value)| {
            let type_oid = relation.column(*column).map_or(0, |column| column.type_oid);
            if value.is_null() {
                return "null".to_owned();
            }
            pglitedb_types::output_string(value, type_oid, rt.env.as_type_env()).unwrap_or_default()
        })
        .collect();
    format!("Key ({})=({})", names.join(", "), shown.join(", "))
}

impl ForeignKeyCheck {
    /// Checks that the referenced row is there, and locks it against deletion.
    pub fn run(&self, rt: &Runtime<'_>) -> Result<()> {
        let table = rt.space.open(&self.relation, rt.catalog)?;
        let mut row = vec![Datum::Null; self.relation.columns.len()];
        let wanted: Vec<usize> = self.key.columns.iter().map(|column| *column as usize - 1).collect();
        if !table.fetch_latest(rt.txn, self.row, &wanted, &mut row)? {
            return Ok(());
        }
        let values: Vec<Datum> = self
            .key
            .columns
            .iter()
            .map(|column| value_at(&row, *column).cloned().unwrap_or_default())
            .collect();
        let nulls = values.iter().filter(|value| value.is_null()).count();
        if nulls > 0 {
            if nulls == values.len() || !self.key.match_full {
                return Ok(());
            }
            return Err(
                self.violation("MATCH FULL does not allow mixing of null and nonnull key values.".to_owned())
            );
        }
        let referenced = open(self.key.ref_table, rt)?;
        let index = referenced.index(self.key.ref_index);
        let index = index.ok_or_else(|| Error::internal("foreign key lacks its index"))?;
        // The index may list the columns in another order than the constraint.
        let keys: Vec<Datum> = index
            .info()
            .columns
            .iter()
            .map(|column| {
                let at = self.key.ref_columns.iter().position(|known| *known == column.attnum);
                let value = at.and_then(|at| values.get(at)).cloned().unwrap_or_default();
                widen(value, column.type_oid)
            })
            .collect();
        loop {
            rt.check()?;
            let snapshot = rt.txn.latest_snapshot();
            let found = index.get(&referenced, rt.txn, &snapshot, &keys)?;
            let Some(id) = found else {
                let detail = format!(
                    "{} is not present in table \"{}\".",
                    key_text(&self.relation, &self.key.columns, &values, rt),
                    referenced.relation().name
                );
                return Err(self.violation(detail));
            };
            match referenced.lock_row(rt.txn, &snapshot, id, RowLockMode::KeyShare, LockWait::Block)? {
                RowLock::Unchanged | RowLock::SelfModified => return Ok(()),
                // Changed while we waited: look again.
                RowLock::Updated | RowLock::Deleted | RowLock::Skipped => {}
            }
        }
    }

    fn violation(&self, detail: String) -> Error {
        let (table, name) = (&self.relation.name, &self.key.name);
        err!(
            FOREIGN_KEY_VIOLATION,
            "insert or update on table \"{table}\" violates foreign key constraint \"{name}\""
        )
        .detail(detail)
        .table(&*self.relation.namespace_name, &**table)
        .constraint(&**name)
    }
}

/// Integers of another width compare equal across the constraint's two sides.
fn widen(value: Datum, type_oid: u32) -> Datum {
    use pglitedb_types::oids;
    match (type_oid, value.as_i64()) {
        (oids::INT8, Some(number)) => Datum::Int8(number),
        (oids::INT4, Some(number)) => i32::try_from(number).map_or(value, Datum::Int4),
        (oids::INT2, Some(number)) => i16::try_from(number).map_or(value, Datum::Int2),
        _ => value,
    }
}

/// Rows of the referencing table with a key.
fn referencing_rows(
    table: &Arc<TableAccess>,
    key: &ForeignKey,
    values: &[Datum],
    rt: &Runtime<'_>,
) -> Result<Vec<RowId>> {
    let snapshot = rt.txn.latest_snapshot();
    let relation = table.relation();
    let typed = |attnum: i16, at: usize| {
        let type_oid = relation.column(attnum).map_or(0, |column| column.type_oid);
        widen(values[at].clone(), type_oid)
    };
    let mut rows = Vec::new();
    let usable = table.indexes().iter().find(|index| {
        let info = index.info();
        info.predicate.is_none()
            && info.access_method == 403
            && info.columns.len() >= key.columns.len()
            && info.columns[..key.columns.len()].iter().all(|column| key.columns.contains(&column.attnum))
    });
    if let Some(index) = usable {
        let columns = &index.info().columns[..key.columns.len()];
        let equal: Vec<Datum> = columns
            .iter()
            .filter_map(|column| {
                let at = key.columns.iter().position(|known| *known == column.attnum)?;
                Some(typed(column.attnum, at))
            })
            .collect();
        let mut scan =
            index.scan(table, rt.txn, &snapshot, &IndexBounds::equal(&equal), Direction::Forward)?;
        while let Some(id) = scan.next_id()? {
            rt.check()?;
            rows.push(id);
        }
        return Ok(rows);
    }
    let wanted: Vec<usize> = key.columns.iter().map(|column| *column as usize - 1).collect();
    let mut comparators = Vec::with_capacity(wanted.len());
    for column in &key.columns {
        let (type_oid, collation) =
            relation.column(*column).map_or((0, 0), |column| (column.type_oid, column.collation));
        comparators.push(Comparator::new(type_oid, collation, rt.env.as_type_env())?);
    }
    let wanted_values: Vec<Datum> =
        key.columns.iter().enumerate().map(|(at, column)| typed(*column, at)).collect();
    let mut row = vec![Datum::Null; relation.columns.len()];
    let mut scan = table.scan(rt.txn, &snapshot, Direction::Forward)?;
    while let Some(id) = scan.next(&wanted, &mut row)? {
        rt.check()?;
        let same = wanted
            .iter()
            .zip(&wanted_values)
            .zip(&comparators)
            .all(|((at, value), comparator)| !row[*at].is_null() && comparator.equal(&row[*at], value));
        if same {
            rows.push(id);
        }
    }
    Ok(rows)
}

fn apply(change: &ReferencedChange, events: &mut Events, rt: &Runtime<'_>) -> Result<()> {
    let key = &change.key;
    if change.old.iter().any(Datum::is_null) {
        return Ok(());
    }
    let action = if change.new.is_some() { key.on_update } else { key.on_delete };
    let table = open(key.table, rt)?;
    let rows = referencing_rows(&table, key, &change.old, rt)?;
    if rows.is_empty() {
        return Ok(());
    }
    match action {
        ForeignKeyAction::NoAction | ForeignKeyAction::Restrict => {
            // NO ACTION is content if another row has taken the key's place meanwhile.
            if action == ForeignKeyAction::NoAction {
                if replaced(change, rt)? {
                    return Ok(());
                }
                if key.deferrable && rt.hooks.is_deferred(key.oid, key.initially_deferred) {
                    for row in rows {
                        let relation = table.relation().clone();
                        rt.hooks.defer(DeferredCheck::ForeignKey(ForeignKeyCheck {
                            key: key.clone(),
                            relation,
                            row,
                        }));
                    }
                    return Ok(());
                }
            }
            Err(still_referenced(change, table.relation(), action, rt))
        }
        ForeignKeyAction::Cascade if change.new.is_none() => {
            let writer = writer(&table, rt)?;
            for id in rows {
                if let Some(old) = lock_current(&table, id, RowLockMode::Update, rt)? {
                    writer.delete(&table, id, &old, events, rt)?;
                }
            }
            Ok(())
        }
        _ => update_referencing(change, action, &table, rows, events, rt),
    }
}

fn writer(table: &TableAccess, rt: &Runtime<'_>) -> Result<RowWriter> {
    let mut ctx = CompileCtx::new(rt.catalog, rt.env, rt.registry);
    RowWriter::new(table.relation(), &mut ctx)
}

fn lock_current(
    table: &TableAccess,
    id: RowId,
    mode: RowLockMode,
    rt: &Runtime<'_>,
) -> Result<Option<Vec<Datum>>> {
    let snapshot = rt.txn.latest_snapshot();
    table.lock_row(rt.txn, &snapshot, id, mode, LockWait::Block)?;
    let width = table.relation().columns.len();
    let mut row = vec![Datum::Null; width];
    let all: Vec<usize> = (0..width).collect();
    Ok(table.fetch_latest(rt.txn, id, &all, &mut row)?.then_some(row))
}

fn update_referencing(
    change: &ReferencedChange,
    action: ForeignKeyAction,
    table: &Arc<TableAccess>,
    rows: Vec<RowId>,
    events: &mut Events,
    rt: &Runtime<'_>,
) -> Result<()> {
    let key = &change.key;
    let writer = writer(table, rt)?;
    let mut ctx = CompileCtx::new(rt.catalog, rt.env, rt.registry);
    let relation = table.relation();
    let mut values: Vec<(usize, Datum)> = Vec::new();
    for (at, column) in key.columns.iter().enumerate() {
        let chosen = action == ForeignKeyAction::Cascade
            || change.new.is_some()
            || key.delete_set_columns.is_empty()
            || key.delete_set_columns.contains(column);
        if !chosen {
            continue;
        }
        let info = relation.column(*column).ok_or_else(|| Error::internal("foreign key column is gone"))?;
        let value = match (action, &change.new) {
            (ForeignKeyAction::Cascade, Some(new)) => widen(new[at].clone(), info.type_oid),
            (ForeignKeyAction::SetDefault, _) => match &info.default {
                Some(text) => compile_stored(text, &mut ctx)?.eval(&Default::default(), rt)?,
                None => Datum::Null,
            },
            _ => Datum::Null,
        };
        values.push((*column as usize - 1, value));
    }
    let changed = writer.changed_columns(values.iter().map(|(at, _)| *at));
    for id in rows {
        let Some(old) = lock_current(table, id, table.update_lock_mode(&changed), rt)? else { continue };
        let mut new = old.clone();
        for (at, value) in &values {
            new[*at] = value.clone();
        }
        writer.prepare(&mut new, rt)?;
        writer.update(table, id, &old, &new, &changed, events, rt)?;
    }
    Ok(())
}

/// Is there a row with the old key again?
fn replaced(change: &ReferencedChange, rt: &Runtime<'_>) -> Result<bool> {
    let table = open(change.relation.oid, rt)?;
    let Some(index) = table.index(change.key.ref_index) else { return Ok(false) };
    let keys: Vec<Datum> = index
        .info()
        .columns
        .iter()
        .map(|column| {
            let at = change.key.ref_columns.iter().position(|known| *known == column.attnum);
            at.and_then(|at| change.old.get(at)).cloned().unwrap_or_default()
        })
        .collect();
    Ok(index.get(&table, rt.txn, &rt.txn.latest_snapshot(), &keys)?.is_some())
}

fn still_referenced(
    change: &ReferencedChange,
    referencing: &Relation,
    action: ForeignKeyAction,
    rt: &Runtime<'_>,
) -> Error {
    let key = &change.key;
    let (table, name, other) = (&change.relation.name, &key.name, &referencing.name);
    let shown = key_text(&change.relation, &key.ref_columns, &change.old, rt);
    let error = if action == ForeignKeyAction::Restrict {
        err!(
            RESTRICT_VIOLATION,
            "update or delete on table \"{table}\" violates RESTRICT setting of foreign key constraint \"{name}\" on table \"{other}\""
        )
        .detail(format!("{shown} is referenced from table \"{other}\"."))
    } else {
        err!(
            FOREIGN_KEY_VIOLATION,
            "update or delete on table \"{table}\" violates foreign key constraint \"{name}\" on table \"{other}\""
        )
        .detail(format!("{shown} is still referenced from table \"{other}\"."))
    };
    error.table(&*referencing.namespace_name, &**other).constraint(&**name)
}
