//! Subqueries in expressions.

use super::operator_name;
use crate::ExprKind;
use crate::binder::Binder;
use pglitedb_query_tree::{Expr, Position, Query, SubLink, SubLinkKind};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, OperatorName, Quantifier};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    /// Binds the query of a sublink on a level of its own.
    fn sublink_query(&mut self, query: &'c ast::Query, at: usize) -> Result<Query> {
        let refused = match self.kind() {
            ExprKind::CheckConstraint | ExprKind::DomainCheck => "check constraint",
            ExprKind::ColumnDefault | ExprKind::FunctionDefault => "DEFAULT expression",
            ExprKind::IndexExpression => "index expression",
            ExprKind::IndexPredicate => "index predicate",
            ExprKind::StatsExpression => "statistics expression",
            ExprKind::AlterColTransform => "transform expression",
            ExprKind::ExecuteParameter => "EXECUTE parameter",
            ExprKind::TriggerWhen => "trigger WHEN condition",
            ExprKind::PartitionBound => "partition bound",
            ExprKind::PartitionExpression => "partition key expression",
            ExprKind::CallArgument => "CALL argument",
            ExprKind::CopyWhere => "COPY FROM WHERE condition",
            ExprKind::GeneratedColumn => "column generation expression",
            _ => "",
        };
        if !refused.is_empty() {
            return Err(Error::unsupported(format!("cannot use subquery in {refused}")).at(at));
        }
        self.level().has_sublinks = true;
        self.in_subquery_of_recursion(|binder| binder.subquery(query, true))
    }

    fn link(kind: SubLinkKind, test: Option<Expr>, query: Query, result_type: u32, at: usize) -> Expr {
        Expr::SubLink(Box::new(SubLink {
            kind,
            id: 0,
            test: test.map(Box::new),
            query: Box::new(query),
            result_type,
            position: Position::new(at),
        }))
    }

    pub(super) fn exists(&mut self, query: &'c ast::Query, at: usize) -> Result<Expr> {
        let query = self.sublink_query(query, at)?;
        Ok(Self::link(SubLinkKind::Exists, None, query, oids::BOOL, at))
    }

    /// The only column's type of a scalar or array subquery.
    fn single_column(query: &Query, at: usize) -> Result<u32> {
        let mut columns = query.visible_targets();
        match (columns.next(), columns.next()) {
            (Some(only), None) => Ok(only.expr.type_oid()),
            _ => Err(err!(SYNTAX_ERROR, "subquery must return only one column").at(at)),
        }
    }

    pub(super) fn scalar_query(&mut self, query: &'c ast::Query, at: usize) -> Result<Expr> {
        let query = self.sublink_query(query, at)?;
        let type_oid = Self::single_column(&query, at)?;
        Ok(Self::link(SubLinkKind::Scalar, None, query, type_oid, at))
    }

    pub(super) fn array_query(&mut self, query: &'c ast::Query, at: usize) -> Result<Expr> {
        let query = self.sublink_query(query, at)?;
        let element = Self::single_column(&query, at)?;
        // An array of arrays is an array of more dimensions.
        let scalar =
            matches!(element, oids::INT2VECTOR | oids::OIDVECTOR) || self.element_type(element)? == 0;
        let result = if scalar { self.array_type(element)? } else { element };
        if result == 0 {
            return Err(err!(
                UNDEFINED_OBJECT,
                "could not find array type for data type {}",
                self.type_name(element)
            )
            .at(at));
        }
        Ok(Self::link(SubLinkKind::Array, None, query, result, at))
    }

    pub(super) fn quantified_query(
        &mut self,
        left: &'c ast::Expr,
        op: &'c OperatorName,
        quantifier: Quantifier,
        query: &'c ast::Query,
        at: usize,
    ) -> Result<Expr> {
        let kind = match quantifier {
            Quantifier::Any => SubLinkKind::Any,
            Quantifier::All => SubLinkKind::All,
        };
        self.any_all_query(left, op, kind, query, at)
    }

    /// `left op ANY|ALL (query)`.
    pub(super) fn any_all_query(
        &mut self,
        left: &'c ast::Expr,
        op: &OperatorName,
        kind: SubLinkKind,
        query: &'c ast::Query,
        at: usize,
    ) -> Result<Expr> {
        let query = self.sublink_query(query, at)?;
        let left = self.left_list(left)?;
        let test = self.sublink_test(op, left, &query, at)?;
        Ok(Self::link(kind, Some(test), query, oids::BOOL, at))
    }

    /// `(a, b) op (query)`.
    pub(super) fn row_query(
        &mut self,
        left: &'c ast::Expr,
        op: &'c OperatorName,
        query: &'c ast::Query,
        at: usize,
    ) -> Result<Expr> {
        let query = self.sublink_query(query, at)?;
        let left = self.left_list(left)?;
        let test = self.sublink_test(op, left, &query, at)?;
        Ok(Self::link(SubLinkKind::RowCompare, Some(test), query, oids::BOOL, at))
    }

    fn left_list(&mut self, left: &'c ast::Expr) -> Result<Vec<Expr>> {
        match &left.kind {
            Ast::Row { items, .. } => self.row_items(items),
            _ => {
                let bound = self.expr(left)?;
                Ok(vec![bound])
            }
        }
    }

    fn sublink_test(&mut self, op: &OperatorName, left: Vec<Expr>, query: &Query, at: usize) -> Result<Expr> {
        let right: Vec<Expr> = query
            .visible_targets()
            .enumerate()
            .map(|(index, target)| Expr::SubLinkColumn {
                column: index + 1,
                type_oid: target.expr.type_oid(),
                typmod: target.expr.typmod(),
                collation: target.expr.collation(),
            })
            .collect();
        if left.len() < right.len() {
            return Err(err!(SYNTAX_ERROR, "subquery has too many columns").at(at));
        }
        if left.len() > right.len() {
            return Err(err!(SYNTAX_ERROR, "subquery has too few columns").at(at));
        }
        let op = if op.symbol.is_empty() { operator_name("=", at) } else { op.clone() };
        self.row_comparison(&op, left, right, at)
    }

    /// The query of `SET (a, b) = (SELECT ...)`.
    pub fn multi_expr_query(&mut self, query: &'c ast::Query, columns: usize, at: usize) -> Result<SubLink> {
        let query = self.sublink_query(query, at)?;
        let id = self.cur().multi_assign.len() as u32 + 1;
        if query.visible_targets().count() != columns {
            return Err(err!(SYNTAX_ERROR, "number of columns does not match number of values").at(at));
        }
        Ok(SubLink {
            kind: SubLinkKind::MultiExpr,
            id,
            test: None,
            query: Box::new(query),
            result_type: oids::RECORD,
            position: Position::new(at),
        })
    }
}
