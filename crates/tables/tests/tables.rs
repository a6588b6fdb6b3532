//! Rows and indexes over a real engine.
#![allow(missing_docs)]

mod common;

use common::{Db, PUBLIC};
use pglitedb_catalog::new_rows::IndexFlags;
use pglitedb_catalog::{Catalog, builtin::columns::*};
use pglitedb_storage::{CommitMode, Direction, Isolation, LockWait};
use pglitedb_tables::{IndexBounds, RowLock, RowLockMode};
use pglitedb_types::{Datum, oids};

fn row(a: i32, b: &str) -> Vec<Datum> {
    vec![Datum::Int4(a), Datum::text(b)]
}

fn ints(rows: &[Vec<Datum>]) -> Vec<i64> {
    rows.iter().map(|row| row[0].as_i64().unwrap_or(i64::MIN)).collect()
}

/// A table `t (a int4, b text)` with a primary key on `a` and an index on `b`.
fn with_table() -> Db {
    let db = Db::new();
    let ddl = db.ddl();
    let table = db.create_table(&ddl, "t", &[("a", oids::INT4), ("b", oids::TEXT)]);
    let key = IndexFlags { unique: true, primary: true, ..IndexFlags::default() };
    db.create_index(&ddl, "t_pkey", table, &[1], key);
    db.create_index(&ddl, "t_b_idx", table, &[2], IndexFlags::default());
    db.commit_ddl(ddl);
    db
}

#[test]
fn rows_are_written_read_changed_and_deleted() {
    let db = with_table();
    let txn = db.begin();
    let table = db.open(&txn, "t");
    assert_eq!(table.indexes().len(), 2);
    let id = db.write(&txn, |ctx| table.insert(ctx, &row(2, "two"))).expect("insert");
    db.write(&txn, |ctx| table.insert(ctx, &row(1, "one"))).expect("insert");
    assert_eq!(ints(&db.all(&txn, &table)), [2, 1]);
    txn.commit(CommitMode::Engine).expect("commit");

    let txn = db.begin();
    let snapshot = txn.snapshot();
    assert_eq!(
        table.lock_row(&txn, &snapshot, id, RowLockMode::NoKeyUpdate, LockWait::Block).expect("lock"),
        RowLock::Unchanged
    );
    db.write(&txn, |ctx| table.update(ctx, id, &row(2, "two"), &row(2, "zwei"), &[1])).expect("update");
    assert_eq!(
        table.lock_row(&txn, &snapshot, id, RowLockMode::Update, LockWait::Block).expect("lock"),
        RowLock::SelfModified
    );
    let rows = db.all(&txn, &table);
    assert_eq!(rows[0][1].as_str(), Some("zwei"));
    let snapshot = txn.snapshot();
    for (text, found) in [("zwei", 1), ("two", 0), ("one", 1)] {
        let keys = [Datum::text(text)];
        let index = &table.indexes()[1];
        let mut scan = index
            .scan(&table, &txn, &snapshot, &IndexBounds::equal(&keys), Direction::Forward)
            .expect("scan");
        let mut count = 0;
        let mut out = vec![Datum::Null; 2];
        while scan.next(&txn, &[0, 1], &mut out).expect("row").is_some() {
            assert_eq!(out[1].as_str(), Some(text));
            count += 1;
        }
        assert_eq!(count, found, "{text}");
    }
    db.write(&txn, |ctx| table.delete(ctx, id, &row(2, "zwei"))).expect("delete");
    assert_eq!(ints(&db.all(&txn, &table)), [1]);
    txn.abort();
    let txn = db.begin();
    assert_eq!(db.all(&txn, &table)[0][1].as_str(), Some("two"));
}

