//! Views' definitions as PostgreSQL 18 prints them. `cases/viewdef.txt` was written by PostgreSQL: a query, its
//! `pg_get_viewdef`, and the pretty form. Queries marked `/*c*/` name their columns `c1`, `c2`, ...

mod common;
use common::*;
use pglitedb_analyzer::ruleutils::{DeparseStyle, deparse_view};
use pglitedb_analyzer::{AnalyzeContext, analyze};

fn viewdef(catalog: &TestCatalog, sql: &str, style: DeparseStyle) -> String {
    let env = TestEnv::default();
    let ctx = AnalyzeContext::new(catalog, &env, sql);
    let parsed = match pglitedb_sql_parser::parse(sql) {
        Ok(parsed) => parsed,
        Err(error) => return format!("PARSE {error}"),
    };
    let query = match analyze(&parsed[0].stmt, &ctx) {
        Ok(query) => query,
        Err(error) => return format!("{error}"),
    };
    let named = sql.starts_with("/*c*/");
    let names: Vec<String> = query
        .visible_targets()
        .enumerate()
        .map(|(index, target)| match named {
            true => format!("c{}", index + 1),
            false => target.name.as_deref().unwrap_or("?column?").to_string(),
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    deparse_view(&query, &names, style, &ctx).unwrap_or_else(|error| format!("{error}"))
}

#[test]
fn prints_views_like_postgresql() {
    let catalog = TestCatalog::new(TABLES);
    let mut failed = Vec::new();
    let mut count = 0;
    let text = include_str!("cases/viewdef.txt");
    for case in text.split("\n\n") {
        let mut parts = case.split("\n----\n");
        let (Some(query), Some(plain), Some(pretty)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        count += 1;
        for (style, wanted) in [(DeparseStyle::view(), plain), (DeparseStyle::pretty_view(), pretty)] {
            let got = viewdef(&catalog, query.trim().trim_end_matches(';'), style);
            if got.trim_end() != wanted.trim_end() {
                failed.push(format!("{query}\nwanted:\n{wanted}\ngot:\n{got}\n"));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {} differ\n{}", failed.len(), count * 2, failed.join("\n"));
}
