//! An open database.

use crate::config::Config;
use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::limits::Watchdog;
use pglitedb_database::Database as Cluster;
use std::path::Path;
use std::sync::Arc;

/// An open cluster of databases (a new one has `postgres`, as PostgreSQL has), in a directory or in memory.
///
/// Clones share it, in any number of threads. It is closed when the last clone and the last connection are gone; whatever
/// was committed is there when it is opened again.
///
/// ```
/// use pglitedb::Database;
///
/// # fn main() -> pglitedb::Result<()> {
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("my.db");
/// let database = Database::open(&path)?;
/// database.connect()?.batch_execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")?;
/// drop(database);
///
/// let database = Database::open(&path)?;
/// let row = database.connect()?.query_one("SELECT a FROM t", &[])?;
/// assert_eq!(row.get::<_, i32>(0), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Database(pub(crate) Arc<Shared>);

/// What clones and connections share.
pub(crate) struct Shared {
    pub(crate) cluster: Cluster,
    pub(crate) watchdog: Watchdog,
}

const fn assert_shared<T: Clone + Send + Sync>() {}
const _: () = assert_shared::<Database>();

impl Database {
    /// Opens the database in a directory, creating it if it does not exist, so that nothing that is committed is ever lost
    /// ([`Config::production`]). Only one process can have it open.
    pub fn open(path: impl AsRef<Path>) -> Result<Database> {
        Self::open_with_config(path, Config::production())
    }

    /// As [`Database::open`], with settings.
    ///
    /// ```
    /// use pglitedb::{Config, Database};
    ///
    /// # fn main() -> pglitedb::Result<()> {
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("my.db");
    /// let database = Database::open_with_config(&path, Config::balanced())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn open_with_config(path: impl AsRef<Path>, config: Config) -> Result<Database> {
        Self::share(Cluster::open(path, config.into_cluster()))
    }

    /// A new database that lives in memory and ends with its last clone.
    pub fn in_memory() -> Result<Database> {
        Self::in_memory_with_config(Config::benchmark())
    }

    /// As [`Database::in_memory`], with settings.
    pub fn in_memory_with_config(config: Config) -> Result<Database> {
        Self::share(Cluster::in_memory(config.into_cluster()))
    }

    fn share(cluster: pglitedb_sqlstate::Result<Cluster>) -> Result<Database> {
        let cluster = cluster.map_err(|error| Error::new(error, ""))?;
        Ok(Database(Arc::new(Shared { cluster, watchdog: Watchdog::default() })))
    }

    /// A connection to the database `postgres` as the user `postgres`, who may do everything.
    pub fn connect(&self) -> Result<Connection> {
        self.connect_as("postgres", "postgres")
    }

    /// A connection as some user to some database. No password is asked for: whoever can open the files can do anything
    /// with them.
    ///
    /// ```
    /// # fn main() -> pglitedb::Result<()> {
    /// # let database = pglitedb::Database::in_memory()?;
    /// let error = database.connect_as("nobody", "postgres").err().unwrap();
    /// assert_eq!(error.message(), "role \"nobody\" does not exist");
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect_as(&self, user: &str, database: &str) -> Result<Connection> {
        Connection::open(self, user, database)
    }

    /// Writes everything to the database file and closes it; connections that are still open fail from now on. Not needed
    /// for safety: dropping the last handle closes, too, but cannot tell of errors.
    pub fn close(self) -> Result<()> {
        self.0.cluster.close().map_err(|error| Error::new(error, ""))
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database")
    }
}
