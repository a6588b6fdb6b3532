//! Random interleavings of serializable transactions: what commits must have an order in which the transactions, one
//! after the other, read and leave the same.

use std::collections::BTreeMap;
use std::ops::Bound;

use pglitedb_storage::*;
use proptest::prelude::*;

const S: StorageId = StorageId::new(1, 1);

type Map = BTreeMap<u8, i64>;

#[derive(Debug, Clone)]
enum Action {
    Get(u8),
    /// A range, of which at most so many entries are taken.
    Scan(u8, u8, bool, usize),
    /// Writes the sum of all that was read so far, and something of its own.
    Put(u8),
    Delete(u8),
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0..6u8).prop_map(Action::Get),
        2 => (0..7u8, 0..7u8, any::<bool>(), 1..8usize).prop_map(|(a, b, f, n)| Action::Scan(a, b, f, n)),
        4 => (0..6u8).prop_map(Action::Put),
        1 => (0..6u8).prop_map(Action::Delete),
    ]
}

/// What a program reads, on the engine or on a plain map.
trait Store {
    fn get(&mut self, key: u8) -> Result<Option<i64>>;
    fn scan(&mut self, from: u8, to: u8, forward: bool, limit: usize) -> Result<Vec<(u8, i64)>>;
    fn put(&mut self, key: u8, value: Option<i64>) -> Result<()>;
}

impl Store for Map {
    fn get(&mut self, key: u8) -> Result<Option<i64>> {
        Ok(BTreeMap::get(self, &key).copied())
    }

    fn scan(&mut self, from: u8, to: u8, forward: bool, limit: usize) -> Result<Vec<(u8, i64)>> {
        let mut all: Vec<_> =
            self.iter().filter(|(k, _)| **k >= from && **k < to).map(|(k, v)| (*k, *v)).collect();
        if !forward {
            all.reverse();
        }
        all.truncate(limit);
        Ok(all)
    }

    fn put(&mut self, key: u8, value: Option<i64>) -> Result<()> {
        match value {
            Some(value) => self.insert(key, value),
            None => self.remove(&key),
        };
        Ok(())
    }
}

/// A transaction that gives up rather than wait.
struct OnEngine<'a>(&'a Txn);

fn give_up() -> Error {
    Error::Closed
}

impl Store for OnEngine<'_> {
    fn get(&mut self, key: u8) -> Result<Option<i64>> {
        let value = self.0.get(S, &[key], &self.0.snapshot())?;
        Ok(value.map(|value| i64::from_le_bytes(value[..].try_into().unwrap())))
    }

    fn scan(&mut self, from: u8, to: u8, forward: bool, limit: usize) -> Result<Vec<(u8, i64)>> {
        let direction = if forward { Direction::Forward } else { Direction::Backward };
        let range = KeyRange::new(Bound::Included(&[from]), Bound::Excluded(&[to]));
        let mut cursor = self.0.scan(S, range, direction, &self.0.snapshot());
        let mut all = Vec::new();
        while all.len() < limit
            && let Some((key, value)) = cursor.next()?
        {
            all.push((key[0], i64::from_le_bytes(value.try_into().unwrap())));
        }
        Ok(all)
    }

    fn put(&mut self, key: u8, value: Option<i64>) -> Result<()> {
        let snapshot = self.0.snapshot();
        if !self.0.lock(LockTag::row(S, &[key]), LockMode::ForUpdate, LockWait::Skip)? {
            return Err(give_up());
        }
        if self.0.get_latest(S, &[key])?.newer_than(&snapshot) {
            return Err(give_up());
        }
        match value {
            Some(value) => self.0.put(S, &[key], &value.to_le_bytes())?,
            None => self.0.delete(S, &[key])?,
        }
        self.0.next_command().map(drop)
    }
}

/// One step of a program; everything read goes into `sum`, by which later writes depend on it.
fn step(store: &mut impl Store, action: &Action, own: i64, sum: &mut i64) -> Result<()> {
    match action {
        Action::Get(key) => *sum = sum.wrapping_mul(31).wrapping_add(store.get(*key)?.unwrap_or(-1)),
        Action::Scan(a, b, forward, limit) => {
            for (key, value) in store.scan(*a, *b, *forward, *limit)? {
                *sum = sum.wrapping_mul(31).wrapping_add(value).wrapping_add(i64::from(key));
            }
        }
        Action::Put(key) => store.put(*key, Some(sum.wrapping_add(own)))?,
        Action::Delete(key) => store.put(*key, None)?,
    }
    Ok(())
}

struct Program {
    txn: Txn,
    actions: Vec<Action>,
    own: i64,
    done: usize,
    sum: i64,
    /// `None` while it runs.
    committed: Option<bool>,
}

