//! Statements on views, after rewriting, as SQL.

mod common;
use common::*;
use pglitedb_analyzer::ruleutils::{DeparseStyle, deparse_query};
use pglitedb_analyzer::{AnalyzeContext, analyze, rewrite};
use pglitedb_catalog::{Catalog, Column};

/// Adds a view; its columns are those of the query.
fn add_view(catalog: &mut TestCatalog, name: &str, sql: &str) {
    let env = TestEnv::default();
    let ctx = AnalyzeContext::new(&*catalog, &env, sql);
    let parsed = pglitedb_sql_parser::parse(sql).expect("parses");
    let query = analyze(&parsed[0].stmt, &ctx).expect("binds");
    let template = catalog.relation(1259).expect("pg_class").expect("pg_class").columns[0].clone();
    let columns: Vec<Column> = query
        .visible_targets()
        .map(|target| Column {
            name: target.name.clone().unwrap_or_else(|| "?column?".into()),
            type_oid: target.expr.type_oid(),
            typmod: target.expr.typmod(),
            collation: target.expr.collation(),
            not_null: false,
            default: None,
            ..template.clone()
        })
        .collect();
    let text = pglitedb_query_tree::serial::query_to_text(&query).expect("stored");
    catalog.add_view(name, columns, text);
}

fn rewritten(catalog: &TestCatalog, sql: &str) -> String {
    let env = TestEnv::default();
    let ctx = AnalyzeContext::new(catalog, &env, sql);
    let parsed = pglitedb_sql_parser::parse(sql).expect("parses");
    match analyze(&parsed[0].stmt, &ctx).and_then(|query| rewrite(query, &ctx)) {
        Ok(query) => {
            let line = DeparseStyle::line(false);
            let mut text = deparse_query(&query, line, &ctx).unwrap_or_else(|error| error.to_string());
            for (view, check) in &query.view_checks {
                text.push_str(&format!(" -- check {view}: {}", check.type_oid()));
            }
            text
        }
        Err(error) => format!("{error}"),
    }
}

#[test]
fn rewrites_statements_on_views() {
    let mut catalog = TestCatalog::new(TABLES);
    add_view(&mut catalog, "v", "select b as name, a as id from t1 where a > 10");
    add_view(&mut catalog, "vv", "select id, name, id + 1 as next from v where id < 100");
    add_view(&mut catalog, "vd", "select distinct a from t1");
    let cases = [
        (
            "select name from v where id = 5",
            "SELECT name FROM (SELECT t1.b AS name, t1.a AS id FROM t1 WHERE (t1.a > 10)) v WHERE (id = 5)",
        ),
        (
            "update v set name = name || 'x' where id = 20 returning id",
            "UPDATE t1 SET b = (t1.b || 'x'::text) WHERE ((t1.a = 20) AND (t1.a > 10)) RETURNING t1.a AS id",
        ),
        (
            "delete from vv where next = 5",
            "DELETE FROM t1 WHERE ((((t1.a + 1) = 5) AND (t1.a < 100)) AND (t1.a > 10))",
        ),
        (
            "insert into vv (name, id) values ('x', 1)",
            "INSERT INTO t1 (a, b, c) VALUES (1, 'x'::text, NULL::numeric)",
        ),
        (
            "insert into v values ('x', 1) on conflict (id) do update set name = excluded.name || v.name",
            "INSERT INTO t1 (a, b, c) VALUES (1, 'x'::text, NULL::numeric) ON CONFLICT(a) DO UPDATE SET b = \
             (excluded.b || t1.b)",
        ),
        (
            "update vv set next = 1",
            "ERROR: cannot update column \"next\" of view \"vv\" (SQLSTATE 0A000)\nDETAIL: View columns that are not \
             columns of their base relation are not updatable.",
        ),
        (
            "delete from vd",
            "ERROR: cannot delete from view \"vd\" (SQLSTATE 55000)\nDETAIL: Views containing DISTINCT are not \
             automatically updatable.\nHINT: To enable deleting from the view, provide an INSTEAD OF DELETE trigger or \
             an unconditional ON DELETE DO INSTEAD rule.",
        ),
    ];
    let mut failed = Vec::new();
    for (sql, wanted) in cases {
        let got = rewritten(&catalog, sql);
        if got != wanted {
            failed.push(format!("{sql}\n  wanted: {wanted}\n  got:    {got}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
