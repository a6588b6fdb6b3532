//! Plans: how a query is computed. Immutable and shared; all run-time state lives in the executor.
//!
//! Expressions in a plan node refer to its inputs only: [`VarSource::Outer`](crate::expr::VarSource) and `Inner` to the
//! children's output columns, `Scan` to the tuple a scan reads.

use crate::expr::{Expr, TargetEntry};
use crate::query::{
    CommandType, FrameBound, FrameExclusion, FrameMode, JoinType, LockWait, MergeMatch, RowLockStrength,
    RteColumn, SetOpKind, TableLockMode,
};
use pglitedb_catalog::Relation;
use pglitedb_types::Oid;
use std::sync::Arc;

/// A planned statement.
#[derive(Clone, Debug)]
pub struct PlannedStmt {
    /// What it does.
    pub command: CommandType,
    /// The tree.
    pub plan: Plan,
    /// Sub-plans and init plans, referred to by [`crate::expr::SubPlan::plan`] and [`Plan::init_plans`].
    pub subplans: Vec<Plan>,
    /// Number of executor parameters.
    pub exec_params: usize,
    /// Relations to lock before running, with their modes, in range table order.
    pub locks: Vec<(Oid, TableLockMode)>,
    /// Range table names for EXPLAIN, by entry.
    pub rte_names: Vec<PlanRte>,
    /// Query levels with nothing in FROM. PostgreSQL has a range table entry for each; EXPLAIN counts them.
    pub empty_froms: usize,
    /// Number of external parameters used.
    pub param_count: usize,
    /// Does a client see rows (SELECT or RETURNING)?
    pub returns_rows: bool,
    /// Does it contain data-modifying WITH queries?
    pub has_modifying_cte: bool,
    /// Depends on the current user or on settings in a way that forbids caching.
    pub transient: bool,
    /// Privileges to check at start: relation, user (0: current), bits.
    pub privileges: Vec<(Oid, Oid, u32)>,
}

/// What EXPLAIN shows of a range table entry.
#[derive(Clone, Debug)]
pub struct PlanRte {
    /// Alias in the plan, made unique (`t`, `t_1`).
    pub alias: Arc<str>,
    /// Relation, if it is one.
    pub relation: Option<Arc<Relation>>,
    /// Columns, for deparsing.
    pub columns: Vec<RteColumn>,
}

/// A plan node.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it does.
    pub node: PlanNode,
    /// Output columns.
    pub targets: Vec<TargetEntry>,
    /// Filter on the node's tuple (for joins: after the join condition).
    pub quals: Vec<Expr>,
    /// Sub-plans to run at most once before this node, on demand; they set executor parameters.
    pub init_plans: Vec<InitPlan>,
    /// Estimated cost before the first row.
    pub startup_cost: f64,
    /// Estimated cost for all rows.
    pub total_cost: f64,
    /// Estimated rows.
    pub rows: f64,
    /// Estimated width in bytes.
    pub width: i32,
}

/// An uncorrelated scalar (or EXISTS, ARRAY, row) subquery.
#[derive(Clone, Debug)]
pub struct InitPlan {
    /// Index into [`PlannedStmt::subplans`].
    pub plan: usize,
    /// Name for EXPLAIN, `InitPlan 1`.
    pub name: Arc<str>,
    /// What of its result goes into the parameters.
    pub kind: crate::expr::SubLinkKind,
    /// Parameters to set: one for EXISTS, scalar and ARRAY; one a column for rows.
    pub params: Vec<usize>,
    /// `Array`: the element type.
    pub element_type: Oid,
}

/// A sort key on the child's output.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// Column of the child's output, from 1.
    pub column: usize,
    /// Ordering operator.
    pub sort_op: Oid,
    /// Type of the column (comparison type).
    pub type_oid: Oid,
    /// Collation.
    pub collation: Oid,
    /// Descending.
    pub descending: bool,
    /// NULLS FIRST
    pub nulls_first: bool,
}

/// A grouping column on the child's output.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupKey {
    /// Column of the child's output, from 1.
    pub column: usize,
    /// Equality operator.
    pub eq_op: Oid,
    /// Type of the column.
    pub type_oid: Oid,
    /// Collation.
    pub collation: Oid,
}

