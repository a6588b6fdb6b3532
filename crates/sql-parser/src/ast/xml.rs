//! SQL/XML.

use super::{Alias, Expr, Ident, Span, TypeName};

/// An SQL/XML expression.
#[derive(Clone, Debug, PartialEq)]
pub enum XmlExpr {
    /// `XMLCONCAT(...)`.
    Concat(Vec<Expr>),
    /// `XMLELEMENT(NAME name, XMLATTRIBUTES(...), ...)`.
    Element {
        /// The element.
        name: Ident,
        /// `XMLATTRIBUTES`.
        attributes: Vec<XmlAttribute>,
        /// The content.
        content: Vec<Expr>,
    },
    /// `XMLEXISTS(path PASSING document)`: function `xmlexists`.
    Exists {
        /// The path.
        path: Expr,
        /// The document.
        document: Expr,
    },
    /// `XMLFOREST(...)`.
    Forest(Vec<XmlAttribute>),
    /// `XMLPARSE(DOCUMENT|CONTENT text ...)`.
    Parse {
        /// `DOCUMENT`, not `CONTENT`.
        document: bool,
        /// The text.
        arg: Expr,
        /// `PRESERVE WHITESPACE`.
        preserve_whitespace: bool,
    },
    /// `XMLPI(NAME name, content)`.
    Pi {
        /// The target.
        name: Ident,
        /// The content.
        content: Option<Expr>,
    },
    /// `XMLROOT(xml, VERSION ..., STANDALONE ...)`.
    Root {
        /// The document.
        arg: Expr,
        /// `VERSION`; `None` for `NO VALUE`.
        version: Option<Expr>,
        /// `STANDALONE`.
        standalone: XmlStandalone,
    },
    /// `XMLSERIALIZE(DOCUMENT|CONTENT xml AS type [INDENT])`.
    Serialize {
        /// `DOCUMENT`, not `CONTENT`.
        document: bool,
        /// The value.
        arg: Expr,
        /// The type.
        type_name: TypeName,
        /// `INDENT`.
        indent: bool,
    },
}

/// `STANDALONE` of `XMLROOT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XmlStandalone {
    /// `YES`.
    Yes,
    /// `NO`.
    No,
    /// `NO VALUE`.
    NoValue,
    /// Not written.
    Omitted,
}

/// `value [AS name]`.
#[derive(Clone, Debug, PartialEq)]
pub struct XmlAttribute {
    /// The value.
    pub value: Expr,
    /// The name.
    pub name: Option<Ident>,
}

/// `XMLTABLE(...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct XmlTable {
    /// `LATERAL`.
    pub lateral: bool,
    /// `XMLNAMESPACES(...)`.
    pub namespaces: Vec<XmlNamespace>,
    /// The path of a row.
    pub row_path: Expr,
    /// `PASSING`.
    pub document: Expr,
    /// `COLUMNS`.
    pub columns: Vec<XmlTableColumn>,
    /// The alias.
    pub alias: Option<Alias>,
    /// The whole item.
    pub span: Span,
}

/// `uri AS name` or `DEFAULT uri`.
#[derive(Clone, Debug, PartialEq)]
pub struct XmlNamespace {
    /// The address.
    pub uri: Expr,
    /// The name; `None` for `DEFAULT`.
    pub name: Option<Ident>,
}

/// A column of `XMLTABLE`.
#[derive(Clone, Debug, PartialEq)]
pub struct XmlTableColumn {
    /// The column.
    pub name: Ident,
    /// What it holds.
    pub kind: XmlTableColumnKind,
    /// The whole column.
    pub span: Span,
}

/// Kinds of [`XmlTableColumn`].
#[derive(Clone, Debug, PartialEq)]
// Columns of ordinality are rare, and columns few.
#[allow(clippy::large_enum_variant)]
pub enum XmlTableColumnKind {
    /// `FOR ORDINALITY`.
    Ordinality,
    /// A value.
    Value {
        /// Its type.
        type_name: TypeName,
        /// `PATH`.
        path: Option<Expr>,
        /// `DEFAULT`.
        default: Option<Expr>,
        /// `NOT NULL`.
        not_null: bool,
    },
}
