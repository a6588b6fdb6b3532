//! Transactions, cursors, prepared statements, settings, `COPY`, `EXPLAIN` and maintenance.

use super::{
    DefElem, Expr, Ident, QualifiedName, Query, RelationRef, SettingValue, Span, Statement, TypeName,
};

/// Transaction control.
#[derive(Clone, Debug, PartialEq)]
pub enum TransactionStatement {
    /// `BEGIN`.
    Begin(Vec<TransactionMode>),
    /// `START TRANSACTION`.
    Start(Vec<TransactionMode>),
    /// `COMMIT` or `END`.
    Commit {
        /// `AND CHAIN`.
        chain: bool,
    },
    /// `ROLLBACK` or `ABORT`.
    Rollback {
        /// `AND CHAIN`.
        chain: bool,
    },
    /// `SAVEPOINT`.
    Savepoint(Ident),
    /// `RELEASE [SAVEPOINT]`.
    Release(Ident),
    /// `ROLLBACK TO [SAVEPOINT]`.
    RollbackTo(Ident),
    /// `PREPARE TRANSACTION`.
    Prepare(Box<str>),
    /// `COMMIT PREPARED`.
    CommitPrepared(Box<str>),
    /// `ROLLBACK PREPARED`.
    RollbackPrepared(Box<str>),
}

/// A mode of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionMode {
    /// Which one.
    pub kind: TransactionModeKind,
    /// Where it stands.
    pub span: Span,
}

/// Modes of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionModeKind {
    /// `ISOLATION LEVEL`.
    Isolation(IsolationLevel),
    /// `READ ONLY` (true) or `READ WRITE`.
    ReadOnly(bool),
    /// `[NOT] DEFERRABLE`.
    Deferrable(bool),
}

/// Isolation levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum IsolationLevel {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl IsolationLevel {
    /// As in the setting `transaction_isolation`.
    pub fn as_str(self) -> &'static str {
        match self {
            IsolationLevel::ReadUncommitted => "read uncommitted",
            IsolationLevel::ReadCommitted => "read committed",
            IsolationLevel::RepeatableRead => "repeatable read",
            IsolationLevel::Serializable => "serializable",
        }
    }
}

/// `SET CONSTRAINTS`.
#[derive(Clone, Debug, PartialEq)]
pub struct SetConstraintsStatement {
    /// The constraints; empty for `ALL`.
    pub constraints: Vec<QualifiedName>,
    /// `DEFERRED`, not `IMMEDIATE`.
    pub deferred: bool,
}

/// `SET` and `RESET`.
#[derive(Clone, Debug, PartialEq)]
pub struct SetStatement {
    /// What is done.
    pub kind: SetKind,
    /// `LOCAL`.
    pub local: bool,
    /// The whole clause.
    pub span: Span,
}

/// What `SET` does. `name` is the setting's full name, dots included.
#[derive(Clone, Debug, PartialEq)]
pub enum SetKind {
    /// `SET name = values`; also the special forms, under the setting's name (`timezone`, `role`, ...).
    Value {
        /// The setting.
        name: Box<str>,
        /// The values.
        values: Vec<SettingValue>,
    },
    /// `SET name TO DEFAULT`.
    Default {
        /// The setting.
        name: Box<str>,
    },
    /// `SET name FROM CURRENT`.
    Current {
        /// The setting.
        name: Box<str>,
    },
    /// `RESET name`.
    Reset {
        /// The setting.
        name: Box<str>,
    },
    /// `RESET ALL`.
    ResetAll,
    /// `SET TRANSACTION modes`.
    Transaction(Vec<TransactionMode>),
    /// `SET SESSION CHARACTERISTICS AS TRANSACTION modes`.
    SessionCharacteristics(Vec<TransactionMode>),
    /// `SET TRANSACTION SNAPSHOT 'id'`.
    TransactionSnapshot(Box<str>),
}

/// `SHOW`.
#[derive(Clone, Debug, PartialEq)]
pub enum ShowStatement {
    /// One setting, by its full name.
    Name(Box<str>),
    /// `ALL`.
    All,
}

/// `PREPARE`.
#[derive(Clone, Debug, PartialEq)]
pub struct PrepareStatement {
    /// The name.
    pub name: Ident,
    /// Parameter types.
    pub types: Vec<TypeName>,
    /// The statement.
    pub statement: Box<Statement>,
}

/// `EXECUTE`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecuteStatement {
    /// The name.
    pub name: Ident,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// `DEALLOCATE`; without name all.
#[derive(Clone, Debug, PartialEq)]
pub struct DeallocateStatement {
    /// The name, `None` for `ALL`.
    pub name: Option<Ident>,
}

/// `DECLARE ... CURSOR`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclareCursorStatement {
    /// The cursor.
    pub name: Ident,
    /// `BINARY`.
    pub binary: bool,
    /// `SCROLL` (true) or `NO SCROLL`.
    pub scroll: CursorScroll,
    /// `INSENSITIVE`.
    pub insensitive: bool,
    /// `ASENSITIVE`.
    pub asensitive: bool,
    /// `WITH HOLD`.
    pub hold: bool,
    /// The query.
    pub query: Box<Query>,
}