#[test]
fn unique_keys_are_unique() {
    let db = with_table();
    let txn = db.begin();
    let table = db.open(&txn, "t");
    db.write(&txn, |ctx| table.insert(ctx, &row(1, "x"))).expect("insert");
    let error = db.write(&txn, |ctx| table.insert(ctx, &row(1, "y"))).expect_err("a duplicate");
    assert_eq!(error.code().as_str(), "23505");
    assert_eq!(error.message(), "duplicate key value violates unique constraint \"t_pkey\"");
    assert_eq!(error.fields().detail.as_deref(), Some("Key (a)=(1) already exists."));
    assert_eq!(error.fields().constraint.as_deref(), Some("t_pkey"));
    assert_eq!(error.fields().table.as_deref(), Some("t"));
    // Deleted and inserted again in one transaction.
    let snapshot = txn.latest_snapshot();
    let id = table.indexes()[0].get(&table, &txn, &snapshot, &[Datum::Int4(1)]).expect("get");
    assert_eq!(id, None, "the insert belongs to the current command");
    txn.next_command().expect("a command");
    let id = table.indexes()[0]
        .get(&table, &txn, &txn.latest_snapshot(), &[Datum::Int4(1)])
        .expect("get")
        .expect("a row");
    db.write(&txn, |ctx| table.delete(ctx, id, &row(1, "x"))).expect("delete");
    db.write(&txn, |ctx| table.insert(ctx, &row(1, "z"))).expect("insert");
    assert_eq!(ints(&db.all(&txn, &table)), [1]);
}

#[test]
fn a_second_writer_of_a_key_waits_for_the_first() {
    for commit in [true, false] {
        let db = with_table();
        let first = db.begin();
        let table = db.open(&first, "t");
        db.write(&first, |ctx| table.insert(ctx, &row(1, "x"))).expect("insert");
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let txn = db.begin();
                let done = db.write(&txn, |ctx| table.insert(ctx, &row(1, "y"))).map(|_| ());
                txn.commit(CommitMode::Engine).expect("commit");
                done
            });
            std::thread::sleep(std::time::Duration::from_millis(50));
            assert!(!second.is_finished());
            if commit {
                first.commit(CommitMode::Engine).expect("commit");
            } else {
                first.abort();
            }
            let done = second.join().expect("no panic");
            assert_eq!(done.is_err(), commit);
        });
    }
}

#[test]
fn nulls_are_distinct_unless_told_otherwise() {
    let db = Db::new();
    let ddl = db.ddl();
    let table = db.create_table(&ddl, "n", &[("a", oids::INT4)]);
    db.create_index(&ddl, "n_a", table, &[1], IndexFlags { unique: true, ..IndexFlags::default() });
    let other = db.create_table(&ddl, "m", &[("a", oids::INT4)]);
    let flags = IndexFlags { unique: true, nulls_not_distinct: true, ..IndexFlags::default() };
    db.create_index(&ddl, "m_a", other, &[1], flags);
    db.commit_ddl(ddl);
    let txn = db.begin();
    let (n, m) = (db.open(&txn, "n"), db.open(&txn, "m"));
    for _ in 0..2 {
        db.write(&txn, |ctx| n.insert(ctx, &[Datum::Null])).expect("NULLs are distinct");
    }
    db.write(&txn, |ctx| m.insert(ctx, &[Datum::Null])).expect("the first NULL");
    let error = db.write(&txn, |ctx| m.insert(ctx, &[Datum::Null])).expect_err("a duplicate");
    assert_eq!(error.fields().detail.as_deref(), Some("Key (a)=(null) already exists."));
}

#[test]
fn deferrable_constraints_are_checked_later() {
    let db = Db::new();
    let ddl = db.ddl();
    let table = db.create_table(&ddl, "d", &[("a", oids::INT4)]);
    let flags = IndexFlags { unique: true, deferrable: true, ..IndexFlags::default() };
    db.create_index(&ddl, "d_a", table, &[1], flags);
    db.commit_ddl(ddl);
    let txn = db.begin();
    let d = db.open(&txn, "d");
    let mut checks = Vec::new();
    for value in [1, 1, 2] {
        db.write(&txn, |ctx| {
            d.insert(ctx, &[Datum::Int4(value)])?;
            checks.append(&mut ctx.deferred);
            Ok(())
        })
        .expect("not checked yet");
    }
    txn.next_command().expect("a command");
    let results: Vec<bool> =
        checks.iter().map(|check| db.write(&txn, |ctx| d.check_deferred(ctx, check)).is_ok()).collect();
    assert_eq!(results, [false, false, true]);
}

