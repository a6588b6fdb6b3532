//! Item methods.

use super::datetime;
use super::eval::{Evaluator, Items};
use super::item::Item;
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::json::object_from_pairs;
use pglitedb_types::jsonpath::{Method, MethodArg};
use pglitedb_types::{JsonbValue, Numeric, Oid, oids};
use std::str::FromStr;
use std::sync::Arc;

/// Does the method look through arrays in lax mode?
pub fn unwraps(method: Method) -> bool {
    !matches!(method, Method::Type | Method::Size)
}

#[cold]
fn only_to(method: Method, what: &str) -> Error {
    let message = format!("jsonpath item method .{}() can only be applied to {what}", method.name());
    match method {
        Method::Abs
        | Method::Ceiling
        | Method::Floor
        | Method::Double
        | Method::Number
        | Method::Decimal
        | Method::Integer
        | Method::Bigint
        | Method::Boolean
        | Method::String => {
            err!(NON_NUMERIC_SQL_JSON_ITEM, "{message}")
        }
        Method::KeyValue => err!(SQL_JSON_OBJECT_NOT_FOUND, "{message}"),
        Method::Size => err!(SQL_JSON_ARRAY_NOT_FOUND, "{message}"),
        _ => err!(INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION, "{message}"),
    }
}

#[cold]
fn bad_argument(text: &str, method: Method, what: &str) -> Error {
    err!(
        NON_NUMERIC_SQL_JSON_ITEM,
        "argument \"{text}\" of jsonpath item method .{}() is invalid for type {what}",
        method.name()
    )
}

fn number_item<'a>(number: Numeric) -> Items<'a> {
    vec![Item::new(JsonbValue::Number(number))]
}

/// Applies a method to one item.
pub fn call<'a>(
    eval: &Evaluator<'a>,
    method: Method,
    arguments: &[MethodArg],
    item: &Item<'a>,
) -> Result<Items<'a>> {
    match method {
        Method::Type => Ok(vec![Item::new(JsonbValue::String(item.type_name().into()))]),
        Method::Size => match item.items() {
            Some(items) => Ok(number_item(Numeric::from_scaled(items.len() as i128, 0))),
            None if eval.lax => Ok(number_item(Numeric::from_scaled(1, 0))),
            None => Err(only_to(method, "an array")),
        },
        Method::Abs | Method::Ceiling | Method::Floor => match item.json() {
            Some(JsonbValue::Number(number)) => Ok(number_item(match method {
                Method::Abs => number.abs(),
                Method::Ceiling => number.ceil()?,
                _ => number.floor()?,
            })),
            _ => Err(only_to(method, "a numeric value")),
        },
        Method::Double | Method::Number | Method::Decimal | Method::Integer | Method::Bigint => {
            numeric(method, arguments, item)
        }
        Method::Boolean => boolean(item),
        Method::String => string(eval, item),
        Method::KeyValue => key_value(item),
        _ => date(eval, method, arguments, item),
    }
}

fn numeric<'a>(method: Method, arguments: &[MethodArg], item: &Item<'a>) -> Result<Items<'a>> {
    let (number, text) = match item.json() {
        Some(JsonbValue::Number(number)) => (number.clone(), number.to_string()),
        Some(JsonbValue::String(text)) => {
            let what = match method {
                Method::Double => "double precision",
                Method::Integer => "integer",
                Method::Bigint => "bigint",
                _ => "numeric",
            };
            let number = Numeric::from_str(text).map_err(|_| bad_argument(text, method, what))?;
            (number, text.as_ref().to_owned())
        }
        _ => return Err(only_to(method, "a string or numeric value")),
    };
    if !number.is_finite() {
        return Err(err!(
            NON_NUMERIC_SQL_JSON_ITEM,
            "NaN or Infinity is not allowed for jsonpath item method .{}()",
            method.name()
        ));
    }
    let result = match method {
        Method::Integer => number.to_int4().map(|v| Numeric::from_scaled(v.into(), 0)),
        Method::Bigint => number.to_int8().map(|v| Numeric::from_scaled(v.into(), 0)),
        Method::Double => number.to_float8().map(Numeric::from_f64),
        Method::Decimal => match arguments {
            [MethodArg::Number(precision)] => decimal(&number, *precision, 0),
            [MethodArg::Number(precision), MethodArg::Number(scale)] => decimal(&number, *precision, *scale),
            _ => Ok(number),
        },
        _ => Ok(number),
    };
    let what = match method {
        Method::Integer => "integer",
        Method::Bigint => "bigint",
        Method::Double => "double precision",
        _ => "numeric",
    };
    match result {
        Ok(number) => Ok(number_item(number)),
        Err(error) if error.code() == pglitedb_sqlstate::codes::INVALID_PARAMETER_VALUE => Err(error),
        Err(_) => Err(bad_argument(&text, method, what)),
    }
}

