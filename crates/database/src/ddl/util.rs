//! What all DDL needs: where objects are created, whether names are taken, names nobody gave.

use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::{pg_class, pg_constraint, pg_namespace, pg_type};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_sql_parser::ast::{OnCommit, Persistence, QualifiedName};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, TypeInfo, TypeKind};
use std::sync::Arc;

/// `pg_catalog`.
pub const PG_CATALOG: Oid = 11;
/// Longest identifier, in bytes.
pub const NAME_MAX: usize = 63;

/// Where an object is to be created.
#[derive(Clone, Debug)]
pub struct CreationPlace {
    /// The schema.
    pub namespace: Oid,
    /// The object's own name.
    pub name: String,
    /// It is the session's temporary schema.
    pub is_temp: bool,
}

/// Checks the catalog part of a name of three parts.
fn check_database(name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<()> {
    match name.parts.as_slice() {
        [_] | [_, _] => Ok(()),
        [database, _, _] => {
            if *database.name == *pglitedb_functions::SessionEnv::current_database(ctx.env()) {
                return Ok(());
            }
            Err(err!(
                FEATURE_NOT_SUPPORTED,
                "cross-database references are not implemented: {}",
                dotted(name)
            ))
        }
        _ => Err(err!(SYNTAX_ERROR, "improper qualified name (too many dotted names): {}", dotted(name))),
    }
}

/// A name as it is shown in messages: parts with dots, without quotes.
pub fn dotted(name: &QualifiedName) -> String {
    name.parts.iter().map(|part| &*part.name).collect::<Vec<_>>().join(".")
}

/// The schema an unqualified or qualified name is created in. `3F000` if there is none.
pub fn creation_place(
    name: &QualifiedName,
    persistence: Persistence,
    ctx: &StatementCtx<'_>,
) -> Result<CreationPlace> {
    check_database(name, ctx)?;
    let own = name.last().to_owned();
    let temp = persistence == Persistence::Temporary;
    let schema = name.parts.len().checked_sub(2).map(|at| &name.parts[at]);
    let Some(schema) = schema else {
        if temp {
            let namespace = ctx.env().temp_namespace(ctx)?;
            return Ok(CreationPlace { namespace, name: own, is_temp: true });
        }
        let namespace = current_creation_namespace(ctx)?;
        check_may_create(namespace, ctx)?;
        return Ok(CreationPlace { namespace, name: own, is_temp: ctx.env().is_temp_namespace(namespace) });
    };
    if &*schema.name == "pg_temp" {
        let namespace = ctx.env().temp_namespace(ctx)?;
        return Ok(CreationPlace { namespace, name: own, is_temp: true });
    }
    let namespace = namespace_oid(&schema.name, ctx).map_err(|error| error.at(schema.span.offset()))?;
    let is_temp = ctx.env().is_temp_namespace(namespace);
    if temp && !is_temp {
        return Err(err!(
            INVALID_TABLE_DEFINITION,
            "cannot create temporary relation in non-temporary schema"
        )
        .at(name.span().offset()));
    }
    if namespace == PG_CATALOG {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to create \"{}\"", dotted(name))
            .detail("System catalog modifications are currently disallowed."));
    }
    check_may_create(namespace, ctx)?;
    Ok(CreationPlace { namespace, name: own, is_temp })
}

/// `42501` unless the current user may create objects in the schema.
fn check_may_create(namespace: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    if ctx.env().is_superuser() || ctx.env().is_temp_namespace(namespace) {
        return Ok(());
    }
    let name = namespace_name(namespace, ctx)?;
    super::acl::require(namespace_object(namespace), "C", "schema", &name, ctx)
}

/// `ON COMMIT` is for temporary tables; only keeping the rows is supported.
pub fn check_on_commit(action: Option<OnCommit>, is_temp: bool) -> Result<()> {
    match action {
        None => Ok(()),
        Some(_) if !is_temp => {
            Err(err!(INVALID_TABLE_DEFINITION, "ON COMMIT can only be used on temporary tables"))
        }
        Some(OnCommit::PreserveRows) => Ok(()),
        Some(OnCommit::DeleteRows) => Err(Error::unsupported("ON COMMIT DELETE ROWS is not supported yet")),
        Some(OnCommit::Drop) => Err(Error::unsupported("ON COMMIT DROP is not supported yet")),
    }
}

