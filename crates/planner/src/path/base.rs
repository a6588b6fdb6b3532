//! Base relations of a query level: size, restrictions, and the paths that read one of them.

use super::clause::{Clause, RelMap};
use super::selectivity::Estimator;
use super::{Path, PathKey, PathKind, RELATIONS_MAX, RelNode, RelSet, cost, index};
use crate::planner::Planner;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{Expr, FromItem, Plan, PlanNode, Query, RteKind, SystemColumn, Var, VarSource};
use pglitedb_sqlstate::{Result, bail};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Rows assumed of a table nobody counted.
const DEFAULT_ROWS: f64 = 1000.0;

/// What is known of one base relation before its restrictions are.
pub(crate) struct BaseRel {
    /// Range table entry.
    pub rte: usize,
    /// The table.
    pub relation: Option<Arc<Relation>>,
    /// Rows before restriction.
    pub tuples: f64,
    pub pages: f64,
    pub width: i32,
    /// Relations whose columns it uses (LATERAL).
    pub lateral: RelSet,
    /// Plan of a subquery.
    pub subplan: Option<Rc<Plan>>,
    /// Lateral references of the subquery: expression of this level, parameter.
    pub params: Vec<(Expr, usize)>,
}

/// The base relations of a level, in order of appearance in FROM.
pub(crate) struct BaseRels {
    pub rels: Vec<BaseRel>,
    pub map: RelMap,
    pub tuples: Vec<f64>,
    /// Rows after restriction, as far as known.
    pub rows: RefCell<Vec<f64>>,
    /// Is only a part of the result wanted, so that a path's first rows count?
    pub startup_matters: bool,
}

impl BaseRels {
    /// How often a scan that needs columns of these relations is done: once for each row of the smallest.
    pub(crate) fn loops(&self, required: RelSet) -> f64 {
        let rows = self.rows.borrow();
        let least = required.iter().filter_map(|rel| rows.get(rel)).copied().fold(f64::INFINITY, f64::min);
        if least.is_finite() { least.max(1.0) } else { 1.0 }
    }
}

/// Collects the base relations, planning subqueries.
pub(crate) fn collect(planner: &mut Planner<'_>, query: &mut Query) -> Result<BaseRels> {
    let mut rtes = Vec::new();
    for item in &query.from {
        crate::prep::pull_up::item_rtes(item, &mut rtes);
    }
    if rtes.len() > RELATIONS_MAX {
        bail!(PROGRAM_LIMIT_EXCEEDED, "query level uses {} relations, more than {RELATIONS_MAX}", rtes.len());
    }
    let mut map = RelMap { rel_of_rte: vec![None; query.rtable.len()] };
    for (rel, rte) in rtes.iter().enumerate() {
        map.rel_of_rte[*rte] = Some(rel);
    }
    let mut rels = Vec::with_capacity(rtes.len());
    for rte in rtes {
        rels.push(base_rel(planner, query, &map, rte)?);
    }
    placeholder_references(query, &map, &mut rels);
    let tuples: Vec<f64> = rels.iter().map(|rel| rel.tuples).collect();
    let rows = RefCell::new(tuples.clone());
    Ok(BaseRels { rels, map, tuples, rows, startup_matters: false })
}

