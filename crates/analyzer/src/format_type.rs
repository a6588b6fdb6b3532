//! Names of types as PostgreSQL prints them.

use crate::binder::Binder;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Oid, oids};

/// `format_type`: SQL names for the standard's types, catalog names for others, qualified where the search path does
/// not find them. `typmod` `None`: without modifier (`character` for bpchar); `Some(-1)`: no modifier is set
/// (`bpchar`).
pub(crate) fn format_type(binder: &Binder<'_>, oid: Oid, typmod: Option<i32>) -> Result<String> {
    format_qualified(binder, oid, typmod, false)
}

/// Like [`format_type`]; `force` always qualifies.
pub(crate) fn format_qualified(
    binder: &Binder<'_>,
    oid: Oid,
    typmod: Option<i32>,
    force: bool,
) -> Result<String> {
    if oid == 0 {
        return Ok("-".into());
    }
    let Some(mut info) = binder.ctx.catalog.type_info(oid)? else {
        return Ok("???".into());
    };
    let mut array = false;
    if info.is_true_array
        && info.element != 0
        && let Some(element) = binder.ctx.catalog.type_info(info.element)?
    {
        info = element;
        array = true;
    }
    let modifier = typmod.unwrap_or(-1);
    let mut text = match builtin_name(info.oid, typmod) {
        Some(name) => name,
        None => {
            let name = quote_ident(&info.name);
            let qualified = if !force && binder.type_is_visible(&info.name, info.namespace, info.oid)? {
                name
            } else {
                match binder.ctx.catalog.namespace_name(info.namespace)? {
                    Some(schema) => format!("{}.{name}", quote_ident(&schema)),
                    None => name,
                }
            };
            format!("{qualified}{}", modifier_text(info.oid, modifier))
        }
    };
    if array {
        text.push_str("[]");
    }
    Ok(text)
}

fn builtin_name(oid: Oid, typmod: Option<i32>) -> Option<String> {
    let modifier = typmod.unwrap_or(-1);
    let suffix = modifier_text(oid, modifier);
    Some(match oid {
        oids::BIT if modifier < 0 && typmod.is_some() => "\"bit\"".into(),
        oids::BIT => format!("bit{suffix}"),
        oids::BOOL => "boolean".into(),
        oids::BPCHAR if modifier < 0 && typmod.is_some() => "bpchar".into(),
        oids::BPCHAR => format!("character{suffix}"),
        oids::FLOAT4 => "real".into(),
        oids::FLOAT8 => "double precision".into(),
        oids::INT2 => "smallint".into(),
        oids::INT4 => "integer".into(),
        oids::INT8 => "bigint".into(),
        oids::JSON => "json".into(),
        oids::NUMERIC => format!("numeric{suffix}"),
        oids::INTERVAL => format!("interval{suffix}"),
        oids::TIME if modifier >= 0 => format!("time{suffix} without time zone"),
        oids::TIME => "time without time zone".into(),
        oids::TIMETZ => format!("time{suffix} with time zone"),
        oids::TIMESTAMP => format!("timestamp{suffix} without time zone"),
        oids::TIMESTAMPTZ => format!("timestamp{suffix} with time zone"),
        oids::VARBIT => format!("bit varying{suffix}"),
        oids::VARCHAR => format!("character varying{suffix}"),
        _ => return None,
    })
}

/// The modifier in parentheses (PostgreSQL: `typmodout`), empty if there is none.
pub(crate) fn modifier_text(oid: Oid, typmod: i32) -> String {
    if typmod < 0 {
        return String::new();
    }
    match oid {
        oids::BPCHAR | oids::VARCHAR if typmod > 4 => format!("({})", typmod - 4),
        oids::BPCHAR | oids::VARCHAR => String::new(),
        oids::NUMERIC if typmod >= 4 => {
            let packed = typmod - 4;
            let scale = ((packed & 0x7ff) ^ 1024) - 1024;
            format!("({},{scale})", (packed >> 16) & 0xffff)
        }
        oids::NUMERIC => String::new(),
        oids::INTERVAL => interval_text(typmod),
        _ => format!("({typmod})"),
    }
}

fn interval_text(typmod: i32) -> String {
    const YEAR: i32 = 1 << 2;
    const MONTH: i32 = 1 << 1;
    const DAY: i32 = 1 << 3;
    const HOUR: i32 = 1 << 10;
    const MINUTE: i32 = 1 << 11;
    const SECOND: i32 = 1 << 12;
    let fields = (typmod >> 16) & 0x7fff;
    let precision = typmod & 0xffff;
    let names = [
        (YEAR, " year"),
        (MONTH, " month"),
        (DAY, " day"),
        (HOUR, " hour"),
        (MINUTE, " minute"),
        (SECOND, " second"),
        (YEAR | MONTH, " year to month"),
        (DAY | HOUR, " day to hour"),
        (DAY | HOUR | MINUTE, " day to minute"),
        (DAY | HOUR | MINUTE | SECOND, " day to second"),
        (HOUR | MINUTE, " hour to minute"),
        (HOUR | MINUTE | SECOND, " hour to second"),
        (MINUTE | SECOND, " minute to second"),
    ];
    let name = names.iter().find(|(mask, _)| *mask == fields).map_or("", |(_, name)| name);
    if precision == 0xffff { name.to_string() } else { format!("{name}({precision})") }
}

/// An identifier as it must be written: quoted if it is not plain lower case or is a keyword.
pub(crate) fn quote_ident(name: &str) -> String {
    let plain = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !crate::keywords::needs_quotes(name);
    if plain { name.to_string() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

impl Binder<'_> {
    /// Does the unqualified name find this type?
    pub fn type_is_visible(&self, name: &str, namespace: Oid, oid: Oid) -> Result<bool> {
        for &schema in self.search_path() {
            if schema == namespace {
                return Ok(true);
            }
            if let Some(found) = self.ctx.catalog.type_oid(schema, name)? {
                return Ok(found == oid);
            }
        }
        Ok(false)
    }
}
