//! From any SQL value to JSON.

use super::node::{jsonb_text, quoted};
use crate::Registry;
use crate::call::FnCtx;
use pglitedb_sqlstate::{Result, bail, err};
use pglitedb_types::env::{CompositeField, DateStyle};
use pglitedb_types::io::output_string;
use pglitedb_types::json::{jsonb_input, object_from_pairs};
use pglitedb_types::{
    ArrayDim, Datum, EnumValue, FormatSettings, JsonbValue, Numeric, Oid, RecordValue, RegKind, TypeEnv,
    TypeInfo, TypeKind, oids,
};
use std::str::FromStr;
use std::sync::Arc;

/// The session with ISO dates, which is what JSON has.
struct IsoEnv<'a> {
    inner: &'a dyn TypeEnv,
    settings: FormatSettings,
}

impl TypeEnv for IsoEnv<'_> {
    fn format(&self) -> &FormatSettings {
        &self.settings
    }
    fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>> {
        self.inner.type_info(oid)
    }
    fn composite_fields(&self, type_oid: Oid) -> Result<Arc<[CompositeField]>> {
        self.inner.composite_fields(type_oid)
    }
    fn enum_from_label(&self, type_oid: Oid, label: &str) -> Result<Option<EnumValue>> {
        self.inner.enum_from_label(type_oid, label)
    }
    fn enum_label(&self, value: EnumValue) -> Result<Arc<str>> {
        self.inner.enum_label(value)
    }
    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid> {
        self.inner.reg_input(kind, name)
    }
    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>> {
        self.inner.reg_output(kind, oid)
    }
    fn check_domain(&self, domain: Oid, value: &Datum) -> Result<()> {
        self.inner.check_domain(domain, value)
    }
    fn check_like_regex(&self, pattern: &str, flags: &str) -> Result<()> {
        self.inner.check_like_regex(pattern, flags)
    }
    fn transaction_timestamp(&self) -> i64 {
        self.inner.transaction_timestamp()
    }
}

/// A date or timestamp as ISO 8601.
fn iso_text(value: &Datum, type_oid: Oid, env: &dyn TypeEnv) -> Result<String> {
    let settings = FormatSettings { date_style: DateStyle::Iso, ..env.format().clone() };
    let text = output_string(value, type_oid, &IsoEnv { inner: env, settings })?;
    if type_oid == oids::DATE || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(text);
    }
    let (text, era) = match text.strip_suffix(" BC") {
        Some(text) => (text.to_owned(), " BC"),
        None => (text, ""),
    };
    let mut out = text.replacen(' ', "T", 1);
    if type_oid == oids::TIMESTAMPTZ {
        let zone = out.rfind(['+', '-']).unwrap_or(out.len());
        if out.len() - zone == 3 {
            out.push_str(":00");
        }
    }
    Ok(out + era)
}

/// How a type's values become JSON.
enum Category {
    Bool,
    Number,
    Date,
    Json,
    Jsonb,
    Array(Oid),
    Composite,
    /// By the function that casts the type to `json`.
    Cast(Oid),
    Other,
}

fn category(type_oid: Oid, env: &dyn TypeEnv) -> Result<(Category, Oid)> {
    Ok(match type_oid {
        oids::BOOL => (Category::Bool, type_oid),
        oids::INT2 | oids::INT4 | oids::INT8 | oids::FLOAT4 | oids::FLOAT8 | oids::NUMERIC => {
            (Category::Number, type_oid)
        }
        oids::DATE | oids::TIMESTAMP | oids::TIMESTAMPTZ => (Category::Date, type_oid),
        oids::JSON => (Category::Json, type_oid),
        oids::JSONB => (Category::Jsonb, type_oid),
        oids::TEXT | oids::UNKNOWN | 0 => (Category::Other, oids::TEXT),
        oids::RECORD => (Category::Composite, type_oid),
        oids::ANYARRAY => (Category::Array(0), type_oid),
        _ => {
            let info = env.type_info(type_oid)?;
            match info.kind {
                _ if info.is_true_array => (Category::Array(info.element), type_oid),
                TypeKind::Domain => category(info.base_type, env)?,
                TypeKind::Composite => (Category::Composite, type_oid),
                _ if type_oid >= oids::FIRST_NORMAL_OID => match env.json_cast(type_oid)? {
                    Some(function) => (Category::Cast(function), type_oid),
                    None => (Category::Other, type_oid),
                },
                _ => (Category::Other, type_oid),
            }
        }
    })
}

