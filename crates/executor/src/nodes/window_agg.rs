//! WindowAgg: window functions over the partitions of sorted input. A partition is kept in memory.

use super::agg_call::{AggCall, AggValue};
use super::{GroupColumns, Projection, SortColumns};
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, compile, compile_all, scalar_function};
use crate::runtime::Runtime;
use pglitedb_functions::{CallInfo, FnCtx, registry::ScalarFn};
use pglitedb_query_tree::{FrameBound, FrameExclusion, FrameMode, Plan, PlanNode, WindowFunc};
use pglitedb_sqlstate::{Error, Result, bail};
use pglitedb_types::{Datum, oids};
use std::cmp::Ordering;

/// Built-in window functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Builtin {
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile,
    Lag,
    Lead,
    FirstValue,
    LastValue,
    NthValue,
}

enum Call {
    Builtin(Builtin, Vec<Compiled>, Option<Compiled>),
    Aggregate(Box<AggCall>),
}

enum Bound {
    Unbounded,
    CurrentRow,
    Preceding(Compiled),
    Following(Compiled),
}

/// `in_range` support of a RANGE frame with offset.
struct InRange {
    func: ScalarFn,
    info: CallInfo,
}

struct WindowAgg {
    outer: Box<dyn Node>,
    partition: GroupColumns,
    order: SortColumns,
    mode: FrameMode,
    start: Bound,
    end: Bound,
    exclusion: FrameExclusion,
    start_in_range: Option<InRange>,
    end_in_range: Option<InRange>,
    calls: Vec<Call>,
    projection: Projection,
    quals: Vec<Compiled>,
    rows: Vec<Vec<Datum>>,
    /// Number of the peer group of each row, and where each group begins.
    peers: Vec<usize>,
    group_starts: Vec<usize>,
    /// Values of the calls for each row of the partition.
    results: Vec<Vec<Datum>>,
    at: usize,
    pending: Option<Vec<Datum>>,
    done: bool,
}

fn builtin(source: &str) -> Option<Builtin> {
    Some(match source {
        "window_row_number" => Builtin::RowNumber,
        "window_rank" => Builtin::Rank,
        "window_dense_rank" => Builtin::DenseRank,
        "window_percent_rank" => Builtin::PercentRank,
        "window_cume_dist" => Builtin::CumeDist,
        "window_ntile" => Builtin::Ntile,
        "window_lag" | "window_lag_with_offset" | "window_lag_with_offset_and_default" => Builtin::Lag,
        "window_lead" | "window_lead_with_offset" | "window_lead_with_offset_and_default" => Builtin::Lead,
        "window_first_value" => Builtin::FirstValue,
        "window_last_value" => Builtin::LastValue,
        "window_nth_value" => Builtin::NthValue,
        _ => return None,
    })
}

fn compile_call(call: &WindowFunc, ctx: &mut CompileCtx<'_>) -> Result<Call> {
    if call.is_aggregate {
        return Ok(Call::Aggregate(Box::new(AggCall::of_window(call, ctx)?)));
    }
    let proc = ctx.catalog.proc(call.func)?.ok_or_else(|| Error::internal("window function is gone"))?;
    let kind = builtin(&proc.source)
        .ok_or_else(|| Error::unsupported(format!("window function {} is not supported yet", proc.name)))?;
    let filter = call.filter.as_ref().map(|filter| compile(filter, ctx)).transpose()?;
    Ok(Call::Builtin(kind, compile_all(&call.args, ctx)?, filter))
}