/// The first schema of the search path that objects can be created in.
fn current_creation_namespace(ctx: &StatementCtx<'_>) -> Result<Oid> {
    ctx.env()
        .creation_namespace()?
        .ok_or_else(|| err!(UNDEFINED_SCHEMA, "no schema has been selected to create in"))
}

/// OID of a schema; `3F000` if there is none of that name.
pub fn namespace_oid(name: &str, ctx: &StatementCtx<'_>) -> Result<Oid> {
    ctx.catalog()
        .namespace_by_name(name)?
        .ok_or_else(|| err!(UNDEFINED_SCHEMA, "schema \"{name}\" does not exist"))
}

/// Name of a schema that exists.
pub fn namespace_name(oid: Oid, ctx: &StatementCtx<'_>) -> Result<String> {
    Ok(ctx.catalog().namespace_name(oid)?.map_or_else(|| oid.to_string(), |name| name.to_string()))
}

/// `42P07` if a relation of that name is there; with `if_not_exists` a notice, and the answer false: nothing is to do.
pub fn relation_name_is_free(
    place: &CreationPlace,
    if_not_exists: bool,
    ctx: &StatementCtx<'_>,
) -> Result<bool> {
    if ctx.catalog().relation_oid(place.namespace, &place.name)?.is_none() {
        return Ok(true);
    }
    let name = &place.name;
    if if_not_exists {
        ctx.notice(
            err!(DUPLICATE_TABLE, "relation \"{name}\" already exists, skipping").severity(Severity::Notice),
        );
        return Ok(false);
    }
    Err(err!(DUPLICATE_TABLE, "relation \"{name}\" already exists"))
}

/// `42710` if a type of that name is there. An array type that was named automatically makes room.
pub fn type_name_is_free(namespace: Oid, name: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let Some(oid) = ctx.catalog().type_oid(namespace, name)? else { return Ok(()) };
    if let Some(info) = ctx.catalog().type_info(oid)?
        && info.is_true_array
        && info.element != 0
        && oid >= pglitedb_types::oids::FIRST_NORMAL_OID
    {
        let element = ctx.catalog().type_info(info.element)?;
        if element.is_some_and(|element| element.array == oid) {
            let new_name = array_type_name(namespace, name.trim_start_matches('_'), ctx)?;
            return ctx.writer()?.update_oid(pg_type::RELATION, oid, |row| {
                row[pg_type::TYPNAME] = Datum::text(&new_name);
                Ok(())
            });
        }
    }
    Err(err!(DUPLICATE_OBJECT, "type \"{name}\" already exists"))
}

