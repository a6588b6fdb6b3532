//! Settings of an engine, with presets.

use std::time::Duration;

/// When committed transactions reach the disk for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncMode {
    /// A commit is acknowledged when its log record is on disk. Nothing acknowledged is ever lost.
    Full,
    /// The log is synced in the background; a crash loses at most this many acknowledged transactions.
    Normal {
        /// The number of acknowledged transactions that may be lost.
        transactions: u32,
    },
    /// The log is synced at checkpoints only.
    Checkpoint,
    /// The log is never synced by us; the operating system writes it when it likes.
    Off,
}

/// Settings of an engine. Start from a preset and change what must differ.
#[derive(Debug, Clone)]
pub struct Config {
    /// When commits become durable.
    pub sync_mode: SyncMode,
    /// The longest time that a commit stays unsynced in `Normal`, or unwritten in `Checkpoint` and `Off`.
    pub sync_interval: Duration,
    /// Bytes of log after which a checkpoint starts.
    pub checkpoint_threshold: u64,
    /// Bytes of memory for pages of the base file.
    pub page_cache_size: usize,
    /// Bytes after which the log goes on in a new file.
    pub wal_segment_size: u64,
    /// The limit on what one transaction writes, in bytes of keys and values and their bookkeeping.
    pub max_transaction_bytes: u64,
    /// How long a lock wait lasts before a search for a deadlock (a transaction may have its own).
    pub deadlock_timeout: Duration,
    /// Whether to create the database if it does not exist.
    pub create: bool,
    /// Whether to give back unused space of the base file when opening.
    pub compact: bool,
    /// Whether threads for syncing and checkpoints run. Without, callers sync in `wait_durable` and checkpoint by hand.
    pub background: bool,
}

impl Config {
    /// Nothing acknowledged is lost; sizes for a server.
    pub fn production() -> Config {
        Config {
            sync_mode: SyncMode::Full,
            sync_interval: Duration::from_millis(200),
            checkpoint_threshold: 64 << 20,
            page_cache_size: 256 << 20,
            wal_segment_size: 16 << 20,
            max_transaction_bytes: 4 << 30,
            deadlock_timeout: Duration::from_secs(1),
            create: true,
            compact: false,
            background: true,
        }
    }

    /// A crash loses at most the last 100 transactions, and never consistency.
    pub fn balanced() -> Config {
        Config { sync_mode: SyncMode::Normal { transactions: 100 }, ..Config::production() }
    }

    /// No syncs of the log: for measurements and data that can be made again.
    pub fn benchmark() -> Config {
        Config { sync_mode: SyncMode::Off, checkpoint_threshold: 128 << 20, ..Config::production() }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::production()
    }
}
