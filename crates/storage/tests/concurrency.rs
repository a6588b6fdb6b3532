//! Many threads at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use pglitedb_platform::{SeededRandom, SimFs};
use pglitedb_storage::*;

const ACCOUNTS: StorageId = StorageId::new(1, 1);
const COUNT: u64 = 20;
const EACH: i64 = 1000;

fn engine(sync_mode: SyncMode) -> Engine {
    let config = Config {
        sync_mode,
        checkpoint_threshold: 40 << 10,
        wal_segment_size: 32 << 10,
        deadlock_timeout: Duration::from_millis(20),
        ..Config::production()
    };
    let engine = Engine::open_with(Arc::new(SimFs::new()), std::path::Path::new("/db"), config).unwrap();
    let txn = engine.begin(BeginOptions::default());
    for account in 0..COUNT {
        txn.put(ACCOUNTS, &account.to_be_bytes(), &EACH.to_le_bytes()).unwrap();
    }
    txn.commit(CommitMode::Engine).unwrap();
    engine
}

fn number(bytes: &[u8]) -> i64 {
    i64::from_le_bytes(bytes.try_into().unwrap())
}

fn sum(txn: &Txn) -> i64 {
    let mut cursor = txn.scan(ACCOUNTS, KeyRange::all(), Direction::Forward, &txn.snapshot());
    let mut sum = 0;
    while let Some((_, value)) = cursor.next().unwrap() {
        sum += number(value);
    }
    sum
}

/// Locks an account's row and adds to it, as an UPDATE in READ COMMITTED does.
fn add(txn: &Txn, account: u64, amount: i64) -> Result<()> {
    let key = account.to_be_bytes();
    txn.lock(LockTag::row(ACCOUNTS, &key), LockMode::ForNoKeyUpdate, LockWait::Block)?;
    let balance = number(&txn.get_latest(ACCOUNTS, &key)?.value.unwrap());
    txn.put(ACCOUNTS, &key, &(balance + amount).to_le_bytes())
}

fn transfer(engine: &Engine, owner: &LockOwner, from: u64, to: u64, amount: i64) -> Result<()> {
    let txn = engine.begin(BeginOptions { owner: Some(owner.clone()), ..BeginOptions::default() });
    add(&txn, from, -amount)?;
    txn.next_command()?;
    add(&txn, to, amount)?;
    let ticket = txn.commit(CommitMode::Engine)?;
    engine.wait_durable(ticket.wait)
}

fn bank(sync_mode: SyncMode) {
    let engine = engine(sync_mode);
    let stop = AtomicBool::new(false);
    let (done, deadlocks) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for worker in 0..6u32 {
            let (engine, done, deadlocks, stop) = (&engine, &done, &deadlocks, &stop);
            scope.spawn(move || {
                let random = SeededRandom::new(u64::from(worker));
                let owner = engine.register(worker, CancelToken::new());
                for _ in 0..400 {
                    let (from, to) = (random.below(COUNT), random.below(COUNT));
                    match transfer(engine, &owner, from, to, random.below(50) as i64) {
                        Ok(()) => done.fetch_add(1, Ordering::Relaxed),
                        Err(Error::Deadlock(_)) => deadlocks.fetch_add(1, Ordering::Relaxed),
                        Err(error) => panic!("{error}"),
                    };
                }
                stop.store(true, Ordering::Relaxed);
            });
        }
        for isolation in [Isolation::ReadCommitted, Isolation::RepeatableRead] {
            let (engine, stop) = (&engine, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let txn = engine.begin(BeginOptions { isolation, ..BeginOptions::default() });
                    assert_eq!(sum(&txn), COUNT as i64 * EACH);
                    thread::yield_now();
                    assert_eq!(sum(&txn), COUNT as i64 * EACH);
                }
            });
        }
    });
    let txn = engine.begin(BeginOptions::default());
    assert_eq!(sum(&txn), COUNT as i64 * EACH);
    assert!(engine.locks().list().is_empty());
    assert!(done.load(Ordering::Relaxed) > 1000);
    assert!(engine.metrics().checkpoints > 0);
    drop(txn);
    engine.close().unwrap();
}

#[test]
fn transfers_keep_the_sum() {
    bank(SyncMode::Full);
    bank(SyncMode::Normal { transactions: 50 });
    bank(SyncMode::Off);
}