fn base_rel(planner: &mut Planner<'_>, query: &mut Query, map: &RelMap, rte: usize) -> Result<BaseRel> {
    let entry = &mut query.rtable[rte];
    let mut base = BaseRel {
        rte,
        relation: None,
        tuples: DEFAULT_ROWS,
        pages: 1.0,
        width: i32::try_from(entry.columns.len()).unwrap_or(1).saturating_mul(8),
        lateral: RelSet::default(),
        subplan: None,
        params: Vec::new(),
    };
    match &mut entry.kind {
        RteKind::Relation { oid, .. } => {
            let Some(relation) = planner.catalog().relation(*oid)? else {
                bail!(UNDEFINED_TABLE, "relation with OID {oid} does not exist");
            };
            base.tuples = planner
                .catalog()
                .row_estimate(*oid)
                .or((relation.reltuples >= 0.0).then_some(relation.reltuples))
                .unwrap_or(DEFAULT_ROWS)
                .max(1.0);
            base.width = relation_width(planner, &relation);
            base.pages = table_pages(base.tuples, f64::from(base.width)).max(1.0);
            if base.pages < NEW_TABLE_PAGES
                && relation.reltuples < 0.0
                && *oid >= pglitedb_types::oids::FIRST_NORMAL_OID
            {
                // A table that was never analyzed is likely to grow: plan as if it had, as PostgreSQL does.
                base.pages = NEW_TABLE_PAGES;
                base.tuples = base.tuples.max(rows_of_pages(NEW_TABLE_PAGES, base.width));
            }
            base.relation = Some(relation);
        }
        RteKind::Subquery { query: sub, .. } => {
            let sub = std::mem::take(sub);
            let saved = std::mem::take(&mut planner.level().outer_refs);
            let planned = planner.query(*sub, 0.0, false);
            base.params = std::mem::replace(&mut planner.level().outer_refs, saved);
            let plan = planned?.plan;
            base.tuples = plan.rows;
            base.width = plan.width;
            for (expr, _) in &base.params {
                base.lateral = base.lateral.union(map.rels(expr));
            }
            base.subplan = Some(Rc::new(plan));
        }
        RteKind::Function { functions, .. } => {
            base.tuples = 1.0;
            for function in functions.iter() {
                base.lateral = base.lateral.union(map.rels(&function.expr));
                if let Some(func) = function.func()
                    && let Some(proc) = planner.catalog().proc(func.func)?
                    && proc.returns_set
                {
                    base.tuples = base.tuples.max(function_rows(func, f64::from(proc.rows)));
                }
            }
        }
        RteKind::Values { rows } => {
            base.tuples = rows.len() as f64;
            for expr in rows.iter().flatten() {
                base.lateral = base.lateral.union(map.rels(expr));
            }
        }
        RteKind::TableFunction { args, .. } => {
            base.tuples = 100.0;
            for expr in args.iter() {
                base.lateral = base.lateral.union(map.rels(expr));
            }
        }
        RteKind::Cte { name, levels_up, .. } => {
            let at = planner.levels.len().checked_sub(1 + *levels_up as usize);
            if let Some(cte) = at.and_then(|at| planner.levels[at].ctes.get(name)) {
                base.tuples = cte.rows;
                base.width = cte.width;
            }
        }
        RteKind::Result => base.tuples = 1.0,
        RteKind::Join { .. } => {}
    }
    Ok(base)
}

/// generate_series and unnest over constants say how many rows they give; others go by `prorows`.
fn function_rows(func: &pglitedb_query_tree::FuncExpr, declared: f64) -> f64 {
    let number = |at: usize| match func.args.get(at) {
        Some(Expr::Const(constant)) => constant.value.as_i64(),
        _ => None,
    };
    match func.func {
        1066..=1069 => match (number(0), number(1), number(2)) {
            (Some(from), Some(to), step) => {
                let step = step.unwrap_or(1);
                if step == 0 {
                    declared
                } else {
                    ((to as f64 - from as f64) / step as f64 + 1.0).floor().max(0.0)
                }
            }
            _ => declared,
        },
        _ => declared,
    }
}

/// A placeholder computed at a relation may use columns of others, which must then come first.
fn placeholder_references(query: &Query, map: &RelMap, rels: &mut [BaseRel]) {
    query.for_each_expr(&mut |top| {
        top.walk(&mut |expr| {
            if let Expr::PlaceHolder(holder) = expr
                && holder.levels_up == 0
            {
                let own = map.rels(expr);
                let outside = map.rels(&holder.expr).minus(own);
                if let Some(rel) = own.iter().next().and_then(|rel| rels.get_mut(rel)) {
                    rel.lateral = rel.lateral.union(outside);
                }
            }
            true
        });
    });
}

/// Pages that PostgreSQL would need for so many rows: its costs are what users know.
/// Pages that a small table is planned with until it is analyzed.
const NEW_TABLE_PAGES: f64 = 10.0;

/// Rows that fill so many pages.
fn rows_of_pages(pages: f64, width: i32) -> f64 {
    (pages * (8168.0 / (28.0 + f64::from(width.max(0)))).floor()).max(1.0)
}

/// Pages that PostgreSQL would need for a table of so many rows, of this width on average.
pub fn table_pages(rows: f64, width: f64) -> f64 {
    let row = 28.0 + (width / 8.0).ceil() * 8.0;
    (rows / (8168.0 / row).floor().max(1.0)).ceil()
}

fn relation_width(planner: &Planner<'_>, relation: &Relation) -> i32 {
    let width = |(at, column): (usize, &pglitedb_catalog::Column)| {
        let attnum = i16::try_from(at + 1).ok()?;
        let stats = planner.catalog().column_stats(relation.oid, attnum).ok().flatten();
        Some(match stats {
            Some(stats) if stats.avg_width > 0 => stats.avg_width,
            _ => type_width(column.type_oid, column.typmod),
        })
    };
    let live = relation.columns.iter().enumerate().filter(|(_, column)| !column.dropped);
    live.filter_map(width).fold(0, i32::saturating_add)
}

