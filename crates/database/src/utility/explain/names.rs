//! Names of variables and parameters in plans.

use super::node::Explainer;
use pglitedb_analyzer::AnalyzeContext;
use pglitedb_analyzer::ruleutils::{NameSource, deparse_json_table, deparse_with};
use pglitedb_query_tree::{
    Expr, Param, ParamKind, Plan, PlanNode, SpecialExpr, SubPlan, Var, VarReturning, VarSource,
};
use pglitedb_sqlstate::Result;
use pglitedb_types::quote_identifier;
use std::cell::RefCell;

/// A node and those above it, innermost last. Subplans hang below the node that uses them.
#[derive(Clone, Default)]
pub(super) struct Place<'p> {
    pub path: Vec<&'p Plan>,
}

impl<'p> Place<'p> {
    pub(super) fn below(&self, plan: &'p Plan) -> Place<'p> {
        let mut path = self.path.clone();
        path.push(plan);
        Place { path }
    }

    fn plan(&self) -> Option<&'p Plan> {
        self.path.last().copied()
    }
}

/// Names as seen from a place.
struct Names<'e, 'p> {
    explainer: &'e Explainer<'p>,
    place: &'e Place<'p>,
    prefix: bool,
    /// The first error met while writing a name.
    error: &'e RefCell<Option<pglitedb_sqlstate::Error>>,
}

impl<'p> Explainer<'p> {
    /// An expression of a node.
    pub(super) fn expr(&self, expr: &Expr, place: &Place<'p>, prefix: bool) -> Result<String> {
        let error = RefCell::new(None);
        let names = Names { explainer: self, place, prefix, error: &error };
        let ctx = AnalyzeContext::new(self.env, self.env, "");
        let text = deparse_with(expr, &names, false, &ctx)?;
        match error.into_inner() {
            Some(error) => Err(error),
            None => Ok(text),
        }
    }

    /// JSON_TABLE of a node.
    pub(super) fn json_table(&self, plan: &Plan, place: &Place<'p>) -> Result<Option<String>> {
        let PlanNode::TableFuncScan { name, options, args, columns, .. } = &plan.node else {
            return Ok(None);
        };
        if &**name != "json_table" {
            return Ok(None);
        }
        let error = RefCell::new(None);
        let names = Names { explainer: self, place, prefix: true, error: &error };
        let ctx = AnalyzeContext::new(self.env, self.env, "");
        let text = deparse_json_table(options, args, columns, &names, &ctx)?;
        match error.into_inner() {
            Some(error) => Err(error),
            None => Ok(Some(text)),
        }
    }

    /// Conditions joined by AND.
    pub(super) fn quals(&self, quals: &[Expr], place: &Place<'p>, prefix: bool) -> Result<Option<String>> {
        match quals {
            [] => Ok(None),
            [one] => self.expr(one, place, prefix).map(Some),
            many => {
                let all = Expr::Bool(pglitedb_query_tree::BoolOp::And, many.to_vec());
                self.expr(&all, place, prefix).map(Some)
            }
        }
    }

    /// Column number n (from 1) of a child's output: as the child computes it or, to `wrap`, as a reference to it.
    pub(super) fn child_column(
        &self,
        child: &'p Plan,
        column: usize,
        place: &Place<'p>,
        wrap: bool,
    ) -> Result<String> {
        let Some(target) = column.checked_sub(1).and_then(|at| child.targets.get(at)) else {
            return Ok(format!("column{column}"));
        };
        let inside = place.below(child);
        let text = self.expr(&target.expr, &inside, self.prefix())?;
        Ok(if !wrap || is_simple(&target.expr) { text } else { format!("({text})") })
    }
}

/// Is it shown without parentheses where an upper node refers to it: a column (which has got its own parentheses if it
/// refers to anything else further down) or a constant?
fn is_simple(expr: &Expr) -> bool {
    matches!(expr, Expr::Var(_) | Expr::Const(_))
}

