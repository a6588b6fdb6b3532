//! Stopping statements from other threads.

use pglitedb_storage::{CancelReason, CancelToken};

/// Stops the running statement of a connection, from any thread. It can be cloned and kept.
///
/// ```
/// use std::time::Duration;
///
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// let handle = connection.cancel_handle();
/// let watcher = std::thread::spawn(move || {
///     std::thread::sleep(Duration::from_millis(50));
///     handle.cancel();
/// });
/// let error = connection.batch_execute("SELECT count(*) FROM generate_series(1, 100000000000)").unwrap_err();
/// assert_eq!(error.sqlstate(), "57014");
/// # watcher.join().unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CancelHandle(pub(crate) CancelToken);

impl CancelHandle {
    /// The statement that runs now fails with SQLSTATE 57014 soon, or at once if it waits for a lock. Nothing happens if
    /// none is running.
    pub fn cancel(&self) {
        self.0.cancel(CancelReason::User);
    }
}

impl std::fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CancelHandle")
    }
}
