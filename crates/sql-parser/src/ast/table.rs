//! Tables, their columns, constraints and partitions.

use super::{
    DefElem, Expr, Ident, IndexKey, OperatorName, Persistence, QualifiedName, SequenceOption, Span,
    TableIndexElem, TypeName,
};

/// `ON COMMIT` of a temporary table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnCommit {
    /// `PRESERVE ROWS`.
    PreserveRows,
    /// `DELETE ROWS`.
    DeleteRows,
    /// `DROP`.
    Drop,
}

/// `CREATE TABLE` and `CREATE FOREIGN TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTableStatement {
    /// The table.
    pub name: QualifiedName,
    /// Its persistence.
    pub persistence: Persistence,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// `OF type`.
    pub of_type: Option<TypeName>,
    /// `PARTITION OF parent`.
    pub partition_of: Option<QualifiedName>,
    /// The bound, with `PARTITION OF`.
    pub partition_bound: Option<PartitionBound>,
    /// Columns, constraints, `LIKE`.
    pub elements: Vec<TableElement>,
    /// `INHERITS`.
    pub inherits: Vec<QualifiedName>,
    /// `PARTITION BY`.
    pub partition_by: Option<PartitionSpec>,
    /// `USING access_method`.
    pub access_method: Option<Ident>,
    /// `WITH (...)`; `WITHOUT OIDS` is nothing.
    pub options: Vec<DefElem>,
    /// `ON COMMIT`.
    pub on_commit: Option<OnCommit>,
    /// `TABLESPACE`.
    pub tablespace: Option<Ident>,
    /// For `CREATE FOREIGN TABLE`.
    pub foreign: Option<ForeignTableSpec>,
}

/// `SERVER name OPTIONS (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignTableSpec {
    /// The server.
    pub server: Ident,
    /// The options.
    pub options: Vec<DefElem>,
}

/// An element of a table definition.
#[derive(Clone, Debug, PartialEq)]
pub enum TableElement {
    /// A column.
    Column(Box<ColumnDefinition>),
    /// `LIKE`.
    Like(TableLike),
    /// A table constraint.
    Constraint(Box<Constraint>),
}

/// A column; of a typed table or partition without a type.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDefinition {
    /// The column.
    pub name: Ident,
    /// Its type; `None` for a column of a typed table or partition.
    pub type_name: Option<TypeName>,
    /// `STORAGE`; `Some("default")` for `DEFAULT`.
    pub storage: Option<Ident>,
    /// `COMPRESSION`.
    pub compression: Option<Ident>,
    /// `COLLATE`, with its place.
    pub collation: Option<(QualifiedName, Span)>,
    /// `OPTIONS (...)` of a foreign table's column.
    pub fdw_options: Vec<DefElem>,
    /// Column constraints in order.
    pub constraints: Vec<Constraint>,
    /// The whole definition.
    pub span: Span,
}

/// A table or column constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// `CONSTRAINT name`.
    pub name: Option<Ident>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// `DEFERRABLE` and its like, as written.
    pub attributes: ConstraintAttributes,
    /// The whole constraint; PostgreSQL points at its start.
    pub span: Span,
}

/// Attributes behind a constraint, `None` where nothing is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConstraintAttributes {
    /// `[NOT] DEFERRABLE`.
    pub deferrable: Option<bool>,
    /// `INITIALLY DEFERRED` (true) or `IMMEDIATE`.
    pub initially_deferred: Option<bool>,
    /// `NOT VALID`.
    pub not_valid: bool,
    /// `NO INHERIT`.
    pub no_inherit: bool,
    /// `[NOT] ENFORCED`.
    pub enforced: Option<bool>,
}

/// One attribute of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ConstraintAttribute {
    Deferrable,
    NotDeferrable,
    InitiallyDeferred,
    InitiallyImmediate,
    Enforced,
    NotEnforced,
}

/// Kinds of constraints.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstraintKind {
    /// `NOT NULL`; as a table constraint with the column's name.
    NotNull(Option<Ident>),
    /// `NULL`.
    Null,
    /// `DEFAULT expr`.
    Default(Expr),
    /// `CHECK (expr)`.
    Check(Expr),
    /// `GENERATED ALWAYS AS (expr) [STORED | VIRTUAL]`.
    Generated {
        /// The expression.
        expr: Expr,
        /// `STORED` (true) or `VIRTUAL`, which is the default.
        stored: bool,
        /// `ALWAYS`; `BY DEFAULT` is an error of the analysis.
        always: bool,
    },
    /// `GENERATED ... AS IDENTITY (...)`.
    Identity {
        /// `ALWAYS`, not `BY DEFAULT`.
        always: bool,
        /// Options of the sequence.
        options: Vec<SequenceOption>,
    },
    /// `UNIQUE`.
    Unique(KeyConstraint),
    /// `PRIMARY KEY`.
    PrimaryKey(KeyConstraint),
    /// `EXCLUDE`.
    Exclude {
        /// `USING`.
        access_method: Option<Ident>,
        /// The elements with their operators.
        elements: Vec<(TableIndexElem, OperatorName)>,
        /// `INCLUDE`.
        include: Vec<Ident>,
        /// `WITH (...)`.
        options: Vec<DefElem>,
        /// `USING INDEX TABLESPACE`.
        tablespace: Option<Ident>,
        /// `WHERE (...)`.
        where_clause: Option<Expr>,
    },
    /// `REFERENCES` or `FOREIGN KEY`.
    ForeignKey(ForeignKey),
    /// An attribute behind something that cannot have it, or has it already: the analysis fails with
    /// `misplaced ... clause` or `multiple ... clauses not allowed`.
    Misplaced(ConstraintAttribute),
}