pub(crate) fn build(
    builder: &mut Builder<'_>,
    plan: &Plan,
    ctx: &mut CompileCtx<'_>,
) -> Result<Box<dyn Node>> {
    let PlanNode::WindowAgg { outer, window } = &plan.node else {
        return Err(Error::internal("not a WindowAgg"));
    };
    let child = builder.plan(outer, ctx)?;
    let mut own = CompileCtx::new(ctx.catalog, ctx.env, ctx.registry);
    own.windows = Some(Vec::new());
    let projection = Projection::new(
        plan.targets.iter().map(|target| compile(&target.expr, &mut own)).collect::<Result<_>>()?,
    );
    let quals = compile_all(&plan.quals, &mut own)?;
    let mut calls = Vec::new();
    for call in own.windows.take().unwrap_or_default() {
        calls.push(compile_call(&call, ctx)?);
    }
    let bound = |bound: &FrameBound, ctx: &mut CompileCtx<'_>| {
        Ok::<_, Error>(match bound {
            FrameBound::UnboundedPreceding | FrameBound::UnboundedFollowing => Bound::Unbounded,
            FrameBound::CurrentRow => Bound::CurrentRow,
            FrameBound::Preceding(expr) => Bound::Preceding(compile(expr, ctx)?),
            FrameBound::Following(expr) => Bound::Following(compile(expr, ctx)?),
        })
    };
    let in_range = |oid: u32, ctx: &mut CompileCtx<'_>| {
        if oid == 0 {
            return Ok::<_, Error>(None);
        }
        let (func, _) = scalar_function(oid, ctx)?;
        let info = CallInfo { function: oid, result_type: oids::BOOL, ..CallInfo::default() };
        Ok(Some(InRange { func, info }))
    };
    Ok(Box::new(WindowAgg {
        outer: child,
        partition: GroupColumns::new(&window.partition_by, ctx)?,
        order: SortColumns::new(&window.order_by, ctx)?,
        mode: window.mode,
        start: bound(&window.start, ctx)?,
        end: bound(&window.end, ctx)?,
        exclusion: window.exclusion,
        start_in_range: in_range(window.start_in_range, ctx)?,
        end_in_range: in_range(window.end_in_range, ctx)?,
        calls,
        projection,
        quals,
        rows: Vec::new(),
        peers: Vec::new(),
        group_starts: Vec::new(),
        results: Vec::new(),
        at: 0,
        pending: None,
        done: false,
    }))
}

/// Offsets of a frame, evaluated once per partition.
struct Offsets {
    start: Datum,
    end: Datum,
}

impl WindowAgg {
    /// Reads the next partition; false at the end.
    fn read_partition(&mut self, rt: &Runtime<'_>) -> Result<bool> {
        self.rows.clear();
        self.at = 0;
        let mut row = match self.pending.take() {
            Some(row) => row,
            None => {
                let mut row = Vec::new();
                if self.done || !self.outer.next(rt, &mut row)? {
                    self.done = true;
                    return Ok(false);
                }
                row
            }
        };
        loop {
            rt.check()?;
            let width = row.len();
            self.rows.push(std::mem::replace(&mut row, Vec::with_capacity(width)));
            if !self.outer.next(rt, &mut row)? {
                self.done = true;
                break;
            }
            if !self.partition.same(&self.rows[0], &row) {
                self.pending = Some(row);
                break;
            }
        }
        self.peers.clear();
        self.group_starts.clear();
        for at in 0..self.rows.len() {
            let new = at == 0 || self.order.compare(&self.rows[at - 1], &self.rows[at]) != Ordering::Equal;
            if new {
                self.group_starts.push(at);
            }
            self.peers.push(self.group_starts.len() - 1);
        }
        self.compute(rt)?;
        Ok(true)
    }

    fn compute(&mut self, rt: &Runtime<'_>) -> Result<()> {
        let count = self.rows.len();
        let offsets = self.offsets(rt)?;
        let mut results: Vec<Vec<Datum>> = vec![Vec::with_capacity(self.calls.len()); count];
        for call in &self.calls {
            match call {
                Call::Builtin(kind, args, filter) => {
                    for (at, slot) in results.iter_mut().enumerate() {
                        rt.check()?;
                        let value = self.builtin(*kind, args, filter.as_ref(), at, &offsets, rt)?;
                        slot.push(value);
                    }
                }
                Call::Aggregate(call) => self.aggregate(call, &offsets, &mut results, rt)?,
            }
        }
        self.results = results;
        Ok(())
    }

