//! Memoize: keeps the child's rows by the values of the parameters it depends on.

use crate::build::{Builder, comparator};
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, compile};
use crate::hash::{hash_values, same_values};
use crate::instrument::key;
use crate::runtime::Runtime;
use pglitedb_query_tree::{Expr, Param, ParamKind, Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Comparator, Datum, codec};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// The rows for one set of key values.
struct Entry {
    key: Vec<Datum>,
    rows: Vec<Vec<Datum>>,
    bytes: usize,
    /// Grows with every use; the entry with the least goes first.
    used: u64,
}

/// Where the rows of the current parameter values come from.
enum State {
    /// Not looked up yet.
    Look,
    /// An entry: its place and the next row.
    Cached(u64, usize, usize),
    /// The child, and into a new entry.
    Fill(u64, Entry),
    /// The child alone: the rows are too many to keep.
    Bypass,
    Done,
}

/// What happened, for EXPLAIN ANALYZE.
#[derive(Clone, Copy, Debug, Default)]
pub struct CacheStats {
    /// Look-ups that found their rows.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Entries thrown out for want of memory.
    pub evictions: u64,
    /// Sets of rows that alone were too large.
    pub overflows: u64,
    /// Most bytes used.
    pub peak: usize,
}

struct Memoize {
    outer: Box<dyn Node>,
    keys: Vec<Compiled>,
    comparators: Vec<Comparator>,
    binary: bool,
    single: bool,
    memory: usize,
    /// Other parameters the child depends on, and their values when the cache was filled.
    others: Vec<usize>,
    known: Vec<u8>,
    entries: FxHashMap<u64, Vec<Entry>>,
    order: VecDeque<(u64, u64)>,
    bytes: usize,
    clock: u64,
    state: State,
    fresh: bool,
    stats: CacheStats,
    node: usize,
}

pub(crate) fn build(
    builder: &mut Builder<'_>,
    plan: &Plan,
    ctx: &mut CompileCtx<'_>,
) -> Result<Box<dyn Node>> {
    let PlanNode::Memoize { outer, keys, binary, single, memory } = &plan.node else {
        return Err(Error::internal("not a cache"));
    };
    let own: Vec<usize> = keys
        .iter()
        .filter_map(|key| match key {
            Expr::Param(Param { kind: ParamKind::Exec, id, .. }) => Some(*id),
            _ => None,
        })
        .collect();
    let mut others = Vec::new();
    params_of(outer, &own, &mut others);
    let mut set_inside = Vec::new();
    params_set(outer, &mut set_inside);
    others.retain(|id| !set_inside.contains(id));
    Ok(Box::new(Memoize {
        keys: keys.iter().map(|key| compile(key, ctx)).collect::<Result<_>>()?,
        comparators: keys
            .iter()
            .map(|key| comparator(key.type_oid(), key.collation(), ctx))
            .collect::<Result<_>>()?,
        binary: *binary,
        single: *single,
        memory: *memory,
        others,
        known: Vec::new(),
        entries: FxHashMap::default(),
        order: VecDeque::new(),
        bytes: 0,
        clock: 0,
        state: State::Look,
        fresh: true,
        stats: CacheStats::default(),
        node: key(plan),
        outer: builder.plan(outer, ctx)?,
    }))
}

/// Executor parameters that a plan reads, without those known.
fn params_of(plan: &Plan, known: &[usize], into: &mut Vec<usize>) {
    plan.for_each_expr(&mut |top| {
        top.walk(&mut |expr| {
            if let Expr::Param(Param { kind: ParamKind::Exec, id, .. }) = expr
                && !known.contains(id)
                && !into.contains(id)
            {
                into.push(*id);
            }
            true
        });
    });
    plan.children().into_iter().for_each(|child| params_of(child, known, into));
}

/// Executor parameters that nodes of the plan set themselves.
fn params_set(plan: &Plan, into: &mut Vec<usize>) {
    if let PlanNode::NestLoop { params, .. } = &plan.node {
        into.extend(params.iter().map(|(id, _)| *id));
    }
    plan.for_each_expr(&mut |top| {
        top.walk(&mut |expr| {
            if let Expr::SubPlan(sub) = expr {
                into.extend(sub.param_ids.iter().chain(&sub.column_params));
            }
            true
        });
    });
    plan.children().into_iter().for_each(|child| params_set(child, into));
}

fn row_bytes(row: &[Datum]) -> usize {
    let long = |datum: &Datum| match datum {
        Datum::Text(text) => text.len(),
        Datum::Null
        | Datum::Bool(_)
        | Datum::Int2(_)
        | Datum::Int4(_)
        | Datum::Int8(_)
        | Datum::Float4(_)
        | Datum::Float8(_) => 0,
        other => {
            let mut encoded = Vec::new();
            codec::encode(other, &mut encoded);
            encoded.len()
        }
    };
    24 + size_of_val(row) + row.iter().map(long).sum::<usize>()
}

