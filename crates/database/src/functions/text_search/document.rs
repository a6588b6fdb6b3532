//! `to_tsvector` and its relatives.

use crate::functions::env_of;
use pglitedb_functions::json::node::{Kind, Node, with_node};
use pglitedb_functions::text_search::SessionHost;
use pglitedb_functions::{Builtin, FnCtx, Registry, scalars};
use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_text_search::{Config, Host, VectorBuilder, to_vector};
use pglitedb_types::textsearch::TsVector;
use pglitedb_types::{Datum, JsonbValue, Oid};

/// The configuration given, or the current one.
pub(super) fn config(ctx: &FnCtx<'_>, oid: Option<Oid>) -> Result<std::sync::Arc<Config>> {
    let env = env_of(ctx)?;
    let oid = match oid {
        Some(oid) => oid,
        None => env.current_text_search()?,
    };
    env.text_search_config(oid)
}

/// `to_tsvector(text)`
pub(super) fn vector(ctx: &FnCtx<'_>, oid: Option<Oid>, text: &str) -> Result<TsVector> {
    to_vector(&*config(ctx, oid)?, text, &SessionHost::of(ctx))
}

/// Which parts of a document are indexed.
#[derive(Clone, Copy, Default)]
struct Parts {
    keys: bool,
    strings: bool,
    numbers: bool,
    booleans: bool,
}

const HINT: &str = "Possible values are: \"string\", \"numeric\", \"boolean\", \"key\", and \"all\".";

impl Parts {
    fn parse(flags: &JsonbValue) -> Result<Parts> {
        let single;
        let flags = match flags {
            JsonbValue::Array(flags) => flags.as_slice(),
            JsonbValue::Object(_) => {
                return Err(err!(
                    INVALID_PARAMETER_VALUE,
                    "wrong flag type, only arrays and scalars are allowed"
                ));
            }
            scalar => {
                single = [scalar.clone()];
                &single
            }
        };
        let mut parts = Parts::default();
        for flag in flags {
            let JsonbValue::String(flag) = flag else {
                return Err(Error::new(
                    pglitedb_sqlstate::codes::INVALID_PARAMETER_VALUE,
                    "flag array element is not a string",
                )
                .hint(HINT));
            };
            match &*flag.to_ascii_lowercase() {
                "all" => parts = Parts { keys: true, strings: true, numbers: true, booleans: true },
                "key" => parts.keys = true,
                "string" => parts.strings = true,
                "numeric" => parts.numbers = true,
                "boolean" => parts.booleans = true,
                _ => {
                    return Err(
                        err!(INVALID_PARAMETER_VALUE, "wrong flag in flag array: \"{flag}\"").hint(HINT)
                    );
                }
            }
        }
        Ok(parts)
    }
}

struct Walk<'a> {
    config: &'a Config,
    host: &'a dyn Host,
    parts: Parts,
    builder: VectorBuilder,
}

impl Walk<'_> {
    fn add(&mut self, text: &str) -> Result<()> {
        self.builder.add_alone(self.config, text, self.host)
    }

    fn node(&mut self, node: Node<'_>) -> Result<()> {
        let wanted = match node.kind() {
            Kind::Null => false,
            Kind::Bool => self.parts.booleans,
            Kind::Number => self.parts.numbers,
            Kind::String => self.parts.strings,
            Kind::Array => {
                return node.items().unwrap_or_default().into_iter().try_for_each(|item| self.node(item));
            }
            Kind::Object => {
                for (key, value) in node.members().unwrap_or_default() {
                    if self.parts.keys {
                        self.add(key)?;
                    }
                    self.node(value)?;
                }
                return Ok(());
            }
        };
        match node.text().filter(|_| wanted) {
            Some(text) => self.add(&text),
            None => Ok(()),
        }
    }
}

fn json_vector(
    ctx: &FnCtx<'_>,
    oid: Option<Oid>,
    value: &Datum,
    flags: Option<&JsonbValue>,
) -> Result<TsVector> {
    let parts = match flags {
        Some(flags) => Parts::parse(flags)?,
        None => Parts { strings: true, ..Parts::default() },
    };
    let config = config(ctx, oid)?;
    let host = SessionHost::of(ctx);
    let mut walk = Walk { config: &config, host: &host, parts, builder: VectorBuilder::default() };
    with_node(value, |node| walk.node(node))?;
    walk.builder.finish()
}

pub(super) fn register(reg: &mut Registry) {
    reg.add(
        "get_current_ts_config",
        Builtin::Scalar(|ctx, _| env_of(ctx)?.current_text_search().map(Datum::Oid)),
    );
    scalars!(reg;
        "to_tsvector" => [ctx] |text: &str| vector(ctx, None, text);
        "to_tsvector_byid" => [ctx] |oid: u32, text: &str| vector(ctx, Some(oid), text);
        "json_string_to_tsvector" => [ctx] |value: &Datum| json_vector(ctx, None, value, None);
        "json_string_to_tsvector_byid" => [ctx] |oid: u32, value: &Datum|
            json_vector(ctx, Some(oid), value, None);
        "jsonb_string_to_tsvector" => [ctx] |value: &Datum| json_vector(ctx, None, value, None);
        "jsonb_string_to_tsvector_byid" => [ctx] |oid: u32, value: &Datum|
            json_vector(ctx, Some(oid), value, None);
        "json_to_tsvector" => [ctx] |value: &Datum, flags: &JsonbValue|
            json_vector(ctx, None, value, Some(flags));
        "json_to_tsvector_byid" => [ctx] |oid: u32, value: &Datum, flags: &JsonbValue|
            json_vector(ctx, Some(oid), value, Some(flags));
        "jsonb_to_tsvector" => [ctx] |value: &Datum, flags: &JsonbValue|
            json_vector(ctx, None, value, Some(flags));
        "jsonb_to_tsvector_byid" => [ctx] |oid: u32, value: &Datum, flags: &JsonbValue|
            json_vector(ctx, Some(oid), value, Some(flags));
    );
}