    fn offsets(&self, rt: &Runtime<'_>) -> Result<Offsets> {
        let row = EvalRow { outer: self.rows.first().map_or(&[], Vec::as_slice), ..EvalRow::default() };
        let value = |bound: &Bound, which: &str| -> Result<Datum> {
            let (Bound::Preceding(expr) | Bound::Following(expr)) = bound else { return Ok(Datum::Null) };
            let value = expr.eval(&row, rt)?;
            if value.is_null() {
                bail!(NULL_VALUE_NOT_ALLOWED, "frame {which} offset must not be null");
            }
            if self.mode != FrameMode::Range && value.as_i64().is_some_and(|value| value < 0) {
                bail!(INVALID_PRECEDING_OR_FOLLOWING_SIZE, "frame {which} offset must not be negative");
            }
            Ok(value)
        };
        Ok(Offsets { start: value(&self.start, "starting")?, end: value(&self.end, "ending")? })
    }

    fn group_end(&self, group: usize) -> usize {
        self.group_starts.get(group + 1).copied().unwrap_or(self.rows.len())
    }

    /// First row (or, for `is_end`, the row after the last) of the frame of row `at` by one of its bounds.
    fn bound(
        &self,
        bound: &Bound,
        is_end: bool,
        offset: &Datum,
        at: usize,
        rt: &Runtime<'_>,
    ) -> Result<usize> {
        let count = self.rows.len();
        let (preceding, current) = match bound {
            Bound::Unbounded => return Ok(if is_end { count } else { 0 }),
            Bound::CurrentRow => (true, true),
            Bound::Preceding(_) => (true, false),
            Bound::Following(_) => (false, false),
        };
        let distance = usize::try_from(offset.as_i64().unwrap_or(0)).unwrap_or(usize::MAX);
        Ok(match (self.mode, current) {
            (FrameMode::Rows, true) => at + usize::from(is_end),
            (_, true) => {
                let group = self.peers[at];
                if is_end { self.group_end(group) } else { self.group_starts[group] }
            }
            (FrameMode::Rows, false) => {
                let place = if preceding { at.checked_sub(distance) } else { at.checked_add(distance) };
                match place {
                    Some(place) => (place + usize::from(is_end)).min(count),
                    None if preceding => 0,
                    None => count,
                }
            }
            (FrameMode::Groups, false) => {
                let group = self.peers[at];
                let place = if preceding { group.checked_sub(distance) } else { group.checked_add(distance) };
                match place {
                    None if preceding => 0,
                    Some(place) if place < self.group_starts.len() => {
                        if is_end {
                            self.group_end(place)
                        } else {
                            self.group_starts[place]
                        }
                    }
                    _ => count,
                }
            }
            (FrameMode::Range, false) => self.range_bound(is_end, preceding, offset, at, rt)?,
        })
    }

