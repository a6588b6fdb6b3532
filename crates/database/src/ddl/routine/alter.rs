//! ALTER FUNCTION, PROCEDURE, ROUTINE ... options.

use super::create::volatility_letter;
use super::options;
use crate::context::StatementCtx;
use crate::ddl::object::{check_object_owner, is_builtin, resolve};
use pglitedb_catalog::builtin::columns::pg_proc::*;
use pglitedb_catalog::{ProcKind, new_rows};
use pglitedb_sql_parser::ast::{AlterFunctionStatement, ObjectRef};
use pglitedb_sqlstate::{Result, err};
use pglitedb_tables::system::DependencyKind;
use pglitedb_types::Datum;

/// ALTER FUNCTION ... options.
pub fn alter(stmt: &AlterFunctionStatement, ctx: &StatementCtx<'_>) -> Result<()> {
    let object = ObjectRef::Routine { kind: stmt.kind, signature: stmt.signature.clone() };
    let address = resolve(&object, ctx)?;
    check_object_owner(address, ctx)?;
    let proc = ctx
        .catalog()
        .proc(address.object)?
        .ok_or_else(|| pglitedb_sqlstate::Error::internal("function is gone"))?;
    if proc.kind == ProcKind::Aggregate {
        let name = crate::ddl::util::dotted(&stmt.signature.name);
        return Err(err!(WRONG_OBJECT_TYPE, "\"{name}\" is an aggregate function"));
    }
    let found = options::read(&stmt.options, proc.kind == ProcKind::Procedure, ctx)?;
    if found.leakproof == Some(true) && !ctx.env().is_superuser() {
        return Err(err!(INSUFFICIENT_PRIVILEGE, "only superuser can define a leakproof function"));
    }
    if found.rows.is_some() && !proc.returns_set {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "ROWS is not applicable when function does not return a set"
        ));
    }
    let old: Vec<String> = proc.config.iter().map(|setting| setting.to_string()).collect();
    let config = match found.settings.is_empty() {
        true => None,
        false => Some(options::config(old, &found.settings, ctx)?),
    };
    let writer = ctx.writer()?;
    writer.update_oid(RELATION, address.object, |row| {
        if let Some(volatility) = found.volatility {
            row[PROVOLATILE] = Datum::Char(volatility_letter(volatility));
        }
        for (column, value) in [
            (PROISSTRICT, found.strict),
            (PROSECDEF, found.security_definer),
            (PROLEAKPROOF, found.leakproof),
        ] {
            if let Some(value) = value {
                row[column] = Datum::Bool(value);
            }
        }
        for (column, value) in [(PROCOST, found.cost), (PROROWS, found.rows)] {
            if let Some(value) = value {
                row[column] = Datum::Float4(value);
            }
        }
        if let Some(parallel) = found.parallel {
            row[PROPARALLEL] = Datum::Char(parallel);
        }
        if let Some(support) = found.support {
            row[PROSUPPORT] = Datum::Oid(support);
        }
        if let Some(config) = &config {
            let config: Vec<&str> = config.iter().map(String::as_str).collect();
            row[PROCONFIG] = new_rows::text_array(&config);
        }
        Ok(())
    })?;
    if let Some(support) = found.support
        && !is_builtin(address)
    {
        writer.record_dependency(address, options::address(support), DependencyKind::Normal)?;
    }
    Ok(())
}
