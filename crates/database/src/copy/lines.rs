//! Cutting data that arrives in pieces into lines, and lines into fields.

use super::options::{CopyOptions, DataFormat};
use memchr::{memchr, memchr2, memchr3};
use pglitedb_sqlstate::{Error, Result, err};
use std::ops::Range;

/// How lines end; the first line decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnd {
    Unknown,
    Newline,
    Return,
    ReturnNewline,
}

/// Data that has arrived, and where its lines are.
pub(super) struct LineBuffer {
    data: Vec<u8>,
    /// Where the line that is looked for begins.
    start: usize,
    /// Up to where it was looked at.
    scanned: usize,
    /// CSV: inside of a quoted field; the last byte was an escape in it.
    in_quote: bool,
    after_escape: bool,
    line_end: LineEnd,
    csv: Option<(u8, u8)>,
    /// `\.` was read: what follows is no data.
    ended: bool,
}

/// A problem found before a line was complete, with its text.
pub(super) struct LineError {
    pub error: Error,
    pub line: Range<usize>,
}

impl LineBuffer {
    pub(super) fn new(options: &CopyOptions) -> LineBuffer {
        LineBuffer {
            data: Vec::new(),
            start: 0,
            scanned: 0,
            in_quote: false,
            after_escape: false,
            line_end: LineEnd::Unknown,
            csv: (options.format == DataFormat::Csv).then_some((options.quote, options.escape)),
            ended: false,
        }
    }

