//! Sequences.
//!
//! A value is the base of the sequence plus its increment times the numbers taken from a storage counter since that
//! base was set. So `nextval` costs an addition and almost never a log record, is never rolled back, and two sessions never
//! get one value; after a crash some values may be missing. `setval`, a cycle, and ALTER SEQUENCE set a new base.

use crate::access::RowId;
use crate::error::StorageResult;
use crate::row::RowLayout;
use crate::space::TableSpace;
use parking_lot::Mutex;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_storage::{Counter, CounterId, StorageId, Txn};
use pglitedb_types::{Datum, Oid, Repr};
use std::sync::Arc;

/// The row of the sequence's storage: base, number of the counter when it was set, whether the base has been handed out.
const STATE: [Repr; 3] = [Repr::Int8, Repr::Int8, Repr::Bool];
const KEY: RowId = RowId(1);

/// What `pg_sequence` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceParams {
    /// `seqstart`
    pub start: i64,
    /// `seqincrement`, not 0
    pub increment: i64,
    /// `seqmin`
    pub min: i64,
    /// `seqmax`
    pub max: i64,
    /// `seqcycle`
    pub cycle: bool,
}

#[derive(Clone, Copy, Debug)]
struct State {
    base: i64,
    counter: u64,
    is_called: bool,
}

/// The state of a sequence, shared by the sessions.
pub(crate) struct SequenceCell {
    counter: Arc<Counter>,
    /// Read from storage at the first use.
    state: Mutex<Option<State>>,
}

/// A sequence, opened for one use.
pub struct SequenceAccess<'a> {
    space: &'a TableSpace,
    txn: &'a Txn,
    storage: StorageId,
    cell: Arc<SequenceCell>,
    params: SequenceParams,
    name: &'a str,
}

impl TableSpace {
    /// Opens a sequence by its file node. `name` is for error messages.
    pub fn sequence<'a>(
        &'a self,
        txn: &'a Txn,
        file_node: Oid,
        params: SequenceParams,
        name: &'a str,
    ) -> Result<SequenceAccess<'a>> {
        let storage = self.storage_id(file_node, false);
        let known = self.sequences.lock().get(&storage).map(Arc::clone);
        let cell = match known {
            Some(cell) => cell,
            None => {
                let counter = self.engine().counter(CounterId(storage, 0)).sql()?;
                let cell = Arc::new(SequenceCell { counter, state: Mutex::new(None) });
                Arc::clone(self.sequences.lock().entry(storage).or_insert(cell))
            }
        };
        Ok(SequenceAccess { space: self, txn, storage, cell, params, name })
    }
}

