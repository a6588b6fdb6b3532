//! Plan nodes to run-time nodes.

use crate::executor::{Init, Node};
use crate::expr::{CompileCtx, Compiled, compile, compile_all};
use crate::instrument::{Instrumented, key};
use crate::nodes::{self, Projection};
use pglitedb_query_tree::{Expr, ParamKind, Plan, PlanNode, PlannedStmt, RteColumn};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::Comparator;
use std::sync::Arc;

/// State of building one statement.
pub(crate) struct Builder<'s> {
    pub stmt: &'s Arc<PlannedStmt>,
    pub inits: Vec<Init>,
    pub work_tables: usize,
    instrument: bool,
}

/// Does a plan read executor parameters that are set from outside?
pub(crate) fn depends_on_params(plan: &Plan) -> bool {
    let mut found = false;
    plan.for_each_expr(&mut |top| {
        found = found
            || top.any(&mut |expr| match expr {
                Expr::Param(param) => param.kind == ParamKind::Exec,
                Expr::SubPlan(_) => true,
                _ => false,
            });
    });
    found || plan.children().into_iter().any(depends_on_params)
}

impl<'s> Builder<'s> {
    pub(crate) fn new(stmt: &'s Arc<PlannedStmt>, instrument: bool) -> Self {
        Builder { stmt, inits: Vec::new(), work_tables: 0, instrument }
    }

