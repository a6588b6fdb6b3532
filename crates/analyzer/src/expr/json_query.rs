//! JSON_EXISTS, JSON_VALUE, JSON_QUERY as special expressions of these names.
//!
//! Arguments: the document (jsonb), the path (jsonpath), the PASSING values, then DEFAULT expressions. Options:
//! `{"passing": [names], "wrapper": "none|unconditional|conditional", "quotes": "keep|omit", "on_empty": B, "on_error": B,
//! "column": name}` where a behaviour `B` is `"null"`, `"error"`, `"true"`, `"false"`, `"unknown"`, `"empty_array"`,
//! `"empty_object"`, or the number of the argument (from 0) that is the default; `"on_empty_jsonb"`: it is converted as
//! the result is. `column` names the column of JSON_TABLE.

use super::json::Format;
use super::special::special_expr;
use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr};
use pglitedb_sql_parser::ast::{
    JsonArgument, JsonBehavior, JsonBehaviorKind, JsonFunction, JsonFunctionKind, JsonQuotes, JsonWrapper,
};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};

/// Which kind of column of JSON_TABLE a call stands for: it words the messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableColumn<'a> {
    /// Its name.
    pub name: &'a str,
}

/// What a call is made of, wherever it is written.
pub(crate) struct QueryCall<'c> {
    pub kind: JsonFunctionKind,
    pub wrapper: JsonWrapper,
    pub quotes: JsonQuotes,
    pub on_empty: Option<&'c JsonBehavior>,
    pub on_error: Option<&'c JsonBehavior>,
    pub target: Oid,
    pub typmod: i32,
    /// Document, path, PASSING values.
    pub args: Vec<Expr>,
    /// Names of PASSING values as JSON strings.
    pub names: Vec<String>,
    pub column: Option<TableColumn<'c>>,
}

impl<'c> Binder<'c> {
    pub(super) fn json_function(&mut self, function: &'c JsonFunction, at: usize) -> Result<Expr> {
        let default_type = match function.kind {
            JsonFunctionKind::Exists => oids::BOOL,
            JsonFunctionKind::Value => oids::TEXT,
            JsonFunctionKind::Query => oids::JSONB,
        };
        self.check_wrapper(function.kind, function.wrapper, function.quotes, at)?;
        if function.kind == JsonFunctionKind::Value
            && let Some(format) = function.returning.as_ref().and_then(|output| output.format.as_ref())
        {
            return Err(err!(SYNTAX_ERROR, "cannot specify FORMAT JSON in RETURNING clause of JSON_VALUE()")
                .at(format.span.offset()));
        }
        self.check_behaviors(function.kind, function.on_empty.as_ref(), function.on_error.as_ref(), None)?;
        let context = self.json_value_expr(&function.context, Format::Jsonb, Some(oids::JSONB), false)?;
        let path = self.json_path(&function.path)?;
        let mut args = vec![context, path];
        let names = self.passing(&function.passing, &mut args)?;
        let (target, typmod) = self.json_output(function.returning.as_ref(), default_type)?;
        let call = QueryCall {
            kind: function.kind,
            wrapper: function.wrapper,
            quotes: function.quotes,
            on_empty: function.on_empty.as_ref(),
            on_error: function.on_error.as_ref(),
            target,
            typmod,
            args,
            names,
            column: None,
        };
        self.query_call(call, at)
    }

    /// The special expression of a call.
    pub(crate) fn query_call(&mut self, call: QueryCall<'c>, at: usize) -> Result<Expr> {
        let name = match call.kind {
            JsonFunctionKind::Exists => "json_exists",
            JsonFunctionKind::Value => "json_value",
            JsonFunctionKind::Query => "json_query",
        };
        let (kind, target, typmod) = (call.kind, call.target, call.typmod);
        let mut args = call.args;
        let on_empty = self.behavior(kind, call.on_empty, "on_empty", (target, typmod), &mut args)?;
        let on_error = self.behavior(kind, call.on_error, "on_error", (target, typmod), &mut args)?;
        let wrapper = match call.wrapper {
            JsonWrapper::Unspecified | JsonWrapper::Without => "none",
            JsonWrapper::Unconditional => "unconditional",
            JsonWrapper::Conditional => "conditional",
        };
        let quotes = if call.quotes == JsonQuotes::Omit { "omit" } else { "keep" };
        let column = match call.column {
            Some(column) => format!(",\"column\":{}", json_string(column.name)),
            None => String::new(),
        };
        let options = format!(
            "{{\"passing\":[{}],\"wrapper\":\"{wrapper}\",\"quotes\":\"{quotes}\",{on_empty},{on_error}{column}}}",
            call.names.join(",")
        );
        Ok(special_expr(name, &options, args, target, typmod, at))
    }