    /// RANGE with an offset: compares with `in_range`, which knows how to add the offset to the ordering column.
    fn range_bound(
        &self,
        is_end: bool,
        preceding: bool,
        offset: &Datum,
        at: usize,
        rt: &Runtime<'_>,
    ) -> Result<usize> {
        let support = if is_end { &self.end_in_range } else { &self.start_in_range };
        let (Some(support), Some(key)) = (support, self.order.0.first()) else {
            return Err(Error::unsupported("RANGE with offset is not supported for this type"));
        };
        let base = self.rows[at].get(key.column).cloned().unwrap_or_default();
        if base.is_null() {
            // NULLs are peers of one another and of nothing else.
            let group = self.peers[at];
            return Ok(if is_end { self.group_end(group) } else { self.group_starts[group] });
        }
        // In descending order "preceding" means greater values.
        let subtract = preceding != key.descending;
        let less = is_end != key.descending;
        let ctx = FnCtx { env: rt.env, info: &support.info };
        let count = self.rows.len();
        let inside = |row: usize| -> Result<Option<bool>> {
            let value = self.rows[row].get(key.column).cloned().unwrap_or_default();
            if value.is_null() {
                return Ok(None);
            }
            let args = [value, base.clone(), offset.clone(), Datum::Bool(subtract), Datum::Bool(less)];
            Ok((support.func)(&ctx, &args)?.as_bool())
        };
        if is_end {
            for row in (0..count).rev() {
                if inside(row)? == Some(true) {
                    return Ok(row + 1);
                }
            }
            Ok(0)
        } else {
            for row in 0..count {
                if inside(row)? == Some(true) {
                    return Ok(row);
                }
            }
            Ok(count)
        }
    }

    /// The frame of a row, before exclusion.
    fn frame(&self, at: usize, offsets: &Offsets, rt: &Runtime<'_>) -> Result<(usize, usize)> {
        let start = self.bound(&self.start, false, &offsets.start, at, rt)?;
        let end = self.bound(&self.end, true, &offsets.end, at, rt)?;
        Ok((start, end.max(start)))
    }

    fn excluded(&self, row: usize, at: usize) -> bool {
        match self.exclusion {
            FrameExclusion::NoOthers => false,
            FrameExclusion::CurrentRow => row == at,
            FrameExclusion::Group => self.peers[row] == self.peers[at],
            FrameExclusion::Ties => row != at && self.peers[row] == self.peers[at],
        }
    }

    /// Rows of the frame in order.
    fn frame_rows(&self, at: usize, offsets: &Offsets, rt: &Runtime<'_>) -> Result<Vec<usize>> {
        let (start, end) = self.frame(at, offsets, rt)?;
        Ok((start..end).filter(|row| !self.excluded(*row, at)).collect())
    }

    fn aggregate(
        &self,
        call: &AggCall,
        offsets: &Offsets,
        results: &mut [Vec<Datum>],
        rt: &Runtime<'_>,
    ) -> Result<()> {
        let growing = matches!(self.start, Bound::Unbounded) && self.exclusion == FrameExclusion::NoOthers;
        let mut state: AggValue = call.start();
        let (mut fed, mut last): (usize, Option<Datum>) = (0, None);
        for (at, slot) in results.iter_mut().enumerate() {
            rt.check()?;
            if growing {
                // The frame only ever grows: feed what is new.
                let (_, end) = self.frame(at, offsets, rt)?;
                if end > fed || last.is_none() {
                    for row in &self.rows[fed..end.max(fed)] {
                        call.advance(&mut state, &EvalRow { outer: row, ..EvalRow::default() }, rt)?;
                    }
                    fed = fed.max(end);
                    let row = EvalRow { outer: &self.rows[at], ..EvalRow::default() };
                    last = Some(call.finish(&mut state, &row, rt)?);
                }
                slot.push(last.clone().unwrap_or_default());
                continue;
            }
            let mut state = call.start();
            for row in self.frame_rows(at, offsets, rt)? {
                call.advance(&mut state, &EvalRow { outer: &self.rows[row], ..EvalRow::default() }, rt)?;
            }
            slot.push(call.finish(
                &mut state,
                &EvalRow { outer: &self.rows[at], ..EvalRow::default() },
                rt,
            )?);
        }
        Ok(())
    }

    fn arg(&self, args: &[Compiled], nth: usize, row: usize, rt: &Runtime<'_>) -> Result<Datum> {
        match args.get(nth) {
            Some(expr) => expr.eval(&EvalRow { outer: &self.rows[row], ..EvalRow::default() }, rt),
            None => Ok(Datum::Null),
        }
    }

