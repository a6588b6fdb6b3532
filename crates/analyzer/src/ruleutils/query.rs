//! SELECT, VALUES, set operations, WITH.

use super::{Deparser, INDENT};
use pglitedb_query_tree::{
    CommandType, Const, CteMaterialize, Expr, GroupingItem, LockWait, Query, RowLockStrength, Rte, RteKind,
    SetOp, SetOpKind, SortGroupClause, TargetEntry,
};
use pglitedb_sqlstate::{Error, Result};

impl Deparser<'_> {
    /// A query of any kind. `visible`: its column names can be seen from outside, so they must be right.
    pub(super) fn query(&mut self, query: &Query, visible: bool) -> Result<()> {
        let saved_prefix = self.prefix;
        let saved_outputs = std::mem::take(&mut self.outputs);
        let saved_indent = self.indent;
        let results = if self.scopes.is_empty() { self.result_names.clone() } else { None };
        self.prefix = self.always_prefix || !self.scopes.is_empty() || query.rtable.len() != 1;
        let scope = self.scope_of(query)?;
        self.scopes.push(scope);
        let result = match query.command {
            CommandType::Select => self.select(query, visible, results.as_deref()),
            _ => self.modifying(query),
        };
        self.scopes.pop();
        self.prefix = saved_prefix;
        self.outputs = saved_outputs;
        self.indent = saved_indent;
        result
    }

    fn select(&mut self, query: &Query, visible: bool, results: Option<&[String]>) -> Result<()> {
        self.windows.push((query.windows.clone(), query.targets.clone()));
        let result = self.select_clauses(query, visible, results);
        self.windows.pop();
        result
    }

    fn select_clauses(&mut self, query: &Query, visible: bool, results: Option<&[String]>) -> Result<()> {
        self.with_clause(query)?;
        let by_number = query.set_operation.is_some();
        match &query.set_operation {
            Some(tree) => self.set_operation(tree, query, visible, results)?,
            None => self.basic_select(query, visible, results)?,
        }
        if !query.order_by.is_empty() {
            self.keyword(" ORDER BY ", -INDENT, INDENT, 1);
            let outputs = query.visible_targets().enumerate().map(|(at, target)| {
                let name = results.and_then(|results| results.get(at)).cloned();
                (name.or(target.name.as_deref().map(str::to_string)).unwrap_or_default(), target.expr.clone())
            });
            let saved = std::mem::replace(&mut self.outputs, outputs.collect());
            self.order_by(&query.order_by, &query.targets, by_number)?;
            self.outputs = saved;
        }
        if let Some(offset) = &query.offset {
            self.keyword(" OFFSET ", -INDENT, INDENT, 0);
            self.expr(offset, false)?;
        }
        if let Some(limit) = &query.limit {
            if query.with_ties {
                self.keyword(" FETCH FIRST ", -INDENT, INDENT, 0);
                let parens = !matches!(limit, Expr::Const(_));
                if parens {
                    self.push("(");
                }
                self.expr(limit, false)?;
                if parens {
                    self.push(")");
                }
                self.push(" ROWS WITH TIES");
            } else {
                self.keyword(" LIMIT ", -INDENT, INDENT, 0);
                match limit {
                    Expr::Const(Const { value, .. }) if value.is_null() => self.push("ALL"),
                    limit => self.expr(limit, false)?,
                }
            }
        }
        self.row_marks(query);
        Ok(())
    }

    fn row_marks(&mut self, query: &Query) {
        for mark in &query.row_marks {
            let Some(name) =
                self.scopes.last().and_then(|scope| scope.tables.get(mark.rte).cloned().flatten())
            else {
                continue;
            };
            self.keyword(
                match mark.strength {
                    RowLockStrength::KeyShare => " FOR KEY SHARE",
                    RowLockStrength::Share => " FOR SHARE",
                    RowLockStrength::NoKeyUpdate => " FOR NO KEY UPDATE",
                    RowLockStrength::Update => " FOR UPDATE",
                },
                -INDENT,
                INDENT,
                0,
            );
            self.push(" OF ");
            self.push_ident(&name);
            self.push(match mark.wait {
                LockWait::Block => "",
                LockWait::Skip => " SKIP LOCKED",
                LockWait::Error => " NOWAIT",
            });
        }
    }

    pub(super) fn with_clause(&mut self, query: &Query) -> Result<()> {
        if query.ctes.is_empty() {
            return Ok(());
        }
        if self.style.indent {
            self.indent += INDENT;
            self.push(" ");
        }
        self.push(if query.recursive { "WITH RECURSIVE " } else { "WITH " });
        for (index, cte) in query.ctes.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.push_ident(&cte.name);
            if !cte.alias_columns.is_empty() {
                let columns: Vec<String> =
                    cte.alias_columns.iter().map(|name| crate::format_type::quote_ident(name)).collect();
                self.push(&format!("({})", columns.join(", ")));
            }
            self.push(" AS ");
            self.push(match cte.materialize {
                CteMaterialize::Default => "",
                CteMaterialize::Always => "MATERIALIZED ",
                CteMaterialize::Never => "NOT MATERIALIZED ",
            });
            self.push("(");
            if self.style.indent {
                self.keyword("", 0, 0, 0);
            }
            self.query(&cte.query, true)?;
            if self.style.indent {
                self.keyword("", 0, 0, 0);
            }
            self.push(")");
        }
        if self.style.indent {
            self.indent -= INDENT;
            self.keyword("", 0, 0, 0);
        } else {
            self.push(" ");
        }
        Ok(())
    }

    fn basic_select(&mut self, query: &Query, visible: bool, results: Option<&[String]>) -> Result<()> {
        if self.style.indent {
            self.indent += INDENT;
            self.push(" ");
        }
        if let Some(rows) = simple_values(query, results) {
            return self.values(rows);
        }
        self.push("SELECT");
        if !query.distinct.is_empty() {
            if query.distinct_on {
                self.push(" DISTINCT ON (");
                for (index, clause) in query.distinct.iter().enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    self.sort_target(clause.target_ref, &query.targets, false)?;
                }
                self.push(")");
            } else {
                self.push(" DISTINCT");
            }
        }
        self.target_list(&query.targets, visible, results)?;
        self.print_from(query, " FROM ")?;
        if let Some(quals) = &query.quals {
            self.keyword(" WHERE ", -INDENT, INDENT, 1);
            self.expr(quals, false)?;
        }
        if !query.group_by.is_empty() || !query.grouping_sets.is_empty() {
            self.keyword(" GROUP BY ", -INDENT, INDENT, 1);
            self.group_by(query)?;
        }
        if let Some(having) = &query.having {
            self.keyword(" HAVING ", -INDENT, INDENT, 0);
            self.expr(having, false)?;
        }
        if query.windows.iter().any(|window| window.name.is_some()) {
            self.window_clause(query)?;
        }
        Ok(())
    }

    fn group_by(&mut self, query: &Query) -> Result<()> {
        if query.group_distinct {
            self.push("DISTINCT ");
        }
        if query.grouping_sets.is_empty() {
            for (index, clause) in query.group_by.iter().enumerate() {
                if index > 0 {
                    self.push(", ");
                }
                self.sort_target(clause.target_ref, &query.targets, false)?;
            }
            return Ok(());
        }
        self.grouping_items(&query.grouping_items, query)
    }

    fn grouping_items(&mut self, items: &[GroupingItem], query: &Query) -> Result<()> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            match item {
                GroupingItem::Set(refs) => self.grouping_set(refs, query, refs.len() != 1)?,
                GroupingItem::Rollup(parts) => self.grouping_parts("ROLLUP(", parts, query)?,
                GroupingItem::Cube(parts) => self.grouping_parts("CUBE(", parts, query)?,
                GroupingItem::Sets(inner) => {
                    self.push("GROUPING SETS (");
                    self.grouping_items(inner, query)?;
                    self.push(")");
                }
            }
        }
        Ok(())
    }

    fn grouping_parts(&mut self, word: &str, parts: &[Vec<u32>], query: &Query) -> Result<()> {
        self.push(word);
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.grouping_set(part, query, part.len() != 1)?;
        }
        self.push(")");
        Ok(())
    }

    fn grouping_set(&mut self, refs: &[u32], query: &Query, parens: bool) -> Result<()> {
        if parens {
            self.push("(");
        }
        for (at, reference) in refs.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.sort_target(*reference, &query.targets, false)?;
        }
        if parens {
            self.push(")");
        }
        Ok(())
    }

    pub(super) fn values(&mut self, rows: &[Vec<Expr>]) -> Result<()> {
        self.push("VALUES ");
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.push("(");
            for (at, value) in row.iter().enumerate() {
                if at > 0 {
                    self.push(",");
                }
                match value {
                    Expr::Var(var) if var.attno == 0 => {
                        self.variable(var, true)?;
                    }
                    other => self.expr(other, false)?,
                }
            }
            self.push(")");
        }
        Ok(())
    }

    pub(super) fn target_list(
        &mut self,
        list: &[TargetEntry],
        visible: bool,
        results: Option<&[String]>,
    ) -> Result<()> {
        let mut multiline = false;
        for (number, entry) in list.iter().filter(|entry| !entry.junk).enumerate() {
            self.push(if number == 0 { " " } else { ", " });
            let mut own_name: Option<String> = None;
            let item = self.captured(|deparser| {
                own_name = match &entry.expr {
                    Expr::Var(var) => deparser.variable(var, true)?,
                    other => {
                        deparser.expr(other, true)?;
                        if visible { None } else { Some("?column?".into()) }
                    }
                };
                let wanted = match results {
                    Some(results) => results.get(number).cloned(),
                    None => entry.name.as_deref().map(str::to_string),
                };
                if let Some(wanted) = wanted
                    && own_name.as_deref() != Some(wanted.as_str())
                {
                    deparser.push(" AS ");
                    deparser.push_ident(&wanted);
                }
                Ok(())
            })?;
            multiline = self.push_item(&item, number == 0, multiline);
        }
        Ok(())
    }

    /// An item of ORDER BY, GROUP BY or DISTINCT ON.
    pub(super) fn sort_target(
        &mut self,
        reference: u32,
        list: &[TargetEntry],
        by_number: bool,
    ) -> Result<bool> {
        let entry = list
            .iter()
            .find(|entry| entry.sort_group_ref == reference)
            .ok_or_else(|| Error::internal("sort item without target"))?;
        match &entry.expr {
            _ if by_number => {
                self.push(&entry.resno.to_string());
            }
            // A constant would be read as a position.
            Expr::Const(constant) => self.constant(constant, super::constant::Label::Always)?,
            Expr::Var(var) => {
                self.variable(var, false)?;
            }
            other => {
                // A function call could be taken for an output column's name.
                let parens = self.style.pretty_parens
                    || matches!(other, Expr::Func(_) | Expr::Agg(_) | Expr::Window(_));
                if parens {
                    self.push("(");
                }
                self.expr(other, true)?;
                if parens {
                    self.push(")");
                }
            }
        }
        Ok(true)
    }

    pub(super) fn order_by(
        &mut self,
        clauses: &[SortGroupClause],
        list: &[TargetEntry],
        by_number: bool,
    ) -> Result<()> {
        for (index, clause) in clauses.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.sort_target(clause.target_ref, list, by_number)?;
            let type_oid = list
                .iter()
                .find(|entry| entry.sort_group_ref == clause.target_ref)
                .map_or(0, |entry| entry.expr.type_oid());
            let ops = self.binder.sort_ops(type_oid)?;
            if clause.sort_op == ops.less {
                if clause.nulls_first {
                    self.push(" NULLS FIRST");
                }
            } else if clause.sort_op == ops.greater {
                self.push(" DESC");
                if !clause.nulls_first {
                    self.push(" NULLS LAST");
                }
            } else {
                let name = self.operator_name(clause.sort_op, Some(type_oid), type_oid)?;
                self.push(&format!(" USING {name}"));
                self.push(if clause.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
            }
        }
        Ok(())
    }

    fn set_operation(
        &mut self,
        tree: &SetOp,
        query: &Query,
        visible: bool,
        results: Option<&[String]>,
    ) -> Result<()> {
        match tree {
            SetOp::Leaf(index) => {
                let Some(RteKind::Subquery { query: inner, .. }) =
                    query.rtable.get(*index).map(|rte| &rte.kind)
                else {
                    return Err(Error::internal("leaf of a set operation is no subquery"));
                };
                let parens = !inner.ctes.is_empty()
                    || !inner.order_by.is_empty()
                    || !inner.row_marks.is_empty()
                    || inner.offset.is_some()
                    || inner.limit.is_some()
                    || inner.set_operation.is_some();
                if parens {
                    self.push("(");
                }
                self.leaf(inner, visible, results)?;
                if parens {
                    self.push(")");
                }
                Ok(())
            }
            SetOp::Node { kind, all, left, right, .. } => {
                let parens = match &**left {
                    SetOp::Node { kind: inner, all: inner_all, .. } => inner != kind || inner_all != all,
                    SetOp::Leaf(_) => false,
                };
                if parens {
                    self.push("(");
                    self.keyword("", INDENT, 0, 0);
                }
                self.set_operation(left, query, visible, results)?;
                if parens {
                    self.keyword(") ", -INDENT, 0, 0);
                } else if self.style.indent {
                    self.keyword("", 0, 0, 0);
                } else {
                    self.push(" ");
                }
                self.push(match kind {
                    SetOpKind::Union => "UNION ",
                    SetOpKind::Intersect => "INTERSECT ",
                    SetOpKind::Except => "EXCEPT ",
                });
                if *all {
                    self.push("ALL ");
                }
                let nested = matches!(**right, SetOp::Node { .. });
                let indent = if nested { INDENT } else { 0 };
                if nested {
                    self.push("(");
                }
                self.keyword("", indent, 0, 0);
                self.set_operation(right, query, false, results)?;
                if self.style.indent {
                    self.indent -= indent;
                }
                if nested {
                    self.keyword(")", 0, 0, 0);
                }
                Ok(())
            }
        }
    }

    /// A leaf: a query on a level of its own that takes the outer result's names.
    fn leaf(&mut self, inner: &Query, visible: bool, results: Option<&[String]>) -> Result<()> {
        let saved = (self.prefix, self.indent);
        self.prefix = true;
        let scope = self.scope_of(inner)?;
        self.scopes.push(scope);
        let result = self.select(inner, visible, results);
        self.scopes.pop();
        (self.prefix, self.indent) = saved;
        result
    }
}

/// The rows of a query that is nothing but VALUES.
fn simple_values<'q>(query: &'q Query, results: Option<&[String]>) -> Option<&'q [Vec<Expr>]> {
    let mut found: Option<(usize, &Rte)> = None;
    for (index, rte) in query.rtable.iter().enumerate() {
        match rte.kind {
            RteKind::Values { .. } if rte.in_from && found.is_none() => found = Some((index, rte)),
            _ => return None,
        }
    }
    let (_, rte) = found?;
    if query.quals.is_some()
        || !query.distinct.is_empty()
        || !query.group_by.is_empty()
        || rte.has_alias
        || query.targets.iter().filter(|target| !target.junk).count() != rte.columns.len()
    {
        return None;
    }
    for (index, target) in query.targets.iter().filter(|target| !target.junk).enumerate() {
        let Expr::Var(var) = &target.expr else { return None };
        if var.attno as usize != index + 1 {
            return None;
        }
        let name = results.and_then(|results| results.get(index)).map(String::as_str);
        let name = name.or(target.name.as_deref());
        if name != rte.columns.get(index).map(|column| &*column.name) {
            return None;
        }
    }
    match &rte.kind {
        RteKind::Values { rows } => Some(rows),
        _ => None,
    }
}
