//! The error value.

use crate::SqlState;
use crate::codes;
use std::fmt;

/// The result type of every layer above storage.
pub type Result<T> = std::result::Result<T, Error>;

/// How serious a report is; also the severity of notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Developer detail, shown from `client_min_messages = debug1` (and below) on.
    Debug,
    /// For the server log.
    Log,
    /// Asked for by the user, always sent (`VERBOSE` output).
    Info,
    /// Helpful to the user.
    Notice,
    /// Likely problem.
    Warning,
    /// The statement failed.
    Error,
    /// The session ends.
    Fatal,
    /// All sessions end.
    Panic,
}

impl Severity {
    /// PostgreSQL's word for it, as sent in fields `S` and `V`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Debug => "DEBUG",
            Severity::Log => "LOG",
            Severity::Info => "INFO",
            Severity::Notice => "NOTICE",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
            Severity::Fatal => "FATAL",
            Severity::Panic => "PANIC",
        }
    }
}

/// Everything an error or notice says. See the manual, "Error and Notice Message Fields".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorFields {
    /// Severity.
    pub severity: Severity,
    /// SQLSTATE.
    pub code: SqlState,
    /// Primary message.
    pub message: String,
    /// Secondary message with more detail.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// **Byte** offset into the statement text, from 0. The session turns it into PostgreSQL's 1-based character
    /// position when it reports the error.
    pub position: Option<usize>,
    /// Byte offset into `internal_query`, from 0.
    pub internal_position: Option<usize>,
    /// Text of an internally generated query.
    pub internal_query: Option<String>,
    /// Call stack of PL functions and the like, innermost first, lines separated by `\n`.
    pub context: Option<String>,
    /// Schema name.
    pub schema: Option<String>,
    /// Table name.
    pub table: Option<String>,
    /// Column name.
    pub column: Option<String>,
    /// Data type name.
    pub data_type: Option<String>,
    /// Constraint name.
    pub constraint: Option<String>,
}

/// An error (or notice). One pointer wide, so that `Result<T>` stays small on hot paths.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<ErrorFields>);

impl Error {
    /// An error of severity `ERROR`.
    pub fn new(code: SqlState, message: impl Into<String>) -> Self {
        Error(Box::new(ErrorFields {
            severity: Severity::Error,
            code,
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            internal_position: None,
            internal_query: None,
            context: None,
            schema: None,
            table: None,
            column: None,
            data_type: None,
            constraint: None,
        }))
    }

    /// "Cannot happen": `XX000`.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(codes::INTERNAL_ERROR, message)
    }

    /// `0A000`: something PostgreSQL has and we do not have yet. `what` is the whole message.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::new(codes::FEATURE_NOT_SUPPORTED, what)
    }

    /// The fields.
    pub fn fields(&self) -> &ErrorFields {
        &self.0
    }

    /// The fields, to change them.
    pub fn fields_mut(&mut self) -> &mut ErrorFields {
        &mut self.0
    }

    /// The code.
    pub fn code(&self) -> SqlState {
        self.0.code
    }

    /// The primary message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Sets the severity.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Sets the detail.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Sets the hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Sets the position (a byte offset from 0) unless one is set already: the innermost one wins.
    pub fn at(mut self, position: usize) -> Self {
        self.0.position.get_or_insert(position);
        self
    }

    /// Like [`Error::at`] where the position may be unknown.
    pub fn at_opt(self, position: Option<usize>) -> Self {
        match position {
            Some(position) => self.at(position),
            None => self,
        }
    }

    /// Adds an outer line of context.
    pub fn context(mut self, line: impl Into<String>) -> Self {
        let line = line.into();
        match &mut self.0.context {
            Some(context) => {
                context.push('\n');
                context.push_str(&line);
            }
            None => self.0.context = Some(line),
        }
        self
    }

    /// Names the table.
    pub fn table(mut self, schema: impl Into<String>, table: impl Into<String>) -> Self {
        self.0.schema = Some(schema.into());
        self.0.table = Some(table.into());
        self
    }

    /// Names the column.
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.0.column = Some(column.into());
        self
    }

    /// Names the data type.
    pub fn data_type(mut self, schema: impl Into<String>, data_type: impl Into<String>) -> Self {
        self.0.schema = Some(schema.into());
        self.0.data_type = Some(data_type.into());
        self
    }

    /// Names the constraint.
    pub fn constraint(mut self, constraint: impl Into<String>) -> Self {
        self.0.constraint = Some(constraint.into());
        self
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (SQLSTATE {})", self.0.severity.as_str(), self.0.message, self.0.code)?;
        if let Some(detail) = &self.0.detail {
            write!(f, "\nDETAIL: {detail}")?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "\nHINT: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Builds an [`Error`]: `err!(UNDEFINED_TABLE, "relation \"{name}\" does not exist")`. The first word is a constant
/// of [`codes`].
#[macro_export]
macro_rules! err {
    ($code:ident, $($arg:tt)*) => {
        $crate::Error::new($crate::codes::$code, format!($($arg)*))
    };
}

/// Returns an [`err!`] from the enclosing function.
#[macro_export]
macro_rules! bail {
    ($code:ident, $($arg:tt)*) => {
        return Err($crate::err!($code, $($arg)*))
    };
}

#[cfg(test)]
mod tests {
    use crate::{SqlState, codes};

    #[test]
    fn condition_names_and_builder() {
        assert_eq!(codes::UNDEFINED_TABLE.as_str(), "42P01");
        assert_eq!(codes::UNDEFINED_TABLE.condition_name(), Some("undefined_table"));
        assert_eq!(SqlState::parse("42p01"), None);
        let error = err!(UNDEFINED_TABLE, "relation \"{}\" does not exist", "t")
            .at(7)
            .at(3)
            .context("a")
            .context("b");
        assert_eq!(error.fields().position, Some(7));
        assert_eq!(error.fields().context.as_deref(), Some("a\nb"));
        assert_eq!(error.to_string(), "ERROR: relation \"t\" does not exist (SQLSTATE 42P01)");
    }
}
