//! SQL/JSON: constructors, aggregates, IS JSON, JSON_EXISTS, JSON_VALUE, JSON_QUERY.
//!
//! What has no function of its own becomes a [`SpecialExpr`](pglitedb_query_tree::SpecialExpr); its options are JSON:
//!
//! - `json_object`, `json_array`: `{"jsonb", "absent_on_null", "unique", "returning", "typmod"}`; arguments key, value, ...
//!   or values. The type of RETURNING and its modifier are for deparsing: a cast is around the expression.
//! - `json_objectagg`, `json_arrayagg`: the same options; the only argument is the aggregate, cast as RETURNING says
//! - `json_parse`: `{"unique"}`; the text
//! - `json_serialize`: `{"returning", "typmod"}`; the value
//! - `json_scalar`: `{}`; the value
//! - `json_format`: `{"json": "FORMAT JSON" was written, "encoding"}`; a value as it was written, and read as JSON: only
//!   the second is computed
//! - `is_json`: `{"kind": "any|object|array|scalar", "unique"}`; the value
//! - `json_exists`, `json_value`, `json_query`: see `json_query.rs`

use super::not;
use super::special::special_expr;
use crate::binder::Binder;
use crate::expr::system_name;
use crate::func::CallParts;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr, Position, SubLink, SubLinkKind};
use pglitedb_sql_parser::ast::{
    self, JsonAggTail, JsonExpr, JsonItemKind, JsonKeyValue, JsonOutput, JsonValue, SortItem,
};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::{Oid, oids};

