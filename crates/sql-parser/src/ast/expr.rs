//! Scalar expressions.

use super::{
    Ident, Indirection, JsonExpr, OperatorName, QualifiedName, Query, SortItem, Span, TypeName, WindowSpec,
    XmlExpr,
};

/// An expression with its place in the source.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// From its first to its last token; enclosing parentheses do not count.
    pub span: Span,
}

impl Expr {
    /// Builds an expression.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Expr { kind, span }
    }

    /// Where PostgreSQL points when it complains about this very node: the operator of an operator expression,
    /// the start of anything else.
    pub fn location(&self) -> usize {
        use ExprKind::*;
        let span = match &self.kind {
            Unary { op, .. } | Binary { op, .. } | Quantified { op, .. } => op.span,
            QuantifiedQuery { op, .. } => op.span,
            Cast { op, .. } | Collate { op, .. } | InQuery { op, .. } | Like { op, .. } => *op,
            InList { op, .. } | Between { op, .. } | IsDistinct { op, .. } => *op,
            AtTimeZone { op, .. } | AtLocal { op, .. } | Overlaps { op, .. } => *op,
            And { op, .. } | Or { op, .. } => *op,
            _ => self.span,
        };
        span.offset()
    }

    /// A constant as the grammar knows them: a literal or a typed string.
    pub fn is_constant(&self) -> bool {
        match &self.kind {
            ExprKind::Literal(_) => true,
            ExprKind::Cast { arg, op, .. } => {
                // `t 'text'` has its type before its argument, `'text'::t` behind it.
                matches!(arg.kind, ExprKind::Literal(Literal::String(_))) && op.end <= arg.span.start
            }
            _ => false,
        }
    }
}

/// A constant as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `NULL`.
    Null,
    /// `TRUE` or `FALSE`.
    Boolean(bool),
    /// An integer that fits `i32`, sign folded in.
    Integer(i32),
    /// Any other number as text, sign folded in.
    Numeric(Box<str>),
    /// A string.
    String(Box<str>),
    /// `B'...'`: the text without the prefix.
    Bits(Box<str>),
    /// `X'...'`: the text without the prefix.
    HexBits(Box<str>),
}

/// `a`, `a.b`, `a.*`, `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRef {
    /// The names; empty only for a bare `*`.
    pub parts: Vec<Ident>,
    /// Ends in `*`.
    pub star: bool,
}

/// `ANY`/`SOME` or `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// `ANY` or `SOME`.
    Any,
    /// `ALL`.
    All,
}

/// Which pattern match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LikeKind {
    /// `LIKE`: operator `~~`.
    Like,
    /// `ILIKE`: operator `~~*`.
    ILike,
    /// `SIMILAR TO`: operator `~` with `similar_to_escape`.
    SimilarTo,
}

/// `IS [NOT] TRUE` and its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TruthTest {
    /// `TRUE`.
    True,
    /// `FALSE`.
    False,
    /// `UNKNOWN`.
    Unknown,
}

