//! Transactions and savepoints as guards.

use crate::connection::Connection;
use crate::error::{Error, Result};
use pglitedb_database::TransactionState;
use pglitedb_sqlstate::codes;
use std::ops::{Deref, DerefMut};

/// How much a transaction sees of others that run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IsolationLevel {
    /// The same as [`ReadCommitted`](IsolationLevel::ReadCommitted).
    ReadUncommitted,
    /// Each statement sees what was committed before it began. The default.
    ReadCommitted,
    /// All statements see what was committed before the first one began.
    RepeatableRead,
    /// As if transactions ran one after the other. One that would break that fails with
    /// [`is_retryable`](Error::is_retryable).
    Serializable,
}

impl IsolationLevel {
    fn sql(self) -> &'static str {
        match self {
            IsolationLevel::ReadUncommitted => "READ UNCOMMITTED",
            IsolationLevel::ReadCommitted => "READ COMMITTED",
            IsolationLevel::RepeatableRead => "REPEATABLE READ",
            IsolationLevel::Serializable => "SERIALIZABLE",
        }
    }
}

/// A transaction, or a savepoint inside of one. It is used like the [`Connection`] that it stands for, and rolls back when
/// it is dropped without [`commit`](Transaction::commit).
///
/// ```
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// connection.batch_execute("CREATE TABLE t (a int)")?;
/// let mut transaction = connection.transaction()?;
/// transaction.execute("INSERT INTO t VALUES (1)", &[])?;
/// {
///     let mut savepoint = transaction.transaction()?;
///     savepoint.execute("INSERT INTO t VALUES (2)", &[])?;
///     // Dropped: rolled back.
/// }
/// transaction.commit()?;
/// assert_eq!(connection.query("TABLE t", &[])?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Transaction<'c> {
    connection: &'c mut Connection,
    /// 0 for a transaction, otherwise the number of the savepoint.
    depth: u32,
    done: bool,
}

/// Begins transactions with properties. Made by [`Connection::build_transaction`].
#[derive(Debug)]
#[must_use]
pub struct TransactionBuilder<'c> {
    connection: &'c mut Connection,
    isolation: Option<IsolationLevel>,
    read_only: Option<bool>,
    deferrable: Option<bool>,
}

impl Connection {
    /// Begins a transaction; inside of one, a savepoint.
    pub fn transaction(&mut self) -> Result<Transaction<'_>> {
        if self.in_transaction() {
            let depth = self.depth + 1;
            self.batch_execute(&format!("SAVEPOINT pglitedb_{depth}"))?;
            self.depth = depth;
            return Ok(Transaction { connection: self, depth, done: false });
        }
        self.begin("BEGIN")
    }

    fn begin(&mut self, sql: &str) -> Result<Transaction<'_>> {
        self.batch_execute(sql)?;
        self.depth = 0;
        Ok(Transaction { connection: self, depth: 0, done: false })
    }

    /// Begins a transaction with properties.
    ///
    /// ```
    /// use pglitedb::IsolationLevel;
    ///
    /// # fn main() -> pglitedb::Result<()> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// let mut transaction =
    ///     connection.build_transaction().isolation_level(IsolationLevel::Serializable).read_only(true).start()?;
    /// let error = transaction.batch_execute("CREATE TABLE t ()").unwrap_err();
    /// assert_eq!(error.sqlstate(), "25006");
    /// # Ok(())
    /// # }
    /// ```
    pub fn build_transaction(&mut self) -> TransactionBuilder<'_> {
        TransactionBuilder { connection: self, isolation: None, read_only: None, deferrable: None }
    }

    /// Runs `body` in a transaction and commits, or rolls back if it fails. After a serialization failure or a deadlock it
    /// runs again, at most `attempts` times in all.
    ///
    /// ```
    /// use pglitedb::IsolationLevel;
    ///
    /// # fn main() -> pglitedb::Result<()> {
    /// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
    /// connection.batch_execute("CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)")?;
    /// let n: i32 = connection.with_retries(IsolationLevel::Serializable, 10, |transaction| {
    ///     let row = transaction.query_one("UPDATE counter SET n = n + 1 RETURNING n", &[])?;
    ///     row.try_get(0)
    /// })?;
    /// assert_eq!(n, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_retries<T>(
        &mut self,
        isolation: IsolationLevel,
        attempts: u32,
        mut body: impl FnMut(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut attempt = 1;
        loop {
            let mut transaction = self.build_transaction().isolation_level(isolation).start()?;
            let result = match body(&mut transaction) {
                Ok(value) => transaction.commit().map(|()| value),
                Err(error) => transaction.rollback().and(Err(error)),
            };
            match result {
                Err(error) if error.is_retryable() && attempt < attempts => attempt += 1,
                result => return result,
            }
        }
    }
}

impl<'c> TransactionBuilder<'c> {
    /// The isolation level.
    pub fn isolation_level(mut self, level: IsolationLevel) -> Self {
        self.isolation = Some(level);
        self
    }

    /// Whether it may write.
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = Some(read_only);
        self
    }

    /// Whether a serializable read-only transaction may wait until it can run without failing.
    pub fn deferrable(mut self, deferrable: bool) -> Self {
        self.deferrable = Some(deferrable);
        self
    }

    /// Begins it. Inside of a transaction it fails (25001).
    pub fn start(self) -> Result<Transaction<'c>> {
        if self.connection.in_transaction() {
            return Err(Error::of(
                codes::ACTIVE_SQL_TRANSACTION,
                "there is already a transaction in progress",
            ));
        }
        let mut sql = String::from("BEGIN");
        if let Some(level) = self.isolation {
            sql.push_str(" ISOLATION LEVEL ");
            sql.push_str(level.sql());
        }
        match self.read_only {
            Some(true) => sql.push_str(" READ ONLY"),
            Some(false) => sql.push_str(" READ WRITE"),
            None => {}
        }
        match self.deferrable {
            Some(true) => sql.push_str(" DEFERRABLE"),
            Some(false) => sql.push_str(" NOT DEFERRABLE"),
            None => {}
        }
        self.connection.begin(&sql)
    }
}

impl Transaction<'_> {
    /// Commits. If a statement of it failed, it is rolled back instead, which is an error (25P02).
    pub fn commit(mut self) -> Result<()> {
        if self.connection.session.transaction_state() == TransactionState::Failed {
            self.end()?;
            return Err(Error::of(
                codes::IN_FAILED_SQL_TRANSACTION,
                "the transaction was rolled back because one of its statements failed",
            ));
        }
        self.done = true;
        match self.depth {
            0 => self.connection.batch_execute("COMMIT"),
            depth => {
                self.connection.depth = depth - 1;
                self.connection.batch_execute(&format!("RELEASE SAVEPOINT pglitedb_{depth}"))
            }
        }
    }

    /// Rolls back.
    pub fn rollback(mut self) -> Result<()> {
        self.end()
    }

    /// Rolls back, once.
    fn end(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.done, true) || !self.connection.in_transaction() {
            return Ok(());
        }
        match self.depth {
            0 => self.connection.batch_execute("ROLLBACK"),
            depth => {
                self.connection.depth = depth - 1;
                let back = format!("ROLLBACK TO SAVEPOINT pglitedb_{depth}");
                self.connection.batch_execute(&back)?;
                self.connection.batch_execute(&format!("RELEASE SAVEPOINT pglitedb_{depth}"))
            }
        }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // Nobody is left to hear of an error; the connection rolls back with its own end at the latest.
        let _ = self.end();
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
    }
}
