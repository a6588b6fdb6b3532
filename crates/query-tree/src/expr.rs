//! Bound expressions: every name resolved, every function and operator chosen, every coercion explicit.

use crate::query::Query;
use pglitedb_types::{Datum, Oid, oids};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a [`Var`] takes its value from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum VarSource {
    /// Entry of the query's range table, from 0. The only form before planning.
    Rte(usize),
    /// Plans only: column `attno` (from 1) of the outer (left, only) child's output.
    Outer,
    /// Plans only: column `attno` of the inner (right) child's output.
    Inner,
    /// Plans only: column `attno` of the tuple a scan node reads (attnum of the relation, or column of the function,
    /// VALUES list, CTE or subquery).
    Scan,
}

/// A column reference. `attno` 0 is the whole row, negative numbers are system columns ([`SystemColumn`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Var {
    /// The relation.
    pub source: VarSource,
    /// The column, from 1.
    pub attno: i16,
    /// Its type.
    pub type_oid: Oid,
    /// Its type modifier.
    pub typmod: i32,
    /// Its collation.
    pub collation: Oid,
    /// How many query levels up the range table is, 0 for this one.
    pub levels_up: u32,
    /// Refers to the OLD or NEW row in RETURNING.
    pub returning: VarReturning,
    /// Byte offset in the statement.
    #[serde(skip)]
    pub position: Position,
}

/// Which version of the row a RETURNING column means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VarReturning {
    /// The default (new row of INSERT/UPDATE, old row of DELETE).
    #[default]
    Default,
    /// `old.x`
    Old,
    /// `new.x`
    New,
}

/// System columns by PostgreSQL's attribute numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemColumn {
    /// `ctid`
    Ctid = -1,
    /// `xmin`
    Xmin = -2,
    /// `cmin`
    Cmin = -3,
    /// `xmax`
    Xmax = -4,
    /// `cmax`
    Cmax = -5,
    /// `tableoid`
    TableOid = -6,
    /// Internal: the 64-bit row id as int8, used by plans to find the row again (PostgreSQL's ctid junk column).
    RowId = -7,
}

/// A byte offset in the statement text, if known. All positions compare equal, so that expressions compare by meaning.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position(pub Option<u32>);

impl PartialEq for Position {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Position {}

impl std::hash::Hash for Position {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Position {
    /// A known position.
    pub fn new(offset: usize) -> Self {
        Position(u32::try_from(offset).ok())
    }

    /// For `Error::at_opt`.
    pub fn get(self) -> Option<usize> {
        self.0.map(|offset| offset as usize)
    }
}

/// A constant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Const {
    /// The value.
    pub value: Datum,
    /// Its type.
    pub type_oid: Oid,
    /// Its type modifier.
    pub typmod: i32,
    /// Its collation.
    pub collation: Oid,
    /// Byte offset in the statement.
    #[serde(skip)]
    pub position: Position,
}

impl PartialEq for Const {
    fn eq(&self, other: &Self) -> bool {
        self.type_oid == other.type_oid
            && self.typmod == other.typmod
            && self.collation == other.collation
            && pglitedb_types::identical(&self.value, &other.value)
    }
}

/// Kinds of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ParamKind {
    /// `$n`, from 1.
    External,
    /// Set by the executor: result of an init plan, argument of a correlated subplan, nest-loop parameter. From 0.
    Exec,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Param {
    /// External or executor's.
    pub kind: ParamKind,
    /// Its number.
    pub id: usize,
    /// Its type.
    pub type_oid: Oid,
    /// Its type modifier.
    pub typmod: i32,
    /// Its collation.
    pub collation: Oid,
    /// Byte offset in the statement.
    #[serde(skip)]
    pub position: Position,
}

/// How a function call was written; deparsing shows casts as casts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CallForm {
    /// `f(x)`
    Explicit,
    /// `x::t` or `cast(x as t)`
    ExplicitCast,
    /// A cast nobody wrote.
    ImplicitCast,
    /// Special syntax such as `extract(year from x)`.
    SqlSyntax,
}

