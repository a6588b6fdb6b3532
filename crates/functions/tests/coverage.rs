//! Prints how many of PostgreSQL's functions are registered, and checks that every name registered is one of them.

use pglitedb_functions::builtins;
use pglitedb_functions::coverage::{Proc, counts};
use std::collections::HashSet;

#[test]
fn names_are_postgresqls() {
    let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalog/data/pg_proc.tsv");
    let table = std::fs::read_to_string(catalog).expect("the catalog crate's data");
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap_or("").split('\t').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).expect("column");
    let (oid, source, language, kind) =
        (column("oid"), column("prosrc"), column("prolang"), column("prokind"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    let procs: Vec<Proc<'_>> = rows
        .iter()
        .filter(|row| row[kind] != "a")
        .map(|row| Proc {
            oid: row[oid].parse().unwrap_or(0),
            source: row[source],
            language: match row[language] {
                "12" => "internal",
                "13" => "c",
                _ => "sql",
            },
        })
        .collect();
    let found = counts(builtins(), procs.iter().copied());
    println!(
        "registered {} of {}, {} internal to PostgreSQL, {} missing",
        found.registered,
        procs.len(),
        found.internal,
        found.missing
    );
    let known: HashSet<&str> = procs.iter().map(|proc| proc.source).collect();
    let strange: Vec<&str> = builtins()
        .names()
        .filter(|name| !name.starts_with("sql:") && !name.starts_with("special:") && !known.contains(name))
        .collect();
    assert!(strange.is_empty(), "not functions of PostgreSQL: {strange:?}");
    assert!(found.registered > 2000, "{found:?}");
}
