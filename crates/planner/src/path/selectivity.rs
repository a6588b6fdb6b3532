//! How many rows a condition lets through: statistics where ANALYZE ran, PostgreSQL's default guesses otherwise.

use super::clause::RelMap;
use crate::planner::{Planner, var_rte};
use pglitedb_catalog::{ColumnStats, Relation};
use pglitedb_query_tree::{BoolOp, BoolTest, Expr, Query, RteKind, SystemColumn, Var};
use pglitedb_types::{Comparator, Datum};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::sync::Arc;

const DEFAULT_EQ: f64 = 0.005;
const DEFAULT_INEQUALITY: f64 = 1.0 / 3.0;
const DEFAULT_MATCH: f64 = 0.005;
const DEFAULT_RANGE: f64 = 0.005;
const DEFAULT_UNKNOWN: f64 = 0.005;
/// Distinct values assumed of a column that was never analyzed.
pub(super) const DEFAULT_DISTINCT: f64 = 200.0;

/// Statistics access for one query level.
pub(crate) struct Estimator<'a, 'p> {
    pub planner: &'a Planner<'p>,
    pub query: &'a Query,
    pub map: &'a RelMap,
    /// Rows (before restriction) by base relation.
    pub tuples: &'a [f64],
    /// Expressions whose order is of use to the query: of ORDER BY, GROUP BY, DISTINCT and windows.
    pub ordered: Vec<Expr>,
    /// Selectivities of equalities between columns, computed once.
    pub joins: RefCell<Vec<(Expr, Expr, f64)>>,
    /// What merging by two columns reads of either side, computed once.
    pub ranges: RefCell<Vec<(Expr, Expr, MergeRanges)>>,
}

/// Of both sides of a merge join, the share of rows below the first possible match and up to the last.
pub(crate) type MergeRanges = ((f64, f64), (f64, f64));

/// What is known of a column.
pub(crate) struct VarStats {
    pub(super) stats: Option<Arc<ColumnStats>>,
    pub(super) tuples: f64,
    pub(super) unique: bool,
    pub(super) type_oid: pglitedb_types::Oid,
    pub(super) collation: pglitedb_types::Oid,
}

/// An inequality that bounds a column from one side.
struct Bound<'e> {
    var: &'e Expr,
    upper: bool,
    /// Rows for which it holds.
    fraction: f64,
    null_frac: f64,
}

impl Bound<'_> {
    fn closes(&self, other: &Bound<'_>) -> bool {
        self.upper != other.upper && self.var == other.var
    }

    /// Rows within both bounds.
    fn range(&self, other: &Bound<'_>) -> f64 {
        if self.fraction == DEFAULT_INEQUALITY || other.fraction == DEFAULT_INEQUALITY {
            return DEFAULT_RANGE;
        }
        let both = self.fraction + other.fraction - 1.0 + self.null_frac;
        if both > 0.0 {
            both
        } else if both < -0.01 {
            // The bounds contradict each other, or one of the guesses is far off.
            DEFAULT_RANGE
        } else {
            1e-10
        }
    }
}

/// The column behind relabelings.
fn column(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Relabel { arg, .. } | Expr::Collate(arg, _) => column(arg),
        Expr::Var(_) => Some(expr),
        _ => None,
    }
}

/// An integer constant as the column holds integers.
pub(super) fn as_column_value(value: &Datum, type_oid: pglitedb_types::Oid) -> Datum {
    use pglitedb_types::oids;
    match (type_oid, value.as_i64()) {
        (oids::INT2, Some(number)) => i16::try_from(number).map_or_else(|_| value.clone(), Datum::Int2),
        (oids::INT4, Some(number)) => i32::try_from(number).map_or_else(|_| value.clone(), Datum::Int4),
        (oids::INT8, Some(number)) => Datum::Int8(number),
        _ => value.clone(),
    }
}

