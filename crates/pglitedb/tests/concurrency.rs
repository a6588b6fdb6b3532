//! What transactions of several connections may and may not do to each other.
//!
//! `PGLITEDB_LONG=1` lets the bank run for 20 seconds.

mod common;

use common::Random;
use pglitedb::{Config, Connection, Database, IsolationLevel, Result};
use std::sync::Barrier;
use std::time::{Duration, Instant};

fn database(setup: &str) -> Database {
    let database = Database::in_memory().unwrap();
    database.connect().unwrap().batch_execute(setup).unwrap();
    database
}

fn number(connection: &mut Connection, sql: &str) -> i64 {
    connection.query_one(sql, &[]).unwrap().get(0)
}

#[test]
fn read_committed_sees_no_dirty_data_and_new_commits() {
    let database = database("CREATE TABLE t (id int PRIMARY KEY, n bigint); INSERT INTO t VALUES (1, 10)");
    let (mut a, mut b) = (database.connect().unwrap(), database.connect().unwrap());
    let mut writer = a.transaction().unwrap();
    writer.execute("UPDATE t SET n = 20", &[]).unwrap();
    let mut reader = b.transaction().unwrap();
    assert_eq!(number(&mut reader, "SELECT n FROM t"), 10);
    writer.commit().unwrap();
    // A non-repeatable read, which this level allows.
    assert_eq!(number(&mut reader, "SELECT n FROM t"), 20);
}

#[test]
fn repeatable_read_reads_the_same_again() {
    let database = database("CREATE TABLE t (id int PRIMARY KEY, n bigint); INSERT INTO t VALUES (1, 10)");
    let (mut a, mut b) = (database.connect().unwrap(), database.connect().unwrap());
    let mut reader = b.build_transaction().isolation_level(IsolationLevel::RepeatableRead).start().unwrap();
    assert_eq!(number(&mut reader, "SELECT n FROM t"), 10);
    a.batch_execute("UPDATE t SET n = 20; INSERT INTO t VALUES (2, 1)").unwrap();
    assert_eq!(number(&mut reader, "SELECT n FROM t"), 10);
    assert_eq!(number(&mut reader, "SELECT count(*) FROM t"), 1);
    // Changing what has changed meanwhile would lose an update.
    let error = reader.execute("UPDATE t SET n = n + 1", &[]).unwrap_err();
    assert_eq!(error.sqlstate(), "40001");
    assert!(error.is_retryable());
}

#[test]
fn read_committed_updates_are_not_lost() {
    let database = database("CREATE TABLE t (n bigint); INSERT INTO t VALUES (0)");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut connection = database.connect().unwrap();
                for _ in 0..100 {
                    assert_eq!(connection.execute("UPDATE t SET n = n + 1", &[]).unwrap(), 1);
                }
            });
        }
    });
    assert_eq!(number(&mut database.connect().unwrap(), "SELECT n FROM t"), 800);
}

#[test]
fn select_for_update_makes_others_wait() {
    let database = database("CREATE TABLE t (n bigint); INSERT INTO t VALUES (0)");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = database.connect().unwrap();
                for _ in 0..50 {
                    let mut transaction = connection.transaction().unwrap();
                    let n: i64 = transaction.query_one("SELECT n FROM t FOR UPDATE", &[]).unwrap().get(0);
                    transaction.execute("UPDATE t SET n = $1", &[&(n + 1)]).unwrap();
                    transaction.commit().unwrap();
                }
            });
        }
    });
    assert_eq!(number(&mut database.connect().unwrap(), "SELECT n FROM t"), 200);
}

/// Two doctors, each of whom may go if the other one stays.
fn both_go(isolation: IsolationLevel) -> (Result<()>, Result<()>, i64) {
    let database = database(
        "CREATE TABLE doctor (name text PRIMARY KEY, on_call bool); INSERT INTO doctor VALUES ('a', true), ('b', true)",
    );
    let (mut a, mut b) = (database.connect().unwrap(), database.connect().unwrap());
    let mut first = a.build_transaction().isolation_level(isolation).start().unwrap();
    let mut second = b.build_transaction().isolation_level(isolation).start().unwrap();
    let others = "SELECT count(*) FROM doctor WHERE on_call";
    assert_eq!(number(&mut first, others), 2);
    assert_eq!(number(&mut second, others), 2);
    let gone_first = first.execute("UPDATE doctor SET on_call = false WHERE name = 'a'", &[]);
    let gone_second = second.execute("UPDATE doctor SET on_call = false WHERE name = 'b'", &[]);
    let first = gone_first.and_then(|_| first.commit());
    let second = gone_second.and_then(|_| second.commit());
    (first, second, number(&mut database.connect().unwrap(), others))
}

