//! What paths work on: JSON values, and dates and times, which only exist inside of a path.

use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, JsonbValue, Oid, TypeEnv, oids};
use std::borrow::Cow;

/// One item of a sequence.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// A JSON value.
    Json(Cow<'a, JsonbValue>),
    /// A date or time and its SQL type.
    Datetime(Datum, Oid),
}

impl<'a> Item<'a> {
    /// A value that the path made.
    pub fn new(value: JsonbValue) -> Item<'static> {
        Item::Json(Cow::Owned(value))
    }

    /// The JSON value, if it is one.
    pub fn json(&self) -> Option<&JsonbValue> {
        match self {
            Item::Json(value) => Some(value),
            Item::Datetime(..) => None,
        }
    }

    /// The items of an array.
    pub fn items(&self) -> Option<Vec<Item<'a>>> {
        match self {
            Item::Json(Cow::Borrowed(JsonbValue::Array(items))) => {
                Some(items.iter().map(|item| Item::Json(Cow::Borrowed(item))).collect())
            }
            Item::Json(Cow::Owned(JsonbValue::Array(items))) => {
                Some(items.iter().map(|item| Item::new(item.clone())).collect())
            }
            _ => None,
        }
    }

    /// A member of an object.
    pub fn member(&self, key: &str) -> Option<Item<'a>> {
        match self {
            Item::Json(Cow::Borrowed(value)) => {
                crate::json::node::member(value, key).map(|value| Item::Json(Cow::Borrowed(value)))
            }
            Item::Json(Cow::Owned(value)) => {
                crate::json::node::member(value, key).map(|v| Item::new(v.clone()))
            }
            Item::Datetime(..) => None,
        }
    }

    /// The values of an object's members.
    pub fn member_values(&self) -> Option<Vec<Item<'a>>> {
        match self {
            Item::Json(Cow::Borrowed(JsonbValue::Object(members))) => {
                Some(members.iter().map(|(_, value)| Item::Json(Cow::Borrowed(value))).collect())
            }
            Item::Json(Cow::Owned(JsonbValue::Object(members))) => {
                Some(members.iter().map(|(_, value)| Item::new(value.clone())).collect())
            }
            _ => None,
        }
    }

    /// The name that `.type()` gives.
    pub fn type_name(&self) -> &'static str {
        match self {
            Item::Json(value) => crate::json::node::Node::Jsonb(value).kind().name(),
            Item::Datetime(_, oids::DATE) => "date",
            Item::Datetime(_, oids::TIME) => "time without time zone",
            Item::Datetime(_, oids::TIMETZ) => "time with time zone",
            Item::Datetime(_, oids::TIMESTAMP) => "timestamp without time zone",
            Item::Datetime(..) => "timestamp with time zone",
        }
    }

    /// The JSON value that leaves the path: dates and times become strings.
    pub fn into_json(self, env: &dyn TypeEnv) -> Result<JsonbValue> {
        match self {
            Item::Json(value) => Ok(value.into_owned()),
            Item::Datetime(value, type_oid) => crate::json::to_json::to_jsonb(&value, type_oid, env),
        }
    }
}
