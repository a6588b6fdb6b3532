//! A plan node as labels and properties, from which all formats are printed.

use super::names::Place;
use super::options::ExplainOptions;
use crate::env::Env;
use crate::plan::CachedPlan;
use crate::portal::Execution;
use pglitedb_executor::NodeStats;
use pglitedb_query_tree::{Expr, Plan, PlanNode};
use pglitedb_sqlstate::Result;
use pglitedb_types::quote_identifier;
use std::cell::RefCell;
use std::time::Duration;

/// A property's value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(u64),
    Flag(bool),
    List(Vec<String>),
}

/// A printed node.
#[derive(Default)]
pub(super) struct NodeText {
    /// `Hash Left Join`, as the text format has it.
    pub label: String,
    /// `Hash Join`, as the other formats have it.
    pub node_type: &'static str,
    /// What the other formats say beyond the label: `Join Type`, `Relation Name`, ...
    pub head: Vec<(&'static str, Value)>,
    pub costs: (f64, f64, f64, i32),
    pub stats: Option<NodeStats>,
    pub properties: Vec<(String, Value)>,
    pub children: Vec<Child>,
}

/// A child with how it belongs to its parent.
pub(super) struct Child {
    pub relationship: &'static str,
    /// `InitPlan 1`, `SubPlan 2`, `CTE x`.
    pub subplan: Option<String>,
    pub node: NodeText,
}

/// Everything EXPLAIN prints.
pub(super) struct Explained {
    pub root: NodeText,
    pub settings: Vec<(String, String)>,
    pub planning: Option<Duration>,
    pub execution: Option<Duration>,
}

/// Explains one plan.
pub(super) struct Explainer<'p> {
    pub env: &'p Env,
    pub plan: &'p CachedPlan,
    pub options: &'p ExplainOptions,
    execution: Option<&'p Execution>,
    /// Subplans shown already.
    shown: RefCell<Vec<usize>>,
}

impl<'p> Explainer<'p> {
    pub(super) fn new(
        env: &'p Env,
        plan: &'p CachedPlan,
        options: &'p ExplainOptions,
        execution: Option<&'p Execution>,
    ) -> Self {
        Explainer { env, plan, options, execution, shown: RefCell::default() }
    }

    /// Are columns in conditions and keys written with their table's name?
    pub(super) fn prefix(&self) -> bool {
        self.output_prefix() || self.options.verbose
    }

    /// Are output columns? Only where there is more than one range table entry, even with VERBOSE.
    pub(super) fn output_prefix(&self) -> bool {
        self.plan.stmt.rte_names.len() + self.plan.stmt.empty_froms > 1
    }

    /// The statement's plan.
    pub(super) fn root(&self) -> Result<NodeText> {
        let plan = &self.plan.stmt.plan;
        self.level(plan, &Place::default())
    }

    /// The top node of a query level, with the WITH queries that are first used below it.
    fn level(&self, plan: &'p Plan, place: &Place<'p>) -> Result<NodeText> {
        let mut ctes = Vec::new();
        collect_ctes(plan, &mut ctes);
        let mut own = Vec::new();
        for (id, name) in ctes {
            let known = self.shown.borrow().contains(&id) || own.iter().any(|(known, _)| *known == id);
            if !known {
                own.push((id, name));
            }
        }
        self.shown.borrow_mut().extend(own.iter().map(|(id, _)| *id));
        let mut node = self.node(plan, place)?;
        let inside = place.below(plan);
        for (at, (id, name)) in own.into_iter().enumerate() {
            let Some(cte) = self.plan.stmt.subplans.get(id) else { continue };
            let child = Child {
                relationship: "InitPlan",
                subplan: Some(format!("CTE {name}")),
                node: self.level(cte, &inside)?,
            };
            node.children.insert(at, child);
        }
        Ok(node)
    }

    fn node(&self, plan: &'p Plan, place: &Place<'p>) -> Result<NodeText> {
        let inside = place.below(plan);
        let mut node = NodeText {
            costs: (plan.startup_cost, plan.total_cost, plan.rows, plan.width),
            stats: self.stats(plan),
            ..NodeText::default()
        };
        self.label(plan, &mut node)?;
        if self.options.verbose {
            self.output(plan, &inside, &mut node)?;
        }
        self.details(plan, &inside, &mut node)?;
        for init in &plan.init_plans {
            if self.shown.borrow().contains(&init.plan) {
                continue;
            }
            self.shown.borrow_mut().push(init.plan);
            if let Some(sub) = self.plan.stmt.subplans.get(init.plan) {
                let node_of = self.level(sub, &inside)?;
                let subplan = Some(init.name.to_string());
                node.children.push(Child { relationship: "InitPlan", subplan, node: node_of });
            }
        }
        self.children(plan, &inside, &mut node)?;
        self.subplans(plan, &inside, &mut node)?;
        Ok(node)
    }

    fn stats(&self, plan: &Plan) -> Option<NodeStats> {
        self.execution?.executor.as_ref().map(|executor| executor.stats(plan).unwrap_or_default())
    }

