//! Statements that must bind.

mod common;
use common::*;
use pglitedb_analyzer::{AnalyzeContext, ParamTypes, analyze, rewrite};
use std::cell::RefCell;

fn show(catalog: &TestCatalog, sql: &str) -> String {
    let env = TestEnv::default();
    let types = RefCell::new(Vec::new());
    let ctx = AnalyzeContext::new(catalog, &env, sql).with_params(ParamTypes::Variable(&types));
    let parsed = match pglitedb_sql_parser::parse(sql) {
        Ok(parsed) => parsed,
        Err(error) => return format!("PARSE {error}"),
    };
    match analyze(&parsed[0].stmt, &ctx).and_then(|query| rewrite(query, &ctx)) {
        Ok(query) => {
            let text = pglitedb_query_tree::serial::query_to_text(&query).expect("stored");
            let back = pglitedb_query_tree::serial::query_from_text(&text).expect("loaded");
            assert_eq!(back, query, "{sql}");
            "ok".into()
        }
        Err(error) => format!("{error} @{:?}", error.fields().position),
    }
}

#[test]
fn binds() {
    let catalog = TestCatalog::new(TABLES);
    let mut failed = Vec::new();
    for line in include_str!("cases/binds.sql").split(";\n") {
        let sql = line.trim();
        if sql.is_empty() {
            continue;
        }
        let result = show(&catalog, sql);
        if result != "ok" {
            failed.push(format!("{sql}\n    {result}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
