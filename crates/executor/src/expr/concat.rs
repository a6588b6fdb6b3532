//! `text || text || …`: one buffer for all of it.

use super::{Call, Compiled, EvalRow, Other};
use crate::runtime::Runtime;
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, Oid, is_plain_text, oids, output, with_text};
use std::sync::Arc;

/// `textcat`, the function behind `text || text`.
const TEXTCAT: Oid = 1258;

/// A call of an operator, with concatenations of concatenations made into one. (It is strict and associative, so that only the text in
/// between is saved.)
pub(super) fn flattened(call: Call) -> Compiled {
    if call.info.function != TEXTCAT {
        return Compiled::Call(Box::new(super::CallExpr(call)));
    }
    let mut parts = Vec::with_capacity(call.args.len());
    for arg in call.args {
        match arg {
            Compiled::Other(other) if matches!(*other, Other::Concat(_)) => {
                if let Other::Concat(inner) = *other {
                    parts.extend(inner);
                }
            }
            arg => parts.push(arg),
        }
    }
    Compiled::Other(Box::new(Other::Concat(parts)))
}

/// The parts put together, NULL if one of them is. All are evaluated, as arguments of a strict function are.
pub(super) fn eval(parts: &[Compiled], row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    let null = std::cell::Cell::new(false);
    with_text(
        |out| {
            for part in parts {
                null.set(!append(part, row, rt, out)? || null.get());
            }
            Ok(())
        },
        |text| Ok(if null.get() { Datum::Null } else { Datum::Text(Arc::from(text)) }),
    )
}

/// Appends a part; false if it is NULL.
fn append(part: &Compiled, row: &EvalRow<'_>, rt: &Runtime<'_>, out: &mut Vec<u8>) -> Result<bool> {
    // What is cast to text by way of its text form needs no text of its own.
    if let Compiled::Other(other) = part
        && let Other::ViaIo(arg, from, oids::TEXT) = &**other
        && !is_plain_text(*from)
    {
        let value = arg.eval(row, rt)?;
        if value.is_null() {
            return Ok(false);
        }
        output(&value, *from, rt.env.as_type_env(), out)?;
        return Ok(true);
    }
    match part.eval(row, rt)? {
        Datum::Null => Ok(false),
        Datum::Text(text) => {
            out.extend_from_slice(text.as_bytes());
            Ok(true)
        }
        _ => Err(Error::internal("a part of a text is no text")),
    }
}
