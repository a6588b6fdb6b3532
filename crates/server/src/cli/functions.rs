//! `pglitedb functions`: which of PostgreSQL's built-in functions are there.

use super::Failure;
use pglitedb_database::functions::{Coverage, Status, coverage};
use std::collections::BTreeMap;
use std::process::ExitCode;

const HELP: &str = "\
Counts PostgreSQL's built-in functions that are there, among those that users can call.

Usage: pglitedb functions [options]

  --missing     also list those that are missing
  --internal    also list those that do not count, by the reason: parts of PostgreSQL's own machinery
";

#[derive(Default)]
struct Lists {
    missing: bool,
    internal: bool,
}

pub(super) fn main(parser: &mut lexopt::Parser) -> Result<ExitCode, Failure> {
    use lexopt::prelude::*;
    let mut lists = Lists::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("missing") => lists.missing = true,
            Long("internal") => lists.internal = true,
            Long("help") | Short('h') => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    print!("{}", report(&coverage(), &lists));
    Ok(ExitCode::SUCCESS)
}

fn report(all: &[Coverage], lists: &Lists) -> String {
    let mut internal: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut missing = Vec::new();
    let mut registered = 0;
    for one in all {
        match one.status {
            Status::Registered => registered += 1,
            Status::Missing => missing.push(one.signature.as_str()),
            Status::Internal(reason) => internal.entry(reason).or_default().push(&one.signature),
        }
    }
    let mut text = String::new();
    if lists.missing {
        missing.sort_unstable();
        missing.iter().for_each(|signature| text.push_str(&format!("missing: {signature}\n")));
    }
    if lists.internal {
        for (reason, signatures) in &internal {
            text.push_str(&format!("{reason}:\n"));
            signatures.iter().for_each(|signature| text.push_str(&format!("    {signature}\n")));
        }
    }
    let apart: usize = internal.values().map(Vec::len).sum();
    let of = registered + missing.len();
    text.push_str(&format!(
        "registered {registered} of {of} ({apart} that only PostgreSQL's own code can call)\n"
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts() {
        let one = |signature: &str, status| Coverage { signature: signature.to_owned(), status };
        let all = [
            one("a()", Status::Registered),
            one("b()", Status::Missing),
            one("c()", Status::Internal("why")),
        ];
        let lists = Lists { missing: true, internal: true };
        let text = report(&all, &lists);
        let last = "registered 1 of 2 (1 that only PostgreSQL's own code can call)\n";
        assert_eq!(text, format!("missing: b()\nwhy:\n    c()\n{last}"));
        assert_eq!(report(&all, &Lists::default()), last);
    }
}
