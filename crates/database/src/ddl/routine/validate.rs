//! Checks of a new routine by its language, as PostgreSQL's validators make them.

use super::language;
use crate::context::StatementCtx;
use crate::routine;
use pglitedb_catalog::builtin::columns::pg_proc;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::Oid;

/// Checks a routine that was just stored. `definition`: where its AS stands in the statement.
pub(super) fn validate(oid: Oid, definition: Option<usize>, ctx: &StatementCtx<'_>) -> Result<()> {
    let proc = ctx
        .catalog()
        .proc(oid)?
        .ok_or_else(|| Error::internal(format!("cache lookup failed for function {oid}")))?;
    match proc.language {
        language::INTERNAL => {
            if pglitedb_catalog::builtin::procs()
                .any(|known| known.source == proc.source && known.language == 12)
            {
                return Ok(());
            }
            Err(err!(UNDEFINED_FUNCTION, "there is no built-in function named \"{}\"", proc.source))
        }
        language::C => {
            let row = ctx.env().with_catalog(|catalog| catalog.row(pg_proc::RELATION, u64::from(oid)))?;
            let file =
                row.and_then(|row| row[pg_proc::PROBIN].as_str().map(str::to_owned)).unwrap_or_default();
            // There are no loadable modules: whatever the file, it cannot be loaded.
            Err(err!(UNDEFINED_FILE, "could not access file \"{file}\": No such file or directory"))
        }
        language::SQL => {
            let bodies = ctx.env().show("check_function_bodies")?;
            let result = routine::validate_sql(ctx.env(), &proc, bodies.as_deref() != Some("off"));
            result.map_err(|error| transpose(error, &proc.source, definition, ctx.source()))
        }
        language::PLPGSQL => {
            let bodies = ctx.env().show("check_function_bodies")?;
            routine::validate_plpgsql(ctx.env(), &proc, bodies.as_deref() != Some("off"))
                .map_err(|error| transpose(error, &proc.source, definition, ctx.source()))
        }
        _ => Err(Error::unsupported("functions of this language are not supported yet")),
    }
}

/// An error position within the body becomes one within the statement, where the body can be found there.
fn transpose(mut error: Error, body: &str, definition: Option<usize>, statement: &str) -> Error {
    let fields = error.fields_mut();
    let inner = match (&fields.internal_query, fields.internal_position) {
        (Some(query), Some(position)) if query == body => Some(position),
        _ => None,
    };
    let (Some(inner), Some(definition)) = (inner, definition) else { return error };
    if let Some(at) = place_in_literal(statement, definition, body, inner) {
        fields.position = Some(at);
        fields.internal_query = None;
        fields.internal_position = None;
        fields.context = None;
    }
    error
}

/// Where byte `inner` of the body stands in the statement whose literal begins at or behind `from`.
fn place_in_literal(statement: &str, from: usize, body: &str, inner: usize) -> Option<usize> {
    let rest = statement.get(from..)?;
    let quote = rest.find(['\'', '$'])?;
    let start = from + quote;
    if statement.as_bytes().get(start) == Some(&b'$') {
        let length = statement.get(start + 1..)?.find('$')?;
        let content = start + length + 2;
        return statement.get(content..)?.starts_with(body).then_some(content + inner);
    }
    // Within quotes, each quote of the body is written twice (escapes are not looked for).
    let mut at = start + 1;
    let bytes = statement.as_bytes();
    for byte in body.bytes().take(inner) {
        if bytes.get(at) != Some(&byte) {
            return None;
        }
        at += if byte == b'\'' { 2 } else { 1 };
    }
    Some(at)
}
