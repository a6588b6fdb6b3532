//! Item methods.

use super::datetime;
use super::eval::{Evaluator, Items};
use super::item::{Item, Moment};
use pglitedb_sqlstate::{Error, Result, Severity, err};
use pglitedb_types::json::object_from_pairs;
use pglitedb_types::jsonpath::{Method, MethodArg};
use pglitedb_types::{Datum, JsonbValue, Numeric, Oid, oids};
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
    forgiving: bool,
) -> Result<Items<'a>> {
    match method {
        Method::Type => Ok(vec![Item::new(JsonbValue::String(item.type_name().into()))]),
        Method::Size => match item.items() {
            Some(items) => Ok(number_item(Numeric::from_scaled(items.len() as i128, 0))),
            None if eval.lax => Ok(number_item(Numeric::from_scaled(1, 0))),
            None if forgiving => Ok(Vec::new()),
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
            numeric(eval, method, arguments, item)
        }
        Method::Boolean => boolean(item),
        Method::String => string(item),
        Method::KeyValue => key_value(eval, item),
        _ => date(eval, method, arguments, item),
    }
}

/// The name of the SQL type that a numeric method makes.
fn numeric_type(method: Method) -> &'static str {
    match method {
        Method::Double => "double precision",
        Method::Integer => "integer",
        Method::Bigint => "bigint",
        _ => "numeric",
    }
}

/// What `text` says, as the type's input reads it.
fn number_of(eval: &Evaluator<'_>, method: Method, text: &str) -> Result<Numeric> {
    let env = eval.ctx.env.as_type_env();
    let type_oid = match method {
        Method::Double => oids::FLOAT8,
        Method::Integer => oids::INT4,
        Method::Bigint => oids::INT8,
        _ => oids::NUMERIC,
    };
    let value = pglitedb_types::input(text, type_oid, -1, env);
    match value.map_err(|_| bad_argument(text, method, numeric_type(method)))? {
        Datum::Float8(value) if value.is_finite() => Ok(Numeric::from_f64(value)),
        Datum::Float8(_) => Err(not_finite(method)),
        Datum::Numeric(value) if !value.is_finite() => Err(not_finite(method)),
        Datum::Numeric(value) => Ok(value),
        other => Ok(Numeric::from_scaled(other.as_i64().unwrap_or(0).into(), 0)),
    }
}

#[cold]
fn not_finite(method: Method) -> Error {
    err!(
        NON_NUMERIC_SQL_JSON_ITEM,
        "NaN or Infinity is not allowed for jsonpath item method .{}()",
        method.name()
    )
}

fn numeric<'a>(
    eval: &Evaluator<'a>,
    method: Method,
    arguments: &[MethodArg],
    item: &Item<'a>,
) -> Result<Items<'a>> {
    let (number, text) = match item.json() {
        Some(JsonbValue::Number(number)) => (number.clone(), number.to_string()),
        Some(JsonbValue::String(text)) => (number_of(eval, method, text)?, text.as_ref().to_owned()),
        _ => return Err(only_to(method, "a string or numeric value")),
    };
    let result = match method {
        Method::Integer => number.to_int4().map(|v| Numeric::from_scaled(v.into(), 0)),
        Method::Bigint => number.to_int8().map(|v| Numeric::from_scaled(v.into(), 0)),
        Method::Double => number.to_float8().map(Numeric::from_f64),
        Method::Decimal => match arguments {
            [MethodArg::Number(precision), rest @ ..] => {
                let precision = integer_argument(precision, method, "precision")?;
                let scale = match rest {
                    [MethodArg::Number(scale)] => integer_argument(scale, method, "scale")?,
                    _ => 0,
                };
                decimal(&number, precision, scale)
            }
            _ => Ok(number),
        },
        _ => Ok(number),
    };
    match result {
        Ok(number) => Ok(number_item(number)),
        Err(error) if error.code() == pglitedb_sqlstate::codes::INVALID_PARAMETER_VALUE => Err(error),
        Err(_) => Err(bad_argument(&text, method, numeric_type(method))),
    }
}

