//! Objects in words, for messages.

use super::util::namespace_name;
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::{
    pg_am, pg_attrdef, pg_authid, pg_cast, pg_class, pg_collation, pg_constraint, pg_conversion, pg_database,
    pg_default_acl, pg_namespace, pg_opclass, pg_operator, pg_opfamily, pg_proc, pg_rewrite, pg_type,
};
use pglitedb_catalog::{RelKind, Relation};
use pglitedb_sqlstate::Result;
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid, quote_identifier};

/// `table`, `view`, ... of a relation kind.
pub fn kind_word(kind: RelKind) -> &'static str {
    match kind {
        RelKind::Table | RelKind::PartitionedTable => "table",
        RelKind::Index | RelKind::PartitionedIndex => "index",
        RelKind::Sequence => "sequence",
        RelKind::Toast => "toast table",
        RelKind::View => "view",
        RelKind::MaterializedView => "materialized view",
        RelKind::CompositeType => "composite type",
        RelKind::ForeignTable => "foreign table",
    }
}

/// `This operation is not supported for views.`
pub fn unsupported_kind_detail(kind: RelKind) -> String {
    let plural = match kind {
        RelKind::Table => "tables",
        RelKind::Index => "indexes",
        RelKind::Sequence => "sequences",
        RelKind::Toast => "TOAST tables",
        RelKind::View => "views",
        RelKind::MaterializedView => "materialized views",
        RelKind::CompositeType => "composite types",
        RelKind::ForeignTable => "foreign tables",
        RelKind::PartitionedTable => "partitioned tables",
        RelKind::PartitionedIndex => "partitioned indexes",
    };
    format!("This operation is not supported for {plural}.")
}

/// A relation's name, with its schema unless the search path finds it.
pub fn relation_name(relation: &Relation, ctx: &StatementCtx<'_>) -> Result<String> {
    let mut visible = false;
    for schema in ctx.catalog().search_path() {
        if let Some(oid) = ctx.catalog().relation_oid(schema, &relation.name)? {
            visible = oid == relation.oid;
            break;
        }
    }
    let name = quote_identifier(&relation.name);
    Ok(if visible {
        name.to_string()
    } else {
        format!("{}.{name}", quote_identifier(&relation.namespace_name))
    })
}

fn relation_in_words(oid: Oid, ctx: &StatementCtx<'_>) -> Result<String> {
    if let Some(relation) = ctx.catalog().relation(oid)? {
        return Ok(format!("{} {}", kind_word(relation.kind), relation_name(&relation, ctx)?));
    }
    if let Some(index) = ctx.catalog().index(oid)? {
        return Ok(format!("index {}", quote_identifier(&index.name)));
    }
    Ok(format!("relation {oid}"))
}

fn row_of(catalog: Oid, oid: Oid, ctx: &StatementCtx<'_>) -> Result<Option<Vec<Datum>>> {
    ctx.env().with_catalog(|found| found.row(catalog, u64::from(oid)))
}

fn text(row: &[Datum], column: usize) -> String {
    row.get(column).and_then(Datum::as_str).unwrap_or("?").to_owned()
}

