//! Timings of storage alone. `cargo run --release -p pglitedb-storage --example bench_storage [directory]`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pglitedb_storage::*;

const TABLE: StorageId = StorageId::new(1, 1);
const ROWS: u64 = 1_000_000;

type AnyError = Box<dyn std::error::Error>;

fn report(what: &str, count: u64, time: Duration) {
    let each = time.as_nanos() as f64 / count as f64;
    println!("{what:<52} {each:>10.0} ns  {:>12.0} /s", 1e9 / each);
}

fn time(what: &str, count: u64, f: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    f()?;
    report(what, count, start.elapsed());
    Ok(())
}

fn begin(engine: &Engine) -> Txn {
    engine.begin(BeginOptions::default())
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn fill(engine: &Engine) -> Result<()> {
    let txn = begin(engine);
    for n in 0..ROWS {
        txn.put(TABLE, &n.to_be_bytes(), &[n as u8; 116])?;
    }
    txn.commit(CommitMode::Engine)?;
    Ok(())
}

fn reads(engine: &Engine, what: &str) -> Result<()> {
    let mut random = Random(88172645463325252);
    let owner = engine.register(1, CancelToken::new());
    const N: u64 = 500_000;
    time(&format!("point get in one snapshot, {what}"), N, || {
        let txn = begin(engine);
        let snapshot = txn.snapshot();
        for _ in 0..N {
            txn.get_with(TABLE, &random.below(ROWS).to_be_bytes(), &snapshot, |value| value.len())?;
        }
        Ok(())
    })?;
    time(&format!("begin, snapshot, point get, end, {what}"), N, || {
        for _ in 0..N {
            let options = BeginOptions { owner: Some(owner.clone()), ..BeginOptions::default() };
            let txn = engine.begin(options);
            let snapshot = txn.snapshot();
            txn.get_with(TABLE, &random.below(ROWS).to_be_bytes(), &snapshot, |value| value.len())?;
        }
        Ok(())
    })?;
    time(&format!("scan, {what}"), ROWS, || {
        let txn = begin(engine);
        let mut cursor = txn.scan(TABLE, KeyRange::all(), Direction::Forward, &txn.snapshot());
        let mut rows = 0;
        while cursor.next()?.is_some() {
            rows += 1;
        }
        assert_eq!(rows, ROWS);
        Ok(())
    })?;
    time(&format!("range of 10 rows, {what}"), 100_000, || {
        let txn = begin(engine);
        let snapshot = txn.snapshot();
        for _ in 0..100_000 {
            let from = random.below(ROWS - 10);
            let (lower, upper) = (from.to_be_bytes(), (from + 10).to_be_bytes());
            let range = KeyRange::new(std::ops::Bound::Included(&lower), std::ops::Bound::Excluded(&upper));
            let mut cursor = txn.scan(TABLE, range, Direction::Forward, &snapshot);
            while cursor.next()?.is_some() {}
        }
        Ok(())
    })
}

/// Transactions of five writes with row locks, as in TPC-B.
fn updates(engine: &Engine, threads: u64, each: u64, what: &str) -> Result<()> {
    let start = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|worker| scope.spawn(move || update(engine, worker, each))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker panicked"))
    })?;
    report(&format!("5 updates + commit, {threads} threads, {what}"), threads * each, start.elapsed());
    Ok(())
}

fn update(engine: &Engine, worker: u64, each: u64) -> Result<()> {
    let mut random = Random(worker + 1);
    let owner = engine.register(worker as u32, CancelToken::new());
    for _ in 0..each {
        let txn = engine.begin(BeginOptions { owner: Some(owner.clone()), ..BeginOptions::default() });
        txn.lock(LockTag::Relation(1, 1), LockMode::RowExclusive, LockWait::Block)?;
        let first = random.below(ROWS - 100);
        for n in 0..5 {
            let key = (first + n * 7).to_be_bytes();
            let snapshot = txn.snapshot();
            txn.lock(LockTag::row(TABLE, &key), LockMode::ForNoKeyUpdate, LockWait::Block)?;
            let latest = txn.get_latest(TABLE, &key)?;
            assert!(latest.value.is_some() && snapshot.timestamp() > 0);
            txn.put(TABLE, &key, &[n as u8; 116])?;
            txn.next_command()?;
        }
        engine.wait_durable(txn.commit(CommitMode::Engine)?.wait)?;
    }
    Ok(())
}

