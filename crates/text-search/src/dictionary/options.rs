//! Lists of options, as `pg_ts_dict.dictinitoption` and the options of `ts_headline` write them: `a = 'x', b = 1`.

use pglitedb_sqlstate::{Error, Result, err};
use pglitedb_types::quote_identifier;

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionItem {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The value is a string (rather than a number or a bare word).
    pub quoted: bool,
}

impl OptionItem {
    /// The value as PostgreSQL's boolean options read it.
    pub fn boolean(&self) -> Result<bool> {
        let words: &[(&str, bool)] = &[("true", true), ("false", false), ("on", true), ("off", false)];
        let numbers: &[(&str, bool)] = &[("1", true), ("0", false)];
        let known = if self.quoted { words.iter().chain(&[]) } else { words.iter().chain(numbers) };
        for (word, value) in known {
            if self.value.eq_ignore_ascii_case(word) {
                return Ok(*value);
            }
        }
        Err(err!(SYNTAX_ERROR, "{} requires a Boolean value", self.name))
    }
}

/// The list as text.
pub fn write_options(options: &[OptionItem]) -> String {
    let item = |option: &OptionItem| {
        let name = quote_identifier(&option.name);
        if !option.quoted {
            return format!("{name} = {}", option.value);
        }
        let escape = if option.value.contains('\\') { "E" } else { "" };
        let value = option.value.replace('\\', "\\\\").replace('\'', "''");
        format!("{name} = {escape}'{value}'")
    };
    options.iter().map(item).collect::<Vec<_>>().join(", ")
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip(&mut self, unwanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&unwanted) {
            self.next();
        }
    }

    fn invalid(&self) -> Error {
        err!(SYNTAX_ERROR, "invalid parameter list format: \"{}\"", self.text)
    }

    /// The rest of something in quotes; a doubled quote is one, and so is what follows a backslash.
    fn quoted(&mut self, quote: char, escapes: bool) -> Result<String> {
        let mut value = String::new();
        loop {
            match self.next().ok_or_else(|| self.invalid())? {
                '\\' if escapes => value.push(self.next().ok_or_else(|| self.invalid())?),
                c if c == quote && self.peek() == Some(quote) => {
                    self.next();
                    value.push(quote);
                }
                c if c == quote => return Ok(value),
                c => value.push(c),
            }
        }
    }

    fn bare(&mut self, ends: impl Fn(char) -> bool) -> String {
        let from = self.at;
        self.skip(|c| !ends(c));
        self.text.get(from..self.at).unwrap_or_default().to_owned()
    }

    fn name(&mut self) -> Result<String> {
        if self.peek() == Some('"') {
            self.next();
            return self.quoted('"', false);
        }
        let name = self.bare(|c| c.is_ascii_whitespace() || c == '=');
        Ok(name)
    }

    fn value(&mut self) -> Result<(String, bool)> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with("E'") || rest.starts_with("e'") {
            self.at += 2;
            return Ok((self.quoted('\'', true)?, true));
        }
        match self.peek() {
            Some(quote @ ('\'' | '"')) => {
                self.next();
                Ok((self.quoted(quote, quote == '\'')?, true))
            }
            _ => Ok((self.bare(|c| c.is_ascii_whitespace() || c == ','), false)),
        }
    }
}

/// Reads a list.
pub fn parse_options(text: &str) -> Result<Vec<OptionItem>> {
    let mut reader = Reader { text, at: 0 };
    let mut options = Vec::new();
    loop {
        reader.skip(|c| c.is_ascii_whitespace() || c == ',');
        if reader.peek().is_none() {
            return Ok(options);
        }
        let name = reader.name()?;
        reader.skip(|c| c.is_ascii_whitespace());
        if reader.next() != Some('=') {
            return Err(reader.invalid());
        }
        reader.skip(|c| c.is_ascii_whitespace());
        if reader.peek().is_none() {
            return Err(reader.invalid());
        }
        let (value, quoted) = reader.value()?;
        let number = value.parse::<f64>().is_ok() || matches!(&*value, "true" | "false");
        options.push(OptionItem { name, value, quoted: quoted || !number });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_as_written() {
        let list = r#"synonyms = 'synonym_sample', casesensitive = 1, "Odd name" = E'a\\b''c'"#;
        assert_eq!(write_options(&parse_options(list).unwrap()), list);
        let bare = parse_options("MaxWords=100,MinWords=5 , StartSel=<b>").unwrap();
        assert_eq!(bare.iter().map(|option| &*option.value).collect::<Vec<_>>(), ["100", "5", "<b>"]);
        assert!(parse_options("a").is_err());
        assert!(parse_options("a = 'x").is_err());
    }

    #[test]
    fn booleans() {
        let item = |value: &str, quoted| OptionItem { name: "o".into(), value: value.into(), quoted };
        assert!(item("ON", true).boolean().unwrap());
        assert!(!item("0", false).boolean().unwrap());
        assert!(item("2", false).boolean().is_err());
        assert!(item("1", true).boolean().is_err());
    }
}
