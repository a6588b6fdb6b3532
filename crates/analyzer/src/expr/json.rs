//! SQL/JSON: constructors, aggregates, IS JSON, JSON_EXISTS, JSON_VALUE, JSON_QUERY.
//!
//! What has no function of its own becomes a [`SpecialExpr`](pglitedb_query_tree::SpecialExpr); its options are JSON:
//!
//! - `json_object`, `json_array`: `{"jsonb", "absent_on_null", "unique"}`; arguments key, value, ... or values
//! - `json_parse`: `{"unique"}`; the text
//! - `json_scalar`: `{}`; the value
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
                let value = self.json_text(arg)?;
                let base = self.base_type(value.type_oid())?;
                if *unique && self.category(base)?.0 != b'S' {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "cannot use non-string types with WITH UNIQUE KEYS clause"
                    )
                    .at(arg.expr.span.offset()));
                }
                if *unique {
                    return Ok(special_expr(
                        "json_parse",
                        "{\"unique\":true}",
                        vec![value],
                        oids::JSON,
                        -1,
                        at,
                    ));
                }
                self.json_cast(value, oids::JSON, -1, at)
            }
            JsonExpr::Scalar(arg) => {
                let value = self.expr(arg)?;
                let value = self.known(value)?;
                Ok(special_expr("json_scalar", "{}", vec![value], oids::JSON, -1, at))
            }
            JsonExpr::Serialize { arg, returning } => {
                let value = self.json_text(arg)?;
                let value = if matches!(value.type_oid(), oids::JSON | oids::JSONB) {
                    value
                } else {
                    self.json_cast(value, oids::JSON, -1, at)?
                };
                let (target, typmod) = self.json_output(returning.as_ref(), oids::TEXT)?;
                if target != oids::BYTEA && self.category(target)?.0 != b'S' {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "cannot use type {} in RETURNING clause of JSON_SERIALIZE()",
                        self.type_name(target)
                    )
                    .hint("Try returning a string type or bytea."));
                }
                self.json_result(value, target, typmod, at)
            }
            JsonExpr::Function(function) => self.json_function(function, at),
            JsonExpr::IsJson { arg, kind, unique, negated, .. } => {
                let value = self.expr(arg)?;
                let value = self.known(value)?;
                let type_oid = value.type_oid();
                let base = self.base_type(type_oid)?;
                let textual = self.category(base)?.0 == b'S';
                if !textual && !matches!(base, oids::JSON | oids::JSONB | oids::BYTEA) {
                    return Err(err!(
                        DATATYPE_MISMATCH,
                        "cannot use type {} in IS JSON predicate",
                        self.type_name(type_oid)
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

    fn json_key(&mut self, key: &'c ast::Expr) -> Result<Expr> {
        let value = self.expr(key)?;
        self.known(value)
    }

    /// A value of a constructor: with FORMAT JSON, text is JSON already.
    fn json_item(&mut self, value: &'c JsonValue) -> Result<Expr> {
        let bound = self.expr(&value.expr)?;
        let bound = self.known(bound)?;
        self.check_encoding(&bound, value)?;
        if value.format.is_none() {
            return Ok(bound);
        }
        self.as_json(bound, value)
    }

    /// ENCODING is for bytea, and UTF8 the only one.
    fn check_encoding(&self, bound: &Expr, value: &'c JsonValue) -> Result<()> {
        let Some(format) = &value.format else { return Ok(()) };
        let Some(encoding) = format.encoding else { return Ok(()) };
        let at = format.span.offset();
        if self.base_type(bound.type_oid())? != oids::BYTEA {
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

    fn as_json(&mut self, bound: Expr, value: &'c JsonValue) -> Result<Expr> {
        let at = value.expr.span.offset();
        let base = self.base_type(bound.type_oid())?;
        if matches!(base, oids::JSON | oids::JSONB) {
            return Ok(bound);
        }
        if base == oids::BYTEA {
            let encoding = super::like::text_literal("UTF8", at);
            let text = self.system_call("convert_from", vec![bound, encoding], CallForm::Explicit, at)?;
            return self.json_cast(text, oids::JSON, -1, at);
        }
        if self.category(base)?.0 != b'S' {
            return Err(err!(
                DATATYPE_MISMATCH,
                "cannot use non-string types with explicit FORMAT JSON clause"
            )
            .at(value.format.as_ref().map_or(at, |format| format.span.offset())));
        }
        self.json_cast(bound, oids::JSON, -1, at)
    }

    /// The argument of JSON() and JSON_SERIALIZE(): JSON, or text to be read as JSON.
    fn json_text(&mut self, value: &'c JsonValue) -> Result<Expr> {
        let bound = self.expr(&value.expr)?;
        let bound = self.known(bound)?;
        self.check_encoding(&bound, value)?;
        let base = self.base_type(bound.type_oid())?;
        if base == oids::BYTEA {
            return self.as_json(bound, value);
        }
        Ok(bound)
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
            )
            .at(at));
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
        if value.type_oid() == target {
            return Ok(value);
        }
        if target == oids::BYTEA {
            let text = self.json_cast(value, oids::TEXT, -1, at)?;
            let encoding = super::like::text_literal("UTF8", at);
            return self.system_call("convert_to", vec![text, encoding], CallForm::Explicit, at);
        }
        self.json_cast(value, target, typmod, at)
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
        let (target, typmod) = self.json_output(returning, oids::JSON)?;
        let jsonb = target == oids::JSONB;
        let options = format!("{{\"jsonb\":{jsonb},\"absent_on_null\":{absent},\"unique\":{unique}}}");
        let own = if jsonb { oids::JSONB } else { oids::JSON };
        let call = special_expr(name, &options, args, own, -1, at);
        self.json_result(call, target, typmod, at)
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
        self.json_aggregate(&format!("_object_agg{suffix}"), args, &[], tail, at)
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
        self.json_aggregate(if absent { "_agg_strict" } else { "_agg" }, args, order_by, tail, at)
    }

    fn json_aggregate(
        &mut self,
        suffix: &str,
        args: Vec<Expr>,
        order_by: &'c [SortItem],
        tail: &'c JsonAggTail,
        at: usize,
    ) -> Result<Expr> {
        let (target, typmod) = self.json_output(tail.returning.as_ref(), oids::JSON)?;
        let prefix = if target == oids::JSONB { "jsonb" } else { "json" };
        let name = system_name(&format!("{prefix}{suffix}"));
        let filter = match &tail.filter {
            Some(filter) => Some(self.condition(filter, crate::ExprKind::Filter, "FILTER")?),
            None => None,
        };
        let mut parts = CallParts::plain(&name, CallForm::Explicit, at);
        parts.order_by = order_by;
        parts.filter = filter;
        parts.over = tail.over.as_ref();
        let call = self.call(parts, args)?;
        self.json_result(call, target, typmod, at)
    }

    /// `JSON_ARRAY(SELECT ...)`: an aggregate over the query.
    fn json_array_query(
        &mut self,
        query: &'c ast::Query,
        returning: Option<&'c JsonOutput>,
        at: usize,
    ) -> Result<Expr> {
        let (target, typmod) = self.json_output(returning, oids::JSON)?;
        let name = if target == oids::JSONB { "jsonb_agg_strict" } else { "json_agg_strict" };
        self.level().has_sublinks = true;
        let bound = self.sublevel(|binder| {
            let source = binder.subquery(query, true)?;
            if source.visible_targets().count() != 1 {
                return Err(err!(SYNTAX_ERROR, "subquery must return only one column").at(at));
            }
            let rte = binder.subquery_rte(source, None, false)?;
            let index = binder.add_rte(rte);
            binder.level().from.push(pglitedb_query_tree::FromItem::Rte(index));
            let column = binder.star_of_last()?.into_iter().next().map(|(expr, _)| expr);
            let column = column.ok_or_else(crate::from::missing_entry)?;
            let call = binder.with_kind(crate::ExprKind::SelectTarget, |binder| {
                binder.system_call(name, vec![column], CallForm::Explicit, at)
            })?;
            let mut result = pglitedb_query_tree::Query {
                targets: vec![crate::target::target(call, 1, Some("json_array".into()))],
                ..Default::default()
            };
            binder.take_level(&mut result);
            crate::collate::assign_query(binder, &mut result)?;
            Ok(result)
        })?;
        let own = if target == oids::JSONB { oids::JSONB } else { oids::JSON };
        let link = Expr::SubLink(Box::new(SubLink {
            kind: SubLinkKind::Scalar,
            id: 0,
            test: None,
            query: Box::new(bound),
            result_type: own,
            position: Position::new(at),
        }));
        self.json_result(link, target, typmod, at)
    }
}