/// Names of a composite value's fields.
pub fn field_names(record: &RecordValue, env: &dyn TypeEnv) -> Result<Vec<Arc<str>>> {
    if record.type_oid == oids::RECORD || record.type_oid == 0 {
        if let Some(names) = &record.names {
            return Ok(names.to_vec());
        }
        return Ok((1..=record.fields.len()).map(|at| Arc::from(format!("f{at}"))).collect());
    }
    Ok(env.composite_fields(record.type_oid)?.iter().map(|field| field.name.clone()).collect())
}

/// Is it a number as JSON writes them (not NaN or infinite)?
fn is_json_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && text.ends_with(|c: char| c.is_ascii_digit())
}

/// Appends a value as `json`. `pretty`: line feeds between the items of arrays and objects.
pub fn write_json(
    value: &Datum,
    type_oid: Oid,
    pretty: bool,
    env: &dyn TypeEnv,
    out: &mut String,
) -> Result<()> {
    if value.is_null() {
        out.push_str("null");
        return Ok(());
    }
    let (category, type_oid) = category(type_oid, env)?;
    match (category, value) {
        (Category::Bool, Datum::Bool(value)) => out.push_str(if *value { "true" } else { "false" }),
        (Category::Number, _) => {
            let text = output_string(value, type_oid, env)?;
            if is_json_number(&text) {
                out.push_str(&text);
            } else {
                out.push_str(&quoted(&text));
            }
        }
        (Category::Date, _) => out.push_str(&quoted(&iso_text(value, type_oid, env)?)),
        (Category::Json, Datum::Text(text)) => out.push_str(text),
        (Category::Jsonb, Datum::Jsonb(value)) => out.push_str(&jsonb_text(value)),
        // A statistic's array is of whatever its column is.
        (Category::Array(element), Datum::Array(array)) => {
            let element = if element == 0 { array.elem_type } else { element };
            write_array(&array.values, &array.dims, element, pretty, env, out)?;
        }
        (Category::Composite, Datum::Record(record)) => write_record(record, pretty, env, out)?,
        (Category::Cast(function), _) => {
            let json = env.call_function(function, std::slice::from_ref(value), oids::JSON)?;
            out.push_str(json.as_str().unwrap_or("null"));
        }
        _ => out.push_str(&quoted(&output_string(value, type_oid, env)?)),
    }
    Ok(())
}

fn write_array(
    values: &[Datum],
    dims: &[ArrayDim],
    element: Oid,
    pretty: bool,
    env: &dyn TypeEnv,
    out: &mut String,
) -> Result<()> {
    out.push('[');
    if let [_, inner @ ..] = dims {
        let stride: usize = inner.iter().map(|dim| dim.len.max(0) as usize).product::<usize>().max(1);
        for (at, chunk) in values.chunks(stride).enumerate() {
            if at > 0 {
                out.push_str(if pretty { ",\n " } else { "," });
            }
            match (inner.is_empty(), chunk) {
                (true, [value]) => write_json(value, element, false, env, out)?,
                _ => write_array(chunk, inner, element, false, env, out)?,
            }
        }
    }
    out.push(']');
    Ok(())
}

fn write_record(record: &RecordValue, pretty: bool, env: &dyn TypeEnv, out: &mut String) -> Result<()> {
    out.push('{');
    let names = field_names(record, env)?;
    for (at, (name, value)) in names.iter().zip(&record.fields).enumerate() {
        if at > 0 {
            out.push_str(if pretty { ",\n " } else { "," });
        }
        out.push_str(&quoted(name));
        out.push(':');
        write_json(value, record.field_types.get(at).copied().unwrap_or(0), false, env, out)?;
    }
    out.push('}');
    Ok(())
}

