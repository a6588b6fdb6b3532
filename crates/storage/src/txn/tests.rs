//! Transactions: visibility, savepoints, commands, conflicts.

use crate::*;

const S: StorageId = StorageId::new(1, 1);

fn engine() -> Engine {
    Engine::in_memory(Config { background: false, ..Config::benchmark() }).unwrap()
}

fn begin(engine: &Engine) -> Txn {
    engine.begin(BeginOptions::default())
}

fn begin_at(engine: &Engine, isolation: Isolation) -> Txn {
    engine.begin(BeginOptions { isolation, ..BeginOptions::default() })
}

fn put(engine: &Engine, pairs: &[(&str, &str)]) {
    let txn = begin(engine);
    for (key, value) in pairs {
        txn.put(S, key.as_bytes(), value.as_bytes()).unwrap();
    }
    txn.commit(CommitMode::Engine).unwrap();
}

fn get(txn: &Txn, snapshot: &Snapshot, key: &str) -> Option<String> {
    let value = txn.get(S, key.as_bytes(), snapshot).unwrap();
    let again = txn.get_with(S, key.as_bytes(), snapshot, |bytes| bytes.to_vec()).unwrap();
    assert_eq!(value.as_deref(), again.as_deref());
    value.map(|value| String::from_utf8(value.to_vec()).unwrap())
}

fn all(txn: &Txn, snapshot: &Snapshot, direction: Direction) -> String {
    let mut cursor = txn.scan(S, KeyRange::all(), direction, snapshot);
    let mut text = String::new();
    while let Some((key, value)) = cursor.next().unwrap() {
        text.push_str(&format!("{}={} ", String::from_utf8_lossy(key), String::from_utf8_lossy(value)));
    }
    text
}

#[test]
fn statements_see_earlier_commands_only() {
    let engine = engine();
    let txn = begin(&engine);
    let first = txn.snapshot();
    txn.put(S, b"a", b"1").unwrap();
    assert_eq!(get(&txn, &first, "a"), None);
    assert_eq!(get(&txn, &txn.snapshot(), "a"), None);
    txn.next_command().unwrap();
    assert_eq!(get(&txn, &txn.snapshot(), "a").as_deref(), Some("1"));
    assert_eq!(get(&txn, &first, "a"), None, "a snapshot does not change");
    assert_eq!(get(&txn, &txn.refresh(&first), "a").as_deref(), Some("1"));
    let other = begin(&engine);
    assert_eq!(get(&other, &other.snapshot(), "a"), None);
    assert_eq!(txn.xid().map(LatestState::InProgress), Some(other.get_latest(S, b"a").unwrap().state));
    txn.commit(CommitMode::Engine).unwrap();
    assert_eq!(get(&other, &other.snapshot(), "a").as_deref(), Some("1"));
}

#[test]
fn repeatable_read_keeps_its_snapshot() {
    let engine = engine();
    put(&engine, &[("a", "1"), ("b", "1")]);
    let txn = begin_at(&engine, Isolation::RepeatableRead);
    let snapshot = txn.snapshot();
    put(&engine, &[("a", "2"), ("c", "2")]);
    engine.checkpoint().unwrap();
    put(&engine, &[("a", "3")]);
    engine.checkpoint().unwrap();
    assert_eq!(get(&txn, &txn.snapshot(), "a").as_deref(), Some("1"));
    assert_eq!(all(&txn, &txn.snapshot(), Direction::Forward), "a=1 b=1 ");
    let latest = txn.get_latest(S, b"a").unwrap();
    assert_eq!(latest.value.as_deref(), Some(&b"3"[..]));
    assert!(latest.newer_than(&snapshot));
    assert!(!txn.get_latest(S, b"b").unwrap().newer_than(&snapshot));
    assert_eq!(all(&txn, &txn.latest_snapshot(), Direction::Backward), "c=2 b=1 a=3 ");
}

