//! INSERT.

use crate::ExprKind;
use crate::binder::Binder;
use crate::from::make_rte;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{
    CommandType, Expr, FromItem, Overriding, Position, Query, RteColumn, RteKind, TargetEntry, privilege,
};
use pglitedb_sql_parser::ast::{self, Indirection, InsertSource, InsertStatement, QueryBody};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;

/// A column that INSERT names.
#[derive(Clone, Copy)]
struct Goal<'c> {
    attnum: i16,
    steps: &'c [Indirection],
    at: usize,
}

impl<'c> Binder<'c> {
    pub(crate) fn insert(&mut self, insert: &'c InsertStatement) -> Result<Query> {
        let mut query = Query { command: CommandType::Insert, ..Query::default() };
        if let Some(with) = &insert.with {
            self.with_clause(with)?;
        }
        query.overriding = overriding_of(insert.overriding);
        let update = matches!(
            insert.on_conflict.as_deref(),
            Some(ast::OnConflict { action: ast::ConflictAction::Update { .. }, .. })
        );
        // The source is bound before the target is in the range table, so that it can't refer to it.
        let source = match &insert.source {
            InsertSource::Query(source) if !is_plain_values(source) => {
                let bound = self.subquery(source, false)?;
                Some(bound)
            }
            _ => None,
        };
        let needed = privilege::INSERT | if update { privilege::UPDATE } else { 0 };
        let relation = self.set_target(&insert.relation, needed, false)?;
        let goals = self.insert_goals(&relation, &insert.columns)?;
        let explicit = !insert.columns.is_empty();
        let mut targets = match &insert.source {
            InsertSource::DefaultValues => Vec::new(),
            InsertSource::Query(_) if source.is_some() => {
                let Some(source) = source else { return Err(Error::internal("no source")) };
                self.insert_select(&relation, &goals, explicit, source)?
            }
            InsertSource::Query(values) => match &values.body {
                QueryBody::Values(rows) => self.insert_values(&relation, &goals, explicit, rows)?,
                _ => return Err(Error::internal("INSERT source is no VALUES")),
            },
        };
        for target in &mut targets {
            crate::collate::assign(self, &mut target.expr)?;
        }
        if insert.on_conflict.is_some() || insert.returning.is_some() {
            self.show_target()?;
            let namespace = std::mem::take(&mut self.level().namespace);
            // Only the target is visible from here on.
            self.level().namespace = namespace.into_iter().rev().take(1).collect();
        }
        if let Some(conflict) = &insert.on_conflict {
            self.on_conflict(conflict, &relation, &mut query)?;
        }
        self.returning(insert.returning.as_deref(), &mut query, ExprKind::Returning)?;
        query.targets = targets;
        query.result_relation = self.cur().target.as_ref().map(|target| target.rte);
        self.take_level(&mut query);
        crate::collate::assign_query(self, &mut query)?;
        Ok(query)
    }

