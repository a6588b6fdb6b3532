//! Random transactions, snapshots, savepoints, checkpoints and reopenings, compared with a plain map.

mod common;

use std::collections::BTreeMap;
use std::ops::Bound;

use common::{config, open};
use pglitedb_platform::{CrashMode, SimFs};
use pglitedb_storage::*;
use proptest::prelude::*;

const S: StorageId = StorageId::new(1, 1);

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Debug, Clone)]
enum Op {
    Put(u8, u8),
    Delete(u8),
    NextCommand,
    Savepoint,
    RollbackTo(u8),
    Release(u8),
    Commit,
    Abort,
    OpenSnapshot,
    CloseSnapshot(u8),
    Check,
    Range(u8, u8, bool),
    Checkpoint,
    Reopen(bool),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (0..30u8, any::<u8>()).prop_map(|(k, v)| Op::Put(k, v)),
        5 => (0..30u8).prop_map(Op::Delete),
        4 => Just(Op::NextCommand),
        3 => Just(Op::Savepoint),
        2 => any::<u8>().prop_map(Op::RollbackTo),
        1 => any::<u8>().prop_map(Op::Release),
        4 => Just(Op::Commit),
        1 => Just(Op::Abort),
        2 => Just(Op::OpenSnapshot),
        2 => any::<u8>().prop_map(Op::CloseSnapshot),
        2 => Just(Op::Check),
        3 => (0..32u8, 0..32u8, any::<bool>()).prop_map(|(a, b, forward)| Op::Range(a, b, forward)),
        2 => Just(Op::Checkpoint),
        1 => any::<bool>().prop_map(Op::Reopen),
    ]
}

fn key(k: u8) -> Vec<u8> {
    // Some keys are long enough to need an allocation, and prefixes of one another.
    let mut key = vec![b'k'; 1 + usize::from(k % 3) * 20];
    key.push(k);
    key
}

fn read(txn: &Txn, snapshot: &Snapshot, range: KeyRange, direction: Direction) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut cursor = txn.scan(S, range, direction, snapshot);
    let mut all = Vec::new();
    while let Some((key, value)) = cursor.next().unwrap() {
        all.push((key.to_vec(), value.to_vec()));
    }
    all
}

