//! The chosen path as a plan.

use crate::path::base::BaseRels;
use crate::path::bitmap::{Bitmap, BitmapKind};
use crate::path::{EquiKey, IndexClause, Path, PathKey, PathKind, RelSet};
use crate::planner::{Planner, exec_param, var_rte};
use crate::refs::{Built, pull_vars, resolve, resolve_all, resolve_targets, targets_of};
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{
    Expr, HashKey, IndexCond, IndexCondKind, JoinType, MergeKey, Plan, PlanNode, Query, RteKind, SortKey,
    TargetEntry, Var, VarSource,
};
use pglitedb_sqlstate::{Error, Result};
use std::sync::Arc;

/// Values that a nested loop hands to its inner side.
struct Frame {
    /// Relations of the outer side.
    rels: RelSet,
    /// Expression of the outer side, parameter.
    params: Vec<(Expr, usize)>,
}

/// Turns paths into plans for one query level.
pub(crate) struct Creator<'a, 'p> {
    planner: &'a mut Planner<'p>,
    query: &'a Query,
    base: &'a BaseRels,
    offset: usize,
    frames: Vec<Frame>,
}

impl<'a, 'p> Creator<'a, 'p> {
    pub(crate) fn new(
        planner: &'a mut Planner<'p>,
        query: &'a Query,
        base: &'a BaseRels,
        offset: usize,
    ) -> Self {
        Creator { planner, query, base, offset, frames: Vec::new() }
    }

    /// Builds the plan of a path with the given output columns.
    pub(crate) fn create(&mut self, path: &Path, targets: Vec<TargetEntry>) -> Result<Built> {
        match &path.kind {
            PathKind::NestLoop { .. } | PathKind::Hash { .. } | PathKind::Merge { .. } => {
                self.join(path, targets)
            }
            PathKind::Material(inner) => {
                let built = self.create(inner, targets)?;
                let mut built = crate::refs::on_top(built, |outer| PlanNode::Material { outer });
                built.plan.total_cost = path.total;
                Ok(built)
            }
            PathKind::Memoize { input, keys, binary, single, .. } => {
                // The input first: its lateral parameters serve as keys.
                let built = self.create(input, targets)?;
                let keys = keys.iter().map(|key| self.scan_expr(key.clone(), None)).collect::<Result<_>>()?;
                let (binary, single) = (*binary, *single);
                let settings = self.planner.settings();
                let memory = (settings.work_mem * settings.hash_mem_multiplier * 1024.0) as usize;
                let mut built = crate::refs::on_top(built, |outer| PlanNode::Memoize {
                    outer,
                    keys,
                    binary,
                    single,
                    memory,
                });
                built.plan.startup_cost = path.startup;
                built.plan.total_cost = path.total;
                Ok(built)
            }
            PathKind::Subquery { plan, .. } if self.is_whole(path, plan, &targets) => {
                let needed: Vec<Expr> = targets.iter().map(|target| target.expr.clone()).collect();
                self.input(path, &needed)
            }
            _ => self.scan(path, targets),
        }
    }

    /// Are the targets just the subquery's columns, all of them in order?
    fn is_whole(&self, path: &Path, plan: &Plan, targets: &[TargetEntry]) -> bool {
        let rte = path.rels.iter().next().and_then(|rel| self.base.rels.get(rel)).map(|rel| rel.rte);
        let bare = matches!(&path.kind, PathKind::Subquery { quals, .. } if quals.is_empty());
        bare && !targets.is_empty()
            && targets.len() == plan.targets.len()
            && !plan.targets.iter().any(|target| target.junk)
            && targets.iter().enumerate().all(|(at, target)| {
                matches!(&target.expr, Expr::Var(var)
                    if var_rte(var) == rte && usize::try_from(var.attno) == Ok(at + 1))
            })
    }

