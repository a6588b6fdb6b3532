//! Expressions compiled for evaluation: names, functions and types are resolved once, evaluation looks nothing up.

mod array;
mod call;
mod compile;
mod concat;
mod eval;
mod fixed_array;
pub(crate) mod json;
mod record;
mod special;

pub(crate) use compile::{CALL_SET_ROUTINE, Implementation, call_info, implementation, scalar_function};
pub use compile::{CompileCtx, compile, compile_all};
pub(crate) use eval::all_true;

use crate::row_compare::RowComparison;
use pglitedb_functions::{CallInfo, registry::ScalarFn};
use pglitedb_query_tree::{BoolTest, SqlValueFunction, SubLinkKind, SystemColumn};
use pglitedb_tables::RowId;
use pglitedb_types::{Comparator, Datum, Oid};
use std::sync::Arc;

/// The rows an expression reads.
#[derive(Clone, Copy, Default)]
pub struct EvalRow<'a> {
    /// Output of the outer child.
    pub outer: &'a [Datum],
    /// Output of the inner child (or the old row, or EXCLUDED).
    pub inner: &'a [Datum],
    /// The scanned tuple.
    pub scan: &'a [Datum],
    /// Identity of the scanned tuple.
    pub scan_id: Option<RowId>,
    /// Identity of the inner row where that is a row of a table (RETURNING old.ctid).
    pub inner_id: Option<RowId>,
    /// Table of the scanned tuple.
    pub table: Oid,
    /// Values of the aggregates or window functions of the node.
    pub aggregates: &'a [Datum],
    /// Columns (`target_ref`s) that the current grouping set leaves out.
    pub ungrouped: &'a [u32],
    /// Value under test in CASE, element in array coercion, VALUE of a domain.
    pub case_value: Option<&'a Datum>,
}

impl<'a> EvalRow<'a> {
    /// A row of a table, as a scan has found it.
    pub fn scanned(scan: &'a [Datum], id: Option<RowId>, table: Oid) -> EvalRow<'a> {
        EvalRow { scan, scan_id: id, table, ..EvalRow::default() }
    }
}

/// A row source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Outer,
    Inner,
    Scan,
}

/// A call of a built-in function.
pub(crate) struct Call {
    pub func: ScalarFn,
    pub strict: bool,
    pub info: CallInfo,
    pub args: Vec<Compiled>,
}

/// A subquery.
pub(crate) struct SubPlanCall {
    pub kind: SubLinkKind,
    pub plan: usize,
    pub test: Option<Compiled>,
    pub column_params: Vec<usize>,
    pub args: Vec<(usize, Compiled)>,
    /// Left sides of the equalities, when the subquery's result can be hashed once.
    pub hashed: Option<Vec<(Compiled, Comparator)>>,
    pub element_type: Oid,
}

/// A compiled expression.
pub enum Compiled {
    /// A constant.
    Const(Datum),
    /// A column.
    Column(ColumnRef),
    /// A system column.
    System(SystemRef),
    /// A row as a value.
    WholeRow(Box<WholeRow>),
    /// `$n`, from 0.
    External(usize),
    /// An executor parameter.
    Exec(usize),
    /// A function or operator.
    Call(Box<CallExpr>),
    /// AND
    And(Vec<Compiled>),
    /// OR
    Or(Vec<Compiled>),
    /// NOT
    Not(Box<Compiled>),
    /// Everything less frequent.
    Other(Box<Other>),
}

/// A reference to a column.
#[derive(Clone, Copy, Debug)]
pub struct ColumnRef {
    pub(crate) source: Source,
    pub(crate) index: usize,
}

/// A reference to a system column.
#[derive(Clone, Copy, Debug)]
pub struct SystemRef {
    pub(crate) source: Source,
    pub(crate) column: SystemColumn,
}

/// A function call (opaque outside of this module).
pub struct CallExpr(pub(crate) Call);

