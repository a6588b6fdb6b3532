//! Statements with what becomes of them: `tests/data/*.txt`.
//!
//! A case is a line `> statement` (more lines follow with `| `), then what the printer makes of it, or the
//! error with its place. `UPDATE_GOLDEN=1 cargo test -p pglitedb-sql-parser --test golden` writes the answers anew.

use pglitedb_sql_parser::parse;
use std::fmt::Write as _;

/// What the parser says about `sql`, in the notation of the files.
fn answer(sql: &str) -> String {
    let mut out = String::new();
    match parse(sql) {
        Ok(statements) => {
            for raw in &statements {
                let printed = raw.stmt.to_string();
                match parse(&printed) {
                    Ok(again) if again.len() == 1 && again[0].stmt == raw.stmt => {}
                    other => {
                        panic!("{sql}\nprinted as\n{printed}\nparses to another tree:\n{other:#?}\n{raw:#?}")
                    }
                }
                let _ = writeln!(out, "{printed}");
            }
        }
        Err(error) => {
            let fields = error.fields();
            let _ = write!(out, "ERROR {}: {}", error.code(), error.message());
            if let Some(position) = fields.position {
                let _ = write!(out, " @{position}");
            }
            out.push('\n');
            if let Some(detail) = &fields.detail {
                let _ = writeln!(out, "DETAIL: {detail}");
            }
            if let Some(hint) = &fields.hint {
                let _ = writeln!(out, "HINT: {hint}");
            }
        }
    }
    out
}

fn rewrite(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix('>') else {
            // Comments and blank lines stay; old answers go.
            if line.is_empty() || line.starts_with('#') {
                let _ = writeln!(out, "{line}");
            }
            continue;
        };
        let mut sql = first.trim_start().to_owned();
        let _ = writeln!(out, "{line}");
        while let Some(more) = lines.next_if(|line| line.starts_with('|')) {
            let _ = writeln!(out, "{more}");
            sql.push('\n');
            sql.push_str(more[1..].strip_prefix(' ').unwrap_or(&more[1..]));
        }
        out.push_str(&answer(&sql));
    }
    out
}

#[test]
fn golden_files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = rewrite(&text);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &expected).unwrap();
        } else {
            assert_eq!(text, expected, "{} (UPDATE_GOLDEN=1 rewrites it)", file.display());
        }
    }
}

#[test]
fn long_names_are_cut_with_a_notice() {
    let long = "a".repeat(70);
    let sql = format!("select {long}, \"{long}\", \"{}\", x", "é".repeat(40));
    let notices = pglitedb_sql_parser::notices(&sql, pglitedb_sql_parser::ParseOptions::default(), true);
    let messages: Vec<&str> = notices.iter().map(|notice| notice.message()).collect();
    let cut = "a".repeat(63);
    let expected = format!("identifier \"{long}\" will be truncated to \"{cut}\"");
    assert_eq!(messages[..2], [&expected, &expected]);
    assert!(messages[2].ends_with(&format!("to \"{}\"", "é".repeat(31))));
    assert_eq!(messages.len(), 3);
    assert_eq!(notices[0].code().as_str(), "42622");
}
