//! `INSERT`, `UPDATE`, `DELETE`, `MERGE`.

use super::{Parser, names};
use crate::ast::{
    Alias, Assignment, AssignmentTarget, ConflictAction, ConflictTarget, DeleteStatement, Expr, InsertSource,
    InsertStatement, MergeAction, MergeClause, MergeMatch, MergeStatement, OnConflict, Overriding, Returning,
    ReturningOption, Statement, UpdateStatement, With,
};
use crate::lexer::Keyword;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// `INSERT`, behind its `WITH`.
    pub(super) fn insert(&mut self, with: Option<Box<With>>) -> Result<Statement> {
        self.expect_all(&[Keyword::Insert, Keyword::Into])?;
        let mut relation = self.relation_name()?;
        if self.accept(Keyword::As) {
            relation.alias = Some(Alias { name: self.col_id()?, columns: Vec::new() });
            relation.span = self.span_from(relation.span.start);
        }
        let (mut columns, mut overriding) = (Vec::new(), None);
        let source = if self.at(Keyword::Default) {
            self.advance();
            self.expect(Keyword::Values)?;
            InsertSource::DefaultValues
        } else {
            if self.at_char(b'(') && !self.at_parenthesized_query() {
                columns = self.paren_list(Self::assignment_target)?;
            }
            overriding = self.opt_overriding()?;
            InsertSource::Query(Box::new(self.select_statement()?))
        };
        let on_conflict = self.opt_on_conflict()?;
        let returning = self.opt_returning()?;
        Ok(Statement::Insert(Box::new(InsertStatement {
            with,
            relation,
            columns,
            overriding,
            source,
            on_conflict,
            returning,
        })))
    }

    /// Whether the parenthesis here opens a query rather than a list of names.
    pub(crate) fn at_parenthesized_query(&mut self) -> bool {
        let before = self.checkpoint();
        self.advance();
        let found = self.at_char(b'(') || self.at_query_start();
        self.rewind(before);
        found
    }

    fn opt_overriding(&mut self) -> Result<Option<Overriding>> {
        if !self.accept(Keyword::Overriding) {
            return Ok(None);
        }
        let kind = match self.keyword() {
            Keyword::User => Overriding::User,
            Keyword::System => Overriding::System,
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        self.expect(Keyword::Value)?;
        Ok(Some(kind))
    }

    /// `insert_column_item` / `set_target`.
    fn assignment_target(&mut self) -> Result<AssignmentTarget> {
        let start = self.start();
        let column = self.col_id()?;
        let indirection = self.indirection()?;
        Ok(AssignmentTarget { column, indirection, span: self.span_from(start) })
    }

    fn opt_on_conflict(&mut self) -> Result<Option<Box<OnConflict>>> {
        let start = self.start();
        if !self.accept(Keyword::On) {
            return Ok(None);
        }
        self.expect(Keyword::Conflict)?;
        let target_start = self.start();
        let target = if self.accept(Keyword::On) {
            self.expect(Keyword::Constraint)?;
            Some(ConflictTarget::Constraint(self.col_id()?))
        } else if self.at_char(b'(') {
            let elements = self.paren_list(Self::index_element)?;
            let where_clause = self.where_clause()?;
            Some(ConflictTarget::Index { elements, where_clause, span: self.span_from(target_start) })
        } else {
            None
        };
        self.expect(Keyword::Do)?;
        let action = if self.accept(Keyword::Nothing) {
            ConflictAction::Nothing
        } else {
            self.expect_all(&[Keyword::Update, Keyword::Set])?;
            let assignments = self.assignments()?;
            ConflictAction::Update { assignments, where_clause: self.where_clause()? }
        };
        Ok(Some(Box::new(OnConflict { target, action, span: self.span_from(start) })))
    }

    /// `returning_clause`.
    fn opt_returning(&mut self) -> Result<Option<Box<Returning>>> {
        if !self.accept(Keyword::Returning) {
            return Ok(None);
        }
        let mut options = Vec::new();
        if self.accept(Keyword::With) {
            options = self.paren_list(|p| {
                let start = p.start();
                let new = p.at(Keyword::New);
                if !p.accept(Keyword::New) {
                    p.expect(Keyword::Old)?;
                }
                p.expect(Keyword::As)?;
                let name = p.col_id()?;
                Ok(ReturningOption { new, name, span: p.span_from(start) })
            })?;
        }
        Ok(Some(Box::new(Returning { options, items: self.select_items()? })))
    }

    /// `set_clause_list`.
    fn assignments(&mut self) -> Result<Vec<Assignment>> {
        self.comma_list(|p| {
            let start = p.start();
            if p.at_char(b'(') {
                let targets = p.paren_list(Self::assignment_target)?;
                p.expect_char(b'=')?;
                let source = p.expr()?;
                return Ok(Assignment::Multiple { targets, source, span: p.span_from(start) });
            }
            let target = p.assignment_target()?;
            p.expect_char(b'=')?;
            Ok(Assignment::Single { target, value: p.expr()? })
        })
    }

    /// `UPDATE`, behind its `WITH`.
    pub(super) fn update(&mut self, with: Option<Box<With>>) -> Result<Statement> {
        self.expect(Keyword::Update)?;
        let relation = self.relation_with_alias()?;
        self.expect(Keyword::Set)?;
        let assignments = self.assignments()?;
        let from = self.opt_from_clause()?;
        let where_clause = self.where_or_current_clause()?;
        let returning = self.opt_returning()?;
        Ok(Statement::Update(Box::new(UpdateStatement {
            with,
            relation,
            assignments,
            from,
            where_clause,
            returning,
        })))
    }

    /// `DELETE`, behind its `WITH`.
    pub(super) fn delete(&mut self, with: Option<Box<With>>) -> Result<Statement> {
        self.expect_all(&[Keyword::Delete, Keyword::From])?;
        let relation = self.relation_with_alias()?;
        let using = if self.accept(Keyword::Using) { self.from_list()? } else { Vec::new() };
        let where_clause = self.where_or_current_clause()?;
        let returning = self.opt_returning()?;
        Ok(Statement::Delete(Box::new(DeleteStatement { with, relation, using, where_clause, returning })))
    }

    /// `MERGE`, behind its `WITH`.
    pub(super) fn merge(&mut self, with: Option<Box<With>>) -> Result<Statement> {
        self.expect_all(&[Keyword::Merge, Keyword::Into])?;
        let relation = self.relation_with_alias()?;
        self.expect(Keyword::Using)?;
        let source = self.table_ref()?;
        self.expect(Keyword::On)?;
        let condition = self.expr()?;
        let mut clauses = Vec::new();
        loop {
            clauses.push(self.merge_clause()?);
            if !self.at(Keyword::When) {
                break;
            }
        }
        let returning = self.opt_returning()?;
        Ok(Statement::Merge(Box::new(MergeStatement {
            with,
            relation,
            source,
            condition,
            clauses,
            returning,
        })))
    }

    fn merge_clause(&mut self) -> Result<MergeClause> {
        let start = self.start();
        self.expect(Keyword::When)?;
        let mut matched = MergeMatch::Matched;
        if self.accept(Keyword::Not) {
            matched = MergeMatch::NotMatchedByTarget;
        }
        self.expect(Keyword::Matched)?;
        if matched == MergeMatch::NotMatchedByTarget && self.accept(Keyword::By) {
            if self.accept(Keyword::Source) {
                matched = MergeMatch::NotMatchedBySource;
            } else {
                self.expect(Keyword::Target)?;
            }
        }
        let condition = if self.accept(Keyword::And) { Some(self.expr()?) } else { None };
        self.expect(Keyword::Then)?;
        let inserts = matched == MergeMatch::NotMatchedByTarget;
        let action = match self.keyword() {
            Keyword::Do => {
                self.advance();
                self.expect(Keyword::Nothing)?;
                MergeAction::Nothing
            }
            Keyword::Insert if inserts => self.merge_insert()?,
            Keyword::Update if !inserts => {
                self.advance();
                self.expect(Keyword::Set)?;
                MergeAction::Update(self.assignments()?)
            }
            Keyword::Delete if !inserts => {
                self.advance();
                MergeAction::Delete
            }
            _ => return Err(self.syntax_error()),
        };
        Ok(MergeClause { matched, condition, action, span: self.span_from(start) })
    }

    fn merge_insert(&mut self) -> Result<MergeAction> {
        self.expect(Keyword::Insert)?;
        if self.accept(Keyword::Default) {
            self.expect(Keyword::Values)?;
            return Ok(MergeAction::Insert { columns: Vec::new(), overriding: None, values: None });
        }
        let columns = self.opt_paren_list(Self::assignment_target)?;
        let overriding = self.opt_overriding()?;
        self.expect(Keyword::Values)?;
        let values: Vec<Expr> = self.paren_list(Self::expr)?;
        Ok(MergeAction::Insert { columns, overriding, values: Some(values) })
    }

    /// Whether a name may begin here: for statements whose next clause is optional.
    pub(crate) fn at_col_id(&self) -> bool {
        names::is_col_id(self.peek())
    }
}
