//! Random writes against a model: scans and indexes must agree with it after every transaction.
#![allow(missing_docs)]

mod common;

use common::Db;
use pglitedb_catalog::new_rows::IndexFlags;
use pglitedb_storage::{CommitMode, Direction, Isolation, LockWait};
use pglitedb_tables::{IndexBounds, RowId, RowLockMode};
use pglitedb_types::{Datum, oids};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Op {
    Insert(i32, Option<i32>),
    Update(prop::sample::Index, i32, Option<i32>),
    Delete(prop::sample::Index),
    Savepoint,
    RollbackTo,
    Commit,
    Abort,
    Checkpoint,
}

fn op() -> impl Strategy<Value = Op> {
    let value = || prop::option::of(0..5i32);
    prop_oneof![
        6 => (0..20i32, value()).prop_map(|(a, b)| Op::Insert(a, b)),
        5 => (any::<prop::sample::Index>(), 0..20i32, value()).prop_map(|(at, a, b)| Op::Update(at, a, b)),
        3 => any::<prop::sample::Index>().prop_map(Op::Delete),
        1 => Just(Op::Savepoint),
        1 => Just(Op::RollbackTo),
        2 => Just(Op::Commit),
        1 => Just(Op::Abort),
        1 => Just(Op::Checkpoint),
    ]
}

type Model = BTreeMap<u64, (i32, Option<i32>)>;

fn row(a: i32, b: Option<i32>) -> Vec<Datum> {
    vec![Datum::Int4(a), Datum::from(b)]
}

fn run(ops: &[Op]) -> Result<(), TestCaseError> {
    let db = Db::new();
    let ddl = db.ddl();
    let oid = db.create_table(&ddl, "t", &[("a", oids::INT4), ("b", oids::INT4)]);
    db.create_index(&ddl, "t_a", oid, &[1], IndexFlags { unique: true, ..IndexFlags::default() });
    db.create_index(&ddl, "t_b", oid, &[2, 1], IndexFlags::default());
    db.commit_ddl(ddl);
    let mut txn = db.begin();
    let table = db.open(&txn, "t");
    let (mut committed, mut model) = (Model::new(), Model::new());
    let mut savepoint: Option<(pglitedb_storage::SavepointId, Model)> = None;
    let older = [Isolation::RepeatableRead, Isolation::Serializable];
    let mut older = older.map(|isolation| (db.begin_with(isolation), Model::new()));
    older.iter().for_each(|(txn, _)| drop(txn.snapshot()));
    for op in ops {
        txn.next_command().expect("a command");
        let picked = |at: &prop::sample::Index, model: &Model| {
            (!model.is_empty()).then(|| *model.keys().nth(at.index(model.len())).expect("a row"))
        };
        match op {
            Op::Insert(a, b) => {
                let is_free = !model.values().any(|(other, _)| other == a);
                // A failed statement is undone through a savepoint, as the session does it.
                let before = txn.savepoint().expect("savepoint");
                let done = db.write(&txn, |ctx| table.insert(ctx, &row(*a, *b)));
                prop_assert_eq!(done.is_ok(), is_free);
                match done {
                    Ok(id) => drop(model.insert(id.0, (*a, *b))),
                    Err(_) => txn.rollback_to(before).expect("rollback"),
                }
                txn.release(before).expect("release");
            }
            Op::Update(at, a, b) => {
                let Some(id) = picked(at, &model) else { continue };
                let old = model[&id];
                let is_free = !model.iter().any(|(other, values)| *other != id && values.0 == *a);
                let before = txn.savepoint().expect("savepoint");
                table
                    .lock_row(&txn, &txn.snapshot(), RowId(id), RowLockMode::Update, LockWait::Block)
                    .expect("lock");
                let (old, new) = (row(old.0, old.1), row(*a, *b));
                let done = db.write(&txn, |ctx| table.update(ctx, RowId(id), &old, &new, &[0, 1]));
                prop_assert_eq!(done.is_ok(), is_free);
                match done {
                    Ok(()) => drop(model.insert(id, (*a, *b))),
                    Err(_) => txn.rollback_to(before).expect("rollback"),
                }
                txn.release(before).expect("release");
            }
            Op::Delete(at) => {
                let Some(id) = picked(at, &model) else { continue };
                let old = model.remove(&id).expect("a row");
                table
                    .lock_row(&txn, &txn.snapshot(), RowId(id), RowLockMode::Update, LockWait::Block)
                    .expect("lock");
                db.write(&txn, |ctx| table.delete(ctx, RowId(id), &row(old.0, old.1))).expect("delete");
            }
            Op::Savepoint => savepoint = Some((txn.savepoint().expect("savepoint"), model.clone())),
            Op::RollbackTo => {
                if let Some((id, kept)) = &savepoint {
                    txn.rollback_to(*id).expect("rollback");
                    model = kept.clone();
                }
            }
            Op::Commit | Op::Abort => {
                savepoint = None;
                if matches!(op, Op::Commit) {
                    txn.commit(CommitMode::Engine).expect("commit");
                    committed = model.clone();
                    let at = committed.len() % 2;
                    let isolation = older[at].0.isolation();
                    older[at] = (db.begin_with(isolation), committed.clone());
                    drop(older[at].0.snapshot());
                } else {
                    txn.abort();
                    model = committed.clone();
                }
                txn = db.begin();
            }
            Op::Checkpoint => db.engine.checkpoint().expect("checkpoint"),
        }
        check(&db, &txn, &table, &model)?;
        for (txn, model) in &older {
            look_up(txn, &table, model)?;
        }
    }
    Ok(())
}

