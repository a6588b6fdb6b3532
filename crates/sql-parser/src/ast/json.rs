//! SQL/JSON.

use super::{Alias, Expr, Ident, Over, SortItem, Span, TypeName};

/// An SQL/JSON expression.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonExpr {
    /// `JSON_OBJECT(...)` (the standard form; the function of that name is a call).
    Object {
        /// `key: value` pairs.
        pairs: Vec<JsonKeyValue>,
        /// `NULL ON NULL` or `ABSENT ON NULL`; `None` if not written, which means `NULL ON NULL`.
        absent_on_null: Option<bool>,
        /// `WITH UNIQUE KEYS`.
        unique: bool,
        /// `RETURNING`.
        returning: Option<JsonOutput>,
    },
    /// `JSON_ARRAY(...)`.
    Array {
        /// The elements.
        items: Vec<JsonValue>,
        /// `NULL ON NULL` or `ABSENT ON NULL`; `None` if not written, which means `ABSENT ON NULL`.
        absent_on_null: Option<bool>,
        /// `RETURNING`.
        returning: Option<JsonOutput>,
    },
    /// `JSON_ARRAY(SELECT ...)`.
    ArrayQuery {
        /// The query.
        query: Box<super::Query>,
        /// `FORMAT JSON`.
        format: Option<JsonFormat>,
        /// `RETURNING`.
        returning: Option<JsonOutput>,
    },
    /// `JSON_OBJECTAGG(...)`.
    ObjectAgg {
        /// Key and value.
        pair: JsonKeyValue,
        /// As for `Object`.
        absent_on_null: Option<bool>,
        /// `WITH UNIQUE KEYS`.
        unique: bool,
        /// The rest.
        tail: JsonAggTail,
    },
    /// `JSON_ARRAYAGG(...)`.
    ArrayAgg {
        /// The value.
        arg: JsonValue,
        /// `ORDER BY`.
        order_by: Vec<SortItem>,
        /// As for `Array`.
        absent_on_null: Option<bool>,
        /// The rest.
        tail: JsonAggTail,
    },
    /// `JSON(...)`.
    Parse {
        /// The value.
        arg: JsonValue,
        /// `WITH UNIQUE KEYS`.
        unique: bool,
    },
    /// `JSON_SCALAR(...)`.
    Scalar(Expr),
    /// `JSON_SERIALIZE(...)`.
    Serialize {
        /// The value.
        arg: JsonValue,
        /// `RETURNING`.
        returning: Option<JsonOutput>,
    },
    /// `JSON_QUERY`, `JSON_EXISTS`, `JSON_VALUE`.
    Function(Box<JsonFunction>),
    /// `a IS [NOT] JSON ...`.
    IsJson {
        /// The argument.
        arg: Expr,
        /// Which kind of value.
        kind: JsonItemKind,
        /// `WITH UNIQUE KEYS`.
        unique: bool,
        /// `NOT`.
        negated: bool,
    },
}

/// What JSON aggregates end with.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonAggTail {
    /// `RETURNING`.
    pub returning: Option<JsonOutput>,
    /// `FILTER (WHERE ...)`.
    pub filter: Option<Expr>,
    /// `OVER`.
    pub over: Option<Over>,
}

/// `expr FORMAT JSON ENCODING e`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonValue {
    /// The value.
    pub expr: Expr,
    /// Its format.
    pub format: Option<JsonFormat>,
}

/// `FORMAT JSON [ENCODING name]`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonFormat {
    /// The encoding.
    pub encoding: Option<JsonEncoding>,
    /// Where it stands.
    pub span: Span,
}

/// Encodings of `FORMAT JSON`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonEncoding {
    /// UTF8.
    Utf8,
    /// UTF16.
    Utf16,
    /// UTF32.
    Utf32,
}

/// `key: value` or `key VALUE value`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonKeyValue {
    /// The key.
    pub key: Expr,
    /// The value.
    pub value: JsonValue,
}

/// `RETURNING type [FORMAT JSON]`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonOutput {
    /// The type.
    pub type_name: TypeName,
    /// The format.
    pub format: Option<JsonFormat>,
}

/// What `IS JSON` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonItemKind {
    /// `JSON` or `JSON VALUE`.
    Any,
    /// `JSON OBJECT`.
    Object,
    /// `JSON ARRAY`.
    Array,
    /// `JSON SCALAR`.
    Scalar,
}

/// Which of the three query functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonFunctionKind {
    /// `JSON_QUERY`.
    Query,
    /// `JSON_EXISTS`.
    Exists,
    /// `JSON_VALUE`.
    Value,
}

