//! Everything `ALTER TABLE` does.

use super::{
    ColumnDefinition, Constraint, ConstraintAttributes, DefElem, DropBehavior, Expr, Ident, ObjectKind,
    PartitionBound, QualifiedName, RelationRef, RoleSpec, SequenceOption, Span, TypeName,
};

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
