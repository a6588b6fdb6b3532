//! CREATE and ALTER TEXT SEARCH.

mod configuration;
mod dictionary;
mod machinery;

pub use configuration::alter as alter_configuration;
pub(super) use configuration::remove_all as remove_mappings;
pub use dictionary::alter as alter_dictionary;

use super::object::{check_object_owner, class_of, object_by_name, resolve};
use super::util::{creation_place, namespace_object};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::{pg_ts_config, pg_ts_dict, pg_ts_parser, pg_ts_template};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{DefineStatement, ObjectKind, ObjectRef, Persistence, QualifiedName};
use pglitedb_sqlstate::{Error, Result, Severity, codes, err};
use pglitedb_tables::system::{DependencyKind, ObjectAddress};
use pglitedb_types::{Datum, Oid, oids};

/// CREATE TEXT SEARCH CONFIGURATION, DICTIONARY, PARSER, TEMPLATE.
pub fn create(stmt: &DefineStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let options = stmt.definition.as_deref().unwrap_or_default();
    match stmt.kind {
        ObjectKind::TextSearchConfiguration => configuration::create(&stmt.name, options, ctx),
        ObjectKind::TextSearchDictionary => dictionary::create(&stmt.name, options, ctx),
        ObjectKind::TextSearchParser => machinery::create_parser(&stmt.name, options, ctx),
        ObjectKind::TextSearchTemplate => machinery::create_template(&stmt.name, options, ctx),
        _ => Err(Error::internal("not a text search object")),
    }
}

/// Is this one of the kinds dealt with here?
pub fn is_kind(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::TextSearchConfiguration
            | ObjectKind::TextSearchDictionary
            | ObjectKind::TextSearchParser
            | ObjectKind::TextSearchTemplate
    )
}

/// Is it a catalog of theirs?
pub fn is_class(class: Oid) -> bool {
    matches!(
        class,
        pg_ts_config::RELATION | pg_ts_dict::RELATION | pg_ts_parser::RELATION | pg_ts_template::RELATION
    )
}

/// The object that DROP names; `None` after a notice if there is none and none is needed.
pub fn find_to_drop(
    kind: ObjectKind,
    name: &QualifiedName,
    if_exists: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Option<ObjectAddress>> {
    let object = match resolve(&ObjectRef::Named { kind, name: name.clone() }, ctx) {
        Ok(object) => object,
        Err(error)
            if if_exists && matches!(error.code(), codes::UNDEFINED_OBJECT | codes::UNDEFINED_SCHEMA) =>
        {
            let notice = err!(SUCCESSFUL_COMPLETION, "{}, skipping", error.message());
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if matches!(kind, ObjectKind::TextSearchParser | ObjectKind::TextSearchTemplate)
        && !ctx.env().is_superuser()
    {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "must be superuser"));
    }
    // Dependencies among built-in objects are not stored: none of them can be dropped.
    if object.object < oids::FIRST_NORMAL_OID {
        return Err(err!(
            DEPENDENT_OBJECTS_STILL_EXIST,
            "cannot drop {} because it is required by the database system",
            super::describe::object(object, ctx)?
        ));
    }
    check_object_owner(object, ctx)?;
    Ok(Some(object))
}

/// Where a new object goes, and its own name; `23505` if that is taken, as the unique index reports it.
fn place(name: &QualifiedName, catalog: Oid, ctx: &StatementCtx<'_>) -> Result<(Oid, String)> {
    let place = creation_place(name, Persistence::Permanent, ctx)?;
    let class = class_of(catalog)?;
    if object_by_name(class, Some(place.namespace), &place.name, ctx)?.is_some() {
        let (index, columns) = match catalog {
            pg_ts_config::RELATION => ("pg_ts_config_cfgname_index", "cfgname, cfgnamespace"),
            pg_ts_dict::RELATION => ("pg_ts_dict_dictname_index", "dictname, dictnamespace"),
            pg_ts_parser::RELATION => ("pg_ts_parser_prsname_index", "prsname, prsnamespace"),
            _ => ("pg_ts_template_tmplname_index", "tmplname, tmplnamespace"),
        };
        return Err(err!(UNIQUE_VIOLATION, "duplicate key value violates unique constraint \"{index}\"")
            .detail(format!("Key ({columns})=({}, {}) already exists.", place.name, place.namespace)));
    }
    Ok((place.namespace, place.name))
}

/// The object of a kind that a name means.
fn lookup(kind: ObjectKind, name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<Oid> {
    resolve(&ObjectRef::Named { kind, name: name.clone() }, ctx).map(|object| object.object)
}

/// Adds a row with what it depends on: its schema, its owner, other objects.
fn insert(
    object: ObjectAddress,
    row: &[Datum],
    namespace: Oid,
    owned: bool,
    needs: &[ObjectAddress],
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let writer = ctx.writer()?;
    writer.insert(object.class, row)?;
    writer.record_dependency(object, namespace_object(namespace), DependencyKind::Normal)?;
    if owned {
        writer.record_role_dependency(object, ctx.env().current_user(), b'o')?;
    }
    record_needs(object, needs, ctx)
}

fn record_needs(object: ObjectAddress, needs: &[ObjectAddress], ctx: &StatementCtx<'_>) -> Result<()> {
    let writer = ctx.writer()?;
    for need in needs.iter().filter(|need| need.object >= oids::FIRST_NORMAL_OID) {
        writer.record_dependency(object, *need, DependencyKind::Normal)?;
    }
    Ok(())
}
