//! ModifyTable: INSERT, UPDATE, DELETE, MERGE.

use super::recheck::Rechecker;
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, compile};
use crate::foreign_key::Events;
use crate::runtime::Runtime;
use crate::write::RowWriter;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{CommandType, MergeMatch, Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result, bail, codes};
use pglitedb_storage::LockWait;
use pglitedb_tables::{RowId, RowLock, RowLockMode, TableAccess, concurrent_delete, concurrent_update};
use pglitedb_types::Datum;
use std::sync::Arc;

/// ON CONFLICT, compiled.
struct Conflict {
    arbiters: Vec<u32>,
    update: Option<Vec<(usize, Compiled)>>,
    condition: Option<Compiled>,
    changed: Vec<usize>,
}

/// One WHEN of MERGE, compiled.
struct MergeAction {
    when: MergeMatch,
    command: CommandType,
    condition: Option<Compiled>,
    insert: Vec<Compiled>,
    updates: Vec<(usize, Compiled)>,
    changed: Vec<usize>,
}

struct ModifyTable {
    command: CommandType,
    outer: Box<dyn Node>,
    relation: Arc<Relation>,
    rte: usize,
    writer: RowWriter,
    insert: Vec<Compiled>,
    updates: Vec<(usize, Compiled)>,
    changed: Vec<usize>,
    all_columns: Vec<usize>,
    row_id_column: Option<usize>,
    conflict: Option<Conflict>,
    merge: Vec<MergeAction>,
    returning: Vec<Compiled>,
    can_set_tag: bool,
    rechecker: Rechecker,
    table: Option<Arc<TableAccess>>,
    events: Events,
    row: Vec<Datum>,
    old: Vec<Datum>,
    new: Vec<Datum>,
    done: bool,
}

pub(crate) fn build(
    builder: &mut Builder<'_>,
    plan: &Plan,
    ctx: &mut CompileCtx<'_>,
) -> Result<Box<dyn Node>> {
    let PlanNode::ModifyTable {
        command, outer, targets, row_id_column, on_conflict, merge, can_set_tag, ..
    } = &plan.node
    else {
        return Err(Error::internal("not a data change"));
    };
    let [target] = targets.as_slice() else {
        return Err(Error::unsupported(
            "changing several tables of an inheritance tree at once is not supported yet",
        ));
    };
    let relation = target.relation.clone();
    let mut writer = RowWriter::new(&relation, ctx)?;
    writer.add_view_checks(&target.view_checks, ctx)?;
    let place = |attnum: i16| usize::try_from(attnum - 1).unwrap_or(usize::MAX);
    let assignments = |list: &[(i16, pglitedb_query_tree::Expr)], ctx: &mut CompileCtx<'_>| {
        list.iter()
            .map(|(attnum, expr)| Ok((place(*attnum), compile(expr, ctx)?)))
            .collect::<Result<Vec<_>>>()
    };
    let updates = assignments(&target.updates, ctx)?;
    let changed = writer.changed_columns(updates.iter().map(|(at, _)| *at));
    let conflict = match on_conflict {
        None => None,
        Some(clause) => {
            let update = clause.update.as_ref().map(|list| assignments(list, ctx)).transpose()?;
            let places = update.iter().flatten().map(|(at, _)| *at).collect::<Vec<_>>();
            Some(Conflict {
                arbiters: clause.arbiters.clone(),
                changed: writer.changed_columns(places.into_iter()),
                update,
                condition: clause.update_where.as_ref().map(|expr| compile(expr, ctx)).transpose()?,
            })
        }
    };
    let mut actions = Vec::with_capacity(merge.len());
    for action in merge {
        let updates = assignments(&action.updates, ctx)?;
        actions.push(MergeAction {
            when: action.when,
            command: action.command,
            condition: action.condition.as_ref().map(|expr| compile(expr, ctx)).transpose()?,
            insert: action.insert_exprs.iter().map(|expr| compile(expr, ctx)).collect::<Result<_>>()?,
            changed: writer.changed_columns(updates.iter().map(|(at, _)| *at)),
            updates,
        });
    }
    let width = relation.columns.len();
    Ok(Box::new(ModifyTable {
        command: *command,
        rechecker: Rechecker::new(builder.stmt, outer),
        outer: builder.plan(outer, ctx)?,
        rte: target.rte,
        insert: target.insert_exprs.iter().map(|expr| compile(expr, ctx)).collect::<Result<_>>()?,
        updates,
        changed,
        all_columns: (0..width).collect(),
        row_id_column: *row_id_column,
        conflict,
        merge: actions,
        returning: target.returning.iter().map(|entry| compile(&entry.expr, ctx)).collect::<Result<_>>()?,
        can_set_tag: *can_set_tag,
        relation,
        writer,
        table: None,
        events: Events::default(),
        row: Vec::new(),
        old: vec![Datum::Null; width],
        new: vec![Datum::Null; width],
        done: false,
    }))
}

