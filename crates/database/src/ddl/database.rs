//! CREATE, ALTER and DROP DATABASE.

use super::comment::set_shared;
use super::object::{check_object_owner, global_object, object_row};
use super::options::value_text;
use super::role::{self, role_oid};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::{
    pg_authid,
    pg_database::{self, *},
    pg_shdepend,
};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{
    AlterDatabaseAction, AlterDatabaseStatement, CreateDatabaseStatement, DefElem, DefValue,
    DropDatabaseStatement, NumericOnly, RoleSpec, RoleSpecKind, Span,
};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::storage_error;
use pglitedb_tables::system::ObjectAddress;
use pglitedb_types::{Datum, Oid};

/// What CREATE and ALTER DATABASE may say.
#[derive(Default)]
struct Options {
    owner: Option<Oid>,
    template: Option<String>,
    is_template: Option<bool>,
    allow_connections: Option<bool>,
    connection_limit: Option<i32>,
}

fn boolean(option: &DefElem) -> Result<bool> {
    let text = match &option.value {
        None => return Ok(true),
        Some(DefValue::Boolean(value)) => return Ok(*value),
        Some(value) => value_text(value)?,
    };
    crate::settings::value::parse_bool(&text)
        .ok_or_else(|| err!(SYNTAX_ERROR, "{} requires a Boolean value", option.name.name))
}

fn integer(option: &DefElem) -> Result<i32> {
    match &option.value {
        Some(DefValue::Number(NumericOnly::Integer(value))) => Ok(*value),
        _ => Err(err!(SYNTAX_ERROR, "{} requires an integer value", option.name.name)),
    }
}

fn read_options(list: &[DefElem], create: bool, ctx: &StatementCtx<'_>) -> Result<Options> {
    let mut found = Options::default();
    let mut seen: Vec<&str> = Vec::new();
    for option in list {
        let name = &*option.name.name;
        let at = option.span.offset();
        if seen.contains(&name) {
            return Err(err!(SYNTAX_ERROR, "conflicting or redundant options").at(at));
        }
        seen.push(name);
        // DEFAULT is as if nothing were said.
        if matches!(option.value, Some(DefValue::Default)) {
            continue;
        }
        let text = || option.value.as_ref().map_or(Ok(String::new()), value_text);
        match name {
            "owner" if create => {
                let spec = RoleSpec { kind: RoleSpecKind::Name(text()?.into()), span: Span::default() };
                found.owner = Some(role_oid(&spec, ctx)?);
            }
            "template" if create => found.template = Some(text()?),
            "is_template" => found.is_template = Some(boolean(option)?),
            "allow_connections" => found.allow_connections = Some(boolean(option)?),
            "connection_limit" => {
                let limit = integer(option)?;
                if limit < -1 {
                    return Err(err!(INVALID_PARAMETER_VALUE, "invalid connection limit: {limit}"));
                }
                found.connection_limit = Some(limit);
            }
            "encoding" if create => check_encoding(option, &text()?)?,
            "lc_collate" | "lc_ctype" | "locale" if create => check_locale(name, &text()?)?,
            "tablespace" => {
                let name = text()?;
                if name != "pg_default" {
                    return Err(err!(UNDEFINED_OBJECT, "tablespace \"{name}\" does not exist"));
                }
            }
            "strategy" if create => {
                let name = text()?;
                if !matches!(name.to_ascii_lowercase().as_str(), "wal_log" | "file_copy") {
                    return Err(err!(INVALID_PARAMETER_VALUE, "invalid create database strategy \"{name}\"")
                        .hint("Valid strategies are \"wal_log\" and \"file_copy\"."));
                }
            }
            "locale_provider" if create => match text()?.as_str() {
                "libc" => {}
                other @ ("icu" | "builtin") => {
                    return Err(Error::unsupported(format!(
                        "locale provider \"{other}\" is not supported yet"
                    )));
                }
                other => {
                    return Err(err!(INVALID_OBJECT_DEFINITION, "unrecognized locale provider: {other}"));
                }
            },
            "builtin_locale" | "icu_locale" | "icu_rules" | "collation_version" | "oid" if create => {
                return Err(Error::unsupported(format!(
                    "CREATE DATABASE ... {} is not supported yet",
                    name.to_uppercase()
                )));
            }
            "location" => {
                let warning = err!(FEATURE_NOT_SUPPORTED, "LOCATION is not supported anymore")
                    .hint("Consider using tablespaces instead.");
                ctx.notice(warning.severity(Severity::Warning).at(at));
            }
            _ => return Err(err!(SYNTAX_ERROR, "option \"{name}\" not recognized").at(at)),
        }
    }
    Ok(found)
}

