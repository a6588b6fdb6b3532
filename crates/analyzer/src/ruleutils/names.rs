//! Names of tables and columns inside a query.

use super::Deparser;
use pglitedb_catalog::Relation;
use pglitedb_query_tree::{Query, RteKind, Var, VarReturning, VarSource};
use pglitedb_sqlstate::{Error, Result};
use std::collections::BTreeSet;

/// Names of one query level.
#[derive(Default)]
pub(super) struct Scope {
    /// By entry; `None` for entries without a name (joins without alias).
    pub tables: Vec<Option<String>>,
    /// Column names by entry.
    pub columns: Vec<Vec<String>>,
    /// Names of OLD and NEW in RETURNING.
    pub old_name: String,
    pub new_name: String,
    /// The names of WITH queries, which hide relations.
    pub ctes: Vec<String>,
    /// Columns of aliased joins: entry and column they stand for, entry and column of the join.
    pub joined: Vec<(usize, i16, usize, usize)>,
    /// Joins that are being printed: inside, the inputs' own names are visible.
    pub inside: Vec<usize>,
}

impl Scope {
    pub fn of_relation(relation: &Relation) -> Scope {
        Scope {
            tables: vec![Some(relation.name.to_string())],
            columns: vec![relation.columns.iter().map(|column| column.name.to_string()).collect()],
            ..Scope::default()
        }
    }

    pub fn of_trigger(relation: &Relation) -> Scope {
        let columns: Vec<String> = relation.columns.iter().map(|column| column.name.to_string()).collect();
        Scope {
            tables: vec![Some("old".into()), Some("new".into())],
            columns: vec![columns.clone(), columns],
            ..Scope::default()
        }
    }
}

impl Deparser<'_> {
    /// Names for a query's entries, different from each other and from those of outer levels.
    pub(super) fn scope_of(&self, query: &Query) -> Result<Scope> {
        let mut used: BTreeSet<String> = BTreeSet::new();
        for scope in &self.scopes {
            used.extend(scope.tables.iter().flatten().cloned());
        }
        let mut scope = Scope {
            old_name: query.returning_old.as_deref().unwrap_or("old").to_string(),
            new_name: query.returning_new.as_deref().unwrap_or("new").to_string(),
            ctes: query.ctes.iter().map(|cte| cte.name.to_string()).collect(),
            ..Scope::default()
        };
        for rte in &query.rtable {
            let mut columns: Vec<String> = rte.columns.iter().map(|column| column.name.to_string()).collect();
            let name = match &rte.kind {
                RteKind::Join { .. } if !rte.has_alias => None,
                RteKind::Relation { oid, .. } => {
                    let relation = self.binder.ctx.catalog.relation(*oid)?;
                    if let Some(relation) = &relation {
                        // Columns may have been renamed (or added) since.
                        for (index, column) in relation.columns.iter().enumerate() {
                            let aliased = index < rte.alias_columns.len();
                            match columns.get_mut(index) {
                                Some(slot) if !aliased => *slot = column.name.to_string(),
                                Some(_) => {}
                                None => columns.push(column.name.to_string()),
                            }
                        }
                    }
                    let own = if rte.has_alias {
                        rte.name.to_string()
                    } else {
                        relation.map_or_else(|| rte.name.to_string(), |relation| relation.name.to_string())
                    };
                    Some(own)
                }
                _ => Some(rte.name.to_string()),
            };
            let mut own: BTreeSet<String> = BTreeSet::new();
            for (column, described) in columns.iter_mut().zip(&rte.columns) {
                if described.type_oid != 0 {
                    *column = unique(std::mem::take(column), &mut own);
                }
            }
            let name = name.map(|name| unique(name, &mut used));
            if let RteKind::Join { aliases, .. } = &rte.kind
                && rte.has_alias
            {
                for (column, alias) in aliases.iter().enumerate() {
                    if let pglitedb_query_tree::Expr::Var(var) = alias
                        && let VarSource::Rte(source) = var.source
                    {
                        scope.joined.push((source, var.attno, scope.tables.len(), column));
                    }
                }
            }
            scope.tables.push(name);
            scope.columns.push(columns);
        }
        Ok(scope)
    }

    /// Writes a variable; returns the bare column name. `top`: a whole row stands alone in a target list.
    pub(super) fn variable(&mut self, var: &Var, top: bool) -> Result<Option<String>> {
        if let Some(names) = self.names
            && let Some(text) = names.variable(var)
        {
            self.push(&text);
            return Ok(None);
        }
        let VarSource::Rte(index) = var.source else {
            return Err(Error::internal("variable of a plan without names"));
        };
        let level = self
            .scopes
            .len()
            .checked_sub(1 + var.levels_up as usize)
            .ok_or_else(|| Error::internal(format!("bogus varlevelsup: {}", var.levels_up)))?;
        let scope = &self.scopes[level];
        // An aliased join hides its inputs; the outermost one counts.
        let join = scope
            .joined
            .iter()
            .filter(|(source, attno, join, _)| {
                *source == index && *attno == var.attno && !scope.inside.contains(join)
            })
            .max_by_key(|(_, _, join, _)| *join);
        let (index, attno) = match join {
            Some((_, _, join, column)) if var.returning == VarReturning::Default => {
                (*join, (*column + 1) as i16)
            }
            _ => (index, var.attno),
        };
        let table = match var.returning {
            VarReturning::Default => scope.tables.get(index).cloned().flatten(),
            VarReturning::Old => Some(scope.old_name.clone()),
            VarReturning::New => Some(scope.new_name.clone()),
        };
        let column = match attno {
            0 => None,
            attno if attno > 0 => scope
                .columns
                .get(index)
                .and_then(|columns| columns.get(attno as usize - 1))
                .cloned()
                .or_else(|| Some(format!("column{attno}"))),
            attno => Some(crate::group::system_name(attno).to_string()),
        };
        let mut prefix = self.prefix || column.is_none() || var.returning != VarReturning::Default;
        if let Some(column) = &column
            && self.outputs.iter().any(|(name, expr)| {
                name == column && !matches!(expr, pglitedb_query_tree::Expr::Var(other) if other == var)
            })
        {
            // ORDER BY would take the bare name for that output column.
            prefix = true;
        }
        if let Some(table) = table
            && prefix
        {
            self.push_ident(&table);
            self.push(".");
        }
        match &column {
            Some(column) => self.push_ident(column),
            None => {
                self.push("*");
                if top {
                    // A whole row in a target list must not expand.
                    let shown = self.binder.type_name(var.type_oid);
                    self.push("::");
                    self.push(&shown);
                }
            }
        }
        Ok(column)
    }
}

/// Appends a number if the name is taken.
fn unique(name: String, used: &mut BTreeSet<String>) -> String {
    if used.insert(name.clone()) {
        return name;
    }
    let mut number = 1;
    loop {
        let candidate = format!("{name}_{number}");
        if used.insert(candidate.clone()) {
            return candidate;
        }
        number += 1;
    }
}
