//! Descriptors are never stale after a commit, however many sessions fill the cache meanwhile.
#![allow(missing_docs)]

mod common;

use common::{Db, PUBLIC};
use pglitedb_catalog::Catalog;
use pglitedb_catalog::builtin::columns::pg_class;
use pglitedb_types::{Datum, oids};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

#[test]
fn a_rename_is_seen_by_all_after_its_commit() {
    let db = Db::new();
    let ddl = db.ddl();
    let oid = db.create_table(&ddl, "t0", &[("a", oids::INT4)]);
    db.commit_ddl(ddl);
    let stop = AtomicBool::new(false);
    // The number in its name: at most `begun`, at least `done`.
    let (begun, done) = (AtomicI32::new(0), AtomicI32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let txn = db.begin();
                while !stop.load(Ordering::Relaxed) {
                    db.look(&txn, |catalog| {
                        let oldest = done.load(Ordering::SeqCst);
                        let found: Vec<_> = (0..50)
                            .filter(|n| {
                                catalog.relation_oid(PUBLIC, &format!("t{n}")).expect("look-up").is_some()
                            })
                            .collect();
                        // Renames go on between the look-ups: several names may be found, one after the other.
                        let newest = begun.load(Ordering::SeqCst);
                        assert!(
                            found.iter().all(|n| (oldest..=newest).contains(n)),
                            "{oldest} {found:?} {newest}"
                        );
                        assert!(catalog.relation(oid).expect("look-up").is_some());
                    });
                }
            });
        }
        let txn = db.begin();
        for n in 1..50 {
            begun.store(n, Ordering::SeqCst);
            let ddl = db.ddl();
            db.writer(&ddl)
                .update_oid(pg_class::RELATION, oid, |row| {
                    row[pg_class::RELNAME] = Datum::text(&format!("t{n}"));
                    Ok(())
                })
                .expect("rename");
            let before = db.cache.version();
            db.commit_ddl(ddl);
            done.store(n, Ordering::SeqCst);
            assert_ne!(db.cache.version(), before);
            db.look(&txn, |catalog| {
                let relation = catalog.relation(oid).expect("look-up").expect("the table");
                assert_eq!(*relation.name, format!("t{n}"));
                let by_name = |n: i32| catalog.relation_oid(PUBLIC, &format!("t{n}")).expect("look-up");
                assert_eq!((by_name(n), by_name(n - 1)), (Some(oid), None));
            });
        }
        stop.store(true, Ordering::Relaxed);
    });
}
