//! The crate serde_json.

use crate::error::{Error, Result, mismatch};
use crate::{FromSql, ToSql, Type, Value, ValueRef};
use pglitedb_types::{Datum, JsonbValue, Numeric, oids};
use serde_json::Value as Json;

impl ToSql for Json {
    fn to_sql(&self, ty: &Type) -> Result<Value> {
        match ty.oid() {
            // Read by the engine, which orders members and checks limits.
            oids::JSONB | oids::JSON => Ok(Value::text(&self.to_string())),
            _ => match crate::to_sql::base(ty) {
                Some(base) => self.to_sql(&base),
                None => Err(mismatch("serde_json::Value", ty.name())),
            },
        }
    }
}

impl<'a> FromSql<'a> for Json {
    fn from_sql(ty: &Type, value: ValueRef<'a>) -> Result<Self> {
        match value.0 {
            Datum::Text(text) => {
                serde_json::from_str(text).map_err(|error| Error::conversion(error.to_string()))
            }
            Datum::Jsonb(value) => tree(value),
            _ => Err(mismatch("serde_json::Value", ty.name())),
        }
    }
}

fn tree(value: &JsonbValue) -> Result<Json> {
    Ok(match value {
        JsonbValue::Null => Json::Null,
        JsonbValue::Bool(value) => Json::Bool(*value),
        JsonbValue::Number(value) => number(value)?,
        JsonbValue::String(value) => Json::String(value.to_string()),
        JsonbValue::Array(items) => Json::Array(items.iter().map(tree).collect::<Result<_>>()?),
        JsonbValue::Object(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| Ok((name.to_string(), tree(value)?)))
                .collect::<Result<_>>()?,
        ),
    })
}

fn number(value: &Numeric) -> Result<Json> {
    if let Some((whole, 0)) = value.as_small() {
        return Ok(whole.into());
    }
    let mut text = Vec::new();
    value.write_to(&mut text);
    serde_json::from_slice(&text).map_err(|error| Error::conversion(error.to_string()))
}
