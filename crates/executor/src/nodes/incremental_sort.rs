//! Incremental sort: the input is ordered by the leading keys; each group of rows that agree on them is sorted by itself, so
//! that the first rows come soon and little is kept.

use super::SortColumns;
use crate::executor::Node;
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;
use std::cmp::Ordering;

pub(crate) struct IncrementalSort {
    outer: Box<dyn Node>,
    ready: SortColumns,
    keys: SortColumns,
    /// The current group, sorted, in reverse.
    group: Vec<Vec<Datum>>,
    /// First row of the next group.
    ahead: Option<Vec<Datum>>,
    started: bool,
}

impl IncrementalSort {
    /// `ready` are the leading keys that the input is ordered by.
    pub(crate) fn new(outer: Box<dyn Node>, ready: SortColumns, keys: SortColumns) -> Self {
        IncrementalSort { outer, ready, keys, group: Vec::new(), ahead: None, started: false }
    }

    fn read(&mut self, rt: &Runtime<'_>) -> Result<Option<Vec<Datum>>> {
        let mut row = Vec::new();
        Ok(self.outer.next(rt, &mut row)?.then_some(row))
    }

    /// Reads and sorts the next group.
    fn fill(&mut self, rt: &Runtime<'_>) -> Result<()> {
        if !std::mem::replace(&mut self.started, true) {
            self.ahead = self.read(rt)?;
        }
        let Some(first) = self.ahead.take() else { return Ok(()) };
        self.group.push(first);
        while let Some(row) = self.read(rt)? {
            rt.check()?;
            if self.ready.compare(&self.group[0], &row) != Ordering::Equal {
                self.ahead = Some(row);
                break;
            }
            self.group.push(row);
        }
        let keys = &self.keys;
        self.group.sort_by(|a, b| keys.compare(a, b));
        self.group.reverse();
        Ok(())
    }
}

impl Node for IncrementalSort {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if self.group.is_empty() {
            self.fill(rt)?;
        }
        match self.group.pop() {
            Some(row) => {
                *out = row;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.group.clear();
        self.ahead = None;
        self.started = false;
        self.outer.rescan(rt)
    }
}
