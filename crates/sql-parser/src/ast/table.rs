//! Tables, constraints, indexes and everything `ALTER TABLE` does; views, sequences and statistics with them.

use super::{
    DefElem, DropBehavior, Expr, Ident, IntoClause, NullsOrder, NumericOnly, ObjectKind, OperatorName,
    Persistence, QualifiedName, Query, RelationRef, RoleSpec, SortDirection, Span, Statement, TypeName,
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

/// `ALTER TABLE` and, with the same actions, `ALTER INDEX`, `SEQUENCE`, `VIEW`, `MATERIALIZED VIEW`,
/// `FOREIGN TABLE` and `TYPE` (for its attributes).
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTableStatement {
    /// What is altered.
    pub kind: ObjectKind,
    /// Its name.
    pub relation: RelationRef,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// The actions.
    pub actions: Vec<AlterTableAction>,
}

/// `ALTER TABLE ALL IN TABLESPACE`, also for indexes and materialized views.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTableMoveAllStatement {
    /// What is moved.
    pub kind: ObjectKind,
    /// From.
    pub from: Ident,
    /// `OWNED BY`.
    pub roles: Vec<RoleSpec>,
    /// To.
    pub to: Ident,
    /// `NOWAIT`.
    pub nowait: bool,
}

/// One action of `ALTER TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTableAction {
    /// The action.
    pub kind: AlterTableActionKind,
    /// Where it stands.
    pub span: Span,
}