    /// An input of a node that looks its columns up: at least these. A subquery is used as it is if nothing is to be done to its rows.
    pub(crate) fn input(&mut self, path: &Path, needed: &[Expr]) -> Result<Built> {
        if let PathKind::Subquery { plan, params, quals } = &path.kind
            && quals.is_empty()
            && !plan.targets.is_empty()
            && !plan.targets.iter().any(|target| target.junk)
            && needed.iter().all(|expr| matches!(expr, Expr::Var(var) if var.attno > 0))
        {
            let rte = self.base.rels[self.base_rel(path)?].rte;
            for (expr, param) in params {
                self.lateral_param(expr, *param)?;
            }
            let outputs = plan
                .targets
                .iter()
                .enumerate()
                .map(|(at, target)| crate::refs::column_ref(VarSource::Rte(rte), at + 1, &target.expr))
                .map(|own| needed.iter().find(|known| is_same_column(known, &own)).cloned().unwrap_or(own))
                .collect();
            return Ok(Built { plan: (**plan).clone(), outputs });
        }
        self.create(path, targets_of(needed))
    }

    fn plan(&self, path: &Path, node: PlanNode, targets: Vec<TargetEntry>, quals: Vec<Expr>) -> Plan {
        Plan {
            node,
            targets,
            quals,
            init_plans: Vec::new(),
            startup_cost: path.startup,
            total_cost: path.total,
            rows: path.rows,
            width: path.width,
        }
    }

    fn base_rel(&self, path: &Path) -> Result<usize> {
        path.rels.iter().next().ok_or_else(|| Error::internal("scan of no relation"))
    }

    fn scan(&mut self, path: &Path, targets: Vec<TargetEntry>) -> Result<Built> {
        let outputs = targets.iter().map(|target| target.expr.clone()).collect();
        if let PathKind::Empty = path.kind {
            let targets = self.scan_targets(targets, None)?;
            let node = PlanNode::Result { outer: None, one_time: None };
            return Ok(Built { plan: self.plan(path, node, targets, Vec::new()), outputs });
        }
        let rel = self.base_rel(path)?;
        let own_rte = self.base.rels[rel].rte;
        let rte = own_rte + self.offset;
        let targets = self.scan_targets(targets, Some(own_rte))?;
        let relation = || {
            self.base.rels[rel]
                .relation
                .clone()
                .ok_or_else(|| Error::internal("scan of something that is no table"))
        };
        let (node, quals) = match &path.kind {
            PathKind::Seq { quals, .. } => {
                let node = match &self.query.rtable[own_rte].kind {
                    RteKind::Relation { sample: Some(sample), .. } => PlanNode::SampleScan {
                        rte,
                        relation: relation()?,
                        method: sample.method,
                        args: sample.args.clone(),
                        repeatable: sample.repeatable.clone(),
                    },
                    _ => PlanNode::SeqScan { rte, relation: relation()? },
                };
                (node, quals.clone())
            }
            PathKind::Index { index, conds, quals, backward, index_only, .. } => {
                let (relation, index) = (relation()?, index.clone());
                let conds = self.index_conds(conds, own_rte)?;
                let (backward, index_only) = (*backward, *index_only);
                (PlanNode::IndexScan { rte, relation, index, conds, backward, index_only }, quals.clone())
            }
            PathKind::BitmapHeap { bitmap, quals } => {
                let mut recheck = Vec::new();
                for expr in conditions(bitmap) {
                    recheck.push(self.scan_expr(expr, Some(own_rte))?);
                }
                let relation = relation()?;
                let bitmap = Box::new(self.bitmap(bitmap, &relation, own_rte)?);
                (PlanNode::BitmapHeapScan { rte, relation, recheck, bitmap }, quals.clone())
            }
            PathKind::Tid { tids, cursor, quals, .. } => {
                let relation = relation()?;
                let tids = self.scan_exprs(tids.clone(), own_rte)?;
                (PlanNode::TidScan { rte, relation, tids, cursor: cursor.clone() }, quals.clone())
            }
            PathKind::Subquery { plan, params, quals, .. } => {
                for (expr, param) in params {
                    self.lateral_param(expr, *param)?;
                }
                if quals.is_empty() && is_identity(&targets, plan) {
                    // A scan that would do nothing but hand rows up.
                    let mut plan = (**plan).clone();
                    for (own, target) in plan.targets.iter_mut().zip(targets) {
                        let expr = std::mem::replace(&mut own.expr, Expr::bool_const(true));
                        *own = TargetEntry { expr, ..target };
                    }
                    return Ok(Built { plan, outputs });
                }
                (PlanNode::SubqueryScan { rte, outer: Box::new((**plan).clone()) }, quals.clone())
            }
            PathKind::Other { quals, .. } => (self.other_scan(own_rte, rte)?, quals.clone()),
            _ => return Err(Error::internal("not a scan path")),
        };
        let quals = self.scan_exprs(quals, own_rte)?;
        Ok(Built { plan: self.plan(path, node, targets, quals), outputs })
    }

