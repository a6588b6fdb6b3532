//! ALTER TABLE and, with the same actions, ALTER INDEX, VIEW, SEQUENCE, MATERIALIZED VIEW and TYPE.
//!
//! As in PostgreSQL the actions of one statement run in passes, whatever their order: what is dropped first, then types,
//! new columns, the rewrite that these may need, constraints, keys, foreign keys, the rest. At the end existing rows
//! are checked against what is new.

mod attributes;
mod change_type;
mod columns;
mod constraint_changes;
mod constraints;
mod identity;
mod rows;
mod table;

pub(super) use attributes::changed_options;
pub(super) use table::{change_owner, owned_sequences, owning_table};

use super::object::{check_kind, kind_word, relation_named, unless_missing};
use super::relation;
use super::util::check_owner;
use crate::context::StatementCtx;
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_query_tree::{Expr, TableLockMode};
use pglitedb_sql_parser::ast::{
    AlterTableAction, AlterTableActionKind as Action, AlterTableStatement, Constraint, ConstraintKind,
    ObjectKind,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::Oid;
use std::sync::Arc;

/// What a statement leaves to do for the rows that are there.
#[derive(Default)]
struct Job<'a> {
    /// The table as it was.
    old: Option<Arc<Relation>>,
    /// New values of columns, computed from the old row.
    values: Vec<(i16, Expr)>,
    /// New values of generated columns, computed from the new row.
    generated: Vec<(i16, Expr)>,
    /// Constraints written with new columns.
    column_constraints: Vec<(String, &'a Constraint)>,
    /// Definitions of indexes and constraints that a new column type makes to be built again.
    rebuild: Vec<change_type::Rebuild>,
    /// Columns to be checked for NULLs.
    not_null: Vec<i16>,
    /// CHECK constraints to be checked.
    checks: Vec<Oid>,
    /// Foreign keys to be checked.
    foreign_keys: Vec<Oid>,
}

impl Job<'_> {
    fn needs_rewrite(&self) -> bool {
        !self.values.is_empty() || !self.generated.is_empty()
    }
}

/// Passes, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    Drop,
    AlterType,
    AddColumn,
    SetExpression,
    Constraints,
    ColumnAttributes,
    Keys,
    OtherConstraints,
    Rest,
}

fn pass_of(action: &Action) -> Pass {
    match action {
        Action::DropColumn { .. }
        | Action::DropConstraint { .. }
        | Action::DropNotNull(_)
        | Action::DropExpression { .. }
        | Action::DropIdentity { .. }
        | Action::ColumnDefault { default: None, .. } => Pass::Drop,
        Action::AlterColumnType { .. } => Pass::AlterType,
        Action::AddColumn { .. } => Pass::AddColumn,
        Action::SetExpression { .. } => Pass::SetExpression,
        Action::AddConstraint(constraint) => match constraint.kind {
            ConstraintKind::Unique(_) | ConstraintKind::PrimaryKey(_) | ConstraintKind::Exclude { .. } => {
                Pass::Keys
            }
            ConstraintKind::ForeignKey(_) => Pass::OtherConstraints,
            _ => Pass::Constraints,
        },
        Action::SetNotNull(_) | Action::AlterIdentity { .. } => Pass::ColumnAttributes,
        Action::AddIdentity { .. } | Action::ColumnDefault { .. } => Pass::OtherConstraints,
        _ => Pass::Rest,
    }
}

/// ALTER TABLE and its like.
pub fn alter(stmt: &AlterTableStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let found = relation_named(&stmt.relation.name, ctx);
    let Some(found) = unless_missing(found, stmt.if_exists, ctx)? else { return Ok(()) };
    ctx.lock_relation(found.oid, lock_of(stmt))?;
    let table = relation::describe(found.oid, ctx)?;
    check_target(&table, stmt, ctx)?;
    let mut job = Job { old: Some(table.clone()), ..Job::default() };
    let mut actions: Vec<(Pass, &AlterTableAction)> =
        stmt.actions.iter().map(|action| (pass_of(&action.kind), action)).collect();
    actions.sort_by_key(|(pass, _)| *pass);
    for action in actions.iter().filter(|(pass, _)| *pass <= Pass::SetExpression) {
        run(&action.1.kind, table.oid, &mut job, ctx)?;
    }
    if job.needs_rewrite() {
        rows::rewrite(&job, ctx)?;
    }
    // Definitions are made again from text that the user did not write: positions in it say nothing.
    change_type::rebuild(&mut job, table.oid, ctx).map_err(|mut error| {
        error.fields_mut().position = None;
        error
    })?;
    let own = std::mem::take(&mut job.column_constraints);
    for pass in [Pass::Constraints, Pass::ColumnAttributes, Pass::Keys, Pass::OtherConstraints, Pass::Rest] {
        for (column, constraint) in &own {
            if pass_of(&Action::AddConstraint(Box::new((*constraint).clone()))) == pass {
                constraints::add(table.oid, constraint, Some(column), &mut job, ctx)?;
            }
        }
        for action in actions.iter().filter(|(own, _)| *own == pass) {
            run(&action.1.kind, table.oid, &mut job, ctx)?;
        }
    }
    rows::verify(&job, table.oid, ctx)
}