/// The expressions. `op` is the place of the operator or keyword that PostgreSQL points at.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// A column, or a whole row.
    Column(ColumnRef),
    /// `$n`.
    Param(u32),
    /// `(expr)[1].field.*`: subscripts and fields behind something that is not a plain column name.
    Indirection {
        /// What they stand behind.
        base: Box<Expr>,
        /// At least one.
        indirection: Vec<Indirection>,
    },
    /// A prefix operator.
    Unary {
        /// The operator.
        op: OperatorName,
        /// Its argument.
        arg: Box<Expr>,
    },
    /// An infix operator.
    Binary {
        /// The operator.
        op: OperatorName,
        /// Left argument.
        left: Box<Expr>,
        /// Right argument.
        right: Box<Expr>,
    },
    /// `left op ANY (array)`.
    Quantified {
        /// Left argument.
        left: Box<Expr>,
        /// The operator.
        op: OperatorName,
        /// `ANY` or `ALL`.
        quantifier: Quantifier,
        /// The array.
        array: Box<Expr>,
    },
    /// `left op ANY (SELECT ...)`.
    QuantifiedQuery {
        /// Left argument.
        left: Box<Expr>,
        /// The operator.
        op: OperatorName,
        /// `ANY` or `ALL`.
        quantifier: Quantifier,
        /// The query.
        query: Box<Query>,
    },
    /// `a AND b AND c`: chains are flattened, at least two arguments.
    And {
        /// The arguments.
        args: Vec<Expr>,
        /// The first `AND`.
        op: Span,
    },
    /// `a OR b OR c`: chains are flattened, at least two arguments.
    Or {
        /// The arguments.
        args: Vec<Expr>,
        /// The first `OR`.
        op: Span,
    },
    /// `NOT a`.
    Not(Box<Expr>),
    /// `a IS [NOT] NULL`.
    IsNull {
        /// The argument.
        arg: Box<Expr>,
        /// `NOT`.
        negated: bool,
    },
    /// `a IS [NOT] TRUE | FALSE | UNKNOWN`.
    IsTruth {
        /// The argument.
        arg: Box<Expr>,
        /// What is asked.
        test: TruthTest,
        /// `NOT`.
        negated: bool,
    },
    /// `a IS [NOT] DISTINCT FROM b`.
    IsDistinct {
        /// Left argument.
        left: Box<Expr>,
        /// Right argument.
        right: Box<Expr>,
        /// `NOT`.
        negated: bool,
        /// `IS`.
        op: Span,
    },
    /// `a IS [NOT] NORMALIZED`, with a form or without.
    IsNormalized {
        /// The argument.
        arg: Box<Expr>,
        /// `NFC`, `NFD`, `NFKC` or `NFKD`.
        form: Option<NormalForm>,
        /// `NOT`.
        negated: bool,
    },
    /// `a [NOT] BETWEEN [SYMMETRIC] b AND c`.
    Between {
        /// The argument.
        arg: Box<Expr>,
        /// Lower bound.
        low: Box<Expr>,
        /// Upper bound.
        high: Box<Expr>,
        /// `SYMMETRIC`.
        symmetric: bool,
        /// `NOT`.
        negated: bool,
        /// `BETWEEN` (or the `NOT` before it).
        op: Span,
    },
    /// `a [NOT] IN (b, c)`.
    InList {
        /// The argument.
        arg: Box<Expr>,
        /// The list, at least one.
        list: Vec<Expr>,
        /// `NOT`.
        negated: bool,
        /// `IN` (or the `NOT` before it).
        op: Span,
    },
    /// `a [NOT] IN (SELECT ...)`.
    InQuery {
        /// The argument.
        arg: Box<Expr>,
        /// The query.
        query: Box<Query>,
        /// `NOT`.
        negated: bool,
        /// `IN` (or the `NOT` before it).
        op: Span,
    },
    /// `a [NOT] LIKE b [ESCAPE c]` and its like.
    Like {
        /// Which match.
        kind: LikeKind,
        /// The argument.
        arg: Box<Expr>,
        /// The pattern.
        pattern: Box<Expr>,
        /// The escape character.
        escape: Option<Box<Expr>>,
        /// `NOT`.
        negated: bool,
        /// `LIKE` (or the `NOT` before it).
        op: Span,
    },
    /// `(a, b) OVERLAPS (c, d)`: both sides have two elements.
    Overlaps {
        /// Left row.
        left: Vec<Expr>,
        /// Right row.
        right: Vec<Expr>,
        /// `OVERLAPS`.
        op: Span,
    },
    /// `a AT TIME ZONE b`: function `timezone(b, a)`.
    AtTimeZone {
        /// The argument.
        arg: Box<Expr>,
        /// The zone.
        zone: Box<Expr>,
        /// `AT`.
        op: Span,
    },
    /// `a AT LOCAL`: function `timezone(a)`.
    AtLocal {
        /// The argument.
        arg: Box<Expr>,
        /// `AT`.
        op: Span,
    },
    /// `a COLLATE c`.
    Collate {
        /// The argument.
        arg: Box<Expr>,
        /// The collation.
        collation: QualifiedName,
        /// `COLLATE`.
        op: Span,
    },
    /// `CAST(a AS t)`, `a::t`, `t 'text'`.
    Cast {
        /// The argument.
        arg: Box<Expr>,
        /// The type.
        type_name: Box<TypeName>,
        /// `::`, `CAST`, or the type of `t 'text'`.
        op: Span,
    },
    /// `ROW(a, b)` or `(a, b)`.
    Row {
        /// Written with `ROW`.
        explicit: bool,
        /// The elements.
        items: Vec<Expr>,
    },
    /// `ARRAY[a, b]`; a nested `[...]` is an `Array` too.
    Array(Vec<Expr>),
    /// A function call.
    Function(Box<FunctionCall>),
    /// A function with a syntax of its own.
    Special(Box<SpecialFunction>),
    /// `CURRENT_DATE` and its like.
    SqlValue {
        /// Which one.
        function: SqlValueFunction,
        /// `(n)` behind it.
        precision: Option<i32>,
    },
    /// `CASE`.
    Case(Box<CaseExpr>),
    /// `COALESCE(...)`.
    Coalesce(Vec<Expr>),
    /// `GREATEST(...)`.
    Greatest(Vec<Expr>),
    /// `LEAST(...)`.
    Least(Vec<Expr>),
    /// `NULLIF(a, b)`.
    NullIf(Box<Expr>, Box<Expr>),
    /// `GROUPING(...)`.
    Grouping(Vec<Expr>),
    /// `EXISTS (SELECT ...)`.
    Exists(Box<Query>),
    /// `(SELECT ...)`.
    Subquery(Box<Query>),
    /// `ARRAY(SELECT ...)`.
    ArrayQuery(Box<Query>),
    /// `DEFAULT` where `INSERT` and `UPDATE` take it.
    Default,
    /// `CURRENT OF cursor`, only as a whole `WHERE`.
    CurrentOf(Ident),
    /// `MERGE_ACTION()`.
    MergeAction,
    /// SQL/XML.
    Xml(Box<XmlExpr>),
    /// SQL/JSON.
    Json(Box<JsonExpr>),
}