/// A function call (not an aggregate or window function).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FuncExpr {
    /// `pg_proc.oid`
    pub func: Oid,
    /// Resolved result type.
    pub result_type: Oid,
    /// Result type modifier (length coercions), -1 if none.
    pub typmod: i32,
    /// Does it return a set?
    pub returns_set: bool,
    /// Was the last argument passed with VARIADIC (or are variadic arguments packed into an array already)?
    pub variadic: bool,
    /// How it was written.
    pub form: CallForm,
    /// Result collation.
    pub collation: Oid,
    /// Collation for the function to use.
    pub input_collation: Oid,
    /// Arguments, defaults filled in, in declared order; variadic ones packed into one array unless the function is
    /// `variadic "any"`.
    pub args: Vec<Expr>,
    /// Column definition list or OUT parameters for functions in FROM are kept in the range table entry.
    #[serde(skip)]
    pub position: Position,
}

/// An operator call. For prefix operators `args` has one element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpExpr {
    /// `pg_operator.oid`
    pub op: Oid,
    /// The function behind it.
    pub func: Oid,
    /// Result type.
    pub result_type: Oid,
    /// Result collation.
    pub collation: Oid,
    /// Input collation.
    pub input_collation: Oid,
    /// One or two arguments.
    pub args: Vec<Expr>,
    /// Byte offset of the operator.
    #[serde(skip)]
    pub position: Position,
}

/// `x op ANY (array)`, `x op ALL (array)`, `x IN (list)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalarArrayOp {
    /// Operator element by element.
    pub op: Oid,
    /// Its function.
    pub func: Oid,
    /// ANY rather than ALL.
    pub use_or: bool,
    /// Input collation.
    pub input_collation: Oid,
    /// The scalar.
    pub scalar: Box<Expr>,
    /// The array.
    pub array: Box<Expr>,
    /// Byte offset.
    #[serde(skip)]
    pub position: Position,
}

/// AND, OR, NOT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BoolOp {
    /// all
    And,
    /// any
    Or,
    /// one argument
    Not,
}

/// One `ORDER BY`/`DISTINCT`/`GROUP BY` item: refers to a target by [`TargetEntry::sort_group_ref`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SortGroupClause {
    /// The target.
    pub target_ref: u32,
    /// Equality operator.
    pub eq_op: Oid,
    /// Ordering operator (`<` or `>`); 0 if the type can't be sorted.
    pub sort_op: Oid,
    /// `sort_op` is the greater-than of its family.
    pub descending: bool,
    /// NULLS FIRST
    pub nulls_first: bool,
    /// Can it be hashed?
    pub hashable: bool,
}

/// An aggregate call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggref {
    /// `pg_proc.oid`
    pub func: Oid,
    /// Result type.
    pub result_type: Oid,
    /// Transition type, polymorphism resolved.
    pub trans_type: Oid,
    /// Result collation.
    pub collation: Oid,
    /// Input collation.
    pub input_collation: Oid,
    /// Types of direct and aggregated arguments as the function declares them (after resolution).
    pub arg_types: Vec<Oid>,
    /// Direct arguments of ordered-set aggregates.
    pub direct_args: Vec<Expr>,
    /// Aggregated arguments, and ORDER BY expressions as further entries (`resjunk`).
    pub args: Vec<TargetEntry>,
    /// ORDER BY (or WITHIN GROUP), on `args`.
    pub order_by: Vec<SortGroupClause>,
    /// DISTINCT, on `args`.
    pub distinct: Vec<SortGroupClause>,
    /// FILTER
    pub filter: Option<Box<Expr>>,
    /// `count(*)`
    pub star: bool,
    /// Called with variadic array.
    pub variadic: bool,
    /// `n`, `o`, `h`
    pub kind: u8,
    /// Query level it belongs to, 0 for this one.
    pub levels_up: u32,
    /// Byte offset.
    #[serde(skip)]
    pub position: Position,
}

