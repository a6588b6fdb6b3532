//! Objects by name: what COMMENT, RENAME, OWNER TO, SET SCHEMA and GRANT work on.

use super::util::{dotted, namespace_oid};
use crate::context::StatementCtx;
use pglitedb_analyzer::{
    lookup_collation, lookup_function, lookup_operator, resolve_type_name, try_lookup_relation,
};
use pglitedb_catalog::builtin::columns::*;
use pglitedb_catalog::{ProcKind, RelKind, Relation};
use pglitedb_sql_parser::ast::{
    Ident, ObjectKind, ObjectRef, ParameterMode, QualifiedName, RoutineSignature, TypeName,
};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, TypeKind, oids};
use std::sync::Arc;

/// Where a catalog keeps an object's name, schema, owner and access list.
#[derive(Clone, Copy, Debug)]
pub struct ObjectClass {
    /// The catalog.
    pub catalog: Oid,
    /// Index by name.
    pub by_name: Oid,
    /// Column of the name.
    pub name: usize,
    /// Column of the schema.
    pub namespace: Option<usize>,
    /// Column of the owner.
    pub owner: Option<usize>,
    /// Column of the access list.
    pub acl: Option<usize>,
    /// What messages call such an object.
    pub what: &'static str,
}

macro_rules! class {
    ($module:ident, $index:expr, $what:expr, $name:ident, $ns:expr, $owner:expr, $acl:expr) => {
        ObjectClass {
            catalog: $module::RELATION,
            by_name: $index,
            name: $module::$name,
            namespace: $ns,
            owner: $owner,
            acl: $acl,
            what: $what,
        }
    };
}

/// All catalogs whose objects have names.
pub const CLASSES: &[ObjectClass] = &[
    class!(
        pg_class,
        2663,
        "relation",
        RELNAME,
        Some(pg_class::RELNAMESPACE),
        Some(pg_class::RELOWNER),
        Some(pg_class::RELACL)
    ),
    class!(
        pg_type,
        2704,
        "type",
        TYPNAME,
        Some(pg_type::TYPNAMESPACE),
        Some(pg_type::TYPOWNER),
        Some(pg_type::TYPACL)
    ),
    class!(
        pg_proc,
        2691,
        "function",
        PRONAME,
        Some(pg_proc::PRONAMESPACE),
        Some(pg_proc::PROOWNER),
        Some(pg_proc::PROACL)
    ),
    class!(
        pg_operator,
        2689,
        "operator",
        OPRNAME,
        Some(pg_operator::OPRNAMESPACE),
        Some(pg_operator::OPROWNER),
        None
    ),
    class!(
        pg_collation,
        3164,
        "collation",
        COLLNAME,
        Some(pg_collation::COLLNAMESPACE),
        Some(pg_collation::COLLOWNER),
        None
    ),
    class!(
        pg_conversion,
        2669,
        "conversion",
        CONNAME,
        Some(pg_conversion::CONNAMESPACE),
        Some(pg_conversion::CONOWNER),
        None
    ),
    class!(
        pg_namespace,
        2684,
        "schema",
        NSPNAME,
        None,
        Some(pg_namespace::NSPOWNER),
        Some(pg_namespace::NSPACL)
    ),
    class!(
        pg_database,
        2671,
        "database",
        DATNAME,
        None,
        Some(pg_database::DATDBA),
        Some(pg_database::DATACL)
    ),
    class!(
        pg_tablespace,
        2698,
        "tablespace",
        SPCNAME,
        None,
        Some(pg_tablespace::SPCOWNER),
        Some(pg_tablespace::SPCACL)
    ),
    class!(
        pg_language,
        2681,
        "language",
        LANNAME,
        None,
        Some(pg_language::LANOWNER),
        Some(pg_language::LANACL)
    ),
    class!(
        pg_opclass,
        2686,
        "operator class",
        OPCNAME,
        Some(pg_opclass::OPCNAMESPACE),
        Some(pg_opclass::OPCOWNER),
        None
    ),
    class!(
        pg_opfamily,
        2754,
        "operator family",
        OPFNAME,
        Some(pg_opfamily::OPFNAMESPACE),
        Some(pg_opfamily::OPFOWNER),
        None
    ),
    class!(pg_authid, 2676, "role", ROLNAME, None, None, None),
    class!(pg_am, 2651, "access method", AMNAME, None, None, None),
    class!(
        pg_ts_config,
        3608,
        "text search configuration",
        CFGNAME,
        Some(pg_ts_config::CFGNAMESPACE),
        Some(pg_ts_config::CFGOWNER),
        None
    ),
    class!(
        pg_ts_dict,
        3604,
        "text search dictionary",
        DICTNAME,
        Some(pg_ts_dict::DICTNAMESPACE),
        Some(pg_ts_dict::DICTOWNER),
        None
    ),
    class!(pg_ts_parser, 3606, "text search parser", PRSNAME, Some(pg_ts_parser::PRSNAMESPACE), None, None),
    class!(
        pg_ts_template,
        3766,
        "text search template",
        TMPLNAME,
        Some(pg_ts_template::TMPLNAMESPACE),
        None,
        None
    ),
];

