//! Calls every registered function with odd values of the types that it is declared with: an error is fine, a panic
//! never is.

mod common;

use common::TestEnv;
use pglitedb_functions::{AggState, Builtin, CallInfo, FnCtx, SessionEnv, builtins};
use pglitedb_types::{Datum, Oid, TypeKind, builtin_type, input, oids};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Texts that are tried as values of every type; those that a type does not accept are left out.
const TEXTS: &[&str] = &[
    "",
    "0",
    "1",
    "-1",
    "2",
    "7",
    "f",
    "t",
    "NaN",
    "Infinity",
    "-Infinity",
    "1.5",
    "-0.000001",
    "1e300",
    "-1e-300",
    "32767",
    "-32768",
    "2147483647",
    "-2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "4294967295",
    "abc",
    "Äöü ß €𝄞",
    "%",
    "_%\\",
    "a(b|c)*?[d-f]{2,3}",
    "((",
    "[[:alpha:]",
    "\\1",
    "g",
    "gi",
    "UTF8",
    "hex",
    "[)",
    "base64",
    "{}",
    "{1}",
    "{1,NULL,-3}",
    "{{1,2},{3,4}}",
    "[0:1]={a,b}",
    "{NaN,1e300}",
    "null",
    "{\"a\": [1, {\"b\": null}]}",
    "[1, \"x\", [true]]",
    "\"s\"",
    "$",
    "$.a[*] ? (@ > 1)",
    "strict $.**.size()",
    "$[last to 0].keyvalue()",
    "empty",
    "[1,5)",
    "(,)",
    "(-3,2147483646]",
    "{[1,2),[5,9]}",
    "2000-01-01",
    "infinity",
    "-infinity",
    "294276-12-31 23:59:59",
    "4713-01-01 BC",
    "24:00:00",
    "23:59:59.999999+15:59",
    "1 year -2 mons 3 days 04:05:06.7",
    "178000000 years",
    "10.1.2.3/8",
    "::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "255.255.255.255",
    "0.0.0.0/0",
    "08:00:2b:01:02:03",
    "08:00:2b:ff:fe:01:02:03",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "(1,2)",
    "(0,0),(1,1)",
    "[(0,0),(3,0),(4,5)]",
    "((0,0),(1,0),(1,1))",
    "{1,-1,0}",
    "<(0,0),2>",
    "(NaN,Infinity)",
    "<(1e200,1e200),1e200>",
    "16/B374D848",
    "10:20:10,14,15",
    "10101",
    "111111111",
    "\\x00ff80",
    "int4",
    "year",
    "UTC",
    "-99:99",
    "YYYY-MM-DD HH24:MI:SS.US",
    "9,999.99MIPR",
    "FMRN",
    "L999G999D99-V9EEEE",
    "%s %I %L %1$*2$s %%",
    "%-10s",
    "16384 23",
    "x,y,,z",
];

fn value_texts() -> HashMap<Oid, Vec<Datum>> {
    let env = TestEnv::new();
    let mut out: HashMap<Oid, Vec<Datum>> = HashMap::new();
    for info in pglitedb_types::builtin_types() {
        if info.kind == TypeKind::Composite || info.kind == TypeKind::Pseudo && info.oid != oids::CSTRING {
            continue;
        }
        let values = TEXTS.iter().filter_map(|text| input(text, info.oid, -1, env.as_type_env()).ok());
        out.insert(info.oid, values.collect());
    }
    out
}

/// A concrete type in place of a polymorphic one: one family for the whole call.
fn concrete(type_oid: Oid, variant: usize) -> Oid {
    let families = [
        (oids::INT4, oids::INT4_ARRAY, oids::INT4RANGE, oids::INT4MULTIRANGE),
        (oids::NUMERIC, oids::NUMERIC_ARRAY, oids::NUMRANGE, oids::NUMMULTIRANGE),
        (oids::DATE, oids::DATE_ARRAY, oids::DATERANGE, oids::DATEMULTIRANGE),
        (oids::TEXT, oids::TEXT_ARRAY, oids::TSRANGE, oids::TSMULTIRANGE),
    ];
    let (element, array, range, multirange) = families[variant % families.len()];
    match type_oid {
        oids::ANYELEMENT
        | oids::ANYNONARRAY
        | oids::ANYCOMPATIBLE
        | oids::ANYCOMPATIBLENONARRAY
        | oids::ANY => element,
        oids::ANYARRAY | oids::ANYCOMPATIBLEARRAY => array,
        oids::ANYRANGE | oids::ANYCOMPATIBLERANGE => range,
        oids::ANYMULTIRANGE | oids::ANYCOMPATIBLEMULTIRANGE => multirange,
        other => other,
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count.max(1)
    }
}

