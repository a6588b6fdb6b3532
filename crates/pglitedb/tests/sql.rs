//! Runs the scripts in `tests/sql`. Their expected results are PostgreSQL 18's.
//!
//! `PGLITEDB_SLT=name` runs one script only.

use pglitedb::{Connection, Database, Error, SimpleMessage};
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner};
use std::path::{Path, PathBuf};

struct Embedded(Connection);

impl DB for Embedded {
    type Error = Error;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        let mut types = Vec::new();
        let mut rows = Vec::new();
        let (mut is_query, mut count) = (false, 0);
        for message in self.0.simple_query(sql)? {
            match message {
                SimpleMessage::Columns(columns) => {
                    is_query = true;
                    types = vec![DefaultColumnType::Any; columns.len()];
                    rows.clear();
                }
                SimpleMessage::Row(row) => rows.push(row.values().iter().map(shown).collect()),
                SimpleMessage::Done { rows, .. } => count = rows.unwrap_or(0),
                _ => {}
            }
        }
        Ok(if is_query { DBOutput::Rows { types, rows } } else { DBOutput::StatementComplete(count) })
    }

    fn engine_name(&self) -> &str {
        "pglitedb"
    }

    fn shutdown(&mut self) {}
}

fn shown(value: &Option<String>) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(text) if text.is_empty() => "(empty)".to_owned(),
        Some(text) => text.clone(),
    }
}

/// Runs a script to its end and says where it went wrong.
fn run(script: &Path) -> Vec<String> {
    let database = Database::in_memory().expect("a database in memory");
    let mut runner = Runner::new(|| {
        let connection = database.connect();
        async { connection.map(Embedded) }
    });
    let records = match sqllogictest::parse_file(script) {
        Ok(records) => records,
        Err(error) => return vec![error.to_string()],
    };
    let run = |record| runner.run(record).err().map(|error| error.display(false).to_string());
    records.into_iter().filter_map(run).collect()
}

#[test]
fn scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql");
    let only = std::env::var("PGLITEDB_SLT").ok();
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of scripts")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "slt"))
        .filter(|path| {
            only.as_ref().is_none_or(|only| path.file_stem().is_some_and(|stem| stem == only.as_str()))
        })
        .collect();
    scripts.sort();
    assert!(!scripts.is_empty(), "there are no scripts");
    let failures: Vec<String> = scripts.iter().flat_map(|script| run(script)).collect();
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n\n"));
}
