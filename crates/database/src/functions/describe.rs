//! Objects by class and OID: what they are called.

use super::env_of;
use super::reg::{output, qualified};
use super::rows::{Row, record};
use crate::env::Env;
use pglitedb_catalog::builtin::columns::*;
use pglitedb_catalog::{Catalog, RelKind};
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::{Datum, Oid, RegKind, oids, quote_identifier};

/// What there is to say about an object.
struct Identity {
    /// `table`, `function`, ...
    kind: String,
    schema: Option<String>,
    /// Set where schema and name alone identify it.
    name: Option<String>,
    /// With everything needed to name it anywhere.
    identity: String,
    /// As messages about dependencies call it.
    description: String,
}

fn relation(env: &Env, oid: Oid, part: i32) -> Result<Option<Identity>> {
    let Some(row) = Row::by_oid(env, pg_class::RELATION, oid)? else { return Ok(None) };
    let kind = RelKind::from_letter(row.char(pg_class::RELKIND)).unwrap_or(RelKind::Table);
    let (namespace, name) = (row.oid(pg_class::RELNAMESPACE), row.text(pg_class::RELNAME));
    let schema = env.namespace_name(namespace)?.map(|schema| quote_identifier(&schema).into_owned());
    let word = crate::ddl::describe::kind_word(kind);
    let full = qualified(env, namespace, &name, false)?;
    let shown = output(env, RegKind::Class, oid)?.unwrap_or_else(|| oid.to_string());
    if part == 0 {
        return Ok(Some(Identity {
            kind: word.to_owned(),
            schema,
            name: Some(quote_identifier(&name).into_owned()),
            identity: full,
            description: format!("{word} {shown}"),
        }));
    }
    let column = env
        .relation(oid)?
        .and_then(|relation| relation.column(i16::try_from(part).ok()?).map(|column| column.name.clone()));
    let Some(column) = column else { return Ok(None) };
    let quoted = quote_identifier(&column);
    Ok(Some(Identity {
        kind: format!("{word} column"),
        schema,
        name: Some(quote_identifier(&name).into_owned()),
        identity: format!("{full}.{quoted}"),
        description: format!("column {column} of {word} {shown}"),
    }))
}

fn function(env: &Env, oid: Oid) -> Result<Option<Identity>> {
    let Some(proc) = env.proc(oid)? else { return Ok(None) };
    let kind = match proc.kind {
        pglitedb_catalog::ProcKind::Procedure => "procedure",
        pglitedb_catalog::ProcKind::Aggregate => "aggregate",
        _ => "function",
    };
    let types: Result<Vec<String>> =
        proc.arg_types.iter().map(|oid| pglitedb_types::format_type(*oid, -1, env)).collect();
    let name = qualified(env, proc.namespace, &proc.name, false)?;
    let shown = output(env, RegKind::Procedure, oid)?.unwrap_or_default();
    Ok(Some(Identity {
        kind: kind.to_owned(),
        schema: env.namespace_name(proc.namespace)?.map(|schema| quote_identifier(&schema).into_owned()),
        name: None,
        identity: format!("{name}({})", types?.join(",")),
        description: format!("{} {shown}", if kind == "aggregate" { "function" } else { kind }),
    }))
}

fn type_identity(env: &Env, oid: Oid) -> Result<Option<Identity>> {
    let Some(info) = Catalog::type_info(env, oid)? else { return Ok(None) };
    let shown = pglitedb_types::format_type(oid, -1, env)?;
    let full =
        if info.namespace == 11 { shown.clone() } else { qualified(env, info.namespace, &info.name, false)? };
    Ok(Some(Identity {
        kind: "type".to_owned(),
        schema: env.namespace_name(info.namespace)?.map(|schema| quote_identifier(&schema).into_owned()),
        name: Some(quote_identifier(&info.name).into_owned()),
        identity: full,
        description: format!("type {shown}"),
    }))
}

/// An object that belongs to a table: constraint, trigger, rule, policy.
fn of_table(env: &Env, kind: &str, name: &str, table: Oid) -> Result<Identity> {
    let owner = relation(env, table, 0)?;
    let (schema, identity, description) = match owner {
        Some(owner) => (owner.schema, owner.identity, owner.description),
        None => (None, String::new(), String::new()),
    };
    let full = match kind {
        "table constraint" | "trigger" | "rule" | "policy" => {
            format!("{} on {identity}", quote_identifier(name))
        }
        _ => identity,
    };
    let short = kind.strip_prefix("table ").unwrap_or(kind);
    Ok(Identity {
        kind: kind.to_owned(),
        schema,
        name: None,
        identity: full,
        description: format!("{short} {name} on {description}"),
    })
}

