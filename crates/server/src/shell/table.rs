//! Results as text, laid out as psql does.

use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// How results are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Layout {
    /// Columns under each other.
    #[default]
    Aligned,
    /// Fields with `|` between them.
    Unaligned,
    /// Comma-separated values.
    Csv,
}

/// How results are shown.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// The layout.
    pub layout: Layout,
    /// One line for each field.
    pub expanded: bool,
    /// Without headings and row counts.
    pub tuples_only: bool,
    /// What stands for NULL.
    pub null: String,
}

/// A result.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Headings.
    pub columns: Vec<Column>,
    /// Rows; `None` is NULL.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A column's heading.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Whether values are put to the right.
    pub right: bool,
}

impl Column {
    /// A column of that type: numbers go to the right.
    pub fn of_type(name: &str, type_oid: u32) -> Column {
        // int8, int2, int4, oid, xid, cid, float4, float8, money, numeric
        let right = matches!(type_oid, 20 | 21 | 23 | 26 | 28 | 29 | 700 | 701 | 790 | 1700 | 5069);
        Column { name: name.to_owned(), right }
    }
}

/// Prints a result.
pub fn print(table: &Table, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match (style.layout, style.expanded) {
        (Layout::Aligned, false) => aligned(table, style, out),
        (Layout::Aligned, true) => records(table, style, out),
        (Layout::Unaligned, expanded) => unaligned(table, style, expanded, out),
        (Layout::Csv, expanded) => csv(table, style, expanded, out),
    }
}

/// A value as shown: without control characters that would move the cursor.
fn shown<'a>(value: &'a Option<String>, style: &'a Style) -> std::borrow::Cow<'a, str> {
    let text = value.as_deref().unwrap_or(&style.null);
    let is_odd = |c: char| c.is_control() && c != '\n';
    if !text.contains(is_odd) {
        return text.into();
    }
    let mut clean = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\t' => {
                let column = clean.rsplit('\n').next().unwrap_or_default().width();
                clean.extend(std::iter::repeat_n(' ', 8 - column % 8));
            }
            '\r' => clean.push_str("\\r"),
            c if is_odd(c) => clean.push_str(&format!("\\x{:02X}", u32::from(c))),
            c => clean.push(c),
        }
    }
    clean.into()
}

fn widest(text: &str) -> usize {
    text.split('\n').map(UnicodeWidthStr::width).max().unwrap_or(0)
}

fn spaces(count: usize) -> String {
    " ".repeat(count)
}

fn aligned(table: &Table, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let rows: Vec<Vec<_>> =
        table.rows.iter().map(|row| row.iter().map(|value| shown(value, style)).collect()).collect();
    let mut widths: Vec<usize> = names.iter().map(|name| widest(name)).collect();
    for row in &rows {
        for (width, value) in widths.iter_mut().zip(row) {
            *width = (*width).max(widest(value));
        }
    }
    if !style.tuples_only {
        let centred = |(name, width): (&&str, &usize)| {
            let room = width - widest(name);
            format!(" {}{name}{} ", spaces(room / 2), spaces(room - room / 2))
        };
        let headings: Vec<String> = names.iter().zip(&widths).map(centred).collect();
        writeln!(out, "{}", headings.join("|"))?;
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
        writeln!(out, "{}", if rules.is_empty() { "--".to_owned() } else { rules.join("+") })?;
    }
    for row in &rows {
        aligned_row(table, row, &widths, out)?;
    }
    if !style.tuples_only {
        footer(table, out)?;
    }
    writeln!(out)
}

/// One row, which has several lines where values have.
fn aligned_row(
    table: &Table,
    row: &[std::borrow::Cow<'_, str>],
    widths: &[usize],
    out: &mut dyn Write,
) -> io::Result<()> {
    let cells: Vec<Vec<&str>> = row.iter().map(|value| value.split('\n').collect()).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let mut text = String::new();
        for (number, ((cell, width), column)) in cells.iter().zip(widths).zip(&table.columns).enumerate() {
            let last = number + 1 == cells.len();
            let part = cell.get(line).copied().unwrap_or_default();
            let continued = line + 1 < cell.len();
            let room = width.saturating_sub(part.width());
            text.push(' ');
            if column.right {
                text.push_str(&spaces(room));
            }
            text.push_str(part);
            if !column.right && (!last || continued) {
                text.push_str(&spaces(room));
            }
            match (continued, last) {
                (true, _) => text.push('+'),
                (false, false) => text.push(' '),
                (false, true) => {}
            }
            if !last {
                text.push('|');
            }
        }
        writeln!(out, "{text}")?;
    }
    Ok(())
}

fn footer(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    match table.rows.len() {
        1 => writeln!(out, "(1 row)"),
        count => writeln!(out, "({count} rows)"),
    }
}

