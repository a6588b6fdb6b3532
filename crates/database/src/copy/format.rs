//! Rows as COPY TO writes them.

use super::options::{CopyOptions, DataFormat};
use memchr::memchr_iter;
use pglitedb_sqlstate::Result;
use pglitedb_types::{Datum, Oid, TypeEnv, output, send};
use std::sync::Arc;

/// Writes rows in one of the formats; its buffers are used again.
pub(super) struct RowFormat {
    options: CopyOptions,
    types: Vec<Oid>,
    force_quote: Vec<bool>,
    /// What a byte needs in text format: 0 nothing, else the byte after the backslash.
    escapes: [u8; 256],
    value: Vec<u8>,
    /// The row.
    pub row: Vec<u8>,
}

impl RowFormat {
    pub(super) fn new(options: CopyOptions, types: Vec<Oid>, force_quote: Vec<bool>) -> RowFormat {
        let mut escapes = [0; 256];
        let special = [(8, b'b'), (12, b'f'), (b'\n', b'n'), (b'\r', b'r'), (b'\t', b't'), (11, b'v')];
        for (byte, letter) in special {
            escapes[usize::from(byte)] = letter;
        }
        escapes[usize::from(b'\\')] = b'\\';
        let delimiter = options.delimiter;
        escapes[usize::from(delimiter)] = match escapes[usize::from(delimiter)] {
            0 => delimiter,
            // A control character that separates fields is escaped as itself.
            _ if delimiter.is_ascii_control() => {
                special.iter().find(|(byte, _)| *byte == delimiter).map_or(delimiter, |(_, letter)| *letter)
            }
            known => known,
        };
        RowFormat { options, types, force_quote, escapes, value: Vec::new(), row: Vec::new() }
    }

    /// Formats the line with the columns' names.
    pub(super) fn header(&mut self, names: &[Arc<str>]) {
        self.row.clear();
        for (at, name) in names.iter().enumerate() {
            self.separate(at);
            self.value.clear();
            self.value.extend_from_slice(name.as_bytes());
            match self.options.format {
                DataFormat::Csv => self.csv_value(false, names.len() == 1),
                _ => self.text_value(),
            }
        }
        self.row.push(b'\n');
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.row.push(self.options.delimiter);
        }
    }

    /// Formats a row into `row`.
    pub(super) fn format(&mut self, values: &[Datum], env: &dyn TypeEnv) -> Result<()> {
        self.row.clear();
        if self.options.format == DataFormat::Binary {
            return self.binary(values, env);
        }
        let csv = self.options.format == DataFormat::Csv;
        for (at, value) in values.iter().enumerate() {
            self.separate(at);
            if value.is_null() {
                self.row.extend_from_slice(self.options.null.as_bytes());
                continue;
            }
            self.value.clear();
            output(value, self.types.get(at).copied().unwrap_or(0), env, &mut self.value)?;
            if csv {
                self.csv_value(self.force_quote.get(at).copied().unwrap_or(false), values.len() == 1);
            } else {
                self.text_value();
            }
        }
        self.row.push(b'\n');
        Ok(())
    }

    fn text_value(&mut self) {
        let mut plain = 0;
        for (at, byte) in self.value.iter().enumerate() {
            let escape = self.escapes[usize::from(*byte)];
            if escape != 0 {
                self.row.extend_from_slice(&self.value[plain..at]);
                self.row.extend_from_slice(&[b'\\', escape]);
                plain = at + 1;
            }
        }
        self.row.extend_from_slice(&self.value[plain..]);
    }

    fn csv_value(&mut self, force: bool, alone: bool) {
        let (quote, escape, delimiter) = (self.options.quote, self.options.escape, self.options.delimiter);
        let special = |byte: &u8| *byte == delimiter || *byte == quote || matches!(byte, b'\n' | b'\r');
        let quoted = force
            || self.value == self.options.null.as_bytes()
            // Older readers take this line for the end of the data.
            || (alone && self.value == b"\\.")
            || self.value.iter().any(special);
        if !quoted {
            self.row.extend_from_slice(&self.value);
            return;
        }
        self.row.push(quote);
        if memchr_iter(quote, &self.value).next().is_none()
            && memchr_iter(escape, &self.value).next().is_none()
        {
            self.row.extend_from_slice(&self.value);
        } else {
            for byte in &self.value {
                if *byte == quote || *byte == escape {
                    self.row.push(escape);
                }
                self.row.push(*byte);
            }
        }
        self.row.push(quote);
    }

    fn binary(&mut self, values: &[Datum], env: &dyn TypeEnv) -> Result<()> {
        self.row.extend_from_slice(&i16::try_from(values.len()).unwrap_or(i16::MAX).to_be_bytes());
        for (at, value) in values.iter().enumerate() {
            if value.is_null() {
                self.row.extend_from_slice(&(-1_i32).to_be_bytes());
                continue;
            }
            let begin = self.row.len();
            self.row.extend_from_slice(&[0; 4]);
            send(value, self.types.get(at).copied().unwrap_or(0), env, &mut self.row)?;
            let length = i32::try_from(self.row.len() - begin - 4).unwrap_or(i32::MAX);
            self.row[begin..begin + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pglitedb_types::{BuiltinEnv, oids};

    fn row(options: CopyOptions, values: &[Datum], force_quote: bool) -> String {
        let types = values.iter().map(|value| if value.as_i64().is_some() { oids::INT4 } else { oids::TEXT });
        let mut format = RowFormat::new(options, types.collect(), vec![force_quote; values.len()]);
        format.format(values, &BuiltinEnv::default()).expect("a row");
        String::from_utf8(format.row).expect("text")
    }

    fn text() -> CopyOptions {
        CopyOptions { delimiter: b'\t', null: "\\N".to_owned(), ..CopyOptions::default() }
    }

    fn csv() -> CopyOptions {
        CopyOptions {
            format: DataFormat::Csv,
            delimiter: b',',
            quote: b'"',
            escape: b'"',
            ..CopyOptions::default()
        }
    }

    #[test]
    fn text_rows() {
        let values = [Datum::Int4(-5), Datum::text("a\tb\\c\n"), Datum::Null, Datum::text("")];
        assert_eq!(row(text(), &values, false), "-5\ta\\tb\\\\c\\n\t\\N\t\n");
        let bar = CopyOptions { delimiter: b'|', ..text() };
        assert_eq!(row(bar, &[Datum::text("a|b\tc")], false), "a\\|b\\tc\n");
    }

    #[test]
    fn csv_rows() {
        let values =
            [Datum::Int4(1), Datum::text("a,b"), Datum::text("say \"x\""), Datum::Null, Datum::text("")];
        assert_eq!(row(csv(), &values, false), "1,\"a,b\",\"say \"\"x\"\"\",,\"\"\n");
        assert_eq!(row(csv(), &[Datum::Int4(1), Datum::Null], true), "\"1\",\n");
        assert_eq!(row(csv(), &[Datum::text("\\.")], false), "\"\\.\"\n");
    }
}
