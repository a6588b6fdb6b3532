//! Scripts of SQL, run as psql would run them, compared with what PostgreSQL 18 answered (`record.sh`).

use pglitedb_database::{
    CommandTag, Config, ConnectOptions, Database, Env, Format, Output, Progress, RowShape, Session,
};
use pglitedb_sqlstate::{Error, Result, Severity};
use pglitedb_types::Datum;
use std::fmt::Write;

/// Prints as `psql -A` does.
#[derive(Default)]
struct Printer {
    text: String,
    /// Columns and rows of a result; an error takes them back.
    pending: Option<String>,
    rows: u64,
}

impl Printer {
    fn report(&mut self, error: &Error) {
        let fields = error.fields();
        let _ = writeln!(self.text, "{}:  {}", fields.severity.as_str(), fields.message);
        // psql shows the context of errors only.
        let context = if fields.severity >= Severity::Error { &fields.context } else { &None };
        for (name, part) in [("DETAIL", &fields.detail), ("HINT", &fields.hint), ("CONTEXT", context)] {
            if let Some(part) = part {
                let _ = writeln!(self.text, "{name}:  {part}");
            }
        }
    }
}

impl Output for Printer {
    fn describe(&mut self, shape: &RowShape) -> Result<()> {
        let names: Vec<&str> = shape.columns.iter().map(|column| &*column.name).collect();
        self.pending = Some(names.join("|") + "\n");
        self.rows = 0;
        Ok(())
    }

    fn row(&mut self, row: &[Datum], shape: &RowShape, env: &Env) -> Result<()> {
        let mut values = Vec::new();
        for (value, column) in row.iter().zip(shape.columns.iter()) {
            values.push(match value {
                Datum::Null => String::new(),
                value => pglitedb_types::output_string(value, column.type_oid, env)?,
            });
        }
        if let Some(pending) = &mut self.pending {
            let _ = writeln!(pending, "{}", values.join("|"));
        }
        self.rows += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn notice(&mut self, notice: &Error, _source: Option<&str>) {
        self.report(notice);
    }

    fn complete(&mut self, tag: &CommandTag) {
        let tag = tag.to_string();
        if let Some(pending) = self.pending.take() {
            self.text.push_str(&pending);
            let _ = writeln!(self.text, "({} row{})", self.rows, if self.rows == 1 { "" } else { "s" });
            let changes = ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|word| tag.starts_with(word));
            if !changes {
                return;
            }
        }
        let _ = writeln!(self.text, "{tag}");
    }

    fn empty_query(&mut self) {}

    fn suspended(&mut self) {}

    fn copy_out_begin(&mut self, _format: Format, _columns: usize) -> Result<()> {
        Ok(())
    }

    fn copy_out_data(&mut self, data: &[u8]) -> Result<()> {
        self.text.push_str(&String::from_utf8_lossy(data));
        Ok(())
    }

    fn copy_out_done(&mut self) {}

    fn copy_in_begin(&mut self, _format: Format, _columns: usize) -> Result<()> {
        Ok(())
    }
}

fn run(session: &mut Session, script: &str) -> String {
    let mut printer = Printer::default();
    // One statement a line: that is all the splitting that the scripts need.
    for statement in script.lines().filter(|line| !line.is_empty()) {
        printer.pending = None;
        match session.simple_query(statement, &mut printer) {
            Ok(Progress::Complete) => {}
            Ok(other) => panic!("{other:?}"),
            Err(error) => printer.report(&error),
        }
    }
    printer.text
}

fn check(name: &str, script: &str, expected: &str) {
    let database = Database::in_memory(Config::default()).expect("a database");
    let mut session = database.connect(ConnectOptions::default()).expect("a session");
    let _ = run(&mut session, "create database script;");
    let options = ConnectOptions {
        database: "script".to_owned(),
        settings: vec![("application_name".to_owned(), "psql".to_owned())],
        ..ConnectOptions::default()
    };
    let mut session = database.connect(options).expect("a session");
    let got = run(&mut session, script);
    let differences: Vec<String> = got
        .lines()
        .map(str::trim_end)
        .zip(expected.lines().map(str::trim_end))
        .enumerate()
        .filter(|(_, (got, expected))| got != expected)
        .take(3)
        .map(|(at, (got, expected))| format!("line {}\n  expected: {expected}\n  got:      {got}", at + 1))
        .collect();
    let lengths = (got.lines().count(), expected.lines().count());
    if !differences.is_empty() || lengths.0 != lengths.1 {
        let path = std::env::temp_dir().join(format!("{name}.out"));
        let _ = std::fs::write(&path, &got);
        panic!("{name}: {}\n{lengths:?} lines; see {}", differences.join("\n"), path.display());
    }
}

macro_rules! scripts {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            check(
                stringify!($name),
                include_str!(concat!("scripts/", stringify!($name), ".sql")),
                include_str!(concat!("scripts/", stringify!($name), ".out")),
            );
        }
    )*};
}

scripts!(cursors, plpgsql, prepared, settings, sql_functions, transactions);
