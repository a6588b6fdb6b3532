//! Joins against a model that knows nothing of plans: it takes all combinations and throws away what does not fit.
//!
//! `PGLITEDB_LONG=1` tries a hundred times as many queries.

mod common;

use common::Random;
use pglitedb::{Connection, Database};
use std::fmt::Write;

const COLUMNS: [&str; 3] = ["id", "x", "y"];

/// A row of up to five tables side by side; `None` where an outer join found nothing.
type Combined = Vec<Option<[i64; 3]>>;

/// A condition on the tables of a query, by their place.
enum Cond {
    /// Two columns are equal.
    Equal((usize, usize), (usize, usize)),
    /// A column is a number.
    Is((usize, usize), i64),
    /// The sum of two columns is a third.
    Sum((usize, usize), (usize, usize), (usize, usize)),
}

impl Cond {
    fn random(random: &mut Random, tables: usize, last: bool) -> Cond {
        let mut column = |table: Option<usize>| {
            (table.unwrap_or_else(|| random.below(tables)), random.below(COLUMNS.len()))
        };
        let first = column(last.then_some(tables - 1));
        let (second, third) = (column(None), column(None));
        match random.below(10) {
            0 if !last => Cond::Is(first, random.below(5) as i64),
            1 => Cond::Sum(first, second, third),
            _ => Cond::Equal(first, second),
        }
    }

    fn sql(&self) -> String {
        let name = |(table, column): &(usize, usize)| format!("t{table}.{}", COLUMNS[*column]);
        match self {
            Cond::Equal(a, b) => format!("{} = {}", name(a), name(b)),
            Cond::Is(a, value) => format!("{} = {value}", name(a)),
            Cond::Sum(a, b, c) => format!("{} + {} = {}", name(a), name(b), name(c)),
        }
    }

    /// NULL is not true.
    fn holds(&self, row: &Combined) -> bool {
        let value = |(table, column): &(usize, usize)| Some(row.get(*table)?.as_ref()?[*column]);
        let (left, right) = match self {
            Cond::Equal(a, b) => (value(a), value(b)),
            Cond::Is(a, number) => (value(a), Some(*number)),
            Cond::Sum(a, b, c) => (value(a).zip(value(b)).map(|(a, b)| a + b), value(c)),
        };
        left.is_some() && left == right
    }
}

fn both(conds: &[Cond]) -> String {
    conds.iter().map(Cond::sql).collect::<Vec<_>>().join(" AND ")
}

/// Tables r0 to r3, and what is in them.
fn tables(connection: &mut Connection) -> Vec<Vec<[i64; 3]>> {
    (0..4_i64)
        .map(|table| {
            let rows: Vec<[i64; 3]> =
                (1..=5 + table * 2).map(|n| [n, n * (table + 1) % 7, (n * 3 + table) % 5]).collect();
            let list: Vec<String> = rows.iter().map(|[id, x, y]| format!("({id}, {x}, {y})")).collect();
            let sql = format!(
                "CREATE TABLE r{table} (id int PRIMARY KEY, x int, y int); CREATE INDEX ON r{table} (x);
                 INSERT INTO r{table} VALUES {}; ANALYZE r{table}",
                list.join(", ")
            );
            connection.batch_execute(&sql).unwrap();
            rows
        })
        .collect()
}

/// A query, and the number of its rows with the sums of the first and the last table's ids.
fn query(random: &mut Random, tables: &[Vec<[i64; 3]>]) -> (String, (i64, i64, i64)) {
    let first = random.below(tables.len());
    let mut from = format!("r{first} t0");
    let mut rows: Vec<Combined> = tables[first].iter().map(|row| vec![Some(*row)]).collect();
    let count = 3 + random.below(3);
    for place in 1..count {
        let table = random.below(tables.len());
        let mut on = vec![Cond::random(random, place + 1, true)];
        if random.below(100) < 40 {
            on.push(Cond::random(random, place + 1, false));
        }
        let outer = random.below(100) < 25;
        let kind = if outer { "LEFT JOIN" } else { "JOIN" };
        let _ = write!(from, " {kind} r{table} t{place} ON {}", both(&on));
        let mut joined = Vec::new();
        for row in &rows {
            let before = joined.len();
            let with = |new| row.iter().copied().chain([new]).collect::<Combined>();
            joined.extend(
                tables[table]
                    .iter()
                    .map(|new| with(Some(*new)))
                    .filter(|row| on.iter().all(|cond| cond.holds(row))),
            );
            if outer && joined.len() == before {
                joined.push(with(None));
            }
        }
        rows = joined;
    }
    let conds: Vec<Cond> = (0..random.below(3)).map(|_| Cond::random(random, count, false)).collect();
    rows.retain(|row| conds.iter().all(|cond| cond.holds(row)));
    let filter = if conds.is_empty() { String::new() } else { format!(" WHERE {}", both(&conds)) };
    let id = |row: &Combined, at: usize| row[at].map_or(0, |row| row[0]);
    let sums = (
        rows.len() as i64,
        rows.iter().map(|row| id(row, 0)).sum(),
        rows.iter().map(|row| id(row, count - 1)).sum(),
    );
    let last = count - 1;
    let sql =
        format!("SELECT count(*), coalesce(sum(t0.id), 0), coalesce(sum(t{last}.id), 0) FROM {from}{filter}");
    (sql, sums)
}

#[test]
fn joins_have_the_rows_of_the_model() {
    let database = Database::in_memory().unwrap();
    let mut connection = database.connect().unwrap();
    let tables = tables(&mut connection);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let rounds = if std::env::var_os("PGLITEDB_LONG").is_some() { 40_000 } else { 400 };
    let kinds = ["hashjoin", "mergejoin", "nestloop", "indexscan", "seqscan", "memoize"];
    for round in 0..rounds {
        // Now and then without one of the ways to do it.
        connection.batch_execute("RESET ALL").unwrap();
        if random.below(100) < 50 {
            let off = kinds[random.below(kinds.len())];
            connection.batch_execute(&format!("SET enable_{off} = off")).unwrap();
        }
        let (sql, wanted) = query(&mut random, &tables);
        let row = connection.query_one(&sql, &[]).unwrap();
        assert_eq!((row.get(0), row.get(1), row.get(2)), wanted, "query {round}: {sql}");
    }
}
