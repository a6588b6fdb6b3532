//! Sort.

use super::SortColumns;
use crate::executor::Node;
use crate::row_sort::sort_rows;
use crate::runtime::Runtime;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct Sort {
    outer: Box<dyn Node>,
    keys: SortColumns,
    dependent: bool,
    rows: Option<Vec<Vec<Datum>>>,
    at: usize,
}

impl Sort {
    pub(crate) fn new(outer: Box<dyn Node>, keys: SortColumns, dependent: bool) -> Self {
        Sort { outer, keys, dependent, rows: None, at: 0 }
    }
}

impl Node for Sort {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let rows = match &mut self.rows {
            Some(rows) => rows,
            None => {
                let mut rows = Vec::new();
                let mut row = Vec::new();
                while self.outer.next(rt, &mut row)? {
                    rt.check()?;
                    let width = row.len();
                    rows.push(std::mem::replace(&mut row, Vec::with_capacity(width)));
                }
                let keys = &self.keys;
                sort_rows(&mut rows, |a, b| keys.compare(a, b));
                rt.check()?;
                self.rows.insert(rows)
            }
        };
        match rows.get_mut(self.at) {
            Some(row) => {
                self.at += 1;
                out.clone_from(row);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.at = 0;
        if self.dependent || rt.is_restart() {
            self.rows = None;
            self.outer.rescan(rt)?;
        }
        Ok(())
    }
}
