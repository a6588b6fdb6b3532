//! The FROM clause.

use super::{Deparser, INDENT, INDENT_JOIN};
use crate::format_type::quote_ident;
use pglitedb_query_tree::{FromItem, JoinExpr, JoinType, Query, Rte, RteFunction, RteKind};
use pglitedb_sqlstate::{Error, Result};

impl Deparser<'_> {
    pub(super) fn print_from(&mut self, query: &Query, prefix: &str) -> Result<()> {
        let mut first = true;
        for item in &query.from {
            if let FromItem::Rte(index) = item
                && (!query.rtable.get(*index).is_some_and(|rte| rte.in_from)
                    || query.result_relation == Some(*index))
            {
                continue;
            }
            if first {
                self.keyword(prefix, -INDENT, INDENT, 2);
                first = false;
                self.print_from_item(item, query)?;
                continue;
            }
            self.push(", ");
            let text = self.captured(|deparser| deparser.print_from_item(item, query))?;
            self.push_item(&text, false, false);
        }
        Ok(())
    }

    pub(super) fn print_from_item(&mut self, item: &FromItem, query: &Query) -> Result<()> {
        match item {
            FromItem::Rte(index) => {
                let rte = query.rtable.get(*index).ok_or_else(crate::from::missing_entry)?;
                self.entry(rte, *index)
            }
            FromItem::Join(join) => self.join(join, query),
        }
    }

    fn entry(&mut self, rte: &Rte, index: usize) -> Result<()> {
        let mut definition: Option<&RteFunction> = None;
        // A function in FROM needs no LATERAL to refer to what stands before it.
        if rte.lateral && !matches!(rte.kind, RteKind::Function { .. } | RteKind::Values { .. }) {
            self.push("LATERAL ");
        }
        match &rte.kind {
            RteKind::Relation { oid, inherit, .. } => {
                let has_children = self
                    .binder
                    .ctx
                    .catalog
                    .relation(*oid)?
                    .is_some_and(|relation| !relation.children.is_empty());
                if !inherit && has_children {
                    self.push("ONLY ");
                }
                let name = self.relation_name(*oid)?;
                self.push(&name);
            }
            RteKind::Subquery { query, .. } => {
                self.push("(");
                self.query(query, true)?;
                self.push(")");
            }
            RteKind::Function { functions, ordinality } => {
                definition = self.functions(functions, *ordinality)?;
            }
            RteKind::Values { rows } => {
                self.push("(");
                self.values(rows)?;
                self.push(")");
            }
            RteKind::Cte { name, .. } => self.push_ident(name),
            RteKind::TableFunction { name, options, args } if &**name == "json_table" => {
                self.json_table(options, args, &super::json::table_columns(rte))?;
            }
            RteKind::TableFunction { name, .. } => {
                return Err(Error::unsupported(format!("deparsing {name} is not supported yet")));
            }
            RteKind::Join { .. } | RteKind::Result => {
                return Err(Error::internal("unexpected kind of range table entry in FROM"));
            }
        }
        self.alias(rte, index, definition)?;
        if let RteKind::Relation { sample: Some(sample), .. } = &rte.kind {
            let method = self.binder.ctx.catalog.proc(sample.method)?;
            let name = method.map_or(String::new(), |method| quote_ident(&method.name));
            self.push(&format!(" TABLESAMPLE {name} ("));
            self.list(&sample.args)?;
            self.push(")");
            if let Some(seed) = &sample.repeatable {
                self.push(" REPEATABLE (");
                self.expr(seed, false)?;
                self.push(")");
            }
        }
        Ok(())
    }

    fn functions<'f>(
        &mut self,
        functions: &'f [RteFunction],
        ordinality: bool,
    ) -> Result<Option<&'f RteFunction>> {
        let mut definition = None;
        match functions {
            [only] if !(only.has_definition && ordinality) => {
                self.function_in_from(only)?;
                if only.has_definition {
                    definition = Some(only);
                }
            }
            many if many.len() > 1 && many.iter().all(is_unnest) => {
                self.push("UNNEST(");
                for (index, function) in many.iter().enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    if let Some(arg) = function.func().and_then(|func| func.args.first()) {
                        self.expr(arg, true)?;
                    }
                }
                self.push(")");
            }
            many => {
                self.push("ROWS FROM(");
                for (index, function) in many.iter().enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    self.function_in_from(function)?;
                    if function.has_definition {
                        self.push(" AS ");
                        self.definition(function);
                    }
                }
                self.push(")");
            }
        }
        if ordinality {
            self.push(" WITH ORDINALITY");
        }
        Ok(definition)
    }

    fn function_in_from(&mut self, function: &RteFunction) -> Result<()> {
        match &function.expr {
            expr @ (pglitedb_query_tree::Expr::Func(_)
            | pglitedb_query_tree::Expr::SqlValue { .. }
            | pglitedb_query_tree::Expr::Coalesce { .. }
            | pglitedb_query_tree::Expr::MinMax { .. }) => self.expr(expr, true),
            other => {
                // Only calls may stand here.
                self.push("CAST(");
                self.expr(other, false)?;
                let shown = self.binder.type_name_typmod(other.type_oid(), other.typmod());
                self.push(&format!(" AS {shown})"));
                Ok(())
            }
        }
    }

    fn definition(&mut self, function: &RteFunction) {
        let columns: Vec<String> = function
            .columns
            .iter()
            .map(|column| {
                let shown = self.binder.type_name_typmod(column.type_oid, column.typmod);
                format!("{} {shown}", quote_ident(&column.name))
            })
            .collect();
        self.push(&format!("({})", columns.join(", ")));
    }

    /// The alias with its column names, where they are needed.
    fn alias(&mut self, rte: &Rte, index: usize, definition: Option<&RteFunction>) -> Result<()> {
        let name = self.scopes.last().and_then(|scope| scope.tables.get(index).cloned().flatten());
        let Some(name) = name else { return Ok(()) };
        let print = rte.has_alias
            || match &rte.kind {
                RteKind::Relation { oid, .. } => {
                    let relation = self.binder.ctx.catalog.relation(*oid)?;
                    relation.is_none_or(|relation| *relation.name != *name)
                }
                RteKind::Cte { name: own, .. } => **own != *name,
                RteKind::Function { .. } | RteKind::Values { .. } => true,
                RteKind::Subquery { .. } => *name != *"unnamed_subquery",
                RteKind::TableFunction { .. } => *name != *rte.name,
                _ => true,
            };
        if print {
            self.push(" ");
            if definition.is_some() {
                self.push("AS ");
            }
            self.push_ident(&name);
        }
        if let Some(definition) = definition {
            if !print {
                self.push(" AS ");
            }
            self.definition(definition);
            return Ok(());
        }
        let columns =
            self.scopes.last().and_then(|scope| scope.columns.get(index).cloned()).unwrap_or_default();
        let list = match &rte.kind {
            RteKind::Relation { oid, .. } => match self.binder.ctx.catalog.relation(*oid)? {
                Some(relation) => relation
                    .columns
                    .iter()
                    .zip(&columns)
                    .any(|(column, shown)| !column.dropped && *column.name != **shown),
                None => false,
            },
            RteKind::Function { .. } => true,
            RteKind::TableFunction { .. } => !rte.alias_columns.is_empty(),
            _ => {
                !rte.alias_columns.is_empty()
                    || rte.columns.iter().zip(&columns).any(|(column, shown)| *column.name != **shown)
            }
        };
        if list && print {
            let live: Vec<String> = rte
                .columns
                .iter()
                .zip(&columns)
                .filter(|(column, _)| column.type_oid != 0)
                .map(|(_, shown)| quote_ident(shown))
                .collect();
            if !live.is_empty() {
                self.push(&format!("({})", live.join(", ")));
            }
        }
        Ok(())
    }

    fn join(&mut self, join: &JoinExpr, query: &Query) -> Result<()> {
        let pretty = self.style.pretty_parens;
        let parens = !pretty || join.alias.is_some();
        let right_parens = pretty && matches!(&join.right, FromItem::Join(right) if right.alias.is_none());
        if parens {
            self.push("(");
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.inside.push(join.rte);
        }
        self.print_from_item(&join.left, query)?;
        let word = match join.join {
            JoinType::Inner if join.quals.is_some() => " JOIN ",
            JoinType::Inner => " CROSS JOIN ",
            JoinType::Left => " LEFT JOIN ",
            JoinType::Full => " FULL JOIN ",
            JoinType::Right => " RIGHT JOIN ",
            _ => return Err(Error::internal("unexpected kind of join")),
        };
        self.keyword(word, -INDENT, INDENT, INDENT_JOIN);
        if right_parens {
            self.push("(");
        }
        self.print_from_item(&join.right, query)?;
        if right_parens {
            self.push(")");
        }
        if !join.using.is_empty() {
            let names: Vec<String> = join.using.iter().map(|name| quote_ident(name)).collect();
            self.push(&format!(" USING ({})", names.join(", ")));
            if let Some(alias) = &join.using_alias {
                self.push(" AS ");
                self.push_ident(alias);
            }
        } else if let Some(quals) = &join.quals {
            self.push(" ON ");
            if !pretty {
                self.push("(");
            }
            self.expr(quals, false)?;
            if !pretty {
                self.push(")");
            }
        } else if join.join != JoinType::Inner {
            self.push(" ON TRUE");
        }
        let mut shown = None;
        if let Some(scope) = self.scopes.last_mut() {
            scope.inside.pop();
            shown = scope.tables.get(join.rte).cloned().flatten();
        }
        if parens {
            self.push(")");
        }
        if let Some(alias) = &join.alias {
            let alias = shown.unwrap_or_else(|| alias.to_string());
            self.push(" ");
            self.push_ident(&alias);
            if let Some(rte) = query.rtable.get(join.rte)
                && !rte.alias_columns.is_empty()
            {
                let columns = self.scopes.last().and_then(|scope| scope.columns.get(join.rte).cloned());
                let names: Vec<String> =
                    columns.unwrap_or_default().iter().map(|name| quote_ident(name)).collect();
                self.push(&format!("({})", names.join(", ")));
            }
        }
        Ok(())
    }

    /// A relation's name, qualified if the search path (or a WITH query) would find another.
    pub(super) fn relation_name(&self, oid: u32) -> Result<String> {
        let Some(relation) = self.binder.ctx.catalog.relation(oid)? else {
            return Err(Error::internal(format!("cache lookup failed for relation {oid}")));
        };
        let hidden = self.scopes.iter().any(|scope| scope.ctes.iter().any(|cte| **cte == *relation.name));
        let mut visible = false;
        for &namespace in self.binder.search_path() {
            if let Some(found) = self.binder.ctx.catalog.relation_oid(namespace, &relation.name)? {
                visible = found == oid;
                break;
            }
        }
        let name = quote_ident(&relation.name);
        if visible && !hidden {
            return Ok(name);
        }
        Ok(format!("{}.{name}", quote_ident(&relation.namespace_name)))
    }
}

/// `unnest(anyarray)` without column definitions: several of them are one `UNNEST(a, b)`.
fn is_unnest(function: &RteFunction) -> bool {
    const UNNEST: u32 = 2331;
    !function.has_definition && function.func().is_some_and(|func| func.func == UNNEST)
}
