//! The library's own behaviour: values, guards, streams, COPY, the pool.

use pglitedb::{Database, Error, Interval, Pool, PoolConfig, Type};
use std::io::{Read, Write};
use std::time::Duration;

fn connect() -> pglitedb::Connection {
    Database::in_memory().unwrap().connect().unwrap()
}

#[test]
fn values_there_and_back() {
    let mut connection = connect();
    macro_rules! same {
        ($($sql:literal: $ty:ty = $value:expr;)*) => {
            $({
                let value: $ty = $value;
                let row = connection.query_one(concat!("SELECT $1::", $sql), &[&value]).unwrap();
                assert_eq!(row.get::<_, $ty>(0), value, $sql);
            })*
        };
    }
    same! {
        "bool": bool = true;
        "\"char\"": i8 = 65;
        "int2": i16 = i16::MIN;
        "int4": i32 = i32::MAX;
        "int8": i64 = i64::MIN;
        "oid": u32 = u32::MAX;
        "float4": f32 = 1.5;
        "float8": f64 = -0.1;
        "text": String = "žluťoučký".to_owned();
        "text": &str = "";
        "bytea": Vec<u8> = vec![0, 255, 92];
        "bytea": &[u8] = b"\\x";
        "int4[]": Vec<i32> = vec![1, 2, 3];
        "int4[]": Vec<i32> = vec![];
        "text[]": Vec<Option<String>> = vec![Some("a,b".to_owned()), None];
        "int8": Option<i64> = None;
        "int8": Option<i64> = Some(7);
        "interval": Interval = Interval { months: 14, days: -3, microseconds: 5 };
        "numeric": String = "123456789012345678901234567890.1230".to_owned();
        "jsonb": String = r#"{"a": [1, null]}"#.to_owned();
        "int4range": String = "[1,5)".to_owned();
    }
}

#[test]
fn integers_fit_or_fail() {
    let mut connection = connect();
    assert_eq!(connection.query_one("SELECT $1::int8", &[&7_i32]).unwrap().get::<_, i64>(0), 7);
    assert_eq!(connection.query_one("SELECT $1::numeric", &[&7_i32]).unwrap().get::<_, String>(0), "7");
    assert_eq!(connection.query_one("SELECT $1::int4", &[&(1_i64 << 40)]).unwrap_err().sqlstate(), "22003");
    assert_eq!(connection.query_one("SELECT $1::text", &[&1_i32]).unwrap_err().sqlstate(), "42804");
    assert_eq!(connection.query_one("SELECT $1::int4", &[&"x"]).unwrap_err().sqlstate(), "22P02");
    assert_eq!(connection.query_one("SELECT $1::int4", &[]).unwrap_err().sqlstate(), "08P01");
}

#[test]
fn reading_says_what_is_wrong() {
    let mut connection = connect();
    let row = connection.query_one("SELECT 1 AS a, NULL::int AS b, 2 AS a", &[]).unwrap();
    assert_eq!(row.get::<_, i32>("A"), 1);
    let code = |error: Error| error.sqlstate().to_owned();
    assert_eq!(code(row.try_get::<_, i32>("b").unwrap_err()), "22002");
    assert_eq!(code(row.try_get::<_, bool>(0).unwrap_err()), "42804");
    assert_eq!(code(row.try_get::<_, i32>(3).unwrap_err()), "42703");
    assert_eq!(code(row.try_get::<_, i32>("c").unwrap_err()), "42703");
}

#[test]
fn user_defined_types() {
    let mut connection = connect();
    connection
        .batch_execute(
            "CREATE TYPE mood AS ENUM ('sad', 'happy');
             CREATE DOMAIN positive AS int CHECK (VALUE > 0);
             CREATE TABLE person (name text, mood mood, age positive)",
        )
        .unwrap();
    let insert = connection.prepare("INSERT INTO person VALUES ($1, $2, $3)").unwrap();
    connection.execute(&insert, &[&"Ada", &"happy", &36]).unwrap();
    assert_eq!(connection.execute(&insert, &[&"Bob", &"hungry", &36]).unwrap_err().sqlstate(), "22P02");
    assert_eq!(connection.execute(&insert, &[&"Bob", &"sad", &-1]).unwrap_err().sqlstate(), "23514");
    let row = connection.query_one("SELECT mood, age, ARRAY[mood] FROM person", &[]).unwrap();
    assert_eq!(row.get::<_, &str>(0), "happy");
    assert_eq!(row.get::<_, i32>(1), 36);
    assert_eq!(row.get::<_, Vec<&str>>(2), ["happy"]);
    assert_eq!(row.columns()[0].type_().name(), "mood");
    assert_eq!(row.columns()[1].type_(), &Type::INT4);
}

#[test]
fn errors_have_positions_in_characters() {
    let error = connect().query("SELECT 'ä', nonsense", &[]).unwrap_err();
    assert_eq!((error.sqlstate(), error.position()), ("42703", Some(13)));
    assert!(error.to_string().contains("column \"nonsense\" does not exist"), "{error}");
}

