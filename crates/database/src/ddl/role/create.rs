//! CREATE ROLE, USER, GROUP.

use super::{apply_attributes, check_role_name, membership, read_options, user_has};
use crate::context::StatementCtx;
use pglitedb_catalog::builtin::columns::pg_authid::{self, *};
use pglitedb_functions::SessionEnv;
use pglitedb_sql_parser::ast::{CreateRoleStatement, RoleStatementKind};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::Datum;

/// CREATE ROLE.
pub fn create(stmt: &CreateRoleStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let name = &*stmt.name.name;
    let attributes = read_options(&stmt.options, name, ctx)?;
    let denied =
        |detail: String| Err(err!(INSUFFICIENT_PRIVILEGE, "permission denied to create role").detail(detail));
    if !user_has(ROLCREATEROLE, ctx)? {
        return denied("Only roles with the CREATEROLE attribute may create roles.".to_owned());
    }
    let limited = [
        (ROLSUPER, "SUPERUSER"),
        (ROLCREATEDB, "CREATEDB"),
        (ROLREPLICATION, "REPLICATION"),
        (ROLBYPASSRLS, "BYPASSRLS"),
    ];
    for (column, word) in limited {
        if attributes.flag(column) == Some(true) && !user_has(column, ctx)? {
            return denied(format!(
                "Only roles with the {word} attribute may create roles with the {word} attribute."
            ));
        }
    }
    check_role_name(name)?;
    if ctx.env().role_by_name(name)?.is_some() {
        return Err(err!(DUPLICATE_OBJECT, "role \"{name}\" already exists"));
    }
    let writer = ctx.writer()?;
    let oid = writer.new_oid()?;
    let mut row = vec![Datum::Null; WIDTH];
    row[OID] = Datum::Oid(oid);
    row[ROLNAME] = Datum::text(name);
    for column in [ROLSUPER, ROLCREATEROLE, ROLCREATEDB, ROLREPLICATION, ROLBYPASSRLS] {
        row[column] = Datum::Bool(false);
    }
    row[ROLINHERIT] = Datum::Bool(true);
    row[ROLCANLOGIN] = Datum::Bool(stmt.kind == RoleStatementKind::User);
    row[ROLCONNLIMIT] = Datum::Int4(-1);
    apply_attributes(&mut row, &attributes);
    writer.insert(pg_authid::RELATION, &row)?;
    let grantor = ctx.env().current_user();
    for role in attributes.in_roles {
        membership::add(role, oid, grantor, membership::Options::default(), ctx)?;
    }
    if !ctx.env().is_superuser() {
        // Who may only create roles administers those that he created.
        let options = membership::Options { admin: Some(true), inherit: Some(false), set: Some(false) };
        membership::insert(oid, grantor, pglitedb_catalog::new_rows::BOOTSTRAP_SUPERUSER, options, ctx)?;
    }
    for member in attributes.members {
        membership::add(oid, member, grantor, membership::Options::default(), ctx)?;
    }
    for member in attributes.admins {
        let options = membership::Options { admin: Some(true), ..Default::default() };
        membership::add(oid, member, grantor, options, ctx)?;
    }
    Ok(())
}
