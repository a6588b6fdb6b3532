//! The routines that DROP names.

use crate::context::StatementCtx;
use crate::ddl::object::{check_object_owner, is_builtin, resolve};
use pglitedb_catalog::ProcKind;
use pglitedb_sql_parser::ast::{ObjectKind, ObjectRef, ParameterMode, RoutineSignature};
use pglitedb_sqlstate::{Error, Result, Severity, codes, err};
use pglitedb_tables::system::ObjectAddress;

/// The routine of a DROP; `None` (and a notice) if it is missing and may be.
pub fn find_for_drop(
    kind: ObjectKind,
    signature: &RoutineSignature,
    object: &ObjectRef,
    if_exists: bool,
    ctx: &StatementCtx<'_>,
) -> Result<Option<ObjectAddress>> {
    let word = match kind {
        ObjectKind::Procedure => "procedure",
        ObjectKind::Routine => "routine",
        ObjectKind::Aggregate => "aggregate",
        _ => "function",
    };
    let address = match resolve(object, ctx) {
        Ok(address) => address,
        Err(error) if if_exists && is_missing(&error) => {
            let message = match error.code() {
                codes::UNDEFINED_FUNCTION => missing(word, signature),
                _ => error.message().to_owned(),
            };
            let notice = err!(SUCCESSFUL_COMPLETION, "{message}, skipping");
            ctx.notice(notice.severity(Severity::Notice));
            return Ok(None);
        }
        Err(error) => return Err(crate::ddl::drop_other::missing(error, object, ctx)),
    };
    if is_builtin(address) {
        let shown = crate::ddl::describe::object(address, ctx)?;
        return Err(err!(
            DEPENDENT_OBJECTS_STILL_EXIST,
            "cannot drop {shown} because it is required by the database system"
        ));
    }
    check_object_owner(address, ctx)?;
    if kind == ObjectKind::Function
        && let Some(proc) = ctx.catalog().proc(address.object)?
        && proc.kind == ProcKind::Aggregate
    {
        return Err(err!(WRONG_OBJECT_TYPE, "\"{}\" is an aggregate function", proc.name)
            .hint("Use DROP AGGREGATE to drop aggregate functions."));
    }
    Ok(Some(address))
}

fn is_missing(error: &Error) -> bool {
    [codes::UNDEFINED_FUNCTION, codes::UNDEFINED_OBJECT, codes::UNDEFINED_SCHEMA].contains(&error.code())
}

fn missing(word: &str, signature: &RoutineSignature) -> String {
    let name = crate::ddl::util::dotted(&signature.name);
    let shown: Vec<String> = signature
        .args
        .iter()
        .flatten()
        .filter(|arg| !matches!(arg.mode, ParameterMode::Out | ParameterMode::Table))
        .map(|arg| crate::ddl::util::dotted(&arg.type_name.name))
        .collect();
    format!("{word} {name}({}) does not exist", shown.join(","))
}