/// An object with nothing but a name.
fn named(kind: &str, name: &str) -> Identity {
    let quoted = quote_identifier(name).into_owned();
    Identity {
        kind: kind.to_owned(),
        schema: None,
        name: Some(quoted.clone()),
        identity: quoted,
        description: format!("{kind} {name}"),
    }
}

fn default_of_column(env: &Env, oid: Oid) -> Result<Option<Identity>> {
    let Some(row) = Row::by_oid(env, pg_attrdef::RELATION, oid)? else { return Ok(None) };
    let part = i32::try_from(row.int(pg_attrdef::ADNUM)).unwrap_or(0);
    let column = relation(env, row.oid(pg_attrdef::ADRELID), part)?;
    Ok(column.map(|column| Identity {
        kind: "default value".to_owned(),
        schema: None,
        name: None,
        identity: format!("for {}", column.identity),
        description: format!("default value for {}", column.description),
    }))
}

fn constraint(env: &Env, oid: Oid) -> Result<Option<Identity>> {
    let Some(row) = Row::by_oid(env, pg_constraint::RELATION, oid)? else { return Ok(None) };
    let name = row.text(pg_constraint::CONNAME);
    let table = row.oid(pg_constraint::CONRELID);
    if table != 0 {
        return of_table(env, "table constraint", &name, table).map(Some);
    }
    let domain = type_identity(env, row.oid(pg_constraint::CONTYPID))?;
    Ok(domain.map(|domain| Identity {
        kind: "domain constraint".to_owned(),
        schema: domain.schema,
        name: None,
        identity: format!("{} on {}", quote_identifier(&name), domain.identity),
        description: format!("constraint {name}"),
    }))
}

/// Catalogs whose objects have a name only: OID, column of the name, word.
const NAMED: [(Oid, usize, &str); 11] = [
    (pg_namespace::RELATION, pg_namespace::NSPNAME, "schema"),
    (pg_authid::RELATION, pg_authid::ROLNAME, "role"),
    (pg_database::RELATION, pg_database::DATNAME, "database"),
    (pg_tablespace::RELATION, pg_tablespace::SPCNAME, "tablespace"),
    (pg_language::RELATION, pg_language::LANNAME, "language"),
    (pg_extension::RELATION, pg_extension::EXTNAME, "extension"),
    (pg_am::RELATION, pg_am::AMNAME, "access method"),
    (pg_foreign_data_wrapper::RELATION, pg_foreign_data_wrapper::FDWNAME, "foreign-data wrapper"),
    (pg_foreign_server::RELATION, pg_foreign_server::SRVNAME, "server"),
    (pg_event_trigger::RELATION, pg_event_trigger::EVTNAME, "event trigger"),
    (pg_publication::RELATION, pg_publication::PUBNAME, "publication"),
];

/// Catalogs whose objects have a schema and a name.
const IN_SCHEMA: [(Oid, usize, usize, &str); 6] = [
    (pg_collation::RELATION, pg_collation::COLLNAME, pg_collation::COLLNAMESPACE, "collation"),
    (pg_conversion::RELATION, pg_conversion::CONNAME, pg_conversion::CONNAMESPACE, "conversion"),
    (
        pg_statistic_ext::RELATION,
        pg_statistic_ext::STXNAME,
        pg_statistic_ext::STXNAMESPACE,
        "statistics object",
    ),
    (pg_ts_config::RELATION, pg_ts_config::CFGNAME, pg_ts_config::CFGNAMESPACE, "text search configuration"),
    (pg_ts_dict::RELATION, pg_ts_dict::DICTNAME, pg_ts_dict::DICTNAMESPACE, "text search dictionary"),
    (pg_ts_parser::RELATION, pg_ts_parser::PRSNAME, pg_ts_parser::PRSNAMESPACE, "text search parser"),
];

/// Catalogs whose objects belong to a table.
const OF_TABLE: [(Oid, usize, usize, &str); 3] = [
    (pg_trigger::RELATION, pg_trigger::TGNAME, pg_trigger::TGRELID, "trigger"),
    (pg_rewrite::RELATION, pg_rewrite::RULENAME, pg_rewrite::EV_CLASS, "rule"),
    (pg_policy::RELATION, pg_policy::POLNAME, pg_policy::POLRELID, "policy"),
];

