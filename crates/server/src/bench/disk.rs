//! What the disk can do.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Syncs that are timed.
const ROUNDS: u32 = 64;

/// How long the disk takes, in the median, to make a small write to a file in `directory` durable.
pub(crate) fn sync_time(directory: &Path) -> Option<Duration> {
    let path = directory.join("sync-test.tmp");
    let mut file = File::create(&path).ok()?;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let begun = Instant::now();
        file.write_all(&[round as u8; 512]).and_then(|()| file.sync_data()).ok()?;
        times.push(begun.elapsed());
    }
    let _ = std::fs::remove_file(&path);
    times.sort();
    times.get(times.len() / 2).copied()
}