/// Description of a catalog.
pub fn class_of(catalog: Oid) -> Result<&'static ObjectClass> {
    CLASSES
        .iter()
        .find(|class| class.catalog == catalog)
        .ok_or_else(|| Error::unsupported(format!("objects of catalog {catalog} cannot be altered")))
}

/// The row of an object.
pub fn object_row(address: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<Vec<Datum>> {
    ctx.env().with_catalog(|catalog| catalog.row(address.class, u64::from(address.object)))?.ok_or_else(
        || {
            Error::internal(format!(
                "cache lookup failed for object {} of catalog {}",
                address.object, address.class
            ))
        },
    )
}

/// OID of an object by name in a schema (or in a catalog without schemas).
pub fn object_by_name(
    class: &ObjectClass,
    namespace: Option<Oid>,
    name: &str,
    ctx: &StatementCtx<'_>,
) -> Result<Option<Oid>> {
    match class.catalog {
        pg_class::RELATION => return ctx.catalog().relation_oid(namespace.unwrap_or(0), name),
        pg_type::RELATION => return ctx.catalog().type_oid(namespace.unwrap_or(0), name),
        pg_namespace::RELATION => return ctx.catalog().namespace_by_name(name),
        _ => {}
    }
    let rows = ctx
        .env()
        .with_catalog(|catalog| catalog.rows_by_index(class.catalog, class.by_name, &[Datum::text(name)]))?;
    Ok(rows
        .iter()
        .find(|row| match (class.namespace, namespace) {
            (Some(at), Some(wanted)) => row.get(at).and_then(Datum::as_oid) == Some(wanted),
            _ => true,
        })
        .and_then(|row| row.first().and_then(Datum::as_oid)))
}

/// OID by a name without schema; PostgreSQL's error if there is none.
pub fn global_object(catalog: Oid, name: &str, ctx: &StatementCtx<'_>) -> Result<ObjectAddress> {
    let class = class_of(catalog)?;
    match object_by_name(class, None, name, ctx)? {
        Some(oid) => Ok(ObjectAddress::new(catalog, oid)),
        None => {
            let what = class.what;
            let message = format!("{what} \"{name}\" does not exist");
            Err(match catalog {
                pg_namespace::RELATION => err!(UNDEFINED_SCHEMA, "{message}"),
                pg_database::RELATION => err!(UNDEFINED_DATABASE, "{message}"),
                _ => err!(UNDEFINED_OBJECT, "{message}"),
            })
        }
    }
}

/// An object of a catalog with schemas, by search path.
fn qualified_object(catalog: Oid, name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<ObjectAddress> {
    let class = class_of(catalog)?;
    let spaces = match name.schema() {
        Some(schema) => vec![namespace_oid(schema, ctx)?],
        None => ctx.catalog().search_path(),
    };
    for space in spaces {
        if let Some(oid) = object_by_name(class, Some(space), name.last(), ctx)? {
            return Ok(ObjectAddress::new(catalog, oid));
        }
    }
    Err(err!(UNDEFINED_OBJECT, "{} \"{}\" does not exist", class.what, dotted(name)))
}

/// What messages call a relation of a kind.
pub fn kind_word(kind: RelKind) -> &'static str {
    match kind {
        RelKind::Table | RelKind::PartitionedTable | RelKind::Toast => "table",
        RelKind::Index | RelKind::PartitionedIndex => "index",
        RelKind::Sequence => "sequence",
        RelKind::View => "view",
        RelKind::MaterializedView => "materialized view",
        RelKind::CompositeType => "type",
        RelKind::ForeignTable => "foreign table",
    }
}

/// Does a statement's word for a relation fit what it is? Else `42809 "x" is not a view`.
pub fn check_kind(relation: &Relation, kind: ObjectKind) -> Result<()> {
    use RelKind::*;
    let (fits, word) = match kind {
        ObjectKind::Table => (matches!(relation.kind, Table | PartitionedTable), "a table"),
        ObjectKind::View => (relation.kind == View, "a view"),
        ObjectKind::MaterializedView => (relation.kind == MaterializedView, "a materialized view"),
        ObjectKind::Sequence => (relation.kind == Sequence, "a sequence"),
        ObjectKind::Index => (matches!(relation.kind, Index | PartitionedIndex), "an index"),
        ObjectKind::ForeignTable => (relation.kind == ForeignTable, "a foreign table"),
        ObjectKind::Type => (relation.kind == CompositeType, "a composite type"),
        _ => (true, ""),
    };
    if fits {
        return Ok(());
    }
    Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is not {word}", relation.name))
}

/// A relation by name; `42P01` without position, as utility commands report it.
pub fn relation_named(name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<Arc<Relation>> {
    match try_lookup_relation(name, &ctx.analyze())? {
        Some(found) => Ok(found),
        None => {
            if let Some(schema) = name.schema()
                && ctx.catalog().namespace_by_name(schema)?.is_none()
            {
                return Err(err!(UNDEFINED_SCHEMA, "schema \"{schema}\" does not exist"));
            }
            Err(err!(UNDEFINED_TABLE, "relation \"{}\" does not exist", dotted(name)))
        }
    }
}

/// A type by name, of any kind, with its OID.
pub fn type_named(name: &TypeName, ctx: &StatementCtx<'_>) -> Result<Arc<pglitedb_types::TypeInfo>> {
    let (oid, _) = resolve_type_name(name, &ctx.analyze()).map_err(|mut error| {
        error.fields_mut().position = None;
        error
    })?;
    ctx.catalog()
        .type_info(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for type {oid}")))
}

/// A type by a name without modifiers.
pub fn type_by_name(name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<Arc<pglitedb_types::TypeInfo>> {
    let spaces = match name.schema() {
        Some(schema) => vec![namespace_oid(schema, ctx)?],
        None => ctx.catalog().search_path(),
    };
    for space in spaces {
        if let Some(oid) = ctx.catalog().type_oid(space, name.last())?
            && let Some(info) = ctx.catalog().type_info(oid)?
        {
            return Ok(info);
        }
    }
    Err(err!(UNDEFINED_OBJECT, "type \"{}\" does not exist", dotted(name)))
}

/// Input argument types of a routine's signature, `None` if it was given without any.
pub fn signature_types(signature: &RoutineSignature, ctx: &StatementCtx<'_>) -> Result<Option<Vec<Oid>>> {
    let Some(args) = &signature.args else { return Ok(None) };
    let mut order_by = signature.order_by.as_deref().unwrap_or_default();
    if args.last().is_some_and(|arg| arg.mode == ParameterMode::Variadic) {
        // VARIADIC "any" ORDER BY VARIADIC "any" is one parameter.
        order_by = &[];
    }
    args.iter()
        .chain(order_by)
        .filter(|arg| !matches!(arg.mode, ParameterMode::Out | ParameterMode::Table))
        .map(|arg| resolve_type_name(&arg.type_name, &ctx.analyze()).map(|(oid, _)| oid))
        .collect::<Result<Vec<_>>>()
        .map(Some)
}

fn constraint_of(relation: &Relation, name: &str, ctx: &StatementCtx<'_>) -> Result<Option<Oid>> {
    let rows = super::util::constraint_rows(relation.oid, ctx)?;
    Ok(rows.iter().find_map(|(_, row)| {
        let found = row.get(pg_constraint::CONNAME).and_then(Datum::as_str) == Some(name);
        if found { row.get(pg_constraint::OID).and_then(Datum::as_oid) } else { None }
    }))
}

/// A constraint of a relation by name; `42704` if there is none.
pub fn constraint_named(relation: &Relation, name: &str, ctx: &StatementCtx<'_>) -> Result<Oid> {
    constraint_of(relation, name, ctx)?.ok_or_else(|| {
        err!(UNDEFINED_OBJECT, "constraint \"{name}\" for table \"{}\" does not exist", relation.name)
    })
}

/// A constraint of a domain by name; `42704` if there is none.
pub fn domain_constraint_named(
    domain: &pglitedb_types::TypeInfo,
    name: &str,
    ctx: &StatementCtx<'_>,
) -> Result<Oid> {
    /// `pg_constraint_contypid_index`
    const BY_TYPE: Oid = 2666;
    let rows = ctx.env().with_catalog(|catalog| {
        catalog.rows_by_index(pg_constraint::RELATION, BY_TYPE, &[Datum::Oid(domain.oid)])
    })?;
    rows.iter()
        .find(|row| row.get(pg_constraint::CONNAME).and_then(Datum::as_str) == Some(name))
        .and_then(|row| row.get(pg_constraint::OID).and_then(Datum::as_oid))
        .ok_or_else(|| {
            err!(UNDEFINED_OBJECT, "constraint \"{name}\" for domain {} does not exist", domain.name)
        })
}

/// A column written `[schema.]table.column`.
fn column_named(name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<ObjectAddress> {
    let [table @ .., column] = name.parts.as_slice() else { return Err(Error::internal("empty name")) };
    if table.is_empty() {
        return Err(err!(SYNTAX_ERROR, "column name must be qualified"));
    }
    let relation = relation_named(&QualifiedName { parts: table.to_vec() }, ctx)?;
    let (attnum, _) = relation.column_by_name(&column.name).ok_or_else(|| {
        err!(UNDEFINED_COLUMN, "column \"{}\" of relation \"{}\" does not exist", column.name, relation.name)
    })?;
    Ok(ObjectAddress::column(relation.oid, attnum))
}

fn named(kind: ObjectKind, name: &QualifiedName, ctx: &StatementCtx<'_>) -> Result<ObjectAddress> {
    use ObjectKind as K;
    let global = |catalog| global_object(catalog, name.last(), ctx);
    let missing = |what: &str| Err(err!(UNDEFINED_OBJECT, "{what} \"{}\" does not exist", dotted(name)));
    match kind {
        K::Table | K::View | K::MaterializedView | K::Sequence | K::Index | K::ForeignTable => {
            let relation = relation_named(name, ctx)?;
            check_kind(&relation, kind)?;
            Ok(ObjectAddress::new(pg_class::RELATION, relation.oid))
        }
        K::Column => column_named(name, ctx),
        K::Type | K::Domain => {
            type_by_name(name, ctx).map(|info| ObjectAddress::new(pg_type::RELATION, info.oid))
        }
        K::Schema => global(pg_namespace::RELATION),
        K::Database => global(pg_database::RELATION),
        K::Role => global(pg_authid::RELATION),
        K::Tablespace => global(pg_tablespace::RELATION),
        K::Language => global(pg_language::RELATION),
        K::AccessMethod => global(pg_am::RELATION),
        K::Collation => lookup_collation(name, &ctx.analyze())
            .map(|oid| ObjectAddress::new(pg_collation::RELATION, oid))
            .map_err(without_position),
        K::Conversion => qualified_object(pg_conversion::RELATION, name, ctx),
        K::TextSearchConfiguration => qualified_object(pg_ts_config::RELATION, name, ctx),
        K::TextSearchDictionary => qualified_object(pg_ts_dict::RELATION, name, ctx),
        K::TextSearchParser => qualified_object(pg_ts_parser::RELATION, name, ctx),
        K::TextSearchTemplate => qualified_object(pg_ts_template::RELATION, name, ctx),
        // None of these can be created yet, so there are none.
        K::Extension => missing("extension"),
        K::EventTrigger => missing("event trigger"),
        K::ForeignDataWrapper => missing("foreign-data wrapper"),
        K::ForeignServer => missing("server"),
        K::Publication => missing("publication"),
        K::Subscription => missing("subscription"),
        K::Statistics => missing("statistics object"),
        _ => Err(Error::internal(format!("{kind:?} does not have a plain name"))),
    }
}

fn without_position(mut error: Error) -> Error {
    error.fields_mut().position = None;
    error
}

fn on_relation(
    kind: ObjectKind,
    name: &Ident,
    relation: &QualifiedName,
    ctx: &StatementCtx<'_>,
) -> Result<ObjectAddress> {
    let relation = relation_named(relation, ctx)?;
    let table = &relation.name;
    match kind {
        ObjectKind::Constraint => constraint_named(&relation, &name.name, ctx)
            .map(|oid| ObjectAddress::new(pg_constraint::RELATION, oid)),
        ObjectKind::Rule if relation.kind == RelKind::View && &*name.name == "_RETURN" => {
            Err(Error::unsupported("the rule of a view cannot be altered"))
        }
        ObjectKind::Rule => {
            Err(err!(UNDEFINED_OBJECT, "rule \"{}\" for relation \"{table}\" does not exist", name.name))
        }
        ObjectKind::Trigger => {
            Err(err!(UNDEFINED_OBJECT, "trigger \"{}\" for table \"{table}\" does not exist", name.name))
        }
        ObjectKind::Policy => {
            Err(err!(UNDEFINED_OBJECT, "policy \"{}\" for table \"{table}\" does not exist", name.name))
        }
        _ => Err(Error::internal(format!("{kind:?} does not belong to a relation"))),
    }
}

fn routine(kind: ObjectKind, signature: &RoutineSignature, ctx: &StatementCtx<'_>) -> Result<ObjectAddress> {
    let types = signature_types(signature, ctx)?;
    let found = lookup_function(&signature.name, types.as_deref(), &ctx.analyze());
    let found = found.map_err(|error| missing_routine(kind, without_position(error)))?;
    let text = || routine_text(&found, ctx);
    match (kind, found.kind) {
        (ObjectKind::Function, ProcKind::Procedure) => {
            Err(err!(WRONG_OBJECT_TYPE, "{} is not a function", text()?))
        }
        (ObjectKind::Function, ProcKind::Aggregate) if types.is_none() => {
            Err(err!(WRONG_OBJECT_TYPE, "{} is not a function", text()?))
        }
        (ObjectKind::Procedure, ProcKind::Function | ProcKind::Aggregate | ProcKind::Window) => {
            Err(err!(WRONG_OBJECT_TYPE, "{} is not a procedure", text()?))
        }
        (ObjectKind::Aggregate, ProcKind::Function | ProcKind::Procedure | ProcKind::Window) => {
            Err(err!(WRONG_OBJECT_TYPE, "function {} is not an aggregate", text()?))
        }
        _ => Ok(ObjectAddress::new(pg_proc::RELATION, found.oid)),
    }
}

/// Procedures and aggregates are called by their kind.
fn missing_routine(kind: ObjectKind, mut error: Error) -> Error {
    let word = match kind {
        ObjectKind::Procedure => "procedure",
        ObjectKind::Aggregate => "aggregate",
        _ => return error,
    };
    let fields = error.fields_mut();
    if let Some(rest) = fields.message.strip_prefix("function ") {
        fields.message = format!("{word} {rest}");
    } else if let Some(rest) = fields.message.strip_prefix("could not find a function named ") {
        fields.message = format!("could not find a {word} named {rest}");
    }
    error
}

/// `name(types)` of a function.
pub fn routine_text(info: &pglitedb_catalog::ProcInfo, ctx: &StatementCtx<'_>) -> Result<String> {
    let mut types = Vec::new();
    for oid in &info.arg_types {
        types.push(pglitedb_analyzer::format_type(*oid, -1, &ctx.analyze())?);
    }
    Ok(format!("{}({})", info.name, types.join(", ")))
}

/// Finds an object; PostgreSQL's error if there is none, or it is of another kind.
pub fn resolve(object: &ObjectRef, ctx: &StatementCtx<'_>) -> Result<ObjectAddress> {
    match object {
        ObjectRef::Named { kind, name } => named(*kind, name, ctx),
        ObjectRef::Type { kind, type_name } => {
            let info = type_named(type_name, ctx)?;
            if *kind == ObjectKind::Domain && info.kind != TypeKind::Domain {
                let name = pglitedb_analyzer::format_type(info.oid, -1, &ctx.analyze())?;
                return Err(err!(WRONG_OBJECT_TYPE, "\"{name}\" is not a domain"));
            }
            Ok(ObjectAddress::new(pg_type::RELATION, info.oid))
        }
        ObjectRef::OnRelation { kind, name, relation } => on_relation(*kind, name, relation, ctx),
        ObjectRef::DomainConstraint { name, domain } => {
            let info = type_named(domain, ctx)?;
            domain_constraint_named(&info, &name.name, ctx)
                .map(|oid| ObjectAddress::new(pg_constraint::RELATION, oid))
        }
        ObjectRef::Routine { kind, signature } => routine(*kind, signature, ctx),
        ObjectRef::Operator { name, left, right } => {
            let side = |name: &Option<TypeName>| match name {
                Some(name) => resolve_type_name(name, &ctx.analyze()).map(|(oid, _)| oid),
                None => Ok(0),
            };
            let found = lookup_operator(name, side(left)?, side(right)?, &ctx.analyze());
            found.map(|info| ObjectAddress::new(pg_operator::RELATION, info.oid)).map_err(without_position)
        }
        ObjectRef::OperatorSet { kind, name, method } => operator_set(*kind, name, method, ctx),
        ObjectRef::Cast { source, target } => {
            let (source, target) = (type_named(source, ctx)?, type_named(target, ctx)?);
            match ctx.catalog().cast(source.oid, target.oid)? {
                Some(cast) => Ok(ObjectAddress::new(pg_cast::RELATION, cast.oid)),
                None => {
                    let name = |oid| pglitedb_analyzer::format_type(oid, -1, &ctx.analyze());
                    Err(err!(
                        UNDEFINED_OBJECT,
                        "cast from type {} to type {} does not exist",
                        name(source.oid)?,
                        name(target.oid)?
                    ))
                }
            }
        }
        ObjectRef::Transform { .. } => Err(Error::unsupported("transforms are not supported yet")),
        ObjectRef::LargeObject(_) => Err(Error::unsupported("large objects are not supported yet")),
        ObjectRef::UserMapping { .. } => Err(Error::unsupported("user mappings are not supported yet")),
    }
}

fn operator_set(
    kind: ObjectKind,
    name: &QualifiedName,
    method: &Ident,
    ctx: &StatementCtx<'_>,
) -> Result<ObjectAddress> {
    let method_oid = global_object(pg_am::RELATION, &method.name, ctx)?.object;
    let spaces = match name.schema() {
        Some(schema) => vec![namespace_oid(schema, ctx)?],
        None => ctx.catalog().search_path(),
    };
    if kind == ObjectKind::OperatorClass {
        let found = ctx.catalog().opclasses_by_name(method_oid, name.last())?;
        let own = spaces.iter().find_map(|space| found.iter().find(|class| class.namespace == *space));
        return own.map(|class| ObjectAddress::new(pg_opclass::RELATION, class.oid)).ok_or_else(|| {
            err!(
                UNDEFINED_OBJECT,
                "operator class \"{}\" does not exist for access method \"{}\"",
                dotted(name),
                method.name
            )
        });
    }
    /// `pg_opfamily_am_name_nsp_index`
    const FAMILY_BY_NAME: Oid = 2754;
    let keys = [Datum::Oid(method_oid), Datum::text(name.last())];
    let rows = ctx
        .env()
        .with_catalog(|catalog| catalog.rows_by_index(pg_opfamily::RELATION, FAMILY_BY_NAME, &keys))?;
    let own = spaces.iter().find_map(|space| {
        rows.iter().find(|row| row.get(pg_opfamily::OPFNAMESPACE).and_then(Datum::as_oid) == Some(*space))
    });
    own.and_then(|row| row.first().and_then(Datum::as_oid))
        .map(|oid| ObjectAddress::new(pg_opfamily::RELATION, oid))
        .ok_or_else(|| {
            err!(
                UNDEFINED_OBJECT,
                "operator family \"{}\" does not exist for access method \"{}\"",
                dotted(name),
                method.name
            )
        })
}

/// Is an object one of the system's own, which nobody may alter?
pub fn is_builtin(address: ObjectAddress) -> bool {
    address.object < oids::FIRST_NORMAL_OID
}

/// The current user must own an object: `42501 must be owner of {what} {name}`.
pub fn check_object_owner(address: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<()> {
    if ctx.env().is_superuser() {
        return Ok(());
    }
    if address.class == pg_constraint::RELATION {
        let row = object_row(address, ctx)?;
        let oid = |at: usize| row.get(at).and_then(Datum::as_oid).unwrap_or(0);
        let (relation, domain) = (oid(pg_constraint::CONRELID), oid(pg_constraint::CONTYPID));
        let parent = if relation != 0 {
            ObjectAddress::new(pg_class::RELATION, relation)
        } else {
            ObjectAddress::new(pg_type::RELATION, domain)
        };
        return check_object_owner(parent, ctx);
    }
    let class = class_of(address.class)?;
    let row = object_row(address, ctx)?;
    let name = row.get(class.name).and_then(Datum::as_str).unwrap_or_default().to_owned();
    let what = match address.class {
        pg_class::RELATION => match row.get(pg_class::RELKIND) {
            Some(Datum::Char(letter)) => RelKind::from_letter(*letter).map_or("relation", kind_word),
            _ => "relation",
        },
        _ => class.what,
    };
    match class.owner.and_then(|at| row.get(at)).and_then(Datum::as_oid) {
        Some(owner) => super::util::check_owner(owner, what, &name, ctx),
        None => Err(err!(INSUFFICIENT_PRIVILEGE, "must be superuser to alter {what} {name}")),
    }
}

/// With IF EXISTS, a missing object is a notice and `None`.
pub fn unless_missing<T>(found: Result<T>, if_exists: bool, ctx: &StatementCtx<'_>) -> Result<Option<T>> {
    use pglitedb_sqlstate::{Severity, codes};
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if if_exists
                && [
                    codes::UNDEFINED_OBJECT,
                    codes::UNDEFINED_TABLE,
                    codes::UNDEFINED_SCHEMA,
                    codes::UNDEFINED_DATABASE,
                    codes::UNDEFINED_FUNCTION,
                    codes::UNDEFINED_COLUMN,
                ]
                .contains(&error.code()) =>
        {
            let notice = err!(SUCCESSFUL_COMPLETION, "{}, skipping", error.message());
            ctx.notice(notice.severity(Severity::Notice));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// `42710` if an object of a name is there already where this one, whose row is given, would go.
pub fn check_name_is_free(
    class: &ObjectClass,
    row: &[Datum],
    namespace: Option<Oid>,
    name: &str,
    ctx: &StatementCtx<'_>,
) -> Result<()> {
    let oid_at = |at: usize| row.get(at).and_then(Datum::as_oid).unwrap_or(0);
    let space = namespace.map(|oid| super::util::namespace_name(oid, ctx)).transpose()?.unwrap_or_default();
    let (taken, what) = match class.catalog {
        pg_opclass::RELATION | pg_opfamily::RELATION => {
            let method = oid_at(pg_opclass::OPCMETHOD);
            let keys = [Datum::Oid(method), Datum::text(name), Datum::Oid(namespace.unwrap_or(0))];
            let index = class.by_name;
            let rows =
                ctx.env().with_catalog(|catalog| catalog.rows_by_index(class.catalog, index, &keys))?;
            let row = object_row(ObjectAddress::new(pg_am::RELATION, method), ctx)?;
            let method = row.get(pg_am::AMNAME).and_then(Datum::as_str).unwrap_or_default();
            let text = format!("{} \"{name}\" for access method \"{method}\"", class.what);
            (rows.iter().any(|row| row.get(3).and_then(Datum::as_oid) == namespace), text)
        }
        pg_proc::RELATION => {
            let own = ctx.catalog().proc(oid_at(pg_proc::OID))?;
            let types = own.map(|own| own.arg_types.clone()).unwrap_or_default();
            let known = ctx.catalog().procs_by_name(name)?;
            let same = |info: &Arc<pglitedb_catalog::ProcInfo>| {
                Some(info.namespace) == namespace && info.arg_types == types
            };
            let text = super::define::signature_text(name, &types, ctx);
            if known.iter().any(same) {
                return Err(err!(DUPLICATE_FUNCTION, "function {text} already exists in schema \"{space}\""));
            }
            return Ok(());
        }
        pg_collation::RELATION => {
            let taken = object_by_name(class, namespace, name, ctx)?.is_some();
            (taken, format!("collation \"{name}\" for encoding \"UTF8\""))
        }
        _ => {
            let taken = object_by_name(class, namespace, name, ctx)?.is_some();
            (taken, format!("{} \"{name}\"", class.what))
        }
    };
    match (taken, namespace) {
        (false, _) => Ok(()),
        (true, Some(_)) => Err(err!(DUPLICATE_OBJECT, "{what} already exists in schema \"{space}\"")),
        (true, None) => Err(err!(DUPLICATE_OBJECT, "{what} already exists")),
    }
}
