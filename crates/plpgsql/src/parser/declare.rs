//! Declarations.

use super::sql::Until;
use super::{Parser, scalar_type};
use crate::ast::{CursorDeclaration, NameKind, RecordVariable, Scalar, Sql, SqlKind, TypeRef, Variable};
use pglitedb_sql_parser::lexer::TokenKind;
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::oids;
use std::sync::Arc;

impl Parser<'_> {
    /// What stands behind DECLARE; the variables that the block sets anew.
    pub(super) fn declarations(&mut self) -> Result<Vec<usize>> {
        let mut declared = Vec::new();
        let first = self.names.len();
        loop {
            if self.tokens.at_word("begin") {
                return Ok(declared);
            }
            // DECLARE may be written again.
            if self.tokens.accept("declare") {
                continue;
            }
            if self.tokens.peek().kind == TokenKind::Operator && self.tokens.slice(self.tokens.peek()) == "<<"
            {
                let at = self.tokens.start();
                return Err(err!(SYNTAX_ERROR, "block label must be placed before DECLARE, not after").at(at));
            }
            self.declaration(first, &mut declared)?;
        }
    }

    fn declaration(&mut self, first: usize, declared: &mut Vec<usize>) -> Result<()> {
        let at = self.tokens.start();
        if self.tokens.at_end() {
            return Err(self.tokens.error());
        }
        let name = self.tokens.name()?;
        if self.is_declared(&name, first) {
            return Err(err!(SYNTAX_ERROR, "duplicate declaration at or near \"{name}\"").at(at));
        }
        if self.tokens.accept("alias") {
            self.tokens.expect("for")?;
            return self.alias(&name);
        }
        let scroll = self.scroll_word();
        if scroll.is_some() || self.tokens.at_word("cursor") {
            return self.cursor(&name, scroll, declared);
        }
        let constant = self.tokens.accept("constant");
        let type_at = self.tokens.start();
        let mut of_type = self.data_type(&[])?;
        if self.tokens.accept("collate") {
            let start = self.tokens.start();
            self.tokens.name()?;
            while self.tokens.accept_char(b'.') {
                self.tokens.name()?;
            }
            let text = self.tokens.text().get(start..self.tokens.end_of_last()).unwrap_or("").to_owned();
            if of_type.collation == 0 {
                return Err(err!(
                    DATATYPE_MISMATCH,
                    "collations are not supported by type {}",
                    self.tokens.text().get(type_at..start).unwrap_or("").trim()
                )
                .at(start));
            }
            of_type.collation = self.types.collation(&text).map_err(|error| error.at(start))?;
        }
        let not_null_at = self.tokens.start();
        let not_null = self.tokens.accept("not");
        if not_null {
            self.tokens.expect("null")?;
        }
        let default = self.default_value()?;
        if not_null && default.is_none() {
            return Err(err!(
                NULL_VALUE_NOT_ALLOWED,
                "variable \"{name}\" must have a default value, since it's declared NOT NULL"
            )
            .at(not_null_at));
        }
        declared.push(self.declare(&name, of_type, constant, not_null, default));
        Ok(())
    }

    /// Is a name declared in this block, whose names begin with number `first`?
    fn is_declared(&self, name: &str, first: usize) -> bool {
        let mut at = self.scope;
        while let Some(index) = at.filter(|index| *index >= first) {
            let known = &self.names[index];
            if *known.name == *name && matches!(known.kind, NameKind::Scalar(_) | NameKind::Record(_)) {
                return true;
            }
            at = known.before;
        }
        false
    }

    fn declare(
        &mut self,
        name: &str,
        of_type: TypeRef,
        constant: bool,
        not_null: bool,
        default: Option<Sql>,
    ) -> usize {
        let number = self.add(name, of_type, true);
        match &mut self.variables[number] {
            Variable::Scalar(scalar) => {
                (scalar.constant, scalar.not_null, scalar.default) = (constant, not_null, default);
            }
            Variable::Record(record) => {
                (record.constant, record.not_null, record.default) = (constant, not_null, default);
            }
            _ => {}
        }
        number
    }

    /// `;`, or the first value and `;`.
    fn default_value(&mut self) -> Result<Option<Sql>> {
        if self.tokens.accept_char(b';') {
            return Ok(None);
        }
        let is_assignment = self.tokens.at_char(b'=')
            || self.tokens.peek().kind == TokenKind::ColonEquals
            || self.tokens.at_word("default");
        if !is_assignment {
            return Err(self.tokens.error());
        }
        self.tokens.advance();
        self.expression_to_semicolon().map(Some)
    }

    fn alias(&mut self, name: &str) -> Result<()> {
        let at = self.tokens.start();
        let token = self.tokens.peek();
        let target = if token.kind == TokenKind::Param {
            self.tokens.advance();
            vec![self.tokens.slice(token).to_owned()]
        } else {
            self.dotted()?
        };
        let parts: Vec<&str> = target.iter().map(String::as_str).collect();
        let found = self.look_up(&parts).filter(|(_, used)| *used == parts.len());
        let Some((kind, _)) = found else {
            return Err(err!(UNDEFINED_OBJECT, "variable \"{}\" does not exist", target.join(".")).at(at));
        };
        self.tokens.expect_char(b';')?;
        self.push_name(Arc::from(name), kind);
        Ok(())
    }

    /// A dotted name.
    pub(super) fn dotted(&mut self) -> Result<Vec<String>> {
        let mut parts = vec![self.tokens.name()?];
        while self.tokens.accept_char(b'.') {
            parts.push(self.tokens.name()?);
        }
        Ok(parts)
    }

    /// `SCROLL` or `NO SCROLL`, if one stands here.
    pub(super) fn scroll_word(&mut self) -> Option<bool> {
        if self.tokens.at_word("no") && self.tokens.next_is_word("scroll") {
            self.tokens.advance();
            self.tokens.advance();
            return Some(false);
        }
        self.tokens.accept("scroll").then_some(true)
    }

    /// `CURSOR [(parameters)] {IS|FOR} query;`
    fn cursor(&mut self, name: &str, scroll: Option<bool>, declared: &mut Vec<usize>) -> Result<()> {
        self.tokens.expect("cursor")?;
        let outer = self.scope;
        self.push_name(Arc::from(""), NameKind::Block);
        let mut members = Vec::new();
        if self.tokens.accept_char(b'(') {
            loop {
                let parameter = self.tokens.name()?;
                let of_type = self.data_type(&[Until::Char(b','), Until::Char(b')')])?;
                let number = self.add(&parameter, of_type, true);
                members.push((Arc::from(parameter.as_str()), number));
                if !self.tokens.accept_char(b',') {
                    break;
                }
            }
            self.tokens.expect_char(b')')?;
        }
        if !self.tokens.accept("is") {
            self.tokens.expect("for")?;
        }
        let start = self.tokens.start();
        self.skip_to(&[Until::Char(b';')], ";")?;
        let query = self.sql_from(start, SqlKind::Statement)?;
        self.tokens.advance();
        self.scope = outer;
        let parameters = (!members.is_empty()).then(|| self.add_variable(Variable::Row { members }));
        let number = self.add(name, scalar_type(oids::REFCURSOR), true);
        if let Variable::Scalar(variable) = &mut self.variables[number] {
            variable.cursor = Some(Arc::new(CursorDeclaration { query, parameters, scroll }));
        }
        declared.push(number);
        Ok(())
    }

    /// A type: up to what may follow it in a declaration, or up to one of the ends given.
    pub(super) fn data_type(&mut self, ends: &[Until<'_>]) -> Result<TypeRef> {
        let start = self.tokens.start();
        if let Some(found) = self.copied_type()? {
            return Ok(found);
        }
        let mut depth = 0_usize;
        loop {
            let token = self.tokens.peek();
            if depth == 0 {
                let ends_here = match token.kind {
                    TokenKind::End | TokenKind::Char(b';' | b'=') | TokenKind::ColonEquals => true,
                    TokenKind::Char(byte) => ends.contains(&Until::Char(byte)),
                    TokenKind::Word => {
                        ["not", "collate", "default"].iter().any(|word| self.tokens.is(token, word))
                    }
                    _ => false,
                };
                if ends_here {
                    break;
                }
            }
            match token.kind {
                TokenKind::End => return Err(self.tokens.error_with("mismatched parentheses")),
                TokenKind::Char(b'(' | b'[') => depth += 1,
                TokenKind::Char(b')' | b']') => {
                    depth = depth
                        .checked_sub(1)
                        .ok_or_else(|| self.tokens.error_with("mismatched parentheses"))?;
                }
                TokenKind::Char(b';') => {
                    return Err(self.tokens.error_with("incomplete data type declaration"));
                }
                _ => {}
            }
            self.tokens.advance();
        }
        let text = self.tokens.text().get(start..self.tokens.end_of_last().max(start)).unwrap_or("").trim();
        if text.is_empty() {
            return Err(self.tokens.error_with("missing data type declaration"));
        }
        if text.eq_ignore_ascii_case("record") {
            return Ok(TypeRef { oid: oids::RECORD, typmod: -1, collation: 0, composite: true });
        }
        self.types.named(text).map_err(|mut error| {
            if let Some(position) = &mut error.fields_mut().position {
                *position += start;
            }
            error.at(start)
        })
    }

    /// `name%TYPE`, `name%ROWTYPE`, with `[]` or `ARRAY` behind them.
    fn copied_type(&mut self) -> Result<Option<TypeRef>> {
        let mark = self.tokens.mark();
        let at = self.tokens.start();
        if !self.tokens.is_name(self.tokens.peek()) {
            return Ok(None);
        }
        let parts = self.dotted()?;
        if !self.tokens.accept_char(b'%') {
            self.tokens.reset(mark);
            return Ok(None);
        }
        let rowtype = self.tokens.at_word("rowtype");
        if !rowtype && !self.tokens.at_word("type") {
            self.tokens.reset(mark);
            return Ok(None);
        }
        self.tokens.advance();
        let mut found = if rowtype {
            self.types.of_row(&parts).map_err(|error| error.at(at))?
        } else {
            self.type_of(&parts).map_err(|error| error.at(at))?
        };
        // Array dimensions do not count, but for there being some.
        let mut array = self.tokens.accept("array");
        while self.tokens.accept_char(b'[') {
            array = true;
            if self.tokens.peek().kind == TokenKind::Integer {
                self.tokens.advance();
            }
            self.tokens.expect_char(b']')?;
        }
        if array {
            found = self.types.array_of(&found)?;
        }
        Ok(Some(found))
    }

    /// The type of a variable or a column.
    fn type_of(&mut self, parts: &[String]) -> Result<TypeRef> {
        let names: Vec<&str> = parts.iter().map(String::as_str).collect();
        if let Some((NameKind::Scalar(number) | NameKind::Record(number), used)) = self.look_up(&names) {
            match (&self.variables[number], names.get(used)) {
                (Variable::Scalar(Scalar { of_type, .. }), None)
                | (Variable::Record(RecordVariable { of_type, .. }), None) => return Ok(of_type.clone()),
                _ => {}
            }
        }
        if parts.len() == 1 {
            return Err(err!(UNDEFINED_OBJECT, "type \"{}\" does not exist", parts[0]));
        }
        self.types.of_column(parts)
    }
}
