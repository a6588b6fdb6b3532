//! Agg: plain, sorted, hashed, and several grouping sets at once.

use super::agg_call::{AggCall, AggValue};
use super::{GroupColumns, Projection};
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, compile, compile_all};
use crate::runtime::Runtime;
use hashbrown::HashTable;
use pglitedb_query_tree::{AggStrategy, Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Datum;

/// A group: a row that stands for it, and the states.
struct GroupState {
    row: Vec<Datum>,
    values: Vec<AggValue>,
    /// Grouping set it belongs to.
    set: usize,
}

struct Agg {
    outer: Box<dyn Node>,
    strategy: AggStrategy,
    keys: GroupColumns,
    /// For each grouping set, which keys it has, and the `target_ref`s of the others.
    sets: Vec<(Vec<bool>, Vec<u32>)>,
    calls: Vec<AggCall>,
    quals: Vec<Compiled>,
    projection: Projection,
    /// Finished groups, in order of output.
    groups: Vec<GroupState>,
    at: usize,
    built: bool,
    /// Sorted input: the first row of the next group.
    pending: Option<Vec<Datum>>,
    done: bool,
    results: Vec<Datum>,
    row: Vec<Datum>,
}

pub(crate) fn build(
    builder: &mut Builder<'_>,
    plan: &Plan,
    ctx: &mut CompileCtx<'_>,
) -> Result<Box<dyn Node>> {
    let PlanNode::Agg { outer, strategy, keys, grouping_sets, key_refs } = &plan.node else {
        return Err(Error::internal("not an aggregation"));
    };
    let outer = builder.plan(outer, ctx)?;
    let mut own = CompileCtx::new(ctx.catalog, ctx.env, ctx.registry);
    own.aggregates = Some(Vec::new());
    let projection = Projection::new(
        plan.targets.iter().map(|target| compile(&target.expr, &mut own)).collect::<Result<_>>()?,
    );
    let quals = compile_all(&plan.quals, &mut own)?;
    let mut calls = Vec::new();
    for aggref in own.aggregates.take().unwrap_or_default() {
        calls.push(AggCall::new(&aggref, ctx)?);
    }
    let sets = grouping_sets
        .iter()
        .map(|set| {
            let has: Vec<bool> = (0..keys.len()).map(|key| set.contains(&key)).collect();
            let missing = key_refs.iter().zip(&has).filter(|(_, has)| !**has).map(|(r, _)| *r).collect();
            (has, missing)
        })
        .collect();
    Ok(Box::new(Agg {
        outer,
        strategy: *strategy,
        keys: GroupColumns::new(keys, ctx)?,
        sets,
        calls,
        quals,
        projection,
        groups: Vec::new(),
        at: 0,
        built: false,
        pending: None,
        done: false,
        results: Vec::new(),
        row: Vec::new(),
    }))
}

impl Agg {
    fn start(&self) -> Vec<AggValue> {
        self.calls.iter().map(AggCall::start).collect()
    }

    /// Reads everything into groups.
    fn build_groups(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.built = true;
        match self.strategy {
            AggStrategy::Plain => self.build_plain(rt),
            AggStrategy::Mixed => self.build_sets(rt),
            _ => self.build_hashed(rt),
        }
    }

    fn build_plain(&mut self, rt: &Runtime<'_>) -> Result<()> {
        let mut values = self.start();
        let mut any = false;
        let mut count = 0_u32;
        while self.outer.next(rt, &mut self.row)? {
            count = count.wrapping_add(1);
            if count & 0xff == 0 {
                rt.check()?;
            }
            any = true;
            let row = EvalRow { outer: &self.row, ..EvalRow::default() };
            for (call, value) in self.calls.iter().zip(&mut values) {
                call.advance(value, &row, rt)?;
            }
        }
        // Without rows there are no columns to show either: the targets hold aggregates and constants only.
        let row = if any { self.row.clone() } else { vec![Datum::Null; 64] };
        self.groups.push(GroupState { row, values, set: 0 });
        Ok(())
    }

    fn build_hashed(&mut self, rt: &Runtime<'_>) -> Result<()> {
        let mut table: HashTable<usize> = HashTable::new();
        let mut count = 0_u32;
        while self.outer.next(rt, &mut self.row)? {
            count = count.wrapping_add(1);
            if count & 0xff == 0 {
                rt.check()?;
            }
            let hash = self.keys.hash(&self.row);
            let (keys, groups, row) = (&self.keys, &self.groups, &self.row);
            let at = match table.find(hash, |at| keys.same(&groups[*at].row, row)) {
                Some(at) => *at,
                None => {
                    let values = self.start();
                    self.groups.push(GroupState { row: self.row.clone(), values, set: 0 });
                    let (keys, groups) = (&self.keys, &self.groups);
                    table.insert_unique(hash, groups.len() - 1, |at| keys.hash(&groups[*at].row));
                    self.groups.len() - 1
                }
            };
            let row = EvalRow { outer: &self.row, ..EvalRow::default() };
            for (call, value) in self.calls.iter().zip(&mut self.groups[at].values) {
                call.advance(value, &row, rt)?;
            }
        }
        Ok(())
    }

    /// Every row belongs to one group of each set; columns outside of the set are NULL there.
    fn build_sets(&mut self, rt: &Runtime<'_>) -> Result<()> {
        let mut tables: Vec<HashTable<usize>> = self.sets.iter().map(|_| HashTable::new()).collect();
        let mut by_set: Vec<Vec<GroupState>> = self.sets.iter().map(|_| Vec::new()).collect();
        while self.outer.next(rt, &mut self.row)? {
            rt.check()?;
            for set in 0..self.sets.len() {
                let masked = self.masked(set, &self.row);
                let hash = self.keys.hash(&masked);
                let (keys, groups) = (&self.keys, &mut by_set[set]);
                let found = tables[set].find(hash, |at| keys.same(&groups[*at].row, &masked)).copied();
                let at = match found {
                    Some(at) => at,
                    None => {
                        let values = self.calls.iter().map(AggCall::start).collect();
                        groups.push(GroupState { row: masked, values, set });
                        let groups = &*groups;
                        tables[set].insert_unique(hash, groups.len() - 1, |at| keys.hash(&groups[*at].row));
                        by_set[set].len() - 1
                    }
                };
                let row = EvalRow { outer: &self.row, ..EvalRow::default() };
                for (call, value) in self.calls.iter().zip(&mut by_set[set][at].values) {
                    call.advance(value, &row, rt)?;
                }
            }
        }
        // The empty grouping set has a group even without rows.
        for (set, (has, _)) in self.sets.iter().enumerate() {
            if by_set[set].is_empty() && !has.contains(&true) {
                let width = self.keys.columns.iter().max().map_or(64, |max| max + 1).max(64);
                by_set[set].push(GroupState { row: vec![Datum::Null; width], values: self.start(), set });
            }
        }
        self.groups = by_set.into_iter().flatten().collect();
        Ok(())
    }

    fn masked(&self, set: usize, row: &[Datum]) -> Vec<Datum> {
        let mut masked = row.to_vec();
        for (column, has) in self.keys.columns.iter().zip(&self.sets[set].0) {
            // A column may be there twice, once inside the set: then it stays.
            let kept =
                self.keys.columns.iter().zip(&self.sets[set].0).any(|(other, has)| other == column && *has);
            if !has && !kept {
                masked[*column] = Datum::Null;
            }
        }
        masked
    }

    /// Sorted input: one group at a time.
    fn next_sorted(&mut self, rt: &Runtime<'_>) -> Result<Option<GroupState>> {
        if self.done {
            return Ok(None);
        }
        let first = match self.pending.take() {
            Some(first) => first,
            None => {
                if !self.outer.next(rt, &mut self.row)? {
                    self.done = true;
                    return Ok(None);
                }
                self.row.clone()
            }
        };
        let mut values = self.start();
        let mut current = first.clone();
        loop {
            rt.check()?;
            let row = EvalRow { outer: &current, ..EvalRow::default() };
            for (call, value) in self.calls.iter().zip(&mut values) {
                call.advance(value, &row, rt)?;
            }
            if !self.outer.next(rt, &mut current)? {
                self.done = true;
                break;
            }
            if !self.keys.same(&first, &current) {
                self.pending = Some(current);
                break;
            }
        }
        Ok(Some(GroupState { row: first, values, set: 0 }))
    }

    fn emit(&mut self, mut group: GroupState, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let no_refs: &[u32] = &[];
        let ungrouped = self.sets.get(group.set).map_or(no_refs, |(_, missing)| missing.as_slice());
        self.results.clear();
        for (call, value) in self.calls.iter().zip(&mut group.values) {
            let row = EvalRow { outer: &group.row, ungrouped, ..EvalRow::default() };
            self.results.push(call.finish(value, &row, rt)?);
        }
        let row = EvalRow { outer: &group.row, aggregates: &self.results, ungrouped, ..EvalRow::default() };
        if !all_true(&self.quals, &row, rt)? {
            return Ok(false);
        }
        self.projection.project(&row, rt, out)?;
        Ok(true)
    }
}

impl Node for Agg {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if self.strategy == AggStrategy::Sorted {
            while let Some(group) = self.next_sorted(rt)? {
                if self.emit(group, rt, out)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if !self.built {
            self.build_groups(rt)?;
        }
        while self.at < self.groups.len() {
            let empty = GroupState { row: Vec::new(), values: Vec::new(), set: 0 };
            let group = std::mem::replace(&mut self.groups[self.at], empty);
            self.at += 1;
            if self.emit(group, rt, out)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.groups.clear();
        self.at = 0;
        self.built = false;
        self.pending = None;
        self.done = false;
        self.outer.rescan(rt)
    }
}