fn inserts(engine: &Engine, count: u64, what: &str) -> Result<()> {
    let counter = engine.counter(CounterId(TABLE, 0))?;
    let owner = engine.register(1, CancelToken::new());
    time(&format!("insert of one row + commit, {what}"), count, || {
        for _ in 0..count {
            let txn = engine.begin(BeginOptions { owner: Some(owner.clone()), ..BeginOptions::default() });
            let key = (ROWS + counter.allocate(1)?).to_be_bytes();
            txn.put(TABLE, &key, &[1; 116])?;
            engine.wait_durable(txn.commit(CommitMode::Engine)?.wait)?;
        }
        Ok(())
    })
}

fn small_costs(engine: &Engine) -> Result<()> {
    const N: u64 = 1_000_000;
    let owner = engine.register(1, CancelToken::new());
    let txn = engine.begin(BeginOptions { owner: Some(owner.clone()), ..BeginOptions::default() });
    time("snapshot taken and dropped", N, || {
        (0..N).for_each(|_| drop(txn.snapshot()));
        Ok(())
    })?;
    let tag = LockTag::row(TABLE, b"12345678");
    time("lock and unlock, nobody else there", N, || {
        for _ in 0..N {
            owner.lock_session(tag.clone(), LockMode::Exclusive, LockWait::Block)?;
            owner.unlock_session(&tag, LockMode::Exclusive);
        }
        Ok(())
    })?;
    let counter = engine.counter(CounterId(TABLE, 1))?;
    time("number from a counter", N, || (0..N).try_for_each(|_| counter.allocate(1).map(drop)))
}

fn recovery(directory: &Path) -> Result<()> {
    let config = Config { checkpoint_threshold: 1 << 30, ..Config::benchmark() };
    let engine = Engine::open(directory, config.clone())?;
    let mut n = 0u64;
    while engine.last_commit_lsn().0 < 64 << 20 {
        let txn = begin(&engine);
        for _ in 0..5 {
            n += 1;
            txn.put(TABLE, &(n * 7919 % ROWS).to_be_bytes(), &[n as u8; 116])?;
        }
        txn.commit(CommitMode::Engine)?;
    }
    engine.wait_durable(engine.last_commit_lsn())?;
    // As after a crash: a copy of the files as they are now.
    let copy = directory.with_extension("copy");
    let io = |e: std::io::Error| Error::Io { context: "copy".into(), source: std::sync::Arc::new(e) };
    std::fs::create_dir_all(&copy).map_err(io)?;
    for entry in std::fs::read_dir(directory).map_err(io)? {
        let entry = entry.map_err(io)?;
        std::fs::copy(entry.path(), copy.join(entry.file_name())).map_err(io)?;
    }
    drop(engine);
    let start = Instant::now();
    let engine = Engine::open(&copy, config)?;
    println!("recovery of 64 MiB of log ({n} writes): {:?}", start.elapsed());
    let start = Instant::now();
    engine.checkpoint()?;
    println!("checkpoint of it: {:?}", start.elapsed());
    Ok(())
}

fn main() -> std::result::Result<(), AnyError> {
    let root =
        std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("pglitedb-bench"), PathBuf::from);
    let fresh = |name: &str| {
        let path = root.join(name);
        let _ = std::fs::remove_dir_all(&path);
        path
    };
    std::fs::create_dir_all(&root)?;

    let start = Instant::now();
    let engine = Engine::open(fresh("main"), Config { page_cache_size: 256 << 20, ..Config::benchmark() })?;
    println!("new database: {:?}", start.elapsed());
    time("fill: one transaction of a million rows, per row", ROWS, || fill(&engine))?;
    reads(&engine, "in memory")?;
    let start = Instant::now();
    engine.checkpoint()?;
    println!("checkpoint of a million rows: {:?}", start.elapsed());
    reads(&engine, "in base")?;
    small_costs(&engine)?;
    inserts(&engine, 300_000, "Off")?;
    updates(&engine, 1, 100_000, "Off")?;
    updates(&engine, 2, 100_000, "Off")?;
    updates(&engine, 10, 30_000, "Off")?;
    let start = Instant::now();
    engine.close()?;
    println!("close: {:?}", start.elapsed());
    drop(engine);
    for (mode, count) in [(SyncMode::Normal { transactions: 100 }, 100_000), (SyncMode::Full, 5_000)] {
        let start = Instant::now();
        let engine = Engine::open(root.join("main"), Config { sync_mode: mode, ..Config::production() })?;
        println!("reopen: {:?}", start.elapsed());
        inserts(&engine, count, &format!("{mode:?}"))?;
        updates(&engine, 1, count / 2, &format!("{mode:?}"))?;
        updates(&engine, 10, count / 2, &format!("{mode:?}"))?;
        println!("{:?}", engine.metrics());
    }
    let _ = std::fs::remove_dir_all(root.join("recovery.copy"));
    recovery(&fresh("recovery"))?;
    std::fs::remove_dir_all(&root)?;
    Ok(())
}
