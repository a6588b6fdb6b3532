//! Writing rows of one relation: NOT NULL, CHECK, generated columns, indexes, foreign keys. Used by ModifyTable, COPY
//! and referential actions.

use crate::expr::{CompileCtx, Compiled, EvalRow, compile};
use crate::foreign_key::{Events, ForeignKeyCheck, ReferencedChange};
use crate::runtime::{DeferredCheck, Runtime};
use pglitedb_catalog::{IndexInfo, Relation};
use pglitedb_query_tree::{Expr, VarSource, serial};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::{IndexExprs, RowId, TableAccess, WriteCtx};
use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// Characters of a failing row that an error shows of each column.
const SHOWN_MAX: usize = 64;

struct IndexExpr {
    index: Oid,
    expressions: Vec<Compiled>,
    texts: Vec<String>,
    predicate: Option<Compiled>,
}

/// Writes rows of a relation. Made once per statement (or kept with its executor).
pub struct RowWriter {
    relation: Arc<Relation>,
    checks: Vec<(Arc<str>, Compiled)>,
    /// WITH CHECK OPTION of views.
    view_checks: Vec<(Arc<str>, Compiled)>,
    generated: Vec<(usize, Compiled)>,
    not_null: Vec<usize>,
    domains: Vec<(usize, Oid)>,
    indexes: Vec<IndexExpr>,
}

/// Evaluates index expressions for one statement.
struct Evaluator<'w, 'r> {
    writer: &'w RowWriter,
    rt: Runtime<'r>,
}

impl IndexExprs for Evaluator<'_, '_> {
    fn index_keys(&mut self, index: &IndexInfo, row: &[Datum], keys: &mut Vec<Datum>) -> Result<bool> {
        self.writer.keys(index, row, keys, &self.rt)
    }

    fn expression_text(&mut self, index: &IndexInfo, nth: usize) -> Result<String> {
        let own = self.writer.indexes.iter().find(|known| known.index == index.oid);
        let at = index.columns.iter().take(nth).filter(|column| column.attnum == 0).count();
        Ok(own.and_then(|own| own.texts.get(at).cloned()).unwrap_or_else(|| "expression".to_owned()))
    }
}

/// A stored expression over a relation's row, compiled to read it as the scanned tuple.
pub fn compile_stored(text: &str, ctx: &mut CompileCtx<'_>) -> Result<Compiled> {
    let mut expr = serial::expr_from_text(text)?;
    expr.rewrite(&mut |node| {
        if let Expr::Var(var) = node {
            var.source = VarSource::Scan;
        }
    });
    compile(&expr, ctx)
}

impl RowWriter {
    /// Compiles what the relation's rows must satisfy.
    pub fn new(relation: &Arc<Relation>, ctx: &mut CompileCtx<'_>) -> Result<RowWriter> {
        let mut writer = RowWriter {
            relation: relation.clone(),
            checks: Vec::new(),
            view_checks: Vec::new(),
            generated: Vec::new(),
            not_null: Vec::new(),
            domains: Vec::new(),
            indexes: Vec::new(),
        };
        for (at, column) in relation.columns.iter().enumerate().filter(|(_, column)| !column.dropped) {
            if column.not_null {
                writer.not_null.push(at);
            }
            if column.generated == b's'
                && let Some(text) = &column.default
            {
                writer.generated.push((at, compile_stored(text, ctx)?));
            }
        }
        for check in relation.checks.iter().filter(|check| check.enforced) {
            if let Some(text) = &check.expression {
                writer.checks.push((check.name.clone(), compile_stored(text, ctx)?));
            }
        }
        for index in &relation.indexes {
            if index.expressions.is_empty() && index.predicate.is_none() {
                continue;
            }
            let expressions = index.expressions.iter().map(|text| compile_stored(text, ctx));
            writer.indexes.push(IndexExpr {
                index: index.oid,
                expressions: expressions.collect::<Result<_>>()?,
                texts: Vec::new(),
                predicate: index.predicate.as_ref().map(|text| compile_stored(text, ctx)).transpose()?,
            });
        }
        Ok(writer)
    }

