//! Values of every type: edges first of all, and random ones.

mod compound;
mod datetime;
mod domain;
mod json;
mod number;
mod shape;
mod text;

pub use compound::{MOODS, RANGES};
pub use domain::domain_of;

use crate::random::Random;

/// Scalar types whose input is compared.
pub const INPUT_TYPES: &[&str] = &[
    "bool",
    "char",
    "name",
    "text",
    "varchar",
    "varchar(3)",
    "bpchar",
    "char(3)",
    "int2",
    "int4",
    "int8",
    "oid",
    "float4",
    "float8",
    "numeric",
    "numeric(5,2)",
    "numeric(3,-2)",
    "numeric(4,6)",
    "money",
    "bit(3)",
    "bit varying(5)",
    "varbit",
    "bytea",
    "uuid",
    "date",
    "time",
    "time(2)",
    "timetz",
    "timetz(0)",
    "timestamp",
    "timestamp(0)",
    "timestamptz",
    "timestamptz(3)",
    "interval",
    "interval(1)",
    "interval year to month",
    "interval day to minute",
    "interval second(2)",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "json",
    "jsonb",
    "jsonpath",
    "tsvector",
    "tsquery",
    "pg_lsn",
    "xid",
    "xid8",
    "cid",
    "tid",
    "pg_snapshot",
    "int4range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
    "int8range",
    "int4multirange",
    "nummultirange",
    "tsmultirange",
    "datemultirange",
    "int4[]",
    "text[]",
    "numeric[]",
    "bool[]",
    "date[]",
    "int2vector",
    "oidvector",
    "difference_mood",
    "difference_pair",
    "xml",
];

/// A source of values.
#[derive(Clone, Debug)]
pub struct Values {
    /// Where its choices come from.
    pub random: Random,
}

/// Quotes text as an SQL literal.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name of a type as SQL writes it: `_int4` is `int4[]`, and `char` and `bit` are not what they seem.
pub fn sql_type(name: &str) -> String {
    if let Some(element) = name.strip_prefix('_') {
        return format!("{}[]", sql_type(element));
    }
    match name {
        "char" | "bit" | "any" => format!("\"{name}\""),
        _ => name.to_owned(),
    }
}

impl Values {
    /// Starts the sequence of `seed`.
    pub fn new(seed: u64) -> Values {
        Values { random: Random::new(seed) }
    }

    /// One of `edges` in half of all cases, else what `other` makes.
    fn edge_or(&mut self, edges: &[&str], other: impl FnOnce(&mut Self) -> String) -> String {
        if self.random.chance(45) { self.random.pick(edges).to_owned() } else { other(self) }
    }

    /// The text of a value of the type `name`, or nothing if the type is not known.
    pub fn text_of(&mut self, name: &str) -> Option<String> {
        if let Some(element) = name.strip_prefix('_') {
            return self.array(element);
        }
        // The type without its modifier.
        if name.ends_with("[]") {
            return self.array(name.strip_suffix("[]")?);
        }
        let base = name.split(['(', ' ']).next().unwrap_or(name);
        self.number(base)
            .or_else(|| self.characters(base))
            .or_else(|| self.moment(base))
            .or_else(|| self.shape(base))
            .or_else(|| self.document(base))
            .or_else(|| self.compound(base))
    }

    /// A typed literal, now and then NULL.
    pub fn literal(&mut self, name: &str) -> Option<String> {
        if name == "record" {
            let (number, text) = (self.literal("int4")?, self.literal("text")?);
            return Some(format!("ROW({number}, {text})"));
        }
        let text = self.text_of(name)?;
        let sql_type = sql_type(name);
        if self.random.chance(2) {
            return Some(format!("NULL::{sql_type}"));
        }
        Some(format!("{}::{sql_type}", quote(&text)))
    }

    /// Text that may be no valid value of the type: a valid one with some damage done to it.
    pub fn damaged(&mut self, name: &str) -> Option<String> {
        let mut text: Vec<char> = self.text_of(name)?.chars().collect();
        const POOL: &str = "0123456789 +-.,:/()[]{}<>\"'\\eEaTZxX_%&|!*@#\t٣é";
        let pool: Vec<char> = POOL.chars().collect();
        let places = 1 + self.random.below(3);
        for _ in 0..places {
            let place = self.random.below(text.len() + 1);
            let other = pool[self.random.below(pool.len())];
            match self.random.below(5) {
                0 if place < text.len() => drop(text.remove(place)),
                1 if place < text.len() => text[place] = other,
                2 if place < text.len() => text.insert(place, text[place]),
                3 if text.len() > 1 => text.truncate(place.max(1)),
                _ => text.insert(place, other),
            }
        }
        Some(text.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_type_has_values() {
        let mut values = Values::new(1);
        for name in INPUT_TYPES {
            assert!(values.text_of(name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_of_types() {
        assert_eq!(sql_type("_char"), "\"char\"[]");
        assert_eq!(quote("it's"), "'it''s'");
    }
}
