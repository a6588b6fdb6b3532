//! The errors of storage. They carry what a layer above needs to choose an SQLSTATE and to word PostgreSQL's message.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::lock::{DeadlockDetail, LockTag};

/// The result of every storage operation that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong in storage.
#[derive(Debug, Clone)]
pub enum Error {
    /// The operating system refused an operation on a file.
    Io {
        /// What was being done, in words: "could not write file \"…\"".
        context: String,
        /// The operating system's error.
        source: Arc<std::io::Error>,
    },
    /// The disk is full.
    DiskFull {
        /// What was being done.
        context: String,
    },
    /// A file of the database is damaged: its content contradicts its checksums or itself.
    Corrupt {
        /// What is damaged, and where.
        detail: String,
    },
    /// A file is there that this program did not write, or that belongs to another database.
    ForeignFile {
        /// The file.
        path: PathBuf,
        /// Why it was not taken.
        detail: String,
    },
    /// A file was written by a newer version of this program.
    VersionTooNew {
        /// The file.
        path: PathBuf,
        /// The format version found.
        found: u32,
        /// The newest format version that this program reads.
        supported: u32,
    },
    /// Another process (or another engine of this process) has the database open.
    LockedByOther {
        /// The database directory.
        path: PathBuf,
        /// The process id that the other one left in the lock file, if it could be read.
        pid: Option<u32>,
    },
    /// The database is missing and was not to be created.
    NotFound {
        /// The database directory.
        path: PathBuf,
    },
    /// An earlier write or sync failed; nothing more is written until the database is opened anew.
    Poisoned {
        /// The failure that poisoned the engine.
        reason: String,
    },
    /// The engine was closed.
    Closed,
    /// Transactions wait for one another in a circle, and this one was chosen to give way.
    Deadlock(Box<DeadlockDetail>),
    /// A lock was not granted within `lock_timeout`.
    LockTimeout(LockTag),
    /// A lock requested without waiting is held by another.
    LockNotAvailable(LockTag),
    /// The operation was cancelled through its [`crate::CancelToken`].
    Cancelled(crate::CancelReason),
    /// The transaction cannot be brought into an order with others that committed meanwhile.
    SerializationFailure {
        /// Which rule was broken.
        reason: SerializationReason,
    },
    /// Another running transaction has written the key; a row or key lock taken first would have waited for it.
    WriteConflict {
        /// The other transaction.
        xid: crate::Xid,
    },
    /// The transaction wrote more than `Config::max_transaction_bytes`.
    TransactionTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A key or value is longer than storage takes.
    EntryTooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A write was tried in a read-only transaction or engine.
    ReadOnly,
    /// The transaction has already been committed or aborted.
    TransactionEnded,
    /// A savepoint that does not exist (any more) was named.
    NoSuchSavepoint,
    /// A transaction used up all its command numbers, or a counter its numbers.
    Exhausted(&'static str),
}

/// Why a transaction could not be serialized. The *pivot* is the middle one of three, each of which read what the next changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerializationReason {
    /// It was the pivot, as was noticed when it read something.
    PivotReading,
    /// It became the pivot when it wrote something.
    PivotWriting,
    /// It was the pivot, as was noticed when it wrote something.
    PivotNoticed,
    /// It was the pivot, as was noticed at its commit.
    PivotCommitting,
    /// It read something that a pivot had changed, and that one has committed.
    ConflictOutToPivot(crate::Xid),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { context, source } => write!(f, "{context}: {source}"),
            Error::DiskFull { context } => write!(f, "{context}: no space left on device"),
            Error::Corrupt { detail } => write!(f, "database files are damaged: {detail}"),
            Error::ForeignFile { path, detail } => {
                write!(f, "file \"{}\" is not part of this database: {detail}", path.display())
            }
            Error::VersionTooNew { path, found, supported } => write!(
                f,
                "file \"{}\" has format version {found}; this program reads versions up to {supported}",
                path.display()
            ),
            Error::LockedByOther { path, pid: Some(pid) } => {
                write!(f, "database \"{}\" is in use by another process (PID {pid})", path.display())
            }
            Error::LockedByOther { path, pid: None } => {
                write!(f, "database \"{}\" is in use by another process", path.display())
            }
            Error::NotFound { path } => write!(f, "database \"{}\" does not exist", path.display()),
            Error::Poisoned { reason } => {
                write!(f, "database stopped writing after a failure, open it again to recover: {reason}")
            }
            Error::Closed => f.write_str("database is closed"),
            Error::Deadlock(_) => f.write_str("deadlock detected"),
            Error::LockTimeout(_) => f.write_str("canceling statement due to lock timeout"),
            Error::LockNotAvailable(tag) => write!(f, "could not obtain lock on {tag}"),
            Error::Cancelled(_) => f.write_str("canceling statement due to user request"),
            Error::SerializationFailure { .. } => {
                f.write_str("could not serialize access due to read/write dependencies among transactions")
            }
            Error::WriteConflict { .. } => f.write_str("tuple concurrently updated"),
            Error::TransactionTooLarge { limit } => {
                write!(f, "transaction writes more than the limit of {limit} bytes")
            }
            Error::EntryTooLarge { size, limit } => {
                write!(f, "entry of {size} bytes exceeds the maximum of {limit} bytes")
            }
            Error::ReadOnly => f.write_str("cannot write in a read-only transaction"),
            Error::TransactionEnded => f.write_str("transaction has already ended"),
            Error::NoSuchSavepoint => f.write_str("savepoint does not exist"),
            Error::Exhausted(what) => write!(f, "no more {what} available"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl Error {
    /// An operating system error with what was being done; a full disk gets its own variant.
    pub(crate) fn io(context: impl Into<String>, source: std::io::Error) -> Error {
        let context = context.into();
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Error::DiskFull { context }
            }
            _ => Error::Io { context, source: Arc::new(source) },
        }
    }

    /// Damage found at a place described in words.
    pub(crate) fn corrupt(detail: impl Into<String>) -> Error {
        Error::Corrupt { detail: detail.into() }
    }
}