fn check(
    db: &Db,
    txn: &pglitedb_storage::Txn,
    table: &std::sync::Arc<pglitedb_tables::TableAccess>,
    model: &Model,
) -> Result<(), TestCaseError> {
    let seen: Vec<_> = db.all(txn, table).iter().map(|row| (row[0].as_i64(), row[1].as_i64())).collect();
    let wanted: Vec<_> = model.values().map(|(a, b)| (Some(i64::from(*a)), b.map(i64::from))).collect();
    prop_assert_eq!(seen, wanted);
    let snapshot = txn.snapshot();
    for (index, key) in [(0, false), (1, true)] {
        let mut wanted: Vec<_> = model.values().copied().collect();
        wanted.sort_by_key(|(a, b)| if key { (b.is_none(), b.unwrap_or(0), *a) } else { (false, *a, 0) });
        for direction in [Direction::Forward, Direction::Backward] {
            let mut scan = table.indexes()[index]
                .scan(table, txn, &snapshot, &IndexBounds::all(), direction)
                .expect("scan");
            let mut out = vec![Datum::Null; 2];
            let mut seen = Vec::new();
            while scan.next(txn, &[0, 1], &mut out).expect("row").is_some() {
                let int = |value: &Datum| value.as_i64().map(|value| value as i32);
                seen.push((int(&out[0]).unwrap_or(-1), int(&out[1])));
            }
            prop_assert_eq!(&seen, &wanted);
            wanted.reverse();
        }
    }
    look_up(txn, table, model)
}

/// Every key by the unique index, whatever was remembered of it.
fn look_up(
    txn: &pglitedb_storage::Txn,
    table: &std::sync::Arc<pglitedb_tables::TableAccess>,
    model: &Model,
) -> Result<(), TestCaseError> {
    let snapshot = txn.snapshot();
    for key in 0..20_i32 {
        let mut out = vec![Datum::Null; 2];
        let found = table.indexes()[0]
            .fetch(table, txn, &snapshot, &[Datum::Int4(key)], (&[1], &mut out))
            .expect("a look-up");
        let wanted = model.iter().find(|(_, (a, _))| *a == key);
        prop_assert_eq!(found, wanted.map(|(id, _)| RowId(*id)));
        if let Some((_, (_, b))) = wanted {
            prop_assert_eq!(out[1].as_i64(), b.map(i64::from));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn tables_do_what_the_model_does(ops in prop::collection::vec(op(), 1..60)) {
        run(&ops)?;
    }
}
