//! Rows and times of nodes, for EXPLAIN ANALYZE.

use crate::executor::Node;
use crate::nodes::memoize::CacheStats;
use crate::runtime::Runtime;
use pglitedb_query_tree::Plan;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;
use rustc_hash::FxHashMap;
use std::time::{Duration, Instant};

/// What a node did.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeStats {
    /// Rows it gave, over all loops.
    pub rows: u64,
    /// How often it was started.
    pub loops: u64,
    /// Time until its first row, over all loops.
    pub startup: Duration,
    /// Time in all, children included.
    pub total: Duration,
    /// Rows its filter removed.
    pub filtered: u64,
    /// Descents into an index.
    pub searches: u64,
    /// Blocks a bitmap scan read.
    pub blocks: u64,
    /// What a cache did.
    pub cache: CacheStats,
}

/// Statistics by plan node. The key is the node's address in the statement, which lives as long as the executor.
#[derive(Default)]
pub(crate) struct Stats(FxHashMap<usize, NodeStats>);

impl Stats {
    pub(crate) fn get(&self, plan: &Plan) -> Option<NodeStats> {
        self.0.get(&key(plan)).copied()
    }

    /// Notes one run of a node that gives no rows to a parent.
    pub(crate) fn count(&mut self, key: usize, rows: u64) {
        let own = self.0.entry(key).or_default();
        own.loops += 1;
        own.rows += rows;
    }

    /// Notes how often an index has been descended so far.
    pub(crate) fn searches(&mut self, key: usize, searches: u64) {
        self.0.entry(key).or_default().searches = searches;
    }

    /// Notes how many blocks a node has read so far.
    pub(crate) fn blocks(&mut self, key: usize, blocks: u64) {
        self.0.entry(key).or_default().blocks = blocks;
    }

    /// Notes what a cache has done so far.
    pub(crate) fn cache(&mut self, key: usize, stats: CacheStats) {
        self.0.entry(key).or_default().cache = stats;
    }
}

/// Names a node.
pub(crate) fn key(plan: &Plan) -> usize {
    std::ptr::from_ref(plan) as usize
}

/// Wraps a node to keep its statistics.
pub(crate) struct Instrumented {
    pub node: Box<dyn Node>,
    pub key: usize,
    pub fresh: bool,
}

impl Node for Instrumented {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let start = Instant::now();
        let shared = rt.shared()?;
        // What the children remove is theirs.
        let outside = shared.removed.replace(0);
        let more = self.node.next(rt, out)?;
        let removed = shared.removed.replace(outside);
        let elapsed = start.elapsed();
        self.node.finish(rt);
        let mut stats = shared.stats.borrow_mut();
        let own = stats.0.entry(self.key).or_default();
        if std::mem::take(&mut self.fresh) {
            own.loops += 1;
            own.startup += elapsed;
        }
        own.total += elapsed;
        own.rows += u64::from(more);
        own.filtered += removed;
        Ok(more)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.fresh = true;
        self.node.rescan(rt)
    }

    fn scanned_row(&self) -> Option<(pglitedb_types::Oid, pglitedb_tables::RowId)> {
        self.node.scanned_row()
    }
}