/// A window function call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowFunc {
    /// `pg_proc.oid`, of a window function or an aggregate.
    pub func: Oid,
    /// Result type.
    pub result_type: Oid,
    /// Result collation.
    pub collation: Oid,
    /// Input collation.
    pub input_collation: Oid,
    /// Arguments.
    pub args: Vec<Expr>,
    /// FILTER
    pub filter: Option<Box<Expr>>,
    /// Index into [`Query::windows`].
    pub window: usize,
    /// `count(*)`
    pub star: bool,
    /// Is it an aggregate?
    pub is_aggregate: bool,
    /// Byte offset.
    #[serde(skip)]
    pub position: Position,
}

/// Kinds of subqueries in expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SubLinkKind {
    /// `EXISTS (...)`
    Exists,
    /// `x op ALL (...)`
    All,
    /// `x op ANY (...)`, `x IN (...)`
    Any,
    /// `(a, b) op (select ...)`
    RowCompare,
    /// `(select ...)` as a value
    Scalar,
    /// `(a, b) = (select ...)` in UPDATE SET
    MultiExpr,
    /// `ARRAY(select ...)`
    Array,
}

/// A subquery in an expression, before planning. For `All`, `Any` and `RowCompare`, `test` compares the left-hand
/// expressions with [`Expr::SubLinkColumn`]s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubLink {
    /// Kind.
    pub kind: SubLinkKind,
    /// MultiExpr: number of the sublink in the UPDATE.
    pub id: u32,
    /// Comparison, with `SubLinkColumn` standing for the subquery's columns.
    pub test: Option<Box<Expr>>,
    /// The subquery.
    pub query: Box<Query>,
    /// Result type: boolean, or the column's type (`Scalar`), its array type (`Array`), RECORD (`MultiExpr`).
    pub result_type: Oid,
    /// Byte offset.
    #[serde(skip)]
    pub position: Position,
}

/// A planned subquery in an expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubPlan {
    /// Kind.
    pub kind: SubLinkKind,
    /// Index into `PlannedStmt::subplans`.
    pub plan: usize,
    /// Name for EXPLAIN: `SubPlan 1`, `InitPlan 1`, `CTE x`.
    pub name: Arc<str>,
    /// Comparison; `Param`s `column_params` stand for the subquery's columns.
    pub test: Option<Box<Expr>>,
    /// Executor parameters that take the subquery's columns for `test` (and results of init plans, MultiExpr).
    pub column_params: Vec<usize>,
    /// Executor parameters to set from `args` before each evaluation (correlation).
    pub param_ids: Vec<usize>,
    /// Their values.
    pub args: Vec<Expr>,
    /// `Any` without correlation: build a hash table once.
    pub use_hash_table: bool,
    /// Unknown (NULL) results may be treated as false (WHERE).
    pub unknown_eq_false: bool,
    /// Type of the first column (Scalar, Array: element).
    pub first_type: Oid,
    /// Its type modifier.
    pub first_typmod: i32,
    /// Its collation.
    pub first_collation: Oid,
    /// Result type (`Array`: the array type).
    pub result_type: Oid,
}

/// `CASE`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseExpr {
    /// Result type.
    pub result_type: Oid,
    /// Result collation.
    pub collation: Oid,
    /// `CASE x WHEN`: the test value; conditions then compare [`Expr::CaseTest`].
    pub arg: Option<Box<Expr>>,
    /// Conditions and results.
    pub whens: Vec<(Expr, Expr)>,
    /// ELSE (a NULL constant if not written).
    pub default: Box<Expr>,
    /// Byte offset.
    #[serde(skip)]
    pub position: Position,
}

/// Row-wise comparison `(a, b) < (c, d)` other than `=` and `<>`, which become AND/OR of operators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowCompare {
    /// 1 `<`, 2 `<=`, 4 `>=`, 5 `>`
    pub strategy: i16,
    /// Operators by pair.
    pub ops: Vec<Oid>,
    /// Families by pair.
    pub families: Vec<Oid>,
    /// Input collations by pair.
    pub collations: Vec<Oid>,
    /// Left side.
    pub left: Vec<Expr>,
    /// Right side.
    pub right: Vec<Expr>,
}