#[test]
fn statements_survive_changes_of_tables() {
    let mut connection = connect();
    connection.batch_execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)").unwrap();
    let all = connection.prepare("SELECT * FROM t").unwrap();
    assert_eq!(connection.query_one(&all, &[]).unwrap().len(), 1);
    connection.batch_execute("ALTER TABLE t ADD COLUMN b text DEFAULT 'x'").unwrap();
    let row = connection.query_one("SELECT * FROM t", &[]).unwrap();
    assert_eq!(row.get::<_, &str>("b"), "x");
    assert_eq!(connection.query_one(&all, &[]).unwrap().len(), 2);
    connection.batch_execute("DROP TABLE t").unwrap();
    assert_eq!(connection.query(&all, &[]).unwrap_err().sqlstate(), "42P01");
}

#[test]
fn statements_work_on_other_connections() {
    let database = Database::in_memory().unwrap();
    let (mut a, mut b) = (database.connect().unwrap(), database.connect().unwrap());
    let statement = a.prepare("SELECT $1::int * 2").unwrap();
    drop(a);
    assert_eq!(b.query_one(&statement, &[&21]).unwrap().get::<_, i32>(0), 42);
}

#[test]
fn streams_can_be_left_early() {
    let mut connection = connect();
    connection.batch_execute("CREATE TABLE t (n int)").unwrap();
    {
        let mut rows = connection.query_raw("SELECT generate_series(1, 1000000000)", &[]).unwrap();
        assert_eq!(rows.next().unwrap().unwrap().get::<_, i32>(0), 1);
        assert_eq!(rows.rows_affected(), None);
    }
    let mut rows =
        connection.query_raw("INSERT INTO t SELECT generate_series(1, 1000) RETURNING n", &[]).unwrap();
    assert_eq!(rows.by_ref().count(), 1000);
    assert_eq!(rows.rows_affected(), Some(1000));
    drop(rows);
    let count: i64 = connection.query_one("SELECT count(*) FROM t", &[]).unwrap().get(0);
    assert_eq!(count, 1000);
    // An error in the middle arrives where it happens.
    let failed = connection
        .query_raw("SELECT 1 / (500 - n) FROM t ORDER BY n", &[])
        .and_then(|rows| rows.collect::<Result<Vec<_>, _>>())
        .unwrap_err();
    assert_eq!(failed.sqlstate(), "22012");
    assert!(!connection.in_transaction());
}

#[test]
fn dropped_guards_roll_back() {
    let mut connection = connect();
    connection.batch_execute("CREATE TABLE t (n int)").unwrap();
    {
        let mut transaction = connection.transaction().unwrap();
        transaction.execute("INSERT INTO t VALUES (1)", &[]).unwrap();
        let mut inner = transaction.transaction().unwrap();
        inner.execute("INSERT INTO t VALUES (2)", &[]).unwrap();
        let mut innermost = inner.transaction().unwrap();
        innermost.execute("INSERT INTO nowhere VALUES (3)", &[]).unwrap_err();
        drop(innermost);
        inner.commit().unwrap();
        transaction.commit().unwrap();
    }
    let count = |connection: &mut pglitedb::Connection| -> i64 {
        connection.query_one("SELECT count(*) FROM t", &[]).unwrap().get(0)
    };
    assert_eq!(count(&mut connection), 2);
    let mut transaction = connection.transaction().unwrap();
    transaction.execute("INSERT INTO t VALUES (3)", &[]).unwrap();
    transaction.execute("SELECT 1 / 0", &[]).unwrap_err();
    assert_eq!(transaction.query("SELECT 1", &[]).unwrap_err().sqlstate(), "25P02");
    assert_eq!(transaction.commit().unwrap_err().sqlstate(), "25P02");
    assert_eq!(count(&mut connection), 2);
    // A thread that panics in a transaction rolls back, too.
    let database = Database::in_memory().unwrap();
    database.connect().unwrap().batch_execute("CREATE TABLE t (n int)").unwrap();
    let other = database.clone();
    let panicked = std::thread::spawn(move || {
        let mut connection = other.connect().unwrap();
        let mut transaction = connection.transaction().unwrap();
        transaction.execute("INSERT INTO t VALUES (1)", &[]).unwrap();
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    assert!(panicked.join().is_err());
    assert_eq!(count(&mut database.connect().unwrap()), 0);
    database.connect().unwrap().batch_execute("DROP TABLE t").unwrap();
}

#[test]
fn copy_sees_what_its_transaction_has_done() {
    let mut connection = connect();
    connection.batch_execute("CREATE TABLE t (n int); BEGIN; INSERT INTO t VALUES (1)").unwrap();
    let mut writer = connection.copy_in("COPY t FROM STDIN").unwrap();
    writer.write_all(b"2\n3\n").unwrap();
    writer.finish().unwrap();
    for statement in ["COPY t TO STDOUT", "COPY (SELECT n FROM t ORDER BY n) TO STDOUT"] {
        let mut text = String::new();
        connection.copy_out(statement).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "1\n2\n3\n", "{statement}");
    }
    connection.batch_execute("ROLLBACK").unwrap();
}

#[test]
fn copy_can_be_left_early() {
    let mut connection = connect();
    connection.batch_execute("CREATE TABLE t (n int)").unwrap();
    let mut writer = connection.copy_in("COPY t FROM STDIN").unwrap();
    writer.write_all(b"1\n2\n").unwrap();
    drop(writer);
    let mut writer = connection.copy_in("COPY t FROM STDIN").unwrap();
    for n in 0..100_000 {
        writeln!(writer, "{n}").unwrap();
    }
    assert_eq!(writer.finish().unwrap(), 100_000);
    let mut first = [0; 2];
    connection.copy_out("COPY t TO STDOUT").unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"0\n");
    assert!(!connection.in_transaction());
    assert_eq!(connection.copy_in("SELECT 1").unwrap_err().sqlstate(), "42809");
    assert_eq!(connection.copy_out("SELECT 1").unwrap_err().sqlstate(), "42809");
    assert_eq!(connection.batch_execute("COPY t FROM STDIN").unwrap_err().sqlstate(), "0A000");
    assert_eq!(connection.query_one("SELECT count(*) FROM t", &[]).unwrap().get::<_, i64>(0), 100_000);
}

