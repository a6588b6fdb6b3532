//! Times of the hot paths: statements of one row through a session, without a protocol.
//!
//!     cargo run --release -p pglitedb-database --example hot_paths

use pglitedb_database::{
    CommandTag, Config, ConnectOptions, Database, Env, Format, Output, Progress, RowShape, Session,
};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_types::{Datum, oids};
use std::time::Instant;

const ROWS: i64 = 100_000;
const ROUNDS: u32 = 200_000;

/// Takes rows as a client would: every value is printed.
#[derive(Default)]
struct Sink {
    bytes: Vec<u8>,
    rows: u64,
}

impl Output for Sink {
    fn describe(&mut self, _shape: &RowShape) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &[Datum], shape: &RowShape, env: &Env) -> Result<()> {
        self.bytes.clear();
        for (value, column) in row.iter().zip(shape.columns.iter()) {
            pglitedb_types::output(value, column.type_oid, env, &mut self.bytes)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn notice(&mut self, _notice: &Error, _source: Option<&str>) {}

    fn complete(&mut self, _tag: &CommandTag) {}

    fn empty_query(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_out_begin(&mut self, _format: Format, _columns: usize) -> Result<()> {
        Ok(())
    }

    fn copy_out_data(&mut self, _data: &[u8]) -> Result<()> {
        Ok(())
    }

    fn copy_out_done(&mut self) {}

    fn copy_in_begin(&mut self, _format: Format, _columns: usize) -> Result<()> {
        Ok(())
    }
}

fn batch(session: &mut Session, sql: &str) -> Result<()> {
    match session.simple_query(sql, &mut Sink::default())? {
        Progress::Complete => Ok(()),
        _ => Err(Error::internal("not complete")),
    }
}

fn prepared(session: &mut Session, name: &str, params: &[i64], sink: &mut Sink) -> Result<()> {
    let mut value = |at: usize, _: u32, _: &Env| Ok(params.get(at).map_or(Datum::Null, |v| Datum::Int8(*v)));
    session.bind("", name, params.len(), &[], &mut value, sink)?;
    let _ = session.execute("", 0, sink)?;
    session.sync(sink)
}

fn time(what: &str, rounds: u32, mut run: impl FnMut(u32) -> Result<()>) -> Result<()> {
    for round in 0..1000 {
        run(round)?;
    }
    let begun = Instant::now();
    for round in 0..rounds {
        run(round)?;
    }
    println!("{what:<40} {:>8.0} ns", begun.elapsed().as_nanos() as f64 / f64::from(rounds));
    Ok(())
}

fn main() -> Result<()> {
    let begun = Instant::now();
    let database = Database::in_memory(Config::default())?;
    let mut session = database.connect(ConnectOptions::default())?;
    batch(&mut session, "SELECT 1")?;
    println!("{:<40} {:>8.1} ms", "open, connect, first result", begun.elapsed().as_secs_f64() * 1e3);
    batch(&mut session, "CREATE TABLE t (id bigint PRIMARY KEY, n int, filler text)")?;
    batch(
        &mut session,
        &format!("INSERT INTO t SELECT g, 0, 'some filler' FROM generate_series(1, {ROWS}) g"),
    )?;
    batch(&mut session, "ANALYZE t")?;
    let mut sink = Sink::default();
    let types = [oids::INT8, oids::INT8];
    session.parse("one", "SELECT 1", &[], &mut sink)?;
    session.parse("read", "SELECT n, filler FROM t WHERE id = $1", &types[..1], &mut sink)?;
    session.parse("update", "UPDATE t SET n = n + 1 WHERE id = $1", &types[..1], &mut sink)?;
    session.parse("insert", "INSERT INTO t VALUES ($1, 1, 'x')", &types[..1], &mut sink)?;
    session.parse("range", "SELECT n FROM t WHERE id BETWEEN $1 AND $2", &types, &mut sink)?;
    session.sync(&mut sink)?;

    let key = |round: u32| i64::from(round.wrapping_mul(2_654_435_761) % ROWS as u32) + 1;
    time("prepared SELECT 1", ROUNDS, |_| prepared(&mut session, "one", &[], &mut sink))?;
    time("prepared read by key", ROUNDS, |round| prepared(&mut session, "read", &[key(round)], &mut sink))?;
    time("prepared read of 100 rows", ROUNDS / 20, |round| {
        prepared(&mut session, "range", &[key(round), key(round) + 99], &mut sink)
    })?;
    time("prepared update by key", ROUNDS / 4, |round| {
        prepared(&mut session, "update", &[key(round)], &mut sink)
    })?;
    let mut next = ROWS;
    time("prepared insert", ROUNDS / 4, |_| {
        next += 1;
        prepared(&mut session, "insert", &[next], &mut sink)
    })?;
    time("text: the same read by key", ROUNDS / 4, |_| {
        session.simple_query("SELECT n, filler FROM t WHERE id = 4711", &mut sink).map(drop)
    })?;
    time("text: read by another key each time", ROUNDS / 4, |round| {
        let sql = format!("SELECT n, filler FROM t WHERE id = {}", key(round));
        session.simple_query(&sql, &mut sink).map(drop)
    })?;
    time("text: read by another name each time", ROUNDS / 20, |round| {
        let sql = format!("SELECT n, filler FROM t WHERE id = {} AND filler <> 'x{round}'", key(round));
        session.simple_query(&sql, &mut sink).map(drop)
    })?;
    time("BEGIN; COMMIT", ROUNDS / 4, |_| {
        let _ = session.simple_query("BEGIN", &mut sink)?;
        session.simple_query("COMMIT", &mut sink).map(drop)
    })?;
    println!("{} rows", sink.rows);
    Ok(())
}
