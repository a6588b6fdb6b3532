//! Queries: `SELECT`, `VALUES`, `TABLE`, set operations, `FROM` items, `WITH`.

use super::{
    Alias, Expr, FunctionArg, Ident, JsonTable, OperatorName, QualifiedName, RelationRef, Span, Statement,
    TypeName, XmlTable,
};

/// A query with everything that may stand around its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// `WITH`.
    pub with: Option<Box<With>>,
    /// The body.
    pub body: QueryBody,
    /// `ORDER BY`.
    pub order_by: Vec<SortItem>,
    /// `LIMIT`/`FETCH` and `OFFSET`.
    pub limit: Option<Box<Limit>>,
    /// `FOR UPDATE` and its like.
    pub locking: Vec<LockingClause>,
    /// The whole query; enclosing parentheses do not count.
    pub span: Span,
}

/// What a query consists of.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryBody {
    /// `SELECT ...`; `TABLE t` is `SELECT * FROM t`.
    Select(Box<Select>),
    /// `VALUES (...), (...)`.
    Values(Vec<Vec<Expr>>),
    /// `a UNION b`.
    SetOperation {
        /// Which operation.
        op: SetOperator,
        /// `ALL`.
        all: bool,
        /// Left query.
        left: Box<Query>,
        /// Right query.
        right: Box<Query>,
    },
}

/// Set operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperator {
    /// `UNION`.
    Union,
    /// `INTERSECT`.
    Intersect,
    /// `EXCEPT`.
    Except,
}

/// A plain `SELECT`.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// `DISTINCT` or `DISTINCT ON`.
    pub distinct: Distinct,
    /// The select list; may be empty.
    pub items: Vec<SelectItem>,
    /// `INTO`.
    pub into: Option<Box<IntoClause>>,
    /// `FROM`.
    pub from: Vec<FromItem>,
    /// `WHERE`.
    pub where_clause: Option<Expr>,
    /// `GROUP BY`.
    pub group_by: Option<Box<GroupBy>>,
    /// `HAVING`.
    pub having: Option<Expr>,
    /// `WINDOW`.
    pub windows: Vec<NamedWindow>,
    /// From `SELECT` to the end of the last clause.
    pub span: Span,
}

/// `DISTINCT`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Distinct {
    /// Not written, or `ALL`.
    #[default]
    None,
    /// `DISTINCT`.
    Rows,
    /// `DISTINCT ON (...)`.
    On(Vec<Expr>),
}

/// An element of a select or `RETURNING` list. `*` is an [`super::ExprKind::Column`] with `star`.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectItem {
    /// The expression.
    pub expr: Expr,
    /// `AS alias`.
    pub alias: Option<Ident>,
    /// The whole element.
    pub span: Span,
}

/// `INTO [TEMP] name`, and what `CREATE TABLE AS` says about its target.
#[derive(Clone, Debug, PartialEq)]
pub struct IntoClause {
    /// The table to create.
    pub name: QualifiedName,
    /// Its persistence.
    pub persistence: super::Persistence,
    /// Column names.
    pub columns: Vec<Ident>,
    /// `USING access_method`.
    pub access_method: Option<Ident>,
    /// `WITH (...)`.
    pub options: Vec<super::DefElem>,
    /// `ON COMMIT`.
    pub on_commit: Option<super::OnCommit>,
    /// `TABLESPACE`.
    pub tablespace: Option<Ident>,
}

/// `GROUP BY`.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupBy {
    /// `GROUP BY DISTINCT`.
    pub distinct: bool,
    /// The elements.
    pub items: Vec<GroupItem>,
}

/// An element of `GROUP BY`.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupItem {
    /// An expression; `(a, b)` is a row.
    Expr(Expr),
    /// `()`.
    Empty(Span),
    /// `ROLLUP (...)`.
    Rollup(Vec<Expr>, Span),
    /// `CUBE (...)`.
    Cube(Vec<Expr>, Span),
    /// `GROUPING SETS (...)`.
    Sets(Vec<GroupItem>, Span),
}

/// An element of `ORDER BY`.
#[derive(Clone, Debug, PartialEq)]
pub struct SortItem {
    /// The expression.
    pub expr: Expr,
    /// `ASC`, `DESC` or `USING`.
    pub direction: SortDirection,
    /// `NULLS FIRST` or `NULLS LAST`.
    pub nulls: Option<NullsOrder>,
}

/// Direction of a sort key.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SortDirection {
    /// Not written.
    #[default]
    Default,
    /// `ASC`.
    Asc,
    /// `DESC`.
    Desc,
    /// `USING operator`.
    Using(OperatorName),
}

