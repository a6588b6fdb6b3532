//! Limit: OFFSET and LIMIT, WITH TIES.

use super::SortColumns;
use crate::executor::Node;
use crate::expr::{Compiled, EvalRow};
use crate::runtime::Runtime;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::Datum;
use std::cmp::Ordering;

pub(crate) struct Limit {
    outer: Box<dyn Node>,
    offset: Option<Compiled>,
    count: Option<Compiled>,
    with_ties: Option<SortColumns>,
    started: bool,
    /// Rows still to give; `None`: no limit.
    left: Option<u64>,
    last: Vec<Datum>,
}

impl Limit {
    pub(crate) fn new(
        outer: Box<dyn Node>,
        offset: Option<Compiled>,
        count: Option<Compiled>,
        with_ties: Option<SortColumns>,
    ) -> Self {
        Limit { outer, offset, count, with_ties, started: false, left: None, last: Vec::new() }
    }

    fn start(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<()> {
        self.started = true;
        let number = |expr: &Option<Compiled>| match expr {
            Some(expr) => Ok(expr.eval(&EvalRow::default(), rt)?.as_i64()),
            None => Ok(None),
        };
        let skip = number(&self.offset)?.unwrap_or(0);
        if skip < 0 {
            bail!(INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE, "OFFSET must not be negative");
        }
        let count = number(&self.count)?;
        if count.is_some_and(|count| count < 0) {
            bail!(INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "LIMIT must not be negative");
        }
        self.left = count.map(i64::unsigned_abs);
        if self.left == Some(0) {
            return Ok(());
        }
        for _ in 0..skip {
            rt.check()?;
            if !self.outer.next(rt, out)? {
                self.left = Some(0);
                break;
            }
        }
        Ok(())
    }
}

impl Node for Limit {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if !self.started {
            self.start(rt, out)?;
        }
        match &mut self.left {
            None => self.outer.next(rt, out),
            Some(0) => match &self.with_ties {
                Some(keys) if !self.last.is_empty() => {
                    let more = self.outer.next(rt, out)? && keys.compare(&self.last, out) == Ordering::Equal;
                    if !more {
                        self.last.clear();
                    }
                    Ok(more)
                }
                _ => Ok(false),
            },
            Some(left) => {
                *left -= 1;
                let more = self.outer.next(rt, out)?;
                if !more {
                    self.left = Some(0);
                } else if self.left == Some(0) && self.with_ties.is_some() {
                    self.last.clone_from(out);
                }
                Ok(more)
            }
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.started = false;
        self.left = None;
        self.last.clear();
        self.outer.rescan(rt)
    }

    fn scanned_row(&self) -> Option<(pglitedb_types::Oid, pglitedb_tables::RowId)> {
        self.outer.scanned_row()
    }
}
