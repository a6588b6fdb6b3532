//! Errors as PostgreSQL 18 words them. `cases/errors.txt` was written by PostgreSQL: a statement, then SQLSTATE,
//! message, position, detail and hint.

mod common;
use common::*;
use pglitedb_analyzer::{AnalyzeContext, analyze, rewrite};

fn report(catalog: &TestCatalog, sql: &str) -> String {
    let env = TestEnv::default();
    let ctx = AnalyzeContext::new(catalog, &env, sql);
    let error = match pglitedb_sql_parser::parse(sql) {
        Err(error) => error,
        Ok(parsed) => match analyze(&parsed[0].stmt, &ctx).and_then(|query| rewrite(query, &ctx)) {
            Err(error) => error,
            Ok(_) => return "no error".into(),
        },
    };
    let fields = error.fields();
    let mut text = format!("{} {}", fields.code, fields.message);
    if let Some(position) = fields.position {
        text.push_str(&format!(" @{position}"));
    }
    if let Some(detail) = &fields.detail {
        text.push_str(&format!("\nDETAIL: {detail}"));
    }
    if let Some(hint) = &fields.hint {
        text.push_str(&format!("\nHINT: {hint}"));
    }
    text
}

#[test]
fn words_errors_like_postgresql() {
    let catalog = TestCatalog::new(TABLES);
    let mut failed = Vec::new();
    let mut count = 0;
    for case in include_str!("cases/errors.txt").split("\n\n") {
        let Some((statement, wanted)) = case.split_once("\n----\n") else { continue };
        count += 1;
        let got = report(&catalog, statement.trim().trim_end_matches(';'));
        if got != wanted.trim_end() {
            failed.push(format!("{statement}\n  wanted: {}\n  got:    {got}\n", wanted.trim_end()));
        }
    }
    assert!(failed.is_empty(), "{} of {count} differ\n{}", failed.len(), failed.join("\n"));
}