/// One bound of an index scan: key column, operator strategy, and a value that does not depend on the scanned tuple.
#[derive(Clone, Debug)]
pub struct IndexCond {
    /// Key column of the index, from 0.
    pub key: usize,
    /// What is compared.
    pub kind: IndexCondKind,
    /// The condition as an expression on the scan tuple, for EXPLAIN.
    pub display: Expr,
}

/// Kinds of index conditions.
#[derive(Clone, Debug)]
pub enum IndexCondKind {
    /// `key op value`: B-tree strategy 1..5.
    Compare {
        /// Strategy.
        strategy: i16,
        /// Value, already of the key's type.
        value: Expr,
    },
    /// `key = ANY (array)`, array of the key's type.
    EqAny(Expr),
    /// `key IS NULL`
    IsNull,
    /// `key IS NOT NULL`
    IsNotNull,
    /// `(k1, k2, ..) op (v1, v2, ..)`, from this key column on.
    RowCompare {
        /// Strategy.
        strategy: i16,
        /// Values.
        values: Vec<Expr>,
    },
}

/// How an aggregation node groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggStrategy {
    /// no grouping
    Plain,
    /// input sorted by the keys
    Sorted,
    /// hash table
    Hashed,
    /// several grouping sets
    Mixed,
}

/// A window of a WindowAgg node.
#[derive(Clone, Debug)]
pub struct WindowPlan {
    /// Name for EXPLAIN.
    pub name: Arc<str>,
    /// Partition keys on the child's output.
    pub partition_by: Vec<GroupKey>,
    /// Order keys on the child's output.
    pub order_by: Vec<SortKey>,
    /// Mode.
    pub mode: FrameMode,
    /// Start.
    pub start: FrameBound,
    /// End.
    pub end: FrameBound,
    /// Exclusion.
    pub exclusion: FrameExclusion,
    /// in_range support for start.
    pub start_in_range: Oid,
    /// in_range support for end.
    pub end_in_range: Oid,
    /// Index in the query's `windows`, which [`crate::expr::WindowFunc::window`] of the calls computed here have.
    pub window: usize,
}

/// Row locking of one relation in a LockRows node.
#[derive(Clone, Debug)]
pub struct RowMarkPlan {
    /// Range table entry.
    pub rte: usize,
    /// The relation.
    pub relation: Arc<Relation>,
    /// Column of the child's output with the row id (int8), from 1.
    pub row_id_column: usize,
    /// Column with the tableoid (inheritance), if several relations.
    pub table_oid_column: Option<usize>,
    /// Strength.
    pub strength: RowLockStrength,
    /// Waiting.
    pub wait: LockWait,
}

/// A relation changed by ModifyTable. Its constraints, generated columns and index expressions are not part of the plan:
/// the executor takes them from the relation.
#[derive(Clone, Debug)]
pub struct ModifyTarget {
    /// Range table entry.
    pub rte: usize,
    /// The relation.
    pub relation: Arc<Relation>,
    /// INSERT: one expression per column of the relation, in attnum order, on the child's output (`Outer`); dropped
    /// columns are NULL constants. UPDATE: empty, see `updates`.
    pub insert_exprs: Vec<Expr>,
    /// UPDATE: attnum and new value; expressions on the child's output (`Outer`).
    pub updates: Vec<(i16, Expr)>,
    /// WITH CHECK OPTION of views: view name, condition on the new row (`Scan`).
    pub view_checks: Vec<(Arc<str>, Expr)>,
    /// RETURNING on the new row (`Scan`), old row (`Inner`) and the child's output (`Outer`).
    pub returning: Vec<TargetEntry>,
}

/// ON CONFLICT of a ModifyTable node.
#[derive(Clone, Debug)]
pub struct OnConflictPlan {
    /// Arbiter indexes; empty for all unique indexes.
    pub arbiters: Vec<Oid>,
    /// DO UPDATE: attnum and value; existing row is `Scan`, EXCLUDED is `Inner`.
    pub update: Option<Vec<(i16, Expr)>>,
    /// WHERE of DO UPDATE, likewise.
    pub update_where: Option<Expr>,
}