    /// Takes a piece of data.
    pub(super) fn push(&mut self, data: &[u8]) {
        if self.ended {
            return;
        }
        // What was consumed is dropped before the buffer grows.
        if self.start > 0 {
            self.data.drain(..self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
        self.data.extend_from_slice(data);
    }

    /// The bytes of a range.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.data.get(range).unwrap_or_default()
    }

    /// The next complete line without its end; at the end of the data also an incomplete one. `None`: there is none.
    pub(super) fn next_line(&mut self, at_end: bool) -> std::result::Result<Option<Range<usize>>, LineError> {
        if self.ended {
            return Ok(None);
        }
        let found = match self.csv {
            Some((quote, escape)) => self.find_csv_end(quote, escape, at_end),
            None => self.find_text_end(at_end),
        };
        let (end, next) = match found {
            Ok(Some(found)) => found,
            Ok(None) if at_end && self.start < self.data.len() => {
                if self.csv.is_some() && self.in_quote {
                    let line = self.start..self.data.len();
                    let error = err!(BAD_COPY_FILE_FORMAT, "unterminated CSV quoted field");
                    return Err(LineError { error, line });
                }
                (self.data.len(), self.data.len())
            }
            Ok(None) => return Ok(None),
            Err(error) => {
                let end = self.scanned.max(self.start).min(self.data.len());
                return Err(LineError { error, line: self.start..end });
            }
        };
        let line = self.start..end;
        (self.start, self.scanned) = (next, next);
        (self.in_quote, self.after_escape) = (false, false);
        if self.csv.is_none() && self.data.get(line.clone()) == Some(b"\\.") {
            self.ended = true;
            return Ok(None);
        }
        Ok(Some(line))
    }

    /// End of the line and begin of the next one, when the byte at `at` is a line end outside of any quote.
    fn line_end_at(&mut self, at: usize, at_end: bool) -> Result<Option<(usize, usize)>> {
        let csv = self.csv.is_some();
        let byte = self.data.get(at).copied().unwrap_or(b'\n');
        let next = self.data.get(at + 1).copied();
        if byte == b'\n' {
            return match self.line_end {
                LineEnd::Unknown | LineEnd::Newline => {
                    self.line_end = LineEnd::Newline;
                    Ok(Some((at, at + 1)))
                }
                _ => Err(literal("newline", "\\n", csv)),
            };
        }
        // A carriage return: whether a newline follows must be known.
        if next.is_none() && !at_end && self.line_end != LineEnd::Return {
            return Ok(None);
        }
        match (self.line_end, next) {
            (LineEnd::Unknown | LineEnd::ReturnNewline, Some(b'\n')) => {
                self.line_end = LineEnd::ReturnNewline;
                Ok(Some((at, at + 2)))
            }
            (LineEnd::Unknown | LineEnd::Return, _) => {
                self.line_end = LineEnd::Return;
                Ok(Some((at, at + 1)))
            }
            _ => Err(literal("carriage return", "\\r", csv)),
        }
    }

    fn find_text_end(&mut self, at_end: bool) -> Result<Option<(usize, usize)>> {
        loop {
            let from = self.scanned;
            let Some(found) = memchr3(b'\n', b'\r', b'\\', self.data.get(from..).unwrap_or_default()) else {
                self.scanned = self.data.len();
                return Ok(None);
            };
            let at = from + found;
            if self.data.get(at) != Some(&b'\\') {
                self.scanned = at;
                return self.line_end_at(at, at_end);
            }
            // A backslash takes the next byte with it, a line end too.
            let Some(next) = self.data.get(at + 1).copied() else {
                self.scanned = at;
                return Ok(None);
            };
            if next == b'.' {
                match self.end_marker(at, at_end)? {
                    Marker::Incomplete => {
                        self.scanned = at;
                        return Ok(None);
                    }
                    Marker::Line(end) => return Ok(Some(end)),
                }
            }
            self.scanned = at + 2;
        }
    }

    /// `\.` must be alone on its line.
    fn end_marker(&mut self, at: usize, at_end: bool) -> Result<Marker> {
        let alone = at == self.start;
        let after = self.data.get(at + 2).copied();
        match after {
            None if !at_end => return Ok(Marker::Incomplete),
            None if alone => return Ok(Marker::Line((at + 2, at + 2))),
            Some(b'\n' | b'\r') if alone => {
                self.scanned = at + 2;
                return match self.line_end_at(at + 2, at_end) {
                    Ok(Some(end)) => Ok(Marker::Line(end)),
                    Ok(None) => Ok(Marker::Incomplete),
                    Err(_) => Err(err!(
                        BAD_COPY_FILE_FORMAT,
                        "end-of-copy marker does not match previous newline style"
                    )),
                };
            }
            _ => {}
        }
        self.scanned = self.data.len();
        Err(err!(BAD_COPY_FILE_FORMAT, "end-of-copy marker is not alone on its line"))
    }

    fn find_csv_end(&mut self, quote: u8, escape: u8, at_end: bool) -> Result<Option<(usize, usize)>> {
        while let Some(byte) = self.data.get(self.scanned).copied() {
            if !self.in_quote && byte != quote {
                if matches!(byte, b'\n' | b'\r') {
                    return self.line_end_at(self.scanned, at_end);
                }
                let rest = self.data.get(self.scanned..).unwrap_or_default();
                let skip = memchr3(b'\n', b'\r', quote, rest).unwrap_or(rest.len());
                self.scanned += skip;
                continue;
            }
            // An escape that is not the quote itself protects the byte after it; doubled quotes toggle twice.
            if self.in_quote && byte == escape && escape != quote {
                self.after_escape = !self.after_escape;
            } else if byte == quote && !self.after_escape {
                self.in_quote = !self.in_quote;
            } else {
                self.after_escape = false;
            }
            self.scanned += 1;
        }
        Ok(None)
    }
}

enum Marker {
    Incomplete,
    Line((usize, usize)),
}

fn literal(what: &str, escape: &str, csv: bool) -> Error {
    if csv {
        err!(BAD_COPY_FILE_FORMAT, "unquoted {what} found in data")
            .hint(format!("Use quoted CSV field to represent {what}."))
    } else {
        err!(BAD_COPY_FILE_FORMAT, "literal {what} found in data")
            .hint(format!("Use \"{escape}\" to represent {what}."))
    }
}

/// A field of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    /// Its value in the text buffer.
    pub range: Range<usize>,
    /// It is the NULL marker.
    pub is_null: bool,
    /// It is the DEFAULT marker.
    pub is_default: bool,
    /// CSV: it was quoted.
    pub quoted: bool,
}

/// Fields of one line; buffers are used again.
#[derive(Default)]
pub(super) struct Fields {
    pub fields: Vec<Field>,
    pub text: Vec<u8>,
}

impl Fields {
    /// Cuts a line.
    pub(super) fn split(&mut self, line: &[u8], options: &CopyOptions) -> Result<()> {
        self.fields.clear();
        self.text.clear();
        let default = options.default.as_deref().map(str::as_bytes);
        if options.format == DataFormat::Csv {
            self.split_csv(line, options, default)
        } else {
            self.split_text(line, options, default);
            Ok(())
        }
    }