fn decimal(number: &Numeric, precision: i32, scale: i32) -> Result<Numeric> {
    if !(1..=1000).contains(&precision) {
        return Err(err!(
            INVALID_PARAMETER_VALUE,
            "NUMERIC precision {precision} must be between 1 and 1000"
        ));
    }
    if !(-1000..=1000).contains(&scale) {
        return Err(err!(INVALID_PARAMETER_VALUE, "NUMERIC scale {scale} must be between -1000 and 1000"));
    }
    number.apply_typmod(pglitedb_types::numeric::make_typmod(precision, scale))
}

fn boolean<'a>(item: &Item<'a>) -> Result<Items<'a>> {
    let what = "a boolean, string, or numeric value";
    let value = match item.json() {
        Some(JsonbValue::Bool(value)) => *value,
        Some(JsonbValue::Number(number)) => {
            let integer = number.is_integral().then(|| number.to_int4().ok()).flatten();
            integer.ok_or_else(|| bad_argument(&number.to_string(), Method::Boolean, "boolean"))? != 0
        }
        Some(JsonbValue::String(text)) => pglitedb_types::scalar::boolean::parse(text)
            .map_err(|_| bad_argument(text, Method::Boolean, "boolean"))?,
        _ => return Err(only_to(Method::Boolean, what)),
    };
    Ok(vec![Item::new(JsonbValue::Bool(value))])
}

fn string<'a>(eval: &Evaluator<'a>, item: &Item<'a>) -> Result<Items<'a>> {
    let text = match item {
        Item::Datetime(..) => match item.clone().into_json(eval.ctx.env.as_type_env())? {
            JsonbValue::String(text) => text,
            other => crate::json::node::jsonb_text(&other).into(),
        },
        Item::Json(value) => match &**value {
            JsonbValue::String(text) => text.clone(),
            JsonbValue::Number(number) => number.to_string().into(),
            JsonbValue::Bool(value) => Arc::from(if *value { "true" } else { "false" }),
            _ => return Err(only_to(Method::String, "a boolean, string, numeric, or datetime value")),
        },
    };
    Ok(vec![Item::new(JsonbValue::String(text))])
}

/// `{"key": ..., "value": ..., "id": ...}` for each member. The id tells objects apart; ours are counted from 0.
fn key_value<'a>(item: &Item<'a>) -> Result<Items<'a>> {
    let Some(JsonbValue::Object(members)) = item.json() else {
        return Err(only_to(Method::KeyValue, "an object"));
    };
    Ok(members
        .iter()
        .map(|(key, value)| {
            Item::new(object_from_pairs(vec![
                (Arc::from("key"), JsonbValue::String(key.clone())),
                (Arc::from("value"), value.clone()),
                (Arc::from("id"), JsonbValue::Number(Numeric::from_scaled(0, 0))),
            ]))
        })
        .collect())
}

fn target(method: Method) -> Option<Oid> {
    Some(match method {
        Method::Date => oids::DATE,
        Method::Time => oids::TIME,
        Method::TimeTz => oids::TIMETZ,
        Method::Timestamp => oids::TIMESTAMP,
        Method::TimestampTz => oids::TIMESTAMPTZ,
        _ => return None,
    })
}

fn date<'a>(
    eval: &Evaluator<'a>,
    method: Method,
    arguments: &[MethodArg],
    item: &Item<'a>,
) -> Result<Items<'a>> {
    if let (Method::Datetime, [MethodArg::Text(_)]) = (method, arguments) {
        return Err(Error::unsupported("jsonpath item method .datetime() with a template is not supported"));
    }
    let Some(JsonbValue::String(text)) = item.json() else { return Err(only_to(method, "a string")) };
    let unknown = || match method {
        Method::Datetime => err!(
            INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION,
            "datetime format is not recognized: \"{text}\""
        )
        .hint("Use a datetime template argument to specify the input data format."),
        _ => err!(
            INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION,
            "{} format is not recognized: \"{text}\"",
            method.name()
        ),
    };
    let from = datetime::shape(text).ok_or_else(unknown)?;
    let env = eval.ctx.env.as_type_env();
    let value = pglitedb_types::input(text, from, -1, env).map_err(|_| unknown())?;
    let to = target(method).unwrap_or(from);
    let mut value = datetime::convert(eval, &value, from, to)?.ok_or_else(unknown)?;
    if let [MethodArg::Number(precision)] = arguments {
        if *precision < 0 {
            return Err(err!(
                INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION,
                "time precision of jsonpath item method .{}() is out of range for type integer",
                method.name()
            ));
        }
        value = pglitedb_types::apply_typmod(&value, to, (*precision).min(6), true)?;
    }
    Ok(vec![Item::Datetime(value, to)])
}