/// What became of a row.
enum Outcome {
    /// Nothing happened.
    Skipped,
    /// It was inserted, updated or deleted under this id.
    Changed(RowId),
}

impl ModifyTable {
    fn table(&mut self, rt: &Runtime<'_>) -> Result<Arc<TableAccess>> {
        if let Some(table) = &self.table {
            return Ok(table.clone());
        }
        Ok(self.table.insert(rt.space.open(&self.relation, rt.catalog)?).clone())
    }

    fn change(&mut self, rt: &Runtime<'_>) -> Result<Outcome> {
        let table = self.table(rt)?;
        match self.command {
            CommandType::Insert => self.insert(&table, rt),
            CommandType::Update => self.update(&table, rt),
            CommandType::Delete => self.delete(&table, rt),
            CommandType::Merge => self.merge(&table, rt),
            CommandType::Select => Err(Error::internal("SELECT is no data change")),
        }
    }

    fn row_id(&self) -> Option<RowId> {
        match self.row_id_column.and_then(|column| self.row.get(column - 1)) {
            Some(Datum::Int8(id)) => Some(RowId(id.cast_unsigned())),
            _ => None,
        }
    }

    fn insert(&mut self, table: &Arc<TableAccess>, rt: &Runtime<'_>) -> Result<Outcome> {
        self.new.clear();
        let row = EvalRow { outer: &self.row, ..EvalRow::default() };
        for expr in &self.insert {
            self.new.push(expr.eval(&row, rt)?);
        }
        self.old.iter_mut().for_each(|value| *value = Datum::Null);
        self.writer.prepare(&mut self.new, rt)?;
        if self.conflict.is_some() {
            return self.insert_or_conflict(table, rt);
        }
        let id = self.writer.insert(table, &self.new, &mut self.events, rt)?;
        Ok(Outcome::Changed(id))
    }