    /// The plan of a bitmap.
    fn bitmap(&mut self, bitmap: &Bitmap, relation: &Arc<Relation>, own_rte: usize) -> Result<Plan> {
        let node = match &bitmap.kind {
            BitmapKind::Index { index, conds } => PlanNode::BitmapIndexScan {
                relation: relation.clone(),
                index: index.clone(),
                conds: self.index_conds(conds, own_rte)?,
            },
            BitmapKind::And(parts) => {
                PlanNode::BitmapAnd { children: self.bitmaps(parts, relation, own_rte)? }
            }
            BitmapKind::Or(parts) => PlanNode::BitmapOr { children: self.bitmaps(parts, relation, own_rte)? },
        };
        let rel = self.base.map.rel_of_rte.get(own_rte).copied().flatten();
        let tuples = rel.and_then(|rel| self.base.rels.get(rel)).map_or(1.0, |rel| rel.tuples);
        Ok(Plan {
            node,
            targets: Vec::new(),
            quals: Vec::new(),
            init_plans: Vec::new(),
            startup_cost: match bitmap.kind {
                BitmapKind::Index { .. } => 0.0,
                _ => bitmap.cost,
            },
            total_cost: bitmap.cost,
            rows: crate::path::cost::clamp_rows(bitmap.share * tuples),
            width: 0,
        })
    }

    fn bitmaps(&mut self, parts: &[Bitmap], relation: &Arc<Relation>, own_rte: usize) -> Result<Vec<Plan>> {
        parts.iter().map(|part| self.bitmap(part, relation, own_rte)).collect()
    }

    fn other_scan(&mut self, own_rte: usize, rte: usize) -> Result<PlanNode> {
        let entry = &self.query.rtable[own_rte];
        Ok(match &entry.kind {
            RteKind::Function { functions, ordinality } => {
                let mut functions = functions.clone();
                for function in &mut functions {
                    function.expr = self.scan_expr(function.expr.clone(), None)?;
                }
                PlanNode::FunctionScan { rte, functions, ordinality: *ordinality }
            }
            RteKind::Values { rows } => {
                let rows = rows.clone().into_iter().map(|row| {
                    row.into_iter().map(|expr| self.scan_expr(expr, None)).collect::<Result<Vec<_>>>()
                });
                PlanNode::ValuesScan { rte, rows: rows.collect::<Result<_>>()? }
            }
            RteKind::TableFunction { name, options, args } => {
                let (name, options, columns) = (name.clone(), options.clone(), entry.columns.clone());
                let args =
                    args.clone().into_iter().map(|arg| self.scan_expr(arg, None)).collect::<Result<_>>()?;
                PlanNode::TableFuncScan { rte, name, options, args, columns }
            }
            RteKind::Cte { name, levels_up, .. } => {
                let at = self.planner.levels.len().checked_sub(1 + *levels_up as usize);
                let cte = at.and_then(|at| self.planner.levels[at].ctes.get(name)).cloned();
                let cte =
                    cte.ok_or_else(|| Error::internal(format!("WITH query \"{name}\" was not planned")))?;
                match cte.work_table {
                    Some(work_table) => PlanNode::WorkTableScan { rte, work_table },
                    None => PlanNode::CteScan { rte, plan: cte.plan, name: name.clone() },
                }
            }
            RteKind::Result => PlanNode::Result { outer: None, one_time: None },
            _ => return Err(Error::internal("range table entry can't be scanned")),
        })
    }

    fn index_conds(&mut self, conds: &[IndexClause], own_rte: usize) -> Result<Vec<IndexCond>> {
        let mut result = Vec::with_capacity(conds.len());
        for cond in conds {
            let kind = match cond.kind.clone() {
                IndexCondKind::Compare { strategy, value } => {
                    IndexCondKind::Compare { strategy, value: self.scan_expr(value, None)? }
                }
                IndexCondKind::EqAny(array) => IndexCondKind::EqAny(self.scan_expr(array, None)?),
                IndexCondKind::RowCompare { strategy, values } => IndexCondKind::RowCompare {
                    strategy,
                    values: values
                        .into_iter()
                        .map(|value| self.scan_expr(value, None))
                        .collect::<Result<_>>()?,
                },
                other => other,
            };
            let display = self.scan_expr(cond.display.clone(), Some(own_rte))?;
            result.push(IndexCond { key: cond.key, kind, display });
        }
        Ok(result)
    }

