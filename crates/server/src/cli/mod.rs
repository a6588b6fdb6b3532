//! The command line: `pglitedb serve | shell | bench | functions`.

mod bench;
mod functions;
mod options;
mod serve;
mod shell;

pub use bench::OpenTarget;
pub use options::{DatabaseArgs, Sync};

use crate::bench::Target;
use crate::engine::Engine;
use pglitedb_sqlstate::Result;
use std::ffi::OsString;
use std::process::ExitCode;

/// Opens the database that the command line names.
pub type Open<E> = fn(&DatabaseArgs) -> Result<E>;

const HELP: &str = "\
PGLiteDB: a PostgreSQL-compatible embedded database

Usage:
  pglitedb serve --data DIR [options]     serve a database to PostgreSQL clients
  pglitedb shell [DIR] [options]          SQL on a database in this process
  pglitedb bench [options]                measure this machine
  pglitedb functions [--missing]          which of PostgreSQL's functions are there

`pglitedb COMMAND --help` lists the options. `pglitedb --version` prints the version.
";

/// What a command that was not understood, or could not be carried out, says.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Failure(format!("{error}\nTry `pglitedb --help`."))
    }
}

impl From<pglitedb_sqlstate::Error> for Failure {
    fn from(error: pglitedb_sqlstate::Error) -> Self {
        let fields = error.fields();
        let mut text = fields.message.clone();
        for (title, part) in [("DETAIL", &fields.detail), ("HINT", &fields.hint)] {
            if let Some(part) = part {
                text.push_str(&format!("\n{title}:  {part}"));
            }
        }
        Failure(text)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure(error.to_string())
    }
}

/// Runs the program. `open` opens databases to serve and for the shell, `open_target` for the benchmark.
pub fn main<E: Engine, T: Target>(open: Open<E>, open_target: OpenTarget<T>) -> ExitCode {
    match run(lexopt::Parser::from_env(), open, open_target) {
        Ok(code) => code,
        Err(Failure(text)) => {
            eprintln!("pglitedb: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run<E: Engine, T: Target>(
    mut parser: lexopt::Parser,
    open: Open<E>,
    open_target: OpenTarget<T>,
) -> std::result::Result<ExitCode, Failure> {
    use lexopt::prelude::*;
    match parser.next()? {
        Some(Value(command)) => match command.to_str() {
            Some("serve") => serve::main(&mut parser, open),
            Some("shell") => shell::main(&mut parser, open),
            Some("bench") => bench::main(&mut parser, open_target),
            Some("functions") => functions::main(&mut parser),
            _ => Err(unknown_command(&command)),
        },
        Some(Long("version") | Short('V')) => {
            println!("pglitedb {}", env!("CARGO_PKG_VERSION"));
            Ok(ExitCode::SUCCESS)
        }
        Some(Long("help") | Short('h')) => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(other.unexpected().into()),
        None => {
            eprint!("{HELP}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn unknown_command(command: &OsString) -> Failure {
    Failure(format!("there is no command \"{}\"\nTry `pglitedb --help`.", command.to_string_lossy()))
}
