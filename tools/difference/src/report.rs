//! What is printed about a comparison.

use crate::compare::{Comparison, Difference};
use crate::items::{Item, Kind};
use std::collections::BTreeMap;
use std::fmt::Write;

fn percent(part: usize, of: usize) -> f64 {
    if of == 0 { 100.0 } else { 100.0 * part as f64 / of as f64 }
}

fn by_item(comparison: &Comparison) -> Vec<(usize, Vec<&Difference>)> {
    let mut by_item: BTreeMap<usize, Vec<&Difference>> = BTreeMap::new();
    for difference in &comparison.differences {
        by_item.entry(difference.item).or_default().push(difference);
    }
    let mut list: Vec<_> = by_item.into_iter().collect();
    list.sort_by_key(|(item, differences)| (std::cmp::Reverse(differences.len()), *item));
    list
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.replace('\n', "\\n")
}

/// The figures, and the differences by function with an example of each.
pub fn summary(items: &[Item], comparison: &Comparison) -> String {
    let mut text = String::new();
    let mut kinds: BTreeMap<Kind, (usize, usize, usize)> = BTreeMap::new();
    for (item, calls) in items.iter().zip(&comparison.calls).filter(|(_, calls)| **calls > 0) {
        let entry = kinds.entry(item.kind).or_default();
        entry.0 += 1;
        entry.1 += calls;
    }
    for difference in &comparison.differences {
        kinds.entry(items[difference.item].kind).or_default().2 += 1;
    }
    let differing = by_item(comparison);
    for (item, differences) in &differing {
        let (of, first) = (comparison.calls[*item], differences[0]);
        let _ = writeln!(text, "{}: {} of {of} differ", items[*item].label, differences.len());
        let settings = if first.settings > 0 { " (second settings)" } else { "" };
        let _ = writeln!(text, "    {}{settings}", short(&first.statement));
        let _ =
            writeln!(text, "    PostgreSQL {}\n    PGLiteDB   {}", short(&first.theirs), short(&first.ours));
    }
    let _ = writeln!(text, "\n| kind | how many | calls | equal |\n|---|---|---|---|");
    for (kind, (count, calls, different)) in &kinds {
        let _ = writeln!(
            text,
            "| {} | {count} | {calls} | {:.2} % |",
            kind.name(),
            percent(calls - different, *calls)
        );
    }
    let calls: usize = comparison.calls.iter().sum();
    let equal = calls - comparison.differences.len();
    let called = comparison.calls.iter().filter(|calls| **calls > 0).count();
    let _ = writeln!(text, "| all | {called} | {calls} | {:.2} % |", percent(equal, calls));
    let _ = writeln!(
        text,
        "\n{calls} calls, {equal} equal ({:.3} %); {} of these are errors with the same SQLSTATE, {} of them with another \
         message; {} differ in {} functions, operators, casts or types; {} did not count, because PostgreSQL gave up",
        percent(equal, calls),
        comparison.errors,
        comparison.messages,
        comparison.differences.len(),
        differing.len(),
        comparison.skipped
    );
    text
}

/// All differences, one a line: signature, settings, statement, PostgreSQL's outcome, PGLiteDB's.
pub fn lines(items: &[Item], comparison: &Comparison) -> String {
    let clean = |text: &str| text.replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r");
    let mut text = String::new();
    for (item, differences) in by_item(comparison) {
        for difference in differences {
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{}\t{}",
                items[item].label,
                difference.settings,
                clean(&difference.statement),
                clean(&difference.theirs),
                clean(&difference.ours)
            );
        }
    }
    text
}
