//! JSON_TABLE in FROM.
//!
//! Arguments of the range table entry: the document, the PASSING values, then an expression for each column but those
//! FOR ORDINALITY: JSON_VALUE, JSON_QUERY or JSON_EXISTS over the row's item, which is the [`Expr::CaseTest`]. Options:
//! `{"passing": [names], "error_on_error", "plan": P}`, a plan `P` being `{"path", "name", "columns": [{"at": place in
//! the output, "name", "arg": number of the argument (none: ordinality)}], "nested": [P]}`.

use crate::binder::Binder;
use crate::expr::json::Format;
use crate::expr::json_query::{QueryCall, TableColumn, json_string};
use crate::from::make_rte;
use pglitedb_query_tree::{Expr, RteColumn, RteKind};
use pglitedb_sql_parser::ast::{
    JsonBehaviorKind, JsonFunctionKind, JsonQuotes, JsonTable, JsonTableColumn, JsonTablePath, JsonWrapper,
};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Datum, Oid, TypeKind, oids};

/// A table under construction.
struct Table {
    columns: Vec<RteColumn>,
    args: Vec<Expr>,
    /// Number of PASSING values, behind the document in `args`.
    passed: usize,
    names: Vec<String>,
    /// Names of columns and paths, which are distinct.
    used: Vec<String>,
    /// Paths without a name of their own so far.
    unnamed: usize,
}

impl Table {
    fn claim(&mut self, name: &str, at: usize) -> Result<()> {
        if self.used.iter().any(|used| used == name) {
            return Err(err!(DUPLICATE_ALIAS, "duplicate JSON_TABLE column or path name: {name}").at(at));
        }
        self.used.push(name.to_owned());
        Ok(())
    }

    fn path_name(&mut self) -> String {
        let name = format!("json_table_path_{}", self.unnamed);
        self.unnamed += 1;
        name
    }
}

impl<'c> Binder<'c> {
    pub(crate) fn json_table(&mut self, table: &'c JsonTable) -> Result<usize> {
        let saved = std::mem::replace(&mut self.level().lateral_active, true);
        let bound = self.with_kind(crate::ExprKind::FromFunction, |binder| binder.bind_json_table(table));
        self.level().lateral_active = saved;
        bound
    }

    fn bind_json_table(&mut self, table: &'c JsonTable) -> Result<usize> {
        let error_on_error = match table.on_error.as_ref().map(|behavior| (&behavior.kind, behavior.span)) {
            None | Some((JsonBehaviorKind::EmptyArray, _)) => false,
            Some((JsonBehaviorKind::Error, _)) => true,
            Some((_, span)) => {
                return Err(err!(SYNTAX_ERROR, "invalid ON ERROR behavior")
                    .detail("Only EMPTY [ ARRAY ] or ERROR is allowed in the top-level ON ERROR clause.")
                    .at(span.offset()));
            }
        };
        let mut state = Table {
            columns: Vec::new(),
            args: Vec::new(),
            passed: 0,
            names: Vec::new(),
            used: Vec::new(),
            unnamed: 0,
        };
        let root_name = match &table.path.name {
            Some(name) => name.as_str().to_owned(),
            None => state.path_name(),
        };
        state.used.push(root_name.clone());
        check_names(&mut state, &table.columns)?;
        let document = self.json_value_expr(&table.context, Format::Jsonb, Some(oids::JSONB), false)?;
        state.args.push(document);
        state.names = self.passing(&table.passing, &mut state.args)?;
        state.passed = state.names.len();
        // Paths are named in the order in which they are written, whether below another or not.
        let mut names = path_names(&table.columns, usize::from(table.path.name.is_none()));
        names.reverse();
        let plan = self.json_table_plan(&mut state, &table.path, &root_name, &table.columns, &mut names)?;
        for arg in &mut state.args {
            crate::collate::assign(self, arg)?;
        }
        let options = format!(
            "{{\"passing\":[{}],\"error_on_error\":{error_on_error},\"plan\":{plan}}}",
            state.names.join(",")
        );
        let alias = table.alias.as_ref();
        if let Some(alias) = alias
            && alias.columns.len() > state.columns.len()
        {
            return Err(err!(
                INVALID_COLUMN_REFERENCE,
                "JSON_TABLE function has {} columns available but {} columns specified",
                state.columns.len(),
                alias.columns.len()
            ));
        }
        let kind =
            RteKind::TableFunction { name: "json_table".into(), options: options.into(), args: state.args };
        let lateral = table.lateral || uses_outer(&kind);
        let mut rte = make_rte(kind, "json_table".into(), state.columns, alias, "JSON_TABLE")?;
        rte.lateral = lateral;
        Ok(self.add_rte(rte))
    }

