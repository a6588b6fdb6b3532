//! Reads NUL-separated SQL texts from standard input and prints one line for each: what `parse` says about it.
//!
//! `ok`, or `ok-unstable REASON` if the printed form does not parse to an equal tree, or
//! `error POSITION SQLSTATE MESSAGE`, where the position counts characters from 1 as PostgreSQL does (0: none).

use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for sql in input.split('\0') {
        match pglitedb_sql_parser::parse(sql) {
            Ok(statements) => writeln!(out, "{}", check_printed(&statements))?,
            Err(error) => {
                let position = match error.fields().position {
                    Some(offset) => sql.get(..offset).map_or(0, |before| before.chars().count() + 1),
                    None => 0,
                };
                let message = error.message().replace('\n', "\\n");
                writeln!(out, "error {position} {} {message}", error.code())?;
            }
        }
    }
    out.flush()
}

/// Prints the statements, parses what was printed and compares.
fn check_printed(statements: &[pglitedb_sql_parser::ast::RawStatement]) -> String {
    for raw in statements {
        let printed = raw.stmt.to_string();
        match pglitedb_sql_parser::parse(&printed) {
            Err(error) => {
                return format!("ok-unstable {} in {}", error.message(), printed.replace('\n', " "));
            }
            Ok(again) if again.len() == 1 && again[0].stmt == raw.stmt => {}
            Ok(_) => return format!("ok-unstable another tree from {}", printed.replace('\n', " ")),
        }
    }
    "ok".to_owned()
}