impl SequenceAccess<'_> {
    /// Announces the storage of a new sequence (or of its new file node), so that nothing stays of it after a
    /// rollback.
    pub fn create(&self) -> Result<()> {
        self.txn.create_storage(self.storage).sql()
    }

    /// Drops the storage, at commit.
    pub fn drop_storage(&self) -> Result<()> {
        self.txn.drop_storage(self.storage).sql()
    }

    /// Takes up to `count` values (the session's cache) and returns the first and how many they are.
    pub fn next(&self, count: u64) -> Result<(i64, u64)> {
        let mut guard = self.cell.state.lock();
        let mut state = self.load(&mut guard)?;
        let mut value = self.value_at(&state, self.taken(&state));
        let (min, max) = (i128::from(self.params.min), i128::from(self.params.max));
        let up = self.params.increment > 0;
        if (up && value > max) || (!up && value < min) {
            if !self.params.cycle {
                let (word, bound) = if up { ("maximum", max) } else { ("minimum", min) };
                return Err(err!(
                    SEQUENCE_GENERATOR_LIMIT_EXCEEDED,
                    "nextval: reached {word} value of sequence \"{}\" ({bound})",
                    self.name
                ));
            }
            let base = if up { self.params.min } else { self.params.max };
            state = State { base, counter: self.cell.counter.peek(), is_called: false };
            self.keep(&mut guard, state)?;
            value = i128::from(base);
        }
        let left =
            if up { max - value } else { value - min } / i128::from(self.params.increment.unsigned_abs());
        let count = u64::try_from(left.saturating_add(1)).unwrap_or(u64::MAX).min(count.max(1));
        self.cell.counter.allocate(count).sql()?;
        Ok((self.narrow(value)?, count))
    }

    /// `setval`: the next value is `value` itself, or the one after it if `is_called`.
    pub fn set(&self, value: i64, is_called: bool) -> Result<()> {
        self.check_bounds(value)?;
        let mut guard = self.cell.state.lock();
        let state = State { base: value, counter: self.cell.counter.peek(), is_called };
        self.keep(&mut guard, state)
    }

    /// Sets the state of a new file node within the transaction (ALTER SEQUENCE, TRUNCATE ... RESTART IDENTITY): undone
    /// with it.
    pub fn set_in_transaction(&self, value: i64, is_called: bool) -> Result<()> {
        self.check_bounds(value)?;
        let mut guard = self.cell.state.lock();
        let state = State { base: value, counter: self.cell.counter.peek(), is_called };
        self.txn.put(self.storage, &KEY.key(), &encode(&state)?).sql()?;
        *guard = Some(state);
        Ok(())
    }

    /// `last_value` and `is_called`, as `SELECT * FROM sequence` shows them.
    pub fn last_value(&self) -> Result<(i64, bool)> {
        let mut guard = self.cell.state.lock();
        let state = self.load(&mut guard)?;
        match self.taken(&state) {
            0 => Ok((state.base, state.is_called)),
            taken => Ok((self.narrow(self.value_at(&state, taken - 1))?, true)),
        }
    }

    /// Values taken since the base was set.
    fn taken(&self, state: &State) -> u64 {
        self.cell.counter.peek().saturating_sub(state.counter)
    }

    /// The value after `taken` others.
    fn value_at(&self, state: &State, taken: u64) -> i128 {
        let steps = i128::from(taken) + i128::from(state.is_called);
        i128::from(state.base).saturating_add(steps.saturating_mul(i128::from(self.params.increment)))
    }

    fn narrow(&self, value: i128) -> Result<i64> {
        i64::try_from(value)
            .map_err(|_| Error::internal(format!("value of sequence \"{}\" is out of range", self.name)))
    }

    fn check_bounds(&self, value: i64) -> Result<()> {
        if (self.params.min..=self.params.max).contains(&value) {
            return Ok(());
        }
        Err(err!(
            NUMERIC_VALUE_OUT_OF_RANGE,
            "setval: value {value} is out of bounds for sequence \"{}\" ({}..{})",
            self.name,
            self.params.min,
            self.params.max
        ))
    }

    fn load(&self, cached: &mut Option<State>) -> Result<State> {
        if let Some(state) = cached {
            return Ok(*state);
        }
        let stored = self.txn.get_latest(self.storage, &KEY.key()).sql()?;
        let state = match stored.value {
            Some(bytes) => decode(&bytes)?,
            None => State { base: self.params.start, counter: 1, is_called: false },
        };
        *cached = Some(state);
        Ok(state)
    }

    fn keep(&self, cached: &mut Option<State>, state: State) -> Result<()> {
        self.space.engine().non_transactional_put(self.storage, &KEY.key(), &encode(&state)?).sql()?;
        *cached = Some(state);
        Ok(())
    }
}

fn encode(state: &State) -> Result<Vec<u8>> {
    let counter =
        i64::try_from(state.counter).map_err(|_| Error::internal("sequence counter is out of range"))?;
    let row = [Datum::Int8(state.base), Datum::Int8(counter), Datum::Bool(state.is_called)];
    let mut bytes = Vec::with_capacity(24);
    RowLayout::from_reprs(&STATE).encode(&row, &mut bytes)?;
    Ok(bytes)
}

fn decode(bytes: &[u8]) -> Result<State> {
    let mut row = [Datum::Null, Datum::Null, Datum::Null];
    RowLayout::from_reprs(&STATE).decode(bytes, &mut row)?;
    match row {
        [Datum::Int8(base), Datum::Int8(counter), Datum::Bool(is_called)] => {
            Ok(State { base, counter: u64::try_from(counter).unwrap_or(1), is_called })
        }
        _ => Err(crate::corrupt("state of a sequence")),
    }
}
