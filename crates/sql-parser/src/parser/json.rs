//! SQL/JSON functions and `JSON_TABLE`.

use super::{Parser, names};
use crate::ast::{
    Expr, ExprKind, JsonAggTail, JsonArgument, JsonBehavior, JsonBehaviorKind, JsonEncoding, JsonExpr,
    JsonFormat, JsonFunction, JsonFunctionKind, JsonKeyValue, JsonOutput, JsonQuotes, JsonTable,
    JsonTableColumn, JsonTablePath, JsonTableValueColumn, JsonValue, JsonWrapper, Literal,
};
use crate::lexer::Keyword;
use pglitedb_sqlstate::{Result, err};

impl Parser<'_> {
    /// One of the `JSON...(` functions, behind the parenthesis and up to the closing one.
    pub(super) fn json_function(&mut self, keyword: Keyword, start: u32) -> Result<ExprKind> {
        let expr = match keyword {
            Keyword::JsonObject => return self.json_object(start),
            Keyword::JsonArray => self.json_array()?,
            Keyword::Json => {
                let arg = self.json_value()?;
                JsonExpr::Parse { arg, unique: self.json_unique_keys()? }
            }
            Keyword::JsonScalar => JsonExpr::Scalar(self.expr()?),
            Keyword::JsonSerialize => {
                let arg = self.json_value()?;
                JsonExpr::Serialize { arg, returning: self.opt_json_returning()? }
            }
            Keyword::JsonQuery => self.json_query(JsonFunctionKind::Query)?,
            Keyword::JsonExists => self.json_query(JsonFunctionKind::Exists)?,
            _ => self.json_query(JsonFunctionKind::Value)?,
        };
        Ok(ExprKind::Json(Box::new(expr)))
    }

    /// `JSON_OBJECT(`: pairs, or the arguments of the function of that name.
    fn json_object(&mut self, start: u32) -> Result<ExprKind> {
        let mut pairs = Vec::new();
        if !self.at_char(b')') && !self.at(Keyword::Returning) {
            let first = self.function_arg()?;
            if first.name.is_none() && (self.at_char(b':') || self.at(Keyword::Value)) {
                self.check_json_key(&first.value)?;
                pairs.push(self.json_pair_value(first.value)?);
                while self.accept_char(b',') {
                    pairs.push(self.json_name_and_value()?);
                }
            } else {
                let mut args = vec![first];
                while self.accept_char(b',') {
                    args.push(self.function_arg()?);
                }
                return Ok(self.system_call("json_object", args, start));
            }
        }
        let absent_on_null = if pairs.is_empty() { None } else { self.json_null_clause()? };
        let unique = !pairs.is_empty() && self.json_unique_keys()?;
        let returning = self.opt_json_returning()?;
        Ok(ExprKind::Json(Box::new(JsonExpr::Object { pairs, absent_on_null, unique, returning })))
    }

    /// A key before `VALUE` must be a primary: behind an operator PostgreSQL does not take the word.
    fn check_json_key(&self, key: &Expr) -> Result<()> {
        if self.at(Keyword::Value) && self.is_bare_operator(key) { Err(self.syntax_error()) } else { Ok(()) }
    }

    /// `json_name_and_value`.
    fn json_name_and_value(&mut self) -> Result<JsonKeyValue> {
        let key = self.expr()?;
        self.check_json_key(&key)?;
        self.json_pair_value(key)
    }

    fn json_pair_value(&mut self, key: Expr) -> Result<JsonKeyValue> {
        if !self.accept_char(b':') {
            self.expect(Keyword::Value)?;
        }
        Ok(JsonKeyValue { key, value: self.json_value()? })
    }

    fn json_array(&mut self) -> Result<JsonExpr> {
        if self.at_query_start() {
            let query = Box::new(self.select_no_parens()?);
            let format = self.opt_json_format()?;
            return Ok(JsonExpr::ArrayQuery { query, format, returning: self.opt_json_returning()? });
        }
        let mut items = Vec::new();
        let mut absent_on_null = None;
        if !self.at_char(b')') && !self.at(Keyword::Returning) {
            items = self.comma_list(Self::json_value)?;
            absent_on_null = self.json_null_clause()?;
        }
        Ok(JsonExpr::Array { items, absent_on_null, returning: self.opt_json_returning()? })
    }

    fn json_query(&mut self, kind: JsonFunctionKind) -> Result<JsonExpr> {
        let context = self.json_value()?;
        self.expect_char(b',')?;
        let path = self.expr()?;
        let passing = self.opt_json_passing()?;
        let mut function = JsonFunction {
            kind,
            context,
            path,
            passing,
            returning: None,
            wrapper: JsonWrapper::Unspecified,
            quotes: JsonQuotes::Unspecified,
            on_empty: None,
            on_error: None,
        };
        if kind == JsonFunctionKind::Exists {
            function.on_error = self.opt_json_on_error()?;
            return Ok(JsonExpr::Function(Box::new(function)));
        }
        function.returning = self.opt_json_returning()?;
        if kind == JsonFunctionKind::Query {
            function.wrapper = self.json_wrapper()?;
            function.quotes = self.json_quotes()?;
        }
        (function.on_empty, function.on_error) = self.json_behaviors()?;
        Ok(JsonExpr::Function(Box::new(function)))
    }

    /// Whether `JSON_OBJECTAGG(` or `JSON_ARRAYAGG(` stands here.
    pub(super) fn at_json_aggregate(&mut self) -> bool {
        self.at_any(&[Keyword::JsonObjectagg, Keyword::JsonArrayagg]) && self.next_is_char(b'(')
    }

    /// `json_aggregate_func` with `FILTER` and `OVER`.
    pub(super) fn json_aggregate(&mut self) -> Result<Expr> {
        let mut expr = self.json_aggregate_windowless()?;
        let filter = self.opt_filter()?;
        let over = self.opt_over()?;
        if let ExprKind::Json(json) = &mut expr.kind
            && let JsonExpr::ObjectAgg { tail, .. } | JsonExpr::ArrayAgg { tail, .. } = &mut **json
        {
            tail.filter = filter;
            tail.over = over;
        }
        expr.span = self.span_from(expr.span.start);
        Ok(expr)
    }

    /// `json_aggregate_func`.
    pub(super) fn json_aggregate_windowless(&mut self) -> Result<Expr> {
        self.guard()?;
        let start = self.start();
        let keyword = self.advance().keyword;
        self.expect_char(b'(')?;
        let tail = |returning| JsonAggTail { returning, filter: None, over: None };
        let expr = if keyword == Keyword::JsonObjectagg {
            let pair = self.json_name_and_value()?;
            let absent_on_null = self.json_null_clause()?;
            let unique = self.json_unique_keys()?;
            JsonExpr::ObjectAgg { pair, absent_on_null, unique, tail: tail(self.opt_json_returning()?) }
        } else {
            let arg = self.json_value()?;
            let order_by = self.opt_sort_clause()?;
            let absent_on_null = self.json_null_clause()?;
            JsonExpr::ArrayAgg { arg, order_by, absent_on_null, tail: tail(self.opt_json_returning()?) }
        };
        self.expect_char(b')')?;
        Ok(Expr::new(ExprKind::Json(Box::new(expr)), self.span_from(start)))
    }

    /// `json_value_expr`.
    fn json_value(&mut self) -> Result<JsonValue> {
        let expr = self.expr()?;
        Ok(JsonValue { expr, format: self.opt_json_format()? })
    }

    /// `FORMAT JSON [ENCODING name]`.
    fn opt_json_format(&mut self) -> Result<Option<JsonFormat>> {
        let start = self.start();
        if !self.accept_pair(Keyword::Format, Keyword::Json) {
            return Ok(None);
        }
        let mut encoding = None;
        if self.accept(Keyword::Encoding) {
            let name = self.col_id()?;
            encoding = Some(match &*name.name.to_ascii_lowercase() {
                "utf8" => JsonEncoding::Utf8,
                "utf16" => JsonEncoding::Utf16,
                "utf32" => JsonEncoding::Utf32,
                _ => {
                    return Err(err!(
                        INVALID_PARAMETER_VALUE,
                        "unrecognized JSON encoding: {}",
                        name.as_str()
                    )
                    .at(name.span.offset()));
                }
            });
        }
        Ok(Some(JsonFormat { encoding, span: self.span_from(start) }))
    }

    /// `RETURNING type`.
    fn opt_json_returning(&mut self) -> Result<Option<JsonOutput>> {
        if !self.accept(Keyword::Returning) {
            return Ok(None);
        }
        let type_name = self.type_name()?;
        Ok(Some(JsonOutput { type_name, format: self.opt_json_format()? }))
    }

    /// `NULL ON NULL` or `ABSENT ON NULL`.
    fn json_null_clause(&mut self) -> Result<Option<bool>> {
        if !self.at_any(&[Keyword::Null, Keyword::Absent]) {
            return Ok(None);
        }
        let absent = self.at(Keyword::Absent);
        self.advance();
        self.expect_all(&[Keyword::On, Keyword::Null])?;
        Ok(Some(absent))
    }

    /// `WITH UNIQUE [KEYS]` (true), `WITHOUT UNIQUE [KEYS]` or nothing.
    pub(super) fn json_unique_keys(&mut self) -> Result<bool> {
        let unique = self.at(Keyword::With);
        let other = [Keyword::Time, Keyword::Ordinality].contains(&self.next_keyword());
        if !self.at_any(&[Keyword::With, Keyword::Without]) || other {
            return Ok(false);
        }
        self.advance();
        self.expect(Keyword::Unique)?;
        self.accept(Keyword::Keys);
        Ok(unique)
    }

    /// `PASSING value AS name, ...`.
    fn opt_json_passing(&mut self) -> Result<Vec<JsonArgument>> {
        if !self.accept(Keyword::Passing) {
            return Ok(Vec::new());
        }
        self.comma_list(|p| {
            let value = p.json_value()?;
            p.expect(Keyword::As)?;
            Ok(JsonArgument { value, name: p.col_label()? })
        })
    }

    /// `json_wrapper_behavior`.
    fn json_wrapper(&mut self) -> Result<JsonWrapper> {
        let wrapper = if self.accept(Keyword::Without) {
            JsonWrapper::Without
        } else if self.accept(Keyword::With) {
            if self.accept(Keyword::Conditional) {
                JsonWrapper::Conditional
            } else {
                self.accept(Keyword::Unconditional);
                JsonWrapper::Unconditional
            }
        } else {
            return Ok(JsonWrapper::Unspecified);
        };
        self.accept(Keyword::Array);
        self.expect(Keyword::Wrapper)?;
        Ok(wrapper)
    }

    /// `json_quotes_clause_opt`.
    fn json_quotes(&mut self) -> Result<JsonQuotes> {
        let quotes = match self.keyword() {
            Keyword::Keep => JsonQuotes::Keep,
            Keyword::Omit => JsonQuotes::Omit,
            _ => return Ok(JsonQuotes::Unspecified),
        };
        self.advance();
        self.expect(Keyword::Quotes)?;
        if self.accept(Keyword::On) {
            self.expect_all(&[Keyword::Scalar, Keyword::String])?;
        }
        Ok(quotes)
    }

    /// `json_behavior`, if one stands here.
    fn opt_json_behavior(&mut self) -> Result<Option<JsonBehavior>> {
        let start = self.start();
        let simple = match self.keyword() {
            Keyword::Default => {
                self.advance();
                let value = Box::new(self.expr()?);
                let kind = JsonBehaviorKind::Default(value);
                return Ok(Some(JsonBehavior { kind, span: self.span_from(start) }));
            }
            Keyword::Error => JsonBehaviorKind::Error,
            Keyword::Null => JsonBehaviorKind::Null,
            Keyword::True => JsonBehaviorKind::True,
            Keyword::False => JsonBehaviorKind::False,
            Keyword::Unknown => JsonBehaviorKind::Unknown,
            Keyword::Empty => JsonBehaviorKind::EmptyArray,
            _ => return Ok(None),
        };
        self.advance();
        let mut kind = simple;
        if kind == JsonBehaviorKind::EmptyArray
            && !self.accept(Keyword::Array)
            && self.accept(Keyword::Object)
        {
            kind = JsonBehaviorKind::EmptyObject;
        }
        Ok(Some(JsonBehavior { kind, span: self.span_from(start) }))
    }

    /// `json_behavior_clause_opt`: `... ON EMPTY` then `... ON ERROR`.
    fn json_behaviors(&mut self) -> Result<(Option<JsonBehavior>, Option<JsonBehavior>)> {
        let Some(first) = self.opt_json_behavior()? else { return Ok((None, None)) };
        self.expect(Keyword::On)?;
        if self.accept(Keyword::Error) {
            return Ok((None, Some(first)));
        }
        self.expect(Keyword::Empty)?;
        Ok((Some(first), self.opt_json_on_error()?))
    }

    /// `json_on_error_clause_opt`.
    fn opt_json_on_error(&mut self) -> Result<Option<JsonBehavior>> {
        let Some(behavior) = self.opt_json_behavior()? else { return Ok(None) };
        self.expect_all(&[Keyword::On, Keyword::Error])?;
        Ok(Some(behavior))
    }

    /// `JSON_TABLE(...)` without its alias.
    pub(super) fn json_table(&mut self, lateral: bool, start: u32) -> Result<JsonTable> {
        self.expect(Keyword::JsonTable)?;
        self.expect_char(b'(')?;
        let context = self.json_value()?;
        self.expect_char(b',')?;
        let path_expr = self.expr()?;
        let path_span = path_expr.span;
        let name = if self.accept(Keyword::As) { Some(self.col_id()?) } else { None };
        let passing = self.opt_json_passing()?;
        self.expect(Keyword::Columns)?;
        let columns = self.paren_list(Self::json_table_column)?;
        let on_error = self.opt_json_on_error()?;
        self.expect_char(b')')?;
        let ExprKind::Literal(Literal::String(path)) = path_expr.kind else {
            let message = "only string constants are supported in JSON_TABLE path specification";
            return Err(self.not_supported(message, path_span.start));
        };
        Ok(JsonTable {
            lateral,
            context,
            path: JsonTablePath { path, path_span, name },
            passing,
            columns,
            on_error,
            alias: None,
            span: self.span_from(start),
        })
    }

    fn json_table_column(&mut self) -> Result<JsonTableColumn> {
        self.guard()?;
        let start = self.start();
        if self.at(Keyword::Nested) {
            let next = self.peek_next();
            if next.keyword == Keyword::Path || names::is_string(next) {
                return self.json_nested_columns();
            }
        }
        let name = self.col_id()?;
        if self.accept(Keyword::For) {
            self.expect(Keyword::Ordinality)?;
            return Ok(JsonTableColumn::Ordinality { name, span: self.span_from(start) });
        }
        let type_name = self.type_name()?;
        if self.accept(Keyword::Exists) {
            let path = self.opt_json_column_path()?;
            let on_error = self.opt_json_on_error()?;
            return Ok(JsonTableColumn::Exists {
                name,
                type_name,
                path,
                on_error,
                span: self.span_from(start),
            });
        }
        let format = self.opt_json_format()?;
        let path = self.opt_json_column_path()?;
        let wrapper = self.json_wrapper()?;
        let quotes = self.json_quotes()?;
        let (on_empty, on_error) = self.json_behaviors()?;
        let span = self.span_from(start);
        Ok(JsonTableColumn::Regular(Box::new(JsonTableValueColumn {
            name,
            type_name,
            format,
            path,
            wrapper,
            quotes,
            on_empty,
            on_error,
            span,
        })))
    }

    fn json_nested_columns(&mut self) -> Result<JsonTableColumn> {
        let start = self.start();
        self.expect(Keyword::Nested)?;
        self.accept(Keyword::Path);
        let mut path = self.json_path_string()?;
        if self.accept(Keyword::As) {
            path.name = Some(self.col_id()?);
        }
        self.expect(Keyword::Columns)?;
        let columns = self.paren_list(Self::json_table_column)?;
        Ok(JsonTableColumn::Nested { path, columns, span: self.span_from(start) })
    }

    fn json_path_string(&mut self) -> Result<JsonTablePath> {
        let start = self.start();
        let path = self.string()?;
        Ok(JsonTablePath { path, path_span: self.span_from(start), name: None })
    }

    /// `PATH 'path'`.
    fn opt_json_column_path(&mut self) -> Result<Option<JsonTablePath>> {
        if self.accept(Keyword::Path) { self.json_path_string().map(Some) } else { Ok(None) }
    }
}
