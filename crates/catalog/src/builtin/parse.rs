//! From the text of a field to a value. The texts are facts compiled in, in PostgreSQL's output format.

use pglitedb_types::{ArrayDim, ArrayValue, Datum, Oid, oids};
use std::sync::Arc;

/// The value of a field of a type; a text that makes no sense (a broken build) reads as NULL.
pub(super) fn value(text: &str, type_oid: Oid) -> Datum {
    if text == "\u{1}" {
        return Datum::Null;
    }
    match type_oid {
        oids::BOOL => Datum::Bool(text == "t"),
        oids::CHAR => Datum::Char(text.bytes().next().unwrap_or(0)),
        oids::INT2 => text.parse().map_or(Datum::Null, Datum::Int2),
        oids::INT4 => text.parse().map_or(Datum::Null, Datum::Int4),
        oids::INT8 => text.parse().map_or(Datum::Null, Datum::Int8),
        oids::FLOAT4 => text.parse().map_or(Datum::Null, Datum::Float4),
        oids::OID | oids::REGPROC | oids::REGCLASS | oids::REGTYPE | oids::XID => {
            text.parse().map_or(Datum::Null, Datum::Oid)
        }
        oids::NAME | oids::TEXT | oids::PG_NODE_TREE => Datum::text(text),
        oids::INT2VECTOR => vector(text, oids::INT2),
        oids::OIDVECTOR => vector(text, oids::OID),
        oids::OID_ARRAY => array(text, oids::OID),
        oids::TEXT_ARRAY => array(text, oids::TEXT),
        oids::CHAR_ARRAY => array(text, oids::CHAR),
        oids::ACLITEM_ARRAY => array(text, oids::TEXT),
        oids::INT2_ARRAY => array(text, oids::INT2),
        oids::FLOAT4_ARRAY => array(text, oids::FLOAT4),
        _ => Datum::Null,
    }
}

/// `int2vector` and `oidvector`: numbers apart by blanks, subscripts from 0.
fn vector(text: &str, elem_type: Oid) -> Datum {
    let values: Vec<Datum> = text.split_ascii_whitespace().map(|item| value(item, elem_type)).collect();
    let dims = vec![ArrayDim { len: values.len() as i32, lower: 0 }];
    Datum::Array(Arc::new(ArrayValue { elem_type, dims, values }))
}

/// `{a,"b c"}`; one dimension.
fn array(text: &str, elem_type: Oid) -> Datum {
    let mut values = Vec::new();
    let mut item = String::new();
    let (mut quoted, mut was_quoted, mut any) = (false, false, false);
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default();
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        any = true;
        match char {
            '"' => (quoted, was_quoted) = (!quoted, true),
            '\\' => item.extend(chars.next()),
            ',' if !quoted => {
                values.push(element(&item, was_quoted, elem_type));
                item.clear();
                was_quoted = false;
            }
            char => item.push(char),
        }
    }
    if any {
        values.push(element(&item, was_quoted, elem_type));
    }
    let elem_type = if elem_type == oids::TEXT { oids::TEXT } else { elem_type };
    Datum::Array(Arc::new(ArrayValue::one_dim(elem_type, values)))
}

fn element(text: &str, quoted: bool, elem_type: Oid) -> Datum {
    if !quoted && text == "NULL" { Datum::Null } else { value(text, elem_type) }
}
