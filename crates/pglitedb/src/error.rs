//! What can go wrong.

use pglitedb_sqlstate::{Error as Inner, SqlState, codes};
use std::fmt;

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error, with all that PostgreSQL says about one.
///
/// Errors of this library itself (a value that does not fit a Rust type, too many rows, a pool that is exhausted) carry
/// a SQLSTATE too.
///
/// ```
/// # fn main() -> pglitedb::Result<()> {
/// # let mut connection = pglitedb::Database::in_memory()?.connect()?;
/// connection.batch_execute("CREATE TABLE t (id int CONSTRAINT t_id_positive CHECK (id > 0))")?;
/// let error = connection.execute("INSERT INTO t VALUES ($1)", &[&-1]).unwrap_err();
/// assert_eq!(error.sqlstate(), "23514");
/// assert_eq!(error.condition(), Some("check_violation"));
/// assert_eq!(error.constraint(), Some("t_id_positive"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Error {
    inner: Inner,
    /// 1-based, in characters.
    position: Option<u32>,
    fatal: bool,
}

impl Error {
    /// Wraps an error; `source` is the statement that positions refer to.
    #[cold]
    pub(crate) fn new(inner: Inner, source: &str) -> Error {
        let position = inner.fields().position.map(|at| {
            let before = source.char_indices().take_while(|(offset, _)| *offset < at).count();
            u32::try_from(before + 1).unwrap_or(u32::MAX)
        });
        let fatal = inner.fields().severity >= pglitedb_sqlstate::Severity::Fatal;
        Error { inner, position, fatal }
    }

    #[cold]
    pub(crate) fn of(code: SqlState, message: impl Into<String>) -> Error {
        Error::new(Inner::new(code, message), "")
    }

    /// An error of your own, for implementations of [`FromSql`](crate::FromSql) and [`ToSql`](crate::ToSql): a value that
    /// cannot be converted (SQLSTATE 22023).
    ///
    /// ```
    /// let error = pglitedb::Error::conversion("no colour is called \"blurple\"");
    /// assert_eq!(error.sqlstate(), "22023");
    /// ```
    pub fn conversion(message: impl Into<String>) -> Error {
        Error::of(codes::INVALID_PARAMETER_VALUE, message)
    }

    /// The five-character SQLSTATE, such as `"23505"`.
    pub fn sqlstate(&self) -> &str {
        self.inner.fields().code.as_str()
    }

    /// The name of the SQLSTATE in PostgreSQL's manual, such as `"unique_violation"`.
    pub fn condition(&self) -> Option<&'static str> {
        self.inner.code().condition_name()
    }

    /// `ERROR`, or `FATAL` when the connection is over.
    pub fn severity(&self) -> &'static str {
        self.inner.fields().severity.as_str()
    }

    /// The message.
    pub fn message(&self) -> &str {
        self.inner.message()
    }

    /// More about it.
    pub fn detail(&self) -> Option<&str> {
        self.inner.fields().detail.as_deref()
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.inner.fields().hint.as_deref()
    }

    /// Where in the statement: the number of the character, from 1.
    pub fn position(&self) -> Option<u32> {
        self.position
    }

    /// What was going on, outermost last.
    pub fn context(&self) -> Option<&str> {
        self.inner.fields().context.as_deref()
    }

    /// The schema it is about.
    pub fn schema(&self) -> Option<&str> {
        self.inner.fields().schema.as_deref()
    }

    /// The table it is about.
    pub fn table(&self) -> Option<&str> {
        self.inner.fields().table.as_deref()
    }

    /// The column it is about.
    pub fn column(&self) -> Option<&str> {
        self.inner.fields().column.as_deref()
    }

    /// The data type it is about.
    pub fn data_type(&self) -> Option<&str> {
        self.inner.fields().data_type.as_deref()
    }

    /// The constraint that was violated.
    pub fn constraint(&self) -> Option<&str> {
        self.inner.fields().constraint.as_deref()
    }

    /// Would the same transaction, tried again from its beginning, have a chance? True of serialization failures and
    /// deadlocks.
    pub fn is_retryable(&self) -> bool {
        matches!(self.inner.code(), codes::T_R_SERIALIZATION_FAILURE | codes::T_R_DEADLOCK_DETECTED)
    }

    /// Does a row with the same key exist already?
    pub fn is_unique_violation(&self) -> bool {
        self.inner.code() == codes::UNIQUE_VIOLATION
    }

    /// Is the connection over?
    pub fn is_fatal(&self) -> bool {
        self.fatal
    }

    pub(crate) fn into_inner(self) -> Inner {
        self.inner
    }
}

/// A value of one type where another was asked for.
#[cold]
pub(crate) fn mismatch(rust: &str, sql: &str) -> Error {
    Error::of(
        codes::DATATYPE_MISMATCH,
        format!("cannot convert between the Rust type {rust} and the SQL type {sql}"),
    )
}

/// A number that does not fit.
#[cold]
pub(crate) fn out_of_range(rust: &str, sql: &str) -> Error {
    Error::of(
        codes::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("value of the Rust type {rust} is out of range for the SQL type {sql}"),
    )
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.severity(), self.sqlstate(), self.message())?;
        if let Some(position) = self.position {
            write!(f, " (at character {position})")?;
        }
        if let Some(detail) = self.detail() {
            write!(f, "\n  detail: {detail}")?;
        }
        if let Some(hint) = self.hint() {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    /// As it is displayed: that is what `main` and `unwrap` show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> std::io::Error {
        std::io::Error::other(error)
    }
}
