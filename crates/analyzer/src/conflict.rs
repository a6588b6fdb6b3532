//! ON CONFLICT.

use crate::ExprKind;
use crate::binder::Binder;
use crate::from::ns_item;
use pglitedb_catalog::{IndexInfo, RelKind, Relation};
use pglitedb_query_tree::{Expr, OnConflict, Query, TableLockMode, Var, VarSource};
use pglitedb_sql_parser::ast::{self, ConflictAction, ConflictTarget};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// What an inference clause asks for.
#[derive(Default)]
struct Wanted {
    columns: Vec<i16>,
    exprs: Vec<Expr>,
}

impl<'c> Binder<'c> {
    pub(crate) fn on_conflict(
        &mut self,
        conflict: &'c ast::OnConflict,
        relation: &Relation,
        query: &mut Query,
    ) -> Result<()> {
        let at = conflict.span.offset();
        let update = matches!(conflict.action, ConflictAction::Update { .. });
        if update && conflict.target.is_none() {
            return Err(err!(
                SYNTAX_ERROR,
                "ON CONFLICT DO UPDATE requires inference specification or constraint name"
            )
            .hint("For example, ON CONFLICT (column_name).")
            .at(at));
        }
        if relation.is_catalog {
            return Err(Error::unsupported("ON CONFLICT is not supported with system catalog tables").at(at));
        }
        let mut result = OnConflict {
            arbiters: Vec::new(),
            constraint: 0,
            target_exprs: Vec::new(),
            target_where: None,
            update: None,
            update_where: None,
            excluded_rte: 0,
        };
        if update {
            let mut rte = self.relation_rte(relation, None, false, TableLockMode::RowExclusive)?;
            rte.name = "excluded".into();
            rte.has_alias = true;
            rte.in_from = false;
            rte.required_privileges = 0;
            let index = self.add_rte(rte);
            result.excluded_rte = index;
        }
        match &conflict.target {
            Some(ConflictTarget::Index { elements, where_clause, span }) => {
                let mut wanted = self.wanted(elements, span.offset())?;
                if let Some(condition) = where_clause {
                    let mut bound = self.condition(condition, ExprKind::IndexPredicate, "WHERE")?;
                    crate::collate::assign(self, &mut bound)?;
                    result.target_where = Some(bound);
                }
                for expr in &mut wanted.exprs {
                    crate::collate::assign(self, expr)?;
                }
                result.target_exprs = self.wanted_exprs(relation, wanted);
            }
            Some(ConflictTarget::Constraint(name)) => {
                let index = self.constraint_index(relation, name)?;
                if !index.is_immediate {
                    return Err(Error::new(
                        pglitedb_sqlstate::codes::OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters",
                    ));
                }
                if update && index.is_exclusion {
                    return Err(err!(
                        WRONG_OBJECT_TYPE,
                        "ON CONFLICT DO UPDATE not supported with exclusion constraints"
                    ));
                }
                result.constraint = index.constraint.as_ref().map_or(0, |constraint| constraint.oid);
                result.arbiters = vec![index.oid];
            }
            None => {}
        }
        if let ConflictAction::Update { assignments, where_clause } = &conflict.action {
            let index = result.excluded_rte;
            let item = ns_item(&self.cur().rtable[index], index);
            self.level().namespace.push(item);
            let bound = self.assignments(assignments, relation);
            let condition =
                where_clause.as_ref().map(|condition| self.condition(condition, ExprKind::Where, "WHERE"));
            self.level().namespace.pop();
            result.update = Some(bound?);
            result.update_where = condition.transpose()?;
            // EXCLUDED is no table that could be read without INSERT.
            if let Some(rte) = self.level().rtable.get_mut(index) {
                rte.required_privileges = 0;
            }
        }
        // As late as PostgreSQL, which looks for the index when it plans.
        if relation.kind != RelKind::View && result.constraint == 0 && !result.target_exprs.is_empty() {
            let target = self.cur().target.as_ref().map_or(0, |target| target.rte);
            let condition = result.target_where.as_ref();
            result.arbiters = infer(relation, target, &result.target_exprs, condition, update)?;
        }
        query.on_conflict = Some(Box::new(result));
        Ok(())
    }

    fn constraint_index(&self, relation: &Relation, name: &ast::Ident) -> Result<Arc<IndexInfo>> {
        relation
            .indexes
            .iter()
            .find(|index| {
                index.constraint.as_ref().is_some_and(|constraint| *constraint.name == *name.as_str())
            })
            .cloned()
            .ok_or_else(|| {
                err!(
                    UNDEFINED_OBJECT,
                    "constraint \"{}\" for table \"{}\" does not exist",
                    name.as_str(),
                    relation.name
                )
            })
    }

