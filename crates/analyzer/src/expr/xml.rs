//! SQL/XML as special expressions, named as in SQL, with JSON options:
//!
//! - `xmlconcat`: `{}`
//! - `xmlelement`: `{"name", "attributes": [names]}`; attribute values, then content
//! - `xmlforest`: `{"names": [names]}`
//! - `xmlparse`: `{"document", "preserve"}`
//! - `xmlpi`: `{"name"}`
//! - `xmlroot`: `{"standalone": "yes|no|no value|omitted"}`; document, version (NULL for NO VALUE)
//! - `xmlserialize`: `{"document", "indent"}`

use super::json_query::json_string;
use super::names::column_name;
use super::special::special_expr;
use crate::binder::Binder;
use pglitedb_catalog::CastContext;
use pglitedb_query_tree::{CallForm, Expr};
use pglitedb_sql_parser::ast::{self, ExprKind as Ast, XmlAttribute, XmlExpr, XmlStandalone};
use pglitedb_sqlstate::{Result, err};
use pglitedb_types::oids;

impl<'c> Binder<'c> {
    pub(super) fn xml(&mut self, xml: &'c XmlExpr, at: usize) -> Result<Expr> {
        match xml {
            XmlExpr::Concat(args) => {
                let args = self.xml_args(args, "XMLCONCAT")?;
                Ok(special_expr("xmlconcat", "{}", args, oids::XML, -1, at))
            }
            XmlExpr::Element { name, attributes, content } => {
                let (mut args, names) = self.attributes(attributes, true)?;
                for item in content {
                    let value = self.expr(item)?;
                    args.push(self.known(value)?);
                }
                let options = format!(
                    "{{\"name\":{},\"attributes\":[{}]}}",
                    json_string(name.as_str()),
                    names.join(",")
                );
                Ok(special_expr("xmlelement", &options, args, oids::XML, -1, at))
            }
            XmlExpr::Exists { path, document } => {
                let path = self.expr(path)?;
                let document = self.expr(document)?;
                self.sql_function("xmlexists", vec![path, document], at)
            }
            XmlExpr::Forest(items) => {
                let (args, names) = self.attributes(items, false)?;
                let options = format!("{{\"names\":[{}]}}", names.join(","));
                Ok(special_expr("xmlforest", &options, args, oids::XML, -1, at))
            }
            XmlExpr::Parse { document, arg, preserve_whitespace } => {
                let arg = self.expr(arg)?;
                let arg = self.coerce_to_specific(arg, oids::TEXT, "XMLPARSE")?;
                let options = format!("{{\"document\":{document},\"preserve\":{preserve_whitespace}}}");
                Ok(special_expr("xmlparse", &options, vec![arg], oids::XML, -1, at))
            }
            XmlExpr::Pi { name, content } => {
                let mut args = Vec::new();
                if let Some(content) = content {
                    let content = self.expr(content)?;
                    args.push(self.coerce_to_specific(content, oids::TEXT, "XMLPI")?);
                }
                let options = format!("{{\"name\":{}}}", json_string(name.as_str()));
                Ok(special_expr("xmlpi", &options, args, oids::XML, -1, at))
            }
            XmlExpr::Root { arg, version, standalone } => {
                let arg = self.expr(arg)?;
                let arg = self.coerce_to_specific(arg, oids::XML, "XMLROOT")?;
                let version = match version {
                    Some(version) => {
                        let version = self.expr(version)?;
                        self.coerce_to_specific(version, oids::TEXT, "XMLROOT")?
                    }
                    None => Expr::null_const(oids::TEXT, -1, 100),
                };
                let standalone = match standalone {
                    XmlStandalone::Yes => "yes",
                    XmlStandalone::No => "no",
                    XmlStandalone::NoValue => "no value",
                    XmlStandalone::Omitted => "omitted",
                };
                let options = format!("{{\"standalone\":\"{standalone}\"}}");
                Ok(special_expr("xmlroot", &options, vec![arg, version], oids::XML, -1, at))
            }
            XmlExpr::Serialize { document, arg, type_name, indent } => {
                let arg = self.expr(arg)?;
                let arg = self.coerce_to_specific(arg, oids::XML, "XMLSERIALIZE")?;
                let (target, typmod) = self.resolve_type(type_name)?;
                let options = format!("{{\"document\":{document},\"indent\":{indent}}}");
                let call = special_expr("xmlserialize", &options, vec![arg], oids::TEXT, -1, at);
                match self.coerce_to_target(
                    call,
                    target,
                    typmod,
                    CastContext::Implicit,
                    CallForm::ImplicitCast,
                )? {
                    Ok(call) => Ok(call),
                    Err(_) => Err(err!(
                        CANNOT_COERCE,
                        "cannot cast XMLSERIALIZE result to {}",
                        self.type_name(target)
                    )
                    .at(at)),
                }
            }
        }
    }

    fn xml_args(&mut self, args: &'c [ast::Expr], what: &str) -> Result<Vec<Expr>> {
        args.iter()
            .map(|arg| {
                let arg = self.expr(arg)?;
                self.coerce_to_specific(arg, oids::XML, what)
            })
            .collect()
    }

    /// Values and names; a column gives its own name.
    fn attributes(&mut self, list: &'c [XmlAttribute], of_element: bool) -> Result<(Vec<Expr>, Vec<String>)> {
        let mut args = Vec::with_capacity(list.len());
        let mut names: Vec<String> = Vec::with_capacity(list.len());
        for item in list {
            let at = item.value.span.offset();
            let name = match &item.name {
                Some(name) => name.as_str(),
                None if matches!(item.value.kind, Ast::Column(_)) => column_name(&item.value),
                None => {
                    let what = if of_element { "attribute" } else { "element" };
                    return Err(
                        err!(SYNTAX_ERROR, "unnamed XML {what} value must be a column reference").at(at)
                    );
                }
            };
            let quoted = json_string(name);
            if of_element && names.contains(&quoted) {
                return Err(err!(SYNTAX_ERROR, "XML attribute name \"{name}\" appears more than once").at(at));
            }
            names.push(quoted);
            let value = self.expr(&item.value)?;
            args.push(self.known(value)?);
        }
        Ok((args, names))
    }
}
