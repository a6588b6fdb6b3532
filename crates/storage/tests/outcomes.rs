//! What is remembered of transactions: while they run, later, and after the database was opened again.

mod common;

use common::*;
use pglitedb_platform::{CrashMode, SimFs};
use pglitedb_storage::*;

const S: StorageId = StorageId::new(1, 77);

fn begin(engine: &Engine, isolation: Isolation) -> Txn {
    engine.begin(BeginOptions { isolation, ..BeginOptions::default() })
}

fn write(engine: &Engine, key: &[u8]) -> (Txn, Xid) {
    let txn = begin(engine, Isolation::ReadCommitted);
    txn.put(S, key, b"x").unwrap();
    let xid = txn.assign_xid().unwrap();
    (txn, xid)
}

fn committed(engine: &Engine, key: &[u8]) -> Xid {
    let (txn, xid) = write(engine, key);
    txn.commit(CommitMode::Engine).unwrap();
    xid
}

#[test]
fn status_follows_the_transaction() {
    let engine = Engine::in_memory(Config::default()).unwrap();
    let (one, xid) = write(&engine, b"a");
    assert_eq!(engine.xid_status(xid).unwrap(), XidStatus::InProgress);
    one.commit(CommitMode::Engine).unwrap();
    assert_eq!(engine.xid_status(xid).unwrap(), XidStatus::Committed);
    let (two, xid) = write(&engine, b"b");
    two.abort();
    assert_eq!(engine.xid_status(xid).unwrap(), XidStatus::Aborted);
    let three = begin(&engine, Isolation::ReadCommitted);
    let xid = three.assign_xid().unwrap();
    three.commit(CommitMode::Engine).unwrap();
    assert_eq!(engine.xid_status(xid).unwrap(), XidStatus::Committed, "though it changed nothing");
    assert_eq!(engine.xid_status(Xid(xid.0 + 1)).unwrap(), XidStatus::Future);
    assert_eq!(engine.xid_status(Xid(3)).unwrap(), XidStatus::Forgotten, "before the database");
}

#[test]
fn snapshots_name_what_they_do_not_see() {
    let engine = Engine::in_memory(Config::default()).unwrap();
    let (first, a) = write(&engine, b"a");
    let (second, b) = write(&engine, b"b");
    let c = committed(&engine, b"c");
    let reader = begin(&engine, Isolation::RepeatableRead);
    let snapshot = reader.snapshot();
    first.commit(CommitMode::Engine).unwrap();
    committed(&engine, b"d");
    let seen = reader.xid_snapshot(snapshot.timestamp());
    assert_eq!(seen, XidSnapshot { xmin: a.0, xmax: c.0 + 1, running: vec![a.0, b.0] });
    let now = begin(&engine, Isolation::ReadCommitted);
    let seen = now.xid_snapshot(now.snapshot().timestamp());
    assert_eq!(seen, XidSnapshot { xmin: b.0, xmax: c.0 + 2, running: vec![b.0] });
    second.abort();
}

#[test]
fn outcomes_survive() {
    for (clean, checkpoint) in [(true, false), (false, false), (false, true)] {
        let fs = SimFs::new();
        let config = config(SyncMode::Full);
        let engine = open(&fs, &config).unwrap();
        let mut all = Vec::new();
        // More than fit on one page.
        for round in 0..17_000_u32 {
            let (txn, xid) = write(&engine, &round.to_be_bytes());
            if round % 5 == 0 {
                txn.abort();
                all.push((xid, XidStatus::Aborted));
            } else {
                all.push((xid, XidStatus::Committed));
                let ticket = txn.commit(CommitMode::Async).unwrap();
                if round % 1000 == 1 || round == 16_999 {
                    engine.wait_durable(ticket.lsn).unwrap();
                }
            }
            if checkpoint && round == 16_500 {
                engine.checkpoint().unwrap();
            }
        }
        let (running, xid) = write(&engine, b"running");
        all.push((xid, XidStatus::Aborted));
        let (txn, last) = write(&engine, b"last");
        let ticket = txn.commit(CommitMode::Engine).unwrap();
        engine.wait_durable(ticket.lsn).unwrap();
        all.push((last, XidStatus::Committed));
        if clean {
            drop(running);
            engine.close().unwrap();
        } else {
            fs.crash(CrashMode::LoseUnsynced, 1);
            std::mem::forget(running);
        }
        drop(engine);
        let engine = open(&fs, &config).unwrap();
        for (xid, status) in &all {
            assert_eq!(engine.xid_status(*xid).unwrap(), *status, "{xid:?}, {clean} {checkpoint}");
        }
        assert_eq!(engine.xid_status(Xid(last.0 + 1)).unwrap(), XidStatus::Future);
        let (next, xid) = write(&engine, b"next");
        assert_eq!(xid.0, last.0 + 1);
        let seen = next.xid_snapshot(next.snapshot().timestamp());
        assert_eq!(seen, XidSnapshot { xmin: xid.0, xmax: xid.0, running: Vec::new() });
    }
}