#[test]
fn scans_merge_base_and_versions() {
    let engine = engine();
    put(&engine, &[("a", "1"), ("b", "1"), ("c", "1"), ("e", "1")]);
    engine.checkpoint().unwrap();
    let txn = begin(&engine);
    txn.delete(S, b"b").unwrap();
    txn.put(S, b"c", b"2").unwrap();
    txn.put(S, b"d", b"2").unwrap();
    txn.put(S, b"f", b"2").unwrap();
    txn.next_command().unwrap();
    let snapshot = txn.snapshot();
    assert_eq!(all(&txn, &snapshot, Direction::Forward), "a=1 c=2 d=2 e=1 f=2 ");
    assert_eq!(all(&txn, &snapshot, Direction::Backward), "f=2 e=1 d=2 c=2 a=1 ");
    let mut cursor = txn.scan(S, KeyRange::prefix(b"d"), Direction::Forward, &snapshot);
    assert_eq!(cursor.next().unwrap(), Some((&b"d"[..], &b"2"[..])));
    assert_eq!(cursor.next().unwrap(), None);
    assert_eq!(cursor.next().unwrap(), None);
    txn.abort();
    let txn = begin(&engine);
    assert_eq!(all(&txn, &txn.snapshot(), Direction::Forward), "a=1 b=1 c=1 e=1 ");
}

#[test]
fn savepoints_undo_writes_and_locks() {
    let engine = engine();
    let txn = begin(&engine);
    txn.put(S, b"a", b"1").unwrap();
    let outer = txn.savepoint().unwrap();
    txn.put(S, b"a", b"2").unwrap();
    txn.lock(LockTag::row(S, b"a"), LockMode::ForUpdate, LockWait::Block).unwrap();
    let inner = txn.savepoint().unwrap();
    txn.put(S, b"a", b"3").unwrap();
    txn.put(S, b"b", b"3").unwrap();
    txn.rollback_to(inner).unwrap();
    txn.next_command().unwrap();
    assert_eq!(all(&txn, &txn.snapshot(), Direction::Forward), "a=2 ");
    assert_eq!(engine.locks().list().len(), 2);
    txn.rollback_to(outer).unwrap();
    assert_eq!(engine.locks().list().len(), 1, "the transaction's own");
    assert!(matches!(txn.rollback_to(inner), Err(Error::NoSuchSavepoint)));
    txn.release(outer).unwrap();
    assert!(matches!(txn.release(outer), Err(Error::NoSuchSavepoint)));
    txn.commit(CommitMode::Engine).unwrap();
    assert!(engine.locks().list().is_empty());
    let txn = begin(&engine);
    assert_eq!(all(&txn, &txn.snapshot(), Direction::Forward), "a=1 ");
}

#[test]
fn two_writers_of_a_key_are_noticed() {
    let engine = engine();
    let (one, two) = (begin(&engine), begin(&engine));
    one.put(S, b"a", b"1").unwrap();
    assert!(matches!(two.put(S, b"a", b"2"), Err(Error::WriteConflict { xid }) if Some(xid) == one.xid()));
    one.abort();
    two.put(S, b"a", b"2").unwrap();
    two.commit(CommitMode::Engine).unwrap();
    assert!(matches!(two.put(S, b"a", b"3"), Err(Error::TransactionEnded)));
}

#[test]
fn dropped_storages_stay_for_old_snapshots() {
    let engine = engine();
    put(&engine, &[("a", "1")]);
    engine.checkpoint().unwrap();
    put(&engine, &[("b", "1")]);
    let old = begin_at(&engine, Isolation::RepeatableRead);
    old.snapshot();
    let txn = begin(&engine);
    txn.drop_storage(S).unwrap();
    txn.commit(CommitMode::Engine).unwrap();
    assert!(engine.list_storages(1).unwrap().is_empty());
    engine.checkpoint().unwrap();
    engine.checkpoint().unwrap();
    assert_eq!(all(&old, &old.snapshot(), Direction::Forward), "a=1 b=1 ");
    drop(old);
    put(&engine, &[]);
    engine.checkpoint().unwrap();
    let txn = begin(&engine);
    assert_eq!(all(&txn, &txn.snapshot(), Direction::Forward), "");
    assert_eq!(engine.metrics().version_bytes, 0);
}

#[test]
fn a_created_storage_goes_with_its_transaction() {
    let engine = engine();
    let txn = begin(&engine);
    txn.create_storage(S).unwrap();
    txn.put(S, b"a", b"1").unwrap();
    engine.non_transactional_put(S, b"seq", b"1").unwrap();
    engine.allocate(CounterId(S, 0), 5).unwrap();
    txn.abort();
    engine.checkpoint().unwrap();
    assert!(engine.list_storages(1).unwrap().is_empty());
    let txn = begin(&engine);
    assert_eq!(all(&txn, &txn.snapshot(), Direction::Forward), "");
}