fn pairs(map: &Map) -> Vec<(Vec<u8>, Vec<u8>)> {
    map.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// The transaction under test, and what it should see.
struct Running {
    txn: Txn,
    /// With all its writes.
    now: Map,
    /// As of the current command's beginning.
    seen: Map,
    savepoints: Vec<(SavepointId, Map)>,
}

struct Model {
    fs: SimFs,
    engine: Option<Engine>,
    committed: Map,
    running: Option<Running>,
    readers: Vec<(Txn, Map)>,
}

impl Model {
    fn new() -> Model {
        let fs = SimFs::new();
        let engine = open(&fs, &config(SyncMode::Full)).unwrap();
        Model { fs, engine: Some(engine), committed: Map::new(), running: None, readers: Vec::new() }
    }

    fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    fn running(&mut self) -> &mut Running {
        if self.running.is_none() {
            let txn = self.engine().begin(BeginOptions::default());
            let (now, seen) = (self.committed.clone(), self.committed.clone());
            self.running = Some(Running { txn, now, seen, savepoints: Vec::new() });
        }
        self.running.as_mut().unwrap()
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Put(k, v) => {
                let running = self.running();
                let value = vec![*v; usize::from(*v) * 3];
                running.txn.put(S, &key(*k), &value).unwrap();
                running.now.insert(key(*k), value);
            }
            Op::Delete(k) => {
                let running = self.running();
                running.txn.delete(S, &key(*k)).unwrap();
                running.now.remove(&key(*k));
            }
            Op::NextCommand => {
                let running = self.running();
                running.txn.next_command().unwrap();
                running.seen = running.now.clone();
            }
            Op::Savepoint => {
                let running = self.running();
                let state = running.now.clone();
                running.savepoints.push((running.txn.savepoint().unwrap(), state));
            }
            Op::RollbackTo(n) => {
                let running = self.running();
                if let Some(index) = usize::from(*n).checked_rem(running.savepoints.len()) {
                    running.savepoints.truncate(index + 1);
                    let (savepoint, state) = running.savepoints.last().unwrap();
                    running.txn.rollback_to(*savepoint).unwrap();
                    running.now = state.clone();
                    running.txn.next_command().unwrap();
                    running.seen = running.now.clone();
                }
            }
            Op::Release(n) => {
                let running = self.running();
                if let Some(index) = usize::from(*n).checked_rem(running.savepoints.len()) {
                    running.txn.release(running.savepoints[index].0).unwrap();
                    running.savepoints.truncate(index);
                }
            }
            Op::Commit => {
                if let Some(running) = self.running.take() {
                    let ticket = running.txn.commit(CommitMode::Engine).unwrap();
                    self.engine().wait_durable(ticket.wait).unwrap();
                    self.committed = running.now;
                }
            }
            Op::Abort => self.running = None,
            Op::OpenSnapshot => {
                let options =
                    BeginOptions { isolation: Isolation::RepeatableRead, ..BeginOptions::default() };
                let txn = self.engine().begin(options);
                txn.snapshot();
                self.readers.push((txn, self.committed.clone()));
            }
            Op::CloseSnapshot(n) => {
                if let Some(index) = usize::from(*n).checked_rem(self.readers.len()) {
                    self.readers.remove(index);
                }
            }
            Op::Check => self.check(),
            Op::Range(a, b, forward) => self.check_range(*a, *b, *forward),
            Op::Checkpoint => self.engine().checkpoint().unwrap(),
            Op::Reopen(clean) => self.reopen(*clean),
        }
    }

    fn check(&mut self) {
        let txn = self.engine().begin(BeginOptions::default());
        let snapshot = txn.snapshot();
        assert_eq!(read(&txn, &snapshot, KeyRange::all(), Direction::Forward), pairs(&self.committed));
        for k in 0..30 {
            let value = txn.get(S, &key(k), &snapshot).unwrap();
            assert_eq!(value.as_deref(), self.committed.get(&key(k)).map(|v| &v[..]));
        }
        for (txn, map) in &self.readers {
            assert_eq!(read(txn, &txn.snapshot(), KeyRange::all(), Direction::Forward), pairs(map));
        }
    }

    fn check_range(&mut self, a: u8, b: u8, forward: bool) {
        let running = self.running();
        let (lower, upper) = (key(a), key(b));
        let range = KeyRange::new(Bound::Included(&lower), Bound::Excluded(&upper));
        let mut expected: Vec<_> = running
            .seen
            .iter()
            .filter(|(k, _)| **k >= lower && **k < upper)
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let direction = if forward { Direction::Forward } else { Direction::Backward };
        if !forward {
            expected.reverse();
        }
        let snapshot = running.txn.snapshot();
        assert_eq!(read(&running.txn, &snapshot, range, direction), expected);
        let latest = running.txn.get_latest(S, &lower).unwrap();
        assert_eq!(latest.value.as_deref(), running.now.get(&lower).map(|v| &v[..]));
    }

    fn reopen(&mut self, clean: bool) {
        self.running = None;
        self.readers.clear();
        let engine = self.engine.take();
        if clean {
            engine.unwrap().close().unwrap();
        } else {
            self.fs.crash(CrashMode::LoseUnsynced, 0);
            drop(engine);
        }
        self.engine = Some(open(&self.fs, &config(SyncMode::Full)).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_a_map(ops in prop::collection::vec(op(), 1..250)) {
        let mut model = Model::new();
        for op in &ops {
            model.step(op);
        }
        model.running = None;
        model.check();
        model.reopen(true);
        model.check();
    }
}
