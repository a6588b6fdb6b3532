//! JSON_EXISTS, JSON_VALUE, JSON_QUERY as special expressions of these names.
//!
//! Arguments: the document (jsonb), the path (jsonpath), the PASSING values (jsonb), then DEFAULT expressions. Options:
//! `{"passing": [names], "wrapper": "none|unconditional|conditional", "quotes": "keep|omit", "on_empty": B, "on_error": B,
//! "typmod": n}` where a behaviour `B` is `"null"`, `"error"`, `"true"`, `"false"`, `"unknown"`, `"empty_array"`,
//! `"empty_object"`, or the number of the argument (from 0) that is the default.

use super::special::special_expr;
use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr};
use pglitedb_sql_parser::ast::{
    JsonArgument, JsonBehavior, JsonBehaviorKind, JsonFunction, JsonFunctionKind, JsonQuotes, JsonWrapper,
};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};

impl<'c> Binder<'c> {
    pub(super) fn json_function(&mut self, function: &'c JsonFunction, at: usize) -> Result<Expr> {
        let (name, default_type) = match function.kind {
            JsonFunctionKind::Exists => ("json_exists", oids::BOOL),
            JsonFunctionKind::Value => ("json_value", oids::TEXT),
            JsonFunctionKind::Query => ("json_query", oids::JSONB),
        };
        let (target, typmod) = self.json_output(function.returning.as_ref(), default_type)?;
        self.check_wrapper(function, at)?;
        if function.kind == JsonFunctionKind::Value
            && let Some(format) = function.returning.as_ref().and_then(|output| output.format.as_ref())
        {
            return Err(err!(SYNTAX_ERROR, "cannot specify FORMAT JSON in RETURNING clause of JSON_VALUE()")
                .at(format.span.offset()));
        }
        let context = self.expr(&function.context.expr)?;
        let context = self.known(context)?;
        let context = self.json_cast(context, oids::JSONB, -1, at)?;
        let path = self.json_path(&function.path)?;
        let mut args = vec![context, path];
        let names = self.passing(&function.passing, &mut args)?;
        let on_empty =
            self.behavior(function, function.on_empty.as_ref(), "EMPTY", target, typmod, &mut args)?;
        let on_error =
            self.behavior(function, function.on_error.as_ref(), "ERROR", target, typmod, &mut args)?;
        let wrapper = match function.wrapper {
            JsonWrapper::Unspecified | JsonWrapper::Without => "none",
            JsonWrapper::Unconditional => "unconditional",
            JsonWrapper::Conditional => "conditional",
        };
        let quotes = if function.quotes == JsonQuotes::Omit { "omit" } else { "keep" };
        let options = format!(
            "{{\"passing\":[{}],\"wrapper\":\"{wrapper}\",\"quotes\":\"{quotes}\",\"on_empty\":{on_empty},\
             \"on_error\":{on_error},\"typmod\":{typmod}}}",
            names.join(",")
        );
        let call = special_expr(name, &options, args, target, typmod, at);
        Ok(call)
    }

    fn check_wrapper(&self, function: &'c JsonFunction, at: usize) -> Result<()> {
        let wraps = matches!(function.wrapper, JsonWrapper::Unconditional | JsonWrapper::Conditional);
        if function.kind == JsonFunctionKind::Query && wraps && function.quotes == JsonQuotes::Omit {
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

    /// Binds PASSING values as jsonb and returns their names as JSON strings.
    pub(crate) fn passing(&mut self, list: &'c [JsonArgument], args: &mut Vec<Expr>) -> Result<Vec<String>> {
        let mut names = Vec::with_capacity(list.len());
        for argument in list {
            let value = self.expr(&argument.value.expr)?;
            let value = self.known(value)?;
            let at = argument.value.expr.span.offset();
            args.push(self.system_call("to_jsonb", vec![value], CallForm::Explicit, at)?);
            names.push(json_string(argument.name.as_str()));
        }
        Ok(names)
    }

    fn behavior(
        &mut self,
        function: &'c JsonFunction,
        behavior: Option<&'c JsonBehavior>,
        event: &str,
        target: Oid,
        typmod: i32,
        args: &mut Vec<Expr>,
    ) -> Result<String> {
        let Some(behavior) = behavior else {
            return Ok(match function.kind {
                JsonFunctionKind::Exists => "\"false\"",
                _ => "\"null\"",
            }
            .into());
        };
        let kind = &behavior.kind;
        let allowed = match function.kind {
            JsonFunctionKind::Exists => matches!(
                kind,
                JsonBehaviorKind::Error
                    | JsonBehaviorKind::True
                    | JsonBehaviorKind::False
                    | JsonBehaviorKind::Unknown
            ),
            JsonFunctionKind::Value => matches!(
                kind,
                JsonBehaviorKind::Error | JsonBehaviorKind::Null | JsonBehaviorKind::Default(_)
            ),
            JsonFunctionKind::Query => matches!(
                kind,
                JsonBehaviorKind::Error
                    | JsonBehaviorKind::Null
                    | JsonBehaviorKind::EmptyArray
                    | JsonBehaviorKind::EmptyObject
                    | JsonBehaviorKind::Default(_)
            ),
        };
        if !allowed {
            let detail = match function.kind {
                JsonFunctionKind::Exists => {
                    "Only ERROR, TRUE, FALSE, or UNKNOWN is allowed in ON ERROR for JSON_EXISTS()."
                        .to_string()
                }
                JsonFunctionKind::Value => format!(
                    "Only ERROR, NULL, or DEFAULT expression is allowed in ON {event} for JSON_VALUE()."
                ),
                JsonFunctionKind::Query => format!(
                    "Only ERROR, NULL, EMPTY ARRAY, EMPTY OBJECT, or DEFAULT expression is allowed in ON {event} for \
                     JSON_QUERY()."
                ),
            };
            return Err(err!(SYNTAX_ERROR, "invalid ON {event} behavior")
                .detail(detail)
                .at(behavior.span.offset()));
        }
        Ok(match kind {
            JsonBehaviorKind::Null => "\"null\"".into(),
            JsonBehaviorKind::Error => "\"error\"".into(),
            JsonBehaviorKind::True => "\"true\"".into(),
            JsonBehaviorKind::False => "\"false\"".into(),
            JsonBehaviorKind::Unknown => "\"unknown\"".into(),
            JsonBehaviorKind::EmptyArray => "\"empty_array\"".into(),
            JsonBehaviorKind::EmptyObject => "\"empty_object\"".into(),
            JsonBehaviorKind::Default(expr) => {
                let value = self.expr(expr)?;
                let at = expr.span.offset();
                let value = self.json_cast(value, target, typmod, at)?;
                args.push(value);
                (args.len() - 1).to_string()
            }
        })
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
