//! Times of the hot paths: `cargo run --release -p pglitedb-tables --example hot_paths`.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Db, PUBLIC};
use pglitedb_catalog::new_rows::IndexFlags;
use pglitedb_catalog::{Catalog, builtin_catalog};
use pglitedb_storage::{CommitMode, Direction, LockWait};
use pglitedb_tables::RowLockMode;
use pglitedb_types::{Datum, oids};
use std::hint::black_box;
use std::time::Instant;

fn time(what: &str, count: u64, mut f: impl FnMut(u64)) {
    let start = Instant::now();
    (0..count).for_each(&mut f);
    println!("{what}: {:.0} ns", start.elapsed().as_nanos() as f64 / count as f64);
}

fn main() {
    let start = Instant::now();
    let catalog = builtin_catalog();
    black_box(catalog.operators_by_name("=").expect("look-up"));
    println!("first operators_by_name: {:?}", start.elapsed());
    let start = Instant::now();
    black_box(catalog.procs_by_name("lower").expect("look-up"));
    black_box(catalog.cast(23, 20).expect("look-up"));
    println!("first procs_by_name and cast: {:?}", start.elapsed());
    let start = Instant::now();
    let db = Db::new();
    println!("engine in memory: {:?}", start.elapsed());
    let start = Instant::now();
    let ddl = db.ddl();
    let table = db.create_table(&ddl, "t", &[("a", oids::INT4), ("b", oids::INT4), ("c", oids::TEXT)]);
    let key = IndexFlags { unique: true, primary: true, ..IndexFlags::default() };
    db.create_index(&ddl, "t_pkey", table, &[1], key);
    db.commit_ddl(ddl);
    println!("create table with primary key: {:?}", start.elapsed());

    time("create table with primary key, commit", 200, |n| {
        let ddl = db.ddl();
        let columns = [("a", oids::INT4), ("b", oids::INT4), ("c", oids::TEXT)];
        let table = db.create_table(&ddl, &format!("t{n}"), &columns);
        db.create_index(&ddl, &format!("t{n}_pkey"), table, &[1], key);
        db.commit_ddl(ddl);
    });
    let filler = Datum::text(&"x".repeat(84));
    let txn = db.begin();
    let t = db.open(&txn, "t");
    db.write(&txn, |ctx| {
        time("insert", 200_000, |n| {
            let row = [Datum::Int4(n as i32), Datum::Int4(0), filler.clone()];
            t.insert(ctx, &row).expect("insert");
        });
        Ok(())
    })
    .expect("inserts");
    txn.commit(CommitMode::Engine).expect("commit");
    for round in ["in memory", "from the base"] {
        let txn = db.begin();
        time(&format!("relation by name and open, {round}"), 1_000_000, |_| {
            db.look(&txn, |catalog| {
                let oid = catalog.relation_oid(PUBLIC, "t").expect("look-up").expect("t");
                let relation = catalog.relation(oid).expect("look-up").expect("t");
                black_box(db.space.open(&relation, catalog).expect("open"));
            });
        });
        let snapshot = txn.snapshot();
        let mut out = vec![Datum::Null; 3];
        let mut at = 1u64;
        time("get by key, two columns", 500_000, |_| {
            at = at.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let key = [Datum::Int4(((at >> 33) % 200_000) as i32)];
            let id = t.indexes()[0].get(&t, &txn, &snapshot, &key).expect("get").expect("a row");
            assert!(t.fetch(&txn, &snapshot, id, &[0, 1], &mut out).expect("fetch"));
        });
        time("snapshot", 1_000_000, |_| drop(black_box(txn.latest_snapshot())));
        let start = Instant::now();
        let mut scan = t.scan(&txn, &snapshot, Direction::Forward).expect("scan");
        let mut count = 0u64;
        while scan.next(&[1], &mut out).expect("row").is_some() {
            count += 1;
        }
        println!("scan, one int column: {:.0} ns a row", start.elapsed().as_nanos() as f64 / count as f64);
        time("update by key, commit", 100_000, |n| {
            let txn = db.begin();
            let snapshot = txn.snapshot();
            let key = [Datum::Int4(n as i32)];
            let id = t.indexes()[0].get(&t, &txn, &snapshot, &key).expect("get").expect("a row");
            let mut old = vec![Datum::Null; 3];
            t.lock_row(&txn, &snapshot, id, RowLockMode::NoKeyUpdate, LockWait::Block).expect("lock");
            t.fetch(&txn, &snapshot, id, &[0, 1, 2], &mut old).expect("fetch");
            let mut new = old.clone();
            new[1] = Datum::Int4(n as i32);
            db.write(&txn, |ctx| t.update(ctx, id, &old, &new, &[1])).expect("update");
            txn.commit(CommitMode::Engine).expect("commit");
        });
        db.engine.checkpoint().expect("checkpoint");
    }
}