    fn wanted(&mut self, elements: &'c [ast::TableIndexElem], at: usize) -> Result<Wanted> {
        let mut wanted = Wanted::default();
        for element in elements {
            let bound = self.conflict_element(element, at)?;
            match bound {
                Expr::Var(Var { attno, source: VarSource::Rte(_), .. }) if attno > 0 => {
                    if !wanted.columns.contains(&attno) {
                        wanted.columns.push(attno);
                    }
                }
                other => wanted.exprs.push(other),
            }
        }
        Ok(wanted)
    }

    fn wanted_exprs(&self, relation: &Relation, wanted: Wanted) -> Vec<Expr> {
        let rte = self.cur().target.as_ref().map_or(0, |target| target.rte);
        let mut result: Vec<Expr> = wanted
            .columns
            .iter()
            .filter_map(|attnum| relation.column(*attnum).map(|column| (*attnum, column)))
            .map(|(attnum, column)| {
                let mut var = crate::columns::make_var(
                    rte,
                    attnum,
                    column.type_oid,
                    column.typmod,
                    column.collation,
                    0,
                );
                var.position = pglitedb_query_tree::Position(None);
                Expr::Var(var)
            })
            .collect();
        result.extend(wanted.exprs);
        result
    }
}

/// The unique indexes that an inference clause over entry `target` means.
pub(crate) fn infer(
    relation: &Relation,
    target: usize,
    wanted: &[Expr],
    condition: Option<&Expr>,
    update: bool,
) -> Result<Vec<u32>> {
    let mut columns: Vec<i16> = Vec::new();
    let mut expressions: Vec<&Expr> = Vec::new();
    for expr in wanted {
        match expr {
            Expr::Var(Var { attno, source: VarSource::Rte(_), .. }) if *attno > 0 => columns.push(*attno),
            other => expressions.push(other),
        }
    }
    let mut found = Vec::new();
    for index in &relation.indexes {
        if !index.is_unique || !index.is_immediate || !index.is_valid || (update && index.is_exclusion) {
            continue;
        }
        let keys: Vec<i16> =
            index.columns.iter().map(|column| column.attnum).filter(|attnum| *attnum != 0).collect();
        let same_columns = keys.iter().all(|key| columns.contains(key))
            && columns.iter().all(|column| keys.contains(column));
        if !same_columns {
            continue;
        }
        let mut exprs = Vec::with_capacity(index.expressions.len());
        for text in &index.expressions {
            exprs.push(at_entry(pglitedb_query_tree::serial::expr_from_text(text)?, target));
        }
        let same_exprs = expressions.iter().all(|expr| exprs.contains(expr))
            && exprs.iter().all(|expr| expressions.contains(&expr));
        if !same_exprs {
            continue;
        }
        if let Some(text) = &index.predicate {
            let predicate = at_entry(pglitedb_query_tree::serial::expr_from_text(text)?, target);
            let given = condition.map(|condition| condition.clone().into_conjuncts()).unwrap_or_default();
            if !predicate.into_conjuncts().iter().all(|part| given.contains(part)) {
                continue;
            }
        }
        found.push(index.oid);
    }
    if found.is_empty() {
        return Err(err!(
            INVALID_COLUMN_REFERENCE,
            "there is no unique or exclusion constraint matching the ON CONFLICT specification"
        ));
    }
    Ok(found)
}

/// Stored expressions of a relation refer to entry 0.
pub(crate) fn at_entry(mut expr: Expr, rte: usize) -> Expr {
    if rte != 0 {
        expr.rewrite(&mut |node| {
            if let Expr::Var(var) = node
                && var.source == VarSource::Rte(0)
                && var.levels_up == 0
            {
                var.source = VarSource::Rte(rte);
            }
        });
    }
    expr
}

impl<'c> Binder<'c> {
    /// A column or expression of an inference clause.
    fn conflict_element(&mut self, element: &'c ast::TableIndexElem, at: usize) -> Result<Expr> {
        if element.direction != ast::SortDirection::Default {
            return Err(err!(INVALID_COLUMN_REFERENCE, "ASC/DESC is not allowed in ON CONFLICT clause")
                .at(element.span.offset()));
        }
        if element.nulls.is_some() {
            return Err(err!(
                INVALID_COLUMN_REFERENCE,
                "NULLS FIRST/LAST is not allowed in ON CONFLICT clause"
            )
            .at(element.span.offset()));
        }
        match &element.key {
            ast::IndexKey::Column(column) => {
                match self.with_kind(ExprKind::IndexExpression, |binder| {
                    binder.column_by_name(column.as_str(), at)
                })? {
                    Some(found) => Ok(found),
                    None => Err(self.missing_column(None, column.as_str(), at)),
                }
            }
            ast::IndexKey::Expr(expr) => self.expr_of_kind(expr, ExprKind::IndexExpression),
        }
    }
}
