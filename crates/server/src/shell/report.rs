//! Errors and notices as psql shows them.

use super::answers::Report;
use std::io::{self, Write};

/// Longest excerpt of a statement that is shown under an error.
const EXCERPT_WIDTH: usize = 60;

/// Prints an error or notice about the statement `sql`. `place` names the script and line, when a script is run.
pub fn print(report: &Report, sql: &str, place: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    if let Some(place) = place {
        write!(out, "{place}: ")?;
    }
    writeln!(out, "{}:  {}", report.severity, report.message)?;
    if let Some(position) = report.position {
        excerpt(sql, position, out)?;
    } else if let Some((query, Some(position))) = &report.internal {
        excerpt(query, *position, out)?;
    }
    if let Some(detail) = &report.detail {
        writeln!(out, "DETAIL:  {detail}")?;
    }
    if let Some(hint) = &report.hint {
        writeln!(out, "HINT:  {hint}")?;
    }
    if let Some((query, _)) = &report.internal {
        writeln!(out, "QUERY:  {query}")?;
    }
    if let Some(context) = report.context.as_ref().filter(|_| report.is_error()) {
        writeln!(out, "CONTEXT:  {context}")?;
    }
    Ok(())
}

/// Shows the line with the character at `position` (from 1), and a mark under it.
fn excerpt(sql: &str, position: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut left = position.saturating_sub(1);
    let mut found = None;
    for (number, line) in sql.split('\n').enumerate() {
        let length = line.chars().count();
        if left <= length {
            found = Some((number + 1, line, left));
            break;
        }
        left -= length + 1;
    }
    let Some((number, line, column)) = found else { return Ok(()) };
    // A tab would move the mark.
    let characters: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let (from, to) = window(characters.len(), column);
    let cut: String = characters.get(from..to).unwrap_or_default().iter().collect();
    let before = if from > 0 { "..." } else { "" };
    let after = if to < characters.len() { "..." } else { "" };
    let title = format!("LINE {number}: {before}");
    let marked: String = characters.get(from..column).unwrap_or_default().iter().collect();
    let indent = title.len() + unicode_width::UnicodeWidthStr::width(marked.as_str());
    writeln!(out, "{title}{cut}{after}")?;
    writeln!(out, "{}^", " ".repeat(indent))
}

/// Which part of a line of `length` characters to show around `column`.
fn window(length: usize, column: usize) -> (usize, usize) {
    if length <= EXCERPT_WIDTH {
        return (0, length);
    }
    let from = column.saturating_sub(EXCERPT_WIDTH / 2).min(length - EXCERPT_WIDTH);
    (from, from + EXCERPT_WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(sql: &str, position: usize) -> String {
        let report = Report {
            severity: "ERROR".into(),
            message: "no".into(),
            position: Some(position),
            hint: Some("try".into()),
            ..Report::default()
        };
        let mut out = Vec::new();
        print(&report, sql, Some("f:3"), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn marks_the_place() {
        let expected = "f:3: ERROR:  no\nLINE 2: \u{e4} from t\n          ^\nHINT:  try\n";
        assert_eq!(show("select\n\u{e4} from t", 10), expected);
        assert_eq!(show("select", 7), "f:3: ERROR:  no\nLINE 1: select\n              ^\nHINT:  try\n");
        assert_eq!(show("x", 50), "f:3: ERROR:  no\nHINT:  try\n");
        let long = format!("{}!{}", "a".repeat(100), "b".repeat(100));
        let shown = show(&long, 101);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[1], format!("LINE 1: ...{}!{}...", "a".repeat(30), "b".repeat(29)));
        assert_eq!(lines[2].find('^'), lines[1].find('!'));
    }
}
