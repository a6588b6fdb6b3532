//! Compares this database with a PostgreSQL server: every function, operator, cast and aggregate of PostgreSQL's catalog
//! that is registered here and depends on nothing but its arguments is called with generated arguments on both, and results
//! and SQLSTATEs are compared; or how long calls take is.

mod calls;
mod compare;
mod items;
mod random;
mod report;
mod timing;
mod values;
mod wire;

use std::collections::HashSet;
use std::process::{Command, ExitCode};
use wire::{Address, Client};

const HELP: &str = "\
Compares PGLiteDB with PostgreSQL 18, call by call. Both servers must run and trust this client.

Usage: difference [calls | time] --ours HOST:PORT --theirs HOST:PORT [options]

calls (if nothing is said): generated arguments for every function, operator, cast and aggregate of PostgreSQL's catalog
that depends on nothing but its arguments; results (as text, with their types) and SQLSTATEs are compared. Prints what
differs, by function with an example, and the figures.
  --pglitedb FILE    the program whose `functions --missing --internal` says which functions are not there: these are
                     left out (without this option, all are called)
  --calls N          calls of each function, operator and so on (default 80; the same call is made once)
  --seed N           seed of the arguments (default 18): the same seed makes the same calls
  --only TEXT        only what has TEXT in its signature, such as 'to_char(' or 'input of date'
  --out FILE         also write all differences there, one a line, fields separated by tabs
  --messages         messages of errors count as well

time: how long calls take in queries over many rows, alternating between the servers, as a Markdown table.
  --rows N           rows of each query (default 200000)
  --rounds N         how often each query runs on each server; the median counts (default 5)
  --only TEXT        only cases with TEXT in their area or name

Options of both:
  --user NAME        role on both servers (default postgres)
  --database NAME    database of PGLiteDB (default postgres); in PostgreSQL it is `difference`, which is created with
                     UTF8 and the locale C.UTF-8 of the built-in provider, the one that PGLiteDB follows
";

struct Options {
    time: bool,
    ours: Option<String>,
    theirs: Option<String>,
    user: String,
    database: String,
    pglitedb: Option<String>,
    out: Option<String>,
    only: Option<String>,
    calls: usize,
    seed: u64,
    messages: bool,
    rows: u64,
    rounds: usize,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn parse() -> Result<Option<Options>> {
    use lexopt::prelude::*;
    let mut options = Options {
        time: false,
        ours: None,
        theirs: None,
        user: "postgres".to_owned(),
        database: "postgres".to_owned(),
        pglitedb: None,
        out: None,
        only: None,
        calls: 80,
        seed: 18,
        messages: false,
        rows: 200_000,
        rounds: 5,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(word) if word == "calls" => options.time = false,
            Value(word) if word == "time" => options.time = true,
            Long("ours") => options.ours = Some(parser.value()?.string()?),
            Long("theirs") => options.theirs = Some(parser.value()?.string()?),
            Long("user") => options.user = parser.value()?.string()?,
            Long("database") => options.database = parser.value()?.string()?,
            Long("pglitedb") => options.pglitedb = Some(parser.value()?.string()?),
            Long("out") => options.out = Some(parser.value()?.string()?),
            Long("only") => options.only = Some(parser.value()?.string()?),
            Long("calls") => options.calls = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("rows") => options.rows = parser.value()?.parse()?,
            Long("rounds") => options.rounds = parser.value()?.parse()?,
            Long("messages") => options.messages = true,
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}

/// Creates PostgreSQL's database for the comparison unless it is there.
fn database_of_postgres(theirs: &Address) -> Result<Address> {
    const NAME: &str = "difference";
    let mut client = Client::connect(theirs, &[])?;
    if client.expect(&format!("SELECT 1 FROM pg_database WHERE datname = '{NAME}'"))?.is_empty() {
        client.expect(&format!(
            "CREATE DATABASE {NAME} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        ))?;
    }
    Ok(Address { database: NAME.to_owned(), ..theirs.clone() })
}

fn absent_functions(program: Option<&str>) -> Result<HashSet<String>> {
    let Some(program) = program else { return Ok(HashSet::new()) };
    let output = Command::new(program).args(["functions", "--missing", "--internal"]).output()?;
    if !output.status.success() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(items::absent(&String::from_utf8_lossy(&output.stdout)))
}

fn run(options: &Options) -> Result<()> {
    let (Some(ours), Some(theirs)) = (&options.ours, &options.theirs) else {
        return Err("where are the servers? Try `--help`.".into());
    };
    let address = |server: &str, database: &str| Address {
        server: server.to_owned(),
        user: options.user.clone(),
        database: database.to_owned(),
    };
    let ours = address(ours, &options.database);
    let theirs = database_of_postgres(&address(theirs, "postgres"))?;
    if options.time {
        let plan = timing::Plan { rows: options.rows, rounds: options.rounds, only: options.only.clone() };
        print!("{}", timing::run(&plan, &ours, &theirs)?);
        return Ok(());
    }
    let absent = absent_functions(options.pglitedb.as_deref())?;
    let items = items::read(&mut Client::connect(&theirs, &[])?, &absent)?;
    let plan = compare::Plan {
        calls: options.calls,
        seed: options.seed,
        only: options.only.clone(),
        messages: options.messages,
    };
    let comparison = compare::run(&items, &plan, &ours, &theirs)?;
    if let Some(path) = &options.out {
        std::fs::write(path, report::lines(&items, &comparison))?;
    }
    print!("{}", report::summary(&items, &comparison));
    Ok(())
}

fn main() -> ExitCode {
    let outcome = match parse() {
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(Some(options)) => run(&options),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("difference: {error}");
            ExitCode::FAILURE
        }
    }
}