    pub(crate) fn check_wrapper(
        &self,
        kind: JsonFunctionKind,
        wrapper: JsonWrapper,
        quotes: JsonQuotes,
        at: usize,
    ) -> Result<()> {
        let wraps = matches!(wrapper, JsonWrapper::Unconditional | JsonWrapper::Conditional);
        if kind == JsonFunctionKind::Query && wraps && quotes == JsonQuotes::Omit {
            return Err(err!(
                SYNTAX_ERROR,
                "SQL/JSON QUOTES behavior must not be specified when WITH WRAPPER is used"
            )
            .at(at));
        }
        Ok(())
    }

    /// A path expression of type jsonpath.
    pub(crate) fn json_path(&mut self, path: &'c pglitedb_sql_parser::ast::Expr) -> Result<Expr> {
        let bound = self.expr(path)?;
        let source = bound.type_oid();
        let at = bound.position();
        match self.coerce_to_target(
            bound,
            oids::JSONPATH,
            -1,
            CastContext::Explicit,
            CallForm::ImplicitCast,
        )? {
            Ok(path) => Ok(path),
            Err(_) => Err(err!(
                DATATYPE_MISMATCH,
                "JSON path expression must be of type jsonpath, not of type {}",
                self.type_name(source)
            )
            .at_opt(at.get())),
        }
    }

    /// Binds PASSING values and returns their names as JSON strings. Values that paths know stay as they are.
    pub(crate) fn passing(&mut self, list: &'c [JsonArgument], args: &mut Vec<Expr>) -> Result<Vec<String>> {
        let mut names = Vec::with_capacity(list.len());
        for argument in list {
            args.push(self.json_value_expr(&argument.value, Format::Jsonb, None, true)?);
            names.push(json_string(argument.name.as_str()));
        }
        Ok(names)
    }

    /// Which behaviours each function takes.
    pub(crate) fn check_behaviors(
        &self,
        kind: JsonFunctionKind,
        on_empty: Option<&JsonBehavior>,
        on_error: Option<&JsonBehavior>,
        column: Option<&str>,
    ) -> Result<()> {
        use JsonBehaviorKind as B;
        for (behavior, event) in [(on_empty, "EMPTY"), (on_error, "ERROR")] {
            let Some(behavior) = behavior else { continue };
            let given = &behavior.kind;
            let (allowed, list, place) = match kind {
                JsonFunctionKind::Exists => (
                    matches!(given, B::Error | B::True | B::False | B::Unknown),
                    "ERROR, TRUE, FALSE, or UNKNOWN",
                    ("JSON_EXISTS()", "EXISTS columns"),
                ),
                JsonFunctionKind::Value => (
                    matches!(given, B::Error | B::Null | B::Default(_)),
                    "ERROR, NULL, or DEFAULT expression",
                    ("JSON_VALUE()", "scalar columns"),
                ),
                JsonFunctionKind::Query => (
                    matches!(given, B::Error | B::Null | B::EmptyArray | B::EmptyObject | B::Default(_)),
                    "ERROR, NULL, EMPTY ARRAY, EMPTY OBJECT, or DEFAULT expression",
                    ("JSON_QUERY()", "formatted columns"),
                ),
            };
            if allowed {
                continue;
            }
            let (message, place) = match column {
                None => (format!("invalid ON {event} behavior"), place.0),
                Some(column) => (format!("invalid ON {event} behavior for column \"{column}\""), place.1),
            };
            return Err(err!(SYNTAX_ERROR, "{message}")
                .detail(format!("Only {list} is allowed in ON {event} for {place}."))
                .at(behavior.span.offset()));
        }
        Ok(())
    }