    /// The row that stands in the way, if any.
    fn find_conflict(&self, table: &Arc<TableAccess>, rt: &Runtime<'_>) -> Result<Option<RowId>> {
        let Some(conflict) = &self.conflict else { return Ok(None) };
        for index in table.indexes() {
            let info = index.info();
            let arbiter = if conflict.arbiters.is_empty() {
                info.is_unique && info.is_immediate
            } else {
                conflict.arbiters.contains(&info.oid)
            };
            if !arbiter {
                continue;
            }
            let found = self.writer.with_ctx(rt, |ctx| table.find_conflict(ctx, index, &self.new))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn insert_or_conflict(&mut self, table: &Arc<TableAccess>, rt: &Runtime<'_>) -> Result<Outcome> {
        loop {
            rt.check()?;
            if let Some(id) = self.find_conflict(table, rt)? {
                match self.on_conflict(table, id, rt)? {
                    Some(outcome) => return Ok(outcome),
                    None => continue,
                }
            }
            // Another transaction may insert the same key between the look and the write: undo and look again.
            let savepoint = rt.txn.savepoint().map_err(pglitedb_tables::storage_error)?;
            let pending = (self.events.checks.len(), self.events.changes.len());
            match self.writer.insert(table, &self.new, &mut self.events, rt) {
                Ok(id) => {
                    rt.txn.release(savepoint).map_err(pglitedb_tables::storage_error)?;
                    return Ok(Outcome::Changed(id));
                }
                Err(error) => {
                    rt.txn.rollback_to(savepoint).map_err(pglitedb_tables::storage_error)?;
                    rt.txn.release(savepoint).map_err(pglitedb_tables::storage_error)?;
                    self.events.checks.truncate(pending.0);
                    self.events.changes.truncate(pending.1);
                    let retry =
                        error.code() == codes::UNIQUE_VIOLATION && self.find_conflict(table, rt)?.is_some();
                    if !retry {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// DO NOTHING or DO UPDATE on an existing row; `None` if the row has vanished.
    fn on_conflict(
        &mut self,
        table: &Arc<TableAccess>,
        id: RowId,
        rt: &Runtime<'_>,
    ) -> Result<Option<Outcome>> {
        let Some(conflict) = &self.conflict else { return Ok(None) };
        let Some(update) = &conflict.update else {
            if !rt.rechecks() && !table.fetch(rt.txn, rt.snapshot, id, &[], &mut self.old)? {
                return Err(concurrent_update());
            }
            return Ok(Some(Outcome::Skipped));
        };
        let mode = table.update_lock_mode(&conflict.changed);
        match table.lock_row(rt.txn, rt.snapshot, id, mode, LockWait::Block)? {
            RowLock::SelfModified => {
                return Err(Error::new(
                    codes::CARDINALITY_VIOLATION,
                    "ON CONFLICT DO UPDATE command cannot affect row a second time",
                )
                .hint(
                    "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
                ));
            }
            RowLock::Deleted => return Ok(None),
            RowLock::Updated if !rt.rechecks() => return Err(concurrent_update()),
            RowLock::Updated | RowLock::Unchanged | RowLock::Skipped => {}
        }
        self.old.resize(self.relation.columns.len(), Datum::Null);
        if !table.fetch_latest(rt.txn, id, &self.all_columns, &mut self.old)? {
            return Ok(None);
        }
        let excluded = std::mem::take(&mut self.new);
        let row = EvalRow {
            scan: &self.old,
            scan_id: Some(id),
            inner: &excluded,
            outer: &self.row,
            table: self.relation.oid,
            ..EvalRow::default()
        };
        if let Some(condition) = &conflict.condition
            && !condition.is_true(&row, rt)?
        {
            return Ok(Some(Outcome::Skipped));
        }
        let mut new = self.old.clone();
        for (at, expr) in update {
            new[*at] = expr.eval(&row, rt)?;
        }
        self.writer.prepare(&mut new, rt)?;
        self.writer.update(table, id, &self.old, &new, &conflict.changed, &mut self.events, rt)?;
        self.new = new;
        Ok(Some(Outcome::Changed(id)))
    }

    /// Locks the row to change and reads its current version into `old`. False if the row must be left alone. If it was
    /// changed meanwhile, the child's row is computed again.
    fn lock_target(
        &mut self,
        table: &TableAccess,
        id: RowId,
        mode: RowLockMode,
        rt: &Runtime<'_>,
    ) -> Result<bool> {
        self.old.resize(self.relation.columns.len(), Datum::Null);
        match table.lock_row(rt.txn, rt.snapshot, id, mode, LockWait::Block)? {
            RowLock::Unchanged => table.fetch_latest(rt.txn, id, &self.all_columns, &mut self.old),
            RowLock::SelfModified | RowLock::Skipped => Ok(false),
            RowLock::Deleted if rt.rechecks() => Ok(false),
            RowLock::Deleted => Err(concurrent_delete()),
            RowLock::Updated if !rt.rechecks() => Err(concurrent_update()),
            RowLock::Updated => match self.rechecker.run(vec![(self.rte, id)], rt)? {
                Some(row) => {
                    self.row = row;
                    table.fetch_latest(rt.txn, id, &self.all_columns, &mut self.old)
                }
                None => Ok(false),
            },
        }
    }

    fn update(&mut self, table: &Arc<TableAccess>, rt: &Runtime<'_>) -> Result<Outcome> {
        let Some(id) = self.row_id() else { return Ok(Outcome::Skipped) };
        let mode = table.update_lock_mode(&self.changed);
        if !self.lock_target(table, id, mode, rt)? {
            return Ok(Outcome::Skipped);
        }
        self.new.clone_from(&self.old);
        let row = EvalRow { outer: &self.row, ..EvalRow::default() };
        for (at, expr) in &self.updates {
            self.new[*at] = expr.eval(&row, rt)?;
        }
        self.writer.prepare(&mut self.new, rt)?;
        self.writer.update(table, id, &self.old, &self.new, &self.changed, &mut self.events, rt)?;
        Ok(Outcome::Changed(id))
    }

    fn delete(&mut self, table: &Arc<TableAccess>, rt: &Runtime<'_>) -> Result<Outcome> {
        let Some(id) = self.row_id() else { return Ok(Outcome::Skipped) };
        if !self.lock_target(table, id, RowLockMode::Update, rt)? {
            return Ok(Outcome::Skipped);
        }
        self.new.clear();
        self.new.resize(self.old.len(), Datum::Null);
        self.writer.delete(table, id, &self.old, &mut self.events, rt)?;
        Ok(Outcome::Changed(id))
    }

    fn merge(&mut self, table: &Arc<TableAccess>, rt: &Runtime<'_>) -> Result<Outcome> {
        let id = self.row_id();
        let matched = id.is_some();
        if let Some(id) = id {
            let snapshot_row =
                table.lock_row(rt.txn, rt.snapshot, id, RowLockMode::NoKeyUpdate, LockWait::Block)?;
            match snapshot_row {
                RowLock::SelfModified => {
                    bail!(CARDINALITY_VIOLATION, "MERGE command cannot affect row a second time");
                }
                RowLock::Unchanged => {}
                _ if !rt.rechecks() => return Err(concurrent_update()),
                RowLock::Deleted | RowLock::Skipped => return Ok(Outcome::Skipped),
                RowLock::Updated => match self.rechecker.run(vec![(self.rte, id)], rt)? {
                    Some(row) => self.row = row,
                    None => return Ok(Outcome::Skipped),
                },
            }
            self.old.resize(self.relation.columns.len(), Datum::Null);
            if !table.fetch_latest(rt.txn, id, &self.all_columns, &mut self.old)? {
                return Ok(Outcome::Skipped);
            }
        } else {
            self.old.clear();
            self.old.resize(self.relation.columns.len(), Datum::Null);
        }
        let row = EvalRow {
            outer: &self.row,
            scan: &self.old,
            scan_id: id,
            table: self.relation.oid,
            ..EvalRow::default()
        };
        let has_source = !matched || self.source_present();
        let mut chosen = None;
        for (at, action) in self.merge.iter().enumerate() {
            let fits = match action.when {
                MergeMatch::Matched => matched && has_source,
                MergeMatch::NotMatchedBySource => matched && !has_source,
                MergeMatch::NotMatchedByTarget => !matched,
            };
            let holds = match (&action.condition, fits) {
                (_, false) => false,
                (None, true) => true,
                (Some(condition), true) => condition.is_true(&row, rt)?,
            };
            if holds {
                chosen = Some(at);
                break;
            }
        }
        let Some(action) = chosen.map(|at| &self.merge[at]) else { return Ok(Outcome::Skipped) };
        match (action.command, id) {
            (CommandType::Insert, _) => {
                self.new.clear();
                for expr in &action.insert {
                    self.new.push(expr.eval(&row, rt)?);
                }
                self.writer.prepare(&mut self.new, rt)?;
                Ok(Outcome::Changed(self.writer.insert(table, &self.new, &mut self.events, rt)?))
            }
            (CommandType::Update, Some(id)) => {
                let mut new = self.old.clone();
                for (at, expr) in &action.updates {
                    new[*at] = expr.eval(&row, rt)?;
                }
                self.writer.prepare(&mut new, rt)?;
                self.writer.update(table, id, &self.old, &new, &action.changed, &mut self.events, rt)?;
                self.new = new;
                Ok(Outcome::Changed(id))
            }
            (CommandType::Delete, Some(id)) => {
                self.writer.delete(table, id, &self.old, &mut self.events, rt)?;
                self.new.clone_from(&self.old);
                Ok(Outcome::Changed(id))
            }
            _ => Ok(Outcome::Skipped),
        }
    }

    /// MERGE with WHEN NOT MATCHED BY SOURCE joins outward: a row without source has NULLs in all source columns.
    fn source_present(&self) -> bool {
        let by_source = self.merge.iter().any(|action| action.when == MergeMatch::NotMatchedBySource);
        let id_column = self.row_id_column.map_or(usize::MAX, |column| column - 1);
        !by_source
            || self.row.len() <= 1
            || self.row.iter().enumerate().any(|(at, value)| at != id_column && !value.is_null())
    }

    fn returning(&self, id: RowId, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<()> {
        let row = EvalRow {
            outer: &self.row,
            scan: &self.new,
            inner: &self.old,
            scan_id: Some(id),
            inner_id: Some(id),
            table: self.relation.oid,
            ..EvalRow::default()
        };
        out.clear();
        for expr in &self.returning {
            out.push(expr.eval(&row, rt)?);
        }
        Ok(())
    }
}

impl Node for ModifyTable {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        while !self.done {
            rt.check()?;
            let mut row = std::mem::take(&mut self.row);
            let more = self.outer.next(rt, &mut row)?;
            self.row = row;
            if !more {
                self.done = true;
                self.events.settle(rt)?;
                break;
            }
            if let Outcome::Changed(id) = self.change(rt)? {
                if self.can_set_tag {
                    let processed = &rt.shared()?.processed;
                    processed.set(processed.get() + 1);
                }
                if !self.returning.is_empty() {
                    self.returning(id, rt, out)?;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        if rt.is_restart() {
            self.done = false;
            self.table = None;
            self.events = Events::default();
            return self.outer.rescan(rt);
        }
        Err(Error::internal("a data change can't be rescanned"))
    }
}
