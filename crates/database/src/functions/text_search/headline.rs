//! `ts_headline`.

use super::document::config;
use pglitedb_functions::json::node::{Kind, Node, quoted, with_node};
use pglitedb_functions::text_search::{Query, SessionHost};
use pglitedb_functions::{FnCtx, Registry, scalars};
use pglitedb_sqlstate::Result;
use pglitedb_text_search::{Config, HeadlineOptions, Host, headline};
use pglitedb_types::{Datum, JsonbValue, Oid};
use std::sync::Arc;

/// What the headline is made by.
struct Marker<'a> {
    config: &'a Config,
    query: &'a Query,
    options: &'a HeadlineOptions,
    host: &'a dyn Host,
}

impl Marker<'_> {
    fn text(&self, text: &str) -> Result<String> {
        headline(self.config, text, self.query.0.as_ref(), self.options, self.host)
    }

    fn jsonb(&self, value: &JsonbValue) -> Result<JsonbValue> {
        Ok(match value {
            JsonbValue::String(text) => JsonbValue::String(Arc::from(self.text(text)?)),
            JsonbValue::Array(items) => {
                JsonbValue::Array(items.iter().map(|item| self.jsonb(item)).collect::<Result<_>>()?)
            }
            JsonbValue::Object(members) => {
                let member = |(key, item): &(Arc<str>, JsonbValue)| Ok((key.clone(), self.jsonb(item)?));
                JsonbValue::Object(members.iter().map(member).collect::<Result<_>>()?)
            }
            other => other.clone(),
        })
    }

    /// Writes a `json` value without spaces, as PostgreSQL does here.
    fn json(&self, node: Node<'_>, out: &mut String) -> Result<()> {
        match node.kind() {
            Kind::String => out.push_str(&quoted(&self.text(&node.text().unwrap_or_default())?)),
            Kind::Array => {
                out.push('[');
                for (at, item) in node.items().unwrap_or_default().into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    self.json(item, out)?;
                }
                out.push(']');
            }
            Kind::Object => {
                out.push('{');
                for (at, (key, item)) in node.members().unwrap_or_default().into_iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&quoted(key));
                    out.push(':');
                    self.json(item, out)?;
                }
                out.push('}');
            }
            Kind::Null | Kind::Bool | Kind::Number => out.push_str(&node.source()),
        }
        Ok(())
    }
}

/// A headline of any of the three types.
fn mark(
    ctx: &FnCtx<'_>,
    oid: Option<Oid>,
    value: &Datum,
    is_json: bool,
    query: Query,
    options: Option<&str>,
) -> Result<Datum> {
    let config = config(ctx, oid)?;
    let options = options.map(HeadlineOptions::parse).transpose()?.unwrap_or_default();
    let host = SessionHost::of(ctx);
    let marker = Marker { config: &config, query: &query, options: &options, host: &host };
    match value {
        Datum::Jsonb(value) => Ok(Datum::Jsonb(Arc::new(marker.jsonb(value)?))),
        Datum::Text(_) if is_json => {
            let mut out = String::new();
            with_node(value, |node| marker.json(node, &mut out))?;
            Ok(Datum::text(&out))
        }
        Datum::Text(text) => Ok(Datum::text(&marker.text(text)?)),
        other => Err(pglitedb_functions::convert::mismatch(other, "text")),
    }
}

macro_rules! headlines {
    ($reg:ident; $($prefix:literal, $json:literal;)*) => {
        scalars!($reg; $(
            $prefix => [ctx] |value: &Datum, query: Query| mark(ctx, None, value, $json, query, None);
            concat!($prefix, "_opt") => [ctx] |value: &Datum, query: Query, options: &str|
                mark(ctx, None, value, $json, query, Some(options));
            concat!($prefix, "_byid") => [ctx] |oid: u32, value: &Datum, query: Query|
                mark(ctx, Some(oid), value, $json, query, None);
            concat!($prefix, "_byid_opt") => [ctx] |oid: u32, value: &Datum, query: Query, options: &str|
                mark(ctx, Some(oid), value, $json, query, Some(options));
        )*);
    };
}

pub(super) fn register(reg: &mut Registry) {
    headlines!(reg; "ts_headline", false; "ts_headline_json", true; "ts_headline_jsonb", true;);
}
