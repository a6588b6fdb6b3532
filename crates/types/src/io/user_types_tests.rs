//! Types that users make: composite, enum, domain, range.

use super::{input, output_string, recv, send};
use crate::datum::{Datum, EnumValue};
use crate::env::{CompositeField, FormatSettings, RegKind, TypeEnv, TypeInfo, TypeKind};
use crate::{BuiltinEnv, Comparator, Oid, oids};
use pglitedb_sqlstate::{Result, bail};
use std::sync::Arc;

const PAIR: Oid = 20_000;
const MOOD: Oid = 20_001;
const POSITIVE: Oid = 20_002;
const TEXT_RANGE: Oid = 20_003;
const PAIR_ARRAY: Oid = 20_004;
const LABELS: [&str; 3] = ["sad", "ok", "happy"];

#[derive(Default)]
struct Env(BuiltinEnv);

impl TypeEnv for Env {
    fn format(&self) -> &FormatSettings {
        self.0.format()
    }

    fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>> {
        let base = self.0.type_info(oids::TEXT)?;
        let make = |name: &str, kind, base_type, range_subtype| {
            let info = TypeInfo { oid, name: name.into(), kind, base_type, range_subtype, ..(*base).clone() };
            Ok(Arc::new(info))
        };
        match oid {
            PAIR => make("pair", TypeKind::Composite, 0, 0),
            MOOD => make("mood", TypeKind::Enum, 0, 0),
            POSITIVE => make("positive", TypeKind::Domain, oids::INT4, 0),
            TEXT_RANGE => make("textrange", TypeKind::Range, 0, oids::TEXT),
            PAIR_ARRAY => Ok(Arc::new(TypeInfo {
                oid,
                name: "_pair".into(),
                element: PAIR,
                is_true_array: true,
                ..(*base).clone()
            })),
            _ => self.0.type_info(oid),
        }
    }

    fn composite_fields(&self, _type_oid: Oid) -> Result<Arc<[CompositeField]>> {
        let field = |name: &str, type_oid| CompositeField { name: name.into(), type_oid, typmod: -1 };
        Ok(Arc::from([field("a", oids::INT4), field("b", oids::TEXT), field("c", POSITIVE)]))
    }

    fn enum_from_label(&self, _type_oid: Oid, label: &str) -> Result<Option<EnumValue>> {
        let at = LABELS.iter().position(|l| *l == label);
        Ok(at.map(|i| EnumValue { oid: 30_000 - i as Oid, sort_order: i as f32 }))
    }

    fn enum_label(&self, value: EnumValue) -> Result<Arc<str>> {
        Ok(Arc::from(LABELS[30_000 - value.oid as usize]))
    }

    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid> {
        self.0.reg_input(kind, name)
    }

    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>> {
        self.0.reg_output(kind, oid)
    }

    fn check_domain(&self, _domain: Oid, value: &Datum) -> Result<()> {
        if value.as_i64().is_some_and(|v| v <= 0) {
            bail!(CHECK_VIOLATION, "value for domain positive violates check constraint \"positive_check\"");
        }
        Ok(())
    }

    fn transaction_timestamp(&self) -> i64 {
        0
    }
}

fn round_trip(text: &str, oid: Oid) -> Result<String> {
    let env = Env::default();
    let value = input(text, oid, -1, &env)?;
    let shown = output_string(&value, oid, &env)?;
    let mut wire = Vec::new();
    send(&value, oid, &env, &mut wire)?;
    let again = recv(&wire, oid, -1, &env)?;
    assert_eq!(output_string(&again, oid, &env)?, shown);
    Ok(shown)
}

fn message(text: &str, oid: Oid) -> (String, String) {
    match round_trip(text, oid) {
        Ok(shown) => panic!("{text} was read as {shown}"),
        Err(error) => (error.message().to_owned(), error.fields().detail.clone().unwrap_or_default()),
    }
}

#[test]
fn composites() {
    assert_eq!(round_trip("(1,x,2)", PAIR).expect("read"), "(1,x,2)");
    assert_eq!(round_trip(" ( 1 ,\"a \"\"b\"\"\\\\\",) ", PAIR).expect("read"), "(1,\"a \"\"b\"\"\\\\\",)");
    assert_eq!(round_trip("(,\"\",)", PAIR).expect("read"), "(,\"\",)");
    assert_eq!(round_trip("{\"(1,x,2)\",NULL}", PAIR_ARRAY).expect("read"), "{\"(1,x,2)\",NULL}");
    let malformed = |text: &str| format!("malformed record literal: \"{text}\"");
    for (text, detail) in [
        ("1", "Missing left parenthesis."),
        ("(1,2)", "Too few columns."),
        ("(1,2,3,4)", "Too many columns."),
        ("(1,2,3", "Unexpected end of input."),
        ("(1,2,3)x", "Junk after right parenthesis."),
    ] {
        assert_eq!(message(text, PAIR), (malformed(text), detail.to_owned()));
    }
    assert!(message("(1,2,-3)", PAIR).0.contains("positive_check"));
}

#[test]
fn enums_order_by_sort_order() {
    let env = Env::default();
    let read = |label| input(label, MOOD, -1, &env).expect("read");
    let comparator = Comparator::new(MOOD, 0, &env).expect("comparator");
    assert!(comparator.compare(&read("sad"), &read("happy")).is_lt());
    assert_eq!(round_trip("ok", MOOD).expect("read"), "ok");
    assert_eq!(message("bad", MOOD).0, "invalid input value for enum mood: \"bad\"");
}

#[test]
fn domains_and_ranges() {
    assert_eq!(round_trip("7", POSITIVE).expect("read"), "7");
    assert!(message("0", POSITIVE).0.contains("positive_check"));
    assert_eq!(round_trip("[a,\"b c\"]", TEXT_RANGE).expect("read"), "[a,\"b c\"]");
    assert_eq!(round_trip("(a,a)", TEXT_RANGE).expect("read"), "empty");
}
