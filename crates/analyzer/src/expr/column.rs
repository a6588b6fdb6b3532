//! Column references, whole rows, fields.

use crate::ExprKind;
use crate::binder::Binder;
use pglitedb_query_tree::{CallForm, Expr, RteColumn, RteKind, VarSource};
use pglitedb_sql_parser::ast::{self, ColumnRef};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    pub(super) fn column_ref(&mut self, column: &'c ColumnRef, at: usize) -> Result<Expr> {
        match self.kind() {
            ExprKind::ColumnDefault => {
                return Err(Error::unsupported("cannot use column reference in DEFAULT expression").at(at));
            }
            ExprKind::PartitionBound => {
                return Err(
                    Error::unsupported("cannot use column reference in partition bound expression").at(at)
                );
            }
            _ => {}
        }
        if column.star {
            return self.qualified_row(column, at);
        }
        if let (Some((type_oid, typmod, collation)), [one]) = (self.domain_value, column.parts.as_slice())
            && one.as_str() == "value"
        {
            return Ok(Expr::DomainValue { type_oid, typmod, collation });
        }
        let hook = self.ctx.hook;
        let names: Vec<&str> = match hook {
            Some(_) => column.parts.iter().map(|part| part.as_str()).collect(),
            None => Vec::new(),
        };
        if let Some(hook) = hook
            && let Some(found) = hook.before_columns(&names, at)?
        {
            return Ok(found);
        }
        let found = self.column_of_scopes(column, at);
        if let Some(hook) = hook {
            let known = matches!(found, Ok(Ok(_)));
            if let Some(other) = hook.after_columns(&names, known, at)? {
                return Ok(other);
            }
        }
        found?
    }

    /// `t.*` where an expression is wanted: the whole row.
    fn qualified_row(&mut self, column: &'c ColumnRef, at: usize) -> Result<Expr> {
        let (schema, table) = match column.parts.as_slice() {
            [table] => (None, table.as_str()),
            [schema, table] | [_, schema, table] => (Some(schema.as_str()), table.as_str()),
            _ => {
                return Err(err!(SYNTAX_ERROR, "row expansion via \"*\" is not supported here").at(at));
            }
        };
        match self.find_item(schema, table, at)? {
            Some((level, item, up)) => self.whole_row(level, item, up, at),
            None => Err(self.missing_table(schema, table, at)),
        }
    }

    /// Outer error: look-up failed for good; inner: there is no such column.
    fn column_of_scopes(&mut self, column: &'c ColumnRef, at: usize) -> Result<Result<Expr>> {
        match column.parts.as_slice() {
            [name] => {
                if let Some(found) = self.column_by_name(name.as_str(), at)? {
                    return Ok(Ok(found));
                }
                if let Some((level, item, up)) = self.find_item(None, name.as_str(), at)? {
                    return Ok(Ok(self.whole_row(level, item, up, at)?));
                }
                Ok(Err(self.missing_column(None, name.as_str(), at)))
            }
            [table, name] => self.qualified_column(None, table, name, at),
            [schema, table, name] => self.qualified_column(Some(schema), table, name, at),
            [catalog, schema, table, name] => {
                if catalog.as_str() != &*self.ctx.env.current_database() {
                    return Ok(Err(Error::unsupported(format!(
                        "cross-database references are not implemented: {}",
                        dotted(&column.parts)
                    ))
                    .at(at)));
                }
                self.qualified_column(Some(schema), table, name, at)
            }
            _ => Ok(Err(err!(
                SYNTAX_ERROR,
                "improper qualified name (too many dotted names): {}",
                dotted(&column.parts)
            )
            .at(at))),
        }
    }

    fn qualified_column(
        &mut self,
        schema: Option<&'c ast::Ident>,
        table: &'c ast::Ident,
        name: &'c ast::Ident,
        at: usize,
    ) -> Result<Result<Expr>> {
        let schema = schema.map(|schema| schema.as_str());
        let Some((level, item, up)) = self.find_item(schema, table.as_str(), at)? else {
            return Ok(Err(self.missing_table(schema, table.as_str(), at)));
        };
        if let Some(attno) = self.column_in_item(level, item, name.as_str(), at)? {
            return Ok(Ok(self.item_column(level, item, attno, up, at)?));
        }
        // A function of the whole row.
        let row = self.whole_row(level, item, up, at)?;
        if let Some(call) = self.column_style_call(name.as_str(), row, at)? {
            return Ok(Ok(call));
        }
        Ok(Err(self.missing_column(Some(table.as_str()), name.as_str(), at)))
    }

    /// `x.f` as `f(x)`, if there is such a function.
    fn column_style_call(&mut self, name: &str, row: Expr, at: usize) -> Result<Option<Expr>> {
        let qualified = ast::QualifiedName { parts: vec![ast::Ident::synthetic(name)] };
        let shape = crate::func::ArgShape {
            count: Some(1),
            names: &[],
            expand_variadic: true,
            expand_defaults: true,
            include_out: false,
        };
        let actual = [row.type_oid()];
        let args = [row];
        match self.resolve_function(&qualified, &args, &actual, shape)? {
            crate::func::Resolved::Function(found)
                if found.proc.kind == pglitedb_catalog::ProcKind::Function => {}
            crate::func::Resolved::Coercion(_) => {}
            _ => return Ok(None),
        }
        let parts = crate::func::CallParts::plain(&qualified, CallForm::Explicit, at);
        self.call(parts, args.into()).map(Some)
    }

    /// Subscripts and fields behind an expression.
    pub fn indirection(
        &mut self,
        base: &'c ast::Expr,
        steps: &'c [ast::Indirection],
        at: usize,
    ) -> Result<Expr> {
        let mut result = self.expr(base)?;
        let mut rest = steps;
        while let Some(step) = rest.first() {
            match step {
                ast::Indirection::Field(name) => {
                    rest = &rest[1..];
                    let position = result.position().get().unwrap_or(at);
                    result = match self.field_of(result, name.as_str(), position)? {
                        Ok(field) => field,
                        Err(arg) => match self.column_style_call(name.as_str(), arg.clone(), position)? {
                            Some(call) => call,
                            None => return Err(self.missing_field(&arg, name.as_str(), position)?),
                        },
                    };
                }
                ast::Indirection::Star(span) => {
                    return Err(
                        Error::unsupported("row expansion via \"*\" is not supported here").at(span.offset())
                    );
                }
                ast::Indirection::Index(_) | ast::Indirection::Slice(..) => {
                    let count = rest
                        .iter()
                        .take_while(|s| matches!(s, ast::Indirection::Index(_) | ast::Indirection::Slice(..)))
                        .count();
                    let (subscripts, tail) = rest.split_at(count);
                    rest = tail;
                    result = self.subscript(result, subscripts, None)?;
                }
            }
        }
        Ok(result)
    }

    /// A field of a composite value; gives the value back if it has no such field.
    pub fn field_of(&mut self, arg: Expr, name: &str, at: usize) -> Result<std::result::Result<Expr, Expr>> {
        if let Expr::Var(var) = &arg
            && var.attno == 0
            && let VarSource::Rte(index) = var.source
            && let Some(rte) = self.rte_at(index, var.levels_up)
            && !matches!(rte.kind, RteKind::Join { .. })
        {
            let found = rte.columns.iter().position(|column| *column.name == *name && column.type_oid != 0);
            if let Some(found) = found {
                let column = &rte.columns[found];
                let mut field = var.clone();
                field.attno = (found + 1) as i16;
                field.type_oid = column.type_oid;
                field.typmod = column.typmod;
                field.collation = column.collation;
                return Ok(Ok(Expr::Var(field)));
            }
        }
        let _ = at;
        let Some(columns) = self.record_columns(&arg)? else { return Ok(Err(arg)) };
        let found = columns.iter().position(|column| *column.name == *name && column.type_oid != 0);
        match found {
            Some(index) => {
                let column = &columns[index];
                Ok(Ok(Expr::FieldSelect {
                    field: (index + 1) as i16,
                    type_oid: column.type_oid,
                    typmod: column.typmod,
                    collation: column.collation,
                    arg: Box::new(arg),
                }))
            }
            None => Ok(Err(arg)),
        }
    }

    /// The fields of a composite expression, dropped ones with type 0; `None` if it is not composite or nothing is
    /// known of its fields.
    pub fn record_columns(&mut self, expr: &Expr) -> Result<Option<Vec<RteColumn>>> {
        let type_oid = expr.type_oid();
        if type_oid != oids::RECORD {
            let relid = self.composite_relid(self.base_type(type_oid)?)?;
            if relid == 0 {
                return Ok(None);
            }
            let relation = self.relation_by_oid(relid)?;
            return Ok(Some(crate::entry::relation_columns(&relation)));
        }
        match expr {
            Expr::Row { args, names, .. } => Ok(Some(
                args.iter()
                    .zip(names)
                    .map(|(arg, name)| RteColumn {
                        name: name.clone(),
                        type_oid: arg.type_oid(),
                        typmod: arg.typmod(),
                        collation: arg.collation(),
                    })
                    .collect(),
            )),
            Expr::Func(func) => match self.ctx.catalog.proc(func.func)? {
                Some(proc) => self.out_columns(&proc, func),
                None => Ok(None),
            },
            Expr::Var(var) => self.record_var_columns(var),
            Expr::FieldSelect { arg, field, .. } => {
                let Some(outer) = self.record_columns(arg)? else { return Ok(None) };
                let _ = (outer, field);
                Ok(None)
            }
            Expr::SubLink(link) => {
                let first = link.query.visible_targets().next().map(|target| target.expr.clone());
                match first {
                    Some(Expr::Row { args, names, type_oid, form }) => {
                        self.record_columns(&Expr::Row { args, names, type_oid, form })
                    }
                    _ => Ok(None),
                }
            }
            Expr::Const(_) | Expr::Param(_) => Ok(None),
            _ => Ok(None),
        }
    }

    /// Fields of a variable of type record: the entry's own columns, or those of the expression behind it.
    fn record_var_columns(&mut self, var: &pglitedb_query_tree::Var) -> Result<Option<Vec<RteColumn>>> {
        let VarSource::Rte(index) = var.source else { return Ok(None) };
        let Some(rte) = self.rte_at(index, var.levels_up) else { return Ok(None) };
        if var.attno == 0 {
            return Ok(Some(rte.columns.clone()));
        }
        let column = (var.attno as usize).wrapping_sub(1);
        let behind = match &rte.kind {
            RteKind::Subquery { query, .. } => {
                let target = query.visible_targets().nth(column).map(|target| target.expr.clone());
                match target {
                    Some(Expr::Var(inner)) if inner.levels_up == 0 => {
                        return Ok(var_columns_in(query, &inner));
                    }
                    other => other,
                }
            }
            RteKind::Cte { name, levels_up, .. } => {
                let level = (self.levels.len() - 1)
                    .checked_sub((var.levels_up + levels_up) as usize)
                    .and_then(|at| self.levels.get(at));
                let query = level.and_then(|level| level.ctes.iter().find(|cte| cte.name() == &**name));
                match query.and_then(|entry| entry.query()) {
                    Some(query) => match query.result_targets().nth(column).map(|t| t.expr.clone()) {
                        Some(Expr::Var(inner)) if inner.levels_up == 0 => {
                            return Ok(var_columns_in(query, &inner));
                        }
                        other => other,
                    },
                    None => None,
                }
            }
            RteKind::Join { aliases, .. } => aliases.get(column).cloned(),
            RteKind::Values { rows } => rows.first().and_then(|row| row.get(column)).cloned(),
            RteKind::Function { functions, .. } => match functions.first() {
                Some(function) if functions.len() == 1 && function.column_count == 1 => {
                    Some(function.expr.clone())
                }
                _ => None,
            },
            _ => None,
        };
        match behind {
            Some(expr @ (Expr::Row { .. } | Expr::Func(_) | Expr::SubLink(_))) => self.record_columns(&expr),
            Some(Expr::Var(inner)) => {
                let mut inner = inner;
                inner.levels_up += var.levels_up;
                self.guarded(|binder| binder.record_var_columns(&inner))
            }
            _ => Ok(None),
        }
    }
}

/// Columns of a whole-row variable inside a finished query.
fn var_columns_in(
    query: &pglitedb_query_tree::Query,
    var: &pglitedb_query_tree::Var,
) -> Option<Vec<RteColumn>> {
    let VarSource::Rte(index) = var.source else { return None };
    let rte = query.rtable.get(index)?;
    if var.attno == 0 {
        return Some(rte.columns.clone());
    }
    let column = (var.attno as usize).checked_sub(1)?;
    match &rte.kind {
        RteKind::Subquery { query, .. } => match &query.visible_targets().nth(column)?.expr {
            Expr::Var(inner) if inner.levels_up == 0 => var_columns_in(query, inner),
            Expr::Row { args, names, .. } => Some(
                args.iter()
                    .zip(names)
                    .map(|(arg, name)| RteColumn {
                        name: name.clone(),
                        type_oid: arg.type_oid(),
                        typmod: arg.typmod(),
                        collation: arg.collation(),
                    })
                    .collect(),
            ),
            _ => None,
        },
        _ => None,
    }
}

fn dotted(parts: &[ast::Ident]) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| part.as_str()).collect();
    parts.join(".")
}