#[test]
fn versions_are_freed_by_checkpoints() {
    let engine = engine();
    put(&engine, &[("a", "1"), ("b", "2")]);
    assert!(engine.metrics().version_bytes > 0);
    engine.checkpoint().unwrap();
    assert_eq!(engine.metrics().version_bytes, 0);
    let txn = begin(&engine);
    assert_eq!(all(&txn, &txn.snapshot(), Direction::Forward), "a=1 b=2 ");
    assert_eq!(engine.storage_stats(S).unwrap().entries, 2);
}

#[test]
fn long_chains_are_thinned_out() {
    let engine = engine();
    put(&engine, &[("a", "0")]);
    let old = begin_at(&engine, Isolation::RepeatableRead);
    old.snapshot();
    for n in 1..1000 {
        put(&engine, &[("a", &n.to_string())]);
    }
    assert!(engine.metrics().version_bytes < 64 * 140, "{}", engine.metrics().version_bytes);
    assert_eq!(get(&old, &old.snapshot(), "a").as_deref(), Some("0"));
    let txn = begin(&engine);
    assert_eq!(get(&txn, &txn.snapshot(), "a").as_deref(), Some("999"));
}

#[test]
fn open_snapshots_keep_little_in_memory() {
    let engine = engine();
    put(&engine, &[("a", "0"), ("b", "0"), ("c", "0")]);
    engine.checkpoint().unwrap();
    put(&engine, &[("b", "1")]);
    let old = begin_at(&engine, Isolation::RepeatableRead);
    let snapshot = old.snapshot();
    for round in 0..5 {
        for n in 0..100 {
            put(&engine, &[(&format!("key{n}"), &round.to_string()), ("a", &n.to_string())]);
        }
        let txn = begin(&engine);
        txn.delete(S, b"c").unwrap();
        txn.commit(CommitMode::Engine).unwrap();
        engine.checkpoint().unwrap();
    }
    assert!(engine.metrics().version_bytes < 1000, "{}", engine.metrics().version_bytes);
    assert_eq!(all(&old, &snapshot, Direction::Forward), "a=0 b=1 c=0 ");
    assert_eq!(get(&old, &snapshot, "b").as_deref(), Some("1"));
    let newer = |key: &[u8]| old.get_latest(S, key).unwrap().newer_than(&snapshot);
    assert!(newer(b"a") && !newer(b"b") && newer(b"c"));
    let txn = begin(&engine);
    assert_eq!(get(&txn, &txn.snapshot(), "b").as_deref(), Some("1"));
    assert_eq!(get(&txn, &txn.snapshot(), "a").as_deref(), Some("99"));
    assert_eq!(get(&txn, &txn.snapshot(), "c"), None);
}

#[test]
fn serializable_conflicts_are_found_after_checkpoints() {
    let engine = engine();
    put(&engine, &[("a", "1"), ("b", "1")]);
    let (one, two) = (begin_at(&engine, Isolation::Serializable), begin_at(&engine, Isolation::Serializable));
    one.snapshot();
    assert_eq!(get(&two, &two.snapshot(), "b").as_deref(), Some("1"));
    two.put(S, b"a", b"2").unwrap();
    two.commit(CommitMode::Engine).unwrap();
    engine.checkpoint().unwrap();
    engine.checkpoint().unwrap();
    let outcome = one
        .get(S, b"a", &one.snapshot())
        .and_then(|_| one.put(S, b"b", b"2"))
        .and_then(|()| one.commit(CommitMode::Engine).map(drop));
    assert!(matches!(outcome, Err(Error::SerializationFailure { .. })), "{outcome:?}");
}

#[test]
fn write_skew_is_refused_when_serializable() {
    for (isolation, refused) in [(Isolation::RepeatableRead, false), (Isolation::Serializable, true)] {
        let engine = engine();
        put(&engine, &[("a", "1"), ("b", "1")]);
        let (one, two) = (begin_at(&engine, isolation), begin_at(&engine, isolation));
        assert_eq!(get(&one, &one.snapshot(), "b").as_deref(), Some("1"));
        assert_eq!(all(&two, &two.snapshot(), Direction::Forward), "a=1 b=1 ");
        one.put(S, b"a", b"0").unwrap();
        two.put(S, b"b", b"0").unwrap();
        one.commit(CommitMode::Engine).unwrap();
        let second = two.commit(CommitMode::Engine);
        assert_eq!(matches!(second, Err(Error::SerializationFailure { .. })), refused, "{second:?}");
    }
}

