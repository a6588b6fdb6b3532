//! Sequence values that a session has drawn.

use pglitedb_types::Oid;
use rustc_hash::FxHashMap;

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
