//! Functions of `tsvector` and `tsquery` that need no configuration.

mod query;
mod rank;
mod vector;

use crate::convert::{Arg, Ret, mismatch};
use crate::{FnCtx, Registry, SessionEnv};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_text_search::Host;
use pglitedb_types::Datum;
use pglitedb_types::textsearch::{TsQuery, TsVector};
use std::cmp::Ordering;

/// A `tsquery`, which may be empty.
#[derive(Clone, Debug)]
pub struct Query(pub Option<TsQuery>);

impl<'a> Arg<'a> for TsVector {
    fn get(datum: &'a Datum) -> Result<Self> {
        match datum {
            Datum::Encoded(bytes) => TsVector::decode(bytes),
            other => Err(mismatch(other, "tsvector")),
        }
    }
}

/// A `tsvector` as it is stored.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a>(pub &'a [u8]);

impl<'a> Arg<'a> for Stored<'a> {
    fn get(datum: &'a Datum) -> Result<Self> {
        match datum {
            Datum::Encoded(bytes) => Ok(Stored(bytes)),
            other => Err(mismatch(other, "tsvector")),
        }
    }
}

impl Ret for TsVector {
    fn ret(self) -> Result<Datum> {
        Ok(self.to_datum())
    }
}

impl<'a> Arg<'a> for Query {
    fn get(datum: &'a Datum) -> Result<Self> {
        match datum {
            Datum::Encoded(bytes) => TsQuery::decode(bytes).map(Query),
            other => Err(mismatch(other, "tsquery")),
        }
    }
}

impl Ret for Query {
    fn ret(self) -> Result<Datum> {
        Ok(TsQuery::to_datum(self.0.as_ref()))
    }
}

/// The session as the text search functions see it.
pub struct SessionHost<'a>(pub &'a dyn SessionEnv);

impl<'a> SessionHost<'a> {
    /// Of a call.
    pub fn of(ctx: &FnCtx<'a>) -> SessionHost<'a> {
        SessionHost(ctx.env)
    }
}

impl Host for SessionHost<'_> {
    fn check_interrupts(&self) -> Result<()> {
        self.0.check_interrupts()
    }

    fn notice(&self, notice: Error) {
        self.0.notice(notice);
    }
}

fn vector_order(a: &TsVector, b: &TsVector) -> Ordering {
    let key = |vector: &TsVector| {
        let mut key = Vec::new();
        vector.write_key(&mut key);
        key
    };
    key(a).cmp(&key(b))
}

fn query_order(a: &Query, b: &Query) -> Ordering {
    let key = |query: &Query| {
        let mut key = Vec::new();
        TsQuery::write_key(query.0.as_ref(), &mut key);
        key
    };
    key(a).cmp(&key(b))
}

pub(crate) fn register(reg: &mut Registry) {
    comparisons!(reg;
        "tsvector_" => |a: TsVector, b: TsVector| vector_order(&a, &b);
        "tsquery_" => |a: Query, b: Query| query_order(&a, &b);
    );
    vector::register(reg);
    query::register(reg);
    rank::register(reg);
}
