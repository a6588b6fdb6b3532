//! Printing what was measured. Output that cannot be written is lost, not an error.

use super::driver::Measured;
use super::{Plan, Workload};
use std::io::Write;
use std::time::Duration;

pub(crate) fn heading(plan: &Plan, disk: Option<Duration>, out: &mut dyn Write) {
    let profile = plan.profile;
    let _ = writeln!(out, "profile {}: {}", profile.name(), profile.promise());
    let place = if plan.on_disk { "on disk" } else { "in memory" };
    let _ = writeln!(
        out,
        "{} rows {place}, {} s for each line, {} cores",
        plan.rows,
        plan.time.as_secs_f64(),
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    );
    if let Some(time) = disk {
        let _ = writeln!(
            out,
            "a sync of this disk takes {} (median): {:.0} a second, one after another",
            duration(time.as_nanos() as u64),
            1.0 / time.as_secs_f64().max(1e-9)
        );
    }
    let _ = writeln!(out);
}

pub(crate) fn columns(out: &mut dyn Write) {
    let _ = writeln!(
        out,
        "{:<14}{:>8}{:>12}{:>11}{:>11}{:>11}{:>11}{:>9}",
        "workload", "threads", "ops/s", "median", "p95", "p99", "max", "retries"
    );
}

pub(crate) fn line(workload: Workload, threads: usize, measured: &Measured, out: &mut dyn Write) {
    let histogram = &measured.histogram;
    let _ = writeln!(
        out,
        "{:<14}{:>8}{:>12.0}{:>11}{:>11}{:>11}{:>11}{:>9}",
        workload.name(),
        threads,
        histogram.total() as f64 / measured.elapsed.as_secs_f64().max(1e-9),
        duration(histogram.percentile(0.5)),
        duration(histogram.percentile(0.95)),
        duration(histogram.percentile(0.99)),
        duration(histogram.max()),
        measured.retries
    );
    let _ = out.flush();
}

/// A duration with three digits or so.
fn duration(nanoseconds: u64) -> String {
    let value = nanoseconds as f64;
    match nanoseconds {
        0..1_000 => format!("{value} ns"),
        1_000..1_000_000 => format!("{:.1} µs", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} ms", value / 1e6),
        _ => format!("{:.2} s", value / 1e9),
    }
}