/// One WHEN of a MERGE: conditions and values on the child's output (`Outer`) and the target row (`Scan`).
#[derive(Clone, Debug)]
pub struct MergeActionPlan {
    /// When.
    pub when: MergeMatch,
    /// What.
    pub command: CommandType,
    /// AND condition.
    pub condition: Option<Expr>,
    /// INSERT: one expression per column.
    pub insert_exprs: Vec<Expr>,
    /// UPDATE: attnum and value.
    pub updates: Vec<(i16, Expr)>,
}

/// Kinds of plan nodes. `outer`/`inner` children are boxed plans.
#[derive(Clone, Debug)]
pub enum PlanNode {
    /// One row from no table, or rows of the child filtered by a condition evaluated once.
    Result {
        /// Child.
        outer: Option<Box<Plan>>,
        /// One-time filter.
        one_time: Option<Expr>,
    },
    /// Set-returning functions in the target list.
    ProjectSet {
        /// Child.
        outer: Box<Plan>,
    },
    /// Changes tables.
    ModifyTable {
        /// What.
        command: CommandType,
        /// Source of rows. UPDATE/DELETE/MERGE: with the row id in `row_id_column`.
        outer: Box<Plan>,
        /// Targets (several with inheritance, chosen by `table_oid_column`).
        targets: Vec<ModifyTarget>,
        /// Column of the child with the row id, from 1 (NULL: not matched, MERGE).
        row_id_column: Option<usize>,
        /// Column of the child with the table's OID.
        table_oid_column: Option<usize>,
        /// ON CONFLICT
        on_conflict: Option<Box<OnConflictPlan>>,
        /// MERGE actions, in order.
        merge: Vec<MergeActionPlan>,
        /// Counts as the statement's result (false inside WITH).
        can_set_tag: bool,
    },
    /// Concatenation.
    Append {
        /// Children.
        children: Vec<Plan>,
    },
    /// Merge of sorted children.
    MergeAppend {
        /// Children.
        children: Vec<Plan>,
        /// Order.
        keys: Vec<SortKey>,
    },
    /// WITH RECURSIVE.
    RecursiveUnion {
        /// Non-recursive term.
        outer: Box<Plan>,
        /// Recursive term, which has a WorkTableScan of `work_table`.
        inner: Box<Plan>,
        /// Identity of the work table inside the statement.
        work_table: usize,
        /// UNION (not ALL): columns to make distinct.
        distinct: Vec<GroupKey>,
    },
    /// Reads the work table of a RecursiveUnion.
    WorkTableScan {
        /// Range table entry.
        rte: usize,
        /// Its identity.
        work_table: usize,
    },
    /// Sequential scan.
    SeqScan {
        /// Range table entry.
        rte: usize,
        /// The relation.
        relation: Arc<Relation>,
    },
    /// TABLESAMPLE.
    SampleScan {
        /// Range table entry.
        rte: usize,
        /// The relation.
        relation: Arc<Relation>,
        /// Handler function.
        method: Oid,
        /// Arguments.
        args: Vec<Expr>,
        /// REPEATABLE
        repeatable: Option<Expr>,
    },
    /// Index scan: rows in index order.
    IndexScan {
        /// Range table entry.
        rte: usize,
        /// The relation.
        relation: Arc<Relation>,
        /// Its index.
        index: Arc<pglitedb_catalog::IndexInfo>,
        /// Bounds.
        conds: Vec<IndexCond>,
        /// Scan backward.
        backward: bool,
        /// Only key columns are needed: the row itself is not read (then only those of `Scan` are set).
        index_only: bool,
    },
    /// Rows that a bitmap names, in the order of the table.
    BitmapHeapScan {
        /// Range table entry.
        rte: usize,
        /// The relation.
        relation: Arc<Relation>,
        /// What the bitmap's rows satisfy; checked again where a row may have changed since.
        recheck: Vec<Expr>,
        /// BitmapIndexScan, BitmapAnd or BitmapOr.
        bitmap: Box<Plan>,
    },
    /// Row ids from an index. Gives no rows; only below a BitmapHeapScan.
    BitmapIndexScan {
        /// The relation.
        relation: Arc<Relation>,
        /// Its index.
        index: Arc<pglitedb_catalog::IndexInfo>,
        /// Bounds.
        conds: Vec<IndexCond>,
    },
    /// Row ids that all bitmaps have.
    BitmapAnd {
        /// Bitmaps.
        children: Vec<Plan>,
    },
    /// Row ids that some bitmap has.
    BitmapOr {
        /// Bitmaps.
        children: Vec<Plan>,
    },
    /// Rows by ctid or row id.
    TidScan {
        /// Range table entry.
        rte: usize,
        /// The relation.
        relation: Arc<Relation>,
        /// tid expressions (`ctid = x`, `ctid = ANY (array)`), or `CURRENT OF`.
        tids: Vec<Expr>,
        /// WHERE CURRENT OF this cursor.
        cursor: Option<Arc<str>>,
    },
    /// Subquery in FROM that could not be pulled up.
    SubqueryScan {
        /// Range table entry.
        rte: usize,
        /// Its plan; the scan tuple is its output.
        outer: Box<Plan>,
    },
    /// Functions in FROM.
    FunctionScan {
        /// Range table entry.
        rte: usize,
        /// The calls.
        functions: Vec<crate::query::RteFunction>,
        /// WITH ORDINALITY
        ordinality: bool,
    },
    /// JSON_TABLE, XMLTABLE.
    TableFuncScan {
        /// Range table entry.
        rte: usize,
        /// Name.
        name: Arc<str>,
        /// Options.
        options: Arc<str>,
        /// Arguments.
        args: Vec<Expr>,
        /// Output columns.
        columns: Vec<RteColumn>,
    },
    /// VALUES lists.
    ValuesScan {
        /// Range table entry.
        rte: usize,
        /// Rows.
        rows: Vec<Vec<Expr>>,
    },
    /// Reads a WITH query computed once.
    CteScan {
        /// Range table entry.
        rte: usize,
        /// Index into `subplans`.
        plan: usize,
        /// Name for EXPLAIN.
        name: Arc<str>,
    },
    /// Nested loop.
    NestLoop {
        /// Join type.
        join: JoinType,
        /// Outer.
        outer: Box<Plan>,
        /// Inner, rescanned for each outer row.
        inner: Box<Plan>,
        /// Join condition.
        join_quals: Vec<Expr>,
        /// At most one inner row matches.
        inner_unique: bool,
        /// Executor parameters set from the outer row (`Outer` expressions) before each rescan.
        params: Vec<(usize, Expr)>,
    },
    /// Merge join of sorted inputs.
    MergeJoin {
        /// Join type.
        join: JoinType,
        /// Outer, sorted by `keys`.
        outer: Box<Plan>,
        /// Inner, sorted by `keys`.
        inner: Box<Plan>,
        /// Equalities: outer expression, inner expression, sort key (of the outer column).
        keys: Vec<MergeKey>,
        /// Further join condition.
        join_quals: Vec<Expr>,
        /// At most one inner row matches.
        inner_unique: bool,
    },
    /// Hash join; the inner side is hashed.
    HashJoin {
        /// Join type.
        join: JoinType,
        /// Outer.
        outer: Box<Plan>,
        /// Inner.
        inner: Box<Plan>,
        /// Equalities: outer expression, inner expression, operator.
        keys: Vec<HashKey>,
        /// Further join condition.
        join_quals: Vec<Expr>,
        /// At most one inner row matches.
        inner_unique: bool,
    },
    /// Keeps the child's rows for rescans.
    Material {
        /// Child.
        outer: Box<Plan>,
    },
    /// Caches the child's rows by parameter values.
    Memoize {
        /// Child.
        outer: Box<Plan>,
        /// Cache keys: expressions on executor parameters.
        keys: Vec<Expr>,
        /// Keys must be the same byte by byte, not just equal.
        binary: bool,
        /// There is at most one row for a key, and nobody asks for a second.
        single: bool,
        /// Bytes to use at most.
        memory: usize,
    },
    /// Sort; `presorted` leading keys are already in order (incremental sort); `limit` bounds the rows needed.
    Sort {
        /// Child.
        outer: Box<Plan>,
        /// Keys.
        keys: Vec<SortKey>,
        /// Leading keys already in order.
        presorted: usize,
    },
    /// Removes adjacent groups' duplicates (GROUP BY without aggregates, sorted input).
    Group {
        /// Child.
        outer: Box<Plan>,
        /// Keys.
        keys: Vec<GroupKey>,
    },
    /// Aggregation. `Aggref`s in `targets` and `quals` are computed here.
    Agg {
        /// Child.
        outer: Box<Plan>,
        /// Strategy.
        strategy: AggStrategy,
        /// Keys.
        keys: Vec<GroupKey>,
        /// GROUPING SETS: for each set the indexes into `keys`; empty when there are none.
        grouping_sets: Vec<Vec<usize>>,
        /// `target_ref`s of the keys, in order (for GROUPING()).
        key_refs: Vec<u32>,
    },
    /// Window functions of one window.
    WindowAgg {
        /// Child, sorted by partition and order keys.
        outer: Box<Plan>,
        /// The window.
        window: Box<WindowPlan>,
    },
    /// Removes adjacent duplicates.
    Unique {
        /// Child.
        outer: Box<Plan>,
        /// Keys.
        keys: Vec<GroupKey>,
    },
    /// INTERSECT, EXCEPT.
    SetOp {
        /// Which.
        kind: SetOpKind,
        /// ALL
        all: bool,
        /// Left input.
        outer: Box<Plan>,
        /// Right input.
        inner: Box<Plan>,
        /// Keys (column, equality).
        keys: Vec<GroupKey>,
        /// Sorted inputs rather than hashing.
        sorted: Option<Vec<SortKey>>,
    },
    /// SELECT ... FOR UPDATE.
    LockRows {
        /// Child.
        outer: Box<Plan>,
        /// What to lock.
        marks: Vec<RowMarkPlan>,
    },
    /// LIMIT, OFFSET.
    Limit {
        /// Child.
        outer: Box<Plan>,
        /// OFFSET
        offset: Option<Expr>,
        /// LIMIT
        count: Option<Expr>,
        /// WITH TIES: ordering columns.
        with_ties: Option<Vec<SortKey>>,
    },
}

