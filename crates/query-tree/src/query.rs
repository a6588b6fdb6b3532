//! A bound query: what a statement means, with nothing said about how to compute it. Follows PostgreSQL's `Query`.

use crate::expr::{Expr, FuncExpr, Position, SortGroupClause, TargetEntry};
use pglitedb_types::Oid;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a query does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandType {
    /// SELECT, VALUES, TABLE
    #[default]
    Select,
    /// INSERT
    Insert,
    /// UPDATE
    Update,
    /// DELETE
    Delete,
    /// MERGE
    Merge,
}

/// A query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// What it does.
    pub command: CommandType,
    /// Range table.
    pub rtable: Vec<Rte>,
    /// FROM list (and USING, and the target relation of UPDATE/DELETE): implicitly cross joined.
    pub from: Vec<FromItem>,
    /// WHERE
    pub quals: Option<Expr>,
    /// Output columns; for INSERT/UPDATE the new values with `resno` = attnum of the target column. In an UPDATE only
    /// assigned columns are listed; in an INSERT also defaults (the analyzer fills them in).
    pub targets: Vec<TargetEntry>,
    /// Range table entry of the table to change.
    pub result_relation: Option<usize>,
    /// RETURNING
    pub returning: Vec<TargetEntry>,
    /// Names given by RETURNING WITH (OLD AS o, NEW AS n).
    pub returning_old: Option<Arc<str>>,
    /// See `returning_old`.
    pub returning_new: Option<Arc<str>>,
    /// ON CONFLICT
    pub on_conflict: Option<Box<OnConflict>>,
    /// OVERRIDING SYSTEM/USER VALUE
    pub overriding: Overriding,
    /// WITH CHECK OPTION of the views that were the target: view name and condition on the new row of
    /// `result_relation`, innermost view first. Filled by the rewriter.
    #[serde(default)]
    pub view_checks: Vec<(Arc<str>, Expr)>,
    /// The rewriter's note that views further in are checked, too.
    #[serde(skip)]
    pub view_check_cascades: bool,
    /// MERGE ... WHEN
    pub merge_actions: Vec<MergeAction>,
    /// MERGE ... ON
    pub merge_join: Option<Expr>,
    /// GROUP BY
    pub group_by: Vec<SortGroupClause>,
    /// GROUP BY DISTINCT
    pub group_distinct: bool,
    /// GROUPING SETS, expanded: each a list of `target_ref`s; empty when there are none.
    pub grouping_sets: Vec<Vec<u32>>,
    /// GROUP BY as written, for deparsing; empty when there are no grouping sets.
    #[serde(default)]
    pub grouping_items: Vec<GroupingItem>,
    /// HAVING
    pub having: Option<Expr>,
    /// WINDOW definitions in use.
    pub windows: Vec<WindowClause>,
    /// DISTINCT (all columns), or DISTINCT ON.
    pub distinct: Vec<SortGroupClause>,
    /// `distinct` is DISTINCT ON.
    pub distinct_on: bool,
    /// ORDER BY
    pub order_by: Vec<SortGroupClause>,
    /// OFFSET, of type int8
    pub offset: Option<Expr>,
    /// LIMIT, of type int8
    pub limit: Option<Expr>,
    /// FETCH FIRST ... WITH TIES
    pub with_ties: bool,
    /// FOR UPDATE and the like
    pub row_marks: Vec<RowMark>,
    /// UNION, INTERSECT, EXCEPT: then `from` is empty, `targets` give names and types, and the leaves are subquery
    /// entries of the range table.
    pub set_operation: Option<SetOp>,
    /// WITH
    pub ctes: Vec<Cte>,
    /// WITH RECURSIVE
    pub recursive: bool,
    /// Are there aggregates of this level?
    pub has_aggs: bool,
    /// Window functions?
    pub has_windows: bool,
    /// Set-returning functions in `targets`?
    pub has_target_srfs: bool,
    /// SubLinks anywhere?
    pub has_sublinks: bool,
    /// Data-modifying WITH?
    pub has_modifying_cte: bool,
    /// The statement's own length and position are kept by the session; this is the byte offset of its first token.
    #[serde(skip)]
    pub position: Position,
}

