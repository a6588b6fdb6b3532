//! WITH: scoping, recursion, data-modifying queries.

use crate::binder::Binder;
use crate::from::{make_rte, query_columns};
use pglitedb_query_tree::{CommandType, Cte, CteMaterialize, Query, RteColumn, RteKind};
use pglitedb_sql_parser::ast::{
    CommonTableExpr, Query as AstQuery, QueryBody, RelationRef, SetOperator, Statement, With,
};
use pglitedb_sqlstate::{Error, Result, err};
use std::sync::Arc;

/// A WITH query of a level.
pub(crate) struct CteEntry<'c> {
    ast: &'c CommonTableExpr,
    state: State,
    references: usize,
}

enum State {
    Pending,
    /// Under analysis; the columns are known once the non-recursive term is bound.
    Active {
        columns: Option<Vec<RteColumn>>,
        self_references: usize,
    },
    Done(Box<Cte>),
}

impl CteEntry<'_> {
    pub fn name(&self) -> &str {
        self.ast.name.as_str()
    }

    /// The bound query, once there is one.
    pub fn query(&self) -> Option<&Query> {
        match &self.state {
            State::Done(cte) => Some(&cte.query),
            _ => None,
        }
    }

    pub fn into_cte(self) -> Option<Cte> {
        match self.state {
            State::Done(mut cte) => {
                cte.references = self.references;
                Some(*cte)
            }
            _ => None,
        }
    }
}

/// Where in a recursive query a reference would stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Allowed,
    NonRecursiveTerm,
    SubLink,
    OuterJoin,
    Intersect,
    Except,
    /// The query is no UNION at all.
    NoUnion,
}

/// A WITH RECURSIVE query under analysis.
pub(crate) struct RecursionState {
    pub level: usize,
    pub index: usize,
    pub place: Place,
}

impl<'c> Binder<'c> {
    /// Binds a WITH clause into the current level.
    pub fn with_clause(&mut self, with: &'c With) -> Result<()> {
        for (index, cte) in with.queries.iter().enumerate() {
            let name = cte.name.as_str();
            if with.queries.iter().take(index).any(|other| other.name.as_str() == name) {
                return Err(err!(DUPLICATE_ALIAS, "WITH query name \"{name}\" specified more than once")
                    .at(cte.name.span.offset()));
            }
            let modifying = !matches!(&*cte.statement, Statement::Select(_));
            if modifying {
                if self.levels.len() > 1 {
                    return Err(Error::unsupported(
                        "WITH clause containing a data-modifying statement must be at the top level",
                    )
                    .at(cte.name.span.offset()));
                }
                self.level().has_modifying_cte = true;
            }
        }
        let level = self.levels.len() - 1;
        if with.recursive {
            let first = self.levels[level].ctes.len();
            self.levels[level].ctes.extend(with.queries.iter().map(|ast| CteEntry {
                ast,
                state: State::Pending,
                references: 0,
            }));
            for index in first..self.levels[level].ctes.len() {
                if matches!(self.levels[level].ctes[index].state, State::Pending) {
                    self.analyze_cte(level, index)?;
                }
            }
            return Ok(());
        }
        self.levels[level].future_ctes = with.queries.iter().map(|cte| cte.name.as_str()).collect();
        for ast in &with.queries {
            if ast.search.is_some() || ast.cycle.is_some() {
                return Err(err!(SYNTAX_ERROR, "WITH query is not recursive").at(ast.span.offset()));
            }
            let query = self.cte_statement(ast)?;
            let cte = self.finish_cte(ast, query, false)?;
            let scope = &mut self.levels[level];
            scope.ctes.push(CteEntry { ast, state: State::Done(Box::new(cte)), references: 0 });
            if !scope.future_ctes.is_empty() {
                scope.future_ctes.remove(0);
            }
        }
        Ok(())
    }

    /// Analyzes a query of WITH RECURSIVE, from wherever it was first referred to.
    fn analyze_cte(&mut self, level: usize, index: usize) -> Result<()> {
        let tail = self.levels.split_off(level + 1);
        let ast = self.levels[level].ctes[index].ast;
        self.levels[level].ctes[index].state = State::Active { columns: None, self_references: 0 };
        let union = matches!(&*ast.statement, Statement::Select(query)
            if matches!(&query.body, QueryBody::SetOperation { op: SetOperator::Union, .. }));
        let place = if union { Place::NonRecursiveTerm } else { Place::NoUnion };
        self.recursion.push(RecursionState { level, index, place });
        let query = self.cte_statement(ast);
        self.recursion.pop();
        self.levels.extend(tail);
        let query = query?;
        let recursive = match &self.levels[level].ctes[index].state {
            State::Active { self_references, .. } => *self_references > 0,
            _ => false,
        };
        if recursive {
            check_recursive_form(ast)?;
            check_hashable(&query)?;
        } else if ast.search.is_some() || ast.cycle.is_some() {
            return Err(err!(SYNTAX_ERROR, "WITH query is not recursive").at(ast.span.offset()));
        }
        let mut query = query;
        if recursive && (ast.search.is_some() || ast.cycle.is_some()) {
            let mut columns = query_columns(&query);
            rename(ast, &mut columns)?;
            self.search_and_cycle(ast, &mut query, &columns)?;
        }
        let cte = self.finish_cte(ast, query, recursive)?;
        self.levels[level].ctes[index].state = State::Done(Box::new(cte));
        Ok(())
    }