    /// A behaviour as members of the options; a DEFAULT becomes an argument.
    fn behavior(
        &mut self,
        kind: JsonFunctionKind,
        behavior: Option<&'c JsonBehavior>,
        event: &str,
        (target, typmod): (Oid, i32),
        args: &mut Vec<Expr>,
    ) -> Result<String> {
        let word = match behavior.map(|behavior| &behavior.kind) {
            None if kind == JsonFunctionKind::Exists => "false",
            None | Some(JsonBehaviorKind::Null) => "null",
            Some(JsonBehaviorKind::Error) => "error",
            Some(JsonBehaviorKind::True) => "true",
            Some(JsonBehaviorKind::False) => "false",
            Some(JsonBehaviorKind::Unknown) => "unknown",
            Some(JsonBehaviorKind::EmptyArray) => "empty_array",
            Some(JsonBehaviorKind::EmptyObject) => "empty_object",
            Some(JsonBehaviorKind::Default(expr)) => {
                let (value, is_jsonb) = self.default_value(expr, target, typmod)?;
                args.push(value);
                return Ok(format!("\"{event}\":{},\"{event}_jsonb\":{is_jsonb}", args.len() - 1));
            }
        };
        Ok(format!("\"{event}\":\"{word}\""))
    }

    /// A DEFAULT expression as the result's type, or `jsonb` that is converted when it is wanted.
    fn default_value(
        &mut self,
        expr: &'c pglitedb_sql_parser::ast::Expr,
        target: Oid,
        typmod: i32,
    ) -> Result<(Expr, bool)> {
        let at = expr.span.offset();
        let value = self.expr(expr)?;
        if !is_plain(&value) {
            return Err(err!(
                DATATYPE_MISMATCH,
                "can only specify a constant, non-aggregate function, or operator expression for DEFAULT"
            )
            .at(at));
        }
        if value.any(&mut |expr| matches!(expr, Expr::Var(_))) {
            return Err(
                err!(DATATYPE_MISMATCH, "DEFAULT expression must not contain column references").at(at)
            );
        }
        if value.any(&mut |expr| matches!(expr, Expr::Func(func) if func.returns_set)) {
            return Err(err!(DATATYPE_MISMATCH, "DEFAULT expression must not return a set").at(at));
        }
        let source = value.type_oid();
        let is_null = matches!(&value, Expr::Const(constant) if constant.value.is_null());
        if source == oids::JSONB && source != target {
            return Ok((value, true));
        }
        if is_null {
            return Ok((Expr::null_const(oids::JSONB, -1, 0), true));
        }
        // As in an assignment for strings, whose length is then checked.
        let category = self.category(target)?.0;
        let context =
            if matches!(category, b'S' | b'V') { CastContext::Assignment } else { CastContext::Explicit };
        match self.coerce_to_target(value, target, typmod, context, CallForm::ExplicitCast)? {
            Ok(value) => Ok((value, false)),
            Err(_) => {
                let target = self.type_name(target);
                Err(err!(
                    CANNOT_COERCE,
                    "cannot cast behavior expression of type {} to {target}",
                    self.type_name(source)
                )
                .hint(format!("You will need to explicitly cast the expression to type {target}."))
                .at(at))
            }
        }
    }
}

/// A constant, a call or an operator, with casts around it.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Const(_) | Expr::Func(_) | Expr::Op(_) => true,
        Expr::CoerceViaIo { arg, .. }
        | Expr::CoerceToDomain { arg, .. }
        | Expr::ArrayCoerce { arg, .. }
        | Expr::ConvertRowtype { arg, .. }
        | Expr::Relabel { arg, .. } => is_plain(arg),
        Expr::Collate(arg, _) => is_plain(arg),
        _ => false,
    }
}

/// A string as JSON.
pub(crate) fn json_string(text: &str) -> String {
    let mut result = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            c if (c as u32) < 0x20 => result.push_str(&format!("\\u{:04x}", c as u32)),
            c => result.push(c),
        }
    }
    result.push('"');
    result
}
