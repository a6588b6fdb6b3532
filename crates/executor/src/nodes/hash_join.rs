//! HashJoin: the inner side in a hash table, probed by the outer side.

use super::join::JoinCore;
use crate::build::{Builder, comparator, depends_on_params};
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, compile};
use crate::hash::{hash_values, same_values};
use crate::runtime::Runtime;
use hashbrown::HashTable;
use pglitedb_query_tree::{JoinType, Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Comparator, Datum, oids};

/// A row of the inner side.
struct Entry {
    row: Vec<Datum>,
    key: Vec<Datum>,
    /// Next entry with the same key, plus one; 0 ends the chain.
    next: usize,
    matched: bool,
}

struct HashJoin {
    core: JoinCore,
    outer: Box<dyn Node>,
    inner: Box<dyn Node>,
    outer_keys: Vec<Compiled>,
    inner_keys: Vec<Compiled>,
    comparators: Vec<Comparator>,
    /// Types the keys are widened to before hashing.
    widen: Vec<u32>,
    dependent: bool,
    entries: Vec<Entry>,
    /// First entry of each key.
    table: HashTable<usize>,
    built: bool,
    row: Vec<Datum>,
    key: Vec<Datum>,
    has_outer: bool,
    matched: bool,
    /// Next entry to look at, plus one.
    at: usize,
    /// Next entry of the final round over unmatched inner rows.
    leftover: Option<usize>,
}

pub(crate) fn build(
    builder: &mut Builder<'_>,
    plan: &Plan,
    ctx: &mut CompileCtx<'_>,
) -> Result<Box<dyn Node>> {
    let PlanNode::HashJoin { join, outer, inner, keys, join_quals, inner_unique } = &plan.node else {
        return Err(Error::internal("not a hash join"));
    };
    let widths = (outer.targets.len(), inner.targets.len());
    let core = JoinCore::new(builder, plan, *join, join_quals, *inner_unique, widths, ctx)?;
    Ok(Box::new(HashJoin {
        core,
        outer_keys: keys.iter().map(|key| compile(&key.outer, ctx)).collect::<Result<_>>()?,
        inner_keys: keys.iter().map(|key| compile(&key.inner, ctx)).collect::<Result<_>>()?,
        comparators: keys
            .iter()
            .map(|key| comparator(key.type_oid, key.collation, ctx))
            .collect::<Result<_>>()?,
        widen: keys.iter().map(|key| key.type_oid).collect(),
        dependent: depends_on_params(inner),
        outer: builder.plan(outer, ctx)?,
        inner: builder.plan(inner, ctx)?,
        entries: Vec::new(),
        table: HashTable::new(),
        built: false,
        row: Vec::new(),
        key: Vec::new(),
        has_outer: false,
        matched: false,
        at: 0,
        leftover: None,
    }))
}

/// A key value as the wider of the two sides' types.
fn widened(value: Datum, type_oid: u32) -> Datum {
    match (type_oid, &value) {
        (oids::INT8, Datum::Int2(_) | Datum::Int4(_)) => value.as_i64().map_or(Datum::Null, Datum::Int8),
        (oids::INT4, Datum::Int2(narrow)) => Datum::Int4(i32::from(*narrow)),
        (oids::FLOAT8, Datum::Float4(narrow)) => Datum::Float8(f64::from(*narrow)),
        _ => value,
    }
}

impl HashJoin {
    fn build_table(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.built = true;
        let mut row = Vec::new();
        let keep_all = matches!(
            self.core.join,
            JoinType::Right | JoinType::Full | JoinType::RightAnti | JoinType::RightSemi
        );
        while self.inner.next(rt, &mut row)? {
            rt.check()?;
            let eval = EvalRow { inner: &row, ..EvalRow::default() };
            let mut key = Vec::with_capacity(self.inner_keys.len());
            for (expr, type_oid) in self.inner_keys.iter().zip(&self.widen) {
                key.push(widened(expr.eval(&eval, rt)?, *type_oid));
            }
            let null = key.iter().any(Datum::is_null);
            if null && !keep_all {
                continue;
            }
            let width = row.len();
            let owned = std::mem::replace(&mut row, Vec::with_capacity(width));
            self.entries.push(Entry { row: owned, key, next: 0, matched: false });
            if !null {
                self.link(self.entries.len() - 1);
            }
        }
        Ok(())
    }