impl Estimator<'_, '_> {
    /// Product over conjuncts; a pair of inequalities on one column counts as a range.
    pub(crate) fn conjuncts<'e>(&self, exprs: impl Iterator<Item = &'e Expr>) -> f64 {
        let mut product = 1.0;
        let mut bounds: Vec<Bound<'e>> = Vec::new();
        for expr in exprs {
            match self.bound(expr) {
                None => product *= self.selectivity(expr),
                Some(bound) => match bounds.iter().position(|other| other.closes(&bound)) {
                    None => bounds.push(bound),
                    Some(at) => product *= bounds.swap_remove(at).range(&bound),
                },
            }
        }
        product *= bounds.iter().map(|bound| bound.fraction).product::<f64>();
        product.clamp(0.0, 1.0)
    }

    /// An inequality between a column and something else.
    fn bound<'e>(&self, expr: &'e Expr) -> Option<Bound<'e>> {
        let Expr::Op(op) = expr else { return None };
        let [left, right] = op.args.as_slice() else { return None };
        let info = self.planner.catalog().operator(op.op).ok()??;
        let less = match &*info.restrict {
            "scalarltsel" | "scalarlesel" => true,
            "scalargtsel" | "scalargesel" => false,
            _ => return None,
        };
        if !self.map.rels(left).is_empty() && !self.map.rels(right).is_empty() {
            return None;
        }
        let (var, swapped) = match (column(left), column(right)) {
            (Some(var), _) => (var, false),
            (None, Some(var)) => (var, true),
            (None, None) => return None,
        };
        let null_frac = self.var_stats(var)?.stats.map_or(0.0, |stats| stats.null_frac);
        Some(Bound { var, upper: less != swapped, fraction: self.selectivity(expr), null_frac })
    }

    /// Fraction of rows for which a condition holds.
    pub(crate) fn selectivity(&self, expr: &Expr) -> f64 {
        let fraction = match expr {
            Expr::Const(constant) => {
                if constant.value.as_bool() == Some(true) {
                    1.0
                } else {
                    0.0
                }
            }
            Expr::Bool(BoolOp::And, args) => args.iter().map(|arg| self.selectivity(arg)).product(),
            Expr::Bool(BoolOp::Or, args) => {
                args.iter().map(|arg| self.selectivity(arg)).fold(0.0, |sum, own| sum + own - sum * own)
            }
            Expr::Bool(BoolOp::Not, args) => 1.0 - args.first().map_or(0.5, |arg| self.selectivity(arg)),
            Expr::Op(op) => self.operator(op.op, &op.args),
            Expr::ScalarArray(op) => {
                let each = match (&*op.scalar, &*op.array) {
                    (scalar, Expr::Const(array)) => match &array.value {
                        Datum::Array(array) => array
                            .values
                            .iter()
                            .map(|value| {
                                let element = pglitedb_query_tree::Const {
                                    value: value.clone(),
                                    type_oid: array.elem_type,
                                    typmod: -1,
                                    collation: 0,
                                    position: Default::default(),
                                };
                                self.operator(op.op, &[scalar.clone(), Expr::Const(element)])
                            })
                            .collect(),
                        _ => vec![0.0],
                    },
                    (scalar, _) => vec![self.operator(op.op, &[scalar.clone(), (*op.array).clone()]); 10],
                };
                if op.use_or { each.iter().sum::<f64>().min(1.0) } else { each.iter().product() }
            }
            Expr::NullTest { arg, negated, .. } => {
                let null = self
                    .var_stats(arg)
                    .and_then(|var| var.stats)
                    .map_or(DEFAULT_UNKNOWN, |stats| stats.null_frac);
                if *negated { 1.0 - null } else { null }
            }
            Expr::BoolTest(arg, test) => match test {
                BoolTest::True | BoolTest::NotFalse => self.selectivity(arg),
                BoolTest::False | BoolTest::NotTrue => 1.0 - self.selectivity(arg),
                BoolTest::Unknown => DEFAULT_UNKNOWN,
                BoolTest::NotUnknown => 1.0 - DEFAULT_UNKNOWN,
            },
            Expr::Var(_) => 0.5,
            Expr::Distinct(op) => 1.0 - self.operator(op.op, &op.args),
            Expr::CurrentOf { .. } => 0.0,
            _ => DEFAULT_INEQUALITY,
        };
        fraction.clamp(0.0, 1.0)
    }

    fn operator(&self, op: pglitedb_types::Oid, args: &[Expr]) -> f64 {
        let Ok(Some(info)) = self.planner.catalog().operator(op) else { return DEFAULT_INEQUALITY };
        let (Some(left), Some(right)) = (args.first(), args.get(1)) else { return DEFAULT_INEQUALITY };
        let sides = (self.map.rels(left), self.map.rels(right));
        if !sides.0.is_empty() && !sides.1.is_empty() && sides.0 != sides.1 {
            return match &*info.join {
                "eqjoinsel" => self.equi_join(left, right),
                "neqjoinsel" => 1.0 - self.equi_join(left, right),
                "scalarltjoinsel" | "scalarlejoinsel" | "scalargtjoinsel" | "scalargejoinsel" => {
                    DEFAULT_INEQUALITY
                }
                _ => DEFAULT_MATCH,
            };
        }
        let (var, other, swapped) = match (self.var_stats(left), self.var_stats(right)) {
            (Some(var), _) => (Some(var), right, false),
            (None, Some(var)) => (Some(var), left, true),
            (None, None) => (None, right, false),
        };
        let less = |wanted: bool| self.inequality(var.as_ref(), other, wanted != swapped);
        match &*info.restrict {
            "eqsel" => self.equality(var.as_ref(), other),
            "neqsel" => 1.0 - self.equality(var.as_ref(), other),
            "scalarltsel" | "scalarlesel" => less(true),
            "scalargtsel" | "scalargesel" => less(false),
            "likesel" | "regexeqsel" | "iclikesel" | "icregexeqsel" | "prefixsel" => DEFAULT_MATCH,
            "nlikesel" | "regexnesel" | "icnlikesel" | "icregexnesel" => 1.0 - DEFAULT_MATCH,
            "networksel" | "areasel" => 0.005,
            "positionsel" => 0.1,
            "contsel" => 0.001,
            "arraycontsel" | "rangesel" | "multirangesel" | "matchingsel" | "tsmatchsel" => 0.01,
            _ => DEFAULT_INEQUALITY,
        }
    }

    fn equality(&self, var: Option<&VarStats>, other: &Expr) -> f64 {
        let Some(var) = var else { return DEFAULT_EQ };
        if var.unique {
            return 1.0 / var.tuples.max(1.0);
        }
        let Some(stats) = &var.stats else {
            return 1.0 / self.distinct(var).max(1.0);
        };
        if let Expr::Const(constant) = other {
            if constant.value.is_null() {
                return 0.0;
            }
            let Ok(comparator) =
                Comparator::new(var.type_oid, var.collation, self.planner.ctx.env.as_type_env())
            else {
                return DEFAULT_EQ;
            };
            let wanted = as_column_value(&constant.value, var.type_oid);
            let same = |value: &Datum| {
                std::mem::discriminant(value) == std::mem::discriminant(&wanted)
                    && comparator.compare(value, &wanted) == Ordering::Equal
            };
            if let Some((_, frequency)) = stats.most_common.iter().find(|(value, _)| same(value)) {
                return *frequency;
            }
        }
        let common: f64 = stats.most_common.iter().map(|(_, frequency)| frequency).sum();
        let rest = (1.0 - common - stats.null_frac).clamp(0.0, 1.0);
        let others = (self.distinct(var) - stats.most_common.len() as f64).max(1.0);
        let average = rest / others;
        if matches!(other, Expr::Const(_)) {
            average
        } else {
            (1.0 - stats.null_frac) / self.distinct(var).max(1.0)
        }
    }

    /// `var < other` (or `>`): from most common values and histogram.
    fn inequality(&self, var: Option<&VarStats>, other: &Expr, less: bool) -> f64 {
        let (Some(var), Expr::Const(constant)) = (var, other) else { return DEFAULT_INEQUALITY };
        let Some(stats) = &var.stats else { return DEFAULT_INEQUALITY };
        if constant.value.is_null() {
            return 0.0;
        }
        let Ok(comparator) = Comparator::new(var.type_oid, var.collation, self.planner.ctx.env.as_type_env())
        else {
            return DEFAULT_INEQUALITY;
        };
        let wanted = as_column_value(&constant.value, var.type_oid);
        let comparable = |value: &Datum| std::mem::discriminant(value) == std::mem::discriminant(&wanted);
        let below = |value: &Datum| comparator.compare(value, &wanted) == Ordering::Less;
        let known = stats.most_common.iter().map(|(value, _)| value).chain(&stats.histogram);
        if !known.clone().all(comparable) {
            return DEFAULT_INEQUALITY;
        }
        let common: f64 = stats.most_common.iter().map(|(_, frequency)| frequency).sum();
        let common_below: f64 =
            stats.most_common.iter().filter(|(value, _)| below(value)).map(|(_, frequency)| frequency).sum();
        let rest = (1.0 - common - stats.null_frac).clamp(0.0, 1.0);
        let histogram_below = if stats.histogram.len() > 1 {
            let at = stats.histogram.partition_point(below);
            let bins = (stats.histogram.len() - 1) as f64;
            match at {
                0 => 0.0,
                at if at == stats.histogram.len() => 1.0,
                at => {
                    let (low, high) = (&stats.histogram[at - 1], &stats.histogram[at]);
                    (at as f64 - 1.0 + within_bin(low, high, &wanted)) / bins
                }
            }
        } else {
            DEFAULT_INEQUALITY
        };
        let fraction = common_below + rest * histogram_below;
        let fraction = if less { fraction } else { (1.0 - stats.null_frac - fraction).max(0.0) };
        fraction.clamp(1e-4_f64.min(1.0 / var.tuples.max(1.0)), 1.0)
    }

    pub(super) fn distinct(&self, var: &VarStats) -> f64 {
        if var.unique {
            return var.tuples.max(1.0);
        }
        match &var.stats {
            Some(stats) if stats.n_distinct > 0.0 => stats.n_distinct,
            Some(stats) if stats.n_distinct < 0.0 => (-stats.n_distinct * var.tuples).max(1.0),
            _ if var.type_oid == pglitedb_types::oids::BOOL => 2.0,
            _ => DEFAULT_DISTINCT.min(var.tuples.max(1.0)),
        }
    }

    /// Distinct values of an expression, unless that is a mere guess.
    pub(crate) fn distinct_if_known(&self, expr: &Expr) -> Option<f64> {
        let mut vars = Vec::new();
        crate::refs::pull_vars(expr, &mut vars);
        let mut product = 1.0;
        for var in &vars {
            let (distinct, guess) = self.distinct_of(Some(&self.var_stats(var)?));
            if guess {
                return None;
            }
            product *= distinct;
        }
        Some(product)
    }

    /// The least and the greatest value that the statistics show.
    pub(super) fn value_range(&self, var: &VarStats) -> Option<(Datum, Datum)> {
        let stats = var.stats.as_ref()?;
        let comparator =
            Comparator::new(var.type_oid, var.collation, self.planner.ctx.env.as_type_env()).ok()?;
        let known = || stats.most_common.iter().map(|(value, _)| value).chain(&stats.histogram);
        let least = known().min_by(|a, b| comparator.compare(a, b))?;
        let greatest = known().max_by(|a, b| comparator.compare(a, b))?;
        Some((least.clone(), greatest.clone()))
    }

    /// Share of a column's rows below a value.
    pub(super) fn fraction_below(&self, var: &VarStats, value: &Datum) -> Option<f64> {
        let value = Expr::Const(pglitedb_query_tree::Const {
            value: value.clone(),
            type_oid: var.type_oid,
            typmod: -1,
            collation: var.collation,
            position: Default::default(),
        });
        Some(self.inequality(Some(var), &value, true))
    }

    /// Estimated number of distinct values of a list of expressions among `rows` rows.
    pub(crate) fn group_count<'e>(&self, exprs: impl Iterator<Item = &'e Expr>, rows: f64) -> f64 {
        let mut groups = 1.0;
        for expr in exprs {
            let mut own = 1.0;
            let mut any = false;
            expr.walk(&mut |node| {
                if matches!(node, Expr::Var(_)) {
                    any = true;
                    own *= self.var_stats(node).map_or(DEFAULT_DISTINCT, |var| self.distinct(&var));
                    return false;
                }
                true
            });
            if any {
                groups *= own;
            }
        }
        groups.min(rows).max(1.0)
    }

    pub(super) fn var_stats(&self, expr: &Expr) -> Option<VarStats> {
        let mut expr = expr;
        while let Expr::Relabel { arg, .. } | Expr::Collate(arg, _) = expr {
            expr = arg;
        }
        let Expr::Var(var) = expr else { return None };
        let rte = var_rte(var)?;
        let rel = (*self.map.rel_of_rte.get(rte)?)?;
        let tuples = self.tuples.get(rel).copied().unwrap_or(1000.0);
        let mut found =
            VarStats { stats: None, tuples, unique: false, type_oid: var.type_oid, collation: var.collation };
        if let RteKind::Values { .. } = &self.query.rtable.get(rte)?.kind {
            found.unique = true;
        }
        if let RteKind::Relation { oid, .. } = &self.query.rtable.get(rte)?.kind {
            found.stats = self.planner.catalog().column_stats(*oid, var.attno).ok().flatten();
            if let Ok(Some(relation)) = self.planner.catalog().relation(*oid) {
                let row = [SystemColumn::Ctid as i16, SystemColumn::RowId as i16];
                found.unique = row.contains(&var.attno) || is_unique_column(&relation, var);
            }
        }
        Some(found)
    }
}

/// Where a value lies between the bounds of a histogram's bin, 0 to 1.
fn within_bin(low: &Datum, high: &Datum, value: &Datum) -> f64 {
    let number = |datum: &Datum| match datum {
        Datum::Float8(number) => Some(*number),
        Datum::Float4(number) => Some(f64::from(*number)),
        Datum::Date(days) => Some(f64::from(*days)),
        Datum::Timestamp(micros) | Datum::TimestampTz(micros) | Datum::Time(micros) => Some(*micros as f64),
        other => other.as_i64().map(|number| number as f64),
    };
    match (number(low), number(high), number(value)) {
        (Some(low), Some(high), Some(value)) if high > low => ((value - low) / (high - low)).clamp(0.0, 1.0),
        _ => 0.5,
    }
}

fn is_unique_column(relation: &Relation, var: &Var) -> bool {
    relation.indexes.iter().any(|index| {
        index.is_unique
            && index.predicate.is_none()
            && index.columns.len() == 1
            && index.columns[0].attnum == var.attno
    })
}