/// `CURRENT_DATE` and friends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SqlValueFunction {
    /// `CURRENT_DATE`
    CurrentDate,
    /// `CURRENT_TIME`
    CurrentTime,
    /// `CURRENT_TIMESTAMP`
    CurrentTimestamp,
    /// `LOCALTIME`
    LocalTime,
    /// `LOCALTIMESTAMP`
    LocalTimestamp,
    /// `CURRENT_ROLE`
    CurrentRole,
    /// `CURRENT_USER`
    CurrentUser,
    /// `USER`
    User,
    /// `SESSION_USER`
    SessionUser,
    /// `CURRENT_CATALOG`
    CurrentCatalog,
    /// `CURRENT_SCHEMA`
    CurrentSchema,
}

/// `x IS [NOT] TRUE/FALSE/UNKNOWN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BoolTest {
    /// `IS TRUE`
    True,
    /// `IS NOT TRUE`
    NotTrue,
    /// `IS FALSE`
    False,
    /// `IS NOT FALSE`
    NotFalse,
    /// `IS UNKNOWN`
    Unknown,
    /// `IS NOT UNKNOWN`
    NotUnknown,
}

/// One subscript of [`Expr::Subscript`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SubscriptItem {
    /// `[i]`
    Index(Expr),
    /// `[a:b]`, either side may be missing
    Slice(Option<Expr>, Option<Expr>),
}

/// A subscripting operation on an array (or jsonb), reading, or writing when `assign` is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubscriptExpr {
    /// The container.
    pub container: Box<Expr>,
    /// Container type (domain removed).
    pub container_type: Oid,
    /// Element type.
    pub element_type: Oid,
    /// Result type.
    pub result_type: Oid,
    /// Type modifier.
    pub typmod: i32,
    /// Collation.
    pub collation: Oid,
    /// Subscripts.
    pub items: Vec<SubscriptItem>,
    /// New value when storing: the result is then the whole container.
    pub assign: Option<Box<Expr>>,
}

/// A function of SQL/JSON, XML or another special grammar whose evaluation is one call with options: name, arguments
/// and a serialized option string are enough for the executor, which dispatches on `name`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpecialExpr {
    /// `json_value`, `json_query`, `json_exists`, `json_object`, `json_array`, `is_json`, `json_scalar`,
    /// `json_serialize`, `json_constructor`, `xmlelement`, ...
    pub name: Arc<str>,
    /// Options as JSON, interpreted by the implementation.
    pub options: Arc<str>,
    /// Arguments.
    pub args: Vec<Expr>,
    /// Result type.
    pub result_type: Oid,
    /// Type modifier.
    pub typmod: i32,
    /// Collation.
    pub collation: Oid,
    /// Byte offset.
    #[serde(skip)]
    pub position: Position,
}

/// An expression computed where its relations are read or joined, not where it is used: an outer join in between makes it
/// NULL like the columns beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceHolder {
    /// The expression.
    pub expr: Expr,
    /// Range table entries of the subquery it comes from; it is computed as soon as all of them are at hand.
    pub rtes: Vec<usize>,
    /// Query level.
    pub levels_up: u32,
}