#[test]
fn locks_report_what_happened_meanwhile() {
    let db = with_table();
    let txn = db.begin();
    let table = db.open(&txn, "t");
    let ids: Vec<_> =
        (0..3).map(|n| db.write(&txn, |ctx| table.insert(ctx, &row(n, "old"))).expect("insert")).collect();
    txn.commit(CommitMode::Engine).expect("commit");

    let late = db.begin_with(Isolation::RepeatableRead);
    let snapshot = late.snapshot();
    let txn = db.begin();
    db.write(&txn, |ctx| table.update(ctx, ids[0], &row(0, "old"), &row(0, "new"), &[1])).expect("update");
    db.write(&txn, |ctx| table.delete(ctx, ids[1], &row(1, "old"))).expect("delete");
    txn.commit(CommitMode::Engine).expect("commit");
    let states: Vec<RowLock> = ids
        .iter()
        .map(|id| table.lock_row(&late, &snapshot, *id, RowLockMode::Update, LockWait::NoWait).expect("lock"))
        .collect();
    assert_eq!(states, [RowLock::Updated, RowLock::Deleted, RowLock::Unchanged]);
    let mut out = vec![Datum::Null; 2];
    assert!(table.fetch_latest(&late, ids[0], &[1], &mut out).expect("fetch"));
    assert_eq!(out[1].as_str(), Some("new"));
    // The snapshot still sees the old versions.
    assert_eq!(ints(&db.all(&late, &table)), [0, 1, 2]);
    let other = db.begin();
    let error = table
        .lock_row(&other, &other.snapshot(), ids[2], RowLockMode::Share, LockWait::NoWait)
        .expect_err("locked");
    assert_eq!(error.message(), "could not obtain lock on row in relation \"t\"");
    let skipped = table.lock_row(&other, &other.snapshot(), ids[2], RowLockMode::KeyShare, LockWait::Skip);
    assert_eq!(skipped.expect("no error"), RowLock::Skipped);
}

#[test]
fn an_index_is_built_over_existing_rows() {
    let db = Db::new();
    let ddl = db.ddl();
    db.create_table(&ddl, "t", &[("a", oids::INT4), ("b", oids::TEXT)]);
    db.commit_ddl(ddl);
    let txn = db.begin();
    let table = db.open(&txn, "t");
    let rows: Vec<_> = (0..500).map(|n| row(n % 250, &format!("{n}"))).collect();
    db.write(&txn, |ctx| table.insert_many(ctx, &rows)).expect("insert");
    txn.commit(CommitMode::Engine).expect("commit");

    let ddl = db.ddl();
    let oid = table.relation().oid;
    let plain = db.create_index(&ddl, "t_a", oid, &[1], IndexFlags::default());
    let unique =
        db.create_index(&ddl, "t_u", oid, &[1], IndexFlags { unique: true, ..IndexFlags::default() });
    let relation = db.look_own(&ddl, |catalog| catalog.relation(oid)).expect("look-up").expect("a table");
    let table = db.look_own(&ddl, |catalog| db.space.open(&relation, catalog)).expect("open");
    let built = db.write(&ddl.txn, |ctx| table.build_index(ctx, plain, &|| Ok(()))).expect("built");
    assert_eq!((built.rows, built.entries), (500, 500));
    assert!(built.row_bytes > 500 && built.key_bytes > 500);
    let error = db.write(&ddl.txn, |ctx| table.build_index(ctx, unique, &|| Ok(()))).expect_err("duplicates");
    assert_eq!(error.message(), "could not create unique index \"t_u\"");
    ddl.txn.next_command().expect("a command");
    let (low, high) = (Datum::Int4(10), Datum::Int4(12));
    let bounds = IndexBounds { lower: Some((&low, false)), upper: Some((&high, true)), ..IndexBounds::all() };
    let snapshot = ddl.txn.snapshot();
    let index = table.index(plain).expect("the index");
    let mut scan = index.scan(&table, &ddl.txn, &snapshot, &bounds, Direction::Backward).expect("scan");
    let mut found = Vec::new();
    let mut out = vec![Datum::Null; 2];
    while scan.next(&ddl.txn, &[0], &mut out).expect("row").is_some() {
        found.push(out[0].as_i64());
    }
    assert_eq!(found, [Some(12), Some(12), Some(11), Some(11)]);
}

