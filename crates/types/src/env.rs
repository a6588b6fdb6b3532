//! What input and output of values need to know about the session and its catalogs.

use crate::datetime::TimeZone;
use crate::oids::Oid;
use pglitedb_sqlstate::{Error, Result, err};
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
    /// `max_stack_depth` in kB: how deeply nested values may be.
    pub max_stack_depth: u32,
}

impl FormatSettings {
    /// A limit of nesting that holds at the default `max_stack_depth`, at the present one. It grows no further.
    pub fn nesting_limit(&self, default_limit: usize) -> usize {
        let part = default_limit as u64 * u64::from(self.max_stack_depth) / u64::from(DEFAULT_STACK_DEPTH);
        usize::try_from(part).unwrap_or(default_limit).clamp(1, default_limit.max(1))
    }

    /// `54001 stack depth limit exceeded`
    #[cold]
    pub fn too_deep(&self) -> Error {
        let depth = match self.max_stack_depth {
            depth if depth % 1024 == 0 => format!("{}MB", depth / 1024),
            depth => format!("{depth}kB"),
        };
        stack_error(&depth)
    }
}

/// PostgreSQL's default for `max_stack_depth`, in kB.
const DEFAULT_STACK_DEPTH: u32 = 2048;

/// `54001` with the setting's value.
#[cold]
fn stack_error(depth: &str) -> Error {
    err!(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").hint(format!(
        "Increase the configuration parameter \"max_stack_depth\" (currently {depth}), after ensuring the platform's \
         stack depth limit is adequate."
    ))
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
            max_stack_depth: DEFAULT_STACK_DEPTH,
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
    /// Range types: `pg_range.rngcollation`, otherwise 0.
    pub range_collation: Oid,
    /// Range types: `pg_range.rngcanonical`, otherwise 0.
    pub range_canonical: Oid,
    /// Base types that are not built in: the built-in type whose input and output functions they use, and with them the
    /// form of its values. Otherwise 0.
    pub io_type: Oid,
    /// Domains: the serialized default expression. Base types that are not built in: the text of their default value.
    pub default: Option<Arc<str>>,
}

impl TypeInfo {
    /// A type of variable length of which nothing else is said: the start for new rows of `pg_type`.
    pub fn new(oid: Oid, name: &str, namespace: Oid, owner: Oid, kind: TypeKind) -> TypeInfo {
        TypeInfo {
            oid,
            name: Arc::from(name),
            namespace,
            owner,
            len: -1,
            by_value: false,
            kind,
            category: b'U',
            is_preferred: false,
            is_defined: true,
            delimiter: b',',
            relid: 0,
            element: 0,
            is_true_array: false,
            array: 0,
            base_type: 0,
            base_typmod: -1,
            not_null: false,
            collation: 0,
            align: b'i',
            storage: b'p',
            range_subtype: 0,
            range_collation: 0,
            range_canonical: 0,
            io_type: 0,
            default: None,
        }
    }
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

    /// May a value of an enum type be used? A label added to a type in the running transaction may not (`55P04`), as
    /// the transaction might be rolled back and the value be left behind.
    fn check_enum_use(&self, _type_oid: Oid, _value: crate::EnumValue) -> Result<()> {
        Ok(())
    }

    /// Enum value to label.
    fn enum_label(&self, value: crate::EnumValue) -> Result<Arc<str>>;

    /// Name to OID for a `reg*` type (numeric OIDs and `-` are dealt with before). Raises PostgreSQL's errors.
    fn reg_input(&self, kind: RegKind, name: &str) -> Result<Oid>;

    /// OID to name for a `reg*` type, `None` if there is no such object.
    fn reg_output(&self, kind: RegKind, oid: Oid) -> Result<Option<String>>;

    /// The function that casts a type to `json`, if it has one (types of users may).
    fn json_cast(&self, type_oid: Oid) -> Result<Option<Oid>> {
        let _ = type_oid;
        Ok(None)
    }

    /// Calls a function that a type is defined with (a range's `canonical`) on values that are not NULL.
    fn call_function(
        &self,
        function: Oid,
        _args: &[crate::Datum],
        _result_type: Oid,
    ) -> Result<crate::Datum> {
        Err(Error::unsupported(format!("calling function {function} is not supported here")))
    }

    /// What a collation that is not built in does; `None` if it is not known or not supported.
    fn collation_rules(&self, _collation: Oid) -> Result<Option<CollationRules>> {
        Ok(None)
    }

    /// Checks a value against a domain's constraints (the value is already of the base type).
    fn check_domain(&self, domain: Oid, value: &crate::Datum) -> Result<()>;

    /// Start of the current transaction, microseconds since 2000-01-01 UTC (`now`, `today`, ... in date input).
    fn transaction_timestamp(&self) -> i64;
}

/// What a collation does to texts. All order them by their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CollationRules {
    /// Letters are those of ASCII (`C`, `POSIX`).
    Ascii,
    /// Letters are Unicode's; upper and lower case of a character is one character (`C.UTF-8`).
    #[default]
    Simple,
    /// Letters are Unicode's, with its full rules for upper and lower case (`PG_UNICODE_FAST`).
    Full,
}

/// What the built-in collations do.
pub fn builtin_collation_rules(collation: Oid) -> Option<CollationRules> {
    Some(match collation {
        // C, POSIX
        950 | 951 => CollationRules::Ascii,
        // none, default, pg_c_utf8
        0 | 100 | 811 => CollationRules::Simple,
        // pg_unicode_fast
        6411 => CollationRules::Full,
        // ucs_basic
        962 => CollationRules::Ascii,
        _ => return None,
    })
}

/// What a collation does; `0A000` if that is not supported.
pub fn collation_rules(collation: Oid, env: &dyn TypeEnv) -> Result<CollationRules> {
    if let Some(rules) = builtin_collation_rules(collation) {
        return Ok(rules);
    }
    env.collation_rules(collation)?
        .ok_or_else(|| Error::unsupported(format!("collation with OID {collation} is not supported")))
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
