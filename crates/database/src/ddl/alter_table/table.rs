//! Properties of whole relations: owner, options, persistence, CLUSTER ON, REPLICA IDENTITY.

use super::{attributes::changed_options, only_on};
use crate::context::StatementCtx;
use crate::ddl::acl::{self, Acl};
use crate::ddl::util::relation_object;
use crate::ddl::{options, relation};
use pglitedb_catalog::builtin::columns::{pg_class, pg_index, pg_type};
use pglitedb_catalog::{Persistence, RelKind, Relation};
use pglitedb_sql_parser::ast::{DefElem, ReplicaIdentity, TriggerSelector};
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::{Datum, Oid};

/// Sequences owned by columns of a table.
pub(in crate::ddl) fn owned_sequences(table: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<Oid>> {
    let mut found = Vec::new();
    for edge in ctx.writer()?.dependents_on(relation_object(table))? {
        let owned = matches!(edge.kind, DependencyKind::Auto | DependencyKind::Internal)
            && edge.referenced.part != 0
            && edge.depender.class == pg_class::RELATION
            && !found.contains(&edge.depender.object);
        if owned {
            let relation = ctx.catalog().relation(edge.depender.object)?;
            if relation.is_some_and(|relation| relation.kind == RelKind::Sequence) {
                found.push(edge.depender.object);
            }
        }
    }
    Ok(found)
}

/// The table whose column owns a sequence.
pub(in crate::ddl) fn owning_table(sequence: Oid, ctx: &StatementCtx<'_>) -> Result<Option<Oid>> {
    let edges = ctx.writer()?.dependencies_of(relation_object(sequence))?;
    Ok(edges
        .iter()
        .find(|edge| edge.referenced.class == pg_class::RELATION)
        .map(|edge| edge.referenced.object))
}

/// Refuses OWNER TO for what takes its owner from a table.
pub(super) fn check_owner_change(table: &Relation, ctx: &StatementCtx<'_>) -> Result<()> {
    if table.kind == RelKind::Index {
        return Err(err!(WRONG_OBJECT_TYPE, "cannot change owner of index \"{}\"", table.name)
            .hint("Change the ownership of the index's table instead."));
    }
    if table.kind == RelKind::Sequence
        && let Some(owner) = owning_table(table.oid, ctx)?
    {
        let owner = relation::describe(owner, ctx)?;
        return Err(err!(FEATURE_NOT_SUPPORTED, "cannot change owner of sequence \"{}\"", table.name)
            .detail(format!("Sequence \"{}\" is linked to table \"{}\".", table.name, owner.name)));
    }
    Ok(())
}

/// Gives a relation another owner, with its indexes, sequences and row type.
pub(in crate::ddl) fn change_owner(oid: Oid, owner: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let table = relation::describe(oid, ctx)?;
    if table.owner == owner {
        return Ok(());
    }
    crate::ddl::owner::check_may_give(owner, Some(table.namespace), ctx)?;
    set_owner(oid, table.owner, owner, ctx)?;
    for index in &table.indexes {
        set_owner(index.oid, table.owner, owner, ctx)?;
    }
    if table.row_type != 0 {
        let writer = ctx.writer()?;
        let info = ctx.catalog().type_info(table.row_type)?;
        let types =
            std::iter::once(table.row_type).chain(info.map(|info| info.array).filter(|oid| *oid != 0));
        for row_type in types {
            writer.update_oid(pg_type::RELATION, row_type, |row| {
                row[pg_type::TYPOWNER] = Datum::Oid(owner);
                Ok(())
            })?;
        }
    }
    if table.kind != RelKind::Sequence {
        for sequence in owned_sequences(oid, ctx)? {
            change_owner(sequence, owner, ctx)?;
        }
    }
    Ok(())
}

fn set_owner(oid: Oid, old: Oid, owner: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let address = relation_object(oid);
    let row = crate::ddl::object::object_row(address, ctx)?;
    let acl = Acl::read(row.get(pg_class::RELACL).unwrap_or(&Datum::Null), ctx)?;
    relation::update_class(oid, ctx, |row| row[pg_class::RELOWNER] = Datum::Oid(owner))?;
    let is_index = matches!(row.get(pg_class::RELKIND), Some(Datum::Char(b'i' | b'I')));
    if !is_index {
        ctx.writer()?.record_role_dependency(address, owner, b'o')?;
    }
    match acl {
        Some(acl) => acl::store(address, &acl.with_new_owner(old, owner), owner, ctx),
        None => Ok(()),
    }
}

/// SET (...) and RESET (...).
pub(super) fn set_options(
    table: &Relation,
    list: &[DefElem],
    reset: bool,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(
        table,
        &[RelKind::Table, RelKind::View, RelKind::MaterializedView, RelKind::Index],
        if reset { "RESET" } else { "SET" },
    )?;
    let mut changes = Vec::new();
    if reset {
        for option in list {
            if option.value.is_some() {
                return Err(err!(SYNTAX_ERROR, "RESET must not include values for parameters"));
            }
            if option.namespace.is_none() {
                changes.push((option.name.name.to_ascii_lowercase(), None));
            }
        }
    } else {
        for option in options::relation_options(list, ctx)? {
            if let Some((name, value)) = option.split_once('=') {
                changes.push((name.to_owned(), Some(value.to_owned())));
            }
        }
    }
    relation::update_class(table.oid, ctx, |row| {
        row[pg_class::RELOPTIONS] = changed_options(&row[pg_class::RELOPTIONS], &changes);
    })
}

/// SET LOGGED and SET UNLOGGED.
pub(super) fn set_persistence(table: &Relation, logged: bool, ctx: &StatementCtx<'_>) -> Result<()> {
    let action = if logged { "SET LOGGED" } else { "SET UNLOGGED" };
    only_on(table, &[RelKind::Table, RelKind::Sequence], action)?;
    let wanted = if logged { Persistence::Permanent } else { Persistence::Unlogged };
    if table.persistence == Persistence::Temporary {
        return Err(err!(
            INVALID_TABLE_DEFINITION,
            "cannot change logged status of table \"{}\" because it is temporary",
            table.name
        ));
    }
    if table.persistence == wanted {
        return Ok(());
    }
    let others: Vec<(Oid, bool)> = if logged {
        table.foreign_keys.iter().map(|key| (key.ref_table, false)).collect()
    } else {
        table.referenced_by.iter().map(|key| (key.table, true)).collect()
    };
    for (other, _) in others.into_iter().filter(|(other, _)| *other != table.oid) {
        let other = relation::describe(other, ctx)?;
        let clashes = if logged {
            other.persistence != Persistence::Permanent
        } else {
            other.persistence == Persistence::Permanent
        };
        if clashes {
            let word = if logged { "logged" } else { "unlogged" };
            let own = if logged { "unlogged" } else { "logged" };
            return Err(err!(
                INVALID_TABLE_DEFINITION,
                "could not change table \"{}\" to {word} because it references {own} table \"{}\"",
                table.name,
                other.name
            ));
        }
    }
    let letter = if logged { b'p' } else { b'u' };
    let mut all = vec![table.oid];
    all.extend(table.indexes.iter().map(|index| index.oid));
    all.extend(owned_sequences(table.oid, ctx)?);
    for oid in all {
        relation::update_class(oid, ctx, |row| row[pg_class::RELPERSISTENCE] = Datum::Char(letter))?;
    }
    Ok(())
}

fn index_of(table: &Relation, name: &str) -> Result<Oid> {
    table
        .indexes
        .iter()
        .find(|index| *index.name == *name)
        .map(|index| index.oid)
        .ok_or_else(|| err!(UNDEFINED_OBJECT, "index \"{name}\" for table \"{}\" does not exist", table.name))
}

/// CLUSTER ON and SET WITHOUT CLUSTER.
pub(super) fn cluster_on(table: &Relation, name: Option<&str>, ctx: &StatementCtx<'_>) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::MaterializedView], "CLUSTER ON")?;
    let chosen = name.map(|name| index_of(table, name)).transpose()?;
    if let Some(info) = table.indexes.iter().find(|index| Some(index.oid) == chosen) {
        if info.access_method != 403 {
            return Err(err!(
                FEATURE_NOT_SUPPORTED,
                "cannot cluster on index \"{}\" because access method does not support clustering",
                info.name
            ));
        }
        if info.predicate.is_some() {
            return Err(err!(FEATURE_NOT_SUPPORTED, "cannot cluster on partial index \"{}\"", info.name));
        }
    }
    mark_index(table, pg_index::INDISCLUSTERED, chosen, ctx)
}

fn mark_index(table: &Relation, column: usize, chosen: Option<Oid>, ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    for index in &table.indexes {
        let value = Some(index.oid) == chosen;
        let row = crate::ddl::object::object_row(
            pglitedb_tables::system::ObjectAddress::new(pg_index::RELATION, index.oid),
            ctx,
        )?;
        if row.get(column).and_then(Datum::as_bool) != Some(value) {
            writer.update_oid(pg_index::RELATION, index.oid, |row| {
                row[column] = Datum::Bool(value);
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// REPLICA IDENTITY.
pub(super) fn replica_identity(
    table: &Relation,
    identity: &ReplicaIdentity,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::MaterializedView], "REPLICA IDENTITY")?;
    let (letter, chosen) = match identity {
        ReplicaIdentity::Default => (b'd', None),
        ReplicaIdentity::Full => (b'f', None),
        ReplicaIdentity::Nothing => (b'n', None),
        ReplicaIdentity::Index(name) => {
            let oid = index_of(table, &name.name)?;
            check_replica_index(table, oid)?;
            (b'i', Some(oid))
        }
    };
    relation::update_class(table.oid, ctx, |row| row[pg_class::RELREPLIDENT] = Datum::Char(letter))?;
    mark_index(table, pg_index::INDISREPLIDENT, chosen, ctx)
}

fn check_replica_index(table: &Relation, oid: Oid) -> Result<()> {
    let Some(info) = table.indexes.iter().find(|index| index.oid == oid) else { return Ok(()) };
    let name = &info.name;
    if !info.is_unique {
        return Err(err!(WRONG_OBJECT_TYPE, "cannot use non-unique index \"{name}\" as replica identity"));
    }
    if !info.is_immediate {
        return Err(err!(
            FEATURE_NOT_SUPPORTED,
            "cannot use non-immediate index \"{name}\" as replica identity"
        ));
    }
    if !info.expressions.is_empty() {
        return Err(err!(
            FEATURE_NOT_SUPPORTED,
            "cannot use expression index \"{name}\" as replica identity"
        ));
    }
    if info.predicate.is_some() {
        return Err(err!(FEATURE_NOT_SUPPORTED, "cannot use partial index \"{name}\" as replica identity"));
    }
    for key in &info.columns {
        if let Some(column) = table.column(key.attnum)
            && !column.not_null
        {
            return Err(err!(
                WRONG_OBJECT_TYPE,
                "index \"{name}\" cannot be used as replica identity because column \"{}\" is nullable",
                column.name
            ));
        }
    }
    Ok(())
}

/// ENABLE and DISABLE TRIGGER: there are no user triggers, so only ALL and USER name something.
pub(super) fn trigger(table: &Relation, which: &TriggerSelector) -> Result<()> {
    only_on(table, &[RelKind::Table, RelKind::ForeignTable], "ENABLE/DISABLE TRIGGER")?;
    match which {
        TriggerSelector::Name(name) => Err(err!(
            UNDEFINED_OBJECT,
            "trigger \"{}\" for table \"{}\" does not exist",
            name.name,
            table.name
        )),
        // Foreign keys are kept by triggers in PostgreSQL; ALL switches them off there.
        TriggerSelector::All if !table.foreign_keys.is_empty() || !table.referenced_by.is_empty() => {
            Err(pglitedb_sqlstate::Error::unsupported(
                "ENABLE/DISABLE TRIGGER ALL on a table with foreign keys is not supported yet",
            ))
        }
        TriggerSelector::All | TriggerSelector::User => Ok(()),
    }
}
