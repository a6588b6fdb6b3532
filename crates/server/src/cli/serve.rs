//! `pglitedb serve`.

use super::options::{DATABASE_HELP, parse_count, parse_size, parse_switch, parse_time, text, value};
use super::{DatabaseArgs, Failure, Open};
use crate::engine::Engine;
use crate::net::{AuthMethod, ListenAddress, Server, ServerOptions, StopHandle, load_tls};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

const HELP: &str = "\
Serves a database to PostgreSQL clients until SIGTERM or SIGINT.

Usage: pglitedb serve --data DIR [options]

  --data DIR                   the database's directory, created if it does not exist
  --memory                     instead: a database in memory
  --listen HOST:PORT           where to listen, may be repeated; default 127.0.0.1:5432
  --unix-socket DIR            also listen on a Unix socket in this directory, may be repeated
  --auth METHOD                trust (the default), scram-sha-256, md5 or password
  --auth-local METHOD          the same for Unix sockets
  --tls-cert FILE              certificate chain in PEM; offers TLS
  --tls-key FILE               its private key in PEM
  --require-tls                refuse TCP clients without TLS
  --max-connections N          sessions at once; default 10000
  --authentication-timeout T   how long a client may take to log in; default 60s
  --stop-grace T               how long running statements may go on after a signal; default 3s
  --max-message-size SIZE      longest message of a client; default 1GB
  --threads N                  worker threads; default: one for each core
  --hot-threads N              connections that may have a thread of their own while they are busy; default 128
  --batch-scheduling on|off    (Linux) whether threads give way to others that run: more throughput where clients are on the
                               same machine, later answers where other programs take all processors; default on

";

/// A deep expression needs stack; the memory is only used when it is touched.
const STACK_BYTES: usize = 16 << 20;

struct Arguments {
    database: DatabaseArgs,
    memory: bool,
    server: ServerOptions,
    sockets: Vec<PathBuf>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    threads: Option<usize>,
    batch_scheduling: bool,
}

pub(crate) fn main<E: Engine>(parser: &mut lexopt::Parser, open: Open<E>) -> Result<ExitCode, Failure> {
    let Some(arguments) = parse(parser)? else { return Ok(ExitCode::SUCCESS) };
    let engine = open(&arguments.database)?;
    let batch = arguments.batch_scheduling;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = arguments.threads {
        builder.worker_threads(threads);
    }
    let runtime = builder
        .thread_name("pglitedb-worker")
        .thread_stack_size(STACK_BYTES)
        .on_thread_start(move || {
            if batch {
                prefer_throughput()
            }
        })
        .max_blocking_threads(arguments.server.hot_threads.saturating_add(512))
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let server = Server::bind(engine, arguments.server).await?;
        eprintln!("pglitedb {} listens on {}", env!("CARGO_PKG_VERSION"), server.addresses().join(", "));
        tokio::spawn(stop_on_signals(server.stop_handle()));
        server.run().await
    });
    // Whatever still runs has been told to stop, and the database is closed.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome?;
    eprintln!("pglitedb stopped");
    Ok(ExitCode::SUCCESS)
}

/// Lets the system treat this thread as one that computes: it does not interrupt others when it becomes ready to run. A client on
/// the same machine then works off all that has arrived before it is interrupted, and threads change places less often.
#[cfg(target_os = "linux")]
fn prefer_throughput() {
    use thread_priority::unix::{
        NormalThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy,
    };
    use thread_priority::{ThreadPriority, thread_native_id};
    // The call sets the niceness, too; whoever has chosen another has thought about scheduling. Where this is forbidden nothing changes.
    if rustix::process::getpriority_process(None).is_ok_and(|niceness| niceness == 0) {
        let _ = set_thread_priority_and_policy(
            thread_native_id(),
            ThreadPriority::Os(Default::default()),
            ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch),
        );
    }
}

/// Other systems have no such class.
#[cfg(not(target_os = "linux"))]
fn prefer_throughput() {}

