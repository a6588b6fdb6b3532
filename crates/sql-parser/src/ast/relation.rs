//! Indexes, views, sequences, statistics, and tables made by queries.

use super::{
    DefElem, Expr, Ident, IntoClause, NullsOrder, NumericOnly, ObjectKind, Persistence, QualifiedName, Query,
    RelationRef, SortDirection, Span, Statement, TypeName,
};

/// What an index or partition key element is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexKey {
    /// A column.
    Column(Ident),
    /// An expression.
    Expr(Expr),
}

/// An element of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct TableIndexElem {
    /// A column or an expression.
    pub key: IndexKey,
    /// `COLLATE`.
    pub collation: Option<QualifiedName>,
    /// The operator class.
    pub operator_class: Option<QualifiedName>,
    /// Its options.
    pub operator_class_options: Vec<DefElem>,
    /// `ASC` or `DESC`.
    pub direction: SortDirection,
    /// `NULLS FIRST` or `NULLS LAST`.
    pub nulls: Option<NullsOrder>,
    /// The whole element.
    pub span: Span,
}

/// `CREATE INDEX`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateIndexStatement {
    /// `UNIQUE`.
    pub unique: bool,
    /// `CONCURRENTLY`.
    pub concurrently: bool,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// The name, if given.
    pub name: Option<Ident>,
    /// The table.
    pub relation: RelationRef,
    /// `USING`.
    pub access_method: Option<Ident>,
    /// The key.
    pub elements: Vec<TableIndexElem>,
    /// `INCLUDE`.
    pub include: Vec<TableIndexElem>,
    /// `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    /// `WITH (...)`.
    pub options: Vec<DefElem>,
    /// `TABLESPACE`.
    pub tablespace: Option<Ident>,
    /// `WHERE`.
    pub where_clause: Option<Expr>,
}

/// `CREATE TABLE AS` and `CREATE MATERIALIZED VIEW`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTableAsStatement {
    /// The target.
    pub into: IntoClause,
    /// A query or `EXECUTE`.
    pub source: Box<Statement>,
    /// [`ObjectKind::Table`] or [`ObjectKind::MaterializedView`].
    pub kind: ObjectKind,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// `WITH NO DATA`.
    pub no_data: bool,
}

/// `REFRESH MATERIALIZED VIEW`.
#[derive(Clone, Debug, PartialEq)]
pub struct RefreshMaterializedViewStatement {
    /// The view.
    pub name: QualifiedName,
    /// `CONCURRENTLY`.
    pub concurrently: bool,
    /// `WITH NO DATA`.
    pub no_data: bool,
}

/// `CREATE VIEW`; `RECURSIVE` is kept as written.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateViewStatement {
    /// `OR REPLACE`.
    pub or_replace: bool,
    /// `TEMPORARY`, or `UNLOGGED`, which the analysis rejects.
    pub persistence: Persistence,
    /// `RECURSIVE`: PostgreSQL makes it a `WITH RECURSIVE` of the view's name.
    pub recursive: bool,
    /// The view.
    pub name: QualifiedName,
    /// Column names.
    pub columns: Vec<Ident>,
    /// `WITH (...)`.
    pub options: Vec<DefElem>,
    /// The query.
    pub query: Box<Query>,
    /// `WITH CHECK OPTION`.
    pub check_option: Option<ViewCheckOption>,
}

/// `WITH ... CHECK OPTION`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewCheckOption {
    /// `LOCAL`.
    Local,
    /// `CASCADED`, the default.
    Cascaded,
}

/// `CREATE SEQUENCE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateSequenceStatement {
    /// The sequence.
    pub name: QualifiedName,
    /// Its persistence.
    pub persistence: Persistence,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// The options.
    pub options: Vec<SequenceOption>,
}

/// `ALTER SEQUENCE`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterSequenceStatement {
    /// The sequence.
    pub name: QualifiedName,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// The options.
    pub options: Vec<SequenceOption>,
}

/// An option of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceOption {
    /// Which one.
    pub kind: SequenceOptionKind,
    /// Where it stands.
    pub span: Span,
}

/// Options of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub enum SequenceOptionKind {
    /// `AS type`.
    As(TypeName),
    /// `CACHE n`.
    Cache(NumericOnly),
    /// `CYCLE` or `NO CYCLE`.
    Cycle(bool),
    /// `INCREMENT BY n`.
    Increment(NumericOnly),
    /// `MAXVALUE n` or `NO MAXVALUE`.
    MaxValue(Option<NumericOnly>),
    /// `MINVALUE n` or `NO MINVALUE`.
    MinValue(Option<NumericOnly>),
    /// `OWNED BY name`.
    OwnedBy(QualifiedName),
    /// `SEQUENCE NAME name`.
    SequenceName(QualifiedName),
    /// `START WITH n`.
    Start(NumericOnly),
    /// `RESTART [WITH n]`.
    Restart(Option<NumericOnly>),
    /// `LOGGED` (true) or `UNLOGGED`.
    Logged(bool),
}

/// `CREATE STATISTICS`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateStatisticsStatement {
    /// The name, if given.
    pub name: Option<QualifiedName>,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// Which kinds.
    pub kinds: Vec<Ident>,
    /// Columns and expressions.
    pub elements: Vec<IndexKey>,
    /// `FROM`.
    pub from: Vec<super::FromItem>,
}

/// `ALTER STATISTICS name SET STATISTICS n`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterStatisticsStatement {
    /// The object.
    pub name: QualifiedName,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// The target, `None` for `DEFAULT`.
    pub target: Option<i32>,
}
