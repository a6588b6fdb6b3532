//! IndexScan: rows in the order of an index, within bounds.

use super::{Projection, recheck, scan_columns};
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, compile, compile_all};
use crate::runtime::Runtime;
use pglitedb_catalog::{IndexInfo, Relation};
use pglitedb_query_tree::{IndexCondKind, Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_storage::Direction;
use pglitedb_tables::{IndexAccess, IndexBounds, IndexScan, RowId, TableAccess};
use pglitedb_types::{Datum, oids};
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::sync::Arc;

/// A compiled condition on one key column.
enum Cond {
    Compare(i16, Compiled),
    EqAny(Compiled),
    IsNull,
    IsNotNull,
    Row(i16, Vec<Compiled>),
}

/// A range to scan.
struct Range {
    equal: SmallVec<[Datum; 4]>,
    lower: Option<(Datum, bool)>,
    upper: Option<(Datum, bool)>,
    not_null: bool,
}

pub(crate) struct IndexScanNode {
    rte: usize,
    relation: Arc<Relation>,
    index: Arc<IndexInfo>,
    conds: Vec<(usize, Cond)>,
    /// The conditions as expressions on the tuple, checked where bounds are not exact and when a row is checked again.
    displays: Vec<Compiled>,
    backward: bool,
    /// Read the entries only, not the rows.
    index_only: bool,
    /// Places in the row of the leading key columns, if the entries are enough.
    places: Option<Vec<usize>>,
    wanted: Vec<usize>,
    quals: Vec<Compiled>,
    projection: Projection,
    table: Option<Arc<TableAccess>>,
    ranges: Vec<Range>,
    at: usize,
    scan: Option<IndexScan>,
    started: bool,
    done: bool,
    lossy: bool,
    row: Vec<Datum>,
    /// Identity of the row returned last.
    current: Option<RowId>,
    /// Descents into the index, and the plan node, for EXPLAIN ANALYZE.
    searches: u64,
    node: usize,
}

impl IndexScanNode {
    pub(crate) fn new(builder: &Builder<'_>, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Self> {
        let (rte, relation, index, conds, backward, index_only) = match &plan.node {
            PlanNode::IndexScan { rte, relation, index, conds, backward, index_only } => {
                (*rte, relation, index, conds, *backward, *index_only)
            }
            PlanNode::BitmapIndexScan { relation, index, conds } => (0, relation, index, conds, false, false),
            _ => return Err(Error::internal("not an index scan")),
        };
        let mut compiled = Vec::with_capacity(conds.len());
        let mut displays = Vec::with_capacity(conds.len());
        let mut lossy = false;
        for cond in conds {
            let kind = match &cond.kind {
                IndexCondKind::Compare { strategy, value } => Cond::Compare(*strategy, compile(value, ctx)?),
                IndexCondKind::EqAny(array) => Cond::EqAny(compile(array, ctx)?),
                IndexCondKind::IsNull => Cond::IsNull,
                IndexCondKind::IsNotNull => Cond::IsNotNull,
                IndexCondKind::RowCompare { strategy, values } => {
                    lossy = true;
                    Cond::Row(*strategy, compile_all(values, ctx)?)
                }
            };
            compiled.push((cond.key, kind));
            displays.push(compile(&cond.display, ctx)?);
        }
        let all = compiled.len();
        let compiled = bounds_of(compiled);
        // Conditions that set no bound are checked on the rows.
        lossy |= compiled.len() < all;
        let width = relation.columns.len();
        Ok(IndexScanNode {
            rte,
            relation: relation.clone(),
            index: index.clone(),
            conds: compiled,
            displays,
            backward,
            index_only,
            places: None,
            wanted: scan_columns(plan, width),
            quals: builder.quals(plan, ctx)?,
            projection: builder.projection(plan, ctx)?,
            table: None,
            ranges: Vec::new(),
            at: 0,
            scan: None,
            started: false,
            done: false,
            lossy,
            row: vec![Datum::Null; width],
            current: None,
            searches: 0,
            node: crate::instrument::key(plan),
        })
    }

    fn open(&mut self, rt: &Runtime<'_>) -> Result<Arc<TableAccess>> {
        if let Some(table) = &self.table {
            return Ok(table.clone());
        }
        let table = rt.space.open(&self.relation, rt.catalog)?;
        if self.index_only {
            self.places = table.index(self.index.oid).and_then(|index| index.covers(&self.wanted));
        }
        Ok(self.table.insert(table).clone())
    }

    /// The row of a range that names one entry.
    fn point(
        &mut self,
        table: &Arc<TableAccess>,
        index: &IndexAccess,
        rt: &Runtime<'_>,
    ) -> Result<Option<RowId>> {
        let Some(range) = self.ranges.get(self.at) else { return Ok(None) };
        self.at += 1;
        self.searches += 1;
        if let Some(places) = &self.places {
            let Some(id) = index.get(table, rt.txn, rt.snapshot, &range.equal)? else { return Ok(None) };
            // The entry holds what was looked for.
            for (value, place) in range.equal.iter().zip(places) {
                if let Some(slot) = self.row.get_mut(*place) {
                    slot.clone_from(value);
                }
            }
            return Ok(Some(id));
        }
        index.fetch(table, rt.txn, rt.snapshot, &range.equal, (&self.wanted, &mut self.row))
    }

    /// Do the bounds not say all of the conditions?
    pub(crate) fn is_lossy(&self) -> bool {
        self.lossy
    }

    /// The next row's id, whatever the filter says.
    pub(crate) fn next_id(&mut self, rt: &Runtime<'_>) -> Result<Option<RowId>> {
        if !self.started {
            self.start(rt)?;
        }
        let table = self.open(rt)?;
        loop {
            if let Some(scan) = &mut self.scan {
                if let Some(id) = scan.next_id()? {
                    return Ok(Some(id));
                }
                self.scan = None;
                self.at += 1;
            }
            if !self.open_range(&table, rt)? {
                return Ok(None);
            }
        }
    }

    /// Starts the scan of the current range; false if there is none left.
    fn open_range(&mut self, table: &Arc<TableAccess>, rt: &Runtime<'_>) -> Result<bool> {
        let Some(range) = self.ranges.get(self.at) else { return Ok(false) };
        self.searches += 1;
        let index = open_index(table, &self.index)?;
        let bounds = IndexBounds {
            equal: &range.equal,
            lower: range.lower.as_ref().map(|(value, inclusive)| (value, *inclusive)),
            upper: range.upper.as_ref().map(|(value, inclusive)| (value, *inclusive)),
            not_null: range.not_null,
        };
        let direction = if self.backward { Direction::Backward } else { Direction::Forward };
        self.scan = Some(index.scan(table, rt.txn, rt.snapshot, &bounds, direction)?);
        Ok(true)
    }

    /// Evaluates the conditions into ranges.
    fn start(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.started = true;
        self.at = 0;
        self.scan = None;
        self.ranges.clear();
        let row = EvalRow::default();
        let mut ranges = vec![Range { equal: SmallVec::new(), lower: None, upper: None, not_null: false }];
        for (key, cond) in &self.conds {
            let key_type = self.index.columns.get(*key).map_or(0, |column| column.type_oid);
            match cond {
                Cond::Compare(strategy, value) => {
                    let value = value.eval(&row, rt)?;
                    let Some(bound) = convert(&value, key_type, *strategy) else { return Ok(()) };
                    match bound {
                        Bound::Nothing => return Ok(()),
                        Bound::Everything => ranges.iter_mut().for_each(|range| range.not_null = true),
                        Bound::At(value, strategy) => {
                            for range in &mut ranges {
                                narrow(range, *key, strategy, value.clone());
                            }
                        }
                    }
                }
                Cond::EqAny(array) => {
                    let Datum::Array(array) = array.eval(&row, rt)? else { return Ok(()) };
                    let mut values: Vec<Datum> = array
                        .values
                        .iter()
                        .filter_map(|value| match convert(value, key_type, 3) {
                            Some(Bound::At(value, 3)) => Some(value),
                            _ => None,
                        })
                        .collect();
                    sort_distinct(&mut values, key_type, self.index.columns[*key].collation, rt)?;
                    if self.index.columns[*key].descending {
                        values.reverse();
                    }
                    ranges = ranges
                        .into_iter()
                        .flat_map(|range| {
                            values.iter().map(move |value| {
                                let mut equal = range.equal.clone();
                                equal.push(value.clone());
                                Range { equal, lower: None, upper: None, not_null: false }
                            })
                        })
                        .collect();
                }
                Cond::IsNull => ranges.iter_mut().for_each(|range| range.equal.push(Datum::Null)),
                Cond::IsNotNull => ranges.iter_mut().for_each(|range| range.not_null = true),
                Cond::Row(strategy, values) => {
                    // The first column bounds the scan (inclusively); the condition itself is checked on each row.
                    let Some(first) = values.first() else { return Ok(()) };
                    let value = first.eval(&row, rt)?;
                    let inclusive = if *strategy <= 2 { 2 } else { 4 };
                    match convert(&value, key_type, inclusive) {
                        Some(Bound::At(value, strategy)) => {
                            ranges.iter_mut().for_each(|range| narrow(range, *key, strategy, value.clone()));
                        }
                        Some(Bound::Everything) => {}
                        _ => return Ok(()),
                    }
                }
            }
        }
        if self.backward {
            ranges.reverse();
        }
        self.ranges = ranges;
        Ok(())
    }

    fn advance(&mut self, rt: &Runtime<'_>) -> Result<Option<RowId>> {
        let table = self.open(rt)?;
        loop {
            if let Some(scan) = &mut self.scan {
                let found = match &self.places {
                    Some(places) => {
                        let index = open_index(&table, &self.index)?;
                        let wanted = &self.wanted;
                        scan.next_key(index, places, &mut self.row, |id, row| {
                            table.fetch(rt.txn, rt.snapshot, id, wanted, row).map(|_| ())
                        })?
                    }
                    None => scan.next(rt.txn, &self.wanted, &mut self.row)?,
                };
                if let Some(id) = found {
                    return Ok(Some(id));
                }
                self.scan = None;
                self.at += 1;
            }
            let Some(range) = self.ranges.get(self.at) else { return Ok(None) };
            let index = open_index(&table, &self.index)?;
            let full = range.equal.len() == self.index.columns.len();
            if full && index.is_point(&range.equal) {
                if let Some(id) = self.point(&table, index, rt)? {
                    return Ok(Some(id));
                }
                continue;
            }
            self.open_range(&table, rt)?;
        }
    }
}

/// The conditions that bound the scan, in the order of the keys: one equality on each leading key, then what bounds the
/// key after those.
fn bounds_of(mut conds: Vec<(usize, Cond)>) -> Vec<(usize, Cond)> {
    let is_exact = |cond: &Cond| matches!(cond, Cond::Compare(3, _) | Cond::EqAny(_) | Cond::IsNull);
    conds.sort_by_key(|(key, cond)| (*key, !is_exact(cond)));
    let mut fixed = 0;
    let mut open = false;
    conds.retain(|(key, cond)| {
        if *key != fixed {
            return false;
        }
        if is_exact(cond) && !open {
            fixed += 1;
            return true;
        }
        open = true;
        !is_exact(cond)
    });
    conds
}

fn open_index<'t>(table: &'t TableAccess, info: &IndexInfo) -> Result<&'t IndexAccess> {
    table.index(info.oid).ok_or_else(|| Error::internal(format!("index \"{}\" is gone", info.name)))
}

