//! INSERT, UPDATE, DELETE, MERGE inside WITH and in SQL function bodies.

use super::{Deparser, INDENT};
use pglitedb_query_tree::{
    CommandType, Expr, MergeMatch, Overriding, Query, RteKind, SubLinkKind, TargetEntry,
};
use pglitedb_sqlstate::{Error, Result};

impl Deparser<'_> {
    pub(super) fn modifying(&mut self, query: &Query) -> Result<()> {
        self.with_clause(query)?;
        match query.command {
            CommandType::Insert => self.insert(query)?,
            CommandType::Update => self.update(query)?,
            CommandType::Delete => self.delete(query)?,
            CommandType::Merge => self.merge(query)?,
            CommandType::Select => return Err(Error::internal("SELECT is no modifying query")),
        }
        if !query.returning.is_empty() {
            self.keyword(" RETURNING", -INDENT, INDENT, 1);
            let names: Vec<String> = [("OLD", &query.returning_old), ("NEW", &query.returning_new)]
                .into_iter()
                .filter_map(|(word, name)| {
                    name.as_ref().map(|name| format!("{word} AS {}", crate::format_type::quote_ident(name)))
                })
                .collect();
            if !names.is_empty() {
                self.push(&format!(" WITH ({})", names.join(", ")));
            }
            self.target_list(&query.returning, true, None)?;
        }
        Ok(())
    }

    fn target_name(&mut self, query: &Query, verb: &str, alias_word: &str) -> Result<usize> {
        let index = query.result_relation.ok_or_else(|| Error::internal("no target relation"))?;
        let rte = query.rtable.get(index).ok_or_else(crate::from::missing_entry)?;
        let RteKind::Relation { oid, inherit, .. } = rte.kind else {
            return Err(Error::internal("target is no relation"));
        };
        if self.style.indent {
            self.push(" ");
            self.indent += INDENT;
        }
        self.push(verb);
        if !inherit && query.command != CommandType::Insert {
            self.push("ONLY ");
        }
        let name = self.relation_name(oid)?;
        self.push(&name);
        let shown = self.scopes.last().and_then(|scope| scope.tables.get(index).cloned().flatten());
        if let Some(shown) = shown
            && (rte.has_alias || shown != *rte.name)
        {
            self.push(alias_word);
            self.push_ident(&shown);
        }
        Ok(index)
    }

    fn insert(&mut self, query: &Query) -> Result<()> {
        let target = self.target_name(query, "INSERT INTO ", " AS ")?;
        self.push(" ");
        let columns = self.column_names(target);
        if !query.targets.is_empty() {
            self.push("(");
            for (index, entry) in query.targets.iter().enumerate() {
                if index > 0 {
                    self.push(", ");
                }
                self.target_column(entry, &columns)?;
            }
            self.push(") ");
        }
        match query.overriding {
            Overriding::None => {}
            Overriding::SystemValue => self.push("OVERRIDING SYSTEM VALUE "),
            Overriding::UserValue => self.push("OVERRIDING USER VALUE "),
        }
        let source = query.rtable.iter().enumerate().find(|(index, rte)| {
            *index != target && matches!(rte.kind, RteKind::Subquery { .. } | RteKind::Values { .. })
        });
        match source.map(|(_, rte)| &rte.kind) {
            Some(RteKind::Subquery { query: inner, .. }) => self.query(inner, false)?,
            Some(RteKind::Values { rows }) => self.values(rows)?,
            _ if query.targets.is_empty() => self.push("DEFAULT VALUES"),
            _ => {
                self.keyword("VALUES (", -INDENT, INDENT, 2);
                for (index, entry) in query.targets.iter().enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    self.expr(assigned(&entry.expr), true)?;
                }
                self.push(")");
            }
        }
        self.on_conflict(query, &columns)
    }

    fn on_conflict(&mut self, query: &Query, columns: &[String]) -> Result<()> {
        let Some(conflict) = &query.on_conflict else { return Ok(()) };
        self.push(" ON CONFLICT");
        if conflict.constraint != 0 {
            let name = query
                .result_relation
                .and_then(|index| query.rtable.get(index))
                .and_then(|rte| match rte.kind {
                    RteKind::Relation { oid, .. } => self.binder.ctx.catalog.relation(oid).ok().flatten(),
                    _ => None,
                })
                .and_then(|relation| {
                    relation
                        .indexes
                        .iter()
                        .filter_map(|index| index.constraint.as_ref())
                        .find(|constraint| constraint.oid == conflict.constraint)
                        .map(|constraint| constraint.name.to_string())
                })
                .unwrap_or_default();
            self.push(" ON CONSTRAINT ");
            self.push_ident(&name);
        } else if !conflict.target_exprs.is_empty() {
            self.push("(");
            let prefix = std::mem::replace(&mut self.prefix, false);
            for (index, expr) in conflict.target_exprs.iter().enumerate() {
                if index > 0 {
                    self.push(", ");
                }
                match expr {
                    Expr::Var(_) | Expr::Func(_) => self.expr(expr, false)?,
                    other => {
                        self.push("(");
                        self.expr(other, false)?;
                        self.push(")");
                    }
                }
            }
            self.push(")");
            if let Some(condition) = &conflict.target_where {
                self.push(" WHERE ");
                self.expr(condition, false)?;
            }
            self.prefix = prefix;
        }
        match &conflict.update {
            None => self.push(" DO NOTHING"),
            Some(update) => {
                self.push(" DO UPDATE SET ");
                self.assignments(update, columns)?;
                if let Some(condition) = &conflict.update_where {
                    self.keyword(" WHERE ", -INDENT, INDENT, 1);
                    self.expr(condition, false)?;
                }
            }
        }
        Ok(())
    }

    fn update(&mut self, query: &Query) -> Result<()> {
        let target = self.target_name(query, "UPDATE ", " ")?;
        self.push(" SET ");
        let columns = self.column_names(target);
        self.assignments(&query.targets, &columns)?;
        self.print_from(query, " FROM ")?;
        self.where_clause(query)
    }

    fn delete(&mut self, query: &Query) -> Result<()> {
        self.target_name(query, "DELETE FROM ", " ")?;
        self.print_from(query, " USING ")?;
        self.where_clause(query)
    }

    fn where_clause(&mut self, query: &Query) -> Result<()> {
        if let Some(quals) = &query.quals {
            self.keyword(" WHERE ", -INDENT, INDENT, 1);
            self.expr(quals, false)?;
        }
        Ok(())
    }

    fn merge(&mut self, query: &Query) -> Result<()> {
        let target = self.target_name(query, "MERGE INTO ", " ")?;
        self.print_from(query, " USING ")?;
        self.keyword(" ON ", -INDENT, INDENT, 2);
        if let Some(condition) = &query.merge_join {
            self.expr(condition, false)?;
        }
        let columns = self.column_names(target);
        let by_source =
            query.merge_actions.iter().any(|action| action.when == MergeMatch::NotMatchedBySource);
        for action in &query.merge_actions {
            self.keyword(" WHEN ", -INDENT, INDENT, 2);
            self.push(match action.when {
                MergeMatch::Matched => "MATCHED",
                MergeMatch::NotMatchedBySource => "NOT MATCHED BY SOURCE",
                MergeMatch::NotMatchedByTarget if by_source => "NOT MATCHED BY TARGET",
                MergeMatch::NotMatchedByTarget => "NOT MATCHED",
            });
            if let Some(condition) = &action.condition {
                self.keyword(" AND ", -INDENT, INDENT, 3);
                self.expr(condition, false)?;
            }
            self.keyword(" THEN ", -INDENT, INDENT, 3);
            match action.command {
                CommandType::Delete => self.push("DELETE"),
                CommandType::Select => self.push("DO NOTHING"),
                CommandType::Update => {
                    self.push("UPDATE SET ");
                    self.assignments(&action.targets, &columns)?;
                }
                _ => {
                    self.push("INSERT");
                    if !action.targets.is_empty() {
                        self.push(" (");
                        for (index, entry) in action.targets.iter().enumerate() {
                            if index > 0 {
                                self.push(", ");
                            }
                            self.target_column(entry, &columns)?;
                        }
                        self.push(")");
                        match action.overriding {
                            Overriding::None => {}
                            Overriding::SystemValue => self.push(" OVERRIDING SYSTEM VALUE"),
                            Overriding::UserValue => self.push(" OVERRIDING USER VALUE"),
                        }
                        self.keyword(" VALUES (", -INDENT, INDENT, 4);
                        for (index, entry) in action.targets.iter().enumerate() {
                            if index > 0 {
                                self.push(", ");
                            }
                            self.expr(assigned(&entry.expr), true)?;
                        }
                        self.push(")");
                    } else {
                        self.push(" DEFAULT VALUES");
                    }
                }
            }
        }
        Ok(())
    }

    fn column_names(&self, index: usize) -> Vec<String> {
        self.scopes.last().and_then(|scope| scope.columns.get(index).cloned()).unwrap_or_default()
    }

    /// The column (with subscripts and fields) that an entry assigns to.
    fn target_column(&mut self, entry: &TargetEntry, columns: &[String]) -> Result<()> {
        let name = columns.get(entry.resno.wrapping_sub(1)).cloned().unwrap_or_default();
        self.push_ident(&name);
        self.target_steps(&entry.expr)
    }

    fn target_steps(&mut self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::Subscript(subscript) if subscript.assign.is_some() => {
                self.subscripts(&subscript.items)?;
                match &subscript.assign {
                    Some(inner) => self.target_steps(inner),
                    None => Ok(()),
                }
            }
            Expr::FieldStore { values, fields, type_oid, .. } => {
                let relid = self.binder.composite_relid(*type_oid)?;
                let relation = self.binder.relation_by_oid(relid)?;
                if let (Some(field), Some(value)) = (fields.first(), values.first()) {
                    let name = relation.column(*field).map(|column| column.name.to_string());
                    self.push(".");
                    self.push_ident(&name.unwrap_or_default());
                    return self.target_steps(value);
                }
                Ok(())
            }
            Expr::CoerceToDomain { arg, .. } if is_store(arg) => self.target_steps(arg),
            _ => Ok(()),
        }
    }

    fn assignments(&mut self, targets: &[TargetEntry], columns: &[String]) -> Result<()> {
        let mut index = 0;
        while let Some(entry) = targets.get(index) {
            if index > 0 {
                self.push(", ");
            }
            if let Some((id, query)) = multi_source(&entry.expr) {
                let group: Vec<&TargetEntry> = targets
                    .iter()
                    .skip(index)
                    .take_while(|entry| multi_source(&entry.expr).is_some_and(|(other, _)| other == id))
                    .collect();
                self.push("(");
                for (at, entry) in group.iter().enumerate() {
                    if at > 0 {
                        self.push(", ");
                    }
                    self.target_column(entry, columns)?;
                }
                self.push(") = (");
                self.query(query, false)?;
                self.push(")");
                index += group.len();
                continue;
            }
            self.target_column(entry, columns)?;
            self.push(" = ");
            self.expr(assigned(&entry.expr), true)?;
            index += 1;
        }
        Ok(())
    }
}

fn is_store(expr: &Expr) -> bool {
    match expr {
        Expr::Subscript(subscript) => subscript.assign.is_some(),
        Expr::FieldStore { .. } => true,
        _ => false,
    }
}

/// The value that is stored, below subscripts and fields.
fn assigned(expr: &Expr) -> &Expr {
    match expr {
        Expr::Subscript(subscript) => match &subscript.assign {
            Some(inner) => assigned(inner),
            None => expr,
        },
        Expr::FieldStore { values, .. } => values.first().map_or(expr, assigned),
        Expr::CoerceToDomain { arg, .. } if is_store(arg) => assigned(arg),
        other => other,
    }
}

/// The subquery of a multiple assignment.
fn multi_source(expr: &Expr) -> Option<(u32, &Query)> {
    let mut found = None;
    expr.walk(&mut |node| {
        if let Expr::SubLink(link) = node
            && link.kind == SubLinkKind::MultiExpr
        {
            found = Some((link.id, &*link.query));
        }
        true
    });
    found
}