/// `CASE [arg] WHEN ... THEN ... ELSE ... END`.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseExpr {
    /// The value to compare with, if any.
    pub arg: Option<Expr>,
    /// The branches, at least one.
    pub branches: Vec<CaseBranch>,
    /// `ELSE`.
    pub default: Option<Expr>,
}

/// `WHEN condition THEN result`.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseBranch {
    /// Condition, or value to compare with.
    pub condition: Expr,
    /// Result.
    pub result: Expr,
    /// From `WHEN` on.
    pub span: Span,
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCall {
    /// The function.
    pub name: QualifiedName,
    /// The arguments.
    pub args: Vec<FunctionArg>,
    /// `f(*)`.
    pub star: bool,
    /// `f(DISTINCT ...)`.
    pub distinct: bool,
    /// `f(... ORDER BY ...)`, or that of `WITHIN GROUP`.
    pub order_by: Vec<SortItem>,
    /// `order_by` was written `WITHIN GROUP (ORDER BY ...)`.
    pub within_group: bool,
    /// `FILTER (WHERE ...)`.
    pub filter: Option<Expr>,
    /// `OVER name` or `OVER (...)`.
    pub over: Option<Over>,
}

/// An argument of a function call.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionArg {
    /// `name => value`.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
    /// `VARIADIC value`; only the last argument may be.
    pub variadic: bool,
}

/// What stands behind `OVER`.
#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    /// A window of the `WINDOW` clause.
    Name(Ident),
    /// `( ... )`.
    Spec(Box<WindowSpec>),
}

/// Unicode normal forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormalForm {
    /// `NFC`.
    Nfc,
    /// `NFD`.
    Nfd,
    /// `NFKC`.
    Nfkc,
    /// `NFKD`.
    Nfkd,
}

/// Which end `TRIM` works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrimSide {
    /// `BOTH` or nothing: `btrim`.
    Both,
    /// `LEADING`: `ltrim`.
    Leading,
    /// `TRAILING`: `rtrim`.
    Trailing,
}

/// Functions with a syntax of their own; each says which `pg_catalog` function PostgreSQL calls.
#[derive(Clone, Debug, PartialEq)]
pub enum SpecialFunction {
    /// `EXTRACT(field FROM source)`: `extract(field, source)`.
    Extract {
        /// The field's name.
        field: Box<str>,
        /// Where it stands.
        field_span: Span,
        /// The source.
        source: Expr,
    },
    /// `OVERLAY(a PLACING b FROM c [FOR d])`: `overlay`, in this order.
    Overlay(Vec<Expr>),
    /// `POSITION(needle IN haystack)`: `position(haystack, needle)`.
    Position {
        /// What is looked for.
        needle: Expr,
        /// Where.
        haystack: Expr,
    },
    /// `SUBSTRING(a FROM b FOR c)`: `substring(a, b, c)`; with `FOR` only, `from` is 1 and the length is cast to
    /// `int4`.
    Substring {
        /// The string.
        arg: Expr,
        /// `FROM`.
        from: Option<Expr>,
        /// `FOR`.
        length: Option<Expr>,
    },
    /// `SUBSTRING(a SIMILAR b ESCAPE c)`: `substring(a, b, c)`.
    SubstringSimilar {
        /// The string.
        arg: Expr,
        /// The pattern.
        pattern: Expr,
        /// The escape character.
        escape: Expr,
    },
    /// `TRIM([side] [a] FROM b)`: `btrim`, `ltrim` or `rtrim` of `args`, which stand in call order (`b`, `a`).
    Trim {
        /// Which end.
        side: TrimSide,
        /// The string, then what to cut.
        args: Vec<Expr>,
    },
    /// `NORMALIZE(a [, form])`: `normalize`.
    Normalize {
        /// The string.
        arg: Expr,
        /// The form.
        form: Option<NormalForm>,
    },
    /// `COLLATION FOR (a)`: `pg_collation_for`.
    CollationFor(Expr),
    /// `TREAT(a AS t)`: the function named as the type.
    Treat {
        /// The argument.
        arg: Expr,
        /// The type.
        type_name: TypeName,
    },
    /// `a IS [NOT] DOCUMENT`.
    IsDocument {
        /// The argument.
        arg: Expr,
        /// `NOT`.
        negated: bool,
    },
    /// `SYSTEM_USER`: function `system_user`.
    SystemUser,
}

/// Parameterless functions without parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlValueFunction {
    /// `CURRENT_DATE`.
    CurrentDate,
    /// `CURRENT_TIME`.
    CurrentTime,
    /// `CURRENT_TIMESTAMP`.
    CurrentTimestamp,
    /// `LOCALTIME`.
    LocalTime,
    /// `LOCALTIMESTAMP`.
    LocalTimestamp,
    /// `CURRENT_ROLE`.
    CurrentRole,
    /// `CURRENT_USER`.
    CurrentUser,
    /// `USER`.
    User,
    /// `SESSION_USER`.
    SessionUser,
    /// `CURRENT_CATALOG`.
    CurrentCatalog,
    /// `CURRENT_SCHEMA`.
    CurrentSchema,
}
