//! CREATE SCHEMA.

use super::util::namespace_object;
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::{pg_database, pg_namespace};
use pglitedb_catalog::new_rows;
use pglitedb_sql_parser::ast::CreateSchemaStatement;
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_tables::system::ObjectAddress;

/// CREATE SCHEMA with its elements.
pub fn create(stmt: &CreateSchemaStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    if !stmt.elements.is_empty() {
        return Err(Error::unsupported("CREATE SCHEMA with schema elements is not supported yet"));
    }
    let owner = match &stmt.authorization {
        Some(role) => ctx.env().role_of_spec(role)?,
        None => pglitedb_functions::SessionEnv::current_user(ctx.env()),
    };
    let database = ObjectAddress::new(pg_database::RELATION, ctx.env().database_oid());
    let database_name = pglitedb_functions::SessionEnv::current_database(ctx.env());
    super::acl::require(database, "C", "database", &database_name, ctx)?;
    super::owner::check_may_give(owner, None, ctx)?;
    let name = match (&stmt.name, &stmt.authorization) {
        (Some(name), _) => name.name.to_string(),
        (None, Some(_)) => ctx.env().role_name(owner)?,
        (None, None) => return Err(Error::internal("CREATE SCHEMA without name")),
    };
    if name.starts_with("pg_") {
        return Err(err!(RESERVED_NAME, "unacceptable schema name \"{name}\"")
            .detail("The prefix \"pg_\" is reserved for system schemas."));
    }
    if ctx.catalog().namespace_by_name(&name)?.is_some() {
        if stmt.if_not_exists {
            ctx.notice(
                err!(DUPLICATE_SCHEMA, "schema \"{name}\" already exists, skipping")
                    .severity(Severity::Notice),
            );
            return Ok(());
        }
        return Err(err!(DUPLICATE_SCHEMA, "schema \"{name}\" already exists"));
    }
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    writer.insert(pg_namespace::RELATION, &new_rows::namespace_row(oid, &name, owner))?;
    writer.record_role_dependency(namespace_object(oid), owner, b'o')?;
    Ok(())
}
