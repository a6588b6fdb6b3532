//! `INSERT`, `UPDATE`, `DELETE`, `MERGE`.

use super::{Expr, FromItem, Ident, Indirection, Query, RelationRef, SelectItem, Span, TableIndexElem, With};

/// `INSERT`.
#[derive(Clone, Debug, PartialEq)]
pub struct InsertStatement {
    /// `WITH`.
    pub with: Option<Box<With>>,
    /// The table; its alias has no columns.
    pub relation: RelationRef,
    /// The target columns; empty for all.
    pub columns: Vec<AssignmentTarget>,
    /// `OVERRIDING`.
    pub overriding: Option<Overriding>,
    /// Where the rows come from.
    pub source: InsertSource,
    /// `ON CONFLICT`.
    pub on_conflict: Option<Box<OnConflict>>,
    /// `RETURNING`.
    pub returning: Option<Box<Returning>>,
}

/// Where inserted rows come from.
#[derive(Clone, Debug, PartialEq)]
pub enum InsertSource {
    /// `DEFAULT VALUES`.
    DefaultValues,
    /// `VALUES` or a query.
    Query(Box<Query>),
}

/// `OVERRIDING ... VALUE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overriding {
    /// `USER`.
    User,
    /// `SYSTEM`.
    System,
}

/// A column to assign to, possibly an element or field of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignmentTarget {
    /// The column.
    pub column: Ident,
    /// Subscripts and fields.
    pub indirection: Vec<Indirection>,
    /// The whole target.
    pub span: Span,
}

/// An element of `SET`.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// `target = value`.
    Single {
        /// The target.
        target: AssignmentTarget,
        /// The value, may be `DEFAULT`.
        value: Expr,
    },
    /// `(targets) = source`, where the source is a row or a subquery.
    Multiple {
        /// The targets.
        targets: Vec<AssignmentTarget>,
        /// The source.
        source: Expr,
        /// The whole element.
        span: Span,
    },
}

/// `ON CONFLICT`.
#[derive(Clone, Debug, PartialEq)]
pub struct OnConflict {
    /// What may conflict.
    pub target: Option<ConflictTarget>,
    /// What to do.
    pub action: ConflictAction,
    /// The whole clause.
    pub span: Span,
}

/// What `ON CONFLICT` names.
#[derive(Clone, Debug, PartialEq)]
pub enum ConflictTarget {
    /// `(columns or expressions) WHERE ...`.
    Index {
        /// The elements.
        elements: Vec<TableIndexElem>,
        /// `WHERE`.
        where_clause: Option<Expr>,
        /// The whole target.
        span: Span,
    },
    /// `ON CONSTRAINT name`.
    Constraint(Ident),
}

/// What `ON CONFLICT` does.
#[derive(Clone, Debug, PartialEq)]
pub enum ConflictAction {
    /// `DO NOTHING`.
    Nothing,
    /// `DO UPDATE SET ... WHERE ...`.
    Update {
        /// `SET`.
        assignments: Vec<Assignment>,
        /// `WHERE`.
        where_clause: Option<Expr>,
    },
}

/// `RETURNING [WITH (OLD AS a, NEW AS b)] list`.
#[derive(Clone, Debug, PartialEq)]
pub struct Returning {
    /// `WITH (...)`.
    pub options: Vec<ReturningOption>,
    /// The list.
    pub items: Vec<SelectItem>,
}

/// `OLD AS name` or `NEW AS name`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReturningOption {
    /// `NEW`, not `OLD`.
    pub new: bool,
    /// The alias.
    pub name: Ident,
    /// The whole option.
    pub span: Span,
}

/// `UPDATE`.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateStatement {
    /// `WITH`.
    pub with: Option<Box<With>>,
    /// The table.
    pub relation: RelationRef,
    /// `SET`.
    pub assignments: Vec<Assignment>,
    /// `FROM`.
    pub from: Vec<FromItem>,
    /// `WHERE`; may be `CURRENT OF`.
    pub where_clause: Option<Expr>,
    /// `RETURNING`.
    pub returning: Option<Box<Returning>>,
}

/// `DELETE`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteStatement {
    /// `WITH`.
    pub with: Option<Box<With>>,
    /// The table.
    pub relation: RelationRef,
    /// `USING`.
    pub using: Vec<FromItem>,
    /// `WHERE`; may be `CURRENT OF`.
    pub where_clause: Option<Expr>,
    /// `RETURNING`.
    pub returning: Option<Box<Returning>>,
}

/// `MERGE`.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeStatement {
    /// `WITH`.
    pub with: Option<Box<With>>,
    /// `INTO`.
    pub relation: RelationRef,
    /// `USING`.
    pub source: FromItem,
    /// `ON`.
    pub condition: Expr,
    /// `WHEN ...`.
    pub clauses: Vec<MergeClause>,
    /// `RETURNING`.
    pub returning: Option<Box<Returning>>,
}

/// When a [`MergeClause`] applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeMatch {
    /// `WHEN MATCHED`.
    Matched,
    /// `WHEN NOT MATCHED [BY TARGET]`.
    NotMatchedByTarget,
    /// `WHEN NOT MATCHED BY SOURCE`.
    NotMatchedBySource,
}

/// `WHEN ... THEN ...`.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeClause {
    /// When.
    pub matched: MergeMatch,
    /// `AND condition`.
    pub condition: Option<Expr>,
    /// `THEN`.
    pub action: MergeAction,
    /// The whole clause.
    pub span: Span,
}

/// What a [`MergeClause`] does.
#[derive(Clone, Debug, PartialEq)]
pub enum MergeAction {
    /// `DO NOTHING`.
    Nothing,
    /// `DELETE`.
    Delete,
    /// `UPDATE SET ...`.
    Update(Vec<Assignment>),
    /// `INSERT ...`.
    Insert {
        /// The target columns; empty for all.
        columns: Vec<AssignmentTarget>,
        /// `OVERRIDING`.
        overriding: Option<Overriding>,
        /// `VALUES`; `None` for `DEFAULT VALUES`.
        values: Option<Vec<Expr>>,
    },
}

/// `TRUNCATE`.
#[derive(Clone, Debug, PartialEq)]
pub struct TruncateStatement {
    /// The tables.
    pub relations: Vec<RelationRef>,
    /// `RESTART IDENTITY`.
    pub restart_identity: bool,
    /// `CASCADE` or `RESTRICT`.
    pub behavior: super::DropBehavior,
}

/// `LOCK TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub struct LockStatement {
    /// The tables.
    pub relations: Vec<RelationRef>,
    /// The mode, `ACCESS EXCLUSIVE` if not written.
    pub mode: LockMode,
    /// `NOWAIT`.
    pub nowait: bool,
}

/// Modes of a table lock, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

/// `CALL f(...)`: the call may be any function expression without window clauses.
#[derive(Clone, Debug, PartialEq)]
pub struct CallStatement {
    /// The call, an [`super::ExprKind::Function`].
    pub call: Expr,
}
