//! Crashes and failures at every disk operation of a workload.

mod common;

use common::*;
use pglitedb_platform::{CrashMode, Fault, SimFs};
use pglitedb_storage::*;

/// What a crash may do to unsynced writes; the random one is the worst.
const RANDOM: &[CrashMode] = &[CrashMode::Random];
const BOTH: &[CrashMode] = &[CrashMode::LoseUnsynced, CrashMode::Random];

/// Lets each operation of the workload be the one at which the machine stops. Returns how many there were.
fn crash_everywhere(
    sync_mode: SyncMode,
    may_lose: usize,
    modes: &[CrashMode],
    seed: u64,
    count: usize,
) -> u64 {
    let (config, steps) = (config(sync_mode), steps(seed, count));
    let fs = SimFs::new();
    let whole = run(&fs, &config, &steps);
    assert!(whole.failure.is_none(), "{:?}", whole.failure);
    let operations = fs.operations();
    let mut points = 0;
    for at in 1..=operations {
        for (index, mode) in modes.iter().copied().enumerate() {
            let fs = SimFs::new();
            fs.fail_at(at, Fault::Crash);
            let run = run(&fs, &config, &steps);
            if run.failure.is_none() {
                assert!(!fs.is_dead() || run.acknowledged == steps.len());
            }
            fs.crash(mode, at * 3 + index as u64);
            let context = format!("{sync_mode:?}, seed {seed}, crash at {at} of {operations}, {mode:?}");
            let engine = open(&fs, &config).unwrap_or_else(|error| panic!("{context}: {error}"));
            check(&engine, &run, may_lose, &context);
            check_goes_on(&fs, &config, engine, &context);
            points += 1;
        }
    }
    points
}

#[test]
fn full_loses_nothing_acknowledged() {
    let points = crash_everywhere(SyncMode::Full, 0, BOTH, 1, 60);
    assert!(points >= 700, "{points}");
}

#[test]
fn full_loses_nothing_acknowledged_in_another_series() {
    let points = crash_everywhere(SyncMode::Full, 0, RANDOM, 2, 60);
    assert!(points >= 350, "{points}");
}

#[test]
fn normal_loses_no_more_than_it_says() {
    crash_everywhere(SyncMode::Normal { transactions: 5 }, 5, RANDOM, 3, 45);
}

#[test]
fn off_keeps_a_prefix() {
    crash_everywhere(SyncMode::Off, usize::MAX, RANDOM, 4, 45);
    crash_everywhere(SyncMode::Checkpoint, usize::MAX, RANDOM, 5, 25);
}

#[test]
fn a_crash_during_recovery_does_no_harm() {
    let (config, steps) = (config(SyncMode::Full), steps(6, 50));
    let first = SimFs::new();
    let run = run(&first, &config, &steps[..40]);
    first.fail_at(first.operations(), Fault::Crash);
    let before = SimFs::new();
    before.fail_at(first.operations() - 12, Fault::Crash);
    let interrupted = common::run(&before, &config, &steps[..40]);
    assert!(interrupted.acknowledged > 10 && run.failure.is_none());
    before.crash(CrashMode::Random, 1);
    for at in 1..40 {
        let fs = before.fork();
        fs.fail_at(at, Fault::Crash);
        let opened = open(&fs, &config);
        fs.crash(CrashMode::Random, at);
        drop(opened);
        let context = format!("crash at {at} of recovery");
        let engine = open(&fs, &config).unwrap_or_else(|error| panic!("{context}: {error}"));
        check(&engine, &interrupted, 0, &context);
    }
}

/// An operation fails, the process goes on: it must notice, and a new process must find all that was acknowledged.
fn fail_everywhere(fault: Fault) {
    let (config, steps) = (config(SyncMode::Full), steps(8, 60));
    let fs = SimFs::new();
    assert!(run(&fs, &config, &steps).failure.is_none());
    for at in 1..=fs.operations() {
        let fs = SimFs::new();
        fs.fail_at(at, fault);
        let run = run(&fs, &config, &steps);
        fs.crash(CrashMode::KeepAll, at);
        let context = format!("{fault:?} at {at}");
        let engine = open(&fs, &config).unwrap_or_else(|error| panic!("{context}: {error}"));
        check(&engine, &run, 0, &context);
    }
}