/// What `DECLARE` says about scrolling; both words are an error of the analysis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CursorScroll {
    /// `SCROLL`.
    pub scroll: bool,
    /// `NO SCROLL`.
    pub no_scroll: bool,
}

/// `FETCH` and `MOVE`.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchStatement {
    /// `MOVE`.
    pub is_move: bool,
    /// Which rows.
    pub direction: FetchDirection,
    /// The cursor.
    pub cursor: Ident,
}

/// Direction and count of `FETCH`; `None` is `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchDirection {
    /// `NEXT`, `FORWARD n`, a bare count, `FORWARD ALL`.
    Forward(Option<i64>),
    /// `PRIOR`, `BACKWARD n`, `BACKWARD ALL`.
    Backward(Option<i64>),
    /// `FIRST`, `LAST` (-1), `ABSOLUTE n`.
    Absolute(i64),
    /// `RELATIVE n`.
    Relative(i64),
}

/// `CLOSE`; without name all.
#[derive(Clone, Debug, PartialEq)]
pub struct CloseStatement {
    /// The cursor, `None` for `ALL`.
    pub name: Option<Ident>,
}

/// `COPY`.
#[derive(Clone, Debug, PartialEq)]
pub struct CopyStatement {
    /// A table or a query.
    pub source: CopySource,
    /// `FROM`, not `TO`.
    pub from: bool,
    /// The other end.
    pub target: CopyTarget,
    /// The options, the old style translated to the new one.
    pub options: Vec<DefElem>,
    /// `WHERE`.
    pub where_clause: Option<Expr>,
}

/// What `COPY` copies.
#[derive(Clone, Debug, PartialEq)]
pub enum CopySource {
    /// A table.
    Table {
        /// The table.
        name: QualifiedName,
        /// The columns; empty for all.
        columns: Vec<Ident>,
    },
    /// A query, or `INSERT`, `UPDATE`, `DELETE`, `MERGE` with `RETURNING`.
    Statement(Box<Statement>),
}

/// The other end of a `COPY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyTarget {
    /// `STDIN` or `STDOUT`; the grammar takes either.
    Std,
    /// A file of the server.
    File(Box<str>),
    /// `PROGRAM`.
    Program(Box<str>),
}

/// `EXPLAIN`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainStatement {
    /// The options; `analyze` and `verbose` written as words are options too.
    pub options: Vec<DefElem>,
    /// What is explained.
    pub statement: Box<Statement>,
}

/// `VACUUM` and `ANALYZE`.
#[derive(Clone, Debug, PartialEq)]
pub struct VacuumStatement {
    /// `VACUUM`, not `ANALYZE`.
    pub vacuum: bool,
    /// The options; words without parentheses are options too.
    pub options: Vec<DefElem>,
    /// The tables; empty for all.
    pub relations: Vec<VacuumRelation>,
}

/// A table of `VACUUM`.
#[derive(Clone, Debug, PartialEq)]
pub struct VacuumRelation {
    /// The table.
    pub relation: RelationRef,
    /// The columns; empty for all.
    pub columns: Vec<Ident>,
}

/// `CLUSTER`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterStatement {
    /// The options; `VERBOSE` written as a word is one.
    pub options: Vec<DefElem>,
    /// The table; `None` for all.
    pub relation: Option<QualifiedName>,
    /// `USING`.
    pub index: Option<Ident>,
}

/// `REINDEX`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReindexStatement {
    /// The options; `CONCURRENTLY` written as a word is one.
    pub options: Vec<DefElem>,
    /// What.
    pub target: ReindexTarget,
}

/// What `REINDEX` works on.
#[derive(Clone, Debug, PartialEq)]
pub enum ReindexTarget {
    /// `INDEX`.
    Index(QualifiedName),
    /// `TABLE`.
    Table(QualifiedName),
    /// `SCHEMA`.
    Schema(Ident),
    /// `SYSTEM`.
    System(Option<Ident>),
    /// `DATABASE`.
    Database(Option<Ident>),
}

/// `LISTEN`.
#[derive(Clone, Debug, PartialEq)]
pub struct ListenStatement {
    /// The channel.
    pub channel: Ident,
}

/// `UNLISTEN`.
#[derive(Clone, Debug, PartialEq)]
pub struct UnlistenStatement {
    /// The channel, `None` for `*`.
    pub channel: Option<Ident>,
}

/// `NOTIFY`.
#[derive(Clone, Debug, PartialEq)]
pub struct NotifyStatement {
    /// The channel.
    pub channel: Ident,
    /// The payload.
    pub payload: Option<Box<str>>,
}

/// `LOAD`.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadStatement {
    /// The file.
    pub file: Box<str>,
}

/// `DISCARD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscardStatement {
    /// `ALL`.
    All,
    /// `PLANS`.
    Plans,
    /// `SEQUENCES`.
    Sequences,
    /// `TEMP`.
    Temp,
}

/// An assignment of PL/pgSQL.
#[derive(Clone, Debug, PartialEq)]
pub struct PlAssignment {
    /// The variable: a one-part column or a parameter.
    pub target: Expr,
    /// Fields and subscripts of it.
    pub indirection: Vec<super::Indirection>,
    /// The value: a query whose word `SELECT` is not written.
    pub query: Query,
}
