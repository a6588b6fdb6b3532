//! Sequences.
#![allow(missing_docs)]

mod common;

use common::Db;
use pglitedb_tables::SequenceParams;

const UP: SequenceParams = SequenceParams { start: 1, increment: 1, min: 1, max: i64::MAX, cycle: false };

#[test]
fn values_count_up_and_are_never_rolled_back() {
    let db = Db::new();
    let txn = db.begin();
    let sequence = db.space.sequence(&txn, 30000, UP, "s").expect("open");
    sequence.create().expect("create");
    assert_eq!(sequence.last_value().expect("state"), (1, false));
    assert_eq!(sequence.next(1).expect("next"), (1, 1));
    assert_eq!(sequence.next(10).expect("next"), (2, 10));
    assert_eq!(sequence.last_value().expect("state"), (11, true));
    txn.commit(Default::default()).expect("commit");
    let txn = db.begin();
    let sequence = db.space.sequence(&txn, 30000, UP, "s").expect("open");
    assert_eq!(sequence.next(1).expect("next"), (12, 1));
    sequence.set(100, false).expect("set");
    assert_eq!(sequence.next(1).expect("next"), (100, 1));
    sequence.set(200, true).expect("set");
    assert_eq!(sequence.last_value().expect("state"), (200, true));
    txn.abort();
    let txn = db.begin();
    let sequence = db.space.sequence(&txn, 30000, UP, "s").expect("open");
    assert_eq!(sequence.next(1).expect("next"), (201, 1));
    let error = sequence.set(0, true).expect_err("out of bounds");
    assert_eq!(
        error.message(),
        "setval: value 0 is out of bounds for sequence \"s\" (1..9223372036854775807)"
    );
}

#[test]
fn bounds_and_cycles() {
    let db = Db::new();
    let txn = db.begin();
    let params = SequenceParams { start: 2, increment: -2, min: -3, max: 5, cycle: false };
    let sequence = db.space.sequence(&txn, 30001, params, "d").expect("open");
    assert_eq!(sequence.next(100).expect("next"), (2, 3));
    let error = sequence.next(1).expect_err("the end");
    assert_eq!(error.message(), "nextval: reached minimum value of sequence \"d\" (-3)");
    assert_eq!(error.code().as_str(), "2200H");
    assert_eq!(sequence.last_value().expect("state"), (-2, true));
    let params = SequenceParams { cycle: true, ..params };
    let sequence = db.space.sequence(&txn, 30001, params, "d").expect("open");
    assert_eq!(sequence.next(1).expect("next"), (5, 1));
    assert_eq!(sequence.next(1).expect("next"), (3, 1));
    let whole =
        SequenceParams { start: i64::MAX, increment: i64::MAX, min: i64::MIN, max: i64::MAX, cycle: false };
    let sequence = db.space.sequence(&txn, 30002, whole, "w").expect("open");
    assert_eq!(sequence.next(1).expect("next"), (i64::MAX, 1));
    assert!(sequence.next(1).is_err());
}