    fn builtin(
        &self,
        kind: Builtin,
        args: &[Compiled],
        filter: Option<&Compiled>,
        at: usize,
        offsets: &Offsets,
        rt: &Runtime<'_>,
    ) -> Result<Datum> {
        if filter.is_some() {
            return Err(Error::unsupported("FILTER is not implemented for non-aggregate window functions"));
        }
        let count = self.rows.len();
        let group = self.peers[at];
        let int8 = |value: usize| Datum::Int8(i64::try_from(value).unwrap_or(i64::MAX));
        Ok(match kind {
            Builtin::RowNumber => int8(at + 1),
            Builtin::Rank => int8(self.group_starts[group] + 1),
            Builtin::DenseRank => int8(group + 1),
            Builtin::PercentRank if count <= 1 => Datum::Float8(0.0),
            Builtin::PercentRank => Datum::Float8(self.group_starts[group] as f64 / (count - 1) as f64),
            Builtin::CumeDist => Datum::Float8(self.group_end(group) as f64 / count as f64),
            Builtin::Ntile => {
                let Some(buckets) = self.arg(args, 0, 0, rt)?.as_i64() else { return Ok(Datum::Null) };
                if buckets <= 0 {
                    bail!(INVALID_ARGUMENT_FOR_NTILE, "argument of ntile must be greater than zero");
                }
                let buckets = usize::try_from(buckets).unwrap_or(usize::MAX);
                let (size, larger) = (count / buckets, count % buckets);
                let in_larger = larger * (size + 1);
                let bucket =
                    if at < in_larger { at / (size + 1) } else { larger + (at - in_larger) / size.max(1) };
                Datum::Int4(i32::try_from(bucket + 1).unwrap_or(i32::MAX))
            }
            Builtin::Lag | Builtin::Lead => {
                let offset = if args.len() > 1 {
                    match self.arg(args, 1, at, rt)?.as_i64() {
                        Some(offset) => offset,
                        None => return Ok(Datum::Null),
                    }
                } else {
                    1
                };
                let here = i64::try_from(at).unwrap_or(i64::MAX);
                let place =
                    if kind == Builtin::Lag { here.checked_sub(offset) } else { here.checked_add(offset) };
                match place.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < count) {
                    Some(place) => self.arg(args, 0, place, rt)?,
                    None => self.arg(args, 2, at, rt)?,
                }
            }
            Builtin::FirstValue => match self.frame_rows(at, offsets, rt)?.first() {
                Some(row) => self.arg(args, 0, *row, rt)?,
                None => Datum::Null,
            },
            Builtin::LastValue => match self.frame_rows(at, offsets, rt)?.last() {
                Some(row) => self.arg(args, 0, *row, rt)?,
                None => Datum::Null,
            },
            Builtin::NthValue => {
                let Some(nth) = self.arg(args, 1, at, rt)?.as_i64() else { return Ok(Datum::Null) };
                if nth <= 0 {
                    bail!(INVALID_ARGUMENT_FOR_NTH_VALUE, "argument of nth_value must be greater than zero");
                }
                let rows = self.frame_rows(at, offsets, rt)?;
                match usize::try_from(nth - 1).ok().and_then(|nth| rows.get(nth)) {
                    Some(row) => self.arg(args, 0, *row, rt)?,
                    None => Datum::Null,
                }
            }
        })
    }
}

impl Node for WindowAgg {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        loop {
            while self.at < self.rows.len() {
                let at = self.at;
                self.at += 1;
                let row =
                    EvalRow { outer: &self.rows[at], aggregates: &self.results[at], ..EvalRow::default() };
                if all_true(&self.quals, &row, rt)? {
                    self.projection.project(&row, rt, out)?;
                    return Ok(true);
                }
            }
            if !self.read_partition(rt)? {
                return Ok(false);
            }
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.rows.clear();
        self.at = 0;
        self.pending = None;
        self.done = false;
        self.outer.rescan(rt)
    }
}