    /// Adds the WITH CHECK OPTION conditions of the views that rows are written through.
    pub fn add_view_checks(&mut self, checks: &[(Arc<str>, Expr)], ctx: &mut CompileCtx<'_>) -> Result<()> {
        for (view, condition) in checks {
            self.view_checks.push((view.clone(), compile(condition, ctx)?));
        }
        Ok(())
    }

    /// The relation.
    pub fn relation(&self) -> &Arc<Relation> {
        &self.relation
    }

    /// Key values of a row for an index; false if its predicate leaves the row out.
    pub fn keys(
        &self,
        index: &IndexInfo,
        row: &[Datum],
        keys: &mut Vec<Datum>,
        rt: &Runtime<'_>,
    ) -> Result<bool> {
        keys.clear();
        let eval = EvalRow { scan: row, table: self.relation.oid, ..EvalRow::default() };
        let own = self.indexes.iter().find(|known| known.index == index.oid);
        if let Some(predicate) = own.and_then(|own| own.predicate.as_ref())
            && !predicate.is_true(&eval, rt)?
        {
            return Ok(false);
        }
        let mut next = own.map(|own| own.expressions.iter()).into_iter().flatten();
        for column in &index.columns {
            if column.attnum > 0 {
                keys.push(row.get(column.attnum as usize - 1).cloned().unwrap_or_default());
            } else {
                let expr = next.next().ok_or_else(|| Error::internal("index lacks an expression"))?;
                keys.push(expr.eval(&eval, rt)?);
            }
        }
        Ok(true)
    }

