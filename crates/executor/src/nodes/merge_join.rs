//! MergeJoin: two inputs sorted by the join keys.

use super::join::JoinCore;
use super::{SortColumn, SortColumns};
use crate::build::{Builder, comparator};
use crate::executor::Node;
use crate::expr::CompileCtx;
use crate::runtime::Runtime;
use pglitedb_query_tree::{JoinType, Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;
use std::cmp::Ordering;

struct MergeJoin {
    core: JoinCore,
    outer: Box<dyn Node>,
    inner: Box<dyn Node>,
    outer_keys: SortColumns,
    inner_columns: Vec<usize>,
    row: Vec<Datum>,
    has_outer: bool,
    outer_done: bool,
    started: bool,
    matched: bool,
    /// Inner rows with the current key, and whether each has found a match.
    group: Vec<(Vec<Datum>, bool)>,
    at: usize,
    /// The first inner row after the group.
    ahead: Option<Vec<Datum>>,
    inner_done: bool,
    /// Inner rows to give with a missing outer side.
    unmatched_inner: Vec<Vec<Datum>>,
}

pub(crate) fn build(
    builder: &mut Builder<'_>,
    plan: &Plan,
    ctx: &mut CompileCtx<'_>,
) -> Result<Box<dyn Node>> {
    let PlanNode::MergeJoin { join, outer, inner, keys, join_quals, inner_unique } = &plan.node else {
        return Err(Error::internal("not a merge join"));
    };
    let widths = (outer.targets.len(), inner.targets.len());
    let core = JoinCore::new(builder, plan, *join, join_quals, *inner_unique, widths, ctx)?;
    let columns = keys.iter().map(|key| {
        Ok(SortColumn {
            column: key.outer.saturating_sub(1),
            comparator: comparator(key.type_oid, key.collation, ctx)?,
            descending: key.descending,
            nulls_first: key.nulls_first,
        })
    });
    Ok(Box::new(MergeJoin {
        core,
        outer_keys: SortColumns(columns.collect::<Result<_>>()?),
        inner_columns: keys.iter().map(|key| key.inner.saturating_sub(1)).collect(),
        outer: builder.plan(outer, ctx)?,
        inner: builder.plan(inner, ctx)?,
        row: Vec::new(),
        has_outer: false,
        outer_done: false,
        started: false,
        matched: false,
        group: Vec::new(),
        at: 0,
        ahead: None,
        inner_done: false,
        unmatched_inner: Vec::new(),
    }))
}

impl MergeJoin {
    fn compare(&self, outer: &[Datum], inner: &[Datum]) -> Ordering {
        for (key, column) in self.outer_keys.0.iter().zip(&self.inner_columns) {
            let order = key.compare(
                outer.get(key.column).unwrap_or(&Datum::Null),
                inner.get(*column).unwrap_or(&Datum::Null),
            );
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }

    fn inner_same(&self, a: &[Datum], b: &[Datum]) -> bool {
        self.outer_keys.0.iter().zip(&self.inner_columns).all(|(key, column)| {
            let (a, b) = (a.get(*column).unwrap_or(&Datum::Null), b.get(*column).unwrap_or(&Datum::Null));
            key.compare(a, b) == Ordering::Equal
        })
    }

    fn has_null(&self, outer: &[Datum]) -> bool {
        self.outer_keys.0.iter().any(|key| outer.get(key.column).is_none_or(Datum::is_null))
    }

    fn read_ahead(&mut self, rt: &Runtime<'_>) -> Result<()> {
        let mut row = Vec::new();
        if !self.inner_done && self.inner.next(rt, &mut row)? {
            self.ahead = Some(row);
        } else {
            self.inner_done = true;
            self.ahead = None;
        }
        Ok(())
    }

    fn retire_group(&mut self) {
        if self.core.join == JoinType::Full {
            let rows = self.group.drain(..).filter(|(_, matched)| !matched).map(|(row, _)| row);
            self.unmatched_inner.extend(rows);
        }
        self.group.clear();
    }

    /// Collects the inner rows whose key equals the current outer row's; those before it are passed.
    fn position(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.at = 0;
        if let Some((first, _)) = self.group.first()
            && self.compare(&self.row, first) == Ordering::Equal
        {
            return Ok(());
        }
        self.retire_group();
        while let Some(ahead) = &self.ahead {
            rt.check()?;
            match self.compare(&self.row, ahead) {
                Ordering::Less => return Ok(()),
                Ordering::Greater => {
                    let passed = self.ahead.take();
                    if self.core.join == JoinType::Full {
                        self.unmatched_inner.extend(passed);
                    }
                    self.read_ahead(rt)?;
                }
                Ordering::Equal => {
                    if let Some(first) = self.ahead.take() {
                        self.group.push((first, false));
                    }
                    self.read_ahead(rt)?;
                    while let (Some(next), Some((first, _))) = (&self.ahead, self.group.first()) {
                        if !self.inner_same(first, next) {
                            break;
                        }
                        if let Some(next) = self.ahead.take() {
                            self.group.push((next, false));
                        }
                        self.read_ahead(rt)?;
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn drain_inner(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.retire_group();
        if self.core.join == JoinType::Full {
            if let Some(ahead) = self.ahead.take() {
                self.unmatched_inner.push(ahead);
                self.read_ahead(rt)?;
            }
        } else {
            self.ahead = None;
        }
        Ok(())
    }
}

impl Node for MergeJoin {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if !self.started {
            self.started = true;
            self.read_ahead(rt)?;
        }
        loop {
            rt.check()?;
            if let Some(inner) = self.unmatched_inner.pop() {
                if self.core.emit(self.core.outer_nulls(), &inner, rt, out)? {
                    return Ok(true);
                }
                continue;
            }
            if !self.has_outer {
                if self.outer_done || !self.outer.next(rt, &mut self.row)? {
                    self.outer_done = true;
                    self.drain_inner(rt)?;
                    if self.unmatched_inner.is_empty() {
                        return Ok(false);
                    }
                    continue;
                }
                self.has_outer = true;
                self.matched = false;
                if self.has_null(&self.row) {
                    self.at = self.group.len();
                } else {
                    self.position(rt)?;
                    if !self.unmatched_inner.is_empty() {
                        continue;
                    }
                }
            }
            let is_match = !self.has_null(&self.row)
                && self
                    .group
                    .first()
                    .is_some_and(|(first, _)| self.compare(&self.row, first) == Ordering::Equal);
            while is_match && self.at < self.group.len() {
                let at = self.at;
                self.at += 1;
                if !self.core.matches(&self.row, &self.group[at].0, rt)? {
                    continue;
                }
                self.matched = true;
                self.group[at].1 = true;
                match self.core.join {
                    JoinType::Anti => self.at = self.group.len(),
                    JoinType::Semi => {
                        self.at = self.group.len();
                        self.has_outer = false;
                        if self.core.emit(&self.row, self.core.inner_nulls(), rt, out)? {
                            return Ok(true);
                        }
                    }
                    _ => {
                        if self.core.emit(&self.row, &self.group[at].0, rt, out)? {
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
        self.outer_done = false;
        self.started = false;
        self.group.clear();
        self.ahead = None;
        self.inner_done = false;
        self.unmatched_inner.clear();
        self.outer.rescan(rt)?;
        self.inner.rescan(rt)
    }
}
