//! `pglitedb shell`.

use super::options::{DATABASE_HELP, text};
use super::{DatabaseArgs, Failure, Open};
use crate::engine::{CancelReason, Canceller, ConnectRequest, Engine, Session};
use crate::shell::table::Layout;
use crate::shell::{Ended, LocalHost, Piped, Shell, ShellOptions, Terminal};
use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

const HELP: &str = "\
SQL on a database in this process: from a terminal, a pipe, files or the command line.

Usage: pglitedb shell [DIR] [options]

  DIR                          the database's directory, created if it does not exist; without it a database
                               in memory is used
  -c, --command TEXT           run TEXT and leave, may be repeated
  -f, --file FILE              run the statements of FILE and leave, may be repeated; - is standard input
  -d, --dbname NAME            database; default postgres
  -U, --username NAME          role; default postgres
  --stop-on-error              leave a script at its first error, with exit status 3
  -v, --set ON_ERROR_STOP=on   the same
  -x, --expanded               one line for each field
  -t, --tuples-only            rows only
  -A, --no-align               fields with | between them
  --csv                        comma-separated values
  -q, --quiet                  no command tags
  --timing                     show how long statements take

";

enum Action {
    Command(String),
    File(PathBuf),
}

struct Arguments {
    database: DatabaseArgs,
    shell: ShellOptions,
    actions: Vec<Action>,
    user: String,
    help: bool,
}

pub(crate) fn main<E: Engine>(parser: &mut lexopt::Parser, open: Open<E>) -> Result<ExitCode, Failure> {
    let arguments = parse(parser)?;
    if arguments.help {
        print!("{HELP}{DATABASE_HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let engine = open(&arguments.database)?;
    let session = engine.connect(ConnectRequest {
        user: arguments.user,
        database: arguments.shell.database.clone(),
        parameters: vec![("application_name".into(), "pglitedb shell".into())],
        peer: None,
        server: None,
        system_user: None,
        host: Arc::new(LocalHost),
    })?;
    let ended = run(session, arguments.shell, &arguments.actions);
    // Also after an error: what was committed is to be found quickly the next time.
    let closed = engine.close();
    let code = ended?;
    closed?;
    Ok(code)
}

fn parse(parser: &mut lexopt::Parser) -> Result<Arguments, Failure> {
    use lexopt::prelude::*;
    let mut arguments = Arguments {
        database: DatabaseArgs::default(),
        shell: ShellOptions { database: "postgres".into(), ..ShellOptions::default() },
        actions: Vec::new(),
        user: "postgres".into(),
        help: false,
    };
    while let Some(argument) = parser.next()? {
        let shell = &mut arguments.shell;
        match argument {
            Long("help") | Short('h' | '?') => arguments.help = true,
            Short('c') | Long("command") => arguments.actions.push(Action::Command(text(parser.value()?)?)),
            Short('f') | Long("file") => arguments.actions.push(Action::File(parser.value()?.into())),
            Short('d') | Long("dbname") => shell.database = text(parser.value()?)?,
            Short('U') | Long("username") => arguments.user = text(parser.value()?)?,
            Short('v') | Long("set" | "variable") => set_variable(shell, &text(parser.value()?)?)?,
            Long("stop-on-error") => shell.stop_on_error = true,
            Short('x') | Long("expanded") => shell.style.expanded = true,
            Short('t') | Long("tuples-only") => shell.style.tuples_only = true,
            Short('A') | Long("no-align") => shell.style.layout = Layout::Unaligned,
            Long("csv") => shell.style.layout = Layout::Csv,
            Short('q') | Long("quiet") => shell.quiet = true,
            Long("timing") => shell.timing = true,
            Value(directory) if arguments.database.directory.is_none() => {
                arguments.database.directory = Some(directory.into());
            }
            Long(name) => {
                let name = name.to_owned();
                if !arguments.database.option(&name, parser)? {
                    return Err(Failure(format!("invalid option '--{name}'\nTry `pglitedb shell --help`.")));
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(arguments)
}

fn set_variable(shell: &mut ShellOptions, assignment: &str) -> Result<(), Failure> {
    let (name, value) = assignment.split_once('=').unwrap_or((assignment, "on"));
    let on = !matches!(value.to_ascii_lowercase().as_str(), "off" | "0" | "false" | "no" | "");
    match name {
        "ON_ERROR_STOP" => shell.stop_on_error = on,
        "QUIET" => shell.quiet = on,
        _ => return Err(Failure(format!("variable \"{name}\" is not supported"))),
    }
    Ok(())
}

fn run<S: Session>(session: S, options: ShellOptions, actions: &[Action]) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(std::io::stdout());
    let mut errors = std::io::stderr();
    let canceller = session.canceller();
    let mut shell = Shell::new(session, options, &mut out, &mut errors);
    let outcome = if !actions.is_empty() {
        run_actions(&mut shell, actions)
    } else if std::io::stdin().is_terminal() {
        cancel_on_interrupt(canceller);
        Terminal::open().and_then(|mut terminal| shell.interact(&mut terminal)).map(exit_code)
    } else {
        shell.script(&mut Piped(std::io::stdin().lock()), "<stdin>").map(exit_code)
    };
    drop(shell);
    let flushed = out.flush();
    match outcome.and_then(|code| flushed.map(|()| code)) {
        Ok(code) => Ok(code),
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::FAILURE),
        Err(error) => Err(error.into()),
    }
}

fn run_actions<S: Session>(shell: &mut Shell<'_, S>, actions: &[Action]) -> std::io::Result<ExitCode> {
    for action in actions {
        let (ended, failure) = match action {
            Action::Command(text) => (shell.command(text)?, ExitCode::FAILURE),
            Action::File(path) if path.as_os_str() == "-" => {
                (shell.script(&mut Piped(std::io::stdin().lock()), "<stdin>")?, ExitCode::from(3))
            }
            Action::File(path) => {
                let name = path.display().to_string();
                let file = File::open(path)
                    .map_err(|error| std::io::Error::new(error.kind(), format!("{name}: {error}")))?;
                (shell.script(&mut Piped(BufReader::new(file)), &name)?, ExitCode::from(3))
            }
        };
        match ended {
            Ended::Normally => {}
            Ended::AtError => return Ok(failure),
            Ended::SessionLost => return Ok(ExitCode::from(2)),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn exit_code(ended: Ended) -> ExitCode {
    match ended {
        Ended::Normally => ExitCode::SUCCESS,
        Ended::AtError => ExitCode::from(3),
        Ended::SessionLost => ExitCode::from(2),
    }
}

/// Ctrl-C stops the running statement. (At the prompt the line editor sees it.)
fn cancel_on_interrupt(canceller: Arc<dyn Canceller>) {
    let watch = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                canceller.cancel(CancelReason::UserRequest);
            }
        });
    };
    // Without the thread Ctrl-C ends the program, as it does most programs.
    let _ = std::thread::Builder::new().name("pglitedb-signals".into()).stack_size(256 * 1024).spawn(watch);
}
