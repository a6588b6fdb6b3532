//! Building blocks shared by every area of the tree: spans, names, options and object references.

use super::{Expr, Literal, TypeName};
use std::fmt;

/// A byte range `start..end` of the source text.
///
/// Spans say where a node came from, not what it means: two spans always compare equal, so that trees can be
/// compared whatever text they were parsed from.
#[derive(Clone, Copy, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    /// The smallest range that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Offset of the first byte, as [`pglitedb_sqlstate::Error::at`] takes it.
    pub fn offset(self) -> usize {
        self.start as usize
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Span) -> bool {
        true
    }
}

impl Eq for Span {}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// One identifier, already case-folded, unescaped and truncated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub name: Box<str>,
    /// Where it stands.
    pub span: Span,
}

impl Ident {
    /// An identifier that stands nowhere in the source.
    pub fn synthetic(name: &str) -> Self {
        Ident { name: name.into(), span: Span::default() }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

/// A possibly qualified name: `a`, `a.b`, `a.b.c`. Never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QualifiedName {
    /// The parts, outermost first.
    pub parts: Vec<Ident>,
}

impl QualifiedName {
    /// The last part, the object's own name.
    pub fn last(&self) -> &str {
        self.parts.last().map_or("", |part| &part.name)
    }

    /// The part before the last one.
    pub fn schema(&self) -> Option<&str> {
        let index = self.parts.len().checked_sub(2)?;
        self.parts.get(index).map(|part| &*part.name)
    }

    /// From the first part to the last.
    pub fn span(&self) -> Span {
        match (self.parts.first(), self.parts.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        }
    }
}

/// An operator, possibly written `OPERATOR(schema.op)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorName {
    /// Qualification; empty for a plain operator.
    pub schema: Vec<Ident>,
    /// The symbol, `<>` for both `<>` and `!=`.
    pub symbol: Box<str>,
    /// Where the operator stands: PostgreSQL's error position for it.
    pub span: Span,
}

/// A signed number where the grammar takes nothing but a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumericOnly {
    /// Fits `i32`.
    Integer(i32),
    /// Anything else, as text with its sign.
    Numeric(Box<str>),
}

/// What an element of an option list is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum DefValue {
    /// A type name; also every bare identifier in `CREATE AGGREGATE`-like lists, as in PostgreSQL.
    Type(TypeName),
    /// A string or a keyword.
    String(Box<str>),
    /// A number.
    Number(NumericOnly),
    /// `TRUE` or `FALSE` set by the grammar itself.
    Boolean(bool),
    /// An operator.
    Operator(OperatorName),
    /// A name.
    Name(QualifiedName),
    /// `*`.
    Star,
    /// A list.
    List(Vec<DefValue>),
    /// `DEFAULT`.
    Default,
    /// An expression (`SET`-like values).
    Expr(Box<Expr>),
}

/// Whether an FDW-style option is added, changed or dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefAction {
    /// Not said.
    Unspecified,
    /// `SET`.
    Set,
    /// `ADD`.
    Add,
    /// `DROP`.
    Drop,
}

/// One `name = value` of an option list.
#[derive(Clone, Debug, PartialEq)]
pub struct DefElem {
    /// `toast` in `toast.autovacuum_enabled`.
    pub namespace: Option<Ident>,
    /// The option.
    pub name: Ident,
    /// Its value, if one is given.
    pub value: Option<DefValue>,
    /// For `OPTIONS (ADD ...)`.
    pub action: DefAction,
    /// The whole element.
    pub span: Span,
}

/// `CASCADE` or `RESTRICT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DropBehavior {
    /// `RESTRICT`, the default.
    #[default]
    Restrict,
    /// `CASCADE`.
    Cascade,
}

/// A role, as `GRANT ... TO` and `OWNER TO` take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSpec {
    /// Which role.
    pub kind: RoleSpecKind,
    /// Where it stands.
    pub span: Span,
}

/// How a role is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleSpecKind {
    /// By name.
    Name(Box<str>),
    /// `CURRENT_ROLE`.
    CurrentRole,
    /// `CURRENT_USER`.
    CurrentUser,
    /// `SESSION_USER`.
    SessionUser,
    /// `PUBLIC`.
    Public,
}

/// A relation where a statement works on it (`PostgreSQL: RangeVar`).
#[derive(Clone, Debug, PartialEq)]
pub struct RelationRef {
    /// `[[catalog.]schema.]name`.
    pub name: QualifiedName,
    /// `ONLY`: descendants are left out.
    pub only: bool,
    /// `AS alias (columns)`.
    pub alias: Option<Alias>,
    /// The whole reference.
    pub span: Span,
}

/// `AS name (columns)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The alias.
    pub name: Ident,
    /// Column aliases.
    pub columns: Vec<Ident>,
}

/// Persistence of a relation to create.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Persistence {
    /// The default.
    #[default]
    Permanent,
    /// `UNLOGGED`.
    Unlogged,
    /// `TEMPORARY`.
    Temporary,
}