#[test]
fn failing_operations_are_noticed() {
    fail_everywhere(Fault::Error);
    fail_everywhere(Fault::DiskFull);
}

#[test]
fn a_failed_sync_poisons_the_engine() {
    let config = config(SyncMode::Full);
    let fs = SimFs::new();
    let engine = open(&fs, &config).unwrap();
    let put = |value: &[u8]| {
        let txn = engine.begin(BeginOptions::default());
        txn.put(STORAGES[0], b"k", value)?;
        engine.wait_durable(txn.commit(CommitMode::Engine)?.wait)
    };
    put(b"1").unwrap();
    fs.fail_at(fs.operations() + 2, Fault::Error);
    assert!(matches!(put(b"2"), Err(Error::Io { .. })));
    assert!(matches!(put(b"3"), Err(Error::Poisoned { .. })));
    assert!(engine.poisoned().is_some());
    let txn = engine.begin(BeginOptions::default());
    assert!(txn.get(STORAGES[0], b"k", &txn.snapshot()).unwrap().is_some(), "reads go on");
    assert!(engine.close().is_err());
}

#[test]
fn reads_go_on_after_a_failed_checkpoint() {
    let config = config(SyncMode::Full);
    let mut failures = 0;
    for after in 1.. {
        let fs = SimFs::new();
        let engine = open(&fs, &config).unwrap();
        for round in 0..2u8 {
            let txn = engine.begin(BeginOptions::default());
            for n in 0..200u8 {
                txn.put(STORAGES[usize::from(n % 3)], &[n], &[round; 300]).unwrap();
            }
            engine.wait_durable(txn.commit(CommitMode::Engine).unwrap().wait).unwrap();
            if round == 0 {
                engine.checkpoint().unwrap();
            }
        }
        let state = content(&engine);
        fs.fail_at(fs.operations() + after, Fault::Error);
        if engine.checkpoint().is_ok() {
            break;
        }
        failures += 1;
        assert!(content(&engine) == state, "failure at {after}");
        assert!(engine.poisoned().is_some());
        drop(engine);
        fs.crash(CrashMode::KeepAll, 0);
        assert!(content(&open(&fs, &config).unwrap()) == state, "failure at {after}, reopened");
    }
    assert!(failures > 5, "{failures}");
}

#[test]
fn a_full_disk_is_said_so() {
    let config = config(SyncMode::Full);
    let fs = SimFs::new();
    let engine = open(&fs, &config).unwrap();
    fs.set_capacity(Some(fs.total_bytes() + (300 << 10)));
    let mut written = 0;
    let error = loop {
        let txn = engine.begin(BeginOptions::default());
        let outcome =
            txn.put(STORAGES[0], &[written], &[1; 10_000]).and_then(|()| txn.commit(CommitMode::Engine));
        match outcome.and_then(|ticket| engine.wait_durable(ticket.wait)) {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::DiskFull { .. }), "{error:?}");
    drop(engine);
    fs.crash(CrashMode::KeepAll, 0);
    fs.set_capacity(None);
    let engine = open(&fs, &config).unwrap();
    assert!(content(&engine).len() >= usize::from(written));
}

#[test]
fn records_larger_than_segments_and_buffers() {
    let config = config(SyncMode::Full);
    let fs = SimFs::new();
    let engine = open(&fs, &config).unwrap();
    let txn = engine.begin(BeginOptions::default());
    for n in 0..30_000u32 {
        txn.put(STORAGES[0], &n.to_be_bytes(), &[n as u8; 400]).unwrap();
    }
    let ticket = txn.commit(CommitMode::Engine).unwrap();
    let whole = fs.fork();
    engine.wait_durable(ticket.wait).unwrap();
    fs.crash(CrashMode::LoseUnsynced, 0);
    drop(engine);
    let engine = open(&fs, &config).unwrap();
    assert_eq!(content(&engine).len(), 30_000);
    // The same commit, cut off before its end.
    whole.crash(CrashMode::KeepAll, 0);
    let engine = open(&whole, &config).unwrap();
    assert_eq!(content(&engine).len(), 0);
    check_goes_on(&whole, &config, engine, "cut off");
}