#[test]
fn phantoms_are_refused_when_serializable() {
    for (second, refused) in [("m2", true), ("z", false)] {
        let engine = engine();
        put(&engine, &[("a", "1"), ("m", "1")]);
        let scan = |txn: &Txn| {
            let mut cursor = txn.scan(S, KeyRange::prefix(b"m"), Direction::Forward, &txn.snapshot());
            while cursor.next().unwrap().is_some() {}
        };
        let (one, two) =
            (begin_at(&engine, Isolation::Serializable), begin_at(&engine, Isolation::Serializable));
        scan(&one);
        scan(&two);
        one.put(S, b"m1", b"1").unwrap();
        one.commit(CommitMode::Engine).unwrap();
        let outcome = two.put(S, second.as_bytes(), b"1").and_then(|()| two.commit(CommitMode::Engine));
        assert_eq!(matches!(outcome, Err(Error::SerializationFailure { .. })), refused, "{outcome:?}");
    }
}

#[test]
fn a_single_dependency_is_no_failure() {
    let engine = engine();
    put(&engine, &[("a", "1"), ("b", "1")]);
    let (one, two) = (begin_at(&engine, Isolation::Serializable), begin_at(&engine, Isolation::Serializable));
    assert_eq!(get(&one, &one.snapshot(), "a").as_deref(), Some("1"));
    two.snapshot();
    two.put(S, b"a", b"2").unwrap();
    two.commit(CommitMode::Engine).unwrap();
    assert_eq!(get(&one, &one.snapshot(), "a").as_deref(), Some("1"));
    one.put(S, b"b", b"2").unwrap();
    one.commit(CommitMode::Engine).unwrap();
}

#[test]
fn limits_are_errors() {
    let engine = Engine::in_memory(Config { max_transaction_bytes: 1000, ..Config::benchmark() }).unwrap();
    let txn = begin(&engine);
    let outcome = (0..10u8).try_for_each(|n| txn.put(S, &[n], &[0; 100]));
    assert!(matches!(outcome, Err(Error::TransactionTooLarge { limit: 1000 })));
    let txn = engine.begin(BeginOptions { read_only: true, ..BeginOptions::default() });
    assert!(matches!(txn.put(S, b"a", b"1"), Err(Error::ReadOnly)));
}

#[test]
fn databases_are_copied_and_dropped() {
    let engine = engine();
    put(&engine, &[("a", "1")]);
    let txn = begin(&engine);
    txn.copy_database(1, 2).unwrap();
    txn.commit(CommitMode::Engine).unwrap();
    let copy = StorageId::new(2, 1);
    assert_eq!(engine.list_storages(2).unwrap(), [copy]);
    let txn = begin(&engine);
    txn.drop_database(1).unwrap();
    txn.commit(CommitMode::Engine).unwrap();
    let txn = begin(&engine);
    assert_eq!(txn.get(copy, b"a", &txn.snapshot()).unwrap().as_deref(), Some(&b"1"[..]));
    assert!(engine.list_storages(1).unwrap().is_empty());
}

#[test]
fn cancelled_scans_stop() {
    let engine = engine();
    put(&engine, &[("a", "1"), ("b", "1")]);
    let cancel = CancelToken::new();
    let owner = Some(engine.register(1, cancel.clone()));
    let txn = engine.begin(BeginOptions { owner, ..BeginOptions::default() });
    let mut cursor = txn.scan(S, KeyRange::all(), Direction::Forward, &txn.snapshot());
    assert!(cursor.next().unwrap().is_some());
    cancel.cancel(CancelReason::User);
    assert!(matches!(cursor.next(), Err(Error::Cancelled(CancelReason::User))));
}

#[test]
fn counters_and_direct_writes() {
    let engine = engine();
    let id = CounterId(S, 3);
    assert_eq!(engine.allocate(id, 1).unwrap(), 1);
    assert_eq!(engine.allocate(id, 10).unwrap(), 2);
    let counter = engine.counter(id).unwrap();
    assert_eq!(counter.peek(), 12);
    counter.advance_to(100).unwrap();
    assert_eq!(counter.allocate(1).unwrap(), 100);
    assert!(engine.allocate(id, u64::MAX).is_err());
    let txn = begin_at(&engine, Isolation::RepeatableRead);
    txn.snapshot();
    engine.non_transactional_put(S, b"seq", b"33").unwrap();
    assert_eq!(txn.get_latest(S, b"seq").unwrap().value.as_deref(), Some(&b"33"[..]));
    assert_eq!(get(&txn, &txn.snapshot(), "seq"), None);
}
