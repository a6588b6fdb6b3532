//! The benchmark: what this machine and this disk make of the database, through the API that programs use.
//!
//! Each workload runs for a while on several threads, each with a connection and prepared statements of its own. Every
//! operation is timed; what is shown are operations per second and percentiles, not averages of averages. What the disk
//! itself can do is measured first, because commits that wait for it can be no faster.

mod disk;
mod driver;
mod histogram;
mod report;
mod workload;

pub use driver::{Client, Target};
pub use histogram::Histogram;
pub use workload::Workload;

use pglitedb_sqlstate::Result;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// What the database is tuned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As fast as possible: commits are not synced.
    Throughput,
    /// Commits are synced in the background; a crash loses the last ones.
    Balanced,
    /// Commits are synced before they are acknowledged.
    Durability,
}

impl Profile {
    /// The profile of that name.
    pub fn parse(name: &str) -> Option<Profile> {
        match name {
            "throughput" => Some(Profile::Throughput),
            "balanced" => Some(Profile::Balanced),
            "durability" => Some(Profile::Durability),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Throughput => "throughput",
            Profile::Balanced => "balanced",
            Profile::Durability => "durability",
        }
    }

    /// What it promises.
    pub fn promise(self) -> &'static str {
        match self {
            Profile::Throughput => "commits are not synced: a crash of the machine may lose them",
            Profile::Balanced => "commits are synced in the background: a crash loses at most the last 100",
            Profile::Durability => "commits are synced before they are acknowledged: a crash loses nothing",
        }
    }
}

/// How much to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The profile.
    pub profile: Profile,
    /// What to run.
    pub workloads: Vec<Workload>,
    /// Connections at once.
    pub threads: usize,
    /// Rows of the table that is read and updated.
    pub rows: u64,
    /// How long each workload runs.
    pub time: Duration,
    /// Whether the data is on disk.
    pub on_disk: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            profile: Profile::Durability,
            workloads: Workload::ALL.to_vec(),
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            rows: 100_000,
            time: Duration::from_secs(5),
            on_disk: true,
        }
    }
}

/// Runs a plan against `target`, whose files are in `directory`, and prints what was measured.
pub fn run<T: Target>(target: &T, plan: &Plan, directory: &Path, out: &mut dyn Write) -> Result<()> {
    let disk = if plan.on_disk { disk::sync_time(directory) } else { None };
    report::heading(plan, disk, out);
    workload::set_up(target, plan)?;
    report::columns(out);
    for workload in &plan.workloads {
        for threads in workload.thread_counts(plan.threads) {
            let measured = driver::measure(target, *workload, plan, threads)?;
            report::line(*workload, threads, &measured, out);
        }
    }
    Ok(())
}
