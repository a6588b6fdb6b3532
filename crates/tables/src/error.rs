//! Storage's errors in PostgreSQL's words.

use pglitedb_sqlstate::{Error, Severity, err};
use pglitedb_storage::{CancelReason, DeadlockDetail, Error as StorageError, SerializationReason};

/// Turns an error of storage into one with SQLSTATE, message, detail and hint.
pub fn storage_error(error: StorageError) -> Error {
    match error {
        StorageError::Deadlock(detail) => deadlock(&detail),
        StorageError::LockTimeout(_) => err!(LOCK_NOT_AVAILABLE, "canceling statement due to lock timeout"),
        StorageError::LockNotAvailable(tag) => err!(LOCK_NOT_AVAILABLE, "could not obtain lock on {tag}"),
        StorageError::Cancelled(reason) => cancelled(reason),
        StorageError::SerializationFailure { reason } => serialization(reason),
        StorageError::DiskFull { context } => {
            err!(DISK_FULL, "{context}: No space left on device").hint("Check free disk space.")
        }
        StorageError::Io { context, source } => err!(IO_ERROR, "{context}: {source}"),
        StorageError::Corrupt { detail } => err!(DATA_CORRUPTED, "{detail}"),
        StorageError::ReadOnly => {
            err!(READ_ONLY_SQL_TRANSACTION, "cannot execute this command in a read-only transaction")
        }
        StorageError::TransactionTooLarge { limit } => {
            err!(PROGRAM_LIMIT_EXCEEDED, "transaction writes more than the limit of {limit} bytes")
        }
        StorageError::EntryTooLarge { size, limit } => {
            err!(PROGRAM_LIMIT_EXCEEDED, "row or index entry size {size} exceeds maximum {limit}")
        }
        StorageError::NoSuchSavepoint => err!(S_E_INVALID_SPECIFICATION, "savepoint does not exist"),
        StorageError::Exhausted(what) => err!(PROGRAM_LIMIT_EXCEEDED, "no more {what} available"),
        StorageError::LockedByOther { .. } => err!(LOCK_FILE_EXISTS, "{error}"),
        StorageError::NotFound { .. } => err!(UNDEFINED_DATABASE, "{error}"),
        StorageError::Poisoned { .. } | StorageError::Closed => err!(CANNOT_CONNECT_NOW, "{error}"),
        StorageError::ForeignFile { .. } | StorageError::VersionTooNew { .. } => {
            err!(OBJECT_NOT_IN_PREREQUISITE_STATE, "{error}")
        }
        // Only where somebody wrote without the row's lock: PostgreSQL's words for what must not happen.
        StorageError::WriteConflict { .. } => Error::internal("tuple concurrently updated"),
        StorageError::TransactionEnded => Error::internal("transaction has already ended"),
    }
}

fn deadlock(detail: &DeadlockDetail) -> Error {
    let lines: Vec<String> = detail
        .edges
        .iter()
        .map(|edge| {
            format!(
                "Process {} waits for {} on {}; blocked by process {}.",
                edge.pid,
                edge.mode.name(),
                edge.tag,
                edge.blocked_by
            )
        })
        .collect();
    err!(T_R_DEADLOCK_DETECTED, "deadlock detected")
        .detail(lines.join("\n"))
        .hint("See server log for query details.")
}

fn cancelled(reason: CancelReason) -> Error {
    match reason {
        CancelReason::User => err!(QUERY_CANCELED, "canceling statement due to user request"),
        CancelReason::StatementTimeout => {
            err!(QUERY_CANCELED, "canceling statement due to statement timeout")
        }
        CancelReason::TransactionTimeout => {
            err!(TRANSACTION_TIMEOUT, "terminating connection due to transaction timeout")
                .severity(Severity::Fatal)
        }
        CancelReason::Terminate => {
            err!(ADMIN_SHUTDOWN, "terminating connection due to administrator command")
                .severity(Severity::Fatal)
        }
    }
}

fn serialization(reason: SerializationReason) -> Error {
    let error = err!(
        T_R_SERIALIZATION_FAILURE,
        "could not serialize access due to read/write dependencies among transactions"
    )
    .hint("The transaction might succeed if retried.");
    let canceled = "Reason code: Canceled on";
    error.detail(match reason {
        SerializationReason::PivotReading => {
            format!("{canceled} identification as a pivot, during conflict out checking.")
        }
        SerializationReason::PivotWriting => format!("{canceled} identification as a pivot, during write."),
        SerializationReason::PivotNoticed => {
            format!("{canceled} identification as a pivot, during conflict in checking.")
        }
        SerializationReason::PivotCommitting => {
            format!("{canceled} identification as a pivot, during commit attempt.")
        }
        SerializationReason::ConflictOutToPivot(xid) => {
            format!("{canceled} conflict out to pivot {}, during read.", xid.0)
        }
    })
}

/// 40001: REPEATABLE READ and above met a row that another transaction changed since the snapshot.
pub fn concurrent_update() -> Error {
    err!(T_R_SERIALIZATION_FAILURE, "could not serialize access due to concurrent update")
}

/// 40001: as [`concurrent_update`], for a row that was deleted.
pub fn concurrent_delete() -> Error {
    err!(T_R_SERIALIZATION_FAILURE, "could not serialize access due to concurrent delete")
}

/// XX001: what is stored contradicts itself.
pub fn corrupt(what: impl std::fmt::Display) -> Error {
    err!(DATA_CORRUPTED, "stored data is damaged: {what}")
}

/// Shorthand to map the error of a storage call.
pub(crate) trait StorageResult<T> {
    /// As an SQL error.
    fn sql(self) -> pglitedb_sqlstate::Result<T>;
}

impl<T> StorageResult<T> for pglitedb_storage::Result<T> {
    #[inline]
    fn sql(self) -> pglitedb_sqlstate::Result<T> {
        self.map_err(storage_error)
    }
}