impl Program {
    fn advance(&mut self) {
        if self.committed.is_some() {
            return;
        }
        let outcome = match self.actions.get(self.done) {
            Some(action) => step(&mut OnEngine(&self.txn), action, self.own, &mut self.sum),
            None => {
                self.committed = Some(true);
                self.txn.commit(CommitMode::Engine).map(drop)
            }
        };
        self.done += 1;
        if outcome.is_err() {
            self.committed = Some(false);
            self.txn.abort();
        }
    }
}

fn only_reads(actions: &[Action]) -> bool {
    !actions.iter().any(|action| matches!(action, Action::Put(_) | Action::Delete(_)))
}

fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |index: usize| {
        let mut rest = items.to_vec();
        let first = rest.remove(index);
        permutations(&rest).into_iter().map(move |mut tail| {
            tail.insert(0, first);
            tail
        })
    };
    (0..items.len()).flat_map(with_first).collect()
}

fn fits(order: &[usize], programs: &[Program], start: &Map, end: &Map) -> bool {
    let mut map = start.clone();
    for index in order {
        let program = &programs[*index];
        let mut sum = 0;
        for action in &program.actions {
            step(&mut map, action, program.own, &mut sum).unwrap();
        }
        if sum != program.sum {
            return false;
        }
    }
    map == *end
}

fn check(programs: Vec<Vec<Action>>, schedule: Vec<usize>, checkpoint_at: usize) -> (usize, usize) {
    let engine = Engine::in_memory(Config { background: false, ..Config::benchmark() }).unwrap();
    let mut start = Map::new();
    let setup = engine.begin(BeginOptions::default());
    for key in 0..4u8 {
        start.insert(key, i64::from(key) * 100);
        setup.put(S, &[key], &(i64::from(key) * 100).to_le_bytes()).unwrap();
    }
    setup.commit(CommitMode::Engine).unwrap();
    let options = BeginOptions { isolation: Isolation::Serializable, ..BeginOptions::default() };
    let program = |(index, actions): (usize, Vec<Action>)| Program {
        txn: engine.begin(BeginOptions { read_only: only_reads(&actions), ..options.clone() }),
        actions,
        own: 1000 * (index as i64 + 1),
        done: 0,
        sum: 0,
        committed: None,
    };
    let mut programs: Vec<_> = programs.into_iter().enumerate().map(program).collect();
    for (count, index) in schedule.iter().enumerate() {
        if count == checkpoint_at {
            engine.checkpoint().unwrap();
        }
        let index = index % programs.len();
        programs[index].advance();
    }
    for program in &mut programs {
        while program.committed.is_none() {
            program.advance();
        }
    }
    let txn = engine.begin(BeginOptions::default());
    let mut end = Map::new();
    for (key, value) in OnEngine(&txn).scan(0, 255, true, usize::MAX).unwrap() {
        end.insert(key, value);
    }
    let committed: Vec<usize> =
        (0..programs.len()).filter(|n| programs[*n].committed == Some(true)).collect();
    let fitting = permutations(&committed).into_iter().any(|order| fits(&order, &programs, &start, &end));
    let shown: Vec<_> = programs.iter().map(|p| (&p.actions, p.committed, p.sum)).collect();
    assert!(fitting, "no order fits: {shown:?} {schedule:?} {end:?}");
    (committed.len(), programs.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn committed_transactions_have_an_order(
        programs in prop::collection::vec(prop::collection::vec(action(), 1..5), 2..5),
        schedule in prop::collection::vec(0..4usize, 4..24),
        checkpoint_at in 0..30usize,
    ) {
        check(programs, schedule, checkpoint_at);
    }
}

#[test]
fn a_long_series_has_orders_and_commits() {
    let random = pglitedb_platform::SeededRandom::new(3);
    let (mut committed, mut all) = (0, 0);
    for round in 0..8000 {
        // With few keys the rarer circles come up as well.
        let keys = if round % 2 == 0 { 6 } else { 2 };
        let action = || match random.below(5) {
            0 | 1 => Action::Put(random.below(keys) as u8),
            2 if keys > 2 => Action::Scan(random.below(3) as u8, 3 + random.below(3) as u8, true, 8),
            _ => Action::Get(random.below(keys) as u8),
        };
        let programs = (0..3).map(|_| (0..3).map(|_| action()).collect()).collect();
        let schedule = (0..12).map(|_| random.below(3) as usize).collect();
        let (some, of) = check(programs, schedule, 6);
        committed += some;
        all += of;
    }
    assert!(committed * 5 > all * 2, "{committed} of {all}: too many are refused");
}
