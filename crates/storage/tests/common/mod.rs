//! A workload whose every state is known, and the engine that runs it.
#![allow(dead_code)] // Each test program uses a part.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pglitedb_platform::{SeededRandom, SimFs};
use pglitedb_storage::*;

/// What storages hold: (storage, key) → value.
pub type State = BTreeMap<(StorageId, Vec<u8>), Vec<u8>>;

pub const DIR: &str = "/db";
pub const STORAGES: [StorageId; 3] = [StorageId::new(1, 1), StorageId::new(1, 2), StorageId::new(2, 1)];
const COUNTER: CounterId = CounterId(StorageId::new(9, 9), 0);

/// Small files, and nothing in the background, so that every run does the same.
pub fn config(sync_mode: SyncMode) -> Config {
    Config {
        sync_mode,
        wal_segment_size: 16 << 10,
        background: false,
        page_cache_size: 1 << 20,
        ..Config::production()
    }
}

pub fn open(fs: &SimFs, config: &Config) -> Result<Engine> {
    Engine::open_with(Arc::new(fs.clone()), Path::new(DIR), config.clone())
}

/// One step of the workload.
#[derive(Debug, Clone)]
pub enum Step {
    Commit(Vec<(StorageId, Vec<u8>, Option<Vec<u8>>)>),
    Drop(StorageId),
    /// Writes that are rolled back, around some that are not.
    Partly(StorageId, Vec<u8>, Vec<u8>),
    Count(u64),
    Checkpoint,
    Reopen,
}

pub fn steps(seed: u64, count: usize) -> Vec<Step> {
    let random = SeededRandom::new(seed);
    let key = || format!("key{:02}", random.below(40)).into_bytes();
    let storage = || STORAGES[random.below(3) as usize];
    let value = || {
        let len = if random.below(12) == 0 { 5000 } else { random.below(100) };
        vec![random.below(256) as u8; len as usize]
    };
    let step = |index: usize| match index {
        _ if index % 29 == 28 => Step::Reopen,
        _ if index % 11 == 10 => Step::Checkpoint,
        _ if index % 17 == 16 => Step::Drop(storage()),
        _ if index % 7 == 6 => Step::Partly(storage(), key(), value()),
        _ if index % 13 == 12 => Step::Count(1 + random.below(3000)),
        _ => {
            let change = |_| (storage(), key(), (random.below(4) > 0).then(value));
            Step::Commit((0..1 + random.below(6)).map(change).collect())
        }
    };
    (0..count).map(step).collect()
}

/// What a step does to the state.
pub fn apply(state: &mut State, step: &Step) {
    match step {
        Step::Commit(changes) => {
            for (storage, key, value) in changes {
                match value {
                    Some(value) => state.insert((*storage, key.clone()), value.clone()),
                    None => state.remove(&(*storage, key.clone())),
                };
            }
        }
        Step::Drop(storage) => state.retain(|(id, _), _| id != storage),
        Step::Partly(storage, key, value) => {
            state.insert((*storage, key.clone()), value.clone());
        }
        Step::Count(_) | Step::Checkpoint | Step::Reopen => {}
    }
}

/// The outcome of a run that may have been interrupted.
#[derive(Debug, Default)]
pub struct Run {
    /// The state after each step.
    pub states: Vec<State>,
    /// Whether each step is a transaction that writes.
    pub commits: Vec<bool>,
    /// How many steps are acknowledged.
    pub acknowledged: usize,
    /// How many were begun.
    pub begun: usize,
    /// The numbers handed out by the counter.
    pub last_number: u64,
    pub failure: Option<Error>,
}

/// Runs the workload until it ends or something fails.
pub fn run(fs: &SimFs, config: &Config, steps: &[Step]) -> Run {
    let mut run = Run { states: vec![State::new()], ..Run::default() };
    let mut engine = match open(fs, config) {
        Ok(engine) => engine,
        Err(error) => return Run { failure: Some(error), ..run },
    };
    for step in steps {
        let mut state = run.states.last().cloned().unwrap_or_default();
        apply(&mut state, step);
        run.states.push(state);
        run.commits.push(matches!(step, Step::Commit(_) | Step::Drop(_) | Step::Partly(..)));
        run.begun += 1;
        let outcome = match step {
            Step::Reopen => engine.close().and_then(|()| open(fs, config)).map(|opened| engine = opened),
            step => execute(&engine, step, &mut run.last_number),
        };
        if let Err(error) = outcome {
            run.failure = Some(error);
            return run;
        }
        run.acknowledged += 1;
    }
    run.failure = engine.close().err();
    run
}