/// Where nulls sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullsOrder {
    /// `NULLS FIRST`.
    First,
    /// `NULLS LAST`.
    Last,
}

/// `LIMIT`, `FETCH FIRST`, `OFFSET`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The count; `LIMIT ALL` is a null constant.
    pub count: Option<Expr>,
    /// `WITH TIES`.
    pub with_ties: bool,
    /// The offset.
    pub offset: Option<Expr>,
}

/// Strength of a row lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockStrength {
    /// `FOR KEY SHARE`.
    KeyShare,
    /// `FOR SHARE`.
    Share,
    /// `FOR NO KEY UPDATE`.
    NoKeyUpdate,
    /// `FOR UPDATE`.
    Update,
}

/// What to do about a row that is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LockWait {
    /// Wait.
    #[default]
    Block,
    /// `SKIP LOCKED`.
    SkipLocked,
    /// `NOWAIT`.
    NoWait,
}

/// `FOR UPDATE OF a, b NOWAIT`.
#[derive(Clone, Debug, PartialEq)]
pub struct LockingClause {
    /// How strong.
    pub strength: LockStrength,
    /// `OF`: relations by the names that they have in the query.
    pub of: Vec<QualifiedName>,
    /// Waiting.
    pub wait: LockWait,
    /// The whole clause.
    pub span: Span,
}

/// `WINDOW name AS (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedWindow {
    /// The name.
    pub name: Ident,
    /// The window.
    pub spec: WindowSpec,
}

/// A window: `(existing PARTITION BY ... ORDER BY ... frame)`.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowSpec {
    /// A window to start from.
    pub existing: Option<Ident>,
    /// `PARTITION BY`.
    pub partition_by: Vec<Expr>,
    /// `ORDER BY`.
    pub order_by: Vec<SortItem>,
    /// The frame, if written.
    pub frame: Option<Frame>,
    /// With its parentheses.
    pub span: Span,
}

/// A window frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// `ROWS`, `RANGE` or `GROUPS`.
    pub mode: FrameMode,
    /// Start.
    pub start: FrameBound,
    /// End, with `BETWEEN` only; otherwise the current row.
    pub end: Option<FrameBound>,
    /// `EXCLUDE`.
    pub exclusion: FrameExclusion,
    /// The whole frame.
    pub span: Span,
}

/// Unit of a window frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameMode {
    /// `ROWS`.
    Rows,
    /// `RANGE`.
    Range,
    /// `GROUPS`.
    Groups,
}

/// End of a window frame.
#[derive(Clone, Debug, PartialEq)]
pub enum FrameBound {
    /// `UNBOUNDED PRECEDING`.
    UnboundedPreceding,
    /// `expr PRECEDING`.
    Preceding(Box<Expr>),
    /// `CURRENT ROW`.
    CurrentRow,
    /// `expr FOLLOWING`.
    Following(Box<Expr>),
    /// `UNBOUNDED FOLLOWING`.
    UnboundedFollowing,
}

/// `EXCLUDE` of a window frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrameExclusion {
    /// Not written, or `NO OTHERS`.
    #[default]
    NoOthers,
    /// `CURRENT ROW`.
    CurrentRow,
    /// `GROUP`.
    Group,
    /// `TIES`.
    Ties,
}

/// `WITH`.
#[derive(Clone, Debug, PartialEq)]
pub struct With {
    /// `RECURSIVE`.
    pub recursive: bool,
    /// The queries.
    pub queries: Vec<CommonTableExpr>,
    /// From `WITH` on.
    pub span: Span,
}

/// One query of `WITH`.
#[derive(Clone, Debug, PartialEq)]
pub struct CommonTableExpr {
    /// The name.
    pub name: Ident,
    /// Column names.
    pub columns: Vec<Ident>,
    /// `[NOT] MATERIALIZED`.
    pub materialized: Option<bool>,
    /// A query, `INSERT`, `UPDATE`, `DELETE` or `MERGE`.
    pub statement: Box<Statement>,
    /// `SEARCH`.
    pub search: Option<SearchClause>,
    /// `CYCLE`.
    pub cycle: Option<Box<CycleClause>>,
    /// The whole element.
    pub span: Span,
}

/// `SEARCH BREADTH|DEPTH FIRST BY columns SET column`.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchClause {
    /// `BREADTH FIRST`, not `DEPTH FIRST`.
    pub breadth_first: bool,
    /// `BY`.
    pub columns: Vec<Ident>,
    /// `SET`.
    pub sequence_column: Ident,
    /// The whole clause.
    pub span: Span,
}