/// `UNIQUE` and `PRIMARY KEY`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyConstraint {
    /// The columns; empty for a column constraint or with `using_index`.
    pub columns: Vec<Ident>,
    /// The last column is written `WITHOUT OVERLAPS`.
    pub without_overlaps: bool,
    /// `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    /// `INCLUDE`.
    pub include: Vec<Ident>,
    /// `WITH (...)`.
    pub options: Vec<DefElem>,
    /// `USING INDEX TABLESPACE`.
    pub tablespace: Option<Ident>,
    /// `USING INDEX name`.
    pub using_index: Option<Ident>,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignKey {
    /// Referencing columns; empty for a column constraint.
    pub columns: Vec<Ident>,
    /// The last of them is written `PERIOD`.
    pub period: bool,
    /// Referenced table.
    pub references: QualifiedName,
    /// Referenced columns; empty for the primary key.
    pub referenced_columns: Vec<Ident>,
    /// The last of them is written `PERIOD`.
    pub referenced_period: bool,
    /// `MATCH`.
    pub match_kind: MatchKind,
    /// `ON DELETE`.
    pub on_delete: ReferentialAction,
    /// `ON UPDATE`.
    pub on_update: ReferentialAction,
}

/// `MATCH` of a foreign key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchKind {
    /// `SIMPLE`, the default.
    #[default]
    Simple,
    /// `FULL`.
    Full,
}

/// `ON DELETE` and `ON UPDATE`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReferentialAction {
    /// `NO ACTION`, the default.
    #[default]
    NoAction,
    /// `RESTRICT`.
    Restrict,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL (columns)`.
    SetNull(Vec<Ident>),
    /// `SET DEFAULT (columns)`.
    SetDefault(Vec<Ident>),
}

/// `LIKE table INCLUDING ...`.
#[derive(Clone, Debug, PartialEq)]
pub struct TableLike {
    /// The table.
    pub name: QualifiedName,
    /// `INCLUDING` (true) and `EXCLUDING` in order.
    pub options: Vec<(bool, TableLikeOption)>,
    /// The whole element.
    pub span: Span,
}

/// What `LIKE` includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TableLikeOption {
    Comments,
    Compression,
    Constraints,
    Defaults,
    Generated,
    Identity,
    Indexes,
    Statistics,
    Storage,
    All,
}

/// `PARTITION BY strategy (...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionSpec {
    /// `list`, `range` or `hash`, as written; other words are an error of the grammar.
    pub strategy: PartitionStrategy,
    /// The key.
    pub elements: Vec<PartitionElem>,
    /// The whole clause.
    pub span: Span,
}

/// How a table is partitioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionStrategy {
    /// `LIST`.
    List,
    /// `RANGE`.
    Range,
    /// `HASH`.
    Hash,
}

/// An element of a partition key.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionElem {
    /// A column or an expression.
    pub key: IndexKey,
    /// `COLLATE`.
    pub collation: Option<QualifiedName>,
    /// The operator class.
    pub operator_class: Option<QualifiedName>,
    /// The whole element.
    pub span: Span,
}

/// `FOR VALUES ...` or `DEFAULT`.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionBound {
    /// The bound.
    pub kind: PartitionBoundKind,
    /// Where it stands.
    pub span: Span,
}

/// Kinds of partition bounds. `MINVALUE` and `MAXVALUE` stand in the lists as plain column references.
#[derive(Clone, Debug, PartialEq)]
pub enum PartitionBoundKind {
    /// `DEFAULT`.
    Default,
    /// `IN (...)`.
    List(Vec<Expr>),
    /// `FROM (...) TO (...)`.
    Range {
        /// `FROM`.
        from: Vec<Expr>,
        /// `TO`.
        to: Vec<Expr>,
    },
    /// `WITH (MODULUS m, REMAINDER r)`.
    Hash {
        /// `MODULUS`.
        modulus: i32,
        /// `REMAINDER`.
        remainder: i32,
    },
}
