//! Descriptors of functions, operators, casts and operator classes. Field names follow PostgreSQL's catalogs.

use pglitedb_types::{Datum, Oid};
use std::sync::Arc;

/// `pg_proc.prokind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcKind {
    /// `f`
    Function,
    /// `p`
    Procedure,
    /// `a`
    Aggregate,
    /// `w`
    Window,
}

/// `pg_proc.provolatile`, ordered from the strictest promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volatility {
    /// `i`
    Immutable,
    /// `s`
    Stable,
    /// `v`
    Volatile,
}

/// `pg_proc.proargmodes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgMode {
    /// `i`
    In,
    /// `o`
    Out,
    /// `b`
    InOut,
    /// `v`
    Variadic,
    /// `t`
    Table,
}

/// A function, procedure, aggregate or window function.
#[derive(Clone, Debug)]
pub struct ProcInfo {
    /// OID
    pub oid: Oid,
    /// `proname`
    pub name: Arc<str>,
    /// `pronamespace`
    pub namespace: Oid,
    /// `proowner`
    pub owner: Oid,
    /// `prolang`: 12 internal, 13 c, 14 sql, others stored
    pub language: Oid,
    /// `procost`
    pub cost: f32,
    /// `prorows`
    pub rows: f32,
    /// `provariadic`: element type of the variadic argument, or 0
    pub variadic: Oid,
    /// `prokind`
    pub kind: ProcKind,
    /// `prosecdef`
    pub security_definer: bool,
    /// `proleakproof`
    pub leakproof: bool,
    /// `proisstrict`
    pub strict: bool,
    /// `proretset`
    pub returns_set: bool,
    /// `provolatile`
    pub volatility: Volatility,
    /// `proparallel`
    pub parallel: u8,
    /// `pronargdefaults`
    pub default_count: u16,
    /// `prorettype`
    pub return_type: Oid,
    /// `proargtypes`: input arguments
    pub arg_types: Vec<Oid>,
    /// `proallargtypes`; empty when all arguments are inputs
    pub all_arg_types: Vec<Oid>,
    /// `proargmodes`; empty when all arguments are inputs
    pub arg_modes: Vec<ArgMode>,
    /// `proargnames`; empty when there are none
    pub arg_names: Vec<Arc<str>>,
    /// `proargdefaults`: serialized expressions (see `query-tree`) of the last `default_count` inputs; for built-in
    /// functions SQL text of each
    pub arg_defaults: Vec<Arc<str>>,
    /// `prosrc`
    pub source: Arc<str>,
    /// `prosqlbody`, serialized
    pub sql_body: Option<Arc<str>>,
    /// `proconfig`
    pub config: Vec<Arc<str>>,
    /// Was it shipped with the system (a built-in row)?
    pub builtin: bool,
    /// Is there a `proacl`? Without one everybody may execute it.
    pub has_acl: bool,
}

/// `pg_operator`.
#[derive(Clone, Debug)]
pub struct OperatorInfo {
    /// OID
    pub oid: Oid,
    /// `oprname`
    pub name: Arc<str>,
    /// `oprnamespace`
    pub namespace: Oid,
    /// `oprleft`, 0 for prefix operators
    pub left: Oid,
    /// `oprright`
    pub right: Oid,
    /// `oprresult`, 0 for a shell operator
    pub result: Oid,
    /// `oprcanmerge`
    pub can_merge: bool,
    /// `oprcanhash`
    pub can_hash: bool,
    /// `oprcom`
    pub commutator: Oid,
    /// `oprnegate`
    pub negator: Oid,
    /// `oprcode`
    pub proc: Oid,
    /// `oprrest`: name of the restriction selectivity estimator (`eqsel`, ...), empty if none
    pub restrict: Arc<str>,
    /// `oprjoin`
    pub join: Arc<str>,
}

/// `pg_cast.castcontext`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CastContext {
    /// `i`
    Implicit,
    /// `a`
    Assignment,
    /// `e`
    Explicit,
}