/// A merge-join equality.
#[derive(Clone, Debug)]
pub struct MergeKey {
    /// Column of the outer child's output, from 1.
    pub outer: usize,
    /// Column of the inner child's output, from 1.
    pub inner: usize,
    /// Equality operator.
    pub eq_op: Oid,
    /// Comparison type.
    pub type_oid: Oid,
    /// Collation.
    pub collation: Oid,
    /// Descending.
    pub descending: bool,
    /// NULLS FIRST
    pub nulls_first: bool,
    /// The condition for EXPLAIN.
    pub display: Expr,
}

/// A hash-join equality.
#[derive(Clone, Debug)]
pub struct HashKey {
    /// Expression on the outer row.
    pub outer: Expr,
    /// Expression on the inner row (`Inner`).
    pub inner: Expr,
    /// Equality operator; when the two types differ the executor hashes both sides after widening to `type_oid`.
    pub eq_op: Oid,
    /// Comparison type.
    pub type_oid: Oid,
    /// Collation.
    pub collation: Oid,
    /// The condition for EXPLAIN.
    pub display: Expr,
}

impl Plan {
    /// Direct children, outer before inner.
    pub fn children(&self) -> Vec<&Plan> {
        match &self.node {
            PlanNode::Result { outer, .. } => outer.iter().map(|outer| &**outer).collect(),
            PlanNode::BitmapHeapScan { bitmap, .. } => vec![bitmap],
            PlanNode::Append { children }
            | PlanNode::MergeAppend { children, .. }
            | PlanNode::BitmapAnd { children }
            | PlanNode::BitmapOr { children } => children.iter().collect(),
            PlanNode::ProjectSet { outer }
            | PlanNode::ModifyTable { outer, .. }
            | PlanNode::SubqueryScan { outer, .. }
            | PlanNode::Material { outer }
            | PlanNode::Memoize { outer, .. }
            | PlanNode::Sort { outer, .. }
            | PlanNode::Group { outer, .. }
            | PlanNode::Agg { outer, .. }
            | PlanNode::WindowAgg { outer, .. }
            | PlanNode::Unique { outer, .. }
            | PlanNode::LockRows { outer, .. }
            | PlanNode::Limit { outer, .. } => vec![outer],
            PlanNode::RecursiveUnion { outer, inner, .. }
            | PlanNode::NestLoop { outer, inner, .. }
            | PlanNode::MergeJoin { outer, inner, .. }
            | PlanNode::HashJoin { outer, inner, .. }
            | PlanNode::SetOp { outer, inner, .. } => vec![outer, inner],
            PlanNode::WorkTableScan { .. }
            | PlanNode::SeqScan { .. }
            | PlanNode::SampleScan { .. }
            | PlanNode::IndexScan { .. }
            | PlanNode::BitmapIndexScan { .. }
            | PlanNode::TidScan { .. }
            | PlanNode::FunctionScan { .. }
            | PlanNode::TableFuncScan { .. }
            | PlanNode::ValuesScan { .. }
            | PlanNode::CteScan { .. } => Vec::new(),
        }
    }