/// `JSON_QUERY(context, path PASSING ... RETURNING ... ON EMPTY ... ON ERROR)`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonFunction {
    /// Which one.
    pub kind: JsonFunctionKind,
    /// The value to look into.
    pub context: JsonValue,
    /// The path.
    pub path: Expr,
    /// `PASSING value AS name`.
    pub passing: Vec<JsonArgument>,
    /// `RETURNING`.
    pub returning: Option<JsonOutput>,
    /// `WITH WRAPPER` and its like.
    pub wrapper: JsonWrapper,
    /// `KEEP QUOTES` and its like.
    pub quotes: JsonQuotes,
    /// `ON EMPTY`.
    pub on_empty: Option<JsonBehavior>,
    /// `ON ERROR`.
    pub on_error: Option<JsonBehavior>,
}

/// `value AS name`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonArgument {
    /// The value.
    pub value: JsonValue,
    /// The name.
    pub name: Ident,
}

/// Wrapping of results in arrays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonWrapper {
    /// Not written.
    #[default]
    Unspecified,
    /// `WITHOUT WRAPPER`.
    Without,
    /// `WITH [UNCONDITIONAL] WRAPPER`.
    Unconditional,
    /// `WITH CONDITIONAL WRAPPER`.
    Conditional,
}

/// Quotes around a scalar string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonQuotes {
    /// Not written.
    #[default]
    Unspecified,
    /// `KEEP QUOTES`.
    Keep,
    /// `OMIT QUOTES`.
    Omit,
}

/// `... ON EMPTY` or `... ON ERROR`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonBehavior {
    /// What happens.
    pub kind: JsonBehaviorKind,
    /// Where it stands.
    pub span: Span,
}

/// Kinds of [`JsonBehavior`].
#[derive(Clone, Debug, PartialEq)]
pub enum JsonBehaviorKind {
    /// `NULL`.
    Null,
    /// `ERROR`.
    Error,
    /// `TRUE`.
    True,
    /// `FALSE`.
    False,
    /// `UNKNOWN`.
    Unknown,
    /// `EMPTY ARRAY`, or `EMPTY` alone.
    EmptyArray,
    /// `EMPTY OBJECT`.
    EmptyObject,
    /// `DEFAULT expr`.
    Default(Box<Expr>),
}

/// `JSON_TABLE(...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonTable {
    /// `LATERAL`.
    pub lateral: bool,
    /// The value to look into.
    pub context: JsonValue,
    /// The path, always a string.
    pub path: JsonTablePath,
    /// `PASSING`.
    pub passing: Vec<JsonArgument>,
    /// `COLUMNS`.
    pub columns: Vec<JsonTableColumn>,
    /// `ON ERROR`.
    pub on_error: Option<JsonBehavior>,
    /// The alias.
    pub alias: Option<Alias>,
    /// The whole item.
    pub span: Span,
}

/// A path with an optional name.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonTablePath {
    /// The path.
    pub path: Box<str>,
    /// Where it stands.
    pub path_span: Span,
    /// `AS name`.
    pub name: Option<Ident>,
}

/// A column of `JSON_TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTableColumn {
    /// `name FOR ORDINALITY`.
    Ordinality {
        /// The column.
        name: Ident,
        /// The whole column.
        span: Span,
    },
    /// `name type [FORMAT JSON] [PATH 'path'] ...`.
    Regular(Box<JsonTableValueColumn>),
    /// `name type EXISTS [PATH 'path'] ...`.
    Exists {
        /// The column.
        name: Ident,
        /// Its type.
        type_name: TypeName,
        /// `PATH`.
        path: Option<JsonTablePath>,
        /// `ON ERROR`.
        on_error: Option<JsonBehavior>,
        /// The whole column.
        span: Span,
    },
    /// `NESTED [PATH] 'path' [AS name] COLUMNS (...)`.
    Nested {
        /// The path.
        path: JsonTablePath,
        /// The columns.
        columns: Vec<JsonTableColumn>,
        /// The whole column.
        span: Span,
    },
}

/// A column of `JSON_TABLE` that holds a value.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonTableValueColumn {
    /// The column.
    pub name: Ident,
    /// Its type.
    pub type_name: TypeName,
    /// `FORMAT JSON`.
    pub format: Option<JsonFormat>,
    /// `PATH`.
    pub path: Option<JsonTablePath>,
    /// `WITH WRAPPER` and its like.
    pub wrapper: JsonWrapper,
    /// `KEEP QUOTES` and its like.
    pub quotes: JsonQuotes,
    /// `ON EMPTY`.
    pub on_empty: Option<JsonBehavior>,
    /// `ON ERROR`.
    pub on_error: Option<JsonBehavior>,
    /// The whole column.
    pub span: Span,
}
