//! Target lists: SELECT and RETURNING items, `*`, origins of columns.

use crate::ExprKind;
use crate::binder::Binder;
use crate::expr_names::column_name;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, RteKind, TargetEntry, VarSource};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, Indirection};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;
use std::sync::Arc;

/// A visible target.
pub(crate) fn target(expr: Expr, resno: usize, name: Option<Arc<str>>) -> TargetEntry {
    TargetEntry { expr, resno, name, sort_group_ref: 0, orig_table: 0, orig_column: 0, junk: false }
}

impl<'c> Binder<'c> {
    /// Binds a select or RETURNING list.
    pub fn target_list(&mut self, items: &'c [ast::SelectItem], kind: ExprKind) -> Result<Vec<TargetEntry>> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            self.with_kind(kind, |binder| binder.target_item(item, &mut list))?;
        }
        Ok(list)
    }

    fn target_item(&mut self, item: &'c ast::SelectItem, list: &mut Vec<TargetEntry>) -> Result<()> {
        if let Some(expanded) = self.star(&item.expr, true)? {
            for (expr, name) in expanded {
                let resno = list.len() + 1;
                list.push(target(expr, resno, Some(name)));
            }
            return Ok(());
        }
        let expr = self.expr(&item.expr)?;
        let name = match &item.alias {
            Some(alias) => Arc::from(alias.as_str()),
            None => match &expr {
                // A plain column shares its name with the range table.
                Expr::Var(var) => self.shared_name(var, column_name(&item.expr)),
                _ => Arc::from(column_name(&item.expr)),
            },
        };
        let resno = list.len() + 1;
        list.push(target(expr, resno, Some(name)));
        Ok(())
    }

    fn shared_name(&self, var: &pglitedb_query_tree::Var, name: &str) -> Arc<str> {
        if let VarSource::Rte(index) = var.source
            && var.attno > 0
            && let Some(rte) = self.rte_at(index, var.levels_up)
            && let Some(column) = rte.columns.get(var.attno as usize - 1)
            && *column.name == *name
        {
            return column.name.clone();
        }
        Arc::from(name)
    }

    /// Expressions of a list where `x.*` expands.
    pub fn expand_list(&mut self, items: &'c [ast::Expr]) -> Result<Vec<Expr>> {
        let mut result = Vec::with_capacity(items.len());
        for item in items {
            match self.star(item, false)? {
                Some(expanded) => result.extend(expanded.into_iter().map(|(expr, _)| expr)),
                None => result.push(self.expr(item)?),
            }
        }
        Ok(result)
    }

    /// Expands `*`, `t.*` and `(composite).*`; `None` if the expression is none of these.
    pub fn star(&mut self, expr: &'c ast::Expr, top: bool) -> Result<Option<Vec<(Expr, Arc<str>)>>> {
        match &expr.kind {
            Ast::Column(column) if column.star => {
                let at = expr.span.offset();
                let _ = top;
                match column.parts.as_slice() {
                    [] => self.all_columns(at).map(Some),
                    [table] => self.table_star(None, table.as_str(), at).map(Some),
                    [schema, table] => self.table_star(Some(schema.as_str()), table.as_str(), at).map(Some),
                    [_, schema, table] => {
                        self.table_star(Some(schema.as_str()), table.as_str(), at).map(Some)
                    }
                    _ => Err(err!(SYNTAX_ERROR, "improper qualified name (too many dotted names)").at(at)),
                }
            }
            Ast::Indirection { base, indirection }
                if matches!(indirection.last(), Some(Indirection::Star(_))) =>
            {
                let at = expr.span.offset();
                let head = &indirection[..indirection.len() - 1];
                let value = self.steps_before_star(base, head, at)?;
                self.expand_composite(value, at).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn all_columns(&mut self, at: usize) -> Result<Vec<(Expr, Arc<str>)>> {
        let level = self.levels.len() - 1;
        let mut result = Vec::new();
        let mut found = false;
        for item in 0..self.levels[level].namespace.len() {
            let ns = &self.levels[level].namespace[item];
            if !ns.cols_visible || ns.returning != pglitedb_query_tree::VarReturning::Default {
                continue;
            }
            found = true;
            self.item_columns(level, item, 0, at, &mut result)?;
        }
        if !found {
            return Err(err!(SYNTAX_ERROR, "SELECT * with no tables specified is not valid").at(at));
        }
        Ok(result)
    }

    fn table_star(&mut self, schema: Option<&str>, table: &str, at: usize) -> Result<Vec<(Expr, Arc<str>)>> {
        if let Some(hook) = self.ctx.hook {
            let names: Vec<&str> = schema.into_iter().chain([table]).collect();
            if let Some(value) = hook.before_columns(&names, at)? {
                return self.expand_composite(value, at);
            }
        }
        let Some((level, item, up)) = self.find_item(schema, table, at)? else {
            if let Some(hook) = self.ctx.hook {
                let names: Vec<&str> = schema.into_iter().chain([table]).collect();
                if let Some(value) = hook.after_columns(&names, false, at)? {
                    return self.expand_composite(value, at);
                }
            }
            return Err(self.missing_table(schema, table, at));
        };
        let mut result = Vec::new();
        self.item_columns(level, item, up, at, &mut result)?;
        Ok(result)
    }

    /// All live columns of a namespace item.
    fn item_columns(
        &mut self,
        level: usize,
        item: usize,
        up: u32,
        at: usize,
        result: &mut Vec<(Expr, Arc<str>)>,
    ) -> Result<()> {
        let scope = &self.levels[level];
        let ns = &scope.namespace[item];
        let names: Vec<Option<Arc<str>>> = match &ns.columns {
            Some(columns) => {
                columns.iter().map(|column| (!column.dropped).then(|| column.name.clone())).collect()
            }
            None => scope.rtable[ns.rte]
                .columns
                .iter()
                .map(|column| (column.type_oid != 0).then(|| column.name.clone()))
                .collect(),
        };
        result.reserve(names.len());
        for (index, name) in names.into_iter().enumerate() {
            let Some(name) = name else { continue };
            let expr = self.item_column(level, item, (index + 1) as i16, up, at)?;
            result.push((expr, name));
        }
        Ok(())
    }

    /// The fields of a composite value as expressions.
    pub fn expand_composite(&mut self, value: Expr, at: usize) -> Result<Vec<(Expr, Arc<str>)>> {
        let type_oid = value.type_oid();
        let Some(columns) = self.record_columns(&value)? else {
            if type_oid == oids::RECORD {
                return Err(err!(WRONG_OBJECT_TYPE, "record type has not been registered").at(at));
            }
            return Err(err!(WRONG_OBJECT_TYPE, "type {} is not composite", self.type_name(type_oid)).at(at));
        };
        let mut result = Vec::with_capacity(columns.len());
        for (index, column) in columns.into_iter().enumerate() {
            if column.type_oid == 0 {
                continue;
            }
            let field = match &value {
                Expr::Var(var) if var.attno == 0 && self.is_plain_entry(var) => {
                    let mut field = var.clone();
                    field.attno = (index + 1) as i16;
                    field.type_oid = column.type_oid;
                    field.typmod = column.typmod;
                    field.collation = column.collation;
                    Expr::Var(field)
                }
                _ => Expr::FieldSelect {
                    arg: Box::new(value.clone()),
                    field: (index + 1) as i16,
                    type_oid: column.type_oid,
                    typmod: column.typmod,
                    collation: column.collation,
                },
            };
            result.push((field, column.name));
        }
        Ok(result)
    }

    fn is_plain_entry(&self, var: &pglitedb_query_tree::Var) -> bool {
        match var.source {
            VarSource::Rte(index) => {
                self.rte_at(index, var.levels_up).is_some_and(|rte| !matches!(rte.kind, RteKind::Join { .. }))
            }
            _ => false,
        }
    }

    /// Untyped output columns are text.
    pub fn resolve_unknowns(&mut self, list: &mut [TargetEntry]) -> Result<()> {
        for entry in list {
            if entry.expr.type_oid() == oids::UNKNOWN {
                let taken = std::mem::replace(&mut entry.expr, Expr::bool_const(false));
                entry.expr =
                    self.coerce(taken, oids::TEXT, -1, CastContext::Implicit, CallForm::ImplicitCast)?;
            }
        }
        Ok(())
    }

    /// Notes from which table columns the targets come.
    pub fn mark_origins(&self, list: &mut [TargetEntry]) {
        for entry in list {
            if let Expr::Var(var) = &entry.expr
                && let Some((table, column)) = self.origin(var)
            {
                entry.orig_table = table;
                entry.orig_column = column;
            }
        }
    }

    fn origin(&self, var: &pglitedb_query_tree::Var) -> Option<(u32, i16)> {
        let VarSource::Rte(index) = var.source else { return None };
        let rte = self.rte_at(index, var.levels_up)?;
        match &rte.kind {
            RteKind::Relation { oid, .. } => Some((*oid, var.attno)),
            RteKind::Subquery { query, .. } => {
                let column = usize::try_from(var.attno).ok()?.checked_sub(1)?;
                let inner = query.visible_targets().nth(column)?;
                (inner.orig_table != 0).then_some((inner.orig_table, inner.orig_column))
            }
            RteKind::Join { aliases, .. } => {
                let column = usize::try_from(var.attno).ok()?.checked_sub(1)?;
                match aliases.get(column)? {
                    Expr::Var(inner) => {
                        let mut inner = inner.clone();
                        inner.levels_up += var.levels_up;
                        self.origin(&inner)
                    }
                    _ => None,
                }
            }
            RteKind::Cte { name, levels_up, self_reference: false } => {
                let at = (self.levels.len() - 1).checked_sub((var.levels_up + levels_up) as usize)?;
                let cte = self.levels.get(at)?.ctes.iter().find(|cte| cte.name() == &**name)?;
                let column = usize::try_from(var.attno).ok()?.checked_sub(1)?;
                let inner = cte.query()?.result_targets().nth(column)?;
                (inner.orig_table != 0).then_some((inner.orig_table, inner.orig_column))
            }
            _ => None,
        }
    }

    /// The value of `(base)[1].field` before its `.*`.
    fn steps_before_star(&mut self, base: &'c ast::Expr, head: &'c [Indirection], at: usize) -> Result<Expr> {
        if head.is_empty() {
            return self.expr(base);
        }
        self.indirection(base, head, at)
    }

    /// `XX000` for a target that cannot be there.
    pub fn missing_target(&self) -> Error {
        Error::internal("sort or group item refers to no target")
    }
}