impl Query {
    /// Is it `SELECT expression` and nothing else: one row of one column, without relations, aggregates, sets or subqueries?
    pub fn is_single_expression(&self) -> bool {
        self.command == CommandType::Select
            && self.rtable.is_empty()
            && self.from.is_empty()
            && self.quals.is_none()
            && self.having.is_none()
            && self.group_by.is_empty()
            && self.grouping_sets.is_empty()
            && self.distinct.is_empty()
            && self.order_by.is_empty()
            && self.limit.is_none()
            && self.offset.is_none()
            && self.set_operation.is_none()
            && self.ctes.is_empty()
            && self.row_marks.is_empty()
            && !self.has_aggs
            && !self.has_windows
            && !self.has_target_srfs
            && !self.has_sublinks
            && self.targets.len() == 1
    }

    /// Targets that are part of the result.
    pub fn visible_targets(&self) -> impl Iterator<Item = &TargetEntry> {
        self.targets.iter().filter(|target| !target.junk)
    }

    /// The columns a client sees: of SELECT the targets, otherwise RETURNING.
    pub fn result_targets(&self) -> impl Iterator<Item = &TargetEntry> {
        let list = if self.command == CommandType::Select { &self.targets } else { &self.returning };
        list.iter().filter(|target| !target.junk)
    }
}

/// An item of GROUP BY with grouping sets, by `target_ref`s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupingItem {
    /// An expression, a row of them, or `()`.
    Set(Vec<u32>),
    /// ROLLUP
    Rollup(Vec<Vec<u32>>),
    /// CUBE
    Cube(Vec<Vec<u32>>),
    /// GROUPING SETS
    Sets(Vec<GroupingItem>),
}

/// OVERRIDING of identity columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overriding {
    /// not given
    #[default]
    None,
    /// OVERRIDING SYSTEM VALUE
    SystemValue,
    /// OVERRIDING USER VALUE
    UserValue,
}

/// Table lock modes, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TableLockMode {
    /// SELECT
    AccessShare = 1,
    /// SELECT FOR UPDATE
    RowShare = 2,
    /// INSERT, UPDATE, DELETE
    RowExclusive = 3,
    /// VACUUM, ANALYZE
    ShareUpdateExclusive = 4,
    /// CREATE INDEX
    Share = 5,
    /// CREATE TRIGGER
    ShareRowExclusive = 6,
    /// REFRESH MATERIALIZED VIEW CONCURRENTLY
    Exclusive = 7,
    /// DROP, ALTER, TRUNCATE
    AccessExclusive = 8,
}

/// An entry of the range table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rte {
    /// What it is.
    pub kind: RteKind,
    /// The name it is known by: alias, or relation name.
    pub name: Arc<str>,
    /// An alias was written.
    pub has_alias: bool,
    /// Column aliases that were written, from the first column on.
    pub alias_columns: Vec<Arc<str>>,
    /// All columns as visible to the query (aliases applied), by attno - 1. Dropped columns have type 0.
    pub columns: Vec<RteColumn>,
    /// LATERAL
    pub lateral: bool,
    /// Written in FROM (rather than added by us: views' relations, NEW/OLD, EXCLUDED).
    pub in_from: bool,
    /// Check privileges needed: a bit set of `privilege` constants.
    pub required_privileges: u32,
    /// User whose privileges count, 0 for the current user (views run as their owner).
    pub check_as_user: Oid,
}

/// Privilege bits of [`Rte::required_privileges`].
pub mod privilege {
    /// SELECT
    pub const SELECT: u32 = 1;
    /// INSERT
    pub const INSERT: u32 = 2;
    /// UPDATE
    pub const UPDATE: u32 = 4;
    /// DELETE
    pub const DELETE: u32 = 8;
}

/// A column of a range table entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RteColumn {
    /// Visible name.
    pub name: Arc<str>,
    /// Type; 0 if the column was dropped.
    pub type_oid: Oid,
    /// Type modifier.
    pub typmod: i32,
    /// Collation.
    pub collation: Oid,
}