    fn cte_statement(&mut self, ast: &'c CommonTableExpr) -> Result<Query> {
        match &*ast.statement {
            Statement::Select(query) => self.subquery(query, true),
            other => {
                if self
                    .recursion
                    .last()
                    .is_some_and(|state| self.levels[state.level].ctes[state.index].ast.name == ast.name)
                {
                    // A data-modifying query can't refer to itself.
                    if let Some(state) = self.recursion.last_mut() {
                        state.place = Place::NoUnion;
                    }
                }
                self.sublevel(|binder| binder.modifying_statement(other))
            }
        }
    }

    fn finish_cte(&mut self, ast: &'c CommonTableExpr, query: Query, recursive: bool) -> Result<Cte> {
        let mut columns = query_columns(&query);
        if query.command != CommandType::Select && query.returning.is_empty() {
            columns = Vec::new();
        }
        rename(ast, &mut columns)?;
        Ok(Cte {
            name: ast.name.as_str().into(),
            alias_columns: ast.columns.iter().map(|column| Arc::from(column.as_str())).collect(),
            materialize: match ast.materialized {
                None => CteMaterialize::Default,
                Some(true) => CteMaterialize::Always,
                Some(false) => CteMaterialize::Never,
            },
            query: Box::new(query),
            recursive,
            references: 0,
            columns,
        })
    }

    /// The WITH query of a name: level and index.
    pub fn find_cte(&self, name: &str) -> Option<(usize, usize)> {
        self.levels.iter().enumerate().rev().find_map(|(level, scope)| {
            scope.ctes.iter().position(|entry| entry.name() == name).map(|index| (level, index))
        })
    }

    /// Adds a reference to a WITH query to the range table.
    pub fn bind_cte_reference(
        &mut self,
        level: usize,
        index: usize,
        reference: &'c RelationRef,
    ) -> Result<usize> {
        let at = reference.span.offset();
        let name: Arc<str> = self.levels[level].ctes[index].name().into();
        if matches!(self.levels[level].ctes[index].state, State::Pending) {
            self.analyze_cte(level, index)?;
        }
        let (columns, self_reference) = match &self.levels[level].ctes[index].state {
            State::Done(cte) => {
                if cte.query.command != CommandType::Select && cte.query.returning.is_empty() {
                    return Err(Error::unsupported(format!(
                        "WITH query \"{name}\" does not have a RETURNING clause"
                    ))
                    .at(at));
                }
                (cte.columns.clone(), false)
            }
            State::Active { columns, .. } => {
                let columns = columns.clone();
                self.check_self_reference(level, index, &name, at)?;
                (columns.ok_or_else(|| Error::internal("recursive query without columns"))?, true)
            }
            State::Pending => return Err(Error::internal("WITH query was not analyzed")),
        };
        let entry = &mut self.levels[level].ctes[index];
        if let State::Active { self_references, .. } = &mut entry.state {
            *self_references += 1;
            if *self_references > 1 {
                return Err(err!(
                    INVALID_RECURSION,
                    "recursive reference to query \"{name}\" must not appear more than once"
                )
                .at(at));
            }
        } else {
            entry.references += 1;
        }
        let levels_up = (self.levels.len() - 1 - level) as u32;
        let kind = RteKind::Cte { name: name.clone(), levels_up, self_reference };
        let rte = make_rte(kind, name, columns, reference.alias.as_ref(), "table")?;
        Ok(self.add_rte(rte))
    }

    fn check_self_reference(&self, level: usize, index: usize, name: &str, at: usize) -> Result<()> {
        let innermost = self
            .recursion
            .iter()
            .rev()
            .find(|state| state.level == level)
            .filter(|state| state.index == index);
        let Some(state) = innermost else {
            let at = self.levels[level].ctes[index].ast.span.offset();
            return Err(Error::unsupported("mutual recursion between WITH items is not implemented").at(at));
        };
        let within = |what: &str| {
            Err(err!(
                INVALID_RECURSION,
                "recursive reference to query \"{name}\" must not appear within {what}"
            )
            .at(at))
        };
        match state.place {
            Place::Allowed => Ok(()),
            Place::NonRecursiveTerm => within("its non-recursive term"),
            Place::SubLink => within("a subquery"),
            Place::OuterJoin => within("an outer join"),
            Place::Intersect => within("INTERSECT"),
            Place::Except => within("EXCEPT"),
            Place::NoUnion => {
                let ast = self.levels[level].ctes[index].ast;
                let modifying = !matches!(&*ast.statement, Statement::Select(_));
                let message = if modifying {
                    format!("recursive query \"{name}\" must not contain data-modifying statements")
                } else {
                    format!(
                        "recursive query \"{name}\" does not have the form non-recursive-term UNION [ALL] \
                         recursive-term"
                    )
                };
                Err(err!(INVALID_RECURSION, "{message}").at(ast.span.offset()))
            }
        }
    }

