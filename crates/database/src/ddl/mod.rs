//! Execution of DDL: one file per kind of object.
//!
//! [`execute`] is called inside of a transaction, with the statement's context. It returns the command tag; anything
//! that goes wrong is an error, and the transaction is rolled back by the caller. Statements that are not here are
//! refused by name with `0A000`.

pub mod acl;
pub mod aggregate;
pub mod alter_table;
pub mod cast;
pub mod collation;
mod column;
mod column_type;
pub mod comment;
pub mod constraint;
pub mod create_table;
pub mod create_table_as;
pub mod database;
pub mod define;
pub mod dependency;
pub mod describe;
pub mod drop;
mod drop_other;
pub mod foreign_key;
pub mod index;
mod like;
pub mod object;
pub mod object_list;
pub mod opclass;
pub mod operator;
pub mod options;
pub mod owner;
pub mod relation;
pub mod rename;
pub mod role;
pub mod routine;
pub mod schema;
pub mod sequence;
mod session;
pub mod set_schema;
pub mod text_search;
pub mod truncate;
pub mod types;
pub mod util;
pub mod view;

use crate::context::StatementCtx;
use crate::env::Env;
use crate::output::CommandTag;
use crate::utility::tag::command_name;
use pglitedb_sql_parser::ast::{ObjectKind, Statement};
use pglitedb_sqlstate::{Error, Result};

/// Runs a DDL statement.
pub fn execute(statement: &Statement, ctx: &StatementCtx<'_>) -> Result<CommandTag> {
    match statement {
        Statement::CreateTable(create) => create_table::create(create, ctx).map(drop)?,
        Statement::CreateTableAs(create) => {
            if let Some(rows) = create_table_as::create(create, ctx)? {
                return Ok(CommandTag::with_rows("SELECT", rows));
            }
        }
        Statement::Select(query) => {
            // SELECT ... INTO; other queries are planned.
            let into = pglitedb_analyzer::into_clause(query)
                .ok_or_else(|| Error::internal("a query is no DDL statement"))?;
            let kind = pglitedb_catalog::RelKind::Table;
            if let Some(rows) = create_table_as::create_from(into, query, kind, false, false, ctx)? {
                return Ok(CommandTag::with_rows("SELECT", rows));
            }
        }
        Statement::RefreshMaterializedView(refresh) => create_table_as::refresh(refresh, ctx)?,
        Statement::CreateView(create) => view::create(create, ctx)?,
        Statement::CreateIndex(create) => index::create(create, ctx)?,
        Statement::CreateSequence(create) => sequence::create(create, ctx)?,
        Statement::AlterSequence(alter) => sequence::alter(alter, ctx)?,
        Statement::CreateSchema(create) => schema::create(create, ctx)?,
        Statement::Truncate(truncate) => truncate::execute(truncate, ctx)?,
        Statement::Drop(drop) => drop::execute(drop, ctx)?,
        Statement::AlterTable(alter) => alter_table::alter(alter, ctx)?,
        Statement::Rename(stmt) => rename::rename(stmt, ctx)?,
        Statement::AlterOwner(stmt) => owner::alter(stmt, ctx)?,
        Statement::AlterObjectSchema(stmt) => set_schema::alter(stmt, ctx)?,
        Statement::Comment(stmt) => comment::comment(stmt, ctx)?,
        Statement::Grant(stmt) => acl::grant(stmt, ctx)?,
        Statement::AlterDefaultPrivileges(stmt) => acl::alter_default_privileges(stmt, ctx)?,
        Statement::GrantRole(stmt) => role::grant(stmt, ctx)?,
        Statement::CreateRole(stmt) => role::create(stmt, ctx)?,
        Statement::AlterRole(stmt) => role::alter(stmt, ctx)?,
        Statement::AlterRoleSet(stmt) => role::alter_role_set(stmt, ctx)?,
        Statement::DropRole(stmt) => role::drop(stmt, ctx)?,
        Statement::ReassignOwned(stmt) => role::reassign_owned(stmt, ctx)?,
        Statement::DropOwned(stmt) => role::drop_owned(stmt, ctx)?,
        Statement::CreateFunction(stmt) => routine::create(stmt, ctx)?,
        Statement::AlterFunction(stmt) => routine::alter(stmt, ctx)?,
        Statement::CreateEnum(stmt) => types::create_enum(stmt, ctx)?,
        Statement::AlterEnum(stmt) => types::alter_enum(stmt, ctx)?,
        Statement::Define(stmt) if text_search::is_kind(stmt.kind) => text_search::create(stmt, ctx)?,
        Statement::Define(stmt) => match stmt.kind {
            ObjectKind::Aggregate => aggregate::create(stmt, ctx)?,
            ObjectKind::Operator => operator::create(stmt, ctx)?,
            ObjectKind::Type => types::create_base(stmt, ctx)?,
            ObjectKind::Collation => collation::create(stmt, ctx)?,
            _ => {
                return Err(Error::unsupported(format!("{} is not supported yet", command_name(statement))));
            }
        },
        Statement::CreateOperatorClass(stmt) => opclass::create_class(stmt, ctx)?,
        Statement::CreateOperatorFamily(stmt) => opclass::create_family(stmt, ctx)?,
        Statement::AlterOperatorFamily(stmt) => opclass::alter_family(stmt, ctx)?,
        Statement::AlterOperator(stmt) => operator::alter(stmt, ctx)?,
        Statement::AlterCollation(stmt) => collation::alter(stmt, ctx)?,
        Statement::CreateCast(stmt) => cast::create(stmt, ctx)?,
        Statement::CreateRange(stmt) => types::create_range(stmt, ctx)?,
        Statement::CreateCompositeType(stmt) => types::create_composite(stmt, ctx)?,
        Statement::CreateDomain(stmt) => types::create_domain(stmt, ctx)?,
        Statement::AlterDomain(stmt) => types::alter_domain(stmt, ctx)?,
        Statement::CreateDatabase(stmt) => database::create(stmt, ctx)?,
        Statement::AlterDatabase(stmt) => database::alter(stmt, ctx)?,
        Statement::DropDatabase(stmt) => database::drop(stmt, ctx)?,
        Statement::AlterTextSearchDictionary(stmt) => text_search::alter_dictionary(stmt, ctx)?,
        Statement::AlterTextSearchConfiguration(stmt) => text_search::alter_configuration(stmt, ctx)?,
        _ => return Err(Error::unsupported(format!("{} is not supported yet", command_name(statement)))),
    }
    Ok(CommandTag::new(command_name(statement)))
}

/// Drops all temporary objects of the session (DISCARD TEMP, and its end).
pub(crate) fn discard_temporary(env: &Env) -> Result<()> {
    if env.temp_namespace.get() == 0 {
        return Ok(());
    }
    Err(Error::unsupported("DISCARD TEMP is not supported yet"))
}
