//! CURRENT_DATE and friends; special grammar dispatched by name.

use super::{EvalRow, SpecialCall};
use crate::runtime::Runtime;
use pglitedb_functions::{Builtin, CallInfo, FnCtx};
use pglitedb_query_tree::SqlValueFunction as Function;
use pglitedb_sqlstate::{Error, Result, bail};
use pglitedb_types::{Datum, Oid, RegKind, oids};

/// An int8 as the integer type wanted.
pub(super) fn integer_of(value: i64, type_oid: Oid) -> Result<Datum> {
    Ok(match type_oid {
        oids::INT2 => match i16::try_from(value) {
            Ok(value) => Datum::Int2(value),
            Err(_) => bail!(NUMERIC_VALUE_OUT_OF_RANGE, "smallint out of range"),
        },
        oids::INT4 => match i32::try_from(value) {
            Ok(value) => Datum::Int4(value),
            Err(_) => bail!(NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"),
        },
        _ => Datum::Int8(value),
    })
}

/// Value of an SQL value function.
pub(super) fn sql_value(function: Function, type_oid: Oid, typmod: i32, rt: &Runtime<'_>) -> Result<Datum> {
    let env = rt.env.as_type_env();
    let now = || Datum::TimestampTz(env.transaction_timestamp());
    let cast = |name: &str| -> Result<Datum> {
        let info =
            CallInfo { arg_types: vec![oids::TIMESTAMPTZ], result_type: type_oid, ..CallInfo::default() };
        match rt.registry.get(name) {
            Some(Builtin::Scalar(func)) => func(&FnCtx { env: rt.env, info: &info }, &[now()]),
            _ => Err(Error::unsupported(format!("function {name} is not supported yet"))),
        }
    };
    let rounded = |value: Datum| pglitedb_types::apply_typmod(&value, type_oid, typmod, true);
    match function {
        Function::CurrentDate => cast("timestamptz_date"),
        Function::CurrentTime => rounded(cast("timestamptz_timetz")?),
        Function::LocalTime => rounded(cast("timestamptz_time")?),
        Function::CurrentTimestamp => rounded(now()),
        Function::LocalTimestamp => rounded(cast("timestamptz_timestamp")?),
        Function::CurrentUser | Function::CurrentRole | Function::User => role(rt.env.current_user(), rt),
        Function::SessionUser => role(rt.env.session_user(), rt),
        Function::CurrentCatalog => Ok(Datum::text(&rt.env.current_database())),
        Function::CurrentSchema => {
            let info = CallInfo { result_type: type_oid, ..CallInfo::default() };
            match rt.registry.get("current_schema") {
                Some(Builtin::Scalar(func)) => func(&FnCtx { env: rt.env, info: &info }, &[]),
                _ => Err(Error::unsupported("function current_schema is not supported yet")),
            }
        }
    }
}

fn role(oid: Oid, rt: &Runtime<'_>) -> Result<Datum> {
    Ok(match rt.env.reg_output(RegKind::Role, oid)? {
        Some(name) => Datum::text(name.trim_matches('"')),
        None => Datum::text(&oid.to_string()),
    })
}

/// Special grammar: registered as `special:NAME`, called with the options as a first text argument.
pub(super) fn special(call: &SpecialCall, row: &EvalRow<'_>, rt: &Runtime<'_>) -> Result<Datum> {
    let Some(Builtin::Scalar(func)) = rt.registry.get(&format!("special:{}", call.name)) else {
        return Err(Error::unsupported(format!("{} is not supported yet", call.name.to_uppercase())));
    };
    let mut args = Vec::with_capacity(call.args.len() + 1);
    args.push(call.options.clone());
    for arg in &call.args {
        args.push(arg.eval(row, rt)?);
    }
    func(&FnCtx { env: rt.env, info: &call.info }, &args)
}
