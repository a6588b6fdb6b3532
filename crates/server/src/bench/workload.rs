//! What is measured.

use super::Plan;
use super::driver::{Client, Target};
use pglitedb_sqlstate::{Result, bail};

/// Rows that one INSERT of the set-up writes.
const LOAD_BATCH: u64 = 1000;
/// Accounts of each branch in the bank.
const ACCOUNTS_PER_BRANCH: u64 = 10_000;
const TELLERS_PER_BRANCH: u64 = 10;

/// A workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// One row, one transaction.
    Insert,
    /// A row by its primary key.
    PointRead,
    /// A hundred neighbouring rows.
    RangeRead,
    /// One row changed by its primary key.
    Update,
    /// Four reads for each update.
    Mixed,
    /// The TPC-B-like transaction of pgbench: three updates, a read and an insert.
    Bank,
    /// An aggregate over the whole table.
    Aggregate,
}

impl Workload {
    /// All of them.
    pub const ALL: [Workload; 7] = [
        Workload::Insert,
        Workload::PointRead,
        Workload::RangeRead,
        Workload::Update,
        Workload::Mixed,
        Workload::Bank,
        Workload::Aggregate,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Workload::Insert => "insert",
            Workload::PointRead => "point-read",
            Workload::RangeRead => "range-read",
            Workload::Update => "update",
            Workload::Mixed => "mixed",
            Workload::Bank => "tpcb-like",
            Workload::Aggregate => "aggregate",
        }
    }

    /// The workload of that name.
    pub fn parse(name: &str) -> Option<Workload> {
        Workload::ALL.into_iter().find(|workload| workload.name() == name)
    }

    /// With how many threads it is measured: one and all, or one only where more would say nothing new.
    pub(crate) fn thread_counts(self, threads: usize) -> Vec<usize> {
        match self {
            Workload::Aggregate => vec![1],
            _ if threads <= 1 => vec![1],
            _ => vec![1, threads],
        }
    }

    fn statements(self) -> &'static [&'static str] {
        match self {
            Workload::Insert => {
                &["INSERT INTO bench_log (a, b, c) VALUES ($1, $2, 'a text of middling length')"]
            }
            Workload::PointRead => &["SELECT n, filler FROM bench_rows WHERE id = $1"],
            Workload::RangeRead => &["SELECT n, filler FROM bench_rows WHERE id >= $1 AND id < $2"],
            Workload::Update => &["UPDATE bench_rows SET n = n + 1 WHERE id = $1"],
            Workload::Mixed => &[
                "SELECT n, filler FROM bench_rows WHERE id = $1",
                "UPDATE bench_rows SET n = n + 1 WHERE id = $1",
            ],
            Workload::Bank => &[
                "BEGIN",
                "UPDATE bench_accounts SET balance = balance + $1 WHERE id = $2",
                "SELECT balance FROM bench_accounts WHERE id = $1",
                "UPDATE bench_tellers SET balance = balance + $1 WHERE id = $2",
                "UPDATE bench_branches SET balance = balance + $1 WHERE id = $2",
                "INSERT INTO bench_history (teller, branch, account, delta) VALUES ($1, $2, $3, $4)",
                "COMMIT",
            ],
            Workload::Aggregate => &["SELECT count(*), sum(n), min(id), max(id) FROM bench_rows"],
        }
    }
}

/// Makes the tables and fills them.
pub(crate) fn set_up<T: Target>(target: &T, plan: &Plan) -> Result<()> {
    let mut client = target.connect()?;
    client.batch(
        "CREATE TABLE bench_rows (id bigint PRIMARY KEY, n bigint NOT NULL, filler text NOT NULL);
         CREATE TABLE bench_log (id bigserial PRIMARY KEY, a bigint, b bigint, c text);
         CREATE TABLE bench_branches (id bigint PRIMARY KEY, balance bigint NOT NULL);
         CREATE TABLE bench_tellers (id bigint PRIMARY KEY, branch bigint NOT NULL, balance bigint NOT NULL);
         CREATE TABLE bench_accounts (id bigint PRIMARY KEY, branch bigint NOT NULL, balance bigint NOT NULL);
         CREATE TABLE bench_history (teller bigint, branch bigint, account bigint, delta bigint)",
    )?;
    let branches = branches(plan);
    let filler = "x".repeat(80);
    fill(&mut client, "bench_rows", plan.rows, |id| format!("({id},0,'{filler}')"))?;
    fill(&mut client, "bench_branches", branches, |id| format!("({id},0)"))?;
    fill(&mut client, "bench_tellers", branches * TELLERS_PER_BRANCH, |id| {
        format!("({id},{},0)", id / TELLERS_PER_BRANCH)
    })?;
    fill(&mut client, "bench_accounts", branches * ACCOUNTS_PER_BRANCH, |id| {
        format!("({id},{},0)", id / ACCOUNTS_PER_BRANCH)
    })?;
    client.batch("ANALYZE")
}

