//! DROP OPERATOR, CAST, COLLATION, OPERATOR CLASS, OPERATOR FAMILY, CONVERSION: finding what to drop.

use super::cast::check_owner_of_either;
use super::define::{signature_text, without_position};
use super::describe;
use super::object::{check_object_owner, is_builtin, resolve, signature_types, type_named};
use super::util::dotted;
use crate::context::StatementCtx;
use pglitedb_sql_parser::ast::{ObjectKind, ObjectRef};
use pglitedb_sqlstate::{Error, Result, Severity, codes, err};
use pglitedb_tables::system::ObjectAddress;

/// The kinds that are found here.
pub fn handles(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Operator
            | ObjectKind::Cast
            | ObjectKind::Collation
            | ObjectKind::OperatorClass
            | ObjectKind::OperatorFamily
            | ObjectKind::Conversion
    )
}

/// The object; `None` with a notice if it may be missing and is.
pub fn find(object: &ObjectRef, if_exists: bool, ctx: &StatementCtx<'_>) -> Result<Option<ObjectAddress>> {
    let found = match resolve(object, ctx).map_err(without_position) {
        Ok(found) => found,
        Err(error) if if_exists && is_missing(&error) => {
            let text = format!("{}, skipping", skipped(&error, object));
            ctx.notice(err!(SUCCESSFUL_COMPLETION, "{text}").severity(Severity::Notice));
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    match object {
        ObjectRef::Cast { source, target } => {
            let (source, target) = (type_named(source, ctx)?, type_named(target, ctx)?);
            check_owner_of_either(&source, &target, ctx)?;
        }
        _ => check_object_owner(found, ctx)?,
    }
    if is_builtin(found) {
        return Err(err!(
            DEPENDENT_OBJECTS_STILL_EXIST,
            "cannot drop {} because it is required by the database system",
            describe::object(found, ctx)?
        ));
    }
    Ok(Some(found))
}

fn is_missing(error: &Error) -> bool {
    [codes::UNDEFINED_OBJECT, codes::UNDEFINED_FUNCTION, codes::UNDEFINED_SCHEMA].contains(&error.code())
}

/// The error for an aggregate that is missing, which messages do not call a function.
pub fn missing(error: Error, object: &ObjectRef, ctx: &StatementCtx<'_>) -> Error {
    let error = without_position(error);
    let ObjectRef::Routine { kind: ObjectKind::Aggregate, signature } = object else { return error };
    if error.code() != codes::UNDEFINED_FUNCTION {
        return error;
    }
    let name = dotted(&signature.name);
    match signature_types(signature, ctx) {
        Ok(Some(types)) if types.is_empty() => {
            err!(UNDEFINED_FUNCTION, "aggregate {name}(*) does not exist")
        }
        Ok(Some(types)) => {
            err!(UNDEFINED_FUNCTION, "aggregate {} does not exist", signature_text(&name, &types, ctx))
        }
        Ok(None) => err!(UNDEFINED_FUNCTION, "could not find an aggregate named \"{name}\""),
        Err(error) => without_position(error),
    }
}

/// What the notice says, which differs from the error for some.
fn skipped(error: &Error, object: &ObjectRef) -> String {
    match object {
        ObjectRef::Operator { name, .. } if error.code() == codes::UNDEFINED_FUNCTION => {
            format!("operator {} does not exist", name.symbol)
        }
        ObjectRef::Named { kind: ObjectKind::Collation, name } if error.code() == codes::UNDEFINED_OBJECT => {
            format!("collation \"{}\" does not exist", dotted(name))
        }
        _ => error.message().to_owned(),
    }
}