/// Cuts a name to at most `max` bytes at a character boundary.
pub fn truncate_name(name: &str, max: usize) -> &str {
    let mut end = name.len().min(max);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// A name for the array type of a type: `_name`, with more underscores while that is taken.
pub fn array_type_name(namespace: Oid, name: &str, ctx: &StatementCtx<'_>) -> Result<String> {
    let mut candidate = format!("_{}", truncate_name(name, NAME_MAX - 1));
    for suffix in 1.. {
        if ctx.catalog().type_oid(namespace, &candidate)?.is_none() {
            break;
        }
        let suffix = format!("_{suffix}");
        candidate = format!("_{}{suffix}", truncate_name(name, NAME_MAX - 1 - suffix.len()));
    }
    Ok(candidate)
}

/// `name1_name2_label`, the longer parts cut so that it fits (PostgreSQL's `makeObjectName`).
pub fn make_object_name(name1: &str, name2: &str, label: &str) -> String {
    let overhead = if label.is_empty() { 0 } else { label.len() + 1 } + usize::from(!name2.is_empty());
    let available = NAME_MAX - overhead;
    let (mut len1, mut len2) = (name1.len(), name2.len());
    while len1 + len2 > available {
        if len1 > len2 { len1 -= 1 } else { len2 -= 1 }
    }
    let mut out = truncate_name(name1, len1).to_owned();
    for part in [truncate_name(name2, len2), label] {
        if !part.is_empty() {
            out.push('_');
            out.push_str(part);
        }
    }
    out
}

/// A relation name that is free, from the parts of [`make_object_name`]; a number follows the label while it is taken.
pub fn choose_relation_name(
    name1: &str,
    name2: &str,
    label: &str,
    namespace: Oid,
    taken: &dyn Fn(&str) -> bool,
    ctx: &StatementCtx<'_>,
) -> Result<String> {
    for pass in 0.. {
        let label = if pass == 0 { label.to_owned() } else { format!("{label}{pass}") };
        let name = make_object_name(name1, name2, &label);
        if !taken(&name) && ctx.catalog().relation_oid(namespace, &name)?.is_none() {
            return Ok(name);
        }
    }
    Ok(make_object_name(name1, name2, label))
}

/// Names of the constraints of a relation.
pub fn constraint_names(relation: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<String>> {
    let rows = constraint_rows(relation, ctx)?;
    Ok(rows.iter().filter_map(|(_, row)| row[pg_constraint::CONNAME].as_str().map(str::to_owned)).collect())
}

/// Rows of `pg_constraint` of a relation, with their ids.
pub fn constraint_rows(relation: Oid, ctx: &StatementCtx<'_>) -> Result<Vec<(u64, Vec<Datum>)>> {
    /// `pg_constraint_conrelid_contypid_conname_index`
    const BY_RELATION: Oid = 2665;
    use pglitedb_catalog::CatalogSource as _;
    ctx.writer()?.source().lookup(pg_constraint::RELATION, BY_RELATION, &[Datum::Oid(relation)])
}

/// A constraint name that is free in the relation (and, for those with an index, among relations).
pub fn choose_constraint_name(table: &str, columns: &str, label: &str, taken: &[String]) -> String {
    for pass in 0.. {
        let label = if pass == 0 { label.to_owned() } else { format!("{label}{pass}") };
        let name = make_object_name(table, columns, &label);
        if !taken.contains(&name) {
            return name;
        }
    }
    make_object_name(table, columns, label)
}

/// A relation as an object.
pub fn relation_object(oid: Oid) -> ObjectAddress {
    ObjectAddress::new(pg_class::RELATION, oid)
}

/// A type as an object.
pub fn type_object(oid: Oid) -> ObjectAddress {
    ObjectAddress::new(pg_type::RELATION, oid)
}

/// A schema as an object.
pub fn namespace_object(oid: Oid) -> ObjectAddress {
    ObjectAddress::new(pg_namespace::RELATION, oid)
}

/// A constraint as an object.
pub fn constraint_object(oid: Oid) -> ObjectAddress {
    ObjectAddress::new(pg_constraint::RELATION, oid)
}

/// A type that ALTER TYPE may change as a whole; for a composite type also its relation, which is altered in its place. 42809 for array
/// types and the row types of tables.
pub fn alterable_type(oid: Oid, ctx: &StatementCtx<'_>) -> Result<(Arc<TypeInfo>, Option<Arc<Relation>>)> {
    let info = ctx
        .catalog()
        .type_info(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))?;
    let shown = pglitedb_analyzer::format_type(oid, -1, &ctx.analyze())?;
    if info.is_true_array {
        let element = pglitedb_analyzer::format_type(info.element, -1, &ctx.analyze())?;
        return Err(err!(WRONG_OBJECT_TYPE, "cannot alter array type {shown}")
            .hint(format!("You can alter type {element}, which will alter the array type as well.")));
    }
    if info.kind != TypeKind::Composite {
        return Ok((info, None));
    }
    let relation = super::relation::describe(info.relid, ctx)?;
    if relation.kind != RelKind::CompositeType {
        return Err(err!(WRONG_OBJECT_TYPE, "{shown} is a table's row type").hint("Use ALTER TABLE instead."));
    }
    Ok((info, Some(relation)))
}

/// Must own the object (or be a superuser): `42501 must be owner of {what} {name}`.
pub fn check_owner(owner: Oid, what: &str, name: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    if ctx.env().may_act_as(owner)? {
        return Ok(());
    }
    Err(err!(INSUFFICIENT_PRIVILEGE, "must be owner of {what} {name}"))
}

/// Must own an operator (or be a superuser).
pub fn check_owner_of_operator(info: &pglitedb_catalog::OperatorInfo, ctx: &StatementCtx<'_>) -> Result<()> {
    use pglitedb_catalog::builtin::columns::pg_operator;
    let row = super::object::object_row(ObjectAddress::new(pg_operator::RELATION, info.oid), ctx)?;
    let owner = row.get(pg_operator::OPROWNER).and_then(Datum::as_oid).unwrap_or(0);
    check_owner(owner, "operator", &info.name, ctx)
}