fn integer_argument(number: &Numeric, method: Method, what: &str) -> Result<i32> {
    number.to_int4().map_err(|_| {
        err!(
            NON_NUMERIC_SQL_JSON_ITEM,
            "{what} of jsonpath item method .{}() is out of range for type integer",
            method.name()
        )
    })
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

fn string<'a>(item: &Item<'a>) -> Result<Items<'a>> {
    let text = match item {
        Item::Datetime(moment) => moment.text().into(),
        Item::Json(value) => match &**value {
            JsonbValue::String(text) => text.clone(),
            JsonbValue::Number(number) => number.to_string().into(),
            JsonbValue::Bool(value) => Arc::from(if *value { "true" } else { "false" }),
            _ => return Err(only_to(Method::String, "a boolean, string, numeric, or datetime value")),
        },
    };
    Ok(vec![Item::new(JsonbValue::String(text))])
}

/// `{"key": ..., "value": ..., "id": ...}` for each member. The id tells objects apart.
fn key_value<'a>(eval: &Evaluator<'a>, item: &Item<'a>) -> Result<Items<'a>> {
    let Some(object @ JsonbValue::Object(members)) = item.json() else {
        return Err(only_to(Method::KeyValue, "an object"));
    };
    let id = super::layout::offset(eval.root, object).unwrap_or(0);
    Ok(members
        .iter()
        .map(|(key, value)| {
            Item::new(object_from_pairs(vec![
                (Arc::from("key"), JsonbValue::String(key.clone())),
                (Arc::from("value"), value.clone()),
                (Arc::from("id"), JsonbValue::Number(Numeric::from_scaled(id as i128, 0))),
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

#[cold]
fn unknown_format(method: Method, text: &str) -> Error {
    match method {
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
    }
}

fn date<'a>(
    eval: &Evaluator<'a>,
    method: Method,
    arguments: &[MethodArg],
    item: &Item<'a>,
) -> Result<Items<'a>> {
    let Some(JsonbValue::String(text)) = item.json() else { return Err(only_to(method, "a string")) };
    if let [MethodArg::Text(template)] = arguments {
        return Ok(vec![Item::Datetime(datetime::by_template(eval, text, template)?)]);
    }
    let precision = match arguments {
        [MethodArg::Number(number)] => Some(number.to_int4().map_err(|_| {
            err!(
                INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION,
                "time precision of jsonpath item method .{}() is out of range for type integer",
                method.name()
            )
        })?),
        _ => None,
    };
    let read = datetime::iso(eval, text).ok_or_else(|| unknown_format(method, text))?;
    let to = target(method).unwrap_or(read.type_oid);
    let mut moment = datetime::convert(eval, &read, to)?.ok_or_else(|| unknown_format(method, text))?;
    if let Some(precision) = precision {
        moment.value = rounded(eval, &moment, precision)?;
    }
    Ok(vec![Item::Datetime(moment)])
}

/// The value at a precision, which is 6 at most.
fn rounded(eval: &Evaluator<'_>, moment: &Moment, precision: i32) -> Result<Datum> {
    const MOST: i32 = 6;
    if precision > MOST {
        let name = match moment.type_oid {
            oids::TIME => ("TIME", ""),
            oids::TIMETZ => ("TIME", " WITH TIME ZONE"),
            oids::TIMESTAMP => ("TIMESTAMP", ""),
            _ => ("TIMESTAMP", " WITH TIME ZONE"),
        };
        eval.ctx.env.notice(
            err!(
                INVALID_PARAMETER_VALUE,
                "{}({precision}){} precision reduced to maximum allowed, {MOST}",
                name.0,
                name.1
            )
            .severity(Severity::Warning),
        );
    }
    pglitedb_types::apply_typmod(&moment.value, moment.type_oid, precision.min(MOST), true)
}