/// A bound after conversion to the key's type.
enum Bound {
    /// `strategy value`
    At(Datum, i16),
    /// No key satisfies it.
    Nothing,
    /// Every non-NULL key does.
    Everything,
}

/// Converts a value to the key's type; integers outside of the key's range bound nothing or everything.
fn convert(value: &Datum, key_type: u32, strategy: i16) -> Option<Bound> {
    if value.is_null() {
        return None;
    }
    let integer = |min: i64, max: i64, make: fn(i64) -> Datum| {
        let Some(value) = value.as_i64() else { return Bound::At(value.clone(), strategy) };
        if (min..=max).contains(&value) {
            return Bound::At(make(value), strategy);
        }
        let above = value > max;
        match strategy {
            1 | 2 if above => Bound::Everything,
            4 | 5 if !above => Bound::Everything,
            _ => Bound::Nothing,
        }
    };
    #[allow(clippy::cast_possible_truncation)]
    Some(match (key_type, value) {
        (oids::INT2, Datum::Int2(_)) | (oids::INT4, Datum::Int4(_)) | (oids::INT8, Datum::Int8(_)) => {
            Bound::At(value.clone(), strategy)
        }
        (oids::INT2, _) => {
            integer(i64::from(i16::MIN), i64::from(i16::MAX), |value| Datum::Int2(value as i16))
        }
        (oids::INT4, _) => {
            integer(i64::from(i32::MIN), i64::from(i32::MAX), |value| Datum::Int4(value as i32))
        }
        (oids::INT8, _) => integer(i64::MIN, i64::MAX, Datum::Int8),
        (oids::FLOAT8, Datum::Float4(value)) => Bound::At(Datum::Float8(f64::from(*value)), strategy),
        (oids::FLOAT4, Datum::Float8(value)) => {
            let narrow = *value as f32;
            match f64::from(narrow).total_cmp(value) {
                Ordering::Equal => Bound::At(Datum::Float4(narrow), strategy),
                _ if strategy == 3 => Bound::Nothing,
                // The narrowed bound lies on one side of the value: keys equal to it are in or out accordingly.
                Ordering::Less => Bound::At(Datum::Float4(narrow), if strategy <= 2 { 2 } else { 5 }),
                Ordering::Greater => Bound::At(Datum::Float4(narrow), if strategy <= 2 { 1 } else { 4 }),
            }
        }
        _ => Bound::At(value.clone(), strategy),
    })
}

