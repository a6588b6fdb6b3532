//! The grammar: recursive descent, one function per production, split by area.
//!
//! This file holds the token cursor. `peek` looks, `at*` ask, `accept*` take a token if it fits, `expect*` demand it
//! and otherwise fail with the syntax error that PostgreSQL reports at the same token.

mod dml;
mod expr;
mod from;
mod function_call;
mod index;
mod json;
mod names;
mod options;
mod plpgsql;
mod primary;
mod select;
mod types;
mod utility;
mod window;
mod with;
mod xml;

use crate::ParseOptions;
pub(crate) use expr::level;

use crate::ast::{Ident, RawStatement, Span, Statement};
use crate::lexer::{Keyword, Lexer, Token, TokenKind};
use pglitedb_sqlstate::{Error, Result, bail, err};

/// Bytes of stack that a parse may use. Threads with 2 MB of stack are the smallest that are supported; the other
/// half is for the caller and for walking over and dropping the tree.
const MAX_STACK_BYTES: usize = 900_000;

/// Operators in a row (`1 + 1 + 1 ...`) make a tree as deep as the row is long without using the parser's stack; this
/// bounds the sum of such rows on any path from the root, so that walking over the tree and dropping it is safe.
const MAX_CHAIN: usize = 1000;

/// The token cursor.
pub(crate) struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    next: Option<Token>,
    previous_end: u32,
    stack_base: usize,
    /// The most chain links on a path in anything parsed so far at this level; see [`MAX_CHAIN`].
    chain: usize,
    /// In the first argument of `SUBSTRING`, where `SIMILAR` may be a separator.
    similar_separates: bool,
}

/// A position to come back to.
#[derive(Clone, Copy)]
pub(crate) struct Checkpoint {
    token: Token,
    previous_end: u32,
}

/// The address of a local variable tells how deep the stack is.
#[inline(never)]
fn stack_address() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(&marker).addr()
}