#[test]
fn columns_added_later_have_their_missing_value() {
    let db = with_table();
    let txn = db.begin();
    let table = db.open(&txn, "t");
    db.write(&txn, |ctx| table.insert(ctx, &row(1, "x"))).expect("insert");
    txn.commit(CommitMode::Engine).expect("commit");
    let ddl = db.ddl();
    let oid = table.relation().oid;
    let info = pglitedb_catalog::builtin::type_info(oids::NUMERIC).expect("numeric");
    let mut column = pglitedb_catalog::new_rows::attribute_row(oid, 3, "c", &info, -1, 0);
    let value = Datum::text("nine");
    let array = pglitedb_types::ArrayValue::one_dim(oids::TEXT, vec![value]);
    column[pg_attribute::ATTTYPID] = Datum::Oid(oids::TEXT);
    column[pg_attribute::ATTHASMISSING] = Datum::Bool(true);
    column[pg_attribute::ATTMISSINGVAL] = Datum::Array(std::sync::Arc::new(array));
    db.writer(&ddl).insert(pg_attribute::RELATION, &column).expect("pg_attribute");
    db.commit_ddl(ddl);
    let txn = db.begin();
    let table = db.open(&txn, "t");
    db.write(&txn, |ctx| table.insert(ctx, &[Datum::Int4(2), Datum::Null, Datum::Null])).expect("insert");
    let rows = db.all(&txn, &table);
    assert_eq!(rows[0][2].as_str(), Some("nine"));
    assert!(rows[1][2].is_null());
}

#[test]
fn catalogs_are_tables() {
    let db = with_table();
    let txn = db.begin();
    let class = db.space.open_catalog(pg_class::RELATION).expect("pg_class");
    let rows = db.all(&txn, &class);
    assert!(rows.iter().any(|row| row[1].as_str() == Some("pg_type")));
    assert!(rows.iter().any(|row| row[1].as_str() == Some("t_pkey")));
    let oids_in_order: Vec<_> = rows.iter().map(|row| row[0].as_i64()).collect();
    assert!(oids_in_order.is_sorted());
    // By name, through the index, built-in and stored alike.
    let index = class.index(2663).expect("pg_class_relname_nsp_index");
    for (name, namespace) in [("pg_type", 11), ("t", PUBLIC), ("nothing", PUBLIC)] {
        let keys = [Datum::text(name), Datum::Oid(namespace)];
        let mut scan = index
            .scan(&class, &txn, &txn.snapshot(), &IndexBounds::equal(&keys), Direction::Forward)
            .expect("scan");
        let mut out = vec![Datum::Null; class.layout().width()];
        let found = scan.next(&txn, &[1], &mut out).expect("row");
        assert_eq!(found.is_some(), name != "nothing", "{name}");
    }
}

#[test]
fn uncommitted_ddl_is_private_and_rolls_back() {
    let db = Db::new();
    let txn = db.begin();
    assert!(db.relation(&txn, "t").is_none());
    let ddl = db.ddl();
    let table = db.create_table(&ddl, "t", &[("a", oids::INT4)]);
    assert!(db.look_own(&ddl, |catalog| catalog.relation(table)).expect("look-up").is_some());
    assert!(db.relation(&txn, "t").is_none(), "not committed");
    ddl.txn.abort();
    assert!(db.relation(&txn, "t").is_none());

    let ddl = db.ddl();
    let table = db.create_table(&ddl, "t", &[("a", oids::INT4)]);
    let before = db.cache.version();
    db.commit_ddl(ddl);
    assert_ne!(db.cache.version(), before);
    let found = db.relation(&txn, "t").expect("committed");
    assert_eq!(found.oid, table);
    assert!(std::sync::Arc::ptr_eq(&found, &db.relation(&txn, "t").expect("cached")));

    // Renamed: the old name is forgotten, the new one found.
    let ddl = db.ddl();
    db.writer(&ddl)
        .update_oid(pg_class::RELATION, table, |row| {
            row[pg_class::RELNAME] = Datum::text("u");
            Ok(())
        })
        .expect("rename");
    assert!(db.relation(&txn, "t").is_some());
    db.commit_ddl(ddl);
    assert!(db.relation(&txn, "t").is_none());
    assert!(db.relation(&txn, "u").is_some_and(|relation| &*relation.name == "u"));
}

