//! Sessions.

mod connect;
mod listen;
mod registry;

pub use connect::ConnectOptions;
pub(crate) use listen::ListenState;
pub use registry::SessionInfo;
pub(crate) use registry::SessionRegistry;

use crate::env::Env;
use crate::output::Column;
use pglitedb_types::{Datum, Oid};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a client is told of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// Not in a block.
    Idle,
    /// In a block.
    Active,
    /// In a failed block.
    Failed,
}

/// Description of a prepared statement.
#[derive(Clone, Debug)]
pub struct Description {
    /// Parameter types.
    pub params: Arc<[Oid]>,
    /// Result columns, if it returns rows.
    pub columns: Option<Arc<[Column]>>,
}

/// Sequence values this session has drawn: `currval`, `lastval`, and the values it holds in stock (`CACHE`).
#[derive(Debug, Default)]
pub struct SequenceState {
    /// By sequence: the last value, and the stock.
    pub sequences: FxHashMap<Oid, SequenceUse>,
    /// The sequence last used.
    pub last: Option<Oid>,
}

/// What a session knows of a sequence.
#[derive(Clone, Copy, Debug, Default)]
pub struct SequenceUse {
    /// Last value drawn by this session.
    pub last_value: Option<i64>,
    /// Next value in stock.
    pub next: i64,
    /// How many are in stock.
    pub stock: u64,
    /// Distance between values.
    pub increment: i64,
    /// File node of the stock; another one means that the sequence was reset.
    pub file_node: Oid,
}

/// A session. Owned by one connection.
pub struct Session {
    pub(crate) env: Env,
    /// Empty arrays are shared.
    #[allow(dead_code)]
    pub(crate) no_params: Arc<[Datum]>,
}

impl Session {
    /// The environment, for input and output of values between statements.
    pub fn env(&self) -> &Env {
        &self.env
    }
}