fn identity(env: &Env, class: Oid, object: Oid, part: i32) -> Result<Option<Identity>> {
    match class {
        pg_class::RELATION => return relation(env, object, part),
        pg_proc::RELATION => return function(env, object),
        pg_type::RELATION => return type_identity(env, object),
        pg_attrdef::RELATION => return default_of_column(env, object),
        pg_constraint::RELATION => return constraint(env, object),
        pg_operator::RELATION => {
            let shown = output(env, RegKind::Operator, object)?;
            let Some(found) = env.operator(object)? else { return Ok(None) };
            let shown = shown.unwrap_or_default();
            return Ok(Some(Identity {
                kind: "operator".to_owned(),
                schema: env.namespace_name(found.namespace)?.map(|schema| schema.to_string()),
                name: None,
                identity: shown.clone(),
                description: format!("operator {shown}"),
            }));
        }
        _ => {}
    }
    if let Some((_, at, kind)) = NAMED.iter().find(|(known, ..)| *known == class) {
        let row = Row::by_oid(env, class, object)?;
        return Ok(row.map(|row| named(kind, &row.text(*at))));
    }
    if let Some((_, at, at_schema, kind)) = IN_SCHEMA.iter().find(|(known, ..)| *known == class) {
        let Some(row) = Row::by_oid(env, class, object)? else { return Ok(None) };
        let full = qualified(env, row.oid(*at_schema), &row.text(*at), false)?;
        return Ok(Some(Identity {
            schema: env
                .namespace_name(row.oid(*at_schema))?
                .map(|schema| quote_identifier(&schema).into_owned()),
            identity: full.clone(),
            description: format!("{kind} {}", row.text(*at)),
            ..named(kind, &row.text(*at))
        }));
    }
    if let Some((_, at, at_table, kind)) = OF_TABLE.iter().find(|(known, ..)| *known == class) {
        let Some(row) = Row::by_oid(env, class, object)? else { return Ok(None) };
        return of_table(env, kind, &row.text(*at), row.oid(*at_table)).map(Some);
    }
    if env.relation(class)?.is_none_or(|relation| !relation.is_catalog) {
        bail!(INVALID_PARAMETER_VALUE, "unsupported object class: {class}");
    }
    match Row::by_oid(env, class, object)? {
        Some(_) => Err(pglitedb_sqlstate::Error::unsupported(format!(
            "describing objects of class {class} is not supported yet"
        ))),
        None => Ok(None),
    }
}

fn describe(ctx: &FnCtx<'_>, class: Oid, object: Oid, part: i32) -> Result<Option<String>> {
    // What is pinned depends on nothing.
    if class == 0 && object == 0 {
        return Ok(None);
    }
    Ok(identity(env_of(ctx)?, class, object, part)?.map(|found| found.description))
}

fn identify(ctx: &FnCtx<'_>, class: Oid, object: Oid, part: i32) -> Result<Datum> {
    let found = identity(env_of(ctx)?, class, object, part)?;
    let text = |text: Option<String>| (text.map_or(Datum::Null, |text| Datum::Text(text.into())), oids::TEXT);
    Ok(match found {
        Some(found) => record(vec![
            text(Some(found.kind)),
            text(found.schema),
            text(found.name),
            text(Some(found.identity)),
        ]),
        None => record(vec![text(None), text(None), text(None), text(None)]),
    })
}

fn access_list(ctx: &FnCtx<'_>, class: Oid, object: Oid, part: i32) -> Result<Datum> {
    let env = env_of(ctx)?;
    if class == pg_class::RELATION && part != 0 {
        let attnum = i16::try_from(part).unwrap_or(0);
        return Ok(super::acl::column_list(env, object, attnum)?.unwrap_or(Datum::Null));
    }
    let at = match class {
        pg_class::RELATION => pg_class::RELACL,
        pg_proc::RELATION => pg_proc::PROACL,
        pg_type::RELATION => pg_type::TYPACL,
        pg_namespace::RELATION => pg_namespace::NSPACL,
        pg_database::RELATION => pg_database::DATACL,
        pg_language::RELATION => pg_language::LANACL,
        pg_tablespace::RELATION => pg_tablespace::SPCACL,
        _ => return Ok(Datum::Null),
    };
    Ok(Row::by_oid(env, class, object)?.map_or(Datum::Null, |row| row.get(at).clone()))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "pg_describe_object" => [ctx] |class: u32, object: u32, part: i32| describe(ctx, class, object, part);
        "pg_identify_object" => [ctx] |class: u32, object: u32, part: i32| identify(ctx, class, object, part);
        "pg_get_acl" => [ctx] |class: u32, object: u32, part: i32| access_list(ctx, class, object, part);
    );
}
