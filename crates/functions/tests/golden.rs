//! Calls of functions with their results, as PostgreSQL 18 gives them.
//!
//! Each line of `golden/*.tsv`: `prosrc`, result type, then the arguments as `type=text` (or `type` alone for NULL), then
//! the result as `=text`, `NULL` or `!SQLSTATE message`. Rows of a set-returning function are separated by `¦`. Tabs, line
//! feeds and backslashes in texts are written `\t`, `\n`, `\\`.

mod common;

use common::TestEnv;
use pglitedb_functions::{Builtin, CallInfo, FnCtx, SessionEnv, builtins};
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid, builtin_type_by_name, input, output_string};

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    out
}

fn type_named(name: &str) -> Oid {
    builtin_type_by_name(name).unwrap_or_else(|| panic!("type {name}")).oid
}

fn call(prosrc: &str, info: &CallInfo, args: &[Datum], env: &TestEnv) -> Result<String> {
    let ctx = FnCtx { env, info };
    let show = |value: &Datum| -> Result<String> {
        if value.is_null() {
            return Ok("NULL".to_owned());
        }
        Ok(format!("={}", output_string(value, info.result_type, env.as_type_env())?))
    };
    match builtins().get(prosrc) {
        Some(Builtin::Scalar(function)) => show(&function(&ctx, args)?),
        Some(Builtin::Set(function)) => {
            let mut rows = function(&ctx, args)?;
            let (mut row, mut out) = (Vec::new(), Vec::new());
            while rows.next(&ctx, &mut row)? && out.len() < 1000 {
                out.push(row.first().map_or(Ok(String::new()), show)?);
            }
            Ok(out.join("¦"))
        }
        Some(_) => panic!("{prosrc} is no function to call"),
        None => Ok("not registered".to_owned()),
    }
}

#[test]
fn results_are_postgresqls() {
    let env = TestEnv::new();
    let (mut failures, mut count) = (Vec::new(), 0);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [prosrc, result, args @ .., expected] = fields.as_slice() else { panic!("line: {line}") };
            let mut info = CallInfo { result_type: type_named(result), ..CallInfo::default() };
            let mut values = Vec::new();
            for arg in args {
                let (type_name, text) = match arg.split_once('=') {
                    Some((type_name, text)) => (type_name, Some(unescape(text))),
                    None => (*arg, None),
                };
                let type_oid = type_named(type_name);
                info.arg_types.push(type_oid);
                values.push(match text {
                    Some(text) => input(&text, type_oid, -1, &env).unwrap_or_else(|e| panic!("{line}: {e}")),
                    None => Datum::Null,
                });
            }
            let found = match call(prosrc, &info, &values, &env) {
                Ok(text) => text,
                Err(error) => format!("!{} {}", error.code(), error.message()),
            };
            count += 1;
            if found != unescape(expected) {
                failures.push(format!("{}\n    expected {expected}\n    found    {found}", line));
            }
        }
    }
    println!("{count} calls, {} differ", failures.len());
    assert!(failures.is_empty(), "{} of {count} differ:\n{}", failures.len(), failures.join("\n"));
}