/// Average width assumed of a column.
pub(crate) fn type_width(type_oid: pglitedb_types::Oid, typmod: i32) -> i32 {
    use pglitedb_types::oids;
    match type_oid {
        oids::BOOL | oids::CHAR => 1,
        oids::INT2 => 2,
        oids::INT4 | oids::OID | oids::FLOAT4 | oids::DATE => 4,
        oids::INT8 | oids::FLOAT8 | oids::TIMESTAMP | oids::TIMESTAMPTZ | oids::TIME => 8,
        oids::UUID | oids::INTERVAL => 16,
        oids::NAME => 64,
        // The most bytes there can be, four for each character.
        oids::BPCHAR if typmod > 4 => (typmod - 4).saturating_mul(4).saturating_add(4),
        oids::VARCHAR if typmod > 4 => likely_width((typmod - 4).saturating_mul(4).saturating_add(4)),
        oids::NUMERIC if typmod > 4 => likely_width(8 + 2 * ((((typmod - 4) >> 16) & 0xffff) + 6) / 4),
        oids::BIT | oids::VARBIT if typmod > 0 => likely_width(typmod / 8 + 9),
        _ => match pglitedb_types::builtin_type(type_oid) {
            Some(info) if info.len > 0 => i32::from(info.len),
            _ => 32,
        },
    }
}

/// Long values are rarely as long as they may be.
fn likely_width(most: i32) -> i32 {
    match most {
        ..=32 => most,
        33..1000 => 32 + (most - 32) / 2,
        _ => 516,
    }
}

/// All paths of one base relation, restricted by `restrictions`; `join_clauses` may give parameterized index scans.
pub(crate) fn paths(
    planner: &Planner<'_>,
    estimator: &Estimator<'_, '_>,
    base: &BaseRels,
    rel: usize,
    restrictions: &[Clause],
    join_clauses: &[Clause],
) -> Result<RelNode> {
    let info = &base.rels[rel];
    let rels = RelSet::single(rel);
    let real = || restrictions.iter().filter(|clause| !clause.derived);
    let selectivity = estimator.conjuncts(restrictions.iter().map(|clause| &clause.expr));
    let rows = cost::clamp_rows(info.tuples * selectivity);
    let startup_matters = base.startup_matters;
    let mut node = RelNode { rels, rows, width: info.width, startup_matters, paths: Vec::new() };
    let quals: Vec<Expr> = real().map(|clause| clause.expr.clone()).collect();
    let settings = planner.settings();
    let price = cost::eval(planner, &quals);
    let path = |kind, cost: cost::Cost| Path {
        kind,
        rels,
        required: info.lateral,
        disabled: 0,
        rows,
        startup: cost.startup,
        total: cost.total,
        width: info.width,
        pathkeys: Vec::new(),
    };
    match (&info.relation, &info.subplan) {
        (Some(relation), _) => {
            let all: Vec<Expr> = restrictions.iter().map(|clause| clause.expr.clone()).collect();
            if let Some(tid) = tid_path(info.rte, &all) {
                let tid_cost = cost::Cost { startup: 0.0, total: settings.random_page_cost };
                let mut tid = path(tid, tid_cost);
                tid.rows = 1.0;
                node.rows = 1.0;
                node.add(tid);
                return Ok(node);
            }
            let scan = cost::seq_scan(settings, info.pages, info.tuples, price);
            let mut scan = path(PathKind::Seq { quals }, scan);
            scan.disabled = u32::from(!settings.enable_seqscan);
            node.add(scan);
            if !relation.is_catalog {
                index::add_paths(planner, estimator, base, rel, restrictions, join_clauses, &mut node)?;
            }
        }
        (None, Some(plan)) => {
            // A subquery scan that checks and computes nothing is none in the end.
            let per_row = if quals.is_empty() { 0.0 } else { settings.cpu_tuple_cost + price.per_tuple };
            let scan = cost::Cost {
                startup: plan.startup_cost + price.startup,
                total: plan.total_cost + price.startup + per_row * plan.rows,
            };
            let kind = PathKind::Subquery { plan: plan.clone(), params: info.params.clone(), quals };
            let mut scan = path(kind, scan);
            scan.pathkeys = subquery_order(planner, estimator, info.rte, plan)?;
            node.add(scan);
        }
        (None, None) => {
            node.add(path(PathKind::Other { quals }, other_scan(planner, estimator, info, price)));
        }
    }
    Ok(node)
}