/// A whole row.
pub struct WholeRow {
    pub(crate) source: Source,
    pub(crate) type_oid: Oid,
    /// Live columns and their types.
    pub(crate) columns: Vec<usize>,
    pub(crate) types: Arc<[Oid]>,
    /// Names, if the type has none.
    pub(crate) names: Option<Arc<[Arc<str>]>>,
}

/// The less frequent kinds.
pub enum Other {
    /// Value of an aggregate or window function.
    Aggregate(usize),
    /// GROUPING
    Grouping(Vec<u32>),
    /// IS DISTINCT FROM
    Distinct(Call2),
    /// NULLIF
    NullIf(Call2),
    /// ANY/ALL over an array
    ScalarArray(ScalarArrayCall),
    /// A subquery
    SubPlan(SubPlanExpr),
    /// Field of a composite
    Field(Compiled, usize),
    /// Composite with fields replaced
    FieldStore(Compiled, Vec<(usize, Compiled)>, Oid, Arc<[Oid]>),
    /// Binary-compatible cast that changes the variant
    Relabel(Compiled, Oid),
    /// Cast through text: source type, target type, typmod
    ViaIo(Compiled, Oid, Oid),
    /// Texts put together
    Concat(Vec<Compiled>),
    /// Cast of array elements: element expression, new element type
    ArrayCoerce(Compiled, Compiled, Oid),
    /// Row as another composite type, by names
    ConvertRow(Compiled, Oid, Vec<Option<usize>>, Arc<[Oid]>),
    /// CASE: test value, arms, default
    Case(Option<Compiled>, Vec<(Compiled, Compiled)>, Compiled),
    /// The value under test
    CaseValue,
    /// ARRAY[]: element type, elements, nested
    Array(Oid, Vec<Compiled>, bool),
    /// ROW(): type, types of the fields, their names if the type has none
    Row(Oid, Arc<[Oid]>, Option<Arc<[Arc<str>]>>, Vec<Compiled>),
    /// Row comparison
    RowCompare(RowComparison),
    /// COALESCE
    Coalesce(Vec<Compiled>),
    /// GREATEST (true), LEAST
    MinMax(bool, Vec<Compiled>, Comparator),
    /// CURRENT_DATE, ...
    SqlValue(SqlValueFunction, Oid, i32),
    /// IS NULL; negated; row semantics
    NullTest(Compiled, bool, bool),
    /// IS TRUE
    BoolTest(Compiled, BoolTest),
    /// Domain check
    Domain(Compiled, Oid),
    /// nextval of an identity column: sequence, result type
    NextValue(Oid, Oid),
    /// Subscripting
    Subscript(SubscriptCall),
    /// IS [NOT] JSON and the like, dispatched by name
    Special(SpecialCall),
    /// JSON_EXISTS, JSON_VALUE, JSON_QUERY
    Json(json::JsonCall),
}

/// A two-argument call whose NULL handling is special.
pub struct Call2(pub(crate) Call);

/// ANY/ALL.
pub struct ScalarArrayCall {
    pub(crate) func: ScalarFn,
    pub(crate) strict: bool,
    pub(crate) info: CallInfo,
    pub(crate) use_or: bool,
    pub(crate) scalar: Compiled,
    pub(crate) array: Compiled,
}

/// A subquery (opaque outside of this module).
pub struct SubPlanExpr(pub(crate) SubPlanCall);

/// Subscripting.
pub struct SubscriptCall {
    pub(crate) container: Compiled,
    pub(crate) element_type: Oid,
    pub(crate) is_jsonb: bool,
    /// The container is of a type of fixed length (point, box, ...).
    pub(crate) fixed: bool,
    pub(crate) items: Vec<Subscript>,
    pub(crate) assign: Option<Compiled>,
}

/// One subscript.
pub(crate) enum Subscript {
    Index(Compiled),
    Slice(Option<Compiled>, Option<Compiled>),
}

/// A call of special grammar.
pub struct SpecialCall {
    pub(crate) name: Arc<str>,
    pub(crate) options: Datum,
    pub(crate) args: Vec<Compiled>,
    pub(crate) info: CallInfo,
}
