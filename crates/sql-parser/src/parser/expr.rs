//! Expressions: operators by precedence. Primaries are in `primary.rs`, calls in `function_call.rs`.

use super::primary::Paren;
use super::{Parser, names};
use crate::ast::{
    Expr, ExprKind, JsonExpr, JsonItemKind, LikeKind, Literal, NormalForm, OperatorName, Quantifier, Span,
    SpecialFunction, TruthTest,
};
use crate::lexer::{Keyword, TokenKind};
use pglitedb_sqlstate::{Result, err};

/// Precedence levels, weakest first, as PostgreSQL's grammar declares them.
pub(crate) mod level {
    pub(crate) const OR: u8 = 1;
    pub(crate) const AND: u8 = 2;
    pub(crate) const NOT: u8 = 3;
    pub(crate) const IS: u8 = 4;
    pub(crate) const COMPARISON: u8 = 5;
    pub(crate) const LIKE: u8 = 6;
    pub(crate) const OPERATOR: u8 = 9;
    pub(crate) const ADD: u8 = 10;
    pub(crate) const MULTIPLY: u8 = 11;
    pub(crate) const POWER: u8 = 12;
    pub(crate) const AT: u8 = 13;
    pub(crate) const COLLATE: u8 = 14;
    pub(crate) const SIGN: u8 = 15;
    pub(crate) const CAST: u8 = 18;
}

/// Which operators may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `a_expr`: all of them.
    Any,
    /// `b_expr`: no logic, no `IS NULL`, no `IN`, no `LIKE`.
    Restricted,
    /// `a_expr` of a select list, where a keyword operator may turn out to be a label.
    Labelled,
}

impl Mode {
    /// The mode of an operand: it ends before anything that could be a label.
    fn of_operand(self) -> Mode {
        if self == Mode::Labelled { Mode::Any } else { self }
    }
}

/// What keyword stands behind an `IS`.
fn normal_form(keyword: Keyword) -> Option<NormalForm> {
    match keyword {
        Keyword::Nfc => Some(NormalForm::Nfc),
        Keyword::Nfd => Some(NormalForm::Nfd),
        Keyword::Nfkc => Some(NormalForm::Nfkc),
        Keyword::Nfkd => Some(NormalForm::Nfkd),
        _ => None,
    }
}

/// A token that can only come behind a whole element of a select list.
fn ends_select_item(token: crate::lexer::Token) -> bool {
    match token.kind {
        TokenKind::End | TokenKind::Char(b',' | b')' | b';') => true,
        _ => matches!(
            token.keyword,
            Keyword::From
                | Keyword::Into
                | Keyword::Where
                | Keyword::Group
                | Keyword::Having
                | Keyword::Window
                | Keyword::Union
                | Keyword::Intersect
                | Keyword::Except
                | Keyword::Order
                | Keyword::Limit
                | Keyword::Offset
                | Keyword::Fetch
                | Keyword::For
                | Keyword::On
                | Keyword::Returning
                | Keyword::With
        ),
    }
}

