//! Blocks and lists of statements.

use super::{Parser, scalar_type};
use crate::ast::{Block, Condition, Exceptions, Handler, NameKind, Statement, StatementKind};
use crate::conditions::codes_named;
use pglitedb_sql_parser::lexer::TokenKind;
use pglitedb_sqlstate::{Result, SqlState, err};
use pglitedb_types::oids;
use std::sync::Arc;

impl Parser<'_> {
    /// The whole text: one block.
    pub(super) fn function_body(&mut self) -> Result<Block> {
        let label = self.label()?;
        let block = self.block(label)?;
        self.tokens.accept_char(b';');
        if !self.tokens.at_end() {
            return Err(self.tokens.error());
        }
        Ok(block)
    }

    /// `<<label>>`, if one stands here.
    pub(super) fn label(&mut self) -> Result<Option<Arc<str>>> {
        let token = self.tokens.peek();
        if token.kind != TokenKind::Operator || self.tokens.slice(token) != "<<" {
            return Ok(None);
        }
        self.tokens.advance();
        let name = self.tokens.name()?;
        let token = self.tokens.peek();
        if token.kind != TokenKind::Operator || self.tokens.slice(token) != ">>" {
            return Err(self.tokens.error());
        }
        self.tokens.advance();
        Ok(Some(Arc::from(name)))
    }

    /// `[DECLARE ...] BEGIN ... [EXCEPTION ...] END [label]`, without the semicolon.
    pub(super) fn block(&mut self, label: Option<Arc<str>>) -> Result<Block> {
        let outer = self.scope;
        let line = self.tokens.here();
        self.push_name(label.clone().unwrap_or_else(|| Arc::from("")), NameKind::Block);
        let initialized = if self.tokens.accept("declare") { self.declarations()? } else { Vec::new() };
        self.tokens.expect("begin")?;
        let body = self.deeper(|parser| parser.statements(&["exception", "end"]))?;
        let exceptions = if self.tokens.accept("exception") { Some(self.exceptions()?) } else { None };
        self.tokens.expect("end")?;
        self.end_label(label.as_deref(), "block")?;
        self.scope = outer;
        Ok(Block { line, label, initialized, body, exceptions })
    }

    /// The label behind END, which must be the one in front.
    pub(super) fn end_label(&mut self, label: Option<&str>, what: &str) -> Result<()> {
        let token = self.tokens.peek();
        if !self.tokens.is_name(token) {
            return Ok(());
        }
        let name = self.tokens.name()?;
        let at = token.start as usize;
        match label {
            None => Err(err!(SYNTAX_ERROR, "end label \"{name}\" specified for unlabeled {what}").at(at)),
            Some(label) if label != name => {
                Err(err!(SYNTAX_ERROR, "end label \"{name}\" differs from block's label \"{label}\"").at(at))
            }
            Some(_) => Ok(()),
        }
    }

    /// Statements up to one of these words.
    pub(super) fn statements(&mut self, ends: &[&str]) -> Result<Vec<Statement>> {
        let mut list = Vec::new();
        loop {
            if ends.iter().any(|end| self.tokens.at_word(end)) && !self.is_assignment() {
                return Ok(list);
            }
            if self.tokens.at_end() {
                return Err(self.tokens.error());
            }
            let line = self.tokens.here();
            let kind = self.statement()?;
            list.push(Statement { line, kind });
        }
    }

    /// Is the word here a variable that something is assigned to?
    pub(super) fn is_assignment(&self) -> bool {
        let next = self.tokens.peek_at(1);
        matches!(next.kind, TokenKind::ColonEquals | TokenKind::Char(b'=' | b'[' | b'.'))
    }

    fn exceptions(&mut self) -> Result<Exceptions> {
        let outer = self.scope;
        let sqlstate = self.add("sqlstate", scalar_type(oids::TEXT), true);
        let sqlerrm = self.add("sqlerrm", scalar_type(oids::TEXT), true);
        let mut handlers = Vec::new();
        while self.tokens.accept("when") {
            let mut conditions = Vec::new();
            loop {
                self.condition(&mut conditions)?;
                if !self.tokens.accept("or") {
                    break;
                }
            }
            self.tokens.expect("then")?;
            let body = self.deeper(|parser| parser.statements(&["when", "end"]))?;
            handlers.push(Handler { conditions, body });
        }
        if handlers.is_empty() {
            return Err(self.tokens.error());
        }
        self.scope = outer;
        Ok(Exceptions { sqlstate, sqlerrm, handlers })
    }

    fn condition(&mut self, conditions: &mut Vec<Condition>) -> Result<()> {
        let at = self.tokens.start();
        let name = self.tokens.name()?;
        if name == "sqlstate" {
            let code = self.tokens.string()?.ok_or_else(|| self.tokens.error())?;
            let parsed = SqlState::parse(&code);
            let parsed = parsed.ok_or_else(|| err!(SYNTAX_ERROR, "invalid SQLSTATE code").at(at))?;
            conditions.push(Condition::Code(parsed.0));
            return Ok(());
        }
        if name == "others" {
            conditions.push(Condition::Others);
            return Ok(());
        }
        let codes = codes_named(&name)?;
        conditions.extend(codes.into_iter().map(|code| Condition::Code(code.0)));
        Ok(())
    }

    /// A block as a statement.
    pub(super) fn block_statement(&mut self, label: Option<Arc<str>>) -> Result<StatementKind> {
        let block = self.block(label)?;
        self.tokens.expect_char(b';')?;
        Ok(StatementKind::Block(Box::new(block)))
    }
}