#[test]
fn repeatable_read_loses_no_update() {
    let engine = engine(SyncMode::Off);
    let key = 0u64.to_be_bytes();
    let added = AtomicU64::new(0);
    thread::scope(|scope| {
        for worker in 0..4u32 {
            let (engine, added) = (&engine, &added);
            scope.spawn(move || {
                let owner = engine.register(worker, CancelToken::new());
                for _ in 0..300 {
                    let isolation = Isolation::RepeatableRead;
                    let txn = engine.begin(BeginOptions {
                        isolation,
                        owner: Some(owner.clone()),
                        read_only: false,
                    });
                    let snapshot = txn.snapshot();
                    let balance = number(&txn.get(ACCOUNTS, &key, &snapshot).unwrap().unwrap());
                    txn.lock(LockTag::row(ACCOUNTS, &key), LockMode::ForNoKeyUpdate, LockWait::Block)
                        .unwrap();
                    if txn.get_latest(ACCOUNTS, &key).unwrap().newer_than(&snapshot) {
                        continue; // What SQL reports as 40001.
                    }
                    txn.put(ACCOUNTS, &key, &(balance + 1).to_le_bytes()).unwrap();
                    txn.commit(CommitMode::Engine).unwrap();
                    added.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let txn = engine.begin(BeginOptions::default());
    let balance = number(&txn.get(ACCOUNTS, &key, &txn.snapshot()).unwrap().unwrap());
    assert_eq!(balance, EACH + added.load(Ordering::Relaxed) as i64);
}

/// Takes from one of two accounts what their sum allows; only one order after the other keeps the sum positive.
fn withdraw(engine: &Engine, owner: &LockOwner, random: &SeededRandom) -> Result<u64> {
    let isolation = Isolation::Serializable;
    let txn = engine.begin(BeginOptions { isolation, owner: Some(owner.clone()), read_only: false });
    let pair = random.below(COUNT / 2) * 2;
    let snapshot = txn.snapshot();
    let read = |account: u64| Ok(number(&txn.get(ACCOUNTS, &account.to_be_bytes(), &snapshot)?.unwrap()));
    let (a, b) = (read(pair)?, read(pair + 1)?);
    let (account, balance) = if random.below(2) == 0 { (pair, a) } else { (pair + 1, b) };
    let key = account.to_be_bytes();
    let amount = 100 + random.below(1000) as i64;
    let new = if a + b >= amount { balance - amount } else { balance + amount };
    txn.lock(LockTag::row(ACCOUNTS, &key), LockMode::ForNoKeyUpdate, LockWait::Block)?;
    if txn.get_latest(ACCOUNTS, &key)?.newer_than(&snapshot) {
        return Ok(pair);
    }
    txn.put(ACCOUNTS, &key, &new.to_le_bytes())?;
    txn.commit(CommitMode::Engine)?;
    Ok(pair)
}

#[test]
fn serializable_has_no_write_skew() {
    let engine = engine(SyncMode::Off);
    let failures = AtomicU64::new(0);
    thread::scope(|scope| {
        for worker in 0..4u64 {
            let (engine, failures) = (&engine, &failures);
            scope.spawn(move || {
                let owner = engine.register(worker as u32, CancelToken::new());
                let random = SeededRandom::new(worker);
                for _ in 0..300 {
                    let pair = match withdraw(engine, &owner, &random) {
                        Ok(pair) => pair,
                        Err(Error::SerializationFailure { .. }) => {
                            failures.fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                        Err(error) => panic!("{error}"),
                    };
                    let txn = engine.begin(BeginOptions::default());
                    let snapshot = txn.snapshot();
                    let read = |account: u64| {
                        number(&txn.get(ACCOUNTS, &account.to_be_bytes(), &snapshot).unwrap().unwrap())
                    };
                    assert!(read(pair) + read(pair + 1) >= 0);
                }
            });
        }
    });
    assert_eq!(engine.metrics().serialization_failures, failures.load(Ordering::Relaxed));
}

#[test]
fn deadlocks_end_within_two_seconds() {
    let engine = Engine::in_memory(Config::benchmark()).unwrap();
    let start = Instant::now();
    let barrier = std::sync::Barrier::new(3);
    let failures: usize = thread::scope(|scope| {
        let ring = |n: u64| {
            let (engine, barrier) = (&engine, &barrier);
            scope.spawn(move || {
                let owner = Some(engine.register(n as u32 + 1, CancelToken::new()));
                let txn = engine.begin(BeginOptions { owner, ..BeginOptions::default() });
                txn.assign_xid().unwrap();
                txn.lock(LockTag::row(ACCOUNTS, &[n as u8]), LockMode::ForUpdate, LockWait::Block).unwrap();
                barrier.wait();
                let next = LockTag::row(ACCOUNTS, &[(n as u8 + 1) % 3]);
                match txn.lock(next, LockMode::ForUpdate, LockWait::Block) {
                    Ok(_) => 0,
                    Err(Error::Deadlock(detail)) => {
                        assert_eq!(detail.edges.len(), 3);
                        1
                    }
                    Err(error) => panic!("{error}"),
                }
            })
        };
        let threads: Vec<_> = (0..3).map(ring).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(failures, 1);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(engine.metrics().deadlocks, 1);
}

#[test]
fn waiting_for_a_transaction() {
    let engine = Engine::in_memory(Config::benchmark()).unwrap();
    let first = engine.begin(BeginOptions::default());
    first.put(ACCOUNTS, b"k", b"1").unwrap();
    let second = engine.begin(BeginOptions::default());
    let LatestState::InProgress(xid) = second.get_latest(ACCOUNTS, b"k").unwrap().state else { panic!() };
    assert!(!second.wait_for_transaction(xid, LockWait::Skip).unwrap());
    thread::scope(|scope| {
        let waiting = scope.spawn(|| second.wait_for_transaction(xid, LockWait::Block));
        thread::sleep(Duration::from_millis(20));
        assert!(!waiting.is_finished());
        first.commit(CommitMode::Engine).unwrap();
        assert!(waiting.join().unwrap().unwrap());
    });
    assert!(matches!(second.get_latest(ACCOUNTS, b"k").unwrap().state, LatestState::Committed(_)));
}

#[test]
fn callbacks_come_when_the_log_is_durable() {
    let engine = engine(SyncMode::Full);
    let (sender, receiver) = std::sync::mpsc::channel();
    for n in 0..100u64 {
        let txn = engine.begin(BeginOptions::default());
        txn.put(ACCOUNTS, &n.to_be_bytes(), &n.to_le_bytes()).unwrap();
        let ticket = txn.commit(CommitMode::Engine).unwrap();
        let reader = engine.begin(BeginOptions::default());
        let value = reader.get(ACCOUNTS, &n.to_be_bytes(), &reader.snapshot()).unwrap();
        assert!(value.is_some() && reader.owner().seen() >= ticket.wait);
        let (sender, other) = (sender.clone(), engine.clone());
        let done = move |outcome: Result<()>| {
            outcome.unwrap();
            assert!(other.durable_lsn() >= ticket.wait);
            sender.send(n).unwrap();
        };
        engine.on_durable(ticket.wait, Box::new(done));
    }
    let mut seen: Vec<u64> =
        (0..100).map(|_| receiver.recv_timeout(Duration::from_secs(10)).unwrap()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..100).collect::<Vec<_>>());
}

#[test]
fn asynchronous_commits_reach_the_disk_soon() {
    let engine = engine(SyncMode::Full);
    let txn = engine.begin(BeginOptions::default());
    txn.put(ACCOUNTS, b"k", b"1").unwrap();
    let ticket = txn.commit(CommitMode::Async).unwrap();
    assert_eq!(ticket.wait, Lsn(0));
    let start = Instant::now();
    while engine.durable_lsn() < ticket.lsn {
        assert!(start.elapsed() < Duration::from_secs(10));
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn writers_wait_for_checkpoints_rather_than_fill_memory() {
    let config = Config { checkpoint_threshold: 4 << 10, ..Config::benchmark() };
    let engine = Engine::in_memory(config).unwrap();
    for n in 0..2000u64 {
        let txn = engine.begin(BeginOptions::default());
        txn.put(ACCOUNTS, &n.to_be_bytes(), &[0; 200]).unwrap();
        txn.commit(CommitMode::Engine).unwrap();
        assert!(engine.metrics().wal_since_checkpoint < 64 << 10);
    }
}
