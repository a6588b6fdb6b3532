//! How a cluster is opened.

use pglitedb_storage::Config as StorageConfig;

/// Settings of an open cluster.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Storage: durability, checkpoints, memory.
    pub storage: StorageConfig,
    /// Values of settings (`work_mem`, `TimeZone`, ...) that all sessions begin with.
    pub settings: Vec<(String, String)>,
}