/// The order of a subquery's rows, as far as its plan shows it.
fn subquery_order(
    planner: &Planner<'_>,
    estimator: &Estimator<'_, '_>,
    rte: usize,
    plan: &Plan,
) -> Result<Vec<PathKey>> {
    let mut node = &plan.node;
    let keys = loop {
        match node {
            PlanNode::Sort { keys, .. } => break keys,
            // These hand their input's columns through.
            PlanNode::Limit { outer, .. } | PlanNode::Unique { outer, .. } => node = &outer.node,
            _ => return Ok(Vec::new()),
        }
    };
    let mut order = Vec::new();
    for key in keys {
        let column =
            estimator.query.rtable.get(rte).and_then(|entry| entry.columns.get(key.column.wrapping_sub(1)));
        let (Some(column), Ok(attno)) = (column, i16::try_from(key.column)) else { break };
        let amops = planner.catalog().amops_of_operator(key.sort_op)?;
        let Some(amop) = amops.iter().find(|amop| amop.method == super::clause::BTREE) else { break };
        let expr = Expr::Var(Var {
            source: VarSource::Rte(rte),
            attno,
            type_oid: column.type_oid,
            typmod: column.typmod,
            collation: column.collation,
            levels_up: 0,
            returning: Default::default(),
            position: Default::default(),
        });
        let (descending, nulls_first) = (key.descending, key.nulls_first);
        order.push(PathKey { expr, family: amop.family, collation: key.collation, descending, nulls_first });
    }
    Ok(order)
}

/// Functions are run to the end first; VALUES and the rows of a WITH query have a price of their own for each row.
fn other_scan(
    planner: &Planner<'_>,
    estimator: &Estimator<'_, '_>,
    info: &BaseRel,
    quals: cost::QualCost,
) -> cost::Cost {
    let settings = planner.settings();
    let mut per_row = settings.cpu_tuple_cost + quals.per_tuple;
    let mut startup = quals.startup;
    match estimator.query.rtable.get(info.rte).map(|rte| &rte.kind) {
        Some(RteKind::Function { functions, .. }) => {
            let price = cost::eval(planner, functions.iter().map(|function| &function.expr));
            startup += price.startup + price.per_tuple;
        }
        Some(RteKind::TableFunction { args, .. }) => {
            let price = cost::eval(planner, args);
            startup += price.startup + price.per_tuple;
        }
        Some(RteKind::Values { .. }) => per_row += settings.cpu_operator_cost,
        Some(RteKind::Cte { .. }) => per_row += settings.cpu_tuple_cost,
        _ => {}
    }
    cost::Cost { startup, total: startup + per_row * info.tuples }
}

/// `ctid = x`, `ctid = ANY (...)`, `CURRENT OF`.
fn tid_path(rte: usize, quals: &[Expr]) -> Option<PathKind> {
    let is_ctid = |expr: &Expr| {
        matches!(expr, Expr::Var(var) if crate::planner::var_rte(var) == Some(rte)
            && var.attno == SystemColumn::Ctid as i16)
    };
    let constant = |expr: &Expr| !expr.any(&mut |node| matches!(node, Expr::Var(_)));
    for (at, qual) in quals.iter().enumerate() {
        let rest =
            || quals.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, qual)| qual.clone()).collect();
        match qual {
            Expr::CurrentOf { cursor, .. } => {
                return Some(PathKind::Tid { tids: Vec::new(), cursor: Some(cursor.clone()), quals: rest() });
            }
            Expr::Op(op) if op.op == TID_EQUAL => {
                let [left, right] = op.args.as_slice() else { continue };
                let value = match (is_ctid(left), is_ctid(right)) {
                    (true, false) if constant(right) => right,
                    (false, true) if constant(left) => left,
                    _ => continue,
                };
                return Some(PathKind::Tid { tids: vec![value.clone()], cursor: None, quals: rest() });
            }
            _ => {}
        }
    }
    None
}

/// `pg_operator.oid` of tid = tid.
const TID_EQUAL: pglitedb_types::Oid = 387;

/// Entries of a FROM item as relations.
pub(crate) fn item_rels(item: &FromItem, map: &RelMap) -> RelSet {
    let mut rtes = Vec::new();
    crate::prep::pull_up::item_rtes(item, &mut rtes);
    rtes.iter()
        .filter_map(|rte| map.rel_of_rte.get(*rte).copied().flatten())
        .fold(RelSet::default(), |rels, rel| rels.union(RelSet::single(rel)))
}
