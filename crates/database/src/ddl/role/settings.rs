//! Settings of roles and databases: `pg_db_role_setting`.

use super::{may_administer, name_of, role_oid};
use crate::context::StatementCtx;
use crate::ddl::alter_table::changed_options;
use crate::ddl::object::{check_object_owner, global_object};
use crate::settings::definition::definition;
use crate::settings::store::Source;
use crate::settings::value::canonical;
use pglitedb_catalog::StoredCatalog;
use pglitedb_catalog::builtin::columns::{pg_database, pg_db_role_setting as table};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{AlterRoleSetStatement, SetKind, SetStatement};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::{Datum, Oid};

/// `pg_db_role_setting_databaseid_rol_index`
const BY_DATABASE: Oid = 2965;

/// ALTER ROLE ... [IN DATABASE ...] SET|RESET.
pub fn alter_role_set(stmt: &AlterRoleSetStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let role = stmt.role.as_ref().map(|spec| role_oid(spec, ctx)).transpose()?;
    let database = stmt
        .database
        .as_ref()
        .map(|name| global_object(pg_database::RELATION, &name.name, ctx))
        .transpose()?;
    match role {
        Some(role) => {
            if role != ctx.env().current_user() && !may_administer(role, ctx)? {
                let name = name_of(role, ctx)?;
                return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to alter role").detail(format!(
                    "Only roles with the CREATEROLE attribute and the ADMIN option on role \"{name}\" may alter this role."
                )));
            }
        }
        None => match database {
            Some(database) => check_object_owner(database, ctx)?,
            None if !ctx.env().is_superuser() => {
                return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to alter setting")
                    .detail("Only roles with the SUPERUSER attribute may alter settings globally."));
            }
            None => {}
        },
    }
    store(database.map_or(0, |database| database.object), role.unwrap_or(0), &stmt.set, ctx)
}

/// ALTER DATABASE ... SET|RESET.
pub fn alter_database_set(database: Oid, set: &SetStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    store(database, 0, set, ctx)
}

fn checked(name: &str, value: &str, ctx: &StatementCtx<'_>) -> Result<(String, String)> {
    let Some(known) = definition(name) else {
        if name.contains('.') {
            return Ok((name.to_ascii_lowercase(), value.to_owned()));
        }
        return Err(crate::settings::session::unrecognized(name));
    };
    let key = known.info.name.to_owned();
    match known.info.context {
        "internal" => return Err(err!(CANT_CHANGE_RUNTIME_PARAM, "parameter \"{key}\" cannot be changed")),
        "postmaster" => {
            return Err(err!(
                CANT_CHANGE_RUNTIME_PARAM,
                "parameter \"{key}\" cannot be changed without restarting the server"
            ));
        }
        "sighup" => {
            return Err(err!(CANT_CHANGE_RUNTIME_PARAM, "parameter \"{key}\" cannot be changed now"));
        }
        "superuser" if !ctx.env().is_superuser() => {
            return Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to set parameter \"{key}\""));
        }
        _ => {}
    }
    // Kept as it was given; it only has to be right.
    canonical(&known, value)?;
    Ok((key, value.to_owned()))
}

fn store(database: Oid, role: Oid, set: &SetStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    use pglitedb_catalog::CatalogSource as _;
    let change = match &set.kind {
        SetKind::Value { name, values } => {
            let text = crate::utility::set::value_text(name, values)?;
            let (name, value) = checked(name, &text, ctx)?;
            Some((name, Some(value)))
        }
        SetKind::Current { name } => {
            let value = ctx.env().show(name)?.ok_or_else(|| crate::settings::session::unrecognized(name))?;
            let (name, value) = checked(name, &value, ctx)?;
            Some((name, Some(value)))
        }
        SetKind::Default { name } | SetKind::Reset { name } => {
            let key = definition(name)
                .map_or_else(|| name.to_ascii_lowercase(), |known| known.info.name.to_owned());
            Some((key, None))
        }
        SetKind::ResetAll => None,
        _ => return Err(Error::unsupported("this form of SET is not supported here")),
    };
    let writer = ctx.writer()?;
    let keys = [Datum::Oid(database), Datum::Oid(role)];
    let known = writer.source().lookup(table::RELATION, BY_DATABASE, &keys)?.into_iter().next();
    let old = known.as_ref().and_then(|(_, row)| row.get(table::SETCONFIG).cloned()).unwrap_or_default();
    let new = match change {
        Some(change) => changed_options(&old, &[change]),
        None => Datum::Null,
    };
    match known {
        Some((id, _)) if new.is_null() => writer.delete(table::RELATION, id).map(drop),
        None if new.is_null() => Ok(()),
        Some((id, _)) => writer
            .update(table::RELATION, id, |row| {
                row[table::SETCONFIG] = new;
                Ok(())
            })
            .map(drop),
        None => {
            let mut row = vec![Datum::Null; table::WIDTH];
            row[table::SETDATABASE] = Datum::Oid(database);
            row[table::SETROLE] = Datum::Oid(role);
            row[table::SETCONFIG] = new;
            writer.insert(table::RELATION, &row).map(drop)
        }
    }
}

/// Removes the settings of a dropped role.
pub(super) fn forget_role(role: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    remove_where(table::SETROLE, role, ctx)
}

/// Removes the settings of a dropped database.
pub(in crate::ddl) fn forget_database(database: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    remove_where(table::SETDATABASE, database, ctx)
}

fn remove_where(column: usize, oid: Oid, ctx: &StatementCtx<'_>) -> Result<()> {
    use pglitedb_catalog::CatalogSource as _;
    let writer = ctx.writer()?;
    for (id, row) in writer.source().rows_between(table::RELATION, 0, u64::MAX)? {
        if row.is_some_and(|row| row.get(column).and_then(Datum::as_oid) == Some(oid)) {
            writer.delete(table::RELATION, id)?;
        }
    }
    Ok(())
}

/// The stored settings that apply to a session, weakest first: of all, of the database, of the role, of the role in the
/// database.
pub(crate) fn stored_settings(
    catalog: &StoredCatalog<'_>,
    database: Oid,
    role: Oid,
) -> Result<Vec<(Source, String, String)>> {
    let mut found = Vec::new();
    let scopes = [
        (0, 0, Source::Database),
        (database, 0, Source::Database),
        (0, role, Source::User),
        (database, role, Source::DatabaseUser),
    ];
    for (database, role, source) in scopes {
        let keys = [Datum::Oid(database), Datum::Oid(role)];
        let rows = catalog.rows_by_index(table::RELATION, BY_DATABASE, &keys)?;
        if let Some(Datum::Array(array)) = rows.first().and_then(|row| row.get(table::SETCONFIG)) {
            let pairs = array.values.iter().filter_map(|value| value.as_str()?.split_once('='));
            found.extend(pairs.map(|(name, value)| (source, name.to_owned(), value.to_owned())));
        }
    }
    Ok(found)
}