impl Memoize {
    fn hash(&self, key: &[Datum]) -> u64 {
        hash_values(key.iter(), &self.comparators)
    }

    fn same(&self, a: &[Datum], b: &[Datum]) -> bool {
        if !same_values(a.iter(), b.iter(), &self.comparators) {
            return false;
        }
        !self.binary
            || a.iter().zip(b).all(|(a, b)| {
                let (mut left, mut right) = (Vec::new(), Vec::new());
                codec::encode(a, &mut left);
                codec::encode(b, &mut right);
                left == right
            })
    }

    fn forget(&mut self) {
        self.entries.clear();
        self.order.clear();
        self.bytes = 0;
    }

    /// Finds the rows for the current parameters, or starts reading them.
    fn look(&mut self, rt: &Runtime<'_>) -> Result<()> {
        let mut others = Vec::new();
        for id in &self.others {
            codec::encode_tagged(&rt.exec_param(*id)?, &mut others);
        }
        if others != self.known {
            self.forget();
            self.known = others;
        }
        let row = EvalRow::default();
        let key: Vec<Datum> = self.keys.iter().map(|expr| expr.eval(&row, rt)).collect::<Result<_>>()?;
        let hash = self.hash(&key);
        let found = self
            .entries
            .get(&hash)
            .and_then(|bucket| bucket.iter().position(|entry| self.same(&entry.key, &key)));
        self.clock += 1;
        if let Some(at) = found
            && let Some(entry) = self.entries.get_mut(&hash).and_then(|bucket| bucket.get_mut(at))
        {
            entry.used = self.clock;
            self.order.push_back((hash, self.clock));
            self.shorten();
            self.stats.hits += 1;
            self.state = State::Cached(hash, at, 0);
            return Ok(());
        }
        self.stats.misses += 1;
        if !std::mem::take(&mut self.fresh) {
            self.outer.rescan(rt)?;
        }
        let bytes = row_bytes(&key) + size_of::<Entry>();
        self.state = State::Fill(hash, Entry { key, rows: Vec::new(), bytes, used: self.clock });
        Ok(())
    }

    /// Drops places in the queue that later uses have made obsolete, before they are too many.
    fn shorten(&mut self) {
        if self.order.len() < 1024 || self.order.len() < 4 * self.entries.len() {
            return;
        }
        let entries = &self.entries;
        self.order.retain(|(hash, used)| {
            entries.get(hash).is_some_and(|bucket| bucket.iter().any(|entry| entry.used == *used))
        });
    }

    /// Keeps a finished entry, throwing out the ones used longest ago.
    fn keep(&mut self, hash: u64, entry: Entry) {
        self.bytes += entry.bytes;
        self.order.push_back((hash, entry.used));
        let newest = entry.used;
        self.entries.entry(hash).or_default().push(entry);
        self.stats.peak = self.stats.peak.max(self.bytes.min(self.memory));
        while self.bytes > self.memory {
            let Some((hash, used)) = self.order.pop_front() else { break };
            let Some(bucket) = self.entries.get_mut(&hash) else { continue };
            if let Some(at) = bucket.iter().position(|entry| entry.used == used && used != newest) {
                let gone = bucket.swap_remove(at);
                self.bytes = self.bytes.saturating_sub(gone.bytes);
                self.stats.evictions += 1;
                if bucket.is_empty() {
                    self.entries.remove(&hash);
                }
            }
        }
    }

    fn note(&self, rt: &Runtime<'_>) {
        if let Some(shared) = rt.shared {
            shared.stats.borrow_mut().cache(self.node, self.stats);
        }
    }
}

impl Node for Memoize {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Look => self.look(rt)?,
                State::Cached(hash, at, next) => {
                    let entry = self.entries.get(&hash).and_then(|bucket| bucket.get(at));
                    let Some(row) = entry.and_then(|entry| entry.rows.get(next)) else { return Ok(false) };
                    out.clone_from(row);
                    self.state = State::Cached(hash, at, next + 1);
                    return Ok(true);
                }
                State::Fill(hash, mut entry) => {
                    if !self.outer.next(rt, out)? {
                        self.keep(hash, entry);
                        return Ok(false);
                    }
                    entry.bytes += row_bytes(out);
                    if entry.bytes > self.memory {
                        self.stats.overflows += 1;
                        self.state = State::Bypass;
                        return Ok(true);
                    }
                    entry.rows.push(out.clone());
                    if self.single {
                        self.keep(hash, entry);
                    } else {
                        self.state = State::Fill(hash, entry);
                    }
                    return Ok(true);
                }
                State::Bypass => {
                    let more = self.outer.next(rt, out)?;
                    if more {
                        self.state = State::Bypass;
                    }
                    return Ok(more);
                }
                State::Done => return Ok(false),
            }
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.state = State::Look;
        if rt.is_restart() {
            self.forget();
            self.known.clear();
            self.fresh = true;
            self.outer.rescan(rt)?;
        }
        Ok(())
    }

    fn finish(&mut self, rt: &Runtime<'_>) {
        self.note(rt);
    }
}