    /// Is the current level the body of the recursive query under analysis?
    pub fn is_recursive_body(&self) -> bool {
        self.recursion.last().is_some_and(|state| {
            state.level + 2 == self.levels.len() && state.place == Place::NonRecursiveTerm
        })
    }

    /// The non-recursive term is bound: its columns are those of the recursive query.
    pub fn set_recursive_columns(&mut self, mut columns: Vec<RteColumn>) -> Result<()> {
        let Some(state) = self.recursion.last_mut() else { return Ok(()) };
        state.place = Place::Allowed;
        let (level, index) = (state.level, state.index);
        rename(self.levels[level].ctes[index].ast, &mut columns)?;
        for column in &mut columns {
            // An untyped column of the non-recursive term is text.
            if column.type_oid == pglitedb_types::oids::UNKNOWN {
                column.type_oid = pglitedb_types::oids::TEXT;
                column.collation = 100;
            }
        }
        if let State::Active { columns: slot, .. } = &mut self.levels[level].ctes[index].state {
            *slot = Some(columns);
        }
        Ok(())
    }

    /// Did the body refer to itself? Name of the query and its columns as the non-recursive term gave them.
    pub fn recursive_reference(&self) -> Option<(Arc<str>, Vec<RteColumn>)> {
        let state = self.recursion.last()?;
        let entry = self.levels.get(state.level)?.ctes.get(state.index)?;
        match &entry.state {
            State::Active { columns: Some(columns), self_references } if *self_references > 0 => {
                Some((entry.name().into(), columns.clone()))
            }
            _ => None,
        }
    }

    /// Runs `f` where self-references are refused for a reason.
    pub fn in_place<T>(&mut self, place: Place, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.recursion.is_empty() {
            return f(self);
        }
        let mut changed = Vec::new();
        for (index, state) in self.recursion.iter_mut().enumerate() {
            if state.place == Place::Allowed {
                state.place = place;
                changed.push(index);
            }
        }
        let result = f(self);
        for index in changed {
            if let Some(state) = self.recursion.get_mut(index) {
                state.place = Place::Allowed;
            }
        }
        result
    }

    pub fn in_subquery_of_recursion<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.in_place(Place::SubLink, f)
    }

    pub fn in_outer_join<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.in_place(Place::OuterJoin, f)
    }
}

/// Applies the WITH query's column names.
fn rename(ast: &CommonTableExpr, columns: &mut [RteColumn]) -> Result<()> {
    if ast.columns.len() > columns.len() {
        return Err(err!(
            INVALID_COLUMN_REFERENCE,
            "WITH query \"{}\" has {} columns available but {} columns specified",
            ast.name.as_str(),
            columns.len(),
            ast.columns.len()
        )
        .at(ast.span.offset()));
    }
    for (column, new) in columns.iter_mut().zip(&ast.columns) {
        column.name = new.as_str().into();
    }
    Ok(())
}

/// What may not stand around a recursive UNION.
fn check_recursive_form(ast: &CommonTableExpr) -> Result<()> {
    let Statement::Select(query) = &*ast.statement else { return Ok(()) };
    let query: &AstQuery = query;
    let refuse = |what: &str, at: usize| {
        Err(Error::unsupported(format!("{what} in a recursive query is not implemented")).at(at))
    };
    if let Some(sort) = query.order_by.first() {
        return refuse("ORDER BY", sort.expr.span.offset());
    }
    if let Some(limit) = &query.limit {
        if let Some(offset) = &limit.offset {
            return refuse("OFFSET", offset.span.offset());
        }
        if let Some(count) = &limit.count {
            return refuse("LIMIT", count.span.offset());
        }
    }
    if let Some(lock) = query.locking.first() {
        return refuse("FOR UPDATE/SHARE", lock.span.offset());
    }
    Ok(())
}

/// UNION without ALL keeps what it has seen in a hash table.
fn check_hashable(query: &Query) -> Result<()> {
    if let Some(pglitedb_query_tree::SetOp::Node { group, .. }) = &query.set_operation
        && group.iter().any(|clause| !clause.hashable)
    {
        return Err(Error::unsupported("could not implement recursive UNION")
            .detail("All column datatypes must be hashable."));
    }
    Ok(())
}