/// The expanded layout.
fn records(table: &Table, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if table.rows.is_empty() {
        if !style.tuples_only {
            writeln!(out, "(0 rows)")?;
        }
        return writeln!(out);
    }
    let name_width = table.columns.iter().map(|column| widest(&column.name)).max().unwrap_or(0);
    let value_width =
        table.rows.iter().flatten().map(|value| widest(&shown(value, style))).max().unwrap_or(0);
    let rule = format!("{}-+-{}", "-".repeat(name_width), "-".repeat(value_width));
    for (number, row) in table.rows.iter().enumerate() {
        if style.tuples_only {
            if number > 0 {
                writeln!(out, "{rule}")?;
            }
        } else {
            let title = format!("-[ RECORD {} ]", number + 1);
            writeln!(out, "{title}{}", rule.get(title.len()..).unwrap_or_default())?;
        }
        for (column, value) in table.columns.iter().zip(row) {
            let value = shown(value, style);
            let lines: Vec<&str> = value.split('\n').collect();
            for (number, line) in lines.iter().enumerate() {
                let name = if number == 0 { column.name.as_str() } else { "" };
                let pad = spaces(name_width.saturating_sub(name.width()));
                let mut end = String::new();
                if number + 1 < lines.len() {
                    end = format!("{}+", spaces(value_width.saturating_sub(line.width())));
                }
                writeln!(out, "{name}{pad} | {line}{end}")?;
            }
        }
    }
    writeln!(out)
}

fn unaligned(table: &Table, style: &Style, expanded: bool, out: &mut dyn Write) -> io::Result<()> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| style.null.clone());
    if expanded {
        for (number, row) in table.rows.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            for (column, value) in table.columns.iter().zip(row) {
                writeln!(out, "{}|{}", column.name, text(value))?;
            }
        }
        return Ok(());
    }
    if !style.tuples_only {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        writeln!(out, "{}", names.join("|"))?;
    }
    for row in &table.rows {
        writeln!(out, "{}", row.iter().map(text).collect::<Vec<_>>().join("|"))?;
    }
    if style.tuples_only { Ok(()) } else { footer(table, out) }
}

fn csv(table: &Table, style: &Style, expanded: bool, out: &mut dyn Write) -> io::Result<()> {
    let quoted = |text: &str| {
        let needs_quotes = text.contains([',', '"', '\n', '\r']) || text == "\\.";
        if needs_quotes { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
    };
    let text = |value: &Option<String>| quoted(value.as_deref().unwrap_or(&style.null));
    if expanded {
        for row in &table.rows {
            for (column, value) in table.columns.iter().zip(row) {
                writeln!(out, "{},{}", quoted(&column.name), text(value))?;
            }
        }
        return Ok(());
    }
    if !style.tuples_only {
        let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
        writeln!(out, "{}", names.join(","))?;
    }
    for row in &table.rows {
        writeln!(out, "{}", row.iter().map(text).collect::<Vec<_>>().join(","))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(style: &Style, columns: &[(&str, u32)], rows: &[&[Option<&str>]]) -> String {
        let table = Table {
            columns: columns.iter().map(|(name, oid)| Column::of_type(name, *oid)).collect(),
            rows: rows.iter().map(|row| row.iter().map(|value| value.map(str::to_owned)).collect()).collect(),
        };
        let mut out = Vec::new();
        print(&table, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const COLUMNS: &[(&str, u32)] = &[("a", 23), ("long name", 25), ("c", 25)];
    const ROWS: &[&[Option<&str>]] =
        &[&[Some("1"), Some("x"), Some("äé\nz")], &[Some("100"), None, Some("quite long")]];

    #[test]
    fn aligned_as_psql_does() {
        let expected = concat!(
            "  a  | long name |     c      \n",
            "-----+-----------+------------\n",
            "   1 | x         | äé        +\n",
            "     |           | z\n",
            " 100 |           | quite long\n",
            "(2 rows)\n",
            "\n",
        );
        assert_eq!(show(&Style::default(), COLUMNS, ROWS), expected);
        assert_eq!(show(&Style::default(), &[("a", 23)], &[]), " a \n---\n(0 rows)\n\n");
        assert_eq!(show(&Style::default(), &[], &[&[]]), "\n--\n(1 row)\n\n");
        let style = Style { tuples_only: true, null: "∅".into(), ..Style::default() };
        assert_eq!(show(&style, &[("a", 23), ("b", 25)], &[&[None, Some("x")]]), " ∅ | x\n\n");
    }

    #[test]
    fn expanded_as_psql_does() {
        let style = Style { expanded: true, ..Style::default() };
        let expected = concat!(
            "-[ RECORD 1 ]---------\n",
            "a         | 1\n",
            "long name | x\n",
            "c         | äé        +\n",
            "          | z\n",
            "-[ RECORD 2 ]---------\n",
            "a         | 100\n",
            "long name | \n",
            "c         | quite long\n",
            "\n",
        );
        assert_eq!(show(&style, COLUMNS, ROWS), expected);
        assert_eq!(show(&style, &[("a", 23)], &[&[Some("1")]]), "-[ RECORD 1 ]\na | 1\n\n");
        assert_eq!(show(&style, &[("a", 23)], &[]), "(0 rows)\n\n");
    }

    #[test]
    fn unaligned_and_csv() {
        let style = Style { layout: Layout::Unaligned, ..Style::default() };
        assert_eq!(show(&style, COLUMNS, &ROWS[1..]), "a|long name|c\n100||quite long\n(1 row)\n");
        let style = Style { layout: Layout::Csv, ..Style::default() };
        let rows: &[&[Option<&str>]] = &[&[Some("1"), Some("x,\"y\""), None]];
        assert_eq!(show(&style, COLUMNS, rows), "a,long name,c\n1,\"x,\"\"y\"\"\",\n");
    }
}