fn parse(parser: &mut lexopt::Parser) -> Result<Option<Arguments>, Failure> {
    use lexopt::prelude::*;
    let mut arguments = Arguments {
        database: DatabaseArgs::default(),
        memory: false,
        server: ServerOptions::default(),
        sockets: Vec::new(),
        tls_cert: None,
        tls_key: None,
        threads: None,
        batch_scheduling: true,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => {
                print!("{HELP}{DATABASE_HELP}");
                return Ok(None);
            }
            Long(name) => {
                let name = name.to_owned();
                if !arguments.database.option(&name, parser)? && !option(&mut arguments, &name, parser)? {
                    return Err(Failure(format!("invalid option '--{name}'\nTry `pglitedb serve --help`.")));
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    complete(arguments).map(Some)
}

fn option(arguments: &mut Arguments, name: &str, parser: &mut lexopt::Parser) -> Result<bool, Failure> {
    let server = &mut arguments.server;
    match name {
        "data" => arguments.database.directory = Some(parser.value()?.into()),
        "memory" => arguments.memory = true,
        "listen" => server.listen.push(ListenAddress::Tcp(text(parser.value()?)?)),
        "unix-socket" => arguments.sockets.push(parser.value()?.into()),
        "auth" => server.auth = value(parser, name, AuthMethod::parse)?,
        "auth-local" => server.auth_local = value(parser, name, AuthMethod::parse)?,
        "tls-cert" => arguments.tls_cert = Some(parser.value()?.into()),
        "tls-key" => arguments.tls_key = Some(parser.value()?.into()),
        "require-tls" => server.require_tls = true,
        "max-connections" => server.max_connections = value(parser, name, parse_count)?,
        "authentication-timeout" => server.authentication_timeout = value(parser, name, parse_time)?,
        "stop-grace" => server.stop_grace = value(parser, name, parse_time)?,
        "max-message-size" => {
            let size = value(parser, name, parse_size)?;
            server.limits.large = usize::try_from(size).unwrap_or(usize::MAX).min(server.limits.large);
        }
        "threads" => arguments.threads = Some(value(parser, name, parse_count)?.max(1)),
        "batch-scheduling" => arguments.batch_scheduling = value(parser, name, parse_switch)?,
        "hot-threads" => server.hot_threads = value(parser, name, parse_count)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Checks what belongs together and fills the defaults in.
fn complete(mut arguments: Arguments) -> Result<Arguments, Failure> {
    if arguments.database.directory.is_some() == arguments.memory {
        return Err(Failure("serve needs either --data DIR or --memory".into()));
    }
    let server = &mut arguments.server;
    if server.listen.is_empty() {
        server.listen.push(ListenAddress::Tcp("127.0.0.1:5432".into()));
    }
    let port = server.listen.iter().find_map(|address| match address {
        ListenAddress::Tcp(address) => address.rsplit_once(':')?.1.parse().ok(),
        ListenAddress::Unix { .. } => None,
    });
    for directory in arguments.sockets.drain(..) {
        server.listen.push(ListenAddress::Unix { directory, port: port.unwrap_or(5432) });
    }
    server.tls = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(certificate), Some(key)) => Some(load_tls(certificate, key)?),
        (None, None) => None,
        _ => return Err(Failure("TLS needs both --tls-cert and --tls-key".into())),
    };
    if server.require_tls && server.tls.is_none() {
        return Err(Failure("--require-tls needs --tls-cert and --tls-key".into()));
    }
    Ok(arguments)
}

#[cfg(unix)]
async fn stop_on_signals(stop: StopHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
    else {
        eprintln!("pglitedb: cannot watch for signals");
        return;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => stop.stop(),
            _ = interrupt.recv() => stop.stop(),
            // For PostgreSQL's scripts this means "read your configuration again", and never "stop".
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(not(unix))]
async fn stop_on_signals(stop: StopHandle) {
    while tokio::signal::ctrl_c().await.is_ok() {
        stop.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Option<Arguments>, String> {
        parse(&mut lexopt::Parser::from_args(arguments)).map_err(|Failure(text)| text)
    }

    #[test]
    fn arguments() {
        let Ok(Some(all)) = parsed(&[
            "--data",
            "/d",
            "--listen",
            "[::1]:7000",
            "--unix-socket=/s",
            "--auth",
            "scram",
            "--sync=normal=5",
            "--max-message-size",
            "1MB",
        ]) else {
            panic!("not understood")
        };
        assert_eq!(all.database.directory, Some("/d".into()));
        assert_eq!(all.server.limits.large, 1 << 20);
        assert_eq!(all.server.auth, AuthMethod::Scram);
        assert_eq!(all.server.listen[1], ListenAddress::Unix { directory: "/s".into(), port: 7000 });
        for (bad, expected) in [
            (&["--memory", "--data", "x"][..], "either"),
            (&[], "either"),
            (&["--memory", "--auth", "x"], "invalid value for --auth"),
            (&["--memory", "--nonsense"], "invalid option '--nonsense'"),
            (&["--memory", "--tls-cert", "x"], "both"),
            (&["--memory", "x"], "unexpected argument"),
        ] {
            let error = parsed(bad).err().unwrap_or_default();
            assert!(error.contains(expected), "{bad:?}: {error}");
        }
    }
}
