//! UNION, INTERSECT, EXCEPT.

use crate::ExprKind;
use crate::binder::{Binder, NsColumn, NsItem};
use crate::cte::Place;
use crate::from::{make_rte, query_columns};
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{
    CallForm, Expr, Position, Query, RteColumn, RteKind, SetOp, SetOpKind, SortGroupClause, VarReturning,
};
use pglitedb_sql_parser::ast::{self, QueryBody, SetOperator};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;
use std::sync::Arc;

/// An output column of a node of the tree.
#[derive(Clone)]
struct Column {
    type_oid: u32,
    typmod: i32,
    collation: u32,
    at: Option<usize>,
}

/// A bound node with its columns; `leaf` is the entry of a leaf.
struct Bound {
    node: SetOp,
    columns: Vec<Column>,
    leaf: Option<usize>,
    /// Where the node begins, for errors.
    at: usize,
}

impl<'c> Binder<'c> {
    pub(crate) fn set_operation(&mut self, query: &'c ast::Query) -> Result<Query> {
        if let Some(with) = &query.with {
            self.with_clause(with)?;
        }
        let mut result = Query { position: Position::new(query.span.offset()), ..Query::default() };
        let recursive = self.is_recursive_body();
        self.into_leaf = std::mem::take(&mut self.allow_into);
        let bound = self.set_tree(query, recursive)?;
        let leftmost = leftmost_leaf(&bound.node);
        let names: Vec<Arc<str>> =
            self.rte(leftmost).columns.iter().map(|column| column.name.clone()).collect();
        let mut targets = Vec::with_capacity(bound.columns.len());
        let mut ns_columns = Vec::with_capacity(bound.columns.len());
        for (index, (column, name)) in bound.columns.iter().zip(&names).enumerate() {
            let attno = (index + 1) as i16;
            let mut var = crate::columns::make_var(
                leftmost,
                attno,
                column.type_oid,
                column.typmod,
                column.collation,
                0,
            );
            var.position = Position(column.at.map(|at| at as u32));
            targets.push(crate::target::target(Expr::Var(var), index + 1, Some(name.clone())));
            ns_columns.push(NsColumn {
                name: name.clone(),
                rte: leftmost,
                attno,
                type_oid: column.type_oid,
                typmod: column.typmod,
                collation: column.collation,
                dropped: false,
            });
        }
        // ORDER BY sees the result's columns only.
        self.level().namespace = vec![NsItem {
            name: "*SELECT*".into(),
            rte: leftmost,
            columns: Some(ns_columns.into()),
            rel_visible: false,
            cols_visible: true,
            lateral_only: false,
            lateral_ok: true,
            returning: VarReturning::Default,
        }];
        let count = targets.len();
        for item in &query.order_by {
            let mut one =
                self.order_by(std::slice::from_ref(item), &mut targets, false, ExprKind::OrderBy)?;
            if targets.len() > count {
                return Err(Error::unsupported("invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
                    .detail("Only result column names can be used, not expressions or functions.")
                    .hint(
                        "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
                    )
                    .at(item.expr.span.offset()));
            }
            one.retain(|new| {
                !result.order_by.iter().any(|old: &SortGroupClause| old.target_ref == new.target_ref)
            });
            result.order_by.extend(one);
        }
        self.limit(query.limit.as_deref(), &mut result)?;
        result.targets = targets;
        result.set_operation = Some(bound.node);
        self.take_level(&mut result);
        self.lock_clauses(&query.locking, &mut result)?;
        crate::collate::assign_query(self, &mut result)?;
        Ok(result)
    }

    /// A node of the tree: an inner set operation without clauses of its own, or a leaf.
    fn set_node(&mut self, query: &'c ast::Query) -> Result<Bound> {
        let plain = query.with.is_none()
            && query.order_by.is_empty()
            && query.limit.is_none()
            && query.locking.is_empty();
        if plain && matches!(query.body, QueryBody::SetOperation { .. }) {
            return self.guarded(|binder| binder.set_tree(query, false));
        }
        if let Some(lock) = query.locking.first() {
            return Err(Error::unsupported(format!(
                "{} is not allowed with UNION/INTERSECT/EXCEPT",
                crate::locking::strength_text(lock.strength)
            ))
            .at(lock.span.offset()));
        }
        let leftmost = std::mem::take(&mut self.into_leaf);
        if let QueryBody::Select(select) = &query.body
            && let Some(into) = &select.into
            && !leftmost
        {
            return Err(err!(SYNTAX_ERROR, "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT")
                .at(into.name.span().offset()));
        }
        let bound = self.sublevel(|binder| {
            binder.level().resolve_unknowns = false;
            binder.allow_into = leftmost;
            binder.query_here(query)
        })?;
        let columns = bound
            .visible_targets()
            .map(|target| Column {
                type_oid: target.expr.type_oid(),
                typmod: target.expr.typmod(),
                collation: target.expr.collation(),
                at: target.expr.position().get(),
            })
            .collect();
        let number = self.cur().rtable.len() + 1;
        let rte_columns = query_columns(&bound);
        let kind = RteKind::Subquery { query: Box::new(bound), view: 0, barrier: false };
        let mut rte = make_rte(kind, format!("*SELECT* {number}").into(), rte_columns, None, "table")?;
        rte.in_from = false;
        let index = self.add_rte(rte);
        Ok(Bound { node: SetOp::Leaf(index), columns, leaf: Some(index), at: query.span.offset() })
    }

    fn set_tree(&mut self, query: &'c ast::Query, recursive: bool) -> Result<Bound> {
        let QueryBody::SetOperation { op, all, left, right } = &query.body else {
            return self.set_node(query);
        };
        let (kind, what) = match op {
            SetOperator::Union => (SetOpKind::Union, "UNION"),
            SetOperator::Intersect => (SetOpKind::Intersect, "INTERSECT"),
            SetOperator::Except => (SetOpKind::Except, "EXCEPT"),
        };
        let left_place = match op {
            SetOperator::Intersect => Place::Intersect,
            SetOperator::Except => Place::Except,
            SetOperator::Union => Place::Allowed,
        };
        let mut left = self.in_place(left_place, |binder| binder.set_node(left))?;
        if recursive {
            let leaf = leftmost_leaf(&left.node);
            let names: Vec<Arc<str>> =
                self.rte(leaf).columns.iter().map(|column| column.name.clone()).collect();
            let columns = left
                .columns
                .iter()
                .zip(names)
                .map(|(column, name)| RteColumn {
                    name,
                    type_oid: column.type_oid,
                    typmod: column.typmod,
                    collation: column.collation,
                })
                .collect();
            self.set_recursive_columns(columns)?;
        }
        let right_place = if *op == SetOperator::Union { Place::Allowed } else { left_place };
        let mut right = self.in_place(right_place, |binder| binder.set_node(right))?;
        if left.columns.len() != right.columns.len() {
            let at = right.columns.first().and_then(|column| column.at).unwrap_or(right.at);
            return Err(err!(SYNTAX_ERROR, "each {what} query must have the same number of columns").at(at));
        }
        let refers = if recursive { self.recursive_reference() } else { None };
        let mut columns = Vec::with_capacity(left.columns.len());
        let mut group = Vec::new();
        let unique = !(*op == SetOperator::Union && *all);
        for index in 0..left.columns.len() {
            let column = self.common_column(&mut left, &mut right, index, what, !unique)?;
            if let Some((name, first)) = &refers
                && let Some(first) = first.get(index)
            {
                self.check_recursive_column(name, index, first, &column, &left)?;
            }
            if unique {
                group.push(self.set_group(&column, index)?);
            }
            columns.push(column);
        }
        let node = SetOp::Node {
            kind,
            all: *all,
            left: Box::new(left.node),
            right: Box::new(right.node),
            columns: columns.iter().map(|c| (c.type_oid, c.typmod, c.collation)).collect(),
            group,
        };
        Ok(Bound { node, columns, leaf: None, at: query.span.offset() })
    }

    /// The common type of a column of both sides. Untyped literals of leaves get it at once.
    fn common_column(
        &mut self,
        left: &mut Bound,
        right: &mut Bound,
        index: usize,
        what: &str,
        none_ok: bool,
    ) -> Result<Column> {
        let (a, b) = (left.columns[index].clone(), right.columns[index].clone());
        let position = |at: Option<usize>| Position(at.map(|at| at as u32));
        let types = [(a.type_oid, position(a.at)), (b.type_oid, position(b.at))];
        let common = self.common_type_of(&types, Some(what))?;
        for side in [&mut *left, &mut *right] {
            let column = &side.columns[index];
            if column.type_oid == oids::UNKNOWN {
                self.type_leaf_column(side, index, common)?;
            } else if !self.can_coerce(column.type_oid, common, CastContext::Implicit)? {
                return Err(err!(
                    CANNOT_COERCE,
                    "{what} could not convert type {} to {}",
                    self.type_name(column.type_oid),
                    self.type_name(common)
                )
                .at_opt(column.at));
            }
        }
        let (a, b) = (&left.columns[index], &right.columns[index]);
        let typmod =
            if a.type_oid == common && b.type_oid == common && a.typmod == b.typmod { a.typmod } else { -1 };
        let collation = if self.type_collation(common)? == 0 {
            0
        } else {
            let mut pair = [self.column_expr(left, index), self.column_expr(right, index)];
            crate::collate::common_collation(self, &mut pair, none_ok)?
        };
        Ok(Column { type_oid: common, typmod, collation, at: left.columns[index].at })
    }

    /// An expression that stands for a side's column when collations are compared.
    fn column_expr(&self, side: &Bound, index: usize) -> Expr {
        if let Some(leaf) = side.leaf
            && let RteKind::Subquery { query, .. } = &self.rte(leaf).kind
            && let Some(target) = query.visible_targets().nth(index)
        {
            return target.expr.clone();
        }
        let column = &side.columns[index];
        Expr::CaseTest { type_oid: column.type_oid, typmod: column.typmod, collation: column.collation }
    }

    fn type_leaf_column(&mut self, side: &mut Bound, index: usize, common: u32) -> Result<()> {
        let collation = self.type_collation(common)?;
        if let Some(leaf) = side.leaf {
            let taken = match &mut self.level().rtable[leaf].kind {
                RteKind::Subquery { query, .. } => query
                    .targets
                    .iter_mut()
                    .filter(|target| !target.junk)
                    .nth(index)
                    .map(|target| std::mem::replace(&mut target.expr, Expr::bool_const(false))),
                _ => None,
            };
            if let Some(taken) = taken {
                let mut typed =
                    self.coerce(taken, common, -1, CastContext::Implicit, CallForm::ImplicitCast)?;
                crate::collate::assign(self, &mut typed)?;
                let rte = &mut self.level().rtable[leaf];
                if let Some(column) = rte.columns.get_mut(index) {
                    column.type_oid = common;
                    column.collation = collation;
                }
                if let RteKind::Subquery { query, .. } = &mut rte.kind
                    && let Some(target) = query.targets.iter_mut().filter(|target| !target.junk).nth(index)
                {
                    target.expr = typed;
                }
            }
        }
        let column = &mut side.columns[index];
        column.type_oid = common;
        column.collation = collation;
        Ok(())
    }

    fn check_recursive_column(
        &self,
        name: &str,
        index: usize,
        first: &RteColumn,
        overall: &Column,
        left: &Bound,
    ) -> Result<()> {
        if first.type_oid != overall.type_oid || first.typmod != overall.typmod {
            return Err(err!(
                DATATYPE_MISMATCH,
                "recursive query \"{name}\" column {} has type {} in non-recursive term but type {} overall",
                index + 1,
                self.type_name_typmod(first.type_oid, first.typmod),
                self.type_name_typmod(overall.type_oid, overall.typmod)
            )
            .hint("Cast the output of the non-recursive term to the correct type.")
            .at_opt(left.columns[index].at));
        }
        if first.collation != overall.collation {
            let shown = |oid| match self.ctx.catalog.collation(oid) {
                Ok(Some(info)) => info.name.to_string(),
                _ => String::new(),
            };
            return Err(err!(
                COLLATION_MISMATCH,
                "recursive query \"{name}\" column {} has collation \"{}\" in non-recursive term but collation \
                 \"{}\" overall",
                index + 1,
                shown(first.collation),
                shown(overall.collation)
            )
            .hint("Use the COLLATE clause to set the collation of the non-recursive term.")
            .at_opt(left.columns[index].at));
        }
        Ok(())
    }

    fn set_group(&self, column: &Column, index: usize) -> Result<SortGroupClause> {
        let ops = self.sort_ops(column.type_oid)?;
        if ops.equal == 0 {
            return Err(err!(
                UNDEFINED_FUNCTION,
                "could not identify an equality operator for type {}",
                self.type_name(column.type_oid)
            )
            .at_opt(column.at));
        }
        Ok(SortGroupClause {
            target_ref: index as u32 + 1,
            eq_op: ops.equal,
            sort_op: ops.less,
            descending: false,
            nulls_first: false,
            hashable: ops.hashable,
        })
    }
}

fn leftmost_leaf(node: &SetOp) -> usize {
    match node {
        SetOp::Leaf(index) => *index,
        SetOp::Node { left, .. } => leftmost_leaf(left),
    }
}