/// A bound expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expr {
    /// Column
    Var(Var),
    /// Constant
    Const(Const),
    /// Parameter
    Param(Param),
    /// Function call
    Func(FuncExpr),
    /// Operator call
    Op(OpExpr),
    /// `a IS DISTINCT FROM b` (the operator is `=`; the result is its negation, NULLs compare equal)
    Distinct(OpExpr),
    /// `NULLIF(a, b)` (the operator is `=`)
    NullIf(OpExpr),
    /// `x op ANY/ALL (array)`
    ScalarArray(ScalarArrayOp),
    /// AND, OR, NOT
    Bool(BoolOp, Vec<Expr>),
    /// Aggregate
    Agg(Box<Aggref>),
    /// `GROUPING(a, b)`: sort_group_refs of the arguments; levels up
    Grouping {
        /// The arguments' `target_ref`s.
        refs: Vec<u32>,
        /// The arguments, for deparsing.
        args: Vec<Expr>,
        /// Query level.
        levels_up: u32,
    },
    /// Window function
    Window(Box<WindowFunc>),
    /// Subquery, before planning
    SubLink(Box<SubLink>),
    /// Column of the subquery inside [`SubLink::test`], from 1
    SubLinkColumn {
        /// Column number, from 1.
        column: usize,
        /// Type.
        type_oid: Oid,
        /// Type modifier.
        typmod: i32,
        /// Collation.
        collation: Oid,
    },
    /// Subquery, planned
    SubPlan(Box<SubPlan>),
    /// Field of a composite value
    FieldSelect {
        /// The composite.
        arg: Box<Expr>,
        /// Field, from 1.
        field: i16,
        /// Field type.
        type_oid: Oid,
        /// Field type modifier.
        typmod: i32,
        /// Collation.
        collation: Oid,
    },
    /// Composite value with fields replaced (UPDATE t SET c.f = ...)
    FieldStore {
        /// The old composite.
        arg: Box<Expr>,
        /// New values.
        values: Vec<Expr>,
        /// Their fields, from 1.
        fields: Vec<i16>,
        /// The composite type.
        type_oid: Oid,
    },
    /// An expression of a pulled-up subquery that an outer join above it may turn into NULL. Lives in the planner only.
    PlaceHolder(Box<PlaceHolder>),
    /// Binary-compatible cast
    Relabel {
        /// The value.
        arg: Box<Expr>,
        /// New type.
        type_oid: Oid,
        /// New type modifier.
        typmod: i32,
        /// Collation.
        collation: Oid,
        /// How it was written.
        form: CallForm,
    },
    /// Cast through text output and input
    CoerceViaIo {
        /// The value.
        arg: Box<Expr>,
        /// New type.
        type_oid: Oid,
        /// Collation.
        collation: Oid,
        /// How it was written.
        form: CallForm,
        /// Byte offset.
        #[serde(skip)]
        position: Position,
    },
    /// Array cast element by element; `elem` uses [`Expr::CaseTest`] for the element
    ArrayCoerce {
        /// The array.
        arg: Box<Expr>,
        /// Per-element expression.
        elem: Box<Expr>,
        /// New array type.
        type_oid: Oid,
        /// New type modifier.
        typmod: i32,
        /// Collation.
        collation: Oid,
        /// How it was written.
        form: CallForm,
    },
    /// Row of one composite type as another (inheritance)
    ConvertRowtype {
        /// The row.
        arg: Box<Expr>,
        /// New row type.
        type_oid: Oid,
    },
    /// `x COLLATE c`
    Collate(Box<Expr>, Oid),
    /// `CASE`
    Case(Box<CaseExpr>),
    /// The value under test in [`CaseExpr`] or [`Expr::ArrayCoerce`]
    CaseTest {
        /// Type.
        type_oid: Oid,
        /// Type modifier.
        typmod: i32,
        /// Collation.
        collation: Oid,
    },
    /// `ARRAY[...]`
    Array {
        /// Array type.
        array_type: Oid,
        /// Element type.
        element_type: Oid,
        /// Collation.
        collation: Oid,
        /// Elements (arrays when `multidims`).
        elements: Vec<Expr>,
        /// Are the elements arrays to be stacked?
        multidims: bool,
        /// Byte offset.
        #[serde(skip)]
        position: Position,
    },
    /// `ROW(...)`
    Row {
        /// Fields.
        args: Vec<Expr>,
        /// Composite type or RECORD.
        type_oid: Oid,
        /// Column names.
        names: Vec<Arc<str>>,
        /// Written with ROW or parentheses.
        form: CallForm,
    },
    /// Row comparison
    RowCompare(Box<RowCompare>),
    /// `COALESCE`
    Coalesce {
        /// Arguments.
        args: Vec<Expr>,
        /// Type.
        type_oid: Oid,
        /// Collation.
        collation: Oid,
    },
    /// `GREATEST`, `LEAST`
    MinMax {
        /// GREATEST rather than LEAST.
        greatest: bool,
        /// Arguments.
        args: Vec<Expr>,
        /// Type.
        type_oid: Oid,
        /// Collation.
        collation: Oid,
        /// Input collation.
        input_collation: Oid,
    },
    /// `CURRENT_DATE`, ...
    SqlValue {
        /// Which.
        function: SqlValueFunction,
        /// Type.
        type_oid: Oid,
        /// Precision, -1 if none.
        typmod: i32,
    },
    /// `IS [NOT] NULL`; `arg_is_row`: composite semantics
    NullTest {
        /// The value.
        arg: Box<Expr>,
        /// IS NOT NULL
        negated: bool,
        /// Test the fields of a row.
        arg_is_row: bool,
    },
    /// `IS TRUE`, ...
    BoolTest(Box<Expr>, BoolTest),
    /// Value checked against a domain's constraints
    CoerceToDomain {
        /// The value, of the base type.
        arg: Box<Expr>,
        /// The domain.
        type_oid: Oid,
        /// Type modifier.
        typmod: i32,
        /// Collation.
        collation: Oid,
        /// How it was written.
        form: CallForm,
    },
    /// `VALUE` in a domain's CHECK
    DomainValue {
        /// Base type.
        type_oid: Oid,
        /// Type modifier.
        typmod: i32,
        /// Collation.
        collation: Oid,
    },
    /// `DEFAULT` in INSERT/UPDATE; the rewriter replaces it
    SetToDefault {
        /// Column type.
        type_oid: Oid,
        /// Type modifier.
        typmod: i32,
        /// Collation.
        collation: Oid,
    },
    /// `WHERE CURRENT OF cursor`
    CurrentOf {
        /// The cursor.
        cursor: Arc<str>,
        /// Range table entry of the target.
        rte: usize,
    },
    /// Next value of an identity column's sequence
    NextValue {
        /// The sequence.
        sequence: Oid,
        /// Result type.
        type_oid: Oid,
    },
    /// Subscripting
    Subscript(Box<SubscriptExpr>),
    /// SQL/JSON, XML and other special grammar
    Special(Box<SpecialExpr>),
}

