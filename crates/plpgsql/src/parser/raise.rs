//! RAISE.

use super::Parser;
use super::sql::Until;
use crate::ast::{Raise, RaiseLevel, RaiseOption, StatementKind};
use crate::conditions::code_of;
use pglitedb_sqlstate::{Result, SqlState, err};
use std::sync::Arc;

impl Parser<'_> {
    pub(super) fn raise_statement(&mut self) -> Result<StatementKind> {
        let mut raise = Raise {
            level: RaiseLevel::Exception,
            condition: None,
            message: None,
            params: Vec::new(),
            options: Vec::new(),
        };
        if self.tokens.accept_char(b';') {
            return Ok(StatementKind::Raise(Box::new(raise)));
        }
        let levels = [
            ("exception", RaiseLevel::Exception),
            ("warning", RaiseLevel::Warning),
            ("notice", RaiseLevel::Notice),
            ("info", RaiseLevel::Info),
            ("log", RaiseLevel::Log),
            ("debug", RaiseLevel::Debug),
        ];
        if let Some((_, level)) = levels.iter().find(|(word, _)| self.tokens.at_word(word)) {
            raise.level = *level;
            self.tokens.advance();
        }
        if self.tokens.at_end() {
            return Err(self.tokens.error_with("unexpected end of function definition"));
        }
        if let Some(message) = self.tokens.string()? {
            let at = self.tokens.start();
            raise.message = Some(Arc::from(message));
            let mut end = None;
            if self.tokens.accept_char(b',') {
                let (params, which) = self.expressions_until(&[Until::Char(b';'), Until::Word("using")])?;
                raise.params = params;
                end = Some(which);
            }
            check_params(&raise, at)?;
            match end {
                Some(0) => return Ok(StatementKind::Raise(Box::new(raise))),
                Some(_) => self.options_of_raise(&mut raise)?,
                None => self.raise_tail(&mut raise)?,
            }
            return Ok(StatementKind::Raise(Box::new(raise)));
        }
        if !self.tokens.at_word("using") && !self.tokens.at_char(b';') {
            let at = self.tokens.start();
            let name = self.tokens.name()?;
            if name == "sqlstate" {
                let code = self.tokens.string()?.ok_or_else(|| self.tokens.error())?;
                let parsed = SqlState::parse(&code);
                let parsed = parsed.ok_or_else(|| err!(SYNTAX_ERROR, "invalid SQLSTATE code").at(at))?;
                raise.condition = Some((parsed, Arc::from(code)));
            } else {
                let code = code_of(&name, false)?;
                raise.condition = Some((code, Arc::from(name)));
            }
        }
        self.raise_tail(&mut raise)?;
        Ok(StatementKind::Raise(Box::new(raise)))
    }

    /// `;` or `USING ...;`
    fn raise_tail(&mut self, raise: &mut Raise) -> Result<()> {
        if self.tokens.accept("using") {
            return self.options_of_raise(raise);
        }
        self.tokens.expect_char(b';')
    }

    fn options_of_raise(&mut self, raise: &mut Raise) -> Result<()> {
        loop {
            let token = self.tokens.peek();
            let word = self.tokens.name()?;
            let option = match word.as_str() {
                "errcode" => RaiseOption::Errcode,
                "message" => RaiseOption::Message,
                "detail" => RaiseOption::Detail,
                "hint" => RaiseOption::Hint,
                "column" => RaiseOption::Column,
                "constraint" => RaiseOption::Constraint,
                "datatype" => RaiseOption::Datatype,
                "table" => RaiseOption::Table,
                "schema" => RaiseOption::Schema,
                _ => {
                    return Err(
                        err!(SYNTAX_ERROR, "unrecognized RAISE statement option").at(token.start as usize)
                    );
                }
            };
            let is_sign = self.tokens.at_char(b'=')
                || self.tokens.peek().kind == pglitedb_sql_parser::lexer::TokenKind::ColonEquals;
            if !is_sign {
                return Err(self.tokens.error_with("syntax error, expected \"=\""));
            }
            self.tokens.advance();
            let (value, end) = self.expression_until(&[Until::Char(b','), Until::Char(b';')], ";")?;
            raise.options.push((option, value));
            if end == 1 {
                return Ok(());
            }
        }
    }
}

/// As many parameters as places for them.
fn check_params(raise: &Raise, at: usize) -> Result<()> {
    let message = raise.message.as_deref().unwrap_or("");
    let mut wanted = 0;
    let mut chars = message.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '%' {
            if chars.peek() == Some(&'%') {
                chars.next();
            } else {
                wanted += 1;
            }
        }
    }
    let _ = at;
    if wanted < raise.params.len() {
        return Err(err!(SYNTAX_ERROR, "too many parameters specified for RAISE"));
    }
    if wanted > raise.params.len() {
        return Err(err!(SYNTAX_ERROR, "too few parameters specified for RAISE"));
    }
    Ok(())
}