fn check_encoding(option: &DefElem, name: &str) -> Result<()> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match plain.as_str() {
        "utf8" | "unicode" | "6" => Ok(()),
        _ if matches!(option.value, Some(DefValue::Number(_))) => {
            Err(err!(UNDEFINED_OBJECT, "{name} is not a valid encoding code").at(option.span.offset()))
        }
        _ => Err(Error::unsupported(format!("database encoding \"{name}\" is not supported: only UTF8 is"))),
    }
}

/// Text is compared by its bytes, whatever the locale's name.
fn check_locale(option: &str, name: &str) -> Result<()> {
    let lower = name.to_ascii_lowercase();
    if matches!(lower.as_str(), "c" | "posix" | "c.utf-8" | "c.utf8") {
        return Ok(());
    }
    Err(Error::unsupported(format!("{} \"{name}\" is not supported: only C is", option.to_uppercase())))
}

/// CREATE DATABASE.
pub fn create(stmt: &CreateDatabaseStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    ctx.prevent_in_block("CREATE DATABASE")?;
    let name = &*stmt.name.name;
    let options = read_options(&stmt.options, true, ctx)?;
    if !role::user_has(pg_authid::ROLCREATEDB, ctx)? {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to create database"));
    }
    let owner = options.owner.unwrap_or_else(|| ctx.env().current_user());
    super::owner::check_may_give(owner, None, ctx)?;
    let template = options.template.as_deref().unwrap_or("template1");
    let Ok(source) = global_object(pg_database::RELATION, template, ctx) else {
        return Err(err!(UNDEFINED_DATABASE, "template database \"{template}\" does not exist"));
    };
    let template_row = object_row(source, ctx)?;
    let is_template = template_row.get(DATISTEMPLATE).and_then(Datum::as_bool) == Some(true);
    if !is_template && check_object_owner(source, ctx).is_err() {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to copy database \"{template}\""));
    }
    if global_object(pg_database::RELATION, name, ctx).is_ok() {
        return Err(err!(DUPLICATE_DATABASE, "database \"{name}\" already exists"));
    }
    refuse_used_template(source.object, template, ctx)?;
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let mut row = template_row;
    row[OID] = Datum::Oid(oid);
    row[DATNAME] = Datum::text(name);
    row[DATDBA] = Datum::Oid(owner);
    row[DATISTEMPLATE] = Datum::Bool(options.is_template.unwrap_or(false));
    row[DATALLOWCONN] = Datum::Bool(options.allow_connections.unwrap_or(true));
    row[DATCONNLIMIT] = Datum::Int4(options.connection_limit.unwrap_or(-1));
    row[DATACL] = Datum::Null;
    writer.insert(pg_database::RELATION, &row)?;
    writer.record_role_dependency(ObjectAddress::new(pg_database::RELATION, oid), owner, b'o')
}

/// A database that has objects of its own would have to be copied.
fn refuse_used_template(oid: Oid, name: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let storages = ctx.space().engine().list_storages(oid).map_err(storage_error)?;
    if storages.is_empty() {
        return Ok(());
    }
    Err(Error::unsupported(format!(
        "copying the template database \"{name}\", which has objects of its own, is not supported yet"
    )))
}

/// ALTER DATABASE.
pub fn alter(stmt: &AlterDatabaseStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let database = global_object(pg_database::RELATION, &stmt.name.name, ctx)?;
    check_object_owner(database, ctx)?;
    match &stmt.action {
        AlterDatabaseAction::Options(list) => {
            let options = read_options(list, false, ctx)?;
            if options.allow_connections == Some(false) && database.object == ctx.env().database_oid() {
                return Err(err!(
                    INVALID_PARAMETER_VALUE,
                    "cannot disallow connections for current database"
                ));
            }
            ctx.writer()?.update_oid(pg_database::RELATION, database.object, |row| {
                if let Some(value) = options.is_template {
                    row[DATISTEMPLATE] = Datum::Bool(value);
                }
                if let Some(value) = options.allow_connections {
                    row[DATALLOWCONN] = Datum::Bool(value);
                }
                if let Some(limit) = options.connection_limit {
                    row[DATCONNLIMIT] = Datum::Int4(limit);
                }
                Ok(())
            })
        }
        AlterDatabaseAction::SetTablespace(name) if &*name.name == "pg_default" => Ok(()),
        AlterDatabaseAction::SetTablespace(name) => {
            Err(err!(UNDEFINED_OBJECT, "tablespace \"{}\" does not exist", name.name))
        }
        AlterDatabaseAction::RefreshCollationVersion => {
            ctx.notice(err!(SUCCESSFUL_COMPLETION, "version has not changed").severity(Severity::Notice));
            Ok(())
        }
        AlterDatabaseAction::Set(set) => role::alter_database_set(database.object, set, ctx),
    }
}