/// A record was torn, the one after it was not; then the torn one's place is filled again, to the byte. What stands after it
/// must not come back to life.
#[test]
fn what_follows_a_torn_record_stays_dead() {
    let config = config(SyncMode::Full);
    let mut torn = 0;
    for seed in 0..100 {
        let fs = SimFs::new();
        let engine = open(&fs, &config).unwrap();
        let commit = |engine: &Engine, key: &[u8; 1], fill: u8| {
            let txn = engine.begin(BeginOptions::default());
            txn.put(STORAGES[0], key, &[fill; 700]).unwrap();
            txn.commit(CommitMode::Engine).unwrap().lsn
        };
        engine.wait_durable(commit(&engine, b"a", 1)).unwrap();
        commit(&engine, b"b", 1);
        let end = commit(&engine, b"c", 1);
        fs.fail_at(fs.operations() + 2, Fault::Crash);
        assert!(engine.wait_durable(end).is_err());
        fs.crash(CrashMode::Random, seed);
        drop(engine);
        let engine = open(&fs, &config).unwrap();
        if content(&engine).len() > 1 {
            continue;
        }
        torn += 1;
        engine.wait_durable(commit(&engine, b"b", 2)).unwrap();
        fs.crash(CrashMode::LoseUnsynced, 0);
        drop(engine);
        let state = content(&open(&fs, &config).unwrap());
        assert_eq!(state.keys().map(|(_, key)| key[0]).collect::<Vec<_>>(), *b"ab", "seed {seed}");
        assert_eq!(state[&(STORAGES[0], b"b".to_vec())][0], 2);
    }
    assert!(torn > 20, "{torn}");
}

/// Threads that count in rows of their own, and move amounts between shared ones, until the machine stops.
#[test]
fn crashes_under_load() {
    const WORKERS: u8 = 3;
    let config = Config {
        checkpoint_threshold: 20 << 10,
        wal_segment_size: 8 << 10,
        background: true,
        ..config(SyncMode::Full)
    };
    for round in 0..60u64 {
        let fs = SimFs::new();
        let engine = open(&fs, &config).unwrap();
        fs.fail_at(fs.operations() + 40 + round * 17, Fault::Crash);
        let worker = |worker: u8| {
            let engine = &engine;
            move || {
                let owner = engine.register(u32::from(worker), CancelToken::new());
                let mut acknowledged = 0u64;
                for n in 1..10_000u64 {
                    let txn =
                        engine.begin(BeginOptions { owner: Some(owner.clone()), ..BeginOptions::default() });
                    let outcome = count(&txn, worker, n).and_then(|()| txn.commit(CommitMode::Engine));
                    match outcome.and_then(|ticket| engine.wait_durable(ticket.wait)) {
                        Ok(()) => acknowledged = n,
                        Err(_) => break,
                    }
                }
                acknowledged
            }
        };
        let acknowledged: Vec<u64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..WORKERS).map(|n| scope.spawn(worker(n))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(fs.is_dead(), "round {round}: {acknowledged:?}");
        fs.crash(CrashMode::Random, round);
        drop(engine);
        let engine = open(&fs, &config).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let state = content(&engine);
        let number = |key: &[u8]| {
            let value = state.get(&(STORAGES[0], key.to_vec()));
            value.map_or(0, |value| i64::from_le_bytes(value[..8].try_into().unwrap()))
        };
        for (worker, acknowledged) in acknowledged.iter().enumerate() {
            let found = number(&[b'w', worker as u8]) as u64;
            assert!(
                found == *acknowledged || found == acknowledged + 1,
                "round {round}: {found} {acknowledged}"
            );
        }
        assert_eq!((0..5).map(|n| number(&[b's', n])).sum::<i64>(), 0, "round {round}");
    }
}

fn count(txn: &Txn, worker: u8, n: u64) -> Result<()> {
    txn.put(STORAGES[0], &[b'w', worker], &n.to_le_bytes())?;
    let (low, high) = ((n % 4) as u8, (n % 4) as u8 + 1);
    for (account, amount) in [(low, -7), (high, 7)] {
        let key = [b's', account];
        txn.lock(LockTag::row(STORAGES[0], &key), LockMode::ForUpdate, LockWait::Block)?;
        let before = txn.get_latest(STORAGES[0], &key)?.value;
        let before = before.map_or(0, |value| i64::from_le_bytes(value[..8].try_into().unwrap()));
        let mut value = (before + amount).to_le_bytes().to_vec();
        value.resize(150, 0);
        txn.put(STORAGES[0], &key, &value)?;
    }
    Ok(())
}