    fn split_text(&mut self, line: &[u8], options: &CopyOptions, default: Option<&[u8]>) {
        let (delimiter, null) = (options.delimiter, options.null.as_bytes());
        let mut at = 0;
        loop {
            let begin = self.text.len();
            let raw_begin = at;
            let raw_end = loop {
                let rest = line.get(at..).unwrap_or_default();
                let Some(found) = memchr2(delimiter, b'\\', rest) else {
                    self.text.extend_from_slice(rest);
                    break line.len();
                };
                self.text.extend_from_slice(&rest[..found]);
                at += found;
                if rest.get(found) == Some(&delimiter) {
                    break at;
                }
                at = unescape(line, at + 1, &mut self.text);
            };
            let raw = &line[raw_begin..raw_end];
            self.fields.push(Field {
                range: begin..self.text.len(),
                is_null: raw == null,
                is_default: default == Some(raw),
                quoted: false,
            });
            if raw_end >= line.len() {
                return;
            }
            at = raw_end + 1;
        }
    }

    fn split_csv(&mut self, line: &[u8], options: &CopyOptions, default: Option<&[u8]>) -> Result<()> {
        let (delimiter, quote, escape) = (options.delimiter, options.quote, options.escape);
        let null = options.null.as_bytes();
        let mut at = 0;
        loop {
            let begin = self.text.len();
            let mut quoted = false;
            // Unquoted and quoted stretches may alternate within a field.
            let more = loop {
                let rest = line.get(at..).unwrap_or_default();
                let Some(found) = memchr2(delimiter, quote, rest) else {
                    self.text.extend_from_slice(rest);
                    break false;
                };
                self.text.extend_from_slice(&rest[..found]);
                at += found + 1;
                if rest.get(found) == Some(&delimiter) {
                    break true;
                }
                quoted = true;
                at = self.quoted(line, at, quote, escape)?;
            };
            let value = &self.text[begin..];
            self.fields.push(Field {
                range: begin..self.text.len(),
                is_null: !quoted && value == null,
                is_default: !quoted && default == Some(value),
                quoted,
            });
            if !more {
                return Ok(());
            }
        }
    }

    /// Takes a quoted stretch, which begins at `at`; returns where it ends.
    fn quoted(&mut self, line: &[u8], mut at: usize, quote: u8, escape: u8) -> Result<usize> {
        loop {
            let rest = line.get(at..).unwrap_or_default();
            let Some(found) = memchr2(quote, escape, rest) else {
                return Err(err!(BAD_COPY_FILE_FORMAT, "unterminated CSV quoted field"));
            };
            self.text.extend_from_slice(&rest[..found]);
            let byte = rest.get(found).copied().unwrap_or(quote);
            let next = rest.get(found + 1).copied();
            at += found + 1;
            if byte == escape && next.is_some_and(|next| next == escape || next == quote) {
                self.text.extend(next);
                at += 1;
            } else if byte == quote {
                return Ok(at);
            } else {
                self.text.push(byte);
            }
        }
    }
}

/// Appends what the backslash sequence stands for that goes on at `at`; returns where it ends.
fn unescape(line: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let Some(byte) = line.get(at).copied() else {
        out.push(b'\\');
        return at;
    };
    let digits = |from: usize, base: u32, max: usize| {
        let digits = line.get(from..).unwrap_or_default().iter().take(max);
        let mut value = 0_u32;
        let mut count = 0;
        for digit in digits.map_while(|digit| char::from(*digit).to_digit(base)) {
            value = value * base + digit;
            count += 1;
        }
        (value as u8, from + count)
    };
    let (value, next) = match byte {
        b'0'..=b'7' => digits(at, 8, 3),
        b'x' if line.get(at + 1).is_some_and(u8::is_ascii_hexdigit) => digits(at + 1, 16, 2),
        b'b' => (0x08, at + 1),
        b'f' => (0x0c, at + 1),
        b'n' => (b'\n', at + 1),
        b'r' => (b'\r', at + 1),
        b't' => (b'\t', at + 1),
        b'v' => (0x0b, at + 1),
        other => (other, at + 1),
    };
    out.push(value);
    next
}

