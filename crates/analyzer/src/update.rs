//! UPDATE and DELETE.

use crate::ExprKind;
use crate::binder::Binder;
use crate::insert::add_assignment;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{CommandType, Expr, Query, SubLink, TargetEntry, privilege};
use pglitedb_sql_parser::ast::{
    self, Assignment, AssignmentTarget, DeleteStatement, ExprKind as Ast, UpdateStatement,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    pub(crate) fn update(&mut self, update: &'c UpdateStatement) -> Result<Query> {
        let mut query = Query { command: CommandType::Update, ..Query::default() };
        if let Some(with) = &update.with {
            self.with_clause(with)?;
        }
        let relation = self.set_target(&update.relation, privilege::UPDATE, true)?;
        self.bind_from_with_target(&update.from)?;
        query.quals = self.where_clause(update.where_clause.as_ref())?;
        self.returning(update.returning.as_deref(), &mut query, ExprKind::Returning)?;
        query.targets = self.assignments(&update.assignments, &relation)?;
        query.result_relation = self.cur().target.as_ref().map(|target| target.rte);
        self.take_level(&mut query);
        crate::collate::assign_query(self, &mut query)?;
        Ok(query)
    }

    pub(crate) fn delete(&mut self, delete: &'c DeleteStatement) -> Result<Query> {
        let mut query = Query { command: CommandType::Delete, ..Query::default() };
        if let Some(with) = &delete.with {
            self.with_clause(with)?;
        }
        self.set_target(&delete.relation, privilege::DELETE, true)?;
        self.bind_from_with_target(&delete.using)?;
        query.quals = self.where_clause(delete.where_clause.as_ref())?;
        self.returning(delete.returning.as_deref(), &mut query, ExprKind::Returning)?;
        query.result_relation = self.cur().target.as_ref().map(|target| target.rte);
        self.take_level(&mut query);
        crate::collate::assign_query(self, &mut query)?;
        Ok(query)
    }

    fn where_clause(&mut self, condition: Option<&'c ast::Expr>) -> Result<Option<Expr>> {
        match condition {
            Some(condition) => Ok(Some(self.condition(condition, ExprKind::Where, "WHERE")?)),
            None => Ok(None),
        }
    }

    /// FROM or USING beside the target, which LATERAL items there must not see.
    fn bind_from_with_target(&mut self, items: &'c [ast::FromItem]) -> Result<()> {
        self.show_target()?;
        if let Some(item) = self.level().namespace.last_mut() {
            item.lateral_only = true;
            item.lateral_ok = false;
        }
        self.bind_from(items)
    }

    /// SET items as targets of the relation's columns.
    pub fn assignments(&mut self, list: &'c [Assignment], relation: &Relation) -> Result<Vec<TargetEntry>> {
        let mut targets: Vec<TargetEntry> = Vec::with_capacity(list.len());
        for assignment in list {
            match assignment {
                Assignment::Single { target, value } => {
                    let value = self.with_kind(ExprKind::UpdateSource, |binder| match value.kind {
                        Ast::Default => Ok(default_marker()),
                        _ => binder.expr(value),
                    })?;
                    self.assign_target(&mut targets, target, value, relation)?;
                }
                Assignment::Multiple { targets: columns, source, span } => {
                    let values = self.multi_values(source, columns.len(), span.offset())?;
                    for (target, value) in columns.iter().zip(values) {
                        self.assign_target(&mut targets, target, value, relation)?;
                    }
                }
            }
        }
        Ok(targets)
    }

    /// The values of `(a, b) = source`.
    fn multi_values(&mut self, source: &'c ast::Expr, columns: usize, at: usize) -> Result<Vec<Expr>> {
        let mismatch =
            |at: usize| err!(SYNTAX_ERROR, "number of columns does not match number of values").at(at);
        match &source.kind {
            Ast::Subquery(query) => {
                let link = self.with_kind(ExprKind::UpdateSource, |binder| {
                    binder.multi_expr_query(query, columns, source.span.offset())
                })?;
                let values = multi_fields(&link);
                self.level().multi_assign.push(link);
                Ok(values)
            }
            Ast::Row { items, .. } => {
                if items.len() != columns {
                    return Err(mismatch(source.span.offset()));
                }
                self.with_kind(ExprKind::UpdateSource, |binder| {
                    items
                        .iter()
                        .map(|item| match item.kind {
                            Ast::Default => Ok(default_marker()),
                            _ => binder.expr(item),
                        })
                        .collect()
                })
            }
            _ => {
                let _ = at;
                Err(Error::unsupported(
                    "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
                )
                .at(source.span.offset()))
            }
        }
    }

    fn assign_target(
        &mut self,
        targets: &mut Vec<TargetEntry>,
        target: &'c AssignmentTarget,
        value: Expr,
        relation: &Relation,
    ) -> Result<()> {
        let at = target.span.offset();
        let name = target.column.as_str();
        if relation.column_by_name(name).is_none() && crate::columns::system_column(name).is_some() {
            return Err(Error::unsupported(format!("cannot assign to system column \"{name}\"")).at(at));
        }
        let (attnum, column) = self.target_column(relation, name, at, !target.indirection.is_empty())?;
        let old = if target.indirection.is_empty() {
            None
        } else {
            self.reads_target();
            let rte = self.cur().target.as_ref().map_or(0, |target| target.rte);
            let mut var =
                crate::columns::make_var(rte, attnum, column.type_oid, column.typmod, column.collation, at);
            var.position = pglitedb_query_tree::Position(None);
            Some(Expr::Var(var))
        };
        let value = self.with_kind(ExprKind::UpdateTarget, |binder| {
            binder.assigned(value, column, &target.indirection, old, at)
        })?;
        add_assignment(targets, attnum, Some(column.name.clone()), value)
    }
}

/// DEFAULT before its column is known.
fn default_marker() -> Expr {
    Expr::SetToDefault { type_oid: oids::UNKNOWN, typmod: -1, collation: 0 }
}

/// The columns of a multiple-assignment subquery: fields of the sublink, which has the same number in each.
fn multi_fields(link: &SubLink) -> Vec<Expr> {
    link.query
        .visible_targets()
        .enumerate()
        .map(|(index, target)| Expr::FieldSelect {
            arg: Box::new(Expr::SubLink(Box::new(link.clone()))),
            field: (index + 1) as i16,
            type_oid: target.expr.type_oid(),
            typmod: target.expr.typmod(),
            collation: target.expr.collation(),
        })
        .collect()
}