fn narrow(range: &mut Range, key: usize, strategy: i16, value: Datum) {
    match strategy {
        3 if range.equal.len() == key => range.equal.push(value),
        3 => {
            range.lower = Some((value.clone(), true));
            range.upper = Some((value, true));
        }
        1 | 2 => tighten(&mut range.upper, value, strategy == 2, Ordering::Less),
        _ => tighten(&mut range.lower, value, strategy == 4, Ordering::Greater),
    }
}

/// Keeps the narrower of two bounds.
fn tighten(slot: &mut Option<(Datum, bool)>, value: Datum, inclusive: bool, narrower: Ordering) {
    if let Some((known, known_inclusive)) = slot {
        let order = pglitedb_types::Comparator::plain().compare(&value, known);
        if order == narrower {
            *slot = Some((value, inclusive));
        } else if order == Ordering::Equal {
            *known_inclusive = *known_inclusive && inclusive;
        }
        return;
    }
    *slot = Some((value, inclusive));
}

fn sort_distinct(values: &mut Vec<Datum>, type_oid: u32, collation: u32, rt: &Runtime<'_>) -> Result<()> {
    let comparator = pglitedb_types::Comparator::new(type_oid, collation, rt.env.as_type_env())?;
    values.sort_by(|a, b| comparator.compare(a, b));
    values.dedup_by(|a, b| comparator.equal(a, b));
    Ok(())
}