    /// The options' plan of a path: its own columns come first, then those of the nested paths.
    fn json_table_plan(
        &mut self,
        state: &mut Table,
        path: &'c JsonTablePath,
        name: &str,
        columns: &'c [JsonTableColumn],
        names: &mut Vec<String>,
    ) -> Result<String> {
        let mut own = Vec::new();
        let mut has_ordinality = false;
        for column in columns {
            let at = state.columns.len();
            match column {
                JsonTableColumn::Nested { .. } => {}
                JsonTableColumn::Ordinality { name, span } => {
                    if has_ordinality {
                        return Err(
                            err!(SYNTAX_ERROR, "only one FOR ORDINALITY column is allowed").at(span.offset())
                        );
                    }
                    has_ordinality = true;
                    state.columns.push(RteColumn {
                        name: name.as_str().into(),
                        type_oid: oids::INT4,
                        typmod: -1,
                        collation: 0,
                    });
                    own.push(format!("{{\"at\":{at},\"name\":{}}}", json_string(name.as_str())));
                }
                JsonTableColumn::Regular(_) | JsonTableColumn::Exists { .. } => {
                    let (name, expr) = self.json_table_column(state, column)?;
                    state.columns.push(RteColumn {
                        name: name.into(),
                        type_oid: expr.type_oid(),
                        typmod: expr.typmod(),
                        collation: self.type_collation(expr.type_oid())?,
                    });
                    own.push(format!(
                        "{{\"at\":{at},\"name\":{},\"arg\":{}}}",
                        json_string(name),
                        state.args.len()
                    ));
                    state.args.push(expr);
                }
            }
        }
        let mut nested = Vec::new();
        for column in columns {
            if let JsonTableColumn::Nested { path, columns, .. } = column {
                let generated = names.pop();
                let name = match &path.name {
                    Some(name) => name.as_str().to_owned(),
                    None => generated.unwrap_or_default(),
                };
                let plan =
                    self.guarded(|binder| binder.json_table_plan(state, path, &name, columns, names))?;
                nested.push(plan);
            }
        }
        let text = pglitedb_types::jsonpath::parse(&path.path)
            .map_err(|error| error.at(path.path_span.offset()))?
            .to_string();
        Ok(format!(
            "{{\"path\":{},\"name\":{},\"columns\":[{}],\"nested\":[{}]}}",
            json_string(&text),
            json_string(name),
            own.join(","),
            nested.join(",")
        ))
    }