    fn children(&self, plan: &'p Plan, inside: &Place<'p>, node: &mut NodeText) -> Result<()> {
        let members = matches!(plan.node, PlanNode::Append { .. } | PlanNode::MergeAppend { .. });
        for (at, child) in plan.children().into_iter().enumerate() {
            let relationship = match (&plan.node, at) {
                _ if members => "Member",
                (PlanNode::BitmapAnd { .. } | PlanNode::BitmapOr { .. }, _) => "Member",
                (PlanNode::SubqueryScan { .. }, _) => "Subquery",
                (_, 0) => "Outer",
                _ => "Inner",
            };
            let mut shown = self.node(child, inside)?;
            if matches!(plan.node, PlanNode::HashJoin { .. }) && at == 1 {
                shown = hash_node(child, shown);
            }
            node.children.push(Child { relationship, subplan: None, node: shown });
        }
        Ok(())
    }

    /// Subplans in the node's expressions.
    fn subplans(&self, plan: &'p Plan, inside: &Place<'p>, node: &mut NodeText) -> Result<()> {
        let mut found = Vec::new();
        plan.for_each_expr(&mut |expr| {
            expr.any(&mut |expr| {
                if let Expr::SubPlan(sub) = expr {
                    found.push((sub.plan, sub.name.to_string()));
                }
                false
            });
        });
        for (id, name) in found {
            if self.shown.borrow().contains(&id) {
                continue;
            }
            self.shown.borrow_mut().push(id);
            if let Some(sub) = self.plan.stmt.subplans.get(id) {
                let shown = self.level(sub, inside)?;
                node.children.push(Child { relationship: "SubPlan", subplan: Some(name), node: shown });
            }
        }
        Ok(())
    }

    /// The range table entry whose columns `Scan` variables of a node are.
    pub(super) fn scan_rte(&self, plan: &Plan) -> Option<usize> {
        match &plan.node {
            PlanNode::SeqScan { rte, .. }
            | PlanNode::SampleScan { rte, .. }
            | PlanNode::IndexScan { rte, .. }
            | PlanNode::BitmapHeapScan { rte, .. }
            | PlanNode::TidScan { rte, .. }
            | PlanNode::SubqueryScan { rte, .. }
            | PlanNode::FunctionScan { rte, .. }
            | PlanNode::TableFuncScan { rte, .. }
            | PlanNode::ValuesScan { rte, .. }
            | PlanNode::WorkTableScan { rte, .. }
            | PlanNode::CteScan { rte, .. } => Some(*rte),
            PlanNode::ModifyTable { targets, .. } => targets.first().map(|target| target.rte),
            _ => None,
        }
    }

    /// ` on schema.name alias` of a node that reads (or changes) an entry; fills in what the other formats say.
    pub(super) fn target(
        &self,
        rte: usize,
        name: Option<(&'static str, &str, Option<&str>)>,
        node: &mut NodeText,
    ) {
        let Some(names) = self.plan.stmt.rte_names.get(rte) else { return };
        node.label.push_str(" on ");
        let alias = quote_identifier(&names.alias).into_owned();
        match name {
            Some((key, object, schema)) => {
                let quoted = quote_identifier(object).into_owned();
                if let Some(schema) = schema.filter(|_| self.options.verbose) {
                    node.label.push_str(&format!("{}.", quote_identifier(schema)));
                }
                node.label.push_str(&quoted);
                if alias != quoted {
                    node.label.push(' ');
                    node.label.push_str(&alias);
                }
                node.head.push((key, Value::Text(object.to_owned())));
                if let Some(schema) = schema.filter(|_| self.options.verbose) {
                    node.head.push(("Schema", Value::Text(schema.to_owned())));
                }
            }
            None => node.label.push_str(&alias),
        }
        node.head.push(("Alias", Value::Text(names.alias.to_string())));
    }
}

/// The inner side of a hash join is shown below a node of its own.
fn hash_node(plan: &Plan, child: NodeText) -> NodeText {
    let mut hash = NodeText {
        label: "Hash".to_owned(),
        node_type: "Hash",
        costs: (plan.total_cost, plan.total_cost, plan.rows, plan.width),
        ..NodeText::default()
    };
    if let Some(stats) = child.stats {
        hash.stats = Some(NodeStats { startup: stats.total, ..stats });
    }
    if let Some(output) = child.properties.iter().find(|(name, _)| name == "Output") {
        hash.properties.push(output.clone());
    }
    hash.children.push(Child { relationship: "Outer", subplan: None, node: child });
    hash
}

/// WITH queries that are scanned in a tree, in order.
fn collect_ctes(plan: &Plan, found: &mut Vec<(usize, String)>) {
    if let PlanNode::CteScan { plan: id, name, .. } = &plan.node
        && !found.iter().any(|(known, _)| known == id)
    {
        found.push((*id, name.to_string()));
    }
    for child in plan.children() {
        collect_ctes(child, found);
    }
}