/// Kinds of range table entries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RteKind {
    /// A table, materialized view, sequence or catalog.
    Relation {
        /// OID
        oid: Oid,
        /// Include inheritance children (no ONLY).
        inherit: bool,
        /// Lock to take.
        lock: TableLockMode,
        /// TABLESAMPLE
        sample: Option<Box<TableSample>>,
    },
    /// A subquery; `view` names the view it was expanded from.
    Subquery {
        /// The query.
        query: Box<Query>,
        /// The view, or 0.
        view: Oid,
        /// Security barrier.
        barrier: bool,
    },
    /// A join: columns come from `aliases` (Vars of the inputs, or COALESCE of merged columns).
    Join {
        /// Kind of join.
        join: JoinType,
        /// One expression a column, in terms of the inputs.
        aliases: Vec<Expr>,
        /// Number of USING columns (they come first).
        merged: usize,
    },
    /// Functions in FROM, `ROWS FROM`.
    Function {
        /// The functions.
        functions: Vec<RteFunction>,
        /// WITH ORDINALITY: one more int8 column at the end.
        ordinality: bool,
    },
    /// VALUES lists.
    Values {
        /// The rows.
        rows: Vec<Vec<Expr>>,
    },
    /// A reference to a WITH query.
    Cte {
        /// Its name.
        name: Arc<str>,
        /// Query levels up where it is defined.
        levels_up: u32,
        /// A reference from inside its own recursive term.
        self_reference: bool,
    },
    /// JSON_TABLE, XMLTABLE: options as JSON for the executor, arguments as expressions.
    TableFunction {
        /// `json_table`, `xmltable`
        name: Arc<str>,
        /// Plan of columns and paths, serialized.
        options: Arc<str>,
        /// Document and passing arguments, defaults.
        args: Vec<Expr>,
    },
    /// Empty FROM (planner only) or the result of grouping.
    Result,
}

/// One function of a function entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RteFunction {
    /// The call: [`Expr::Func`] usually, another expression where the grammar allows it (`CURRENT_USER`, ...).
    pub expr: Expr,
    /// Number of columns it gives.
    pub column_count: usize,
    /// Columns as the function (or the column definition list) gives them.
    pub columns: Vec<RteColumn>,
    /// A column definition list was written.
    pub has_definition: bool,
}

impl RteFunction {
    /// The call if it is a plain function call.
    pub fn func(&self) -> Option<&FuncExpr> {
        match &self.expr {
            Expr::Func(func) => Some(func),
            _ => None,
        }
    }
}

/// TABLESAMPLE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableSample {
    /// Handler function.
    pub method: Oid,
    /// Arguments.
    pub args: Vec<Expr>,
    /// REPEATABLE
    pub repeatable: Option<Expr>,
}

/// Kinds of joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JoinType {
    /// INNER, CROSS
    Inner,
    /// LEFT
    Left,
    /// FULL
    Full,
    /// RIGHT
    Right,
    /// Plans only: rows of the outer side with a match
    Semi,
    /// Plans only: rows of the outer side without a match
    Anti,
    /// Plans only: rows of the inner side with a match
    RightSemi,
    /// Plans only: rows of the inner side without a match
    RightAnti,
}

/// A node of the FROM clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromItem {
    /// A range table entry.
    Rte(usize),
    /// A join.
    Join(Box<JoinExpr>),
}

/// A join in FROM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoinExpr {
    /// Kind.
    pub join: JoinType,
    /// NATURAL
    pub natural: bool,
    /// Left input.
    pub left: FromItem,
    /// Right input.
    pub right: FromItem,
    /// Names of USING columns (also those NATURAL found).
    pub using: Vec<Arc<str>>,
    /// ON, or the equalities of USING.
    pub quals: Option<Expr>,
    /// An alias was written for the join.
    pub alias: Option<Arc<str>>,
    /// `USING (...) AS name`.
    #[serde(default)]
    pub using_alias: Option<Arc<str>>,
    /// The join's own range table entry.
    pub rte: usize,
}

/// Set operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SetOpKind {
    /// UNION
    Union,
    /// INTERSECT
    Intersect,
    /// EXCEPT
    Except,
}

/// A tree of set operations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SetOp {
    /// A subquery entry of the range table.
    Leaf(usize),
    /// An operation.
    Node {
        /// Which.
        kind: SetOpKind,
        /// ALL
        all: bool,
        /// Left input.
        left: Box<SetOp>,
        /// Right input.
        right: Box<SetOp>,
        /// Output columns: type, typmod, collation.
        columns: Vec<(Oid, i32, Oid)>,
        /// Sort/group operators by column (target_ref = column number from 1); empty for UNION ALL.
        group: Vec<SortGroupClause>,
    },
}

/// MATERIALIZED or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CteMaterialize {
    /// not said
    #[default]
    Default,
    /// MATERIALIZED
    Always,
    /// NOT MATERIALIZED
    Never,
}

