//! The database under the benchmark: sessions used as a program uses them, without a protocol.

use super::served::open_cluster;
use crate::bench::{Client, Profile, Target};
use crate::cli::DatabaseArgs;
use pglitedb_database::{
    CommandTag, ConnectOptions, Database, Env, Format, Output, Progress, RowShape, Session,
};
use pglitedb_sqlstate::{Error, Result};
use pglitedb_storage::Config as StorageConfig;
use pglitedb_types::{Datum, oids};

/// A database to be measured.
pub struct EmbeddedTarget(Database);

/// Opens a database for the benchmark.
pub fn open_target(profile: Profile, args: &DatabaseArgs) -> Result<EmbeddedTarget> {
    let preset = match profile {
        Profile::Throughput => StorageConfig::benchmark(),
        Profile::Balanced => StorageConfig::balanced(),
        Profile::Durability => StorageConfig::production(),
    };
    open_cluster(args, preset).map(EmbeddedTarget)
}

/// A connection of the benchmark.
pub struct EmbeddedClient {
    session: Session,
    statements: usize,
}

/// Counts rows and looks at every value.
#[derive(Default)]
struct Counter {
    rows: u64,
    values: u64,
}

impl Output for Counter {
    fn describe(&mut self, _shape: &RowShape) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &[Datum], _shape: &RowShape, _env: &Env) -> Result<()> {
        self.rows += 1;
        self.values += row.iter().filter(|value| !value.is_null()).count() as u64;
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn notice(&mut self, _notice: &Error, _source: Option<&str>) {}

    fn complete(&mut self, tag: &CommandTag) {
        if self.rows == 0 {
            self.rows = tag.rows.unwrap_or(0);
        }
    }

    fn empty_query(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_out_begin(&mut self, _format: Format, _columns: usize) -> Result<()> {
        Ok(())
    }

    fn copy_out_data(&mut self, _data: &[u8]) -> Result<()> {
        Ok(())
    }

    fn copy_out_done(&mut self) {}

    fn copy_in_begin(&mut self, _format: Format, _columns: usize) -> Result<()> {
        Ok(())
    }
}

impl Target for EmbeddedTarget {
    type Client = EmbeddedClient;

    fn connect(&self) -> Result<EmbeddedClient> {
        Ok(EmbeddedClient { session: self.0.connect(ConnectOptions::default())?, statements: 0 })
    }
}

fn done(progress: Progress) -> Result<()> {
    match progress {
        Progress::Complete => Ok(()),
        _ => Err(Error::internal("a statement of the benchmark did not complete")),
    }
}

impl Client for EmbeddedClient {
    type Statement = String;

    fn batch(&mut self, sql: &str) -> Result<()> {
        done(self.session.simple_query(sql, &mut Counter::default())?)?;
        self.session.wait_durable()
    }

    fn prepare(&mut self, sql: &str) -> Result<String> {
        self.statements += 1;
        let name = format!("s{}", self.statements);
        let count = (1..=9).take_while(|number| sql.contains(&format!("${number}"))).count();
        let types = vec![oids::INT8; count];
        self.session.parse(&name, sql, &types, &mut Counter::default())?;
        self.session.sync(&mut Counter::default())?;
        Ok(name)
    }

    fn run(&mut self, statement: &String, parameters: &[i64]) -> Result<u64> {
        let mut counter = Counter::default();
        let mut value = |at: usize, _: u32, _: &Env| {
            Ok(parameters.get(at).map_or(Datum::Null, |value| Datum::Int8(*value)))
        };
        self.session.bind("", statement, parameters.len(), &[], &mut value, &mut counter)?;
        done(self.session.execute("", 0, &mut counter)?)?;
        self.session.sync(&mut counter)?;
        self.session.wait_durable()?;
        Ok(counter.rows)
    }
}
