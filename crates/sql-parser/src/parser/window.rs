//! Windows and their frames.

use super::{Parser, names};
use crate::ast::{Frame, FrameBound, FrameExclusion, FrameMode, Span, WindowSpec};
use crate::lexer::Keyword;
use pglitedb_sqlstate::{Error, Result, err};

impl Parser<'_> {
    /// `window_specification`: `(existing PARTITION BY ... ORDER BY ... frame)`.
    pub(super) fn window_specification(&mut self) -> Result<WindowSpec> {
        self.guard()?;
        let start = self.start();
        self.expect_char(b'(')?;
        let clause = [Keyword::Partition, Keyword::Range, Keyword::Rows, Keyword::Groups];
        let existing = if names::is_col_id(self.peek()) && !self.at_any(&clause) {
            Some(self.take_ident()?)
        } else {
            None
        };
        let partition_by = if self.accept(Keyword::Partition) {
            self.expect(Keyword::By)?;
            self.expr_list()?
        } else {
            Vec::new()
        };
        let order_by = self.opt_sort_clause()?;
        let frame = self.opt_frame()?;
        self.expect_char(b')')?;
        Ok(WindowSpec { existing, partition_by, order_by, frame, span: self.span_from(start) })
    }

    fn opt_frame(&mut self) -> Result<Option<Frame>> {
        let start = self.start();
        let mode = match self.keyword() {
            Keyword::Range => FrameMode::Range,
            Keyword::Rows => FrameMode::Rows,
            Keyword::Groups => FrameMode::Groups,
            _ => return Ok(None),
        };
        self.advance();
        let between = self.accept(Keyword::Between);
        let first_span = self.span();
        let first = self.frame_bound()?;
        let mut end = None;
        if between {
            self.expect(Keyword::And)?;
            let end_span = self.span();
            let bound = self.frame_bound()?;
            check_between(&first, first_span, &bound, end_span)?;
            end = Some(bound);
        } else {
            check_start(&first, first_span)?;
        }
        let exclusion = self.opt_frame_exclusion()?;
        Ok(Some(Frame { mode, start: first, end, exclusion, span: self.span_from(start) }))
    }

    fn frame_bound(&mut self) -> Result<FrameBound> {
        if self.at(Keyword::Unbounded)
            && matches!(self.next_keyword(), Keyword::Preceding | Keyword::Following)
        {
            self.advance();
            let preceding = self.advance().keyword == Keyword::Preceding;
            return Ok(if preceding {
                FrameBound::UnboundedPreceding
            } else {
                FrameBound::UnboundedFollowing
            });
        }
        if self.accept_pair(Keyword::Current, Keyword::Row) {
            return Ok(FrameBound::CurrentRow);
        }
        let offset = Box::new(self.expr()?);
        if self.accept(Keyword::Preceding) {
            return Ok(FrameBound::Preceding(offset));
        }
        self.expect(Keyword::Following)?;
        Ok(FrameBound::Following(offset))
    }

    fn opt_frame_exclusion(&mut self) -> Result<FrameExclusion> {
        if !self.accept(Keyword::Exclude) {
            return Ok(FrameExclusion::NoOthers);
        }
        let exclusion = match self.keyword() {
            Keyword::Current => {
                self.advance();
                self.expect(Keyword::Row)?;
                return Ok(FrameExclusion::CurrentRow);
            }
            Keyword::Group => FrameExclusion::Group,
            Keyword::Ties => FrameExclusion::Ties,
            Keyword::No => {
                self.advance();
                self.expect(Keyword::Others)?;
                return Ok(FrameExclusion::NoOthers);
            }
            _ => return Err(self.syntax_error()),
        };
        self.advance();
        Ok(exclusion)
    }
}

fn windowing_error(message: &str, span: Span) -> Error {
    err!(WINDOWING_ERROR, "{message}").at(span.offset())
}

/// A frame of one bound ends at the current row.
fn check_start(start: &FrameBound, span: Span) -> Result<()> {
    match start {
        FrameBound::UnboundedFollowing => {
            Err(windowing_error("frame start cannot be UNBOUNDED FOLLOWING", span))
        }
        FrameBound::Following(_) => {
            Err(windowing_error("frame starting from following row cannot end with current row", span))
        }
        _ => Ok(()),
    }
}

fn check_between(start: &FrameBound, start_span: Span, end: &FrameBound, end_span: Span) -> Result<()> {
    use FrameBound::*;
    match (start, end) {
        (UnboundedFollowing, _) => {
            Err(windowing_error("frame start cannot be UNBOUNDED FOLLOWING", start_span))
        }
        (_, UnboundedPreceding) => Err(windowing_error("frame end cannot be UNBOUNDED PRECEDING", end_span)),
        (CurrentRow, Preceding(_)) => {
            Err(windowing_error("frame starting from current row cannot have preceding rows", end_span))
        }
        (Following(_), Preceding(_) | CurrentRow) => {
            Err(windowing_error("frame starting from following row cannot have preceding rows", end_span))
        }
        _ => Ok(()),
    }
}