fn execute(engine: &Engine, step: &Step, last_number: &mut u64) -> Result<()> {
    let txn = engine.begin(BeginOptions::default());
    match step {
        Step::Commit(changes) => {
            for (storage, key, value) in changes {
                match value {
                    Some(value) => txn.put(*storage, key, value)?,
                    None => txn.delete(*storage, key)?,
                }
            }
        }
        Step::Drop(storage) => {
            // As the layers above do: what was dropped is not named again; here the number is, so its content is deleted.
            let snapshot = txn.snapshot();
            let mut cursor = txn.scan(*storage, KeyRange::all(), Direction::Forward, &snapshot);
            while let Some((key, _)) = cursor.next()? {
                let key = key.to_vec();
                txn.delete(*storage, &key)?;
            }
            let unused = StorageId::new(7, storage.relation());
            txn.create_storage(unused)?;
            txn.put(unused, b"gone", b"gone")?;
            txn.drop_storage(unused)?;
        }
        Step::Partly(storage, key, value) => {
            let savepoint = txn.savepoint()?;
            txn.put(*storage, key, b"rolled back")?;
            txn.put(*storage, b"never", b"rolled back")?;
            txn.rollback_to(savepoint)?;
            txn.put(*storage, key, value)?;
        }
        Step::Count(n) => {
            let first = engine.allocate(COUNTER, *n)?;
            engine.wait_durable(engine.last_commit_lsn())?;
            *last_number = first + n - 1;
        }
        Step::Checkpoint => engine.checkpoint()?,
        Step::Reopen => {}
    }
    let ticket = txn.commit(CommitMode::Engine)?;
    engine.wait_durable(ticket.wait)
}

/// Everything that the engine holds.
pub fn content(engine: &Engine) -> State {
    let txn = engine.begin(BeginOptions::default());
    let snapshot = txn.snapshot();
    let mut state = State::new();
    for database in [1, 2, 7] {
        for storage in engine.list_storages(database).unwrap() {
            let mut cursor = txn.scan(storage, KeyRange::all(), Direction::Forward, &snapshot);
            while let Some((key, value)) = cursor.next().unwrap() {
                state.insert((storage, key.to_vec()), value.to_vec());
            }
        }
    }
    state
}

/// Checks that a reopened engine has what was acknowledged, and nothing in part. `may_lose` acknowledged steps may be missing.
pub fn check(engine: &Engine, run: &Run, may_lose: usize, context: &str) -> usize {
    let state = content(engine);
    let commits = |from: usize| run.commits[from..run.acknowledged].iter().filter(|commit| **commit).count();
    let first = (0..=run.acknowledged).find(|from| commits(*from) <= may_lose).unwrap_or(run.acknowledged);
    let found = (first..=run.begun).rev().find(|step| run.states[*step] == state);
    let Some(step) = found else {
        let near = run.states.iter().position(|known| *known == state);
        panic!("{context}: not a state between step {first} and {}; it is that of {near:?}", run.begun);
    };
    if may_lose == 0 {
        assert!(engine.allocate(COUNTER, 1).unwrap() > run.last_number, "{context}: a number is given again");
    }
    step
}

/// Writes something after recovery, and reads it again after another opening.
pub fn check_goes_on(fs: &SimFs, config: &Config, engine: Engine, context: &str) {
    let mut expected = content(&engine);
    for n in 0..3u8 {
        let txn = engine.begin(BeginOptions::default());
        txn.put(STORAGES[0], b"after", &[n; 40]).unwrap();
        let ticket = txn.commit(CommitMode::Engine).unwrap();
        engine.wait_durable(ticket.lsn).unwrap();
    }
    expected.insert((STORAGES[0], b"after".to_vec()), vec![2; 40]);
    fs.crash(pglitedb_platform::CrashMode::LoseUnsynced, 1);
    drop(engine);
    let engine = open(fs, config).unwrap_or_else(|error| panic!("{context}: second opening: {error}"));
    assert!(content(&engine) == expected, "{context}: after the second opening");
}
