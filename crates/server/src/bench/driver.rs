//! Running a workload on several threads.

use super::workload::Worker;
use super::{Histogram, Plan, Workload};
use pglitedb_sqlstate::{Result, codes};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The database under test.
pub trait Target: Sync {
    /// Its connections.
    type Client: Client;

    /// Opens a connection.
    fn connect(&self) -> Result<Self::Client>;
}

/// A connection as a program uses it.
pub trait Client {
    /// A prepared statement.
    type Statement;

    /// Runs statements without parameters.
    fn batch(&mut self, sql: &str) -> Result<()>;

    /// Prepares a statement with parameters of type bigint.
    fn prepare(&mut self, sql: &str) -> Result<Self::Statement>;

    /// Runs a prepared statement, takes every value of its result, and returns the number of rows.
    fn run(&mut self, statement: &Self::Statement, parameters: &[i64]) -> Result<u64>;
}

/// What came of a workload.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) histogram: Histogram,
    pub(crate) elapsed: Duration,
    /// Transactions that had to be repeated, because of a deadlock or a serialization failure.
    pub(crate) retries: u64,
}

/// Runs `workload` for the plan's time.
pub(crate) fn measure<T: Target>(
    target: &T,
    workload: Workload,
    plan: &Plan,
    threads: usize,
) -> Result<Measured> {
    let stop = AtomicBool::new(false);
    let ready = Barrier::new(threads + 1);
    let mut total = Measured::default();
    std::thread::scope(|scope| {
        let mut running = Vec::new();
        for number in 0..threads {
            let (stop, ready) = (&stop, &ready);
            running.push(scope.spawn(move || {
                let worker = target.connect().and_then(|client| Worker::new(client, workload, plan, number));
                ready.wait();
                run_thread(worker?, stop)
            }));
        }
        ready.wait();
        let begun = Instant::now();
        std::thread::sleep(plan.time);
        stop.store(true, Ordering::Relaxed);
        for thread in running {
            let (histogram, retries) = match thread.join() {
                Ok(outcome) => outcome?,
                Err(_) => return Err(pglitedb_sqlstate::Error::internal("a thread of the benchmark failed")),
            };
            total.histogram.add(&histogram);
            total.retries += retries;
        }
        total.elapsed = begun.elapsed();
        Ok(total)
    })
}

fn run_thread<C: Client>(mut worker: Worker<C>, stop: &AtomicBool) -> Result<(Histogram, u64)> {
    let mut histogram = Histogram::default();
    let mut retries = 0;
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        loop {
            match worker.operation() {
                Ok(()) => break,
                Err(error)
                    if matches!(
                        error.code(),
                        codes::T_R_DEADLOCK_DETECTED | codes::T_R_SERIALIZATION_FAILURE
                    ) =>
                {
                    worker.roll_back()?;
                    retries += 1;
                }
                Err(error) => return Err(error),
            }
        }
        histogram.record(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    Ok((histogram, retries))
}