impl<'c> Binder<'c> {
    pub(super) fn json(&mut self, json: &'c JsonExpr, at: usize) -> Result<Expr> {
        match json {
            JsonExpr::Object { pairs, absent_on_null, unique, returning } => {
                let mut args = Vec::with_capacity(pairs.len() * 2);
                for pair in pairs {
                    args.push(self.json_key(&pair.key)?);
                    args.push(self.json_item(&pair.value)?);
                }
                let absent = absent_on_null.unwrap_or(false);
                self.constructor("json_object", args, absent, *unique, returning.as_ref(), at)
            }
            JsonExpr::Array { items, absent_on_null, returning } => {
                let mut args = Vec::with_capacity(items.len());
                for item in items {
                    args.push(self.json_item(item)?);
                }
                let absent = absent_on_null.unwrap_or(true);
                self.constructor("json_array", args, absent, false, returning.as_ref(), at)
            }
            JsonExpr::ArrayQuery { query, returning, .. } => {
                self.json_array_query(query, returning.as_ref(), at)
            }
            JsonExpr::ObjectAgg { pair, absent_on_null, unique, tail } => {
                self.json_object_agg(pair, absent_on_null.unwrap_or(false), *unique, tail, at)
            }
            JsonExpr::ArrayAgg { arg, order_by, absent_on_null, tail } => {
                self.json_array_agg(arg, order_by, absent_on_null.unwrap_or(true), tail, at)
            }
            JsonExpr::Parse { arg, unique } => {
                let value = if *unique {
                    let (value, type_oid) = self.json_text(arg)?;
                    if type_oid != oids::TEXT {
                        return Err(err!(
                            DATATYPE_MISMATCH,
                            "cannot use non-string types with WITH UNIQUE KEYS clause"
                        )
                        .at(arg.expr.span.offset()));
                    }
                    value
                } else {
                    self.json_value_expr(arg, Format::Json, Some(oids::JSON), false)?
                };
                let options = format!("{{\"unique\":{unique}}}");
                Ok(special_expr("json_parse", &options, vec![value], oids::JSON, -1, at))
            }
            JsonExpr::Scalar(arg) => {
                let value = self.expr(arg)?;
                let value = self.known(value)?;
                Ok(special_expr("json_scalar", "{}", vec![value], oids::JSON, -1, at))
            }
            JsonExpr::Serialize { arg, returning } => {
                let value = self.json_value_expr(arg, Format::Json, None, false)?;
                let (target, typmod) = self.json_output(returning.as_ref(), oids::TEXT)?;
                if target != oids::BYTEA && self.category(target)?.0 != b'S' {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "cannot use type {} in RETURNING clause of JSON_SERIALIZE()",
                        self.type_name(target)
                    )
                    .hint("Try returning a string type or bytea."));
                }
                let options = format!("{{\"returning\":{target},\"typmod\":{typmod}}}");
                let call = special_expr("json_serialize", &options, vec![value], oids::JSON, -1, at);
                self.json_result(call, target, typmod, at)
            }
            JsonExpr::Function(function) => self.json_function(function, at),
            JsonExpr::IsJson { arg, kind, unique, negated, .. } => {
                let value = self.expr(arg)?;
                let original = value.type_oid();
                let (value, type_oid) = self.json_text_of(value, None, arg.span.offset())?;
                if !matches!(type_oid, oids::TEXT | oids::JSON | oids::JSONB) {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "cannot use type {} in IS JSON predicate",
                        self.type_name(original)
                    ));
                }
                let kind = match kind {
                    JsonItemKind::Any => "any",
                    JsonItemKind::Object => "object",
                    JsonItemKind::Array => "array",
                    JsonItemKind::Scalar => "scalar",
                };
                let options = format!("{{\"kind\":\"{kind}\",\"unique\":{unique}}}");
                let test = special_expr("is_json", &options, vec![value], oids::BOOL, -1, at);
                Ok(if *negated { not(test) } else { test })
            }
        }
    }

    /// An untyped literal is text.
    pub(super) fn known(&mut self, value: Expr) -> Result<Expr> {
        if value.type_oid() == oids::UNKNOWN {
            return self.coerce(value, oids::TEXT, -1, CastContext::Implicit, CallForm::ImplicitCast);
        }
        Ok(value)
    }

    /// A key; an untyped literal stays one.
    fn json_key(&mut self, key: &'c ast::Expr) -> Result<Expr> {
        self.expr(key)
    }

    /// A value of a constructor: with FORMAT JSON, text is JSON already.
    fn json_item(&mut self, value: &'c JsonValue) -> Result<Expr> {
        self.json_value_expr(value, Format::Default, None, false)
    }

    /// A value, read as JSON where its FORMAT or the place says so; `argument`: of PASSING. What is read is kept beside
    /// what it was (`json_format`).
    pub(crate) fn json_value_expr(
        &mut self,
        value: &'c JsonValue,
        default: Format,
        target: Option<Oid>,
        argument: bool,
    ) -> Result<Expr> {
        let bound = self.expr(&value.expr)?;
        let bound = self.known(bound)?;
        let source = bound.type_oid();
        let at = value.expr.span.offset();
        let text_like = self.category(source)?.0 == b'S';
        let format = if value.format.is_some() {
            self.check_encoding(&bound, value)?;
            if matches!(source, oids::JSON | oids::JSONB) { Format::Default } else { Format::Json }
        } else if argument {
            let passes = matches!(
                source,
                oids::BOOL
                    | oids::NUMERIC
                    | oids::INT2
                    | oids::INT4
                    | oids::INT8
                    | oids::FLOAT4
                    | oids::FLOAT8
                    | oids::TEXT
                    | oids::VARCHAR
                    | oids::DATE
                    | oids::TIME
                    | oids::TIMETZ
                    | oids::TIMESTAMP
                    | oids::TIMESTAMPTZ
            );
            if passes || text_like {
                return Ok(bound);
            }
            default
        } else if matches!(source, oids::JSON | oids::JSONB) {
            Format::Default
        } else {
            default
        };
        if format == Format::Default && target.is_none_or(|target| target == source) {
            return Ok(bound);
        }
        if !argument && target.is_none() && source != oids::BYTEA && !text_like {
            let clause = if value.format.is_some() { "explicit" } else { "implicit" };
            return Err(err!(
                DATATYPE_MISMATCH,
                "cannot use non-string types with {clause} FORMAT JSON clause"
            )
            .at(value.format.as_ref().map_or(at, |format| format.span.offset())));
        }
        let raw = bound.clone();
        let readable = if format == Format::Json && source == oids::BYTEA {
            self.bytes_to_text(bound, at)?
        } else {
            bound
        };
        let wanted = target.unwrap_or(if format == Format::Jsonb { oids::JSONB } else { oids::JSON });
        let from = readable.type_oid();
        let coerced =
            self.coerce_to_target(readable, wanted, -1, CastContext::Explicit, CallForm::ExplicitCast)?;
        let formatted = match coerced {
            Ok(formatted) => formatted,
            Err(_) if target.is_some() => {
                return Err(err!(
                    CANNOT_COERCE,
                    "cannot cast type {} to {}",
                    self.type_name(from),
                    self.type_name(wanted)
                )
                .at(at));
            }
            Err(value) => {
                let name = if wanted == oids::JSON { "to_json" } else { "to_jsonb" };
                self.system_call(name, vec![value], CallForm::Explicit, at)?
            }
        };
        if from == wanted && source == wanted {
            return Ok(raw);
        }
        Ok(json_format(raw, formatted, value.format.as_ref(), at))
    }

    fn bytes_to_text(&mut self, bytes: Expr, at: usize) -> Result<Expr> {
        let encoding = super::like::text_literal("UTF8", at);
        self.system_call("convert_from", vec![bytes, encoding], CallForm::Explicit, at)
    }

    /// ENCODING is for bytea, and UTF8 the only one.
    fn check_encoding(&self, bound: &Expr, value: &'c JsonValue) -> Result<()> {
        let Some(format) = &value.format else { return Ok(()) };
        let Some(encoding) = format.encoding else { return Ok(()) };
        let at = format.span.offset();
        if bound.type_oid() != oids::BYTEA {
            return Err(
                err!(DATATYPE_MISMATCH, "JSON ENCODING clause is only allowed for bytea input type").at(at)
            );
        }
        if encoding != ast::JsonEncoding::Utf8 {
            return Err(pglitedb_sqlstate::Error::unsupported("unsupported JSON encoding")
                .hint("Only UTF8 JSON encoding is supported.")
                .at(at));
        }
        Ok(())
    }

    /// The argument of JSON(... WITH UNIQUE KEYS): strings and bytes as text, with the type that it has then.
    fn json_text(&mut self, value: &'c JsonValue) -> Result<(Expr, Oid)> {
        let bound = self.expr(&value.expr)?;
        self.check_encoding(&bound, value)?;
        self.json_text_of(bound, value.format.as_ref(), value.expr.span.offset())
    }

    fn json_text_of(
        &mut self,
        bound: Expr,
        format: Option<&ast::JsonFormat>,
        at: usize,
    ) -> Result<(Expr, Oid)> {
        let source = bound.type_oid();
        if source == oids::BYTEA {
            let text = self.bytes_to_text(bound.clone(), at)?;
            return Ok((json_format(bound, text, format, at), oids::TEXT));
        }
        if source != oids::UNKNOWN && self.category(source)?.0 != b'S' {
            return Ok((bound, source));
        }
        let coerced =
            self.coerce_to_target(bound, oids::TEXT, -1, CastContext::Implicit, CallForm::ImplicitCast)?;
        match coerced {
            Ok(text) => Ok((text, oids::TEXT)),
            Err(_) => Err(err!(CANNOT_COERCE, "cannot cast type {} to text", self.type_name(source)).at(at)),
        }
    }

    /// The type of RETURNING.
    pub(super) fn json_output(&mut self, output: Option<&'c JsonOutput>, default: Oid) -> Result<(Oid, i32)> {
        let Some(output) = output else { return Ok((default, -1)) };
        let at = output.type_name.span.offset();
        if output.type_name.setof {
            return Err(pglitedb_sqlstate::Error::unsupported(
                "returning SETOF types is not supported in SQL/JSON functions",
            )
            .at(at));
        }
        let (type_oid, typmod) = self.resolve_type(&output.type_name)?;
        if self.is_pseudo(type_oid)? {
            return Err(pglitedb_sqlstate::Error::unsupported(
                "returning pseudo-types is not supported in SQL/JSON functions",
            ));
        }
        if let Some(format) = &output.format
            && let Some(encoding) = format.encoding
        {
            let at = format.span.offset();
            if type_oid != oids::BYTEA {
                return Err(
                    err!(DATATYPE_MISMATCH, "cannot set JSON encoding for non-bytea output types").at(at)
                );
            }
            if encoding != ast::JsonEncoding::Utf8 {
                return Err(pglitedb_sqlstate::Error::unsupported("unsupported JSON encoding")
                    .hint("Only UTF8 JSON encoding is supported.")
                    .at(at));
            }
        }
        Ok((type_oid, typmod))
    }

    /// An explicit cast that must exist.
    pub(super) fn json_cast(&mut self, value: Expr, target: Oid, typmod: i32, at: usize) -> Result<Expr> {
        let source = value.type_oid();
        let position = value.position();
        match self.coerce_to_target(value, target, typmod, CastContext::Explicit, CallForm::ImplicitCast)? {
            Ok(value) => Ok(value),
            Err(_) => Err(err!(
                CANNOT_COERCE,
                "cannot cast type {} to {}",
                self.type_name(source),
                self.type_name(target)
            )
            .at(position.get().unwrap_or(at))),
        }
    }

    /// JSON as the RETURNING type.
    fn json_result(&mut self, value: Expr, target: Oid, typmod: i32, at: usize) -> Result<Expr> {
        let source = value.type_oid();
        if source == target {
            return Ok(value);
        }
        if target == oids::BYTEA {
            let text = self.json_cast(value, oids::TEXT, -1, at)?;
            let encoding = super::like::text_literal("UTF8", at);
            // Written as RETURNING, not as a call.
            return self.system_call("convert_to", vec![text, encoding], CallForm::ImplicitCast, at);
        }
        // As in an assignment: what is too long is an error.
        let coerced =
            self.coerce_to_target(value, target, typmod, CastContext::Assignment, CallForm::ImplicitCast)?;
        coerced.map_err(|_| {
            err!(CANNOT_COERCE, "cannot cast type {} to {}", self.type_name(source), self.type_name(target))
                .at(at)
        })
    }

    fn constructor(
        &mut self,
        name: &str,
        args: Vec<Expr>,
        absent: bool,
        unique: bool,
        returning: Option<&'c JsonOutput>,
        at: usize,
    ) -> Result<Expr> {
        let (target, typmod) = self.constructor_output(returning, &args)?;
        let jsonb = target == oids::JSONB;
        let options = format!(
            "{{\"jsonb\":{jsonb},\"absent_on_null\":{absent},\"unique\":{unique},\"returning\":{target},\"typmod\":{typmod}}}"
        );
        let own = if jsonb { oids::JSONB } else { oids::JSON };
        let call = special_expr(name, &options, args, own, -1, at);
        self.json_result(call, target, typmod, at)
    }

    /// Without RETURNING the result is `json`, or `jsonb` if an argument is.
    fn constructor_output(&mut self, returning: Option<&'c JsonOutput>, args: &[Expr]) -> Result<(Oid, i32)> {
        let default = if args.iter().any(is_jsonb) { oids::JSONB } else { oids::JSON };
        self.json_output(returning, default)
    }

    fn json_object_agg(
        &mut self,
        pair: &'c JsonKeyValue,
        absent: bool,
        unique: bool,
        tail: &'c JsonAggTail,
        at: usize,
    ) -> Result<Expr> {
        let args = vec![self.json_key(&pair.key)?, self.json_item(&pair.value)?];
        let suffix = match (absent, unique) {
            (false, false) => "",
            (true, false) => "_strict",
            (false, true) => "_unique",
            (true, true) => "_unique_strict",
        };
        let form =
            Aggregate { name: "json_objectagg", suffix: &format!("_object_agg{suffix}"), absent, unique };
        self.json_aggregate(form, args, &[], tail, at)
    }

    fn json_array_agg(
        &mut self,
        arg: &'c JsonValue,
        order_by: &'c [SortItem],
        absent: bool,
        tail: &'c JsonAggTail,
        at: usize,
    ) -> Result<Expr> {
        let args = vec![self.json_item(arg)?];
        let suffix = if absent { "_agg_strict" } else { "_agg" };
        let form = Aggregate { name: "json_arrayagg", suffix, absent, unique: false };
        self.json_aggregate(form, args, order_by, tail, at)
    }

    fn json_aggregate(
        &mut self,
        form: Aggregate<'_>,
        args: Vec<Expr>,
        order_by: &'c [SortItem],
        tail: &'c JsonAggTail,
        at: usize,
    ) -> Result<Expr> {
        let (target, typmod) = self.constructor_output(tail.returning.as_ref(), &args)?;
        let options = form.options(target, typmod);
        let prefix = if target == oids::JSONB { "jsonb" } else { "json" };
        let name = system_name(&format!("{prefix}{}", form.suffix));
        let filter = match &tail.filter {
            Some(filter) => Some(self.condition(filter, crate::ExprKind::Filter, "FILTER")?),
            None => None,
        };
        let mut parts = CallParts::plain(&name, CallForm::Explicit, at);
        parts.order_by = order_by;
        parts.filter = filter;
        parts.over = tail.over.as_ref();
        let call = self.call(parts, args)?;
        let result = self.json_result(call, target, typmod, at)?;
        let (type_oid, typmod) = (result.type_oid(), result.typmod());
        Ok(special_expr(form.name, &options, vec![result], type_oid, typmod, at))
    }

    /// `JSON_ARRAY(SELECT ...)`: an aggregate over the query, as `(SELECT JSON_ARRAYAGG(a) FROM (SELECT ...) q (a))`.
    fn json_array_query(
        &mut self,
        query: &'c ast::Query,
        returning: Option<&'c JsonOutput>,
        at: usize,
    ) -> Result<Expr> {
        self.level().has_sublinks = true;
        let bound = self.sublevel(|binder| {
            let source = binder.subquery(query, true)?;
            if source.visible_targets().count() != 1 {
                return Err(err!(SYNTAX_ERROR, "subquery must return only one column").at(at));
            }
            let mut rte = binder.subquery_rte(source, None, false)?;
            rte.name = "q".into();
            rte.has_alias = true;
            rte.alias_columns = vec!["a".into()];
            if let Some(column) = rte.columns.first_mut() {
                column.name = "a".into();
            }
            let index = binder.add_rte(rte);
            binder.level().from.push(pglitedb_query_tree::FromItem::Rte(index));
            let column = binder.star_of_last()?.into_iter().next().map(|(expr, _)| expr);
            let args = vec![column.ok_or_else(crate::from::missing_entry)?];
            let (target, typmod) = binder.constructor_output(returning, &args)?;
            let form =
                Aggregate { name: "json_arrayagg", suffix: "_agg_strict", absent: true, unique: false };
            let options = form.options(target, typmod);
            let name = if target == oids::JSONB { "jsonb_agg_strict" } else { "json_agg_strict" };
            let call = binder.with_kind(crate::ExprKind::SelectTarget, |binder| {
                binder.system_call(name, args, CallForm::Explicit, at)
            })?;
            let result = binder.json_result(call, target, typmod, at)?;
            let (type_oid, typmod) = (result.type_oid(), result.typmod());
            let call = special_expr(form.name, &options, vec![result], type_oid, typmod, at);
            let mut result = pglitedb_query_tree::Query {
                targets: vec![crate::target::target(call, 1, Some("json_arrayagg".into()))],
                ..Default::default()
            };
            binder.take_level(&mut result);
            crate::collate::assign_query(binder, &mut result)?;
            Ok(result)
        })?;
        let result_type = bound.targets.first().map_or(oids::JSON, |target| target.expr.type_oid());
        Ok(Expr::SubLink(Box::new(SubLink {
            kind: SubLinkKind::Scalar,
            id: 0,
            test: None,
            query: Box::new(bound),
            result_type,
            position: Position::new(at),
        })))
    }
}