    fn scan_targets(
        &mut self,
        targets: Vec<TargetEntry>,
        own_rte: Option<usize>,
    ) -> Result<Vec<TargetEntry>> {
        targets
            .into_iter()
            .map(|mut target| {
                target.expr = self.scan_expr(target.expr, own_rte)?;
                Ok(target)
            })
            .collect()
    }

    fn scan_exprs(&mut self, exprs: Vec<Expr>, own_rte: usize) -> Result<Vec<Expr>> {
        exprs.into_iter().map(|expr| self.scan_expr(expr, Some(own_rte))).collect()
    }

    /// Own columns become `Scan` variables, others parameters of an enclosing nested loop.
    fn scan_expr(&mut self, mut expr: Expr, own_rte: Option<usize>) -> Result<Expr> {
        self.bind_to_scan(&mut expr, own_rte)?;
        Ok(expr)
    }

    fn bind_to_scan(&mut self, expr: &mut Expr, own_rte: Option<usize>) -> Result<()> {
        match expr {
            Expr::Var(var) => {
                match var_rte(var) {
                    None => {}
                    own if own == own_rte => var.source = VarSource::Scan,
                    Some(_) => *expr = self.outer_value(expr)?,
                }
                return Ok(());
            }
            Expr::PlaceHolder(holder) => {
                if own_rte.is_none_or(|own| holder.rtes[..] != [own]) {
                    *expr = self.outer_value(expr)?;
                    return Ok(());
                }
                // This is where it is computed.
                *expr = std::mem::replace(&mut holder.expr, Expr::bool_const(true));
                return self.bind_to_scan(expr, own_rte);
            }
            _ => {}
        }
        let mut result = Ok(());
        expr.for_each_child_mut(&mut |child| {
            if result.is_ok() {
                result = self.bind_to_scan(child, own_rte);
            }
        });
        result
    }

    /// The parameter that carries an outer relation's column.
    fn outer_value(&mut self, expr: &Expr) -> Result<Expr> {
        let rels = self.base.map.rels(expr);
        let Some(frame) = self.frames.iter_mut().rev().find(|frame| rels.within(frame.rels)) else {
            let what = match expr {
                Expr::Var(Var { source, attno, .. }) => format!("{source:?} column {attno}"),
                _ => "expression".to_owned(),
            };
            return Err(Error::internal(format!("{what} is used outside of the relations at hand")));
        };
        if let Some((_, id)) = frame.params.iter().find(|(known, _)| known == expr) {
            return Ok(exec_param(*id, expr));
        }
        let id = self.planner.new_param();
        frame.params.push((expr.clone(), id));
        Ok(exec_param(id, expr))
    }

    /// A placeholder whose relations are joined by several nested loops: between inner joins, where it means just its
    /// expression, the innermost loop computes it from its own columns and the parameters of those further out.
    fn split_param(&mut self, expr: &Expr, param: usize) -> Result<()> {
        let (Expr::PlaceHolder(holder), Some(own)) = (expr, self.frames.last().map(|frame| frame.rels))
        else {
            return Err(Error::internal("lateral reference has no outer side"));
        };
        let mut leaves = Vec::new();
        pull_vars(&holder.expr, &mut leaves);
        let mut value = holder.expr.clone();
        for leaf in leaves.into_iter().filter(|leaf| !self.base.map.rels(leaf).within(own)) {
            let carried = self.outer_value(&leaf)?;
            value.rewrite(&mut |node| {
                if *node == leaf {
                    *node = carried.clone();
                }
            });
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.params.push((value, param));
        }
        Ok(())
    }

    fn lateral_param(&mut self, expr: &Expr, param: usize) -> Result<()> {
        let rels = self.base.map.rels(expr);
        match self.frames.iter_mut().rev().find(|frame| rels.within(frame.rels)) {
            Some(frame) => frame.params.push((expr.clone(), param)),
            None => return self.split_param(expr, param),
        }
        Ok(())
    }