impl<'p> Names<'_, 'p> {
    fn at(&self, place: &Place<'p>, expr: &Expr, prefix: bool) -> Option<String> {
        match self.explainer.expr(expr, place, prefix) {
            Ok(text) => Some(text),
            Err(error) => {
                self.error.borrow_mut().get_or_insert(error);
                Some(String::new())
            }
        }
    }

    /// A column of a child's output: what it is there.
    fn of_child(&self, var: &Var, child: &'p Plan) -> Option<String> {
        let at = usize::try_from(var.attno).ok()?.checked_sub(1)?;
        let target = child.targets.get(at)?;
        let inside = self.place.below(child);
        let text = self.at(&inside, &target.expr, self.prefix)?;
        Some(if is_simple(&target.expr) { text } else { format!("({text})") })
    }

    fn of_scan(&self, var: &Var, plan: &Plan) -> Option<String> {
        // Parts of a bitmap speak of the rows of the heap scan above.
        let above = || self.place.path.iter().rev().find_map(|plan| self.explainer.scan_rte(plan));
        let rte = match &plan.node {
            PlanNode::BitmapIndexScan { .. } => above()?,
            _ => self.explainer.scan_rte(plan)?,
        };
        let names = self.explainer.plan.stmt.rte_names.get(rte)?;
        let column = match var.attno {
            0 => return Some(format!("{}.*", quote_identifier(&names.alias))),
            attno if attno > 0 => {
                let at = usize::try_from(attno).ok()?.checked_sub(1)?;
                match names.columns.get(at) {
                    Some(column) => quote_identifier(&column.name).into_owned(),
                    None => format!("column{attno}"),
                }
            }
            attno => system_name(attno).to_owned(),
        };
        match var.returning {
            VarReturning::Old => return Some(format!("old.{column}")),
            VarReturning::New => return Some(format!("new.{column}")),
            VarReturning::Default => {}
        }
        Some(if self.prefix { format!("{}.{column}", quote_identifier(&names.alias)) } else { column })
    }

    /// A parameter of the executor: what a nested loop or a subplan's caller sets it to.
    fn referent(&self, id: usize) -> Option<String> {
        let path = &self.place.path;
        for at in (0..path.len()).rev() {
            let plan = path.get(at)?;
            let place = Place { path: path.get(..=at)?.to_vec() };
            for init in &plan.init_plans {
                if let Some(column) = init.params.iter().position(|param| *param == id) {
                    return Some(format!("({}).col{}", init.name, column + 1));
                }
            }
            if let PlanNode::NestLoop { params, .. } = &plan.node
                && let Some((_, expr)) = params.iter().find(|(param, _)| *param == id)
            {
                return self.at(&place, expr, true);
            }
            let mut found = None;
            plan.for_each_expr(&mut |expr| {
                expr.any(&mut |expr| {
                    if let Expr::SubPlan(sub) = expr
                        && let Some(arg) = sub.param_ids.iter().position(|param| *param == id)
                        && found.is_none()
                    {
                        found = sub.args.get(arg).cloned();
                    }
                    false
                });
            });
            if let Some(expr) = found {
                return self.at(&place, &expr, true);
            }
        }
        None
    }
}

impl NameSource for Names<'_, '_> {
    fn variable(&self, var: &Var) -> Option<String> {
        let plan = self.place.plan()?;
        match var.source {
            VarSource::Scan => self.of_scan(var, plan),
            VarSource::Outer => self.of_child(var, plan.children().first()?),
            VarSource::Inner => match plan.children().get(1) {
                Some(child) => self.of_child(var, child),
                None if matches!(plan.node, PlanNode::ModifyTable { .. }) => {
                    let at = usize::try_from(var.attno).ok()?.checked_sub(1)?;
                    let rte = self.explainer.scan_rte(plan)?;
                    let column = self.explainer.plan.stmt.rte_names.get(rte)?.columns.get(at)?;
                    Some(format!("excluded.{}", quote_identifier(&column.name)))
                }
                None => None,
            },
            VarSource::Rte(rte) => {
                let names = self.explainer.plan.stmt.rte_names.get(rte)?;
                let at = usize::try_from(var.attno).ok()?.checked_sub(1)?;
                let column = names.columns.get(at)?;
                Some(format!("{}.{}", quote_identifier(&names.alias), quote_identifier(&column.name)))
            }
        }
    }

    fn parameter(&self, param: &Param) -> Option<String> {
        match param.kind {
            ParamKind::External => None,
            ParamKind::Exec => self.referent(param.id),
        }
    }

    fn window(&self, number: usize) -> Option<String> {
        window_name(self.place.plan()?, number)
    }

    fn constructor(&self, special: &SpecialExpr, aggregate: &Var) -> Option<String> {
        let mut place = self.place.clone();
        let mut var = aggregate.clone();
        loop {
            let child: &'_ Plan = match var.source {
                VarSource::Outer => place.plan()?.children().first().copied()?,
                _ => return None,
            };
            let at = usize::try_from(var.attno).ok()?.checked_sub(1)?;
            let target = &child.targets.get(at)?.expr;
            place = place.below(child);
            match target {
                Expr::Var(further) => var = further.clone(),
                Expr::Agg(_) | Expr::Window(_) => {
                    let mut special = special.clone();
                    let same = |expr: &Expr| matches!(expr, Expr::Var(known) if known == aggregate);
                    for arg in &mut special.args {
                        arg.rewrite(&mut |expr| {
                            if same(expr) {
                                *expr = target.clone();
                            }
                        });
                    }
                    return self.at(&place, &Expr::Special(Box::new(special)), self.prefix);
                }
                _ => return None,
            }
        }
    }

    fn subplan(&self, plan: &SubPlan) -> Option<String> {
        let _ = plan;
        None
    }
}

fn system_name(attno: i16) -> &'static str {
    match attno {
        -1 => "ctid",
        -2 => "xmin",
        -3 => "cmin",
        -4 => "xmax",
        -5 => "cmax",
        -6 => "tableoid",
        _ => "ctid",
    }
}

/// The name of a query's window, from the node that computes it.
fn window_name(plan: &Plan, number: usize) -> Option<String> {
    match &plan.node {
        PlanNode::WindowAgg { window, .. } if window.window == number => Some(window.name.to_string()),
        PlanNode::SubqueryScan { .. } | PlanNode::CteScan { .. } => None,
        _ => plan.children().into_iter().find_map(|child| window_name(child, number)),
    }
}
