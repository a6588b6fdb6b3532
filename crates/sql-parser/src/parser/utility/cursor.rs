//! `DECLARE`, `FETCH`, `MOVE`, `CLOSE`.

use crate::ast::{
    CloseStatement, CursorScroll, DeclareCursorStatement, FetchDirection, FetchStatement, Statement,
};
use crate::lexer::{Keyword, TokenKind};
use crate::parser::{Parser, names};
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    pub(super) fn declare_cursor_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Declare)?;
        let name = self.col_id()?;
        let mut scroll = CursorScroll::default();
        let (mut binary, mut insensitive, mut asensitive) = (false, false, false);
        loop {
            match self.keyword() {
                Keyword::No => {
                    self.advance();
                    if !self.at(Keyword::Scroll) {
                        return Err(self.syntax_error());
                    }
                    scroll.no_scroll = true;
                }
                Keyword::Scroll => scroll.scroll = true,
                Keyword::Binary => binary = true,
                Keyword::Insensitive => insensitive = true,
                Keyword::Asensitive => asensitive = true,
                _ => break,
            }
            self.advance();
        }
        self.expect(Keyword::Cursor)?;
        let hold = self.accept(Keyword::With);
        if hold || self.accept(Keyword::Without) {
            self.expect(Keyword::Hold)?;
        }
        self.expect(Keyword::For)?;
        let query = Box::new(self.select_statement()?);
        Ok(Statement::DeclareCursor(DeclareCursorStatement {
            name,
            binary,
            scroll,
            insensitive,
            asensitive,
            hold,
            query,
        }))
    }

    /// `FETCH` and `MOVE`.
    pub(super) fn fetch_statement(&mut self) -> Result<Statement> {
        let is_move = self.advance().keyword == Keyword::Move;
        let direction = self.fetch_direction()?;
        if self.at_any(&[Keyword::From, Keyword::In]) {
            self.advance();
        }
        Ok(Statement::Fetch(FetchStatement { is_move, direction, cursor: self.col_id()? }))
    }

    fn at_signed_integer(&self) -> bool {
        self.at_kind(TokenKind::Integer) || self.at_char(b'-') || self.at_char(b'+')
    }

    fn fetch_direction(&mut self) -> Result<FetchDirection> {
        if self.at_signed_integer() {
            return Ok(FetchDirection::Forward(Some(self.signed_integer()?.into())));
        }
        if self.accept(Keyword::All) {
            return Ok(FetchDirection::Forward(None));
        }
        // A direction's word is a cursor's name when nothing follows it.
        let next = self.peek_next();
        if matches!(next.kind, TokenKind::End | TokenKind::Char(b';')) {
            return Ok(FetchDirection::Forward(Some(1)));
        }
        let direction = match self.keyword() {
            Keyword::Next => FetchDirection::Forward(Some(1)),
            Keyword::Prior => FetchDirection::Backward(Some(1)),
            Keyword::First => FetchDirection::Absolute(1),
            Keyword::Last => FetchDirection::Absolute(-1),
            Keyword::Absolute => {
                self.advance();
                return Ok(FetchDirection::Absolute(self.signed_integer()?.into()));
            }
            Keyword::Relative => {
                self.advance();
                return Ok(FetchDirection::Relative(self.signed_integer()?.into()));
            }
            Keyword::Forward => {
                self.advance();
                return Ok(FetchDirection::Forward(self.fetch_count()?));
            }
            Keyword::Backward => {
                self.advance();
                return Ok(FetchDirection::Backward(self.fetch_count()?));
            }
            _ => return Ok(FetchDirection::Forward(Some(1))),
        };
        self.advance();
        Ok(direction)
    }

    /// Behind `FORWARD` or `BACKWARD`: a count, `ALL` (`None`), or 1.
    fn fetch_count(&mut self) -> Result<Option<i64>> {
        if self.accept(Keyword::All) {
            return Ok(None);
        }
        if self.at_signed_integer() {
            return Ok(Some(self.signed_integer()?.into()));
        }
        Ok(Some(1))
    }

    pub(super) fn close_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Close)?;
        let name = if self.accept(Keyword::All) {
            None
        } else if names::is_col_id(self.peek()) {
            Some(self.take_ident()?)
        } else {
            return Err(self.syntax_error());
        };
        Ok(Statement::Close(CloseStatement { name }))
    }
}
