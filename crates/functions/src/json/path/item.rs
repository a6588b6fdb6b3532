//! What paths work on: JSON values, and dates and times, which only exist inside of a path.

use pglitedb_types::datetime::{
    date_out, time_out, timestamp_out_xsd, timestamptz_out_xsd_at, timetz_out_xsd,
};
use pglitedb_types::{Datum, FormatSettings, JsonbValue, Oid, oids};
use std::borrow::Cow;

/// A date or time.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The value.
    pub value: Datum,
    /// Its SQL type.
    pub type_oid: Oid,
    /// Where a `timestamptz` is shown: seconds east of UTC.
    pub offset_east: i32,
}

impl Moment {
    /// The value as ISO 8601 text.
    pub fn text(&self) -> String {
        let mut out = Vec::new();
        match &self.value {
            Datum::Date(value) => date_out(*value, &FormatSettings::default(), &mut out),
            Datum::Time(value) => time_out(*value, &mut out),
            Datum::TimeTz(value) => timetz_out_xsd(*value, &mut out),
            Datum::Timestamp(value) => timestamp_out_xsd(*value, &mut out),
            Datum::TimestampTz(value) => timestamptz_out_xsd_at(*value, self.offset_east, &mut out),
            _ => {}
        }
        String::from_utf8(out).unwrap_or_default()
    }
}

/// One item of a sequence.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// A JSON value.
    Json(Cow<'a, JsonbValue>),
    /// A date or time.
    Datetime(Moment),
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
            Item::Datetime(moment) => match moment.type_oid {
                oids::DATE => "date",
                oids::TIME => "time without time zone",
                oids::TIMETZ => "time with time zone",
                oids::TIMESTAMP => "timestamp without time zone",
                _ => "timestamp with time zone",
            },
        }
    }

    /// The JSON value that leaves the path: dates and times become strings.
    pub fn into_json(self) -> JsonbValue {
        match self {
            Item::Json(value) => value.into_owned(),
            Item::Datetime(moment) => JsonbValue::String(moment.text().into()),
        }
    }
}
