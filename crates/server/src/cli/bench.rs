//! `pglitedb bench`.

use super::options::{DATABASE_HELP, parse_count, parse_time, text, value};
use super::{DatabaseArgs, Failure};
use crate::bench::{self, Plan, Profile, Target, Workload};
use pglitedb_sqlstate::Result as SqlResult;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Opens a database for the benchmark, tuned for a profile unless the arguments say otherwise.
pub type OpenTarget<T> = fn(Profile, &DatabaseArgs) -> SqlResult<T>;

const HELP: &str = "\
Measures the database on this machine, through the API that programs embed.

Usage: pglitedb bench [options]

  --profile NAME               throughput, balanced (the default) or durability; may be repeated
  --workload NAME              insert, point-read, range-read, update, mixed, tpcb-like, aggregate;
                               may be repeated; default: all
  --threads N                  connections at once; default: one for each core
  --rows N                     rows of the table that is read and updated; default 100000
  --time TIME                  how long each workload runs; default 5s
  --data DIR                   where to put the database, which is removed afterwards; default: here
  --memory                     instead: a database in memory

";

struct Arguments {
    plan: Plan,
    profiles: Vec<Profile>,
    database: DatabaseArgs,
    directory: PathBuf,
    help: bool,
}

pub(crate) fn main<T: Target>(parser: &mut lexopt::Parser, open: OpenTarget<T>) -> Result<ExitCode, Failure> {
    let arguments = parse(parser)?;
    if arguments.help {
        print!("{HELP}{DATABASE_HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    for profile in arguments.profiles {
        let plan = Plan { profile, ..arguments.plan.clone() };
        let directory = TemporaryDirectory::create(&arguments.directory, plan.on_disk)?;
        let mut database = arguments.database.clone();
        database.directory = plan.on_disk.then(|| directory.0.join("data"));
        let target = open(profile, &database)?;
        bench::run(&target, &plan, &directory.0, &mut std::io::stdout())?;
        println!();
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(parser: &mut lexopt::Parser) -> Result<Arguments, Failure> {
    use lexopt::prelude::*;
    let mut arguments = Arguments {
        plan: Plan::default(),
        profiles: Vec::new(),
        database: DatabaseArgs::default(),
        directory: PathBuf::from("."),
        help: false,
    };
    let mut workloads = Vec::new();
    while let Some(argument) = parser.next()? {
        let name = match argument {
            Long("help") | Short('h') => {
                arguments.help = true;
                continue;
            }
            Long(name) => name.to_owned(),
            other => return Err(other.unexpected().into()),
        };
        let plan = &mut arguments.plan;
        match name.as_str() {
            "profile" => arguments.profiles.push(value(parser, &name, Profile::parse)?),
            "workload" => workloads.push(value(parser, &name, Workload::parse)?),
            "threads" => plan.threads = value(parser, &name, parse_count)?.max(1),
            "rows" => plan.rows = value(parser, &name, parse_count)?.max(1000) as u64,
            "time" => plan.time = value(parser, &name, parse_time)?,
            "data" => arguments.directory = text(parser.value()?)?.into(),
            "memory" => plan.on_disk = false,
            _ if arguments.database.option(&name, parser)? => {}
            _ => return Err(Failure(format!("invalid option '--{name}'\nTry `pglitedb bench --help`."))),
        }
    }
    if !workloads.is_empty() {
        arguments.plan.workloads = workloads;
    }
    if arguments.profiles.is_empty() {
        arguments.profiles.push(Profile::Balanced);
    }
    Ok(arguments)
}

/// A directory of the benchmark's own, removed in the end.
struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    fn create(parent: &Path, on_disk: bool) -> Result<Self, Failure> {
        let path = parent.join(format!("pglitedb-bench-{}", std::process::id()));
        if on_disk {
            std::fs::create_dir_all(&path)
                .map_err(|error| Failure(format!("could not create \"{}\": {error}", path.display())))?;
        }
        Ok(TemporaryDirectory(path))
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
