//! Numbers about an engine's work.

/// A reading of an engine's counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Transactions that committed changes.
    pub commits: u64,
    /// Transactions that were rolled back after changes.
    pub aborts: u64,
    /// Bytes written to the log.
    pub wal_bytes: u64,
    /// Records written to the log.
    pub wal_records: u64,
    /// Writes of the log to its files.
    pub wal_writes: u64,
    /// Syncs of the log.
    pub wal_syncs: u64,
    /// Bytes of log since the last checkpoint.
    pub wal_since_checkpoint: u64,
    /// Checkpoints done.
    pub checkpoints: u64,
    /// Entries written to the base by checkpoints.
    pub checkpoint_entries: u64,
    /// Bytes of keys and values, and bookkeeping, in the version store.
    pub version_bytes: u64,
    /// Snapshots in use.
    pub snapshots: u64,
    /// Page reads answered by the page cache.
    pub cache_hits: u64,
    /// Page reads that went to the file.
    pub cache_misses: u64,
    /// Bytes in the page cache.
    pub cache_bytes: u64,
    /// Pages thrown out of the page cache.
    pub cache_evictions: u64,
    /// Lock requests that had to wait.
    pub lock_waits: u64,
    /// Deadlocks found.
    pub deadlocks: u64,
    /// Transactions refused by serializable validation.
    pub serialization_failures: u64,
}