/// The object as PostgreSQL describes it: `table t`, `column a of table t`, `constraint c on table t`, ...
pub fn object(object: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<String> {
    let oid = object.object;
    Ok(match object.class {
        pg_class::RELATION if object.part != 0 => {
            let relation = ctx.catalog().relation(oid)?;
            let attnum = i16::try_from(object.part).unwrap_or(0);
            let column = relation
                .as_ref()
                .and_then(|relation| relation.column(attnum))
                .map_or_else(|| object.part.to_string(), |column| quote_identifier(&column.name).to_string());
            format!("column {column} of {}", relation_in_words(oid, ctx)?)
        }
        pg_class::RELATION => relation_in_words(oid, ctx)?,
        pg_type::RELATION => {
            let env = pglitedb_functions::SessionEnv::as_type_env(ctx.env());
            format!("type {}", pglitedb_types::format_type_be(oid, env).unwrap_or_else(|_| oid.to_string()))
        }
        pg_constraint::RELATION => match row_of(pg_constraint::RELATION, oid, ctx)? {
            Some(row) => {
                let name = quote_identifier(&text(&row, pg_constraint::CONNAME)).to_string();
                match row.get(pg_constraint::CONRELID).and_then(Datum::as_oid) {
                    Some(relation) if relation != 0 => {
                        format!("constraint {name} on {}", relation_in_words(relation, ctx)?)
                    }
                    _ => format!("constraint {name}"),
                }
            }
            None => format!("constraint {oid}"),
        },
        pg_attrdef::RELATION => match row_of(pg_attrdef::RELATION, oid, ctx)? {
            Some(row) => {
                let relation = row.get(pg_attrdef::ADRELID).and_then(Datum::as_oid).unwrap_or(0);
                let attnum = row.get(pg_attrdef::ADNUM).and_then(Datum::as_i64).unwrap_or(0);
                let column = ObjectAddress::column(relation, i16::try_from(attnum).unwrap_or(0));
                format!("default value for {}", self::object(column, ctx)?)
            }
            None => format!("default value {oid}"),
        },
        pg_rewrite::RELATION => match row_of(pg_rewrite::RELATION, oid, ctx)? {
            Some(row) => {
                let relation = row.get(pg_rewrite::EV_CLASS).and_then(Datum::as_oid).unwrap_or(0);
                format!("rule {} on {}", text(&row, pg_rewrite::RULENAME), relation_in_words(relation, ctx)?)
            }
            None => format!("rule {oid}"),
        },
        pg_namespace::RELATION => format!("schema {}", quote_identifier(&namespace_name(oid, ctx)?)),
        pg_proc::RELATION => match ctx.catalog().proc(oid)? {
            Some(proc) => {
                let env = pglitedb_functions::SessionEnv::as_type_env(ctx.env());
                let args: Vec<String> = proc
                    .arg_types
                    .iter()
                    .map(|arg| pglitedb_types::format_type_be(*arg, env))
                    .collect::<Result<_>>()?;
                format!("function {}({})", quote_identifier(&proc.name), args.join(","))
            }
            None => format!("function {oid}"),
        },
        pg_operator::RELATION => match ctx.catalog().operator(oid)? {
            Some(info) => {
                format!("operator {}", qualify(info.namespace, &super::operator::text(&info, ctx), ctx)?)
            }
            None => format!("operator {oid}"),
        },
        pg_cast::RELATION => match row_of(pg_cast::RELATION, oid, ctx)? {
            Some(row) => {
                let type_at = |at: usize| row.get(at).and_then(Datum::as_oid).unwrap_or(0);
                let name = |oid| pglitedb_analyzer::format_type(oid, -1, &ctx.analyze());
                format!(
                    "cast from {} to {}",
                    name(type_at(pg_cast::CASTSOURCE))?,
                    name(type_at(pg_cast::CASTTARGET))?
                )
            }
            None => format!("cast {oid}"),
        },
        pg_collation::RELATION => match ctx.catalog().collation(oid)? {
            Some(info) => {
                let name = quote_identifier(&info.name).to_string();
                format!("collation {}", qualify(info.namespace, &name, ctx)?)
            }
            None => format!("collation {oid}"),
        },
        pg_conversion::RELATION => match row_of(pg_conversion::RELATION, oid, ctx)? {
            Some(row) => format!("conversion {}", quote_identifier(&text(&row, pg_conversion::CONNAME))),
            None => format!("conversion {oid}"),
        },
        pg_opclass::RELATION => match ctx.catalog().opclass(oid)? {
            Some(info) => {
                let name = qualify(info.namespace, &quote_identifier(&info.name), ctx)?;
                format!("operator class {name} for access method {}", access_method(info.method, ctx)?)
            }
            None => format!("operator class {oid}"),
        },
        pg_opfamily::RELATION => match row_of(pg_opfamily::RELATION, oid, ctx)? {
            Some(row) => {
                let oid_at = |at: usize| row.get(at).and_then(Datum::as_oid).unwrap_or(0);
                let name = quote_identifier(&text(&row, pg_opfamily::OPFNAME)).to_string();
                let name = qualify(oid_at(pg_opfamily::OPFNAMESPACE), &name, ctx)?;
                let method = access_method(oid_at(pg_opfamily::OPFMETHOD), ctx)?;
                format!("operator family {name} for access method {method}")
            }
            None => format!("operator family {oid}"),
        },
        pg_authid::RELATION => match row_of(pg_authid::RELATION, oid, ctx)? {
            Some(row) => format!("role {}", quote_identifier(&text(&row, pg_authid::ROLNAME))),
            None => format!("role {oid}"),
        },
        pg_default_acl::RELATION => match row_of(pg_default_acl::RELATION, oid, ctx)? {
            Some(row) => default_privileges(&row, ctx)?,
            None => format!("default privileges {oid}"),
        },
        pg_database::RELATION => match row_of(pg_database::RELATION, oid, ctx)? {
            Some(row) => format!("database {}", quote_identifier(&text(&row, pg_database::DATNAME))),
            None => format!("database {oid}"),
        },
        class if super::text_search::is_class(class) => {
            let found = super::object::class_of(class)?;
            match row_of(class, oid, ctx)? {
                Some(row) => {
                    let name = text(&row, found.name);
                    let namespace =
                        found.namespace.and_then(|at| row.get(at)).and_then(Datum::as_oid).unwrap_or(0);
                    let mut first = None;
                    for schema in ctx.catalog().search_path() {
                        first = super::object::object_by_name(found, Some(schema), &name, ctx)?;
                        if first.is_some() {
                            break;
                        }
                    }
                    let name = quote_identifier(&name);
                    if first == Some(oid) {
                        format!("{} {name}", found.what)
                    } else {
                        let schema = namespace_name(namespace, ctx)?;
                        format!("{} {}.{name}", found.what, quote_identifier(&schema))
                    }
                }
                None => format!("{} {oid}", found.what),
            }
        }
        class => format!("object {oid} of catalog {class}"),
    })
}

/// A name with its schema, unless that is searched.
fn qualify(namespace: Oid, name: &str, ctx: &StatementCtx<'_>) -> Result<String> {
    if ctx.catalog().search_path().contains(&namespace) {
        return Ok(name.to_owned());
    }
    Ok(format!("{}.{name}", quote_identifier(&namespace_name(namespace, ctx)?)))
}

fn access_method(oid: Oid, ctx: &StatementCtx<'_>) -> Result<String> {
    Ok(row_of(pg_am::RELATION, oid, ctx)?.map_or_else(|| oid.to_string(), |row| text(&row, pg_am::AMNAME)))
}

fn default_privileges(row: &[Datum], ctx: &StatementCtx<'_>) -> Result<String> {
    let what = match row.get(pg_default_acl::DEFACLOBJTYPE) {
        Some(Datum::Char(b'S')) => "sequences",
        Some(Datum::Char(b'f')) => "functions",
        Some(Datum::Char(b'T')) => "types",
        Some(Datum::Char(b'n')) => "schemas",
        _ => "relations",
    };
    let role = row.get(pg_default_acl::DEFACLROLE).and_then(Datum::as_oid).unwrap_or(0);
    let role = ctx.env().user_name(role)?.map_or_else(|| role.to_string(), |name| name.to_string());
    let schema = row.get(pg_default_acl::DEFACLNAMESPACE).and_then(Datum::as_oid).unwrap_or(0);
    let mut text = format!("default privileges on new {what} belonging to role {role}");
    if schema != 0 {
        text.push_str(&format!(" in schema {}", namespace_name(schema, ctx)?));
    }
    Ok(text)
}
