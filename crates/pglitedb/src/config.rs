//! Settings of a database, with presets.

use pglitedb_database::Config as ClusterConfig;
use pglitedb_storage::{Config as StorageConfig, SyncMode as StorageSyncMode};
use std::time::Duration;

/// When committed transactions reach the disk for good. Whatever the mode, a crash never leaves half of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncMode {
    /// A commit returns when its log record is on the disk: nothing that was committed is ever lost.
    #[default]
    Full,
    /// The log is synced in the background. A crash of the machine loses at most the last
    /// [`max_lost_transactions`](Config::max_lost_transactions) transactions.
    Normal,
    /// The log is synced at checkpoints only.
    Checkpoint,
    /// The log is never synced by the database; the operating system writes it when it likes.
    Off,
}

/// How a database is opened: durability, memory, initial settings.
///
/// Start from a preset and change what is to be different.
///
/// ```
/// use pglitedb::{Config, SyncMode};
/// use std::time::Duration;
///
/// let config = Config::balanced().sync_interval(Duration::from_millis(50)).page_cache_size(256 << 20);
/// assert_eq!(config.get_sync_mode(), SyncMode::Normal);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    storage: StorageConfig,
    sync_mode: SyncMode,
    max_lost: u32,
    settings: Vec<(String, String)>,
}

/// Transactions that `Normal` may lose unless said otherwise.
const MAX_LOST: u32 = 100;

impl Config {
    /// Nothing that was committed is lost; sizes for a server. The default.
    pub fn production() -> Config {
        Config {
            storage: StorageConfig::production(),
            sync_mode: SyncMode::Full,
            max_lost: MAX_LOST,
            settings: Vec::new(),
        }
    }

    /// A crash of the machine loses at most the last 100 transactions; many times faster than
    /// [`production`](Config::production) for small transactions.
    pub fn balanced() -> Config {
        Config { storage: StorageConfig::balanced(), sync_mode: SyncMode::Normal, ..Config::production() }
    }

    /// No syncs of the log: for measurements, and for data that can be made again.
    pub fn benchmark() -> Config {
        Config { storage: StorageConfig::benchmark(), sync_mode: SyncMode::Off, ..Config::production() }
    }

    /// When commits become durable.
    pub fn sync_mode(mut self, mode: SyncMode) -> Config {
        self.sync_mode = mode;
        self
    }

    /// The mode that was set.
    pub fn get_sync_mode(&self) -> SyncMode {
        self.sync_mode
    }

    /// How many committed transactions a crash may lose in [`SyncMode::Normal`] (100).
    pub fn max_lost_transactions(mut self, transactions: u32) -> Config {
        self.max_lost = transactions;
        self
    }

    /// The longest time for which a commit stays unsynced in [`SyncMode::Normal`], or unwritten in
    /// [`SyncMode::Checkpoint`] and [`SyncMode::Off`].
    pub fn sync_interval(mut self, interval: Duration) -> Config {
        self.storage.sync_interval = interval;
        self
    }

    /// Bytes of log after which a checkpoint starts. It bounds the memory for recent changes, and the time to open the
    /// database after a crash.
    pub fn checkpoint_threshold(mut self, bytes: u64) -> Config {
        self.storage.checkpoint_threshold = bytes;
        self
    }

    /// Bytes of memory for pages of the database file.
    pub fn page_cache_size(mut self, bytes: usize) -> Config {
        self.storage.page_cache_size = bytes;
        self
    }

    /// The most that one transaction may write, in bytes; beyond it, it fails.
    pub fn max_transaction_bytes(mut self, bytes: u64) -> Config {
        self.storage.max_transaction_bytes = bytes;
        self
    }

    /// Whether to create the database if it does not exist (it is by default).
    pub fn create(mut self, create: bool) -> Config {
        self.storage.create = create;
        self
    }

    /// Whether to give unused space of the file back when opening (it is not by default).
    pub fn compact(mut self, compact: bool) -> Config {
        self.storage.compact = compact;
        self
    }

    /// The value of a setting (`TimeZone`, `statement_timeout`, ...) with which all connections begin.
    ///
    /// ```
    /// use pglitedb::{Config, Database};
    ///
    /// # fn main() -> pglitedb::Result<()> {
    /// let database = Database::in_memory_with_config(Config::benchmark().setting("TimeZone", "Europe/Berlin"))?;
    /// let zone: String = database.connect()?.query_one("SHOW timezone", &[])?.get(0);
    /// assert_eq!(zone, "Europe/Berlin");
    /// # Ok(())
    /// # }
    /// ```
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Config {
        self.settings.push((name.into(), value.into()));
        self
    }

    pub(crate) fn into_cluster(self) -> ClusterConfig {
        let mut storage = self.storage;
        storage.sync_mode = match self.sync_mode {
            SyncMode::Full => StorageSyncMode::Full,
            SyncMode::Normal => StorageSyncMode::Normal { transactions: self.max_lost },
            SyncMode::Checkpoint => StorageSyncMode::Checkpoint,
            SyncMode::Off => StorageSyncMode::Off,
        };
        ClusterConfig { storage, settings: self.settings }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::production()
    }
}
