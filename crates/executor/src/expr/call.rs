//! Calls of built-in functions.

use super::{Call, Call2, EvalRow, ScalarArrayCall};
use crate::runtime::Runtime;
use pglitedb_functions::FnCtx;
use pglitedb_sqlstate::{Result, bail};
use pglitedb_types::Datum;
use smallvec::SmallVec;

impl Call {
    #[inline]
    pub(super) fn eval(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        let ctx = FnCtx { env: rt.env, info: &self.info };
        match self.args.as_slice() {
            [arg] => {
                let arg = arg.eval(row, rt)?;
                if self.strict && arg.is_null() {
                    return Ok(Datum::Null);
                }
                (self.func)(&ctx, std::slice::from_ref(&arg))
            }
            [left, right] => {
                let args = [left.eval(row, rt)?, right.eval(row, rt)?];
                if self.strict && (args[0].is_null() || args[1].is_null()) {
                    return Ok(Datum::Null);
                }
                (self.func)(&ctx, &args)
            }
            many => {
                let mut args: SmallVec<[Datum; 6]> = SmallVec::with_capacity(many.len());
                for arg in many {
                    args.push(arg.eval(row, rt)?);
                }
                if self.strict && args.iter().any(Datum::is_null) {
                    return Ok(Datum::Null);
                }
                (self.func)(&ctx, &args)
            }
        }
    }
}

impl Call2 {
    fn pair(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<[Datum; 2]> {
        match self.0.args.as_slice() {
            [left, right] => Ok([left.eval(row, rt)?, right.eval(row, rt)?]),
            _ => bail!(INTERNAL_ERROR, "comparison needs two arguments"),
        }
    }

    fn equal(&self, pair: &[Datum; 2], rt: &Runtime<'_>) -> Result<bool> {
        let ctx = FnCtx { env: rt.env, info: &self.0.info };
        Ok((self.0.func)(&ctx, pair)?.as_bool() == Some(true))
    }

    pub(super) fn distinct(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        let pair = self.pair(row, rt)?;
        Ok(Datum::Bool(match (pair[0].is_null(), pair[1].is_null()) {
            (true, true) => false,
            (true, false) | (false, true) => true,
            (false, false) => !self.equal(&pair, rt)?,
        }))
    }

    pub(super) fn null_if(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        let pair = self.pair(row, rt)?;
        if !pair[0].is_null() && !pair[1].is_null() && self.equal(&pair, rt)? {
            return Ok(Datum::Null);
        }
        let [left, _] = pair;
        Ok(left)
    }
}

impl ScalarArrayCall {
    pub(super) fn eval(&self, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
        let array = self.array.eval(row, rt)?;
        let Datum::Array(array) = &array else { return Ok(Datum::Null) };
        if array.values.is_empty() {
            return Ok(Datum::Bool(!self.use_or));
        }
        let scalar = self.scalar.eval(row, rt)?;
        if self.strict && scalar.is_null() {
            return Ok(Datum::Null);
        }
        let ctx = FnCtx { env: rt.env, info: &self.info };
        let mut pair = [scalar, Datum::Null];
        let mut unknown = false;
        for value in &array.values {
            if self.strict && value.is_null() {
                unknown = true;
                continue;
            }
            pair[1] = value.clone();
            match (self.func)(&ctx, &pair)?.as_bool() {
                None => unknown = true,
                Some(found) if found == self.use_or => return Ok(Datum::Bool(found)),
                Some(_) => {}
            }
        }
        Ok(if unknown { Datum::Null } else { Datum::Bool(!self.use_or) })
    }
}
