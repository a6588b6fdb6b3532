//! How fast the embedded database is on this machine.
//!
//! `cargo run --release -p pglitedb --example bench_embedded [SECONDS]`

use pglitedb::{Config, Connection, Database, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn scratch(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("pglitedb-bench-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn line(what: &str, result: String, target: &str) {
    println!("{what:<52} {result:>18}   {target}");
}

/// Runs `body` for a while and says how long one run took, on average.
fn average(seconds: f64, mut body: impl FnMut() -> Result<()>) -> Result<Duration> {
    for _ in 0..200 {
        body()?;
    }
    let (start, mut runs) = (Instant::now(), 0_u32);
    while start.elapsed().as_secs_f64() < seconds {
        for _ in 0..50 {
            body()?;
        }
        runs += 50;
    }
    Ok(start.elapsed() / runs)
}

fn micros(time: Duration) -> String {
    format!("{:.2} us", time.as_secs_f64() * 1e6)
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn reads(seconds: f64) -> Result<()> {
    const ROWS: i32 = 100_000;
    let path = scratch("reads");
    let database = Database::open_with_config(&path, Config::benchmark())?;
    let mut connection = database.connect()?;
    connection.batch_execute("CREATE TABLE account (id int PRIMARY KEY, balance int, filler text)")?;
    connection.execute(
        "INSERT INTO account SELECT n, n % 1000, repeat('x', 84) FROM generate_series(1, $1) n",
        &[&ROWS],
    )?;
    connection.batch_execute("CHECKPOINT")?;
    let select = connection.prepare("SELECT balance FROM account WHERE id = $1")?;
    let mut key = 0;
    let mut next = move || {
        key = (key + 7919) % ROWS;
        key + 1
    };
    let time = average(seconds, || connection.query_one(&select, &[&next()]).map(drop))?;
    line("point select, prepared", micros(time), "< 5 us");
    let time = average(seconds, || {
        connection.query_one("SELECT balance FROM account WHERE id = $1", &[&next()]).map(drop)
    })?;
    line("point select, text remembered by the connection", micros(time), "");
    let time = average(seconds, || {
        connection.query_one(&format!("SELECT balance FROM account WHERE id = {}", next()), &[]).map(drop)
    })?;
    line("point select, new text every time", micros(time), "");
    let update = connection.prepare("UPDATE account SET balance = balance + $1 WHERE id = $2")?;
    let time = average(seconds, || connection.execute(&update, &[&1, &next()]).map(drop))?;
    line("update by primary key, benchmark()", micros(time), "");
    let start = Instant::now();
    let mut rows = 0_u32;
    for row in connection.query_raw("SELECT id, balance FROM account", &[])? {
        row?;
        rows += 1;
    }
    line(
        "scan of 100,000 rows, per row",
        format!("{:.0} ns", start.elapsed().as_nanos() as f64 / f64::from(rows)),
        "",
    );
    drop((connection, database));
    let _ = std::fs::remove_dir_all(&path);
    Ok(())
}

fn insert(connection: &mut Connection, seconds: f64) -> Result<Duration> {
    connection.batch_execute("CREATE TABLE event (id bigint PRIMARY KEY, kind int, note text)")?;
    let insert = connection.prepare("INSERT INTO event VALUES ($1, $2, $3)")?;
    let mut id = 0_i64;
    average(seconds, || {
        id += 1;
        connection.execute(&insert, &[&id, &7, &"something happened"]).map(drop)
    })
}

fn inserts(name: &str, config: Config, seconds: f64, target: &str) -> Result<()> {
    let path = scratch("inserts");
    let database = Database::open_with_config(&path, config)?;
    let time = insert(&mut database.connect()?, seconds)?;
    line(&format!("single-row inserts, {name}"), format!("{:.0}/s", 1.0 / time.as_secs_f64()), target);
    drop(database);
    let _ = std::fs::remove_dir_all(&path);
    Ok(())
}

fn first_result(path: &Path, sql: &str) -> Result<Duration> {
    let start = Instant::now();
    let database = Database::open(path)?;
    let mut connection = database.connect()?;
    connection.query_one(sql, &[])?;
    Ok(start.elapsed())
}

fn opening() -> Result<()> {
    let mut times: Vec<(Duration, Duration)> = Vec::new();
    for _ in 0..5 {
        let path = scratch("open");
        let new = first_result(&path, "SELECT 1")?;
        {
            let database = Database::open(&path)?;
            database.connect()?.batch_execute(
                "CREATE TABLE t (id int PRIMARY KEY, a text);
                 INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 10000) n",
            )?;
            database.close()?;
        }
        times.push((new, first_result(&path, "SELECT a FROM t WHERE id = 4711")?));
        let _ = std::fs::remove_dir_all(&path);
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    line(
        "open a new database to first result",
        millis(median(times.iter().map(|t| t.0).collect())),
        "< 20 ms",
    );
    line(
        "open again after a clean close to first result",
        millis(median(times.iter().map(|t| t.1).collect())),
        "< 20 ms",
    );
    let database = Database::in_memory()?;
    let time = average(0.3, || database.connect().map(drop))?;
    line("connect", micros(time), "");
    let pool = pglitedb::Pool::new(&database)?;
    let time = average(0.3, || pool.get().map(drop))?;
    line("borrow from a pool and give back", micros(time), "");
    Ok(())
}

fn main() -> Result<()> {
    let seconds: f64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(2.0);
    reads(seconds)?;
    inserts("benchmark()", Config::benchmark(), seconds, "> 60,000/s")?;
    inserts("balanced()", Config::balanced(), seconds, "> 5,000/s")?;
    inserts("production()", Config::production(), seconds, "> 500/s")?;
    opening()
}