/// What an aggregate of SQL/JSON is computed by, and how it was written.
#[derive(Clone, Copy)]
struct Aggregate<'a> {
    name: &'static str,
    suffix: &'a str,
    absent: bool,
    unique: bool,
}

impl Aggregate<'_> {
    fn options(self, returning: Oid, typmod: i32) -> String {
        format!(
            "{{\"absent_on_null\":{},\"unique\":{},\"returning\":{returning},\"typmod\":{typmod}}}",
            self.absent, self.unique
        )
    }
}

/// How text is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// As what it is.
    Default,
    /// As JSON.
    Json,
    /// As JSON, into `jsonb`.
    Jsonb,
}

fn is_jsonb(expr: &Expr) -> bool {
    expr.type_oid() == oids::JSONB
}

/// A value with what it was before it was read as JSON: `json_format` with both as arguments.
pub(crate) fn json_format(raw: Expr, formatted: Expr, format: Option<&ast::JsonFormat>, at: usize) -> Expr {
    let encoding = match format.and_then(|format| format.encoding) {
        None => "",
        Some(ast::JsonEncoding::Utf8) => "UTF8",
        Some(ast::JsonEncoding::Utf16) => "UTF16",
        Some(ast::JsonEncoding::Utf32) => "UTF32",
    };
    let options = format!("{{\"json\":{},\"encoding\":\"{encoding}\"}}", format.is_some());
    let (type_oid, typmod) = (formatted.type_oid(), formatted.typmod());
    special_expr("json_format", &options, vec![raw, formatted], type_oid, typmod, at)
}
