//! Functions in FROM: result columns, column definition lists, ROWS FROM, WITH ORDINALITY.

use crate::ExprKind;
use crate::binder::Binder;
use crate::entry::relation_columns;
use crate::expr_names::column_name;
use crate::from::make_rte;
use pglitedb_catalog::{ArgMode, ProcInfo};
use pglitedb_query_tree::{CallForm, Expr, FuncExpr, RteColumn, RteFunction, RteKind};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, FunctionFrom, TableFunctionColumn};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{TypeKind, oids};
use std::sync::Arc;

impl<'c> Binder<'c> {
    pub(crate) fn bind_from_function(&mut self, from: &'c FunctionFrom) -> Result<usize> {
        let saved = std::mem::replace(&mut self.level().lateral_active, true);
        let bound = self.rows_from(from);
        self.level().lateral_active = saved;
        let (functions, names) = bound?;
        let single = functions.len() == 1;
        let alias_name = from.alias.as_ref().map(|alias| alias.name.as_str());
        let mut list = Vec::with_capacity(functions.len());
        let mut columns = Vec::new();
        for ((expr, definitions, at), name) in functions.into_iter().zip(&names) {
            let definitions = match definitions {
                Some(definitions) => Some(definitions),
                None if single && !from.rows_from && !from.column_definitions.is_empty() => {
                    Some(from.column_definitions.as_slice())
                }
                None => None,
            };
            let scalar_name = match alias_name {
                Some(alias) if single => alias,
                _ => name,
            };
            let function = self.function_columns(expr, definitions, scalar_name, name, at)?;
            columns.extend(function.columns.iter().cloned());
            list.push(function);
        }
        if from.ordinality {
            columns.push(RteColumn {
                name: "ordinality".into(),
                type_oid: oids::INT8,
                typmod: -1,
                collation: 0,
            });
        }
        if from.ordinality && !from.column_definitions.is_empty() {
            return Err(err!(SYNTAX_ERROR, "WITH ORDINALITY cannot be used with a column definition list")
                .hint("Put the column definition list inside ROWS FROM().")
                .at(from.column_definitions.first().map_or(0, |column| column.span.offset())));
        }
        let name: Arc<str> = names.first().map_or("unnamed", |name| name.as_str()).into();
        let kind = RteKind::Function { functions: list, ordinality: from.ordinality };
        let mut rte = make_rte(kind, name, columns, from.alias.as_ref(), "table")?;
        // A function sees what stands before it, whether LATERAL is written or not.
        rte.lateral = from.lateral || function_uses_outer(&rte.kind);
        Ok(self.add_rte(rte))
    }

