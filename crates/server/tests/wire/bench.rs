//! The benchmark's own parts, on a target that counts.

use pglitedb_server::bench::{self, Client, Plan, Profile, Target, Workload};
use pglitedb_sqlstate::{Result, err};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[derive(Default)]
struct Counting {
    batches: AtomicU64,
    runs: AtomicU64,
}

struct Connection<'a>(&'a Counting);

impl Target for &'static Counting {
    type Client = Connection<'static>;

    fn connect(&self) -> Result<Connection<'static>> {
        Ok(Connection(self))
    }
}

impl Client for Connection<'_> {
    type Statement = String;

    fn batch(&mut self, _sql: &str) -> Result<()> {
        self.0.batches.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn prepare(&mut self, sql: &str) -> Result<String> {
        Ok(sql.to_owned())
    }

    fn run(&mut self, statement: &String, parameters: &[i64]) -> Result<u64> {
        let runs = self.0.runs.fetch_add(1, Ordering::Relaxed);
        if statement.starts_with("COMMIT") && runs.is_multiple_of(3) {
            return Err(err!(T_R_DEADLOCK_DETECTED, "deadlock detected"));
        }
        Ok(match parameters {
            [first, last] if statement.starts_with("SELECT") => (last - first) as u64,
            _ => 1,
        })
    }
}

#[test]
fn every_workload() {
    let target: &'static Counting = Box::leak(Box::default());
    let plan = Plan {
        profile: Profile::Balanced,
        threads: 2,
        rows: 2000,
        time: Duration::from_millis(20),
        on_disk: true,
        ..Plan::default()
    };
    let mut out = Vec::new();
    bench::run(&target, &plan, &std::env::temp_dir(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for workload in Workload::ALL {
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(workload.name())).collect();
        assert_eq!(lines.len(), if workload == Workload::Aggregate { 1 } else { 2 }, "{text}");
        assert_eq!(Workload::parse(workload.name()), Some(workload));
    }
    assert!(target.batches.load(Ordering::Relaxed) > 10);
}
