//! MERGE.

use crate::ExprKind;
use crate::binder::{Binder, NsItem};
use crate::insert::{add_assignment, overriding_of};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::{
    CommandType, Expr, MergeAction as BoundAction, MergeMatch as BoundMatch, Overriding, Query, TargetEntry,
    privilege,
};
use pglitedb_sql_parser::ast::{self, MergeAction, MergeMatch, MergeStatement};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    pub(crate) fn merge(&mut self, merge: &'c MergeStatement) -> Result<Query> {
        let mut query = Query { command: CommandType::Merge, ..Query::default() };
        if let Some(with) = &merge.with {
            self.with_clause(with)?;
        }
        check_reachable(merge)?;
        let mut needed = 0;
        for clause in &merge.clauses {
            needed |= match clause.action {
                MergeAction::Nothing => 0,
                MergeAction::Delete => privilege::DELETE,
                MergeAction::Update(_) => privilege::UPDATE,
                MergeAction::Insert { .. } => privilege::INSERT,
            };
        }
        if let Some(relation) = self.try_relation(&merge.relation.name)? {
            check_kind(&relation)?;
        }
        let relation = self.set_target(&merge.relation, needed, false)?;

        self.bind_from(std::slice::from_ref(&merge.source))?;
        let source: Vec<NsItem> = self.cur().namespace.clone();
        self.show_target()?;
        let target = self.cur().namespace.last().cloned().into_iter().collect::<Vec<_>>();
        if let Some(item) = target.first()
            && source.iter().any(|other| other.rel_visible && other.name == item.name)
        {
            return Err(err!(DUPLICATE_ALIAS, "name \"{}\" specified more than once", item.name)
                .detail("The name is used both as MERGE target table and data source."));
        }
        // ON sees both sides; the order of columns does not matter, only names.
        query.merge_join = Some(self.condition(&merge.condition, ExprKind::JoinOn, "JOIN/ON")?);
        let both = self.cur().namespace.clone();
        for clause in &merge.clauses {
            self.level().namespace = match clause.matched {
                MergeMatch::Matched => both.clone(),
                MergeMatch::NotMatchedBySource => target.clone(),
                MergeMatch::NotMatchedByTarget => source.clone(),
            };
            let action = self.merge_clause(clause, &relation)?;
            query.merge_actions.push(action);
        }
        self.level().namespace = both;
        self.returning(merge.returning.as_deref(), &mut query, ExprKind::MergeReturning)?;
        query.result_relation = self.cur().target.as_ref().map(|target| target.rte);
        self.take_level(&mut query);
        crate::collate::assign_query(self, &mut query)?;
        Ok(query)
    }

    fn merge_clause(&mut self, clause: &'c ast::MergeClause, relation: &Relation) -> Result<BoundAction> {
        let when = match clause.matched {
            MergeMatch::Matched => BoundMatch::Matched,
            MergeMatch::NotMatchedBySource => BoundMatch::NotMatchedBySource,
            MergeMatch::NotMatchedByTarget => BoundMatch::NotMatchedByTarget,
        };
        let condition = match &clause.condition {
            Some(condition) => Some(self.condition(condition, ExprKind::MergeWhen, "WHEN")?),
            None => None,
        };
        let mut overriding = Overriding::None;
        let (command, targets) = match &clause.action {
            MergeAction::Nothing => (CommandType::Select, Vec::new()),
            MergeAction::Delete => (CommandType::Delete, Vec::new()),
            MergeAction::Update(assignments) => {
                (CommandType::Update, self.assignments(assignments, relation)?)
            }
            MergeAction::Insert { columns, overriding: given, values } => {
                overriding = overriding_of(*given);
                (CommandType::Insert, self.merge_insert(columns, values.as_deref(), relation)?)
            }
        };
        Ok(BoundAction { when, command, condition, targets, overriding })
    }

    fn merge_insert(
        &mut self,
        columns: &'c [ast::AssignmentTarget],
        values: Option<&'c [ast::Expr]>,
        relation: &Relation,
    ) -> Result<Vec<TargetEntry>> {
        let Some(values) = values else { return Ok(Vec::new()) };
        let mut goals: Vec<(i16, &'c [ast::Indirection], usize)> = Vec::new();
        if columns.is_empty() {
            for (index, column) in relation.columns.iter().enumerate() {
                if !column.dropped {
                    goals.push(((index + 1) as i16, &[], 0));
                }
            }
        }
        for target in columns {
            let at = target.span.offset();
            let (attnum, column) = self.target_column(relation, target.column.as_str(), at, false)?;
            if goals.iter().any(|(known, steps, _)| *known == attnum && steps.is_empty()) {
                return Err(
                    err!(DUPLICATE_COLUMN, "column \"{}\" specified more than once", column.name).at(at)
                );
            }
            goals.push((attnum, &target.indirection, at));
        }
        let mut row = Vec::with_capacity(values.len());
        for value in values {
            let bound = match value.kind {
                ast::ExprKind::Default => {
                    Expr::SetToDefault { type_oid: oids::UNKNOWN, typmod: -1, collation: 0 }
                }
                _ => self.expr_of_kind(value, ExprKind::ValuesSingle)?,
            };
            row.push(bound);
        }
        if row.len() > goals.len() {
            let at = row.get(goals.len()).and_then(|expr| expr.position().get());
            return Err(err!(SYNTAX_ERROR, "INSERT has more expressions than target columns").at_opt(at));
        }
        if !columns.is_empty() && row.len() < goals.len() {
            let at = goals.get(row.len()).map(|goal| goal.2);
            return Err(err!(SYNTAX_ERROR, "INSERT has more target columns than expressions").at_opt(at));
        }
        let mut targets = Vec::with_capacity(row.len());
        for ((attnum, steps, at), value) in goals.into_iter().zip(row) {
            let Some(column) = relation.column(attnum) else { continue };
            let value = self.assigned(value, column, steps, None, at)?;
            add_assignment(&mut targets, attnum, Some(column.name.clone()), value)?;
        }
        Ok(targets)
    }
}

/// Only tables and views are merged into.
fn check_kind(relation: &Relation) -> Result<()> {
    let what = match relation.kind {
        RelKind::Table | RelKind::PartitionedTable | RelKind::View => return Ok(()),
        RelKind::Index => "indexes",
        RelKind::PartitionedIndex => "partitioned indexes",
        RelKind::Sequence => "sequences",
        RelKind::Toast => "TOAST tables",
        RelKind::MaterializedView => "materialized views",
        RelKind::CompositeType => "composite types",
        RelKind::ForeignTable => "foreign tables",
    };
    Err(err!(WRONG_OBJECT_TYPE, "cannot execute MERGE on relation \"{}\"", relation.name)
        .detail(format!("This operation is not supported for {what}.")))
}

/// A WHEN behind an unconditional one of its kind never applies.
fn check_reachable(merge: &MergeStatement) -> Result<()> {
    let mut closed: Vec<MergeMatch> = Vec::new();
    for clause in &merge.clauses {
        if closed.contains(&clause.matched) {
            return Err(err!(
                SYNTAX_ERROR,
                "unreachable WHEN clause specified after unconditional WHEN clause"
            ));
        }
        if clause.condition.is_none() {
            closed.push(clause.matched);
        }
    }
    Ok(())
}