#[test]
fn pools_replace_what_is_broken_or_old() {
    let database = Database::in_memory().unwrap();
    let config = PoolConfig::default().max_size(2).idle_timeout(Some(Duration::from_millis(30)));
    let pool = Pool::with_config(&database, config).unwrap();
    let (first, second) = (pool.get().unwrap(), pool.get().unwrap());
    assert!(pool.try_get().unwrap().is_none());
    let (one, two) = (first.process_id(), second.process_id());
    assert_ne!(one, two);
    drop(first);
    assert_eq!(pool.get().unwrap().process_id(), one);
    drop(second);
    assert_eq!(pool.status().idle, 2);
    std::thread::sleep(Duration::from_millis(50));
    let third = pool.get().unwrap();
    assert!(third.process_id() != one && third.process_id() != two);
    assert_eq!(pool.status().connections, 1);
    let own = third.detach();
    assert_eq!(pool.status().connections, 0);
    drop(own);
}

#[cfg(all(feature = "uuid", feature = "chrono", feature = "serde_json", feature = "rust_decimal"))]
#[test]
fn values_of_other_crates() {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
    let mut connection = connect();
    macro_rules! same {
        ($($sql:literal: $ty:ty = $value:expr, $text:literal;)*) => {
            $({
                let value: $ty = $value;
                let sql = concat!("SELECT $1::", $sql, ", ($1::", $sql, ")::text");
                let row = connection.query_one(sql, &[&value]).unwrap();
                assert_eq!(row.get::<_, $ty>(0), value, $sql);
                assert_eq!(row.get::<_, &str>(1), $text);
            })*
        };
    }
    same! {
        "uuid": uuid::Uuid = uuid::Uuid::from_u128(1), "00000000-0000-0000-0000-000000000001";
        "date": NaiveDate = "1969-07-20".parse().unwrap(), "1969-07-20";
        "time": NaiveTime = "20:17:40.5".parse().unwrap(), "20:17:40.5";
        "timestamp": NaiveDateTime = "1969-07-20T20:17:40.000001".parse().unwrap(), "1969-07-20 20:17:40.000001";
        "timestamptz": DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap(), "2026-11-21 10:00:00+00";
        "jsonb": serde_json::Value = serde_json::json!({"a": [1, 2.5, null, "x"]}), "{\"a\": [1, 2.5, null, \"x\"]}";
        "numeric": rust_decimal::Decimal = "-12345678901234567890.12345".parse().unwrap(), "-12345678901234567890.12345";
    }
    assert_eq!(
        connection
            .query_one("SELECT 'infinity'::date", &[])
            .unwrap()
            .try_get::<_, NaiveDate>(0)
            .unwrap_err()
            .sqlstate(),
        "22008"
    );
}

#[cfg(feature = "postgres-types")]
#[test]
fn values_by_way_of_the_binary_format() {
    use pglitedb::Pg;
    let mut connection = connect();
    let row = connection.query_one("SELECT $1::text, $2::int4[]", &[&Pg("x"), &Pg(vec![1, 2])]).unwrap();
    assert_eq!(row.get::<_, Pg<String>>(0), Pg("x".to_owned()));
    assert_eq!(row.get::<_, Pg<Vec<i32>>>(1), Pg(vec![1, 2]));
    assert_eq!(row.try_get::<_, Pg<i64>>(0).unwrap_err().sqlstate(), "42804");
}