fn branches(plan: &Plan) -> u64 {
    plan.rows.div_ceil(ACCOUNTS_PER_BRANCH).max(1)
}

fn fill<C: Client>(client: &mut C, table: &str, rows: u64, row: impl Fn(u64) -> String) -> Result<()> {
    for first in (0..rows).step_by(LOAD_BATCH as usize) {
        let values: Vec<String> = (first..rows.min(first + LOAD_BATCH)).map(&row).collect();
        client.batch(&format!("INSERT INTO {table} VALUES {}", values.join(",")))?;
    }
    Ok(())
}

/// One thread's part of a workload.
pub(crate) struct Worker<C: Client> {
    client: C,
    workload: Workload,
    statements: Vec<C::Statement>,
    random: u64,
    rows: u64,
    branches: u64,
    count: u64,
}

impl<C: Client> Worker<C> {
    pub(crate) fn new(mut client: C, workload: Workload, plan: &Plan, number: usize) -> Result<Self> {
        let statements =
            workload.statements().iter().map(|sql| client.prepare(sql)).collect::<Result<Vec<_>>>()?;
        let random = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Ok(Worker {
            client,
            workload,
            statements,
            random,
            rows: plan.rows,
            branches: branches(plan),
            count: 0,
        })
    }

    /// The next number of a xorshift generator, below `limit`.
    fn below(&mut self, limit: u64) -> i64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ((self.random >> 11) % limit.max(1)) as i64
    }

    fn run(&mut self, statement: usize, parameters: &[i64]) -> Result<u64> {
        match self.statements.get(statement) {
            Some(statement) => self.client.run(statement, parameters),
            None => Err(pglitedb_sqlstate::Error::internal("a workload without its statement")),
        }
    }

    fn expect(&mut self, statement: usize, parameters: &[i64], rows: u64) -> Result<()> {
        let found = self.run(statement, parameters)?;
        if found != rows {
            bail!(INTERNAL_ERROR, "{}: {found} rows instead of {rows}", self.workload.name());
        }
        Ok(())
    }

    /// One operation; its results are checked.
    pub(crate) fn operation(&mut self) -> Result<()> {
        self.count += 1;
        let id = self.below(self.rows);
        match self.workload {
            Workload::Insert => self.run(0, &[id, self.count as i64]).map(drop),
            Workload::PointRead => self.expect(0, &[id], 1),
            Workload::RangeRead => {
                let first = self.below(self.rows.saturating_sub(100));
                self.expect(0, &[first, first + 100], self.rows.min(100))
            }
            Workload::Update => self.run(0, &[id]).map(drop),
            Workload::Mixed if self.count.is_multiple_of(5) => self.run(1, &[id]).map(drop),
            Workload::Mixed => self.expect(0, &[id], 1),
            Workload::Bank => self.bank(),
            Workload::Aggregate => self.expect(0, &[], 1),
        }
    }

    fn bank(&mut self) -> Result<()> {
        let branch = self.below(self.branches);
        let teller = self.below(self.branches * TELLERS_PER_BRANCH);
        let account = self.below(self.branches * ACCOUNTS_PER_BRANCH);
        let delta = self.below(10_000) - 5_000;
        self.run(0, &[])?;
        self.run(1, &[delta, account])?;
        self.expect(2, &[account], 1)?;
        self.run(3, &[delta, teller])?;
        self.run(4, &[delta, branch])?;
        self.run(5, &[teller, branch, account, delta])?;
        self.run(6, &[]).map(drop)
    }

    /// Ends a transaction that failed.
    pub(crate) fn roll_back(&mut self) -> Result<()> {
        match self.workload {
            Workload::Bank => self.client.batch("ROLLBACK"),
            _ => Ok(()),
        }
    }
}