    fn link(&mut self, new: usize) {
        let (entries, comparators) = (&mut self.entries, &self.comparators);
        let hash = hash_values(entries[new].key.iter(), comparators);
        let found = self
            .table
            .find_mut(hash, |at| same_values(entries[*at].key.iter(), entries[new].key.iter(), comparators));
        match found {
            Some(first) => {
                // Keep the order of the input: append right after the head is cheap and good enough for chains,
                // so the head stays first and later rows follow in reverse.
                entries[new].next = entries[*first].next;
                entries[*first].next = new + 1;
            }
            None => {
                self.table.insert_unique(hash, new, |at| hash_values(entries[*at].key.iter(), comparators));
            }
        }
    }

    /// Reads an outer row and finds its chain; false at the end.
    fn advance_outer(&mut self, rt: &Runtime<'_>) -> Result<bool> {
        if !self.outer.next(rt, &mut self.row)? {
            return Ok(false);
        }
        self.has_outer = true;
        self.matched = false;
        let eval = EvalRow { outer: &self.row, ..EvalRow::default() };
        self.key.clear();
        for (expr, type_oid) in self.outer_keys.iter().zip(&self.widen) {
            self.key.push(widened(expr.eval(&eval, rt)?, *type_oid));
        }
        self.at = 0;
        if !self.key.iter().any(Datum::is_null) {
            let hash = hash_values(self.key.iter(), &self.comparators);
            let (entries, comparators, key) = (&self.entries, &self.comparators, &self.key);
            let first =
                self.table.find(hash, |at| same_values(entries[*at].key.iter(), key.iter(), comparators));
            self.at = first.map_or(0, |at| at + 1);
        }
        Ok(true)
    }

    /// Inner rows without a match (or, for a right semi join, with one) after the outer side has ended.
    fn leftovers(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let wanted = match self.core.join {
            JoinType::Right | JoinType::Full | JoinType::RightAnti => false,
            JoinType::RightSemi => true,
            _ => return Ok(false),
        };
        let mut at = self.leftover.unwrap_or(0);
        while let Some(entry) = self.entries.get(at) {
            at += 1;
            self.leftover = Some(at);
            if entry.matched == wanted && self.core.emit(self.core.outer_nulls(), &entry.row, rt, out)? {
                return Ok(true);
            }
            rt.check()?;
        }
        Ok(false)
    }
}

impl Node for HashJoin {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if !self.built {
            self.build_table(rt)?;
        }
        loop {
            if self.leftover.is_some() {
                return self.leftovers(rt, out);
            }
            if !self.has_outer && !self.advance_outer(rt)? {
                self.leftover = Some(0);
                continue;
            }
            rt.check()?;
            while self.at > 0 {
                let at = self.at - 1;
                self.at = self.entries[at].next;
                if !self.core.matches(&self.row, &self.entries[at].row, rt)? {
                    continue;
                }
                self.matched = true;
                self.entries[at].matched = true;
                match self.core.join {
                    JoinType::Anti => self.at = 0,
                    JoinType::Semi => {
                        self.at = 0;
                        self.has_outer = false;
                        if self.core.emit(&self.row, self.core.inner_nulls(), rt, out)? {
                            return Ok(true);
                        }
                    }
                    JoinType::RightSemi | JoinType::RightAnti => {}
                    _ => {
                        if self.core.unique && !matches!(self.core.join, JoinType::Right | JoinType::Full) {
                            self.at = 0;
                        }
                        if self.core.emit(&self.row, &self.entries[at].row, rt, out)? {
                            return Ok(true);
                        }
                    }
                }
            }
            let unmatched = self.has_outer && !self.matched;
            self.has_outer = false;
            if unmatched
                && matches!(self.core.join, JoinType::Left | JoinType::Full | JoinType::Anti)
                && self.core.emit(&self.row, self.core.inner_nulls(), rt, out)?
            {
                return Ok(true);
            }
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.has_outer = false;
        self.leftover = None;
        if self.dependent || rt.is_restart() {
            self.built = false;
            self.entries.clear();
            self.table.clear();
            self.inner.rescan(rt)?;
        } else {
            self.entries.iter_mut().for_each(|entry| entry.matched = false);
        }
        self.outer.rescan(rt)
    }
}
