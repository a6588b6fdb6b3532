//! Functions of `tsvector`.

use super::{Query, Stored, vector_order};
use crate::convert::order;
use crate::{Builtin, FnCtx, Registry, SetIter};
use pglitedb_sqlstate::{Result, err};
use pglitedb_text_search as search;
use pglitedb_types::textsearch::{Lexeme, MAX_POSITION, TsVector};
use pglitedb_types::{ArrayValue, Datum, oids};
use std::sync::Arc;

/// Elements of an array of text, `None` for NULL.
fn texts(array: &ArrayValue) -> Vec<Option<&str>> {
    array.values.iter().map(Datum::as_str).collect()
}

/// Elements of an array of text that are not NULL.
fn words(array: &ArrayValue) -> Vec<&str> {
    array.values.iter().filter_map(Datum::as_str).collect()
}

fn weight(letter: u8) -> Result<u16> {
    search::parse_weight(letter).ok_or_else(|| match letter {
        0..0x80 => err!(INVALID_PARAMETER_VALUE, "unrecognized weight: \"{}\"", char::from(letter)),
        _ => err!(INVALID_PARAMETER_VALUE, "unrecognized weight: \"\\{letter:03o}\""),
    })
}

/// Weights of `ts_filter` as bits.
fn weights(array: &ArrayValue) -> Result<u8> {
    let mut bits = 0;
    for value in &array.values {
        let Datum::Char(letter) = value else {
            return Err(err!(NULL_VALUE_NOT_ALLOWED, "weight array may not contain nulls"));
        };
        bits |= 1 << weight(*letter)?;
    }
    Ok(bits)
}

fn text_array(texts: impl Iterator<Item = Datum>) -> Datum {
    Datum::Array(Arc::new(ArrayValue::one_dim(oids::TEXT, texts.collect())))
}

/// Rows of `unnest(tsvector)`.
struct Lexemes(std::vec::IntoIter<Lexeme>);

impl SetIter for Lexemes {
    fn next(&mut self, _: &FnCtx<'_>, row: &mut Vec<Datum>) -> Result<bool> {
        row.clear();
        let Some(lexeme) = self.0.next() else { return Ok(false) };
        row.push(Datum::text(&lexeme.text));
        if lexeme.positions.is_empty() {
            row.extend([Datum::Null, Datum::Null]);
            return Ok(true);
        }
        let position = |position: &u16| Datum::Int2((position & MAX_POSITION).cast_signed());
        let positions = lexeme.positions.iter().map(position).collect();
        row.push(Datum::Array(Arc::new(ArrayValue::one_dim(oids::INT2, positions))));
        let letter = |position: &u16| Datum::text(search::weight_letter(*position).encode_utf8(&mut [0; 4]));
        row.push(text_array(lexeme.positions.iter().map(letter)));
        Ok(true)
    }
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "tsvector_cmp" => |a: TsVector, b: TsVector| order(vector_order(&a, &b));
        "tsvector_strip" => |vector: TsVector| search::strip(vector);
        "tsvector_length" => |vector: TsVector| vector.lexemes.len() as i32;
        "tsvector_concat" => |a: TsVector, b: TsVector| search::concat(a, b);
        "tsvector_setweight" => |vector: TsVector, letter: u8| search::set_weight(vector, weight(letter)?);
        "tsvector_setweight_by_filter" => |vector: TsVector, letter: u8, wanted: &ArrayValue|
            search::set_weight_of(vector, weight(letter)?, &words(wanted));
        "tsvector_delete_str" => |vector: TsVector, word: &str| search::delete(vector, &[word]);
        "tsvector_delete_arr" => |vector: TsVector, unwanted: &ArrayValue| search::delete(vector, &words(unwanted));
        "tsvector_filter" => |vector: TsVector, wanted: &ArrayValue| search::filter(vector, weights(wanted)?);
        "tsvector_to_array" => |vector: TsVector|
            text_array(vector.lexemes.iter().map(|lexeme| Datum::text(&lexeme.text)));
        "array_to_tsvector" => |array: &ArrayValue| search::from_array(texts(array));
        "ts_match_vq" => |vector: Stored<'_>, query: Query| search::matches(vector.0, query.0.as_ref());
        "ts_match_qv" => |query: Query, vector: Stored<'_>| search::matches(vector.0, query.0.as_ref());
    );
    reg.add(
        "tsvector_unnest",
        Builtin::Set(|_, args| {
            let [vector] = args else { return Err(crate::convert::arity("tsvector_unnest", args.len())) };
            let vector = <TsVector as crate::convert::Arg>::get(vector)?;
            Ok(Box::new(Lexemes(vector.lexemes.into_iter())))
        }),
    );
}