/// A value as `jsonb`.
pub fn to_jsonb(value: &Datum, type_oid: Oid, env: &dyn TypeEnv) -> Result<JsonbValue> {
    if value.is_null() {
        return Ok(JsonbValue::Null);
    }
    let (category, type_oid) = category(type_oid, env)?;
    let string = |text: String| JsonbValue::String(text.into());
    Ok(match (category, value) {
        (Category::Bool, Datum::Bool(value)) => JsonbValue::Bool(*value),
        (Category::Number, Datum::Numeric(number)) if number.is_finite() => {
            JsonbValue::Number(number.clone())
        }
        (Category::Number, _) => match value.as_i64() {
            Some(number) => JsonbValue::Number(Numeric::from_scaled(number.into(), 0)),
            None => {
                let text = output_string(value, type_oid, env)?;
                if is_json_number(&text) {
                    JsonbValue::Number(Numeric::from_str(&text)?)
                } else {
                    string(text)
                }
            }
        },
        (Category::Date, _) => string(iso_text(value, type_oid, env)?),
        (Category::Json, Datum::Text(text)) => jsonb_input(text, env.format())?,
        (Category::Jsonb, Datum::Jsonb(value)) => (**value).clone(),
        (Category::Array(element), Datum::Array(array)) => {
            let element = if element == 0 { array.elem_type } else { element };
            jsonb_array(&array.values, &array.dims, element, env)?
        }
        (Category::Composite, Datum::Record(record)) => {
            let mut members = Vec::with_capacity(record.fields.len());
            for (at, (name, value)) in field_names(record, env)?.into_iter().zip(&record.fields).enumerate() {
                let field_type = record.field_types.get(at).copied().unwrap_or(0);
                members.push((name, to_jsonb(value, field_type, env)?));
            }
            object_from_pairs(members)
        }
        (Category::Cast(function), _) => {
            let json = env.call_function(function, std::slice::from_ref(value), oids::JSON)?;
            jsonb_input(json.as_str().unwrap_or("null"), env.format())?
        }
        (_, Datum::Text(text)) if type_oid == oids::TEXT => JsonbValue::String(text.clone()),
        _ => string(output_string(value, type_oid, env)?),
    })
}

fn jsonb_array(values: &[Datum], dims: &[ArrayDim], element: Oid, env: &dyn TypeEnv) -> Result<JsonbValue> {
    let [_, inner @ ..] = dims else { return Ok(JsonbValue::Array(Vec::new())) };
    let stride: usize = inner.iter().map(|dim| dim.len.max(0) as usize).product::<usize>().max(1);
    let items = values.chunks(stride).map(|chunk| match (inner.is_empty(), chunk) {
        (true, [value]) => to_jsonb(value, element, env),
        _ => jsonb_array(chunk, inner, element, env),
    });
    Ok(JsonbValue::Array(items.collect::<Result<_>>()?))
}

/// A value as the key of an object.
pub fn object_key(value: &Datum, type_oid: Oid, env: &dyn TypeEnv) -> Result<String> {
    if value.is_null() {
        bail!(NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key");
    }
    let (category, type_oid) = category(type_oid, env)?;
    match category {
        Category::Json | Category::Jsonb | Category::Array(_) | Category::Composite | Category::Cast(_) => {
            Err(err!(INVALID_PARAMETER_VALUE, "key value must be scalar, not array, composite, or json"))
        }
        Category::Date => iso_text(value, type_oid, env),
        _ => match value {
            Datum::Bool(value) => Ok(value.to_string()),
            _ => output_string(value, type_oid, env),
        },
    }
}

/// Type of an argument as the call site has it.
pub fn argument_type(ctx: &FnCtx<'_>, at: usize) -> Oid {
    ctx.info.arg_types.get(at).copied().unwrap_or(0)
}

fn json(ctx: &FnCtx<'_>, value: &Datum, pretty: bool) -> Result<String> {
    let mut out = String::new();
    write_json(value, argument_type(ctx, 0), pretty, ctx.env.as_type_env(), &mut out)?;
    Ok(out)
}

pub(crate) fn register(reg: &mut Registry) {
    scalars!(reg;
        "to_json" => [ctx] |a: &Datum| json(ctx, a, false);
        "to_jsonb" => [ctx] |a: &Datum| to_jsonb(a, argument_type(ctx, 0), ctx.env.as_type_env());
        "row_to_json" => [ctx] |a: &Datum| json(ctx, a, false);
        "row_to_json_pretty" => [ctx] |a: &Datum, pretty: bool| json(ctx, a, pretty);
        "array_to_json" => [ctx] |a: &Datum| json(ctx, a, false);
        "array_to_json_pretty" => [ctx] |a: &Datum, pretty: bool| json(ctx, a, pretty);
    );
}