    /// The columns that rows are inserted into, in the order of the source.
    fn insert_goals(
        &mut self,
        relation: &Relation,
        columns: &'c [ast::AssignmentTarget],
    ) -> Result<Vec<Goal<'c>>> {
        if columns.is_empty() {
            return Ok(relation
                .columns
                .iter()
                .enumerate()
                .filter(|(_, column)| !column.dropped)
                .map(|(index, _)| Goal { attnum: (index + 1) as i16, steps: &[], at: 0 })
                .collect());
        }
        let mut goals: Vec<Goal<'c>> = Vec::with_capacity(columns.len());
        for target in columns {
            let at = target.span.offset();
            let (attnum, column) = self.target_column(relation, target.column.as_str(), at, false)?;
            let repeated = goals.iter().any(|goal| {
                goal.attnum == attnum && (goal.steps.is_empty() || target.indirection.is_empty())
            });
            if repeated {
                return Err(
                    err!(DUPLICATE_COLUMN, "column \"{}\" specified more than once", column.name).at(at)
                );
            }
            goals.push(Goal { attnum, steps: &target.indirection, at });
        }
        Ok(goals)
    }

    /// Fits one row of values to the goals.
    fn insert_row(
        &mut self,
        relation: &Relation,
        goals: &[Goal<'c>],
        explicit: bool,
        row: Vec<Expr>,
    ) -> Result<Vec<(Goal<'c>, Expr)>> {
        if row.len() > goals.len() {
            let at = row.get(goals.len()).and_then(|expr| expr.position().get());
            return Err(err!(SYNTAX_ERROR, "INSERT has more expressions than target columns").at_opt(at));
        }
        if explicit && row.len() < goals.len() {
            let at = goals.get(row.len()).map(|goal| goal.at);
            let error = err!(SYNTAX_ERROR, "INSERT has more target columns than expressions");
            let parenthesized = match row.as_slice() {
                [Expr::Row { args, .. }] => args.len() == goals.len(),
                [expr] => expr.type_oid() == oids::RECORD,
                _ => false,
            };
            let error = if parenthesized {
                error.hint(
                    "The insertion source is a row expression containing the same number of columns expected by \
                     the INSERT. Did you accidentally use extra parentheses?",
                )
            } else {
                error
            };
            return Err(error.at_opt(at));
        }
        let mut result = Vec::with_capacity(row.len());
        for (goal, value) in goals.iter().zip(row) {
            let Some(column) = relation.column(goal.attnum) else {
                return Err(Error::internal("target column is missing"));
            };
            let value = self.with_kind(ExprKind::InsertTarget, |binder| {
                binder.assigned(value, column, goal.steps, None, goal.at)
            })?;
            result.push((*goal, value));
        }
        Ok(result)
    }

    /// `VALUES` right in the statement.
    fn insert_values(
        &mut self,
        relation: &Relation,
        goals: &[Goal<'c>],
        explicit: bool,
        rows: &'c [Vec<ast::Expr>],
    ) -> Result<Vec<TargetEntry>> {
        if let [row] = rows {
            let bound = self.with_kind(ExprKind::ValuesSingle, |binder| binder.insert_items(row))?;
            let fitted = self.insert_row(relation, goals, explicit, bound)?;
            return self.insert_targets(relation, fitted);
        }
        let mut fitted_rows: Vec<Vec<Expr>> = Vec::with_capacity(rows.len());
        let mut used: Vec<Goal<'c>> = Vec::new();
        let mut width = None;
        for row in rows {
            let bound = self.with_kind(ExprKind::Values, |binder| binder.insert_items(row))?;
            if *width.get_or_insert(bound.len()) != bound.len() {
                let at = row.first().map_or(0, |expr| expr.span.offset());
                return Err(err!(SYNTAX_ERROR, "VALUES lists must all be the same length").at(at));
            }
            // Elements and fields are assigned once the row is there; values only get their types here.
            let plain: Vec<Goal<'c>> = goals.to_vec();
            let fitted = if goals.iter().any(|goal| !goal.steps.is_empty()) {
                bound.into_iter().zip(plain).map(|(value, goal)| (goal, value)).collect()
            } else {
                self.insert_row(relation, goals, explicit, bound)?
            };
            used = fitted.iter().map(|(goal, _)| *goal).collect();
            let mut values: Vec<Expr> = fitted.into_iter().map(|(_, value)| value).collect();
            for value in &mut values {
                crate::collate::assign(self, value)?;
            }
            fitted_rows.push(values);
        }
        let partial = used.iter().any(|goal| !goal.steps.is_empty());
        if partial {
            fitted_rows = self.unify_rows(fitted_rows)?;
        }
        let columns: Vec<RteColumn> = used
            .iter()
            .enumerate()
            .map(|(index, goal)| {
                let column = relation.column(goal.attnum);
                let first = fitted_rows.first().and_then(|row| row.get(index));
                RteColumn {
                    name: format!("column{}", index + 1).into(),
                    type_oid: match (partial, column) {
                        (false, Some(column)) => column.type_oid,
                        _ => first.map_or(0, Expr::type_oid),
                    },
                    typmod: match (partial, column) {
                        (false, Some(column)) => column.typmod,
                        _ => -1,
                    },
                    collation: match (partial, column) {
                        (false, Some(column)) => column.collation,
                        _ => first.map_or(0, Expr::collation),
                    },
                }
            })
            .collect();
        let kind = RteKind::Values { rows: fitted_rows };
        let rte = make_rte(kind, "*VALUES*".into(), columns, None, "VALUES")?;
        let index = self.add_rte(rte);
        self.level().from.push(FromItem::Rte(index));
        let vars: Vec<Expr> = self.star_of_last()?.into_iter().map(|(expr, _)| expr).collect();
        let fitted = self.insert_row(relation, &used, explicit, vars)?;
        self.insert_targets(relation, fitted)
    }

    fn unify_rows(&mut self, mut rows: Vec<Vec<Expr>>) -> Result<Vec<Vec<Expr>>> {
        let width = rows.first().map_or(0, Vec::len);
        for column in 0..width {
            let list: Vec<&Expr> = rows.iter().filter_map(|row| row.get(column)).collect();
            let type_oid = self.common_type(&list, Some("VALUES"))?;
            for row in &mut rows {
                if let Some(slot) = row.get_mut(column) {
                    let taken = std::mem::replace(slot, Expr::bool_const(false));
                    *slot = self.coerce_to_common(taken, type_oid, "VALUES")?;
                }
            }
        }
        Ok(rows)
    }

    /// Items of a row, DEFAULT included.
    fn insert_items(&mut self, row: &'c [ast::Expr]) -> Result<Vec<Expr>> {
        let mut result = Vec::with_capacity(row.len());
        for item in row {
            if matches!(item.kind, ast::ExprKind::Default) {
                result.push(Expr::SetToDefault { type_oid: oids::UNKNOWN, typmod: -1, collation: 0 });
                continue;
            }
            match self.star(item, false)? {
                Some(expanded) => result.extend(expanded.into_iter().map(|(expr, _)| expr)),
                None => result.push(self.expr(item)?),
            }
        }
        Ok(result)
    }

    /// A query as source.
    fn insert_select(
        &mut self,
        relation: &Relation,
        goals: &[Goal<'c>],
        explicit: bool,
        source: Query,
    ) -> Result<Vec<TargetEntry>> {
        let mut rte = self.subquery_rte(source, None, false)?;
        rte.name = "*SELECT*".into();
        let index = self.add_rte(rte);
        self.level().from.push(FromItem::Rte(index));
        let mut exprs = Vec::new();
        let vars = self.star_of_last()?;
        let constants: Vec<Option<Expr>> = match &self.rte(index).kind {
            RteKind::Subquery { query, .. } => query
                .visible_targets()
                .map(|target| match &target.expr {
                    // Untyped literals get the column's type at once.
                    expr @ (Expr::Const(_) | Expr::Param(_)) if expr.type_oid() == oids::UNKNOWN => {
                        Some(expr.clone())
                    }
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let positions: Vec<Position> = match &self.rte(index).kind {
            RteKind::Subquery { query, .. } => {
                query.visible_targets().map(|target| target.expr.position()).collect()
            }
            _ => Vec::new(),
        };
        for (at, (var, _)) in vars.into_iter().enumerate() {
            exprs.push(match (constants.get(at).cloned().flatten(), var) {
                (Some(constant), _) => constant,
                (None, Expr::Var(mut var)) => {
                    var.position = positions.get(at).copied().unwrap_or_default();
                    Expr::Var(var)
                }
                (None, other) => other,
            });
        }
        let fitted = self.insert_row(relation, goals, explicit, exprs)?;
        self.insert_targets(relation, fitted)
    }

    /// Target entries by column; partial assignments to one column are nested.
    fn insert_targets(
        &mut self,
        relation: &Relation,
        fitted: Vec<(Goal<'c>, Expr)>,
    ) -> Result<Vec<TargetEntry>> {
        let mut targets: Vec<TargetEntry> = Vec::with_capacity(fitted.len());
        for (goal, value) in fitted {
            let name = relation.column(goal.attnum).map(|column| column.name.clone());
            add_assignment(&mut targets, goal.attnum, name, value)?;
        }
        Ok(targets)
    }
}

/// Adds an assignment to a column, nesting it with an earlier partial one.
pub(crate) fn add_assignment(
    targets: &mut Vec<TargetEntry>,
    attnum: i16,
    name: Option<std::sync::Arc<str>>,
    value: Expr,
) -> Result<()> {
    let resno = usize::try_from(attnum).unwrap_or(0);
    match targets.iter_mut().find(|target| target.resno == resno) {
        Some(known) => {
            let first = std::mem::replace(&mut known.expr, Expr::bool_const(false));
            match crate::assign::nest_assignment(first, value) {
                Ok(nested) => known.expr = nested,
                Err(_) => {
                    return Err(err!(
                        SYNTAX_ERROR,
                        "multiple assignments to same column \"{}\"",
                        name.as_deref().unwrap_or("")
                    ));
                }
            }
        }
        None => targets.push(crate::target::target(value, resno, name)),
    }
    Ok(())
}

/// `VALUES (...)` with nothing around it.
fn is_plain_values(query: &ast::Query) -> bool {
    matches!(query.body, QueryBody::Values(_))
        && query.with.is_none()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.locking.is_empty()
}

pub(crate) fn overriding_of(overriding: Option<ast::Overriding>) -> Overriding {
    match overriding {
        None => Overriding::None,
        Some(ast::Overriding::User) => Overriding::UserValue,
        Some(ast::Overriding::System) => Overriding::SystemValue,
    }
}