/// Sessions other than this one in a database.
fn other_sessions(database: Oid, ctx: &StatementCtx<'_>) -> usize {
    let own = ctx.env().pid();
    let sessions = ctx.env().cluster.sessions.list();
    sessions.iter().filter(|session| session.database == database && session.pid != own).count()
}

fn refuse_used(name: &str, database: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    let detail = match other_sessions(database, ctx) {
        0 => return Ok(()),
        1 => "There is 1 other session using the database.".to_owned(),
        count => format!("There are {count} other sessions using the database."),
    };
    Err(err!(OBJECT_IN_USE, "database \"{name}\" is being accessed by other users").detail(detail))
}

/// ALTER DATABASE ... RENAME.
pub fn rename(database: Oid, new: &str, ctx: &StatementCtx<'_>) -> Result<()> {
    let address = ObjectAddress::new(pg_database::RELATION, database);
    check_object_owner(address, ctx)?;
    if !role::user_has(pg_authid::ROLCREATEDB, ctx)? {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to rename database"));
    }
    if global_object(pg_database::RELATION, new, ctx).is_ok() {
        return Err(err!(DUPLICATE_DATABASE, "database \"{new}\" already exists"));
    }
    if database == ctx.env().database_oid() {
        return Err(err!(FEATURE_NOT_SUPPORTED, "current database cannot be renamed"));
    }
    let row = object_row(address, ctx)?;
    refuse_used(row.get(DATNAME).and_then(Datum::as_str).unwrap_or("?"), database, ctx)?;
    ctx.writer()?.update_oid(pg_database::RELATION, database, |row| {
        row[DATNAME] = Datum::text(new);
        Ok(())
    })
}

/// DROP DATABASE.
pub fn drop(stmt: &DropDatabaseStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    /// `pg_shdepend_depender_index`
    const BY_DEPENDER: Oid = 1232;
    ctx.prevent_in_block("DROP DATABASE")?;
    let name = &*stmt.name.name;
    let mut force = false;
    for option in &stmt.options {
        match &*option.name.name {
            "force" => force = true,
            other => {
                return Err(err!(SYNTAX_ERROR, "unrecognized DROP DATABASE option \"{other}\"")
                    .at(option.span.offset()));
            }
        }
    }
    let Ok(address) = global_object(pg_database::RELATION, name, ctx) else {
        let message = format!("database \"{name}\" does not exist");
        if !stmt.if_exists {
            return Err(err!(UNDEFINED_DATABASE, "{message}"));
        }
        ctx.notice(err!(SUCCESSFUL_COMPLETION, "{message}, skipping").severity(Severity::Notice));
        return Ok(());
    };
    check_object_owner(address, ctx)?;
    let row = object_row(address, ctx)?;
    if row.get(DATISTEMPLATE).and_then(Datum::as_bool) == Some(true) {
        return Err(err!(WRONG_OBJECT_TYPE, "cannot drop a template database"));
    }
    let oid = address.object;
    if oid == ctx.env().database_oid() {
        return Err(err!(OBJECT_IN_USE, "cannot drop the currently open database"));
    }
    if force && other_sessions(oid, ctx) > 0 {
        return Err(Error::unsupported(
            "DROP DATABASE ... WITH (FORCE) of a database in use is not supported yet",
        ));
    }
    refuse_used(name, oid, ctx)?;
    let writer = ctx.writer()?;
    writer.delete_by_index(pg_shdepend::RELATION, BY_DEPENDER, &[Datum::Oid(oid)])?;
    forget_own_dependencies(address, ctx)?;
    role::forget_database_settings(oid, ctx)?;
    set_shared(address, None, ctx)?;
    writer.delete(pg_database::RELATION, u64::from(oid))?;
    for storage in ctx.space().engine().list_storages(oid).map_err(storage_error)? {
        ctx.txn().drop_storage(storage).map_err(storage_error)?;
    }
    ctx.env().cluster.forget_database(oid);
    Ok(())
}

/// The roles that the database itself mentions, recorded by whichever database they were recorded from.
fn forget_own_dependencies(database: ObjectAddress, ctx: &StatementCtx<'_>) -> Result<()> {
    use pglitedb_catalog::CatalogSource as _;
    let writer = ctx.writer()?;
    for (id, row) in writer.source().rows_between(pg_shdepend::RELATION, 0, u64::MAX)? {
        let is_own = row.is_some_and(|row| {
            row.get(pg_shdepend::CLASSID).and_then(Datum::as_oid) == Some(database.class)
                && row.get(pg_shdepend::OBJID).and_then(Datum::as_oid) == Some(database.object)
        });
        if is_own {
            writer.delete(pg_shdepend::RELATION, id)?;
        }
    }
    Ok(())
}
