//! Many threads, one database: each has a connection of its own.
//!
//! `cargo run -p pglitedb --example concurrent`

use pglitedb::{Database, Result};
use std::time::Instant;

const THREADS: i32 = 8;
const EACH: i32 = 500;

fn main() -> Result<()> {
    let database = Database::in_memory()?;
    database.connect()?.batch_execute(
        "CREATE TABLE counter (name text PRIMARY KEY, n int NOT NULL);
         INSERT INTO counter VALUES ('shared', 0);
         CREATE TABLE log (thread int, step int, PRIMARY KEY (thread, step));",
    )?;
    let start = Instant::now();
    let workers: Vec<_> = (0..THREADS)
        .map(|thread| {
            let database = database.clone();
            std::thread::spawn(move || -> Result<()> {
                let mut connection = database.connect()?;
                let log = connection.prepare("INSERT INTO log VALUES ($1, $2)")?;
                let count = connection.prepare("UPDATE counter SET n = n + 1 WHERE name = 'shared'")?;
                for step in 0..EACH {
                    let mut transaction = connection.transaction()?;
                    transaction.execute(&log, &[&thread, &step])?;
                    transaction.execute(&count, &[])?;
                    transaction.commit()?;
                }
                Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("a thread panicked")?;
    }
    let elapsed = start.elapsed();
    let mut connection = database.connect()?;
    let n: i32 = connection.query_one("SELECT n FROM counter", &[])?.get(0);
    let logged: i64 = connection.query_one("SELECT count(*) FROM log", &[])?.get(0);
    println!("{n} transactions of {THREADS} threads in {elapsed:?}");
    assert_eq!(n, THREADS * EACH);
    assert_eq!(logged, i64::from(THREADS * EACH));
    Ok(())
}