    /// Calls `f` on every expression of this node (not of its children).
    pub fn for_each_expr(&self, f: &mut dyn FnMut(&Expr)) {
        self.targets.iter().for_each(|target| f(&target.expr));
        self.quals.iter().for_each(&mut *f);
        match &self.node {
            PlanNode::Result { one_time, .. } => one_time.iter().for_each(f),
            PlanNode::SampleScan { args, repeatable, .. } => args.iter().chain(repeatable).for_each(f),
            PlanNode::BitmapHeapScan { recheck, .. } => recheck.iter().for_each(f),
            PlanNode::IndexScan { conds, .. } | PlanNode::BitmapIndexScan { conds, .. } => {
                for cond in conds {
                    f(&cond.display);
                    match &cond.kind {
                        IndexCondKind::Compare { value, .. } | IndexCondKind::EqAny(value) => f(value),
                        IndexCondKind::RowCompare { values, .. } => values.iter().for_each(&mut *f),
                        IndexCondKind::IsNull | IndexCondKind::IsNotNull => {}
                    }
                }
            }
            PlanNode::TidScan { tids, .. } => tids.iter().for_each(f),
            PlanNode::FunctionScan { functions, .. } => {
                functions.iter().for_each(|function| f(&function.expr))
            }
            PlanNode::TableFuncScan { args, .. } => args.iter().for_each(f),
            PlanNode::ValuesScan { rows, .. } => rows.iter().flatten().for_each(f),
            PlanNode::NestLoop { join_quals, params, .. } => {
                join_quals.iter().for_each(&mut *f);
                params.iter().for_each(|(_, expr)| f(expr));
            }
            PlanNode::MergeJoin { join_quals, .. } => join_quals.iter().for_each(f),
            PlanNode::HashJoin { join_quals, keys, .. } => {
                join_quals.iter().for_each(&mut *f);
                keys.iter().for_each(|key| {
                    f(&key.outer);
                    f(&key.inner);
                });
            }
            PlanNode::Memoize { keys, .. } => keys.iter().for_each(f),
            PlanNode::WindowAgg { window, .. } => {
                for bound in [&window.start, &window.end] {
                    if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                        f(expr);
                    }
                }
            }
            PlanNode::Limit { offset, count, .. } => offset.iter().chain(count).for_each(f),
            PlanNode::ModifyTable { targets, on_conflict, merge, .. } => {
                for target in targets {
                    target.insert_exprs.iter().for_each(&mut *f);
                    target.updates.iter().for_each(|(_, expr)| f(expr));
                    target.returning.iter().for_each(|entry| f(&entry.expr));
                }
                if let Some(conflict) = on_conflict {
                    conflict.update.iter().flatten().for_each(|(_, expr)| f(expr));
                    conflict.update_where.iter().for_each(&mut *f);
                }
                for action in merge {
                    action.condition.iter().for_each(&mut *f);
                    action.insert_exprs.iter().for_each(&mut *f);
                    action.updates.iter().for_each(|(_, expr)| f(expr));
                }
            }
            _ => {}
        }
    }
}