    /// A node with everything below it.
    pub(crate) fn plan(&mut self, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Box<dyn Node>> {
        for init in &plan.init_plans {
            self.inits.push(Init {
                plan: init.plan,
                kind: init.kind,
                params: init.params.clone(),
                element_type: init.element_type,
            });
        }
        let outside = std::mem::replace(&mut ctx.scan_columns, self.scan_columns(plan));
        let node = self.node(plan, ctx);
        ctx.scan_columns = outside;
        let node = node?;
        Ok(if self.instrument { Box::new(Instrumented { node, key: key(plan), fresh: true }) } else { node })
    }

    /// Columns of what a node scans, if that is no relation.
    fn scan_columns(&self, plan: &Plan) -> Option<Arc<[RteColumn]>> {
        let rte = match &plan.node {
            PlanNode::SubqueryScan { rte, .. }
            | PlanNode::FunctionScan { rte, .. }
            | PlanNode::TableFuncScan { rte, .. }
            | PlanNode::ValuesScan { rte, .. }
            | PlanNode::CteScan { rte, .. }
            | PlanNode::WorkTableScan { rte, .. } => *rte,
            _ => return None,
        };
        self.stmt.rte_names.get(rte).map(|names| names.columns.as_slice().into())
    }

    fn node(&mut self, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Box<dyn Node>> {
        Ok(match &plan.node {
            PlanNode::Result { outer, one_time } => {
                let outer = outer.as_ref().map(|outer| self.plan(outer, ctx)).transpose()?;
                Box::new(nodes::result::ResultNode::new(
                    outer,
                    one_time.as_ref().map(|filter| compile(filter, ctx)).transpose()?,
                    self.quals(plan, ctx)?,
                    self.projection(plan, ctx)?,
                ))
            }
            PlanNode::ProjectSet { outer } => {
                let outer = self.plan(outer, ctx)?;
                Box::new(nodes::project_set::ProjectSet::new(plan, outer, ctx)?)
            }
            PlanNode::ModifyTable { .. } => nodes::modify::build(self, plan, ctx)?,
            PlanNode::Append { children } => {
                let children = children.iter().map(|child| self.plan(child, ctx)).collect::<Result<_>>()?;
                Box::new(nodes::append::Append::new(children))
            }
            PlanNode::MergeAppend { .. } => return Err(Error::internal("MergeAppend is never planned")),
            PlanNode::RecursiveUnion { outer, inner, work_table, distinct } => {
                self.work_tables = self.work_tables.max(work_table + 1);
                let (outer, inner) = (self.plan(outer, ctx)?, self.plan(inner, ctx)?);
                let keys = nodes::GroupColumns::new(distinct, ctx)?;
                Box::new(nodes::recursive_union::RecursiveUnion::new(outer, inner, *work_table, keys))
            }
            PlanNode::WorkTableScan { work_table, .. } => {
                self.work_tables = self.work_tables.max(work_table + 1);
                let (quals, projection) = (self.quals(plan, ctx)?, self.projection(plan, ctx)?);
                Box::new(nodes::work_table::WorkTableScan::new(*work_table, quals, projection))
            }
            PlanNode::SeqScan { rte, relation } => {
                Box::new(nodes::seq_scan::SeqScan::new(self, plan, *rte, relation, ctx)?)
            }
            PlanNode::SampleScan { rte, relation, .. } => {
                let scan = nodes::seq_scan::SeqScan::new(self, plan, *rte, relation, ctx)?;
                Box::new(nodes::sample_scan::sampled(plan, scan, ctx)?)
            }
            PlanNode::IndexScan { .. } => Box::new(nodes::index_scan::IndexScanNode::new(self, plan, ctx)?),
            PlanNode::BitmapHeapScan { .. } => Box::new(nodes::bitmap::BitmapHeapScan::new(self, plan, ctx)?),
            PlanNode::BitmapIndexScan { .. } | PlanNode::BitmapAnd { .. } | PlanNode::BitmapOr { .. } => {
                return Err(Error::internal("bitmap outside of a bitmap heap scan"));
            }
            PlanNode::TidScan { .. } => Box::new(nodes::tid_scan::TidScan::new(self, plan, ctx)?),
            PlanNode::SubqueryScan { outer, .. } => {
                let outer = self.plan(outer, ctx)?;
                let (quals, projection) = (self.quals(plan, ctx)?, self.projection(plan, ctx)?);
                Box::new(nodes::subquery_scan::SubqueryScan::new(outer, quals, projection))
            }
            PlanNode::FunctionScan { .. } => {
                Box::new(nodes::function_scan::FunctionScan::new(self, plan, ctx)?)
            }
            PlanNode::TableFuncScan { name, .. } if &**name == "json_table" => {
                let (quals, projection) = (self.quals(plan, ctx)?, self.projection(plan, ctx)?);
                Box::new(nodes::json_table::JsonTable::new(plan, quals, projection, ctx)?)
            }
            PlanNode::TableFuncScan { name, .. } => {
                return Err(Error::unsupported(format!("{} is not supported yet", name.to_uppercase())));
            }
            PlanNode::ValuesScan { rows, .. } => {
                let rows = rows.iter().map(|row| compile_all(row, ctx)).collect::<Result<_>>()?;
                let (quals, projection) = (self.quals(plan, ctx)?, self.projection(plan, ctx)?);
                Box::new(nodes::values_scan::ValuesScan::new(rows, quals, projection))
            }
            PlanNode::CteScan { plan: cte, .. } => {
                let (quals, projection) = (self.quals(plan, ctx)?, self.projection(plan, ctx)?);
                Box::new(nodes::cte::CteScan::new(*cte, quals, projection))
            }
            PlanNode::NestLoop { .. } => nodes::nest_loop::build(self, plan, ctx)?,
            PlanNode::MergeJoin { .. } => nodes::merge_join::build(self, plan, ctx)?,
            PlanNode::HashJoin { .. } => nodes::hash_join::build(self, plan, ctx)?,
            PlanNode::Material { outer } => {
                let dependent = depends_on_params(outer);
                Box::new(nodes::material::Material::new(self.plan(outer, ctx)?, dependent))
            }
            PlanNode::Memoize { .. } => nodes::memoize::build(self, plan, ctx)?,
            PlanNode::Sort { outer, keys, presorted } if *presorted > 0 => {
                let ready = nodes::SortColumns::new(keys.get(..*presorted).unwrap_or(keys), ctx)?;
                let keys = nodes::SortColumns::new(keys, ctx)?;
                Box::new(nodes::incremental_sort::IncrementalSort::new(self.plan(outer, ctx)?, ready, keys))
            }
            PlanNode::Sort { outer, keys, .. } => {
                let dependent = depends_on_params(outer);
                let keys = nodes::SortColumns::new(keys, ctx)?;
                Box::new(nodes::sort::Sort::new(self.plan(outer, ctx)?, keys, dependent))
            }
            PlanNode::Group { outer, keys } => {
                let outer = self.plan(outer, ctx)?;
                let keys = nodes::GroupColumns::new(keys, ctx)?;
                let (quals, projection) = (self.quals(plan, ctx)?, self.projection(plan, ctx)?);
                Box::new(nodes::group::Group::new(outer, keys, quals, projection))
            }
            PlanNode::Agg { .. } => nodes::agg::build(self, plan, ctx)?,
            PlanNode::WindowAgg { .. } => nodes::window_agg::build(self, plan, ctx)?,
            PlanNode::Unique { outer, keys } => {
                let outer = self.plan(outer, ctx)?;
                Box::new(nodes::unique::Unique::new(outer, nodes::GroupColumns::new(keys, ctx)?))
            }
            PlanNode::SetOp { kind, all, outer, inner, keys, .. } => {
                let (outer, inner) = (self.plan(outer, ctx)?, self.plan(inner, ctx)?);
                let keys = nodes::GroupColumns::new(keys, ctx)?;
                Box::new(nodes::set_op::SetOpNode::new(*kind, *all, outer, inner, keys))
            }
            PlanNode::LockRows { .. } => nodes::lock_rows::build(self, plan, ctx)?,
            PlanNode::Limit { outer, offset, count, with_ties } => {
                let outer = self.plan(outer, ctx)?;
                Box::new(nodes::limit::Limit::new(
                    outer,
                    offset.as_ref().map(|offset| compile(offset, ctx)).transpose()?,
                    count.as_ref().map(|count| compile(count, ctx)).transpose()?,
                    with_ties.as_ref().map(|keys| nodes::SortColumns::new(keys, ctx)).transpose()?,
                ))
            }
        })
    }

    /// The node's filter.
    pub(crate) fn quals(&self, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Vec<Compiled>> {
        compile_all(&plan.quals, ctx)
    }

    /// The node's target list.
    pub(crate) fn projection(&self, plan: &Plan, ctx: &mut CompileCtx<'_>) -> Result<Projection> {
        let exprs = plan.targets.iter().map(|target| compile(&target.expr, ctx)).collect::<Result<_>>()?;
        Ok(Projection::new(exprs))
    }
}

/// Comparator of a type.
pub(crate) fn comparator(type_oid: u32, collation: u32, ctx: &CompileCtx<'_>) -> Result<Comparator> {
    Comparator::new(type_oid, collation, ctx.env.as_type_env())
}
