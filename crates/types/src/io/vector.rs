//! `int2vector` and `oidvector`: numbers separated by blanks, subscripts from 0.

use crate::datum::{ArrayDim, ArrayValue, Datum};
use crate::env::{TypeEnv, TypeInfo};
use crate::integer::{parse_int2, parse_leading_oid, write_i64};
use crate::oids::{self, Oid};
use crate::scan::{Reader, is_space};
use pglitedb_sqlstate::{Result, bail, err};
use std::sync::Arc;

/// An `int2vector` or `oidvector` of these elements.
pub(super) fn from_values(elem_type: Oid, values: Vec<Datum>) -> Datum {
    let len = values.len() as i32;
    Datum::Array(Arc::new(ArrayValue { elem_type, dims: vec![ArrayDim { len, lower: 0 }], values }))
}

/// Reads a vector.
pub(super) fn input(text: &str, type_oid: Oid) -> Result<Datum> {
    if type_oid == oids::INT2VECTOR {
        let words = text.split(|c: char| c.is_ascii() && is_space(c as u8)).filter(|word| !word.is_empty());
        let values: Result<Vec<Datum>> = words.map(|w| parse_int2(w).map(Datum::Int2)).collect();
        return Ok(from_values(oids::INT2, values?));
    }
    let mut values = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii() && is_space(c as u8));
        if rest.is_empty() {
            return Ok(from_values(oids::OID, values));
        }
        let (oid, after) = parse_leading_oid("oid", rest)?;
        values.push(Datum::Oid(oid));
        rest = after;
    }
}

/// Reads a vector's binary form: an array of one dimension, subscripts from 0, without NULLs.
pub(super) fn recv(reader: &mut Reader<'_>, info: &TypeInfo, env: &dyn TypeEnv) -> Result<Datum> {
    let value = super::array::recv(reader, info, -1, env)?;
    match &value {
        Datum::Array(array)
            if matches!(array.dims.as_slice(), [ArrayDim { lower: 0, .. }])
                && !array.values.iter().any(Datum::is_null) =>
        {
            Ok(value)
        }
        _ => Err(err!(INVALID_BINARY_REPRESENTATION, "invalid {} data", info.name)),
    }
}

/// Appends a vector's text form. `42804` for an array that has become one by a cast but is not of its form.
pub(super) fn output(vector: &ArrayValue, type_oid: Oid, out: &mut Vec<u8>) -> Result<()> {
    if vector.dims.len() != 1 || vector.values.iter().any(Datum::is_null) {
        let name = if type_oid == oids::INT2VECTOR { "int2vector" } else { "oidvector" };
        bail!(DATATYPE_MISMATCH, "array is not a valid {name}");
    }
    for (i, value) in vector.values.iter().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        write_i64(value.as_i64().unwrap_or(0), out);
    }
    Ok(())
}
