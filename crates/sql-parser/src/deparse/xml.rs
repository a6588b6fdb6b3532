//! SQL/XML.

use super::Printer;
use crate::ast::{
    XmlAttribute, XmlExpr, XmlNamespace, XmlStandalone, XmlTable, XmlTableColumn, XmlTableColumnKind,
};

impl Printer {
    pub(super) fn xml_expr(&mut self, xml: &XmlExpr) {
        match xml {
            XmlExpr::Concat(args) => self.keyword_call("XMLCONCAT", args),
            XmlExpr::Element { name, attributes, content } => {
                self.text("XMLELEMENT(NAME ");
                self.ident(name);
                if !attributes.is_empty() {
                    self.text(", XMLATTRIBUTES");
                    self.paren_list(attributes, Self::xml_attribute);
                }
                if !content.is_empty() {
                    self.text(", ");
                    self.exprs(content);
                }
                self.text(")");
            }
            XmlExpr::Exists { path, document } => {
                self.text("XMLEXISTS(");
                self.primary(path);
                self.text(" PASSING ");
                self.primary(document);
                self.text(")");
            }
            XmlExpr::Forest(attributes) => {
                self.text("XMLFOREST");
                self.paren_list(attributes, Self::xml_attribute);
            }
            XmlExpr::Parse { document, arg, preserve_whitespace } => {
                self.text("XMLPARSE(");
                self.text(if *document { "DOCUMENT " } else { "CONTENT " });
                self.expr(arg);
                self.text_if(*preserve_whitespace, " PRESERVE WHITESPACE");
                self.text(")");
            }
            XmlExpr::Pi { name, content } => {
                self.text("XMLPI(NAME ");
                self.ident(name);
                self.optional(", ", content.as_ref(), Self::expr);
                self.text(")");
            }
            XmlExpr::Root { arg, version, standalone } => {
                self.text("XMLROOT(");
                self.expr(arg);
                self.text(", VERSION ");
                match version {
                    Some(version) => self.expr(version),
                    None => self.text("NO VALUE"),
                }
                self.text(match standalone {
                    XmlStandalone::Yes => ", STANDALONE YES",
                    XmlStandalone::No => ", STANDALONE NO",
                    XmlStandalone::NoValue => ", STANDALONE NO VALUE",
                    XmlStandalone::Omitted => "",
                });
                self.text(")");
            }
            XmlExpr::Serialize { document, arg, type_name, indent } => {
                self.text("XMLSERIALIZE(");
                self.text(if *document { "DOCUMENT " } else { "CONTENT " });
                self.expr(arg);
                self.text(" AS ");
                self.type_name(type_name);
                self.text_if(*indent, " INDENT");
                self.text(")");
            }
        }
    }

    fn xml_attribute(&mut self, attribute: &XmlAttribute) {
        self.expr(&attribute.value);
        self.optional(" AS ", attribute.name.as_ref(), Self::ident);
    }

    /// `XMLTABLE` without `LATERAL` and alias.
    pub(super) fn xml_table(&mut self, table: &XmlTable) {
        self.text("XMLTABLE(");
        if !table.namespaces.is_empty() {
            self.text("XMLNAMESPACES");
            self.paren_list(&table.namespaces, Self::xml_namespace);
            self.text(", ");
        }
        self.primary(&table.row_path);
        self.text(" PASSING ");
        self.primary(&table.document);
        self.text(" COLUMNS ");
        self.list(&table.columns, Self::xml_table_column);
        self.text(")");
    }

    fn xml_namespace(&mut self, namespace: &XmlNamespace) {
        self.text_if(namespace.name.is_none(), "DEFAULT ");
        self.primary(&namespace.uri);
        self.optional(" AS ", namespace.name.as_ref(), Self::ident);
    }

    fn xml_table_column(&mut self, column: &XmlTableColumn) {
        self.ident(&column.name);
        match &column.kind {
            XmlTableColumnKind::Ordinality => self.text(" FOR ORDINALITY"),
            XmlTableColumnKind::Value { type_name, path, default, not_null } => {
                self.text(" ");
                self.type_name(type_name);
                self.optional(" PATH ", path.as_ref(), Self::primary);
                self.optional(" DEFAULT ", default.as_ref(), Self::primary);
                self.text_if(*not_null, " NOT NULL");
            }
        }
    }
}
