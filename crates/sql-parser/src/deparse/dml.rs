//! `INSERT`, `UPDATE`, `DELETE`, `MERGE`.

use super::Printer;
use crate::ast::{
    Assignment, AssignmentTarget, ConflictAction, ConflictTarget, DeleteStatement, IndexKey, InsertSource,
    InsertStatement, MergeAction, MergeClause, MergeMatch, MergeStatement, OnConflict, Overriding, Returning,
    TableIndexElem, UpdateStatement, With,
};

impl Printer {
    fn opt_with(&mut self, with: Option<&With>) {
        if let Some(with) = with {
            self.with(with);
        }
    }

    pub(super) fn insert(&mut self, insert: &InsertStatement) {
        self.opt_with(insert.with.as_deref());
        self.text("INSERT INTO ");
        self.relation(&insert.relation);
        self.opt_paren_list(&insert.columns, Self::assignment_target);
        self.overriding(insert.overriding);
        match &insert.source {
            InsertSource::DefaultValues => self.text(" DEFAULT VALUES"),
            InsertSource::Query(query) => {
                self.text(" ");
                self.query(query);
            }
        }
        if let Some(on_conflict) = &insert.on_conflict {
            self.on_conflict(on_conflict);
        }
        self.returning(insert.returning.as_deref());
    }

    fn overriding(&mut self, overriding: Option<Overriding>) {
        self.text(match overriding {
            None => "",
            Some(Overriding::User) => " OVERRIDING USER VALUE",
            Some(Overriding::System) => " OVERRIDING SYSTEM VALUE",
        });
    }

    fn assignment_target(&mut self, target: &AssignmentTarget) {
        self.ident(&target.column);
        self.indirection(&target.indirection);
    }

    fn assignments(&mut self, assignments: &[Assignment]) {
        self.list(assignments, |p, assignment| match assignment {
            Assignment::Single { target, value } => {
                p.assignment_target(target);
                p.text(" = ");
                p.expr(value);
            }
            Assignment::Multiple { targets, source, .. } => {
                p.paren_list(targets, Self::assignment_target);
                p.text(" = ");
                p.expr(source);
            }
        });
    }

    fn on_conflict(&mut self, on_conflict: &OnConflict) {
        self.text(" ON CONFLICT");
        match &on_conflict.target {
            None => {}
            Some(ConflictTarget::Constraint(name)) => {
                self.text(" ON CONSTRAINT ");
                self.ident(name);
            }
            Some(ConflictTarget::Index { elements, where_clause, .. }) => {
                self.opt_paren_list(elements, Self::index_element);
                self.optional(" WHERE ", where_clause.as_ref(), Self::expr);
            }
        }
        match &on_conflict.action {
            ConflictAction::Nothing => self.text(" DO NOTHING"),
            ConflictAction::Update { assignments, where_clause } => {
                self.text(" DO UPDATE SET ");
                self.assignments(assignments);
                self.optional(" WHERE ", where_clause.as_ref(), Self::expr);
            }
        }
    }

    /// What an index or partition key element is made of.
    pub(super) fn index_key(&mut self, key: &IndexKey) {
        match key {
            IndexKey::Column(name) => self.ident(name),
            IndexKey::Expr(expr) => self.paren_expr(expr),
        }
    }

    /// An element of an index.
    pub(super) fn index_element(&mut self, element: &TableIndexElem) {
        self.index_key(&element.key);
        self.optional(" COLLATE ", element.collation.as_ref(), Self::name);
        self.optional(" ", element.operator_class.as_ref(), Self::name);
        self.opt_paren_list(&element.operator_class_options, Self::def_elem);
        self.sort_direction(&element.direction);
        self.nulls_order(element.nulls);
    }

    fn returning(&mut self, returning: Option<&Returning>) {
        let Some(returning) = returning else { return };
        self.text(" RETURNING ");
        if !returning.options.is_empty() {
            self.text("WITH ");
            self.paren_list(&returning.options, |p, option| {
                p.text(if option.new { "NEW AS " } else { "OLD AS " });
                p.ident(&option.name);
            });
            self.text(" ");
        }
        self.select_items(&returning.items);
    }

    pub(super) fn update(&mut self, update: &UpdateStatement) {
        self.opt_with(update.with.as_deref());
        self.text("UPDATE ");
        self.relation(&update.relation);
        self.text(" SET ");
        self.assignments(&update.assignments);
        if !update.from.is_empty() {
            self.text(" FROM ");
            self.list(&update.from, Self::from_item);
        }
        self.optional(" WHERE ", update.where_clause.as_ref(), Self::expr);
        self.returning(update.returning.as_deref());
    }

    pub(super) fn delete(&mut self, delete: &DeleteStatement) {
        self.opt_with(delete.with.as_deref());
        self.text("DELETE FROM ");
        self.relation(&delete.relation);
        if !delete.using.is_empty() {
            self.text(" USING ");
            self.list(&delete.using, Self::from_item);
        }
        self.optional(" WHERE ", delete.where_clause.as_ref(), Self::expr);
        self.returning(delete.returning.as_deref());
    }

    pub(super) fn merge(&mut self, merge: &MergeStatement) {
        self.opt_with(merge.with.as_deref());
        self.text("MERGE INTO ");
        self.relation(&merge.relation);
        self.text(" USING ");
        self.from_item(&merge.source);
        self.text(" ON ");
        self.expr(&merge.condition);
        for clause in &merge.clauses {
            self.merge_clause(clause);
        }
        self.returning(merge.returning.as_deref());
    }

    fn merge_clause(&mut self, clause: &MergeClause) {
        self.text(match clause.matched {
            MergeMatch::Matched => " WHEN MATCHED",
            MergeMatch::NotMatchedByTarget => " WHEN NOT MATCHED",
            MergeMatch::NotMatchedBySource => " WHEN NOT MATCHED BY SOURCE",
        });
        self.optional(" AND ", clause.condition.as_ref(), Self::expr);
        self.text(" THEN ");
        match &clause.action {
            MergeAction::Nothing => self.text("DO NOTHING"),
            MergeAction::Delete => self.text("DELETE"),
            MergeAction::Update(assignments) => {
                self.text("UPDATE SET ");
                self.assignments(assignments);
            }
            MergeAction::Insert { columns, overriding, values } => {
                self.text("INSERT");
                self.opt_paren_list(columns, Self::assignment_target);
                self.overriding(*overriding);
                match values {
                    None => self.text(" DEFAULT VALUES"),
                    Some(values) => {
                        self.text(" VALUES ");
                        self.paren_list(values, Self::expr);
                    }
                }
            }
        }
    }
}