impl Node for IndexScanNode {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        if self.done {
            return Ok(false);
        }
        let rechecked = if rt.recheck.is_some() { recheck::row_for(rt, self.rte) } else { None };
        if !self.started && rechecked.is_none() {
            self.start(rt)?;
        }
        let mut count = 0_u32;
        loop {
            let id = match rechecked {
                Some(id) => {
                    self.done = true;
                    let table = self.open(rt)?;
                    if !table.fetch_latest(rt.txn, id, &self.wanted, &mut self.row)? {
                        return Ok(false);
                    }
                    id
                }
                None => match self.advance(rt)? {
                    Some(id) => id,
                    None => {
                        self.done = true;
                        return Ok(false);
                    }
                },
            };
            count += 1;
            if count & 0x3f == 0 {
                rt.check()?;
            }
            let row = EvalRow::scanned(&self.row, Some(id), self.relation.oid);
            let bounds_hold = !(self.lossy || rechecked.is_some()) || all_true(&self.displays, &row, rt)?;
            if bounds_hold && all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                self.current = Some(id);
                return Ok(true);
            }
            rt.note_removed();
            if self.done {
                return Ok(false);
            }
        }
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.started = false;
        self.done = false;
        self.scan = None;
        if rt.is_restart() {
            self.table = None;
        }
        Ok(())
    }

    fn finish(&mut self, rt: &Runtime<'_>) {
        if let Some(shared) = rt.shared {
            shared.stats.borrow_mut().searches(self.node, self.searches);
        }
    }

    fn scanned_row(&self) -> Option<(pglitedb_types::Oid, RowId)> {
        Some((self.relation.oid, self.current?))
    }
}