    /// Name and expression of a value column.
    fn json_table_column(&mut self, state: &Table, column: &'c JsonTableColumn) -> Result<(&'c str, Expr)> {
        let (name, type_name, path, span) = match column {
            JsonTableColumn::Regular(column) => {
                (&column.name, &column.type_name, column.path.as_ref(), column.span)
            }
            JsonTableColumn::Exists { name, type_name, path, span, .. } => {
                (name, type_name, path.as_ref(), *span)
            }
            _ => return Err(pglitedb_sqlstate::Error::internal("column of JSON_TABLE without value")),
        };
        let (name, at) = (name.as_str(), span.offset());
        let (target, typmod) = self.resolve_type(type_name)?;
        let place = Some(TableColumn { name });
        let none = (JsonWrapper::Unspecified, JsonQuotes::Unspecified, None, None);
        let (kind, (wrapper, quotes, on_empty, on_error)) = match column {
            JsonTableColumn::Regular(column) => {
                let formatted = column.format.is_some()
                    || column.wrapper != JsonWrapper::Unspecified
                    || column.quotes != JsonQuotes::Unspecified
                    || self.holds_json(target)?;
                let kind = if formatted { JsonFunctionKind::Query } else { JsonFunctionKind::Value };
                (kind, (column.wrapper, column.quotes, column.on_empty.as_ref(), column.on_error.as_ref()))
            }
            JsonTableColumn::Exists { on_error, .. } => {
                (JsonFunctionKind::Exists, (none.0, none.1, none.2, on_error.as_ref()))
            }
            _ => (JsonFunctionKind::Value, none),
        };
        self.check_wrapper(kind, wrapper, quotes, at)?;
        self.check_behaviors(kind, on_empty, on_error, Some(name))?;
        let text = match path {
            Some(path) => pglitedb_types::jsonpath::parse(&path.path)
                .map_err(|error| error.at(path.path_span.offset()))?
                .to_string(),
            None => format!("$.{}", json_string(name)),
        };
        let item = Expr::CaseTest { type_oid: oids::JSONB, typmod: -1, collation: 0 };
        let mut args = vec![item, crate::coerce::constant(Datum::Text(text.into()), oids::JSONPATH)];
        args.extend(state.args.iter().skip(1).take(state.passed).cloned());
        let call = QueryCall {
            kind,
            wrapper,
            quotes,
            on_empty,
            on_error,
            target,
            typmod,
            args,
            names: state.names.clone(),
            column: place,
        };
        Ok((name, self.query_call(call, at)?))
    }

    /// Is JSON_QUERY what suits a column of the type?
    fn holds_json(&self, type_oid: Oid) -> Result<bool> {
        let base = self.base_type(type_oid)?;
        if matches!(base, oids::JSON | oids::JSONB | oids::RECORD) {
            return Ok(true);
        }
        let info = self.type_info(base)?;
        Ok(info.is_true_array || info.kind == TypeKind::Composite)
    }
}

/// Claims the names of columns and paths in the order in which they are written.
fn check_names(state: &mut Table, columns: &[JsonTableColumn]) -> Result<()> {
    for column in columns {
        match column {
            JsonTableColumn::Nested { path, columns, .. } => {
                if let Some(name) = &path.name {
                    state.claim(name.as_str(), name.span.offset())?;
                }
                check_names(state, columns)?;
            }
            JsonTableColumn::Ordinality { name, span } | JsonTableColumn::Exists { name, span, .. } => {
                state.claim(name.as_str(), span.offset())?;
            }
            JsonTableColumn::Regular(column) => {
                state.claim(column.name.as_str(), column.span.offset())?;
            }
        }
    }
    Ok(())
}

/// A generated name for each nested path (used if it has none), depth first.
fn path_names(columns: &[JsonTableColumn], first: usize) -> Vec<String> {
    fn walk(columns: &[JsonTableColumn], next: &mut usize, out: &mut Vec<String>) {
        for column in columns {
            if let JsonTableColumn::Nested { path, columns, .. } = column {
                out.push(format!("json_table_path_{next}"));
                *next += usize::from(path.name.is_none());
                walk(columns, next, out);
            }
        }
    }
    let mut out = Vec::new();
    let mut next = first;
    walk(columns, &mut next, &mut out);
    out
}

/// Does it refer to other entries of its own query level?
fn uses_outer(kind: &RteKind) -> bool {
    let RteKind::TableFunction { args, .. } = kind else { return false };
    args.iter().any(|arg| {
        let mut levels = crate::func::ArgLevels::default();
        levels.add(arg);
        levels.min_var == Some(0)
    })
}
