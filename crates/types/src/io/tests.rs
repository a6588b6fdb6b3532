//! A first look at every type: text in, text out, binary there and back, storage there and back.

use super::{input, output_string, recv, send};
use crate::codec::{self, Repr};
use crate::{BuiltinEnv, builtin_type_by_name};

/// Type, input, expected output.
const CASES: &[(&str, &str, &str)] = &[
    ("bool", " yes ", "t"),
    ("int2", "-32768", "-32768"),
    ("int4", "0x7fff_ffff", "2147483647"),
    ("int8", "-9223372036854775808", "-9223372036854775808"),
    ("float4", "1e6", "1e+06"),
    ("float8", "0.1", "0.1"),
    ("float8", "1e15", "1e+15"),
    ("float8", "123456789012345", "123456789012345"),
    ("float8", "-0", "-0"),
    ("float8", "1e-5", "1e-05"),
    ("numeric", "1.500", "1.500"),
    ("numeric", "-12345678901234567890.00001", "-12345678901234567890.00001"),
    ("numeric", "1e-20", "0.00000000000000000001"),
    ("numeric", "0x_ff", "255"),
    ("numeric", ".5", "0.5"),
    ("numeric", "1_000.5e3", "1000500"),
    ("numeric", "-inf", "-Infinity"),
    ("text", "a'b", "a'b"),
    ("bytea", "\\x01FF", "\\x01ff"),
    ("bytea", "a\\\\b\\001", "\\x615c6201"),
    ("uuid", "{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("money", "-$1,234.565", "-$1,234.57"),
    ("varbit", "x1f", "00011111"),
    ("json", " {\"a\" : 1}", " {\"a\" : 1}"),
    ("jsonb", "{\"bb\":1,\"a\":[1.0,null,\"\\u00e9\"],\"bb\":2}", "{\"a\": [1.0, null, \"é\"], \"bb\": 2}"),
    ("_int4", "{1,2,NULL}", "{1,2,NULL}"),
    ("_int4", "[0:1][2:3]={{1,2},{3,4}}", "[0:1][2:3]={{1,2},{3,4}}"),
    ("_text", "{\"a b\", \"\", null, \"NULL\", c\\\"d}", "{\"a b\",\"\",NULL,\"NULL\",\"c\\\"d\"}"),
    ("int2vector", "1 2 3", "1 2 3"),
    ("int4range", "(1,5]", "[2,6)"),
    ("int4range", "(1,2)", "empty"),
    ("numrange", "[1.0,]", "[1.0,)"),
    ("int4multirange", "{[1,3), [3,5), [9,9]}", "{[1,5),[9,10)}"),
    ("inet", "10.1.2.3/8", "10.1.2.3/8"),
    ("cidr", "10", "10.0.0.0/8"),
    ("inet", "::ffff:1.2.3.4", "::ffff:1.2.3.4"),
    ("macaddr", "08-00-2b-01-02-03", "08:00:2b:01:02:03"),
    ("macaddr8", "08002b010203", "08:00:2b:ff:fe:01:02:03"),
    ("point", "(1,2.5)", "(1,2.5)"),
    ("box", "0,0,1,1", "(1,1),(0,0)"),
    ("path", "[(0,0),(1,1)]", "[(0,0),(1,1)]"),
    ("polygon", "((0,0),(1,1))", "((0,0),(1,1))"),
    ("line", "[(0,0),(1,1)]", "{1,-1,0}"),
    ("circle", "<(1,2),3>", "<(1,2),3>"),
    ("lseg", "((0,0),(1,1))", "[(0,0),(1,1)]"),
    ("tid", "(1,2)", "(1,2)"),
    ("pg_lsn", "16/B374D848", "16/B374D848"),
    ("oid", "-1", "4294967295"),
    ("regtype", "int4", "integer"),
    ("timestamp", "2026-11-21 10:00:00.5", "2026-11-21 10:00:00.5"),
    ("interval", "1 year 2 mons", "1 year 2 mons"),
    ("daterange", "[2026-01-01,2026-01-31]", "[2026-01-01,2026-02-01)"),
    ("pg_snapshot", "10:20:10,14,15", "10:20:10,14,15"),
];

#[test]
fn every_type_in_and_out() {
    let env = BuiltinEnv::default();
    for (type_name, text, expected) in CASES {
        let oid = builtin_type_by_name(type_name).expect("type").oid;
        let value = input(text, oid, -1, &env).unwrap_or_else(|e| panic!("{type_name} {text}: {e}"));
        let shown = output_string(&value, oid, &env).expect("output");
        assert_eq!(&shown, expected, "{type_name} {text}");

        let mut stored = Vec::new();
        codec::encode(&value, &mut stored);
        let repr = Repr::of_type(oid, &env).expect("repr");
        assert_eq!(repr, Repr::of_datum(&value), "{type_name}");
        let again = codec::decode(repr, &stored).unwrap_or_else(|e| panic!("{type_name} {text}: {e}"));
        assert_eq!(&output_string(&again, oid, &env).expect("output"), expected, "{type_name} stored");

        let mut wire = Vec::new();
        send(&value, oid, &env, &mut wire).expect("send");
        let again = recv(&wire, oid, -1, &env).unwrap_or_else(|e| panic!("{type_name} {text}: {e}"));
        assert_eq!(&output_string(&again, oid, &env).expect("output"), expected, "{type_name} binary");
    }
}