#[test]
fn write_skew() {
    let (first, second, left) = both_go(IsolationLevel::RepeatableRead);
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(left, 0);
    let (first, second, left) = both_go(IsolationLevel::Serializable);
    let errors: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].sqlstate(), "40001");
    assert_eq!(left, 1);
}

#[test]
fn deadlocks_are_found() {
    let database =
        database("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)");
    let barrier = Barrier::new(2);
    let start = Instant::now();
    let run = |first: i32, second: i32| -> Result<()> {
        let mut connection = database.connect()?;
        let mut transaction = connection.transaction()?;
        transaction.execute("UPDATE t SET n = n + 1 WHERE id = $1", &[&first])?;
        barrier.wait();
        transaction.execute("UPDATE t SET n = n + 1 WHERE id = $1", &[&second])?;
        transaction.commit()
    };
    let results = std::thread::scope(|scope| {
        let one = scope.spawn(|| run(1, 2));
        let two = scope.spawn(|| run(2, 1));
        [one.join().unwrap(), two.join().unwrap()]
    });
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].sqlstate(), "40P01");
    assert_eq!(number(&mut database.connect().unwrap(), "SELECT sum(n) FROM t"), 2);
}

const ACCOUNTS: i32 = 200;

fn transfers(database: &Database, seed: u64, deadline: Instant) -> Result<u64> {
    let mut connection = database.connect()?;
    let update = connection.prepare("UPDATE account SET balance = balance + $1 WHERE id = $2")?;
    let sum = connection.prepare("SELECT sum(balance)::bigint FROM account")?;
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut done = 0;
    while Instant::now() < deadline {
        let from = random.below(ACCOUNTS as usize) as i32;
        let to = random.below(ACCOUNTS as usize) as i32;
        let amount = random.below(100) as i64;
        if done % 50 == 0 {
            assert_eq!(connection.query_one(&sum, &[])?.get::<_, i64>(0), i64::from(ACCOUNTS) * 1000);
        }
        connection.with_retries(IsolationLevel::ReadCommitted, 1000, |transaction| {
            transaction.execute(&update, &[&-amount, &from])?;
            transaction.execute(&update, &[&amount, &to])?;
            Ok(())
        })?;
        done += 1;
    }
    Ok(done)
}

#[test]
fn bank_of_32_threads() {
    let long = std::env::var_os("PGLITEDB_LONG").is_some();
    let deadline = Instant::now() + Duration::from_secs(if long { 20 } else { 2 });
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open_with_config(directory.path().join("bank"), Config::balanced()).unwrap();
    let mut connection = database.connect().unwrap();
    connection.batch_execute("CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL)").unwrap();
    connection
        .execute("INSERT INTO account SELECT n, 1000 FROM generate_series(0, $1) n", &[&(ACCOUNTS - 1)])
        .unwrap();
    let done: u64 = std::thread::scope(|scope| {
        let database = &database;
        let workers: Vec<_> =
            (1..=32).map(|seed| scope.spawn(move || transfers(database, seed, deadline))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap().unwrap()).sum()
    });
    println!("{done} transfers");
    assert!(done > 32);
    assert_eq!(
        number(&mut connection, "SELECT sum(balance)::bigint FROM account"),
        i64::from(ACCOUNTS) * 1000
    );
    drop((connection, database));
    let database = Database::open(directory.path().join("bank")).unwrap();
    let sum = number(&mut database.connect().unwrap(), "SELECT sum(balance)::bigint FROM account");
    assert_eq!(sum, i64::from(ACCOUNTS) * 1000);
}

#[test]
fn waits_can_be_cancelled_and_limited() {
    let database = database("CREATE TABLE t (n int); INSERT INTO t VALUES (0)");
    let (mut a, mut b) = (database.connect().unwrap(), database.connect().unwrap());
    let mut holder = a.transaction().unwrap();
    holder.execute("UPDATE t SET n = 1", &[]).unwrap();
    let handle = b.cancel_handle();
    let start = Instant::now();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        handle.cancel();
    });
    assert_eq!(b.execute("UPDATE t SET n = 2", &[]).unwrap_err().sqlstate(), "57014");
    canceller.join().unwrap();
    b.batch_execute("SET statement_timeout = '50ms'").unwrap();
    let error = b.execute("UPDATE t SET n = 2", &[]).unwrap_err();
    assert_eq!(
        (error.sqlstate(), error.message()),
        ("57014", "canceling statement due to statement timeout")
    );
    b.batch_execute("RESET statement_timeout; SET lock_timeout = '50ms'").unwrap();
    assert_eq!(b.execute("UPDATE t SET n = 2", &[]).unwrap_err().sqlstate(), "55P03");
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(holder);
    assert_eq!(b.execute("UPDATE t SET n = 2", &[]).unwrap(), 1);
}