/// Has the data a byte that no text may have?
pub(super) fn has_zero(data: &[u8]) -> bool {
    memchr(0, data).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::options::{CopyOptions, DataFormat};
    use super::*;

    fn options(format: DataFormat) -> CopyOptions {
        let csv = format == DataFormat::Csv;
        CopyOptions {
            format,
            delimiter: if csv { b',' } else { b'\t' },
            null: if csv { "" } else { "\\N" }.to_owned(),
            quote: b'"',
            escape: b'"',
            ..CopyOptions::default()
        }
    }

    /// All lines of data that arrives in pieces of a size, each with its fields.
    fn lines(data: &str, size: usize, options: &CopyOptions) -> std::result::Result<Vec<String>, String> {
        let mut buffer = LineBuffer::new(options);
        let mut fields = Fields::default();
        let mut found = Vec::new();
        let mut take = |buffer: &mut LineBuffer, at_end: bool| loop {
            match buffer.next_line(at_end) {
                Ok(Some(line)) => {
                    let line = buffer.bytes(line);
                    fields.split(line, options).map_err(|error| error.message().to_owned())?;
                    let shown = fields.fields.iter().map(|field| match field.is_null {
                        true => "NULL".to_owned(),
                        false => String::from_utf8_lossy(&fields.text[field.range.clone()]).into_owned(),
                    });
                    found.push(shown.collect::<Vec<_>>().join("|"));
                }
                Ok(None) => return Ok(()),
                Err(error) => return Err(error.error.message().to_owned()),
            }
        };
        for piece in data.as_bytes().chunks(size) {
            buffer.push(piece);
            take(&mut buffer, false)?;
        }
        take(&mut buffer, true)?;
        Ok(found)
    }

    fn check(data: &str, format: DataFormat, expected: &[&str]) {
        let options = options(format);
        for size in [1, 2, 3, 7, 1000] {
            assert_eq!(lines(data, size, &options).expect("lines"), expected, "in pieces of {size}");
        }
    }

    fn fails(data: &str, format: DataFormat, message: &str) {
        let options = options(format);
        for size in [1, 2, 1000] {
            assert_eq!(lines(data, size, &options).expect_err("fails"), message, "in pieces of {size}");
        }
    }

    #[test]
    fn text_lines_and_escapes() {
        check("1\ta\n2\t\\N\n", DataFormat::Text, &["1|a", "2|NULL"]);
        check("1\ta\r\n2\tb\r\n", DataFormat::Text, &["1|a", "2|b"]);
        check("1\ra\r", DataFormat::Text, &["1", "a"]);
        check("a\\tb\\\\\tc\\nd\\x41\\101\n", DataFormat::Text, &["a\tb\\|c\ndAA"]);
        check("a\\\nb\n", DataFormat::Text, &["a\nb"]);
        check("last", DataFormat::Text, &["last"]);
        check("\n\n", DataFormat::Text, &["", ""]);
    }

    #[test]
    fn the_end_marker_ends_the_data() {
        check("1\n\\.\nrubbish\n", DataFormat::Text, &["1"]);
        check("1\r\n\\.\r\nrubbish", DataFormat::Text, &["1"]);
        check("1\n\\.", DataFormat::Text, &["1"]);
        fails("1\nx\\.\n", DataFormat::Text, "end-of-copy marker is not alone on its line");
        fails("1\n\\.\r\n", DataFormat::Text, "end-of-copy marker does not match previous newline style");
    }

    #[test]
    fn line_ends_must_agree() {
        fails("1\n2\r\n", DataFormat::Text, "literal carriage return found in data");
        fails("1\r\n2\n", DataFormat::Text, "literal newline found in data");
        fails("1\n2\r\n", DataFormat::Csv, "unquoted carriage return found in data");
    }

    #[test]
    fn csv_quotes() {
        check("1,\"a,b\"\n", DataFormat::Csv, &["1|a,b"]);
        check("\"a\"\"b\",\"c\nd\"\n,\"\"\n", DataFormat::Csv, &["a\"b|c\nd", "NULL|"]);
        check("x\"y,z\"w\n", DataFormat::Csv, &["xy,zw"]);
        check("\\.\n", DataFormat::Csv, &["\\."]);
        fails("\"a\n", DataFormat::Csv, "unterminated CSV quoted field");
    }

    #[test]
    fn csv_escape_of_its_own() {
        let mut options = options(DataFormat::Csv);
        options.escape = b'\\';
        for size in [1, 2, 3, 100] {
            let found = lines("\"a\\\"b\\\\\",\"c\\d\"\n", size, &options).expect("lines");
            assert_eq!(found, ["a\"b\\|c\\d"]);
        }
    }
}