    /// Columns of `rels` among those used by the expressions.
    fn needed(&self, exprs: &mut dyn Iterator<Item = &Expr>, rels: RelSet) -> Vec<Expr> {
        let mut vars = Vec::new();
        for expr in exprs {
            self.needed_by(expr, rels, &mut vars);
        }
        vars
    }

    /// A placeholder that only the join itself can compute needs its columns.
    fn needed_by(&self, expr: &Expr, rels: RelSet, into: &mut Vec<Expr>) {
        let mut found = Vec::new();
        pull_vars(expr, &mut found);
        for leaf in found {
            let own = self.base.map.rels(&leaf);
            if own.within(rels) {
                if !into.contains(&leaf) {
                    into.push(leaf);
                }
            } else if let Expr::PlaceHolder(holder) = &leaf
                && own.overlaps(rels)
            {
                self.needed_by(&holder.expr, rels, into);
            }
        }
    }

    fn join(&mut self, path: &Path, targets: Vec<TargetEntry>) -> Result<Built> {
        let (join, outer, inner, join_quals, quals, keys, unique) = match &path.kind {
            PathKind::NestLoop { join, outer, inner, join_quals, quals, unique } => {
                (*join, outer, inner, join_quals, quals, &[][..], *unique)
            }
            PathKind::Hash { join, outer, inner, keys, join_quals, quals, unique }
            | PathKind::Merge { join, outer, inner, keys, join_quals, quals, unique, .. } => {
                (*join, outer, inner, join_quals, quals, keys.as_slice(), *unique)
            }
            _ => return Err(Error::internal("not a join path")),
        };
        let both = outer.rels.union(inner.rels);
        let (join_quals, mut quals) =
            (self.outside(join_quals.clone(), both)?, self.outside(quals.clone(), both)?);
        let targets = targets
            .into_iter()
            .map(|mut target| {
                target.expr = self.outside_one(target.expr, both)?;
                Ok(target)
            })
            .collect::<Result<Vec<_>>>()?;
        let used: Vec<Expr> = targets
            .iter()
            .map(|target| target.expr.clone())
            .chain(join_quals.iter().cloned())
            .chain(quals.iter().cloned())
            .chain(keys.iter().flat_map(|key| [key.outer.clone(), key.inner.clone()]))
            .collect();
        let nested = matches!(path.kind, PathKind::NestLoop { .. });
        if nested {
            self.frames.push(Frame { rels: outer.rels, params: Vec::new() });
        }
        let inner_needed = self.needed(&mut used.iter(), inner.rels);
        let inner_built = self.input(inner, &inner_needed);
        let params =
            if nested { self.frames.pop().map_or_else(Vec::new, |frame| frame.params) } else { Vec::new() };
        let mut inner_built = inner_built?;
        let outer_needed =
            self.needed(&mut used.iter().chain(params.iter().map(|(expr, _)| expr)), outer.rels);
        let mut outer_built = self.input(outer, &outer_needed)?;
        let node = match &path.kind {
            PathKind::Merge { sort_outer, sort_inner, material, .. } => {
                if *sort_outer {
                    outer_built = self.sort_for_merge(outer_built, keys, false)?;
                }
                if *sort_inner {
                    inner_built = self.sort_for_merge(inner_built, keys, true)?;
                }
                if *material {
                    inner_built = crate::refs::on_top(inner_built, |outer| PlanNode::Material { outer });
                }
                self.merge_node(join, &outer_built, &inner_built, keys, &join_quals, unique)?
            }
            PathKind::Hash { .. } => {
                self.hash_node(join, &outer_built, &inner_built, keys, &join_quals, unique)?
            }
            _ => {
                let params = params
                    .into_iter()
                    .map(|(expr, id)| Ok((id, resolve(expr, &outer_built.outputs, None)?)))
                    .collect::<Result<_>>()?;
                PlanNode::NestLoop {
                    join,
                    outer: Box::new(outer_built.plan.clone()),
                    inner: Box::new(inner_built.plan.clone()),
                    join_quals: resolve_all(
                        join_quals.clone(),
                        &outer_built.outputs,
                        Some(&inner_built.outputs),
                    )?,
                    inner_unique: unique,
                    params,
                }
            }
        };
        quals = resolve_all(quals, &outer_built.outputs, Some(&inner_built.outputs))?;
        let (targets, outputs) = resolve_targets(targets, &outer_built.outputs, Some(&inner_built.outputs))?;
        Ok(Built { plan: self.plan(path, node, targets, quals), outputs })
    }

