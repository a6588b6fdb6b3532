//! How long binding pgbench's statements takes.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{TABLES, TestCatalog, TestEnv};
use pglitedb_analyzer::{AnalyzeContext, ParamTypes, analyze, rewrite};
use pglitedb_types::oids;
use std::time::Instant;

fn main() {
    let catalog = TestCatalog::new(TABLES);
    let env = TestEnv::default();
    let statements = [
        "SELECT abalance FROM pgbench_accounts WHERE aid = $1",
        "UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2",
        "INSERT INTO pgbench_accounts (aid, bid, abalance) VALUES ($1, $2, 17)",
        "SELECT abalance FROM pgbench_accounts WHERE aid = 123",
        "SELECT t1.b, count(*) FROM t1 JOIN t2 ON t1.a = t2.a JOIN emp ON emp.id = t1.a WHERE name = 'x' GROUP BY 1",
    ];
    for sql in statements {
        let parsed = pglitedb_sql_parser::parse(sql).expect("parses");
        let types = [oids::INT4, oids::INT4];
        let ctx = AnalyzeContext::new(&catalog, &env, sql).with_params(ParamTypes::Fixed(&types));
        const ROUNDS: u32 = 20_000;
        let start = Instant::now();
        for _ in 0..ROUNDS {
            let query = analyze(&parsed[0].stmt, &ctx).and_then(|query| rewrite(query, &ctx)).expect("binds");
            std::hint::black_box(query);
        }
        let each = start.elapsed() / ROUNDS;
        let start = Instant::now();
        for _ in 0..ROUNDS {
            std::hint::black_box(pglitedb_sql_parser::parse(sql).expect("parses"));
        }
        println!("bind {each:?}, parse {:?}: {sql}", start.elapsed() / ROUNDS);
    }
}