/// `CYCLE columns SET mark [TO value DEFAULT default] USING path`.
#[derive(Clone, Debug, PartialEq)]
pub struct CycleClause {
    /// The columns.
    pub columns: Vec<Ident>,
    /// `SET`.
    pub mark_column: Ident,
    /// `TO value DEFAULT default`; `TRUE` and `FALSE` if not written.
    pub mark_values: Option<(Expr, Expr)>,
    /// `USING`.
    pub path_column: Ident,
    /// The whole clause.
    pub span: Span,
}

/// An element of `FROM`.
#[derive(Clone, Debug, PartialEq)]
pub enum FromItem {
    /// A relation.
    Relation {
        /// The relation.
        relation: RelationRef,
        /// `TABLESAMPLE`.
        sample: Option<Box<TableSample>>,
    },
    /// `[LATERAL] (SELECT ...) alias`.
    Subquery {
        /// `LATERAL`.
        lateral: bool,
        /// The query.
        query: Box<Query>,
        /// The alias.
        alias: Option<Alias>,
        /// The whole item.
        span: Span,
    },
    /// `[LATERAL] f(...) alias` or `ROWS FROM (...)`.
    Function(Box<FunctionFrom>),
    /// A join.
    Join(Box<Join>),
    /// `XMLTABLE(...)`.
    XmlTable(Box<XmlTable>),
    /// `JSON_TABLE(...)`.
    JsonTable(Box<JsonTable>),
}

/// `TABLESAMPLE method (args) REPEATABLE (seed)`.
#[derive(Clone, Debug, PartialEq)]
pub struct TableSample {
    /// The method.
    pub method: QualifiedName,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// `REPEATABLE`.
    pub repeatable: Option<Expr>,
    /// The whole clause; PostgreSQL points at the method.
    pub span: Span,
}

/// Functions in `FROM`.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionFrom {
    /// `LATERAL`.
    pub lateral: bool,
    /// Written `ROWS FROM (...)`.
    pub rows_from: bool,
    /// The functions; one unless `rows_from`.
    pub functions: Vec<RowsFromItem>,
    /// `WITH ORDINALITY`.
    pub ordinality: bool,
    /// The alias.
    pub alias: Option<Alias>,
    /// `AS (name type, ...)`.
    pub column_definitions: Vec<TableFunctionColumn>,
    /// The whole item.
    pub span: Span,
}

/// One function of `ROWS FROM`.
#[derive(Clone, Debug, PartialEq)]
pub struct RowsFromItem {
    /// A call, or another expression that PostgreSQL's grammar counts as one.
    pub function: Expr,
    /// `AS (name type, ...)`.
    pub column_definitions: Vec<TableFunctionColumn>,
}

/// `name type [COLLATE c]` of a column definition list.
#[derive(Clone, Debug, PartialEq)]
pub struct TableFunctionColumn {
    /// The column.
    pub name: Ident,
    /// Its type.
    pub type_name: TypeName,
    /// Its collation.
    pub collation: Option<QualifiedName>,
    /// The whole element.
    pub span: Span,
}

/// Kinds of joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// `CROSS JOIN`.
    Cross,
    /// `[INNER] JOIN`.
    Inner,
    /// `LEFT [OUTER] JOIN`.
    Left,
    /// `RIGHT [OUTER] JOIN`.
    Right,
    /// `FULL [OUTER] JOIN`.
    Full,
}

/// A join.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// Which kind.
    pub kind: JoinKind,
    /// Left side.
    pub left: FromItem,
    /// Right side.
    pub right: FromItem,
    /// `ON`, `USING` or `NATURAL`.
    pub condition: JoinCondition,
    /// Alias of a parenthesized join.
    pub alias: Option<Alias>,
    /// The whole join.
    pub span: Span,
}

/// Condition of a join.
#[derive(Clone, Debug, PartialEq)]
pub enum JoinCondition {
    /// `CROSS JOIN`.
    None,
    /// `NATURAL`.
    Natural,
    /// `ON`.
    On(Expr),
    /// `USING (columns) [AS alias]`.
    Using {
        /// The columns.
        columns: Vec<Ident>,
        /// The alias of the merged columns.
        alias: Option<Ident>,
    },
}

/// `f(args)` as `CALL` and `EXECUTE FUNCTION` know it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlainCall {
    /// The function.
    pub name: QualifiedName,
    /// The arguments.
    pub args: Vec<FunctionArg>,
}