fn too_deep() -> Error {
    err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").hint(
        "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's \
         stack depth limit is adequate.",
    )
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, options: ParseOptions) -> Result<Self> {
        if u32::try_from(text.len()).is_err() {
            bail!(PROGRAM_LIMIT_EXCEEDED, "query string is too long");
        }
        let mut lexer = Lexer::new(text, options);
        let token = lexer.next_token();
        let mut parser = Parser {
            lexer,
            token,
            next: None,
            previous_end: 0,
            stack_base: stack_address(),
            chain: 0,
            similar_separates: false,
        };
        parser.join_phrase();
        Ok(parser)
    }

    // ---- tokens ----

    /// The current token.
    pub(crate) fn peek(&self) -> Token {
        self.token
    }

    /// The token behind the current one.
    pub(crate) fn peek_next(&mut self) -> Token {
        match self.next {
            Some(token) => token,
            None => {
                let token = self.lexer.next_token();
                self.next = Some(token);
                token
            }
        }
    }

    /// The keyword of the current token.
    pub(crate) fn keyword(&self) -> Keyword {
        self.token.keyword
    }

    /// The keyword of the token behind the current one.
    pub(crate) fn next_keyword(&mut self) -> Keyword {
        self.peek_next().keyword
    }

    /// Goes on by one token and returns the one left behind.
    pub(crate) fn advance(&mut self) -> Token {
        let token = self.token;
        self.previous_end = token.end;
        self.token = match self.next.take() {
            Some(next) => next,
            None => self.lexer.next_token(),
        };
        self.join_phrase();
        token
    }

    /// `NULLS FIRST`, `NULLS LAST`, `FORMAT JSON`, `WITHOUT TIME`, `NOT IN` and its like do not begin with a name.
    #[inline]
    fn join_phrase(&mut self) {
        let joined = match self.token.keyword {
            Keyword::Nulls => matches!(self.next_keyword(), Keyword::First | Keyword::Last),
            Keyword::Not => matches!(
                self.next_keyword(),
                Keyword::Between | Keyword::In | Keyword::Like | Keyword::Ilike | Keyword::Similar
            ),
            Keyword::Format => self.next_keyword() == Keyword::Json,
            Keyword::Without => self.next_keyword() == Keyword::Time,
            _ => return,
        };
        if joined {
            self.token.kind = TokenKind::Phrase;
        }
    }

    /// Remembers the position.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { token: self.token, previous_end: self.previous_end }
    }

    /// Goes back to a remembered position.
    pub(crate) fn rewind(&mut self, checkpoint: Checkpoint) {
        self.token = checkpoint.token;
        self.previous_end = checkpoint.previous_end;
        self.next = None;
        self.lexer.seek(checkpoint.token.end);
    }

    /// Offset of the current token.
    pub(crate) fn start(&self) -> u32 {
        self.token.start
    }

    /// From `start` to the end of the last token taken.
    pub(crate) fn span_from(&self, start: u32) -> Span {
        Span { start, end: self.previous_end.max(start) }
    }

    /// The place of the current token.
    pub(crate) fn span(&self) -> Span {
        Span { start: self.token.start, end: self.token.end }
    }

    // ---- keywords ----

    /// The current token is this keyword.
    pub(crate) fn at(&self, keyword: Keyword) -> bool {
        self.token.keyword == keyword
    }

    /// The current token is one of these keywords.
    pub(crate) fn at_any(&self, keywords: &[Keyword]) -> bool {
        self.token.keyword != Keyword::NotAKeyword && keywords.contains(&self.token.keyword)
    }

    /// The current and the next token are these keywords.
    pub(crate) fn at_pair(&mut self, first: Keyword, second: Keyword) -> bool {
        self.at(first) && self.next_keyword() == second
    }

    /// Takes the keyword if it stands here.
    pub(crate) fn accept(&mut self, keyword: Keyword) -> bool {
        let found = self.at(keyword);
        if found {
            self.advance();
        }
        found
    }

    /// Takes two keywords if both stand here.
    pub(crate) fn accept_pair(&mut self, first: Keyword, second: Keyword) -> bool {
        let found = self.at_pair(first, second);
        if found {
            self.advance();
            self.advance();
        }
        found
    }

    /// Whether `NOT` stands here as the token that PostgreSQL's lexer makes of it before `BETWEEN`, `IN`, `LIKE` and
    /// their like, which only expressions take.
    pub(crate) fn at_not_of_expression(&mut self) -> bool {
        self.at(Keyword::Not)
            && matches!(
                self.next_keyword(),
                Keyword::Between | Keyword::In | Keyword::Like | Keyword::Ilike | Keyword::Similar
            )
    }

    /// Demands the keyword.
    pub(crate) fn expect(&mut self, keyword: Keyword) -> Result<Token> {
        if self.at(keyword) { Ok(self.advance()) } else { Err(self.syntax_error()) }
    }

    /// Demands these keywords in order.
    pub(crate) fn expect_all(&mut self, keywords: &[Keyword]) -> Result<()> {
        for keyword in keywords {
            self.expect(*keyword)?;
        }
        Ok(())
    }

    // ---- other tokens ----

    /// The current token is of this kind.
    pub(crate) fn at_kind(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    /// Takes a token of this kind if one stands here.
    pub(crate) fn accept_kind(&mut self, kind: TokenKind) -> bool {
        let found = self.at_kind(kind);
        if found {
            self.advance();
        }
        found
    }

    /// The current token is this character.
    pub(crate) fn at_char(&self, char: u8) -> bool {
        self.token.kind == TokenKind::Char(char)
    }

    /// The next token is this character.
    pub(crate) fn next_is_char(&mut self, char: u8) -> bool {
        self.peek_next().kind == TokenKind::Char(char)
    }

    /// Takes this character if it stands here.
    pub(crate) fn accept_char(&mut self, char: u8) -> bool {
        self.accept_kind(TokenKind::Char(char))
    }

    /// Demands this character.
    pub(crate) fn expect_char(&mut self, char: u8) -> Result<Token> {
        if self.at_char(char) { Ok(self.advance()) } else { Err(self.syntax_error()) }
    }

    // ---- errors ----

    /// PostgreSQL's error for a token that no production can take.
    pub(crate) fn syntax_error(&self) -> Error {
        self.error_near("syntax error")
    }

    /// `message at or near "token"`, at the current token.
    pub(crate) fn error_near(&self, message: &str) -> Error {
        let at = self.token.start as usize;
        match self.token.kind {
            TokenKind::Error => match self.lexer.error() {
                Some(error) => error.clone(),
                None => err!(SYNTAX_ERROR, "{message}").at(at),
            },
            TokenKind::End => err!(SYNTAX_ERROR, "{message} at end of input").at(at),
            // PostgreSQL decodes a string before the grammar sees it.
            TokenKind::EscapeString | TokenKind::UnicodeString if self.undecodable().is_some() => {
                self.undecodable().unwrap_or_else(|| err!(SYNTAX_ERROR, "{message}")).at(at)
            }
            _ => err!(SYNTAX_ERROR, "{message} at or near \"{}\"", self.lexer.slice(&self.token)).at(at),
        }
    }

    /// What is wrong with the contents of the string here.
    fn undecodable(&self) -> Option<Error> {
        match self.token.kind {
            TokenKind::UnicodeString => self.lexer.unicode_string_value(&self.token, '\\').err(),
            _ => self.lexer.string(&self.token).err(),
        }
    }

    /// `42601` with a message of its own, at `span`.
    pub(crate) fn error_at(&self, span: Span, message: impl Into<String>) -> Error {
        Error::new(pglitedb_sqlstate::codes::SYNTAX_ERROR, message).at(span.offset())
    }

    // ---- recursion ----

    /// To be called by every production that can contain itself.
    pub(crate) fn guard(&self) -> Result<()> {
        if self.stack_base.abs_diff(stack_address()) > MAX_STACK_BYTES { Err(too_deep()) } else { Ok(()) }
    }

    /// To be called for every link of a chain that makes the tree deeper; see [`MAX_CHAIN`].
    pub(crate) fn guard_chain(&mut self) -> Result<()> {
        self.chain += 1;
        if self.chain > MAX_CHAIN { Err(too_deep()) } else { Ok(()) }
    }

    /// Runs a production whose chains count on their own: beside its neighbours, not on top of them.
    pub(crate) fn own_chain<T>(&mut self, production: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = std::mem::take(&mut self.chain);
        let result = production(self);
        self.chain = self.chain.max(outer);
        result
    }

    // ---- lists ----

    /// `item, item, ...`: at least one.
    pub(crate) fn comma_list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::with_capacity(1);
        items.push(item(self)?);
        while self.accept_char(b',') {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `(item, item, ...)`: at least one.
    pub(crate) fn paren_list<T>(&mut self, item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.expect_char(b'(')?;
        let items = self.comma_list(item)?;
        self.expect_char(b')')?;
        Ok(items)
    }

    /// A parenthesized list if one stands here, else nothing.
    pub(crate) fn opt_paren_list<T>(&mut self, item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        if self.at_char(b'(') { self.paren_list(item) } else { Ok(Vec::new()) }
    }

    // ---- entry points ----

    /// The whole text: statements separated by semicolons.
    pub(crate) fn statements(&mut self) -> Result<Vec<RawStatement>> {
        let mut statements = Vec::with_capacity(1);
        loop {
            while self.accept_char(b';') {}
            if self.at_kind(TokenKind::End) {
                return Ok(statements);
            }
            let start = self.start();
            self.chain = 0;
            let stmt = self.toplevel_statement()?;
            statements.push(RawStatement { stmt, span: self.span_from(start) });
            if !self.at_char(b';') {
                self.expect_end()?;
            }
        }
    }

    /// Nothing may follow.
    pub(crate) fn expect_end(&self) -> Result<()> {
        if self.at_kind(TokenKind::End) { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// A statement that may begin or end a transaction the old way.
    fn toplevel_statement(&mut self) -> Result<Statement> {
        match self.keyword() {
            Keyword::Begin | Keyword::End => self.legacy_transaction(),
            _ => self.statement(),
        }
    }
}

/// Builds an identifier.
fn ident(name: impl Into<Box<str>>, span: Span) -> Ident {
    Ident { name: name.into(), span }
}
