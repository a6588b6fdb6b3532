//! Function calls: the general form and those with a syntax of their own.

use super::{Parser, ident, names};
use crate::ast::{
    Expr, ExprKind, FunctionArg, FunctionCall, Ident, Over, QualifiedName, SpecialFunction, SqlValueFunction,
    TrimSide,
};
use crate::lexer::{Keyword, TokenKind};
use pglitedb_sqlstate::{Result, err};

/// The arguments of a call, between its parentheses.
#[derive(Default)]
struct Arguments {
    args: Vec<FunctionArg>,
    star: bool,
    distinct: bool,
    order_by: Vec<crate::ast::SortItem>,
    /// `ALL` or `DISTINCT` or `VARIADIC` was written: then it cannot be a list of type modifiers.
    decorated: bool,
}

impl Parser<'_> {
    /// `func_application` and, unless `windowless`, what may follow it; at the opening parenthesis. A string behind
    /// it makes it a typed constant instead.
    pub(super) fn function_application(&mut self, parts: Vec<Ident>, start: u32, full: bool) -> Result<Expr> {
        self.guard()?;
        let call_args = self.call_arguments()?;
        if full && names::is_string(self.peek()) && !call_args.args.is_empty() && !call_args.decorated {
            return self.typed_constant_from_call(parts, call_args, start);
        }
        let Arguments { args, star, distinct, order_by, .. } = call_args;
        let name = QualifiedName { parts };
        let mut call = FunctionCall {
            name,
            args,
            star,
            distinct,
            order_by,
            within_group: false,
            filter: None,
            over: None,
        };
        if full {
            self.within_group(&mut call)?;
            call.filter = self.opt_filter()?;
            call.over = self.opt_over()?;
        }
        Ok(Expr::new(ExprKind::Function(Box::new(call)), self.span_from(start)))
    }

    fn call_arguments(&mut self) -> Result<Arguments> {
        self.expect_char(b'(')?;
        let mut call = Arguments::default();
        if self.accept_char(b')') {
            return Ok(call);
        }
        if self.accept_char(b'*') {
            self.expect_char(b')')?;
            call.star = true;
            return Ok(call);
        }
        if self.at(Keyword::Distinct) || self.at(Keyword::All) {
            call.distinct = self.at(Keyword::Distinct);
            call.decorated = true;
            self.advance();
            call.args = self.comma_list(Self::function_arg)?;
        } else {
            loop {
                let variadic = self.accept(Keyword::Variadic);
                let mut arg = self.function_arg()?;
                arg.variadic = variadic;
                call.args.push(arg);
                call.decorated |= variadic;
                if variadic || !self.accept_char(b',') {
                    break;
                }
            }
        }
        call.order_by = self.opt_sort_clause()?;
        self.expect_char(b')')?;
        Ok(call)
    }

    /// `name(modifiers) 'text'`.
    fn typed_constant_from_call(&mut self, parts: Vec<Ident>, call: Arguments, start: u32) -> Result<Expr> {
        if let Some(name) = call.args.iter().find_map(|arg| arg.name.as_ref()) {
            return Err(self.error_at(name.span, "type modifier cannot have parameter name"));
        }
        if !call.order_by.is_empty() {
            let span = call.order_by.first().map_or(self.span(), |item| item.expr.span);
            return Err(self.error_at(span, "type modifier cannot have ORDER BY"));
        }
        let typmods = call.args.into_iter().map(|arg| arg.value).collect();
        let type_name = self.type_from_name(parts, typmods, start);
        self.typed_string(type_name, start)
    }

    /// `func_arg_expr`.
    pub(crate) fn function_arg(&mut self) -> Result<FunctionArg> {
        let mut name = None;
        if names::is_type_function_name(self.peek())
            && matches!(self.peek_next().kind, TokenKind::ColonEquals | TokenKind::EqualsGreater)
        {
            name = Some(self.take_ident()?);
            self.advance();
        }
        let value = self.expr()?;
        Ok(FunctionArg { name, value, variadic: false })
    }

    /// `WITHIN GROUP (ORDER BY ...)`.
    fn within_group(&mut self, call: &mut FunctionCall) -> Result<()> {
        if !self.at(Keyword::Within) {
            return Ok(());
        }
        let span = self.span();
        self.advance();
        self.expect(Keyword::Group)?;
        self.expect_char(b'(')?;
        let order_by = self.sort_clause()?;
        self.expect_char(b')')?;
        let conflict = if !call.order_by.is_empty() {
            "cannot use multiple ORDER BY clauses with WITHIN GROUP"
        } else if call.distinct {
            "cannot use DISTINCT with WITHIN GROUP"
        } else if call.args.iter().any(|arg| arg.variadic) {
            "cannot use VARIADIC with WITHIN GROUP"
        } else {
            call.order_by = order_by;
            call.within_group = true;
            return Ok(());
        };
        Err(self.error_at(span, conflict))
    }

    /// `FILTER (WHERE ...)`.
    pub(super) fn opt_filter(&mut self) -> Result<Option<Expr>> {
        if !self.accept(Keyword::Filter) {
            return Ok(None);
        }
        self.expect_char(b'(')?;
        self.expect(Keyword::Where)?;
        let condition = self.expr()?;
        self.expect_char(b')')?;
        Ok(Some(condition))
    }

    /// `OVER ...`.
    pub(super) fn opt_over(&mut self) -> Result<Option<Over>> {
        if !self.accept(Keyword::Over) {
            return Ok(None);
        }
        if self.at_char(b'(') {
            return Ok(Some(Over::Spec(Box::new(self.window_specification()?))));
        }
        Ok(Some(Over::Name(self.col_id()?)))
    }

    /// `func_expr_windowless`: a call without `FILTER` and `OVER`, as `FROM` and index elements take it.
    pub(crate) fn windowless_function(&mut self) -> Result<Expr> {
        if self.at_special_function() {
            return self.special_function();
        }
        if self.at_json_aggregate() {
            return self.json_aggregate_windowless();
        }
        let start = self.start();
        let name = self.func_name()?;
        if !self.at_char(b'(') {
            return Err(self.syntax_error());
        }
        self.function_application(name.parts, start, false)
    }

    /// `func_application` as a statement of its own takes it (`CALL`).
    pub(crate) fn plain_function(&mut self) -> Result<Expr> {
        let start = self.start();
        let name = self.func_name()?;
        if !self.at_char(b'(') {
            return Err(self.syntax_error());
        }
        self.function_application(name.parts, start, false)
    }

    /// Whether a function with a syntax of its own begins here.
    pub(super) fn at_special_function(&mut self) -> bool {
        match self.keyword() {
            Keyword::CurrentDate
            | Keyword::CurrentTime
            | Keyword::CurrentTimestamp
            | Keyword::Localtime
            | Keyword::Localtimestamp
            | Keyword::CurrentRole
            | Keyword::CurrentUser
            | Keyword::SessionUser
            | Keyword::SystemUser
            | Keyword::User
            | Keyword::CurrentCatalog
            | Keyword::Cast => true,
            Keyword::CurrentSchema => {
                let next = self.peek_next();
                next.kind != TokenKind::Char(b'(') && !names::is_string(next)
            }
            Keyword::Collation => self.next_keyword() == Keyword::For,
            Keyword::Extract
            | Keyword::Normalize
            | Keyword::Overlay
            | Keyword::Position
            | Keyword::Substring
            | Keyword::Treat
            | Keyword::Trim
            | Keyword::Nullif
            | Keyword::Coalesce
            | Keyword::Greatest
            | Keyword::Least
            | Keyword::Xmlconcat
            | Keyword::Xmlelement
            | Keyword::Xmlexists
            | Keyword::Xmlforest
            | Keyword::Xmlparse
            | Keyword::Xmlpi
            | Keyword::Xmlroot
            | Keyword::Xmlserialize
            | Keyword::JsonObject
            | Keyword::JsonArray
            | Keyword::Json
            | Keyword::JsonScalar
            | Keyword::JsonSerialize
            | Keyword::MergeAction
            | Keyword::JsonQuery
            | Keyword::JsonExists
            | Keyword::JsonValue => self.next_is_char(b'('),
            _ => false,
        }
    }

    /// `func_expr_common_subexpr`, where [`Parser::at_special_function`].
    pub(super) fn special_function(&mut self) -> Result<Expr> {
        self.guard()?;
        let start = self.start();
        let keyword = self.advance().keyword;
        let kind = match keyword {
            Keyword::CurrentDate
            | Keyword::CurrentTime
            | Keyword::CurrentTimestamp
            | Keyword::Localtime
            | Keyword::Localtimestamp
            | Keyword::CurrentRole
            | Keyword::CurrentUser
            | Keyword::SessionUser
            | Keyword::User
            | Keyword::CurrentCatalog
            | Keyword::CurrentSchema => self.sql_value(keyword)?,
            Keyword::SystemUser => special(SpecialFunction::SystemUser),
            Keyword::Collation => {
                self.expect(Keyword::For)?;
                self.expect_char(b'(')?;
                special(SpecialFunction::CollationFor(self.expr()?))
            }
            Keyword::Xmlconcat
            | Keyword::Xmlelement
            | Keyword::Xmlexists
            | Keyword::Xmlforest
            | Keyword::Xmlparse
            | Keyword::Xmlpi
            | Keyword::Xmlroot
            | Keyword::Xmlserialize => {
                self.expect_char(b'(')?;
                ExprKind::Xml(Box::new(self.xml_expr(keyword)?))
            }
            Keyword::Overlay | Keyword::Substring => {
                self.expect_char(b'(')?;
                return self.string_function(keyword, start);
            }
            Keyword::JsonObject
            | Keyword::JsonArray
            | Keyword::Json
            | Keyword::JsonScalar
            | Keyword::JsonSerialize
            | Keyword::JsonQuery
            | Keyword::JsonExists
            | Keyword::JsonValue => {
                self.expect_char(b'(')?;
                self.json_function(keyword, start)?
            }
            _ => {
                self.expect_char(b'(')?;
                self.parenthesized_function(keyword, start)?
            }
        };
        if !matches!(kind, ExprKind::SqlValue { .. }) && !is_system_user(&kind) {
            self.expect_char(b')')?;
        }
        Ok(Expr::new(kind, self.span_from(start)))
    }

    fn sql_value(&mut self, keyword: Keyword) -> Result<ExprKind> {
        use SqlValueFunction as F;
        let (function, has_precision) = match keyword {
            Keyword::CurrentDate => (F::CurrentDate, false),
            Keyword::CurrentTime => (F::CurrentTime, true),
            Keyword::CurrentTimestamp => (F::CurrentTimestamp, true),
            Keyword::Localtime => (F::LocalTime, true),
            Keyword::Localtimestamp => (F::LocalTimestamp, true),
            Keyword::CurrentRole => (F::CurrentRole, false),
            Keyword::CurrentUser => (F::CurrentUser, false),
            Keyword::SessionUser => (F::SessionUser, false),
            Keyword::User => (F::User, false),
            Keyword::CurrentCatalog => (F::CurrentCatalog, false),
            _ => (F::CurrentSchema, false),
        };
        let mut precision = None;
        if has_precision && self.accept_char(b'(') {
            precision = Some(self.integer()?);
            self.expect_char(b')')?;
        }
        Ok(ExprKind::SqlValue { function, precision })
    }

    /// Behind the opening parenthesis, up to the closing one.
    fn parenthesized_function(&mut self, keyword: Keyword, start: u32) -> Result<ExprKind> {
        Ok(match keyword {
            Keyword::Cast => {
                let op = self.span_from(start);
                let arg = Box::new(self.expr()?);
                self.expect(Keyword::As)?;
                let type_name = Box::new(self.type_name()?);
                ExprKind::Cast { arg, type_name, op }
            }
            Keyword::Treat => {
                let arg = self.expr()?;
                self.expect(Keyword::As)?;
                let type_name = self.type_name()?;
                special(SpecialFunction::Treat { arg, type_name })
            }
            Keyword::Extract => {
                let field_span = self.span();
                let field = self.extract_field()?;
                self.expect(Keyword::From)?;
                let source = self.expr()?;
                special(SpecialFunction::Extract { field, field_span, source })
            }
            Keyword::Normalize => {
                let arg = self.expr()?;
                let form = if self.accept_char(b',') { Some(self.normal_form()?) } else { None };
                special(SpecialFunction::Normalize { arg, form })
            }
            Keyword::Position => {
                let needle = self.b_expr()?;
                self.expect(Keyword::In)?;
                let haystack = self.b_expr()?;
                special(SpecialFunction::Position { needle, haystack })
            }
            Keyword::Trim => special(self.trim()?),
            Keyword::Nullif => {
                let left = Box::new(self.expr()?);
                self.expect_char(b',')?;
                ExprKind::NullIf(left, Box::new(self.expr()?))
            }
            Keyword::Coalesce => ExprKind::Coalesce(self.expr_list()?),
            Keyword::Greatest => ExprKind::Greatest(self.expr_list()?),
            Keyword::Least => ExprKind::Least(self.expr_list()?),
            Keyword::MergeAction => ExprKind::MergeAction,
            _ => return Err(self.syntax_error()),
        })
    }

    /// `extract_arg`.
    fn extract_field(&mut self) -> Result<Box<str>> {
        if names::is_string(self.peek()) {
            return self.string();
        }
        let fits = match self.keyword() {
            Keyword::NotAKeyword => names::is_col_label(self.peek()),
            keyword => matches!(
                keyword,
                Keyword::Year
                    | Keyword::Month
                    | Keyword::Day
                    | Keyword::Hour
                    | Keyword::Minute
                    | Keyword::Second
            ),
        };
        if fits { Ok(self.take_ident()?.name) } else { Err(self.syntax_error()) }
    }

    fn trim(&mut self) -> Result<SpecialFunction> {
        let side = match self.keyword() {
            Keyword::Leading => TrimSide::Leading,
            Keyword::Trailing => TrimSide::Trailing,
            _ => TrimSide::Both,
        };
        if self.at_any(&[Keyword::Leading, Keyword::Trailing, Keyword::Both]) {
            self.advance();
        }
        if self.accept(Keyword::From) {
            return Ok(SpecialFunction::Trim { side, args: self.expr_list()? });
        }
        let first = self.expr()?;
        let mut args;
        if self.accept(Keyword::From) {
            args = self.expr_list()?;
            args.push(first);
        } else {
            args = vec![first];
            while self.accept_char(b',') {
                args.push(self.expr()?);
            }
        }
        Ok(SpecialFunction::Trim { side, args })
    }

    /// `OVERLAY` and `SUBSTRING`: with keywords between the arguments, or an ordinary call.
    fn string_function(&mut self, keyword: Keyword, start: u32) -> Result<Expr> {
        if self.accept_char(b')') {
            return Ok(self.plain_call(keyword, Vec::new(), start));
        }
        let outer = std::mem::replace(&mut self.similar_separates, keyword == Keyword::Substring);
        let first = self.function_arg();
        self.similar_separates = outer;
        let first = first?;
        let kind = if first.name.is_some() {
            None
        } else if keyword == Keyword::Overlay && self.accept(Keyword::Placing) {
            Some(self.overlay(first.value.clone())?)
        } else if keyword == Keyword::Substring
            && self.at_any(&[Keyword::From, Keyword::For, Keyword::Similar])
        {
            Some(self.substring(first.value.clone())?)
        } else {
            None
        };
        if let Some(kind) = kind {
            self.expect_char(b')')?;
            return Ok(Expr::new(special(kind), self.span_from(start)));
        }
        let mut args = vec![first];
        while self.accept_char(b',') {
            args.push(self.function_arg()?);
        }
        self.expect_char(b')')?;
        Ok(self.plain_call(keyword, args, start))
    }

    /// An ordinary call of a function named by a keyword; `start` is the keyword's.
    fn plain_call(&self, keyword: Keyword, args: Vec<FunctionArg>, start: u32) -> Expr {
        let span = self.span_from(start);
        let name = QualifiedName { parts: vec![ident(keyword.as_str(), span)] };
        Expr::new(ExprKind::Function(Box::new(call_of(name, args))), span)
    }

    fn overlay(&mut self, arg: Expr) -> Result<SpecialFunction> {
        let mut args = vec![arg, self.expr()?];
        self.expect(Keyword::From)?;
        args.push(self.expr()?);
        if self.accept(Keyword::For) {
            args.push(self.expr()?);
        }
        Ok(SpecialFunction::Overlay(args))
    }

    fn substring(&mut self, arg: Expr) -> Result<SpecialFunction> {
        if self.accept(Keyword::Similar) {
            let pattern = self.expr()?;
            self.expect(Keyword::Escape)?;
            let escape = self.expr()?;
            return Ok(SpecialFunction::SubstringSimilar { arg, pattern, escape });
        }
        let (mut from, mut length) = (None, None);
        if self.accept(Keyword::From) {
            from = Some(self.expr()?);
            if self.accept(Keyword::For) {
                length = Some(self.expr()?);
            }
        } else {
            self.expect(Keyword::For)?;
            length = Some(self.expr()?);
            if self.accept(Keyword::From) {
                from = Some(self.expr()?);
            }
        }
        Ok(SpecialFunction::Substring { arg, from, length })
    }

    /// A JSON function's arguments turned out to be those of an ordinary call of `pg_catalog.json_object`.
    pub(super) fn system_call(&self, function: &str, args: Vec<FunctionArg>, start: u32) -> ExprKind {
        let span = self.span_from(start);
        let name = QualifiedName { parts: vec![ident("pg_catalog", span), ident(function, span)] };
        ExprKind::Function(Box::new(call_of(name, args)))
    }

    /// Errors that name a feature PostgreSQL lacks.
    pub(super) fn not_supported(&self, message: &str, at: u32) -> pglitedb_sqlstate::Error {
        err!(FEATURE_NOT_SUPPORTED, "{message}").at(at as usize)
    }
}

fn special(function: SpecialFunction) -> ExprKind {
    ExprKind::Special(Box::new(function))
}

fn is_system_user(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Special(function) if matches!(**function, SpecialFunction::SystemUser))
}

fn call_of(name: QualifiedName, args: Vec<FunctionArg>) -> FunctionCall {
    FunctionCall {
        name,
        args,
        star: false,
        distinct: false,
        order_by: Vec::new(),
        within_group: false,
        filter: None,
        over: None,
    }
}
