//! A pool of connections, as a server with worker threads uses it.
//!
//! `cargo run -p pglitedb --example pool`

use pglitedb::{Database, Pool, PoolConfig, Result};
use std::time::Duration;

fn handle(pool: &Pool, request: i32) -> Result<i32> {
    let mut connection = pool.get()?;
    let mut transaction = connection.transaction()?;
    transaction.execute("INSERT INTO request VALUES ($1)", &[&request])?;
    let seen: i64 =
        transaction.query_one("SELECT count(*) FROM request WHERE id = $1", &[&request])?.try_get(0)?;
    transaction.commit()?;
    Ok(seen as i32)
    // The connection goes back to the pool here.
}

fn main() -> Result<()> {
    let database = Database::in_memory()?;
    let config = PoolConfig::default().max_size(4).min_idle(1).acquire_timeout(Duration::from_millis(200));
    let pool = Pool::with_config(&database, config)?;
    pool.get()?.batch_execute("CREATE TABLE request (id int PRIMARY KEY)")?;

    let workers: Vec<_> = (0..16)
        .map(|worker| {
            let pool = pool.clone();
            std::thread::spawn(move || (0..50).map(|n| handle(&pool, worker * 50 + n)).sum::<Result<i32>>())
        })
        .collect();
    let mut handled = 0;
    for worker in workers {
        handled += worker.join().expect("a thread panicked")?;
    }
    println!("{handled} requests by {:?}", pool.status());
    assert_eq!(handled, 16 * 50);
    assert!(pool.status().connections <= 4);

    // What one borrower leaves behind, the next does not see.
    {
        let mut connection = pool.get()?;
        connection.batch_execute("SET TimeZone = 'Asia/Tokyo'; BEGIN; INSERT INTO request VALUES (-1)")?;
    }
    let zone: String = pool.get()?.query_one("SHOW TimeZone", &[])?.get(0);
    assert_ne!(zone, "Asia/Tokyo");
    assert!(pool.get()?.query_opt("SELECT 1 FROM request WHERE id = -1", &[])?.is_none());

    // When all are taken, the next one waits, and fails in the end.
    let held: Vec<_> = (0..4).map(|_| pool.get()).collect::<Result<_>>()?;
    let error = pool.get().unwrap_err();
    println!("{error}");
    assert_eq!(error.sqlstate(), "53300");
    drop(held);
    assert_eq!(pool.status().idle, 4);
    Ok(())
}