/// The weakest lock that all actions are content with.
fn lock_of(stmt: &AlterTableStatement) -> TableLockMode {
    let one = |action: &AlterTableAction| match &action.kind {
        Action::ValidateConstraint(_)
        | Action::SetStatistics { .. }
        | Action::SetColumnOptions { .. }
        | Action::ResetColumnOptions { .. }
        | Action::ClusterOn(_)
        | Action::SetWithoutCluster => TableLockMode::ShareUpdateExclusive,
        Action::AddConstraint(constraint) if matches!(constraint.kind, ConstraintKind::ForeignKey(_)) => {
            TableLockMode::ShareRowExclusive
        }
        Action::Trigger { .. } => TableLockMode::ShareRowExclusive,
        _ => TableLockMode::AccessExclusive,
    };
    stmt.actions.iter().map(one).max().unwrap_or(TableLockMode::AccessExclusive)
}

fn check_target(table: &Relation, stmt: &AlterTableStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    match stmt.kind {
        ObjectKind::Table if table.kind == RelKind::CompositeType => {
            return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is a composite type", table.name)
                .hint("Use ALTER TYPE instead."));
        }
        // Any relation may be named where a table is expected; the actions say what they are for.
        ObjectKind::Table => {}
        kind => check_kind(table, kind)?,
    }
    if table.is_catalog {
        return Err(err!(
            INSUFFICIENT_PRIVILEGE,
            "permission denied: \"{}\" is a system catalog",
            table.name
        ));
    }
    check_owner(table.owner, kind_word(table.kind), &table.name, ctx)
}

/// Refuses an action on a kind of relation that it is not for.
fn only_on(table: &Relation, kinds: &[RelKind], action: &str) -> Result<()> {
    if kinds.contains(&table.kind) {
        return Ok(());
    }
    let plural = match table.kind {
        RelKind::View => "views",
        RelKind::MaterializedView => "materialized views",
        RelKind::Index => "indexes",
        RelKind::Sequence => "sequences",
        RelKind::CompositeType => "composite types",
        RelKind::ForeignTable => "foreign tables",
        RelKind::PartitionedTable => "partitioned tables",
        RelKind::PartitionedIndex => "partitioned indexes",
        RelKind::Toast => "TOAST tables",
        RelKind::Table => "tables",
    };
    Err(err!(WRONG_OBJECT_TYPE, "ALTER action {action} cannot be performed on relation \"{}\"", table.name)
        .detail(format!("This operation is not supported for {plural}.")))
}

/// The column of a name, which must not be a system column.
fn column_of<'t>(table: &'t Relation, name: &str) -> Result<(i16, &'t pglitedb_catalog::Column)> {
    if is_system_column(name) {
        return Err(err!(FEATURE_NOT_SUPPORTED, "cannot alter system column \"{name}\""));
    }
    table.column_by_name(name).ok_or_else(|| missing_column(table, name))
}

fn missing_column(table: &Relation, name: &str) -> Error {
    err!(UNDEFINED_COLUMN, "column \"{name}\" of relation \"{}\" does not exist", table.name)
}

/// Is it the name of a column that every table has?
pub(super) fn is_system_column(name: &str) -> bool {
    matches!(name, "tableoid" | "ctid" | "xmin" | "xmax" | "cmin" | "cmax")
}