/// Actions of `ALTER TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterTableActionKind {
    /// `ADD [COLUMN]`, also `ADD ATTRIBUTE`.
    AddColumn {
        /// The column.
        column: Box<ColumnDefinition>,
        /// `IF NOT EXISTS`.
        if_not_exists: bool,
        /// `CASCADE`, for attributes.
        behavior: DropBehavior,
    },
    /// `DROP [COLUMN]`, also `DROP ATTRIBUTE`.
    DropColumn {
        /// The column.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
        /// `CASCADE` or `RESTRICT`.
        behavior: DropBehavior,
    },
    /// `ALTER COLUMN ... TYPE`, also `ALTER ATTRIBUTE ... TYPE`.
    AlterColumnType {
        /// The column.
        name: Ident,
        /// The type.
        type_name: TypeName,
        /// `COLLATE`.
        collation: Option<QualifiedName>,
        /// `USING`.
        using: Option<Expr>,
        /// `CASCADE`, for attributes.
        behavior: DropBehavior,
    },
    /// `ALTER COLUMN ... SET DEFAULT` or `DROP DEFAULT`.
    ColumnDefault {
        /// The column.
        name: Ident,
        /// The default, `None` for `DROP`.
        default: Option<Expr>,
    },
    /// `ALTER COLUMN ... SET NOT NULL`.
    SetNotNull(Ident),
    /// `ALTER COLUMN ... DROP NOT NULL`.
    DropNotNull(Ident),
    /// `ALTER COLUMN ... SET EXPRESSION AS (...)`.
    SetExpression {
        /// The column.
        name: Ident,
        /// The expression.
        expr: Expr,
    },
    /// `ALTER COLUMN ... DROP EXPRESSION`.
    DropExpression {
        /// The column.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// `ALTER COLUMN ... SET STATISTICS n`; `None` for `DEFAULT`.
    SetStatistics {
        /// The column, by name or by number.
        column: ColumnSelector,
        /// The target.
        value: Option<i32>,
    },
    /// `ALTER COLUMN ... SET (...)`.
    SetColumnOptions {
        /// The column.
        name: Ident,
        /// The options.
        options: Vec<DefElem>,
    },
    /// `ALTER COLUMN ... RESET (...)`.
    ResetColumnOptions {
        /// The column.
        name: Ident,
        /// The options.
        options: Vec<DefElem>,
    },
    /// `ALTER COLUMN ... SET STORAGE`; `default` for `DEFAULT`.
    SetStorage {
        /// The column.
        name: Ident,
        /// The mode.
        storage: Ident,
    },
    /// `ALTER COLUMN ... SET COMPRESSION`; `default` for `DEFAULT`.
    SetCompression {
        /// The column.
        name: Ident,
        /// The method.
        compression: Ident,
    },
    /// `ALTER COLUMN ... ADD GENERATED ... AS IDENTITY`.
    AddIdentity {
        /// The column.
        name: Ident,
        /// `ALWAYS`, not `BY DEFAULT`.
        always: bool,
        /// Options of the sequence.
        options: Vec<SequenceOption>,
    },
    /// `ALTER COLUMN ... SET GENERATED ...`, `SET` sequence option, `RESTART`.
    AlterIdentity {
        /// The column.
        name: Ident,
        /// The changes in order.
        changes: Vec<IdentityChange>,
    },
    /// `ALTER COLUMN ... DROP IDENTITY`.
    DropIdentity {
        /// The column.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
    },
    /// `ALTER COLUMN ... OPTIONS (...)`.
    ColumnFdwOptions {
        /// The column.
        name: Ident,
        /// The options.
        options: Vec<DefElem>,
    },
    /// `ADD constraint`.
    AddConstraint(Box<Constraint>),
    /// `ALTER CONSTRAINT name ...`.
    AlterConstraint {
        /// The constraint.
        name: Ident,
        /// What is written behind it.
        attributes: ConstraintAttributes,
        /// `INHERIT` (true) or `NO INHERIT`.
        inherit: Option<bool>,
    },
    /// `VALIDATE CONSTRAINT name`.
    ValidateConstraint(Ident),
    /// `DROP CONSTRAINT name`.
    DropConstraint {
        /// The constraint.
        name: Ident,
        /// `IF EXISTS`.
        if_exists: bool,
        /// `CASCADE` or `RESTRICT`.
        behavior: DropBehavior,
    },
    /// `SET WITHOUT OIDS`.
    SetWithoutOids,
    /// `CLUSTER ON name`.
    ClusterOn(Ident),
    /// `SET WITHOUT CLUSTER`.
    SetWithoutCluster,
    /// `SET LOGGED`.
    SetLogged,
    /// `SET UNLOGGED`.
    SetUnlogged,
    /// `ENABLE`/`DISABLE TRIGGER`.
    Trigger {
        /// How.
        mode: FiringMode,
        /// Which.
        which: TriggerSelector,
    },
    /// `ENABLE`/`DISABLE RULE`.
    Rule {
        /// How.
        mode: FiringMode,
        /// Which.
        name: Ident,
    },
    /// `INHERIT parent`.
    Inherit(QualifiedName),
    /// `NO INHERIT parent`.
    NoInherit(QualifiedName),
    /// `OF type`.
    Of(TypeName),
    /// `NOT OF`.
    NotOf,
    /// `OWNER TO`.
    OwnerTo(RoleSpec),
    /// `SET ACCESS METHOD`; `None` for `DEFAULT`.
    SetAccessMethod(Option<Ident>),
    /// `SET TABLESPACE`.
    SetTablespace(Ident),
    /// `SET (...)`.
    SetOptions(Vec<DefElem>),
    /// `RESET (...)`.
    ResetOptions(Vec<DefElem>),
    /// `REPLICA IDENTITY`.
    ReplicaIdentity(ReplicaIdentity),
    /// `ENABLE`, `DISABLE`, `FORCE`, `NO FORCE ROW LEVEL SECURITY`.
    RowSecurity(RowSecurity),
    /// `OPTIONS (...)` of a foreign table.
    FdwOptions(Vec<DefElem>),
    /// `ATTACH PARTITION`; also of an index, without a bound.
    AttachPartition {
        /// The partition.
        name: QualifiedName,
        /// Its bound.
        bound: Option<PartitionBound>,
    },
    /// `DETACH PARTITION`.
    DetachPartition {
        /// The partition.
        name: QualifiedName,
        /// `CONCURRENTLY`.
        concurrently: bool,
        /// `FINALIZE`.
        finalize: bool,
    },
}

/// A column by name, or an index column by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnSelector {
    /// By name.
    Name(Ident),
    /// By number, from 1.
    Number(i32),
}

/// A change of an identity column.
#[derive(Clone, Debug, PartialEq)]
pub enum IdentityChange {
    /// `SET GENERATED ALWAYS` (true) or `BY DEFAULT`.
    Generated(bool),
    /// `SET option` or `RESTART`.
    Option(SequenceOption),
}

/// When a trigger or rule fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FiringMode {
    /// `ENABLE`.
    Enable,
    /// `ENABLE ALWAYS`.
    EnableAlways,
    /// `ENABLE REPLICA`.
    EnableReplica,
    /// `DISABLE`.
    Disable,
}

/// Which triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TriggerSelector {
    /// One.
    Name(Ident),
    /// `ALL`.
    All,
    /// `USER`.
    User,
}

/// `REPLICA IDENTITY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaIdentity {
    /// `NOTHING`.
    Nothing,
    /// `FULL`.
    Full,
    /// `DEFAULT`.
    Default,
    /// `USING INDEX name`.
    Index(Ident),
}

/// Row level security of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSecurity {
    /// `ENABLE`.
    Enable,
    /// `DISABLE`.
    Disable,
    /// `FORCE`.
    Force,
    /// `NO FORCE`.
    NoForce,
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