    /// Binds the calls. `unnest(a, b)` stands for one call each.
    #[allow(clippy::type_complexity)]
    fn rows_from(
        &mut self,
        from: &'c FunctionFrom,
    ) -> Result<(Vec<(Expr, Option<&'c [TableFunctionColumn]>, usize)>, Vec<String>)> {
        let mut functions = Vec::new();
        let mut names = Vec::new();
        for item in &from.functions {
            let at = item.function.span.offset();
            let definitions =
                (!item.column_definitions.is_empty()).then_some(item.column_definitions.as_slice());
            if let Ast::Function(call) = &item.function.kind
                && call.name.parts.len() == 1
                && call.name.last() == "unnest"
                && call.args.len() > 1
                && call.args.iter().all(|arg| arg.name.is_none() && !arg.variadic)
                && call.order_by.is_empty()
                && call.over.is_none()
                && definitions.is_none()
            {
                for arg in &call.args {
                    let expr = self.with_kind(ExprKind::FromFunction, |binder| {
                        let value = binder.expr(&arg.value)?;
                        binder.system_call("unnest", vec![value], CallForm::Explicit, at)
                    })?;
                    functions.push((expr, None, at));
                    names.push("unnest".to_string());
                }
                continue;
            }
            let before = self.cur().srf_count;
            let expr = self.expr_of_kind(&item.function, ExprKind::FromFunction)?;
            let own = matches!(&expr, Expr::Func(func) if func.returns_set);
            if self.cur().srf_count > before + usize::from(own)
                && let Some(inner) = self.cur().last_srf
            {
                return Err(
                    Error::unsupported("set-returning functions must appear at top level of FROM").at(inner)
                );
            }
            functions.push((expr, definitions, at));
            names.push(column_name(&item.function).to_string());
        }
        for (expr, ..) in &mut functions {
            crate::collate::assign(self, expr)?;
        }
        Ok((functions, names))
    }

    /// The columns a function gives.
    fn function_columns(
        &mut self,
        expr: Expr,
        definitions: Option<&'c [TableFunctionColumn]>,
        scalar_name: &str,
        function_name: &str,
        at: usize,
    ) -> Result<RteFunction> {
        let type_oid = expr.type_oid();
        let base = self.base_type(type_oid)?;
        let known = match &expr {
            Expr::Func(func) if base == oids::RECORD => match self.ctx.catalog.proc(func.func)? {
                Some(proc) => self.out_columns(&proc, func)?,
                None => None,
            },
            _ if base == oids::RECORD => self.record_columns(&expr)?,
            _ => None,
        };
        let composite = self.composite_relid(base)? != 0;
        if let Some(definitions) = definitions {
            let list_at = definitions.first().map_or(at, |column| column.span.offset());
            let redundant = if base != oids::RECORD && composite {
                Some("a column definition list is redundant for a function returning a named composite type")
            } else if base == oids::RECORD && known.is_some() {
                Some("a column definition list is redundant for a function with OUT parameters")
            } else if base != oids::RECORD {
                Some("a column definition list is only allowed for functions returning \"record\"")
            } else {
                None
            };
            if let Some(message) = redundant {
                return Err(err!(SYNTAX_ERROR, "{message}").at(list_at));
            }
            let columns = self.defined_columns(definitions)?;
            return Ok(RteFunction { expr, column_count: columns.len(), columns, has_definition: true });
        }
        if base == oids::RECORD {
            let Some(columns) = known else {
                return Err(err!(
                    SYNTAX_ERROR,
                    "a column definition list is required for functions returning \"record\""
                )
                .at(at));
            };
            return Ok(RteFunction { expr, column_count: columns.len(), columns, has_definition: false });
        }
        if composite {
            let relation = self.relation_by_oid(self.composite_relid(base)?)?;
            let columns = relation_columns(&relation);
            return Ok(RteFunction { expr, column_count: columns.len(), columns, has_definition: false });
        }
        let info = self.type_info(type_oid)?;
        if info.kind == TypeKind::Pseudo && !matches!(type_oid, oids::VOID | oids::CSTRING | oids::UNKNOWN) {
            return Err(err!(
                DATATYPE_MISMATCH,
                "function \"{function_name}\" in FROM has unsupported return type {}",
                self.type_name(type_oid)
            )
            .at(at));
        }
        let out_name = match &expr {
            Expr::Func(func) => self.single_out_name(func.func)?,
            _ => None,
        };
        let name = out_name.unwrap_or_else(|| scalar_name.into());
        let columns = vec![RteColumn { name, type_oid, typmod: expr.typmod(), collation: expr.collation() }];
        Ok(RteFunction { expr, column_count: 1, columns, has_definition: false })
    }

    /// The name of a function's only OUT parameter.
    fn single_out_name(&self, func: u32) -> Result<Option<Arc<str>>> {
        let Some(proc) = self.ctx.catalog.proc(func)? else { return Ok(None) };
        if proc.arg_modes.is_empty() || proc.arg_names.is_empty() {
            return Ok(None);
        }
        let mut outs = proc
            .arg_modes
            .iter()
            .enumerate()
            .filter(|(_, mode)| matches!(mode, ArgMode::Out | ArgMode::InOut | ArgMode::Table));
        match (outs.next(), outs.next()) {
            (Some((index, _)), None) => {
                Ok(proc.arg_names.get(index).filter(|name| !name.is_empty()).cloned())
            }
            _ => Ok(None),
        }
    }

    /// The columns that OUT parameters declare, polymorphic types resolved; `None` if there are none.
    pub fn out_columns(&mut self, proc: &ProcInfo, func: &FuncExpr) -> Result<Option<Vec<RteColumn>>> {
        if proc.all_arg_types.is_empty() {
            return Ok(None);
        }
        let mut columns = Vec::new();
        let mut outs = Vec::new();
        for (index, mode) in proc.arg_modes.iter().enumerate() {
            if !matches!(mode, ArgMode::Out | ArgMode::InOut | ArgMode::Table) {
                continue;
            }
            let Some(&type_oid) = proc.all_arg_types.get(index) else { continue };
            let name = match proc.arg_names.get(index) {
                Some(name) if !name.is_empty() => name.clone(),
                _ => format!("column{}", outs.len() + 1).into(),
            };
            outs.push((name, type_oid));
        }
        if outs.is_empty() {
            return Ok(None);
        }
        for (name, declared) in outs {
            let mut type_oid = declared;
            if crate::types::is_polymorphic(type_oid) {
                let actual: Vec<u32> = func.args.iter().map(Expr::type_oid).collect();
                let mut params = proc.arg_types.clone();
                type_oid = crate::func::polymorphic::enforce(self, &actual, &mut params, type_oid, false)?;
            }
            columns.push(RteColumn { name, type_oid, typmod: -1, collation: self.type_collation(type_oid)? });
        }
        Ok(Some(columns))
    }

    fn defined_columns(&mut self, definitions: &'c [TableFunctionColumn]) -> Result<Vec<RteColumn>> {
        let mut columns: Vec<RteColumn> = Vec::with_capacity(definitions.len());
        for definition in definitions {
            let at = definition.span.offset();
            let name = definition.name.as_str();
            if columns.iter().any(|column| *column.name == *name) {
                return Err(err!(DUPLICATE_COLUMN, "column name \"{name}\" specified more than once").at(at));
            }
            if definition.type_name.setof {
                return Err(
                    err!(INVALID_TABLE_DEFINITION, "column \"{name}\" cannot be declared SETOF").at(at)
                );
            }
            let (type_oid, typmod) = self.resolve_type(&definition.type_name)?;
            let mut collation = self.type_collation(type_oid)?;
            if let Some(given) = &definition.collation {
                if collation == 0 {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "collations are not supported by type {}",
                        self.type_name(type_oid)
                    )
                    .at(given.span().offset()));
                }
                collation = self.collation(given).map_err(|e| e.at(given.span().offset()))?;
            }
            if self.is_pseudo(type_oid)? && type_oid != oids::RECORD && type_oid != oids::RECORD_ARRAY {
                return Err(err!(
                    INVALID_TABLE_DEFINITION,
                    "column \"{name}\" has pseudo-type {}",
                    self.type_name(type_oid)
                ));
            }
            columns.push(RteColumn { name: name.into(), type_oid, typmod, collation });
        }
        Ok(columns)
    }

    pub(crate) fn xml_table(&mut self, table: &'c ast::XmlTable) -> Result<usize> {
        Err(Error::unsupported("XMLTABLE is not supported yet").at(table.span.offset()))
    }
}

/// Do the calls refer to other entries of their own query level?
fn function_uses_outer(kind: &RteKind) -> bool {
    let RteKind::Function { functions, .. } = kind else { return false };
    functions.iter().any(|function| {
        let mut levels = crate::func::ArgLevels::default();
        levels.add(&function.expr);
        levels.min_var == Some(0)
    })
}
