//! The printer: trees back to SQL.
//!
//! What is printed parses to an equal tree; it is not the text that was written. Every word that the grammar knows is
//! quoted when it is a name, so that no name can be taken for syntax.

mod alter_table;
mod database;
mod define;
mod definition;
mod dml;
mod expr;
mod from;
mod function;
mod json;
mod maintenance;
mod object;
mod options;
mod relation;
mod role;
mod routine;
mod select;
mod table;
mod types;
mod utility;
mod xml;

use crate::ast::{Expr, Ident, OperatorName, QualifiedName, Query, Statement, TypeName};
use crate::lexer::{Keyword, lookup};
use std::fmt;

/// Text under construction.
pub(crate) struct Printer {
    out: String,
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(|p| p.statement(self)))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(|p| p.query(self)))
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(|p| p.expr(self)))
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(|p| p.type_name(self)))
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(|p| p.name(self)))
    }
}

/// Whether a name can stand without quotes wherever a name may stand.
fn is_plain_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'$'))
        && lookup(name.as_bytes()) == Keyword::NotAKeyword
}

/// Quotes a name if it needs quotes.
pub fn quote_name(name: &str) -> String {
    print(|p| p.word(name))
}

/// Quotes a string, with `E''` if it has backslashes.
pub fn quote_string(value: &str) -> String {
    print(|p| p.string(value))
}

fn print(what: impl FnOnce(&mut Printer)) -> String {
    let mut printer = Printer { out: String::new() };
    what(&mut printer);
    printer.out
}

impl Printer {
    /// Appends text as it is.
    pub(super) fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Appends text if `condition`.
    pub(super) fn text_if(&mut self, condition: bool, text: &str) {
        if condition {
            self.text(text);
        }
    }

    /// Appends anything that can be displayed.
    pub(super) fn display(&mut self, value: impl fmt::Display) {
        use fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = write!(self.out, "{value}");
    }

    /// A name, quoted if need be.
    pub(super) fn word(&mut self, name: &str) {
        if is_plain_name(name) {
            self.text(name);
            return;
        }
        self.out.push('"');
        for char in name.chars() {
            if char == '"' {
                self.out.push('"');
            }
            self.out.push(char);
        }
        self.out.push('"');
    }

    /// An identifier.
    pub(super) fn ident(&mut self, ident: &Ident) {
        self.word(&ident.name);
    }

    /// A qualified name.
    pub(super) fn name(&mut self, name: &QualifiedName) {
        self.separated(&name.parts, ".", Self::ident);
    }

    /// A string constant.
    pub(super) fn string(&mut self, value: &str) {
        let escape = value.contains('\\');
        self.text(if escape { "E'" } else { "'" });
        for char in value.chars() {
            if char == '\'' || char == '\\' {
                self.out.push(char);
            }
            self.out.push(char);
        }
        self.out.push('\'');
    }

    /// A string constant, or `NULL`.
    pub(super) fn string_or_null(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.string(value),
            None => self.text("NULL"),
        }
    }

    /// An operator as an infix or prefix operator stands.
    pub(super) fn operator(&mut self, op: &OperatorName) {
        if op.schema.is_empty() {
            self.text(&op.symbol);
            return;
        }
        self.text("OPERATOR(");
        self.bare_operator(op);
        self.text(")");
    }

    /// An operator where the statement is about it: `schema.op`.
    pub(super) fn bare_operator(&mut self, op: &OperatorName) {
        for part in &op.schema {
            self.ident(part);
            self.text(".");
        }
        self.text(&op.symbol);
    }

    /// Items with a separator between them.
    pub(super) fn separated<T>(&mut self, items: &[T], separator: &str, mut item: impl FnMut(&mut Self, &T)) {
        for (index, value) in items.iter().enumerate() {
            if index > 0 {
                self.text(separator);
            }
            item(self, value);
        }
    }

    /// `a, b, c`.
    pub(super) fn list<T>(&mut self, items: &[T], item: impl FnMut(&mut Self, &T)) {
        self.separated(items, ", ", item);
    }

    /// `(a, b, c)`.
    pub(super) fn paren_list<T>(&mut self, items: &[T], item: impl FnMut(&mut Self, &T)) {
        self.text("(");
        self.list(items, item);
        self.text(")");
    }

    /// ` (a, b, c)` unless empty.
    pub(super) fn opt_paren_list<T>(&mut self, items: &[T], item: impl FnMut(&mut Self, &T)) {
        if !items.is_empty() {
            self.text(" ");
            self.paren_list(items, item);
        }
    }

    /// `prefix` and the value, if there is one.
    pub(super) fn optional<T>(&mut self, prefix: &str, value: Option<&T>, item: impl FnOnce(&mut Self, &T)) {
        if let Some(value) = value {
            self.text(prefix);
            item(self, value);
        }
    }
}