/// `pg_cast.castmethod`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastMethod {
    /// `f`
    Function,
    /// `i`
    InOut,
    /// `b`
    Binary,
}

/// `pg_cast`.
#[derive(Clone, Debug)]
pub struct CastInfo {
    /// OID
    pub oid: Oid,
    /// `castsource`
    pub source: Oid,
    /// `casttarget`
    pub target: Oid,
    /// `castfunc`, 0 if none
    pub func: Oid,
    /// `castcontext`
    pub context: CastContext,
    /// `castmethod`
    pub method: CastMethod,
}

/// `pg_aggregate`.
#[derive(Clone, Debug)]
pub struct AggregateInfo {
    /// `aggfnoid`
    pub oid: Oid,
    /// `aggkind`: `n` normal, `o` ordered-set, `h` hypothetical-set
    pub kind: u8,
    /// `aggnumdirectargs`
    pub direct_args: u16,
    /// `aggtransfn`
    pub trans_fn: Oid,
    /// `aggfinalfn`
    pub final_fn: Oid,
    /// `aggcombinefn`
    pub combine_fn: Oid,
    /// `aggmtransfn`
    pub moving_trans_fn: Oid,
    /// `aggminvtransfn`
    pub moving_inverse_fn: Oid,
    /// `aggmfinalfn`
    pub moving_final_fn: Oid,
    /// `aggfinalextra`
    pub final_extra: bool,
    /// `aggfinalmodify`
    pub final_modify: u8,
    /// `aggsortop`
    pub sort_op: Oid,
    /// `aggtranstype`
    pub trans_type: Oid,
    /// `agginitval`
    pub init_value: Option<Arc<str>>,
    /// `aggmtranstype`
    pub moving_trans_type: Oid,
    /// `aggminitval`
    pub moving_init_value: Option<Arc<str>>,
}

/// `pg_opclass`.
#[derive(Clone, Debug)]
pub struct OpclassInfo {
    /// OID
    pub oid: Oid,
    /// `opcmethod`
    pub method: Oid,
    /// `opcname`
    pub name: Arc<str>,
    /// `opcnamespace`
    pub namespace: Oid,
    /// `opcfamily`
    pub family: Oid,
    /// `opcintype`
    pub input_type: Oid,
    /// `opcdefault`
    pub is_default: bool,
}

/// `pg_amop`.
#[derive(Clone, Debug)]
pub struct AmopInfo {
    /// `amopfamily`
    pub family: Oid,
    /// `amoplefttype`
    pub left: Oid,
    /// `amoprighttype`
    pub right: Oid,
    /// `amopstrategy`
    pub strategy: i16,
    /// `amopopr`
    pub operator: Oid,
    /// `amopmethod`
    pub method: Oid,
}

/// `pg_collation`.
#[derive(Clone, Debug)]
pub struct CollationInfo {
    /// OID
    pub oid: Oid,
    /// `collname`
    pub name: Arc<str>,
    /// `collnamespace`
    pub namespace: Oid,
    /// `collprovider`
    pub provider: u8,
    /// `colllocale`, or `collctype` of those of the operating system; empty if there is none
    pub locale: Arc<str>,
    /// `collisdeterministic`
    pub deterministic: bool,
}

/// What ANALYZE knows of one column (`pg_statistic` in digested form).
#[derive(Clone, Debug, Default)]
pub struct ColumnStats {
    /// Fraction of NULLs.
    pub null_frac: f64,
    /// Average width in bytes.
    pub avg_width: i32,
    /// Number of distinct values; negative: minus the fraction of the row count (`stadistinct`).
    pub n_distinct: f64,
    /// Most common values and their frequencies.
    pub most_common: Vec<(Datum, f64)>,
    /// Equal-population histogram bounds, without the most common values.
    pub histogram: Vec<Datum>,
    /// Correlation of physical and logical order.
    pub correlation: f64,
}