/// A subscript, field or star behind an expression or target column.
#[derive(Clone, Debug, PartialEq)]
pub enum Indirection {
    /// `.name`.
    Field(Ident),
    /// `.*`.
    Star(Span),
    /// `[index]`.
    Index(Expr),
    /// `[lower:upper]`, either may be missing.
    Slice(Option<Expr>, Option<Expr>),
}

/// Kinds of objects that `COMMENT`, `DROP`, `ALTER ... RENAME` and the like name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum ObjectKind {
    AccessMethod,
    Aggregate,
    Attribute,
    Cast,
    Collation,
    Column,
    Constraint,
    Conversion,
    Database,
    DefaultAcl,
    Domain,
    DomainConstraint,
    EventTrigger,
    Extension,
    ForeignDataWrapper,
    ForeignServer,
    ForeignTable,
    Function,
    Index,
    Language,
    LargeObject,
    MaterializedView,
    OperatorClass,
    Operator,
    OperatorFamily,
    ParameterAcl,
    Policy,
    Procedure,
    Publication,
    Role,
    Routine,
    Rule,
    Schema,
    Sequence,
    Statistics,
    Subscription,
    Table,
    Tablespace,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    Transform,
    Trigger,
    Type,
    UserMapping,
    View,
}

/// An object that a statement names without using it.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectRef {
    /// By (qualified) name.
    Named {
        /// What it is.
        kind: ObjectKind,
        /// Its name.
        name: QualifiedName,
    },
    /// A type or domain.
    Type {
        /// [`ObjectKind::Type`] or [`ObjectKind::Domain`].
        kind: ObjectKind,
        /// The type.
        type_name: TypeName,
    },
    /// A constraint, trigger, rule or policy of a relation.
    OnRelation {
        /// What it is.
        kind: ObjectKind,
        /// Its name.
        name: Ident,
        /// The relation.
        relation: QualifiedName,
    },
    /// `CONSTRAINT name ON DOMAIN domain`.
    DomainConstraint {
        /// The constraint.
        name: Ident,
        /// The domain.
        domain: TypeName,
    },
    /// A function, procedure, routine or aggregate.
    Routine {
        /// What it is.
        kind: ObjectKind,
        /// Name and argument types.
        signature: RoutineSignature,
    },
    /// An operator with its argument types; `None` is `NONE`.
    Operator {
        /// The operator.
        name: OperatorName,
        /// Left argument.
        left: Option<TypeName>,
        /// Right argument.
        right: Option<TypeName>,
    },
    /// An operator class or family: `name USING method`.
    OperatorSet {
        /// [`ObjectKind::OperatorClass`] or [`ObjectKind::OperatorFamily`].
        kind: ObjectKind,
        /// Its name.
        name: QualifiedName,
        /// The index access method.
        method: Ident,
    },
    /// `CAST (source AS target)`.
    Cast {
        /// From.
        source: TypeName,
        /// To.
        target: TypeName,
    },
    /// `TRANSFORM FOR type LANGUAGE language`.
    Transform {
        /// The type.
        type_name: TypeName,
        /// The language.
        language: Ident,
    },
    /// `LARGE OBJECT number`.
    LargeObject(NumericOnly),
    /// `USER MAPPING FOR user SERVER server`.
    UserMapping {
        /// The user.
        user: RoleSpec,
        /// The server.
        server: Ident,
    },
}

/// Name and argument types of a routine.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutineSignature {
    /// The name.
    pub name: QualifiedName,
    /// The arguments; `None` when the name stands alone.
    pub args: Option<Vec<FunctionParameter>>,
    /// The aggregated arguments of an aggregate, written behind `ORDER BY`.
    pub order_by: Option<Vec<FunctionParameter>>,
}

/// Mode of a function parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ParameterMode {
    /// Not written.
    #[default]
    Default,
    /// `IN`.
    In,
    /// `OUT`.
    Out,
    /// `INOUT` or `IN OUT`.
    InOut,
    /// `VARIADIC`.
    Variadic,
    /// A column of `RETURNS TABLE (...)`.
    Table,
}

/// A parameter in `CREATE FUNCTION` or in a routine's signature.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionParameter {
    /// The name, if any.
    pub name: Option<Ident>,
    /// The mode.
    pub mode: ParameterMode,
    /// The type.
    pub type_name: TypeName,
    /// `DEFAULT expr` or `= expr`.
    pub default: Option<Expr>,
    /// The whole parameter.
    pub span: Span,
}

/// A value of `SET name = value`: a constant, a keyword taken as text, or `INTERVAL '...'`.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// A constant.
    Literal(Literal, Span),
    /// `SET TIME ZONE INTERVAL '...' ...`.
    Interval {
        /// The type with its modifiers.
        type_name: TypeName,
        /// The text.
        value: Box<str>,
        /// Where it stands.
        span: Span,
    },
}
