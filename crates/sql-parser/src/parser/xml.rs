//! SQL/XML functions and `XMLTABLE`.

use super::Parser;
use crate::ast::{
    Expr, XmlAttribute, XmlExpr, XmlNamespace, XmlStandalone, XmlTable, XmlTableColumn, XmlTableColumnKind,
};
use crate::lexer::Keyword;
use pglitedb_sqlstate::Result;

impl Parser<'_> {
    /// One of the `XML...(` functions, behind the parenthesis and up to the closing one.
    pub(super) fn xml_expr(&mut self, keyword: Keyword) -> Result<XmlExpr> {
        Ok(match keyword {
            Keyword::Xmlconcat => XmlExpr::Concat(self.expr_list()?),
            Keyword::Xmlelement => self.xml_element()?,
            Keyword::Xmlexists => {
                let path = self.c_expr()?;
                XmlExpr::Exists { path, document: self.xml_passing()? }
            }
            Keyword::Xmlforest => XmlExpr::Forest(self.comma_list(Self::xml_attribute)?),
            Keyword::Xmlparse => {
                let document = self.document_or_content()?;
                let arg = self.expr()?;
                let preserve_whitespace = self.at(Keyword::Preserve);
                if preserve_whitespace || self.at(Keyword::Strip) {
                    self.advance();
                    self.expect(Keyword::Whitespace)?;
                }
                XmlExpr::Parse { document, arg, preserve_whitespace }
            }
            Keyword::Xmlpi => {
                self.expect(Keyword::Name)?;
                let name = self.col_label()?;
                let content = if self.accept_char(b',') { Some(self.expr()?) } else { None };
                XmlExpr::Pi { name, content }
            }
            Keyword::Xmlroot => self.xml_root()?,
            _ => {
                let document = self.document_or_content()?;
                let arg = self.expr()?;
                self.expect(Keyword::As)?;
                let type_name = self.plain_type_name()?;
                let mut indent = false;
                if self.accept(Keyword::No) {
                    self.expect(Keyword::Indent)?;
                } else {
                    indent = self.accept(Keyword::Indent);
                }
                XmlExpr::Serialize { document, arg, type_name, indent }
            }
        })
    }

    fn document_or_content(&mut self) -> Result<bool> {
        if self.accept(Keyword::Document) {
            return Ok(true);
        }
        self.expect(Keyword::Content)?;
        Ok(false)
    }

    fn xml_element(&mut self) -> Result<XmlExpr> {
        self.expect(Keyword::Name)?;
        let name = self.col_label()?;
        let (mut attributes, mut content) = (Vec::new(), Vec::new());
        if self.accept_char(b',') {
            if self.at(Keyword::Xmlattributes) && self.next_is_char(b'(') {
                self.advance();
                attributes = self.paren_list(Self::xml_attribute)?;
                if self.accept_char(b',') {
                    content = self.expr_list()?;
                }
            } else {
                content = self.expr_list()?;
            }
        }
        Ok(XmlExpr::Element { name, attributes, content })
    }

    fn xml_attribute(&mut self) -> Result<XmlAttribute> {
        let value = self.expr()?;
        let name = if self.accept(Keyword::As) { Some(self.col_label()?) } else { None };
        Ok(XmlAttribute { value, name })
    }

    fn xml_root(&mut self) -> Result<XmlExpr> {
        let arg = self.expr()?;
        self.expect_char(b',')?;
        self.expect(Keyword::Version)?;
        let version = if self.accept_pair(Keyword::No, Keyword::Value) { None } else { Some(self.expr()?) };
        let mut standalone = XmlStandalone::Omitted;
        if self.accept_char(b',') {
            self.expect(Keyword::Standalone)?;
            if self.accept(Keyword::Yes) {
                standalone = XmlStandalone::Yes;
            } else {
                self.expect(Keyword::No)?;
                standalone =
                    if self.accept(Keyword::Value) { XmlStandalone::NoValue } else { XmlStandalone::No };
            }
        }
        Ok(XmlExpr::Root { arg, version, standalone })
    }

    /// `xmlexists_argument`; `BY REF` and `BY VALUE` mean nothing.
    fn xml_passing(&mut self) -> Result<Expr> {
        self.expect(Keyword::Passing)?;
        self.xml_passing_mechanism();
        let document = self.c_expr()?;
        self.xml_passing_mechanism();
        Ok(document)
    }

    fn xml_passing_mechanism(&mut self) {
        if self.at(Keyword::By) && matches!(self.next_keyword(), Keyword::Ref | Keyword::Value) {
            self.advance();
            self.advance();
        }
    }

    /// `XMLTABLE(...)` without its alias.
    pub(super) fn xml_table(&mut self, lateral: bool, start: u32) -> Result<XmlTable> {
        self.expect(Keyword::Xmltable)?;
        self.expect_char(b'(')?;
        let mut namespaces = Vec::new();
        if self.at(Keyword::Xmlnamespaces) && self.next_is_char(b'(') {
            self.advance();
            namespaces = self.paren_list(Self::xml_namespace)?;
            self.expect_char(b',')?;
        }
        let row_path = self.c_expr()?;
        let document = self.xml_passing()?;
        self.expect(Keyword::Columns)?;
        let columns = self.comma_list(Self::xml_table_column)?;
        self.expect_char(b')')?;
        let span = self.span_from(start);
        Ok(XmlTable { lateral, namespaces, row_path, document, columns, alias: None, span })
    }

    fn xml_namespace(&mut self) -> Result<XmlNamespace> {
        if self.accept(Keyword::Default) {
            return Ok(XmlNamespace { uri: self.b_expr()?, name: None });
        }
        let uri = self.b_expr()?;
        self.expect(Keyword::As)?;
        Ok(XmlNamespace { uri, name: Some(self.col_label()?) })
    }

    fn xml_table_column(&mut self) -> Result<XmlTableColumn> {
        let start = self.start();
        let name = self.col_id()?;
        if self.accept(Keyword::For) {
            self.expect(Keyword::Ordinality)?;
            let kind = XmlTableColumnKind::Ordinality;
            return Ok(XmlTableColumn { name, kind, span: self.span_from(start) });
        }
        let type_name = self.type_name()?;
        let (mut path, mut default, mut nullable) = (None, None, None);
        loop {
            let span = self.span();
            match self.keyword() {
                Keyword::Default => {
                    self.advance();
                    if default.replace(self.b_expr()?).is_some() {
                        return Err(self.error_at(span, "only one DEFAULT value is allowed"));
                    }
                }
                Keyword::Path => {
                    self.advance();
                    if path.replace(self.b_expr()?).is_some() {
                        return Err(self.error_at(span, "only one PATH value per column is allowed"));
                    }
                }
                Keyword::Not | Keyword::Null => {
                    let not = self.accept(Keyword::Not);
                    self.expect(Keyword::Null)?;
                    if nullable.replace(not).is_some() {
                        let message = format!(
                            "conflicting or redundant NULL / NOT NULL declarations for column \"{}\"",
                            name.as_str()
                        );
                        return Err(self.error_at(span, message));
                    }
                }
                Keyword::NotAKeyword if super::names::is_col_label(self.peek()) => {
                    let option = self.take_ident()?;
                    self.b_expr()?;
                    // PostgreSQL keeps NOT NULL under this name, so nobody may write it.
                    let message = match option.as_str() {
                        name @ "__pg__is_not_null" => {
                            format!("option name \"{name}\" cannot be used in XMLTABLE")
                        }
                        name => format!("unrecognized column option \"{name}\""),
                    };
                    return Err(self.error_at(span, message));
                }
                _ => break,
            }
        }
        let kind = XmlTableColumnKind::Value { type_name, path, default, not_null: nullable == Some(true) };
        Ok(XmlTableColumn { name, kind, span: self.span_from(start) })
    }
}