/// An output column of a query or plan node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetEntry {
    /// The expression.
    pub expr: Expr,
    /// Output column number, from 1. In INSERT/UPDATE the target column's attnum.
    pub resno: usize,
    /// Column name; `None` for some junk columns.
    pub name: Option<Arc<str>>,
    /// Nonzero if ORDER BY, GROUP BY, DISTINCT refer to it.
    pub sort_group_ref: u32,
    /// The table the column comes from (for RowDescription), or 0.
    pub orig_table: Oid,
    /// That table's column, or 0.
    pub orig_column: i16,
    /// Computed for sorting only, not part of the result.
    pub junk: bool,
}

impl Expr {
    /// A boolean constant.
    pub fn bool_const(value: bool) -> Expr {
        Expr::Const(Const {
            value: Datum::Bool(value),
            type_oid: oids::BOOL,
            typmod: -1,
            collation: 0,
            position: Position::default(),
        })
    }

    /// A NULL constant of a type.
    pub fn null_const(type_oid: Oid, typmod: i32, collation: Oid) -> Expr {
        Expr::Const(Const { value: Datum::Null, type_oid, typmod, collation, position: Position::default() })
    }

    /// AND of expressions; `None` for none, the expression itself for one.
    pub fn and(mut exprs: Vec<Expr>) -> Option<Expr> {
        match exprs.len() {
            0 => None,
            1 => exprs.pop(),
            _ => Some(Expr::Bool(BoolOp::And, exprs)),
        }
    }

    /// The conjuncts of a condition, nested ANDs flattened.
    pub fn into_conjuncts(self) -> Vec<Expr> {
        match self {
            Expr::Bool(BoolOp::And, args) => args.into_iter().flat_map(Expr::into_conjuncts).collect(),
            other => vec![other],
        }
    }
}
