//! Labels and properties of each kind of node.

use super::names::Place;
use super::node::{Explainer, NodeText, Value};
use super::options::ExplainFormat;
use pglitedb_catalog::{Catalog, Relation};
use pglitedb_query_tree::{
    AggStrategy, CommandType, Expr, FrameBound, FrameExclusion, FrameMode, GroupKey, JoinType, Plan,
    PlanNode, SetOpKind, SortKey, WindowPlan,
};
use pglitedb_sqlstate::Result;

fn join_word(join: JoinType) -> &'static str {
    match join {
        JoinType::Inner => "Inner",
        JoinType::Left => "Left",
        JoinType::Full => "Full",
        JoinType::Right => "Right",
        JoinType::Semi => "Semi",
        JoinType::Anti => "Anti",
        JoinType::RightSemi => "Right Semi",
        JoinType::RightAnti => "Right Anti",
    }
}

fn relation_name(relation: &Relation) -> Option<(&'static str, &str, Option<&str>)> {
    Some(("Relation Name", &relation.name, Some(&relation.namespace_name)))
}

impl<'p> Explainer<'p> {
    /// The node's label and what the structured formats say in its place.
    pub(super) fn label(&self, plan: &'p Plan, node: &mut NodeText) -> Result<()> {
        let text = |text: &str| Value::Text(text.to_owned());
        let plain = |name: &'static str, node: &mut NodeText| {
            node.label = name.to_owned();
            node.node_type = name;
        };
        match &plan.node {
            PlanNode::Result { .. } => plain("Result", node),
            PlanNode::ProjectSet { .. } => plain("ProjectSet", node),
            PlanNode::Append { .. } => plain("Append", node),
            PlanNode::MergeAppend { .. } => plain("Merge Append", node),
            PlanNode::RecursiveUnion { .. } => plain("Recursive Union", node),
            PlanNode::Material { .. } => plain("Materialize", node),
            PlanNode::Memoize { .. } => plain("Memoize", node),
            PlanNode::Sort { presorted: 0, .. } => plain("Sort", node),
            PlanNode::Sort { .. } => plain("Incremental Sort", node),
            PlanNode::Group { .. } => plain("Group", node),
            PlanNode::WindowAgg { .. } => plain("WindowAgg", node),
            PlanNode::Unique { .. } => plain("Unique", node),
            PlanNode::LockRows { .. } => plain("LockRows", node),
            PlanNode::Limit { .. } => plain("Limit", node),
            PlanNode::ModifyTable { command, targets, .. } => {
                node.node_type = "ModifyTable";
                let word = match command {
                    CommandType::Insert => "Insert",
                    CommandType::Update => "Update",
                    CommandType::Delete => "Delete",
                    CommandType::Merge => "Merge",
                    CommandType::Select => "Select",
                };
                node.label = word.to_owned();
                node.head.push(("Operation", text(word)));
                if let Some(target) = targets.first() {
                    self.target(target.rte, relation_name(&target.relation), node);
                }
            }
            PlanNode::NestLoop { join, .. } => {
                self.join_label(*join, "Nested Loop", "Nested Loop", node);
            }
            PlanNode::MergeJoin { join, .. } => self.join_label(*join, "Merge", "Merge Join", node),
            PlanNode::HashJoin { join, .. } => self.join_label(*join, "Hash", "Hash Join", node),
            PlanNode::Agg { strategy, grouping_sets, .. } => {
                let (label, word) = match strategy {
                    AggStrategy::Plain => ("Aggregate", "Plain"),
                    AggStrategy::Sorted => ("GroupAggregate", "Sorted"),
                    AggStrategy::Hashed => ("HashAggregate", "Hashed"),
                    AggStrategy::Mixed if grouping_sets.iter().any(Vec::is_empty) => {
                        ("MixedAggregate", "Mixed")
                    }
                    AggStrategy::Mixed => ("HashAggregate", "Hashed"),
                };
                node.label = label.to_owned();
                node.node_type = "Aggregate";
                node.head.push(("Strategy", text(word)));
            }
            PlanNode::SetOp { kind, all, sorted, .. } => {
                let word = match kind {
                    SetOpKind::Union => "Union",
                    SetOpKind::Intersect => "Intersect",
                    SetOpKind::Except => "Except",
                };
                let command = if *all { format!("{word} All") } else { word.to_owned() };
                let strategy = if sorted.is_some() { "SetOp" } else { "HashSetOp" };
                node.label = format!("{strategy} {command}");
                node.node_type = "SetOp";
                node.head.push(("Strategy", text(if sorted.is_some() { "Sorted" } else { "Hashed" })));
                node.head.push(("Command", Value::Text(command)));
            }
            _ => self.scan_label(plan, node)?,
        }
        Ok(())
    }

    fn join_label(&self, join: JoinType, short: &str, node_type: &'static str, node: &mut NodeText) {
        let word = join_word(join);
        node.label = match join {
            JoinType::Inner => node_type.to_owned(),
            _ => format!("{short} {word} Join"),
        };
        node.node_type = node_type;
        node.head.push(("Join Type", Value::Text(word.to_owned())));
    }

    fn scan_label(&self, plan: &'p Plan, node: &mut NodeText) -> Result<()> {
        let begin = |name: &'static str, node: &mut NodeText| {
            node.label = name.to_owned();
            node.node_type = name;
        };
        match &plan.node {
            PlanNode::SeqScan { rte, relation } => {
                begin("Seq Scan", node);
                self.target(*rte, relation_name(relation), node);
            }
            PlanNode::SampleScan { rte, relation, .. } => {
                begin("Sample Scan", node);
                self.target(*rte, relation_name(relation), node);
            }
            PlanNode::BitmapHeapScan { rte, relation, .. } => {
                begin("Bitmap Heap Scan", node);
                self.target(*rte, relation_name(relation), node);
            }
            PlanNode::BitmapIndexScan { index, .. } => {
                begin("Bitmap Index Scan", node);
                let name = pglitedb_types::quote_identifier(&index.name);
                node.label.push_str(&format!(" on {name}"));
                node.head.push(("Index Name", Value::Text(index.name.to_string())));
            }
            PlanNode::BitmapAnd { .. } => begin("BitmapAnd", node),
            PlanNode::BitmapOr { .. } => begin("BitmapOr", node),
            PlanNode::TidScan { rte, relation, .. } => {
                begin("Tid Scan", node);
                self.target(*rte, relation_name(relation), node);
            }
            PlanNode::IndexScan { rte, relation, index, backward, index_only, .. } => {
                begin(if *index_only { "Index Only Scan" } else { "Index Scan" }, node);
                if *backward {
                    node.label.push_str(" Backward");
                }
                let name = pglitedb_types::quote_identifier(&index.name);
                node.label.push_str(&format!(" using {name}"));
                let direction = if *backward { "Backward" } else { "Forward" };
                node.head.push(("Scan Direction", Value::Text(direction.to_owned())));
                node.head.push(("Index Name", Value::Text(index.name.to_string())));
                self.target(*rte, relation_name(relation), node);
            }
            PlanNode::SubqueryScan { rte, .. } => {
                begin("Subquery Scan", node);
                self.target(*rte, None, node);
            }
            PlanNode::FunctionScan { rte, functions, .. } => {
                begin("Function Scan", node);
                let func = match functions.as_slice() {
                    [one] => one.func().map(|func| func.func),
                    _ => None,
                };
                let info = func.map(|oid| self.env.proc(oid)).transpose()?.flatten();
                match info {
                    Some(info) => {
                        let schema = self.env.namespace_name(info.namespace)?;
                        self.target(*rte, Some(("Function Name", &info.name, schema.as_deref())), node);
                    }
                    None => self.target(*rte, None, node),
                }
            }
            PlanNode::TableFuncScan { rte, name, .. } => {
                begin("Table Function Scan", node);
                // A keyword, so quoted where it is shown as a name.
                self.target(*rte, Some(("Table Function Name", name, None)), node);
            }
            PlanNode::ValuesScan { rte, .. } => {
                begin("Values Scan", node);
                self.target(*rte, None, node);
            }
            PlanNode::CteScan { rte, name, .. } => {
                begin("CTE Scan", node);
                self.target(*rte, Some(("CTE Name", name, None)), node);
            }
            PlanNode::WorkTableScan { rte, .. } => {
                begin("WorkTable Scan", node);
                let name = self.plan.stmt.rte_names.get(*rte).map(|names| names.alias.to_string());
                // The alias of the reference is numbered after the WITH query's name.
                let base = name.as_deref().map(|name| {
                    name.rsplit_once('_')
                        .filter(|(_, n)| n.parse::<u32>().is_ok())
                        .map_or(name, |(base, _)| base)
                });
                match base {
                    Some(base) => {
                        let base = base.to_owned();
                        self.target(*rte, Some(("CTE Name", &base, None)), node);
                    }
                    None => self.target(*rte, None, node),
                }
            }
            _ => node.node_type = "Unknown",
        }
        Ok(())
    }

    /// VERBOSE: the node's output columns.
    pub(super) fn output(&self, plan: &'p Plan, inside: &Place<'p>, node: &mut NodeText) -> Result<()> {
        let none = matches!(
            plan.node,
            PlanNode::Append { .. } | PlanNode::MergeAppend { .. } | PlanNode::RecursiveUnion { .. }
        );
        if none || plan.targets.is_empty() {
            return Ok(());
        }
        let list = plan
            .targets
            .iter()
            .map(|target| self.expr(&target.expr, inside, self.output_prefix()))
            .collect::<Result<Vec<_>>>()?;
        node.properties.push(("Output".to_owned(), Value::List(list)));
        Ok(())
    }

    /// Everything below the node's first line.
    pub(super) fn details(&self, plan: &'p Plan, inside: &Place<'p>, node: &mut NodeText) -> Result<()> {
        let (upper, scan) = (self.prefix(), self.options.verbose);
        let put = |name: &str, text: Option<String>, node: &mut NodeText| {
            if let Some(text) = text {
                node.properties.push((name.to_owned(), Value::Text(text)));
            }
        };
        // The columns of a subquery are named after it even where nothing else is.
        let mut filter_prefix = scan || matches!(plan.node, PlanNode::SubqueryScan { .. });
        match &plan.node {
            PlanNode::BitmapHeapScan { recheck, .. } => {
                put("Recheck Cond", self.quals(recheck, inside, scan)?, node);
            }
            PlanNode::IndexScan { conds, .. } | PlanNode::BitmapIndexScan { conds, .. } => {
                let mut shown: Vec<Expr> = conds.iter().map(|cond| cond.display.clone()).collect();
                shown.dedup();
                put("Index Cond", self.quals(&shown, inside, scan)?, node);
            }
            PlanNode::TidScan { tids, .. } => put("TID Cond", self.quals(tids, inside, scan)?, node),
            PlanNode::SampleScan { args, method, repeatable, .. } => {
                let name = self.env.proc(*method)?.map_or_else(String::new, |info| info.name.to_string());
                let args = args.iter().map(|arg| self.expr(arg, inside, scan)).collect::<Result<Vec<_>>>()?;
                let mut text = format!("{name} ({})", args.join(", "));
                if let Some(seed) = repeatable {
                    text.push_str(&format!(" REPEATABLE ({})", self.expr(seed, inside, scan)?));
                }
                put("Sampling", Some(text), node);
            }
            PlanNode::FunctionScan { functions, .. } if self.options.verbose => {
                let calls = functions
                    .iter()
                    .map(|function| self.expr(&function.expr, inside, true))
                    .collect::<Result<Vec<_>>>()?;
                put("Function Call", Some(calls.join(", ")), node);
            }
            PlanNode::TableFuncScan { .. } if self.options.verbose => {
                put("Table Function Call", self.json_table(plan, inside)?, node);
            }
            PlanNode::Result { one_time, .. } => {
                let one_time = one_time.as_ref().map(|expr| self.expr(expr, inside, upper)).transpose()?;
                put("One-Time Filter", one_time, node);
                filter_prefix = upper;
            }
            PlanNode::NestLoop { join_quals, inner_unique, .. } => {
                self.unique_flag(*inner_unique, node);
                put("Join Filter", self.quals(join_quals, inside, upper)?, node);
                filter_prefix = upper;
            }
            PlanNode::MergeJoin { keys, join_quals, inner_unique, .. } => {
                self.unique_flag(*inner_unique, node);
                let conds: Vec<Expr> = keys.iter().map(|key| key.display.clone()).collect();
                put("Merge Cond", self.quals(&conds, inside, upper)?, node);
                put("Join Filter", self.quals(join_quals, inside, upper)?, node);
                filter_prefix = upper;
            }
            PlanNode::HashJoin { keys, join_quals, inner_unique, .. } => {
                self.unique_flag(*inner_unique, node);
                let conds: Vec<Expr> = keys.iter().map(|key| key.display.clone()).collect();
                put("Hash Cond", self.quals(&conds, inside, upper)?, node);
                put("Join Filter", self.quals(join_quals, inside, upper)?, node);
                filter_prefix = upper;
            }
            PlanNode::Sort { outer, keys, presorted } => {
                let list = self.sort_keys(outer, keys, inside)?;
                let early = list.get(..*presorted).map(<[String]>::to_vec).unwrap_or_default();
                node.properties.push(("Sort Key".to_owned(), Value::List(list)));
                if !early.is_empty() {
                    node.properties.push(("Presorted Key".to_owned(), Value::List(early)));
                }
            }
            PlanNode::MergeAppend { children, keys } => {
                if let Some(first) = children.first() {
                    let list = self.sort_keys(first, keys, inside)?;
                    node.properties.push(("Sort Key".to_owned(), Value::List(list)));
                }
            }
            PlanNode::Group { outer, keys } => {
                node.properties.push(("Group Key".to_owned(), self.group_keys(outer, keys, inside)?));
                filter_prefix = upper;
            }
            PlanNode::Agg { outer, keys, grouping_sets, strategy, .. } => {
                self.agg_keys(outer, keys, grouping_sets, *strategy, inside, node)?;
                filter_prefix = upper;
            }
            PlanNode::WindowAgg { outer, window } => {
                let text = self.window(outer, window, inside)?;
                put("Window", Some(text), node);
                filter_prefix = upper;
            }
            PlanNode::Memoize { keys, binary, .. } => {
                let keys =
                    keys.iter().map(|key| self.expr(key, inside, upper)).collect::<Result<Vec<_>>>()?;
                put("Cache Key", Some(keys.join(", ")), node);
                put("Cache Mode", Some(if *binary { "binary" } else { "logical" }.to_owned()), node);
            }
            PlanNode::ModifyTable { on_conflict: Some(conflict), targets, .. } => {
                let word = if conflict.update.is_some() { "UPDATE" } else { "NOTHING" };
                put("Conflict Resolution", Some(word.to_owned()), node);
                let mut names = Vec::new();
                if let Some(target) = targets.first() {
                    for oid in &conflict.arbiters {
                        let index = target.relation.indexes.iter().find(|index| index.oid == *oid);
                        names.extend(index.map(|index| index.name.to_string()));
                    }
                }
                if !names.is_empty() {
                    node.properties.push(("Conflict Arbiter Indexes".to_owned(), Value::List(names)));
                }
                if let Some(condition) = &conflict.update_where {
                    put("Conflict Filter", Some(self.expr(condition, inside, true)?), node);
                }
            }
            _ => {}
        }
        put("Filter", self.quals(&plan.quals, inside, filter_prefix)?, node);
        if let Some(stats) = node.stats.filter(|stats| stats.filtered > 0 && stats.loops > 0) {
            let removed = stats.filtered / stats.loops;
            let what = match &plan.node {
                PlanNode::NestLoop { join_quals, .. }
                | PlanNode::HashJoin { join_quals, .. }
                | PlanNode::MergeJoin { join_quals, .. }
                    if !join_quals.is_empty() && plan.quals.is_empty() =>
                {
                    "Rows Removed by Join Filter"
                }
                _ => "Rows Removed by Filter",
            };
            node.properties.push((what.to_owned(), Value::Integer(removed)));
        }
        if let Some(stats) = node.stats.filter(|stats| stats.loops > 0) {
            self.analyzed(plan, &stats, node);
        }
        Ok(())
    }

    /// What ANALYZE says of some nodes beyond rows and times.
    fn analyzed(&self, plan: &Plan, stats: &pglitedb_executor::NodeStats, node: &mut NodeText) {
        let put = |name: &str, value: u64, node: &mut NodeText| {
            node.properties.push((name.to_owned(), Value::Integer(value)));
        };
        match &plan.node {
            PlanNode::IndexScan { index_only: true, .. } => {
                // Entries are versioned like rows: no row has to be looked at to know that it is visible.
                put("Heap Fetches", 0, node);
                put("Index Searches", stats.searches, node);
            }
            PlanNode::IndexScan { .. } | PlanNode::BitmapIndexScan { .. } => {
                put("Index Searches", stats.searches, node);
            }
            PlanNode::BitmapHeapScan { .. } if stats.blocks > 0 => {
                if self.options.format == ExplainFormat::Text {
                    let text = format!("exact={}", stats.blocks);
                    node.properties.push(("Heap Blocks".to_owned(), Value::Text(text)));
                } else {
                    put("Exact Heap Blocks", stats.blocks, node);
                    put("Lossy Heap Blocks", 0, node);
                }
            }
            PlanNode::Memoize { .. } if stats.cache.misses > 0 => {
                let cache = &stats.cache;
                let memory = cache.peak.div_ceil(1024) as u64;
                if self.options.format != ExplainFormat::Text {
                    put("Cache Hits", cache.hits, node);
                    put("Cache Misses", cache.misses, node);
                    put("Cache Evictions", cache.evictions, node);
                    put("Cache Overflows", cache.overflows, node);
                    put("Peak Memory Usage", memory, node);
                    return;
                }
                let text = format!(
                    "{}  Misses: {}  Evictions: {}  Overflows: {}  Memory Usage: {}kB",
                    cache.hits, cache.misses, cache.evictions, cache.overflows, memory
                );
                node.properties.push(("Hits".to_owned(), Value::Text(text)));
            }
            _ => {}
        }
    }

    fn unique_flag(&self, unique: bool, node: &mut NodeText) {
        if self.options.verbose {
            let text = ("Inner Unique".to_owned(), Value::Flag(unique));
            // The text format mentions it only when it holds.
            node.properties.push(text);
        }
    }

    fn sort_keys(&self, child: &'p Plan, keys: &[SortKey], inside: &Place<'p>) -> Result<Vec<String>> {
        keys.iter()
            .map(|key| {
                let mut text = self.child_column(child, key.column, inside, true)?;
                if key.descending {
                    text.push_str(" DESC");
                }
                if key.nulls_first != key.descending {
                    text.push_str(if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
                }
                Ok(text)
            })
            .collect()
    }

    fn group_keys(&self, child: &'p Plan, keys: &[GroupKey], inside: &Place<'p>) -> Result<Value> {
        let list = keys
            .iter()
            .map(|key| self.child_column(child, key.column, inside, false))
            .collect::<Result<Vec<_>>>()?;
        Ok(Value::List(list))
    }

    fn agg_keys(
        &self,
        child: &'p Plan,
        keys: &[GroupKey],
        sets: &[Vec<usize>],
        strategy: AggStrategy,
        inside: &Place<'p>,
        node: &mut NodeText,
    ) -> Result<()> {
        if sets.is_empty() {
            if !keys.is_empty() {
                node.properties.push(("Group Key".to_owned(), self.group_keys(child, keys, inside)?));
            }
            return Ok(());
        }
        for set in sets {
            let chosen: Vec<GroupKey> = set.iter().filter_map(|at| keys.get(*at).cloned()).collect();
            let name =
                if strategy == AggStrategy::Mixed && !chosen.is_empty() { "Hash Key" } else { "Group Key" };
            let value = if chosen.is_empty() {
                Value::List(vec!["()".to_owned()])
            } else {
                self.group_keys(child, &chosen, inside)?
            };
            node.properties.push((name.to_owned(), value));
        }
        Ok(())
    }

    fn window(&self, child: &'p Plan, window: &WindowPlan, inside: &Place<'p>) -> Result<String> {
        let mut parts = Vec::new();
        if !window.partition_by.is_empty()
            && let Value::List(list) = self.group_keys(child, &window.partition_by, inside)?
        {
            parts.push(format!("PARTITION BY {}", list.join(", ")));
        }
        if !window.order_by.is_empty() {
            let keys = window.order_by.iter().map(|key| self.child_column(child, key.column, inside, false));
            parts.push(format!("ORDER BY {}", keys.collect::<Result<Vec<_>>>()?.join(", ")));
        }
        let default = window.mode == FrameMode::Range
            && window.start == FrameBound::UnboundedPreceding
            && window.end == FrameBound::CurrentRow
            && window.exclusion == FrameExclusion::NoOthers;
        if !default {
            parts.push(self.frame(window, inside)?);
        }
        Ok(format!("{} AS ({})", pglitedb_types::quote_identifier(&window.name), parts.join(" ")))
    }

    fn frame(&self, window: &WindowPlan, inside: &Place<'p>) -> Result<String> {
        let mode = match window.mode {
            FrameMode::Range => "RANGE",
            FrameMode::Rows => "ROWS",
            FrameMode::Groups => "GROUPS",
        };
        let bound = |bound: &FrameBound| -> Result<String> {
            Ok(match bound {
                FrameBound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
                FrameBound::Preceding(expr) => {
                    format!("{} PRECEDING", self.expr(expr, inside, self.prefix())?)
                }
                FrameBound::CurrentRow => "CURRENT ROW".to_owned(),
                FrameBound::Following(expr) => {
                    format!("{} FOLLOWING", self.expr(expr, inside, self.prefix())?)
                }
                FrameBound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
            })
        };
        // Whether BETWEEN was written is not kept: who means one row says so.
        let short = window.end == FrameBound::CurrentRow && window.start != FrameBound::CurrentRow;
        let mut text = if short {
            format!("{mode} {}", bound(&window.start)?)
        } else {
            format!("{mode} BETWEEN {} AND {}", bound(&window.start)?, bound(&window.end)?)
        };
        text.push_str(match window.exclusion {
            FrameExclusion::NoOthers => "",
            FrameExclusion::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion::Group => " EXCLUDE GROUP",
            FrameExclusion::Ties => " EXCLUDE TIES",
        });
        Ok(text)
    }
}
