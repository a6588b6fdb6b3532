//! Bitmap scans: row ids from indexes, combined, then the rows in the order of the table.

use super::index_scan::IndexScanNode;
use super::{Projection, recheck, scan_columns};
use crate::build::Builder;
use crate::executor::Node;
use crate::expr::{CompileCtx, Compiled, EvalRow, all_true, compile_all};
use crate::instrument::key;
use crate::runtime::Runtime;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{Plan, PlanNode};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_tables::{RowId, TableAccess};
use pglitedb_types::Datum;
use std::sync::Arc;

/// Where row ids come from.
struct Source {
    kind: SourceKind,
    /// The plan node, for EXPLAIN ANALYZE.
    node: usize,
}

enum SourceKind {
    Index(Box<IndexScanNode>),
    And(Vec<Source>),
    Or(Vec<Source>),
}

impl Source {
    fn build(builder: &Builder<'_>, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Source> {
        let mut parts = |children: &[Plan]| {
            children.iter().map(|child| Source::build(builder, child, ctx)).collect::<Result<Vec<_>>>()
        };
        let kind = match &plan.node {
            PlanNode::BitmapAnd { children } => SourceKind::And(parts(children)?),
            PlanNode::BitmapOr { children } => SourceKind::Or(parts(children)?),
            PlanNode::BitmapIndexScan { .. } => {
                SourceKind::Index(Box::new(IndexScanNode::new(builder, plan, ctx)?))
            }
            _ => return Err(Error::internal("not a bitmap")),
        };
        Ok(Source { kind, node: key(plan) })
    }

    /// Must the conditions be checked on the rows, because an index's bounds don't say all of them?
    fn is_lossy(&self) -> bool {
        match &self.kind {
            SourceKind::Index(scan) => scan.is_lossy(),
            SourceKind::And(parts) | SourceKind::Or(parts) => parts.iter().any(Source::is_lossy),
        }
    }

    /// The row ids in order, each once.
    fn collect(&mut self, rt: &Runtime<'_>) -> Result<Vec<RowId>> {
        let mut counted = 0;
        let ids = match &mut self.kind {
            SourceKind::Index(scan) => {
                let mut ids = Vec::new();
                scan.rescan(rt)?;
                while let Some(id) = scan.next_id(rt)? {
                    ids.push(id);
                    if ids.len() & 0xff == 0 {
                        rt.check()?;
                    }
                }
                scan.finish(rt);
                ids.sort_unstable();
                ids.dedup();
                counted = ids.len() as u64;
                ids
            }
            SourceKind::And(parts) => {
                let mut ids: Option<Vec<RowId>> = None;
                for part in parts {
                    // Nothing is left to find once nothing is common.
                    ids = match ids {
                        None => Some(part.collect(rt)?),
                        Some(known) if known.is_empty() => Some(known),
                        Some(mut known) => {
                            let own = part.collect(rt)?;
                            known.retain(|id| own.binary_search(id).is_ok());
                            Some(known)
                        }
                    };
                }
                ids.unwrap_or_default()
            }
            SourceKind::Or(parts) => {
                let mut ids = Vec::new();
                for part in parts {
                    ids.append(&mut part.collect(rt)?);
                }
                ids.sort_unstable();
                ids.dedup();
                ids
            }
        };
        if let Some(shared) = rt.shared {
            shared.stats.borrow_mut().count(self.node, counted);
        }
        Ok(ids)
    }
}

pub(crate) struct BitmapHeapScan {
    rte: usize,
    relation: Arc<Relation>,
    source: Source,
    lossy: bool,
    recheck: Vec<Compiled>,
    quals: Vec<Compiled>,
    projection: Projection,
    wanted: Vec<usize>,
    table: Option<Arc<TableAccess>>,
    ids: Option<std::vec::IntoIter<RowId>>,
    row: Vec<Datum>,
    current: Option<RowId>,
    /// Rechecked row given already.
    done: bool,
    blocks: u64,
    block: Option<u64>,
    node: usize,
}

impl BitmapHeapScan {
    pub(crate) fn new(builder: &Builder<'_>, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Self> {
        let PlanNode::BitmapHeapScan { rte, relation, recheck, bitmap } = &plan.node else {
            return Err(Error::internal("not a bitmap heap scan"));
        };
        let source = Source::build(builder, bitmap, ctx)?;
        let width = relation.columns.len();
        Ok(BitmapHeapScan {
            rte: *rte,
            relation: relation.clone(),
            lossy: source.is_lossy(),
            source,
            recheck: compile_all(recheck, ctx)?,
            quals: builder.quals(plan, ctx)?,
            projection: builder.projection(plan, ctx)?,
            wanted: scan_columns(plan, width),
            table: None,
            ids: None,
            row: vec![Datum::Null; width],
            current: None,
            done: false,
            blocks: 0,
            block: None,
            node: key(plan),
        })
    }

    fn open(&mut self, rt: &Runtime<'_>) -> Result<Arc<TableAccess>> {
        if let Some(table) = &self.table {
            return Ok(table.clone());
        }
        Ok(self.table.insert(rt.space.open(&self.relation, rt.catalog)?).clone())
    }

    /// The next row and whether its conditions must be checked.
    fn advance(&mut self, rt: &Runtime<'_>) -> Result<Option<(RowId, bool)>> {
        let table = self.open(rt)?;
        if rt.recheck.is_some()
            && let Some(id) = recheck::row_for(rt, self.rte)
        {
            self.done = true;
            let found = table.fetch_latest(rt.txn, id, &self.wanted, &mut self.row)?;
            return Ok(found.then_some((id, true)));
        }
        if self.ids.is_none() {
            self.ids = Some(self.source.collect(rt)?.into_iter());
        }
        while let Some(id) = self.ids.as_mut().and_then(Iterator::next) {
            if let Datum::Tid(block, _) = id.ctid()
                && self.block != Some(u64::from(block))
            {
                self.block = Some(u64::from(block));
                self.blocks += 1;
            }
            if table.fetch(rt.txn, rt.snapshot, id, &self.wanted, &mut self.row)? {
                return Ok(Some((id, self.lossy)));
            }
        }
        Ok(None)
    }
}

impl Node for BitmapHeapScan {
    fn next(&mut self, rt: &Runtime<'_>, out: &mut Vec<Datum>) -> Result<bool> {
        let mut count = 0_u32;
        while !self.done {
            let Some((id, check)) = self.advance(rt)? else { break };
            count += 1;
            if count & 0x3f == 0 {
                rt.check()?;
            }
            let row = EvalRow::scanned(&self.row, Some(id), self.relation.oid);
            if (!check || all_true(&self.recheck, &row, rt)?) && all_true(&self.quals, &row, rt)? {
                self.projection.project(&row, rt, out)?;
                self.current = Some(id);
                return Ok(true);
            }
            rt.note_removed();
        }
        self.done = true;
        Ok(false)
    }

    fn rescan(&mut self, rt: &Runtime<'_>) -> Result<()> {
        self.ids = None;
        self.done = false;
        self.block = None;
        if rt.is_restart() {
            self.table = None;
        }
        Ok(())
    }

    fn finish(&mut self, rt: &Runtime<'_>) {
        if let Some(shared) = rt.shared {
            shared.stats.borrow_mut().blocks(self.node, self.blocks);
        }
    }

    fn scanned_row(&self) -> Option<(pglitedb_types::Oid, RowId)> {
        Some((self.relation.oid, self.current?))
    }
}
