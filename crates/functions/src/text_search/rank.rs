//! `ts_rank` and `ts_rank_cd`.

use super::{Query, SessionHost};
use crate::Registry;
use pglitedb_sqlstate::{Result, err};
use pglitedb_text_search::{Weights, rank, rank_cover, weights};
use pglitedb_types::textsearch::TsVector;
use pglitedb_types::{ArrayValue, Datum};

fn array_weights(array: &ArrayValue) -> Result<Weights> {
    if array.dims.len() != 1 {
        return Err(err!(ARRAY_SUBSCRIPT_ERROR, "array of weight must be one-dimensional"));
    }
    let weight = |value: &Datum| match value {
        Datum::Float4(value) => Some(*value),
        _ => None,
    };
    weights(Some(&array.values.iter().map(weight).collect::<Vec<_>>()))
}

pub(super) fn register(reg: &mut Registry) {
    scalars!(reg;
        "ts_rank_wttf" => |w: &ArrayValue, vector: TsVector, query: Query, method: i32|
            rank(&array_weights(w)?, &vector, query.0.as_ref(), method);
        "ts_rank_wtt" => |w: &ArrayValue, vector: TsVector, query: Query|
            rank(&array_weights(w)?, &vector, query.0.as_ref(), 0);
        "ts_rank_ttf" => |vector: TsVector, query: Query, method: i32|
            rank(&weights(None)?, &vector, query.0.as_ref(), method);
        "ts_rank_tt" => |vector: TsVector, query: Query| rank(&weights(None)?, &vector, query.0.as_ref(), 0);
        "ts_rankcd_wttf" => [ctx] |w: &ArrayValue, vector: TsVector, query: Query, method: i32|
            rank_cover(&array_weights(w)?, &vector, query.0.as_ref(), method, &SessionHost::of(ctx));
        "ts_rankcd_wtt" => [ctx] |w: &ArrayValue, vector: TsVector, query: Query|
            rank_cover(&array_weights(w)?, &vector, query.0.as_ref(), 0, &SessionHost::of(ctx));
        "ts_rankcd_ttf" => [ctx] |vector: TsVector, query: Query, method: i32|
            rank_cover(&weights(None)?, &vector, query.0.as_ref(), method, &SessionHost::of(ctx));
        "ts_rankcd_tt" => [ctx] |vector: TsVector, query: Query|
            rank_cover(&weights(None)?, &vector, query.0.as_ref(), 0, &SessionHost::of(ctx));
    );
}
