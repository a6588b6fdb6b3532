//! RecursiveUnion: WITH RECURSIVE.

use super::GroupColumns;
use crate::executor::Node;
use crate::runtime::Runtime;
use hashbrown::HashTable;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct RecursiveUnion {
    outer: Box<dyn Node>,
    inner: Box<dyn Node>,
    work_table: usize,
    /// Columns to make distinct; none for UNION ALL.
    keys: GroupColumns,
    seen: HashTable<Vec<Datum>>,
    /// Rows found in this round.
    next_round: Vec<Vec<Datum>>,
    recursing: bool,
}

impl RecursiveUnion {
    pub(crate) fn new(
        outer: Box<dyn Node>,
        inner: Box<dyn Node>,
        work_table: usize,
        keys: GroupColumns,
    ) -> Self {
        RecursiveUnion {
            outer,
            inner,
            work_table,
            keys,
            seen: HashTable::new(),
            next_round: Vec::new(),
            recursing: false,
        }
    }

    /// Is the row new? Always, for UNION ALL.
    fn is_new(&mut self, row: &[Datum]) -> bool {
        if self.keys.columns.is_empty() {
            return true;
        }
        let keys = &self.keys;
        let hash = keys.hash(row);
        if self.seen.find(hash, |known| keys.same(known, row)).is_some() {
            return false;
        }
        self.seen.insert_unique(hash, row.to_vec(), |known| keys.hash(known));
        true
    }
}

impl Node for RecursiveUnion {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let shared = rt.shared()?;
        loop {
            rt.check()?;
            let source = if self.recursing { &mut self.inner } else { &mut self.outer };
            if source.next(rt, out)? {
                if self.is_new(out) {
                    self.next_round.push(out.clone());
                    return Ok(true);
                }
                continue;
            }
            if self.next_round.is_empty() {
                return Ok(false);
            }
            self.recursing = true;
            if let Some(table) = shared.work_tables.borrow_mut().get_mut(self.work_table) {
                *table = std::mem::take(&mut self.next_round);
            }
            let restart = Runtime { restart: true, ..*rt };
            self.inner.rescan(&restart)?;
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.recursing = false;
        self.seen.clear();
        self.next_round.clear();
        self.outer.rescan(rt)?;
        self.inner.rescan(rt)
    }
}
