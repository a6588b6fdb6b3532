//! Times the parser on pgbench's statements and a three-table join: microseconds for each, best of several rounds.
//!
//!     cargo run --release -p pglitedb-sql-parser --example bench_parse

use std::hint::black_box;
use std::time::Instant;

const STATEMENTS: [(&str, &str); 8] = [
    ("begin", "BEGIN;"),
    ("update account", "UPDATE pgbench_accounts SET abalance = abalance + -3721 WHERE aid = 72345;"),
    ("select account", "SELECT abalance FROM pgbench_accounts WHERE aid = 72345;"),
    ("select with parameter", "SELECT abalance FROM pgbench_accounts WHERE aid = $1"),
    ("update teller", "UPDATE pgbench_tellers SET tbalance = tbalance + 12 WHERE tid = 7;"),
    ("update branch", "UPDATE pgbench_branches SET bbalance = bbalance + 12 WHERE bid = 1;"),
    (
        "insert history",
        "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (7, 1, 72345, 12, CURRENT_TIMESTAMP);",
    ),
    (
        "three-table join",
        "SELECT c.name, count(*) AS orders, sum(l.price * l.quantity) AS total FROM customers c JOIN orders o ON \
         o.customer_id = c.id LEFT JOIN order_lines l ON l.order_id = o.id WHERE o.created_at >= '2024-01-01'::date \
         AND c.country IN ('DE', 'FR', 'IT') GROUP BY c.id, c.name HAVING sum(l.price) > 1000 ORDER BY total DESC LIMIT 10",
    ),
];

fn main() {
    for (name, sql) in STATEMENTS {
        let mut best = f64::INFINITY;
        for _ in 0..20 {
            let repeats = 2000;
            let start = Instant::now();
            for _ in 0..repeats {
                let _ = black_box(pglitedb_sql_parser::parse(black_box(sql)));
            }
            best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(repeats));
        }
        println!("{best:8.3} µs  {name}");
    }
}
