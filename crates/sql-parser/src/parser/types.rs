//! Type names.

use super::{Parser, ident, names};
use crate::ast::{Expr, ExprKind, Ident, Literal, QualifiedName, Span, TypeName};
use crate::lexer::Keyword;
use pglitedb_sqlstate::{Result, err};

/// Bits of the masks that interval type modifiers hold.
const MONTH: i32 = 1 << 1;
const YEAR: i32 = 1 << 2;
const DAY: i32 = 1 << 3;
const HOUR: i32 = 1 << 10;
const MINUTE: i32 = 1 << 11;
const SECOND: i32 = 1 << 12;
const FULL_RANGE: i32 = 0x7fff;

/// Where a simple type name stands: a constant's type has no default length.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Type,
    Constant,
}

fn integer(value: i32, span: Span) -> Expr {
    Expr::new(ExprKind::Literal(Literal::Integer(value)), span)
}

impl Parser<'_> {
    /// `Typename`.
    pub(crate) fn type_name(&mut self) -> Result<TypeName> {
        self.guard()?;
        let start = self.start();
        let setof = self.accept(Keyword::Setof);
        let simple = self.simple_type_name(Use::Type)?;
        self.finish_type(simple, setof, start)
    }

    /// `func_type`: also `name.column%TYPE`.
    pub(crate) fn func_type(&mut self) -> Result<TypeName> {
        self.guard()?;
        let start = self.start();
        let setof = self.accept(Keyword::Setof);
        if names::is_type_function_name(self.peek()) && self.next_is_char(b'.') {
            let before = self.checkpoint();
            let first = self.take_ident()?;
            let name = self.qualified_rest(first)?;
            if self.accept_char(b'%') {
                self.expect(Keyword::Type)?;
                let span = self.span_from(start);
                return Ok(TypeName {
                    name,
                    setof,
                    percent_type: true,
                    typmods: Vec::new(),
                    array_bounds: Vec::new(),
                    span,
                });
            }
            self.rewind(before);
        }
        let simple = self.simple_type_name(Use::Type)?;
        self.finish_type(simple, setof, start)
    }

    /// `SimpleTypename`, as `XMLSERIALIZE` takes it.
    pub(crate) fn plain_type_name(&mut self) -> Result<TypeName> {
        self.simple_type_name(Use::Type)
    }

    /// Array bounds behind a simple type.
    fn finish_type(&mut self, mut type_name: TypeName, setof: bool, start: u32) -> Result<TypeName> {
        type_name.setof = setof;
        if self.accept(Keyword::Array) {
            let mut bound = None;
            if self.accept_char(b'[') {
                bound = Some(self.integer()?);
                self.expect_char(b']')?;
            }
            type_name.array_bounds.push(bound);
        } else {
            while self.accept_char(b'[') {
                let bound = if self.at_char(b']') { None } else { Some(self.integer()?) };
                self.expect_char(b']')?;
                type_name.array_bounds.push(bound);
            }
        }
        type_name.span = self.span_from(start);
        Ok(type_name)
    }

    /// A type of `pg_catalog`, from `start` to here.
    fn system_type(&self, name: &str, typmods: Vec<Expr>, start: u32) -> TypeName {
        let span = self.span_from(start);
        let name = QualifiedName { parts: vec![ident("pg_catalog", span), ident(name, span)] };
        TypeName { name, setof: false, percent_type: false, typmods, array_bounds: Vec::new(), span }
    }

    fn opt_type_modifiers(&mut self) -> Result<Vec<Expr>> {
        self.opt_paren_list(Self::expr)
    }

    fn simple_type_name(&mut self, usage: Use) -> Result<TypeName> {
        let start = self.start();
        let keyword = self.keyword();
        let plain = match keyword {
            Keyword::Int | Keyword::Integer => "int4",
            Keyword::Smallint => "int2",
            Keyword::Bigint => "int8",
            Keyword::Real => "float4",
            Keyword::Boolean => "bool",
            Keyword::Json => "json",
            Keyword::Float => return self.float_type(),
            Keyword::Double if self.next_keyword() == Keyword::Precision => {
                self.advance();
                "float8"
            }
            Keyword::Decimal | Keyword::Dec | Keyword::Numeric => {
                self.advance();
                let typmods = self.opt_type_modifiers()?;
                return Ok(self.system_type("numeric", typmods, start));
            }
            Keyword::Bit => return self.bit_type(usage),
            Keyword::Character | Keyword::Char | Keyword::Varchar | Keyword::National | Keyword::Nchar => {
                return self.character_type(usage);
            }
            Keyword::Timestamp => return self.datetime_type("timestamp", "timestamptz"),
            Keyword::Time => return self.datetime_type("time", "timetz"),
            Keyword::Interval => {
                self.advance();
                let typmods = match self.opt_paren_integer()? {
                    Some((precision, span)) => vec![integer(FULL_RANGE, span), integer(precision, span)],
                    None => self.opt_interval()?,
                };
                return Ok(self.system_type("interval", typmods, start));
            }
            _ => return self.generic_type(),
        };
        self.advance();
        Ok(self.system_type(plain, Vec::new(), start))
    }

    fn generic_type(&mut self) -> Result<TypeName> {
        let start = self.start();
        let first = self.type_function_name()?;
        let name = self.qualified_rest(first)?;
        let typmods = self.opt_type_modifiers()?;
        let span = self.span_from(start);
        Ok(TypeName { name, setof: false, percent_type: false, typmods, array_bounds: Vec::new(), span })
    }

    /// `(n)` or nothing.
    fn opt_paren_integer(&mut self) -> Result<Option<(i32, Span)>> {
        if !self.accept_char(b'(') {
            return Ok(None);
        }
        let span = self.span();
        let value = self.integer()?;
        self.expect_char(b')')?;
        Ok(Some((value, span)))
    }

    fn float_type(&mut self) -> Result<TypeName> {
        let start = self.start();
        self.advance();
        let name = match self.opt_paren_integer()? {
            None => "float8",
            Some((..=0, span)) => {
                let error = err!(INVALID_PARAMETER_VALUE, "precision for type float must be at least 1 bit");
                return Err(error.at(span.offset()));
            }
            Some((1..=24, _)) => "float4",
            Some((25..=53, _)) => "float8",
            Some((_, span)) => {
                let error =
                    err!(INVALID_PARAMETER_VALUE, "precision for type float must be less than 54 bits");
                return Err(error.at(span.offset()));
            }
        };
        Ok(self.system_type(name, Vec::new(), start))
    }

    fn bit_type(&mut self, usage: Use) -> Result<TypeName> {
        let start = self.start();
        self.advance();
        let varying = self.accept(Keyword::Varying);
        let mut typmods = self.opt_type_modifiers()?;
        if typmods.is_empty() && !varying && usage == Use::Type {
            typmods.push(integer(1, self.span_from(start)));
        }
        Ok(self.system_type(if varying { "varbit" } else { "bit" }, typmods, start))
    }

    fn character_type(&mut self, usage: Use) -> Result<TypeName> {
        let start = self.start();
        let mut varying = self.at(Keyword::Varchar);
        if self.accept(Keyword::National) {
            if !self.at_any(&[Keyword::Character, Keyword::Char]) {
                return Err(self.syntax_error());
            }
            self.advance();
        } else {
            self.advance();
        }
        if !varying {
            varying = self.accept(Keyword::Varying);
        }
        let mut typmods = Vec::new();
        match self.opt_paren_integer()? {
            Some((length, span)) => typmods.push(integer(length, span)),
            None if !varying && usage == Use::Type => typmods.push(integer(1, self.span_from(start))),
            None => {}
        }
        Ok(self.system_type(if varying { "varchar" } else { "bpchar" }, typmods, start))
    }

    fn datetime_type(&mut self, without_zone: &str, with_zone: &str) -> Result<TypeName> {
        let start = self.start();
        self.advance();
        let typmods = match self.opt_paren_integer()? {
            Some((precision, span)) => vec![integer(precision, span)],
            None => Vec::new(),
        };
        let mut name = without_zone;
        if self.at_any(&[Keyword::With, Keyword::Without]) && self.next_keyword() == Keyword::Time {
            if self.at(Keyword::With) {
                name = with_zone;
            }
            self.advance();
            self.advance();
            self.expect(Keyword::Zone)?;
        }
        Ok(self.system_type(name, typmods, start))
    }

    /// `opt_interval`: the fields behind `INTERVAL`, as type modifiers.
    pub(crate) fn opt_interval(&mut self) -> Result<Vec<Expr>> {
        let start = self.start();
        let first = self.keyword();
        let mut mask = match first {
            Keyword::Year => YEAR,
            Keyword::Month => MONTH,
            Keyword::Day => DAY,
            Keyword::Hour => HOUR,
            Keyword::Minute => MINUTE,
            Keyword::Second => SECOND,
            _ => return Ok(Vec::new()),
        };
        self.advance();
        let mut last = first;
        if first != Keyword::Second && first != Keyword::Month && self.accept(Keyword::To) {
            last = self.keyword();
            mask = match (first, last) {
                (Keyword::Year, Keyword::Month) => YEAR | MONTH,
                (Keyword::Day, Keyword::Hour) => DAY | HOUR,
                (Keyword::Day, Keyword::Minute) => DAY | HOUR | MINUTE,
                (Keyword::Day, Keyword::Second) => DAY | HOUR | MINUTE | SECOND,
                (Keyword::Hour, Keyword::Minute) => HOUR | MINUTE,
                (Keyword::Hour, Keyword::Second) => HOUR | MINUTE | SECOND,
                (Keyword::Minute, Keyword::Second) => MINUTE | SECOND,
                _ => return Err(self.syntax_error()),
            };
            self.advance();
        }
        let mut typmods = vec![integer(mask, self.span_from(start))];
        if last == Keyword::Second
            && let Some((precision, span)) = self.opt_paren_integer()?
        {
            typmods.push(integer(precision, span));
        }
        Ok(typmods)
    }

    /// Whether a keyword type begins a typed constant here (`int '5'`) rather than naming a column.
    pub(crate) fn at_typed_constant(&mut self) -> bool {
        let keyword = self.keyword();
        let next = self.peek_next();
        let string_or_paren = names::is_string(next) || next.kind == crate::lexer::TokenKind::Char(b'(');
        match keyword {
            Keyword::Int
            | Keyword::Integer
            | Keyword::Smallint
            | Keyword::Bigint
            | Keyword::Real
            | Keyword::Boolean => names::is_string(next),
            // `json(...)` is a function.
            Keyword::Json => names::is_string(next),
            Keyword::Float | Keyword::Decimal | Keyword::Dec | Keyword::Numeric | Keyword::Interval => {
                string_or_paren
            }
            Keyword::Double => next.keyword == Keyword::Precision,
            Keyword::Bit | Keyword::Character | Keyword::Char | Keyword::Nchar => {
                string_or_paren || next.keyword == Keyword::Varying
            }
            Keyword::Varchar => string_or_paren,
            Keyword::National => matches!(next.keyword, Keyword::Character | Keyword::Char),
            Keyword::Timestamp | Keyword::Time => {
                string_or_paren || {
                    let before = self.checkpoint();
                    self.advance();
                    let zone = self.at_any(&[Keyword::With, Keyword::Without])
                        && self.next_keyword() == Keyword::Time;
                    self.rewind(before);
                    zone
                }
            }
            _ => false,
        }
    }

    /// `int '5'` and its like, where [`Parser::at_typed_constant`].
    pub(crate) fn typed_constant(&mut self) -> Result<Expr> {
        let start = self.start();
        if self.at(Keyword::Interval) {
            return self.interval_constant();
        }
        let type_name = self.simple_type_name(Use::Constant)?;
        self.typed_string(type_name, start)
    }

    /// `INTERVAL '...' fields` or `INTERVAL(n) '...'`.
    pub(crate) fn interval_constant(&mut self) -> Result<Expr> {
        let start = self.start();
        self.expect(Keyword::Interval)?;
        let precision = self.opt_paren_integer()?;
        let type_span = self.span_from(start);
        let string_start = self.start();
        let value = self.string()?;
        let value_span = self.span_from(string_start);
        let typmods = match precision {
            Some((precision, span)) => vec![integer(FULL_RANGE, span), integer(precision, span)],
            None => self.opt_interval()?,
        };
        let mut type_name = self.system_type("interval", typmods, start);
        type_name.span = type_span;
        Ok(self.constant_cast(value, value_span, type_name, start))
    }

    /// The string behind a type: together a typed constant.
    pub(crate) fn typed_string(&mut self, type_name: TypeName, start: u32) -> Result<Expr> {
        let string_start = self.start();
        let value = self.string()?;
        let value_span = self.span_from(string_start);
        Ok(self.constant_cast(value, value_span, type_name, start))
    }

    fn constant_cast(&self, value: Box<str>, value_span: Span, type_name: TypeName, start: u32) -> Expr {
        let op = type_name.span;
        let arg = Box::new(Expr::new(ExprKind::Literal(Literal::String(value)), value_span));
        Expr::new(ExprKind::Cast { arg, type_name: Box::new(type_name), op }, self.span_from(start))
    }

    /// A type named like a function: `name 'text'`, `name(modifiers) 'text'`.
    pub(crate) fn type_from_name(&self, name: Vec<Ident>, typmods: Vec<Expr>, start: u32) -> TypeName {
        TypeName {
            name: QualifiedName { parts: name },
            setof: false,
            percent_type: false,
            typmods,
            array_bounds: Vec::new(),
            span: self.span_from(start),
        }
    }
}