#[test]
fn built_in_rows_can_be_changed_and_hidden() {
    let db = Db::new();
    let ddl = db.ddl();
    let writer = db.writer(&ddl);
    // ALTER SCHEMA public RENAME, DROP of a cast.
    writer
        .update_oid(pg_namespace::RELATION, PUBLIC, |row| {
            row[pg_namespace::NSPNAME] = Datum::text("open");
            Ok(())
        })
        .expect("rename");
    let cast =
        db.look_own(&ddl, |catalog| catalog.cast(oids::INT4, oids::INT8)).expect("look-up").expect("a cast");
    assert!(writer.delete(pg_cast::RELATION, u64::from(cast.oid)).expect("delete"));
    db.commit_ddl(ddl);
    let txn = db.begin();
    db.look(&txn, |catalog| {
        assert_eq!(catalog.namespace_by_name("public").expect("look-up"), None);
        assert_eq!(catalog.namespace_by_name("open").expect("look-up"), Some(PUBLIC));
        assert!(catalog.cast(oids::INT4, oids::INT8).expect("look-up").is_none());
        assert!(catalog.cast(oids::INT8, oids::INT4).expect("look-up").is_some());
    });
    let casts = db.space.open_catalog(pg_cast::RELATION).expect("pg_cast");
    assert_eq!(db.all(&txn, &casts).len(), 234);
    let namespaces = db.space.open_catalog(pg_namespace::RELATION).expect("pg_namespace");
    let names: Vec<_> =
        db.all(&txn, &namespaces).iter().map(|row| row[1].as_str().map(str::to_owned)).collect();
    assert_eq!(names.len(), 4);
    assert!(names.contains(&Some("open".to_owned())) && !names.contains(&Some("public".to_owned())));
}

#[test]
fn an_index_younger_than_the_snapshot_is_not_trusted() {
    let db = Db::new();
    let ddl = db.ddl();
    let oid = db.create_table(&ddl, "t", &[("a", oids::INT4), ("b", oids::TEXT)]);
    db.commit_ddl(ddl);
    let txn = db.begin();
    let table = db.open(&txn, "t");
    let rows: Vec<_> = [3, 1, 2].iter().map(|n| row(*n, "x")).collect();
    db.write(&txn, |ctx| table.insert_many(ctx, &rows)).expect("insert");
    txn.commit(CommitMode::Engine).expect("commit");

    let old = db.begin_with(Isolation::RepeatableRead);
    let snapshot = old.snapshot();
    let ddl = db.ddl();
    let index = db.create_index(&ddl, "t_a", oid, &[1], IndexFlags { unique: true, ..IndexFlags::default() });
    let relation = db.look_own(&ddl, |catalog| catalog.relation(oid)).expect("look-up").expect("a table");
    let table = db.look_own(&ddl, |catalog| db.space.open(&relation, catalog)).expect("open");
    db.write(&ddl.txn, |ctx| table.build_index(ctx, index, &|| Ok(()))).expect("built");
    db.commit_ddl(ddl);
    for (txn, snapshot) in [(&old, snapshot), (&db.begin(), db.begin().snapshot())] {
        let table = db.open(txn, "t");
        let index = table.index(index).expect("the index");
        let mut scan =
            index.scan(&table, txn, &snapshot, &IndexBounds::all(), Direction::Forward).expect("scan");
        let mut found = Vec::new();
        let mut out = vec![Datum::Null; 2];
        while scan.next(txn, &[0], &mut out).expect("row").is_some() {
            found.push(out[0].as_i64().unwrap_or(0));
        }
        assert_eq!(found, [1, 2, 3]);
        assert!(index.get(&table, txn, &snapshot, &[Datum::Int4(2)]).expect("get").is_some());
    }
}