    /// Calls `f` with a write context for this relation.
    pub fn with_ctx<R>(&self, rt: &Runtime<'_>, f: impl FnOnce(&mut WriteCtx<'_>) -> Result<R>) -> Result<R> {
        let mut exprs = Evaluator { writer: self, rt: *rt };
        let mut ctx = WriteCtx::new(rt.txn, rt.env.as_type_env(), &mut exprs);
        let result = f(&mut ctx)?;
        for check in ctx.deferred.drain(..) {
            rt.hooks.defer(DeferredCheck::Unique(check));
        }
        Ok(result)
    }

    /// Computes generated columns and checks NOT NULL and CHECK constraints of a new row.
    pub fn prepare(&self, row: &mut [Datum], rt: &Runtime<'_>) -> Result<()> {
        for (at, expr) in &self.generated {
            let value =
                expr.eval(&EvalRow { scan: row, table: self.relation.oid, ..EvalRow::default() }, rt)?;
            row[*at] = value;
        }
        for at in &self.not_null {
            if row.get(*at).is_none_or(Datum::is_null) {
                return Err(self.null_violation(*at, row, rt));
            }
        }
        for (at, domain) in &self.domains {
            rt.env.check_domain(*domain, &row[*at])?;
        }
        for (name, check) in &self.checks {
            let eval = EvalRow { scan: row, table: self.relation.oid, ..EvalRow::default() };
            // NULL satisfies a CHECK.
            if check.eval(&eval, rt)?.as_bool() == Some(false) {
                return Err(self.check_violation(name, row, rt));
            }
        }
        for (view, check) in &self.view_checks {
            let eval = EvalRow { scan: row, table: self.relation.oid, ..EvalRow::default() };
            if !check.is_true(&eval, rt)? {
                return Err(err!(
                    WITH_CHECK_OPTION_VIOLATION,
                    "new row violates check option for view \"{view}\""
                )
                .detail(self.failing_row(row, rt)));
            }
        }
        Ok(())
    }

    #[cold]
    fn null_violation(&self, at: usize, row: &[Datum], rt: &Runtime<'_>) -> Error {
        let (table, column) = (&self.relation.name, &self.relation.columns[at].name);
        let error = err!(
            NOT_NULL_VIOLATION,
            "null value in column \"{column}\" of relation \"{table}\" violates not-null constraint"
        );
        error
            .detail(self.failing_row(row, rt))
            .table(&*self.relation.namespace_name, &**table)
            .column(&**column)
    }

    #[cold]
    fn check_violation(&self, name: &str, row: &[Datum], rt: &Runtime<'_>) -> Error {
        let table = &self.relation.name;
        err!(CHECK_VIOLATION, "new row for relation \"{table}\" violates check constraint \"{name}\"")
            .detail(self.failing_row(row, rt))
            .table(&*self.relation.namespace_name, &**table)
            .constraint(name)
    }

    fn failing_row(&self, row: &[Datum], rt: &Runtime<'_>) -> String {
        let mut values = Vec::new();
        for (column, value) in self.relation.columns.iter().zip(row).filter(|(column, _)| !column.dropped) {
            if value.is_null() {
                values.push("null".to_owned());
                continue;
            }
            let text = pglitedb_types::output_string(value, column.type_oid, rt.env.as_type_env());
            let text = text.unwrap_or_default();
            values.push(match text.char_indices().nth(SHOWN_MAX) {
                Some((cut, _)) => format!("{}...", &text[..cut]),
                None => text,
            });
        }
        format!("Failing row contains ({}).", values.join(", "))
    }

    /// Inserts a row that was [`prepare`](Self::prepare)d.
    pub fn insert(
        &self,
        table: &TableAccess,
        row: &[Datum],
        events: &mut Events,
        rt: &Runtime<'_>,
    ) -> Result<RowId> {
        let id = self.with_ctx(rt, |ctx| table.insert(ctx, row))?;
        self.inserted(id, row, events);
        Ok(id)
    }

    /// Notes the foreign keys of a new row.
    pub fn inserted(&self, id: RowId, row: &[Datum], events: &mut Events) {
        for key in self.relation.foreign_keys.iter().filter(|key| key.enforced) {
            if key.columns.iter().any(|column| value_at(row, *column).is_some_and(|value| !value.is_null())) {
                events.checks.push(ForeignKeyCheck {
                    key: key.clone(),
                    relation: self.relation.clone(),
                    row: id,
                });
            }
        }
    }

    /// Replaces a locked row's current version `old` by `new` (prepared).
    pub fn update(
        &self,
        table: &TableAccess,
        id: RowId,
        old: &[Datum],
        new: &[Datum],
        changed: &[usize],
        events: &mut Events,
        rt: &Runtime<'_>,
    ) -> Result<()> {
        self.with_ctx(rt, |ctx| table.update(ctx, id, old, new, changed))?;
        let touched = |columns: &[i16]| {
            columns.iter().any(|column| {
                let at = usize::try_from(column - 1).unwrap_or(usize::MAX);
                changed.contains(&at)
                    && !pglitedb_types::identical(
                        old.get(at).unwrap_or(&Datum::Null),
                        new.get(at).unwrap_or(&Datum::Null),
                    )
            })
        };
        for key in self.relation.foreign_keys.iter().filter(|key| key.enforced && touched(&key.columns)) {
            events.checks.push(ForeignKeyCheck {
                key: key.clone(),
                relation: self.relation.clone(),
                row: id,
            });
        }
        for key in self.relation.referenced_by.iter().filter(|key| key.enforced && touched(&key.ref_columns))
        {
            events.changes.push(ReferencedChange::new(key, &self.relation, old, Some(new)));
        }
        Ok(())
    }

    /// Deletes a locked row whose current version is `old`.
    pub fn delete(
        &self,
        table: &TableAccess,
        id: RowId,
        old: &[Datum],
        events: &mut Events,
        rt: &Runtime<'_>,
    ) -> Result<()> {
        self.with_ctx(rt, |ctx| table.delete(ctx, id, old))?;
        for key in self.relation.referenced_by.iter().filter(|key| key.enforced) {
            events.changes.push(ReferencedChange::new(key, &self.relation, old, None));
        }
        Ok(())
    }

    /// Columns (from 0) that may change when these are assigned: they and the generated ones.
    pub fn changed_columns(&self, assigned: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut changed: Vec<usize> = assigned.collect();
        changed.extend(self.generated.iter().map(|(at, _)| *at));
        changed.sort_unstable();
        changed.dedup();
        changed
    }
}

/// Value of an attnum.
pub(crate) fn value_at(row: &[Datum], attnum: i16) -> Option<&Datum> {
    row.get(usize::try_from(attnum - 1).ok()?)
}
