//! What input and output of values need to know about the session and its catalogs.

use crate::datetime::TimeZone;
use crate::oids::Oid;
use pglitedb_sqlstate::Result;
use std::sync::Arc;

/// Settings that change how values are read and printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatSettings {
    /// `DateStyle`, output part.
    pub date_style: DateStyle,
    /// `DateStyle`, order part.
    pub date_order: DateOrder,
    /// `IntervalStyle`.
    pub interval_style: IntervalStyle,
    /// `TimeZone`, resolved.
    pub time_zone: TimeZone,
    /// `extra_float_digits`.
    pub extra_float_digits: i32,
    /// `bytea_output = escape` rather than hex.
    pub bytea_escape: bool,
    /// `xmloption = document` rather than content.
    pub xml_document: bool,
    /// `array_nulls`.
    pub array_nulls: bool,
}

impl Default for FormatSettings {
    fn default() -> Self {
        FormatSettings {
            date_style: DateStyle::Iso,
            date_order: DateOrder::Mdy,
            interval_style: IntervalStyle::Postgres,
            time_zone: TimeZone::utc(),
            extra_float_digits: 1,
            bytea_escape: false,
            xml_document: false,
            array_nulls: true,
        }
    }
}

/// Output formats of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStyle {
    /// `2026-11-21`
    Iso,
    /// `11/21/2026`
    Sql,
    /// `Sat Nov 21 ...`
    Postgres,
    /// `21.11.2026`
    German,
}

/// Order of day, month and year in ambiguous input (and some output).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// month, day, year
    Mdy,
    /// day, month, year
    Dmy,
    /// year, month, day
    Ymd,
}

/// Output formats of intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalStyle {
    /// `1 day 02:03:04`
    Postgres,
    /// `@ 1 day 2 hours`
    PostgresVerbose,
    /// `1 2:03:04`
    SqlStandard,
    /// `P1DT2H3M4S`
    Iso8601,
}

/// `pg_type.typtype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// `b`
    Base,
    /// `c`
    Composite,
    /// `d`
    Domain,
    /// `e`
    Enum,
    /// `p`
    Pseudo,
    /// `r`
    Range,
    /// `m`
    Multirange,
}

/// A type as the catalogs describe it.
#[derive(Clone, Debug)]
pub struct TypeInfo {
    /// `pg_type.oid`
    pub oid: Oid,
    /// `pg_type.typname`
    pub name: Arc<str>,
    /// `pg_type.typnamespace`
    pub namespace: Oid,
    /// `pg_type.typowner`
    pub owner: Oid,
    /// `pg_type.typlen`
    pub len: i16,
    /// `pg_type.typbyval`
    pub by_value: bool,
    /// `pg_type.typtype`
    pub kind: TypeKind,
    /// `pg_type.typcategory`
    pub category: u8,
    /// `pg_type.typispreferred`
    pub is_preferred: bool,
    /// `pg_type.typisdefined`
    pub is_defined: bool,
    /// `pg_type.typdelim`
    pub delimiter: u8,
    /// `pg_type.typrelid`: the relation of a composite type
    pub relid: Oid,
    /// `pg_type.typelem`: for true arrays (and vectors, points, ...) the element type
    pub element: Oid,
    /// True arrays: `typsubscript = array_subscript_handler`.
    pub is_true_array: bool,
    /// `pg_type.typarray`
    pub array: Oid,
    /// `pg_type.typbasetype` of a domain
    pub base_type: Oid,
    /// `pg_type.typtypmod` of a domain
    pub base_typmod: i32,
    /// `pg_type.typnotnull` of a domain
    pub not_null: bool,
    /// `pg_type.typcollation`
    pub collation: Oid,
    /// `pg_type.typalign`
    pub align: u8,
    /// `pg_type.typstorage`
    pub storage: u8,
    /// Range types: the subtype. Multirange types: the range type. Otherwise 0.
    pub range_subtype: Oid,
}

/// The `reg*` alias types, whose text form is a name in the catalogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegKind {
    /// `regclass`
    Class,
    /// `regproc`
    Proc,
    /// `regprocedure`
    Procedure,
    /// `regoper`
    Oper,
    /// `regoperator`
    Operator,
    /// `regtype`
    Type,
    /// `regnamespace`
    Namespace,
    /// `regrole`
    Role,
    /// `regcollation`
    Collation,
    /// `regconfig`
    Config,
    /// `regdictionary`
    Dictionary,
    /// `regdatabase`
    Database,
}

/// What reading and printing values asks of the session. The session implements it over its catalogs; tests use
/// [`BuiltinEnv`](crate::BuiltinEnv).
pub trait TypeEnv {
    /// The settings.
    fn format(&self) -> &FormatSettings;

    /// The type's description; an unknown OID is an error (`XX000 cache lookup failed for type N`).
    fn type_info(&self, oid: Oid) -> Result<Arc<TypeInfo>>;

    /// The type's name as SQL writes it: quoted where needed, with its schema unless the search path finds it. (The
    /// SQL-standard names of built-in types are dealt with by [`format_type`](crate::format_type).)
    fn visible_type_name(&self, info: &TypeInfo) -> Result<String> {
        Ok(crate::quote_identifier(&info.name).into_owned())
    }

    /// Names, types and typmods of a composite type's live columns, in order.
    fn composite_fields(&self, type_oid: Oid) -> Result<Arc<[CompositeField]>>;

    /// Checks the pattern of a path's `like_regex`; nothing is checked where there are no regular expressions.
    fn check_like_regex(&self, pattern: &str, flags: &str) -> Result<()> {
        let _ = (pattern, flags);
        Ok(())
    }

    /// Enum label to value, `None` if the type has no such label.
    fn enum_from_label(&self, type_oid: Oid, label: &str) -> Result<Option<crate::EnumValue>>;

    /// Enum value to label.
    fn enum_label(&self, value: crate::EnumValue) -> Result<Arc<str>>;

    /// Name to OID for a `reg*` type (numeric OIDs and `-` are dealt with before). Raises PostgreSQL's errors.
    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid>;

    /// OID to name for a `reg*` type, `None` if there is no such object.
    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>>;

    /// Checks a value against a domain's constraints (the value is already of the base type).
    fn check_domain(&self, domain: Oid, value: &crate::Datum) -> Result<()>;

    /// Start of the current transaction, microseconds since 2000-01-01 UTC (`now`, `today`, ... in date input).
    fn transaction_timestamp(&self) -> i64;
}

/// One column of a composite type.
#[derive(Clone, Debug)]
pub struct CompositeField {
    /// Column name.
    pub name: Arc<str>,
    /// Column type.
    pub type_oid: Oid,
    /// Column type modifier.
    pub typmod: i32,
}
