//! SetOp: INTERSECT and EXCEPT by counting in a hash table.

use super::GroupColumns;
use crate::executor::Node;
use crate::runtime::Runtime;
use hashbrown::HashTable;
use pglitedb_query_tree::SetOpKind;
use pglitedb_sqlstate::Result;
use pglitedb_types::Datum;

pub(crate) struct SetOpNode {
    kind: SetOpKind,
    all: bool,
    outer: Box<dyn Node>,
    inner: Box<dyn Node>,
    keys: GroupColumns,
    /// Distinct rows of the left side in order of appearance, with the counts of both sides.
    groups: Option<Vec<(Vec<Datum>, u64, u64)>>,
    at: usize,
    /// Copies of the current row still to give.
    left: u64,
}

impl SetOpNode {
    pub(crate) fn new(
        kind: SetOpKind,
        all: bool,
        outer: Box<dyn Node>,
        inner: Box<dyn Node>,
        keys: GroupColumns,
    ) -> Self {
        SetOpNode { kind, all, outer, inner, keys, groups: None, at: 0, left: 0 }
    }

    fn build(&mut self, rt: &Runtime<'_>) -> Result<Vec<(Vec<Datum>, u64, u64)>> {
        let keys = &self.keys;
        let mut groups: Vec<(Vec<Datum>, u64, u64)> = Vec::new();
        let mut table: HashTable<usize> = HashTable::new();
        let mut row = Vec::new();
        while self.outer.next(rt, &mut row)? {
            rt.check()?;
            let hash = keys.hash(&row);
            match table.find(hash, |at| keys.same(&groups[*at].0, &row)) {
                Some(at) => groups[*at].1 += 1,
                None => {
                    groups.push((row.clone(), 1, 0));
                    table.insert_unique(hash, groups.len() - 1, |at| keys.hash(&groups[*at].0));
                }
            }
        }
        while self.inner.next(rt, &mut row)? {
            rt.check()?;
            let hash = keys.hash(&row);
            if let Some(at) = table.find(hash, |at| keys.same(&groups[*at].0, &row)) {
                groups[*at].2 += 1;
            }
        }
        Ok(groups)
    }

    fn copies(&self, left: u64, right: u64) -> u64 {
        match (self.kind, self.all) {
            (SetOpKind::Intersect, true) => left.min(right),
            (SetOpKind::Intersect, false) => u64::from(right > 0),
            (_, true) => left.saturating_sub(right),
            (_, false) => u64::from(right == 0),
        }
    }
}

impl Node for SetOpNode {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if self.groups.is_none() {
            self.groups = Some(self.build(rt)?);
        }
        loop {
            let Some((row, left, right)) = self.groups.as_ref().and_then(|groups| groups.get(self.at)) else {
                return Ok(false);
            };
            if self.left > 0 {
                self.left -= 1;
                out.clone_from(row);
                if self.left == 0 {
                    self.at += 1;
                }
                return Ok(true);
            }
            self.left = self.copies(*left, *right);
            if self.left == 0 {
                self.at += 1;
            }
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.groups = None;
        self.at = 0;
        self.left = 0;
        self.outer.rescan(rt)?;
        self.inner.rescan(rt)
    }
}