impl Parser<'_> {
    /// `a_expr`.
    pub(crate) fn expr(&mut self) -> Result<Expr> {
        self.expr_at(0, Mode::Any)
    }

    /// `b_expr`.
    pub(crate) fn b_expr(&mut self) -> Result<Expr> {
        self.expr_at(0, Mode::Restricted)
    }

    /// `a_expr` of a select list.
    pub(crate) fn select_expr(&mut self) -> Result<Expr> {
        self.expr_at(0, Mode::Labelled)
    }

    /// `expr_list`.
    pub(crate) fn expr_list(&mut self) -> Result<Vec<Expr>> {
        self.comma_list(Self::expr)
    }

    /// An expression of operators that bind at least as strongly as `min`.
    pub(super) fn expr_at(&mut self, min: u8, mode: Mode) -> Result<Expr> {
        self.guard()?;
        let outer = std::mem::take(&mut self.chain);
        let left = self.prefixed(mode)?;
        let expr = self.operators(left, min, mode)?;
        self.chain = self.chain.max(outer);
        Ok(expr)
    }

    /// A prefix operator with its argument, or a primary.
    fn prefixed(&mut self, mode: Mode) -> Result<Expr> {
        let mode = mode.of_operand();
        let start = self.start();
        match self.peek().kind {
            TokenKind::Char(b'-') => {
                let op = self.operator_symbol()?;
                let arg = self.expr_at(level::SIGN, mode)?;
                let span = self.span_from(start);
                Ok(negate(op, arg, span))
            }
            TokenKind::Char(b'+') => self.prefix_operator(level::SIGN, mode),
            TokenKind::Operator => self.prefix_operator(level::OPERATOR + 1, mode),
            TokenKind::Word | TokenKind::Phrase => match self.keyword() {
                Keyword::NotAKeyword => self.primary(mode),
                Keyword::Not if mode != Mode::Restricted => {
                    self.advance();
                    let arg = self.expr_at(level::NOT, mode)?;
                    Ok(Expr::new(ExprKind::Not(Box::new(arg)), self.span_from(start)))
                }
                Keyword::Operator if self.next_is_char(b'(') => {
                    self.prefix_operator(level::OPERATOR + 1, mode)
                }
                Keyword::Default if mode != Mode::Restricted => {
                    self.advance();
                    Ok(Expr::new(ExprKind::Default, self.span_from(start)))
                }
                Keyword::Unique if mode != Mode::Restricted => self.unique_predicate(),
                _ => self.primary(mode),
            },
            _ => self.primary(mode),
        }
    }

    fn prefix_operator(&mut self, min: u8, mode: Mode) -> Result<Expr> {
        let start = self.start();
        let op = self.qual_all_op()?;
        let arg = Box::new(self.expr_at(min, mode)?);
        Ok(Expr::new(ExprKind::Unary { op, arg }, self.span_from(start)))
    }

    /// `UNIQUE (SELECT ...)`, which PostgreSQL parses to say that it lacks it.
    fn unique_predicate(&mut self) -> Result<Expr> {
        let at = self.start() as usize;
        self.expect(Keyword::Unique)?;
        if self.accept(Keyword::Nulls) {
            self.accept(Keyword::Not);
            self.expect(Keyword::Distinct)?;
        }
        self.select_with_parens()?;
        Err(err!(FEATURE_NOT_SUPPORTED, "UNIQUE predicate is not yet implemented").at(at))
    }

    /// The level of the operator that stands here, if it is one.
    fn operator_level(&mut self, mode: Mode) -> Option<u8> {
        let token = self.peek();
        match token.kind {
            TokenKind::Char(char) => match char {
                b'<' | b'>' | b'=' => Some(level::COMPARISON),
                b'+' | b'-' => Some(level::ADD),
                b'*' | b'/' | b'%' => Some(level::MULTIPLY),
                b'^' => Some(level::POWER),
                _ => None,
            },
            TokenKind::LessEquals | TokenKind::GreaterEquals | TokenKind::NotEquals => {
                Some(level::COMPARISON)
            }
            TokenKind::Operator => Some(level::OPERATOR),
            TokenKind::TypeCast => Some(level::CAST),
            TokenKind::Word | TokenKind::Phrase if token.keyword != Keyword::NotAKeyword => {
                self.keyword_operator_level(token.keyword, mode)
            }
            _ => None,
        }
    }

    /// Whether the keyword operator here is the label of a select item after all.
    fn at_label(&mut self, mode: Mode) -> bool {
        mode == Mode::Labelled
            && matches!(self.peek().kind, TokenKind::Word | TokenKind::Phrase)
            && self.keyword().is_bare_label()
            && ends_select_item(self.peek_next())
    }

    fn keyword_operator_level(&mut self, keyword: Keyword, mode: Mode) -> Option<u8> {
        let found = match keyword {
            Keyword::Operator if mode == Mode::Labelled && !self.next_is_char(b'(') => return None,
            Keyword::Operator => return Some(level::OPERATOR),
            Keyword::Is => return Some(level::IS),
            Keyword::Or => level::OR,
            Keyword::And => level::AND,
            Keyword::Isnull | Keyword::Notnull => level::IS,
            Keyword::Between | Keyword::In | Keyword::Like | Keyword::Ilike => level::LIKE,
            Keyword::Similar if !self.similar_separates || self.next_keyword() == Keyword::To => level::LIKE,
            Keyword::Not
                if matches!(
                    self.next_keyword(),
                    Keyword::Between | Keyword::In | Keyword::Like | Keyword::Ilike | Keyword::Similar
                ) =>
            {
                level::LIKE
            }
            Keyword::At => level::AT,
            Keyword::Collate => level::COLLATE,
            _ => return None,
        };
        if mode == Mode::Restricted { None } else { Some(found) }
    }

    /// Operators behind `left` that bind at least as strongly as `min`.
    pub(super) fn operators(&mut self, mut left: Expr, min: u8, mode: Mode) -> Result<Expr> {
        // The level that must not occur again: comparisons and their like do not associate.
        let mut blocked = 0;
        while let Some(level) = self.operator_level(mode) {
            if level < min {
                break;
            }
            if level == blocked {
                return Err(self.syntax_error());
            }
            if self.at_label(mode) {
                break;
            }
            let flat = matches!(
                (&left.kind, self.keyword()),
                (ExprKind::And { .. }, Keyword::And) | (ExprKind::Or { .. }, Keyword::Or)
            );
            if !flat {
                self.guard_chain()?;
            }
            (left, blocked) = self.operator(left, level, mode)?;
        }
        Ok(left)
    }

    /// One operator behind `left`; also says which level must not follow.
    fn operator(&mut self, left: Expr, level: u8, mode: Mode) -> Result<(Expr, u8)> {
        let mode = mode.of_operand();
        let start = left.span.start;
        match self.peek().kind {
            TokenKind::TypeCast => {
                let op = self.span();
                self.advance();
                let type_name = Box::new(self.type_name()?);
                let kind = ExprKind::Cast { arg: Box::new(left), type_name, op };
                return Ok((Expr::new(kind, self.span_from(start)), 0));
            }
            TokenKind::Word | TokenKind::Phrase if !self.at(Keyword::Operator) => {
                return self.keyword_operator(left, mode);
            }
            _ => {}
        }
        let op = self.qual_all_op()?;
        if mode != Mode::Restricted && self.at_quantifier() {
            return Ok((self.quantified(left, op)?, 0));
        }
        let right = Box::new(self.expr_at(level + 1, mode)?);
        let blocked = if level == level::COMPARISON { level } else { 0 };
        let kind = ExprKind::Binary { op, left: Box::new(left), right };
        Ok((Expr::new(kind, self.span_from(start)), blocked))
    }

    fn at_quantifier(&self) -> bool {
        self.at_any(&[Keyword::Any, Keyword::Some, Keyword::All])
    }

    /// `ANY (...)` behind an operator.
    fn quantified(&mut self, left: Expr, op: OperatorName) -> Result<Expr> {
        let start = left.span.start;
        let quantifier = if self.at(Keyword::All) { Quantifier::All } else { Quantifier::Any };
        self.advance();
        let left = Box::new(left);
        let kind = match self.paren(false)? {
            Paren::Query(query) => ExprKind::QuantifiedQuery { left, op, quantifier, query: Box::new(query) },
            Paren::Expr(array) => ExprKind::Quantified { left, op, quantifier, array: Box::new(array) },
            Paren::List(_) => return Err(self.syntax_error()),
        };
        Ok(Expr::new(kind, self.span_from(start)))
    }

    fn keyword_operator(&mut self, left: Expr, mode: Mode) -> Result<(Expr, u8)> {
        let start = left.span.start;
        let op = self.span();
        let kind = match self.keyword() {
            Keyword::And | Keyword::Or => self.logic(left, mode)?,
            Keyword::Is => return self.is_test(left, mode),
            Keyword::Isnull | Keyword::Notnull => {
                let negated = self.at(Keyword::Notnull);
                self.advance();
                ExprKind::IsNull { arg: Box::new(left), negated }
            }
            Keyword::At => self.at_zone(left, op, mode)?,
            Keyword::Collate => {
                self.advance();
                ExprKind::Collate { arg: Box::new(left), collation: self.any_name()?, op }
            }
            _ => return self.pattern_or_range(left, op, mode),
        };
        Ok((Expr::new(kind, self.span_from(start)), 0))
    }

    fn logic(&mut self, left: Expr, mode: Mode) -> Result<ExprKind> {
        let op = self.span();
        let is_and = self.at(Keyword::And);
        self.advance();
        let right = self.expr_at(if is_and { level::AND } else { level::OR } + 1, mode)?;
        Ok(match (left.kind, is_and) {
            (ExprKind::And { mut args, op }, true) => {
                args.push(right);
                ExprKind::And { args, op }
            }
            (ExprKind::Or { mut args, op }, false) => {
                args.push(right);
                ExprKind::Or { args, op }
            }
            (kind, true) => ExprKind::And { args: vec![Expr::new(kind, left.span), right], op },
            (kind, false) => ExprKind::Or { args: vec![Expr::new(kind, left.span), right], op },
        })
    }

    /// `AT TIME ZONE zone` or `AT LOCAL`.
    fn at_zone(&mut self, left: Expr, op: Span, mode: Mode) -> Result<ExprKind> {
        self.advance();
        let arg = Box::new(left);
        if self.accept(Keyword::Local) {
            return Ok(ExprKind::AtLocal { arg, op });
        }
        self.expect_all(&[Keyword::Time, Keyword::Zone])?;
        let zone = Box::new(self.expr_at(level::AT + 1, mode)?);
        Ok(ExprKind::AtTimeZone { arg, zone, op })
    }

    /// `[NOT] BETWEEN`, `IN`, `LIKE`, `ILIKE`, `SIMILAR TO`.
    fn pattern_or_range(&mut self, left: Expr, op: Span, mode: Mode) -> Result<(Expr, u8)> {
        let start = left.span.start;
        let negated = self.accept(Keyword::Not);
        let arg = Box::new(left);
        let (kind, blocked) = match self.advance().keyword {
            Keyword::Between => (self.between(arg, negated, op, mode)?, level::LIKE),
            Keyword::In => (self.in_list(arg, negated, op)?, 0),
            Keyword::Like if self.at_quantifier() => {
                let symbol = if negated { "!~~" } else { "~~" };
                return Ok((self.quantified(*arg, operator_named(symbol, op))?, 0));
            }
            Keyword::Ilike if self.at_quantifier() => {
                let symbol = if negated { "!~~*" } else { "~~*" };
                return Ok((self.quantified(*arg, operator_named(symbol, op))?, 0));
            }
            Keyword::Like => (self.like(LikeKind::Like, arg, negated, op, mode)?, level::LIKE),
            Keyword::Ilike => (self.like(LikeKind::ILike, arg, negated, op, mode)?, level::LIKE),
            _ => {
                self.expect(Keyword::To)?;
                (self.like(LikeKind::SimilarTo, arg, negated, op, mode)?, level::LIKE)
            }
        };
        Ok((Expr::new(kind, self.span_from(start)), blocked))
    }

    fn between(&mut self, arg: Box<Expr>, negated: bool, op: Span, mode: Mode) -> Result<ExprKind> {
        let symmetric = self.accept(Keyword::Symmetric);
        if !symmetric {
            self.accept(Keyword::Asymmetric);
        }
        let low = Box::new(self.b_expr()?);
        self.expect(Keyword::And)?;
        let high = Box::new(self.expr_at(level::LIKE + 1, mode)?);
        Ok(ExprKind::Between { arg, low, high, symmetric, negated, op })
    }

    fn in_list(&mut self, arg: Box<Expr>, negated: bool, op: Span) -> Result<ExprKind> {
        Ok(match self.paren(true)? {
            Paren::Query(query) => ExprKind::InQuery { arg, query: Box::new(query), negated, op },
            Paren::Expr(item) => ExprKind::InList { arg, list: vec![item], negated, op },
            Paren::List(list) => ExprKind::InList { arg, list, negated, op },
        })
    }

    fn like(
        &mut self,
        kind: LikeKind,
        arg: Box<Expr>,
        negated: bool,
        op: Span,
        mode: Mode,
    ) -> Result<ExprKind> {
        let pattern = Box::new(self.expr_at(level::LIKE + 1, mode)?);
        let escape = if self.accept(Keyword::Escape) {
            Some(Box::new(self.expr_at(level::LIKE + 1, mode)?))
        } else {
            None
        };
        Ok(ExprKind::Like { kind, arg, pattern, escape, negated, op })
    }

    /// What follows `IS`.
    fn is_test(&mut self, left: Expr, mode: Mode) -> Result<(Expr, u8)> {
        let start = left.span.start;
        let op = self.span();
        self.advance();
        let negated = self.accept(Keyword::Not);
        if self.accept(Keyword::Distinct) {
            self.expect(Keyword::From)?;
            let right = Box::new(self.expr_at(level::IS + 1, mode)?);
            let kind = ExprKind::IsDistinct { left: Box::new(left), right, negated, op };
            return Ok((Expr::new(kind, self.span_from(start)), level::IS));
        }
        let kind = if self.accept(Keyword::Document) {
            ExprKind::Special(Box::new(SpecialFunction::IsDocument { arg: left, negated }))
        } else if mode == Mode::Restricted {
            return Err(self.syntax_error());
        } else {
            self.value_test(left, negated)?
        };
        Ok((Expr::new(kind, self.span_from(start)), 0))
    }

    fn value_test(&mut self, left: Expr, negated: bool) -> Result<ExprKind> {
        let keyword = self.keyword();
        if keyword == Keyword::Json {
            return self.json_test(left, negated);
        }
        let arg = Box::new(left);
        let kind = match keyword {
            Keyword::Null => ExprKind::IsNull { arg, negated },
            Keyword::True => ExprKind::IsTruth { arg, test: TruthTest::True, negated },
            Keyword::False => ExprKind::IsTruth { arg, test: TruthTest::False, negated },
            Keyword::Unknown => ExprKind::IsTruth { arg, test: TruthTest::Unknown, negated },
            Keyword::Normalized => ExprKind::IsNormalized { arg, form: None, negated },
            _ => {
                let Some(form) = normal_form(keyword) else { return Err(self.syntax_error()) };
                self.advance();
                if !self.at(Keyword::Normalized) {
                    return Err(self.syntax_error());
                }
                ExprKind::IsNormalized { arg, form: Some(form), negated }
            }
        };
        self.advance();
        Ok(kind)
    }

    /// `IS [NOT] JSON ...`.
    fn json_test(&mut self, arg: Expr, negated: bool) -> Result<ExprKind> {
        self.expect(Keyword::Json)?;
        let kind = match self.keyword() {
            Keyword::Value => JsonItemKind::Any,
            Keyword::Object => JsonItemKind::Object,
            Keyword::Array => JsonItemKind::Array,
            Keyword::Scalar => JsonItemKind::Scalar,
            _ => {
                let unique = self.json_unique_keys()?;
                return Ok(json_test(arg, JsonItemKind::Any, unique, negated));
            }
        };
        self.advance();
        let unique = self.json_unique_keys()?;
        Ok(json_test(arg, kind, unique, negated))
    }

    /// `unicode_normal_form`.
    pub(super) fn normal_form(&mut self) -> Result<NormalForm> {
        let Some(form) = normal_form(self.keyword()) else { return Err(self.syntax_error()) };
        self.advance();
        Ok(form)
    }

    /// `row OVERLAPS row`, where the left row has just been read.
    pub(super) fn overlaps(&mut self, left: Vec<Expr>, start: u32) -> Result<Expr> {
        let op = self.span();
        self.expect(Keyword::Overlaps)?;
        let right_span = self.span();
        let right = if self.accept(Keyword::Row) {
            self.row_items()?
        } else {
            match self.paren(true)? {
                Paren::List(items) => items,
                _ => return Err(self.syntax_error()),
            }
        };
        for (side, items, at) in [("left", &left, start as usize), ("right", &right, right_span.offset())] {
            if items.len() != 2 {
                let message = format!("wrong number of parameters on {side} side of OVERLAPS expression");
                return Err(err!(SYNTAX_ERROR, "{message}").at(at));
            }
        }
        Ok(Expr::new(ExprKind::Overlaps { left, right, op }, self.span_from(start)))
    }

    /// `where_clause`.
    pub(crate) fn where_clause(&mut self) -> Result<Option<Expr>> {
        if self.accept(Keyword::Where) { self.expr().map(Some) } else { Ok(None) }
    }

    /// `WHERE`, which may be `CURRENT OF cursor`.
    pub(crate) fn where_or_current_clause(&mut self) -> Result<Option<Expr>> {
        if !self.accept(Keyword::Where) {
            return Ok(None);
        }
        if self.at_pair(Keyword::Current, Keyword::Of) {
            let start = self.start();
            self.advance();
            self.advance();
            if !names::is_col_id(self.peek()) {
                return Err(self.syntax_error());
            }
            let cursor = self.col_id()?;
            return Ok(Some(Expr::new(ExprKind::CurrentOf(cursor), self.span_from(start))));
        }
        self.expr().map(Some)
    }
}

fn json_test(arg: Expr, kind: JsonItemKind, unique: bool, negated: bool) -> ExprKind {
    ExprKind::Json(Box::new(JsonExpr::IsJson { arg, kind, unique, negated }))
}

fn operator_named(symbol: &str, span: Span) -> OperatorName {
    OperatorName { schema: Vec::new(), symbol: symbol.into(), span }
}

/// `- arg`; a minus before a numeric constant becomes part of it.
fn negate(op: OperatorName, arg: Expr, span: Span) -> Expr {
    let kind = match arg.kind {
        ExprKind::Literal(Literal::Integer(value)) => ExprKind::Literal(Literal::Integer(-value)),
        ExprKind::Literal(Literal::Numeric(text)) => {
            let text = match text.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{text}"),
            };
            ExprKind::Literal(Literal::Numeric(text.into()))
        }
        kind => ExprKind::Unary { op, arg: Box::new(Expr::new(kind, arg.span)) },
    };
    Expr::new(kind, span)
}
