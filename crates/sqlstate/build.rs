//! Turns `data/sqlstates.tsv` (PostgreSQL 18, appendix A) into one constant per code.

use std::fmt::Write as _;

fn main() {
    println!("cargo::rerun-if-changed=data/sqlstates.tsv");
    let table =
        std::fs::read_to_string("data/sqlstates.tsv").expect("data/sqlstates.tsv is part of the crate");
    let mut rows: Vec<(&str, &str, &str)> = table
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split('\t');
            let code = fields.next().expect("code");
            let _severity = fields.next();
            let name = fields.next().expect("macro").trim_start_matches("ERRCODE_");
            (code, name, fields.next().unwrap_or(""))
        })
        .collect();
    let mut out = String::new();
    for (code, name, condition) in &rows {
        let _ =
            writeln!(out, "/// `{code}` {condition}\npub const {name}: SqlState = SqlState(*b\"{code}\");");
    }
    rows.sort();
    let _ = writeln!(out, "/// Every code with its condition name, sorted by code.");
    let _ = writeln!(out, "pub static CONDITIONS: &[(SqlState, &str)] = &[");
    for (_, name, condition) in &rows {
        let _ = writeln!(out, "    ({name}, {condition:?}),");
    }
    let _ = writeln!(out, "];");
    let dir = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(format!("{dir}/codes.rs"), out).expect("OUT_DIR is writable");
}