/// Would the call take long or much memory without telling anything?
fn too_big(name: &str, args: &[Datum]) -> bool {
    let heavy =
        ["pad", "repeat", "fac", "power", "exp", "bitfromint", "array_fill", "format", "generate_series"];
    heavy.iter().any(|part| name.contains(part))
        && args.iter().any(|arg| {
            arg.as_i64().is_some_and(|v| v.unsigned_abs() > 100_000)
                || matches!(arg, Datum::Numeric(n) if n.abs().to_f64() > 1e4)
        })
}

fn run(builtin: Builtin, ctx: &FnCtx<'_>, args: &[Datum]) {
    match builtin {
        Builtin::Scalar(function) => {
            let _ = function(ctx, args);
        }
        Builtin::Set(function) => {
            let Ok(mut rows) = function(ctx, args) else { return };
            let mut row = Vec::new();
            for _ in 0..20 {
                if !matches!(rows.next(ctx, &mut row), Ok(true)) {
                    break;
                }
            }
        }
        Builtin::Trans(function) => {
            let mut state = AggState::Internal(None);
            for _ in 0..3 {
                let _ = function(ctx, &mut state, args.get(1..).unwrap_or(&[]));
            }
        }
        Builtin::Final(function) => {
            let _ = function(ctx, &mut AggState::Internal(None), args.get(1..).unwrap_or(&[]));
        }
        Builtin::Window => {}
    }
}

#[test]
fn no_function_panics() {
    let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalog/data/pg_proc.tsv");
    let table = std::fs::read_to_string(catalog).expect("the catalog crate's data");
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap_or("").split('\t').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).expect("column");
    let (source, types, result, oid, strict) =
        (column("prosrc"), column("proargtypes"), column("prorettype"), column("oid"), column("proisstrict"));
    let env = TestEnv::new();
    let values = value_texts();
    let mut random = Random(7);
    let (mut panics, mut slow, mut called) = (Vec::new(), Vec::new(), 0);
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| fields.get(at).and_then(|f| f.parse::<Oid>().ok()).unwrap_or(0);
        let Some(name) = fields.get(source) else { continue };
        let Some(builtin) = builtins().get_for(number(oid), name) else { continue };
        let declared: Vec<Oid> =
            fields[types].split_whitespace().filter_map(|part| part.parse().ok()).collect();
        for round in 0..60 {
            let arg_types: Vec<Oid> = declared.iter().map(|t| concrete(*t, round)).collect();
            let args: Vec<Datum> = arg_types
                .iter()
                .map(|t| match values.get(t).filter(|v| !v.is_empty()) {
                    Some(values) if fields[strict] == "t" || random.below(8) > 0 => {
                        values[random.below(values.len())].clone()
                    }
                    Some(_) => Datum::Null,
                    None => Datum::Void,
                })
                .collect();
            if too_big(name, &args) {
                continue;
            }
            let info = CallInfo {
                function: number(oid),
                arg_types,
                result_type: concrete(number(result), round),
                variadic: round % 5 == 4,
                ..CallInfo::default()
            };
            called += 1;
            let start = std::time::Instant::now();
            if std::env::var_os("TRACE_CALLS").is_some() {
                eprintln!("{name} {args:?}");
            }
            let ctx = FnCtx { env: &env, info: &info };
            if catch_unwind(AssertUnwindSafe(|| run(builtin, &ctx, &args))).is_err() {
                panics.push(format!("{name} {args:?}"));
                break;
            }
            if start.elapsed().as_millis() > 300 {
                slow.push(format!("{name} {args:?}"));
                break;
            }
        }
    }
    println!("{called} calls; slow: {slow:#?}");
    assert!(builtin_type(oids::INT4).is_some() && called > 40_000);
    assert!(panics.is_empty(), "{} functions panic:\n{}", panics.len(), panics.join("\n"));
}