fn run<'a>(action: &'a Action, oid: Oid, job: &mut Job<'a>, ctx: &StatementCtx<'_>) -> Result<()> {
    let table = relation::describe(oid, ctx)?;
    let refuse = |what: &str| Err(Error::unsupported(format!("ALTER TABLE ... {what} is not supported yet")));
    match action {
        Action::AddColumn { column, if_not_exists, .. } => {
            columns::add(&table, column, *if_not_exists, job, ctx)
        }
        Action::DropColumn { name, if_exists, behavior } => {
            columns::drop(&table, &name.name, *if_exists, *behavior, ctx)
        }
        Action::AlterColumnType { name, type_name, collation, using, .. } => {
            change_type::change(&table, name, type_name, collation.as_ref(), using.as_ref(), job, ctx)
        }
        Action::ColumnDefault { name, default } => {
            attributes::set_default(&table, name, default.as_ref(), ctx)
        }
        Action::SetNotNull(name) => attributes::set_not_null(&table, &name.name, job, ctx),
        Action::DropNotNull(name) => attributes::drop_not_null(&table, &name.name, ctx),
        Action::SetExpression { name, expr } => identity::set_expression(&table, &name.name, expr, job, ctx),
        Action::DropExpression { name, if_exists } => {
            identity::drop_expression(&table, &name.name, *if_exists, ctx)
        }
        Action::SetStatistics { column, value } => attributes::set_statistics(&table, column, *value, ctx),
        Action::SetColumnOptions { name, options } => {
            attributes::set_options(&table, &name.name, options, false, ctx)
        }
        Action::ResetColumnOptions { name, options } => {
            attributes::set_options(&table, &name.name, options, true, ctx)
        }
        Action::SetStorage { name, storage } => {
            attributes::set_storage(&table, &name.name, &storage.name, ctx)
        }
        Action::SetCompression { name, compression } => {
            attributes::set_compression(&table, &name.name, &compression.name, ctx)
        }
        Action::AddIdentity { name, always, options } => {
            identity::add(&table, &name.name, *always, options, ctx)
        }
        Action::AlterIdentity { name, changes } => identity::alter(&table, &name.name, changes, ctx),
        Action::DropIdentity { name, if_exists } => identity::drop(&table, &name.name, *if_exists, ctx),
        Action::AddConstraint(constraint) => constraints::add(oid, constraint, None, job, ctx),
        Action::AlterConstraint { name, attributes, inherit } => {
            constraint_changes::alter(&table, &name.name, attributes, *inherit, job, ctx)
        }
        Action::ValidateConstraint(name) => constraint_changes::validate(&table, &name.name, job, ctx),
        Action::DropConstraint { name, if_exists, behavior } => {
            constraint_changes::drop(&table, &name.name, *if_exists, *behavior, ctx)
        }
        // Tables have had no OIDs for long: nothing to do, as in PostgreSQL.
        Action::SetWithoutOids => Ok(()),
        Action::ClusterOn(name) => table::cluster_on(&table, Some(&name.name), ctx),
        Action::SetWithoutCluster => table::cluster_on(&table, None, ctx),
        Action::SetLogged => table::set_persistence(&table, true, ctx),
        Action::SetUnlogged => table::set_persistence(&table, false, ctx),
        Action::Trigger { which, .. } => table::trigger(&table, which),
        Action::Rule { name, .. } => Err(err!(
            UNDEFINED_OBJECT,
            "rule \"{}\" for relation \"{}\" does not exist",
            name.name,
            table.name
        )),
        Action::OwnerTo(role) => {
            let owner = super::role::role_oid(role, ctx)?;
            if owner != table.owner {
                table::check_owner_change(&table, ctx)?;
            }
            change_owner(oid, owner, ctx)
        }
        Action::SetOptions(options) => table::set_options(&table, options, false, ctx),
        Action::ResetOptions(options) => table::set_options(&table, options, true, ctx),
        Action::ReplicaIdentity(identity) => table::replica_identity(&table, identity, ctx),
        Action::SetAccessMethod(None) => Ok(()),
        Action::SetAccessMethod(Some(name)) if &*name.name == "heap" => Ok(()),
        Action::SetAccessMethod(Some(name)) => {
            Err(err!(UNDEFINED_OBJECT, "access method \"{}\" does not exist", name.name))
        }
        Action::SetTablespace(name) if &*name.name == "pg_default" => Ok(()),
        Action::SetTablespace(name) => {
            Err(err!(UNDEFINED_OBJECT, "tablespace \"{}\" does not exist", name.name))
        }
        Action::RowSecurity(_) => refuse("ROW LEVEL SECURITY"),
        Action::Inherit(_) | Action::NoInherit(_) => refuse("INHERIT"),
        Action::Of(_) | Action::NotOf => refuse("OF"),
        Action::AttachPartition { .. } => refuse("ATTACH PARTITION"),
        Action::DetachPartition { .. } => refuse("DETACH PARTITION"),
        Action::ColumnFdwOptions { .. } | Action::FdwOptions(_) => refuse("OPTIONS (foreign tables)"),
    }
}