/// A WITH query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cte {
    /// Name.
    pub name: Arc<str>,
    /// Column aliases that were written.
    pub alias_columns: Vec<Arc<str>>,
    /// MATERIALIZED
    pub materialize: CteMaterialize,
    /// The query. For a recursive one a UNION whose right side refers to the CTE itself.
    pub query: Box<Query>,
    /// Is it recursive?
    pub recursive: bool,
    /// Number of references.
    pub references: usize,
    /// Output columns.
    pub columns: Vec<RteColumn>,
}

/// ON CONFLICT.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnConflict {
    /// Unique indexes to look at (inferred or of the named constraint); empty: all (DO NOTHING without target).
    pub arbiters: Vec<Oid>,
    /// The constraint if named.
    pub constraint: Oid,
    /// Inference clause for deparsing: expressions.
    pub target_exprs: Vec<Expr>,
    /// Inference WHERE.
    pub target_where: Option<Expr>,
    /// DO UPDATE SET (`None`: DO NOTHING), `resno` = attnum.
    pub update: Option<Vec<TargetEntry>>,
    /// DO UPDATE ... WHERE
    pub update_where: Option<Expr>,
    /// Range table entry of EXCLUDED.
    pub excluded_rte: usize,
}

/// Match kinds of MERGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MergeMatch {
    /// WHEN MATCHED
    Matched,
    /// WHEN NOT MATCHED BY SOURCE
    NotMatchedBySource,
    /// WHEN NOT MATCHED [BY TARGET]
    NotMatchedByTarget,
}

/// One WHEN of MERGE.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeAction {
    /// When.
    pub when: MergeMatch,
    /// Insert, Update, Delete; Select stands for DO NOTHING.
    pub command: CommandType,
    /// AND condition
    pub condition: Option<Expr>,
    /// New values, `resno` = attnum.
    pub targets: Vec<TargetEntry>,
    /// OVERRIDING
    pub overriding: Overriding,
}

/// Row lock strengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RowLockStrength {
    /// FOR KEY SHARE
    KeyShare,
    /// FOR SHARE
    Share,
    /// FOR NO KEY UPDATE
    NoKeyUpdate,
    /// FOR UPDATE
    Update,
}

/// What to do if a row is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LockWait {
    /// wait
    #[default]
    Block,
    /// SKIP LOCKED
    Skip,
    /// NOWAIT
    Error,
}

/// FOR UPDATE and the like on one relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowMark {
    /// Range table entry.
    pub rte: usize,
    /// Strength.
    pub strength: RowLockStrength,
    /// Waiting.
    pub wait: LockWait,
}

/// Frame modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameMode {
    /// RANGE
    Range,
    /// ROWS
    Rows,
    /// GROUPS
    Groups,
}

/// Frame bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FrameBound {
    /// UNBOUNDED PRECEDING
    UnboundedPreceding,
    /// n PRECEDING
    Preceding(Expr),
    /// CURRENT ROW
    CurrentRow,
    /// n FOLLOWING
    Following(Expr),
    /// UNBOUNDED FOLLOWING
    UnboundedFollowing,
}

/// EXCLUDE
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FrameExclusion {
    /// NO OTHERS
    #[default]
    NoOthers,
    /// CURRENT ROW
    CurrentRow,
    /// GROUP
    Group,
    /// TIES
    Ties,
}

/// A window definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowClause {
    /// Name, if it has one.
    pub name: Option<Arc<str>>,
    /// The window that this one was copied from.
    #[serde(default)]
    pub existing: Option<Arc<str>>,
    /// `order_by` was copied from there.
    #[serde(default)]
    pub copied_order: bool,
    /// PARTITION BY
    pub partition_by: Vec<SortGroupClause>,
    /// ORDER BY
    pub order_by: Vec<SortGroupClause>,
    /// Frame mode.
    pub mode: FrameMode,
    /// Frame start.
    pub start: FrameBound,
    /// Frame end.
    pub end: FrameBound,
    /// EXCLUDE
    pub exclusion: FrameExclusion,
    /// A frame was written.
    pub has_frame: bool,
    /// RANGE with an offset: in_range support function for the start bound, or 0.
    pub start_in_range: Oid,
    /// And for the end bound.
    pub end_in_range: Oid,
}
