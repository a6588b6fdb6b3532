//! Tokens of PL/pgSQL: those of SQL, read with a few tokens of look-ahead.

use pglitedb_sql_parser::ParseOptions;
use pglitedb_sql_parser::lexer::{Lexer, Token, TokenKind};
use pglitedb_sqlstate::{Error, Result, err};
use std::borrow::Cow;

/// All tokens of a text.
pub(super) struct Tokens<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    tokens: Vec<Token>,
    at: usize,
    /// Byte offsets at which lines begin.
    lines: Vec<usize>,
}

impl<'a> Tokens<'a> {
    /// Splits a text into tokens.
    pub fn new(text: &'a str) -> Result<Self> {
        let mut lexer = Lexer::new(text, ParseOptions::default());
        let mut tokens = Vec::new();
        loop {
            let token = lexer.next_token();
            if token.kind == TokenKind::Error {
                return Err(lexer.error().cloned().unwrap_or_else(|| err!(SYNTAX_ERROR, "syntax error")));
            }
            tokens.push(token);
            if token.kind == TokenKind::End {
                break;
            }
        }
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Ok(Tokens { text, lexer, tokens, at: 0, lines })
    }

    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The line of an offset, from 1.
    pub fn line(&self, offset: usize) -> u32 {
        let count = self.lines.partition_point(|start| *start <= offset);
        u32::try_from(count.max(1)).unwrap_or(u32::MAX)
    }

    pub fn here(&self) -> u32 {
        self.line(self.start())
    }

    pub fn peek(&self) -> Token {
        self.peek_at(0)
    }

    pub fn peek_at(&self, ahead: usize) -> Token {
        let last = self.tokens.len() - 1;
        self.tokens[(self.at + ahead).min(last)]
    }

    pub fn advance(&mut self) -> Token {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    pub fn mark(&self) -> usize {
        self.at
    }

    pub fn reset(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Offset of the current token.
    pub fn start(&self) -> usize {
        self.peek().start as usize
    }

    /// Offset behind the token before the current one.
    pub fn end_of_last(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |at| self.tokens[at].end as usize)
    }

    pub fn slice(&self, token: Token) -> &'a str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or("")
    }

    /// Is a token this unquoted word?
    pub fn is(&self, token: Token, word: &str) -> bool {
        token.kind == TokenKind::Word && self.slice(token).eq_ignore_ascii_case(word)
    }

    pub fn at_word(&self, word: &str) -> bool {
        self.is(self.peek(), word)
    }

    pub fn next_is_word(&self, word: &str) -> bool {
        self.is(self.peek_at(1), word)
    }

    pub fn at_char(&self, byte: u8) -> bool {
        self.peek().kind == TokenKind::Char(byte)
    }

    pub fn at_end(&self) -> bool {
        self.peek().kind == TokenKind::End
    }

    pub fn accept(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub fn accept_char(&mut self, byte: u8) -> bool {
        let found = self.at_char(byte);
        if found {
            self.advance();
        }
        found
    }

    pub fn expect(&mut self, word: &str) -> Result<()> {
        if self.accept(word) { Ok(()) } else { Err(self.error()) }
    }

    pub fn expect_char(&mut self, byte: u8) -> Result<()> {
        if self.accept_char(byte) { Ok(()) } else { Err(self.error()) }
    }

    /// Is the token a name, quoted or not?
    pub fn is_name(&self, token: Token) -> bool {
        matches!(token.kind, TokenKind::Word | TokenKind::QuotedName | TokenKind::UnicodeName)
    }

    /// The name that a token is.
    pub fn name_of(&self, token: Token) -> String {
        self.lexer.name(&token).into_owned()
    }

    /// Takes a name.
    pub fn name(&mut self) -> Result<String> {
        let token = self.peek();
        if !self.is_name(token) {
            return Err(self.error());
        }
        self.advance();
        Ok(self.name_of(token))
    }

    /// Takes a string constant.
    pub fn string(&mut self) -> Result<Option<String>> {
        use TokenKind::{DollarString, EscapeString, String as Plain};
        let token = self.peek();
        if !matches!(token.kind, Plain | EscapeString | DollarString) {
            return Ok(None);
        }
        self.advance();
        self.lexer.string(&token).map(Cow::into_owned).map(Some)
    }

    /// `syntax error at or near "..."` at the current token.
    pub fn error(&self) -> Error {
        self.error_with("syntax error")
    }

    pub fn error_with(&self, message: &str) -> Error {
        let token = self.peek();
        if token.kind == TokenKind::End {
            return err!(SYNTAX_ERROR, "{message} at end of input").at(self.text.len());
        }
        err!(SYNTAX_ERROR, "{message} at or near \"{}\"", self.slice(token)).at(token.start as usize)
    }
}
