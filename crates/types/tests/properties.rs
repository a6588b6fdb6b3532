//! Properties that hold for values of every type: forms that read back, order that agrees everywhere, and input that
//! never panics.

use pglitedb_types::codec::{self, Repr};
use pglitedb_types::{
    BuiltinEnv, Comparator, Datum, Oid, TypeKind, builtin_type_by_name, builtin_types, decode_key,
    encode_key, input, key, oids, output_string, recv, send,
};
use proptest::prelude::*;
use std::cmp::Ordering;

/// A type and a strategy for texts that it accepts.
fn values(type_name: &'static str) -> BoxedStrategy<String> {
    let number = || {
        prop_oneof![
            "-?[0-9]{1,3}(\\.[0-9]{0,3})?",
            "-?[1-9][0-9]{0,30}(\\.[0-9]{1,25})?",
            "NaN",
            "-?Infinity",
            "-?[1-9]e-?[1-9][0-9]?"
        ]
    };
    match type_name {
        "bool" => "[tf]".boxed(),
        "\"char\"" => "[a-z]?".boxed(),
        "int2" => any::<i16>().prop_map(|v| v.to_string()).boxed(),
        "int4" => any::<i32>().prop_map(|v| v.to_string()).boxed(),
        "int8" | "money" if type_name == "int8" => any::<i64>().prop_map(|v| v.to_string()).boxed(),
        "money" => (-10_000_000i64..10_000_000).prop_map(|v| format!("{}.{:02}", v, v.abs() % 100)).boxed(),
        "float4" => prop_oneof![any::<f32>().prop_map(|v| format!("{v:e}")), "NaN|-?Infinity|-?0|-?[0-9]{1,4}"].boxed(),
        "float8" => prop_oneof![any::<f64>().prop_map(|v| format!("{v:e}")), "NaN|-?Infinity|-?0|-?[0-9]{1,4}"].boxed(),
        "oid" => any::<u32>().prop_map(|v| v.to_string()).boxed(),
        "xid8" => any::<u64>().prop_map(|v| v.to_string()).boxed(),
        "pg_lsn" => "[0-9A-F]{1,8}/[0-9A-F]{1,8}".boxed(),
        "tid" => "\\([0-9]{1,4},[0-9]{1,4}\\)".boxed(),
        "numeric" => number().boxed(),
        "bpchar" => "[ab ]{0,6}".boxed(),
        "bytea" => "\\\\x([0-9a-f]{2}|00|ff){0,6}".boxed(),
        "uuid" => "[0-9a-f]{32}".boxed(),
        "date" => (1i32..3000, 1i32..13, 1i32..29).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")).boxed(),
        "time" => "(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?".boxed(),
        "timetz" => "(0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][+-](0[0-9]|1[0-4])".boxed(),
        "timestamp" | "timestamptz" => {
            prop_oneof!["[12][0-9]{3}-0[1-9]-(0[1-9]|1[0-9]|2[0-8]) (0[0-9]|1[0-9]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?", "-?infinity"]
                .boxed()
        }
        "interval" => "-?[0-9]{1,2} mons -?[0-9]{1,3} days -?[0-9]{1,3}:[0-5][0-9]:[0-5][0-9]".boxed(),
        "bit" | "varbit" => "[01]{0,18}".boxed(),
        "jsonb" => json().boxed(),
        "int4[]" => prop::collection::vec(prop_oneof!["-?[0-9]{1,2}", "NULL"], 0..4)
            .prop_flat_map(|v| prop_oneof![Just(format!("{{{}}}", v.join(","))), Just(format!("[0:0]={{{{{}}}}}", v.join(",")).replace("[0:0]=", ""))])
            .boxed(),
        "text[]" => prop::collection::vec("\"[ab\\\\ ]?[ab ]{0,3}\"|NULL|[a-c]{1,3}", 0..4)
            .prop_filter("trailing backslash", |v| v.iter().all(|t| !t.contains("\\\"")))
            .prop_map(|v| format!("{{{}}}", v.join(",")))
            .boxed(),
        "int4range" => "empty|[\\[(](-[0-9])?,[0-9]?[\\])]".boxed(),
        "numrange" => "empty|[\\[(](-[0-9]\\.[0-9])?,([0-9]\\.[0-9]0?)?[\\])]".boxed(),
        "int4multirange" => "\\{([\\[(]-[0-9],[0-4][\\])],)?[\\[(][0-9],1[0-9][\\])]\\}".boxed(),
        "macaddr" => "[0-9a-f]{12}".boxed(),
        "macaddr8" => "[0-9a-f]{16}".boxed(),
        "inet" => prop_oneof!["[0-9]{1,2}\\.[01]\\.[0-9]\\.[0-9](/([0-9]|[12][0-9]|3[0-2]))?", "[0-9a-f]{1,2}::[0-9a-f]{0,2}(/[0-9]{1,2})?"].boxed(),
        _ => "[a-cA é]{0,5}".boxed(),
    }
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof!["null|true|false", "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,2})?", "\"[ab]{0,3}\""];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|v| format!("[{}]", v.join(","))),
            prop::collection::vec(("[a-c]{0,2}", inner), 0..3).prop_map(|v| {
                let members: Vec<String> = v.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

const ORDERED: &[&str] = &[
    "bool",
    "\"char\"",
    "int2",
    "int4",
    "int8",
    "money",
    "float4",
    "float8",
    "oid",
    "xid8",
    "pg_lsn",
    "tid",
    "numeric",
    "text",
    "varchar",
    "name",
    "bpchar",
    "bytea",
    "uuid",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "bit",
    "varbit",
    "jsonb",
    "int4[]",
    "text[]",
    "int4range",
    "numrange",
    "int4multirange",
    "macaddr",
    "macaddr8",
    "inet",
];

fn oid_of(type_name: &str) -> Oid {
    let name = match type_name.strip_suffix("[]") {
        Some(element) => format!("_{element}"),
        None => type_name.trim_matches('"').to_owned(),
    };
    builtin_type_by_name(&name).expect("type").oid
}

fn key(value: &Datum, oid: Oid, desc: bool) -> Vec<u8> {
    let mut out = Vec::new();
    encode_key(value, oid, desc, false, &mut out);
    out
}

fn check_pair(type_name: &str, a: &str, b: &str) -> Result<(), TestCaseError> {
    let env = BuiltinEnv::default();
    let oid = oid_of(type_name);
    let read = |text: &str| input(text, oid, -1, &env);
    let (Ok(x), Ok(y)) = (read(a), read(b)) else {
        return Err(TestCaseError::fail(format!(
            "{type_name} refuses {a} or {b}: {:?} {:?}",
            read(a),
            read(b)
        )));
    };
    let comparator = Comparator::new(oid, 0, &env).expect("comparator");
    let order = comparator.compare(&x, &y);
    prop_assert_eq!(comparator.compare(&y, &x), order.reverse());
    prop_assert_eq!(comparator.compare(&x, &x), Ordering::Equal);
    prop_assert_eq!(comparator.equal(&x, &y), order == Ordering::Equal);
    if order == Ordering::Equal {
        prop_assert_eq!(comparator.hash(&x), comparator.hash(&y), "hash of {} and {}", a, b);
    }
    let (kx, ky) = (key(&x, oid, false), key(&y, oid, false));
    prop_assert_eq!(kx.cmp(&ky), order, "{} {:?} {:?}: {:02x?} {:02x?}", type_name, a, b, &kx, &ky);
    prop_assert_eq!(
        key(&x, oid, true).cmp(&key(&y, oid, true)),
        order.reverse(),
        "{} {} {} desc",
        type_name,
        a,
        b
    );
    if order != Ordering::Equal {
        // No key is a prefix of another: columns may follow.
        prop_assert!(!kx.starts_with(&ky) && !ky.starts_with(&kx), "{} {} {} prefix", type_name, a, b);
    }
    Ok(())
}

fn check_value(type_name: &str, text: &str) -> Result<(), TestCaseError> {
    let env = BuiltinEnv::default();
    let oid = oid_of(type_name);
    let value = input(text, oid, -1, &env).expect("accepted");
    let shown = output_string(&value, oid, &env).expect("printed");
    let again = input(&shown, oid, -1, &env).expect("own text");
    prop_assert_eq!(&output_string(&again, oid, &env).expect("printed"), &shown);
    let mut wire = Vec::new();
    send(&value, oid, &env, &mut wire).expect("sent");
    let again = recv(&wire, oid, -1, &env).expect("received");
    prop_assert_eq!(&output_string(&again, oid, &env).expect("printed"), &shown);
    let repr = Repr::of_type(oid, &env).expect("repr");
    let mut stored = Vec::new();
    codec::encode(&value, &mut stored);
    if let Some(len) = repr.fixed_len() {
        prop_assert_eq!(stored.len(), len);
    }
    let again = codec::decode(repr, &stored).expect("decoded");
    prop_assert_eq!(&output_string(&again, oid, &env).expect("printed"), &shown);
    let json = serde_json::to_string(&value).expect("serialized");
    let again: Datum = serde_json::from_str(&json).expect("deserialized");
    prop_assert_eq!(&output_string(&again, oid, &env).expect("printed"), &shown);
    if key::is_decodable(oid, repr) {
        for desc in [false, true] {
            let mut bytes = key(&value, oid, desc);
            bytes.push(7);
            let mut rest = bytes.as_slice();
            let again = decode_key(repr, desc, &mut rest).expect("key");
            prop_assert_eq!(rest, &[7]);
            prop_assert_eq!(&output_string(&again, oid, &env).expect("printed"), &shown);
        }
    }
    Ok(())
}

fn any_case() -> impl Strategy<Value = (&'static str, String, String)> {
    prop::sample::select(ORDERED).prop_flat_map(|name| (Just(name), values(name), values(name)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_is_the_same_everywhere((name, a, b) in any_case()) {
        check_pair(name, &a, &b)?;
    }

    #[test]
    fn every_form_reads_back((name, a, _) in any_case()) {
        check_value(name, &a)?;
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_input_panic(text in prop_oneof![
        ".{0,40}",
        "[-+0-9a-fxXeE._ ,:/\\\\\"'(){}\\[\\]<>=]{0,30}",
        "[{\\[(]{1,8}[0-9, ]{0,8}[}\\])]{1,8}",
    ]) {
        let env = BuiltinEnv::default();
        for info in builtin_types() {
            if info.kind == TypeKind::Pseudo && info.oid != oids::CSTRING {
                continue;
            }
            for typmod in [-1, 5, make_typmod(&text)] {
                if let Ok(value) = input(&text, info.oid, typmod, &env) {
                    output_string(&value, info.oid, &env).expect("what was read can be printed");
                    let mut wire = Vec::new();
                    send(&value, info.oid, &env, &mut wire).expect("what was read can be sent");
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_recv_or_decode_panic(bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(0xff), Just(4), any::<u8>()], 0..48)) {
        let env = BuiltinEnv::default();
        for info in builtin_types() {
            if let Ok(value) = recv(&bytes, info.oid, -1, &env) {
                let _ = output_string(&value, info.oid, &env);
            }
        }
        for tag in 0..=33 {
            if let Some(repr) = Repr::from_tag(tag)
                && let Ok(value) = codec::decode(repr, &bytes)
            {
                let mut key = Vec::new();
                encode_key(&value, 0, false, false, &mut key);
                let _ = Comparator::plain().hash(&value);
                let _ = Comparator::plain().compare(&value, &value);
                let mut stored = Vec::new();
                codec::encode(&value, &mut stored);
            }
            if let Some(repr) = Repr::from_tag(tag) {
                let _ = decode_key(repr, tag % 2 == 0, &mut bytes.as_slice());
            }
        }
        let _ = codec::decode_tagged(&mut bytes.as_slice());
    }
}

/// Some modifier or other.
fn make_typmod(text: &str) -> i32 {
    text.bytes().fold(0i32, |n, b| n.wrapping_mul(31).wrapping_add(i32::from(b))) & 0x0003_01ff
}

#[test]
fn nulls_sort_where_asked() {
    let one = Datum::Int4(1);
    let encode = |value: &Datum, desc, nulls_first| {
        let mut out = Vec::new();
        encode_key(value, oids::INT4, desc, nulls_first, &mut out);
        out
    };
    for desc in [false, true] {
        assert!(encode(&Datum::Null, desc, true) < encode(&one, desc, true));
        assert!(encode(&Datum::Null, desc, false) > encode(&one, desc, false));
    }
}

/// Nesting up to the limit works everywhere on a test thread's stack; beyond it is an error.
#[test]
fn deep_nesting() {
    let env = BuiltinEnv::default();
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let value = input(&nested(1000), oids::JSONB, -1, &env).expect("within the limit");
    assert_eq!(output_string(&value, oids::JSONB, &env).expect("printed"), nested(1000));
    let comparator = Comparator::new(oids::JSONB, 0, &env).expect("comparator");
    assert!(comparator.equal(&value, &value.clone()));
    comparator.hash(&value);
    key(&value, oids::JSONB, true);
    let mut stored = Vec::new();
    codec::encode(&value, &mut stored);
    assert!(comparator.equal(&codec::decode(Repr::Jsonb, &stored).expect("decoded"), &value));
    for (oid, text) in [
        (oids::JSONB, nested(100_000)),
        (oids::JSON, "{\"a\":".repeat(100_000)),
        (oids::TSQUERY, format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000))),
        (oids::TSQUERY, format!("{}a", "!".repeat(100_000))),
        (oids::JSONPATH, format!("{}1", "-".repeat(100_000))),
        (oids::JSONPATH, format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000))),
    ] {
        let error = input(&text, oid, -1, &env).expect_err("too deep");
        assert_eq!(error.code().as_str(), "54001", "{oid}: {error}");
    }
}