    /// Columns of relations outside a join (an enclosing nested loop's) become parameters.
    fn outside_one(&mut self, mut expr: Expr, rels: RelSet) -> Result<Expr> {
        self.replace_outside(&mut expr, rels)?;
        Ok(expr)
    }

    fn replace_outside(&mut self, expr: &mut Expr, rels: RelSet) -> Result<()> {
        if matches!(expr, Expr::Var(_) | Expr::PlaceHolder(_)) {
            let own = self.base.map.rels(expr);
            if !own.is_empty() && !own.within(rels) {
                *expr = self.outer_value(expr)?;
            }
            return Ok(());
        }
        let mut result = Ok(());
        expr.for_each_child_mut(&mut |child| {
            if result.is_ok() {
                result = self.replace_outside(child, rels);
            }
        });
        result
    }

    fn outside(&mut self, exprs: Vec<Expr>, rels: RelSet) -> Result<Vec<Expr>> {
        exprs.into_iter().map(|expr| self.outside_one(expr, rels)).collect()
    }

    fn hash_node(
        &self,
        join: JoinType,
        outer: &Built,
        inner: &Built,
        keys: &[EquiKey],
        join_quals: &[Expr],
        unique: bool,
    ) -> Result<PlanNode> {
        let both = |expr: &Expr| resolve(expr.clone(), &outer.outputs, Some(&inner.outputs));
        let keys = keys
            .iter()
            .map(|key| {
                Ok(HashKey {
                    outer: both(&key.outer)?,
                    inner: both(&key.inner)?,
                    eq_op: key.op,
                    type_oid: common_type(&key.outer, &key.inner),
                    collation: key.collation,
                    display: both(&key.display)?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(PlanNode::HashJoin {
            join,
            outer: Box::new(outer.plan.clone()),
            inner: Box::new(inner.plan.clone()),
            keys,
            join_quals: resolve_all(join_quals.to_vec(), &outer.outputs, Some(&inner.outputs))?,
            inner_unique: unique,
        })
    }

    fn merge_node(
        &self,
        join: JoinType,
        outer: &Built,
        inner: &Built,
        keys: &[EquiKey],
        join_quals: &[Expr],
        unique: bool,
    ) -> Result<PlanNode> {
        let keys = keys
            .iter()
            .map(|key| {
                Ok(MergeKey {
                    outer: output_column(outer, &key.outer)?,
                    inner: output_column(inner, &key.inner)?,
                    eq_op: key.op,
                    type_oid: key.outer.type_oid(),
                    collation: key.collation,
                    descending: key.descending,
                    nulls_first: key.nulls_first,
                    display: resolve(key.display.clone(), &outer.outputs, Some(&inner.outputs))?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(PlanNode::MergeJoin {
            join,
            outer: Box::new(outer.plan.clone()),
            inner: Box::new(inner.plan.clone()),
            keys,
            join_quals: resolve_all(join_quals.to_vec(), &outer.outputs, Some(&inner.outputs))?,
            inner_unique: unique,
        })
    }

    fn sort_for_merge(&mut self, built: Built, keys: &[EquiKey], inner: bool) -> Result<Built> {
        let pathkeys = crate::path::join_paths::order_of(keys, inner);
        sort_by(self.planner, built, &[], &pathkeys, None)
    }
}

fn is_same_column(a: &Expr, b: &Expr) -> bool {
    match (a, b) {
        (Expr::Var(a), Expr::Var(b)) => {
            a.source == b.source && a.attno == b.attno && a.levels_up == b.levels_up
        }
        _ => false,
    }
}

/// What holds for the rows of a bitmap, as index conditions say it.
fn conditions(bitmap: &Bitmap) -> Vec<Expr> {
    match &bitmap.kind {
        BitmapKind::Index { conds, .. } => {
            let mut list: Vec<Expr> = Vec::new();
            for cond in conds {
                if !list.contains(&cond.display) {
                    list.push(cond.display.clone());
                }
            }
            list
        }
        BitmapKind::And(parts) => parts.iter().flat_map(conditions).collect(),
        BitmapKind::Or(parts) => {
            let arms: Vec<Expr> = parts.iter().filter_map(|part| Expr::and(conditions(part))).collect();
            vec![Expr::Bool(pglitedb_query_tree::BoolOp::Or, arms)]
        }
    }
}

/// Column (from 1) of an output that is the expression, or what it relabels.
fn output_column(built: &Built, expr: &Expr) -> Result<usize> {
    let mut wanted = expr;
    loop {
        if let Some(at) = built.outputs.iter().position(|known| known == wanted) {
            return Ok(at + 1);
        }
        match wanted {
            Expr::Relabel { arg, .. } => wanted = arg,
            _ => return Err(Error::internal("merge key is not in the output of the plan below")),
        }
    }
}

/// Sorts a plan, which is ordered by `have`, by expressions that are among its outputs.
pub(crate) fn sort_by(
    planner: &Planner<'_>,
    built: Built,
    have: &[PathKey],
    pathkeys: &[PathKey],
    limit: Option<f64>,
) -> Result<Built> {
    let mut keys = Vec::with_capacity(pathkeys.len());
    for pathkey in pathkeys {
        let column = output_column(&built, &pathkey.expr)?;
        let type_oid = pathkey.expr.type_oid();
        let strategy = if pathkey.descending { 5 } else { 1 };
        let input = planner.catalog().opclasses_for_type(crate::path::clause::BTREE, type_oid)?;
        let input_type =
            input.iter().find(|opclass| opclass.family == pathkey.family).map_or(type_oid, |o| o.input_type);
        let sort_op = planner.catalog().amop(pathkey.family, input_type, input_type, strategy)?.unwrap_or(0);
        keys.push(SortKey {
            column,
            sort_op,
            type_oid,
            collation: pathkey.collation,
            descending: pathkey.descending,
            nulls_first: pathkey.nulls_first,
        });
    }
    let presorted = presorted(planner, have, pathkeys);
    Ok(sort_on(planner, built, keys, presorted, limit))
}

/// How many leading keys of `want` an order has already.
pub(crate) fn presorted(planner: &Planner<'_>, have: &[PathKey], want: &[PathKey]) -> usize {
    if !planner.settings().enable_incremental_sort {
        return 0;
    }
    let common = have.iter().zip(want).take_while(|(have, want)| have == want).count();
    if common < want.len() { common } else { 0 }
}

/// Groups assumed in the order of an input that is sorted further, where nobody has counted them.
const GROUPS_GUESS: f64 = 200.0;

/// Puts a Sort on top of a plan.
pub(crate) fn sort_on(
    planner: &Planner<'_>,
    built: Built,
    keys: Vec<SortKey>,
    presorted: usize,
    limit: Option<f64>,
) -> Built {
    let (settings, plan) = (planner.settings(), &built.plan);
    let cost = if presorted == 0 {
        crate::path::cost::sort(settings, plan.total_cost, plan.rows, plan.width, limit)
    } else {
        let input = crate::path::cost::Cost { startup: plan.startup_cost, total: plan.total_cost };
        crate::path::cost::incremental_sort(settings, input, (plan.rows, GROUPS_GUESS), plan.width, limit)
    };
    let mut sorted = crate::refs::on_top(built, |outer| PlanNode::Sort { outer, keys, presorted });
    sorted.plan.startup_cost = cost.startup;
    sorted.plan.total_cost = cost.total;
    sorted
}

/// The type both sides of an equality are compared as: the wider integer or float.
fn common_type(left: &Expr, right: &Expr) -> pglitedb_types::Oid {
    use pglitedb_types::oids;
    let (left, right) = (left.type_oid(), right.type_oid());
    let rank = |oid| match oid {
        oids::INT2 => 1,
        oids::INT4 => 2,
        oids::INT8 => 3,
        oids::FLOAT4 => 11,
        oids::FLOAT8 => 12,
        _ => 0,
    };
    if rank(right) > rank(left) { right } else { left }
}

/// Are these the columns of a subquery's plan, each once and in order?
fn is_identity(targets: &[TargetEntry], plan: &Plan) -> bool {
    targets.len() == plan.targets.len()
        && targets.iter().zip(&plan.targets).enumerate().all(|(at, (target, own))| {
            let column = match &target.expr {
                Expr::Var(var) => var.source == VarSource::Scan && usize::try_from(var.attno) == Ok(at + 1),
                _ => false,
            };
            column && !own.junk
        })
}
