//! The shell: SQL from a terminal, a file or a pipe, results as psql shows them, on a session in this process.

mod answers;
mod input;
mod meta;
pub mod report;
mod run;
pub mod splitter;
pub mod table;

pub use answers::Report;
pub use input::{Lines, Piped, Terminal};
pub use run::{LocalHost, Shell};

use table::Style;

/// How a shell was asked to behave.
#[derive(Clone, Debug, Default)]
pub struct ShellOptions {
    /// How results are laid out.
    pub style: Style,
    /// Leave a script at its first error.
    pub stop_on_error: bool,
    /// No command tags.
    pub quiet: bool,
    /// Show how long statements take.
    pub timing: bool,
    /// The database's name, for the prompt.
    pub database: String,
}

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// At its end, or by `\q`.
    Normally,
    /// At an error, with [`ShellOptions::stop_on_error`].
    AtError,
    /// The session is gone.
    SessionLost,
}
