//! SQL types.

use pglitedb_types::{Oid, TypeEnv, TypeInfo, TypeKind, builtin_type, oids};
use std::fmt;
use std::sync::Arc;

/// An SQL type, of PostgreSQL's own or of the user's.
///
/// ```
/// use pglitedb::{Kind, Type};
///
/// assert_eq!(Type::INT4.oid(), 23);
/// assert_eq!(Type::INT4.name(), "int4");
/// assert_eq!(Type::from_oid(1007).map(|ty| ty.kind()), Some(Kind::Array(Type::INT4)));
/// ```
#[derive(Clone)]
pub struct Type {
    oid: Oid,
    /// For types of the user's.
    info: Option<Arc<TypeInfo>>,
}

/// What sort of type it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A plain type.
    Simple,
    /// An array of elements of a type.
    Array(Type),
    /// Made by `CREATE TYPE ... AS ENUM`.
    Enum,
    /// Made by `CREATE DOMAIN` over another type.
    Domain(Type),
    /// A range of values of a type.
    Range(Type),
    /// A set of ranges.
    Multirange,
    /// A row type.
    Composite,
    /// Only for functions and the like.
    Pseudo,
}

macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl Type {
            $($(#[$doc])* pub const $name: Type = Type { oid: oids::$name, info: None };)*
        }
    };
}

constants! {
    /// `boolean`
    BOOL
    /// `bytea`
    BYTEA
    /// `"char"`
    CHAR
    /// `name`
    NAME
    /// `bigint`
    INT8
    /// `smallint`
    INT2
    /// `integer`
    INT4
    /// `text`
    TEXT
    /// `oid`
    OID
    /// `json`
    JSON
    /// `jsonb`
    JSONB
    /// `real`
    FLOAT4
    /// `double precision`
    FLOAT8
    /// `character(n)`
    BPCHAR
    /// `character varying(n)`
    VARCHAR
    /// `date`
    DATE
    /// `time without time zone`
    TIME
    /// `time with time zone`
    TIMETZ
    /// `timestamp without time zone`
    TIMESTAMP
    /// `timestamp with time zone`
    TIMESTAMPTZ
    /// `interval`
    INTERVAL
    /// `numeric`
    NUMERIC
    /// `uuid`
    UUID
    /// `inet`
    INET
    /// `unknown`: of a literal without a type
    UNKNOWN
    /// `record`
    RECORD
    /// `void`
    VOID
    /// `boolean[]`
    BOOL_ARRAY
    /// `bytea[]`
    BYTEA_ARRAY
    /// `smallint[]`
    INT2_ARRAY
    /// `integer[]`
    INT4_ARRAY
    /// `bigint[]`
    INT8_ARRAY
    /// `text[]`
    TEXT_ARRAY
    /// `character varying(n)[]`
    VARCHAR_ARRAY
    /// `real[]`
    FLOAT4_ARRAY
    /// `double precision[]`
    FLOAT8_ARRAY
    /// `numeric[]`
    NUMERIC_ARRAY
    /// `uuid[]`
    UUID_ARRAY
    /// `date[]`
    DATE_ARRAY
    /// `timestamp without time zone[]`
    TIMESTAMP_ARRAY
    /// `timestamp with time zone[]`
    TIMESTAMPTZ_ARRAY
    /// `jsonb[]`
    JSONB_ARRAY
}

impl Type {
    /// The built-in type of this OID.
    pub fn from_oid(oid: u32) -> Option<Type> {
        builtin_type(oid).map(|_| Type { oid, info: None })
    }

    /// As a session knows it.
    pub(crate) fn lookup(oid: Oid, env: &dyn TypeEnv) -> Type {
        if builtin_type(oid).is_some() {
            return Type { oid, info: None };
        }
        Type { oid, info: env.type_info(oid).ok() }
    }

    pub(crate) fn bare(oid: Oid) -> Type {
        Type { oid, info: None }
    }

    pub(crate) fn info(&self) -> Option<&TypeInfo> {
        self.info.as_deref().or_else(|| builtin_type(self.oid).map(|info| &**info))
    }

    /// `pg_type.oid`
    #[inline]
    pub fn oid(&self) -> u32 {
        self.oid
    }

    /// `pg_type.typname`
    pub fn name(&self) -> &str {
        self.info().map_or("unknown", |info| &info.name)
    }

    /// What sort of type it is.
    pub fn kind(&self) -> Kind {
        let Some(info) = self.info() else { return Kind::Simple };
        match info.kind {
            TypeKind::Base if info.is_true_array => Kind::Array(Type::bare(info.element)),
            TypeKind::Base => Kind::Simple,
            TypeKind::Composite => Kind::Composite,
            TypeKind::Domain => Kind::Domain(Type::bare(info.base_type)),
            TypeKind::Enum => Kind::Enum,
            TypeKind::Pseudo => Kind::Pseudo,
            TypeKind::Range => Kind::Range(Type::bare(info.range_subtype)),
            TypeKind::Multirange => Kind::Multirange,
        }
    }

    /// The type of the elements if it is an array.
    pub fn element(&self) -> Option<Type> {
        self.info().filter(|info| info.is_true_array).map(|info| Type::bare(info.element))
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        self.oid == other.oid
    }
}

impl Eq for Type {}

impl std::hash::Hash for Type {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.oid.hash(state);
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Type({} {})", self.oid, self.name())
    }
}
